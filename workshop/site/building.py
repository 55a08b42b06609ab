"""Building the web course with Sphinx, from a checkout of the course."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course_lib import files
from course_lib.errors import BuildError
from course_lib.export import check_web_tools, node_packages
from workshop import CHECKOUT
from workshop.lessons.quizzes import QuizQuestion, quiz_path, read_quiz
from workshop.lessons.sources import Lesson, lessons, repository_url
from workshop.site.animations import read_animations
from workshop.site.first_answers import show_first_answers
from workshop.site.labs import LABS, STYLIZE, headings, labs_without_networks, write_labs
from workshop.site.languages import SETTINGS, finish_chinese, translated_checkout
from workshop.site.lesson_pages import write_lesson
from workshop.site.links import binder_address, page_url
from workshop.site.page_words import PAGE_WORDS, write_page_words
from workshop.site.pages import check_pages
from workshop.site.printing import find_chromium, print_lessons
from workshop.site.quizzes import MAP, with_progress
from workshop.translate import translated_quiz
from workshop.translate.pages import LANGUAGE

# What a folder of the web course holds.
PARTS = ("index.html", "notebooks", "reference")
PDF = "lessons.pdf"
NEEDED = ("sphinx", "myst_nb", "furo", "jieba")
# Rooms in the order in which a reader meets them; those that are not named follow by name.
ROOMS = (
    *("images", "collection", "plots", "byhand", "linear"),
    *("autoencoder", "features", "statistics", "losses", "transfer"),
    *("training", "teachers", "metrics", "widgets", "painters", "exercises", "lessons"),
    *("backend", "budget", "doctor", "errors", "checks", "files", "language", "messages"),
)
# Folders of course_lib that hold no code.
NO_ROOMS = ("data", "locale")
REFERENCE = """\
Every public function and class of ``course_lib``, room by room, written from its docstring.
Images have the shape (height, width, 3), batches (batch, height, width, 3), both with values from
0 to 1.

.. toctree::
   :maxdepth: 1
