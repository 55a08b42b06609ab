"""The sub-command `course stylize`: one picture, many pictures, a folder or a video in a style.

The framework is imported when the work starts, so that `course stylize --help` answers at once.
"""

import contextlib
import functools
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

METHODS = {
    "adain": "feature",
    "wct": "feature",
    "deviation": "pixel",
    "covariance": "pixel",
    "histogram": "pixel",
    "distribution": "pixel",
    "patches": "pixel",
    "optimize": "optimize",
}
# Files of a folder that are meant to be pictures; whether they are is found out when they are read.
WRITTEN = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp"))
SUFFIXES = WRITTEN | {".avif", ".heic", ".heif", ".jp2", ".jxl"}
# Written as videos, and further suffixes that videos have.
MOVIES = frozenset((".mp4", ".m4v", ".mov", ".mkv"))
VIDEOS = MOVIES | {".avi", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".3gp", ".flv"}
# A style picture is looked at no larger than this: its strokes would be too fine to be seen.
STYLE_SIZE = 512
SMALLEST = 16
# Proportions of a mask and a picture may differ by this much, which rounding explains.
SAME_PROPORTIONS = 0.02


@dataclass(frozen=True)
class Manner:
    """How pictures are to be stylized: small enough to be sent to a worker with each of them.

    Attributes:
        style: a file, or the name of one of the course's style pictures.
        method: one of `METHODS`.
        strength: 0 keeps the content, 1 is full style.
        keep_colors: None, "luminance" or "covariance".
        steps: of the method optimize, or None.
        mask: a picture file, or None.
        size: the longest side, or None.
        seconds: of a video, only the first seconds; or None.
        run: what tells one command from the next. A worker lives longer than a command, and a style
            file of the same name may be another picture by then.
    """

    style: str
    method: str = "adain"
    strength: float = 1.0
    keep_colors: str | None = None
    steps: int | None = None
    mask: Path | None = None
    size: int | None = None
    seconds: float | None = None
    run: str = ""


def stylize(
    pictures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONTENT... [STYLE]",
            help="Picture files, folders of pictures or one video, and last the style, unless "
            "--style names it: a picture file, or the name of one of the course's style pictures.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="File to write, or folder to write the results to. A folder of pictures and an "
            "out of .mp4 make a video.",
        ),
    ],
    style: Annotated[
        str | None,
        typer.Option(help="The style: a file or a name. Then all arguments are content."),
    ] = None,
    strength: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="0 keeps the content, 1 is full style.")
    ] = 1.0,
    method: Annotated[str, typer.Option(help=f"One of: {', '.join(METHODS)}.")] = "adain",
    keep_colors: Annotated[
        str | None, typer.Option(help="Keep the content's colors: luminance or covariance.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(help="Picture of the content's proportions: white where the style applies."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=SMALLEST, help="Shrink larger pictures to this longer side in pixels."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of --method optimize; 200 by default.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Of a video, only the first seconds.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Share the pictures, or several videos, among so many processes of this machine.",
        ),
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
    """Give pictures or a video the style of another. Originals are never overwritten.

    Ends with 0 when every picture was written, 1 when some were not, 2 when it could not start.
    """
    _check_options(method, keep_colors, steps)
    if style is None:
        if len(pictures) < 2:
            raise typer.BadParameter(
                "give the content and last the style, or name it with --style."
            )
        *pictures, last = pictures
        style = str(last)
    manner = Manner(
        style, method, strength, keep_colors, steps, mask, size, seconds, secrets.token_hex(6)
    )
    if workers or scheduler:
        if workers and scheduler:
            raise typer.BadParameter("--workers starts a cluster, --scheduler names one: give one.")
        _stylize_together(pictures, out, manner, scheduler, workers)
        return
    if _is_video(pictures, out):
        if len(pictures) > 1:
            raise typer.BadParameter(
                "a video is stylized by itself: give one, and the style; or several and --workers."
            )
        _check_video(manner)
        _stylize_video(pictures[0], out, manner)
        return
    if seconds is not None:
        raise typer.BadParameter("--seconds goes with a video.")
    contents = _contents(pictures)
    targets = _targets(contents, pictures, out)
    _finish(*_stylize_all(contents, targets, _kept(contents, manner), manner), out)


def _check_options(method: str, keep_colors: str | None, steps: int | None) -> None:
    if method not in METHODS:
        raise typer.BadParameter(f"--method {method}: there are {', '.join(METHODS)}.")
    if keep_colors not in (None, "luminance", "covariance"):
        raise typer.BadParameter(f"--keep-colors {keep_colors}: there are luminance, covariance.")
    if steps is not None and method != "optimize":
        raise typer.BadParameter(f"--steps goes with --method optimize, not with {method}.")


# ---- what to read and where to write -----------------------------------------------------------


def _contents(pictures: list[Path], suffixes: frozenset[str] | set[str] = SUFFIXES) -> list[Path]:
    """The files, those of a folder in the order of their names."""
    found = []
    for path in pictures:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in suffixes and not file.name.startswith(".")
        )
        if not inside:
            raise typer.BadParameter(f"{path}: there are no pictures in this folder.")
        found += inside
    return found


