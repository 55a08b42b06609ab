"""How much content a stylized image kept, and how much style it took on.

One can be traded for the other: the content image itself keeps everything and has no style, the
style image has it all and keeps nothing. So neither number means anything without the other.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.checks import as_array, as_floats, whole_number
from course_lib.errors import ArgumentError
from course_lib.metrics.checks import as_batch, comparable, gray, need_room
from course_lib.metrics.reconstruction import SSIM_WINDOW, ssim

CONTENT_TAP = "relu4_1"
# Edges are looked for after this much smoothing, in pixels: grain is no edge.
EDGE_BLUR = 1.5
# Below this a difference is rounding, and nothing can be divided by it.
TINY = 1e-9
# By less than this share of them, features of a plain image differ from place to place: processors
# do not round alike at all places.
ROUNDING = 1e-6


# --- content -----------------------------------------------------------------------------------


def content_kept(stylized: Any, content: Any, *, extractor: Any = "course", tap: str = "") -> float:
    """Content kept: how well the deep features agree with the content's, place by place.

    Every channel is first brought to mean 0 and standard deviation 1, so that another palette or
    contrast costs nothing. What is left is *where* each feature is strong.

    Args:
        stylized: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8.
        content: the content image or images, of the same shape.
        extractor: a `FeatureExtractor`, or whatever it is made from: "course", "random", "vgg19",
            an `Autoencoder`, a Keras model.
        tap: where the features are read; by default relu4_1, or else the extractor's last tap.

    Returns:
        The correlation of the normalized features, as a mean over all channels and images. In
        [-1, 1], higher is better: 1 is the content image itself, 0 an image that has nothing to
        do with it. The squared distance of the normalized features, relative to their squares, is
        2 (1 - content kept).

    Raises:
        ArgumentError: shapes that differ, or what is no image.
        ModelError: an unknown extractor or tap, or an image that is too small for it.

    Source: the content loss of Huang and Belongie, "Arbitrary Style Transfer in Real-time with
    Adaptive Instance Normalization", ICCV 2017, equation 12, on normalized features.
    """
    comparable(stylized, content)
    look = extractor_of(extractor, tap=tap)
    tap = tap or (CONTENT_TAP if CONTENT_TAP in look.taps else look.taps[-1])
    return agreement(features_of(stylized, look)[tap], features_of(content, look)[tap])


def agreement(found: Any, wanted: Any) -> float:
    """The correlation of two feature maps after each channel has been normalized.

    Args:
        found: tensor (batch, height, width, channels).
        wanted: tensor of the same shape.

    Returns:
        A number in [-1, 1].
    """
    from course_lib import statistics

    a, b = (as_array(statistics.normalize(maps)).astype(np.float64) for maps in (found, wanted))
    size = np.sqrt(np.sum(a * a, axis=(1, 2, 3)) * np.sum(b * b, axis=(1, 2, 3)))
    return float(np.mean(np.sum(a * b, axis=(1, 2, 3)) / np.maximum(size, TINY)))


def edge_agreement(stylized: Any, content: Any) -> float:
    """Content kept, without any network: are the edges where the content has them?

    Args:
        stylized: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8.
        content: the content image or images, of the same shape.

    Returns:
        The correlation of the two maps of edge strength; the mean over the batch. In [-1, 1],
        higher is better: 1 where all edges are the same up to one common contrast, 0 where they
        have nothing to do with each other or one image has no edge at all.

    Raises:
        ArgumentError: shapes that differ, or what is no image.

    Source: ours, after the edge comparison of Xydeas and Petrovic, "Objective Image Fusion
    Performance Measure", Electronics Letters 2000. The strength is the length of the gradient of
    the brightness, after a Gaussian of 1.5 pixels.
    """
    comparable(stylized, content)
    pairs = zip(edge_strength(stylized), edge_strength(content), strict=True)
    return float(np.mean([correlation(a, b) for a, b in pairs]))


def edge_strength(images: Any) -> np.ndarray:
    """How steeply the smoothed brightness changes at each pixel, (batch, height, width)."""
    from scipy.ndimage import gaussian_gradient_magnitude

    return np.stack([gaussian_gradient_magnitude(one, EDGE_BLUR) for one in gray(images)])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation. Two constants agree; one constant agrees with nothing."""
    a, b = a - a.mean(), b - b.mean()
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if max(lengths) < TINY:
        return 1.0
    return float(np.sum(a * b) / (lengths[0] * lengths[1])) if min(lengths) > TINY else 0.0


def structure_kept(stylized: Any, content: Any) -> float:
    """Content kept, as papers often give it: `ssim` of the brightness alone.

    Args:
        stylized: image (height, width, 3) or images, each side at least 7 pixels.
        content: the content image or images, of the same shape.

    Returns:
        In [-1, 1], higher is better, 1 for the content image itself. It punishes strokes as much
        as lost content: the content image blurred scores high.

    Raises:
        ArgumentError: as for `ssim`.
    """
    comparable(stylized, content)
    what = f"SSIM, whose windows have {SSIM_WINDOW} x {SSIM_WINDOW}"
    return ssim(
        *(gray(one, smallest=SSIM_WINDOW, what=what)[..., None] for one in (stylized, content))
    )


