"""The `course` command.

Every sub-command imports what it needs when it runs, so that `course --help` answers at once.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib import (
    classroom_command,
    export_command,
    site_command,
    stylize_command,
    train_command,
)
from course_lib.errors import CourseError

PROJECT = Path(__file__).resolve().parent.parent

# JupyterLab asks nobody outside for news, updates or extensions: a lesson needs no network.
OFFLINE_LAB = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]

app = typer.Typer(
    name="course",
    help="Autoencoders in image style transfer: the course's own command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(train_command.app)
app.command("stylize")(stylize_command.stylize)
app.command("classroom")(classroom_command.classroom)
app.command("site")(site_command.site)
app.command("export")(export_command.export)


@app.command()
def doctor() -> None:
    """Look at this machine: can every lesson run, and if not, what mends it?"""
    from course_lib import doctor

    report = doctor.doctor_report()
    typer.echo(str(report))
    if not report.ok:
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open the lessons in JupyterLab; options such as --no-browser or --port are handed on."""
    folder = _notebooks_folder()
    try:
        from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise CourseError(
            "JupyterLab is not installed. To install it, run: python -m pip install jupyterlab"
        ) from error
    arguments = [f"--ServerApp.root_dir={folder}", *OFFLINE_LAB]
    first = min(folder.glob("*.ipynb"), default=None)
    if first is not None:
        arguments.append(f"--LabApp.default_url=/lab/tree/{first.name}")
    LabApp.launch_instance([*arguments, *context.args])


@app.command()
def build(
    lessons: Annotated[
        list[Path] | None,
        typer.Argument(help="Lesson sources (lessons/*.py); all of them when none is named."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Build nothing; fail when a notebook is out of step.")
    ] = False,
    execute: Annotated[
        bool, typer.Option(help="Run the notebooks, so that they hold their outputs.")
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Lessons to run at the same time.")] = 1,
) -> None:
    """Make the notebooks from the lessons' sources, and execute them."""
    from course_lib import lessons as workshop

    if check:
        _report_problems([*workshop.check(lessons), *workshop.lint(lessons)])
        return
    for notebook in workshop.build(lessons, execute=execute, jobs=jobs):
        typer.echo(f"built {notebook}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context) -> None:
    """Measure speed and memory, ours and the usual alternative in turn; needs a checkout."""
    if not (PROJECT / "benchmarks").is_dir():
        raise CourseError(
            f"There is no folder of benchmarks in {PROJECT}. Use a checkout of the course."
        )
    command = [sys.executable, "-m", "benchmarks", *context.args]
    raise typer.Exit(subprocess.run(command, cwd=PROJECT).returncode)


def _report_problems(problems: list) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo("Every notebook is what its source builds and keeps the house rules.")


def _notebooks_folder() -> Path:
    """The checkout's notebooks, or those below the current folder where the wheel is installed."""
    for folder in (PROJECT / "notebooks", Path.cwd() / "notebooks"):
        if folder.is_dir():
            return folder
    raise CourseError(
        f"There is no folder of notebooks beside course_lib or in {Path.cwd()}. "
        "Start `course lab` in the course's folder."
    )


def _said_in_one_line(error: Exception) -> str | None:
    """The errors a reader can mend are those this library raises and those of files and disks."""
    if isinstance(error, CourseError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{type(error).__name__}: {error.strerror}{place}"
    return None


def main() -> None:
    """Run the command; an error that the reader can mend is one line, without a traceback."""
    try:
        app()
    except Exception as error:
        line = _said_in_one_line(error)
        if line is None:
            raise
        typer.echo(line, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
