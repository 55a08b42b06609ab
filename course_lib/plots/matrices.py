"""Matrices as fields of colors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import ArgumentError, floats
from course_lib.plots.axes import draw_plot, label_axes, new_figure
from course_lib.plots.lettering import lettered, width_of


def show_matrix(
    matrix: Any,
    *,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
    numbers: bool | None = None,
    title: str = "",
    symmetric: bool | None = None,
    limits: tuple[float, float] | None = None,
    width: int | None = None,
    alt: str | None = None,
) -> None:
    """Show a matrix as a field of colors with a color bar, with its numbers where there is room.

    Args:
        matrix: array or tensor (rows, columns).
        row_labels: one label for each row.
        column_labels: one label for each column.
        numbers: whether to write the values into the fields; by default up to 12 rows and columns.
        title: words above it.
        symmetric: whether the colors are symmetric around 0 (blue below, orange above); by default
            when there are negative values.
        limits: the values with the first and the last color, so that several matrices can share
            one scale; by default 0 and this matrix' own extremes.
        width: width on the page in pixels.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: the array is not a matrix, or `alt` has no words.
    """
    values = floats(matrix, "The matrix")
    if values.ndim != 2 or values.size == 0:
        raise ArgumentError(f"A matrix has the shape (rows, columns), not {values.shape}.")
    symmetric = bool(values.min() < 0) if symmetric is None else symmetric
    low, high = limits or (min(values.min(), 0.0), max(values.max(), 0.0))
    limit = max(abs(low), abs(high)) or 1.0
    rows, columns = values.shape
    if width is None:
        width = int(np.clip(150 + 52 * columns, 320, 520))
    height = int(np.clip((width - 110) * rows / columns + 70, 150, 640))
    figure = new_figure(width, height)
    # Squares leave room beside or below them; the usual layout then cuts off the labels of rows.
    figure.set_layout_engine("compressed")
    axes = figure.subplots()
    shown = axes.imshow(
        values,
        cmap="PuOr_r" if symmetric else "cividis",
        vmin=-limit if symmetric else low,
        vmax=limit if symmetric else high,
        interpolation="nearest",
    )
    figure.colorbar(shown, ax=axes, fraction=0.05, pad=0.03)
    _matrix_labels(axes, row_labels, column_labels)
    label_axes(axes, title, xlabel="", ylabel="")
    if numbers is None:
        numbers = max(values.shape) <= 12
    if numbers:
        _write_numbers(axes, values, shown)
    draw_plot(figure, alt=words_for(alt, "Matrix", titles=[title])).show()


def _matrix_labels(
    axes: Axes, row_labels: Sequence[str] | None, column_labels: Sequence[str] | None
) -> None:
    axes.tick_params(length=0)
    rows, columns = (
        [lettered(str(label)) for label in labels or ()] for labels in (row_labels, column_labels)
    )
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns, rotation=30 if _long(columns) else 0)


def _long(labels: Sequence[str]) -> bool:
    return any(width_of(label) > 7 for label in labels)


def _write_numbers(axes: Axes, values: np.ndarray, shown: Any) -> None:
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = shown.cmap(shown.norm(value))
        bright = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
        axes.text(
            column,
            row,
            f"{value:.3g}",
            ha="center",
            va="center",
            fontsize=9,
            color="black" if bright else "white",
        )
