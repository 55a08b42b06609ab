"""The questions at the end of a lesson, each with its answer folded away below it.

In a lesson's last cell, below the heading "Questions to check yourself":

    1. What is the mean of 1 and 3?

       <details><summary>Answer</summary>

       2, which is neither of them.

       </details>

JupyterLab, GitHub and the web course show the word Answer, and the rest when it is clicked. In a
Chinese lesson the heading and the word are 自测题 and 答案.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

SECTION = re.compile(
    r"^#+ [^\n]*(?:Questions|自测题)[^\n]*\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL
)
NUMBER = re.compile(r"^\d+\. ", re.MULTILINE)
FOLDED = re.compile(
    r"\n\n +<details(?: open)?><summary>(?:Answer|答案)</summary>"
    r"\n\n(.+?)\n\n +</details>(?=\n|\Z)",
    re.DOTALL,
)


@dataclass(frozen=True)
class OwnQuestion:
    """A question at the end of a lesson, and its answer; "" where there is none."""

    ask: str
    answer: str


def questions_of(notebook: Any) -> list[OwnQuestion]:
    """The questions at the end of a lesson, question and answer each as one line of Markdown.

    Args:
        notebook: an `nbformat.NotebookNode`, as `convert` makes it.
    """
    section = SECTION.search(notebook.cells[-1].source)
    return [_read(one) for one in NUMBER.split(section[1])[1:]] if section else []


def without_answers(markdown: str) -> str:
    """The Markdown of a lesson's last cell without the answers."""
    return FOLDED.sub("", markdown)


def with_open_answers(markdown: str) -> str:
    """The Markdown of a lesson's last cell with the answers unfolded, as for printing."""
    return FOLDED.sub(lambda folded: folded[0].replace("<details>", "<details open>", 1), markdown)


def _read(item: str) -> OwnQuestion:
    folded = FOLDED.search(item)
    ask = item[: folded.start()] if folded else item
    return OwnQuestion(" ".join(ask.split()), " ".join(folded[1].split()) if folded else "")
