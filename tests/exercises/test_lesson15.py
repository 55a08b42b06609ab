"""Lesson 15: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
import pytest

from tests.exercises.helpers import Wrong, accepts

AMDAHL = [
    Wrong("all shared", lambda n, s: n, "if all of the work could be split"),
    Wrong("time and not speed", lambda n, s: (s * n + 1 - s) / n, "the new time"),
    Wrong("serial besides", lambda n, s: n / (s * n + 1), "on top of it"),
    Wrong("exchanged", lambda n, s: n / (n - s * n + s), "swapped the two parts"),
    Wrong("speeds averaged", lambda n, s: n - s * (n - 1), "You averaged speeds"),
    Wrong("serial left out", lambda n, s: n - s * n, "The serial part is missing"),
]


def rows(items, first, step):
    return np.array([items[k] for k in range(first, len(items), step)])


SPLIT = [
    Wrong("rest lost", lambda i, k, n: i[k * (len(i) // n) :][: len(i) // n], "lose the remainder"),
    Wrong(
        "blocks rounded up",
        lambda i, k, n: np.array([x for p, x in enumerate(i) if p // -(-len(i) // n) == k]),
        "of rounded-up length",
    ),
    Wrong("even blocks", lambda i, k, n: np.array_split(i, n)[k], "are often alike"),
    Wrong("all the same", lambda i, k, n: rows(i, 0, n), "did not use `number`"),
    Wrong("no step", lambda i, k, n: i[k:n], "The step is the third"),
    Wrong("counted from one", lambda i, k, n: i[k - 1 :: n], "count from 0"),
    Wrong("one item", lambda i, k, n: i[k], "This is one item"),
]


AVERAGE = [
    Wrong("plain mean", lambda g, s: sum(g) / len(g), "A plain mean is right"),
    Wrong("sum", lambda g, s: sum(g), "This is the sum"),
    Wrong("not divided", lambda g, s: s @ g, "Also divide by the total"),
    Wrong("by devices", lambda g, s: s @ g / len(s), "divided by the number of devices"),
    Wrong(
        "the other way round",
        lambda g, s: np.average(g, axis=0, weights=1 / s),
        "the smaller part counts more",
    ),
    Wrong("over parameters", lambda g, s: np.array([x.mean() for x in g]), "over the parameters"),
]

MISTAKES = {"amdahl-speedup": AMDAHL, "split-collection": SPLIT, "average-gradients": AVERAGE}


def test_right_answers_in_other_words_are_accepted():
    accepts("amdahl-speedup", lambda n, s: n / (n * s + 1 - s))
    accepts(
        "split-collection",
        lambda items, k, n: rows(items, k, n),
        lambda items, k, n: items[np.arange(len(items)) % n == k],
    )
    accepts("average-gradients", lambda g, s: np.average(g, axis=0, weights=s))


def test_known_values_of_amdahls_law():
    from course_lib.exercises.lesson15 import speedup

    assert speedup(1, 0.2) == 1
    assert speedup(16, 0.5) == pytest.approx(32 / 17)
    assert speedup(1e12, 0.05) == pytest.approx(20)
