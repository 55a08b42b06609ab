"""Building, checking and linting lessons, on small lessons and small faulty notebooks."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.errors import BuildError
from tests.helpers.checkout import ROOT
from workshop.lessons import (
    build,
    check,
    convert,
    lessons,
    lint,
    lint_notebook,
)
from workshop.lessons.alternatives import stored_at
from workshop.lessons.rules import RULES
from workshop.lessons.sources import read_lesson, setup_code

OPENING = """\
# Lesson 1: Images as numbers
What an image is to a computer.

**You will be able to**
- read a pixel

**Time:** 5 minutes to read; the code runs 2 s on a CPU and 2 s on a GPU."""
CLOSING = """\
## Summary
Numbers.
### Questions to check yourself
1. What is a pixel?

   <details><summary>Answer</summary>

   Three numbers.

   </details>

### Reading
A book."""


def commented(text):
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


SOURCE = f"""\
# %% [markdown]
{commented(OPENING)}

# %% tags=["setup"]

# %% [markdown]
# **Before you run the next cell:** what is half of 3?

# %%
print(3 / 2)

# %% tags=["nbval-ignore-output"]
import os

print(os.getcwd())

# %% [markdown]
{commented(CLOSING)}
"""
SETTINGS = '[tool.course]\nrepository = "https://github.com/somebody/images"\n'


@pytest.fixture
def course(tmp_path):
    """A folder with one lesson, as small as a lesson can be."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "lessons" / "01-pictures.py").write_text(SOURCE)
    return tmp_path


@pytest.fixture
def quick_setup(monkeypatch):
    """The first cell of lessons loads a framework; what is tested here needs none."""
    monkeypatch.setattr("workshop.lessons.sources.setup_code", lambda repository: "import sys")


# --- sources -------------------------------------------------------------------------------


def test_a_lesson_says_what_it_is_called_and_how_long_it_takes(course):
    (lesson,) = lessons(course)
    assert (lesson.number, lesson.title) == (1, "Images as numbers")
    assert lesson.sentence == "What an image is to a computer."
    assert lesson.time.startswith("5 minutes to read;")
    assert lesson.notebook == course / "notebooks" / "01-pictures.ipynb"


@pytest.mark.parametrize("name", ["images.py", "1-images.py", "01_pictures.py", "01-Big.py"])
def test_a_lesson_must_be_named_by_the_scheme(course, name):
    (course / "lessons" / name).write_text(SOURCE)
    with pytest.raises(BuildError, match="two digits"):
        lessons(course)


def test_two_lessons_cannot_share_a_number(course):
    (course / "lessons" / "01-again.py").write_text(SOURCE)
    with pytest.raises(BuildError, match="same number"):
        lessons(course)


def test_missing_lessons_and_folders_are_named(course):
    with pytest.raises(BuildError, match="no such lesson"):
        read_lesson(course / "lessons" / "07-none.py")
    with pytest.raises(BuildError, match="in a clone of the course"):
        lessons(course / "elsewhere")


def test_conversion_is_the_same_every_time_and_ids_follow_the_content(course):
    (lesson,) = lessons(course)
    first, second = convert(lesson), convert(lesson)
    assert nbformat.writes(first) == nbformat.writes(second)
    ids = {cell.source: cell.id for cell in first.cells}
    assert len(set(ids.values())) == len(first.cells)
    moved = SOURCE.replace("# %%\nprint(3 / 2)", "# %%\nprint(1)\n\n# %%\nprint(3 / 2)")
    lesson.source.write_text(moved)
    assert {cell.source: cell.id for cell in convert(lesson).cells}.items() > ids.items()


def test_equal_cells_still_have_different_ids(course):
    (lesson,) = lessons(course)
    lesson.source.write_text(SOURCE.replace("print(3 / 2)", "print(3 / 2)\n\n# %%\nprint(3 / 2)"))
    ids = [cell.id for cell in convert(lesson).cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(convert(lesson))


def test_metadata_is_the_same_on_every_machine(course):
    (lesson,) = lessons(course)
    assert convert(lesson).metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }


