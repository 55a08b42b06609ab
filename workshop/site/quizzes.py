"""The self-test of a lesson: multiple-choice questions, each choice with an explanation."""

from __future__ import annotations

import hashlib
import html
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from workshop import CHECKOUT

FEWEST = 4
READING = re.compile(r"^#{2,3} Reading$", re.MULTILINE)
# The page with the map of the lessons, whose table gets a column of what the reader has solved.
MAP = "course-map"

INTRODUCTION = """\
## Self-test

Choose first, then look: every choice has its explanation, the wrong ones too. Your browser keeps
what you have solved, on this machine only, and the
[map of the lessons](../docs/course-map.md#your-progress) shows it.
"""
PROGRESS = """
## Your progress

The self-tests stand near the end of each lesson. What you have solved is kept by your browser on
this machine and sent nowhere; to take it to another one, save it as a file there and open it here.

<div id="self-test-progress" data-totals="{totals}">
<noscript>This needs JavaScript.</noscript>
</div>
"""


@dataclass(frozen=True)
class Choice:
    """One of the answers offered: what it says, why it is right or wrong, and which of the two."""

    say: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class QuizQuestion:
    """A question with its choices.

    Attributes:
        ask: the question.
        choices: in the order in which they are shown.
        several: whether more than one choice may be right.
    """

    ask: str
    choices: tuple[Choice, ...]
    several: bool = False

    @property
    def key(self) -> str:
        """What the reader's browser knows it by; another question has another key."""
        told = "\n".join([self.ask, *(choice.say for choice in self.choices)])
        return hashlib.sha256(told.encode()).hexdigest()[:10]


def quiz_path(number: int, root: Path = CHECKOUT) -> Path:
    """Where the self-test of a lesson lies.

    Args:
        number: the lesson's.
        root: the course's checkout.
    """
    return root / "lessons" / "quizzes" / f"{number:02}.toml"


def read_quiz(path: Path) -> list[QuizQuestion]:
    """The questions of a self-test.

    Args:
        path: a file with tables ``questions``, each with ``ask`` and ``choices``.

    Raises:
        BuildError: the file is missing, is no TOML, or one of its questions is not complete: an
            unknown or missing entry, an empty text, two equal choices, no wrong choice, no right
            one, or several of them where ``several`` does not say so.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        questions = [_question(told) for told in content.pop("questions")]
        if content:
            raise ValueError(f"unknown: {', '.join(sorted(content))}")
    except FileNotFoundError as error:
        raise BuildError(f"{path} does not exist. Every lesson has a self-test.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BuildError(f"{path.name}: {error}.") from error
    if len(questions) < FEWEST:
        raise BuildError(f"{path.name}: {len(questions)} questions; {FEWEST} or more are needed.")
    if len({one.key for one in questions}) < len(questions):
        raise BuildError(f"{path.name}: a question occurs twice.")
    return questions


def _question(told: Mapping[str, Any]) -> QuizQuestion:
    choices = tuple(Choice(**choice) for choice in told["choices"])
    question = QuizQuestion(**{**told, "choices": choices})
    beginning = f"the question that begins {question.ask[:40]!r}"
    texts = [question.ask, *(text for one in choices for text in (one.say, one.why))]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError(f"{beginning} has an empty text")
    if len({choice.say for choice in choices}) < len(choices):
        raise ValueError(f"{beginning} offers the same twice")
    right = sum(choice.right for choice in choices)
    if right == len(choices) or right == 0:
        raise ValueError(f"{beginning} needs a right choice and a wrong one")
    if right > 1 and not question.several:
        raise ValueError(f"{beginning} has {right} right choices; write several = true, or mend it")
    return question


def with_self_test(notebook: Any, questions: Iterable[QuizQuestion], number: int) -> None:
    """Put a lesson's self-test before its reading list, or at its end where it has none.

    Args:
        notebook: the notebook that the page is built from; it is changed.
        questions: the self-test.
        number: the lesson's.
    """
    import nbformat

    cell = nbformat.v4.new_markdown_cell(self_test(questions, number))
    last = notebook.cells[-1]
    reading = READING.search(last.source) if last.cell_type == "markdown" else None
    if reading is None:
        notebook.cells.append(cell)
        return
    rest = nbformat.v4.new_markdown_cell(last.source[reading.start() :])
    last.source = last.source[: reading.start()].rstrip()
    notebook.cells += [cell, rest]


def self_test(questions: Iterable[QuizQuestion], number: int) -> str:
    """A self-test as Markdown with HTML in it, which can be read without any program.

    The program ``self-test.js`` makes choices to click of it.

    Args:
        questions: its questions.
        number: the lesson's.
    """
    shown = [_as_html(place, question) for place, question in enumerate(questions, start=1)]
    opening = f'<div class="self-test" data-lesson="{number:02}">'
    return "\n".join([INTRODUCTION, opening, *shown, "</div>"])


def _as_html(place: int, question: QuizQuestion) -> str:
    said = "".join(f"<li>{_inline(choice.say)}</li>" for choice in question.choices)
    why = "".join(
        f"<li{' data-right' if choice.right else ''}>"
        f"<strong>{'Right.' if choice.right else 'No.'}</strong> {_inline(choice.why)}</li>"
        for choice in question.choices
    )
    several = " data-several" if question.several else ""
    return (
        f'<div class="quiz" data-key="{question.key}"{several}>'
        f'<p class="ask"><strong>{place}.</strong> {_inline(question.ask)}</p>'
        f'<ol class="choices" type="a">{said}</ol>'
        f"<details><summary>Answer to question {place}</summary>"
        f'<ol class="why" type="a">{why}</ol></details></div>'
    )


def _inline(text: str) -> str:
    """Markdown of one line as HTML: code, emphasis; no formulas, for which it has no program."""
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["backticks", "emphasis"]).renderInline(text)


def with_progress(text: str, totals: Mapping[int, int]) -> str:
    """The map of the lessons with a place that shows what the reader has solved.

    Args:
        text: the page's Markdown.
        totals: number of a lesson -> how many questions its self-test has.
    """
    told = json.dumps({f"{number:02}": total for number, total in sorted(totals.items())})
    return text + PROGRESS.replace("{totals}", html.escape(told))
