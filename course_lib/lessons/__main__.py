"""`python -m course_lib.lessons build | check | lint | map`, for whoever writes lessons."""

import argparse
import sys
import time
from pathlib import Path

from course_lib.errors import BuildError
from course_lib.lessons import build, check, course_map, lint


def main() -> int:
    """Run one of the four; the exit code is 1 when something is to be mended."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.lessons", description=__doc__)
    parser.add_argument("what", choices=["build", "check", "lint", "map"])
    parser.add_argument("paths", nargs="*", type=Path, help="lesson sources; all when none given")
    parser.add_argument("--no-execute", action="store_true", help="build without running")
    parser.add_argument("--jobs", type=int, default=1, help="lessons to run at the same time")
    wanted = parser.parse_intermixed_args()
    if wanted.what == "map":
        print(course_map(), end="")
        return 0
    if wanted.what == "build":
        for path in wanted.paths or [None]:
            started = time.perf_counter()
            for notebook in build(path and [path], not wanted.no_execute, wanted.jobs):
                print(f"{notebook.name}: built, {notebook.stat().st_size / 1000:.0f} KB")
            print(f"{time.perf_counter() - started:.0f} s")
        return 0
    problems = (check if wanted.what == "check" else lint)(wanted.paths)
    print(*problems, f"{len(problems)} to mend", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BuildError as error:
        sys.exit(f"BuildError: {error}")
