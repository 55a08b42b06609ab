"""The sound of a video on its way into another."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from course_lib.errors import TransferError
from course_lib.transfer.clips.movies import beginning, first_encoder, open_container


def open_sound(path: Path) -> Any:
    """A file with a sound track, open for reading.

    Args:
        path: of a sound or a video.

    Raises:
        TransferError: FFmpeg cannot read it, or there is no sound in it.
    """
    import av

    try:
        source = open_container(path)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise TransferError(f"{path}: its sound cannot be read ({error}).") from None
    if not source.streams.audio:
        source.close()
        raise TransferError(f"{path}: there is no sound in it. Choose another file, or none.")
    return source


class SoundTrack:
    """The first sound track of a file, on its way into another.

    Args:
        path: the file that has it.
        container: FFmpeg's output container.
    """

    def __init__(self, path: Path, container: Any):
        self.container = container
        self.source = open_sound(path)
        self.track = self.source.streams.audio[0]
        self.origin = beginning(self.source)
        name = self.track.codec_context.name
        # MP4 may hold uncompressed sound, but browsers do not play it there.
        bare = name.startswith("pcm_") and container.format.name == "mp4"
        self.copied = name in container.supported_codecs and not bare
        if self.copied:
            self.stream = container.add_stream_from_template(self.track)
        else:
            web = container.format.name == "webm"
            codec = first_encoder(("libopus", "libvorbis")) if web else "aac"
            # Opus knows only a few rates, of which this is the usual one.
            self.stream = container.add_stream(codec, rate=48_000 if web else self.track.rate)
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
                    # Images may go on where the sound is damaged.
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
