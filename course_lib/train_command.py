"""The sub-command `course train`: the course's networks, trained on anybody's images.

The framework is imported when a training starts, so that `course train --help` answers at once.
"""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from course_lib import signals

app = typer.Typer(
    name="train",
    help="Train the course's networks on your own pictures. Every run can be stopped and resumed. "
    "What it has learned is used by `course stylize --networks FOLDER`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Teacher = Annotated[str, typer.Option(help="vgg19 (downloaded once), or the file of a teacher.")]
Judge = Annotated[
    str, typer.Option(help="vgg19, the file of a teacher, or encoder: the encoder itself judges.")
]
Channels = Annotated[
    str | None, typer.Option(help="Channels of a new autoencoder, for instance 24,48,96,128.")
]
Upsampling = Annotated[
    Literal["nearest", "bilinear", "transposed"] | None,
    typer.Option(help="Upsampling of a new autoencoder."),
]


def _shared_options(
    photographs: Annotated[
        list[Path], typer.Option(help="Folder of photographs; may be given several times.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for weights, checkpoints, log and sheets.")],
    paintings: Annotated[
        list[Path] | None, typer.Option(help="Folder of paintings; may be given several times.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights of an autoencoder (.npz) to start from.")
    ] = None,
    leave_out: Annotated[
        Path | None,
        typer.Option(help="Text file of names, one a line, of images not to train on."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped.")
    ] = False,
    steps: Annotated[int | None, typer.Option(help="Number of training steps in all.")] = None,
    crop: Annotated[int | None, typer.Option(help="Side of the square crops in pixels.")] = None,
    batch: Annotated[int | None, typer.Option(help="Crops in a step.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Adam's learning rate at the start.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the first weights and the order of the crops.")
    ] = None,
    every: Annotated[int | None, typer.Option(help="Steps between two checkpoints.")] = None,
    precision: Annotated[
        Literal["float32", "mixed_bfloat16", "mixed_float16"] | None,
        typer.Option(help="Of what is computed; by default what is fast here."),
    ] = None,
    devices: Annotated[
        int | None, typer.Option(help="Devices that share every batch; all GPUs by default.")
    ] = None,
) -> None:
    """What every training can be told: the signature is used, the function never called."""


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """A sub-command with the shared options and its own; it gets the shared ones as ``**shared``.

    Typer reads the options from a signature, so they need not stand in all three functions.
    """
    own = list(inspect.signature(function).parameters.values())[:-1]
    shared = inspect.signature(_shared_options).parameters.values()
    options = [option.replace(kind=option.KEYWORD_ONLY) for option in (*shared, *own)]
    function.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    return app.command()(function)


@_command
def reconstruct(channels: Channels = None, upsampling: Upsampling = None, **shared: Any) -> None:
    """Train an autoencoder to give back the images it is shown."""
    training = _training()
    shared["start"] = _start(shared["start"], channels, upsampling)
    _run(training.train_reconstruct, training.RECONSTRUCT, **shared)


@_command
def distill(
    teacher: Teacher = "vgg19",
    channels: Channels = None,
    upsampling: Upsampling = None,
    **shared: Any,
) -> None:
    """Train an autoencoder to reconstruct, and its encoder to see what a teacher sees."""
    training = _training()
    shared["start"] = _start(shared["start"], channels, upsampling)
    _run(training.train_distill, training.DISTILL, teacher=teacher, **shared)


@_command
def paint(
    teacher: Judge = "vgg19",
    painter: Annotated[
        Path | None, typer.Option(help="Weights of a painting decoder (.npz) to go on training.")
    ] = None,
    painted: Annotated[
        bool, typer.Option(help="Take styles from the endless supply painted by program too.")
    ] = True,
    **shared: Any,
) -> None:
    """Train a decoder to paint photographs in any style; --start is the autoencoder it paints for.

    Without --start that is the course's own autoencoder.
    """
    training = _training()
    judge = None if teacher == "encoder" else teacher
    _run(
        training.train_paint,
        training.PAINT,
        teacher=judge,
        painter=painter,
        painted=painted,
        **shared,
    )


def _training() -> Any:
    """The room that trains, its framework kept quiet."""
    from course_lib.backend import quiet_framework_import

    with signals.ending_at_once():
        quiet_framework_import(keep_freed_memory=True)
        from course_lib import training

    return training


def _start(path: Path | None, channels: str | None, upsampling: str | None) -> Any:
    """Weights to start from, or a new autoencoder made as asked for."""
    if channels is None and upsampling is None:
        return path
    if path is not None:
        raise typer.BadParameter("--start says the architecture: give no --channels, --upsampling.")
    from course_lib.autoencoder import Autoencoder

    options: dict[str, Any] = {"upsampling": upsampling} if upsampling else {}
    try:
        if channels:
            options["channels"] = tuple(int(number) for number in channels.split(","))
        return Autoencoder(**options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _run(
    train: Callable[..., object],
    settings: Any,
    leave_out: Path | None,
    paintings: list[Path] | None,
    **options: Any,
) -> None:
    """Train with the stage's own settings, those given put in their place."""
    fields = [field.name for field in dataclasses.fields(settings)]
    given = {name: options.pop(name) for name in fields}
    given = {name: value for name, value in given.items() if value is not None}
    names = leave_out.read_text(encoding="utf-8").splitlines() if leave_out else []
    train(
        leave_out=[name.strip() for name in names if name.strip()],
        paintings=paintings or [],
        settings=dataclasses.replace(settings, **given),
        report=typer.echo,
        **options,
    )
