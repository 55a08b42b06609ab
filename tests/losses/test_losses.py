import keras
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from course_lib import metrics
from course_lib.autoencoder import Autoencoder
from course_lib.backend import value_and_gradient
from course_lib.errors import ArgumentError, ModelError
from course_lib.features import random_encoder
from course_lib.losses import (
    STYLES,
    ContentPreservingStyleTransfer,
    StyleTransfer,
    content_loss,
    describe_style,
    describe_styles,
    described_style_loss,
    gram_matrix,
    proportions,
    reconstruction_loss,
    squared_bures,
    style_distance,
    style_loss,
    symmetric_product,
    total_variation_loss,
)
from course_lib.training import Stage


def random_maps(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype="float32")


def array(tensor):
    return ops.convert_to_numpy(tensor)


def gradient_of(function, at):
    """The gradient of a function of one tensor, by the backend's automatic differentiation."""
    value, _, gradient = value_and_gradient(lambda x: (function(x), {}), ops.convert_to_tensor(at))
    return float(value), array(gradient)


def agrees_with_finite_differences(function, at, seed=0, reach=1e-2):
    """Whether the gradient is the one that small steps to both sides show, in three directions."""
    _, gradient = gradient_of(function, at)
    generator = np.random.default_rng(seed)
    for _ in range(3):
        direction = generator.normal(size=at.shape).astype("float32")
        above, below = (float(function(at + sign * reach * direction)) for sign in (1, -1))
        measured, claimed = (above - below) / (2 * reach), float(np.sum(gradient * direction))
        assert claimed == pytest.approx(
            measured, rel=0.03, abs=1e-3 * float(np.abs(gradient).sum())
        )


# ---- reconstruction ----------------------------------------------------------------------------


def test_the_reconstruction_losses_have_the_values_of_their_formulas():
    a, b = random_maps(2, 9, 8, 3), random_maps(2, 9, 8, 3, seed=1)
    assert float(reconstruction_loss(a, b)) == pytest.approx(np.sum((a - b) ** 2) / 4, rel=1e-5)
    absolute = float(reconstruction_loss(a, b, kind="absolute"))
    assert absolute == pytest.approx(np.abs(a - b).sum() / 2, rel=1e-5)
    similarity = float(reconstruction_loss(a, b, kind="ssim"))
    assert similarity == pytest.approx(1 - metrics.ssim(a, b), abs=1e-4)


@pytest.mark.parametrize("kind", ["squared", "ssim"])
def test_the_gradient_of_a_reconstruction_loss(kind):
    a, b = random_maps(1, 9, 8, 3), random_maps(1, 9, 8, 3, seed=1)
    agrees_with_finite_differences(lambda x: reconstruction_loss(a, x, kind=kind), b)


# ---- total variation ---------------------------------------------------------------------------


def test_total_variation_of_images_one_can_work_out():
    plain, ramp = np.full((1, 6, 7, 3), 0.4, "float32"), np.zeros((1, 6, 7, 3), "float32")
    ramp += 0.1 * np.arange(7, dtype="float32")[:, None]
    assert float(total_variation_loss(plain)) == 0.0
    assert float(total_variation_loss(ramp)) == pytest.approx(0.01, rel=1e-4)
    checkers = np.indices((6, 7)).sum(0)[None, ..., None] % 2
    assert float(total_variation_loss(checkers.astype("float32"))) == pytest.approx(2.0)


def test_total_variation_does_not_grow_with_the_image():
    tile = random_maps(1, 8, 8, 3)
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[:, :, ::-1]], axis=2)
    large = np.tile(tile, (1, 4, 4, 1))
    assert float(total_variation_loss(large)) == pytest.approx(
        float(total_variation_loss(tile)), rel=0.1
    )


def test_the_gradient_of_the_total_variation():
    agrees_with_finite_differences(total_variation_loss, random_maps(1, 5, 6, 3))


