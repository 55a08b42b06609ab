"""The sub-command `course site`: the web course, as a folder of pages."""

from pathlib import Path
from typing import Annotated

import typer


def site(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the pages; a site in it is replaced.")
    ] = Path("build/site"),
    with_try: Annotated[
        bool,
        typer.Option("--try/--no-try", help="With the page that stylizes in the browser."),
    ] = True,
) -> None:
    """Build the web course; it works offline, from any file server or from none."""
    from course_lib.site import build_site

    folder = build_site(out, with_try=with_try, tell=typer.echo)
    typer.echo(f"Built {folder}. Open {folder / 'index.html'} in a browser.")
