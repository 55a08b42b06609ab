"""Videos as files: frames come out and go in one after the other, so that length costs no memory.

Read are video files (MP4, MOV, MKV, WebM and whatever else FFmpeg knows), animated GIF, WebP and
PNG, and folders of pictures. Written are MP4, MOV, MKV, GIF and folders of PNG files.

What happens to unusual videos:

- frames keep their own times, so a variable frame rate stays what it was (a folder has no times);
- rotated clips, as telephones make them, come out upright; pixels that are not square become so;
- a frame of another size than the first is brought to the size of the first;
- transparency is laid on white;
- the first sound track is kept: copied where the new file can hold it, else as AAC; subtitles and
  further sound tracks are dropped;
- H.264 needs an even height and width: an odd one gets its last row or column twice.
"""

import contextlib
import dataclasses
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import images

MOVIES = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
ANIMATIONS = (".gif", ".webp", ".png", ".apng")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
FOLDER_RATE = 25
# A GIF that asks for no pause at all is given one by all programs that play it.
GIF_PAUSE = Fraction(1, 10)
# In the order of preference. The first two are H.264; every FFmpeg has the last.
CODECS = ("libx264", "libopenh264", "mpeg4")
# The times of 24, 25, 30, 50 and 60 frames a second, and of their 1000/1001, fall on its ticks;
# mpeg4 allows no finer one than 1/65535.
TICK = Fraction(1, 120_000)
COARSE_TICK = Fraction(1, 60_000)
# A file whose pictures end before this share of what it announces was cut short.
ENOUGH = Fraction(9, 10)
MARK = "course_lib"
GIF_MARK = b"\x21\xfe" + bytes([len(MARK)]) + MARK.encode() + b"\x00\x3b"
SMALLEST = 16


class VideoError(ValueError):
    """A video cannot be read or written. The message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture of a video, and when it is shown.

    Attributes:
        picture: picture (height, width, 3) float32 in [0, 1].
        start: seconds since the beginning, an exact fraction.
        duration: seconds it is shown, or None where the file does not say.
    """

    picture: np.ndarray
    start: Fraction
    duration: Fraction | None = None


# ---- reading ----------------------------------------------------------------------------------


class Clip:
    """A video that can be gone through as often as you like: ``for frame in clip``.

    Args:
        path: the file or folder.
        size: longer side that larger frames are brought to, or None.

    Attributes:
        path: the file or folder.
        size: (height, width) of the frames as they come out.
        rate: frames a second, on average, a fraction.
        count: number of frames as far as the file says it, else None.
        sound: the file whose first sound track belongs to the video, or None.
    """

    size: tuple[int, int]
    rate: Fraction
    count: int | None = None
    sound: Path | None = None

    def __init__(self, path: Path, size: int | None = None):
        self.path = path
        self.longer_side = size

    def __iter__(self) -> Iterator[Frame]:
        """The frames, each read when it is asked for.

        Raises:
            VideoError: the file is damaged, or holds no frame.
        """
        last, span, found = Fraction(0), Fraction(0), False
        for picture, start, duration in self.read():
            if start is None:
                start = last + span
            elif found and start <= last:
                # A damaged file may repeat a time; two frames at once cannot be written.
                start = last + span / 2
            yield Frame(picture, start, duration)
            last, span, found = start, duration or 1 / self.rate, True
        if not found:
            raise VideoError(f"{self.path}: there is not a single frame in it. Record it again.")

    def read(self) -> Iterator[tuple[np.ndarray, Fraction | None, Fraction | None]]:
        """Pictures, starts and durations, as the file has them."""
        raise NotImplementedError

    def fitted(self, height: int, width: int) -> tuple[int, int]:
        """The size that frames of a given size are brought to, checked."""
        if height * width > images.MAX_PIXELS:
            raise VideoError(
                f"{self.path}: frames of {height} x {width} are more than {images.MAX_PIXELS:,} "
                "pixels. Make the video smaller first."
            )
        scale = min(1.0, (self.longer_side or max(height, width)) / max(height, width))
        height, width = round(height * scale), round(width * scale)
        if min(height, width) < SMALLEST:
            raise VideoError(
                f"{self.path}: frames of {height} x {width} (height x width) are too small, each "
                f"side needs at least {SMALLEST} pixels. Choose a larger video or size."
            )
        return height, width


