"""Painters who lay brush strokes: the impressionist, the knife painter, the pointillist."""

import numpy as np

from . import canvas, fields, scenes
from .canvas import Brush, Canvas
from .palettes import Palette

Rng = np.random.Generator


def impressionist(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Three layers of strokes along the forms, the last one only where there is detail."""
    scene = scenes.draw(
        rng,
        size,
        "night_valley",
        "harbor",
        "meadow",
        "lily_pond",
        "furrows",
        "birches",
        "mountains",
    )
    sheet = Canvas(rng, size, colors.pick(0.6 * scene.tone, warmth=scene.warmth, softness=0.08))
    brush = Brush(bristle=0.05, dry=0.25)
    for count, length, width in ((900, 0.085, 0.020), (3600, 0.055, 0.0105), (5600, 0.032, 0.0066)):
        x, y = canvas.scatter(rng, count / scale**2).T
        n, busy = len(x), fields.sample(scene.detail, x, y)
        lengths = scale * length * rng.uniform(0.6, 1.15, n) * (1.15 - 0.5 * busy)
        widths = scale * width * rng.uniform(0.6, 1.1, n) * (1.1 - 0.3 * busy)
        paint = scene.colors(rng, colors, x, y, vary=(0.07, 0.16), softness=0.008) + rng.normal(
            0, 0.025, (n, 3)
        )
        paths = canvas.trace(scene.flow, x, y, lengths)
        wanted = rng.random(n) < (0.25 + 0.9 * busy if width < 0.01 else 1.0)
        sheet.lay(paths[wanted], widths[wanted], paint[wanted], brush=brush)
    return sheet.finish(light=0.30, gloss=0.05)


def palette_knife(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Blunt wide slabs, smaller ones over the busy parts, with a strong relief."""
    scene = scenes.draw(
        rng, size, "harbor", "meadow", "hill_town", "mountains", "lily_pond", "bouquet"
    )
    sheet = Canvas(rng, size, colors.pick(scene.tone, warmth=scene.warmth, softness=0.05))
    sway = scene.flow + 0.5 * fields.smooth_noise(rng, size, 5)
    layers = ((340, 0.17, 0.075, 1.0), (620, 0.105, 0.050, 0.6), (1700, 0.050, 0.024, 0.05))
    for count, length, width, share in layers:
        x, y = canvas.scatter(rng, count / scale**2).T
        n, busy = len(x), fields.sample(scene.detail, x, y)
        lengths = scale * length * rng.uniform(0.45, 1.2, n)
        widths = scale * width * rng.uniform(0.45, 1.2, n)
        paint = scene.colors(rng, colors, x, y, vary=(0.06, 0.12), softness=0.012) + rng.normal(
            0, 0.02, (n, 3)
        )
        paths = canvas.trace(sway + rng.normal(0, 0.2), x, y, lengths, points=3)
        wanted = rng.random(n) < share + 1.3 * np.clip(busy - 0.25, 0, 1)
        streaks = width * scale * size / 6
        knife = Brush(bristle=0.045, dry=0.12, taper=0.10, body=2.4, coarse=streaks, ribs=0.10)
        sheet.lay(paths[wanted], widths[wanted], paint[wanted], brush=knife)
    return sheet.finish(light=0.40, gloss=0.30)


def pointillist(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Three layers of dots, each the palette's nearest color, one in six with opposite warmth."""
    scene = scenes.draw(rng, size, "lily_pond", "harbor", "meadow", "furrows", "birches", "bouquet")
    sheet = Canvas(
        rng, size, colors.pick(0.25 + 0.7 * scene.tone, warmth=scene.warmth, softness=0.1)
    )
    for count, width in ((5200, 0.0165), (9000, 0.0120), (7000, 0.0085)):
        points = canvas.scatter(rng, count / scale**2)
        x, y = points.T
        n = len(points)
        widths = scale * width * rng.uniform(0.75, 1.2, n)
        warm = fields.sample(scene.warmth, x, y)
        warm = np.where(rng.random(n) < 0.16, 1 - warm, warm) + rng.normal(0, 0.18, n)
        tone = fields.sample(scene.tone, x, y) + rng.normal(0.05, 0.07, n)
        paint = colors.pick(tone, warmth=warm, softness=0.004) + rng.normal(0, 0.03, (n, 1))
        dab = Brush(bristle=0.02, taper=1.0, body=0.7)
        sheet.lay(canvas.dots(points, widths), widths, paint, brush=dab)
    return sheet.finish(light=0.14)
