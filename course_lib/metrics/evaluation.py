"""Many images and several methods, judged at once."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_lib.errors import ArgumentError
from course_lib.metrics import transferred
from course_lib.metrics.artifacts import sharpness
from course_lib.metrics.checks import unit_range

MEASURES = ("style_moved", "content_kept", "structure_kept", "sharpness", "seconds")
DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found.

    Attributes:
        rows: one dictionary for each method, content and style, with their names under "method",
            "content" and "style", and one number for each of `MEASURES`.
        images: dictionary (method, content, style) -> the stylized image.
    """

    rows: list[dict]
    images: dict = field(repr=False)

    def means(self) -> dict[str, dict[str, float]]:
        """Dictionary method -> measure -> mean over all pairs.

        The seconds are the median instead: a method that compiles does so in its first call.
        """
        found: dict[str, dict[str, float]] = {}
        for method in dict.fromkeys(row["method"] for row in self.rows):
            rows = [row for row in self.rows if row["method"] == method]
            found[method] = {
                measure: float(
                    (np.median if measure == "seconds" else np.mean)([row[measure] for row in rows])
                )
                for measure in MEASURES
            }
        return found

    def points(
        self, *, x: str = "style_moved", y: str = "content_kept"
    ) -> dict[str, tuple[float, float]]:
        """Dictionary method -> two of its means: what a scatter shows.

        Raises:
            ArgumentError: a measure that there is not.
        """
        for measure in (x, y):
            if measure not in MEASURES:
                raise ArgumentError(f"measure {measure!r}: there are {', '.join(MEASURES)}.")
        return {method: (means[x], means[y]) for method, means in self.means().items()}

    def front(self) -> list[str]:
        """The methods that no other one beats in style moved and content kept at once."""
        return pareto_front(self.points())

    def __str__(self) -> str:
        """The means as a table of text."""
        means = self.means()
        head = ("method", *(measure.replace("_", " ") for measure in MEASURES))
        body = [(method, *(f"{means[method][one]:.2f}" for one in MEASURES)) for method in means]
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        return "\n".join(
            "  ".join(
                [row[0].ljust(widths[0])]
                + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            ).rstrip()
            for row in (head, *body)
        )


def evaluate(
    contents: Mapping[str, Any] | Sequence[Any],
    styles: Mapping[str, Any] | Sequence[Any],
    method: Callable | Mapping[str, Callable],
    *,
    extractor: Any = "course",
) -> Evaluation:
    """Stylize every content with every style and measure what comes out.

    Args:
        contents: dictionary name -> image (height, width, 3), or a list of images.
        styles: the same for the style images, of any size.
        method: function (content, style) -> image of the content's size, such as a
            `FeatureTransfer`; or a dictionary name -> function, to compare several.
        extractor: the features to judge by, as for `content_kept`. A method that makes its images
            with the course's encoder is at home there; "vgg19" judges it from outside.

    Returns:
        An `Evaluation`: print it for a table, take its ``points()`` for a scatter.

    Raises:
        ArgumentError: nothing to judge, or a method that returns something else than an image of
            the content's size.
        ModelError: an unknown extractor, or an image that is too small for it.
    """
    contents, styles = _named(contents, "content"), _named(styles, "style")
    methods = method if isinstance(method, Mapping) else {_name_of(method): method}
    if not methods or not all(map(callable, methods.values())):
        raise ArgumentError(
            "there is no method to judge: give a function (content, style) -> image, or a "
            "dictionary of several by name."
        )
    look = transferred.extractor_of(extractor)
    statistics = {
        kind: {name: transferred.statistics_of(one, look) for name, one in images.items()}
        for kind, images in {"content": contents, "style": styles}.items()
    }
    rows, made = [], {}
    for name, stylize in methods.items():
        for of_content, content in contents.items():
            for of_style, style in styles.items():
                begun = time.perf_counter()
                image = stylize(content, style)
                seconds = time.perf_counter() - begun
                key = {"method": name, "content": of_content, "style": of_style}
                _check_result(image, content, key)
                own, wanted = statistics["content"][of_content], statistics["style"][of_style]
                found = transferred.statistics_of(image, look)
                shares = list(transferred.moved(found, own, wanted).values())
                rows.append(
                    key
                    | {
                        "style_moved": float(np.mean(shares)),
                        "content_kept": transferred.content_kept(image, content, extractor=look),
                        "structure_kept": transferred.structure_kept(image, content),
                        "sharpness": sharpness(image),
                        "seconds": seconds,
                    }
                )
                made[tuple(key.values())] = image
    return Evaluation(rows, made)


def pareto_front(
    points: Mapping[str, tuple[float, float]], *, better: tuple[str, str] = ("higher", "higher")
) -> list[str]:
    """The points that no other point beats: who wants more of one must give up some of the other.

    Args:
        points: dictionary name -> (x, y).
        better: for x and for y, whether "higher" or "lower" is better.

    Returns:
        The names of those points for which no other point is at least as good in both and better in
        one; in the order of their x.

    Raises:
        ArgumentError: no points, or another word than "higher" and "lower".

    Source: the definition is Pareto's, "Manuale di economia politica", 1906.
    """
    if not isinstance(points, Mapping) or not points:
        raise ArgumentError("there are no points: give a dictionary name -> (x, y).")
    if not isinstance(better, (tuple, list)) or len(better) != 2 or set(better) - set(DIRECTIONS):
        raise ArgumentError(f"better={better!r}: for x and y, say 'higher' or 'lower'.")
    signs = np.array([1.0 if word == "higher" else -1.0 for word in better])
    left = not_beaten(signs * np.array(list(points.values()), dtype=float))
    front = [name for name, stays in zip(points, left, strict=True) if stays]
    return sorted(front, key=lambda name: points[name][0])


def not_beaten(points: np.ndarray) -> np.ndarray:
    """Which points no other point beats, where higher is better in every column.

    Args:
        points: array (points, columns).

    Returns:
        Array (points,) of bool. A point is beaten by another that is at least as good in every
        column and better in one. Of two equal points neither beats the other.
    """
    at_least = np.all(points[:, None] >= points[None], axis=-1)
    better = np.any(points[:, None] > points[None], axis=-1)
    return ~np.any(at_least & better, axis=0)


def _named(images: Mapping[str, Any] | Iterable[Any], what: str) -> dict[str, Any]:
    """Images by name, whichever way they were given."""
    if isinstance(images, Mapping):
        named = dict(images)
    elif isinstance(images, (list, tuple)):
        named = {f"{what} {number}": one for number, one in enumerate(images, 1)}
    else:
        raise ArgumentError(f"give the {what} images as a dictionary of names, or as a list.")
    if not named:
        raise ArgumentError(f"there are no {what} images.")
    return named


def _name_of(method: Callable) -> str:
    return str(getattr(method, "__name__", type(method).__name__))


def _check_result(image: Any, content: Any, key: dict) -> None:
    """Raise an ArgumentError that names the pair, unless the method gave an image of that size."""
    where = f"{key['method']} for {key['content']} in {key['style']}"
    try:
        shape = unit_range(image).shape
    except ArgumentError as error:
        raise ArgumentError(f"{where}: {error}") from error
    if shape != np.shape(content):
        raise ArgumentError(
            f"{where}: the content has shape {np.shape(content)}, and the method returned {shape}. "
            "A method takes (content, style) and returns an image of the content's size."
        )
