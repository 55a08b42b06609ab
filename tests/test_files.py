"""The one atomic write, and the one rule for files that are there already."""

import os

import pytest

from course_lib import files
from course_lib.errors import CourseError, FileError


def test_a_file_is_written_once_and_replaced_only_on_request(tmp_path):
    path = files.write_file(tmp_path / "a.txt", b"one")
    with pytest.raises(FileError, match=r"a.txt: is there already.*overwrite=True \(--overwrite\)"):
        files.write_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert files.write_file(path, b"two", overwrite=True).read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_refusal_is_an_error_of_the_course_and_of_the_system(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(CourseError) as caught:
        files.check_target(tmp_path / "empty")
    assert isinstance(caught.value, OSError)


def test_a_link_to_nowhere_is_a_name_that_is_taken(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileError, match="there already"):
        files.check_target(tmp_path / "link")


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_can_never_be_written(tmp_path, overwrite):
    for path, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "absent" / "a.txt", "there is no folder"),
        (None, "not a path"),
        (tmp_path / ("x" * 400), "cannot be written"),
    ]:
        with pytest.raises(FileError, match=words):
            files.write_file(path, b"", overwrite=overwrite)
    assert os.listdir(tmp_path) == []


def test_a_folder_takes_the_place_of_another_only_when_it_is_whole(tmp_path):
    target = tmp_path / "pages"
    for text in ("one", "two"):
        with files.replacing(target) as part:
            part.mkdir()
            (part / f"{text}.html").write_text(text)
    assert os.listdir(target) == ["two.html"]
    with pytest.raises(ZeroDivisionError), files.replacing(target) as part:
        part.mkdir()
        (part / "half").touch()
        raise ZeroDivisionError
    assert os.listdir(target) == ["two.html"]
    assert os.listdir(tmp_path) == ["pages"]


def test_the_old_folder_comes_back_when_the_new_one_cannot_take_its_place(tmp_path):
    target = tmp_path / "pages"
    target.mkdir()
    (target / "old.html").touch()
    with pytest.raises(FileNotFoundError), files.replacing(target):
        pass  # nothing is made, so nothing can take the place
    assert os.listdir(target) == ["old.html"]
    assert os.listdir(tmp_path) == ["pages"]


def test_a_folder_of_the_same_kind_is_replaced_on_request_and_no_other_ever(tmp_path):
    names = ("index.html", "images")
    assert files.check_folder(tmp_path / "new", names) == tmp_path / "new"
    assert files.check_folder(tmp_path, names) == tmp_path, "an empty folder"
    (tmp_path / "index.html").touch()
    for overwrite in (False, True):
        with pytest.raises(FileError, match="holds other files"):
            files.check_folder(tmp_path, names, overwrite=overwrite)
    (tmp_path / "images").mkdir()
    with pytest.raises(FileError, match="--overwrite"):
        files.check_folder(tmp_path, names)
    assert files.check_folder(tmp_path, names, overwrite=True) == tmp_path
    with pytest.raises(FileError, match="not a folder"):
        files.check_folder(tmp_path / "index.html", names, overwrite=True)


def test_a_button_finds_a_name_that_is_free(tmp_path):
    path = tmp_path / "stylized.png"
    for expected in ("stylized.png", "stylized-2.png", "stylized-3.png"):
        free = files.free_name(path)
        assert free.name == expected
        free.touch()
