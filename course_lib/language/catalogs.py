"""Catalogs: what a translation says for each passage of a lesson or page, by its fingerprint.

A catalog is a Markdown file. Each of its entries begins with a line that names the English
passage by the first digits of its sha256:

    <!-- 3f2a9c1b0d4e -->
    # 第 0 课：从这里开始

An entry whose English has changed is kept, to be revised, under the new fingerprint and with the
word `revise`; until somebody has taken that word away, readers see the English. One without text
waits for its translator.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "zh"
REVISE = "revise"
DIGITS = 12
HEADED = re.compile(rf"<!-- ([0-9a-f]{{{DIGITS}}})( {REVISE})? -->")
HEADING = re.compile(r"(#{1,6} .+)\n*")
# What stands above a passage that has no translation (yet), in the words of the language.
UNTRANSLATED = {"zh": "> 以下内容尚未译成中文，暂以英文显示。"}

_PACKAGE = Path(__file__).resolve().parent
# In a wheel the catalogs travel inside the package; in a checkout they lie beside the lessons.
_FOLDERS = (_PACKAGE / "lessons", _PACKAGE.parent.parent / "lessons")


@dataclass(frozen=True)
class Entry:
    """One passage in translation.

    Args:
        fingerprint: of the English passage.
        text: the translation; "" where there is none yet.
        revise: whether it translates an earlier state of the English, and waits to be revised.
    """

    fingerprint: str
    text: str
    revise: bool = False

    @property
    def is_valid(self) -> bool:
        """Whether readers are to see it."""
        return bool(self.text) and not self.revise


def fingerprint(passage: str) -> str:
    """The first digits of a passage's sha256, by which its translation is found.

    Where its lines end does not matter; every other change gives another fingerprint.

    Args:
        passage: Markdown.
    """
    return hashlib.sha256(" ".join(passage.split()).encode()).hexdigest()[:DIGITS]


def folder_of(language: str) -> Path:
    """The folder of a language's catalogs of lessons; it need not exist.

    Args:
        language: "zh".
    """
    found = (folder / language for folder in _FOLDERS if (folder / language).is_dir())
    return next(found, _FOLDERS[-1] / language)


def entries_of(text: str) -> list[Entry]:
    """The entries of a catalog, in their order.

    Args:
        text: a catalog. What stands before its first entry is left out.
    """
    parts = HEADED.split(text)[1:]
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return [Entry(digits, words.strip(), bool(revise)) for digits, revise, words in triples]


def as_text(entries: Iterable[Entry]) -> str:
    """A catalog with these entries; `entries_of` reads it back.

    Args:
        entries: in the order of the lesson or page.
    """
    parts = []
    for entry in entries:
        word = f" {REVISE}" if entry.revise else ""
        parts.append(f"<!-- {entry.fingerprint}{word} -->\n{entry.text}".rstrip() + "\n")
    return "\n".join(parts)


def translations(path: Path) -> dict[str, str]:
    """What readers are to see of a catalog: fingerprint -> translation.

    Args:
        path: of the catalog; where there is no such file, nothing has been translated.
    """
    if not path.is_file():
        return {}
    entries = entries_of(path.read_text(encoding="utf-8"))
    return {entry.fingerprint: entry.text for entry in entries if entry.is_valid}


def apply(passages: Sequence[str], known: Mapping[str, str], language: str = "zh") -> list[str]:
    """Passages in another language, where there is a translation of exactly their words.

    Args:
        passages: Markdown in English, in the order of the page; empty ones stay empty.
        known: fingerprint -> translation, as from `translations`.
        language: of the translation.

    Returns:
        As many passages. One without translation stays English; above it, and once for several in
        a row, a line says so, below its heading if it begins with one.
    """
    shown: list[str] = []
    said = False
    for passage in passages:
        translation = known.get(fingerprint(passage))
        if translation is not None or not passage.strip():
            shown.append(passage if translation is None else translation)
            said = said and translation is None
        else:
            shown.append(passage if said else _marked(passage, UNTRANSLATED[language]))
            said = True
    return shown


def _marked(passage: str, line: str) -> str:
    heading = HEADING.match(passage)
    if heading is None:
        return f"{line}\n\n{passage}"
    rest = passage[heading.end() :]
    return f"{heading[1]}\n\n{line}\n\n{rest}".rstrip("\n")
