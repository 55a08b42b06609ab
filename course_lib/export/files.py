"""Exports as files and folders: where they may be written, and how they are written whole."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.errors import BuildError
from course_lib.export import formats
from course_lib.export.parts import part
from course_lib.files import check_folder, check_target, replacing, write_atomically

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
            TensorFlow, a path that does not suit the format; each with what to do.
        FileError: the file or folder is there already, or cannot be made there.
    """
    if format not in formats.FORMATS:
        raise BuildError(f"format={format!r}: choose one of: {', '.join(formats.FORMATS)}.")
    path = _checked_path(Path(path), format, overwrite)
    formats.check_backend()
    exported = part(name, size=size, transfer=transfer)
    if format == "savedmodel":
        with replacing(path) as folder:
            folder.mkdir(parents=True)
            formats.write_savedmodel(exported, folder)
        return path
    data = formats.to_onnx(exported) if format == "onnx" else formats.to_litert(exported)
    write_atomically(path, data)
    return path


def _checked_path(path: Path, format: str, overwrite: bool) -> Path:
    """The path, if it suits the format and nothing is lost that must not be."""
    suffix = formats.FORMATS[format]
    if suffix and path.suffix.lower() != suffix:
        raise BuildError(f"{path}: a file of {format} ends in {suffix}. Name it so.")
    if not suffix and path.suffix.lower() in formats.FORMATS.values() and path.suffix:
        raise BuildError(f"{path}: a SavedModel is a folder. Give a name without suffix.")
    if suffix:
        return check_target(path, overwrite=overwrite)
    return check_folder(path, ["saved_model.pb"], overwrite=overwrite)
