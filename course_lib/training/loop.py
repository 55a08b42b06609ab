"""The loop around a stage: train, measure, save, and go on after a stop."""

import pathlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from course_lib.backend import memory_advice
from course_lib.errors import TrainingError
from course_lib.training import sheets
from course_lib.training.checkpoints import Checkpoints, State, checkpoint_paths
from course_lib.training.machine import compile_stage
from course_lib.training.progress import Progress, Report
from course_lib.training.refusals import file_errors
from course_lib.training.sources import Batches
from course_lib.training.stages import Stage

DIVERGED = 10.0
SHEETS = 12
# In pixels; three times pooled, still 2 x 2 features are left.
SMALLEST_CROP = 16
WRITTEN = ("autoencoder.npz", "painter.npz", "log.csv")

MakeBatch = Callable[[int], Any]
"""What gives the batch of a step: an array, or a dictionary of arrays."""
Row = dict[str, float]
"""A line of the log: step, seconds, the loss and its parts, and what else was measured."""


@dataclass(frozen=True)
class Settings:
    """How long and on what a network trains.

    Attributes:
        steps: number of steps in all.
        crop: side of the square crops in pixels, a multiple of 8.
        batch: crops in a step.
        learning_rate: Adam's, at the start; it falls to 0 along a cosine.
        seed: of the first weights and of the order of the crops.
        every: steps between two checkpoints, each with a line in the log.
        precision: "float32", "mixed_bfloat16" or "mixed_float16"; by default what is fast here.
        devices: number of devices that share every batch; by default all GPUs.
    """

    steps: int = 9000
    crop: int = 112
    batch: int = 8
    learning_rate: float = 2e-3
    seed: int = 0
    every: int = 250
    precision: str | None = None
    devices: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be meant."""
        for name in ("steps", "crop", "batch", "every"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name}={getattr(self, name)}: give 1 or more.")
        if self.crop % 8:
            raise TrainingError(
                f"crop={self.crop}: the teacher pools three times, so give a multiple of 8, for "
                f"instance {max(SMALLEST_CROP, self.crop - self.crop % 8)}."
            )
        if not 0 < self.learning_rate < np.inf:
            raise TrainingError(f"learning_rate={self.learning_rate}: give a number above 0.")


def run_stage(
    stage: Stage,
    make_batch: MakeBatch,
    out: str | pathlib.Path,
    settings: Settings,
    *,
    facts: Mapping[str, Any] | None = None,
    resume: bool = False,
    devices: int = 1,
    measure: Callable[[], Mapping[str, float]] | None = None,
    publish: Callable[[], object] | None = None,
    draw: Callable[[], np.ndarray] | None = None,
    report: Report | None = print,
    bar: bool | None = None,
) -> list[Row]:
    """Train a stage, writing checkpoints, a log and sheets on the way.

    Into ``out`` go the two newest checkpoints, ``log.csv``, ``log.png`` and, a dozen times in all,
    ``sheet-STEP.jpg``. All but the checkpoints is made from them: a run stopped at any moment and
    resumed leaves the same files as one that was not.

    Args:
        stage: a `Stage`.
        make_batch: function step -> batch.
        out: the folder; made if need be.
        settings: a `Settings`.
        facts: dictionary of what else must stay the same in a resumed run, fit for JSON.
        resume: go on from the newest checkpoint in ``out``.
        devices: number of devices that share a batch, as `computing` gives it.
        measure: function giving a dictionary of further values for the log.
        publish: function that writes the trained network.
        draw: function giving an image for the sheet.
        report: function called with a line of text after each checkpoint; None for silence.
        bar: whether to show a bar; by default in a terminal and in a notebook, unless there is to
            be silence.

    Returns:
        The log: a dictionary for each checkpoint, with "step", "seconds", "loss", the mean of each
        part of the loss since the checkpoint before, and what ``measure`` gave.

    Raises:
        TrainingError: other settings than before, a folder in use or that cannot be written to, a
            full disk, a loss that grows or is no longer a number.
        OutOfMemoryError: the device's memory is not enough, with the settings to try instead.
    """
    out = pathlib.Path(out)
    check_batch(stage, settings, devices)
    kept = {name: getattr(settings, name) for name in ("steps", "crop", "batch", "seed")}
    may_change = {"learning_rate": settings.learning_rate}
    compile_stage(stage, settings.learning_rate, settings.steps, devices=devices)
    checkpoints = Checkpoints(out, kept | dict(facts or {}), may_change=may_change)
    run = Run(stage, make_batch, out, settings, checkpoints, measure, publish, draw)
    enough_memory = memory_advice("train", smaller_settings(stage, settings, devices))
    with (
        enough_memory,
        file_errors(out),
        Progress(settings.steps, report=report, bar=bar) as progress,
    ):
        run.begin(resume, progress)
        try:
            while run.state.step < settings.steps:
                run.advance(progress)
        except KeyboardInterrupt:
            progress.say(
                f"Stopped. {run.newest().name} is safe on the disk; go on from it with --resume "
                "(resume=True)."
            )
            raise
    return run.state.history


class StopOnNaN(keras.callbacks.Callback):
    """Ends a fit whose loss is no longer a number.

    Keras' own prints a line with the number of a batch, which is wrong where one call takes ten
    steps; `Run.refuse_failure` says what happened, and what to do.
    """

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look at the loss."""
        if logs and not np.isfinite(float(logs["loss"])):
            self.model.stop_training = True


