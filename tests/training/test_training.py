"""The training room: sources, stages, checkpoints, the loop. Whole runs: test_training_runs.py."""

import errno
import itertools
import json
import os
import types

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from course_lib import images, painters
from course_lib.autoencoder import Autoencoder, PaintingDecoder
from course_lib.backend import Accelerator, active_convolutions
from course_lib.backend.precision import QuickConvolutions
from course_lib.errors import OutOfMemoryError, TrainingError
from course_lib.teachers import DistilledTeacher
from course_lib.training import (
    Batches,
    CropSource,
    DistillStage,
    EndlessPaintings,
    ImageFolder,
    PaintStage,
    Settings,
    StyleSource,
    computing,
    decode_parts,
    machine,
    run_stage,
    sheets,
    teacher_scales,
)
from course_lib.training import progress as progress_bars
from course_lib.training.checkpoints import Checkpoints, State, checkpoint_paths
from course_lib.training.distances import (
    at_sizes,
    grid_strength,
    half_size,
    slanting,
    values_distance,
    weave_excess,
)
from course_lib.training.loop import StopOnNaN, check_batch, is_sheet_step
from course_lib.training.machine import compile_stage, fast_precision
from course_lib.training.progress import Progress, in_words
from course_lib.training.recipes import with_grays
from tests.training.small_training import (
    TwoWeights,
    points,
    smooth_image,
    write_images,
    write_teacher,
)


def array(tensor):
    return ops.convert_to_numpy(tensor)


# --- folders of images ----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    return write_images(tmp_path / "images")


def test_a_folder_is_read_in_a_fixed_order_and_as_bytes(folder):
    these = ImageFolder(folder)
    assert [path.name for path in these.paths] == ["0.png", "1.png", "2.png", "3.png"]
    assert len(these) == 4 and not these.left_out
    np.testing.assert_array_equal(these[2], images.to_uint8(images.load_image(folder / "2.png")))


def test_what_cannot_be_used_is_listed_and_left_out(folder):
    (folder / "notes.png").write_text("no image at all")
    (folder / "half.png").write_bytes((folder / "0.png").read_bytes()[:200])
    images.save_image(smooth_image(12, 90, 0), folder / "low.png")
    (folder / ".hidden.png").write_text("hidden")
    (folder / "deeper").mkdir()
    images.save_image(smooth_image(50, 50, 0), folder / "deeper" / "kept.png")

    these = ImageFolder(folder, smallest=32, leave_out={"3.png"})

    assert [path.name for path in these.paths] == ["0.png", "1.png", "2.png", "kept.png"]
    reasons = {path.name: reason for path, reason in these.left_out}
    assert reasons.keys() == {"notes.png", "half.png", "low.png"}
    assert reasons["low.png"] == "90 x 12 pixels, where 32 are needed"


def test_large_images_are_shrunk(tmp_path):
    images.save_image(smooth_image(100, 60, 0), tmp_path / "large.png")
    assert ImageFolder(tmp_path, longest_side=50)[0].shape == (50, 30, 3)


def test_without_usable_images_it_says_why(tmp_path):
    with pytest.raises(TrainingError, match=r"no usable image of at least 16.*There are no files"):
        ImageFolder(tmp_path)
    images.save_image(smooth_image(20, 20, 0), tmp_path / "small.png")
    with pytest.raises(TrainingError, match=r"at least 64 x 64.*small\.png: 20 x 20 pixels"):
        ImageFolder(tmp_path, smallest=64)
    with pytest.raises(TrainingError, match="nowhere: there is no such folder"):
        ImageFolder(tmp_path / "nowhere")


def test_memory_is_bounded_and_changes_nothing(folder):
    one = ImageFolder(folder)[0].nbytes
    for room, kept in [(0, 0), (one, 1), (3 * one - 1, 2), (100 * one, 4)]:
        bounded = ImageFolder(folder, memory=room)
        assert sum(image.nbytes for image in bounded.kept.values()) <= room
        assert len(bounded.kept) == kept
        same = CropSource(bounded, crop=16).batch(3, 8) == CropSource(
            ImageFolder(folder), crop=16
        ).batch(3, 8)
        assert same.all()


def test_a_folder_named_twice_counts_twice_and_is_kept_once(folder, tmp_path):
    other = write_images(tmp_path / "other", count=1)
    these = ImageFolder([folder, other, str(folder)])
    assert len(these) == 2 * 4 + 1
    assert len(these.kept) == 4 + 1


def test_an_image_that_vanishes_is_named(folder):
    these = ImageFolder(folder, memory=0)
    (folder / "1.png").unlink()
    with pytest.raises(TrainingError, match=r"1\.png.*could be read when the training began"):
        these[1]


def test_fingerprint_tells_folders_apart(folder):
    before = ImageFolder(folder).fingerprint()
    assert before == ImageFolder(folder, memory=0).fingerprint()
    images.save_image(smooth_image(40, 40, 9), folder / "9.png")
    assert ImageFolder(folder).fingerprint() != before


# --- crops and styles -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def these():
    return [smooth_image(40 + 5 * k, 90 - 8 * k, k) for k in range(4)]


def test_a_batch_depends_on_seed_and_step_only(these):
    source = CropSource(these, crop=24, seed=1)
    first = source.batch(5, 4)
    source.batch(6, 4)
    np.testing.assert_array_equal(first, source.batch(5, 4))
    np.testing.assert_array_equal(first, CropSource(these, crop=24, seed=1).batch(5, 4))
    assert np.abs(first - source.batch(6, 4)).max() > 0.01
    assert np.abs(first - CropSource(these, crop=24, seed=2).batch(5, 4)).max() > 0.01
    assert np.abs(first - CropSource(these, crop=24, seed=5).batch(1, 4)).max() > 0.01


