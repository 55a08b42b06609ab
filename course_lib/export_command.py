"""The sub-command `course export`: the networks in other programs' formats, and a web page."""

from pathlib import Path
from typing import Annotated

import typer

FORMATS = "savedmodel, onnx, litert"


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="encoder, decoder, stylize (content, style, strength -> picture), its halves "
            "measure and paint, or web: a page that stylizes pictures in the browser.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="What to write: a folder for savedmodel and web, a file .onnx or .tflite.",
        ),
    ],
    format: Annotated[str | None, typer.Option(help=f"One of: {FORMATS}. Not for web.")] = None,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHTxWIDTH",
            help="Size of the pictures in pixels, such as 256x384, for devices that want to know "
            "it beforehand. Otherwise one file takes pictures of any size.",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an earlier export of the same kind.")
    ] = False,
) -> None:
    """Write the course's networks for other programs: SavedModel, ONNX, LiteRT, or a web page.

    Needs the course's extra named export; the page also needs npm and a checkout.
    """
    _check_options(what, format, size)
    wanted = _height_and_width(size) if size else None
    from course_lib.backend import quiet_framework_import

    quiet_framework_import()
    from course_lib import export as exports

    if what == "web":
        folder = exports.build_web_page(out, replace)
        typer.echo(
            f"Built {folder}. To look at it, run: python -m http.server --bind 127.0.0.1 "
            f"--directory {folder}"
        )
        return
    made = exports.export(what, format or "", out, wanted, replace)
    sizes = f"pictures of {size} pixels only" if size else "pictures of any size"
    mib = sum(file.stat().st_size for file in _files(made)) / 2**20
    typer.echo(f"Wrote {made} ({mib:.1f} MiB), for {sizes}.")


def _check_options(what: str, format: str | None, size: str | None) -> None:
    if what == "web" and (format or size):
        raise typer.BadParameter("web has a format and sizes of its own: leave these options out.")
    if what != "web" and format is None:
        raise typer.BadParameter(f"say the format: --format and one of {FORMATS}.")


def _height_and_width(text: str) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in text.split("x"))
    except ValueError as error:
        raise typer.BadParameter(
            f"--size {text}: write height and width in pixels, such as 256x384."
        ) from error
    return height, width


def _files(made: Path) -> list[Path]:
    if made.is_file():
        return [made]
    return [file for file in made.rglob("*") if file.is_file()]
