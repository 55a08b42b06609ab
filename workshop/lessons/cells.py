"""A cell of a built notebook as the house rules see it: its code, its outputs, what they say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from workshop.lessons.alternatives import METADATA

IGNORED = "nbval-ignore-output"
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class Cell:
    """A cell as rules see it; its number counts from 1, Markdown cells included."""

    def __init__(self, number: int, node: Any):
        self.number = number
        self.source: str = node.source
        self.is_code = node.cell_type == "code"
        self.tags: list[str] = list(node.metadata.get("tags", []))
        self.alt: list[str] = list(node.metadata.get(METADATA, []))
        self.outputs: list[Any] = list(node.get("outputs", []))
        self.was_executed = node.get("execution_count") is not None

    @property
    def is_compared(self) -> bool:
        """Whether nbval compares what this cell puts out."""
        comments = {line.strip().lstrip("#").strip() for line in self.source.splitlines()}
        by_comment = {"NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "PYTEST_VALIDATE_IGNORE_OUTPUT"}
        return not ({IGNORED, "nbval-skip"} & set(self.tags) or by_comment & comments)

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed code, without lines that only IPython understands."""
        lines = self.source.splitlines()
        kept = ["pass" if re.match(r"\s*[%!?]", line) else line for line in lines]
        try:
            return ast.parse("\n".join(kept))
        except SyntaxError:
            return ast.Module(body=[], type_ignores=[])

    def walk(self, kind: type) -> Iterator[Any]:
        """The nodes of one kind in the code."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))

    @property
    def said_of_images(self) -> list[str]:
        """The alternative texts of the images among its outputs; "" where one has none."""
        return [
            str(output.get("metadata", {}).get(format, {}).get("alt", ""))
            for output in self.outputs
            for format in IMAGES
            if format in output.get("data", {})
        ]

    @property
    def texts(self) -> Iterator[str]:
        """What its outputs say in plain text."""
        for output in self.outputs:
            if output.output_type == "stream":
                yield output.text
            yield from (
                str(value)
                for format, value in output.get("data", {}).items()
                if format in ("text/plain", "text/html", "text/markdown")
            )
