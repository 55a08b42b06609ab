"""What a feature-based transfer keeps of a style image and of a content image."""

import dataclasses
import json
import math
from typing import Any, Self

import numpy as np

from course_lib.autoencoder import UNREADABLE, write_arrays
from course_lib.errors import TransferError

FORMAT = "course style 2"


@dataclasses.dataclass(frozen=True)
class StyleCode:
    """All that a transfer keeps of a style image.

    Attributes:
        measured: dictionary tap -> (mean, standard deviation), arrays (1, 1, 1, channels).
        covariances: dictionary tap -> array (1, channels, channels), for "wct"; else None.
        image: the style image, from which colors and texture can be taken apart; None in a code
            that was read from a file.
        side: the image's longer side in pixels, or 0 where it does not matter.
        smaller: codes of smaller copies of the image, by their longer side: what an image that is
            painted from coarse to fine takes on first.
    """

    measured: dict[str, tuple]
    covariances: dict[str, np.ndarray] | None = None
    image: np.ndarray | None = None
    side: int = 0
    smaller: dict[int, "StyleCode"] = dataclasses.field(default_factory=dict)

    def at(self, side: int) -> "StyleCode":
        """The code of the copy whose longer side is nearest to that number of pixels."""
        codes = {self.side or side: self, **self.smaller}
        return codes[min(codes, key=lambda one: abs(math.log(one / side)))]

    def save(self, path: Any) -> None:
        """Write a few kilobytes from which the style can be applied again, without its image.

        Args:
            path: an ``.npz`` file; replaced in one step if it is there.
        """
        header = {"format": FORMAT, "taps": list(self.measured), "side": self.side}
        header["smaller"] = list(self.smaller)
        arrays = {"format": np.array(json.dumps(header))}
        codes: dict[Any, StyleCode] = {"": self, **self.smaller}
        for side, code in codes.items():
            for tap, (mean, std) in code.measured.items():
                arrays[f"{tap}_mean{side}"], arrays[f"{tap}_std{side}"] = mean, std
            for tap, matrix in (code.covariances or {}).items():
                arrays[f"{tap}_covariance{side}"] = matrix
        write_arrays(path, arrays)

    @classmethod
    def load(cls, path: Any) -> Self:
        """Read what `save` wrote.

        Raises:
            TransferError: the file does not hold a style.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                header = json.loads(str(stored["format"]))
                if header["format"] != FORMAT:
                    raise KeyError(header["format"])
                arrays = {name: stored[name] for name in stored.files if name != "format"}
            smaller: Any = {
                side: cls.part(arrays, header["taps"], side) for side in header["smaller"]
            }
            whole = cls.part(arrays, header["taps"], "")
        except FileNotFoundError:
            raise
        except UNREADABLE as error:
            raise TransferError(
                f"{path}: this is not a style that StyleCode.save wrote ({error}). "
                "Measure the style image again."
            ) from error
        return dataclasses.replace(whole, side=header["side"], smaller=smaller)

    @classmethod
    def part(cls, arrays: dict[str, np.ndarray], taps: list[str], side: Any) -> Self:
        """The code of one copy, from arrays named as `save` names them."""
        measured = {tap: (arrays[f"{tap}_mean{side}"], arrays[f"{tap}_std{side}"]) for tap in taps}
        names = {tap: f"{tap}_covariance{side}" for tap in taps}
        covariances = {tap: arrays[name] for tap, name in names.items() if name in arrays}
        return cls(measured, covariances or None)


@dataclasses.dataclass(frozen=True)
class ContentCode:
    """A content image as a transfer sees it.

    Attributes:
        image: the image itself, (height, width, 3) float32.
        grain: standard deviation of the grain with which it was encoded.
        features: the code that is decoded, (1, height / 4, width / 4, channels) for painting.
        own: the content's own statistics, which strength 0 asks for; None where they were not
            measured, because full strength leaves nothing of them.
        finer: the content at the sizes at which it is painted again, from coarse to fine; the last
            is the content itself. Empty where there is one pass only.
        plain: what the decoder makes of each coarser copy by itself, from coarse to fine. What a
            painted copy has more than that is the style.
        entering: mean and standard deviation of the features, for painting in tiles; empty where
            they were not measured.
    """

    image: np.ndarray
    grain: float
    features: Any
    own: StyleCode | None
    finer: tuple = ()
    plain: tuple = ()
    entering: tuple = ()