def open_clip(source: Any, size: int | None = None, rate: float | None = None) -> Clip:
    """Open a video for reading.

    Args:
        source: path of a video file, of an animated GIF, WebP or PNG, or of a folder of pictures,
            which are taken in the order of their names (frame-2 before frame-10).
        size: longer side in pixels that larger frames are brought to; None keeps them.
        rate: frames a second of a folder, 25 by default. Files know their own.

    Returns:
        A `Clip`.

    Raises:
        VideoError: there is no such file, it is no video, it has no pictures, it is damaged, its
            frames are too small, or the size or rate is none.
    """
    if size is not None and not (isinstance(size, (int, np.integer)) and size >= SMALLEST):
        raise VideoError(f"size={size!r}: give a whole number of pixels, {SMALLEST} or more.")
    if rate is not None and not 0 < rate <= 1000:
        raise VideoError(f"rate={rate!r}: give the frames a second, above 0 and at most 1000.")
    if not isinstance(source, (str, bytes, os.PathLike)):
        raise VideoError(f"{type(source).__name__} is no path. Give that of a video or a folder.")
    path = Path(os.fsdecode(source)).expanduser()
    if path.is_dir():
        return PictureFolder(path, size, Fraction(rate or FOLDER_RATE).limit_denominator(1001))
    if not path.is_file():
        raise VideoError(f"{path}: there is no such file or folder. Check the path.")
    if path.stat().st_size == 0:
        raise VideoError(f"{path}: the file is empty (0 bytes). Copy or record it again.")
    if rate is not None:
        raise VideoError(f"{path}: a file knows its own rate; rate={rate} is for folders. Omit it.")
    return Animation(path, size) if path.suffix.lower() in ANIMATIONS else Movie(path, size)


def open_container(path: Path) -> Any:
    """A file that FFmpeg reads, whatever bytes its title and other notes are made of.

    PyAV before 19 has to be told not to stop at notes that are no UTF-8; PyAV 19 never stops
    there, and has no such option any more.
    """
    import av

    tolerant = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    return av.open(str(path), **tolerant)


class Movie(Clip):
    """A video file, read with FFmpeg."""

    def __init__(self, path: Path, size: int | None = None):
        super().__init__(path, size)
        with self.opened() as container:
            stream = self.pictures_of(container)
            self.rate = Fraction(stream.average_rate or stream.guessed_rate or FOLDER_RATE)
            self.sound = path if container.streams.audio else None
            if stream.frames:
                self.count = stream.frames
            elif container.duration:
                self.count = max(1, round(self.rate * container.duration / 1_000_000))
            # Only the first frame tells how the clip is turned.
            for frame in self.decoded(container, stream):
                # Not all pixels are square: old camcorders' were higher than wide.
                aspect = stream.sample_aspect_ratio or 1
                self.shape = self.fitted(frame.height, max(1, round(frame.width * aspect)))
                self.turns = round(frame.rotation / 90) % 4
                break
            else:
                raise VideoError(f"{path}: there is not a single frame in it. Record it again.")
        self.size = self.shape[::-1] if self.turns % 2 else self.shape

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """The file, open for reading, with FFmpeg's errors put into words."""
        import av

        try:
            container = open_container(self.path)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise VideoError(
                f"{self.path}: this is not a video that can be read, or it is cut short ({error}). "
                "Copy it again, or convert it to MP4 (H.264)."
            ) from None
        with container:
            yield container

    def pictures_of(self, container: Any) -> Any:
        """The video stream."""
        if not container.streams.video:
            raise VideoError(f"{self.path}: it has sound, but no pictures. Choose a video.")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise VideoError(
                f"{self.path}: its pictures are of an unknown kind. Convert it to MP4."
            )
        stream.thread_type = "AUTO"
        return stream

    def decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """FFmpeg's frames in the order of showing."""
        import av

        last = None
        try:
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    # A recording that began in the middle: nothing can be shown before its first
                    # complete picture.
                    if last is None and packet.dts is not None:
                        continue
                    raise
                for frame in frames:
                    last = frame.time if frame.time is not None else last or 0.0
                    yield frame
        except (av.FFmpegError, OSError) as error:
            where = "at its beginning" if last is None else f"after {last:.2f} s"
            raise VideoError(
                f"{self.path}: the video is damaged or cut short {where} ({error}). Copy it again, "
                "or cut it off before that point."
            ) from None

    def read(self) -> Iterator[tuple[np.ndarray, Fraction | None, Fraction | None]]:
        """Pictures, starts and durations, as the file has them."""
        height, width = self.shape
        with self.opened() as container:
            stream = self.pictures_of(container)
            origin, end = beginning(container), Fraction(0)
            for frame in self.decoded(container, stream):
                rules = color_rules(frame)
                smaller = frame.reformat(width, height, "rgb24", *rules, interpolation="LANCZOS")
                pixels = np.rot90(smaller.to_ndarray(), self.turns)
                start = None
                if frame.pts is not None:
                    start = max(Fraction(0), frame.pts * frame.time_base - origin)
                span = frame.duration * frame.time_base if frame.duration else None
                yield np.divide(pixels, 255, dtype=np.float32), start, span
                end = (start or Fraction(0)) + (span or 1 / self.rate)
            announced = (stream.duration or 0) * (stream.time_base or 0)
            if end < ENOUGH * announced:
                raise VideoError(
                    f"{self.path}: the file is cut short: its pictures end after {float(end):.2f} "
                    f"of {float(announced):.2f} s. Copy it again, or take its first seconds only."
                )


