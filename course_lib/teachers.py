"""Teachers: trained classifiers whose features tell the course's encoder what is worth seeing.

A teacher is needed for training and measuring only; nothing of it comes with the course.
"""

import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras import ops

from course_lib.autoencoder import UNREADABLE, convolve
from course_lib.errors import ModelError
from course_lib.features import FeatureExtractor

DISTILLED_LAYERS = (
    *("conv11", "conv12", "pool", "conv21", "conv22", "pool"),
    *("conv31", "conv32", "conv33", "conv34", "pool", "conv41"),
)
DISTILLED_TAPS = {
    "conv11": "relu1_1",
    "conv21": "relu2_1",
    "conv31": "relu3_1",
    "conv41": "relu4_1",
}


Features = Mapping[str, Any]
"""Tap -> tensor (batch, height, width, channels)."""
Extractor = Callable[[Any], Features]
"""What gives the features of images, a tensor (batch, height, width, 3) in [0, 1]."""


class DistilledTeacher:
    """VGG-19 distilled to a small network, read from an ``.npz`` file.

    The arrays are ``<layer>.weight`` in (out, in, height, width) order and ``<layer>.bias``, for
    conv0 (1x1, carries the normalization of the input), conv11, conv12, ... conv41.

    Args:
        path: the file.

    Raises:
        ModelError: no such file, a damaged one, or arrays missing from it.

    Source: Wang et al., "Collaborative Distillation for Ultra-Resolution Universal Style
    Transfer", CVPR 2020.
    """

    taps = tuple(DISTILLED_TAPS.values())

    def __init__(self, path: str | os.PathLike[str]) -> None:
        path = pathlib.Path(path)
        if not path.is_file():
            raise ModelError(f"{path}: there is no such file. Give --teacher vgg19 or a file.")
        names = ["conv0", *(name for name in DISTILLED_LAYERS if name != "pool")]
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except UNREADABLE as error:
            raise ModelError(
                f"{path}: cannot be read as a distilled teacher ({error}). Fetch the file again, "
                "or give --teacher vgg19."
            ) from error
        missing = [name for name in names if not {f"{name}.weight", f"{name}.bias"} <= set(arrays)]
        if missing:
            raise ModelError(f"{path}: the layers {', '.join(missing)} are missing from it.")
        self.kernels: dict[str, np.ndarray] = {}
        self.biases: dict[str, np.ndarray] = {}
        incoming = 3
        for name in names:
            kernel, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
            side = 1 if name == "conv0" else 3
            if kernel.shape[1:] != (incoming, side, side) or bias.shape != kernel.shape[:1]:
                raise ModelError(
                    f"{path}: {name} has a kernel of shape {kernel.shape} and a bias of shape "
                    f"{bias.shape}, where (out, {incoming}, {side}, {side}) and (out,) are needed."
                )
            incoming = kernel.shape[0]
            self.kernels[name] = kernel.transpose(2, 3, 1, 0).astype("float32")
            self.biases[name] = bias.astype("float32")

    def __call__(self, images: Any) -> dict[str, Any]:
        """Features at relu1_1, relu2_1, relu3_1 and relu4_1.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side a multiple of 8.

        Returns:
            Dictionary tap -> tensor (batch, height / 2^k, width / 2^k, channels).
        """
        features = {}
        # The first one has a kernel of a single pixel: it changes colors only.
        x = ops.conv(images, self.kernels["conv0"], padding="valid") + self.biases["conv0"]
        for layer in DISTILLED_LAYERS:
            if layer == "pool":
                x = ops.max_pool(x, 2, 2)
                continue
            x = convolve(x, self.kernels[layer], self.biases[layer], activation=ops.relu)
            if layer in DISTILLED_TAPS:
                features[DISTILLED_TAPS[layer]] = x
        return features


def load_teacher(name: str | os.PathLike[str]) -> Extractor:
    """The teacher of that name.

    Args:
        name: "vgg19", or the path of an ``.npz`` file with a distilled teacher.

    Returns:
        A callable images -> {tap: features}.

    Raises:
        ModelError: it cannot be had.
    """
    if str(name) != "vgg19":
        return DistilledTeacher(name)
    try:
        return FeatureExtractor("vgg19")
    except ModelError as error:
        raise ModelError(f"{error} Or give --teacher the path of a distilled teacher.") from error
