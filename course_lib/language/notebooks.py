"""Notebooks in another language: the text cells translated, all else byte for byte as it was."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.files import write_atomically
from course_lib.language.catalogs import apply, folder_of, translations

# The build puts this link below every first cell; it leads to the English notebook.
COLAB = re.compile(r"\n\n\[Open this lesson in Colab\]\((\S+)\)$")
COLAB_WORDS = {"zh": "[在 Colab 中打开本课（英文版）]"}
# The key in a notebook's metadata that says from what it was made.
MADE = "course"


def passages_of(notebook: Mapping[str, Any]) -> list[str]:
    """The text cells of a lesson, as they are to be translated, without the link to Colab.

    Args:
        notebook: a notebook as JSON or as nbformat's NotebookNode.
    """
    return [COLAB.sub("", _source(cell)) for cell in _text_cells(notebook)]


def translated_notebook(
    notebook: Mapping[str, Any], known: Mapping[str, str], language: str = "zh"
) -> dict[str, Any]:
    """A notebook in another language.

    Args:
        notebook: the English notebook as JSON; it is not changed.
        known: fingerprint -> translation, as from `translations`.
        language: of the translation.

    Returns:
        The notebook with its text cells in that language, or in English where they have no valid
        translation (see `apply`). Code cells, outputs, tags and ids are those of the English one.
    """
    made: dict[str, Any] = copy.deepcopy(dict(notebook))
    cells = _text_cells(made)
    for cell, words in zip(cells, apply(passages_of(made), known, language), strict=True):
        link = COLAB.search(_source(cell))
        if link:
            words += f"\n\n{COLAB_WORDS[language]}({link[1]})"
        is_list = isinstance(cell["source"], list)
        cell["source"] = words.splitlines(keepends=True) if is_list else words
    return made


def write_notebooks(folder: Path, language: str = "zh") -> list[Path]:
    """Make the notebooks of a language from the English ones, where they are missing or behind.

    A notebook that somebody has worked in is left as it is.

    Args:
        folder: the English notebooks; the others get a folder in it, named by their language.
        language: of the translation.

    Returns:
        The notebooks that are behind what can be made now, because somebody has worked in them.

    Raises:
        OSError: the file system refused.
    """
    kept = []
    target = folder / language
    target.mkdir(exist_ok=True)
    for path in sorted(folder.glob("[0-9][0-9]-*.ipynb")):
        made = _from_file(path, language)
        place = target / path.name
        if place.is_file():
            there = json.loads(place.read_text(encoding="utf-8"))
            if _stamp(there) == _stamp(made):
                continue
            if _stamp(there) != _content(there):
                kept.append(place)
                continue
        write_atomically(place, as_json(made).encode())
    return kept


def as_json(notebook: Mapping[str, Any]) -> str:
    """A notebook as text, laid out as Jupyter lays it out."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _from_file(path: Path, language: str) -> dict[str, Any]:
    english = json.loads(path.read_text(encoding="utf-8"))
    catalog = folder_of(language) / f"{path.name[:2]}.md"
    made = translated_notebook(english, translations(catalog), language)
    made["metadata"][MADE] = {"language": language, "made": _content(made)}
    return made


def _content(notebook: Mapping[str, Any]) -> str:
    """A fingerprint of a notebook's cells: it changes when somebody works in it."""
    cells = json.dumps(notebook["cells"], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(cells.encode()).hexdigest()


def _stamp(notebook: Mapping[str, Any]) -> str:
    """The fingerprint that the cells had when the notebook was made."""
    return str(notebook["metadata"].get(MADE, {}).get("made", ""))


def _text_cells(notebook: Mapping[str, Any]) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])
