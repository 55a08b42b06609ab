"""The style lab: any photograph in any manner, with every setting of feature-based transfer."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import images
from course_lib.widgets.base import (
    Lab,
    PictureChoice,
    Sheet,
    button,
    choice,
    fitted,
    pages,
    read_upload,
    row,
    slider,
    text,
    upload,
)
from course_lib.widgets.masks import SHAPES, shape_mask

SIZE = 256
# On the page a pixel of the picture is this much larger.
ENLARGED = 1.75
THUMBNAIL = 58
GAP = 8
COLORS = [
    ("of the style", ""),
    ("of the content (brightness changes)", "luminance"),
    ("of the content (palette changes)", "covariance"),
]


class StyleLab(Lab):
    """Content and style from the collection or the reader's files, with all settings of a transfer.

    What is slow is done once and kept: the content's code, and each style's. A slider then costs
    one run of the painting decoder.

    Args:
        transfer: a `FeatureTransfer`; the course's own with method "adain" by default.
        size: longer side of the content.
    """

    heading = "Style lab"
    still_words = (
        "A cat painted by strength: the photograph, then the same with the mosaic's style at "
        "strengths 0.3, 0.6 and 1; two styles mixed half and half; the mosaic in a soft round spot "
        "only; and the mosaic's strokes with the colors and with the palette of the photograph."
    )

    def __init__(self, transfer: Any = None, size: int = SIZE):
        from course_lib.transfer import FeatureTransfer

        self.transfer = transfer or FeatureTransfer()
        self.size = size
        self.content = PictureChoice("content", "photographs", "chelsea", size)
        self.style = PictureChoice("style", "styles", "mosaic", size)
        self.second = PictureChoice("second style", "styles", "", size, none="none")
        self.content_code = lru_cache(maxsize=8)(self._content_code)
        self.style_code = lru_cache(maxsize=64)(self._style_code)
        self.result = np.zeros((1, 1, 3), "float32")
        # Nothing of the content passes relu4_1 on its way through the painting decoder.
        self.taps = self.transfer.taps[:-1] if self.transfer.painter else self.transfer.chosen
        controls = {
            "content": self.content.control,
            "style": self.style.control,
            "strength": slider("strength", 1.0, 0.0, 1.0),
            "colors": choice("colors", COLORS, ""),
            "second": self.second.control,
            "mix": slider("mix", 0.5, 0.0, 1.0),
            **{tap: slider(f"at {tap}", 1.0, 0.0, 1.0) for tap in self.taps},
            "shape": choice("where", SHAPES, "everywhere"),
            "x": slider("from the left", 0.5, 0.0, 1.0),
            "y": slider("from the top", 0.5, 0.0, 1.0),
            "extent": slider("size", 0.5, 0.05, 1.0),
            "softness": slider("soft edge", 0.3, 0.0, 1.0),
        }
        super().__init__(controls, self.arrange(controls))

    def arrange(self, controls: dict[str, Any]) -> list[Any]:
        """The controls from top to bottom, those for special wishes on pages."""
        self.content_file, self.style_file = upload("your photograph"), upload("your style picture")
        self.content_file.observe(lambda change: self.receive(change, self.content), "value")
        self.style_file.observe(lambda change: self.receive(change, self.style), "value")
        self.file_name = text("file name", "stylized.png")
        self.save_button = button("Save", "Write the picture into a file beside the notebook")
        self.save_button.on_click(lambda clicked: self.save())
        named = [controls[name] for name in ("content", "style", "strength", "colors")]
        groups = {
            "mix": [controls["second"], controls["mix"]],
            "depth": [controls[tap] for tap in self.taps],
            "place": [controls[name] for name in ("shape", "x", "y", "extent", "softness")],
            "files": [
                row(self.content_file, self.style_file),
                self.file_name,
                row(self.save_button),
            ],
        }
        return [*named, pages(groups)]

    def _content_code(self, name: str) -> Any:
        return self.transfer.content_code(self.content(name))

    def _style_code(self, name: str, content: str, colors: str) -> Any:
        # Only where the style is given the content's palette does its code depend on the content.
        if colors != "covariance":
            return self.transfer.style_code(self.picture_of(name))
        return self.transfer.prepare(self.content(content), self.picture_of(name), "both", colors)

    def picture_of(self, name: str) -> np.ndarray:
        """A style picture: of the collection, or one that the reader has handed in."""
        return (self.style if name in self.style.own else self.second)(name)

    def stylize(self, settings: dict[str, Any]) -> np.ndarray:
        """The stylized picture for these settings, (height, width, 3)."""
        from course_lib.transfer.feature import with_colors_of

        code = self.content_code(settings["content"])
        names = [settings["style"], *([settings["second"]] if settings["second"] else [])]
        colors = settings["colors"]
        content = settings["content"] if colors == "covariance" else ""
        styles = [self.style_code(name, content, colors) for name in names]
        mix = settings["mix"]
        mask = self.mask(settings, code.picture.shape[:2])
        picture = self.transfer.blend(
            code,
            styles,
            settings["strength"],
            tap_strength={tap: settings[tap] for tap in self.taps},
            weights=None if len(styles) == 1 or mask is not None else (1 - mix, mix),
            masks=None if mask is None else [mask, 1 - mask][: len(styles)],
        )
        return with_colors_of(code.picture, picture) if colors == "luminance" else picture

    def mask(self, settings: dict[str, Any], size: tuple[int, int]) -> np.ndarray | None:
        """Where the first style applies, (height, width); None where it applies everywhere."""
        if settings["shape"] == "everywhere":
            return None
        place = (settings["x"], settings["y"])
        return shape_mask(size, settings["shape"], place, settings["extent"], settings["softness"])

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The stylized picture, with small copies of what went into it."""
        started = time.perf_counter()
        self.result = self.stylize(settings)
        milliseconds = 1000 * (time.perf_counter() - started)
        height, width = self.result.shape[:2]
        second = settings["second"]
        manner = settings["style"] + (f" and {second}" if second else "")
        words = (
            f"{settings['content']} in the manner of {manner}, strength "
            f"{settings['strength']:.2f}: {height} x {width} pixels in {milliseconds:.0f} ms."
        ).replace("_", " ")
        return Sheet({"stylized": self.with_thumbnails(settings)}, words)

    def with_thumbnails(self, settings: dict[str, Any]) -> np.ndarray:
        """The result, and below it in a row the content, the styles and the mask."""
        content = self.content(settings["content"])
        small = [content, self.picture_of(settings["style"])]
        if settings["second"]:
            small.append(self.picture_of(settings["second"]))
        mask = self.mask(settings, self.result.shape[:2])
        if mask is not None:
            small.append(np.repeat(mask[..., None], 3, axis=-1))
        height, width = self.result.shape[:2]
        across = max(width, 4 * THUMBNAIL + 3 * GAP)
        sheet = np.ones((height + GAP + THUMBNAIL, across, 3), "float32")
        sheet[:height, :width] = self.result
        for number, picture in enumerate(small):
            left = number * (THUMBNAIL + GAP)
            sheet[-THUMBNAIL:, left : left + THUMBNAIL] = fitted(picture, (THUMBNAIL, THUMBNAIL))
        return sheet

    def encode(self, sheet: Sheet) -> tuple[bytes, int]:
        """The bytes without lettering, which would take as long as the picture itself."""
        picture = sheet.panels["stylized"]
        return images.to_bytes(picture, quality=90), round(ENLARGED * picture.shape[1])

    def receive(self, change: Any, target: PictureChoice) -> None:
        """Take a file that the reader has handed in."""
        if not change["new"]:
            return
        try:
            name, picture = read_upload(change["new"], self.size)
        except Exception as error:
            self.report(error)
        else:
            target.add(name, picture)

    def save(self) -> None:
        """Write the result into the file that is named."""
        try:
            path = images.save(self.result, self.file_name.value)
        except Exception as error:
            self.report(error)
        else:
            height, width = self.result.shape[:2]
            self.say(f"Saved {path.name}, {height} x {width} pixels.")

    def stills(self) -> dict[str, Any]:
        """The lab's settings one after the other."""
        wishes: dict[str, dict[str, Any]] = {
            "strength 0.3": {"strength": 0.3},
            "strength 0.6": {"strength": 0.6},
            "strength 1": {},
            "mixed with woodcut": {"second": "woodcut", "mix": 0.5},
            "in a soft spot": {"shape": "ellipse"},
            "the photograph's colors": {"colors": "luminance"},
            "its palette": {"colors": "covariance"},
        }
        shown = {"photograph": self.content(self.settings["content"])}
        shown |= {title: self.stylize(self.settings | wish) for title, wish in wishes.items()}
        return shown
