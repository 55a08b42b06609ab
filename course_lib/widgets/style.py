"""The style lab: any photograph in any manner, with every setting of feature-based transfer."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import images
from course_lib.files import free_name
from course_lib.widgets.brush import PAINTED, MaskBrush, can_paint
from course_lib.widgets.choosing import ImageChoice, fitted
from course_lib.widgets.controls import button, choice, pages, row, slider, text
from course_lib.widgets.lab import Lab, Sheet
from course_lib.widgets.masks import SHAPES, shape_mask
from course_lib.widgets.uploads import read_upload, upload

SIZE = 256
# On the page a pixel of the image is this much larger.
ENLARGED = 1.75
THUMBNAIL = 58
GAP = 8
COLORS = [
    ("of the style", ""),
    ("content's, by luminance", "luminance"),
    ("content's, by palette", "covariance"),
]
# Which of the mask's sliders say something about which shape.
PLACING = {
    "everywhere": (),
    "ellipse": ("x", "y", "extent", "softness"),
    "rectangle": ("x", "y", "extent", "softness"),
    "left part": ("x", "softness"),
    "upper part": ("y", "softness"),
    PAINTED: ("softness",),
}


class StyleLab(Lab):
    """Content and style from the collection or the reader's files, with all settings of a transfer.

    What is slow is done once and kept: the content's code, and each style's. A slider then costs
    one run of the painting decoder.

    Where ipycanvas is installed (the extra `brush`), the mask can also be painted by hand.

    Args:
        transfer: a `FeatureTransfer`; the course's own with method "adain" by default.
        size: longer side of the content.
    """

    heading = "Style lab"
    still_words = (
        "A photograph of a cat, then the same in the style of a mosaic at strengths 0.6 and 1; two "
        "styles mixed half and half; the mosaic in a soft round spot only; and the mosaic's "
        "strokes in the colors of the photograph."
    )

    def __init__(self, transfer: Any = None, *, size: int = SIZE):
        from course_lib.transfer import FeatureTransfer
        from course_lib.transfer.strokes import STROKES

        self.transfer = transfer or FeatureTransfer()
        self.size = size
        self.content = ImageChoice("content", "photographs", "chelsea", size)
        self.style = ImageChoice("style", "styles", "mosaic", size)
        self.second = ImageChoice("second style", "styles", "", size, none="none")
        # One for each place of the strength slider.
        self.content_code = lru_cache(maxsize=32)(self._content_code)
        self.style_code = lru_cache(maxsize=64)(self._style_code)
        self.prepared = lru_cache(maxsize=32)(self._prepared)
        self.result = np.zeros((1, 1, 3), "float32")
        # Nothing of the content passes relu4_1 on its way through the painting decoder.
        self.taps = self.transfer.taps[:-1] if self.transfer.painter else self.transfer.chosen
        self.brush: MaskBrush | None = None
        if can_paint():
            self.brush = MaskBrush(self.redraw, lambda: self.controls["softness"].value)
        controls = {
            "content": self.content.control,
            "style": self.style.control,
            "strength": slider("strength", 1.0, 0.0, 1.0),
            "stroke": choice("strokes", list(STROKES), "medium"),
            "colors": choice("colors", COLORS, ""),
            "second": self.second.control,
            "mix": slider("mix", 0.5, 0.0, 1.0),
            **{tap: slider(f"at {tap}", 1.0, 0.0, 1.0) for tap in self.taps},
            "shape": choice("where", [*SHAPES, *([PAINTED] if self.brush else [])], "everywhere"),
            "x": slider("from the left", 0.5, 0.0, 1.0),
            "y": slider("from the top", 0.5, 0.0, 1.0),
            "extent": slider("size", 0.5, 0.05, 1.0),
            "softness": slider("soft edge", 0.3, 0.0, 1.0),
        }
        super().__init__(controls, panel=self.arrange(controls))

    def arrange(self, controls: dict[str, Any]) -> list[Any]:
        """The controls from top to bottom, those for special wishes on pages."""
        self.content_file, self.style_file = upload("your photograph"), upload("your style image")
        self.content_file.observe(lambda change: self.receive(change, self.content), "value")
        self.style_file.observe(lambda change: self.receive(change, self.style), "value")
        self.file_name = text("file name", "stylized.png")
        self.save_button = button("Save", "Write the image into a file beside the notebook")
        self.save_button.on_click(lambda clicked: self.save())
        named = [controls[name] for name in ("content", "style", "strength", "stroke", "colors")]
        groups = {
            "mix": [controls["second"], controls["mix"]],
            "depth": [controls[tap] for tap in self.taps],
            "place": [
                *(controls[name] for name in ("shape", "x", "y", "extent", "softness")),
                *([self.brush] if self.brush else []),
            ],
            "files": [
                row(self.content_file, self.style_file),
                self.file_name,
                row(self.save_button),
            ],
        }
        controls["shape"].observe(lambda change: self.show_placing(change["new"]), "value")
        self.show_placing(controls["shape"].value, controls=controls)
        if self.brush:
            controls["content"].observe(lambda change: self.fit_brush(change["new"]), "value")
            self.fit_brush(controls["content"].value)
        return [*named, pages(groups)]

    def show_placing(self, shape: str, *, controls: dict[str, Any] | None = None) -> None:
        """Show the sliders that this shape needs, and hide the others."""
        controls = controls or self.controls
        for name in ("x", "y", "extent", "softness"):
            controls[name].layout.display = None if name in PLACING[shape] else "none"
        if self.brush:
            self.brush.layout.display = None if shape == PAINTED else "none"

    def fit_brush(self, content: str) -> None:
        """Paint on this content from now on."""
        if self.brush:
            self.brush.fit(self.content(content))

    def _content_code(self, name: str, grain: float, stroke: str) -> Any:
        return self.transfer.content_code(self.content(name), grain=grain, stroke=stroke)

    def _style_code(self, name: str) -> Any:
        return self.transfer.style_code(self.image_of(name))

    def _prepared(
        self, content: str, names: tuple[str, ...], colors: str, strength: float, stroke: str
    ) -> Any:
        code = self.content_code(content, self.transfer.grain * strength, stroke)
        styles = [self.style_code(name) for name in names]
        return self.transfer.prepare(code, styles, strength=strength, keep_colors=colors or None)

    def image_of(self, name: str) -> np.ndarray:
        """A style image: of the collection, or one that the reader has handed in."""
        return (self.style if name in self.style.own else self.second)(name)

    def stylize(self, settings: dict[str, Any]) -> np.ndarray:
        """The stylized image for these settings, (height, width, 3)."""
        names = [settings["style"], *([settings["second"]] if settings["second"] else [])]
        strength, mix = settings["strength"], settings["mix"]
        asked = (settings["colors"], strength, settings["stroke"])
        prepared = self.prepared(settings["content"], tuple(names), *asked)
        mask = self.mask(settings, prepared.content.shape[:2])
        weights = (1 - mix, mix) if len(names) > 1 else None
        return self.transfer.apply(
            prepared,
            strength=strength,
            tap_strength={tap: settings[tap] for tap in self.taps},
            weights=weights,
            masks=None if mask is None else [mask, 1 - mask][: len(names)],
        )

    def mask(self, settings: dict[str, Any], size: tuple[int, int]) -> np.ndarray | None:
        """Where the first style applies, (height, width); None where it applies everywhere."""
        if settings["shape"] == "everywhere":
            return None
        if settings["shape"] == PAINTED and self.brush:
            return self.brush.mask_for(size)
        place = (settings["x"], settings["y"])
        return shape_mask(
            size,
            settings["shape"],
            place=place,
            extent=settings["extent"],
            softness=settings["softness"],
        )

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The stylized image, with small copies of what went into it."""
        started = time.perf_counter()
        self.result = self.stylize(settings)
        milliseconds = 1000 * (time.perf_counter() - started)
        height, width = self.result.shape[:2]
        second = settings["second"]
        manner = settings["style"] + (f" and {second}" if second else "")
        words = (
            f"{settings['content']} in the style of {manner}, strength "
            f"{settings['strength']:.2f}: {height} x {width} pixels in {milliseconds:.0f} ms."
        ).replace("_", " ")
        if settings["shape"] == PAINTED and self.brush and not self.brush.mask.any():
            words = (
                "Nothing is painted yet, so the photograph stays. Paint on the small image "
                "where the style should go."
            )
        return Sheet({"stylized": self.with_thumbnails(settings)}, words)

    def with_thumbnails(self, settings: dict[str, Any]) -> np.ndarray:
        """The result, and below it in a row the content, the styles and the mask."""
        content = self.content(settings["content"])
        small = [content, self.image_of(settings["style"])]
        if settings["second"]:
            small.append(self.image_of(settings["second"]))
        small = [fitted(image, (THUMBNAIL, THUMBNAIL)) for image in small]
        mask = self.mask(settings, self.result.shape[:2])
        if mask is not None:
            shape = fitted(np.repeat(mask[..., None], 3, axis=-1), (THUMBNAIL, THUMBNAIL))
            # White on a white page has no edge.
            small.append(np.pad(shape[1:-1, 1:-1], [(1, 1), (1, 1), (0, 0)], constant_values=0.6))
        height, width = self.result.shape[:2]
        across = max(width, 4 * THUMBNAIL + 3 * GAP)
        sheet = np.ones((height + GAP + THUMBNAIL, across, 3), "float32")
        sheet[:height, :width] = self.result
        for number, image in enumerate(small):
            left = number * (THUMBNAIL + GAP)
            sheet[-THUMBNAIL:, left : left + THUMBNAIL] = image
        return sheet

    def encode(self, sheet: Sheet) -> tuple[bytes, int]:
        """The bytes without lettering, which would take as long as the image itself."""
        image = sheet.panels["stylized"]
        return images.to_bytes(image, quality=90), round(ENLARGED * image.shape[1])

    def receive(self, change: Any, target: ImageChoice) -> None:
        """Take a file that the reader has handed in."""
        if not change["new"]:
            return
        try:
            name, image = read_upload(change["new"], size=self.size)
        except Exception as error:
            self.report(error)
        else:
            target.add(name, image)

    def save(self) -> None:
        """Write the result into the file that is named; beside it, where there is such a file."""
        try:
            path = images.save_image(self.result, free_name(self.file_name.value))
        except Exception as error:
            self.report(error)
        else:
            height, width = self.result.shape[:2]
            self.say(f"Saved {path.name}, {height} x {width} pixels.")

    def stills(self) -> dict[str, Any]:
        """The lab's settings one after the other."""
        wishes: dict[str, dict[str, Any]] = {
            "strength 0.6": {"strength": 0.6},
            "strength 1": {},
            "mixed with woodcut": {"second": "woodcut", "mix": 0.5},
            "in a soft spot": {"shape": "ellipse"},
            "the photograph's colors": {"colors": "luminance"},
        }
        shown = {"photograph": self.content(self.settings["content"])}
        shown |= {title: self.stylize(self.settings | wish) for title, wish in wishes.items()}
        return shown
