"""Makes a folder of broken image files: `python -m tests.helpers.broken_images FOLDER`."""

import io
import struct
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.helpers.image_files import deep_png, encoded, png, png_chunk

# What is said of a file that is none of the formats.
UNKNOWN = "not an image in a format that we read"

FORMATS = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {}),
    "webp": ("WEBP", {}),
    "gif": ("GIF", {}),
    "tif": ("TIFF", {"compression": "tiff_lzw"}),
    "bmp": ("BMP", {}),
}


def noise(height: int = 24, width: int = 31, channels: int = 3) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (height, width, channels), dtype=np.uint8)


def whole_files() -> dict[str, bytes]:
    """One healthy file per format, by suffix."""
    image = Image.fromarray(noise())
    return {
        suffix: encoded(image, format, **options) for suffix, (format, options) in FORMATS.items()
    }


def broken_files() -> dict[str, tuple[bytes, str]]:
    """{name: (content, words that the error must have)}."""
    whole = whole_files()
    broken = {
        f"cut.{suffix}": (data[: len(data) // 2], "damaged") for suffix, data in whole.items()
    }
    broken |= {f"first-bytes.{suffix}": (data[:12], "damaged") for suffix, data in whole.items()}
    return broken | {
        "empty.png": (b"", "empty (0 bytes)"),
        "text.png": (b"Dear diary, today I saw a picture.\n", "begins with 'Dear diary"),
        "bmw.bmp": (b"BMW is a maker of cars.", "this is text"),
        "page.jpg": (b"<!DOCTYPE html><html><body>404</body></html>", "this is text"),
        "zeros.png": (bytes(500), "not an image"),
        "drawing.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is text"),
        "paper.png": (b"%PDF-1.7\n" + bytes(50), UNKNOWN),
        "archive.png": (b"PK\x03\x04" + bytes(50), UNKNOWN),
        "array.png": (_numpy_file(), UNKNOWN),
        "sound.webp": (
            b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt " + bytes(32),
            UNKNOWN,
        ),
        "film.jpg": (_boxes(b"isom", b"mp42"), UNKNOWN),
        "holiday.heic": (_boxes(b"heic", b"mif1"), UNKNOWN),
        "renamed-heic.jpg": (_boxes(b"mif1", b"heic"), UNKNOWN),
        "head-only.avif": (_boxes(b"avif", b"mif1"), "damaged"),
        "bomb.png": (png((12000, 12000, 1, 0), bytes(1501) * 12000), "144,000,000 pixels"),
        "bomb.gif": (_huge_gif(), "4,294,836,225 pixels"),
        "no-width.png": (png((0, 4, 8, 2), b"\0" * 4), ""),
        "no-height.bmp": (_bmp_without_rows(whole["bmp"]), ""),
        "bad-checksum.png": (_flipped(whole["png"], 30), "damaged"),
        "no-pixels.png": (png((4, 4, 8, 2), b""), "damaged"),
        "few-pixels.png": (png((400, 400, 8, 2), bytes(1000)), "damaged"),
        "no-palette.png": (whole_palette_png().replace(b"PLTE", b"plTE"), "damaged"),
        "nan.tif": (_float_tiff(np.nan), "NaN"),
        "too-bright.tif": (_float_tiff(200.0), "outside [0, 1]"),
        "integers.tif": (
            encoded(Image.fromarray(np.arange(64, dtype=np.int32).reshape(8, 8)), "TIFF"),
            "32-bit integers",
        ),
        "deep-cut.png": (deep_png(np.zeros((30, 30, 3), np.uint16))[:-30], "damaged"),
    }


def whole_palette_png() -> bytes:
    return encoded(Image.fromarray(noise()).quantize(16), "PNG")


def unusual_but_whole_files() -> dict[str, bytes]:
    """Files with damage beside the pixels only: they must be read."""
    image = Image.fromarray(noise())
    return {
        "bad-profile.png": encoded(image, "PNG", icc_profile=b"this is no color profile"),
        "bad-profile.jpg": encoded(image, "JPEG", icc_profile=bytes(200)),
        "bad-exif.jpg": encoded(image, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"),
        "bad-exif.png": encoded(image, "PNG", exif=b"Exif\0\0nothing sensible"),
        "after-the-end.png": encoded(image, "PNG") + png_chunk(b"tEXt", b"too\0late"),
    }


def _boxes(major: bytes, compatible: bytes) -> bytes:
    """The head of a file in the ISO base media format, and an empty body."""
    brands = major + bytes(4) + major + compatible
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(64)


def _huge_gif() -> bytes:
    screen = struct.pack("<HH", 65535, 65535) + bytes(3)
    frame = b"," + struct.pack("<HHHH", 0, 0, 65535, 65535) + b"\0"
    return b"GIF89a" + screen + frame + b"\x02\x02\x44\x01\0;"


def _numpy_file() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, noise())
    return buffer.getvalue()


def _float_tiff(value: float) -> bytes:
    pixels = np.full((8, 8), 0.5, np.float32)
    pixels[3, 3] = value
    return encoded(Image.fromarray(pixels), "TIFF")


def _flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def _bmp_without_rows(data: bytes) -> bytes:
    return data[:22] + struct.pack("<i", 0) + data[26:]


def write_broken_files(folder: Path) -> dict[Path, str]:
    """Writes them all; {path: words that the error must have}."""
    folder.mkdir(parents=True, exist_ok=True)
    words = {}
    for name, (content, phrase) in broken_files().items():
        (folder / name).write_bytes(content)
        words[folder / name] = phrase
    return words


if __name__ == "__main__":
    print(f"{len(write_broken_files(Path(sys.argv[1])))} broken files in {sys.argv[1]}")
