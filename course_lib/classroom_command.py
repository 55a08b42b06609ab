"""The sub-command `course classroom`: student, teacher and nbgrader sets of the lessons."""

from pathlib import Path
from typing import Annotated

import typer


def classroom(
    out: Annotated[Path, typer.Option(help="Folder to write; it must be new or empty.")],
    lessons: Annotated[
        str | None, typer.Option(help="Numbers with commas between, such as 1,2,3; else all.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace sets that this command has written before.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option("--run", help="Run the teacher's notebooks, with the answers in place."),
    ] = False,
) -> None:
    """Write what a teacher needs: notebooks to hand out, notebooks with answers, graded ones.

    Needs a checkout of the course, because the sets are made from the lessons' sources.
    """
    from course_lib.classroom import write_sets

    numbers = None if lessons is None else _numbers(lessons)
    written = write_sets(out, numbers, replace, run, progress=typer.echo)
    typer.echo(
        f"{written.folder}: {written.lessons} lessons, {written.exercises} graded exercises. "
        "Hand out the folder student, or the assignments that nbgrader makes of its folder; "
        "keep the others."
    )


def _numbers(listed: str) -> list[int]:
    try:
        return [int(one) for one in listed.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            f"--lessons {listed}: write numbers with commas between, such as 1,2,3."
        ) from error
