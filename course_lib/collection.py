"""The images and weights that come with the course, each checked before it is used.

Style images and trained weights lie in the folder `data`. The photographs are those that come
inside scikit-image's package; they are read from its folder, so nothing is ever downloaded.
`data/manifest.toml` says of each who made it, how, under which license, and which sha256 it has: a
fingerprint that changes with any single byte.
"""

import copy
import difflib
import hashlib
import importlib.util
import json
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from course_lib import images
from course_lib.errors import CollectionError
from course_lib.files import write_atomically

MANIFEST = "manifest.toml"
TEXT_FIELDS = ("title", "author", "license", "made")
"""What the manifest says in words about every file and photograph."""

_PACKAGE = Path(__file__).resolve().parent
# In a wheel `data` travels inside the package; in a checkout it lies beside it.
_DATA_FOLDERS = (_PACKAGE / "data", _PACKAGE.parent / "data")
_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_HEADER = """\
# What comes with the course: who made it, how, under which license, and its sha256.
# Texts are edited here; after a change below data/ run course_lib.collection.write_manifest().
"""


# ---- images ---------------------------------------------------------------------------------


def names() -> dict[str, list[str]]:
    """What can be asked for by name.

    Returns:
        {"photographs": [...], "styles": [...]}, each in the order of the manifest.

    Raises:
        CollectionError: the manifest is missing or damaged.
    """
    return {
        "photographs": list(_manifest()["photographs"]),
        "styles": [PurePosixPath(relative).stem for relative in _style_files()],
    }


def photograph(name: str, *, size: int | tuple[int, int] | None = None) -> np.ndarray:
    """A photograph from scikit-image's package.

    Args:
        name: one of `names()["photographs"]`.
        size: None, the longer side, or (height, width), as in `images.resize`.

    Returns:
        A new image (height, width, 3), float32 in [0, 1].

    Raises:
        CollectionError: no such photograph, or scikit-image's file is missing or changed.
    """
    entry = _photograph_entry(name)
    state = _state(_scikit_image_folder() / entry["file"], _reinstall("scikit-image"))
    _check_photograph(name, entry, state)
    return _sized(_pixels(*state), size)


def style_image(name: str, *, size: int | tuple[int, int] | None = None) -> np.ndarray:
    """A style image painted for this course.

    Args:
        name: one of `names()["styles"]`.
        size: None, the longer side, or (height, width), as in `images.resize`.

    Returns:
        A new image (height, width, 3), float32 in [0, 1].

    Raises:
        CollectionError: no such style image, or its file is missing or damaged.
    """
    path = verified_path(_style_file(name))
    return _sized(_pixels(*_state(path, _restore(path))), size)


def thumbnail(name: str, *, size: int = 96) -> np.ndarray:
    """A small copy of a photograph or a style image, for choosing between them.

    Args:
        name: a name in `names()`.
        size: the longer side.

    Returns:
        A new image, float32 in [0, 1].

    Raises:
        CollectionError: no such name, or its file is missing or damaged.
    """
    known = names()
    _check_name(name)
    if name in known["photographs"]:
        return photograph(name, size=size)
    if name in known["styles"]:
        return style_image(name, size=size)
    raise _unknown("image", name, known["photographs"] + known["styles"])


def info(name: str) -> dict[str, Any]:
    """What the manifest says about an image or a file.

    Args:
        name: a name in `names()`, or a path below `data`, such as "weights/autoencoder.npz".

    Returns:
        A new dictionary with name, kind ("photograph", or the folder of the file: "styles",
        "weights"), file, title, author, license, made (how it was made) and sha256; for a
        photograph also page (where it comes from) and pixels_sha256; and whatever else is noted.

    Raises:
        CollectionError: nothing has this name.
    """
    manifest = _manifest()
    _check_name(name)
    if name in manifest["photographs"]:
        entry = copy.deepcopy(manifest["photographs"][name])
        return {"name": name, "kind": "photograph", **entry}
    by_stem = {PurePosixPath(relative).stem: relative for relative in _style_files()}
    relative = by_stem.get(name, name)
    if relative in manifest["files"]:
        path = PurePosixPath(relative)
        entry = copy.deepcopy(manifest["files"][relative])
        return {"name": path.stem, "kind": path.parts[0], "file": relative, **entry}
    known = [*manifest["photographs"], *by_stem, *manifest["files"]]
    raise _unknown("image or file", name, known)


