"""What a run shows of itself: image sheets, the log as a table and as a plot."""

import csv
import io
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from course_lib import collection
from course_lib import images as image_files
from course_lib.files import write_atomically

SHEET_SIDE = 176
GAP = 6
# Values with a scale of their own; all others are parts of the loss.
PANELS = ("explained", "held_out", "moved", "psnr")
# Of Okabe and Ito, told apart by color-blind readers too.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def held_out(kind: str, *, count: int = 4, side: int = SHEET_SIDE) -> np.ndarray:
    """Square images of the course's own collection, which no training folder holds.

    Args:
        kind: "photographs" or "styles".
        count: at most that many.
        side: side of the squares in pixels.

    Returns:
        Array (count, side, side, 3), float32 in [0, 1].
    """
    get = collection.photograph if kind == "photographs" else collection.style_image
    return np.stack([square(get(name), side) for name in collection.names()[kind][:count]])


def square(image: np.ndarray, side: int) -> np.ndarray:
    """The middle of an image as a square of that side."""
    whole = image_files.center_crop(image, min(image.shape[:2]))
    return image_files.resize(whole, (side, side))


def sheet(rows: Sequence[Sequence[np.ndarray | None]]) -> np.ndarray:
    """Images of equal size side by side on white.

    Args:
        rows: lists of images, arrays (side, side, 3) in [0, 1]; None leaves a place empty.

    Returns:
        One image, an array (height, width, 3), float32 in [0, 1].
    """
    side = next(image.shape[0] for row in rows for image in row if image is not None)
    height, width = (len(lines) * (side + GAP) + GAP for lines in (rows, rows[0]))
    whole = np.ones((height, width, 3), "float32")
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            if image is not None:
                top, left = GAP + i * (side + GAP), GAP + j * (side + GAP)
                whole[top : top + side, left : left + side] = image
    return whole


def write_sheet(image: np.ndarray, path: str | pathlib.Path) -> None:
    """Write a sheet as JPEG, whole or not at all."""
    write_atomically(pathlib.Path(path), image_files.to_bytes(image, quality=88))


def write_log(history: Sequence[Mapping[str, float]], path: str | pathlib.Path) -> None:
    """Write the log as CSV, a line for each checkpoint.

    The whole file is written anew from the checkpoint. Keras' `CSVLogger` appends: of a run that is
    killed and resumed it would lose lines, or have them twice.
    """
    text = io.StringIO()
    if history:
        writer = csv.DictWriter(text, history[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in history:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
    write_atomically(pathlib.Path(path), text.getvalue().encode())


def write_plot(history: Sequence[Mapping[str, float]], path: str | pathlib.Path) -> None:
    """Plot the log as PNG, one panel for each family of values."""
    from matplotlib.figure import Figure

    families: dict[str, list[str]] = {}
    for name in history[-1].keys() - {"step", "seconds"}:
        kind = name.partition("_relu")[0]
        families.setdefault(kind if kind in PANELS else "loss and parts", []).append(name)
    figure = Figure(figsize=(7, 2.6 * len(families)), layout="constrained")
    panels = figure.subplots(len(families), 1, squeeze=False)[:, 0]
    steps = [row["step"] for row in history]
    for panel, (kind, names) in zip(panels, sorted(families.items()), strict=True):
        for number, name in enumerate(sorted(names)):
            values = [row[name] for row in history]
            color = COLORS[number % len(COLORS)]
            style = "-" if number < len(COLORS) else "--"
            panel.plot(steps, values, style, marker=".", color=color, label=name, linewidth=1.2)
        panel.set_ylabel(kind)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=7, ncols=2)
    panels[-1].set_xlabel("step")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    write_atomically(pathlib.Path(path), buffer.getvalue())
