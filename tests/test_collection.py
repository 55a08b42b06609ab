"""What comes with the course: all there, all as the manifest says, and never downloaded."""

import os
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from course_lib import collection, images
from course_lib.errors import CollectionError
from tests.helpers.checkout import ROOT

REAL = collection.names()
TEXTS = {"title": "A", "author": "B", "license": "CC BY 4.0", "made": "By hand."}


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A small course: two photographs, one style image, one file of weights; their folder."""
    folder = tmp_path / "data"
    photographs = tmp_path / "skimage" / "data"
    for path in (folder / "styles", folder / "weights", photographs):
        path.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for name in ("cat", "dog"):
        images.save_image(generator.random((12, 16, 3)), photographs / f"{name}.png")
    images.save_image(generator.random((20, 20, 3)), folder / "styles" / "waves.png")
    (folder / "weights" / "model.npz").write_bytes(b"numbers")
    (folder / collection.MANIFEST).touch()
    monkeypatch.setattr(collection, "_DATA_FOLDERS", (tmp_path / "wheel" / "data", folder))
    monkeypatch.setattr(collection, "_scikit_image_folder", lambda: photographs)
    collection.write_manifest(
        {
            "cat": TEXTS | {"file": "cat.png"},
            "dog": TEXTS | {"file": "dog.png"},
            "styles/waves.png": TEXTS | {"title": "Waves"},
            "weights/model.npz": TEXTS | {"steps": 3000},
        }
    )
    return folder


def damage(path: Path) -> None:
    """Changes one byte, and the time at which the file was changed."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def python(program: str, *arguments: object, **environment: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


# ---- what comes with the course ---------------------------------------------------------------


def test_everything_is_there_and_undamaged():
    assert collection.verify() == []


def test_the_manifest_lists_every_file_below_data():
    manifest = tomllib.loads((ROOT / "data" / collection.MANIFEST).read_text(encoding="utf-8"))
    on_disk = [
        path.relative_to(ROOT / "data").as_posix()
        for path in (ROOT / "data").rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != collection.MANIFEST
    ]
    assert sorted(manifest.get("files", {})) == sorted(on_disk)


def test_the_manifest_is_what_write_manifest_writes(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.setattr(collection, "_DATA_FOLDERS", (tmp_path / "wheel", tmp_path / "data"))
    path = collection.write_manifest()
    assert path == tmp_path / "data" / collection.MANIFEST
    assert path.read_bytes() == (ROOT / "data" / collection.MANIFEST).read_bytes()


def test_the_photographs_that_lessons_use_are_among_the_names():
    assert {"astronaut", "chelsea", "coffee", "rocket"} <= set(REAL["photographs"])
    assert not set(REAL["photographs"]) & set(REAL["styles"])


@pytest.mark.parametrize("name", REAL["photographs"] + REAL["styles"])
def test_each_image_has_pixels_an_author_and_a_license(name):
    image = collection.thumbnail(name, size=64)
    assert max(image.shape[:2]) == 64
    assert image.dtype == np.float32
    assert image.std() > 0.02, "one flat color is no image"
    facts = collection.info(name)
    assert facts["name"] == name
    for field in ("kind", "file", "sha256", *collection.TEXT_FIELDS):
        assert facts[field]


def test_photographs_are_those_of_scikit_image_and_need_no_download(tmp_path):
    """Sockets closed, the folder where scikit-image keeps downloads empty."""
    program = """
import socket, sys
class NoSocket:
    def __init__(self, *arguments, **options):
        raise AssertionError("something reached for the network")
socket.socket = NoSocket
import numpy as np, skimage.data
from course_lib import collection, images
for name in sys.argv[1:]:
    theirs = getattr(skimage.data, name)()
    ours = images.to_uint8(collection.photograph(name))
    if theirs.ndim == 2:
        theirs = np.repeat(theirs[..., np.newaxis], 3, axis=-1)
    assert ours.shape == theirs.shape, name
    # The file of the rocket is in Adobe RGB; scikit-image does not convert its colors.
    assert abs(ours.astype(int) - theirs).mean() <= (8 if name == "rocket" else 0), name
    print(name)
"""
    output = python(
        program,
        *REAL["photographs"],
        SKIMAGE_DATADIR=str(tmp_path),
        HOME=str(tmp_path),
        XDG_CACHE_HOME=str(tmp_path),
    )
    assert output.split() == REAL["photographs"]
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".png", ".jpg")] == []