def _sized(pixels: np.ndarray, size: int | tuple[int, int] | None) -> np.ndarray:
    """Kept uint8 pixels -> an image that the reader may write into."""
    image = images.load_image(pixels)
    return image if size is None else images.resize(image, size)


def _style_files() -> list[str]:
    return [
        relative
        for relative in _manifest()["files"]
        if relative.startswith("styles/") and relative.endswith(_IMAGE_SUFFIXES)
    ]


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise CollectionError(
            f"{type(name).__name__} is no name. Give a text; names() lists those there are."
        )


def _style_file(name: str) -> str:
    _check_name(name)
    by_stem = {PurePosixPath(relative).stem: relative for relative in _style_files()}
    if name not in by_stem:
        hint = " It is a photograph: use photograph." if name in names()["photographs"] else ""
        raise _unknown("style image", name, list(by_stem), hint)
    return by_stem[name]


def _photograph_entry(name: str) -> dict[str, Any]:
    _check_name(name)
    photographs = _manifest()["photographs"]
    if name not in photographs:
        hint = " It is a style image: use style_image." if name in names()["styles"] else ""
        raise _unknown("photograph", name, list(photographs), hint)
    return photographs[name]


def _unknown(what: str, name: str, known: list[str], hint: str = "") -> CollectionError:
    similar = difflib.get_close_matches(str(name), known, n=1)
    if similar:
        hint = f" Did you mean {similar[0]!r}?"
    return CollectionError(
        f"{name!r}: there is no such {what}.{hint} There are: {', '.join(known)}."
    )


# ---- files ------------------------------------------------------------------------------------


def data_path(relative: str = "") -> Path:
    """Where a file of the course lies, in a checkout or in an installed package.

    Args:
        relative: path below `data`, with forward slashes. The file need not exist.

    Returns:
        The path.

    Raises:
        CollectionError: there is no folder `data`, or the path leads out of it.
    """
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or "\\" in str(relative) or ":" in str(relative):
        raise CollectionError(
            f"{relative}: this leads out of the course's data. Give a path below it, such as "
            "'styles/NAME.png'."
        )
    for folder in _DATA_FOLDERS:
        if (folder / MANIFEST).is_file():
            return folder / path
    raise CollectionError(
        f"The course's data is not there: no {MANIFEST} in {' or '.join(map(str, _DATA_FOLDERS))}. "
        "In a checkout run: git checkout -- data. Otherwise " + _reinstall("course_lib")
    )


def verified_path(relative: str) -> Path:
    """The path of a file of the course, after its sha256 was compared with the manifest.

    The comparison is made once per process, and again only when the file has changed since.

    Args:
        relative: path below `data`, such as "weights/autoencoder.npz".

    Returns:
        The path of the undamaged file.

    Raises:
        CollectionError: the manifest does not list the file, or it is missing or damaged.
    """
    _check_name(relative)
    files = _manifest()["files"]
    if relative not in files:
        raise _unknown("file in the course's data", relative, list(files))
    path = data_path(relative)
    actual = _sha256_of_file(*_state(path, _restore(path)))
    expected = files[relative].get("sha256")
    if actual != expected:
        raise CollectionError(
            f"{path}: the file is damaged: its sha256 is {actual[:12]}..., the manifest says "
            f"{str(expected)[:12]}... {_restore(path)}"
        )
    return path


