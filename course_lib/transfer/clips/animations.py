"""Animations written: GIF, WebP and PNG, whose frames each have their own time."""

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from course_lib import images
from course_lib.transfer.clips.encoding import EncodedSink

# How long a frame is shown where nothing says it, and at least.
PAUSE, SHORTEST = Fraction(1, 25), Fraction(1, 50)
# Of a GIF's flags: those that say what becomes of a frame when it has been shown; that it is
# cleared away; that one color is transparent. And the last color, which no opaque pixel has.
DISPOSAL, CLEARED, HAS_TRANSPARENT, UNUSED = 0b11100, 0b01000, 1, 255
# Of a WebP's flags: the one that says that there is alpha.
WEBP_ALPHA = 0x10


@dataclass(frozen=True)
class Kind:
    """A format of animations.

    Attributes:
        format: FFmpeg's name of it.
        codec: FFmpeg's encoder.
        pixels: FFmpeg's name of its pixels.
        with_alpha: that of its pixels where some are transparent.
        tick: the times of its frames are multiples of this, in seconds.
        repeating: the option that says how often it is shown.
        end: function (open file, ticks) that writes how long the last frame is shown, which no
            encoder is told.
        clear: function (open file) that writes that some pixels are transparent, where the encoder
            does not say so of its own; or None.
    """

    format: str
    codec: str
    pixels: str
    with_alpha: str
    tick: Fraction
    repeating: str
    end: Callable[[Any, int], None]
    clear: Callable[[Any], None] | None = None


class AnimationSink(EncodedSink):
    """An animation.

    Browsers show a frame of a single hundredth of a second for ten. So there are at least two, and
    of more than 50 frames a second some are left out.
    """

    end = Fraction(0)

    @property
    def keeps_alpha(self) -> bool:  # type: ignore[override]
        """Whether what is transparent stays so: where anything is."""
        return self.like.transparent

    @property
    def kind(self) -> Kind:
        """The format."""
        return KINDS[self.target.suffix.lower()]

    @property
    def tick(self) -> Fraction:  # type: ignore[override]
        """The length of a step of time."""
        return self.kind.tick

    @property
    def fewest_ticks(self) -> int:  # type: ignore[override]
        """How long a frame is shown at least."""
        return round(SHORTEST / self.tick)

    @property
    def format(self) -> str:
        """FFmpeg's name of the format."""
        return self.kind.format

    @property
    def options(self) -> dict[str, str]:
        """How often it is shown, or of a GIF how often again; 0 is for ever, -1 not again."""
        repeats = self.like.repeats
        if repeats is not None:
            repeats = (repeats or -1) if self.format == "gif" else repeats + 1
        return {self.kind.repeating: str(repeats or 0)}

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Encode the frame, unless it would be shown too short."""
        self.end = start + (duration or PAUSE)
        if (self.last + self.fewest_ticks) * self.tick - start >= SHORTEST:
            return
        if self.stream is None:
            self.stream = self.container.add_stream(self.kind.codec, rate=25)
            self.stream.height, self.stream.width = pixels.shape[:2]
            self.stream.pix_fmt = self.kind.with_alpha if self.keeps_alpha else self.kind.pixels
            self.stream.codec_context.time_base = self.tick
            if self.format == "webp":
                self.stream.options = {"quality": str(self.quality)}
            elif self.format == "gif" and self.keeps_alpha:
                # Each frame whole: what an earlier one shows would be seen through a later one.
                self.stream.options = {"gifflags": "0"}
        self.send(self.frame_of(pixels), start, duration)

    def frame_of(self, pixels: np.ndarray) -> Any:
        """FFmpeg's frame. A GIF has 256 colors, which are chosen anew for each."""
        import av
        from PIL import Image

        if self.format != "gif":
            layout = "rgba" if pixels.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=layout)
            return frame.reformat(format=self.stream.pix_fmt)
        if self.keeps_alpha:
            # Opaque frames, too: see `clear_gif`.
            pixels = np.asarray(Image.fromarray(pixels).convert("RGBA"))
        image = images.of_few_colors(pixels)
        colors = np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)
        palette = np.full((256, 4), 255, np.uint8)
        palette[: len(colors), 1:] = colors
        if "transparency" in image.info:
            palette[image.info["transparency"], 0] = 0
        return av.VideoFrame.from_ndarray((np.asarray(image), palette), format="pal8")

    def close(self) -> None:
        """Write what is still held back, and how long the last frame is shown."""
        super().close()
        if self.count:
            ticks = max(round(self.end / self.tick) - self.last, self.fewest_ticks)
            with open(self.part, "r+b") as file:
                self.kind.end(file, min(ticks, 65_535))
                if self.keeps_alpha and self.kind.clear:
                    self.kind.clear(file)


