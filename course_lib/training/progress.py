"""What the reader sees while a network trains: a bar with losses and time left, and lines."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import keras
from tqdm.auto import tqdm

REFRESH_SECONDS = 0.5

Report = Callable[[str], object]
"""What is called with a line of text for the reader."""


class Progress(keras.callbacks.Callback):
    """Shows how far training has come: a bar by tqdm, and a line after each checkpoint.

    Args:
        steps: number of steps in all.
        report: function called with a line of text, or None for silence.
        bar: whether to show a bar; by default in a terminal and in a notebook, where there is
            somebody to watch it, and never in silence.
    """

    def __init__(
        self, steps: int, *, report: Report | None = print, bar: bool | None = None
    ) -> None:
        super().__init__()
        self.steps, self.report = steps, report
        # What tqdm makes of None: no bar in a file or a pipe.
        self.hidden = True if report is None else None if bar is None else not bar
        self.bar: Any = None
        self.step = self.begun_step = 0
        self.begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def start_at(self, step: int) -> None:
        """Training begins, and so many steps are done already."""
        self.step, self.begun_step, self.begun = step, step, time.monotonic()
        self.bar = tqdm(
            total=self.steps,
            initial=step,
            disable=self.hidden,
            leave=False,
            mininterval=REFRESH_SECONDS,
            dynamic_ncols=True,
            unit="step",
        )

    def say(self, line: str) -> None:
        """Report a line of text; a bar makes room for it."""
        if self.report is not None:
            with tqdm.external_write_mode():
                self.report(line)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Move the bar on; the losses beside it are read now and then, because reading waits."""
        if self.bar.update(self.step + batch + 1 - self.bar.n):
            values = {name: float(value) for name, value in (logs or {}).items()}
            self.bar.set_postfix_str(in_words(values))

    def done(self, step: int, values: Mapping[str, float]) -> None:
        """The chunk up to that step is trained and safe on the disk."""
        self.step = step
        each = (time.monotonic() - self.begun) / (step - self.begun_step)
        left = tqdm.format_interval((self.steps - step) * each)
        self.say(f"step {step}/{self.steps}  {in_words(values)}  {left} left")


def in_words(values: Mapping[str, float]) -> str:
    """Values as text, the loss first."""
    names = sorted(values, key=lambda name: (name != "loss", name))
    return "  ".join(f"{name} {values[name]:.3f}" for name in names)