# --- style -------------------------------------------------------------------------------------


def style_moved(
    stylized: Any,
    content: Any,
    style: Any,
    *,
    extractor: Any = "course",
    scales: Sequence[int] = (1,),
) -> float:
    """How far the image has moved from the content's statistics to the style's.

    Args:
        stylized: image (height, width, 3) or images (batch, height, width, 3), array or tensor,
            float in [0, 1] or uint8.
        content: the content image or images it was made from. They may have another size.
        style: the style image or images, of any size.
        extractor: as for `content_kept`.
        scales: by how much all three images are made smaller before they are measured, as whole
            numbers; the result is the mean over these. (1, 2, 4) also sees what is visible from
            afar: an image that is only tinted and roughened moves little at a quarter of its size.

    Returns:
        The mean of `style_moved_by_tap` over all taps and scales. Higher is better: 0 is as far
        from the style as the content was, 1 has the style's means and standard deviations exactly;
        below 0 it has moved away. At most 1.

    Raises:
        ArgumentError: what is no image, no scale, or content and style with the same statistics,
            between which there is no way.
        ModelError: an unknown extractor, or an image that is too small for it.
    """
    if not len(scales):
        raise ArgumentError("there is no scale: give whole numbers, such as scales=(1, 2, 4).")
    look = extractor_of(extractor)
    shares = []
    for factor in scales:
        views = (smaller(one, factor) for one in (stylized, content, style))
        shares += list(style_moved_by_tap(*views, extractor=look).values())
    return float(np.mean(shares))


def smaller(value: Any, factor: int) -> np.ndarray:
    """An image or a batch with every square of ``factor`` pixels replaced by its mean."""
    batch, factor = as_batch(value), whole_number(factor, 1, "a scale")
    need_room(batch.shape, factor, f"a scale of {factor}")
    count, height, width, channels = batch.shape
    rows, columns = height // factor, width // factor
    blocks = batch[:, : rows * factor, : columns * factor]
    return blocks.reshape(count, rows, factor, columns, factor, channels).mean(axis=(2, 4))


def style_moved_by_tap(
    stylized: Any, content: Any, style: Any, *, extractor: Any = "course"
) -> dict[str, float]:
    """How far each tap's statistics have moved from the content's to the style's.

    Args:
        stylized: image or images, as for `style_moved`.
        content: as in `style_moved`.
        style: as in `style_moved`.
        extractor: as in `style_moved`.

    Returns:
        Dictionary tap -> 1 - D(stylized, style) / D(content, style), where D sums the absolute
        differences of the channels' means and of their standard deviations; the mean over the
        batch. Shallow taps tell color and fine grain, deep ones larger patterns.

    Raises:
        ArgumentError: as for `style_moved`.
        ModelError: as for `style_moved`.

    Source: ours. The statistics are those that AdaIN (Huang and Belongie, ICCV 2017) asks for.
    """
    batches = {len(as_batch(one)) for one in (stylized, content, style)} - {1}
    if len(batches) > 1:
        raise ArgumentError(f"batches of {sorted(batches)} images cannot be compared in pairs.")
    look = extractor_of(extractor)
    return moved(*(statistics_of(one, look) for one in (stylized, content, style)))


def moved(found: dict, own: dict, wanted: dict) -> dict[str, float]:
    """`style_moved_by_tap`, of statistics measured already (dictionary tap -> array)."""
    for tap in wanted:
        if np.min(np.abs(own[tap] - wanted[tap]).sum(axis=-1)) < TINY:
            raise ArgumentError(
                f"content and style have the same statistics at {tap}: between them there is no "
                "way to go. Compare with another style image."
            )
    return {
        tap: float(np.mean(share_of_the_way(found[tap], own[tap], wanted[tap]))) for tap in wanted
    }