def test_plain_crops_are_replaced_by_varied_ones_where_asked():
    varied = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype="uint8")
    plain = np.full((40, 40, 3), 255, "uint8")
    both = [varied, plain]
    asked = CropSource(both, crop=16, least_std=0.01)
    as_it_comes = CropSource(both, crop=16)
    changed = 0
    for step in range(8):
        before, after = as_it_comes.batch(step, 8), asked.batch(step, 8)
        is_plain = before.std(axis=(1, 2, 3)) == 0
        np.testing.assert_array_equal(after[~is_plain], before[~is_plain])
        assert (after.std(axis=(1, 2, 3)) > 0).all()
        changed += is_plain.sum()
    assert changed > 8


def test_each_crop_gets_grain_of_its_own():
    gray = [np.full((40, 40, 3), 128, "uint8")]
    crops = CropSource(gray, crop=32, grain=0.03).batch(0, 16)
    grain = crops - np.float32(128 / 255)
    stds = grain.std(axis=(1, 2, 3))
    assert stds.max() < 0.04 and stds.max() > 3 * stds.min()
    np.testing.assert_allclose(grain[..., 0], grain[..., 2], atol=1e-6)
    patterns = grain[..., 0].reshape(16, -1) / stds[:, None]
    alike = patterns @ patterns.T / patterns.shape[1] - np.eye(16)
    assert np.abs(alike).max() < 0.5
    np.testing.assert_array_equal(crops, CropSource(gray, crop=32, grain=0.03).batch(0, 16))
    white = CropSource([np.full((40, 40, 3), 255, "uint8")], crop=32, grain=0.03).batch(0, 4)
    assert white.max() == 1.0 and white.min() < 1.0


@settings(max_examples=30)
@given(
    height=st.integers(16, 80),
    width=st.integers(16, 80),
    crop=st.integers(2, 16),
    seed=st.integers(0, 99),
)
def test_crops_are_parts_of_the_image(height, width, crop, seed):
    """On a ramp of color every crop is a ramp: once, twice or three times as steep."""
    image = np.zeros((height, width, 3), "float32")
    image[..., 0] = np.arange(height)[:, None] / (height - 1)
    image[..., 1] = np.arange(width) / (width - 1)
    crops = CropSource([image], crop=crop, seed=seed).batch(0, 3)
    assert crops.shape == (3, crop, crop, 3) and crops.dtype == np.float32
    assert crops.min() >= 0 and crops.max() <= 1
    for piece in crops:
        down = np.diff(piece[..., 0], axis=0) * (height - 1)
        across = np.diff(piece[..., 1], axis=1) * (width - 1)
        factor = round(float(down[0, 0]))
        assert factor in (1, 2, 3)
        np.testing.assert_allclose(down, factor, atol=1e-3)
        np.testing.assert_allclose(across, factor * np.sign(across[0, 0]), atol=1e-3)


def test_crops_come_in_all_sizes_and_both_ways_round(these):
    image = np.zeros((90, 90, 3), "float32")
    image[..., 1] = np.linspace(0, 1, 90)
    slopes = np.diff(CropSource([image], crop=16).batch(0, 64)[..., 1], axis=2)[:, 0, 0] * 89
    assert {round(float(slope)) for slope in slopes} == {-3, -2, -1, 1, 2, 3}


class Numbered:
    """Stands in for a painter: image k is of one gray that tells k."""

    def __init__(self, monkeypatch):
        self.calls = 0
        monkeypatch.setattr(painters, "random_painting", self.paint)

    def paint(self, generator, size):
        self.calls += 1
        return np.full((size, size, 3), generator.random(), "float32")


def test_painting_k_is_always_the_same(monkeypatch):
    Numbered(monkeypatch)
    forward, backward = EndlessPaintings(seed=3, size=8), EndlessPaintings(seed=3, size=8)
    ahead = [forward[k][0, 0, 0] for k in range(6)]
    assert ahead == [backward[k][0, 0, 0] for k in reversed(range(6))][::-1]
    assert len(set(ahead)) > 3
    assert EndlessPaintings(seed=4, size=8)[0][0, 0, 0] != ahead[0]


def test_painting_keeps_pace_and_memory_is_bounded(monkeypatch):
    counter = Numbered(monkeypatch)
    endless = EndlessPaintings(size=8, window=5, steps_each=4)
    for step in range(400):
        endless.at_step(step, np.random.default_rng(step))
        assert len(endless.painted) <= 3 * 5
    assert counter.calls <= 400 / 4 + 5


def test_the_real_painters_are_used():
    image = EndlessPaintings(size=32)[0]
    assert image.shape == (32, 32, 3) and image.dtype == np.uint8
    expected = painters.random_painting(np.random.default_rng([0, 0]), size=32)
    np.testing.assert_array_equal(image, images.to_uint8(expected))


def test_styles_come_from_all_sources_and_depend_on_the_step_only(monkeypatch):
    Numbered(monkeypatch)
    black, white = np.zeros((20, 20, 3), "float32"), np.ones((20, 20, 3), "float32")
    source = StyleSource([black], [white], EndlessPaintings(size=20), crop=16)
    grays = np.concatenate([source.batch(step, 10) for step in range(20)])[:, 0, 0, 0]
    assert 0.1 < (grays == 0).mean() < 0.3 < (grays == 1).mean() < 0.5
    again = StyleSource([black], [white], EndlessPaintings(size=20), crop=16)
    np.testing.assert_array_equal(again.batch(7, 4), source.batch(7, 4))


def test_styles_without_paintings_or_supply():
    black = np.zeros((20, 20, 3), "float32")
    assert StyleSource([black], None, None, crop=16).batch(0, 5).max() == 0
    assert (
        StyleSource([black], [black + 1], None, crop=16, proportions=(0, 1, 1)).batch(0, 5).min()
        == 1
    )


# --- stages -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def autoencoder():
    keras.utils.set_random_seed(0)
    return Autoencoder((4, 5, 6, 7))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return DistilledTeacher(write_teacher(tmp_path_factory.mktemp("teacher") / "teacher.npz"))


