"""Which accelerator there is, how much work to give it, and whether the course can run here.

Nothing in this room imports a deep-learning framework until a function that needs one is called.
"""

import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

DISTRIBUTION = "course_lib"
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
INSTALL = 'in the course\'s folder run: python -m pip install -e ".[cpu]"'
GIBIBYTE = 2**30
REPORT_WIDTH = 100

_prepared = False


class DeviceError(RuntimeError):
    """The machine or its settings do not allow what was asked; the message says what to do."""


class OutOfMemoryError(DeviceError):
    """There was not enough memory for what was asked; the message says how to need less."""


# What Python, TensorFlow, JAX and PyTorch call it.
_SHORT_OF_MEMORY = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}
_SHORT_OF_MEMORY_WORDS = ("RESOURCE_EXHAUSTED", "DefaultCPUAllocator")


# --- budgets --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """How much work a lesson gives the machine; the code of a lesson is the same for every budget.

    Attributes:
        name: "quick" (a CPU, and the tests) or "full" (a GPU).
        train_steps: training steps where a lesson trains a network.
        crop: side of the square training crops, in pixels.
        batch: crops in one training step.
        picture_size: longer side of the pictures that a lesson works on, in pixels.
        optimize_steps: steps where a lesson optimizes a picture.
    """

    name: str
    train_steps: int
    crop: int
    batch: int
    picture_size: int
    optimize_steps: int

    def __str__(self) -> str:
        return (
            f"{self.name} budget: {self.train_steps} training steps on {self.batch} crops of "
            f"{self.crop} pixels, pictures of {self.picture_size} pixels, "
            f"{self.optimize_steps} optimization steps"
        )


BUDGETS = {
    "quick": Budget("quick", 120, 64, 8, 256, 60),
    "full": Budget("full", 3000, 128, 16, 512, 400),
}


def budget(name: str | None = None) -> Budget:
    """The budget to use on this machine.

    Args:
        name: "quick" or "full". Without it the environment variable COURSE_BUDGET decides, and
            without that the accelerator: "full" on a GPU or TPU, "quick" on a CPU.

    Returns:
        The budget and its numbers.

    Raises:
        DeviceError: there is no budget of that name.
    """
    if name is not None and not isinstance(name, str):
        raise DeviceError(f"budget({name!r}): give {' or '.join(map(repr, BUDGETS))}.")
    chosen = name or os.environ.get("COURSE_BUDGET")
    if not chosen:
        return BUDGETS["quick" if accelerator().kind == "CPU" else "full"]
    if chosen not in BUDGETS:
        origin = "budget()" if name else "the environment variable COURSE_BUDGET"
        raise DeviceError(
            f"{origin} asks for the budget {chosen!r}; there are {' and '.join(BUDGETS)}. "
            "Choose one of them, or none to let the machine decide."
        )
    return BUDGETS[chosen]


# --- the framework, without its chatter -----------------------------------------------------


def quiet_framework_import() -> ModuleType:
    """Import Keras and its backend without the backend's log lines, and prepare the accelerator.

    TensorFlow's C++ part writes to the error stream before Python can filter it, so the stream's
    descriptor itself is turned away during the first import. Where the import fails, what was
    held back is shown. On a GPU, memory is taken as it is needed, so that two notebooks can share
    a card; where no graphics driver is visible, CUDA is not asked for.

    Returns:
        The keras module. Calling again costs nothing.

    Raises:
        DeviceError: Keras or its backend cannot be imported.
    """
    global _prepared
    if _prepared:
        return importlib.import_module("keras")
    _prepare_environment()
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
    if not _graphics_driver_visible():
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def _graphics_driver_visible() -> bool:
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
        for gpu in tensorflow.config.list_physical_devices("GPU"):
            # TensorFlow refuses once the card is in use; then the setting made before stays.
            with contextlib.suppress(RuntimeError):
                tensorflow.config.experimental.set_memory_growth(gpu, True)
    # TensorFlow can connect the machines that TF_CONFIG names only before its first operation.
    if os.environ.get("TF_CONFIG"):
        return
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


# --- memory that is not enough --------------------------------------------------------------


@contextlib.contextmanager
def memory_advice(work: str, advice: str) -> Iterator[None]:
    """Turn any framework's way to say "out of memory" into words that help; also a decorator.

    Args:
        work: what the memory was needed for: "stylize the picture".
        advice: one sentence or more: how to need less.

    Raises:
        OutOfMemoryError: in the place of what the framework has raised.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OutOfMemoryError) or not is_out_of_memory(error):
            raise
        said = " ".join(str(error).split())[:160]
        raise OutOfMemoryError(
            f"there is not enough memory to {work} ({type(error).__name__}: {said}). {advice} "
            "Other notebooks and programs that hold memory can be closed, too."
        ) from None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of Python, TensorFlow, JAX or PyTorch says that memory ran out."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(kinds & _SHORT_OF_MEMORY) or any(
        words in str(error) for words in _SHORT_OF_MEMORY_WORDS
    )


