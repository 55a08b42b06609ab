"""Colab: every lesson alone in an empty folder, on Colab's versions, none of which it may change.

The lessons run where COURSE_WHEELS names a folder with the wheels that a runtime would fetch (PyAV,
soundfile, and what builds the course); `.ci/run` makes it, with the versions of
requirements/colab.txt.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from course_lib import doctor
from tests.helpers.checkout import ROOT, committed_files

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY = PYPROJECT["tool"]["course"]["repository"]
COLAB = {
    "ipykernel": "6.17",
    "ipython": "7.34",
    "ipywidgets": "7.7.1",
    "keras": "3.13.2",
    "numpy": "2.1.3",
    "tensorflow-cpu": "2.20",
}
FETCHED = {"av", "soundfile"}
WHEELS = os.environ.get("COURSE_WHEELS")


def pinned() -> dict[str, Version]:
    lines = (ROOT / "requirements" / "colab.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {name: Version(version) for name, _, version in pins}


# --- what is written down ---------------------------------------------------------------------


def test_the_list_has_the_versions_of_colab():
    found = {name: str(version) for name, version in pinned().items()}
    for name, version in COLAB.items():
        assert f"{found[name]}.".startswith(f"{version}."), name


def test_every_package_of_the_course_is_in_the_list_or_missing_on_purpose():
    versions = pinned()
    for line in PYPROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        if requirement.name in FETCHED:
            assert requirement.name not in versions
        else:
            assert requirement.specifier.contains(versions[requirement.name]), requirement.name


def test_badges_and_first_cells_name_the_repository_of_the_one_setting():
    owner_and_name = REPOSITORY.removeprefix("https://github.com/")
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        opening, setup = ("".join(cell["source"]) for cell in cells[:2])
        links = re.findall(r"colab\.research\.google\.com/([^)]+)", opening)
        assert links == [f"github/{owner_and_name}/blob/main/notebooks/{path.name}"]
        assert re.findall(r'"git\+([^"]+)"', setup) == [REPOSITORY]


# --- what the first cell asks the library --------------------------------------------------------


@pytest.fixture
def there(monkeypatch):
    """The course's packages as the machine is said to have them; a test takes some away."""
    needed = PYPROJECT["project"]["dependencies"]
    versions = {Requirement(line).name: "99" for line in needed}

    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    in_the_wheel = [*needed, 'torch>=2.6; extra == "torch"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: in_the_wheel)
    return versions


def test_what_the_machine_lacks_is_named_with_its_range(there):
    assert doctor.missing_packages() == []
    del there["av"]
    [missing] = doctor.missing_packages()
    [declared] = [line for line in PYPROJECT["project"]["dependencies"] if line.startswith("av")]
    assert Requirement(missing) == Requirement(declared)


def test_a_package_of_another_version_than_those_tested_stays(there):
    there["numpy"] = "1.0"
    assert doctor.missing_packages() == []


def test_a_checkout_that_is_not_installed_knows_what_it_needs(there, monkeypatch):
    def no_such_package(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", no_such_package)
    del there["soundfile"]
    assert [Requirement(one).name for one in doctor.missing_packages()] == ["soundfile"]


# --- every lesson, alone -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """The course's files as they are now, as a git repository with one commit."""
    folder = tmp_path_factory.mktemp("repository")
    for path in committed_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    author = ["-c", "user.name=course", "-c", "user.email=course@course.invalid"]
    for words in (["init"], ["add", "--all"], [*author, "commit", "--message", "as it is now"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def runtime(tmp_path_factory) -> Path:
    """An environment that sees all packages of this one; what is installed into it stays in it.

    Whichever lesson runs first fetches the course. The others find it there, each in an empty
    folder of its own; as the first cell is the same in all, any of them could be the first.
    """
    folder = tmp_path_factory.mktemp("runtime")
    venv.create(folder, symlinks=True)
    ours = sysconfig.get_path("purelib")
    (packages_of(folder) / "runtime.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    return folder


def packages_of(environment: Path) -> Path:
    """Where an environment keeps its packages."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))


def settings_of_the_runtime(ipython: Path, repository: Path) -> dict[str, str]:
    """The course comes from the repository here, packages from WHEELS, google.colab is loaded."""
    startup = ipython / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-colab.py").write_text("import google.colab\n")
    stand_in = str(ROOT / "tests" / "colab")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([stand_in, os.environ["PYTHONPATH"]]),
        "IPYTHONDIR": str(ipython),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY,
    }


@pytest.mark.slow
@pytest.mark.skipif(WHEELS is None, reason="COURSE_WHEELS is not set; `.ci/run` sets it")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_alone_fetches_the_course_and_leaves_the_runtime_as_it_is(
    notebook, repository, runtime, tmp_path
):
    content = tmp_path / "content"
    content.mkdir()
    shutil.copy(notebook, content)
    nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"]
    command = [runtime / "bin" / "python", "-m", "pytest", *nbval, "--exitfirst", notebook.name]
    settings = settings_of_the_runtime(tmp_path / "ipython", repository)
    run = subprocess.run(command, cwd=content, env=settings, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    installed = importlib.metadata.distributions(path=[str(packages_of(runtime))])
    assert {canonicalize_name(one.name) for one in installed} == {"course-lib", *FETCHED}
