"""Images side by side, true to their pixels, each under its title."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from course_lib.errors import ArgumentError
from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import (
    as_image,
    floats,
    require,
    stretched,
    without_batch,
)
from course_lib.plots.axes import WIDTH
from course_lib.plots.drawing import Drawing, as_photograph, as_squares, to_drawing
from course_lib.plots.lettering import lettered, wrapped

GAP = 12
TITLE_LINE = 19
TITLE_GAP = 6
TALLEST = 1.4
# A power of two, so that pixels / dpi * dpi gives the same pixels back.
IMAGE_DPI = 128
IMAGE_FONT = 7.8


def show_image(
    image: Any, *, title: str = "", width: int | None = None, alt: str | None = None
) -> None:
    """Show one image.

    Args:
        image: array or tensor (height, width, 3) or (height, width), float in [0, 1] or uint8.
        title: words above the image.
        width: width on the page in pixels.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: the array is not an image, or `alt` has no words.
    """
    show_images({title: image}, width=width, alt=alt)


def show_images(
    images: Mapping[str, Any],
    *,
    columns: int | None = None,
    width: int | None = None,
    alt: str | None = None,
) -> None:
    """Show images side by side, each under its title.

    Images keep their proportions. Large ones are made smaller; small ones are enlarged by a whole
    number, pixel by pixel, so that each value of the array stays visible as a square.

    Args:
        images: title -> array or tensor (height, width, 3) or (height, width), float in [0, 1]
            or uint8. A batch of one is accepted. Values slightly outside [0, 1] are clipped.
        columns: images in a row; by default up to four, evenly spread.
        width: width of the whole on the page in pixels.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there are no images, one is not an image, or `alt` has no words.
    """
    panels = _panels(images)
    _draw_panels(panels, words_for(alt, "Images", titles=images), columns, width).show()


def show_difference(
    a: Any,
    b: Any,
    *,
    factor: float = 4.0,
    titles: tuple[str, str] = ("a", "b"),
    width: int | None = None,
    alt: str | None = None,
) -> None:
    """Show two images and how they differ.

    The third panel is 0.5 + factor * (b - a): gray where they agree, brighter where `b` is.

    Args:
        a: image, as for `show_images`.
        b: image of the same shape.
        factor: by how much the difference is amplified; it is written into the title.
        titles: the titles of `a` and `b`.
        width: width of the whole on the page in pixels.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: the shapes differ, or as for `show_images`.
    """
    first, second = as_image(a, name=titles[0]), as_image(b, name=titles[1])
    if first.shape != second.shape:
        raise ArgumentError(
            f"The images have the shapes {first.shape} and {second.shape}. "
            "Only images of equal shape can be subtracted."
        )
    difference = np.clip(0.5 + factor * (second - first), 0, 1)
    panels = [
        (titles[0], first),
        (titles[1], second),
        (lettered(f"difference × {factor:g} (gray: none)"), difference),
    ]
    _draw_panels(panels, words_for(alt, "Images", titles=dict(panels)), 3, width).show()


def show_feature_maps(
    features: Any,
    *,
    channels: int | Sequence[int] = 8,
    columns: int | None = None,
    width: int | None = None,
    title: str = "channel",
    alt: str | None = None,
) -> None:
    """Show channels of a feature map as gray images, each from its own darkest to its brightest.

    Args:
        features: array or tensor (height, width, channels), or a batch of one.
        channels: how many of the first channels to show, or a list of channel numbers.
        columns: maps in a row.
        width: width of the whole on the page in pixels.
        title: the word before each channel's number.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: the array is not a feature map, or `alt` has no words.
    """
    array = without_batch(floats(features, "The feature map").astype(np.float32))
    if array.ndim != 3:
        raise ArgumentError(
            f"A feature map has the shape (height, width, channels), not {array.shape}."
        )
    chosen = range(min(channels, array.shape[-1])) if isinstance(channels, int) else channels
    panels = [
        (f"{lettered(title)} {number}", as_image(stretched(array[..., number])))
        for number in chosen
    ]
    _draw_panels(panels, words_for(alt, "Maps", titles=dict(panels)), columns, width).show()


def draw_images(
    images: Mapping[str, Any],
    *,
    alt: str,
    columns: int | None = None,
    width: int | None = None,
) -> Drawing:
    """What `show_images` shows, without showing it: for labs and for saving.

    Raises:
        ArgumentError: as for `show_images`.
    """
    return _draw_panels(_panels(images), words_for(alt, "Images"), columns, width)


def _panels(images: Mapping[str, Any]) -> list[tuple[str, np.ndarray]]:
    require(images, "images")
    return [(title, as_image(image, name=title)) for title, image in images.items()]


@dataclass(frozen=True)
class _Panel:
    """An image at the size at which it is shown, and its title, wrapped to fit above it."""

    title: str
    image: np.ndarray

    @property
    def title_height(self) -> int:
        return TITLE_LINE * (self.title.count("\n") + 1) + TITLE_GAP if self.title else 0


def _draw_panels(
    images: Sequence[tuple[str, np.ndarray]], alt: str, columns: int | None, width: int | None
) -> Drawing:
    """Place images by whole pixels, so that Matplotlib resamples nothing, and letter them."""
    if not len(images):
        raise ArgumentError("There are no images to draw.")
    columns = columns or _even_columns(len(images))
    cell = ((width or min(WIDTH, 380 * columns)) - GAP * (columns - 1)) // columns
    panels = [_Panel(_wrapped(title, cell), _fitted(image, cell)) for title, image in images]
    if columns == 1:
        cell = max(panel.image.shape[1] for panel in panels)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    canvas = np.ones((_height(rows), cell * columns + GAP * (columns - 1), 3), np.float32)
    inches = (canvas.shape[1] / IMAGE_DPI, canvas.shape[0] / IMAGE_DPI)
    figure = Figure(figsize=inches, dpi=IMAGE_DPI)
    top = 0
    for row in rows:
        _place_row(figure, canvas, row, top, cell)
        top += _row_height(row) + GAP
    figure.figimage(canvas, origin="upper")
    enlarged = any(
        panel.image.shape[1] > image.shape[1]
        for panel, (_, image) in zip(panels, images, strict=True)
    )
    return to_drawing(
        figure, alt=alt, density=1.0, compress=as_squares if enlarged else as_photograph
    )


def _place_row(
    figure: Figure, canvas: np.ndarray, row: Sequence[_Panel], top: int, cell: int
) -> None:
    top += max(panel.title_height for panel in row)
    for place, panel in enumerate(row):
        height, width, _ = panel.image.shape
        left = place * (cell + GAP) + (cell - width) // 2
        canvas[top : top + height, left : left + width] = _framed(panel.image)
        x, y = (left + width / 2) / canvas.shape[1], 1 - (top - TITLE_GAP) / canvas.shape[0]
        figure.text(
            x, y, panel.title, ha="center", va="bottom", fontsize=IMAGE_FONT, linespacing=1.15
        )


def _row_height(row: Sequence[_Panel]) -> int:
    return max(panel.title_height for panel in row) + max(panel.image.shape[0] for panel in row)


def _height(rows: Sequence[Sequence[_Panel]]) -> int:
    return sum(map(_row_height, rows)) + GAP * (len(rows) - 1)


def _fitted(image: np.ndarray, cell: int) -> np.ndarray:
    """An image at the size at which it is shown in a cell of this width."""
    height, width = image.shape[:2]
    tallest = max(cell * TALLEST, 1)
    if width <= cell and height <= tallest:
        return _enlarged(image, min(cell // width, int(tallest // height)))
    scale = min(cell / width, tallest / height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = Image.fromarray(np.uint8(np.round(image * 255)))
    return np.asarray(small.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / 255


def _enlarged(image: np.ndarray, times: int) -> np.ndarray:
    """Each pixel as a square, with a thin frame where squares are large: some are white."""
    large = image.repeat(times, axis=0).repeat(times, axis=1)
    if times >= 4:
        large[[0, -1]] = large[:, [0, -1]] = 0.6
    return large


def _framed(image: np.ndarray) -> np.ndarray:
    """The image, with a thin frame where its rim is as white as the page around it."""
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    if rim.min() < 0.97:
        return image
    framed = image.copy()
    framed[[0, -1]] = framed[:, [0, -1]] = 0.6
    return framed


def _even_columns(count: int) -> int:
    rows = math.ceil(count / 4)
    return math.ceil(count / rows)


def _wrapped(title: str, cell: int) -> str:
    letters = max(cell // 7, 8)
    return "\n".join(wrapped(line, letters) for line in lettered(title).split("\n"))
