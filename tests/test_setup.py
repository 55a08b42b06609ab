"""The set-up: what is declared in several places agrees, and what the README promises is there."""

import ast
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.helpers.checkout import ROOT, committed_files
from workshop.lessons import lessons

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
README = (ROOT / "README.md").read_text()
PYTHONS = ("3.11", "3.12", "3.13")


def declared(*, extras=(), groups=()) -> list[Requirement]:
    lines = list(PYPROJECT["project"]["dependencies"])
    for extra in extras:
        lines += PYPROJECT["project"]["optional-dependencies"][extra]
    for group in groups:
        lines += PYPROJECT["dependency-groups"][group]
    return [Requirement(line) for line in lines]


def pinned() -> list[Requirement]:
    lines = (ROOT / "requirements" / "pinned.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def committed_texts() -> list[tuple[str, str]]:
    found = []
    for path in committed_files():
        data = path.read_bytes()
        if b"\0" not in data[:1000]:
            found.append((str(path.relative_to(ROOT)), data.decode(errors="replace")))
    return found


# --- the same thing said twice ------------------------------------------------------------


def test_environment_yml_says_the_same_as_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    [by_pip] = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    assert "-e ." in by_pip
    assert "pip" in lines
    conda = [Requirement(line) for line in lines if line != "pip"]
    conda += [Requirement(line) for line in by_pip if line != "-e ."]
    wanted = declared(extras=["cpu"], groups=["lab", "test"])
    wanted.append(Requirement(f"python{PYPROJECT['project']['requires-python']}"))
    assert sorted(map(str, conda)) == sorted(map(str, wanted))


def test_a_package_named_twice_in_pyproject_has_the_same_range_each_time():
    ranges: dict[str, set[str]] = {}
    extras = PYPROJECT["project"]["optional-dependencies"]
    groups = PYPROJECT["dependency-groups"]
    for requirement in declared(extras=extras, groups=groups):
        ranges.setdefault(requirement.name, set()).add(str(requirement.specifier))
    assert {name: found for name, found in ranges.items() if len(found) > 1} == {}


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_pinned_to_a_version_in_its_range(python):
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    environment |= {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"}
    versions = {}
    for pin in pinned():
        if pin.marker is None or pin.marker.evaluate(environment):
            [clause] = pin.specifier
            assert clause.operator == "==", f"{pin} is not pinned"
            assert pin.name not in versions, f"{pin.name} is pinned twice for Python {python}"
            versions[pin.name] = Version(clause.version)
    for requirement in declared(extras=["cpu", "jax"], groups=["lab", "test"]):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.name in versions, f"{requirement.name} is not pinned"
            assert requirement.specifier.contains(versions[requirement.name]), requirement.name


def test_python_versions_agree():
    assert PYPROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    prefix = "Programming Language :: Python :: 3."
    named = [line for line in PYPROJECT["project"]["classifiers"] if line.startswith(prefix)]
    assert named == [prefix + python.removeprefix("3.") for python in PYTHONS]


def test_no_committed_file_names_a_registry_or_a_path_of_the_workshop():
    # Put together from parts, so that this file does not name them.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "anaconda" + ".org"]
    hosts += ["debian" + ".org", "index" + "-url =", "../" + "shared"]
    named = [(name, host) for name, text in committed_texts() for host in hosts if host in text]
    assert named == []


def test_lock_files_are_ignored():
    ignored = (ROOT / ".gitignore").read_text().split()
    assert "uv.lock" in ignored
    assert "pylock*.toml" in ignored


# --- what the README says -----------------------------------------------------------------


def commands() -> list[str]:
    return re.findall(r"^```shell\n(.*?)\n```", README, flags=re.MULTILINE | re.DOTALL)


def test_the_first_two_commands_are_one_line_each_and_do_their_own_set_up():
    lab, tests = commands()[:2]
    start = "python -m pip install uv && python -m uv run --extra cpu "
    assert lab == f"{start}course lab"
    assert tests == f"{start}--group test pytest -n 2 --dist loadfile"
    assert README.index(tests) < README.index("\n## ")


def test_ci_takes_the_test_command_from_the_readme():
    script = (ROOT / ".ci" / "run").read_text()
    [pattern] = re.findall(r"grep -m 1 -E '(.*)' README.md", script)
    [found, *others] = re.finditer(pattern, README, flags=re.MULTILINE)
    assert others == []
    assert found[0] == commands()[1]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 or sys.platform == "win32"
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())
    steps = workflow["jobs"]["tests"]["steps"]
    assert any("bash .ci/run" in step.get("run", "") for step in steps)


def test_ci_installs_lists_and_runs_tests_that_exist():
    script = (ROOT / ".ci" / "run").read_text()
    named = set(re.findall(r"\b(?:requirements|tests)/[\w./]+", script))
    assert named >= {"requirements/pinned.txt", "requirements/colab.txt", "tests/test_colab.py"}
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_local_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text())
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_the_map_links_the_lessons_that_exist_and_no_others():
    rows = re.findall(r"^\| (\d\d) \| (.*?) \|", README, flags=re.MULTILINE)
    assert [number for number, _ in rows] == [f"{number:02d}" for number in range(16)]
    linked = {title for _, title in rows if "](" in title}
    assert linked == {
        f"[{lesson.title}](notebooks/{lesson.notebook.name})" for lesson in lessons(ROOT)
    }


