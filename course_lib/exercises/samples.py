"""What exercises of several lessons share: features to try an answer on, and parts of losses."""

import numpy as np


def random_features(
    random: np.random.Generator, least: float, scale: float, *shapes: tuple
) -> dict[str, np.ndarray]:
    """Features as after a ReLU, none of them zero, of another size at each tap.

    Args:
        random: a `numpy.random.Generator`.
        least: the smallest number at relu1_1, where the largest is 1; both before scaling.
        scale: by what all are multiplied; each tap has three times what the one before has.
        *shapes: (height, width, channels) of one tap after the other, up to three.

    Returns:
        Dictionary tap -> array (1, height, width, channels), float32.
    """
    names = ("relu1_1", "relu2_1", "relu3_1")
    return {
        tap: (scale * 3**level * random.uniform(least, 1.0, size=(1, *shape))).astype("float32")
        for level, (tap, shape) in enumerate(zip(names, shapes, strict=False))
    }


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """The squared difference of two arrays of one shape, divided by the square of the second."""
    return np.sum(np.square(found - wanted)) / np.sum(np.square(wanted))


def gram(maps: np.ndarray) -> np.ndarray:
    """The Gram matrices of features, in NumPy.

    Args:
        maps: array (batch, height, width, channels).

    Returns:
        Array (batch, channels, channels), averaged over the positions.
    """
    flat = maps.reshape(len(maps), -1, maps.shape[-1])
    return np.swapaxes(flat, 1, 2) @ flat / flat.shape[1]
