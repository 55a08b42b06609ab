"""Images of any size in bounded memory: tile by tile, with the statistics of the whole image.

A tile must not be stylized on its own: AdaIN and WCT would give every tile, sky and crowd alike,
the style's full contrast, and seams would show. So all tiles take one step before any takes the
next, and in between the statistics of the tiles are put together to those of the whole map. The
result is that of the whole image, but for rounding.

Between the steps only small maps are kept. The large ones, at the levels above, are computed again
for every tile as often as they are needed: that costs less than keeping them.

How an image is cut up and measured stands here; how it is painted, transformed and reconstructed by
tiles, in `tiled`.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib import statistics
from course_lib.autoencoder import Encoder, half, level_sizes
from course_lib.backend import program
from course_lib.transfer.common import Progress, report

# Side of a tile in pixels of the image. Much smaller, and the overlaps cost time; much larger,
# and the maps of the tiles at work cost memory.
SIDE = 384


@dataclasses.dataclass(frozen=True)
class Tile:
    """A part of a map, with the overlap that its computation needs to see.

    Attributes:
        rows: four numbers: where the tile starts and stops, and the same with its overlap.
        columns: likewise.
    """

    rows: tuple
    columns: tuple

    @property
    def inner(self) -> tuple[slice, ...]:
        """Where the tile itself lies in the map: a pair of slices."""
        return tuple(slice(start, stop) for start, stop, _, _ in (self.rows, self.columns))

    @property
    def outer(self) -> tuple[slice, ...]:
        """Where it lies with its overlap."""
        return tuple(slice(first, last) for _, _, first, last in (self.rows, self.columns))

    @property
    def cut(self) -> tuple[slice, ...]:
        """Where the tile itself lies in an array that holds it with its overlap."""
        return tuple(
            slice(start - first, stop - first)
            for start, stop, first, _ in (self.rows, self.columns)
        )

    def inside(self) -> np.ndarray:
        """Array (1, height, width, 1) of the size with overlap: 1 in the tile, 0 around it."""
        (_, _, top, bottom), (_, _, left, right) = self.rows, self.columns
        inside = np.zeros((1, bottom - top, right - left, 1), "float32")
        inside[:, *self.cut] = 1.0
        return inside

    def coarser(self) -> "Tile":
        """The same tile in the map that pooling by 2 gives."""
        return Tile(tuple(map(half, self.rows)), tuple(map(half, self.columns)))

    def finer(self, size: tuple) -> "Tile":
        """The same tile in a map of that (height, width), twice as large or one less."""
        height, width = size
        return Tile(
            tuple(min(2 * place, height) for place in self.rows),
            tuple(min(2 * place, width) for place in self.columns),
        )


def tiles(size: tuple, side: int, overlap: int) -> list[Tile]:
    """A map cut into squares.

    Args:
        size: (height, width) of the map.
        side: of the squares; those at the right and at the bottom may be smaller.
        overlap: how much of its surroundings each is to see, where the map has any.

    Returns:
        List of `Tile`.
    """
    rows, columns = (
        [
            (start, min(start + side, length), max(start - overlap, 0),
             min(start + side + overlap, length))
            for start in range(0, length, side)
        ]
        for length in size
    )  # fmt: skip
    return [Tile(row, column) for row in rows for column in columns]


def multiple_of(step: int, number: int) -> int:
    """The smallest multiple of ``step`` that is not below the number, and not 0."""
    return step * max(1, -(-number // step))


def places_of(tile: Tile, levels: int) -> list[Tile]:
    """Where a tile of the image lies at every level, from the image down."""
    places = [tile]
    for _ in range(levels - 1):
        places.append(places[-1].coarser())
    return places


def tile_statistics(features: Any, inside: Any, *, together: bool = False) -> tuple:
    """Mean and spread of a tile's features, its overlap left out.

    Args:
        features: tensor (1, height, width, channels).
        inside: tensor (1, height, width, 1), see `Tile.inside`.
        together: how the channels vary together, and not only each by itself.

    Returns:
        The means (channels,) and the variances (channels,), or covariances (channels, channels).
    """
    flat = ops.reshape(features, (-1, features.shape[-1]))
    share = ops.reshape(inside, (1, -1))
    share = share / ops.sum(share)
    # Products of matrices are several times faster here than sums over two axes.
    mean = ops.matmul(share, flat)
    centered = flat - mean
    if together:
        weighted = centered * ops.transpose(share)
        return mean[0], ops.matmul(ops.transpose(weighted), centered)
    return mean[0], ops.matmul(share, ops.square(centered))[0]


class WholeStatistics:
    """The statistics of a whole map, put together from those of its tiles.

    Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
    Sample Variances", 1979, equation 2.1.
    """

    def __init__(self) -> None:
        self.count, self.mean, self.spread = 0, np.zeros(()), np.zeros(())

    def add(self, tile: Tile, mean: Any, spread: Any) -> None:
        """Take in what `tile_statistics` found.

        Args:
            tile: the `Tile`, on the map that was measured.
            mean: array (channels,).
            spread: array (channels,), or (channels, channels).
        """
        mean, spread = (ops.convert_to_numpy(x).astype("float64") for x in (mean, spread))
        (top, bottom, *_), (left, right, *_) = tile.rows, tile.columns
        count = (bottom - top) * (right - left)
        share = count / (self.count + count)
        shift = mean - self.mean
        between = np.outer(shift, shift) if spread.ndim == 2 else shift**2
        self.mean = self.mean + share * shift
        self.spread = self.spread + share * (spread - self.spread) + share * (1 - share) * between
        self.count += count

    @property
    def measured(self) -> tuple[np.ndarray, ...]:
        """Mean and standard deviation as `statistics.channel_statistics` gives them."""
        variance = np.diagonal(self.spread) if self.spread.ndim == 2 else self.spread
        std = np.sqrt(variance + statistics.EPSILON)
        return tuple(x.astype("float32")[None, None, None] for x in (self.mean, std))

    @property
    def covariance(self) -> np.ndarray:
        """As `statistics.covariance` gives it, (1, channels, channels)."""
        return self.spread.astype("float32")[None]


def remembered(owner: Any, key: tuple, make: Callable[[], Callable]) -> Callable:
    """A compiled program, made once and kept with the model that it uses: both are freed together.

    Args:
        owner: the model, or another object that the program belongs to.
        key: what tells the program from others of the same owner.
        make: function without arguments that makes it.
    """
    # Past the model's own way to set attributes, which would look for weights in it.
    programs = vars(owner).setdefault("_programs", {})
    if key not in programs:
        programs[key] = make()
    return programs[key]


def reach_of_encoder(levels: int) -> int:
    """How far, in pixels, a value at that level sees: two convolutions a level, one at the last."""
    return 2 * sum(2**level for level in range(levels - 1)) + 2 ** (levels - 1)


def reach_of_decoder(levels: int) -> int:
    """The same for a pixel drawn from that level: also one step for each upsampling."""
    return reach_of_encoder(levels) + sum(2 ** (level + 1) for level in range(levels - 1))


def look_tiled(
    encoder: Encoder,
    image: np.ndarray,
    *,
    depth: int | None = None,
    together: bool = False,
    keep: str | None = None,
    side: int = SIDE,
    progress: Progress = None,
) -> tuple[dict[str, WholeStatistics], Any]:
    """The statistics of an image's features at every tap, and the features at one of them.

    Args:
        encoder: an `Encoder`.
        image: image (height, width, 3).
        depth: number of levels to go down; all of them by default.
        together: covariances, and not only standard deviations.
        keep: the tap whose features are wanted, or None.
        side: of the tiles, in pixels.
        progress: as for `report`.

    Returns:
        Dictionary tap -> `WholeStatistics`, and the features, an array (1, height, width,
        channels), or None.
    """
    taps = encoder.taps[: depth or len(encoder.taps)]
    step = 2 ** (len(taps) - 1)
    sizes = level_sizes(image.shape[:2], len(taps))
    features: Any = None
    if keep:
        level = taps.index(keep)
        features = np.empty((1, *sizes[level], encoder.channels[level]), "float32")
    run = remembered(
        encoder, ("look", taps, together, keep), lambda: look_program(encoder, taps, together, keep)
    )
    found = {tap: WholeStatistics() for tap in taps}
    cut_up = tiles(
        sizes[0], multiple_of(step, side), multiple_of(step, reach_of_encoder(len(taps)))
    )
    for number, tile in enumerate(cut_up, 1):
        places = dict(zip(taps, places_of(tile, len(taps)), strict=True))
        insides = {tap: place.inside() for tap, place in places.items()}
        measured, kept = run(image[None, *tile.outer], insides)
        for tap, place in places.items():
            found[tap].add(place, *measured[tap])
        if keep:
            features[:, *places[keep].inner] = ops.convert_to_numpy(kept)[:, *places[keep].cut]
        report(progress, number / len(cut_up))
    return found, features


def look_program(encoder: Encoder, taps: tuple, together: bool, keep: str | None) -> Callable:
    """A program (images, insides) -> statistics of a tile at all taps, features at one of them."""

    def look(images: Any, insides: dict) -> tuple:
        maps = encoder(images, depth=len(taps))
        found = {tap: tile_statistics(maps[tap], insides[tap], together=together) for tap in taps}
        return found, maps[keep] if keep else ()

    return program(look, [encoder])
