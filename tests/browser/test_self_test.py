"""The self-test in a real browser: chosen by mouse and keyboard, kept, shown on the map, saved.

The pages are small ones with the course's own program; they are opened as files.
"""

import json
import shutil

import pytest
from markdown_it import MarkdownIt

from tests.browser.jupyter_in_chromium import chromium
from tests.helpers.checkout import ROOT
from workshop.lessons.quizzes import Choice, QuizQuestion
from workshop.site.page_words import PAGE_WORDS, write_page_words
from workshop.site.quizzes import self_test, with_progress

STATIC = ROOT / "docs" / "site" / "static"
WORDS = ROOT / "docs" / "web" / "labs" / "words.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
ONE = QuizQuestion(
    "One and one?",
    (Choice("One", "Count both."), Choice("Two", "Count on.", right=True), Choice("3", "Too far.")),
)
SEVERAL = QuizQuestion(
    "Which are even?",
    (Choice("2", "2 is.", True), Choice("3", "3 is not."), Choice("4", "4 is.", True)),
    several=True,
)
MAP = "# Map\n\n<table><tr><td><a href='../notebooks/03-test.html'>A test</a></td></tr></table>\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for file in (WORDS, STATIC / "self-test.js", STATIC / "self-test.css"):
        shutil.copy(file, folder)
    texts = {
        "lesson": self_test([ONE, SEVERAL], 3),
        "map": with_progress(MAP, {3: 2, 4: 5}),
    }
    for name, text in texts.items():
        body = MarkdownIt("commonmark", {"html": True}).render(text)
        (folder / f"{name}.html").write_text(
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Test</title>'
            '<link rel="stylesheet" href="self-test.css"><script defer src="words.js"></script>'
            '<script defer src="self-test.js"></script>'
            f"<body><article>{body}</article></body></html>",
            encoding="utf-8",
        )
    return folder


@pytest.fixture
def page(browser, pages):
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((pages / "lesson.html").as_uri())
    yield page
    assert errors == []
    context.close()


def verdict(page, number: int = 0) -> str:
    return page.locator(".quiz").nth(number).locator(".verdict").inner_text()


def choose(page, name: str) -> None:
    quiz = page.locator(".quiz").first
    quiz.get_by_label(name, exact=True).check()
    quiz.get_by_role("button", name="Check").click()


def count(page) -> str:
    return page.locator(".self-test > .count").inner_text()


def test_each_choice_is_explained_and_nothing_is_shown_before(page):
    quiz = page.locator(".quiz").first
    assert verdict(page) == ""
    assert not quiz.locator("details").is_visible()
    quiz.get_by_role("button", name="Check").click()
    assert verdict(page) == "Choose an answer first."
    choose(page, "One")
    assert verdict(page) == "No. Count both."
    assert count(page) == "0 of 2 solved."
    assert not quiz.locator("details").is_visible()
    choose(page, "Two")
    assert verdict(page) == "Right. Count on."
    assert count(page) == "1 of 2 solved."
    quiz.locator("summary").click()
    assert quiz.get_by_text("Too far.").is_visible()


def test_on_a_page_in_chinese_the_program_speaks_chinese(page, pages):
    write_page_words(pages / PAGE_WORDS, [])
    in_chinese = f'<script defer src="{PAGE_WORDS}"></script><script defer src="words.js">'
    for name in ("lesson", "map"):
        text = (pages / f"{name}.html").read_text(encoding="utf-8")
        text = text.replace('lang="en"', 'lang="zh-CN"')
        text = text.replace('<script defer src="words.js">', in_chinese)
        (pages / f"{name}-zh.html").write_text(text, encoding="utf-8")
    page.goto((pages / "lesson-zh.html").as_uri())
    quiz = page.locator(".quiz").first
    quiz.get_by_role("button", name="检查").click()
    assert verdict(page) == "请先选一个答案。"
    quiz.get_by_label("Two", exact=True).check()
    quiz.get_by_role("button", name="检查").click()
    assert quiz.locator("summary").inner_text() == "全部解释"
    assert count(page) == "做对 1 题，共 2 题。"
    page.goto((pages / "map-zh.html").as_uri())
    assert told_by_map(page) == ("做对 1 题，共 7 题。", "做对 1/2")
    buttons = page.locator("#self-test-progress button").all_inner_texts()
    assert buttons == ["存成文件", "打开文件", "全部忘掉"]


def test_several_right_choices_are_all_needed(page):
    quiz = page.locator(".quiz").nth(1)
    check = quiz.get_by_role("button", name="Check")
    quiz.get_by_label("2").check()
    check.click()
    assert verdict(page, 1).split("\n")[-1] == "There is more that is right."
    quiz.get_by_label("3").check()
    quiz.get_by_label("4").check()
    check.click()
    assert "No. 3 is not." in verdict(page, 1)
    assert count(page) == "0 of 2 solved."
    quiz.get_by_label("3").uncheck()
    check.click()
    assert count(page) == "1 of 2 solved."


def test_the_keyboard_is_enough(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for key in ("Space", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)
    assert verdict(page) == "Right. Count on."


def test_what_is_solved_is_kept_and_can_be_forgotten(page):
    choose(page, "Two")
    page.reload()
    assert count(page) == "1 of 2 solved."
    page.get_by_role("button", name="Start over").click()
    assert count(page) == "0 of 2 solved."
    page.reload()
    assert count(page) == "0 of 2 solved."


def told_by_map(page) -> tuple[str, str]:
    status = page.locator("#self-test-progress [role=status]").inner_text()
    return status, page.locator(".solved-mark").inner_text().strip()


def test_the_map_shows_it_and_a_file_carries_it(page, pages, tmp_path):
    choose(page, "One")
    choose(page, "Two")
    page.goto((pages / "map.html").as_uri())
    assert told_by_map(page) == ("1 of 7 questions solved.", "1 of 2 solved")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    assert json.loads(saved.read_text())["self-test"] == {
        "03": {ONE.key: {"tries": 2, "solved": True}}
    }
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").click()
    assert told_by_map(page) == ("Forgotten. 0 of 7 questions solved.", "")
    page.locator("input[type=file]").set_input_files(saved)
    page.get_by_text("Opened.").wait_for()
    assert told_by_map(page) == ("Opened. 1 of 7 questions solved.", "1 of 2 solved")


@pytest.mark.parametrize(
    "content", ["no JSON", "{}", '{"self-test": 5}', '{"self-test": {"03": {"0123456789": null}}}']
)
def test_another_file_is_refused_and_changes_nothing(page, pages, tmp_path, content):
    choose(page, "Two")
    page.goto((pages / "map.html").as_uri())
    other = tmp_path / "other.json"
    other.write_text(content)
    page.locator("input[type=file]").set_input_files(other)
    page.get_by_text("questions solved").wait_for()
    page.wait_for_timeout(200)
    assert told_by_map(page)[0].endswith("1 of 7 questions solved.")
    if content != '{"self-test": 5}':
        assert "other.json is no file that was saved here." in told_by_map(page)[0]


def test_a_browser_that_keeps_nothing_still_asks(browser, pages):
    page = browser.new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page.goto((pages / "lesson.html").as_uri())
    choose(page, "Two")
    assert verdict(page) == "Right. Count on."
    page.close()
