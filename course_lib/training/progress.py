"""What the reader sees while a network trains: a bar with losses and time left, and lines."""

import sys
import time

import keras
import numpy as np

REFRESH_SECONDS = 0.5
BAR_WIDTH = 24
LINE_WIDTH = 110


class Progress(keras.callbacks.Callback):
    """Shows how far training has come, and stops it when the loss is no longer a number.

    The bar is a line of text that is written over again and again, in a terminal as in a notebook.
    In a file or a pipe there are only the lines given to `report`.

    Args:
        steps: number of steps in all.
        report: function called with a line of text, or None for silence.
        bar: whether to show a bar; by default where there is somebody to watch it.
    """

    def __init__(self, steps, report=print, bar=None):
        super().__init__()
        self.steps, self.report = steps, report
        self.bar = report is not None and (is_watched(sys.stderr) if bar is None else bar)
        self.shown = 0.0
        self.start_at(0)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.write_bar("")

    def start_at(self, step):
        """So many steps are done already."""
        self.step, self.begun_at, self.begun = step, step, time.monotonic()

    def say(self, line):
        """A line of text."""
        if self.report:
            self.write_bar("")
            self.report(line)

    def on_train_batch_end(self, batch, logs=None):
        """Look at the losses now and then: looking makes the device wait."""
        if time.monotonic() - self.shown < REFRESH_SECONDS:
            return
        self.shown = time.monotonic()
        values = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(values.get("loss", 0.0)):
            self.model.stop_training = True
        step = self.step + batch + 1
        full = BAR_WIDTH * step // self.steps
        self.write_bar(
            f"[{'#' * full}{'.' * (BAR_WIDTH - full)}] {step}/{self.steps}  "
            f"{duration(self.seconds_left(step))} left  {in_words(values)}"
        )

    def write_bar(self, text):
        """Write over the bar's line; an empty text clears it."""
        if self.bar:
            sys.stderr.write(f"\r{text[:LINE_WIDTH]:<{LINE_WIDTH}}" + ("" if text else "\r"))
            sys.stderr.flush()

    def seconds_left(self, step):
        """Time for the steps to come, at the speed of those of this run."""
        return (self.steps - step) * (time.monotonic() - self.begun) / (step - self.begun_at)

    def done(self, step, values):
        """The chunk up to that step is trained and safe on the disk."""
        self.step = step
        left = duration(self.seconds_left(step))
        self.say(f"step {step}/{self.steps}  {in_words(values)}  {left} left")


def is_watched(stream):
    """Whether a stream goes to a terminal or a notebook."""
    return stream.isatty() or type(stream).__module__.startswith("ipykernel")


def in_words(values):
    """Values as text, the loss first."""
    names = sorted(values, key=lambda name: (name != "loss", name))
    return "  ".join(f"{name} {values[name]:.3f}" for name in names)


def duration(seconds):
    """A time in words: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
