"""Videos: files in and out, motion, and the two remedies against flicker."""

import os
import signal
import struct
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from course_lib import collection, images
from course_lib.errors import TransferError
from course_lib.metrics import warping_error
from course_lib.transfer import motion, video
from course_lib.transfer.clips import Frame, open_clip, save_clip, writing
from course_lib.transfer.feature import FeatureTransfer
from tests.helpers.checkout import ROOT

av = pytest.importorskip("av")

TICK = Fraction(1, 12_800)
RED = (200, 40, 30)


def image(number=0, height=96, width=128):
    """Red, a white patch at the top left, and a blue square that wanders."""
    pixels = np.full((height, width, 3), RED, np.uint8)
    pixels[: height // 3, : width // 4] = 255
    left = 3 * number % (width - 12)
    pixels[height // 2 : height // 2 + 12, left : left + 12] = (20, 60, 220)
    return pixels


def film(path, times, size=(96, 128), sound=0.0, sound_codec="aac", title=None):
    """A video made with FFmpeg directly: frames at these times, and seconds of a tone."""
    with av.open(str(path), "w") as container:
        if title:
            container.metadata["title"] = title
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TICK
        if sound:
            track = container.add_stream(sound_codec, rate=48_000)
            track.layout = "mono"
        for number, when in enumerate(times):
            frame = av.VideoFrame.from_ndarray(image(number, *size), format="rgb24")
            frame.pts, frame.time_base = round(when / TICK), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            tone = 0.3 * np.sin(np.arange(int(48_000 * sound)) / 17).astype("float32")
            for start in range(0, len(tone), 1024):
                chunk = np.ascontiguousarray(tone[None, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
                container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return path


def evenly(count, rate=25):
    return [Fraction(number, rate) for number in range(count)]


def copied(clip, path, **options):
    """The clip written again, frame by frame."""
    with writing(path, clip, **options) as sink:
        for frame in clip:
            sink.add(frame)
        sink.to_the_end = True
    return open_clip(path)


def times(clip):
    return [float(frame.start) for frame in clip]


def loudness(path):
    """Seconds of sound in a file, and how loud it is."""
    with av.open(str(path)) as container:
        track = container.streams.audio[0]
        chunks = [np.abs(frame.to_ndarray().astype("float64")) for frame in container.decode(track)]
        samples = sum(chunk.shape[1] for chunk in chunks)
        return samples / track.rate, max(chunk.max() for chunk in chunks)


# ---- reading and writing ------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".gif", ""])
def test_a_video_comes_back_as_it_was_written(tmp_path, suffix):
    source = open_clip(film(tmp_path / "film.mp4", evenly(12), sound=0.0))
    result = copied(source, tmp_path / f"copy{suffix}")
    before, after = list(source), list(result)
    assert result.size == source.size == (96, 128)
    assert len(after) == len(before) == 12
    assert result.rate == 25
    for one, other in zip(before, after, strict=True):
        assert np.abs(one.image - other.image).mean() < 0.01
    assert np.allclose(times(result), times(source), atol=0.002)


@pytest.mark.parametrize(("suffix", "tolerance"), [(".mp4", 1e-5), (".mkv", 2e-3), (".gif", 0.011)])
def test_a_variable_frame_rate_stays(tmp_path, suffix, tolerance):
    uneven = [Fraction(number**2, 100) for number in range(8)]
    source = open_clip(film(tmp_path / "film.mp4", uneven))
    result = copied(source, tmp_path / f"copy{suffix}")
    assert np.allclose(times(source), [float(when) for when in uneven], atol=1e-6)
    assert np.allclose(times(result), times(source), atol=tolerance)


def test_colors_survive_whatever_the_rule_of_the_file(tmp_path):
    result = copied(open_clip(film(tmp_path / "film.mp4", evenly(3))), tmp_path / "copy.mp4")
    again = copied(result, tmp_path / "again.mp4")
    for clip in (result, again):
        found = next(iter(clip)).image[80, 100] * 255
        assert np.abs(found - RED).max() < 8


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_sound_is_kept_to_its_end(tmp_path, suffix):
    source = film(tmp_path / "film.mp4", evenly(20), sound=1.5)
    copied(open_clip(source), tmp_path / f"copy{suffix}")
    seconds, loudest = loudness(tmp_path / f"copy{suffix}")
    assert abs(seconds - 1.5) < 0.05
    assert loudest > 0.2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_may_outlast_the_images(tmp_path, suffix):
    source = open_clip(film(tmp_path / f"film{suffix}", evenly(5), sound=1.0))
    assert len(list(source)) == 5
    copied(source, tmp_path / "copy.mkv")
    assert len(list(open_clip(tmp_path / "copy.mkv"))) == 5


def test_uncompressed_sound_becomes_aac_in_mp4(tmp_path):
    source = film(tmp_path / "film.mov", evenly(20), sound=0.8, sound_codec="pcm_s16le")
    copied(open_clip(source), tmp_path / "copy.mp4")
    seconds, _ = loudness(tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    assert abs(seconds - 0.8) < 0.05


def test_a_stream_that_does_not_start_at_zero(tmp_path):
    source = film(tmp_path / "film.ts", evenly(10), sound=0.4)
    result = copied(open_clip(source), tmp_path / "copy.mp4")
    assert times(result)[0] < 0.1
    assert np.allclose(np.diff(times(result)), 0.04, atol=0.001)


@pytest.mark.parametrize(
    ("matrix", "corner"),
    [
        ((0, 1, 0, -1, 0, 0), (0, -1)),  # a quarter clockwise: the patch goes to the top right
        ((0, -1, 0, 1, 0, 0), (-1, 0)),  # a quarter back: to the bottom left
        ((-1, 0, 0, 0, -1, 0), (-1, -1)),  # upside down
    ],
)
def test_rotated_clips_come_out_upright(tmp_path, matrix, corner):
    data = bytearray(film(tmp_path / "film.mp4", evenly(4)).read_bytes())
    # The display matrix stands 40 bytes behind the version of the track's header.
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 24] = struct.pack(">6i", *(number << 16 for number in matrix))
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    clip = open_clip(turned)
    sideways = matrix[0] == 0
    assert clip.size == ((128, 96) if sideways else (96, 128))
    first = next(iter(clip)).image
    assert first.shape[:2] == clip.size
    row, column = (4 if place == 0 else -4 for place in corner)
    assert first[row, column].min() > 0.9
    result = copied(clip, tmp_path / "upright.mp4")
    assert next(iter(result)).image[row, column].min() > 0.9


@pytest.mark.parametrize(
    ("suffix", "size"), [(".mp4", (98, 66)), (".gif", (97, 65)), ("", (97, 65))]
)
def test_odd_sizes(tmp_path, suffix, size):
    frames = [image(number, 97, 65) for number in range(3)]
    clip = open_clip(save_clip(frames, tmp_path / f"odd{suffix}"))
    assert clip.size == size
    first = next(iter(clip)).image
    assert np.abs(first[:97, :65] * 255 - frames[0]).mean() < 3


def test_pixels_that_are_not_square(tmp_path):
    path = tmp_path / "anamorphic.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(image(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert open_clip(path).size == (96, 192)


def test_gif_transparency_is_white_and_its_pauses_are_kept(tmp_path):
    frames = [Image.new("RGBA", (40, 30), (0, 0, 0, 0)) for _ in range(3)]
    for number, frame in enumerate(frames):
        frame.paste((200, 0, 0, 255), (10 * number, 5, 10 * number + 10, 15))
    path = tmp_path / "clear.gif"
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=[50, 200, 100], disposal=2
    )
    found = list(open_clip(path))
    assert [frame.duration for frame in found] == [Fraction(1, 20), Fraction(1, 5), Fraction(1, 10)]
    for number, frame in enumerate(found):
        assert np.allclose(frame.image[25, 35], 1.0)
        assert frame.image[10, 10 * number + 5, 0] > 0.7 > 0.3 > frame.image[10, 10 * number + 5, 1]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_frames_of_an_animation_last_as_long_as_it_says(tmp_path, suffix):
    frames = [Image.new("RGB", (40, 30), (40 * number, 0, 0)) for number in range(4)]
    pauses = [50, 200, 100, 300]
    path = tmp_path / f"animation{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=pauses)
    clip = open_clip(path)
    assert (clip.count, clip.rate) == (4, 20)
    assert [1000 * frame.duration for frame in clip] == pauses
    assert times(clip) == pytest.approx([0.0, 0.05, 0.25, 0.35])


def test_an_animation_is_gone_through_once(tmp_path, monkeypatch):
    path = save_clip([image(number) for number in range(5)], tmp_path / "film.gif")
    asked = []
    seek = GifImageFile.seek
    monkeypatch.setattr(
        GifImageFile, "seek", lambda image, frame: asked.append(frame) or seek(image, frame)
    )
    copied(open_clip(path), tmp_path / "copy.mkv")
    assert [frame for frame in asked if frame] == [1, 2, 3, 4]


def test_an_open_clip_is_opened_as_it_is(tmp_path):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(2)), size=64)
    assert open_clip(clip) is clip
    with pytest.raises(TransferError, match="open already"):
        open_clip(clip, size=32)


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path):
    for number in (1, 2, 10):
        images.save_image(
            np.full((20, 20, 3), 20 * number, np.uint8), tmp_path / f"shot{number}.png"
        )
    (tmp_path / "notes.txt").write_text("no image")
    clip = open_clip(tmp_path, rate=10)
    assert [round(float(frame.image[0, 0, 0]) * 255) for frame in clip] == [20, 40, 200]
    assert times(clip) == pytest.approx([0.0, 0.1, 0.2])


