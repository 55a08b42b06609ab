"""The sub-command `course train`: the course's networks, trained on anybody's pictures.

The framework is imported when a training starts, so that `course train --help` answers at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="train",
    help="Train the course's networks on your own pictures. Every run can be stopped and resumed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Photographs = Annotated[
    list[Path], typer.Option(help="Folder of photographs; may be given several times.")
]
Paintings = Annotated[
    list[Path] | None, typer.Option(help="Folder of paintings; may be given several times.")
]
Out = Annotated[Path, typer.Option(help="Folder for weights, checkpoints, log and sheets.")]
Teacher = Annotated[str, typer.Option(help="vgg19 (downloaded once), or the file of a teacher.")]
Judge = Annotated[
    str, typer.Option(help="vgg19, the file of a teacher, or encoder: the encoder itself judges.")
]
Start = Annotated[Path | None, typer.Option(help="Weights of an autoencoder (.npz) to start from.")]
LeaveOut = Annotated[
    Path | None,
    typer.Option(help="Text file of names, one a line, of pictures not to train on."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]
Steps = Annotated[int | None, typer.Option(help="Number of training steps in all.")]
Crop = Annotated[int | None, typer.Option(help="Side of the square crops in pixels.")]
Batch = Annotated[int | None, typer.Option(help="Crops in a step.")]
Rate = Annotated[float | None, typer.Option(help="Adam's learning rate at the start.")]
Seed = Annotated[int | None, typer.Option(help="Of the first weights and the order of the crops.")]
Every = Annotated[int | None, typer.Option(help="Steps between two checkpoints.")]
Precision = Annotated[
    str | None, typer.Option(help="float32, mixed_bfloat16 or mixed_float16; else what is fast.")
]
Devices = Annotated[
    int | None, typer.Option(help="Devices that share every batch; all GPUs by default.")
]
Channels = Annotated[
    str | None, typer.Option(help="Channels of a new autoencoder, for instance 24,48,96,128.")
]
Upsampling = Annotated[
    str | None, typer.Option(help="Of a new autoencoder: nearest, bilinear or transposed.")
]


@app.command()
def reconstruct(
    photographs: Photographs,
    out: Out,
    paintings: Paintings = None,
    start: Start = None,
    leave_out: LeaveOut = None,
    resume: Resume = False,
    steps: Steps = None,
    crop: Crop = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    seed: Seed = None,
    every: Every = None,
    precision: Precision = None,
    devices: Devices = None,
    channels: Channels = None,
    upsampling: Upsampling = None,
) -> None:
    """Train an autoencoder to give back the pictures it is shown."""
    given = _given(steps, crop, batch, learning_rate, seed, every, precision, devices)
    training = _training()
    _run(
        training.train_reconstruct,
        training.RECONSTRUCT,
        given,
        leave_out,
        photographs=photographs,
        out=out,
        paintings=paintings or [],
        start=_start(start, channels, upsampling),
        resume=resume,
    )


@app.command()
def see(
    photographs: Photographs,
    out: Out,
    paintings: Paintings = None,
    teacher: Teacher = "vgg19",
    start: Start = None,
    leave_out: LeaveOut = None,
    resume: Resume = False,
    steps: Steps = None,
    crop: Crop = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    seed: Seed = None,
    every: Every = None,
    precision: Precision = None,
    devices: Devices = None,
    channels: Channels = None,
    upsampling: Upsampling = None,
) -> None:
    """Train an autoencoder to reconstruct, and its encoder to see what a teacher sees."""
    given = _given(steps, crop, batch, learning_rate, seed, every, precision, devices)
    training = _training()
    _run(
        training.train_see,
        training.SEE,
        given,
        leave_out,
        photographs=photographs,
        out=out,
        teacher=teacher,
        paintings=paintings or [],
        start=_start(start, channels, upsampling),
        resume=resume,
    )


@app.command()
def paint(
    photographs: Photographs,
    out: Out,
    paintings: Paintings = None,
    teacher: Judge = "vgg19",
    start: Start = None,
    painter: Annotated[
        Path | None, typer.Option(help="Weights of a painting decoder (.npz) to go on training.")
    ] = None,
    painted: Annotated[
        bool, typer.Option(help="Take styles from the endless supply painted by program too.")
    ] = True,
    leave_out: LeaveOut = None,
    resume: Resume = False,
    steps: Steps = None,
    crop: Crop = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    seed: Seed = None,
    every: Every = None,
    precision: Precision = None,
    devices: Devices = None,
) -> None:
    """Train a decoder to paint photographs in any style; --start is the autoencoder it paints for.

    Without --start that is the course's own autoencoder.
    """
    given = _given(steps, crop, batch, learning_rate, seed, every, precision, devices)
    training = _training()
    _run(
        training.train_paint,
        training.PAINT,
        given,
        leave_out,
        photographs=photographs,
        out=out,
        paintings=paintings or [],
        teacher=None if teacher == "encoder" else teacher,
        start=start,
        painter=painter,
        painted=painted,
        resume=resume,
    )


def _given(*values: Any) -> dict[str, Any]:
    """The settings that were given, by name."""
    names = ["steps", "crop", "batch", "learning_rate", "seed", "every", "precision", "devices"]
    pairs = zip(names, values, strict=True)
    return {name: value for name, value in pairs if value is not None}


def _training() -> Any:
    """The room that trains, its framework kept quiet."""
    from course_lib.backend import quiet_framework_import

    quiet_framework_import()
    from course_lib import training

    training.join_machines()
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
    train: Callable, settings: Any, given: dict[str, Any], leave_out: Path | None, **options: Any
) -> None:
    """Train with the stage's own settings, those given put in their place."""
    import dataclasses

    names = leave_out.read_text(encoding="utf-8").splitlines() if leave_out else []
    train(
        leave_out=[name.strip() for name in names if name.strip()],
        settings=dataclasses.replace(settings, **given),
        report=typer.echo,
        **options,
    )
