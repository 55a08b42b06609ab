"""The backend room: the quiet import, the accelerator, gradients and programs."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from course_lib.backend import (
    GIBIBYTE,
    compiled,
    importing,
    machine,
    memory,
    program,
    quiet_framework_import,
    value_and_gradient,
)


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


QUIET = """
import sys
import weakref
from course_lib import backend
assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules), "imported too early"
keras = backend.quiet_framework_import()
assert backend.quiet_framework_import() is keras
layer = keras.layers.Dense(2)
print(layer(keras.ops.ones((1, 3))).shape)
print(backend.describe())
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
    program = "from course_lib import backend; backend.quiet_framework_import()\n"
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
from course_lib import CourseError, backend
try:
    backend.quiet_framework_import()
except CourseError as error:
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
    monkeypatch.setattr(importing, "graphics_driver_visible", lambda: False)
    importing._prepare_environment()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_graphics_card_and_the_readers_own_settings_are_left_alone(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(importing, "graphics_driver_visible", lambda: True)
    importing._prepare_environment()
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setattr(importing, "graphics_driver_visible", lambda: False)
    importing._prepare_environment()
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
    importing._prepare_backend(FakeKeras)
    assert cards.growing == [card for card in cards.cards if card not in in_use]


def test_two_notebooks_share_a_card_on_jax_and_in_processes_that_a_lesson_starts(monkeypatch):
    growth = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    for name in growth:
        monkeypatch.delenv(name, raising=False)
    importing._prepare_environment()
    assert {name: os.environ[name] for name in growth} == growth
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    importing._prepare_environment()
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"


def test_where_there_is_no_card_the_framework_is_told_before_its_import(tmp_path):
    told = "import os; assert os.environ['CUDA_VISIBLE_DEVICES'] == '-1'\n" + FAKE_KERAS
    path = broken_package(tmp_path, "keras", told)
    program = """
from course_lib.backend import importing
importing.graphics_driver_visible = lambda: False
importing.quiet_framework_import()
"""
    answer = run_python(program, PYTHONPATH=path)
    assert answer.returncode == 0, answer.stderr


def test_memory_is_plausible():
    total, free = memory()
    assert total is not None
    assert 0.2 * GIBIBYTE < total < 10_000 * GIBIBYTE
    assert free is None or 0 < free <= total


def test_the_driver_is_asked_for_a_card_s_memory_once(monkeypatch):
    asked = []

    def driver(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "81559\n81559\n", "")

    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine.subprocess, "run", driver)
    machine._nvidia_memory.cache_clear()
    try:
        assert {machine._nvidia_memory() for _ in range(3)} == {81559 * 2**20}
        assert len(asked) == 1 and asked[0][0] == "/usr/bin/nvidia-smi"
    finally:
        machine._nvidia_memory.cache_clear()


# --- gradients and programs -----------------------------------------------------------------


def test_value_and_gradient_of_a_sum_of_squares():
    quiet_framework_import()
    from keras import ops

    def squares(inputs):
        total = ops.sum(inputs**2)
        return total, {"half": total / 2}

    value, rest, gradient = value_and_gradient(squares, np.float32([[1, -2], [3, 0]]))
    assert float(value) == 14 and float(rest["half"]) == 7
    np.testing.assert_array_equal(ops.convert_to_numpy(gradient), [[2, -4], [6, 0]])


def test_a_compiled_function_computes_the_same():
    quiet_framework_import()
    from keras import ops

    def mean(maps):
        return {"mean": ops.mean(maps["a"]) + maps["b"]}

    given = {"a": ops.arange(5.0), "b": ops.ones(())}
    assert float(compiled(mean)(given)["mean"]) == float(mean(given)["mean"]) == 3


def test_a_program_takes_every_size_and_sees_a_model_that_was_trained_on():
    keras = quiet_framework_import()
    model = keras.layers.Dense(1, use_bias=False)
    model.build((None, 3))
    run = program(lambda images: model(images), [model])
    for height in (2, 3):
        images = np.ones((1, height, 4, 3), "float32")
        np.testing.assert_allclose(run(images), model(images), rtol=1e-5)
    model.set_weights([np.full((3, 1), 2, "float32")])
    np.testing.assert_allclose(run(images), np.full((1, 3, 4, 1), 6), rtol=1e-5)
    if keras.backend.backend() == "tensorflow":
        assert len(run.made) == 1, "one program for all sizes"


def test_a_program_keeps_no_network_alive():
    keras = quiet_framework_import()

    def used_and_left_behind():
        model = keras.layers.Dense(1)
        model.build((None, 3))
        run = program(lambda images: model(images), [model])
        run(np.ones((1, 2, 2, 3), "float32"))
        return weakref.ref(model)

    gone = used_and_left_behind()
    gc.collect()
    assert gone() is None