# --- the machine ----------------------------------------------------------------------------


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
    return f"Keras on {_backend_and_version()}; {found}; main memory {_memory_line()}"


def _backend_and_version() -> str:
    name = quiet_framework_import().backend.backend()
    version = getattr(importlib.import_module(BACKENDS.get(name, name)), "__version__", "")
    return f"{name} {version}".strip()


def _memory_line() -> str:
    total, free = memory()
    if total is None:
        return "unknown"
    return f"{total / GIBIBYTE:.1f} GiB" + (f", {free / GIBIBYTE:.1f} GiB free" if free else "")


# --- the doctor -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report.

    Attributes:
        name: what was looked at.
        found: what was found.
        problem: what is wrong with it; empty when nothing is.
        remedy: what to do about the problem, where the problem's own text does not say it.
        stops_lessons: whether a lesson could not run because of the problem.
    """

    name: str
    found: str
    problem: str = ""
    remedy: str = ""
    stops_lessons: bool = True


@dataclass(frozen=True)
class Report:
    """What the doctor found; `str(report)` is one screen of text."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every lesson can run."""
        return not any(check.problem and check.stops_lessons for check in self.checks)

    def __str__(self) -> str:
        lines = ["The course's doctor", ""]
        for check in self.checks:
            mark = "ok" if not check.problem else "PROBLEM" if check.stops_lessons else "note"
            lines += _column(f"{mark:<8} {check.name:<19} ", check.found)
            lines += _column("", check.problem) if check.problem else []
            lines += _column("", f"Remedy: {check.remedy}") if check.remedy else []
        verdict = (
            "Every lesson can run on this machine."
            if self.ok
            else "Some lessons cannot run until the lines marked PROBLEM are mended."
        )
        return "\n".join([*lines, "", verdict])


def _column(label: str, text: str) -> list[str]:
    """The text in the report's right column, the label before its first line."""
    lines = textwrap.wrap(text, REPORT_WIDTH - 29, break_long_words=False) or [""]
    return [f"{'' if number else label:<29}{line}".rstrip() for number, line in enumerate(lines)]


def doctor_report() -> Report:
    """Look at everything that a lesson needs, and say for each problem what mends it.

    A look that fails in a way not foreseen becomes a problem in the report, so that there always is
    a report.
    """
    looks: dict[str, Callable[[], Check]] = {
        "Python": _check_python,
        "Packages": _check_packages,
        "Keras": _check_keras,
        "Backend": _check_backend,
        "Accelerator": _check_accelerator,
        "Memory": _check_memory,
        "Pictures, weights": _check_collection,
        "Jupyter": _check_jupyter,
        "Budget": _check_budget,
        "Browser": _check_browser,
    }
    return Report(tuple(_looked_at(name, look) for name, look in looks.items()))


