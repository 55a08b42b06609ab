"""Learning against a judge: losses, the discriminator, and who learns from whom in a step."""

import numpy as np
import pytest

from course_lib.backend import quiet_framework_import

keras = quiet_framework_import()

from keras import ops  # noqa: E402

from course_lib.errors import TrainingError  # noqa: E402
from course_lib.training.adversarial import (  # noqa: E402
    AdversarialStage,
    PatchDiscriminator,
    TextureAutoencoder,
    adversarial_loss,
    discriminator_loss,
    divergence_from_normal,
    fit_stage,
    sample_code,
    scores_of_fixed,
)

RANDOM = np.random.default_rng(12)
BATCH = 4


def array(tensor):
    return ops.convert_to_numpy(tensor)


def small(seed=0):
    keras.utils.set_random_seed(seed)
    return TextureAutoencoder(channels=(4, 6), code_channels=2)


def judge(seed=1):
    keras.utils.set_random_seed(seed)
    return PatchDiscriminator(channels=(4, 6))


def data(steps=1, side=20):
    shape = (steps * BATCH, side, side, 3)
    return {
        "images": RANDOM.random(shape, dtype="float32"),
        "real": RANDOM.random(shape, dtype="float32"),
        "noise": RANDOM.standard_normal((shape[0], side // 2, side // 2, 2)).astype("float32"),
    }


def changed(model, before):
    return [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]


# --- losses ------------------------------------------------------------------------------------


def test_the_discriminators_loss_is_the_cross_entropy_of_its_decisions():
    real, drawn = RANDOM.normal(size=(2, 3, 5, 5, 1)).astype("float32")
    wanted = keras.losses.BinaryCrossentropy(from_logits=True)
    expected = wanted(np.ones_like(real), real) + wanted(np.zeros_like(drawn), drawn)
    assert float(discriminator_loss(real, drawn)) == pytest.approx(float(expected), rel=1e-5)


def test_a_judge_who_cannot_tell_costs_two_logarithms_of_two():
    zeros = np.zeros((2, 3, 3, 1), "float32")
    assert float(discriminator_loss(zeros, zeros)) == pytest.approx(2 * np.log(2), rel=1e-5)


def test_large_scores_stay_finite_and_exact():
    high = np.full((4,), 200.0, "float32")
    assert float(discriminator_loss(-high, high)) == pytest.approx(400.0)
    assert float(discriminator_loss(high, -high)) == pytest.approx(0.0, abs=1e-6)
    assert float(adversarial_loss(-high)) == pytest.approx(200.0)


def test_divergence_agrees_with_many_samples():
    """The mean of log p(z) - log q(z) over samples of p is the definition."""
    mean, log_variance = np.array([[0.7, -1.2]]), np.log([[0.25, 1.8]])
    noise = np.random.default_rng(0).standard_normal((200_000, 2))
    codes = array(sample_code(mean, log_variance, noise))
    log_p = -0.5 * (noise**2 + log_variance)
    estimate = np.mean(np.sum(log_p + 0.5 * codes**2, axis=1))
    assert float(divergence_from_normal(mean, log_variance)) == pytest.approx(estimate, rel=0.02)


def test_divergence_does_not_grow_with_the_batch():
    mean, log_variance = RANDOM.normal(size=(2, 1, 3, 3, 2)).astype("float32")
    one = float(divergence_from_normal(mean, log_variance))
    three = float(divergence_from_normal(*(np.repeat(x, 3, 0) for x in (mean, log_variance))))
    assert three == pytest.approx(one, rel=1e-5) and one > 0


# --- networks ----------------------------------------------------------------------------------


def test_a_score_sees_its_patch_and_nothing_else():
    """A pixel changed anywhere in the patch changes the score; one beside it does not."""
    discriminator = judge()
    side = discriminator.patch
    assert side == 18
    image = RANDOM.random((1, side + 4, side + 4, 3), dtype="float32")
    before = array(discriminator(image))
    assert before.shape == (1, 2, 2, 1)
    for row, column, seen in ((0, 0, True), (side - 1, side - 1, True), (side, 0, False)):
        other = image.copy()
        other[0, row, column] = 1 - other[0, row, column]
        difference = np.abs(array(discriminator(other)) - before)[0, 0, 0, 0]
        assert (difference > 1e-7) == seen, (row, column)


def test_a_discriminator_needs_channels():
    with pytest.raises(ValueError, match="channels"):
        PatchDiscriminator(channels=())


def test_the_autoencoder_works_on_any_size_and_starts_uncertain():
    network = TextureAutoencoder()
    images = RANDOM.random((2, 24, 40, 3), dtype="float32")
    mean, log_variance = network.encode(images)
    assert tuple(mean.shape) == tuple(log_variance.shape) == (2, 6, 10, 3)
    assert tuple(network.decode(mean).shape) == images.shape
    np.testing.assert_allclose(array(network(images)), array(network.decode(mean)), atol=1e-6)


# --- training ----------------------------------------------------------------------------------


def test_scores_of_a_fixed_discriminator_are_its_scores():
    discriminator, images = judge(), data()["images"]
    np.testing.assert_allclose(
        array(scores_of_fixed(discriminator, images)), array(discriminator(images)), atol=1e-6
    )


def test_each_player_learns_from_its_own_part_only():
    """With one part weighted 0, exactly one of the two players must move."""
    for part_weights, network_moves, judge_moves in (
        ({"adversarial": 1.0, "discriminator": 0.0}, True, False),
        ({"adversarial": 0.0, "discriminator": 1.0}, False, True),
    ):
        network, discriminator = small(), judge()
        before = network.get_weights(), discriminator.get_weights()
        stage = AdversarialStage(network, part_weights, discriminator=discriminator)
        fit_stage(stage, data(), BATCH, learning_rate=1e-2)
        assert any(changed(network, before[0])) == network_moves
        assert any(changed(discriminator, before[1])) == judge_moves


def test_a_judge_alone_learns_to_tell():
    """White from black is learnt in a few steps, and the loss falls from 2 log 2."""
    network, discriminator = small(), judge()
    network.trainable = False
    before = network.get_weights()
    stage = AdversarialStage(network, {"discriminator": 1.0}, discriminator=discriminator)
    white = np.ones((40 * BATCH, 20, 20, 3), "float32")
    log = fit_stage(
        stage, {"images": 0 * white, "real": white}, BATCH, learning_rate=1e-2, rounds=4
    )
    assert log[0]["discriminator"] > 2 * log[-1]["discriminator"]
    assert not any(changed(network, before))


def test_a_network_learns_to_please_its_judge():
    """The judge knows real from drawn, and stays as it is; then it is deceived more and more."""
    network, discriminator = small(), judge()
    dark = np.full((30 * BATCH, 20, 20, 3), 0.2, "float32")
    rows = {"images": dark, "real": dark + 0.7}
    network.trainable = False
    fit_stage(
        AdversarialStage(network, {"discriminator": 1.0}, discriminator=discriminator),
        rows,
        BATCH,
        learning_rate=1e-2,
    )
    network.trainable = True
    part_weights = {"adversarial": 1.0, "discriminator": 0.0}
    stage = AdversarialStage(network, part_weights, discriminator=discriminator)
    log = fit_stage(stage, rows, BATCH, learning_rate=1e-2, rounds=3)
    assert log[-1]["adversarial"] < 0.5 * log[0]["adversarial"]


def test_reconstruction_gets_better_and_the_log_says_so():
    network = small()
    rows = np.full((60 * BATCH, 20, 20, 3), (0.9, 0.2, 0.4), "float32")
    log = fit_stage(
        AdversarialStage(network, {"reconstruct": 1.0}),
        {"images": rows},
        BATCH,
        learning_rate=1e-2,
        rounds=4,
    )
    assert len(log) == 4 and list(log[0]) == ["reconstruct"]
    assert log[-1]["reconstruct"] < 0.3 * log[0]["reconstruct"]
    found = float(ops.mean((network(rows[:1]) - rows[:1]) ** 2))
    assert found <= 1.5 * log[-1]["reconstruct"]


def test_divergence_is_paid_off():
    stage = AdversarialStage(small(), {"divergence": 1.0})
    log = fit_stage(stage, data(steps=60), BATCH, learning_rate=1e-2, rounds=4)
    assert log[-1]["divergence"] < 0.3 * log[0]["divergence"]


def test_coarse_leaves_the_detail_free():
    """Exchanged pixels within squares of 4 x 4 cost nothing."""
    stage = AdversarialStage(small(), {"coarse": 1.0, "reconstruct": 0.0})
    images = data(side=16)["images"]
    stage.decode = lambda code: images[:, ::-1, ::-1]
    mirrored = {"images": images[:, ::-1, ::-1].reshape(BATCH, 4, 4, 4, 4, 3)[:, :, ::-1]}
    mirrored = {"images": mirrored["images"].reshape(BATCH, 16, 16, 3)}
    parts = stage.parts(mirrored)
    assert float(parts["coarse"]) < 1e-9 < 0.05 < float(parts["reconstruct"])


def test_points_can_be_samples_too():
    """A network without an image in sight: rows of numbers, judged one by one."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    rows = {"noise": np.ones((80, 3), "float32"), "real": np.ones((80, 2), "float32")}
    before = network.get_weights()
    stage = AdversarialStage(
        network, {"adversarial": 1.0}, discriminator=discriminator, judged="samples"
    )
    log = fit_stage(stage, rows, 8, learning_rate=0.05)
    assert set(log[0]) == {"adversarial", "discriminator"}
    assert all(changed(network, before))


@pytest.mark.parametrize(
    ("part_weights", "options", "words"),
    [
        ({"sharpness": 1.0}, {}, "sharpness: no such part"),
        ({}, {}, "no such part"),
        ({"adversarial": 1.0}, {}, "needs somebody who judges"),
        ({"discriminator": 1.0}, {}, "needs somebody who judges"),
        ({"reconstruct": 1.0}, {"judged": "noise"}, "choose one of"),
    ],
)
def test_what_cannot_be_trained_is_refused(part_weights, options, words):
    with pytest.raises(TrainingError, match=words):
        AdversarialStage(small(), part_weights, **options)
