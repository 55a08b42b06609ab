"""The device room: budgets, the quiet import, the doctor."""

import dataclasses
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib import device

GIBIBYTE = 2**30


def run_python(program: str, **environment: str) -> subprocess.CompletedProcess:
    """A process of its own, whose PYTHONPATH goes before what the tests set."""
    path = [environment.pop("PYTHONPATH", ""), os.environ.get("PYTHONPATH", "")]
    variables = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(filter(None, path))}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=variables, capture_output=True, text=True)


def broken_package(folder: Path, name: str, body: str) -> str:
    """A package that stands before the real one; returns the PYTHONPATH that puts it there."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(body)
    return str(folder)


# --- budgets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["quick", "full"])
def test_the_environment_decides_the_budget(monkeypatch, name):
    monkeypatch.setenv("COURSE_BUDGET", name)
    assert device.budget().name == name
    assert device.budget() == device.budget(name)


@pytest.mark.parametrize(("kind", "name"), [("CPU", "quick"), ("GPU", "full"), ("TPU", "full")])
def test_without_it_the_accelerator_decides(monkeypatch, kind, name):
    monkeypatch.delenv("COURSE_BUDGET", raising=False)
    monkeypatch.setattr(device, "accelerator", lambda: device.Accelerator(kind, "a device"))
    assert device.budget().name == name


def test_an_unknown_budget_is_refused_with_the_names_there_are(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "fast")
    with pytest.raises(device.DeviceError, match=r"COURSE_BUDGET.*'fast'.*quick and full"):
        device.budget()
    with pytest.raises(device.DeviceError, match=r"budget\(\).*'slow'"):
        device.budget("slow")


def test_the_full_budget_is_larger_in_every_number():
    quick, full = (dataclasses.astuple(device.budget(name))[1:] for name in ("quick", "full"))
    assert all(small < large for small, large in zip(quick, full, strict=True))


# --- the framework ------------------------------------------------------------------------------

QUIET = """
import sys
from course_lib import device
assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules), "imported too early"
keras = device.quiet_framework_import()
assert device.quiet_framework_import() is keras
layer = keras.layers.Dense(2)
print(layer(keras.ops.ones((1, 3))).shape)
print(device.describe())
"""


@pytest.mark.slow
def test_the_first_import_and_computation_write_no_log_line():
    answer = run_python(QUIET)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    shape, description = answer.stdout.splitlines()
    assert shape == "(1, 2)"
    assert description.startswith("Keras on tensorflow ")
    assert "main memory" in description


def test_what_was_held_back_is_shown_when_the_import_fails(tmp_path):
    # In two parts, because the traceback shows the line as it is written here.
    noise = "import os; os.write(2, b'the driver ' + b'is too old'); raise OSError('no driver')"
    path = broken_package(tmp_path, "keras", noise)
    answer = run_python(QUIET, PYTHONPATH=path)
    assert answer.returncode == 1
    assert "the driver is too old" in answer.stderr
    assert "no driver" in answer.stderr


def test_descriptor_2_works_again_after_the_import(tmp_path):
    quiet = "import os; os.write(2, b'chatter')\n" + FAKE_KERAS
    path = broken_package(tmp_path, "keras", quiet)
    program = "from course_lib import device; device.quiet_framework_import()\n"
    answer = run_python(program + "import os; os.write(2, b'afterwards')", PYTHONPATH=path)
    assert answer.returncode == 0
    assert answer.stderr == "afterwards"


# A stand-in whose backend is none of the three: enough for the import, too little for a model.
FAKE_KERAS = """
class backend:
    backend = staticmethod(lambda: "numpy")
class ops:
    zeros = staticmethod(lambda shape: 0)
    convert_to_numpy = staticmethod(lambda value: value)
"""


def test_missing_keras_and_missing_backend_are_said_with_what_to_do(tmp_path):
    program = """
from course_lib import device
try:
    device.quiet_framework_import()
except device.DeviceError as error:
    print(error)
