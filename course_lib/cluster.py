"""Many workers for one collection, with Dask: nothing is lost or done twice when one of them dies.

The workers are processes on this machine, or those of a scheduler that was started elsewhere. They
are sent names of files, not files: all machines must see the same folders. Whoever can reach a
scheduler can have its workers run anything, so it belongs into a network of people you trust.

Dask is an extra of the course: ``pip install -e ".[cluster]"``.
"""

import contextlib
import importlib
import itertools
import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import course_lib
from course_lib.errors import DeviceError

INSTALL = 'in the course\'s folder run: python -m pip install -e ".[cluster]"'
DASHBOARD = "127.0.0.1:8787"
# A job that failed is tried so often again, on whatever worker is free: the network may have
# stumbled, or the memory been short for a moment.
RETRIES = 2
# Jobs that the scheduler is told of at a time: enough for many workers, whatever the collection.
AHEAD = 1000
PATIENCE = 60


@contextlib.contextmanager
def connected(scheduler: str | None = None, workers: int | None = None) -> Iterator[Any]:
    """A Dask client with at least one worker behind it.

    Args:
        scheduler: address of a scheduler that runs already, such as "tcp://HOST:8786".
        workers: without an address, the number of worker processes to start on this machine,
            among which its cores are divided. They end with the block.

    Yields:
        A `distributed.Client`.

    Raises:
        DeviceError: Dask is not installed, the scheduler does not answer or has no workers.
    """
    distributed = _distributed()
    with contextlib.ExitStack() as stack:
        try:
            if scheduler is None:
                place = stack.enter_context(_local_cluster(distributed, workers or 1))
            else:
                place = scheduler
            client = stack.enter_context(distributed.Client(place, timeout=PATIENCE))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise DeviceError(
                f"{scheduler or 'this machine'}: there is no scheduler with a worker that answers "
                f"({error}). Start `dask scheduler` on one machine, `dask worker ADDRESS` on every "
                "machine that is to work, and give the address that the scheduler prints."
            ) from error
        yield client


def _distributed() -> Any:
    """The package, which is an extra."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise DeviceError(
            f"Dask is not installed, which distributes the work. To install it, {INSTALL}"
        ) from error


def _local_cluster(distributed: Any, workers: int) -> Any:
    """Worker processes of this machine, each with its share of the cores."""
    share = str(max(1, (os.cpu_count() or 1) // workers))
    with warnings.catch_warnings():
        # The usual port of the dashboard may be taken: another one is chosen and told.
        warnings.filterwarnings("ignore", message="Port .* is already in use")
        return distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=DASHBOARD,
            # What goes wrong with a picture is told once, by the command itself.
            silence_logs=logging.CRITICAL,
            preload=[__name__],
            # Otherwise each would start as many threads as there are cores.
            env={"TF_NUM_INTRAOP_THREADS": share, "OMP_NUM_THREADS": share},
        )


def dask_setup(worker: Any) -> None:
    """Called by Dask as a worker of this machine starts: Ctrl-C is for the command, not for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def described(client: Any) -> str:
    """How many workers there are, and where one can watch them."""
    count = len(client.nthreads())
    return f"{count} {'worker' if count == 1 else 'workers'}, to be watched at " + (
        client.dashboard_link
    )


def check_workers(client: Any, folder: Path) -> None:
    """Every worker must have this version of the course, and see the folder.

    Raises:
        DeviceError: one of them has not, or does not.
    """
    answers = client.run(course_and_folder, str(folder), on_error="return")
    for address, answer in answers.items():
        if isinstance(answer, BaseException):
            raise DeviceError(
                f"the worker {address} cannot run the course ({type(answer).__name__}: {answer}). "
                f"Install the course {course_lib.__version__} there."
            )
        version, sees = answer
        if version != course_lib.__version__:
            raise DeviceError(
                f"the worker {address} has the course {version}, and here it is "
                f"{course_lib.__version__}. Install the same version on all machines."
            )
        if not sees:
            raise DeviceError(
                f"the worker {address} does not see the folder {folder.parent}. Pictures and "
                "results must lie on a drive that all machines share, under the same path."
            )


def course_and_folder(folder: str) -> tuple[str, bool]:
    """What a worker answers when it is asked for its course and for a folder."""
    return course_lib.__version__, os.path.isdir(folder)


def each_done(
    client: Any, function: Callable, jobs: Iterable
) -> Iterator[tuple[int, Exception | None]]:
    """Do all jobs on the workers, in any order.

    A job whose worker dies is given to another one, and so may be done twice: the function must
    leave the same behind then. A job that fails is tried again twice.

    Args:
        client: a `distributed.Client`.
        function: function of one job, which workers can import; it returns nothing.
        jobs: the jobs, each small enough to be sent.

    Yields:
        Number of a job, as soon as it is finished for good, and what went wrong with it, or None.
    """
    waiting = enumerate(jobs)
    numbers: dict[Any, int] = {}

    def send(count: int) -> list:
        futures = []
        for number, job in itertools.islice(waiting, count):
            future = client.submit(function, job, retries=RETRIES, pure=False)
            numbers[future] = number
            futures.append(future)
        return futures

    finished = _distributed().as_completed(send(AHEAD))
    try:
        for future in finished:
            # Forgotten by the scheduler: what was written is not made again if that worker dies.
            yield numbers.pop(future), _problem(future)
            del future
            finished.update(send(1))
    finally:
        if numbers:
            client.cancel(list(numbers), force=True)


def _problem(future: Any) -> Exception | None:
    """What went wrong with a finished job."""
    if future.status == "finished":
        return None
    if future.status == "cancelled":
        return DeviceError("the scheduler was lost. Start it again, then this command.")
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return DeviceError(
            "several workers died over it, one after the other: it is probably too large for their "
            "memory. Make it smaller with --size, or start fewer workers."
        )
    return error
