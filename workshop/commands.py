"""The sub-commands of `course` that need a checkout: build, classroom, site, bench, translate."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from workshop import CHECKOUT

translate = typer.Typer(
    name="translate",
    help="What of the course is translated into Chinese, what is missing, what is behind.",
    no_args_is_help=True,
)
NAMED = typer.Argument(help="Lessons and pages, such as 06 or glossary; all when none is named.")

# What is handed on to a program that reads its own options.
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Give the `course` command the workshop's sub-commands."""
    app.command()(build)
    app.command()(classroom)
    app.command()(site)
    app.command(context_settings=HANDED_ON)(bench)
    app.add_typer(translate)


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
    text_only: Annotated[
        bool,
        typer.Option("--text-only", help="Only words have changed: run nothing, keep the outputs."),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Lessons to run at the same time.")] = 1,
) -> None:
    """Make the notebooks from the lessons' sources, and execute them."""
    from workshop import lessons as room

    if check:
        _report_problems([*room.check(lessons), *room.lint(lessons), *_images_of_slides()])
        return
    for notebook in room.build(lessons, execute=execute, jobs=jobs, text_only=text_only):
        typer.echo(f"built {notebook}")


def _images_of_slides() -> list[str]:
    """Where a lesson has changed an alternative text by which a slide names its image."""
    import nbformat

    from workshop.classroom.slides import missing_images
    from workshop.lessons import lessons

    there = [lesson for lesson in lessons() if lesson.notebook.is_file()]
    built = [nbformat.read(lesson.notebook, as_version=4) for lesson in there]
    return [one for pair in zip(there, built, strict=True) for one in missing_images(*pair)]


def classroom(
    out: Annotated[Path, typer.Option(help="Folder to write; it must be new or empty.")],
    lessons: Annotated[
        str | None, typer.Option(help="Numbers with commas between, such as 1,2,3; else all.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace sets written before.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option("--run", help="Run the teacher's notebooks, with the answers in place."),
    ] = False,
    language: Annotated[
        str | None,
        typer.Option(help="en or zh; else COURSE_LANGUAGE, else the system's language, decides."),
    ] = None,
) -> None:
    """Write what a teacher needs: notebooks to hand out, notebooks with answers, graded ones."""
    from course_lib.language import chosen_language
    from workshop.classroom import write_sets

    written = write_sets(
        out,
        numbers=None if lessons is None else _numbers(lessons),
        overwrite=overwrite,
        run=run,
        language=chosen_language(language),
        progress=typer.echo,
    )
    made = "1 lesson" if written.lessons == 1 else f"{written.lessons} lessons"
    typer.echo(
        f"{written.folder}: {made}, {written.exercises} graded exercises. "
        "Hand out the folder student, or the assignments that nbgrader makes of its folder; "
        "keep the others."
    )


def site(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the pages; it must be new or empty.")
    ] = Path("build/site"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a site built before.")
    ] = False,
    with_networks: Annotated[
        bool,
        typer.Option("--networks/--no-networks", help="With the labs that run the networks."),
    ] = True,
    with_pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help="With all lessons as one PDF file.")
    ] = True,
) -> None:
    """Build the web course; it works offline, from any file server or from none."""
    from workshop.site import build_site

    folder = build_site(
        out, with_networks=with_networks, with_pdf=with_pdf, tell=typer.echo, overwrite=overwrite
    )
    typer.echo(f"Built {folder}. Open {folder / 'index.html'} in a browser.")


def bench(context: typer.Context) -> None:
    """Measure speed and memory, ours and the usual alternative in turn."""
    command = [sys.executable, "-m", "workshop.benchmarks", *context.args]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT).returncode)


@translate.command()
def status(named: Annotated[list[str] | None, NAMED] = None) -> None:
    """Say how far each lesson and page is; of those that are named, every passage that waits."""
    from workshop.translate import status as room

    for standing in room(named or ()):
        typer.echo(str(standing))
        if named:
            typer.echo("\n".join(standing.details()))


@translate.command()
def update(context: typer.Context, named: Annotated[list[str] | None, NAMED] = None) -> None:
    """Write empty entries for what is new, mark what has changed; make README.zh.md."""
    from workshop.translate import update as room
    from workshop.translate import update_strings

    course = context.find_root().command
    for path in [*room(named or ()), *([] if named else update_strings(course))]:
        typer.echo(f"wrote {path}")


@translate.command()
def notebooks() -> None:
    """Make notebooks/zh; `course lab --language zh` does so, too."""
    from course_lib.language import write_notebooks

    kept = write_notebooks(CHECKOUT / "notebooks")
    for path in kept:
        typer.echo(f"kept {path}: somebody has worked in it. Delete or rename it first.", err=True)
    if kept:
        raise typer.Exit(1)
    typer.echo(f"The notebooks are in {CHECKOUT / 'notebooks' / 'zh'}.")


@translate.command("lint")
def lint_translation(named: Annotated[list[str] | None, NAMED] = None) -> None:
    """Find what a translation must not do: punctuation, lost formulas and links, other terms."""
    from workshop.translate import lint

    faults = lint(named or ())
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo("The translations keep their rules.")


def _numbers(listed: str) -> list[int]:
    try:
        return [int(one) for one in listed.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            f"--lessons {listed}: write numbers with commas between, such as 1,2,3."
        ) from error


def _report_problems(problems: list) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo("Every notebook is what its source builds and keeps the house rules.")
