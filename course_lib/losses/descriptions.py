"""What describes a style: statistics of features that do not know where a feature was."""

import math
from collections.abc import Iterable

from keras import ops

from course_lib import statistics
from course_lib.checks import as_maps, check_choice
from course_lib.features import Tensor

STYLES = ("gram", "statistics", "covariance", "wasserstein")
# A layer that never fires has a target of zeros, by which nothing can be divided.
TINY = 1e-12
# Of the trace, added to both covariances: it bounds the gradient of the square root, which is
# infinite in directions in which nothing varies.
WASSERSTEIN_RIDGE = 1e-4
# A product of few columns over very many rows keeps one core busy; cut into slabs of rows, all.
SLABS = 32


def gram_matrix(features: Tensor, *, mask: Tensor | None = None) -> Tensor:
    """Channel-by-channel correlations of a feature map, averaged over positions.

    Args:
        features: tensor (batch, height, width, channels).
        mask: tensor (batch, height, width, 1), 0 or more: how much each position counts. Without
            it all count alike.

    Returns:
        Tensor (batch, channels, channels), symmetric and positive semi-definite. Averaging over the
        height * width positions makes images of different sizes comparable.

    Raises:
        ArgumentError: what is no batch of feature maps.

    Source: Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks",
    CVPR 2016, equation 3, which sums over positions instead.
    """
    features = as_maps(features, "features")
    counted = features if mask is None else features * mask
    total = math.prod(features.shape[1:3]) if mask is None else mask_total(mask)[..., 0]
    positions = (-1, math.prod(features.shape[1:3]), features.shape[-1])
    first, second = (ops.reshape(maps, positions) for maps in (counted, features))
    return symmetric_product(first, second) / total


