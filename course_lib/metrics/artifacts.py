"""What should not be in an image: blur, grids, weaves, speckle, and in a video flicker.

Most of these do not need the original, so they do not know what belongs there: hair is sharp, a
woven cloth is a grid, and stars are speckles. Compare with the same measure of the content image,
or of another method's result.
"""

from typing import Any

import numpy as np

from course_lib.checks import as_floats, as_number
from course_lib.errors import ArgumentError
from course_lib.metrics.checks import as_batch, comparable, gray, need_room, unit_range

# An image with less contrast than rounding has no edge that could be sharp.
TINY = 1e-9
SHARPNESS_SMALLEST = 12
# A sky is among the flattest fifth of most photographs' windows.
FLAT_WINDOW, FLATTEST = 9, 0.2
PERIODS = (2, 4, 8)
# Side of the squares whose spectra are averaged, in periods: the distance of two peaks.
APART = 8
# A frequency leaks into its two neighbors through the window, and no further.
LEAK = 1
# How far from a grid's frequency we look to learn what would be there without a grid.
ASIDE = 3


def sharpness(images: Any) -> float:
    """How sharp an image is: how much of its fine detail a further blur would destroy.

    What is blurred already loses little by being blurred again.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 12 pixels.

    Returns:
        1 minus the blur effect; the mean over the batch. In [0, 1], higher is sharper; 0 for a
        plain color. Noise counts as sharp: look at `speckle` too.

    Raises:
        ArgumentError: what is no image, or too small.

    Source: Crété, Dolmiere, Ladret and Nicolas, "The Blur Effect: Perception and Estimation with a
    New No-Reference Perceptual Blur Metric", SPIE 2007; computed by scikit-image.
    """
    from skimage.measure import blur_effect

    grays = gray(images, smallest=SHARPNESS_SMALLEST, what="sharpness")
    values = [1 - blur_effect(one) if np.ptp(one) > TINY else 0.0 for one in grays]
    return float(np.mean(values))


def speckle(images: Any) -> float:
    """How much single pixels differ from what is around them, as dots and noise do.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 3 pixels.

    Returns:
        The mean absolute difference between the brightness and its median over 3 x 3 pixels. From
        0 upward, lower is cleaner; photographs have about 0.01. A straight edge between two plain
        areas has 0, since the median keeps it.

    Raises:
        ArgumentError: what is no image, or too small.

    Source: ours, on Tukey's running medians ("Exploratory Data Analysis", 1977, chapter 7).
    """
    from scipy.ndimage import median_filter

    grays = gray(images, smallest=3, what="speckle")
    return float(np.mean(np.abs(grays - median_filter(grays, (1, 3, 3)))))


def color_weave(images: Any) -> float:
    """How much green and magenta alternate from pixel to pixel.

    Brightness hardly shows such a weave, so `checkerboard_strength` and `speckle` do not see it.
    Eyes do.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 3 pixels.

    Returns:
        The mean absolute second difference of green minus the mean of red and blue, along rows and
        columns. From 0 upward, lower is cleaner; 0 for gray images. Photographs have about 0.007,
        paintings up to 0.04.

    Raises:
        ArgumentError: what is no image, or too small.

    Source: ours. Second differences of the opponent color green against magenta.
    """
    batch = as_batch(images)
    need_room(batch.shape, 3, "the search for a weave")
    green = batch[..., 1] - (batch[..., 0] + batch[..., 2]) / 2
    return float(np.mean([np.abs(np.diff(green, 2, axis=axis)).mean() for axis in (1, 2)]))


def chroma(images: Any) -> float:
    """How colorful an image is: a gray one must have 0.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8.

    Returns:
        The mean distance from gray in CIELAB, over all pixels. From 0 to about 130; from about 2
        an eye notices it beside gray.

    Raises:
        ArgumentError: what is no image.

    Source: CIE 15, "Colorimetry": chroma is the length of (a*, b*); computed by scikit-image.
    """
    from skimage.color import rgb2lab

    return float(np.mean(np.hypot(*np.moveaxis(rgb2lab(as_batch(images))[..., 1:], -1, 0))))


def texture_in_flat_areas(stylized: Any, content: Any) -> float:
    """How rough an image is where the content was flat, such as a sky or a wall.

    Args:
        stylized: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 9 pixels.
        content: the content image or images, of the same shape.

    Returns:
        The standard deviation of the brightness within windows of 9 x 9 pixels, averaged over those
        fifth of all windows in which the content varies least; the mean over the batch. In
        [0, 0.5]. Lower is calmer. A style of strokes everywhere has it too: compare with the style
        image's own, and look for cracks and worms.

    Raises:
        ArgumentError: shapes that differ, what is no image, or too small.

    Source: ours.
    """
    comparable(stylized, content)
    what = f"windows of {FLAT_WINDOW} x {FLAT_WINDOW}"
    found, own = (
        [_local_std(one) for one in gray(images, smallest=FLAT_WINDOW, what=what)]
        for images in (stylized, content)
    )
    rough = [a[b <= np.quantile(b, FLATTEST)].mean() for a, b in zip(found, own, strict=True)]
    return float(np.mean(rough))


def _local_std(brightness: np.ndarray) -> np.ndarray:
    """The standard deviation within each window, array (height, width)."""
    from scipy.ndimage import uniform_filter

    mean, square = (uniform_filter(one, FLAT_WINDOW) for one in (brightness, brightness**2))
    return np.sqrt(np.maximum(square - mean**2, 0.0))


