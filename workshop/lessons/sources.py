"""The lessons' text sources: which there are, what they are called, and the notebook each means."""

from __future__ import annotations

import hashlib
import re
import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError
from workshop import CHECKOUT
from workshop.lessons import alternatives

SETUP_TAG = "setup"
NAME = re.compile(r"(\d\d)-[a-z0-9]+(-[a-z0-9]+)*\.py")
TITLE = re.compile(r"# Lesson (\d+): (.+)")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Lesson:
    """One lesson's source, and what its first cell says about it.

    Args:
        source: path of lessons/NN-name.py.
        number: the number in its name.
        title: the words after "Lesson N:" in its first line.
        sentence: what it is about, in one sentence.
        time: how long it takes, in the words of its first cell.
    """

    source: Path
    number: int
    title: str
    sentence: str
    time: str

    @property
    def root(self) -> Path:
        """The folder that holds lessons/ and notebooks/."""
        return self.source.parent.parent

    def catalog(self, language: str) -> Path:
        """Where its translation into a language is kept; the file need not exist."""
        return self.root / "lessons" / language / f"{self.number:02}.md"

    @property
    def notebook(self) -> Path:
        """Where its notebook is built."""
        return self.root / "notebooks" / f"{self.source.stem}.ipynb"


def lessons(root: Path = CHECKOUT) -> list[Lesson]:
    """All lessons below a folder, in the order of their numbers.

    Args:
        root: the folder that holds lessons/; by default the course's own checkout.

    Raises:
        BuildError: there is no such folder, a file in it is wrongly named, or two lessons have
            the same number.
    """
    folder = root / "lessons"
    if not folder.is_dir():
        raise BuildError(f"{folder} does not exist. Lessons are built in a clone of the course.")
    found = [read_lesson(path) for path in sorted(folder.glob("*.py"))]
    counts = Counter(lesson.number for lesson in found)
    for lesson in found:
        if counts[lesson.number] > 1:
            raise BuildError(f"{lesson.source.name}: another lesson has the same number.")
    return found


def select(paths: Iterable[Path | str] | None = None, *, root: Path = CHECKOUT) -> list[Lesson]:
    """The lessons at these paths (sources or notebooks), or all of them when none is named."""
    if not paths:
        return lessons(root)
    return [read_lesson(_source_of(Path(path))) for path in paths]


def read_lesson(source: Path) -> Lesson:
    """What a lesson's first cell says about it; empty words where it says nothing.

    Args:
        source: path of a lesson's source.

    Raises:
        BuildError: the file does not exist or is not named NN-name.py.
    """
    source = source.absolute()
    match = NAME.fullmatch(source.name)
    if match is None:
        raise BuildError(
            f"{source.name}: a lesson is named with two digits and words in small letters, like "
            "03-reconstruction.py."
        )
    if not source.is_file():
        raise BuildError(f"{source}: there is no such lesson.")
    cells = _parse(source).cells
    opening = cells[0].source if cells and cells[0].cell_type == "markdown" else ""
    return Lesson(source, int(match[1]), **opening_words(opening))


def opening_words(opening: str) -> dict[str, str]:
    """Title, sentence and time, as the Markdown of a first cell gives them; "" where it does not.

    Args:
        opening: the Markdown source of a lesson's first cell.
    """
    paragraphs = [" ".join(one.split()) for one in re.split(r"\n\s*\n", opening.strip())]
    heading, _, rest = opening.strip().partition("\n")
    title = TITLE.fullmatch(heading.strip())
    following = " ".join(re.split(r"\n\s*\n", rest.strip())[0].split())
    time = next((one for one in paragraphs if one.startswith("**Time:**")), "")
    return {
        "title": title[2].strip() if title else "",
        "sentence": "" if following.startswith("**") else following,
        "time": time.removeprefix("**Time:**").strip(),
    }


