"""Which files are to be made of which: decided in full before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import typer

# Written as images; and further suffixes of files in a folder that are meant to be images. Whether
# they are is found out when they are read.
WRITTEN = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp"))
IMAGES = WRITTEN | {".avif", ".heic", ".heif", ".jp2", ".jxl"}
# Written as videos, and further suffixes that videos have.
MOVIES = frozenset((".mp4", ".m4v", ".mov", ".mkv"))
# Images of these suffixes may move.
ANIMATIONS = frozenset((".gif", ".webp", ".png", ".apng"))
VIDEOS = MOVIES | {".avi", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".3gp", ".flv"}


@dataclass(frozen=True)
class Job:
    """One file to make.

    Attributes:
        content: the file to read, or a folder whose images are the frames of a video.
        target: the file to write.
        moving: whether it is a video or an animation, frame by frame.
        stilled: whether it is an animation of which only the first image is taken.
    """

    content: Path
    target: Path
    moving: bool = False
    stilled: bool = False


@dataclass
class Plan:
    """What is to be made.

    Attributes:
        jobs: the files to make, in order.
        refused: file -> why nothing is made of it.
        skipped: files whose result is there already.
    """

    jobs: list[Job] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)
    skipped: list[Path] = field(default_factory=list)


def make_plan(
    named: list[Path],
    out: Path,
    *,
    others: Iterable[Path] = (),
    overwrite: bool = False,
    skip_existing: bool = False,
) -> Plan:
    """What to write for the contents that a user has named.

    Args:
        named: files and folders. A single folder and an ``out`` such as film.mp4 make a video.
        out: the file or the folder to write to.
        others: further files that must not be written to, such as the style.
        overwrite: replace files that are there.
        skip_existing: leave out what has a result already.

    Returns:
        A `Plan`. Nothing has been made yet.

    Raises:
        typer.BadParameter: the arguments do not fit together.
    """
    film = len(named) == 1 and named[0].is_dir() and out.suffix.lower() in MOVIES
    contents = named if film else files_of(named)
    originals = {path.resolve() for path in (*contents, *others)}
    single = film or (len(named) == 1 and not named[0].is_dir())
    plan = Plan()
    taken: set[Path] = set()
    for content, target in zip(contents, targets_of(contents, out, single), strict=True):
        place = target.resolve()
        if place in originals:
            plan.refused[content] = f"{target} is an original. Choose another folder or name."
        elif place in taken:
            plan.refused[content] = (
                f"{target} is made from another file of that name. Stylize this one by itself."
            )
        elif target.exists() and skip_existing:
            plan.skipped.append(content)
        elif target.exists() and not overwrite:
            plan.refused[content] = (
                f"{target}: there is such a file already. Choose another folder or name, or add "
                "--overwrite or --skip-existing."
            )
        else:
            taken.add(place)
            plan.jobs.append(job_of(content, target))
    return plan


def job_of(content: Path, target: Path) -> Job:
    """The job that makes this file, which may be a video, an animation or an image."""
    video = content.is_dir() or is_video(content)
    if video or not is_animation(content):
        return Job(content, target, moving=video or target.suffix.lower() in MOVIES)
    stays = target.suffix.lower() in MOVIES | {".gif"}
    return Job(content, target, moving=stays, stilled=not stays)


def is_video(path: Path) -> bool:
    """Whether a file is a video, by its name."""
    return path.suffix.lower() in VIDEOS


def is_animation(path: Path) -> bool:
    """Whether an image file holds more than one image."""
    from PIL import Image

    if path.suffix.lower() not in ANIMATIONS:
        return False
    try:
        with Image.open(path) as image:
            return bool(getattr(image, "is_animated", False))
    except (OSError, SyntaxError, ValueError):
        return False


def files_of(named: list[Path]) -> list[Path]:
    """The files, those of a folder in the order of their names."""
    found = []
    for path in named:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in IMAGES | VIDEOS and not file.name.startswith(".")
        )
        if not inside:
            raise typer.BadParameter(f"{path}: there are no images in this folder.")
        found += inside
    return found


def targets_of(contents: list[Path], out: Path, single: bool) -> list[Path]:
    """The file to write for each content."""
    suffix = out.suffix.lower()
    if single and not out.is_dir() and suffix:
        check_suffix(contents[0], suffix, out)
        check_parent(out)
        return [out]
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out}: this is a file; several results need a folder.")
    if not out.is_dir() and suffix:
        raise typer.BadParameter(
            f"{out}: several results need a folder, and this reads as the name of a file. Give a "
            "name without a suffix."
        )
    check_parent(out)
    return [out / result_name(path) for path in contents]


def check_suffix(content: Path, suffix: str, out: Path) -> None:
    """A single result must have the name of a file that can be written."""
    fitting = MOVIES | {".gif"} if content.is_dir() or is_video(content) else WRITTEN | MOVIES
    if suffix not in fitting:
        raise typer.BadParameter(
            f"{out}: the suffix is not one that we write. Use one of "
            f"{' '.join(sorted(fitting))}, or a name without a suffix for a folder."
        )


def check_parent(out: Path) -> None:
    """The folder of a result must be there, or be one that can be made."""
    parent = next(folder for folder in out.absolute().parents if folder.exists())
    if not parent.is_dir():
        raise typer.BadParameter(f"{parent}: this is a file, so the folder cannot be made.")


def result_name(path: Path) -> str:
    """The name of what is made of a file: the same, or of a suffix that can be written."""
    if path.suffix.lower() in WRITTEN | MOVIES:
        return path.name
    return f"{path.stem}.mp4" if is_video(path) else f"{path.stem}.png"
