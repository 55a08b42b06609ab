"""Soft masks: where in an image something applies, and how gently it ends."""

from __future__ import annotations

import numpy as np

SHAPES = ("everywhere", "ellipse", "rectangle", "left part", "upper part")


def shape_mask(
    size: tuple[int, int],
    shape: str,
    *,
    place: tuple[float, float] = (0.5, 0.5),
    extent: float = 0.5,
    softness: float = 0.3,
) -> np.ndarray:
    """A mask with a soft edge.

    Args:
        size: (height, width).
        shape: one of `SHAPES`. An ellipse or a rectangle has the image's proportions; "left
            part" ends at the place's distance from the left, "upper part" at that from the top.
        place: the middle, as shares of the width from the left and of the height from the top.
        extent: width of the shape, as a share of the image's, above 0.
        softness: 0 is a sharp edge; at 1 the edge fades over half of the shape.

    Returns:
        Array (height, width) float32: 1 inside, 0 outside, in between on the edge.

    Raises:
        ValueError: a shape that is not known.
    """
    if shape not in SHAPES:
        raise ValueError(f"shape={shape!r} is not known. Choose one of: {', '.join(SHAPES)}.")
    height, width = size
    down = (np.arange(height, dtype="float32")[:, None] + 0.5) / height - place[1]
    right = (np.arange(width, dtype="float32")[None, :] + 0.5) / width - place[0]
    # How far each pixel lies outside, in shares of the image's size; negative inside.
    outside = {
        "everywhere": np.full((height, width), -np.inf, "float32"),
        "ellipse": np.hypot(down, right) - extent / 2,
        "rectangle": np.maximum(np.abs(down), np.abs(right)) - extent / 2,
        "left part": np.broadcast_to(right, size),
        "upper part": np.broadcast_to(down, size),
    }[shape]
    # One pixel at least, so that even a sharp edge has no steps.
    fade = max(softness * extent / 2, 1 / max(size))
    return np.clip(0.5 - outside / fade, 0.0, 1.0).astype("float32")


def stroke(
    mask: np.ndarray,
    start: tuple[float, float],
    end: tuple[float, float],
    radius: float,
    *,
    softness: float = 0.3,
    erase: bool = False,
) -> np.ndarray:
    """A mask with one stroke of a round brush more.

    Args:
        mask: array (height, width) in [0, 1].
        start: (x, y) in pixels, from the left and from the top.
        end: where the stroke ends; it may be the same place.
        radius: of the brush in pixels, above 0.
        softness: 0 is a sharp edge; at 1 the edge fades from the middle of the brush.
        erase: take away what is there.

    Returns:
        Array (height, width) float32.
    """
    height, width = mask.shape
    down = np.arange(height, dtype="float32")[:, None] + 0.5 - start[1]
    right = np.arange(width, dtype="float32")[None, :] + 0.5 - start[0]
    along = np.subtract(end, start).astype("float32")
    length = max(float(along @ along), 1e-12)
    # How far along the stroke its nearest point lies to each pixel: 0 at the start, 1 at the end.
    share = np.clip((right * along[0] + down * along[1]) / length, 0.0, 1.0)
    distance = np.hypot(right - share * along[0], down - share * along[1])
    # One pixel at least, so that even a sharp edge has no steps.
    cover = np.clip((radius - distance) / max(softness * radius, 1.0), 0.0, 1.0)
    changed = np.minimum(mask, 1 - cover) if erase else np.maximum(mask, cover)
    return changed.astype("float32")