@dataclass
class Run:
    """One training and how far it has come; the fields are those of `run_stage`."""

    stage: Stage
    make_batch: MakeBatch
    out: pathlib.Path
    settings: Settings
    checkpoints: Checkpoints
    measure: Callable[[], Mapping[str, float]] | None
    publish: Callable[[], object] | None
    draw: Callable[[], np.ndarray] | None
    state: State = field(default_factory=State)

    def begin(self, resume: bool, progress: Progress) -> None:
        """Make the folder ready, and the stage as it was where there is something to resume."""
        check_folder(self.out, resume)
        self.out.mkdir(parents=True, exist_ok=True)
        for part in self.out.glob(".*.part"):
            part.unlink()
        if resume:
            self.state = self.checkpoints.load(self.stage, progress.say)
        if self.state.step:
            progress.say(f"Resumed at step {self.state.step}.")
            self.write_results()
        else:
            # Finds out now whether the folder can be written to, not after the first half hour.
            self.checkpoints.save(self.stage, self.state)
        progress.start_at(self.state.step)

    def advance(self, progress: Progress) -> None:
        """Train up to the next checkpoint, and write it with all that belongs to it."""
        step = self.state.step
        count = min(self.settings.every, self.settings.steps - step)
        begun = time.monotonic()
        values = self.train(step, count, progress)
        self.refuse_failure(values["loss"], count)
        values |= self.measure() if self.measure else {}
        seconds = time.monotonic() - begun
        seconds += self.state.history[-1]["seconds"] if self.state.history else 0
        row = {"step": step + count, "seconds": seconds, **values}
        reached = State(step + count, [*self.state.history, row])
        try:
            self.checkpoints.save(self.stage, reached)
        except TrainingError as error:
            raise TrainingError(self.failure(str(error), count)) from error
        self.state = reached
        self.write_results()
        progress.done(reached.step, values)

    def train(self, step: int, count: int, progress: Progress) -> dict[str, float]:
        """Train some steps; the mean of the loss and of its parts."""
        batches = Batches(self.make_batch, step, count, shared=self.stage.replicas > 1)
        callbacks = [progress, StopOnNaN()]
        try:
            history = self.stage.fit(batches, shuffle=False, verbose=0, callbacks=callbacks)
        except Exception as error:
            # The framework wraps what happens in its background threads in pages of its own.
            if batches.error is not None:
                raise batches.error from error
            raise
        return {name: float(series[-1]) for name, series in history.history.items()}

    def write_results(self) -> None:
        """Write everything that follows from the checkpoint: log, plot, weights, sheet."""
        step, history = self.state.step, self.state.history
        sheets.write_log(history, self.out / "log.csv")
        sheets.write_plot(history, self.out / "log.png")
        if self.publish:
            self.publish()
        if self.draw and is_sheet_step(step, self.settings):
            sheets.write_sheet(self.draw(), self.out / f"sheet-{step:07d}.jpg")

    def refuse_failure(self, loss: float, count: int) -> None:
        """Stop when the loss is no longer a number, or far worse than it was."""
        best = min((row["loss"] for row in self.state.history), default=loss)
        if np.isfinite(loss) and self.stage.times_worse(loss, best) <= DIVERGED:
            return
        became = f"grew from {best:.3g} to {loss:.3g}" if np.isfinite(loss) else f"became {loss}"
        raise TrainingError(self.failure(f"the loss {became}", count))

    def failure(self, what: str, count: int) -> str:
        """What happened, where the last good state is, and what to change."""
        step = self.state.step
        return (
            f"{what} between the steps {step} and {step + count}. {self.newest()} holds the last "
            "good state. Go on from it with --resume (resume=True) and a smaller learning rate, "
            f"for instance {self.settings.learning_rate / 3:.1g}; if that does not help, start "
            "again in another folder with --precision float32."
        )

    def newest(self) -> pathlib.Path:
        """The newest checkpoint; `begin` has written one."""
        return checkpoint_paths(self.out)[0]


