"""What the library says to readers, collected for its gettext catalog.

Babel walks through the library and asks `extract` for the messages of each file: what is raised,
what figures, labs, checks and the doctor say. The help of the command is asked of the command
itself, and what pages say of their programs: see `programs`.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.files import write_atomically
from course_lib.messages import PLACE
from course_lib.plots.lettering import CONTEXT
from workshop import CHECKOUT
from workshop.lessons.sources import convert, lessons
from workshop.translate.programs import program_messages

DOMAIN = Path("course_lib", "locale", "zh", "LC_MESSAGES", "course.po")
# Functions and classes whose words are shown, and the names that hold such words.
SPEAKING = {
    *("slider", "whole_slider", "step_slider", "choice", "checkbox", "button", "text", "pages"),
    *(
        "upload",
        "explain",
        "say",
        "ImageChoice",
        "Sheet",
        "_choice",
        "Check",
        "Misconception",
        "NotYet",
        "translate",
    ),
}
NAMES = {
    *(
        "heading",
        "still_words",
        "words",
        "told",
        "verdict",
        "problem",
        "remedy",
        "mark",
        "groups",
        "kept",
        "caption",
        "starts",
        "hints",
        "title",
        "needed",
        "unfit",
    ),
    *("COLORS", "SHAPES", "PAINTED", "STROKES", "WEB_SIZES", "KERNELS", "OWN", "POOLINGS"),
    *("PADDINGS", "VIEWS", "SIDES", "EXAMPLES", "CODES"),
}
# Functions of which every text is shown.
TELLING = {
    *("_paragraphs", "_way_to_the_solution"),
    *("_unreadable_message", "_missing_file_message", "_range_hint"),
}
# Which files are asked for more than for what they raise or draw into figures.
SPOKEN = (
    *("widgets/**.py", "exercises/**.py", "stylize/**.py", "export/web_page.py"),
    *("transfer/strokes.py", "byhand.py", "doctor.py"),
    *("images/reading.py", "images/arrays.py"),
)
WORDS = re.compile(r"[A-Za-z]{2}")
# Functions that draw, and what is code and no title among what they are handed.
FIGURES = re.compile(r"(?:show|plot)_")
CODE = re.compile(r"\S*[_\[\]\d=]\S*|photo\[.*")
Found = tuple[int, str, str, list[str]]


def extract(file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Babel's extractor: what the code of one file says.

    Args:
        file: of Python source.
        keywords: not used; Babel hands them over, as the next two.
        tags: not used.
        options: not used.

    Yields:
        Line, function, message and comments, as Babel wants them.
    """
    yield from _found(file, lambda node: [*_raised(node), *_drawn(node), *_said(node)])


def extract_errors(
    file: io.BufferedIOBase, keywords: Any, tags: Any, options: Any
) -> Iterator[Found]:
    """Babel's extractor: only what is raised or drawn; the arguments are those of `extract`."""
    yield from _found(file, lambda node: [*_raised(node), *_drawn(node)])


def _found(
    file: io.BufferedIOBase, parts: Callable[[ast.AST], Sequence[ast.expr]]
) -> Iterator[Found]:
    for node in ast.walk(ast.parse(file.read())):
        for part in parts(node):
            for message in _messages(part):
                if WORDS.search(PLACE.sub("", message)):
                    yield part.lineno, "", message, []


def _raised(node: ast.AST) -> list[ast.expr]:
    is_raised = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    return list(node.exc.args) if is_raised else []  # type: ignore[attr-defined]


def _said(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call) and _name(node.func) in SPEAKING:
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, ast.keyword) and node.arg in NAMES:
        return [node.value]
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [node.value] if {_name(target) for target in targets} & NAMES else []
    if isinstance(node, ast.FunctionDef) and node.name in TELLING:
        # Its docstring is not shown.
        body = (one for one in node.body if not isinstance(one, ast.Expr))
        return [part for one in body for part in _texts(one)]
    if isinstance(node, ast.FunctionDef) and node.name == "stills":
        # Titles have several words; single ones are names of settings.
        return [part for part in _texts(ast.Module(node.body[1:], [])) if " " in _plain(part)]
    return []


def _drawn(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call) and _name(node.func) == "lettered":
        return list(node.args)
    is_channels = isinstance(node, ast.Assign) and _name(node.targets[0]) == "CHANNELS"
    return [node.value] if is_channels else []  # type: ignore[attr-defined]


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _texts(node: ast.AST) -> Iterator[Any]:
    """The texts in a node; those with places are not taken apart."""
    if _is_text(node):
        yield node
    else:
        for part in ast.iter_child_nodes(node):
            yield from _texts(part)


