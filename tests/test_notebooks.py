"""The notebooks people open: in step with their sources, light, comparable and readable for all.

Pytest runs their cells as well (`testpaths` in pyproject.toml) and compares what they put out.
"""

import re

from tests.helpers.checkout import ROOT
from workshop.lessons import check, convert, lessons, lint

LESSONS = lessons()


def test_a_number_without_a_lesson_is_announced_as_planned():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    planned = [int(number) for number in re.findall(r"(?m)^\| (\d\d) \| [^\[]", readme)]
    numbers = sorted([lesson.number for lesson in LESSONS] + planned)
    assert numbers == list(range(len(numbers)))


def test_every_notebook_is_what_its_source_builds():
    assert check() == []


def test_every_notebook_keeps_the_house_rules():
    findings = lint()
    assert not findings, "\n".join(map(str, findings))


def test_the_title_says_the_number_of_the_file():
    for lesson in LESSONS:
        opening = convert(lesson).cells[0].source
        assert opening.startswith(f"# Lesson {lesson.number}: "), lesson.source.name
