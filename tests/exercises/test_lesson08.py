"""Lesson 08: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

from functools import partial

import numpy as np
import pytest
from keras import ops

from course_lib.statistics import covariance, matrix_power
from tests.exercises.helpers import Wrong, accepts, refuses


def standardized(features, axis=(1, 2)):
    spread = np.sqrt(features.var(axis, keepdims=True) + 1e-5)
    return (features - features.mean(axis, keepdims=True)) / spread


def spread_of(features):
    return np.sqrt(features.var((1, 2), keepdims=True) + 1e-5)


def centered(features):
    return features - features.mean((1, 2), keepdims=True)


# --- adain -------------------------------------------------------------------------------------

ADAIN = [
    Wrong(
        "kept the own mean",
        lambda features, mean, std: features * std / spread_of(features) + mean,
        "own mean is still in there",
    ),
    Wrong(
        "kept the own standard deviation",
        lambda features, mean, std: centered(features) * std + mean,
        "own standard deviation is still in there",
    ),
    Wrong(
        "exchanged the standard deviations",
        lambda features, mean, std: centered(features) * spread_of(features) / std + mean,
        "You swapped the two standard deviations",
    ),
    Wrong(
        "divided by the variance",
        lambda features, mean, std: (
            centered(features) / (features.var((1, 2), keepdims=True) + 1e-5) * std + mean
        ),
        "divided by the variance",
    ),
    Wrong(
        "normalized only",
        lambda features, mean, std: standardized(features),
        "half of the work",
    ),
    Wrong(
        "forgot the style's mean",
        lambda features, mean, std: std * standardized(features),
        "style's mean is missing",
    ),
    Wrong(
        "forgot the style's standard deviation",
        lambda features, mean, std: mean + standardized(features),
        "style's standard deviation never comes in",
    ),
    Wrong(
        "added before multiplying",
        lambda features, mean, std: std * (standardized(features) + mean),
        "add the mean before you multiply",
    ),
    Wrong(
        "exchanged mean and standard deviation",
        lambda features, mean, std: mean * standardized(features) + std,
        "You swapped the style's mean and standard deviation",
    ),
    Wrong(
        "averaged over the batch",
        lambda features, mean, std: standardized(features, (0, 1, 2)) * std + mean,
        "leaks into the next",
    ),
    Wrong(
        "averaged over everything in an image",
        lambda features, mean, std: standardized(features, (1, 2, 3)) * std + mean,
        "averaged over the channels too",
    ),
    Wrong(
        "averaged over the channels",
        lambda features, mean, std: standardized(features, -1) * std + mean,
        "at each position alone",
    ),
    Wrong(
        "gave back the features",
        lambda features, mean, std: features,
        "axes 1 and 2",
    ),
]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_constant_channel_must_not_become_nan():
    def without_epsilon(features, mean, std):
        spread = features.std((1, 2), keepdims=True)
        return centered(features) / spread * std + mean

    refuses("adain", Wrong("no epsilon", without_epsilon, "division by zero"))


def channel_by_channel(features, mean, std):
    result = np.empty_like(features)
    for image in range(len(features)):
        for channel in range(features.shape[-1]):
            values = features[image, :, :, channel]
            scale = std[image, 0, 0, channel] / (values.std() + 1e-5)
            result[image, :, :, channel] = (values - values.mean()) * scale
            result[image, :, :, channel] += mean[image, 0, 0, channel]
    return result


def test_adain_in_other_words_is_accepted():
    accepts(
        "adain",
        channel_by_channel,
        lambda x, mean, std: (
            mean + std * centered(x) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-8)
        ),
    )


# --- whitening and coloring --------------------------------------------------------------------


def rows(features):
    """Positions as rows: (batch, height * width, channels)."""
    return features.reshape(len(features), -1, features.shape[-1])


def spread_matrix(features):
    values = rows(centered(features))
    return np.swapaxes(values, 1, 2) @ values / values.shape[1]


def root(matrices, exponent):
    left, values, right = np.linalg.svd(matrices)
    return left * np.maximum(values, 1e-14)[:, None] ** exponent @ right


def turned(features, matrices, mean):
    return (rows(features) @ matrices).reshape(features.shape) + mean


def moved_least(features, mean, wanted):
    own = spread_matrix(features)
    inverse, half = root(own, -0.5), root(own, 0.5)
    return turned(centered(features), inverse @ root(half @ wanted @ half, 0.5) @ inverse, mean)


WCT = [
    Wrong(
        "colored only",
        lambda x, mean, wanted: turned(centered(x), root(wanted, 0.5), mean),
        "Whiten first",
    ),
    Wrong(
        "whitened only",
        lambda x, mean, wanted: turned(centered(x), root(spread_matrix(x), -0.5), mean),
        "stays white",
    ),
    Wrong(
        "colored before whitening",
        lambda x, mean, wanted: turned(
            centered(x), root(wanted, 0.5) @ root(spread_matrix(x), -0.5), mean
        ),
        "Coloring came before whitening",
    ),
    Wrong(
        "did not center",
        lambda x, mean, wanted: turned(x, root(spread_matrix(x), -0.5) @ root(wanted, 0.5), mean),
        "own mean is still in there",
    ),
    Wrong(
        "no mean at the end",
        lambda x, mean, wanted: turned(
            centered(x), root(spread_matrix(x), -0.5) @ root(wanted, 0.5), 0
        ),
        "the mean is 0",
    ),
    Wrong(
        "the content's mean at the end",
        lambda x, mean, wanted: turned(
            centered(x),
            root(spread_matrix(x), -0.5) @ root(wanted, 0.5),
            x.mean((1, 2), keepdims=True),
        ),
        "added the content's mean again",
    ),
    Wrong(
        "no roots",
        lambda x, mean, wanted: turned(centered(x), np.linalg.inv(spread_matrix(x)) @ wanted, mean),
        "A covariance is a square",
    ),
    Wrong(
        "forgot the minus",
        lambda x, mean, wanted: turned(
            centered(x), root(spread_matrix(x), 0.5) @ root(wanted, 0.5), mean
        ),
        "Both exponents are 0.5",
    ),
    Wrong(
        "Gram matrix for covariance",
        lambda x, mean, wanted: turned(
            centered(x),
            root(np.swapaxes(rows(x), 1, 2) @ rows(x) / rows(x).shape[1], -0.5) @ root(wanted, 0.5),
            mean,
        ),
        "whitened with the Gram matrix",
    ),
    Wrong(
        "added the identity",
        lambda x, mean, wanted: turned(
            centered(x),
            root(spread_matrix(x) + np.eye(x.shape[-1]), -0.5) @ root(wanted, 0.5),
            mean,
        ),
        "identity matrix that you add",
    ),
    Wrong(
        "variances only",
        lambda x, mean, wanted: (
            centered(x)
            / x.std((1, 2), keepdims=True)
            * np.sqrt(np.einsum("bcc->bc", wanted))[:, None, None, :]
            + mean
        ),
        "This is AdaIN",
    ),
    Wrong(
        "triangular roots",
        lambda x, mean, wanted: turned(
            centered(x),
            np.swapaxes(
                np.linalg.cholesky(wanted) @ np.linalg.inv(np.linalg.cholesky(spread_matrix(x))),
                1,
                2,
            ),
            mean,
        ),
        "triangular root",
    ),
    Wrong("lesson 7's map", moved_least, "lesson 7's map"),
    Wrong("gave back the features", lambda x, mean, wanted: x, "over positions"),
]


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("did not center", lambda x: x, "own mean is still in there"),
        Wrong("no roots", lambda x: centered(x), "A covariance is a square"),
    ],
    ids=str,
)
def test_wrong_answers_that_use_the_library_s_powers_get_their_hints(wrong):
    power = 1.0 if wrong.mistake == "no roots" else 0.5

    def answer(x, mean, wanted):
        change = ops.matmul(matrix_power(covariance(x), -power), matrix_power(wanted, power))
        return turned(wrong.function(x), ops.convert_to_numpy(change), mean)

    refuses("whitening-coloring", Wrong(wrong.mistake, answer, wrong.hint))


def one_image_after_the_other(features, mean, wanted, ridge=1e-9):
    """Whiten and color with SciPy's matrix square root, positions as columns."""
    from scipy.linalg import sqrtm

    result = np.empty_like(features)
    for number, image in enumerate(features):
        columns = (image - image.mean((0, 1))).reshape(-1, image.shape[-1]).T
        spread = np.cov(columns, bias=True) + ridge * np.eye(len(columns))
        white = np.linalg.inv(sqrtm(spread)) @ columns
        colored = (sqrtm(wanted[number]) @ white).T.reshape(image.shape)
        result[number] = colored + mean[number]
    return result


