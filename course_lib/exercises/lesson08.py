"""Exercises of lesson 08: AdaIN, whitening and coloring, mixing styles, and masks.

Longer than other files, because the lesson has most exercises.
"""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register
from course_lib.exercises.outcomes import Stop
from course_lib.linear import matrix_power

_random = np.random.default_rng(8)
_EPSILON = 1e-5


def _maps(*shape: Any, own: float = 1.5) -> Any:
    """Feature maps whose channels differ in mean, standard deviation and what they go with."""
    channels = shape[-1]
    mixing = _random.normal(size=(channels, channels)) + own * np.eye(channels)
    maps = _random.normal(size=shape) @ mixing
    return (maps * np.linspace(0.5, 2.0, channels) + np.arange(channels)).astype("float32")


def _over_positions(measure: Any, features: Any) -> Any:
    return measure(features, axis=(1, 2), keepdims=True)


# --- adain -------------------------------------------------------------------------------------

_content, _narrow_content = _maps(2, 4, 5, 3), _maps(1, 6, 3, 4)
_flat = _content.copy()
_flat[..., 1] = 0.25
_style_mean = _random.normal(2.0, 1.0, (2, 1, 1, 3)).astype("float32")
_style_std = _random.uniform(0.4, 3.0, (2, 1, 1, 3)).astype("float32")
_narrow_mean = _random.normal(-1.0, 1.0, (1, 1, 1, 4)).astype("float32")
_narrow_std = _random.uniform(0.4, 3.0, (1, 1, 1, 4)).astype("float32")


def _normalized(features: Any, axis: int | tuple = (1, 2)) -> Any:
    mean = features.mean(axis=axis, keepdims=True)
    variance = features.var(axis=axis, keepdims=True)
    return (features - mean) / np.sqrt(variance + _EPSILON)


def _std(features: Any) -> Any:
    return np.sqrt(_over_positions(np.var, features) + _EPSILON)


def _own_statistics_change_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    mean, std = _over_positions(np.mean, _content), _std(_content)
    if not np.allclose(answer(_content, mean, std), _content, atol=1e-3):
        return NotYet(
            "given features together with their own means and standard deviations, it did not give "
            "them back as they were.",
            "Subtract the features' own mean and divide by their own standard deviation; then "
            "multiply by the standard deviation asked for and add the mean asked for.",
        )
    return None


register(
    Exercise(
        id="adain",
        lesson=8,
        title="Adaptive instance normalization",
        reference="course_lib.statistics:adain",
        cases=[
            Case(
                "two images' features of 4 x 5 positions and 3 channels",
                _content,
                _style_mean,
                _style_std,
            ),
            Case(
                "one image's features of 6 x 3 positions and 4 channels",
                _narrow_content,
                _narrow_mean,
                _narrow_std,
            ),
            Case(
                "features one of whose channels is the same everywhere",
                _flat,
                _style_mean,
                _style_std,
            ),
        ],
        checks=[_own_statistics_change_nothing],
        misconceptions=[
            Misconception(
                lambda features, mean, std: features / _std(features) * std + mean,
                "The content's own mean is still in there. Subtract it before you scale.",
            ),
            Misconception(
                lambda features, mean, std: (
                    (features - _over_positions(np.mean, features)) * std + mean
                ),
                "The content's own standard deviation is still in there: divide by it before you "
                "multiply by the style's.",
            ),
            Misconception(
                lambda features, mean, std: (
                    (features - _over_positions(np.mean, features)) / std * _std(features) + mean
                ),
                "You swapped the two standard deviations: divide by the content's, "
                "multiply by the style's.",
            ),
            Misconception(
                lambda features, mean, std: (
                    (features - _over_positions(np.mean, features))
                    / (_over_positions(np.var, features) + _EPSILON)
                    * std
                    + mean
                ),
                "You divided by the variance. The standard deviation is its square root.",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features),
                "This only normalizes, which is half of the work: the style's standard deviation "
                "and mean never come in.",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features) * std,
                "The style's mean is missing at the end.",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features) + mean,
                "The style's standard deviation never comes in: multiply by it before you add the "
                "mean.",
            ),
            Misconception(
                lambda features, mean, std: (_normalized(features) + mean) * std,
                "You add the mean before you multiply, so the mean is scaled as well. Multiply "
                "first.",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features) * mean + std,
                "You swapped the style's mean and standard deviation: the standard "
                "deviation multiplies, the mean is added.",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features, axis=(0, 1, 2)) * std + mean,
                "You averaged over the batch too, so one image's style leaks into the next. Each "
                "image has its own statistics: axis=(1, 2).",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features, axis=(1, 2, 3)) * std + mean,
                "You averaged over the channels too. Each channel has a mean and a standard "
                "deviation of its own: axis=(1, 2).",
            ),
            Misconception(
                lambda features, mean, std: _normalized(features, axis=-1) * std + mean,
                "You averaged over the channels, at each position alone. Average over the "
                "positions, for each channel alone: axis=(1, 2).",
            ),
        ],
        hints=[
            "Mean and standard deviation of each channel are taken over the positions, axes 1 and "
            "2, with `keepdims=True`, so that they can be subtracted from the map.",
            "A channel may be the same everywhere: its standard deviation is 0, and 0 / 0 is not a "
            "number. Use `np.sqrt(variance + 1e-5)`, or `channel_statistics(features)`, which does "
            "that.",
            "First `(features - own_mean) / own_std`, then `* std + mean`.",
        ],
        tolerance=1e-3,
    )
)


