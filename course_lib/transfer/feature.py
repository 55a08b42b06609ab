"""Feature-based transfer: the style's statistics put into the content's features, then decoded.

Also called vector-based. Two methods. "adain" gives every channel the style's mean and deviation
at every level of the painting decoder. "wct" gives the features the style's whole covariance, from
the coarsest level to the finest, and decodes with the reconstructing decoder, which has never seen
a style: the universal form.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from keras import ops

from course_lib import collection, statistics
from course_lib import images as image_files
from course_lib.autoencoder import (
    SMALLEST_PICTURE,
    UNREADABLE,
    Autoencoder,
    PaintingDecoder,
    load_model,
    write_arrays,
)
from course_lib.backend import memory_advice
from course_lib.checks import as_number, check_choice
from course_lib.errors import TransferError
from course_lib.transfer import tiles
from course_lib.transfer.colors import KEEP_COLORS, match_colors, with_colors_of
from course_lib.transfer.tiles import mixed

METHODS = ("adain", "wct")
PARTS = ("both", "colors", "texture")
# In pixels. The maps of this one take about 600 MiB; larger pictures go tile by tile.
LARGEST_WHOLE = 1_250_000
# Enough for strokes to begin anywhere in a clear sky, too little to be seen as such.
GRAIN = 0.015
FORMAT = "course style 1"
# What to do where a device's memory is not enough.
SMALLER = (
    "Make the picture smaller with images.resize (`course stylize --size 1024`), or go through it "
    "in smaller tiles: FeatureTransfer(tile=192)."
)


@dataclasses.dataclass(frozen=True)
class StyleCode:
    """All that a transfer keeps of a style picture.

    Attributes:
        measured: dictionary tap -> (mean, deviation), arrays (1, 1, 1, channels).
        covariances: dictionary tap -> array (1, channels, channels), for "wct"; else None.
    """

    measured: dict
    covariances: dict | None = None

    def save(self, path):
        """Write a few kilobytes from which the style can be applied again, without its picture.

        Args:
            path: an ``.npz`` file; replaced in one step if it is there.
        """
        arrays = {"format": np.array(json.dumps({"format": FORMAT, "taps": list(self.measured)}))}
        for tap, (mean, deviation) in self.measured.items():
            arrays[f"{tap}_mean"], arrays[f"{tap}_deviation"] = mean, deviation
        for tap, matrix in (self.covariances or {}).items():
            arrays[f"{tap}_covariance"] = matrix
        write_arrays(path, arrays)

    @classmethod
    def load(cls, path):
        """Read what `save` wrote.

        Raises:
            TransferError: the file does not hold a style.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                header = json.loads(str(stored["format"]))
                if header["format"] != FORMAT:
                    raise KeyError(header["format"])
                arrays = {name: stored[name] for name in stored.files if name != "format"}
            taps = header["taps"]
            measured = {tap: (arrays[f"{tap}_mean"], arrays[f"{tap}_deviation"]) for tap in taps}
        except FileNotFoundError:
            raise
        except UNREADABLE as error:
            raise TransferError(
                f"{path}: this is not a style that StyleCode.save wrote ({error}). "
                "Measure the style picture again."
            ) from error
        covariances = {
            tap: arrays[f"{tap}_covariance"] for tap in taps if f"{tap}_covariance" in arrays
        }
        return cls(measured, covariances or None)


@dataclasses.dataclass(frozen=True)
class ContentCode:
    """A content picture as the transfer sees it.

    Attributes:
        picture: the picture itself, (height, width, 3) float32.
        features: the code that is decoded, (1, height / 4, width / 4, channels) for painting.
        own: the content's own statistics, which strength 0 asks for.
    """

    picture: np.ndarray
    features: object
    own: StyleCode


