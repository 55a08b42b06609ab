"""How long a lab takes to answer: from the event of a slider to the bytes of the new image.

    taskset --cpu-list 0,1 python -m workshop.benchmarks.widget_speed [--events 100]

What is measured is the whole callback, as the browser's message starts it: reading the controls,
the transfer, the small copies below the image, JPEG encoding, the line of words. Not measured is
the way to the browser and back.

- "style_lab": milliseconds per event for an image of 256 x 256 pixels, in several settings of the
  lab. The promise is 100 ms at the 95th percentile on two cores.
- "usual": the same image as introductions do it with `interact`: the whole transfer anew for each
  event, then a Matplotlib figure. It and the lab with one style take turns.
- "others": one event of every control of the other labs; the slowest of each.

Writes benchmarks/results/widget_speed.json. Run it on a machine that does nothing else.
"""

import argparse
import io
import json
import time
from pathlib import Path

import numpy as np

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import RESULTS, machine

quiet_framework_import()

from course_lib import collection, widgets  # noqa: E402
from course_lib.transfer import FeatureTransfer  # noqa: E402

RESULT = RESULTS / "widget_speed.json"
PROMISE = 100.0
CONTENT = "astronaut"
SITUATIONS = {
    "one style": {},
    "two styles": {"second": "woodcut"},
    "a soft mask": {"shape": "ellipse"},
    "the content's colors": {"colors": "luminance"},
}
OTHERS = (
    "convolution_bench",
    "bottleneck_lab",
    "feature_browser",
    "gram_explorer",
    "pixel_lab",
    "compare_lab",
)


def milliseconds(act):
    """How long a call takes."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def percentiles(times):
    """Median, 95th percentile and longest, rounded."""
    middle, late = np.percentile(times, (50, 95))
    return {"median": round(middle, 1), "p95": round(late, 1), "longest": round(max(times), 1)}


def style_lab(events):
    """The strength slider moved to many places, in several settings; and the usual way."""
    lab, usual = widgets.style_lab(), usual_way()
    lab.change(content=CONTENT)
    turns = {"usual": []}
    for name, settings in SITUATIONS.items():
        lab.change(**settings)
        times = turns[name] = []
        for value in np.random.default_rng(0).permutation(np.linspace(0.0, 0.99, events + 3)):
            times.append(milliseconds(lambda value=value: lab.change(strength=value)))
            if lab.error:
                raise lab.error
            if not settings:
                turns["usual"].append(milliseconds(lambda value=value: usual(value)))
        lab.change(second="", shape="everywhere", colors="")
    # The first few find caches cold, as after any change of the images.
    found = {name: percentiles(times[3:]) for name, times in turns.items()}
    return {"usual": found.pop("usual"), "style_lab": found}


def usual_way():
    """A function strength -> None that transfers anew and draws a Matplotlib figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    transfer = FeatureTransfer()
    content, style = (
        collection.photograph(CONTENT, size=256),
        collection.style_image("mosaic", size=256),
    )

    def answer(strength):
        figure = Figure(figsize=(6, 4))
        axes = figure.subplots()
        axes.imshow(transfer(content, style, strength=strength))
        axes.axis("off")
        FigureCanvasAgg(figure).print_png(io.BytesIO())

    return answer


def other_labs():
    """One step of every control, the longest of each lab."""
    found = {}
    for name in OTHERS:
        lab = getattr(widgets, name)()
        times = {}
        for key, control in lab.controls.items():
            options = getattr(control, "options", None)
            value = control.value
            if options:
                move = {"index": (control.index + 1) % len(options)}
            elif isinstance(value, bool):
                move = {"value": not value}
            else:
                move = {"value": value + control.step if value < control.max else control.min}
            (trait, target), *_ = move.items()
            times[key] = round(
                milliseconds(lambda c=control, t=trait, v=target: setattr(c, t, v)), 1
            )
        slowest = max(times, key=times.get)
        found[name] = {"slowest": slowest, "milliseconds": times[slowest]}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    result = {"machine": machine(), "events": options.events, **style_lab(options.events)}
    result["promise_kept"] = all(one["p95"] <= PROMISE for one in result["style_lab"].values())
    result["others"] = other_labs()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
