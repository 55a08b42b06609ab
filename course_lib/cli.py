"""The `course` command.

Every sub-command imports what it needs when it runs, so that `course --help` answers at once.
"""

import functools
import os
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import course_lib
from course_lib import export_command, signals, train_command
from course_lib.errors import CourseError
from course_lib.language import chosen_language, write_notebooks
from course_lib.messages import SETTING, translate, wanted_language
from course_lib.stylize import command as stylize_command

PROJECT = Path(__file__).resolve().parent.parent

# These need the sources of the lessons, which an installed course does not have.
WORKSHOP_COMMANDS = ("build", "classroom", "site", "bench", "translate")

# JupyterLab asks nobody outside for news, updates or extensions: a lesson needs no network.
OFFLINE_LAB = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]

# What is handed on to a program that reads its own options.
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="course",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(train_command.app)
app.command("stylize", cls=stylize_command.Stylize)(stylize_command.stylize)
app.command("export")(export_command.export)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"course {course_lib.__version__}")
        raise typer.Exit


@app.callback()
def course(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version and end."
        ),
    ] = False,
) -> None:
    """Autoencoders in image style transfer: the course's own command."""
    signals.heed()


@app.command()
def doctor() -> None:
    """Look at this machine: can every lesson run, and if not, what mends it?"""
    from course_lib import doctor

    with signals.ending_at_once():
        report = doctor.doctor_report()
    typer.echo(str(report))
    if not report.ok:
        raise typer.Exit(1)


@app.command(context_settings=HANDED_ON)
def lab(
    context: typer.Context,
    language: Annotated[
        str | None,
        typer.Option(help="en or zh; else COURSE_LANGUAGE, else the system's language, decides."),
    ] = None,
) -> None:
    """Open the lessons in JupyterLab; options such as --no-browser or --port are handed on."""
    folder = _notebooks_folder()
    spoken = chosen_language(language)
    # The kernels that JupyterLab starts speak it as well.
    os.environ[SETTING] = spoken
    try:
        from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise CourseError(
            "JupyterLab is not installed. To install it, run: python -m pip install jupyterlab"
        ) from error
    arguments = [f"--ServerApp.root_dir={folder}", *OFFLINE_LAB]
    lessons = _lessons_in(spoken, folder)
    first = min(lessons.glob("*.ipynb"), default=None)
    if first is not None:
        place = first.relative_to(folder).as_posix()
        arguments.append(f"--LabApp.default_url=/lab/tree/{place}")
    LabApp.launch_instance([*arguments, *context.args])


def _lessons_in(language: str, folder: Path) -> Path:
    """The folder of the notebooks in a language; they are made when they are first wanted."""
    if language == "en":
        return folder
    for kept in write_notebooks(folder, language):
        typer.echo(
            f"{kept} is not made anew, because you have worked in it; the lesson has changed "
            "since. To get the new one, rename yours and start `course lab` again."
        )
    return folder / language


def _needs_checkout(context: typer.Context) -> None:
    raise CourseError(
        f"`course {context.info_name}` needs a checkout of the course; {PROJECT} is none. "
        "Install the course from a checkout with: python -m pip install -e ."
    )


def add_workshop(app: typer.Typer, project: Path = PROJECT) -> None:
    """Add what needs a checkout; elsewhere these commands are not listed and say what they need."""
    if (project / "workshop" / "commands.py").is_file():
        from workshop import commands

        commands.add_to(app)
        return
    for name in WORKSHOP_COMMANDS:
        app.command(name, hidden=True, add_help_option=False, context_settings=HANDED_ON)(
            _needs_checkout
        )


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


def _translated_command() -> Any:
    command = typer.main.get_command(app)
    _explain_in_the_readers_language(command)
    return command


def _explain_in_the_readers_language(command: Any) -> None:
    """Translate the help of a command, of its options and of its sub-commands."""
    for part in (command, *command.params):
        for words in ("help", "short_help"):
            english = " ".join((getattr(part, words, None) or "").split())
            said = translate(english)
            if said != english:
                setattr(part, words, _with_places_to_break(said))
    if command.callback:
        command.callback = _refusing_in_the_readers_language(command.callback)
    for inner in getattr(command, "commands", {}).values():
        _explain_in_the_readers_language(inner)


def _refusing_in_the_readers_language(callback: Any) -> Any:
    """A command that says in the reader's language which of its options is wrong."""

    @functools.wraps(callback)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return callback(*arguments, **options)
        except typer.BadParameter as error:
            error.message = _with_places_to_break(translate(error.message))
            raise

    return run


def _with_places_to_break(words: str) -> str:
    """Chinese with spaces after its commas and stops: Rich cuts off lines that have none."""
    return re.sub(r"(?<=[，。；：、）])(?=[^\s，。；：、）])", " ", words)


add_workshop(app)


def main() -> None:
    """Run the command; an error that the reader can mend is one line, without a traceback."""
    signals.end_at_once()
    try:
        app() if wanted_language() == "en" else _translated_command()()
    except KeyboardInterrupt:
        sys.exit(signals.exit_code())
    except SystemExit as end:
        # Typer ends with the code of Ctrl-C, whatever the program was stopped by.
        if end.code == 128 + signal.SIGINT:
            sys.exit(signals.exit_code())
        raise
    except Exception as error:
        line = _said_in_one_line(error)
        if line is None:
            raise
        typer.echo(line, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
