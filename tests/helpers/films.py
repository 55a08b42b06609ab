"""Small videos made with FFmpeg directly, whole ones and broken ones, and what is heard in them."""

from fractions import Fraction

import numpy as np
import pytest

from course_lib import images
from course_lib.transfer.clips import open_clip, save_clip, writing

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