def _looked_at(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as error:
        # The errors of this library carry their own advice; any other gets the general one.
        if type(error).__module__.startswith("course_lib"):
            return Check(name, "does not work", str(error))
        problem = f"{type(error).__name__}: {error}"
        return Check(name, "does not work", problem, f"to install the course afresh, {INSTALL}")


def _check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    found = ".".join(map(str, version))
    if not (3, 11) <= version[:2] <= (3, 13):
        problem = "The course runs on Python 3.11, 3.12 and 3.13."
        remedy = "install one of them and start the course with it; uv does so by itself."
        return Check("Python", found, problem, remedy)
    return Check("Python", f"{found} ({sys.executable})")


def missing_packages() -> list[str]:
    """What the course needs and this machine lacks, each as pip takes it ("av>=15.1,<20").

    A package that is there in another version than those tested is not named: a hosted notebook
    such as Colab's keeps the versions that fit together.
    """
    return [str(one) for one in _requirements() if _version(one.name) is None]


def _requirements() -> list:
    """The packages that course_lib needs on this machine, without its extras.

    Raises:
        importlib.metadata.PackageNotFoundError: course_lib is neither installed nor a checkout.
    """
    from packaging.requirements import Requirement

    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        settings = Path(__file__).resolve().parents[1] / "pyproject.toml"
        if not settings.is_file():
            raise
        lines = tomllib.loads(settings.read_text(encoding="utf-8"))["project"]["dependencies"]
    needed = [Requirement(line) for line in lines]
    return [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]


def _check_packages() -> Check:
    try:
        needed = _requirements()
    except importlib.metadata.PackageNotFoundError:
        remedy = f"to install it, {INSTALL}"
        return Check("Packages", "", "course_lib itself is not installed.", remedy)
    missing = [one.name for one in needed if _version(one.name) is None]
    if missing:
        problem = f"Not installed: {', '.join(missing)}."
        return Check("Packages", f"{len(needed)} needed", problem, f"to install them, {INSTALL}")
    untested = [
        f"{one.name} {_version(one.name)} (tested: {one.specifier})"
        for one in needed
        if not one.specifier.contains(_version(one.name) or "", prereleases=True)
    ]
    if untested:
        problem = f"Other versions than those tested: {', '.join(untested)}."
        remedy = f"if a lesson fails, {INSTALL}"
        return Check("Packages", f"{len(needed)} installed", problem, remedy, stops_lessons=False)
    return Check("Packages", f"{len(needed)} needed, all installed")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _check_keras() -> Check:
    version = _version("keras")
    if version is None:
        return Check("Keras", "not installed", "Every model needs it.", f"to install it, {INSTALL}")
    if version.partition(".")[0] != "3":
        problem = "The models are written for Keras 3."
        return Check("Keras", version, problem, f"to install it, {INSTALL}")
    return Check("Keras", version)


def _check_backend() -> Check:
    keras = quiet_framework_import()
    blur = keras.layers.Conv2D(1, 3, kernel_initializer="ones", padding="same")
    total = float(keras.ops.convert_to_numpy(blur(keras.ops.ones((1, 8, 8, 3)))).max())
    if abs(total - 27) > 1e-3:
        problem = f"A convolution that must give 27 gave {total}."
        return Check("Backend", _backend_and_version(), problem, f"to install it afresh, {INSTALL}")
    return Check("Backend", f"{_backend_and_version()}, computes")


def _backend_works() -> bool:
    try:
        quiet_framework_import()
    except DeviceError:
        return False
    return True


def _check_accelerator() -> Check:
    if not _backend_works():
        return Check("Accelerator", "not known until the backend works")
    found = accelerator()
    if found.kind == "CPU" and _graphics_driver_visible():
        problem = f"There is a graphics card, and {_backend_and_version()} does not use it."
        remedy = 'in the course\'s folder run: python -m pip install -e ".[gpu]"'
        return Check("Accelerator", str(found), problem, remedy, stops_lessons=False)
    return Check("Accelerator", str(found))


def _check_memory() -> Check:
    _, free = memory()
    if free is not None and free < 1.5 * GIBIBYTE:
        problem = "A lesson needs about 1.5 GiB."
        remedy = "close other programs and other notebooks' kernels."
        return Check("Memory", _memory_line(), problem, remedy, stops_lessons=False)
    return Check("Memory", _memory_line())


def _check_collection() -> Check:
    from course_lib import collection

    problems = [str(problem) for problem in collection.verify()]
    if problems:
        remedy = "fetch the folder data/ again (git checkout -- data), or install the course again."
        return Check("Pictures, weights", "damaged", " ".join(problems), remedy)
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in collection.names().items())
    return Check("Pictures, weights", f"verified ({counts})")


def _check_jupyter() -> Check:
    if importlib.util.find_spec("ipykernel") is None:
        problem = "A notebook needs ipykernel."
        return Check("Jupyter", "no kernel", problem, "run: python -m pip install jupyterlab")
    version = _version("jupyterlab")
    if version is None:
        problem = "Without JupyterLab, `course lab` cannot open the lessons."
        remedy = "run: python -m pip install jupyterlab, or open notebooks/ in another editor."
        return Check("Jupyter", "kernel only", problem, remedy, stops_lessons=False)
    return Check("Jupyter", f"JupyterLab {version}")


def _check_budget() -> Check:
    if not os.environ.get("COURSE_BUDGET") and not _backend_works():
        return Check("Budget", "not known until the backend works")
    return Check("Budget", str(budget()))


def _check_browser() -> Check:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Check("Browser", found or "no Chromium; only the browser tests use it")
