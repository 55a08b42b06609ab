"""What the layers of a convolutional network do, in plain NumPy.

These are the functions that lesson 01 builds. They are slow and meant to be read: each one does
what its Keras layer does, number by number, and the tests compare the two. Arrays are (height,
width, channels) without a batch axis, or (height, width) where one channel is enough.
"""

from collections.abc import Sequence

import numpy as np

from course_lib.checks import check_choice, whole_number
from course_lib.errors import ArgumentError

PADDINGS = ("valid", "zeros", "reflect")

# How much each of red, green and blue counts for the brightness that we see.
# Source: ITU-R Recommendation BT.709; these digits are scikit-image's.
LUMINANCE_WEIGHTS = (0.2125, 0.7154, 0.0721)


def luminance(image: np.ndarray) -> np.ndarray:
    """How bright each pixel looks: a weighted mean of its red, green and blue.

    Args:
        image: array (height, width, 3) with values in [0, 1].

    Returns:
        Array (height, width) with values in [0, 1].

    Source: ITU-R Recommendation BT.709, luminance signal; applied to the stored values, as
    scikit-image's `rgb2gray` does.
    """
    return np.asarray(image) @ np.array(LUMINANCE_WEIGHTS, "float32")


# --- windows --------------------------------------------------------------------------------


def extract_patches(
    image: np.ndarray, size: int | tuple[int, int], *, stride: int | None = None
) -> np.ndarray:
    """Cut an image into square patches.

    Args:
        image: array (height, width) or (height, width, channels).
        size: side of a patch in pixels, or (height, width) of one.
        stride: distance from one patch to the next; by default the size, so that patches lie edge
            to edge. Pixels at the right and lower border that fill no patch are left out.

    Returns:
        Array (rows, columns, height, width) or (rows, columns, height, width, channels), where
        `rows` and `columns` count patches and `height` and `width` are those of one patch.

    Raises:
        ArgumentError: the image is smaller than one patch, or the sizes are not positive.
    """
    height, width = _pair(size)
    down, right = (height, width) if stride is None else (stride, stride)
    rows = output_size(image.shape[0], height, stride=down)
    columns = output_size(image.shape[1], width, stride=right)
    return np.array(
        [
            [image[row * down :, column * right :][:height, :width] for column in range(columns)]
            for row in range(rows)
        ]
    )


def assemble_patches(patches: np.ndarray, *, stride: int | None = None) -> np.ndarray:
    """Put patches together again; where they overlap, their mean counts.

    Args:
        patches: array (rows, columns, height, width) or (rows, columns, height, width, channels),
            as `extract_patches` gives it.
        stride: the stride with which they were cut.

    Returns:
        Array (height, width) or (height, width, channels) of floats.

    Raises:
        ArgumentError: the stride is not positive, or leaves gaps between the patches.
    """
    rows, columns, height, width, *channels = patches.shape
    down, right = (height, width) if stride is None else (stride, stride)
    whole_number(down, 1, "stride")
    if down > height or right > width:
        raise ArgumentError(
            f"stride={stride} leaves gaps between patches of {height} x {width} pixels. "
            "Use the stride with which they were cut; it cannot be larger than a patch."
        )
    total = np.zeros(((rows - 1) * down + height, (columns - 1) * right + width, *channels))
    count = np.zeros_like(total)
    for row in range(rows):
        for column in range(columns):
            place = np.s_[row * down : row * down + height, column * right : column * right + width]
            total[place] += patches[row, column]
            count[place] += 1
    return total / count


# --- convolution ----------------------------------------------------------------------------


