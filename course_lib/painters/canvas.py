"""Brushes and light: bristle strokes laid along paths, relief lit from one side, small tools."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from . import fields

SAMPLES_AT_ONCE = 1_500_000
HAIR_PATTERNS = 64


@dataclass(frozen=True)
class Brush:
    """How a brush or knife leaves its paint.

    Attributes:
        bristle: how far the traces of single bristles differ in lightness.
        dry: 0 covers fully; towards 1 the bristles run out of paint along the stroke.
        taper: towards 0 a blunt stroke, 1 an ellipse, pointed at both ends.
        body: thickness of the paint in the relief.
        coarse: width of one bristle's trace in pixels of the canvas.
        ribs: how deeply bristles furrow the relief.
    """

    bristle: float = 0.05
    dry: float = 0.0
    taper: float = 0.6
    body: float = 1.0
    coarse: float = 0.8
    ribs: float = 0.3


FLAT = Brush(bristle=0.0, taper=1.0)
"""Even color without bristles, for masks, cuts and dots."""


class Canvas:
    """A square image with a relief of paint on it.

    Painted `fine` times larger than asked for and averaged down at the end, which gives smooth
    edges.

    Args:
        rng: random bristles.
        size: side of the finished image in pixels.
        ground: a color (3,) or an image (size, size, 3) to start from.
        fine: how many times larger to paint.
    """

    def __init__(self, rng: np.random.Generator, size: int, ground: np.ndarray, *, fine: int = 2):
        self.fine = fine
        self.side = size * fine
        self.image = np.empty((self.side, self.side, 3), np.float32)
        self.image[:] = enlarge(ground, self.side) if np.ndim(ground) == 3 else ground
        self.height = np.zeros((self.side, self.side), np.float32)
        # Layers draw from generators of their own: a stroke more or less in one layer, which
        # rounding may cause, then changes nothing elsewhere.
        self._seed = int(rng.integers(2**32))
        self._layers = 0

    def lay(
        self, paths: np.ndarray, widths: np.ndarray, colors: np.ndarray, *, brush: Brush = FLAT
    ) -> None:
        """Lay strokes, each over those before it.

        Args:
            paths: (strokes, points, 2), x and y along each stroke in unit lengths.
            widths: (strokes,), full width of each stroke in unit lengths.
            colors: (strokes, 3).
            brush: the brush.
        """
        self._layers += 1
        if len(paths) == 0:
            return
        lengths = np.sqrt(np.square(np.diff(paths, axis=1)).sum(axis=2)).sum(axis=1)
        along = max(int(np.ceil(lengths.max() * self.side * 1.25)), 3)
        across = max(int(np.ceil(widths.max() * self.side * 1.25)), 3)
        hairs, patches = self._bristles(along, across, brush.coarse)
        pattern = _pattern_of(paths)
        top = self._uppermost(paths, widths, brush, hairs, patches, pattern)

        painted = np.flatnonzero(top >= 0)
        stroke, place = np.divmod(top[painted], along * across)
        s_index, t_index = np.divmod(place, across)
        hair = hairs[pattern[stroke], t_index]
        patch = patches[pattern[stroke], s_index]
        shade = brush.bristle * (hair + 0.6 * patch)
        self.image.reshape(-1, 3)[painted] = colors[stroke] + shade[:, None]
        # Paint is pushed to the sides and to the end of a stroke, where it stands up.
        sides = np.abs(np.linspace(-1, 1, across)[t_index]) ** 4
        end = np.linspace(0, 1, along)[s_index] ** 6
        relief = 0.55 + brush.ribs * (hair + 0.5 * patch) + 0.5 * sides + 0.4 * end
        flat = self.height.reshape(-1)
        flat[painted] = 0.35 * flat[painted] + brush.body * relief

    def _bristles(self, along: int, across: int, coarse: float) -> tuple[np.ndarray, np.ndarray]:
        """Random patterns across a stroke and along it, each with standard deviation 1."""
        own = fields.generator(self._seed + self._layers)
        hairs = own.standard_normal((HAIR_PATTERNS, across))
        hairs = ndimage.gaussian_filter1d(hairs, coarse, axis=1)
        patches = own.standard_normal((HAIR_PATTERNS, along))
        patches = ndimage.gaussian_filter1d(patches, along / 8, axis=1)
        return (hairs / hairs.std()).astype(np.float32), (patches / patches.std()).astype(
            np.float32
        )

    def _uppermost(
        self,
        paths: np.ndarray,
        widths: np.ndarray,
        brush: Brush,
        hairs: np.ndarray,
        patches: np.ndarray,
        pattern: Any,
    ) -> np.ndarray:
        """Number of the sample that covers each pixel, counting strokes, then places on them.

        Every stroke is sampled on a grid a little finer than the pixels.
        """
        along, across = patches.shape[1], hairs.shape[1]
        s, t = np.linspace(0, 1, along), np.linspace(-1, 1, across)
        profile = np.sqrt(1 - np.abs(2 * s - 1) ** (2 / max(brush.taper, 0.05)))
        running_out = (3.2 * (brush.dry - 0.6) + 1.6 * (s - 0.5)).astype(np.float32)
        top = np.full(self.side * self.side, -1, np.int64)
        block = max(SAMPLES_AT_ONCE // (along * across), 1)
        for first in range(0, len(paths), block):
            part = slice(first, min(first + block, len(paths)))
            center, normal = _resample(paths[part], s)
            reach = (0.5 * widths[part, None] * profile).astype(np.float32)
            spread = reach[:, :, None] * t.astype(np.float32)
            x = center[:, :, 0, None] + normal[:, :, 0, None] * spread
            y = center[:, :, 1, None] + normal[:, :, 1, None] * spread
            kept = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
            if brush.dry > 0:
                paint = hairs[pattern[part], None, :] + 0.8 * patches[pattern[part], :, None]
                kept &= paint > running_out[:, None]
            column = np.minimum((x * self.side).astype(np.int32), self.side - 1)
            row = np.minimum((y * self.side).astype(np.int32), self.side - 1)
            number = np.arange(part.start * along * across, part.stop * along * across)
            # Of several values written to one place numpy keeps the last: the upper stroke's.
            top[(row * self.side + column)[kept]] = number.reshape(kept.shape)[kept]
        return top

    def finish(self, light: float = 0.0, *, gloss: float = 0.0) -> np.ndarray:
        """The image at its final size, in [0, 1], with light on its relief as in `relight`."""
        image = shrink(self.image, self.fine)
        if light > 0:
            image = relight(image, shrink(self.height, self.fine), light, gloss=gloss)
        return np.clip(image, 0, 1).astype(np.float32)


def _pattern_of(paths: np.ndarray) -> np.ndarray:
    """A number of a bristle pattern for each stroke, as good as random, from where it lies."""
    cell = np.floor(paths[:, paths.shape[1] // 2] * 8192).astype(np.int64)
    return np.mod(cell[:, 0] * 7919 + cell[:, 1] * 104729, HAIR_PATTERNS)


def _resample(paths: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and unit normals at positions s in [0, 1] along each path."""
    position = s * (paths.shape[1] - 1)
    left = np.minimum(position.astype(int), paths.shape[1] - 2)
    f = (position - left)[None, :, None]
    center = paths[:, left] * (1 - f) + paths[:, left + 1] * f
    tangent = np.gradient(paths, axis=1)
    tangent = tangent[:, left] * (1 - f) + tangent[:, left + 1] * f
    tangent = tangent / (np.sqrt(np.square(tangent).sum(axis=2, keepdims=True)) + 1e-9)
    normal = np.stack([-tangent[:, :, 1], tangent[:, :, 0]], axis=2)
    return center.astype(np.float32), normal.astype(np.float32)


