"""Exercises of lesson 03, the reconstruction objective."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(3)
_images = _random.uniform(size=(3, 4, 5, 3)).astype("float32")
_reconstruction = _random.uniform(size=(3, 4, 5, 3)).astype("float32")
_white = np.ones((2, 2, 2, 3), "float32")
_black = np.zeros((2, 2, 2, 3), "float32")


def _identical_images_cost_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    cost = float(answer(_images, _images))
    if abs(cost) > 1e-6:
        return NotYet(
            f"the loss of images that came back unchanged is {cost:.4g}, not 0.",
            "Start from the difference between the two batches: where nothing differs, nothing "
            "may be left to add up.",
        )
    return None


def _squared_and_summed(images: Any, reconstruction: Any) -> Any:
    return np.sum(np.square(images - reconstruction))


register(
    Exercise(
        id="reconstruction-loss",
        lesson=3,
        title="The reconstruction loss",
        reference="course_lib.losses:reconstruction_loss",
        cases=[
            Case("two white images of 2 x 2 pixels, reconstructed as black", _white, _black),
            Case("three random images of 4 x 5 pixels", _images, _reconstruction),
        ],
        checks=[_identical_images_cost_nothing],
        misconceptions=[
            Misconception(
                lambda images, reconstruction: (
                    _squared_and_summed(images, reconstruction) / len(images)
                ),
                "The formula starts with 1/(2N). The N is there; the 2 is missing.",
            ),
            Misconception(
                lambda images, reconstruction: _squared_and_summed(images, reconstruction) / 2,
                "Doubling the batch doubles your loss. Divide by N, the number of images.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    _squared_and_summed(images, reconstruction) / 2 * len(images)
                ),
                "Python reads `/ 2 * N` from left to right: it divides by 2 and multiplies by N. "
                "Put 2 * N in parentheses.",
            ),
            Misconception(
                lambda images, reconstruction: np.mean(np.square(images - reconstruction)) / 2,
                "A mean over everything also divides by pixels and channels. Sum over them, and "
                "divide by the number of images only.",
            ),
            Misconception(
                lambda images, reconstruction: np.mean(np.square(images - reconstruction)),
                "This is the mean squared error. The formula sums over pixels and channels and "
                "divides by 2N, where N counts images.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    _squared_and_summed(images, reconstruction)
                    / (2 * images.shape[0] * images.shape[1] * images.shape[2])
                ),
                "You divided by the number of pixels as well. N counts images, not pixels.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    np.sum(np.abs(images - reconstruction)) / (2 * len(images))
                ),
                "You took absolute values. Each difference is squared before it is added.",
            ),
            Misconception(
                lambda images, reconstruction: np.sum(images - reconstruction) / (2 * len(images)),
                "Without the square, differences of opposite sign cancel. Square each one first.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    np.square(np.sum(images - reconstruction)) / (2 * len(images))
                ),
                "You squared the sum. Square each difference first, then add them up.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    np.sqrt(_squared_and_summed(images, reconstruction)) / (2 * len(images))
                ),
                "There is no square root in the formula: it is the squared distance that is added.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    np.sum(np.square(images - reconstruction), axis=-1) / (2 * len(images))
                ),
                "You summed over the channels only. Rows, columns and images are added up too.",
            ),
            Misconception(
                lambda images, reconstruction: (
                    np.sum(np.square(images - reconstruction), axis=(1, 2, 3)) / (2 * len(images))
                ),
                "This is one number for each image. Add the images up as well.",
            ),
        ],
        hints=[
            "Begin with the difference between `images` and `reconstruction`, and square it.",
            "Sum over every axis: images, rows, columns and channels. `ops.sum` without `axis` "
            "does that.",
            "Divide by twice the number of images, `images.shape[0]`.",
        ],
    )
)


# --- pca-reconstruct ---------------------------------------------------------------------------

# Patches of 6 numbers whose spread and mean differ from number to number.
_patches = _random.normal(size=(20, 6)) * [5.0, 3.0, 2.0, 1.0, 0.5, 0.2] + [4, -3, 2, 1, -5, 3]
_patches = _patches @ np.linalg.qr(_random.normal(size=(6, 6)))[0]
_few_patches = _random.uniform(size=(5, 8)) + np.arange(8)


def _directions(patches: Any) -> Any:
    return np.linalg.svd(patches, full_matrices=False)[2]


def _without_its_mean(patches: Any) -> Any:
    return patches - patches.mean(axis=0)


def _pca(patches: Any, count: int) -> Any:
    """The right answer, from whose parts the wrong ones are made."""
    return _onto(patches, _directions(_without_its_mean(patches))[:count])


def _onto(patches: Any, components: Any) -> Any:
    return _without_its_mean(patches) @ components.T @ components + patches.mean(axis=0)


def _never_centered(patches: Any, count: int) -> Any:
    components = _directions(patches)[:count]
    return patches @ components.T @ components


def _centered_for_the_components_only(patches: Any, count: int) -> Any:
    components = _directions(_without_its_mean(patches))[:count]
    return patches @ components.T @ components


def _mean_added_to_patches_not_centered(patches: Any, count: int) -> Any:
    return _centered_for_the_components_only(patches, count) + patches.mean(axis=0)


def _columns_for_rows(patches: Any, count: int) -> Any:
    components = _directions(_without_its_mean(patches))[:, :count].T
    return _onto(patches, components)


def _one_mean_for_all(patches: Any, count: int) -> Any:
    centered = patches - patches.mean()
    components = _directions(centered)[:count]
    return centered @ components.T @ components + patches.mean()


def _mean_of_each_patch(patches: Any, count: int) -> Any:
    means = patches.mean(axis=1, keepdims=True)
    components = _directions(patches - means)[:count]
    return (patches - means) @ components.T @ components + means


def _a_full_code_changes_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    came_back = answer(_patches, 6)
    if not np.allclose(came_back, _patches, atol=1e-4):
        return NotYet(
            "with as many components as numbers in a patch, the patches did not come back as they "
            "were.",
            "Encode and decode with the same components: `centered @ components.T` is the code, "
            "and `code @ components` the way back.",
        )
    return None


register(
    Exercise(
        id="pca-reconstruct",
        lesson=3,
        title="Reconstruction from principal components",
        reference="course_lib.linear:pca_reconstruct",
        cases=[
            Case("20 patches of 6 numbers and a code of 2", _patches, 2),
            Case("20 patches of 6 numbers and a code of 4", _patches, 4),
            Case("5 patches of 8 numbers and a code of 1", _few_patches, 1),
        ],
        checks=[_a_full_code_changes_nothing],
        misconceptions=[
            Misconception(
                _never_centered,
                "The patches were never centered, so the first component is spent on the mean. "
                "Subtract the mean patch first and add it at the end.",
            ),
            Misconception(
                lambda patches, count: _pca(patches, count) - patches.mean(axis=0),
                "Your patches come back centered. Add the mean patch again at the end.",
            ),
            Misconception(
                _centered_for_the_components_only,
                "The components are right, but the code is made from patches that still contain "
                "the mean. Subtract it from what you encode, and add it after decoding.",
            ),
            Misconception(
                _mean_added_to_patches_not_centered,
                "The mean is in twice: you add it, but it was never subtracted from the patches "
                "that you encode.",
            ),
            Misconception(
                _columns_for_rows,
                "These are columns of the matrix that `np.linalg.svd` returns last. Its rows are "
                "the components: take the first `count` rows.",
            ),
            Misconception(
                lambda patches, count: _pca(patches, count + 1),
                "Your code has one number too many. `components[:count]` has exactly `count` rows.",
            ),
            Misconception(
                lambda patches, count: _onto(
                    patches, _directions(_without_its_mean(patches))[-count:]
                ),
                "You took the last components, the least important ones. The important ones come "
                "first.",
            ),
            Misconception(
                lambda patches, count: patches,
                "The patches came back untouched: all components were kept. Keep `count` of them.",
            ),
            Misconception(
                _one_mean_for_all,
                "You subtracted a single number. The mean patch has one mean for each of its "
                "numbers: `patches.mean(axis=0)`.",
            ),
            Misconception(
                _mean_of_each_patch,
                "You took the mean of every patch. What is wanted is the mean patch, over all "
                "patches: `axis=0`.",
            ),
            Misconception(
                lambda patches, count: (
                    _without_its_mean(patches) @ _directions(_without_its_mean(patches))[:count].T
                ),
                "This is the code. Decode it: multiply by the components, and add the mean patch.",
            ),
        ],
        hints=[
            "Start with `mean = patches.mean(axis=0)` and `centered = patches - mean`.",
            "`components = principal_components(patches, count)` has the shape (count, length). "
            "The code is `centered @ components.T`, `count` numbers for each patch.",
            "`code @ components` is the way back to the patches' length. Then add `mean`.",
        ],
    )
)
