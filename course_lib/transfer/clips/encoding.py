"""Where the frames of a video go: video files, encoded with FFmpeg, and folders of PNG."""

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import images
from course_lib.errors import TransferError
from course_lib.transfer.clips.clip import Clip, Frame
from course_lib.transfer.clips.movies import first_encoder
from course_lib.transfer.clips.sound import SoundTrack

MOVIES = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
# In the order of preference. The first two are H.264; every FFmpeg has the last.
CODECS = ("libx264", "libopenh264", "mpeg4")
WEB_CODECS = ("libvpx-vp9", "libvpx")
# How good images are, from 1 to 100, where nothing else is said.
QUALITY = 95
# The times of 24, 25, 30, 50 and 60 frames a second, and of their 1000/1001, fall on its ticks;
# mpeg4 allows no finer one than 1/65535.
TICK = Fraction(1, 120_000)
COARSE_TICK = Fraction(1, 60_000)


class Sink:
    """Where frames go. `close` must be called once, after the last.

    Args:
        part: the file or folder to write.
        target: what it will be called.
        like: the clip that gives rate and sound.
        quality: from 1 to 100, where the format has such a thing.

    Attributes:
        count: frames written so far.
        keeps_alpha: whether what is transparent stays so; else it is laid on white.
        to_the_end: set it when the clip has come to its end: sound that is longer than the
            images is then kept. Otherwise the sound stops with the last frame.
    """

    keeps_alpha: bool = False

    def __init__(self, part: Path, target: Path, like: Clip, quality: int = QUALITY):
        self.part, self.target, self.like, self.quality = part, target, like, quality
        self.count, self.to_the_end = 0, False

    def add(self, frame: Frame) -> None:
        """Write the next frame.

        Raises:
            TransferError: it cannot be encoded.
        """
        pixels = images.to_pixels(frame.image, frame.alpha, keeps_alpha=self.keeps_alpha)
        self.write(pixels, frame.start, frame.duration)
        self.count += 1

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Encode a frame of uint8, with 4 channels where it has alpha."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still held back."""


class FolderSink(Sink):
    """A folder of PNG files."""

    keeps_alpha = True

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Save the frame under its number."""
        self.part.mkdir(exist_ok=True)
        alpha = pixels[..., 3] / np.float32(255) if pixels.shape[2] == 4 else None
        path = self.part / f"frame-{self.count + 1:06d}.png"
        images.save_image(pixels[..., :3], path, notes=images.Notes(alpha=alpha))


class EncodedSink(Sink):
    """A file that FFmpeg writes."""

    stream: Any = None
    tick = TICK
    # Two times that fall on one tick would be refused.
    fewest_ticks = 1

    def __init__(self, part: Path, target: Path, like: Clip, quality: int = QUALITY):
        super().__init__(part, target, like, quality)
        import av

        self.container = av.open(str(part), "w", format=self.format, options=self.options)
        self.last = -self.fewest_ticks
        # How long the frames are shown that the encoder still holds, by their times in ticks.
        self.spans: dict[int, int] = {}

    @property
    def format(self) -> str:
        """FFmpeg's name of the format."""
        raise NotImplementedError

    @property
    def options(self) -> dict[str, str]:
        """FFmpeg's settings for the format."""
        return {}

    def send(self, frame: Any, start: Fraction, duration: Fraction | None) -> None:
        """Encode FFmpeg's frame."""
        self.last = max(self.last + self.fewest_ticks, round(start / self.tick))
        frame.pts, frame.time_base = self.last, self.tick
        if duration:
            self.spans[self.last] = max(1, round(duration / self.tick))
        self.mux(frame)

    def mux(self, frame: Any) -> None:
        """Encode and write; None writes what the encoder still holds."""
        import av

        try:
            for packet in self.stream.encode(frame):
                # An encoder forgets it, and then nothing says how long the last frame is shown.
                span = self.spans.pop(packet.pts, None)
                if span and packet.time_base == self.tick:
                    packet.duration = span
                self.container.mux(packet)
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise TransferError(
                f"{self.target}: a frame cannot be encoded ({error}). Try another format."
            ) from None

    def close(self) -> None:
        """Write what is still held back."""
        try:
            if self.stream is not None:
                self.mux(None)
        finally:
            self.container.close()


class MovieSink(EncodedSink):
    """A video file, H.264 where there is an encoder for it, with the clip's sound."""

    def __init__(self, part: Path, target: Path, like: Clip, quality: int = QUALITY):
        super().__init__(part, target, like, quality)
        codec = first_encoder(WEB_CODECS if self.format == "webm" else CODECS)
        self.tick = COARSE_TICK if codec == "mpeg4" else TICK
        rate = Fraction(like.rate).limit_denominator(1001)
        self.stream = self.container.add_stream(codec, rate=max(rate, Fraction(1)))
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = self.tick
        if codec == "libx264":
            # Where frames are stored out of order, MP4 loses how long the last one is shown.
            crf = round(51 - 33 / 95 * quality)
            self.stream.options = {"crf": str(crf), "preset": "fast", "bf": "0"}
        elif codec in WEB_CODECS:
            self.stream.bit_rate = 0 if codec == "libvpx-vp9" else 6_000_000
            crf = round(63 - 40 / 95 * quality)
            self.stream.options = {"crf": str(crf), "cpu-used": "4", "auto-alt-ref": "0"}
        else:
            self.stream.bit_rate = 6_000_000
        self.sound = SoundTrack(like.sound, self.container) if like.sound else None

    @property
    def format(self) -> str:
        """FFmpeg's name of the format."""
        return MOVIES[self.target.suffix.lower()]

    @property
    def options(self) -> dict[str, str]:
        """The table of contents at the front lets a browser play before it has the whole file."""
        return {"movflags": "+faststart"} if self.format in ("mp4", "mov") else {}

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Encode the frame, then the sound up to it: so neither has to wait in memory."""
        import av
        from av.video.reformatter import Colorspace

        height, width = pixels.shape[:2]
        if height % 2 or width % 2:
            pixels = np.pad(pixels, [(0, height % 2), (0, width % 2), (0, 0)], mode="edge")
        if not self.count:
            self.stream.height, self.stream.width = pixels.shape[:2]
            say_color_rule(self.stream.codec_context)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = frame.reformat(None, None, "yuv420p", Colorspace.ITU601, Colorspace.ITU709)
        self.send(frame, start, duration)
        self.end = start + (duration or 1 / self.like.rate)
        if self.sound:
            self.sound.copy(until=start)

    def close(self) -> None:
        """Write what is still held back, and the sound of the last frame."""
        try:
            if self.count:
                self.mux(None)
                if self.sound:
                    self.sound.copy(until=None if self.to_the_end else self.end)
                    self.sound.finish()
        finally:
            if self.sound:
                self.sound.close()
            self.container.close()


def say_color_rule(context: Any) -> None:
    """Note in the file by which rule colors were encoded: that of high definition."""
    for name in ("colorspace", "color_primaries", "color_trc"):
        with contextlib.suppress(AttributeError):
            setattr(context, name, 1)
