"""What every page of the web course must keep: links that lead somewhere, images with words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself when it shows a page.
FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("audio", "src"),
    ("video", "src"),
    ("source", "src"),
}
# Links of a page to its neighbors, and to what a search engine should know, fetch nothing.
NOT_FETCHED = {
    *("next", "prev", "index", "search", "canonical", "alternate", "author", "copyright")
}


@dataclass
class Page:
    """What is in a page, as far as it is checked."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    wordless: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.page.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        for name, value in given.items():
            related = set(given.get("rel", "").split())
            if (tag, name) in FETCHED and not related & NOT_FETCHED:
                self.page.fetched.append(value)
            if name == "srcset":
                # Addresses with commas between them, each followed by a size or by nothing.
                self.page.fetched += [one.split()[0] for one in value.split(",") if one.strip()]
        if tag == "img" and not given.get("alt", "").strip():
            self.page.wordless.append(given.get("src", "")[:80])


def read_page(path: Path) -> Page:
    """What a page links to, fetches and shows without words.

    Args:
        path: an HTML file.
    """
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def check_pages(folder: Path) -> list[str]:
    """What is wrong with the pages of a site.

    Args:
        folder: the folder of a built site.

    Returns:
        One line for each link or file that leads nowhere, for each file that would be fetched from
        another host, and for each image without alternative text.
    """
    pages = {path.resolve(): read_page(path) for path in sorted(folder.rglob("*.html"))}
    return [
        f"{path.relative_to(folder.resolve())}: {problem}"
        for path, page in pages.items()
        for problem in _problems(path, page, pages)
    ]


def _problems(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for image in page.wordless:
        yield f"the image {image} has no alternative text."
    for address in page.fetched:
        if _is_elsewhere(address):
            yield f"{address} would be fetched from another host."
    for address in [*page.links, *page.fetched]:
        if not _is_elsewhere(address) and not _is_there(path, address, pages):
            yield f"{address} leads nowhere."


def _is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "mailto")


def _is_there(path: Path, address: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(address)
    if parts.scheme in ("data", "javascript"):
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not parts.fragment or target not in pages:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].anchors
