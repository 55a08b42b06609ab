"""Motifs: imagined places and things, each set up differently for every seed.

A scene tells a painter how light, how warm and how busy each spot is and how the forms run; what
becomes of it, strokes, panes or dots, is the painter's affair.

Longer than other files: a list of scenes, each a few lines.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import fields, props
from .stage import Scene, SceneBuilder

Rng = np.random.Generator


def night_valley(rng: Rng, size: int) -> Scene:
    """A river valley under a turning night sky: moon, stars, hills, lit windows, poplars."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    side = 1 if rng.random() < 0.5 else -1
    moon = (0.5 + side * rng.uniform(0.16, 0.32), rng.uniform(0.13, 0.22))
    psi = y + 0.10 * fields.smooth_noise(rng, size, (3, 2))
    for k in range(3):
        cx, cy = moon if k == 0 else (rng.uniform(0.1, 0.9), rng.uniform(0.12, 0.42))
        lift = 0.45 if k == 0 else (0.4 if rng.random() < 0.5 else -0.4)
        away = np.square(x - cx) + np.square(y - cy)
        psi = psi + lift * np.exp(-away / rng.uniform(0.09, 0.16) ** 2)
    waves = 0.10 * np.sin(psi * rng.uniform(38, 52)) + 0.10 * fields.smooth_noise(rng, size, 4)
    tone = 0.24 + 0.30 * fields.step(y, 0.0, 0.6) + waves
    stage.everywhere(tone, 0.15 + 0.25 * fields.smooth_noise(rng, size, 3), psi)
    lamps = [(*moon, 0.052)]
    for _ in range(int(rng.integers(6, 10))):
        lamps.append((rng.uniform(0.04, 0.96), rng.uniform(0.04, 0.46), rng.uniform(0.008, 0.02)))
    for cx, cy, radius in lamps:
        away = np.hypot(x - cx, y - cy)
        rings = 0.5 + 0.5 * np.cos(away / radius * 2.2)
        glow = np.exp(-np.square(away / (radius * 3.4)))
        stage.cover(0.85 * glow, 0.62 + 0.22 * rings, 0.55 + 0.2 * rings, along=away, detail=0.7)
        stage.cover(stage.disc(cx, cy, radius, soft=0.004), 1.0, 1.0, along=away, detail=0.9)
    horizon = rng.uniform(0.54, 0.60)
    for k in range(2):
        line = horizon + 0.07 * k + (0.07 - 0.02 * k) * fields.ridge(rng, size, 3 + k)
        depth = np.clip((y - line) / 0.2, 0, 1)
        tone = 0.48 - 0.12 * k - 0.16 * depth + 0.07 * np.sin(depth * 40 + 6 * x)
        warm = 0.22 + 0.2 * k + 0.3 * fields.smooth_noise(rng, size, 6)
        stage.cover(
            stage.below(line), tone, warm, along=y - line + 0.02 * np.sin(9 * x), detail=0.35
        )
    shore = horizon + 0.16 + 0.012 * fields.ridge(rng, size, 4)
    _night_river(stage, rng, shore, moon)
    front = (
        0.90 + 0.05 * fields.ridge(rng, size, 3) - 0.12 * fields.step(-side * (x[0] - 0.5), 0, 0.5)
    )
    grass = fields.smooth_noise(rng, size, (6, 30))
    stage.cover(
        stage.below(front),
        0.17 + 0.12 * grass,
        0.50 + 0.3 * grass,
        along=x + 0.02 * grass,
        detail=0.5,
    )
    for k in range(int(rng.integers(2, 5))):
        cx = 0.5 - side * (0.44 - 0.085 * k + rng.uniform(-0.02, 0.02))
        top = 0.10 + 0.11 * k + rng.uniform(-0.05, 0.1)
        props.flame_tree(stage, rng, cx, top, 0.95, 0.05 - 0.006 * k)
    return stage.finish()


