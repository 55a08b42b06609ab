"""What the encoder and the decoders are made of: one convolution, pooling and ways back from it.

Height and width halve from level to level, an odd row or column counting as a whole one; every
model finds the sizes of its levels with `level_sizes`.
"""

import math
from typing import Any

import keras
from keras import layers, ops

from course_lib.backend import active_convolutions

# A tensor of whichever framework Keras runs on.
Tensor = Any

# Convolutions of fewer input channels compute in single precision everywhere.
FEW_CHANNELS = 16
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


def reflect_pad(features: Tensor, *, gradient: bool = True) -> Tensor:
    """One row and column more on every side: the neighbors of the border, mirrored at it.

    Args:
        features: tensor (batch, height, width, channels), height and width at least 2.
        gradient: whether a gradient is wanted. The value is the same.

    Returns:
        Tensor (batch, height + 2, width + 2, channels).
    """
    if gradient:
        return ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
    # Copied in long pieces it takes a third of the time, but its gradient would take twice as much.
    features = ops.concatenate([features[:, :, 1:2], features, features[:, :, -2:-1]], axis=2)
    return ops.concatenate([features[:, 1:2], features, features[:, -2:-1]], axis=1)


def convolve(features: Tensor, kernel: Tensor, bias: Tensor, *, activation: Any) -> Tensor:
    """A 3x3 convolution with mirrored borders; in compiled programs, as is fast on this machine.

    Args:
        features: tensor (batch, height, width, channels), height and width at least 2.
        kernel: tensor (3, 3, channels, filters).
        bias: tensor (filters,).
        activation: function of a tensor.

    Returns:
        Tensor (batch, height, width, filters) of the features' type of number.
    """
    quick = active_convolutions()
    dtype = features.dtype
    # Where three colors come in there is little to gain, and a sky's faint grain to lose.
    if quick and dtype == "float32" and features.shape[-1] >= FEW_CHANNELS:
        dtype = quick.dtype
    padded = reflect_pad(ops.cast(features, dtype), gradient=quick is None or quick.gradient)
    made = ops.conv(padded, ops.cast(kernel, dtype), padding="valid") + ops.cast(bias, dtype)
    return ops.cast(activation(made), features.dtype)


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
        inner = self.convolution
        return convolve(features, inner.kernel, inner.bias, activation=inner.activation)

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
            return double(features)
        if self.kind != "unpool":
            return self.step(features)
        if switches is None:
            raise ValueError(
                "Un-pooling needs to know where the maxima stood, and a code alone does not tell. "
                "Call reconstruct(images), or decode with upsampling='nearest'."
            )
        return unpool(features, switches)


def double(features: Tensor) -> Tensor:
    """Bilinear upsampling by 2: neighbors blend, so that no grid of blocks appears.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Tensor (batch, 2 * height, 2 * width, channels).
    """
    if keras.backend.backend() == "tensorflow":
        # Several times faster than what follows, and needs no size when it is traced.
        import tensorflow as tf

        _, height, width, _ = ops.shape(features)
        # It answers in single precision whatever it is asked in, and so must its gradient be.
        single = ops.cast(features, "float32")
        return ops.cast(tf.image.resize(single, (2 * height, 2 * width)), features.dtype)
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
