"""The convolution bench: what a kernel, a stride, a border and pooling do to an image."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np

from course_lib import byhand
from course_lib.plots.lettering import lettered
from course_lib.widgets.choosing import ImageChoice, enlarged
from course_lib.widgets.controls import choice, explain, whole_slider
from course_lib.widgets.lab import Lab, Sheet

SIDE = 100
SHOWN = 200
OWN = "your own"
KERNELS: dict[str, list[list[float]]] = {
    "as it is": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": [[0.11, 0.11, 0.11]] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "vertical edges": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "horizontal edges": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "all edges": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "move right": [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
}
POOLINGS = [("none", ""), ("average, 2 x 2", "average"), ("maximum, 2 x 2", "max")]
PLACES = [(row, column) for row in range(3) for column in range(3)]


class ConvolutionBench(Lab):
    """Edit the nine numbers of a kernel and the rest of the layer; see the result and its shape.

    The image is gray, so that one kernel has one channel to look at. Nothing is hidden: the
    result is what `byhand.convolve` and the poolings of `byhand` give.
    """

    heading = "Convolution bench"
    still_words = (
        "What four settings make of a cat's face in gray: blurred; its vertical edges, dark and "
        "bright on gray; the same with a stride of 2, in coarser pixels; and the maxima of these, "
        "coarser still."
    )

    def __init__(self) -> None:
        self.source = ImageChoice("image", "photographs", "chelsea", (SIDE, SIDE))
        self.preset = choice("kernel", [*KERNELS, OWN], "vertical edges")
        self.cells = {place: _cell(*place, KERNELS[self.preset.value]) for place in PLACES}
        controls = {
            "image": self.source.control,
            "kernel": self.preset,
            **{f"kernel_{row}{column}": cell for (row, column), cell in self.cells.items()},
            "stride": whole_slider("stride", 1, 1, 4),
            "padding": choice("padding", byhand.PADDINGS, "valid"),
            "pooling": choice("pooling", POOLINGS, ""),
        }
        self.preset.observe(lambda change: self.fill_cells(), "value")
        for cell in self.cells.values():
            cell.observe(lambda change: self.name_kernel(), "value")
        grid = widgets.GridBox(
            list(self.cells.values()),
            layout=widgets.Layout(
                grid_template_columns="repeat(3, 64px)", margin="2px 0 6px 104px"
            ),
        )
        names = ("stride", "padding", "pooling")
        panel = [self.source.control, self.preset, grid, *(controls[name] for name in names)]
        super().__init__(controls, panel=panel)

    def fill_cells(self) -> None:
        """Write the chosen kernel into the nine cells."""
        if self.preset.value != OWN:
            kernel = KERNELS[self.preset.value]
            self.change(**{f"kernel_{row}{column}": kernel[row][column] for row, column in PLACES})

    def name_kernel(self) -> None:
        """When the nine cells no longer hold the chosen kernel, say so."""
        # While a chosen kernel is being written, its first numbers stand beside the last one's.
        if not self.newest.is_held and self.kernel(self.settings) != KERNELS.get(self.preset.value):
            self.preset.value = OWN

    def kernel(self, settings: dict[str, Any]) -> list[list[float]]:
        """The nine numbers, row by row."""
        return [[settings[f"kernel_{row}{column}"] for column in range(3)] for row in range(3)]

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The image, its convolution, and the pooled result."""
        image = byhand.luminance(self.source(settings["image"]))
        kernel = np.array(self.kernel(settings))
        convolved = byhand.convolve(
            image, kernel, stride=settings["stride"], padding=settings["padding"]
        )
        shown = {"image": image, "convolved": convolved}
        if settings["pooling"] == "average":
            shown["pooled"] = byhand.average_pool(convolved)
        elif settings["pooling"] == "max":
            shown["pooled"] = byhand.max_pool(convolved)[0]
        result = list(shown.values())[-1]
        shapes = " → ".join(f"{name} {_shape(array)}" for name, array in shown.items())
        scale = "0 is shown gray" if result.min() < 0 else "0 is shown black"
        words = f"{shapes}. The result goes from {result.min():.2f} to {result.max():.2f}; {scale}."
        panels = {f"{name}: {_shape(array)}": as_gray(array) for name, array in shown.items()}
        # Three places even when only two are taken: then nothing jumps when pooling comes in.
        return Sheet(panels, words, columns=3, width=3 * SHOWN + 24)

    def stills(self) -> dict[str, Any]:
        """The image, and four settings of the bench."""
        image = byhand.luminance(self.source(self.settings["image"]))
        kernels = {name: np.array(numbers) for name, numbers in KERNELS.items()}
        halved = byhand.convolve(image, kernels["vertical edges"], stride=2)
        results = {
            "blur": byhand.convolve(image, kernels["blur"]),
            "vertical edges": byhand.convolve(image, kernels["vertical edges"]),
            "with stride 2": halved,
            "and pooled": byhand.max_pool(halved)[0],
        }
        return {
            f"{lettered(title)}: {_shape(array)}": as_gray(array)
            for title, array in results.items()
        }


def _cell(row: int, column: int, kernel: list[list[float]]) -> Any:
    cell = widgets.BoundedFloatText(
        value=kernel[row][column], min=-9, max=9, step=0.5, layout=widgets.Layout(width="60px")
    )
    return explain(cell, f"kernel, row {row + 1}, column {column + 1}")


def as_gray(values: np.ndarray) -> np.ndarray:
    """Values as brightness: from black at 0, or around gray at 0 where some are negative.

    Every result is shown equally large, so that one sees its pixels grow as they get fewer.
    """
    largest = max(float(np.abs(values).max()), 1.0)
    gray = values / largest if values.min() >= 0 else 0.5 + values / (2 * largest)
    return enlarged(gray, SHOWN)


def _shape(array: np.ndarray) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"
