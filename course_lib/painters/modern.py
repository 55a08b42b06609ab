"""Moderns: crayon, geometric composition, dripped paint, patterns that grow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy import fft, ndimage

from . import canvas, fields, scenes
from .canvas import Brush, Canvas
from .palettes import Palette

Rng = np.random.Generator


# ---- crayon -----------------------------------------------------------------------------------


def crayon(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Three layers of hatching, each catching the paper's tooth; strokes stop at outlines."""
    scene = scenes.draw(
        rng,
        size,
        "hill_town",
        "furrows",
        "bouquet",
        "koi_pond",
        "harbor",
        "still_life",
        "meadow",
    )
    tooth = 0.8 * fields.smooth_noise(rng, size, 400) + 0.45 * fields.smooth_noise(rng, size, 200)
    image = np.array([0.965, 0.945, 0.895], np.float32) * (1 + 0.02 * tooth[..., None])
    # Small objects are hatched each in one direction, large ones along their form.
    hatch = np.deg2rad(np.mod(scene.label * 47, 180))
    follow = np.where(scene.detail > 0.45, hatch, scene.flow)
    layers = (
        (2600, 0.13, 0.0115, 0.0, 0.05),
        (2300, 0.11, 0.0085, 0.4, 0.0),
        (1600, 0.09, 0.0065, -0.3, -0.13),
    )
    for count, length, width, turn, lighter in layers:
        x, y = canvas.scatter(rng, count / scale**2).T
        n = len(x)
        angle = follow + turn + 0.12 * fields.smooth_noise(rng, size, 5)
        lengths = scale * length * rng.uniform(0.5, 1.2, n)
        paths = _stay_inside(scene.label, canvas.trace(angle, x, y, lengths, points=5))
        paint = scene.colors(rng, colors, x, y, vary=(0.03, 0.08), softness=0.006, shift=lighter)
        paint = np.clip(paint + rng.normal(0, 0.015, (n, 3)), 0, 1)
        layer = Canvas(rng, size, np.full(3, -1, np.float32))
        stick = Brush(bristle=0.0, taper=0.4)
        layer.lay(paths, scale * width * rng.uniform(0.7, 1.2, n), paint, brush=stick)
        drawn = canvas.shrink((layer.image[..., :1] > -0.9).astype(np.float32), 2)
        wax = canvas.shrink(np.maximum(layer.image, 0), 2) / np.maximum(drawn, 1e-3)
        pressure = 0.70 + 0.30 * fields.smooth_noise(rng, size, 8)
        cover = np.clip((pressure - tooth) * 0.8 + 0.25, 0, 1)[..., None] * drawn * 0.95
        image = image + cover * (np.clip(wax, 0, 1) - image)
    line = _shaky_outline(rng, scene.label, scale) * np.clip((0.9 - tooth) * 1.5, 0, 1)
    image = image + 0.85 * line[..., None] * (0.9 * colors.dark - image)
    return np.clip(canvas.relight(image, 0.5 * tooth, 0.10), 0, 1).astype(np.float32)


def _stay_inside(label: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Pull the ends of strokes back to the last point on the object of their middle."""
    middle, count = paths.shape[1] // 2, paths.shape[1]
    home = fields.sample(label, *paths[:, middle].T)
    kept = paths.copy()
    for outwards in (range(middle + 1, count), range(middle - 1, -1, -1)):
        last, inside = paths[:, middle].copy(), np.ones(len(paths), bool)
        for k in outwards:
            inside &= fields.sample(label, *paths[:, k].T) == home
            last = np.where(inside[:, None], paths[:, k], last)
            kept[:, k] = last
    return kept


def _shaky_outline(rng: Rng, label: np.ndarray, scale: float) -> np.ndarray:
    """Outlines of uneven width from a hand that is not steady, coverage in [0, 1]."""
    size = label.shape[0]
    shake = [0.0022 * scale * fields.smooth_noise(rng, size, 26) for _ in range(2)]
    away = fields.warp(fields.border_distance(label), *shake)
    width = 0.0036 * scale * (1 + 0.5 * fields.smooth_noise(rng, size, 18))
    return np.clip((width - away) * size * 0.7 + 0.5, 0, 1)


# ---- geometric --------------------------------------------------------------------------------


def geometric(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Beams, then discs, as transparent films; then lines, arcs, chequers drawn on top."""
    fine = 2
    side = size * fine
    x, y = fields.grid(side)
    image = colors.light * (1 - 0.08 * fields.smooth_noise(rng, side, 2)[..., None])
    cx, cy = rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.6)
    halo = 0.30 * np.exp(-(np.square(x - cx) + np.square(y - cy)) / 0.10)
    image = _film(image, halo, colors.colors[int(rng.integers(1, len(colors)))])
    tilt = rng.uniform(0.5, 0.9) * (1 if rng.random() < 0.5 else -1)
    image = _beams(rng, image, colors, tilt, scale)
    image = _discs(rng, image, colors, scale)
    image = canvas.shrink(_drawing(rng, image, colors, tilt, scale), fine)
    weave = fields.smooth_noise(rng, size, 170) + fields.smooth_noise(rng, size, 160)
    uneven = 0.014 * weave + 0.02 * fields.fractal(rng, size, 4, octaves=4)
    return np.clip(image * (1 + uneven[..., None]), 0, 1).astype(np.float32)


