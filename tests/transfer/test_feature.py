"""Feature-based transfer: what AdaIN, WCT, strength, mixtures and masks promise."""

import numpy as np
import pytest
from keras import ops

from course_lib import collection, images, statistics
from course_lib.errors import TransferError
from course_lib.images import ImageError
from course_lib.transfer import FeatureTransfer, StyleCode
from course_lib.transfer.colors import match_colors, with_colors_of
from course_lib.transfer.common import style_masks
from course_lib.transfer.feature import with_grain


@pytest.fixture(scope="module")
def adain():
    return FeatureTransfer()


@pytest.fixture(scope="module")
def wct():
    return FeatureTransfer("wct")


@pytest.fixture(scope="module")
def content():
    return collection.photograph("chelsea", size=96)


@pytest.fixture(scope="module")
def styles():
    return [collection.style_image(name, size=128) for name in collection.names()["styles"][:2]]


def difference(a, b):
    return float(np.abs(a - b).max())


def style_distance(transfer, image, style):
    """Distance of means and standard deviations at all taps, relative to the style's."""
    have, want = transfer.style_code(image), transfer.style_code(style)
    return sum(
        np.abs(have.measured[tap][k] - want.measured[tap][k]).sum()
        / np.abs(want.measured[tap][k]).sum()
        for tap in want.measured
        for k in (0, 1)
    )


def test_adain_takes_on_mean_and_std():
    generator = np.random.default_rng(0)
    features = generator.normal(3.0, 2.0, (2, 9, 11, 5)).astype("float32")
    style = generator.normal(-1.0, 0.5, (1, 20, 7, 5)).astype("float32")
    mean, std = statistics.channel_statistics(style)
    result = ops.convert_to_numpy(statistics.adain(features, mean, std))
    for image in result:
        np.testing.assert_allclose(image.mean((0, 1)), style[0].mean((0, 1)), atol=1e-4)
        np.testing.assert_allclose(image.std((0, 1)), style[0].std((0, 1)), rtol=1e-3)


def test_wct_takes_on_mean_and_covariance():
    generator = np.random.default_rng(1)
    mixing = generator.normal(size=(4, 4))
    features = (generator.normal(size=(1, 30, 20, 4)) @ mixing).astype("float32")
    style = (generator.normal(size=(1, 25, 25, 4)) @ mixing.T + 2.0).astype("float32")
    mean, _ = statistics.channel_statistics(style)
    result = statistics.wct(features, mean, statistics.covariance(style))
    result = ops.convert_to_numpy(result).reshape(-1, 4)
    wanted = style.reshape(-1, 4)
    np.testing.assert_allclose(result.mean(0), wanted.mean(0), atol=1e-3)
    expected = np.cov(wanted.T, bias=True)
    np.testing.assert_allclose(
        np.cov(result.T, bias=True), expected, atol=2e-3 * np.abs(expected).max()
    )


def test_wct_of_a_constant_image_is_the_style_s_mean():
    flat = np.full((1, 8, 8, 3), 0.4, "float32")
    busy = np.random.default_rng(2).random((1, 8, 8, 3)).astype("float32")
    # Whitening enlarges what rounding leaves of a flat content.
    for features, style, atol in ((flat, busy, 0.1), (busy, flat, 1e-5), (flat, flat, 1e-5)):
        mean, _ = statistics.channel_statistics(style)
        result = statistics.wct(features, mean, statistics.covariance(style))
        wanted = np.broadcast_to(style.mean((1, 2), keepdims=True), flat.shape)
        np.testing.assert_allclose(ops.convert_to_numpy(result), wanted, atol=atol)


@pytest.mark.parametrize("method", ["adain", "wct"])
@pytest.mark.parametrize("size", [(16, 16), (17, 40), (61, 33)])
def test_result_is_an_image_of_the_contents_size(method, size, styles, request):
    content = collection.photograph("coffee", size=size)
    image = request.getfixturevalue(method)(content, styles[0])
    assert image.shape == (*size, 3)
    assert image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1


def test_painting_with_the_contents_own_style_reconstructs_it(adain, content):
    plain = FeatureTransfer(grain=0.0)
    for transfer in (adain, plain):
        image = transfer(content, content)
        assert -10 * np.log10(np.mean((image - content) ** 2)) > 18
    kept = plain(content, content[:, ::-1].copy(), strength=0.0)
    assert difference(image, kept) < 0.02


