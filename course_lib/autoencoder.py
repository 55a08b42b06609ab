"""The convolutional autoencoder: an encoder that sees, decoders that reconstruct or paint.

The architecture is plain on purpose: 3x3 convolutions, reflect padding, ReLU, pooling by 2 between
levels, no skip connection from encoder to decoder. What the decoder shows is then what the code
holds, and nothing else.
"""

import io
import json
import math
import pathlib
import zipfile
import zlib
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from course_lib import statistics
from course_lib.checks import as_maps, as_tensor, check_choice
from course_lib.errors import ModelError
from course_lib.files import write_atomically

POOLINGS = ("average", "max")
UPSAMPLINGS = ("nearest", "bilinear", "transposed", "unpool")
SMALLEST_PICTURE = 16
FORMAT = "course autoencoder 1"
# What reading an .npz file raises that is damaged, of another kind, or holds pickled objects.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)


def tap_names(levels):
    """The taps of an encoder with that many levels, from the picture down.

    Args:
        levels: number of levels, at least 1.

    Returns:
        Tuple of names: ``("relu1_1", "relu2_1", ...)``.
    """
    return tuple(f"relu{level}_1" for level in range(1, levels + 1))


TAPS = tap_names(4)


def half(size):
    """The size of a map after pooling by 2: half, an odd row or column counting as a whole one."""
    return (size + 1) // 2


def center(images):
    """Values in [0, 1] brought to mean 0 and deviation 1, about, which networks learn from faster.

    Args:
        images: tensor of any shape.

    Returns:
        Tensor of the same shape, with values in [-2, 2].
    """
    return 4.0 * (images - 0.5)


def uncenter(values):
    """The inverse of `center`."""
    return 0.25 * values + 0.5


def even(size):
    """Whether a size is known to be even; one that is only known when the program runs is not."""
    return isinstance(size, int) and size % 2 == 0


def make_even(images):
    """Repeat the last row and column where height or width is odd, so that pooling loses nothing.

    Args:
        images: tensor (batch, height, width, channels).

    Returns:
        Tensor whose height and width are even.
    """
    _, height, width, _ = ops.shape(images)
    if even(height) and even(width):
        return images
    padded = ops.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]], mode="symmetric")
    return padded[:, : 2 * half(height), : 2 * half(width)]