def _film(
    image: np.ndarray, cover: np.ndarray, color: Any, transparent: bool = False
) -> np.ndarray:
    """Lay a color over, as a transparent film or hiding what is beneath."""
    return image + cover[..., None] * ((image * color if transparent else color) - image)


def _airbrush(rng: Rng, ramp: np.ndarray) -> np.ndarray:
    """Shading from one side to the other along a ramp from 0 to 1."""
    return 0.55 + 0.45 * np.clip(ramp if rng.random() < 0.5 else 1 - ramp, 0, 1)


def _beams(rng: Rng, image: np.ndarray, colors: Palette, tilt: float, scale: float) -> np.ndarray:
    """Bars and wedges that give the image its direction."""
    side = image.shape[0]
    x, y = fields.grid(side)
    for k in range(int(rng.integers(4, 7))):
        angle = tilt + rng.normal(0, 0.12) + (np.pi / 2 if k % 3 == 2 else 0)
        cx, cy = rng.uniform(0.2, 0.8, 2)
        u = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        v = -(x - cx) * np.sin(angle) + (y - cy) * np.cos(angle)
        long, wide = rng.uniform(0.35, 0.7), rng.uniform(0.02, 0.11) * scale
        ramp = np.clip((u + long) / (2 * long), 0, 1)
        half = wide * (1 - rng.random() * ramp)
        cover = np.clip((half - np.abs(v)) * side, 0, 1) * np.clip((long - np.abs(u)) * side, 0, 1)
        cover = cover * _airbrush(rng, ramp) * rng.uniform(0.75, 1.0)
        color = colors.colors[int(rng.integers(0, len(colors) - 1))]
        image = _film(image, cover, color, bool(rng.random() < 0.45))
    return image


def _discs(rng: Rng, image: np.ndarray, colors: Palette, scale: float) -> np.ndarray:
    """One commanding disc with rings and a glow, and smaller ones that overlap."""
    side = image.shape[0]
    x, y = fields.grid(side)
    places = [(rng.uniform(0.28, 0.72), rng.uniform(0.24, 0.55), rng.uniform(0.15, 0.21) * scale)]
    for _ in range(int(rng.integers(6, 10))):
        places.append((*rng.uniform(0.1, 0.9, 2), rng.uniform(0.025, 0.10) * scale))
    for k, (cx, cy, radius) in enumerate(places):
        away = np.hypot(x - cx, y - cy)
        order = np.argsort(rng.random(len(colors)))
        rings = 3 if k == 0 else int(rng.integers(1, 4))
        transparent = bool(rng.random() < 0.5) and k > 0
        shade = 0.95 * _airbrush(rng, 0.5 + (x - cx + y - cy) / (3 * radius))
        if k == 0:
            glow = 0.55 * np.exp(-np.square(away / (1.35 * radius)))
            image = _film(image, glow, colors.colors[order[-1]])
        for ring in range(rings):
            reach = radius * (1 - ring / rings) ** 0.8
            cover = np.clip((reach - away) * side + 0.5, 0, 1) * shade
            color = colors.colors[order[ring % len(colors)]]
            image = _film(image, cover, color, transparent)
        rim = np.clip((0.0022 * scale - np.abs(away - radius)) * side + 0.5, 0, 1)
        image = _film(image, 0.95 * rim * (rng.random() < 0.6), colors.dark)
    return image


class _Pen:
    """Draws shapes given in unit lengths around a place, turned by an angle."""

    def __init__(self, image: np.ndarray):
        self.side = image.shape[0]
        self.sheet = Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8))
        self.draw = ImageDraw.Draw(self.sheet)

    def _turned(
        self, cx: float, cy: float, angle: float, points: Sequence
    ) -> list[tuple[float, float]]:
        c, s = float(np.cos(angle)), float(np.sin(angle))
        turned = [(cx + px * c - py * s, cy + px * s + py * c) for px, py in points]
        return [(float(px) * self.side, float(py) * self.side) for px, py in turned]

    def shape(self, cx: float, cy: float, angle: float, points: Sequence, color: Any) -> None:
        self.draw.polygon(self._turned(cx, cy, angle, points), fill=color)

    def line(
        self, cx: float, cy: float, angle: float, points: Sequence, color: Any, width: float
    ) -> None:
        pixels = max(int(width * self.side), 1)
        self.draw.line(self._turned(cx, cy, angle, points), fill=color, width=pixels)

    def arc(
        self,
        cx: float,
        cy: float,
        radius: float,
        start: float,
        end: float,
        color: Any,
        width: float,
    ) -> None:
        box = [(cx - radius) * self.side, (cy - radius) * self.side]
        box += [(cx + radius) * self.side, (cy + radius) * self.side]
        pixels = max(int(width * self.side), 1)
        self.draw.arc([float(edge) for edge in box], start, end, fill=color, width=pixels)


