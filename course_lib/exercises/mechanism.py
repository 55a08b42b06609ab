"""How an exercise judges an answer and what it says.

An exercise knows a reference (a function of the library), a few cases (inputs on which the answer
must agree with the reference), checks for what cases cannot say (invariants), misconceptions
(wrong functions that readers are known to write, each with its hint) and hints. An answer is
judged by what it returns, never by how it is written.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import linecache
import os
import pkgutil
import textwrap
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.errors import ExerciseError

NOT_ATTEMPTED = "not attempted"
NOT_YET = "not yet"
RIGHT = "right"

LINE_WIDTH = 96


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
class NotYet:
    """What a check found: what was observed, on which input, and a hint for that mistake."""

    observed: str
    hint: str


@dataclass(frozen=True)
class Misconception:
    """A wrong function that readers are known to write, and the hint for whoever wrote it.

    An answer that does on every case what `function` does is told `hint`.
    """

    function: Callable
    hint: str


@dataclass(frozen=True)
class Verdict:
    """The outcome of judging one answer: "not attempted", "not yet" or "right"."""

    outcome: str
    observed: str = ""
    hint: str = ""


class _Stop(Exception):
    """Ends the judging of an answer from inside a check, with the verdict so far."""

    def __init__(self, verdict: Verdict):
        super().__init__(verdict.observed)
        self.verdict = verdict


@dataclass(frozen=True)
class _Outcome:
    """What a call came to: a result, or the error it raised."""

    result: Any = None
    error: Exception | None = None


class Answer:
    """A function as checks see it: the reader's, or the library's to compare with.

    Calling it copies the arrays it is given, so that no answer can spoil the inputs of the next
    check, and gives numbers and tensors of any framework back as NumPy arrays. When the function
    raises or returns nothing, the judging ends with a message about that, so checks need no `try`.
    """

    def __init__(self, function: Callable):
        self.function = function

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function, with the arguments themselves described in messages."""
        given = describe_arguments(arguments, options)
        return self.on(Case(given, *arguments, **options))

    def on(self, case: Case) -> Any:
        """Calls the function on a `Case`, whose words are used in messages."""
        outcome = _call(self.function, case)
        verdict = _verdict_on_failure(self.function, outcome, case)
        if verdict is not None:
            raise _Stop(verdict)
        return outcome.result


Check = Callable[[Answer, Answer], NotYet | None]


