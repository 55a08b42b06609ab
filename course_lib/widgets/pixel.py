"""The pixel lab: give a photograph the colors of a style, and watch its histogram follow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from course_lib.metrics import psnr
from course_lib.plots import CHANNELS
from course_lib.widgets.choosing import ImageChoice
from course_lib.widgets.controls import checkbox, choice, slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 200
CHART_HEIGHT = 90
BINS = 50
CODES = [
    ("not at all", ""),
    ("the code at relu1_1", "relu1_1"),
    ("the code at relu2_1", "relu2_1"),
    ("the code at relu3_1", "relu3_1"),
]


class PixelLab(Lab):
    """Every method of pixel-based transfer, with the histograms of what goes in and comes out.

    Args:
        autoencoder: an `Autoencoder`; the course's own by default.
        size: height and width of the images.
    """

    heading = "Pixel lab"
    still_words = (
        "A photograph of a cat, the same with a mosaic's mean and standard deviation and with "
        "its histograms, and the mosaic; below each, the histograms of red, green and blue. Only "
        "those of the histogram method are like the mosaic's."
    )

    def __init__(self, autoencoder: Any = None, *, size: int = SIZE):
        from course_lib.autoencoder import Autoencoder
        from course_lib.transfer.colors import COLOR_SPACES
        from course_lib.transfer.pixel import METHODS

        self.autoencoder = autoencoder or Autoencoder.from_course()
        self.content = ImageChoice("content", "photographs", "chelsea", (size, size))
        self.style = ImageChoice("style", "styles", "mosaic", (size, size))
        # What takes time depends on everything but the strength, which is moved most.
        self.prepared = lru_cache(maxsize=32)(self._prepared)
        controls = {
            "content": self.content.control,
            "style": self.style.control,
            "method": choice("method", METHODS, "histogram"),
            "space": choice("color space", COLOR_SPACES, "rgb"),
            "strength": slider("strength", 1.0, 0.0, 1.0),
            "tap": choice("rebuilt from", CODES, ""),
            "guided_filter": checkbox("without bands and grain", True),
        }
        super().__init__(controls)

    def transfer(self, settings: dict[str, Any]) -> Any:
        """The `PixelTransfer` for these settings."""
        from course_lib.transfer import PixelTransfer

        return PixelTransfer(
            settings["method"],
            color_space=settings["space"],
            tap=settings["tap"] or None,
            guided_filter=settings["guided_filter"],
            autoencoder=self.autoencoder,
        )

    def _prepared(
        self, content: str, style: str, method: str, space: str, guided_filter: bool
    ) -> Any:
        settings = {"method": method, "space": space, "guided_filter": guided_filter, "tap": ""}
        return self.transfer(settings).prepare(self.content(content), self.style(style))

    def stylize(self, settings: dict[str, Any]) -> np.ndarray:
        """The content with the style's pixel values, and the autoencoder's version of it."""
        names = ("content", "style", "method", "space", "guided_filter")
        prepared = self.prepared(*(settings[name] for name in names))
        return self.transfer(settings).apply(prepared, strength=settings["strength"])

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """Content, result and style, each above its histogram."""
        shown = {
            "content": self.content(settings["content"]),
            "result": self.stylize(settings),
            "style": self.style(settings["style"]),
        }
        charts = {f"colors of the {name}": histogram(image) for name, image in shown.items()}
        distance = {
            name: channel_distance(shown[name], shown["style"]) for name in ("content", "result")
        }
        words = (
            f"Each channel's histogram is {distance['content']:.3f} away from the style's at the "
            f"start and {distance['result']:.3f} in the result. PSNR to the content "
            f"{psnr(shown['content'], shown['result']):.1f} dB."
        )
        return Sheet(shown | charts, words, columns=3, width=3 * SIZE + 24)

    def stills(self) -> dict[str, Any]:
        """Content and style, and between them two methods, each above its histogram."""
        shown = {"content": self.content(self.settings["content"])}
        for method in ("mean_std", "histogram"):
            shown[method] = self.stylize(self.settings | {"method": method})
        shown["style"] = self.style(self.settings["style"])
        charts = {f"colors, {name}": histogram(image) for name, image in shown.items()}
        return shown | charts


def channel_distance(image: np.ndarray, style: np.ndarray) -> float:
    """How far values must be moved in the mean for equal histograms of each channel.

    Args:
        image: image (height, width, 3).
        style: image of the same size.

    Source: the Wasserstein distance of order 1, which for sorted values is their mean distance.
    """
    a, b = (np.sort(one.reshape(-1, 3), axis=0) for one in (image, style))
    return float(np.mean(np.abs(a - b)))


def histogram(image: np.ndarray) -> np.ndarray:
    """The histogram of an image's channels as a small chart (height, width, 3)."""
    # Drawn twice as large and made smaller, so that lines have soft edges.
    width, height = 2 * SIZE, 2 * CHART_HEIGHT
    chart = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(chart)
    counts = [np.histogram(image[..., k], BINS, (0, 1))[0] for k in range(3)]
    # A spike, such as the white of a page, would press everything else flat.
    top = max(np.sort(np.concatenate(counts))[-6], 1)
    across = (np.arange(BINS) + 0.5) / BINS * width
    for count, color in zip(counts, CHANNELS.values(), strict=True):
        down = height - 4 - np.minimum(count / top, 1.0) * (height - 12)
        pen.line(list(zip(across, down, strict=True)), fill=color, width=4, joint="curve")
    pen.line([(0, height - 2), (width, height - 2)], fill="#888888", width=2)
    small = chart.resize((SIZE, CHART_HEIGHT), Image.Resampling.LANCZOS)
    return np.asarray(small, "float32") / 255
