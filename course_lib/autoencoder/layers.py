"""What the encoder and the decoders are made of: one convolution, pooling and ways back from it.

Height and width halve from level to level, an odd row or column counting as a whole one; every
model finds the sizes of its levels with `level_sizes`.
"""

import math
from typing import Any

import keras
from keras import layers, ops

# A tensor of whichever framework Keras runs on.
Tensor = Any

UPSAMPLINGS = ("nearest", "bilinear", "transposed", "unpool")


def tap_names(levels: int) -> tuple[str, ...]:
    """The taps of an encoder with that many levels, from the image down.

    Args:
        levels: number of levels, at least 1.

    Returns:
        Tuple of names: ``("relu1_1", "relu2_1", ...)``.
    """
    return tuple(f"relu{level}_1" for level in range(1, levels + 1))


TAPS = tap_names(4)


def half(size: Any) -> Any:
    """The size of a map after pooling by 2: half, an odd row or column counting as a whole one."""
    return (size + 1) // 2


def level_sizes(size: tuple, levels: int) -> list[tuple]:
    """(height, width) at every level, from the image down.

    Args:
        size: (height, width) of the image; numbers, or tensors where a program is traced.
        levels: number of levels, the image's own included.

    Returns:
        List of ``levels`` pairs.
    """
    sizes = [tuple(size)]
    for _ in range(levels - 1):
        sizes.append(tuple(map(half, sizes[-1])))
    return sizes


def center(images: Tensor) -> Tensor:
    """Values in [0, 1] brought to about mean 0 and standard deviation 1, to learn from faster.

    Args:
        images: tensor of any shape.

    Returns:
        Tensor of the same shape, with values in [-2, 2].
    """
    return 4.0 * (images - 0.5)


def uncenter(values: Tensor) -> Tensor:
    """The inverse of `center`."""
    return 0.25 * values + 0.5


def even(size: Any) -> bool:
    """Whether a size is known to be even; one that is only known when the program runs is not."""
    return isinstance(size, int) and size % 2 == 0


def make_even(images: Tensor) -> Tensor:
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


def max_pool_with_switches(features: Tensor) -> tuple[Tensor, Tensor]:
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


def unpool(features: Tensor, switches: Tensor) -> Tensor:
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
    """A 3x3 convolution whose border sees the image mirrored, so that sizes stay as they are.

    Zero padding would draw a dark frame: beyond the border the network would always find black.

    Args:
        filters: number of output channels.
        activation: name of an activation, or None.

    Input shape:
        (batch, height, width, channels), height and width at least 2.

    Output shape:
        (batch, height, width, filters).
    """

    def __init__(self, filters: int, *, activation: str | None = "relu", **kwargs: Any):
        super().__init__(**kwargs)
        self.filters, self.activation = filters, activation
        # Orthogonal kernels keep as much of the image apart as there is room for; the factor
        # makes up for the half that ReLU takes away. Training starts faster than from independent
        # numbers.
        start = keras.initializers.Orthogonal(gain=math.sqrt(2.0))
        self.convolution = layers.Conv2D(
            filters, 3, activation=activation, kernel_initializer=start, name="conv"
        )

    def build(self, input_shape: tuple) -> None:
        """Make the kernel for the number of input channels."""
        self.convolution.build(input_shape)
        self.built = True

    def call(self, features: Tensor) -> Tensor:
        """Convolve."""
        padded = ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
        return self.convolution(padded)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Same height and width, ``filters`` channels."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this layer again."""
        return super().get_config() | {"filters": self.filters, "activation": self.activation}


class Upsample(layers.Layer):
    """Double height and width, in one of the ways that the course compares.

    Args:
        kind: "nearest", "bilinear", "transposed" (a learned transposed convolution, which can
            draw a checkerboard) or "unpool" (back to the places of the maxima).
        channels: number of channels, in and out.
    """

    def __init__(self, kind: str, channels: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.kind, self.filters = kind, channels
        if kind == "transposed":
            self.step = layers.Conv2DTranspose(channels, 3, strides=2, padding="same", name="conv")
            self.step.build((None, None, None, channels))
        elif kind == "nearest":
            self.step = layers.UpSampling2D(2)

    def build(self, input_shape: Any = None) -> None:
        """Nothing left to make."""
        self.built = True

    def call(self, features: Tensor, switches: Tensor | None = None) -> Tensor:
        """Twice the height and twice the width."""
        if self.kind == "bilinear":
            return double(features, training=True)
        if self.kind != "unpool":
            return self.step(features)
        if switches is None:
            raise ValueError(
                "Un-pooling needs to know where the maxima stood, and a code alone does not tell. "
                "Call reconstruct(images), or decode with upsampling='nearest'."
            )
        return unpool(features, switches)


def double(features: Tensor, *, training: bool = False) -> Tensor:
    """Bilinear upsampling by 2: neighbors blend, so that no grid of blocks appears.

    Args:
        features: tensor (batch, height, width, channels).
        training: whether a gradient is wanted. The value is the same up to rounding.

    Returns:
        Tensor (batch, 2 * height, 2 * width, channels).
    """
    if keras.backend.backend() == "tensorflow" and not training:
        # TensorFlow's own operation is many times faster, and needs no size when it is traced; but
        # its gradient is slow, and XLA cannot compute it in bfloat16.
        import tensorflow as tf

        _, height, width, _ = ops.shape(features)
        # It answers in single precision whatever it is asked in.
        return ops.cast(tf.image.resize(features, (2 * height, 2 * width)), features.dtype)
    # Two weighted sums of shifted copies, along one axis after the other: several times faster on
    # a CPU than a general resize and its gradient.
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
