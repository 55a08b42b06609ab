"""The three formats: a traced part as a SavedModel, an ONNX file or a LiteRT file."""

import contextlib
import importlib
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import backend
from course_lib.errors import BuildError
from course_lib.export.parts import Part

FORMATS = {"savedmodel": "", "onnx": ".onnx", "litert": ".tflite"}
"""The formats, and the suffix that a file of each has; a SavedModel is a folder."""
OPSET = 17
AXES = ("batch", "height", "width", "channels")
# Arrays with fewer numbers are not worth a conversion when the file is read.
WORTH_HALVING = 64


def check_backend() -> None:
    """The converters read TensorFlow's graphs.

    Raises:
        BuildError: Keras computes with another backend.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise BuildError(
            f"exports are made with the TensorFlow backend, and this is {keras.backend.backend()}. "
            "Start again with KERAS_BACKEND=tensorflow."
        )


def needed(module: str) -> Any:
    """A package of the extra ``export``.

    Raises:
        BuildError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BuildError(
            f"{module.partition('.')[0]} is not installed. To install what exports need, run: "
            'python -m pip install "course_lib[export]"'
        ) from error


def traced(exported: Part) -> Any:
    """The part as a TensorFlow function of its named inputs."""
    import tensorflow as tf

    signature = [
        tf.TensorSpec(shape, tf.float32, name=name) for name, shape in exported.inputs.items()
    ]
    return tf.function(exported.function, input_signature=signature, autograph=False)


def write_savedmodel(exported: Part, folder: Path) -> tuple[Any, ...]:
    """Fill a folder with a SavedModel.

    Args:
        exported: what `part` gives.
        folder: a folder that is there.

    Returns:
        The variables that are in it.
    """
    import tensorflow as tf

    module = tf.Module()
    module.call = traced(exported)
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
    converter = needed("tf2onnx")
    function = traced(exported)
    with _quiet():
        model, _ = converter.convert.from_function(
            function, input_signature=function.input_signature, opset=OPSET
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


def _in_order_of_use(graph: Any) -> list[Any]:
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
    onnx = needed("onnx")
    stored, casts = [], []
    for one in graph.initializer:
        values = onnx.numpy_helper.to_array(one)
        halved = halved_where_exact(values)
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


def halved_where_exact(values: np.ndarray) -> np.ndarray | None:
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
        variables = write_savedmodel(exported, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if _all_fit_in_half(variables):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        with _quiet():
            return converter.convert()


def _all_fit_in_half(variables: Sequence[Any]) -> bool:
    """Whether none of the large weights loses anything in half precision."""
    arrays = [variable.numpy() for variable in variables]
    large = [values for values in arrays if values.size >= WORTH_HALVING]
    return all(halved_where_exact(values) is not None for values in large)


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
