"""The sets for a class: what is in them, what is not, and that they grade as they should."""

import ast
import hashlib
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from typer.testing import CliRunner

from course_lib import cli
from course_lib.errors import BuildError, FileError
from course_lib.exercises import exercise, exercises, points
from tests.helpers.checkout import ROOT
from tests.workshop.classroom.handed_out import (
    ALL_LESSONS,
    LESSONS,
    given_away,
    notebook_of,
    only_imports,
    read,
    solution_lines,
    source_of,
    squeezed,
    text_of,
)
from workshop.classroom import read_material, slides, write_sets
from workshop.classroom import writing as classroom_writing
from workshop.classroom.exercise_cells import BEGIN, END, exercise_cells
from workshop.classroom.formulas import formula_image
from workshop.classroom.notebooks import student_notebook, wrong_code
from workshop.lessons import convert
from workshop.lessons.questions import OwnQuestion, questions_of

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
each_lesson = pytest.mark.parametrize("number", LESSONS)


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """The three sets of all lessons, written once."""
    folder = tmp_path_factory.mktemp("class") / "sets"
    written = write_sets(folder)
    assert written.lessons == len(LESSONS)
    return folder


# --- which lessons ------------------------------------------------------------------------------


def test_every_lesson_that_has_a_notebook_has_material_for_its_teacher():
    built = [lesson.number for lesson in ALL_LESSONS if lesson.notebook.is_file()]
    assert list(LESSONS) == built


def test_there_is_no_material_without_a_lesson():
    stems = {lesson.source.stem for lesson in ALL_LESSONS}
    assert {path.stem for path in (ROOT / "classroom").glob("*.toml")} <= stems


@each_lesson
def test_every_exercise_of_the_lesson_is_found_and_answered(number):
    asked = [cell.id for cell in exercise_cells(convert(LESSONS[number]))]
    assert set(asked) == {one.id for one in exercises(number)}
    assert [answer.id for answer in read_material(LESSONS[number]).answers] == asked


# --- no solutions in what students get ----------------------------------------------------------


def test_no_file_for_students_holds_a_solution(sets):
    texts = "\n".join(text_of(path) for path in (sets / "student").rglob("*") if path.is_file())
    assert {number: given_away(number, texts) for number in LESSONS} == {key: [] for key in LESSONS}
    assert BEGIN not in texts


@each_lesson
def test_this_would_find_the_solutions_that_the_teacher_has(sets, number):
    path = sets / "teacher" / f"{LESSONS[number].source.stem}.ipynb"
    answers = read_material(LESSONS[number]).answers
    lines = {squeezed(line) for answer in answers for line in answer.code.splitlines()}
    telling = lines & solution_lines(number)
    # The practice exercise of lesson 0 is answered in the lesson, before everybody's eyes.
    assert telling or number == 0
    assert telling <= set(given_away(number, text_of(path)))