def test_a_covariance_without_an_inverse_is_no_obstacle():
    refuses(
        "whitening-coloring",
        Wrong("no ridge", partial(one_image_after_the_other, ridge=0), "has no inverse"),
    )


def test_whitening_coloring_in_other_words_is_accepted():
    accepts(
        "whitening-coloring",
        one_image_after_the_other,
        lambda x, mean, wanted: turned(
            turned(centered(x), root(spread_matrix(x), -0.5), 0), root(wanted, 0.5), mean
        ),
    )


# --- mixing styles -----------------------------------------------------------------------------


def weighted(styles, weights):
    return np.einsum("n,nkc->kc", weights, styles)


MIX_STYLES = [
    Wrong(
        "weights not scaled",
        lambda own, styles, weights, strength: own + strength * (weighted(styles, weights) - own),
        "Divide the weights by their sum",
    ),
    Wrong(
        "strength the wrong way round",
        lambda own, styles, weights, strength: (
            strength * own + (1 - strength) * np.average(styles, axis=0, weights=weights)
        ),
        "wrong way around",
    ),
    Wrong(
        "no strength",
        lambda own, styles, weights, strength: np.average(styles, axis=0, weights=weights),
        "the strength is never used",
    ),
    Wrong(
        "nothing of the content",
        lambda own, styles, weights, strength: (
            strength * np.average(styles, axis=0, weights=weights)
        ),
        "At strength 0 nothing is left",
    ),
    Wrong(
        "added on top",
        lambda own, styles, weights, strength: (
            own + strength * np.average(styles, axis=0, weights=weights)
        ),
        "added on top",
    ),
    Wrong(
        "all alike",
        lambda own, styles, weights, strength: own + strength * (np.mean(styles, 0) - own),
        "All styles count alike",
    ),
    Wrong(
        "divided by the number of styles",
        lambda own, styles, weights, strength: (
            own + strength * (weighted(styles, weights) / len(weights) - own)
        ),
        "divided by the number of styles",
    ),
    Wrong(
        "the heaviest only",
        lambda own, styles, weights, strength: (
            own + strength * (styles[int(np.argsort(weights)[-1])] - own)
        ),
        "Only the heaviest style",
    ),
    Wrong(
        "only the first style",
        lambda own, styles, weights, strength: own + strength * (styles[0] - own),
        "Two steps",
    ),
]


