"""The three kinds of notebook that are made from one lesson."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from course_lib.errors import BuildError
from course_lib.exercises import Misconception, exercise
from course_lib.messages import translate
from workshop.classroom.exercise_cells import ExerciseCell, exercise_cells
from workshop.classroom.languages import notebook_in
from workshop.classroom.material import Material, ModelAnswer
from workshop.classroom.pages import phrase
from workshop.lessons import Lesson
from workshop.lessons.questions import with_open_answers, without_answers
from workshop.lessons.sources import SETUP_TAG

# The last line of a first cell, in any language.
COLAB_LINK = re.compile(r"\n\n\[[^\]]*Colab[^\]]*\]\(\S+\)$")
# The lesson says `.solution()` shows the library's source; in a class the teacher decides when.
CLOSED = "In this class the solutions come from the teacher; exercise(...).solution() says so."
HIDE_SOLUTIONS = """

# {closed}
import os

os.environ["COURSE_SOLUTIONS"] = "hidden\""""

PLAN = "## For the teacher: {minutes} minutes, {all_minutes} with the optional parts"
EXERCISE = "**For the teacher, exercise `{id}`, {points} {unit}.** "
MODEL = "The next cell holds a model answer; `{reference}` is the library's."
MISTAKES = "Usual mistakes, each with what the check says to it:"

# Exercises and labs then speak to the student in the language of the lesson.
SPEAK = """
os.environ.setdefault("COURSE_LANGUAGE", "{language}")"""

GRADED_NOTE = (
    "# Graded, points: {points}. This cell shows what your answer has earned. Leave it as it is."
)
GRADED = """\
{note}
from course_lib.exercises import points

points("{id}", {name}, {points})"""


def student_notebook(lesson: Lesson, language: str = "en") -> Any:
    """A lesson for students: nothing run yet, exercises open, `.solution()` closed.

    Without outputs, because a prediction is worth nothing where the result stands below it. Without
    the answers to the last questions, which the teacher has. Without the link to Colab, which leads
    to the notebook with both.

    Args:
        lesson: which lesson.
        language: "en" or "zh".

    Returns:
        An `nbformat.NotebookNode`.
    """
    notebook = notebook_in(lesson, language)
    first, last = notebook.cells[0], notebook.cells[-1]
    last.source = without_answers(last.source)
    first.source = COLAB_LINK.sub("", first.source)
    [setup] = [cell for cell in notebook.cells if SETUP_TAG in cell.metadata.get("tags", [])]
    setup.source += HIDE_SOLUTIONS.format(closed=phrase(CLOSED, language))
    if language != "en":
        setup.source += SPEAK.format(language=language)
    return notebook


def assignment_notebook(lesson: Lesson, material: Material, language: str = "en") -> Any:
    """A lesson as an nbgrader assignment, in the form that the teacher keeps.

    An exercise becomes three cells: the function, with the answer in a region that nbgrader takes
    out when it makes the students' version; the graded cell, locked; and the lesson's own check,
    locked too. The graded cell comes first because the check puts the library's function in the
    place of an answer that is not right.

    Args:
        lesson: which lesson.
        material: its teacher's material, with the answers.
        language: "en" or "zh".

    Returns:
        An `nbformat.NotebookNode`.
    """
    from nbformat.v4 import new_code_cell

    notebook = student_notebook(lesson, language)
    asked = _by_position(notebook, material)
    cells = []
    for position, cell in enumerate(notebook.cells):
        if position not in asked:
            cells.append(cell)
            continue
        task, answer = asked[position]
        note = phrase(GRADED_NOTE, language, points=answer.points)
        graded = GRADED.format(note=note, id=task.id, name=task.name, points=answer.points)
        cells += [
            new_code_cell(
                task.marked(answer.code),
                id=cell.id,
                metadata=_nbgrader(task.id, solution=True),
            ),
            new_code_cell(
                graded,
                id=f"{cell.id}-points",
                metadata=_nbgrader(f"{task.id}-points", locked=True, points=answer.points),
            ),
            new_code_cell(
                task.check_line(),
                id=f"{cell.id}-check",
                metadata=_nbgrader(f"{task.id}-check", locked=True),
            ),
        ]
    notebook.cells = cells
    return notebook


