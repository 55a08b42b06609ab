"""Metrics agree with their formulas, know their range, and refuse what cannot be compared."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio

from course_lib import metrics

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.uniform(size=(20, 31, 3)).astype("float32")
NOISY = np.clip(PICTURE + RANDOM.normal(0, 0.1, PICTURE.shape), 0, 1).astype("float32")
WHITE = np.ones((9, 8, 3), "float32")


@given(st.floats(0.001, 1.0))
def test_psnr_of_a_constant_error_is_minus_20_log_of_it(error):
    assert metrics.psnr(WHITE, WHITE - error) == pytest.approx(-20 * math.log10(error), abs=1e-3)


def test_psnr_is_what_scikit_image_says():
    expected = peak_signal_noise_ratio(PICTURE, NOISY, data_range=1.0)
    assert metrics.psnr(PICTURE, NOISY) == pytest.approx(expected, abs=1e-4)
    assert metrics.psnr(NOISY, PICTURE) == metrics.psnr(PICTURE, NOISY)


def test_equal_pictures():
    assert metrics.psnr(PICTURE, PICTURE) == math.inf
    assert metrics.ssim(PICTURE, PICTURE) == pytest.approx(1)


def test_uint8_counts_as_its_255th_part():
    eight_bit = np.round(PICTURE * 255).astype("uint8")
    assert metrics.psnr(eight_bit, eight_bit / 255) == math.inf
    assert metrics.psnr(PICTURE, eight_bit) > 50
    assert metrics.ssim(PICTURE, eight_bit) > 0.99


def test_a_batch_counts_with_all_its_values():
    images = np.stack([WHITE, WHITE])
    half_wrong = np.stack([WHITE, WHITE - 0.1])
    assert metrics.psnr(images, half_wrong) == pytest.approx(-10 * math.log10(0.01 / 2), abs=1e-4)
    both = metrics.ssim(np.stack([PICTURE, PICTURE]), np.stack([PICTURE, NOISY]))
    assert both == pytest.approx((1 + metrics.ssim(PICTURE, NOISY)) / 2)


def test_ssim_is_low_for_unrelated_and_negative_for_inverted_pictures():
    assert abs(metrics.ssim(PICTURE, RANDOM.uniform(size=PICTURE.shape))) < 0.2
    assert metrics.ssim(PICTURE, 1 - PICTURE) < -0.5


def test_ssim_forgives_a_brightness_shift_where_psnr_does_not():
    shifted = 0.8 * PICTURE + 0.1
    scrambled = np.clip(PICTURE + RANDOM.choice([-1, 1], PICTURE.shape) * 0.3, 0, 1)
    assert metrics.ssim(PICTURE, shifted) > 0.9 > metrics.ssim(PICTURE, scrambled) + 0.2


def test_tensors_and_the_loss_of_the_same_name():
    from keras import ops

    from course_lib.losses import reconstruction_loss

    images, reconstruction = (
        ops.convert_to_tensor(PICTURE[None]),
        ops.convert_to_tensor(NOISY[None]),
    )
    assert metrics.psnr(images, reconstruction) == pytest.approx(metrics.psnr(PICTURE, NOISY))
    loss = float(reconstruction_loss(images, reconstruction, kind="ssim"))
    assert metrics.ssim(images, reconstruction) == pytest.approx(1 - loss, abs=1e-3)


@pytest.mark.parametrize("metric", [metrics.psnr, metrics.ssim])
@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (PICTURE, PICTURE[:-1], "differ"),
        (PICTURE, PICTURE[None], "batch"),
        (PICTURE * 255, PICTURE, "Divide by 255"),
        (PICTURE[0], PICTURE[0], "neither a picture"),
        (PICTURE, np.full_like(PICTURE, np.nan), "NaN"),
    ],
)
def test_what_cannot_be_compared_is_refused(metric, a, b, words):
    with pytest.raises(metrics.MetricError, match=words):
        metric(a, b)


def test_ssim_needs_room_for_a_window():
    with pytest.raises(metrics.MetricError, match="too small"):
        metrics.ssim(WHITE[:6], WHITE[:6])


@pytest.mark.parametrize(
    ("picture", "code", "ratio"),
    [
        ((256, 256, 3), (64, 64, 24), 2.0),
        ((256, 256, 3), (64, 64, 48), 1.0),
        ((30, 20, 3), (9,), 200.0),
        ((8, 8, 3), (8, 8, 6), 0.5),
    ],
)
def test_compression_ratio(picture, code, ratio):
    assert metrics.compression_ratio(picture, code) == ratio


@pytest.mark.parametrize("shape", [(), (0, 4, 3), (4, -1)])
def test_compression_ratio_refuses_what_is_no_shape(shape):
    with pytest.raises(metrics.MetricError, match="no shape"):
        metrics.compression_ratio((4, 4, 3), shape)


def test_bits_per_pixel_of_known_codes():
    assert metrics.bits_per_pixel(np.zeros((4, 4, 3)), pixels=16) == 0
    # Four equally frequent symbols take two bits each.
    assert metrics.bits_per_pixel(np.arange(64) % 4, pixels=32) == pytest.approx(4)
    picture = np.arange(256, dtype="uint8").repeat(3).reshape(16, 16, 3)
    assert metrics.bits_per_pixel(picture, pixels=256) == pytest.approx(24)


def test_bits_per_pixel_refuses_fractions_and_no_pixels():
    with pytest.raises(metrics.MetricError, match="whole numbers"):
        metrics.bits_per_pixel([0.5, 1.0], pixels=4)
    with pytest.raises(metrics.MetricError, match="pixels=0"):
        metrics.bits_per_pixel([1, 2], pixels=0)


def test_metrics_of_arrays_need_no_framework():
    program = (
        "import sys, numpy as np\n"
        "from course_lib import metrics\n"
        "metrics.psnr(np.zeros((8, 8, 3)), np.ones((8, 8, 3)))\n"
        "metrics.ssim(np.zeros((8, 8, 3)), np.ones((8, 8, 3)))\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules), 'a framework was imported'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
