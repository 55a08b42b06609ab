"""The three trainings of the course: reconstruct, see, paint."""

import hashlib
import os
import pathlib
from collections.abc import Collection
from typing import Any, TypeVar

import keras
import numpy as np

from course_lib.autoencoder import Autoencoder, PaintingDecoder, load_model, save_model
from course_lib.byhand import LUMINANCE_WEIGHTS
from course_lib.errors import TrainingError
from course_lib.teachers import load_teacher
from course_lib.training import sheets
from course_lib.training.loop import Settings, check_folder, run_stage
from course_lib.training.machine import computing
from course_lib.training.progress import Report
from course_lib.training.refusals import file_errors
from course_lib.training.sources import (
    PLAIN,
    CropSource,
    EndlessPaintings,
    Folders,
    ImageFolder,
    StyleSource,
    listed,
)
from course_lib.training.stages import DistillStage, PaintStage, teacher_scales

RECONSTRUCT = Settings(steps=6000)
DISTILL = Settings(steps=9000)
PAINT = Settings(steps=9000, crop=128, batch=4, learning_rate=1.5e-3)
LISTED = 20
# Most grain on the photographs to be painted, on a scale of 1. Without it a flat area is the same
# everywhere, and the only texture that a decoder can put there is a regular one.
GRAIN = 0.03
# Once in so many steps one photograph and its style are without color.
GRAY_EVERY = 3

File = str | os.PathLike[str]
"""A path; for a network, that of the file that holds it."""
Network = TypeVar("Network", Autoencoder, PaintingDecoder)


def train_reconstruct(
    photographs: Folders,
    out: File,
    *,
    paintings: Folders = (),
    start: Autoencoder | File | None = None,
    leave_out: Collection[str] = (),
    settings: Settings = RECONSTRUCT,
    resume: bool = False,
    report: Report | None = print,
) -> Autoencoder:
    """Train an autoencoder to reconstruct images from every tap.

    Args:
        photographs: folder of images, or a list of folders. A folder named twice counts twice.
        out: folder for ``autoencoder.npz``, checkpoints, log and sheets; made if need be.
        paintings: further folders of images.
        start: an `Autoencoder` to go on training, or a file that holds one; a new one by default.
        leave_out: names of files not to train on, for instance those kept for measuring.
        settings: a `Settings`: steps, crop, batch, learning rate and so on.
        resume: go on with a run that was stopped.
        report: function called with lines of text; None for silence.

    Returns:
        The trained `Autoencoder`.

    Raises:
        TrainingError: images, folder, disk or loss do not allow it, with what to do.
        OutOfMemoryError: the device's memory is not enough, with the settings to try instead.
    """
    return train_autoencoder(
        "reconstruct", photographs, out, None, paintings, start, leave_out, settings, resume, report
    )


def train_distill(
    photographs: Folders,
    out: File,
    *,
    teacher: File = "vgg19",
    paintings: Folders = (),
    start: Autoencoder | File | None = None,
    leave_out: Collection[str] = (),
    settings: Settings = DISTILL,
    resume: bool = False,
    report: Report | None = print,
) -> Autoencoder:
    """Train an autoencoder to reconstruct, and its encoder to see what a teacher sees.

    Args:
        photographs: folder of images, or a list of folders. A folder named twice counts twice.
        out: folder for ``autoencoder.npz``, checkpoints, log and sheets; made if need be.
        teacher: "vgg19", or the path of a distilled teacher.
        paintings: further folders of images.
        start: an `Autoencoder` to go on training, or a file that holds one; a new one by default.
        leave_out: names of files not to train on, for instance those kept for measuring.
        settings: a `Settings`: steps, crop, batch, learning rate and so on.
        resume: go on with a run that was stopped.
        report: function called with lines of text; None for silence.

    Returns:
        The trained `Autoencoder`.

    Raises:
        TrainingError: images, folder, disk or loss do not allow it, with what to do.
        OutOfMemoryError: the device's memory is not enough, with the settings to try instead.
        ModelError: the teacher cannot be had.
    """
    return train_autoencoder(
        "distill", photographs, out, teacher, paintings, start, leave_out, settings, resume, report
    )


def train_autoencoder(
    name: str,
    photographs: Folders,
    out: File,
    teacher: File | None,
    paintings: Folders,
    start: Autoencoder | File | None,
    leave_out: Collection[str],
    settings: Settings,
    resume: bool,
    report: Report | None,
) -> Autoencoder:
    """What `train_reconstruct` and `train_distill` have in common."""
    out = pathlib.Path(out)
    check_folder(out, resume)
    images = read_images([*listed(photographs), *listed(paintings)], settings, leave_out)
    tell_left_out(images, out, report)
    source = CropSource(images, crop=settings.crop, seed=settings.seed)
    with computing(settings.precision, devices=settings.devices) as devices:
        keras.utils.set_random_seed(settings.seed)
        autoencoder = copied(start, Autoencoder)
        taught = load_teacher(teacher) if teacher else None
        stage = DistillStage(
            autoencoder, teacher=taught, scales=teacher_scales(taught, source) if taught else None
        )
        facts = {
            "stage": name,
            "network": autoencoder.get_config(),
            "teacher": label(teacher),
            "images": images.fingerprint(),
        }
        photos = sheets.held_out("photographs")
        run_stage(
            stage,
            lambda step: source.batch(step, settings.batch),
            out,
            settings,
            facts=facts,
            resume=resume,
            devices=devices,
            measure=lambda: held_out_quality(autoencoder, photos),
            publish=lambda: autoencoder.save(out / "autoencoder.npz"),
            draw=lambda: reconstruction_sheet(autoencoder, photos),
            report=report,
        )
    return copied(autoencoder, Autoencoder)


