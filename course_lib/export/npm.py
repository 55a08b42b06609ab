"""What comes from npm: the versions that a package.json names, fetched once."""

import json
import shutil
import subprocess
from pathlib import Path

from course_lib.errors import BuildError


def node_packages(folder: Path) -> Path:
    """The folder node_modules with the versions that a package.json names; npm fetches it once.

    Args:
        folder: where the package.json lies.

    Returns:
        The folder node_modules in it.

    Raises:
        BuildError: npm is not installed, or could not fetch the packages.
    """
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    versions = wanted["dependencies"] | wanted.get("devDependencies", {})
    modules = folder / "node_modules"
    if _are_there(modules, versions):
        return modules
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError(
            f"npm is not installed. {wanted['description']} Install Node.js (on Debian: apt-get "
            "install npm) and try again."
        )
    quietly = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
    answer = subprocess.run(
        [npm, "install", *quietly], cwd=folder, capture_output=True, text=True, check=False
    )
    if answer.returncode or not _are_there(modules, versions):
        said = "\n".join(answer.stderr.strip().splitlines()[-5:])
        raise BuildError(f"npm could not fetch what {folder / 'package.json'} names:\n{said}")
    return modules


def _are_there(modules: Path, versions: dict[str, str]) -> bool:
    """Whether node_modules holds all packages in these versions."""
    try:
        found = {
            name: json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
            for name in versions
        }
    except OSError:
        return False
    return all(found[name]["version"] == version for name, version in versions.items())
