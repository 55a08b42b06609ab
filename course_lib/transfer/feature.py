"""Feature-based transfer: the style's statistics put into the content's features, then decoded.

Also called vector-based. Two methods. "adain" gives every channel the style's mean and standard
deviation at every level of the painting decoder. "wct" gives the features the style's whole
covariance, from the coarsest level to the finest, and decodes with the reconstructing decoder,
which has never seen a style: the universal form.

One class, and longer than other files: what is decided here is decided once, for whole images and
tiles, for one pass and several.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import SMALLEST_IMAGE, Autoencoder, PaintingDecoder, networks_of
from course_lib.backend import memory_advice, program
from course_lib.checks import as_number, check_choice
from course_lib.errors import ModelError, TransferError
from course_lib.transfer import tiled, tiles
from course_lib.transfer.codes import ContentCode, StyleCode
from course_lib.transfer.colors import KEEP_COLORS, match_colors
from course_lib.transfer.common import (
    LARGEST_WHOLE,
    Prepared,
    Progress,
    Transfer,
    check_strength,
    checked_content,
    checked_style,
    combined,
    mixed,
    part_of,
    report,
    style_list,
)
from course_lib.transfer.strokes import HANDED_ON, pass_sizes, stroke_factor, with_detail

METHODS = ("adain", "wct")
# Longer sides of the copies of a style image that are measured beside the image itself.
STYLE_SIDES = (128, 256, 512)
PARTS = ("both", "colors", "texture")
# Enough for strokes to begin anywhere in a clear sky, too little to be seen as such.
GRAIN = 0.015
# What to do where a device's memory is not enough.
SMALLER = (
    "Make the image smaller with images.resize (`course stylize --size 1024`), or go through it "
    "in smaller tiles: FeatureTransfer(tile=192)."
)


class FeatureTransfer(Transfer):
    """Feature-based style transfer.

    Args:
        method: "adain" (painting decoder, the default) or "wct" (reconstructing decoder).
        autoencoder: an `Autoencoder`; the course's own by default.
        painter: a `PaintingDecoder` trained on its features; the course's own by default.
        taps: for "wct": the taps to transform at, coarsest first is done first; all by default.
        tile: side in pixels of the tiles in which images are gone through, to bound the memory.
            By default images up to 1.25 million pixels are taken whole, and larger ones in tiles
            of 384. The result is the same.
        grain: for "adain": the standard deviation of the faint irregularity (`images.grain`) that
            the content gets before it is encoded, in [0, 1]; 0 for none. Without it a flat area is
            the same everywhere, and the strokes that the style asks for come out as a regular
            weave. Multiplied by the strength of a call.

    Raises:
        ValueError: a method or tap that there is not, with those there are.
        TransferError: networks of another kind, a tile or grain that cannot be.

    Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
    Normalization", ICCV 2017; Li et al., "Universal Style Transfer via Feature Transforms", NIPS
    2017.
    """

    preparing = 0.3

    def __init__(
        self,
        method: str = "adain",
        *,
        autoencoder: Autoencoder | None = None,
        painter: PaintingDecoder | None = None,
        taps: Any = None,
        tile: int | None = None,
        grain: float = GRAIN,
    ):
        check_choice("method", method, METHODS)
        if not 0.0 <= as_number(grain) <= 1.0:
            raise TransferError(
                f"grain={grain}: give a standard deviation of pixel values from 0 to 1."
            )
        if tile is not None and not (as_number(tile) >= SMALLEST_IMAGE and tile % 1 == 0):
            raise TransferError(
                f"tile={tile}: give a whole number of pixels, {SMALLEST_IMAGE} or more."
            )
        self.method = method
        self.autoencoder = Autoencoder.from_course() if autoencoder is None else autoencoder
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
            self.painter = PaintingDecoder.from_course() if painter is None else painter
            if not isinstance(self.painter, PaintingDecoder):
                raise TransferError(f"painter={painter!r}: give a PaintingDecoder, or None.")
        self.tile = tile
        self.grain = grain if method == "adain" else 0.0
        self.entry = self.painter.entry if self.painter else self.taps[-1]
        models = [model for model in (self.autoencoder, self.painter) if model]
        self.run_look = program(self.look, models)
        self.run_enter = program(self.enter, models)
        self.run_draw = program(self.paint if self.painter else self.transform, models)

    @classmethod
    def from_networks(cls, folder: Any, method: str = "adain", **options: Any) -> Self:
        """A transfer with networks of your own, as ``course train`` leaves them in a folder.

        Args:
            folder: the folder; it holds painter.npz for "adain", autoencoder.npz for "wct".
            method: as above, and so are the options.
            **options: further arguments of the class.

        Raises:
            ModelError: there is no such network in the folder, or it is damaged.
        """
        networks = networks_of(folder)
        needed = "painter" if method == "adain" else "autoencoder"
        if needed not in networks:
            raise ModelError(
                f"{folder}: there is no {needed}.npz in it, which the method {method} needs. Train "
                "one (course train --help), or choose another method."
            )
        if method != "adain":
            networks.pop("painter", None)
        return cls(method, **networks, **options)

    def __call__(
        self,
        content: Any,
        style: Any,
        *,
        strength: float = 1.0,
        tap_strength: dict[str, float] | None = None,
        weights: Any = None,
        masks: Any = None,
        stroke: Any = "medium",
        parts: str = "both",
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> np.ndarray:
        """Stylize an image of any size: see `Transfer` for what every transfer takes.

        Args:
            content: image (height, width, 3), each side at least 16, or a `ContentCode`.
            style: image of any size, a `StyleCode`, or a list of them.
            strength: 1 is full style; at 0 the content is only encoded and decoded.
            tap_strength: dictionary tap -> number from 0 to 1 that multiplies ``strength`` there.
            weights: one number of 0 or more per style; they are scaled to the sum 1.
            masks: one array (height, width) in [0, 1] per style: where it applies.
            stroke: how large the strokes are, relative to the image: "fine" (one pass over the
                image), "medium" and "large" (from coarse to fine, as `strokes` describes), or a
                number above 0: 1 is medium, 2 twice as large.
            parts: "both"; "colors" alone, the content's texture kept; "texture" alone, the
                content's colors kept.
            keep_colors: None, "luminance" or "covariance".
            progress: function (share) that returns True to stop.

        Returns:
            Image (height, width, 3) float32 in [0, 1], of the content's size.

        Raises:
            TransferStopped: ``progress`` said so.
            ImageError: an image that is none, or too small.
            TransferError: weights, masks, strengths or options that do not fit, with what to do.
            ValueError: an option that there is not, with those there are.
            OutOfMemoryError: the device's memory is not enough, with what to do.
        """
        prepared = self.prepare(
            content,
            style,
            strength=max(self.strengths(strength, tap_strength).values()),
            stroke=stroke,
            parts=parts,
            keep_colors=keep_colors,
            progress=part_of(progress, 0.0, self.preparing),
        )
        return self.apply(
            prepared,
            strength=strength,
            tap_strength=tap_strength,
            weights=weights,
            masks=masks,
            progress=part_of(progress, self.preparing, 1.0),
        )

    def prepare(
        self,
        content: Any,
        style: Any,
        *,
        strength: float = 1.0,
        stroke: Any = "medium",
        parts: str = "both",
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> Prepared:
        """Encode content and styles once, to be applied many times.

        Args:
            content: as in a call.
            style: as in a call.
            strength: the largest that will be asked for, which decides how much grain the content
                gets. Where another one is asked for, `apply` encodes the content again.
            stroke: as in a call. A `ContentCode` has its own.
            parts: as in a call.
            keep_colors: as in a call.
            progress: as in a call.

        Returns:
            A `Prepared`, its styles as `StyleCode`.
        """
        check_choice("parts", parts, PARTS)
        check_choice("keep_colors", keep_colors, KEEP_COLORS)
        grain = self.grain * check_strength(strength)
        code = content
        if not isinstance(content, ContentCode):
            code = self.content_code(
                content, grain=grain, stroke=stroke, measured=strength < 1, progress=progress
            )
        image = code.finer[-1] if code.finer else code.image
        stroke = stroke if code.finer else "fine"
        styles = [self.code_of(one, image, parts, keep_colors, stroke) for one in style_list(style)]
        return Prepared(image, tuple(styles), keep_colors, code)

    @memory_advice("decode the image", SMALLER)
    def apply(
        self,
        prepared: Prepared,
        *,
        strength: float = 1.0,
        tap_strength: dict[str, float] | None = None,
        weights: Any = None,
        masks: Any = None,
        progress: Progress = None,
    ) -> np.ndarray:
        """Give a prepared content the prepared styles; the arguments are those of a call."""
        strengths = self.strengths(strength, tap_strength)
        first, grain = prepared.code, self.grain * max(strengths.values())
        full = min(strengths.values()) == 1.0
        copies = [first.image, *first.finer]
        if first.grain != grain or (first.own is None and not full):
            first = self.coded(copies, grain, measured=not full)
        # A pass takes time as its pixels are many.
        spent = np.cumsum([0, *(copy.size for copy in copies)]) / sum(copy.size for copy in copies)

        def stylize(styles: tuple, proportions: list[float], progress: Progress) -> np.ndarray:
            code = first
            for number, copy in enumerate(copies):
                part = part_of(progress, spent[number], spent[number + 1])
                at_size = tuple(style.at(max(copy.shape)) for style in styles)
                painted = self.drawn(
                    code, at_size if first.finer else styles, strengths, proportions, part
                )
                if number + 1 < len(copies):
                    lifted = with_detail(
                        painted, first.plain[number], copies[number + 1], share=HANDED_ON
                    )
                    code = self.encoded(lifted, grain, measured=False)
                    if not full:
                        # Half the strength is half the way from the content, not from what is
                        # half painted.
                        own = self.seen(copies[number + 1])[1]
                        code = dataclasses.replace(code, own=own)
            return painted

        return combined(prepared, stylize, weights=weights, masks=masks, progress=progress)

    def code_of(
        self,
        style: Any,
        content: np.ndarray,
        parts: str,
        keep_colors: str | None,
        stroke: Any,
    ) -> StyleCode:
        """The code of a style, after its colors or the content's have been exchanged."""
        as_it_is = parts == "both" and keep_colors != "covariance"
        if isinstance(style, StyleCode) and as_it_is:
            if self.method == "wct" and style.covariances is None:
                raise TransferError(
                    "this StyleCode has no covariances, because it was measured for 'adain': "
                    "measure the image with FeatureTransfer('wct').style_code."
                )
            return style
        image = style.image if isinstance(style, StyleCode) else checked_style(style)
        if image is None:
            raise TransferError(
                "colors and texture are taken apart in the style's image, and a StyleCode that "
                "was read from a file no longer has one: give the style image."
            )
        if as_it_is:
            return self.style_code(image, stroke=stroke)
        first, second = (content, image) if parts == "colors" else (image, content)
        return self.style_code(match_colors(first, second), stroke=stroke)

    @memory_advice("encode the content", SMALLER)
    def content_code(
        self,
        content: Any,
        *,
        grain: float | None = None,
        stroke: Any = "medium",
        measured: bool = True,
        progress: Progress = None,
    ) -> ContentCode:
        """Encode a content image once, to be prepared with styles many times.

        Args:
            content: image (height, width, 3), each side at least 16.
            grain: standard deviation of its grain; by default that of full strength.
            stroke: as in a call: with "fine" the image is encoded, else its smallest copy.
            measured: whether its own statistics are measured too, which strengths below 1 need;
                where they are needed and missing, `apply` encodes the content again.
            progress: as in a call.
        """
        content = checked_content(content)
        grain = self.grain if grain is None else grain
        sizes = pass_sizes(content.shape[:2], stroke)
        copies = [image_files.resize(content, size) for size in sizes[:-1]] + [content]
        return self.coded(copies, grain, measured=measured, progress=progress)

    def coded(
        self,
        copies: list[np.ndarray],
        grain: float,
        *,
        measured: bool = True,
        progress: Progress = None,
    ) -> ContentCode:
        """The code of a content that is painted at these sizes, from coarse to fine."""
        several = len(copies) > 1
        code = self.encoded(copies[0], grain, measured=measured or several, progress=progress)
        plain = [self.drawn_plain(code)] if several else []
        plain += [self.plain(copy, grain=grain) for copy in copies[1:-1]]
        return dataclasses.replace(code, finer=tuple(copies[1:]), plain=tuple(plain))

    def plain(self, image: np.ndarray, *, grain: float | None = None) -> np.ndarray:
        """What the decoder makes of an image by itself: drawn with its own statistics.

        Args:
            image: image (height, width, 3).
            grain: standard deviation of its grain, that of the painting it is compared with; by
                default that of full strength.
        """
        return self.drawn_plain(self.encoded(image, self.grain if grain is None else grain))

    def drawn_plain(self, code: ContentCode) -> np.ndarray:
        """An image drawn from its code with its own statistics."""
        return self.drawn(code, (code.own,), dict.fromkeys(self.taps, 0.0), [1.0], None)

    def encoded(
        self,
        image: np.ndarray,
        grain: float,
        *,
        measured: bool = True,
        progress: Progress = None,
    ) -> ContentCode:
        """The code of an image that is painted at its own size, with its own statistics or not."""
        grained = with_grain(image, grain)
        if measured or self.tile_side(image):
            features, own = self.seen(grained, keep=self.entry, progress=progress)
            return ContentCode(image, grain, features, own, entering=own.measured[self.entry])
        # "wct" encodes the image while it is drawn.
        features = self.run_enter(grained[None]) if self.painter else None
        report(progress, 1.0)
        return ContentCode(image, grain, features, None)

    @memory_advice("measure the style image", SMALLER)
    def style_code(self, style: Any, *, stroke: Any = "medium") -> StyleCode:
        """Measure a style image once, to be applied many times.

        Args:
            style: image (height, width, 3), each side at least 16.
            stroke: as in a call: for "fine" no smaller copies are measured.
        """
        style = checked_style(style)
        side = max(style.shape[:2])
        smaller = {
            one: self.seen(image_files.resize(style, at_least_smallest(style.shape[:2], one)))[1]
            for one in STYLE_SIDES
            if one < side and stroke_factor(stroke)
        }
        return dataclasses.replace(self.seen(style)[1], image=style, side=side, smaller=smaller)

    def tile_side(self, image: np.ndarray) -> int | None:
        """The side of the tiles for an image, or None where it is taken whole."""
        height, width, _ = image.shape
        return self.tile or (tiles.SIDE if height * width > LARGEST_WHOLE else None)

    def seen(
        self, image: np.ndarray, *, keep: str | None = None, progress: Progress = None
    ) -> tuple[Any, StyleCode]:
        """An image's features at the tap ``keep``, and the statistics of all taps."""
        side = self.tile_side(image)
        if side:
            wholes, features = tiles.look_tiled(
                self.autoencoder.encoder,
                image,
                together=self.method == "wct",
                keep=keep,
                side=side,
                progress=progress,
            )
            measured = {tap: whole.measured for tap, whole in wholes.items()}
            covariances = {tap: whole.covariance for tap, whole in wholes.items()}
        else:
            measured, covariances, features = self.run_look(image[None])
            measured = {tap: tuple(map(ops.convert_to_numpy, measured[tap])) for tap in self.taps}
            covariances = {tap: ops.convert_to_numpy(x) for tap, x in covariances.items()}
            report(progress, 1.0)
        return features, StyleCode(measured, covariances if self.method == "wct" else None)

    def look(self, images: Any) -> tuple[dict, dict, Any]:
        """Statistics at all taps, and the features to decode, as tensors."""
        features = self.autoencoder.encoder(images)
        together = {}
        if self.method == "wct":
            together = {tap: statistics.covariance(maps) for tap, maps in features.items()}
        return statistics.measure(features), together, features[self.entry]

    def enter(self, images: Any) -> Any:
        """The features to decode alone, as a tensor."""
        depth = self.taps.index(self.entry) + 1
        return self.autoencoder.encoder(images, depth=depth)[self.entry]

    def drawn(
        self,
        code: ContentCode,
        styles: tuple,
        strengths: dict[str, float],
        proportions: list[float],
        progress: Progress,
    ) -> np.ndarray:
        """One pass over an image, at once or in tiles, (height, width, 3) in [0, 1]."""
        if self.tile_side(code.image):
            draw = self.paint_in_tiles if self.painter else self.transform_in_tiles
            return draw(code, styles, strengths, proportions, progress)
        image = self.drawn_whole(code, styles, strengths, proportions)
        report(progress, 1.0)
        return image

    def drawn_whole(
        self,
        code: ContentCode,
        styles: tuple,
        strengths: dict[str, float],
        proportions: list[float],
    ) -> np.ndarray:
        """An image that is small enough to be drawn at once, (height, width, 3) in [0, 1]."""
        numbers = {tap: np.float32(strengths[tap]) for tap in self.taps}
        portions = [np.float32(proportion) for proportion in proportions]
        measured = [style.measured for style in styles]
        # Full strength leaves nothing of the content's own statistics: any others do as well.
        own = (code.own or styles[0]).measured
        wanted = [own, code.features]
        if self.method == "wct":
            wanted = [[style.covariances for style in styles]]
        images = self.run_draw(code.image[None], measured, numbers, portions, *wanted)
        return np.clip(ops.convert_to_numpy(images)[0], 0.0, 1.0)

    def paint(
        self,
        images: Any,
        measured: list,
        strengths: dict,
        proportions: list,
        own: dict,
        features: Any,
    ) -> Any:
        """The painting decoder's image as a tensor (1, height, width, 3), not clipped.

        Args:
            images: the content (1, height, width, 3), of which only the size is used.
            measured: for each style a dictionary tap -> (mean, standard deviation).
            strengths: dictionary tap -> strength there.
            proportions: how much of each style.
            own: dictionary tap -> (mean, standard deviation) of the content.
            features: what the encoder sees of the content at the painter's entry.
        """
        targets = self.targets(measured, strengths, proportions, own)
        return self.painter(features, targets, size=ops.shape(images)[1:3])

    def targets(self, measured: list, strengths: dict, proportions: list, own: dict) -> list[tuple]:
        """Mean and standard deviation to ask for at each site: between content and styles."""
        painter = self.painter
        start, asked = painter.targets_of(own), [painter.targets_of(one) for one in measured]
        return [
            tuple(
                mixed(
                    start[site][part],
                    [one[site][part] for one in asked],
                    strengths[painter.taps[level - 1]],
                    proportions,
                )
                for part in (0, 1)
            )
            for site, level in enumerate(painter.sites)
        ]

    def paint_in_tiles(
        self,
        code: ContentCode,
        styles: tuple,
        strengths: dict,
        proportions: list,
        progress: Progress,
    ) -> np.ndarray:
        """The same for an image that is too large to be painted whole, (height, width, 3)."""
        measured = [style.measured for style in styles]
        own = (code.own or styles[0]).measured
        targets = self.targets(measured, strengths, proportions, own)
        return tiled.paint_tiled(
            self.painter,
            code.features,
            code.entering,
            [tuple(map(ops.convert_to_numpy, pair)) for pair in targets],
            code.image.shape[:2],
            side=self.tile_side(code.image) or tiles.SIDE,
            progress=progress,
        )

    def transform(
        self, images: Any, measured: list, strengths: dict, proportions: list, covariances: list
    ) -> Any:
        """Whitening and coloring at one tap after the other, from coarse to fine.

        Args:
            images: the content (1, height, width, 3).
            measured: for each style a dictionary tap -> (mean, standard deviation).
            strengths: dictionary tap -> strength there.
            proportions: how much of each style.
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
            features = mixed(features, colored, strengths[tap], proportions)
            images = self.autoencoder.decode(ops.relu(features), tap=tap, size=size)
        return images

    def transform_in_tiles(
        self,
        code: ContentCode,
        styles: tuple,
        strengths: dict,
        proportions: list,
        progress: Progress,
    ) -> np.ndarray:
        """The same for an image that is too large to be transformed whole, (height, width, 3)."""
        image = code.image
        for number, tap in enumerate(reversed(self.chosen)):
            image = tiled.transform_tiled(
                self.autoencoder,
                image,
                tap,
                [(style.measured[tap][0], style.covariances[tap]) for style in styles],
                strength=strengths[tap],
                proportions=proportions,
                side=self.tile_side(image) or tiles.SIDE,
                progress=part_of(
                    progress, number / len(self.chosen), (number + 1) / len(self.chosen)
                ),
            )
        return image

    def strengths(self, strength: Any, tap_strength: Any = None) -> dict[str, float]:
        """Dictionary tap -> strength there, checked."""
        tap_strength = tap_strength or {}
        if not isinstance(tap_strength, dict):
            raise TransferError(
                f"tap_strength={tap_strength!r}: give a dictionary such as {{'relu1_1': 0.5}}."
            )
        for tap in tap_strength:
            check_choice("tap", tap, self.taps)
        whole = check_strength(strength)
        factors = {tap: check_strength(one, name=tap) for tap, one in tap_strength.items()}
        return {tap: whole * factors.get(tap, 1.0) for tap in self.taps}


def with_grain(image: np.ndarray, std: float) -> np.ndarray:
    """The image with `images.grain` of that standard deviation, (height, width, 3) in [0, 1]."""
    if std == 0:
        return image
    grained = np.empty_like(image)
    # Bands as high as the grain's period all get the same piece of it.
    piece = std * image_files.grain((image_files.GRAIN_SIDE, image.shape[1]))
    for top in range(0, len(image), image_files.GRAIN_SIDE):
        band = image[top : top + image_files.GRAIN_SIDE]
        np.clip(band + piece[: len(band)], 0.0, 1.0, out=grained[top : top + len(band)])
    return grained


def at_least_smallest(size: tuple, longer: int) -> tuple[int, int]:
    """(height, width) with that longer side, neither below what an encoder can take."""
    height, width = (max(SMALLEST_IMAGE, round(side * longer / max(size))) for side in size)
    return height, width
