"""One drawing at a time, and work that goes on while the kernel stays free."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Newest:
    """Runs a function on request, never twice at a time, and leaves out what is out of date.

    A request that comes during a run is served after it; of several such requests the last one
    stands for all. Newer kernels call back from several threads, which is why there is a lock.

    Args:
        run: function without arguments that looks up the newest state by itself.
    """

    def __init__(self, run: Callable[[], None]):
        self._run = run
        self._lock = threading.Lock()
        self._asked = self._running = False
        self._holds = 0

    def request(self) -> None:
        """Run now, or right after the run that goes on."""
        with self._lock:
            self._asked = True
            if self._running or self._holds:
                return
            self._running = True
        self._serve()

    def _serve(self) -> None:
        try:
            while self._take():
                self._run()
        except BaseException:
            with self._lock:
                self._running = False
            raise

    def _take(self) -> bool:
        with self._lock:
            self._running, self._asked = self._asked, False
            return self._running

    @property
    def is_held(self) -> bool:
        """Whether several changes are being made that count as one."""
        return self._holds > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Several changes that make one request."""
        with self._lock:
            self._holds += 1
        try:
            yield
        finally:
            with self._lock:
                self._holds -= 1
                waiting = self._asked and not self._holds and not self._running
                self._running = self._running or waiting
            if waiting:
                self._serve()


class Background:
    """Work on a thread of its own, in steps, which can be paused and stopped between two steps.

    The kernel stays free meanwhile: other cells run, and controls answer.

    Args:
        on_change: function of True when work begins and of False when it has ended, however it did.
        on_error: function of the exception that a step has raised.
    """

    def __init__(self, on_change: Callable[[bool], None], on_error: Callable[[Exception], None]):
        self.on_change, self.on_error = on_change, on_error
        self._thread: threading.Thread | None = None
        self._go_on = threading.Event()
        self._stopped = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether there is work that has not ended; it may be paused."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_paused(self) -> bool:
        """Whether the work waits for `resume`."""
        return self.is_running and not self._go_on.is_set()

    def start(self, steps: Iterator[None]) -> None:
        """Go through the steps; work that was going on is stopped first."""
        self.stop()
        before = self._thread
        self._go_on, self._stopped = threading.Event(), threading.Event()
        self._go_on.set()
        arguments = (steps, before, self._go_on, self._stopped)
        self._thread = threading.Thread(target=self._work, args=arguments, daemon=True)
        self._thread.start()

    def _work(
        self,
        steps: Iterator[None],
        before: threading.Thread | None,
        go_on: threading.Event,
        stopped: threading.Event,
    ) -> None:
        if before is not None:
            before.join()
        self.on_change(True)
        try:
            while not stopped.is_set() and next(steps, self) is not self:
                go_on.wait()
        except Exception as error:
            self.on_error(error)
        finally:
            self.on_change(False)

    def pause(self) -> None:
        """Wait after the step that goes on."""
        self._go_on.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go_on.set()

    def stop(self) -> None:
        """End after the step that goes on; this does not wait for it."""
        self._stopped.set()
        self._go_on.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work has ended, for that many seconds at most."""
        if self._thread is not None:
            self._thread.join(seconds)