# --- whitening and coloring --------------------------------------------------------------------


def _covariance(features: Any) -> Any:
    centered = features - _over_positions(np.mean, features)
    positions = features.shape[1] * features.shape[2]
    return np.einsum("bhwc,bhwd->bcd", centered, centered) / positions


def _changed(features: Any, change: Any, mean: Any) -> Any:
    centered = features - _over_positions(np.mean, features)
    return np.einsum("bhwc,bcd->bhwd", centered, change) + mean


def _recolored(features: Any, mean: Any, wanted: Any) -> Any:
    """The right answer, from whose parts the wrong ones are made."""
    return _changed(
        features, matrix_power(_covariance(features), -0.5) @ matrix_power(wanted, 0.5), mean
    )


def _never_centered_wct(features: Any, mean: Any, wanted: Any) -> Any:
    change = matrix_power(_covariance(features), -0.5) @ matrix_power(wanted, 0.5)
    return np.einsum("bhwc,bcd->bhwd", features, change) + mean


def _by_gram_matrix(features: Any, mean: Any, wanted: Any) -> Any:
    positions = features.shape[1] * features.shape[2]
    gram = np.einsum("bhwc,bhwd->bcd", features, features) / positions
    return _changed(features, matrix_power(gram, -0.5) @ matrix_power(wanted, 0.5), mean)


def _with_identity(features: Any, mean: Any, wanted: Any) -> Any:
    own = _covariance(features) + np.eye(features.shape[-1])
    return _changed(features, matrix_power(own, -0.5) @ matrix_power(wanted, 0.5), mean)


def _variances_only(features: Any, mean: Any, wanted: Any) -> Any:
    std = np.sqrt(np.diagonal(wanted, axis1=1, axis2=2))[:, None, None, :]
    return _normalized(features) * std + mean


def _by_cholesky(features: Any, mean: Any, wanted: Any) -> Any:
    own = np.linalg.cholesky(_covariance(features))
    change = np.linalg.inv(np.swapaxes(own, 1, 2)) @ np.swapaxes(np.linalg.cholesky(wanted), 1, 2)
    return _changed(features, change, mean)


def _moved_least(features: Any, mean: Any, wanted: Any) -> Any:
    """Lesson 7's map of one distribution to another, which moves the features least of all."""
    own = _covariance(features)
    root, inverse = matrix_power(own, 0.5), matrix_power(own, -0.5)
    return _changed(features, inverse @ matrix_power(root @ wanted @ root, 0.5) @ inverse, mean)


