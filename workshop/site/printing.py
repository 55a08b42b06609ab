"""All lessons of the web course as one PDF file, printed by Chromium."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from course_lib.errors import BuildError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARTICLE = re.compile(r'<article role="main"[^>]*>(.*?)</article>', re.DOTALL)
SELF_TEST = re.compile(r'<section id="self-test">.*?</section>', re.DOTALL)
HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
OTHER_LESSON = re.compile(r'href="(\d\d)-[a-z0-9-]+\.html(?:#[^"]*)?"')
OWN = re.compile(r'(\bid="|href="#)(?!lesson-)')
# What draws a page's formulas: settings, and the program that loads MathJax.
FORMULAS = re.compile(
    r"<script>window\.MathJax.*?</script>\s*<script[^>]*/formulas\.js[^>]*></script>", re.DOTALL
)
# Formulas and images are waited for in the page's own time, which runs ahead where nothing happens.
PAGE_TIME = 300_000
PATIENCE = 900
COVER = """<section class="cover"><h1>{title}</h1>
<p>All lessons, with the code, the numbers and the pictures of one run of each. The notebooks,
the labs and the self-tests are on the course's pages.</p>
<ol start="0">{entries}</ol></section>"""
STYLE = """<style>
  .lesson { break-before: page; }
  .cover { padding-top: 60mm; }
  .headerlink, .copybtn, a[download], .solved-mark { display: none !important; }
  .lesson details.hide { display: none; }
  .cover ol { padding-left: 2.5rem; }
  .content { width: auto !important; padding: 0 !important; }
</style>"""


def find_chromium() -> str:
    """The program that prints.

    Raises:
        BuildError: it is not installed.
    """
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise BuildError(
            "Chromium is not installed, which prints the pages: apt-get install chromium. "
            "Without the PDF file: course site --no-pdf"
        )
    return found


def print_document(pages: Path, title: str) -> str:
    """The lessons of a built site as one HTML document for paper.

    Links between lessons lead to places in it. The self-tests stay on the pages, and what is folded
    there is open, but for the first cell of each lesson, which is everywhere the same.

    Args:
        pages: the folder of the site.
        title: for the cover.

    Raises:
        BuildError: there are no lessons in it.
    """
    files = sorted((pages / "notebooks").glob("[0-9][0-9]-*.html"))
    if not files:
        raise BuildError(f"There are no lessons in {pages / 'notebooks'}.")
    texts = {file.name[:2]: file.read_text(encoding="utf-8") for file in files}
    lessons = {number: _lesson(number, text) for number, text in texts.items()}
    entries = "".join(
        f'<li><a href="#lesson-{number}">{_title(text)}</a></li>'
        for number, text in lessons.items()
    )
    drawn = next(filter(None, map(FORMULAS.search, texts.values())), None)
    style = STYLE + (drawn[0] if drawn else "")
    head = HEAD.search(texts[files[0].name[:2]])
    begin = head[0].replace("</head>", f"{style}</head>") if head else f"<head>{style}</head>"
    begin = re.sub(r"<title>.*?</title>", f"<title>{html.escape(title)}</title>", begin)
    cover = COVER.format(title=html.escape(title), entries=entries)
    body = "\n".join([cover, *lessons.values()])
    return f'<!doctype html>\n<html lang="en">{begin}<body data-theme="light">{body}</body></html>'


def _lesson(number: str, text: str) -> str:
    article = ARTICLE.search(text)
    if article is None:
        raise BuildError(f"The page of lesson {number} has no article.")
    inner = SELF_TEST.sub("", article[1])
    inner = OTHER_LESSON.sub(r'href="#lesson-\1"', inner)
    # Each lesson has a summary: the same name for two places would lead to the first.
    inner = OWN.sub(rf"\g<1>{number}-", inner)
    inner = inner.replace(' loading="lazy"', "").replace("<details>", "<details open>")
    inner = inner.replace('<details class="answer">', '<details class="answer" open>')
    return f'<div class="lesson" id="lesson-{number}">{inner}</div>'


def _title(lesson: str) -> str:
    found = re.search(r"<h1>(.*?)<a class=\"headerlink\"", lesson, re.DOTALL)
    return re.sub(r"^Lesson \d+: ", "", found[1].strip()) if found else ""


def print_lessons(pages: Path, file: Path, *, title: str) -> None:
    """Print all lessons of a built site into one PDF file, with bookmarks.

    Args:
        pages: the folder of the site.
        file: the file to write.
        title: of the document.

    Raises:
        BuildError: Chromium is missing, or did not print.
    """
    program = find_chromium()
    source = pages / "notebooks" / "print.html"
    source.write_text(print_document(pages, title), encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory() as profile:
            _run(program, profile, source, file)
    finally:
        source.unlink()
    if not file.is_file() or not file.read_bytes().startswith(b"%PDF"):
        raise BuildError(f"{program} printed nothing.")


def _run(program: str, profile: str, source: Path, file: Path) -> None:
    # In a container everything runs as root, and there Chromium starts no sandbox.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [
        *(program, "--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(["--no-sandbox", "--disable-dev-shm-usage"] if root else []),
        *("--generate-pdf-document-outline", "--no-pdf-header-footer"),
        *(f"--virtual-time-budget={PAGE_TIME}", f"--timeout={1000 * PATIENCE}"),
        *(f"--print-to-pdf={file}", source.as_uri()),
    ]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{program} did not print within {PATIENCE} seconds.") from error
    if answer.returncode != 0:
        raise BuildError(f"{program} did not print the lessons:\n{answer.stderr[-2000:]}")