def convert(lesson: Lesson) -> Any:
    """The notebook that a lesson's source means, not executed.

    The same source gives the same notebook, byte for byte. The cell tagged "setup" is filled in,
    the first cell gets its link to Colab, and alternative texts go from code to metadata.

    Args:
        lesson: what to convert.

    Returns:
        An `nbformat.NotebookNode`.

    Raises:
        BuildError: the setup cell is missing, doubled or not empty, an alternative text is empty
            or stands in the middle of a cell, or pyproject.toml does not name the repository.
    """
    notebook = _parse(lesson.source)
    _take_out_alternatives(notebook.cells, lesson)
    repository = repository_url(lesson.root)
    _fill_setup(notebook.cells, lesson, repository)
    if notebook.cells[0].cell_type == "markdown":
        notebook.cells[0].source += "\n\n" + _colab_link(lesson, repository)
    notebook.metadata = {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _number_cells(notebook.cells)
    return notebook


def repository_url(root: Path = CHECKOUT) -> str:
    """The address of the course's repository, from [tool.course] in pyproject.toml.

    Args:
        root: the folder that holds pyproject.toml.

    Raises:
        BuildError: the file or the setting is missing.
    """
    settings = root / "pyproject.toml"
    try:
        address = tomllib.loads(settings.read_text(encoding="utf-8"))["tool"]["course"]
        return address["repository"].removesuffix("/").removesuffix(".git")
    except (OSError, KeyError) as error:
        raise BuildError(
            f"{settings} does not name the repository. Add [tool.course] with "
            'repository = "https://github.com/owner/name".'
        ) from error


def setup_code(repository: str) -> str:
    """The first code cell of every lesson: it makes `course_lib` importable and prints nothing.

    It looks beside the notebook before it installs anything. On Colab, and wherever else the
    library is not found, it installs the library and those packages that the library needs and the
    machine lacks, each without dependencies: what is there keeps its version, and the kernel needs
    no restart. Where the course cannot be reached, one line says what to do.

    Args:
        repository: the address of the course's repository.
    """
    return textwrap.dedent(f"""\
        # Find the course's library. Where there is none, as on Colab, install it and what it lacks.
        import importlib.util
        import subprocess
        import sys
        from pathlib import Path

        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / "course_lib" / "doctor.py").is_file():
                sys.path.append(str(folder))
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps"]
        course = "git+{repository}"
        found = importlib.util.find_spec("course_lib")
        if not found and subprocess.run([*pip, course], capture_output=True).returncode:
            sys.exit(
                f"{{course}} cannot be reached. Is there a network? You can also upload the course "
                "as a ZIP file, run `%pip install --no-deps NAME.zip`, and then this cell again."
            )
        importlib.invalidate_caches()

        from course_lib import backend, doctor

        if (not found or "google.colab" in sys.modules) and (missing := doctor.missing_packages()):
            subprocess.run([*pip, *missing], check=True)
            importlib.invalidate_caches()
        _ = backend.quiet_framework_import()""")


def _parse(source: Path) -> Any:
    try:
        import jupytext
    except ImportError as error:
        raise BuildError(
            "Building lessons needs jupytext, nbclient and ipykernel. Install the project's test "
            "group: python -m pip install jupytext nbclient ipykernel"
        ) from error
    return jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")


def _source_of(path: Path) -> Path:
    if path.suffix == ".ipynb":
        return path.resolve().parent.parent / "lessons" / f"{path.stem}.py"
    return path


def _take_out_alternatives(cells: list, lesson: Lesson) -> None:
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type != "code":
            continue
        try:
            cell.source, texts = alternatives.taken_out(cell.source)
        except ValueError as error:
            raise BuildError(f"{lesson.source.name}, cell {number}: {error}.") from None
        if texts:
            cell.metadata[alternatives.METADATA] = texts


def _fill_setup(cells: list, lesson: Lesson, repository: str) -> None:
    marked = [cell for cell in cells if SETUP_TAG in cell.metadata.get("tags", [])]
    if len(marked) != 1 or marked[0].cell_type != "code" or marked[0].source.strip():
        raise BuildError(
            f'{lesson.source.name}: a lesson has exactly one cell `# %% tags=["{SETUP_TAG}"]`, '
            "with nothing below it; the build fills it in."
        )
    marked[0].source = setup_code(repository)


def _colab_link(lesson: Lesson, repository: str) -> str:
    # A link in words: the badge's image would be fetched from another host, and is a broken
    # image at the top of every lesson in a classroom without internet.
    return f"[Open this lesson in Colab]({colab_address(repository, lesson.notebook.name)})"


def colab_address(repository: str, notebook: str) -> str:
    """Where Colab opens a notebook of the course.

    Args:
        repository: the address of the course's repository.
        notebook: name of its file.
    """
    owner_and_name = repository.removeprefix("https://github.com/")
    place = f"github/{owner_and_name}/blob/main/notebooks/{notebook}"
    return f"https://colab.research.google.com/{place}"


def _number_cells(cells: list) -> None:
    """Ids made from content: a cell keeps its id when others are added, moved or changed."""
    seen: Counter[str] = Counter()
    for cell in cells:
        content = f"{cell.cell_type}\n{cell.source}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