class FeatureTransfer:
    """Feature-based style transfer.

    Args:
        method: "adain" (painting decoder, the default) or "wct" (reconstructing decoder).
        autoencoder: an `Autoencoder`; the course's own by default.
        painter: a `PaintingDecoder` trained on its features; the course's own by default.
        taps: for "wct": the taps to transform at, coarsest first is done first; all by default.
        tile: side in pixels of the tiles in which pictures are gone through, to bound the memory.
            By default pictures up to 1.25 million pixels are taken whole, and larger ones in tiles
            of 384. The result is the same.
        grain: for "adain": the deviation of the faint irregularity (`images.grain`) that the
            content gets before it is encoded, in [0, 1]; 0 for none. Without it a flat area is the
            same everywhere, and the strokes that the style asks for come out as a regular weave.
            Multiplied by the strength of a call.

    Source: Huang and Belongie, ICCV 2017 (AdaIN); Li et al., NIPS 2017 (WCT).
    """

    def __init__(
        self, method="adain", autoencoder=None, painter=None, taps=None, tile=None, grain=GRAIN
    ):
        check_choice("method", method, METHODS)
        if not 0.0 <= grain <= 1.0:
            raise TransferError(f"grain={grain}: give a deviation of pixel values from 0 to 1.")
        if tile is not None and not (as_number(tile) >= SMALLEST_PICTURE and tile % 1 == 0):
            raise TransferError(
                f"tile={tile}: give a whole number of pixels, {SMALLEST_PICTURE} or more."
            )
        self.method = method
        self.autoencoder = autoencoder or Autoencoder.from_course()
        if not isinstance(self.autoencoder, Autoencoder):
            raise TransferError(f"autoencoder={autoencoder!r}: give an Autoencoder, or None.")
        self.taps = self.autoencoder.encoder.taps
        if taps is not None:
            several = isinstance(taps, Iterable) and not isinstance(taps, str)
            taps = tuple(taps) if several else (taps,)
            for tap in taps:
                check_choice("tap", tap, self.taps)
        self.chosen = tuple(tap for tap in self.taps if taps is None or tap in taps)
        self.painter: Any = None
        if method == "adain":
            self.painter = painter or course_painter()
            if not isinstance(self.painter, PaintingDecoder):
                raise TransferError(f"painter={painter!r}: give a PaintingDecoder, or None.")
        self.tile = tile
        self.grain = grain if method == "adain" else 0.0
        self.entry = self.painter.entry if self.painter else self.taps[-1]
        models = [model for model in (self.autoencoder, self.painter) if model]
        self.run_look = tiles.program(self.look, models)
        self.run_draw = tiles.program(self.paint if self.painter else self.transform, models)

    @memory_advice("stylize the picture", SMALLER)
    def __call__(
        self,
        content,
        style,
        strength=1.0,
        tap_strength=None,
        weights=None,
        masks=None,
        parts="both",
        keep_colors=None,
        progress=None,
    ):
        """Stylize a picture of any size.

        Args:
            content: picture (height, width, 3), each side at least 16.
            style: picture of any size, a `StyleCode`, or a list of them.
            strength: 0 keeps the content (it is only encoded and decoded), 1 is full style.
            tap_strength: dictionary tap -> number from 0 to 1 that multiplies ``strength`` there.
            weights: one number of 0 or more per style; they are scaled to the sum 1. Masks take
                their place.
            masks: one array (height, width) in [0, 1] per style: where it applies. Edges may be
                soft. Where the masks sum to less than 1, the content fills up: with "adain" the
                photograph itself, with "wct" the features' own statistics.
            parts: "both"; "colors" alone, the content's texture kept; "texture" alone, the
                content's colors kept. The last two need style pictures, not codes.
            keep_colors: None; "luminance" (the result's brightness, the content's colors);
                "covariance" (the style is first given the content's mean and covariance of colors).
            progress: function (share) that is told how much of the work is done, from 0 to 1, now
                and then. Where it returns True, the work stops.

        Returns:
            Picture (height, width, 3) float32 in [0, 1], of the content's size.

        Raises:
            TransferStopped: ``progress`` said so.
            PictureError: a picture that is none, or too small.
            TransferError: weights, masks, strengths or options that do not fit, with what to do.
            ValueError: an option that there is not, with those there are.
            OutOfMemoryError: the device's memory is not enough, with what to do.
        """
        check_choice("parts", parts, PARTS)
        check_choice("keep_colors", keep_colors, KEEP_COLORS)
        content = image_files.check_picture(content, min_side=SMALLEST_PICTURE, name="content")
        styles = list(style) if isinstance(style, (list, tuple)) else [style]
        if not styles:
            raise TransferError("style=[]: give at least one style picture.")
        codes = [self.prepare(content, one, parts, keep_colors) for one in styles]
        first, second = tiles.part_of(progress, 0.0, 0.3), tiles.part_of(progress, 0.3, 1.0)
        grain = self.grain * max(self.strengths(strength, tap_strength).values())
        code = self.content_code(content, first, grain)
        picture = self.blend(code, codes, strength, tap_strength, weights, masks, second)
        return in_bands(with_colors_of, content, picture) if keep_colors == "luminance" else picture

    def prepare(self, content, style, parts, keep_colors):
        """The code of a style, after its colors or the content's have been exchanged."""
        if isinstance(style, StyleCode):
            if parts != "both" or keep_colors == "covariance":
                raise TransferError(
                    "colors and texture are taken apart in the style's picture, and a StyleCode "
                    "no longer has one: give the style picture."
                )
            if self.method == "wct" and style.covariances is None:
                raise TransferError(
                    "this StyleCode has no covariances, because it was measured for 'adain': "
                    "measure the picture with FeatureTransfer('wct').style_code."
                )
            return style
        style = image_files.check_picture(style, min_side=SMALLEST_PICTURE, name="style")
        if parts == "texture" or keep_colors == "covariance":
            style = match_colors(style, content)
        elif parts == "colors":
            style = match_colors(content, style)
        return self.style_code(style)

    @memory_advice("encode the content", SMALLER)
    def content_code(self, content, progress=None, grain=None):
        """Encode a content picture once, to be blended with styles many times.

        Args:
            content: picture (height, width, 3), each side at least 16.
            progress: as in a call.
            grain: deviation of the grain that the content gets; by default the transfer's own.

        Returns:
            A `ContentCode`.
        """
        content = image_files.check_picture(content, min_side=SMALLEST_PICTURE, name="content")
        grained = with_grain(content, self.grain if grain is None else grain)
        return ContentCode(content, *self.seen(grained, self.entry, progress))

    @memory_advice("measure the style picture", SMALLER)
    def style_code(self, style):
        """Measure a style picture once, to be applied many times.

        Args:
            style: picture (height, width, 3), each side at least 16.

        Returns:
            A `StyleCode`.
        """
        style = image_files.check_picture(style, min_side=SMALLEST_PICTURE, name="style")
        return self.seen(style)[1]

    def tile_side(self, picture):
        """The side of the tiles for a picture, or None where it is taken whole."""
        height, width, _ = picture.shape
        return self.tile or (tiles.SIDE if height * width > LARGEST_WHOLE else None)

    def seen(self, picture, keep=None, progress=None):
        """A picture's features at the tap ``keep``, and the statistics of all taps."""
        side = self.tile_side(picture)
        if side:
            wholes, features = tiles.look_tiled(
                self.autoencoder.encoder,
                picture,
                together=self.method == "wct",
                keep=keep,
                side=side,
                progress=progress,
            )
            measured = {tap: whole.measured for tap, whole in wholes.items()}
            covariances = {tap: whole.covariance for tap, whole in wholes.items()}
        else:
            measured, covariances, features = self.run_look(picture[None])
            measured = {tap: tuple(map(ops.convert_to_numpy, measured[tap])) for tap in self.taps}
            covariances = {tap: ops.convert_to_numpy(x) for tap, x in covariances.items()}
            tiles.report(progress, 1.0)
        return features, StyleCode(measured, covariances if self.method == "wct" else None)

    def look(self, images):
        """Statistics at all taps, and the features to decode, as tensors."""
        features = self.autoencoder.encoder(images)
        together = {}
        if self.method == "wct":
            together = {tap: statistics.covariance(maps) for tap, maps in features.items()}
        return statistics.measure(features), together, features[self.entry]

    @memory_advice("decode the picture", SMALLER)
    def blend(
        self,
        code,
        styles,
        strength=1.0,
        tap_strength=None,
        weights=None,
        masks=None,
        progress=None,
    ):
        """Apply styles to a content, both as codes: the fast half of a call.

        Args:
            code: a `ContentCode`.
            styles: list of `StyleCode`.
            strength: as in a call, and so are the others.
            tap_strength: see there.
            weights: see there.
            masks: see there.
            progress: see there.

        Returns:
            Picture (height, width, 3) float32 in [0, 1].
        """
        strengths = self.strengths(strength, tap_strength)
        shares = style_shares(len(styles), weights, masks, code.picture.shape[:2])
        if self.painter and masks is not None:
            return self.faded(code, styles, strength, tap_strength, shares, progress)
        shares = {
            tap: [at_level(share, level) for share in shares]
            for level, tap in enumerate(self.taps, 1)
        }
        if self.tile_side(code.picture):
            draw = self.paint_in_tiles if self.painter else self.transform_in_tiles
            return draw(code, styles, strengths, shares, progress)
        numbers = {tap: np.float32(strengths[tap]) for tap in self.taps}
        maps = {tap: [np.asarray(share, "float32") for share in shares[tap]] for tap in self.taps}
        measured = [style.measured for style in styles]
        wanted = [code.own.measured, code.features]
        if self.method == "wct":
            wanted = [[style.covariances for style in styles]]
        images = self.run_draw(code.picture[None], measured, numbers, maps, *wanted)
        tiles.report(progress, 1.0)
        return np.clip(ops.convert_to_numpy(images)[0], 0.0, 1.0)

    def faded(self, code, styles, strength, tap_strength, shares, progress):
        """Paintings of the whole picture, one in each style, faded into each other by masks.

        In one run of the decoder, which normalizes again and again over the whole picture, the
        places would share one mean and one deviation, and the liveliest would leave the others
        plain.
        """
        picture = np.array(code.picture)
        for number, (style, share) in enumerate(zip(styles, shares, strict=True)):
            part = tiles.part_of(progress, number / len(styles), (number + 1) / len(styles))
            painted = self.blend(code, [style], strength, tap_strength, progress=part)
            picture += share[0] * (painted - code.picture)
        return np.clip(picture, 0.0, 1.0)

    def paint(self, images, measured, strengths, shares, own, features):
        """The painting decoder's picture, (1, height, width, 3).

        Args:
            images: the content (1, height, width, 3).
            measured: for each style a dictionary tap -> (mean, deviation).
            strengths: dictionary tap -> strength there.
            shares: dictionary tap -> share of each style there, numbers or maps.
            own: dictionary tap -> (mean, deviation) of the content.
            features: what the encoder sees of the content at the painter's entry.
        """
        painter = self.painter
        own, asked = painter.targets_of(own), [painter.targets_of(one) for one in measured]
        targets = []
        for site, level in enumerate(painter.sites):
            tap = painter.taps[level - 1]
            targets.append(moved_target(own, asked, site, strengths[tap], shares[tap]))
        return tiles.paint_whole(painter, images, features, targets)

    def paint_in_tiles(self, code, styles, strengths, shares, progress):
        """The same for a picture that is too large to be painted whole, (height, width, 3)."""
        painter = self.painter

        def targets_of(style):
            return [tuple(map(ops.convert_to_numpy, x)) for x in painter.targets_of(style.measured)]

        own, asked = targets_of(code.own), [targets_of(style) for style in styles]

        def target_at(site, level, outer):
            tap = painter.taps[level - 1]
            cut = [x if isinstance(x, float) else x[:, *outer] for x in shares[tap]]
            return moved_target(own, asked, site, strengths[tap], cut)

        measured = code.own.measured[self.entry]
        size, side = code.picture.shape[:2], self.tile_side(code.picture)
        return tiles.paint_tiled(painter, code.features, measured, target_at, size, side, progress)

    def transform(self, images, measured, strengths, shares, covariances):
        """Whitening and coloring at one tap after the other, from coarse to fine.

        Args:
            images: as for `paint`, and so are the others.
            measured: see there.
            strengths: see there.
            shares: see there.
            covariances: for each style a dictionary tap -> covariance.
        """
        size = ops.shape(images)[1:3]
        for tap in reversed(self.chosen):
            level = self.taps.index(tap) + 1
            features = self.autoencoder.encoder(images, depth=level)[tap]
            colored = [
                statistics.wct(features, one[tap][0], together[tap])
                for one, together in zip(measured, covariances, strict=True)
            ]
            features = mixed(features, colored, strengths[tap], shares[tap])
            images = self.autoencoder.decode(ops.relu(features), tap=tap, size=size)
        return images

    def transform_in_tiles(self, code, styles, strengths, shares, progress):
        """The same for a picture that is too large to be transformed whole, (height, width, 3)."""
        picture, side = code.picture, self.tile_side(code.picture)
        for number, tap in enumerate(reversed(self.chosen)):
            wanted = [(style.measured[tap][0], style.covariances[tap]) for style in styles]
            done = (number / len(self.chosen), (number + 1) / len(self.chosen))
            picture = tiles.transform_tiled(
                self.autoencoder,
                picture,
                tap,
                wanted,
                strengths[tap],
                shares[tap],
                side,
                tiles.part_of(progress, *done),
            )
        return picture

    def strengths(self, strength, tap_strength):
        """Dictionary tap -> strength there, checked."""
        tap_strength = tap_strength or {}
        if not isinstance(tap_strength, dict):
            raise TransferError(
                f"tap_strength={tap_strength!r}: give a dictionary such as {{'relu1_1': 0.5}}."
            )
        for tap in tap_strength:
            check_choice("tap", tap, self.taps)
        for name, value in {"strength": strength, **tap_strength}.items():
            if not 0.0 <= as_number(value) <= 1.0:
                raise TransferError(f"{name}={value!r}: 0 keeps the content, 1 is full style.")
        return {tap: float(strength * tap_strength.get(tap, 1.0)) for tap in self.taps}


