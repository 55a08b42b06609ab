"""Lesson 11: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from tests.exercises.helpers import Wrong, accepts


def gap(a, b):
    return abs(a - b).sum()


SHARE_OF_THE_WAY = [
    Wrong(
        "what is left to go",
        lambda found, own, wanted: gap(found, wanted) / gap(own, wanted),
        "the share that is left to go",
    ),
    Wrong(
        "how far from the content",
        lambda found, own, wanted: gap(found, own) / gap(wanted, own),
        "in any direction",
    ),
    Wrong(
        "content and style mixed up",
        lambda found, own, wanted: 1 - gap(found, own) / gap(own, wanted),
        "Compare `found` with `wanted`",
    ),
    Wrong(
        "no absolute value",
        lambda found, own, wanted: 1 - (found - wanted).sum() / (own - wanted).sum(),
        "opposite sign cancel",
    ),
    Wrong(
        "absolute value of the sum",
        lambda found, own, wanted: 1 - abs((found - wanted).sum()) / abs((own - wanted).sum()),
        "before you add, not after",
    ),
    Wrong(
        "squared",
        lambda found, own, wanted: 1 - ((found - wanted) ** 2).sum() / ((own - wanted) ** 2).sum(),
        "You squared the differences",
    ),
    Wrong(
        "Euclidean distance",
        lambda found, own, wanted: (
            1 - np.sqrt(((found - wanted) ** 2).sum()) / np.sqrt(((own - wanted) ** 2).sum())
        ),
        "straight-line distance",
    ),
    Wrong(
        "divided number by number",
        lambda found, own, wanted: (1 - abs(found - wanted) / abs(own - wanted)).mean(),
        "Sum first, then divide",
    ),
    Wrong(
        "cut off at 0",
        lambda found, own, wanted: np.clip(1 - gap(found, wanted) / gap(own, wanted), 0, 1),
        "Do not cut it off",
    ),
    Wrong(
        "upside down",
        lambda found, own, wanted: 1 - gap(own, wanted) / gap(found, wanted),
        "upside down",
    ),
]


def test_share_of_the_way_in_other_words_is_accepted():
    accepts(
        "share-of-the-way",
        lambda found, own, wanted: (gap(own, wanted) - gap(found, wanted)) / gap(own, wanted),
        lambda found, own, wanted: 1 - abs(found - wanted).mean() / abs(own - wanted).mean(),
        lambda found, own, wanted: 1 - np.linalg.norm(found - wanted, 1) / gap(own, wanted),
    )


def by_loops(points, beats):
    return np.array([not any(beats(other, one) for other in points) for one in points])


NOT_BEATEN = [
    Wrong(
        "better in both",
        lambda points: by_loops(points, lambda a, b: np.all(a > b)),
        "as good in one and better in the other",
    ),
    Wrong(
        "beats itself",
        lambda points: by_loops(points, lambda a, b: np.all(a >= b)),
        "every point beats itself",
    ),
    Wrong(
        "equal points throw each other out",
        lambda points: np.array(
            [
                not any(np.all(a >= b) for j, a in enumerate(points) if j != i)
                for i, b in enumerate(points)
            ]
        ),
        "both stay",
    ),
    Wrong(
        "better in one is enough",
        lambda points: by_loops(points, lambda a, b: np.any(a > b)),
        "must not be worse",
    ),
    Wrong(
        "best sum",
        lambda points: points.sum(1) >= points.sum(1).max(),
        "You added the two numbers",
    ),
    Wrong(
        "best in a column",
        lambda points: (points[:, 0] == points[:, 0].max()) | (points[:, 1] == points[:, 1].max()),
        "so does a compromise",
    ),
    Wrong(
        "those that are beaten",
        lambda points: ~by_loops(points, lambda a, b: np.all(a >= b) and np.any(a > b)),
        "Return the others",
    ),
    Wrong(
        "lower is better",
        lambda points: by_loops(points, lambda a, b: np.all(a <= b) and np.any(a < b)),
        "You looked for the smallest",
    ),
]


def by_sorting(points):
    """Along falling x, a point stays if its y is a new maximum; further columns are not seen."""
    stays = np.zeros(len(points), bool)
    best = -np.inf
    for x in np.unique(points[:, 0])[::-1]:
        column = points[:, 0] == x
        top = points[column, 1].max()
        if top > best:
            stays |= column & (points[:, 1] == top)
            best = top
    return stays


NOT_BEATEN.append(Wrong("two columns only", by_sorting, "Compare all columns"))


def test_not_beaten_in_other_words_is_accepted():
    accepts(
        "not-beaten",
        lambda points: by_loops(points, lambda a, b: np.all(a >= b) and np.any(a > b)),
        lambda points: np.array(
            [not any(min(a - b) >= 0 and tuple(a) != tuple(b) for a in points) for b in points]
        ),
    )


MISTAKES = {
    "share-of-the-way": SHARE_OF_THE_WAY,
    "not-beaten": NOT_BEATEN,
}
