"""Lesson 03: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from tests.exercises.helpers import Wrong, accepts

RECONSTRUCTION_LOSS = [
    Wrong(
        "forgot the half",
        lambda images, reconstruction: np.sum((images - reconstruction) ** 2) / len(images),
        "the 2 is missing",
    ),
    Wrong(
        "not divided by the batch",
        lambda images, reconstruction: 0.5 * np.sum((images - reconstruction) ** 2),
        "Doubling the batch doubles your loss",
    ),
    Wrong(
        "no parentheses around 2N",
        lambda images, reconstruction: np.sum((images - reconstruction) ** 2) / 2 * len(images),
        "from left to right",
    ),
    Wrong(
        "half the mean over everything",
        lambda images, reconstruction: 0.5 * ((images - reconstruction) ** 2).mean(),
        "also divides by pixels and channels",
    ),
    Wrong(
        "mean squared error",
        lambda images, reconstruction: ((images - reconstruction) ** 2).mean(),
        "This is the mean squared error",
    ),
    Wrong(
        "divided by the number of pixels",
        lambda images, reconstruction: (
            np.sum((images - reconstruction) ** 2) / np.prod(images.shape[:3]) / 2
        ),
        "number of pixels as well",
    ),
    Wrong(
        "absolute value for the square",
        lambda images, reconstruction: abs(images - reconstruction).sum() / (2 * len(images)),
        "You took absolute values",
    ),
    Wrong(
        "no square",
        lambda images, reconstruction: (images - reconstruction).sum() / (2 * len(images)),
        "Without the square",
    ),
    Wrong(
        "squared the sum",
        lambda images, reconstruction: (images - reconstruction).sum() ** 2 / (2 * len(images)),
        "You squared the sum",
    ),
    Wrong(
        "took the root",
        lambda images, reconstruction: (
            np.linalg.norm((images - reconstruction).ravel()) / (2 * len(images))
        ),
        "no square root",
    ),
    Wrong(
        "summed over channels only",
        lambda images, reconstruction: ((images - reconstruction) ** 2).sum(-1) / (2 * len(images)),
        "over the channels only",
    ),
    Wrong(
        "one loss for each image",
        lambda images, reconstruction: (
            ((images - reconstruction) ** 2).sum((1, 2, 3)) / (2 * len(images))
        ),
        "one number for each image",
    ),
    Wrong(
        "measured the reconstruction alone",
        lambda images, reconstruction: (reconstruction**2).sum() / (2 * len(images)),
        "Begin with the difference",
    ),
]


def test_reconstruction_loss_in_other_words_is_accepted():
    accepts(
        "reconstruction-loss",
        lambda images, reconstruction: ((reconstruction - images) ** 2).sum() / 2 / len(images),
        lambda x, y: float(np.mean([np.dot(d, d) for d in (x - y).reshape(len(x), -1)]) / 2),
    )


def components_of(patches, count):
    return np.linalg.svd(patches, full_matrices=False)[2][:count]


def filtered(centered, components):
    return (centered @ components.T) @ components


def pca_with(patches, mean, chosen):
    """PCA with some mean and some choice of the directions."""
    directions = np.linalg.svd(patches - mean, full_matrices=False)[2]
    return filtered(patches - mean, chosen(directions)) + mean


def code_only(patches, count):
    centered = patches - patches.mean(0)
    return centered @ components_of(centered, count).T


PCA_RECONSTRUCT = [
    Wrong(
        "forgot to center",
        lambda patches, count: filtered(patches, components_of(patches, count)),
        "never centered",
    ),
    Wrong(
        "forgot to add the mean back",
        lambda patches, count: filtered(
            patches - patches.mean(0), components_of(patches - patches.mean(0), count)
        ),
        "Add the mean patch again",
    ),
    Wrong(
        "encoded what was not centered",
        lambda patches, count: filtered(patches, components_of(patches - patches.mean(0), count)),
        "still contain the mean",
    ),
    Wrong(
        "added a mean that was never subtracted",
        lambda patches, count: (
            filtered(patches, components_of(patches - patches.mean(0), count)) + patches.mean(0)
        ),
        "The mean is in twice",
    ),
    Wrong(
        "columns for rows",
        lambda patches, count: pca_with(patches, patches.mean(0), lambda d: d[:, :count].T),
        "Its rows are the components",
    ),
    Wrong(
        "one component too many",
        lambda patches, count: pca_with(patches, patches.mean(0), lambda d: d[: count + 1]),
        "one number too many",
    ),
    Wrong(
        "the last components",
        lambda patches, count: pca_with(patches, patches.mean(0), lambda d: d[-count:]),
        "the least important ones",
    ),
    Wrong(
        "kept all components",
        lambda patches, count: pca_with(patches, patches.mean(0), lambda d: d),
        "all components were kept",
    ),
    Wrong(
        "one mean for everything",
        lambda patches, count: pca_with(patches, patches.mean(), lambda d: d[:count]),
        "a single number",
    ),
    Wrong(
        "the mean of each patch",
        lambda patches, count: pca_with(
            patches, patches.mean(1, keepdims=True), lambda d: d[:count]
        ),
        "the mean of every patch",
    ),
    Wrong("the code", code_only, "This is the code"),
]


def by_covariance(patches, count):
    """The components as eigenvectors of the covariance matrix, in ascending order."""
    mean = patches.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(patches.T))
    kept = vectors[:, len(vectors) - count :]
    return mean + (patches - mean) @ kept @ kept.T


def by_cutting_singular_values(patches, count):
    mean = patches.mean(axis=0)
    left, values, right = np.linalg.svd(patches - mean, full_matrices=False)
    return (left[:, :count] * values[:count]) @ right[:count] + mean


def test_pca_reconstruct_in_other_words_is_accepted():
    accepts("pca-reconstruct", by_covariance, by_cutting_singular_values)


MISTAKES = {
    "reconstruction-loss": RECONSTRUCTION_LOSS,
    "pca-reconstruct": PCA_RECONSTRUCT,
}
