"""What a painting is judged by while a decoder learns to paint."""

from typing import Any

import numpy as np
from keras import ops

from course_lib import statistics
from course_lib.byhand import LUMINANCE_WEIGHTS
from course_lib.losses import gram_matrix, local_mean, structural_similarity_map
from course_lib.teachers import Features

# A style is compared at so many sizes, each half the one before, down to this side in pixels:
# three times pooled, still 2 x 2 features are left.
SIZES = 3
SMALLEST_VIEW = 16
# In standard deviations from the mean: distributions are compared above each of these.
THRESHOLDS = (-1.0, 0.0, 1.0, 2.0)
# On a scale of 1; what a gray style's colors are measured by.
COLOR_STEP = 0.02


def statistics_distance(seen: Features, wanted: Features, before: Features) -> dict[str, Any]:
    """How far means and standard deviations are from a style's, relative to the photograph's.

    Args:
        seen: dictionary tap -> features of the painting.
        wanted: the style's.
        before: the photograph's.

    Returns:
        Dictionary tap -> scalar: 0 where the style is reached, 1 where nothing has moved.

    Source: Huang and Belongie, ICCV 2017, equation 13, which squares and does not divide.
    """
    distances = {}
    for tap in wanted:
        style = statistics.channel_statistics(wanted[tap])
        moved, start = (
            sum(
                ops.sum(ops.abs(have - want), axis=(1, 2, 3))
                for have, want in zip(
                    statistics.channel_statistics(features[tap]), style, strict=True
                )
            )
            for features in (seen, before)
        )
        # A photograph that has the style's statistics already must not divide by nothing.
        floor = 0.15 * ops.sum(ops.abs(style[0]) + style[1], axis=(1, 2, 3))
        distances[tap] = ops.mean(moved / ops.maximum(start, floor))
    return distances


def gram_distance(seen: Features, wanted: Features) -> Any:
    """Relative distance of Gram matrices, mean over taps.

    Args:
        seen: dictionary tap -> features of the painting.
        wanted: the style's.

    Returns:
        A scalar: for each tap the distance of the matrices relative to the wanted one's size.

    Source: Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks",
    CVPR 2016, equations 3 to 5, which divide by the number of positions and channels instead.
    """
    distances = []
    for tap in wanted:
        have, want = gram_matrix(seen[tap]), gram_matrix(wanted[tap])
        squares = ops.sum(ops.square(have - want), axis=(1, 2))
        # A black style has no correlations at all, and nothing must be divided by them.
        size = ops.maximum(ops.sum(ops.square(want), axis=(1, 2)), 0.01 * want.shape[-1])
        relative = ops.mean(squares / size)
        distances.append(ops.sqrt(relative + 1e-4))
    return sum(distances) / len(distances)


def structure_lost(painted: Any, content: Any) -> Any:
    """1 - SSIM of the luminances: 0 where the painting has the photograph's structure."""
    return 1.0 - ops.mean(structural_similarity_map(gray(painted), gray(content)))


def content_distance(seen: Features, before: Features) -> Any:
    """Squared distance of the normalized features at the two deepest taps.

    Args:
        seen: dictionary tap -> features of the painting.
        before: the photograph's.

    Returns:
        A scalar. Each channel is normalized to mean 0 and standard deviation 1 first.
    """
    taps = list(before)[-2:]
    return sum(
        ops.mean(ops.square(statistics.normalize(seen[tap]) - statistics.normalize(before[tap])))
        for tap in taps
    ) / len(taps)


def values_distance(seen: Features, wanted: Features, *, floor: float = 0.1) -> Any:
    """How differently the values of each channel are distributed, whatever their places.

    Means and standard deviations can be reached by a faint texture everywhere, where the style has
    few strong strokes. So the mean excess over several thresholds is compared: two distributions
    that agree at every threshold are the same. This needs no sorting, and every value gets a
    gradient.

    Args:
        seen: dictionary tap -> features of the painting.
        wanted: the style's.
        floor: the least standard deviation to divide by, in the unit of the features.

    Returns:
        Scalar: mean over taps, channels and thresholds, in units of the style's standard deviation.
    """
    distances: list[Any] = []
    for tap, maps in wanted.items():
        mean, std = statistics.channel_statistics(maps)
        for step in THRESHOLDS:
            have, want = (
                ops.mean(ops.relu(x - mean - step * std), axis=(1, 2), keepdims=True)
                for x in (seen[tap], maps)
            )
            distances.append(ops.mean(ops.abs(have - want) / ops.maximum(std, floor)))
    return sum(distances) / len(THRESHOLDS) / len(wanted)


