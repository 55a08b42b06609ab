"""Lesson 07: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from tests.exercises.helpers import Wrong, accepts


def standard(colors):
    return (colors - np.mean(colors, 0)) / np.std(colors, 0)


MATCH_MEAN_STD = [
    Wrong(
        "kept the old mean",
        lambda colors, wanted: standard(colors) * wanted.std(0) + colors.mean(0),
        "the mean is still the old one",
    ),
    Wrong(
        "forgot the wanted mean",
        lambda colors, wanted: standard(colors) * wanted.std(0),
        "the wanted mean was never added",
    ),
    Wrong(
        "mean only",
        lambda colors, wanted: colors + wanted.mean(0) - colors.mean(0),
        "Only the mean was replaced",
    ),
    Wrong(
        "quotient upside down",
        lambda colors, wanted: (
            (colors - colors.mean(0)) / wanted.std(0) * colors.std(0) + wanted.mean(0)
        ),
        "upside down",
    ),
    Wrong(
        "variance for standard deviation",
        lambda colors, wanted: (
            (colors - colors.mean(0)) / colors.var(0) * wanted.var(0) + wanted.mean(0)
        ),
        "scaled by variances",
    ),
    Wrong(
        "all channels together",
        lambda colors, wanted: (
            (colors - np.mean(colors)) / np.std(colors) * np.std(wanted) + np.mean(wanted)
        ),
        "Each channel has its own",
    ),
    Wrong(
        "did not subtract the old mean",
        lambda colors, wanted: colors / colors.std(0) * wanted.std(0) + wanted.mean(0),
        "never subtracted the old mean",
    ),
    Wrong("stopped half way", lambda colors, wanted: standard(colors), "go the other way"),
    Wrong(
        "mean and standard deviation exchanged",
        lambda colors, wanted: standard(colors) * wanted.mean(0) + wanted.std(0),
        "are swapped",
    ),
]


def ranks_of(values):
    return np.array([np.sum(values < value) for value in values])


def shares_of(values):
    return ranks_of(values) / (len(values) - 1)


MATCH_RANKS = [
    Wrong(
        "came out sorted",
        lambda values, wanted: np.quantile(wanted, np.sort(shares_of(values))),
        "they come out sorted",
    ),
    Wrong(
        "argsort for the ranks",
        lambda values, wanted: np.quantile(wanted, values.argsort() / (len(values) - 1)),
        "applied twice",
    ),
    Wrong(
        "upside down",
        lambda values, wanted: np.quantile(wanted, shares_of(-values)),
        "upside down",
    ),
    Wrong(
        "stretched from end to end",
        lambda values, wanted: np.interp(
            values, [values.min(), values.max()], [wanted.min(), wanted.max()]
        ),
        "stretched",
    ),
    Wrong(
        "rounded down",
        lambda values, wanted: np.sort(wanted)[
            (ranks_of(values) * len(wanted) / len(values)).astype(int)
        ],
        "rounded down",
    ),
    Wrong(
        "divided by the number",
        lambda values, wanted: np.quantile(wanted, ranks_of(values) / len(values)),
        "The largest value does not get the largest",
    ),
    Wrong(
        "arguments exchanged",
        lambda values, wanted: np.quantile(values, shares_of(wanted)),
        "the ranks are those of `values`",
    ),
    Wrong("stopped at the shares", lambda values, wanted: shares_of(values), "as shares"),
    Wrong(
        "mean and standard deviation",
        lambda values, wanted: standard(values) * wanted.std() + wanted.mean(),
        "the whole distribution is wanted",
    ),
]


def histograms(colors, wanted):
    return np.stack([np.quantile(wanted[:, k], shares_of(colors[:, k])) for k in range(3)], axis=1)


MATCH_TURNED = [
    Wrong(
        "did not turn back",
        lambda colors, wanted, axes: histograms(colors @ axes, wanted @ axes),
        "still turned",
    ),
    Wrong(
        "turned twice",
        lambda colors, wanted, axes: histograms(colors @ axes, wanted @ axes) @ axes,
        "a second time",
    ),
    Wrong(
        "turned the colors only",
        lambda colors, wanted, axes: histograms(colors @ axes, wanted) @ axes.T,
        "the wanted ones are not",
    ),
    Wrong(
        "turned the wanted ones only",
        lambda colors, wanted, axes: histograms(colors, wanted @ axes) @ axes.T,
        "the colors themselves are not",
    ),
    Wrong(
        "did not use the axes",
        lambda colors, wanted, axes: histograms(colors, wanted),
        "The axes were not used",
    ),
    Wrong(
        "rows for columns",
        lambda colors, wanted, axes: histograms(colors @ axes.T, wanted @ axes.T) @ axes,
        "along the rows",
    ),
    Wrong(
        "colors and wanted exchanged",
        lambda colors, wanted, axes: histograms(wanted @ axes, colors @ axes) @ axes.T,
        "are swapped in",
    ),
]


def lay(patches, places, size, window, count=None):
    """Add up patches times window; ``count`` says by what to divide."""
    side = len(window)
    total = np.zeros((*size, patches.shape[-1]))
    weights, numbers = np.zeros((*size, 1)), np.zeros((*size, 1))
    for patch, (y, x) in zip(patches, places, strict=True):
        total[y : y + side, x : x + side] += patch * window[:, :, None]
        weights[y : y + side, x : x + side] += window[:, :, None]
        numbers[y : y + side, x : x + side] += 1
    if count == "patches":
        return total / np.maximum(numbers, 1)
    return total if count == "never" else total / np.maximum(weights, 1e-9)


def overwritten(patches, places, size, window):
    result = np.zeros((*size, patches.shape[-1]))
    for patch, (y, x) in zip(patches, places, strict=True):
        result[y : y + len(patch), x : x + len(patch)] = patch
    return result


BLEND_PATCHES = [
    Wrong("never divided", lambda *given: lay(*given, count="never"), "never divided"),
    Wrong(
        "no window",
        lambda patches, places, size, window: lay(patches, places, size, np.ones_like(window)),
        "plain mean",
    ),
    Wrong("overwrote", overwritten, "The last patch wins"),
    Wrong(
        "divided by the number there",
        lambda *given: lay(*given, count="patches"),
        "the number of patches at a pixel",
    ),
    Wrong(
        "divided by the number of all",
        lambda patches, *rest: lay(patches, *rest, count="never") / len(patches),
        "the number of all patches",
    ),
    Wrong(
        "divided by one window's sum",
        lambda *given: lay(*given, count="never") / np.sum(given[-1]),
        "the sum of one window",
    ),
    Wrong(
        "rows and columns exchanged",
        lambda patches, places, size, window: lay(
            patches, [(x, y) for y, x in places], size, window
        ),
        "Rows and columns are swapped",
    ),
]

MISTAKES = {
    "match-mean-std": MATCH_MEAN_STD,
    "match-ranks": MATCH_RANKS,
    "match-turned": MATCH_TURNED,
    "blend-patches": BLEND_PATCHES,
}


def test_right_answers_in_other_words_are_accepted():
    accepts(
        "match-mean-std",
        lambda colors, wanted: standard(colors) * wanted.std(0) + wanted.mean(0),
        lambda c, w: np.stack(
            [
                (c[:, k] - c[:, k].mean()) * (w[:, k].std() / c[:, k].std()) + w[:, k].mean()
                for k in range(3)
            ],
            axis=-1,
        ),
    )
    accepts(
        "match-ranks",
        lambda values, wanted: np.quantile(wanted, shares_of(values)),
        lambda values, wanted: np.interp(
            np.argsort(np.argsort(values)) / (len(values) - 1),
            np.linspace(0, 1, len(wanted)),
            np.sort(wanted),
        ),
    )
    accepts(
        "match-turned",
        lambda colors, wanted, axes: histograms(colors @ axes, wanted @ axes) @ axes.T,
        lambda c, w, axes: histograms(c @ axes, w @ axes) @ np.linalg.inv(axes),
    )
    accepts("blend-patches", lay)