def with_grain(picture, deviation):
    """The picture with `images.grain` of that deviation, (height, width, 3) in [0, 1]."""
    if deviation == 0:
        return picture
    grained = np.empty_like(picture)
    # Bands as high as the grain's period all get the same piece of it.
    piece = deviation * image_files.grain((image_files.GRAIN_SIDE, picture.shape[1]))
    for top in range(0, len(picture), image_files.GRAIN_SIDE):
        band = picture[top : top + image_files.GRAIN_SIDE]
        np.clip(band + piece[: len(band)], 0.0, 1.0, out=grained[top : top + len(band)])
    return grained


def course_painter():
    """The painting decoder that comes with the course.

    Raises:
        CollectionError: its weights are missing or damaged, with the remedy.
    """
    return load_model(collection.verified_path("weights/painter.npz"), PaintingDecoder)


def moved_target(own, asked, site, strength, shares):
    """The mean and deviation to ask for at a site of the painter: between content and styles."""
    return tuple(
        mixed(own[site][k], [one[site][k] for one in asked], strength, shares) for k in (0, 1)
    )


def style_shares(count, weights, masks, size):
    """How much of each style applies, everywhere or as a map.

    Args:
        count: number of styles.
        weights: one number per style, or None for equal ones.
        masks: one array (height, width) per style, or None.
        size: (height, width) of the content.

    Returns:
        List of floats, or of arrays (1, height, width, 1).

    Raises:
        TransferError: another number of weights or masks, negative or all zero, masks of another
            size or beyond [0, 1].
    """
    weights = np.ones(count) if weights is None else as_floats(weights, "weights")
    if weights.shape != (count,) or not np.all(np.isfinite(weights)) or weights.min() < 0:
        raise TransferError(
            f"weights={weights.tolist()} for {count} style(s): one number of 0 or more is needed "
            "for each."
        )
    if masks is None:
        if weights.sum() == 0:
            raise TransferError("the weights sum to zero: then no style is left. Raise one.")
        return [float(weight) for weight in weights / weights.sum()]
    if not isinstance(masks, (list, tuple)) and np.ndim(masks) != 3:
        raise TransferError(f"masks: give a list with one array for each of {count} style(s).")
    if len(masks) != count:
        raise TransferError(f"{len(masks)} mask(s) for {count} style(s): give one for each.")
    maps = []
    for mask in masks:
        mask = as_floats(mask, "a mask").astype("float32")
        if mask.shape != tuple(size):
            raise TransferError(
                f"a mask of {mask.shape} does not fit the content of {tuple(size)} (height, width):"
                " resize it."
            )
        if not np.all((mask >= 0) & (mask <= 1)):
            raise TransferError("a mask has values outside [0, 1]: divide it by its maximum.")
        maps.append(mask)
    total = np.maximum(sum(maps), 1.0)
    return [(mask / total)[None, :, :, None] for mask in maps]


def as_floats(values, name):
    """Numbers as an array, or a TransferError."""
    try:
        return np.asarray(values, "float64")
    except (TypeError, ValueError) as error:
        raise TransferError(f"{name}: numbers are needed ({error}).") from None


def at_level(share, level):
    """A map shrunk to the size of the features at a level; numbers stay as they are."""
    if isinstance(share, float):
        return share
    for _ in range(level - 1):
        _, height, width, _ = share.shape
        padded = np.pad(share, [(0, 0), (0, height % 2), (0, width % 2), (0, 0)], mode="edge")
        share = padded.reshape(1, (height + 1) // 2, 2, (width + 1) // 2, 2, 1).mean((2, 4))
    return share


def in_bands(function, content, picture, rows=512):
    """A function of single pixels applied to bands of rows, which bounds its memory.

    Args:
        function: function (content, picture) -> picture.
        content: picture (height, width, 3).
        picture: picture of the same size; it is overwritten.
        rows: height of a band.

    Returns:
        The overwritten picture.
    """
    for top in range(0, len(picture), rows):
        band = slice(top, top + rows)
        picture[band] = function(content[band], picture[band])
    return picture