@pytest.fixture(scope="module")
def source(these):
    return CropSource(these, crop=32)


@pytest.mark.parametrize(
    ("batch", "proportions"),
    [
        (8, {"relu4_1": (0, 4), "relu3_1": (4, 6), "relu2_1": (6, 7), "relu1_1": (7, 8)}),
        (16, {"relu4_1": (0, 8), "relu3_1": (8, 12), "relu2_1": (12, 14), "relu1_1": (14, 16)}),
    ],
)
def test_shares_are_what_decoding_each_tap_alone_gives(autoencoder, source, batch, proportions):
    crops = source.batch(0, batch)
    features = autoencoder.encoder(crops)
    drawn = decode_parts(autoencoder.decoder, features)
    assert {tap: (start, stop) for tap, (start, stop, _) in drawn.items()} == proportions
    for tap, (start, stop, these) in drawn.items():
        alone = autoencoder.decoder(features[tap][start:stop], tap=tap)
        np.testing.assert_allclose(array(these), array(alone), atol=1e-5)


def test_reconstruction_parts_are_logarithms_of_errors(autoencoder, source):
    crops = source.batch(0, 8)
    stage = DistillStage(autoencoder)
    parts = {name: float(value) for name, value in stage(crops).items()}
    errors = [
        float(np.square(array(drawn) - crops[start:stop]).mean())
        for start, stop, drawn in decode_parts(
            autoencoder.decoder, autoencoder.encoder(crops)
        ).values()
    ]
    # Deepest tap first, as the shares come: the deeper, the more it counts.
    counts = [1.3, 1.4, 1.0, 0.3]
    assert parts["reconstruct"] == pytest.approx(
        np.average(np.log(errors), weights=counts), rel=1e-3
    )
    assert parts["psnr_relu4_1"] == pytest.approx(-10 * np.log10(errors[0]), rel=1e-4)
    assert set(parts) == {"reconstruct", *(f"psnr_{tap}" for tap in autoencoder.taps)}


def test_seeing_means_explaining_the_standardized_features(autoencoder, teacher, source):
    scales = teacher_scales(teacher, source, batches=2)
    stage = DistillStage(autoencoder, teacher=teacher, scales=scales)
    crops = source.batch(0, 8)
    for head in stage.heads.values():
        head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
    blind = {name: float(value) for name, value in stage(crops).items()}
    for tap in autoencoder.taps:
        mean, std = scales[tap]
        wanted = (array(teacher(crops)[tap]) - mean) / std
        assert blind[f"explained_{tap}"] == pytest.approx(1 - np.square(wanted).mean(), abs=1e-3)
    # A head that is fitted by least squares explains more than one that says nothing.
    tap = "relu2_1"
    seen = array(autoencoder.encoder(crops)[tap]).reshape(-1, 5)
    inputs = np.concatenate([seen, np.ones((len(seen), 1))], axis=1)
    mean, std = scales[tap]
    wanted = ((array(teacher(crops)[tap]) - mean) / std).reshape(len(seen), -1)
    solution = np.linalg.lstsq(inputs, wanted, rcond=None)[0].astype("float32")
    stage.heads[tap].set_weights([solution[:-1], solution[-1]])
    left = np.square(inputs @ solution - wanted).mean()
    assert float(stage(crops)[f"explained_{tap}"]) == pytest.approx(1 - left, abs=1e-3)
    assert 1 - left > blind[f"explained_{tap}"] + 0.05


def test_scales_are_those_of_numpy(teacher, source):
    scales = teacher_scales(teacher, source, batches=3, size=2)
    maps = [array(teacher(source.batch(step, 2))["relu3_1"]) for step in range(3)]
    flat = np.concatenate(maps).reshape(-1, 5).astype("float64")
    np.testing.assert_allclose(scales["relu3_1"][0], flat.mean(0), rtol=1e-4)
    floor = 0.01 * flat.std(0).max()
    np.testing.assert_allclose(scales["relu3_1"][1], np.maximum(flat.std(0), floor), rtol=1e-4)


def test_a_teacher_that_sees_nothing_is_refused(source):
    with pytest.raises(TrainingError, match=r"features at relu1_1 are all the same.*--teacher"):
        teacher_scales(lambda crops: {"relu1_1": ops.zeros_like(crops)}, source, batches=1)


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "max", "upsampling": "unpool"},
        {"encoding_dim": 3, "image_size": (16, 16)},
    ],
)
def test_autoencoders_that_cannot_be_entered_everywhere_are_refused(options):
    with pytest.raises(TrainingError, match="cannot be decoded from every tap"):
        DistillStage(Autoencoder((4, 4), **options))


@pytest.fixture(scope="module")
def paint_stage(autoencoder, teacher, source):
    painter = PaintingDecoder((4, 5, 6, 7), blocks=1, embedding=4)
    painter.build()
    scales = teacher_scales(teacher, source, batches=1)
    return PaintStage(autoencoder.encoder, painter, teacher, scales)


def test_painting_parts(paint_stage, source):
    batch = {"content": source.batch(0, 4), "style": source.batch(1, 4)}
    parts = {name: float(value) for name, value in paint_stage(batch).items()}
    assert {"content", "structure", "style", "identity"} <= parts.keys()
    assert all(np.isfinite(value) for value in parts.values())
    assert set(paint_stage.trackers) == set(parts)
    assert paint_stage.encoder.trainable_variables == []
    assert len(paint_stage.trainable_variables) == len(paint_stage.painter.weights)