@dataclass
class Exercise:
    """One exercise.

    Args:
        id: its name in lessons, such as "gram-matrix".
        lesson: the number of the lesson that asks it.
        title: what is asked, in a few words.
        reference: the library function it stands for, "module:function". It is imported when it is
            needed, so that defining exercises imports no deep-learning framework.
        cases: inputs on which the answer must agree with the reference.
        checks: functions (answer, reference) -> None or `NotYet`, for what cases cannot say.
        misconceptions: known wrong functions with their hints.
        hints: what `.hint()` says, one step further each.
        tolerance: how far a number may be from the reference, relative to the largest expected one.
    """

    id: str
    lesson: int
    title: str
    reference: str
    hints: Sequence[str]
    cases: Sequence[Case] = ()
    checks: Sequence[Check] = ()
    misconceptions: Sequence[Misconception] = ()
    tolerance: float = 1e-4
    _hints_given: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.hints:
            raise ExerciseError(f"Exercise {self.id!r} has no hints. Give it at least one.")
        if not self.cases and not self.checks:
            raise ExerciseError(
                f"Exercise {self.id!r} checks nothing. Give it cases, checks or both."
            )
        if self.reference.count(":") != 1:
            raise ExerciseError(
                f"Exercise {self.id!r} has the reference {self.reference!r}. "
                'Write it as "module:function".'
            )

    @cached_property
    def solved(self) -> Any:
        """The library's own function that the exercise stands for."""
        module, name = self.reference.split(":")
        return getattr(importlib.import_module(module), name)

    def check(self, answer: Any) -> Any:
        """Judges an answer, says what came out, and returns a function the lesson can go on with.

        Args:
            answer: the reader's function, or `...` where nothing was written.

        Returns:
            `answer` when it is right, and the library's own function otherwise, so that the lesson
            always reaches its end.
        """
        verdict = self.judge(answer)
        print(self.message(verdict))
        return answer if verdict.outcome == RIGHT else self.solved

    def judge(self, answer: Any) -> Verdict:
        """The verdict on an answer, without printing anything."""
        if answer is None or answer is ...:
            return Verdict(NOT_ATTEMPTED)
        if not callable(answer):
            return _verdict_on_a_value(answer)
        try:
            verdict = self._judge_cases(answer) or self._judge_checks(answer) or Verdict(RIGHT)
        except _Stop as stop:
            verdict = stop.verdict
        if verdict.outcome == NOT_YET and "value" in _placeholders(answer):
            return Verdict(NOT_ATTEMPTED)
        return verdict

    def message(self, verdict: Verdict) -> str:
        """What `check` prints for a verdict."""
        return "\n".join(_wrap(paragraph) for paragraph in self._paragraphs(verdict))

    def hint(self) -> None:
        """Prints a hint; each call goes one step further."""
        number = min(self._hints_given, len(self.hints) - 1)
        self._hints_given += 1
        print(_wrap(f"Hint {number + 1} of {len(self.hints)}: {self.hints[number]}"))
        if number == len(self.hints) - 1:
            print(_wrap(f"That was the last hint. {self._way_to_the_solution()}"))

    def solution(self) -> SourceCode | None:
        """The library's own source, shown as Python code by Jupyter.

        Nothing but a line that says so where the environment variable COURSE_SOLUTIONS is
        "hidden", as it is in the notebooks that `course classroom` makes for students.
        """
        if _solutions_hidden():
            print(self._way_to_the_solution())
            return None
        return SourceCode(inspect.getsource(self.solved))

    def _way_to_the_solution(self) -> str:
        if _solutions_hidden():
            return "In this class the solutions come from your teacher."
        return f'The solution: exercise("{self.id}").solution()'

    def _paragraphs(self, verdict: Verdict) -> list[str]:
        if verdict.outcome == RIGHT:
            return [f"Exercise {self.id}: right. The lesson goes on with your answer."]
        if verdict.outcome == NOT_ATTEMPTED:
            return [
                f"Exercise {self.id}: not attempted yet. Put your answer where the ... is and run "
                "the cell again.",
                f'For a first hint: exercise("{self.id}").hint(). '
                "Until then the lesson goes on with the library's own answer.",
            ]
        return [
            f"Exercise {self.id}: not yet.",
            f"Observed: {verdict.observed}",
            f"Hint: {verdict.hint}",
            "The lesson goes on with the library's own answer.",
        ]

    def _judge_cases(self, answer: Callable) -> Verdict | None:
        found = [_call(answer, case) for case in self.cases]
        expected = [self._expected(case) for case in self.cases]
        for case, outcome, wanted in zip(self.cases, found, expected, strict=True):
            verdict = _verdict_on_failure(answer, outcome, case)
            if verdict is None:
                difference = explain_difference(
                    outcome.result, wanted.result, case.given, self.tolerance
                )
                verdict = _not_yet(difference)
            if verdict is not None:
                return self._with_best_hint(verdict, found, expected)
        return None

    def _judge_checks(self, answer: Callable) -> Verdict | None:
        for check in self.checks:
            found = check(Answer(answer), Answer(self.solved))
            if found is not None:
                return _not_yet(found)
        return None

    def _expected(self, case: Case) -> _Outcome:
        outcome = _call(self.solved, case)
        if outcome.error is not None:
            raise ExerciseError(
                f"Exercise {self.id!r}: its own reference {self.reference} fails on the case "
                f"{case.given!r}. Mend the case."
            ) from outcome.error
        return outcome

    def _with_best_hint(
        self, verdict: Verdict, found: Sequence[_Outcome], expected: Sequence[_Outcome]
    ) -> Verdict:
        """The hint for a known mistake comes first, the exercise's first hint last."""
        if verdict.outcome == NOT_ATTEMPTED:
            return verdict
        hint = self._hint_of_misconception(found) or verdict.hint
        hint = hint or _hint_of_factor(found, expected) or self.hints[0]
        return Verdict(NOT_YET, verdict.observed, hint)

    def _hint_of_misconception(self, found: Sequence[_Outcome]) -> str:
        """The hint of the known wrong function that does on every case what the answer does."""
        for misconception in self.misconceptions:
            known = [_call(misconception.function, case) for case in self.cases]
            pairs = zip(found, known, strict=True)
            if all(_same_outcome(*pair, self.tolerance) for pair in pairs):
                return misconception.hint
        return ""


