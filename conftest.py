"""What every run of tests and notebooks has: no network, the quick budget, a timetable."""

import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest

OFFLINE = Path(__file__).parent / "tests" / "offline"
sys.path.insert(0, str(OFFLINE))

import network_guard  # noqa: E402  (it lies in the folder just named)

network_guard.close_network()
# Kernels and other programs that the tests start read these.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(OFFLINE), *filter(None, [os.environ.get("PYTHONPATH")])]
)
os.environ.setdefault("COURSE_BUDGET", "quick")
# What is compared is exact, whatever the processor is fast in; a reader's environment may differ.
os.environ.setdefault("COURSE_PRECISION", "float32")
# What is compared is English, whatever the system speaks.
os.environ["COURSE_LANGUAGE"] = "en"

lesson_seconds: dict[str, float] = defaultdict(float)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lesson-limit",
        type=float,
        metavar="SECONDS",
        help="fail when a notebook takes longer; off by default, since a busy machine is no fault",
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path = report.nodeid.partition("::")[0]
    if path.endswith(".ipynb"):
        lesson_seconds[path] += report.duration


def _too_slow(config: pytest.Config) -> list[str]:
    limit = config.getoption("--lesson-limit")
    return [path for path, seconds in lesson_seconds.items() if limit and seconds > limit]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _too_slow(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not lesson_seconds:
        return
    slow = _too_slow(terminalreporter.config)
    terminalreporter.section("seconds per lesson, starting its kernel included")
    for path, seconds in sorted(lesson_seconds.items()):
        remark = "  over the limit of --lesson-limit" if path in slow else ""
        terminalreporter.write_line(f"{seconds:7.1f}  {path}{remark}")
