"""The sub-command `course stylize`: its options, what it tells, and its exit code.

The framework is imported when the work starts, so that `course stylize --help` answers at once.
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.stylize.plan import VIDEOS, Job, Plan, job_of, make_plan
from course_lib.stylize.work import (
    SMALLEST,
    KeepColors,
    Method,
    Settings,
    Stylizer,
    check_images,
    digest_of,
)

FEATURE_BASED = (Method.ADAIN, Method.WCT)


def stylize(
    named: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONTENT... [STYLE]",
            help="Image files, folders of images, or videos, and last the style, unless --style "
            "names it: an image file, or the name of one of the course's style images.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="File to write, or (a name without a suffix) folder to write the results to. A "
            "folder of images and an out of .mp4 make a video.",
        ),
    ],
    style: Annotated[
        list[str] | None,
        typer.Option(
            help="The style: a file or a name. Then all arguments are content. Given several "
            "times, the styles are mixed."
        ),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="How much of each style, for instance 2,1.")
    ] = None,
    strength: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="0 keeps the content, 1 is full style.")
    ] = 1.0,
    stroke: Annotated[
        str | None,
        typer.Option(
            help="How large the strokes are, relative to the image: fine, medium (the default), "
            "large, or a number; 2 is twice as large as medium."
        ),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="How to do it: see lessons 7 to 9.")
    ] = Method.ADAIN,
    keep_colors: Annotated[
        KeepColors | None, typer.Option(help="Keep the content's colors.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(help="Image of the content's proportions: white where the style applies."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=SMALLEST, help="Shrink larger images to this longer side in pixels."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of --method optimize; 200 by default.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Of a video, only the first seconds.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there already.")
    ] = False,
    skip_existing: Annotated[
        bool,
        typer.Option("--skip-existing", help="Leave out what has a result, to go on with a batch."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Share the files among so many processes of this machine."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Share them among the workers of a Dask scheduler, such as tcp://HOST:8786, which "
            "must see the same folders.",
        ),
    ] = None,
) -> None:
    """Give images or videos the style of another image. Nothing that is there is overwritten.

    Ends with 0 when every file was written, 1 when some were not, 2 when it could not start.
    """
    if not style:
        if len(named) < 2:
            raise typer.BadParameter("give the content and last the style, or use --style.")
        *named, last = named
        style = [str(last)]
    if workers and scheduler:
        raise typer.BadParameter("--workers starts a cluster, --scheduler names one: give one.")
    if steps is not None and method != Method.OPTIMIZE:
        raise typer.BadParameter(f"--steps goes with --method optimize, not with {method}.")
    if stroke is not None and method not in FEATURE_BASED:
        raise typer.BadParameter(
            f"--stroke goes with the methods adain and wct, not with {method}."
        )
    others = [path for path in (*map(Path, style), mask) if path is not None]
    plan = make_plan(named, out, others=others, overwrite=overwrite, skip_existing=skip_existing)
    settings = Settings(
        # A worker may have been started in another folder.
        tuple(str(Path(one).absolute()) if Path(one).exists() else one for one in style),
        weights=None if weights is None else numbers(weights),
        method=str(method),
        strength=strength,
        stroke=stroke_of(stroke),
        keep_colors=keep_colors and str(keep_colors),
        steps=steps,
        mask=mask and mask.absolute(),
        size=size,
        seconds=seconds,
        digest=digest_of(others),
    )
    check_videos(plan, settings)
    together = bool(workers or scheduler)
    if together and out.suffix.lower() in VIDEOS:
        raise typer.BadParameter(
            f"{out}: with --workers or --scheduler give a folder to write the results to. One "
            "video alone is stylized no faster by several workers."
        )
    try:
        if together:
            check_images(settings)
        stylizer = None if together else Stylizer(settings)
    except CourseError as error:
        raise typer.BadParameter(str(error)) from error
    for job in plan.jobs:
        make_folder(job.target.parent)
    if stylizer is None:
        done = share_out(plan.jobs, settings, scheduler, workers)
    else:
        done = one_by_one(plan.jobs, stylizer, overwrite)
    finish(plan, done, out)


def numbers(text: str) -> tuple[float, ...]:
    """The weights that were typed."""
    try:
        return tuple(float(one) for one in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"--weights {text}: give numbers such as 2,1.") from None


def stroke_of(text: str | None) -> str | float | None:
    """The stroke that was typed, as a word or a number; the transfer knows which there are."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def check_videos(plan: Plan, settings: Settings) -> None:
    """Say before anything is written what does not go with a video."""
    if not any(job.moving for job in plan.jobs):
        if settings.seconds is not None:
            raise typer.BadParameter("--seconds goes with a video.")
        return
    unfit = {
        "--mask": settings.mask is not None,
        "--keep-colors covariance": settings.keep_colors == KeepColors.COVARIANCE,
        f"--method {settings.method}": settings.method not in FEATURE_BASED,
        "a second --style": len(settings.styles) > 1,
        "--stroke": settings.stroke is not None,
    }
    for name, given in unfit.items():
        if given:
            raise typer.BadParameter(f"{name} does not go with a video.")


def make_folder(folder: Path) -> None:
    """Make a folder for the results, where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{folder}: the folder cannot be made ({error}).") from error


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
    return tqdm(total=total, desc="stylizing", file=sys.stderr, bar_format=shown)


def one_by_one(jobs: list[Job], stylizer: Stylizer, overwrite: bool) -> Done:
    """Stylize one file after the other."""
    done = Done()
    try:
        with progress_bar(len(jobs)) as bar:
            for number, job in enumerate(jobs):
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
    return done


def teller(bar: Any, number: int) -> Callable[[float], None]:
    """The progress of one file, shown as that of all."""

    def tell(share: float) -> None:
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
    text = " ".join(str(error).removeprefix(f"{path}: ").split())
    return text if isinstance(error, CourseError) and text else f"{type(error).__name__}: {text}"


def finish(plan: Plan, done: Done, out: Path) -> None:
    """Say what was written and what was not, and end with the exit code that tells."""
    wrong = plan.refused | done.wrong
    for path in [job.content for job in plan.jobs if job.stilled]:
        typer.echo(f"{path}: only the first image of the animation was taken.", err=True)
    for path, why in wrong.items():
        typer.echo(f"{path}: {why}", err=True)
    for words in done.told:
        typer.echo(words)
    typer.echo(
        f"{done.written} {'file' if done.written == 1 else 'files'} written to {out}"
        + (f", {len(plan.skipped)} there already" if plan.skipped else "")
        + (f", {len(wrong)} not: see above." if wrong else ".")
        + (" Stopped before the end." if done.stopped else "")
    )
    if done.stopped:
        raise typer.Exit(130)
    if wrong:
        raise typer.Exit(1)
