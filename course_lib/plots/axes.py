"""Axes as all plots have them: their colors, sizes, labels and ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from course_lib.plots.arrays import to_numpy
from course_lib.plots.drawing import Drawing, as_plot, to_drawing
from course_lib.plots.lettering import lettered

# Okabe and Ito, "Color Universal Design", 2008: told apart with any common color blindness. Their
# yellow is left out because it is too pale for a line on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
CHANNELS = {"red": "#D55E00", "green": "#009E73", "blue": "#0072B2"}

# Of the widest figure, in pixels on the page.
WIDTH = 760
PLOT_PIXELS = (640, 380)
# Plots are drawn with half as many pixels again as they are wide on the page, which keeps their
# lines and letters sharp on dense screens; photographs have as many pixels as they need.
PLOT_DENSITY = 1.5


def new_figure(width: int, height: int) -> Figure:
    """An empty figure of a size in pixels."""
    return Figure(figsize=(width / 100, height / 100), dpi=100, layout="constrained")


def new_plot(
    title: str, *, xlabel: str, ylabel: str, height: int | None = None
) -> tuple[Figure, Axes]:
    """A figure of the usual size with one labeled pair of axes."""
    figure = new_figure(PLOT_PIXELS[0], height or PLOT_PIXELS[1])
    axes = figure.subplots()
    label_axes(axes, title, xlabel=xlabel, ylabel=ylabel)
    return figure, axes


def label_axes(axes: Axes, title: str, *, xlabel: str, ylabel: str) -> None:
    """Write the words around axes, and take away the lines at their top and right."""
    axes.set_title(lettered(title), fontsize=11)
    axes.set_xlabel(lettered(xlabel))
    axes.set_ylabel(lettered(ylabel))
    axes.spines[["top", "right"]].set_visible(False)


def plain_ticks(axis: Axis, values: Sequence[Any]) -> None:
    """Plain numbers on a logarithmic axis; where there are few points, one at each."""
    points = np.unique(np.concatenate([np.ravel(to_numpy(one)) for one in values]))
    if len(points) <= 8:
        axis.set_ticks(points, [f"{point:g}" for point in points])
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def add_legend(axes: Axes, entries: int) -> None:
    """A legend, where there is more than one entry to tell apart."""
    if entries > 1:
        axes.legend(frameon=False, fontsize=9)


def draw_plot(figure: Figure, *, alt: str) -> Drawing:
    """A figure of lines and letters as it is shown."""
    return to_drawing(figure, alt=alt, density=PLOT_DENSITY, compress=as_plot)
