"""Exercises of lesson 06, what style is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register
from course_lib.exercises.samples import gram, random_features, relative

_random = np.random.default_rng(6)

# --- shuffle-positions -----------------------------------------------------------------------


def shuffle_positions(features: Any, order: Any) -> Any:
    """Feature maps whose places have been exchanged, all channels of a place together.

    Args:
        features: tensor (batch, height, width, channels).
        order: integer array (height * width,). Place i of the result gets what was at place
            ``order[i]``; places are counted row by row.

    Returns:
        Tensor of the same shape.
    """
    from keras import ops

    batch, height, width, channels = features.shape
    places = ops.reshape(features, (batch, height * width, channels))
    return ops.reshape(ops.take(places, order, axis=1), (batch, height, width, channels))


def _case_of_shuffling(batch: Any, height: int, width: int, channels: Any) -> Any:
    features = _random.uniform(size=(batch, height, width, channels)).astype("float32")
    return features, _random.permutation(height * width)


_one_map = _case_of_shuffling(1, 2, 3, 4)
_two_maps = _case_of_shuffling(2, 3, 5, 2)


def _shuffled(features: Any, order: Any) -> Any:
    """The right answer in NumPy, from whose parts the wrong ones are made."""
    batch, _, _, channels = features.shape
    return features.reshape(batch, -1, channels)[:, order].reshape(features.shape)


def _channels_for_places(features: Any, order: Any) -> Any:
    batch, height, width, channels = features.shape
    mixed = features.reshape(batch, channels, height * width)[:, :, order]
    return mixed.reshape(features.shape)


def _column_by_column(features: Any, order: Any) -> Any:
    swapped = np.swapaxes(features, 1, 2)
    return np.swapaxes(_shuffled(swapped, order), 1, 2)


def _each_channel_on_its_own(features: Any, order: Any) -> Any:
    channels = [
        _shuffled(features[..., k : k + 1], np.roll(order, k)) for k in range(features.shape[-1])
    ]
    return np.concatenate(channels, axis=-1)


def _channels_stay_together(answer: Answer, reference: Answer) -> NotYet | None:
    """In the features of this check all channels of a place have the same number."""
    places = np.arange(12, dtype="float32").reshape(1, 3, 4, 1)
    order = np.random.default_rng(0).permutation(12)
    found = np.asarray(answer(np.repeat(places, 3, axis=-1), order))
    if not np.allclose(found, found[..., :1]):
        return NotYet(
            "three channels that were equal at every place are no longer equal.",
            "Move whole places: what the channels have at one place must stay together.",
        )
    return None


register(
    Exercise(
        id="shuffle-positions",
        lesson=6,
        title="Places in another order",
        reference="course_lib.exercises.lesson06:shuffle_positions",
        cases=[
            Case("features of shape (1, 2, 3, 4) and an order of 6 places", *_one_map),
            Case("features of shape (2, 3, 5, 2) and an order of 15 places", *_two_maps),
        ],
        checks=[_channels_stay_together],
        misconceptions=[
            Misconception(
                lambda features, order: _shuffled(features, np.argsort(order)),
                "You moved place i to place order[i]. It is the other way around: place i gets "
                "what was at order[i], which is what indexing with `order` does.",
            ),
            Misconception(
                lambda features, order: _shuffled(features, order).reshape(
                    len(features), -1, features.shape[-1]
                ),
                "The places are in one long row now. Give the result the shape that the features "
                "had.",
            ),
            Misconception(
                lambda features, order: features,
                "Nothing has moved. Indexing gives a new array; return that one.",
            ),
            Misconception(
                _channels_for_places,
                "`reshape` does not exchange axes: channels and places were mixed up. Keep the "
                "channels last: (batch, height * width, channels).",
            ),
            Misconception(
                _column_by_column,
                "You counted the places column by column. `reshape` counts them row by row, and so "
                "does the order.",
            ),
            Misconception(
                _each_channel_on_its_own,
                "Each channel was shuffled in another way. All channels of a place move together.",
            ),
            Misconception(
                lambda features, order: features.reshape(-1, features.shape[-1])[order].reshape(
                    1, *features.shape[1:]
                ),
                "Only the first image of the batch came back. Keep the batch as an axis of its "
                "own when you reshape.",
            ),
            Misconception(
                lambda features, order: features.reshape(len(features), -1)[:, order],
                "You flattened the channels too, so `order` picked single numbers. Keep the "
                "channels as the last axis.",
            ),
        ],
        hints=[
            "Put the places in one row: `features.reshape(batch, height * width, channels)`, with "
            "`batch, height, width, channels = features.shape`.",
            "Index the axis of the places with the order: `places[:, order]`, or "
            "`ops.take(places, order, axis=1)`.",
            "Give the result the shape of the features again.",
        ],
    )
)

# --- gram-matrix -----------------------------------------------------------------------------

_tiny = np.array([[[[1.0, 2.0], [3.0, 0.0]]]], "float32")
_maps = (_random.uniform(0.1, 1.0, size=(2, 3, 5, 4)) * [1.0, 2.0, 0.5, 3.0]).astype("float32")
_wide_maps = _random.uniform(0.1, 1.0, size=(3, 2, 7, 3)).astype("float32")


def _places(features: Any) -> Any:
    return features.reshape(len(features), -1, features.shape[-1])


def _summed(features: Any) -> Any:
    """Products of all pairs of channels, summed over the places."""
    flat = _places(features)
    return np.swapaxes(flat, 1, 2) @ flat


def _of_unit_length(features: Any) -> Any:
    products = gram(features)
    size = np.sqrt(np.einsum("bcc->bc", products))
    return products / (size[:, :, None] * size[:, None, :])


def _reshaped_without_transposing(features: Any) -> Any:
    batch, height, width, channels = features.shape
    mixed = features.reshape(batch, channels, height * width)
    return mixed @ np.swapaxes(mixed, 1, 2) / (height * width)


def _is_independent_of_the_size(answer: Answer, reference: Answer) -> NotYet | None:
    once, twice = answer(_maps), answer(np.concatenate([_maps, _maps], axis=1))
    if not np.allclose(once, twice, rtol=1e-3):
        return NotYet(
            "the same maps twice, one below the other, give another matrix.",
            "Average over the places: then it does not matter how many there are.",
        )
    return None


def _knows_no_places(answer: Answer, reference: Answer) -> NotYet | None:
    order = np.random.default_rng(1).permutation(15)
    if not np.allclose(answer(_maps), answer(_shuffled(_maps, order)), rtol=1e-3):
        return NotYet(
            "maps whose places were shuffled give another matrix.",
            "Multiply channels at the same place and average over all places; where a place is "
            "must not matter.",
        )
    return None


register(
    Exercise(
        id="gram-matrix",
        lesson=6,
        title="The Gram matrix",
        reference="course_lib.losses:gram_matrix",
        cases=[
            Case("one map of 1 x 2 places and 2 channels", _tiny),
            Case("two maps of 3 x 5 places and 4 channels", _maps),
            Case("three maps of 2 x 7 places and 3 channels", _wide_maps),
        ],
        checks=[_is_independent_of_the_size, _knows_no_places],
        misconceptions=[
            Misconception(
                _summed,
                "You summed over the places. Divide by their number, height * width, or a larger "
                "image gets a larger matrix.",
            ),
            Misconception(
                lambda features: _summed(features) / np.prod(features.shape[1:]),
                "You divided by the channels too. Divide by the number of places only.",
            ),
            Misconception(
                lambda features: _summed(features) / features.shape[-1],
                "You divided by the number of channels. Divide by the number of places, "
                "height * width.",
            ),
            Misconception(
                lambda features: _summed(features) / features.shape[1],
                "You divided by the height alone. There are height * width places.",
            ),
            Misconception(
                lambda features: _summed(features) / features.shape[2],
                "You divided by the width alone. There are height * width places.",
            ),
            Misconception(
                lambda features: gram(features) / len(features),
                "You divided by the batch as well. Each image has a matrix of its own.",
            ),
            Misconception(
                lambda features: gram(features).mean(axis=0),
                "All images of the batch went into one matrix. Each has its own: the result is "
                "(batch, channels, channels).",
            ),
            Misconception(
                lambda features: _places(features) @ np.swapaxes(_places(features), 1, 2),
                "You multiplied places with places. Channels are to be multiplied with channels: "
                "transpose the first factor, not the second.",
            ),
            Misconception(
                lambda features: (
                    _places(features)
                    @ np.swapaxes(_places(features), 1, 2)
                    / np.prod(features.shape[1:3])
                ),
                "This compares each place with each other place. The Gram matrix compares "
                "channels: transpose the first factor, not the second.",
            ),
            Misconception(
                _reshaped_without_transposing,
                "`reshape` does not exchange axes: channels and places were mixed up. Keep the "
                "channels last when you reshape, and transpose afterwards.",
            ),
            Misconception(
                lambda features: gram(features - features.mean(axis=(1, 2), keepdims=True)),
                "You subtracted the means first. That gives the covariance; the Gram matrix "
                "multiplies the features as they are.",
            ),
            Misconception(
                _of_unit_length,
                "You scaled the channels to length 1. How strongly they respond is part of "
                "the style; leave them as they are.",
            ),
            Misconception(
                lambda features: (
                    features.mean(axis=(1, 2))[:, :, None] * features.mean(axis=(1, 2))[:, None, :]
                ),
                "This is the product of the means. Multiply at each place first, then average: "
                "that is how you notice which channels respond at the same places.",
            ),
            Misconception(
                lambda features: np.mean(features**2, axis=(1, 2)),
                "This is the diagonal, each channel with itself. Multiply each channel by every "
                "other one, too.",
            ),
        ],
        hints=[
            "Put the places in one row: `flat` of shape (batch, height * width, channels).",
            "Channel c times channel d, summed over the places, is one entry of a product of "
            "matrices: `flat`, transposed to (batch, channels, height * width), times `flat`. "
            "`ops.transpose(flat, (0, 2, 1))` and `ops.matmul` do it.",
            "Divide by height * width. In one line: "
            '`ops.einsum("bhwc,bhwd->bcd", features, features) / (height * width)`.',
        ],
    )
)

# --- style-loss ------------------------------------------------------------------------------


_features = partial(random_features, _random, 0.1)
_found = _features(1.0, (4, 6, 3), (2, 3, 5), (1, 2, 7))
# Taps are found by their names, not by their order.
_found = dict(reversed(_found.items()))
_wanted = _features(1.5, (5, 3, 3), (3, 4, 5), (2, 2, 7))
_found_one, _wanted_one = _features(0.5, (3, 5, 4)), _features(0.8, (6, 2, 4))


def _mean_over_taps(of_one_tap: Any, describe: Callable = gram) -> Callable:
    """A style loss that treats the taps rightly, whatever it does at each."""
    return lambda target, features: np.mean(
        [of_one_tap(describe(features[tap]), describe(target[tap])) for tap in target]
    )


def _at(tap: Any, features: Any, target: Any) -> Any:
    return relative(gram(features[tap]), gram(target[tap]))


def _all_taps_in_one_fraction(target: Any, features: Any) -> Any:
    above = sum(np.sum((gram(features[t]) - gram(target[t])) ** 2) for t in target)
    return above / sum(np.sum(gram(target[t]) ** 2) for t in target)


def _compared_place_by_place(target: Any, features: Any) -> Any:
    """Fails, as the reader's does, where the two have different sizes."""
    return _mean_over_taps(relative, lambda maps: maps)(target, features)


