"""The self-test of a lesson on its page, and what of it the reader has solved."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workshop.lessons.quizzes import QuizQuestion

READING = re.compile(r"^#{2,3} (?:Reading|延伸阅读)$", re.MULTILINE)
# The page with the map of the lessons, whose table gets a column of what the reader has solved.
MAP = "course-map"


@dataclass(frozen=True)
class Words:
    """What pages say around the questions; the target of a link has one name in all languages."""

    introduction: str
    right: str
    wrong: str
    answer: str
    progress: str


WORDS = {
    "en": Words(
        introduction="""\
## Self-test

Choose first, then look: every choice has its explanation, the wrong ones too. Your browser keeps
what you have solved, on this machine only, and the
[map of the lessons](../docs/course-map.md#your-progress) shows it.
""",
        right="Right.",
        wrong="No.",
        answer="Answer to question {}",
        progress="""
## Your progress

The self-tests stand near the end of each lesson. What you have solved is kept by your browser on
this machine and sent nowhere; to take it to another one, save it as a file there and open it here.

<div id="self-test-progress" data-totals="{totals}">
<noscript>This needs JavaScript.</noscript>
</div>
""",
    ),
    "zh": Words(
        introduction="""\
## 选择题

先选，再看：每个选项都有解释，错的也有。你做对了哪些，只由你的浏览器记在这台机器上，[课程地图](../docs/course-map.md#your-progress)会显示出来。
""",
        right="对。",
        wrong="不对。",
        answer="第 {} 题的答案",
        progress="""
(your-progress)=
## 你的进度

选择题在每课快结束的地方。你做对了哪些，由你的浏览器记在这台机器上，不会发送到任何地方；想带到另一台机器，就在那里存成文件，再到这里打开。

<div id="self-test-progress" data-totals="{totals}">
<noscript>这里需要 JavaScript。</noscript>
</div>
""",
    ),
}


def with_self_test(
    notebook: Any, questions: Iterable[QuizQuestion], number: int, language: str = "en"
) -> None:
    """Put a lesson's self-test before its reading list, or at its end where it has none.

    Args:
        notebook: the notebook that the page is built from; it is changed.
        questions: the self-test.
        number: the lesson's.
        language: of the words around the questions, "en" or "zh".
    """
    import nbformat

    cell = nbformat.v4.new_markdown_cell(self_test(questions, number, language))
    last = notebook.cells[-1]
    reading = READING.search(last.source) if last.cell_type == "markdown" else None
    if reading is None:
        notebook.cells.append(cell)
        return
    rest = nbformat.v4.new_markdown_cell(last.source[reading.start() :])
    last.source = last.source[: reading.start()].rstrip()
    notebook.cells += [cell, rest]


def self_test(questions: Iterable[QuizQuestion], number: int, language: str = "en") -> str:
    """A self-test as Markdown with HTML in it, which can be read without any program.

    The program ``self-test.js`` makes choices to click of it.

    Args:
        questions: its questions.
        number: the lesson's.
        language: of the words around the questions, "en" or "zh".
    """
    words = WORDS[language]
    shown = [_as_html(place, question, words) for place, question in enumerate(questions, start=1)]
    opening = f'<div class="self-test" data-lesson="{number:02}">'
    return "\n".join([words.introduction, opening, *shown, "</div>"])


def _as_html(place: int, question: QuizQuestion, words: Words) -> str:
    said = "".join(f"<li>{_inline(choice.say)}</li>" for choice in question.choices)
    why = "".join(
        f"<li{' data-right' if choice.right else ''}>"
        f"<strong>{words.right if choice.right else words.wrong}</strong> "
        f"{_inline(choice.why)}</li>"
        for choice in question.choices
    )
    several = " data-several" if question.several else ""
    return (
        f'<div class="quiz" data-key="{question.key}"{several}>'
        f'<p class="ask"><strong>{place}.</strong> {_inline(question.ask)}</p>'
        f'<ol class="choices" type="a">{said}</ol>'
        f"<details><summary>{words.answer.format(place)}</summary>"
        f'<ol class="why" type="a">{why}</ol></details></div>'
    )


def _inline(text: str) -> str:
    """Markdown of one line as HTML: code, emphasis; no formulas, for which it has no program."""
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["backticks", "emphasis"]).renderInline(text)


def with_progress(text: str, totals: Mapping[int, int], language: str = "en") -> str:
    """The map of the lessons with a place that shows what the reader has solved.

    Args:
        text: the page's Markdown.
        totals: number of a lesson -> how many questions its self-test has.
        language: of the words, "en" or "zh".
    """
    told = json.dumps({f"{number:02}": total for number, total in sorted(totals.items())})
    return text + WORDS[language].progress.replace("{totals}", html.escape(told))
