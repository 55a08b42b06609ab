"""Color profiles: what an image's numbers mean, judged by what a profile does, not by its name."""

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

# A profile that moves no color by more than so many of 255 levels is sRGB: its many versions differ
# a little, and to follow them would only add rounding.
SAME = 2
# Networks know images whose middle gray is about as bright as that of sRGB: one that is this far
# from it, such as linear light, is not worked in.
NEARLY_AS_BRIGHT = 24
# LittleCMS's cmsFLAGS_NOOPTIMIZE. Its short cuts miss dark grays by up to 10 levels.
EXACTLY: Any = 0x0100


def srgb() -> ImageCms.ImageCmsProfile:
    """The profile of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.cache
def srgb_bytes() -> bytes:
    """The same as it stands in files."""
    data = bytearray(srgb().tobytes())
    # It notes the hour at which it was made, which would make equal images differ.
    data[24:36] = bytes([0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
    return bytes(data)


def profile_of(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The ICC profile to convert from, or None where there is nothing to convert."""
    if image.mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    data = image.info.get("icc_profile")
    return profile_from(data) if data else None


@functools.lru_cache(maxsize=8)
def profile_from(data: bytes) -> ImageCms.ImageCmsProfile | None:
    """The profile that bytes describe, or None where it is that of sRGB, or damaged."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    probe = _probe(profile)
    if probe is None:
        return profile
    moved = np.asarray(converted(probe, profile), "int16") - np.asarray(probe.convert("RGB"))
    return profile if np.abs(moved).max() > SAME else None


def is_wide(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether a profile is one in which photographs are kept, such as Display P3 or Adobe RGB."""
    if _space(profile) != "RGB":
        return False
    gray = converted(Image.new("RGB", (1, 1), (128, 128, 128)), profile).getpixel((0, 0))
    return max(abs(level - 128) for level in gray) <= NEARLY_AS_BRIGHT  # type: ignore[union-attr]


def converted(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """An image in mode L, RGB, CMYK or LAB with a profile, in mode RGB and sRGB."""
    if image.mode == "L":
        return Image.fromarray(gray_levels(profile)[np.asarray(image)])
    return _through(image, profile)


def gray_levels(profile: ImageCms.ImageCmsProfile) -> np.ndarray:
    """What each of the 256 levels of gray is in sRGB, array (256, 3) uint8."""
    ramp = Image.fromarray(np.arange(256, dtype="uint8")[None])
    if _space(profile) == "RGB":
        ramp = ramp.convert("RGB")
    return np.asarray(_through(ramp, profile, flags=EXACTLY))[0]


def _through(
    image: Image.Image, profile: ImageCms.ImageCmsProfile, *, flags: Any = 0
) -> Image.Image:
    try:
        result = ImageCms.profileToProfile(image, profile, srgb(), outputMode="RGB", flags=flags)
    except (ImageCms.PyCMSError, OSError, ValueError):
        # Like every viewer: a profile that does not fit the pixels is no reason to refuse them.
        return image.convert("RGB")
    return image.convert("RGB") if result is None else result


def deep_levels(profile: ImageCms.ImageCmsProfile | None) -> np.ndarray:
    """What each level of 16-bit gray is in sRGB, array (65536,) float32 in [0, 1].

    Pillow converts 8 bits only: what lies between two of their levels is interpolated.
    """
    levels = np.arange(65_536, dtype=np.float32) / 65_535
    if profile is None:
        return levels
    shown = gray_levels(profile).mean(axis=-1) / 255
    return np.interp(levels, np.arange(256) / 255, shown).astype(np.float32)


def in_profile(image: np.ndarray, data: bytes) -> np.ndarray:
    """An image in sRGB, in the colors of a profile of RGB instead.

    Args:
        image: image (height, width, 3) uint8.
        data: the profile.

    Returns:
        Image of the same shape and type.
    """
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(image), srgb(), profile))


def _space(profile: ImageCms.ImageCmsProfile) -> str:
    return profile.profile.xcolor_space.strip()


def _probe(profile: ImageCms.ImageCmsProfile) -> Image.Image | None:
    """An image of colors from the whole space of a profile; None for the inks of a printer."""
    if _space(profile) == "GRAY":
        return Image.fromarray(np.arange(256, dtype="uint8")[None])
    if _space(profile) != "RGB":
        return None
    levels = np.linspace(0, 255, 12).round().astype("uint8")
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3))
