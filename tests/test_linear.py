"""Principal components of patches and powers of matrices, against what they promise."""

import numpy as np
import pytest

from course_lib import linear
from course_lib.errors import ArgumentError


@pytest.fixture
def image():
    return np.random.default_rng(0).random((24, 16, 3)).astype("float32")


def test_patches_put_together_again_are_the_image(image):
    patches = linear.to_patches(image, side=8)
    assert patches.shape == (6, 8 * 8 * 3)
    np.testing.assert_array_equal(linear.from_patches(patches, image.shape), image)


def test_components_are_orthonormal_and_all_of_them_reconstruct(image):
    patches = linear.to_patches(image, side=4)
    components = linear.principal_components(patches, 20)
    np.testing.assert_allclose(components @ components.T, np.eye(20), atol=1e-4)
    np.testing.assert_allclose(linear.pca_reconstruct(patches, 23), patches, atol=1e-4)


def test_more_components_leave_less_error(image):
    patches = linear.to_patches(image, side=4)
    errors = [np.square(linear.pca_reconstruct(patches, k) - patches).mean() for k in (1, 5, 12)]
    assert errors == sorted(errors, reverse=True) and errors[0] > 2 * errors[-1]


def test_a_size_that_does_not_divide_is_refused(image):
    with pytest.raises(ArgumentError):
        linear.to_patches(image, side=7)
    with pytest.raises(ArgumentError):
        linear.principal_components(linear.to_patches(image, side=4), 0)


def test_powers_of_matrices_undo_each_other():
    rows = np.random.default_rng(1).normal(size=(2, 9, 4))
    matrices = np.swapaxes(rows, 1, 2) @ rows
    root = linear.matrix_power(matrices, 0.5)
    np.testing.assert_allclose(root @ root, matrices, atol=1e-10)
    np.testing.assert_allclose(root, np.swapaxes(root, 1, 2), atol=1e-12)
    white = linear.matrix_power(matrices, -0.5)
    np.testing.assert_allclose(white @ matrices @ white, np.tile(np.eye(4), (2, 1, 1)), atol=1e-10)
    # One direction without any variation stays finite.
    flat = linear.matrix_power(np.diag([4.0, 0.0]), -0.5, least=0.01)
    np.testing.assert_allclose(flat, np.diag([0.5, 10.0]))
