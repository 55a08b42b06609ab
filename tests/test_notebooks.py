"""The notebooks people open: in step with their sources, light, comparable and readable for all.

Pytest runs their cells as well (`testpaths` in pyproject.toml) and compares what they put out.
"""

import json
import re

import pytest

from tests.helpers.checkout import ROOT
from workshop.lessons import check, lessons, lint

LESSONS = lessons()
IGNORED_TAGS = {"nbval-ignore-output", "nbval-skip"}


def stored(lesson):
    return json.loads(lesson.notebook.read_text(encoding="utf-8"))


def outputs(notebook):
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.source.stem)


def test_a_number_without_a_lesson_is_announced_as_planned():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    planned = [int(number) for number in re.findall(r"(?m)^\| (\d\d) \| [^\[]", readme)]
    numbers = sorted([lesson.number for lesson in LESSONS] + planned)
    assert numbers == list(range(len(numbers)))


def test_every_notebook_has_a_source():
    assert check() == []


@each_lesson
def test_the_notebook_is_what_its_source_builds(lesson):
    assert check([lesson.source]) == []


@each_lesson
def test_the_notebook_keeps_the_house_rules(lesson):
    findings = lint([lesson.source])
    assert not findings, "\n".join(map(str, findings))


@each_lesson
def test_the_title_says_the_number_of_the_file(lesson):
    assert stored(lesson)["cells"][0]["source"][0].startswith(f"# Lesson {lesson.number}: ")


@each_lesson
def test_at_least_half_of_the_code_cells_with_output_are_compared(lesson):
    cells = [cell for cell in stored(lesson)["cells"] if cell.get("outputs")]
    ignored = [cell for cell in cells if IGNORED_TAGS & set(cell["metadata"].get("tags", []))]
    assert 2 * len(ignored) <= len(cells)


@each_lesson
def test_every_image_has_alternative_text(lesson):
    for output in outputs(stored(lesson)):
        for format in output.get("data", {}):
            if format.startswith("image/"):
                assert output["metadata"][format]["alt"].strip()


@each_lesson
def test_no_widget_state_and_no_errors_are_stored(lesson):
    notebook = stored(lesson)
    assert "widgets" not in notebook["metadata"]
    untagged = [
        cell
        for cell in notebook["cells"]
        if "raises-exception" not in cell["metadata"].get("tags", [])
    ]
    assert all(output["output_type"] != "error" for output in outputs({"cells": untagged}))


@each_lesson
def test_the_notebook_is_at_most_700_kb(lesson):
    assert lesson.notebook.stat().st_size <= 700_000


def test_all_notebooks_together_are_at_most_8_mb():
    assert sum(lesson.notebook.stat().st_size for lesson in LESSONS) <= 8_000_000