def _messages(node: ast.AST) -> Iterator[str]:
    """The texts in an expression; in those with places, each place is a number in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield _with_places(node)
    elif isinstance(node, ast.Dict):
        for one in (*filter(None, node.keys), *node.values):
            yield from _messages(one)
    elif isinstance(node, ast.Tuple | ast.List | ast.Starred | ast.IfExp | ast.BoolOp | ast.BinOp):
        for part in ast.iter_child_nodes(node):
            yield from _messages(part)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        yield from _messages(node.elt)
    elif isinstance(node, ast.Call) and _name(node.func) in ("replace", "join"):
        yield from _messages(node.func.value)  # type: ignore[attr-defined]


def _plain(node: ast.expr) -> str:
    return _with_places(node) if isinstance(node, ast.JoinedStr) else str(node.value)  # type: ignore[attr-defined]


def _with_places(node: ast.JoinedStr) -> str:
    text, places = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{places}}}"
            places += 1
    return text


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def figure_messages(root: Path = CHECKOUT) -> Iterator[tuple[str, str]]:
    """What the lessons write into figures: file and English text, a number for each place.

    That is what functions that draw are handed, and the names by which a cell collects images and
    numbers, which become labels.

    Args:
        root: the course's checkout.
    """
    for lesson in lessons(root):
        for cell in convert(lesson).cells:
            if cell.cell_type == "code":
                for message in map(_plain, _labels(ast.parse(cell.source))):
                    if WORDS.search(PLACE.sub("", message)) and not CODE.fullmatch(message):
                        yield f"lessons/{lesson.source.name}", message


def _labels(cell: ast.AST) -> Iterator[Any]:
    for node in ast.walk(cell):
        if isinstance(node, ast.Call) and FIGURES.match(_name(node.func)):
            yield from _texts(node)
        else:
            yield from filter(_is_text, _keys(node))


def _keys(node: ast.AST) -> list[Any]:
    """The keys that a node writes into a dictionary."""
    if isinstance(node, ast.Dict):
        return node.keys
    if isinstance(node, ast.DictComp):
        return [node.key]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.slice for target in targets if isinstance(target, ast.Subscript)]


def help_texts(command: Any) -> list[str]:
    """The help of a command, of its options and of its sub-commands.

    Args:
        command: as Typer makes it of `course`.
    """

    def collect(command: Any) -> Iterator[str]:
        for part in (command, *command.params):
            yield " ".join((getattr(part, "help", None) or "").split())
        for inner in getattr(command, "commands", {}).values():
            yield from collect(inner)

    return [text for text in dict.fromkeys(collect(command)) if text]


def catalog(command: Any, *, root: Path = CHECKOUT) -> Any:
    """The catalog of now: every message of the library, with the translations known so far.

    Args:
        command: the command `course`, for its help.
        root: the course's checkout.

    Returns:
        A `babel.messages.Catalog`; translations of messages that are gone are left out.
    """
    from babel.messages import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    template = Catalog(charset="utf-8")
    method = [(pattern, "workshop.translate.strings:extract") for pattern in SPOKEN]
    method.append(("**.py", "workshop.translate.strings:extract_errors"))
    package = root / "course_lib"
    for file, _, message, _, _ in extract_from_dir(str(package), method_map=method):
        template.add(message, locations=[(file, 0)])
    for file, message in program_messages(root):
        template.add(message, locations=[(file, 0)])
    for file, message in figure_messages(root):
        template.add(message, locations=[(file, 0)], context=CONTEXT)
    for message in help_texts(command):
        template.add(message, locations=[("cli.py", 0)])
    known = root / DOMAIN
    catalog = read_po(io.BytesIO(known.read_bytes() if known.is_file() else b""), locale="zh")
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    return catalog


def update_strings(command: Any, *, root: Path = CHECKOUT) -> list[Path]:
    """Write the catalog with what the library says now, and the file that the library reads.

    Args:
        command: the command `course`, for its help.
        root: the course's checkout.

    Returns:
        The files that have changed.
    """
    made = catalog(command, root=root)
    files = {root / DOMAIN: as_po(made), (root / DOMAIN).with_suffix(".mo"): as_mo(made)}
    changed = [path for path, data in files.items() if not _holds(path, data)]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, files[path])
    return changed


def as_po(catalog: Any) -> bytes:
    """The catalog as text, always the same for the same messages."""
    from babel.messages.pofile import write_po

    file = io.BytesIO()
    write_po(file, catalog, width=0, omit_header=True, include_lineno=False, sort_output=True)
    return b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + file.getvalue()


def as_mo(catalog: Any) -> bytes:
    """The catalog as gettext reads it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = io.BytesIO()
    plain = read_po(io.BytesIO(as_po(catalog)), locale="zh")
    # The same words make the same file, whenever it is written.
    plain.creation_date = plain.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(file, plain)
    return file.getvalue()


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