def test_no_command_names_a_notebook_that_is_not_there():
    named = re.findall(r"notebooks/[\w-]+\.ipynb", README)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_page_has_the_address_of_the_one_setting():
    """What follows when the repository moves: CONTRIBUTING.md, "Publishing"."""
    repository = PYPROJECT["tool"]["course"]["repository"].removeprefix("https://")
    name = repository.removeprefix("github.com/")
    pages = [ROOT / "README.md", ROOT / "CITATION.cff", *(ROOT / "docs").glob("*.md")]
    other = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        found = re.findall(
            r"(?:github\.com|mybinder\.org/v2/gh|colab\S+/github)/([\w-]+/[\w-]+)", text
        )
        other += [(page.name, one) for one in found if one not in (name, "OWNER/NAME")]
    assert other == []
    assert repository in README


def test_the_five_rows_are_rows_of_the_measured_table():
    measured = (ROOT / "benchmarks" / "results" / "table.md").read_text(encoding="utf-8")
    chosen = README.partition("<!-- five rows: begin -->\n")[2].partition("<!-- five rows: end")[0]
    head, line, *rows = chosen.splitlines()
    assert len(rows) == 5
    assert [row for row in (head, line, *rows) if row not in measured.splitlines()] == []
    explained = README.partition("<!-- five rows: end -->")[2].partition("[All rows")[0]
    assert re.findall(r"^(\d)\. ", explained, flags=re.MULTILINE) == list("12345")


def test_the_citation_names_the_version_and_the_licenses():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    version = re.search(r'__version__ = "(.*)"', (ROOT / "course_lib" / "__init__.py").read_text())
    assert version and citation["version"] == version[1]
    assert " AND ".join(citation["license"]) == PYPROJECT["project"]["license"]
    assert citation["repository-code"] == PYPROJECT["tool"]["course"]["repository"]


# --- a server for a class -------------------------------------------------------------------