def test_grain_is_faint_and_lies_at_the_same_places_everywhere():
    gray = np.full((600, 70, 3), 0.5, "float32")
    grained = with_grain(gray, 0.02)
    np.testing.assert_array_equal(gray, 0.5)
    assert grained.std() == pytest.approx(0.02, rel=0.1)
    for channel in range(3):
        expected = 0.5 + 0.02 * images.grain((600, 70))[..., 0]
        np.testing.assert_allclose(grained[..., channel], expected, atol=1e-6)
    np.testing.assert_array_equal(
        images.grain((40, 50), top=500, left=30), images.grain((600, 80))[500:540, 30:]
    )
    assert with_grain(gray, 0.0) is gray


def test_grain_gives_a_flat_area_strokes_and_goes_with_the_strength(adain, styles):
    flat = np.full((128, 128, 3), (0.35, 0.45, 0.6), "float32")
    flat[:24] = collection.photograph("chelsea", size=(24, 128))
    plain = FeatureTransfer(grain=0.0)
    painted, bare = (t(flat, styles[1])[48:112, 48:112].mean(2) for t in (adain, plain))
    assert painted.std() > 3 * bare.std()
    # Not a pattern that repeats with the painter's upsampling.
    assert np.corrcoef(painted[:-8].ravel(), painted[8:].ravel())[0, 1] < 0.5
    faint, none = (t(flat, styles[1], strength=0.0) for t in (adain, plain))
    assert difference(faint, none) == 0


@pytest.mark.parametrize("grain", [-0.1, 2.0, float("nan")])
def test_a_grain_that_cannot_be_is_refused(grain):
    with pytest.raises(TransferError, match="standard deviation of pixel values"):
        FeatureTransfer(grain=grain)


def test_style_moves_the_statistics_and_more_strength_moves_them_further(adain, content, styles):
    distances = [
        style_distance(adain, adain(content, styles[0], strength=strength), styles[0])
        for strength in (0.0, 0.35, 0.7, 1.0)
    ]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.6 * distances[0]


def test_wct_moves_the_statistics_too(wct, content, styles):
    before = style_distance(wct, wct(content, styles[0], strength=0.0), styles[0])
    assert style_distance(wct, wct(content, styles[0]), styles[0]) < 0.6 * before


@pytest.mark.slow
@pytest.mark.parametrize("method", ["adain", "wct"])
def test_a_weight_of_one_and_zero_is_the_single_style(method, content, styles, request):
    transfer = request.getfixturevalue(method)
    mixed = transfer(content, styles, weights=(1, 0))
    assert difference(mixed, transfer(content, styles[0])) < 1e-4


@pytest.mark.parametrize("method", ["adain", "wct"])
def test_a_mask_of_ones_is_no_mask(method, content, styles, request):
    transfer = request.getfixturevalue(method)
    mask = np.ones(content.shape[:2], "float32")
    masked = transfer(content, styles[0], masks=[mask])
    assert difference(masked, transfer(content, styles[0])) < 1e-4


