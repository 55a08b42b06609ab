"""From a Matplotlib figure to what a notebook stores and shows."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_lib.plots.lettering import set_fonts

JPEG_QUALITY = 74


class Drawing:
    """A drawn figure as Jupyter shows it: the image, and in words what it shows.

    Args:
        data: the bytes of a JPEG or PNG file.
        alt: the alternative text.
        width: width on the page in pixels.
        height: height on the page in pixels.
    """

    def __init__(self, data: bytes, *, alt: str, width: int, height: int):
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


def to_drawing(
    figure: Figure, *, alt: str, density: float, compress: Callable[[Image.Image], bytes]
) -> Drawing:
    """The one way from a figure to what a notebook stores.

    Args:
        figure: any figure of Matplotlib's; its resolution is changed.
        alt: the alternative text, see `alternatives.words_for`.
        density: pixels of the image for each pixel on the page.
        compress: makes the bytes of a JPEG or PNG file.
    """
    set_fonts(figure)
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(figure.dpi * density)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    width, height = (round(side / density) for side in image.size)
    return Drawing(compress(image), alt=alt, width=width, height=height)


def as_plot(image: Image.Image) -> bytes:
    """A plot has few colors: with a palette it takes a third of the bytes."""
    return _encoded(image.quantize(128, dither=Image.Dither.NONE), "PNG")


def as_photograph(image: Image.Image) -> bytes:
    """JPEG, as for what a camera took."""
    return _encoded(image, "JPEG", quality=JPEG_QUALITY, progressive=True)


def as_squares(image: Image.Image) -> bytes:
    """Enlarged pixels: PNG where that is smaller; JPEG in full color resolution, or edges blur."""
    ways = [
        _encoded(image, "PNG"),
        _encoded(image, "JPEG", quality=JPEG_QUALITY, progressive=True, subsampling="4:4:4"),
    ]
    return min(ways, key=len)


def _encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    packed = io.BytesIO()
    image.save(packed, format, optimize=True, **options)
    return packed.getvalue()
