"""Painters who piece images together: stained glass, mosaic, prism."""

from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage import measure

from . import canvas, fields, scenes
from .palettes import Palette
from .stage import Scene

Rng = np.random.Generator


# ---- stained glass ----------------------------------------------------------------------------


def stained_glass(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """One color for each pane, thickness and streaks within it, lead with a rounded profile."""
    scene = scenes.draw(rng, size, "furrows", "koi_pond", "mountains", "bouquet")
    x, y = fields.grid(size)
    panes = _panes(rng, scene, x, y, scale)
    away = _lead_distance(panes)
    glass = _glass(rng, scene, panes, away, colors, scale)
    light = np.exp(-2 * np.square(x - rng.uniform(0.3, 0.7)) - 2 * np.square(y - 0.35))
    glass = glass * (0.82 + 0.30 * light)[..., None]
    glass = glass + 0.22 * fields.blur(np.clip(glass - 0.45, 0, 1), 0.02)
    width = 0.0048 * scale
    lead = np.clip((width - away) * size + 0.5, 0, 1)[..., None]
    metal = 0.35 * colors.dark + 0.08 + 0.05 * fields.smooth_noise(rng, size, 60)[..., None]
    rounded = np.sqrt(np.clip(1 - np.square(away / width), 0, 1))
    metal = canvas.relight(metal, 2.2 * rounded, 0.9, gloss=0.10)
    return np.clip(glass * (1 - lead) + metal * lead, 0, 1).astype(np.float32)


def _panes(rng: Rng, scene: Scene, x: np.ndarray, y: np.ndarray, scale: float) -> np.ndarray:
    """Numbers of the panes: the scene's objects, cut further into cells, slivers melted in."""
    size = x.shape[0]
    points = canvas.scatter(rng, 230 / scale**2)
    wanted = rng.random(len(points)) < 0.15 + fields.sample(scene.detail, *points.T)
    points = points[wanted] if wanted.sum() > 1 else points
    # The cells are found in bent coordinates: glass is cut by hand, not along a ruler.
    bent_x = x + 0.02 * fields.smooth_noise(rng, size, 5)
    bent_y = y + 0.02 * fields.smooth_noise(rng, size, 5)
    _, cell = cKDTree(points).query(np.stack([bent_x, bent_y], axis=-1).reshape(-1, 2))
    light = np.floor(scene.tone * 3.2)
    key = (scene.label * 4 + light).astype(np.int64) * len(points) + cell.reshape(size, size)
    rim = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    sides = np.floor(np.arctan2(y - 0.5, x - 0.5) / (np.pi / 2) + 0.5)
    around = np.floor(np.where(np.abs(x - 0.5) > np.abs(y - 0.5), y, x) * 9)
    parts = _pieces(np.where(rim < 0.045, -1000 - around * 7 - sides, key))
    # Too small or too thin to be cut from glass: the neighbor takes its place.
    inner = ndimage.distance_transform_edt(~fields.borders(parts))
    reach = ndimage.maximum(inner, parts, np.arange(parts.max() + 1))
    sliver = reach[parts] < 0.0105 * scale * size
    if sliver.all():
        return np.zeros_like(parts)
    nearest = ndimage.distance_transform_edt(sliver, return_distances=False, return_indices=True)
    return _pieces(parts[tuple(nearest)])


def _pieces(key: np.ndarray) -> np.ndarray:
    """Number the connected areas of equal value, from 0 on."""
    _, dense = np.unique(key, return_inverse=True)
    return measure.label(dense.reshape(key.shape) + 1, connectivity=1) - 1


def _lead_distance(panes: np.ndarray) -> np.ndarray:
    """Distance from the nearest lead line, unit length, blurred: a border of pixels has steps."""
    size = panes.shape[0]
    away = np.minimum(fields.border_distance(panes), 0.1)
    return ndimage.gaussian_filter(away, 1.3) - 0.9 / size


def _glass(
    rng: Rng, scene: Scene, panes: np.ndarray, away: np.ndarray, colors: Palette, scale: float
) -> np.ndarray:
    """Colored glass: a tone for each pane, thick and dark towards the lead, streaked, hammered."""
    size = panes.shape[0]
    x, y = fields.grid(size)
    numbers = np.arange(panes.max() + 1)
    # Chances belong to the place of a pane, not to its number, which rounding may change.
    chances = rng.standard_normal((48, 48, 3))
    middle = [ndimage.mean(axis, panes, numbers) for axis in (x, y)]
    chance = fields.sample(chances, *middle)
    tone = fields.stretch(ndimage.mean(scene.tone, panes, numbers), low=0.05, high=1.0)
    warm = ndimage.mean(scene.warmth, panes, numbers)
    glass = colors.pick(
        tone + 0.09 * chance[:, 0], warmth=warm + 0.16 * chance[:, 1], softness=0.006
    )[panes]
    waves = fields.smooth_noise(rng, size, 5)
    turn = chance[panes, 2] * 2
    streaks = np.sin((x * np.cos(turn) + y * np.sin(turn) + 0.03 * waves) * 120 / scale)
    hammered = fields.smooth_noise(rng, size, 90) + fields.smooth_noise(rng, size, 170)
    middle_of_pane = np.clip(away / (0.035 * scale), 0, 1)
    glow = 0.74 + 0.30 * middle_of_pane + 0.035 * streaks + 0.07 * hammered + 0.10 * waves
    deep = np.power(np.clip(glass, 0, 1), 1.15 - 0.25 * middle_of_pane[..., None])
    return deep * glow[..., None]


# ---- mosaic -----------------------------------------------------------------------------------


def mosaic(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """Stones that have settled into rows, each in the color of its place.

    Source: A. Hausner, "Simulating decorative mosaics", SIGGRAPH 2001: each stone moves to the
    middle of the pixels nearest to it, distances being measured along its own sides, and outlines
    belong to no stone.
    """
    scene = scenes.draw(rng, size, "koi_pond", "bouquet", "portrait", "still_life", "hill_town")
    edges, turn = _rows(scene, scale)
    pitch = 0.0185 * scale
    points = canvas.scatter(rng, 1 / pitch**2, spill=0.01)
    for _ in range(7):
        points = _settle(points, turn, edges, pitch * 1.15)
    x, y = points.T
    paint = scene.colors(rng, colors, x, y, vary=(0.045, 0.05), softness=0.014)
    paint = np.clip(paint + rng.normal(0, 0.022, (len(points), 3)), 0, 1)
    return _set_stones(rng, size, points, fields.sample(turn, x, y), pitch, paint, colors)


def _rows(scene: Scene, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Outlines (256, 256) and the direction of rows: along outlines near them, else the form's."""
    coarse = 256
    label = fields.sample(scene.label, *fields.grid(coarse))
    edges = fields.borders(label)
    away = ndimage.distance_transform_edt(~edges)
    down, right = np.gradient(ndimage.gaussian_filter(away, 1.5))
    form = fields.sample(scene.flow, *fields.grid(coarse))
    turn = np.where(away < 9 * scale, np.arctan2(right, -down), form)
    # Directions are averaged as double angles, for which turn and turn + pi are the same.
    sine, cosine = (ndimage.gaussian_filter(f(2 * turn), 2) for f in (np.sin, np.cos))
    return edges, 0.5 * np.arctan2(sine, cosine)


def _settle(points: np.ndarray, turn: np.ndarray, edges: np.ndarray, reach: float) -> np.ndarray:
    """Move each point to the middle of its share of the plane."""
    side, count = turn.shape[0], len(points)
    half = int(np.ceil(reach * side))
    offsets = np.arange(-half, half + 1)
    dy, dx = (v.ravel() for v in np.meshgrid(offsets, offsets, indexing="ij"))
    column = (points[:, 0] * side).astype(int)[:, None] + dx
    row = (points[:, 1] * side).astype(int)[:, None] + dy
    angle = fields.sample(turn, *points.T)[:, None]
    ox, oy = column + 0.5 - points[:, :1] * side, row + 0.5 - points[:, 1:] * side
    u, v = ox * np.cos(angle) + oy * np.sin(angle), -ox * np.sin(angle) + oy * np.cos(angle)
    far = np.maximum(np.abs(u), np.abs(v))
    inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    pixel = (row * side + column)[inside]
    owner = np.broadcast_to(np.arange(count)[:, None], far.shape)[inside]
    # Farthest first: the nearest is written last and stays.
    order = np.argsort(-far[inside], kind="stable")
    share = np.full(side * side, -1)
    share[pixel[order]] = owner[order]
    share[edges.ravel()] = -1
    taken = np.flatnonzero(share >= 0)
    rows, columns = np.divmod(taken, side)
    area = np.bincount(share[taken], minlength=count)
    sums = [np.bincount(share[taken], axis + 0.5, count) for axis in (columns, rows)]
    middle = np.stack(sums, axis=1) / np.maximum(area, 1)[:, None] / side
    return np.where(area[:, None] > 0, middle, points).astype(np.float32)


def _set_stones(
    rng: Rng,
    size: int,
    points: np.ndarray,
    angle: np.ndarray,
    pitch: Any,
    paint: np.ndarray,
    colors: Palette,
) -> np.ndarray:
    """Draw the stones on grout, uneven, with light on their edges."""
    fine, n = 3, len(points)
    side = size * fine
    grout = 0.55 * colors.dark + 0.45 * colors.ramp(0.35)
    face = Image.new("RGB", (side, side), tuple((grout * 255).astype(int).tolist()))
    relief = Image.new("L", (side, side), 0)
    draw_face, draw_relief = ImageDraw.Draw(face), ImageDraw.Draw(relief)
    half = 0.5 * pitch * rng.uniform(0.80, 0.95, (n, 1, 2))
    angle = angle + rng.normal(0, 0.05, n)
    axes = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=1)
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    corners = points[:, None] + (square * half) @ axes.reshape(n, 2, 2)
    corners = (corners + rng.normal(0, 0.055 * pitch, (n, 4, 2))) * side
    heights = rng.integers(150, 256, n)
    tints = (paint * 255 + 0.5).astype(int)
    for k in range(n):
        shape = [tuple(corner) for corner in corners[k].tolist()]
        draw_face.polygon(shape, fill=tuple(tints[k].tolist()))
        draw_relief.polygon(shape, fill=int(heights[k]))
    image, height = (
        canvas.shrink(np.asarray(sheet, np.float32) / 255, fine) for sheet in (face, relief)
    )
    height = 1.2 * fields.blur(height, 0.0012) + 0.10 * fields.smooth_noise(rng, size, 150)
    return np.clip(canvas.relight(image, height, 0.42, gloss=0.16), 0, 1).astype(np.float32)


# ---- prism ------------------------------------------------------------------------------------


def prism(rng: Rng, size: int, colors: Palette, scale: float) -> np.ndarray:
    """The plane split again and again; each piece sees the scene shifted and turned a little."""
    fine = 2
    side = size * fine
    scene = scenes.draw(
        rng, side, "still_life", "portrait", "hill_town", "harbor", "bouquet", "birches"
    )
    x, y = fields.grid(side)
    pieces = _split(rng, scene.detail, x.ravel(), y.ravel(), scale)
    layers = np.zeros((4, side * side), np.float32)
    tone, warm, flow, facet = layers
    for number, (pixels, own) in enumerate(pieces):
        fx, fy = x.ravel()[pixels], y.ravel()[pixels]
        cx, cy = fx.mean(), fy.mean()
        zoom, turn = own.uniform(0.85, 1.15), own.normal(0, 0.10)
        dx, dy = own.normal(0, 0.012 * scale, 2)
        u, v = zoom * (fx - cx), zoom * (fy - cy)
        seen_x = cx + dx + u * np.cos(turn) - v * np.sin(turn)
        seen_y = cy + dy + u * np.sin(turn) + v * np.cos(turn)
        angle = own.uniform(0, 2 * np.pi)
        ramp = fields.stretch(u * np.cos(angle) + v * np.sin(angle), low=-1, high=1)
        shade = own.uniform(0.12, 0.26) * ramp + own.normal(0, 0.03)
        tone[pixels] = fields.sample(scene.tone, seen_x, seen_y) + shade
        warm[pixels] = fields.sample(scene.warmth, seen_x, seen_y) + own.normal(0, 0.08)
        flow[pixels], facet[pixels] = own.uniform(0, np.pi), number
    tone, warm, flow, facet = layers.reshape(4, side, side)
    image = colors.pick(fields.step(tone, -0.05, 1.0), warmth=warm, softness=0.016)
    run = (x * np.cos(flow) + y * np.sin(flow)) * 520 / scale
    dabs = np.sin(run + 3 * fields.smooth_noise(rng, side, 60)) * fields.smooth_noise(rng, side, 90)
    image = image * (1 + 0.075 * (dabs + 0.6 * fields.smooth_noise(rng, side, 200)))[..., None]
    line = 1.4 * fields.blur(fields.borders(facet).astype(np.float32), 0.0009 * scale)
    line = np.clip(line * fields.step(fields.smooth_noise(rng, side, 6), -0.5, 0.4), 0, 0.85)
    image = image + line[..., None] * (colors.dark - image)
    return np.clip(canvas.shrink(image, fine), 0, 1).astype(np.float32)


def _split(
    rng: Rng, detail: np.ndarray, x: np.ndarray, y: np.ndarray, scale: float
) -> list[tuple[np.ndarray, Rng]]:
    """Cut the image by lines in a few directions until the pieces are small, smaller where busy.

    Returns:
        For each piece its pixels (flat numbers) and a random generator of its own, so that one cut
        more or less, which rounding may cause, changes nothing elsewhere.
    """
    seed, main, busy = int(rng.integers(2**32)), rng.uniform(0.6, 1.1), detail.ravel()
    waiting, done = [(np.arange(len(x)), 1)], []
    while waiting:
        pixels, branch = waiting.pop()
        if len(pixels) == 0:
            continue
        own = np.random.Generator(np.random.PCG64([seed, branch]))
        calm, px, py = 1 - busy[pixels].mean(), x[pixels], y[pixels]
        smallest = (0.0018 + 0.012 * calm * own.random()) * scale**2
        if branch >= 2**11 or len(pixels) < max(smallest * len(x), 16):
            done.append((pixels, own))
            continue
        angle = (main, -main, np.pi / 2, 0.15)[int(own.integers(4))] + own.normal(0, 0.18)
        off_x, off_y = 0.5 * own.normal(0, 1, 2)
        right = (px - px.mean() - off_x * px.std()) * np.sin(angle)
        above = right - (py - py.mean() - off_y * py.std()) * np.cos(angle) > 0
        waiting += [(pixels[above], 2 * branch), (pixels[~above], 2 * branch + 1)]
    return done
