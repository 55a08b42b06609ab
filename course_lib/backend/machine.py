"""The machine: where the backend computes, and how much memory there is."""

import contextlib
import functools
import importlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.backend.importing import BACKENDS, quiet_framework_import

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Accelerator:
    """Where the backend computes.

    Attributes:
        kind: "CPU", "GPU" or "TPU".
        name: the device's name as its maker gives it, or the number of CPU cores.
        count: how many of them the backend sees.
        memory: bytes of memory of one device, or None where the backend does not tell.
    """

    kind: str
    name: str
    count: int = 1
    memory: int | None = None

    def __str__(self) -> str:
        several = f"{self.count} x " if self.count > 1 else ""
        memory = f", {self.memory / GIBIBYTE:.1f} GiB" if self.memory else ""
        return f"{self.kind}: {several}{self.name}{memory}"


def accelerator() -> Accelerator:
    """The device on which the Keras backend computes.

    Raises:
        DeviceError: Keras or its backend cannot be imported.
    """
    finders: dict[str, Callable[[], Accelerator | None]] = {
        "tensorflow": _accelerator_of_tensorflow,
        "jax": _accelerator_of_jax,
        "torch": _accelerator_of_torch,
    }
    backend = quiet_framework_import().backend.backend()
    found = finders[backend]() if backend in finders else None
    return found or Accelerator("CPU", _cores())


def _accelerator_of_tensorflow() -> Accelerator | None:
    tensorflow = importlib.import_module("tensorflow")
    for kind in ("GPU", "TPU"):
        devices = tensorflow.config.list_physical_devices(kind)
        if devices:
            details = tensorflow.config.experimental.get_device_details(devices[0])
            name = details.get("device_name", devices[0].name)
            return Accelerator(kind, name, len(devices), _nvidia_memory())
    return None


def _accelerator_of_jax() -> Accelerator | None:
    devices = importlib.import_module("jax").devices()
    kind = {"gpu": "GPU", "cuda": "GPU", "rocm": "GPU", "tpu": "TPU"}.get(devices[0].platform)
    if kind is None:
        return None
    memory = (devices[0].memory_stats() or {}).get("bytes_limit")
    return Accelerator(kind, devices[0].device_kind, len(devices), memory)


def _accelerator_of_torch() -> Accelerator | None:
    cuda = importlib.import_module("torch").cuda
    if not cuda.is_available():
        return None
    properties = cuda.get_device_properties(0)
    return Accelerator("GPU", properties.name, cuda.device_count(), properties.total_memory)


@functools.cache
def _nvidia_memory() -> int | None:
    """Bytes of the first NVIDIA card; TensorFlow itself does not tell. It is asked for once."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
        return int(answer.stdout.split()[0]) * 2**20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _cores() -> str:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{count} core{'' if count == 1 else 's'}"


def memory() -> tuple[int | None, int | None]:
    """Bytes of main memory that this process may use: (in all, free now); None where unknown.

    A container's limit counts where it is smaller than the machine.
    """
    total = free = None
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        total = int(lines["MemTotal"].split()[0]) * 1024
        free = int(lines["MemAvailable"].split()[0]) * 1024
    if total is None and hasattr(os, "sysconf"):
        with contextlib.suppress(OSError, ValueError):
            total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        control = Path("/sys/fs/cgroup")
        limit = int((control / "memory.max").read_text())
        unused = limit - int((control / "memory.current").read_text())
        total = min(total or limit, limit)
        free = min(free if free is not None else unused, unused)
    return total, free


def describe() -> str:
    """One line for a lesson's first cell: backend, accelerator, main memory.

    Raises:
        DeviceError: Keras or its backend cannot be imported.
    """
    found = accelerator()
    return f"Keras on {backend_and_version()}; {found}; main memory {memory_line()}"


def backend_and_version() -> str:
    """The backend as one names it: "tensorflow 2.21.0"."""
    name = quiet_framework_import().backend.backend()
    version = getattr(importlib.import_module(BACKENDS.get(name, name)), "__version__", "")
    return f"{name} {version}".strip()


def memory_line() -> str:
    """Main memory in words: all of it, and what is free."""
    total, free = memory()
    if total is None:
        return "unknown"
    return f"{total / GIBIBYTE:.1f} GiB" + (f", {free / GIBIBYTE:.1f} GiB free" if free else "")
