"""An image built anew from squares cut out of a style image."""

from typing import Any

import numpy as np

from course_lib.transfer.colors import PIXELS_AT_ONCE
from course_lib.transfer.common import Progress, part_of, report

# Squares of a style among which one is chosen.
MOST_SQUARES = 6000
# Squares whose squared distances from another differ by less count as equally near.
SAME = 1e-5
# Squares of the content that are described at a time.
SQUARES_AT_ONCE = 4096
# By what the side of the squares is divided, and how often squares of that side are laid.
PASSES = (1, 2, 2, 4, 4)
SMALLEST_SQUARE = 4
# Parts of a square by which it is compared: those of the colors laid so far.
COLOR_CELLS = 8


def corners(size: tuple, side: int, step: int) -> np.ndarray:
    """Upper left corners of squares that cover an image.

    Args:
        size: (height, width) of the image.
        side: side of a square in pixels, at most the shorter side of the image.
        step: pixels from one square to the next; the last ones end at the border.

    Returns:
        Array (number, 2) of rows and columns.
    """
    rows, columns = (
        np.unique(np.append(np.arange(0, length - side, step), length - side)) for length in size
    )
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)


def describe(
    maps: np.ndarray, places: np.ndarray, side: int, cells: int, size: tuple
) -> np.ndarray:
    """What stands in squares of an image, as one row of numbers each.

    Args:
        maps: array (height, width, channels): the image, or features of it, which are smaller.
        places: the squares' corners in the image, (number, 2).
        side: side of a square in pixels of the image.
        cells: a square is described by the means of cells x cells parts.
        size: (height, width) of the image.

    Returns:
        Array (number, cells * cells * channels).
    """
    from scipy.ndimage import uniform_filter

    scale = np.array(maps.shape[:2]) / size
    blur = [max(1, round(side / cells * factor)) for factor in scale]
    middles = (np.arange(cells) + 0.5) * side / cells
    rows, columns = (
        ((places[:, axis, None] + middles) * scale[axis]).astype(int).clip(0, maps.shape[axis] - 1)
        for axis in (0, 1)
    )
    # Only the rows that these squares see, for a few squares of a large image may be asked for.
    first, last = max(0, rows.min() - blur[0]), rows.max() + blur[0] + 1
    blurred = uniform_filter(maps[first:last], (*blur, 0), mode="nearest")
    return blurred[rows[:, :, None] - first, columns[:, None, :]].reshape(len(places), -1)


