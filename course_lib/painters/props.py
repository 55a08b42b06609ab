"""Things that stand in scenes: trees, houses, boats, fruit, flowers, fish.

All sizes are unit lengths: 1 is the side of the image.
"""

from collections.abc import Sequence

import numpy as np

from . import fields
from .stage import SceneBuilder

Rng = np.random.Generator


def corners(cx: float, cy: float, size: float, shape: Sequence, *, turn: float = 1.0) -> list:
    """A shape drawn around (0, 0), placed at (cx, cy); turn -1 mirrors it."""
    return [(cx + turn * px * size, cy + py * size) for px, py in shape]


def house(stage: SceneBuilder, cx: float, base: float, size: float) -> None:
    """A farmhouse with a lit front, a shaded gable, roof, chimney, door and windows."""
    part = stage.around(cx, base - 0.9 * size, 1.6 * size, 1.2 * size)
    pieces = [
        ([(-1.3, 0), (-1.3, -0.8), (0.3, -0.8), (0.3, 0)], 0.86, 0.7, part.y),
        ([(0.3, 0), (0.3, -0.8), (0.75, -1.55), (1.2, -0.8), (1.2, 0)], 0.44, 0.3, part.x),
        ([(-0.7, -1.5), (-0.7, -1.9), (-0.5, -1.9), (-0.5, -1.5)], 0.25, 0.9, part.x),
        ([(-1.45, -0.78), (-0.85, -1.6), (0.75, -1.6), (0.26, -0.78)], 0.36, 1.0, part.x - part.y),
        ([(-0.65, 0), (-0.65, -0.5), (-0.4, -0.5), (-0.4, 0)], 0.14, 0.4, part.x),
    ]
    for wx in (-1.1, -0.1, 0.65):
        pane = [(wx, -0.3), (wx, -0.58), (wx + 0.22, -0.58), (wx + 0.22, -0.3)]
        pieces.append((pane, 0.12, 0.2, part.x))
    for shape, tone, warm, along in pieces:
        part.cover(
            part.polygon(corners(cx, base, size, shape)), tone, warm, along=along, detail=0.9
        )


def town_house(
    stage: SceneBuilder,
    rng: Rng,
    cx: float,
    base: float,
    half: float,
    tall: float,
    *,
    steep: float | None = None,
) -> None:
    """A narrow front with a roof and a grid of windows; colors and gable by chance."""
    steep = steep or rng.uniform(0.7, 1.5)
    top = base - tall
    part = stage.around(cx, top, 1.3 * half, max(tall + 0.2, steep * half))
    tone, warm = rng.uniform(0.3, 0.95), rng.random()
    wall = [(cx - half, base + 0.2), (cx - half, top), (cx + half, top), (cx + half, base + 0.2)]
    shade = tone - 0.15 * (part.x - cx) / half
    part.cover(part.polygon(wall), shade, warm, along=part.y, detail=0.6)
    tip = cx if rng.random() < 0.7 else cx + half * (1 if rng.random() < 0.5 else -1) * 0.8
    roof = [(cx - 1.12 * half, top), (tip, top - steep * half), (cx + 1.12 * half, top)]
    dark, hue = rng.uniform(0.12, 0.45), (1.0, 0.85, 0.2)[int(rng.integers(3))]
    part.cover(
        part.polygon(roof), dark + 0.1 * (part.x < tip), hue, along=part.x - part.y, detail=0.6
    )
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    lit = rng.random() < 0.35
    pane = half / (across * 1.9)
    high = min(1.4 * pane, 0.34 * tall / down)
    for i in range(across):
        for j in range(down):
            wx = cx + (i - (across - 1) / 2) * 2 * half / across
            wy = top + (j + 0.6) * tall / down
            box = [
                (-pane / 2, -high),
                (pane / 2, -high),
                (pane / 2, high / 2),
                (-pane / 2, high / 2),
            ]
            light, hue = (0.97, 0.9) if lit else (0.10, 0.2)
            part.cover(part.polygon(corners(wx, wy, 1, box)), light, hue, along=None, detail=0.9)