def checkerboard_strength(images: Any, *, period: int = 2) -> float:
    """How strong a regular pattern of one period is, such as upsampling leaves behind.

    The image is cut into overlapping squares of 8 x 8 periods. In the mean of their spectra a
    grid stands out as peaks at the frequencies that are multiples of 1 / period. What is found a
    little beside a peak would be there anyhow and is subtracted.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 8 periods.
        period: 2, 4 or 8 pixels: the last upsampling by 2 leaves period 2, the one before it
            period 4, the one before that 8. What repeats after 2 pixels repeats
            after 4 and 8 as well, and is counted there too.

    Returns:
        The pattern's standard deviation in brightness: 0.05 for a checkerboard whose fields are
        0.05 above and below the mean. In [0, 0.5], lower is better. Photographs have a few
        thousandths or less.

    Raises:
        ArgumentError: what is no image or too small, or another period.

    Source: the artifact is that of Odena, Dumoulin and Olah, "Deconvolution and Checkerboard
    Artifacts", Distill 2016; the mean of windowed spectra is Welch's, IEEE TAE 1967. Peaks against
    their surroundings: ours.
    """
    if as_number(period) not in PERIODS:
        raise ArgumentError(f"period={period!r}: choose 2, 4 or 8 pixels.")
    period = int(period)
    side = APART * period
    power = mean_spectrum(
        gray(images, smallest=side, what=f"the search for grids of {period} pixels"), side
    )
    peaks = [(row, column) for row, column in np.ndindex(period, period) if row or column]
    return float(np.sqrt(sum(excess(power, APART * row, APART * column) for row, column in peaks)))


def mean_spectrum(images: np.ndarray, side: int) -> np.ndarray:
    """The power at each frequency, averaged over overlapping squares.

    Args:
        images: array (batch, height, width).
        side: that of the squares.

    Returns:
        Array (side, side) that sums to the mean squared standard deviation of the squares from
        their means.
    """
    hann = np.hanning(side + 1)[:-1]
    window = np.outer(hann, hann)
    squares = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))
    squares = squares[:, :: side // 2, :: side // 2].reshape(-1, side, side)
    squares = squares - squares.mean(axis=(1, 2), keepdims=True)
    power = np.abs(np.fft.fft2(squares * window)) ** 2
    return power.mean(axis=0) / (side**2 * np.sum(window**2))


def excess(power: np.ndarray, row: int, column: int) -> float:
    """By how much a peak at (row, column) of a spectrum is higher than what is beside it."""

    def around(row: int, column: int) -> float:
        near = np.arange(-LEAK, LEAK + 1)
        return float(power[np.ix_((row + near) % len(power), (column + near) % len(power))].sum())

    down, right = ASIDE * (row > 0), ASIDE * (column > 0)
    beside = (around(row - down, column - right) + around(row + down, column + right)) / 2
    if down and right:
        crosswise = around(row - down, column + right) + around(row + down, column - right)
        beside = (beside + crosswise / 2) / 2
    return max(around(row, column) - beside, 0.0)


def warping_error(frames: Any, *, flow: Any = None, visible: Any = None) -> float:
    """How much a video flickers: how a frame differs from the last one, carried along with motion.

    Args:
        frames: the video, (frames, height, width, 3), array or tensor, float in [0, 1] or uint8;
            at least two frames.
        flow: array (frames - 1, height, width, 2): for each pixel of each frame but the first, how
            many rows and columns away, in the frame before, the same thing was seen. Without it
            nothing moves.
        visible: array (frames - 1, height, width), 0 or more: how much each pixel counts; 0 for
            what was hidden in the frame before. What came in from outside never counts.

    Returns:
        The root of the mean squared difference. In [0, 1], lower is steadier; 0 for a still. The
        content video has an error too: compare with it.

    Raises:
        ArgumentError: fewer than two frames, shapes that do not fit, or nothing visible.

    Source: Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, equation 10, of
    which this is the root.
    """
    video = unit_range(frames)
    if video.ndim != 4 or len(video) < 2:
        raise ArgumentError(
            f"an array of shape {video.shape} is no video: (frames, height, width, 3) is needed, "
            "with two frames or more."
        )
    size = (len(video) - 1, *video.shape[1:3])
    motion = _fitting(flow, (*size, 2), "flow", np.zeros((*size, 2)))
    counted = _fitting(visible, size, "visible", np.ones(size))
    total, weight = 0.0, 0.0
    for before, now, shift, share in zip(video, video[1:], motion, counted, strict=False):
        carried, inside = warped(before, shift)
        share = share * inside
        total += float(np.sum(share[..., None] * (now - carried) ** 2)) / video.shape[-1]
        weight += float(share.sum())
    if weight <= 0:
        raise ArgumentError("no pixel is visible in two frames: there is nothing to compare.")
    return float(np.sqrt(total / weight))


def warped(image: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An image as it looks after its parts have moved.

    Args:
        image: array (height, width, channels).
        shift: array (height, width, 2): how many rows and columns away each pixel is fetched from.

    Returns:
        The new image, bilinearly interpolated, and where it came from inside the old one, bool
        (height, width).
    """
    from scipy.ndimage import map_coordinates

    height, width = image.shape[:2]
    rows, columns = np.indices((height, width)) + np.moveaxis(shift, -1, 0)
    inside = (rows >= 0) & (rows <= height - 1) & (columns >= 0) & (columns <= width - 1)
    channels = [
        map_coordinates(channel, [rows, columns], order=1, mode="nearest")
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(channels, axis=-1), inside


def _fitting(value: Any, shape: tuple[int, ...], name: str, default: np.ndarray) -> np.ndarray:
    """An optional array of a given shape, or an ArgumentError."""
    if value is None:
        return default
    array = as_floats(value, name)
    if array.shape != shape:
        raise ArgumentError(f"{name} has shape {array.shape}, but {shape} is needed.")
    return array