def _night_river(
    stage: SceneBuilder, rng: Rng, shore: np.ndarray, moon: tuple[float, float]
) -> None:
    """Water with houses on the far bank, their lights and the moon broken on the ripples."""
    x, y, size = stage.x, stage.y, stage.size
    depth = np.clip(y - shore, 0, 1)
    ripple = np.sin(y * 210 + 4 * fields.smooth_noise(rng, size, (10, 3)))
    glade = np.exp(-np.square((x - moon[0]) / (0.03 + 0.2 * depth)))
    glint = glade * (ripple > -0.1)
    tone = 0.34 + 0.10 * ripple - 0.3 * depth + 0.42 * glint
    stage.cover(stage.below(shore), tone, 0.2 + 0.7 * glint, along=y + 0.01 * ripple, detail=0.4)
    middle, count = rng.uniform(0.35, 0.65), int(rng.integers(9, 13))
    for k in range(count):
        cx = middle + (k - count / 2) * 0.05 + rng.uniform(-0.012, 0.012)
        base = float(shore[int(np.clip(cx, 0, 0.999) * size)])
        w, h = rng.uniform(0.016, 0.026), rng.uniform(0.024, 0.04)
        part = stage.around(cx, base, 0.04, 0.2)
        church = k == count // 2
        wall = [(-w, 0), (-w, -h), (w, -h), (w, 0)]
        roof = [(-w * 1.25, -h), (0, -h - rng.uniform(0.016, 0.03)), (w * 1.25, -h)]
        if church:
            roof = [(-w * 0.5, -h), (0, -h - 0.12), (w * 0.5, -h)]
        tone = rng.uniform(0.2, 0.55)
        part.cover(
            part.polygon(props.corners(cx, base, 1, wall)), tone, 0.35, along=part.x, detail=0.9
        )
        part.cover(
            part.polygon(props.corners(cx, base, 1, roof)),
            0.12,
            0.4,
            along=part.x + part.y,
            detail=0.9,
        )
        if rng.random() < 0.75:
            w, at = 0.3 * w, cx + rng.uniform(-0.4, 0.4) * w
            pane = [(-w, -0.25 * h), (-w, -0.75 * h), (w, -0.75 * h), (w, -0.25 * h)]
            part.cover(
                part.polygon(props.corners(at, base, 1, pane)), 0.97, 1.0, along=None, detail=1.0
            )
            drop = np.clip((part.y - base) / rng.uniform(0.08, 0.2), 0, 1)
            wobble = at + 0.006 * np.sin(part.y * 240 + 3 * k)
            streak = (
                np.clip(1.5 - np.abs(part.x - wobble) / 0.008, 0, 1) * (drop > 0.06) * (drop < 1)
            )
            part.cover(streak * (1 - 0.5 * drop), 0.82, 1.0, along=part.y, detail=0.9)


def harbor(rng: Rng, size: int) -> Scene:
    """Low sun over the sea: banks of cloud, headlands, a glittering path, sailing boats."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    horizon = rng.uniform(0.46, 0.58)
    sun = (rng.uniform(0.25, 0.75), horizon - rng.uniform(0.08, 0.16))
    away = np.hypot(x - sun[0], (y - sun[1]) * 1.3)
    glow = np.exp(-away * 3.2)
    clouds = fields.fractal(rng, size, (5, 2), octaves=4)
    psi = y + 0.05 * fields.smooth_noise(rng, size, (3, 2)) + 0.03 * clouds
    bank = fields.step(clouds + 0.5 * fields.smooth_noise(rng, size, (4, 1)), 0.0, 0.55)
    tone = 0.40 + 0.45 * glow + 0.15 * fields.step(y, 0.0, horizon) - 0.22 * bank
    rim = np.clip(1 - np.abs(clouds - 0.1) * 4, 0, 1) * glow
    warm = 0.25 + 0.95 * glow - 0.15 * bank
    stage.everywhere(tone + 0.35 * rim, warm + 0.3 * rim, psi + 0.1 * glow, detail=0.2)
    stage.cover(stage.disc(*sun, 0.048, soft=0.002), 1.0, 0.85, along=away, detail=0.8)
    for k in range(2):
        start = rng.uniform(0.0, 0.45)
        run = x - start if rng.random() < 0.5 else 1 - start - x
        line = horizon - np.clip(run, 0, 1) ** 0.8 * (0.20 - 0.06 * k) * fields.step(run, 0, 0.1)
        line = line + 0.02 * fields.ridge(rng, size, 6) * fields.step(run, 0.02, 0.3)
        tone = 0.34 - 0.1 * k + 0.1 * fields.smooth_noise(rng, size, 8)
        stage.cover(stage.below(line) * (run > 0), tone, 0.3, along=y - line, detail=0.3)
    near = np.clip((y - horizon) / (1 - horizon), 0, 1)
    swell = np.sin(60 * np.sqrt(near) + 5 * fields.smooth_noise(rng, size, (6, 3)))
    far_chop, near_chop = (
        fields.smooth_noise(rng, size, (40, 8)),
        fields.smooth_noise(rng, size, (18, 4)),
    )
    chop = far_chop * (1 - near) + near_chop * near
    path = np.exp(-np.square((x - sun[0]) / (0.05 + 0.16 * near)))
    glitter = fields.step(chop + 0.3 * swell, 0.1, 0.5) * path
    tone = 0.46 - 0.28 * near + 0.09 * swell + 0.08 * chop + 0.55 * glitter
    warm = 0.18 + 0.12 * chop + 0.75 * glitter + 0.2 * path
    stage.cover(stage.below(horizon), tone, warm, along=y + 0.012 * swell, detail=0.3 + 0.5 * path)
    for k in range(int(rng.integers(2, 5))):
        cx, base = rng.uniform(0.08, 0.92), horizon + 0.05 + 0.09 * k + rng.uniform(0, 0.04)
        props.boat(stage, rng, cx, base, 0.05 + 0.3 * (base - horizon))
    return stage.finish()


def mountains(rng: Rng, size: int) -> Scene:
    """Range behind range in haze, a round sun, a lake and firs in front."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    sun = (rng.uniform(0.2, 0.8), rng.uniform(0.13, 0.26))
    away = np.hypot(x - sun[0], y - sun[1])
    tone = 0.62 + 0.22 * np.exp(-away * 3) + 0.10 * fields.fractal(rng, size, (5, 2), octaves=3)
    stage.everywhere(tone, 0.45 + 0.5 * np.exp(-away * 3), away)
    stage.cover(stage.disc(*sun, rng.uniform(0.06, 0.10)), 0.98, 1.0, along=away, detail=0.5)
    for k in range(5):
        line = (
            0.36
            + 0.105 * k
            + (0.17 - 0.025 * k) * fields.ridge(rng, size, 3 + k, octaves=5, gain=0.45)
        )
        depth = np.clip((y - line) / 0.28, 0, 1)
        folds = fields.smooth_noise(rng, size, (5, 12)) * (1 - depth)
        tone = 0.60 - 0.125 * k + 0.28 * depth * (1 - 0.12 * k) + 0.10 * folds
        along = x + 0.6 * (y - line) * np.sign(folds) + 0.05 * folds
        stage.cover(stage.below(line), tone, 0.2 + 0.12 * k + 0.2 * folds, along=along, detail=0.35)
    shore = 0.83 + 0.02 * fields.ridge(rng, size, 3)
    water = (
        0.70 + 0.2 * np.sin(y * 170 + 3 * fields.smooth_noise(rng, size, (8, 2))) * (y - 0.8) * 4
    )
    stage.cover(stage.below(shore), water, 0.25, along=y, detail=0.3)
    bank = 0.93 + 0.05 * fields.ridge(rng, size, 2)
    stage.cover(
        stage.below(bank),
        0.12 + 0.06 * fields.smooth_noise(rng, size, 20),
        0.5,
        along=y - bank,
        detail=0.5,
    )
    left = rng.random() < 0.5
    for _ in range(int(rng.integers(4, 7))):
        cx = rng.uniform(0.02, 0.42) if left else rng.uniform(0.58, 0.98)
        props.fir(stage, rng, cx, rng.uniform(0.42, 0.72), rng.uniform(0.92, 1.0))
    return stage.finish()


