"""Gradients and compiled programs: what each framework has a call of its own for.

Nothing here keeps a network alive: a program lives as long as whoever has made it.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from course_lib.backend.precision import with_quick_convolutions

if TYPE_CHECKING:
    import keras

Tensor = Any
"""A tensor of whichever framework is the backend."""


class TracedOnce:
    """What a Keras model inherits, besides, that has all its variables from the start.

    Keras leaves the optimizer of such a model without variables until the first step, and
    TensorFlow traces a step that makes variables a second time: seconds in which nothing trains.
    """

    def fit(self, *arguments: Any, **options: Any) -> Any:
        """Train, as any Keras model does."""
        if self.compiled:  # type: ignore[attr-defined]
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]
        return super().fit(*arguments, **options)  # type: ignore[misc]


def value_and_gradient(
    function: Callable[[Tensor], tuple[Tensor, dict[str, Tensor]]], inputs: Tensor
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """The value of a function, what it returns beside it, and its gradient.

    Args:
        function: inputs -> (scalar tensor, dictionary of tensors).
        inputs: array or tensor of any shape.

    Returns:
        The scalar, the rest, and a tensor of the inputs' shape.
    """
    import keras

    inputs = keras.ops.convert_to_tensor(inputs)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            value, rest = function(inputs)
        return value, rest, tape.gradient(value, inputs)
    if backend == "jax":
        import jax

        (value, rest), gradient = jax.value_and_grad(function, has_aux=True)(inputs)
        return value, rest, gradient
    import torch

    inputs = inputs.detach().requires_grad_()
    with torch.enable_grad():
        value, rest = function(inputs)
    (gradient,) = torch.autograd.grad(value, inputs)
    return value.detach(), {name: part.detach() for name, part in rest.items()}, gradient


def compiled(function: Callable) -> Callable:
    """The function as one program, where the backend can make one of it.

    It is compiled for every size of its arguments, and on JAX the weights that it reads are
    compiled in: `program` is for models that may be trained on.

    No XLA on TensorFlow: it takes seconds to compile what then runs hardly faster, or, where its
    convolutions are slower than TensorFlow's own, as on a CPU, more slowly.

    Args:
        function: a function of nested dictionaries of tensors.

    Returns:
        A function of the same arguments.
    """
    import keras

    function = with_quick_convolutions(function, gradient=True)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False, reduce_retracing=False)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def program(function: Callable, models: "Iterable[keras.Model]") -> Callable:
    """A function as one compiled program, where the backend can make one of it.

    On TensorFlow it is traced once for images of all sizes; JAX compiles for every size. No XLA
    on TensorFlow: it takes seconds to compile what then runs hardly faster.

    Args:
        function: function of nested tuples, lists and dictionaries of arrays or tensors.
        models: the Keras models that it uses. They may be trained on between two calls.

    Returns:
        A function of the same arguments. No gradients flow through it. On TensorFlow its attribute
        ``made`` holds the traced programs by signature.
    """
    import keras

    function = with_quick_convolutions(function, gradient=False)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _traced_for_all_sizes(function)
    if backend == "jax":
        return _compiled_with_weights(function, [v for model in models for v in model.variables])
    import torch

    def without_gradients(*arguments: Any) -> Any:
        with torch.no_grad():
            return function(*keras.tree.map_structure(keras.ops.convert_to_tensor, arguments))

    return without_gradients


def _traced_for_all_sizes(function: Callable) -> Callable:
    import keras
    import tensorflow as tf

    def described(array: Any) -> Any:
        shape = list(array.shape)
        if len(shape) == 4 and shape[1:3] != [1, 1]:
            shape[1:3] = [None, None]
        return tf.TensorSpec(shape, array.dtype)

    made: dict[str, Callable] = {}

    def run(*arguments: Any) -> Any:
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


def _compiled_with_weights(function: Callable, variables: list) -> Callable:
    """JAX would keep the weights of the first call for ever: so they are arguments as well."""
    import jax
    import keras

    def stateless(weights: list, arguments: tuple) -> Any:
        pairs = list(zip(variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=pairs):
            return function(*arguments)

    compiled_with_weights = jax.jit(stateless)
    return lambda *arguments: compiled_with_weights(
        [variable.value for variable in variables], arguments
    )
