"""What there is to translate: every lesson and page, cut into passages, and its catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.language import apply, translations
from course_lib.language.notebooks import passages_of
from workshop import CHECKOUT
from workshop.classroom.languages import material_catalog, material_passages
from workshop.classroom.material import material_path, read_material
from workshop.lessons.sources import convert, lessons
from workshop.translate.quizzes import quiz_passages

LANGUAGE = "zh"
# What programs write into a page is the same in all languages.
MADE = re.compile(r"(?ms)^<!-- [\w ]+: begin -->$.*?^<!-- [\w ]+: end -->$")
HEADING = re.compile(r"#{1,6} ")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
WORDS = re.compile(r"[A-Za-z]{2}")
TAGS = re.compile(r"(?s)<!--.*?-->|<[^>]*>")


@dataclass(frozen=True)
class Page:
    """A lesson or page: its English passages, and the file that keeps their translations.

    Args:
        name: such as "lessons/06", "classroom/06" or "docs/glossary".
        passages: Markdown in English, in their order; those without words are left out. A lesson's
            text cells come before the questions of its self-test.
        catalog: where the translation is kept; the file need not exist.
    """

    name: str
    passages: Sequence[str]
    catalog: Path


def pages(named: Sequence[str] = (), *, root: Path = CHECKOUT) -> list[Page]:
    """Everything that is to be translated: lessons, what their teachers need, pages.

    Args:
        named: only these, by number, name or file: "06", "glossary", "docs/glossary.md",
            "lessons/06-what-style-is.py"; all where none is named.
        root: the course's checkout.

    Raises:
        BuildError: a lesson cannot be read.
    """
    wanted = {re.sub(r"^(\d\d)-.*", r"\1", Path(name).stem) for name in named}
    found = [*_lesson_pages(root), *_classroom_pages(root), *_doc_pages(root)]
    return [page for page in found if not wanted or Path(page.name).name in wanted]


def page_passages(text: str) -> list[str]:
    """The passages of a page: joined by empty lines they are the page again.

    Args:
        text: the page's Markdown.
    """
    passages: list[str] = []
    end = 0
    for made in MADE.finditer(text):
        passages += [*_cut(text[end : made.start()]), made[0]]
        end = made.end()
    return [*passages, *_cut(text[end:])]


def translated_page(text: str, name: str, *, root: Path = CHECKOUT) -> str:
    """A page in the other language, as far as it has been translated.

    Args:
        text: the English page.
        name: of its catalog in docs/zh, without the suffix.
        root: the course's checkout.
    """
    known = translations(_doc_catalog(name, root))
    return "\n\n".join(translated_passages(page_passages(text), known)) + "\n"


def chinese_readme(root: Path = CHECKOUT) -> str:
    """README.zh.md: the README in Chinese, as far as it has been translated.

    Args:
        root: the course's checkout.
    """
    english = (root / "README.md").read_text(encoding="utf-8")
    chinese = translated_page(english, "README", root=root)
    return chinese.replace("[简体中文](README.zh.md)", "[English](README.md)")


def translated_passages(passages: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Passages in the other language; those without words stay as they are.

    Args:
        passages: of a page.
        known: fingerprint -> translation.
    """
    prose = apply([passage if has_words(passage) else "" for passage in passages], known, LANGUAGE)
    return [words or passage for words, passage in zip(prose, passages, strict=True)]


def has_words(passage: str) -> bool:
    """Whether there is something to translate: words outside tags, which no program wrote."""
    return not MADE.fullmatch(passage) and bool(WORDS.search(TAGS.sub("", passage)))


def english_pages(root: Path) -> dict[str, str]:
    """The pages that are no lessons: name of the catalog -> English Markdown.

    Args:
        root: the course's checkout.
    """
    files = [root / "README.md", root / "docs" / "site" / "index.md"]
    files += sorted((root / "docs").glob("*.md"))
    return {path.stem: path.read_text(encoding="utf-8") for path in files if path.is_file()}


def _lesson_pages(root: Path) -> Iterator[Page]:
    for lesson in lessons(root):
        cells = [passage for passage in passages_of(convert(lesson)) if passage.strip()]
        passages = [*cells, *quiz_passages(lesson.number, root)]
        catalog = lesson.catalog(LANGUAGE)
        yield Page(f"lessons/{lesson.number:02}", passages, catalog)


def _classroom_pages(root: Path) -> Iterator[Page]:
    for lesson in lessons(root):
        if material_path(lesson).is_file():
            passages = material_passages(read_material(lesson))
            catalog = material_catalog(lesson.number, LANGUAGE, root)
            yield Page(f"classroom/{lesson.number:02}", passages, catalog)


def _doc_pages(root: Path) -> Iterator[Page]:
    for name, text in english_pages(root).items():
        passages = [passage for passage in page_passages(text) if has_words(passage)]
        yield Page(f"docs/{name}", passages, _doc_catalog(name, root))


def _doc_catalog(name: str, root: Path) -> Path:
    return root / "docs" / LANGUAGE / f"{name}.md"


def _cut(text: str) -> list[str]:
    passages: list[list[str]] = [[]]
    fence = ""
    for line in text.strip().splitlines():
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        elif not fence and HEADING.match(line):
            passages.append([])
        passages[-1].append(line)
    joined = ("\n".join(lines).strip() for lines in passages)
    return [passage for passage in joined if passage]
