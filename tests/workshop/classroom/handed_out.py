"""Reading the sets for a class, and finding in them what would give an exercise away."""

import ast
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path

import nbformat

from course_lib.exercises import exercises
from tests.helpers.checkout import ROOT
from workshop.classroom import read_material
from workshop.classroom.writing import is_ready
from workshop.lessons import lessons

ALL_LESSONS = lessons(ROOT)
LESSONS = {lesson.number: lesson for lesson in ALL_LESSONS if is_ready(lesson)}


def read(path: Path):
    return nbformat.read(path, as_version=4)


def notebook_of(sets: Path, kind: str, number: int):
    return read(sets / kind / f"{LESSONS[number].source.stem}.ipynb")


def source_of(sets: Path, number: int) -> Path:
    stem = LESSONS[number].source.stem
    return sets / "nbgrader" / "source" / f"lesson-{number:02}" / f"{stem}.ipynb"


def squeezed(text: str) -> str:
    """A text with all white space gone, so that indentation and line breaks hide nothing."""
    return re.sub(r"\s+", "", text)


@cache
def shown_in_lessons() -> str:
    return squeezed("".join(one.source.read_text() for one in LESSONS.values()))


@cache
def solution_lines(number: int) -> set[str]:
    """What would give an exercise away: the lines of the answers and of the library's functions.

    Lines that the lessons themselves show, and those too short to tell anything, do not count.
    """
    code = [answer.code for answer in read_material(LESSONS[number]).answers]
    for one in exercises(number):
        tree = ast.parse(textwrap.dedent(inspect.getsource(one.solved)))
        code += [ast.unparse(node) for node in tree.body[0].body[1:]]
        code.append(inspect.getsource(one.solved))
    docstrings = " ".join(inspect.getdoc(one.solved) or "" for one in exercises(number))
    shown = squeezed(docstrings) + shown_in_lessons()
    lines = {squeezed(line) for line in "\n".join(code).splitlines()}
    return {line for line in lines if len(line) >= 12 and line not in shown}


def given_away(number: int, text: str) -> list[str]:
    handed_out = squeezed(text)
    return [line for line in solution_lines(number) if line in handed_out]


def text_of(path: Path) -> str:
    """All that a file says: of a notebook its cells and outputs, without JSON's escapes."""
    if path.suffix != ".ipynb":
        return path.read_text()
    said = []
    for cell in read(path).cells:
        said.append(cell.source)
        said += [str(output) for output in cell.get("outputs", [])]
    return "\n".join(said)


def only_imports(source: str) -> bool:
    nodes = ast.parse(source).body
    return bool(nodes) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)
