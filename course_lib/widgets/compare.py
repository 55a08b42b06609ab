"""The compare lab: two images, a divider between them, and what the numbers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import collection
from course_lib.metrics import content_kept, psnr, ssim, style_moved
from course_lib.plots import as_image
from course_lib.plots.lettering import lettered
from course_lib.widgets.choosing import enlarged
from course_lib.widgets.controls import choice, slider, whole_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 256
SIDE = 512
SIDES = ("before", "after")
EXAMPLES = ("reconstructed", "stylized")
VIEWS = ("divider", "side by side", "difference")


class CompareLab(Lab):
    """A before and an after: a divider to move, their difference, a magnifying glass, metrics.

    Args:
        pairs: title -> (before, after), images of one size; or (before, after, style), where
            the style image may have any size. By default a photograph with its reconstruction,
            and with what feature-based transfer makes of it.
        names: what the first two are called.
    """

    heading = "Compare"
    still_words = (
        "Three ways to compare. A cat left of a divider, and right of it stylized. The difference "
        "between the photograph and its reconstruction, gray where they agree. A part of these "
        "two enlarged fourfold, left and right of the divider."
    )

    def __init__(
        self,
        pairs: Mapping[str, Sequence[Any]] | None = None,
        *,
        names: tuple[str, str] = SIDES,
    ):
        self.pairs = {
            title: [as_image(image, name=title) for image in images]
            for title, images in (pairs or example_pairs()).items()
        }
        self.names = names
        self.measured = lru_cache(maxsize=None)(self._measured)
        titles = list(self.pairs)
        controls = {
            "pair": choice("images", titles, titles[0]),
            "view": choice("view", VIEWS, VIEWS[0]),
            "divider": slider("divider", 0.5, 0.0, 1.0, step=0.02),
            "zoom": whole_slider("zoom", 1, 1, 8),
            "x": slider("from the left", 0.5, 0.0, 1.0),
            "y": slider("from the top", 0.5, 0.0, 1.0),
        }
        super().__init__(controls)

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The part of both that is looked at, in the chosen view."""
        before, after = (
            enlarged(zoomed(image, settings["zoom"], settings["x"], settings["y"]), SIDE)
            for image in self.pairs[settings["pair"]][:2]
        )
        first, second = self.names
        panels = {
            "divider": {f"{first} | {second}": divided(before, after, settings["divider"])},
            "side by side": {first: before, second: after},
            "difference": {"difference × 4 (gray: none)": difference(before, after)},
        }[settings["view"]]
        return Sheet(panels, self.measured(settings["pair"]), width=SIDE)

    def _measured(self, title: str) -> str:
        """What the metrics say of a whole pair, in words."""
        before, after, *styles = self.pairs[title]
        quality, likeness = f"{psnr(before, after):.1f}", f"{ssim(before, after):.2f}"
        kept = f"{content_kept(after, before):.2f}"
        words = f"{title}: PSNR {quality} dB, SSIM {likeness}, content kept {kept}."
        if styles:
            moved = f"{style_moved(after, before, styles[0]):.2f}"
            words = (
                f"{title}: PSNR {quality} dB, SSIM {likeness}, content kept {kept}, "
                f"style moved {moved}."
            )
        return words

    def stills(self) -> dict[str, Any]:
        """A divided image, the difference of two, and a part of them enlarged."""
        titles = list(self.pairs)
        wishes: list[dict[str, Any]] = [
            {"pair": titles[-1]},
            {"pair": titles[0], "view": "difference"},
            {"pair": titles[0], "zoom": 4},
        ]
        shown = {}
        for words, wish in zip(("", "", lettered("enlarged: ")), wishes, strict=True):
            for title, image in self.draw(self.settings | wish).panels.items():
                shown[words + lettered(title)] = image
        return shown


def zoomed(image: np.ndarray, zoom: int, x: float, y: float) -> np.ndarray:
    """A part of an image, ``zoom`` times smaller than it.

    Args:
        image: image (height, width, 3).
        zoom: 1 is all of it.
        x: where the part lies: 0 at the left border, 1 at the right one.
        y: where it lies from top to bottom, likewise.
    """
    height, width = (max(1, side // zoom) for side in image.shape[:2])
    top = round(y * (image.shape[0] - height))
    left = round(x * (image.shape[1] - width))
    return image[top : top + height, left : left + width]


def divided(before: np.ndarray, after: np.ndarray, place: float) -> np.ndarray:
    """The first image left of a line, the second one right of it."""
    width = before.shape[1]
    middle = round(place * width)
    shown = np.concatenate([before[:, :middle], after[:, middle:]], axis=1)
    # White between black, so that it is seen on any image.
    shown[:, max(middle - 2, 0) : middle + 2] = 0.0
    shown[:, max(middle - 1, 0) : middle + 1] = 1.0
    return shown


def difference(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How much brighter the second image is than the first, fourfold and around gray."""
    return np.clip(0.5 + 4 * (after - before), 0, 1)


def example_pairs() -> dict[str, tuple[Any, ...]]:
    """A photograph with its reconstruction, and with its stylized image and that style."""
    from keras import ops

    from course_lib.transfer import FeatureTransfer

    transfer = FeatureTransfer()
    photograph = collection.photograph("chelsea", size=SIZE)
    style = collection.style_image("mosaic", size=SIZE)
    rebuilt = ops.convert_to_numpy(transfer.autoencoder.reconstruct(photograph[None]))[0]
    stylized = transfer(photograph, style)
    return dict(zip(EXAMPLES, ((photograph, rebuilt), (photograph, stylized, style)), strict=True))
