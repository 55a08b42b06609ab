"""The questions at the end of a lesson: read, closed and opened."""

import pytest
from markdown_it import MarkdownIt
from nbformat.v4 import new_markdown_cell, new_notebook

from workshop.lessons import convert, lessons
from workshop.lessons.questions import (
    OwnQuestion,
    questions_of,
    with_open_answers,
    without_answers,
)

LAST = """\
## Summary
1. Not a question.

## Questions to check yourself
1. What is the mean
   of 1 and 3?

   <details><summary>Answer</summary>

   2, which is
   neither of them.

   </details>

2. And of 5?

   <details><summary>Answer</summary>

   5.

   </details>

## Reading
1. A book."""
LESSONS = lessons()


def asked(markdown):
    return questions_of(new_notebook(cells=[new_markdown_cell(markdown)]))


def test_questions_are_read_with_their_answers_and_nothing_else():
    first = OwnQuestion("What is the mean of 1 and 3?", "2, which is neither of them.")
    assert asked(LAST) == [first, OwnQuestion("And of 5?", "5.")]


def test_a_question_without_an_answer_takes_none_from_the_next():
    bare = LAST.replace("   2, which is\n   neither of them.\n\n", "")
    assert [one.answer for one in asked(bare)] == ["", "5."]


def test_answers_can_be_taken_out_or_unfolded():
    closed = without_answers(LAST)
    assert asked(closed) == [OwnQuestion(one.ask, "") for one in asked(LAST)]
    assert "details" not in closed
    assert closed.count("\n\n2. And of 5?") == 1
    opened = with_open_answers(LAST)
    assert opened == LAST.replace("<details>", "<details open>")
    assert asked(opened) == asked(LAST)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.source.stem)
def test_every_answer_is_shown_inside_its_folded_part(lesson):
    notebook = convert(lesson)
    questions = questions_of(notebook)
    page = MarkdownIt().render(notebook.cells[-1].source)
    parts = [part.split("</details>")[0] for part in page.split("<summary>Answer</summary>")[1:]]
    assert len(parts) == len(questions) >= 3
    for part, question in zip(parts, questions, strict=True):
        assert MarkdownIt().render(question.answer).split() == part.split()
    # Each stands in the list item of its question.
    items = page.split("<summary>Answer</summary>")[0].rpartition("<ol>")[2]
    assert items.count("<li>") == 1
