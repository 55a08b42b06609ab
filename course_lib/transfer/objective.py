"""What is asked of an image that is optimized: content, style and little noise, as one loss."""

import dataclasses
import functools
from typing import Any

import numpy as np
from keras import ops

from course_lib.backend import value_and_gradient
from course_lib.checks import check_choice
from course_lib.features import FeatureExtractor
from course_lib.losses import (
    STYLES,
    content_loss,
    describe_styles,
    described_style_loss,
    proportions,
    total_variation_loss,
)

# The course's own extractors, by name. A network that is handed in is never kept.
shared_extractor = functools.lru_cache(maxsize=8)(FeatureExtractor)


@dataclasses.dataclass(frozen=True)
class Objective:
    """What is asked of the image, apart from the images themselves: what a program computes.

    Attributes:
        extractor: a `FeatureExtractor` that reads all the layers.
        content_layers: taps whose features the content image gives.
        style_layers: pairs (tap, weight).
        content_kind: as in `losses.content_loss`.
        style_kinds: pairs (kind as in `losses.describe_style`, weight).
    """

    extractor: FeatureExtractor
    content_layers: tuple
    style_layers: tuple
    content_kind: str
    style_kinds: tuple

    def targets(self, content: Any, styles: list, proportions: list) -> dict[str, Any]:
        """All that is asked for, computed once per scale.

        Args:
            content: images (1, height, width, 3).
            styles: list of images (1, height', width', 3).
            proportions: one number per style, or one map (1, height, width, 1) per style.

        Returns:
            Nested dictionaries and lists of tensors.
        """
        features = self.extractor(content)
        targets: dict[str, Any] = {
            "content": {tap: features[tap] for tap in self.content_layers},
            "styles": [
                self.style_target(*pair, features) for pair in zip(styles, proportions, strict=True)
            ],
        }
        if not all(isinstance(proportion, float) for proportion in proportions):
            coverage = np.minimum(sum(proportions), 1.0).astype("float32")
            targets["coverage"] = ops.convert_to_tensor(coverage)
            targets["photograph"] = ops.convert_to_tensor(content)
        return targets

    def style_target(self, style: Any, proportion: Any, features: dict) -> dict[str, Any]:
        """What one style asks for: its descriptions, how much it counts, and where."""
        seen, kinds = self.extractor(style), dict(self.style_kinds)
        taps = [tap for tap, _ in self.style_layers]
        target: dict[str, Any] = {
            "described": {tap: describe_styles(seen[tap], kinds) for tap in taps},
            # A style counts by the area of its mask, so that it is as strong there as elsewhere.
            "share": ops.convert_to_tensor(np.float32(np.mean(proportion))),
        }
        if not isinstance(proportion, float):
            target["masks"] = {tap: resized(proportion, features[tap].shape[1:3]) for tap in taps}
        return target

    def parts(self, pixels: Any, targets: dict) -> dict[str, Any]:
        """The parts of the loss: "content", "style" and "variation", not weighted yet."""
        images = laid_on_photograph(pixels, targets)
        features = self.extractor(images)
        content = style = ops.zeros(())
        if self.content_layers:
            content = content_loss(targets["content"], features, kind=self.content_kind)
        for target in targets["styles"]:
            style = style + target["share"] * described_style_loss(
                features,
                target["described"],
                dict(self.style_kinds),
                weights=dict(self.style_layers),
                masks=target.get("masks"),
            )
        return {"content": content, "style": style, "variation": total_variation_loss(images)}


def laid_on_photograph(pixels: Any, targets: dict) -> Any:
    """The image as it is seen: where masks leave a place free, the photograph stays."""
    if "coverage" not in targets:
        return pixels
    photograph = targets["photograph"]
    return photograph + targets["coverage"] * (pixels - photograph)


def look(objective: Objective, pixels: Any, controls: dict, targets: dict) -> tuple:
    """The loss of an image, its parts, and its gradient.

    Args:
        objective: an `Objective`.
        pixels: tensor (1, height, width, 3).
        controls: dictionary part -> weight, scalar tensors.
        targets: as `Objective.targets` gives them.

    Returns:
        The total, a dictionary of its parts, and the gradient of the total at the pixels.
    """

    def total(pixels: Any) -> tuple:
        parts = objective.parts(pixels, targets)
        return sum(controls[name] * parts[name] for name in parts), parts

    return value_and_gradient(total, pixels)


def choose_objective(
    extractor: Any, content_layers: Any, style_layers: Any, content_kind: str, style_kinds: Any
) -> Objective:
    """The `Objective` for these settings, its extractor reading all the layers."""
    make = shared_extractor if isinstance(extractor, str) else FeatureExtractor
    style_layers = make(extractor).taps if style_layers is None else style_layers
    style_kinds = (style_kinds,) if isinstance(style_kinds, str) else style_kinds
    for kind in style_kinds:
        check_choice("style_kinds", kind, STYLES)
    content_layers = tuple(content_layers)
    layers, kinds = (
        tuple(proportions(chosen, weights=chosen if isinstance(chosen, dict) else None).items())
        for chosen in (style_layers, style_kinds)
    )
    taps = dict.fromkeys((*content_layers, *(tap for tap, _ in layers)))
    return Objective(make(extractor, taps=tuple(taps)), content_layers, layers, content_kind, kinds)


def resized(maps: Any, size: tuple, *, interpolation: str = "bilinear") -> Any:
    """Maps (1, height, width, channels) at another size, as a tensor."""
    maps = ops.convert_to_tensor(maps, dtype="float32")
    if tuple(maps.shape[1:3]) == tuple(size):
        return maps
    return ops.image.resize(maps, tuple(size), interpolation=interpolation, antialias=True)
