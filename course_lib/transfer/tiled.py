"""Painting, transforming and reconstructing an image tile by tile: see `tiles` for the idea."""

import collections
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import (
    SMALLEST_IMAGE,
    Autoencoder,
    PaintingDecoder,
    half,
    level_sizes,
)
from course_lib.autoencoder.painting import Step
from course_lib.backend import program
from course_lib.checks import as_number, check_choice
from course_lib.transfer.common import Progress, mixed, part_of, report
from course_lib.transfer.tiles import (
    SIDE,
    Tile,
    WholeStatistics,
    look_tiled,
    multiple_of,
    reach_of_decoder,
    reach_of_encoder,
    remembered,
    tile_statistics,
    tiles,
)


def paint_tiled(
    painter: PaintingDecoder,
    features: np.ndarray,
    measured: tuple,
    targets: list,
    size: tuple,
    *,
    side: int = SIDE,
    progress: Progress = None,
) -> np.ndarray:
    """What a painting decoder makes of features, one tile after the other.

    Args:
        painter: a `PaintingDecoder`.
        features: array (1, height, width, channels), the content at the painter's entry.
        measured: mean and standard deviation of these features, (1, 1, 1, channels) each.
        targets: list of (mean, std) arrays, as `PaintingDecoder.targets` gives them.
        size: (height, width) of the image.
        side: of the tiles, in pixels of the image.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32 in [0, 1].
    """
    sizes = level_sizes(size, len(painter.channels))
    steps = painter.steps
    seen = {0: measured}
    kept: np.ndarray = features
    chain: list[Step] = []
    for number, step in enumerate(steps):
        chain.append(step)
        made = None
        if step.kept:
            shape = (1, *sizes[step.level - 1], step.layer.filters)
            # A map may be written over the one before; not over the caller's features.
            made = kept if kept.shape == shape and number else np.empty(shape, step.kept)
        walk = Walk(painter, tuple(chain), kept, made, sizes[step.level - 1])
        share = part_of(progress, number / len(steps), (number + 1) / len(steps))
        found = walk.take(seen, targets, side, share)
        if made is not None:
            kept, chain = made, []
        coming = steps[number + 1].site if number + 1 < len(steps) else None
        if coming is not None:
            seen[coming] = found.measured
    return np.clip(kept[0], 0.0, 1.0, out=kept[0])


