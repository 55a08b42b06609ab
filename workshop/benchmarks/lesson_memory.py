"""Memory and CPU time that one reader of each lesson needs, for planning a server.

    python -m workshop.benchmarks.lesson_memory                  every lesson, quick budget
    python -m workshop.benchmarks.lesson_memory lessons/03-*.py  only these; others stay
    python -m workshop.benchmarks.lesson_memory --table          only write the table

The figures go to benchmarks/results/lesson_memory.json, and as a table into docs/jupyterhub.md.

Each lesson is built from its source and runs in a kernel of its own, as Run All does it. A thread
looks at the kernel and the processes it starts ten times a second. "Peak" is all memory that they
hold; "private" is the part that no second kernel can share with them (the rest is program files,
which the system keeps once for all). A busy machine changes neither; it
makes the CPU seconds somewhat more. Linux only.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from datetime import date
from functools import partial
from pathlib import Path

import psutil

from workshop import CHECKOUT
from workshop.benchmarks.common import RESULTS, read, write
from workshop.lessons import Lesson, convert, execute, lessons
from workshop.lessons.sources import SETUP_TAG, select

PAGE = CHECKOUT / "docs" / "jupyterhub.md"
MARKS = ("<!-- table -->\n", "<!-- end of table -->\n")
MEBIBYTE = 2**20
SERVER, OPENED = "JupyterLab without a lesson", "a lesson, after its first cell"
# What the kernel says of itself when the lesson is over.
REPORT = """
import os, re
from pathlib import Path
times = os.times()
highest = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
print(sum(times[:4]), highest)
"""


class Watch(threading.Thread):
    """Looks at the memory of all processes started from here until `stop` is called."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = self.private = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            held = [memory_of(process.pid) for process in psutil.Process().children(recursive=True)]
            self.peak = max(self.peak, sum(peak for peak, _ in held))
            self.private = max(self.private, sum(private for _, private in held))

    def stop(self) -> None:
        self._over.set()
        self.join()


def memory_of(process: int) -> tuple[int, int]:
    """Bytes that a process holds, and those of them that are its own; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = dict(line.split(":", 1) for line in lines)
    return tuple(int(found.get(key, "0 kB").split()[0]) * 1024 for key in ("VmRSS", "RssAnon"))


def measure(lesson: Lesson, *, first_cell_only: bool = False) -> dict:
    """Run a lesson in a new kernel: its peak and private memory in MiB, its CPU seconds."""
    import nbformat

    notebook = convert(lesson)
    if first_cell_only:
        notebook.cells = [
            one for one in notebook.cells if SETUP_TAG in one.metadata.get("tags", [])
        ]
    notebook.cells.append(nbformat.v4.new_code_cell(REPORT))
    watch = Watch()
    watch.start()
    try:
        execute(notebook, name=lesson.source.name)
    finally:
        watch.stop()
    seconds, highest = map(float, notebook.cells[-1].outputs[0].text.split())
    return figures(max(watch.peak, highest), watch.private, seconds)


def measure_server() -> dict:
    """Start JupyterLab and fetch its page: what a reader's server costs beside the kernels."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-browser", "--allow-root", "--port=18765", "--IdentityProvider.token="]
        watch = Watch()
        watch.start()
        server = psutil.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            fetch("http://127.0.0.1:18765/lab", until=time.monotonic() + 120)
            seconds = sum(server.cpu_times()[:2])
        finally:
            watch.stop()
            server.terminate()
            server.wait()
    return figures(watch.peak, watch.private, seconds)


def fetch(address: str, until: float) -> None:
    """Ask a server that is starting until it answers."""
    while True:
        try:
            urllib.request.urlopen(address).read()
            return
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def figures(peak: float, private: float, seconds: float) -> dict:
    """A result in the units of the table."""
    return {
        "peak_mib": round(peak / MEBIBYTE),
        "private_mib": round(private / MEBIBYTE),
        "cpu_seconds": round(seconds, 1),
        "measured_on": date.today().isoformat(),
    }


def markdown(result: dict) -> str:
    """The table of a result, as docs/jupyterhub.md shows it."""
    rows = ["| | peak, MiB | private, MiB | CPU seconds | measured on |", "|---|--:|--:|--:|--:|"]
    for name, found in result["measured"].items():
        numbers = [found["peak_mib"], found["private_mib"], round(found["cpu_seconds"])]
        numbers.append(found["measured_on"])
        rows.append(f"| {name} | {' | '.join(map(str, numbers))} |")
    return "\n".join(rows) + "\n"


def described_machine() -> dict:
    """What is measured on, found out by another process: this one stays free of any framework."""
    program = (
        "import json; from workshop.benchmarks import common; print(json.dumps(common.machine()))"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    found.pop("load_before")  # it does not matter here
    return found


def with_table(page: str, table: str) -> str:
    """A page with the table between its two marks, in place of what stood there."""
    before, rest = page.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    return f"{before}{MARKS[0]}{table}{MARKS[1]}{after}"


def main() -> None:
    """Measure what was asked for, and keep each figure as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", type=Path, help="sources; all when none is named")
    parser.add_argument("--out", type=Path, default=RESULTS / "lesson_memory.json")
    parser.add_argument("--table", action="store_true", help="measure nothing, write the table")
    options = parser.parse_args()
    result = read(options.out) if options.out.is_file() else {"machine": {}, "measured": {}}
    jobs = {}
    if not options.table:
        result["machine"] = described_machine()
        jobs = {name_of(one): partial(measure, one) for one in select(options.lessons)}
        if not options.lessons:
            empty = {
                SERVER: measure_server,
                OPENED: partial(measure, lessons()[0], first_cell_only=True),
            }
            jobs = empty | jobs
    for name, job in jobs.items():
        found = result["measured"] | {name: job()}
        order = [SERVER, OPENED, *map(name_of, lessons())]
        result["measured"] = {name: found[name] for name in order if name in found}
        write(options.out, json.dumps(result, indent=2) + "\n")
        print(name, found[name], flush=True)
    table = markdown(result)
    print(table)
    if options.out == RESULTS / "lesson_memory.json":
        write(PAGE, with_table(PAGE.read_text(encoding="utf-8"), table))


def name_of(lesson: Lesson) -> str:
    """A lesson as the table names it."""
    return f"{lesson.number:02} {lesson.title}"


if __name__ == "__main__":
    main()
