"""Exports as files and folders: where they may be written, and how they are written whole."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.errors import BuildError
from course_lib.export import formats
from course_lib.export.parts import part
from course_lib.files import write_atomically

if TYPE_CHECKING:
    from course_lib.transfer import FeatureTransfer


def export(
    name: str,
    format: str,
    path: str | os.PathLike,
    *,
    size: tuple[int, int] | None = None,
    overwrite: bool = False,
    transfer: "FeatureTransfer | None" = None,
) -> Path:
    """Write a part of the networks in a format that other programs read.

    The same weights and the same versions of the converters give the same bytes; those of a
    SavedModel depend also on what the process did before, because TensorFlow numbers its functions.

    Args:
        name: one of `PARTS`.
        format: "savedmodel" (a folder for ``tf.saved_model.load``), "onnx" (a file for
            onnxruntime) or "litert" (a file for LiteRT, formerly TensorFlow Lite).
        path: the file or folder to write.
        size: (height, width) of the images. By default a file takes images of any size; some
            programs and devices, LiteRT's accelerators above all, want to know it beforehand.
        overwrite: replace a file, or a SavedModel, that is there.
        transfer: a `FeatureTransfer` whose networks are exported; the course's own by default.

    Returns:
        The path.

    Raises:
        BuildError: an unknown part or format, a missing converter, another backend than
            TensorFlow, a path that must not be written to; each with what to do.
    """
    path = Path(path)
    if format not in formats.FORMATS:
        raise BuildError(f"format={format!r}: choose one of: {', '.join(formats.FORMATS)}.")
    _check_target(path, format, overwrite)
    formats.check_backend()
    exported = part(name, size=size, transfer=transfer)
    if format == "savedmodel":
        with new_folder(path) as folder:
            formats.write_savedmodel(exported, folder)
        return path
    data = formats.to_onnx(exported) if format == "onnx" else formats.to_litert(exported)
    write_atomically(path, data)
    return path


def _check_target(path: Path, format: str, overwrite: bool) -> None:
    """Refuse a path that does not suit the format, or that holds what must not be lost."""
    suffix = formats.FORMATS[format]
    if suffix and path.suffix.lower() != suffix:
        raise BuildError(f"{path}: a file of {format} ends in {suffix}. Name it so.")
    if not suffix and path.suffix.lower() in formats.FORMATS.values() and path.suffix:
        raise BuildError(f"{path}: a SavedModel is a folder. Give a name without suffix.")
    check_place(path, overwrite, path.is_file() if suffix else holds(path, "saved_model.pb"))


def check_place(path: Path, overwrite: bool, same_kind: bool) -> None:
    """Refuse to write where there is no folder, or where something would be lost.

    Args:
        path: the file or folder to be written.
        overwrite: whether the user asked to replace what is there.
        same_kind: whether that is of the kind that is to be written. Nobody who names the wrong
            folder means to lose all that is in it.

    Raises:
        BuildError: with what to do.
    """
    if not path.absolute().parent.is_dir():
        raise BuildError(f"{path}: there is no folder {path.absolute().parent}. Make it first.")
    if not path.exists():
        return
    if not same_kind:
        raise BuildError(f"{path}: holds something else than an export. Choose another name.")
    if not overwrite:
        raise BuildError(
            f"{path}: is there already. Choose another name, or replace it with overwrite=True "
            "(--overwrite)."
        )


def holds(folder: Path, *names: str) -> bool:
    """Whether there are files of all these names in a folder."""
    return all((folder / name).is_file() for name in names)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes its name, and the place of what has it, when all is well."""
    path = path.absolute()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".course-export-") as workshop:
        new, old = Path(workshop) / "new", Path(workshop) / "old"
        new.mkdir()
        yield new
        if path.exists():
            os.replace(path, old)
        os.replace(new, path)
