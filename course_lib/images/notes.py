"""What an image file says besides its colors, on its way into the file of a result."""

import dataclasses
import math
from typing import Any

import numpy as np
from PIL import Image

# Of the notes of a camera these are carried over, by their numbers in EXIF (CIPA DC-008): title,
# maker, model, dots per inch and their unit, program, date, author, rights.
CARRIED = (0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x8298)
# Where the closer notes lie; and those of them that are left out. Who has the camera: owner,
# serial numbers, the maker's own note and comments, which may hold anything, a place too.
CLOSER = 0x8769
PRIVATE = (0xA420, 0xA430, 0xA431, 0xA435, 0x927C, 0x9286)
# And what is not true of the result: color space, size, places in the image and in the file.
UNTRUE = (0xA001, 0xA002, 0xA003, 0x9214, 0xA214, 0xA005)
# A JPEG has room for 64 KiB, and honest notes need far less.
LONGEST = 60_000


@dataclasses.dataclass(frozen=True)
class Notes:
    """What an image file says besides its colors.

    Attributes:
        alpha: array (height, width) float32 in [0, 1], 1 where the image is opaque; None where all
            of it is.
        exif: date, camera, author and the like as EXIF, or nothing. Never the place (GPS).
        dpi: dots per inch (horizontal, vertical), or None.
        profile: the ICC profile of the image's colors, or None, which is sRGB.
        wide: whether that is the file's own profile, of a wide color space.
        converted: whether the colors were converted from the file's profile to sRGB.
        format: of the file, as Pillow names it; empty where there is none.
    """

    alpha: np.ndarray | None = None
    exif: bytes = b""
    dpi: tuple[float, float] | None = None
    profile: bytes | None = None
    wide: bool = False
    converted: bool = False
    format: str = ""

    def stripped(self) -> "Notes":
        """Only what belongs to the pixels: transparency, and what colors mean in a wide space."""
        return Notes(alpha=self.alpha, profile=self.profile if self.wide else None, wide=self.wide)


def carried_exif(image: Image.Image) -> bytes:
    """What is carried over of a camera's notes. The image itself is upright, so that is not."""
    try:
        found, kept = image.getexif(), Image.Exif()
        for tag in CARRIED:
            if tag in found:
                kept[tag] = found[tag]
        closer = {
            tag: value
            for tag, value in found.get_ifd(CLOSER).items()
            if tag not in PRIVATE + UNTRUE
        }
        if closer:
            kept[CLOSER] = closer
        data = kept.tobytes() if len(kept) else b""
        return data if len(data) <= LONGEST else b""
    except Exception:
        # Damaged notes about an image are no reason to refuse the image.
        return b""


def carried_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Dots per inch, where the file says something that can be."""
    try:
        horizontal, vertical = map(float, image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(math.isfinite(one) and 1 <= one <= 65_535 for one in (horizontal, vertical)):
        return None
    return horizontal, vertical


# The formats that have room for a color profile.
WITH_PROFILE = ("JPEG", "PNG", "WEBP", "TIFF")


def options_of(notes: Notes, format: str) -> dict[str, Any]:
    """The notes as Pillow's options for saving in a format; what it cannot hold is left out."""
    options: dict[str, Any] = {}
    if notes.exif and format in ("JPEG", "PNG", "WEBP", "TIFF"):
        options["exif"] = notes.exif
    if notes.dpi and format in ("JPEG", "PNG", "TIFF", "BMP"):
        options["dpi"] = notes.dpi
    if notes.profile and format in WITH_PROFILE:
        options["icc_profile"] = notes.profile
    return options
