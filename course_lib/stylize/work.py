"""One file stylized: read, handed to the transfer that was asked for, written."""

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, ImageError
from course_lib.messages import translate
from course_lib.stylize.plan import Job, is_video

# A style image is looked at no larger than this: its strokes would be too fine to be seen. Of a
# panorama, the shorter side stays this long.
STYLE_SIZE, STYLE_SHORTER_SIDE = 512, 64
# A panorama of 60 to 1 still has that shorter side when it is read at this size.
STYLE_READ = 4096
SMALLEST = 16


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
        strength: 1 is full style, 0 none.
        stroke: how large the strokes are: "fine", "medium", "large" or a number, of the methods
            adain and wct; or None.
        keep_colors: None, "luminance" or "covariance".
        steps: of the method optimize, or None.
        mask: an image file, or for videos a video; or None.
        size: the longest side, or None.
        seconds: of a video, only the first seconds; or None.
        networks: a folder that a training wrote, or None for the course's networks.
        quality: of JPEG, WebP and videos, from 1 to 100.
        keep_profile: whether images stay in their own color space.
        strip: whether date, camera and the like are dropped.
        max_pixels: larger images are refused; None is the library's limit.
        rate: frames a second of a folder that becomes a video, or None.
        sound: a file whose sound the videos get, or None.
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
    networks: Path | None = None
    quality: int = 95
    keep_profile: bool = False
    strip: bool = False
    max_pixels: int | None = None
    rate: float | None = None
    sound: Path | None = None
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

    Attributes:
        advice: what is worth telling before anything is made; often nothing.

    Raises:
        CourseError: a style or mask that cannot be read, or options that do not fit together.
    """

    def __init__(self, settings: Settings):
        from course_lib import images

        self.settings = settings
        self.transfer = transfer_for(settings)
        if settings.stroke is not None:
            from course_lib.transfer.strokes import stroke_factor

            stroke_factor(settings.stroke)
        looks = {name: style_image(name, settings.max_pixels) for name in settings.styles}
        self.looks = [looks[name] for name in settings.styles]
        self.codes: dict[bytes, list] = {}
        self.mask = mask_image(settings.mask)
        self.advice = [
            translate(
                f"{name}: this style is gray, and so are images in its colors by --keep-colors "
                "covariance. With --keep-colors luminance they keep their own."
            )
            for name, look in looks.items()
            if settings.keep_colors == KeepColors.COVARIANCE and images.is_gray(look)
        ]

    def styles(self, profile: bytes = b"") -> list:
        """The styles' codes, for images in sRGB or in another color profile."""
        from course_lib import images

        if profile not in self.codes:
            looks = self.looks
            if profile:
                looks = [images.in_profile(images.to_uint8(look), profile) for look in looks]
            # No folder holds photographs of more than a few kinds.
            self.codes = {b"": self.codes.get(b"", []), profile: []}
            self.codes[profile] = [self.transfer.style_code(look) for look in looks]
        return self.codes[profile]

    def make(self, job: Job, *, progress: Callable | None = None, overwrite: bool = False) -> str:
        """Make the file of a job.

        Args:
            job: a `Job`.
            progress: function (share) that returns True to stop.
            overwrite: replace what is there.

        Returns:
            What is worth telling of it, such as a video's number of frames; often nothing.
        """
        if job.moving:
            return self.make_video(job, progress, overwrite)
        return self.make_image(job, progress, overwrite)

    def make_image(self, job: Job, progress: Callable | None, overwrite: bool) -> str:
        """Stylize an image, and hand on what its file says besides."""
        from course_lib import images

        settings = self.settings
        content, notes = images.load_with_notes(
            job.content,
            at_most=settings.size,
            max_pixels=settings.max_pixels or images.MAX_PIXELS,
            min_side=SMALLEST,
            keep_profile=settings.keep_profile and images.holds_profile(job.target),
        )
        more = {} if settings.stroke is None else {"stroke": settings.stroke}
        image = self.transfer(
            content,
            self.styles(notes.profile if notes.wide and notes.profile else b""),
            **more,
            strength=settings.strength,
            weights=settings.weights,
            keep_colors=settings.keep_colors,
            progress=progress,
        )
        if self.mask is not None:
            # Last of all, so that what is masked out stays the photograph for every method.
            image = content + self.mask_for(content) * (image - content)
        images.save_image(
            image,
            job.target,
            quality=settings.quality,
            overwrite=overwrite,
            notes=notes.stripped() if settings.strip else notes,
        )
        if settings.keep_profile and notes.converted:
            if not images.holds_profile(job.target):
                return translate(
                    f"{job.target}: is in sRGB, because this format has no color profiles."
                )
            return translate(
                f"{job.target}: is in sRGB, because its own color profile is not for photographs."
            )
        return ""

    def mask_for(self, content: Any) -> Any:
        """The mask brought to the size of a content, array (height, width, 1)."""
        from course_lib.transfer.video import fitted_mask

        check_still(self.mask)
        return fitted_mask(self.mask, content.shape[:2])[..., None]

    def make_video(self, job: Job, progress: Callable | None, overwrite: bool) -> str:
        """Stylize a video, and say how long it has become."""
        from course_lib.transfer import stylize_video

        settings = self.settings
        made = stylize_video(
            job.content,
            self.styles()[0],
            job.target,
            # Strokes that hang on grain would stand still on the screen while the image moves.
            transfer=transfer_for(settings, grain=0.0),
            strength=settings.strength,
            stroke="medium" if settings.stroke is None else settings.stroke,
            keep_colors=settings.keep_colors,
            size=settings.size,
            seconds=settings.seconds,
            rate=settings.rate if job.content.is_dir() else None,
            sound=settings.sound,
            mask=self.mask,
            quality=settings.quality,
            overwrite=overwrite,
            progress=progress,
        )
        if made.frames == 1:
            return translate(f"1 frame ({made.seconds:.1f} s) written to {job.target}.")
        return translate(f"{made.frames} frames ({made.seconds:.1f} s) written to {job.target}.")


