"""What the benchmarks have in common: the shape of a result, and the table made of results.

A benchmark is a module `NAME_speed` of this package that takes `--out FILE` and writes there, as
JSON:

- "machine": a dictionary that says what was measured on, and with which versions;
- anywhere below, comparisons. A comparison is a dictionary with "ratio", how many times better ours
  is than the usual alternative, the median of the rounds; "ratio_range", the smallest and the
  largest of them; and one dictionary of medians that has the key "ours", such as
  "seconds": {"ours": 0.2, "tutorial": 0.9}, whose name is the unit. Or else "ours" and each
  alternative is a dictionary of its own, in which "seconds" is what the ratio compares.

All other numbers are listed under the table, but for those of the machine, the settings and the
single rounds. "curves" holds what is drawn as images beside the table; `curve` makes one.
"""

import contextlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from workshop import CHECKOUT

FOLDER = Path(__file__).resolve().parent
RESULTS = CHECKOUT / "benchmarks" / "results"
SUFFIX = "_speed"
UNLISTED = ("machine", "settings", "rounds", "curves")
# Where a page shows the table.
MARKS = ("<!-- benchmarks: begin -->", "<!-- benchmarks: end -->")
HEAD = ("what", "ours", "alternative", "unit", "ratio", "range")


def machine() -> dict:
    """Enough to know what was measured on."""
    import keras

    from course_lib.backend import accelerator

    backend = keras.backend.backend()
    try:
        cpu = next(
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        )
    except (OSError, StopIteration):
        cpu = platform.processor()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "device": str(accelerator()),
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "load_before": load,
        "system": platform.platform(),
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": f"{backend} {importlib.import_module(backend).__version__}",
        "pytorch": importlib.metadata.version("torch") if installed("torch") else None,
    }


def installed(package: str) -> bool:
    """Whether a package can be imported."""
    return importlib.util.find_spec(package) is not None


# ---- measuring ---------------------------------------------------------------------------------


def height_and_width(text: str) -> tuple[int, int]:
    """A size that is given on the command line: "2160x3840"."""
    height, width = text.split("x")
    return int(height), int(width)


def seconds(work: Callable, *arguments: Any) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begun


def memory() -> float:
    """The most memory that this process has held so far, in MiB."""
    import resource

    # On Linux, what getrusage says of a new process begins with the most its parent has held.
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def forget_most_memory() -> None:
    """Let `memory` count anew from what the process holds now, where the system can: on Linux."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def medians_of(rounds: Sequence[dict[str, float]], *, digits: int = 4) -> dict[str, float]:
    """The median over all rounds of each number."""
    return {
        name: round(statistics.median(one[name] for one in rounds), digits) for name in rounds[0]
    }


def faster(rounds: Sequence[dict[str, float]], other: str) -> dict:
    """How many times the seconds of ours another way takes: the median of the rounds, and all."""
    ratios = [one[other] / one["ours"] for one in rounds]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
    }


class Elsewhere:
    """A contender in a process of its own, which waits for its turn and then does what it is told.

    So frameworks that do not get along in one process can be compared round by round.

    Args:
        *words: what follows `python`: a program that calls `serve`, and its arguments.
        backend: Keras's backend there; that of this process by default.
    """

    def __init__(self, *words: Any, backend: str | None = None):
        self.command = [sys.executable, *map(str, words)]
        environment = os.environ | ({"KERAS_BACKEND": backend} if backend else {})
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
        )

    def __call__(self, *job: Any) -> Any:
        """Have a job done, and wait for what was found."""
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{' '.join(self.command)} ended with {self.process.wait()}")
        return json.loads(answer)

    def close(self) -> None:
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


def serve(jobs: dict[str, Callable]) -> None:
    """Do the jobs that an `Elsewhere` asks for, until it is closed.

    Args:
        jobs: name -> function, whose answer can be written as JSON.
    """
    answers = os.fdopen(os.dup(1), "w")
    # What a library prints would be taken for an answer.
    os.dup2(2, 1)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(jobs[name](*arguments)), file=answers, flush=True)


# ---- curves ------------------------------------------------------------------------------------


def curve(
    x: str,
    y: str,
    places: Sequence[float],
    values: Sequence[dict[str, float]],
    *,
    log: bool = False,
) -> dict:
    """A curve as a result holds it.

    Args:
        x: words for the horizontal axis.
        y: words for the vertical axis.
        places: where along it something was measured.
        values: for each place the numbers of all ways.
        log: whether both axes are logarithmic.
    """
    lines: dict[str, list[list[float]]] = {}
    for place, found in zip(places, values, strict=True):
        for way, value in found.items():
            xs, ys = lines.setdefault(way, [[], []])
            xs.append(place)
            ys.append(value)
    return {"x": x, "y": y, "log": log, "lines": lines}


def draw_curves(name: str, result: dict, folder: Path) -> dict[str, str]:
    """Draw the curves of a result as PNG files.

    Args:
        name: of the benchmark.
        result: what it wrote.
        folder: where to.

    Returns:
        File name -> what the image shows, in words.
    """
    drawn = {}
    for title, one in result.get("curves", {}).items():
        file = f"{name}-{re.sub('[^a-z0-9]+', '-', title.lower())}.png"
        draw(title, one, folder / file)
        ways = ", ".join(map(words, one["lines"]))
        drawn[file] = f"{title}: {one['y']} against {one['x']}, a line each for {ways}."
    return drawn


def draw(title: str, one: dict, path: Path) -> None:
    """Draw a curve into a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from course_lib.plots import COLORS, LINE_STYLES, MARKERS

    figure = Figure(figsize=(6.4, 4.0), dpi=150, layout="constrained")
    axes = figure.subplots()
    for number, (way, (xs, ys)) in enumerate(one["lines"].items()):
        axes.plot(
            xs,
            ys,
            label=words(way),
            color=COLORS[number % len(COLORS)],
            marker=MARKERS[number % len(MARKERS)],
            linestyle=LINE_STYLES[number % len(LINE_STYLES)],
        )
    if one["log"]:
        axes.set(xscale="log", yscale="log")
    else:
        axes.set_ylim(bottom=0)
    axes.set(title=title, xlabel=one["x"], ylabel=one["y"])
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it and then renamed: whoever stops this run leaves the old image.
    part = path.with_suffix(".part")
    FigureCanvasAgg(figure).print_png(part, metadata={"Software": None})
    os.replace(part, path)


