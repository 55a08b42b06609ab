"""The course in other languages: which one is wanted, and its notebooks and pages.

The course is written in English. What a translation says is kept in catalogs, one for each lesson
and page, that know each English passage by its fingerprint: where the English has changed since,
the reader sees the English, and a line that says so.
"""

from course_lib.language.catalogs import (
    FOLDER,
    Entry,
    apply,
    as_text,
    entries_of,
    fingerprint,
    folder_of,
    translations,
)
from course_lib.language.choosing import LANGUAGES, chosen_language
from course_lib.language.notebooks import translated_notebook, write_notebooks

__all__ = [
    "FOLDER",
    "LANGUAGES",
    "Entry",
    "apply",
    "as_text",
    "chosen_language",
    "entries_of",
    "fingerprint",
    "folder_of",
    "translated_notebook",
    "translations",
    "write_notebooks",
]
