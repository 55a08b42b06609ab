"""Run the benchmarks one after the other, and make one table of what they found.

    course bench                      all of them; some minutes each
    course bench training widget      only these
    course bench --quick              tiny settings: does everything run? Nothing to quote
    course bench --table              run nothing, make the table of the files there are
    course bench --table --page README.md
                                      put it into a page, between its marks

Each runs in a process of its own, ours and the alternative in turn, and writes
`benchmarks/results/NAME_speed.json`; the table is `benchmarks/results/table.md`, and the curves
that it shows are images beside it. Run it on a machine that does nothing else. A benchmark that
fails is reported at the end, and the others run.

With KERAS_BACKEND=jax, ours is measured on JAX and the alternatives of TensorFlow on TensorFlow.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workshop import CHECKOUT
from workshop.benchmarks.common import (
    RESULTS,
    SUFFIX,
    benchmarks,
    draw_curves,
    into_page,
    markdown,
    read,
    write,
)

# Settings with which a benchmark says within a minute or two whether it still runs.
QUICK = {
    "training": ["--rounds", "1", "--steps", "10", "--crop", "32", "--batch", "2"],
    "optimize": [
        *("--rounds", "1", "--steps", "2", "--vgg-steps", "1", "--whole-run", "10"),
        *("--size", "64", "--sizes", "64", "96"),
    ],
    "stylize": ["--rounds", "1", "--sizes", "64x64", "96x96", "--plain-up-to", "8000"],
    "video": ["--rounds", "1", "--frames", "4", "--sizes", "64x96"],
    "widget": ["--events", "5"],
    "export": ["--rounds", "1", "--sizes", "64x64"],
    "cluster": ["--rounds", "1", "--images", "4", "--size", "64"],
    "networks": ["--rounds", "1", "--sizes", "64", "96", "--counts", "1", "2", "--side", "64"],
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the exit code is 1 if one of them failed."""
    there = benchmarks()
    parser = argparse.ArgumentParser(prog="course bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(there)}")
    parser.add_argument("--quick", action="store_true", help="tiny settings, nothing to quote")
    parser.add_argument("--table", action="store_true", help="run nothing, only make the table")
    parser.add_argument("--page", type=Path, help="a Markdown file to put the table into")
    parser.add_argument("--out", type=Path, help=f"folder for the results (default: {RESULTS})")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in there:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(there)}")
    chosen = options.names or list(there)
    # Figures of a quick run never take the place of real ones.
    quick_folder = Path(tempfile.gettempdir()) / "course-benchmarks"
    out = (options.out or (quick_folder if options.quick else RESULTS)).resolve()
    failed = (
        []
        if options.table
        else [one for one in chosen if not run(one, there[one], out, options.quick)]
    )
    results = {
        name: read(out / f"{name}{SUFFIX}.json")
        for name in there
        if (out / f"{name}{SUFFIX}.json").is_file()
    }
    images = {
        file: shows
        for name, result in results.items()
        for file, shows in draw_curves(name, result, out).items()
    }
    table = markdown(results, images=images)
    write(out / "table.md", table)
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        write(options.page, into_page(page, markdown(results, short=True)))
    print(f"\n{table}\nwritten to {out / 'table.md'}")
    if failed:
        print(f"failed: {', '.join(failed)}; what they said stands above", file=sys.stderr)
    return 1 if failed else 0


def run(name: str, module: str, out: Path, quick: bool) -> bool:
    """Run one benchmark in a process of its own; whether it ended well."""
    settings = QUICK.get(name, []) if quick else []
    target = out / f"{name}{SUFFIX}.json"
    print(f"{name}: {module} {' '.join(settings)}".rstrip(), flush=True)
    begun = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-m", module, "--out", str(target), *settings],
        env={"TF_CPP_MIN_LOG_LEVEL": "3"} | dict(os.environ),
        cwd=CHECKOUT,
        check=False,
    )
    ended = "done" if answer.returncode == 0 else f"failed with exit code {answer.returncode}"
    print(f"{name}: {ended} after {time.perf_counter() - begun:.0f} s", flush=True)
    return answer.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
