"""Which language a reader wants."""

from __future__ import annotations

import locale
import os

from course_lib.errors import ArgumentError

LANGUAGES = {"en": "English", "zh": "简体中文"}
SETTING = "COURSE_LANGUAGE"


def chosen_language(asked: str | None = None) -> str:
    """The language to speak to the reader in.

    Args:
        asked: "en" or "zh"; None takes the environment variable COURSE_LANGUAGE, and without that
            the language of the system.

    Returns:
        "en" or "zh"; "en" where the system speaks a language that the course does not.

    Raises:
        ArgumentError: a language was asked for, here or by COURSE_LANGUAGE, that the course does
            not speak.
    """
    for value, named in ((asked, "language"), (os.environ.get(SETTING), SETTING)):
        if value:
            language = _short(value)
            if language not in LANGUAGES:
                known = " or ".join(f"{one} ({name})" for one, name in LANGUAGES.items())
                raise ArgumentError(f"{named}={value}: the course speaks {known}.")
            return language
    language = _short(_system_language())
    return language if language in LANGUAGES else "en"


def _short(name: str) -> str:
    """The language of a name such as "zh_CN.UTF-8", "zh-Hans" or "ZH"."""
    return name.replace("-", "_").split(".")[0].split("_")[0].lower()


def _system_language() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return value
    # Windows sets none of these, and calls its languages by names such as "Chinese_China".
    name = locale.getlocale()[0] or "en"
    return "zh" if name.startswith("Chinese") else name
