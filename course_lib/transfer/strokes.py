"""Painting from coarse to fine: how large strokes are, relative to the image and not to its pixels.

The decoder's strokes are some pixels wide, whatever the image. So a small copy is painted first,
its draft: on it strokes and forms are large. The draft is enlarged, the detail of the content that
the small copy could not hold is added, and the whole is painted again at the next size.

Source: Lin et al., "Drafting and Revision: Laplacian Pyramid Network for Fast High-Quality Artistic
Style Transfer", CVPR 2021, section 3, who train a second network for the later passes.
"""

import math
from typing import Any

import numpy as np
from PIL import Image

from course_lib.autoencoder import SMALLEST_IMAGE
from course_lib.checks import as_number
from course_lib.errors import TransferError

# Longer side of the first draft, in pixels, for strokes of medium size.
DRAFT = 256
STROKES = {"fine": 0.0, "medium": 1.0, "large": 2.0}


def stroke_factor(stroke: Any) -> float:
    """How large the strokes are to be, 1 for medium and 0 for those of a single pass.

    Args:
        stroke: "fine" (one pass), "medium", "large", or a number above 0: 2 makes strokes twice as
            large as 1, which is medium.

    Raises:
        TransferError: another word, or no number above 0.
    """
    if isinstance(stroke, str) and stroke in STROKES:
        return STROKES[stroke]
    if isinstance(stroke, str) or not 0 < as_number(stroke) < math.inf:
        words = ", ".join(map(repr, STROKES))
        raise TransferError(f"stroke={stroke!r}: give one of {words}, or a number above 0.")
    return float(stroke)


def pass_sizes(size: tuple, stroke: Any) -> list[tuple[int, int]]:
    """The sizes at which an image is painted, from the draft to its own.

    Args:
        size: (height, width) of the image.
        stroke: as in `stroke_factor`.

    Returns:
        List of (height, width); each is about twice as large as the one before. The draft of a
        large image is as large as that of a small one, so the strokes belong to the image.
    """
    factor, longer = stroke_factor(stroke), max(size)
    if factor == 0:
        return [(size[0], size[1])]
    passes = 1 + max(0, round(math.log2(longer * factor / DRAFT)))
    if passes == 1:
        return [(size[0], size[1])]
    shrink = DRAFT / factor / longer
    sizes = []
    for number in range(passes):
        scale = shrink ** (1 - number / (passes - 1))
        height, width = (max(SMALLEST_IMAGE, round(side * scale)) for side in size)
        sizes.append((height, width))
    return sizes


def with_detail(painted: np.ndarray, before: np.ndarray, content: np.ndarray) -> np.ndarray:
    """A painted copy, enlarged, with the content's detail that the copy could not hold.

    Args:
        painted: image (height, width, 3), the painted copy.
        before: the content at the copy's size.
        content: the content at the next size.

    Returns:
        Image (height', width', 3) float32 in [0, 1] of the content's size.
    """
    # What painting has changed is enlarged and added: the same as enlarging the painting and
    # adding the content minus its enlarged copy.
    height, width = content.shape[:2]
    moved = np.empty(content.shape, "float32")
    for channel in range(3):
        change = Image.fromarray(painted[..., channel] - before[..., channel])
        change = change.resize((width, height), Image.Resampling.BICUBIC)
        moved[..., channel] = content[..., channel] + np.asarray(change)
    return np.clip(moved, 0.0, 1.0, out=moved)
