"""Ctrl-C, and the request to end: heeded at once, and nothing half made is left behind.

The command imports this before anything else, so it imports next to nothing itself.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]

# Windows has no hang-up.
STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
NOTHING_YET = b"\nStopped before anything was written.\n"
ERRORS = 2
_asked: list[int] = []
_temporary: list[str] = []
_commanded = False


def end_at_once(words: bytes = NOTHING_YET) -> None:
    """From now on, until `heed`, a program that is told to end says these words and is gone.

    Args:
        words: what it says. Python's own answer to Ctrl-C is a traceback, or, in the midst of an
            import, one that some library swallows.
    """
    global _commanded
    _commanded = True
    _set(_ending(ERRORS, words))


def heed() -> None:
    """From now on, a program that is told to end stops its work as for Ctrl-C, and clears up.

    Nothing is changed where no program has begun with `end_at_once`, as where a command is called
    from Python.
    """
    _asked.clear()
    if _commanded:
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
    stream = os.dup(ERRORS)
    before = _set(_ending(stream, NOTHING_YET))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(stream)


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder that is gone afterwards, even where the program ends at once."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        _temporary.append(folder)
        try:
            yield folder
        finally:
            _temporary.remove(folder)


def _ending(stream: int, words: bytes) -> Handler:
    def end(number: int, frame: FrameType | None) -> None:
        os.write(stream, words)
        for folder in _temporary:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
        os._exit(128 + number)

    return end


def _set(handler: Handler) -> dict[int, Handler]:
    """Set the handlers, but of signals that are ignored (nohup); gives what they were."""
    before = {}
    for number in STOPPING:
        kept = signal.getsignal(number)
        if kept not in (signal.SIG_IGN, None):
            before[number] = kept
            signal.signal(number, handler)
    return before  # type: ignore[return-value]


def _interrupt(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    raise KeyboardInterrupt