def still_life(rng: Rng, size: int) -> Scene:
    """A table with a cloth: jug, bottle and round fruit in side light."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    light = fields.step(x + 0.5 * y, 1.3, 0.1)
    folds = np.sin(x * rng.uniform(9, 18) + 4 * fields.smooth_noise(rng, size, 2))
    tone = 0.16 + 0.38 * light + 0.08 * folds + 0.08 * fields.smooth_noise(rng, size, 3)
    stage.everywhere(tone, 0.25 + 0.2 * fields.smooth_noise(rng, size, 2), x + 0.03 * folds)
    level = rng.uniform(0.54, 0.62)
    edge = level + rng.uniform(-0.06, 0.06) * (x - 0.5)
    grain = np.sin(y * 90 + 6 * fields.smooth_noise(rng, size, (2, 3)))
    stage.cover(stage.below(edge), 0.40 + 0.05 * grain - 0.1 * x, 0.75, along=y - edge, detail=0.25)
    shift = rng.uniform(-0.1, 0.12)
    outline = [(0.08, level + 0.08), (0.72, level + 0.06), (0.95, 0.86), (0.62, 1.05)]
    outline += [(0.2, 1.05), (0.02, 0.9)]
    cloth = stage.polygon([(px + shift, py) for px, py in outline])
    crease = np.sin((x * 1.3 + y * 0.6) * 22 + 5 * fields.smooth_noise(rng, size, 3))
    stage.cover(
        cloth, 0.80 + 0.13 * crease, 0.35 - 0.1 * crease, along=x * 1.3 + y * 0.6, detail=0.35
    )
    jug_x, bottle_x = (0.3, 0.68) if rng.random() < 0.5 else (0.66, 0.3)
    jug_x, bottle_x = jug_x + rng.uniform(-0.06, 0.06), bottle_x + rng.uniform(-0.06, 0.06)
    bottle = [0.024, 0.024, 0.03, 0.075, 0.08, 0.08, 0.078]
    props.vessel(stage, bottle_x, rng.uniform(0.12, 0.22), 0.74, bottle, 0.22, 0.05)
    jug = [0.055, 0.05, 0.045, 0.085, 0.125, 0.13, 0.115, 0.08]
    hue = 0.1 if rng.random() < 0.5 else 0.9
    props.vessel(stage, jug_x, rng.uniform(0.28, 0.36), 0.78, jug, 0.62, hue)
    spots = [(0.30, 0.80), (0.44, 0.76), (0.57, 0.80), (0.40, 0.87), (0.53, 0.89), (0.70, 0.85)]
    spots += [(0.80, 0.79), (0.17, 0.86)]
    for fx, fy in spots[: int(rng.integers(5, 9))]:
        fx, fy = fx + rng.uniform(-0.04, 0.04), fy + rng.uniform(-0.02, 0.02)
        props.fruit(stage, rng, fx, fy, rng.uniform(0.052, 0.078))
    return stage.finish()


def furrows(rng: Rng, size: int) -> Scene:
    """Fields running to a far horizon, trees, a farmhouse, a big sun with rays."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    horizon = rng.uniform(0.40, 0.48)
    sun = (rng.uniform(0.2, 0.8), horizon - rng.uniform(0.10, 0.22))
    away, turn = np.hypot(x - sun[0], y - sun[1]), np.arctan2(y - sun[1], x - sun[0])
    rays = np.sin(turn * 22 + 2 * fields.smooth_noise(rng, size, 3))
    tone = 0.60 + 0.34 * np.exp(-away * 3.5) + 0.10 * rays * np.exp(-away * 1.5)
    along = np.sin(turn / 2) if rng.random() < 0.5 else away
    stage.everywhere(tone, 0.14 + 0.8 * np.exp(-away * 3) + 0.08 * rays, along)
    stage.cover(stage.disc(*sun, rng.uniform(0.06, 0.085)), 1.0, 1.0, along=away, detail=0.6)
    for k in range(2):
        line = horizon - 0.05 + 0.035 * k + (0.06 - 0.02 * k) * fields.ridge(rng, size, 3 + k)
        tone = 0.46 - 0.1 * k + 0.2 * np.clip((y - line) * 5, 0, 1)
        stage.cover(stage.below(line), tone, 0.15 + 0.1 * k, along=y - line, detail=0.25)
    near = np.clip((y - horizon) / (1 - horizon), 1e-3, 1)
    lane = (x - rng.uniform(0.25, 0.75)) / (near + 0.06)
    plots = np.clip(np.floor(lane * 0.9 + 10.3), 0, 19).astype(int)
    values = rng.random(40)
    rows = np.sin(lane * 26 + 0.8 * fields.smooth_noise(rng, size, 3))
    tone = 0.30 + 0.36 * values[plots] + 0.20 * rows * np.sqrt(near)
    warm = 0.20 + 0.75 * values[20 + plots] + 0.12 * rows
    stage.cover(stage.below(horizon), tone, warm, along=lane, detail=0.4)
    for k in range(int(rng.integers(5, 8))):
        cx, base = rng.uniform(0.02, 0.98), horizon + 0.01 + 0.025 * k + rng.uniform(0, 0.03)
        props.round_tree(stage, rng, cx, base, 0.035 + 0.32 * (base - horizon))
    props.house(stage, 0.78 if sun[0] < 0.5 else 0.22, horizon + 0.16, 0.085)
    return stage.finish()


