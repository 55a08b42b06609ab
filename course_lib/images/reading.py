"""From wherever an image is to an array."""

import difflib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from course_lib.errors import ImageError
from course_lib.images.arrays import MAX_PIXELS, check_sides, from_array
from course_lib.images.pillow import careful_pillow, from_pillow, pillow_formats, readable_formats
from course_lib.images.sizes import resize


def load_image(
    source: Any,
    *,
    size: int | tuple[int, int] | None = None,
    max_pixels: int | None = MAX_PIXELS,
    min_side: int = 1,
) -> np.ndarray:
    """Reads an image from wherever it is.

    Args:
        source: a path, the bytes of an image file, a file opened for reading in binary mode (read
            from its beginning), a Pillow image, or an array: (height, width) gray, or (height,
            width, channels) with 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGB and alpha)
            channels, of uint8, uint16, bool, or float in [0, 1].
        size: None keeps the image's size; otherwise as in `resize`.
        max_pixels: a file with more pixels is refused before it is decoded, because a file of a few
            kilobytes can claim to hold an image that fills the memory. None sets no limit.
        min_side: the returned image's shorter side has at least this many pixels.

    Returns:
        A new image (height, width, 3), float32 in [0, 1].

    Raises:
        ImageError: there is no such file, it is no image that we read, it is damaged, too
            large or too small, or the array has a wrong shape, type or range.
    """
    if isinstance(source, (str, os.PathLike)):
        label, image = str(source), _decode(_read_path(source), str(source), max_pixels)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        label, image = "bytes", _decode(bytes(source), "bytes", max_pixels)
    elif isinstance(source, Image.Image):
        label, image = "image", from_pillow(source, "image", max_pixels)
    elif callable(getattr(source, "read", None)):
        label = str(getattr(source, "name", "file object"))
        image = _decode(_read_stream(source, label), label, max_pixels)
    else:
        label, image = "array", from_array(source, "array")
    if size is not None:
        image = resize(image, size, max_pixels=max_pixels)
    check_sides(image, min_side, label)
    return image


def _read_path(source: str | os.PathLike) -> bytes:
    name = os.fsdecode(source)
    if name.lower().startswith(("http://", "https://", "ftp://")):
        raise ImageError(
            f"{name}: this is a web address, not a file. Download the image, then give its path."
        )
    if not name:
        raise ImageError("The path of the image is empty. Give the path of an image file.")
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            raise ImageError(f"{name}: this is a folder. Give the path of one image in it.")
        if not path.exists():
            raise ImageError(_missing_file_message(name, path))
        if not path.is_file():
            raise ImageError(
                f"{name}: this is a device or a pipe, not a file. Give the path of an image file."
            )
        return path.read_bytes()
    except ImageError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise ImageError(
            f"{name}: cannot be opened ({error}). Check the path and the right to read it."
        ) from None


def _missing_file_message(name: str, path: Path) -> str:
    folder = path.parent.absolute()
    if not folder.is_dir():
        return f"{name}: there is no such file, nor a folder {folder}. Check the path."
    similar = difflib.get_close_matches(path.name, os.listdir(folder), n=1, cutoff=0.7)
    hint = f"Did you mean {similar[0]}?" if similar else "Check the name and the suffix."
    return f"{name}: there is no such file in {folder}. {hint}"


def _read_stream(stream: Any, label: str) -> bytes:
    try:
        if hasattr(stream, "seekable") and stream.seekable():
            stream.seek(0)
        data = stream.read()
    except Exception as error:
        raise ImageError(
            f"{label}: the file object cannot be read ({error}). Open it again with mode 'rb'."
        ) from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ImageError(
            f"{label}: reading gives {type(data).__name__}, not bytes. Open it with mode 'rb'."
        )
    return bytes(data)


def _decode(data: bytes, label: str, max_pixels: int | None) -> np.ndarray:
    """Bytes of an image file -> float32 image."""
    if not data:
        raise ImageError(f"{label}: the file is empty (0 bytes). Copy or download the image again.")
    with careful_pillow():
        try:
            image = Image.open(io.BytesIO(data), formats=pillow_formats())
        except Exception as error:
            raise ImageError(_unreadable_message(label, data, error)) from None
        try:
            return from_pillow(image, label, max_pixels)
        except ImageError:
            raise
        except Exception as error:
            raise ImageError(_unreadable_message(label, data, error)) from None


def _unreadable_message(label: str, data: bytes, error: Exception) -> str:
    """Why Pillow gave up, in words that help."""
    if isinstance(error, MemoryError):
        return f"{label}: there is not enough memory for this image. Make it smaller first."
    beginning = _beginning_of_text(data)
    if beginning is not None:
        return (
            f"{label}: this is text, not an image; it begins with {beginning!r}. "
            "Check where the file came from."
        )
    if not isinstance(error, UnidentifiedImageError):
        reason = str(error) or type(error).__name__
        return f"{label}: is damaged or cut short ({reason}). Copy or download it again."
    return (
        f"{label}: this is not an image in a format that we read "
        f"({', '.join(readable_formats())}), or it is damaged. Copy it again, or open it in an "
        "image program and save it as PNG or JPEG."
    )


def _beginning_of_text(data: bytes) -> str | None:
    """The first characters if the data reads as text, else None."""
    # A character of several bytes may be cut at the end of the sample.
    text = data[:400].decode("utf-8", errors="replace").rstrip("\ufffd")
    if not text or not all(character.isprintable() or character.isspace() for character in text):
        return None
    return None if "\ufffd" in text else text.strip()[:40]
