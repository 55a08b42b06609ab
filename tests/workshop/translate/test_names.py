"""Chinese pages name lessons and their sections as the Chinese lessons themselves do."""

import re

import pytest

from course_lib import collection
from course_lib.language import fingerprint, translations
from course_lib.messages import translate
from workshop.translate import pages

HEADING = re.compile(r"^#{2,3} (.*)$", re.M)
TITLE = re.compile(r"^# 第 (\d+) 课：(.*)$", re.M)
PAGES = {page.name: page for page in pages()}
GUIDE = PAGES["docs/teachers-guide"]
LESSONS = [page for name, page in PAGES.items() if name.startswith("lessons/")]
CHINESE = translations(GUIDE.catalog)


def chinese_titles() -> dict[int, str]:
    """The titles of the lessons that have one in Chinese."""
    catalogs = [lesson.catalog for lesson in LESSONS if lesson.catalog.is_file()]
    found = [TITLE.search(catalog.read_text(encoding="utf-8")) for catalog in catalogs]
    return {int(one[1]): one[2] for one in found if one}


def chinese_headings() -> dict[tuple[int, str], str]:
    """Lesson and heading in English -> the heading in Chinese, where it has been translated."""
    found = {}
    for lesson in LESSONS:
        known = translations(lesson.catalog)
        for passage in lesson.passages:
            own = HEADING.findall(passage)
            theirs = HEADING.findall(known.get(fingerprint(passage), ""))
            if theirs:
                pairs = zip(own, theirs, strict=True)
                found |= {(int(lesson.name[-2:]), one): other for one, other in pairs}
    return found


def rows(passage: str) -> list[list[str]]:
    lines = [line for line in passage.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(row: list[str]) -> list[tuple[int, str]]:
    """The sections that an English row names, each with its lesson."""
    if row[-1].startswith("*"):
        return [(int(row[-2]), title) for title in row[-1].strip("*").split("; ")]
    items = re.findall(r"lesson (\d+) \*(.*?)\*", " ".join(row))
    return [(int(number), title) for number, titles in items for title in titles.split("; ")]


@pytest.mark.parametrize("passage", [one for one in GUIDE.passages if rows(one)])
def test_a_plan_is_the_same_in_chinese(passage):
    translation = CHINESE.get(fingerprint(passage))
    if translation is None:
        pytest.skip("it waits for its translator")
    headings = chinese_headings()
    for english, chinese in zip(rows(passage), rows(translation), strict=True):
        assert list(filter(str.isdigit, chinese)) == list(filter(str.isdigit, english))
        told = re.findall("“(.*?)”", " ".join(chinese))
        wanted = [headings.get(section) for section in named(english)]
        assert len(told) == len(wanted), chinese
        wrong = [(a, b) for a, b in zip(told, wanted, strict=True) if b is not None and a != b]
        assert wrong == [], f"a section of {english} is named otherwise in lessons/zh"


@pytest.mark.parametrize(
    "name", ["docs/README", "docs/course-map", "docs/jupyterhub", "lessons/00"]
)
def test_a_list_of_lessons_has_their_titles(name):
    text = PAGES[name].catalog.read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d\d?)(?: \||) \[?([^]|]+?)(?:\]\(.*?)? \|", text, re.M)
    assert {int(number) for number, _ in listed} >= set(range(1, 16))
    titles = chinese_titles()
    assert [one for one in listed if titles.get(int(one[0]), one[1]) != one[1]] == []


def test_the_names_of_images_are_the_same_in_chinese():
    """They are what readers write in code, also where a lab lists them."""
    names = [name for kind in collection.names().values() for name in kind]
    listed = {*names, *(name.replace("_", " ") for name in names)}
    assert {name: said for name in listed if (said := translate(name, "zh")) != name} == {}
