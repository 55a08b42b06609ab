"""Statistics of feature maps: what "style" is measured by, and how one map takes on another's.

Style statistics are the mean and the standard deviation of each channel over all positions. They
know which features occur and how strongly, not where.
"""

from typing import Any

from keras import ops

# A channel that never fires has variance zero, and the gradient of a square root at zero is
# infinite: without a floor under the root, training on such a channel gives NaN.
EPSILON = 1e-5
# Relative to the mean eigenvalue of a covariance. The identity matrix itself, often added here,
# would be far too much.
RIDGE = 1e-5
TINY = 1e-12

Tensor = Any
"""A tensor of whichever framework is the backend."""


def channel_statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of every channel over all positions.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Two tensors (batch, 1, 1, channels): the means and the standard deviations. The standard
        deviation is at least ``sqrt(EPSILON)``, so that a division by it is always defined.

    Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
    Normalization", ICCV 2017, equations 2 and 3.
    """
    mean = mean_over_positions(features)
    return mean, ops.sqrt(mean_over_positions(ops.square(features - mean)) + EPSILON)


def mean_over_positions(features: Tensor) -> Tensor:
    """Mean of every channel: of each row, then of all rows, in half the time of both at once.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Tensor (batch, 1, 1, channels).
    """
    return ops.mean(ops.mean(features, axis=2, keepdims=True), axis=1, keepdims=True)


def normalize(features: Tensor) -> Tensor:
    """Every channel shifted and scaled to mean 0 and standard deviation 1 over its positions.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Tensor of the same shape. A constant channel becomes 0.
    """
    mean, std = channel_statistics(features)
    return (features - mean) / std


def adain(features: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Adaptive instance normalization: every channel gets a style's mean and standard deviation.

    Args:
        features: tensor (batch, height, width, channels), the content's features.
        mean: tensor (batch, 1, 1, channels), the means to take on. A map (batch, height, width,
            channels) gives every position its own, which is how masks work.
        std: tensor of the same shape as ``mean``, the standard deviations to take on.

    Returns:
        Tensor (batch, height, width, channels).

    Source: Huang and Belongie, ICCV 2017, equation 8.
    """
    own_mean, own_std = channel_statistics(features)
    scale = std / own_std
    # Equation 8, multiplied out: one product and one sum for every position instead of four steps.
    return features * scale + (mean - own_mean * scale)


def measure(features: dict[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """The statistics of several taps at once.

    Args:
        features: dictionary tap -> tensor (batch, height, width, channels).

    Returns:
        Dictionary tap -> (mean, std), tensors (batch, 1, 1, channels). This is all that
        AdaIN keeps of a style: a few hundred numbers.
    """
    return {tap: channel_statistics(maps) for tap, maps in features.items()}


def covariance(features: Tensor) -> Tensor:
    """How the channels vary together over all positions.

    Args:
        features: tensor (batch, height, width, channels).

    Returns:
        Tensor (batch, channels, channels), symmetric and positive semi-definite.
    """
    _, height, width, _ = ops.shape(features)
    centered = features - ops.mean(features, axis=(1, 2), keepdims=True)
    # The size is a tensor in a program that was compiled for all sizes.
    positions = ops.cast(height * width, centered.dtype)
    return ops.einsum("bhwc,bhwd->bcd", centered, centered) / positions


def matrix_power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of symmetric positive semi-definite matrices, by their eigenvalues.

    Args:
        matrix: tensor (batch, channels, channels).
        exponent: 0.5 colors, -0.5 whitens.

    Returns:
        Tensor of the same shape. Each matrix is first regularized by `RIDGE` of its mean
        eigenvalue: directions in which nothing varies would otherwise be blown up without bound.
    """
    channels = matrix.shape[-1]
    size = ops.trace(matrix, axis1=-2, axis2=-1)[:, None, None] / channels
    values, vectors = ops.linalg.eigh(matrix + (RIDGE * size + TINY) * ops.eye(channels))
    scaled = vectors * ops.power(ops.maximum(values, TINY), exponent)[:, None, :]
    return ops.matmul(scaled, ops.transpose(vectors, (0, 2, 1)))


def wct(features: Tensor, mean: Tensor, wanted: Tensor) -> Tensor:
    """Whitening and coloring: give a feature map the mean and the covariance of a style.

    Args:
        features: tensor (batch, height, width, channels), the content's features.
        mean: tensor (batch, 1, 1, channels), the style's means.
        wanted: tensor (batch, channels, channels), the style's `covariance`.

    Returns:
        Tensor (batch, height, width, channels).

    Source: Li et al., "Universal Style Transfer via Feature Transforms", NIPS 2017, equations 2
    and 3. The mean is broadcast over positions, and both covariances are regularized.
    """
    centered = features - ops.mean(features, axis=(1, 2), keepdims=True)
    change = whitening_coloring(covariance(features), wanted)
    return ops.einsum("bhwc,bcd->bhwd", centered, change) + mean


def whitening_coloring(own: Tensor, wanted: Tensor) -> Tensor:
    """The matrix that whitens centered features and colors them in a style.

    Args:
        own: tensor (batch, channels, channels), the `covariance` of the features.
        wanted: tensor (batch, channels, channels), the style's.

    Returns:
        Tensor (batch, channels, channels), to be multiplied from the right.

    Source: Li et al., "Universal Style Transfer via Feature Transforms", NIPS 2017, equations 2
    and 3.
    """
    return ops.matmul(matrix_power(own, -0.5), matrix_power(wanted, 0.5))
