"""The jobs of `course stylize` done: one after the other, or by workers; and what is told."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from tqdm import tqdm

from course_lib import signals
from course_lib.errors import CourseError
from course_lib.files import free_name
from course_lib.messages import translate
from course_lib.stylize.plan import Job, Plan, job_of, renamed, without
from course_lib.stylize.work import Settings, Stylizer

# How many of the files that are passed over are named.
NAMED = 5


@dataclasses.dataclass
class Done:
    """What has become of the jobs.

    Attributes:
        written: number of files written.
        wrong: file -> why it was not.
        told: what is worth telling of those that were.
        stopped: whether the user stopped the work.
    """

    written: int = 0
    wrong: dict[Path, str] = dataclasses.field(default_factory=dict)
    told: list[str] = dataclasses.field(default_factory=list)
    stopped: bool = False


def progress_bar(total: int) -> Any:
    """A bar on the error stream that counts files, and parts of files."""
    shown = "{l_bar}{bar}| {n:.2f}/{total} [{elapsed}<{remaining}]"
    return tqdm(total=total, desc=translate("stylizing"), file=sys.stderr, bar_format=shown)


def one_by_one(jobs: list[Job], stylizer: Stylizer, overwrite: bool) -> Done:
    """Stylize one file after the other."""
    done, job, before = Done(), None, None
    try:
        with progress_bar(len(jobs)) as bar:
            for number, job in enumerate(jobs):
                before = changed_at(job.target)
                signals.check()
                tell = teller(bar, number)
                try:
                    words = stylizer.make(job, progress=tell, overwrite=overwrite)
                    done.written += 1
                    done.told += [words] if words else []
                except Exception as error:
                    # Whatever is the matter with one file, the others are still to be made.
                    done.wrong[job.content] = reason(job.content, error)
                tell(1.0)
    except KeyboardInterrupt:
        done.stopped = True
        if job and job.moving and changed_at(job.target) != before:
            # By another name: --skip-existing would take it for the whole.
            part = free_name(job.target.with_stem(f"{job.target.stem}-unfinished"))
            job.target.replace(part)
            done.told.append(translate(f"{part}: holds the part that was finished."))
    return done


def changed_at(path: Path) -> int | None:
    """When a file was written last; None where there is none."""
    return path.stat().st_mtime_ns if path.exists() else None


def teller(bar: Any, number: int) -> Callable[[float], None]:
    """The progress of one file, shown as that of all."""

    def tell(share: float) -> None:
        signals.check()
        bar.update(max(0.0, number + share - bar.n))

    return tell


def share_out(
    jobs: list[Job], settings: Settings, scheduler: str | None, workers: int | None
) -> Done:
    """Have the files made by workers. A video stays whole: its frames lean on those before them."""
    from course_lib import cluster

    done = Done()
    targets = {job.content.absolute(): job.target.absolute() for job in jobs}
    if not targets:
        return done
    try:
        with cluster.connected(scheduler, workers=workers) as client:
            typer.echo(cluster.described(client))
            with progress_bar(len(jobs)) as bar:
                for content, error in cluster.each_made(client, work, targets, settings):
                    if error is None:
                        done.written += 1
                    else:
                        done.wrong[content] = reason(content, error)
                    bar.update(1)
    except KeyboardInterrupt:
        done.stopped = True
    return done


def work(content: Path, target: Path, settings: Settings) -> None:
    """What a worker does; what is made once for all files, it keeps as long as it lives."""
    from distributed import get_worker

    worker = get_worker()
    kept = getattr(worker, "course_stylizer", None)
    if kept is None or kept.settings != settings:
        kept = worker.course_stylizer = Stylizer(settings)
    kept.make(job_of(content, target))


def reason(path: Path, error: Exception) -> str:
    """What went wrong, in one line that does not say the path again."""
    text = " ".join(without(path, str(error)).split())
    return text if isinstance(error, CourseError) and text else f"{type(error).__name__}: {text}"


def finish(plan: Plan, done: Done, out: str, tell: Callable[[str], None]) -> None:
    """Say what was written and what was not, and end with the exit code that tells."""
    wrong = plan.refused | done.wrong
    for path in [job.content for job in plan.jobs if job.stilled]:
        words = translate(
            f"{path}: only its first image was used, because the result can hold just one."
        )
        typer.echo(renamed(words, plan.piped), err=True)
    for path, why in wrong.items():
        typer.echo(renamed(f"{path}: {why}", plan.piped), err=True)
    if plan.passed:
        typer.echo(passed_over(plan.passed), err=True)
    for words in done.told:
        tell(renamed(words, plan.piped))
    tell(summary(plan, done, len(wrong), translate("standard output") if out == "-" else out))
    if done.stopped:
        raise typer.Exit(signals.exit_code())
    if wrong:
        raise typer.Exit(1 if plan.jobs or plan.skipped else 2)


def summary(plan: Plan, done: Done, wrong: int, out: str) -> str:
    """What has become of all files, in one line."""
    skipped = len(plan.skipped)
    words = ""
    if skipped and wrong:
        words = f"{skipped} there already, {wrong} not: see above"
    elif skipped:
        words = f"{skipped} there already"
    elif wrong:
        words = f"{wrong} not: see above" if done.written else "see above"
    rest = words
    if done.written == 1:
        words = f"1 file written to {out}, {rest}." if rest else f"1 file written to {out}."
    elif done.written:
        count = done.written
        words = f"{count} files written to {out}."
        if rest:
            words = f"{count} files written to {out}, {rest}."
    else:
        words = f"No file was written: {rest}." if rest else "No file was written."
    stopped = [translate("Stopped before the end.")] if done.stopped else []
    return " ".join([translate(words), *stopped])


def passed_over(paths: list[Path]) -> str:
    """What was in the folders and is no image or video, in one line."""
    folders = any(path.is_dir() and not path.is_symlink() for path in paths)
    links = any(path.is_dir() and path.is_symlink() for path in paths)
    names = ", ".join(f"{path}/" if path.is_dir() else str(path) for path in paths[:NAMED])
    more = len(paths) - NAMED
    words = f"Passed over: {names} and {more} more." if more > 0 else f"Passed over: {names}."
    said = [translate(words)]
    if folders:
        said.append(translate("Add --recursive for the folders."))
    if links:
        said.append(translate("Links to folders are not followed."))
    return " ".join(said)