def test_painting_a_style_that_is_the_content_moves_nowhere(paint_stage, source, monkeypatch):
    """With a painter that gives back the photograph, only what is asked of the style is left."""
    crops, others = source.batch(0, 4), source.batch(1, 4)
    monkeypatch.setattr(
        PaintStage, "paint", lambda self, content, style: (content, content[:2]), raising=True
    )
    parts = {k: float(v) for k, v in paint_stage({"content": crops, "style": others}).items()}
    assert parts["content"] == pytest.approx(0, abs=1e-6)
    assert parts["structure"] == pytest.approx(0, abs=1e-4)
    assert parts["identity"] == pytest.approx(np.log(1e-4))
    assert parts["moved_relu1_1"] == pytest.approx(0, abs=0.2)
    parts = {k: float(v) for k, v in paint_stage({"content": crops, "style": crops}).items()}
    assert parts["style"] == pytest.approx(0, abs=1e-5)


def test_a_grid_is_found_and_nothing_else():
    """The standard deviation of a pattern that repeats with the period, whatever lies below it."""
    generator = np.random.default_rng(0)
    tile = generator.normal(0, 0.05, (8, 8, 3)).astype("float32")
    tile -= tile.mean((0, 1))
    ramp = np.linspace(0, 1, 128, dtype="float32")[None, :, None, None] * np.ones((1, 1, 128, 3))
    grid = np.tile(tile, (16, 16, 1))[None]
    found = [float(grid_strength(ops.convert_to_tensor(x), 8)) for x in (grid, grid + ramp, ramp)]
    assert found[0] == pytest.approx(tile.std(), rel=0.1)
    assert found[1] == pytest.approx(found[0], rel=0.1)
    assert found[2] < 0.1 * found[0]
    elsewhere = np.tile(generator.normal(0, 0.05, (7, 7, 3)), (19, 19, 1))[None, :128, :128]
    assert float(grid_strength(ops.convert_to_tensor(elsewhere.astype("float32")), 8)) < 0.01


def test_photographs_drafts_and_a_quarter_in_its_own_style(paint_stage, autoencoder, source):
    content, style = (ops.convert_to_tensor(source.batch(step, 4)) for step in (0, 1))
    painted, same = paint_stage.paint(content, style)
    painter = paint_stage.painter
    draft = paint_stage.draft(content, style)
    seen, wanted = autoencoder.encoder(content), autoencoder.encoder(style)
    of_draft = autoencoder.encoder(draft)
    for entry, chosen in ((seen, slice(2)), (of_draft, slice(2, 4))):
        expected = painter(entry[painter.entry], painter.targets(wanted))
        np.testing.assert_allclose(array(painted)[chosen], array(expected)[chosen], atol=1e-5)
    expected = painter(seen[painter.entry], painter.targets(seen))
    np.testing.assert_allclose(array(same), array(expected)[:1], atol=1e-5)


def test_a_draft_is_the_photograph_and_what_the_style_has_changed(
    paint_stage, autoencoder, monkeypatch, source
):
    """What a decoder loses in any style is no style: it must not be missing from the draft."""
    crops = CropSource(source.images, crop=32)
    content, style = (ops.convert_to_tensor(crops.batch(step, 2)) for step in (0, 1))
    wanted = array(paint_stage.painter.targets(autoencoder.encoder(half_size(style)))[0][0])

    def call(self, features, targets, **more):
        return 0.3 + 0.2 * float(np.allclose(array(targets[0][0]), wanted)) + 0 * half_size(content)

    monkeypatch.setattr(PaintingDecoder, "call", call)
    np.testing.assert_allclose(
        array(paint_stage.draft(content, content)), array(content), atol=1e-5
    )
    np.testing.assert_allclose(
        array(paint_stage.draft(content, style)), np.clip(array(content) + 0.2, 0, 1), atol=1e-5
    )


def test_distributions_are_told_apart_where_means_and_stds_are_not():
    generator = np.random.default_rng(0)
    even = generator.normal(0, 1, (1, 64, 64, 2)).astype("float32")
    # Hardly anything happens, and then a lot: strokes on a bare ground.
    rare = (generator.random((1, 64, 64, 2)) < 0.05).astype("float32")
    rare = (rare - rare.mean((1, 2))) / rare.std((1, 2))
    even = (even - even.mean((1, 2))) / even.std((1, 2))
    shuffled = even[:, ::-1, ::-1]
    found = [
        float(values_distance({"a": ops.convert_to_tensor(x)}, {"a": ops.convert_to_tensor(even)}))
        for x in (even, shuffled, rare)
    ]
    assert found[:2] == pytest.approx([0, 0], abs=1e-5)
    assert found[2] > 0.05


def test_a_weave_counts_only_beyond_the_style_s():
    columns = np.arange(32) % 2
    weaving = np.full((1, 32, 32, 3), 0.5, "float32")
    weaving[..., 1] += 0.1 * (2 * columns - 1)
    plain = ops.convert_to_tensor(np.full((1, 32, 32, 3), 0.5, "float32"))
    weaving = ops.convert_to_tensor(weaving)
    # Second differences of +-0.1 are 0.4 in green - (red + blue) / 2, across only; 0 in red - blue.
    assert float(weave_excess(weaving, plain)) == pytest.approx(0.4 / 4, rel=1e-3)
    assert float(weave_excess(plain, weaving)) == 0
    assert float(weave_excess(weaving, weaving)) == 0


def test_lines_along_rows_and_columns_are_told_from_slanting_ones():
    down, across = np.mgrid[:64, :64]
    noise = np.random.default_rng(0).random((64, 64))
    patterns = {
        "level": down % 8 < 4,
        "upright": across % 8 < 4,
        "slanting": (down + across) % 8 < 4,
        "noise": noise,
        "plain": 0 * noise,
    }
    images = np.stack([*patterns.values()]).astype("float32")[..., None].repeat(3, axis=-1)
    found = dict(zip(patterns, array(slanting(ops.convert_to_tensor(images))), strict=True))
    assert found["level"] == found["upright"] == found["plain"] == 0
    assert found["slanting"] == pytest.approx(1, abs=1e-3)
    assert found["noise"] == pytest.approx(2 / np.pi, abs=0.03)


