"""Exercises: how an answer is judged and what is said about it.

An exercise knows a reference (a function of the library), a few cases (inputs on which the answer
must agree with the reference), checks for what cases cannot say (invariants), misconceptions
(wrong functions that readers are known to write, each with its hint) and hints. An answer is
judged by what it returns, never by how it is written.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import pkgutil
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.errors import ExerciseError
from course_lib.exercises.calling import (
    Answer,
    Case,
    Check,
    Outcome,
    call,
    for_lesson,
    placeholders,
    verdict_on_failure,
)
from course_lib.exercises.comparing import describe, explain_difference, factor, number
from course_lib.exercises.outcomes import (
    NOT_ATTEMPTED,
    NOT_YET,
    RIGHT,
    NotYet,
    SourceCode,
    Stop,
    Verdict,
    wrap,
)
from course_lib.messages import translate


@dataclass(frozen=True)
class Misconception:
    """A wrong function that readers are known to write, and the hint for whoever wrote it.

    An answer that does on every case what `function` does is told `hint`.
    """

    function: Callable
    hint: str


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
        as_given: whether the lesson goes on with the answer as it is, which gets what the lesson
            passes: where a gradient is taken through it, NumPy arrays will not do. A check must
            then try it on tensors.
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
    as_given: bool = False
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
            `answer` when it is right, so that it gets the arrays it was judged with where the
            lesson has tensors (`calling.for_lesson`); the library's own function otherwise. So the
            lesson always reaches its end.
        """
        verdict = self.judge(answer)
        print(self.message(verdict))
        if verdict.outcome != RIGHT:
            return self.solved
        return answer if self.as_given else for_lesson(answer, self._like)

    def judge(self, answer: Any) -> Verdict:
        """The verdict on an answer, without printing anything."""
        if answer is None or answer is ...:
            return Verdict(NOT_ATTEMPTED)
        if not callable(answer):
            return _verdict_on_a_value(answer)
        try:
            verdict = self._judge_cases(answer) or self._judge_checks(answer) or Verdict(RIGHT)
        except Stop as stop:
            verdict = stop.verdict
        if verdict.outcome == NOT_YET and "value" in placeholders(answer):
            return Verdict(NOT_ATTEMPTED)
        return verdict

    def message(self, verdict: Verdict) -> str:
        """What `check` prints for a verdict."""
        return "\n".join(wrap(translate(one)) for one in self._paragraphs(verdict))

    def hint(self) -> None:
        """Prints a hint; each call goes one step further."""
        number = min(self._hints_given, len(self.hints) - 1)
        self._hints_given += 1
        told = f"Hint {number + 1} of {len(self.hints)}: {self.hints[number]}"
        print(wrap(translate(told)))
        if number == len(self.hints) - 1:
            print(wrap(translate(f"That was the last hint. {self._way_to_the_solution()}")))

    def solution(self) -> SourceCode | None:
        """The library's own source, shown as Python code by Jupyter.

        Nothing but a line that says so where the environment variable COURSE_SOLUTIONS is
        "hidden", as it is in the notebooks that `course classroom` makes for students.
        """
        if _solutions_hidden():
            print(translate(self._way_to_the_solution()))
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
        found = [call(answer, case) for case in self.cases]
        expected = [self._expected(case) for case in self.cases]
        for case, outcome, wanted in zip(self.cases, found, expected, strict=True):
            verdict = verdict_on_failure(answer, outcome, case)
            if verdict is None:
                difference = explain_difference(
                    outcome.result, wanted.result, case.given, tolerance=self.tolerance
                )
                verdict = _not_yet(difference)
            if verdict is not None:
                return self._with_best_hint(verdict, found, expected)
        return None

    @cached_property
    def _like(self) -> Any:
        """What the reference returns on the first case."""
        return self._expected(self.cases[0]).result if self.cases else None

    def _judge_checks(self, answer: Callable) -> Verdict | None:
        for check in self.checks:
            found = check(Answer(answer, like=self._like), Answer(self.solved, like=self._like))
            if found is not None:
                return _not_yet(found)
        return None

    def _expected(self, case: Case) -> Outcome:
        outcome = call(self.solved, case)
        if outcome.error is not None:
            raise ExerciseError(
                f"Exercise {self.id!r}: its own reference {self.reference} fails on the case "
                f"{case.given!r}. Mend the case."
            ) from outcome.error
        return outcome

    def _with_best_hint(
        self, verdict: Verdict, found: Sequence[Outcome], expected: Sequence[Outcome]
    ) -> Verdict:
        """The hint for a known mistake comes first, the exercise's first hint last."""
        if verdict.outcome == NOT_ATTEMPTED:
            return verdict
        hint = self._hint_of_misconception(found) or verdict.hint
        hint = hint or _hint_of_factor(found, expected) or self.hints[0]
        return Verdict(NOT_YET, verdict.observed, hint)

    def _hint_of_misconception(self, found: Sequence[Outcome]) -> str:
        """The hint of the known wrong function that does on every case what the answer does."""
        for misconception in self.misconceptions:
            known = [call(misconception.function, case) for case in self.cases]
            pairs = list(zip(found, known, strict=True))
            failed = [pair for pair in pairs if any(one.error is not None for one in pair)]
            worked = [pair for pair in pairs if all(one.error is None for one in pair)]
            # Where nothing but errors can be compared, they must say the same.
            same_error = _kind_of_error if worked else _words_of_error
            if all(_same_result(*pair, self.tolerance) for pair in worked) and all(
                same_error(one) == same_error(other) for one, other in failed
            ):
                return misconception.hint
        return ""


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


def _same_result(one: Outcome, other: Outcome, tolerance: float) -> bool:
    try:
        return explain_difference(one.result, other.result, "", tolerance=tolerance) is None
    except (TypeError, ValueError):
        return False


def _kind_of_error(outcome: Outcome) -> list[str]:
    return [type(outcome.error).__name__]


def _words_of_error(outcome: Outcome) -> list[str]:
    """The kind of an error and its words in any order: two shapes may be named either way round."""
    return [*_kind_of_error(outcome), *sorted(re.findall(r"\w+", str(outcome.error)))]


def _hint_of_factor(found: Sequence[Outcome], expected: Sequence[Outcome]) -> str:
    """A hint for an answer that is everywhere the same multiple of what was expected."""
    factors = [factor(one.result, other.result) for one, other in zip(found, expected, strict=True)]
    known = [factor for factor in factors if factor is not None]
    if len(known) < max(len(factors), 2) or np.ptp(known) > 1e-3 * abs(known[0]):
        return ""
    # Rounding, or a mistake at a single place, is no factor.
    if abs(known[0] - 1) < 2e-3:
        return ""
    return (
        f"Your result is always {number(known[0])} times what was expected. "
        "Look for a missing or an extra factor."
    )


def _not_yet(found: NotYet | None) -> Verdict | None:
    return None if found is None else Verdict(NOT_YET, found.observed, found.hint)


def _verdict_on_a_value(answer: Any) -> Verdict:
    return Verdict(
        NOT_YET,
        f"check was given {describe(answer)}, not a function.",
        "Hand over the function itself, without calling it: check(name), not check(name(...)).",
    )
