"""Exercises and the checks that answer them.

A lesson asks the reader for a function and checks it in one line::

    gram_matrix = exercise("gram-matrix").check(gram_matrix)

The mechanism is in `course_lib.exercises.mechanism`; the exercises themselves are in one module for
each lesson (`lesson01`, `lesson02`, ...), which are read the first time an exercise is asked for.
"""

from course_lib.exercises.grading import points
from course_lib.exercises.mechanism import (
    Answer,
    Case,
    Exercise,
    ExerciseError,
    Misconception,
    NotYet,
    Verdict,
    exercise,
    exercises,
    register,
)

__all__ = [
    "Answer",
    "Case",
    "Exercise",
    "ExerciseError",
    "Misconception",
    "NotYet",
    "Verdict",
    "exercise",
    "exercises",
    "points",
    "register",
]