# ---- Gram matrices -----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [7, 600])
@pytest.mark.parametrize("batch", [1, 3])
def test_the_gradient_of_a_symmetric_product_is_that_of_the_plain_product(batch, rows):
    """Also of one with so many rows that it is cut into slabs."""
    maps, pull = random_maps(batch, rows, 4), random_maps(batch, 4, 4, seed=1)
    mask = random_maps(batch, rows, 1, seed=2)

    def pulled(product):
        return lambda x: ops.sum(pull * product(mask * x, x))

    def plain(first, second):
        return ops.matmul(ops.transpose(first, (0, 2, 1)), second)

    (value, gradient), (expected, wanted) = (
        gradient_of(pulled(product), maps) for product in (symmetric_product, plain)
    )
    assert value == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-4, atol=1e-5)


def test_statistics_of_features_far_from_zero_that_hardly_vary():
    maps = 5.0 + 0.1 * random_maps(1, 40, 40, 3)
    mean, std = (array(one).ravel() for one in describe_style(maps, kind="statistics"))
    np.testing.assert_allclose(mean, maps.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(std, maps.std((0, 1, 2)), rtol=0.02)
    _, none = describe_style(np.full((1, 40, 40, 3), 5.0, "float32"), kind="statistics")
    assert np.isfinite(array(none)).all() and array(none).max() < 0.01


def gram_by_hand(features):
    batch, height, width, channels = features.shape
    matrix = np.zeros((batch, channels, channels))
    for b, y, x in np.ndindex(batch, height, width):
        for c in range(channels):
            for d in range(channels):
                matrix[b, c, d] += features[b, y, x, c] * features[b, y, x, d] / (height * width)
    return matrix


def test_a_gram_matrix_is_what_a_loop_over_all_positions_gives():
    features = random_maps(2, 3, 5, 4) - 0.3
    np.testing.assert_allclose(array(gram_matrix(features)), gram_by_hand(features), rtol=1e-4)


@settings(max_examples=20)
@given(st.tuples(*[st.integers(1, 9)] * 3), st.integers(0, 1000), st.sampled_from([1e-3, 1.0, 1e3]))
def test_a_gram_matrix_is_symmetric_and_positive_semi_definite(shape, seed, scale):
    maps = scale * np.random.default_rng(seed).normal(size=(1, *shape)).astype("float32")
    matrix = array(gram_matrix(maps))[0]
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-5, atol=1e-6 * scale**2)
    assert np.linalg.eigvalsh(matrix.astype("float64")).min() > -1e-5 * np.trace(matrix)


@pytest.mark.parametrize("kind", STYLES)
def test_a_style_knows_nothing_of_positions_nor_of_the_image_s_size(kind):
    features = random_maps(1, 6, 4, 5)
    shuffled = np.random.default_rng(1).permutation(features.reshape(-1, 5)).reshape(features.shape)
    larger = np.tile(features, (1, 3, 2, 1))
    expected = describe_style(features, kind=kind)
    for changed in (shuffled, larger):
        for one, other in zip(describe_style(changed, kind=kind), expected, strict=True):
            np.testing.assert_allclose(array(one), array(other), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", STYLES)
def test_a_mask_picks_the_positions_that_count(kind):
    features = random_maps(2, 6, 8, 3)
    mask = np.zeros((1, 6, 8, 1), "float32")
    mask[:, :, 3:] = 0.5
    masked = describe_style(features, kind=kind, mask=mask)
    cut_out = describe_style(features[:, :, 3:], kind=kind)
    everywhere = describe_style(features, kind=kind, mask=np.ones_like(mask))
    plain = describe_style(features, kind=kind)
    for a, b in (*zip(masked, cut_out, strict=True), *zip(everywhere, plain, strict=True)):
        np.testing.assert_allclose(array(a), array(b), rtol=1e-4, atol=1e-6)


def test_an_empty_mask_gives_numbers_all_the_same():
    described = describe_style(
        random_maps(1, 4, 4, 3), kind="gram", mask=np.zeros((1, 4, 4, 1), "float32")
    )
    assert np.all(array(described[0]) == 0)


def test_an_unknown_kind_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match=r"'histogram' is not known.*'gram', 'statistics'"):
        describe_style(random_maps(1, 4, 4, 3), kind="histogram")


