"""Which files are to be made of which: decided in full before anything is written."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import typer

from course_lib.files import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from course_lib.messages import translate

# Written as images, as animations and as videos.
WRITTEN = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp"))
ANIMATIONS = frozenset((".gif", ".webp", ".png", ".apng"))
MOVIES = frozenset((".mp4", ".m4v", ".mov", ".mkv", ".webm"))
# A video or a folder of frames becomes one of these.
MOVING = MOVIES | {".gif", ".webp", ".apng"}
# Images of these suffixes may hold several, which move; of a TIFF they are pages.
SEVERAL = ANIMATIONS | {".avif", ".tif", ".tiff"}
# What telephones write becomes what everybody reads.
PHOTOGRAPHS = frozenset((".heic", ".heif", ".hif", ".jpe", ".jfif"))


@dataclass(frozen=True)
class Job:
    """One file to make.

    Attributes:
        content: the file to read, or a folder whose images are the frames of a video.
        target: the file to write.
        moving: whether it is a video or an animation, frame by frame.
        stilled: whether it holds several images of which only the first is taken.
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
        passed: what a folder holds besides images and videos: files, and folders in it.
        piped: path of a temporary file -> what it stands for, such as standard input.
    """

    jobs: list[Job] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)
    skipped: list[Path] = field(default_factory=list)
    passed: list[Path] = field(default_factory=list)
    piped: dict[str, str] = field(default_factory=dict)


def make_plan(
    named: list[Path],
    out: str,
    *,
    others: Iterable[Path] = (),
    overwrite: bool = False,
    skip_existing: bool = False,
    recursive: bool = False,
) -> Plan:
    """What to write for the contents that a user has named.

    Args:
        named: files and folders. A single folder and an ``out`` such as film.mp4 make a video.
        out: the file or the folder to write to; with a slash at its end, a folder.
        others: further files that must not be written to, such as the style.
        overwrite: replace files that are there.
        skip_existing: leave out what has a result already.
        recursive: look into the folders in a folder, too.

    Returns:
        A `Plan`. Nothing has been made yet.

    Raises:
        typer.BadParameter: the arguments do not fit together.
    """
    plan, place = Plan(), Path(out)
    folder = place.is_dir() or out.endswith(("/", os.sep)) or not place.suffix
    film = len(named) == 1 and named[0].is_dir() and not folder and is_moving(place)
    contents = {named[0]: Path(named[0].name)} if film else files_of(named, plan, place, recursive)
    single = film or (len(named) == 1 and not named[0].is_dir())
    if not single and not folder:
        if place.exists():
            raise typer.BadParameter(f"{out}: this is a file; several results need a folder.")
        raise typer.BadParameter(
            f"{out}: several results need a folder, but this looks like the name of a file. Leave "
            "out the suffix, or put a slash at the end."
        )
    if single and not folder:
        check_suffix(named[0], place)
    check_parent(place, folder)
    originals = {real(path) for path in (*contents, *others)}
    taken: set[str] = set()
    for content, relative in contents.items():
        target = place / relative.with_name(result_name(content)) if folder else place
        why = refusal(content, target, taken, originals)
        if why:
            plan.refused[content] = why
        elif os.path.lexists(target) and skip_existing:
            plan.skipped.append(content)
        elif os.path.lexists(target) and not overwrite:
            plan.refused[content] = translate(
                f"{target} exists already. Choose another folder or name, or add --overwrite or "
                "--skip-existing."
            )
        else:
            taken.add(real(target))
            plan.jobs.append(job_of(content, target))
    return plan


def refusal(content: Path, target: Path, taken: set[str], originals: set[str]) -> str:
    """Why nothing can be made of a content; empty where it can."""
    if not content.exists():
        # The library has the words for it: what a link leads to, which name is nearly the same.
        from course_lib.images import ImageError, load_image

        try:
            load_image(content)
        except ImageError as error:
            return without(content, str(error))
    if real(target) == real(content):
        return translate(
            "is an original, which is never overwritten. Choose another folder or name."
        )
    if real(target) in originals:
        return translate(f"{target} is an original. Choose another folder or name.")
    if real(target) in taken:
        return translate(
            f"{target} is made from another file of that name. Stylize this one by itself."
        )
    if target.is_dir():
        return translate(f"{target}: this is a folder. Choose another name.")
    return ""


def job_of(content: Path, target: Path) -> Job:
    """The job that makes this file, which may be a video, an animation or an image."""
    video = content.is_dir() or is_video(content)
    if video or not has_several(content):
        return Job(content, target, moving=video)
    stays = not has_pages(content) and target.suffix.lower() in MOVIES | ANIMATIONS
    return Job(content, target, moving=stays, stilled=not stays)


def has_pages(path: Path) -> bool:
    """Whether several images in a file are pages, and no animation."""
    return path.suffix.lower() in (".tif", ".tiff")


def is_video(path: Path) -> bool:
    """Whether a file is a video, by its name, or by how it begins where the name says nothing."""
    suffix = path.suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return True
    if suffix and suffix not in SEVERAL:
        return False
    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError:
        return False
    matroska = start.startswith(b"\x1a\x45\xdf\xa3")
    return matroska or (start[4:8] == b"ftyp" and start[8:11] in (b"iso", b"mp4", b"qt ", b"M4V"))


def real(path: Path) -> str:
    """Where a path leads. Other than `Path.resolve` it bears links that lead to themselves."""
    return os.path.realpath(path)


def is_moving(path: Path) -> bool:
    """Whether a result of that name moves."""
    return path.suffix.lower() in MOVING


def has_several(path: Path) -> bool:
    """Whether an image file holds more than one image."""
    if path.suffix.lower() not in SEVERAL and path.suffix:
        return False
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except (OSError, SyntaxError, ValueError):
        return False


def files_of(named: list[Path], plan: Plan, out: Path, recursive: bool) -> dict[Path, Path]:
    """The files, each with its place below the folder of the results, in the order of names."""
    found = {}
    for path in named:
        if not path.is_dir():
            found[path] = Path(path.name)
            continue
        inside = {file: file.relative_to(path) for file in walk(path, plan, out, recursive)}
        if not inside:
            below = any(one.is_dir() and one.parent == path for one in plan.passed)
            if below:
                raise typer.BadParameter(
                    f"{path}: there are no images in this folder. Add --recursive for those in the "
                    "folders in it."
                )
            raise typer.BadParameter(f"{path}: there are no images in this folder.")
        found |= inside
    return found


def walk(folder: Path, plan: Plan, out: Path, recursive: bool) -> Iterator[Path]:
    """The images and videos of a folder; what is none is noted as passed over."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or real(path) == real(out):
            continue
        if path.is_dir():
            if recursive and not path.is_symlink():
                yield from walk(path, plan, out, recursive)
            else:
                plan.passed.append(path)
        elif path.suffix.lower() in IMAGE_SUFFIXES | VIDEO_SUFFIXES:
            yield path
        else:
            plan.passed.append(path)