def _drawing(rng: Rng, image: np.ndarray, colors: Palette, tilt: float, scale: float) -> np.ndarray:
    """Chequerboards, triangles, lines, combs and arcs: the small voices."""
    pen = _Pen(image)
    tints = [tuple((color * 255).astype(int).tolist()) for color in colors.colors]
    black, thin = tints[0], 0.0034 * scale

    def any_tint() -> tuple[int, ...]:
        return tints[int(rng.integers(len(tints)))]

    def place() -> np.ndarray:
        return rng.uniform(0.1, 0.9, 2)

    for _ in range(int(rng.integers(2, 4))):
        (cx, cy), angle, cell = (
            place(),
            tilt + rng.normal(0, 0.15),
            scale * rng.uniform(0.014, 0.024),
        )
        pair, across, down = (black, any_tint()), int(rng.integers(3, 8)), int(rng.integers(2, 5))
        for i in range(across):
            for j in range(down):
                square = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
                box = [(cell * px, cell * py) for px, py in square]
                pen.shape(cx, cy, angle, box, pair[(i + j) % 2])
    for _ in range(int(rng.integers(3, 6))):
        (cx, cy), s, angle = place(), scale * rng.uniform(0.03, 0.10), rng.uniform(0, 6.28)
        pen.shape(cx, cy, angle, [(-s, 0.6 * s), (s, 0.5 * s), (0.1 * s, -s)], any_tint())
    for _ in range(int(rng.integers(9, 15))):
        angle = tilt + rng.normal(0, 0.5) + (np.pi / 2 if rng.random() < 0.3 else 0)
        (cx, cy), long = place(), rng.uniform(0.1, 0.45)
        heavy = int(rng.integers(1, 4)) if rng.random() < 0.3 else 1
        color = black if rng.random() < 0.8 else any_tint()
        pen.line(cx, cy, angle, [(-long, 0), (long, 0)], color, thin * heavy)
    for _ in range(int(rng.integers(3, 6))):
        (cx, cy), angle = place(), tilt + rng.normal(0, 0.2)
        for k in range(int(rng.integers(4, 9))):
            off = (k - 3) * 0.011 * scale
            pen.line(cx, cy, angle, [(-0.06, off), (0.06 - 0.006 * k, off)], black, thin)
    for _ in range(int(rng.integers(4, 8))):
        (cx, cy), radius, start = place(), scale * rng.uniform(0.04, 0.22), rng.uniform(0, 360)
        heavy = int(rng.integers(1, 4))
        pen.arc(cx, cy, radius, start, start + rng.uniform(90, 200), black, thin * heavy)
    return np.asarray(pen.sheet, np.float32) / 255


# ---- drip -------------------------------------------------------------------------------------


