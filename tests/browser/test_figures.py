"""Figures are enlarged by mouse and keyboard, and the reader is back where they were afterwards."""

import pytest

from course_lib import collection, images
from tests.browser.jupyter_in_chromium import chromium
from tests.helpers.checkout import ROOT

STATIC = ROOT / "docs" / "site" / "static"
WORDS = ROOT / "docs" / "web" / "labs" / "words.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
BODY = """<article><p><img class="lesson-picture" src="cat.jpg" width="120" alt="A cat"></p>
<p><a href="#x"><img src="cat.jpg" width="60" alt="A link"></a></p>
<p><picture class="lesson-motion"><img src="cup.jpg" width="120" alt="A cup"></picture></p>
<div class="live-lab"><img src="cup.jpg" width="60" alt="A lab"></div></article>"""


@pytest.fixture
def page(browser, tmp_path):
    for file in (WORDS, STATIC / "figures.js", STATIC / "figures.css"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    for file, name in (("cat.jpg", "chelsea"), ("cup.jpg", "coffee")):
        (tmp_path / file).write_bytes(images.to_bytes(collection.photograph(name, size=240)))
    (tmp_path / "page.html").write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Test</title>'
        '<link rel="stylesheet" href="figures.css"><script defer src="words.js"></script>'
        '<script defer src="figures.js"></script>'
        f"<body>{BODY}</body></html>",
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.set_default_timeout(10_000)
    page.goto((tmp_path / "page.html").as_uri())
    yield page
    page.close()


def enlarged(page):
    return page.get_by_role("dialog")


def test_a_click_enlarges_and_the_window_is_filled(page):
    page.get_by_alt_text("A cat").click()
    shown = enlarged(page).get_by_alt_text("A cat")
    box = shown.bounding_box()
    assert box["width"] > 5 * 120
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1000
    assert box["y"] + box["height"] <= 700
    page.mouse.click(3, 3)
    assert not enlarged(page).is_visible()


def test_the_keyboard_enlarges_and_focus_returns(page):
    button = page.get_by_role("button", name="Enlarge figure 2")
    button.focus()
    page.keyboard.press("Enter")
    assert enlarged(page).get_by_alt_text("A cup").is_visible()
    page.keyboard.press("Escape")
    assert not enlarged(page).is_visible()
    assert button.evaluate("button => button === document.activeElement")


def test_after_a_click_focus_is_at_the_figure(page):
    page.get_by_alt_text("A cat").click()
    page.get_by_role("button", name="Close").click()
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Enlarge figure 1"


def test_links_and_labs_keep_their_own_click(page):
    assert page.get_by_role("button", name="Enlarge").count() == 2
    page.get_by_alt_text("A link").click()
    assert not enlarged(page).is_visible()
