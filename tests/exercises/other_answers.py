"""Runs a lesson with other right answers in the place of the stubs: `other_answers.py NUMBER TURN`.

The answers are those that the lesson's tests accept; the turn says which of them where there are
several. Run as a program, because a lesson needs an interpreter of its own.
"""

import importlib
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKED = re.compile(r'(exercise\("([\w-]+)"\)\.check)\((\w+)\)')


def accepted(number: str) -> dict[str, list[Callable]]:
    """Exercise -> the answers that the tests of a lesson call right."""
    sys.path.insert(0, str(HERE.parents[1]))
    from tests.exercises import helpers

    found: dict[str, list[Callable]] = {}
    helpers.accepts = lambda id, *answers: found.setdefault(id, []).extend(answers)
    tests = importlib.import_module(f"tests.exercises.test_lesson{number}")
    for name, test in vars(tests).items():
        if name.startswith("test_") and name.endswith("_accepted"):
            for arguments in arguments_of(test):
                test(**arguments)
    return found


def arguments_of(test: Callable) -> Iterator[dict]:
    """The arguments with which pytest calls a test."""
    choices = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = [one.strip() for one in names.split(",")] if isinstance(names, str) else names
            choices.append([dict(zip(names, one, strict=True)) for one in values])
    for chosen in itertools.product(*choices):
        yield {name: value for part in chosen for name, value in part.items()}


def main(number: str, turn: str) -> None:
    """Run the lesson; its own asserts and errors end it."""
    from course_lib.exercises import exercise

    answers = {}
    for id, known in accepted(number).items():
        known = [one for one in known if one is not exercise(id).solved]
        if known:
            answers[id] = known[int(turn) % len(known)]
    lesson = next((HERE.parents[1] / "lessons").glob(f"{number}-*.py"))
    used: set[str] = set()

    def answer(id, own):
        used.add(id)
        return answers.get(id, own)

    source = CHECKED.sub(r'\1(other_answer("\2", \3))', lesson.read_text(encoding="utf-8"))
    exec(compile(source, str(lesson), "exec"), {"__name__": "__main__", "other_answer": answer})
    assert answers and set(answers) <= used, f"of {sorted(answers)} the lesson has {sorted(used)}"


if __name__ == "__main__":
    main(*sys.argv[1:])
