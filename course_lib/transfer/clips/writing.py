"""Videos written: wholly, or as far as they came, or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.errors import FileError, TransferError
from course_lib.files import refuse_existing, replacing
from course_lib.transfer.clips.animations import KINDS, AnimationSink
from course_lib.transfer.clips.clip import Clip
from course_lib.transfer.clips.encoding import MOVIES, QUALITY, FolderSink, MovieSink, Sink
from course_lib.transfer.clips.reading import ArrayClip


class _NothingWritten(Exception):
    """A block that wrote no frame leaves everything as it was."""


@contextlib.contextmanager
def writing(
    path: Any, like: Clip, *, overwrite: bool = False, quality: int = QUALITY
) -> Iterator[Sink]:
    """Write a video: wholly, or as far as it came, or not at all.

    The frames go into a hidden file beside the target, which takes its name when the block ends.
    If the block ends in an error, or without a single frame, nothing is left of it. What is
    written while the block is left in order is a whole video, however long: to stop early, break.

    Args:
        path: where to. .mp4, .m4v, .mov, .mkv, .webm, or an animation: .gif, .webp, .png or .apng;
            a name without a suffix becomes a folder of PNG files.
        like: the clip that gives the rate, and the sound if the new file can have any.
        overwrite: replace a file that is there already. A folder with something in it is never
            replaced.
        quality: from 1 to 100, for videos and WebP.

    Yields:
        A `Sink`: ``add(frame)`` writes the next `Frame`.

    Raises:
        TransferError: an unknown suffix, or the clip's own name.
        FileError: a file that is there already, or the file system refused. What was there before
            is unharmed.
    """
    target = Path(os.fsdecode(path)).expanduser()
    check_target(target, like, overwrite)
    suffix = target.suffix.lower()
    kind = AnimationSink if suffix in KINDS else MovieSink if suffix else FolderSink
    try:
        with contextlib.suppress(_NothingWritten), replacing(target) as part:
            sink = kind(part, target, like, quality)
            try:
                yield sink
            finally:
                sink.close()
            if not sink.count:
                raise _NothingWritten
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{target}: cannot be written ({error}). Check the name, the space left and your "
            "right to write there."
        ) from None


def save_clip(
    frames: Any, path: Any, *, rate: float = 25, sound: Any = None, overwrite: bool = False
) -> Path:
    """Write images that are in memory as a video.

    Args:
        frames: array (frames, height, width, 3), or a list of images of one size.
        path: where to, as for `writing`.
        rate: frames a second.
        sound: a file with a sound track, such as a WAV file, that is to go with it; or None.
        overwrite: as for `writing`.

    Returns:
        The path.

    Raises:
        TransferError: as for `writing`; no frames, or no sound in that file.
        FileError: as for `writing`.
    """
    source = None if sound is None else Path(os.fsdecode(sound)).expanduser()
    clip = ArrayClip(frames, rate, sound=source)
    with writing(path, clip, overwrite=overwrite) as sink:
        for frame in clip:
            sink.add(frame)
        sink.to_the_end = True
    return Path(os.fsdecode(path))


def check_target(target: Path, like: Clip, overwrite: bool) -> None:
    """Refuse a target that cannot be written or must not be lost."""
    suffix = target.suffix.lower()
    if suffix not in ("", *KINDS, *MOVIES):
        raise TransferError(
            f"{target}: the suffix {suffix!r} is not one that videos are written in. Use one of "
            f"{' '.join((*MOVIES, *KINDS))}, or a name without a suffix for a folder of images."
        )
    if not target.absolute().parent.is_dir():
        raise FileError(f"{target}: there is no folder {target.absolute().parent}. Make it first.")
    if not target.exists():
        return
    if target.resolve() == like.path.resolve():
        raise TransferError(f"{target}: this is the video itself. Choose another name to write to.")
    if target.is_dir() and (suffix or any(target.iterdir())):
        raise FileError(
            f"{target}: there is such a folder already, which is not replaced. Choose another name."
        )
    if target.is_file() and not overwrite:
        refuse_existing(target)
