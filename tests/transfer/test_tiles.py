"""Images of any size: what is done tile by tile equals what is done at once."""

import gc
import io
import itertools
import logging
import weakref

import keras
import numpy as np
import pytest
from keras import ops
from keras.config import backend

from course_lib import collection, statistics
from course_lib.autoencoder import Autoencoder, Encoder, PaintingDecoder
from course_lib.backend import program
from course_lib.errors import TransferError
from course_lib.transfer import (
    FeatureTransfer,
    SteadyTransfer,
    TransferStopped,
    tiles,
)
from course_lib.transfer.tiled import paint_tiled, reconstruct_tiled

SIZES = [(157, 211), (48, 97), (16, 130)]
ONE_GRAY_LEVEL = 1 / 255


@pytest.fixture(scope="module")
def whole():
    return {method: FeatureTransfer(method) for method in ("adain", "wct")}


@pytest.fixture(scope="module")
def tiled(whole):
    """The same networks, but every image in tiles of 48 pixels."""
    return {
        method: FeatureTransfer(method, autoencoder=one.autoencoder, painter=one.painter, tile=48)
        for method, one in whole.items()
    }


@pytest.fixture(scope="module")
def styles():
    return [collection.style_image(name, size=96) for name in ("woodcut", "mosaic")]


@pytest.fixture(scope="module")
def content():
    return collection.photograph("astronaut", size=SIZES[0])


def difference(a, b):
    return float(np.abs(ops.convert_to_numpy(a) - ops.convert_to_numpy(b)).max())


# ---- cutting up -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "side", "overlap"), [((9, 13), 4, 2), ((4, 4), 8, 3), ((1, 7), 1, 1)]
)
def test_tiles_cover_the_map_once_and_see_their_surroundings(size, side, overlap):
    covered = np.zeros(size, int)
    for tile in tiles.tiles(size, side, overlap):
        covered[tile.inner] += 1
        for inner, outer, length in zip(tile.inner, tile.outer, size, strict=True):
            assert outer.start == max(0, inner.start - overlap)
            assert outer.stop == min(length, inner.stop + overlap)
        numbers = np.arange(np.prod(size)).reshape(size)
        np.testing.assert_array_equal(numbers[tile.outer][tile.cut], numbers[tile.inner])
        assert tile.inside().sum() == numbers[tile.inner].size
    assert (covered == 1).all()


def test_a_tile_is_found_again_at_other_levels():
    size, coarse = (37, 50), (19, 25)
    covered = np.zeros(coarse, int)
    for tile in tiles.tiles(size, 16, 8):
        covered[tile.coarser().inner] += 1
    assert (covered == 1).all()
    covered = np.zeros(size, int)
    for tile in tiles.tiles(coarse, 8, 2):
        covered[tile.finer(size).inner] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("together", [False, True])
def test_statistics_of_tiles_are_those_of_the_whole(together):
    generator = np.random.default_rng(0)
    # A mean far from zero: sums of squares would lose the standard deviation to rounding.
    features = (100 + generator.normal(size=(1, 37, 50, 4)) @ generator.normal(size=(4, 4))).astype(
        "float32"
    )
    whole = tiles.WholeStatistics()
    for tile in tiles.tiles((37, 50), 16, 3):
        found = tiles.tile_statistics(features[:, *tile.outer], tile.inside(), together=together)
        whole.add(tile, *found)
    mean, std = whole.measured
    expected = features.astype("float64")[0].reshape(-1, 4)
    np.testing.assert_allclose(mean.ravel(), expected.mean(0), rtol=1e-6)
    np.testing.assert_allclose(std.ravel(), expected.std(0), rtol=1e-4)
    if together:
        covariance = np.cov(expected.T, bias=True)
        np.testing.assert_allclose(whole.covariance[0], covariance, atol=1e-3)


