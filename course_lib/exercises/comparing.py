"""Whether two results agree, and what is wrong where they do not."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.exercises.outcomes import NotYet

# What rounding to float16 changes, relative to the largest number, and a little more.
HALF_PRECISION = 4e-3


def as_array(value: Any) -> np.ndarray | None:
    """A number, array or tensor as a NumPy array; None for anything else."""
    if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
        return np.asarray(value)
    if hasattr(value, "detach"):
        return np.asarray(value.detach().cpu())
    if hasattr(value, "__array__") and hasattr(value, "shape"):
        return np.asarray(value)
    return None


def as_rows(value: Any) -> Any:
    """A list or tuple of numbers, nested or not, as an array; anything else as it is."""
    if not isinstance(value, (list, tuple)) or not value:
        return value
    try:
        array = np.asarray(
            [one if isinstance(one, (list, tuple)) else as_array(one) for one in value]
        )
    except (TypeError, ValueError):
        return value
    return array if array.dtype.kind in "fiub" else value


def number(value: Any) -> str:
    """A number with four significant digits, the same on every machine."""
    return f"{float(value):.4g}"


def describe(value: Any) -> str:
    """A value in a few words: a number, a small array, or the shape of a large one."""
    array = as_array(value)
    if array is None:
        if isinstance(value, (tuple, list)):
            return f"a {type(value).__name__} of {len(value)} items"
        return f"{type(value).__name__} {value!r}"[:60]
    if array.dtype.kind not in "fiub":
        return f"an array of shape {array.shape}"
    if array.ndim == 0:
        return number(array)
    if array.size <= 6:
        return "[" + ", ".join(number(one) for one in array.ravel()) + f"] of shape {array.shape}"
    return f"an array of shape {array.shape}"


def describe_arguments(arguments: Sequence[Any], options: dict[str, Any]) -> str:
    """The input of a call in words, for checks that give none of their own."""
    words = [describe(one) for one in arguments]
    words += [f"{name}={describe(one)}" for name, one in options.items()]
    return " and ".join(words) or "nothing"


def explain_difference(
    found: Any, expected: Any, given: str, *, tolerance: float = 1e-4
) -> NotYet | None:
    """What is wrong with a result: its kind, its shape, its numbers; None when nothing is.

    Args:
        found: what the reader's function returned.
        expected: what the library's function returned.
        given: the input in words.
        tolerance: allowed difference, relative to the largest expected number.

    Returns:
        None when they agree, else a `NotYet`; its hint is empty where only the lesson can know.
    """
    if isinstance(expected, dict):
        return _explain_dict(found, expected, given, tolerance)
    if isinstance(expected, (tuple, list)):
        return _explain_sequence(found, expected, given, tolerance)
    expected_array, found_array = as_array(expected), as_array(found)
    if expected_array is not None and found_array is None:
        rows = as_array(as_rows(found))
        # Of another shape, a list is more likely several results than one array.
        found_array = rows if rows is not None and rows.shape == expected_array.shape else None
    if expected_array is None:
        if found == expected:
            return None
        return NotYet(
            f"given {given}, it returned {describe(found)}, not {describe(expected)}.", ""
        )
    if found_array is None or found_array.dtype.kind not in "fiub":
        return NotYet(
            f"given {given}, it returned a {type(found).__name__}.",
            f"Return {_kind(expected_array)}.",
        )
    return _explain_array(found_array, expected_array, given, tolerance)


def _explain_dict(found: Any, expected: dict, given: str, tolerance: float) -> NotYet | None:
    names = ", ".join(map(str, expected))
    if not isinstance(found, dict) or set(found) != set(expected):
        got = ", ".join(map(str, found)) if isinstance(found, dict) else describe(found)
        return NotYet(
            f"given {given}, it returned {got}.", f"Return a dictionary with the keys {names}."
        )
    for name in expected:
        difference = explain_difference(found[name], expected[name], given, tolerance=tolerance)
        if difference is not None:
            return NotYet(f"entry {name!r}: {difference.observed}", difference.hint)
    return None


def _explain_sequence(found: Any, expected: Any, given: str, tolerance: float) -> NotYet | None:
    if not hasattr(found, "__len__") or len(found) != len(expected):
        return NotYet(
            f"given {given}, it returned {describe(found)}.",
            f"Return {len(expected)} values, separated by commas.",
        )
    for position, (one, other) in enumerate(zip(found, expected, strict=True), start=1):
        difference = explain_difference(one, other, given, tolerance=tolerance)
        if difference is not None:
            return NotYet(f"value {position}: {difference.observed}", difference.hint)
    return None


def _explain_array(
    found: np.ndarray, expected: np.ndarray, given: str, tolerance: float
) -> NotYet | None:
    if found.shape != expected.shape:
        return NotYet(
            f"given {given}, the result has the shape {found.shape}; "
            f"expected was {expected.shape}.",
            _hint_on_shape(found, expected, tolerance),
        )
    coarse = found.dtype == np.float16
    found, expected = found.astype(float), expected.astype(float)
    if not np.all(np.isfinite(found)) and np.all(np.isfinite(expected)):
        return NotYet(
            f"given {given}, the result contains NaN or infinity.",
            "Look for a division by zero, or the root or logarithm of a number below zero.",
        )
    if close(found, expected, tolerance):
        return None
    observed = f"given {given}, it returned {describe(found)}; expected was {describe(expected)}."
    if found.size > 6:
        observed = f"given {given}, {_worst_place(found, expected)}"
    if coarse and close(found, expected, HALF_PRECISION):
        return NotYet(
            observed, "Your numbers have the type float16, which rounds too coarsely: use float32."
        )
    return NotYet(observed, _hint_on_arrangement(found, expected, tolerance))


def _kind(array: np.ndarray) -> str:
    return "one number" if array.ndim == 0 else f"an array of shape {array.shape}"


def _hint_on_shape(found: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    if found.squeeze().shape == expected.squeeze().shape:
        return "Axes of length 1 were added or lost: look at keepdims."
    if expected.ndim == 0:
        return "One number is asked for: sum or average over every axis."
    if found.ndim == 0:
        return "An array is asked for, not one number: reduce over fewer axes."
    if sorted(found.shape) == sorted(expected.shape):
        turned = (np.transpose(found, axes) for axes in itertools.permutations(range(found.ndim)))
        if any(one.shape == expected.shape and close(one, expected, tolerance) for one in turned):
            return "The axes are there, in another order."
    return ""


def _hint_on_arrangement(found: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    if close(-found, expected, tolerance):
        return "Only the sign is wrong."
    square = found.ndim >= 2 and found.shape[-1] == found.shape[-2]
    if square and close(np.swapaxes(found, -1, -2), expected, tolerance):
        return "Rows and columns are swapped."
    return ""


def _worst_place(found: np.ndarray, expected: np.ndarray) -> str:
    gap = np.abs(found - expected)
    place = tuple(int(one) for one in np.unravel_index(np.argmax(gap), gap.shape))
    return (
        f"the entry at {place} is {number(found[place])}; expected was {number(expected[place])}."
    )


def close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays of one shape agree, relative to the largest number expected."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    scale = max(float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))), 1e-6)
    return bool(np.allclose(found, expected, rtol=0, atol=tolerance * scale, equal_nan=True))


def factor(found: Any, expected: Any) -> float | None:
    """By what one number the expected array must be multiplied to give the found one, if any."""
    found, expected = as_array(as_rows(found)), as_array(expected)
    if found is None or expected is None or found.shape != expected.shape:
        return None
    if found.dtype.kind not in "fiu" or not np.any(expected):
        return None
    found, expected = found.astype(float), expected.astype(float)
    ratio = float(np.sum(found * expected) / np.sum(np.square(expected)))
    if ratio == 0 or not np.isfinite(ratio) or not close(found / ratio, expected, 1e-3):
        return None
    return ratio