def flame_tree(
    stage: SceneBuilder, rng: Rng, cx: float, top: float, foot: float, half: float
) -> None:
    """A tall dark poplar, narrow like a flame."""
    part = stage.around(cx, (top + foot) / 2, 2 * half + 0.03, (foot - top) / 2)
    x, y = part.x, part.y
    up = np.clip((y - top) / (foot - top), 0, 1)
    off = x - cx - 0.25 * half * np.sin(up * 7 + rng.uniform(0, 6)) * (1 - up)
    width = half * np.power(up, 0.7) * (1.2 - 0.5 * up)
    ragged = 0.25 * half * part.noise(rng, (26, 12)) * np.sqrt(up)
    licks = np.sin((off / (width + 0.01)) * 6 + 3 * np.sin(up * 12))
    tone = 0.09 + 0.07 * licks + 0.06 * part.noise(rng, 12)
    along = off / (width + 0.03) + 0.15 * np.sin(up * 14 + 40 * off)
    mask = part.edge(width + ragged - np.abs(off)) * (up > 0) * (up < 1)
    part.cover(mask, tone, 0.3 + 0.3 * licks, along=along, detail=0.5)


def round_tree(stage: SceneBuilder, rng: Rng, cx: float, base: float, radius: float) -> None:
    """A leafy tree: trunk, ragged crown lit from above, shadow on the ground."""
    part = stage.around(cx, base - radius, 2.8 * radius, 2.8 * radius)
    x, y = part.x, part.y
    shadow = part.disc(cx + radius, base, 1.5 * radius, flat=0.16, soft=0.008)
    part.cover(0.8 * shadow, 0.14, 0.2, along=None, detail=0.4)
    trunk = [(-0.12, 0), (-0.07, -2), (0.07, -2), (0.12, 0)]
    part.cover(part.polygon(corners(cx, base, radius, trunk)), 0.10, 0.6, along=x, detail=0.7)
    cy = base - 2.0 * radius
    away = np.hypot(x - cx, (y - cy) / 1.15) + 0.30 * radius * part.noise(rng, 30)
    leaves = part.noise(rng, 26)
    lit = -0.6 * (x - cx) / radius - 0.8 * (y - cy) / radius + 0.6 * leaves
    part.cover(
        part.edge(radius - away), 0.24 + 0.20 * lit, 0.25 + 0.25 * lit, along=away, detail=0.7
    )


def fir(stage: SceneBuilder, rng: Rng, cx: float, top: float, foot: float) -> None:
    """A fir with drooping tiers."""
    tall = foot - top
    part = stage.around(cx, (top + foot) / 2, 0.3 * tall, tall / 2)
    up = np.clip((part.y - top) / tall, 0, 1)
    tiers = np.mod(up * 9 + 0.3 * part.noise(rng, 8), 1)
    width = tall * 0.20 * up**0.8 * (0.45 + 0.75 * tiers) + 0.004
    off = part.x - cx
    mask = part.edge(width - np.abs(off)) * (part.y > top) * (part.y < foot)
    tone = 0.08 + 0.10 * tiers - 0.05 * np.clip(off / (width + 0.01), -1, 1)
    part.cover(mask, tone, 0.3 + 0.2 * tiers, along=part.y - 0.8 * np.abs(off), detail=0.7)


