from .importing import (
    BACKENDS,
    INSTALL,
    graphics_driver_visible,
    quiet_framework_import,
    standard_error_held_back,
)
from .machine import (
    GIBIBYTE,
    Accelerator,
    accelerator,
    backend_and_version,
    describe,
    memory,
    memory_line,
)
from .programs import TracedOnce, compiled, program, value_and_gradient
from .shortage import is_out_of_memory, memory_advice

__all__ = [
    "BACKENDS",
    "GIBIBYTE",
    "INSTALL",
    "Accelerator",
    "TracedOnce",
    "accelerator",
    "backend_and_version",
    "compiled",
    "describe",
    "graphics_driver_visible",
    "is_out_of_memory",
    "memory",
    "memory_advice",
    "memory_line",
    "program",
    "quiet_framework_import",
    "standard_error_held_back",
    "value_and_gradient",
]