def test_photographs_open_no_socket(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the collection reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    collection._pixels.cache_clear()
    collection._sha256_of_file.cache_clear()
    assert collection.photograph("chelsea").shape == (300, 451, 3)


def test_the_room_loads_neither_scikit_image_nor_a_framework():
    program = (
        "import sys; from course_lib import collection; collection.photograph('coffee', size=32);"
        "print(sorted({'skimage', 'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    )
    assert python(program).strip() == "[]"


def test_an_installed_course_needs_no_checkout(tmp_path):
    """As in a wheel: `data` inside the package, another current directory."""
    package = tmp_path / "site" / "course_lib"
    package.mkdir(parents=True)
    modules = ("messages", "errors", "checks", "files", "collection")
    for name in ("__init__.py", "__init__.pyi", *(f"{module}.py" for module in modules)):
        shutil.copy(ROOT / "course_lib" / name, package)
    shutil.copytree(ROOT / "course_lib" / "images", package / "images")
    shutil.copytree(ROOT / "data", package / "data")
    program = """
import os, sys
os.chdir(sys.argv[2])
sys.path.insert(0, sys.argv[1])
from course_lib import collection
assert collection.data_path("styles").is_relative_to(sys.argv[1]), collection.data_path("styles")
print(collection.verify(), collection.photograph("rocket", size=40).shape)
"""
    output = python(program, tmp_path / "site", tmp_path)
    assert output.strip() == "[] (27, 40, 3)"


# ---- images by name -------------------------------------------------------------------------


def test_names_are_in_the_order_of_the_manifest(course):
    assert collection.names() == {"photographs": ["cat", "dog"], "styles": ["waves"]}


def test_sizes(course):
    assert collection.photograph("cat").shape == (12, 16, 3)
    assert collection.photograph("cat", size=8).shape == (6, 8, 3)
    assert collection.style_image("waves", size=(7, 9)).shape == (7, 9, 3)
    assert collection.thumbnail("cat", size=4).shape == (3, 4, 3)
    assert collection.thumbnail("waves").shape == (96, 96, 3)
    with pytest.raises(images.ImageError, match="is not a size"):
        collection.photograph("cat", size=0)


@pytest.mark.parametrize(("read", "name"), [("photograph", "cat"), ("style_image", "waves")])
def test_writing_into_an_image_does_not_change_the_next_one(read, name, course):
    image = getattr(collection, read)(name)
    before = image.copy()
    image[:] = 0
    np.testing.assert_array_equal(getattr(collection, read)(name), before)
    assert before.max() > 0.5


def test_info_is_a_copy(course):
    collection.write_manifest({"styles/waves.png": {"colors": [1, 2]}})
    collection.info("waves")["colors"].append(3)
    assert collection.info("waves")["colors"] == [1, 2]


def test_info_of_all_kinds(course):
    assert collection.info("cat")["kind"] == "photograph"
    assert collection.info("waves") == collection.info("styles/waves.png")
    assert collection.info("waves")["kind"] == "styles"
    assert collection.info("waves")["title"] == "Waves"
    weights = collection.info("weights/model.npz")
    assert (weights["name"], weights["kind"], weights["steps"]) == ("model", "weights", 3000)


def test_unknown_names_are_answered_with_the_known_ones(course):
    for ask, words in [
        (lambda: collection.photograph("cta"), "no such photograph. Did you mean 'cat'"),
        (lambda: collection.photograph("tree"), "There are: cat, dog"),
        (lambda: collection.photograph("waves"), "It is a style image: use style_image"),
        (lambda: collection.style_image("cat"), "It is a photograph: use photograph"),
        (lambda: collection.style_image("wave"), "Did you mean 'waves'"),
        (lambda: collection.thumbnail("dgo"), "Did you mean 'dog'"),
        (lambda: collection.info("model.npz"), "Did you mean 'weights/model.npz'"),
        (lambda: collection.verified_path("weights/other.npz"), "no such file"),
    ]:
        with pytest.raises(CollectionError, match=words):
            ask()


# ---- files ------------------------------------------------------------------------------------


def test_paths_stay_below_data(course):
    assert collection.data_path("styles/new.png") == course / "styles" / "new.png"
    assert collection.data_path() == course
    for path in ("../secret", "/etc/passwd", "styles/../../x", "C:/x", "styles\\x.png"):
        with pytest.raises(CollectionError, match="leads out of"):
            collection.data_path(path)


def test_a_verified_path(course):
    assert collection.verified_path("weights/model.npz") == course / "weights" / "model.npz"


@pytest.mark.parametrize("name", ["styles/waves.png", "weights/model.npz"])
def test_a_damaged_file_is_named_with_the_remedy(name, course):
    collection.verified_path(name)
    damage(course / name)
    with pytest.raises(CollectionError) as caught:
        collection.verified_path(name)
    message = str(caught.value)
    assert message.startswith(f"{course / name}: the file is damaged")
    assert f"git checkout -- {course / name}" in message
    assert collection.verify() == [message]


def test_a_damaged_style_image_is_refused_even_if_it_was_used_before(course):
    collection.style_image("waves")
    damage(course / "styles" / "waves.png")
    with pytest.raises(CollectionError, match=r"waves.png: the file is damaged"):
        collection.style_image("waves")


def test_a_missing_file_is_named_with_the_remedy(course):
    (course / "styles" / "waves.png").unlink()
    with pytest.raises(CollectionError, match=r"waves.png: there is no such file.*git checkout"):
        collection.style_image("waves")
    assert len(collection.verify()) == 1


def test_an_installed_course_is_mended_by_installing_it_again(course, monkeypatch):
    monkeypatch.setattr(collection, "_DATA_FOLDERS", (course, course / "none"))
    damage(course / "weights" / "model.npz")
    with pytest.raises(CollectionError, match="pip install --force-reinstall --no-deps course_lib"):
        collection.verified_path("weights/model.npz")


def test_each_file_is_checked_once(course):
    collection._sha256_of_file.cache_clear()
    for _ in range(3):
        collection.style_image("waves")
        collection.photograph("cat")
    assert collection._sha256_of_file.cache_info().misses == 2


def test_a_file_that_cannot_be_read(course, monkeypatch):
    def refuse(path):
        raise PermissionError("not yours")

    collection._sha256_of_file.cache_clear()
    collection.names()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(CollectionError, match=r"model.npz: cannot be read \(not yours\)"):
        collection.verified_path("weights/model.npz")


def test_without_a_manifest(course):
    (course / collection.MANIFEST).unlink()
    with pytest.raises(CollectionError, match=r"data is not there: no manifest.toml in .*install"):
        collection.names()
    assert len(collection.verify()) == 1


@pytest.mark.parametrize(
    "content", [b"[files", b"\xff\xfe", b"files = 3", b"[files]\n'styles/a.png' = 'text'"]
)
def test_a_damaged_manifest(content, course):
    (course / collection.MANIFEST).write_bytes(content)
    with pytest.raises(CollectionError, match=r"manifest.toml: the file is damaged"):
        collection.names()
    assert len(collection.verify()) == 1


def test_verify_reports_all_problems_at_once(course):
    damage(course / "weights" / "model.npz")
    (course / "styles" / "waves.png").unlink()
    damage(collection._scikit_image_folder() / "cat.png")
    path = course / collection.MANIFEST
    path.write_text(path.read_text().replace('author = "B"', 'author = ""', 1))
    problems = collection.verify()
    assert len(problems) == 4
    for words in ("model.npz", "waves.png", "cat.png", "cat: the manifest does not say its author"):
        assert any(words in problem for problem in problems)


# ---- photographs in scikit-image's folder -----------------------------------------------------


def test_a_photograph_that_is_missing_or_another(course):
    folder = collection._scikit_image_folder()
    (folder / "cat.png").unlink()
    with pytest.raises(CollectionError, match=r"cat.png: there is no such file.*scikit-image"):
        collection.photograph("cat")
    shutil.copy(folder / "dog.png", folder / "cat.png")
    with pytest.raises(
        CollectionError, match=r"cat.png: this is not the photograph 'cat'.*install"
    ):
        collection.photograph("cat")
    (folder / "cat.png").write_text("a text")
    with pytest.raises(CollectionError, match=r"cat.png: this is not the photograph 'cat'"):
        collection.photograph("cat")


def test_the_same_photograph_in_another_file_is_accepted(course):
    path = collection._scikit_image_folder() / "cat.png"
    image = collection.photograph("cat")
    path.write_bytes(images.to_bytes(image, format="bmp"))
    np.testing.assert_array_equal(collection.photograph("cat"), image)


def test_without_scikit_image(monkeypatch):
    monkeypatch.setattr(collection.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CollectionError, match="pip install scikit-image"):
        collection.photograph("chelsea")


# ---- writing the manifest ---------------------------------------------------------------------


def test_writing_again_changes_nothing(course):
    before = (course / collection.MANIFEST).read_bytes()
    collection.write_manifest()
    assert (course / collection.MANIFEST).read_bytes() == before


def test_a_changed_file_gets_its_new_sha256_and_keeps_its_texts(course):
    old = collection.info("waves")
    images.save_image(np.zeros((8, 8, 3)), course / "styles" / "waves.png", overwrite=True)
    collection.write_manifest()
    new = collection.info("waves")
    assert new["sha256"] != old["sha256"]
    assert {**new, "sha256": old["sha256"]} == old
    assert collection.style_image("waves").max() == 0


def test_a_new_file_needs_a_description(course):
    images.save_image(np.zeros((8, 8, 3)), course / "styles" / "night.png")
    before = (course / collection.MANIFEST).read_bytes()
    with pytest.raises(CollectionError, match=r"night.png: .* title, author, license, made"):
        collection.write_manifest({"styles/night.png": {}})
    assert (course / collection.MANIFEST).read_bytes() == before
    texts = TEXTS | {"title": 'Nächte "über"\nParis \\ \t ∑ 🌊'}
    collection.write_manifest({"styles/night.png": texts})
    assert collection.names()["styles"] == ["night", "waves"]
    assert collection.info("night")["title"] == texts["title"]


def test_a_file_that_is_gone_loses_its_entry(course):
    (course / "weights" / "model.npz").unlink()
    collection.write_manifest()
    assert collection.verify() == []
    with pytest.raises(CollectionError):
        collection.info("weights/model.npz")


def test_hidden_files_are_left_alone(course):
    (course / "styles" / ".DS_Store").write_bytes(b"x")
    collection.write_manifest()
    assert collection.verify() == []


def test_a_photograph_keeps_its_sha256(course):
    damage(collection._scikit_image_folder() / "cat.png")
    collection.write_manifest({"cat": {"title": "Another cat"}})
    assert collection.info("cat")["title"] == "Another cat"
    with pytest.raises(CollectionError, match="not the photograph"):
        collection.photograph("cat")


def test_descriptions_that_do_not_fit(course):
    before = (course / collection.MANIFEST).read_bytes()
    for descriptions, words in [
        ({"styles/absent.png": TEXTS}, "styles/absent.png: described, but not below"),
        ({"cat": {"license": ""}}, "cat: the manifest does not say its license"),
        ({"cat": {"notes": {"a": 1}}}, "cannot"),
        ({"cat": {"two words": "a"}}, "cannot"),
        ({"cat": {"nothing": None}}, "cannot"),
        ({"cat": {"path": course}}, "cannot"),
    ]:
        with pytest.raises(CollectionError, match=words):
            collection.write_manifest(descriptions)
    images.save_image(np.zeros((8, 8, 3)), course / "styles" / "dog.png")
    with pytest.raises(CollectionError, match="dog: two images have this name"):
        collection.write_manifest({"styles/dog.png": TEXTS})
    assert (course / collection.MANIFEST).read_bytes() == before
