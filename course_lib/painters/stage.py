"""The stage on which scenes are set up, object before object, for painters to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from . import canvas, fields
from .palettes import Palette


@dataclass
class Scene:
    """What a painter sees; all arrays are (size, size) float32.

    Attributes:
        tone: 0 dark to 1 light.
        warmth: 0 cool to 1 warm.
        flow: direction along the form in radians; angle and angle + pi mean the same.
        along: a height map of each object whose contour lines run in the direction of the flow.
        slope: how steep that map is, per unit length.
        label: number of the object, counted from the back.
        detail: 0 calm to 1 busy, where small strokes are wanted.
    """

    tone: np.ndarray
    warmth: np.ndarray
    flow: np.ndarray
    along: np.ndarray
    slope: np.ndarray
    label: np.ndarray
    detail: np.ndarray

    def colors(
        self,
        rng: np.random.Generator,
        palette: Palette,
        x: np.ndarray,
        y: np.ndarray,
        *,
        vary: tuple[float, float] = (0.0, 0.0),
        softness: float = 0.01,
        shift: float = 0.0,
    ) -> np.ndarray:
        """The palette's colors at places in the scene, for a stroke or a stone at each.

        Args:
            rng: random differences between neighbors.
            palette: a Palette.
            x: (places,) unit coordinates.
            y: (places,) likewise.
            vary: standard deviations of tone and of warmth.
            softness: as for `Palette.pick`.
            shift: added to all tones.

        Returns:
            Array (places, 3).
        """
        tone = fields.sample(self.tone, x, y) + rng.normal(shift, vary[0], len(x))
        warm = fields.sample(self.warmth, x, y) + rng.normal(0, vary[1], len(x))
        return palette.pick(tone, warmth=warm, softness=softness)


class SceneBuilder:
    """Builds a scene from back to front, each object covering those behind it.

    Attributes:
        x, y: unit coordinates of the pixels in this window, (height, width).
        scene: the scene so far, as far as this window shows it.
    """

    def __init__(self, size: int):
        self.size = size
        self.rows, self.columns = slice(0, size), slice(0, size)
        self.x, self.y = fields.grid(size)
        self.scene = Scene(*(np.zeros((size, size), np.float32) for _ in range(7)))
        self._objects = [0]

    def around(self, cx: float, cy: float, reach_x: float, reach_y: float) -> "SceneBuilder":
        """A window on the part of the stage about (cx, cy): small objects are quicker there."""
        part = object.__new__(SceneBuilder)
        part.size, part._objects = self.size, self._objects
        part.rows, part.columns = self._span(cy, reach_y), self._span(cx, reach_x)
        whole = (slice(0, self.size), slice(0, self.size))
        if (self.rows, self.columns) != whole:
            raise ValueError("windows are opened on the whole stage only")
        cut = (part.rows, part.columns)
        part.x, part.y = self.x[cut], self.y[cut]
        part.scene = Scene(**{name: values[cut] for name, values in vars(self.scene).items()})
        return part

    def _span(self, middle: float, reach: float) -> slice:
        # At least two pixels, on the image's rim for what lies outside: slopes need two.
        first = int(np.clip((middle - reach) * self.size, 0, self.size - 2))
        last = int(np.clip((middle + reach) * self.size + 1, first + 2, self.size))
        return slice(first, last)

    def noise(self, rng: np.random.Generator, cells: Any) -> np.ndarray:
        """A smooth random field, cut to this window."""
        return fields.smooth_noise(rng, self.size, cells, window=(self.rows, self.columns))

    def cover(
        self,
        mask: np.ndarray,
        tone: Any,
        warmth: Any,
        *,
        along: np.ndarray | None = None,
        detail: Any = 0.3,
    ) -> None:
        """Put one object in front.

        Args:
            mask: (height, width) coverage in [0, 1].
            tone: a number or (height, width).
            warmth: likewise.
            along: (height, width); the form's direction runs along its lines of equal value. Left
                out, the direction of what lies behind shows through.
            detail: a number or (height, width).
        """
        scene = self.scene
        scene.tone += mask * (tone - scene.tone)
        scene.warmth += mask * (warmth - scene.warmth)
        inside = mask > 0.5
        np.copyto(scene.detail, detail, where=inside)
        np.copyto(scene.label, self._objects[0], where=inside)
        if along is not None:
            down, right = np.gradient(along)
            np.copyto(scene.flow, np.arctan2(right, -down), where=inside)
            np.copyto(scene.along, along, where=inside)
            np.copyto(scene.slope, np.hypot(right, down) * self.size, where=inside)
        self._objects[0] += 1

    def everywhere(self, tone: Any, warmth: Any, along: np.ndarray, *, detail: Any = 0.15) -> None:
        """The backdrop: the sky, a wall, the water."""
        self.cover(np.ones_like(self.x), tone, warmth, along=along, detail=detail)

    def edge(self, depth: np.ndarray) -> np.ndarray:
        """Coverage from depths inside an outline in unit lengths (negative outside)."""
        return np.clip(depth * self.size + 0.5, 0, 1)

    def below(self, line: Any) -> np.ndarray:
        """Coverage of everything under a skyline, heights in [0, 1]."""
        return self.edge(self.y - line)

    def disc(
        self, cx: float, cy: float, radius: float, *, flat: float = 1.0, soft: float = 0.0
    ) -> np.ndarray:
        """Coverage of an ellipse, `flat` times as high as wide, `soft` a unit length of blur."""
        depth = radius - np.hypot(self.x - cx, (self.y - cy) / flat)
        return np.clip(depth / (soft + 1 / self.size) + 0.5, 0, 1)

    def polygon(self, points: Sequence) -> np.ndarray:
        """Coverage of a polygon given by its corners (x, y)."""
        fine = 2
        height, width = self.x.shape
        sheet = Image.new("L", (width * fine, height * fine), 0)
        left, top = self.columns.start, self.rows.start
        corners = [
            ((px * self.size - left) * fine - 0.5, (py * self.size - top) * fine - 0.5)
            for px, py in points
        ]
        ImageDraw.Draw(sheet).polygon([(float(px), float(py)) for px, py in corners], fill=255)
        return canvas.shrink(np.asarray(sheet, np.float32) / 255, fine)

    def finish(self) -> Scene:
        """The scene, all of its tones and warmths in [0, 1]."""
        np.clip(self.scene.tone, 0, 1, out=self.scene.tone)
        np.clip(self.scene.warmth, 0, 1, out=self.scene.warmth)
        return self.scene
