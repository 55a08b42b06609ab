"""Videos as files: what comes in, what goes out, what is refused."""

import os
import signal
import struct
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from course_lib import images
from course_lib.errors import FileError, TransferError
from course_lib.transfer.clips import Frame, open_clip, save_clip, writing
from tests.helpers.checkout import ROOT
from tests.helpers.films import RED, broken, copied, evenly, film, image, loudness, times

# ---- reading and writing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "suffix", [".mp4", ".mov", ".mkv", ".webm", ".gif", ".webp", ".png", ".apng", ""]
)
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


@pytest.mark.parametrize(
    ("suffix", "tolerance"),
    [(".mp4", 1e-5), (".mkv", 2e-3), (".webm", 2e-3), (".webp", 0.011), (".gif", 0.011)],
)
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


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
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
        ((-1, 0, 0, 0, 1, 0), (0, -1)),  # mirrored, as front cameras do
        ((1, 0, 0, 0, -1, 0), (-1, 0)),  # mirrored from top to bottom
        ((0, 1, 0, 1, 0, 0), (0, 0)),  # mirrored and a quarter turned
        ((0, -1, 0, -1, 0, 0), (-1, -1)),
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


def clear_animation(path):
    """Disks that wander on a ground of hidden pink.

    But for a GIF, they are soft at their edges, and the first frame is opaque.
    """
    frames, hard = [], path.suffix == ".gif"
    for number in range(4):
        soft = np.hypot(*np.mgrid[-20:20, -20 - 8 * number : 40 - 8 * number])
        alpha = np.clip((14 - soft) / 4, 0, 1) if number or hard else np.ones((40, 60))
        alpha = alpha >= 0.5 if hard else alpha
        pixels = np.full((40, 60, 4), (30, 90, 20, 0), np.uint8)
        pixels[alpha == 0] = (255, 0, 255, 0)
        pixels[..., 3] = np.rint(255 * alpha)
        frames.append(Image.fromarray(pixels))
    options = {".gif": {"disposal": 2}, ".png": {"disposal": 1, "blend": 0}}
    more = options.get(path.suffix, {"lossless": True, "exact": True})
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **more)
    return np.stack([np.asarray(frame) / np.float32(255) for frame in frames])


@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
@pytest.mark.parametrize("target", [".webp", ".png", ".gif", ".mp4", ""])
def test_transparency_of_an_animation_stays_where_it_can(tmp_path, suffix, target):
    pixels = clear_animation(tmp_path / f"clear{suffix}")
    clip = open_clip(tmp_path / f"clear{suffix}")
    assert clip.transparent
    written = copied(clip, tmp_path / f"copy{target}")
    assert written.transparent == (target != ".mp4")
    for (*color, alpha), frame in zip(np.moveaxis(pixels, -1, 1), written, strict=True):
        alpha = alpha >= 0.5 if ".gif" in (suffix, target) else alpha
        cover = np.ones_like(frame.image[..., 0]) if frame.alpha is None else frame.alpha
        # On white, and on black, no frame shows another one, and none the hidden color.
        shown = [
            frame.image * cover[..., None] + ground * (1 - cover[..., None]) for ground in (0, 1)
        ]
        right = [
            np.moveaxis(color * alpha, 0, -1) + ground * (1 - alpha[..., None]) for ground in (0, 1)
        ]
        if target == ".mp4":
            shown, right = shown[1:], right[1:]
        else:
            assert np.abs(cover - alpha).max() < 0.01
        limit = {".mp4": 0.4, ".webp": 0.25}.get(target, 0.06)
        assert np.abs(np.subtract(shown, right)).max() < limit


def test_hidden_colors_do_not_leak_when_an_animation_is_made_smaller(tmp_path):
    clear_animation(tmp_path / "clear.png")
    for frame in open_clip(tmp_path / "clear.png", size=24):
        seen = np.ones((16, 24), bool) if frame.alpha is None else frame.alpha > 0
        assert frame.image.shape == (16, 24, 3)
        assert np.abs(frame.image[seen] * 255 - (30, 90, 20)).max() < 3
        assert frame.image[~seen].min(initial=1) == 1


