"""Lesson 13: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from course_lib.transfer.motion import carry
from tests.exercises.helpers import Wrong, accepts, refuses


def fetch(image, flow, sign=1, order=(0, 1)):
    flow = sign * np.asarray(flow).astype(int)
    height, width = flow.shape[:2]
    result = np.empty_like(image)
    for row in range(height):
        for column in range(width):
            from_row = min(max(row + flow[row, column, order[0]], 0), height - 1)
            from_column = min(max(column + flow[row, column, order[1]], 0), width - 1)
            result[row, column] = image[from_row, from_column]
    return result


def push(image, flow):
    height, width = flow.shape[:2]
    result = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            to_row = min(max(row + int(flow[row, column, 0]), 0), height - 1)
            to_column = min(max(column + int(flow[row, column, 1]), 0), width - 1)
            result[to_row, to_column] = image[row, column]
    return result


def without_clipping(image, flow):
    rows, columns = np.indices(flow.shape[:2]) + np.moveaxis(flow, -1, 0).astype(int)
    return np.take_along_axis(
        image[rows % len(image), :][np.arange(len(rows))[:, None], np.arange(rows.shape[1])],
        (columns % image.shape[1])[..., None, None],
        axis=2,
    )[:, :, 0]


def zeros_outside(image, flow):
    height, width = flow.shape[:2]
    padded = np.pad(image, [(9, 9), (9, 9), (0, 0)])
    rows, columns = np.indices((height, width)) + 9 + np.moveaxis(flow, -1, 0).astype(int)
    return padded[rows, columns]


CARRY_ALONG = [
    Wrong("subtracted", lambda image, flow: fetch(image, flow, sign=-1), "You subtracted it"),
    Wrong(
        "columns first",
        lambda image, flow: fetch(image, flow, order=(1, 0)),
        "mixed up rows and columns",
    ),
    Wrong("pushed", push, "leaves holes"),
    Wrong("wrapped around", without_clipping, "opposite edge"),
    Wrong("black outside", zeros_outside, "became black"),
    Wrong("did nothing", lambda image, flow: image.copy(), "did not use the flow"),
    Wrong(
        "rows only",
        lambda image, flow: fetch(image, flow * [1, 0]),
        "Only the rows move",
    ),
]


def smooth(values, keep, first=None):
    mean, means = first, []
    for value in values:
        mean = value if mean is None else mean * keep + value * (1 - keep)
        means.append(mean)
    return np.array(means)


RUNNING_MEAN = [
    Wrong("exchanged", lambda values, keep: smooth(values, 1 - keep), "swapped the shares"),
    Wrong("from zero", lambda values, keep: smooth(values, keep, 0.0), "start from zero"),
    Wrong(
        "the value before",
        lambda values, keep: np.vstack([values[:1], keep * values[:-1] + (1 - keep) * values[1:]]),
        "with the value before it",
    ),
    Wrong(
        "plain mean",
        lambda values, keep: np.stack([values[: n + 1].mean(0) for n in range(len(values))]),
        "plain mean of all frames so far",
    ),
    Wrong(
        "added in full",
        lambda values, keep: np.stack(
            [sum(keep ** (n - k) * values[k] for k in range(n + 1)) for n in range(len(values))]
        ),
        "grows and grows",
    ),
    Wrong(
        "one mean for all",
        lambda values, keep: np.tile(values.mean(0), (len(values), 1)),
        "one mean for all frames",
    ),
    Wrong("unchanged", lambda values, keep: values.copy(), "earlier frames is kept"),
    Wrong("the last only", lambda values, keep: smooth(values, keep)[-1], "last mean only"),
]


def round_trip(backward, forward, share=0.01, constant=0.5, back=None, sign=1):
    back = fetch(forward, np.round(backward)) if back is None else back
    missed = ((backward + sign * back) ** 2).sum(-1)
    return missed < share * ((backward**2).sum(-1) + (back**2).sum(-1)) + constant


def missed(backward, forward, axes=(0, 1)):
    return ((backward + carry(forward, backward))[..., list(axes)] ** 2).sum(-1)


COMES_HOME = [
    Wrong("not carried", lambda b, f: round_trip(b, f, back=f), "at the same pixel"),
    Wrong("subtracted", lambda b, f: round_trip(b, f, sign=-1), "You subtracted them"),
    Wrong(
        "carried the wrong one",
        lambda b, f: round_trip(fetch(b, np.round(f)), f, back=f),
        "the other way around",
    ),
    Wrong("the opposite", lambda b, f: np.logical_not(round_trip(b, f)), "This is the opposite"),
    Wrong(
        "lengths at the same pixel",
        lambda b, f: missed(b, f) < 0.01 * np.sum(b**2 + f**2, -1) + 0.5,
        "not of the one at",
    ),
    Wrong(
        "columns only",
        lambda b, f: missed(b, f, axes=[1]) < 0.01 * np.sum(b**2 + carry(f, b) ** 2, -1) + 0.5,
        "is the flow at the place",
    ),
    Wrong("no constant", lambda b, f: round_trip(b, f, constant=0), "constant 0.5 is missing"),
    Wrong("no share", lambda b, f: round_trip(b, f, share=0), "share of the way"),
    Wrong(
        "miss not squared",
        lambda b, f: (
            np.linalg.norm(b + fetch(f, np.round(b)), axis=-1)
            < 0.01 * ((b**2).sum(-1) + (fetch(f, np.round(b)) ** 2).sum(-1)) + 0.5
        ),
        "a length with squared lengths",
    ),
    Wrong(
        "twice the way there",
        lambda b, f: ((b + carry(f, b)) ** 2).sum(-1) < 0.01 * 2 * (b**2).sum(-1) + 0.5,
        "lengths of *both* flows",
    ),
    Wrong("rounded", round_trip, "do not round"),
]

MISTAKES = {"carry-along": CARRY_ALONG, "running-mean": RUNNING_MEAN, "comes-home": COMES_HOME}


def test_the_way_back_does_not_count_twice():
    refuses(
        "comes-home",
        Wrong(
            "twice the way back",
            lambda b, f: missed(b, f) < 0.02 * np.sum(carry(f, b) ** 2, -1) + 0.5,
            "lengths of *both* flows",
        ),
    )


def squared(flow):
    return np.sum(flow**2, axis=-1)


def test_what_is_allowed_is_neither_more_nor_less():
    """Only pixels just inside or just outside tell these from the right answer."""

    def with_limit(limit):
        return lambda b, f: missed(b, f) < limit(b, carry(f, b))

    half = with_limit(lambda b, f: 0.01 * (squared(b) + squared(f)) + 0.25)
    refuses("comes-home", Wrong("half the constant", half, "is the flow at the place"))

    too_much = {
        "lengths added before they are squared": lambda b, f: (
            0.01 * (np.sqrt(squared(b)) + np.sqrt(squared(f))) ** 2 + 0.5
        ),
        "the difference squared": lambda b, f: 0.01 * squared(b - f) + 0.5,
    }
    for name, limit in too_much.items():
        refuses("comes-home", Wrong(name, with_limit(limit), "Square the numbers first"))

    def each_axis_on_its_own(b, f):
        back = carry(f, b)
        return np.all((b + back) ** 2 < 0.01 * (b**2 + back**2) + 0.5, axis=-1)

    refuses("comes-home", Wrong("each axis", each_axis_on_its_own, "Square the numbers first"))


def test_right_answers_in_other_words_are_accepted():
    accepts("carry-along", fetch)
    accepts("running-mean", smooth)
    accepts("comes-home", lambda b, f: round_trip(b, f, back=carry(f, b)))