def docker_instructions() -> list[tuple[str, list[str]]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return [(words[0], words[1:]) for words in lines]


def docker_stages() -> dict[str, list[tuple[str, list[str]]]]:
    """The instructions of each stage, its FROM included, by the stage's name."""
    stages: dict[str, list[tuple[str, list[str]]]] = {}
    for name, words in docker_instructions():
        if name == "FROM":
            stages[words[-1]] = stage = []
        stage.append((name, words))
    return stages


def test_the_image_holds_the_course_for_a_reader_who_cannot_change_it():
    stages = docker_stages()
    assert [steps[0][1][0] for steps in stages.values()][1:] == ["course"] * 3
    python = re.fullmatch(r"python:(3\.\d+)-slim", stages["course"][0][1][0])
    assert python and python[1] in PYTHONS
    names = [name for name, _ in stages["course"]]
    assert any('".[cpu]"' in words for _, words in stages["course"])
    assert "USER" not in names, "the library belongs to root"
    assert {"EXPOSE", "CMD"} <= set(names)
    for stage in ("reader", "student"):
        assert ("USER", ["reader"]) in stages[stage]


def test_students_get_the_set_without_answers_unless_another_image_is_asked_for():
    stages = docker_stages()
    assert list(stages)[-1] == "student"
    assert ("ENV", ["COURSE_SOLUTIONS=hidden"]) in stages["student"]
    [copied] = [words for name, words in stages["student"] if name == "COPY"]
    assert "--from=sets" in copied
    assert copied[-2:] == ["/opt/class/student", "/home/reader/notebooks"]
    page = (ROOT / "docs" / "jupyterhub.md").read_text()
    assert '"COURSE_SOLUTIONS": "hidden"' in page


def test_the_image_is_made_from_files_that_docker_is_given():
    given = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = set()
    for name, words in docker_instructions():
        if name == "COPY" and not any(word.startswith("--from=") for word in words):
            copied |= {word for word in words[:-1] if not word.startswith("--")}
    assert copied == given
    assert [name for name in given if not (ROOT / name).exists()] == []


def test_the_table_of_memory_is_the_one_that_was_measured():
    sys.path.insert(0, str(ROOT))
    from workshop.benchmarks import lesson_memory

    page = lesson_memory.PAGE.read_text(encoding="utf-8")
    measured = lesson_memory.read(lesson_memory.RESULTS / "lesson_memory.json")
    assert lesson_memory.with_table(page, lesson_memory.markdown(measured)) == page


# --- the wheel ----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wheel_holds_the_library_the_data_and_the_licenses(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*build, "--directory", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [metadata_name] = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(metadata_name).decode()
    committed = [path.relative_to(ROOT).as_posix() for path in committed_files()]
    data = {f"course_lib/{name}" for name in committed if name.startswith("data/")}
    assert data
    assert data <= names
    assert {name for name in committed if name.startswith("course_lib/")} <= names
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {
        "LICENSE",
        "LICENSE-prose",
    }
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    unconditional = [line for line in required if "extra ==" not in line]
    assert len(unconditional) == len(PYPROJECT["project"]["dependencies"])
    assert not any("tensorflow" in line for line in unconditional)
    assert {"cpu", "gpu"} <= set(
        re.findall(r"^Provides-Extra: (.*)$", metadata, flags=re.MULTILINE)
    )


# --- importing, and the closed network ----------------------------------------------------


def answer_of(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_the_library_imports_nothing_that_takes_time():
    program = (
        "import sys; before = {*sys.modules}; import course_lib; print({*sys.modules} - before)"
    )
    loaded = {name.partition(".")[0] for name in ast.literal_eval(answer_of(program))}
    assert "course_lib" in loaded
    assert loaded - sys.stdlib_module_names <= {"course_lib", "lazy_loader"}


CONNECT = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("192.0.2.1", 9))
"""
LOOK_UP = """
import urllib.request
urllib.request.urlopen("http://course.invalid/weights.h5")
"""
AT_HOME = """
import os
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(("localhost", server.getsockname()[1]))
assert os.environ["COURSE_BUDGET"] == "quick"
"""


def write_notebook(path: Path, source: str, printed: str = "") -> None:
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    if printed:
        cell.outputs = [nbformat.v4.new_output("stream", text=printed)]
    kernel = {"name": "python3", "display_name": "Python 3"}
    made = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(made, path)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """Four small notebooks in a folder with the course's own configuration of pytest."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "conftest.py", folder)
    shutil.copytree(ROOT / "tests" / "offline", folder / "tests" / "offline")
    write_notebook(folder / "connects.ipynb", CONNECT)
    write_notebook(folder / "looks-up.ipynb", LOOK_UP)
    write_notebook(folder / "at-home.ipynb", AT_HOME)
    write_notebook(folder / "changed.ipynb", "print('new')", printed="old\n")
    return folder


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-rA", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def first_run(elsewhere) -> subprocess.CompletedProcess:
    notebooks = ("connects.ipynb", "looks-up.ipynb", "at-home.ipynb", "changed.ipynb")
    return run_pytest(elsewhere, *notebooks)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["connects", "looks-up"])
def test_a_notebook_that_reaches_for_the_network_fails(first_run, name):
    assert f"FAILED {name}.ipynb" in first_run.stdout
    assert first_run.stdout.count("lessons work offline") >= 2


@pytest.mark.slow
def test_a_notebook_may_talk_to_its_own_machine(first_run):
    assert "PASSED at-home.ipynb" in first_run.stdout


@pytest.mark.slow
def test_a_notebook_whose_output_changed_fails(first_run):
    assert "FAILED changed.ipynb" in first_run.stdout
    assert "Cell outputs differ" in first_run.stdout


@pytest.mark.slow
def test_the_seconds_of_each_lesson_are_shown(first_run):
    table = re.findall(r"^ +\d+\.\d  ([\w-]+)\.ipynb$", first_run.stdout, flags=re.MULTILINE)
    assert table == ["at-home", "changed", "connects", "looks-up"]


@pytest.mark.slow
def test_a_lesson_over_its_limit_fails_when_a_limit_is_asked_for(elsewhere):
    run = run_pytest(elsewhere, "--lesson-limit", "0.001", "at-home.ipynb")
    assert "1 passed" in run.stdout
    assert "over the limit" in run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["TCP", "UDP"])
@pytest.mark.parametrize("way", ["connect", "connect_ex", "sendto"])
def test_this_process_cannot_reach_an_address_outside(kind, way):
    outside = ("192.0.2.1", 80)
    with socket.socket(socket.AF_INET, kind) as reaching:
        reaching.settimeout(0.1)
        arguments = (b"hello", outside) if way == "sendto" else (outside,)
        with pytest.raises(ConnectionRefusedError, match="lessons work offline"):
            getattr(reaching, way)(*arguments)


@pytest.mark.parametrize(
    "look_up", [socket.gethostbyname, lambda name: socket.getaddrinfo(name, 80)]
)
def test_this_process_cannot_look_up_a_name_outside(look_up):
    with pytest.raises(OSError, match="lessons work offline"):
        look_up("course.invalid")
    assert look_up("localhost")
    assert look_up("127.0.0.1")