def _the_covariance_is_reached(answer: Answer, reference: Answer) -> NotYet | None:
    wanted = _covariance(_wct_style)
    found = _covariance(np.asarray(answer(_wct_content, _wct_mean, wanted), dtype=float))
    if not np.allclose(found, wanted, atol=0.01 * np.abs(wanted).max()):
        return NotYet(
            "the covariance of the result is not the one that was asked for.",
            "Whitening makes the covariance the identity, coloring makes it the style's. Check "
            "the first step alone.",
        )
    return None


def _a_flat_channel_is_no_obstacle(answer: Answer, reference: Answer) -> NotYet | None:
    features = _wct_content.copy()
    features[..., 1] = 0.25
    try:
        found = answer(features, _wct_mean, _covariance(_wct_style))
        fine = bool(np.all(np.isfinite(found)))
    except Stop:
        fine = False
    if not fine:
        return NotYet(
            "given features one of whose channels is the same everywhere, the result was not "
            "finite, or there was none.",
            "Their covariance has no inverse, and many images have such channels. "
            "`matrix_power(covariance(features), -0.5)` takes a little more than 0 for the "
            "variance that is missing.",
        )
    return None


# Where channels are nearly copies of others, what is added to the eigenvalues would be seen.
_wct_content, _wct_style = _maps(1, 9, 8, 4, own=4.0), _maps(1, 7, 11, 4)
_wct_mean = _over_positions(np.mean, _wct_style)
_pair_content, _pair_style = _maps(2, 6, 5, 3, own=4.0), _maps(2, 8, 4, 3)

register(
    Exercise(
        id="whitening-coloring",
        lesson=8,
        title="The whitening and coloring transform",
        reference="course_lib.statistics:wct",
        cases=[
            Case(
                "features of 9 x 8 positions and 4 channels",
                _wct_content,
                _wct_mean,
                _covariance(_wct_style),
            ),
            Case(
                "two images' features of 6 x 5 positions and 3 channels",
                _pair_content,
                _over_positions(np.mean, _pair_style),
                _covariance(_pair_style),
            ),
        ],
        checks=[_the_covariance_is_reached, _a_flat_channel_is_no_obstacle],
        misconceptions=[
            Misconception(
                lambda features, mean, wanted: _changed(features, matrix_power(wanted, 0.5), mean),
                "The style's covariance comes on top of the content's. Whiten first: "
                "`matrix_power(covariance(features), -0.5)`.",
            ),
            Misconception(
                lambda features, mean, wanted: _changed(
                    features, matrix_power(_covariance(features), -0.5), mean
                ),
                "This is whitened, and stays white: multiply by `matrix_power(wanted, 0.5)` too.",
            ),
            Misconception(
                lambda features, mean, wanted: _changed(
                    features,
                    matrix_power(wanted, 0.5) @ matrix_power(_covariance(features), -0.5),
                    mean,
                ),
                "Coloring came before whitening. Positions are rows here, so what is done first "
                "is further left: whitening, then coloring.",
            ),
            Misconception(
                _never_centered_wct,
                "The content's own mean is still in there. Subtract it before whitening.",
            ),
            Misconception(
                lambda features, mean, wanted: _recolored(features, 0.0, wanted),
                "The covariance is right, the mean is 0: add the style's mean at the end.",
            ),
            Misconception(
                lambda features, mean, wanted: _recolored(
                    features, _over_positions(np.mean, features), wanted
                ),
                "You added the content's mean again. It is the style's mean that is asked for.",
            ),
            Misconception(
                lambda features, mean, wanted: _changed(
                    features, matrix_power(_covariance(features), -1.0) @ wanted, mean
                ),
                "A covariance is a square: multiplying features by a matrix changes their "
                "covariance by it twice. So take roots, the exponents -0.5 and 0.5.",
            ),
            Misconception(
                lambda features, mean, wanted: _changed(
                    features,
                    matrix_power(_covariance(features), 0.5) @ matrix_power(wanted, 0.5),
                    mean,
                ),
                "Both exponents are 0.5, so the content's covariance is squared, not removed. "
                "Whitening has the exponent -0.5.",
            ),
            Misconception(
                _by_gram_matrix,
                "You whitened with the Gram matrix, which still contains the means. Use the "
                "covariance, that of centered features.",
            ),
            Misconception(
                _with_identity,
                "The identity matrix that you add is as large as the covariance itself, so little "
                "is whitened. `matrix_power` adds the tiny bit that is needed.",
            ),
            Misconception(
                _variances_only,
                "This is AdaIN: each channel has the right variance, but which channels go "
                "together is still the content's. Use the whole matrices.",
            ),
            Misconception(
                _by_cholesky,
                "The covariance is the one asked for, but by a triangular root, for which the "
                "channels' order matters. Use the symmetric roots of `matrix_power`.",
            ),
            Misconception(
                _moved_least,
                "This is lesson 7's map T. It reaches the covariance, too, and moves the features "
                "least. But many maps reach it, and this exercise asks for a particular one: "
                "whiten with the symmetric root, then color with the symmetric root.",
            ),
        ],
        hints=[
            "Subtract the content's mean over positions. What is left has a covariance, "
            "`covariance(features)`, of shape (batch, channels, channels).",
            "`whiten = matrix_power(covariance(features), -0.5)` and `color = matrix_power(wanted, "
            '0.5)`. `np.einsum("bhwc,bcd->bhwd", centered, whiten)` multiplies every position.',
            "Multiply by `whiten @ color`, in this order, and add the style's mean.",
        ],
        tolerance=2e-3,
    )
)


