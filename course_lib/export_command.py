"""The sub-command `course export`: the networks in other programs' formats, and a web page."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from course_lib import signals


def export(
    what: Annotated[
        Literal["encoder", "decoder", "stylize", "measure", "paint", "web"],
        typer.Argument(
            metavar="WHAT",
            help="encoder, decoder, stylize (content, style, strength -> image), its halves "
            "measure and paint, or web: a page that stylizes images in the browser.",
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
    format: Annotated[
        Literal["savedmodel", "onnx", "litert"] | None, typer.Option(help="Not for web.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHTxWIDTH",
            help="Size of the images in pixels, such as 256x384, for devices that want to know "
            "it beforehand. Otherwise one file takes images of any size.",
        ),
    ] = None,
    networks: Annotated[
        Path | None,
        typer.Option(
            help="Folder that course train wrote: your networks in place of the course's."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export of the same kind.")
    ] = False,
) -> None:
    """Write the networks for other programs: SavedModel, ONNX, LiteRT, or a web page.

    Needs the course's extra named export; the page also needs npm and a checkout.
    """
    if what == "web" and (format or size):
        raise typer.BadParameter("web has a format and sizes of its own: leave these options out.")
    wanted = _height_and_width(size) if size else None
    if what != "web" and format is None:
        raise typer.BadParameter("say the format: --format savedmodel, onnx or litert.")
    from course_lib.backend import quiet_framework_import

    with signals.ending_at_once():
        quiet_framework_import()
        from course_lib import export as exports
        from course_lib.transfer import FeatureTransfer

    transfer = None
    if networks:
        # Encoder and decoder are there before there is a painter.
        method = "wct" if what in ("encoder", "decoder") else "adain"
        transfer = FeatureTransfer.from_networks(networks, method)
    if what == "web":
        folder = exports.build_web_page(out, overwrite=overwrite, transfer=transfer)
        typer.echo(f"Built {folder}. Open {folder / 'index.html'} in a browser.")
        return
    made = exports.export(
        what, format or "", out, size=wanted, overwrite=overwrite, transfer=transfer
    )
    sizes = f"images of {size} pixels only" if size else "images of any size"
    mib = sum(file.stat().st_size for file in _files(made)) / 2**20
    typer.echo(f"Wrote {made} ({mib:.1f} MiB), for {sizes}.")


def _height_and_width(text: str) -> tuple[int, int]:
    """Height and width from "256x384"."""
    try:
        height, width = (int(side) for side in text.split("x"))
    except ValueError as error:
        raise typer.BadParameter(
            f"--size {text}: write height and width in pixels, such as 256x384."
        ) from error
    return height, width


def _files(made: Path) -> list[Path]:
    """The file, or all files of the folder."""
    if made.is_file():
        return [made]
    return [file for file in made.rglob("*") if file.is_file()]
