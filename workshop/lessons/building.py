"""Notebooks from sources: executed, stored compactly, and checked to be in step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from course_lib.files import write_atomically
from workshop import CHECKOUT
from workshop.lessons import alternatives
from workshop.lessons.sources import Lesson, convert, lessons, select

CELL_TIMEOUT = 600


def build(
    paths: Iterable[Path | str] | None = None,
    execute: bool = True,
    jobs: int = 1,
    root: Path = CHECKOUT,
    *,
    text_only: bool = False,
) -> list[Path]:
    """Make notebooks from lesson sources, and the files that carry their alternative texts.

    A notebook is written only when all of it has run; until then the old one stays. Alternative
    texts are written first, because the figures of a running lesson take theirs from there.

    Args:
        paths: sources (or their notebooks); all lessons when none is named.
        execute: whether to run them, so that they hold their outputs.
        text_only: run nothing and keep the outputs that are there, with the alternative texts of
            the source; for lessons of which only words have changed.
        jobs: how many lessons run at the same time.
        root: the folder that holds lessons/, where no path is named.

    Returns:
        The notebooks written.

    Raises:
        BuildError: a lesson cannot be read, one of its cells fails or, where only text may have
            changed, its code has; the message names it.
    """
    chosen = select(paths, root=root)
    make = _build_text if text_only else partial(_build_one, run=execute)
    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        return list(pool.map(make, chosen))


def check(paths: Iterable[Path | str] | None = None, *, root: Path = CHECKOUT) -> list[str]:
    """Where notebooks are out of step with their sources; outputs are not looked at.

    Args:
        paths: sources (or their notebooks); all lessons when none is named.
        root: the folder that holds lessons/ and notebooks/, where no path is named.

    Returns:
        One line for each notebook or file of alternative texts that is missing, differs from what
        its source builds, or has no source; empty when all are in step.
    """
    problems = [_out_of_step(lesson) for lesson in select(paths, root=root)]
    if not paths:
        problems += [*_without_source(root), *alternatives.contradictions(root)]
    return [problem for problem in problems if problem]


def execute(notebook: Any, *, name: str = "notebook", root: Path = CHECKOUT) -> Any:
    """Run a notebook as a stranger would: from another folder, offline, with no settings of ours.

    Args:
        notebook: an `nbformat.NotebookNode`; its outputs are filled in.
        name: what errors call it.
        root: a folder whose tests/offline, where there is one, closes the kernel to the network.

    Returns:
        The same notebook.

    Raises:
        BuildError: a cell raised an error, or ran longer than ten minutes.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory() as elsewhere:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=CELL_TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": elsewhere}},
        )
        try:
            client.execute(env=_kernel_environment(elsewhere, root))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise BuildError(f"{name}: the lesson does not run to its end.\n{error}") from error
    _tidy(notebook)
    return notebook


def _build_one(lesson: Lesson, run: bool) -> Path:
    notebook = convert(lesson)
    _store_alternatives(lesson, notebook)
    if run:
        execute(notebook, name=lesson.source.name, root=lesson.root)
    _write_notebook(notebook, lesson.notebook)
    return lesson.notebook


def _build_text(lesson: Lesson) -> Path:
    import nbformat

    if not lesson.notebook.is_file():
        raise BuildError(f"{lesson.notebook.name} does not exist. Build it without --text-only.")
    notebook, stored = convert(lesson), nbformat.read(lesson.notebook, as_version=4)
    cells, old = _code_cells(notebook), _code_cells(stored)
    if [cell.source for cell in cells] != [cell.source for cell in old]:
        raise BuildError(
            f"{lesson.source.name}: its code has changed, not only its text. Build it without "
            "--text-only."
        )
    for cell, before in zip(cells, old, strict=True):
        cell.execution_count = before.execution_count
        said = (one.metadata.get(alternatives.METADATA, []) for one in (before, cell))
        try:
            cell.outputs = alternatives.reworded(before.outputs, *said)
        except ValueError as error:
            raise BuildError(
                f"{lesson.source.name}: {error}. Build it without --text-only."
            ) from error
    _store_alternatives(lesson, notebook)
    _write_notebook(notebook, lesson.notebook)
    return lesson.notebook


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _store_alternatives(lesson: Lesson, notebook: Any) -> None:
    path, text = _stored_alternatives(lesson), _alternatives(lesson, notebook)
    if text:
        _write(text, path)
    else:
        path.unlink(missing_ok=True)


def _stored_alternatives(lesson: Lesson) -> Path:
    return alternatives.stored_at(lesson.root, lesson.source.stem)


def _alternatives(lesson: Lesson, notebook: Any) -> str:
    try:
        return alternatives.as_json(notebook)
    except ValueError as error:
        raise BuildError(f"{lesson.source.name}: {error}.") from None


def _kernel_environment(folder: str, root: Path) -> dict[str, str]:
    """What the kernel finds: the quick budget and TensorFlow, and nothing of the user's IPython."""
    environment = dict(os.environ, IPYTHONDIR=folder, COURSE_LANGUAGE="en")
    environment.setdefault("COURSE_BUDGET", "quick")
    environment.setdefault("KERAS_BACKEND", "tensorflow")
    guard = root / "tests" / "offline"
    if guard.is_dir():
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([str(guard), *([known] if known else [])])
    return environment


def _tidy(notebook: Any) -> None:
    """Drop what differs from run to run and machine to machine without being a result."""
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)


def _write_notebook(notebook: Any, path: Path) -> None:
    import nbformat

    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    _write(text if text.endswith("\n") else text + "\n", path)


def _write(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())


def _out_of_step(lesson: Lesson) -> str:
    import nbformat

    name = lesson.notebook.name
    remedy = f"Run: course build lessons/{lesson.source.name}"
    if not lesson.notebook.is_file():
        return f"{name}: there is no such notebook. {remedy}"
    stored, meant = nbformat.read(lesson.notebook, as_version=4), convert(lesson)
    if stored.metadata != meant.metadata:
        return f"{name}: its metadata is not what the source builds. {remedy}"
    if len(stored.cells) != len(meant.cells):
        difference = f"it has {len(stored.cells)} cells, its source {len(meant.cells)}"
        return f"{name}: {difference}. {remedy}"
    for number, (cell, other) in enumerate(zip(stored.cells, meant.cells, strict=True), start=1):
        for part, read in PARTS.items():
            if read(cell) != read(other):
                return f"{name}: cell {number} differs from its source in its {part}. {remedy}"
    path, text = _stored_alternatives(lesson), _alternatives(lesson, meant)
    if text != (path.read_text(encoding="utf-8") if path.is_file() else ""):
        return f"{path.name}: the alternative texts are not those of the source. {remedy}"
    return ""


PARTS: dict[str, Callable[[Any], Any]] = {
    "type": lambda cell: cell.cell_type,
    "text": lambda cell: cell.source,
    "tags or metadata": lambda cell: cell.metadata,
    "id": lambda cell: cell.get("id"),
}


def _without_source(root: Path) -> list[str]:
    known = {lesson.source.stem for lesson in lessons(root)}
    texts = alternatives.stored_at(root, "any").parent
    found = [*(root / "notebooks").glob("*.ipynb"), *texts.glob("*.json")]
    return [
        f"{path.name}: there is no lessons/{path.stem}.py that builds it. Delete it."
        for path in sorted(found)
        if path.stem not in known
    ]