def drip(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Stains first, then throws and spatter in one color after another, fine threads last."""
    cloth = 0.05 * fields.smooth_noise(rng, size, 200) + 0.08 * fields.fractal(
        rng, size, 3, octaves=4
    )
    ground = colors.ramp(rng.uniform(0.5, 0.9)) * (1 + cloth[..., None])
    for color in colors.colors[np.argsort(rng.random(len(colors)))[:3]]:
        soaked = fields.step(fields.fractal(rng, size, 3, octaves=5), 0.25, 0.55)
        ground = ground + 0.65 * soaked[..., None] * (color - ground)
    sheet = Canvas(rng, size, ground)
    drift = rng.uniform(-0.6, 0.6)
    order = [*np.argsort(rng.random(len(colors))), 0, len(colors) - 1]
    order.append(order[int(rng.integers(len(colors)))])
    for layer, which in enumerate(order):
        color, threads = colors.colors[which], layer >= len(colors)
        for _ in range(int(rng.integers(3, 6))):
            heavy = rng.random() < 0.4 and not threads
            width = 0.011 if heavy else rng.uniform(0.002, 0.005)
            _throw(rng, sheet, color, scale * width, drift)
        _spatter(rng, sheet, color, scale)
    return sheet.finish(light=0.26, gloss=0.18)


def _throw(rng: Rng, sheet: Canvas, color: np.ndarray, width: float, drift: float) -> None:
    """One long wandering line, thick where the hand was slow."""
    t = np.linspace(0, 1, 220)[:, None]
    curve = rng.uniform(0.1, 0.9, 2) + np.array([1.3, drift]) * (t - 0.5)
    for k in range(1, 9):
        reach, phase = rng.normal(0, 0.27 / k**0.9, 2), rng.uniform(0, 6.28, 2)
        curve = curve + reach * np.sin(2 * np.pi * k * t * rng.uniform(0.6, 1.2) + phase)
    speed = ndimage.gaussian_filter1d(np.hypot(*np.gradient(curve, axis=0).T), 3)
    thick = width * np.clip(np.median(speed) / (speed + 1e-4), 0.3, 3.5)
    pieces = np.stack([curve[:-2], curve[1:-1], curve[2:]], axis=1)
    # Pieces overlap, so that the line has no gaps where it bends.
    pieces = pieces + 0.35 * (pieces - pieces[:, 1:2])
    tint = color + rng.normal(0, 0.008, (len(pieces), 1))
    enamel = Brush(bristle=0.012, taper=0.4, body=1.4, coarse=3.0, ribs=0.1)
    sheet.lay(pieces, thick[1:-1], tint, brush=enamel)


def _spatter(rng: Rng, sheet: Canvas, color: np.ndarray, scale: float) -> None:
    """Drops about a few centers, many small and few large, some drawn out by the throw."""
    count = int(rng.integers(150, 300))
    center = rng.uniform(0.05, 0.95, (6, 2))[rng.integers(0, 6, count)]
    away = rng.normal(0, 0.14, (count, 2))
    middle = center + away
    radius = scale * (0.0012 + 0.0065 * rng.random(count) ** 5)
    reach = radius[:, None] * (1 + 1.6 * rng.random((count, 1)) ** 6)
    along = reach * away / (np.sqrt(np.square(away).sum(axis=1, keepdims=True)) + 1e-6)
    paths = np.stack([middle - along, middle, middle + along], axis=1)
    tint = color + rng.normal(0, 0.01, (count, 1))
    enamel = Brush(bristle=0.01, taper=1.0, body=1.2, coarse=3.0, ribs=0.05)
    sheet.lay(paths, 2 * radius, tint, brush=enamel)


# ---- turing -----------------------------------------------------------------------------------


def turing(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Near neighbors help, far ones hinder: a wave length grows, spots where a motif is dark.

    Source: A. M. Turing, "The chemical basis of morphogenesis", 1952, in the short form of
    S. Kondo, "An updated kernel-based Turing model for studying the mechanisms of biological
    pattern formation", Journal of Theoretical Biology 414, 2017; the kernel is here a ring of
    frequencies, and saturation keeps the values bounded.
    """
    scene = scenes.draw(
        rng, size, "portrait", "koi_pond", "harbor", "night_valley", "mountains", "bouquet"
    )
    side, rim = 256, 32
    x, y = fields.grid(side)
    tone = fields.stretch(ndimage.gaussian_filter(fields.sample(scene.tone, x, y), 1.5))
    wave = 9.5 * scale
    spacing = np.maximum(fields.sample(scene.slope, x, y), 0.2) * wave / side
    stripes = np.sin(2 * np.pi * fields.sample(scene.along, x, y) / spacing)
    u = 0.6 * fields.smooth_noise(rng, side, int(side / wave * 2)) + 0.5 * stripes
    # The transform takes the left edge for the right one's neighbor: a mirrored rim parts them.
    u, lift = (np.pad(field, rim, mode="reflect") for field in (u, 1.6 * (tone - 0.5)))
    frequency = np.hypot(fft.rfftfreq(len(u))[None], fft.fftfreq(len(u))[:, None])
    ring = np.exp(-np.square((frequency - 1 / wave) / (0.34 / wave)))
    for _ in range(26):
        grown = fft.irfft2(fft.rfft2(u) * ring, s=u.shape)
        u = np.tanh(2.6 * grown + lift)
    # The last state before saturation is smooth enough to be enlarged.
    u = (grown + 0.42 * lift)[rim:-rim, rim:-rim]
    u = ndimage.zoom(u, 2 * size / side, order=3, mode="nearest").astype(np.float32)
    cover, u = canvas.shrink(fields.step(u, -0.05, 0.05), 2), canvas.shrink(u, 2)
    light, warm = fields.blur(scene.tone, 0.008), fields.blur(scene.warmth, 0.008)
    high = colors.pick(0.42 + 0.58 * light, warmth=0.15 + 0.85 * warm, softness=0.008)
    low = colors.pick(0.02 + 0.30 * light, warmth=0.6 * warm, softness=0.008)
    image = low + cover[..., None] * (high - low)
    image = canvas.relight(image, 14 * scale * np.tanh(1.5 * u), 0.24, gloss=0.06)
    return np.clip(image, 0, 1).astype(np.float32)