def test_larger_frames_are_brought_to_a_size(tmp_path):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(2)), size=64)
    assert clip.size == (48, 64)
    assert next(iter(clip)).image.shape == (48, 64, 3)
    assert open_clip(tmp_path / "film.mp4", size=500).size == (96, 128)


def test_a_title_in_an_unknown_encoding_stops_nothing(tmp_path):
    path = film(tmp_path / "film.mkv", evenly(5), sound=0.2, title="Fete d'ete")
    data = path.read_bytes()
    assert data.count(b"Fete d'ete") == 1
    path.write_bytes(data.replace(b"Fete d'ete", b"F\xeate d'\xe9t\xe9"))
    result = copied(open_clip(path), tmp_path / "copy.mkv")
    assert len(list(result)) == 5
    assert loudness(tmp_path / "copy.mkv")[0] == pytest.approx(0.2, abs=0.05)


# ---- what cannot be read ------------------------------------------------------------------------


def broken(kind, folder):
    """A source that is no video, by the name of what is wrong with it."""
    path = folder / "film.mp4"
    if kind == "missing":
        return path
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("this is a letter\n" * 50)
    elif kind == "cut before its table":
        data = film(path, evenly(10)).read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif kind == "cut behind its table":
        save_clip([image(number, 240, 320) for number in range(50)], path)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
    elif kind == "cut matroska":
        path = film(folder / "film.mkv", evenly(100), sound=4.0)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif kind == "sound only":
        with av.open(str(path), "w") as container:
            track = container.add_stream("aac", rate=48_000, layout="mono")
            silence = np.zeros((1, 4096), "float32")
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.sample_rate = 48_000
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    elif kind == "tiny":
        film(path, evenly(3), size=(8, 24))
    elif kind == "empty folder":
        path = folder / "nothing"
        path.mkdir()
    elif kind == "two sizes":
        path = folder / "sizes"
        path.mkdir()
        for number, side in enumerate((20, 24)):
            images.save_image(np.zeros((side, 20, 3), np.uint8), path / f"{number}.png")
    elif kind == "broken gif":
        path = folder / "film.gif"
        save_clip([image(number) for number in range(4)], path)
        path.write_bytes(path.read_bytes()[:40])
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "no such file"),
        ("empty", "0 bytes"),
        ("text", "not a video"),
        ("cut before its table", "cut short"),
        ("cut behind its table", "cut short"),
        ("cut matroska", "cut short"),
        ("sound only", "no images"),
        ("tiny", "too small"),
        ("empty folder", "no image in this folder"),
        ("two sizes", "one size"),
        ("broken gif", "damaged"),
    ],
)
def test_what_cannot_be_read_is_said_clearly_and_nothing_is_left(tmp_path, kind, words):
    path = broken(kind, tmp_path)
    target = tmp_path / "out.mp4"
    before = {one.name for one in tmp_path.iterdir()}
    with pytest.raises(TransferError, match=words):
        copied(open_clip(path), target)
    assert {one.name for one in tmp_path.iterdir()} == before