# ---- style -------------------------------------------------------------------------------------


def two_styles(channels=(3, 5)):
    """Features of two images of different sizes at two taps."""
    taps = [f"relu{level}_1" for level in range(1, 1 + len(channels))]
    found = {tap: random_maps(2, 6, 5, c, seed=c) for tap, c in zip(taps, channels, strict=True)}
    wanted = {
        tap: 2 * random_maps(2, 4, 9, c, seed=c + 50) ** 2
        for tap, c in zip(taps, channels, strict=True)
    }
    return found, wanted


@pytest.mark.parametrize("kind", STYLES)
def test_a_style_loss_is_zero_for_the_same_style_and_not_otherwise(kind):
    found, wanted = two_styles()
    assert float(style_loss(found, found, kind=kind)) == pytest.approx(0, abs=1e-4)
    assert float(style_loss(wanted, found, kind=kind)) > 0.01


@pytest.mark.parametrize("kind", STYLES)
def test_a_style_loss_is_relative_to_what_is_wanted(kind):
    found, wanted = two_styles()
    expected = float(style_loss(wanted, found, kind=kind))
    larger = [{tap: 100 * maps for tap, maps in features.items()} for features in (wanted, found)]
    assert float(style_loss(*larger, kind=kind)) == pytest.approx(expected, rel=1e-3)
    nothing = {tap: np.zeros_like(maps) for tap, maps in found.items()}
    assert float(style_loss(wanted, nothing, kind=kind)) == pytest.approx(1.0, abs=0.03)


def test_style_losses_have_the_values_of_their_formulas():
    found, wanted = two_styles(channels=(4,))
    a, b = found["relu1_1"], wanted["relu1_1"]
    grams = [gram_by_hand(maps) for maps in (a, b)]
    relative = ((grams[0] - grams[1]) ** 2).sum((1, 2)) / (grams[1] ** 2).sum((1, 2))
    assert float(style_loss(wanted, found)) == pytest.approx(relative.mean(), rel=1e-4)
    pairs = [(maps.mean((1, 2)), np.sqrt(maps.var((1, 2)) + 1e-5)) for maps in (a, b)]
    relative = sum(((x - y) ** 2).sum(-1) / (y**2).sum(-1) / 2 for x, y in zip(*pairs, strict=True))
    measured = float(style_loss(wanted, found, kind="statistics"))
    assert measured == pytest.approx(relative.mean(), rel=1e-4)


def test_the_wasserstein_distance_agrees_with_scipy():
    generator = np.random.default_rng(0)
    factors = generator.normal(size=(2, 3, 6, 6)) * np.geomspace(1, 0.03, 6)
    matrices, wanted = np.einsum("kbij,kblj->kbil", factors, factors)
    expected = []
    for c, d in zip(matrices, wanted, strict=True):
        root = scipy.linalg.sqrtm(d)
        overlap = np.trace(scipy.linalg.sqrtm(root @ c @ root)).real
        expected.append(np.trace(c) + np.trace(d) - 2 * overlap)
    measured = squared_bures(
        *(ops.convert_to_tensor(m.astype("float32")) for m in (matrices, wanted))
    )
    np.testing.assert_allclose(array(measured), expected, rtol=0.02)


