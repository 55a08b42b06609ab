"""The tools that read the code: each runs here as it would from the command line."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.checkout import ROOT

FRAMEWORKS = {"tensorflow", "jax", "torch"}
# These rooms define models, layers and losses; they are loaded when they are used.
ROOMS_ON_KERAS = {
    "autoencoder",
    "features",
    "losses",
    "metrics",
    "statistics",
    "teachers",
    "training",
    "transfer",
}
SOURCES = sorted((ROOT / "course_lib").rglob("*.py"))
WORKSHOP = sorted(
    path for path in (ROOT / "workshop").rglob("*.py") if path.parent.name != "benchmarks"
)


def run(*command: str, folder: Path = ROOT) -> None:
    """Run a tool; where it finds something, fail with what it says."""
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if answer.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{answer.stdout}{answer.stderr}", pytrace=False)


def test_ruff_finds_nothing():
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_ruff_would_format_nothing():
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.slow
def test_mypy_finds_nothing():
    run(sys.executable, "-m", "mypy")


def lint_imports(folder: Path = ROOT) -> None:
    program = "import sys; from importlinter.cli import lint_imports_command as main; main()"
    run(sys.executable, "-c", program, "--no-cache", folder=folder)


def test_a_room_imports_only_from_the_rooms_before_it():
    lint_imports()


def test_a_wrong_import_would_be_found(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    texts = {
        "course_lib/__init__.py": "",
        "course_lib/cli.py": "from workshop import commands\n",
        "course_lib/images.py": "def draw():\n    from course_lib import plots\n",
        "course_lib/plots.py": "",
        "workshop/__init__.py": "",
        "workshop/commands.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(pytest.fail.Exception, match=r"course_lib.images -> course_lib.plots"):
        lint_imports(tmp_path)


def imported_at_once(source: Path) -> set[str]:
    """Packages that a module imports when it is imported itself: not inside its functions."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(source.read_text()))
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_a_framework_when_it_is_imported(source):
    room = source.relative_to(ROOT / "course_lib").parts[0].removesuffix(".py")
    forbidden = FRAMEWORKS if room in ROOMS_ON_KERAS else FRAMEWORKS | {"keras"}
    assert imported_at_once(source) & forbidden == set()


def runs_what_a_file_says(source: Path) -> list[str]:
    """Calls by which data from a file or a reader could become a running program."""
    found = []
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {getattr(node, "module", None), *(alias.name for alias in node.names)}
            found += sorted({"pickle", "marshal", "shelve", "dill", "joblib"} & names)
        if not isinstance(node, ast.Call):
            continue
        call = ast.unparse(node.func)
        options = {option.arg: ast.unparse(option.value) for option in node.keywords}
        unsafe = call in ("eval", "exec", "os.system", "os.popen", "yaml.load")
        unsafe |= call.endswith("np.load") and options.get("allow_pickle") != "False"
        unsafe |= call.endswith("saving.load_model") and options.get("safe_mode") != "True"
        unsafe |= options.get("shell", "False") != "False"
        found += [call] if unsafe else []
    return found


def test_nothing_in_a_file_is_run_as_code():
    # The gallery shows the lines of code that made its images, and so runs those it has itself.
    files = [path for path in SOURCES + WORKSHOP if path.name != "gallery.py"]
    found = {str(path): runs_what_a_file_says(path) for path in files}
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line",
    [
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "keras.saving.load_model(path)",
        "keras.saving.load_model(path, safe_mode=False)",
        "subprocess.run(words, shell=True)",
        "eval(text)",
        "from pickle import loads",
        "import pickle",
    ],
)
def test_a_file_run_as_code_would_be_found(tmp_path, line):
    module = tmp_path / "module.py"
    module.write_text(line)
    assert len(runs_what_a_file_says(module)) == 1


def test_an_import_at_the_top_would_be_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\n"
        "class Model:\n    from keras import ops\n"
        "def later():\n    import torch\n"
    )
    assert imported_at_once(module) == {"tensorflow", "keras"}