def test_masks_put_each_style_in_its_place(adain, content, styles):
    left = np.zeros(content.shape[:2], "float32")
    left[:, : content.shape[1] // 2] = 1
    both = adain(content, styles, masks=[left, 1 - left])
    first, second = (adain(content, style) for style in styles)
    on_the_left = left[..., None] == 1
    assert difference(both, np.where(on_the_left, first, second)) < 1e-5
    alone = adain(content, styles[0], masks=[left])
    assert difference(alone, np.where(on_the_left, first, content)) < 1e-5


def test_masks_of_wct_put_each_style_in_its_place(wct, content, styles):
    left = np.zeros(content.shape[:2], "float32")
    left[:, : content.shape[1] // 2] = 1
    both = wct(content, styles, masks=[left, 1 - left])
    first, second = (wct(content, style) for style in styles)
    edge = content.shape[1] // 8
    near_first = np.abs(both - first)[:, :edge].mean()
    assert near_first < np.abs(both - second)[:, :edge].mean()
    assert np.abs(both - second)[:, -edge:].mean() < np.abs(both - first)[:, -edge:].mean()


def test_tap_strength_zero_everywhere_is_strength_zero(adain, content, styles):
    none = adain(content, styles[0], tap_strength=dict.fromkeys(adain.taps, 0.0))
    assert difference(none, adain(content, styles[0], strength=0.0)) < 1e-5


def test_a_saved_style_paints_the_same_image(adain, content, styles, tmp_path):
    code = adain.style_code(styles[0])
    code.save(tmp_path / "style.npz")
    assert (tmp_path / "style.npz").stat().st_size < 8_000
    again = adain(content, StyleCode.load(tmp_path / "style.npz"))
    assert difference(again, adain(content, styles[0])) < 1e-6


def test_a_style_measured_for_the_other_method_is_refused(adain, wct, content, styles):
    code = adain.style_code(styles[0])
    with pytest.raises(TransferError, match="measured for 'adain'"):
        wct(content, code)
    assert difference(adain(content, wct.style_code(styles[0])), adain(content, code)) < 1e-3


def test_a_file_that_is_no_style_is_refused(tmp_path):
    (tmp_path / "style.npz").write_bytes(b"not arrays")
    with pytest.raises(TransferError, match=r"style\.npz"):
        StyleCode.load(tmp_path / "style.npz")


def test_matched_colors_have_the_wanted_mean_and_covariance():
    generator = np.random.default_rng(3)
    image = (0.5 + 0.05 * generator.normal(size=(40, 50, 3))).astype("float32")
    wanted = (0.5 + 0.1 * generator.normal(size=(30, 30, 3))).clip(0, 1).astype("float32")
    result = match_colors(image, wanted).reshape(-1, 3)
    np.testing.assert_allclose(result.mean(0), wanted.reshape(-1, 3).mean(0), atol=0.01)
    np.testing.assert_allclose(np.cov(result.T), np.cov(wanted.reshape(-1, 3).T), atol=0.002)


def test_luminance_keeps_the_contents_colors(content):
    from skimage.color import rgb2lab

    gray = np.repeat(content.mean(-1, keepdims=True), 3, axis=-1)
    result = with_colors_of(gray, content)
    colors = np.abs(rgb2lab(result)[..., 1:] - rgb2lab(content)[..., 1:])
    assert np.median(colors) < 1.0


def test_colors_and_texture_apart(adain, content, styles):
    both, colors, texture = (
        adain(content, styles[0], parts=parts) for parts in ("both", "colors", "texture")
    )

    def apart(image, other):
        return np.abs(image.mean((0, 1)) - other.mean((0, 1))).sum()

    def likeness(image):
        """How well the places of light and dark agree with the content's."""
        return np.corrcoef(image.mean(-1).ravel(), content.mean(-1).ravel())[0, 1]

    all_the_way = apart(content, styles[0])
    assert apart(colors, styles[0]) < 0.4 * all_the_way
    assert likeness(colors) > likeness(both) + 0.05
    assert apart(texture, content) < 0.1 * all_the_way
    assert likeness(texture) < likeness(colors) - 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 1.5}, "strength=1.5"),
        ({"strength": float("nan")}, "strength=nan"),
        ({"tap_strength": {"relu9_1": 1.0}}, "relu9_1"),
        ({"weights": (1.0,)}, "2 style"),
        ({"weights": (-1.0, 2.0)}, "0 or more"),
        ({"weights": (0.0, 0.0)}, "sum to zero"),
        ({"masks": [np.ones((8, 8))] * 2}, "does not fit"),
        ({"masks": [np.ones((96, 96))]}, "1 mask"),
        ({"parts": "shapes"}, "parts='shapes'"),
        ({"keep_colors": "all"}, "keep_colors='all'"),
    ],
)
def test_what_cannot_be_is_said_clearly(adain, content, styles, options, message):
    with pytest.raises((TransferError, ValueError), match=message):
        adain(content, styles, **options)


def test_images_that_cannot_be_are_refused(adain, content):
    with pytest.raises(ImageError, match="content"):
        adain(content[:8, :8], content)
    with pytest.raises(ImageError, match="style"):
        adain(content, content[..., 0, None, None])
    with pytest.raises(TransferError, match="at least one style"):
        adain(content, [])


def test_a_style_of_one_color_gives_its_color_everywhere(adain, wct, content):
    for transfer in (adain, wct):
        image = transfer(content, np.full((32, 32, 3), 0.5, "float32"))
        np.testing.assert_allclose(image, 0.5, atol=0.03)


def test_masks_that_overlap_share_and_gaps_are_filled_by_the_content():
    over = style_masks(2, [np.ones((4, 4)), np.ones((4, 4))], (4, 4))
    np.testing.assert_allclose(over[0], 0.5)
    gap = style_masks(1, [np.full((4, 4), 0.25)], (4, 4))
    np.testing.assert_allclose(gap[0], 0.25)
