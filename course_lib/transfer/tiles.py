"""Pictures of any size in bounded memory: tile by tile, with the statistics of the whole picture.

A tile must not be stylized on its own: AdaIN and WCT would give every tile, sky and crowd alike,
the style's full contrast, and seams would show. So all tiles take one step before any takes the
next, and in between the statistics of the tiles are put together to those of the whole map. The
result is that of the whole picture, but for rounding.

Between the steps only small maps are kept. The large ones, at the levels above, are computed again
for every tile as often as they are needed: that costs less than keeping them.
"""

import collections
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import SMALLEST_PICTURE, double, half, uncenter
from course_lib.checks import as_number, check_choice

# Side of a tile in pixels of the picture. Much smaller, and the overlaps cost time; much larger,
# and the maps of the tiles at work cost memory.
SIDE = 384


class TransferStopped(RuntimeError):
    """The caller asked a transfer to stop before its picture was finished."""


def report(progress, share):
    """Tell how much is done, and stop if that is the answer.

    Args:
        progress: function (share from 0 to 1) that returns True to stop, or None.
        share: what to tell.

    Raises:
        TransferStopped: it returned True.
    """
    if progress is not None and progress(share):
        raise TransferStopped(f"stopped as asked, with {share:.0%} done.")


def part_of(progress, start, stop):
    """A function for a part of the work, which tells its share as one of the whole.

    Args:
        progress: as for `report`.
        start: share of the whole that is done before the part.
        stop: share of the whole that is done after it.
    """
    if progress is None:
        return None
    return lambda share: progress(start + (stop - start) * share)


# ---- cutting up -------------------------------------------------------------------------------


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
    def inner(self):
        """Where the tile itself lies in the map: a pair of slices."""
        return tuple(slice(start, stop) for start, stop, _, _ in (self.rows, self.columns))

    @property
    def outer(self):
        """Where it lies with its overlap."""
        return tuple(slice(first, last) for _, _, first, last in (self.rows, self.columns))

    @property
    def cut(self):
        """Where the tile itself lies in an array that holds it with its overlap."""
        return tuple(
            slice(start - first, stop - first)
            for start, stop, first, _ in (self.rows, self.columns)
        )

    def inside(self):
        """Array (1, height, width, 1) of the size with overlap: 1 in the tile, 0 around it."""
        (_, _, top, bottom), (_, _, left, right) = self.rows, self.columns
        inside = np.zeros((1, bottom - top, right - left, 1), "float32")
        inside[:, *self.cut] = 1.0
        return inside

    def coarser(self):
        """The same tile in the map that pooling by 2 gives."""
        return Tile(tuple(map(half, self.rows)), tuple(map(half, self.columns)))

    def finer(self, size):
        """The same tile in a map of that (height, width), twice as large or one less."""
        height, width = size
        return Tile(
            tuple(min(2 * place, height) for place in self.rows),
            tuple(min(2 * place, width) for place in self.columns),
        )


def tiles(size, side, overlap):
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


def level_sizes(size, levels):
    """(height, width) at every level from the picture down."""
    sizes = [tuple(size)]
    for _ in range(levels - 1):
        sizes.append(tuple(map(half, sizes[-1])))
    return sizes