def test_a_batch_is_seen_at_three_sizes_where_it_is_large_enough():
    sides = [[x.shape[1] for x in at_sizes(ops.zeros((1, side, side, 3)))] for side in (16, 40, 64)]
    assert sides == [[16], [40, 20], [64, 32, 16]]


def test_now_and_then_a_photograph_and_its_style_are_gray(source):
    grays = []
    for step in range(4):
        batch = with_grays(source.batch(0, 3), source.batch(1, 3), step)
        spread = [np.ptp(batch[name], axis=-1).max((1, 2)) for name in ("content", "style")]
        assert ((spread[0] < 1e-6) == (spread[1] < 1e-6)).all()
        grays.append(list(np.flatnonzero(spread[0] < 1e-6)))
    assert grays == [[0], [], [], [1]]


# --- checkpoints ------------------------------------------------------------------------------

FACTS = {"stage": "test", "steps": 8}


@pytest.fixture
def stage():
    model = TwoWeights()
    compile_stage(model, 0.1, 8)
    return model


def quiet(line):
    """A report that nobody reads."""


def test_a_checkpoint_brings_everything_back(tmp_path, stage):
    checkpoints = Checkpoints(tmp_path, FACTS)
    for variable in (*stage.weights, *stage.optimizer.variables):
        variable.assign(ops.ones_like(variable) * 3)
    checkpoints.save(stage, State(4, [{"step": 4, "loss": 0.5}]))
    for variable in (*stage.weights, *stage.optimizer.variables):
        variable.assign(ops.zeros_like(variable))
    state = checkpoints.load(stage, quiet)
    assert state == State(4, [{"step": 4, "loss": 0.5}])
    for variable in (*stage.weights, *stage.optimizer.variables):
        assert (array(variable) == 3).all()


def test_the_last_two_are_kept(tmp_path, stage):
    checkpoints = Checkpoints(tmp_path, FACTS)
    for step in (0, 2, 4, 10):
        checkpoints.save(stage, State(step))
    names = [path.name for path in checkpoint_paths(tmp_path)]
    assert names == ["checkpoint-0000010.npz", "checkpoint-0000004.npz"]


@pytest.mark.parametrize("damage", ["truncated", "flipped", "emptied", "text"])
def test_the_one_before_is_used_when_the_newest_is_damaged(tmp_path, stage, damage):
    checkpoints = Checkpoints(tmp_path, FACTS)
    stage.line.kernel.assign([[1.0]])
    checkpoints.save(stage, State(2))
    stage.line.kernel.assign([[2.0]])
    checkpoints.save(stage, State(4))
    newest = checkpoint_paths(tmp_path)[0]
    content = newest.read_bytes()
    flipped = content[:400] + bytes([content[400] ^ 255]) + content[401:]
    damaged = {"truncated": content[:-30], "flipped": flipped, "emptied": b"", "text": b"hello"}
    newest.write_bytes(damaged[damage])

    lines = []
    assert checkpoints.load(stage, lines.append).step == 2
    assert float(array(stage.line.kernel)[0, 0]) == 1.0
    assert "checkpoint-0000004.npz is damaged" in lines[0]
    assert [path.name for path in checkpoint_paths(tmp_path)] == ["checkpoint-0000002.npz"]


def test_nothing_whole_is_an_error_and_nothing_at_all_a_start(tmp_path, stage):
    checkpoints = Checkpoints(tmp_path, FACTS)
    lines = []
    assert checkpoints.load(stage, lines.append) == State()
    assert "no checkpoint to resume from" in lines[0]
    (tmp_path / "checkpoint-0000002.npz").write_text("no checkpoint")
    with pytest.raises(TrainingError, match="none of its 1 checkpoints can be read"):
        checkpoints.load(stage, quiet)


def test_other_settings_are_refused_and_some_are_only_mentioned(tmp_path, stage):
    Checkpoints(tmp_path, FACTS, may_change={"learning_rate": 0.1}).save(stage, State(2))
    with pytest.raises(TrainingError, match=r"steps was 8, is 9.*same ones.*--out"):
        Checkpoints(tmp_path, FACTS | {"steps": 9}).load(stage, quiet)
    lines = []
    Checkpoints(tmp_path, FACTS, may_change={"learning_rate": 0.2}).load(stage, lines.append)
    assert lines == ["Going on with other settings: learning_rate was 0.1, is 0.2."]


def test_a_checkpoint_of_another_network_is_refused(tmp_path, stage):
    Checkpoints(tmp_path, FACTS).save(stage, State(2))
    other = DistillStage(Autoencoder((4,)))
    compile_stage(other, 0.1, 8)
    with pytest.raises(TrainingError, match="of another model"):
        Checkpoints(tmp_path, FACTS).load(other, quiet)


def test_weights_that_are_no_numbers_are_not_saved(tmp_path, stage):
    stage.line.kernel.assign([[np.nan]])
    with pytest.raises(TrainingError, match="not numbers"):
        Checkpoints(tmp_path, FACTS).save(stage, State(2))
    assert list(tmp_path.iterdir()) == []


# --- the loop ---------------------------------------------------------------------------------


def run(out, steps=6, every=2, make_batch=points, stage=None, **options):
    keras.utils.set_random_seed(0)
    stage = stage or TwoWeights()
    options = {"learning_rate": 0.1, **options}
    names = ("learning_rate", "batch")
    numbers = {name: options.pop(name) for name in names if name in options}
    plan = Settings(steps=steps, every=every, **numbers)
    history = run_stage(stage, make_batch, out, plan, report=options.pop("report", None), **options)
    return stage, history


def files(out):
    return sorted(path.name for path in out.iterdir())


def log_of(out):
    """The log without its times."""
    lines = [line.split(",") for line in (out / "log.csv").read_text().splitlines()]
    place = lines[0].index("seconds")
    return [line[:place] + line[place + 1 :] for line in lines]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "run"
    stage, history = run(out)
    return out, stage.get_weights(), history


