"""Style transfer for videos: the two remedies against flicker, whole files, the command."""

import numpy as np
import pytest

from course_lib import collection
from course_lib.errors import TransferError
from course_lib.metrics import warping_error
from course_lib.transfer import motion, video
from course_lib.transfer.clips import open_clip, save_clip
from course_lib.transfer.feature import FeatureTransfer
from tests.helpers.films import broken, evenly, film, image, loudness, times

# ---- steady transfer ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip():
    """The first five of twelve frames: at this pace real cameras see the world."""
    whole = motion.moving_clip(frames=12, size=(96, 144), noise=0.02)
    return motion.MovingClip(whole.frames[:5], whole.flow[:4], whole.visible[:4])


@pytest.fixture(scope="module")
def transfer():
    return FeatureTransfer()


@pytest.fixture(scope="module")
def style(transfer):
    return transfer.style_code(collection.style_image("woodcut", size=128))


def test_running_mean_starts_anew_with_a_scene():
    values = np.array([[1.0], [3.0], [10.0], [20.0]])
    means = video.running_mean(values, 0.5, starts=[True, False, True, False])
    assert means[:, 0].tolist() == [1.0, 2.0, 10.0, 15.0]


def test_without_memory_it_is_the_transfer_frame_by_frame(clip, transfer, style):
    alone = np.stack([transfer(frame, style, strength=0.7) for frame in clip.frames])
    steady = video.SteadyTransfer(style, transfer=transfer, strength=0.7, momentum=0, keep=0)
    together = np.concatenate([steady(clip.frames[:3]), steady(clip.frames[3:])])
    assert np.abs(alone - together).max() < 2e-3


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_large_frames_are_painted_from_coarse_to_fine(transfer, style, strength):
    content = collection.photograph("chelsea", size=416)[:200]
    frames = np.stack([content, content[:, ::-1]])
    options = {"transfer": transfer, "strength": strength, "momentum": 0.0, "keep": 0.0}
    painted = video.SteadyTransfer(style, **options)(frames)
    alone = [transfer(one, style, strength=strength) for one in frames]
    assert np.allclose(painted, alone, atol=2e-3)
    fine = video.SteadyTransfer(style, stroke="fine", **options)(frames)
    assert np.allclose(
        fine[0], transfer(content, style, strength=strength, stroke="fine"), atol=2e-3
    )
    assert np.abs(fine - painted).mean() > 0.01


def test_batches_do_not_matter(clip, transfer, style):
    steady = video.SteadyTransfer(style, transfer=transfer)
    once = steady(clip.frames)
    steady.reset()
    twice = np.concatenate([steady(clip.frames[:2]), steady(clip.frames[2:])])
    assert np.abs(once - twice).max() < 2e-3


def test_flicker_falls(clip, transfer, style):
    def flicker(**options):
        result = video.SteadyTransfer(style, transfer=transfer, **options)(clip.frames)
        return warping_error(result, flow=clip.flow, visible=clip.visible)

    assert flicker() < 0.75 * flicker(momentum=0, keep=0)


def test_smoothed_statistics_soften_a_jump(transfer, style):
    frames = motion.moving_clip(
        "astronaut", moving="hubble_deep_field", frames=6, size=(96, 192), camera=0, disc=0.9
    ).frames
    frames[:3] = motion.moving_clip("astronaut", frames=2, size=(96, 192), camera=0, disc=0).frames[
        0
    ]
    jumps = []
    for momentum in (0.0, 0.9):
        result = video.SteadyTransfer(style, transfer=transfer, momentum=momentum, keep=0)(frames)
        jumps.append(np.abs(result[3] - result[2])[:, 170:].mean())
        assert np.abs(result[2] - result[1]).max() < 2e-3
    assert jumps[1] < 0.85 * jumps[0]


def test_nothing_is_carried_over_a_cut(clip, transfer, style):
    other = motion.moving_clip(
        "hubble_deep_field", moving="camera", frames=2, size=(96, 144)
    ).frames
    steady = video.SteadyTransfer(style, transfer=transfer)
    after = steady(np.concatenate([clip.frames, other]))[-2:]
    steady.reset()
    assert np.abs(after - steady(other)).max() < 2e-3


def test_wct_and_kept_colors(clip, transfer, style):
    wct = FeatureTransfer("wct")
    steady = video.SteadyTransfer(clip.frames[0], transfer=wct)
    assert steady(clip.frames[:2]).shape == (2, 96, 144, 3)
    steady = video.SteadyTransfer(style, transfer=transfer, keep_colors="luminance", keep=0)
    plain = video.SteadyTransfer(style, transfer=transfer, keep=0)
    content = clip.frames[:1]
    assert (
        np.abs(steady(content) - content).mean((0, 1, 2)).max()
        < np.abs(plain(content) - content).mean((0, 1, 2)).max()
    )


