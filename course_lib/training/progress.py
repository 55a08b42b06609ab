"""What the reader sees while a network trains: a bar with losses and time left, and lines."""

import time

import keras
import numpy as np

REFRESH_SECONDS = 0.5


class Progress(keras.callbacks.Callback):
    """Shows how far training has come, and stops it when the loss is no longer a number.

    In a terminal and in a notebook there is a bar, elsewhere (a file, a pipe) only the lines given
    to `report`.

    Args:
        steps: number of steps in all.
        report: function called with a line of text, or None for silence.
    """

    def __init__(self, steps, report=print):
        super().__init__()
        self.steps, self.report = steps, report
        self.shown = 0.0
        self.bar = self.task = None
        self.start_at(0)

    def __enter__(self):
        if self.report:
            self.bar = make_bar()
            if self.bar.console.is_terminal or self.bar.console.is_jupyter:
                self.bar.start()
                self.task = self.bar.add_task("", total=self.steps, losses="")
        return self

    def __exit__(self, *exception):
        if self.bar is not None and self.task is not None:
            self.bar.stop()

    def start_at(self, step):
        """So many steps are done already."""
        self.step, self.begun_at, self.begun = step, step, time.monotonic()

    def say(self, line):
        """A line of text."""
        if self.report:
            self.report(line)

    def on_train_batch_end(self, batch, logs=None):
        """Look at the losses now and then: looking makes the device wait."""
        if time.monotonic() - self.shown < REFRESH_SECONDS:
            return
        self.shown = time.monotonic()
        values = {name: float(value) for name, value in (logs or {}).items()}
        if not np.isfinite(values.get("loss", 0.0)):
            self.model.stop_training = True
        if self.bar is not None and self.task is not None:
            self.bar.update(
                self.task, completed=self.step + batch + 1, losses=in_words(values, most=4)
            )

    def done(self, step, values):
        """The chunk up to that step is trained and safe on the disk."""
        self.step = step
        left = (self.steps - step) * (time.monotonic() - self.begun) / (step - self.begun_at)
        self.say(f"step {step}/{self.steps}  {in_words(values)}  {duration(left)} left")


def make_bar():
    """A bar of rich, which Keras brings along."""
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.MofNCompleteColumn(),
        progress.BarColumn(bar_width=24),
        progress.TimeRemainingColumn(),
        progress.TextColumn("{task.fields[losses]}"),
        console=Console(stderr=True),
        transient=True,
    )


def in_words(values, most=None):
    """Values as text, the loss first."""
    names = sorted(values, key=lambda name: (name != "loss", name))[:most]
    return "  ".join(f"{name} {values[name]:.3f}" for name in names)


def duration(seconds):
    """A time in words: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