def train_paint(
    photographs: Folders,
    out: File,
    *,
    paintings: Folders = (),
    teacher: File | None = "vgg19",
    start: Autoencoder | File | None = None,
    painter: PaintingDecoder | File | None = None,
    leave_out: Collection[str] = (),
    painted: bool = True,
    settings: Settings = PAINT,
    resume: bool = False,
    report: Report | None = print,
) -> PaintingDecoder:
    """Train a painting decoder on the features of an encoder that stays as it is.

    Styles are the paintings, images painted by program without end, and now and then a
    photograph.

    Args:
        photographs: folder of images, or a list of folders. A folder named twice counts twice.
        out: folder for ``painter.npz``, the ``autoencoder.npz`` it paints for, checkpoints, log and
            sheets; made if need be.
        paintings: folders of paintings to take styles from.
        teacher: "vgg19", or the path of a distilled teacher, that judges style and content; None
            lets the encoder itself judge.
        start: the `Autoencoder` whose encoder is used, or a file that holds one; by default the
            course's own.
        painter: a `PaintingDecoder` to go on training, or a file that holds one.
        leave_out: names of files not to train on, for instance those kept for measuring.
        painted: take styles from the endless supply too.
        settings: a `Settings`: steps, crop, batch, learning rate and so on.
        resume: go on with a run that was stopped.
        report: function called with lines of text; None for silence.

    Returns:
        The trained `PaintingDecoder`.

    Raises:
        TrainingError: images, folder, disk or loss do not allow it, with what to do.
        OutOfMemoryError: the device's memory is not enough, with the settings to try instead.
        ModelError: the teacher cannot be had.
    """
    out = pathlib.Path(out)
    check_folder(out, resume)
    photos = read_images(photographs, settings, leave_out)
    works = read_images(paintings, settings, leave_out) if listed(paintings) else None
    tell_left_out(photos, out, report, paintings=works)
    # A painting decoder normalizes again and again. In a plain color each time divides by next to
    # nothing, and the gradients become infinite.
    contents = CropSource(
        photos, crop=settings.crop, seed=2 * settings.seed, least_std=PLAIN, grain=GRAIN
    )
    endless = EndlessPaintings(settings.seed, size=2 * settings.crop) if painted else None
    styles = StyleSource(photos, works, endless, crop=settings.crop, seed=2 * settings.seed + 1)
    with computing(settings.precision, devices=settings.devices) as devices:
        keras.utils.set_random_seed(settings.seed)
        autoencoder = copied(Autoencoder.from_course() if start is None else start, Autoencoder)
        painting = copied(painter, PaintingDecoder, channels=autoencoder.encoder.channels)
        check_channels(painting, autoencoder)
        if painter is None:
            start_quietly(painting)
        judge = load_teacher(teacher) if teacher else autoencoder.encode
        stage = PaintStage(autoencoder.encoder, painting, judge, teacher_scales(judge, contents))
        facts = {
            "stage": "paint",
            "network": painting.get_config(),
            "encoder": weights_label(autoencoder.encoder),
            "teacher": label(teacher),
            "photographs": photos.fingerprint(),
            "paintings": works and works.fingerprint(),
            "painted": painted,
        }
        images, manners = sheets.held_out("photographs"), sheets.held_out("styles", count=6)
        run_stage(
            stage,
            lambda step: with_grays(
                contents.batch(step, settings.batch), styles.batch(step, settings.batch), step
            ),
            out,
            settings,
            facts=facts,
            resume=resume,
            devices=devices,
            publish=lambda: publish_painter(out, painting, autoencoder),
            draw=lambda: painting_sheet(autoencoder, painting, images, manners),
            report=report,
        )
    return copied(painting, PaintingDecoder)


def publish_painter(out: pathlib.Path, painting: PaintingDecoder, autoencoder: Autoencoder) -> None:
    """Write the painting decoder, and beside it the autoencoder whose features it understands."""
    autoencoder.save(out / "autoencoder.npz")
    save_model(painting, out / "painter.npz")