def test_a_run_learns_and_leaves_its_files(whole):
    out, _, history = whole
    assert history[-1]["loss"] < history[0]["loss"]
    assert [row["step"] for row in history] == [2, 4, 6]
    assert files(out) == [
        "checkpoint-0000004.npz",
        "checkpoint-0000006.npz",
        "log.csv",
        "log.png",
    ]
    assert log_of(out)[0] == ["step", "factor", "loss", "squared"]
    assert [line[0] for line in log_of(out)[1:]] == ["2", "4", "6"]
    assert images.load_image(out / "log.png").std() > 0.05


class Stop(Exception):
    """Ends a run at a chosen moment, as a power cut would."""


@pytest.mark.parametrize("last", [0, 1, 3, 4])
def test_a_run_stopped_in_a_step_resumes_to_the_same_result(tmp_path, whole, last):
    def until(step):
        if step > last:
            raise Stop
        return points(step)

    with pytest.raises(Stop):
        run(tmp_path / "run", make_batch=until)
    asked = []

    def noted(step):
        asked.append(step)
        return points(step)

    stage, history = run(tmp_path / "run", resume=True, make_batch=noted)
    assert_same_as(whole, tmp_path / "run", stage)
    assert len(history) == 3
    assert set(asked) == set(range(last + 1 - (last + 1) % 2, 6)), "finished steps were done again"


def assert_same_as(whole, out, stage):
    for expected, found in zip(whole[1], stage.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert log_of(out) == log_of(whole[0])
    assert files(out) == files(whole[0])


@pytest.mark.slow
def test_a_run_stopped_in_any_write_resumes_to_the_same_result(tmp_path, whole, monkeypatch):
    """Before and after each renaming of a file into its place."""
    original = os.replace
    monkeypatch.setattr(sheets, "write_plot", lambda history, path: path.write_bytes(b""))
    for moment, after in [(1, False), (2, True), (3, False), (4, False)]:
        out = tmp_path / f"{moment}-{after}"
        count = itertools.count(1)

        def replace(part, path, count=count, moment=moment, after=after):
            here = next(count) == moment
            if here and not after:
                raise Stop
            original(part, path)
            if here:
                raise Stop

        monkeypatch.setattr(os, "replace", replace)
        with pytest.raises(Stop):
            run(out)
        monkeypatch.setattr(os, "replace", original)
        assert_same_as(whole, out, run(out, resume=True)[0])


def test_what_kill_leaves_behind_is_cleared_away(tmp_path, whole):
    out = tmp_path / "run"
    out.mkdir()
    (out / ".0123456789ab.part").write_bytes(b"half a checkpoint")
    stage, _ = run(out)
    assert_same_as(whole, out, stage)


def test_resuming_a_finished_run_trains_no_more_and_mends_its_files(tmp_path):
    out = tmp_path / "run"
    stage, history = run(out, steps=2)
    (out / "log.csv").write_text("cut off")
    again, same = run(out, steps=2, resume=True, make_batch=None)
    assert same == history
    assert [line[0] for line in log_of(out)] == ["step", "2"]
    np.testing.assert_array_equal(stage.get_weights()[0], again.get_weights()[0])


def test_a_run_is_never_written_over(tmp_path):
    out = tmp_path / "run"
    run(out, steps=2)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(TrainingError, match=r"holds a run already.*--resume"):
        run(out, steps=2)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "autoencoder.npz").write_bytes(b"my weights")
    for resume in (False, True):
        with pytest.raises(TrainingError, match=r"holds autoencoder\.npz, which.*write over"):
            run(mine, steps=2, resume=resume)
    assert (mine / "autoencoder.npz").read_bytes() == b"my weights"


def test_ctrl_c_says_how_to_go_on(tmp_path):
    def interrupted(step):
        return points(step)

    class Interrupting(TwoWeights):
        def fit(self, *arguments, **options):
            if self.optimizer.iterations.numpy() >= 2:
                raise KeyboardInterrupt
            return super().fit(*arguments, **options)

    lines = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", stage=Interrupting(), make_batch=interrupted, report=lines.append)
    assert "checkpoint-0000002.npz is safe on the disk; go on from it with --resume" in lines[-1]


def test_a_loss_that_is_no_number_stops_with_the_last_good_checkpoint(tmp_path, capsys):
    def poisoned(step):
        return points(step) * (np.nan if step >= 4 else 1)

    with pytest.raises(TrainingError, match=r"loss became nan between the steps 4 and 6.*0000004"):
        run(tmp_path / "run", make_batch=poisoned)
    assert checkpoint_paths(tmp_path / "run")[0].name == "checkpoint-0000004.npz"
    # Keras' own words name a batch, and a wrong one where one call takes ten steps.
    assert "Batch" not in capsys.readouterr().out


@pytest.mark.parametrize(("loss", "stopped"), [(1.0, False), (np.nan, True), (np.inf, True)])
def test_a_loss_that_is_no_number_ends_the_fit_at_once(loss, stopped):
    watcher, stage = StopOnNaN(), types.SimpleNamespace(stop_training=False)
    watcher.set_model(stage)
    watcher.on_train_batch_end(0, {"loss": np.float32(loss)})
    assert stage.stop_training is stopped


def test_a_diverging_loss_stops_and_a_smaller_learning_rate_goes_on(tmp_path):
    def disturbed(step):
        return points(step) * (100 if step >= 4 else 1)

    with pytest.raises(TrainingError, match=r"loss grew from .* smaller learning rate.*0\.03"):
        run(tmp_path / "run", make_batch=disturbed)
    lines = []
    _, history = run(tmp_path / "run", resume=True, learning_rate=0.03, report=lines.append)
    assert history[-1]["step"] == 6
    assert "learning_rate was 0.1, is 0.03" in "\n".join(lines)


