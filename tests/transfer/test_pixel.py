"""Pixel-based transfer: which statistics each method promises, and how exactly."""

import itertools
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from skimage.exposure import match_histograms as skimage_match_histograms

from course_lib import collection
from course_lib.autoencoder import Autoencoder
from course_lib.errors import TransferError
from course_lib.images import ImageError
from course_lib.linear import matrix_power
from course_lib.transfer import (
    PixelTransfer,
    TransferStopped,
    guided,
    matching,
    patches,
    pixel,
)
from course_lib.transfer import colors as colors_room
from course_lib.transfer.colors import COLOR_SPACES, from_space, to_space, with_colors_of
from course_lib.transfer.tiles import SIDE

COLOR_METHODS = tuple(matching.COLOR_METHODS)
SEEDS = some.integers(0, 10_000)


@pytest.fixture(scope="module")
def autoencoder():
    return Autoencoder.from_course()


@pytest.fixture(scope="module")
def content():
    return collection.photograph("coffee", size=(60, 72))


@pytest.fixture(scope="module")
def style():
    return collection.style_image("woodcut", size=96)


def colors_of(image, space="rgb"):
    return to_space(image, space).reshape(-1, 3)


def cloud(seed, number=700, scale=1.0):
    """Colors that are no bell curve, whose channels depend on each other."""
    generator = np.random.default_rng(seed)
    mixing = generator.normal(size=(3, 3)) + 1.5 * np.eye(3)
    return scale * generator.gamma(2.0, size=(number, 3)) @ mixing + generator.normal(size=3)


def sliced_distance(colors, wanted, seed=99):
    """Mean distance of sorted projections, in units of the wanted colors' spread."""
    ways = np.random.default_rng(seed).normal(size=(3, 20))
    ways /= np.linalg.norm(ways, axis=0)
    proportions = np.linspace(0, 1, 300)
    pair = [np.quantile(one @ ways, proportions, axis=0) for one in (colors, wanted)]
    return np.abs(pair[0] - pair[1]).mean() / wanted.std(axis=0).mean()


# ---- color spaces ---------------------------------------------------------------------------


@pytest.mark.parametrize("space", COLOR_SPACES)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_color_spaces_lead_back(space, seed):
    image = np.random.default_rng(seed).random((3, 4, 3)).astype("float32")
    image[0, 0], image[0, 1] = 0, 1
    back = from_space(to_space(image, space), space)
    np.testing.assert_allclose(back, image, atol=2e-3)
    assert back.dtype == np.float32


def test_gray_has_no_color_in_the_spaces_that_part_brightness_from_color():
    gray = np.linspace(0.1, 0.9, 12, dtype="float32").reshape(3, 4, 1).repeat(3, axis=2)
    for space, limit in {"lab": 0.1, "ruderman": 0.03}.items():
        values = to_space(gray, space)
        assert np.ptp(values[..., 1:], axis=(0, 1)).max() < limit
        assert np.all(np.diff(values[..., 0].ravel()) > 0)


def test_the_decorrelated_space_is_decorrelated_on_photographs():
    photographs = [collection.photograph(name, size=96) for name in ("astronaut", "coffee")]
    for image in photographs:
        off = {
            space: np.abs(np.corrcoef(colors_of(image, space).T)[np.triu_indices(3, 1)]).mean()
            for space in COLOR_SPACES
        }
        assert off["ruderman"] < off["rgb"] - 0.2


def test_colors_beyond_the_screen_are_clipped_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = from_space(np.array([[[50.0, 200.0, -300.0]]], "float32"), "lab")
        with_colors_of(np.ones((2, 2, 3), "f4"), np.full((2, 2, 3), [1.0, 0.0, 0.0], "float32"))
    assert image.min() >= 0 and image.max() <= 1


