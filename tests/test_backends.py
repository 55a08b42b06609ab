"""The same small sample on TensorFlow, JAX and PyTorch, each in a process of its own."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers.checkout import ROOT

BACKENDS = ("tensorflow", "jax", "torch")
SAMPLE = ROOT / "tests" / "backend_sample.py"
MODELS = ("plain", "unpooling", "dense", "painting")


def run_sample(backend, folder):
    environment = os.environ | {"KERAS_BACKEND": backend}
    command = [sys.executable, str(SAMPLE), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Folder of each backend that is installed; each but the first has read the others' weights."""
    folder = tmp_path_factory.mktemp("backends")
    for backend in BACKENDS:
        if importlib.util.find_spec(backend):
            run_sample(backend, folder)
    return folder


def of(backend, results):
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    return np.load(results / f"{backend}.npz")


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_shapes_are_the_same_on_every_backend(results, backend):
    numbers = of(backend, results)
    shapes = {name: numbers[f"code {name}"].shape for name in MODELS[:-1]}
    assert shapes == {
        "plain": (2, 9, 12, 8),
        "unpooling": (2, 17, 24, 6),
        "dense": (2, 5),
    }
    for name in MODELS:
        image = numbers[f"image {name}"]
        assert image.shape == (2, 33, 47, 3)
        assert np.isfinite(image).all() and np.ptp(image) > 0.01


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_step_lowers_the_loss(results, backend):
    numbers = of(backend, results)
    for name in MODELS[:-1]:
        before, after = numbers[f"losses {name}"]
        assert np.isfinite(after) and after < before, name


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_what_was_decoded_is_what_was_reconstructed(results, backend):
    numbers = of(backend, results)
    for name in ("plain", "dense"):
        np.testing.assert_allclose(numbers[f"decoded {name}"], numbers[f"image {name}"], atol=1e-6)


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("reader", BACKENDS)
@pytest.mark.parametrize("writer", BACKENDS)
def test_weights_of_one_backend_give_the_same_image_on_another(results, writer, reader):
    written, read = of(writer, results), of(reader, results)
    if BACKENDS.index(writer) > BACKENDS.index(reader):
        pytest.skip("proven the other way round")
    for name in MODELS:
        difference = written[f"image {name}"] - read[f"{writer} {name}"]
        assert np.abs(difference).max() < 1e-3, name