def test_a_file_that_announces_frames_and_has_none(tmp_path):
    path = film(tmp_path / "film.mp4", evenly(5))
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    path.write_bytes(data[:start] + b"\x00" * (length - 8) + data[start - 8 + length :])
    with pytest.raises(TransferError, match=r"damaged|frame"):
        list(open_clip(path))


# ---- where it may be written --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.mkv", "empty.mp4"])
def test_a_file_is_replaced_only_if_it_is_said(tmp_path, name):
    clip = open_clip(film(tmp_path / "source.mp4", evenly(3)))
    if name == "empty.mp4":
        (tmp_path / name).touch()
    else:
        copied(clip, tmp_path / name)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(TransferError, match="is there already"):
        copied(clip, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before
    assert len(list(copied(clip, tmp_path / name, overwrite=True))) == 3


def test_an_empty_folder_takes_frames_and_a_full_one_none(tmp_path):
    clip = open_clip(film(tmp_path / "source.mp4", evenly(3)))
    (tmp_path / "frames").mkdir()
    assert len(list(copied(clip, tmp_path / "frames"))) == 3
    with pytest.raises(TransferError, match="such a folder already"):
        copied(clip, tmp_path / "frames")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("film.mp4", "the video itself"),
        ("film.avi", "suffix"),
        ("nowhere/film.mp4", "no folder"),
        ("full", "such a folder already"),
    ],
)
def test_bad_targets(tmp_path, name, words):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(2)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine")
    with pytest.raises(TransferError, match=words):
        copied(clip, tmp_path / name, overwrite=True)
    assert (tmp_path / "full" / "diary.txt").read_text() == "mine"
    assert len(list(clip)) == 2


