"""Printmakers: woodcut, engraving, linocut, halftone."""

import numpy as np
from scipy import ndimage

from . import canvas, fields, scenes
from .canvas import FLAT, Canvas
from .palettes import Palette
from .stage import Scene

Rng = np.random.Generator
WHITE = np.ones(3, np.float32)
BLACK = np.zeros(3, np.float32)


def _paper(rng: Rng, size: int, color: np.ndarray) -> np.ndarray:
    """Paper with a fine tooth and slow unevenness."""
    tooth = 0.012 * fields.smooth_noise(rng, size, 170) + 0.012 * fields.fractal(
        rng, size, 6, octaves=4
    )
    return color * (0.985 + tooth[..., None])


# ---- woodcut ----------------------------------------------------------------------------------


def woodcut(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Gouge strokes take the black away, wide where it is light; tint blocks lie beneath."""
    scene = scenes.draw(
        rng,
        size,
        "furrows",
        "harbor",
        "mountains",
        "night_valley",
        "birches",
        "portrait",
        "hill_town",
    )
    tone = fields.stretch(scene.tone)
    block = Canvas(rng, size, WHITE, fine=3)
    for count, length, width in ((3800, 0.075, 0.0105), (5200, 0.045, 0.0072)):
        x, y = canvas.scatter(rng, count / scale**2).T
        n, light = len(x), fields.sample(tone, x, y)
        widths = scale * width * np.clip(1.45 * light - 0.22, 0, 1.25) * rng.uniform(0.8, 1.15, n)
        lengths = scale * length * (0.6 + 0.5 * light) * rng.uniform(0.7, 1.2, n)
        cut = widths > 0.12 * width * scale
        paths = canvas.trace(scene.flow, x, y, lengths, points=9)[cut]
        block.lay(paths, widths[cut], np.zeros((len(paths), 3)), brush=FLAT)
    line = canvas.outline(scene.label, 0.0030 * scale)
    ink = np.where(tone > 0.93, line, np.maximum(block.finish()[..., 0], line))
    ink = (ink * (0.93 + 0.07 * _plank(rng, size)))[..., None]
    tinted = _paper(rng, size, colors.light) * _tint_blocks(rng, scene, colors)
    return np.clip(tinted * (1 - ink) + colors.dark * ink, 0, 1).astype(np.float32)


def _tint_blocks(rng: Rng, scene: Scene, colors: Palette) -> np.ndarray:
    """What flat tints, a little out of register, leave of the paper's light."""
    size = scene.tone.shape[0]
    shift = tuple(np.round(rng.uniform(-0.004, 0.004, 2) * size).astype(int).tolist())
    warm, light = (np.roll(field, shift, axis=(0, 1)) for field in (scene.warmth, scene.tone))
    middle = slice(1, -1) if len(colors) > 2 else slice(0, 1)
    nearest = np.argmin(np.abs(warm[..., None] - colors.warmths[middle]), axis=-1)
    tint = colors.colors[middle][nearest] / np.maximum(colors.light, 0.2)
    cover = np.clip((0.80 + 0.05 * fields.smooth_noise(rng, size, 30) - light) * 14, 0, 1)
    cover = cover * (0.92 + 0.08 * _plank(rng, size))
    return np.clip(1 - cover[..., None] * (1 - tint), 0, 1)


def _plank(rng: Rng, size: int) -> np.ndarray:
    """The grain of a plank, about -1 to 1."""
    x, y = fields.grid(size)
    rings = np.hypot(x - 1.6, 5 * (y - 0.4 + 0.05 * fields.smooth_noise(rng, size, 3)))
    return 0.6 * np.sin(rings * 130) + 0.5 * fields.smooth_noise(rng, size, (180, 6))


# ---- engraving --------------------------------------------------------------------------------


def engraving(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Three sets of lines: along the forms, and two straight ones that begin in the shade."""
    fine = 2
    side = size * fine
    scene = scenes.draw(
        rng, side, "portrait", "still_life", "mountains", "harbor", "bouquet", "hill_town"
    )
    dark = 1 - fields.stretch(scene.tone)
    x, y = fields.grid(side)
    pitch, level = 0.0105 * scale, np.ones_like(x)
    bent = 0.5 * x + 0.87 * y + 0.02 * fields.smooth_noise(rng, side, 4)
    ink = _swelling_lines(scene.along, scene.slope, pitch, 1.15 * dark - 0.12)
    ink = np.maximum(ink, _swelling_lines(bent, level, pitch, 1.5 * dark - 0.75))
    ink = np.maximum(ink, _swelling_lines(0.9 * x - 0.44 * y, level, pitch, 1.7 * dark - 1.15))
    ink = np.maximum(ink, 0.9 * canvas.outline(scene.label, 0.0022 * scale))
    ink = fields.blur(canvas.shrink(ink, fine), 0.0007)
    ink = (ink * (0.92 + 0.08 * fields.smooth_noise(rng, size, 9)))[..., None]
    tint = canvas.shrink(
        colors.pick(0.25 + 0.75 * scene.tone, warmth=scene.warmth, softness=0.05), fine
    )
    paper = _paper(rng, size, colors.light) * (0.45 + 0.55 * fields.blur(tint, 0.006))
    return np.clip(paper + (colors.dark - paper) * ink, 0, 1).astype(np.float32)


def _swelling_lines(
    along: np.ndarray, slope: np.ndarray, pitch: float, darkness: np.ndarray
) -> np.ndarray:
    """Contour lines about `pitch` apart whose width follows the darkness; coverage in [0, 1].

    Where the map is twice as steep, only every other line is drawn, so lines fork and end as an
    engraver's do.
    """
    steep = np.maximum(slope, 1e-3)
    level = ndimage.median_filter(np.round(-np.log2(pitch * steep)), size=5)
    lines = along * np.exp2(level)
    ridge = np.abs(np.mod(lines, 1) - 0.5) * 2
    spacing = along.shape[0] / (np.exp2(level) * steep)
    wide = np.clip(darkness, 0, 0.92)
    cover = np.clip((wide - (1 - ridge)) * spacing * 0.5 + 0.5, 0, 1) * (wide > 0.03)
    return cover.astype(np.float32)


# ---- linocut ----------------------------------------------------------------------------------


def linocut(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Five printings from light to dark; before each, cuts eat into the passage between tones."""
    scene = scenes.draw(
        rng, size, "birches", "meadow", "harbor", "mountains", "koi_pond", "bouquet", "furrows"
    )
    tone = fields.stretch(fields.blur(scene.tone, 0.0025 * scale))
    warm = fields.blur(scene.warmth, 0.004)
    image = _paper(rng, size, 0.5 + 0.5 * colors.light)
    printings = 5
    for k in range(printings):
        edge = 1 - (k + 0.35) / printings
        gouges = _gouges(rng, scene.flow, scale)
        register = rng.uniform(-0.0035, 0.0035, 2) * scale * size
        shifted = ndimage.shift(tone, register, order=1, mode="nearest")
        cover = np.clip((edge - shifted + 0.11 * gouges - 0.03) * 0.09 * size / scale, 0, 1)
        speckle = fields.smooth_noise(rng, size, 170) + 0.7 * fields.smooth_noise(rng, size, 50)
        cover = cover * (1 - 0.35 * fields.step(speckle, 0.75, 1.15))
        ink = colors.pick(0.96 * (1 - k / (printings - 1)), warmth=warm, softness=0.001)
        ink = ink * (1 + 0.025 * fields.smooth_noise(rng, size, 128)[..., None])
        image = image + cover[..., None] * (ink - image)
    return np.clip(image, 0, 1).astype(np.float32)


def _gouges(rng: Rng, flow: np.ndarray, scale: float) -> np.ndarray:
    """Tapered cuts along the forms, each of its own depth, -2.2 to 1.2; 0 where none went."""
    size = flow.shape[0]
    sheet = Canvas(rng, size, BLACK, fine=1)
    x, y = canvas.scatter(rng, 3200 / scale**2).T
    n = len(x)
    paths = canvas.trace(flow, x, y, scale * rng.uniform(0.02, 0.06, n))
    depth = np.repeat(rng.uniform(-2.2, 1.2, (n, 1)), 3, axis=1)
    sheet.lay(paths, scale * rng.uniform(0.004, 0.009, n), depth, brush=FLAT)
    return ndimage.gaussian_filter(sheet.image[..., 0], 0.6)


# ---- halftone ---------------------------------------------------------------------------------

# Cyan, magenta, yellow and black, each with the angle of its grid in degrees.
INKS = (
    ((0.05, 0.62, 0.88), 15),
    ((0.90, 0.10, 0.48), 75),
    ((1.0, 0.87, 0.06), 0),
    ((0.09, 0.09, 0.10), 45),
)
NEWSPRINT = (0.96, 0.945, 0.91)


def halftone(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """The palette's colors separated into four inks, each printed as dots of varying size."""
    fine = 3
    side = size * fine
    scene = scenes.draw(rng, size, "portrait", "still_life", "bouquet", "koi_pond", "hill_town")
    tone = fields.stretch(scene.tone, low=0.08, high=1.0)
    target = 0.5 * colors.pick(tone, warmth=scene.warmth, softness=0.012)
    target += 0.5 * colors.pick(np.round(tone * 4) / 4, warmth=scene.warmth, softness=0.002)
    # Black ink carries the gray part, which three colored inks would make muddy.
    black = 0.97 * (1 - target.max(axis=-1))
    amounts = [1 - target[..., c] / (1 - black + 1e-3) for c in range(3)] + [black]
    pitch = 0.0165 * scale
    x, y = fields.grid(side)
    image = np.full((side, side, 3), NEWSPRINT, np.float32)
    for amount, (shade, degrees) in zip(amounts, INKS, strict=True):
        dx, dy = rng.uniform(-0.003, 0.003, 2) * scale
        amount = np.clip(canvas.enlarge(fields.blur(amount, 0.15 * pitch), side), 0, 1)
        dots = _screen(x + dx, y + dy, pitch, np.deg2rad(degrees), amount)
        image *= 1 - dots[..., None] * (1 - np.array(shade, np.float32))
    image = canvas.shrink(image, fine)
    width = scale * np.where(scene.detail > 0.8, 0.0042, 0.0080)
    line = canvas.outline(scene.label, width)[..., None]
    inked = image + line * (np.array(INKS[3][0]) - image)
    uneven = 1 + 0.02 * fields.smooth_noise(rng, size, 200)[..., None]
    return np.clip(inked * uneven, 0, 1).astype(np.float32)


def _screen(
    x: np.ndarray, y: np.ndarray, pitch: float, angle: float, amount: np.ndarray
) -> np.ndarray:
    """A turned grid of dots that cover the given share of the paper."""
    u = (x * np.cos(angle) + y * np.sin(angle)) / pitch
    v = (-x * np.sin(angle) + y * np.cos(angle)) / pitch
    # A sum of cosines: round dots that grow until they meet at their corners.
    height = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
    # The share of the plane above a level is not linear in it; this bends it nearly straight.
    level = 1 - np.clip(amount - 0.066 * np.sin(2 * np.pi * (amount - 0.5)), 0, 1)
    return np.clip((height - level) * pitch * x.shape[0] * 0.35 + 0.5, 0, 1).astype(np.float32)
