"""A lesson reaches its end with other right answers than the library's.

It takes as long as all lessons, so it waits to be asked: COURSE_ANSWER=0, 1, ... says which of
several answers is taken, so that a regular run can take another one each time. That an accepted
answer takes what lessons pass is tested with every answer (`helpers.accepts`).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("other_answers.py")


@pytest.mark.slow
@pytest.mark.skipif("COURSE_ANSWER" not in os.environ, reason="COURSE_ANSWER is not set")
@pytest.mark.parametrize("number", [f"{number:02d}" for number in range(1, 16)])
def test_a_lesson_reaches_its_end_with_other_right_answers(number, tmp_path):
    settings = {"MPLBACKEND": "Agg", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(
        [sys.executable, RUN, number, os.environ["COURSE_ANSWER"]],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
