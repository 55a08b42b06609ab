"""The networks in the formats of other programs: SavedModel, ONNX and LiteRT, and a web page.

What is exported is the library's own code, traced once: nothing is written down a second time, and
each file gives what the library gives, but for rounding. Pictures are as everywhere in the course:
batches (batch, height, width, 3) float32 in [0, 1], channels last.

The converters are an extra of their own: ``python -m pip install "course_lib[export]"``. They read
TensorFlow's graphs, so exports are made on that backend; what is exported runs without it.
"""

import contextlib
import dataclasses
import html
import importlib
import io
import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import backend, collection
from course_lib import images as image_files
from course_lib.errors import BuildError
from course_lib.files import write_atomically

FORMATS = {"savedmodel": "", "onnx": ".onnx", "litert": ".tflite"}
"""The formats, and the suffix that a file of each has; a SavedModel is a folder."""
PARTS = ("encoder", "decoder", "stylize", "measure", "paint")
"""What can be exported, as `part` describes it."""
OPSET = 17
AXES = ("batch", "height", "width", "channels")
WEB_SOURCES = Path(__file__).resolve().parent.parent / "docs" / "web"
# Only these of the many files of onnxruntime-web: the variant for a CPU, in WebAssembly.
WEB_RUNTIME = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
WEB_PAGE_MARK = ".course-web-page"
WEB_STYLE_SIZE = 512
WEB_THUMBNAIL = 96
# What a visitor can try before looking for a photograph of their own.
WEB_EXAMPLE = ("chelsea", 384)
# Arrays with fewer numbers are not worth a conversion when the file is read.
WORTH_HALVING = 64


# ---- what is exported -------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Part:
    """A piece of the course's networks as a function of named tensors.

    Attributes:
        function: takes the inputs by name, returns a dictionary name -> tensor.
        inputs: name -> shape; None stands for any number.
        about: in a sentence, what goes in and what comes out.
    """

    function: Callable
    inputs: dict[str, tuple]
    about: str