def meadow(rng: Rng, size: int) -> Scene:
    """Summer: piled clouds, a row of poplars, a path and poppies coming near."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    horizon = rng.uniform(0.42, 0.52)
    puff = fields.fractal(rng, size, (5, 3), octaves=4) + 0.6 * fields.step(y, 0.0, horizon)
    cloud = fields.step(puff, 0.25, 0.6)
    tone = 0.52 + 0.16 * y / horizon + 0.34 * cloud - 0.10 * fields.step(puff, 0.7, 1.3)
    stage.everywhere(tone, 0.08 + 0.35 * cloud, y + 0.08 * puff)
    for k in range(2):
        line = horizon - 0.06 + 0.04 * k + (0.05 - 0.02 * k) * fields.ridge(rng, size, 3)
        tone = 0.50 - 0.10 * k + 0.06 * fields.smooth_noise(rng, size, 7)
        stage.cover(stage.below(line), tone, 0.15 + 0.15 * k, along=y - line, detail=0.3)
    for _ in range(int(rng.integers(6, 11))):
        cx, tall = rng.uniform(0.02, 0.98), rng.uniform(0.12, 0.30)
        foot = horizon + 0.02
        props.flame_tree(stage, rng, cx, foot - tall, foot, tall * rng.uniform(0.1, 0.2))
    near = np.clip((y - horizon) / (1 - horizon), 0, 1)
    blades = fields.smooth_noise(rng, size, (14, 36)) * near + fields.smooth_noise(
        rng, size, (50, 9)
    ) * (1 - near)
    bands = np.sin(16 * np.sqrt(near) + 2 * fields.smooth_noise(rng, size, 3))
    tone = 0.52 - 0.20 * near + 0.12 * blades + 0.08 * bands
    lean = x + 0.25 * np.sin(5 * x) * near + 0.05 * blades
    stage.cover(
        stage.below(horizon + 0.01),
        tone,
        0.40 + 0.2 * bands + 0.15 * blades,
        along=lean,
        detail=0.4,
    )
    bend = 0.5 + rng.uniform(-0.25, 0.25) + 0.16 * np.sin(3.2 * np.sqrt(near) + rng.uniform(0, 6))
    lane = stage.edge(0.010 + 0.11 * near**1.3 - np.abs(x - bend)) * stage.below(horizon + 0.01)
    stage.cover(lane, 0.80 - 0.1 * near + 0.05 * blades, 0.65, along=y + 0.4 * x, detail=0.3)
    spread = np.sort(rng.random(240) ** 1.5)
    for depth in spread:
        cx, cy, radius = rng.random(), horizon + 0.02 + depth * (1 - horizon), 0.003 + 0.024 * depth
        part = stage.around(cx, cy, 1.5 * radius, 1.5 * radius)
        blossom = part.disc(cx, cy, radius, flat=0.72)
        shade = 0.55 - 0.25 * (part.y - cy) / radius + rng.uniform(-0.12, 0.16)
        part.cover(blossom, shade, 1.0, along=part.y + part.x, detail=0.8)
        part.cover(
            part.disc(cx, cy + 0.1 * radius, 0.28 * radius), 0.05, 0.5, along=None, detail=0.8
        )
    return stage.finish()


def lily_pond(rng: Rng, size: int) -> Scene:
    """A footbridge over a pond, willows behind, their reflection, lilies."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    bank = rng.uniform(0.44, 0.50)
    masses = fields.smooth_noise(rng, size, (2, 5))
    hanging = fields.smooth_noise(rng, size, (3, 34))
    tone = 0.40 + 0.24 * masses + 0.12 * hanging + 0.25 * fields.step(bank - y, 0.15, 0.5)
    stage.everywhere(tone, 0.30 + 0.35 * masses + 0.1 * hanging, x + 0.05 * hanging, detail=0.35)
    line = bank + 0.015 * fields.ridge(rng, size, 5)
    mirror = np.clip(2 * bank - y, 0, 1)
    rows = np.clip((mirror[:, 0] * size).astype(int), 0, size - 1)
    ripple = np.sin(y * 150 + 5 * fields.smooth_noise(rng, size, (9, 3)))
    tone = 0.82 * tone[rows] + 0.05 + 0.07 * ripple + 0.12 * fields.step(y, 0.6, 1.0)
    warm = 0.10 + 0.3 * masses[rows] + 0.05 * ripple
    stage.cover(stage.below(line), tone, warm, along=y + 0.02 * x + 0.01 * ripple, detail=0.3)
    _bridge(stage, rng, bank)
    for depth in np.sort(rng.random(26)):
        cx, cy = rng.random(), bank + 0.10 + 0.46 * depth
        reach = 0.012 + 0.055 * depth
        for _ in range(int(rng.integers(2, 5))):
            px, py = cx + rng.uniform(-2, 2) * reach, cy + rng.uniform(-0.5, 0.5) * reach
            props.lily_pad(stage, rng, px, py, reach * rng.uniform(0.7, 1.1), flat=0.38)
    return stage.finish()


