"""The linear autoencoder: principal components of patches, in closed form; and powers of matrices.

An autoencoder without ReLU can do no better than this, and this needs no training. So it is the bar
that every bottleneck has to clear.
"""

import numpy as np

from course_lib.checks import as_number, whole_number
from course_lib.errors import ArgumentError


def to_patches(image: np.ndarray, *, side: int = 8) -> np.ndarray:
    """Cut an image into squares that do not overlap, each as one row of numbers.

    Args:
        image: (height, width, channels); height and width multiples of ``side``.
        side: side of a square in pixels.

    Returns:
        Array (height * width / side^2, side * side * channels), row by row from the upper left.

    Raises:
        ArgumentError: no image, or a size that is no multiple of ``side``.
    """
    side = whole_number(side, 1, "side")
    if np.ndim(image) != 3:
        raise ArgumentError(
            f"shape {np.shape(image)}: an image (height, width, channels) is needed."
        )
    height, width, channels = image.shape
    if height % side or width % side:
        raise ArgumentError(
            f"an image of {height} x {width} pixels cannot be cut into squares of {side}: crop it "
            f"with images.crop_to_multiple(image, {side}) first."
        )
    squares = image.reshape(height // side, side, width // side, side, channels)
    return squares.transpose(0, 2, 1, 3, 4).reshape(-1, side * side * channels)


def from_patches(patches: np.ndarray, shape: tuple[int, int, int], *, side: int = 8) -> np.ndarray:
    """The inverse of `to_patches`.

    Args:
        patches: array (number, side * side * channels).
        shape: (height, width, channels) of the image.
        side: side of a square in pixels.

    Returns:
        The image, (height, width, channels).
    """
    height, width, channels = shape
    squares = patches.reshape(height // side, width // side, side, side, channels)
    return squares.transpose(0, 2, 1, 3, 4).reshape(shape)


def principal_components(patches: np.ndarray, count: int) -> np.ndarray:
    """The directions in which patches differ most.

    Args:
        patches: array (number, length), one patch a row.
        count: how many directions, from 1 to the smaller of number and length.

    Returns:
        Array (count, length): rows of length 1 at right angles to each other, the most important
        first. Their signs mean nothing.

    Raises:
        ArgumentError: a count that cannot be had, or patches that are none.

    Source: Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", 1901;
    computed by the singular value decomposition.
    """
    patches = np.asarray(patches)
    numbers = patches.ndim == 2 and patches.size and patches.dtype.kind in "fiub"
    if not numbers or not np.isfinite(patches).all():
        raise ArgumentError(
            f"patches of shape {patches.shape} and type {patches.dtype}: finite numbers are "
            "needed, one patch a row."
        )
    most = min(patches.shape)
    if not (1 <= as_number(count) <= most and count % 1 == 0):
        raise ArgumentError(
            f"count={count}: {patches.shape[0]} patches of {patches.shape[1]} numbers have 1 to "
            f"{most} components."
        )
    _, _, directions = np.linalg.svd(patches - patches.mean(axis=0), full_matrices=False)
    return directions[:count]


def project(patches: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Keep of each patch what the components can say, and forget the rest.

    Args:
        patches: array (number, length).
        components: array (count, length), orthonormal rows, as `principal_components` gives them.
        mean: array (length,), the mean patch.

    Returns:
        Array (number, length): the closest points to the patches among all that are the mean plus
        a combination of the components.
    """
    codes = (patches - mean) @ components.T
    return codes @ components + mean


def pca_reconstruct(patches: np.ndarray, count: int) -> np.ndarray:
    """The best that any linear autoencoder with ``count`` numbers in its code makes of patches.

    Args:
        patches: array (number, length), one patch a row.
        count: numbers in the code of a patch.

    Returns:
        Array (number, length), the reconstructions.

    Raises:
        ArgumentError: a count that cannot be had.

    Source: Baldi and Hornik, "Neural Networks and Principal Component Analysis: Learning from
    Examples without Local Minima", Neural Networks 1989.
    """
    return project(patches, principal_components(patches, count), patches.mean(axis=0))


def matrix_power(matrices: np.ndarray, exponent: float, *, least: float = 1e-14) -> np.ndarray:
    """A power of symmetric positive semi-definite matrices, by their eigenvalues, in NumPy.

    `statistics.matrix_power` does it on the backend, where gradients can be taken.

    Args:
        matrices: array (..., n, n).
        exponent: 0.5 for the root; -0.5 for what whitens, where a matrix is a covariance.
        least: smaller eigenvalues count as this one, above 0.

    Returns:
        Array of the same shape.
    """
    values, vectors = np.linalg.eigh(matrices)
    scaled = vectors * np.maximum(values, least)[..., None, :] ** exponent
    return scaled @ np.swapaxes(vectors, -1, -2)
