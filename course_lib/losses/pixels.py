"""Losses of pixel values: reconstruction and smoothness."""

from keras import ops

from course_lib.checks import as_maps, as_tensor, check_choice
from course_lib.features import Tensor

RECONSTRUCTIONS = ("squared", "absolute", "ssim")


def reconstruction_loss(images: Tensor, reconstruction: Tensor, *, kind: str = "squared") -> Tensor:
    """How far a reconstruction is from the images.

    Args:
        images: tensor (batch, height, width, channels), the images, in [0, 1].
        reconstruction: tensor of the same shape.
        kind: "squared": ``1/(2N) sum ||x - x_hat||^2``; "absolute": ``1/N sum |x - x_hat|``;
            "ssim": mean of (1 - SSIM) over all 7 x 7 windows. N is the number of images; the sum
            runs over all their pixels and channels.

    Returns:
        A scalar tensor, 0 where the two are equal.

    Raises:
        ValueError: shapes that differ, or an unknown kind.
    """
    check_choice("kind", kind, RECONSTRUCTIONS)
    images, reconstruction = as_tensor(images, "images"), as_tensor(reconstruction, "images")
    if tuple(images.shape) != tuple(reconstruction.shape) or not images.shape:
        raise ValueError(
            f"images have shape {tuple(images.shape)}, the reconstruction "
            f"{tuple(reconstruction.shape)}: they must agree, and begin with the batch."
        )
    if kind == "ssim":
        return 1.0 - ops.mean(structural_similarity_map(images, reconstruction))
    difference = images - reconstruction
    count = ops.cast(ops.shape(images)[0], difference.dtype)
    if kind == "absolute":
        return ops.sum(ops.abs(difference)) / count
    return ops.sum(ops.square(difference)) / (2.0 * count)


def structural_similarity_map(a: Tensor, b: Tensor, *, window: int = 7) -> Tensor:
    """SSIM of every window of two batches of images with values in [0, 1].

    Args:
        a: tensor (batch, height, width, channels), each side at least ``window``.
        b: tensor of the same shape.
        window: side of the square, uniform window.

    Returns:
        Tensor (batch, height - window + 1, width - window + 1, channels) with values in [-1, 1];
        1 where the windows are equal.

    Source: Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility
    to Structural Similarity", IEEE TIP 2004, equation 13; with a uniform window and the unbiased
    covariance, as scikit-image has it by default.
    """
    small, smaller = 0.01**2, 0.03**2

    mean_a, mean_b = local_mean(a, window), local_mean(b, window)
    unbiased = window**2 / (window**2 - 1)
    variance_a = unbiased * (local_mean(a * a, window) - mean_a * mean_a)
    variance_b = unbiased * (local_mean(b * b, window) - mean_b * mean_b)
    covariance = unbiased * (local_mean(a * b, window) - mean_a * mean_b)
    return ((2 * mean_a * mean_b + small) * (2 * covariance + smaller)) / (
        (mean_a**2 + mean_b**2 + small) * (variance_a + variance_b + smaller)
    )


def local_mean(images: Tensor, window: int) -> Tensor:
    """The mean of every square window.

    Args:
        images: tensor (batch, height, width, channels).
        window: side of the squares.

    Returns:
        Tensor (batch, height - window + 1, width - window + 1, channels).
    """
    # A pooling would say the same; its gradient takes several times as long on a CPU.
    kernel = ops.full((window, window, images.shape[-1], 1), 1.0 / window**2, images.dtype)
    return ops.depthwise_conv(images, kernel, padding="valid")


def total_variation_loss(images: Tensor) -> Tensor:
    """How much neighboring pixels differ, squared: what noise has most of.

    Args:
        images: tensor (batch, height, width, channels).

    Returns:
        A scalar tensor: the mean squared difference of vertical neighbors plus that of horizontal
        ones. 0 for a plain color. Being a mean, it does not grow with the size of the image.

    Raises:
        ArgumentError: what is no batch.

    Source: after Mahendran and Vedaldi, "Understanding Deep Image Representations by Inverting
    Them", CVPR 2015, section 3.2 with beta = 2, which sums instead.
    """
    images = as_maps(images, "images")
    return sum(ops.mean(ops.square(steps_between(images, axis))) for axis in (1, 2))


def steps_between(images: Tensor, axis: int) -> Tensor:
    """The difference of each row or column of pixels to the one before it.

    Args:
        images: tensor (batch, height, width, channels).
        axis: 1 compares each row of pixels with the row above it, 2 each column with that before.

    Returns:
        Tensor of the same shape, less one along the axis.
    """
    shape, first, second = list(ops.shape(images)), [0] * 4, [0] * 4
    shape[axis] -= 1
    second[axis] = 1
    # Not images[:, 1:]: TensorFlow takes ten times longer for the gradient of an index.
    return ops.slice(images, second, shape) - ops.slice(images, first, shape)