"""
    gone = "raise ModuleNotFoundError(\"No module named '{0}'\", name='{0}')"
    no_keras = broken_package(tmp_path, "keras", gone.format("keras"))
    answer = run_python(program, PYTHONPATH=no_keras)
    assert "Keras is not installed" in answer.stdout
    assert "pip install" in answer.stdout
    (tmp_path / "backend").mkdir()
    no_backend = broken_package(tmp_path / "backend", "keras", gone.format("tensorflow"))
    answer = run_python(program, PYTHONPATH=no_backend)
    assert "tensorflow" in answer.stdout
    assert "KERAS_BACKEND" in answer.stdout or "pip install" in answer.stdout


def test_cuda_is_not_asked_for_where_there_is_no_graphics_driver(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(device, "_graphics_driver_visible", lambda: False)
    device._prepare_environment()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_graphics_card_and_the_readers_own_settings_are_left_alone(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(device, "_graphics_driver_visible", lambda: True)
    device._prepare_environment()
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setattr(device, "_graphics_driver_visible", lambda: False)
    device._prepare_environment()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"


class FakeGraphicsCards:
    """TensorFlow on a machine with cards: some may be in use already, and then it refuses."""

    def __init__(self, cards, in_use=()):
        self.cards, self.in_use, self.growing = cards, in_use, []
        self.config = self.experimental = self

    def list_physical_devices(self, kind):
        return self.cards if kind == "GPU" else []

    def set_memory_growth(self, card, growth):
        if card in self.in_use:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        if growth:
            self.growing.append(card)


class FakeKeras:
    class backend:
        backend = staticmethod(lambda: "tensorflow")

    class ops:
        zeros = staticmethod(lambda shape: 0)
        convert_to_numpy = staticmethod(lambda value: value)


@pytest.mark.parametrize("in_use", [(), ("card 0",)], ids=["free", "one in use"])
def test_memory_grows_on_every_card_that_is_not_in_use(monkeypatch, in_use):
    cards = FakeGraphicsCards(["card 0", "card 1"], in_use)
    monkeypatch.setitem(sys.modules, "tensorflow", cards)
    device._prepare_backend(FakeKeras)
    assert cards.growing == [card for card in cards.cards if card not in in_use]


def test_two_notebooks_share_a_card_on_jax_and_in_processes_that_a_lesson_starts(monkeypatch):
    growth = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    for name in growth:
        monkeypatch.delenv(name, raising=False)
    device._prepare_environment()
    assert {name: os.environ[name] for name in growth} == growth
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    device._prepare_environment()
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"


def test_where_there_is_no_card_the_framework_is_told_before_its_import(tmp_path):
    told = "import os; assert os.environ['CUDA_VISIBLE_DEVICES'] == '-1'\n" + FAKE_KERAS
    path = broken_package(tmp_path, "keras", told)
    program = """
from course_lib import device
device._graphics_driver_visible = lambda: False
device.quiet_framework_import()
"""
    answer = run_python(program, PYTHONPATH=path)
    assert answer.returncode == 0, answer.stderr


def test_memory_is_plausible():
    total, free = device.memory()
    assert total is not None
    assert 0.2 * GIBIBYTE < total < 10_000 * GIBIBYTE
    assert free is None or 0 < free <= total


# --- the doctor -----------------------------------------------------------------------------------


@pytest.fixture
def healthy(monkeypatch):
    """The doctor's looks without the slow ones; a test then makes one of them see a fault."""
    for name in ("_check_backend", "_check_accelerator", "_check_collection"):
        monkeypatch.setattr(device, name, lambda name=name: device.Check(name, "fine"))
    monkeypatch.setattr(device, "_check_python", lambda: device.Check("Python", "fine"))
    return monkeypatch


def test_a_healthy_machine(healthy):
    report = device.doctor_report()
    assert report.ok, str(report)
    assert "Every lesson can run" in str(report)
    assert "PROBLEM" not in str(report)


