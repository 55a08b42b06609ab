"""Encoder and decoder: the half that looks, and its mirror image, which draws."""

from typing import Any

import keras
from keras import ops

from course_lib.autoencoder.layers import (
    UPSAMPLINGS,
    ReflectConv2D,
    Tensor,
    Upsample,
    center,
    level_sizes,
    make_even,
    max_pool_with_switches,
    tap_names,
    uncenter,
)
from course_lib.checks import check_choice

POOLINGS = ("average", "max")


@keras.saving.register_keras_serializable("course_lib")
class Encoder(keras.Model):
    """The half that looks: an image becomes features, coarser and richer level by level.

    Level by level: a convolution, whose output is the level's tap; then a second convolution and
    pooling by 2, which lead to the next level. The last level ends at its tap.

    Args:
        channels: features at each level; their number is the number of levels.
        pooling: "average" or "max".
    """

    def __init__(
        self, channels: tuple = (24, 48, 96, 128), *, pooling: str = "average", **kwargs: Any
    ):
        super().__init__(**kwargs)
        check_choice("pooling", pooling, POOLINGS)
        if not channels or min(channels) < 1:
            raise ValueError(f"channels={channels!r}: give one number of 1 or more per level.")
        self.channels, self.pooling = tuple(channels), pooling
        self.taps = tap_names(len(self.channels))
        self.first = [
            ReflectConv2D(width, name=f"conv{level}_1") for level, width in enumerate(channels, 1)
        ]
        self.second = [
            ReflectConv2D(width, name=f"conv{level}_2")
            for level, width in enumerate(channels[:-1], 1)
        ]

    def build(self, input_shape: Any = (None, None, None, 3)) -> None:
        """Make all kernels; the image's size does not matter, its three channels do."""
        incoming = 3
        for level, width in enumerate(self.channels):
            self.first[level].build((None, None, None, incoming))
            if level < len(self.second):
                self.second[level].build((None, None, None, width))
            incoming = width
        self.built = True

    def call(self, images: Tensor, depth: int | None = None, with_switches: bool = False) -> Any:
        """Features of a batch of images at every tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1].
            depth: number of levels to go down; all of them by default.
            with_switches: also return where each maximum of the max pooling stood.

        Returns:
            Dictionary tap -> features (batch, height / 2^k, width / 2^k, channels), sizes rounded
            up. With ``with_switches``, a pair of that and the list of switches from the top.
        """
        features: dict[str, Tensor] = {}
        switches: list[Tensor | None] = []
        x = center(images)
        for level in range(depth or len(self.channels)):
            if level:
                x, places = self.pool(self.second[level - 1](x))
                switches.append(places)
            x = features[self.taps[level]] = self.first[level](x)
        return (features, switches) if with_switches else features

    def pool(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Half the height and width; and the switches where the pooling is by maximum."""
        if self.pooling == "max":
            return max_pool_with_switches(make_even(features))
        # Where height or width is odd, the last windows are averages of what there is.
        return ops.average_pool(features, 2, 2, padding="same"), None

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this encoder again."""
        return {"channels": self.channels, "pooling": self.pooling, "name": self.name}


@keras.saving.register_keras_serializable("course_lib")
class Decoder(keras.Model):
    """The half that draws: the encoder's mirror image. It can be entered at every tap.

    Args:
        channels: the encoder's channels, from the image down.
        upsampling: "nearest", "bilinear", "transposed" or "unpool".
    """

    def __init__(
        self, channels: tuple = (24, 48, 96, 128), *, upsampling: str = "nearest", **kwargs: Any
    ):
        super().__init__(**kwargs)
        check_choice("upsampling", upsampling, UPSAMPLINGS)
        self.channels, self.upsampling = tuple(channels), upsampling
        self.taps = tap_names(len(self.channels))
        self.second = [
            ReflectConv2D(width, name=f"conv{level}_2")
            for level, width in enumerate(channels[:-1], 1)
        ]
        self.first = [
            ReflectConv2D(width, activation="relu" if level > 1 else None, name=f"conv{level}_1")
            for level, width in enumerate((3, *channels[:-1]), 1)
        ]
        self.upsample = [
            Upsample(upsampling, width, name=f"up{level}")
            for level, width in enumerate(channels[:-1], 1)
        ]

    def build(self, input_shape: Any = None) -> None:
        """Make all kernels."""
        for level, width in enumerate(self.channels):
            self.first[level].build((None, None, None, width))
        for level, width in enumerate(self.channels[:-1]):
            self.second[level].build((None, None, None, width))
            self.upsample[level].build()
        self.built = True

    def call(
        self,
        features: Tensor,
        tap: str | None = None,
        size: tuple | None = None,
        switches: list | None = None,
    ) -> Tensor:
        """Draw images from features.

        Args:
            features: tensor (batch, height, width, channels) as the encoder gives it at ``tap``.
            tap: where to enter; the deepest by default.
            size: (height, width) of the image; by default the features' size times 2 per level.
            switches: the encoder's switches, for ``upsampling="unpool"``.

        Returns:
            Tensor (batch, height, width, 3). Not clipped: values may leave [0, 1] a little.
        """
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        entry = self.taps.index(tap)
        if size is None:
            _, height, width, _ = ops.shape(features)
            size = (height * 2**entry, width * 2**entry)
        sizes = level_sizes(size, entry + 1)
        x = features
        for level in range(entry, -1, -1):
            x = self.draw_level(x, level)
            if level:
                x = self.upsample[level - 1](x, switches and switches[level - 1])
                height, width = sizes[level - 1]
                x = x[:, :height, :width]
        return uncenter(x)

    def draw_level(self, features: Tensor, level: int) -> Tensor:
        """The convolutions of one level, ``level`` counted from 0."""
        if level < len(self.second):
            features = self.second[level](features)
        return self.first[level](features)

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this decoder again."""
        return {"channels": self.channels, "upsampling": self.upsampling, "name": self.name}
