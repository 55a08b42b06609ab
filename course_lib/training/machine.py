"""Where and how numbers are computed: devices, precision, compilation."""

import contextlib
import functools
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras

from course_lib.backend import accelerator, convolution_dtype, quick_convolutions
from course_lib.errors import TrainingError

if TYPE_CHECKING:
    from course_lib.training.stages import Stage

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def fast_precision() -> str:
    """The precision in which this machine trains fastest without losing quality.

    Returns:
        "mixed_bfloat16" on a TPU, on a GPU of NVIDIA's generation Ampere or newer and on a CPU
        whose convolutions are faster in it; "mixed_float16" on a GPU of one of the two generations
        before; otherwise "float32".
    """
    kind = accelerator().kind
    if kind == "TPU" or (kind == "CPU" and convolution_dtype() == "bfloat16"):
        return "mixed_bfloat16"
    generation = compute_capability() if kind == "GPU" else 0
    if generation >= 8:
        return "mixed_bfloat16"
    return "mixed_float16" if generation >= 7 else "float32"


def compute_capability() -> int:
    """NVIDIA's number for the generation of the first GPU; 0 where there is none."""
    backend = keras.backend.backend()
    framework = importlib.import_module(backend)
    if backend == "tensorflow":
        cards = framework.config.list_physical_devices("GPU")
        details = framework.config.experimental.get_device_details(cards[0]) if cards else {}
        return details.get("compute_capability", (0,))[0]
    if backend == "jax":
        return int(float(getattr(framework.devices()[0], "compute_capability", 0)))
    return framework.cuda.get_device_capability()[0] if framework.cuda.is_available() else 0


@contextlib.contextmanager
def computing(precision: str | None = None, *, devices: int | None = None) -> Iterator[int]:
    """Everything made inside computes in this precision, on these devices.

    Args:
        precision: "float32", "mixed_bfloat16" or "mixed_float16"; by default `fast_precision`.
        devices: number of devices that share every batch; by default all GPUs of this machine.

    Yields:
        The number of devices.

    Raises:
        TrainingError: an unknown precision, or fewer devices than asked for.
    """
    precision = precision or fast_precision()
    if precision not in PRECISIONS:
        raise TrainingError(f"precision {precision!r} is none of {', '.join(PRECISIONS)}.")
    with in_precision(precision), sharing_batches(devices) as count:
        yield count


@contextlib.contextmanager
def in_precision(precision: str) -> Iterator[None]:
    """Networks made inside compute in one of `PRECISIONS`."""
    if precision == "mixed_bfloat16" and accelerator().kind == "CPU":
        # All but convolutions is slower in bfloat16 there.
        with quick_convolutions(gradient=True, dtype="bfloat16"):
            yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def sharing_batches(devices: int | None = None) -> Iterator[int]:
    """Models made inside train on several devices, by the means of the framework itself.

    Args:
        devices: number of devices that share every batch; by default all GPUs.

    Yields:
        The number of devices.

    Raises:
        TrainingError: fewer devices than asked for.
    """
    backend = keras.backend.backend()
    there = visible_devices(backend)
    count = devices or (len(there) if accelerator().kind == "GPU" else 1)
    if count > len(there):
        raise TrainingError(
            f"{count} devices are asked for, but {backend} can share batches between "
            f"{len(there)} here. Give --devices {len(there)}, or leave it out."
        )
    if count == 1:
        yield 1
    elif backend == "tensorflow":
        with mirrored_strategy(tuple(there[:count])).scope():
            yield count
    else:
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=there[:count]))
        try:
            yield count
        finally:
            keras.distribution.set_distribution(None)


@functools.cache
def mirrored_strategy(devices: tuple[str, ...]) -> Any:
    """TensorFlow's own sharing of batches; a second one for the same devices would disturb it."""
    return importlib.import_module("tensorflow").distribute.MirroredStrategy(devices)


def visible_devices(backend: str) -> list[str]:
    """Names of the devices between which batches can be shared: GPUs, or else CPUs."""
    if backend == "tensorflow":
        config = importlib.import_module("tensorflow").config
        found = config.list_logical_devices("GPU") or config.list_logical_devices("CPU")
        return [one.name for one in found]
    if backend == "jax":
        return keras.distribution.list_devices()
    return ["one"]


def compile_stage(
    stage: "Stage",
    learning_rate: float,
    steps: int,
    *,
    devices: int = 1,
    compiled: bool = True,
    **adam: Any,
) -> None:
    """Give a stage its optimizer: Adam, its learning rate falling to 0 along a cosine.

    Args:
        stage: a `Stage`.
        learning_rate: the learning rate at the start.
        steps: number of steps after which it is 0.
        devices: number of devices that share a batch.
        compiled: by XLA where TensorFlow computes on a GPU or TPU, which takes seconds and makes
            each step faster. Not on a CPU: XLA of TensorFlow 2.21 computed losses wrongly there
            in some processes, and takes longer to compile than a short training.
        **adam: further options of Adam. By default gradients are clipped to the length 1.
    """
    backend = keras.backend.backend()
    stage.replicas = devices if backend == "tensorflow" else 1
    alone = backend == "jax" or (backend == "tensorflow" and devices == 1)
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    # TensorFlow clips on each device before it adds up, and each has its share of the loss.
    adam = {"global_clipnorm": 1.0 / stage.replicas} | adam
    stage.compile(
        keras.optimizers.Adam(schedule, **adam),
        # XLA cannot compile what TensorFlow's devices say to each other; PyTorch has no XLA here.
        jit_compile=alone and (backend == "jax" or (compiled and accelerator().kind != "CPU")),
        # Ten steps without coming back to Python: the device never waits for it.
        steps_per_execution=10 if alone else 1,
    )
    stage.optimizer.build(stage.trainable_variables)
