"""Where the course is on the web: written once, in pyproject.toml, and the same everywhere."""

import re
import tomllib

import pytest
import yaml

from course_lib.errors import BuildError
from tests.helpers.checkout import ROOT
from workshop.lessons import lessons
from workshop.lessons.sources import convert, repository_url
from workshop.site.links import (
    BEGIN,
    END,
    binder_address,
    page_url,
    readme_links,
    with_links,
)


def test_the_readme_has_the_links_that_the_command_writes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_links(readme, readme_links()) == readme, "run python -m workshop.site"


def test_every_lesson_has_both_links_and_every_notebook_is_there():
    named = re.findall(r"/(?:notebooks|student)/(\d\d-[\w-]+\.ipynb)\)", readme_links())
    counts = {lesson.notebook.name: named.count(lesson.notebook.name) for lesson in lessons(ROOT)}
    first, *others = counts.values()
    assert (first, set(others)) == (4, {2})
    assert set(named) == set(counts)


def test_the_badges_are_there_and_nobody_elses():
    links = readme_links()
    badges = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", links)
    assert len(badges) == 5
    assert all((ROOT / badge).is_file() for badge in badges)


def test_all_addresses_come_from_the_settings(tmp_path):
    settings = (
        '[tool.course]\nrepository = "https://github.com/o/n.git"\npages = "https://p.org/n/"'
    )
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "lessons").mkdir()
    lesson = lessons(ROOT)[0]
    (tmp_path / "lessons" / lesson.source.name).write_text(lesson.source.read_text())
    links = readme_links(tmp_path)
    assert "(https://p.org/n/index.html)" in links
    assert "(https://mybinder.org/v2/gh/o/n/HEAD?" in links
    assert "/github/o/n/blob/main/notebooks/00-" in links
    assert repository_url(ROOT) not in links


def test_the_notebook_and_the_readme_open_colab_at_the_same_place():
    lesson = lessons(ROOT)[3]
    own = re.search(r"\]\((https://colab[^)]+)\)", convert(lesson).cells[0].source)[1]
    assert f"({own})" in readme_links()


def test_without_the_setting_it_says_what_to_write(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.course]\n")
    with pytest.raises(BuildError, match='pages = "https://owner'):
        page_url(tmp_path)


@pytest.mark.parametrize("readme", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN}{END}{BEGIN}{END} x"])
def test_a_readme_without_its_marks_is_refused(readme):
    with pytest.raises(BuildError, match="README.md needs one line"):
        with_links(readme, "x")


def test_binder_opens_the_notebook():
    address = binder_address("https://github.com/o/n", "01-a.ipynb")
    assert address.endswith("/gh/o/n/HEAD?urlpath=lab/tree/student/01-a.ipynb")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count(binder_address(repository_url(ROOT), "00-start-here.ipynb")) == 2


def test_the_workflow_builds_what_the_command_builds_and_may_publish():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    commands = [step["run"] for step in build["steps"] if "run" in step]
    [command] = [one for one in commands if " course site " in one]
    uploaded = next(step for step in build["steps"] if "upload-pages" in step.get("uses", ""))
    assert command.endswith(f"--out {uploaded['with']['path']}")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for extra in re.findall(r"--extra (\w+)", command):
        assert extra in groups["project"]["optional-dependencies"]
    for group in re.findall(r"--group (\w+)", command):
        assert group in groups["dependency-groups"]
    assert workflow["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    assert publish["needs"] == "build"