# ---- the promise: tiles and whole are the same ------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("method", ["adain", "wct"])
def test_the_tiled_image_is_the_whole_one(whole, tiled, styles, method, size):
    content = collection.photograph("astronaut", size=size)
    difference_seen = difference(
        whole[method](content, styles[0]), tiled[method](content, styles[0])
    )
    assert difference_seen < ONE_GRAY_LEVEL


@pytest.mark.slow
@pytest.mark.parametrize("method", ["adain", "wct"])
def test_so_it_is_with_masks_strengths_and_colors_kept(whole, tiled, styles, content, method):
    ramp = np.linspace(0, 1, content[..., 0].size, dtype="float32").reshape(content.shape[:2])
    options = {
        "strength": 0.8,
        "tap_strength": {"relu2_1": 0.5},
        "masks": [ramp, 0.7 * (1 - ramp)],
        "keep_colors": "luminance",
    }
    images = [one[method](content, styles, **options) for one in (whole, tiled)]
    # Lab stretches dark colors.
    assert difference(*images) < 2 * ONE_GRAY_LEVEL


def test_a_side_that_is_no_multiple_of_the_levels_does(whole, styles, content):
    odd = FeatureTransfer(
        autoencoder=whole["adain"].autoencoder, painter=whole["adain"].painter, tile=53
    )
    assert difference(odd(content, styles[0]), whole["adain"](content, styles[0])) < ONE_GRAY_LEVEL


@pytest.mark.parametrize(("channels", "all_levels"), [((4, 6), True), ((4, 6, 8), False)])
def test_other_painters_are_painted_alike(channels, all_levels):
    generator = np.random.default_rng(1)
    encoder = Encoder(channels)
    encoder.build()
    painter = PaintingDecoder(channels, blocks=2, embedding=5, all_levels=all_levels)
    painter.build()
    weights = [generator.normal(0, 0.2, weight.shape) for weight in painter.weights]
    painter.set_weights([weight.astype("float32") for weight in weights])
    image = generator.random((45, 62, 3), dtype="float32")
    features = {tap: ops.convert_to_numpy(x) for tap, x in encoder(image[None]).items()}
    targets = painter.targets(encoder(image[None, ::-1, :31]))
    expected = np.clip(painter(features[painter.entry], targets, size=(45, 62))[0], 0, 1)
    before = features[painter.entry].copy()
    painted = paint_tiled(
        painter,
        features[painter.entry],
        [ops.convert_to_numpy(x) for x in statistics.channel_statistics(before)],
        [tuple(map(ops.convert_to_numpy, pair)) for pair in targets],
        (45, 62),
        side=16,
    )
    assert difference(expected, painted) < ONE_GRAY_LEVEL
    np.testing.assert_array_equal(features[painter.entry], before)


def test_painting_whole_is_what_the_painter_does(whole, styles, content):
    transfer = whole["adain"]
    features = transfer.content_code(content).features
    targets = transfer.painter.targets_of(transfer.style_code(styles[0]).measured)
    expected = transfer.painter(features, targets, size=content.shape[:2])
    assert difference(np.clip(expected[0], 0, 1), transfer(content, styles[0])) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pooling", "upsampling"), [("average", "bilinear"), ("max", "unpool"), ("max", "transposed")]
)
def test_tiled_reconstructions_are_whole_ones(pooling, upsampling, content):
    # Where two pixels are equal up to rounding, unpooling may put the value at either.
    keras.utils.set_random_seed(0)
    autoencoder = Autoencoder((4, 6, 8), pooling=pooling, upsampling=upsampling)
    for tap in autoencoder.taps:
        expected = autoencoder.reconstruct(content[None], tap)[0]
        assert (
            difference(expected, reconstruct_tiled(autoencoder, content, tap=tap, side=24)) < 1e-5
        )


def test_a_reconstruction_from_an_unknown_tap_is_refused(content):
    with pytest.raises(ValueError, match="relu9_1"):
        reconstruct_tiled(Autoencoder((4, 6)), content, tap="relu9_1")


# ---- when tiles are used, progress, stopping --------------------------------------------------


