"""The house rules for notebooks: what each one refuses, why, and what to do instead.

A rule is a function that looks at a notebook and yields what is wrong, with an explanation. Its
name and the remedy are given once, beside it.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.plots.alternatives import UNDESCRIBED
from workshop import CHECKOUT
from workshop.lessons.cells import IGNORED, Cell
from workshop.lessons.questions import SECTION, questions_of
from workshop.lessons.sources import SETUP_TAG, opening_words, select

LONGEST_CELL = 25
SHORT_CELL = 10
LARGEST_NOTEBOOK = 700_000
LARGEST_COURSE = 8_000_000
CHECKED = "nbval-check-output"
RAISES = "raises-exception"

NOT_COMPARABLE = {
    "interact",
    "interact_manual",
    "interactive",
    "interactive_output",
    "Output",
    "clear_output",
}
FETCHING = re.compile(
    r"\b(urllib\.request|urlopen|urlretrieve|requests|httpx|get_file|wget|curl)\b"
)
PRETRAINED = re.compile(r"""weights\s*=\s*["']imagenet["']""")
CLOCKS = re.compile(r"\b(perf_counter|process_time|monotonic|time\.time|timeit|%time)\b")
MEASURED = re.compile(
    r"(^|_)(psnr|ssim|mse|loss(es)?|elapsed|seconds|duration|took|accuracy|score|history|megabytes)"
    r"(_|\d|$)",
    re.I,
)
RELATIVE = re.compile(r"(\.{1,2}|data|notebooks|lessons)[/\\]")
FILE_NAME = re.compile(
    r"[\w./\\ -]+\.(png|jpe?g|webp|gif|tiff?|bmp|npy|npz|csv|json|toml|keras|h5|txt|wav)", re.I
)
OPENING = {
    *("open", "Path", "load", "save", "imread", "imsave", "savez", "savetxt"),
    *("load_image", "save_image", "load_model", "load_weights", "save_weights"),
}
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~])/(home|Users|root|tmp|work|mnt|media|content|opt|usr|var|private)/[\w.-]"
    r"|(?<!\w)[A-Z]:\\\w"
)
PIN = re.compile(r"pip3?\s+install\b.*?[A-Za-z0-9_\]]\s*(==|~=|<=|<)\s*\d")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.I)
ALT_WORDS = re.compile(r"""\balt\s*=\s*["']\s*[^\s"']""", re.I)


@dataclass(frozen=True)
class Finding:
    """One thing to mend: where, which rule, what is wrong and why, and the remedy."""

    notebook: str
    cell: int | None
    rule: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.notebook if self.cell is None else f"{self.notebook}, cell {self.cell}"
        return f"{place}: {self.message} {self.remedy} [{self.rule}]"


@dataclass(frozen=True)
class Rule:
    """A rule's name, remedy and the function that finds what breaks it."""

    name: str
    remedy: str
    find: Callable[[list[Cell], Any], Iterable[tuple[int | None, str]]]


RULES: list[Rule] = []
Found = Iterator[tuple[int | None, str]]


def _rule(name: str, remedy: str) -> Callable:
    def keep(find: Callable) -> Callable:
        RULES.append(Rule(name, remedy, find))
        return find

    return keep


def lint(paths: Iterable[Path | str] | None = None, *, root: Path = CHECKOUT) -> list[Finding]:
    """What breaks the house rules in built notebooks.

    Args:
        paths: lesson sources or notebooks; all lessons when none is named.
        root: the folder that holds lessons/ and notebooks/, where no path is named.

    Returns:
        The findings, each with its explanation and remedy; empty when all is well.
    """
    import nbformat

    findings, total = [], 0
    for lesson in select(paths, root=root):
        path = lesson.notebook
        if not path.is_file():
            remedy = f"Run: course build lessons/{lesson.source.name}"
            findings.append(Finding(path.name, None, "not-built", "It is not there.", remedy))
            continue
        total += path.stat().st_size
        findings += lint_notebook(nbformat.read(path, as_version=4), path.name)
        findings += _size_findings(path.name, path.stat().st_size, LARGEST_NOTEBOOK)
    return findings + _size_findings("all notebooks together", total, LARGEST_COURSE)


def lint_notebook(notebook: Any, name: str) -> list[Finding]:
    """What breaks the house rules in one notebook, its size on disk aside.

    Args:
        notebook: an `nbformat.NotebookNode`.
        name: its file name.

    Returns:
        The findings in the order of the rules.
    """
    cells = [Cell(number, node) for number, node in enumerate(notebook.cells, start=1)]
    return [
        Finding(name, number, rule.name, message, rule.remedy)
        for rule in RULES
        for number, message in rule.find(cells, notebook)
    ]


