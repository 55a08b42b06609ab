"""Sounds as spectrograms and back, and a spectrogram taken apart into source and filter."""

import dataclasses
from typing import Any

import numpy as np

from course_lib import statistics
from course_lib.transfer.audio.sounds import WINDOW, check_sound
from course_lib.transfer.instruments import RATE

HOP = WINDOW // 4
FREQUENCIES = WINDOW // 2 + 1
# What is quieter counts as silence: 94 decibels below a full-scale sine.
SILENCE = 2e-5 * WINDOW / 4
# The envelope may bend as fast as cosines of this many half waves over all frequencies.
ENVELOPE_WAVES = 26


def transform() -> Any:
    """The short-time Fourier transform that all spectrograms here are made by."""
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    return ShortTimeFFT(hann(WINDOW, sym=False), HOP, RATE)


def spectrogram(sound: Any) -> np.ndarray:
    """How loud each frequency is at each time, as a logarithm.

    Args:
        sound: sound (samples,).

    Returns:
        Array (frames, frequencies) float32, natural logarithms of magnitudes. There are 62.5 frames
        a second; the 513 frequencies reach from 0 to 8,000 Hz.

    Raises:
        TransferError: see `check_sound`.
    """
    return logarithm(transform().stft(check_sound(sound)).T)


def logarithm(waves: np.ndarray) -> np.ndarray:
    """Logarithms of magnitudes, in which silence is a number as well."""
    return np.log(np.abs(waves) + SILENCE).astype("float32")


def magnitudes(log_magnitudes: np.ndarray) -> np.ndarray:
    """The way back from `logarithm`, without phases."""
    return np.maximum(np.exp(log_magnitudes) - SILENCE, 0.0)


def to_sound(log_magnitudes: np.ndarray, like: np.ndarray, *, iterations: int = 60) -> np.ndarray:
    """A sound with a given spectrogram: its phases have to be found.

    A spectrogram does not say where in its swing each wave is. Griffin and Lim go back and forth:
    they make a sound with some phases, look which phases that sound really has, and take those.

    Args:
        log_magnitudes: array (frames, frequencies), as `spectrogram` gives it.
        like: a sound (samples,) of the wanted length, whose phases are the first guess.
        iterations: how often to go back and forth.

    Returns:
        Sound (samples,), made quieter where it would be louder than 1.

    Source: Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984;
    sped up as in Perraudin, Balazs and Sondergaard, "A Fast Griffin-Lim Algorithm", 2013.
    """
    fourier = transform()
    wanted = magnitudes(log_magnitudes.T)
    # What is silent has no phases, only those that rounding and the window give it: they agree with
    # each other, and would make a click of whatever the transfer puts there. Noise has none.
    hiss = np.random.default_rng(0).normal(0, SILENCE / np.sqrt(WINDOW / 4), len(like))
    waves = wanted * np.exp(1j * np.angle(fourier.stft(like + hiss)))
    before = waves
    for _ in range(iterations):
        now = fourier.stft(fourier.istft(waves, k1=len(like)))
        pushed = now + 0.99 * (now - before)
        before = now
        waves = wanted * np.exp(1j * np.angle(pushed))
    sound = fourier.istft(waves, k1=len(like)).astype("float32")
    return sound / max(1.0, np.abs(sound).max())


@dataclasses.dataclass(frozen=True)
class SoundParts:
    """A spectrogram taken apart; the sum of the three is the spectrogram.

    Attributes:
        loudness: array (frames, 1): the mean over frequencies, which carries the rhythm.
        timbre: array (frames, frequencies): the smooth envelope, its mean 0 in each frame.
        source: array (frames, frequencies): what is left, the harmonics, which carry the pitch.
    """

    loudness: np.ndarray
    timbre: np.ndarray
    source: np.ndarray

    @property
    def mask(self) -> np.ndarray:
        """How much each frame counts, (1, frames, 1, 1): silence has no timbre."""
        power = np.exp(self.loudness - self.loudness.max())
        return power[None, :, None].astype("float32")


def smooth_spectrum(log_magnitudes: np.ndarray, *, waves: int = ENVELOPE_WAVES) -> np.ndarray:
    """Leave of every frame only slow changes over frequency.

    Args:
        log_magnitudes: array (frames, frequencies).
        waves: number of cosines to keep.

    Returns:
        Array of the same shape.

    Source: Noll, "Cepstrum Pitch Determination", 1967: the cosines' weights are the cepstrum.
    """
    from scipy.fft import dct, idct

    cepstrum = dct(log_magnitudes, axis=1, norm="ortho")
    cepstrum[:, waves:] = 0.0
    return idct(cepstrum, axis=1, norm="ortho")


def envelope(
    log_magnitudes: np.ndarray, *, waves: int = ENVELOPE_WAVES, iterations: int = 20
) -> np.ndarray:
    """A smooth line over the tops of the harmonics.

    Smoothing alone runs half way between tops and gaps. So the gaps are filled with the line found
    last, and it is smoothed again.

    Args:
        log_magnitudes: array (frames, frequencies).
        waves: as for `smooth_spectrum`.
        iterations: how often to fill and smooth.

    Returns:
        Array of the same shape.

    Source: Röbel and Rodet, "Efficient Spectral Envelope Estimation", 2005, after Imai and Abe.
    """
    line = smooth_spectrum(log_magnitudes, waves=waves)
    for _ in range(iterations):
        line = smooth_spectrum(np.maximum(log_magnitudes, line), waves=waves)
    return line


def take_apart(log_magnitudes: np.ndarray) -> SoundParts:
    """Loudness, timbre and source of a spectrogram (frames, frequencies)."""
    line = envelope(log_magnitudes)
    loudness = line.mean(axis=1, keepdims=True)
    return SoundParts(loudness, line - loudness, log_magnitudes - line)


def put_together(parts: SoundParts, timbre: np.ndarray) -> np.ndarray:
    """A spectrogram of a source with a timbre (frames, frequencies).

    Another timbre makes a source louder or softer, and in frames that hardly count, as at the end
    of a note, without any limit. So each frame gets the power back that it had.
    """
    before, after = (
        magnitudes(parts.loudness + line + parts.source) for line in (parts.timbre, timbre)
    )
    power = np.sum(before**2, axis=1, keepdims=True)
    changed = np.sum(after**2, axis=1, keepdims=True)
    return logarithm(after * np.sqrt(power / np.maximum(changed, 1e-12)))


def weighted_statistics(maps: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over time of maps (frames, frequencies), weighted by loudness."""
    weights = mask.reshape(-1)
    mean = np.average(maps, axis=0, weights=weights)
    variance = np.average((maps - mean) ** 2, axis=0, weights=weights)
    return mean, np.sqrt(variance + statistics.EPSILON)
