"""A change of colors smoothed by a guided filter: it may jump only where the content does.

A large image is smoothed in bands of its rows, and looks as if it had been taken whole.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from course_lib.transfer.colors import BAND, PIXELS_AT_ONCE
from course_lib.transfer.common import Progress, part_of, report

# Blocks of a large image, for which lines are fitted, and those a side of a window, at least.
MOST_BLOCKS, LEAST_BLOCKS = 2_500_000, 32


def guided_filter_change(
    content: np.ndarray, changed: np.ndarray, radius: int, *, detail: float = 0.02
) -> np.ndarray:
    """Take from a change of colors what the content has no reason for: bands, grain and blocks.

    In every window the change is replaced by the straight line of the content's colors that fits
    best. Where the content is flat that is a constant, so its noise is not amplified; at its edges
    the change may jump.

    Args:
        content: image (height, width, 3).
        changed: image of the same size, whose difference from the content is smoothed.
        radius: the window has 2 * radius + 1 pixels a side.
        detail: variations of the content below this count as flat.

    Returns:
        Array (height, width, 3).

    Source: He, Sun and Tang, "Guided Image Filtering", 2010, equations 14 to 16; the idea of
    filtering the change is by Rabin, Delon and Gousseau, "Removing Artefacts from Color and
    Contrast Modifications", 2011.
    """
    lines = fit_lines(products_of(content, changed), 2 * radius + 1, detail=detail)
    return follow_lines(content, lines)


def products_of(content: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """By what a straight line is fitted: the content's colors and the change, and their products.

    Args:
        content: image (height, width, 3).
        changed: image of the same size.

    Returns:
        Array (height, width, 4, 6): 1 and the three colors of the content, each times the six
        numbers that are the colors of the content and of the change.
    """
    both = np.concatenate([content, changed - content], axis=-1)[..., None, :]
    return np.concatenate([both, content[..., :, None] * both], axis=-2)


def fit_lines(products: np.ndarray, side: float, *, detail: float = 0.02) -> np.ndarray:
    """A change of colors as straight lines of the content's colors, another one at each place.

    Args:
        products: array (height, width, 4, 6) as `products_of` gives it; it is overwritten.
        side: of the windows in which a line is fitted; it need not be a whole number.
        detail: as in `guided_filter_change`.

    Returns:
        Array (height, width, 4, 3): the slopes of the three colors of the change, and its offset.
    """
    means = window_means(products, side)
    lines = np.empty((*means.shape[:3], 3))
    for top in range(0, len(means), BAND):
        here = means[top : top + BAND]
        centers, moves = here[..., 0, :3], here[..., 0, 3:]
        spread = here[..., 1:, :] - centers[..., :, None] * here[..., :1, :]
        slope = np.linalg.solve(spread[..., :3] + detail**2 * np.eye(3), spread[..., 3:])
        lines[top : top + BAND, :, :3] = slope
        lines[top : top + BAND, :, 3] = moves - np.einsum("hwc,hwcd->hwd", centers, slope)
    return window_means(lines, side)


def window_means(maps: np.ndarray, side: float) -> np.ndarray:
    """The mean of each number over a square window, with the image mirrored at its border.

    Args:
        maps: array (height, width, ...); it is overwritten.
        side: of the window, at least 1. Pixels that are partly inside count by that part.

    Returns:
        The overwritten array.
    """
    from scipy.ndimage import uniform_filter1d

    inside = 2 * int((side - 1) / 2) + 1
    part = (side - inside) / 2
    every = maps.reshape(*maps.shape[:2], -1)
    for number, axis in np.ndindex(every.shape[2], 2):
        one = every[..., number]
        means = uniform_filter1d(one, inside, axis, mode="reflect")
        if part:
            wider = uniform_filter1d(one, inside + 2, axis, mode="reflect")
            means = ((1 - part) * inside * means + part * (inside + 2) * wider) / side
        one[...] = means
    return maps


def follow_lines(content: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The content changed along the lines that `fit_lines` gave, (height, width, 3)."""
    slope, offset = lines[..., :3, :], lines[..., 3, :]
    return content + np.einsum("hwc,hwcd->hwd", content, slope) + offset


