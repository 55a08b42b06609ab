"""stub: replaced at the merge"""

from collections.abc import Callable
from typing import Any
import keras
import numpy as np
from keras import ops


def program(function, models):
    """A function as one compiled program, where the backend can make one of it.

    On TensorFlow it is traced once for pictures of all sizes; JAX compiles for every size. No XLA
    on TensorFlow: it takes seconds to compile what then runs hardly faster.

    Args:
        function: function of nested tuples, lists and dictionaries of arrays or tensors.
        models: the Keras models that it uses. They may be trained on between two calls.

    Returns:
        A function of the same arguments. No gradients flow through it.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _traced_for_all_sizes(function)
    if backend == "jax":
        return _compiled_with_weights(function, [v for model in models for v in model.variables])
    import torch

    def without_gradients(*arguments):
        with torch.no_grad():
            return function(*keras.tree.map_structure(ops.convert_to_tensor, arguments))

    return without_gradients


def _traced_for_all_sizes(function):
    import tensorflow as tf

    def described(array):
        shape = list(array.shape)
        if len(shape) == 4 and shape[1:3] != [1, 1]:
            shape[1:3] = [None, None]
        return tf.TensorSpec(shape, array.dtype)

    made: dict[Any, Callable] = {}

    def run(*arguments):
        signature = keras.tree.map_structure(described, arguments)
        key = repr(signature)
        if key not in made:
            # TensorFlow takes the programs of several transfers for one that is traced again and
            # again, and warns of that; not where tracing is asked for by itself.
            traced = tf.function(function, signature, autograph=False)
            made[key] = traced.get_concrete_function()
        return made[key](*arguments)

    run.made = made  # type: ignore[attr-defined]
    return run


def _compiled_with_weights(function, variables):
    """JAX would keep the weights of the first call for ever: so they are arguments as well."""
    import jax

    def stateless(weights, arguments):
        pairs = list(zip(variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=pairs):
            return function(*arguments)

    compiled = jax.jit(stateless)
    return lambda *arguments: compiled([variable.value for variable in variables], arguments)


def value_and_slope(function, pixels):
    """The value of a function, what it returns beside it, and its slope at the pixels.

    Args:
        function: pixels -> (scalar tensor, dictionary of tensors).
        pixels: array or tensor.

    Returns:
        The scalar, the rest, and a tensor of the pixels' shape.
    """
    pixels = ops.convert_to_tensor(pixels)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            value, rest = function(pixels)
        return value, rest, tape.gradient(value, pixels)
    if backend == "jax":
        import jax

        (value, rest), slope = jax.value_and_grad(function, has_aux=True)(pixels)
        return value, rest, slope
    import torch

    pixels = pixels.detach().requires_grad_()
    with torch.enable_grad():
        value, rest = function(pixels)
    (slope,) = torch.autograd.grad(value, pixels)
    return value.detach(), {name: part.detach() for name, part in rest.items()}, slope


def compiled(function):
    """The function as one program, where the backend can make one of it.

    No XLA on TensorFlow: it takes seconds to compile what then runs hardly faster, or, where its
    convolutions are slower than TensorFlow's own, as on a CPU, more slowly.

    Args:
        function: a function of nested dictionaries of tensors.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False, reduce_retracing=False)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


from course_lib.device import memory_advice  # noqa
from course_lib.device import accelerator, quiet_framework_import  # noqa
