"""Training the course's own networks: reconstruct, distill, paint; and against a judge.

    from course_lib.training import Settings, train_distill

    settings = Settings(steps=3000)
    autoencoder = train_distill("photographs", "run", teacher="vgg19", settings=settings)

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
    DISTILL,
    PAINT,
    RECONSTRUCT,
    train_distill,
    train_paint,
    train_reconstruct,
)
from course_lib.training.sources import (
    Batches,
    CropSource,
    EndlessPaintings,
    ImageFolder,
    StyleSource,
)
from course_lib.training.stages import (
    DistillStage,
    PaintStage,
    Stage,
    decode_parts,
    teacher_scales,
)

__all__ = [
    "DISTILL",
    "PAINT",
    "RECONSTRUCT",
    "AdversarialStage",
    "Batches",
    "Checkpoints",
    "CropSource",
    "DistillStage",
    "EndlessPaintings",
    "ImageFolder",
    "PaintStage",
    "PatchDiscriminator",
    "Settings",
    "Stage",
    "StyleSource",
    "TextureAutoencoder",
    "adversarial_loss",
    "compile_stage",
    "computing",
    "decode_parts",
    "discriminator_loss",
    "divergence_from_normal",
    "fast_precision",
    "fit_stage",
    "run_stage",
    "sample_code",
    "teacher_scales",
    "train_distill",
    "train_paint",
    "train_reconstruct",
]