def part(name: str, size: tuple[int, int] | None = None, transfer: Any = None) -> Part:
    """One of the pieces that can be exported.

    Args:
        name: "encoder" (pictures -> features at every tap), "decoder" (features at the deepest tap
            -> pictures), "stylize" (content picture, style picture, strength -> picture), and its
            two halves: "measure" (style picture -> its statistics, a few hundred numbers) and
            "paint" (content picture, statistics, strength -> picture).
        size: (height, width) of all pictures, where a device wants to know it beforehand; by
            default any size will do.
        transfer: a `FeatureTransfer` of method "adain"; the course's own by default.

    Returns:
        A `Part`.

    Raises:
        BuildError: no such part, or a size that it cannot have.
    """
    if name not in PARTS:
        raise BuildError(f"{name!r} cannot be exported. Choose one of: {', '.join(PARTS)}.")
    from course_lib.transfer import FeatureTransfer

    transfer = transfer or FeatureTransfer()
    height, width = _checked_size(name, size, transfer) if size else (None, None)
    encoder, decoder = transfer.autoencoder.encoder, transfer.autoencoder.decoder
    picture, batch = (1, height, width, 3), (None, height, width, 3)
    statistics = (1, 2 * sum(encoder.channels))
    if name == "encoder":
        taps = ", ".join(encoder.taps)
        about = f"images (batch, height, width, 3) in [0, 1] -> features at {taps}"
        return Part(_encode(encoder), {"images": batch}, about)
    if name == "decoder":
        shrink = 2 ** (len(decoder.channels) - 1)
        code = (None, *(side and side // shrink for side in batch[1:3]), decoder.channels[-1])
        about = f"features at {decoder.taps[-1]} -> images, {shrink} times as high and wide"
        return Part(_decode(decoder), {"features": code}, about)
    if name == "measure":
        about = "style (1, height, width, 3) in [0, 1] -> its statistics at all taps"
        return Part(_measure(transfer), {"style": picture}, about)
    inputs: dict[str, tuple] = {"content": picture, "statistics": statistics, "strength": ()}
    if name == "paint":
        about = "content picture, statistics of a style, strength from 0 to 1 -> picture"
        return Part(_paint(transfer), inputs, about)
    inputs = {"content": picture, "style": picture, "strength": ()}
    about = "content picture, style picture, strength from 0 to 1 -> picture"
    return Part(_stylize(transfer), inputs, about)


def _checked_size(name: str, size: tuple[int, int], transfer: Any) -> tuple[int, int]:
    from course_lib.autoencoder import SMALLEST_PICTURE

    whole = all(isinstance(side, (int, np.integer)) for side in size)
    if len(size) != 2 or not whole or min(size) < SMALLEST_PICTURE:
        raise BuildError(
            f"size={size!r}: give height and width in pixels, each {SMALLEST_PICTURE} or more."
        )
    step = 2 ** (len(transfer.autoencoder.decoder.channels) - 1)
    if name == "decoder" and any(side % step for side in size):
        raise BuildError(
            f"size={size!r}: the decoder makes pictures whose sides are multiples of {step}."
        )
    return size


def _encode(encoder: Any) -> Callable:
    return lambda images: dict(encoder(images))


def _decode(decoder: Any) -> Callable:
    from keras import ops

    drawing = _runnable_everywhere(decoder)
    return lambda features: {"images": ops.clip(drawing(features), 0.0, 1.0)}


def _runnable_everywhere(decoder: Any) -> Any:
    """The same decoder, its nearest upsampling written so that LiteRT can convert it.

    Keras' own layer forgets how many channels there are once it is applied to a map of any size,
    and LiteRT must know that number. (Earlier versions converted two such layers into a file that
    could not run.)
    """
    if decoder.upsampling != "nearest":
        return decoder
    twin = type(decoder).from_config(decoder.get_config())
    twin.build()
    twin.set_weights(decoder.get_weights())
    for layer in twin.upsample:
        layer.step = _each_twice
    return twin


def _each_twice(features: Any) -> Any:
    """Every row and every column twice: (batch, 2 * height, 2 * width, channels)."""
    from keras import ops

    _, height, width, channels = ops.shape(features)
    rows = ops.reshape(ops.stack([features] * 2, axis=2), (-1, 2 * height, width, channels))
    return ops.reshape(ops.stack([rows] * 2, axis=3), (-1, 2 * height, 2 * width, channels))


def _measure(transfer: Any) -> Callable:
    from keras import ops

    def measure(style: Any) -> dict:
        measured, _, _ = transfer.look(style)
        flat = [ops.reshape(x, (1, -1)) for tap in transfer.taps for x in measured[tap]]
        return {"statistics": ops.concatenate(flat, axis=-1)}

    return measure


def _paint(transfer: Any) -> Callable:
    from keras import ops

    channels = transfer.autoencoder.encoder.channels
    places = np.cumsum([width for width in channels for _ in range(2)])[:-1].tolist()
    # In half precision, to which its own irregularity is nothing, it takes half the room.
    grain = image_files.grain((image_files.GRAIN_SIDE,) * 2).astype("float16").astype("float32")

    def grained(content: Any, deviation: Any) -> Any:
        _, height, width, _ = ops.shape(content)
        rows = ops.take(grain, ops.arange(height) % image_files.GRAIN_SIDE, axis=0)
        piece = ops.take(rows, ops.arange(width) % image_files.GRAIN_SIDE, axis=1)
        return ops.clip(content + deviation * piece[None], 0.0, 1.0)

    def paint(content: Any, statistics: Any, strength: Any) -> dict:
        parts = [x[:, None, None, :] for x in ops.split(statistics, places, axis=-1)]
        asked = dict(zip(transfer.taps, zip(parts[::2], parts[1::2], strict=True), strict=True))
        own, _, features = transfer.look(grained(content, transfer.grain * strength))
        strengths = dict.fromkeys(transfer.taps, strength)
        picture = transfer.paint(content, [asked], strengths, [1.0], own, features)
        return {"picture": ops.clip(picture, 0.0, 1.0)}

    return paint


def _stylize(transfer: Any) -> Callable:
    measure, paint = _measure(transfer), _paint(transfer)
    return lambda content, style, strength: paint(content, strength=strength, **measure(style))


# ---- files ------------------------------------------------------------------------------------


def export(
    name: str,
    format: str,
    path: str | os.PathLike,
    size: tuple[int, int] | None = None,
    replace: bool = False,
    transfer: Any = None,
) -> Path:
    """Write a part of the networks in a format that other programs read.

    The same weights and the same versions of the converters give the same bytes; those of a
    SavedModel depend also on what the process did before, because TensorFlow numbers its functions.

    Args:
        name: one of `PARTS`.
        format: "savedmodel" (a folder for ``tf.saved_model.load``), "onnx" (a file for
            onnxruntime) or "litert" (a file for LiteRT, formerly TensorFlow Lite).
        path: the file or folder to write.
        size: (height, width) of the pictures. By default a file takes pictures of any size; some
            programs and devices, LiteRT's accelerators above all, want to know it beforehand.
        replace: replace an export of the same kind that is there.
        transfer: a `FeatureTransfer` whose networks are exported; the course's own by default.

    Returns:
        The path.

    Raises:
        BuildError: an unknown part or format, a missing converter, another backend than
            TensorFlow, a path that must not be written to; each with what to do.
    """
    path = Path(path)
    if format not in FORMATS:
        raise BuildError(f"format={format!r}: choose one of: {', '.join(FORMATS)}.")
    _check_target(path, format, replace)
    _check_backend()
    exported = part(name, size, transfer)
    if format == "savedmodel":
        with _new_folder(path) as folder:
            _write_savedmodel(exported, folder)
        return path
    data = to_onnx(exported) if format == "onnx" else to_litert(exported)
    write_atomically(path, data)
    return path


def _check_target(path: Path, format: str, replace: bool) -> None:
    suffix = FORMATS[format]
    if suffix and path.suffix.lower() != suffix:
        raise BuildError(f"{path}: a file of {format} ends in {suffix}. Name it so.")
    if not suffix and path.suffix.lower() in FORMATS.values() and path.suffix:
        raise BuildError(f"{path}: a SavedModel is a folder. Give a name without suffix.")
    if not path.absolute().parent.is_dir():
        raise BuildError(f"{path}: there is no folder {path.absolute().parent}. Make it first.")
    if not path.exists():
        return
    if not replace:
        raise BuildError(f"{path}: it is there already. Choose another name, or use --replace.")
    ours = (path / "saved_model.pb").is_file() if not suffix else path.is_file()
    if not ours:
        raise BuildError(f"{path}: this is no export of that format. Choose another name.")


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise BuildError(
            f"exports are made with the TensorFlow backend, and this is {keras.backend.backend()}. "
            "Start again with KERAS_BACKEND=tensorflow."
        )


def _needed(module: str) -> Any:
    """A package of the extra ``export``."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BuildError(
            f"{module.partition('.')[0]} is not installed. To install what exports need, run: "
            'python -m pip install "course_lib[export]"'
        ) from error


@contextlib.contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes its name, and the place of what has it, when all is well."""
    path = path.absolute()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".course-export-") as workshop:
        new, old = Path(workshop) / "new", Path(workshop) / "old"
        new.mkdir()
        yield new
        if path.exists():
            os.replace(path, old)
        os.replace(new, path)


# ---- the three formats ------------------------------------------------------------------------


def _traced(exported: Part) -> Any:
    """The part as a TensorFlow function of its named inputs."""
    import tensorflow as tf

    signature = [
        tf.TensorSpec(shape, tf.float32, name=name) for name, shape in exported.inputs.items()
    ]
    return tf.function(exported.function, input_signature=signature, autograph=False)


def _write_savedmodel(exported: Part, folder: Path) -> tuple:
    """Write the folder; returns the variables that are in it."""
    import tensorflow as tf

    module = tf.Module()
    module.call = _traced(exported)
    # TensorFlow stores those variables that belong to the module, and finds them in any order.
    used = module.call.get_concrete_function().variables
    module.used = tuple(sorted(used, key=lambda variable: variable.name))
    with _quiet():
        tf.saved_model.save(module, str(folder), signatures=module.call)
    # It holds a number drawn at random; nothing needs it.
    (folder / "fingerprint.pb").unlink(missing_ok=True)
    return module.used


def to_onnx(exported: Part) -> bytes:
    """A part as the bytes of an ONNX file.

    Args:
        exported: what `part` gives.

    Returns:
        The bytes. Weights that lose nothing by it are stored in half precision.

    Raises:
        BuildError: tf2onnx or onnx is not installed.
    """
    converter = _needed("tf2onnx")
    traced = _traced(exported)
    with _quiet():
        model, _ = converter.convert.from_function(
            traced, input_signature=traced.input_signature, opset=OPSET
        )
    _name_plainly(model.graph)
    _halve_weights(model.graph)
    model.graph.name, model.graph.doc_string, model.doc_string = "course_lib", "", exported.about
    return model.SerializeToString(deterministic=True)


def _name_plainly(graph: Any) -> None:
    """Bring nodes and weights into the order of their use, and number their names.

    The converter's order and names differ from run to run, and with them the bytes of the file.
    """
    nodes = _in_order_of_use(graph)
    weights = {one.name: one for one in graph.initializer}
    outside = {value.name for value in (*graph.input, *graph.output)}
    names: dict[str, str] = {name: name for name in outside}
    for node in nodes:
        for name in (*node.input, *node.output):
            if name:
                names.setdefault(name, f"t{len(names)}")
    used = [weights[name] for name in names if name in weights]
    for one in used:
        one.name = names[one.name]
    for node in nodes:
        node.name = ""
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend(used)
    for value in (*graph.input, *graph.output):
        axes = zip(AXES, value.type.tensor_type.shape.dim, strict=False)
        for axis, dimension in axes:
            if not dimension.HasField("dim_value"):
                dimension.dim_param = f"{value.name}_{axis}"


def _in_order_of_use(graph: Any) -> list:
    """The nodes, each after those it depends on, in an order that their links alone decide."""
    maker = {name: node for node in graph.node for name in node.output if name}
    # A node is unrolled into what it needs and, after that, itself.
    waiting = [(name, False) for name in reversed([value.name for value in graph.output])]
    ordered, seen = [], set()
    while waiting:
        name, needs_are_there = waiting.pop()
        node = maker.get(name)
        if node is None or node.output[0] in seen:
            continue
        if needs_are_there:
            seen.add(node.output[0])
            ordered.append(node)
            continue
        waiting.append((name, True))
        waiting += [(needed, False) for needed in reversed(node.input)]
    return ordered


def _halve_weights(graph: Any) -> None:
    """Store weights as float16 where no digit is lost, as with those that the course ships."""
    onnx = _needed("onnx")
    stored, casts = [], []
    for one in graph.initializer:
        values = onnx.numpy_helper.to_array(one)
        halved = _halved(values)
        if halved is None:
            stored.append(one)
            continue
        stored.append(onnx.numpy_helper.from_array(halved, f"{one.name}_half"))
        casts.append(
            onnx.helper.make_node(
                "Cast", [f"{one.name}_half"], [one.name], to=onnx.TensorProto.FLOAT
            )
        )
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)