def test_weights_that_turn_bad_in_the_last_step_are_noticed(tmp_path):
    class Explodes(TwoWeights):
        def fit(self, *arguments, **options):
            history = super().fit(*arguments, **options)
            self.line.kernel.assign([[np.inf]])
            return history

    with pytest.raises(TrainingError, match=r"not numbers after step 2.*0000000\.npz holds"):
        run(tmp_path / "run", stage=Explodes())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full.*make room.*--resume"),
        (errno.EACCES, "cannot be written to. Choose another folder"),
        (errno.EROFS, "cannot be written to. Choose another folder"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_refuses_is_explained(tmp_path, monkeypatch, number, words):
    out = tmp_path / "run"
    original = os.replace
    count = itertools.count(1)

    def replace(part, path):
        if next(count) > 4:
            raise OSError(number, os.strerror(number))
        original(part, path)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(TrainingError, match=f"{out}: .*{words}"):
        run(out)
    assert not list(out.glob("*.part"))
    assert checkpoint_paths(out)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_the_right_to_write(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(TrainingError, match="cannot be written to"):
        run(tmp_path / "run")


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(TrainingError, match=f"{tmp_path / 'run'}: "):
        run(tmp_path / "run")


def test_an_error_in_the_background_comes_through(tmp_path):
    def failing(step):
        raise TrainingError("the image holiday.png is gone")

    with pytest.raises(TrainingError, match=r"^the image holiday\.png is gone$"):
        run(tmp_path / "run", make_batch=failing)


def test_memory_that_was_short_for_a_moment_costs_nothing(tmp_path, whole):
    def short_of_memory(step):
        if step >= 4:
            raise MemoryError
        return points(step)

    with pytest.raises(OutOfMemoryError, match=r"--batch 4 .* --crop 56 .*--resume"):
        run(tmp_path / "run", make_batch=short_of_memory)
    stage, _ = run(tmp_path / "run", resume=True)
    assert_same_as(whole, tmp_path / "run", stage)


def test_batches_are_numbered_from_their_start():
    batches = Batches(lambda step: step, start=5, count=3)
    assert [batches[k] for k in range(len(batches))] == [(5,), (6,), (7,)]


def test_measured_values_and_sheets(tmp_path):
    drawn = []

    def draw():
        drawn.append(1)
        return np.full((16, 16, 3), 0.5, "float32")

    _, history = run(
        tmp_path / "run", steps=5, measure=lambda: {"held_out": 7.0}, draw=draw, publish=None
    )
    assert [row["held_out"] for row in history] == [7.0] * 3
    assert [name for name in files(tmp_path / "run") if "sheet" in name] == [
        f"sheet-{step:07d}.jpg" for step in (2, 4, 5)
    ]
    assert images.load_image(tmp_path / "run" / "sheet-0000005.jpg").shape == (16, 16, 3)


@pytest.mark.parametrize(("steps", "every"), [(9000, 250), (100, 250), (7, 2), (100_000, 1000)])
def test_about_a_dozen_sheets_the_last_at_the_end(steps, every):
    plan = Settings(steps=steps, every=every)
    ends = [min(end, steps) for end in range(every, steps + every, every)]
    shown = [end for end in ends if is_sheet_step(end, plan)]
    assert shown[-1] == steps
    assert len(shown) == len(ends) if len(ends) <= 12 else 12 <= len(shown) < 24
    assert not is_sheet_step(0, plan)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "steps=0: give 1 or more"),
        ({"every": 0}, "every=0"),
        ({"crop": 100}, "crop=100.*multiple of 8, for instance 96"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"learning_rate": float("nan")}, "learning_rate=nan"),
    ],
)
def test_settings_that_cannot_be_meant(options, words):
    with pytest.raises(TrainingError, match=words):
        Settings(**options)


@pytest.mark.parametrize(
    ("batch", "devices", "right"), [(8, 1, 8), (7, 1, 8), (8, 2, 16), (15, 2, 16)]
)
def test_every_device_needs_its_share(autoencoder, batch, devices, right):
    stage, plan = DistillStage(autoencoder), Settings(batch=batch)
    if batch == 8 and devices == 1:
        check_batch(stage, plan, devices)
        return
    with pytest.raises(TrainingError, match=f"batch={batch}.*at least 8. Give {right}"):
        check_batch(stage, plan, devices)


# --- precision, progress, sheets --------------------------------------------------------------


@pytest.fixture
def on_a_gpu(monkeypatch):
    """Where a precision is that of whole networks, and not of convolutions alone."""
    monkeypatch.setattr(machine, "accelerator", lambda: Accelerator("GPU", "x"))


def test_precision_is_put_back():
    before = keras.config.dtype_policy().name
    with computing("mixed_bfloat16") as devices:
        assert active_convolutions() == QuickConvolutions("bfloat16", gradient=True)
        assert keras.config.dtype_policy().name == before, "only convolutions, on a CPU"
        assert devices == 1
    with pytest.raises(RuntimeError), computing("float32"):
        raise RuntimeError
    assert active_convolutions() is None


def test_on_a_gpu_whole_networks_compute_in_half_precision(on_a_gpu):
    before = keras.config.dtype_policy().name
    with machine.in_precision("mixed_bfloat16"):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        assert active_convolutions() is None
    assert keras.config.dtype_policy().name == before


def test_unknown_precision_and_too_many_devices():
    words = "precision 'half' is none of float32, mixed_bfloat16"
    with pytest.raises(TrainingError, match=words), computing("half"):
        pass
    with pytest.raises(TrainingError, match="99 devices are asked for"), computing(devices=99):
        pass


