"""The style lab: any photograph in any manner, with every setting of feature-based transfer."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import images
from course_lib.files import free_name
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
from course_lib.widgets.brush import PAINTED, Brush, can_paint
from course_lib.widgets.masks import SHAPES, shape_mask

SIZE = 256
# On the page a pixel of the picture is this much larger.
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
        # One for each place of the strength slider.
        self.content_code = lru_cache(maxsize=32)(self._content_code)
        self.style_code = lru_cache(maxsize=64)(self._style_code)
        # For masks, which may move without anything to paint anew.
        self.painted_before = lru_cache(maxsize=4)(self.painted)
        self.result = np.zeros((1, 1, 3), "float32")
        # Nothing of the content passes relu4_1 on its way through the painting decoder.
        self.taps = self.transfer.taps[:-1] if self.transfer.painter else self.transfer.chosen
        self.brush: Brush | None = None
        if can_paint():
            self.brush = Brush(self.redraw, lambda: self.controls["softness"].value)
        controls = {
            "content": self.content.control,
            "style": self.style.control,
            "strength": slider("strength", 1.0, 0.0, 1.0),
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
        self.show_placing(controls["shape"].value, controls)
        if self.brush:
            controls["content"].observe(lambda change: self.fit_brush(change["new"]), "value")
            self.fit_brush(controls["content"].value)
        return [*named, pages(groups)]

    def show_placing(self, shape: str, controls: dict[str, Any] | None = None) -> None:
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

    def _content_code(self, name: str, grain: float) -> Any:
        return self.transfer.content_code(self.content(name), grain=grain)

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

        names = [settings["style"], *([settings["second"]] if settings["second"] else [])]
        content, mix = self.content(settings["content"]), settings["mix"]
        asked = (settings["content"], settings["colors"], settings["strength"])
        at_taps = tuple(settings[tap] for tap in self.taps)
        mask = self.mask(settings, content.shape[:2])
        if mask is None:
            weights = (1 - mix, mix) if len(names) > 1 else None
            picture = self.painted(tuple(names), weights, *asked, at_taps)
        else:
            # Whole pictures are faded into each other. In one run of the decoder the parts would
            # share one mean and one deviation, and the stronger part would leave the other flat.
            parts = [self.painted_before((name,), None, *asked, at_taps) for name in names]
            below = parts[1] if len(parts) > 1 else content
            picture = below + mask[..., None] * (parts[0] - below)
        colored = settings["colors"] == "luminance"
        return with_colors_of(content, picture) if colored else picture

    def painted(
        self,
        names: tuple[str, ...],
        weights: tuple[float, ...] | None,
        content: str,
        colors: str,
        strength: float,
        at_taps: tuple[float, ...],
    ) -> np.ndarray:
        """The content painted all over in one style or a mixture of two, (height, width, 3)."""
        palette_of = content if colors == "covariance" else ""
        styles = [self.style_code(name, palette_of, colors) for name in names]
        tap_strength = dict(zip(self.taps, at_taps, strict=True))
        # As much grain as a call of the transfer would give: none where nothing is painted.
        most = max(self.transfer.strengths(strength, tap_strength).values())
        code = self.content_code(content, round(self.transfer.grain * most, 6))
        return self.transfer.blend(code, styles, strength, tap_strength, weights)

    def mask(self, settings: dict[str, Any], size: tuple[int, int]) -> np.ndarray | None:
        """Where the first style applies, (height, width); None where it applies everywhere."""
        if settings["shape"] == "everywhere":
            return None
        if settings["shape"] == PAINTED and self.brush:
            return self.brush.mask_for(size)
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
        if settings["shape"] == PAINTED and self.brush and not self.brush.mask.any():
            words = (
                "Nothing is painted yet, so the photograph stays. Paint on the small picture, "
                "where the style shall go."
            )
        return Sheet({"stylized": self.with_thumbnails(settings)}, words)

    def with_thumbnails(self, settings: dict[str, Any]) -> np.ndarray:
        """The result, and below it in a row the content, the styles and the mask."""
        content = self.content(settings["content"])
        small = [content, self.picture_of(settings["style"])]
        if settings["second"]:
            small.append(self.picture_of(settings["second"]))
        small = [fitted(picture, (THUMBNAIL, THUMBNAIL)) for picture in small]
        mask = self.mask(settings, self.result.shape[:2])
        if mask is not None:
            shape = fitted(np.repeat(mask[..., None], 3, axis=-1), (THUMBNAIL, THUMBNAIL))
            # White on a white page has no edge.
            small.append(np.pad(shape[1:-1, 1:-1], [(1, 1), (1, 1), (0, 0)], constant_values=0.6))
        height, width = self.result.shape[:2]
        across = max(width, 4 * THUMBNAIL + 3 * GAP)
        sheet = np.ones((height + GAP + THUMBNAIL, across, 3), "float32")
        sheet[:height, :width] = self.result
        for number, picture in enumerate(small):
            left = number * (THUMBNAIL + GAP)
            sheet[-THUMBNAIL:, left : left + THUMBNAIL] = picture
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
