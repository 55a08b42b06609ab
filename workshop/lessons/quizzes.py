"""The multiple-choice questions of a lesson, each choice with an explanation."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from workshop import CHECKOUT

FEWEST = 4


@dataclass(frozen=True)
class Choice:
    """One of the answers offered: what it says, why it is right or wrong, and which of the two."""

    say: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class QuizQuestion:
    """A question with its choices.

    Attributes:
        ask: the question.
        choices: in the order in which they are shown.
        several: whether more than one choice may be right.
        english: what this translates; None where it is English itself.
    """

    ask: str
    choices: tuple[Choice, ...]
    several: bool = False
    english: QuizQuestion | None = None

    @property
    def key(self) -> str:
        """What the reader's browser knows it by, in every language; another has another key."""
        if self.english is not None:
            return self.english.key
        told = "\n".join([self.ask, *(choice.say for choice in self.choices)])
        return hashlib.sha256(told.encode()).hexdigest()[:10]


def quiz_path(number: int, root: Path = CHECKOUT) -> Path:
    """Where the self-test of a lesson lies.

    Args:
        number: the lesson's.
        root: the course's checkout.
    """
    return root / "lessons" / "quizzes" / f"{number:02}.toml"


def read_quiz(path: Path) -> list[QuizQuestion]:
    """The questions of a self-test.

    Args:
        path: a file with tables ``questions``, each with ``ask`` and ``choices``.

    Raises:
        BuildError: the file is missing, is no TOML, or one of its questions is not complete: an
            unknown or missing entry, an empty text, two equal choices, no wrong choice, no right
            one, or several of them where ``several`` does not say so.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        questions = [_question(told) for told in content.pop("questions")]
        if content:
            raise ValueError(f"unknown: {', '.join(sorted(content))}")
    except FileNotFoundError as error:
        raise BuildError(f"{path} does not exist. Every lesson has a self-test.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BuildError(f"{path.name}: {error}.") from error
    if len(questions) < FEWEST:
        raise BuildError(f"{path.name}: {len(questions)} questions; {FEWEST} or more are needed.")
    if len({one.key for one in questions}) < len(questions):
        raise BuildError(f"{path.name}: a question occurs twice.")
    return questions


def _question(told: Mapping[str, Any]) -> QuizQuestion:
    choices = tuple(Choice(**choice) for choice in told["choices"])
    question = QuizQuestion(**{**told, "choices": choices})
    beginning = f"the question that begins {question.ask[:40]!r}"
    texts = [question.ask, *(text for one in choices for text in (one.say, one.why))]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError(f"{beginning} has an empty text")
    if len({choice.say for choice in choices}) < len(choices):
        raise ValueError(f"{beginning} offers the same twice")
    right = sum(choice.right for choice in choices)
    if right == len(choices) or right == 0:
        raise ValueError(f"{beginning} needs a right choice and a wrong one")
    if right > 1 and not question.several:
        raise ValueError(f"{beginning} has {right} right choices; write several = true, or mend it")
    return question
