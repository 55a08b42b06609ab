"""How fast an image is optimized: the course's compiled program against the usual tutorial loop.

    python -m workshop.benchmarks.optimize_speed [--rounds 5] [--steps 20] [--sizes 256 512 1024]

The tutorial loop is what introductions print: an eager `tf.GradientTape`, one step a call, Gram
matrices by `einsum`, a Keras optimizer, clipping. Each of the usual loops has a process of its
own, and ours and they take turns in one run:

- "same_network": seconds per step of both on the course's encoder and the same image, ours with
  its default losses, which are more than those of the tutorial loop;
- "same_losses": the same, ours with the losses of the tutorial loop: one layer for the content,
  Gram matrices alone for the style;
- "whole_run": an image by 200 steps of ours with its default settings, which take three quarters
  of the steps on a copy of half the size, against 200 steps of the tutorial loop on VGG-19 as it is
  usually set up (random weights: they take the same time), in TensorFlow and, where it is
  installed, in PyTorch. VGG-19 is timed for a few steps and extrapolated to 200; its first step is
  not counted. Nor is the making of our programs: this is the second image of its size;
- "first_run": the same, ours for the first image of its size, the making of programs included;
- "one_scale": the same as "first_run", ours with all steps at the full size;
- "growth": seconds per step, and memory beyond that of the loaded library, the compiler's included,
  at several sizes, each in a process of its own.

Writes medians, ratios, the machine and the versions to benchmarks/results/optimize_speed.json. Run
it on a machine that does nothing else. Needs TensorFlow, which the tutorial loop is written in;
ours runs on the backend that Keras is set to.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import (
    RESULTS,
    Elsewhere,
    curve,
    faster,
    forget_most_memory,
    installed,
    machine,
    medians_of,
    memory,
    seconds,
    serve,
    write,
)

quiet_framework_import()

from course_lib import collection, images  # noqa: E402
from course_lib.transfer import ImageOptimizer, optimize_image  # noqa: E402
from workshop.benchmarks import alternatives  # noqa: E402

RESULT = RESULTS / "optimize_speed.json"
LOOPS = ("ours", "tutorial")
# The usual loops, each for a process of its own, whose Keras runs on TensorFlow.
TUTORIALS = {
    "course": alternatives.tutorial_on_the_course_s_encoder,
    "vgg19": alternatives.tutorial_on_vgg19,
    "pytorch": alternatives.TorchLoop,
}


def image_pair(size):
    """A square photograph and a style image of that size."""
    photograph = collection.photograph("chelsea")
    side = min(photograph.shape[:2])
    square = photograph[:side, :side]
    style = collection.style_image(collection.names()["styles"][0])
    return images.resize(square, (size, size)), images.resize(style, (size, size))


class Ours:
    """The course's optimizer at one scale, with its default losses unless others are named."""

    def __init__(self, content, style, **losses):
        # More steps than are ever taken.
        self.optimizer = ImageOptimizer(content, style, steps=10**6, scales=1, **losses)

    def run(self, steps):
        """Take at least that many steps, whole calls of the program, and return how many."""
        begun = self.optimizer.step
        while self.optimizer.step < begun + steps:
            self.optimizer.advance()
        return self.optimizer.step - begun


def per_step(loop, steps):
    """Seconds for each of the steps that were really taken."""
    begun = time.perf_counter()
    taken = loop.run(steps)
    return (time.perf_counter() - begun) / taken


def loops_to_serve(kind, size):
    """The jobs of a process that has one of the usual loops."""
    made = TUTORIALS[kind](*image_pair(size))
    return {"per_step": lambda steps: per_step(made, steps)}


def elsewhere(kind, size):
    """One of the usual loops in a process of its own: function steps -> seconds per step."""
    way = Elsewhere("-m", __spec__.name, "--serve", kind, size, backend="tensorflow")
    return lambda steps: way("per_step", steps)


def in_turn(ways, rounds, steps):
    """Seconds per step of each way, round by round, after a warm-up that is not counted."""
    for way in ways.values():
        way(5)
    timed = []
    for number in range(rounds):
        timed.append({name: way(steps[name]) for name, way in ways.items()})
        print(f"round {number + 1}: " + ", ".join(f"{n} {t:.3f} s" for n, t in timed[-1].items()))
    return timed


def summary(timed):
    """Medians of all, and the median and range of the ratios."""
    return {
        "seconds": medians_of(timed),
        **faster(timed, "tutorial"),
        "rounds": [{n: round(t, 4) for n, t in one.items()} for one in timed],
    }


