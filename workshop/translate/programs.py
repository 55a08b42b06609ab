"""What the programs of the pages say: labs, self-tests, figures.

They mark their words, as in ``tr`Saved as ${name}.` ``; see `docs/web/labs/words.js`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from workshop import CHECKOUT

FOLDERS = (Path("docs", "web", "labs"), Path("docs", "site", "static"))
MARK = "tr"
INNER = re.compile(r"\$\{[^{}]*\}")
# A sentence or a phrase; single words are found by eye, or in a browser.
PHRASE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}|^[A-Z][a-z]+( [a-z]+)*[.:]?$")
QUOTES = ("string", "template_string")


def program_messages(root: Path = CHECKOUT) -> Iterator[tuple[str, str]]:
    """The messages of the pages' programs: file and English text, a number for each place.

    Args:
        root: the course's checkout.
    """
    for path, text in _programs(root):
        for token, marked in _texts(text):
            if marked:
                yield path, message_of(token)


def message_of(template: str) -> str:
    """A template with quotes as a message: "`Step ${step} of ${steps}`" is "Step {0} of {1}".

    Args:
        template: as it stands in a program.
    """
    parts = INNER.split(template[1:-1])
    message = parts[0]
    for place, part in enumerate(parts[1:]):
        message += f"{{{place}}}{part}"
    return message


def unmarked(text: str) -> list[str]:
    """What a program seems to say to readers and has not marked.

    Args:
        text: the program.
    """
    found = (token for token, marked in _texts(text) if not marked)
    return [token for token in found if PHRASE.search(INNER.sub("", token[1:-1]))]


def program_files(root: Path = CHECKOUT) -> list[Path]:
    """The programs of the pages.

    Args:
        root: the course's checkout.
    """
    return sorted(path for folder in FOLDERS for path in (root / folder).glob("*.js"))


def _programs(root: Path) -> Iterable[tuple[str, str]]:
    for path in program_files(root):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _texts(program: str) -> Iterator[tuple[str, bool]]:
    """Each text in a program, with its quotes, and whether it is marked."""
    from babel.messages.jslexer import tokenize

    before = ""
    for token in tokenize(program, template_string=True):
        if token.type in QUOTES:
            yield token.value, before == MARK
        if token.type not in ("whitespace", "linecomment", "multilinecomment"):
            before = token.value
