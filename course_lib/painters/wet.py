"""Painters who let water work for them: watercolor, ink wash, marbled paper, batik."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from . import canvas, fields, scenes
from .canvas import FLAT, Brush, Canvas
from .palettes import Palette

Rng = np.random.Generator
Motion = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


# ---- watercolor -------------------------------------------------------------------------------


def watercolor(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Five washes, each over what is darker than its level; pigment adds up as optical density."""
    scene = scenes.draw(
        rng,
        size,
        "bouquet",
        "harbor",
        "meadow",
        "lily_pond",
        "hill_town",
        "mountains",
        "still_life",
    )
    tooth = 0.6 * fields.smooth_noise(rng, size, 220) + 0.6 * fields.smooth_noise(rng, size, 110)
    wander = [0.006 * scale * fields.fractal(rng, size, 14, octaves=3) for _ in range(2)]
    tone = fields.stretch(fields.warp(fields.blur(scene.tone, 0.003 * scale), *wander))
    warm = fields.warp(fields.blur(scene.warmth, 0.005 * scale), *wander)
    bleed = fields.blur(tone, 0.02 * scale)
    density = np.zeros((size, size), np.float32)
    for k, level in enumerate((0.88, 0.70, 0.54, 0.40, 0.26)):
        wet = fields.step(fields.smooth_noise(rng, size, 3), -0.1, 0.5) * (1.0 if k < 3 else 0.4)
        seen = tone + 0.8 * wet * (bleed - tone)
        reach = (level - seen + 0.035 * fields.fractal(rng, size, 7, octaves=4)) * 60
        wash = np.clip(reach / (1 + 9 * wet) + 0.5, 0, 1)
        inside = ndimage.distance_transform_edt(wash > 0.5).astype(np.float32) / size
        rim = np.exp(-inside / (0.0032 * scale)) * (1 - wet)
        pool = fields.fractal(rng, size, 4, octaves=4)
        density += wash * (0.20 + 0.16 * rim + 0.08 * pool - 0.035 * tooth + 0.03 * k)
    for _ in range(int(rng.integers(2, 5))):
        density *= _bloom(rng, size, scale)
    mingle = 0.14 * fields.fractal(rng, size, 5, octaves=3)
    hue = colors.pick(0.24 + 0.62 * bleed + 0.5 * mingle, warmth=warm + mingle, softness=0.015)
    absorb = -np.log(np.clip(hue, 0.04, 0.97))
    # Here and there the brush leaves a thread of dry paper between two objects.
    thread = ndimage.gaussian_filter(fields.borders(scene.label).astype(np.float32), 0.9)
    dry = 1 - 0.9 * thread * fields.step(fields.smooth_noise(rng, size, 5), 0.15, 0.6)
    density = 1.15 * density * dry + _splashes(rng, size, scale)
    paper = np.array([0.99, 0.98, 0.955], np.float32) * (1 + 0.010 * tooth[..., None])
    return np.clip(paper * np.exp(-absorb * density[..., None]), 0, 1).astype(np.float32)


def _bloom(rng: Rng, size: int, scale: float) -> np.ndarray:
    """A back-run: a drop of water pushes the pigment out to a ragged rim. Factors for density."""
    x, y = fields.grid(size)
    cx, cy, radius = rng.random(), rng.random(), rng.uniform(0.04, 0.10) * scale
    away = np.hypot(x - cx, y - cy) / radius + 0.55 * fields.fractal(rng, size, 8, octaves=4)
    rim = np.exp(-np.square((away - 1.05) / 0.10))
    return 1 - 0.30 * fields.step(away, 1.0, 0.4) + 0.22 * rim


def _splashes(rng: Rng, size: int, scale: float) -> np.ndarray:
    """Density of small drops flicked from the brush, dark at their rims."""
    x, y = fields.grid(size)
    density = np.zeros((size, size), np.float32)
    for _ in range(26):
        cx, cy, radius = rng.random(), rng.random(), scale * (0.0015 + 0.006 * rng.random() ** 3)
        away = np.hypot(x - cx, y - cy) - radius
        rim = np.exp(np.minimum(away, 0) / 0.002)
        density += np.clip(0.5 - away * size, 0, 1) * (0.35 + 0.5 * rim)
    return density


# ---- ink wash ---------------------------------------------------------------------------------