def without(path: Path, words: str) -> str:
    """Words that do not begin with the path again, in English or in Chinese."""
    return words.removeprefix(f"{path}: ").removeprefix(f"{path}：")


def renamed(words: str, piped: dict[str, str]) -> str:
    """Words in which temporary files are called what they stand for."""
    for path, name in piped.items():
        words = words.replace(path, name)
    return words


def check_suffix(content: Path, out: Path) -> None:
    """A single result must have the name of a file that can be written."""
    fitting = WRITTEN
    if content.is_dir() or is_video(content):
        fitting = MOVING
    elif has_several(content) and not has_pages(content):
        fitting = WRITTEN | MOVING
    if out.suffix.lower() in fitting:
        return
    suffix, suffixes = out.suffix, " ".join(sorted(fitting))
    # Whole sentences, which can be translated.
    if fitting == WRITTEN:
        raise typer.BadParameter(
            f"{out}: an image is not written as {suffix}. Use {suffixes}; or, for a folder, put a "
            "slash at the end."
        )
    if fitting == MOVING:
        raise typer.BadParameter(
            f"{out}: a video is not written as {suffix}. Use {suffixes}; or, for a folder, put a "
            "slash at the end."
        )
    raise typer.BadParameter(
        f"{out}: an animation is not written as {suffix}. Use {suffixes}; or, for a folder, put a "
        "slash at the end."
    )


def check_parent(out: Path, folder: bool) -> None:
    """The folder of a result must be there, or be one that can be made."""
    if folder and out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out}: this is a file; the results need a folder.")
    parent = next(one for one in out.absolute().parents if one.exists())
    if not parent.is_dir():
        raise typer.BadParameter(f"{parent}: this is a file, so the folder cannot be made.")


def result_name(content: Path) -> str:
    """The name of what is made of a file: the same, or of a suffix that can be written."""
    suffix = content.suffix.lower()
    if suffix in WRITTEN | MOVIES | {".apng"}:
        return content.name
    if suffix in PHOTOGRAPHS:
        return f"{content.stem}.jpg"
    return f"{content.stem}.mp4" if is_video(content) else f"{content.stem}.png"
