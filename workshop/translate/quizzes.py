"""The questions of a lesson's self-test as passages of its catalog, and read back from there.

A question is one passage. Below it stands a list of its choices, the right ones with a cross, and
below each choice what is right or wrong about it:

    What is 2 and 2?

    - [ ] 22
      - Those are digits side by side.
    - [x] 4
      - Count on.
"""

from __future__ import annotations

import re
from pathlib import Path

from course_lib.errors import BuildError
from course_lib.language import fingerprint, translations
from workshop import CHECKOUT
from workshop.lessons.quizzes import Choice, QuizQuestion, quiz_path, read_quiz

CHOICE = re.compile(r"- \[([ x])\] (.+)\n  - (.+)(?:\n|$)")


def quiz_passages(number: int, root: Path = CHECKOUT) -> list[str]:
    """What there is to translate of a self-test: a passage for each question.

    Args:
        number: the lesson's.
        root: the course's checkout; a lesson without a self-test has no passages.

    Raises:
        BuildError: the self-test cannot be read.
    """
    path = quiz_path(number, root)
    return [_as_passage(one) for one in read_quiz(path)] if path.is_file() else []


def translated_quiz(number: int, catalog: Path, root: Path = CHECKOUT) -> list[QuizQuestion]:
    """The questions of a lesson in the language of a catalog.

    Args:
        number: the lesson's.
        catalog: where its translation is kept.
        root: the course's checkout.

    Returns:
        As many questions as in English, in the same order and with the same keys. One that has not
        been translated, or whose English has changed since, is in English.

    Raises:
        BuildError: the self-test cannot be read, or a translation has not the choices of its
            question.
    """
    known = translations(catalog)
    questions = read_quiz(quiz_path(number, root))
    texts = [known.get(fingerprint(_as_passage(one))) for one in questions]
    return [
        one if text is None else _translation(text, one, catalog)
        for one, text in zip(questions, texts, strict=True)
    ]


def _as_passage(question: QuizQuestion) -> str:
    choices = (
        f"- [{'x' if choice.right else ' '}] {choice.say}\n  - {choice.why}"
        for choice in question.choices
    )
    return f"{question.ask}\n\n" + "\n".join(choices)


def _translation(text: str, question: QuizQuestion, catalog: Path) -> QuizQuestion:
    ask, _, listed = text.partition("\n\n")
    choices = tuple(Choice(say, why, mark == "x") for mark, say, why in CHOICE.findall(listed))
    marks = [choice.right for choice in question.choices]
    if CHOICE.sub("", listed).strip() or [choice.right for choice in choices] != marks:
        raise BuildError(
            f"{catalog.name}: the translation of {question.ask[:40]!r} needs the choices of the "
            "English, in their order and with the same ones right."
        )
    return QuizQuestion(ask, choices, question.several, english=question)
