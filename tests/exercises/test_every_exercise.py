"""What holds for every exercise; the wrong answers are in the files of the lessons, `MISTAKES`."""

import importlib
from pathlib import Path

import pytest

from course_lib.exercises import exercise, exercises
from tests.exercises.helpers import (
    accepts_its_own_reference,
    each_has_its_own_hint,
    goes_on_when_not_attempted,
    refuses,
)

EVERY = [one.id for one in exercises()]
MISTAKES = {
    id: mistakes
    for path in sorted(Path(__file__).parent.glob("test_lesson*.py"))
    for id, mistakes in importlib.import_module(f"{__package__}.{path.stem}").MISTAKES.items()
}


def test_every_exercise_has_wrong_answers():
    assert sorted(MISTAKES) == sorted(EVERY)
    assert all(MISTAKES.values())


@pytest.mark.parametrize("id", EVERY)
def test_the_reference_passes_its_own_checks(id):
    accepts_its_own_reference(id)


@pytest.mark.parametrize("id", EVERY)
def test_there_are_hints_that_go_on_step_by_step(id):
    assert len(exercise(id).hints) >= 2


@pytest.mark.parametrize("id", EVERY)
def test_not_attempted(id):
    goes_on_when_not_attempted(id)


# A wrong answer may divide by zero.
@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        pytest.param(id, wrong, id=f"{id}: {wrong}")
        for id, mistakes in MISTAKES.items()
        for wrong in mistakes
    ],
)
def test_a_wrong_answer_is_refused_with_the_hint_for_it(id, wrong):
    refuses(id, wrong)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
@pytest.mark.parametrize("id", MISTAKES)
def test_each_mistake_has_its_own_hint(id):
    each_has_its_own_hint(id, MISTAKES[id])
