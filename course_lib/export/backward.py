"""Gradients in operations that every ONNX runtime has.

TensorFlow has operations of its own for gradients, and no converter knows all of them. Here those
that the encoder and the losses need are written with the operations of a forward pass: the gradient
of a convolution is a convolution with the turned kernel, that of an average over squares is each
value spread over its square, and so on.
"""

import functools
import math
from typing import Any

_NAMES = ("Conv2D", "Relu", "AvgPool", "MirrorPad", "Sqrt", "Sum", "Mean")


def plain_gradient(total: Any, inputs: Any) -> Any:
    """The gradient of a scalar, in plain operations.

    Args:
        total: a scalar that was computed inside of `plain_gradients`.
        inputs: the tensor that the gradient is wanted at.

    Returns:
        Tensor of the inputs' shape.
    """
    import tensorflow as tf

    (gradient,) = tf.gradients(total, inputs)
    return gradient


def plain_gradients() -> Any:
    """A context in a function that is being traced: what is computed in it has plain gradients."""
    import tensorflow as tf

    _register()
    graph = tf.compat.v1.get_default_graph()
    return graph.gradient_override_map({name: f"Plain{name}" for name in _NAMES})


@functools.cache
def _register() -> None:
    """Tell TensorFlow of these gradients, once."""
    import tensorflow as tf

    gradients = {
        "Conv2D": _convolution,
        "Relu": _relu,
        "AvgPool": _average_pool,
        "MirrorPad": _mirror_pad,
        "Sqrt": _square_root,
        "Sum": _sum,
        "Mean": _sum,
    }
    for name, gradient in gradients.items():
        tf.RegisterGradient(f"Plain{name}")(gradient)


def _convolution(operation: Any, gradient: Any) -> tuple[Any, None]:
    """By the input alone: the kernels stand still."""
    import tensorflow as tf

    kernel = operation.inputs[1]
    if operation.get_attr("padding") != b"VALID" or set(operation.get_attr("strides")) != {1}:
        raise NotImplementedError("only convolutions without padding and stride have this gradient")
    rows, columns = kernel.shape[:2]
    sides = [[0, 0], [rows - 1] * 2, [columns - 1] * 2, [0, 0]]
    turned = tf.transpose(tf.reverse(kernel, [0, 1]), (0, 1, 3, 2))
    return tf.nn.conv2d(tf.pad(gradient, sides), turned, 1, "VALID"), None


def _relu(operation: Any, gradient: Any) -> Any:
    import tensorflow as tf

    return gradient * tf.cast(operation.outputs[0] > 0, gradient.dtype)


def _average_pool(operation: Any, gradient: Any) -> Any:
    """Each value spread over the square that it is the average of."""
    import tensorflow as tf

    if list(operation.get_attr("ksize")) != list(operation.get_attr("strides")):
        raise NotImplementedError("only squares that do not overlap have this gradient")
    side = operation.get_attr("ksize")[1]
    size = operation.inputs[0].shape[1:3]
    return tf.raw_ops.ResizeNearestNeighbor(images=gradient / side**2, size=size)


def _mirror_pad(operation: Any, gradient: Any) -> tuple[Any, None]:
    """What stands beyond the border goes back to where it was mirrored from: one row and column."""
    import tensorflow as tf

    folded = channels_first(gradient)
    for axis in (2, 3):
        inner = folded.shape[axis] - 6
        parts = tf.split(folded, [1, 1, 1, inner, 1, 1, 1], axis=axis)
        before, first, second, middle, third, last, after = parts
        folded = tf.concat([first, second + before, middle, third + after, last], axis=axis)
    gradient = channels_last(folded)
    if operation.get_attr("mode") != b"REFLECT" or gradient.shape != operation.inputs[0].shape:
        raise NotImplementedError("only a reflected border of one pixel has this gradient")
    return gradient, None


def _square_root(operation: Any, gradient: Any) -> Any:
    return 0.5 * gradient / operation.outputs[0]


def _sum(operation: Any, gradient: Any) -> tuple[Any, None]:
    """The same for all that was added up, or, of a mean, the same share."""
    import tensorflow as tf

    terms = operation.inputs[0].shape
    axes = {axis % len(terms) for axis in tf.get_static_value(operation.inputs[1]).flat}
    kept = [1 if axis in axes else length for axis, length in enumerate(terms)]
    count = math.prod(terms[axis] for axis in axes) if operation.type == "Mean" else 1
    return tf.broadcast_to(tf.reshape(gradient / count, kept), terms), None


def channels_first(maps: Any) -> Any:
    """Maps as runtimes of ONNX have them.

    TensorFlow has channels last, and the converter turns maps before and after each convolution.
    Two turns after one another vanish; so maps stay as they are where others are turned likewise.
    """
    import tensorflow as tf

    return tf.transpose(maps, (0, 3, 1, 2))


def channels_last(maps: Any) -> Any:
    """The way back from `channels_first`."""
    import tensorflow as tf

    return tf.transpose(maps, (0, 2, 3, 1))
