"""The `course` command: what it starts, how it answers, what it says when it cannot."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib import cli, doctor
from course_lib.errors import CourseError, DeviceError, ImageError
from tests.helpers.checkout import ROOT

HEAVY = ("keras", "tensorflow", "jax", "torch", "matplotlib", "skimage", "scipy", "numpy", "PIL")


def course(*arguments: str, **options) -> subprocess.CompletedProcess:
    program = "from course_lib.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)


def invoke(*arguments: str):
    return CliRunner().invoke(cli.app, list(arguments))


def test_help_lists_the_commands_and_loads_nothing_heavy():
    program = """
import sys
from course_lib.cli import main
try:
    main()
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
    command = [sys.executable, "-c", program, "--help"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 0
    screen, _, loaded = answer.stdout.partition("loaded:")
    assert set(loaded.split()) & set(HEAVY) == set()
    for name in ("doctor", "lab", "train", *cli.WORKSHOP_COMMANDS):
        assert re.search(rf"^\W*{name}\b", screen, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "name", [command.callback.__name__ for command in cli.app.registered_commands]
)
def test_every_command_explains_itself(name):
    answer = invoke(name.replace("_", "-"), "--help")
    assert answer.exit_code == 0
    assert "Usage" in answer.output


def test_the_command_is_installed():
    from importlib.metadata import entry_points

    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert named["project"]["scripts"] == {"course": "course_lib.start:main"}
    # Not loaded here: that would take over this process's Ctrl-C.
    assert entry_points(group="console_scripts", name="course")


def test_what_is_wrong_with_an_option_is_said_in_the_readers_language():
    answer = course("stylize", "photo.jpg", "mosaic", env=os.environ | {"COURSE_LANGUAGE": "zh"})
    assert answer.returncode == 2 and "请说明写到哪里" in answer.stderr
    answer = course("stylize", "photo.jpg", "mosaic", env=os.environ | {"COURSE_LANGUAGE": "en"})
    assert answer.returncode == 2 and "say where to write" in answer.stderr


@pytest.mark.parametrize(("problem", "code"), [("", 0), ("Keras is gone.", 1)])
def test_doctor_prints_the_report_and_its_exit_code_tells(monkeypatch, problem, code):
    report = doctor.Report((doctor.Check("Keras", "", problem, "Install it."),))
    monkeypatch.setattr(doctor, "doctor_report", lambda: report)
    answer = invoke("doctor")
    assert answer.exit_code == code
    assert answer.output.strip() == str(report)


@pytest.mark.slow
def test_doctor_with_a_backend_that_cannot_be_imported(tmp_path):
    (tmp_path / "tensorflow").mkdir()
    gone = "raise ModuleNotFoundError(\"No module named 'tensorflow'\", name='tensorflow')"
    (tmp_path / "tensorflow" / "__init__.py").write_text(gone)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "KERAS_BACKEND": "tensorflow"}
    answer = course("doctor", env=environment)
    assert answer.returncode == 1
    assert "PROBLEM  Backend" in answer.stdout
    assert "Remedy" in answer.stdout or "pip install" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


# --- lab ----------------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch):
    """What JupyterLab would have been started with."""
    from jupyterlab.labapp import LabApp

    monkeypatch.setenv("COURSE_LANGUAGE", "en")
    calls: list[list[str]] = []
    monkeypatch.setattr(LabApp, "launch_instance", lambda argv: calls.append(argv))
    return calls


def test_lab_opens_the_courses_notebooks_and_hands_options_on(started):
    answer = invoke("lab", "--no-browser", "--port", "9999", "--ServerApp.token=secret")
    assert answer.exit_code == 0, answer.output
    [arguments] = started
    assert arguments[0] == f"--ServerApp.root_dir={ROOT / 'notebooks'}"
    assert arguments[-4:] == ["--no-browser", "--port", "9999", "--ServerApp.token=secret"]


def test_lab_begins_with_the_first_lesson(started, monkeypatch, tmp_path):
    for name in ("01-second.ipynb", "00-first.ipynb"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(cli, "_notebooks_folder", lambda: tmp_path)
    invoke("lab")
    [arguments] = started
    assert arguments[-1] == "--LabApp.default_url=/lab/tree/00-first.ipynb"


def test_lab_in_chinese_makes_the_notebooks_and_begins_with_the_first(
    started, monkeypatch, tmp_path
):
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "00-first.ipynb").write_text(json.dumps(notebook))
    monkeypatch.setattr(cli, "_notebooks_folder", lambda: tmp_path)
    invoke("lab", "--language", "zh", "--no-browser")
    [arguments] = started
    assert f"--ServerApp.root_dir={tmp_path}" in arguments
    assert arguments[-2:] == ["--LabApp.default_url=/lab/tree/zh/00-first.ipynb", "--no-browser"]
    assert (tmp_path / "zh" / "00-first.ipynb").is_file()
    started.clear()
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    invoke("lab")
    assert started[0][-1].endswith("/zh/00-first.ipynb")