def trace(
    angle: np.ndarray, x: np.ndarray, y: np.ndarray, lengths: np.ndarray, *, points: int = 7
) -> np.ndarray:
    """Paths that follow a field of directions through given middles.

    Args:
        angle: (height, width) directions in radians; a stroke has no head or tail, so angle and
            angle + pi mean the same.
        x: (strokes,) middles in unit coordinates.
        y: (strokes,) likewise.
        lengths: (strokes,) unit lengths.
        points: points on each path, an odd number.

    Returns:
        float32 array (strokes, points, 2).
    """
    half = points // 2
    step = lengths / (2 * half)
    start = fields.sample(angle, x, y)
    arms = []
    for sign in (-1.0, 1.0):
        px, py = x, y
        dx, dy = np.cos(start) * sign, np.sin(start) * sign
        arm = []
        for _ in range(half):
            px, py = px + dx * step, py + dy * step
            arm.append(np.stack([px, py], axis=1))
            here = fields.sample(angle, px, py)
            nx, ny = np.cos(here), np.sin(here)
            turn = np.where(nx * dx + ny * dy < 0, -1.0, 1.0)
            dx, dy = nx * turn, ny * turn
        arms.append(arm)
    middle = np.stack([x, y], axis=1)
    return np.stack([*arms[0][::-1], middle, *arms[1]], axis=1).astype(np.float32)


