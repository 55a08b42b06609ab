"""The teacher's material of a lesson, as it stands in classroom/NN-name.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from workshop.lessons import Lesson


@dataclass(frozen=True)
class PlanRow:
    """A part of the lesson: its sections, the minutes they take in a class, how to teach them.

    An optional part can be left out, or given as homework: nothing that follows needs it.
    """

    minutes: int
    part: str
    note: str = ""
    optional: bool = False

    @property
    def headings(self) -> list[str]:
        """The sections of the lesson that it goes through."""
        return self.part.split("; ")


@dataclass(frozen=True)
class Belief:
    """What many believe at first, and what helps."""

    belief: str
    remedy: str


@dataclass(frozen=True)
class Question:
    """A question to ask the class, and its answer."""

    ask: str
    answer: str


@dataclass(frozen=True)
class ModelAnswer:
    """The model answer of an exercise: the function's body, and the points it earns."""

    id: str
    code: str
    points: int = 1


@dataclass(frozen=True)
class Slide:
    """A slide: Markdown with formulas, and an image of the lesson by the start of its alt text."""

    title: str
    text: str = ""
    image: str = ""
    say: str = ""


@dataclass(frozen=True)
class Material:
    """Everything in the file of one lesson.

    Attributes:
        path: the file.
        needs: numbers of the lessons that should be understood before.
        knows: what else one should know; "" for nothing.
        plan: the lesson in a class, part by part.
        misconceptions: of the subject; those of the exercises are in their definitions.
        questions: to ask on the way.
        answers: model answers of the exercises, in the order of the lesson.
        slides: in their order.
    """

    path: Path
    needs: list[int]
    knows: str
    plan: list[PlanRow]
    misconceptions: list[Belief]
    questions: list[Question]
    answers: list[ModelAnswer]
    slides: list[Slide]

    @property
    def minutes(self) -> int:
        """How long the lesson takes in a class without its optional parts."""
        return sum(part.minutes for part in self.plan if not part.optional)

    @property
    def all_minutes(self) -> int:
        """How long it takes with everything."""
        return sum(part.minutes for part in self.plan)

    @property
    def prerequisites(self) -> str:
        """What one should have understood before: lessons, and what no lesson explains."""
        named = [f"lesson {number}" for number in self.needs]
        return ", ".join([*named, *([self.knows] if self.knows else [])])


TABLES: dict[str, type] = {
    "plan": PlanRow,
    "misconceptions": Belief,
    "questions": Question,
    "answers": ModelAnswer,
    "slides": Slide,
}


def material_path(lesson: Lesson) -> Path:
    """Where the teacher's material of a lesson lies: in classroom/, beside the folder lessons/."""
    return lesson.root / "classroom" / f"{lesson.source.stem}.toml"


def read_material(lesson: Lesson) -> Material:
    """The teacher's material of a lesson.

    Args:
        lesson: whose material.

    Raises:
        BuildError: the file is missing, is no TOML, or lacks something; the message says what.
    """
    path = material_path(lesson)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BuildError(
            f"{path} does not exist. Write the teacher's material of lesson {lesson.number}; the "
            "other files in that folder show how."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{path.name} is not valid TOML: {error}.") from error
    plain = {"needs", "knows"}
    known = {*TABLES, *plain}
    if set(content) != known:
        wrong = ", ".join(sorted(set(content) ^ known))
        raise BuildError(
            f"{path.name}: missing or unknown: {wrong}. It needs {', '.join(sorted(known))}."
        )
    tables: dict[str, Any] = {
        name: list(_rows(kind, content[name], path)) for name, kind in TABLES.items()
    }
    return Material(path, **{name: content[name] for name in plain}, **tables)


def _rows(kind: type, rows: list[dict[str, Any]], path: Path) -> Iterator[Any]:
    allowed = {field.name: field.default is MISSING for field in fields(kind)}
    for number, row in enumerate(rows, start=1):
        missing = {name for name, needed in allowed.items() if needed} - set(row)
        wrong = missing | (set(row) - set(allowed))
        if wrong:
            raise BuildError(
                f"{path.name}: entry {number} of its kind ({kind.__name__.lower()}) lacks or has "
                f"too much: {', '.join(sorted(wrong))}. It may have {', '.join(allowed)}."
            )
        yield kind(**row)