def test_lab_says_which_notebook_it_leaves_alone(started, monkeypatch, tmp_path):
    mine = tmp_path / "zh" / "00-first.ipynb"
    monkeypatch.setattr(cli, "_notebooks_folder", lambda: tmp_path)
    monkeypatch.setattr(cli, "write_notebooks", lambda folder, language: [mine])
    answer = invoke("lab", "--language", "zh")
    assert answer.exit_code == 0
    assert f"{mine} is not made anew" in answer.output


def test_jupyterlab_understands_the_arguments_and_asks_nobody_for_news(tmp_path):
    from jupyterlab.handlers.announcements import NeverCheckForUpdate
    from jupyterlab.labapp import LabApp

    lab = LabApp()
    lab.parse_command_line([f"--ServerApp.root_dir={tmp_path}", *cli.OFFLINE_LAB])
    assert lab.news_url is None
    assert lab.check_for_updates_class is NeverCheckForUpdate
    assert lab.extension_manager == "readonly"


def test_an_installed_course_opens_the_notebooks_of_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "PROJECT", tmp_path / "site-packages")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="no folder of notebooks"):
        cli._notebooks_folder()
    (tmp_path / "notebooks").mkdir()
    assert cli._notebooks_folder() == tmp_path / "notebooks"


def test_lab_without_jupyterlab_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    answer = invoke("lab")
    assert isinstance(answer.exception, CourseError)
    assert "pip install jupyterlab" in str(answer.exception)


# --- the workshop ------------------------------------------------------------------------------


def test_where_no_checkout_is_its_commands_are_not_listed_and_say_what_they_need(tmp_path):
    shutil.copytree(ROOT / "course_lib", tmp_path / "course_lib")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    answer = course("--help", cwd=tmp_path, env=environment)
    assert answer.returncode == 0
    assert "stylize" in answer.stdout
    for name in cli.WORKSHOP_COMMANDS:
        assert not re.search(rf"^\W*{name}\b", answer.stdout, flags=re.MULTILINE)
        refused = course(name, "--help", cwd=tmp_path, env=environment)
        assert refused.returncode == 1
        line = f"CourseError: `course {name}` needs a checkout of the course; {tmp_path} is none."
        assert refused.stderr.startswith(line) and refused.stderr.count("\n") == 1


# --- build --------------------------------------------------------------------------------------


@pytest.fixture
def workshop(monkeypatch):
    """What the lessons room is asked for; its own tests prove that it does it."""
    from workshop import lessons

    asked: list[tuple] = []

    def build(paths, execute, jobs, text_only):
        asked.append(("build", paths, execute, jobs, text_only))
        return [Path("notebooks/00-start-here.ipynb")]

    def answer(name, problems):
        monkeypatch.setattr(lessons, name, lambda paths: asked.append((name, paths)) or problems)

    monkeypatch.setattr(lessons, "build", build)
    answer("check", [])
    answer("lint", [])
    return asked, answer


def test_build_hands_its_options_on(workshop):
    asked, _ = workshop
    answer = invoke("build", "lessons/00-start-here.py", "--no-execute", "--jobs", "2")
    assert answer.exit_code == 0, answer.output
    assert asked == [("build", [Path("lessons/00-start-here.py")], False, 2, False)]
    assert answer.output == f"built {Path('notebooks/00-start-here.ipynb')}\n"


def test_build_is_told_that_only_text_has_changed(workshop):
    asked, _ = workshop
    assert invoke("build", "--text-only").exit_code == 0
    assert asked == [("build", None, True, 1, True)]


def test_build_check_builds_nothing(workshop):
    asked, _ = workshop
    answer = invoke("build", "--check")
    assert answer.exit_code == 0
    assert [name for name, _ in asked] == ["check", "lint"]


@pytest.mark.parametrize("which", ["check", "lint"])
def test_build_check_fails_with_what_was_found(workshop, which):
    _, found = workshop
    found(which, ["03-objective.ipynb: out of step"])
    answer = invoke("build", "--check")
    assert answer.exit_code == 1
    assert "03-objective.ipynb: out of step" in answer.output


def test_build_check_knows_what_the_slides_show(workshop, monkeypatch):
    from workshop.classroom import slides

    monkeypatch.setattr(slides, "_images", lambda built: {})
    answer = invoke("build", "--check")
    assert answer.exit_code == 1
    assert "10-teaching-the-decoder-to-paint.toml: 0 images" in answer.output


# --- errors -------------------------------------------------------------------------------------


def run_main(monkeypatch, error: BaseException) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fails)
    cli.main()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ImageError("cat.png: not an image."), "ImageError: cat.png: not an image."),
        (DeviceError("No GPU."), "DeviceError: No GPU."),
        (
            PermissionError(13, "Permission denied", "out.png"),
            "PermissionError: Permission denied (out.png)",
        ),
        (OSError(28, "No space left on device"), "OSError: No space left on device"),
    ],
)
def test_an_error_the_reader_can_mend_is_one_line(monkeypatch, capsys, error, line):
    with pytest.raises(SystemExit) as leaving:
        run_main(monkeypatch, error)
    assert leaving.value.code == 1
    assert capsys.readouterr().err == f"{line}\n"


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        run_main(monkeypatch, ZeroDivisionError("a fault"))


def test_an_unknown_command_is_refused():
    answer = course("paint-my-house")
    assert answer.returncode == 2
    assert "paint-my-house" in answer.stderr
    assert "Traceback" not in answer.stderr