def end_gif(file: Any, ticks: int) -> None:
    """Write how long the last frame of a GIF is shown."""
    file.seek(list(controls_of(file))[-1] + 1)
    file.write(ticks.to_bytes(2, "little"))


def clear_gif(file: Any) -> None:
    """Have each frame of a GIF cleared away before the next, which may be transparent there.

    To some programs this means a background color, unless the frame has a transparent one: so the
    opaque frames get it, too, by a number that none of their pixels has.
    """
    for place in list(controls_of(file)):
        file.seek(place)
        flags, pause, number = file.read(1)[0], file.read(2), file.read(1)
        if not flags & HAS_TRANSPARENT:
            number = bytes([UNUSED])
        flags = flags & ~DISPOSAL | CLEARED | HAS_TRANSPARENT
        file.seek(place)
        file.write(bytes([flags]) + pause + number)


def controls_of(file: Any) -> Iterator[int]:
    """Where the flags of each frame of a GIF stand, with its time behind them.

    Source: CompuServe, "Graphics Interchange Format, Version 89a": blocks, each of them a row of
    sub-blocks that begin with their length, the last with 0.
    """
    file.seek(0)
    header = file.read(13)
    file.seek(13 + table_size(header[10]))
    while (kind := file.read(1)) in (b"!", b","):
        if kind == b",":
            file.seek(table_size(file.read(9)[8]) + 1, os.SEEK_CUR)
        elif file.read(1) == b"\xf9":
            yield file.tell() + 1
        while length := file.read(1)[0]:
            file.seek(length, os.SEEK_CUR)


def table_size(flags: int) -> int:
    """How many bytes a color table takes, by the flags of what it belongs to."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def end_webp(file: Any, ticks: int) -> None:
    """Write how long the last frame of a WebP is shown: in its ANMF, behind place and size."""
    frames = [place for name, place in chunks_of(file) if name == b"ANMF"]
    # A single frame is no animation.
    if frames:
        file.seek(frames[-1] + 12)
        file.write(ticks.to_bytes(3, "little"))


def clear_webp(file: Any) -> None:
    """Write that a WebP has alpha, which is not clear where opaque parts lie on nothing."""
    for name, place in list(chunks_of(file)):
        file.seek(place)
        if name == b"VP8X":
            flags = file.read(1)[0]
            file.seek(place)
            file.write(bytes([flags | WEBP_ALPHA]))
        elif name == b"ANIM":
            file.write(bytes(4))


def chunks_of(file: Any) -> Iterator[tuple[bytes, int]]:
    """The names of a WebP's chunks, and where their data begin.

    Source: "WebP Container Specification": chunks of name, length and data, of even length.
    """
    place = 12
    file.seek(place)
    while len(head := file.read(8)) == 8:
        yield head[:4], place + 8
        length = int.from_bytes(head[4:], "little")
        place += 8 + length + length % 2
        file.seek(place)


def end_png(file: Any, ticks: int) -> None:
    """Write how long the last frame of an animated PNG is shown.

    Source: W3C, "Portable Network Graphics, Third Edition": chunks of length, name, data and
    checksum; in the chunk fcTL of each frame, the time is a fraction behind number, size and place.
    """
    place = None
    file.seek(8)
    while len(head := file.read(8)) == 8:
        if head[4:] == b"fcTL":
            place = file.tell()
        file.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
    if place is None:
        return
    file.seek(place)
    data = file.read(26)
    data = data[:20] + ticks.to_bytes(2, "big") + (1000).to_bytes(2, "big") + data[24:]
    file.seek(place)
    file.write(data + zlib.crc32(b"fcTL" + data).to_bytes(4, "big"))


MILLISECOND = Fraction(1, 1000)
PNG = Kind("apng", "apng", "rgb24", "rgba", MILLISECOND, "plays", end_png)
KINDS = {
    ".gif": Kind("gif", "gif", "pal8", "pal8", Fraction(1, 100), "loop", end_gif, clear_gif),
    ".webp": Kind(
        "webp", "libwebp_anim", "yuv420p", "bgra", MILLISECOND, "loop", end_webp, clear_webp
    ),
    ".png": PNG,
    ".apng": PNG,
}