def test_the_wasserstein_distance_of_shifted_and_stretched_normal_distributions():
    mean, std = np.array([[1.0, 2.0, 3.0]], "float32"), np.array([1.0, 0.5, 2.0], "float32")
    found = (mean, np.diag(std**2)[None])
    wanted = (mean + 1, np.diag((std + 0.25) ** 2)[None])
    scale = np.sum((mean + 1) ** 2) + np.sum((std + 0.25) ** 2)
    expected = (3 * 1.0 + 3 * 0.25**2) / scale
    assert float(style_distance(wanted, found, kind="wasserstein")) == pytest.approx(
        expected, rel=1e-3
    )


@pytest.mark.parametrize("kind", STYLES)
def test_the_gradient_of_a_style_loss(kind):
    found, wanted = two_styles(channels=(3,))
    agrees_with_finite_differences(
        lambda x: style_loss(wanted, {"relu1_1": x}, kind=kind), found["relu1_1"]
    )


@pytest.mark.parametrize("kind", STYLES)
@pytest.mark.parametrize("case", ["silent", "few positions", "equal"])
def test_the_gradient_of_a_style_loss_is_finite_where_roots_have_none(kind, case):
    wanted = random_maps(1, 4, 4, 6, seed=1)
    found = {"silent": np.zeros_like(wanted), "few positions": wanted[:, :1, :2], "equal": wanted}
    target = {"tap": wanted if case != "silent" else wanted * (np.arange(6) > 1)}
    value, gradient = gradient_of(lambda x: style_loss(target, {"tap": x}, kind=kind), found[case])
    assert np.isfinite(value) and np.all(np.isfinite(gradient))


def test_a_style_described_before_is_the_same_style():
    found, wanted = two_styles()
    kinds = {"covariance": 0.25, "gram": 0.5, "statistics": 2.0}
    described = {tap: describe_styles(maps, tuple(kinds)) for tap, maps in wanted.items()}
    again = described_style_loss(found, described, kinds, weights={"relu2_1": 1.0})
    direct = sum(
        weight
        * float(style_loss(wanted, found, kind=kind, weights={"relu2_1": 5.0, "relu1_1": 0.0}))
        for kind, weight in kinds.items()
    )
    assert float(again) == pytest.approx(direct, rel=1e-6)


def test_layers_count_by_their_share():
    found, wanted = two_styles()
    one, two = (float(style_loss(wanted, found, weights={tap: 1.0})) for tap in found)
    mixed = float(style_loss(wanted, found, weights={"relu1_1": 3.0, "relu2_1": 1.0}))
    assert mixed == pytest.approx((3 * one + two) / 4, rel=1e-5)
    assert float(style_loss(wanted, found)) == pytest.approx((one + two) / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"relu1_1": -1.0}, "the weight of relu1_1 is -1.0: a number of 0 or more"),
        ({"relu1_1": float("nan")}, "the weight of relu1_1 is nan"),
        ({"relu7_1": 1.0}, "'relu7_1'. There are: relu1_1, relu2_1"),
        ({"relu1_1": 0.0}, "none of relu1_1, relu2_1 has a weight above 0"),
        ({}, "none of relu1_1, relu2_1 has a weight above 0"),
    ],
)
def test_weights_that_cannot_be_are_named(weights, message):
    found, wanted = two_styles()
    for loss in (style_loss, content_loss):
        with pytest.raises(ArgumentError, match=message):
            loss(wanted, found, weights=weights)
    with pytest.raises(ArgumentError, match=message):
        proportions(found, weights=weights)


@pytest.mark.parametrize("loss", [style_loss, content_loss])
def test_a_missing_tap_is_named(loss):
    found, wanted = two_styles()
    del found["relu2_1"]
    with pytest.raises(ArgumentError, match=r"no tap 'relu2_1'. There are: relu1_1"):
        loss(wanted, found, weights={"relu2_1": 1.0})


# ---- content -----------------------------------------------------------------------------------


