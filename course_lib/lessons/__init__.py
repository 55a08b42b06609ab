"""From lesson sources to notebooks: building, checking, and the house rules.

A lesson is one text file, `lessons/NN-name.py` (jupytext's py:percent format). `build` makes
`notebooks/NN-name.ipynb` from it and executes it, `check` says where the two are out of step, and
`lint` finds what would break in front of readers or in the comparison of notebooks.
"""

from course_lib.lessons.building import build, check, execute
from course_lib.lessons.rules import Finding, lint, lint_notebook
from course_lib.lessons.sources import Lesson, convert, course_map, lessons

__all__ = [
    "Finding",
    "Lesson",
    "build",
    "check",
    "convert",
    "course_map",
    "execute",
    "lessons",
    "lint",
    "lint_notebook",
]
