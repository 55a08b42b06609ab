"""Video files, read with FFmpeg."""

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from course_lib.errors import TransferError
from course_lib.transfer.clips.clip import Clip, Shown
from course_lib.transfer.clips.pixels import orientation_of, pixels_of, upright

# Frames a second of a folder, and of a file that does not say it.
FOLDER_RATE = 25
# A file was cut short if of what it announces more than this share, and more than that many
# seconds, are missing.
MISSING, MISSING_SECONDS = Fraction(1, 10), Fraction(1, 10)


def open_container(path: Path) -> Any:
    """A file that FFmpeg reads, whatever bytes its title and other notes are made of.

    PyAV before 19 has to be told not to stop at notes that are no UTF-8; PyAV 19 never stops
    there, and has no such option any more.
    """
    import av

    tolerant = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    return av.open(str(path), **tolerant)


def first_encoder(names: tuple[str, ...]) -> str:
    """The first of these encoders that FFmpeg was built with."""
    import av

    for name in names[:-1]:
        with contextlib.suppress(Exception):
            return av.Codec(name, "w").name
    return names[-1]


class MovieClip(Clip):
    """A video file, read with FFmpeg."""

    def __init__(self, path: Path, *, size: int | None = None):
        super().__init__(path, size=size)
        with self.opened() as container:
            stream = self.images_of(container)
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
                self.orientation = orientation_of(frame)
                break
            else:
                raise TransferError(f"{path}: there is not a single frame in it. Record it again.")
        self.size = self.shape[::-1] if self.orientation[0] else self.shape

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """The file, open for reading, with FFmpeg's errors put into words."""
        import av

        try:
            container = open_container(self.path)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise TransferError(
                f"{self.path}: this is not a video that can be read, or it is cut short ({error}). "
                "Copy it again, or convert it to MP4 (H.264)."
            ) from None
        with container:
            yield container

    def images_of(self, container: Any) -> Any:
        """The video stream."""
        if not container.streams.video:
            raise TransferError(f"{self.path}: it has sound, but no images. Choose a video.")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise TransferError(
                f"{self.path}: its images are of an unknown kind. Convert it to MP4."
            )
        stream.thread_type = "AUTO"
        return stream

    def decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """FFmpeg's frames in the order of showing."""
        import av

        last, decode = None, decoder_of(stream)
        try:
            for packet in container.demux(stream):
                try:
                    frames = decode(packet)
                except av.FFmpegError:
                    # A recording that began in the middle: nothing can be shown before its first
                    # complete image.
                    if last is None and packet.dts is not None:
                        continue
                    raise
                for frame in frames:
                    last = frame.time if frame.time is not None else last or 0.0
                    yield frame
        except (av.FFmpegError, OSError) as error:
            where = "at its beginning" if last is None else f"after {last:.2f} s"
            raise TransferError(
                f"{self.path}: the video is damaged or cut short {where} ({error}). Copy it again, "
                "or cut it off before that point."
            ) from None

    def read(self) -> Iterator[Shown]:
        """Images, starts and durations, as the file has them."""
        height, width = self.shape
        with self.opened() as container:
            stream = self.images_of(container)
            origin, end = beginning(container), Fraction(0)
            for frame in self.decoded(container, stream):
                pixels = pixels_of(frame, height, width, stream.codec_context)
                start = None
                if frame.pts is not None:
                    start = max(Fraction(0), frame.pts * frame.time_base - origin)
                span = frame.duration * frame.time_base if frame.duration else None
                yield upright(pixels, self.orientation), start, span
                end = (start or Fraction(0)) + (span or 1 / self.rate)
            announced = (stream.duration or 0) * (stream.time_base or 0)
            if not stream.frames:
                # It says only how long the whole file lasts, and sound may outlast the images.
                announced = announced or Fraction(container.duration or 0, 1_000_000)
                if end < announced:
                    end = max(end, self.end_of_sound())
            if announced - end > max(MISSING * announced, MISSING_SECONDS):
                raise TransferError(
                    f"{self.path}: the file is cut short: its images end after {float(end):.2f} "
                    f"of {float(announced):.2f} s. Copy it again, or take its first seconds only."
                )

    def end_of_sound(self) -> Fraction:
        """When the last sound that is there ends, in seconds; 0 without any."""
        import av

        last = Fraction(0)
        if self.sound:
            with self.opened() as container, contextlib.suppress(av.FFmpegError):
                track = container.streams.audio[0]
                for packet in container.demux(track):
                    if packet.pts is not None:
                        last = (packet.pts + (packet.duration or 0)) * packet.time_base
                        last -= beginning(container)
        return last


def decoder_of(stream: Any) -> Callable[[Any], list]:
    """A function packet -> frames.

    FFmpeg's own decoders of VP8 and VP9 leave out transparency; those of their makers do not.
    """
    import av

    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.name)
    if name and stream.metadata.get("alpha_mode") == "1":
        with contextlib.suppress(av.FFmpegError, ValueError):
            context = av.CodecContext.create(name, "r")
            context.extradata = stream.codec_context.extradata
            return lambda packet: context.decode(packet if packet.size else None)
    return lambda packet: packet.decode()


def beginning(container: Any) -> Fraction:
    """The time, in seconds, that a file calls its start: not all begin at 0."""
    return Fraction(container.start_time or 0, 1_000_000)
