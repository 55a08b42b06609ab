"""Exercises of lesson 05, features and content."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register
from course_lib.exercises.samples import gram, random_features, relative

_random = np.random.default_rng(5)

# --- strongest-places ------------------------------------------------------------------------


def strongest_places(maps: np.ndarray) -> np.ndarray:
    """Row and column of the largest value of each map.

    Args:
        maps: array (images, height, width).

    Returns:
        Integer array (images, 2).
    """
    images, _, width = maps.shape
    place = np.reshape(maps, (images, -1)).argmax(axis=1)
    return np.stack([place // width, place % width], axis=1)


def _maps_with_a_deep_valley() -> Any:
    """Three maps of 4 x 6 whose largest values lie in different rows and columns."""
    maps = _random.uniform(0.0, 1.0, size=(3, 4, 6)).astype("float32")
    for number, (row, column) in enumerate([(2, 5), (0, 3), (3, 1)]):
        maps[number, row, column] = 2.0 + number
    maps[:, 1, 2] = -9.0
    return maps


_maps = _maps_with_a_deep_valley()
_two_maps = _random.uniform(size=(2, 7, 3)).astype("float32")


def _over_all_images(maps: Any) -> Any:
    return np.array(np.unravel_index(maps.argmax(), maps.shape))


def _row_of_the_largest_row(maps: Any) -> Any:
    """Sums over rows and over columns, each looked at alone."""
    return np.stack([maps.sum(axis=2).argmax(axis=1), maps.sum(axis=1).argmax(axis=1)], axis=1)


def _divided_by_the_height(maps: Any) -> Any:
    height = maps.shape[1]
    place = maps.reshape(len(maps), -1).argmax(axis=1)
    return np.stack([place // height, place % height], axis=1)


def _every_image_counts(answer: Answer, reference: Answer) -> NotYet | None:
    maps = np.zeros((4, 3, 5), "float32")
    maps[:, 1, 4] = [0.1, 10.0, 1.0, 0.01]
    found = np.asarray(answer(maps))
    if not np.array_equal(found, [[1, 4]] * 4):
        return NotYet(
            "four maps with their peak at the same place, but of different heights, did not get "
            "the same place.",
            "Each image has its own largest value. Look at one image at a time.",
        )
    return None


def _a_silent_map_has_one_place_too(answer: Answer, reference: Answer) -> NotYet | None:
    maps = np.zeros((2, 3, 4), "float32")
    maps[1, 2, 1] = 1.0
    found = np.asarray(answer(maps))
    if found.shape != (2, 2):
        return NotYet(
            f"of two maps, one of them 0 everywhere, it returned an array of shape {found.shape}.",
            "Where a channel is silent, all places are equally strong. Return one of them: each "
            "image needs one row.",
        )
    return None


register(
    Exercise(
        id="strongest-places",
        lesson=5,
        title="Where a channel responds most strongly",
        reference="course_lib.exercises.lesson05:strongest_places",
        cases=[
            Case("three maps of 4 x 6", _maps),
            Case("two maps of 7 x 3", _two_maps),
        ],
        checks=[_every_image_counts, _a_silent_map_has_one_place_too],
        misconceptions=[
            Misconception(
                lambda maps: strongest_places(maps)[:, ::-1],
                "These are column and row. The row comes first, as in the array's own shape.",
            ),
            Misconception(
                lambda maps: strongest_places(-maps),
                "These are the places of the smallest values. Look for the largest: `argmax`.",
            ),
            Misconception(
                lambda maps: strongest_places(np.abs(maps)),
                "You took the largest absolute value. A strongly negative response "
                "is not a strong response.",
            ),
            Misconception(
                lambda maps: maps.reshape(len(maps), -1).argmax(axis=1),
                "This is the place in the flattened map. Divided by the width it gives the row; "
                "the remainder is the column. `np.unravel_index` does the same.",
            ),
            Misconception(
                _over_all_images,
                "You searched all images together and found one place. Flatten each image on "
                "its own: `maps.reshape(len(maps), -1)`.",
            ),
            Misconception(
                _divided_by_the_height,
                "You divided by the height. A row of the map holds `width` numbers, so divide by "
                "the width.",
            ),
            Misconception(
                _row_of_the_largest_row,
                "You added up rows and columns. Look for a single number, wherever it lies.",
            ),
            Misconception(
                lambda maps: maps.argmax(axis=1),
                "`argmax(axis=1)` finds the best row of every column. Flatten each map first, so "
                "that there is one largest value for each image.",
            ),
            Misconception(
                lambda maps: maps.max(axis=(1, 2)),
                "These are the largest values themselves. The question is where they are.",
            ),
            Misconception(
                lambda maps: strongest_places(maps).T,
                "Rows and columns are there, but the axes are swapped: return one line per image.",
            ),
            Misconception(
                lambda maps: strongest_places(maps) + 1,
                "You count from 1. The first row of an array is row 0.",
            ),
        ],
        hints=[
            "Make each map one long row: `flat = maps.reshape(len(maps), -1)`.",
            "`flat.argmax(axis=1)` is the place of each image's largest value in its row of "
            "numbers.",
            "With `width = maps.shape[2]`, the row is `place // width` and the column "
            "`place % width`; put them together with `np.stack([...], axis=1)`.",
        ],
    )
)

# --- content-loss ----------------------------------------------------------------------------


_features = partial(random_features, _random, 0.2)
_shapes = ((4, 6, 3), (2, 3, 5), (1, 2, 7))
_found, _target = _features(1.0, *_shapes), _features(1.5, *_shapes)
# Taps are found by their names, not by their order.
_found = dict(reversed(_found.items()))
_found_one, _target_one = _features(0.5, (3, 5, 4)), _features(0.4, (3, 5, 4))
_found_two, _target_two = _features(2.0, (2, 5, 2), (1, 3, 4)), _features(1.0, (2, 5, 2), (1, 3, 4))


def _mean_over_taps(of_one_tap: Any) -> Callable:
    """A loss that treats the taps rightly, whatever it does at each."""
    return lambda target, features: np.mean(
        [of_one_tap(features[tap], target[tap]) for tap in target]
    )


def _all_taps_in_one_fraction(target: Any, features: Any) -> Any:
    above = sum(np.sum((features[tap] - target[tap]) ** 2) for tap in target)
    return above / sum(np.sum(target[tap] ** 2) for tap in target)


def _taps_paired_by_order(target: Any, features: Any) -> Any:
    pairs = zip(features.values(), target.values(), strict=True)
    return np.mean([relative(*pair) for pair in pairs])


def _same_content_costs_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    cost = float(answer(_target, _target))
    if abs(cost) > 1e-6:
        return NotYet(
            f"the loss of features that are equal is {cost:.4g}, not 0.",
            "Start from the difference of the two: where nothing differs, nothing may be left.",
        )
    return None


register(
    Exercise(
        id="content-loss",
        lesson=5,
        title="The content loss",
        reference="course_lib.losses:content_loss",
        cases=[
            Case("features of one tap", _target_one, _found_one),
            Case("features of three taps", _target, _found),
            Case("features of two taps", _target_two, _found_two),
        ],
        checks=[_same_content_costs_nothing],
        misconceptions=[
            Misconception(
                _mean_over_taps(lambda a, b: np.sum((a - b) ** 2)),
                "The squared differences are not divided by anything. Divide each tap's by the sum "
                "of the squares of its target.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.mean((a - b) ** 2)),
                "You divided by how many numbers there are. Divide by the sum of the squares of "
                "the target instead, so that large features do not count more.",
            ),
            Misconception(
                lambda target, features: sum(relative(features[t], target[t]) for t in target),
                "Each tap is right, but you added the taps up. Take their mean, so that asking for "
                "more taps does not mean more loss.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum((a - b) ** 2) / np.sum(a**2)),
                "You divided by the squares of `features`. The measure is the target: it stays "
                "the same while the image changes.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sqrt(relative(a, b))),
                "There is no square root in the formula. Leave the squares as they are.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum(np.abs(a - b)) / np.sum(np.abs(b))),
                "You took absolute values. The formula squares the differences, and the target "
                "too.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum(a - b) ** 2 / np.sum(b) ** 2),
                "You squared the sums. Square each number first, then add up.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum((a - b) ** 2) / np.sum(b) ** 2),
                "In the denominator you squared the sum of the target. Square each number of it "
                "first.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.mean((a - b) ** 2 / b**2)),
                "You divided number by number. Sum above and below the line first, then divide "
                "once for each tap.",
            ),
            Misconception(
                _all_taps_in_one_fraction,
                "You put all taps into one fraction, in which the tap with the largest features "
                "dominates. Divide tap by tap, then take the mean.",
            ),
            Misconception(
                lambda target, features: {t: relative(features[t], target[t]) for t in target},
                "Each tap's loss is right. Give one number back: their mean.",
            ),
            Misconception(
                lambda target, features: relative(
                    features[list(target)[-1]], target[list(target)[-1]]
                ),
                "Only the last tap got into your result. Is the `return` inside the loop, or "
                "is the sum overwritten in it?",
            ),
            Misconception(
                lambda target, features: relative(
                    features[next(iter(target))], target[next(iter(target))]
                ),
                "Only the first tap got into your result: the `return` is inside the loop.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: relative(gram(a), gram(b))),
                "You compared Gram matrices, in which places are gone. Content is compared place "
                "by place.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: relative(a.mean(axis=(1, 2)), b.mean(axis=(1, 2)))),
                "You averaged over the places before comparing. Content is compared place by "
                "place.",
            ),
            Misconception(
                _taps_paired_by_order,
                "You pair the taps in the order in which they come. It may be another one in each "
                "dictionary: take both by name, `features[tap]` and `target[tap]`.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: relative(a, b) / 2),
                "There is an extra factor of one half. This formula has none.",
            ),
        ],
        hints=[
            "Begin with one tap: `difference = features[tap] - target[tap]`.",
            "Its loss is `ops.sum(difference**2) / ops.sum(target[tap]**2)`; `ops.sum` without "
            "`axis` sums over everything.",
            "Do this `for tap in target`, add up the losses, and divide by `len(target)`.",
        ],
    )
)
