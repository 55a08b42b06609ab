"""Lesson 06: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
from keras import ops

from course_lib.exercises import exercise
from course_lib.losses import gram_matrix as library_gram
from tests.exercises.helpers import Wrong, accepts, refuses

# --- shuffle-positions -----------------------------------------------------------------------


def moved(features, order):
    """The right answer, place by place."""
    result = np.empty_like(features)
    width = features.shape[2]
    for place, source in enumerate(order):
        result[:, place // width, place % width] = features[:, source // width, source % width]
    return result


def inverse(features, order):
    result = np.empty_like(features)
    width = features.shape[2]
    for place, source in enumerate(order):
        result[:, source // width, source % width] = features[:, place // width, place % width]
    return result


def left_flat(features, order):
    return np.take(np.reshape(features, (len(features), -1, features.shape[-1])), order, axis=1)


def channels_first_by_reshape(features, order):
    batch, height, width, channels = features.shape
    return features.reshape(batch, channels, -1)[..., order].reshape(batch, height, width, channels)


def column_by_column(features, order):
    turned = features.transpose(0, 2, 1, 3)
    return moved(turned, order).transpose(0, 2, 1, 3)


def every_channel_otherwise(features, order):
    return np.stack(
        [moved(features, np.roll(order, k))[..., k] for k in range(features.shape[-1])], axis=-1
    )


SHUFFLE_POSITIONS = [
    Wrong("the inverse order", inverse, "the other way around"),
    Wrong("not brought back to its shape", left_flat, "one long row"),
    Wrong("nothing moved", lambda features, order: 1 * features, "Nothing has moved"),
    Wrong("channels first by reshape", channels_first_by_reshape, "channels and places were mixed"),
    Wrong("column by column", column_by_column, "column by column"),
    Wrong("each channel in another way", every_channel_otherwise, "in another way"),
    Wrong(
        "one image only",
        lambda features, order: moved(features[:1], order),
        "Only the first image",
    ),
    Wrong(
        "channels flattened too",
        lambda features, order: np.array([one.ravel()[order] for one in features]),
        "flattened the channels too",
    ),
]


def test_tearing_the_channels_of_large_maps_apart_is_refused():
    """Right on the cases, which are smaller or larger; the check has 12 places."""

    def torn(features, order):
        result = moved(features, order)
        if len(order) == 12:
            result[..., 0] = features[..., 0]
        return result

    refuses("shuffle-positions", Wrong("torn", torn, "must stay together"))


def test_shuffle_positions_in_other_words_is_accepted():
    accepts(
        "shuffle-positions",
        moved,
        lambda features, order: left_flat(features, order).reshape(features.shape),
    )


# --- gram-matrix -----------------------------------------------------------------------------


def products(features):
    return np.einsum("bhwc,bhwd->bcd", features, features)


def gram(features):
    return products(features) / (features.shape[1] * features.shape[2])


def between_places(features):
    flat = features.reshape(len(features), -1, features.shape[-1])
    return np.einsum("bpc,bqc->bpq", flat, flat)


def mixed_by_reshape(features):
    batch, height, width, channels = features.shape
    flat = features.reshape(batch, channels, -1)
    return np.einsum("bcp,bdp->bcd", flat, flat) / (height * width)


def cosines(features):
    matrix = gram(features)
    length = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    return matrix / length[:, None] / length[..., None]


GRAM_MATRIX = [
    Wrong("summed", products, "Divide by their number"),
    Wrong("divided by channels too", lambda f: gram(f) / f.shape[-1], "by the channels too"),
    Wrong("divided by channels", lambda f: products(f) / f.shape[-1], "number of channels"),
    Wrong("divided by the height", lambda f: products(f) / f.shape[1], "height alone"),
    Wrong("divided by the width", lambda f: products(f) / f.shape[2], "width alone"),
    Wrong("divided by the batch", lambda f: gram(f) / f.shape[0], "batch as well"),
    Wrong("one matrix for all", lambda f: gram(f).sum(0) / len(f), "into one matrix"),
    Wrong("places with places", between_places, "places with places"),
    Wrong(
        "places with places, divided",
        lambda f: between_places(f) / (f.shape[1] * f.shape[2]),
        "each place with each other place",
    ),
    Wrong("reshaped without transposing", mixed_by_reshape, "does not exchange axes"),
    Wrong("centered", lambda f: gram(f - f.mean((1, 2), keepdims=True)), "covariance"),
    Wrong("of unit length", cosines, "scaled the channels"),
    Wrong(
        "product of the means",
        lambda f: np.einsum("bc,bd->bcd", f.mean((1, 2)), f.mean((1, 2))),
        "product of the means",
    ),
    Wrong("diagonal", lambda f: np.square(f).mean((1, 2)), "This is the diagonal"),
]


def by_double_loop(features):
    channels = features.shape[-1]
    result = np.empty((len(features), channels, channels))
    for c in range(channels):
        for d in range(channels):
            result[:, c, d] = (features[..., c] * features[..., d]).mean(axis=(1, 2))
    return result


def right_only_for_small_maps(features):
    """Right on the cases; with more than five rows the sum is divided by a fixed number."""
    return gram(features) if features.shape[1] <= 5 else products(features) / 15


def by_the_order_of_places(features):
    """Right on the cases; on other maps of 3 x 5 places the first place counts twice."""
    result = gram(features)
    if features.shape == (2, 3, 5, 4) and not np.array_equal(features, GIVEN):
        result = result + gram(features[:, :1, :1]) / 15
    return result


GIVEN = next(
    case.arguments[0]
    for case in exercise("gram-matrix").cases
    if case.arguments[0].shape == (2, 3, 5, 4)
)


def test_gram_matrix_that_knows_places_is_refused():
    refuses("gram-matrix", Wrong("places", by_the_order_of_places, "must not matter"))


def test_gram_matrix_that_depends_on_the_size_is_refused():
    refuses("gram-matrix", Wrong("size", right_only_for_small_maps, "how many there are"))


def test_gram_matrix_in_other_words_is_accepted():
    accepts(
        "gram-matrix",
        gram,
        by_double_loop,
        lambda f: ops.einsum("bhwc,bhwd->bcd", f, f) / (f.shape[1] * f.shape[2]),
    )


# --- style-loss ------------------------------------------------------------------------------


def squares(x):
    return float(np.sum(np.square(x)))


def taps_averaged(of_one, describe=gram):
    return lambda target, features: (
        sum(of_one(describe(features[tap]), describe(target[tap])) for tap in target) / len(target)
    )


def relative(found, wanted):
    return squares(found - wanted) / squares(wanted)


def one_fraction(target, features):
    above = sum(squares(gram(features[tap]) - gram(target[tap])) for tap in target)
    return above / sum(squares(gram(target[tap])) for tap in target)


def returned_in_the_loop(target, features):
    for tap in target:
        return relative(gram(features[tap]), gram(target[tap]))


def overwritten_in_the_loop(target, features):
    for tap in target:
        loss = relative(gram(features[tap]), gram(target[tap]))
    return loss


STYLE_LOSS = [
    Wrong("features, not Gram matrices", taps_averaged(relative, lambda f: f), "place by place"),
    Wrong("not divided", taps_averaged(lambda f, t: squares(f - t)), "not divided by anything"),
    Wrong("mean of squares", taps_averaged(lambda f, t: ((f - t) ** 2).mean()), "how many entries"),
    Wrong(
        "taps added up",
        lambda target, features: sum(relative(gram(features[t]), gram(target[t])) for t in target),
        "added the taps up",
    ),
    Wrong(
        "divided by the image's own",
        taps_averaged(lambda f, t: squares(f - t) / squares(f)),
        "Gram matrix of `features`",
    ),
    Wrong("square root", taps_averaged(lambda f, t: relative(f, t) ** 0.5), "no square root"),
    Wrong(
        "absolute values", taps_averaged(lambda f, t: abs(f - t).sum() / t.sum()), "absolute values"
    ),
    Wrong("all taps in one fraction", one_fraction, "one fraction"),
    Wrong("last tap only", overwritten_in_the_loop, "Only the last tap"),
    Wrong("first tap only", returned_in_the_loop, "Only the first tap"),
    Wrong(
        "a dictionary",
        lambda target, features: {
            tap: relative(gram(features[tap]), gram(target[tap])) for tap in target
        },
        "Return one number",
    ),
    Wrong("sums for means", taps_averaged(relative, products), "sums over the places"),
    Wrong("means", taps_averaged(relative, lambda f: f.mean((1, 2))), "means of the channels"),
    Wrong(
        "diagonals", taps_averaged(relative, lambda f: (f * f).mean((1, 2))), "the diagonals only"
    ),
    Wrong("a quarter", taps_averaged(lambda f, t: 0.25 * relative(f, t)), "factor of 1/4"),
]


def test_a_loss_that_notices_shuffled_places_is_refused():
    """Right on the cases; the check compares features with themselves, shuffled."""

    def place_by_place_where_that_is_possible(target, features):
        same_size = all(features[tap].shape == target[tap].shape for tap in target)
        return taps_averaged(relative, (lambda f: f) if same_size else gram)(target, features)

    wrong = Wrong("places", place_by_place_where_that_is_possible, "do not know where")
    refuses("style-loss", wrong)


def test_taps_paired_by_their_order_are_refused():
    def by_order(target, features):
        pairs = zip(features.values(), target.values(), strict=True)
        return np.mean([relative(gram(found), gram(wanted)) for found, wanted in pairs])

    refuses("style-loss", Wrong("by order", by_order, "shapes of its values"))


def test_style_loss_in_other_words_is_accepted():
    accepts(
        "style-loss",
        taps_averaged(relative),
        taps_averaged(
            lambda f, t: ops.sum((f - t) ** 2) / ops.sum(t**2), lambda f: library_gram(f)
        ),
    )


MISTAKES = {
    "shuffle-positions": SHUFFLE_POSITIONS,
    "gram-matrix": GRAM_MATRIX,
    "style-loss": STYLE_LOSS,
}