def birch(stage: SceneBuilder, rng: Rng, cx: float, near: float, ground: float) -> None:
    """A pale trunk with dark scars, its foot the lower the nearer (0 far to 1 near)."""
    foot = ground + 0.03 + 0.34 * near**1.5
    half = 0.008 + 0.026 * near**1.4
    shadow = [(cx, foot), (cx + 0.02, foot), (cx + 0.4, foot + 0.16), (cx + 0.34, foot + 0.16)]
    stage.cover(0.55 * stage.polygon(shadow), 0.16, 0.2, along=None, detail=0.4)
    part = stage.around(cx, 0.5, 0.15, 0.5)
    x, y = part.x, part.y
    bend = 0.02 * np.sin(y * rng.uniform(2, 5) + rng.uniform(0, 6)) + rng.uniform(-0.06, 0.06) * y
    off = (x - cx - bend) / (half * (0.75 + 0.35 * y))
    scars = part.noise(rng, (34, 5)) + 0.7 * np.abs(off) - 0.25
    bark = 0.62 + 0.30 * near - 0.28 * np.clip(off, -0.3, 1) - 0.55 * fields.step(scars, 0.42, 0.62)
    mask = part.edge((1 - np.abs(off)) * half) * (y < foot)
    part.cover(
        mask,
        bark - 0.25 * (y > foot - 0.03),
        0.45 - 0.25 * off,
        along=y + 0.1 * off * half,
        detail=0.7,
    )


def boat(stage: SceneBuilder, rng: Rng, cx: float, base: float, size: float) -> None:
    """A sailing boat and its broken reflection."""
    part = stage.around(cx, base, 1.2 * size, 2.6 * size)
    lean, turn = rng.uniform(-0.15, 0.15), 1.0 if rng.random() < 0.5 else -1.0
    light, warm = (0.12, 0.85, 0.75)[int(rng.integers(3))], (0.2, 0.9)[int(rng.integers(2))]
    ripple = 0.012 * np.sin(part.y * 260 + 8 * part.x)
    depth = (part.y - base) / (2.2 * size)
    shade = np.clip(1 - np.abs(part.x - cx + ripple) / (0.35 * size), 0, 1)
    shade = np.clip(2 * shade, 0, 0.75) * (depth > 0) * (depth < 1)
    part.cover(shade, light * 0.7 + 0.1, warm, along=None, detail=0.6)
    main = [(0.02, -0.08), (0.1 + lean, -2.2), (0.85, -0.2), (0.5, -0.1)]
    jib = [(-0.06, -0.08), (0.02 + lean, -1.8), (-0.75, -0.1)]
    hull = [(-0.9, 0.0), (0.95, 0.0), (0.65, 0.28), (-0.6, 0.28)]
    for shape, tone, hue in ((main, light, warm), (jib, light - 0.08, warm), (hull, 0.06, 0.6)):
        mask = part.polygon(corners(cx, base, size, shape, turn=turn))
        part.cover(mask, tone, hue, along=part.x + 0.3 * part.y, detail=0.9)


def vessel(
    stage: SceneBuilder,
    cx: float,
    top: float,
    foot: float,
    outline: Sequence[float],
    tone: float,
    warm: float,
) -> None:
    """A jug or bottle with a given outline of half widths from top to foot, lit from the left."""
    part = stage.around(cx + 0.08, (top + foot) / 2, 0.26, (foot - top) / 2 + 0.06)
    x, y = part.x, part.y
    part.cover(
        0.6 * part.disc(cx + 0.10, foot, 0.16, flat=0.28, soft=0.06),
        0.14,
        0.15,
        along=None,
        detail=0.3,
    )
    places = np.linspace(0, 1, 200)
    knots = np.interp(places, np.linspace(0, 1, len(outline)), outline)
    knots = np.convolve(np.pad(knots, 12, mode="edge"), np.ones(25) / 25, mode="valid")
    width = np.interp(np.clip((y - top) / (foot - top), 0, 1), places, knots)
    up, side = (y - top) / (foot - top), (x - cx) / width
    rim = foot + 0.18 * width * np.sqrt(np.clip(1 - side**2, 0, 1))
    mask = part.edge((1 - np.abs(side)) * width) * part.edge(y - top) * part.edge(rim - y)
    shine = np.exp(-np.square((side + 0.45) / 0.14)) * (up > 0.12) * (up < 0.85)
    rebound = 0.25 * np.clip(side - 0.55, 0, 1)
    shade = tone + 0.22 * (0.2 - side) - 0.30 * np.clip(side, 0, 1) ** 2 + rebound + 0.4 * shine
    part.cover(mask, shade, warm + 0.15 * side, along=side, detail=0.5)
    part.cover(
        part.disc(cx, top + 0.004, float(outline[0]), flat=0.3), 0.06, warm, along=None, detail=0.8
    )


