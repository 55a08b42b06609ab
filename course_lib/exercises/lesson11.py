"""Exercises of lesson 11, how good is it, honestly."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(11)
_own, _wanted = _random.normal(size=(2, 9))
_halfway = 0.5 * _own + 0.5 * _wanted
_beyond = _own - 0.4 * (_wanted - _own)
_overshot = _own + 1.5 * (_wanted - _own)
_wandered = _own + np.abs(_random.normal(size=9)) * np.where(np.arange(9) % 2, 1.0, -1.0)


def _distance(a: Any, b: Any) -> Any:
    return np.sum(np.abs(a - b))


def _the_ends_are_zero_and_one(answer: Answer, reference: Answer) -> NotYet | None:
    start, end = float(answer(_own, _own, _wanted)), float(answer(_wanted, _own, _wanted))
    if abs(start) > 1e-6 or abs(end - 1) > 1e-6:
        return NotYet(
            f"the content's own statistics got {start:.3g} and the style's {end:.3g}; 0 and 1 are "
            "wanted.",
            "Use the content's statistics as `found`: what is left to go is the whole way, so "
            "1 - left / whole is 0.",
        )
    return None


register(
    Exercise(
        id="share-of-the-way",
        lesson=11,
        title="How far has the style been reached?",
        reference="course_lib.metrics.transferred:share_of_the_way",
        cases=[
            Case(
                "statistics halfway between the content's and the style's", _halfway, _own, _wanted
            ),
            Case("statistics further from the style than the content's", _beyond, _own, _wanted),
            Case("statistics that went past the style's", _overshot, _own, _wanted),
            Case("statistics that went somewhere else", _wandered, _own, _wanted),
            Case(
                "two numbers on the way from (0, 0) to (3, 1)",
                np.array([1.0, 2.0]),
                np.array([0.0, 0.0]),
                np.array([3.0, 1.0]),
            ),
        ],
        checks=[_the_ends_are_zero_and_one],
        misconceptions=[
            Misconception(
                lambda found, own, wanted: _distance(found, wanted) / _distance(own, wanted),
                "This is the share that is left to go: the style image itself gets 0. Subtract "
                "it from 1.",
            ),
            Misconception(
                lambda found, own, wanted: _distance(found, own) / _distance(own, wanted),
                "You measured how far it went from the content, in any direction. Measure how far "
                "it still is from the style.",
            ),
            Misconception(
                lambda found, own, wanted: 1 - _distance(found, own) / _distance(own, wanted),
                "The content gets 1, the style 0: you measured how much of the content is left. "
                "Compare `found` with `wanted`.",
            ),
            Misconception(
                lambda found, own, wanted: 1 - np.sum(found - wanted) / np.sum(own - wanted),
                "Differences of opposite sign cancel in your sums. Take the absolute value of each "
                "before you add them.",
            ),
            Misconception(
                lambda found, own, wanted: (
                    1 - np.abs(np.sum(found - wanted)) / np.abs(np.sum(own - wanted))
                ),
                "Take the absolute values before you add, not after: every difference counts.",
            ),
            Misconception(
                lambda found, own, wanted: (
                    1 - np.sum((found - wanted) ** 2) / np.sum((own - wanted) ** 2)
                ),
                "You squared the differences: halfway then counts as three quarters. Take absolute "
                "values.",
            ),
            Misconception(
                lambda found, own, wanted: (
                    1 - np.linalg.norm(found - wanted) / np.linalg.norm(own - wanted)
                ),
                "This is the straight-line distance. D sums absolute differences, with no squares "
                "and no root.",
            ),
            Misconception(
                lambda found, own, wanted: np.mean(
                    1 - np.abs(found - wanted) / np.abs(own - wanted)
                ),
                "You divided number by number. Where content and style nearly agree, that divides "
                "by almost nothing. Sum first, then divide.",
            ),
            Misconception(
                lambda found, own, wanted: max(
                    0.0, 1 - _distance(found, wanted) / _distance(own, wanted)
                ),
                "An image that moved away from the style has a share below 0. Do not cut it off: "
                "that is worth knowing.",
            ),
            Misconception(
                lambda found, own, wanted: 1 - _distance(own, wanted) / _distance(found, wanted),
                "The fraction is upside down: what is left goes on top, the whole way below.",
            ),
        ],
        hints=[
            "First the whole way: `np.sum(np.abs(own - wanted))`.",
            "What is left to go is the same sum with `found` in place of `own`.",
            "The share left to go is left / whole. The share already gone is 1 minus that.",
        ],
    )
)


# --- not-beaten --------------------------------------------------------------------------------

_methods = np.array([[0.1, 0.9], [0.5, 0.7], [0.4, 0.6], [0.5, 0.5], [0.8, 0.3], [0.3, 0.8]])
_twins = np.array([[0.2, 0.6], [0.7, 0.4], [0.7, 0.4], [0.2, 0.5], [0.6, 0.4]])
_best_in_all = np.array([[0.2, 0.3], [0.9, 0.9], [0.9, 0.1], [0.5, 0.4]])
_crowd = np.round(_random.uniform(size=(12, 2)), 2)


def _comparisons(points: Any) -> Any:
    """For each pair (a, b): is a at least as good in both, and is a better in one, in both?"""
    pairs = points[:, None], points[None]
    return (
        np.all(pairs[0] >= pairs[1], axis=-1),
        np.any(pairs[0] > pairs[1], axis=-1),
        np.all(pairs[0] > pairs[1], axis=-1),
    )


def _others(count: int) -> Any:
    return ~np.eye(count, dtype=bool)


def _front_of(points: Any) -> Any:
    at_least, better, _ = _comparisons(points)
    return ~np.any(at_least & better, axis=0)


def _every_column_counts(answer: Answer, reference: Answer) -> NotYet | None:
    points = np.array([[0.2, 0.3, 0.9], [0.4, 0.5, 0.1], [0.4, 0.4, 0.1], [0.1, 0.5, 0.2]])
    found = answer(points)
    if found.shape != (4,) or found.astype(bool).tolist() != [True, True, False, True]:
        return NotYet(
            f"of four points with three columns {_those_that_stay(found)} stayed; the first, the "
            "second and the fourth are beaten by none.",
            "Compare all columns, however many there are: the first point is behind in two of "
            "them and the best in the third.",
        )
    return None


def _those_that_stay(found: np.ndarray) -> str:
    """The numbers of the points that stay, counted from 1."""
    return ", ".join(f"number {place + 1}" for place in np.flatnonzero(found)) or "none"


register(
    Exercise(
        id="not-beaten",
        lesson=11,
        title="The Pareto front",
        reference="course_lib.metrics.evaluation:not_beaten",
        cases=[
            Case("six methods, two of them with the same x", _methods),
            Case("five methods, two of them equal", _twins),
            Case("four methods, one of them the best in both", _best_in_all),
            Case("twelve random methods", _crowd),
        ],
        checks=[_every_column_counts],
        misconceptions=[
            Misconception(
                lambda points: ~np.any(_comparisons(points)[2], axis=0),
                "(0.5, 0.5) beside (0.5, 0.7) was kept: as good in one and better in the other is "
                "enough to beat it. Ask for `>=` in both and `>` in one.",
            ),
            Misconception(
                lambda points: ~np.any(_comparisons(points)[0], axis=0),
                "Nothing is left: by `>=` alone every point beats itself. Ask for better in one as "
                "well.",
            ),
            Misconception(
                lambda points: ~np.any(_comparisons(points)[0] & _others(len(points)), axis=0),
                "Two equal points threw each other out. Neither is better, so both stay.",
            ),
            Misconception(
                lambda points: ~np.any(_comparisons(points)[1], axis=0),
                "Being better in one column is not enough to beat a point: it must not be worse in "
                "the other.",
            ),
            Misconception(
                lambda points: points.sum(axis=1) == points.sum(axis=1).max(),
                "You added the two numbers. That already decides how much of one is worth how much "
                "of the other, and the front is there to leave that open.",
            ),
            Misconception(
                lambda points: np.any(points == points.max(axis=0), axis=1),
                "The best in each column belongs to the front, but so does a compromise that "
                "neither of them beats.",
            ),
            Misconception(
                lambda points: ~_front_of(points),
                "These are the points that are beaten. Return the others.",
            ),
            Misconception(
                lambda points: _front_of(-points),
                "Here higher is better in every column. You looked for the smallest values: for "
                "the points that beat no other, instead of those that no other beats.",
            ),
        ],
        hints=[
            "Start with two points: b is beaten by a if `np.all(a >= b) and np.any(a > b)`.",
            "A point stays if no other point beats it: `not any(... for other in points)`.",
            "Do this for every point, and return the answers as `np.array([...])`, one bool each.",
        ],
    )
)
