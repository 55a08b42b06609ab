"""A round with nbgrader as docs/classroom.md describes it: from the source to points and feedback.

Three students: one has everything right, one half of it, and one handed in the empty notebook.
"""

import csv
import importlib.util
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from tests.workshop.classroom.handed_out import (
    LESSONS,
    given_away,
    only_imports,
    read,
    source_of,
    text_of,
)
from workshop.classroom import read_material, write_sets
from workshop.classroom.exercise_cells import BEGIN

# As one assignment, so that only one kernel starts for each student.
NUMBERS = (0, 8)
# Its exercises give code to be mended. They take long to grade, so they are only handed out.
REPAIR = 9
ANSWERS = [answer for number in NUMBERS for answer in read_material(LESSONS[number]).answers]
ANSWERED = {"ada": len(ANSWERS), "ben": len(ANSWERS) // 2, "eve": 0}
STUDENTS = {
    name: sum(answer.points for answer in ANSWERS[:count]) for name, count in ANSWERED.items()
}
FULL = STUDENTS["ada"]


def one_notebook(sets: Path, numbers: tuple[int, ...]):
    """The exercises of some lessons as one assignment."""

    def is_needed(cell) -> bool:
        if "nbgrader" in cell.metadata or "setup" in cell.metadata.get("tags", []):
            return True
        return cell.cell_type == "code" and only_imports(cell.source)

    notebooks = [read(source_of(sets, number)) for number in numbers]
    together = notebooks[0]
    together.cells = [cell for one in notebooks for cell in one.cells if is_needed(cell)]
    for position, cell in enumerate(together.cells):
        cell.id = f"cell-{position}"
    return together


def grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def hand_in(path: Path, source: Path, count: int) -> None:
    """Write the first answers of the source into a student's notebook."""
    answers = [cell for cell in read(source).cells if BEGIN in cell.source]
    written = {grade_id(cell): cell.source for cell in answers[:count]}
    notebook = read(path)
    for cell in notebook.cells:
        cell.source = written.get(grade_id(cell), cell.source)
    nbformat.write(notebook, path)


def check_feedback(page: str, points: int) -> None:
    """The page says the points in all, and those of each graded cell: in its list and below it."""
    found = re.findall(r"Score: ([\d.]+)\s*/\s*([\d.]+)", page)
    total, *cells = [(float(earned), float(full)) for earned, full in found]
    assert total == (points, FULL)
    listed, below = cells[: len(ANSWERS)], cells[len(ANSWERS) :]
    assert listed == below
    assert tuple(map(sum, zip(*listed, strict=True))) == total


@pytest.fixture
def nbgrader(tmp_path, monkeypatch):
    """nbgrader's own interface to a course folder with the assignment, and an exchange."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import PyFileConfigLoader

    sets, course, exchange = (tmp_path / name for name in ("sets", "course", "exchange"))
    write_sets(sets, numbers=[*NUMBERS, REPAIR])
    for name, numbers in {"together": NUMBERS, "repair": (REPAIR,)}.items():
        source = course / "source" / name / f"{name}.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(one_notebook(sets, numbers), source)
    exchange.mkdir(mode=0o777)
    config = PyFileConfigLoader(str(sets / "nbgrader" / "nbgrader_config.py")).load_config()
    config.CourseDirectory.root = str(course)
    config.Exchange.root = str(exchange)
    config.Exchange.cache = str(tmp_path / "cache")
    monkeypatch.chdir(course)
    # nbgrader calls a program of its environment by name.
    programs = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([programs, os.environ["PATH"]]))
    return NbGraderAPI(config=config)


def as_student(api, name: str, action: str) -> None:
    """Fetch or submit the assignment in the current folder, as `nbgrader ... --student` does it."""
    api.coursedir.assignment_id, before = "together", api.coursedir.student_id
    api.coursedir.student_id = name
    kind = getattr(api.exchange, action)
    kind(coursedir=api.coursedir, authenticator=api.authenticator, parent=api).start()
    api.coursedir.student_id = before


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("nbgrader") is None, reason="nbgrader is an extra")
@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs Linux or macOS")
def test_three_students_hand_in_and_get_their_points_and_feedback(nbgrader, tmp_path, monkeypatch):
    from nbgrader.plugins import CsvExportPlugin

    course = tmp_path / "course"
    source = course / "source" / "together" / "together.ipynb"
    assert nbgrader.generate_assignment("together")["success"]
    handed_out = text_of(course / "release" / "together" / "together.ipynb")
    assert [given_away(number, handed_out) for number in NUMBERS] == [[], []]
    assert handed_out.count("# Your answer goes here.") == len(ANSWERS)
    assert handed_out.count("# Graded, points") == len(ANSWERS)
    assert nbgrader.generate_assignment("repair")["success"]
    to_mend = text_of(course / "release" / "repair" / "repair.ipynb")
    assert given_away(REPAIR, to_mend) == []
    assert "gray = ops.mean(" in to_mend  # the code to be mended is still there

    assert nbgrader.release_assignment("together")["success"]
    for student, count in ANSWERED.items():
        (tmp_path / student).mkdir()
        monkeypatch.chdir(tmp_path / student)
        as_student(nbgrader, student, "FetchAssignment")
        fetched = tmp_path / student / "together" / "together.ipynb"
        hand_in(fetched, source, count)
        as_student(nbgrader, student, "Submit")
    monkeypatch.chdir(course)
    assert nbgrader.collect("together")["success"]
    assert nbgrader.get_submitted_students("together") == set(STUDENTS)

    for student in STUDENTS:
        assert nbgrader.autograde("together", student)["success"]
    found = {one["student"]: one for one in nbgrader.get_submissions("together")}
    assert {name: (one["score"], one["max_score"]) for name, one in found.items()} == {
        name: (points, FULL) for name, points in STUDENTS.items()
    }

    assert nbgrader.generate_feedback("together")["success"]
    assert nbgrader.release_feedback("together")["success"]
    for student, points in STUDENTS.items():
        page = course / "feedback" / student / "together" / "together.html"
        check_feedback(page.read_text(encoding="utf-8"), points)
    assert len(list((tmp_path / "exchange").rglob("*.html"))) == len(STUDENTS)

    with nbgrader.gradebook as gradebook:
        CsvExportPlugin(to=str(tmp_path / "grades.csv")).export(gradebook)
    with (tmp_path / "grades.csv").open() as grades:
        rows = list(csv.DictReader(grades))
    assert {row["student_id"]: float(row["score"]) for row in rows} == STUDENTS