def _halved(values: np.ndarray) -> np.ndarray | None:
    """The values in half precision, or None where something would be lost or nothing gained."""
    if values.dtype != np.float32 or values.size < WORTH_HALVING:
        return None
    with np.errstate(over="ignore"):
        halved = values.astype(np.float16)
    return halved if np.array_equal(halved.astype(np.float32), values) else None


def to_litert(exported: Part) -> bytes:
    """A part as the bytes of a LiteRT file.

    Args:
        exported: what `part` gives.

    Returns:
        The bytes. Where the part was made for any size, the program that runs it says the size
        before each run; where for one size, it takes that size only, and accelerators can have it.
    """
    import tensorflow as tf

    # The way by a folder keeps the names of inputs and outputs; that from memory drops them.
    with tempfile.TemporaryDirectory() as folder:
        variables = _write_savedmodel(exported, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if _all_fit_in_half(variables):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        with _quiet():
            return converter.convert()


def _all_fit_in_half(variables: tuple) -> bool:
    arrays = [variable.numpy() for variable in variables]
    large = [values for values in arrays if values.size >= WORTH_HALVING]
    return all(_halved(values) is not None for values in large)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converters' remarks, which are no faults, off the reader's screen."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with backend.standard_error_held_back(), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


# ---- the web page -----------------------------------------------------------------------------


def build_web_page(
    folder: str | os.PathLike,
    replace: bool = False,
    transfer: Any = None,
    home: str | None = None,
) -> Path:
    """Build the page that stylizes a visitor's picture in their own browser.

    It is made of plain files and asks no other host for anything. Any file server will do, such as
    ``python -m http.server``; opened as a file, without a server, browsers refuse to load it. Needs
    a checkout of the course, the extra ``export``, and npm, which fetches the runtime once.

    Args:
        folder: the folder to make, index.html in it.
        replace: replace a page that this function has made before.
        transfer: a `FeatureTransfer` whose networks the page gets; the course's own by default.
        home: address of the page that this one leads back to, such as "../index.html".

    Returns:
        The folder.

    Raises:
        BuildError: the folder is there already, the page's sources, npm or a converter are
            missing, or npm could not fetch the runtime; each with what to do.
    """
    folder = Path(folder)
    _check_page_folder(folder, replace)
    _check_backend()
    runtime = node_packages(WEB_SOURCES) / "onnxruntime-web" / "dist"
    from course_lib.transfer import FeatureTransfer

    transfer = transfer or FeatureTransfer()
    with _new_folder(folder) as page:
        for source in sorted(WEB_SOURCES.iterdir()):
            if source.is_file() and source.name != "package.json":
                shutil.copyfile(source, page / source.name)
        (page / "runtime").mkdir()
        for name in WEB_RUNTIME:
            shutil.copyfile(runtime / name, page / "runtime" / name)
        for name in ("measure", "paint"):
            (page / f"{name}.onnx").write_bytes(to_onnx(part(name, transfer=transfer)))
        _write_web_styles(page, transfer)
        if home:
            _add_way_home(page / "index.html", home)
        (page / WEB_PAGE_MARK).touch()
    return folder


def _add_way_home(index: Path, home: str) -> None:
    text = index.read_text(encoding="utf-8")
    link = f'<p><a href="{html.escape(home)}">Back to the course</a></p>'
    index.write_text(text.replace("<!-- home -->", link), encoding="utf-8")


def _check_page_folder(folder: Path, replace: bool) -> None:
    if not (WEB_SOURCES / "index.html").is_file():
        raise BuildError(f"there is no page in {WEB_SOURCES}. Use a checkout of the course.")
    if not folder.absolute().parent.is_dir():
        raise BuildError(f"{folder}: there is no folder {folder.absolute().parent}. Make it first.")
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / WEB_PAGE_MARK).is_file():
        raise BuildError(f"{folder} holds something else. Name a folder that is not there yet.")
    if not replace:
        raise BuildError(f"{folder}: there is a page already. Use --replace, or another folder.")


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