def same_network(options, **losses):
    """Seconds per step of ours and of the tutorial loop, on the same network and images."""
    made = Ours(*image_pair(options.size), **losses)
    ways = {"ours": lambda steps: per_step(made, steps)}
    ways["tutorial"] = elsewhere("course", options.size)
    steps = {"ours": options.steps, "tutorial": max(2, options.steps // 2)}
    return summary(in_turn(ways, options.rounds, steps))


def same_losses(options):
    return same_network(options, content_layers=("relu4_1",), style_kinds=("gram",))


def whole_run(options, *, known=True, **settings):
    """A whole image: 200 steps of ours, on our network, and of the usual loops, on VGG-19.

    Args:
        options: of the command.
        known: ours has made an image of this size before, and has its programs still.
        **settings: of ours.
    """
    from course_lib.transfer import optimize

    content, style = image_pair(options.size)
    steps = options.whole_run
    usual = {"tutorial": elsewhere("vgg19", options.size)}
    if installed("torch"):
        usual["tutorial_in_pytorch"] = elsewhere("pytorch", options.size)
    for way in usual.values():
        way(1)
    optimize_image(content, style, steps=steps, **settings)
    timed = []
    for number in range(options.rounds):
        if not known:
            optimize.shared_program.cache_clear()
        ours = seconds(lambda: optimize_image(content, style, steps=steps, **settings))
        others = {name: way(options.vgg_steps) * steps for name, way in usual.items()}
        timed.append({"ours": ours} | others)
        print(
            f"whole run {number + 1}: " + ", ".join(f"{n} {t:.1f} s" for n, t in timed[-1].items())
        )
    note = f"tutorial: {options.vgg_steps} steps timed a round, extrapolated to {steps}"
    return summary(timed) | {"extrapolated": note}


def first_run(options):
    return whole_run(options, known=False)


def one_scale(options):
    return whole_run(options, known=False, scales=1)


def one_size(loop, size, steps):
    """In a process of its own: seconds per step and memory at one size, printed as JSON."""
    make = Ours if loop == "ours" else TUTORIALS["course"]
    # Nothing is tried on a small image first: the memory in which a program is compiled would
    # stay, and hide what the images need. So would the most that loading the weights took.
    shown = image_pair(size)
    forget_most_memory()
    before, made = memory(), make(*shown)
    made.run(5)
    took = per_step(made, steps)
    print(json.dumps({"seconds": round(took, 4), "mib": round(memory() - before, 1)}))


def growth(options):
    """Time and memory of both loops at each size, and how they grow with the pixels."""
    found = {loop: {} for loop in LOOPS}
    for size in options.sizes:
        runs = {loop: [] for loop in LOOPS}
        for _ in range(max(1, options.rounds // 2)):
            for loop in LOOPS:
                steps = max(2, options.steps * options.sizes[0] ** 2 // size**2)
                command = [sys.executable, "-m", __spec__.name]
                command += ["--one-size", loop, str(size), str(steps)]
                backend = {} if loop == "ours" else {"KERAS_BACKEND": "tensorflow"}
                answer = subprocess.run(
                    command,
                    stdout=subprocess.PIPE,
                    text=True,
                    check=True,
                    env=os.environ | backend,
                )
                runs[loop].append(json.loads(answer.stdout.splitlines()[-1]))
        for loop, several in runs.items():
            found[loop][str(size)] = {
                name: statistics.median(one[name] for one in several) for name in ("seconds", "mib")
            }
        print(f"{size} pixels: { ({loop: found[loop][str(size)] for loop in LOOPS}) }")
    first, last = str(options.sizes[0]), str(options.sizes[-1])
    pixels = (options.sizes[-1] / options.sizes[0]) ** 2
    curves = {
        f"optimizing: {words} at one scale": curve(
            "pixels",
            words,
            [size**2 for size in options.sizes],
            [{loop: found[loop][str(size)][name] for loop in LOOPS} for size in options.sizes],
            log=name == "seconds",
        )
        for name, words in {"seconds": "seconds per step", "mib": "MiB of memory"}.items()
    }
    for sizes in found.values():
        # Below 1 the cost grows more slowly than the number of pixels.
        sizes["growth_per_pixel"] = {
            name: round(sizes[last][name] / max(sizes[first][name], 1e-9) / pixels, 3)
            for name in ("seconds", "mib")
        }
    return found | {"curves": curves}


PARTS = {
    "same_network": same_network,
    "same_losses": same_losses,
    "whole_run": whole_run,
    "first_run": first_run,
    "one_scale": one_scale,
    "growth": growth,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="of ours in a round")
    parser.add_argument("--vgg-steps", type=int, default=2)
    parser.add_argument("--whole-run", type=int, default=200, help="steps of a whole run")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--one-size", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        kind, size = options.serve
        serve(loops_to_serve(kind, int(size)))
        return
    if options.one_size:
        loop, size, steps = options.one_size
        one_size(loop, int(size), int(steps))
        return
    settings = {k: getattr(options, k) for k in ("rounds", "steps", "vgg_steps", "size", "sizes")}
    result = {"machine": machine(), "settings": settings}
    for part in options.parts:
        result[part] = PARTS[part](options)
        result.setdefault("curves", {}).update(result[part].pop("curves", {}))
    write(options.out, json.dumps(result, indent=2) + "\n")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
