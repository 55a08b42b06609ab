"""In which type of number convolutions compute where speed counts.

Processors with instructions for bfloat16 (AMX, AVX-512 BF16) convolve several times faster in it.
Only the convolution itself is done so: its inputs and its result are rounded to 8 bits of
precision, and its sums are kept in single precision. Weights, statistics, losses and everything
between two convolutions stay float32, because elementwise work in bfloat16 is slower on a CPU.

Source: Micikevicius et al., "Mixed Precision Training", ICLR 2018; Kalamkar et al., "A Study of
BFLOAT16 for Deep Learning Training", 2019.
"""

import contextlib
import contextvars
import dataclasses
import functools
import math
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from course_lib.backend.importing import quiet_framework_import
from course_lib.errors import DeviceError

CONVOLUTION_DTYPES = ("float32", "bfloat16")
# Less gain than this is not worth the rounding.
WORTHWHILE = 1.3
VARIABLE = "COURSE_PRECISION"


@dataclasses.dataclass(frozen=True)
class QuickConvolutions:
    """How convolutions are done inside of a compiled program.

    Attributes:
        dtype: the type of number in which they compute, one of `CONVOLUTION_DTYPES`.
        gradient: whether a gradient is taken through them.
    """

    dtype: str
    gradient: bool


_active: contextvars.ContextVar[QuickConvolutions | None] = contextvars.ContextVar(
    "quick_convolutions", default=None
)


def active_convolutions() -> QuickConvolutions | None:
    """How a convolution is to be done here; None where exactness counts, outside of programs."""
    return _active.get()


@contextlib.contextmanager
def quick_convolutions(*, dtype: str, gradient: bool) -> Iterator[None]:
    """Convolutions that are called or traced inside are quick rather than exact.

    Args:
        dtype: the type of number in which they compute, one of `CONVOLUTION_DTYPES`.
        gradient: whether a gradient is taken through them.
    """
    token = _active.set(QuickConvolutions(dtype, gradient))
    try:
        yield
    finally:
        _active.reset(token)


@contextlib.contextmanager
def without_gradient() -> Iterator[None]:
    """Convolutions inside, where they are quick at all, need not be ready for a gradient."""
    active = _active.get()
    token = _active.set(active and dataclasses.replace(active, gradient=False))
    try:
        yield
    finally:
        _active.reset(token)


def with_quick_convolutions(function: Callable, *, gradient: bool) -> Callable:
    """The function, with the convolutions in it quick wherever it is called or traced."""
    # Now, because nothing can be measured while a function is traced.
    dtype = convolution_dtype()

    def run(*arguments: Any) -> Any:
        with quick_convolutions(dtype=dtype, gradient=gradient):
            return function(*arguments)

    return run


def convolution_dtype() -> str:
    """The type of number in which compiled programs convolve on this machine.

    The environment variable COURSE_PRECISION decides; without it, what is faster here.

    Returns:
        "bfloat16" where that is at least `WORTHWHILE` times as fast, otherwise "float32".

    Raises:
        DeviceError: COURSE_PRECISION is neither of the two.
    """
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return "bfloat16" if bfloat16_gain() >= WORTHWHILE else "float32"
    if chosen not in CONVOLUTION_DTYPES:
        raise DeviceError(
            f"{VARIABLE}={chosen}: give {' or '.join(CONVOLUTION_DTYPES)}, or leave it out."
        )
    return chosen


@functools.cache
def bfloat16_gain() -> float:
    """How many times as fast as in float32 a convolution is in bfloat16, measured once."""
    in_float32 = _seconds_of_a_convolution("float32")
    try:
        return in_float32 / _seconds_of_a_convolution("bfloat16", hopeless=3.0 * in_float32)
    except Exception:
        # Some builds of a framework refuse bfloat16 on processors without instructions for it.
        return 0.0


def _seconds_of_a_convolution(dtype: str, *, hopeless: float = math.inf) -> float:
    """The shortest of some runs of one like those of the painting decoder's entry.

    Args:
        dtype: the type of number.
        hopeless: seconds after which there is no second try.
    """
    ops = quiet_framework_import().ops
    maps, kernel = ops.ones((1, 34, 34, 96), dtype), ops.ones((3, 3, 96, 96), dtype)
    shortest = math.inf
    for run in range(6):
        begun = time.perf_counter()
        # Fetching a number waits for a device that works on its own.
        float(ops.conv(maps, kernel, padding="valid")[0, 0, 0, 0])
        shortest = min(shortest, time.perf_counter() - begun)
        # The first run also compiles.
        if run and shortest > hopeless:
            break
    return shortest
