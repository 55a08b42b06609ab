"""Where the course is on the web: its pages, and each lesson on Colab and Binder.

Everything is made from two addresses in pyproject.toml. ``python -m workshop.site`` writes them
into the README, between its two marks.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from course_lib import files
from course_lib.errors import BuildError
from workshop import CHECKOUT
from workshop.lessons.sources import colab_address, lessons, repository_url

BEGIN, END = "<!-- links: begin -->", "<!-- links: end -->"


def page_url(root: Path = CHECKOUT) -> str:
    """The address of the course's pages, from [tool.course] in pyproject.toml, without a slash.

    Args:
        root: the folder that holds pyproject.toml.

    Raises:
        BuildError: the file or the setting is missing.
    """
    settings = root / "pyproject.toml"
    try:
        told = tomllib.loads(settings.read_text(encoding="utf-8"))["tool"]["course"]["pages"]
    except (OSError, KeyError) as error:
        raise BuildError(
            f"{settings} does not say where the pages are. Add to [tool.course] "
            'pages = "https://owner.github.io/name".'
        ) from error
    return told.removesuffix("/")


def binder_address(repository: str, notebook: str = "") -> str:
    """Where Binder runs a lesson as students get it, or shows all of them.

    Args:
        repository: the address of the course's repository.
        notebook: name of its file.
    """
    owner_and_name = repository.removeprefix("https://github.com/")
    path = f"lab/tree/student/{notebook}".removesuffix("/")
    return f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath={path}"


def readme_links(root: Path = CHECKOUT) -> str:
    """What stands between the README's marks: the pages, and a table of Colab and Binder.

    Args:
        root: the course's checkout.
    """
    repository = repository_url(root)
    found = lessons(root)
    first = found[0].notebook.name
    badges = (
        f"[![Read it](docs/images/badges/read.svg)](notebooks/{first})",
        "[![Play with it](docs/images/badges/play.svg)](#play-with-it)",
        f"[![Open in Colab](docs/images/badges/colab.svg)]({colab_address(repository, first)})",
        f"[![Open in Binder](docs/images/badges/binder.svg)]({binder_address(repository, first)})",
    )
    rows = [
        f"| {one.number:02} {one.title} | [Colab]({colab_address(repository, one.notebook.name)}) "
        f"| [Binder]({binder_address(repository, one.notebook.name)}) |"
        for one in found
    ]
    table = ["| lesson | | |", "|---|---|---|", *rows]
    opening = "<details>\n<summary>Each lesson on Colab, on Binder and on the web</summary>\n"
    pages = f"[![Read it on the web](docs/images/badges/web.svg)]({page_url(root)}/index.html)"
    return "\n".join([" ".join(badges), "", opening, *table, "", pages, "", "</details>"])


def with_links(readme: str, links: str) -> str:
    """A README with these links between its marks.

    Args:
        readme: its Markdown.
        links: what shall stand there.

    Raises:
        BuildError: the marks are not there, or not once.
    """
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if (readme.count(BEGIN), readme.count(END)) != (1, 1) or not after:
        raise BuildError(f"README.md needs one line {BEGIN} and, below it, one line {END}.")
    return f"{before}{BEGIN}\n{links}\n{END}{after}"


def write_readme(root: Path = CHECKOUT) -> None:
    """Write the links into the README.

    Args:
        root: the course's checkout.
    """
    readme = root / "README.md"
    text = with_links(readme.read_text(encoding="utf-8"), readme_links(root))
    files.write_atomically(readme, text.encode())
