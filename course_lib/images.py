"""Files, arrays and display bytes: how pictures come in and go out.

A picture is an array (height, width, 3). Inside the course it is float32 in [0, 1]; uint8 in
[0, 255] is accepted everywhere. Whatever a reader hands over, this room gives back either such a
picture or a `PictureError` that says what was wrong and what to do.

Formats read: PNG, JPEG, WebP, GIF (first frame), TIFF (first page) and BMP, and AVIF where the
installed Pillow has a decoder for it (Pillow 11.3 and newer). HEIF, the format of many telephones,
is not read. Formats written: PNG, JPEG, WebP, GIF, TIFF and BMP.

What happens to unusual pixels:

- transparency is laid on white;
- colors with an ICC profile are converted to sRGB, CMYK without one by Pillow's plain formula;
- the rotation noted in EXIF is applied;
- 16-bit gray keeps its 65,536 levels; Pillow reads 16-bit color as 8-bit, and so do we.
"""

import difflib
import functools
import io
import logging
import math
import os
import secrets
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import (
    ExifTags,
    Image,
    ImageCms,
    ImageFile,
    TiffImagePlugin,
    UnidentifiedImageError,
    features,
)

MAX_PIXELS = 100_000_000
"""The most pixels that `load` and `resize` make unless told otherwise: 10,000 x 10,000."""

ROUNDING = 1e-4
"""How far a float array may leave [0, 1]. Rounding in float32 stays below, mistakes go beyond."""

GRAIN_SIDE = 512
"""Pixels after which the grain repeats."""

COARSEST_GRAIN = 1 / 32
"""Lowest frequency in the grain, in periods a pixel."""

_MARK = "course_lib"
_FORMATS_BY_SUFFIX = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
_DEEP_GRAY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_GRAY_MODES = ("1", "L", "LA", "La")
_PILLOW_LOCK = threading.RLock()

# First bytes of files that people take for pictures, or pictures that we do not read.
_SIGNATURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"qoif", "QOI"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\x93NUMPY", "NumPy array"),
    (b"\x89HDF", "HDF5"),
)
_READABLE_FORMATS = ("PNG", "JPEG", "WebP", "GIF", "TIFF", "BMP")


class PictureError(ValueError):
    """A picture cannot be read, used or written. The message says why and what to do."""


# ---- reading ----------------------------------------------------------------------------------


def load(
    source: Any,
    size: int | tuple[int, int] | None = None,
    max_pixels: int | None = MAX_PIXELS,
    min_side: int = 1,
) -> np.ndarray:
    """Reads a picture from wherever it is.

    Args:
        source: a path, the bytes of a picture file, a file opened for reading in binary mode (read
            from its beginning), a Pillow image, or an array: (height, width) gray, or (height,
            width, channels) with 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGB and alpha)
            channels, of uint8, uint16, bool, or float in [0, 1].
        size: None keeps the picture's size; otherwise as in `resize`.
        max_pixels: a file with more pixels is refused before it is decoded, because a file of a few
            kilobytes can claim to hold a picture that fills the memory. None sets no limit.
        min_side: the returned picture's shorter side has at least this many pixels.

    Returns:
        A new picture (height, width, 3), float32 in [0, 1].

    Raises:
        PictureError: there is no such file, it is no picture that we read, it is damaged, too
            large or too small, or the array has a wrong shape, type or range.
    """
    if isinstance(source, (str, os.PathLike)):
        label, picture = str(source), _decode(_read_path(source), str(source), max_pixels)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        label, picture = "bytes", _decode(bytes(source), "bytes", max_pixels)
    elif isinstance(source, Image.Image):
        label, picture = "image", _from_pillow(source, "image", max_pixels)
    elif callable(getattr(source, "read", None)):
        label = str(getattr(source, "name", "file object"))
        picture = _decode(_read_stream(source, label), label, max_pixels)
    else:
        label, picture = "array", _from_array(source, "array")
    if size is not None:
        picture = resize(picture, size, max_pixels=max_pixels)
    _check_sides(picture, min_side, label)
    return picture