@dataclasses.dataclass(frozen=True)
class Walk:
    """One step of painting, taken with all tiles.

    Attributes:
        painter: the `PaintingDecoder`.
        chain: the steps since the last map that was kept; the last one is the step to take.
        kept: that map.
        made: array for the map that the step makes, or None if it is not kept.
        size: (height, width) of the map that the step makes.
    """

    painter: PaintingDecoder
    chain: tuple
    kept: np.ndarray
    made: Any
    size: tuple

    def take(self, seen: dict, targets: list, side: int, progress: Progress) -> WholeStatistics:
        """Fill the array ``made``, if there is one, and measure the map.

        Args:
            seen: dictionary site -> mean and standard deviation before the injection there.
            targets: as for `paint_tiled`.
            side: as there.
            progress: as there.

        Returns:
            `WholeStatistics` of the map that the step makes.
        """
        doubled = self.chain[0].kind == "double"
        level = self.chain[-1].level
        key = ("step", self.chain)
        run = remembered(self.painter, key, lambda: step_program(self.painter, self.chain))
        whole = WholeStatistics()
        # A convolution sees one position further, and so does doubling.
        overlap = half(len(self.chain)) if doubled else len(self.chain)
        cut_up = tiles(self.kept.shape[1:3], max(1, side // 2 ** (level - 1 + doubled)), overlap)
        changes = [
            injection(seen[step.site], targets[step.site])
            for step in self.chain
            if step.site is not None
        ]
        waiting: collections.deque = collections.deque()
        for number, tile in enumerate(cut_up, 1):
            place = tile.finer(self.size) if doubled else tile
            found, maps = run(self.kept[:, *tile.outer], changes, place.inside())
            whole.add(place, *found)
            if self.made is not None:
                waiting.append((place, maps))
                # Where one map is written over another, the next row of tiles still has to see the
                # edge of this one as it was before.
                while waiting and (
                    self.made is not self.kept or waiting[0][0].rows[1] <= place.rows[2]
                ):
                    self.write(*waiting.popleft())
            report(progress, number / len(cut_up))
        for place, maps in waiting:
            self.write(place, maps)
        return whole

    def write(self, place: Tile, maps: Any) -> None:
        """Put a tile into the array ``made``."""
        self.made[:, *place.inner] = ops.convert_to_numpy(maps)[:, *place.cut]


def step_program(painter: PaintingDecoder, chain: tuple) -> Callable:
    """A program (map, injections, inside) -> statistics of a tile after the chain, and its map."""

    def paint(maps: Any, changes: list, inside: Any) -> tuple:
        maps, remaining = ops.cast(maps, "float32"), iter(changes)
        for step in chain:
            if step.site is not None:
                scale, shift = next(remaining)
                maps = maps * scale + shift
            maps = step(maps, ops.shape(inside)[1:3])
        kept = chain[-1].kept
        return tile_statistics(maps, inside), ops.cast(maps, kept) if kept else ()

    return program(paint, [painter])


def injection(measured: tuple, target: tuple) -> tuple[np.ndarray, np.ndarray]:
    """AdaIN as a scale and a shift: what takes a map of these statistics to the ones asked for.

    Args:
        measured: mean and standard deviation of the map, (1, 1, 1, channels) each.
        target: mean and standard deviation asked for, of that shape.

    Returns:
        Two arrays, for ``maps * scale + shift``.
    """
    scale = (target[1] / measured[1]).astype("float32")
    return scale, (target[0] - measured[0] * scale).astype("float32")


def transform_tiled(
    autoencoder: Autoencoder,
    image: np.ndarray,
    tap: str,
    wanted: list,
    *,
    strength: float,
    proportions: list,
    side: int = SIDE,
    progress: Progress = None,
) -> np.ndarray:
    """Whitening and coloring at one tap, one tile after the other.

    Args:
        autoencoder: an `Autoencoder`.
        image: image (height, width, 3).
        tap: where to transform.
        wanted: for each style its mean (1, 1, 1, channels) and covariance (1, channels, channels).
        strength: a number from 0 to 1.
        proportions: one number per style.
        side: of the tiles, in pixels.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32 in [0, 1].
    """
    level, encoder = autoencoder.taps.index(tap) + 1, autoencoder.encoder
    first, second = part_of(progress, 0.0, 0.4), part_of(progress, 0.4, 1.0)
    whole = look_tiled(encoder, image, depth=level, together=True, side=side, progress=first)[0][
        tap
    ]
    white = statistics.matrix_power(whole.covariance, -0.5)
    changes = [(ops.matmul(white, statistics.matrix_power(x, 0.5)), mean) for mean, x in wanted]
    arguments = (
        whole.measured[0],
        changes,
        np.float32(strength),
        np.asarray(proportions, "float32"),
    )
    run = remembered(autoencoder, ("transform", tap), lambda: transform_program(autoencoder, tap))
    return drawn_tiled(run, autoencoder, image, level, arguments, side=side, progress=second)


def transform_program(autoencoder: Autoencoder, tap: str) -> Callable:
    """A program that whitens and colors a tile at a tap, and draws it again."""
    level = autoencoder.taps.index(tap) + 1

    def transform(images: Any, mean: Any, changes: list, strength: Any, proportions: Any) -> Any:
        features = autoencoder.encoder(images, depth=level)[tap]
        centered = features - mean
        colored = [ops.einsum("bhwc,bcd->bhwd", centered, matrix) + to for matrix, to in changes]
        each = [proportions[number] for number in range(len(colored))]
        features = ops.relu(mixed(features, colored, strength, each))
        return autoencoder.decode(features, tap=tap, size=ops.shape(images)[1:3])

    return program(transform, [autoencoder])


def reconstruct_tiled(
    autoencoder: Autoencoder,
    image: np.ndarray,
    *,
    tap: str | None = None,
    side: int = SIDE,
    progress: Progress = None,
) -> np.ndarray:
    """Encode an image of any size, then decode it again from a tap, in bounded memory.

    Args:
        autoencoder: an `Autoencoder`.
        image: image (height, width, 3), each side at least 16.
        tap: how deep to go; the deepest by default.
        side: of the tiles, in pixels.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32 in [0, 1]: what ``autoencoder.reconstruct`` gives.

    Raises:
        ImageError: no image, or one that is too small.
        ValueError: a tap that there is not, with those there are, or a side below 1.
    """
    image = image_files.check_image(image, min_side=SMALLEST_IMAGE)
    tap = tap or autoencoder.taps[-1]
    check_choice("tap", tap, autoencoder.taps)
    if not (as_number(side) >= 1 and side % 1 == 0):
        raise ValueError(f"side={side!r}: give a whole number of pixels, 1 or more.")
    if autoencoder.encoding_dim:
        # A dense code belongs to images of one small size.
        return image_files.from_batch(autoencoder.reconstruct(image[None], tap))
    run = remembered(
        autoencoder, ("reconstruct", tap), lambda: reconstruct_program(autoencoder, tap)
    )
    level = autoencoder.taps.index(tap) + 1
    return drawn_tiled(run, autoencoder, image, level, side=side, progress=progress)


def reconstruct_program(autoencoder: Autoencoder, tap: str) -> Callable:
    """A program that encodes a tile down to a tap, and draws it again."""
    level = autoencoder.taps.index(tap) + 1

    def reconstruct(images: Any) -> Any:
        features, switches = autoencoder.encoder(images, depth=level, with_switches=True)
        drawn = autoencoder.draw(features[tap], tap, size=ops.shape(images)[1:3], switches=switches)
        return ops.clip(drawn, 0.0, 1.0)

    return program(reconstruct, [autoencoder])


def drawn_tiled(
    run: Callable,
    autoencoder: Autoencoder,
    image: np.ndarray,
    level: int,
    arguments: tuple = (),
    *,
    side: int,
    progress: Progress,
) -> np.ndarray:
    """An image encoded down to a level and drawn again, every tile with overlap enough for both.

    Args:
        run: program (images, and the further arguments) -> images.
        autoencoder: the `Autoencoder` that it uses.
        image: image (height, width, 3).
        level: how deep it goes, counted from 1.
        arguments: the program's further arguments.
        side: of the tiles, in pixels.
        progress: as for `common.report`.

    Returns:
        Image (height, width, 3) float32.
    """
    drawn = np.empty(image.shape, "float32")
    step = 2 ** (len(autoencoder.taps) - 1)
    overlap = multiple_of(step, reach_of_encoder(level) + reach_of_decoder(level))
    cut_up = tiles(image.shape[:2], multiple_of(step, side), overlap)
    for number, tile in enumerate(cut_up, 1):
        images = run(image[None, *tile.outer], *arguments)
        drawn[tile.inner] = ops.convert_to_numpy(images)[0, *tile.cut]
        report(progress, number / len(cut_up))
    return drawn