def test_an_opaque_animation_is_written_without_alpha(tmp_path):
    frames = [Image.new("RGBA", (40, 30), (40 * number, 0, 0, 255)) for number in range(3)]
    for suffix in (".webp", ".png", ".gif"):
        frames[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:])
        clip = open_clip(tmp_path / f"a{suffix}")
        assert not clip.transparent
        copied(clip, tmp_path / f"b{suffix}")
        with Image.open(tmp_path / f"b{suffix}") as written:
            assert not written.has_transparency_data


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


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".mp4", ".mkv", ".webm"])
def test_the_last_frame_of_an_animation_stays_as_long_as_it_says(tmp_path, suffix):
    frames = [Image.fromarray(image(number)) for number in range(5)]
    frames[0].save(
        tmp_path / "hold.gif", save_all=True, append_images=frames[1:],
        duration=[100, 40, 100, 60, 2000],
    )  # fmt: skip
    found = list(copied(open_clip(tmp_path / "hold.gif"), tmp_path / f"copy{suffix}"))
    assert [float(frame.start) for frame in found] == pytest.approx([0, 0.1, 0.14, 0.24, 0.3])
    assert found[-1].duration == 2
    if suffix in (".gif", ".mp4", ".mkv", ".webm"):
        with av.open(str(tmp_path / f"copy{suffix}")) as container:
            assert container.duration == pytest.approx(2_300_000, abs=1000)


@pytest.mark.parametrize(("rate", "count"), [(50, 50), (60, 51), (100, 50)])
def test_a_fast_video_keeps_its_pace_as_a_gif(tmp_path, rate, count):
    save_clip([image(number) for number in range(rate)], tmp_path / "fast.mkv", rate=rate)
    found = list(copied(open_clip(tmp_path / "fast.mkv"), tmp_path / "fast.gif"))
    assert abs(len(found) - count) <= 1
    assert min(frame.duration for frame in found) == Fraction(1, 50)
    assert float(sum(frame.duration for frame in found)) == pytest.approx(1, abs=0.021)


def test_frames_that_ask_for_no_pause_are_shown_as_browsers_show_them(tmp_path):
    frames = [Image.new("RGB", (40, 30), (40 * number, 0, 0)) for number in range(4)]
    frames[0].save(
        tmp_path / "fast.gif", save_all=True, append_images=frames[1:], duration=[0, 10, 20, 30]
    )
    clip = open_clip(tmp_path / "fast.gif")
    assert [float(frame.duration) for frame in clip] == [0.1, 0.1, 0.02, 0.03]


@pytest.mark.parametrize(
    ("suffix", "loop", "repeats"),
    [(".gif", None, 0), (".gif", 0, None), (".gif", 3, 3), (".webp", 0, None), (".webp", 1, 0),
     (".png", 4, 3)],
)  # fmt: skip
def test_an_animation_is_repeated_as_often_as_it_says(tmp_path, suffix, loop, repeats):
    path = tmp_path / f"animation{suffix}"
    options = {} if loop is None else {"loop": loop}
    frames = [Image.fromarray(image(number)) for number in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, **options)
    clip = open_clip(path)
    assert clip.repeats == repeats
    for target in ("copy.gif", "copy.webp", "copy.apng"):
        assert copied(clip, tmp_path / target).repeats == repeats


def test_a_movie_that_is_called_an_animation_is_read_as_what_it_is(tmp_path):
    film(tmp_path / "film.mp4", evenly(3)).rename(tmp_path / "film.gif")
    assert len(list(open_clip(tmp_path / "film.gif"))) == 3


# A quarter of the picture is opaque red, the rest has a hidden color.
SEEN = np.zeros((96, 128, 4), np.uint8)
SEEN[..., 1] = 200
SEEN[:48, :64] = (200, 0, 0, 255)