def share_of_the_way(found: np.ndarray, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How much of the way from one vector to another has been gone.

    Args:
        found: array (..., length), where we are now.
        own: array of the same shape, where we came from.
        wanted: array of the same shape, where we want to be.

    Returns:
        Array (...), or a number for single vectors: 1 - D(found, wanted) / D(own, wanted), where D
        sums absolute differences. 0 at the start, 1 at the end, negative where we are further off
        than at the start.
    """
    left = np.abs(found - wanted).sum(axis=-1)
    return 1 - left / np.abs(own - wanted).sum(axis=-1)


def color_distance(image: Any, other: Any, *, projections: int = 64, seed: int = 0) -> float:
    """How differently two images are colored, wherever the colors are.

    Args:
        image: image (height, width, 3) or images, array or tensor, float in [0, 1] or uint8.
        other: image or images of any size.
        projections: how many directions of the color space are looked along.
        seed: equal seeds look along the same directions.

    Returns:
        `sliced_wasserstein` of all the pixels' RGB values. From 0, where the palettes agree in
        every share, to about 0.9 (black and white); lower is closer.

    Raises:
        ArgumentError: what is no image.
    """
    colors = [one.reshape(-1, one.shape[-1]) for one in map(as_batch, (image, other))]
    return sliced_wasserstein(colors[0], colors[1], projections=projections, seed=seed)


def feature_distance(
    image: Any,
    other: Any,
    *,
    extractor: Any = "course",
    tap: str = "relu3_1",
    projections: int = 64,
    seed: int = 0,
) -> float:
    """How differently two images are textured, wherever the texture is.

    It sees more than means and standard deviations: which features occur together, and how often
    which strength.

    Args:
        image: image (height, width, 3) or images, array or tensor, float in [0, 1] or uint8.
        other: image or images of any size; the one that is compared with.
        extractor: as for `content_kept`.
        tap: where the features are read.
        projections: how many directions of the feature space are looked along.
        seed: equal seeds look along the same directions.

    Returns:
        `sliced_wasserstein` of the features, divided by that from the features of ``other`` to
        their mean. 0 where the features are distributed alike, 1 where ``image`` is about as far
        off as an image without any texture; lower is closer, and there is no upper end.

    Raises:
        ArgumentError: what is no image, or ``other`` without any texture.
        ModelError: an unknown extractor or tap, or an image that is too small for it.

    Source: Heitz, Vanhoey, Chambon and Belcour, "A Sliced Wasserstein Loss for Neural Texture
    Synthesis", CVPR 2021.
    """
    look = extractor_of(extractor, tap=tap)
    found, wanted = (
        as_array(maps).reshape(-1, maps.shape[-1])
        for maps in (features_of(one, look)[tap] for one in (image, other))
    )
    plain = np.broadcast_to(wanted.mean(axis=0), wanted.shape)
    scale = sliced_wasserstein(plain, wanted, projections=projections, seed=seed)
    if scale <= ROUNDING * np.abs(wanted).mean():
        raise ArgumentError("the image compared with has no texture at all: there is no scale.")
    return sliced_wasserstein(found, wanted, projections=projections, seed=seed) / scale


def sliced_wasserstein(a: Any, b: Any, *, projections: int = 64, seed: int = 0) -> float:
    """How far one cloud of points must be moved to become another, seen along random directions.

    Along one direction the cheapest way is known: the smallest to the smallest, the next to the
    next. So sort both, and take the mean difference.

    Args:
        a: array (points, dimensions).
        b: array (points', dimensions); the number of points may differ.
        projections: how many random directions.
        seed: equal seeds give equal directions.

    Returns:
        The mean over directions of the 1-Wasserstein distance of the projections. 0 for clouds
        with the same points, lower is closer; a cloud that is shifted by d gets at most ||d||.

    Raises:
        ArgumentError: no points, points of different dimensions, or no directions.

    Source: Bonneel, Rabin, Peyré and Pfister, "Sliced and Radon Wasserstein Barycenters of
    Measures", JMIV 2015, section 3.
    """
    first, second = (as_floats(one, "the points") for one in (a, b))
    projections = whole_number(projections, 1, "projections")
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ArgumentError(
            f"shapes {first.shape} and {second.shape}: two arrays (points, dimensions) with equal "
            "dimensions are needed."
        )
    if not (first.size and second.size):
        raise ArgumentError("there are no points.")
    generator = np.random.default_rng(seed)
    directions = generator.standard_normal((projections, first.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    levels = (np.arange(max(len(first), len(second))) + 0.5) / max(len(first), len(second))
    distances = [
        np.mean(np.abs(at_levels(first @ one, levels) - at_levels(second @ one, levels)))
        for one in directions
    ]
    return float(np.mean(distances))


def at_levels(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The values below which the given shares of all values lie."""
    return np.sort(values)[np.floor(levels * len(values)).astype(int)]


# --- features ----------------------------------------------------------------------------------


def extractor_of(extractor: Any, *, tap: str = "") -> Any:
    """A `FeatureExtractor`, or what one is made from, as an extractor that can read ``tap``."""
    from course_lib.features import FeatureExtractor

    if isinstance(extractor, FeatureExtractor):
        if tap not in (*extractor.taps, ""):
            raise ArgumentError(
                f"the extractor reads {', '.join(extractor.taps)}. Make one that reads {tap}."
            )
        return extractor
    if isinstance(extractor, str):
        return _named_extractor(extractor, tap)
    return FeatureExtractor(extractor, taps=tap or None)


@functools.lru_cache(maxsize=4)
def _named_extractor(name: str, tap: str) -> Any:
    """Loaded once: metrics are asked for many times in a row."""
    from course_lib.features import FeatureExtractor

    return FeatureExtractor(name, taps=tap or None)


def features_of(images: Any, look: Any) -> dict:
    """Dictionary tap -> features (batch, height, width, channels) of an image or a batch."""
    return look(as_batch(images).astype(np.float32))


def statistics_of(images: Any, look: Any) -> dict[str, np.ndarray]:
    """Dictionary tap -> means and standard deviations of all channels, (batch, 2 * channels)."""
    from course_lib import statistics

    measured = statistics.measure(features_of(images, look))
    return {
        tap: np.concatenate([as_array(part)[:, 0, 0] for part in pair], axis=-1)
        for tap, pair in measured.items()
    }
