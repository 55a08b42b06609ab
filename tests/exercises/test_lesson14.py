"""Lesson 14: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
from scipy.fft import dct, idct, idctn

from tests.exercises.helpers import Wrong, accepts


def weights_of(frames):
    return dct(frames, axis=1, norm="ortho")


def masked(weights, keep):
    return idct(np.where(keep, weights, 0.0), axis=1, norm="ortho")


def over_time(frames, waves):
    weights = dct(frames, axis=0, norm="ortho")
    weights[waves:] = 0
    return idct(weights, axis=0, norm="ortho")


def numbers(frames):
    return np.arange(frames.shape[1])


def other_norm(frames, waves):
    weights = dct(frames, axis=1)
    weights[:, waves:] = 0
    return idct(weights, axis=1, norm="ortho")


SLOW_WAVES = [
    Wrong("over time", over_time, "smoothed over time"),
    Wrong(
        "fast waves",
        lambda frames, waves: masked(weights_of(frames), numbers(frames) >= waves),
        "kept the fast waves",
    ),
    Wrong(
        "one too many",
        lambda frames, waves: masked(weights_of(frames), numbers(frames) <= waves),
        "one wave too many",
    ),
    Wrong(
        "cut off",
        lambda frames, waves: idct(weights_of(frames)[:, :waves], axis=1, norm="ortho"),
        "instead of cutting them off",
    ),
    Wrong(
        "weights instead of frames",
        lambda frames, waves: np.where(numbers(frames) < waves, weights_of(frames), 0.0),
        "Go back to frequencies",
    ),
    Wrong("norm on the way back only", other_norm, "need the same norm"),
]


def average(values, weights):
    return (values * weights[:, None]).sum(0) / weights.sum()


def by_hand(maps, mask, epsilon=1e-5, center=None, root=np.sqrt):
    weights = mask.ravel()
    mean = average(maps, weights)
    around = mean if center is None else center
    return mean, root(average((maps - around) ** 2, weights) + epsilon)


def sums(maps, mask):
    total = mask.sum()
    mean = total * average(maps, mask.ravel())
    return mean, np.sqrt(total * average((maps - mean) ** 2, mask.ravel()) + 1e-5)


def quieter(maps, mask):
    return by_hand(maps * mask.reshape(-1, 1), np.ones(len(maps)))


LOUD_STATISTICS = [
    Wrong(
        "no mask",
        lambda maps, mask: by_hand(maps, np.ones(len(maps))),
        "silent frames count as much",
    ),
    Wrong(
        "around the plain mean",
        lambda maps, mask: by_hand(maps, mask, center=maps.mean(0)),
        "around the weighted one",
    ),
    Wrong(
        "standard deviation not weighted",
        lambda maps, mask: (by_hand(maps, mask)[0], np.sqrt(maps.var(0) + 1e-5)),
        "Weight its squares",
    ),
    Wrong("not divided", sums, "do not add up to 1"),
    Wrong("values made smaller", quieter, "should count less, not be smaller"),
    Wrong("variance", lambda maps, mask: by_hand(maps, mask, root=lambda x: x), "its square root"),
    Wrong(
        "no epsilon",
        lambda maps, mask: by_hand(maps, mask, epsilon=0.0),
        "1e-5 under the root is missing",
    ),
    Wrong(
        "epsilon outside of the root",
        lambda maps, mask: (by_hand(maps, mask)[0], by_hand(maps, mask, epsilon=0.0)[1] + 1e-5),
        "under the root, not",
    ),
]

MISTAKES = {"slow-waves": SLOW_WAVES, "loud-statistics": LOUD_STATISTICS}


def test_right_answers_in_other_words_are_accepted():
    accepts(
        "slow-waves",
        lambda frames, waves: idctn(
            weights_of(frames) * (numbers(frames) < waves), axes=[1], norm="ortho"
        ),
    )
    accepts("loud-statistics", by_hand)
