"""Stands for the module of Colab's runtime, which its kernel has imported before any cell runs.

The course needs nothing from it: whatever a lesson asks of it is an error.
"""


def __getattr__(name: str) -> object:
    """Refuse whatever is asked for."""
    raise AttributeError(f"a lesson asked google.colab for {name!r}, and needs nothing of it")
