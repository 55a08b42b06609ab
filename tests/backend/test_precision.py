"""Quick convolutions: chosen by measuring, close to exact ones, and inside of programs only."""

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import FeatureTransfer, collection
from course_lib.autoencoder import Autoencoder, convolve
from course_lib.autoencoder.layers import reflect_pad
from course_lib.backend import (
    active_convolutions,
    compiled,
    convolution_dtype,
    precision,
    program,
    quick_convolutions,
    value_and_gradient,
    without_gradient,
)
from course_lib.errors import DeviceError
from course_lib.images import resize


def array(tensor):
    return ops.convert_to_numpy(tensor)


def random_images(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


@pytest.fixture
def in_bfloat16(monkeypatch):
    monkeypatch.setenv(precision.VARIABLE, "bfloat16")


FINE_AND_BROAD = ("stained_glass", "woodcut", "watercolor", "mosaic", "engraving", "impressionist")


def differences(monkeypatch, size, stroke, names):
    """How far two photographs in these styles are in bfloat16 from exact ones, in gray levels."""
    contents = [resize(collection.photograph(name), (size, size)) for name in ("chelsea", "coffee")]
    styles = [collection.style_image(name) for name in names]
    made = []
    for dtype in ("float32", "bfloat16"):
        monkeypatch.setenv(precision.VARIABLE, dtype)
        transfer = FeatureTransfer()
        made.append([transfer(a, b, stroke=stroke) for a in contents for b in styles])
    return 255.0 * np.abs(np.subtract(*map(np.stack, made)))


def test_a_pass_in_bfloat16_is_the_same_to_the_eye(monkeypatch):
    difference = differences(monkeypatch, 256, "fine", FINE_AND_BROAD)
    assert 0.01 < difference.mean() <= 0.5
    assert np.percentile(difference, 99.9) <= 4.0


def test_several_passes_paint_the_same_strokes(monkeypatch):
    """What a draft gets wrong grows from pass to pass, and stays below what an eye can see."""
    difference = differences(monkeypatch, 400, "medium", FINE_AND_BROAD[:2])
    assert difference.mean() <= 1.5
    assert np.percentile(difference, 99.9) <= 16.0


def test_outside_of_programs_convolutions_are_exact(monkeypatch, in_bfloat16):
    encoder = Autoencoder.from_course().encoder
    image = random_images(1, 24, 24, 3)
    quick = array(program(lambda x: encoder(x)["relu3_1"], [encoder])(image))
    inside = array(encoder(image)["relu3_1"])
    monkeypatch.setenv(precision.VARIABLE, "float32")
    exact = array(program(lambda x: encoder(x)["relu3_1"], [encoder])(image))
    np.testing.assert_allclose(inside, exact, atol=1e-5)
    assert 1e-4 < np.abs(quick - exact).max() / exact.max() < 0.02


def test_the_setting_decides_and_otherwise_the_clock(monkeypatch):
    for gain, expected in ((4.0, "bfloat16"), (1.1, "float32"), (0.2, "float32")):
        monkeypatch.setattr(precision, "bfloat16_gain", lambda gain=gain: gain)
        monkeypatch.delenv(precision.VARIABLE)
        assert convolution_dtype() == expected
        for chosen in ("float32", "bfloat16"):
            monkeypatch.setenv(precision.VARIABLE, chosen)
            assert convolution_dtype() == chosen
    monkeypatch.setenv(precision.VARIABLE, "float16")
    with pytest.raises(DeviceError, match="COURSE_PRECISION=float16: give float32 or bfloat16"):
        convolution_dtype()


def test_the_clock_is_asked_before_anything_is_traced(monkeypatch):
    monkeypatch.delenv(precision.VARIABLE)
    precision.bfloat16_gain.cache_clear()
    double = program(lambda x: 2.0 * x, [])
    assert precision.bfloat16_gain.cache_info().currsize == 1
    np.testing.assert_array_equal(
        array(double(random_images(1, 4, 4, 3))), 2 * random_images(1, 4, 4, 3)
    )


def test_the_clock_compares_the_two(monkeypatch):
    seconds = {"float32": 0.004, "bfloat16": 0.001}
    measure = precision._seconds_of_a_convolution
    assert all(0 < measure(dtype) < 10 for dtype in seconds)
    monkeypatch.setattr(
        precision, "_seconds_of_a_convolution", lambda dtype, hopeless=0: seconds[dtype]
    )
    assert precision.bfloat16_gain.__wrapped__() == pytest.approx(4.0)


def test_where_bfloat16_is_refused_nothing_is_gained(monkeypatch):
    def refuse(dtype, hopeless=0):
        if dtype == "bfloat16":
            raise RuntimeError("could not create a primitive descriptor")
        return 0.004

    monkeypatch.setattr(precision, "_seconds_of_a_convolution", refuse)
    assert precision.bfloat16_gain.__wrapped__() == 0.0


def test_it_ends_where_it_began():
    assert active_convolutions() is None
    with pytest.raises(RuntimeError), quick_convolutions(gradient=True, dtype="bfloat16"):
        with without_gradient():
            assert not active_convolutions().gradient
            assert active_convolutions().dtype == "bfloat16"
        assert active_convolutions().gradient
        raise RuntimeError
    with without_gradient():
        assert active_convolutions() is None
    assert active_convolutions() is None


@pytest.mark.parametrize("size", [(2, 2), (2, 5), (7, 3)])
def test_both_ways_to_mirror_the_border_agree(size):
    maps = random_images(2, *size, 3)
    expected = np.pad(maps, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    for gradient in (True, False):
        np.testing.assert_array_equal(array(reflect_pad(maps, gradient=gradient)), expected)


def test_three_colors_are_looked_at_exactly():
    kernel, bias = random_images(3, 3, 3, 8), np.zeros(8, "float32")
    image = ops.convert_to_tensor(random_images(1, 9, 9, 3))
    exact = convolve(image, kernel, bias, activation=ops.relu)
    with quick_convolutions(gradient=False, dtype="bfloat16"):
        quick = convolve(image, kernel, bias, activation=ops.relu)
    np.testing.assert_allclose(array(quick), array(exact), atol=1e-5)


def test_the_gradient_of_a_quick_convolution_is_that_of_an_exact_one(monkeypatch):
    kernel, bias = random_images(3, 3, 16, 8) - 0.5, np.zeros(8, "float32")
    maps = random_images(1, 9, 9, 16)

    def loss(x):
        return ops.mean(ops.square(convolve(x, kernel, bias, activation=ops.relu))), {}

    gradients = []
    for dtype in ("float32", "bfloat16"):
        monkeypatch.setenv(precision.VARIABLE, dtype)
        _, _, gradient = compiled(lambda x: value_and_gradient(loss, x))(
            ops.convert_to_tensor(maps)
        )
        assert keras.backend.standardize_dtype(gradient.dtype) == "float32"
        gradients.append(array(gradient))
    exact, quick = gradients
    assert 0 < np.abs(exact - quick).max() < 0.03 * np.abs(exact).max()
