"""Colors matched to the statistics of others: what pixel-based transfer knows of a style's colors.

An array of colors is (number, 3): the pixels of an image in any order. ``seen`` are the colors
whose statistics are taken; where they are not given, those that are to be changed. So some pixels
of an image can be changed as the whole image is.
"""

import numpy as np

from course_lib.linear import matrix_power

# A content that hardly varies would have its noise blown up to the style's contrast.
MOST_GAIN = 8.0
TINY = 1e-7
# Quantiles between which a map of values is a straight line.
KNOTS = 4096
# Pixels from which quantiles are taken.
MOST_PIXELS = 2**18


def match_mean_std(
    colors: np.ndarray, wanted: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Give every channel the mean and the standard deviation that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape. No channel is amplified more than `MOST_GAIN` times.

    Source: Reinhard et al., "Color Transfer between Images", 2001, equations 10 and 11.
    """
    seen = colors if seen is None else seen
    gain = wanted.std(axis=0) / np.maximum(seen.std(axis=0), TINY)
    return (colors - seen.mean(axis=0)) * np.minimum(gain, MOST_GAIN) + wanted.mean(axis=0)


def match_covariance(
    colors: np.ndarray, wanted: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Give colors the mean and the covariance of others, moving them as little as possible.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape. No direction is amplified more than `MOST_GAIN` times.

    Source: Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping", 2007,
    equation 15.
    """
    seen = colors if seen is None else seen
    own = np.cov(seen.T, bias=True) + TINY * np.eye(colors.shape[1])
    root, whiten = matrix_power(own, 0.5), matrix_power(own, -0.5)
    change = whiten @ matrix_power(root @ np.cov(wanted.T, bias=True) @ root, 0.5) @ whiten
    gains, axes = np.linalg.eigh(change)
    change = axes * np.minimum(gains, MOST_GAIN) @ axes.T
    return (colors - seen.mean(axis=0)) @ change + wanted.mean(axis=0)


def match_ranks(
    values: np.ndarray, wanted: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Give numbers the distribution of others: the smallest becomes the smallest, and so on.

    Args:
        values: array (number,).
        wanted: array (another number,); ranks between two of them are interpolated.
        seen: array (a third number,), among which the values are ranked, or None: the values.

    Returns:
        Array of the first one's shape. Equal numbers stay equal: they become the mean of what
        their ranks ask for.
    """
    return np.interp(values, *rank_map(values if seen is None else seen, wanted))


def rank_map(values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each of some numbers becomes when they are given the distribution of others.

    Args:
        values: array (number,).
        wanted: array (another number,).

    Returns:
        Two arrays of one length: numbers in ascending order, and what becomes of them.
    """
    fractions = np.linspace(0.0, 1.0, min(len(values), KNOTS))
    levels, place = np.unique(quantiles(values, fractions), return_inverse=True)
    return levels, np.bincount(place, quantiles(wanted, fractions)) / np.bincount(place)


def quantiles(values: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """The values below which given shares of the values lie, 0 the smallest and 1 the largest."""
    values = np.sort(values[:: 1 + len(values) // MOST_PIXELS])
    return np.interp(fractions * (len(values) - 1), np.arange(len(values)), values)


def match_histograms(
    colors: np.ndarray, wanted: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Give every channel the distribution of values that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape.

    Source: Gonzalez and Woods, "Digital Image Processing", section 3.3, for each channel.
    """
    seen = colors if seen is None else seen
    channels = zip(colors.T, wanted.T, seen.T, strict=True)
    return np.stack(
        [match_ranks(values, target, seen=counted) for values, target, counted in channels], axis=1
    )


def match_turned(
    colors: np.ndarray, wanted: np.ndarray, axes: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Match the histograms along three turned axes.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        axes: array (3, 3), its columns of length 1 and at right angles.
        seen: array (a third number, 3), or None: the colors themselves.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot, "Automated Colour Grading using Colour Distribution
    Transfer", 2007, section 3.
    """
    turned = None if seen is None else seen @ axes
    return match_histograms(colors @ axes, wanted @ axes, seen=turned) @ axes.T


def match_distribution(
    colors: np.ndarray,
    wanted: np.ndarray,
    *,
    seen: np.ndarray | None = None,
    turns: int = 20,
    seed: int = 0,
) -> np.ndarray:
    """Give colors the whole distribution of others: sliced optimal transport.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        seen: array (a third number, 3), or None: the colors themselves.
        turns: how many random sets of axes to match the histograms along.
        seed: for the axes.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot 2007; Rabin et al., "Wasserstein Barycenter and its
    Application to Texture Mixing", 2011. Differs from both in that it starts from the covariance
    matched, which needs fewer turns and moves colors less.
    """
    generator = np.random.default_rng(seed)
    colors = match_covariance(colors, wanted, seen=seen)
    if seen is not None:
        # Quantiles are taken from no more.
        seen = match_covariance(seen, wanted)[:: 1 + len(seen) // MOST_PIXELS]
    for _ in range(turns):
        axes, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        colors = match_turned(colors, wanted, axes, seen=seen)
        if seen is not None:
            seen = match_turned(seen, wanted, axes)
    return colors


COLOR_METHODS = {
    "mean_std": match_mean_std,
    "covariance": match_covariance,
    "histogram": match_histograms,
    "distribution": match_distribution,
}