def dots(points: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Paths (points, 3, 2) as long as they are wide: with taper 1 they make round dots."""
    half = 0.5 * widths[:, None] * np.array([[1.0, 0.0]])
    return np.stack([points - half, points, points + half], axis=1).astype(np.float32)


def scatter(rng: np.random.Generator, count: float, *, spill: float = 0.03) -> np.ndarray:
    """Points spread evenly yet irregularly: one in each cell of a grid, in random order.

    Returns:
        float32 array (about count, 2) in the unit square with a margin of `spill` around it.
    """
    side = max(round(np.sqrt(count)), 1)
    cells = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    points = (cells + rng.random(cells.shape)) / side * (1 + 2 * spill) - spill
    return points[np.argsort(rng.random(len(points)), kind="stable")].astype(np.float32)


def relight(
    image: np.ndarray, height: np.ndarray, strength: float, *, gloss: float = 0.0
) -> np.ndarray:
    """Light falling on a relief from the upper left.

    Args:
        image: (height, width, 3).
        height: (height, width), the relief; one unit is about the thickness of one stroke.
        strength: how much slopes brighten and darken.
        gloss: white shine on slopes that face the light.

    Returns:
        The lit image, which may leave [0, 1] a little.
    """
    # Slopes as in an image of 512 pixels, so that the light is the same at every size.
    scale = image.shape[0] / 512
    slope = (np.gradient(height, axis=1) + np.gradient(height, axis=0)) * scale
    shine = gloss * np.square(np.clip(np.tanh(slope * 2) - 0.25, 0, 1))
    return image * (1 + strength * np.tanh(slope * 1.5)[..., None]) + shine[..., None]


def shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of factor x factor pixels."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    blocks = image.reshape(height, factor, width, factor, *image.shape[2:])
    return blocks.mean(axis=(1, 3), dtype=np.float32)


def enlarge(field: np.ndarray, side: int) -> np.ndarray:
    """A field or image at a larger size, nearest pixel."""
    index = np.arange(side) * field.shape[0] // side
    return field[index][:, index]


def outline(label: np.ndarray, width: Any) -> np.ndarray:
    """Lines along the borders between objects, coverage (size, size) in [0, 1].

    Args:
        label: (size, size) numbers of objects.
        width: of the lines, unit length; a number or (size, size).
    """
    away = fields.border_distance(label) * label.shape[0]
    return np.clip(0.5 * width * label.shape[0] - ndimage.gaussian_filter(away, 0.7) + 0.8, 0, 1)
