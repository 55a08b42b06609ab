"""Image files that Pillow cannot write, put together by hand for the tests."""

import io
import itertools
import struct
import zlib

import numpy as np
from PIL import Image

# Primaries of sRGB as an ICC profile has them: adapted to the white D50 (ICC.1:2022, annex E).
SRGB_PRIMARIES = {
    "red": (0.4360, 0.2225, 0.0139),
    "green": (0.3851, 0.7169, 0.0971),
    "blue": (0.1431, 0.0606, 0.7141),
}
# And those of Display P3 (SMPTE EG 432-1), adapted in the same way.
P3_PRIMARIES = {
    "red": (0.5151, 0.2412, -0.0011),
    "green": (0.2920, 0.6922, 0.0419),
    "blue": (0.1571, 0.0666, 0.7841),
}
D50 = (0.9642, 1.0, 0.8249)


def encoded(image: Image.Image, format: str, **options) -> bytes:
    """A file as Pillow writes it."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(header: tuple[int, int, int, int], rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG file from (width, height, bits, color type) and its filtered rows."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0))
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows, 9))
        + png_chunk(b"IEND", b"")
    )


def deep_png(values: np.ndarray, transparent: tuple[int, ...] = ()) -> bytes:
    """A PNG file with 16 bits per channel.

    Args:
        values: (height, width, channels) uint16.
        transparent: the gray value or color that counts as transparent.
    """
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    extra = png_chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent))
    return png((width, height, 16, color_type), rows, extra if transparent else b"")


# ---- ICC profiles -----------------------------------------------------------------------------


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _curve(gamma: float | str) -> bytes:
    if gamma == "srgb":
        # ICC.1:2022, 10.18: the fourth kind of function is that of IEC 61966-2-1.
        numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + b"".join(map(_fixed, numbers))
    return _gamma(float(gamma))


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def _description(text: str) -> bytes:
    data = text.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(data)) + data + bytes(78)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2, from its tags."""
    tags = {
        b"desc": _description("made by a test"),
        b"cprt": b"text" + bytes(4) + b"no copyright\0",
        b"wtpt": _xyz(D50),
        **tags,
    }
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += padded
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, kind, space, connection)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(map(_fixed, D50))
    return header + bytes(128 - len(header)) + table + body


def rgb_profile(
    red: str,
    green: str,
    blue: str,
    gamma: float | str = 2.2,
    name: str = "made by a test",
    primaries: dict | None = None,
) -> bytes:
    """A profile whose channels have these primaries, of sRGB by default, in any order.

    The curve is a power, or "srgb".
    """
    places = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue}
    tags = {tag: _xyz((primaries or SRGB_PRIMARIES)[color]) for tag, color in places.items()}
    curves = {tag: _curve(gamma) for tag in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags | curves | {b"desc": _description(name)})


def gray_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma(gamma)})


def cmyk_profile(order: tuple[int, int, int]) -> bytes:
    """A profile of idealized inks: ink number i takes away the light of primary order[i]."""
    corners = b""
    for *inks, black in itertools.product((0, 1), repeat=4):
        light = [1.0, 1.0, 1.0]
        for ink, primary in zip(inks, order, strict=True):
            light[primary] -= ink
        corners += _lab_bytes([value * (1 - black) for value in light])
    identity = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0))
    lut += b"".join(map(_fixed, (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    lut += identity * 4 + corners + identity * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def _lab_bytes(light: list[float]) -> bytes:
    """Linear light in the primaries of sRGB -> CIE Lab in the 8-bit coding of ICC."""
    xyz = np.array(light) @ np.array(list(SRGB_PRIMARIES.values())) / np.array(D50)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    lab = (116 * y - 16) * 2.55, 500 * (x - y) + 128, 200 * (y - z) + 128
    return bytes(int(np.clip(round(float(value)), 0, 255)) for value in lab)