def _size_findings(name: str, size: int, largest: int) -> list[Finding]:
    if size <= largest:
        return []
    message = f"{size / 1000:,.0f} KB are more than {largest / 1000:,.0f} KB."
    remedy = "Show fewer images, smaller (width=...), or several in one figure."
    return [Finding(name, None, "size", message, remedy)]


def _code(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.is_code]


def _authored(cells: list[Cell]) -> list[Cell]:
    """The code that a lesson's author wrote: all but the generated first cell."""
    return [cell for cell in _code(cells) if SETUP_TAG not in cell.tags]


# --- the lesson's frame ------------------------------------------------------------------------


@_rule(
    "first-cell",
    "A reader decides by the first cell: write `# Lesson N: Title`, one sentence, `**You will be "
    "able to**` with a list, and `**Time:** ...` for reading, on a CPU and on a GPU.",
)
def _first_cell(cells: list[Cell], notebook: Any) -> Found:
    opening = "" if not cells or cells[0].is_code else cells[0].source
    words = opening_words(opening) if opening else {"title": "", "sentence": "", "time": ""}
    for part in ("title", "sentence"):
        if not words[part]:
            yield 1, f"The first cell has no {part}."
    if not re.search(r"be able to.*\n(\s*\n)?[-*] \S", opening):
        yield 1, "The first cell does not list what the reader will be able to do."
    if "CPU" not in words["time"] or "GPU" not in words["time"]:
        yield 1, "The first cell does not say how long it takes on a CPU and on a GPU."


@_rule(
    "last-cell",
    "End with one Markdown cell that has the headings Summary, Questions to check yourself, and "
    "Reading.",
)
def _last_cell(cells: list[Cell], notebook: Any) -> Found:
    closing = "" if not cells or cells[-1].is_code else cells[-1].source
    headings = " ".join(line for line in closing.splitlines() if line.startswith("#")).lower()
    missing = [word for word in ("summary", "questions", "reading") if word not in headings]
    if missing:
        yield len(cells), f"The last cell has no heading for: {', '.join(missing)}."


@_rule(
    "answers",
    "Number the questions, and fold an answer away below each, as workshop/lessons/questions.py "
    "shows.",
)
def _answers(cells: list[Cell], notebook: Any) -> Found:
    if not cells or not SECTION.search(cells[-1].source):
        return
    asked = questions_of(notebook)
    if not asked:
        yield len(cells), "The last cell asks no numbered question."
    for number, question in enumerate(asked, start=1):
        if not question.answer:
            yield len(cells), f"Question {number} at the end has no answer."
    if cells[-1].source.count("<details") != sum(bool(one.answer) for one in asked):
        yield len(cells), "Something is folded away that is no answer to a question."


@_rule("setup", f'Make the first code cell `# %% tags=["{SETUP_TAG}"]`; the build fills it in.')
def _setup(cells: list[Cell], notebook: Any) -> Found:
    code = _code(cells)
    if not code or SETUP_TAG not in code[0].tags:
        number = code[0].number if code else None
        yield number, "The first code cell does not find or install course_lib."


@_rule(
    "prediction",
    "Ask before a run whose result surprises: **Before you run the next cell:** and a question.",
)
def _prediction(cells: list[Cell], notebook: Any) -> Found:
    if not any("before you run" in cell.source.lower() for cell in cells if not cell.is_code):
        yield None, "The lesson never asks for a prediction."


