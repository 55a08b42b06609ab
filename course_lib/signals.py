"""Ctrl-C, and the request to end: heeded at once, and nothing half made is left behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Windows has no hang-up.
STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
_asked: list[int] = []


def heed() -> None:
    """From now on, a program that is told to end stops its work as for Ctrl-C, and clears up."""
    _asked.clear()
    _set(_interrupt)


def check() -> None:
    """Stop here, if a library has swallowed the interruption.

    Raises:
        KeyboardInterrupt: the program was told to stop.
    """
    if _asked:
        raise KeyboardInterrupt


def exit_code() -> int:
    """With what a program that was stopped ends: 130 after Ctrl-C."""
    return 128 + (_asked[0] if _asked else signal.SIGINT)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """While nothing is written: a library that is being imported may swallow an interruption."""
    # Such an import is silenced by closing the error stream, and the words must get past that.
    words = os.dup(2)

    def end(number: int, frame: Any) -> None:
        os.write(words, b"\nStopped before anything was written.\n")
        os._exit(128 + number)

    before = _set(end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(words)


def _set(handler: Any) -> dict[int, Any]:
    """Set the handlers, but of signals that are ignored (nohup); gives what they were."""
    before = {}
    for number in STOPPING:
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, handler)
    return before


def _interrupt(number: int, frame: Any) -> None:
    _asked.append(number)
    raise KeyboardInterrupt