def _write_web_styles(page: Path, transfer: Any) -> None:
    """The statistics of the course's styles, small pictures of them, and a content to try."""
    measure = _measure(transfer)
    styles = []
    for name in collection.names()["styles"]:
        picture = collection.style_picture(name, WEB_STYLE_SIZE)
        numbers = np.asarray(measure(picture[None])["statistics"])[0]
        file = f"style-{name}.jpg"
        (page / file).write_bytes(image_files.to_bytes(collection.thumbnail(name, WEB_THUMBNAIL)))
        # Nine digits are a float32 exactly.
        statistics = [float(f"{number:.9g}") for number in numbers]
        styles.append(_credits(name) | {"file": file, "statistics": statistics})
    name, size = WEB_EXAMPLE
    example = collection.photograph(name, size)
    (page / "example.jpg").write_bytes(image_files.to_bytes(example, quality=90))
    told = json.dumps({"example": _credits(name), "styles": styles}, ensure_ascii=False)
    (page / "styles.json").write_text(f"{told}\n", encoding="utf-8")


def _credits(name: str) -> dict[str, str]:
    """A picture's name as it is read, and whose it is."""
    info = collection.info(name)
    told = {key: info[key] for key in ("title", "author", "license")}
    return {"name": name.replace("_", " "), **told}
