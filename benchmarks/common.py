"""What the benchmarks have in common: the shape of a result, and the table made of results.

A benchmark is a file `benchmarks/NAME_speed.py` that takes `--out FILE` and writes there, as JSON:

- "machine": a dictionary that says what was measured on, and with which versions;
- anywhere below, comparisons. A comparison is a dictionary with "ratio", how many times better ours
  is than the usual alternative, the median of the rounds; "ratio_range", the smallest and the
  largest of them; and one dictionary of medians that has the key "ours", such as
  "seconds": {"ours": 0.2, "tutorial": 0.9}, whose name is the unit. Or else "ours" and each
  alternative is a dictionary of its own, in which "seconds" is what the ratio compares.

All other numbers are listed under the table, but for those of the machine, the settings and the
single rounds.
"""

import importlib
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
SUFFIX = "_speed"
UNLISTED = ("machine", "settings", "rounds")
HEAD = ("what", "ours", "alternative", "unit", "ratio", "range")


def machine() -> dict:
    """Enough to know what was measured on."""
    import keras

    from course_lib.device import accelerator

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
    }


def benchmarks() -> dict[str, Path]:
    """The benchmarks there are: name -> file."""
    return {path.stem.removesuffix(SUFFIX): path for path in sorted(FOLDER.glob(f"*{SUFFIX}.py"))}


def comparisons(result: Any, name: str = "") -> Iterator[tuple[str, dict]]:
    """Every comparison in a result, with the path of names that leads to it."""
    if not isinstance(result, dict):
        return
    if is_comparison(result):
        yield name, result
    for key, value in result.items():
        yield from comparisons(value, longer(name, key))


def figures(result: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a result that belongs to no comparison, with the path that leads to it."""
    if isinstance(result, (int, float)) and not isinstance(result, bool):
        yield name, result
    if isinstance(result, dict) and not is_comparison(result):
        for key, value in result.items():
            if key not in UNLISTED:
                yield from figures(value, longer(name, key))


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


def markdown(results: dict[str, dict]) -> str:
    """All comparisons as a Markdown table, and under it the other figures and the machines.

    Args:
        results: name of a benchmark -> what it wrote.
    """
    rows = [
        row(path, comparison)
        for name, result in results.items()
        for path, comparison in comparisons(result, name)
    ]
    lines = [" | ".join(one) for one in (HEAD, ["---"] * len(HEAD), *rows)]
    others = [
        f"- {path}: {value:.4g}"
        for name, result in results.items()
        for path, value in figures(result, name)
    ]
    machines: dict[str, list[str]] = {}
    for name, result in results.items():
        machines.setdefault(described(result.get("machine", {})), []).append(name)
    notes = [f"{', '.join(names)}: {machine}." for machine, names in machines.items()]
    blocks = [[f"| {line} |" for line in lines], others, notes]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def described(machine: dict) -> str:
    """A machine in one line."""
    return "; ".join(f"{words(key)} {value}" for key, value in machine.items() if value is not None)


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
