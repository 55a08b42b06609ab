"""Checkpoints: everything a run needs to go on as if it had never stopped."""

import io
import json
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops

from course_lib.autoencoder import UNREADABLE
from course_lib.errors import TrainingError
from course_lib.files import write_atomically
from course_lib.training.stages import Stage

KEPT = 2


def checkpoint_paths(folder: str | pathlib.Path) -> list[pathlib.Path]:
    """The checkpoints that there are in a folder, the newest first."""
    return sorted(pathlib.Path(folder).glob("checkpoint-*.npz"), reverse=True)


@dataclass
class State:
    """How far a run has come.

    Attributes:
        step: number of steps done.
        history: one dictionary of measured values per line of the log.
    """

    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


class Checkpoints:
    """Weights, optimizer, step and history in one file per checkpoint; the last two are kept.

    A file is written beside the others and gets its name when it is whole, so that a crash at any
    moment leaves one to go on from.

    Args:
        folder: where the files lie.
        facts: dictionary of what must stay the same in a resumed run, fit for JSON.
        may_change: likewise, what may be changed on purpose.
    """

    def __init__(
        self,
        folder: str | pathlib.Path,
        facts: Mapping[str, Any],
        *,
        may_change: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = pathlib.Path(folder)
        self.facts = json.loads(json.dumps(dict(facts)))
        self.may_change = json.loads(json.dumps(dict(may_change or {})))

    def save(self, stage: Stage, reached: State) -> None:
        """Write a checkpoint, then forget the one before the previous one.

        Raises:
            TrainingError: a weight is not a number; nothing is written then.
            OSError: the file system refused; the checkpoints before are as they were.
        """
        weights = [np.asarray(value) for value in stage.get_weights()]
        if not all(np.isfinite(value).all() for value in weights):
            raise TrainingError(f"some weights are not numbers after step {reached.step}")
        arrays = {f"w{k:04d}": value for k, value in enumerate(weights)}
        for k, variable in enumerate(stage.optimizer.variables):
            arrays[f"o{k:04d}"] = ops.convert_to_numpy(variable)
        header = {
            "step": reached.step,
            "history": reached.history,
            "facts": self.facts,
            "may_change": self.may_change,
        }
        buffer = io.BytesIO()
        named: dict = {"header": np.array(json.dumps(header)), **arrays}
        np.savez(buffer, **named)
        path = self.folder / f"checkpoint-{reached.step:07d}.npz"
        write_atomically(path, buffer.getvalue())
        for old in checkpoint_paths(self.folder)[KEPT:]:
            old.unlink()

    def load(self, stage: Stage, report: Callable[[str], object]) -> State:
        """Put the newest whole checkpoint into the stage.

        Args:
            stage: a compiled `Stage` whose optimizer is built.
            report: function called with a line of text for what the reader should know.

        Returns:
            A `State`.

        Raises:
            TrainingError: no checkpoint is whole, or it was made with other settings.
        """
        paths = checkpoint_paths(self.folder)
        for path in paths:
            try:
                header, weights, state = read(path)
            except UNREADABLE as error:
                report(f"{path.name} is damaged ({error}); the one before it is used instead.")
                continue
            self.compare(path, header, report)
            put(stage, weights, state, path)
            # What comes after was made by a run that this one does not continue.
            for newer in paths[: paths.index(path)]:
                newer.unlink()
            return State(header["step"], header["history"])
        if paths:
            raise TrainingError(
                f"{self.folder}: none of its {len(paths)} checkpoints can be read. Start again in "
                "another folder for --out."
            )
        report("There is no checkpoint to resume from yet: starting at step 0.")
        return State()

    def compare(
        self, path: pathlib.Path, header: Mapping[str, Any], report: Callable[[str], object]
    ) -> None:
        """Refuse other facts; say what else has changed."""
        changed = differences(header["facts"], self.facts)
        if changed:
            raise TrainingError(
                f"{path}: was made with other settings: {changed}. Resume with the same ones, or "
                "start in another folder for --out."
            )
        changed = differences(header["may_change"], self.may_change)
        if changed:
            report(f"Going on with other settings: {changed}.")


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Words for what differs between two dictionaries; empty where nothing does."""
    keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    return ", ".join(f"{key} was {before.get(key)!r}, is {now.get(key)!r}" for key in keys)


def read(path: pathlib.Path) -> tuple[dict[str, Any], list[np.ndarray], list[np.ndarray]]:
    """Header, weights and optimizer state of a checkpoint file."""
    with np.load(path, allow_pickle=False) as stored:
        header = json.loads(str(stored["header"]))
        names = sorted(stored.files)
        weights = [stored[name] for name in names if name.startswith("w")]
        state = [stored[name] for name in names if name.startswith("o")]
    return header, weights, state


def put(
    stage: Stage, weights: list[np.ndarray], state: list[np.ndarray], path: pathlib.Path
) -> None:
    """Assign weights and optimizer state; ``path`` is named where they do not fit."""
    variables = stage.optimizer.variables
    if len(weights) != len(stage.weights) or len(state) != len(variables):
        raise TrainingError(
            f"{path}: holds {len(weights)} weights and {len(state)} optimizer variables, where "
            f"{len(stage.weights)} and {len(variables)} are needed. It is of another model, or of "
            "another precision: choose the same --precision, or another folder for --out."
        )
    stage.set_weights(weights)
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)
