"""One batch shared by several devices, of one machine or of several, on TensorFlow.

`keras.Model.fit` cannot train on several machines (Keras issue 20585), and feeds several devices of
one machine through a pipeline that now and then never ends. So the loop is ours here: every machine
makes the same batch, each device takes its part of it, and Keras' own step runs on each.
"""

import collections
import concurrent.futures
import functools
import importlib
import itertools
import json
import os
from dataclasses import dataclass

import keras

from course_lib.errors import TrainingError

AHEAD = 8
EXAMPLE = (
    '{"cluster": {"worker": ["HOST0:12345", "HOST1:12345"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


@dataclass(frozen=True)
class Machines:
    """The machines that train together.

    Attributes:
        count: how many they are.
        number: which of them this one is, from 0; number 0 writes the files.
    """

    count: int = 1
    number: int = 0

    @property
    def writes(self):
        """Whether this machine writes checkpoints, log and weights."""
        return self.number == 0


def machines():
    """The machines that train together, as the environment variable TF_CONFIG names them.

    TF_CONFIG is TensorFlow's own way to say it: the same list of addresses on every machine, and
    each machine's place in the list. Without it there is one machine.

    Returns:
        A `Machines`.

    Raises:
        TrainingError: TF_CONFIG cannot be understood.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return Machines()
    try:
        told = json.loads(text)
        cluster, kind, index = told["cluster"], told["task"]["type"], int(told["task"]["index"])
        # Some services call the first machine a chief and leave it out of the list of workers.
        chiefs, workers = cluster.get("chief", []), cluster.get("worker", [])
        if kind not in ("chief", "worker") or not 0 <= index < len(cluster.get(kind, [])):
            raise ValueError(f"there is no {kind} {index}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"the environment variable TF_CONFIG cannot be used ({error!r}). It should be like "
            f"{EXAMPLE} on the first machine, with the index 1 on the second."
        ) from error
    number = index if kind == "chief" else len(chiefs) + index
    return Machines(len(chiefs) + len(workers), number)


@functools.cache
def join_machines():
    """Connect with the other machines of TF_CONFIG, and wait until all of them are there.

    To be called before TensorFlow computes anything; `course train` does so, and `computing`.

    Returns:
        The `MultiWorkerMirroredStrategy` of all machines; None where there is but one machine.

    Raises:
        TrainingError: another backend than TensorFlow, or TensorFlow has computed already.
    """
    if machines().count == 1:
        return None
    if keras.backend.backend() != "tensorflow":
        raise TrainingError(
            f"TF_CONFIG names {machines().count} machines, which can train together on TensorFlow "
            f"only, and the backend is {keras.backend.backend()}. Set KERAS_BACKEND to tensorflow."
        )
    try:
        return importlib.import_module("tensorflow").distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise TrainingError(
            "TF_CONFIG names several machines, but TensorFlow has computed something before they "
            "were connected. Call course_lib.training.join_machines() right after the imports."
        ) from error


class SharedSteps:
    """Trains a stage that was made and compiled inside `computing` with several devices.

    Args:
        stage: a compiled `Stage`.
    """

    def __init__(self, stage):
        self.tensorflow = importlib.import_module("tensorflow")
        self.stage, self.strategy = stage, stage.distribute_strategy
        self.step = self.tensorflow.function(self.on_all_devices)

    def on_all_devices(self, shares):
        """One step of Keras on each device, which exchange their gradients; the mean values."""
        values = self.strategy.run(self.stage.train_step, args=((shares,),))
        mean = self.tensorflow.distribute.ReduceOp.MEAN
        return {name: self.strategy.reduce(mean, one, axis=None) for name, one in values.items()}

    def shared(self, batch):
        """The part of a batch for each device of this machine."""

        def part(context):
            number, count = context.replica_id_in_sync_group, context.num_replicas_in_sync
            return keras.tree.map_structure(
                lambda array: self.tensorflow.convert_to_tensor(share(array, number, count)), batch
            )

        return self.strategy.experimental_distribute_values_from_function(part)

    def train(self, make_batch, start, count, progress):
        """Train some steps; the mean of the loss and of its parts over them, as `fit` gives it.

        Args:
            make_batch: function step -> batch.
            start: the first step.
            count: number of steps.
            progress: a `Progress`.

        Raises:
            TrainingError: another machine is gone.
        """
        self.stage.reset_metrics()
        self.stage.stop_training = False
        progress.set_model(self.stage)
        values: dict = {}
        lost = (
            self.tensorflow.errors.UnavailableError,
            self.tensorflow.errors.AbortedError,
            self.tensorflow.errors.CancelledError,
            self.tensorflow.errors.DeadlineExceededError,
        )
        try:
            for number, batch in enumerate(in_background(make_batch, start, count)):
                values = self.step(self.shared(batch))
                progress.on_train_batch_end(number, values)
                if self.stage.stop_training:
                    break
            # The step above may still be under way: what went wrong in it shows only here.
            return {name: float(value) for name, value in values.items()}
        except lost as error:
            raise TrainingError(
                f"another machine was lost after step {start} ({type(error).__name__}). Start all "
                "of them again with --resume (resume=True): training goes on from the newest "
                "checkpoint."
            ) from error

    def check_same(self, step):
        """All machines must go on from the same step.

        Raises:
            TrainingError: they do not see the same checkpoints.
        """
        given = self.strategy.experimental_distribute_values_from_function(
            lambda context: self.tensorflow.constant([float(step)])
        )
        largest = self.strategy.run(
            lambda one: self.tensorflow.distribute.get_replica_context().all_reduce("SUM", one),
            args=(given,),
        )
        total = float(self.strategy.experimental_local_results(largest)[0][0])
        if total != step * self.strategy.num_replicas_in_sync:
            raise TrainingError(
                f"this machine would go on from step {step}, and another one from another step. "
                "Give a folder for --out that all machines share."
            )


def share(array, number, count):
    """The part of a batch that belongs to one of several devices.

    Args:
        array: array (batch, ...); the batch is a multiple of ``count``.
        number: which device, from 0.
        count: number of devices.
    """
    size = len(array) // count
    return array[number * size : (number + 1) * size]


def in_background(make_batch, start, count):
    """Yield the batches of some steps in their order, made while the devices compute.

    Args:
        make_batch: function step -> batch.
        start: the first step.
        count: number of steps.
    """
    steps = iter(range(start, start + count))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        waiting = collections.deque(
            pool.submit(make_batch, step) for step in itertools.islice(steps, AHEAD)
        )
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(make_batch, step) for step in itertools.islice(steps, 1))
