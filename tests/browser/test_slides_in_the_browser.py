"""The slides of `course classroom` in a real browser: they fit, they turn, they ask nobody."""

import nbformat
import pytest

from tests.browser.jupyter_in_chromium import chromium
from workshop.classroom import read_material
from workshop.classroom.slides import slides_page
from workshop.classroom.writing import is_ready
from workshop.lessons import lessons

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
PROJECTOR = {"width": 1280, "height": 720}
# How many pixels of a slide, or of its text, lie beyond the edge, with what to say shown as well.
CUT_OFF = """() => {
  document.body.classList.add("notes");
  const parts = [...document.querySelectorAll("section, section .text")];
  const beyond = parts.map((part) => part.scrollHeight - part.clientHeight);
  document.body.classList.remove("notes");
  return Math.max(...beyond);
}"""
BROKEN = "() => [...document.images].filter((one) => one.naturalWidth === 0).length"


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport=PROJECTOR)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    return page


def test_every_slide_fits_on_the_projector_and_shows_its_images(page, tmp_path):
    faults = {}
    for lesson in filter(is_ready, lessons()):
        built = nbformat.read(lesson.notebook, as_version=4)
        path = tmp_path / f"{lesson.number:02}.html"
        path.write_text(slides_page(lesson, read_material(lesson), built), encoding="utf-8")
        page.goto(path.as_uri())
        found = page.evaluate(CUT_OFF), page.evaluate(BROKEN)
        if max(found) > 1:
            faults[lesson.number] = found
    assert faults == {}
    assert {url.partition(":")[0] for url in page.asked} <= {"file", "data"}


def test_the_keys_turn_slides_and_show_what_to_say(page, tmp_path):
    lesson = lessons()[0]
    built = nbformat.read(lesson.notebook, as_version=4)
    (tmp_path / "slides.html").write_text(slides_page(lesson, read_material(lesson), built))
    page.goto((tmp_path / "slides.html").as_uri())

    def slide() -> int:
        return page.evaluate("() => here()")

    assert slide() == 0
    for key, expected in (("ArrowRight", 1), (" ", 2), ("ArrowLeft", 1), ("Home", 0)):
        page.keyboard.press(key)
        page.wait_for_function(f"here() === {expected}")
    note = page.locator("aside").first
    assert not note.is_visible()
    page.keyboard.press("n")
    assert note.is_visible()
