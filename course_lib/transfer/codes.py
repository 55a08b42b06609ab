"""What a feature-based transfer keeps of a style image and of a content image."""

import dataclasses
import json
from typing import Any, Self

import numpy as np

from course_lib.autoencoder import UNREADABLE, write_arrays
from course_lib.errors import TransferError

FORMAT = "course style 1"


@dataclasses.dataclass(frozen=True)
class StyleCode:
    """All that a transfer keeps of a style image.

    Attributes:
        measured: dictionary tap -> (mean, standard deviation), arrays (1, 1, 1, channels).
        covariances: dictionary tap -> array (1, channels, channels), for "wct"; else None.
        image: the style image, from which colors and texture can be taken apart; None in a code
            that was read from a file.
    """

    measured: dict[str, tuple]
    covariances: dict[str, np.ndarray] | None = None
    image: np.ndarray | None = None

    def save(self, path: Any) -> None:
        """Write a few kilobytes from which the style can be applied again, without its image.

        Args:
            path: an ``.npz`` file; replaced in one step if it is there.
        """
        arrays = {"format": np.array(json.dumps({"format": FORMAT, "taps": list(self.measured)}))}
        for tap, (mean, std) in self.measured.items():
            arrays[f"{tap}_mean"], arrays[f"{tap}_std"] = mean, std
        for tap, matrix in (self.covariances or {}).items():
            arrays[f"{tap}_covariance"] = matrix
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
            taps = header["taps"]
            measured = {tap: (arrays[f"{tap}_mean"], arrays[f"{tap}_std"]) for tap in taps}
        except FileNotFoundError:
            raise
        except UNREADABLE as error:
            raise TransferError(
                f"{path}: this is not a style that StyleCode.save wrote ({error}). "
                "Measure the style image again."
            ) from error
        covariances = {
            tap: arrays[f"{tap}_covariance"] for tap in taps if f"{tap}_covariance" in arrays
        }
        return cls(measured, covariances or None)


@dataclasses.dataclass(frozen=True)
class ContentCode:
    """A content image as a transfer sees it.

    Attributes:
        image: the image itself, (height, width, 3) float32.
        grain: standard deviation of the grain with which it was encoded.
        features: the code that is decoded, (1, height / 4, width / 4, channels) for painting.
        own: the content's own statistics, which strength 0 asks for.
    """

    image: np.ndarray
    grain: float
    features: Any
    own: StyleCode
