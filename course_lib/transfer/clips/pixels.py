"""What FFmpeg decodes as images: upright, opaque, and no brighter than a screen is."""

from typing import Any

import numpy as np

# The curves by which high dynamic range is stored, by their numbers in ITU-T H.273.
PQ, HLG = 16, 18
# The brightness of white paper in such a video, in candela per square meter (ITU-R BT.2408), and
# that of the brightest screen that HLG is made for.
WHITE, BRIGHTEST = 203, 1000
# From the primaries of BT.2020 to those of BT.709 and sRGB, in linear light.
TO_NARROW = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
# By H.273: the number of BT.2020's primaries, and those of its matrices.
WIDE_PRIMARIES, WIDE_MATRICES = 9, (9, 10)

# Rows and columns swapped; then the step down and the step to the right, 1 or -1.
Orientation = tuple[bool, int, int]


def pixels_of(frame: Any, height: int, width: int, context: Any) -> np.ndarray:
    """A frame of FFmpeg's as an image, as it lies in the file: see `upright`.

    Args:
        frame: the frame.
        height: that of the image.
        width: that of the image.
        context: FFmpeg's codec context, which says how brightness is stored.

    Returns:
        Image (height, width, 3) float32 in [0, 1]: what is transparent is laid on white, and high
        dynamic range is brought to the standard one.
    """
    curve = getattr(context, "color_trc", None)
    if curve in (PQ, HLG) and not frame.format.is_rgb:
        wide = getattr(context, "color_primaries", None) == WIDE_PRIMARIES
        return narrowed(full_range(frame, height, width), curve, wide)
    rules: tuple = color_rules(frame)
    if any(component.is_alpha for component in frame.format.components):
        # It is red, green and blue then, and no rule is needed any more.
        frame, rules = on_white(frame, rules), ()
    smaller = frame.reformat(width, height, "rgb24", *rules, interpolation="LANCZOS")
    return np.divide(smaller.to_ndarray(), 255, dtype=np.float32)


def color_rules(frame: Any) -> tuple[Any, Any]:
    """How a frame's brightness and color make red, green and blue: standard or high definition.

    Where a file does not say, players take the rule of high definition from 720 rows on.

    Returns:
        The rule, and the other one: PyAV before 17 heeds the first only if the two differ, and the
        second means nothing for red, green and blue.
    """
    from av.video.reformatter import Colorspace

    standard, high = Colorspace.ITU601, Colorspace.ITU709
    told = {1: high, 5: standard, 6: standard}
    rule = told.get(int(frame.colorspace), high if frame.height >= 720 else standard)
    return rule, standard if rule == high else high


def on_white(frame: Any, rules: tuple[Any, Any]) -> Any:
    """The frame without transparency. Before it is made smaller: hidden colors would leak."""
    import av

    pixels = frame.reformat(None, None, "rgba", *rules).to_ndarray().astype("float32")
    cover = pixels[..., 3:] / 255
    opaque = np.rint(pixels[..., :3] * cover + 255 * (1 - cover)).astype("uint8")
    return av.VideoFrame.from_ndarray(opaque, format="rgb24")


def full_range(frame: Any, height: int, width: int) -> np.ndarray:
    """Red, green and blue of a frame as they are stored, (height, width, 3) in [0, 1].

    Source: ITU-R BT.2020 and BT.709, whose matrices differ by what red and blue weigh.
    """
    smaller = frame.reformat(width, height, "yuv444p16le", interpolation="LANCZOS")
    # In steps of 8 bits, of which a television leaves some free at both ends.
    light, blue, red = np.moveaxis(smaller.to_ndarray().astype("float64") / 256, -1, 0)
    if frame.color_range == 2:
        light, blue, red = light / 255, (blue - 128) / 255, (red - 128) / 255
    else:
        light, blue, red = (light - 16) / 219, (blue - 128) / 224, (red - 128) / 224
    weights = (0.2627, 0.0593) if int(frame.colorspace) in WIDE_MATRICES else (0.2126, 0.0722)
    first, last = light + 2 * (1 - weights[0]) * red, light + 2 * (1 - weights[1]) * blue
    middle = (light - weights[0] * first - weights[1] * last) / (1 - sum(weights))
    return np.clip(np.stack([first, middle, last], axis=-1), 0.0, 1.0)


def narrowed(stored: np.ndarray, curve: int, wide: bool) -> np.ndarray:
    """High dynamic range as a screen of standard range shows it: white paper is its white.

    What is brighter than paper becomes as bright as it can be in its color.

    Args:
        stored: array (height, width, 3) in [0, 1], as a file has it.
        curve: `PQ` or `HLG`.
        wide: whether the primaries are those of BT.2020.

    Returns:
        Image (height, width, 3) float32 in [0, 1].

    Source: SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG), IEC 61966-2-1 (sRGB).
    """
    if curve == PQ:
        root = stored ** (1 / 78.84375)
        share = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        light = 10_000 * share ** (1 / 0.1593017578125)
    else:
        scene = np.where(
            stored <= 0.5,
            stored**2 / 3,
            (np.exp((stored - 0.55991073) / 0.17883277) + 0.28466892) / 12,
        )
        together = scene @ [0.2627, 0.6780, 0.0593]
        light = BRIGHTEST * together[..., None] ** 0.2 * scene
    light = light / WHITE
    if wide:
        light = np.maximum(light @ TO_NARROW.T, 0)
    light = light / np.maximum(light.max(axis=-1, keepdims=True), 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.clip(shown, 0.0, 1.0).astype("float32")


def orientation_of(frame: Any) -> Orientation:
    """How a frame lies in the file: telephones turn, front cameras mirror."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False, 1, 1
    # x' = a x + c y, y' = b x + d y, with y downward.
    a, b, _, c, d = (int(one) for one in np.frombuffer(bytes(matrix), "int32")[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, 1 if d >= 0 else -1, 1 if a >= 0 else -1
    return True, 1 if b >= 0 else -1, 1 if c >= 0 else -1


def upright(pixels: np.ndarray, orientation: Orientation) -> np.ndarray:
    """The image as it is meant to be seen."""
    swapped, down, right = orientation
    pixels = pixels.swapaxes(0, 1) if swapped else pixels
    return np.ascontiguousarray(pixels[::down, ::right])
