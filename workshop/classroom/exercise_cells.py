"""Finding the exercises in a lesson's notebook, and putting answers into their cells."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from course_lib.errors import BuildError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# As Python writes it back, always with single quotes; the same name on both sides.
CHECK = re.compile(r"(?P<name>\w+) = exercise\('(?P<id>[\w-]+)'\)\.check\((?P=name)\)")


@dataclass(frozen=True)
class ExerciseCell:
    """The cell of a lesson that asks an exercise: a function, then the line that checks it.

    Args:
        position: the cell's place in the notebook.
        id: which exercise.
        source: the cell's code.
        function: the syntax tree of the function to be written.
        check: that of the line with the check.
    """

    position: int
    id: str
    source: str
    function: ast.FunctionDef
    check: ast.Assign

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name

    def definition(self) -> str:
        """The cell's lines before the check: the function as the lesson leaves it open."""
        return self._lines(0, self.check.lineno - 1)

    def check_line(self) -> str:
        """The line with the check."""
        return self._lines(self.check.lineno - 1, self.check.end_lineno)

    def answered(self, answer: str) -> str:
        """The cell with an answer in place of the function's own body."""
        rest = self._lines(self.function.end_lineno)
        return "\n".join([self._opening(), textwrap.indent(answer.strip("\n"), "    "), rest])

    def marked(self, answer: str) -> str:
        """The function with an answer that nbgrader takes out, above what the lesson leaves open.

        In the exercises of repair that is the faulty code, which students shall find in the cell.
        """
        region = textwrap.indent("\n".join([BEGIN, answer.strip("\n"), END]), "    ")
        own = self._lines(self._docstring_end(), self.function.end_lineno)
        return "\n".join([self._opening(), region, own])

    def _opening(self) -> str:
        return self._lines(0, self._docstring_end())

    def _docstring_end(self) -> int:
        return self.function.body[0].end_lineno or 0

    def _lines(self, start: int | None, end: int | None = None) -> str:
        return "\n".join(self.source.splitlines()[start:end]).rstrip()


def exercise_cells(notebook: Any) -> list[ExerciseCell]:
    """The cells of a notebook that ask exercises, in their order.

    Such a cell defines a function and ends with ``name = exercise("id").check(name)``. A lesson may
    show other checks; those are not exercises to be answered.

    Args:
        notebook: an `nbformat.NotebookNode`.

    Raises:
        BuildError: the function has no docstring, so that its body cannot be told.
    """
    found = []
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and ".check(" in cell.source:
            found += _exercises_in(position, cell.source)
    return found


def _exercises_in(position: int, source: str) -> list[ExerciseCell]:
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = []
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        match = CHECK.fullmatch(ast.unparse(node))
        if match is None or match["name"] not in functions:
            continue
        function = functions[match["name"]]
        if not ast.get_docstring(function):
            raise BuildError(f"Exercise {match['id']!r}: its function has no docstring.")
        found.append(ExerciseCell(position, match["id"], source, function, node))
    return found
