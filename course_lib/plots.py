"""Figures with alternative text, for notebooks that are compared strictly.

Every function here draws on a `matplotlib.figure.Figure` of its own (pyplot and the reader's
backend are not touched) and shows it at once, as one display of this form:

- `image/jpeg` (pictures) or `image/png` (plots), with the alternative text in the metadata of that
  format, under "alt": where IPython's own `Image` puts it and where nbconvert looks for it;
- `text/plain`, the same alternative text.

nbval leaves `image/jpeg`, `image/png` and metadata out of its comparison and compares the text. So
a figure may differ from machine to machine in its last bits, but a figure that is not drawn, or
shows something else, is noticed. An `<img alt="...">` written as HTML would be compared with all
its bytes, which differ between versions of Matplotlib.

JupyterLab 4 does not hand the alternative text on to the browser. There, and wherever else the
metadata is ignored, a screen reader finds it in a second display: the same words as HTML, hidden
from the eye where styles are allowed and readable as a caption where they are not.

Because the alternative text is compared, it must hold on every machine: measured numbers belong
into titles and labels, which are part of the image.
"""

from __future__ import annotations

import base64
import html
import io
import itertools
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from PIL import Image

from course_lib.checks import as_number
from course_lib.errors import ArgumentError

# Okabe and Ito, "Color Universal Design", 2008: told apart with any common color blindness. Their
# yellow is left out because it is too pale for a line on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
CHANNELS = {"red": "#D55E00", "green": "#009E73", "blue": "#0072B2"}

WIDTH = 760
GAP = 12
TITLE_LINE = 19
TITLE_GAP = 6
TALLEST = 1.4
PLOT_PIXELS = (640, 380)
# Plots are drawn with half as many pixels again as they are wide on the page, which keeps their
# lines and letters sharp on dense screens; photographs have as many pixels as they need.
PLOT_DENSITY = 1.5
# A power of two, so that pixels / dpi * dpi gives the same pixels back.
PICTURE_DPI = 128
PICTURE_FONT = 7.8
JPEG_QUALITY = 78
# In pixels of a plot: half a point's mark with some air, and the room that a label takes.
MARK = 8
LETTER = 7.4
LINE = 13
# Where a label may stand: to the right of its point or the left, above or below.
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


class Drawing:
    """A drawn figure as Jupyter shows it: the image, and in words what it shows.

    Args:
        data: the bytes of a JPEG or PNG file.
        alt: the alternative text.
        width: width on the page in pixels.
        height: height on the page in pixels.
    """

    def __init__(self, data: bytes, alt: str, width: int, height: int):
        self.data = data
        self.alt = alt
        self.width = width
        self.height = height

    @property
    def format(self) -> str:
        """The MIME type of the bytes."""
        return "image/png" if self.data.startswith(b"\x89PNG") else "image/jpeg"

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        details = {"alt": self.alt, "width": self.width, "height": self.height}
        # As text already: not every kernel of the last years encodes bytes by itself.
        encoded = base64.b64encode(self.data).decode("ascii")
        return {self.format: encoded, "text/plain": repr(self)}, {self.format: details}

    def show(self) -> None:
        """Show the image, and its alternative text to screen readers."""
        display(self)
        display(_Spoken(self.alt))


class _Spoken:
    """Words for screen readers, hidden from the eye where styles are allowed."""

    # Only what JupyterLab lets pass in a notebook that is not trusted yet.
    STYLE = "position:absolute;width:1px;height:1px;overflow:hidden;white-space:nowrap"

    def __init__(self, words: str):
        self.words = words

    def __repr__(self) -> str:
        return ""

    def _repr_html_(self) -> str:
        return f'<span class="alt" style="{self.STYLE}">{html.escape(self.words)}</span>'


# --- pictures ----------------------------------------------------------------------------------


