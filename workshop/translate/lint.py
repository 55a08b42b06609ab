"""What a Chinese translation must keep: typography, structure, and the agreed terms."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_lib.language import entries_of, fingerprint
from workshop import CHECKOUT
from workshop.translate.pages import pages
from workshop.translate.terms import Term, read_terms

HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
FENCED = re.compile(r"(?ms)^ {0,3}(```+|~~~+)(.*?)^ {0,3}\1 *$")
COMMENT = re.compile(r"(?s)<!--.*?-->")
CODE = re.compile(r"(?s)(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FORMULA = re.compile(r"(?s)\$\$.+?\$\$|(?<![\\$\w])\$(?! )[^$\n]+?(?<! )\$(?!\d)")
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|<(https?://[^>\s]+)>|(?:href|src)=\"([^\"]+)\"")
TAG = re.compile(r"<[^>\n]+>")
HEADING = re.compile(r"(?m)^(#{1,6}) ")
ROW = re.compile(r"(?m)^\s*\|.*\|\s*$")
# Lines that end where they end: headings, rows of tables, quotations.
ENDS_ITSELF = re.compile(r"\s*(?:#{1,6} |\||>|$)")
BEGINS_ITSELF = re.compile(r"\s*(?:#{1,6} |\||>|[-*+] |\d+\. |\ufffc*$)")
# Stands for code, a formula or a tag in a passage's prose.
THING = "\ufffc"
# Each pattern is something that Chinese text does not have, and what it has instead.
TYPOGRAPHY = {
    rf"{HAN}[*_]*[,.;:?!](?![A-Za-z0-9/])": "use full-width marks after Han: ，。；：？！、",
    rf"{HAN}\(|\({HAN}|{HAN}\)": "use full-width parentheses: （）",
    rf'"[^"\n]*{HAN}|{HAN}[^"\n]*"': "use Chinese quotation marks: “ ”",
    rf"{HAN} +{HAN}": "no space between Han",
    r"(?<!\|) [，。；：？！、）”]|[，。；：？！、（“] (?!\|)": "no space beside a full-width mark",
    rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}": "put a space between Han and Latin letters or digits",
    rf"{HAN}(?:\.{{3}}|--)": "use …… and ——",
}


def lint(named: Sequence[str] = (), *, root: Path = CHECKOUT) -> list[str]:
    """Faults of the translations that readers see.

    Args:
        named: lessons and pages, as in `pages`; all where none is named.
        root: the course's checkout.

    Returns:
        One line for each fault, with the catalog, the passage's fingerprint and what to do.
    """
    terms = read_terms(root)
    faults = []
    for page in pages(named, root=root):
        if not page.catalog.is_file():
            continue
        english = {fingerprint(passage): passage for passage in page.passages}
        for entry in entries_of(page.catalog.read_text(encoding="utf-8")):
            if entry.is_valid and entry.fingerprint in english:
                place = f"{page.catalog.relative_to(root)}, {entry.fingerprint}"
                found = lint_passage(english[entry.fingerprint], entry.text, terms)
                faults += [f"{place}: {fault}" for fault in found]
    return faults


def lint_passage(english: str, chinese: str, terms: Sequence[Term] = ()) -> list[str]:
    """What is wrong with one passage in translation.

    Args:
        english: the passage, Markdown.
        chinese: its translation.
        terms: whose agreed forms are asked for.

    Returns:
        One line for each fault; empty where there is none.
    """
    return [
        *_differences(english, chinese),
        *_typography(chinese),
        *_bold(chinese),
        *(term.said() for term in terms if term.is_missing(prose(english), chinese)),
    ]


def prose(passage: str) -> str:
    """A passage without what is not language: code, formulas, addresses, tags."""
    for pattern in (FENCED, COMMENT, CODE, FORMULA):
        passage = pattern.sub(THING, passage)
    passage = re.sub(r"\]\([^)]*\)", "]", passage)
    return TAG.sub(THING, passage)


def _kept(passage: str) -> dict[str, Counter[str]]:
    """What both languages have alike: kind -> how often each of them occurs."""
    fenced = ["".join(found) for found in FENCED.findall(passage) if not found[1].startswith("{")]
    rest = FENCED.sub("", passage)
    codes = [code.strip() for _, code in CODE.findall(rest)]
    comments = COMMENT.findall(rest)
    plain = CODE.sub("", COMMENT.sub("", rest))
    return {
        "fenced code": Counter(fenced),
        "code span": Counter(codes),
        "comment": Counter(comments),
        "formula": Counter("".join(one.split()) for one in FORMULA.findall(plain)),
        "link": Counter("".join(groups) for groups in LINK.findall(rest)),
        "heading of level": Counter(str(len(marks)) for marks in HEADING.findall(rest)),
        "list item, in number": Counter({"items": _items(rest)}),
        "table row, in number": Counter({"rows": len(ROW.findall(rest))}),
    }


def _items(passage: str) -> int:
    """How many list items a passage has.

    CommonMark decides: a line that begins with `9. ` may as well be the middle of a paragraph.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(passage)
    return sum(token.type == "list_item_open" for token in tokens)


def _differences(english: str, chinese: str) -> Iterator[str]:
    there = _kept(chinese)
    for kind, wanted in _kept(english).items():
        for thing in (wanted - there[kind]).elements():
            yield f"the English has a {kind} that the Chinese lacks: {thing}"
        for thing in (there[kind] - wanted).elements():
            yield f"the Chinese has a {kind} that the English lacks: {thing}"


def _typography(chinese: str) -> Iterator[str]:
    words = prose(chinese)
    for pattern, remedy in TYPOGRAPHY.items():
        for match in re.finditer(pattern, words):
            yield f"{_around(words, match)}: {remedy}"
    for line, following in itertools.pairwise(words.splitlines()):
        if not ENDS_ITSELF.match(line) and not BEGINS_ITSELF.match(following):
            yield f"{line[-12:]!r}: one paragraph is one line; its end shows as a space"


def _bold(chinese: str) -> Iterator[str]:
    """Marks of emphasis that CommonMark leaves standing, as in `**注意：**后面`."""
    from markdown_it import MarkdownIt

    text = FORMULA.sub("x", chinese)
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or []:
            if child.type == "text" and "*" in child.content:
                yield f"{child.content!r} shows its asterisks: put the punctuation outside the bold"


def _around(words: str, match: re.Match[str]) -> str:
    return repr(words[max(match.start() - 8, 0) : match.end() + 8].replace(THING, "…"))