# --- mixing styles -----------------------------------------------------------------------------


def mix_styles(
    own: np.ndarray, styles: np.ndarray, weights: np.ndarray, strength: float
) -> np.ndarray:
    """Statistics on the way from the content's to a mixture of styles.

    Args:
        own: array (2, channels), the content's means and standard deviations.
        styles: array (count, 2, channels), those of the styles.
        weights: array (count,), 0 or more; only their proportions matter.
        strength: 0 gives the content's own statistics, 1 the mixture's.

    Returns:
        Array (2, channels).
    """
    shares = weights / weights.sum()
    mixture = sum(share * style for share, style in zip(shares, styles, strict=True))
    return (1 - strength) * own + strength * mixture


_own = _random.uniform(0.2, 2.0, (2, 3))
_two_styles = _random.uniform(0.2, 4.0, (2, 2, 3))
_three_styles = _random.uniform(0.2, 4.0, (3, 2, 3))
_uneven, _three_weights = np.array([3.0, 1.0]), np.array([0.5, 0.0, 2.0])


def _mixture(styles: Any, weights: Any) -> Any:
    return np.tensordot(weights / weights.sum(), styles, axes=1)


register(
    Exercise(
        id="mix-styles",
        lesson=8,
        title="Mixing styles, with strength",
        reference="course_lib.exercises.lesson08:mix_styles",
        cases=[
            Case(
                "two styles with the weights 3 and 1 at strength 0.3",
                _own,
                _two_styles,
                _uneven,
                0.3,
            ),
            Case(
                "three styles with the weights 0.5, 0 and 2 at strength 0.8",
                _own,
                _three_styles,
                _three_weights,
                0.8,
            ),
        ],
        misconceptions=[
            Misconception(
                lambda own, styles, weights, strength: (
                    (1 - strength) * own + strength * np.tensordot(weights, styles, axes=1)
                ),
                "With the weights 3 and 1 you have four styles' worth of statistics. Divide the "
                "weights by their sum first.",
            ),
            Misconception(
                lambda own, styles, weights, strength: (
                    strength * own + (1 - strength) * _mixture(styles, weights)
                ),
                "Strength works the wrong way around: 0 must keep the content's own statistics.",
            ),
            Misconception(
                lambda own, styles, weights, strength: _mixture(styles, weights),
                "The mixture is right, but the strength is never used.",
            ),
            Misconception(
                lambda own, styles, weights, strength: strength * _mixture(styles, weights),
                "At strength 0 nothing is left at all. What the styles do not take is the "
                "content's: add (1 - strength) times its own statistics.",
            ),
            Misconception(
                lambda own, styles, weights, strength: own + strength * _mixture(styles, weights),
                "The styles are added on top of the content's own statistics. As the styles come "
                "in, the content's share must go: (1 - strength).",
            ),
            Misconception(
                lambda own, styles, weights, strength: (
                    (1 - strength) * own + strength * styles.mean(axis=0)
                ),
                "All styles count alike here. Multiply each by its weight.",
            ),
            Misconception(
                lambda own, styles, weights, strength: (
                    (1 - strength) * own
                    + strength * np.tensordot(weights, styles, axes=1) / len(styles)
                ),
                "You divided by the number of styles. Divide by the sum of the weights.",
            ),
            Misconception(
                lambda own, styles, weights, strength: (
                    (1 - strength) * own + strength * styles[np.argmax(weights)]
                ),
                "Only the heaviest style is used. Each comes in with its own share.",
            ),
            Misconception(
                lambda own, styles, weights, strength: (
                    own * (1 - strength) / (len(styles) + 1)
                    + strength * _mixture(styles, weights) * len(styles) / (len(styles) + 1)
                ),
                "The content is not one more style. First mix the styles, then go from the content "
                "toward the mixture.",
            ),
        ],
        hints=[
            "Two steps: first mix the styles, then go a part of the way from `own` to the mixture.",
            "`shares = weights / weights.sum()`, and the mixture is the sum of share times style.",
            "`(1 - strength) * own + strength * mixture`.",
        ],
    )
)


