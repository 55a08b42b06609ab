"""Metrics agree with their formulas, know their range, and refuse what cannot be compared."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude
from scipy.stats import wasserstein_distance
from skimage.measure import blur_effect
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from course_lib import collection, metrics
from course_lib.errors import ArgumentError
from course_lib.metrics.reconstruction import ssim_map

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.uniform(size=(20, 31, 3)).astype("float32")
NOISY = np.clip(IMAGE + RANDOM.normal(0, 0.1, IMAGE.shape), 0, 1).astype("float32")
WHITE = np.ones((9, 8, 3), "float32")
BLACK = np.zeros((9, 8, 3), "float32")


@given(st.floats(0.001, 1.0))
def test_psnr_of_a_constant_error_is_minus_20_log_of_it(error):
    assert metrics.psnr(WHITE, WHITE - error) == pytest.approx(-20 * math.log10(error), abs=1e-3)


def test_psnr_is_what_scikit_image_says():
    expected = peak_signal_noise_ratio(IMAGE, NOISY, data_range=1.0)
    assert metrics.psnr(IMAGE, NOISY) == pytest.approx(expected, abs=1e-4)
    assert metrics.psnr(NOISY, IMAGE) == metrics.psnr(IMAGE, NOISY)


def test_equal_images():
    assert metrics.psnr(IMAGE, IMAGE) == math.inf
    assert metrics.ssim(IMAGE, IMAGE) == pytest.approx(1)


def test_uint8_counts_as_its_255th_part():
    eight_bit = np.round(IMAGE * 255).astype("uint8")
    assert metrics.psnr(eight_bit, eight_bit / 255) == math.inf
    assert metrics.psnr(IMAGE, eight_bit) > 50
    assert metrics.ssim(IMAGE, eight_bit) > 0.99


def test_a_batch_counts_with_all_its_values():
    images = np.stack([WHITE, WHITE])
    half_wrong = np.stack([WHITE, WHITE - 0.1])
    assert metrics.psnr(images, half_wrong) == pytest.approx(-10 * math.log10(0.01 / 2), abs=1e-4)
    both = metrics.ssim(np.stack([IMAGE, IMAGE]), np.stack([IMAGE, NOISY]))
    assert both == pytest.approx((1 + metrics.ssim(IMAGE, NOISY)) / 2)


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_is_the_mean_over_all_whole_windows(channels):
    a, b = IMAGE[:9, :12, :channels].astype(float), NOISY[:9, :12, :channels].astype(float)
    parts = [window_by_hand(*pair) for pair in windows_of(a, b)]
    assert len(parts) == 3 * 6 * channels
    expected = np.mean([brightness * pattern for brightness, pattern in parts])
    assert metrics.ssim(a, b) == pytest.approx(expected, abs=1e-7)


def test_ssim_is_low_for_unrelated_and_negative_for_inverted_images():
    assert abs(metrics.ssim(IMAGE, RANDOM.uniform(size=IMAGE.shape))) < 0.2
    assert metrics.ssim(IMAGE, 1 - IMAGE) < -0.5


def test_ssim_forgives_a_brightness_shift_where_psnr_does_not():
    shifted = 0.8 * IMAGE + 0.1
    scrambled = np.clip(IMAGE + RANDOM.choice([-1, 1], IMAGE.shape) * 0.3, 0, 1)
    assert metrics.ssim(IMAGE, shifted) > 0.9 > metrics.ssim(IMAGE, scrambled) + 0.2


def test_tensors_and_the_loss_of_the_same_name():
    from keras import ops

    from course_lib.losses import reconstruction_loss

    images, reconstruction = (
        ops.convert_to_tensor(IMAGE[None]),
        ops.convert_to_tensor(NOISY[None]),
    )
    assert metrics.psnr(images, reconstruction) == pytest.approx(metrics.psnr(IMAGE, NOISY))
    loss = float(reconstruction_loss(images, reconstruction, kind="ssim"))
    assert metrics.ssim(images, reconstruction) == pytest.approx(1 - loss, abs=1e-3)


@pytest.mark.parametrize(
    "metric", [metrics.psnr, metrics.ssim, metrics.content_kept, metrics.edge_agreement]
)
@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (IMAGE, IMAGE[:-1], "differ"),
        (IMAGE, IMAGE[None], "batch"),
        (IMAGE * 255, IMAGE, "Divide by 255"),
        (IMAGE * -255, IMAGE, "Divide by 255"),
        (IMAGE[0], IMAGE[0], "neither an image"),
        (IMAGE, np.full_like(IMAGE, np.nan), "NaN"),
        (IMAGE, "chelsea", "str is no image"),
        (None, IMAGE, "NoneType is no image"),
        (IMAGE, [[1], [1, 2]], "no array of numbers"),
    ],
)
def test_what_cannot_be_compared_is_refused(metric, a, b, words):
    with pytest.raises(ArgumentError, match=words):
        metric(a, b)


def test_ssim_needs_room_for_a_window():
    with pytest.raises(ArgumentError, match="too small"):
        metrics.ssim(WHITE[:6], WHITE[:6])


@pytest.mark.parametrize(
    ("image", "code", "ratio"),
    [
        ((256, 256, 3), (64, 64, 24), 2.0),
        ((256, 256, 3), (64, 64, 48), 1.0),
        ((30, 20, 3), (9,), 200.0),
        ((8, 8, 3), (8, 8, 6), 0.5),
    ],
)
def test_compression_ratio(image, code, ratio):
    assert metrics.compression_ratio(image, code) == ratio


@pytest.mark.parametrize("shape", [(), (0, 4, 3), (4, -1)])
def test_compression_ratio_refuses_what_is_no_shape(shape):
    with pytest.raises(ArgumentError, match="no shape"):
        metrics.compression_ratio((4, 4, 3), shape)


def test_bits_per_pixel_of_known_codes():
    assert metrics.bits_per_pixel(np.zeros((4, 4, 3)), pixels=16) == 0
    # Four equally frequent symbols take two bits each.
    assert metrics.bits_per_pixel(np.arange(64) % 4, pixels=32) == pytest.approx(4)
    image = np.arange(256, dtype="uint8").repeat(3).reshape(16, 16, 3)
    assert metrics.bits_per_pixel(image, pixels=256) == pytest.approx(24)


def test_bits_per_pixel_refuses_fractions_and_no_pixels():
    with pytest.raises(ArgumentError, match="whole numbers"):
        metrics.bits_per_pixel([0.5, 1.0], pixels=4)
    with pytest.raises(ArgumentError, match="pixels=0"):
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


# --- several scales ------------------------------------------------------------------------------

CAT = collection.photograph("chelsea", size=200)[:128, 40:152]


def window_by_hand(a, b):
    """Brightness and pattern of SSIM for one window, written out."""
    covariance = np.cov(a.ravel(), b.ravel())
    brightness = (2 * a.mean() * b.mean() + 1e-4) / (a.mean() ** 2 + b.mean() ** 2 + 1e-4)
    pattern = (2 * covariance[0, 1] + 9e-4) / (covariance[0, 0] + covariance[1, 1] + 9e-4)
    return brightness, pattern


def windows_of(a, b):
    """All pairs of windows of 7 x 7 pixels of two images, one channel at a time."""
    for row, column, channel in np.ndindex(a.shape[0] - 6, a.shape[1] - 6, a.shape[2]):
        place = np.s_[row : row + 7, column : column + 7, channel]
        yield a[place], b[place]


def test_both_parts_of_ssim_for_one_window():
    a, b = 0.3 * IMAGE[3:10, 5:12, :1].astype(float), NOISY[3:10, 5:12, :1].astype(float)
    brightness, pattern = window_by_hand(a, b)
    assert brightness < 0.9
    assert ssim_map(a, b).item() == pytest.approx(brightness * pattern)


# --- content kept, style moved -------------------------------------------------------------------


class Pixels:
    """An extractor whose features are the pixels: what it gives can be worked out by hand."""

    taps = ("pixels",)

    def __call__(self, images):
        return {"pixels": images}


def plain(*color):
    return np.full((8, 9, 3), color, "float32")


def test_style_moved_is_the_share_of_the_way():
    black, wanted = plain(0, 0, 0), plain(0.4, 0.8, 0)
    assert metrics.style_moved(black, black, wanted, extractor=Pixels()) == pytest.approx(0)
    assert metrics.style_moved(wanted, black, wanted, extractor=Pixels()) == pytest.approx(
        1, abs=1e-5
    )
    # Still to go: 0.3 + 0.6 + 0.3 of 1.2.
    assert metrics.style_moved(
        plain(0.1, 0.2, 0.3), black, wanted, extractor=Pixels()
    ) == pytest.approx(0, abs=1e-5)
    halfway = metrics.style_moved(plain(0.2, 0.4, 0), black, wanted, extractor=Pixels())
    assert halfway == pytest.approx(0.5, abs=1e-5)
    away = metrics.style_moved(plain(0, 0, 0.6), black, wanted, extractor=Pixels())
    assert away == pytest.approx(-0.5, abs=1e-5)


def test_style_moved_counts_means_and_stds_by_hand():
    found, own, wanted = (RANDOM.uniform(size=(n, 7, 3)) ** n for n in (5, 6, 8))

    def described(image):
        return np.concatenate([image.mean((0, 1)), np.sqrt(image.var((0, 1)) + 1e-5)])

    left, whole = (np.abs(described(x) - described(wanted)).sum() for x in (found, own))
    assert metrics.style_moved(found, own, wanted, extractor=Pixels()) == pytest.approx(
        1 - left / whole, abs=1e-5
    )


def test_style_moved_of_a_batch_is_the_mean_and_a_style_serves_all():
    images = np.stack([plain(0, 0, 0), plain(0.5, 0.5, 0.5)])
    moved = metrics.style_moved(images, images[:1], plain(1, 1, 1), extractor=Pixels())
    assert moved == pytest.approx(0.25, abs=1e-5)
    with pytest.raises(ArgumentError, match="cannot be compared in pairs"):
        metrics.style_moved(images, np.zeros((3, 8, 9, 3)), WHITE, extractor=Pixels())


def test_no_way_between_equal_statistics():
    with pytest.raises(ArgumentError, match="no way to go"):
        metrics.style_moved(WHITE, BLACK, BLACK, extractor=Pixels())


def test_content_kept_is_a_correlation_blind_to_palette_and_contrast():
    assert metrics.content_kept(IMAGE, IMAGE, extractor=Pixels()) == pytest.approx(1)
    other_palette = 0.5 * IMAGE * [1.0, 0.6, 0.8] + [0.1, 0.2, 0.3]
    assert metrics.content_kept(other_palette, IMAGE, extractor=Pixels()) == pytest.approx(
        1, abs=1e-3
    )
    assert metrics.content_kept(1 - IMAGE, IMAGE, extractor=Pixels()) == pytest.approx(-1)
    unrelated = RANDOM.uniform(size=IMAGE.shape)
    expected = np.mean(
        [np.corrcoef(unrelated[..., k].ravel(), IMAGE[..., k].ravel())[0, 1] for k in range(3)]
    )
    assert metrics.content_kept(unrelated, IMAGE, extractor=Pixels()) == pytest.approx(
        expected, abs=1e-3
    )


def test_content_kept_and_the_normalized_content_loss_say_the_same():
    from keras import ops

    from course_lib.losses import content_loss

    found, wanted = ({"pixels": ops.convert_to_tensor(x[None])} for x in (NOISY, IMAGE))
    loss = float(content_loss(wanted, found, kind="normalized"))
    kept = metrics.content_kept(NOISY, IMAGE, extractor=Pixels())
    assert 2 * (1 - kept) == pytest.approx(loss, abs=1e-3)


@pytest.mark.parametrize("extractor", ["course", "random"])
def test_more_and_more_columns_of_the_style_lose_content_and_gain_style(extractor):
    style = collection.style_image(collection.names()["styles"][0], size=64)[:56, :56]
    content = CAT[:56, :56]
    blends = [np.where(np.arange(56)[:, None] < width, style, content) for width in (0, 18, 36, 56)]
    kept = [metrics.content_kept(one, content, extractor=extractor) for one in blends]
    edges = [metrics.edge_agreement(one, content) for one in blends]
    structure = [metrics.structure_kept(one, content) for one in blends]
    moved = [metrics.style_moved(one, content, style, extractor=extractor) for one in blends]
    for falling in (kept, edges, structure):
        assert falling[0] == pytest.approx(1, abs=1e-4)
        assert falling == sorted(falling, reverse=True)
    assert (moved[0], moved[-1]) == pytest.approx((0, 1), abs=1e-4)
    assert moved == sorted(moved)


def test_an_extractor_is_used_as_it_is_and_must_read_the_tap():
    from course_lib.features import FeatureExtractor

    shallow = FeatureExtractor("random", taps=("relu1_1", "relu2_1"))
    shares = metrics.style_moved_by_tap(NOISY, IMAGE, 1 - IMAGE**2, extractor=shallow)
    assert list(shares) == ["relu1_1", "relu2_1"]
    assert metrics.content_kept(IMAGE, IMAGE, extractor=shallow) == pytest.approx(1)
    with pytest.raises(
        ArgumentError, match=r"reads relu1_1, relu2_1\. Make one that reads relu3_1"
    ):
        metrics.content_kept(IMAGE, IMAGE, extractor=shallow, tap="relu3_1")


def test_structure_kept_is_ssim_of_the_brightness():
    expected = structural_similarity(IMAGE.mean(-1), NOISY.mean(-1), data_range=1.0)
    assert metrics.structure_kept(IMAGE, NOISY) == pytest.approx(expected, abs=1e-6)
    other_colors = IMAGE[..., ::-1]
    assert metrics.structure_kept(IMAGE, other_colors) == pytest.approx(1)


def test_edge_agreement_by_hand_and_for_plain_images():
    a, b = (gaussian_gradient_magnitude(x.mean(-1), 1.5).ravel() for x in (IMAGE, NOISY))
    expected = np.corrcoef(a, b)[0, 1]
    assert metrics.edge_agreement(IMAGE, NOISY) == pytest.approx(expected, abs=1e-4)
    assert metrics.edge_agreement(0.5 * IMAGE + 0.2, IMAGE) == pytest.approx(1)
    assert metrics.edge_agreement(WHITE, BLACK) == 1
    assert metrics.edge_agreement(np.ones_like(IMAGE), IMAGE) == 0


# --- sliced Wasserstein --------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 99))
def test_along_one_direction_it_is_scipys_distance(count, times, seed):
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=count), generator.normal(1, 2, size=count * times)
    found = metrics.sliced_wasserstein(a[:, None], b[:, None], projections=1)
    assert found == pytest.approx(wasserstein_distance(a, b))


def test_a_shifted_cloud_is_half_the_shift_away_in_three_dimensions():
    # The mean of |cosine| over all directions of space is 1/2.
    cloud = RANDOM.normal(size=(50, 3))
    found = metrics.sliced_wasserstein(cloud, cloud + np.array([3, 0, 4]), projections=4000)
    assert found == pytest.approx(2.5, rel=0.03)
    assert metrics.sliced_wasserstein(cloud, RANDOM.permutation(cloud)) == pytest.approx(0)
    assert metrics.sliced_wasserstein(cloud, 2 * cloud, seed=1) == metrics.sliced_wasserstein(
        cloud, 2 * cloud, seed=1
    )


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.zeros((3, 2)), np.zeros((3, 4)), "equal dimensions"),
        (np.zeros(3), np.zeros(3), "equal dimensions"),
        (np.zeros((0, 2)), np.zeros((3, 2)), "no points"),
    ],
)
def test_clouds_that_cannot_be_compared(a, b, words):
    with pytest.raises(ArgumentError, match=words):
        metrics.sliced_wasserstein(a, b)


def test_color_distance_sees_colors_and_no_places():
    assert metrics.color_distance(IMAGE, IMAGE[::-1, ::-1]) == pytest.approx(0)
    assert metrics.color_distance(WHITE, BLACK, projections=4000) == pytest.approx(
        math.sqrt(3) / 2, rel=0.03
    )
    assert metrics.color_distance(plain(1, 0, 0), plain(0, 1, 0)) > 0.3
    distances = [metrics.color_distance(IMAGE, IMAGE * share) for share in (1, 0.9, 0.6, 0.2)]
    assert distances == sorted(distances)


def test_feature_distance_knows_texture_beyond_means_and_stds():
    # A fair coin and a bell curve, both with mean 0.5 and standard deviation 0.1.
    coin = RANDOM.choice([0.4, 0.6], size=(40, 40, 3))
    bell = RANDOM.normal(0.5, 0.1, size=(40, 40, 3))
    other_bell = RANDOM.normal(0.5, 0.1, size=(40, 41, 3))
    apart = metrics.feature_distance(coin, bell, extractor=Pixels(), tap="pixels")
    alike = metrics.feature_distance(other_bell, bell, extractor=Pixels(), tap="pixels")
    assert alike < 0.1 < 0.2 < apart
    flat = np.full_like(bell, bell.mean())
    assert metrics.feature_distance(flat, bell, extractor=Pixels(), tap="pixels") == pytest.approx(
        1, abs=0.05
    )
    # Along random directions a color moved by 0.3 in each channel is about 0.3 * sqrt(3) / 2 away.
    darker = metrics.feature_distance(
        flat - 0.3, bell, extractor=Pixels(), tap="pixels", projections=2000
    )
    away, texture = 0.3 * math.sqrt(3) / 2, 0.1 * math.sqrt(2 / math.pi)
    assert darker == pytest.approx(away / texture, rel=0.1)
    with pytest.raises(ArgumentError, match="no texture"):
        metrics.feature_distance(bell, BLACK, extractor=Pixels(), tap="pixels")


def test_feature_distance_of_the_course_s_features_falls_on_the_way_to_the_style():
    style = collection.style_image(collection.names()["styles"][0], size=64)[:40, :40]
    blends = [(1 - share) * CAT[:40, :40] + share * style for share in (0, 0.5, 1)]
    distances = [metrics.feature_distance(one, style) for one in blends]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] == pytest.approx(0, abs=1e-6)


# --- what should not be there --------------------------------------------------------------------


def test_more_blur_less_sharpness_and_scikit_image_agrees():
    values = [metrics.sharpness(gaussian_filter(CAT, (w, w, 0))) for w in (0, 0.5, 1, 2, 4)]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[-1] > 0.2
    assert values[0] == pytest.approx(1 - blur_effect(CAT.astype(float).mean(-1)), abs=1e-6)
    assert metrics.sharpness(np.full((20, 20, 3), 0.3)) == 0
    halves = [metrics.sharpness(one) for one in (CAT, 1 - CAT[::-1])]
    assert metrics.sharpness(np.stack([CAT, 1 - CAT[::-1]])) == pytest.approx(np.mean(halves))


def test_speckle_of_a_dot_of_an_edge_and_of_more_and_more_noise():
    dotted = np.zeros((9, 9, 3))
    dotted[4, 5] = 0.81
    assert metrics.speckle(dotted) == pytest.approx(0.01)
    edge = np.zeros((9, 9, 3))
    edge[:, 5:] = 1
    assert metrics.speckle(edge) == 0
    noise = RANDOM.normal(size=CAT.shape)
    values = [metrics.speckle(CAT + share * noise) for share in (0, 0.01, 0.03, 0.1)]
    assert values == sorted(values)
    assert values[-1] > 2 * values[0]


def checkerboard(period, size=(128, 112)):
    rows, columns = np.indices(size) // (period // 2)
    return ((rows + columns) % 2 * 2.0 - 1)[..., None]


@pytest.mark.parametrize("period", [2, 4, 8])
def test_checkerboard_strength_is_the_amplitude(period):
    board = checkerboard(period)
    on_gray = [
        metrics.checkerboard_strength(0.5 + share * board, period=period)
        for share in (0, 0.02, 0.2)
    ]
    assert on_gray == pytest.approx([0, 0.02, 0.2], rel=1e-3, abs=1e-9)
    on_cat = [
        metrics.checkerboard_strength(CAT + share * board, period=period)
        for share in (0, 0.03, 0.1)
    ]
    assert on_cat[0] < 0.01
    assert on_cat[1:] == pytest.approx([0.03, 0.1], rel=0.1)
    stripes = 0.5 + 0.1 * board[:, :1]
    assert metrics.checkerboard_strength(
        np.repeat(stripes, 112, axis=1), period=period
    ) == pytest.approx(0.1, rel=1e-3)


def test_each_period_is_told_from_the_coarser_ones_and_from_noise():
    assert metrics.checkerboard_strength(0.5 + 0.1 * checkerboard(4), period=2) < 0.002
    assert metrics.checkerboard_strength(0.5 + 0.1 * checkerboard(8), period=4) < 0.002
    assert metrics.checkerboard_strength(0.5 + 0.1 * checkerboard(2), period=8) > 0.09
    noise = 0.5 + RANDOM.normal(0, 0.1, CAT.shape)
    assert metrics.checkerboard_strength(noise, period=2) < 0.02


@pytest.mark.parametrize(
    ("metric", "image", "options", "words"),
    [
        (metrics.sharpness, CAT[:11], {}, "at least 12"),
        (metrics.speckle, CAT[:2], {}, "at least 3"),
        (metrics.checkerboard_strength, CAT[:15], {}, "at least 16"),
        (metrics.checkerboard_strength, CAT[:63], {"period": 8}, "at least 64"),
        (metrics.checkerboard_strength, CAT, {"period": 3}, "period=3"),
        (metrics.speckle, CAT[0], {}, "neither an image"),
        (metrics.sharpness, 255 * CAT, {}, "Divide by 255"),
        (metrics.color_distance, CAT[0], {"other": CAT}, "neither an image"),
        (metrics.warping_error, CAT, {}, "is no video"),
        (metrics.warping_error, CAT[None], {}, "two frames or more"),
        (metrics.warping_error, np.stack([CAT] * 3), {"flow": np.zeros((2, 9, 9, 2))}, "flow has"),
        (
            metrics.warping_error,
            np.stack([CAT] * 2),
            {"visible": np.zeros((1, 128, 112))},
            "no pixel is visible",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(metric, image, options, words):
    with pytest.raises(ArgumentError, match=words):
        metric(image, **options)


def test_warping_error_follows_the_motion():
    # The camera moves one row down and two columns left from frame to frame.
    frames = np.stack([CAT[10 + t : 40 + t, 20 - 2 * t : 60 - 2 * t] for t in range(3)])
    flow = np.broadcast_to([1.0, -2.0], (2, 30, 40, 2))
    assert metrics.warping_error(frames, flow=flow) == pytest.approx(0, abs=1e-7)
    assert metrics.warping_error(frames) > 0.02
    assert metrics.warping_error(frames, flow=-flow) > metrics.warping_error(frames)


def test_warping_error_by_hand():
    frames = np.stack([plain(0.2, 0.2, 0.2), plain(0.5, 0.5, 0.5), plain(0.5, 0.5, 0.5)])
    assert metrics.warping_error(frames) == pytest.approx(math.sqrt(0.09 / 2))
    hidden = np.ones((2, 8, 9))
    hidden[0] = 0
    assert metrics.warping_error(frames, visible=hidden) == 0
    half_a_pixel = np.zeros((1, 8, 9, 2))
    half_a_pixel[..., 1] = 0.5
    ramp = np.repeat(np.arange(9)[None, None, :, None] / 10, 8, axis=1).repeat(3, axis=3)
    moved = metrics.warping_error(np.concatenate([ramp, ramp]), flow=half_a_pixel)
    assert moved == pytest.approx(0.05)


def test_more_flicker_more_warping_error():
    flicker = RANDOM.normal(size=(4, *CAT.shape))
    values = [metrics.warping_error(CAT + share * flicker) for share in (0, 0.01, 0.05, 0.1)]
    assert values == sorted(values)
    assert values[1] == pytest.approx(0.01 * math.sqrt(2), rel=0.02)


# --- tables and fronts ---------------------------------------------------------------------------

CONTENTS = {"cat": CAT[:24, :28], "noise": IMAGE[:20, :20]}
STYLES = [1 - CAT[40:70, 40:70] ** 2, RANDOM.uniform(size=(16, 16, 3))]


def darker(content, style):
    return content * style.mean()


def test_evaluate_gives_a_row_for_each_method_content_and_style():
    found = metrics.evaluate(
        CONTENTS, STYLES, {"keep": lambda c, s: c, "darker": darker}, extractor=Pixels()
    )
    assert len(found.rows) == 8
    row = found.rows[-1]
    assert (row["method"], row["content"], row["style"]) == ("darker", "noise", "style 2")
    content, style, image = CONTENTS["noise"], STYLES[1], found.images[tuple(row.values())[:3]]
    assert np.array_equal(image, darker(content, style))
    assert row["style_moved"] == metrics.style_moved(image, content, style, extractor=Pixels())
    assert row["content_kept"] == metrics.content_kept(image, content, extractor=Pixels())
    assert row["structure_kept"] == metrics.structure_kept(image, content)
    assert row["sharpness"] == metrics.sharpness(image)
    assert row["seconds"] >= 0


def test_means_points_front_and_table():
    methods = {
        "keep": lambda c, s: c,
        "darker": darker,
        "noise": lambda c, s: 0.3 * NOISY[:20, :20],
    }
    found = metrics.evaluate({"noise": CONTENTS["noise"]}, STYLES, methods, extractor=Pixels())
    means = found.means()
    rows = [row for row in found.rows if row["method"] == "darker"]
    assert means["darker"]["style_moved"] == np.mean([row["style_moved"] for row in rows])
    assert means["darker"]["seconds"] == np.median([row["seconds"] for row in rows])
    assert found.points()["keep"] == pytest.approx((0, 1))
    assert found.points(x="seconds", y="sharpness")["darker"] == (
        means["darker"]["seconds"],
        means["darker"]["sharpness"],
    )
    assert found.front() == metrics.pareto_front(found.points())
    lines = str(found).splitlines()
    assert [line.split()[0] for line in lines] == ["method", "keep", "darker", "noise"]
    assert f"{means['darker']['content_kept']:.2f}" in lines[2]
    with pytest.raises(ArgumentError, match="measure 'beauty'"):
        found.points(x="beauty")


def test_one_slow_call_does_not_count_in_the_seconds():
    rows = [
        {"method": "compiled", "content": "a", "style": "b"}
        | dict.fromkeys(metrics.evaluation.MEASURES, value)
        for value in (9.0, 1.0, 2.0)
    ]
    means = metrics.Evaluation(rows, {}).means()["compiled"]
    assert means["seconds"] == 2.0 and means["sharpness"] == 4.0


def test_one_method_goes_by_its_own_name():
    found = metrics.evaluate([CAT[:20, :20]], STYLES[:1], darker, extractor=Pixels())
    assert [row["method"] for row in found.rows] == ["darker"]
    assert found.rows[0]["content"] == "content 1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], STYLES, darker), "no content images"),
        ((CONTENTS, {}, darker), "no style images"),
        ((CAT, STYLES, darker), "content images as a dictionary"),
        ((CONTENTS, STYLES, {}), "no method"),
        ((CONTENTS, STYLES, lambda c, s: c[:-1]), "for cat in style 1: the content has shape"),
        ((CONTENTS, STYLES, lambda c, s: None), "for cat in style 1: NoneType is no image"),
    ],
)
def test_what_cannot_be_evaluated(arguments, words):
    with pytest.raises(ArgumentError, match=words):
        metrics.evaluate(*arguments, extractor=Pixels())


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=9))
def test_the_front_beats_all_others_and_nothing_beats_it(values):
    points = {f"method {number}": value for number, value in enumerate(values)}
    front = metrics.pareto_front(points)

    def beats(a, b):
        return a != b and a[0] >= b[0] and a[1] >= b[1]

    for name, value in points.items():
        assert (name in front) == (not any(beats(points[other], value) for other in points))
    assert [points[name][0] for name in front] == sorted(points[name][0] for name in front)


def test_a_front_where_less_is_better():
    points = {"slow and good": (9, 0.9), "fast": (1, 0.5), "slow and bad": (9, 0.4)}
    front = metrics.pareto_front(points, better=("lower", "higher"))
    assert front == ["fast", "slow and good"]
    with pytest.raises(ArgumentError, match="say 'higher' or 'lower'"):
        metrics.pareto_front(points, better=("less", "more"))
    with pytest.raises(ArgumentError, match="no points"):
        metrics.pareto_front({})
