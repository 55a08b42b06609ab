"""What of a sound has stayed and what has changed: pitch and timbre."""

from typing import Any

import numpy as np

from course_lib.transfer.audio.sounds import WINDOW, check_sound
from course_lib.transfer.audio.spectrograms import (
    HOP,
    spectrogram,
    take_apart,
    weighted_statistics,
)
from course_lib.transfer.instruments import RATE

LOWEST_PITCH, HIGHEST_PITCH = 70.0, 1000.0
# A period is hardly ever a whole number of samples: similarity is looked at between them, too.
FINER = 4


def pitches(sound: Any) -> np.ndarray:
    """The pitch over time.

    Args:
        sound: sound (samples,).

    Returns:
        Array (frames,) in Hz; NaN where it is quiet or has no pitch.

    Source: Boersma, "Accurate Short-Term Analysis of the Fundamental Frequency", 1993: the highest
    peak of the autocorrelation, divided by that of the window.
    """
    sound = check_sound(sound)
    length = 2 * WINDOW
    window = np.hanning(length)
    padded = np.pad(sound, length // 2)
    starts = np.arange(0, len(sound), HOP)
    frames = np.stack([padded[start : start + length] for start in starts]) * window
    similar = autocorrelation(frames) / autocorrelation(window[None])
    first, last = (int(FINER * RATE / pitch) for pitch in (HIGHEST_PITCH, LOWEST_PITCH))
    # A longer period fits as well as a shorter one: of equals, the shorter is meant.
    fit = similar[:, first:last] - 0.01 * np.log2(np.arange(first, last) / first)
    place = first + fit.argmax(axis=1)
    found = FINER * RATE / refined(similar, place)
    loud = np.sqrt(np.mean(frames**2, axis=1))
    return np.where((fit.max(axis=1) > 0.5) & (loud > 0.05 * loud.max()), found, np.nan)


def autocorrelation(frames: np.ndarray) -> np.ndarray:
    """How similar each row is to itself, moved by 0, 1, 2, ... quarters of a sample; 1 for 0."""
    length = frames.shape[1]
    power = np.abs(np.fft.rfft(frames, 2 * length, axis=1)) ** 2
    similar = np.fft.irfft(power, 2 * length * FINER, axis=1)[:, : length * FINER // 2]
    return similar / np.maximum(similar[:, :1], 1e-9)


def refined(similar: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The top of the parabola through a peak and its two neighbors, in quarters of a sample."""
    rows = np.arange(len(similar))
    left, middle, right = (similar[rows, place + step] for step in (-1, 0, 1))
    curve = np.minimum(left - 2 * middle + right, -1e-9)
    return place + np.clip(0.5 * (left - right) / curve, -0.5, 0.5)


def semitones_apart(sound: Any, other: Any) -> np.ndarray:
    """How far the pitches of two sounds of equal length are apart, frame by frame.

    Args:
        sound: sound (samples,).
        other: sound (samples,).

    Returns:
        Array of absolute differences in semitones, of the frames in which both have a pitch. A
        twelfth of an octave is one.
    """
    ratio = pitches(sound) / pitches(other)
    return np.abs(12 * np.log2(ratio[np.isfinite(ratio)]))


def timbre_distance(sound: Any, other: Any) -> float:
    """How different the mean envelopes of two sounds are.

    Args:
        sound: sound (samples,).
        other: sound (samples,), of any length.

    Returns:
        Root mean square difference in decibels. 0 for equal timbres.
    """
    own, theirs = (take_apart(spectrogram(one)) for one in (sound, other))
    means = [weighted_statistics(parts.timbre, parts.mask)[0] for parts in (own, theirs)]
    return float(np.sqrt(np.mean((means[0] - means[1]) ** 2)) * 20 / np.log(10))
