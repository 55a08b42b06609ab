"""From lesson sources to notebooks: building, checking, and the house rules.

A lesson is one text file, `lessons/NN-name.py` (jupytext's py:percent format). `build` makes
`notebooks/NN-name.ipynb` from it and executes it, `check` says where the two are out of step, and
`lint` finds what would break in front of readers or in the comparison of notebooks.
"""

from workshop.lessons.building import build, check, execute
from workshop.lessons.rules import Finding, lint, lint_notebook
from workshop.lessons.sources import Lesson, convert, lessons

__all__ = [
    "Finding",
    "Lesson",
    "build",
    "check",
    "convert",
    "execute",
    "lessons",
    "lint",
    "lint_notebook",
]
