"""Which language a reader wants."""

from __future__ import annotations

import os

from course_lib.errors import ArgumentError
from course_lib.messages import SETTING, short_name, wanted_language

LANGUAGES = {"en": "English", "zh": "简体中文"}


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
            language = short_name(value)
            if language not in LANGUAGES:
                known = " or ".join(f"{one} ({name})" for one, name in LANGUAGES.items())
                raise ArgumentError(f"{named}={value}: the course speaks {known}.")
            return language
    language = wanted_language()
    return language if language in LANGUAGES else "en"