def with_grays(contents: np.ndarray, styles: np.ndarray, step: int) -> dict[str, np.ndarray]:
    """A batch in which, now and then, one photograph and its style have lost their color.

    Hardly any painting is gray, and without this a gray photograph in a gray style gets tints.

    Args:
        contents: array (size, crop, crop, 3) of photographs; changed in place.
        styles: array of that shape; likewise.
        step: the number of the batch, which alone decides.

    Returns:
        Dictionary "content" and "style".
    """
    if step % GRAY_EVERY == 0:
        number = step // GRAY_EVERY % len(contents)
        for images in (contents, styles):
            images[number] = (images[number] @ LUMINANCE_WEIGHTS)[..., None]
    return {"content": contents, "style": styles}


def read_images(folders: Folders, settings: Settings, leave_out: Collection[str]) -> ImageFolder:
    """The usable images of some folders."""
    return ImageFolder(folders, smallest=settings.crop, leave_out=set(leave_out))


def tell_left_out(
    photographs: ImageFolder,
    out: pathlib.Path,
    report: Report | None,
    *,
    paintings: ImageFolder | None = None,
) -> None:
    """Say which files could not be used; all of them are listed in ``left-out.txt``."""
    left_out = [*photographs.left_out, *(paintings.left_out if paintings else [])]
    if not left_out:
        return
    lines = [f"{path}: {reason}" for path, reason in left_out]
    with file_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "left-out.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if report:
        report(f"{len(left_out)} file(s) cannot be used and are left out:")
        for line in lines[:LISTED]:
            report(f"  {line}")
        if len(lines) > LISTED:
            report(f"  and {len(lines) - LISTED} more, all listed in {out / 'left-out.txt'}")


def copied(source: Network | File | None, kind: type[Network], **options: Any) -> Network:
    """A network of that kind, made anew in the present precision.

    Args:
        source: such a network or a file that holds one, whose weights are taken over; or None.
        kind: `Autoencoder` or `PaintingDecoder`.
        **options: of the network, where there is no source.
    """
    given = source if source is None or isinstance(source, kind) else load_model(source, kind)
    network = kind(**(options if given is None else given.get_config()))
    if not network.built:
        network.build()
    if given is not None:
        network.set_weights(given.get_weights())
    return network


def check_channels(painter: PaintingDecoder, autoencoder: Autoencoder) -> None:
    """A painter can only work on the features that it was made for."""
    if tuple(painter.channels) != tuple(autoencoder.encoder.channels):
        raise TrainingError(
            f"the painter was made for {painter.channels} channels, but the encoder has "
            f"{autoencoder.encoder.channels}. Give the autoencoder that it was trained with."
        )


def start_quietly(painter: PaintingDecoder) -> None:
    """Let a new painter begin close to passing its features on: small steps first."""
    for convolutions in painter.residual.values():
        for convolution in convolutions:
            kernel = convolution.convolution.kernel
            kernel.assign(0.3 * kernel)


def label(teacher: File | None) -> str | None:
    """What tells one teacher from another, wherever its file lies."""
    if teacher is None or str(teacher) == "vgg19":
        return None if teacher is None else "vgg19"
    return f"file {hashlib.sha256(pathlib.Path(teacher).read_bytes()).hexdigest()[:12]}"


def weights_label(network: keras.Model) -> str:
    """What tells one set of weights from another."""
    digest = hashlib.sha256()
    for array in network.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def reconstructions(autoencoder: Autoencoder, photographs: np.ndarray) -> dict[str, np.ndarray]:
    """Dictionary tap -> reconstruction of a batch of images, as NumPy arrays."""
    return {
        tap: keras.ops.convert_to_numpy(autoencoder.reconstruct(photographs, tap)).astype("float32")
        for tap in autoencoder.taps
    }


def held_out_quality(autoencoder: Autoencoder, photographs: np.ndarray) -> dict[str, float]:
    """PSNR in dB of each tap, mean over images never trained on."""
    quality = {}
    for tap, images in reconstructions(autoencoder, photographs).items():
        errors = np.square(images - photographs).mean((1, 2, 3))
        quality[f"held_out_{tap}"] = float(np.mean(-10 * np.log10(errors + 1e-12)))
    return quality


def reconstruction_sheet(autoencoder: Autoencoder, photographs: np.ndarray) -> np.ndarray:
    """One row an image: the photograph, then its reconstruction from each tap."""
    drawn = reconstructions(autoencoder, photographs)
    return sheets.sheet(
        [
            [photograph, *(images[number] for images in drawn.values())]
            for number, photograph in enumerate(photographs)
        ]
    )


def painting_sheet(
    autoencoder: Autoencoder,
    painter: PaintingDecoder,
    photographs: np.ndarray,
    styles: np.ndarray,
) -> np.ndarray:
    """Photographs at the left, styles at the top, and each photograph painted in each style."""
    seen = autoencoder.encode(photographs)[painter.entry]
    rows: list[list[np.ndarray | None]] = [[None, *styles]]
    columns = []
    for style in styles:
        targets = painter.targets(autoencoder.encode(style[None]))
        painted = painter(seen, targets)
        columns.append(keras.ops.convert_to_numpy(painted).astype("float32").clip(0, 1))
    for number, photograph in enumerate(photographs):
        rows.append([photograph, *(column[number] for column in columns)])
    return sheets.sheet(rows)