def _means(features: Any) -> Any:
    return features.mean(axis=(1, 2))


def _same_style_costs_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    order = np.random.default_rng(2).permutation(24)
    shuffled = {"relu1_1": _shuffled(_found["relu1_1"], order)}
    cost = float(answer({"relu1_1": _found["relu1_1"]}, shuffled))
    if abs(cost) > 1e-5:
        return NotYet(
            f"the loss of features whose places were shuffled is {cost:.4g}, not 0.",
            "Compare Gram matrices: they do not know where a place is.",
        )
    return None


register(
    Exercise(
        id="style-loss",
        lesson=6,
        title="The style loss",
        reference="course_lib.losses:style_loss",
        cases=[
            Case("features of one tap, the target of another size", _wanted_one, _found_one),
            Case("features of three taps, the target of another size", _wanted, _found),
        ],
        checks=[_same_style_costs_nothing],
        misconceptions=[
            Misconception(
                _compared_place_by_place,
                "You compared the features themselves, place by place. Make the Gram matrix of "
                "each first; then the two images may have different sizes.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum((a - b) ** 2)),
                "The squared differences are not divided by anything. Divide each tap's by the sum "
                "of the squares of its target's Gram matrix.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.mean((a - b) ** 2)),
                "You divided by how many entries there are. Divide by the sum of the squares of "
                "the target's Gram matrix, so that taps with large features do not dominate.",
            ),
            Misconception(
                lambda target, features: sum(_at(tap, features, target) for tap in target),
                "Each tap is right, but you added the taps up. Take their mean.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum((a - b) ** 2) / np.sum(a**2)),
                "You divided by the Gram matrix of `features`. Divide by the target's, which stays "
                "the same while the image changes.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sqrt(relative(a, b))),
                "There is no square root in the formula.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: np.sum(np.abs(a - b)) / np.sum(np.abs(b))),
                "You took absolute values. The formula squares the differences, and the target, "
                "too.",
            ),
            Misconception(
                _all_taps_in_one_fraction,
                "You put all taps into one fraction, in which the tap with the largest features "
                "dominates. Divide tap by tap, then take the mean.",
            ),
            Misconception(
                lambda target, features: _at(list(target)[-1], features, target),
                "Only the last tap got into your result. Is the sum overwritten in the loop?",
            ),
            Misconception(
                lambda target, features: _at(next(iter(target)), features, target),
                "Only the first tap got into your result: the `return` is inside the loop.",
            ),
            Misconception(
                lambda target, features: {tap: _at(tap, features, target) for tap in target},
                "Each tap's loss is right. Return one number: their mean.",
            ),
            Misconception(
                _mean_over_taps(relative, _summed),
                "Your Gram matrices are sums over the places, so a larger image has a larger "
                "one. Divide by the number of places, as `gram_matrix` does.",
            ),
            Misconception(
                _mean_over_taps(relative, _means),
                "You compared the means of the channels. Compare the Gram matrices.",
            ),
            Misconception(
                _mean_over_taps(relative, lambda maps: np.mean(maps**2, axis=(1, 2))),
                "You compared the diagonals only. The rest of the matrix says which channels "
                "respond together.",
            ),
            Misconception(
                _mean_over_taps(lambda a, b: relative(a, b) / 4),
                "There is a factor of 1/4 that this formula does not have.",
            ),
        ],
        hints=[
            "Begin with one tap: `found = gram_matrix(features[tap])`, and the same for the "
            "target.",
            "Its loss is `ops.sum((found - wanted)**2) / ops.sum(wanted**2)`.",
            "Do this `for tap in target`, add up the losses, and divide by `len(target)`.",
        ],
    )
)