def nearest(wanted: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """For each row the number of the most similar one among others.

    Args:
        wanted: array (number, length).
        offered: array (another number, length).

    Returns:
        Array (number,) of row numbers in ``offered``.
    """
    # Of equals the first is taken. In single precision, or without rounding, the last bits would
    # choose: another machine, or an image in other parts, would come out differently.
    offered = offered.astype("float64") / SAME
    lengths, turned = SAME * np.sum(offered**2, axis=1), -2 * offered.T
    found = []
    for start in range(0, len(wanted), 1024):
        distances = wanted[start : start + 1024] @ turned
        distances += lengths
        found.append(np.argmin(np.rint(distances, out=distances), axis=1))
    return np.concatenate(found)


def blend_patches(
    patches: np.ndarray, places: np.ndarray, size: tuple, window: np.ndarray
) -> np.ndarray:
    """Lay overlapping squares side by side; where they overlap, their weighted mean counts.

    Args:
        patches: array (number, side, side, channels).
        places: their upper left corners, (number, 2), which together cover the image.
        size: (height, width) of the image.
        window: weights of the pixels of a square, (side, side), all above 0.

    Returns:
        Array (height, width, channels).
    """
    side, channels = patches.shape[1], patches.shape[-1]
    total, weight = np.zeros((*size, channels)), np.zeros((*size, 1))
    for patch, (top, left) in zip(patches, places, strict=True):
        total[top : top + side, left : left + side] += window[..., None] * patch
        weight[top : top + side, left : left + side] += window[..., None]
    return total / weight


def soft_window(side: int, power: float) -> np.ndarray:
    """Weights of a square's pixels, which fall smoothly towards its border: (side, side)."""
    along = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** power
    return np.outer(along, along)


def lay_squares(
    style: np.ndarray,
    chosen: np.ndarray,
    places: np.ndarray,
    side: int,
    size: tuple,
    window: np.ndarray,
) -> np.ndarray:
    """Squares of a style laid over an image and blended, some rows of the image at a time.

    Args:
        style: image of any size.
        chosen: upper left corners of the squares in the style, (number, 2).
        places: where each of them is to lie, (number, 2), which together cover the image.
        side: side of a square in pixels.
        size: (height, width) of the image.
        window: weights of the pixels of a square, (side, side), all above 0.

    Returns:
        Image (height, width, 3) float32.
    """
    height, width = size
    laid = np.empty((height, width, 3), "float32")
    rows = max(side, PIXELS_AT_ONCE // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        # All squares that reach into these rows; above and below, others are missing.
        near = (places[:, 0] > top - side) & (places[:, 0] < bottom)
        at = places[near]
        first, last = at[:, 0].min(), at[:, 0].max() + side
        squares = np.stack([style[y : y + side, x : x + side] for y, x in chosen[near]])
        band = blend_patches(squares, at - [first, 0], (last - first, width), window)
        laid[top:bottom] = band[top - first : bottom - first]
    return laid


def texture_transfer(
    content: np.ndarray,
    style: np.ndarray,
    *,
    guides: Any,
    guide_cells: int,
    patch: int = 32,
    content_weight: float = 1.5,
    seed: int = 0,
    progress: Progress = None,
) -> np.ndarray:
    """Build the content from squares of the style, in a few passes from large to small ones.

    In the first pass the style's square is taken whose guide is most similar. Later passes also
    compare with the colors that lie there already, so that neighbors come to fit together.

    Within a pass no square depends on another, so a large image is gone through some squares at a
    time: beside the images themselves the memory is bounded, and the result is the same.

    Args:
        content: image (height, width, 3).
        style: image of any size.
        guides: pair of arrays (height', width', channels), what shall agree between the content
            and the style; each may be smaller than its image.
        guide_cells: each guide is compared by the means of guide_cells x guide_cells parts.
        patch: side of the largest squares in pixels, as far as it is not more than an eighth of an
            image's side; the smallest have a quarter of it.
        content_weight: how much the guide counts, beside the fit with what lies there already.
        seed: for the choice of squares on offer, where there are too many.
        progress: as for `common.report`.

    Returns:
        Array (height, width, 3).

    Source: Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001,
    section 4, for guide and passes; Kwatra et al., "Texture Optimization for Example-based
    Synthesis", SIGGRAPH 2005, for choosing again and averaging.
    """

    def rows_of(guide: Any, colors: Any, places: Any, side: int, size: tuple) -> np.ndarray:
        """The numbers by which squares are compared, one row for each."""
        rows = content_weight * describe(guide, places, side, guide_cells, size)
        if laid is None:
            return rows
        return np.hstack([rows, 0.5 * describe(colors, places, side, COLOR_CELLS, size)])

    generator = np.random.default_rng(seed)
    size, style_size = content.shape[:2], style.shape[:2]
    patch = min(patch, *(side // 8 for side in (*size, *style_size)))
    sides = [max(SMALLEST_SQUARE, patch // part) for part in PASSES]
    # Small squares are many, so the last passes take nearly all the time.
    times = np.cumsum([0.0, *(1 / side**2 for side in sides)])
    times /= times[-1]
    laid: Any = None
    for number, side in enumerate(sides):
        places, offered = corners(size, side, side // 2), corners(style_size, side, side // 4)
        if len(offered) > MOST_SQUARES:
            offered = generator.permutation(offered)[:MOST_SQUARES]
        on_offer = rows_of(guides[1], style, offered, side, style_size)
        share = part_of(progress, times[number], times[number + 1])
        chosen = np.empty_like(places)
        for start in range(0, len(places), SQUARES_AT_ONCE):
            some = slice(start, start + SQUARES_AT_ONCE)
            wanted = rows_of(guides[0], laid, places[some], side, size)
            chosen[some] = offered[nearest(wanted, on_offer)]
            report(share, min(1.0, some.stop / len(places)))
        # The last pass overlaps less, because every overlap blurs.
        window = soft_window(side, power=2 if number + 1 == len(PASSES) else 1)
        laid = lay_squares(style, chosen, places, side, size, window)
    return laid