def _bridge(stage: SceneBuilder, rng: Rng, bank: float) -> None:
    """An arched footbridge with a railing, and its shadow on the water."""
    x, y = stage.x, stage.y
    middle, half = rng.uniform(0.4, 0.6), rng.uniform(0.36, 0.46)
    across = (x - middle) / half
    arch = bank - 0.13 + 0.15 * across**2
    span = np.abs(across) < 1.15
    dim = stage.edge(0.025 - np.abs(y - (2 * bank - arch + 0.03))) * span
    stage.cover(0.6 * dim, 0.16, 0.1, along=None, detail=0.3)
    hue, light = (0.9, 0.1)[int(rng.integers(2))], rng.uniform(0.25, 0.75)
    posts = (np.abs(np.mod(across * 8 + 0.5, 1) - 0.5) < 0.07) * (y < arch) * (y > arch - 0.085)
    stage.cover(posts * span * 1.0, light - 0.15, hue, along=x, detail=0.8)
    for lift, thick in ((0.0, 0.016), (0.05, 0.006), (0.085, 0.009)):
        rail = stage.edge(thick - np.abs(y - arch + lift)) * span
        shade = light - 0.25 * np.clip((y - arch + lift) / thick, -1, 1)
        stage.cover(rail, shade, hue, along=y - arch, detail=0.8)


