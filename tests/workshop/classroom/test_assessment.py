"""Assessment: objectives, points and the exam agree with the lessons, and add up."""

import re

from course_lib.exercises import exercises
from tests.helpers.checkout import ROOT
from workshop.classroom import read_material
from workshop.lessons import lessons

PAGE = (ROOT / "docs" / "assessment.md").read_text(encoding="utf-8")
EXAM = (ROOT / "docs" / "exam.md").read_text(encoding="utf-8")
LESSONS = lessons(ROOT)


def chapter(title: str) -> str:
    [found] = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return found


def test_every_lesson_has_objectives_and_every_exercise_shows_one():
    rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \|$", chapter("Learning objectives"), re.M)
    shown: dict[int, set[str]] = {}
    for number, _, evidence in rows:
        shown.setdefault(int(number), set()).update(re.findall(r"`([\w-]+)`", evidence))
    assert shown == {
        lesson.number: {one.id for one in exercises(lesson.number)} for lesson in LESSONS
    }


def test_the_points_are_those_that_graded_cells_give():
    rows = dict(
        re.findall(r"^\| (\d+) \| (\d+ \| .*?) \|$", chapter("The exercises: points"), re.M)
    )
    total = 0
    for lesson in LESSONS:
        answers = read_material(lesson).answers
        points = sum(answer.points for answer in answers)
        named = ", ".join(f"`{answer.id}` {answer.points}" for answer in answers)
        assert rows[str(lesson.number)] == f"{points} | {named}"
        total += points
    assert f"| **all** | **{total}** |" in PAGE


def test_weights_and_rubric_add_up():
    weights = re.findall(r"\| (\d+) % \|", chapter("A final grade"))
    assert sum(map(int, weights)) == 100
    *parts, total = re.findall(r"^\| .*? \| \**(\d+)\** \|", chapter("The final project"), re.M)
    assert sum(map(int, parts)) == int(total) == 25


def test_the_exam_has_twenty_questions_with_answers_and_its_points():
    questions = re.split(r"^\*\*(\d+)\.\*\* \*\((\d+) points\)\*", EXAM, flags=re.M)[1:]
    assert [int(number) for number in questions[::3]] == list(range(1, 21))
    assert all(text.count("<summary>Answer</summary>") == 1 for text in questions[2::3])
    [said] = re.findall(r"without a computer, (\d+) points", EXAM)
    assert sum(map(int, questions[1::3])) == int(said)


def test_objectives_name_questions_that_the_exam_has():
    named = re.findall(r"exam questions? (\d+)(?: and (\d+))?", PAGE)
    assert {int(one) for pair in named for one in pair if one} <= set(range(1, 21))
