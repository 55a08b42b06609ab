"""The doctor: whether the course can run on this machine, and what mends it where it cannot."""

import importlib.metadata
import importlib.util
import os
import shutil
import sys
import textwrap
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.backend import (
    GIBIBYTE,
    INSTALL,
    accelerator,
    backend_and_version,
    bfloat16_gain,
    convolution_dtype,
    graphics_driver_visible,
    memory,
    memory_line,
    quiet_framework_import,
)
from course_lib.budget import choose_budget
from course_lib.errors import CourseError, DeviceError
from course_lib.messages import translate

DISTRIBUTION = "course_lib"
REPORT_WIDTH = 100


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
        lines = [translate("The course's doctor"), ""]
        for check in self.checks:
            mark = "ok" if not check.problem else "PROBLEM" if check.stops_lessons else "note"
            label = f"{_padded(translate(mark), 8)} {_padded(translate(check.name), 19)} "
            lines += _column(label, translate(check.found))
            lines += _column("", translate(check.problem)) if check.problem else []
            lines += _column("", translate(f"Remedy: {check.remedy}")) if check.remedy else []
        verdict = (
            "Every lesson can run on this machine."
            if self.ok
            else "Some lessons cannot run until the lines marked PROBLEM are fixed."
        )
        return "\n".join([*lines, "", translate(verdict)])


def _column(label: str, text: str) -> list[str]:
    """The text in the report's right column, the label before its first line."""
    lines = textwrap.wrap(text, REPORT_WIDTH - 29, break_long_words=False) or [""]
    begin = [_padded(label, 29), *[" " * 29] * (len(lines) - 1)]
    return [f"{label}{line}".rstrip() for label, line in zip(begin, lines, strict=True)]


def _padded(text: str, width: int) -> str:
    """A text filled up with spaces, as wide as a terminal shows it: Han take two places."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return text + " " * max(width - len(text) - wide, 0)


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
        "Precision": _check_precision,
        "Memory": _check_memory,
        "Images, weights": _check_collection,
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
        if isinstance(error, CourseError):
            return Check(name, "does not work", str(error))
        problem = f"{type(error).__name__}: {error}"
        return Check(name, "does not work", problem, f"to reinstall the course, {INSTALL}")


def _check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    found = ".".join(map(str, version))
    if not (3, 11) <= version[:2] <= (3, 13):
        problem = "The course runs on Python 3.11, 3.12 and 3.13."
        remedy = "install one of them and start the course with it; uv does this for you."
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
        problem = f"Versions other than the tested ones: {', '.join(untested)}."
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
        problem = "The models need Keras 3."
        return Check("Keras", version, problem, f"to install it, {INSTALL}")
    return Check("Keras", version)


def _check_backend() -> Check:
    keras = quiet_framework_import()
    blur = keras.layers.Conv2D(1, 3, kernel_initializer="ones", padding="same")
    total = float(keras.ops.convert_to_numpy(blur(keras.ops.ones((1, 8, 8, 3)))).max())
    if abs(total - 27) > 1e-3:
        problem = f"A convolution that must give 27 gave {total}."
        return Check("Backend", backend_and_version(), problem, f"to reinstall it, {INSTALL}")
    return Check("Backend", f"{backend_and_version()}, computes")


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
    if found.kind == "CPU" and graphics_driver_visible():
        problem = f"There is a graphics card, but {backend_and_version()} does not use it."
        remedy = 'in the course\'s folder run: python -m pip install -e ".[gpu]"'
        return Check("Accelerator", str(found), problem, remedy, stops_lessons=False)
    return Check("Accelerator", str(found))


def _check_precision() -> Check:
    if not _backend_works():
        return Check("Precision", "not known until the backend works")
    chosen, gain = convolution_dtype(), round(bfloat16_gain(), 1)
    return Check("Precision", f"convolutions in {chosen}; bfloat16 is {gain} times as fast here")


def _check_memory() -> Check:
    _, free = memory()
    if free is not None and free < 1.5 * GIBIBYTE:
        problem = "A lesson needs about 1.5 GiB."
        remedy = "close other programs and other notebooks' kernels."
        return Check("Memory", memory_line(), problem, remedy, stops_lessons=False)
    return Check("Memory", memory_line())


def _check_collection() -> Check:
    from course_lib import collection

    problems = [str(problem) for problem in collection.verify()]
    if problems:
        remedy = "fetch the folder data/ again (git checkout -- data), or install the course again."
        return Check("Images, weights", "damaged", " ".join(problems), remedy)
    counts = ", ".join(f"{len(names)} {kind}" for kind, names in collection.names().items())
    return Check("Images, weights", f"verified ({counts})")


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
    return Check("Budget", str(choose_budget()))


def _check_browser() -> Check:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Check("Browser", found or "no Chromium; only the browser tests use it")