def _targets(contents: list[Path], pictures: list[Path], out: Path) -> list[Path]:
    """The file to write for each content, its folder made where it is missing."""
    single = len(pictures) == 1 and not pictures[0].is_dir()
    if single and out.suffix.lower() in WRITTEN and not out.is_dir():
        _make_folder(out.parent)
        return [out]
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out}: this is a file; several pictures need a folder.")
    if not out.is_dir() and _names_a_picture(out):
        raise typer.BadParameter(
            f"{out}: "
            + (
                f"the suffix is not one that we write. Use one of {' '.join(sorted(WRITTEN))}."
                if single
                else "several pictures need a folder, and this reads as the name of a file."
            )
        )
    _make_folder(out)
    return [out / _result_name(path) for path in contents]


def _names_a_picture(path: Path) -> bool:
    """Whether a name ends as those of picture files do, of whatever format."""
    from PIL import Image

    return path.suffix.lower() in SUFFIXES | set(Image.registered_extensions())


def _make_folder(folder: Path) -> None:
    """Make a folder for the results, where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{folder}: the folder cannot be made ({error}).") from error


def _result_name(path: Path) -> str:
    """The name of what is made of a file: the same, or of a suffix that can be written."""
    if path.suffix.lower() in WRITTEN | MOVIES:
        return path.name
    return f"{path.stem}.mp4" if path.suffix.lower() in VIDEOS else f"{path.stem}.png"


def _kept(contents: list[Path], manner: Manner) -> set[Path]:
    """The files that must not be written to."""
    return {
        path.resolve()
        for path in (*contents, Path(manner.style), *([manner.mask] if manner.mask else []))
    }


def _style_picture(style: str) -> Any:
    """The style picture of a file or of the course's collection."""
    from course_lib import collection, images

    if Path(style).exists() or style not in collection.names()["styles"]:
        try:
            picture = images.load(style, min_side=SMALLEST)
        except images.PictureError as error:
            names = ", ".join(collection.names()["styles"])
            hint = "" if Path(style).exists() else f" The course's style pictures are: {names}."
            raise typer.BadParameter(f"the style: {error}{hint}") from error
    else:
        picture = collection.style_picture(style)
    return _at_most(picture, STYLE_SIZE)


def _at_most(picture: Any, size: int | None) -> Any:
    """The picture, shrunk if its longer side is longer than that."""
    from course_lib import images

    if size is None or max(picture.shape[:2]) <= size:
        return picture
    return images.resize(picture, size)


# ---- a video ------------------------------------------------------------------------------------


def _is_video(contents: list[Path], out: Path) -> bool:
    """Whether a video is among the contents, or is to be made of them."""
    suffixes = [path.suffix.lower() for path in contents if not path.is_dir()]
    if VIDEOS & set(suffixes) or out.suffix.lower() in MOVIES:
        return True
    return suffixes == [".gif"] and out.suffix.lower() == ".gif" and _moves(contents[0])


