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
from .precision import (
    CONVOLUTION_DTYPES,
    active_convolutions,
    bfloat16_gain,
    convolution_dtype,
    quick_convolutions,
    with_quick_convolutions,
    without_gradient,
)
from .programs import TracedOnce, compiled, program, value_and_gradient
from .shortage import is_out_of_memory, memory_advice

__all__ = [
    "BACKENDS",
    "CONVOLUTION_DTYPES",
    "GIBIBYTE",
    "INSTALL",
    "Accelerator",
    "TracedOnce",
    "accelerator",
    "active_convolutions",
    "backend_and_version",
    "bfloat16_gain",
    "compiled",
    "convolution_dtype",
    "describe",
    "graphics_driver_visible",
    "is_out_of_memory",
    "memory",
    "memory_advice",
    "memory_line",
    "program",
    "quick_convolutions",
    "quiet_framework_import",
    "standard_error_held_back",
    "value_and_gradient",
    "with_quick_convolutions",
    "without_gradient",
]
