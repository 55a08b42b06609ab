"""What the tests of every lesson's exercises share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from keras import ops

from course_lib.exercises import NOT_ATTEMPTED, NOT_YET, RIGHT, exercise
from course_lib.exercises.calling import call, each
from course_lib.exercises.comparing import explain_difference


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that readers are known to give.

    Args:
        mistake: what went wrong, in a few words ("forgot the half").
        function: the wrong answer.
        hint: words that the hint for this mistake must contain.
    """

    mistake: str
    function: Callable
    hint: str

    def __str__(self) -> str:
        return self.mistake


def refuses(id: str, wrong: Wrong) -> None:
    """The wrong answer is not accepted, and its hint speaks of this mistake."""
    verdict = exercise(id).judge(wrong.function)
    assert verdict.outcome == NOT_YET, f"{wrong.mistake}: the verdict was {verdict.outcome}"
    assert verdict.observed, f"{wrong.mistake}: nothing is said about what was observed"
    assert wrong.hint in verdict.hint, f"{wrong.mistake}: the hint was {verdict.hint!r}"


def each_has_its_own_hint(id: str, mistakes: Sequence[Wrong]) -> None:
    """No two mistakes are answered with the same hint."""
    hints = [exercise(id).judge(wrong.function).hint for wrong in mistakes]
    repeated = {hint for hint in hints if hints.count(hint) > 1}
    assert not repeated, f"{id}: several mistakes get the hint {repeated}"


def accepts(id: str, *answers: Callable) -> None:
    """Every one of the answers is right, and the lesson goes on with the reader's own function."""
    for answer in answers:
        verdict = exercise(id).judge(answer)
        assert verdict.outcome == RIGHT, f"{id}: {verdict}"
        going_on = exercise(id).check(answer)
        assert own(going_on) is answer
        if not exercise(id).as_given:
            runs_on_tensors(id, going_on)


def runs_on_tensors(id: str, answer: Callable) -> None:
    """The lesson may pass tensors where the checks pass arrays: it gets the same result."""
    asked = exercise(id)
    for case in asked.cases:
        given = each(as_tensor, (case.arguments, case.options))
        found = each(as_numpy, answer(*given[0], **given[1]))
        difference = explain_difference(
            found, call(asked.solved, case).result, case.given, tolerance=2e-3
        )
        assert difference is None, f"{id}, on tensors: {difference}"


def as_tensor(value):
    floats = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return ops.convert_to_tensor(value.astype("float32")) if floats else value


def as_numpy(value):
    return ops.convert_to_numpy(value) if ops.is_tensor(value) else value


def own(function: Callable) -> Callable:
    """The reader's function in what `check` gives back."""
    return getattr(function, "__wrapped__", function)


def goes_on_when_not_attempted(id: str) -> None:
    """A function with `...` for a body is not attempted, and the lesson gets the library's own."""

    def untouched(*arguments, **options):
        """What the reader is asked for."""
        ...

    assert exercise(id).judge(untouched).outcome == NOT_ATTEMPTED
    assert exercise(id).check(untouched) is exercise(id).solved


def accepts_its_own_reference(id: str) -> None:
    """The library's function passes the checks that readers must pass."""
    accepts(id, exercise(id).solved)