def fruit(stage: SceneBuilder, rng: Rng, cx: float, cy: float, radius: float) -> None:
    """An apple or orange, lit from the upper left, with its shadow on the cloth."""
    part = stage.around(cx, cy, 2 * radius, 2 * radius)
    side, up = (part.x - cx) / radius, (part.y - cy) / radius
    shadow = part.disc(cx + 0.5 * radius, cy + 0.75 * radius, 1.1 * radius, flat=0.4, soft=0.02)
    part.cover(0.75 * shadow, 0.16, 0.1, along=None, detail=0.4)
    depth = np.sqrt(np.clip(1 - side**2 - up**2, 0, 1))
    facing = np.clip(-0.55 * side - 0.6 * up + 0.58 * depth, -0.2, 1)
    body, hue = rng.uniform(0.22, 0.5), (1.0, 0.95, 0.85, 0.5)[int(rng.integers(4))]
    shine = np.exp(-(np.square(side + 0.36) + np.square(up + 0.4)) / 0.025)
    tone = body - 0.14 + 0.48 * facing + 0.5 * shine + 0.08 * np.clip(side + up - 0.7, 0, 1)
    along = np.hypot(side + 0.3, up + 0.5)
    part.cover(
        part.disc(cx, cy, radius), tone, hue - 0.25 * (facing < 0.1), along=along, detail=0.6
    )
    stem = [(-0.05, -0.55), (0.2, -1.2), (0.3, -1.18), (0.1, -0.5)]
    part.cover(part.polygon(corners(cx, cy, radius, stem)), 0.08, 0.5, along=None, detail=0.9)


def flower(stage: SceneBuilder, rng: Rng, cx: float, cy: float, radius: float) -> None:
    """Petals around an eye."""
    part = stage.around(cx, cy, 1.1 * radius, 1.1 * radius)
    flat, spin, petals = rng.uniform(0.75, 1.0), rng.uniform(0, 6), int(rng.integers(7, 15))
    away = np.hypot(part.x - cx, (part.y - cy) / flat) / radius
    turn = np.arctan2((part.y - cy) / flat, part.x - cx) + spin
    lobes = np.abs(np.cos(turn * petals / 2))
    tone = (0.5, 0.7, 0.88)[int(rng.integers(3))]
    warm = (1.0, 0.9, 0.6, 0.1)[int(rng.integers(4))]
    shade = tone - 0.20 * (1 - lobes) + 0.12 * (away - 0.5) + 0.1 * (cy - part.y) / radius
    mask = part.edge((0.62 + 0.38 * np.sqrt(lobes) - away) * radius)
    part.cover(mask, shade, warm - 0.2 * (1 - away), along=np.sin(turn), detail=0.6)
    eye = rng.uniform(0.22, 0.38)
    ring = 0.10 + 0.5 * (away / eye) ** 3 * (tone < 0.8) + 0.06 * np.sin(turn * 9)
    part.cover(part.edge((eye - away) * radius), ring, 0.9, along=away, detail=0.9)


def leaf(stage: SceneBuilder, rng: Rng, cx: float, cy: float, tone: float) -> None:
    """A pointed leaf with a middle rib."""
    turn, long = rng.uniform(0, np.pi), rng.uniform(0.07, 0.12)
    part = stage.around(cx, cy, long, long)
    u = (part.x - cx) * np.cos(turn) + (part.y - cy) * np.sin(turn)
    v = -(part.x - cx) * np.sin(turn) + (part.y - cy) * np.cos(turn)
    width = 0.30 * long * np.clip(1 - np.square(u / long), 0, 1)
    mask = part.edge(width - np.abs(v)) * (np.abs(u) < long)
    ribs = np.sin((u - 0.8 * np.abs(v)) * 260)
    part.cover(
        mask, tone + 0.10 * np.sign(v) + 0.03 * ribs, 0.25, along=u - 0.8 * np.abs(v), detail=0.7
    )