@_rule("long-cell", "Split it: define, run and show are three cells. A cell has one idea.")
def _long_cell(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        lines = len(cell.source.splitlines())
        if lines > LONGEST_CELL:
            yield cell.number, f"It has {lines} lines; {LONGEST_CELL} are the most."


@_rule("mostly-short", "Split the long ones; most cells have one idea and a few lines.")
def _mostly_short(cells: list[Cell], notebook: Any) -> Found:
    lengths = [len(cell.source.splitlines()) for cell in _authored(cells)]
    short = sum(length < SHORT_CELL for length in lengths)
    if 2 * short < len(lengths):
        yield None, f"Only {short} of {len(lengths)} code cells have under {SHORT_CELL} lines."


# --- what was run ------------------------------------------------------------------------------


@_rule("never-executed", "Build it without --no-execute: readers look at outputs before they run.")
def _never_executed(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        if cell.source.strip() and not cell.was_executed:
            yield cell.number, "The cell was never executed."


@_rule(
    "error-output",
    f'Mend the cell; where the error is the lesson, tag it ["{RAISES}"] and explain it.',
)
def _error_output(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        for output in cell.outputs:
            if output.output_type == "error" and RAISES not in cell.tags:
                yield cell.number, f"An error is stored: {output.ename}: {output.evalue}."


@_rule("stderr", "Mend what it warns about, or tag the cell; warnings change between versions.")
def _stderr(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        warned = [one for one in cell.outputs if one.get("name") == "stderr"]
        if warned and cell.is_compared:
            words = warned[0].text.strip().splitlines() or [""]
            yield cell.number, f"A compared cell writes to the error stream: {words[0][:80]!r}."


@_rule(
    "half-compared",
    f"Print verdicts and shapes beside measured numbers, and leave the tag {IGNORED} off those.",
)
def _half_compared(cells: list[Cell], notebook: Any) -> Found:
    showing = [cell for cell in _code(cells) if cell.outputs]
    compared = sum(cell.is_compared for cell in showing)
    if 2 * compared < len(showing):
        yield None, f"Only {compared} of {len(showing)} code cells with output are compared."


@_rule(
    "measured-number",
    f"Tag the cell [{IGNORED!r}], or print a verdict with a tolerance. A number that is the same "
    f"on every machine is declared so with the tag [{CHECKED!r}].",
)
def _measured_number(cells: list[Cell], notebook: Any) -> Found:
    for cell in _authored(cells):
        if not cell.is_compared or CHECKED in cell.tags:
            continue
        if CLOCKS.search(cell.source) and cell.outputs:
            yield cell.number, "It measures time, and what it prints is compared on every machine."
        for words in _printed_measurements(cell):
            yield cell.number, f"It prints a measured number ({words}), which is compared."


def _printed_measurements(cell: Cell) -> Iterator[str]:
    """What a cell shows that sounds measured; comparisons are left out, for they are verdicts."""
    shown = [
        argument
        for call in cell.walk(ast.Call)
        if _name(call.func) == "print"
        for argument in call.args
    ]
    if cell.tree.body and isinstance(cell.tree.body[-1], ast.Expr):
        last = cell.tree.body[-1].value
        shown += [last] if isinstance(last, (ast.Name, ast.JoinedStr, ast.BinOp)) else []
        if isinstance(last, ast.Call) and _name(last.func) in ("float", "round", "psnr", "ssim"):
            shown.append(last)
    for value in shown:
        words = _measurement(value)
        if words:
            yield words


def _measurement(value: ast.AST) -> str:
    if isinstance(value, (ast.Compare, ast.Constant)):
        return ""
    if isinstance(value, ast.Attribute):
        return ast.unparse(value) if MEASURED.search(value.attr) else ""
    if isinstance(value, ast.Name):
        return value.id if MEASURED.search(value.id) else ""
    if isinstance(value, ast.Call):
        if MEASURED.search(_name(value.func)):
            return ast.unparse(value)
        if _name(value.func) in ("bool", "len", "type", "all", "any", "allclose", "isclose"):
            return ""
    found = (_measurement(child) for child in ast.iter_child_nodes(value))
    return next((words for words in found if words), "")


def _name(function: ast.AST) -> str:
    """The last word of what is called: `print`, or `psnr` of `metrics.psnr`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


# --- traps of the comparison -------------------------------------------------------------------


@_rule("semicolon", "Give the value a name, or end with a call that returns None.")
def _semicolon(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        for line in _lines_ending_in_semicolon(cell.source):
            yield cell.number, f"The line `{line}` ends in `;`, which hides no output from nbval."


def _lines_ending_in_semicolon(source: str) -> Iterator[str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return
    ends = (tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER)
    for token, following in itertools.pairwise(tokens):
        if token.string == ";" and token.type == tokenize.OP and following.type in ends:
            yield token.line.strip()


@_rule("svg", "Show it through course_lib.plots, which makes PNG and JPEG.")
def _svg(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        stored = any("image/svg+xml" in one.get("data", {}) for one in cell.outputs)
        if stored or re.search(r"(figure_formats?|set_matplotlib_formats).*svg", cell.source):
            yield cell.number, "SVG output carries a timestamp and ids that change with each run."


@_rule(
    "interactive",
    "A lab draws JPEG or PNG bytes into one widgets.Image from an `observe` callback.",
)
def _interactive(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        names = {_name(node) for kind in (ast.Name, ast.Attribute) for node in cell.walk(kind)}
        for name in sorted(names & NOT_COMPARABLE):
            yield cell.number, f"`{name}` does not compare under nbval."


@_rule("widget-state", "Build it again with `course build`, which leaves the state out.")
def _widget_state(cells: list[Cell], notebook: Any) -> Found:
    if "widgets" in notebook.metadata:
        yield None, 'Stored widget state makes GitHub say "Invalid Notebook".'


@_rule(
    "figure-size", "Draw with course_lib.plots, or give the figure to nothing that shows its text."
)
def _figure_size(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        if any(re.search(r"<Figure size|Figure\(\d+x\d+\)", text) for text in cell.texts):
            yield cell.number, "The figure's size shows in its text form, which is compared."
        if re.search(
            r"^\s*(import matplotlib\.pyplot|from matplotlib import pyplot)|^\s*%matplotlib",
            cell.source,
            re.M,
        ):
            yield cell.number, "Figures of pyplot have no alternative text and show their size."


@_rule("address", "Print what matters about the object: its shape, its name.")
def _address(cells: list[Cell], notebook: Any) -> Found:
    for cell in _code(cells):
        if cell.is_compared and any(ADDRESS.search(text) for text in cell.texts):
            yield cell.number, "An object's address in memory is different in every run."


# --- any folder, any machine, no network -------------------------------------------------------


@_rule(
    "relative-path",
    "Images and weights come through course_lib.collection; what a lesson writes goes into a "
    "tempfile.TemporaryDirectory().",
)
def _relative_path(cells: list[Cell], notebook: Any) -> Found:
    for cell in _authored(cells):
        constants = [node.value for node in cell.walk(ast.Constant) if isinstance(node.value, str)]
        opened = [
            argument.value
            for call in cell.walk(ast.Call)
            if _name(call.func) in OPENING
            for argument in call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        paths = {text for text in constants if RELATIVE.match(text)}
        paths |= {text for text in opened if FILE_NAME.fullmatch(text) and text[0] not in "/\\"}
        for path in sorted(paths):
            yield cell.number, f"{path!r} is found from one folder only."


@_rule("machine-path", "Show names, not paths; make files in a tempfile.TemporaryDirectory().")
def _machine_path(cells: list[Cell], notebook: Any) -> Found:
    for cell in cells:
        said = [] if SETUP_TAG in cell.tags else [cell.source]
        for text in [*said, *cell.texts]:
            match = MACHINE_PATH.search(text)
            if match:
                words = text[match.start() :].split()[0][:60]
                yield cell.number, f"{words!r} is a path of one machine."


@_rule(
    "network",
    "A lesson runs offline: images through course_lib.collection, weights through "
    'FeatureExtractor("course") or Autoencoder.from_course().',
)
def _network(cells: list[Cell], notebook: Any) -> Found:
    for cell in _authored(cells):
        for node in cell.walk(ast.Constant):
            if isinstance(node.value, str) and re.match(r"(git\+)?(https?|ftp)://", node.value):
                yield cell.number, f"The code names an address on the internet: {node.value!r}."
        for pattern in (FETCHING, PRETRAINED):
            match = pattern.search(cell.source)
            if match:
                yield cell.number, f"`{match[0]}` fetches something from the internet."


@_rule("pin", "Install nothing that is there already, and no fixed version: Colab's must stay.")
def _pin(cells: list[Cell], notebook: Any) -> Found:
    for cell in cells:
        match = PIN.search(cell.source)
        if match:
            yield cell.number, f"`{match[0]}` pins a version."


# --- for everyone ------------------------------------------------------------------------------


@_rule(
    "alternative-text",
    "Say what one sees and what it shows: `# alt: words` at the top of the cell in lessons/, one "
    "for each figure in order; ![words](...) in Markdown.",
)
def _alternative_text(cells: list[Cell], notebook: Any) -> Found:
    for cell in cells:
        for said in cell.said_of_images:
            if not said.strip() or UNDESCRIBED in said:
                yield cell.number, "A figure has no alternative text."
        shown = cell.said_of_images if cell.was_executed else cell.alt
        for words in (Counter(cell.alt) - Counter(shown)).elements():
            yield cell.number, f"There is no figure for this text: {words!r}."
        if any(keyword.arg == "alt" for call in cell.walk(ast.Call) for keyword in call.keywords):
            yield cell.number, "Alternative text stands in the code, where it is not the thought."
        markup = [text for text in cell.texts if "<img" in text.lower()]
        for tag in IMAGE_TAG.findall("\n".join(markup if cell.is_code else [cell.source])):
            if not ALT_WORDS.search(tag):
                yield cell.number, "An <img> has no alternative text."
        if not cell.is_code and re.search(r"!\[\s*\]\(", cell.source):
            yield cell.number, "An image in Markdown has no alternative text."