def test_the_repository_is_named_in_one_place(course):
    (lesson,) = lessons(course)
    notebook = convert(lesson)
    assert '"git+https://github.com/somebody/images"' in notebook.cells[1].source
    link = "colab.research.google.com/github/somebody/images/blob/main/notebooks/01-pictures.ipynb"
    assert notebook.cells[0].source.endswith(f"[Open this lesson in Colab](https://{link})")
    (course / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(BuildError, match="does not name the repository"):
        convert(lesson)


@pytest.mark.parametrize(
    "faulty",
    [
        SOURCE.replace(' tags=["setup"]', ""),
        SOURCE.replace('["setup"]', '["setup"]\nimport course_lib'),
        SOURCE + '\n# %% tags=["setup"]\n',
    ],
    ids=["none", "not empty", "two"],
)
def test_a_lesson_has_exactly_one_empty_setup_cell(course, faulty):
    (course / "lessons" / "01-pictures.py").write_text(faulty)
    with pytest.raises(BuildError, match="exactly one cell"):
        convert(*lessons(course))


# --- alternative text ----------------------------------------------------------------------


DRAWN = """\
# alt: Two numbers,
#      side by side.
from course_lib.plots import show_matrix

show_matrix([[1, 2]])"""


@pytest.fixture
def drawing_course(course, monkeypatch):
    """The small lesson shows a figure, and its kernel finds the words that its build has kept."""
    (course / "lessons" / "01-pictures.py").write_text(SOURCE.replace("print(3 / 2)", DRAWN))
    folder = stored_at(course, "01-pictures").parent
    setup = (
        "import pathlib\nfrom course_lib.plots import alternatives\n"
        f"alternatives.FOLDER = pathlib.Path({str(folder)!r})"
    )
    monkeypatch.setattr("workshop.lessons.sources.setup_code", lambda repository: setup)
    return course


def test_alternative_text_goes_from_the_code_to_the_metadata_and_to_the_figure(drawing_course):
    (path,) = build(root=drawing_course)
    cell = nbformat.read(path, as_version=4).cells[3]
    assert cell.source.startswith("from course_lib.plots")
    assert cell.metadata.alt == ["Two numbers, side by side."]
    figure, spoken = cell.outputs
    assert figure.metadata["image/png"]["alt"] == "Two numbers, side by side."
    assert figure.data["text/plain"] == "Figure: Two numbers, side by side."
    assert ">Two numbers, side by side.</span>" in spoken.data["text/html"]
    assert check(root=drawing_course) == []
    assert "alternative-text" not in {one.rule for one in lint(root=drawing_course)}


def test_a_cell_keeps_its_id_when_only_its_words_change(drawing_course):
    (lesson,) = lessons(drawing_course)
    before = convert(lesson).cells[3]
    lesson.source.write_text(lesson.source.read_text().replace("Two numbers", "Some numbers"))
    after = convert(lesson).cells[3]
    assert (after.id, after.source) == (before.id, before.source)
    assert after.metadata.alt == ["Some numbers, side by side."]


def test_words_that_changed_or_are_not_kept_for_the_library_are_out_of_step(drawing_course):
    (path,) = build(root=drawing_course, execute=False)
    kept = stored_at(drawing_course, "01-pictures")
    kept.write_text(kept.read_text().replace("Two", "Ten"))
    (problem,) = check(root=drawing_course)
    assert problem.startswith("01-pictures.json: the alternative texts are not those")
    kept.unlink()
    assert check([path]) == [problem]
    source = drawing_course / "lessons" / "01-pictures.py"
    source.write_text(source.read_text().replace("Two numbers", "Some numbers"))
    assert "cell 4 differs from its source in its tags or metadata" in check([path])[0]


def test_kept_words_go_when_the_lesson_has_none_or_is_gone(drawing_course):
    build(root=drawing_course, execute=False)
    kept = stored_at(drawing_course, "01-pictures")
    (drawing_course / "lessons" / "01-pictures.py").write_text(SOURCE)
    build(root=drawing_course, execute=False)
    assert not kept.exists()
    stored_at(drawing_course, "07-gone").write_text("{}\n")
    (problem,) = check(root=drawing_course)
    assert problem.startswith("07-gone.json: there is no lessons/07-gone.py")


def test_the_same_code_cannot_have_two_different_texts(drawing_course):
    first = drawing_course / "lessons" / "01-pictures.py"
    second = drawing_course / "lessons" / "02-again.py"
    second.write_text(first.read_text().replace("Two numbers", "A pair"))
    build(root=drawing_course, execute=False)
    (problem,) = check(root=drawing_course)
    assert problem.startswith("02-again and 01-pictures: a cell has the same code in both")
    second.unlink()
    again = DRAWN.replace("Two numbers", "A pair")
    first.write_text(SOURCE.replace("print(3 / 2)", f"{DRAWN}\n\n# %%\n{again}"))
    with pytest.raises(BuildError, match="two cells .* have the same code and different"):
        build(root=drawing_course, execute=False)


def test_a_line_of_alternative_text_that_would_be_lost_names_its_cell(drawing_course):
    (lesson,) = lessons(drawing_course)
    lesson.source.write_text(SOURCE.replace("print(3 / 2)", "print(3 / 2)\n# alt: A half."))
    with pytest.raises(BuildError, match=r"01-pictures.py, cell 4: .* stands below code"):
        convert(lesson)


# --- the generated first cell --------------------------------------------------------------


FAKE_PIP = """
import json, os, pathlib, sys
here = pathlib.Path(os.environ["PYTHONPATH"])
with open(here / "called.jsonl", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[-1].startswith("git+"):
    (here / "unpacked").rename(here / "course_lib")
sys.exit("broken" in sys.argv)
"""
FAKE_DOCTOR = """
def missing_packages():
    return {missing}
"""
FAKE_BACKEND = """
import sys
def quiet_framework_import():
    sys.stderr.write(__file__)
"""


def run_setup(folder: Path, before: str = "", **environment) -> subprocess.CompletedProcess:
    """Runs the first cell in a Python that has no course_lib, with a pip that only says so."""
    code = before + setup_code("https://github.com/somebody/images")
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": "", **environment}
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)