def _read_path(source: str | os.PathLike) -> bytes:
    name = os.fsdecode(source)
    if name.lower().startswith(("http://", "https://", "ftp://")):
        raise PictureError(
            f"{name}: this is a web address, not a file. Download the picture, then give its path."
        )
    if not name:
        raise PictureError("The path of the picture is empty. Give the path of a picture file.")
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            raise PictureError(f"{name}: this is a folder. Give the path of one picture in it.")
        if not path.exists():
            raise PictureError(_missing_file_message(name, path))
        if not path.is_file():
            raise PictureError(
                f"{name}: this is a device or a pipe, not a file. Give the path of a picture file."
            )
        return path.read_bytes()
    except PictureError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise PictureError(
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
        raise PictureError(
            f"{label}: the file object cannot be read ({error}). Open it again with mode 'rb'."
        ) from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise PictureError(
            f"{label}: reading gives {type(data).__name__}, not bytes. Open it with mode 'rb'."
        )
    return bytes(data)


def _decode(data: bytes, label: str, max_pixels: int | None) -> np.ndarray:
    """Bytes of a picture file -> float32 picture."""
    if not data:
        raise PictureError(
            f"{label}: the file is empty (0 bytes). Copy or download the picture again."
        )
    with _careful_pillow():
        try:
            image = Image.open(io.BytesIO(data), formats=_pillow_formats())
        except Exception as error:
            raise PictureError(_unreadable_message(label, data, error)) from None
        try:
            return _from_pillow(image, label, max_pixels)
        except PictureError:
            raise
        except Exception as error:
            raise PictureError(_unreadable_message(label, data, error)) from None


@contextmanager
def _careful_pillow() -> Iterator[None]:
    """Pillow without its warnings, and strict about damage whatever other code has set.

    These settings are global in Pillow, hence the lock and the restoring.
    """
    logger = logging.getLogger("PIL")
    with _PILLOW_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, logger.level
        # The size is checked in _check_pixel_count, which can name it in its message.
        Image.MAX_IMAGE_PIXELS = None
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = settings[:2]
            logger.setLevel(settings[2])


@contextmanager
def _silent_libtiff(image: Image.Image) -> Iterator[None]:
    """Drops what libtiff says about a damaged file: it writes to file descriptor 2 by itself."""
    try:
        kept = os.dup(2) if isinstance(image, TiffImagePlugin.TiffImageFile) else None
    except OSError:
        # A program without a console has no such descriptor, so there is nothing to drop.
        kept = None
    if kept is None:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _readable_formats() -> tuple[str, ...]:
    with _careful_pillow():
        return (*_READABLE_FORMATS, "AVIF") if features.check("avif") else _READABLE_FORMATS


def _pillow_formats() -> list[str]:
    return [name.upper() for name in _readable_formats()]


def _check_pixel_count(size: tuple[int, int], label: str, max_pixels: int | None) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise PictureError(f"{label}: the picture has no pixels ({width} x {height}).")
    if max_pixels is not None and width * height > max_pixels:
        raise PictureError(
            f"{label}: {width} x {height} is {width * height:,} pixels, more than the limit of "
            f"{max_pixels:,}. If you trust the picture, raise the limit with max_pixels=..."
        )


def _unreadable_message(label: str, data: bytes, error: Exception) -> str:
    """Why Pillow gave up, in words that help."""
    if isinstance(error, MemoryError):
        return f"{label}: there is not enough memory for this picture. Make it smaller first."
    name = _format_name(data)
    readable = _readable_formats()
    if name in readable:
        if isinstance(error, UnidentifiedImageError):
            return (
                f"{label}: starts as {name} does, but is damaged, cut short, or of a rare kind "
                "that Pillow does not read. Copy or download it again, or open it in an image "
                "program and save it as PNG."
            )
        reason = str(error) or type(error).__name__
        return (
            f"{label}: starts as {name} does, but is damaged or cut short ({reason}). "
            "Copy or download it again."
        )
    if name:
        return (
            f"{label}: the format {name} is not one we read ({', '.join(readable)}). "
            "Save it as PNG or JPEG and try again."
        )
    beginning = _beginning_of_text(data)
    if beginning is not None:
        return (
            f"{label}: this is text, not a picture; it begins with {beginning!r}. "
            "Check where the file came from."
        )
    return (
        f"{label}: this is not a picture in a format that we read ({', '.join(readable)}). "
        "Open it in an image program and save it as PNG or JPEG."
    )


def _format_name(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        # The box begins with its own length; the brands in it say what the file holds.
        brands = data[8 : max(12, min(int.from_bytes(data[:4], "big"), 256))]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if any(brand in brands for brand in (b"hei", b"hev", b"mif1", b"msf1")):
            return "HEIF"
        return "MP4 video"
    if data.startswith(b"RIFF"):
        return "WebP" if data[8:12] == b"WEBP" else "WAV or AVI"
    # Two letters are too little to tell a BMP file from a text.
    if data.startswith(b"BM") and _beginning_of_text(data) is None:
        return "BMP"
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data.lstrip()[:200].lower().startswith((b"<svg", b"<?xml")) and b"<svg" in data[:2000]:
        return "SVG"
    return None


def _beginning_of_text(data: bytes) -> str | None:
    """The first characters if the data reads as text, else None."""
    # A character of several bytes may be cut at the end of the sample.
    text = data[:400].decode("utf-8", errors="replace").rstrip("\ufffd")
    if not text or not all(character.isprintable() or character.isspace() for character in text):
        return None
    return None if "\ufffd" in text else text.strip()[:40]


# ---- from Pillow's many modes to one ----------------------------------------------------------


def _from_pillow(image: Image.Image, label: str, max_pixels: int | None) -> np.ndarray:
    """Any Pillow image -> float32 picture, upright, on white, in sRGB."""
    with _careful_pillow():
        _check_pixel_count(image.size, label, max_pixels)
        try:
            with _silent_libtiff(image):
                image.load()
            # A GIF frame may be larger than the screen that its file announces.
            _check_pixel_count(image.size, label, max_pixels)
            if image.mode in (*_DEEP_GRAY_MODES, "I", "F"):
                pixels = _deep_gray(image, label)
            else:
                pixels = _color_and_alpha(image)
            return np.ascontiguousarray(_upright(_from_array(pixels, label), image))
        except PictureError:
            raise
        except Exception as error:
            if label == "image":
                raise PictureError(f"image: Pillow cannot decode it ({error}).") from None
            raise


def _deep_gray(image: Image.Image, label: str) -> np.ndarray:
    """Gray with more than 8 bits -> (height, width) array."""
    values = np.asarray(image)
    if image.mode == "F":
        return values
    # Old versions of Pillow give a 16-bit gray PNG as 32-bit integers.
    if image.mode == "I" and image.format != "PNG":
        raise PictureError(
            f"{label}: its pixels are 32-bit integers, and nothing says which value is white. "
            "Save it with 8 or 16 bits per channel."
        )
    gray = values.astype(np.float32) / 65535
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        gray[values == transparent] = 1.0
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow minds this note for 8 bits and forgets it for 16.
        white_is_zero = image.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
        return 1 - gray if white_is_zero else gray
    return gray


def _color_and_alpha(image: Image.Image) -> np.ndarray:
    """Gray, palette or color image of 8 bits -> (height, width, 3 or 4) uint8 array."""
    color = np.asarray(_to_srgb(image))
    if not image.has_transparency_data:
        return color
    return np.dstack([color, np.asarray(_with_alpha(image).getchannel("A"))])


def _with_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "La":
        image = image.convert("LA")
    transparent = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(transparent, tuple) and max(transparent) > 255:
        # A 16-bit PNG: Pillow keeps the high byte of its pixels, but both bytes of this color.
        image = image.copy()
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    return image.convert("RGBA")


def _to_srgb(image: Image.Image) -> Image.Image:
    """The image's colors, without alpha, in mode RGB and the color space sRGB."""
    profile = _profile(image)
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in _GRAY_MODES:
        image = image.convert("L")
    elif image.mode not in ("CMYK", "LAB"):
        image = image.convert("RGB")
    if profile is None:
        return image.convert("RGB")
    try:
        space = profile.profile.xcolor_space.strip()
        if image.mode == "L" and space == "RGB":
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(
            image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        # Like every viewer: a profile that does not fit the pixels is no reason to refuse them.
        return image.convert("RGB")
    return image.convert("RGB") if converted is None else converted


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The ICC profile to convert from, or None where there is nothing to convert."""
    if image.mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        description = ImageCms.getProfileDescription(profile)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return None if "srgb" in description.lower() else profile


def _upright(picture: np.ndarray, image: Image.Image) -> np.ndarray:
    """Turns the picture as EXIF asks for.

    Source: Exif 2.32 (CIPA DC-008), tag 0x0112, Orientation.
    """
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # Damaged notes about a picture are no reason to refuse the picture.
        return picture
    turned = {
        2: lambda: picture[:, ::-1],
        3: lambda: picture[::-1, ::-1],
        4: lambda: picture[::-1],
        5: lambda: picture.swapaxes(0, 1),
        6: lambda: np.rot90(picture, -1),
        7: lambda: picture[::-1, ::-1].swapaxes(0, 1),
        8: lambda: np.rot90(picture, 1),
    }
    return turned[orientation]() if orientation in turned else picture


# ---- arrays -----------------------------------------------------------------------------------


def check_picture(array: Any, min_side: int = 1, name: str = "picture") -> np.ndarray:
    """Makes sure that an array is a picture, and gives it as float32.

    Args:
        array: (height, width, 3); uint8, or float in [0, 1] (values that leave this range by no
            more than `ROUNDING` are clipped). Tensors are taken too.
        min_side: smallest allowed height and width.
        name: what to call the array in an error.

    Returns:
        Picture (height, width, 3), float32 in [0, 1]. This is the array itself where nothing had to
        be converted: copy it before writing into it.

    Raises:
        PictureError: wrong shape, type or range, NaN, no pixels, or smaller than `min_side`.
    """
    array = _as_array(array, name)
    _check_shape(array, name)
    _check_sides(array, min_side, name)
    return _unit_range(array, name)


def to_uint8(picture: Any) -> np.ndarray:
    """The picture as screens and files want it.

    Args:
        picture: as for `check_picture`.

    Returns:
        New array (height, width, 3), uint8: values times 255, rounded to the nearest integer.
    """
    return np.rint(check_picture(picture) * 255).astype(np.uint8)


def to_batch(picture: Any) -> np.ndarray:
    """A picture as a batch of one, which is what models take.

    Args:
        picture: as for `check_picture`.

    Returns:
        Images (1, height, width, 3), float32 in [0, 1].
    """
    return check_picture(picture)[np.newaxis]


def from_batch(images: Any, clip: bool = False) -> np.ndarray:
    """The picture in a batch of one.

    Args:
        images: (1, height, width, 3), float in [0, 1]; array or tensor.
        clip: move values outside [0, 1] to its nearer end, for the output of a model that does not
            stay inside by itself. NaN and infinity are refused all the same.

    Returns:
        Picture (height, width, 3), float32 in [0, 1].

    Raises:
        PictureError: not a batch of exactly one picture, or its values are not a picture's.
    """
    images = _as_array(images, "images")
    if images.ndim != 4 or images.shape[0] != 1:
        raise PictureError(
            f"images: the shape {images.shape} is not (1, height, width, 3). "
            "Take one picture of a larger batch with images[i]; a picture needs no from_batch."
        )
    picture = images[0]
    if clip and np.issubdtype(picture.dtype, np.floating) and np.isfinite(picture).all():
        picture = np.clip(picture, 0, 1)
    return check_picture(picture, name="images[0]")


def _as_array(array: Any, name: str) -> np.ndarray:
    if hasattr(array, "detach"):
        # A PyTorch tensor with gradients, or on an accelerator, refuses to become an array.
        array = array.detach().cpu()
    try:
        result = np.asarray(array)
    except Exception as error:
        raise PictureError(
            f"{name}: {type(array).__name__} cannot be made into an array ({error}). "
            "Give a path, bytes, a file opened with mode 'rb', or an array (height, width, 3)."
        ) from None
    if result.dtype.name == "bfloat16":
        # The short floats of accelerators are no floats to NumPy.
        result = result.astype(np.float32)
    if result.dtype.kind not in "biuf" or result.ndim == 0:
        raise PictureError(
            f"{name}: {type(array).__name__} is not a picture. "
            "Give a path, bytes, a file opened with mode 'rb', or an array (height, width, 3)."
        )
    return result


def _check_shape(array: np.ndarray, name: str) -> None:
    shape = array.shape
    if array.ndim != 3 or shape[2] != 3:
        hint = "Give an array with height, width and 3 channels (RGB)."
        if array.ndim == 4:
            hint = "That looks like a batch: take one picture of it with images[i]."
        elif array.ndim == 3 and shape[0] in (1, 3, 4) and shape[2] > 4:
            hint = "That looks like channels first: use np.moveaxis(array, 0, -1)."
        elif array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 2, 4)):
            hint = "Gray and transparent pictures become RGB with images.load(array)."
        raise PictureError(f"{name}: the shape {shape} is not (height, width, 3). {hint}")
    if 0 in shape:
        raise PictureError(f"{name}: the shape {shape} has no pixels. Check how it was cut out.")


def _check_sides(array: np.ndarray, min_side: int, name: str) -> None:
    if min(array.shape[:2]) < min_side:
        raise PictureError(
            f"{name}: {_size_text(array)} is too small, each side needs at least {min_side} "
            "pixels. Choose a larger picture, or enlarge it with resize."
        )


def _unit_range(array: np.ndarray, name: str) -> np.ndarray:
    """Values of any picture type -> float32 in [0, 1]."""
    if array.dtype in (np.uint8, np.uint16):
        return np.divide(array, np.iinfo(array.dtype).max, dtype=np.float32)
    if array.dtype == np.bool_:
        return array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise PictureError(
            f"{name}: the type {array.dtype} leaves open which value is white. Use uint8 in "
            "[0, 255], for example array.astype('uint8'), or float32 in [0, 1]."
        )
    if not np.isfinite(array).all():
        count = int(np.count_nonzero(~np.isfinite(array)))
        raise PictureError(
            f"{name}: {count} of {array.size} values are NaN or infinite. Look for a division by "
            "zero, or for a training that diverged, before this point."
        )
    low, high = float(array.min()), float(array.max())
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise PictureError(
            f"{name}: the values go from {low:.4g} to {high:.4g}, outside [0, 1]. "
            + _range_hint(low, high)
        )
    result = array.astype(np.float32, copy=False)
    return result if low >= 0 and high <= 1 else np.clip(result, 0, 1)


def _range_hint(low: float, high: float) -> str:
    if low >= 0 and 2 < high <= 255:
        return "If they are meant for [0, 255], divide by 255."
    if low >= -1 and high <= 1:
        return "If they are meant for [-1, 1], use (array + 1) / 2."
    return "Clip them with np.clip(array, 0, 1) if that is what you mean."


def _from_array(source: Any, name: str) -> np.ndarray:
    """Array of any picture kind -> float32 picture that shares no memory with it."""
    array = _as_array(source, name)
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or 0 in array.shape:
        _check_shape(array, name)
    values = _unit_range(array, name)
    color = values[..., : 1 if array.shape[2] < 3 else 3]
    if array.shape[2] in (2, 4):
        alpha = values[..., -1:]
        color = color * alpha + (1 - alpha)
    if color.shape[2] == 1:
        return np.repeat(color, 3, axis=2)
    return color.copy() if np.may_share_memory(color, array) else color


def _size_text(array: np.ndarray) -> str:
    return f"{array.shape[0]} x {array.shape[1]} (height x width)"


# ---- size -------------------------------------------------------------------------------------


def resize(
    picture: Any, size: int | tuple[int, int], max_pixels: int | None = MAX_PIXELS
) -> np.ndarray:
    """The picture at another size, smoothed as needed so that no false patterns appear.

    Args:
        picture: as for `check_picture`.
        size: one integer sets the longer side and keeps the proportions (to the nearest pixel);
            (height, width) sets both, and distorts if their proportions are not the picture's.
        max_pixels: refuse to make a larger picture than this. None sets no limit.

    Returns:
        A new picture of that size, float32 in [0, 1].

    Raises:
        PictureError: not a picture, or not a size.

    Source: Lanczos filter with three lobes, as Pillow has it, on each channel in float32. It rings
        beyond [0, 1] next to hard edges, so the result is clipped.
    """
    picture = check_picture(picture)
    height, width = _target_size(picture, size)
    if (height, width) == picture.shape[:2]:
        return picture.copy()
    _check_pixel_count((width, height), "resize", max_pixels)
    channels = [
        Image.fromarray(np.ascontiguousarray(picture[..., channel])).resize(
            (width, height), Image.Resampling.LANCZOS
        )
        for channel in range(3)
    ]
    return np.clip(np.stack([np.asarray(channel) for channel in channels], axis=-1), 0, 1)


def _target_size(picture: np.ndarray, size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = picture.shape[:2]
    if _is_count(size):
        scale = int(size) / max(height, width)  # type: ignore[arg-type]
        return max(1, round(height * scale)), max(1, round(width * scale))
    return _height_and_width(size, "size")


def _height_and_width(size: Any, name: str) -> tuple[int, int]:
    """An integer (a square) or (height, width), checked."""
    pair = (size, size) if _is_count(size) else size
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(_is_count(side) for side in pair):
        return int(pair[0]), int(pair[1])
    raise PictureError(
        f"{name}: {size!r} is not a size. Give one positive integer or (height, width)."
    )


def as_number(value: Any) -> float:
    """A number of any kind as a float; NaN, which lies in no range, for what is no number."""
    try:
        return math.nan if isinstance(value, (str, bytes)) or np.ndim(value) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) > 0


def center_crop(picture: Any, multiple: int) -> np.ndarray:
    """The largest middle part whose height and width are multiples of a number.

    Args:
        picture: as for `check_picture`.
        multiple: for an encoder that halves the size three times, 8.

    Returns:
        A new picture, float32 in [0, 1].

    Raises:
        PictureError: the picture is smaller than the multiple.
    """
    if not _is_count(multiple):
        raise PictureError(f"multiple: {multiple!r} is not a positive integer.")
    picture = check_picture(picture, min_side=multiple)
    height, width = (side - side % multiple for side in picture.shape[:2])
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width].copy()


def random_crop(
    picture: Any, size: int | tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """A part of the picture at a random place, for training.

    Args:
        picture: as for `check_picture`.
        size: one integer (a square) or (height, width).
        generator: where the randomness comes from, for example `np.random.default_rng(0)`. The same
            seed gives the same crops.

    Returns:
        A new picture of that size, float32 in [0, 1].

    Raises:
        PictureError: the picture is smaller than the crop.
    """
    if not isinstance(generator, np.random.Generator):
        raise PictureError(
            f"generator: {generator!r} is not a NumPy generator. Use np.random.default_rng(seed)."
        )
    height, width = _height_and_width(size, "size")
    array = _as_array(picture, "picture")
    _check_shape(array, "picture")
    if array.shape[0] < height or array.shape[1] < width:
        raise PictureError(
            f"picture: {_size_text(array)} is smaller than the crop, {height} x {width}. "
            "Choose a smaller crop, or enlarge the picture with resize."
        )
    top = int(generator.integers(array.shape[0] - height + 1))
    left = int(generator.integers(array.shape[1] - width + 1))
    # Only the crop is checked and converted: that is what makes this quick on a large picture.
    return check_picture(array[top : top + height, left : left + width].copy())


# ---- writing ----------------------------------------------------------------------------------


def grain(size: tuple[int, int], top: int = 0, left: int = 0) -> np.ndarray:
    """Faint irregularity of every size, as paper and film have: 1/f noise, always the same.

    Args:
        size: (height, width) of the piece in pixels.
        top: row of the endless pattern at which the piece begins, 0 or more.
        left: its column.

    Returns:
        Array (height, width, 1) float32 of mean 0 and deviation 1. It repeats after 512 pixels.

    Source: the amplitude falls with the frequency, so that each octave has the same energy; Field,
    "Relations between the statistics of natural images", JOSA A 1987.
    """
    tile = _grain_tile()
    rows = np.arange(top, top + size[0]) % GRAIN_SIDE
    columns = np.arange(left, left + size[1]) % GRAIN_SIDE
    return tile[rows][:, columns, None]


@functools.cache
def _grain_tile() -> np.ndarray:
    """One period of the grain."""
    white = np.random.default_rng(0).standard_normal((GRAIN_SIDE, GRAIN_SIDE))
    frequencies = np.fft.fftfreq(GRAIN_SIDE)
    radius = np.hypot(frequencies[:, None], frequencies)
    # Below this frequency lie shades as large as objects, which a painter must not invent.
    radius = np.where(radius < COARSEST_GRAIN, np.inf, radius)
    tile = np.fft.ifft2(np.fft.fft2(white) / radius).real
    return ((tile - tile.mean()) / tile.std()).astype("float32")


def to_bytes(picture: Any, format: str = "jpeg", quality: int = 85) -> bytes:
    """The picture as the bytes of a file, for a widget or a web page. `load` reads them back.

    Args:
        picture: as for `check_picture`.
        format: "jpeg", "png", "webp", "gif", "tiff" or "bmp". PNG, TIFF and BMP lose nothing but
            the rounding to 8 bits; GIF keeps 256 colors.
        quality: 1 to 100, for JPEG and WebP.

    Returns:
        The bytes.

    Raises:
        PictureError: not a picture, an unknown format, or one that cannot hold this picture.
    """
    suffix = "." + str(format).lower().lstrip(".")
    if suffix not in _FORMATS_BY_SUFFIX:
        known = ", ".join(sorted({name.lower() for name in _FORMATS_BY_SUFFIX.values()}))
        raise PictureError(f"format: {format!r} is not one that we write ({known}).")
    return _encode(picture, _FORMATS_BY_SUFFIX[suffix], quality)


def save(picture: Any, path: str | os.PathLike, quality: int = 95, overwrite: bool = False) -> Path:
    """Writes the picture to a file: wholly or not at all.

    The file carries a note that this course wrote it (not in BMP, which has no room for one). Such
    a file is replaced when you save to it again. Any other file may be somebody's original, and is
    replaced only when you say so.

    Args:
        picture: as for `check_picture`.
        path: where to; the suffix sets the format (.png .jpg .jpeg .webp .gif .tif .tiff .bmp).
        quality: 1 to 100, for JPEG and WebP.
        overwrite: replace the file, whoever wrote it.

    Returns:
        The path.

    Raises:
        PictureError: not a picture, an unknown suffix, no such folder, an existing file that this
            course did not write, or the file system refused. What was there before is unharmed.
    """
    try:
        target = Path(os.fsdecode(path)).expanduser()
    except (TypeError, RuntimeError):
        raise PictureError(f"path: {path!r} is not a path to save to.") from None
    if target.suffix.lower() not in _FORMATS_BY_SUFFIX:
        raise PictureError(
            f"{path}: the suffix {target.suffix!r} is not one that we write. "
            f"Use one of {' '.join(_FORMATS_BY_SUFFIX)}."
        )
    try:
        _check_target(target, overwrite)
        data = _encode(picture, _FORMATS_BY_SUFFIX[target.suffix.lower()], quality)
        write_atomically(target, data)
    except (OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(
            f"{path}: cannot be written ({error}). Check the name, the space left and your "
            "right to write there."
        ) from None
    return target


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that nobody ever finds half of it.

    Args:
        path: the file; replaced if it exists.
        data: all of its bytes.

    Raises:
        OSError: the file system refused. An existing file is then as it was.
    """
    part = path.parent / f".{secrets.token_hex(6)}.part"
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _check_target(target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise PictureError(f"{target}: this is a folder. Add the name of a file.")
    if not target.parent.is_dir():
        raise PictureError(
            f"{target}: there is no folder {target.parent}. Make it first, "
            "for example with Path(...).mkdir(parents=True)."
        )
    if target.exists() and not overwrite and not may_be_replaced(target):
        raise PictureError(
            f"{target}: there is such a file already, and this course did not write it. "
            "Choose another name, or pass overwrite=True to replace it."
        )


def may_be_replaced(target: Path) -> bool:
    """Whether the file is empty, or carries our note."""
    if target.stat().st_size == 0:
        return True
    with _careful_pillow():
        try:
            with Image.open(target, formats=_pillow_formats()) as image:
                note = image.getexif().get(ExifTags.Base.Software)
                return note == _MARK or image.info.get("comment") == _MARK.encode()
        except Exception:
            return False


def _encode(picture: Any, format: str, quality: int) -> bytes:
    if not _is_count(quality) or quality > 100:
        raise PictureError(f"quality: {quality!r} is not an integer from 1 to 100.")
    image = Image.fromarray(to_uint8(picture))
    options: dict[str, Any] = {}
    if format == "JPEG":
        # At high quality, colors at full resolution: style pictures have fine colored strokes.
        options = {"quality": quality, "subsampling": 0 if quality >= 90 else 2, "optimize": True}
    elif format == "WEBP":
        options = {"quality": quality}
    elif format == "TIFF":
        options = {"compression": "tiff_adobe_deflate"}
    elif format == "GIF":
        image = image.quantize(256)
        options = {"comment": _MARK.encode()}
    if format in ("PNG", "JPEG", "WEBP", "TIFF"):
        exif = Image.Exif()
        exif[ExifTags.Base.Software] = _MARK
        options["exif"] = exif
    buffer = io.BytesIO()
    with _careful_pillow():
        block = ImageFile.MAXBLOCK
        # Pillow gives an optimized JPEG a single buffer, which a picture full of noise overflows.
        ImageFile.MAXBLOCK = max(block, 4 * image.width * image.height)
        try:
            image.save(buffer, format, **options)
        except Exception as error:
            raise PictureError(
                f"{format}: a picture of {image.height} x {image.width} (height x width) cannot be "
                f"written in this format ({error}). Use PNG, or make it smaller with resize."
            ) from None
        finally:
            ImageFile.MAXBLOCK = block
    return buffer.getvalue()
