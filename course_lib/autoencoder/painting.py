"""The decoder that paints, and the one walk over its levels that every way of painting takes.

A whole image, one tile after the other and the frames of a video are painted by the same steps.
They differ in where the statistics come from that a step is to change: `PaintingDecoder.walk` asks
its caller.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, Self

import keras
from keras import layers, ops

from course_lib import statistics
from course_lib.autoencoder.layers import (
    ReflectConv2D,
    Tensor,
    double,
    level_sizes,
    tap_names,
    uncenter,
)
from course_lib.autoencoder.storage import StoredModel


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of a `PaintingDecoder`, from one feature map to the next.

    Attributes:
        kind: "residual", "narrow", "double" or "image".
        layer: its convolution, or None.
        level: the level of the map that it makes, counted from 1.
        site: number of the injection before it, or None where there is none.
        kept: the type of number in which its map is kept for the whole image where that is
            painted tile by tile, or None. Where the channels have just been narrowed, it is
            smallest. At the entry there are too many steps to repeat them all, and in half
            precision their rounding would grow to several gray levels on the way to the image.
    """

    kind: str
    layer: Any
    level: int
    site: int | None
    kept: str | None

    def __call__(self, features: Tensor, size: tuple) -> Tensor:
        """Make the map, which has that (height, width)."""
        if self.kind == "double":
            return double(features)[:, : size[0], : size[1]]
        made = self.layer(ops.relu(features))
        if self.kind == "residual":
            return features + made
        return uncenter(made) if self.kind == "image" else made


