"""The doctor: a problem of every kind, and what is said of it."""

import importlib.metadata

import pytest

from course_lib import doctor
from course_lib.backend import GIBIBYTE, Accelerator, quiet_framework_import
from course_lib.errors import DeviceError


@pytest.fixture
def healthy(monkeypatch):
    """The doctor's looks without the slow ones; a test then makes one of them see a fault."""
    for name in ("_check_backend", "_check_accelerator", "_check_collection"):
        monkeypatch.setattr(doctor, name, lambda name=name: doctor.Check(name, "fine"))
    monkeypatch.setattr(doctor, "_check_python", lambda: doctor.Check("Python", "fine"))
    return monkeypatch


def test_a_healthy_machine(healthy):
    report = doctor.doctor_report()
    assert report.ok, str(report)
    assert "Every lesson can run" in str(report)
    assert "PROBLEM" not in str(report)


def test_the_report_fits_a_screen(healthy):
    healthy.setattr(doctor, "memory", lambda: (8 * GIBIBYTE, GIBIBYTE))
    lines = str(doctor.doctor_report()).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= doctor.REPORT_WIDTH


def problem_of(report: doctor.Report, name: str) -> doctor.Check:
    [check] = [check for check in report.checks if check.name == name]
    assert check.problem
    return check


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0), (2, 7, 18)])
def test_a_python_too_old_or_too_new(version):
    check = doctor._check_python(version)
    report = doctor.Report((check,))
    assert not report.ok
    assert "3.11" in str(report)
    assert f"{version[0]}.{version[1]}" in str(report)


def test_this_python_is_fine():
    assert doctor.Report((doctor._check_python(),)).ok


def test_a_missing_package_is_named(healthy):
    real = importlib.metadata.version

    def without_scipy(name):
        if name == "scipy":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    healthy.setattr(importlib.metadata, "version", without_scipy)
    report = doctor.doctor_report()
    assert not report.ok
    check = problem_of(report, "Packages")
    assert "scipy" in check.problem
    assert "pip install" in check.remedy


@pytest.mark.parametrize(
    ("package", "version", "name", "stops"),
    [("keras", "2.15.0", "Keras", True), ("numpy", "3.1.0", "Packages", False)],
)
def test_another_version_than_those_tested(healthy, package, version, name, stops):
    real = importlib.metadata.version
    healthy.setattr(
        importlib.metadata, "version", lambda one: version if one == package else real(one)
    )
    report = doctor.doctor_report()
    assert report.ok is not stops
    assert version in str(report)
    assert problem_of(report, name).remedy


def test_missing_keras(healthy):
    real = importlib.metadata.version

    def without_keras(name):
        if name == "keras":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    def refuse():
        raise DeviceError("Keras is not installed. To install it, ...")

    healthy.setattr(importlib.metadata, "version", without_keras)
    healthy.setattr(doctor, "_check_backend", lambda: refuse())
    report = doctor.doctor_report()
    assert not report.ok
    assert problem_of(report, "Keras").remedy
    assert "To install it" in problem_of(report, "Backend").problem


def test_little_memory_is_a_note_and_no_obstacle(healthy):
    healthy.setattr(doctor, "memory", lambda: (8 * GIBIBYTE, GIBIBYTE))
    report = doctor.doctor_report()
    assert report.ok
    assert "close other programs" in str(report)


def test_a_wrong_budget_is_a_problem(healthy):
    healthy.setenv("COURSE_BUDGET", "fast")
    report = doctor.doctor_report()
    assert not report.ok
    assert "COURSE_BUDGET" in str(report)


def test_a_look_that_fails_is_a_line_of_the_report(healthy):
    def fails():
        raise ZeroDivisionError("nobody thought of this")

    healthy.setattr(doctor, "_check_jupyter", fails)
    report = doctor.doctor_report()
    assert not report.ok
    assert "nobody thought of this" in problem_of(report, "Jupyter").problem


def test_a_backend_that_calculates_wrongly_is_found(monkeypatch):
    keras = quiet_framework_import()
    real = keras.layers.Conv2D
    monkeypatch.setattr(
        keras.layers,
        "Conv2D",
        lambda *sizes, **options: real(*sizes, **{**options, "kernel_initializer": "zeros"}),
    )
    check = doctor._check_backend()
    assert "27" in check.problem
    assert check.stops_lessons


def test_an_unused_graphics_card_is_a_note(monkeypatch):
    monkeypatch.setattr(doctor, "graphics_driver_visible", lambda: True)
    monkeypatch.setattr(doctor, "accelerator", lambda: Accelerator("CPU", "2 cores"))
    check = doctor._check_accelerator()
    assert "does not use it" in check.problem
    assert not check.stops_lessons


def test_the_collection_that_comes_with_the_course_is_whole():
    check = doctor._check_collection()
    assert check.problem == ""
    assert "photographs" in check.found
    assert "styles" in check.found


def test_a_damaged_image_is_named(monkeypatch):
    from course_lib import collection

    monkeypatch.setattr(collection, "verify", lambda: ["styles/night.jpg: its sha256 differs"])
    report = doctor.Report((doctor._check_collection(),))
    assert not report.ok
    assert "night.jpg" in str(report)
    assert "git checkout" in str(report)
