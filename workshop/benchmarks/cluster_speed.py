"""How many images a second several workers stylize, against one process that does them in turn.

    python -m workshop.benchmarks.cluster_speed \
        [--workers 2] [--images 40] [--size 512] [--rounds 3]

Both stylize the same files with the painting decoder and write the same files; they take turns in
one run, and neither's start is counted:

- ours: `course stylize --workers`, that is, worker processes behind a Dask scheduler, among which
  the cores are divided;
- one process: `course stylize` without it, one image after the other, on all cores.

"seconds until the workers are warm", that is, have stylized an image each, are the price of a
small collection. Needs the extra `cluster`.

Writes medians, ratios, the machine and the versions to benchmarks/results/cluster_speed.json. Run
it on a machine that does nothing else.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from course_lib import cluster, collection, images
from course_lib.backend import quiet_framework_import
from course_lib.stylize.plan import Job
from course_lib.stylize.running import work
from course_lib.stylize.work import Settings, Stylizer
from workshop.benchmarks.common import RESULTS, machine, write

RESULT = RESULTS / "cluster_speed.json"
SETTINGS = Settings(("mosaic",))


def make_targets(folder, count, size):
    """Photographs of that size, and the file to make of each of them."""
    for name in ("photos", "out"):
        (folder / name).mkdir()
    names = collection.names()["photographs"]
    targets = {}
    for number in range(count):
        path = folder / "photos" / f"{number:04d}.jpg"
        images.save_image(
            collection.photograph(names[number % len(names)], size=(size, size)), path
        )
        targets[path] = folder / "out" / path.name
    return targets


def by_workers(client, targets):
    """Have all files made; the seconds that it took."""
    begun = time.perf_counter()
    for _, error in cluster.each_made(client, work, targets, SETTINGS):
        if error is not None:
            raise error
    return time.perf_counter() - begun


def by_one_process(stylizer, targets):
    """The same in this process."""
    begun = time.perf_counter()
    for content, target in targets.items():
        stylizer.make(Job(content, target), overwrite=True)
    return time.perf_counter() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    # Not at the top: every worker process would wait for it before it is told what to do.
    quiet_framework_import()
    about = machine()
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        targets = make_targets(Path(folder), options.images, options.size)
        first = next(iter(targets.items()))
        stylizer = Stylizer(SETTINGS)
        stylizer.make(Job(*first))
        begun = time.perf_counter()
        with cluster.connected(workers=options.workers) as client:
            client.wait_for_workers(options.workers)
            # Each worker compiles its program once.
            for future in [
                client.submit(
                    work,
                    first[0],
                    first[1].with_stem(f"warm-{number}"),
                    SETTINGS,
                    workers=[address],
                    pure=False,
                )
                for number, address in enumerate(client.nthreads())
            ]:
                future.result()
            start = time.perf_counter() - begun
            for number in range(options.rounds):
                speeds = {
                    "ours": options.images / by_workers(client, targets),
                    "one process": options.images / by_one_process(stylizer, targets),
                }
                rounds.append(speeds)
                print(
                    f"round {number + 1}: " + ", ".join(f"{k} {v:.2f}/s" for k, v in speeds.items())
                )
    ratios = [speeds["ours"] / speeds["one process"] for speeds in rounds]
    result = {
        "machine": about,
        "settings": {
            name: getattr(options, name) for name in ("workers", "images", "size", "rounds")
        },
        f"{options.workers} workers": {
            "images_per_second": {
                name: statistics.median(speeds[name] for speeds in rounds) for name in rounds[0]
            },
            "ratio": statistics.median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "rounds": rounds,
        },
        "seconds_until_the_workers_are_warm": start,
    }
    write(options.out, json.dumps(result, indent=2) + "\n")
    print(f"written: {options.out}")


if __name__ == "__main__":
    main()
