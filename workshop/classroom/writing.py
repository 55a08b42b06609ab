"""Writing the three sets into a folder: all of it or nothing, and nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib import files
from course_lib.errors import BuildError, FileError
from workshop import CHECKOUT
from workshop.classroom.languages import lesson_in, material_in
from workshop.classroom.material import Material, material_path, read_material
from workshop.classroom.notebooks import assignment_notebook, student_notebook, teacher_notebook
from workshop.classroom.pages import NBGRADER_CONFIG, README, STUDENT_README, phrase
from workshop.classroom.slides import slides_page
from workshop.lessons import Lesson, execute, lessons

# What a folder of sets holds.
SETS = ("student", "teacher", "nbgrader")


@dataclass(frozen=True)
class Written:
    """What was written: the folder, and how many lessons and graded exercises it holds."""

    folder: Path
    lessons: int
    exercises: int


def write_sets(
    out: Path,
    *,
    numbers: Sequence[int] | None = None,
    overwrite: bool = False,
    run: bool = False,
    language: str = "en",
    root: Path = CHECKOUT,
    progress: Callable[[str], None] = lambda line: None,
) -> Written:
    """Write the student, the teacher and the nbgrader set.

    Everything is written into a new folder beside ``out`` first, which takes its place in the end.

    Args:
        out: the folder to write; it must not exist or be empty.
        numbers: which lessons; by default all that have a notebook and teacher's material.
        overwrite: replace sets written before, with all that was added to their folder.
        run: whether the teacher's notebooks are executed, with the answers in place. Otherwise
            they take the outputs of notebooks/ over where a cell is the same.
        language: "en" or "zh"; what has no translation is in English.
        root: the checkout with lessons/, notebooks/ and classroom/.
        progress: is told in a line what is being done.

    Raises:
        BuildError: an unknown lesson, material that is missing or does not fit its lesson, a lesson
            that cannot be read or, with ``run``, does not run; nothing has been written then.
        FileError: a folder that holds other files or what was handed in, or sets that are there
            already.
    """
    chosen = _choose(numbers, root, progress)
    out = files.check_folder(out, SETS, overwrite=overwrite)
    if (out / "nbgrader" / "submitted").exists():
        raise FileError(f"{out}: holds what was handed in. Choose another folder.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(out) as building:
        building.mkdir()
        answers = 0
        for lesson in chosen:
            progress(lesson.source.stem)
            answers += _write_lesson(lesson, building, run, language)
        _write_texts(building, chosen, language)
    return Written(out, len(chosen), answers)


def _choose(
    numbers: Sequence[int] | None, root: Path, progress: Callable[[str], None]
) -> list[Lesson]:
    known = {lesson.number: lesson for lesson in lessons(root)}
    if numbers is None:
        found = {lesson: is_ready(lesson) for lesson in known.values()}
        for lesson in (one for one, ready in found.items() if not ready):
            progress(f"{lesson.source.stem}: left out, lacks its notebook or its material")
        return [lesson for lesson, ready in found.items() if ready]
    unknown = [number for number in numbers if number not in known]
    if unknown:
        raise BuildError(
            f"There is no lesson {', '.join(map(str, unknown))}. "
            f"There are: {', '.join(map(str, known))}."
        )
    return [known[number] for number in sorted(set(numbers))]


def is_ready(lesson: Lesson) -> bool:
    """Whether a lesson has what the sets are made of: its notebook and its teacher's material."""
    return lesson.notebook.is_file() and material_path(lesson).is_file()


def _write_lesson(lesson: Lesson, folder: Path, run: bool, language: str) -> int:
    """The lesson's files in all three sets; returns the number of its exercises."""
    material, name = material_in(read_material(lesson), lesson, language), lesson.source.stem
    built = _built(lesson)
    _save_notebook(student_notebook(lesson, language), folder / "student" / f"{name}.ipynb")
    if material.answers:
        assignment = folder / "nbgrader" / "source" / assignment_name(lesson) / f"{name}.ipynb"
        _save_notebook(assignment_notebook(lesson, material, language), assignment)
    for_teacher = teacher_notebook(lesson, material, None if run else built, language)
    if run:
        execute(for_teacher, name=lesson.source.name, root=lesson.root)
    _save_notebook(for_teacher, folder / "teacher" / f"{name}.ipynb")
    slides = slides_page(lesson_in(lesson, language), material, built, language)
    _save_text(slides, folder / "teacher" / "slides" / f"{name}.html")
    return len(material.answers)


def assignment_name(lesson: Lesson) -> str:
    """What nbgrader calls a lesson's assignment."""
    return f"lesson-{lesson.number:02}"


def _built(lesson: Lesson) -> Any:
    import nbformat

    if not lesson.notebook.is_file():
        raise BuildError(
            f"{lesson.notebook} does not exist; the slides take their images from it. "
            f"Run: course build lessons/{lesson.source.name}"
        )
    return nbformat.read(lesson.notebook, as_version=4)


def _write_texts(folder: Path, chosen: list[Lesson], language: str) -> None:
    plan = _plan([lesson_in(lesson, language) for lesson in chosen], language)
    _save_text(README[language].replace("PLAN", plan), folder / "README.md")
    _save_text(STUDENT_README[language], folder / "student" / "README.md")
    config = NBGRADER_CONFIG.replace("STUB", phrase("# Your answer goes here.", language))
    _save_text(config, folder / "nbgrader" / "nbgrader_config.py")


def _plan(chosen: list[Lesson], language: str) -> str:
    """The table of lessons with their minutes in a class."""
    rows = [phrase("| | lesson | minutes | with optional parts | graded | points |", language)]
    rows.append("|---|---|---:|---:|---:|---:|")
    graded = points_in_all = 0
    for lesson in chosen:
        material: Material = read_material(lesson)
        points = sum(answer.points for answer in material.answers)
        graded, points_in_all = graded + len(material.answers), points_in_all + points
        rows.append(
            f"| {lesson.number:02} | {lesson.title} | {material.minutes} "
            f"| {material.all_minutes} | {len(material.answers)} | {points} |"
        )
    rows.append(f"| | {phrase('in all', language)} | | | {graded} | {points_in_all} |")
    return "\n".join(rows)


def _save_notebook(notebook: Any, path: Path) -> None:
    import nbformat

    nbformat.validate(notebook)
    _save_text(nbformat.writes(notebook).rstrip("\n") + "\n", path)


def _save_text(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
