"""Smooth random fields: what every painter draws its hills, skies and brush directions from.

A field is described in the unit square and evaluated on as many pixels as asked for, so that an
image of 256 pixels and one of 512 pixels show the same composition.
"""

import numpy as np
from scipy import ndimage


def generator(seed: int) -> np.random.Generator:
    """The random numbers of one painting; PCG64 gives the same ones on every machine."""
    return np.random.Generator(np.random.PCG64(seed))


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel centers in unit coordinates.

    Args:
        size: side of the square image in pixels.

    Returns:
        (x, y), two float32 arrays (size, size) in (0, 1); x runs to the right, y downwards.
    """
    steps = (np.arange(size, dtype=np.float32) + 0.5) / size
    return np.meshgrid(steps, steps)


def _spline_weights(size: int, cells: int) -> np.ndarray:
    """Cubic B-spline weights (size, cells + 3) that carry a coarse grid to `size` positions."""
    position = (np.arange(size) + 0.5) / size * cells
    left = np.minimum(position.astype(int), cells - 1)
    f = position - left
    basis = np.stack(
        [
            (1 - f) ** 3 / 6,
            (3 * f**3 - 6 * f**2 + 4) / 6,
            (-3 * f**3 + 3 * f**2 + 3 * f + 1) / 6,
            f**3 / 6,
        ],
        axis=1,
    )
    weights = np.zeros((size, cells + 3))
    for k in range(4):
        weights[np.arange(size), left + k] = basis[:, k]
    return weights


EVERYTHING = (slice(None), slice(None))


def smooth_noise(
    rng: np.random.Generator,
    size: int,
    cells: int | tuple[int, int],
    *,
    window: tuple[slice, slice] = EVERYTHING,
) -> np.ndarray:
    """A smooth random field, values about -1 to 1.

    Args:
        rng: source of the random grid.
        size: side of the image in pixels.
        cells: how many bumps fit along each side, or (down, across).
        window: rows and columns to evaluate; the whole square when left out.

    Returns:
        float32 array (size, size), or the window of it, with mean near 0 and standard deviation
        near 0.5.
    """
    down, across = (cells, cells) if isinstance(cells, int) else cells
    values = rng.random((down + 3, across + 3)) * 2 - 1
    rows, columns = window
    field = _spline_weights(size, down)[rows] @ values @ _spline_weights(size, across)[columns].T
    # A cubic B-spline averages its neighbors: 1.8 brings the standard deviation back to about 0.5.
    return (1.8 * field).astype(np.float32)


def fractal(
    rng: np.random.Generator,
    size: int,
    cells: int | tuple[int, int],
    *,
    octaves: int = 4,
    gain: float = 0.5,
) -> np.ndarray:
    """Smooth fields of doubling fineness and falling strength, added up; about -1 to 1."""
    down, across = (cells, cells) if isinstance(cells, int) else cells
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        total += gain**octave * smooth_noise(rng, size, (down * 2**octave, across * 2**octave))
    return total * np.float32(np.sqrt((1 - gain**2) / (1 - gain ** (2 * octaves))))


def ridge(
    rng: np.random.Generator, size: int, cells: int, *, octaves: int = 4, gain: float = 0.5
) -> np.ndarray:
    """A random line over x, float32 array (size,), about -1 to 1: a skyline."""
    line = np.zeros(size, np.float32)
    for octave in range(octaves):
        values = rng.random(cells * 2**octave + 3) * 2 - 1
        line += (1.8 * gain**octave * (_spline_weights(size, cells * 2**octave) @ values)).astype(
            np.float32
        )
    return line


def stretch(field: np.ndarray, *, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """The field with its smallest value moved to `low` and its largest to `high`."""
    smallest, largest = float(field.min()), float(field.max())
    span = max(largest - smallest, 1e-6)
    return (low + (field - smallest) / span * (high - low)).astype(np.float32)


def step(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 before `start`, 1 after `end`, an S-shaped passage between; `start` may exceed `end`."""
    t = np.clip((values - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def sample(field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values of a field (height, width, ...) at unit coordinates: the nearest pixel's."""
    height, width = field.shape[:2]
    column = np.clip((x * width).astype(int), 0, width - 1)
    row = np.clip((y * height).astype(int), 0, height - 1)
    return field[row, column]


def warp(field: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Push a field or image about: each pixel is fetched from (x + dx, y + dy), unit lengths."""
    size = field.shape[0]
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    where = np.stack([rows + dy * size, columns + dx * size])
    layers = field[..., None] if field.ndim == 2 else field
    moved = [
        ndimage.map_coordinates(layers[..., c], where, order=1, mode="reflect")
        for c in range(layers.shape[-1])
    ]
    return moved[0] if field.ndim == 2 else np.stack(moved, axis=-1)


def blur(field: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian blur; `radius` is a unit length (1.0 is the image's side)."""
    pixels = radius * field.shape[0]
    sigma = (pixels, pixels) + (0,) * (field.ndim - 2)
    return ndimage.gaussian_filter(field, sigma, mode="nearest")


def borders(numbers: np.ndarray) -> np.ndarray:
    """True where the pixel to the right or below has another number."""
    border = np.zeros(numbers.shape, bool)
    border[:, :-1] |= numbers[:, :-1] != numbers[:, 1:]
    border[:-1] |= numbers[:-1] != numbers[1:]
    return border


def border_distance(numbers: np.ndarray) -> np.ndarray:
    """Distance of every pixel from the nearest border between numbers, unit length."""
    away = ndimage.distance_transform_edt(~borders(numbers))
    return (away / numbers.shape[0]).astype(np.float32)
