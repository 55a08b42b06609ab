"""Videos in a notebook, as images that move."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import ArgumentError, require, to_numpy
from course_lib.plots.drawing import Drawing
from course_lib.plots.side_by_side import draw_images


def show_clip(
    clips: Mapping[str, Any],
    *,
    rate: float = 10.0,
    width: int | None = None,
    alt: str | None = None,
) -> None:
    """Show videos side by side, each under its title, again and again from the beginning.

    It is an animated PNG: what shows PNG shows it, or at least its first frame. All frames share
    128 colors, so it is for looking at motion; `show_images` is for looking at colors.

    Args:
        clips: title -> array or tensor (frames, height, width, 3), float in [0, 1] or uint8; all
            of the same number of frames. Keep it short: each frame takes some ten kilobytes.
        rate: frames a second.
        width: width of the whole on the page in pixels.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there are no clips, they differ in length, or `alt` has no words.
    """
    require(clips, "clips")
    videos = {title: np.asarray(to_numpy(clip)) for title, clip in clips.items()}
    counts = {title: len(video) for title, video in videos.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise ArgumentError(f"The clips have different numbers of frames, or none: {counts}.")
    words = words_for(alt, "Videos", titles=videos)
    drawings = [
        draw_images(
            dict(zip(videos, images, strict=True)), alt=words, columns=len(videos), width=width
        )
        for images in zip(*videos.values(), strict=True)
    ]
    frames = [Image.open(io.BytesIO(drawing.data)).convert("RGB") for drawing in drawings]
    first = drawings[0]
    Drawing(
        _as_animation(frames, rate), alt=first.alt, width=first.width, height=first.height
    ).show()


def _as_animation(frames: Sequence[Image.Image], rate: float) -> bytes:
    """An animated PNG, whose frames share one palette: colors then do not flicker."""
    every = max(1, len(frames) // 4)
    sample = np.concatenate([np.asarray(frame) for frame in frames[::every]])
    palette = Image.fromarray(sample).quantize(128)
    first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    packed = io.BytesIO()
    first.save(
        packed,
        "PNG",
        save_all=True,
        append_images=others,
        duration=1000 / rate,
        loop=0,
        optimize=True,
    )
    return packed.getvalue()
