"""Alternative text in a lesson's source: comment lines at the top of a cell, and not in its code.

    # %%
    # alt: A cup on a red saucer, and its three channels in gray: the saucer is bright in the red
    #      channel and nearly black in the blue one.
    show_images({"coffee": coffee} | channels)

One for each figure, in their order; a line that goes on is indented. The build keeps them in the
cell's metadata under "alt", and in a file that travels with the library (`plots.alternatives`).
"""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.plots import alternatives

METADATA = "alt"
LINE = re.compile(r"#\s*alt\s*:\s*(.*)")
GOES_ON = re.compile(r"#\s{2,}(\S.*)")


def taken_out(source: str) -> tuple[str, list[str]]:
    """A cell's code without its alternative texts, and these texts.

    Args:
        source: a code cell as it stands in the text source.

    Raises:
        ValueError: a text is empty, or stands below code.
    """
    lines = source.splitlines()
    texts: list[str] = []
    while lines:
        begins = LINE.match(lines[0])
        goes_on = GOES_ON.match(lines[0]) if texts else None
        if begins:
            texts.append(begins[1].strip())
        elif goes_on:
            texts[-1] = f"{texts[-1]} {goes_on[1].strip()}".strip()
        else:
            break
        del lines[0]
    if not all(texts):
        raise ValueError("an `# alt:` line has no words")
    if any(LINE.match(line.strip()) for line in lines):
        raise ValueError("an `# alt:` line stands below code; they are a cell's first lines")
    return "\n".join(lines).lstrip("\n") if texts else source, texts


def reworded(outputs: list[Any], before: list[str], after: list[str]) -> list[Any]:
    """A cell's outputs with new alternative texts; nothing else in them is changed.

    Args:
        outputs: of a cell that ran when its texts were ``before``.
        before: its alternative texts then.
        after: those it has now, for the same figures in the same order.

    Raises:
        ValueError: there are more texts now, or fewer.
    """
    if len(before) != len(after):
        raise ValueError(f"a cell had {len(before)} alternative texts and has {len(after)} now")
    waiting = list(zip(before, after, strict=True))
    old = new = ""
    changed = copy.deepcopy(outputs)
    for output in changed:
        for details in output.get("metadata", {}).values():
            if waiting and details.get("alt") == waiting[0][0]:
                old, new = waiting.pop(0)
                details["alt"] = new
        # The words stand in the figure's text form as well, and, escaped, in a line to be spoken.
        for kind, written in (("text/plain", str), ("text/html", html.escape)):
            if kind in output.get("data", {}):
                output.data[kind] = output.data[kind].replace(written(old), written(new))
    return changed


def stored_at(root: Path, name: str) -> Path:
    """Where the alternative texts of a lesson are kept for the library.

    Args:
        root: the folder that holds lessons/ and course_lib/.
        name: of the lesson's file, without its suffix.
    """
    return root.joinpath(*alternatives.FOLDER.parts[-3:], f"{name}.json")


def as_json(notebook: Any) -> str:
    """What is kept there of a notebook; "" where none of its cells has alternative text.

    Raises:
        ValueError: two cells have the same code, but not the same texts.
    """
    cells: dict[str, list[str]] = {}
    for cell in notebook.cells:
        texts = list(cell.metadata.get(METADATA, []))
        if texts and cells.setdefault(cell.source, texts) != texts:
            raise ValueError(
                f"two cells {cell.source.splitlines()[0]!r} have the same code and different "
                "`# alt:` lines; a title in one of them tells them apart"
            )
    return alternatives.as_json(cells) if cells else ""


def contradictions(root: Path) -> Iterator[str]:
    """Lessons that have a cell with the same code, but not the same alternative texts.

    Args:
        root: the folder that holds lessons/ and course_lib/.
    """
    known: dict[str, tuple[str, list[str]]] = {}
    for path in sorted(stored_at(root, "any").parent.glob("*.json")):
        for key, texts in json.loads(path.read_text(encoding="utf-8")).items():
            other, others = known.setdefault(key, (path.stem, texts))
            if others != texts:
                yield (
                    f"{path.stem} and {other}: a cell has the same code in both and different "
                    f"`# alt:` lines. Give one of them a title. The text is: {texts[0]}"
                )
