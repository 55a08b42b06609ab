"""Translating the course: its passages, what is behind, and what a translation must keep.

A lesson is cut at its cells, a page of docs/ at its headings. `status` says what is missing or
behind, `update` writes entries for what is new, `lint` finds what a translation must not do.
"""

from workshop.translate.keeping import Standing, aligned, status, update
from workshop.translate.lint import lint, lint_passage
from workshop.translate.pages import Page, page_passages, pages, translated_page
from workshop.translate.quizzes import quiz_passages, translated_quiz
from workshop.translate.strings import update_strings

__all__ = [
    "Page",
    "Standing",
    "aligned",
    "lint",
    "lint_passage",
    "page_passages",
    "pages",
    "quiz_passages",
    "status",
    "translated_page",
    "translated_quiz",
    "update",
    "update_strings",
]
