"""The lessons as one document for paper."""

import re
from pathlib import Path

import pytest

from course_lib.errors import BuildError
from tests.browser.jupyter_in_chromium import chromium
from workshop.site import printing
from workshop.site.printing import find_chromium, print_document, print_lessons

PAGE = """<html><head><title>L</title></head><body><nav>menu</nav>
<article role="main" id="furo-main-content"><section id="lesson">
<h1>Lesson {number}: Part {number}<a class="headerlink" href="#lesson">#</a></h1>
<p>See <a href="0{other}-part.html#summary">the other</a> and <a href="#summary">below</a>.
<img src="../pictures/a.png" loading="lazy" alt="x"></p>
<details class="hide above-input"><summary>Show</summary>import sys</details>
<details><summary>Answer</summary><p>Because {number}.</p></details>
<section id="self-test"><h2>Self-test</h2><p>Choose.</p></section>
<section id="summary"><h2>Summary</h2></section></section></article>{scripts}</body></html>"""
FORMULAS = """<script>window.MathJax = {}</script>
    <script defer="defer" src="../_static/formulas.js?v=1"></script>"""


@pytest.fixture
def pages(tmp_path) -> Path:
    (tmp_path / "notebooks").mkdir()
    for number in (0, 1):
        scripts = '<script src="other.js"></script>' + FORMULAS * number
        text = PAGE.format(number=number, other=1 - number, scripts=scripts)
        (tmp_path / "notebooks" / f"0{number}-part.html").write_text(text)
    return tmp_path


def test_all_lessons_are_in_it_and_what_belongs_to_the_screen_is_not(pages):
    text = print_document(pages, "A & B")
    assert "<title>A &amp; B</title>" in text
    assert text.index("Because 0.") < text.index("Because 1.")
    assert "Choose." not in text and "menu" not in text
    assert 'loading="lazy"' not in text
    assert text.count("<script") == FORMULAS.count("<script")
    assert FORMULAS in text
    assert text.count("<details open>") == 2
    assert '<details class="hide above-input"><summary>' in text


def test_every_link_leads_to_a_place_and_every_place_is_one(pages):
    text = print_document(pages, "A")
    places = re.findall(r'\bid="([^"]+)"', text)
    assert len(places) == len(set(places))
    links = re.findall(r'href="#([^"]+)"', text)
    assert set(links) <= set(places)
    assert {"lesson-00", "lesson-01", "00-summary", "01-summary"} <= set(links)


def test_without_lessons_or_chromium_it_says_so(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(BuildError, match="no lessons"):
        print_document(tmp_path, "A")
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(BuildError, match=r"apt-get install chromium.*--no-pdf"):
        find_chromium()


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_a_file_is_printed_and_nothing_is_left_behind(pages):
    print_lessons(pages, pages / "lessons.pdf", title="A course")
    assert (pages / "lessons.pdf").read_bytes().count(b"/Type /Page\n") >= 3
    assert {path.name for path in (pages / "notebooks").iterdir()} == {
        "00-part.html",
        "01-part.html",
    }
