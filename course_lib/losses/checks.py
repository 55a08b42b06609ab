"""What every loss asks of its features and weights."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from course_lib.checks import as_number
from course_lib.errors import ArgumentError
from course_lib.features import Features, Tensor


def proportions(
    names: Iterable[str], *, weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """How much each layer, or whatever else is named, counts in a loss.

    Args:
        names: all the names there are.
        weights: dictionary name -> number of 0 or more; what it leaves out does not count. Equal
            ones for all by default.

    Returns:
        Dictionary name -> share. The shares sum to 1, so that more layers do not mean more loss.

    Raises:
        ArgumentError: an unknown name, a negative weight, or none above 0.
    """
    names = tuple(names)
    if not (weights is None or isinstance(weights, Mapping)):
        raise ArgumentError(
            f"weights={weights!r}: give a dictionary of {', '.join(map(str, names))}."
        )
    weights = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    for name, weight in weights.items():
        if name not in names:
            raise ArgumentError(f"a weight is given for {name!r}. There are: {', '.join(names)}.")
        check_weight(f"the weight of {name}", weight)
    total = sum(weights.values())
    if not total:
        raise ArgumentError(f"none of {', '.join(names)} has a weight above 0. Raise one.")
    return {name: weight / total for name, weight in weights.items() if weight}


def check_weight(name: str, weight: Any) -> None:
    """Raise a ArgumentError unless the weight is a number of 0 or more."""
    if not 0 <= as_number(weight) < math.inf:
        raise ArgumentError(f"{name} is {weight!r}: a number of 0 or more is needed.")


def check_dictionaries(*features: Any) -> None:
    """Raise a ArgumentError unless all are dictionaries tap -> features."""
    for one in features:
        if not isinstance(one, Mapping):
            raise ArgumentError(
                f"features are given as a dictionary tap -> tensor, not as {type(one).__name__}: "
                "a FeatureExtractor gives one."
            )


def feature_at(features: Features, tap: str) -> Tensor:
    """The features of a tap, or a ArgumentError that lists those there are."""
    if tap not in features:
        raise ArgumentError(f"the features have no tap {tap!r}. There are: {', '.join(features)}.")
    return features[tap]
