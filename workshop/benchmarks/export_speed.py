"""How large the exported networks are, and how fast they run in their own programs.

    python -m workshop.benchmarks.export_speed [--rounds 3] [--sizes 256x256 512x512]

The whole stylization is exported as SavedModel, ONNX and LiteRT, for images of any size; as
LiteRT also for 256 x 256 pixels only. Each program stylizes the same content of each size with the
same style image of 256 x 256 pixels; so does `FeatureTransfer()(content, style)`, which is ours.
Every measurement has a process of its own, and they take turns.

- "sizes": seconds of a call, the median of several after one that is not counted, and how many
  times longer the program needs than ours;
- "first": seconds from the file to the first image, with the program's import;
- "MiB": the size of each exported part in each format.

Writes medians, the machine and the versions to benchmarks/results/export_speed.json. Run it on a
machine that does nothing else. Needs the extra `export`.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import RESULTS, height_and_width, machine

RESULT = RESULTS / "export_speed.json"
PROGRAMS = ("onnxruntime", "ai-edge-litert", "tf2onnx")
PARTS = ("encoder", "decoder", "stylize")
# Calls that are timed are as many as go through this many pixels, and at most 20.
PIXELS = 2_000_000
# A file made for one size takes a style image of that size only.
STYLE_SIZE = (256, 256)


def ours(_):
    quiet_framework_import()
    from course_lib.transfer import FeatureTransfer

    transfer = FeatureTransfer()
    return lambda content, style: transfer(content[0], style[0])


def savedmodel(path):
    import tensorflow as tf

    call = tf.saved_model.load(path).signatures["serving_default"]
    strength = tf.constant(1.0)
    return lambda content, style: call(
        content=tf.constant(content), style=tf.constant(style), strength=strength
    )["image"].numpy()


def onnx(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    strength = np.array(1.0, "float32")
    return lambda content, style: session.run(
        None, {"content": content, "style": style, "strength": strength}
    )


def litert(path):
    from ai_edge_litert.interpreter import Interpreter

    # As many threads as there are cores, as the other programs take.
    runner = Interpreter(model_path=path, num_threads=os.cpu_count()).get_signature_runner()
    strength = np.array(1.0, "float32")
    return lambda content, style: runner(content=content, style=style, strength=strength)


WAYS = {"ours": ours, "savedmodel": savedmodel, "onnx": onnx, "litert": litert}


def images(size):
    """Content and style as batches of one."""
    from course_lib import collection

    style = collection.style_image(collection.names()["styles"][0], size=STYLE_SIZE)
    return collection.photograph("astronaut", size=size)[None], style[None]


def one_way(way, path, size):
    """In a process of its own: seconds of the first call and of later ones, printed as JSON."""
    content, style = images(size)
    begun = time.perf_counter()
    call = WAYS[way.partition(" ")[0]](path)
    call(content, style)
    first = time.perf_counter() - begun
    later = []
    for _ in range(max(1, min(20, PIXELS // (size[0] * size[1])))):
        begun = time.perf_counter()
        call(content, style)
        later.append(time.perf_counter() - begun)
    print(json.dumps({"first": first, "seconds": statistics.median(later)}))


def measured(way, path, size):
    command = [sys.executable, "-m", __spec__.name, "--one-way", way, str(path), *map(str, size)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


def in_turn(files, size, rounds):
    """Every program against ours, at one size."""
    runs = {way: [] for way in ("ours", *files)}
    for _ in range(rounds):
        for way, several in runs.items():
            several.append(measured(way, files.get(way, "-"), size))
    medians = {
        way: {key: round(statistics.median(one[key] for one in several), 4) for key in several[0]}
        for way, several in runs.items()
    }
    compared = {way: against_ours(way, runs, medians) for way in files}
    return compared | {"first": {way: found["first"] for way, found in medians.items()}}


def against_ours(way, runs, medians):
    pairs = zip(runs[way], runs["ours"], strict=True)
    ratios = [theirs["seconds"] / ours["seconds"] for theirs, ours in pairs]
    return {
        "seconds": {one: medians[one]["seconds"] for one in ("ours", way)},
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
    }


def export_all(folder, sizes):
    """The files of the whole stylization for each size, and how large all parts are, in MiB."""
    quiet_framework_import()
    from course_lib import export
    from course_lib.transfer import FeatureTransfer

    transfer, mib, files = FeatureTransfer(), {}, {}
    for name in PARTS:
        for format, suffix in export.FORMATS.items():
            made = export.export(name, format, folder / f"{name}{suffix}", transfer=transfer)
            parts = [made] if made.is_file() else [p for p in made.rglob("*") if p.is_file()]
            mib[f"{name} {format}"] = round(sum(p.stat().st_size for p in parts) / 2**20, 2)
            if name == "stylize":
                files[format] = made
    by_size = {size: dict(files) for size in sizes}
    if STYLE_SIZE in by_size:
        fixed = folder / "fixed.tflite"
        export.export("stylize", "litert", fixed, size=STYLE_SIZE, transfer=transfer)
        by_size[STYLE_SIZE]["litert for one size"] = fixed
    return by_size, mib


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=height_and_width,
        default=[(256, 256), (512, 512)],
        help="height x width",
    )
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--one-way", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_way:
        way, path, height, width = options.one_way
        one_way(way, path, (int(height), int(width)))
        return
    quiet_framework_import()
    versions = {name: importlib.metadata.version(name) for name in PROGRAMS}
    result = {"machine": machine() | versions, "settings": {"rounds": options.rounds}, "sizes": {}}
    with tempfile.TemporaryDirectory() as folder:
        files, result["MiB"] = export_all(Path(folder), options.sizes)
        print("MiB", json.dumps(result["MiB"]), flush=True)
        for size in options.sizes:
            name = f"{size[0]}x{size[1]}"
            result["sizes"][name] = in_turn(files[size], size, options.rounds)
            print(name, json.dumps(result["sizes"][name]), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