def test_fast_precision_knows_the_machine(monkeypatch):
    for kind, generation, quick, expected in [
        ("CPU", 0, "float32", "float32"),
        ("CPU", 0, "bfloat16", "mixed_bfloat16"),
        ("TPU", 0, "float32", "mixed_bfloat16"),
        ("GPU", 9, "float32", "mixed_bfloat16"),
        ("GPU", 7, "float32", "mixed_float16"),
        ("GPU", 6, "float32", "float32"),
    ]:
        monkeypatch.setattr(machine, "convolution_dtype", lambda quick=quick: quick)
        monkeypatch.setattr(machine, "accelerator", lambda kind=kind: Accelerator(kind, "x"))
        monkeypatch.setattr(machine, "compute_capability", lambda generation=generation: generation)
        assert fast_precision() == expected


def test_losses_are_exact_where_the_network_is_not(source, on_a_gpu):
    keras.utils.set_random_seed(0)
    with machine.in_precision("mixed_bfloat16"):
        half = DistillStage(Autoencoder((4, 5)))
    single = DistillStage(Autoencoder((4, 5)))
    single.set_weights(half.get_weights())
    crops = source.batch(0, 8)
    assert half.autoencoder.encoder(crops)["relu1_1"].dtype == "bfloat16"
    one, two = half(crops), single(crops)
    assert one["reconstruct"].dtype == "float32"
    assert float(one["reconstruct"]) == pytest.approx(float(two["reconstruct"]), abs=0.05)


def test_painting_is_learned_in_half_precision_and_judged_in_single(teacher, source, on_a_gpu):
    with machine.in_precision("mixed_bfloat16"):
        encoder = Autoencoder((4, 5, 6, 7)).encoder
        painter = PaintingDecoder((4, 5, 6, 7), blocks=1, embedding=4)
        painter.build()
    stage = PaintStage(encoder, painter, teacher, teacher_scales(teacher, source, batches=1))
    crops = CropSource(source.images, crop=32)
    parts = stage({"content": crops.batch(0, 4), "style": crops.batch(1, 4)})
    assert all(part.dtype == "float32" and np.isfinite(float(part)) for part in parts.values())


def test_the_bar_is_silent_in_a_file_and_when_nobody_listens(capsys):
    lines = []
    with Progress(10, report=lines.append) as progress:
        progress.start_at(0)
        progress.on_train_batch_end(3, {"loss": 1.0})
        progress.done(4, {"b": 2.0, "loss": 1.0})
    assert len(lines) == 1 and lines[0].startswith("step 4/10  loss 1.000  b 2.000  ")
    with Progress(10, report=None, bar=True) as progress:
        progress.start_at(0)
        progress.done(4, {"loss": 1.0})
    assert capsys.readouterr() == ("", "")


def test_the_bar_shows_losses_and_makes_room_for_lines(capsys, monkeypatch):
    monkeypatch.setattr(progress_bars, "REFRESH_SECONDS", 0.0)
    with Progress(8, bar=True) as progress:
        progress.say("Resumed at step 2.")
        progress.start_at(2)
        progress.on_train_batch_end(1, {"loss": 1.0, "part": 2.0})
        progress.done(4, {"loss": 1.0})
    shown = capsys.readouterr()
    first, *later = shown.err.split("\r")[1:]
    assert "2/8" in first and any("4/8" in bar and "loss 1.000  part 2.000" in bar for bar in later)
    assert not later[-2].strip() and shown.err.endswith("\r"), "the bar is cleared away"
    assert shown.out == "Resumed at step 2.\nstep 4/8  loss 1.000  00:00 left\n"


def test_a_resumed_run_is_as_far_as_it_was_and_tells_the_time_at_its_own_speed(monkeypatch):
    now, lines = [100.0], []
    monkeypatch.setattr(progress_bars.time, "monotonic", lambda: now[0])
    with Progress(100, report=lines.append, bar=False) as progress:
        progress.start_at(80)
        now[0] += 50
        progress.done(90, {"loss": 1.0})
    assert lines == ["step 90/100  loss 1.000  00:50 left"]


def test_words():
    assert in_words({"b": 1.23456, "a": 2, "loss": 0.5}) == "loss 0.500  a 2.000  b 1.235"


def test_a_sheet_has_its_images_in_rows():
    black, gray = np.zeros((8, 8, 3), "float32"), np.full((8, 8, 3), 0.5, "float32")
    whole = sheets.sheet([[None, black, gray], [gray, gray, black]])
    assert whole.shape == (2 * (8 + sheets.GAP) + sheets.GAP, 3 * (8 + sheets.GAP) + sheets.GAP, 3)
    middle = sheets.GAP + 4
    far = middle + 8 + sheets.GAP
    assert whole[middle, middle, 0] == 1 and whole[middle, far, 0] == 0
    assert whole[far, middle, 0] == 0.5


def test_held_out_images_are_squares_of_the_collection():
    photographs, styles = (
        sheets.held_out("photographs", count=3, side=40),
        sheets.held_out("styles", count=2, side=40),
    )
    assert photographs.shape == (3, 40, 40, 3) and styles.shape == (2, 40, 40, 3)
    assert min(image.std() for image in (*photographs, *styles)) > 0.02


def test_large_step_numbers_stay_whole_in_the_log(tmp_path):
    sheets.write_log([{"step": 1_234_567, "loss": 0.123456789}], tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text() == "step,loss\n1234567,0.123457\n"


def test_each_device_has_its_share_of_the_loss():
    stage = TwoWeights()
    alone = float(stage.compute_loss(y_pred={"squared": 6.0, "factor": 1.0}))
    stage.replicas = 2
    assert alone == 6 and float(stage.compute_loss(y_pred={"squared": 6.0, "factor": 1.0})) == 3


def test_facts_survive_json(tmp_path, stage):
    """A tuple becomes a list on its way through the file, which is no change of settings."""
    facts = {"network": {"channels": (4, 5)}}
    Checkpoints(tmp_path, facts).save(stage, State(2))
    assert Checkpoints(tmp_path, facts).load(stage, quiet).step == 2
    assert json.loads(json.dumps(facts)) != facts
