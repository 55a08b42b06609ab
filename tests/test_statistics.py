import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from course_lib.statistics import EPSILON, adain, channel_statistics, normalize


def array(tensor):
    return ops.convert_to_numpy(tensor)


def random_features(*shape, seed=0, scale=1.0):
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype("float32")


def test_statistics_are_those_of_numpy():
    features = random_features(3, 6, 5, 4) + np.arange(4, dtype="float32")
    mean, std = map(array, channel_statistics(features))
    assert mean.shape == std.shape == (3, 1, 1, 4)
    np.testing.assert_allclose(mean[:, 0, 0], features.mean((1, 2)), atol=1e-5)
    np.testing.assert_allclose(std[:, 0, 0], features.std((1, 2)), atol=1e-4)


def test_statistics_know_nothing_of_positions():
    features = random_features(1, 4, 6, 3)
    shuffled = np.random.default_rng(1).permutation(features.reshape(1, 24, 1, 3), axis=1)
    for a, b in zip(channel_statistics(features), channel_statistics(shuffled), strict=True):
        np.testing.assert_allclose(array(a), array(b), atol=1e-6)


def test_normalized_channels_have_mean_0_and_std_1():
    features = random_features(2, 9, 7, 3, scale=5.0) + 3
    normalized = array(normalize(features))
    np.testing.assert_allclose(normalized.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(normalized.std((1, 2)), 1, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 1.0, -250.0])
def test_a_constant_channel_becomes_0_and_takes_on_the_mean(value):
    features = np.full((1, 4, 4, 2), value, "float32")
    assert np.abs(array(normalize(features))).max() == 0
    mean = np.array([2.0, -1.0], "float32").reshape(1, 1, 1, 2)
    taken_on = array(adain(features, mean, np.full((1, 1, 1, 2), 3.0, "float32")))
    np.testing.assert_array_equal(taken_on, np.broadcast_to(mean, (1, 4, 4, 2)))


def test_the_std_of_a_constant_channel_is_its_floor():
    _, std = channel_statistics(np.full((1, 4, 4, 1), 0.5, "float32"))
    assert float(array(std)[0, 0, 0, 0]) == pytest.approx(EPSILON**0.5)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="takes a gradient by TensorFlow"
)
def test_a_constant_channel_has_a_finite_gradient():
    import tensorflow as tf

    features = tf.Variable(np.zeros((1, 4, 4, 2), "float32"))
    with tf.GradientTape() as tape:
        _, std = channel_statistics(features)
        total = ops.sum(std) + ops.sum(normalize(features))
    assert np.isfinite(tape.gradient(total, features).numpy()).all()


@given(
    height=st.integers(2, 12),
    width=st.integers(2, 12),
    mean=st.floats(-5, 5),
    std=st.floats(0.1, 5),
    seed=st.integers(0, 99),
)
def test_adain_gives_exactly_the_statistics_asked_for(height, width, mean, std, seed):
    features = random_features(2, height, width, 3, seed=seed)
    wanted = np.full((2, 1, 1, 3), mean, "float32"), np.full((2, 1, 1, 3), std, "float32")
    result = array(adain(features, *wanted))
    np.testing.assert_allclose(result.mean((1, 2)), mean, atol=1e-4)
    # The floor under the root takes half of EPSILON / variance from the standard deviation.
    lost = EPSILON / 2 / features.var((1, 2)).min()
    np.testing.assert_allclose(result.std((1, 2)), std, rtol=1e-4 + 2 * lost)


def test_adain_with_its_own_statistics_changes_nothing():
    features = random_features(1, 8, 8, 4, scale=2.0)
    np.testing.assert_allclose(
        array(adain(features, *channel_statistics(features))), features, atol=1e-5
    )


def test_adain_keeps_the_order_of_values():
    features = random_features(1, 5, 5, 1)
    result = array(adain(features, 7.0, 0.3))
    np.testing.assert_array_equal(features.ravel().argsort(), result.ravel().argsort())


def test_a_map_of_statistics_gives_every_position_its_own():
    features = random_features(1, 4, 4, 2)
    left = np.zeros((1, 4, 4, 2), "float32")
    left[:, :, :2] = 1.0
    result = array(adain(features, 10.0 * left, np.ones_like(left)))
    np.testing.assert_allclose(
        result[:, :, :2] - 10, array(normalize(features))[:, :, :2], atol=1e-5
    )
    np.testing.assert_allclose(result[:, :, 2:], array(normalize(features))[:, :, 2:], atol=1e-5)