def verify() -> list[str]:
    """Checks everything that comes with the course.

    Returns:
        One sentence per problem, with the file and the remedy. An empty list: all is well.
    """
    try:
        manifest = _manifest()
    except CollectionError as error:
        return [str(error)]
    problems = []
    for relative, entry in manifest["files"].items():
        problems += _missing_fields(relative, entry) + _problem(verified_path, relative)
    for name, entry in manifest["photographs"].items():
        problems += _missing_fields(name, entry) + _problem(photograph, name)
    return problems


def _problem(check: Any, name: str) -> list[str]:
    try:
        check(name)
    except CollectionError as error:
        return [str(error)]
    return []


def _missing_fields(name: str, entry: Mapping[str, Any]) -> list[str]:
    missing = [field for field in (*TEXT_FIELDS, "sha256") if not entry.get(field)]
    return [f"{name}: the manifest does not say its {', '.join(missing)}."] if missing else []


def _restore(path: Path) -> str:
    """The remedy for a file of our own."""
    if _DATA_FOLDERS[0] in path.parents:
        return _reinstall("course_lib")
    return f"Get it back with: git checkout -- {path}"


def _reinstall(package: str) -> str:
    return f"Install it again: python -m pip install --force-reinstall --no-deps {package}"


def _state(path: Path, remedy: str) -> tuple[Path, int, int]:
    """A path with what changes when the file does: the key under which results are kept."""
    try:
        status = path.stat()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise CollectionError(f"{path}: {reason}. {remedy}") from None
    return path, status.st_mtime_ns, status.st_size


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CollectionError(
            f"{path}: cannot be read ({error}). Check your right to read it."
        ) from None


@cache
def _sha256_of_file(path: Path, modified: int, length: int) -> str:
    return hashlib.sha256(_read(path)).hexdigest()


@lru_cache(maxsize=64)
def _pixels(path: Path, modified: int, length: int) -> np.ndarray:
    """Decoded pixels, kept as uint8 because that takes a quarter of the memory."""
    return images.to_uint8(images.load_image(path))


def _check_photograph(name: str, entry: Mapping[str, Any], state: tuple[Path, int, int]) -> None:
    """Makes sure that scikit-image's file holds the photograph that the manifest knows.

    Its bytes decide. Where scikit-image has stored the same image anew, its pixels do: decoders
    of JPEG may differ in a pixel's last bit, so the pixels alone would be too strict a test.
    """
    actual = _sha256_of_file(*state)
    if actual == entry.get("sha256"):
        return
    try:
        if _pixels_sha256(_pixels(*state)) == entry.get("pixels_sha256"):
            return
    except images.ImageError:
        # Not even an image: what follows says so with the name of the file.
        pass
    raise CollectionError(
        f"{state[0]}: this is not the photograph {name!r} that the course was made with: its "
        f"sha256 is {actual[:12]}..., the manifest says {str(entry.get('sha256'))[:12]}... "
        + _reinstall("scikit-image")
    )


def _pixels_sha256(pixels: np.ndarray) -> str:
    """Fingerprint of (height, width, 3) uint8 pixels, of their shape too."""
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def _scikit_image_folder() -> Path:
    """Where scikit-image keeps its images, found without importing it, which is slow."""
    specification = importlib.util.find_spec("skimage")
    if specification is None or not specification.submodule_search_locations:
        raise CollectionError(
            "scikit-image, whose photographs the course uses, is not installed. Install it: "
            "python -m pip install scikit-image"
        )
    return Path(specification.submodule_search_locations[0]) / "data"


# ---- the manifest -----------------------------------------------------------------------------


def _manifest() -> dict[str, dict[str, dict[str, Any]]]:
    path = data_path(MANIFEST)
    return _parsed_manifest(*_state(path, _restore(path)))


