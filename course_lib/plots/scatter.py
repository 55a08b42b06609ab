"""Labeled points, each label where it covers nothing."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import ArgumentError, pair, require
from course_lib.plots.axes import COLORS, add_legend, draw_plot, new_plot
from course_lib.plots.lettering import lettered, set_fonts, width_of

# In pixels of a plot: half a point's mark with some air, and the room that a label takes.
MARK = 8
LETTER = 7.4
LINE = 13
# Where a label may stand: to the right of its point or the left, above or below.
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


def plot_scatter(
    points: Mapping[str, tuple[float, float]],
    xlabel: str,
    ylabel: str,
    *,
    title: str = "",
    front: Sequence[str] = (),
    logx: bool = False,
    alt: str | None = None,
) -> None:
    """Plot one labeled point for each name, and a line through those that nothing beats.

    Args:
        points: label -> (x, y).
        xlabel: what x is, with the unit and which way is better.
        ylabel: the same for y.
        title: words above the plot.
        front: labels of the points to connect, in this order, such as `metrics.pareto_front`
            gives them. They are filled; the others are hollow.
        logx: whether the x axis is logarithmic.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there are no points, the front names one that there is not, or `alt` has no
            words.
    """
    require(points, "points")
    unknown = [label for label in front if label not in points]
    if unknown:
        raise ArgumentError(f"The front has {unknown[0]!r}. There are: {', '.join(points)}.")
    figure, axes = new_plot(title, xlabel=xlabel, ylabel=ylabel)
    if front:
        line = np.array([points[label] for label in front], dtype=float)
        words = lettered("not beaten by any other")
        axes.plot(*line.T, color=COLORS[0], linewidth=1.4, label=words)
    for label, point in points.items():
        x, y = pair(label, point)
        color = COLORS[0] if label in front else COLORS[1]
        filled = color if label in front or not front else "white"
        marker = "o" if label in front or not front else "s"
        axes.plot(x, y, marker, color=color, markerfacecolor=filled, markersize=7)
    if logx:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.margins(0.16, 0.12)
    axes.grid(alpha=0.25, linewidth=0.6)
    _write_labels(figure, axes, points, front)
    add_legend(axes, 2 if front else 0)
    draw_plot(
        figure, alt=words_for(alt, "Points", titles=[title, f"{ylabel} by {xlabel}", *points])
    ).show()


def _write_labels(
    figure: Figure, axes: Axes, points: Mapping[str, tuple[float, float]], front: Sequence[str]
) -> None:
    """Write each label beside its point, where it covers no other label, point, line or border."""
    set_fonts(figure)
    figure.draw_without_rendering()
    marks = {label: axes.transData.transform(point) for label, point in points.items()}
    taken = [_box(x, y, MARK, MARK) for x, y in marks.values()]
    for start, end in itertools.pairwise(marks[label] for label in front):
        along = np.linspace(0, 1, 60)[:, None]
        taken += [_box(x, y, 2, 2) for x, y in start + along * (end - start)]
    border = axes.get_window_extent().extents
    for label, (x, y) in marks.items():
        words = lettered(label)
        half_width, half_height = LETTER * width_of(words) / 2, LINE / 2
        boxes = [
            _box(
                x + side * (MARK + half_width), y + up * (MARK + half_height), half_width, LINE / 2
            )
            for side, up in SIDES
        ]
        room = 4 * half_width * half_height
        costs = [
            sum(_overlap(box, other) for other in taken) + room - _overlap(box, border)
            for box in boxes
        ]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        side, up = SIDES[best]
        axes.annotate(
            words,
            tuple(axes.transData.inverted().transform((x + side * MARK, y + up * MARK))),
            ha=("center", "left", "right")[side],
            va=("center", "bottom", "top")[up],
            fontsize=9,
        )


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, ...]:
    """Left, bottom, right and top of a rectangle around a point."""
    return x - half_width, y - half_height, x + half_width, y + half_height


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """The area that two rectangles share."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(wide, 0.0) * max(high, 0.0)