def color_rules(frame: Any) -> tuple[Any, Any]:
    """How a frame's brightness and color make red, green and blue: standard or high definition.

    Where a file does not say, players take the rule of high definition from 720 rows on.

    Returns:
        The rule, and the other one: PyAV before 17 heeds the first only if the two differ, and the
        second means nothing for red, green and blue.
    """
    from av.video.reformatter import Colorspace

    standard, high = Colorspace.ITU601, Colorspace.ITU709
    told = {1: high, 5: standard, 6: standard}
    rule = told.get(int(frame.colorspace), high if frame.height >= 720 else standard)
    return rule, standard if rule == high else high


def beginning(container: Any) -> Fraction:
    """The time, in seconds, that a file calls its start: not all begin at 0."""
    return Fraction(container.start_time or 0, 1_000_000)


class Animation(Clip):
    """An animated GIF, WebP or PNG, read with Pillow, which minds transparency and disposal."""

    def __init__(self, path: Path, size: int | None = None):
        super().__init__(path, size)
        with self.opened() as image:
            self.count = getattr(image, "n_frames", 1)
            self.size = self.fitted(image.height, image.width)
        spans = [span for _, _, span in self.passed()]
        self.rate = Fraction(len(spans)) / sum(spans)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """The file, with Pillow's errors put into words."""
        from PIL import Image

        try:
            with Image.open(self.path) as image:
                yield image
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            if isinstance(error, VideoError):
                raise
            raise VideoError(
                f"{self.path}: this animation is damaged, cut short, or none ({error}). "
                "Copy it again, or convert it to MP4."
            ) from None

    def passed(self) -> Iterator[tuple[Any, Fraction, Fraction]]:
        """The open image at each of its frames in turn."""
        with self.opened() as image:
            start = Fraction(0)
            for number in range(self.count or 1):
                image.seek(number)
                span = Fraction(round(image.info.get("duration", 0)), 1000) or GIF_PAUSE
                yield image, start, span
                start += span

    def read(self) -> Iterator[tuple[np.ndarray, Fraction | None, Fraction | None]]:
        """Pictures, starts and durations, as the file has them."""
        for image, start, span in self.passed():
            yield images.resize(images.load(image.convert("RGBA")), self.size), start, span


class PictureFolder(Clip):
    """A folder of pictures of one size, in the order of their names."""

    def __init__(self, path: Path, size: int | None, rate: Fraction):
        super().__init__(path, size)
        self.files = sorted(
            (one for one in path.iterdir() if is_picture(one)), key=lambda one: by_number(one.name)
        )
        if not self.files:
            raise VideoError(
                f"{path}: there is no picture in this folder ({' '.join(PICTURES)}). "
                "Give the folder that holds the frames."
            )
        self.rate, self.count = rate, len(self.files)
        self.shape = self.load(self.files[0]).shape
        self.size = self.fitted(*self.shape[:2])

    def load(self, file: Path) -> np.ndarray:
        """A picture of the folder."""
        try:
            return images.load(file)
        except images.PictureError as error:
            raise VideoError(str(error)) from None

    def read(self) -> Iterator[tuple[np.ndarray, Fraction | None, Fraction | None]]:
        """Pictures, starts and durations."""
        for number, file in enumerate(self.files):
            picture = self.load(file)
            if picture.shape != self.shape:
                sizes = [f"{shape[0]} x {shape[1]}" for shape in (picture.shape, self.shape)]
                raise VideoError(
                    f"{file}: {sizes[0]} (height x width), but the first frame has {sizes[1]}. "
                    "The frames of a video have one size: resize it, or take it out."
                )
            yield images.resize(picture, self.size), number / self.rate, 1 / self.rate


