"""What of the options of `course stylize` does not fit together, or not with the files."""

import contextlib
import math
from pathlib import Path
from typing import Any

import typer

from course_lib.errors import CourseError
from course_lib.files import FASTEST, SOUND_SUFFIXES, is_web_address
from course_lib.stylize.plan import MOVIES, Plan
from course_lib.stylize.work import KeepColors, Method, Settings

FEATURE_BASED = (Method.ADAIN, Method.WCT)
WITH_QUALITY = MOVIES | {".jpg", ".jpeg", ".webp"}


def check_options(
    method: Method,
    steps: int | None,
    stroke: str | None,
    workers: int | None,
    scheduler: str | None,
    seconds: float | None,
    rate: float | None,
    overwrite: bool,
    skip_existing: bool,
) -> None:
    """Say which options do not go together, or are no sensible number."""
    if seconds is not None and not 0 < seconds < math.inf:
        raise typer.BadParameter(f"--seconds {seconds:g}: give a number above 0.")
    if rate is not None and not 0 < rate <= FASTEST:
        raise typer.BadParameter(f"--rate {rate:g}: give a number above 0, at most {FASTEST}.")
    if overwrite and skip_existing:
        raise typer.BadParameter(
            "--overwrite and --skip-existing exclude each other: give one of them."
        )
    if workers and scheduler:
        raise typer.BadParameter("--workers and --scheduler exclude each other: give one of them.")
    if steps is not None and method != Method.OPTIMIZE:
        raise typer.BadParameter(f"--steps goes with --method optimize, not with {method}.")
    if stroke is not None and method not in FEATURE_BASED:
        raise typer.BadParameter(
            f"--stroke goes with the methods adain and wct, not with {method}."
        )


def check_kinds(paths: list[Path]) -> None:
    """Say what to do with sounds and web addresses, which this command does not take."""
    for path in paths:
        if is_web_address(path):
            address = str(path).replace(":/", "://", 1)
            raise typer.BadParameter(
                f"{address}: this is a web address, not a file. Download the image, then give its "
                "path."
            )
        if path.suffix.lower() in SOUND_SUFFIXES and path.exists():
            raise typer.BadParameter(
                f"{path}: this is a sound, and this command paints images and videos. Sounds are "
                "stylized in Python, by course_lib.transfer.audio.SoundTransfer: see lesson 14."
            )


def check_track(path: Path) -> None:
    """Say that a file has no sound before hours have been spent on the images it is for."""
    from course_lib.transfer.clips.sound import open_sound

    try:
        open_sound(path).close()
    except CourseError as error:
        raise typer.BadParameter(f"--sound {error}") from error


def numbers(text: str, styles: int) -> tuple[float, ...]:
    """The weights that were typed, one for each style."""
    with contextlib.suppress(ValueError):
        found = tuple(float(one) for one in text.split(","))
        if len(found) == styles and min(found) >= 0 and 0 < sum(found) < math.inf:
            return found
    raise typer.BadParameter(
        f"--weights {text}: give a number of 0 or more for each --style, such as 2,1 for two of "
        "them; at least one above 0."
    )


def stroke_of(text: str | None) -> str | float | None:
    """The stroke that was typed, as a word or a number; the transfer knows which there are."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def check_targets(plan: Plan, settings: Settings, quality: int | None) -> None:
    """Say before anything is written what does not go with an image or a video."""
    moving = [job for job in plan.jobs if job.moving]
    targets = [job.target.suffix.lower() for job in plan.jobs]
    unfit: dict[str, Any] = {}
    if moving:
        unfit = {
            "--keep-colors covariance": settings.keep_colors == KeepColors.COVARIANCE,
            f"--method {settings.method}": settings.method not in FEATURE_BASED,
            "a second --style": len(settings.styles) > 1,
        }
    for name, given in unfit.items():
        if given:
            raise typer.BadParameter(f"{name} does not go with a video.")
    if settings.sound is not None and not settings.sound.is_file():
        raise typer.BadParameter(f"--sound {settings.sound}: there is no such file.")
    needed = {
        "--seconds goes with a video.": settings.seconds is not None and not moving,
        "--rate goes with a folder of images that becomes a video.": settings.rate is not None
        and not any(job.content.is_dir() for job in moving),
        "--sound goes with a video, and an animation has none.": settings.sound is not None
        and not MOVIES & set(targets),
        "--quality goes with JPEG, WebP and videos.": quality is not None
        and not WITH_QUALITY & set(targets),
    }
    for words, wrong in needed.items():
        if wrong and plan.jobs:
            raise typer.BadParameter(words)
    if settings.sound is not None:
        check_track(settings.sound)