def bouquet(rng: Rng, size: int) -> Scene:
    """A vase of many-petaled flowers before a plain wall."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    dark = rng.random() < 0.5
    wall = (
        (0.20 if dark else 0.80) + 0.14 * (x - y) + 0.08 * fields.fractal(rng, size, 3, octaves=3)
    )
    stage.everywhere(wall, rng.uniform(0.1, 0.6), x + 0.6 * y + 0.1 * wall)
    table = 0.80 + rng.uniform(-0.05, 0.05) * (x - 0.5)
    shade = (0.46 if dark else 0.34) + 0.08 * np.sin(y * 60 + 4 * x)
    stage.cover(stage.below(table), shade, 0.75, along=y + 0.02 * x, detail=0.2)
    outline = [0.085, 0.08, 0.085, 0.115, 0.125, 0.12, 0.10, 0.075]
    hue = 0.05 if rng.random() < 0.5 else 0.9
    props.vessel(stage, 0.5, 0.60, 0.90, outline, rng.uniform(0.35, 0.65), hue)
    count = int(rng.integers(13, 18))
    heads = []
    for k in range(count):
        turn, reach = 2.4 * k + rng.uniform(-0.2, 0.2), 0.36 * np.sqrt((k + 0.4) / count)
        heads.append((0.5 + reach * np.cos(turn), 0.38 + 0.86 * reach * np.sin(turn)))
    green = 0.45 if dark else 0.28
    for cx, cy in heads:
        bend = 0.5 + 0.12 * (cx - 0.5)
        line = bend + (cx - bend) * np.clip((0.64 - y) / max(0.64 - cy, 1e-3), 0, 1) ** 1.4
        stem = stage.edge(0.006 - np.abs(x - line)) * (y > cy) * (y < 0.62)
        stage.cover(stem, green, 0.3, along=x - line, detail=0.8)
        props.leaf(stage, rng, 0.5 + 0.8 * (cx - 0.5), cy + 0.12, green)
    for cx, cy in sorted(heads, key=lambda head: -np.hypot(head[0] - 0.5, head[1] - 0.4)):
        props.flower(stage, rng, cx, cy, rng.uniform(0.065, 0.115))
    return stage.finish()


def hill_town(rng: Rng, size: int) -> Scene:
    """Gabled houses climbing a hill to a tower, under a large sun or moon."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    sun = (rng.uniform(0.16, 0.84), rng.uniform(0.12, 0.22))
    away = np.hypot(x - sun[0], y - sun[1])
    night = rng.random() < 0.4
    tone = (0.30 if night else 0.58) + 0.30 * np.exp(-away * 3) - 0.2 * (0.4 - y)
    tone = tone + 0.08 * fields.fractal(rng, size, 3, octaves=3)
    stage.everywhere(tone, 0.2 + 0.5 * np.exp(-away * 3), away, detail=0.1)
    stage.cover(stage.disc(*sun, rng.uniform(0.06, 0.09)), 0.98, 1.0, along=away, detail=0.5)
    peak = rng.uniform(0.35, 0.65)
    hill = 0.34 + 0.5 * np.abs(x[0] - peak) ** 1.3 + 0.02 * fields.ridge(rng, size, 4)
    stage.cover(stage.below(hill), 0.30, 0.4, along=y - hill, detail=0.2)
    props.town_house(stage, rng, peak, 0.42, 0.045, 0.24, steep=2.4)
    rows = 6
    for row in range(rows):
        near = row / (rows - 1)
        wide = 0.038 + 0.050 * near
        count = int(np.ceil(1.15 / (2 * wide)))
        shift = rng.uniform(-0.5, 0.5)
        for k in np.argsort(rng.random(count)):
            cx = (k + 0.5 + shift) * 1.1 / count - 0.05 + rng.uniform(-0.2, 0.2) * wide
            ground = 0.34 + 0.5 * abs(cx - peak) ** 1.3
            base = ground + 0.11 + near * (0.94 - ground) + rng.uniform(-0.02, 0.02)
            tall = wide * rng.uniform(1.2, 2.4)
            props.town_house(stage, rng, cx, base, wide * rng.uniform(0.7, 1.05), tall)
    return stage.finish()