def symmetric_product(first: Tensor, second: Tensor) -> Tensor:
    """The transpose of a matrix times another one, where that is known to be symmetric.

    A product of matrices is several times faster than an einsum that computes the same, and its
    gradient, which both factors share, is computed once for the two.

    Args:
        first: tensor (batch, rows, columns).
        second: tensor of the same shape: the first one, or the first one with its rows weighted.

    Returns:
        Tensor (batch, columns, columns), which has the gradient of the plain product.
    """
    shape = first.shape
    slabs = math.gcd(shape[1], SLABS) if shape[1] > 100 * shape[2] else 1
    # One product is faster than a batch of products, even if it is a batch of one.
    single = shape[0] == 1 and slabs == 1
    cut = shape[1:] if single else (-1, shape[1] // slabs, shape[2])
    first, second = (ops.reshape(matrix, cut) for matrix in (first, second))
    product = ops.matmul(ops.swapaxes(ops.stop_gradient(first), -1, -2), second)
    product = ops.sum(ops.reshape(product, (-1, slabs, shape[2], shape[2])), axis=1)
    # In value this is the product. In gradient it is the product and its transpose, which stands
    # for the gradient by the first factor.
    return product + ops.swapaxes(product, -1, -2) - ops.stop_gradient(product)


def mean_features(features: Tensor, *, mask: Tensor | None = None) -> Tensor:
    """Mean of every channel over all positions, each counting as much as the mask says.

    Args:
        features: tensor (batch, height, width, channels).
        mask: as for `gram_matrix`.

    Returns:
        Tensor (batch, 1, 1, channels).
    """
    if mask is None:
        # Not ops.mean, whose gradient is divided position by position.
        sums = ops.sum(features, axis=(1, 2), keepdims=True)
        return sums / math.prod(features.shape[1:3])
    return ops.sum(features * mask, axis=(1, 2), keepdims=True) / mask_total(mask)


def mask_total(mask: Tensor) -> Tensor:
    """The sum of a mask over its positions, (batch, 1, 1, 1), never quite zero."""
    return ops.sum(mask, axis=(1, 2), keepdims=True) + TINY


def describe_style(
    features: Tensor, *, kind: str = "gram", mask: Tensor | None = None
) -> tuple[Tensor, ...]:
    """What a kind of style loss keeps of a feature map.

    Args:
        features: tensor (batch, height, width, channels).
        kind: "gram": the Gram matrix. "statistics": mean and standard deviation of each channel.
            "covariance" and "wasserstein": the means and the whole covariance matrix.
        mask: as for `gram_matrix`.

    Returns:
        Tuple of tensors whose first axis is the batch. None of them knows where a feature was.

    Raises:
        ValueError: an unknown kind.
        ArgumentError: what is no batch of feature maps.
    """
    return describe_styles(features, (kind,), mask=mask)[kind]


def describe_styles(
    features: Tensor, kinds: Iterable[str], *, mask: Tensor | None = None
) -> dict[str, tuple[Tensor, ...]]:
    """What several kinds of style loss keep of a feature map.

    Args:
        features: tensor (batch, height, width, channels).
        kinds: kinds as in `describe_style`, or a dictionary with these as keys.
        mask: as for `gram_matrix`.

    Returns:
        Dictionary kind -> tuple of tensors, as `describe_style` gives it. What the kinds have in
        common is computed once.

    Raises:
        ValueError: an unknown kind.
        ArgumentError: what is no batch of feature maps.
    """
    for kind in kinds:
        check_choice("kind", kind, STYLES)
    gram = gram_matrix(features, mask=mask) if {"gram", "statistics"} & set(kinds) else None
    mean = mean_features(features, mask=mask) if set(kinds) != {"gram"} else None
    described: dict[str, tuple[Tensor, ...]] = {}
    for kind in kinds:
        if kind == "gram":
            described[kind] = (gram,)
        elif kind == "statistics":
            described[kind] = (mean, std_features(gram, mean))
        else:
            described[kind] = (mean, gram_matrix(features - mean, mask=mask))
    return described


def std_features(gram: Tensor, mean: Tensor) -> Tensor:
    """Standard deviation of every channel over the positions.

    Args:
        gram: tensor (batch, channels, channels), the Gram matrices, whose diagonals are the means
            of the squares.
        mean: tensor (batch, 1, 1, channels), the means.

    Returns:
        Tensor (batch, 1, 1, channels). A standard deviation of less than a thousandth of the mean
        is lost in rounding.
    """
    mean_squares = ops.diagonal(gram, axis1=1, axis2=2)[:, None, None]
    return ops.sqrt(ops.maximum(mean_squares - ops.square(mean), 0.0) + statistics.EPSILON)


def style_distance(
    wanted: tuple[Tensor, ...], found: tuple[Tensor, ...], *, kind: str = "gram"
) -> Tensor:
    """How far a description of a style is from the one that is wanted.

    Args:
        wanted: tuple of tensors as `describe_style` gives it, of the style image.
        found: the same of the image judged.
        kind: the kind that both were made with. "wasserstein" is the squared 2-Wasserstein distance
            of the two normal distributions with these means and covariances,
            ||m - n||^2 + trace(C + D - 2 (D^1/2 C D^1/2)^1/2), divided by that from a point at 0.
            For the others it is the squared difference divided by the square of what is wanted, and
            where there are two parts, means and standard deviations say, the mean of both.

    Returns:
        A scalar tensor, the mean over the batch. 0 where the two are equal; 1 is the distance of
        a description of zeros.

    Source: Gatys et al., CVPR 2016, equation 4 ("gram"); Li, Wang, Liu and Hou, "Demystifying
    Neural Style Transfer", IJCAI 2017, section 4.2 ("statistics"); Dowson and Landau, "The Frechet
    Distance between Multivariate Normal Distributions", 1982 ("wasserstein").
    """
    if kind == "wasserstein":
        (mean, matrix), (wanted_mean, wanted_matrix) = found, wanted
        difference = squares(mean - wanted_mean) + squared_bures(matrix, wanted_matrix)
        scale = squares(wanted_mean) + matrix_trace(wanted_matrix)
        return ops.mean(difference / (scale + TINY))
    parts = [
        ops.mean(squares(a - b) / (squares(b) + TINY)) for a, b in zip(found, wanted, strict=True)
    ]
    return sum(parts) / len(parts)


def squares(values: Tensor) -> Tensor:
    """The sum of the squares of each item of a batch, (batch,)."""
    return ops.sum(ops.square(values), axis=tuple(range(1, len(values.shape))))


def matrix_trace(matrices: Tensor) -> Tensor:
    """The sum of the diagonal of each matrix of a batch, (batch,)."""
    return ops.sum(ops.diagonal(matrices, axis1=1, axis2=2), axis=-1)


def squared_bures(matrices: Tensor, wanted: Tensor) -> Tensor:
    """The part of the 2-Wasserstein distance that the covariances make up.

    Args:
        matrices: tensor (batch, channels, channels), symmetric and positive semi-definite.
        wanted: the same; no gradient is taken through it.

    Returns:
        Tensor (batch,): trace(C + D - 2 (D^1/2 C D^1/2)^1/2), each matrix with `WASSERSTEIN_RIDGE`
        times the trace of ``wanted`` added to its diagonal.
    """
    wanted = ops.stop_gradient(wanted)
    ridge = WASSERSTEIN_RIDGE * matrix_trace(wanted)[:, None, None] + TINY
    ridge = ridge * ops.eye(wanted.shape[-1], dtype=wanted.dtype)
    matrices, wanted = matrices + ridge, wanted + ridge
    root = statistics.matrix_power(wanted, 0.5)
    product = ops.matmul(ops.matmul(root, matrices), root)
    # The gradient of eigenvectors is not defined where two eigenvalues agree. It is not needed:
    # with the eigenvectors held still, v' M v has the eigenvalue's value, and its gradient too.
    _, vectors = ops.linalg.eigh(ops.stop_gradient(product))
    vectors = ops.stop_gradient(vectors)
    eigenvalues = ops.sum(vectors * ops.matmul(product, vectors), axis=1)
    overlap = ops.sum(ops.sqrt(ops.maximum(eigenvalues, TINY)), axis=-1)
    return matrix_trace(matrices) + matrix_trace(wanted) - 2.0 * overlap
