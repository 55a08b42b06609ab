"""Metrics of strokes and of color artifacts, on images of which the answer is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import wasserstein_distance

from course_lib import collection, metrics
from course_lib.errors import ArgumentError
from course_lib.features import FeatureExtractor
from course_lib.metrics.transferred import smaller

RANDOM = np.random.default_rng(0)
CAT = collection.photograph("chelsea", size=160)[:104]
CUP = collection.photograph("coffee", size=160)[:104]
STYLE = collection.style_image("stained_glass", size=160)


class Pixels:
    """An extractor whose features are the pixels themselves: answers can be worked out by hand."""

    taps = ("pixels",)

    def __call__(self, images):
        return {"pixels": images}


PIXELS = FeatureExtractor(Pixels())


def squares(width, *, side=192, seed=0):
    """An image of squares of random brightness, each so many pixels wide."""
    cells = np.random.default_rng(seed).uniform(size=(-(-side // width),) * 2)
    image = np.kron(cells, np.ones((width, width)))[:side, :side]
    return np.repeat(image[..., None], 3, axis=-1)


# --- strokes


@pytest.mark.parametrize("width", [2, 4, 8, 12])
def test_the_scale_of_random_squares_is_their_width(width):
    found = np.mean([metrics.stroke_scale(squares(width, seed=seed)) for seed in range(3)])
    assert found == pytest.approx(width, rel=0.3, abs=0.4)


def test_strokes_are_told_apart_where_means_and_deviations_are_equal():
    fine, coarse = squares(2), squares(8)
    assert fine.std() == pytest.approx(coarse.std(), rel=0.1)
    assert metrics.stroke_scale(coarse) > 3 * metrics.stroke_scale(fine)


def test_the_scale_does_not_depend_on_contrast_brightness_or_direction():
    image = squares(6)
    known = metrics.stroke_scale(image)
    assert metrics.stroke_scale(0.2 * image + 0.5) == pytest.approx(known)
    assert metrics.stroke_scale(image.transpose(1, 0, 2)) == pytest.approx(known)


def test_a_slow_change_of_light_is_the_scene_and_no_stroke():
    light = np.linspace(-0.3, 0.3, 192)[:, None, None]
    assert metrics.stroke_scale(squares(4) * 0.4 + light + 0.3) == pytest.approx(
        metrics.stroke_scale(squares(4)), rel=0.2
    )


def test_noise_has_the_scale_of_a_pixel_and_a_plain_image_none():
    assert metrics.stroke_scale(RANDOM.uniform(size=(64, 64, 3))) < 1.5
    assert metrics.stroke_scale(np.full((64, 64, 3), 0.4)) == 0


def test_a_batch_has_the_mean_of_its_images():
    one, other = squares(4), squares(8)
    assert metrics.stroke_scale(np.stack([one, other])) == pytest.approx(
        (metrics.stroke_scale(one) + metrics.stroke_scale(other)) / 2
    )


# --- the structure of the content


def test_cfsd_is_zero_for_the_content_and_grows_with_what_is_lost():
    blurred = [gaussian_filter(CAT, (sigma, sigma, 0)) for sigma in (0, 1, 3, 8)]
    values = [metrics.cfsd(one, CAT) for one in blurred]
    assert values[0] == pytest.approx(0, abs=1e-6)
    assert values == sorted(values)
    assert metrics.cfsd(CUP, CAT) > values[2]


def test_cfsd_forgives_another_palette_and_not_another_place():
    recolored = 0.6 * CAT + np.array([0.2, 0.1, 0.0])
    moved = np.roll(CAT, 40, axis=1)
    assert metrics.cfsd(recolored, CAT) < 0.3 * metrics.cfsd(moved, CAT)


def test_cfsd_is_the_divergence_of_the_softmax_worked_out_by_hand():
    own, found = RANDOM.uniform(size=(2, 3, 4, 3))

    def rows(image):
        x = image.reshape(-1, 3)
        x = (x - x.mean(0)) / x.std(0)
        powers = np.exp(x @ x.T / np.sqrt(3))
        return powers / powers.sum(1, keepdims=True)

    p, q = rows(own), rows(found)
    expected = np.mean(np.sum(p * np.log(p / q), axis=1))
    assert metrics.cfsd(found, own, extractor=PIXELS, tap="pixels") == pytest.approx(
        expected, rel=1e-4
    )


def test_large_maps_are_pooled():
    large = np.kron(CAT[:96, :96], np.ones((2, 2, 1)))
    other = np.kron(CUP[:96, :96], np.ones((2, 2, 1)))
    by_pixels = {"extractor": PIXELS, "tap": "pixels"}
    assert metrics.cfsd(other, large, **by_pixels) == pytest.approx(
        metrics.cfsd(smaller(other, 3)[0], smaller(large, 3)[0], **by_pixels), rel=1e-3
    )


# --- distributions and patterns


def test_sorted_values_agree_with_scipy_per_channel():
    found, wanted = RANDOM.uniform(size=(6, 7, 3)), RANDOM.beta(2, 5, size=(8, 9, 3))
    channels = [(found[..., k].ravel(), wanted[..., k].ravel()) for k in range(3)]
    apart = sum(wasserstein_distance(a, b) for a, b in channels)
    scale = sum(np.abs(b - b.mean()).mean() for _, b in channels)
    assert metrics.channel_wasserstein(
        found, wanted, extractor=PIXELS, tap="pixels"
    ) == pytest.approx(apart / scale, rel=0.05)


def test_sorted_values_see_what_means_and_deviations_do_not():
    few = np.zeros((20, 20, 3))
    few[:4] = 1.0
    many = RANDOM.normal(few.mean(), few.std(), size=(20, 20, 3))
    by_pixels = {"extractor": PIXELS, "tap": "pixels"}
    shuffled = RANDOM.permutation(few.reshape(-1, 3)).reshape(few.shape)
    assert metrics.channel_wasserstein(shuffled, few, **by_pixels) == pytest.approx(0, abs=1e-9)
    assert metrics.channel_wasserstein(np.clip(many, -1, 2), few, **by_pixels) > 0.5
    plain = np.broadcast_to(few.mean((0, 1)), few.shape)
    assert metrics.channel_wasserstein(plain, few, **by_pixels) == pytest.approx(1)


def test_a_style_is_nearer_to_its_other_half_than_a_photograph_is():
    left, right = STYLE[:, :80], STYLE[:, 80:]
    assert metrics.channel_wasserstein(left, right) < metrics.channel_wasserstein(CAT, right)


def test_one_pattern_everywhere_repeats_and_two_halves_do_not():
    cloth = np.tile(RANDOM.uniform(size=(8, 8, 3)), (20, 20, 1))
    halves = cloth.copy()
    halves[:, 80:] = 0.5
    assert metrics.pattern_repeatability(cloth) > 0.98
    assert metrics.pattern_repeatability(halves) < metrics.pattern_repeatability(cloth) - 0.05
    assert 0 <= metrics.pattern_repeatability(CAT) <= 1


def test_repeatability_is_the_cosine_of_gram_matrices():
    image = RANDOM.uniform(size=(4, 6, 3))

    def gram(part):
        x = part.reshape(-1, 3)
        return (x.T @ x).ravel() / np.linalg.norm(x.T @ x)

    parts = [image[r : r + 2, c : c + 3] for r in (0, 2) for c in (0, 3)]
    expected = np.mean([gram(image) @ gram(part) for part in parts])
    found = metrics.pattern_repeatability(image, extractor=PIXELS, tap="pixels", patches=2)
    assert found == pytest.approx(expected, abs=1e-6)


# --- seen from afar


def test_fine_grain_moves_the_style_near_and_not_from_afar():
    grain = np.clip(CAT + RANDOM.choice([-0.2, 0.2], CAT.shape), 0, 1)
    near = metrics.style_moved(grain, CAT, STYLE)
    both = metrics.style_moved(grain, CAT, STYLE, scales=(1, 2, 4))
    parts = [
        metrics.style_moved(*(smaller(one, factor) for one in (grain, CAT, STYLE)))
        for factor in (1, 2, 4)
    ]
    assert both == pytest.approx(np.mean(parts))
    assert parts[0] == pytest.approx(near)
    # 1 where nothing but the style is left, 0 where nothing has moved, at every scale.
    assert metrics.style_moved(STYLE, CAT, STYLE, scales=(1, 2, 4)) == pytest.approx(1)
    assert metrics.style_moved(CAT, CAT, STYLE, scales=(1, 2, 4)) == pytest.approx(0)
    assert abs(parts[2]) < abs(parts[0])


def test_smaller_is_the_mean_of_squares():
    image = np.arange(5 * 4 * 3).reshape(5, 4, 3) / 60
    assert np.allclose(smaller(image, 2)[0, 1, 0], image[2:4, :2].mean(axis=(0, 1)))
    assert smaller(image, 2).shape == (1, 2, 2, 3)


# --- color artifacts


def test_a_weave_is_seen_where_brightness_shows_nothing():
    rows, columns = np.indices((64, 64))
    board = ((rows + columns) % 2 * 2 - 1)[..., None]
    plain = np.full((64, 64, 3), 0.5)
    woven = plain + 0.1 * board * np.array([-0.5, 1.0, -0.5])
    assert metrics.speckle(woven) == pytest.approx(0, abs=1e-9)
    assert metrics.checkerboard_strength(woven) < 1e-6
    # Green rises by 0.1 as red and blue fall by 0.05: 0.15 up and 0.15 down, four times in all.
    assert metrics.color_weave(woven) == pytest.approx(4 * 0.15)
    assert metrics.color_weave(plain + 0.1 * board) == pytest.approx(0, abs=1e-9)
    assert metrics.color_weave(CAT) < 0.02


def test_a_gray_image_has_no_chroma_and_a_tint_has():
    gray = np.repeat(CAT.mean(axis=-1, keepdims=True), 3, axis=-1)
    assert metrics.chroma(gray) < 0.1
    assert metrics.chroma(np.clip(gray + np.array([0.02, 0, 0]), 0, 1)) > 1
    # sRGB red has a* = 80.1 and b* = 67.2 in CIELAB.
    red = np.zeros((4, 4, 3))
    red[..., 0] = 1
    assert metrics.chroma(red) == pytest.approx(104.55, abs=0.1)


def test_texture_counts_only_where_the_content_was_flat():
    content = np.full((60, 60, 3), 0.5)
    content[:, 30:] = RANDOM.uniform(size=(60, 30, 1))
    cracked, busier = content.copy(), content.copy()
    cracked[:, :20] += RANDOM.choice([-0.1, 0.1], (60, 20, 1))
    busier[:, 40:] = RANDOM.uniform(size=(60, 20, 1))
    assert metrics.texture_in_flat_areas(content, content) == pytest.approx(0, abs=1e-6)
    assert metrics.texture_in_flat_areas(busier, content) == pytest.approx(0, abs=1e-6)
    assert 0.05 < metrics.texture_in_flat_areas(cracked, content) <= 0.1


# --- what is refused


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.stroke_scale(CAT[:20]), "too small"),
        (lambda: metrics.color_weave(CAT[:2]), "too small"),
        (lambda: metrics.texture_in_flat_areas(CAT[:8], CAT[:8]), "too small"),
        (lambda: metrics.texture_in_flat_areas(CAT, CAT[:-1]), "differ"),
        (lambda: metrics.cfsd(CAT, CAT[:-1]), "differ"),
        (lambda: metrics.chroma(np.full((4, 4, 3), np.nan)), "NaN"),
        (lambda: metrics.pattern_repeatability(CAT, patches=1), "patches"),
        (lambda: metrics.pattern_repeatability(CAT[:40, :40], patches=30), "cut"),
        (lambda: metrics.channel_wasserstein(CAT, np.full((32, 32, 3), 0.5)), "no texture"),
        (lambda: metrics.style_moved(CAT, CAT, STYLE, scales=()), "no scale"),
        (lambda: metrics.style_moved(CAT, CAT, STYLE, scales=(0.5,)), "scale"),
        (lambda: metrics.style_moved(CAT, CAT, STYLE, scales=(500,)), "too small"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()
