"""Files: the one way to write them whole, and the one rule for those that are there already.

The rule: nothing that exists is replaced unless the caller says ``overwrite=True`` (in the command:
``--overwrite``). It does not matter who wrote it.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from course_lib.errors import FileError

# What a file is meant to be, by its suffix; whether it is that is found out when it is read.
IMAGE_SUFFIXES = frozenset(
    (
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".dib", ".avif", ".heic", ".heif", ".hif", ".jp2", ".jxl"),
    )
)
SOUND_SUFFIXES = frozenset(
    (".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".wma")
)
VIDEO_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts"),
        *(".m2ts", ".wmv", ".3gp", ".flv", ".ogv"),
    )
)

# The most frames a second that a video is made with.
FASTEST = 1000


def is_web_address(path: Any) -> bool:
    """Whether what should be a path is an address; of its two slashes, a `Path` has lost one."""
    return re.match(r"(https?|ftp):/", os.fsdecode(path), re.IGNORECASE) is not None


def check_target(path: Any, *, overwrite: bool = False) -> Path:
    """Makes sure, before any work is done, that a file may be written.

    Args:
        path: where to. A ``~`` at its beginning is the home folder.
        overwrite: an existing file may be replaced. A folder never is.

    Returns:
        The path.

    Raises:
        FileError: no path, no such folder, a folder in the place of the file, or an existing file.
    """
    try:
        target = Path(os.fsdecode(path)).expanduser()
        if target.is_dir():
            raise FileError(f"{target}: this is a folder. Add the name of a file.")
        if not target.parent.is_dir():
            raise FileError(
                f"{target}: there is no folder {target.parent}. Make it first, "
                "for example with Path(...).mkdir(parents=True)."
            )
        if not overwrite:
            refuse_existing(target)
    except FileError:
        raise
    except (TypeError, RuntimeError):
        raise FileError(f"path: {path!r} is not a path to save to.") from None
    except (OSError, ValueError) as error:
        raise _refused(path, error) from None
    return target


def refuse_existing(path: Path) -> None:
    """Raises a `FileError` where there is such a file or folder already."""
    if os.path.lexists(path):
        raise FileError(
            f"{path}: is there already. Choose another name, or replace it with overwrite=True "
            "(--overwrite)."
        )


def free_name(path: Any) -> Path:
    """The path, or where it is taken the first of name-2, name-3, ... that is free.

    For a button, which has no room for a question: it never replaces anything.
    """
    target = Path(os.fsdecode(path)).expanduser()
    names = (target.with_name(f"{target.stem}-{number}{target.suffix}") for number in count(2))
    return next(name for name in chain([target], names) if not os.path.lexists(name))


def check_folder(path: Any, holding: Sequence[str], *, overwrite: bool = False) -> Path:
    """Makes sure, before any work is done, that a folder may be made; an empty one may be there.

    Args:
        path: the folder.
        holding: names that are all in a folder of the kind that is to be made. One that lacks any
            is never replaced: who names a wrong folder does not mean to lose all that is in it.
        overwrite: a folder of that kind may be replaced.

    Returns:
        The path, absolute.

    Raises:
        FileError: a file has this name, or a folder with something in it.
    """
    target = Path(os.fsdecode(path)).expanduser().absolute()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FileError(f"{target} is not a folder. Choose another name.")
    if target.is_dir() and any(target.iterdir()):
        if not all((target / name).exists() for name in holding):
            raise FileError(
                f"{target}: holds other files than those that are to be written. Choose another "
                "folder, or empty this one."
            )
        if not overwrite:
            refuse_existing(target)
    return target


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that nobody ever finds half of it.

    Args:
        path: the file; replaced if it exists.
        data: all of its bytes.

    Raises:
        OSError: the file system refused. An existing file is then as it was.
    """
    with replacing(path) as part, open(part, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place to make a file or a folder, which takes its name only when the block has ended well.

    Args:
        path: the name that it takes; what has this name is replaced.

    Yields:
        A hidden path beside it, where there is nothing yet. Whatever is there when the block fails
        is removed, and what had the name stays.
    """
    part = path.parent / f".{secrets.token_hex(6)}.part"
    try:
        yield part
        if path.is_dir() and not path.is_symlink():
            # A folder cannot be replaced in one step: it moves aside first.
            old = path.parent / f".{secrets.token_hex(6)}.old.part"
            os.replace(path, old)
            try:
                os.replace(part, path)
            except BaseException:
                os.replace(old, path)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(part, path)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def write_file(path: Any, data: bytes, *, overwrite: bool = False) -> Path:
    """Writes a file: wholly or not at all, and over nothing that exists unless told to.

    Args:
        path: where to.
        data: all of its bytes.
        overwrite: replace an existing file.

    Returns:
        The path.

    Raises:
        FileError: as for `check_target`, or the file system refused. What was there is unharmed.
    """
    target = check_target(path, overwrite=overwrite)
    try:
        write_atomically(target, data)
    except (OSError, ValueError) as error:
        raise _refused(path, error) from None
    return target


def _refused(path: Any, error: Exception) -> FileError:
    return FileError(
        f"{path}: cannot be written ({error}). Check the name, the space left and your "
        "right to write there."
    )