def test_the_content_loss_has_the_value_of_its_formula():
    a, b = random_maps(2, 4, 5, 3), random_maps(2, 4, 5, 3, seed=1)
    relative = ((a - b) ** 2).sum((1, 2, 3)) / (b**2).sum((1, 2, 3))
    assert float(content_loss({"t": b}, {"t": a})) == pytest.approx(relative.mean(), rel=1e-5)
    assert float(content_loss({"t": b}, {"t": b})) == 0.0


def test_the_content_loss_knows_positions():
    maps = random_maps(1, 6, 6, 3)
    assert float(content_loss({"t": maps}, {"t": maps[:, ::-1]})) > 0.1


def test_normalized_content_does_not_mind_another_palette_or_contrast():
    maps = random_maps(1, 6, 6, 3)
    changed = maps * np.array([2, 0.5, 3], "float32") + np.array([0, 1, -2], "float32")
    kinds = ("squared", "normalized")
    squared, normalized = (
        float(content_loss({"t": maps}, {"t": changed}, kind=kind)) for kind in kinds
    )
    assert normalized < 1e-3 < 0.1 < squared


@pytest.mark.parametrize("kind", ["squared", "normalized"])
def test_the_gradient_of_the_content_loss(kind):
    wanted = {"t": random_maps(1, 4, 5, 3, seed=1)}
    agrees_with_finite_differences(
        lambda x: content_loss(wanted, {"t": x}, kind=kind), random_maps(1, 4, 5, 3)
    )


def test_content_of_another_size_is_refused_and_content_of_zeros_is_not():
    with pytest.raises(ArgumentError, match=r"\(1, 4, 5, 3\).*\(1, 4, 6, 3\). Resize"):
        content_loss({"t": random_maps(1, 4, 6, 3)}, {"t": random_maps(1, 4, 5, 3)})
    zeros = {"t": np.zeros((1, 4, 5, 3), "float32")}
    assert float(content_loss(zeros, zeros)) == 0.0


# ---- the objectives ----------------------------------------------------------------------------

OBJECTIVES = (StyleTransfer, ContentPreservingStyleTransfer)


@pytest.fixture(scope="module")
def autoencoder():
    # Of some decoders that are not trained nearly all values lie beyond the range of pixels.
    keras.utils.set_random_seed(0)
    model = Autoencoder(channels=(4, 5, 6))
    model.encoder.set_weights(random_encoder(channels=(4, 5, 6)).get_weights())
    return model


@pytest.fixture
def images():
    return random_maps(2, 16, 19, 3), random_maps(2, 21, 17, 3, seed=1) ** 2


def built(kind, autoencoder, **options):
    return kind(
        autoencoder,
        content_layers=("relu2_1", "relu3_1"),
        style_layers=("relu1_1", "relu2_1"),
        **options,
    )


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_objective_gives_a_total_and_its_named_parts(kind, autoencoder, images):
    judged = built(kind, autoencoder, content_weight=2.0, style_weight=3.0)(*images)
    assert set(judged) == {"total", "content", "style", "reconstruction"}
    parts = {name: float(value) for name, value in judged.items()}
    values = 16 * 19 * 3 if kind is StyleTransfer else 2 * (4 + 5)
    total = 2 * parts["content"] + 3 * parts["style"] + parts["reconstruction"] / values
    assert parts["total"] == pytest.approx(total, rel=1e-4)
    assert min(parts.values()) > 0


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_content_and_style_of_an_objective_are_the_losses(kind, autoencoder, images):
    content, style = images
    image = random_maps(2, 16, 19, 3, seed=5)
    judged = built(kind, autoencoder)(content, style, image=image)
    of = {name: autoencoder.encode(x) for name, x in zip("cst", (*images, image), strict=True)}
    expected = content_loss({tap: of["c"][tap] for tap in ("relu2_1", "relu3_1")}, of["t"])
    assert float(judged["content"]) == pytest.approx(float(expected), rel=1e-4)
    expected = style_loss({tap: of["s"][tap] for tap in ("relu1_1", "relu2_1")}, of["t"])
    assert float(judged["style"]) == pytest.approx(float(expected), rel=1e-4)