# ---- what is matched --------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_std_matches_mean_and_std(seed):
    colors, wanted = cloud(seed), cloud(seed + 1, number=300)
    result = matching.match_mean_std(colors, wanted)
    np.testing.assert_allclose(result.mean(0), wanted.mean(0), atol=1e-6)
    np.testing.assert_allclose(
        result.std(0), np.minimum(wanted.std(0), matching.MOST_GAIN * colors.std(0)), rtol=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_covariance_matches_mean_and_covariance(seed):
    generator = np.random.default_rng(seed)
    # Gains from 1/2 to 2, so that the limit on them plays no part.
    turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
    colors = generator.gamma(2.0, size=(700, 3))
    wanted = generator.gamma(2.0, size=(300, 3)) * generator.uniform(0.5, 2, 3) @ turn + 4.0
    result = matching.match_covariance(colors, wanted)
    expected = np.cov(wanted.T, bias=True)
    np.testing.assert_allclose(result.mean(0), wanted.mean(0), atol=1e-6)
    np.testing.assert_allclose(
        np.cov(result.T, bias=True), expected, atol=1e-5 * np.abs(expected).max()
    )


def test_covariance_moves_colors_less_than_any_other_map_with_that_covariance():
    colors, wanted = cloud(1, scale=0.5), cloud(2, scale=0.5)
    result = matching.match_covariance(colors, wanted)
    least = np.mean((result - colors) ** 2)
    root = matrix_power(np.cov(wanted.T, bias=True), 0.5)
    white = (result - result.mean(0)) @ np.linalg.inv(root)
    for seed in range(20):
        turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
        other = white @ turn @ root + wanted.mean(0)
        np.testing.assert_allclose(np.cov(other.T), np.cov(result.T), rtol=1e-3)
        assert np.mean((other - colors) ** 2) > least


@settings(max_examples=25, deadline=None)
@given(
    # In thousandths: two values that differ in their last bit only are equal for an image.
    values=some.lists(some.integers(-(10**5), 10**5), min_size=1, max_size=60, unique=True),
    wanted=some.lists(some.floats(-100, 100, width=32), min_size=1, max_size=60),
)
def test_ranks_keep_the_order_and_take_on_the_values(values, wanted):
    values, wanted = np.array(values, "float64") / 1000, np.array(wanted, "float64")
    result = matching.match_ranks(values, wanted)
    expected = np.quantile(wanted, np.linspace(0, 1, len(values)))
    if len(values) == 1:
        expected = wanted.min()
    np.testing.assert_allclose(np.sort(result), expected, atol=1e-4)
    assert np.all(np.diff(result[np.argsort(values)]) >= -1e-9)


def test_equal_numbers_stay_equal_and_take_the_mean_of_their_ranks():
    result = matching.match_ranks(np.array([5.0, 1.0, 5.0, 5.0]), np.array([0.0, 3.0, 6.0, 12.0]))
    np.testing.assert_allclose(result, [7.0, 0.0, 7.0, 7.0])
    flat = matching.match_ranks(np.full(50, 0.3), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(flat, flat[0])


def test_histograms_agree_with_scikit_image(content, style):
    own = matching.match_histograms(colors_of(content), colors_of(style))
    theirs = skimage_match_histograms(content, style, channel_axis=-1).reshape(-1, 3)
    assert np.abs(own - theirs).mean() < 2 / 255


def test_distribution_matches_what_histograms_cannot():
    colors, wanted = cloud(3, number=2000), cloud(4, number=1500)
    by_channel = sliced_distance(matching.match_histograms(colors, wanted), wanted)
    whole = sliced_distance(matching.match_distribution(colors, wanted), wanted)
    assert whole < 0.03
    assert by_channel > 3 * whole


def test_more_turns_come_closer(content, style):
    colors, wanted = colors_of(content), colors_of(style)
    distances = [
        sliced_distance(matching.match_distribution(colors, wanted, turns=turns), wanted)
        for turns in (0, 2, 20)
    ]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.05


def test_the_order_of_the_styles_pixels_does_not_matter(content, style):
    shuffled = np.random.default_rng(0).permutation(style.reshape(-1, 3)).reshape(style.shape)
    for method in COLOR_METHODS:
        transfer = PixelTransfer(method, tap=None)
        np.testing.assert_allclose(transfer(content, shuffled), transfer(content, style), atol=2e-3)


# ---- the transfer -----------------------------------------------------------------------------


# In units of the style's standard deviation. Means and standard deviations reached by a straight
# line lead to colors that no screen can show, and these are clipped; the other two methods stay
# among the style's.
EXACT = {"mean_std": 0.1, "covariance": 0.1, "histogram": 0.02, "distribution": 0.02}


@pytest.mark.parametrize("space", COLOR_SPACES)
@pytest.mark.parametrize("method", COLOR_METHODS)
@pytest.mark.parametrize("guided_filter", [False, True])
def test_full_strength_has_the_styles_statistics(method, space, guided_filter, content, style):
    wanted = colors_of(style, space)
    image = PixelTransfer(method, color_space=space, tap=None, guided_filter=guided_filter)(
        content, style
    )
    result = colors_of(image, space)
    tolerance = (max(EXACT[method], 0.08) if guided_filter else EXACT[method]) * np.hypot.reduce(
        wanted.std(axis=0)
    )
    np.testing.assert_allclose(result.mean(0), wanted.mean(0), atol=tolerance)
    np.testing.assert_allclose(result.std(0), wanted.std(0), atol=tolerance)


def test_distribution_is_reached_as_an_image(content, style):
    result = PixelTransfer("distribution", tap=None, guided_filter=False)(content, style)
    before = sliced_distance(colors_of(content), colors_of(style))
    assert sliced_distance(colors_of(result), colors_of(style)) < min(0.05, before / 5)


@pytest.mark.parametrize("method", pixel.METHODS)
def test_strength_0_keeps_the_content_and_strength_moves_steadily(
    method, content, style, autoencoder
):
    plain = PixelTransfer(method, tap=None)
    np.testing.assert_array_equal(plain(content, style, strength=0.0), content)
    full = plain(content, style)
    moved = [
        np.abs(plain(content, style, strength=strength) - full).mean()
        for strength in (0.0, 0.4, 0.8, 1.0)
    ]
    assert moved == sorted(moved, reverse=True) and moved[-1] == 0
    decoded = PixelTransfer(method, tap="relu3_1", autoencoder=autoencoder)
    reconstruction = np.asarray(autoencoder.reconstruct(content[None], tap="relu3_1"))[0]
    np.testing.assert_allclose(decoded(content, style, strength=0.0), reconstruction, atol=1e-5)


def test_the_result_is_decoded_from_the_chosen_tap(content, style, autoencoder):
    plain = PixelTransfer("covariance", tap=None)(content, style)
    far = []
    for tap in autoencoder.taps:
        result = PixelTransfer("covariance", tap=tap, autoencoder=autoencoder)(content, style)
        expected = np.asarray(autoencoder.reconstruct(plain[None], tap=tap))[0]
        np.testing.assert_allclose(result, expected, atol=1e-5)
        far.append(np.mean((result - plain) ** 2))
    assert far[0] < far[-1]


@pytest.mark.parametrize("size", [(16, 16), (16, 60), (61, 33)])
@pytest.mark.parametrize("style_size", [(16, 40), (130, 90)])
@pytest.mark.parametrize("method", pixel.METHODS)
def test_any_sizes(method, size, style_size, autoencoder):
    content = collection.photograph("coffee", size=size)
    style = collection.style_image("mosaic", size=style_size)
    image = PixelTransfer(method, autoencoder=autoencoder)(content, style)
    assert image.shape == (*size, 3) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1


@pytest.mark.parametrize("method", pixel.METHODS)
@pytest.mark.parametrize("guided_filter", [True, False])
def test_a_style_of_one_color_gives_that_color(method, guided_filter, content):
    color = np.array([0.2, 0.5, 0.7], "float32")
    one_color = np.broadcast_to(color, (20, 30, 3))
    result = PixelTransfer(method, tap=None, guided_filter=guided_filter)(content, one_color)
    # Smoothing leaves what it takes for flat, so a faint trace of the content stays.
    atol = 0.05 if guided_filter else 0.001
    np.testing.assert_allclose(result, np.broadcast_to(color, result.shape), atol=atol)
    assert np.abs(result - color).mean() < 0.01


@pytest.mark.parametrize("space", COLOR_SPACES)
@pytest.mark.parametrize("method", COLOR_METHODS)
def test_a_content_of_one_color_stays_of_one_color(method, space, style):
    one_color = np.full((20, 24, 3), [0.7, 0.2, 0.4], "float32")
    result = PixelTransfer(method, color_space=space, tap=None)(one_color, style)
    assert np.isfinite(result).all()
    assert np.ptp(result, axis=(0, 1)).max() < 0.02


@pytest.mark.parametrize("method", pixel.METHODS)
def test_gray_images(method, style, content):
    gray = content.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    for pair in ((gray, style), (content, gray), (gray, gray)):
        result = PixelTransfer(method, tap=None)(*pair)
        assert np.isfinite(result).all()
    assert np.ptp(result, axis=-1).max() < 1e-5, "gray on gray has got a color"
    # In RGB, "mean_std" and "histogram" do not know that gray means three equal channels.
    result = PixelTransfer(method, color_space="lab", tap=None)(content, gray)
    assert np.ptp(result, axis=-1).max() < 0.05


def test_faint_noise_is_not_blown_up(style):
    generator = np.random.default_rng(5)
    fog = (0.6 + generator.normal(0, 0.002, (40, 40, 3))).astype("float32")
    for method in ("mean_std", "covariance"):
        result = PixelTransfer(method, tap=None, guided_filter=False)(fog, style)
        assert result.std(axis=(0, 1)).max() < 1.2 * matching.MOST_GAIN * 0.002


def test_smoothing_removes_grain_and_keeps_edges():
    generator = np.random.default_rng(6)
    content = np.full((40, 60, 3), 0.3, "float32")
    content[:, 30:] = 0.7
    changed = content * [0.5, 1.0, 1.2] + generator.normal(0, 0.1, content.shape)
    smoothed = guided.guided_filter_change(content, changed, radius=3)
    clean = content * [0.5, 1.0, 1.2]
    assert np.abs(smoothed - clean).mean() < 0.3 * np.abs(changed - clean).mean()
    np.testing.assert_allclose(
        smoothed[:, 31] - smoothed[:, 28], clean[:, 31] - clean[:, 28], atol=0.12
    )
    np.testing.assert_allclose(
        guided.guided_filter_change(content, clean, radius=3), clean, atol=0.03
    )


@pytest.mark.parametrize("method", COLOR_METHODS)
def test_some_pixels_are_matched_as_the_whole_image_is(method, content, style):
    match, (colors, wanted) = matching.COLOR_METHODS[method], map(colors_of, (content, style))
    some = match(colors[300:700], wanted, seen=colors)
    np.testing.assert_allclose(some, match(colors, wanted)[300:700], atol=1e-6)
    assert np.abs(some - match(colors[300:700], wanted)).max() > 0.01


@pytest.mark.parametrize(
    "levels", [pytest.param(True, id="8 bits"), pytest.param(False, id="floats")]
)
@pytest.mark.parametrize(
    "guided_filter",
    [pytest.param(True, id="guided_filter"), pytest.param(False, id="every pixel alone")],
)
@pytest.mark.parametrize("method", COLOR_METHODS)
def test_a_large_image_is_recolored_as_if_it_were_taken_whole(
    method, guided_filter, levels, style, monkeypatch
):
    content = collection.photograph("rocket", size=(130, 141))
    if levels:
        content = np.rint(255 * content) / np.float32(255)
    transfer = PixelTransfer(method, color_space="lab", tap=None, guided_filter=guided_filter)
    whole = transfer(content, style)
    monkeypatch.setattr(pixel, "LARGEST_WHOLE", 15_000)
    for module in (pixel, guided):
        monkeypatch.setattr(module, "BAND", 64)
    monkeypatch.setattr(guided, "PIXELS_AT_ONCE", 2**14)
    large = transfer(content, style)
    assert large.shape == content.shape and large.dtype == np.float32
    np.testing.assert_allclose(large, whole, atol=1e-4)


@pytest.mark.parametrize("photograph", ["rocket", "coffee", "astronaut"])
def test_a_change_smoothed_by_blocks_is_that_smoothed_by_pixels(photograph, style, monkeypatch):
    content, radius = collection.photograph(photograph, size=(501, 524)), 32
    changed = PixelTransfer("histogram", tap=None, guided_filter=False)(content, style)
    whole = np.clip(guided.guided_filter_change(content, changed, radius), 0.0, 1.0)
    rows = {one.tobytes(): two for one, two in zip(content, changed, strict=True)}

    def recolor(band):
        columns = [rows[row[: content.shape[1]].tobytes()] for row in band]
        beyond = band.shape[1] - content.shape[1]
        return np.pad(columns, [(0, 0), (0, beyond), (0, 0)], mode="symmetric")

    monkeypatch.setattr(guided, "MOST_BLOCKS", 100_000)
    monkeypatch.setattr(guided, "PIXELS_AT_ONCE", 2**16)
    monkeypatch.setattr(guided, "BAND", 100)
    assert guided.block_side(content.shape[:2], 2 * radius + 1) == 2
    large = guided.guided_filter_change_in_bands(content, recolor, radius)
    assert np.abs(large - whole).max() < 2 / 255
    assert np.abs(large - whole).mean() < 0.05 / 255
    # The lower and the right border are as good as the rest.
    for border in (np.s_[-4:], np.s_[:, -4:]):
        assert np.abs(large - whole)[border].mean() < 0.1 / 255


@settings(max_examples=20, deadline=None)
@given(
    height=some.integers(5, 20),
    width=some.integers(5, 20),
    side=some.floats(1, 9, allow_nan=False),
)
def test_means_over_windows_whose_border_runs_through_pixels(height, width, side):
    image = np.random.default_rng(height).random((height, width, 2))
    # Weights of the pixels at whole distances from the middle: 1 inside, a part at the border.
    distance = np.abs(np.arange(-6, 7))
    weights = np.clip(side / 2 - distance + 0.5, 0.0, 1.0) / side
    padded = np.pad(image, [(6, 6), (6, 6), (0, 0)], mode="symmetric")
    expected = np.zeros_like(image)
    for (i, row), (j, column) in itertools.product(enumerate(weights), enumerate(weights)):
        expected += row * column * padded[i : i + height, j : j + width]
    np.testing.assert_allclose(guided.window_means(image.copy(), side), expected, atol=1e-9)


def test_blocks_are_as_many_as_can_be_held_and_windows_keep_enough_of_them():
    assert guided.block_side((1580, 1580), window=79) == 1
    assert guided.block_side((1600, 1600), window=81) == 2
    assert guided.block_side((8192, 8192), window=409) == 6
    # A long narrow strip: its windows are small.
    assert guided.block_side((1000, 8192), window=51) == 1
    assert guided.mirrored(5, margin=2, block=4).tolist() == [0, 1, 2, 3, 4, 4, 3, 2]
    assert guided.mirrored(3, margin=4, block=1).tolist() == [0, 1, 2, 2, 1, 0, 0]


def test_every_color_of_an_8_bit_image_is_changed_once():
    image = np.random.default_rng(3).integers(0, 256, (40, 30, 3)) // 32 * 32 / 255
    image = image.astype("float32")
    asked = []

    def recolor(some):
        asked.append(some.shape[0] * some.shape[1])
        return 1 - some**2

    table = colors_room.by_table(recolor, image)
    assert asked == [len(np.unique(image.reshape(-1, 3), axis=0))]
    np.testing.assert_allclose(table(image[10:20]), 1 - image[10:20] ** 2, atol=1e-6)
    # Between the levels of 8 bits there is nothing to look up.
    assert colors_room.by_table(recolor, image * 0.999) is recolor


def test_a_large_image_is_decoded_tile_by_tile_to_the_same_image(style, monkeypatch):
    content = collection.photograph("astronaut", size=(150, 170))
    transfer = PixelTransfer("mean_std")
    recolored = PixelTransfer("mean_std", tap=None)(content, style)
    whole = transfer.redraw(recolored)
    monkeypatch.setattr(pixel, "LARGEST_WHOLE", 15_000)
    np.testing.assert_allclose(transfer.redraw(recolored), whole, atol=1e-4)


def test_means_and_covariances_of_a_large_image_are_taken_from_some_of_its_pixels(monkeypatch):
    image = collection.photograph("astronaut", size=(150, 170))
    wanted = collection.style_image("woodcut", size=96)
    exact = colors_room.match_colors(image, wanted)
    monkeypatch.setattr(colors_room, "MOST_SEEN", 3000)
    monkeypatch.setattr(colors_room, "BAND", 32)
    assert colors_room.thinned(image).shape == (50, 57, 3)
    np.testing.assert_allclose(colors_room.match_colors(image, wanted), exact, atol=0.03)


# ---- patches ----------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    height=some.integers(8, 60),
    width=some.integers(8, 60),
    side=some.integers(2, 8),
    step=some.integers(1, 8),
)
def test_squares_cover_the_image_and_blending_them_gives_it_back(height, width, side, step):
    step = min(step, side)
    image = np.random.default_rng(height).random((height, width, 3))
    places = patches.corners((height, width), side, step)
    assert places.min() >= 0
    assert (places + side).max(axis=0).tolist() == [height, width]
    squares = np.stack([image[y : y + side, x : x + side] for y, x in places])
    window = patches.soft_window(side, 2)
    blended = patches.blend_patches(squares, places, (height, width), window)
    np.testing.assert_allclose(blended, image, atol=1e-9)


def test_a_square_is_described_by_the_means_of_its_parts():
    maps = np.zeros((8, 12, 1))
    maps[:4, 4:8], maps[4:, 4:8] = 1.0, 2.0
    rows = patches.describe(maps, np.array([[0, 4]]), 8, 2, (8, 12))
    np.testing.assert_allclose(rows, [[1.0, 0.0, 2.0, 0.0]], atol=0.6)
    same = patches.describe(np.full((4, 6, 2), [3.0, 5.0]), np.array([[1, 2]]), 4, 2, (8, 12))
    np.testing.assert_allclose(same, [[3.0, 5.0] * 4])


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_nearest_is_the_nearest(seed):
    generator = np.random.default_rng(seed)
    wanted, offered = generator.normal(size=(30, 5)), generator.normal(size=(40, 5))
    distances = np.linalg.norm(wanted[:, None] - offered, axis=-1)
    np.testing.assert_array_equal(patches.nearest(wanted, offered), distances.argmin(axis=1))


@pytest.mark.parametrize("guide", pixel.GUIDES)
def test_patches_are_made_of_the_style_and_follow_the_content(guide, autoencoder):
    content = np.full((48, 64, 3), 0.2, "float32")
    content[:, 32:] = 0.8
    style = np.full((64, 64, 3), [0.1, 0.1, 0.4], "float32")
    style[::2, 32:] = [0.9, 0.8, 0.3]
    style[1::2, 32:] = [1.0, 0.9, 0.4]
    transfer = PixelTransfer("patches", tap=None, guide=guide, autoencoder=autoencoder)
    result = transfer(content, style)
    low, high = style.min(axis=(0, 1)), style.max(axis=(0, 1))
    assert np.all(result >= low - 1e-5) and np.all(result <= high + 1e-5)
    if guide == "luminance":
        assert result[:, :24].mean() < 0.3 and result[:, 40:].mean() > 0.6
        rows = result[:, 44:60].mean(axis=(1, 2))
        assert np.abs(np.diff(rows)).mean() > 0.03, "the style's lines are not there"


def test_the_content_as_its_own_style_comes_back(content):
    result = PixelTransfer("patches", tap=None)(content, content)
    assert np.abs(result - content).mean() < 0.06


def test_the_same_seed_gives_the_same_image(content, style):
    for method in ("distribution", "patches"):
        first, second = (PixelTransfer(method, tap=None, seed=3)(content, style) for _ in "ab")
        np.testing.assert_array_equal(first, second)


# ---- patches of large images ----------------------------------------------------------------


def lay(content, style):
    """Patches by a guide of our own, in numbers so fine that no rounding decides between two."""
    content, style = content.astype("float64"), style.astype("float64")
    guides = [image.mean(axis=2, keepdims=True) for image in (content, style)]
    return patches.texture_transfer(
        content, style, guides=guides, guide_cells=pixel.LUMINANCE_CELLS
    )


def test_patches_laid_a_few_at_a_time_are_those_laid_at_once(content, style, monkeypatch):
    at_once = lay(content, style)
    monkeypatch.setattr(patches, "SQUARES_AT_ONCE", 190)
    monkeypatch.setattr(patches, "PIXELS_AT_ONCE", 1000)
    assert np.abs(lay(content, style) - at_once).max() < 1e-6


def test_what_guides_patches_is_the_same_in_bands(monkeypatch):
    content = collection.photograph("coffee", size=(150, 90))
    whole = pixel.contrasted_luminance(content, 4.0)
    monkeypatch.setattr(pixel, "BAND", 40)
    np.testing.assert_allclose(pixel.contrasted_luminance(content, 4.0), whole, atol=1e-6)


def test_the_code_that_guides_patches_is_the_same_in_tiles(autoencoder, monkeypatch):
    content = collection.photograph("coffee", size=(SIDE + 60, 48))
    transfer = PixelTransfer("patches", tap=None, guide="code", autoencoder=autoencoder)
    whole = transfer.code(content)
    monkeypatch.setattr(pixel, "LARGEST_WHOLE", 1000)
    np.testing.assert_allclose(transfer.code(content), whole, atol=2e-3)


def test_the_memory_for_patches_is_that_of_a_few_images(style, monkeypatch):
    monkeypatch.setattr(patches, "SQUARES_AT_ONCE", 200)
    monkeypatch.setattr(patches, "PIXELS_AT_ONCE", 2000)
    peaks = []
    for height in (64, 320):
        content = np.random.default_rng(0).random((height, 64, 3), "float32")
        tracemalloc.start()
        patches.texture_transfer(
            content, style[:48, :48], guides=(content, style[:48, :48]), guide_cells=1
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Of each pixel: what lay there, what lies there now, and where the squares come from. What
    # squares are compared by would be 800 bytes for each of them.
    assert (peaks[1] - peaks[0]) / (256 * 64) < 60


def test_a_very_large_style_is_made_smaller_for_patches(content, style, monkeypatch):
    smaller = PixelTransfer("patches", tap=None)(content, pixel.not_too_large(style))
    monkeypatch.setattr(pixel, "LARGEST_WHOLE", 4500)
    asked = pixel.not_too_large(style)
    assert asked.shape[0] * asked.shape[1] <= 4500 < style.shape[0] * style.shape[1]
    result = PixelTransfer("patches", tap=None)(content, style)
    np.testing.assert_array_equal(result, PixelTransfer("patches", tap=None)(content, asked))
    assert np.abs(result - smaller).max() > 0.02
    assert pixel.not_too_large(np.zeros((16, 3000, 3), "float32")).shape == (16, 918, 3)


# ---- progress and stopping --------------------------------------------------------------------


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("method", ["mean_std", "patches"])
def test_progress_goes_from_start_to_end(method, large, content, style, autoencoder, monkeypatch):
    if large:
        monkeypatch.setattr(pixel, "LARGEST_WHOLE", 2000)
        monkeypatch.setattr(pixel, "BAND", 16)
    proportions = []
    transfer = PixelTransfer(method, autoencoder=autoencoder)
    transfer(content, [style, style[::-1]], progress=proportions.append)
    assert len(proportions) >= 3
    assert all(a <= b for a, b in itertools.pairwise(proportions))
    assert proportions[0] > 0 and proportions[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("method", pixel.METHODS)
def test_it_stops_when_it_is_told_to(method, content, style):
    seen = []

    def stop(done):
        seen.append(done)
        return done > 0.3

    with pytest.raises(TransferStopped, match="stopped"):
        PixelTransfer(method, tap=None)(content, style, progress=stop)
    assert seen[-1] > 0.3 and all(done <= 0.3 for done in seen[:-1])


# ---- several styles, masks ----------------------------------------------------------------------


def test_weights_and_masks(content, style):
    other = collection.style_image("marbled", size=64)
    transfer = PixelTransfer("covariance", tap=None)
    single, second = transfer(content, style), transfer(content, other)
    pair = [style, other]
    np.testing.assert_allclose(transfer(content, pair, weights=[1, 0]), single, atol=1e-6)
    np.testing.assert_allclose(
        transfer(content, pair, weights=[3, 1]), 0.75 * single + 0.25 * second, atol=1e-6
    )
    ones = np.ones(content.shape[:2])
    np.testing.assert_allclose(transfer(content, style, masks=[ones]), single, atol=1e-6)
    left = ones.copy()
    left[:, 36:] = 0
    halves = transfer(content, pair, masks=[left, 1 - left])
    np.testing.assert_allclose(halves[:, :36], single[:, :36], atol=1e-6)
    np.testing.assert_allclose(halves[:, 36:], second[:, 36:], atol=1e-6)
    alone = transfer(content, style, masks=[left])
    np.testing.assert_allclose(alone[:, 36:], content[:, 36:], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 1.5}, "strength=1.5: give a number from 0"),
        ({"strength": float("nan")}, "strength=nan"),
        ({"weights": [0]}, "the weights sum to zero"),
        ({"weights": [1, 2]}, r"for 1 style\(s\)"),
        ({"masks": [np.ones((60, 71))]}, r"\(60, 71\) does not fit"),
        ({"masks": []}, r"0 mask\(s\) for 1 style"),
    ],
)
def test_bad_calls_say_what_to_do(options, message, content, style):
    with pytest.raises(TransferError, match=message):
        PixelTransfer("mean_std", tap=None)(content, style, **options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "magic"}, ValueError, "method='magic' is not known.*'patches'"),
        ({"color_space": "hsv"}, ValueError, "color_space='hsv'.*'ruderman'"),
        ({"guide": "edges"}, ValueError, "guide='edges'.*'code'"),
        ({"tap": "relu9_1"}, ValueError, "tap='relu9_1'.*'relu4_1'"),
        ({"patch": 4}, TransferError, "patch=4: a whole number of 8"),
        ({"patch": 9.5}, TransferError, "patch=9.5"),
        ({"content_weight": 0}, TransferError, "content_weight=0"),
    ],
)
def test_bad_options_say_what_there_is(options, error, message):
    with pytest.raises(error, match=message):
        PixelTransfer(**options)


def test_bad_images_say_which_one(content, style):
    transfer = PixelTransfer("mean_std", tap=None)
    with pytest.raises(ImageError, match="content: 15 x 40"):
        transfer(np.zeros((15, 40, 3)), style)
    with pytest.raises(ImageError, match="style: 8 x 8"):
        transfer(content, np.zeros((8, 8, 3)))
    with pytest.raises(ImageError, match="style"):
        transfer(content, style[None])
    with pytest.raises(TransferError, match="at least one style"):
        transfer(content, [])


def test_images_are_left_as_they_are(content, style):
    kept = content.copy(), style.copy()
    for method in pixel.METHODS:
        PixelTransfer(method, tap=None)(content, style)
    np.testing.assert_array_equal(content, kept[0])
    np.testing.assert_array_equal(style, kept[1])