def test_large_images_go_tile_by_tile_on_their_own(whole):
    transfer = whole["adain"]
    assert transfer.tile_side(np.empty((1024, 1024, 3))) is None
    assert transfer.tile_side(np.empty((2160, 3840, 3))) == tiles.SIDE


@pytest.mark.parametrize("tile", [8, 20.5, -1])
def test_a_tile_that_cannot_be_is_refused(whole, tile):
    with pytest.raises(TransferError, match=f"tile={tile}"):
        FeatureTransfer(
            autoencoder=whole["adain"].autoencoder, painter=whole["adain"].painter, tile=tile
        )


@pytest.mark.parametrize("method", ["adain", "wct"])
def test_progress_goes_from_start_to_end(whole, tiled, styles, method):
    content = collection.photograph("coffee", size=(48, 97))
    for transfer, least in ((whole[method], 2), (tiled[method], 12)):
        proportions = []
        transfer(content, styles[0], progress=proportions.append)
        assert len(proportions) >= least
        assert all(a <= b for a, b in itertools.pairwise(proportions))
        assert proportions[0] > 0 and proportions[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("method", ["adain", "wct"])
@pytest.mark.parametrize("share", [0.1, 0.7])
def test_it_stops_when_it_is_told_to(tiled, styles, method, share):
    content = collection.photograph("coffee", size=(48, 97))
    seen = []

    def stop(done):
        seen.append(done)
        return done > share

    with pytest.raises(TransferStopped, match="stopped"):
        tiled[method](content, styles[0], progress=stop)
    assert seen[-1] > share and all(done <= share for done in seen[:-1])


def test_one_program_serves_all_sizes(styles):
    transfer = FeatureTransfer()
    if not hasattr(transfer.run_draw, "made"):
        pytest.skip("this backend compiles for every size")
    for size in ((16, 20), (33, 47), (64, 64)):
        transfer(collection.photograph("coffee", size=size), styles[0], strength=0.5)
    assert len(transfer.run_look.made) == len(transfer.run_draw.made) == 1


def test_many_programs_are_no_reason_for_a_warning():
    if backend() != "tensorflow":
        pytest.skip("what warns is TensorFlow")
    import tensorflow as tf

    said = io.StringIO()
    handler = logging.StreamHandler(said)
    tf.get_logger().addHandler(handler)

    def plus(images):
        return {"sum": images["pair"][0] + images["pair"][1]}

    pair = [np.full((1, 2, 3, 1), 0.5, "float32")] * 2
    for _ in range(8):
        np.testing.assert_allclose(program(plus, [])({"pair": pair})["sum"], 1.0)
    tf.get_logger().removeHandler(handler)
    assert "retracing" not in said.getvalue()


def test_a_program_sees_weights_that_change():
    painter = PaintingDecoder((4, 6), blocks=1, embedding=5)
    painter.build()
    run = program(painter.to_image, [painter])
    features = np.ones((1, 8, 8, 4), "float32")
    before = ops.convert_to_numpy(run(features))
    painter.set_weights([0 * weight + 1 for weight in painter.get_weights()])
    assert difference(run(features), painter.to_image(features)) < 1e-5
    assert difference(run(features), before) > 0.1


def test_a_network_is_freed_when_nobody_holds_it(content, styles):
    """Programs are kept with the networks that they use, and not for ever."""
    autoencoder = Autoencoder((4, 6, 8))
    painter = PaintingDecoder((4, 6, 8), blocks=1, embedding=5)
    painter.build()
    transfer = FeatureTransfer(autoencoder=autoencoder, painter=painter, tile=48)
    transfer(content, styles[0])
    reconstruct_tiled(autoencoder, content)
    SteadyTransfer(styles[0], transfer=transfer)(content[None])
    gone = [weakref.ref(one) for one in (autoencoder, painter, transfer)]
    del autoencoder, painter, transfer
    gc.collect()
    assert [one() for one in gone] == [None, None, None]