def weave_excess(images: Any, style: Any) -> Any:
    """How much more the colors change from pixel to pixel than the style's; 0 where they do not.

    A green and magenta weave is nearly invisible in luminance, and costs a style loss nothing. It
    shows in the second differences of the opponent colors.

    Args:
        images: tensor (batch, height, width, 3).
        style: tensor of that shape.

    Returns:
        Scalar tensor.
    """
    return ops.mean(ops.relu(weave(images) - weave(style)))


def weave(images: Any) -> Any:
    """Mean second difference of the opponent colors: tensor (batch,)."""
    x = opponents(images)[..., 1:]
    down = ops.abs(x[:, 2:] - 2.0 * x[:, 1:-1] + x[:, :-2])
    across = ops.abs(x[:, :, 2:] - 2.0 * x[:, :, 1:-1] + x[:, :, :-2])
    return 0.5 * (ops.mean(down, axis=(1, 2, 3)) + ops.mean(across, axis=(1, 2, 3)))


def alignment_distance(images: Any, style: Any) -> Any:
    """How differently the lines of images and of a style lie to rows and columns.

    Upsampling enlarges along rows and columns, so what a decoder makes up in a flat area is woven
    of level and upright lines. A style loss does not mind.

    Args:
        images: tensor (batch, height, width, 3).
        style: tensor of that shape.

    Returns:
        Scalar tensor: mean distance of `slanting`.
    """
    return ops.mean(ops.abs(slanting(style) - slanting(images)))


def slanting(images: Any) -> Any:
    """The share of slanting lines: tensor (batch,).

    With the gradients g_x and g_y, the mean of 2 abs(g_x g_y) relative to that of g_x^2 + g_y^2:
    0 where all lines are level or upright, 2 / pi where all directions are as frequent.

    Args:
        images: tensor (batch, height, width, 3), each side at least 2.
    """
    x = gray(images)
    down = x[:, 1:] - x[:, :-1]
    across = x[:, :, 1:] - x[:, :, :-1]
    # Both gradients of the same four pixels.
    gradient_y = down[:, :, 1:] + down[:, :, :-1]
    gradient_x = across[:, 1:] + across[:, :-1]
    slanted = 2.0 * ops.abs(gradient_x * gradient_y)
    squares = ops.square(gradient_x) + ops.square(gradient_y)
    axes = (1, 2, 3)
    return ops.mean(slanted, axis=axes) / (ops.mean(squares, axis=axes) + 1e-6)


def opponents(images: Any) -> Any:
    """Luminance, green against magenta and red against blue: tensor (batch, height, width, 3)."""
    turn = np.array([[*LUMINANCE_WEIGHTS], [-0.5, 1.0, -0.5], [1.0, 0.0, -1.0]], "float32")
    return ops.matmul(images, turn.T)


def half_size(images: Any) -> Any:
    """Every square of four pixels replaced by its mean; sides must be even."""
    return ops.average_pool(images, 2, 2)


def at_sizes(images: Any) -> list[Any]:
    """A batch at full, half and quarter size, as far as the judge can still see something."""
    views = [images]
    while len(views) < SIZES and min(views[-1].shape[1:3]) >= 2 * SMALLEST_VIEW:
        views.append(half_size(views[-1]))
    return views


def grid_strength(images: Any, period: int) -> Any:
    """How strong a pattern is that repeats after so many pixels, at the same places everywhere.

    Upsampling treats the pixels of a block differently, and a style loss does not mind: it asks for
    texture and not where. In a flat area nothing else says where the strokes belong, and the
    decoder draws them by the block. Over all blocks, the mean of each place in the block shows it.

    Args:
        images: tensor (batch, height, width, channels), each side at least one period.
        period: side of the blocks in pixels.

    Returns:
        Scalar tensor: the pattern's standard deviation in units of the pixels, mean over images.
    """
    # What varies slowly is no pattern, and a mean over one period leaves nothing of the pattern.
    sides = (period // 2, period - 1 - period // 2)
    padded = ops.pad(images, [(0, 0), sides, sides, (0, 0)], mode="symmetric")
    detail = images - local_mean(padded, period)
    batch, height, width, channels = ops.shape(images)
    rows, columns = height // period, width // period
    blocks = ops.reshape(
        detail[:, : rows * period, : columns * period],
        (batch, rows, period, columns, period, channels),
    )
    pattern = ops.mean(blocks, axis=(1, 3))
    # The root has no gradient at nothing.
    return ops.mean(ops.sqrt(ops.mean(ops.square(pattern), axis=(1, 2, 3)) + 1e-6))


def gray(images: Any) -> Any:
    """Luminance: tensor (batch, height, width, 1)."""
    return ops.sum(images * np.array(LUMINANCE_WEIGHTS, "float32"), axis=-1, keepdims=True)
