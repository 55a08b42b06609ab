"""Many workers for one collection, with Dask: nothing is lost or done twice when one of them dies.

The workers are processes on this machine, or those of a scheduler that was started elsewhere. They
are sent names of files, not files: all machines must see the same folders. Whoever can reach a
scheduler can have its workers run anything, so it belongs into a network of people you trust.

    with connected(workers=4) as client:
        for content, error in each_made(client, make, {content: target, ...}, style):
            print(content, error or "is made")

Dask is an extra of the course: ``pip install -e ".[cluster]"``.
"""

import contextlib
import importlib
import itertools
import logging
import os
import secrets
import shutil
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
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
# One image has use for all cores of a worker; two at once would only need twice the memory.
_ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def connected(scheduler: str | None = None, *, workers: int | None = None) -> Iterator[Any]:
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
            # What goes wrong with an image is told once, by the command itself.
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
    answers = client.run(_course_and_folder, str(folder), on_error="return")
    for address, answer in answers.items():
        if answer == (course_lib.__version__, True):
            continue
        if answer == (course_lib.__version__, False):
            raise DeviceError(
                f"the worker {address} does not see the folder {folder.parent}. Images and "
                "results must lie on a drive that all machines share, under the same path."
            )
        found = repr(answer) if isinstance(answer, BaseException) else answer[0]
        raise DeviceError(
            f"the worker {address} has another course ({found}). Install the course "
            f"{course_lib.__version__} there, as it is here."
        )


def _course_and_folder(folder: str) -> tuple[str, bool]:
    """What a worker answers when it is asked for its course and for a folder."""
    return course_lib.__version__, os.path.isdir(folder)


def each_made(
    client: Any, make: Callable[..., object], targets: Mapping[Path, Path], *arguments: Any
) -> Iterator[tuple[Path, Exception | None]]:
    """Have the workers make a file of each of some files, in any order.

    A file whose worker dies is given to another one, and what fails is tried again twice. However
    often that happens, a target is written whole or not at all: it is made under another name in a
    folder beside it, which is gone when all is done.

    Args:
        client: what `connected` gives.
        make: ``make(content, target, *arguments)`` reads one file and writes the other. It is a
            function of a module, which the workers import.
        targets: the file to read -> the file to write, all of these in one folder that all workers
            see. Absolute paths: a worker may have been started in any folder.
        *arguments: what else `make` needs, small enough to be sent with every file.

    Yields:
        A file that was to be read, as soon as it is finished for good, and what went wrong with it,
        or None. Whoever stops listening stops the work.

    Raises:
        DeviceError: a worker has another version of the course, or does not see the folder.
    """
    bench = next(iter(targets.values())).parent / f".{secrets.token_hex(6)}.part"
    bench.mkdir()
    waiting, sent = iter(targets.items()), {}

    def send(count: int) -> list[Any]:
        futures = []
        for content, target in itertools.islice(waiting, count):
            job = (bench, make, content, target, *arguments)
            futures.append(client.submit(_made, *job, retries=RETRIES, pure=False))
            sent[futures[-1]] = content
        return futures

    try:
        check_workers(client, bench)
        finished = _distributed().as_completed(send(AHEAD))
        for future in finished:
            # Forgotten by the scheduler: what was written is not made again if that worker dies.
            yield sent.pop(future), _problem(future)
            del future
            finished.update(send(1))
    finally:
        client.cancel(list(sent), force=True)
        # A worker that was killed has left what it was making.
        shutil.rmtree(bench, ignore_errors=True)


def _made(
    bench: Path, make: Callable[..., object], content: Path, target: Path, *arguments: Any
) -> None:
    """What a worker does."""
    # Never the same name twice: a worker that was given up may still be at it.
    part = bench / f"{secrets.token_hex(6)}{target.suffix}"
    with _ONE_AT_A_TIME:
        make(content, part, *arguments)
    os.replace(part, target)


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
