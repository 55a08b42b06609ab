"""Calling an answer, by checks and by the lesson that goes on with it.

Both hand it NumPy arrays, copies of what they have, so that what was judged right also runs in the
lesson, whose own calls may pass tensors.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.exercises.comparing import as_array, as_rows, describe_arguments
from course_lib.exercises.outcomes import NOT_ATTEMPTED, NOT_YET, NotYet, Stop, Verdict


class Case:
    """One input on which the answer must agree with the reference.

    Args:
        given: the input in words, as it completes the sentence "Given ..., your function ...".
        *arguments: the positional arguments of the call; arrays are copied before each call.
        **options: its keyword arguments.
    """

    def __init__(self, given: str, *arguments: Any, **options: Any):
        self.given = given
        self.arguments = arguments
        self.options = options


@dataclass(frozen=True)
class Outcome:
    """What a call came to: a result, or the error it raised."""

    result: Any = None
    error: Exception | None = None


class Answer:
    """A function as checks see it: the reader's, or the library's to compare with.

    Calling it copies the arrays it is given, so that no answer can spoil the inputs of the next
    check, and gives numbers, lists of numbers and tensors of any framework back as NumPy arrays.
    When the function raises or returns nothing, the judging ends with a message about that, so
    checks need no `try`.

    Args:
        function: what is called.
        like: a right result, which tells lists that stand for arrays from lists of results.
    """

    def __init__(self, function: Callable, *, like: Any = None):
        self.function = function
        self.like = like

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function, with the arguments themselves described in messages."""
        given = describe_arguments(arguments, options)
        return self.on(Case(given, *arguments, **options))

    def on(self, case: Case) -> Any:
        """Calls the function on a `Case`, whose words are used in messages."""
        outcome = call(self.function, case)
        verdict = verdict_on_failure(self.function, outcome, case)
        if verdict is not None:
            raise Stop(verdict)
        return fitted(outcome.result, self.like)


Check = Callable[[Answer, Answer], NotYet | None]


def call(function: Callable, case: Case) -> Outcome:
    """Calls a function on copies of a case's arrays; results come back as NumPy where they can."""
    arguments, options = each(_handed_over, (case.arguments, case.options))
    try:
        return Outcome(each(_to_numpy, function(*arguments, **options)))
    except Exception as error:
        return Outcome(error=error)


def for_lesson(function: Callable, like: Any) -> Callable:
    """An answer that was judged right, so that it runs wherever the library's function does.

    Args:
        function: the reader's.
        like: what the library's returned on one of the cases.

    Returns:
        A function that hands NumPy arrays to the reader's, in the place of tensors, and gives back
        what the library's would: an array for a list of numbers; a tensor if it was given one.
    """

    @functools.wraps(function)
    def answer(*arguments: Any, **options: Any) -> Any:
        given = arguments, options
        tensors: list[Any] = []
        each(lambda one: tensors.append(one) if _is_tensor(one) else None, given)
        arrays: list[np.ndarray] = []
        each(lambda one: arrays.append(one) if isinstance(one, np.ndarray) else None, given)
        try:
            positional, named = each(_handed_over, given)
        except (NotImplementedError, TypeError):
            # While a program is traced, tensors have no numbers yet.
            return function(*arguments, **options)
        result = fitted(each(_array_of_tensor, function(*positional, **named)), like)
        return each(_as_tensor(tensors[0]) if tensors else _as_exact(arrays), result)

    return answer


def each(change: Callable[[Any], Any], values: Any) -> Any:
    """Dictionaries, lists and tuples with each of their values changed, however deep."""
    if isinstance(values, dict):
        return {name: each(change, one) for name, one in values.items()}
    # A network's own lists are lists, too, with a class of their own.
    if isinstance(values, list):
        return [each(change, one) for one in values]
    if isinstance(values, tuple):
        changed = (each(change, one) for one in values)
        return values._make(changed) if hasattr(values, "_make") else tuple(changed)
    return change(values)


def fitted(result: Any, like: Any) -> Any:
    """A right result in the form of another one.

    Args:
        result: what was returned, with NumPy arrays for tensors.
        like: a right result; None where there is none to compare with.

    Returns:
        The result with arrays for lists of numbers, and whole numbers or truth values for floats
        that say the same.
    """
    if isinstance(like, dict) and isinstance(result, dict):
        one = next(iter(like.values()), None)
        return {name: fitted(value, like.get(name, one)) for name, value in result.items()}
    if isinstance(like, (tuple, list)):
        if not isinstance(result, (tuple, list)) or len(result) != len(like):
            return result
        return type(result)(fitted(one, other) for one, other in zip(result, like, strict=True))
    result = as_rows(result)
    exact = {"b": bool, "i": int, "u": int}.get(getattr(getattr(like, "dtype", None), "kind", ""))
    if exact and isinstance(result, (np.ndarray, np.generic, float)):
        numbers = np.asarray(result)
        if numbers.dtype.kind in "fiu" and np.array_equal(numbers, numbers.astype(exact)):
            return numbers.astype(exact)
    return result


