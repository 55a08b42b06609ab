"""What a painter looks for and means and standard deviations cannot see: the strokes.

A stroke of four pixels and one of thirty can have the same statistics at full size. These metrics
ask how large the marks are, whether one pattern covers the whole image, and whether what belongs
together in the content still does.
"""

from typing import Any

import numpy as np

from course_lib.checks import as_array, whole_number
from course_lib.errors import ArgumentError
from course_lib.metrics.checks import comparable, gray
from course_lib.metrics.transferred import ROUNDING, TINY, at_levels, extractor_of, features_of

# Self-similarity compares every position with every other one, so larger maps are pooled first.
MOST_POSITIONS = 64
# Rows of the self-similarity matrix that are worked on at once.
ROWS = 512
# What varies over more than this share of the shorter side is the scene and not a stroke.
SCENE = 1 / 8
SMALLEST = 32


def cfsd(stylized: Any, content: Any, *, extractor: Any = "course", tap: str = "relu3_1") -> float:
    """Content feature structural distance: is what was alike in the content still alike?

    Every position says how similar it is to each other position, as a distribution. The sky is
    like the sky and unlike the house, whatever both are painted with. So palette and strokes cost
    nothing as long as they are the same wherever the content was the same.

    Args:
        stylized: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8.
        content: the content image or images, of the same shape.
        extractor: as for `content_kept`.
        tap: where the features are read. Maps with a side above 64 positions are pooled first.

    Returns:
        The Kullback-Leibler divergence of the distributions, content first; the mean over positions
        and images, in nats. From 0 upward, lower is better; 0 for the content image itself.

    Raises:
        ArgumentError: shapes that differ, or what is no image.
        ModelError: an unknown extractor or tap, or an image that is too small for it.

    Source: Chung, Hyun and Heo, "Style Injection in Diffusion", CVPR 2024, section 4.1, on VGG-19.
    Here the channels are normalized and products divided by the root of their number, so that the
    scale of an encoder's features does not decide how sharp the distributions are.
    """
    comparable(stylized, content)
    look = extractor_of(extractor, tap=tap)
    maps = (as_array(features_of(one, look)[tap]) for one in (content, stylized))
    pairs = zip(*map(_normalized_positions, maps), strict=True)
    return float(np.mean([_divergence(own, found) for own, found in pairs]))


