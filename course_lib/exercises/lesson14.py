"""Exercises of lesson 14, sound."""

from typing import Any

import numpy as np
from scipy.fft import dct, idct

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register
from course_lib.exercises.comparing import number

_random = np.random.default_rng(14)
_frames = _random.normal(size=(3, 16)).astype("float32")
_level = np.full((2, 8), 3.0, "float32")
_maps = _random.normal(size=(6, 4)).astype("float32")
_loud = np.array([1.0, 0.0, 0.5, 0.25, 0.0, 0.75], "float32")
_even = np.ones((1, 6, 1, 1), "float32")


# --- slow waves -----------------------------------------------------------------------------


def _kept(
    log_magnitudes: Any,
    waves: int,
    axis: int = 1,
    norm: str | None = "ortho",
    back: str | None = "ortho",
) -> Any:
    cepstrum = dct(log_magnitudes, axis=axis, norm=norm)
    cepstrum[(slice(None),) * axis + (slice(waves, None),)] = 0.0
    return idct(cepstrum, axis=axis, norm=back)


def _dropped(log_magnitudes: Any, waves: int) -> Any:
    cepstrum = dct(log_magnitudes, axis=1, norm="ortho")
    cepstrum[:, :waves] = 0.0
    return idct(cepstrum, axis=1, norm="ortho")


def _cut(log_magnitudes: Any, waves: int) -> Any:
    return idct(dct(log_magnitudes, axis=1, norm="ortho")[:, :waves], axis=1, norm="ortho")


def _cepstrum_alone(log_magnitudes: Any, waves: int) -> Any:
    cepstrum = dct(log_magnitudes, axis=1, norm="ortho")
    cepstrum[:, waves:] = 0.0
    return cepstrum


def _all_waves_change_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    found = answer(_frames, waves=_frames.shape[1])
    if not np.allclose(found, _frames, atol=1e-4):
        return NotYet(
            "with all 16 of 16 waves kept, the frames came back changed.",
            "Keep waves number 0 to waves - 1, and give dct and idct the same norm.",
        )
    return None


register(
    Exercise(
        id="slow-waves",
        lesson=14,
        title="The slow waves",
        reference="course_lib.transfer.audio:smooth_spectrum",
        cases=[
            Case("three random frames of 16 frequencies, 5 waves", _frames, waves=5),
            Case("two level frames of 8 frequencies, 1 wave", _level, waves=1),
        ],
        checks=[_all_waves_change_nothing],
        misconceptions=[
            Misconception(
                lambda log_magnitudes, waves: _kept(log_magnitudes, waves, axis=0),
                "You smoothed over time. Frequency is the second axis: axis=1.",
            ),
            Misconception(
                _dropped,
                "You kept the fast waves and dropped the slow ones. Do it the other way around.",
            ),
            Misconception(
                lambda log_magnitudes, waves: _kept(log_magnitudes, waves + 1),
                "You kept one wave too many: the first one is number 0.",
            ),
            Misconception(
                _cut,
                "Set the weights of the fast waves to 0 instead of cutting them off: a shorter row "
                "of weights gives a shorter frame.",
            ),
            Misconception(
                _cepstrum_alone,
                "These are the weights of the waves. Go back to frequencies with idct.",
            ),
            Misconception(
                lambda log_magnitudes, waves: _kept(log_magnitudes, waves, norm=None, back="ortho"),
                'Both directions need the same norm="ortho".',
            ),
            Misconception(
                lambda log_magnitudes, waves: log_magnitudes - _kept(log_magnitudes, waves),
                "This is what remains without the slow waves: the source, not the smooth curve.",
            ),
        ],
        hints=[
            "dct(log_magnitudes, axis=1, norm='ortho') gives each frame one weight per wave, "
            "slowest first.",
            "Set the weights to 0 from number `waves` on: weights[:, waves:] = 0.",
            "Return idct(weights, axis=1, norm='ortho').",
        ],
        tolerance=1e-4,
    )
)


# --- statistics in which the loud counts more ------------------------------------------------


def _statistics(maps: Any, mask: Any, epsilon: float = 1e-5) -> Any:
    weights = np.reshape(mask, -1) / np.sum(mask)
    mean = weights @ maps
    return mean, np.sqrt(weights @ (maps - mean) ** 2 + epsilon)


def _about_the_plain_mean(maps: Any, mask: Any) -> Any:
    mean, _ = _statistics(maps, mask)
    weights = np.reshape(mask, -1) / np.sum(mask)
    return mean, np.sqrt(weights @ (maps - maps.mean(0)) ** 2 + 1e-5)


def _not_divided(maps: Any, mask: Any) -> Any:
    weights = np.reshape(mask, -1)
    mean = weights @ maps
    return mean, np.sqrt(weights @ (maps - mean) ** 2 + 1e-5)


def _variance(maps: Any, mask: Any) -> Any:
    mean, std = _statistics(maps, mask)
    return mean, std**2


def _what_never_changes_can_be_divided_by(answer: Answer, reference: Answer) -> NotYet | None:
    _, std = answer(np.full((6, 2), 3.0, "float32"), _loud)
    if not np.allclose(std, np.sqrt(1e-5), rtol=0.01):
        return NotYet(
            f"a frequency that never changes got the standard deviation "
            f"{number(np.ravel(std)[0])}; "
            "expected was 0.003162.",
            "Add 1e-5 to the variance, under the root, not to the root itself.",
        )
    return None


register(
    Exercise(
        id="loud-statistics",
        lesson=14,
        title="Statistics in which the loud counts more",
        reference="course_lib.transfer.audio:weighted_statistics",
        cases=[
            Case("six frames of four frequencies, two of them silent", _maps, _loud),
            Case("six frames that count the same", _maps, _even),
            Case(
                "the same mask with axes for a batch and frequencies",
                _maps,
                _loud[None, :, None, None],
            ),
        ],
        checks=[_what_never_changes_can_be_divided_by],
        misconceptions=[
            Misconception(
                lambda maps, mask: (maps.mean(0), np.sqrt(maps.var(0) + 1e-5)),
                "You did not use the mask: silent frames count as much as loud ones.",
            ),
            Misconception(
                lambda maps, mask: (_statistics(maps, mask)[0], np.sqrt(maps.var(0) + 1e-5)),
                "The mean is right, but in your standard deviation silent frames count as much as "
                "loud ones. Weight its squares as well.",
            ),
            Misconception(
                _about_the_plain_mean,
                "Your standard deviation is around the plain mean. Take it around the "
                "weighted one.",
            ),
            Misconception(
                _not_divided,
                "Your weights do not add up to 1. Divide by their sum.",
            ),
            Misconception(
                lambda maps, mask: _statistics(
                    maps * np.reshape(mask, (-1, 1)), np.ones(len(maps))
                ),
                "You made the values of quiet frames smaller. They should count less, not be "
                "smaller.",
            ),
            Misconception(
                _variance, "This is the variance. The standard deviation is its square root."
            ),
            Misconception(
                lambda maps, mask: _statistics(maps, mask, epsilon=0.0),
                "The 1e-5 under the root is missing: later, a frequency that never changes would "
                "be divided by 0.",
            ),
        ],
        hints=[
            "weights = mask.reshape(-1) / mask.sum() is a row of shares that add up to 1.",
            "np.average(maps, axis=0, weights=weights) is the weighted mean.",
            "The variance is the weighted mean of (maps - mean) ** 2.",
        ],
        tolerance=1e-5,
    )
)