def _is_tensor(value: Any) -> bool:
    plain = isinstance(value, (bool, int, float, complex, np.ndarray, np.generic))
    return not plain and (hasattr(value, "detach") or hasattr(value, "__array__"))


def _handed_over(value: Any) -> Any:
    """What an answer gets: arrays for tensors, copies of arrays, functions that give arrays."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if callable(value):
        return lambda *arguments, **options: each(_array_of_tensor, value(*arguments, **options))
    return _array_of_tensor(value)


def _array_of_tensor(value: Any) -> Any:
    return np.array(as_array(value)) if _is_tensor(value) else value


def _to_numpy(value: Any) -> Any:
    array = as_array(value)
    return value if array is None else array


def _as_tensor(given: Any) -> Callable[[Any], Any]:
    """A function that makes tensors of arrays, of the type that was given."""

    def change(value: Any) -> Any:
        from keras import ops

        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        dtype = as_array(given).dtype  # type: ignore[union-attr]
        return ops.convert_to_tensor(value, dtype=dtype.name if dtype.kind == "f" else None)

    return change


def _as_exact(given: list[np.ndarray]) -> Callable[[Any], Any]:
    """A function that makes arrays as exact as the most exact one of those that were given.

    An array without axes becomes a number, which can be rounded and printed as one.
    """
    floats = [one.dtype for one in given if one.dtype.kind == "f"]

    def change(value: Any) -> Any:
        if isinstance(value, np.ndarray) and not value.ndim:
            return value[()]
        if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f" and floats:
            return value.astype(np.result_type(*floats))
        return value

    return change


def verdict_on_failure(function: Callable, outcome: Outcome, case: Case) -> Verdict | None:
    """The verdict on a call that raised or returned nothing; None when there is a result."""
    if outcome.error is not None:
        return _verdict_on_error(function, outcome.error, case)
    if outcome.result is ...:
        return Verdict(NOT_ATTEMPTED)
    if outcome.result is not None:
        return None
    if placeholders(function) or _does_nothing(function):
        return Verdict(NOT_ATTEMPTED)
    return Verdict(
        NOT_YET,
        f"given {case.given}, it returned nothing (None).",
        "Is the `return` missing at the end of your function?",
    )


def _verdict_on_error(function: Callable, error: Exception, case: Case) -> Verdict:
    if isinstance(error, NotImplementedError):
        return Verdict(NOT_ATTEMPTED)
    words = str(error).strip().splitlines() or ["no message"]
    return Verdict(
        NOT_YET,
        f"given {case.given}, it stopped with {type(error).__name__}: "
        f"{textwrap.shorten(words[0], 160)}{_where(function, error)}",
        _hint_on_error(error),
    )


def _where(function: Any, error: Exception) -> str:
    """The line of the reader's own function at which an error arose."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if one.filename == code.co_filename]
    if not own:
        return ""
    line = own[-1].line or linecache.getline(code.co_filename, own[-1].lineno or 0).strip()
    return f" (at the line `{line}`)" if line else ""


def _hint_on_error(error: Exception) -> str:
    if isinstance(error, NameError):
        return (
            "A name is used that nothing has defined: look for a typing slip or a missing import."
        )
    called_wrongly = error.__traceback__ is None or error.__traceback__.tb_next is None
    if isinstance(error, TypeError) and "argument" in str(error) and called_wrongly:
        return "Keep the names and the number of the arguments as the cell gave them."
    if isinstance(error, RecursionError):
        return "The function calls itself without end. Give the call another name."
    return (
        "Read the line above with the shapes of its values in mind; print them inside the function."
    )


def placeholders(function: Any) -> set[str]:
    """Where `...` is still in the source: as a "statement", as a "value", or nowhere.

    `...` as an index (`pixels[..., 0]`) is ordinary NumPy and does not count.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, IndentationError):
        return set()
    indices = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for inner in ast.walk(node.slice)
    }
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value is ... and id(node) not in indices:
            found.add("statement" if id(node) in statements else "value")
    return found


def _does_nothing(function: Any) -> bool:
    """Whether a function has no body to speak of (`pass`, or only its docstring)."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    empty = compile("def empty(): pass", "empty", "exec").co_consts[0]
    return len(code.co_code) <= len(empty.co_code) and not code.co_names