def check_batch(stage: Stage, settings: Settings, devices: int) -> None:
    """A batch must be shared evenly, and every share must be large enough for the stage."""
    if settings.batch % devices or settings.batch // devices < stage.smallest_batch():
        raise TrainingError(
            f"batch={settings.batch}: each of {devices} device(s) needs the same number of crops, "
            f"and at least {stage.smallest_batch()}. Give {devices * stage.smallest_batch()} or a "
            "multiple of it."
        )


def smaller_settings(stage: Stage, settings: Settings, devices: int) -> str:
    """What to do where a device's memory is not enough: words that name settings to try."""
    share = devices * stage.smallest_batch()
    batch, crop = settings.batch // (2 * share) * share, settings.crop // 16 * 8
    ways = []
    if batch >= share:
        ways.append(f"--batch {batch} (batch={batch})")
    if crop >= SMALLEST_CROP:
        ways.append(f"--crop {crop} (crop={crop})")
    ways.append("a network of fewer channels")
    return (
        f"Start again in another folder with {' or '.join(ways)}. If memory was short for a moment "
        "only, go on with --resume (resume=True)."
    )


def check_folder(out: str | pathlib.Path, resume: bool) -> None:
    """Never write over a run that was not to be resumed, nor over anybody's weights.

    Args:
        out: the folder of a run; it need not exist.
        resume: whether its run is to be gone on with.

    Raises:
        TrainingError: the folder holds files that would be lost.
    """
    out = pathlib.Path(out)
    checkpoints = checkpoint_paths(out)
    if checkpoints and not resume:
        raise TrainingError(
            f"{out}: holds a run already ({checkpoints[0].name}). Go on with it by --resume "
            "(resume=True), or give another folder for --out."
        )
    written = [name for name in WRITTEN if (out / name).exists()]
    if written and not checkpoints:
        raise TrainingError(
            f"{out}: holds {' and '.join(written)}, which training would write over. "
            "Give another folder for --out."
        )


def is_sheet_step(step: int, settings: Settings) -> bool:
    """A dozen sheets in all, one of them at the end."""
    chunk, chunks = -(-step // settings.every), -(-settings.steps // settings.every)
    return step > 0 and (chunks - chunk) % max(1, chunks // SHEETS) == 0