def test_the_report_fits_a_screen(healthy):
    healthy.setattr(device, "memory", lambda: (8 * GIBIBYTE, GIBIBYTE))
    lines = str(device.doctor_report()).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= device.REPORT_WIDTH


def problem_of(report: device.Report, name: str) -> device.Check:
    [check] = [check for check in report.checks if check.name == name]
    assert check.problem
    return check


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0), (2, 7, 18)])
def test_a_python_too_old_or_too_new(version):
    check = device._check_python(version)
    report = device.Report((check,))
    assert not report.ok
    assert "3.11" in str(report)
    assert f"{version[0]}.{version[1]}" in str(report)


def test_this_python_is_fine():
    assert device.Report((device._check_python(),)).ok


def test_a_missing_package_is_named(healthy):
    real = importlib.metadata.version

    def without_scipy(name):
        if name == "scipy":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    healthy.setattr(importlib.metadata, "version", without_scipy)
    report = device.doctor_report()
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
    report = device.doctor_report()
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
        raise device.DeviceError("Keras is not installed. To install it, ...")

    healthy.setattr(importlib.metadata, "version", without_keras)
    healthy.setattr(device, "_check_backend", lambda: refuse())
    report = device.doctor_report()
    assert not report.ok
    assert problem_of(report, "Keras").remedy
    assert "To install it" in problem_of(report, "Backend").problem


def test_little_memory_is_a_note_and_no_obstacle(healthy):
    healthy.setattr(device, "memory", lambda: (8 * GIBIBYTE, GIBIBYTE))
    report = device.doctor_report()
    assert report.ok
    assert "close other programs" in str(report)


def test_a_wrong_budget_is_a_problem(healthy):
    healthy.setenv("COURSE_BUDGET", "fast")
    report = device.doctor_report()
    assert not report.ok
    assert "COURSE_BUDGET" in str(report)


def test_a_look_that_fails_is_a_line_of_the_report(healthy):
    def fails():
        raise ZeroDivisionError("nobody thought of this")

    healthy.setattr(device, "_check_jupyter", fails)
    report = device.doctor_report()
    assert not report.ok
    assert "nobody thought of this" in problem_of(report, "Jupyter").problem


def test_a_backend_that_calculates_wrongly_is_found(monkeypatch):
    keras = device.quiet_framework_import()
    real = keras.layers.Conv2D
    monkeypatch.setattr(
        keras.layers,
        "Conv2D",
        lambda *sizes, **options: real(*sizes, **{**options, "kernel_initializer": "zeros"}),
    )
    check = device._check_backend()
    assert "27" in check.problem
    assert check.stops_lessons


def test_an_unused_graphics_card_is_a_note(monkeypatch):
    monkeypatch.setattr(device, "_graphics_driver_visible", lambda: True)
    monkeypatch.setattr(device, "accelerator", lambda: device.Accelerator("CPU", "2 cores"))
    check = device._check_accelerator()
    assert "does not use it" in check.problem
    assert not check.stops_lessons


def test_the_collection_that_comes_with_the_course_is_whole():
    check = device._check_collection()
    assert check.problem == ""
    assert "photographs" in check.found
    assert "styles" in check.found


def test_a_damaged_picture_is_named(monkeypatch):
    from course_lib import collection

    monkeypatch.setattr(collection, "verify", lambda: ["styles/night.jpg: its sha256 differs"])
    report = device.Report((device._check_collection(),))
    assert not report.ok
    assert "night.jpg" in str(report)
    assert "git checkout" in str(report)


def test_the_driver_is_asked_for_a_card_s_memory_once(monkeypatch):
    asked = []

    def driver(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "81559\n81559\n", "")

    monkeypatch.setattr(device.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(device.subprocess, "run", driver)
    device._nvidia_memory.cache_clear()
    try:
        assert {device._nvidia_memory() for _ in range(3)} == {81559 * 2**20}
        assert len(asked) == 1 and asked[0][0] == "/usr/bin/nvidia-smi"
    finally:
        device._nvidia_memory.cache_clear()