def check_images(settings: Settings) -> None:
    """Raise an `ImageError` where a worker could not read the styles or the mask."""
    for name in settings.styles:
        style_image(name, settings.max_pixels)
    mask_image(settings.mask)


def check_still(mask: Any) -> None:
    """Raise an `ImageError` where a mask moves, which is for videos."""
    if isinstance(mask, Path):
        raise ImageError(f"the mask {mask} is a video, which goes with videos only.")


def check_mask(path: Path, jobs: list[Job]) -> None:
    """Raise what is wrong with a mask if it fits none of the contents.

    Args:
        path: the mask's, which can be read.
        jobs: what it is for.
    """
    from course_lib import images
    from course_lib.transfer import video

    unfit, mask = None, mask_image(path)
    mask_size = clip_size(mask) if isinstance(mask, Path) else mask.shape
    for job in jobs:
        try:
            size = clip_size(job.content) if job.moving else images.size_of(job.content)
        except CourseError:
            # It says what is the matter with it when its turn comes.
            return
        try:
            if not job.moving:
                check_still(mask)
            video.check_proportions(mask_size, size)
            return
        except CourseError as error:
            unfit = error
    if unfit is not None:
        raise unfit


def clip_size(path: Path) -> tuple[int, int]:
    """The (height, width) of a video's frames."""
    from course_lib.transfer.clips import open_clip

    return open_clip(path).size


def mask_image(path: Path | None) -> Any:
    """The mask as an array (height, width) in [0, 1]; the path of one that moves; or None.

    White is where the style applies. What is transparent counts as black, and where all that is
    seen is of one color, as in a shape cut out, its transparency is the mask.
    """
    from course_lib import images

    if path is None or path.is_dir() or is_video(path):
        return path
    try:
        image, notes = images.load_with_notes(path)
    except images.ImageError as error:
        raise images.ImageError(f"the mask: {error}") from error
    mask = image.mean(axis=-1)
    if notes.alpha is not None:
        mask = mask * notes.alpha
        if flat(mask):
            mask = notes.alpha
    if flat(mask):
        low, high = round(255 * float(mask.min())), round(255 * float(mask.max()))
        if high < 128:
            raise images.ImageError(
                f"the mask: {path}: all of it is the same, {low} to {high} of 255, which is black. "
                "White is 255. Make it white where the style applies and black where it does not."
            )
        raise images.ImageError(
            f"the mask: {path}: all of it is the same, {low} to {high} of 255. Make it white where "
            "the style applies and black where it does not."
        )
    return mask


def flat(mask: Any) -> bool:
    """Whether the values differ by no more than a single step of 255."""
    return float(mask.max() - mask.min()) < 1.5 / 255


def transfer_for(settings: Settings, **options: Any) -> Any:
    """The transfer that a method belongs to, with the networks asked for."""
    from course_lib.backend import quiet_framework_import

    quiet_framework_import()
    from course_lib.autoencoder import networks_of
    from course_lib.transfer import FeatureTransfer, OptimizeTransfer, PixelTransfer, feature

    method, folder = settings.method, settings.networks
    if method in feature.METHODS:
        if folder is None:
            return FeatureTransfer(method, **options)
        return FeatureTransfer.from_networks(folder, method, **options)
    autoencoder = None if folder is None else networks_of(folder).get("autoencoder")
    if method != Method.OPTIMIZE:
        return PixelTransfer(method, autoencoder=autoencoder)
    if settings.steps is not None:
        options["steps"] = settings.steps
    if autoencoder is not None:
        options["extractor"] = autoencoder
    return OptimizeTransfer(**options)


def style_image(name: str, max_pixels: int | None = None) -> Any:
    """The style image of a file, or of the course's collection, no larger than it is good for.

    Raises:
        ImageError: it is neither, with the names there are.
    """
    from course_lib import collection, images

    names = collection.names()["styles"]
    if name in names and not Path(name).is_file():
        image = collection.style_image(name)
    else:
        limit = max_pixels or images.MAX_PIXELS
        try:
            image = images.load_image(name, at_most=STYLE_READ, max_pixels=limit)
            if min(image.shape[:2]) < SMALLEST:
                image = images.load_image(name, max_pixels=limit, min_side=SMALLEST)
        except images.ImageError as error:
            hint = "" if Path(name).exists() else f" The course's style images: {', '.join(names)}."
            raise images.ImageError(f"the style: {error}{hint}") from error
    longer, shorter = max(image.shape[:2]), min(image.shape[:2])
    scale = max(STYLE_SIZE / longer, STYLE_SHORTER_SIDE / shorter)
    return image if scale >= 1 else images.resize(image, round(scale * longer))
