import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from keras import ops
from skimage.color import rgb2lab

from course_lib import collection
from course_lib.autoencoder import Autoencoder
from course_lib.errors import ArgumentError, ModelError, TransferError
from course_lib.features import FeatureExtractor
from course_lib.images import ImageError, resize
from course_lib.losses import content_loss, style_loss, total_variation_loss
from course_lib.transfer import ImageOptimizer, optimize_image
from course_lib.transfer.colors import match_colors, with_colors_of
from course_lib.transfer.descent import enlarged_state, first_state, plan_scales, step

# One small network, few layers and few sizes, so that programs are compiled once and shared.
SMALL = {
    "extractor": "random",
    "content_layers": ("relu2_1",),
    "style_layers": ("relu1_1", "relu2_1"),
    "every": 3,
    "margin": 0,
}


def photograph(height=24, width=20):
    y, x = np.mgrid[:height, :width].astype("float32")
    return np.stack([x / width, y / height, 0.5 + 0.5 * np.sin(x / 3)], axis=-1)


def stripes(height=17, width=31, colors=((0.9, 0.7, 0.1), (0.1, 0.2, 0.6))):
    y, x = np.mgrid[:height, :width]
    return np.array(colors, "float32")[(x + y) // 2 % 2]


def optimized(content=None, style=None, steps=6, **settings):
    content = photograph() if content is None else content
    style = stripes() if style is None else style
    return optimize_image(content, style, steps=steps, **SMALL | settings)


def losses_of(image, content, style):
    extractor = FeatureExtractor("random", taps=("relu1_1", "relu2_1"))
    of_image, of_content, of_style = (extractor(x[None]) for x in (image, content, style))
    kinds = ("gram", "statistics")
    return {
        "content": float(content_loss({"relu2_1": of_content["relu2_1"]}, of_image)),
        "style": sum(float(style_loss(of_style, of_image, kind=kind)) / 2 for kind in kinds),
        "variation": float(total_variation_loss(image[None])),
    }


def difference(a, b):
    return float(np.abs(a - b).max())


# ---- what it gives -----------------------------------------------------------------------------


def test_the_result_is_an_image_of_the_content_s_size_with_less_style_loss():
    content, style = photograph(), stripes()
    image = optimized(content, style, steps=30)
    assert image.shape == content.shape and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1
    before, after = losses_of(content, content, style), losses_of(image, content, style)
    assert after["style"] < 0.5 * before["style"]
    assert 0 < after["content"] < 1


def test_the_images_given_are_not_changed():
    content, style = photograph(), stripes()
    kept = content.copy(), style.copy()
    optimized(content, style, start=content)
    np.testing.assert_array_equal(content, kept[0])
    np.testing.assert_array_equal(style, kept[1])


def test_bytes_are_taken_as_images_too():
    content = np.round(255 * photograph()).astype("uint8")
    expected = optimized(content.astype("float32") / 255)
    assert difference(optimized(content), expected) < 1e-6


def test_the_same_seed_gives_the_same_image_and_another_another():
    one, again, other = (optimized(start="noise", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert difference(one, other) > 0.05


def test_the_losses_reported_are_those_of_the_image_shown():
    # The style image is brought to the size of the content; this one has it already.
    content, style, seen = photograph(), stripes(24, 15), []
    optimized(content, style, watch=lambda one: seen.append((one.step, one.image, one.losses)))
    for _, image, losses in seen:
        expected = losses_of(image, content, style)
        assert {name: losses[name] for name in expected} == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(
    ("start", "expected"), [("content", photograph()), (None, stripes(24, 20))]
)
def test_it_starts_from_the_content_or_from_an_image_that_is_given(start, expected):
    seen = []
    optimized(
        start=expected if start is None else start,
        watch=lambda one: seen.append((one.step, one.image, one.losses)),
    )
    assert seen[0][0] == 0
    np.testing.assert_allclose(seen[0][1], expected, atol=1e-6)


def first_image(**settings):
    seen = []
    optimized(watch=lambda one: seen.append(one.image) or True, **settings)
    return seen[0]


def test_the_margin_is_mirrored_and_cut_off_again():
    content = photograph(24, 20)
    for margin in (0, 5):
        seen = first_image(start="content", margin=margin)
        np.testing.assert_allclose(seen, content, atol=1e-6)
    optimizer = ImageOptimizer(content, stripes(), start="content", **SMALL | {"margin": 5})
    canvas = ops.convert_to_numpy(optimizer.state["pixels"])[0]
    np.testing.assert_allclose(canvas, np.pad(content, [(5, 5), (5, 5), (0, 0)], mode="reflect"))
    with pytest.raises(TransferError, match="margin=20: a whole number of pixels"):
        ImageOptimizer(content, stripes(), **SMALL | {"margin": 20})


def test_the_border_is_painted_as_the_middle_is():
    """Where a network sees the image mirrored, colors gather; the margin takes them along."""
    content, style = (
        collection.photograph("chelsea", size=96),
        collection.style_image("palette_knife"),
    )
    border = np.ones(content.shape[:2], bool)
    border[4:-4, 4:-4] = False

    def apart(**settings):
        """How far the border is from the content, relative to the rest."""
        made = optimize_image(content, style, steps=60, scales=1, **settings)
        moved = np.abs(made - content).mean(axis=-1)
        return moved[border].mean() / moved[~border].mean()

    assert apart() < 1.05 < 1.1 < apart(margin=0)


def test_by_default_it_starts_from_the_content_in_the_colors_of_the_styles():
    content, (red, blue) = photograph(), red_and_blue()
    matched_red, matched_blue = match_colors(content, red), match_colors(content, blue)
    in_red, in_blue = (with_colors_of(content, one) for one in (matched_red, matched_blue))
    assert difference(first_image(style=red), in_red) < 1e-6
    left = np.zeros((24, 20), "float32")
    left[:, :10] = 1
    found = first_image(style=[red, blue], masks=[left, 1 - left])
    assert difference(found[:, :10], in_red[:, :10]) < 1e-6
    assert difference(found[:, 10:], in_blue[:, 10:]) < 1e-6
    mixed = with_colors_of(content, 0.25 * matched_red + 0.75 * matched_blue)
    assert difference(first_image(style=[red, blue], weights=[1, 3]), mixed) < 1e-6


def test_noise_becomes_the_texture_of_the_style():
    seen = []
    optimized(steps=60, start="noise", content_weight=0, watch=lambda one: seen.append(one.losses))
    assert seen[-1]["style"] < 0.1 * seen[0]["style"]


def test_content_alone_is_inverted_without_a_style():
    content = photograph()
    image = optimize_image(
        content, None, steps=60, **SMALL, start="noise", style_weight=0, variation_weight=0
    )
    noise = optimize_image(
        content, None, steps=1, **SMALL, start="noise", style_weight=0, progress=lambda share: True
    )
    assert np.mean((image - content) ** 2) < 0.5 * np.mean((noise - content) ** 2)


@pytest.mark.parametrize("kind", ["gram", "statistics", "covariance", "wasserstein"])
def test_every_kind_of_style_can_be_optimized(kind):
    seen = []
    optimized(style_kinds=kind, watch=lambda one: seen.append(one.losses["style"]))
    assert np.isfinite(seen).all() and seen[-1] < seen[0]


def test_an_autoencoder_of_one_s_own():
    seen = []
    optimize_image(
        photograph(),
        stripes(),
        steps=2,
        extractor=Autoencoder(channels=(4, 5)),
        content_layers=("relu2_1",),
        every=1,
        watch=lambda one: seen.append(one.losses["total"]),
    )
    assert seen[2] < seen[1] < seen[0]


# ---- steps, scales, stopping -------------------------------------------------------------------


def test_who_watches_sees_the_start_and_every_chunk_until_the_last_step():
    seen = []
    optimized(steps=7, watch=lambda one: seen.append(one.step))
    assert seen == [0, 3, 6, 7]


@pytest.mark.parametrize("stop_at", [0, 3])
def test_it_stops_when_who_watches_says_so_with_the_best_image_so_far(stop_at):
    seen = []

    def watch(optimizer):
        seen.append((optimizer.image, optimizer.losses["total"]))
        return optimizer.step == stop_at

    image = optimized(steps=30, watch=watch)
    assert len(seen) == 1 + stop_at // 3
    best = min(seen, key=lambda shown: shown[1])[0]
    np.testing.assert_array_equal(image, best)


def test_it_stops_when_it_is_asked_to():
    answers = iter([False, False, True])
    seen = []
    optimized(
        steps=30, watch=lambda one: seen.append(one.step), progress=lambda share: next(answers)
    )
    assert seen == [0, 3, 6]


def test_every_single_step_can_be_seen():
    seen = []
    optimized(steps=4, every=1, watch=lambda one: seen.append(one.step))
    assert seen == [0, 1, 2, 3, 4]


def test_chunks_do_not_change_the_result():
    assert difference(optimized(steps=5, every=1), optimized(steps=5, every=3)) < 1e-4


def test_scales_go_from_coarse_to_fine_and_are_shown_at_the_size_of_the_content():
    seen = []
    image = optimized(
        steps=8, scales=2, watch=lambda one: seen.append((one.step, one.image, one.losses))
    )
    assert [shown[0] for shown in seen] == [0, 3, 6, 8]
    assert {shown[1].shape for shown in seen} == {(24, 20, 3)} == {image.shape}


def test_the_state_of_adam_is_carried_to_the_next_scale():
    optimizer = ImageOptimizer(photograph(), stripes(), steps=8, scales=2, **SMALL)
    while optimizer.step < 6:
        optimizer.advance()
    coarse = optimizer.state
    optimizer.advance()
    assert float(optimizer.state["count"]) == 8
    assert ops.shape(coarse["pixels"])[1:3] == (12, 10)
    assert ops.shape(optimizer.state["mean"])[1:3] == (24, 20)
    # The step is as long as before: had Adam begun anew, its first step would be a whole rate long.
    assert float(ops.max(optimizer.state["square"])) > 0


def test_fine_detail_of_the_start_survives_the_coarse_scales():
    start = np.random.default_rng(0).uniform(0.3, 0.6, (24, 20, 3)).astype("float32")
    coarse = first_state(ops.convert_to_tensor(resize(start, (12, 10))[None]))
    brighter = coarse | {"best_pixels": coarse["pixels"] + 0.2}
    carried, enlarged = (
        ops.convert_to_numpy(enlarged_state(brighter, (24, 20), start=given)["pixels"])[0]
        for given in (start, None)
    )
    np.testing.assert_allclose(carried, start + 0.2, atol=1e-5)
    assert difference(enlarged, start + 0.2) > 0.1


@pytest.mark.parametrize(
    ("size", "steps", "scales", "expected"),
    [
        ((255, 300), 200, None, [((255, 300), 200)]),
        ((256, 256), 200, None, [((128, 128), 150), ((256, 256), 50)]),
        ((400, 500), 100, None, [((200, 250), 75), ((400, 500), 25)]),
        ((1024, 800), 9, None, [((256, 200), 4), ((512, 400), 2), ((1024, 800), 3)]),
        ((41, 60), 6, 2, [((20, 30), 4), ((41, 60), 2)]),
        ((256, 256), 1, 3, [((256, 256), 1)]),
        ((20, 20), 5, None, [((20, 20), 5)]),
    ],
)
def test_the_plan_of_the_scales(size, steps, scales, expected):
    assert plan_scales(size, steps, scales, smallest=16) == expected


def test_the_weights_can_be_turned_while_it_runs():
    optimizer = ImageOptimizer(photograph(), stripes(), steps=30, **SMALL)
    for _ in range(3):
        before = optimizer.advance()
    assert before["style"] < before["content"] * 100
    optimizer.reweight(style_weight=0.0, content_weight=50.0)
    while not optimizer.done:
        after = optimizer.advance()
    assert after["content"] < before["content"] and after["style"] > before["style"]
    assert after["total"] == pytest.approx(
        50 * after["content"] + 0.2 * after["variation"], rel=1e-3
    )
    # The best is the best under the weights as they are now, which is the last one here.
    np.testing.assert_array_equal(optimizer.best, optimizer.image)
    assert optimizer.advance() == after


# ---- several styles, masks, size, colors -------------------------------------------------------


def red_and_blue():
    return [stripes(colors=((1, 0, 0), (0.7, 0, 0))), stripes(colors=((0, 0, 1), (0, 0, 0.7)))]


def redness(image):
    return float((image[..., 0] - image[..., 2]).mean())


GRAY = np.repeat(photograph().mean(-1, keepdims=True), 3, axis=-1)


def test_weights_decide_between_styles():
    red, both, blue = (
        redness(optimized(GRAY, red_and_blue(), steps=60, content_weight=0, weights=weights))
        for weights in ([3, 0], [1, 1], [0, 1])
    )
    assert red > both + 0.1 > blue + 0.2


def test_each_style_keeps_to_its_mask():
    left = np.zeros((24, 20), "float32")
    left[:, :10] = 1
    masks = [left, 1 - left]
    image = optimized(GRAY, red_and_blue(), steps=60, content_weight=0, masks=masks)
    assert redness(image[:, :8]) > redness(image[:, 12:]) + 0.15


def test_where_there_is_no_mask_the_photograph_stays():
    content, mask = photograph(), np.zeros((24, 20), "float32")
    mask[:, 10:] = 0.5
    mask[:, 15:] = 1
    changed = np.abs(optimized(content, steps=9, masks=[mask]) - content).max((0, 2))
    assert changed[:10].max() < 1e-6
    assert changed[15:].max() > 0.05
    black = optimized(content, steps=3, start=np.zeros_like(content), masks=[mask])
    np.testing.assert_allclose(black[:, :10], content[:, :10], atol=1e-6)


def test_the_style_is_measured_at_the_size_asked_for():
    style = stripes(24, 24)
    small, made_small_before, large = (
        optimized(style=image, steps=9, start="content", style_scale=scale)
        for image, scale in ((style, 0.75), (resize(style, (18, 18)), 0.75), (style, 2))
    )
    assert difference(small, made_small_before) < 1e-4
    assert difference(small, large) > 0.05


def test_colors_are_kept():
    content, style = photograph(), stripes(colors=((0, 1, 0), (0, 0.3, 0)))
    plain, luminance, covariance = (
        optimized(content, style, steps=24, keep_colors=keep)
        for keep in (None, "luminance", "covariance")
    )

    def color(image):
        return rgb2lab(image)[..., 1:]

    # What is out of the range of RGB is clipped, hence the median.
    assert np.median(np.abs(color(luminance) - color(content))) < 1
    assert np.median(np.abs(color(plain) - color(content))) > 10
    assert difference(luminance, content) > 0.1
    far, near = (np.abs((x - content).mean((0, 1))).max() for x in (plain, covariance))
    assert near < 0.5 * far and difference(covariance, content) > 0.1


# ---- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"steps": 0}, TransferError, "steps=0: a whole number of 1 or more"),
        ({"steps": 2.5}, TransferError, "steps=2.5"),
        ({"steps": float("nan")}, TransferError, "steps=nan"),
        ({"every": 0}, TransferError, "every=0"),
        ({"scales": -1}, TransferError, "scales=-1"),
        (
            {"scales": 5},
            TransferError,
            "scales=5: at scale 4 the content of 24 x 20 would be 3 x 2",
        ),
        ({"style": []}, TransferError, "there is no style at all"),
        ({"style": [None]}, TransferError, "there is no style at all"),
        ({"style_weight": -1}, ArgumentError, "style_weight is -1"),
        ({"content_weight": float("inf")}, ArgumentError, "content_weight is inf"),
        ({"variation_weight": float("nan")}, ArgumentError, "variation_weight is nan"),
        (
            {"style_weight": 0, "content_weight": 0, "variation_weight": 0},
            ArgumentError,
            "all weights are 0",
        ),
        (
            {"content_layers": ("relu9_1",)},
            ModelError,
            "'relu9_1' is not known.*relu1_1, relu2_1",
        ),
        ({"style_layers": ("conv",)}, ModelError, "'conv' is not known.*relu1_1, relu2_1"),
        ({"style_layers": {"relu1_1": -2.0}}, ArgumentError, "the weight of relu1_1 is -2"),
        ({"style_kinds": "histogram"}, ValueError, "'histogram' is not known.*'gram'"),
        ({"style_kinds": {"gram": 0.0}}, ArgumentError, "none of gram has a weight above 0"),
        ({"content_kind": "cubed"}, ValueError, "'cubed' is not known"),
        ({"extractor": "resnet"}, ModelError, "'resnet' is not known.*course, random, vgg19"),
        ({"weights": [1, 2]}, TransferError, "1 style"),
        ({"weights": [-1]}, TransferError, "one number of 0 or more"),
        ({"masks": [np.ones((24, 21))]}, TransferError, r"\(24, 21\) does not fit"),
        ({"masks": [2 * np.ones((24, 20))]}, TransferError, "outside"),
        ({"style_scale": 0}, TransferError, "style_scale=0"),
        ({"learning_rate": -0.1}, TransferError, "learning_rate=-0.1"),
        ({"start": "style"}, ValueError, "start='style' is not known. Choose one of: 'recolored'"),
        ({"start": np.zeros((24, 20))}, ImageError, "start"),
        ({"keep_colors": "all"}, ValueError, "keep_colors='all' is not known"),
        ({"content": np.full((24, 20, 3), np.nan, "float32")}, ImageError, "content.*NaN"),
        ({"style": np.full((24, 20, 3), np.nan, "float32")}, ImageError, "style.*NaN"),
        ({"content": np.zeros((24, 3, 3), "float32")}, ImageError, "content.*4"),
        ({"style": np.zeros((24, 3, 3), "float32")}, ImageError, "style.*4"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_said(settings, error, message):
    with pytest.raises(error, match=message):
        optimized(**settings)


class Sensitive:
    """Its features are no numbers where the image is darker than some gray."""

    taps = ("gray",)

    def __init__(self, darkest):
        self.darkest = darkest

    def __call__(self, images):
        gray = ops.mean(images, axis=-1, keepdims=True)
        return {"gray": gray + 0.0 * ops.log(gray - self.darkest)}


def test_a_loss_that_is_no_number_stops_it_with_the_best_image_until_then():
    content, style = np.full((24, 20, 3), 0.5, "float32"), np.full((9, 9, 3), 0.1, "float32")
    extractor = FeatureExtractor(Sensitive(0.4))
    style = np.maximum(style, 0.41)
    seen = []
    with pytest.warns(UserWarning, match=r"no number after step \d+.*smaller learning_rate"):
        image = optimize_image(
            content,
            style,
            steps=60,
            extractor=extractor,
            content_layers=("gray",),
            learning_rate=0.06,
            every=1,
            watch=lambda one: seen.append(one.step),
        )
    assert np.isfinite(image).all() and image.mean() < 0.5
    assert seen[-1] < 60


def test_a_start_that_gives_no_number_is_refused():
    dark = np.full((24, 20, 3), 0.2, "float32")
    with pytest.raises(TransferError, match="image to start from is no number"):
        optimize_image(
            dark,
            dark,
            steps=5,
            extractor=FeatureExtractor(Sensitive(0.4)),
            content_layers=("gray",),
        )


def test_nothing_is_warned_about_when_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimized()


# ---- Adam, by hand -----------------------------------------------------------------------------


class Squares:
    """Stands in for an objective: the squared distance of the pixels from 0.25."""

    def parts(self, pixels, targets):
        distance = ops.sum(ops.square(pixels - 0.25))
        return {"content": distance, "style": 0.0 * distance, "variation": 0.0 * distance}


def test_a_step_is_adam_s():
    start = np.random.default_rng(0).random((1, 2, 2, 3), dtype="float32")
    state, controls = (
        first_state(ops.convert_to_tensor(start)),
        dict.fromkeys(("content", "style", "variation"), 1.0),
    )
    pixels, mean, square = start.astype("float64"), 0.0, 0.0
    for k in range(5):
        move = ops.convert_to_tensor(k > 0)
        state = step(Squares(), state, 0.05, move, controls, {})
        if k:
            gradient = 2 * (pixels - 0.25)
            mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
            corrected = (mean / (1 - 0.9**k)) / np.sqrt(square / (1 - 0.99**k))
            pixels = np.clip(pixels - 0.05 * corrected, 0, 1)
        np.testing.assert_allclose(ops.convert_to_numpy(state["pixels"]), pixels, atol=1e-5)
        assert float(state["total"]) == pytest.approx(((pixels - 0.25) ** 2).sum(), rel=1e-4)


# ---- TensorFlow, JAX and PyTorch ---------------------------------------------------------------

BACKENDS = ("tensorflow", "jax", "torch")


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """What each backend that is installed computes, in a process of its own."""
    folder, sample = (
        tmp_path_factory.mktemp("backends"),
        Path(__file__).parent / "optimize_sample.py",
    )
    runs = {
        backend: subprocess.Popen(
            [sys.executable, str(sample), str(folder / f"{backend}.npz")],
            env=os.environ | {"KERAS_BACKEND": backend},
            stderr=subprocess.PIPE,
            text=True,
        )
        for backend in BACKENDS
        if importlib.util.find_spec(backend)
    }
    said = {backend: run.communicate(timeout=600)[1] for backend, run in runs.items()}
    failed = {backend: said[backend][-3000:] for backend, run in runs.items() if run.returncode}
    assert not failed, failed
    return {backend: dict(np.load(folder / f"{backend}.npz")) for backend in runs}


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_optimizes_and_repeats_itself(samples, backend):
    if backend not in samples:
        pytest.skip(f"{backend} is not installed")
    numbers = samples[backend]
    np.testing.assert_array_equal(numbers["image"], numbers["again"])
    half = len(numbers["totals"]) // 2
    at_full_size = numbers["totals"][half // 2 + 1 : half]
    assert at_full_size[-1] < 0.95 * at_full_size[0]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_the_backends_agree_on_every_loss_and_on_the_image(samples, backend):
    for needed in (backend, BACKENDS[0]):
        if needed not in samples:
            pytest.skip(f"{needed} is not installed")
    numbers, expected = samples[backend], samples[BACKENDS[0]]
    assert set(numbers) == set(expected) and len(numbers) > 12
    for name in set(expected) - {"totals", "image", "again"}:
        np.testing.assert_allclose(numbers[name], expected[name], rtol=2e-3, err_msg=name)
    # Adam goes by the sign of the gradient at first, which rounding can turn where it is near zero.
    assert np.mean(np.abs(numbers["image"] - expected["image"])) < 0.005


def neighbors_alike(image):
    """Correlation of each pixel with its right neighbor, the mean over the channels."""
    pairs = [(image[:, :-1, c].ravel(), image[:, 1:, c].ravel()) for c in range(3)]
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs]))


def test_a_texture_has_the_styles_strokes_and_not_the_noise_it_began_with():
    style = collection.style_image("woodcut", size=128)[:64, :64]
    options = {
        "steps": 60,
        "content_layers": (),
        "content_weight": 0,
        "variation_weight": 0,
        "style_kinds": "gram",
    }
    grown = optimize_image(np.zeros_like(style), style, start="noise", scales=2, **options)
    loud = np.random.default_rng(0).uniform(0.25, 0.75, style.shape).astype("float32")
    from_loud = optimize_image(np.zeros_like(style), style, start=loud, scales=1, **options)
    wanted = neighbors_alike(style)
    assert neighbors_alike(grown) > wanted - 0.15
    assert neighbors_alike(from_loud) < wanted - 0.25
    assert np.all(grown.std((0, 1)) > 0.5 * style.std((0, 1)))


def test_noise_is_faint_and_around_the_styles_color():
    red, blue = (np.full((32, 32, 3), color, "float32") for color in ((1, 0, 0), (0, 0, 1)))
    start = ImageOptimizer(GRAY, [red, blue], start="noise", weights=[3, 1], steps=1, scales=1)
    assert start.image.mean((0, 1)) == pytest.approx([0.75, 0, 0.25], abs=0.02)
    assert 0 < start.image.std() < 0.4
    assert start.image[..., 0].std() == pytest.approx(0.02, rel=0.2)
    alone = ImageOptimizer(
        GRAY, None, start="noise", style_weight=0, variation_weight=0, steps=1, scales=1
    )
    assert alone.image.mean() == pytest.approx(0.5, abs=0.02)
    assert alone.image.std() == pytest.approx(0.5 / 12**0.5, rel=0.1)
