"""Exercises and the checks that answer them.

A lesson asks the reader for a function and checks it in one line::

    gram_matrix = exercise("gram-matrix").check(gram_matrix)

    mechanism.py    an exercise: how an answer is judged and what is said about it
    calling.py      calling an answer, by checks and by the lesson
    comparing.py    whether two results agree, and what is wrong where they do not
    outcomes.py     what judging comes to
    lessonNN.py     the exercises of a lesson, read the first time that one is asked for
"""

from course_lib.exercises.calling import Answer, Case
from course_lib.exercises.grading import points
from course_lib.exercises.mechanism import (
    Exercise,
    Misconception,
    exercise,
    exercises,
    register,
)
from course_lib.exercises.outcomes import (
    NOT_ATTEMPTED,
    NOT_YET,
    RIGHT,
    NotYet,
    Verdict,
)

__all__ = [
    "NOT_ATTEMPTED",
    "NOT_YET",
    "RIGHT",
    "Answer",
    "Case",
    "Exercise",
    "Misconception",
    "NotYet",
    "Verdict",
    "exercise",
    "exercises",
    "points",
    "register",
]
