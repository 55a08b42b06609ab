"""What the programs of the Chinese pages say, from the library's catalog."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from course_lib.messages import translate
from workshop import CHECKOUT
from workshop.translate.pages import LANGUAGE
from workshop.translate.programs import program_messages

PAGE_WORDS = "words-zh.js"
# What a lab says is shorter; images stand as text in its data, too.
LONGEST = 300


def write_page_words(file: Path, told: Iterable[Any], *, root: Path = CHECKOUT) -> None:
    """Write the script that `docs/web/labs/words.js` takes its translations from.

    Args:
        file: to write.
        told: what the pages are told of their labs, as from `labs.write_labs`.
        root: the course's checkout.
    """
    words = json.dumps(page_words(told, root=root), ensure_ascii=False)
    file.write_text(f"window.courseWords = {words};\n", encoding="utf-8")


def page_words(told: Iterable[Any], *, root: Path = CHECKOUT) -> dict[str, str]:
    """English text -> what the Chinese pages say instead; names are not among them.

    Args:
        told: as in `write_page_words`.
        root: the course's checkout.
    """
    texts = [message for _, message in program_messages(root)]
    texts += [text for one in told for text in _texts_in(one) if len(text) <= LONGEST]
    said = {text: translate(text, LANGUAGE) for text in texts}
    return {english: words for english, words in said.items() if words != english}


def _texts_in(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for one in told.values():
            yield from _texts_in(one)
    elif isinstance(told, list | tuple):
        for one in told:
            yield from _texts_in(one)
