"""Painting from coarse to fine: how large strokes are, relative to the image and not to its pixels.

The decoder's strokes are some pixels wide, whatever the image. So a small copy is painted first,
its draft: on it strokes and forms are large. What the style has changed in it is enlarged and added
to the content at the next size, and the whole is painted again.

What the style has changed is the draft minus the same copy drawn with its own statistics, not minus
the copy itself: a decoder loses detail in any style, and what it loses is no style.

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

# Longer side of the first draft, in pixels, for strokes of medium size. Drafts of 256 pixels leave
# more of the content and less of the style, those of 128 the contrary.
DRAFT = 180
# How much of what the style has changed a draft hands on to the next size. More of it leaves less
# of the content's forms.
HANDED_ON = 0.9
# An image up to this size is painted at once: its strokes are large as they are.
WHOLE = 360
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
    if longer * factor <= WHOLE:
        return [(size[0], size[1])]
    passes = 1 + max(1, round(math.log2(longer * factor / DRAFT)))
    shrink = DRAFT / factor / longer
    sizes = []
    for number in range(passes):
        scale = shrink ** (1 - number / (passes - 1))
        height, width = (max(SMALLEST_IMAGE, round(side * scale)) for side in size)
        sizes.append((height, width))
    return sizes


def with_detail(
    painted: np.ndarray, before: np.ndarray, content: np.ndarray, *, share: float = 1.0
) -> np.ndarray:
    """What painting has changed in a copy, enlarged and added to the content.

    Args:
        painted: image (height, width, 3), the painted copy.
        before: the same copy, drawn with its own statistics.
        content: the content at the next size.
        share: how much of the change is added, from 0 to 1.

    Returns:
        Image (height', width', 3) float32 in [0, 1] of the content's size.
    """
    moved = enlarged(share * (painted - before), content.shape[:2])
    moved += content
    return np.clip(moved, 0.0, 1.0, out=moved)


def enlarged(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An image, or a difference of two, at a larger size (bicubic, channel by channel).

    Args:
        image: array (height, width, channels).
        size: (height', width').

    Returns:
        Array (height', width', channels) float32, not clipped: an enlarged sum is the sum of what
        is enlarged.
    """
    height, width = size
    larger = np.empty((height, width, image.shape[2]), "float32")
    for channel in range(image.shape[2]):
        values = Image.fromarray(np.ascontiguousarray(image[..., channel], "float32"))
        larger[..., channel] = np.asarray(values.resize((width, height), Image.Resampling.BICUBIC))
    return larger
