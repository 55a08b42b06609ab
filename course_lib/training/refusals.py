"""The file system's refusals, said so that the reader can mend them."""

import contextlib
import errno
import pathlib
from collections.abc import Iterator

from course_lib.errors import TrainingError


@contextlib.contextmanager
def file_errors(folder: str | pathlib.Path) -> Iterator[None]:
    """Turn the file system's refusals below a folder into a `TrainingError` with the remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            advice = (
                "the disk is full. Nothing is half written: make room (a run keeps about 30 MB "
                "there), then go on with --resume (resume=True)."
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "the folder cannot be written to. Choose another folder for --out."
        else:
            advice = (
                f"{error.strerror or error}. Choose another folder for --out, or mend this one."
            )
        raise TrainingError(f"{folder}: {advice}") from error
