"""Training the course's own networks: reconstruct, see, paint; and against a judge.

    from course_lib.training import Settings, train_see
    autoencoder = train_see("photographs", "run", teacher="vgg19", settings=Settings(steps=3000))

Every batch is a function of the seed and the number of the step, and a checkpoint holds weights,
optimizer, step and log; so a run that was stopped and resumed sees what an uninterrupted one would.
"""

from course_lib.training.adversarial import (
    AdversarialStage,
    PatchDiscriminator,
    TextureAutoencoder,
    adversarial_loss,
    discriminator_loss,
    divergence_from_normal,
    fit_stage,
    sample_code,
)
from course_lib.training.checkpoints import Checkpoints
from course_lib.training.loop import Settings, run_stage
from course_lib.training.machine import compile_stage, computing, fast_precision
from course_lib.training.recipes import (
    PAINT,
    RECONSTRUCT,
    SEE,
    train_paint,
    train_reconstruct,
    train_see,
)
from course_lib.training.sources import (
    Batches,
    CropSource,
    EndlessPaintings,
    PictureFolder,
    StyleSource,
)
from course_lib.training.stages import (
    PaintStage,
    SeeStage,
    Stage,
    decode_shares,
    teacher_scales,
)

__all__ = [
    "PAINT",
    "RECONSTRUCT",
    "SEE",
    "AdversarialStage",
    "Batches",
    "Checkpoints",
    "CropSource",
    "EndlessPaintings",
    "PaintStage",
    "PatchDiscriminator",
    "PictureFolder",
    "SeeStage",
    "Settings",
    "Stage",
    "StyleSource",
    "TextureAutoencoder",
    "adversarial_loss",
    "compile_stage",
    "computing",
    "decode_shares",
    "discriminator_loss",
    "divergence_from_normal",
    "fast_precision",
    "fit_stage",
    "run_stage",
    "sample_code",
    "teacher_scales",
    "train_paint",
    "train_reconstruct",
    "train_see",
]