def multiple_of(step, number):
    """The smallest multiple of ``step`` that is not below the number, and not 0."""
    return step * max(1, -(-number // step))


# ---- statistics of the whole ------------------------------------------------------------------


def tile_statistics(features, inside, together=False):
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

    def __init__(self):
        self.count, self.mean, self.spread = 0, np.zeros(()), np.zeros(())

    def add(self, tile, mean, spread):
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
    def measured(self):
        """Mean and deviation as `statistics.channel_statistics` gives them, (1, 1, 1, channels)."""
        variance = np.diagonal(self.spread) if self.spread.ndim == 2 else self.spread
        deviation = np.sqrt(variance + statistics.EPSILON)
        return tuple(x.astype("float32")[None, None, None] for x in (self.mean, deviation))

    @property
    def covariance(self):
        """As `statistics.covariance` gives it, (1, channels, channels)."""
        return self.spread.astype("float32")[None]


# ---- programs ---------------------------------------------------------------------------------


def program(function, models):
    """A function as one compiled program, where the backend can make one of it.

    On TensorFlow it is traced once for pictures of all sizes; JAX compiles for every size. No XLA
    on TensorFlow: it takes seconds to compile what then runs hardly faster.

    Args:
        function: function of nested tuples, lists and dictionaries of arrays or tensors.
        models: the Keras models that it uses. They may be trained on between two calls.

    Returns:
        A function of the same arguments. No gradients flow through it.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _traced_for_all_sizes(function)
    if backend == "jax":
        return _compiled_with_weights(function, [v for model in models for v in model.variables])
    import torch

    def without_gradients(*arguments):
        with torch.no_grad():
            return function(*keras.tree.map_structure(ops.convert_to_tensor, arguments))

    return without_gradients


def _traced_for_all_sizes(function):
    import tensorflow as tf

    def described(array):
        shape = list(array.shape)
        if len(shape) == 4 and shape[1:3] != [1, 1]:
            shape[1:3] = [None, None]
        return tf.TensorSpec(shape, array.dtype)

    made: dict[Any, Callable] = {}

    def run(*arguments):
        signature = keras.tree.map_structure(described, arguments)
        key = repr(signature)
        if key not in made:
            # TensorFlow takes the programs of several transfers for one that is traced again and
            # again, and warns of that; not where tracing is asked for by itself.
            traced = tf.function(function, signature, autograph=False)
            made[key] = traced.get_concrete_function()
        return made[key](*arguments)

    run.made = made  # type: ignore[attr-defined]
    return run


def _compiled_with_weights(function, variables):
    """JAX would keep the weights of the first call for ever: so they are arguments as well."""
    import jax

    def stateless(weights, arguments):
        pairs = list(zip(variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=pairs):
            return function(*arguments)

    compiled = jax.jit(stateless)
    return lambda *arguments: compiled([variable.value for variable in variables], arguments)


# The programs of tiles are used again for the next picture.
remembered = functools.lru_cache(maxsize=64)


# ---- looking ----------------------------------------------------------------------------------


def reach_of_encoder(levels):
    """How far, in pixels, a value at that level sees: two convolutions a level, one at the last."""
    return 2 * sum(2**level for level in range(levels - 1)) + 2 ** (levels - 1)


def reach_of_decoder(levels):
    """The same for a pixel drawn from that level: also one step for each upsampling."""
    return reach_of_encoder(levels) + sum(2 ** (level + 1) for level in range(levels - 1))


def look_tiled(encoder, picture, depth=None, together=False, keep=None, side=SIDE, progress=None):
    """The statistics of a picture's features at every tap, and the features at one of them.

    Args:
        encoder: an `Encoder`.
        picture: picture (height, width, 3).
        depth: number of levels to go down; all of them by default.
        together: covariances, and not only deviations.
        keep: the tap whose features are wanted, or None.
        side: of the tiles, in pixels.
        progress: as for `report`.

    Returns:
        Dictionary tap -> `WholeStatistics`, and the features, an array (1, height, width,
        channels), or None.
    """
    taps = encoder.taps[: depth or len(encoder.taps)]
    step = 2 ** (len(taps) - 1)
    sizes = level_sizes(picture.shape[:2], len(taps))
    features: Any = None
    if keep:
        level = taps.index(keep)
        features = np.empty((1, *sizes[level], encoder.channels[level]), "float32")
    run = _look_program(encoder, taps, together, keep)
    found = {tap: WholeStatistics() for tap in taps}
    cut_up = tiles(
        sizes[0], multiple_of(step, side), multiple_of(step, reach_of_encoder(len(taps)))
    )
    for number, tile in enumerate(cut_up, 1):
        places = dict(zip(taps, places_of(tile, len(taps)), strict=True))
        insides = {tap: place.inside() for tap, place in places.items()}
        measured, kept = run(picture[None, *tile.outer], insides)
        for tap, place in places.items():
            found[tap].add(place, *measured[tap])
        if keep:
            features[:, *places[keep].inner] = ops.convert_to_numpy(kept)[:, *places[keep].cut]
        report(progress, number / len(cut_up))
    return found, features


@remembered
def _look_program(encoder, taps, together, keep):
    """A program (images, insides) -> statistics of a tile at all taps, features at one of them."""

    def look(images, insides):
        maps = encoder(images, depth=len(taps))
        found = {tap: tile_statistics(maps[tap], insides[tap], together) for tap in taps}
        return found, maps[keep] if keep else ()

    return program(look, [encoder])


def places_of(tile, levels):
    """Where a tile of the picture lies at every level, from the picture down."""
    places = [tile]
    for _ in range(levels - 1):
        places.append(places[-1].coarser())
    return places


# ---- painting ---------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of a `PaintingDecoder`, from one map to the next.

    Attributes:
        kind: "residual", "narrow", "double" or "picture".
        layer: its convolution, or None.
        level: the level of the map that it makes, counted from 1.
        site: number of the injection before it, or None where there is none.
        kept: the type of number in which its map is kept for the whole picture, or None. Where the
            channels have just been narrowed, it is smallest. At the entry there are too many steps
            to repeat them all, and in half precision their rounding would grow to several gray
            levels on the way to the picture.
    """

    kind: str
    layer: Any
    level: int
    site: int | None
    kept: str | None

    def __call__(self, features, size):
        """Make the map, which has that (height, width)."""
        if self.kind == "double":
            return doubled(features)[:, : size[0], : size[1]]
        made = self.layer(ops.relu(features))
        if self.kind == "residual":
            return features + made
        return uncenter(made) if self.kind == "picture" else made


def doubled(features):
    """What `autoencoder.double` gives, without a slope."""
    if keras.backend.backend() != "tensorflow":
        return double(features)
    import tensorflow as tf

    # TensorFlow's own operation is many times faster, and needs no size when it is traced.
    _, height, width, _ = ops.shape(features)
    return tf.image.resize(features, (2 * height, 2 * width))


def painting_steps(painter):
    """The steps of a painting decoder in order, from its entry to the picture.

    Args:
        painter: a `PaintingDecoder`.

    Returns:
        List of `Step`.
    """
    entry = len(painter.channels) - 1
    planned = []
    for level in range(entry, 0, -1):
        if level < entry:
            planned.append(("double", None, level))
        planned += [("residual", layer, level) for layer in painter.residual[level]]
        if level > 1:
            planned.append(("narrow", painter.narrow[level], level))
    planned.append(("picture", painter.to_picture, 1))
    steps, site = [], 0
    for kind, layer, level in planned:
        injected = kind != "double" and (painter.all_levels or site == 0)
        kept = "float16" if kind == "narrow" else None
        if kind == "picture" or (level == entry and kind == "residual"):
            kept = "float32"
        steps.append(Step(kind, layer, level, site if injected else None, kept))
        site += kind != "double"
    return steps


def paint_whole(painter, images, features, targets):
    """A painting decoder's picture, all at once.

    Args:
        painter: a `PaintingDecoder`.
        images: tensor (1, height, width, 3), of which only the size is used.
        features: tensor (1, height, width, channels), the content at the painter's entry.
        targets: list of (mean, deviation), as `PaintingDecoder.targets` gives them.

    Returns:
        Tensor (1, height, width, 3), not clipped: what ``painter(features, targets)`` returns.
    """
    sizes = level_sizes(ops.shape(images)[1:3], len(painter.channels))
    for step in painting_steps(painter):
        if step.site is not None:
            features = statistics.adain(features, *targets[step.site])
        features = step(features, sizes[step.level - 1])
    return features


def paint_tiled(painter, features, measured, target_at, size, side=SIDE, progress=None):
    """The same, one tile after the other.

    Args:
        painter: a `PaintingDecoder`.
        features: array (1, height, width, channels), the content at the painter's entry.
        measured: mean and deviation of these features, (1, 1, 1, channels) each.
        target_at: function (site, level, outer) that gives the mean and the deviation asked for at
            a site, as arrays (1, 1, 1, channels), or as maps of the part ``outer`` of that level.
        size: (height, width) of the picture.
        side: of the tiles, in pixels of the picture.
        progress: as for `report`.

    Returns:
        Picture (height, width, 3) float32 in [0, 1].
    """
    sizes = level_sizes(size, len(painter.channels))
    steps = painting_steps(painter)
    seen = {0: measured}
    kept, chain = features, []
    for number, step in enumerate(steps):
        chain.append(step)
        made = None
        if step.kept:
            shape = (1, *sizes[step.level - 1], step.layer.filters)
            # A map may be written over the one before; not over the caller's features.
            made = kept if kept.shape == shape and number else np.empty(shape, step.kept)
        walk = Walk(painter, tuple(chain), kept, made, sizes[step.level - 1])
        share = part_of(progress, number / len(steps), (number + 1) / len(steps))
        found = walk.take(seen, target_at, side, share)
        if step.kept:
            kept, chain = made, []
        if number + 1 < len(steps) and steps[number + 1].site is not None:
            seen[steps[number + 1].site] = found.measured
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

    painter: Any
    chain: tuple
    kept: np.ndarray
    made: Any
    size: tuple

    def take(self, seen, target_at, side, progress):
        """Fill the array ``made``, if there is one, and measure the map.

        Args:
            seen: dictionary site -> mean and deviation before the injection there.
            target_at: as for `paint_tiled`.
            side: likewise.
            progress: as for `report`.

        Returns:
            `WholeStatistics` of the map that the step makes.
        """
        doubled = self.chain[0].kind == "double"
        level = self.chain[-1].level
        run = _step_program(self.painter, self.chain)
        whole = WholeStatistics()
        # A convolution sees one position further, and so does doubling.
        overlap = half(len(self.chain)) if doubled else len(self.chain)
        cut_up = tiles(self.kept.shape[1:3], max(1, side // 2 ** (level - 1 + doubled)), overlap)
        waiting: collections.deque = collections.deque()
        for number, tile in enumerate(cut_up, 1):
            place = tile.finer(self.size) if doubled else tile
            changes = [
                injection(seen[step.site], target_at(step.site, level, place.outer))
                for step in self.chain
                if step.site is not None
            ]
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

    def write(self, place, maps):
        """Put a tile into the array ``made``."""
        self.made[:, *place.inner] = ops.convert_to_numpy(maps)[:, *place.cut]


@remembered
def _step_program(painter, chain):
    """A program (map, injections, inside) -> statistics of a tile after the chain, and its map."""

    def paint(maps, changes, inside):
        maps, changes = ops.cast(maps, "float32"), iter(changes)
        for step in chain:
            if step.site is not None:
                scale, shift = next(changes)
                maps = maps * scale + shift
            maps = step(maps, ops.shape(inside)[1:3])
        kept = chain[-1].kept
        return tile_statistics(maps, inside), ops.cast(maps, kept) if kept else ()

    return program(paint, [painter])


def injection(measured, target):
    """AdaIN as a scale and a shift: what takes a map of these statistics to the ones asked for.

    Args:
        measured: mean and deviation of the map, (1, 1, 1, channels) each.
        target: mean and deviation asked for, of that shape or as maps.

    Returns:
        Two arrays, for ``maps * scale + shift``.
    """
    scale = (target[1] / measured[1]).astype("float32")
    return scale, (target[0] - measured[0] * scale).astype("float32")


def mixed(own, asked, strength, shares):
    """``own`` moved towards the styles by strength and share; everything may be a map."""
    moved = own
    for one, share in zip(asked, shares, strict=True):
        moved = moved + strength * share * (one - own)
    return moved


# ---- whitening and coloring -------------------------------------------------------------------


def transform_tiled(autoencoder, picture, tap, wanted, strength, shares, side=SIDE, progress=None):
    """Whitening and coloring at one tap, one tile after the other.

    Args:
        autoencoder: an `Autoencoder`.
        picture: picture (height, width, 3).
        tap: where to transform.
        wanted: for each style its mean (1, 1, 1, channels) and covariance (1, channels, channels).
        strength: a number from 0 to 1.
        shares: one number per style, or one map (1, height, width, 1) of the tap's size.
        side: of the tiles, in pixels.
        progress: as for `report`.

    Returns:
        Picture (height, width, 3) float32 in [0, 1].
    """
    level, encoder = autoencoder.taps.index(tap) + 1, autoencoder.encoder
    first, second = part_of(progress, 0.0, 0.4), part_of(progress, 0.4, 1.0)
    whole = look_tiled(encoder, picture, level, True, side=side, progress=first)[0][tap]
    white = statistics.matrix_power(whole.covariance, -0.5)
    changes = [(ops.matmul(white, statistics.matrix_power(x, 0.5)), mean) for mean, x in wanted]

    def arguments(tile):
        place = places_of(tile, level)[-1]
        cut = [s[:, *place.outer] if s.ndim == 4 else s for s in map(np.asarray, shares)]
        cut = [share.astype("float32") for share in cut]
        return whole.measured[0], changes, np.float32(strength), cut

    run = _transform_program(autoencoder, tap)
    return _drawn_tiled(run, autoencoder, picture, level, arguments, side, second)


@remembered
def _transform_program(autoencoder, tap):
    """A program that whitens and colors a tile at a tap, and draws it again."""
    level = autoencoder.taps.index(tap) + 1

    def transform(images, mean, changes, strength, shares):
        features = autoencoder.encoder(images, depth=level)[tap]
        centered = features - mean
        colored = [ops.einsum("bhwc,bcd->bhwd", centered, matrix) + to for matrix, to in changes]
        features = ops.relu(mixed(features, colored, strength, shares))
        return autoencoder.decode(features, tap=tap, size=ops.shape(images)[1:3])

    return program(transform, [autoencoder])


def reconstruct_tiled(autoencoder, picture, tap=None, side=SIDE, progress=None):
    """Encode a picture of any size, then decode it again from a tap, in bounded memory.

    Args:
        autoencoder: an `Autoencoder`.
        picture: picture (height, width, 3), each side at least 16.
        tap: how deep to go; the deepest by default.
        side: of the tiles, in pixels.
        progress: as for `report`.

    Returns:
        Picture (height, width, 3) float32 in [0, 1]: what ``autoencoder.reconstruct`` gives.

    Raises:
        PictureError: no picture, or one that is too small.
        ValueError: a tap that there is not, with those there are, or a side below 1.
    """
    picture = image_files.check_picture(picture, min_side=SMALLEST_PICTURE)
    tap = tap or autoencoder.taps[-1]
    check_choice("tap", tap, autoencoder.taps)
    if not (as_number(side) >= 1 and side % 1 == 0):
        raise ValueError(f"side={side!r}: give a whole number of pixels, 1 or more.")
    if autoencoder.encoding_dim:
        # A dense code belongs to pictures of one small size.
        return image_files.from_batch(autoencoder.reconstruct(picture[None], tap))
    run, level = _reconstruct_program(autoencoder, tap), autoencoder.taps.index(tap) + 1
    return _drawn_tiled(run, autoencoder, picture, level, lambda tile: (), side, progress)


@remembered
def _reconstruct_program(autoencoder, tap):
    """A program that encodes a tile down to a tap, and draws it again."""
    level = autoencoder.taps.index(tap) + 1

    def reconstruct(images):
        features, switches = autoencoder.encoder(images, depth=level, with_switches=True)
        drawn = autoencoder.draw(features[tap], tap, ops.shape(images)[1:3], switches)
        return ops.clip(drawn, 0.0, 1.0)

    return program(reconstruct, [autoencoder])


def _drawn_tiled(run, autoencoder, picture, level, arguments, side, progress):
    """A picture encoded down to a level and drawn again, every tile with overlap enough for both.

    Args:
        run: program (images, *arguments) -> images.
        autoencoder: the `Autoencoder` that it uses.
        picture: picture (height, width, 3).
        level: how deep it goes, counted from 1.
        arguments: function tile -> further arguments.
        side: of the tiles, in pixels.
        progress: as for `report`.

    Returns:
        Picture (height, width, 3) float32.
    """
    drawn = np.empty(picture.shape, "float32")
    step = 2 ** (len(autoencoder.taps) - 1)
    overlap = multiple_of(step, reach_of_encoder(level) + reach_of_decoder(level))
    cut_up = tiles(picture.shape[:2], multiple_of(step, side), overlap)
    for number, tile in enumerate(cut_up, 1):
        images = run(picture[None, *tile.outer], *arguments(tile))
        drawn[tile.inner] = ops.convert_to_numpy(images)[0, *tile.cut]
        report(progress, number / len(cut_up))
    return drawn
