"""Teacher's material and lessons in another language.

What a teacher's file says is cut into passages, whose translations are kept in `classroom/zh`, one
catalog for each lesson: a note, a belief with its remedy, a question with its answer, a slide with
what to say. The parts of a plan have the names that the sections have in the lesson's catalog.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from course_lib.language import fingerprint, translated_notebook, translations
from course_lib.language.notebooks import passages_of
from workshop.classroom.material import Belief, Material, PlanRow, Question, Slide
from workshop.lessons import Lesson, convert
from workshop.lessons.sources import opening_words

HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
SAY = "<!-- say -->"
TITLE = re.compile(r"\A# 第 \d+ 课：")


def material_passages(material: Material) -> list[str]:
    """What there is to translate in a teacher's file, in its order.

    Args:
        material: of one lesson, in English.
    """
    notes = [part.note for part in material.plan]
    beliefs = [_pair(one.belief, one.remedy) for one in material.misconceptions]
    questions = [_pair(one.ask, one.answer) for one in material.questions]
    slides = [_as_passage(one) for one in material.slides]
    passages = [material.knows, *notes, *beliefs, *questions, *slides]
    return [passage for passage in passages if passage]


def material_catalog(number: int, language: str, root: Path) -> Path:
    """Where the translation of a lesson's teacher's material is kept.

    Args:
        number: the lesson's.
        language: of the translation.
        root: the course's checkout.
    """
    return root / "classroom" / language / f"{number:02}.md"


def material_in(material: Material, lesson: Lesson, language: str) -> Material:
    """The teacher's material in a language; what has no translation stays English.

    Args:
        material: in English.
        lesson: whose material it is.
        language: "en" or "zh".

    Raises:
        BuildError: a translation lacks a part, such as the answer to a question.
    """
    if language == "en":
        return material
    known = translations(material_catalog(lesson.number, language, lesson.root))
    sections = section_names(lesson, language)

    def said(passage: str) -> str:
        return known.get(fingerprint(passage), passage) if passage else ""

    def pair(first: str, second: str) -> tuple[str, str]:
        words, _, more = said(_pair(first, second)).partition("\n\n")
        if not more:
            raise BuildError(f"{material.path.name}: the translation of {first!r} has one part.")
        return words, more

    return replace(
        material,
        knows=said(material.knows),
        plan=[
            replace(part, part=_sections(part, sections), note=said(part.note))
            for part in material.plan
        ],
        misconceptions=[Belief(*pair(one.belief, one.remedy)) for one in material.misconceptions],
        questions=[Question(*pair(one.ask, one.answer)) for one in material.questions],
        slides=[_slide(said(_as_passage(one)), one) for one in material.slides],
    )


def notebook_in(lesson: Lesson, language: str) -> Any:
    """The notebook that a lesson's source means, with its text cells in a language.

    Args:
        lesson: which lesson.
        language: "en" or "zh".

    Returns:
        An `nbformat.NotebookNode`.
    """
    import nbformat

    notebook = convert(lesson)
    if language == "en":
        return notebook
    return nbformat.from_dict(translated_notebook(notebook, _known(lesson, language), language))


def lesson_in(lesson: Lesson, language: str) -> Lesson:
    """A lesson with its title and sentence in a language, as far as they have been translated.

    Args:
        lesson: with what its first cell says in English.
        language: "en" or "zh".
    """
    if language == "en":
        return lesson
    opening = _known(lesson, language).get(fingerprint(passages_of(convert(lesson))[0]))
    if opening is None:
        return lesson
    said = opening_words(TITLE.sub(f"# Lesson {lesson.number}: ", opening))
    return replace(lesson, title=said["title"], sentence=said["sentence"])


def section_names(lesson: Lesson, language: str) -> dict[str, str]:
    """The headings of a lesson: in English -> in another language.

    Args:
        lesson: which lesson.
        language: of the translation.
    """
    known = _known(lesson, language)
    names: dict[str, str] = {}
    for passage in passages_of(convert(lesson)):
        english = HEADING.findall(passage)
        there = HEADING.findall(known.get(fingerprint(passage), ""))
        if len(english) == len(there):
            names |= dict(zip(english, there, strict=True))
    return names


def _known(lesson: Lesson, language: str) -> Mapping[str, str]:
    return translations(lesson.catalog(language))


def _pair(first: str, second: str) -> str:
    return f"{first.strip()}\n\n{second.strip()}"


def _as_passage(slide: Slide) -> str:
    parts = [f"## {slide.title}", slide.text.strip()]
    parts += [SAY, slide.say.strip()] if slide.say else []
    return "\n\n".join(part for part in parts if part)


def _slide(passage: str, english: Slide) -> Slide:
    shown, _, say = passage.partition(SAY)
    title, _, text = shown.strip().partition("\n")
    return replace(english, title=title.removeprefix("## "), text=text.strip(), say=say.strip())


def _sections(part: PlanRow, names: Mapping[str, str]) -> str:
    return "".join(f"“{names.get(heading, heading)}”" for heading in part.headings)