def show_picture(picture: Any, alt: str, title: str = "", width: int | None = None) -> None:
    """Show one picture.

    Args:
        picture: array or tensor (height, width, 3) or (height, width), float in [0, 1] or uint8.
        alt: what one sees and what it shows.
        title: words above the picture.
        width: width on the page in pixels.

    Raises:
        ArgumentError: there is no alternative text, or the array is not a picture.
    """
    show_pictures({title: picture}, alt, width=width)


def show_pictures(
    pictures: Mapping[str, Any], alt: str, columns: int | None = None, width: int | None = None
) -> None:
    """Show pictures side by side, each under its title.

    Pictures keep their proportions. Large ones are made smaller; small ones are enlarged by a whole
    number, pixel by pixel, so that each value of the array stays visible as a square.

    Args:
        pictures: title -> array or tensor (height, width, 3) or (height, width), float in [0, 1]
            or uint8. A batch of one is accepted. Values slightly outside [0, 1] are clipped.
        alt: what one sees and what it shows.
        columns: pictures in a row; by default up to four, evenly spread.
        width: width of the whole on the page in pixels.

    Raises:
        ArgumentError: there is no alternative text, there are no pictures, or one is not a picture.
    """
    draw_pictures(pictures, alt, columns=columns, width=width).show()


def show_difference(
    a: Any,
    b: Any,
    alt: str,
    factor: float = 4.0,
    titles: tuple[str, str] = ("a", "b"),
    width: int | None = None,
) -> None:
    """Show two pictures and how they differ.

    The third panel is 0.5 + factor * (b - a): gray where they agree, brighter where `b` is.

    Args:
        a: picture, as for `show_pictures`.
        b: picture of the same shape.
        alt: what one sees and what it shows.
        factor: by how much the difference is amplified; it is written into the title.
        titles: the titles of `a` and `b`.
        width: width of the whole on the page in pixels.

    Raises:
        ArgumentError: the shapes differ, or as for `show_pictures`.
    """
    first, second = as_picture(a, titles[0]), as_picture(b, titles[1])
    if first.shape != second.shape:
        raise ArgumentError(
            f"The pictures have the shapes {first.shape} and {second.shape}. "
            "Only pictures of equal shape can be subtracted."
        )
    difference = np.clip(0.5 + factor * (second - first), 0, 1)
    panels = [
        (titles[0], first),
        (titles[1], second),
        (f"difference × {factor:g} (gray: none)", difference),
    ]
    _draw_panels(panels, alt, 3, width).show()


def show_feature_maps(
    features: Any,
    alt: str,
    channels: int | Sequence[int] = 8,
    columns: int | None = None,
    width: int | None = None,
    title: str = "channel",
) -> None:
    """Show channels of a feature map as gray pictures, each from its own darkest to its brightest.

    Args:
        features: array or tensor (height, width, channels), or a batch of one.
        alt: what one sees and what it shows.
        channels: how many of the first channels to show, or a list of channel numbers.
        columns: maps in a row.
        width: width of the whole on the page in pixels.
        title: the word before each channel's number.

    Raises:
        ArgumentError: there is no alternative text, or the array is not a feature map.
    """
    array = _without_batch(_floats(features, "The feature map").astype(np.float32))
    if array.ndim != 3:
        raise ArgumentError(
            f"A feature map has the shape (height, width, channels), not {array.shape}."
        )
    chosen = range(min(channels, array.shape[-1])) if isinstance(channels, int) else channels
    panels = [(f"{title} {number}", as_picture(stretched(array[..., number]))) for number in chosen]
    _draw_panels(panels, alt, columns, width).show()