def style_after_style(own, styles, weights, strength):
    mixed = own.copy()
    for style, weight in zip(styles, weights, strict=True):
        mixed += strength * weight / np.sum(weights) * (style - own)
    return mixed


def test_mix_styles_in_other_words_is_accepted():
    accepts(
        "mix-styles",
        style_after_style,
        lambda own, styles, weights, strength: (
            own * (1 - strength) + np.average(styles, axis=0, weights=weights) * strength
        ),
    )


# --- masked AdaIN ------------------------------------------------------------------------------


def painted(features, style):
    return standardized(features) * style[1] + style[0]


def laid_over(features, styles, masks):
    """The features in each style, weighted by its mask; the rest is the content."""
    result = (1 - masks.sum(0))[None, :, :, None] * features
    for style, mask in zip(styles, masks, strict=True):
        result = result + mask[None, :, :, None] * painted(features, style)
    return result


def nothing_beside(features, styles, masks):
    return laid_over(features, styles, masks) - (1 - masks.sum(0))[None, :, :, None] * features


def overwritten(features, styles, masks):
    result = features.copy()
    for style, mask in zip(styles, masks, strict=True):
        result[:, mask > 0] = painted(features, style)[:, mask > 0]
    return result


def one_over_the_other(features, styles, masks):
    for style, mask in zip(styles, masks, strict=True):
        features = laid_over(features, style[None], mask[None])
    return features


def std_of_the_content(features, styles, masks):
    own = spread_of(features).ravel()
    return laid_over(features, np.stack([(style[0], own) for style in styles]), masks)


def measured_inside(features, styles, masks):
    result = features
    for style, mask in zip(styles, masks, strict=True):
        weight = mask[None, :, :, None]
        mean = np.sum(features * weight, (1, 2), keepdims=True) / (weight.sum() + 1e-5)
        squares = np.square(features - mean) * weight
        variance = np.sum(squares, (1, 2), keepdims=True) / (weight.sum() + 1e-5)
        new = (features - mean) / np.sqrt(variance + 1e-5) * style[1] + style[0]
        result = result + weight * (new - features)
    return result


MASKED = [
    Wrong("nothing beside the masks", nothing_beside, "fade to 0"),
    Wrong(
        "masks exchanged",
        lambda features, styles, masks: laid_over(features, styles, masks[::-1]),
        "You swapped the masks",
    ),
    Wrong(
        "inside out",
        lambda features, styles, masks: laid_over(features, styles, 1 - masks),
        "You swapped inside and outside",
    ),
    Wrong(
        "hard edges",
        lambda features, styles, masks: laid_over(features, styles, np.where(masks > 0.5, 1.0, 0)),
        "either 0 or 1",
    ),
    Wrong(
        "one number for a mask",
        lambda features, styles, masks: laid_over(
            features, styles, np.ones_like(masks) * masks.mean((1, 2))[:, None, None]
        ),
        "a single number",
    ),
    Wrong(
        "masks scaled up",
        lambda features, styles, masks: laid_over(features, styles, masks / masks.sum(0)),
        "scaled the masks",
    ),
    Wrong("means only", std_of_the_content, "standard deviations stayed"),
    Wrong("last style wins", overwritten, "only the last style is left"),
    Wrong("one style over the other", one_over_the_other, "what the first one had left"),
    Wrong("content measured inside", measured_inside, "inside each mask"),
    Wrong(
        "no mask",
        lambda features, styles, masks: painted(features, styles[0]),
        "has the four axes",
    ),
]


def by_maps(features, styles, masks):
    """The statistics asked for as maps, made by one sum over the styles."""
    own = np.stack([features.mean((0, 1, 2)), spread_of(features).ravel()])
    maps = own[:, None, None] + np.einsum("nhw,nkc->khwc", masks, styles - own)
    return standardized(features) * maps[1] + maps[0]


def test_masked_adain_in_other_words_is_accepted():
    accepts("masked-adain", laid_over, by_maps)


MISTAKES = {
    "adain": ADAIN,
    "whitening-coloring": WCT,
    "mix-styles": MIX_STYLES,
    "masked-adain": MASKED,
}
