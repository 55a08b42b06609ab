"""Lesson 12: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from tests.exercises.helpers import Wrong, accepts


def cost_of_no(scores):
    """-log sigmoid(scores)."""
    return np.log1p(np.exp(-np.abs(scores))) + np.maximum(-scores, 0)


def chance(scores):
    return 0.5 * (1 + np.tanh(scores / 2))


def naive_log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


DISCRIMINATOR_LOSS = [
    Wrong(
        "real and drawn exchanged",
        lambda real, drawn: cost_of_no(-real).mean() + cost_of_no(drawn).mean(),
        "rewarded for being wrong",
    ),
    Wrong(
        "high scores for both",
        lambda real, drawn: cost_of_no(real).mean() + cost_of_no(drawn).mean(),
        "high scores in both cases",
    ),
    Wrong("real only", lambda real, drawn: cost_of_no(real).mean(), "only the real patches"),
    Wrong("drawn only", lambda real, drawn: cost_of_no(-drawn).mean(), "only the drawn patches"),
    Wrong(
        "to be made large",
        lambda real, drawn: -(cost_of_no(real).mean() + cost_of_no(-drawn).mean()),
        "change the sign",
    ),
    Wrong(
        "sum",
        lambda real, drawn: cost_of_no(real).sum() + cost_of_no(-drawn).sum(),
        "You summed over the patches",
    ),
    Wrong(
        "halved",
        lambda real, drawn: 0.5 * cost_of_no(real).mean() + 0.5 * cost_of_no(-drawn).mean(),
        "without halving",
    ),
    Wrong(
        "no logarithm",
        lambda real, drawn: chance(-real).mean() + chance(drawn).mean(),
        "logarithm is missing",
    ),
    Wrong(
        "hinge",
        lambda real, drawn: np.maximum(1 - real, 0).mean() + np.maximum(1 + drawn, 0).mean(),
        "hinge loss",
    ),
    Wrong(
        "the formula as it stands",
        lambda real, drawn: -naive_log(chance(real)).mean() - naive_log(1 - chance(drawn)).mean(),
        "takes the logarithm of 0",
    ),
    Wrong(
        "logarithm kept finite",
        lambda real, drawn: (
            -np.log(chance(real) + 1e-7).mean() - np.log(chance(-drawn) + 1e-7).mean()
        ),
        "mistaken score of 200",
    ),
]


def test_discriminator_loss_in_other_words_is_accepted():
    accepts(
        "discriminator-loss",
        lambda real, drawn: cost_of_no(real).mean() + cost_of_no(-drawn).mean(),
        lambda real, drawn: np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, drawn)),
    )


SAMPLE_CODE = [
    Wrong(
        "variance",
        lambda mean, log_variance, noise: mean + noise * np.exp(log_variance),
        "halve the logarithm",
    ),
    Wrong(
        "no exponential",
        lambda mean, log_variance, noise: log_variance * noise + mean,
        "logarithm* of the variance",
    ),
    Wrong(
        "half, no exponential",
        lambda mean, log_variance, noise: noise * log_variance / 2 + mean,
        "still missing",
    ),
    Wrong(
        "squared",
        lambda mean, log_variance, noise: mean + noise * np.exp(log_variance) ** 2,
        "squared the variance",
    ),
    Wrong(
        "normalizes",
        lambda mean, log_variance, noise: mean + noise / np.exp(log_variance / 2),
        "divided by the standard deviation",
    ),
    Wrong(
        "mean scaled",
        lambda mean, log_variance, noise: (noise + mean) * np.exp(log_variance / 2),
        "to the noise alone",
    ),
    Wrong("noise of 1", lambda mean, log_variance, noise: noise + mean, "the same size everywhere"),
    Wrong("no noise", lambda mean, log_variance, noise: mean, "a plain autoencoder"),
]


def test_sample_code_in_other_words_is_accepted():
    accepts(
        "sample-code",
        lambda mean, log_variance, noise: noise * np.sqrt(np.exp(log_variance)) + mean,
        lambda mean, log_variance, noise: mean + noise * np.exp(log_variance / 2),
    )


def parts(mean, log_variance):
    return (mean**2 - 1 - log_variance + np.exp(log_variance)) / 2


DIVERGENCE = [
    Wrong("sum over the batch", lambda m, v: parts(m, v).sum(), "Divide by the number of images"),
    Wrong("mean over all", lambda m, v: parts(m, v).mean(), "add up"),
    Wrong("last axis", lambda m, v: parts(m, v).sum(-1).mean(), "over the last axis only"),
    Wrong("no half", lambda m, v: 2 * parts(m, v).sum() / len(m), "the 1/2 is missing"),
    Wrong("sign", lambda m, v: -parts(m, v).sum() / len(m), "never below 0"),
    Wrong(
        "variance for log variance",
        lambda m, v: (m**2 + v - 1 - np.log(np.abs(v) + 1e-12)).sum() / 2 / len(m),
        "in place of the variance. Undo",
    ),
    Wrong(
        "mean not squared",
        lambda m, v: (np.abs(m) - 1 - v + np.exp(v)).sum() / 2 / len(m),
        "enters squared",
    ),
    Wrong("means only", lambda m, v: (m**2).sum() / 2 / len(m), "only the means"),
    Wrong(
        "variances only",
        lambda m, v: (np.exp(v) - 1 - v).sum() / 2 / len(m),
        "only the variances",
    ),
    Wrong(
        "plus the log variance",
        lambda m, v: (m**2 + np.exp(v) - 1 + v).sum() / 2 / len(m),
        "Subtract the log variance",
    ),
    Wrong(
        "standard deviation for variance",
        lambda m, v: (m**2 + np.exp(v / 2) - 1 - v).sum() / 2 / len(m),
        "the standard deviation in place",
    ),
]


def test_divergence_in_other_words_is_accepted():
    accepts(
        "divergence",
        lambda m, v: parts(m, v).reshape(len(m), -1).sum(axis=1).mean(),
        lambda m, v: -0.5 * np.sum(1 + v - m**2 - np.exp(v)) / m.shape[0],
    )


MISTAKES = {
    "discriminator-loss": DISCRIMINATOR_LOSS,
    "sample-code": SAMPLE_CODE,
    "divergence": DIVERGENCE,
}