def birches(rng: Rng, size: int) -> Scene:
    """A birch wood: pale trunks with dark scars, fallen leaves, light between far stems."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    ground = rng.uniform(0.52, 0.62) + 0.04 * fields.ridge(rng, size, 3)
    gaps = fields.smooth_noise(rng, size, (2, 22)) + 0.6 * fields.smooth_noise(rng, size, (4, 5))
    canopy = fields.fractal(rng, size, (10, 10), octaves=3)
    light = 0.25 * np.exp(-np.square((y - 0.45) / 0.16))
    tone = 0.34 + 0.20 * gaps + 0.10 * canopy + light
    stage.everywhere(tone, 0.20 + 0.2 * canopy, x + 0.02 * gaps, detail=0.4)
    leaves = fields.fractal(rng, size, (22, 12), octaves=3)
    bands = fields.step(np.sin(x * 9 + y * 22 + 2 * fields.smooth_noise(rng, size, 3)), -0.2, 0.9)
    tone = 0.30 + 0.15 * leaves + 0.34 * bands * fields.step(y, 0.5, 0.9)
    stage.cover(stage.below(ground), tone, 0.8 + 0.25 * leaves, along=y + 0.15 * x, detail=0.6)
    trunks = int(rng.integers(11, 15))
    places = (np.arange(trunks) + rng.uniform(0.15, 0.85, trunks)) / trunks
    for rank, k in enumerate(np.argsort(rng.random(trunks))):
        props.birch(stage, rng, float(places[k]), rank / (trunks - 1), float(ground.mean()))
    return stage.finish()


def koi_pond(rng: Rng, size: int) -> Scene:
    """Fish circling in a dark pond with rings on the water and lily pads."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    cx, cy = rng.uniform(0.42, 0.58), rng.uniform(0.42, 0.58)
    away = np.hypot(x - cx, y - cy) + 0.05 * fields.smooth_noise(rng, size, 3)
    rings = np.sin(away * 62)
    tone = 0.22 + 0.20 * np.clip(0.5 - away, 0, 1) + 0.06 * rings
    stage.everywhere(
        tone + 0.07 * fields.smooth_noise(rng, size, 3), 0.12 + 0.08 * rings, away, detail=0.1
    )
    for _ in range(int(rng.integers(5, 8))):
        turn, radius = rng.uniform(0, 6.28), rng.uniform(0.07, 0.12)
        props.lily_pad(stage, rng, 0.5 + 0.52 * np.cos(turn), 0.5 + 0.52 * np.sin(turn), radius)
    count = int(rng.integers(3, 5))
    start = rng.uniform(0, 6.28)
    for k in range(count):
        turn = start + 6.283 * k / count
        fx, fy = cx + 0.25 * np.cos(turn), cy + 0.25 * np.sin(turn)
        props.koi(stage, rng, fx, fy, turn + 1.57, rng.uniform(0.17, 0.23))
    return stage.finish()


def portrait(rng: Rng, size: int) -> Scene:
    """A long-necked sitter with almond eyes, lit from the left."""
    stage = SceneBuilder(size)
    x, y = stage.x, stage.y
    wall = rng.uniform(0.35, 0.7)
    split = x + 0.15 * (y - 0.5) > rng.uniform(0.35, 0.65)
    tone = wall - 0.2 * split + 0.10 * fields.fractal(rng, size, 3, octaves=3) - 0.15 * (y - 0.5)
    stage.everywhere(tone, 0.2 + 0.4 * split, x + 0.3 * y + 0.03 * np.sin(9 * y))
    tilt, mirror = rng.uniform(-0.16, 0.16), 1 if rng.random() < 0.5 else -1
    dx, dy = (x - 0.5) * mirror, y - 0.40
    u = (dx * np.cos(tilt) + dy * np.sin(tilt)) / 0.20
    v = (-dx * np.sin(tilt) + dy * np.cos(tilt)) / 0.20
    hair_tone, hair_warm = rng.uniform(0.05, 0.35), rng.uniform(0.2, 1.0)
    strands = np.sin(np.hypot(u, v + 0.2) * 34 + 2 * fields.smooth_noise(rng, size, 4))
    long = rng.random() < 0.6
    back = 1.08 - np.hypot(u, (v + 0.12) / (1.5 if long else 1.12))
    stage.cover(
        stage.edge(0.2 * back),
        hair_tone + 0.025 * strands,
        hair_warm,
        along=np.hypot(u, v),
        detail=0.5,
    )
    slope = 1.80 + 0.55 * np.clip(np.abs(u) - 0.35, 0, 9) ** 1.1
    dress, hue = rng.uniform(0.15, 0.6), rng.choice(np.array([0.05, 0.5, 1.0]))
    fold = np.sin(u * 9 + 3 * v) * 0.05 - 0.10 * np.clip(u, -1, 2)
    stage.cover(
        stage.edge(0.2 * (v - slope)), dress + fold, hue, along=u + 0.2 * v * u, detail=0.35
    )
    neck = 0.36 + 0.10 * np.clip(v - 1.2, 0, 2) ** 2 - np.abs(u + 0.02)
    shade = 0.66 - 0.30 * np.clip(u + 0.15, 0, 1) - 0.28 * fields.step(v, 1.35, 0.9)
    throat = (v > 0.4) & (v < 2.1 - 0.9 * u**2)
    stage.cover(stage.edge(0.2 * neck) * throat, shade, 0.8, along=u, detail=0.4)
    _face(stage, u, v)
    fringe = -0.42 - 0.25 * (u + 0.2) ** 2 + 0.9 * np.clip(-u - 0.1, 0, 1) - v
    cap = stage.edge(0.2 * np.minimum(fringe, 1.06 - np.hypot(u / 0.82, v / 1.18)))
    stage.cover(cap, hair_tone + 0.04 * strands, hair_warm, along=v - 0.8 * u, detail=0.5)
    return stage.finish()


