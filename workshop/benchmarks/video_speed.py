"""How fast a video is stylized: the course's batches against one frame after the other.

    python -m workshop.benchmarks.video_speed \
        [--rounds 3] [--frames 8] [--sizes 144x256 360x640 720x1280]

The usual alternative is what one writes first: decode a frame, stylize it as an image, encode it.
Both read and write the same H.264 files, and take turns in one run:

- "batches": seconds per frame of `stylize_video` without looking for motion, and of that loop;
- "steady": seconds per frame with motion searched and the last frame carried along, which the
  loop does not do;
- "memory": what a clip four times as long takes beyond a short one, each in its own process.

Writes medians, ratios, the machine and the versions to benchmarks/results/video_speed.json. Run it
on a machine that does nothing else.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import RESULTS, height_and_width, machine, memory

quiet_framework_import()

from course_lib import collection  # noqa: E402
from course_lib.transfer import FeatureTransfer  # noqa: E402
from course_lib.transfer.clips import Frame, open_clip, save_clip, writing  # noqa: E402
from course_lib.transfer.motion import moving_clip  # noqa: E402
from course_lib.transfer.video import stylize_video  # noqa: E402

RESULT = RESULTS / "video_speed.json"


def film(folder, size, frames):
    """A clip of the course as an MP4 file."""
    path = folder / f"{size[0]}x{size[1]}-{frames}.mp4"
    if not path.exists():
        save_clip(moving_clip(frames=frames, size=size, noise=0.02).frames, path, rate=24)
    return path


def frame_by_frame(transfer, source, style, out):
    """The loop that one writes first."""
    clip = open_clip(source)
    with writing(out, clip, overwrite=True) as sink:
        for frame in clip:
            image = transfer(frame.image, style)
            sink.add(Frame(image, frame.start, frame.duration))


def compared(ours, theirs, frames, rounds):
    """Seconds per frame of both, which take turns, and how many times faster ours is."""
    ours(), theirs()
    seconds = {"ours": [], "frame by frame": []}
    for _ in range(rounds):
        for name, run in zip(seconds, (ours, theirs), strict=True):
            started = time.perf_counter()
            run()
            seconds[name].append((time.perf_counter() - started) / frames)
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    return {
        "seconds": {name: statistics.median(values) for name, values in seconds.items()},
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "rounds": seconds,
    }


def at_size(transfer, folder, size, frames, rounds):
    """The comparisons at one size."""
    source = film(folder, size, frames)
    style = transfer.style_code(collection.style_image("woodcut", size=512))
    out = folder / "out.mp4"

    def ours(keep):
        return lambda: stylize_video(
            source, style, out, transfer=transfer, keep=keep, overwrite=True
        )

    def loop():
        frame_by_frame(transfer, source, style, out)

    return {
        "batches": compared(ours(0.0), loop, frames, rounds),
        "steady": compared(ours(0.8), loop, frames, rounds),
    }


def peak(size, frames):
    """Peak memory in MB of a process that stylizes a clip of that many frames."""
    command = [sys.executable, "-m", __spec__.name, "--peak", str(frames)]
    done = subprocess.run(
        [*command, "--sizes", f"{size[0]}x{size[1]}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def measured_peak(size, frames):
    """In this process: make the clip, stylize it, and tell the peak."""
    with tempfile.TemporaryDirectory() as folder:
        # The clip is made as one array, so it is short, and played again and again.
        short = list(open_clip(film(Path(folder), size, 8)))

        class Again(type(open_clip(film(Path(folder), size, 8)))):
            def read(self):
                for number in range(frames):
                    yield short[number % len(short)].image, None, None

        source = Path(folder) / "long.mp4"
        like = Again(film(Path(folder), size, 8))
        with writing(source, like) as sink:
            for frame in like:
                sink.add(frame)
        transfer = FeatureTransfer()
        style = collection.style_image("woodcut", size=256)
        stylize_video(source, style, Path(folder) / "out.mp4", transfer=transfer, keep=0.0)
    return memory()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument(
        "--sizes", nargs="+", type=height_and_width, default=[(144, 256), (360, 640), (720, 1280)]
    )
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--peak", type=int, help="for the benchmark itself: tell the peak memory")
    options = parser.parse_args()
    if options.peak:
        print(measured_peak(options.sizes[0], options.peak))
        return
    transfer = FeatureTransfer()
    result = {"machine": machine(), "settings": {"frames": options.frames}}
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            name = f"{size[0]} x {size[1]}"
            result[name] = at_size(transfer, Path(folder), size, options.frames, options.rounds)
            print(name, json.dumps({k: v["seconds"] for k, v in result[name].items()}))
    short, long = (peak(options.sizes[0], options.frames * times) for times in (1, 4))
    result["memory"] = {
        "megabytes of a short clip": short,
        "more for one 4 times as long": long - short,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written: {options.out}")


if __name__ == "__main__":
    main()
