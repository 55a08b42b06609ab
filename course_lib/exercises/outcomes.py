"""What judging an answer comes to, and how it is shown."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

NOT_ATTEMPTED = "not attempted"
NOT_YET = "not yet"
RIGHT = "right"

LINE_WIDTH = 96


@dataclass(frozen=True)
class NotYet:
    """What a check found: what was observed, on which input, and a hint for that mistake."""

    observed: str
    hint: str


@dataclass(frozen=True)
class Verdict:
    """The outcome of judging one answer: "not attempted", "not yet" or "right"."""

    outcome: str
    observed: str = ""
    hint: str = ""


class Stop(Exception):
    """Ends the judging of an answer from inside a check, with the verdict so far."""

    def __init__(self, verdict: Verdict):
        super().__init__(verdict.observed)
        self.verdict = verdict


class SourceCode:
    """Python source that Jupyter shows with colors and everything else as plain text."""

    def __init__(self, source: str):
        self.source = source.rstrip() + "\n"

    def __repr__(self) -> str:
        return self.source

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.source}```"


def wrap(paragraph: str) -> str:
    """A paragraph in lines that fit below a notebook's cell."""
    return textwrap.fill(paragraph, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