# ---- results and their table -------------------------------------------------------------------


def benchmarks() -> dict[str, str]:
    """The benchmarks there are: name -> module."""
    modules = sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}.py"))
    return {module.removesuffix(SUFFIX): f"workshop.benchmarks.{module}" for module in modules}


def comparisons(result: Any, *, name: str = "") -> Iterator[tuple[str, dict]]:
    """Every comparison in a result, with the path of names that leads to it."""
    if not isinstance(result, dict):
        return
    if is_comparison(result):
        yield name, result
    for key, value in result.items():
        yield from comparisons(value, name=longer(name, key))


def figures(result: Any, *, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a result that belongs to no comparison, with the path that leads to it."""
    if isinstance(result, (int, float)) and not isinstance(result, bool):
        yield name, result
    if isinstance(result, dict) and not is_comparison(result):
        for key, value in result.items():
            if key not in UNLISTED:
                yield from figures(value, name=longer(name, key))


def is_comparison(result: dict) -> bool:
    """Whether a dictionary compares ours with something."""
    return "ratio" in result and medians(result) is not None


def medians(comparison: dict) -> tuple[str, dict] | None:
    """The unit of a comparison and its medians, ours and the alternatives'."""
    if isinstance(comparison.get("ours"), dict):
        ways = {key: value for key, value in comparison.items() if isinstance(value, dict)}
        return "seconds", {key: value["seconds"] for key, value in ways.items()}
    found = [(k, v) for k, v in comparison.items() if isinstance(v, dict) and "ours" in v]
    return found[0] if found else None


def longer(name: str, key: str) -> str:
    """A path of names with one more at its end."""
    return f"{name}, {words(key)}" if name else words(key)


def words(key: str) -> str:
    """A key of a result as it is read."""
    return str(key).replace("_", " ")


def row(name: str, comparison: dict) -> tuple[str, ...]:
    """A comparison as a row of the table."""
    unit, values = medians(comparison)
    others = [f"{value:.3g} ({words(key)})" for key, value in values.items() if key != "ours"]
    span = comparison.get("ratio_range")
    return (
        name,
        f"{values['ours']:.3g}",
        ", ".join(others),
        words(unit),
        f"{comparison['ratio']:.3g} ×",
        f"{span[0]:.3g} to {span[1]:.3g}" if span else "",
    )


def markdown(
    results: dict[str, dict], *, images: dict[str, str] | None = None, short: bool = False
) -> str:
    """All comparisons as a Markdown table, and under it curves, other figures and the machines.

    Args:
        results: name of a benchmark -> what it wrote.
        images: path of a curve's image -> what it shows.
        short: leaves out curves and other figures.
    """
    rows = [
        row(path, comparison)
        for name, result in results.items()
        for path, comparison in comparisons(result, name=name)
    ]
    lines = [" | ".join(one) for one in (HEAD, ["---"] * len(HEAD), *rows)]
    others = [
        f"- {path}: {value:.4g}"
        for name, result in results.items()
        for path, value in figures(result, name=name)
        if not short
    ]
    curves = [f"![{shows}]({path})" for path, shows in (images or {}).items() if not short]
    machines: dict[str, list[str]] = {}
    for name, result in results.items():
        machines.setdefault(described(result.get("machine", {})), []).append(name)
    notes = [f"{', '.join(names)}: {machine}." for machine, names in machines.items()]
    blocks = [[f"| {line} |" for line in lines], curves, others, notes]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def into_page(page: str, table: str) -> str:
    """A page of Markdown with the table between its two marks, `MARKS`.

    Raises:
        ValueError: the page has no such marks.
    """
    before, first, rest = page.partition(MARKS[0])
    _, last, after = rest.partition(MARKS[1])
    if not (first and last):
        raise ValueError(f"the page has no lines {MARKS[0]} and {MARKS[1]} to put the table in.")
    return f"{before}{first}\n{table}\n{last}{after}"


def described(machine: dict) -> str:
    """A machine in one line, without how busy it was: that differs from benchmark to benchmark."""
    told = {key: value for key, value in machine.items() if key != "load_before"}
    return "; ".join(f"{words(key)} {value}" for key, value in told.items() if value is not None)


def write(path: Path, text: str) -> None:
    """Write a file in one step: whoever stops this run leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False
    ) as part:
        part.write(text)
    os.replace(part.name, path)


def read(path: Path) -> dict:
    """What a benchmark wrote."""
    return json.loads(path.read_text(encoding="utf-8"))