# --- masked AdaIN ------------------------------------------------------------------------------


def masked_adain(features: Any, styles: Any, masks: Any) -> Any:
    """AdaIN whose style depends on the place.

    Args:
        features: array (1, height, width, channels), the content's features.
        styles: array (count, 2, channels), means and standard deviations of the styles.
        masks: array (count, height, width) in [0, 1], how much of each style there is at every
            position. They sum to at most 1; what is missing keeps the content's own statistics.

    Returns:
        Tensor (1, height, width, channels).
    """
    from course_lib import statistics

    own_mean, own_std = statistics.channel_statistics(features)
    mean, std = own_mean, own_std
    for (style_mean, style_std), mask in zip(styles, masks, strict=True):
        share = mask[None, :, :, None]
        mean = mean + share * (style_mean - own_mean)
        std = std + share * (style_std - own_std)
    return statistics.adain(features, mean, std)


_masked_features = _maps(1, 4, 6, 3)
_square_features = _maps(1, 5, 5, 2)
_masked_styles = np.abs(_random.normal(2.0, 1.0, (2, 2, 3))).astype("float32")
_square_styles = np.abs(_random.normal(2.0, 1.0, (2, 2, 2))).astype("float32")
_soft = _random.uniform(0.0, 1.0, (4, 6)).astype("float32")
_corner = np.outer(np.linspace(1.0, 0.1, 5), np.linspace(0.9, 0.2, 5)).astype("float32")
_masks_of_all = np.stack([_soft, 1 - _soft])
_masks_of_some = np.stack([0.6 * _corner, 0.3 * _corner**2])


def _shares(masks: Any) -> Any:
    return masks[:, None, :, :, None]


def _each_style(features: Any, styles: Any) -> Any:
    """The features in each style, one after the other."""
    return [_normalized(features) * std + mean for mean, std in styles]


def _masked(features: Any, styles: Any, masks: Any) -> Any:
    """The right answer in other words: what each style makes of the features, laid over them."""
    result = features
    for painted, share in zip(_each_style(features, styles), _shares(masks), strict=True):
        result = result + share * (painted - features)
    return result


def _nothing_beside(features: Any, styles: Any, masks: Any) -> Any:
    painted = _each_style(features, styles)
    return sum(one * share for one, share in zip(painted, _shares(masks), strict=True))


def _last_style_wins(features: Any, styles: Any, masks: Any) -> Any:
    result = features
    for painted, share in zip(_each_style(features, styles), _shares(masks), strict=True):
        result = np.where(share > 0, painted, result)
    return result