def ink_wash(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Ink soaks in as ranges that fade downwards; pines and birds are drawn on top, brush dry."""
    x, y = fields.grid(size)
    side = 1 if rng.random() < 0.5 else -1
    fiber = fields.smooth_noise(rng, size, (170, 36)) + fields.smooth_noise(rng, size, (42, 170))
    sun = np.hypot(x - 0.5 - side * rng.uniform(0.1, 0.3), y - rng.uniform(0.14, 0.24))
    radius = rng.uniform(0.05, 0.08)
    density = (
        0.05 + 0.05 * fields.fractal(rng, size, (3, 1), octaves=4) + 0.10 * np.clip(0.3 - y, 0, 1)
    )
    sky = np.ones_like(x)
    for k in range(5):
        density, cover = _range(rng, density, k)
        sky *= 1 - cover
    foot = 0.5 + 0.30 * side
    density = _bank(rng, density, foot)
    veil = fields.fractal(rng, size, (7, 2), octaves=4) + 0.6 * np.sin(y * 9 + 1)
    density = density * (1 - 0.6 * fields.step(veil, 0.5, 1.4) * fields.step(y, 0.9, 0.6))
    paper = 1 + 0.014 * fiber + 0.02 * fields.fractal(rng, size, 3, octaves=4)
    image = colors.light * paper[..., None]
    red = colors.colors[int(np.argmax(colors.warmths + 0.2 * (colors.tones < 0.8)))]
    disc = np.clip((radius - sun) * size * 0.5 + 0.5, 0, 1) * sky
    image = image * (1 - 0.9 * disc[..., None] * (1 - red))
    soaked = np.clip(1 + 0.10 * fiber + 0.08 * fields.smooth_noise(rng, size, 120), 0.5, 1.5)
    ink = 1 - np.exp(-2.6 * np.clip(density, 0, 2) * soaked)
    image = image + (colors.dark - image) * ink[..., None]
    sheet = Canvas(rng, size, image)
    _pines(rng, sheet, colors.dark, foot, side, scale)
    _reeds(rng, sheet, colors.dark, foot, side, scale)
    _birds(rng, sheet, colors.dark, 0.5 - side * 0.2)
    return _seal(rng, sheet.finish(), red, 0.5 - side * 0.40)


def _range(rng: Rng, density: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """One range before the others: dark along its crest, sinking into mist. Density and cover."""
    size = density.shape[0]
    _, y = fields.grid(size)
    crest = (
        0.30 + 0.125 * k + (0.16 - 0.018 * k) * fields.ridge(rng, size, 2 + k, octaves=6, gain=0.5)
    )
    depth = y - crest - 0.006 * fields.smooth_noise(rng, size, (12, 40))
    fall = np.clip(depth, 0, 1)
    furrows = fields.smooth_noise(rng, size, (6 + 2 * k, 26 + 6 * k))
    furrows = fields.step(furrows + 0.6 * fields.smooth_noise(rng, size, (14, 60)), 0.1, 0.9)
    wash = np.exp(-fall / (0.085 - 0.006 * k)) * (0.20 + 0.17 * k)
    wash = wash + furrows * np.exp(-fall / 0.11) * (0.08 + 0.09 * k)
    line = np.exp(-np.square(depth / 0.006)) * (0.10 + 0.06 * k)
    cover = np.clip(depth * size * 0.6 + 0.5, 0, 1)
    return density * (1 - 0.85 * cover) + cover * wash + line, cover


def _bank(rng: Rng, density: np.ndarray, foot: float) -> np.ndarray:
    """The near bank: a wet wash, darker below, with flecks of bare paper."""
    size = density.shape[0]
    x, y = fields.grid(size)
    top = 0.86 + 2.5 * np.square(x - foot) + 0.03 * fields.smooth_noise(rng, size, (4, 14))
    flecks = fields.smooth_noise(rng, size, (40, 26)) + fields.smooth_noise(rng, size, 14)
    wash = 0.30 + 0.9 * np.clip(y - top, 0, 0.3) + 0.20 * fields.fractal(rng, size, 8, octaves=3)
    wash = np.clip(wash - 0.25 * fields.step(flecks, 0.2, 0.9), 0.03, 1)
    cover = np.clip((y - top) * size * 0.25 + 0.5, 0, 1)
    return density * (1 - cover) + cover * wash


def _pines(rng: Rng, sheet: Canvas, ink: np.ndarray, foot: float, side: int, scale: float) -> None:
    """Leaning trunks, level branches, needles in fans."""
    t = np.linspace(0, 1, 9)[:, None]
    trunks = []
    for k in range(int(rng.integers(2, 4))):
        base = np.array([foot + side * (0.10 * k - 0.05), 0.93])
        lean = np.array([-side * rng.uniform(0.08, 0.22), -rng.uniform(0.28, 0.50)])
        bend = np.array([side * rng.uniform(0.02, 0.08), 0.0])
        trunks.append(base + lean * t + bend * np.sin(np.pi * t * 1.7) * (1 - 0.4 * t))
    branches, tufts = [], []
    for trunk in trunks:
        for j in range(3, 9):
            for sign in (-1, 1):
                if rng.random() < 0.35:
                    continue
                reach = sign * rng.uniform(0.04, 0.13) * (1.2 - j / 12)
                end = np.array([reach, rng.uniform(-0.035, 0.012)])
                branch = trunk[j] + end * t + np.array([0, -0.015]) * np.sin(np.pi * t)
                branches.append(branch)
                tufts += [branch[-1], branch[5], branch[-1] + np.array([sign * 0.02, 0.004])]
    needles, shades = [], []
    for tuft in tufts:
        for _ in range(34):
            start = tuft + rng.normal(0, 1, 2) * np.array([0.016, 0.006])
            turn, long = rng.uniform(1.02, 1.98) * np.pi, scale * rng.uniform(0.012, 0.024)
            tip = start + long * np.array([np.cos(turn), np.sin(turn)])
            needles.append([start, (start + tip) / 2, tip])
            shades.append(ink + rng.uniform(0, 0.30))
    widths = rng.uniform(0.003, 0.006, len(branches)), rng.uniform(0.0016, 0.0034, len(needles))
    dark = np.tile(ink + 0.03, (len(trunks) + len(branches), 1))
    dry = Brush(bristle=0.03, dry=0.30, taper=0.35)
    sheet.lay(np.array(trunks), np.full(len(trunks), 0.022), dark[: len(trunks)], brush=dry)
    twig = Brush(bristle=0.03, dry=0.25, taper=0.5)
    sheet.lay(np.array(branches), widths[0], dark[len(trunks) :], brush=twig)
    fan = Brush(bristle=0.02, dry=0.2, taper=0.9)
    sheet.lay(np.array(needles), scale * widths[1], np.array(shades), brush=fan)


def _reeds(rng: Rng, sheet: Canvas, ink: np.ndarray, foot: float, side: int, scale: float) -> None:
    """Dry strokes on the bank, all leaning one way."""
    n = int(90 / scale)
    x = foot + rng.normal(0, 0.14, n)
    middle = np.stack([x, 0.86 + 2.5 * np.square(x - foot) + 0.14 * rng.random(n)], axis=1)
    turn, long = rng.normal(0.9 * side, 0.3, n), rng.uniform(0.03, 0.09, n)
    reach = 0.5 * long[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    paths = np.stack([middle - reach, middle + 0.15 * reach[:, ::-1], middle + reach], axis=1)
    shades = ink + rng.uniform(0, 0.12, (n, 1))
    dry = Brush(bristle=0.03, dry=0.55, taper=0.7)
    sheet.lay(paths, scale * rng.uniform(0.003, 0.012, n), shades, brush=dry)


def _birds(rng: Rng, sheet: Canvas, ink: np.ndarray, cx: float) -> None:
    """A few far birds, two strokes of the wing each."""
    n = int(rng.integers(3, 7))
    middle = np.array([cx, rng.uniform(0.2, 0.34)]) + rng.normal(0, 1, (n, 2)) * [0.06, 0.025]
    wing = rng.uniform(0.007, 0.012, n)[:, None, None]
    paths = middle[:, None] + wing * np.array([(-1, -0.5), (0, 0), (1, -0.6)])
    sheet.lay(paths, np.full(n, 0.0032), np.tile(ink, (n, 1)), brush=Brush(bristle=0.0, taper=0.8))


def _seal(rng: Rng, image: np.ndarray, red: np.ndarray, cx: float) -> np.ndarray:
    """The painter's seal near the lower corner, a little worn."""
    size = image.shape[0]
    x, y = fields.grid(size)
    u, v = (x - cx) / 0.026, (y - 0.90) / 0.026
    worn = fields.smooth_noise(rng, size, 60) + fields.smooth_noise(rng, size, 150)
    stamp = (np.maximum(np.abs(u), np.abs(v)) < 1 + 0.05 * worn) & (worn < 1.1)
    columns = np.abs(np.mod(u * 2.5 + 0.5 * (v > 0), 1) - 0.5) < 0.16
    columns &= (np.abs(v) < 0.78) & (np.abs(u) < 0.75)
    bars = (np.abs(np.mod(v * 2, 1) - 0.5) < 0.12) & (np.abs(u) < 0.55)
    cover = fields.blur((stamp & ~columns & ~bars).astype(np.float32), 0.0014)[..., None]
    return np.clip(image + cover * (0.92 * red - image), 0, 1).astype(np.float32)


# ---- marbled paper ----------------------------------------------------------------------------


def marbled(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Where was the paint of this pixel before the comb came? Every motion is run backwards.

    Source: S. Lu, A. Jaffer, X. Jin, H. Zhao, X. Mao, "Mathematical marbling", IEEE Computer
    Graphics and Applications 32 (6), 2012, whose tines and drops these are; the curl is our own.
    """
    fine = 3
    x, y = (axis.ravel() for axis in fields.grid(size * fine))
    for undo in reversed(_motions(rng, scale)):
        x, y = undo(x, y)
    image = _bath(rng, x, y, colors, scale).reshape(size * fine, size * fine, 3)
    grain = 0.012 * fields.smooth_noise(rng, size, 170) + 0.02 * fields.fractal(
        rng, size, 5, octaves=4
    )
    image = canvas.shrink(image, fine) * (1 + grain[..., None])
    return np.clip(image, 0, 1).astype(np.float32)


def _motions(rng: Rng, scale: float) -> list[Motion]:
    """What is done to the bath, first to last, as functions that undo it."""
    motions = []
    kind = int(rng.integers(3))
    wide, phase = rng.uniform(0.13, 0.19) * scale, rng.random()
    for k, pull in enumerate((0.16, -0.16)):
        motions.append(_comb(0.0, wide, pull * scale, 0.020 * scale, phase + 0.5 * k))
    if kind != 1:
        spacing = rng.uniform(0.036, 0.060) * scale
        motions.append(_comb(np.pi / 2, spacing, 0.10 * scale, 0.012 * scale, rng.random()))
    if kind != 0:
        motions.append(_wave(0.0, 0.030, rng.uniform(8, 14), rng.uniform(0, 6)))
    for _ in range(1 + 2 * kind):
        turn = rng.uniform(1.6, 3.4) * (1 if rng.random() < 0.5 else -1)
        motions.append(_curl(rng.uniform(0.12, 0.88, 2), turn, rng.uniform(0.10, 0.20)))
    motions.append(_wave(rng.uniform(0, np.pi), 0.012, rng.uniform(7, 12), rng.uniform(0, 6)))
    return motions


def _comb(angle: float, spacing: float, pull: float, sharp: float, phase: float) -> Motion:
    """Tines side by side drawn along `angle`: paint near a tine goes along, less with distance."""
    c, s = np.cos(angle), np.sin(angle)

    def undo(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        across = (-x * s + y * c) / spacing + phase
        near = spacing * np.abs(across - np.round(across))
        shift = pull * sharp / (near + sharp)
        return x - c * shift, y - s * shift

    return undo


def _curl(center: np.ndarray, turn: float, reach: float) -> Motion:
    """A stick turned in one place: the paint rotates, less with distance."""

    def undo(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dx, dy = x - center[0], y - center[1]
        angle = -turn * np.exp(-(dx * dx + dy * dy) / reach**2)
        c, s = np.cos(angle), np.sin(angle)
        return center[0] + dx * c - dy * s, center[1] + dx * s + dy * c

    return undo


def _wave(angle: float, high: float, turns: float, phase: float) -> Motion:
    """The bath swayed from side to side."""
    c, s = np.cos(angle), np.sin(angle)

    def undo(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shift = high * np.sin((-x * s + y * c) * turns + phase)
        return x - c * shift, y - s * shift

    return undo


def _bath(rng: Rng, x: np.ndarray, y: np.ndarray, colors: Palette, scale: float) -> np.ndarray:
    """Colors at points of the bath: the drops are taken away again, the last one first.

    A drop of radius r pushes what lay at distance d to sqrt(d^2 + r^2).
    """
    count = int(120 / scale)
    centers = rng.random((count, 2)) * 1.5 - 0.25
    radii = scale * (0.05 + 0.15 * rng.random(count) ** 2)
    hue = rng.integers(0, len(colors), count)
    for k in range(1, count):
        # Many drops fall into the one before: rings within rings.
        if rng.random() < 0.6:
            centers[k] = centers[k - 1] + rng.normal(0, 0.008, 2)
            radii[k] = radii[k - 1] * rng.uniform(0.6, 0.95)
            hue[k] = (hue[k - 1] + rng.integers(1, len(colors))) % len(colors)
    ink = np.full(len(x), count)
    points, px, py = np.arange(len(x)), x.astype(np.float32), y.astype(np.float32)
    for k in range(count - 1, -1, -1):
        cx, cy = centers[k].astype(np.float32)
        dx, dy = px - cx, py - cy
        away = dx * dx + dy * dy
        outside = away >= radii[k] ** 2
        ink[points[~outside]] = k
        points = points[outside]
        pull = np.sqrt(np.maximum(1 - np.float32(radii[k] ** 2) / away[outside], 0))
        px, py = cx + dx[outside] * pull, cy + dy[outside] * pull
    ground = colors.colors[int(rng.integers(len(colors)))]
    return np.concatenate([colors.colors[hue], ground[None]])[ink]


# ---- batik ------------------------------------------------------------------------------------


def batik(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Four baths of dye in flat steps, wax lines and dots on top, dye in the cracks of the wax."""
    scene = scenes.draw(rng, size, "koi_pond", "bouquet", "birches", "lily_pond", "meadow")
    x, y = fields.grid(size)
    wander = [0.004 * scale * fields.fractal(rng, size, 20, octaves=2) for _ in range(2)]
    tone = fields.stretch(fields.warp(fields.blur(scene.tone, 0.002), *wander))
    warm = fields.warp(scene.warmth, *wander)
    label = fields.sample(scene.label, x + wander[0], y + wander[1])
    baths = 4
    level = np.clip(tone * baths + 0.25 * fields.smooth_noise(rng, size, 5), 0, baths - 0.01)
    light = fields.blur(np.floor(level), 0.0016) / (baths - 1)
    dye = colors.pick(0.08 + 0.9 * light, warmth=warm, softness=0.006)
    uneven = 0.10 * fields.fractal(rng, size, 6, octaves=4) + 0.05 * fields.smooth_noise(
        rng, size, 40
    )
    away = fields.border_distance(label)
    width = 0.0042 * scale * (1 + 0.35 * fields.smooth_noise(rng, size, 30))
    line = 0.92 * np.clip((width - away) * size + 0.5, 0, 1)
    wax = np.maximum(line, _wax_dots(rng, away, scale))
    image = dye * (1 + uneven[..., None])
    image = image + wax[..., None] * (0.97 * colors.light - image)
    waxed = np.clip(0.15 + 0.85 * light + wax, 0, 1)
    waxed = waxed * fields.step(fields.smooth_noise(rng, size, 3), -0.6, 0.5)
    veins = 0.8 * (_crackle(rng, size, scale) * waxed)[..., None]
    image = image + veins * (colors.pick(0.12, warmth=0.3) - image)
    thread = np.sin(np.arange(size) * 2 * np.pi * 170 / size)
    weave = 1 + 0.0175 * (thread[:, None] + thread[None])
    return np.clip(image * weave[..., None], 0, 1).astype(np.float32)


def _wax_dots(rng: Rng, away: np.ndarray, scale: float) -> np.ndarray:
    """Rows of wax drops beside the outlines, coverage in [0, 1]."""
    size = away.shape[0]
    points = canvas.scatter(rng, 9000 / scale**2)
    widths = scale * rng.uniform(0.005, 0.0085, len(points))
    distance = fields.sample(away, *points.T)
    beside = np.abs(distance - 0.0144 * scale) < 0.0039 * scale
    points, widths = points[beside], widths[beside]
    pairs = cKDTree(points).query_pairs(0.0125 * scale, output_type="ndarray")
    crowded = np.zeros(len(points), bool)
    for one, other in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]:
        crowded[other] |= not crowded[one]
    sheet = Canvas(rng, size, np.zeros(3, np.float32))
    white = np.ones((int((~crowded).sum()), 3))
    sheet.lay(canvas.dots(points[~crowded], widths[~crowded]), widths[~crowded], white, brush=FLAT)
    return sheet.finish()[..., 0]


def _crackle(rng: Rng, size: int, scale: float) -> np.ndarray:
    """Fine veins where the wax broke: borders of large and small cells in bent coordinates."""
    x, y = fields.grid(size)
    veins = np.zeros((size, size), np.float32)
    for count, width, strength in ((110, 0.0016, 1.0), (500, 0.0010, 0.6)):
        bend = [0.02 * fields.fractal(rng, size, 6, octaves=4) for _ in range(2)]
        bent = np.stack([x + bend[0], y + bend[1]], axis=-1).reshape(-1, 2)
        points = canvas.scatter(rng, max(count / scale**2, 9), spill=0.06)
        # On a border the two nearest points are equally far.
        far, _ = cKDTree(points).query(bent, k=2)
        gap = (far[:, 1] - far[:, 0]).reshape(size, size).astype(np.float32)
        wide = width * (0.7 + 0.6 * fields.smooth_noise(rng, size, 12))
        veins = np.maximum(veins, strength * np.clip((wide - gap * 0.5) * size + 0.5, 0, 1))
    return ndimage.gaussian_filter(veins, 0.5)