def show_clip(
    clips: Mapping[str, Any], alt: str, rate: float = 10.0, width: int | None = None
) -> None:
    """Show videos side by side, each under its title, again and again from the beginning.

    It is an animated PNG: what shows PNG shows it, or at least its first frame. All frames share
    128 colors, so it is for looking at motion; `show_pictures` is for looking at colors.

    Args:
        clips: title -> array or tensor (frames, height, width, 3), float in [0, 1] or uint8; all
            of the same number of frames. Keep it short: each frame takes some ten kilobytes.
        alt: what one sees and what it shows.
        rate: frames a second.
        width: width of the whole on the page in pixels.

    Raises:
        ArgumentError: there is no alternative text, there are no clips, or they differ in length.
    """
    _require(clips, "clips")
    videos = {title: np.asarray(_to_numpy(clip)) for title, clip in clips.items()}
    counts = {title: len(video) for title, video in videos.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise ArgumentError(f"The clips have different numbers of frames, or none: {counts}.")
    drawings = [
        draw_pictures(dict(zip(videos, pictures, strict=True)), alt, len(videos), width)
        for pictures in zip(*videos.values(), strict=True)
    ]
    frames = [Image.open(io.BytesIO(drawing.data)).convert("RGB") for drawing in drawings]
    first = drawings[0]
    Drawing(_as_animation(frames, rate), first.alt, first.width, first.height).show()


def draw_pictures(
    pictures: Mapping[str, Any], alt: str, columns: int | None = None, width: int | None = None
) -> Drawing:
    """What `show_pictures` shows, without showing it: for labs and for saving."""
    _require(pictures, "pictures")
    panels = [(title, as_picture(picture, title)) for title, picture in pictures.items()]
    return _draw_panels(panels, alt, columns, width)


def as_picture(value: Any, name: str = "") -> np.ndarray:
    """An array or tensor as a float32 picture (height, width, 3) in [0, 1].

    Args:
        value: (height, width), (height, width, 1) or (height, width, 3), or a batch of one of
            these; uint8, bool or float.
        name: what errors call it.

    Raises:
        ArgumentError: the shape or the range is not that of a picture, or there is NaN in it.
    """
    array = _without_batch(np.asarray(_to_numpy(value)))
    called = f"The picture {name!r}" if name else "The picture"
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or array.size == 0:
        raise ArgumentError(
            f"{called} has the shape {np.shape(value)}. A picture is (height, width, 3) or "
            "(height, width)."
        )
    scale = 255.0 if array.dtype == np.uint8 else 1.0
    array = array.astype(np.float32) / np.float32(scale)
    if not np.all(np.isfinite(array)):
        raise ArgumentError(f"{called} contains NaN or infinity.")
    if array.min() < -1.0 or array.max() > 2.0:
        raise ArgumentError(
            f"{called} has values from {array.min():.3g} to {array.max():.3g}; expected were "
            "floats in [0, 1] or uint8. Divide by 255, or normalize them first."
        )
    return np.repeat(np.clip(array, 0, 1), 3 // array.shape[-1], axis=-1)


def stretched(values: np.ndarray) -> np.ndarray:
    """Values from their smallest to their largest, brought to [0, 1]; equal ones become 0."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / max(high - low, 1e-12)


# --- plots -------------------------------------------------------------------------------------


def plot_lines(
    lines: Mapping[str, tuple[Any, Any]],
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str = "",
    logx: bool = False,
    logy: bool = False,
    markers: bool = False,
) -> None:
    """Plot lines over common axes; color and dashes both tell them apart.

    Args:
        lines: label -> (x, y), two sequences of the same length.
        xlabel: words under the x axis, with the unit.
        ylabel: words beside the y axis, with the unit.
        alt: what one sees and what it shows.
        title: words above the plot.
        logx: whether the x axis is logarithmic.
        logy: whether the y axis is logarithmic.
        markers: whether each point gets a marker.

    Raises:
        ArgumentError: there is no alternative text, there are no lines, or x and y differ in
            length.
    """
    _require(lines, "lines")
    figure, axes = _plot(title, xlabel, ylabel)
    for index, (label, line) in enumerate(lines.items()):
        x, y = (np.ravel(_to_numpy(values)) for values in _pair(label, line))
        if len(x) != len(y):
            raise ArgumentError(f"The line {label!r} has {len(x)} x values and {len(y)} y values.")
        marker = MARKERS[index % len(MARKERS)] if markers else ""
        axes.plot(
            x,
            y,
            label=label,
            marker=marker,
            markersize=5,
            linewidth=1.8,
            color=COLORS[index % len(COLORS)],
            linestyle=LINE_STYLES[index % len(LINE_STYLES)],
        )
    if logx:
        axes.set_xscale("log")
        _plain_ticks(axes.xaxis, [x for x, _ in lines.values()])
    if logy:
        axes.set_yscale("log")
        _plain_ticks(axes.yaxis, [y for _, y in lines.values()])
    axes.grid(alpha=0.25, linewidth=0.6)
    _legend(axes, len(lines))
    _draw_plot(figure, alt).show()


def plot_bars(
    bars: Mapping[str, float],
    ylabel: str,
    alt: str,
    title: str = "",
    xlabel: str = "",
    spread: Mapping[str, float] | None = None,
) -> None:
    """Plot one bar for each value, with the value written at its end.

    Args:
        bars: label -> value.
        ylabel: what the values are, with the unit.
        alt: what one sees and what it shows.
        title: words above the plot.
        xlabel: what the labels are.
        spread: label -> half the length of an error bar.

    Raises:
        ArgumentError: there is no alternative text, or there are no bars.
    """
    _require(bars, "bars")
    figure, axes = _plot(title, ylabel, xlabel, height=70 + 44 * max(len(bars), 2))
    places = np.arange(len(bars))
    values = np.array([as_number(value) for value in bars.values()])
    if np.isnan(values).any():
        raise ArgumentError(f"The bar {list(bars)[np.isnan(values).argmax()]!r} has no number.")
    errors = None if spread is None else [float(spread[label]) for label in bars]
    drawn = axes.barh(places, values, xerr=errors, color=COLORS[0], height=0.6)
    axes.bar_label(drawn, labels=[f"{value:.3g}" for value in values], padding=4)
    axes.set_yticks(places, [textwrap.fill(label, 24) for label in bars])
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    _draw_plot(figure, alt).show()


def plot_scatter(
    points: Mapping[str, tuple[float, float]],
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str = "",
    front: Sequence[str] = (),
    logx: bool = False,
) -> None:
    """Plot one labeled point for each name, and a line through those that nothing beats.

    Args:
        points: label -> (x, y).
        xlabel: what x is, with the unit and which way is better.
        ylabel: the same for y.
        alt: what one sees and what it shows.
        title: words above the plot.
        front: labels of the points to connect, in this order, such as `metrics.pareto_front`
            gives them. They are filled; the others are hollow.
        logx: whether the x axis is logarithmic.

    Raises:
        ArgumentError: there is no alternative text, there are no points, or the front names one
            that there is not.
    """
    _require(points, "points")
    unknown = [label for label in front if label not in points]
    if unknown:
        raise ArgumentError(f"The front has {unknown[0]!r}. There are: {', '.join(points)}.")
    figure, axes = _plot(title, xlabel, ylabel)
    if front:
        line = np.array([points[label] for label in front], dtype=float)
        axes.plot(*line.T, color=COLORS[0], linewidth=1.4, label="not beaten by any other")
    for label, point in points.items():
        x, y = _pair(label, point)
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
    _legend(axes, 2 if front else 0)
    _draw_plot(figure, alt).show()


def plot_histogram(
    picture: Any,
    alt: str,
    bins: int = 64,
    title: str = "",
    range: tuple[float, float] | None = None,
    xlabel: str = "value",
) -> None:
    """Plot how often each value occurs, one line for each channel.

    Args:
        picture: array or tensor (height, width, 3) or (height, width); or label -> such an array,
            for one panel each with common axes.
        alt: what one sees and what it shows.
        bins: number of bins.
        title: words above the plot.
        range: smallest and largest value shown; by default [0, 1] for what lies in it, else the
            values' own range.
        xlabel: what the values are.

    Raises:
        ArgumentError: there is no alternative text, or nothing to count.
    """
    panels = dict(picture) if isinstance(picture, Mapping) else {"": picture}
    _require(panels, "pictures")
    arrays = {name: _channels_last(value) for name, value in panels.items()}
    channels = [array.shape[-1] for array in arrays.values()]
    limits = range or _value_range(list(arrays.values()))
    width, height = PLOT_PIXELS if len(arrays) == 1 else (WIDTH, 320)
    figure = _figure(width, height)
    grid = figure.subplots(1, len(arrays), sharey=True, squeeze=False)[0]
    for axes, (name, array) in zip(grid, arrays.items(), strict=True):
        _histogram_lines(axes, array, bins, limits)
        _label(axes, name, xlabel, "share of values (%)" if axes is grid[0] else "")
    _legend(*max(zip(grid, channels, strict=True), key=lambda panel: panel[1]))
    if title:
        figure.suptitle(title, fontsize=12)
    _draw_plot(figure, alt).show()


def show_matrix(
    matrix: Any,
    alt: str,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
    numbers: bool | None = None,
    title: str = "",
    symmetric: bool | None = None,
    width: int | None = None,
) -> None:
    """Show a matrix as a field of colors with a color bar, with its numbers where there is room.

    Args:
        matrix: array or tensor (rows, columns).
        alt: what one sees and what it shows.
        row_labels: one label for each row.
        column_labels: one label for each column.
        numbers: whether to write the values into the fields; by default up to 12 rows and columns.
        title: words above it.
        symmetric: whether the colors are symmetric around 0 (blue below, orange above); by default
            when there are negative values.
        width: width on the page in pixels.

    Raises:
        ArgumentError: there is no alternative text, or the array is not a matrix.
    """
    values = _floats(matrix, "The matrix")
    if values.ndim != 2 or values.size == 0:
        raise ArgumentError(f"A matrix has the shape (rows, columns), not {values.shape}.")
    symmetric = bool(values.min() < 0) if symmetric is None else symmetric
    limit = float(np.abs(values).max()) or 1.0
    rows, columns = values.shape
    if width is None:
        width = int(np.clip(150 + 52 * columns, 320, 520))
    height = int(np.clip((width - 110) * rows / columns + 70, 150, 640))
    figure = _figure(width, height)
    axes = figure.subplots()
    shown = axes.imshow(
        values,
        cmap="PuOr_r" if symmetric else "cividis",
        vmin=-limit if symmetric else min(values.min(), 0.0),
        vmax=limit if symmetric else max(values.max(), 0.0),
        interpolation="nearest",
    )
    figure.colorbar(shown, ax=axes, fraction=0.05, pad=0.03)
    _matrix_labels(axes, row_labels, column_labels)
    _label(axes, title, "", "")
    if numbers is None:
        numbers = max(values.shape) <= 12
    if numbers:
        _write_numbers(axes, values, shown)
    _draw_plot(figure, alt).show()


# --- sounds ------------------------------------------------------------------------------------


class Player:
    """A sound with a button to play it, as Jupyter shows it: it needs no file and no network.

    Args:
        data: the bytes of an MP3 file, which every browser plays.
        title: what one hears; the button is named so for screen readers, too.
    """

    def __init__(self, data: bytes, title: str):
        self.data = data
        self.title = title

    def __repr__(self) -> str:
        return f"Sound: {self.title}"

    def _repr_html_(self) -> str:
        title = html.escape(self.title)
        source = f"data:audio/mpeg;base64,{base64.b64encode(self.data).decode('ascii')}"
        return (
            f'<div style="margin:4px 0"><div>{title}</div>'
            f'<audio controls aria-label="{title}" src="{source}"></audio></div>'
        )


def show_sounds(sounds: Mapping[str, bytes]) -> None:
    """Show players, one below the other, each in a display of its own.

    The bytes are part of the output and differ in their last bits from machine to machine: tag the
    cell `nbval-ignore-output`.

    Args:
        sounds: dictionary title -> bytes of an MP3 file, see `transfer.audio.to_bytes`.

    Raises:
        ArgumentError: there is nothing to play.
    """
    _require(sounds, "sounds")
    for title, data in sounds.items():
        display(Player(data, title))


def show_spectrograms(
    spectrograms: Mapping[str, Any],
    alt: str,
    frames_per_second: float,
    highest: float,
    decibels: float = 60.0,
) -> None:
    """Show spectrograms side by side, time to the right and frequency upwards, the loud bright.

    Args:
        spectrograms: dictionary title -> array (frames, frequencies), natural logarithms of
            magnitudes.
        alt: what one sees and what it shows.
        frames_per_second: how many frames are a second.
        highest: frequency of the last column in Hz.
        decibels: what is quieter than the loudest by more than that is shown as black.

    Raises:
        ArgumentError: there is no alternative text, or nothing to show.
    """
    _require(spectrograms, "spectrograms")
    figure = _figure(WIDTH, 280)
    panels = figure.subplots(1, len(spectrograms), sharey=True, squeeze=False)[0]
    for axes, (title, values) in zip(panels, spectrograms.items(), strict=True):
        loudness = np.asarray(_to_numpy(values), dtype=float).T * 20 / np.log(10)
        axes.imshow(
            loudness,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=loudness.max() - decibels,
            extent=(0, loudness.shape[1] / frames_per_second, 0, highest / 1000),
            interpolation="nearest",
        )
        _label(axes, title, "seconds", "")
    panels[0].set_ylabel("kHz")
    # As grainy as a photograph: as PNG it would take several times the bytes.
    _to_drawing(figure, alt, density=1.0, compress=_as_photograph).show()


# --- drawing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Panel:
    """A picture at the size at which it is shown, and its title, wrapped to fit above it."""

    title: str
    picture: np.ndarray

    @property
    def title_height(self) -> int:
        return TITLE_LINE * (self.title.count("\n") + 1) + TITLE_GAP if self.title else 0


def _draw_panels(
    pictures: Sequence[tuple[str, np.ndarray]], alt: str, columns: int | None, width: int | None
) -> Drawing:
    """Place pictures by whole pixels, so that Matplotlib resamples nothing, and letter them."""
    if not len(pictures):
        raise ArgumentError("There are no pictures to draw.")
    columns = columns or _even_columns(len(pictures))
    cell = ((width or min(WIDTH, 380 * columns)) - GAP * (columns - 1)) // columns
    panels = [_Panel(_wrapped(title, cell), _fitted(picture, cell)) for title, picture in pictures]
    if columns == 1:
        cell = max(panel.picture.shape[1] for panel in panels)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    canvas = np.ones((_height(rows), cell * columns + GAP * (columns - 1), 3), np.float32)
    inches = (canvas.shape[1] / PICTURE_DPI, canvas.shape[0] / PICTURE_DPI)
    figure = Figure(figsize=inches, dpi=PICTURE_DPI)
    top = 0
    for row in rows:
        _place_row(figure, canvas, row, top, cell)
        top += _row_height(row) + GAP
    figure.figimage(canvas, origin="upper")
    enlarged = any(
        panel.picture.shape[1] > picture.shape[1]
        for panel, (_, picture) in zip(panels, pictures, strict=True)
    )
    return _to_drawing(figure, alt, 1.0, _as_squares if enlarged else _as_photograph)


def _place_row(
    figure: Figure, canvas: np.ndarray, row: Sequence[_Panel], top: int, cell: int
) -> None:
    top += max(panel.title_height for panel in row)
    for place, panel in enumerate(row):
        height, width, _ = panel.picture.shape
        left = place * (cell + GAP) + (cell - width) // 2
        canvas[top : top + height, left : left + width] = panel.picture
        x, y = (left + width / 2) / canvas.shape[1], 1 - (top - TITLE_GAP) / canvas.shape[0]
        figure.text(
            x, y, panel.title, ha="center", va="bottom", fontsize=PICTURE_FONT, linespacing=1.15
        )


def _row_height(row: Sequence[_Panel]) -> int:
    return max(panel.title_height for panel in row) + max(panel.picture.shape[0] for panel in row)


def _height(rows: Sequence[Sequence[_Panel]]) -> int:
    return sum(map(_row_height, rows)) + GAP * (len(rows) - 1)


def _fitted(picture: np.ndarray, cell: int) -> np.ndarray:
    """A picture at the size at which it is shown in a cell of this width."""
    height, width = picture.shape[:2]
    tallest = max(cell * TALLEST, 1)
    if width <= cell and height <= tallest:
        return _enlarged(picture, min(cell // width, int(tallest // height)))
    scale = min(cell / width, tallest / height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = Image.fromarray(np.uint8(np.round(picture * 255)))
    return np.asarray(small.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / 255


def _enlarged(picture: np.ndarray, times: int) -> np.ndarray:
    """Each pixel as a square, with a thin frame where squares are large: some are white."""
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    if times >= 4:
        large[[0, -1]] = large[:, [0, -1]] = 0.6
    return large


def _even_columns(count: int) -> int:
    rows = math.ceil(count / 4)
    return math.ceil(count / rows)


def _wrapped(title: str, cell: int) -> str:
    letters = max(cell // 7, 8)
    return "\n".join(textwrap.fill(line, letters) for line in title.split("\n"))


def _figure(width: int, height: int) -> Figure:
    return Figure(figsize=(width / 100, height / 100), dpi=100, layout="constrained")


def _plot(title: str, xlabel: str, ylabel: str, height: int | None = None) -> tuple[Figure, Axes]:
    figure = _figure(PLOT_PIXELS[0], height or PLOT_PIXELS[1])
    axes = figure.subplots()
    _label(axes, title, xlabel, ylabel)
    return figure, axes


def _label(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.spines[["top", "right"]].set_visible(False)


def _plain_ticks(axis: Axis, values: Sequence[Any]) -> None:
    """Plain numbers on a logarithmic axis; where there are few points, one at each."""
    points = np.unique(np.concatenate([np.ravel(_to_numpy(one)) for one in values]))
    if len(points) <= 8:
        axis.set_ticks(points, [f"{point:g}" for point in points])
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _legend(axes: Axes, entries: int) -> None:
    if entries > 1:
        axes.legend(frameon=False, fontsize=9)


def _write_labels(
    figure: Figure, axes: Axes, points: Mapping[str, tuple[float, float]], front: Sequence[str]
) -> None:
    """Write each label beside its point, where it covers no other label, point, line or border."""
    figure.draw_without_rendering()
    marks = {label: axes.transData.transform(point) for label, point in points.items()}
    taken = [_box(x, y, MARK, MARK) for x, y in marks.values()]
    for start, end in itertools.pairwise(marks[label] for label in front):
        along = np.linspace(0, 1, 60)[:, None]
        taken += [_box(x, y, 2, 2) for x, y in start + along * (end - start)]
    border = axes.get_window_extent().extents
    for label, (x, y) in marks.items():
        half_width, half_height = LETTER * len(label) / 2, LINE / 2
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
            label,
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


def _histogram_lines(axes: Axes, array: np.ndarray, bins: int, limits: tuple[float, float]) -> None:
    names = CHANNELS if array.shape[-1] == 3 else {"values": COLORS[0]}
    for index, (name, color) in enumerate(names.items()):
        counts, edges = np.histogram(array[..., index], bins=bins, range=limits)
        share = 100 * counts / array[..., index].size
        axes.stairs(
            share, edges, label=name, color=color, linewidth=1.6, linestyle=LINE_STYLES[index]
        )
    axes.grid(alpha=0.25, linewidth=0.6)


def _channels_last(value: Any) -> np.ndarray:
    scale = 255.0 if getattr(value, "dtype", None) == np.uint8 else 1.0
    array = _floats(value, "The picture").astype(np.float32) / np.float32(scale)
    if not np.isfinite(array).all():
        raise ArgumentError("The picture contains NaN or infinity.")
    return array if array.ndim >= 3 and array.shape[-1] == 3 else array.reshape(-1, 1)


def _value_range(arrays: Sequence[np.ndarray]) -> tuple[float, float]:
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _matrix_labels(
    axes: Axes, row_labels: Sequence[str] | None, column_labels: Sequence[str] | None
) -> None:
    axes.tick_params(length=0)
    rows, columns = list(row_labels or []), list(column_labels or [])
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns, rotation=30 if _long(columns) else 0)


def _long(labels: Sequence[str]) -> bool:
    return any(len(str(label)) > 7 for label in labels)


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


def _draw_plot(figure: Figure, alt: str) -> Drawing:
    return _to_drawing(figure, alt, density=PLOT_DENSITY, compress=_as_plot)


def _to_drawing(
    figure: Figure, alt: str, density: float, compress: Callable[[Image.Image], bytes]
) -> Drawing:
    """The one way from a figure to what a notebook stores."""
    words = " ".join(alt.split()) if isinstance(alt, str) else ""
    if not words:
        raise ArgumentError(
            "Every figure needs alternative text: say in `alt` what one sees and what it shows, "
            "for readers who cannot see it."
        )
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(figure.dpi * density)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    width, height = (round(side / density) for side in image.size)
    return Drawing(compress(image), words, width, height)


def _as_plot(image: Image.Image) -> bytes:
    """A plot has few colors: with a palette it takes a third of the bytes."""
    return _encoded(image.quantize(128, dither=Image.Dither.NONE), "PNG")


def _as_photograph(image: Image.Image) -> bytes:
    return _encoded(image, "JPEG", quality=JPEG_QUALITY)


def _as_squares(image: Image.Image) -> bytes:
    """Enlarged pixels: PNG where that is smaller; JPEG in full color resolution, or edges blur."""
    ways = [
        _encoded(image, "PNG"),
        _encoded(image, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4"),
    ]
    return min(ways, key=len)


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


def _encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    packed = io.BytesIO()
    image.save(packed, format, optimize=True, **options)
    return packed.getvalue()


def _require(things: Any, name: str) -> None:
    if not isinstance(things, Mapping):
        raise ArgumentError(
            f"The {name} are given as a dictionary by title, not as {type(things).__name__}."
        )
    if not things:
        raise ArgumentError(f"There are no {name} to draw.")


def _pair(label: str, values: Any) -> tuple[Any, Any]:
    """The x and the y of a line or a point."""
    count = len(values) if isinstance(values, (list, tuple)) else getattr(values, "shape", ())[:1]
    if count in (2, (2,)):
        return values[0], values[1]
    raise ArgumentError(f"{label!r} has no x and y: give a pair (x, y).")


def _floats(value: Any, name: str) -> np.ndarray:
    """Numbers of any kind as an array that is not empty, or an ArgumentError."""
    try:
        array = np.asarray(_to_numpy(value), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} holds something else than numbers ({error}).") from None
    if not array.size:
        raise ArgumentError(f"{name} is empty: its shape is {array.shape}.")
    return array


def _without_batch(array: np.ndarray) -> np.ndarray:
    return array[0] if array.ndim == 4 and len(array) == 1 else array


def _to_numpy(value: Any) -> Any:
    """A tensor of any framework as an array; a PyTorch tensor must be detached first."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value
