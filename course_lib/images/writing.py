"""From an array to a file, or to the bytes of one."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from course_lib import files
from course_lib.checks import is_count
from course_lib.errors import ImageError
from course_lib.images.arrays import check_image, to_pixels
from course_lib.images.notes import WITH_PROFILE, Notes, options_of
from course_lib.images.pillow import careful_pillow

WITH_ALPHA = ("PNG", "WEBP", "TIFF", "GIF")

FORMATS_BY_SUFFIX = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}


def holds_profile(path: str | os.PathLike) -> bool:
    """Whether a file of that name has room for a color profile; without one, it is sRGB.

    Args:
        path: of the file to be written.
    """
    suffix = os.path.splitext(os.fsdecode(path))[1]
    return FORMATS_BY_SUFFIX.get(suffix.lower()) in WITH_PROFILE


def to_bytes(image: Any, *, format: str = "jpeg", quality: int = 85) -> bytes:
    """The image as the bytes of a file, for a widget or a web page. `load_image` reads them back.

    Args:
        image: as for `check_image`.
        format: "jpeg", "png", "webp", "gif", "tiff" or "bmp". PNG, TIFF and BMP lose nothing but
            the rounding to 8 bits; GIF keeps 256 colors.
        quality: 1 to 100, for JPEG and WebP.

    Returns:
        The bytes.

    Raises:
        ImageError: not an image, an unknown format, or one that cannot hold this image.
    """
    suffix = "." + str(format).lower().lstrip(".")
    if suffix not in FORMATS_BY_SUFFIX:
        known = ", ".join(sorted({name.lower() for name in FORMATS_BY_SUFFIX.values()}))
        raise ImageError(f"format: {format!r} is not one that we write ({known}).")
    return _encode(image, FORMATS_BY_SUFFIX[suffix], quality)


def save_image(
    image: Any,
    path: str | os.PathLike,
    *,
    quality: int = 95,
    overwrite: bool = False,
    notes: Notes | None = None,
) -> Path:
    """Writes the image to a file: wholly or not at all.

    Args:
        image: as for `check_image`.
        path: where to; the suffix sets the format (.png .jpg .jpeg .webp .gif .tif .tiff .bmp).
        quality: 1 to 100, for JPEG and WebP.
        overwrite: replace a file that is there already; it may be somebody's original.
        notes: what `load_with_notes` found beside the image: transparency, which is laid on white
            where the format has none; date and camera, dots per inch and color profile.

    Returns:
        The path.

    Raises:
        ImageError: not an image, an unknown suffix, or a format that cannot hold this image.
        FileError: no such folder, an existing file, or the file system refused. What was there
            before is unharmed.
    """
    target = files.check_target(path, overwrite=overwrite)
    format = FORMATS_BY_SUFFIX.get(target.suffix.lower())
    if format is None:
        raise ImageError(
            f"{path}: the suffix {target.suffix!r} is not one that we write. "
            f"Use one of {' '.join(FORMATS_BY_SUFFIX)}."
        )
    return files.write_file(target, _encode(image, format, quality, notes), overwrite=overwrite)


def _encode(image: Any, format: str, quality: int, notes: Notes | None = None) -> bytes:
    if not is_count(quality) or quality > 100:
        raise ImageError(f"quality: {quality!r} is not an integer from 1 to 100.")
    notes = notes or Notes()
    pixels = to_pixels(check_image(image), notes.alpha, keeps_alpha=format in WITH_ALPHA)
    pil_image = of_few_colors(pixels) if format == "GIF" else Image.fromarray(pixels)
    options: dict[str, Any] = {}
    if format == "JPEG":
        # At high quality, colors at full resolution: style images have fine colored strokes.
        options = {"quality": quality, "subsampling": 0 if quality >= 90 else 2, "optimize": True}
    elif format == "WEBP":
        options = {"quality": quality}
    elif format == "TIFF" and not notes.exif:
        # Where it compresses, Pillow cannot write a camera's closer notes.
        options = {"compression": "tiff_adobe_deflate"}
    options |= options_of(notes, format)
    buffer = io.BytesIO()
    with careful_pillow():
        block = ImageFile.MAXBLOCK
        # Pillow gives an optimized JPEG a single buffer, which an image full of noise overflows.
        ImageFile.MAXBLOCK = max(block, 4 * pil_image.width * pil_image.height)
        try:
            pil_image.save(buffer, format, **options)
        except Exception as error:
            raise ImageError(
                f"{format}: an image of {pil_image.height} x {pil_image.width} (height x width) "
                f"cannot be written in this format ({error}). Use PNG, or make it smaller with "
                "resize."
            ) from None
        finally:
            ImageFile.MAXBLOCK = block
    return buffer.getvalue()


def of_few_colors(pixels: np.ndarray) -> Image.Image:
    """An image with 256 colors, as a GIF holds it.

    Args:
        pixels: array (height, width, 3), or with alpha (height, width, 4), uint8. What is more
            than half transparent becomes wholly so, by the color number 255.
    """
    few = Image.fromarray(pixels[..., :3])
    if pixels.shape[2] == 3:
        return few.quantize(256)
    few = few.quantize(255)
    few.paste(255, mask=Image.fromarray(pixels[..., 3] < 128))
    few.info["transparency"] = 255
    return few