def _moves(path: Path) -> bool:
    """Whether a picture file holds more than one picture."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return getattr(image, "n_frames", 1) > 1
    except (OSError, SyntaxError, ValueError):
        return False


def _check_video(manner: Manner) -> None:
    unfit = {
        "--mask": manner.mask is not None,
        "--keep-colors covariance": manner.keep_colors == "covariance",
        f"--method {manner.method}": METHODS[manner.method] != "feature",
    }
    for name, given in unfit.items():
        if given:
            raise typer.BadParameter(f"{name} does not go with a video.")


def _stylize_video(source: Path, out: Path, manner: Manner) -> None:
    """Stylize a video, with a bar that counts its frames."""
    if out.is_dir():
        out = out / (source.name if source.suffix.lower() in MOVIES else f"{source.stem}.mp4")
    from course_lib.device import quiet_framework_import

    quiet_framework_import()
    from course_lib.transfer.clips import open_clip

    clip = open_clip(source)
    if out.resolve() != source.resolve():
        _check_existing(out)
    count = clip.count or 1
    try:
        with typer.progressbar(length=count, label="stylizing", file=sys.stderr) as bar:

            def tell(done: int, total: int | None) -> None:
                bar.length = max(total or count, done)
                bar.update(done - bar.pos)

            made = _video_written(source, out, manner, tell)
    except KeyboardInterrupt:
        typer.echo(f"Stopped before the end. What was finished is in {out}.")
        raise typer.Exit(130) from None
    typer.echo(f"{made.frames} frames ({made.seconds:.1f} s) written to {out}.")


def _video_written(source: Path, out: Path, manner: Manner, progress: Callable | None) -> Any:
    """Stylize a video into that file."""
    from course_lib.transfer.video import stylize_video

    transfer, style = _feature_transfer(manner)
    return stylize_video(
        source,
        style,
        out,
        manner.strength,
        keep_colors=manner.keep_colors,
        transfer=transfer,
        size=manner.size,
        seconds=manner.seconds,
        progress=progress,
    )


@functools.lru_cache(maxsize=1)
def _feature_transfer(manner: Manner) -> tuple[Any, Any]:
    """A transfer and a style picture, which all videos of a command share."""
    from course_lib.transfer import FeatureTransfer

    # Strokes that hang on grain would stand still on the screen while the picture moves.
    return FeatureTransfer(manner.method, grain=0.0), _style_picture(manner.style)


# ---- the transfers -----------------------------------------------------------------------------


def _stylizer(
    method: str, style: Any, strength: float, keep_colors: str | None, steps: int | None
) -> Callable:
    """A function (content, progress, **options) -> picture; what can be done once is done here."""
    if METHODS[method] == "feature":
        from course_lib.transfer import FeatureTransfer

        transfer = FeatureTransfer(method)
        # To take on the content's colors, each content needs the style picture itself.
        asked = style if keep_colors == "covariance" else transfer.style_code(style)
        return lambda content, progress, **options: transfer(
            content, asked, strength, keep_colors=keep_colors, progress=progress, **options
        )
    if method == "optimize":
        return _optimizer(style, strength, keep_colors, steps or 200)
    from course_lib.transfer import PixelTransfer
    from course_lib.transfer.colors import match_colors, with_colors_of
    from course_lib.transfer.feature import in_bands

    pixels = PixelTransfer(method)

    def apply(content: Any, progress: Callable, **options: Any) -> Any:
        asked = match_colors(style, content) if keep_colors == "covariance" else style
        picture = pixels(content, asked, strength, progress=progress, **options)
        return in_bands(with_colors_of, content, picture) if keep_colors == "luminance" else picture

    return apply


def _optimizer(style: Any, strength: float, keep_colors: str | None, steps: int) -> Callable:
    """As `_stylizer`; the strength multiplies the weight of the style loss."""
    from course_lib.losses import STYLE_WEIGHT
    from course_lib.transfer import optimize_image

    def apply(content: Any, progress: Callable, **options: Any) -> Any:
        return optimize_image(
            content,
            style,
            steps,
            callback=lambda step, picture, losses: progress(step / steps),
            keep_colors=keep_colors,
            style_weight=strength * STYLE_WEIGHT,
            **options,
        )

    return apply


@functools.lru_cache(maxsize=1)
def _stylizer_of(manner: Manner) -> Callable:
    """`_stylizer` for a manner, mask included; made once for all pictures of a command."""
    from course_lib.device import quiet_framework_import

    quiet_framework_import()
    apply = _stylizer(
        manner.method,
        _style_picture(manner.style),
        manner.strength,
        manner.keep_colors,
        manner.steps,
    )
    return _masked(apply, manner.mask) if manner.mask else apply


def _masked(apply: Callable, path: Path) -> Callable:
    """The same transfer where the mask is white."""
    from course_lib import images

    mask = _mask_picture(path)

    def masked(content: Any, progress: Callable) -> Any:
        (height, width), (tall, wide) = content.shape[:2], mask.shape[:2]
        if abs(height * wide / (width * tall) - 1) > SAME_PROPORTIONS:
            raise images.PictureError(
                f"the mask of {tall} x {wide} does not have the proportions of the picture of "
                f"{height} x {width} (height x width). Cut it to fit."
            )
        fitted = images.resize(mask, (height, width)).mean(axis=-1)
        return apply(content, progress, masks=[fitted])

    return masked


def _mask_picture(path: Path) -> Any:
    """The mask as a picture."""
    from course_lib import images

    try:
        return images.load(path)
    except images.PictureError as error:
        raise typer.BadParameter(f"the mask: {error}") from error


# ---- all pictures ------------------------------------------------------------------------------


def _stylize_all(
    contents: list[Path], targets: list[Path], originals: set[Path], manner: Manner
) -> tuple[int, dict[Path, str], bool]:
    """Stylize one picture after the other.

    Args:
        contents: the files to read.
        targets: the file to write for each.
        originals: files that must not be written to.
        manner: how to stylize them.

    Returns:
        The number of pictures written, what went wrong with which others, and whether the user
        stopped the work.
    """
    apply = _stylizer_of(manner)
    taken: set[Path] = set()
    wrong: dict[Path, str] = {}
    written = 0
    try:
        with _progress_bar(len(contents)) as tell:
            for number, (content, target) in enumerate(zip(contents, targets, strict=True)):
                try:
                    _check_target(target, originals, taken)
                    _stylize_file(content, target, apply, manner.size, tell(number))
                    written += 1
                    taken.add(target.resolve())
                except Exception as error:
                    # Whatever is the matter with one picture, the others are still to be made.
                    wrong[content] = _reason(content, error)
                tell(number)(1.0)
    except KeyboardInterrupt:
        return written, wrong, True
    return written, wrong, False


def _check_target(target: Path, originals: set[Path], taken: set[Path]) -> None:
    from course_lib import images

    if target.resolve() in originals:
        raise images.PictureError(f"{target} is an original. Choose another folder or name.")
    if target.resolve() in taken:
        raise images.PictureError(
            f"{target} is made from another picture of that name. Stylize this one by itself."
        )
    _check_existing(target)


def _check_existing(target: Path) -> None:
    """A file that this course did not write may be somebody's original."""
    from course_lib import images

    if not target.is_file():
        return
    if target.suffix.lower() in MOVIES or not images.may_be_replaced(target):
        raise images.PictureError(
            f"{target}: there is such a file already, and this course did not write it. Choose "
            "another folder or name for --out, or move that file away."
        )


