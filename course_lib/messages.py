"""What the library says, in the reader's language.

Words are written in English where they are needed, and translated here when they are shown: the
labels and lines of labs, outcomes of exercises, the doctor's report, errors, the command's help.
The catalog knows them by the English words. Where these hold a name or a number, its entry has a
place for each: "Saved {0}, {1} x {2} pixels." What has no entry stays English.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
from functools import lru_cache
from pathlib import Path

SETTING = "COURSE_LANGUAGE"
CATALOGS = Path(__file__).resolve().parent / "locale"
PLACE = re.compile(r"\{(\d+)\}")
# Lines of a title, and the two sides that it names, are messages of their own.
PARTS = re.compile(r"(\n| \| )")
# gettext keeps the context of a message before it and this sign.
CONTEXT_ENDS = "\x04"
# Places are few; a message that holds itself would go round for ever.
DEEPEST = 3


def wanted_language() -> str:
    """The language that the environment variable COURSE_LANGUAGE names, or else the system.

    Returns:
        Its short name, such as "en" or "zh", whether the course speaks it or not.
    """
    for variable in (SETTING, "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return short_name(value)
    # Windows sets none of these, and calls its languages by names such as "Chinese_China".
    name = locale.getlocale()[0] or "en"
    return "zh" if name.startswith("Chinese") else short_name(name)


def short_name(language: str) -> str:
    """The language of a name such as "zh_CN.UTF-8", "zh-Hans" or "ZH".

    Args:
        language: as systems and people write it.
    """
    return language.replace("-", "_").split(".")[0].split("_")[0].lower()


def translate(text: str, language: str | None = None, *, context: str = "") -> str:
    """A text in the reader's language; the same text where it has no translation.

    Args:
        text: a whole message, label or paragraph in English.
        language: the reader's, such as "zh"; by default `wanted_language()`.
        context: where it stands, for words that mean something of their own there; where the
            catalog has none for this context, the text has its usual translation.
    """
    language = language or wanted_language()
    if language == "en":
        return text
    said = _translated(text, language, context, DEEPEST)
    if said == text:
        parts = PARTS.split(text)
        said = "".join(_translated(part, language, context, DEEPEST) for part in parts)
    return said


def _translated(text: str, language: str, context: str, depth: int) -> str:
    """The text by the catalog: as it is said in this context, or else as it usually is."""
    if context:
        said = _looked_up(f"{context}{CONTEXT_ENDS}{text}", language, context, depth)
        # A message of the usual catalog with a place in front would take the context for words.
        if said is not None and CONTEXT_ENDS not in said:
            return said
    said = _looked_up(text, language, context, depth)
    return text if said is None else said


def _looked_up(text: str, language: str, context: str, depth: int) -> str | None:
    exact, patterns = _catalog(language)
    if text in exact:
        return exact[text]
    for pattern, message in patterns:
        found = pattern.fullmatch(text)
        if found:
            # What stands in a place may be a message of its own, as in "Hint: ...".
            said = [
                _translated(part, language, context, depth - 1) if depth else part
                for part in found.groups()
            ]
            return "".join(
                said[int(part)] if number % 2 else part
                for number, part in enumerate(PLACE.split(message))
            )
    return None


@lru_cache
def _catalog(language: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Whole messages, and those with places in the order in which they are tried."""
    path = CATALOGS / language / "LC_MESSAGES" / "course.mo"
    if not path.is_file():
        return {}, []
    with path.open("rb") as file:
        # The only way to all entries; there is no public one.
        entries: dict[str, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    exact = {english: words for english, words in entries.items() if english and words}
    with_places = sorted(filter(PLACE.search, exact), key=_how_vague)
    return exact, [(_pattern(english), exact[english]) for english in with_places]


def _how_vague(english: str) -> tuple[bool, int]:
    """Messages that begin with words come first, then those with more words of their own."""
    return PLACE.match(english) is not None, -len(PLACE.sub("", english))


def _pattern(english: str) -> re.Pattern[str]:
    """What finds a message whose places are filled; each place stands once, in order."""
    parts = (re.escape(part) for part in PLACE.split(english)[::2])
    return re.compile("(.+?)".join(parts), re.DOTALL)