def _normalized_positions(maps: np.ndarray) -> np.ndarray:
    """Features as (batch, positions, channels), each channel with mean 0 and variance 1."""
    batch, height, width, channels = maps.shape
    step = -(-max(height, width) // MOST_POSITIONS)
    if step > 1:
        rows, columns = height // step, width // step
        blocks = maps[:, : rows * step, : columns * step]
        blocks = blocks.reshape(batch, rows, step, columns, step, channels)
        maps = blocks.mean(axis=(2, 4))
    positions = maps.reshape(batch, -1, channels).astype(np.float32)
    centered = positions - positions.mean(axis=1, keepdims=True)
    return centered / np.maximum(centered.std(axis=1, keepdims=True), 1e-6)


def _divergence(own: np.ndarray, found: np.ndarray) -> float:
    """Mean over positions of KL(own || found), of two arrays (positions, channels)."""
    from scipy.special import log_softmax

    total = 0.0
    scale = np.sqrt(own.shape[-1])
    for start in range(0, len(own), ROWS):
        rows = slice(start, start + ROWS)
        wanted, seen = (log_softmax(one[rows] @ one.T / scale, axis=-1) for one in (own, found))
        total += float(np.sum(np.exp(wanted) * (wanted - seen)))
    return total / len(own)


def channel_wasserstein(
    image: Any, other: Any, *, extractor: Any = "course", tap: str = "relu3_1"
) -> float:
    """How differently each channel's values are distributed, wherever they occur.

    The cheapest way to turn one channel's values into another's is to sort both: smallest to
    smallest, next to next. Means and standard deviations can agree where this does not, as between
    a few strong strokes and a faint texture everywhere.

    Args:
        image: image (height, width, 3) or images, array or tensor, float in [0, 1] or uint8.
        other: image or images of any size, usually the style image; the one compared with.
        extractor: as for `content_kept`.
        tap: where the features are read.

    Returns:
        The 1-Wasserstein distance of the values, divided by that from the values of ``other`` to
        their mean, both summed over channels. From 0, where every channel is distributed alike;
        lower is closer; about 1 for an image of the right mean and no texture at all.

    Raises:
        ArgumentError: what is no image, or ``other`` without any texture.
        ModelError: an unknown extractor or tap, or an image that is too small for it.

    Source: the sorted values of Zhang et al., "Exact Feature Distribution Matching for Arbitrary
    Style Transfer and Domain Generalization", CVPR 2022, equation 5, as a distance.
    """
    look = extractor_of(extractor, tap=tap)
    found, wanted = (
        as_array(maps).reshape(-1, maps.shape[-1]).astype(np.float64)
        for maps in (features_of(one, look)[tap] for one in (image, other))
    )
    scale = np.abs(wanted - wanted.mean(axis=0)).mean(axis=0).sum()
    if scale <= ROUNDING * np.abs(wanted).mean(axis=0).sum():
        raise ArgumentError("the image compared with has no texture at all: there is no scale.")
    most = max(len(found), len(wanted))
    levels = (np.arange(most) + 0.5) / most
    apart = [
        np.mean(np.abs(at_levels(a, levels) - at_levels(b, levels)))
        for a, b in zip(found.T, wanted.T, strict=True)
    ]
    return float(np.sum(apart) / scale)


def pattern_repeatability(
    image: Any, *, extractor: Any = "course", tap: str = "relu3_1", patches: int = 4
) -> float:
    """How much one pattern covers the whole image: is each part styled like the whole?

    Args:
        image: image (height, width, 3) or images, array or tensor, float in [0, 1] or uint8.
        extractor: as for `content_kept`.
        tap: where the features are read; its map needs at least ``patches`` positions a side.
        patches: the map is cut into this many parts along each side, 2 or more.

    Returns:
        The cosine between the Gram matrix of a part and that of the whole map; the mean over parts
        and images. In [0, 1] for features after a ReLU. Near 1 for a woven cloth, lower for a few
        large forms. Neither is better: compare with the style image's.

    Raises:
        ArgumentError: what is no image, fewer than two parts, or more parts than positions.
        ModelError: an unknown extractor or tap, or an image that is too small for it.

    Source: Hong et al., "AesPA-Net: Aesthetic Pattern-Aware Style Transfer Networks", ICCV 2023,
    equation 1.
    """
    patches = whole_number(patches, 2, "patches")
    look = extractor_of(extractor, tap=tap)
    maps = as_array(features_of(image, look)[tap]).astype(np.float64)
    if min(maps.shape[1:3]) < patches:
        raise ArgumentError(
            f"the map at {tap} has {maps.shape[1]} x {maps.shape[2]} positions: it cannot be cut "
            f"into {patches} x {patches} parts. Use a larger image or fewer patches."
        )
    return float(np.mean([_agreement_of_parts(one, patches) for one in maps]))


def _agreement_of_parts(features: np.ndarray, patches: int) -> float:
    whole = _unit_gram(features)
    parts = [
        part
        for band in np.array_split(features, patches, axis=0)
        for part in np.array_split(band, patches, axis=1)
    ]
    return float(np.mean([np.sum(whole * _unit_gram(part)) for part in parts]))


def _unit_gram(features: np.ndarray) -> np.ndarray:
    """The Gram matrix of features (height, width, channels), scaled to length 1."""
    columns = features.reshape(-1, features.shape[-1])
    gram = columns.T @ columns
    return gram / max(float(np.linalg.norm(gram)), TINY)


def stroke_scale(images: Any) -> float:
    """How wide the marks are: the distance at which brightness forgets itself.

    The image is compared with itself, shifted by 1, 2, 3 ... pixels. Within a stroke the two agree,
    beyond it they do not.

    Args:
        images: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8; each side at least 32 pixels.

    Returns:
        Twice the distance, in pixels, at which the autocorrelation of the brightness, averaged over
        directions, has fallen to one half; the mean over the batch. For random squares it is about
        their width. What is wider than an eighth of the shorter side is taken for the scene and
        removed first, so no more than about that can be found; 0 for a plain color. Neither large
        nor small is better: compare with the style image's, at the same size.

    Raises:
        ArgumentError: what is no image, or too small.

    Source: ours; the autocorrelation is the Fourier transform of the power spectrum (Wiener,
    "Generalized Harmonic Analysis", Acta Mathematica 1930).
    """
    grays = gray(images, smallest=SMALLEST, what="the scale of its strokes")
    return float(np.mean([_stroke_scale(one) for one in grays]))


def _stroke_scale(brightness: np.ndarray) -> float:
    from scipy.ndimage import gaussian_filter

    side = min(brightness.shape)
    detail = brightness - gaussian_filter(brightness, SCENE * side)
    if detail.std() < 1e-6:
        return 0.0
    profile = _autocorrelation(detail)
    below = int(np.argmax(profile < 0.5))
    if profile[below] >= 0.5:
        return float(2 * len(profile))
    # Between the last distance above one half and the first below it the line is straight.
    above = profile[below - 1]
    return float(2 * (below - 1 + (above - 0.5) / (above - profile[below])))


def _autocorrelation(detail: np.ndarray) -> np.ndarray:
    """Autocorrelation by whole distances 0, 1, 2 ... in pixels, averaged over directions."""
    height, width = detail.shape
    # Padded, so that the right border does not meet the left one; then divided by the overlap.
    padded = (2 * height, 2 * width)
    power = np.abs(np.fft.rfft2(detail - detail.mean(), padded)) ** 2
    overlap = np.fft.irfft2(np.abs(np.fft.rfft2(np.ones_like(detail), padded)) ** 2, padded)
    reach = min(height, width) // 2
    near = np.r_[0:reach, -reach:0]
    products = np.fft.irfft2(power, padded)[np.ix_(near, near)] / overlap[np.ix_(near, near)]
    distance = np.rint(np.hypot(*np.meshgrid(near, near, indexing="ij"))).astype(int)
    inside = distance < reach
    sums = np.bincount(distance[inside], products[inside])
    return sums / np.bincount(distance[inside]) / products[0, 0]
