"""The minutes: those of classroom/*.toml add up, and every page that names minutes has the same."""

import re

import pytest

from tests.helpers.checkout import ROOT
from workshop.classroom import read_material
from workshop.lessons import convert, lessons

LESSONS = {lesson.number: lesson for lesson in lessons(ROOT)}
MATERIAL = {number: read_material(lesson) for number, lesson in LESSONS.items()}
GUIDE = (ROOT / "docs" / "teachers-guide.md").read_text(encoding="utf-8")
MAP = (ROOT / "docs" / "course-map.md").read_text(encoding="utf-8")
SESSION = 90

each_lesson = pytest.mark.parametrize("number", LESSONS)


def rows_of(text: str) -> list[list[str]]:
    """The cells of a page's table rows that begin with a number."""
    lines = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def chapter(title: str) -> str:
    """A chapter of the guide, without its heading."""
    [found] = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GUIDE, re.M | re.S)
    return found


def minutes_of(number: int, part: str) -> int:
    """What a lesson's file says about a part, named as there."""
    return {row.part: row.minutes for row in MATERIAL[number].plan}[part.strip("*")]


@each_lesson
def test_every_part_of_the_plan_is_a_part_of_the_lesson(number):
    text = "\n".join(cell.source for cell in convert(LESSONS[number]).cells)
    headings = {line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")}
    planned = [heading for row in MATERIAL[number].plan for heading in row.headings]
    assert [heading for heading in planned if heading not in headings] == []
    assert len(planned) == len(set(planned))


@each_lesson
def test_every_section_but_summary_and_reading_has_its_minutes(number):
    text = "\n".join(cell.source for cell in convert(LESSONS[number]).cells)
    headings = re.findall(r"^## (.*)$", text, re.M)
    planned = [heading for row in MATERIAL[number].plan for heading in row.headings]
    left_out = {"Summary", "Reading", "How to report", "The real training"}
    assert [one for one in headings if one not in planned and one not in left_out] == []


@each_lesson
def test_a_lesson_says_how_long_it_takes_and_what_it_needs(number):
    opening = convert(LESSONS[number]).cells[0].source
    material = MATERIAL[number]
    optional = [f"*{one}*" for row in material.plan if row.optional for one in row.headings]
    said = " ".join(opening.split())
    assert f"**You need:** {material.prerequisites}." in said
    assert f"**Time:** {material.minutes} minutes, {material.all_minutes} with the optional" in said
    assert f"**Optional:** {', '.join(optional)}." in said


def test_the_map_has_the_minutes_and_prerequisites_of_the_lessons():
    found = {int(row[0]): row[2:] for row in rows_of(MAP)}
    assert found == {
        number: [str(one.minutes), str(one.all_minutes), one.prerequisites]
        for number, one in MATERIAL.items()
    }


def test_the_hours_of_the_whole_course_are_the_sum():
    core = sum(one.minutes for one in MATERIAL.values())
    everything = sum(one.all_minutes for one in MATERIAL.values())
    assert f"| | **all sixteen** | {core} | {everything} | |" in MAP
    for text in (MAP, (ROOT / "README.md").read_text(encoding="utf-8")):
        said = re.search(r"(\d+) hours(?: in all[;,]|,) (\d+) and a half with every", text)
        assert said, "a page no longer says how long the course takes"
        assert [float(said[1]), float(said[2]) + 0.5] == [round(core / 60), everything / 60]


def test_six_sessions_name_the_minutes_of_their_parts_and_fit():
    sessions = re.split(r"^### Session \d", chapter("Six sessions of 90 minutes"), flags=re.M)[1:]
    assert len(sessions) == 6
    for session in sessions:
        rows = rows_of(session)
        for minutes, number, part in rows:
            assert int(minutes) == minutes_of(int(number), part), part
        assert SESSION - 10 <= sum(int(row[0]) for row in rows) <= SESSION


def minutes_named(cell: str) -> tuple[int, set[tuple[int, str]]]:
    """What "lesson 2 + lesson 3 *A part*" takes, and which parts that are."""
    total, parts = 0, set()
    for item in cell.split(" + ") if cell else []:
        named = re.fullmatch(r"lesson (\d+)(?: \*(.*)\*)?", item)
        assert named, item
        number = int(named[1])
        core = [row.part for row in MATERIAL[number].plan if not row.optional]
        chosen = [named[2]] if named[2] else core
        total += sum(minutes_of(number, part) for part in chosen)
        parts |= {(number, part) for part in chosen}
    return total, parts


def test_a_semester_has_every_lesson_and_each_week_fits():
    rows, covered = rows_of(chapter("A semester of 14 weeks")), set()
    assert [int(row[0]) for row in rows] == list(range(1, 15))
    for _, minutes, here, more, home in rows:
        for said, cell in ((minutes, here), (more, home)):
            total, parts = minutes_named(cell)
            assert int(said) == total, cell
            assert not covered & parts
            covered |= parts
        assert int(minutes) <= SESSION
    core = {(n, row.part) for n, one in MATERIAL.items() for row in one.plan if not row.optional}
    assert core - covered == set()


def test_a_day_has_four_blocks_that_fit():
    blocks: dict[str, int] = {}
    for block, minutes, number, part in rows_of(chapter("One day")):
        assert int(minutes) == minutes_of(int(number), part), part
        blocks[block] = blocks.get(block, 0) + int(minutes)
    assert list(blocks) == ["1", "2", "3", "4"]
    assert all(total <= SESSION for total in blocks.values())
