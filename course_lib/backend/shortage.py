"""When memory is not enough: what every framework calls it, in words that help."""

import contextlib
from collections.abc import Iterator

from course_lib.errors import OutOfMemoryError

# What Python, TensorFlow, JAX and PyTorch call it.

_SHORT_OF_MEMORY = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}
_SHORT_OF_MEMORY_WORDS = ("RESOURCE_EXHAUSTED", "DefaultCPUAllocator")


@contextlib.contextmanager
def memory_advice(work: str, advice: str) -> Iterator[None]:
    """Turn any framework's way to say "out of memory" into words that help; also a decorator.

    Args:
        work: what the memory was needed for: "stylize the image".
        advice: one sentence or more: how to need less.

    Raises:
        OutOfMemoryError: in the place of what the framework has raised.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OutOfMemoryError) or not is_out_of_memory(error):
            raise
        said = " ".join(str(error).split())[:160]
        raise OutOfMemoryError(
            f"there is not enough memory to {work} ({type(error).__name__}: {said}). {advice} "
            "Other notebooks and programs that hold memory can be closed, too."
        ) from None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of Python, TensorFlow, JAX or PyTorch says that memory ran out."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(kinds & _SHORT_OF_MEMORY) or any(
        words in str(error) for words in _SHORT_OF_MEMORY_WORDS
    )