def test_the_two_reconstructions_compare_images_and_style_vectors(autoencoder, images):
    content, style = images
    image = random_maps(2, 16, 19, 3, seed=5)
    judged = built(StyleTransfer, autoencoder)(content, style, image=image)
    expected = np.sum((content - image) ** 2) / (2 * 2)
    assert float(judged["reconstruction"]) == pytest.approx(expected, rel=1e-4)
    judged = built(ContentPreservingStyleTransfer, autoencoder)(content, style, image=image)
    vectors = []
    for one in (style, image):
        features = [array(autoencoder.encode(one)[tap]) for tap in ("relu1_1", "relu2_1")]
        pairs = [(f.mean((1, 2)), np.sqrt(f.var((1, 2)) + 1e-5)) for f in features]
        vectors.append(np.concatenate([x for pair in pairs for x in pair], axis=-1))
    expected = np.sum((vectors[0] - vectors[1]) ** 2) / (2 * 2)
    assert float(judged["reconstruction"]) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_image_that_is_content_and_style_at_once_has_nothing_to_lose(kind, autoencoder):
    image = random_maps(1, 16, 16, 3)
    judged = built(kind, autoencoder)(image, image, image=image)
    assert all(abs(float(value)) < 1e-6 for value in judged.values())


def test_the_two_transfers_make_different_images_of_the_content_s_size(autoencoder, images):
    made = [array(built(kind, autoencoder).transfer(*images)) for kind in OBJECTIVES]
    assert made[0].shape == made[1].shape == (2, 16, 19, 3)
    assert np.abs(made[0] - made[1]).max() > 0.01


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_objective_can_be_made_small_by_changing_the_image(kind, autoencoder, images):
    objective, image = built(kind, autoencoder), images[0]
    before, gradient = gradient_of(lambda x: objective(*images, image=x)["total"], image)
    image = image - 0.01 * gradient / np.abs(gradient).max()
    assert float(objective(*images, image=image)["total"]) < before


class Painting(Stage):
    """Trains a decoder by an objective; a batch holds as many content images as styles."""

    def __init__(self, objective):
        super().__init__(["total"], {"total": 1.0})
        self.objective, self.decoder = objective, objective.autoencoder.decoder
        self.built = True

    def parts(self, batch):
        half = batch.shape[0] // 2
        return {"total": self.objective(batch[:half], batch[half:])["total"]}


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_objective_can_be_made_small_by_training_the_decoder(kind, autoencoder):
    stage = Painting(built(kind, autoencoder))
    assert len(stage.trainable_variables) == len(autoencoder.decoder.trainable_variables)
    stage.compile(keras.optimizers.Adam(2e-4), run_eagerly=True)
    batch = random_maps(4, 16, 20, 3)
    totals = [stage.train_on_batch(batch, return_dict=True)["loss"] for _ in range(4)]
    assert totals[-1] < totals[0]


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_objective_refuses_unknown_layers_and_negative_weights(kind, autoencoder):
    with pytest.raises(ModelError, match=r"'conv9' is not known. There are: relu1_1"):
        kind(autoencoder, content_layers=("conv9",), style_layers=("relu1_1",))
    with pytest.raises(ModelError, match="'relu4_1' is not known"):
        kind(autoencoder, content_layers=("relu1_1",), style_layers=("relu4_1",))
    with pytest.raises(ArgumentError, match="style_weight is -1"):
        kind(autoencoder, content_layers=("relu1_1",), style_layers=("relu1_1",), style_weight=-1)


def test_an_objective_refuses_images_that_are_too_small(autoencoder):
    with pytest.raises(ModelError, match="at least 8"):
        built(StyleTransfer, autoencoder)(random_maps(1, 16, 16, 3), random_maps(1, 7, 16, 3))