def test_an_error_while_writing_leaves_nothing(tmp_path):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(4), sound=0.2))
    for name in ("out.mp4", "out.gif", "out"):
        with pytest.raises(RuntimeError), writing(tmp_path / name, clip) as sink:
            sink.add(next(iter(clip)))
            raise RuntimeError("the power is gone")
    with writing(tmp_path / "never.mp4", clip):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


def test_frames_at_the_same_time_are_put_apart(tmp_path):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(3)))
    with writing(tmp_path / "out.mp4", clip) as sink:
        for number in range(3):
            sink.add(Frame(images.check_image(image(number)), Fraction(0)))
    assert len(list(open_clip(tmp_path / "out.mp4"))) == 3


def test_memory_does_not_grow_with_length(tmp_path):
    """Reading and writing five times as many frames takes no more memory."""
    program = """
import sys
from pathlib import Path
import numpy as np
from workshop.benchmarks.common import memory
from course_lib.transfer.clips import Clip, open_clip, writing
class Long(Clip):
    path, size, rate = Path("none"), (120, 160), 25
    def __init__(self, count): self.count = count
    def read(self):
        ground = np.linspace(0, 1, 120 * 160 * 3, dtype="float32").reshape(120, 160, 3)
        for number in range(self.count):
            yield np.roll(ground, number, axis=1), None, None
peaks = []
for count in (40, 40, 400):
    for name in ("long.mkv", "long.gif"):
        target = Path(sys.argv[1]) / name
        with writing(target, Long(count)) as sink:
            for frame in Long(count): sink.add(frame)
        assert sum(1 for _ in open_clip(target)) == count
    peaks.append(round(1024 * memory()))
print(*peaks)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    _, short, long = map(int, done.stdout.split())
    # 360 frames more would be 21 MB as uint8 and 83 MB as float32.
    assert long - short < 12_000


# ---- motion -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip():
    """The first five of twelve frames: at this pace real cameras see the world."""
    whole = motion.moving_clip(frames=12, size=(96, 144), noise=0.02)
    return motion.MovingClip(whole.frames[:5], whole.flow[:4], whole.visible[:4])


def test_the_true_flow_carries_each_frame_into_the_next():
    clean = motion.moving_clip(frames=4, size=(96, 144))
    error = warping_error(clean.frames, flow=clean.flow, visible=clean.visible)
    assert error < 0.2 * warping_error(clean.frames)
    assert error < 0.6 * warping_error(clean.frames, flow=clean.flow)
    assert error < 0.8 * warping_error(clean.frames, flow=-clean.flow, visible=clean.visible)


def test_without_camera_and_disc_nothing_moves():
    still = motion.moving_clip(frames=3, size=(64, 96), camera=0, disc=0)
    assert np.abs(still.flow).max() < 1e-6
    assert np.array_equal(still.frames[0], still.frames[2])
    # Rounding may put a pixel of the edge just outside.
    assert still.visible[:, 1:-1, 1:-1].all()


def test_motion_is_found_and_what_was_hidden_is_not_trusted(clip):
    flow, trust = motion.motion_between(clip.frames[1], clip.frames[2])
    error = np.linalg.norm(flow - clip.flow[1], axis=-1)
    assert np.median(error) < 0.5
    assert trust[clip.visible[1]].mean() > 0.75
    assert trust[~clip.visible[1]].mean() < 0.35
    assert trust.min() >= 0 and trust.max() <= 1


def test_motion_is_searched_small_and_enlarged(clip):
    large = [images.resize(frame, (192, 288)) for frame in clip.frames[1:3]]
    flow, trust = motion.motion_between(*large, side=144)
    assert flow.shape == (192, 288, 2) and trust.shape == (192, 288)
    expected = clip.flow[1].repeat(2, 0).repeat(2, 1) * 2
    assert np.median(np.linalg.norm(flow - expected, axis=-1)) < 1.0


def test_a_pixel_without_partner_does_not_come_home():
    backward = np.zeros((6, 20, 2), "float32")
    backward[..., 1] = -3
    forward = -backward
    assert motion.comes_home(backward, forward).all()
    backward[2, 10] = [2, 5]
    home = motion.comes_home(backward, forward)
    assert not home[2, 10] and home.sum() == home.size - 1


# ---- steady transfer ----------------------------------------------------------------------------


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
        if share > 0.8:
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


@pytest.mark.skipif(os.name == "nt", reason="needs a signal that kills")
def test_killed_nothing_has_the_name_of_the_result(tmp_path):
    source = film(tmp_path / "film.mp4", evenly(3))
    program = (
        "import sys, time; from course_lib.transfer.clips import open_clip, writing\n"
        "clip = open_clip(sys.argv[1])\n"
        "with writing(sys.argv[2], clip) as sink:\n"
        "    sink.add(next(iter(clip))); print('written', flush=True); time.sleep(60)\n"
    )
    target = tmp_path / "out.mp4"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(source), str(target)], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()


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
