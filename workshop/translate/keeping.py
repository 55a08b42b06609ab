"""Keeping translations in step: what is missing or behind, and entries for what is new."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.files import write_atomically
from course_lib.language import Entry, as_text, entries_of, fingerprint
from workshop import CHECKOUT
from workshop.translate.pages import Page, chinese_readme, pages


@dataclass(frozen=True)
class Standing:
    """How far a lesson or page has been translated.

    Args:
        page: which one.
        valid: fingerprints of passages that readers see translated.
        revise: fingerprints of passages whose English has changed since they were translated.
        missing: fingerprints of passages without a translation.
        left_over: fingerprints of entries that belong to no passage any more.
    """

    page: Page
    valid: tuple[str, ...]
    revise: tuple[str, ...]
    missing: tuple[str, ...]
    left_over: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.page.name}: {len(self.valid)} of {len(self.page.passages)} translated, "
            f"{len(self.revise)} to revise, {len(self.missing)} missing"
            + (f", {len(self.left_over)} left over" if self.left_over else "")
        )

    def details(self) -> list[str]:
        """One line for each passage that waits, and for each entry that is left over."""
        words = {fingerprint(passage): passage for passage in self.page.passages}
        named = {"missing": self.missing, "revise": self.revise}
        lines = [
            f"  {digits} {state:8} {textwrap.shorten(words[digits], 70)}"
            for state, waiting in named.items()
            for digits in waiting
        ]
        return lines + [
            f"  {digits} left over: use its words or delete it" for digits in self.left_over
        ]


def status(named: Sequence[str] = (), *, root: Path = CHECKOUT) -> list[Standing]:
    """What is translated, missing or behind.

    Args:
        named: lessons and pages, as in `pages`; all where none is named.
        root: the course's checkout.
    """
    return [standing(page) for page in pages(named, root=root)]


def standing(page: Page) -> Standing:
    """How far one lesson or page has been translated.

    Args:
        page: which one. An entry whose English has changed counts as behind, whether `update` has
            been run since or not.
    """
    entries = aligned(page.passages, _stored(page))
    wanted = {fingerprint(passage) for passage in page.passages}
    own = {entry.fingerprint: entry for entry in entries if entry.fingerprint in wanted}
    return Standing(
        page,
        valid=tuple(digits for digits, entry in own.items() if entry.is_valid),
        revise=tuple(digits for digits, entry in own.items() if entry.revise),
        missing=tuple(digits for digits, entry in own.items() if not entry.text),
        left_over=tuple(one.fingerprint for one in entries if one.fingerprint not in wanted),
    )


def update(named: Sequence[str] = (), *, root: Path = CHECKOUT) -> list[Path]:
    """Write entries for new passages; translations of changed ones stay, marked for revision.

    Args:
        named: lessons and pages, as in `pages`; all where none is named.
        root: the course's checkout.

    Returns:
        The files that have changed; README.zh.md is one of those that are written.
    """
    chosen = pages(named, root=root)
    meant = {page.catalog: as_text(aligned(page.passages, _stored(page))) for page in chosen}
    changed = [path for path, text in meant.items() if _write(path, text)]
    readme = root / "README.zh.md"
    return [*changed, readme] if _write(readme, chinese_readme(root)) else changed


def aligned(passages: Sequence[str], entries: Sequence[Entry]) -> list[Entry]:
    """Entries for these passages, in their order, with what has been translated before.

    Between passages that have not changed, those that have are taken to be the entries that stand
    in the same place, one after the other. An entry that finds no passage is kept in its place.

    Args:
        passages: Markdown in English.
        entries: those of the catalog, in its order.
    """
    wanted = list(dict.fromkeys(fingerprint(passage) for passage in passages))
    known = {entry.fingerprint: entry for entry in entries}
    had = list(known)
    result: list[Entry] = []
    matcher = difflib.SequenceMatcher(None, had, wanted, autojunk=False)
    for _, first, last, begin, end in matcher.get_opcodes():
        homeless = [known[digits] for digits in had[first:last] if digits not in wanted]
        homeless = [entry for entry in homeless if entry.text]
        for digits in wanted[begin:end]:
            if digits in known:
                result.append(known[digits])
            elif homeless:
                result.append(Entry(digits, homeless.pop(0).text, revise=True))
            else:
                result.append(Entry(digits, ""))
        result += [Entry(entry.fingerprint, entry.text, revise=True) for entry in homeless]
    return result


def _write(path: Path, text: str) -> bool:
    """Whether a file had to be written to hold this text."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
    return True


def _stored(page: Page) -> list[Entry]:
    if not page.catalog.is_file():
        return []
    return entries_of(page.catalog.read_text(encoding="utf-8"))
