"""What a graded cell of an nbgrader assignment calls."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

from course_lib.exercises.mechanism import exercise
from course_lib.exercises.outcomes import RIGHT


def points(id: str, answer: Callable | Any, full: float) -> float:
    """The points that an answer earns: all of them when it is right, none otherwise.

    Args:
        id: the exercise, such as "gram-matrix".
        answer: the student's function.
        full: points for a right answer.

    Returns:
        ``full`` or 0. It is the last value of the graded cell, which nbgrader takes for the grade.
    """
    asked = exercise(id)
    if answer is asked.solved:
        print("This is the library's own function. Write one of your own.")
        return 0
    # nbgrader gives no points to a cell that writes to the error stream, be it only a warning.
    with contextlib.redirect_stderr(io.StringIO()):
        return full if asked.judge(answer).outcome == RIGHT else 0