class SourceCode:
    """Python source that Jupyter shows with colors and everything else as plain text."""

    def __init__(self, source: str):
        self.source = source.rstrip() + "\n"

    def __repr__(self) -> str:
        return self.source

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.source}```"


def _solutions_hidden() -> bool:
    return os.environ.get("COURSE_SOLUTIONS") == "hidden"


_registry: dict[str, Exercise] = {}


def register(*definitions: Exercise) -> None:
    """Makes exercises known; called once by each lesson's module.

    Raises:
        ExerciseError: two different exercises have the same id.
    """
    for definition in definitions:
        if definition.id in _registry:
            raise ExerciseError(f"Two exercises have the id {definition.id!r}. Rename one of them.")
        _registry[definition.id] = definition


def exercise(id: str) -> Exercise:
    """The exercise with an id.

    Args:
        id: such as "reconstruction-loss".

    Raises:
        ExerciseError: there is no such exercise; the message names the nearest ones.
    """
    known = {found.id: found for found in exercises()}
    if not isinstance(id, str) or id not in known:
        near = difflib.get_close_matches(str(id), known, n=3) or sorted(known)
        raise ExerciseError(f"There is no exercise {id!r}. Did you mean: {', '.join(near)}?")
    return known[id]


def exercises(lesson: int | None = None) -> list[Exercise]:
    """All exercises in the order of the lessons, or those of one lesson."""
    package = importlib.import_module("course_lib.exercises")
    for module in sorted(found.name for found in pkgutil.iter_modules(package.__path__)):
        if module.startswith("lesson"):
            importlib.import_module(f"{package.__name__}.{module}")
    found = sorted(_registry.values(), key=lambda one: one.lesson)
    return [one for one in found if lesson in (None, one.lesson)]


def as_array(value: Any) -> np.ndarray | None:
    """A number, array or tensor as a NumPy array; None for anything else."""
    if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
        return np.asarray(value)
    if hasattr(value, "detach"):
        return np.asarray(value.detach().cpu())
    if hasattr(value, "__array__") and hasattr(value, "shape"):
        return np.asarray(value)
    return None


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
    found: Any, expected: Any, given: str, tolerance: float = 1e-4
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
        difference = explain_difference(found[name], expected[name], given, tolerance)
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
        difference = explain_difference(one, other, given, tolerance)
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
            _hint_on_shape(found, expected),
        )
    found, expected = found.astype(float), expected.astype(float)
    if not np.all(np.isfinite(found)) and np.all(np.isfinite(expected)):
        return NotYet(
            f"given {given}, the result contains NaN or infinity.",
            "Look for a division by zero, or the root or logarithm of a number below zero.",
        )
    if _close(found, expected, tolerance):
        return None
    observed = f"given {given}, it returned {describe(found)}; expected was {describe(expected)}."
    if found.size > 6:
        observed = f"given {given}, {_worst_place(found, expected)}"
    return NotYet(observed, _hint_on_arrangement(found, expected, tolerance))


def _kind(array: np.ndarray) -> str:
    return "one number" if array.ndim == 0 else f"an array of shape {array.shape}"


def _hint_on_shape(found: np.ndarray, expected: np.ndarray) -> str:
    if found.squeeze().shape == expected.squeeze().shape:
        return "The numbers are there, with axes of length 1 added or lost: look at keepdims."
    if expected.ndim == 0:
        return "One number is asked for: sum or average over every axis."
    if found.ndim == 0:
        return "An array is asked for, not one number: reduce over fewer axes."
    if sorted(found.shape) == sorted(expected.shape):
        return "The axes are there, in another order."
    return ""


def _hint_on_arrangement(found: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    if _close(-found, expected, tolerance):
        return "Only the sign is wrong."
    square = found.ndim >= 2 and found.shape[-1] == found.shape[-2]
    if square and _close(np.swapaxes(found, -1, -2), expected, tolerance):
        return "Rows and columns are swapped."
    return ""


def _worst_place(found: np.ndarray, expected: np.ndarray) -> str:
    gap = np.abs(found - expected)
    place = tuple(int(one) for one in np.unravel_index(np.argmax(gap), gap.shape))
    return (
        f"the entry at {place} is {number(found[place])}; expected was {number(expected[place])}."
    )


def _close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    scale = max(float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))), 1e-6)
    return bool(np.allclose(found, expected, rtol=0, atol=tolerance * scale, equal_nan=True))


def _call(function: Callable, case: Case) -> _Outcome:
    """Calls a function on copies of a case's arrays; results come back as NumPy where they can."""
    arguments = [_copied(one) for one in case.arguments]
    options = {name: _copied(one) for name, one in case.options.items()}
    try:
        return _Outcome(_to_numpy(function(*arguments, **options)))
    except Exception as error:
        return _Outcome(error=error)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _to_numpy(result: Any) -> Any:
    if isinstance(result, dict):
        return {name: _to_numpy(one) for name, one in result.items()}
    if type(result) in (tuple, list):
        return type(result)(_to_numpy(one) for one in result)
    array = as_array(result)
    return result if array is None else array


def _same_outcome(one: _Outcome, other: _Outcome, tolerance: float) -> bool:
    if one.error is not None or other.error is not None:
        return type(one.error) is type(other.error)
    try:
        return explain_difference(one.result, other.result, "", tolerance) is None
    except (TypeError, ValueError):
        return False


def _hint_of_factor(found: Sequence[_Outcome], expected: Sequence[_Outcome]) -> str:
    """A hint for an answer that is everywhere the same multiple of what was expected."""
    factors = [
        _factor(one.result, other.result) for one, other in zip(found, expected, strict=True)
    ]
    known = [factor for factor in factors if factor is not None]
    if len(known) < max(len(factors), 2) or np.ptp(known) > 1e-3 * abs(known[0]):
        return ""
    return (
        f"Your result is always {number(known[0])} times what was expected. "
        "Look for a missing or an extra factor."
    )


def _factor(found: Any, expected: Any) -> float | None:
    """By what one number the expected array must be multiplied to give the found one, if any."""
    found, expected = as_array(found), as_array(expected)
    if found is None or expected is None or found.shape != expected.shape:
        return None
    if found.dtype.kind not in "fiu" or not np.any(expected):
        return None
    factor = float(np.sum(found * expected) / np.sum(np.square(expected, dtype=float)))
    if factor == 0 or not np.isfinite(factor) or not _close(found / factor, expected, 1e-3):
        return None
    return factor


def _not_yet(found: NotYet | None) -> Verdict | None:
    return None if found is None else Verdict(NOT_YET, found.observed, found.hint)


def _verdict_on_a_value(answer: Any) -> Verdict:
    return Verdict(
        NOT_YET,
        f"check was given {describe(answer)}, not a function.",
        "Hand over the function itself, without calling it: check(name), not check(name(...)).",
    )


def _verdict_on_failure(function: Callable, outcome: _Outcome, case: Case) -> Verdict | None:
    """The verdict on a call that raised or returned nothing; None when there is a result."""
    if outcome.error is not None:
        return _verdict_on_error(function, outcome.error, case)
    if outcome.result is ...:
        return Verdict(NOT_ATTEMPTED)
    if outcome.result is not None:
        return None
    if _placeholders(function) or _does_nothing(function):
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
    if isinstance(error, TypeError) and "argument" in str(error):
        return "Keep the names and the number of the arguments as the cell gave them."
    if isinstance(error, RecursionError):
        return "The function calls itself without end. Give the call another name."
    return (
        "Read the line above with the shapes of its values in mind; print them inside the function."
    )


def _placeholders(function: Any) -> set[str]:
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


def _wrap(paragraph: str) -> str:
    return textwrap.fill(paragraph, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