def teacher_notebook(lesson: Lesson, material: Material, built: Any, language: str = "en") -> Any:
    """A lesson for the teacher: plan and questions on top, answers filled in, mistakes beside them.

    The answers to the last questions are unfolded, so that they are printed as well.

    Args:
        lesson: which lesson.
        material: its teacher's material, in the same language.
        built: the lesson's executed notebook, whose outputs are taken over where a cell is
            unchanged; None for no outputs.
        language: "en" or "zh".

    Returns:
        An `nbformat.NotebookNode`.
    """
    from nbformat.v4 import new_markdown_cell

    notebook = notebook_in(lesson, language)
    asked = _by_position(notebook, material)
    outputs = {} if built is None else {cell.id: cell for cell in built.cells}
    cells = []
    for position, cell in enumerate(notebook.cells):
        if position in asked:
            task, answer = asked[position]
            note = _exercise_note(task, answer, language)
            cells.append(new_markdown_cell(note, id=f"{cell.id}-teacher"))
            cell.source = task.answered(answer.code)
        elif cell.cell_type == "code" and cell.id in outputs:
            cell.outputs = outputs[cell.id].outputs
            cell.execution_count = outputs[cell.id].execution_count
        cells.append(cell)
    cells.insert(1, new_markdown_cell(_plan_note(material, language), id="teacher-plan"))
    cells[-1].source = with_open_answers(cells[-1].source)
    notebook.cells = cells
    return notebook


def wrong_code(mistake: Misconception) -> str:
    """How a known mistake is written, as far as Python can tell; "" where it cannot."""
    function = mistake.function
    code = getattr(function, "__code__", None)
    module = inspect.getmodule(function)
    if code is None or module is None:
        return ""
    for kind in (ast.FunctionDef, ast.Lambda):
        for node in ast.walk(_tree(module)):
            if isinstance(node, kind) and node.lineno == code.co_firstlineno:
                return _written(node)
    return ""


@cache
def _tree(module: Any) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _written(node: Any) -> str:
    if isinstance(node, ast.Lambda):
        return f"return {ast.unparse(node.body)}"
    kept = [one for one in node.body if not _is_docstring(one)]
    return "\n".join(ast.unparse(one) for one in kept)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _by_position(notebook: Any, material: Material) -> dict[int, tuple[ExerciseCell, ModelAnswer]]:
    """The exercises of a notebook with their model answers, by the place of their cells."""
    tasks = exercise_cells(notebook)
    asked, answered = [task.id for task in tasks], [answer.id for answer in material.answers]
    if asked != answered:
        raise BuildError(
            f"{material.path.name} answers the exercises {', '.join(answered) or 'none'}; the "
            f"lesson asks {', '.join(asked) or 'none'}. Give one answer for each, in this order."
        )
    pairs = zip(tasks, material.answers, strict=True)
    return {task.position: (task, answer) for task, answer in pairs}


def _nbgrader(
    grade_id: str, solution: bool = False, locked: bool = False, points: int | None = None
) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        settings["points"] = points
    return {"nbgrader": settings}


def _plan_note(material: Material, language: str) -> str:
    minutes, all_minutes = material.minutes, material.all_minutes
    opening = phrase(PLAN, language, minutes=minutes, all_minutes=all_minutes)
    needed = [phrase("lesson {number}", language, number=number) for number in material.needs]
    needed += [material.knows] if material.knows else []
    prerequisites = phrase(", ", language).join(needed)
    lines = [opening, "", phrase("Needs {prerequisites}.", language, prerequisites=prerequisites)]
    lines += ["", phrase("| minutes | sections | |", language), "|---:|---|---|"]
    optional = phrase("*Optional.*", language)
    for part in material.plan:
        said = [*([optional] if part.optional else []), *([part.note] if part.note else [])]
        lines.append(f"| {part.minutes} | {part.part} | {' '.join(said)} |")
    lines += ["", phrase("**What many believe at first**", language), ""]
    lines += [f"- *{one.belief}* {one.remedy}" for one in material.misconceptions]
    lines += ["", phrase("**Questions to ask on the way**", language), ""]
    lines += [f"- **{one.ask}** {one.answer}" for one in material.questions]
    return "\n".join(lines)


def _exercise_note(task: ExerciseCell, answer: ModelAnswer, language: str) -> str:
    asked = exercise(task.id)
    unit = "point" if answer.points == 1 else "points"
    start = phrase(EXERCISE, language, id=task.id, points=answer.points, unit=unit)
    lines = [start + phrase(MODEL, language, reference=asked.reference)]
    if asked.misconceptions:
        lines += ["", phrase(MISTAKES, language), ""]
    for mistake in asked.misconceptions:
        lines += _mistake_lines(mistake, language)
    return "\n".join(lines)


def _mistake_lines(mistake: Misconception, language: str) -> Iterator[str]:
    code = wrong_code(mistake)
    yield f"- {translate(mistake.hint, language)}"
    if code:
        yield ""
        yield "  ```python"
        yield from (f"  {line}" for line in code.splitlines())
        yield "  ```"
        yield ""
