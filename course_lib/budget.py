"""How much work a lesson gives the machine: quick or full."""

import os
from dataclasses import dataclass

from course_lib.backend import accelerator
from course_lib.errors import DeviceError


@dataclass(frozen=True)
class Budget:
    """How much work a lesson gives the machine; the code of a lesson is the same for every budget.

    Attributes:
        name: "quick" (a CPU, and the tests) or "full" (a GPU).
        train_steps: training steps where a lesson trains a network.
        crop: side of the square training crops, in pixels.
        batch: crops in one training step.
        image_size: longer side of the images that a lesson works on, in pixels.
        optimize_steps: steps where a lesson optimizes an image.
    """

    name: str
    train_steps: int
    crop: int
    batch: int
    image_size: int
    optimize_steps: int

    def __str__(self) -> str:
        return (
            f"{self.name} budget: {self.train_steps} training steps on {self.batch} crops of "
            f"{self.crop} pixels, images of {self.image_size} pixels, "
            f"{self.optimize_steps} optimization steps"
        )


BUDGETS = {
    "quick": Budget("quick", 120, 64, 8, 256, 60),
    "full": Budget("full", 3000, 128, 16, 512, 400),
}


def choose_budget(name: str | None = None) -> Budget:
    """The budget to use on this machine.

    Args:
        name: "quick" or "full". Without it the environment variable COURSE_BUDGET decides, and
            without that the accelerator: "full" on a GPU or TPU, "quick" on a CPU.

    Returns:
        The budget and its numbers.

    Raises:
        DeviceError: there is no budget of that name.
    """
    if name is not None and not isinstance(name, str):
        raise DeviceError(f"choose_budget({name!r}): give {' or '.join(map(repr, BUDGETS))}.")
    chosen = name or os.environ.get("COURSE_BUDGET")
    if not chosen:
        return BUDGETS["quick" if accelerator().kind == "CPU" else "full"]
    if chosen not in BUDGETS:
        origin = "choose_budget()" if name else "the environment variable COURSE_BUDGET"
        raise DeviceError(
            f"{origin} asks for the budget {chosen!r}; there are {' and '.join(BUDGETS)}. "
            "Choose one of them, or none to let the machine decide."
        )
    return BUDGETS[chosen]
