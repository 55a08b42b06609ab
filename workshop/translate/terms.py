"""The agreed Chinese terms, from docs/zh/terms.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import CHECKOUT

FILE = Path("docs", "zh", "terms.toml")


@dataclass(frozen=True)
class Term:
    """An English term and what it is called in Chinese.

    Args:
        english: in small letters, one thing only ("feature map").
        chinese: the agreed forms; the glossary shows the first.
    """

    english: str
    chinese: Sequence[str]

    def occurs(self, english: str) -> bool:
        """Whether a passage has the term, in one or several.

        Args:
            english: prose without code.
        """
        words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]", self.english))
        return bool(re.search(rf"(?i)(?<![\w-]){words}(?:e?s)?(?![\w-])", english))

    def is_missing(self, english: str, chinese: str) -> bool:
        """Whether a passage has the term, and its translation none of its agreed forms.

        Args:
            english: the passage, without code.
            chinese: its translation.
        """
        return self.occurs(english) and not any(form in chinese for form in self.chinese)

    def said(self) -> str:
        """The agreed forms, for a message."""
        return f"{self.english!r} is {' or '.join(self.chinese)}"


def read_terms(root: Path = CHECKOUT) -> list[Term]:
    """All agreed terms, in the order of their file.

    Args:
        root: the course's checkout.
    """
    path = root / FILE
    if not path.is_file():
        return []
    told = tomllib.loads(path.read_text(encoding="utf-8"))["terms"]
    return [Term(english, chinese) for english, chinese in told.items()]


def terms_table(root: Path = CHECKOUT) -> str:
    """The terms in two columns, English and Chinese, as Markdown.

    Args:
        root: the course's checkout.
    """
    rows = [f"| {term.english} | {'、'.join(term.chinese)} |" for term in read_terms(root)]
    return "\n".join(["| English | 中文 |", "|---|---|", *rows])