"""
MENDED = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<div id="search-results"></div>': '<h1>Search</h1>\n<div id="search-results"></div>',
    # The empty corner of a table is the heading of nothing.
    '<th class="head"><p></p></th>': "<td></td>",
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="The course">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="This page">',
}
RELATIVE_LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")


def build_site(
    out: Path,
    *,
    root: Path = CHECKOUT,
    with_networks: bool = True,
    with_pdf: bool = False,
    tell: Callable[[str], None] = print,
    overwrite: bool = False,
) -> Path:
    """Build the web course: a folder of pages for any file server, and for no server at all.

    The pages in Chinese lie in its folder `zh`, under the same names as the English ones.

    The pages ask no other host for anything: the program that draws formulas is copied in. The
    folder is replaced only when everything has been built and checked.

    Args:
        out: the folder to write. It must be new or empty.
        root: the course's checkout.
        with_networks: include the labs that run the networks, if the tools for that are there.
        with_pdf: also print all lessons into lessons.pdf, if Chromium is there.
        tell: what is called with a line when something is left out.
        overwrite: replace a site built before.

    Returns:
        The folder.

    Raises:
        BuildError: something needed is missing, or a page has a fault: a warning of Sphinx, a link
            that leads nowhere, an image without alternative text, something that would be fetched
            from another host.
        FileError: the folder holds other files, or a site that is not to be replaced.
    """
    out = files.check_folder(Path(out).resolve(), PARTS, overwrite=overwrite)
    _check_tools(root)
    packages = node_packages(root / "docs" / "site")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as workshop, files.replacing(out) as pages:
        source = Path(workshop) / "source"
        alive = with_networks and _networks_can_be_made(tell)
        labs = gather(root, source, packages, with_networks=alive)
        told = write_labs(
            source / "extra" / "labs", [*labs, *[STYLIZE] * alive], with_networks=alive
        )
        other = Path(workshop) / "source-zh"
        chinese = translated_checkout(root, Path(workshop) / "checkout")
        gather(chinese, other, packages, with_networks=alive, language=LANGUAGE)
        write_page_words(other / "static" / PAGE_WORDS, told)
        printed = with_pdf and _can_be_printed(tell)
        tags = [*["with_networks"] * alive, *["with_pdf"] * printed]
        settings = {"html_baseurl": f"{page_url(root)}/"}
        settings_zh = {"html_baseurl": f"{page_url(root)}/{LANGUAGE}/", **SETTINGS}
        _run_sphinx({source: (pages, settings), other: (pages / LANGUAGE, settings_zh)}, tags)
        _mend_theme(pages)
        # The Chinese pages lie in a folder of the others.
        show_first_answers(pages / LANGUAGE, told, LANGUAGE)
        show_first_answers(pages, told, "en")
        if printed:
            print_lessons(pages, pages / PDF, title="Autoencoders in image style transfer")
        finish_chinese(pages / LANGUAGE)
        problems = check_pages(pages)
        if problems:
            raise BuildError("\n".join(["The pages have faults:", *problems]))
    return out


def _check_tools(root: Path) -> None:
    if not (root / "docs" / "site" / "conf.py").is_file():
        raise BuildError(f"There is no docs/site in {root}. Use a checkout of the course.")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BuildError(
            f"Not installed: {', '.join(missing)}. In the course's folder, run: "
            "python -m uv run --extra cpu --group site course site"
        )


def gather(
    root: Path,
    source: Path,
    packages: Path,
    *,
    with_networks: bool = False,
    language: str = "en",
) -> list[str]:
    """Lay out what Sphinx reads: the pages of docs/, the lessons, the reference.

    Args:
        root: the course's checkout.
        source: the folder to make.
        packages: a folder node_modules with MathJax.
        with_networks: with the labs that run the networks.
        language: of the self-tests, "en" or "zh".

    Returns:
        The names of the labs that the pages show; their files are still to be written.

    Raises:
        BuildError: an animation does not know where to stand.
    """
    site = root / "docs" / "site"
    shutil.copytree(site, source, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    extra = source / "extra"
    made = (source / "docs", source / "notebooks", source / "reference", source / "static/mathjax")
    for folder in (*made, extra / "pictures", extra / "notebooks"):
        folder.mkdir(parents=True)
    shutil.copy(packages / "mathjax" / "es5" / "tex-svg.js", source / "static" / "mathjax")
    # What labs and figures say their words with.
    shutil.copy(root / "docs" / "web" / "labs" / "words.js", source / "static")
    chosen = [lesson for lesson in lessons(root) if lesson.notebook.is_file()]
    animations = read_animations(root / "docs" / "animations")
    quizzes = {one.number: _quiz(one.number, root, language) for one in chosen}
    labs = list(LABS) if with_networks else labs_without_networks()
    for lesson in chosen:
        own = [animation for animation in animations if animation.lesson == lesson.number]
        write_lesson(
            lesson.notebook,
            source,
            extra,
            animations=own,
            labs=headings(labs),
            quiz=quizzes[lesson.number],
            language=language,
            binder=binder_address(repository_url(root), lesson.notebook.name),
        )
    guides = _copy_guides(root, source)
    course_map = source / "docs" / f"{MAP}.md"
    totals = {number: len(quiz) for number, quiz in quizzes.items()}
    progress = with_progress(course_map.read_text("utf-8"), totals, language)
    course_map.write_text(progress, encoding="utf-8")
    _complete_index(source / "index.md", chosen, guides)
    for name, text in reference_pages(root / "course_lib").items():
        (source / "reference" / f"{name}.rst").write_text(text, encoding="utf-8")
    return labs


def _quiz(number: int, root: Path, language: str) -> list[QuizQuestion]:
    if language != LANGUAGE:
        return read_quiz(quiz_path(number, root))
    return translated_quiz(number, root / "lessons" / LANGUAGE / f"{number:02}.md", root)


def _copy_guides(root: Path, source: Path) -> list[str]:
    """Copy the pages of docs/ with their images; the names of the pages."""
    for folder in ("images", "gallery"):
        if (root / "docs" / folder).is_dir():
            shutil.copytree(root / "docs" / folder, source / "docs" / folder)
    guides = sorted((root / "docs").glob("*.md"))
    for page in guides:
        shutil.copy(page, source / "docs")
    for page in guides:
        text = with_links_out(page.read_text(encoding="utf-8"), page, root, source)
        (source / "docs" / page.name).write_text(text, encoding="utf-8")
    return [page.stem for page in guides]


def _complete_index(index: Path, chosen: list[Lesson], guides: list[str]) -> None:
    """Put the lessons into the first page, and into its menu the guides that it does not name."""
    text = index.read_text(encoding="utf-8").replace("<!-- lessons -->", lesson_table(chosen))
    others = [f"docs/{name}" for name in guides if f"\ndocs/{name}\n" not in text]
    index.write_text(text.replace("OTHER_GUIDES", "\n".join(others)), encoding="utf-8")


def with_links_out(text: str, page: Path, root: Path, source: Path) -> str:
    """A page whose links to files that the site does not hold lead to the repository.

    Args:
        text: the page's Markdown.
        page: where it lies in the checkout.
        root: the course's checkout.
        source: what Sphinx reads; it is laid out like the checkout.
    """
    repository = repository_url(root)

    def lead_out(match: re.Match) -> str:
        target = Path(os.path.normpath(page.parent / match[1]))
        if not target.exists() or not target.is_relative_to(root):
            return match[0]
        path = target.relative_to(root)
        if (source / path).exists():
            return match[0]
        kind = "tree" if target.is_dir() else "blob"
        return f"]({repository}/{kind}/main/{path.as_posix()}{match[2] or ''})"

    return RELATIVE_LINK.sub(lead_out, text)


def lesson_table(chosen: Iterable[Lesson]) -> str:
    """The lessons as a Markdown table for the first page: title, content, minutes.

    Args:
        chosen: the lessons that are there.
    """
    rows = ["| lesson | what you do in it | minutes |", "|---|---|---|"]
    for lesson in chosen:
        minutes = re.match(r"(\d+) minutes", lesson.time)
        link = f"[{lesson.number}. {lesson.title}](notebooks/{lesson.notebook.name})"
        rows.append(f"| {link} | {lesson.sentence} | {minutes[1] if minutes else ''} |")
    return "\n".join(rows)


def reference_pages(package: Path) -> dict[str, str]:
    """The reference's sources: one page for each room, and an index of them.

    Args:
        package: the folder course_lib.

    Returns:
        Name of the page -> its reStructuredText.
    """
    rooms = [name for name in ROOMS if _modules(package, name)]
    others = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    rooms += sorted(
        name for name in others - set(rooms) if name[0] not in "_." and name not in NO_ROOMS
    )
    pages = {room: _reference_page(room, _modules(package, room)) for room in rooms}
    entries = "\n".join(f"   {room}" for room in rooms)
    pages["index"] = f"{_heading('Reference')}\n{REFERENCE}\n{entries}\n"
    return pages


def _modules(package: Path, room: str) -> list[str]:
    """The modules of a room; of the painters, of which each has its own, only what they share."""
    if (package / f"{room}.py").is_file():
        return [f"course_lib.{room}"]
    folder = package / room
    if not (folder / "__init__.py").is_file():
        return []
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.py"))
    inner = sorted(".".join(file.parts) for file in files if file.name[0] != "_")
    if room == "painters":
        inner = []
    return [f"course_lib.{room}", *(f"course_lib.{room}.{name}" for name in inner)]


def _reference_page(room: str, modules: list[str]) -> str:
    parts = [_heading(f"course_lib.{room}")]
    for module in modules:
        if module != modules[0]:
            parts.append(_heading(module, "-"))
        # What a package hands on is shown once, in the module that it comes from.
        shown = not (modules[1:] and module == modules[0])
        # The options of a command are Typer's to explain: `course train distill --help`.
        members = "   :members:\n" if shown and room != "train_command" else ""
        parts.append(f".. automodule:: {module}\n{members}")
    return "\n".join(parts)


def _heading(words: str, line: str = "=") -> str:
    return f"{words}\n{line * len(words)}\n"


def _can_be_printed(tell: Callable[[str], None]) -> bool:
    try:
        find_chromium()
    except BuildError as error:
        tell(f"Without {PDF}. {error}")
        return False
    return True


def _run_sphinx(sites: Mapping[Path, tuple[Path, Mapping[str, str]]], tags: list[str]) -> None:
    """Build several sites at the same time: source folder -> folder of the pages, and settings."""
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(_build_pages, source, pages, tags, settings)
            for source, (pages, settings) in sites.items()
        ]
    faults = [fault for one in running if (fault := one.result())]
    if faults:
        raise BuildError("\n".join(["Sphinx found faults:", *faults]))


def _build_pages(source: Path, pages: Path, tags: list[str], settings: Mapping[str, str]) -> str:
    """What Sphinx says against a site; "" where it has built it."""
    # MyST-NB leaves a folder of notebooks beside the pages, so they are built elsewhere first.
    built = source.with_name(f"{source.name}-built") / "pages"
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    command += ["-d", str(built.with_name("doctrees"))]
    for tag in tags:
        command += ["-t", tag]
    for name, value in settings.items():
        command += ["-D", f"{name}={value}"]
    answer = subprocess.run(
        [*command, str(source), str(built)], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        return answer.stderr.replace(f"{source}{os.sep}", "")
    shutil.copytree(built, pages, dirs_exist_ok=True)
    return ""


def _mend_theme(pages: Path) -> None:
    """Give screen readers the names and levels that Sphinx and the theme leave out."""
    for page in pages.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for left_out, mended in MENDED.items():
            text = text.replace(left_out, mended)
        page.write_text(text, encoding="utf-8")


def _networks_can_be_made(tell: Callable[[str], None]) -> bool:
    """Whether what exports networks for pages is installed; otherwise say what is missing."""
    try:
        check_web_tools()
    except BuildError as error:
        tell(f"Without the labs that run the networks. {error}")
        return False
    return True
