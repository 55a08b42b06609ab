"""How fast images are stylized, and in how much memory: the course's way against the plain one.

    python -m workshop.benchmarks.stylize_speed \
        [--rounds 3] [--sizes 256x256 512x512 1024x1024 2160x3840]

- ours: `FeatureTransfer()(content, style)`, compiled, and tile by tile where the image is large;
- plain: the same networks called one after the other on the whole image, nothing compiled. It
  gives the same image.

The plain way is measured up to 1024 x 1024 pixels (--plain-up-to): beyond that it takes minutes,
and at 4K many gigabytes. There ours alone is measured, once.

Each size and each way has processes of its own, which take turns. Both are given the content and a
style image of 256 pixels, and encode both. Measured are the seconds of a call (after one that is
not counted, whose seconds are "first"; the largest size has only that one), the most memory that
the process ever held, and how much of it was there when the program was loaded and warm.

"turned" is what a slider needs: content and style are encoded before, and a new strength becomes
a new image of 256 pixels as JPEG bytes. "tiles" compares an image made in tiles with one made
whole: the largest difference in gray levels of 255.

Writes medians, the machine and the versions to benchmarks/results/stylize_speed.json. Run it on a
machine that does nothing else.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import (
    RESULTS,
    curve,
    faster,
    height_and_width,
    machine,
    medians_of,
    memory,
    seconds,
    write,
)

keras = quiet_framework_import()

from course_lib import collection, images  # noqa: E402
from course_lib.transfer import FeatureTransfer  # noqa: E402
from course_lib.transfer.tiles import SIDE  # noqa: E402

RESULT = RESULTS / "stylize_speed.json"
WAYS = ("ours", "plain")
# Calls that are timed are as many as go through this many pixels, and at most 20.
PIXELS = 4_000_000


def image_pair(size, *, style=256):
    """A photograph of that (height, width), and a style image."""
    name = collection.names()["styles"][0]
    return collection.photograph("astronaut", size=size), collection.style_image(name, size=style)


def plain(transfer, content, style):
    """What `FeatureTransfer` does, written down as a first program has it."""
    encoder, painter = transfer.autoencoder.encoder, transfer.painter
    seen, wanted = encoder(content[None]), encoder(style[None])
    painted = painter(seen[painter.entry], painter.targets(wanted), size=content.shape[:2])
    return np.clip(keras.ops.convert_to_numpy(painted)[0], 0.0, 1.0)


def one_size(way, size):
    """In a process of its own: seconds and memory at one size, printed as JSON."""
    transfer = FeatureTransfer()

    def stylize(content, style):
        return plain(transfer, content, style) if way == "plain" else transfer(content, style)

    stylize(*image_pair((64, 64), style=64))
    content, style = image_pair(size)
    before = memory()
    first = seconds(stylize, content, style)
    calls = min(20, PIXELS // (size[0] * size[1]))
    later = [seconds(stylize, content, style) for _ in range(calls)] or [first]
    found = {"first": first, "seconds": statistics.median(later), "mib": memory()}
    print(json.dumps(found | {"mib_before": before}))


def in_turn(size, rounds, plain_up_to):
    """Medians of both ways at one size, and the median and range of the ratios of their times."""
    pixels = size[0] * size[1]
    ways = WAYS if pixels <= plain_up_to else WAYS[:1]
    runs = []
    # One call at a size that takes minutes says enough.
    for _ in range(rounds if pixels <= PIXELS else 1):
        runs.append({})
        for way in ways:
            command = [sys.executable, "-m", __spec__.name, "--one-size", way, *map(str, size)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            runs[-1][way] = json.loads(answer.stdout.splitlines()[-1])
    medians = {way: medians_of([one[way] for one in runs], digits=3) for way in ways}
    if len(ways) == 1:
        return medians | {"plain": f"left out: more than {plain_up_to:,} pixels"}
    spent = [{way: one[way]["seconds"] for way in ways} for one in runs]
    return medians | faster(spent, "plain")


def curves(sizes, found):
    """Seconds and memory against pixels; a way that was left out has no point there."""
    places = [height * width for height, width in sizes]
    ways = {
        name: [
            {way: one[way][name] for way in WAYS if isinstance(one[way], dict)}
            for one in found.values()
        ]
        for name in ("seconds", "mib")
    }
    return {
        "stylizing, time": curve("pixels", "seconds", places, ways["seconds"], log=True),
        "stylizing, memory": curve("pixels", "MiB", places, ways["mib"]),
    }


def turned(calls=40):
    """Seconds from a new strength to new JPEG bytes, content and style encoded before."""
    transfer = FeatureTransfer()
    content, style = image_pair((256, 256))
    prepared = transfer.prepare(content, style)

    def turn(strength):
        return images.to_bytes(transfer.apply(prepared, strength=strength))

    for strength in (0.0, 1.0):
        turn(strength)
    took = sorted(seconds(turn, strength) for strength in np.linspace(0, 1, calls))
    return {
        "median_seconds": round(statistics.median(took), 4),
        "nine_of_ten_within": round(took[int(0.9 * calls)], 4),
    }


def tiles_against_whole(size=(1000, 1200)):
    """The largest difference, and the seconds of both."""
    whole = FeatureTransfer()
    tiled = FeatureTransfer(
        "adain", autoencoder=whole.autoencoder, painter=whole.painter, tile=SIDE
    )
    found = {}
    for name in collection.names()["styles"][:3]:
        content, style = image_pair(size)[0], collection.style_image(name, size=256)
        difference = np.abs(whole(content, style) - tiled(content, style)).max()
        found[name] = round(255 * float(difference), 3)
    took = {
        "whole": seconds(whole, content, style),
        "tiles": seconds(tiled, content, style),
    }
    return {
        "gray_levels": found,
        "seconds": {way: round(time_taken, 3) for way, time_taken in took.items()},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=height_and_width,
        default=[(256, 256), (512, 512), (1024, 1024), (2160, 3840)],
        help="height x width",
    )
    parser.add_argument(
        "--plain-up-to",
        type=int,
        default=1024 * 1024,
        help="pixels up to which the plain way is measured, too",
    )
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--one-size", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_size:
        way, height, width = options.one_size
        one_size(way, (int(height), int(width)))
        return
    result = {"machine": machine(), "rounds": options.rounds, "sizes": {}}
    for size in options.sizes:
        name = f"{size[0]}x{size[1]}"
        result["sizes"][name] = in_turn(size, options.rounds, options.plain_up_to)
        print(name, json.dumps(result["sizes"][name]), flush=True)
    result["curves"] = curves(options.sizes, result["sizes"])
    result["turned"] = turned()
    print("turned", json.dumps(result["turned"]), flush=True)
    result["tiles"] = tiles_against_whole()
    print("tiles", json.dumps(result["tiles"]), flush=True)
    write(options.out, json.dumps(result, indent=2) + "\n")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