def _painted_one_over_the_other(features: Any, styles: Any, masks: Any) -> Any:
    result = features
    for (mean, std), share in zip(styles, _shares(masks), strict=True):
        painted = _normalized(result) * std + mean
        result = result + share * (painted - result)
    return result


def _means_only(features: Any, styles: Any, masks: Any) -> Any:
    styles = np.stack(
        [styles[:, 0], np.broadcast_to(_std(features).ravel(), styles[:, 0].shape)], 1
    )
    return _masked(features, styles, masks)


def _inside_statistics(features: Any, styles: Any, masks: Any) -> Any:
    result = features
    for (mean, std), share in zip(styles, _shares(masks), strict=True):
        total = share.sum() + _EPSILON
        own = (share * features).sum((1, 2), keepdims=True) / total
        spread = (share * np.square(features - own)).sum((1, 2), keepdims=True) / total
        painted = (features - own) / np.sqrt(spread + _EPSILON) * std + mean
        result = result + share * (painted - features)
    return result


register(
    Exercise(
        id="masked-adain",
        lesson=8,
        title="AdaIN with masks",
        reference="course_lib.exercises.lesson08:masked_adain",
        cases=[
            Case(
                "two masks that sum to 1 everywhere, on 4 x 6 positions",
                _masked_features,
                _masked_styles,
                _masks_of_all,
            ),
            Case(
                "two masks that leave room for the content, on 5 x 5 positions",
                _square_features,
                _square_styles,
                _masks_of_some,
            ),
        ],
        misconceptions=[
            Misconception(
                _nothing_beside,
                "Where the masks sum to less than 1, your features fade to 0. What is missing "
                "there is the content: give it the share 1 minus the sum of the masks.",
            ),
            Misconception(
                lambda features, styles, masks: _masked(features, styles, masks[::-1]),
                "You swapped the masks: the first mask is for the first style.",
            ),
            Misconception(
                lambda features, styles, masks: _masked(features, styles, 1 - masks),
                "You swapped inside and outside: a mask of 1 means full style.",
            ),
            Misconception(
                lambda features, styles, masks: _masked(
                    features, styles, (masks > 0.5).astype("float32")
                ),
                "Your masks are either 0 or 1. Use their values as they are: a soft edge is a "
                "share between 0 and 1.",
            ),
            Misconception(
                lambda features, styles, masks: _masked(
                    features,
                    styles,
                    np.broadcast_to(masks.mean(axis=(1, 2), keepdims=True), masks.shape),
                ),
                "Each mask became a single number. Keep the positions: `mask[None, :, :, None]` "
                "has the axes of the features.",
            ),
            Misconception(
                lambda features, styles, masks: _masked(
                    features, styles, masks / masks.sum(axis=0)
                ),
                "You scaled the masks until they fill the image. Where they sum to less than 1, "
                "the rest belongs to the content.",
            ),
            Misconception(
                _means_only,
                "The mask works on the means, but the standard deviations stayed the content's. "
                "Both follow the mask.",
            ),
            Misconception(
                _last_style_wins,
                "Wherever two masks overlap, only the last style is left. Add the styles up, each "
                "with its share.",
            ),
            Misconception(
                _painted_one_over_the_other,
                "The second style was applied to what the first one had left. Each starts from the "
                "content's features.",
            ),
            Misconception(
                _inside_statistics,
                "You measured the content inside each mask. Here its mean and standard deviation "
                "are those of the whole image; only what is asked for depends on the place.",
            ),
        ],
        hints=[
            "A mask is an array (height, width). `mask[None, :, :, None]` has the four axes of the "
            "features and stretches over the channels.",
            "The mean that is asked for becomes a map: start with the content's own mean and add, "
            "for each style, its mask times (style's mean - own mean). The standard deviation "
            "likewise.",
            "`adain` takes maps too: `adain(features, mean_map, std_map)`.",
        ],
        tolerance=1e-3,
    )
)
