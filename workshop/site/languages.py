"""The web course in Chinese: the same pages, built once more from a checkout in translation."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from course_lib.language import translated_notebook, translations
from course_lib.language.notebooks import as_json
from workshop.classroom.languages import lesson_in
from workshop.lessons.sources import Lesson, lessons
from workshop.translate.pages import LANGUAGE, english_pages, translated_page
from workshop.translate.terms import read_terms, terms_table

# What Sphinx is told: its name of the language, that of the site in it, and words of its own.
SETTINGS = {
    "language": "zh_CN",
    "html_title": "图像风格迁移中的自编码器",
    "nb_code_prompt_show": "显示代码",
    "nb_code_prompt_hide": "隐藏代码",
}
# What the builder itself writes into pages.
WORDS = {
    'aria-label="The course"': 'aria-label="课程"',
    'aria-label="This page"': 'aria-label="本页"',
    'aria-label="Toggle site navigation sidebar"': 'aria-label="显示或隐藏课程目录"',
    'aria-label="Toggle table of contents sidebar"': 'aria-label="显示或隐藏本页目录"',
    'aria-label="Toggle Light / Dark / Auto color theme"': 'aria-label="切换浅色、深色或自动配色"',
    'aria-label="Toggle hidden content"': 'aria-label="显示或隐藏这段内容"',
    'aria-label="Toggle navigation of ': 'aria-label="展开或收起：',
    ">Skip to content<": ">跳到正文<",
    "<h1>Search</h1>": "<h1>搜索</h1>",
    ">Download this lesson as a notebook<": ">下载本课的笔记本<",
    ">Open this lesson in Binder<": ">在 Binder 中打开本课（英文版）<",
    # These are the same in both languages, and stand once in the site.
    '"../pictures/': '"../../pictures/',
    '"../labs/': '"../../labs/',
    '"labs/': '"../labs/',
}
SHARED = "pictures"
MINUTES = re.compile(r"(\d+) minutes")
DICTIONARY = "terms.txt"


def translated_checkout(root: Path, folder: Path) -> Path:
    """A folder that looks like the checkout, with its pages and notebooks in Chinese.

    Args:
        root: the course's checkout.
        folder: to make.

    Returns:
        The folder. What is not translated is a link to the checkout's own.
    """
    _linked(root, folder, but=("docs", "notebooks"))
    _linked(root / "docs", folder / "docs", but=("site",))
    _linked(root / "docs" / "site", folder / "docs" / "site", but=("node_modules",))
    _linked(root / "notebooks", folder / "notebooks")
    chosen = [_translated(lesson, folder) for lesson in lessons(root) if lesson.notebook.is_file()]
    for name, text in english_pages(root).items():
        page = translated_page(text, name, root=root)
        if name == "index":
            page = page.replace("<!-- lessons -->", lesson_table(chosen))
            _write(folder / "docs" / "site" / "index.md", page)
        elif name != "README":
            page += f"\n{terms_table(root)}\n" if name == "glossary" else ""
            _write(folder / "docs" / f"{name}.md", page)
    words = (form for term in read_terms(root) for form in term.chinese)
    _write(folder / "docs" / "site" / DICTIONARY, "\n".join(sorted(set(words))) + "\n")
    return folder


def finish_chinese(pages: Path) -> None:
    """Say in Chinese what the builder wrote, and share the lessons' images with the English pages.

    Args:
        pages: the folder of the Chinese pages, inside that of the English ones.
    """
    for page in pages.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for english, chinese in WORDS.items():
            text = text.replace(english, chinese)
        page.write_text(text, encoding="utf-8")
    shutil.rmtree(pages / SHARED)


def lesson_table(chosen: list[Lesson]) -> str:
    """The lessons as a Markdown table in Chinese: title, content, minutes.

    Args:
        chosen: the lessons, with titles in Chinese where there are any.
    """
    rows = ["| 课 | 你要做什么 | 分钟 |", "|---|---|---|"]
    for lesson in chosen:
        link = f"[{lesson.number}. {lesson.title}](notebooks/{lesson.notebook.name})"
        minutes = MINUTES.match(lesson.time)
        rows.append(f"| {link} | {lesson.sentence} | {minutes[1] if minutes else ''} |")
    return "\n".join(rows)


def _translated(lesson: Lesson, folder: Path) -> Lesson:
    """Write a lesson's notebook in Chinese; what its first cell says about it."""
    english = json.loads(lesson.notebook.read_text(encoding="utf-8"))
    catalog = lesson.catalog(LANGUAGE)
    known = translations(catalog)
    made = translated_notebook(english, known, LANGUAGE)
    _write(folder / "notebooks" / lesson.notebook.name, as_json(made))
    return lesson_in(lesson, LANGUAGE)


def _linked(root: Path, folder: Path, *, but: tuple[str, ...] = ()) -> None:
    folder.mkdir(parents=True)
    for path in root.iterdir():
        if path.name not in but:
            (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())


def _write(path: Path, text: str) -> None:
    """Write a page; where a link to the English one stands, it makes room."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