@lru_cache(maxsize=8)
def _parsed_manifest(path: Path, modified: int, length: int) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(_read(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CollectionError(f"{path}: the file is damaged ({error}). {_restore(path)}") from None
    tables = {kind: content.get(kind, {}) for kind in ("photographs", "files")}
    for kind, table in tables.items():
        if not isinstance(table, dict) or not all(isinstance(row, dict) for row in table.values()):
            raise CollectionError(
                f"{path}: the file is damaged ([{kind}] holds no tables). {_restore(path)}"
            )
    return tables


def write_manifest(descriptions: Mapping[str, Mapping[str, Any]] | None = None) -> Path:
    """Brings `data/manifest.toml` up to date with the files below `data`.

    A file's sha256 is computed anew; its texts stay as they are, except for those given here. Files
    that are gone lose their entry. Photographs are not ours to change: one keeps its sha256, unless
    it has none yet.

    Args:
        descriptions: {"styles/NAME.png": {"title": ..., "author": ..., "license": ..., "made": ...,
            and whatever else is worth noting: texts, numbers, lists of them}}. A photograph goes by
            its name, and also needs "file", its name in scikit-image's folder.

    Returns:
        The path of the manifest.

    Raises:
        CollectionError: a file has no title, author, license or made, here or in the manifest; a
            description fits no file; or two images have the same name. Nothing is written then.
    """
    given = dict(descriptions or {})
    old = _manifest()
    files = {}
    for relative in _files_on_disk():
        entry = {**old["files"].get(relative, {}), **given.pop(relative, {})}
        files[relative] = {
            **entry,
            "sha256": hashlib.sha256(_read(data_path(relative))).hexdigest(),
        }
    photographs = {
        name: {**entry, **given.pop(name, {})} for name, entry in old["photographs"].items()
    }
    photographs |= {name: dict(given.pop(name)) for name in list(given) if "file" in given[name]}
    if given:
        raise CollectionError(
            f"{', '.join(given)}: described, but not below {data_path()}. Put the file there first."
        )
    for name, entry in photographs.items():
        if "sha256" not in entry:
            photographs[name] = {**entry, **_fingerprints(_scikit_image_folder() / entry["file"])}
    _check_manifest(photographs, files)
    path = data_path(MANIFEST)
    write_atomically(path, _toml({"photographs": photographs, "files": files}))
    return path


def _files_on_disk() -> list[str]:
    """Every file below `data` but the manifest and hidden ones, as in the manifest, sorted."""
    folder = data_path()
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in found
        if path.as_posix() != MANIFEST and not any(part.startswith(".") for part in path.parts)
    )


def _fingerprints(path: Path) -> dict[str, str]:
    pixels = images.to_uint8(images.load_image(path))
    return {
        "sha256": hashlib.sha256(_read(path)).hexdigest(),
        "pixels_sha256": _pixels_sha256(pixels),
    }


def _check_manifest(photographs: Mapping[str, Any], files: Mapping[str, Any]) -> None:
    problems = []
    for name, entry in {**photographs, **files}.items():
        problems += _missing_fields(name, entry)
    if problems:
        raise CollectionError(" ".join(problems) + " Give it in descriptions.")
    styles = [PurePosixPath(relative).stem for relative in files if relative.startswith("styles/")]
    taken = [*photographs, *styles]
    twice = sorted({name for name in taken if taken.count(name) > 1})
    if twice:
        raise CollectionError(f"{', '.join(twice)}: two images have this name. Rename one file.")


def _toml(tables: dict[str, dict[str, dict[str, Any]]]) -> bytes:
    lines = [_HEADER]
    for kind, entries in tables.items():
        for name, entry in entries.items():
            lines.append(f"[{kind}.{_toml_text(name)}]")
            # Texts, numbers and lists of them are written in TOML as in JSON.
            lines += [f"{key} = {_toml_text(value)}" for key, value in entry.items()]
            lines.append("")
    text = "\n".join(lines)
    try:
        exact = {"photographs": {}, "files": {}, **tomllib.loads(text)} == tables
    except tomllib.TOMLDecodeError:
        exact = False
    if not exact:
        raise CollectionError(
            "The descriptions hold something that the manifest cannot. Use texts, whole numbers, "
            "fractions, and lists of them, under keys of letters and underscores."
        )
    return text.encode()


def _toml_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