def write_course(folder: Path, missing: tuple[str, ...] = ()) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "doctor.py").write_text(FAKE_DOCTOR.format(missing=missing))
    (folder / "backend.py").write_text(FAKE_BACKEND)


@pytest.fixture
def hosted(tmp_path):
    """An empty folder, and one of packages where pip would put the course once it is asked to."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "packages" / "pip").mkdir(parents=True)
    (tmp_path / "packages" / "pip" / "__init__.py").write_text("")
    (tmp_path / "packages" / "pip" / "__main__.py").write_text(FAKE_PIP)
    return tmp_path / "empty", tmp_path / "packages"


def asked_of_pip(packages: Path) -> list[list[str]]:
    """What was to be installed, one call after the other; how is always the same."""
    calls = packages / "called.jsonl"
    lines = calls.read_text().splitlines() if calls.exists() else []
    asked = [json.loads(line) for line in lines]
    assert all(words[:3] == ["install", "-qq", "--no-deps"] for words in asked)
    return [words[3:] for words in asked]


def test_the_first_cell_finds_a_checkout_around_the_notebook(hosted, tmp_path):
    write_course(tmp_path / "course_lib", missing=("av>=15.1",))
    (tmp_path / "notebooks").mkdir()
    run = run_setup(tmp_path / "notebooks", PYTHONPATH=str(hosted[1]))
    assert run.stderr == str(tmp_path / "course_lib" / "backend.py")
    assert run.stdout == ""
    assert asked_of_pip(hosted[1]) == [], "in a reader's own checkout nothing is installed unasked"


def test_the_first_cell_installs_what_is_missing_without_dependencies(hosted):
    empty, packages = hosted
    write_course(packages / "unpacked", missing=("av>=15.1", "soundfile"))
    run = run_setup(empty, PYTHONPATH=str(packages))
    assert (run.stdout, run.returncode) == ("", 0), run.stderr
    assert run.stderr == str(packages / "course_lib" / "backend.py")
    course = "git+https://github.com/somebody/images"
    assert asked_of_pip(packages) == [[course], ["av>=15.1", "soundfile"]]


def test_on_colab_a_first_cell_that_was_stopped_goes_on_where_it_was(hosted):
    empty, packages = hosted
    write_course(packages / "course_lib", missing=("soundfile",))
    loaded = "import sys\nsys.modules['google.colab'] = sys\n"
    assert run_setup(empty, loaded, PYTHONPATH=str(packages)).returncode == 0
    assert asked_of_pip(packages) == [["soundfile"]]


def test_a_package_that_cannot_be_installed_stops_the_lesson(hosted):
    empty, packages = hosted
    write_course(packages / "unpacked", missing=("broken", "soundfile"))
    run = run_setup(empty, PYTHONPATH=str(packages))
    assert "'broken'" in run.stderr
    assert run.returncode == 1


def test_a_course_that_cannot_be_reached_is_one_clear_line_with_what_to_do(hosted):
    empty, packages = hosted
    (packages / "pip" / "__main__.py").write_text(
        "import sys; sys.exit('fatal: could not resolve the host')"
    )
    run = run_setup(empty, PYTHONPATH=str(packages))
    [line] = run.stderr.splitlines()
    assert "https://github.com/somebody/images cannot be reached." in line
    assert "%pip install --no-deps NAME.zip" in line
    assert (run.stdout, run.returncode) == ("", 1)


def test_the_first_cell_finds_the_real_checkout(hosted):
    """The folder it looks for is one that the library has, wherever its rooms have moved."""
    # Without the packages of this environment it fails there, for want of Keras.
    run = run_setup(ROOT / "notebooks", PYTHONPATH=str(hosted[1]))
    assert asked_of_pip(hosted[1]) == []
    assert str(ROOT / "course_lib") in run.stderr


# --- building ------------------------------------------------------------------------------


def test_a_built_notebook_has_run_elsewhere_and_keeps_its_outputs(course, quick_setup):
    (path,) = build(root=course)
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert code[1].outputs[0].text == "1.5\n"
    assert str(course) not in code[2].outputs[0].text
    assert all("execution" not in cell.metadata for cell in code)
    assert check(root=course) == []
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_kernel_gets_the_quick_budget_and_no_network(course, quick_setup):
    guard = course / "tests" / "offline"
    guard.mkdir(parents=True)
    (guard / "sitecustomize.py").write_text("import os; os.environ['GUARDED'] = 'yes'")
    asking = "import os; print(os.environ['COURSE_BUDGET'], os.environ.get('GUARDED'))"
    (course / "lessons" / "01-pictures.py").write_text(SOURCE.replace("print(3 / 2)", asking))
    (path,) = build(root=course)
    assert nbformat.read(path, as_version=4).cells[3].outputs[0].text == "quick yes\n"


def test_a_lesson_that_fails_names_its_cell_and_leaves_the_old_notebook(course, quick_setup):
    (path,) = build(root=course, execute=False)
    before = path.read_bytes()
    (course / "lessons" / "01-pictures.py").write_text(SOURCE.replace("3 / 2", "3 / 0"))
    with pytest.raises(BuildError, match=r"01-pictures\.py: .*\n(.*\n)*.*ZeroDivisionError"):
        build(root=course)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_lessons_can_be_built_by_their_paths_and_several_at_once(course, quick_setup):
    (course / "lessons" / "02-more.py").write_text(SOURCE)
    sources = sorted((course / "lessons").glob("*.py"))
    assert [one.name for one in build(sources[1:], execute=False)] == ["02-more.ipynb"]
    assert len(build(sources, jobs=2)) == 2
    assert check([course / "notebooks" / "02-more.ipynb"]) == []


# --- building text only --------------------------------------------------------------------


def change(course, old, new):
    source = course / "lessons" / "01-pictures.py"
    assert old in source.read_text()
    source.write_text(source.read_text().replace(old, new))


def outputs_of(path):
    return [cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells]


def test_words_are_built_without_running_and_all_outputs_stay(drawing_course, monkeypatch):
    (path,) = build(root=drawing_course)
    before, figure = outputs_of(path), path.read_text().count("iVBOR")
    monkeypatch.setattr("workshop.lessons.building.execute", None)  # Nothing may run.
    change(drawing_course, "half of 3", "a third of 6")
    change(drawing_course, "Two numbers,", "Two <numbers>,")
    assert build(root=drawing_course, text_only=True) == [path]
    assert check(root=drawing_course) == []
    assert path.read_text().count("iVBOR") == figure == 1
    shown, spoken = outputs_of(path)[3]
    assert shown.metadata["image/png"]["alt"] == "Two <numbers>, side by side."
    assert shown.data["text/plain"] == "Figure: Two <numbers>, side by side."
    assert ">Two &lt;numbers&gt;, side by side.</span>" in spoken.data["text/html"]
    assert shown.data["image/png"] == before[3][0].data["image/png"]
    change(drawing_course, "Two <numbers>,", "Two numbers,")
    build(root=drawing_course, text_only=True)
    assert outputs_of(path) == before


def test_two_figures_of_a_cell_keep_their_own_words(drawing_course):
    change(drawing_course, "# alt: Two", "# alt: First.\n# alt: Two")
    change(drawing_course, "show_matrix([[1, 2]])", "show_matrix([[1]])\nshow_matrix([[1, 2]])")
    change(drawing_course, "# alt: First.", "# alt: Two numbers, side by side.")
    (path,) = build(root=drawing_course)
    change(drawing_course, "# alt: Two numbers, side by side.", "# alt: One number.")
    build(root=drawing_course, text_only=True)
    said = [output.data.get("text/plain") for output in outputs_of(path)[3]]
    assert said == ["Figure: One number.", "", "Figure: Two numbers, side by side.", ""]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("show_matrix([[1, 2]])", "show_matrix([[1, 3]])", "its code has changed"),
        ("# alt: Two", "# alt: One.\n# alt: Two", "1 alternative texts and has 2"),
    ],
)
def test_code_that_has_changed_is_not_built_as_text(drawing_course, old, new, says):
    with pytest.raises(BuildError, match="does not exist. Build it without --text-only"):
        build(root=drawing_course, text_only=True)
    (path,) = build(root=drawing_course, execute=False)
    before = path.read_bytes()
    change(drawing_course, old, new)
    with pytest.raises(BuildError, match=says):
        build(root=drawing_course, text_only=True)
    assert path.read_bytes() == before


# --- in step -------------------------------------------------------------------------------


def rewrite(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(nbformat.writes(notebook))


def edit_source(notebook):
    notebook.cells[3].source += "\n# edited by hand"


def edit_tags(notebook):
    notebook.cells[3].metadata["tags"] = ["nbval-ignore-output"]


def edit_metadata(notebook):
    notebook.metadata["authors"] = ["somebody"]


def edit_type(notebook):
    notebook.cells[3] = new_markdown_cell(notebook.cells[3].source, id=notebook.cells[3].id)


def edit_id(notebook):
    notebook.cells[3].id = "another"


def add_cell(notebook):
    notebook.cells.append(new_code_cell("1"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (edit_source, "cell 4 differs from its source in its text"),
        (edit_tags, "in its tags or metadata"),
        (edit_metadata, "its metadata"),
        (edit_type, "in its type"),
        (edit_id, "in its id"),
        (add_cell, "it has 7 cells, its source 6"),
    ],
)
def test_a_notebook_edited_by_hand_is_out_of_step(course, change, words):
    (path,) = build(root=course, execute=False)
    assert check(root=course) == []
    rewrite(path, change)
    (problem,) = check(root=course)
    assert problem.startswith("01-pictures.ipynb: ")
    assert words in problem
    assert problem.endswith("Run: course build lessons/01-pictures.py")


def test_outputs_do_not_count_as_out_of_step(course):
    (path,) = build(root=course, execute=False)

    def fill_in(notebook):
        notebook.cells[3].outputs = [new_output("stream", name="stdout", text="2\n")]
        notebook.cells[3].execution_count = 5

    rewrite(path, fill_in)
    assert check(root=course) == []


def test_missing_and_left_over_notebooks_are_out_of_step(course):
    assert "no such notebook" in check(root=course)[0]
    (path,) = build(root=course, execute=False)
    path.with_name("09-old.ipynb").write_bytes(path.read_bytes())
    (problem,) = check(root=course)
    assert problem == ("09-old.ipynb: there is no lessons/09-old.py that builds it. Delete it.")


# --- the rules -----------------------------------------------------------------------------


def ran(source, *outputs, tags=(), count=1, alt=()):
    metadata = {name: list(given) for name, given in (("tags", tags), ("alt", alt)) if given}
    return new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def said(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(data, metadata=None):
    return new_output("display_data", data=data, metadata=metadata or {})


def shown_with(alt):
    return shown({"image/jpeg": JPEG}, {"image/jpeg": {"alt": alt}})


def notebook_with(*cells, opening=OPENING, closing=CLOSING):
    """A notebook that breaks no rule, with these cells in its middle."""
    asks = new_markdown_cell("**Before you run the next cell:** what comes out?")
    setup = ran("import sys", tags=["setup"])
    frame = [new_markdown_cell(opening), setup, asks]
    return new_notebook(cells=[*frame, *cells, new_markdown_cell(closing)])


def broken_rules(notebook):
    return {finding.rule for finding in lint_notebook(notebook, "01-pictures.ipynb")}


JPEG = base64.b64encode(b"a picture").decode()
COMPARED = ran("print('yes')", said("yes\n"))
LONG = "\n".join(f"a{number} = {number}" for number in range(26))
LONGISH = "\n".join(f"a{number} = {number}" for number in range(12))
ERROR = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
WIDGETS = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def uncompared(value):
    return ran(f"print({value})", said(f"{value}\n"), tags=["nbval-ignore-output"])


def with_widget_state():
    notebook = notebook_with(COMPARED)
    notebook.metadata["widgets"] = WIDGETS
    return notebook


def without_setup():
    notebook = notebook_with(COMPARED)
    del notebook.cells[1]
    return notebook


def without_prediction():
    notebook = notebook_with(COMPARED)
    del notebook.cells[2]
    return notebook


FAULTY = [
    ("first-cell", notebook_with(opening="Images as numbers")),
    ("first-cell", notebook_with(opening=OPENING.replace("# Lesson 1: ", "# "))),
    ("first-cell", notebook_with(opening=OPENING.replace("What an image is to a computer.", ""))),
    ("first-cell", notebook_with(opening=OPENING.replace("- read a pixel", ""))),
    ("first-cell", notebook_with(opening=OPENING.replace(" and 2 s on a GPU", ""))),
    ("last-cell", notebook_with(closing=CLOSING.replace("### Reading", "Reading:"))),
    ("last-cell", notebook_with(closing="That was all about questions, reading and summary.")),
    ("answers", notebook_with(closing=CLOSING.replace("   Three numbers.\n\n", ""))),
    ("answers", notebook_with(closing=CLOSING.replace("1. What", "What"))),
    ("answers", notebook_with(closing=CLOSING.replace("\n   </details>\n", ""))),
    ("answers", notebook_with(closing=CLOSING.replace("</details>\n", "</details>\n2. And two?"))),
    ("answers", notebook_with(closing=CLOSING + "\n<details>More.</details>")),
    ("setup", without_setup()),
    ("prediction", without_prediction()),
    ("long-cell", notebook_with(COMPARED, ran(LONG))),
    ("mostly-short", notebook_with(ran(LONGISH), ran(LONGISH + "\n"), COMPARED)),
    ("never-executed", notebook_with(ran("print(1)", count=None))),
    ("error-output", notebook_with(ran("raise ValueError('no')", ERROR))),
    ("stderr", notebook_with(ran("warn()", said("UserWarning: old\n", name="stderr")))),
    ("half-compared", notebook_with(COMPARED, uncompared("1"), uncompared("2"))),
    ("half-compared", notebook_with(ran("# NBVAL_IGNORE_OUTPUT\nprint(1)", said("1\n")))),
    ("measured-number", notebook_with(ran("print(f'{psnr(a, b):.1f} dB')", said("24.1 dB")))),
    ("measured-number", notebook_with(ran("print('loss', float(losses[-1]))", said("loss 0.1")))),
    ("measured-number", notebook_with(ran("history.history['loss'][-1] * 1.0", said("0.1")))),
    ("measured-number", notebook_with(ran("psnr(a, b)", said("20.1")))),
    (
        "measured-number",
        notebook_with(ran("start = time.perf_counter()\nprint(f'{now() - start}')", said("3"))),
    ),
    ("semicolon", notebook_with(ran("draw();"))),
    ("semicolon", notebook_with(ran("draw();  # shown"))),
    ("svg", notebook_with(ran("draw()", shown({"image/svg+xml": "<svg/>"})))),
    ("svg", notebook_with(ran("%config InlineBackend.figure_formats = ['svg']"))),
    ("interactive", notebook_with(ran("interact(draw, x=3)"))),
    ("interactive", notebook_with(ran("out = widgets.Output()"))),
    ("interactive", notebook_with(ran("display.clear_output(wait=True)"))),
    ("widget-state", with_widget_state()),
    ("figure-size", notebook_with(ran("f", shown({"text/plain": "<Figure size 640x480 with 1>"})))),
    ("figure-size", notebook_with(ran("import matplotlib.pyplot as plt"))),
    ("figure-size", notebook_with(ran("%matplotlib inline"))),
    ("address", notebook_with(ran("f", said("<function f at 0x7f3a5c1d2e30>")))),
    ("relative-path", notebook_with(ran("load('../data/cat.png')"))),
    ("relative-path", notebook_with(ran("folder = Path('data/styles')"))),
    ("relative-path", notebook_with(ran("image = images.load_image('cat.png')"))),
    ("relative-path", notebook_with(ran("model.save('model.keras')"))),
    ("machine-path", notebook_with(ran("a = '/home/ann/cat.png'"))),
    ("machine-path", notebook_with(ran("print(p)", said("saved to /tmp/x1/cat.png")))),
    ("machine-path", notebook_with(ran("print(p)", said("C:\\Users\\ann")))),
    ("network", notebook_with(ran("load('https://example.org/cat.png')"))),
    ("network", notebook_with(ran("keras.utils.get_file('cat.png', origin=address)"))),
    ("network", notebook_with(ran("from urllib.request import urlopen"))),
    ("network", notebook_with(ran("VGG19(weights='imagenet')"))),
    ("pin", notebook_with(ran("!pip install keras==3.13"))),
    ("pin", notebook_with(new_markdown_cell("First `pip install numpy<2`."))),
    ("alternative-text", notebook_with(ran("show()", shown({"image/jpeg": JPEG})))),
    (
        "alternative-text",
        notebook_with(ran("s()", shown({"image/png": JPEG}, {"image/png": {"alt": " "}}))),
    ),
    ("alternative-text", notebook_with(ran("s()", shown({"text/html": "<img src='x'>"})))),
    ("alternative-text", notebook_with(ran("s()", shown_with("Images without description: a.")))),
    ("alternative-text", notebook_with(ran("s()", shown_with("A cat."), alt=["A cat.", "A dog."]))),
    ("alternative-text", notebook_with(ran("s()", shown_with("An old cat."), alt=["A cat."]))),
    ("alternative-text", notebook_with(ran("a = 1", alt=["A cat."]))),
    ("alternative-text", notebook_with(ran("show(cat, alt='A cat.')", shown_with("A cat.")))),
    ("alternative-text", notebook_with(new_markdown_cell("![](cat.png)"))),
    ("alternative-text", notebook_with(new_markdown_cell('<img src="cat.png" alt="">'))),
]


@pytest.mark.parametrize(
    ("rule", "notebook"),
    FAULTY,
    ids=[f"{number}-{rule}" for number, (rule, _) in enumerate(FAULTY)],
)
def test_each_trap_is_found_and_nothing_else_in_its_notebook(rule, notebook):
    assert broken_rules(notebook) == {rule}


def test_every_rule_has_a_faulty_notebook_an_explanation_and_a_remedy():
    assert {rule for rule, _ in FAULTY} == {rule.name for rule in RULES}
    for rule, notebook in FAULTY:
        for finding in lint_notebook(notebook, "01-pictures.ipynb"):
            assert len(finding.message.split()) >= 4, rule
            assert len(finding.remedy.split()) >= 5, rule
            assert str(finding).startswith("01-pictures.ipynb")
            assert finding.remedy in str(finding)


def test_the_finding_names_the_cell_as_people_count():
    (finding,) = lint_notebook(notebook_with(COMPARED, ran("draw();")), "01-pictures.ipynb")
    assert str(finding).startswith("01-pictures.ipynb, cell 5: The line `draw();` ends in")


ALLOWED = [
    COMPARED,
    ran("print('better:', psnr(a, b) > 20)", said("better: True\n")),
    ran("print(f'{loss:.1f}')", said("0.5\n"), tags=["nbval-check-output"]),
    ran("print(len(losses), losses.shape)", said("3 (3,)\n")),
    ran("print(themselves, lossless)", said("two words\n")),
    ran("print('a; b;')", said("a; b;\n")),
    ran("a = 1; b = 2\nprint(a)", said("1\n")),
    ran("raise ValueError('no')", ERROR, tags=["raises-exception"]),
    ran("show()", shown_with("A cat."), alt=["A cat."]),
    ran(
        "lab.show()\nshow()", shown_with("What the lab says."), shown_with("A cat."), alt=["A cat."]
    ),
    ran("s()", shown({"text/html": "<img src='x' alt='A cat.'>"})),
    ran("with folder() as home:\n    save(image, home / 'cat.png')\nprint(home.name)"),
    ran("print(f'{seconds:.1f} s')", said("3.1 s\n"), tags=["nbval-ignore-output"]),
    new_markdown_cell("![A cat](cat.png) and <https://example.org/home/cat>"),
]


def test_what_is_fine_is_left_alone():
    assert lint_notebook(notebook_with(*ALLOWED), "01-pictures.ipynb") == []


def test_a_built_lesson_breaks_no_rule(course, quick_setup):
    (course / "lessons" / "01-pictures.py").write_text(
        SOURCE.replace("print(os.getcwd())", "print(len(os.getcwd()))")
    )
    build(root=course)
    assert lint(root=course) == []


def test_size_limits_and_missing_notebooks(course, monkeypatch):
    assert [one.rule for one in lint(root=course)] == ["not-built"]
    build(root=course, execute=False)
    monkeypatch.setattr("workshop.lessons.rules.LARGEST_NOTEBOOK", 1000)
    monkeypatch.setattr("workshop.lessons.rules.LARGEST_COURSE", 1500)
    sizes = [str(one) for one in lint(root=course) if one.rule == "size"]
    assert sizes[0].startswith("01-pictures.ipynb: ")
    assert "more than 1 KB" in sizes[0]
    assert sizes[1].startswith("all notebooks together: ")


# --- the comparison ------------------------------------------------------------------------


def compared(path, folder):
    """What `pytest --nbval` says about one notebook."""
    options = ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-c", os.devnull]
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={folder}", str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_nbval_compares_the_words_of_a_figure_and_not_its_bytes(drawing_course):
    (path,) = build(root=drawing_course)
    text = path.read_text()
    image = nbformat.read(path, as_version=4).cells[3].outputs[0].data["image/png"]

    path.write_text(text.replace(image.strip(), JPEG))
    assert "3 passed" in compared(path, drawing_course).stdout

    path.write_text(
        text.replace("Figure: Two numbers, side by side.", "Figure: Three numbers, side by side.")
    )
    assert "1 failed, 2 passed" in compared(path, drawing_course).stdout