def test_a_gray_video_in_a_gray_style_stays_gray(clip, transfer):
    def gray(images):
        return np.repeat(images.mean(-1, keepdims=True), 3, axis=-1)

    def chroma(look, frames):
        return np.ptp(video.SteadyTransfer(look, transfer=transfer)(frames), axis=-1).max()

    style = clip.frames[-1][:64, :64]
    assert chroma(gray(style), gray(clip.frames[:2])) < 0.01
    assert chroma(style, gray(clip.frames[:2])) > 0.1


@pytest.mark.parametrize("options", [{"keep": 1.0}, {"momentum": -0.1}, {"keep_colors": "hue"}])
def test_bad_options(options, transfer, style):
    with pytest.raises(TransferError):
        video.SteadyTransfer(style, transfer=transfer, **options)


# ---- whole files --------------------------------------------------------------------------------


def test_a_file_is_stylized_with_its_sound(tmp_path, style):
    # Of grain the coding of the file would leave little to compare.
    transfer = FeatureTransfer(grain=0.0)
    source = film(tmp_path / "film.mp4", evenly(7), sound=0.5)
    seen = []
    made = video.stylize_video(
        source, style, tmp_path / "out.mp4", transfer=transfer, batch=3,
        progress=seen.append,
    )  # fmt: skip
    assert (made.frames, made.finished) == (7, True)
    assert made.seconds == pytest.approx(0.28, abs=0.01)
    assert seen == pytest.approx([3 / 7, 6 / 7, 1.0])
    result = open_clip(made.path)
    assert times(result) == pytest.approx(times(open_clip(source)), abs=1e-4)
    assert loudness(made.path)[0] == pytest.approx(0.5, abs=0.05)
    expected = transfer(next(iter(open_clip(source))).image, style)
    assert np.abs(next(iter(result)).image - expected).mean() < 0.03


def test_stopped_the_finished_part_plays(tmp_path, transfer, style):
    source = film(tmp_path / "film.mp4", evenly(9), sound=0.5)
    made = video.stylize_video(
        source, style, tmp_path / "out.mp4", transfer=transfer, batch=3, keep=0,
        progress=lambda share: True,
    )  # fmt: skip
    assert (made.frames, made.finished) == (3, False)
    assert len(list(open_clip(made.path))) == 3
    assert loudness(made.path)[0] < 0.2
    short = video.stylize_video(
        source, style, tmp_path / "short.mp4", transfer=transfer, keep=0, seconds=0.2
    )
    assert (short.frames, short.finished) == (5, True)


def test_interrupted_by_hand_the_finished_part_plays(tmp_path, transfer, style):
    source = film(tmp_path / "film.mp4", evenly(9))

    def interrupt(share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.stylize_video(
            source, style, tmp_path / "out.mp4", transfer=transfer, batch=3, keep=0,
            progress=interrupt,
        )  # fmt: skip
    assert len(list(open_clip(tmp_path / "out.mp4"))) == 6


def test_a_damaged_file_leaves_nothing(tmp_path, transfer, style):
    source = broken("cut behind its table", tmp_path)
    with pytest.raises(TransferError, match="cut short"):
        video.stylize_video(source, style, tmp_path / "out.mp4", transfer=transfer, keep=0, size=64)
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


# ---- the command --------------------------------------------------------------------------------


def course(*arguments):
    from typer.testing import CliRunner

    from course_lib.cli import app

    return CliRunner().invoke(app, ["stylize", *map(str, arguments)])


def test_the_command_stylizes_a_video(tmp_path):
    source = film(tmp_path / "film.mp4", evenly(5))
    out = tmp_path / "out.mp4"
    done = course(source, "woodcut", "-o", out, "--size", 64, "--seconds", 0.08)
    assert done.exit_code == 0, done.output
    assert "2 frames" in done.output
    assert open_clip(out).size == (48, 64)
    assert len(list(open_clip(out))) == 2


def test_the_command_makes_a_video_of_frames_and_an_animation_of_an_animation(tmp_path):
    folder = save_clip([image(number) for number in range(2)], tmp_path / "frames")
    assert course(folder, "woodcut", "-o", tmp_path / "out.mp4").exit_code == 0
    moving = save_clip([image(number) for number in range(2)], tmp_path / "moving.gif")
    assert course(moving, "woodcut", "-o", tmp_path / "out.gif").exit_code == 0
    for name in ("out.mp4", "out.gif"):
        assert len(list(open_clip(tmp_path / name))) == 2


@pytest.mark.parametrize("option", [("--method", "patches"), ("--keep-colors", "covariance")])
def test_the_command_refuses_what_is_for_images(tmp_path, option):
    source = film(tmp_path / "film.mp4", evenly(2))
    done = course(source, "woodcut", "-o", tmp_path / "out.mp4", *option)
    assert done.exit_code == 2
    assert not (tmp_path / "out.mp4").exists()