def _face(stage: SceneBuilder, u: np.ndarray, v: np.ndarray) -> None:
    """The face in coordinates where it reaches from -1 to 1."""

    def add(
        depth: np.ndarray,
        tone: Any,
        warm: Any,
        along: np.ndarray | None = None,
        detail: Any = 0.9,
        where: Any = True,
    ) -> None:
        stage.cover(stage.edge(0.2 * depth) * where, tone, warm, along=along, detail=detail)

    jaw = 0.70 * np.sqrt(np.clip(1 - (v / 1.12) ** 2, 0, 1)) * (1 - 0.20 * np.clip(v, 0, 1)) - 0.02
    cheek = 0.12 * np.exp(-(np.square((np.abs(u) - 0.36) / 0.2) + np.square((v - 0.25) / 0.22)))
    tone = 0.82 - 0.32 * fields.step(u + 0.25 * v, 0.0, 0.7) - cheek - 0.12 * np.clip(v - 0.8, 0, 1)
    add(jaw - np.abs(u), tone, 0.75 + cheek, u + 0.3 * u * v, 0.5)
    off = u - 0.03 - 0.04 * v
    ridge = 0.06 + 0.06 * np.clip(v + 0.2, 0, 1)
    add(ridge - np.abs(off), 0.46, 0.7, u, where=(v > -0.30) & (v < 0.34) & (off > -0.01))
    add(0.11 - np.hypot(u - 0.03, (v - 0.33) * 1.5), 0.56, 0.85, v)
    add(0.025 - np.hypot(np.abs(u - 0.03) - 0.06, (v - 0.37) * 1.3), 0.15, 0.7)
    for side in (-1, 1):
        out = (u - side * 0.33) * side
        lid = 0.105 - 0.10 * np.square(out / 0.2)
        add(lid - np.abs(v + 0.10 + 0.04 * out), 0.12, 0.3, v, where=np.abs(out) < 0.24)
        white = lid - 0.035 - np.abs(v + 0.09 + 0.04 * out)
        add(white, 0.88, 0.3, v)
        add(np.minimum(0.075 - np.hypot(out + 0.01, v + 0.09), white), 0.20, 0.0)
        add(0.022 - np.hypot(out - 0.01 * side, v + 0.12), 0.98, 0.3)
        brow = 0.034 * (1 - np.abs(out / 0.34)) - np.abs(v + 0.36 - 0.5 * (out - 0.02) ** 2)
        add(brow, 0.10, 0.5, v, where=np.abs(out) < 0.3)
    wide = np.clip((0.24 - np.abs(u - 0.02)) * 4.3, 0, 1)
    bow = 1 - 0.35 * np.exp(-np.square((u - 0.02) / 0.05))
    add(0.075 * wide * bow - (0.62 - v), 0.26, 1.0, v, where=(v < 0.62) & (wide > 0))
    add(0.095 * np.sqrt(wide) - (v - 0.62), 0.44, 1.0, v, where=(v >= 0.62) & (wide > 0))
    add(0.012 - np.abs(v - 0.62), 0.10, 0.9, v, where=np.abs(u - 0.02) < 0.26)


SCENES: dict[str, Callable[[Rng, int], Scene]] = {
    "birches": birches,
    "bouquet": bouquet,
    "furrows": furrows,
    "harbor": harbor,
    "hill_town": hill_town,
    "koi_pond": koi_pond,
    "lily_pond": lily_pond,
    "meadow": meadow,
    "mountains": mountains,
    "night_valley": night_valley,
    "portrait": portrait,
    "still_life": still_life,
}


def draw(rng: Rng, size: int, *names: str) -> Scene:
    """One of the named scenes, chosen and set up by the random numbers; any if none is named."""
    choice = names or tuple(SCENES)
    return SCENES[choice[int(rng.integers(len(choice)))]](rng, size)