def _stylize_file(
    content: Path, target: Path, apply: Callable, size: int | None, progress: Callable
) -> None:
    from course_lib import images

    picture = _at_most(images.load(content, min_side=SMALLEST), size)
    images.save(apply(picture, progress), target)


# ---- on a cluster -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One file to stylize on a worker.

    Attributes:
        content: the file to read.
        target: the file to write.
        bench: folder beside the target, where it is written before it gets its name.
        manner: how to stylize it.
    """

    content: Path
    target: Path
    bench: Path
    manner: Manner


# One picture has use for all cores of a worker; two at once would only need twice the memory.
_ONE_AT_A_TIME = threading.Lock()


def _stylize_together(
    pictures: list[Path], out: Path, manner: Manner, scheduler: str | None, workers: int | None
) -> None:
    """Share the files among workers. A video stays whole: its frames lean on those before them."""
    contents = _contents(pictures, SUFFIXES | VIDEOS)
    videos = any(path.suffix.lower() in VIDEOS for path in contents)
    if videos:
        _check_video(manner)
    elif manner.seconds is not None:
        raise typer.BadParameter("--seconds goes with a video.")
    if out.suffix.lower() in VIDEOS:
        raise typer.BadParameter(
            f"{out}: with --workers or --scheduler give a folder to write the results to. One "
            "video alone is stylized no faster by several workers."
        )
    _style_picture(manner.style)
    if manner.mask:
        _mask_picture(manner.mask)
    manner = _found_anywhere(manner)
    targets = [target.absolute() for target in _targets(contents, pictures, out)]
    jobs: dict[Path, Job] = {}
    wrong: dict[Path, str] = {}
    bench = targets[0].parent / f".{secrets.token_hex(6)}.part"
    originals = _kept(contents, manner)
    taken: set[Path] = set()
    for content, target in zip(contents, targets, strict=True):
        try:
            _check_target(target, originals, taken)
        except ValueError as error:
            wrong[content] = _reason(content, error)
        else:
            taken.add(target.resolve())
            jobs[content] = Job(content.absolute(), target, bench, manner)
    written, stopped = 0, False
    if jobs:
        written, failed, stopped = _done_by_workers(jobs, bench, scheduler, workers)
        wrong |= failed
    _finish(written, wrong, stopped, out, "file" if videos else "picture")


def _found_anywhere(manner: Manner) -> Manner:
    """The manner with paths that do not depend on the folder in which a worker was started."""
    style = Path(manner.style)
    return replace(
        manner,
        style=str(style.absolute()) if style.exists() else manner.style,
        mask=manner.mask.absolute() if manner.mask else None,
    )


def _done_by_workers(
    jobs: dict[Path, Job], bench: Path, scheduler: str | None, workers: int | None
) -> tuple[int, dict[Path, str], bool]:
    """Have all jobs done.

    Returns:
        The number of files written, what went wrong with which others, and whether the user
        stopped the work.
    """
    from course_lib import cluster

    names = list(jobs)
    wrong: dict[Path, str] = {}
    written = 0
    bench.mkdir()
    try:
        with cluster.connected(scheduler, workers) as client:
            cluster.check_workers(client, bench)
            typer.echo(cluster.described(client))
            with typer.progressbar(length=len(jobs), label="stylizing", file=sys.stderr) as bar:
                for number, error in cluster.each_done(client, _stylize_job, jobs.values()):
                    if error is None:
                        written += 1
                    else:
                        wrong[names[number]] = _reason(names[number].absolute(), error)
                    bar.update(1)
    except KeyboardInterrupt:
        return written, wrong, True
    finally:
        # A worker that was killed has left what it was writing.
        shutil.rmtree(bench, ignore_errors=True)
    return written, wrong, False


def _stylize_job(job: Job) -> None:
    """What a worker does: the file is written whole or not at all, however often it is tried."""
    part = job.bench / f"{secrets.token_hex(6)}{job.target.suffix}"
    with _ONE_AT_A_TIME:
        if job.content.suffix.lower() in VIDEOS:
            from course_lib.device import quiet_framework_import

            quiet_framework_import()
            _video_written(job.content, part, job.manner, None)
        else:
            apply = _stylizer_of(job.manner)
            _stylize_file(job.content, part, apply, job.manner.size, lambda share: False)
    os.replace(part, job.target)


# ---- what is told -------------------------------------------------------------------------------


def _reason(path: Path, error: Exception) -> str:
    """What went wrong, in one line that does not say the path again."""
    text = " ".join(str(error).removeprefix(f"{path}: ").split())
    expected = type(error).__module__.startswith("course_lib.")
    return text if expected and text else f"{type(error).__name__}: {text}"


@contextlib.contextmanager
def _progress_bar(count: int) -> Iterator[Callable]:
    """A bar on the error stream; gives a function (number of the picture) -> progress function."""
    ticks = 100
    with typer.progressbar(length=ticks * count, label="stylizing", file=sys.stderr) as bar:

        def tell(number: int) -> Callable:
            def progress(share: float) -> bool:
                bar.update(max(0, round(ticks * (number + share)) - bar.pos))
                return False

            return progress

        yield tell


def _finish(
    written: int, wrong: dict[Path, str], stopped: bool, out: Path, what: str = "picture"
) -> None:
    """Say what was written and what was not, and end with the exit code that tells."""
    for path, reason in wrong.items():
        typer.echo(f"{path}: {reason}", err=True)
    typer.echo(
        f"{written} {what if written == 1 else f'{what}s'} written to {out}"
        + (f", {len(wrong)} not: see above." if wrong else ".")
        + (" Stopped before the end." if stopped else "")
    )
    if stopped:
        raise typer.Exit(130)
    if wrong:
        raise typer.Exit(1)
