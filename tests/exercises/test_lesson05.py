"""Lesson 05: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
from keras import ops

from tests.exercises.helpers import Wrong, accepts, refuses


def places_of(maps, find=np.argmax):
    """Row and column of what `find` finds in each map."""
    return np.array([np.unravel_index(find(one), one.shape) for one in maps])


def with_height_for_width(maps):
    flat = np.array([one.argmax() for one in maps])
    return np.stack(np.divmod(flat, maps.shape[1]), axis=-1)


STRONGEST_PLACES = [
    Wrong("column before row", lambda maps: places_of(maps)[:, [1, 0]], "The row comes first"),
    Wrong("the smallest", lambda maps: places_of(maps, np.argmin), "smallest values"),
    Wrong("the largest size", lambda maps: places_of(np.abs(maps)), "absolute value"),
    Wrong(
        "place in the flattened map",
        lambda maps: np.array([one.argmax() for one in maps]),
        "in the flattened map",
    ),
    Wrong(
        "one place for all images",
        lambda maps: np.unravel_index(np.argmax(maps), maps.shape),
        "all images together",
    ),
    Wrong("height for width", with_height_for_width, "divided by the height"),
    Wrong(
        "sums of rows and columns",
        lambda maps: np.array([[m.sum(1).argmax(), m.sum(0).argmax()] for m in maps]),
        "added up rows and columns",
    ),
    Wrong("best row of every column", lambda maps: np.argmax(maps, 1), "every column"),
    Wrong("values for places", lambda maps: np.max(maps, (1, 2)), "largest values themselves"),
    Wrong("axes swapped", lambda maps: np.transpose(places_of(maps)), "the axes are swapped"),
    Wrong("counted from one", lambda maps: 1 + places_of(maps), "count from 1"),
]


def test_a_threshold_shared_by_all_images_is_refused():
    """Right wherever all peaks are high, as in the cases; the check has a faint one."""

    def above_a_threshold(maps):
        found = places_of(maps)
        found[maps.max(axis=(1, 2)) < 0.5] = 0
        return found

    refuses("strongest-places", Wrong("threshold", above_a_threshold, "its own largest value"))


def test_several_places_for_a_silent_map_are_refused():
    def all_of_the_largest(maps):
        return np.argwhere(maps == maps.max(axis=(1, 2), keepdims=True))[:, 1:]

    refuses("strongest-places", Wrong("ties", all_of_the_largest, "each image needs one row"))


def test_strongest_places_in_other_words_are_accepted():
    accepts(
        "strongest-places",
        places_of,
        lambda maps: np.stack(
            [maps.max(axis=2).argmax(axis=1), maps.max(axis=1).argmax(axis=1)], axis=1
        ),
        lambda maps: np.zeros((len(maps), 2)) + places_of(maps),
        lambda maps: [list(np.unravel_index(one.argmax(), one.shape)) for one in maps],
    )


def taps_averaged(of_one):
    return lambda target, features: (
        sum(of_one(np.asarray(features[tap]), np.asarray(target[tap])) for tap in target)
        / len(target)
    )


def squares(x):
    return (x * x).sum()


def correlations(x):
    x = x.reshape(-1, x.shape[-1])
    return x.T @ x / x.shape[0]


def returned_in_the_loop(target, features):
    for tap in target:
        return squares(features[tap] - target[tap]) / squares(target[tap])


def overwritten_in_the_loop(target, features):
    for tap in target:
        loss = squares(features[tap] - target[tap]) / squares(target[tap])
    return loss


def one_fraction(target, features):
    above = below = 0.0
    for tap in target:
        above += squares(features[tap] - target[tap])
        below += squares(target[tap])
    return above / below


CONTENT_LOSS = [
    Wrong(
        "taps paired by their order",
        lambda target, features: np.mean(
            [
                squares(f - t) / squares(t)
                for t, f in zip(target.values(), features.values(), strict=True)
            ]
        ),
        "take both by name",
    ),
    Wrong("not divided", taps_averaged(lambda f, t: squares(f - t)), "not divided by anything"),
    Wrong("mean of squares", taps_averaged(lambda f, t: ((f - t) ** 2).mean()), "how many numbers"),
    Wrong(
        "taps added up",
        lambda target, features: sum(
            squares(features[tap] - target[tap]) / squares(target[tap]) for tap in target
        ),
        "added the taps up",
    ),
    Wrong(
        "divided by the features",
        taps_averaged(lambda f, t: squares(f - t) / squares(f)),
        "squares of `features`",
    ),
    Wrong(
        "square root",
        taps_averaged(lambda f, t: np.linalg.norm((f - t).ravel()) / np.linalg.norm(t.ravel())),
        "no square root",
    ),
    Wrong(
        "absolute values", taps_averaged(lambda f, t: abs(f - t).sum() / t.sum()), "absolute values"
    ),
    Wrong(
        "squared the sums",
        taps_averaged(lambda f, t: ((f - t).sum() / t.sum()) ** 2),
        "squared the sums",
    ),
    Wrong(
        "squared the sum below the line",
        taps_averaged(lambda f, t: squares(f - t) / t.sum() ** 2),
        "In the denominator",
    ),
    Wrong(
        "divided number by number",
        taps_averaged(lambda f, t: (((f - t) / t) ** 2).mean()),
        "number by number",
    ),
    Wrong("all taps in one fraction", one_fraction, "one fraction"),
    Wrong(
        "a dictionary",
        lambda target, features: {
            tap: squares(features[tap] - target[tap]) / squares(target[tap]) for tap in target
        },
        "Give one number back",
    ),
    Wrong("last tap only", overwritten_in_the_loop, "Only the last tap"),
    Wrong("first tap only", returned_in_the_loop, "Only the first tap"),
    Wrong(
        "Gram matrices",
        taps_averaged(
            lambda f, t: squares(correlations(f) - correlations(t)) / squares(correlations(t))
        ),
        "Gram matrices",
    ),
    Wrong(
        "means over places",
        taps_averaged(
            lambda f, t: squares(f.mean((0, 1, 2)) - t.mean((0, 1, 2))) / squares(t.mean((0, 1, 2)))
        ),
        "averaged over the places",
    ),
    Wrong(
        "a half too many",
        taps_averaged(lambda f, t: squares(f - t) / (2 * squares(t))),
        "an extra factor of one half",
    ),
]


def test_a_loss_of_equal_features_is_refused():
    """Right on the cases, in which the features always differ; the check has equal ones."""
    right = taps_averaged(lambda f, t: squares(f - t) / squares(t))
    wrong = Wrong("something left", lambda *both: right(*both) or 1.0, "nothing may be left")
    refuses("content-loss", wrong)


def test_content_loss_in_other_words_is_accepted():
    accepts(
        "content-loss",
        taps_averaged(lambda f, t: squares(f - t) / squares(t)),
        lambda target, features: ops.mean(
            ops.stack(
                [
                    ops.sum(ops.square(features[tap] - target[tap])) / ops.sum(target[tap] ** 2)
                    for tap in target
                ]
            )
        ),
    )


MISTAKES = {
    "strongest-places": STRONGEST_PLACES,
    "content-loss": CONTENT_LOSS,
}