def max_pool_with_switches(features):
    """Max pooling by 2 that remembers where each maximum stood.

    Args:
        features: tensor (batch, height, width, channels), height and width even.

    Returns:
        The pooled tensor (batch, height / 2, width / 2, channels) and the switches, an integer
        tensor of the same shape: 0, 1, 2, 3 for upper left, upper right, lower left, lower right.

    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014,
    section 2.1.
    """
    _, height, width, channels = ops.shape(features)
    windows = ops.reshape(features, (-1, height // 2, 2, width // 2, 2, channels))
    windows = ops.transpose(windows, (0, 1, 3, 2, 4, 5))
    windows = ops.reshape(windows, (-1, height // 2, width // 2, 4, channels))
    return ops.max(windows, axis=3), ops.argmax(windows, axis=3)


def unpool(features, switches):
    """Put every value back where its maximum stood, and zeros everywhere else.

    Args:
        features: tensor (batch, height, width, channels).
        switches: integer tensor of that shape, as `max_pool_with_switches` gives it.

    Returns:
        Tensor (batch, 2 * height, 2 * width, channels).
    """
    _, height, width, channels = ops.shape(features)
    corners = ops.one_hot(switches, 4, axis=3, dtype=features.dtype)
    windows = ops.expand_dims(features, 3) * corners
    windows = ops.reshape(windows, (-1, height, width, 2, 2, channels))
    windows = ops.transpose(windows, (0, 1, 3, 2, 4, 5))
    return ops.reshape(windows, (-1, 2 * height, 2 * width, channels))


@keras.saving.register_keras_serializable("course_lib")
class ReflectConv2D(layers.Layer):
    """A 3x3 convolution whose border sees the picture mirrored, so that sizes stay as they are.

    Zero padding would draw a dark frame: beyond the border the network would always find black.

    Args:
        filters: number of output channels.
        activation: name of an activation, or None.

    Input shape:
        (batch, height, width, channels), height and width at least 2.

    Output shape:
        (batch, height, width, filters).
    """

    def __init__(self, filters, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.activation = filters, activation
        # Orthogonal kernels keep as much of the picture apart as there is room for; the factor
        # makes up for the half that ReLU takes away. Training starts faster than from independent
        # numbers.
        start = keras.initializers.Orthogonal(gain=math.sqrt(2.0))
        self.convolution = layers.Conv2D(
            filters, 3, activation=activation, kernel_initializer=start, name="conv"
        )

    def build(self, input_shape):
        """Make the kernel for the number of input channels."""
        self.convolution.build(input_shape)
        self.built = True

    def call(self, features):
        """Convolve."""
        padded = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
        return self.convolution(padded)

    def compute_output_shape(self, input_shape):
        """Same height and width, ``filters`` channels."""
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        """What is needed to make this layer again."""
        return super().get_config() | {"filters": self.filters, "activation": self.activation}


@keras.saving.register_keras_serializable("course_lib")
class Encoder(keras.Model):
    """The half that looks: a picture becomes features, coarser and richer level by level.

    Level by level: a convolution, whose output is the level's tap; then a second convolution and
    pooling by 2, which lead to the next level. The last level ends at its tap.

    Args:
        channels: features at each level; their number is the number of levels.
        pooling: "average" or "max".
    """

    def __init__(self, channels=(24, 48, 96, 128), pooling="average", **kwargs):
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

    def build(self, input_shape=(None, None, None, 3)):
        """Make all kernels; the picture's size does not matter, its three channels do."""
        incoming = 3
        for level, width in enumerate(self.channels):
            self.first[level].build((None, None, None, incoming))
            if level < len(self.second):
                self.second[level].build((None, None, None, width))
            incoming = width
        self.built = True

    def call(self, images, depth=None, with_switches=False):
        """Features of a batch of pictures at every tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1].
            depth: number of levels to go down; all of them by default.
            with_switches: also return where each maximum of the max pooling stood.

        Returns:
            Dictionary tap -> features (batch, height / 2^k, width / 2^k, channels), sizes rounded
            up. With ``with_switches``, a pair of that and the list of switches from the top.
        """
        features, switches = {}, []
        x = center(images)
        for level in range(depth or len(self.channels)):
            if level:
                x, places = self.pool(self.second[level - 1](x))
                switches.append(places)
            x = features[self.taps[level]] = self.first[level](x)
        return (features, switches) if with_switches else features

    def pool(self, features):
        """Half the height and width; and the switches where the pooling is by maximum."""
        features = make_even(features)
        if self.pooling == "max":
            return max_pool_with_switches(features)
        return ops.average_pool(features, 2, 2), None

    def get_config(self):
        """What is needed to make this encoder again."""
        return {"channels": self.channels, "pooling": self.pooling, "name": self.name}


class Upsample(layers.Layer):
    """Double height and width, in one of the ways that the course compares.

    Args:
        kind: "nearest", "bilinear", "transposed" (a learned transposed convolution, which can
            draw a checkerboard) or "unpool" (back to the places of the maxima).
        channels: number of channels, in and out.
    """

    def __init__(self, kind, channels, **kwargs):
        super().__init__(**kwargs)
        self.kind, self.filters = kind, channels
        if kind == "transposed":
            self.step = layers.Conv2DTranspose(channels, 3, strides=2, padding="same", name="conv")
            self.step.build((None, None, None, channels))
        elif kind == "nearest":
            self.step = layers.UpSampling2D(2)

    def build(self, input_shape=None):
        """Nothing left to make."""
        self.built = True

    def call(self, features, switches=None):
        """Twice the height and twice the width."""
        if self.kind == "bilinear":
            return double(features)
        if self.kind != "unpool":
            return self.step(features)
        if switches is None:
            raise ValueError(
                "Un-pooling needs to know where the maxima stood, and a code alone does not tell. "
                "Call reconstruct(images), or decode with upsampling='nearest'."
            )
        return unpool(features, switches)


@keras.saving.register_keras_serializable("course_lib")
class Decoder(keras.Model):
    """The half that draws: the encoder's mirror image. It can be entered at every tap.

    Args:
        channels: the encoder's channels, from the picture down.
        upsampling: "nearest", "bilinear", "transposed" or "unpool".
    """

    def __init__(self, channels=(24, 48, 96, 128), upsampling="nearest", **kwargs):
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

    def build(self, input_shape=None):
        """Make all kernels."""
        for level, width in enumerate(self.channels):
            self.first[level].build((None, None, None, width))
        for level, width in enumerate(self.channels[:-1]):
            self.second[level].build((None, None, None, width))
            self.upsample[level].build()
        self.built = True

    def call(self, features, tap=None, size=None, switches=None):
        """Draw pictures from features.

        Args:
            features: tensor (batch, height, width, channels) as the encoder gives it at ``tap``.
            tap: where to enter; the deepest by default.
            size: (height, width) of the picture; by default the features' size times 2 per level.
            switches: the encoder's switches, for ``upsampling="unpool"``.

        Returns:
            Tensor (batch, height, width, 3). Not clipped: values may leave [0, 1] a little.
        """
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        entry = self.taps.index(tap)
        sizes = self.level_sizes(features, entry, size)
        x = features
        for level in range(entry, -1, -1):
            x = self.draw_level(x, level)
            if level:
                x = self.upsample[level - 1](x, switches and switches[level - 1])
                height, width = sizes[level - 1]
                x = x[:, :height, :width]
        return uncenter(x)

    def draw_level(self, features, level):
        """The convolutions of one level, ``level`` counted from 0."""
        if level < len(self.second):
            features = self.second[level](features)
        return self.first[level](features)

    def level_sizes(self, features, entry, size):
        """(height, width) at every level from the picture down to the entry."""
        if size is None:
            _, height, width, _ = ops.shape(features)
            size = (height * 2**entry, width * 2**entry)
        sizes = [tuple(size)]
        for _ in range(entry):
            sizes.append((half(sizes[-1][0]), half(sizes[-1][1])))
        return sizes

    def get_config(self):
        """What is needed to make this decoder again."""
        return {"channels": self.channels, "upsampling": self.upsampling, "name": self.name}


@keras.saving.register_keras_serializable("course_lib")
class PaintingDecoder(keras.Model):
    """A decoder that paints: it draws a content's features in the manner of a style.

    It enters at relu3_1, where the content is still crisp, and gives its features the style's
    statistics again and again on the way to the picture (AdaIN at every level), because one
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
    """

    def __init__(
        self, channels=(24, 48, 96, 128), blocks=4, embedding=48, all_levels=True, **kwargs
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
        self.to_picture = ReflectConv2D(3, activation=None, name="to_picture")
        self.embed = layers.Dense(embedding, activation="relu", name="embed")
        self.sites = [level for level in levels for _ in range(len(self.residual[level]) + 1)]
        self.corrections = [
            layers.Dense(2 * channels[level - 1], kernel_initializer="zeros", name=f"correct{i}")
            for i, level in enumerate(self.sites)
        ]

    def build(self, input_shape=None):
        """Make all kernels."""
        for level, convolutions in self.residual.items():
            for convolution in convolutions:
                convolution.build((None, None, None, self.channels[level - 1]))
            if level > 1:
                self.narrow[level].build((None, None, None, self.channels[level - 1]))
        self.to_picture.build((None, None, None, self.channels[0]))
        self.embed.build((None, 2 * sum(self.channels)))
        for correction in self.corrections:
            correction.build((None, self.embedding))
        self.built = True

    def targets(self, features):
        """What a picture's features ask of the painting: a mean and a deviation for every site.

        Args:
            features: dictionary tap -> features (batch, height, width, channels), all taps.

        Returns:
            List of pairs of tensors (batch, 1, 1, channels). Targets of several pictures can be
            mixed by weighted sums: that is how strength, mixtures and masks work.
        """
        return self.targets_of(statistics.measure({tap: features[tap] for tap in self.taps}))

    def targets_of(self, measured):
        """The same as `targets`, from statistics that were measured before.

        Args:
            measured: dictionary tap -> (mean, deviation), as `statistics.measure` gives it.
        """
        flat = [ops.reshape(x, (-1, x.shape[-1])) for tap in self.taps for x in measured[tap]]
        summary = self.embed(ops.log(1.0 + ops.concatenate(flat, axis=-1)))
        targets = []
        for level, correction in zip(self.sites, self.corrections, strict=True):
            mean, deviation = measured[self.taps[level - 1]]
            shift, scale = ops.split(correction(summary)[:, None, None, :], 2, axis=-1)
            targets.append((mean + deviation * shift, deviation * (1.0 + scale)))
        return targets

    def call(self, features, targets, size=None):
        """Paint.

        Args:
            features: tensor (batch, height, width, channels), the content at `entry`.
            targets: list of (mean, deviation) pairs as `targets` gives them.
            size: (height, width) of the picture; by default the features' times 2 per level.

        Returns:
            Tensor (batch, height, width, 3). Not clipped.
        """
        level = len(self.channels) - 1
        sizes = [size]
        if size is None:
            _, height, width, _ = ops.shape(features)
            sizes = [(height * 2 ** (level - 1), width * 2 ** (level - 1))]
        for _ in range(level):
            sizes.append((half(sizes[-1][0]), half(sizes[-1][1])))
        sites = iter(targets)
        x = statistics.adain(features, *next(sites))
        while True:
            for convolution in self.residual[level]:
                x = self.inject(x + convolution(ops.relu(x)), next(sites))
            if level == 1:
                return uncenter(self.to_picture(ops.relu(x)))
            x = self.narrow[level](ops.relu(x))
            level -= 1
            x = double(x)
            height, width = sizes[level - 1]
            x = self.inject(x[:, :height, :width], next(sites))

    def inject(self, features, target):
        """AdaIN towards the target, unless this decoder injects at its entry only."""
        return statistics.adain(features, *target) if self.all_levels else features

    def get_config(self):
        """What is needed to make this decoder again."""
        return {
            "channels": self.channels,
            "blocks": self.blocks,
            "embedding": self.embedding,
            "all_levels": self.all_levels,
            "name": self.name,
        }


def double(features):
    """Bilinear upsampling by 2: neighbors blend, so that no grid of blocks appears.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Tensor (batch, 2 * height, 2 * width, channels).
    """
    # Written as two weighted sums of shifted copies, because this is several times faster on a
    # CPU than a general resize, and has the same value. XLA cannot differentiate that resize in
    # bfloat16 either.
    for axis in (1, 2):
        padding = [[0, 0]] * 4
        padding[axis] = [1, 1]
        padded = ops.pad(features, padding, mode="symmetric")
        length = ops.shape(features)[axis]
        before = ops.take(padded, ops.arange(0, length), axis=axis)
        after = ops.take(padded, ops.arange(2, length + 2), axis=axis)
        pair = ops.stack(
            [0.75 * features + 0.25 * before, 0.75 * features + 0.25 * after], axis=axis + 1
        )
        _, height, width, channels = ops.shape(features)
        height, width = (2 * height, width) if axis == 1 else (height, 2 * width)
        features = ops.reshape(pair, (-1, height, width, channels))
    return features


@keras.saving.register_keras_serializable("course_lib")
class Autoencoder(keras.Model):
    """Encoder and decoder, trained together to give back what they were given.

    Called on a batch it returns the reconstruction from the deepest code, so that
    ``autoencoder.compile(loss=reconstruction_loss)`` and ``autoencoder.fit(images, images)`` train
    it as any other Keras model.

    Args:
        channels: features at each level; their number is the depth.
        pooling: "average" or "max".
        upsampling: "nearest", "bilinear", "transposed" or "unpool" (which needs max pooling).
        encoding_dim: length of a dense bottleneck, for the small classic form; needs
            ``picture_size``. The code is then a vector, under the tap name "code".
        picture_size: (height, width) of the pictures, for the dense bottleneck only.

    Raises:
        ValueError: options that do not fit together, with what to change.

    Source: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
    Science 2006; the convolutional form follows VGG (Simonyan and Zisserman, ICLR 2015).
    """

    def __init__(
        self,
        channels=(24, 48, 96, 128),
        pooling="average",
        upsampling="nearest",
        encoding_dim=None,
        picture_size=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if upsampling == "unpool" and pooling != "max":
            raise ValueError("upsampling='unpool' puts maxima back, so it needs pooling='max'.")
        if encoding_dim is not None and picture_size is None:
            raise ValueError(
                f"encoding_dim={encoding_dim} makes a dense bottleneck, which works for one size "
                "of pictures only: give picture_size=(height, width) too."
            )
        self.encoder = Encoder(channels, pooling, name="encoder")
        self.decoder = Decoder(channels, upsampling, name="decoder")
        self.encoding_dim = encoding_dim
        self.picture_size = picture_size and tuple(picture_size)
        self.taps = self.encoder.taps + (("code",) if encoding_dim else ())
        if encoding_dim:
            height, width = self.picture_size
            for _ in range(len(self.encoder.channels) - 1):
                height, width = half(height), half(width)
            self.code_shape = (height, width, self.encoder.channels[-1])
            self.to_code = layers.Dense(encoding_dim, name="to_code")
            self.from_code = layers.Dense(math.prod(self.code_shape), name="from_code")
        self.build()

    @classmethod
    def from_course(cls):
        """The autoencoder that comes with the course, trained.

        Returns:
            An `Autoencoder`, its weights checked against the manifest.

        Raises:
            CollectionError: the weights are missing or damaged, with the remedy.
        """
        from course_lib import collection

        return cls.load(collection.verified_path("weights/autoencoder.npz"))

    def build(self, input_shape=None):
        """Make all weights."""
        self.encoder.build()
        self.decoder.build()
        if self.encoding_dim:
            self.to_code.build((None, math.prod(self.code_shape)))
            self.from_code.build((None, self.encoding_dim))
        self.built = True

    def call(self, images):
        """The reconstruction from the deepest code, not clipped."""
        features, switches = self.encoder(images, with_switches=True)
        features = self.squeeze(features)
        return self.draw(features[self.taps[-1]], self.taps[-1], ops.shape(images)[1:3], switches)

    def encode(self, images):
        """Features of pictures at every tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side at least 16.

        Returns:
            Dictionary tap -> features (batch, height / 2^k, width / 2^k, channels), sizes rounded
            up; with a dense bottleneck also "code" -> (batch, encoding_dim).

        Raises:
            ValueError: not a batch of RGB pictures, or smaller than 16 pixels.
        """
        return self.squeeze(self.encoder(self.check_images(images)))

    def decode(self, features, tap=None, size=None):
        """Pictures from features, entered at any tap.

        Args:
            features: tensor as `encode` gives it at ``tap``.
            tap: where to enter; the deepest by default ("relu4_1" for four levels).
            size: (height, width) of the picture, where it was odd; by default 2 per level.

        Returns:
            Tensor (batch, height, width, 3) in [0, 1].

        Raises:
            ValueError: features that cannot come from that tap, or from a picture of that size.
        """
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        features = self.check_features(as_tensor(features, "features"), tap, size)
        return ops.clip(self.draw(features, tap, size), 0.0, 1.0)

    def reconstruct(self, images, tap=None):
        """Encode, then decode again from a tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side at least 16.
            tap: how deep to go; the deepest by default.

        Returns:
            Tensor of the same shape, in [0, 1].
        """
        images = self.check_images(images)
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        features, switches = self.encoder(images, with_switches=True)
        features = self.squeeze(features)
        picture = self.draw(features[tap], tap, ops.shape(images)[1:3], switches)
        return ops.clip(picture, 0.0, 1.0)

    def squeeze(self, features):
        """Add the vector "code" where there is a dense bottleneck."""
        if not self.encoding_dim:
            return features
        deepest = features[self.encoder.taps[-1]]
        flat = ops.reshape(deepest, (-1, math.prod(self.code_shape)))
        return features | {"code": self.to_code(flat)}

    def draw(self, features, tap=None, size=None, switches=None):
        """Decode without clipping."""
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        if tap == "code":
            features = ops.reshape(ops.relu(self.from_code(features)), (-1, *self.code_shape))
            tap, size = self.encoder.taps[-1], self.picture_size
        return self.decoder(features, tap=tap, size=size, switches=switches)

    def check_images(self, images):
        """Give the batch as a tensor, or say what is wrong with it."""
        images = as_maps(images, "images", 3, "float32")
        # Mirroring the border of the deepest map takes two pixels of it.
        smallest = max(SMALLEST_PICTURE, 2 ** (len(self.encoder.taps) - 1) + 1)
        if min(images.shape[1:3]) < smallest:
            raise ValueError(
                f"pictures of {images.shape[1]} x {images.shape[2]} pixels are too small for "
                f"{len(self.encoder.taps)} levels: each side must have at least {smallest}."
            )
        if self.picture_size and tuple(images.shape[1:3]) != self.picture_size:
            raise ValueError(
                f"this autoencoder has a dense bottleneck for pictures of {self.picture_size}, "
                f"not {tuple(images.shape[1:3])}: resize them."
            )
        return images

    def check_features(self, features, tap, size):
        """Give the features back, or say why they cannot be this autoencoder's at that tap."""
        expected: tuple = (self.encoding_dim,)
        if tap != "code":
            level = self.encoder.taps.index(tap)
            height, width = size or (None, None)
            for _ in range(level if size else 0):
                height, width = half(height), half(width)
            expected = (height, width, self.encoder.channels[level])
        found = tuple(features.shape)
        fits = len(found) == len(expected) + 1 and all(
            want is None or have is None or have == want
            for have, want in zip(found[1:], expected, strict=True)
        )
        if not fits:
            shape = ", ".join("any" if number is None else str(number) for number in expected)
            of_size = f" of a picture of {size[0]} x {size[1]}" if size else ""
            raise ValueError(
                f"features of shape {found} cannot be those of {tap}{of_size}: they must have "
                f"shape (batch, {shape}). Give the tap and the size that they were encoded with."
            )
        return features

    def get_config(self):
        """What is needed to make this autoencoder again."""
        return {
            "channels": self.encoder.channels,
            "pooling": self.encoder.pooling,
            "upsampling": self.decoder.upsampling,
            "encoding_dim": self.encoding_dim,
            "picture_size": self.picture_size,
        }

    def save(self, path, **kwargs):
        """Write weights and architecture to an ``.npz`` file, atomically and without pickle.

        Args:
            path: file to write; one that is there is replaced only when all is written.
            **kwargs: for other endings than ``.npz``, handed on to ``keras.Model.save``.
        """
        if pathlib.Path(path).suffix != ".npz":
            return super().save(path, **kwargs)
        return save_weights(self, path)

    @classmethod
    def load(cls, path):
        """Read what `save` wrote.

        Raises:
            ModelError: the file does not hold such an autoencoder.
        """
        return load_model(path, cls)

    def summary_table(self, size=(256, 256)):
        """A table of all convolutions with their output shapes and numbers of parameters.

        Args:
            size: (height, width) of the picture to write the shapes for.

        Returns:
            The table as text.
        """
        sizes: list[Any] = [tuple(size)]
        for _ in self.encoder.channels[1:]:
            sizes.append((half(sizes[-1][0]), half(sizes[-1][1])))
        rows: list[Any] = []
        for level, _ in enumerate(self.encoder.channels):
            rows.append(("encoder", self.encoder.first[level], sizes[level]))
            if level < len(self.encoder.second):
                rows.append(("encoder", self.encoder.second[level], sizes[level]))
        if self.encoding_dim:
            rows += [("code", self.to_code, None), ("code", self.from_code, None)]
        for level in reversed(range(len(self.encoder.channels))):
            if level < len(self.decoder.second):
                if self.decoder.upsampling == "transposed":
                    rows.append(("decoder", self.decoder.upsample[level], sizes[level]))
                rows.append(("decoder", self.decoder.second[level], sizes[level]))
            rows.append(("decoder", self.decoder.first[level], sizes[level]))
        return format_table(rows, self.count_params())


def format_table(rows, total):
    """Lines of (part, layer, (height, width)) as text, with the total below."""
    lines = [f"{'part':<9}{'layer':<11}{'output shape':<18}{'parameters':>10}"]
    for part, layer, size in rows:
        width = layer.units if size is None else layer.filters
        shape = f"{width}" if size is None else f"{size[0]} x {size[1]} x {width}"
        lines.append(f"{part:<9}{layer.name:<11}{shape:<18}{layer.count_params():>10,}")
    lines.append(f"{'all':<38}{total:>10,}")
    return "\n".join(lines)


def save_weights(model, path, dtype="float16"):
    """Write a model's weights and configuration to an ``.npz`` file.

    Args:
        model: a model of this module.
        path: file to write. It is replaced in one step, so that no half file is ever left.
        dtype: type to store numbers in. Half precision changes a picture by less than 1/255.
    """
    config = {"format": FORMAT, "class": type(model).__name__, "config": model.get_config()}
    arrays = {
        f"{number:03d}": weight.astype(dtype) for number, weight in enumerate(model.get_weights())
    }
    write_arrays(path, {"config": np.array(json.dumps(config)), **arrays})


def write_arrays(path, arrays):
    """Write named arrays to a compressed ``.npz`` file in one step, so that none is ever half.

    Args:
        path: the file; replaced if it exists.
        arrays: dictionary name -> array.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(pathlib.Path(path), buffer.getvalue())


def load_model(path, kind):
    """Make the model that `save_weights` stored.

    Args:
        path: an ``.npz`` file.
        kind: the class that it must hold.

    Returns:
        A model of that class, with its weights.

    Raises:
        ModelError: not such a file, another class, or arrays that do not fit.
    """
    path = pathlib.Path(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            described = dict(json.loads(str(stored["config"])))
            arrays = [stored[name] for name in sorted(set(stored.files) - {"config"})]
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise ModelError(
            f"{path}: this is not a file of weights that save() wrote ({error}). "
            "Train it again, or take the file that comes with the course."
        ) from error
    format_name, class_name = described.get("format"), described.get("class")
    if format_name != FORMAT or class_name != kind.__name__:
        raise ModelError(
            f"{path}: holds {class_name!r} in format {format_name!r}, "
            f"but {kind.__name__!r} in format {FORMAT!r} was asked for."
        )
    try:
        model = kind(**described["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: describes a {kind.__name__} that cannot be made ({error})."
        ) from error
    if not model.built:
        model.build()
    expected = [tuple(weight.shape) for weight in model.weights]
    found = [array.shape for array in arrays]
    if expected != found:
        raise ModelError(
            f"{path}: the arrays do not fit the architecture stored with them "
            f"({len(found)} arrays for {len(expected)} weights). The file is damaged."
        )
    if not all(array.dtype.kind == "f" and np.isfinite(array).all() for array in arrays):
        raise ModelError(f"{path}: some of its weights are not numbers. It is damaged.")
    model.set_weights([array.astype("float32") for array in arrays])
    return model