def lily_pad(
    stage: SceneBuilder, rng: Rng, cx: float, cy: float, radius: float, *, flat: float = 1.0
) -> None:
    """A round floating leaf with a notch, sometimes with a flower."""
    notch = rng.uniform(-3, 3)
    part = stage.around(cx, cy, 1.1 * radius, 1.1 * radius)
    turn = np.arctan2((part.y - cy) / flat, part.x - cx)
    away = np.hypot(part.x - cx, (part.y - cy) / flat) / radius
    shut = np.cos(turn - notch) < 0.975
    veins = np.abs(np.sin(turn * 6))
    tone = 0.50 + 0.12 * veins - 0.16 * away
    part.cover(part.disc(cx, cy, radius, flat=flat) * shut, tone, 0.45, along=away, detail=0.4)
    if rng.random() < 0.5:
        flower(stage, rng, cx + 0.3 * radius, cy - 0.2 * radius * flat, 0.42 * radius)


def koi(stage: SceneBuilder, rng: Rng, cx: float, cy: float, heading: float, long: float) -> None:
    """A koi seen from above, bent like a bow, with patches, fins and a fan of a tail."""
    part = stage.around(cx, cy, 1.3 * long, 1.3 * long)
    dx, dy = part.x - cx, part.y - cy
    u = (dx * np.cos(heading) + dy * np.sin(heading)) / long
    v = (-dx * np.sin(heading) + dy * np.cos(heading)) / long - 0.28 * (u**2 - 0.3)
    shade = np.exp(-np.square((u + 0.05) / 0.7) - np.square((v + 0.12) / 0.2))
    part.cover(0.5 * shade, 0.08, 0.1, along=None, detail=0.3)
    for sign in (-1, 1):
        fin = np.abs(v * sign - 0.34) / 0.17 + np.abs(u - 0.22 + 0.75 * (v * sign - 0.22)) / 0.15
        part.cover(part.edge((1 - fin) * 0.12 * long), 0.85, 0.7, along=v - u, detail=0.7)
    spread = np.clip(-u - 0.62, 0, 1)
    split = 0.4 * np.clip(-u - 0.82, 0, 1)
    tail = (spread * 0.85 + 0.03 - np.abs(v)) * (u > -1.12) * (u < -0.6) * (np.abs(v) > split)
    part.cover(
        part.edge(tail * long) * (tail > 0),
        0.86 - 0.5 * spread,
        0.8,
        along=v / (spread + 0.2),
        detail=0.7,
    )
    width = 0.235 * np.sqrt(np.clip(1 - np.square((u - 0.1) / 0.85), 0, 1))
    width = width * (1 - 0.30 * np.clip(0.1 - u, 0, 1))
    patches = fields.step(part.noise(rng, 9) + 0.15, 0.0, 0.15)
    round_ = 1 - np.square(v / (width + 0.02))
    mottled = rng.random() < 0.75
    tone = 0.62 + 0.34 * round_ - (0.42 * patches if mottled else 0.35)
    tone = tone + 0.06 * np.sin(u * 42) * np.sin(v * 42)
    warm = 0.6 + 0.4 * patches if mottled else 1.0
    mask = part.edge((width - np.abs(v)) * long) * (np.abs(u - 0.1) < 0.85)
    part.cover(mask, tone, warm, along=v / (width + 0.05), detail=0.7)
    back = part.edge((0.02 - np.abs(v)) * long) * (np.abs(u) < 0.4)
    part.cover(0.7 * back, 0.25, 0.8, along=None, detail=0.7)
    for sign in (-1, 1):
        eye = 0.045 - np.hypot(u - 0.72, v - sign * 0.13)
        part.cover(part.edge(eye * long), 0.04, 0.2, along=None, detail=1.0)
