"""Pillow made careful, and its many modes made one."""

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, features

from course_lib.errors import ImageError
from course_lib.images import profiles
from course_lib.images.arrays import check_pixel_count
from course_lib.images.notes import Notes, carried_dpi, carried_exif

_DEEP_GRAY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")

_GRAY_MODES = ("1", "L", "LA", "La")

_PILLOW_LOCK = threading.RLock()

_READABLE_FORMATS = ("PNG", "JPEG", "WebP", "GIF", "TIFF", "BMP")


@contextmanager
def careful_pillow() -> Iterator[None]:
    """Pillow without its warnings, and strict about damage whatever other code has set.

    These settings are global in Pillow, hence the lock and the restoring.
    """
    logger = logging.getLogger("PIL")
    with _PILLOW_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, logger.level
        # The size is checked in check_pixel_count, which can name it in its message.
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


def readable_formats() -> tuple[str, ...]:
    """The formats that can be read here, by the names that people use."""
    with careful_pillow():
        avif = ("AVIF",) if features.check("avif") else ()
    return (*_READABLE_FORMATS, *avif, *(("HEIC",) if _reads_heic() else ()))


def _reads_heic() -> bool:
    """Whether Pillow reads the format of telephones here, by pillow-heif; registers it."""
    try:
        import pillow_heif
    except ImportError:
        return False
    if "HEIF" not in Image.OPEN:
        pillow_heif.register_heif_opener(thumbnails=False)
    return True


def pillow_formats() -> list[str]:
    """The same as Pillow names them."""
    return ["HEIF" if name == "HEIC" else name.upper() for name in readable_formats()]


def read_pillow(
    image: Image.Image, label: str, max_pixels: int | None, *, keep_profile: bool = False
) -> tuple[np.ndarray, Notes]:
    """Any Pillow image -> its pixels, upright and in sRGB, and what else it says.

    Args:
        image: the image.
        label: what to call it in an error.
        max_pixels: as in `load_image`.
        keep_profile: leave colors of a wide space as they are.

    Returns:
        Array (height, width), or (height, width, channels) with 3 (RGB) or 4 (RGB and alpha); and
        the notes, without alpha.
    """
    with careful_pillow():
        check_pixel_count(image.size, label, max_pixels)
        try:
            with _silent_libtiff(image):
                image.load()
            # A GIF frame may be larger than the screen that its file announces.
            check_pixel_count(image.size, label, max_pixels)
            upright, profile = _upright(image), profiles.profile_of(image)
            # Of inks, a profile of colors says nothing.
            kept = (
                keep_profile
                and profile is not None
                and image.mode not in ("CMYK", "LAB")
                and profiles.is_wide(profile)
            )
            notes = Notes(
                format=image.format or "",
                exif=carried_exif(image),
                dpi=carried_dpi(image),
                profile=_profile_of_result(image, kept),
                wide=kept,
                converted=profile is not None and not kept,
            )
            if image.mode in (*_DEEP_GRAY_MODES, "I", "F"):
                return _deep_gray(upright, image, label, None if kept else profile), notes
            return _color_and_alpha(upright, None if kept else profile), notes
        except ImageError:
            raise
        except Exception as error:
            if label == "image":
                raise ImageError(f"image: Pillow cannot decode it ({error}).") from None
            raise


def _profile_of_result(image: Image.Image, kept: bool) -> bytes | None:
    """The profile that belongs to the pixels as they come out; None where the file had none."""
    if not image.info.get("icc_profile"):
        return None
    return image.info["icc_profile"] if kept else profiles.srgb_bytes()


def _upright(image: Image.Image) -> Image.Image:
    """The image turned as EXIF asks for."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Damaged notes about an image are no reason to refuse the image.
        return image


def _deep_gray(
    upright: Image.Image,
    image: Image.Image,
    label: str,
    profile: ImageCms.ImageCmsProfile | None,
) -> np.ndarray:
    """Gray with more than 8 bits -> (height, width) array; the file's notes are the image's."""
    values = np.asarray(upright)
    if image.mode == "F":
        return values
    # Old versions of Pillow give a 16-bit gray PNG as 32-bit integers.
    if image.mode == "I" and image.format != "PNG":
        raise ImageError(
            f"{label}: its pixels are 32-bit integers, and nothing says which value is white. "
            "Save it with 8 or 16 bits per channel."
        )
    notes = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    if notes.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:
        # White is 0: Pillow minds this note for 8 bits and forgets it for 16.
        values = 65535 - values
    gray = profiles.deep_levels(profile)[values]
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        gray[values == transparent] = 1.0
    return gray


def _color_and_alpha(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> np.ndarray:
    """Gray, palette or color image of 8 bits -> (height, width, 3 or 4) uint8 array."""
    color = np.asarray(_to_srgb(image, profile))
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


def _to_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    """The image without alpha, in mode RGB, and in sRGB if it has a profile."""
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in _GRAY_MODES:
        image = image.convert("L")
    elif image.mode not in ("CMYK", "LAB"):
        image = image.convert("RGB")
    if profile is None:
        return image.convert("RGB")
    return profiles.converted(image, profile)
