"""One file stylized: read, handed to the transfer that was asked for, written."""

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import TransferError
from course_lib.stylize.plan import Job

# A style image is looked at no larger than this: its strokes would be too fine to be seen.
STYLE_SIZE = 512
SMALLEST = 16
# Proportions of a mask and an image may differ by this much, which rounding explains.
SAME_PROPORTIONS = 0.02


class Method(enum.StrEnum):
    """The methods of lessons 7 to 9, by the names that their transfers know them by."""

    ADAIN = "adain"
    WCT = "wct"
    STD = "mean_std"
    COVARIANCE = "covariance"
    HISTOGRAM = "histogram"
    DISTRIBUTION = "distribution"
    PATCHES = "patches"
    OPTIMIZE = "optimize"


class KeepColors(enum.StrEnum):
    """Ways to keep the content's colors."""

    LUMINANCE = "luminance"
    COVARIANCE = "covariance"


@dataclass(frozen=True)
class Settings:
    """How files are to be stylized: small enough to be sent to a worker with each of them.

    Attributes:
        styles: files, or names of the course's style images.
        weights: how much of each style, or None for equal parts.
        method: one of `Method`.
        strength: 0 keeps the content, 1 is full style.
        stroke: how large the strokes are: "fine", "medium", "large" or a number, of the methods
            adain and wct; or None.
        keep_colors: None, "luminance" or "covariance".
        steps: of the method optimize, or None.
        mask: an image file, or None.
        size: the longest side, or None.
        seconds: of a video, only the first seconds; or None.
        digest: of the bytes of styles and mask. A worker lives longer than a command, and a file of
            the same name may be another image by then.
    """

    styles: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    method: str = "adain"
    strength: float = 1.0
    stroke: str | float | None = None
    keep_colors: str | None = None
    steps: int | None = None
    mask: Path | None = None
    size: int | None = None
    seconds: float | None = None
    digest: str = ""


def digest_of(files: list[Path]) -> str:
    """A fingerprint of the contents of files; names that are no files do not count."""
    found = hashlib.sha256()
    for file in files:
        if file.is_file():
            found.update(file.read_bytes())
    return found.hexdigest()


class Stylizer:
    """What is made once for all files of a command: the transfer, the styles' codes, the mask.

    Args:
        settings: the `Settings`.

    Raises:
        CourseError: a style or mask that cannot be read, or options that do not fit together.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.transfer = transfer_for(settings.method, steps=settings.steps)
        if settings.stroke is not None:
            from course_lib.transfer.strokes import stroke_factor

            stroke_factor(settings.stroke)
        self.styles = [self.transfer.style_code(style_image(name)) for name in settings.styles]
        self.mask = mask_image(settings.mask)

    def make(self, job: Job, *, progress: Callable | None = None, overwrite: bool = False) -> str:
        """Make the file of a job.

        Args:
            job: a `Job`.
            progress: function (share) that returns True to stop.
            overwrite: replace what is there.

        Returns:
            What is worth telling of it, such as a video's number of frames; often nothing.
        """
        from course_lib import images

        if job.moving:
            return self.make_video(job, progress, overwrite)
        content = images.load_image(job.content, min_side=SMALLEST)
        content = at_most(content, self.settings.size)
        more = {} if self.settings.stroke is None else {"stroke": self.settings.stroke}
        image = self.transfer(
            content,
            self.styles,
            **more,
            strength=self.settings.strength,
            weights=self.settings.weights,
            masks=self.masks(content),
            keep_colors=self.settings.keep_colors,
            progress=progress,
        )
        images.save_image(image, job.target, overwrite=overwrite)
        return ""

    def masks(self, content: Any) -> list | None:
        """The mask brought to the size of a content, one for each style; None without a mask."""
        from course_lib import images

        if self.mask is None:
            return None
        (height, width), (tall, wide) = content.shape[:2], self.mask.shape[:2]
        if abs(height * wide / (width * tall) - 1) > SAME_PROPORTIONS:
            raise TransferError(
                f"the mask of {tall} x {wide} does not have the proportions of the image of "
                f"{height} x {width} (height x width). Cut it to fit."
            )
        return [images.resize(self.mask, (height, width)).mean(axis=-1)]

    def make_video(self, job: Job, progress: Callable | None, overwrite: bool) -> str:
        """Stylize a video, and say how long it has become."""
        from course_lib.transfer import FeatureTransfer, stylize_video

        settings = self.settings
        made = stylize_video(
            job.content,
            self.styles[0],
            job.target,
            # Strokes that hang on grain would stand still on the screen while the image moves.
            transfer=FeatureTransfer(settings.method, grain=0.0),
            strength=settings.strength,
            keep_colors=settings.keep_colors,
            size=settings.size,
            seconds=settings.seconds,
            overwrite=overwrite,
            progress=progress,
        )
        return f"{made.frames} frames ({made.seconds:.1f} s) written to {job.target}."


def check_images(settings: Settings) -> None:
    """Raise an `ImageError` where a worker could not read the styles or the mask."""
    for name in settings.styles:
        style_image(name)
    mask_image(settings.mask)


def mask_image(path: Path | None) -> Any:
    """The mask as an image, or None."""
    from course_lib import images

    try:
        return None if path is None else images.load_image(path)
    except images.ImageError as error:
        raise images.ImageError(f"the mask: {error}") from error


def transfer_for(method: str, *, steps: int | None = None) -> Any:
    """The transfer that a method belongs to."""
    from course_lib.backend import quiet_framework_import

    quiet_framework_import()
    from course_lib.transfer import FeatureTransfer, OptimizeTransfer, PixelTransfer, feature

    if method in feature.METHODS:
        return FeatureTransfer(method)
    if method == Method.OPTIMIZE:
        return OptimizeTransfer(**({} if steps is None else {"steps": steps}))
    return PixelTransfer(method)


def style_image(name: str) -> Any:
    """The style image of a file, or of the course's collection.

    Raises:
        ImageError: it is neither, with the names there are.
    """
    from course_lib import collection, images

    names = collection.names()["styles"]
    if not Path(name).exists() and name in names:
        return at_most(collection.style_image(name), STYLE_SIZE)
    try:
        return at_most(images.load_image(name, min_side=SMALLEST), STYLE_SIZE)
    except images.ImageError as error:
        hint = "" if Path(name).exists() else f" The course's style images: {', '.join(names)}."
        raise images.ImageError(f"the style: {error}{hint}") from error


def at_most(image: Any, size: int | None) -> Any:
    """The image, shrunk if its longer side is longer than that."""
    from course_lib import images

    if size is None or max(image.shape[:2]) <= size:
        return image
    return images.resize(image, size)