@pytest.mark.parametrize(
    ("suffix", "codec", "kind"),
    [(".mov", "prores_ks", "yuva444p10le"), (".mov", "qtrle", "argb"),
     (".webm", "libvpx-vp9", "yuva420p"), (".webm", "libvpx", "yuva420p")],
)  # fmt: skip
@pytest.mark.parametrize("size", [None, 64])
def test_transparency_of_a_movie_is_white(tmp_path, suffix, codec, kind, size):
    if codec not in av.codecs_available:
        pytest.skip(f"FFmpeg was built without {codec}")
    path = tmp_path / f"clear{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = 96, 128, kind
        stream.options = {"auto-alt-ref": "0"} if codec == "libvpx" else {}
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(SEEN, format="rgba").reformat(format=kind)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = next(iter(open_clip(path, size=size))).image * 255
    height, width = found.shape[:2]
    assert np.abs(found[height // 4, width // 4] - (200, 0, 0)).max() < 10
    assert found[height * 3 // 4 :].min() > 245 and found[:, width * 3 // 4 :].min() > 245


# The codes of brightness, from 0 to 1, in candela per square meter, as the standards list them.
CURVES = [(16, 0.5807, 203), (16, 0.5081, 100), (16, 0.75, 983), (18, 0.75, 203), (18, 0.5, 50.6)]


@pytest.mark.parametrize(("curve", "code", "nits"), CURVES)
def test_high_dynamic_range_is_brought_to_the_standard_one(tmp_path, curve, code, nits):
    path = tmp_path / "bright.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = curve, 9, 9
        for _ in range(3):
            levels = np.full((64, 96, 3), 128 * 256, np.uint16)
            levels[..., 0] = round((16 + 219 * code) * 256)
            # Red as bright as it can be: the standards' own sums for blue and red.
            levels[:, 48:, 1] = round((128 - 224 * 0.2627 * code / 1.8814) * 256)
            levels[:, 48:, 2] = round((128 + 224 * 0.5 * code) * 256)
            levels[:, 48:, 0] = round((16 + 219 * 0.2627 * code) * 256)
            frame = av.VideoFrame.from_ndarray(levels, format="yuv444p16le")
            container.mux(stream.encode(frame.reformat(format="yuv420p10le")))
        container.mux(stream.encode(None))
    found = next(iter(open_clip(path))).image * 255
    light = min(nits / 203, 1)
    expected = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(found[32, 16] - expected).max() < 3
    red = found[32, 80]
    assert red[1] < 5 and red[2] < 5 and (red[0] > 250 or nits < 203)


def test_an_animated_avif_is_read(tmp_path):
    if "AVIF" not in images.readable_formats():
        pytest.skip("this Pillow reads no AVIF")
    frames = [Image.fromarray(image(number)) for number in range(4)]
    frames[0].save(
        tmp_path / "film.avif", save_all=True, append_images=frames[1:], duration=[80, 40, 100, 60]
    )
    found = list(open_clip(tmp_path / "film.avif"))
    assert [float(frame.duration) for frame in found] == [0.08, 0.04, 0.1, 0.06]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".webp"])
def test_lower_quality_makes_smaller_files(tmp_path, suffix):
    clip = open_clip(film(tmp_path / "film.mkv", evenly(4)))
    sizes = []
    for quality in (30, 95):
        path = tmp_path / f"copy{quality}{suffix}"
        copied(clip, path, quality=quality)
        sizes.append(path.stat().st_size)
    assert sizes[0] < 0.9 * sizes[1]


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
        flat = np.full((20, 20, 3), 20 * number, np.uint8)
        images.save_image(flat, tmp_path / f"shot{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
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


def test_frames_that_become_too_narrow_are_named_with_their_own_size(tmp_path):
    wide = film(tmp_path / "film.mp4", evenly(2), size=(32, 320))
    with pytest.raises(TransferError, match=r"32 x 320 .* longer side of 100 .*--size 160"):
        open_clip(wide, size=100)
    assert open_clip(wide, size=160).size == (16, 160)


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
    with pytest.raises(FileError, match="is there already"):
        copied(clip, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before
    assert len(list(copied(clip, tmp_path / name, overwrite=True))) == 3


def test_an_empty_folder_takes_frames_and_a_full_one_none(tmp_path):
    clip = open_clip(film(tmp_path / "source.mp4", evenly(3)))
    (tmp_path / "frames").mkdir()
    assert len(list(copied(clip, tmp_path / "frames"))) == 3
    with pytest.raises(FileError, match="such a folder already"):
        copied(clip, tmp_path / "frames")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("film.mp4", TransferError, "the video itself"),
        ("film.avi", TransferError, "suffix"),
        ("nowhere/film.mp4", FileError, "no folder"),
        ("full", FileError, "such a folder already"),
    ],
)
def test_bad_targets(tmp_path, name, kind, words):
    clip = open_clip(film(tmp_path / "film.mp4", evenly(2)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine")
    with pytest.raises(kind, match=words):
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
        with writing(target, Long(count), overwrite=True) as sink:
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
