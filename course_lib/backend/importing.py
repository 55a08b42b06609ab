"""Keras and its backend imported without the backend's chatter."""

import contextlib
import importlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType

from course_lib.errors import DeviceError

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
INSTALL = 'in the course\'s folder run: python -m pip install -e ".[cpu]"'

# A plain flag: it holds no module and no network.
_prepared = False


def quiet_framework_import(*, keep_freed_memory: bool = False) -> ModuleType:
    """Import Keras and its backend without the backend's log lines, and prepare the accelerator.

    TensorFlow's C++ part writes to the error stream before Python can filter it, so the stream's
    descriptor itself is turned away during the first import. Where the import fails, what was
    held back is shown. On a GPU, memory is taken as it is needed, so that two notebooks can share
    a card; where no graphics driver is visible, CUDA is not asked for.

    Args:
        keep_freed_memory: on a CPU, TensorFlow keeps for its next step the memory that the last
            one has freed, where it would hand it back and ask for it again. For trainings, up to
            twice as fast; large images would need a fifth more memory. Heeded by the first import.

    Returns:
        The keras module. Calling again costs nothing.

    Raises:
        DeviceError: Keras or its backend cannot be imported.
    """
    global _prepared
    if _prepared:
        return importlib.import_module("keras")
    _prepare_environment()
    if keep_freed_memory:
        os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "1")
    with standard_error_held_back():
        try:
            keras = importlib.import_module("keras")
            _prepare_backend(keras)
        except ImportError as error:
            _forget_half_imported("keras")
            raise DeviceError(_import_advice(error)) from error
    _prepared = True
    return keras


def _prepare_environment() -> None:
    """Settings that frameworks read while they are imported; what the reader has set stays."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Memory as it is needed: of JAX, and of TensorFlow in the processes that this one starts.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    if not graphics_driver_visible():
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def graphics_driver_visible() -> bool:
    """Whether there is a driver of a graphics card, whatever the backend makes of it."""
    if sys.platform == "win32":
        return shutil.which("nvidia-smi") is not None
    # NVIDIA's own devices, NVIDIA through Windows' Linux layer, and AMD's.
    devices = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
    return any(os.path.exists(device) for device in devices)


@contextlib.contextmanager
def standard_error_held_back() -> Iterator[None]:
    """Collect what is written to descriptor 2, and show it only when the block fails."""
    try:
        saved = os.dup(2)
    except OSError:  # a process without an error stream has nothing to silence
        yield
        return
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            if failed:
                held_back.seek(0)
                sys.stderr.write(held_back.read().decode(errors="replace"))


def _prepare_backend(keras: ModuleType) -> None:
    if keras.backend.backend() == "tensorflow":
        tensorflow = importlib.import_module("tensorflow")
        # TensorFlow warns of many compiled functions, as if a new training were a mistake.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        for gpu in tensorflow.config.list_physical_devices("GPU"):
            # TensorFlow refuses once the card is in use; then the setting made before stays.
            with contextlib.suppress(RuntimeError):
                tensorflow.config.experimental.set_memory_growth(gpu, True)
    # The first operation makes the backend open its devices, and write about it, now.
    keras.ops.convert_to_numpy(keras.ops.zeros((1,)) + 1)


def _forget_half_imported(package: str) -> None:
    """Let the next import start afresh; otherwise it would fail on what this one left behind."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def _import_advice(error: ImportError) -> str:
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    installed = [name for name, module in BACKENDS.items() if importlib.util.find_spec(module)]
    if missing == "keras":
        return f"Keras is not installed. To install it, {INSTALL}"
    if missing in BACKENDS and installed:
        return (
            f"Keras is set to the backend {missing}, which is not installed, while "
            f"{' and '.join(installed)} is. Set the environment variable KERAS_BACKEND to "
            f"{installed[0]} before the start, or, to install TensorFlow, {INSTALL}"
        )
    if missing in BACKENDS:
        return f"Keras needs a backend and {missing} is not installed. To install one, {INSTALL}"
    return f"Keras cannot be imported ({type(error).__name__}: {error}). To mend it, {INSTALL}"
