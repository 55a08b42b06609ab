"""Lines, bars and histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.checks import as_number
from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import ArgumentError, floats, pair, require, to_numpy
from course_lib.plots.axes import (
    CHANNELS,
    COLORS,
    LINE_STYLES,
    MARKERS,
    PLOT_PIXELS,
    WIDTH,
    add_legend,
    draw_plot,
    label_axes,
    new_figure,
    new_plot,
    plain_ticks,
)
from course_lib.plots.lettering import lettered, wrapped


def plot_lines(
    lines: Mapping[str, tuple[Any, Any]],
    xlabel: str,
    ylabel: str,
    *,
    title: str = "",
    logx: bool = False,
    logy: bool = False,
    markers: bool = False,
    alt: str | None = None,
) -> None:
    """Plot lines over common axes; color and dashes both tell them apart.

    Args:
        lines: label -> (x, y), two sequences of the same length.
        xlabel: words under the x axis, with the unit.
        ylabel: words beside the y axis, with the unit.
        title: words above the plot.
        logx: whether the x axis is logarithmic.
        logy: whether the y axis is logarithmic.
        markers: whether each point gets a marker.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there are no lines, x and y differ in length, or `alt` has no words.
    """
    require(lines, "lines")
    figure, axes = new_plot(title, xlabel=xlabel, ylabel=ylabel)
    for index, (label, line) in enumerate(lines.items()):
        x, y = (np.ravel(to_numpy(values)) for values in pair(label, line))
        if len(x) != len(y):
            raise ArgumentError(f"The line {label!r} has {len(x)} x values and {len(y)} y values.")
        marker = MARKERS[index % len(MARKERS)] if markers else ""
        axes.plot(
            x,
            y,
            label=lettered(label),
            marker=marker,
            markersize=5,
            linewidth=1.8,
            color=COLORS[index % len(COLORS)],
            linestyle=LINE_STYLES[index % len(LINE_STYLES)],
        )
    if logx:
        axes.set_xscale("log")
        plain_ticks(axes.xaxis, [x for x, _ in lines.values()])
    if logy:
        axes.set_yscale("log")
        plain_ticks(axes.yaxis, [y for _, y in lines.values()])
    axes.grid(alpha=0.25, linewidth=0.6)
    add_legend(axes, len(lines))
    draw_plot(
        figure, alt=words_for(alt, "Lines", titles=[title, f"{ylabel} by {xlabel}", *lines])
    ).show()


def plot_bars(
    bars: Mapping[str, float],
    ylabel: str,
    *,
    title: str = "",
    xlabel: str = "",
    spread: Mapping[str, float] | None = None,
    alt: str | None = None,
) -> None:
    """Plot one bar for each value, with the value written at its end.

    Args:
        bars: label -> value.
        ylabel: what the values are, with the unit.
        title: words above the plot.
        xlabel: what the labels are.
        spread: label -> half the length of an error bar.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there are no bars, one has no number, or `alt` has no words.
    """
    require(bars, "bars")
    figure, axes = new_plot(title, xlabel=ylabel, ylabel=xlabel, height=70 + 44 * max(len(bars), 2))
    places = np.arange(len(bars))
    values = np.array([as_number(value) for value in bars.values()])
    if np.isnan(values).any():
        raise ArgumentError(f"The bar {list(bars)[np.isnan(values).argmax()]!r} has no number.")
    errors = None if spread is None else [float(spread[label]) for label in bars]
    drawn = axes.barh(places, values, xerr=errors, color=COLORS[0], height=0.6)
    axes.bar_label(drawn, labels=[f"{value:.3g}" for value in values], padding=4)
    axes.set_yticks(places, [wrapped(lettered(label), 24) for label in bars])
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    draw_plot(figure, alt=words_for(alt, "Bars", titles=[title, ylabel, *bars])).show()


def plot_histogram(
    image: Any,
    *,
    bins: int = 64,
    title: str = "",
    range: tuple[float, float] | None = None,
    xlabel: str | None = None,
    alt: str | None = None,
) -> None:
    """Plot how often each value occurs, one line for each channel.

    Args:
        image: array or tensor (height, width, 3) or (height, width); or label -> such an array,
            for one panel each with common axes.
        bins: number of bins.
        title: words above the plot.
        range: smallest and largest value shown; by default [0, 1] for what lies in it, else the
            values' own range.
        xlabel: what the values are; by default "value".
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there is nothing to count, or `alt` has no words.
    """
    panels = dict(image) if isinstance(image, Mapping) else {"": image}
    require(panels, "images")
    arrays = {name: _channels_last(value) for name, value in panels.items()}
    channels = [array.shape[-1] for array in arrays.values()]
    xlabel = lettered("value") if xlabel is None else xlabel
    limits = range or _value_range(list(arrays.values()))
    width, height = PLOT_PIXELS if len(arrays) == 1 else (WIDTH, 320)
    figure = new_figure(width, height)
    grid = figure.subplots(1, len(arrays), sharey=True, squeeze=False)[0]
    for axes, (name, array) in zip(grid, arrays.items(), strict=True):
        _histogram_lines(axes, array, bins, limits)
        share = lettered("share of values (%)") if axes is grid[0] else ""
        label_axes(axes, name, xlabel=xlabel, ylabel=share)
    add_legend(*max(zip(grid, channels, strict=True), key=lambda panel: panel[1]))
    if title:
        figure.suptitle(lettered(title), fontsize=12)
    draw_plot(figure, alt=words_for(alt, "Histogram", titles=[title, *panels])).show()


def _channels_last(value: Any) -> np.ndarray:
    scale = 255.0 if getattr(value, "dtype", None) == np.uint8 else 1.0
    array = floats(value, "The image").astype(np.float32) / np.float32(scale)
    if not np.isfinite(array).all():
        raise ArgumentError("The image contains NaN or infinity.")
    return array if array.ndim >= 3 and array.shape[-1] == 3 else array.reshape(-1, 1)


def _histogram_lines(axes: Axes, array: np.ndarray, bins: int, limits: tuple[float, float]) -> None:
    names = CHANNELS if array.shape[-1] == 3 else {"values": COLORS[0]}
    for index, (name, color) in enumerate(names.items()):
        counts, edges = np.histogram(array[..., index], bins=bins, range=limits)
        share = 100 * counts / array[..., index].size
        axes.stairs(
            share,
            edges,
            label=lettered(name),
            color=color,
            linewidth=1.6,
            linestyle=LINE_STYLES[index],
        )
    axes.grid(alpha=0.25, linewidth=0.6)


def _value_range(arrays: Sequence[np.ndarray]) -> tuple[float, float]:
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