@keras.saving.register_keras_serializable("course_lib")
class PaintingDecoder(StoredModel, keras.Model):
    """A decoder that paints: it draws a content's features in the manner of a style.

    It enters at relu3_1, where the content is still crisp, and gives its features the style's
    statistics again and again on the way to the image (AdaIN at every level), because one
    injection at the bottom is forgotten by the top. With the content's own statistics it
    reconstructs the content.

    The statistics asked for at each site are those of the matching tap, shifted and scaled by a
    small learned correction that looks at the statistics of all taps: so the fine levels know
    about the coarse ones, relu4_1 included, through which no content passes.

    Args:
        channels: the encoder's channels; the last level gives statistics only.
        blocks: number of residual convolutions at the entry.
        embedding: length of the vector that sums up a style for the corrections.
        all_levels: inject at every level, or (False) only at the entry, for comparison.

    Attributes:
        taps: the encoder's taps, whose statistics describe a style.
        entry: the tap at which content enters.
        steps: list of `Step`, from the entry to the image.
        sites: the level of each injection, in order.
    """

    def __init__(
        self,
        channels: tuple = (24, 48, 96, 128),
        *,
        blocks: int = 4,
        embedding: int = 48,
        all_levels: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if len(channels) < 2:
            raise ValueError(
                f"channels={channels!r}: painting needs an encoder of 2 levels or more."
            )
        self.channels, self.blocks = tuple(channels), blocks
        self.embedding, self.all_levels = embedding, all_levels
        self.taps = tap_names(len(self.channels))
        self.entry = self.taps[-2]
        levels = range(len(channels) - 1, 0, -1)
        self.residual = {
            level: [
                ReflectConv2D(channels[level - 1], activation=None, name=f"residual{level}_{k}")
                for k in range(blocks if self.taps[level - 1] == self.entry else 1)
            ]
            for level in levels
        }
        self.narrow = {
            level: ReflectConv2D(channels[level - 2], activation=None, name=f"narrow{level}")
            for level in levels
            if level > 1
        }
        self.to_image = ReflectConv2D(3, activation=None, name="to_image")
        self.embed = layers.Dense(embedding, activation="relu", name="embed")
        self.sites = [level for level in levels for _ in range(len(self.residual[level]) + 1)]
        self.corrections = [
            layers.Dense(2 * channels[level - 1], kernel_initializer="zeros", name=f"correct{i}")
            for i, level in enumerate(self.sites)
        ]

    @classmethod
    def from_course(cls) -> Self:
        """The painting decoder that comes with the course, trained.

        Returns:
            A `PaintingDecoder` for the features of `Autoencoder.from_course`, its weights checked
            against the manifest.

        Raises:
            CollectionError: the weights are missing or damaged, with the remedy.
        """
        from course_lib import collection

        return cls.load(collection.verified_path("weights/painter.npz"))

    def build(self, input_shape: Any = None) -> None:
        """Make all kernels."""
        for level, convolutions in self.residual.items():
            for convolution in convolutions:
                convolution.build((None, None, None, self.channels[level - 1]))
            if level > 1:
                self.narrow[level].build((None, None, None, self.channels[level - 1]))
        self.to_image.build((None, None, None, self.channels[0]))
        self.embed.build((None, 2 * sum(self.channels)))
        for correction in self.corrections:
            correction.build((None, self.embedding))
        self.built = True

    @property
    def steps(self) -> list[Step]:
        """The steps from the entry to the image, in order."""
        entry = len(self.channels) - 1
        planned: list[tuple[str, Any, int]] = []
        for level in range(entry, 0, -1):
            if level < entry:
                planned.append(("double", None, level))
            planned += [("residual", layer, level) for layer in self.residual[level]]
            if level > 1:
                planned.append(("narrow", self.narrow[level], level))
        planned.append(("image", self.to_image, 1))
        steps, site = [], 0
        for kind, layer, level in planned:
            injected = kind != "double" and (self.all_levels or site == 0)
            kept = "float16" if kind == "narrow" else None
            if kind == "image" or (level == entry and kind == "residual"):
                kept = "float32"
            steps.append(Step(kind, layer, level, site if injected else None, kept))
            site += kind != "double"
        return steps

    def walk(
        self,
        features: Tensor,
        inject: Callable[[int, Tensor], Tensor],
        *,
        size: tuple | None = None,
    ) -> Tensor:
        """All steps, one after the other.

        Args:
            features: tensor (batch, height, width, channels), the content at `entry`.
            inject: function (site, features) -> features: what puts the style's statistics in
                the place of the features' own.
            size: (height, width) of the image; by default the features' times 2 per level.

        Returns:
            Tensor (batch, height, width, 3). Not clipped.
        """
        levels = len(self.channels) - 1
        if size is None:
            _, height, width, _ = ops.shape(features)
            size = (height * 2 ** (levels - 1), width * 2 ** (levels - 1))
        sizes = level_sizes(size, levels)
        for step in self.steps:
            if step.site is not None:
                features = inject(step.site, features)
            features = step(features, sizes[step.level - 1])
        return features

    def targets(self, features: dict[str, Tensor]) -> list[tuple[Tensor, Tensor]]:
        """What an image's features ask of the painting: mean and standard deviation for every site.

        Args:
            features: dictionary tap -> features (batch, height, width, channels), all taps.

        Returns:
            List of pairs of tensors (batch, 1, 1, channels). Targets of several images can be
            mixed by weighted sums: that is how strength and mixtures work.
        """
        return self.targets_of(statistics.measure({tap: features[tap] for tap in self.taps}))

    def targets_of(self, measured: dict[str, tuple]) -> list[tuple[Tensor, Tensor]]:
        """The same as `targets`, from statistics that were measured before.

        Args:
            measured: dictionary tap -> (mean, std), as `statistics.measure` gives it.
        """
        flat = [ops.reshape(x, (-1, x.shape[-1])) for tap in self.taps for x in measured[tap]]
        summary = self.embed(ops.log(1.0 + ops.concatenate(flat, axis=-1)))
        targets = []
        for level, correction in zip(self.sites, self.corrections, strict=True):
            mean, std = measured[self.taps[level - 1]]
            shift, scale = ops.split(correction(summary)[:, None, None, :], 2, axis=-1)
            targets.append((mean + std * shift, std * (1.0 + scale)))
        return targets

    def call(self, features: Tensor, targets: list, size: tuple | None = None) -> Tensor:
        """Paint.

        Args:
            features: tensor (batch, height, width, channels), the content at `entry`.
            targets: list of (mean, std) pairs as `targets` gives them.
            size: (height, width) of the image; by default the features' times 2 per level.

        Returns:
            Tensor (batch, height, width, 3). Not clipped.
        """

        def inject(site: int, features: Tensor) -> Tensor:
            return statistics.adain(features, *targets[site])

        return self.walk(features, inject, size=size)

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this decoder again."""
        return {
            "channels": self.channels,
            "blocks": self.blocks,
            "embedding": self.embedding,
            "all_levels": self.all_levels,
            "name": self.name,
        }
