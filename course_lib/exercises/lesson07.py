"""Exercises of lesson 07, pixel-based transfer."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(7)
_colors = _random.gamma(2.0, size=(12, 3)) * [0.1, 0.2, 0.3] + [0.1, 0.0, 0.2]
_wanted = _random.gamma(3.0, size=(9, 3)) * [0.2, 0.1, 0.15] + [0.3, 0.1, 0.0]
_two = np.array([[0.0, 0.2, 0.4], [1.0, 0.4, 0.5]])
_three = np.array([[0.1, 0.5, 0.9], [0.3, 0.5, 0.6], [0.8, 0.2, 0.9]])


# --- match-mean-std ---------------------------------------------------------------------------


def _in_units_of_std(colors: Any) -> Any:
    return (colors - colors.mean(axis=0)) / colors.std(axis=0)


def _own_colors_come_back(answer: Answer, reference: Answer) -> NotYet | None:
    if not np.allclose(answer(_colors, _colors), _colors, atol=1e-5):
        return NotYet(
            "with the same colors twice, these colors did not come back.",
            "Where both means and both standard deviations are equal, nothing should change: add "
            "back what you subtract, and multiply back what you divide by.",
        )
    return None


register(
    Exercise(
        id="match-mean-std",
        lesson=7,
        title="Mean and standard deviation of colors",
        reference="course_lib.transfer.matching:match_mean_std",
        cases=[
            Case("12 colors, and 9 wanted ones", _colors, _wanted),
            Case("2 colors, and 3 wanted ones", _two, _three),
        ],
        checks=[_own_colors_come_back],
        misconceptions=[
            Misconception(
                lambda colors, wanted: (
                    _in_units_of_std(colors) * wanted.std(axis=0) + colors.mean(axis=0)
                ),
                "The spread is right, but the mean is still the old one. At the end add "
                "`wanted.mean(axis=0)`.",
            ),
            Misconception(
                lambda colors, wanted: _in_units_of_std(colors) * wanted.std(axis=0),
                "Your colors are spread around zero: the wanted mean was never added.",
            ),
            Misconception(
                lambda colors, wanted: colors - colors.mean(axis=0) + wanted.mean(axis=0),
                "Only the mean was replaced. Divide by the old standard deviation and multiply by "
                "the wanted one before you add the mean.",
            ),
            Misconception(
                lambda colors, wanted: (
                    (colors - colors.mean(axis=0)) * colors.std(axis=0) / wanted.std(axis=0)
                    + wanted.mean(axis=0)
                ),
                "The ratio of the standard deviations is upside down: divide by that of "
                "`colors`, multiply by that of `wanted`.",
            ),
            Misconception(
                lambda colors, wanted: (
                    (colors - colors.mean(axis=0)) * wanted.var(axis=0) / colors.var(axis=0)
                    + wanted.mean(axis=0)
                ),
                "You scaled by variances. The standard deviation is the square root of the "
                "variance: `.std(axis=0)`.",
            ),
            Misconception(
                lambda colors, wanted: (
                    (colors - colors.mean()) * wanted.std() / colors.std() + wanted.mean()
                ),
                "You took one mean and one standard deviation for all three channels together. "
                "Each channel has its own: `axis=0`.",
            ),
            Misconception(
                lambda colors, wanted: (
                    colors * wanted.std(axis=0) / colors.std(axis=0) + wanted.mean(axis=0)
                ),
                "You never subtracted the old mean, so it was scaled and is still in there. "
                "Subtract it first.",
            ),
            Misconception(
                lambda colors, wanted: _in_units_of_std(colors),
                "This has mean 0 and standard deviation 1. Now go the other way: multiply by the "
                "wanted standard deviation and add the wanted mean.",
            ),
            Misconception(
                lambda colors, wanted: (
                    _in_units_of_std(colors) * wanted.mean(axis=0) + wanted.std(axis=0)
                ),
                "Mean and standard deviation are swapped: multiply by the standard "
                "deviation, add the mean.",
            ),
        ],
        hints=[
            "Four statistics are needed: `colors.mean(axis=0)`, `colors.std(axis=0)`, and the same "
            "of `wanted`. `axis=0` runs over the pixels and leaves one number for each channel.",
            "First bring the colors to mean 0 and standard deviation 1: subtract their mean, "
            "divide by their standard deviation.",
            "Then multiply by the wanted standard deviation, and add the wanted mean.",
        ],
    )
)


# --- match-ranks -------------------------------------------------------------------------------

_values = np.array([0.7, 0.1, 0.9, 0.4, 0.2])
_as_many = np.array([3.0, 10.0, 1.0, 6.0, 2.0])
_more = np.array([8.0, 1.0, 0.0, 5.0, 2.0, 30.0, 3.0, 13.0, 21.0])
_fewer = np.array([4.0, -1.0, 1.0])


def _ranks(values: Any) -> Any:
    return np.argsort(np.argsort(values))


def _shares(values: Any) -> Any:
    return _ranks(values) / (len(values) - 1)


register(
    Exercise(
        id="match-ranks",
        lesson=7,
        title="Histogram matching by ranks",
        reference="course_lib.transfer.matching:match_ranks",
        cases=[
            Case("5 values, and 5 wanted ones", _values, _as_many),
            Case("5 values, and 9 wanted ones", _values, _more),
            Case("5 values, and 3 wanted ones", _values, _fewer),
        ],
        misconceptions=[
            Misconception(
                lambda values, wanted: np.quantile(wanted, np.linspace(0, 1, len(values))),
                "These are the right values in the wrong places: they come out sorted. Put each "
                "where the value with its rank is.",
            ),
            Misconception(
                lambda values, wanted: np.quantile(wanted, np.argsort(values) / (len(values) - 1)),
                "`np.argsort` says where the smallest is, where the next, and so on. You need "
                "the rank of each value, which is `np.argsort` applied twice.",
            ),
            Misconception(
                lambda values, wanted: np.quantile(wanted, 1 - _shares(values)),
                "The order is upside down: the smallest value got the largest.",
            ),
            Misconception(
                lambda values, wanted: (
                    (values - values.min()) / np.ptp(values) * np.ptp(wanted) + wanted.min()
                ),
                "You stretched the values from the wanted minimum to the wanted maximum. That "
                "fits the two ends; the ranks decide about everything between.",
            ),
            Misconception(
                lambda values, wanted: np.sort(wanted)[_ranks(values) * len(wanted) // len(values)],
                "Close: you took one of the wanted values each time, by a rank that was "
                "rounded down. Share 0 is the smallest, share 1 the largest, and between two of "
                "them `np.quantile` interpolates.",
            ),
            Misconception(
                lambda values, wanted: np.quantile(wanted, _ranks(values) / len(values)),
                "The largest value does not get the largest. The ranks run from 0 to "
                "`len(values) - 1`: divide by that.",
            ),
            Misconception(
                lambda values, wanted: np.quantile(values, _ranks(wanted) / (len(wanted) - 1)),
                "Values and wanted values are swapped: the ranks are those of `values`, "
                "the quantiles those of `wanted`.",
            ),
            Misconception(
                lambda values, wanted: _shares(values),
                "These are the ranks, as shares from 0 to 1. The last step is missing: "
                "`np.quantile(wanted, shares)`.",
            ),
            Misconception(
                lambda values, wanted: (
                    (values - values.mean()) / values.std() * wanted.std() + wanted.mean()
                ),
                "This gives the wanted mean and standard deviation, as in the first exercise. Here "
                "the whole distribution is wanted: use the ranks.",
            ),
        ],
        hints=[
            "The rank of a value says how many are smaller. `np.argsort(np.argsort(values))` gives "
            "the rank of each.",
            "Divide the ranks by `len(values) - 1`: the smallest value has the share 0, the "
            "largest the share 1.",
            "`np.quantile(wanted, shares)` looks up which wanted value has that share.",
        ],
    )
)


# --- match-turned ------------------------------------------------------------------------------

_axes = np.linalg.qr(_random.normal(size=(3, 3)))[0]
_other_axes = np.linalg.qr(_random.normal(size=(3, 3)))[0]


def _by_channel(colors: Any, wanted: Any) -> Any:
    """Histograms matched channel by channel, for as few colors as here without ties."""
    return np.stack(
        [np.quantile(w, _shares(c)) for c, w in zip(colors.T, wanted.T, strict=True)], axis=1
    )


def _unturned_axes_change_nothing_about_it(answer: Answer, reference: Answer) -> NotYet | None:
    straight = answer(_colors, _wanted, np.eye(3))
    if not np.allclose(straight, reference(_colors, _wanted, np.eye(3)), atol=1e-5):
        return NotYet(
            "with axes that are not turned (`np.eye(3)`), the result was not plain histogram "
            "matching.",
            "Turn, call `match_histograms`, turn back; nothing else.",
        )
    return None


register(
    Exercise(
        id="match-turned",
        lesson=7,
        title="Histograms along turned axes",
        reference="course_lib.transfer.matching:match_turned",
        cases=[
            Case("12 colors, 9 wanted ones and turned axes", _colors, _wanted, _axes),
            Case("9 colors, 12 wanted ones and other axes", _wanted, _colors, _other_axes),
        ],
        checks=[_unturned_axes_change_nothing_about_it],
        misconceptions=[
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors @ axes, wanted @ axes),
                "The result is still turned. Turn it back with `axes.T`.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors @ axes, wanted @ axes) @ axes,
                "You turned a second time in the same direction. The way back is the transposed "
                "matrix, `axes.T`.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors @ axes, wanted) @ axes.T,
                "The colors are turned and the wanted ones are not: red is compared with a mixture "
                "of channels. Turn both.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors, wanted @ axes) @ axes.T,
                "The wanted colors are turned and the colors themselves are not. Turn both.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors, wanted),
                "The axes were not used: these are the histograms of red, green and blue.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(colors @ axes.T, wanted @ axes.T) @ axes,
                "These are histograms along the rows of `axes`. The axes are its columns: "
                "`colors @ axes` measures along them, `@ axes.T` brings you back.",
            ),
            Misconception(
                lambda colors, wanted, axes: _by_channel(wanted @ axes, colors @ axes) @ axes.T,
                "Colors and wanted colors are swapped in `match_histograms`.",
            ),
        ],
        hints=[
            "`colors @ axes` gives each color's coordinates along the three axes. Do the same with "
            "`wanted`.",
            "Match the histograms of these coordinates with `match_histograms`.",
            "The result is in turned coordinates. Multiply by `axes.T` to get back.",
        ],
    )
)


# --- blend-patches -----------------------------------------------------------------------------

_size = (4, 6)
_places = np.array([(y, x) for y in (0, 1) for x in (0, 2, 3)])
_patches = _random.uniform(size=(6, 3, 3, 2))
_window = np.outer([1.0, 2.0, 1.0], [1.0, 3.0, 2.0])
_pair = np.stack([np.full((2, 2, 1), 1.0), np.full((2, 2, 1), 4.0)])
_pair_places = np.array([(0, 0), (0, 1)])
_pair_window = np.array([[1.0, 2.0], [3.0, 1.0]])


def _laid(
    patches: Any,
    places: Any,
    size: Any,
    window: Any,
    *,
    weigh: bool = True,
    turned: bool = False,
    last: bool = False,
) -> Any:
    """Sum of the patches and sum of their weights, with some mistake."""
    side, channels = patches.shape[1], patches.shape[-1]
    if turned:
        places = np.asarray(places)[:, ::-1]
    total, weight = np.zeros((*size, channels)), np.zeros((*size, 1))
    for patch, (top, left) in zip(patches, places, strict=True):
        inside = np.s_[top : top + side, left : left + side]
        share = window[..., None] if weigh else np.ones((side, side, 1))
        total[inside] = share * patch + (0 if last else total[inside])
        weight[inside] = share + (0 if last else weight[inside])
    return total, np.maximum(weight, 1e-9)


def _equal_patches_blend_to_themselves(answer: Answer, reference: Answer) -> NotYet | None:
    flat = np.full(_patches.shape, 0.25)
    if not np.allclose(answer(flat, _places, _size, _window), 0.25, atol=1e-5):
        return NotYet(
            "patches that all have the value 0.25 did not blend to 0.25 everywhere.",
            "A weighted mean of equal values is that value. Add up the weights at each pixel, and "
            "divide by that sum.",
        )
    return None


register(
    Exercise(
        id="blend-patches",
        lesson=7,
        title="Blending overlapping patches",
        reference="course_lib.transfer.patches:blend_patches",
        cases=[
            Case(
                "two overlapping patches of 2 x 2 pixels", _pair, _pair_places, (2, 3), _pair_window
            ),
            Case("six patches on 4 x 6 pixels", _patches, _places, _size, _window),
            Case(
                "four patches in the corners of 3 x 3 pixels",
                np.arange(16.0).reshape(4, 2, 2, 1),
                np.array([(0, 0), (0, 1), (1, 0), (1, 1)]),
                (3, 3),
                _pair_window,
            ),
        ],
        checks=[_equal_patches_blend_to_themselves],
        misconceptions=[
            Misconception(
                lambda *given: _laid(*given)[0],
                "Where patches overlap it is too bright: the weighted patches were added and never "
                "divided by the sum of their weights.",
            ),
            Misconception(
                lambda *given: np.divide(*_laid(*given, weigh=False)),
                "This is the plain mean of all patches at a pixel. Multiply each patch by "
                "`window[..., None]`, and add up the window instead of ones.",
            ),
            Misconception(
                lambda *given: np.divide(*_laid(*given, last=True)),
                "The last patch wins: it overwrites what was there. Add to it with `+=`.",
            ),
            Misconception(
                lambda *given: _laid(*given)[0] / _laid(*given, weigh=False)[1],
                "You divided by the number of patches at a pixel. Divide by the sum of their "
                "weights there.",
            ),
            Misconception(
                lambda patches, places, size, window: (
                    _laid(patches, places, size, window)[0] / len(patches)
                ),
                "You divided by the number of all patches. At a pixel only those count that cover "
                "it: divide by the sum of their weights there.",
            ),
            Misconception(
                lambda patches, places, size, window: (
                    _laid(patches, places, size, window)[0] / window.sum()
                ),
                "You divided by the sum of one window. What counts is the sum of the weights at "
                "each pixel, over all patches that cover it.",
            ),
            Misconception(
                lambda *given: np.divide(*_laid(*given, turned=True)),
                "Rows and columns are swapped: a place is (top, left).",
            ),
        ],
        hints=[
            "Keep two arrays of zeros: one for the sum of the weighted patches, (height, width, "
            "channels), one for the sum of the weights, (height, width, 1).",
            "For each patch and its place: `total[top:top + side, left:left + side] += "
            "window[..., None] * patch`, and the same for the weights without the patch.",
            "At the end divide the first by the second.",
        ],
    )
)