def guided_filter_change_in_bands(
    content: np.ndarray, recolor: Callable, radius: int, *, progress: Progress = None
) -> np.ndarray:
    """What `guided_filter_change` does, for an image of any size in bounded memory.

    The products by which lines are fitted are averaged over small blocks, band after band. Windows
    then are means of blocks, so nothing that the image has is left out of a line; only there are
    fewer lines than pixels, and between two of them the pixels follow what lies between.

    Args:
        content: image (height, width, 3).
        recolor: function from some rows of the image, (rows, columns, 3), to them in new colors.
        radius: as in `guided_filter_change`.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32 in [0, 1].

    Source: after He and Sun, "Fast Guided Filter", 2015, who take the pixels of a smaller copy in
    the place of the means of blocks.
    """
    side = 2 * radius + 1
    block = block_side(content.shape[:2], side)
    # Windows at the lower and the right border see the image mirrored there, as
    # guided_filter_change's.
    rows, columns = (mirrored(length, side + 2 * block, block) for length in content.shape[:2])
    step = block * max(1, PIXELS_AT_ONCE // (block * len(columns)))
    means = []
    for top in range(0, len(rows), step):
        band = content[rows[top : top + step, None], columns]
        products = products_of(band, recolor(band))
        means.append(block_means(products, block))
        report(progress, 0.8 * min(1.0, (top + step) / len(rows)))
    lines = fit_lines(np.concatenate(means), side / block)
    return follow_lines_of_blocks(content, lines, block, progress=part_of(progress, 0.8, 1.0))


def block_side(size: tuple, window: int) -> int:
    """How many pixels a side the blocks of a large image have.

    Args:
        size: (height, width) of the image.
        window: side of the windows in which lines are fitted, in pixels.

    Returns:
        A whole number: so large that there are no more than `MOST_BLOCKS`, but not so large that a
        window has fewer than `LEAST_BLOCKS` a side, for that would be seen.
    """
    block = 1
    while size[0] * size[1] > MOST_BLOCKS * block**2 and window >= LEAST_BLOCKS * (block + 1):
        block += 1
    return block


def mirrored(length: int, margin: int, block: int) -> np.ndarray:
    """Numbers of rows, and beyond the last one the same backwards, in whole blocks.

    Args:
        length: how many rows there are.
        margin: how many are wanted beyond the last one, at least.
        block: the number of rows returned is a multiple of this.

    Returns:
        Array of row numbers.
    """
    beyond = margin + -(length + margin) % block
    return np.pad(np.arange(length), (0, beyond), mode="symmetric")


def block_means(maps: np.ndarray, block: int) -> np.ndarray:
    """Means over blocks of block x block pixels, of an array that consists of whole ones."""
    height, width = (side // block for side in maps.shape[:2])
    return maps.reshape(height, block, width, block, *maps.shape[2:]).mean((1, 3))


def follow_lines_of_blocks(
    content: np.ndarray, lines: np.ndarray, block: int, *, progress: Progress = None
) -> np.ndarray:
    """An image changed along lines that stand in the middles of blocks, band after band.

    Args:
        content: image (height, width, 3).
        lines: array (height', width', 4, 3), what `fit_lines` gave for blocks that cover the
            image and may reach beyond its lower and right border.
        block: side of a block in pixels.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32 in [0, 1].
    """
    rows, columns = lines.shape[:2]
    parts = [
        Image.fromarray(part)
        for part in np.moveaxis(lines, (2, 3), (0, 1)).reshape(-1, rows, columns).astype("float32")
    ]
    changed = np.empty(content.shape, "float32")
    for top in range(0, len(content), BAND):
        band = content[top : top + BAND]
        height, width = band.shape[:2]
        box = (0, top / block, width / block, (top + height) / block)
        enlarged = [
            np.asarray(part.resize((width, height), Image.Resampling.BICUBIC, box))
            for part in parts
        ]
        here = np.stack(enlarged, axis=-1).reshape(height, width, 4, 3)
        np.clip(follow_lines(band, here), 0.0, 1.0, out=changed[top : top + height])
        report(progress, (top + height) / len(content))
    return changed