class Pictures(Clip):
    """Frames that are in memory already.

    Args:
        frames: array (frames, height, width, 3), or a list of pictures of one size.
        rate: frames a second.
        sound: file with a sound track, or None.
    """

    def __init__(self, frames: Any, rate: float, sound: Path | None = None):
        super().__init__(Path())
        if not (isinstance(frames, (list, tuple)) or np.ndim(frames) == 4) or not len(frames):
            raise VideoError(
                "frames: give an array (frames, height, width, 3) or a list of pictures, at least "
                "one."
            )
        images.check_picture(frames[0], name="frame 0")
        self.frames, self.sound = frames, sound
        self.rate, self.count = Fraction(rate).limit_denominator(1001), len(frames)
        self.size = self.fitted(*np.shape(frames[0])[:2])

    def read(self) -> Iterator[tuple[np.ndarray, Fraction | None, Fraction | None]]:
        """Pictures, starts and durations."""
        for number, frame in enumerate(self.frames):
            picture = images.check_picture(frame, name=f"frame {number}")
            yield images.resize(picture, self.size), number / self.rate, 1 / self.rate


def is_picture(path: Path) -> bool:
    """Whether a file's name is that of a picture, and it is not hidden."""
    return path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()


def by_number(name: str) -> list[tuple[int, Any]]:
    """A key for sorting by which frame-2 comes before frame-10."""
    parts = re.split(r"(\d+)", name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


# ---- writing ----------------------------------------------------------------------------------


@contextlib.contextmanager
def writing(path: Any, like: Clip, overwrite: bool = False) -> Iterator["Sink"]:
    """Write a video: wholly, or as far as it came, or not at all.

    The frames go into a hidden file beside the target, which takes its name when the block ends.
    If the block ends in an error, or without a single frame, nothing is left of it. What is
    written while the block is left in order is a whole video, however long: to stop early, break.

    Args:
        path: where to. .mp4, .m4v, .mov, .mkv or .gif; a name without a suffix becomes a folder of
            PNG files. A video that this course wrote is replaced, as is an empty file or folder.
        like: the clip that gives the rate, and the sound if the new file can have any.
        overwrite: replace any file. A folder with something in it is never replaced.

    Yields:
        A `Sink`: ``add(frame)`` writes the next `Frame`.

    Raises:
        VideoError: an unknown suffix, the clip's own name, somebody else's file, or the file system
            refused. What was there before is unharmed.
    """
    target = Path(os.fsdecode(path)).expanduser()
    check_target(target, like, overwrite)
    part = target.parent / f".{secrets.token_hex(6)}.part"
    kind = (
        GifSink if target.suffix.lower() == ".gif" else MovieSink if target.suffix else FolderSink
    )
    try:
        sink = kind(part, target, like)
        try:
            yield sink
        finally:
            sink.close()
        if sink.count:
            if target.is_dir():
                target.rmdir()
            os.replace(part, target)
    except OSError as error:
        raise VideoError(
            f"{target}: cannot be written ({error}). Check the name, the space left and your "
            "right to write there."
        ) from None
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        part.unlink(missing_ok=True)


def save_clip(
    frames: Any, path: Any, rate: float = 25, sound: Any = None, overwrite: bool = False
) -> Path:
    """Write pictures that are in memory as a video.

    Args:
        frames: array (frames, height, width, 3), or a list of pictures of one size.
        path: where to, as for `writing`.
        rate: frames a second.
        sound: a file with a sound track, such as a WAV file, that is to go with it; or None.
        overwrite: as for `writing`.

    Returns:
        The path.

    Raises:
        VideoError: as for `writing`; no frames, or no sound in that file.
    """
    source = None if sound is None else Path(os.fsdecode(sound)).expanduser()
    clip = Pictures(frames, rate, source)
    with writing(path, clip, overwrite) as sink:
        for frame in clip:
            sink.add(frame)
        sink.to_the_end = True
    return Path(os.fsdecode(path))


def check_target(target: Path, like: Clip, overwrite: bool) -> None:
    """Refuse a target that cannot be written or must not be lost."""
    suffix = target.suffix.lower()
    if suffix not in ("", ".gif", *MOVIES):
        raise VideoError(
            f"{target}: the suffix {suffix!r} is not one that videos are written in. Use one of "
            f"{' '.join(MOVIES)} .gif, or a name without a suffix for a folder of pictures."
        )
    if not target.absolute().parent.is_dir():
        raise VideoError(f"{target}: there is no folder {target.absolute().parent}. Make it first.")
    if not target.exists():
        return
    if target.resolve() == like.path.resolve():
        raise VideoError(f"{target}: this is the video itself. Choose another name to write to.")
    if target.is_dir() and (suffix or any(target.iterdir())):
        raise VideoError(
            f"{target}: there is such a folder already, which is not replaced. Choose another name."
        )
    if target.is_file() and not overwrite and not may_be_replaced(target):
        raise VideoError(
            f"{target}: there is such a file already, and this course did not write it. Choose "
            "another name, or pass overwrite=True to replace it."
        )


def may_be_replaced(target: Path) -> bool:
    """Whether a file is empty, or a video that this course wrote."""
    import av

    if target.stat().st_size < len(GIF_MARK):
        return target.stat().st_size == 0
    with open(target, "rb") as file:
        file.seek(-len(GIF_MARK), os.SEEK_END)
        if file.read() == GIF_MARK:
            return True
    try:
        with open_container(target) as container:
            notes = {name.lower(): words for name, words in container.metadata.items()}
            return notes.get("comment") == MARK
    except (av.FFmpegError, OSError, ValueError):
        return False


class Sink:
    """Where frames go. `close` must be called once, after the last.

    Args:
        part: the file or folder to write.
        target: what it will be called.
        like: the clip that gives rate and sound.

    Attributes:
        count: frames written so far.
        to_the_end: set it when the clip has come to its end: sound that is longer than the
            pictures is then kept. Otherwise the sound stops with the last frame.
    """

    def __init__(self, part: Path, target: Path, like: Clip):
        self.part, self.target, self.like = part, target, like
        self.count, self.to_the_end = 0, False

    def add(self, frame: Frame) -> None:
        """Write the next frame.

        Raises:
            VideoError: it cannot be encoded.
        """
        self.write(images.to_uint8(frame.picture), frame.start, frame.duration)
        self.count += 1

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Encode a frame of uint8."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is still held back."""


class FolderSink(Sink):
    """A folder of PNG files."""

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Save the frame under its number."""
        self.part.mkdir(exist_ok=True)
        images.save(pixels, self.part / f"frame-{self.count + 1:06d}.png")


class EncodedSink(Sink):
    """A file that FFmpeg writes."""

    stream: Any = None
    tick = TICK

    def __init__(self, part: Path, target: Path, like: Clip):
        super().__init__(part, target, like)
        import av

        self.container = av.open(str(part), "w", format=self.format, options=self.options)
        self.last = -1

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
        # Two times that fall on one tick would be refused.
        self.last = max(self.last + 1, round(start / self.tick))
        frame.pts, frame.time_base = self.last, self.tick
        if duration:
            frame.duration = max(1, round(duration / self.tick))
        self.mux(frame)

    def mux(self, frame: Any) -> None:
        """Encode and write; None writes what the encoder still holds."""
        import av

        try:
            self.container.mux(self.stream.encode(frame))
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise VideoError(
                f"{self.target}: a frame cannot be encoded ({error}). Try another format."
            ) from None

    def close(self) -> None:
        """Write what is still held back."""
        try:
            if self.stream is not None:
                self.mux(None)
        finally:
            self.container.close()


class GifSink(EncodedSink):
    """A GIF: 256 colors, chosen anew for each frame; times in hundredths of a second."""

    tick = Fraction(1, 100)
    format = "gif"

    def write(self, pixels: np.ndarray, start: Fraction, duration: Fraction | None) -> None:
        """Choose the colors and encode."""
        import av
        from PIL import Image

        if self.stream is None:
            self.stream = self.container.add_stream("gif", rate=25)
            self.stream.height, self.stream.width = pixels.shape[:2]
            self.stream.pix_fmt = "pal8"
            self.stream.codec_context.time_base = self.tick
        # Dots of two colors that imitate a third would crawl about from frame to frame.
        image = Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE)
        colors = np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)
        palette = np.full((256, 4), 255, np.uint8)
        palette[: len(colors), 1:] = colors
        frame = av.VideoFrame.from_ndarray((np.asarray(image), palette), format="pal8")
        self.send(frame, start, duration)

    def close(self) -> None:
        """Write what is still held back, and the note by which `may_be_replaced` knows it."""
        super().close()
        if self.count:
            with open(self.part, "r+b") as file:
                file.seek(-1, os.SEEK_END)
                file.write(GIF_MARK)


class MovieSink(EncodedSink):
    """A video file, H.264 where there is an encoder for it, with the clip's sound."""

    def __init__(self, part: Path, target: Path, like: Clip):
        super().__init__(part, target, like)
        self.container.metadata["comment"] = MARK
        codec = first_encoder(CODECS)
        self.tick = COARSE_TICK if codec == "mpeg4" else TICK
        rate = Fraction(like.rate).limit_denominator(1001)
        self.stream = self.container.add_stream(codec, rate=max(rate, Fraction(1)))
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = self.tick
        self.stream.options = {"crf": "18", "preset": "fast"} if codec == "libx264" else {}
        if codec != "libx264":
            self.stream.bit_rate = 6_000_000
        self.sound = SoundTrack(like.sound, self.container) if like.sound else None

    @property
    def format(self) -> str:
        """FFmpeg's name of the format."""
        return MOVIES[self.target.suffix.lower()]

    @property
    def options(self) -> dict[str, str]:
        """The table of contents at the front lets a browser play before it has the whole file."""
        return {} if self.format == "matroska" else {"movflags": "+faststart"}

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


def first_encoder(names: tuple[str, ...]) -> str:
    """The first of these encoders that FFmpeg was built with."""
    import av

    for name in names[:-1]:
        with contextlib.suppress(Exception):
            return av.Codec(name, "w").name
    return names[-1]


def say_color_rule(context: Any) -> None:
    """Note in the file by which rule colors were encoded: that of high definition."""
    for name in ("colorspace", "color_primaries", "color_trc"):
        with contextlib.suppress(AttributeError):
            setattr(context, name, 1)


class SoundTrack:
    """The first sound track of a file, on its way into another.

    Args:
        path: the file that has it.
        container: FFmpeg's output container.
    """

    def __init__(self, path: Path, container: Any):
        import av

        self.container = container
        try:
            self.source = open_container(path)
        except (av.FFmpegError, ValueError) as error:
            raise VideoError(f"{path}: its sound cannot be read ({error}).") from None
        if not self.source.streams.audio:
            raise VideoError(f"{path}: there is no sound in it. Choose another file, or none.")
        self.track = self.source.streams.audio[0]
        self.origin = beginning(self.source)
        name = self.track.codec_context.name
        # MP4 may hold uncompressed sound, but browsers do not play it there.
        bare = name.startswith("pcm_") and container.format.name == "mp4"
        self.copied = name in container.supported_codecs and not bare
        if self.copied:
            self.stream = container.add_stream_from_template(self.track)
        else:
            self.stream = container.add_stream("aac", rate=self.track.rate)
            # A WAV file need not say more than how many channels it has.
            self.stream.layout = {1: "mono", 2: "stereo"}.get(
                self.track.channels, self.track.layout
            )
        self.packets = self.source.demux(self.track)
        self.waiting: Any = None

    def copy(self, until: Fraction | None) -> None:
        """Write the sound up to that time, or all that is left."""
        import av

        while True:
            if self.waiting is None:
                try:
                    self.waiting = next(self.packets, None)
                except av.FFmpegError:
                    # Pictures may go on where the sound is damaged.
                    self.waiting = None
            packet = self.waiting
            if packet is None or packet.pts is None:
                return
            if until is not None and packet.pts * packet.time_base - self.origin > until:
                return
            self.waiting = None
            self.write(packet)

    def write(self, packet: Any) -> None:
        """Write one packet, as it is or encoded anew."""
        shift = round(self.origin / packet.time_base)
        if self.copied:
            packet.pts -= shift
            packet.dts = packet.pts if packet.dts is None else packet.dts - shift
            packet.stream = self.stream
            self.container.mux(packet)
            return
        for frame in packet.decode():
            frame.pts -= round(self.origin / frame.time_base)
            self.container.mux(self.stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if not self.copied:
            self.container.mux(self.stream.encode(None))

    def close(self) -> None:
        """Close the file that the sound came from."""
        self.source.close()
