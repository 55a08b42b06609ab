"""The networks in the formats of other programs: SavedModel, ONNX and LiteRT, and a web page.

What is exported is the library's own code, traced once: nothing is written down a second time, and
each file gives what the library gives, but for rounding. Images are as everywhere in the course:
batches (batch, height, width, 3) float32 in [0, 1], channels last.

The converters are an extra of their own: ``python -m pip install "course_lib[export]"``. They read
TensorFlow's graphs, so exports are made on that backend; what is exported runs without it.
"""

from course_lib.export.files import export
from course_lib.export.formats import FORMATS, to_litert, to_onnx
from course_lib.export.npm import node_packages
from course_lib.export.parts import PARTS, Part, part
from course_lib.export.web_page import (
    WEB_SOURCES,
    WEB_STYLE_SIZE,
    build_web_page,
    check_web_tools,
)

__all__ = [
    "FORMATS",
    "PARTS",
    "WEB_SOURCES",
    "WEB_STYLE_SIZE",
    "Part",
    "build_web_page",
    "check_web_tools",
    "export",
    "node_packages",
    "part",
    "to_litert",
    "to_onnx",
]
