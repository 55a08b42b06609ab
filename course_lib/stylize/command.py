"""The sub-command `course stylize`: its options.

The framework is imported when the work starts, so that `course stylize --help` answers at once.
"""

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from course_lib import signals
from course_lib.errors import CourseError
from course_lib.messages import translate
from course_lib.stylize.fitting import (
    check_kinds,
    check_options,
    check_targets,
    numbers,
    stroke_of,
)
from course_lib.stylize.plan import Plan, make_plan, renamed
from course_lib.stylize.running import finish, one_by_one, share_out
from course_lib.stylize.work import (
    SMALLEST,
    KeepColors,
    Method,
    Settings,
    Stylizer,
    check_images,
    check_mask,
    digest_of,
)

NETWORKS = ("autoencoder.npz", "painter.npz")
WHAT, HOW = "What goes in and out", "How it is painted"
KEPT, MANY = "What a file keeps", "Many files, and videos"


class Stylize(TyperCommand):
    """The sub-command, which knows that the name of a file may begin with a dash."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            unknown = getattr(error, "option_name", None)
            for one in given:
                if unknown and one.startswith(unknown) and Path(one).suffix and "=" not in one:
                    raise typer.BadParameter(translate(like_an_option(one)), ctx) from None
            raise


def like_an_option(name: str) -> str:
    """What to do where the name of a file begins with a dash."""
    words = f"{name}: this looks like an option. If it is the name of a file, write ./{name}"
    return words


def stylize(
    named: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CONTENT... [STYLE]",
            help="Photographs, videos or folders of them, and last the style, unless --style names "
            "it. A style is an image file of yours or one of the course's styles; `course stylize` "
            "alone lists them. - reads an image from standard input.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help="Where to write: a file (images .jpg .png .webp .tif .gif .bmp; videos .mp4 .mov "
            ".mkv .webm .gif .webp), or a folder, which is any name without a suffix or with a "
            "slash at the end. - writes an image to standard output.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(
            help="The style, a file or a name; everything else you name is then a photograph or "
            "video. Repeat it to mix styles.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Image that is white where the style applies and black where the photograph "
            "stays, or a shape on a transparent background. It may be smaller or larger than the "
            "photograph, but needs the same proportions. For a video, an image, or a video with a "
            "mask for each frame.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    networks: Annotated[
        Path | None,
        typer.Option(
            help="Use your own networks: a folder that `course train` wrote.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="From 0 (no style) to 1 (full style). Even at 0 a network redraws the photograph, "
            "which softens it and shifts its colors a little.",
            rich_help_panel=HOW,
        ),
    ] = 1.0,
    stroke: Annotated[
        str | None,
        typer.Option(
            help="Size of the strokes relative to the image: fine, medium (the default), large, or "
            "a number; 2 is twice as large as medium.",
            rich_help_panel=HOW,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="How much of each style, in order: 2,1 takes twice as much of the first. Equal "
            "parts by default.",
            rich_help_panel=HOW,
        ),
    ] = None,
    keep_colors: Annotated[
        KeepColors | None,
        typer.Option(
            help="Keep the photograph's colors. luminance takes only light and dark from the "
            "style; covariance first recolors the style to match the photograph, and needs a style "
            "that is not gray.",
            rich_help_panel=HOW,
        ),
    ] = None,
    method: Annotated[
        Method,
        typer.Option(
            help="How to paint. adain is the default and quick; optimize works in many steps and "
            "is slow. Lessons 7 to 9 explain them all. Videos take adain and wct.",
            rich_help_panel=HOW,
        ),
    ] = Method.ADAIN,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Steps for --method optimize, 200 by default: half as many take half the time.",
            rich_help_panel=HOW,
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=SMALLEST,
            help="Longest side of the result in pixels. Smaller images are not enlarged.",
            rich_help_panel=KEPT,
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Quality of JPEG, WebP and videos; 95 by default.",
            rich_help_panel=KEPT,
        ),
    ] = None,
    keep_profile: Annotated[
        bool,
        typer.Option(
            "--keep-profile",
            help="Keep a wide color space (Display P3, Adobe RGB). Without this, colors are "
            "converted to sRGB, which looks right on any screen.",
            rich_help_panel=KEPT,
        ),
    ] = False,
    strip: Annotated[
        bool,
        typer.Option(
            "--strip",
            help="Leave out date, camera, author and resolution, which are otherwise copied from "
            "the photograph. Its location (GPS) is never copied.",
            rich_help_panel=KEPT,
        ),
    ] = False,
    max_pixels: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Refuse images with more pixels than this; by default 100000000, which is 100 "
            "megapixels. With --size, a JPEG is read at a reduced size, so even a huge one passes.",
            rich_help_panel=KEPT,
        ),
    ] = None,
    recursive: Annotated[
        bool,
        typer.Option(
            "--recursive",
            help="Include subfolders. The results go into subfolders of the same names.",
            rich_help_panel=MANY,
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace results that exist already.", rich_help_panel=MANY
        ),
    ] = False,
    skip_existing: Annotated[
        bool,
        typer.Option(
            "--skip-existing",
            help="Skip files whose results exist, to go on with a batch that was stopped.",
            rich_help_panel=MANY,
        ),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(
            help="Take only this many seconds from the start of a video.", rich_help_panel=MANY
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            help="Frames per second when a folder of images becomes a video; 25 by default.",
            rich_help_panel=MANY,
        ),
    ] = None,
    sound: Annotated[
        Path | None,
        typer.Option(
            help="Sound for the video, from a file (.wav .mp3 .m4a ...). Otherwise a video keeps "
            "its own.",
            rich_help_panel=MANY,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Paint several files at once, in this many processes.",
            rich_help_panel=MANY,
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Split the files among the workers of a Dask scheduler, such as tcp://HOST:8786. "
            "They must see the same folders.",
            rich_help_panel=MANY,
        ),
    ] = None,
) -> None:
    """Paint photographs and videos in the style of another image.

    A photograph, in one of the course's styles:

    course stylize photo.jpg mosaic -o painted.jpg

    A video, in the style of an image of yours:

    course stylize clip.mp4 painting.png -o painted.mp4

    A folder with its subfolders; the same command goes on where it was stopped:

    course stylize photos --style mosaic -o painted --recursive --skip-existing

    A folder of frames made into a video, with music:

    course stylize frames mosaic -o film.mp4 --rate 24 --sound music.m4a

    Originals are never touched, and other files only with --overwrite. A transparent background
    stays transparent in images and animations (PNG, WebP, GIF, TIFF); elsewhere it becomes white.
    The exit code is 0 if every file was written, 1 if some were not, 2 if nothing could start, and
    130 after Ctrl-C.
    """
    if not named:
        show_example()
    if not out:
        raise typer.BadParameter("say where to write, for instance -o painted.jpg.")
    if out.startswith("-") and out != "-":
        raise typer.BadParameter(like_an_option(out))
    if not style:
        if len(named) < 2:
            raise typer.BadParameter("give the content and last the style, or use --style.")
        *named, last = named
        style = [str(last)]
    check_options(
        method, steps, stroke, workers, scheduler, seconds, rate, overwrite, skip_existing
    )
    check_kinds([*named, *map(Path, style)])
    others = [path for path in (*map(Path, style), mask, sound) if path is not None]
    settings = Settings(
        # A worker may have been started in another folder.
        tuple(str(Path(one).absolute()) if Path(one).is_file() else one for one in style),
        weights=None if weights is None else numbers(weights, len(style)),
        method=str(method),
        strength=strength,
        stroke=stroke_of(stroke),
        keep_colors=keep_colors and str(keep_colors),
        steps=steps,
        mask=mask and mask.absolute(),
        size=size,
        seconds=seconds,
        networks=networks and networks.absolute(),
        quality=quality or 95,
        keep_profile=keep_profile,
        strip=strip,
        max_pixels=max_pixels,
        rate=rate,
        sound=sound and sound.absolute(),
        digest=digest_of([*others, *(networks / one for one in NETWORKS if networks)]),
    )
    with piped(named, out) as (contents, place, stand_ins):
        with signals.ending_at_once():
            try:
                plan = make_plan(
                    contents,
                    place,
                    others=others,
                    overwrite=overwrite,
                    skip_existing=skip_existing,
                    recursive=recursive,
                )
            except OSError as error:
                words = f"{error.filename}: {error.strerror}."
                raise typer.BadParameter(words) from error
            plan.piped = stand_ins
            check_targets(plan, settings, quality)
        run(plan, settings, out, workers, scheduler, overwrite)


def run(
    plan: Plan,
    settings: Settings,
    out: str,
    workers: int | None,
    scheduler: str | None,
    overwrite: bool,
) -> None:
    """Do what was planned, and tell what has become of it."""
    together = bool(workers or scheduler)
    stylizer = None
    if plan.jobs:
        try:
            with signals.ending_at_once():
                if together:
                    check_images(settings)
                else:
                    stylizer = Stylizer(settings)
                    stylizer.styles()
                if settings.mask is not None:
                    check_mask(settings.mask, plan.jobs)
        except CourseError as error:
            raise typer.BadParameter(str(error)) from error
    # What is told must not get into an image that is written to the same place.
    tell = to_errors if out == "-" else typer.echo
    for words in stylizer.advice if stylizer else []:
        to_errors(words)
    for job in plan.jobs:
        make_folder(job.target.parent)
    if stylizer:
        done = one_by_one(plan.jobs, stylizer, overwrite)
    else:
        try:
            done = share_out(plan.jobs, settings, scheduler, workers)
        except CourseError as error:
            raise typer.BadParameter(str(error)) from error
    finish(plan, done, out, tell)


def to_errors(words: str) -> None:
    """Say something beside the results."""
    typer.echo(words, err=True)


def show_example() -> NoReturn:
    """The shortest command that does something, for who has typed nothing else."""
    from course_lib import collection

    names = ", ".join(name for name in collection.names()["styles"] if name != "mosaic")
    lines = textwrap.fill(names, 76, initial_indent="  ", subsequent_indent="  ")
    words = (
        "photo.jpg stands for a photograph of yours; mosaic is one of the course's styles. An "
        "image file of your own is a style, too. The course's other styles:"
    )
    typer.echo("course stylize photo.jpg mosaic -o painted.jpg\n")
    typer.echo(f"{textwrap.fill(translate(words), 76)}\n{lines}\n")
    typer.echo(translate("All options: course stylize --help"))
    raise typer.Exit(2)


@contextlib.contextmanager
def piped(named: list[Path], out: str) -> Iterator[tuple[list[Path], str, dict[str, str]]]:
    """Files in the place of standard input and output, where these are named by a dash.

    Yields:
        The contents, where to write, and what the temporary files among them stand for.
    """
    if out != "-" and Path("-") not in named:
        yield named, out, {}
        return
    if out == "-" and sys.stdout.isatty():
        raise typer.BadParameter("-o - would fill the terminal with an image: add > painted.jpg.")
    if out == "-" and (len(named) != 1 or named[0].is_dir()):
        raise typer.BadParameter("-o - writes a single image to standard output.")
    if named.count(Path("-")) > 1:
        raise typer.BadParameter("- reads one image from standard input: name it once.")
    with signals.temporary_folder() as folder:
        source, stand_ins = Path(folder) / "stdin", {}
        if Path("-") in named:
            with signals.ending_at_once():
                source.write_bytes(sys.stdin.buffer.read())
            stand_ins[str(source)] = translate("standard input")
            named = [source if path == Path("-") else path for path in named]
        target = Path(out)
        if out == "-":
            target = Path(folder) / f"stdout{'.jpg' if is_jpeg(named[0]) else '.png'}"
            stand_ins[str(target)] = translate("standard output")
        try:
            yield named, out if out != "-" else str(target), stand_ins
        except typer.BadParameter as error:
            error.message = renamed(error.message, stand_ins)
            raise
        finally:
            if out == "-" and target.exists():
                with open(target, "rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()


def is_jpeg(path: Path) -> bool:
    """Whether a file begins as a JPEG does."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(3) == b"\xff\xd8\xff"
    return False


def make_folder(folder: Path) -> None:
    """Make a folder for the results, where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{folder}: the folder cannot be made ({error}).") from error
