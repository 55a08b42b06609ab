"""Exercises of lesson 12, autoencoder against GAN."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(12)


def _sigmoid(scores: Any) -> Any:
    return 1 / (1 + np.exp(-scores))


def _softplus(scores: Any) -> Any:
    return np.logaddexp(0, scores)


# --- the discriminator's loss ------------------------------------------------------------------

_real = _random.normal(1.0, 1.5, (2, 3, 3, 1))
_drawn = _random.normal(-0.7, 1.2, (2, 3, 3, 1))


def _as_the_formula_stands(real: Any, drawn: Any) -> Any:
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(_sigmoid(real))) - np.mean(np.log(1 - _sigmoid(drawn)))


def _undecided_costs_two_logarithms(answer: Answer, reference: Answer) -> NotYet | None:
    cost = float(answer(np.zeros((2, 2)), np.zeros((2, 2))))
    if abs(cost - 2 * np.log(2)) > 1e-3:
        return NotYet(
            f"scores of 0 everywhere, a judge who cannot tell at all, cost {cost:.4g}, not 2 log 2 "
            "= 1.386.",
            "At a score of 0 the sigmoid is 1/2. Both parts are then -log(1/2).",
        )
    return None


register(
    Exercise(
        id="discriminator-loss",
        lesson=12,
        title="The discriminator's loss",
        reference="course_lib.training.adversarial:discriminator_loss",
        cases=[
            Case("scores for two real and two drawn images, 3 x 3 patches each", _real, _drawn),
            Case("the same scores, real and drawn exchanged", _drawn, _real),
            Case("three scores for real patches, nine for drawn", _real[0, 0], _drawn[1]),
            Case(
                "scores of 200 for the real and -200 for the drawn, a judge who is right and sure",
                np.array([200.0, 200.0]),
                np.array([-200.0, -200.0]),
            ),
            Case(
                "scores of -200 for the real and 200 for the drawn, one who is wrong and sure",
                np.array([-200.0, -200.0]),
                np.array([200.0, 200.0]),
            ),
        ],
        checks=[_undecided_costs_two_logarithms],
        misconceptions=[
            Misconception(
                lambda real, drawn: np.mean(_softplus(real)) + np.mean(_softplus(-drawn)),
                "Your judge is rewarded for being wrong: you swapped real and drawn. High scores "
                "mean real, so a high score for a real patch must cost little.",
            ),
            Misconception(
                lambda real, drawn: np.mean(_softplus(-real)) + np.mean(_softplus(-drawn)),
                "You ask for high scores in both cases. For what was drawn, the judge should say "
                "no: log(1 - sigmoid(drawn)).",
            ),
            Misconception(
                lambda real, drawn: np.mean(_softplus(-real)),
                "In yours, only the real patches count. A judge who calls everything real would be "
                "perfect.",
            ),
            Misconception(
                lambda real, drawn: np.mean(_softplus(drawn)),
                "In yours, only the drawn patches count. A judge who calls nothing real would be "
                "perfect.",
            ),
            Misconception(
                lambda real, drawn: -np.mean(_softplus(-real)) - np.mean(_softplus(drawn)),
                "This is what the judge wants to be large. A loss should be small: change the "
                "sign.",
            ),
            Misconception(
                lambda real, drawn: np.sum(_softplus(-real)) + np.sum(_softplus(drawn)),
                "You summed over the patches. With the mean, a larger image does not cost more.",
            ),
            Misconception(
                lambda real, drawn: (np.mean(_softplus(-real)) + np.mean(_softplus(drawn))) / 2,
                "Add the two means, without halving: here a judge who cannot tell costs 2 log 2.",
            ),
            Misconception(
                lambda real, drawn: np.mean(1 - _sigmoid(real)) + np.mean(_sigmoid(drawn)),
                "You took the probabilities of being wrong themselves. The logarithm is missing: "
                "it is what makes being sure and wrong expensive.",
            ),
            Misconception(
                lambda real, drawn: (
                    np.mean(np.maximum(0, 1 - real)) + np.mean(np.maximum(0, 1 + drawn))
                ),
                "This is the hinge loss, which many use today. Here we ask for the logarithms of "
                "Goodfellow's formula.",
            ),
            Misconception(
                _as_the_formula_stands,
                "The formula is right, but for a score of 200 the computer takes the logarithm of "
                "0. Use softplus, which does not overflow: -log(1 - sigmoid(s)) = softplus(s), "
                "or `np.logaddexp(0, s)`.",
            ),
            Misconception(
                lambda real, drawn: (
                    -np.mean(np.log(_sigmoid(real) + 1e-7))
                    - np.mean(np.log(1 - _sigmoid(drawn) + 1e-7))
                ),
                "The small number keeps the logarithm finite but wrong: a mistaken score of 200 "
                "must cost 200. Use softplus: -log sigmoid(s) = softplus(-s).",
            ),
        ],
        hints=[
            "-log sigmoid(s) is softplus(-s), and -log(1 - sigmoid(s)) is softplus(s): "
            "`np.logaddexp(0, s)` or `ops.softplus(s)`. Neither overflows.",
            "Two means: one over what the real patches cost, one over what the drawn ones cost.",
            "Real patches should have high scores: `np.logaddexp(0, -real_scores)`. Drawn ones "
            "should have low scores: the same without the minus.",
        ],
    )
)


# --- a random code that can learn --------------------------------------------------------------

_mean = _random.normal(0, 1, (2, 3, 2, 4))
_log_variance = _random.normal(-1, 0.8, (2, 3, 2, 4))
_noise = _random.normal(0, 1, (2, 3, 2, 4))


def _the_spread_is_the_root_of_the_variance(answer: Answer, reference: Answer) -> NotYet | None:
    noise = np.random.default_rng(0).standard_normal(20000)
    zeros = np.zeros_like(noise)
    found = float(np.std(answer(zeros, zeros + np.log(9.0), noise)))
    if abs(found - 3) > 0.1:
        return NotYet(
            f"with a variance of 9, 20000 codes have a standard deviation of {found:.3g}; it "
            "should be 3.",
            "The standard deviation is the square root of the variance.",
        )
    return None


register(
    Exercise(
        id="sample-code",
        lesson=12,
        title="A random code that can learn",
        reference="course_lib.training.adversarial:sample_code",
        cases=[
            Case("two images with codes of 3 x 2 places", _mean, _log_variance, _noise),
            Case(
                "means of 5, variances of 4 and noise of 1",
                np.full((1, 2), 5.0),
                np.full((1, 2), np.log(4.0)),
                np.ones((1, 2)),
            ),
            Case(
                "noise of 0",
                np.array([[0.5, -2.0]]),
                np.array([[0.3, 1.0]]),
                np.zeros((1, 2)),
            ),
        ],
        checks=[_the_spread_is_the_root_of_the_variance],
        misconceptions=[
            Misconception(
                lambda mean, log_variance, noise: mean + np.exp(log_variance) * noise,
                "You multiplied the noise by the variance. Use its root, the standard deviation: "
                "halve the logarithm first.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean + log_variance * noise,
                "The encoder gives the *logarithm* of the variance. Undo it with `exp`.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean + 0.5 * log_variance * noise,
                "Half the logarithm is the logarithm of the standard deviation. `exp` is still "
                "missing.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean + np.exp(2 * log_variance) * noise,
                "You squared the variance. Take its root: 1/2, not 2.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean + np.exp(-0.5 * log_variance) * noise,
                "You divided by the standard deviation, which is how you normalize. Here the noise "
                "should take it on.",
            ),
            Misconception(
                lambda mean, log_variance, noise: np.exp(0.5 * log_variance) * (mean + noise),
                "The standard deviation belongs to the noise alone; the mean stays as it is.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean + noise,
                "Your noise has the same size everywhere. The encoder says how large it should be.",
            ),
            Misconception(
                lambda mean, log_variance, noise: mean,
                "Without noise this is a plain autoencoder.",
            ),
        ],
        hints=[
            "You want a standard normal number times the standard deviation, plus the mean.",
            "The standard deviation is the root of the variance, and the variance is "
            "exp(log_variance).",
            "The root of exp(v) is exp(v / 2).",
        ],
    )
)


# --- the divergence ----------------------------------------------------------------------------


def _each(mean: Any, log_variance: Any) -> Any:
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)


def _nothing_to_pay_for_a_standard_normal_code(answer: Answer, reference: Answer) -> NotYet | None:
    cost = float(answer(np.zeros((2, 3)), np.zeros((2, 3))))
    if abs(cost) > 1e-6:
        return NotYet(
            f"means of 0 and variances of 1, the standard normal distribution itself, cost "
            f"{cost:.4g}, not 0.",
            "Put mean 0 and log variance 0 in: the variance is 1, and 0 + 1 - 1 - 0 is 0.",
        )
    return None


register(
    Exercise(
        id="divergence",
        lesson=12,
        title="How far a code is from the standard normal distribution",
        reference="course_lib.training.adversarial:divergence_from_normal",
        cases=[
            Case("two images with codes of 3 x 2 places", _mean, _log_variance),
            Case("three codes of four numbers, variances of 1", _mean[0, :, 0], np.zeros((3, 4))),
            Case("one code of two numbers, means 0", np.zeros((1, 2)), np.log([[4.0, 0.25]])),
        ],
        checks=[_nothing_to_pay_for_a_standard_normal_code],
        misconceptions=[
            Misconception(
                lambda mean, log_variance: np.sum(_each(mean, log_variance)),
                "This is the sum over all images. Divide by the number of images, the first "
                "axis: a larger batch must not cost more.",
            ),
            Misconception(
                lambda mean, log_variance: np.mean(_each(mean, log_variance)),
                "You took the mean over the numbers of a code, too. They are independent, so their "
                "divergences add up; take the mean only over the images.",
            ),
            Misconception(
                lambda mean, log_variance: np.mean(np.sum(_each(mean, log_variance), axis=-1)),
                "You summed over the last axis only. The numbers at all places of a code add up; "
                "take the mean only over the images, the first axis.",
            ),
            Misconception(
                lambda mean, log_variance: 2 * np.sum(_each(mean, log_variance)) / len(mean),
                "It is exactly twice as much: the 1/2 is missing.",
            ),
            Misconception(
                lambda mean, log_variance: -np.sum(_each(mean, log_variance)) / len(mean),
                "The sign is wrong: a divergence is never below 0.",
            ),
            Misconception(
                lambda mean, log_variance: (
                    0.5
                    * np.sum(mean**2 + log_variance - 1 - np.log(np.abs(log_variance) + 1e-12))
                    / len(mean)
                ),
                "You used the logarithm of the variance in place of the variance. Undo it with "
                "`exp`.",
            ),
            Misconception(
                lambda mean, log_variance: (
                    0.5 * np.sum(np.abs(mean) + np.exp(log_variance) - 1 - log_variance) / len(mean)
                ),
                "The mean enters squared.",
            ),
            Misconception(
                lambda mean, log_variance: 0.5 * np.sum(mean**2) / len(mean),
                "In yours, only the means cost something. The variances should become 1, too.",
            ),
            Misconception(
                lambda mean, log_variance: (
                    0.5 * np.sum(np.exp(log_variance) - 1 - log_variance) / len(mean)
                ),
                "In yours, only the variances cost something. The means should become 0, too.",
            ),
            Misconception(
                lambda mean, log_variance: (
                    0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 + log_variance) / len(mean)
                ),
                "Subtract the log variance. With a plus sign, a variance of nearly 0 would be a "
                "bargain.",
            ),
            Misconception(
                lambda mean, log_variance: (
                    0.5
                    * np.sum(mean**2 + np.exp(0.5 * log_variance) - 1 - log_variance)
                    / len(mean)
                ),
                "You used the standard deviation in place of the variance: take `exp` of the log "
                "variance itself, not of half of it.",
            ),
        ],
        hints=[
            "First, for each number of the code: 1/2 (mean² + variance - 1 - log variance).",
            "The variance is `np.exp(log_variance)`.",
            "Sum over everything, then divide by the number of images: `len(mean)`.",
        ],
    )
)