def output_size(size: int, kernel: int, *, stride: int = 1, padding: str = "valid") -> int:
    """How many positions a window takes along one side of an image.

    Args:
        size: height or width of the image.
        kernel: height or width of the window.
        stride: distance from one position to the next.
        padding: "valid": the window stays inside; "zeros" or "reflect": as much border is added as
            a window needs to start at every stride-th pixel.

    Returns:
        The height or width of the result.

    Raises:
        ArgumentError: an unknown padding, a number that is not positive, or a window that does not
            fit.
    """
    for name, value in {"size": size, "kernel": kernel, "stride": stride}.items():
        whole_number(value, 1, name)
    check_choice("padding", padding, PADDINGS)
    if padding != "valid":
        return -(-size // stride)
    if kernel > size:
        raise ArgumentError(
            f"A window of {kernel} does not fit into {size} pixels. "
            "Use a larger image, a smaller window, or padding."
        )
    return (size - kernel) // stride + 1


def pad(
    image: np.ndarray, kernel: int | tuple[int, int], *, stride: int = 1, padding: str = "zeros"
) -> np.ndarray:
    """Add the border that a window needs.

    Args:
        image: array (height, width) or (height, width, channels).
        kernel: side of the window, or its (height, width).
        stride: distance from one position of the window to the next.
        padding: "valid": no border; "zeros": a border of zeros; "reflect": the image mirrored at
            its outermost pixels, which are not repeated.

    Returns:
        The array with its border; where the border is odd, the larger part is below and right.

    Raises:
        ArgumentError: as for `output_size`, or the image is too small to be mirrored.
    """
    check_choice("padding", padding, PADDINGS)
    if padding == "valid":
        return image
    borders = [
        _border(size, window, stride, padding)
        for size, window in zip(image.shape[:2], _pair(kernel), strict=True)
    ]
    if padding == "reflect" and any(
        max(border) >= size for border, size in zip(borders, image.shape, strict=False)
    ):
        raise ArgumentError(
            f"An image of {image.shape[0]} x {image.shape[1]} pixels is too small to be "
            f"mirrored for a window of {kernel}. Use padding='zeros' or a larger image."
        )
    borders += [(0, 0)] * (image.ndim - 2)
    return np.pad(image, borders, mode="reflect" if padding == "reflect" else "constant")


def convolve(
    image: np.ndarray, kernel: np.ndarray, *, stride: int = 1, padding: str = "valid"
) -> np.ndarray:
    """Slide a window over an image, multiply by the kernel and add up.

    Like every deep-learning library it does not flip the kernel, as a mathematician's convolution
    would: strictly it is a cross-correlation.

    Args:
        image: array (height, width), or (height, width, channels in).
        kernel: array (height, width), or (height, width, channels in, channels out).
        stride: distance from one position of the window to the next.
        padding: "valid", "zeros" or "reflect"; see `pad`.

    Returns:
        Array (height, width), or (height, width, channels out); `output_size` gives its size.

    Raises:
        ArgumentError: image and kernel do not fit together, or as for `output_size`.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    if image.ndim == 2 and kernel.ndim == 2:
        return convolve(image[..., None], kernel[..., None, None], stride=stride, padding=padding)[
            ..., 0
        ]
    _check_kernel(image, kernel, channel_axis=2)
    padded = pad(image, kernel.shape[:2], stride=stride, padding=padding)
    windows = extract_patches(padded, kernel.shape[:2], stride=stride)
    return np.tensordot(windows, kernel, axes=3)


def transposed_convolution(
    image: np.ndarray, kernel: np.ndarray, *, stride: int = 2, padding: str = "valid"
) -> np.ndarray:
    """Stamp the kernel, times each value of the image, onto a larger image, and add up.

    Where `convolve` gathers a window into one number, this spreads one number over a window: its
    matrix is that of `convolve` transposed. Hence the order of the kernel's last two axes.

    Args:
        image: array (height, width), or (height, width, channels in).
        kernel: array (height, width), or (height, width, channels out, channels in).
        stride: distance from one stamp to the next in the result.
        padding: "valid": keep all of every stamp; "zeros": cut off the border that `convolve` with
            this padding would have added, so that height and width grow by exactly the stride.

    Returns:
        Array (height, width), or (height, width, channels out).

    Raises:
        ArgumentError: image and kernel do not fit together, an unknown padding, or a stride that
            is not positive or larger than the kernel, which would leave gaps.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    if image.ndim == 2 and kernel.ndim == 2:
        single = transposed_convolution(
            image[..., None], kernel[..., None, None], stride=stride, padding=padding
        )
        return single[..., 0]
    _check_kernel(image, kernel, channel_axis=3)
    _check_stamping(kernel, stride, padding)
    (rows, columns), (height, width) = image.shape[:2], kernel.shape[:2]
    shape = ((rows - 1) * stride + height, (columns - 1) * stride + width, kernel.shape[2])
    whole = np.zeros(shape, np.result_type(image, kernel))
    for row in range(rows):
        for column in range(columns):
            stamp = kernel @ image[row, column]
            whole[row * stride :, column * stride :][:height, :width] += stamp
    if padding == "valid":
        return whole
    top, left = (height - stride) // 2, (width - stride) // 2
    return whole[top:, left:][: rows * stride, : columns * stride]


# --- pooling and its reverse ----------------------------------------------------------------


def average_pool(image: np.ndarray, *, size: int = 2) -> np.ndarray:
    """Replace each square of pixels by its mean.

    Args:
        image: array (height, width) or (height, width, channels).
        size: side of the squares; a remainder at the right and lower border is left out.

    Returns:
        Array, height and width divided by `size`.
    """
    return extract_patches(image, size).mean(axis=(2, 3))


def max_pool(image: np.ndarray, *, size: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Replace each square of pixels by its largest value, and remember where that stood.

    Args:
        image: array (height, width) or (height, width, channels).
        size: side of the squares; a remainder at the right and lower border is left out.

    Returns:
        The pooled array, height and width divided by `size`, and the switches: an integer array
        of the same shape that numbers the places in a square in reading order, from 0 for the
        upper left corner. Where two values are equal, the first counts.

    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014,
    section 2.1.
    """
    patches = extract_patches(image, size)
    rows, columns, _, _, *channels = patches.shape
    values = patches.reshape(rows, columns, size * size, *channels)
    return values.max(axis=2), values.argmax(axis=2)


def unpool(pooled: np.ndarray, switches: np.ndarray, *, size: int = 2) -> np.ndarray:
    """Put every maximum back where it stood, and zeros everywhere else.

    Args:
        pooled: array (height, width) or (height, width, channels).
        switches: integer array of the same shape, as `max_pool` gives it.
        size: side of the squares.

    Returns:
        Array, height and width multiplied by `size`.

    Raises:
        ArgumentError: the shapes differ, or a switch does not name a place in a square.
    """
    if pooled.shape != switches.shape:
        raise ArgumentError(
            f"The pooled array has the shape {pooled.shape}, the switches {switches.shape}: "
            "they must agree. Use both results of one call of max_pool."
        )
    if switches.min() < 0 or switches.max() >= size * size:
        raise ArgumentError(
            f"The switches run from {switches.min()} to {switches.max()}; a square of {size} x "
            f"{size} has the places 0 to {size * size - 1}. Use the size of the pooling."
        )
    places = np.arange(size * size).reshape(size * size, *[1] * (pooled.ndim - 2))
    values = np.where(switches[:, :, None] == places, pooled[:, :, None], 0)
    rows, columns, *channels = pooled.shape
    blocks = values.reshape(rows, columns, size, size, *channels)
    return blocks.swapaxes(1, 2).reshape(rows * size, columns * size, *channels)


def repeat_pixels(image: np.ndarray, *, factor: int = 2) -> np.ndarray:
    """Enlarge an image by making a square of equal pixels out of each pixel.

    Args:
        image: array (height, width) or (height, width, channels).
        factor: side of the squares.

    Returns:
        Array, height and width multiplied by `factor`.
    """
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


# --- receptive field ------------------------------------------------------------------------


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """How many pixels, along one side, one number of a network's output depends on.

    Args:
        layers: (kernel, stride) of each layer from the image on; a pooling by 2 is (2, 2).

    Returns:
        The side of the square of pixels; 1 where there are no layers.

    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill 2019, equation 2, from the image on.
    """
    field = jump = 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


# --- checks ---------------------------------------------------------------------------------


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, (int, np.integer)) else size


def _border(size: int, kernel: int, stride: int, padding: str) -> tuple[int, int]:
    """Rows (or columns) to add before and after."""
    covered = (output_size(size, kernel, stride=stride, padding=padding) - 1) * stride + kernel
    missing = max(covered - size, 0)
    return missing // 2, missing - missing // 2


def _check_kernel(image: np.ndarray, kernel: np.ndarray, channel_axis: int) -> None:
    """Whether the kernel's axis `channel_axis` fits the image's channels."""
    fits = image.ndim == 3 and kernel.ndim == 4
    if not fits or kernel.shape[channel_axis] != image.shape[2]:
        raise ArgumentError(
            f"An image of shape {image.shape} and a kernel of shape {kernel.shape} do not fit "
            "together. Give two arrays (height, width), or an image (height, width, channels) "
            f"and a kernel of 4 axes whose axis {channel_axis} has as many channels."
        )


def _check_stamping(kernel: np.ndarray, stride: int, padding: str) -> None:
    whole_number(stride, 1, "stride")
    if padding not in ("valid", "zeros"):
        raise ArgumentError(
            f"padding={padding!r} has no transpose here. Choose 'valid' or 'zeros'."
        )
    if stride > min(kernel.shape[:2]):
        raise ArgumentError(
            f"stride={stride} leaves gaps between stamps of {kernel.shape[0]} x "
            f"{kernel.shape[1]}. Use a larger kernel or a smaller stride."
        )
