"""A brush for masks, where ipycanvas is installed: the extra `brush`. The labs work without it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import ipywidgets as widgets
import numpy as np

from course_lib.widgets.controls import button, checkbox, row, slider
from course_lib.widgets.masks import stroke

PAINTED = "painted by hand"
TINT = np.array((1.0, 0.55, 0.0), "float32")
OPACITY = 0.6


def can_paint() -> bool:
    """Whether ipycanvas is installed."""
    return find_spec("ipycanvas") is not None


class MaskBrush(widgets.VBox):
    """An image to paint a mask on, with mouse or finger.

    While a button is held only the canvas changes; `on_stroke` is called when it is let go. So what
    the mask is for may take its time, and no events queue up meanwhile.

    Args:
        on_stroke: function without arguments, called after every change of the mask.
        softness: function that gives the softness of the next stroke's edge, in [0, 1].

    Attributes:
        mask: array (height, width) float32: 1 where it was painted, 0 elsewhere.
    """

    def __init__(self, on_stroke: Callable[[], None], softness: Callable[[], float]):
        from ipycanvas import Canvas

        self.on_stroke, self.softness = on_stroke, softness
        self.image = np.ones((1, 1, 3), "float32")
        self.mask = np.zeros((1, 1), "float32")
        self._last: tuple[float, float] | None = None
        # The browser's stylesheets would give it the width of the page.
        self.canvas = Canvas(width=1, height=1, layout=widgets.Layout(margin="4px 0 4px 2px"))
        self.canvas.on_mouse_down(self.press)
        self.canvas.on_mouse_move(self.move)
        self.canvas.on_mouse_up(self.release)
        self.canvas.on_mouse_out(self.release)
        self.canvas.on_touch_start(lambda touches: self.press(*touches[0]))
        self.canvas.on_touch_move(lambda touches: self.move(*touches[0]))
        self.canvas.on_touch_end(lambda touches: self.release())
        # A page that is loaded again has forgotten what was drawn.
        self.canvas.on_client_ready(self.refresh)
        self.size = slider("brush size", 0.15, 0.02, 0.5, step=0.01)
        self.rubs_out = checkbox("rub out", False)
        clear = button("Clear", "Clear what you painted")
        clear.on_click(lambda clicked: self.clear())
        super().__init__([self.canvas, self.size, row(self.rubs_out, clear)])

    def fit(self, image: np.ndarray) -> None:
        """Paint on this image (height, width, 3) from now on; what was painted is gone."""
        self.image = image
        self.mask = np.zeros(image.shape[:2], "float32")
        self.canvas.height, self.canvas.width = image.shape[:2]
        self.refresh()

    def mask_for(self, size: tuple[int, int]) -> np.ndarray:
        """The mask of an image of that (height, width); empty where another one is painted on."""
        return self.mask if self.mask.shape == size else np.zeros(size, "float32")

    def clear(self) -> None:
        """Rub out everything."""
        self.mask = np.zeros_like(self.mask)
        self.refresh()
        self.on_stroke()

    def press(self, x: float, y: float) -> None:
        """The button goes down at this place of the canvas, in pixels."""
        self._last = (x, y)
        self.move(x, y)

    def move(self, x: float, y: float) -> None:
        """Paint from the last place to this one, while the button is down."""
        if self._last is None:
            return
        radius = self.size.value * max(self.mask.shape) / 2
        self.mask = stroke(
            self.mask,
            self._last,
            (x, y),
            radius,
            softness=self.softness(),
            erase=self.rubs_out.value,
        )
        self._last = (x, y)
        self.refresh()

    def release(self, x: float = 0.0, y: float = 0.0) -> None:
        """The button is let go, or the mouse has left the canvas."""
        if self._last is not None:
            self._last = None
            self.on_stroke()

    def refresh(self, *_: Any) -> None:
        """Draw the image and the mask over it."""
        cover = OPACITY * self.mask[..., None]
        shown = (1 - cover) * self.image + cover * TINT
        self.canvas.put_image_data((255 * shown).round().astype("uint8"))
