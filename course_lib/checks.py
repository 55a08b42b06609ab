"""Checks and conversions of arguments that several rooms need."""

from typing import Any


def check_choice(name: str, value: Any, choices: Any) -> None:
    """Raise a ValueError that lists the choices if ``value`` is none of them."""
    if not (value is None or isinstance(value, str)) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name}={value!r} is not known. Choose one of: {listed}.")


def as_tensor(value: Any, name: str, dtype: str | None = None, error: type = ValueError) -> Any:
    """An array, list or tensor as a tensor of numbers, or an error that names what it should be."""
    import keras
    from keras import ops

    try:
        tensor = ops.convert_to_tensor(value, dtype=dtype)
        if keras.backend.standardize_dtype(tensor.dtype) == "string":
            raise TypeError("it is text")
    except Exception as problem:
        raise error(
            f"{name}: an array of numbers is needed, not {type(value).__name__} ({problem})."
        ) from None
    return tensor


def as_number(value: Any) -> float:
    """A number of any kind as a float; NaN, which lies in no range, for what is no number."""
    import math

    import numpy as np

    try:
        return math.nan if isinstance(value, (str, bytes)) or np.ndim(value) else float(value)
    except (TypeError, ValueError):
        return math.nan