@each_lesson
def test_a_student_gets_the_lesson_as_it_is_with_nothing_run(sets, number):
    handed_out, lesson = notebook_of(sets, "student", number), convert(LESSONS[number])
    nbformat.validate(handed_out)
    code = [cell for cell in handed_out.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    pairs = zip(lesson.cells, handed_out.cells, strict=True)
    changed = [cell for cell, other in pairs if cell.source != other.source]
    # The link to Colab is gone from the first cell, the answers from the last.
    [setup] = [cell for cell in lesson.cells if "setup" in cell.metadata.get("tags", [])]
    assert changed == [lesson.cells[0], setup, lesson.cells[-1]]
    assert questions_of(handed_out) == [
        OwnQuestion(one.ask, answer="") for one in questions_of(lesson)
    ]
    assert "details" not in handed_out.cells[-1].source
    assert "colab.research" not in "".join(cell.source for cell in handed_out.cells)


def test_the_setup_cell_closes_the_solutions(monkeypatch, capsys):
    # Set before, so that what the cell does is taken back after the test.
    monkeypatch.setenv("COURSE_SOLUTIONS", "")
    cells = student_notebook(LESSONS[0]).cells
    [setup] = [cell for cell in cells if "setup" in cell.metadata.get("tags", [])]
    exec(setup.source, {})
    assert os.environ["COURSE_SOLUTIONS"] == "hidden"
    asked = exercise("negative")
    assert asked.solution() is None
    for _ in asked.hints:
        asked.hint()
    said = capsys.readouterr().out
    assert said.count("the solutions come from your teacher") == 2
    assert "solution()" not in said
    monkeypatch.delenv("COURSE_SOLUTIONS")
    assert "1 - image" in repr(asked.solution())


# --- the teacher's notebooks --------------------------------------------------------------------


@each_lesson
def test_a_teachers_notebook_holds_plan_answers_and_mistakes(sets, number):
    notebook = notebook_of(sets, "teacher", number)
    nbformat.validate(notebook)
    material = read_material(LESSONS[number])
    assert f"{material.minutes} minutes" in notebook.cells[1].source
    questions = questions_of(notebook)
    assert questions == questions_of(convert(LESSONS[number]))
    assert notebook.cells[-1].source.count("<details open>") == len(questions)
    text = "\n".join(cell.source for cell in notebook.cells)
    for answer in material.answers:
        assert textwrap.indent(answer.code.strip("\n"), "    ") in text
        assert all(mistake.hint in text for mistake in exercise(answer.id).misconceptions)


def test_outputs_are_taken_over_where_a_cell_is_unchanged(sets):
    cells = {cell.id: cell for cell in notebook_of(sets, "teacher", 0).cells}
    built = [cell for cell in read(LESSONS[0].notebook).cells if cell.get("outputs")]
    answered = [cell.id for cell in built if cells[cell.id].outputs != cell.outputs]
    assert len(built) > 10
    assert len(answered) <= 1  # the exercise, whose output was that of an open one


def test_a_known_mistake_is_shown_as_it_is_written():
    codes = [wrong_code(one) for one in exercise("negative").misconceptions]
    assert codes[0] == "return 255 - image"
    assert "return image[::-1, ::-1]" in codes


# --- grading ------------------------------------------------------------------------------------


def graded(notebook) -> dict[str, tuple[float, float]]:
    """What each graded cell gives and could give, after only imports and the exercises are run."""
    names, earned = {}, {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader")
        if cell.cell_type != "code" or (settings is None and not only_imports(cell.source)):
            continue
        *before, last = ast.parse(cell.source).body
        exec(compile(ast.Module(before, []), "<cell>", "exec"), names)
        if settings and settings["grade"]:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            earned[settings["grade_id"]] = (value, settings["points"])
        else:
            exec(compile(ast.Module([last], []), "<cell>", "exec"), names)
    return earned


def as_students_get_it(notebook):
    """Without what stands between the marks, as nbgrader leaves it."""
    region = re.compile(rf"^ *{BEGIN}\n.*?^ *{END}\n", re.MULTILINE | re.DOTALL)
    for cell in notebook.cells:
        cell.source = region.sub("", cell.source)
    return notebook


@each_lesson
def test_answers_earn_all_points_and_open_exercises_none(sets, number, capsys):
    answered = graded(read(source_of(sets, number)))
    assert len(answered) == len(read_material(LESSONS[number]).answers)
    assert all(earned == full > 0 for earned, full in answered.values())
    opened = graded(as_students_get_it(read(source_of(sets, number))))
    assert {name: earned for name, (earned, _) in opened.items()} == dict.fromkeys(answered, 0)


def test_the_librarys_own_function_earns_nothing(capsys):
    assert points("negative", exercise("negative").solved, 3) == 0
    assert "one of your own" in capsys.readouterr().out


def test_a_right_answer_may_warn_without_losing_its_points(capsys):
    def negative(image):
        print("careful", file=sys.stderr)
        return 1 - image

    assert points("negative", negative, 3) == 3
    assert capsys.readouterr().err == ""


# --- slides -------------------------------------------------------------------------------------


@each_lesson
def test_slides_need_nothing_from_outside_and_hold_what_the_file_says(sets, number):
    page = (sets / "teacher" / "slides" / f"{LESSONS[number].source.stem}.html").read_text()
    addresses = set(re.findall(r"""(?:src|href|url\()=?["']?(\w+):""", page))
    assert addresses <= {"data"}
    assert "<link" not in page and "$$" not in page
    material = read_material(LESSONS[number])
    extra = 4 if material.answers else 3
    assert page.count("<section") == len(material.slides) + extra
    assert page.count("<figure>") == sum(bool(slide.image) for slide in material.slides)


def test_a_formula_becomes_an_image_with_its_source_as_text():
    image = formula_image(r"\frac{1}{2N} \sum_n \lVert x_n \rVert^2", display=True)
    assert r'alt="\frac{1}{2N} \sum_n \lVert x_n \rVert^2"' in image
    assert "data:image/svg+xml" in image
    with pytest.raises(ValueError, match="frac"):
        formula_image(r"\frac{1}")


def test_a_mark_behind_a_formula_stays_on_its_line():
    text = slides._html("加速都小于 $1/s$。")
    assert re.search(r'<span class="whole"><img class="formula"[^>]*>。</span></p>', text)
    assert "whole" not in slides._html("$$1/s$$\n\n。")


@pytest.mark.parametrize(
    ("ratio", "text", "layout"),
    [
        (1.75, "<p>两个都要报告。</p>", "below"),
        (1.75, "<p>一</p>" * 4, "beside"),
        (1.0, "", "beside"),
    ],
)
def test_an_image_stands_where_it_gets_larger(ratio, text, layout):
    image = {"width": 400 * ratio, "height": 400, "type": "image/png", "data": "", "alt": "A cat."}
    assert f'<section class="{layout}">' in slides._section("Two numbers", text, image)


# --- the folder ---------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A small copy of the checkout: lessons 0 and 3, their material and their notebooks."""
    copy = tmp_path / "checkout"
    for part in ("lessons", "notebooks", "classroom"):
        (copy / part).mkdir(parents=True)
        for path in (ROOT / part).glob("0[03]-*"):
            (copy / part / path.name).write_bytes(path.read_bytes())
    (copy / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return copy


def test_a_folder_with_files_is_refused(checkout, tmp_path):
    out = tmp_path / "sets"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(FileError, match="other files"):
            write_sets(out, numbers=[0], overwrite=overwrite, root=checkout)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_sets_are_replaced_when_asked_for_and_never_with_what_was_handed_in(checkout, tmp_path):
    out = tmp_path / "sets"
    write_sets(out, numbers=[0], root=checkout)
    with pytest.raises(FileError, match="--overwrite"):
        write_sets(out, numbers=[0], root=checkout)
    write_sets(out, numbers=[0, 3], overwrite=True, root=checkout)
    assert len(list((out / "student").glob("*.ipynb"))) == 2
    handed_in = out / "nbgrader" / "submitted" / "anna.ipynb"
    handed_in.parent.mkdir()
    handed_in.write_text("work of a week")
    with pytest.raises(FileError, match="handed in"):
        write_sets(out, numbers=[0], overwrite=True, root=checkout)
    assert handed_in.read_text() == "work of a week"
    assert {path.name for path in tmp_path.iterdir()} == {"checkout", "sets"}


def test_nothing_is_left_behind_when_a_lesson_fails(checkout, tmp_path, monkeypatch):
    def fails(*_):
        raise BuildError("no slides today")

    out = tmp_path / "sets"
    write_sets(out, numbers=[0], root=checkout)
    before = fingerprint(out)
    monkeypatch.setattr(classroom_writing, "slides_page", fails)
    with pytest.raises(BuildError, match="no slides"):
        write_sets(out, numbers=[0, 3], overwrite=True, root=checkout)
    assert fingerprint(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"checkout", "sets"}


def fingerprint(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_command_writes_the_sets_it_is_asked_for(tmp_path):
    out = tmp_path / "sets"
    answer = CliRunner().invoke(cli.app, ["classroom", "--out", str(out), "--lessons", "3,0"])
    assert answer.exit_code == 0, answer.output
    assert "2 lessons" in answer.output
    assert {path.name for path in out.iterdir()} == {
        *("README.md", "student", "teacher", "nbgrader")
    }


@pytest.mark.parametrize(
    ("listed", "says"), [("0,x", "numbers with commas"), ("99", "no lesson 99")]
)
def test_lessons_that_are_not_there_are_refused(tmp_path, listed, says):
    arguments = ["classroom", "--out", str(tmp_path / "sets"), "--lessons", listed]
    answer = CliRunner().invoke(cli.app, arguments)
    assert answer.exit_code != 0
    assert says in answer.output + str(answer.exception)
    assert list(tmp_path.iterdir()) == []


# --- faults in the material ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[questions]]", "[[question]]", "missing or unknown: question, questions"),
        ("minutes = 5", "minuets = 5", "minuets, minutes"),
        ('id = "negative"', 'id = "luminance"', "Give one answer for each"),
        ("[[plan]]", "[[plan", "not valid TOML"),
        ('image = "The cat again', 'image = "A dog', "0 images"),
        ("Every outline is in its place.", r"$\\frac{1}$", "the formula cannot be set"),
    ],
    ids=lambda text: text[:20],
)
def test_a_fault_in_the_material_is_named(checkout, old, new, says):
    path = checkout / "classroom" / "00-start-here.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BuildError, match=says):
        write_sets(checkout / "sets", numbers=[0], root=checkout)
    assert not (checkout / "sets").exists()


def test_missing_material_and_a_missing_notebook_are_named(checkout):
    (checkout / "notebooks" / "00-start-here.ipynb").unlink()
    with pytest.raises(BuildError, match="course build lessons/00-start-here.py"):
        write_sets(checkout / "sets", numbers=[0], root=checkout)
    (checkout / "classroom" / "00-start-here.toml").unlink()
    with pytest.raises(BuildError, match="teacher's material of lesson 0"):
        write_sets(checkout / "sets", numbers=[0], root=checkout)


# --- Binder, and the extra ----------------------------------------------------------------------


def test_binder_installs_what_pyproject_declares():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith("#")]
    assert asked[0] == "-e .[cpu]"
    assert "cpu" in PYPROJECT["project"]["optional-dependencies"]
    # JupyterLab, and of the extra for teachers what writes the sets; nothing is graded there.
    declared = [Requirement(line) for line in PYPROJECT["dependency-groups"]["lab"]]
    extra = map(Requirement, PYPROJECT["project"]["optional-dependencies"]["classroom"])
    declared += [requirement for requirement in extra if requirement.name == "jupytext"]
    assert sorted(str(Requirement(line)) for line in asked[1:]) == sorted(map(str, declared))
    python = re.fullmatch(r"python-(3\.\d+)\s*", (ROOT / "binder" / "runtime.txt").read_text())
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(python[1])


@pytest.mark.skipif(sys.platform == "win32", reason="Binder's machines run Linux")
def test_binders_scripts_can_run(tmp_path):
    for name in ("postBuild", "start"):
        script = ROOT / "binder" / name
        assert os.access(script, os.X_OK)
        assert script.read_text().startswith("#!/bin/bash\n")
        subprocess.run(["bash", "-n", str(script)], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "COURSE_BUDGET"}
    command = [str(ROOT / "binder" / "start"), "sh", "-c", "echo $COURSE_BUDGET $KERAS_BACKEND"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split()[0] == "quick"


def test_binder_serves_the_student_set_and_keeps_no_answers():
    script = (ROOT / "binder" / "postBuild").read_text()
    made, kept, gone = script.strip().splitlines()[-3:]
    assert made == "course classroom --out build/class"
    assert kept == "mv build/class/student student"
    assert gone == "rm -r build/class"
    for page in ("README.md", "docs/classroom.md"):
        addresses = re.findall(r"https://mybinder\.org/\S+?(?=[)\s])", (ROOT / page).read_text())
        assert addresses
        for one in addresses:
            folder, _, notebook = one.partition("?urlpath=lab/tree/")[2].partition("/")
            assert folder == "student"
            assert not notebook or (ROOT / "notebooks" / notebook).is_file()


def test_the_extra_brings_what_the_command_needs():
    extra = PYPROJECT["project"]["optional-dependencies"]["classroom"]
    assert {Requirement(one).name for one in extra} == {"nbgrader", "jupytext", "nbclient"}
