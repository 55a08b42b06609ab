"""Instruments made of sines and noise, of which pitch and timbre are known exactly.

A note of an instrument is a row of harmonics, multiples of its pitch. How loud each of them is, and
how that changes while the note lasts, is its timbre.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

RATE = 16_000
# The top of what is rendered: above it, nothing would be heard at this rate.
HIGHEST = 0.45 * RATE
# Root mean square of what is played. It leaves room for the peaks of any timbre, as studios do.
LEVEL = 0.1
# Names of the notes of an octave, as MIDI numbers from C on.
NOTES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# (numbers of the harmonics, their frequencies in Hz) -> how loud each is.
Loudness = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Instrument:
    """How an instrument sounds.

    Attributes:
        harmonics: function (numbers of the harmonics, their frequencies in Hz) -> loudness.
        attack: seconds until a note is at its loudest.
        decay: seconds in which it falls to a third, or None where it lasts as long as it is held.
        vibrato: how far its pitch swings, as a share of the pitch.
        breath: loudness of the noise beside the harmonics.
        damping: how much faster each higher harmonic dies away.
    """

    harmonics: Loudness
    attack: float = 0.03
    decay: float | None = None
    vibrato: float = 0.0
    breath: float = 0.0
    damping: float = 0.0


def resonances(*peaks: tuple[float, float, float]) -> Loudness:
    """A loudness over frequency with peaks: tuples (center in Hz, width in Hz, height)."""

    def loudness(numbers: np.ndarray, hertz: np.ndarray) -> np.ndarray:
        total = sum(height * np.exp(-(((hertz - at) / width) ** 2)) for at, width, height in peaks)
        return (total + 0.01) / np.sqrt(numbers)

    return loudness


INSTRUMENTS = {
    "flute": Instrument(
        lambda numbers, hertz: 1.0 / numbers**2.5, attack=0.08, vibrato=0.006, breath=0.015
    ),
    "organ": Instrument(lambda numbers, hertz: np.isin(numbers, (1, 2, 3, 4, 6, 8)) / numbers**0.6),
    "trumpet": Instrument(
        resonances((1200, 700, 1.0), (2600, 900, 0.5)), attack=0.05, vibrato=0.003
    ),
    "clarinet": Instrument(
        lambda numbers, hertz: (numbers % 2 + 0.05) / numbers * np.exp(-hertz / 2500), attack=0.05
    ),
    "pluck": Instrument(
        lambda numbers, hertz: np.abs(np.sin(0.45 * np.pi * numbers)) / numbers,
        attack=0.003,
        decay=0.5,
        damping=0.35,
    ),
    "voice": Instrument(
        resonances((750, 150, 1.0), (1200, 180, 0.6), (2700, 300, 0.25)),
        attack=0.06,
        vibrato=0.012,
        breath=0.004,
    ),
}

MELODY = "C4 E4 G4 A4 G4 E4 D4 C4"
BASS_LINE = "G3 B3 D4 G4 D4 B3"


def hertz_of(note: str) -> float:
    """The pitch of a note.

    Args:
        note: letter, perhaps # or b, and octave: "A4", "C#5", "Eb3".

    Returns:
        Frequency in Hz; 440 for "A4".

    Raises:
        ValueError: there is no such note.
    """
    letter, accidental, octave = note[:1].upper(), note[1:-1], note[-1:]
    if letter not in NOTES or accidental not in ("", "#", "b") or not octave.isdigit():
        raise ValueError(f"there is no note {note!r}. Write them as C4, F#4 or Eb5.")
    number = NOTES[letter] + {"": 0, "#": 1, "b": -1}[accidental] + 12 * (int(octave) + 1)
    return 440.0 * 2.0 ** ((number - 69) / 12)


def play(
    instrument: str | Instrument, notes: str = MELODY, *, seconds_each: float = 0.36, seed: int = 0
) -> np.ndarray:
    """Play notes one after the other.

    Args:
        instrument: a name in `INSTRUMENTS`, or an `Instrument`.
        notes: names with spaces between them, for instance "C4 E4 G4"; "-" is a rest.
        seconds_each: how long each one lasts.
        seed: of the breath's noise.

    Returns:
        Sound: array (samples,) float32 in [-1, 1], at 16,000 samples a second.

    Raises:
        ValueError: an instrument or a note that there is not.
    """
    if isinstance(instrument, str):
        if instrument not in INSTRUMENTS:
            known = ", ".join(INSTRUMENTS)
            raise ValueError(f"there is no instrument {instrument!r}. There are: {known}.")
        instrument = INSTRUMENTS[instrument]
    generator = np.random.default_rng(seed)
    count = round(seconds_each * RATE)
    sounds = [
        np.zeros(count) if note == "-" else one_note(instrument, hertz_of(note), count, generator)
        for note in notes.split()
    ]
    sound = np.concatenate(sounds)
    return (LEVEL * sound / max(np.sqrt(np.mean(sound**2)), 1e-9)).astype("float32")


def one_note(
    instrument: Instrument, pitch: float, count: int, generator: np.random.Generator
) -> np.ndarray:
    """A note of an instrument: array (count,)."""
    time = np.arange(count)[:, None] / RATE
    numbers = np.arange(1, max(2, int(HIGHEST / pitch)))
    loud = instrument.harmonics(numbers, numbers * pitch)
    loud = loud / np.sqrt(np.sum(loud**2))
    swing = instrument.vibrato * np.sin(2 * np.pi * 5.5 * time) / (2 * np.pi * 5.5)
    waves = np.sin(2 * np.pi * pitch * numbers * (time + swing))
    if instrument.decay:
        faster = 1 + instrument.damping * (numbers - 1)
        loud = loud * np.exp(-time / instrument.decay * faster)
    sound = np.sum(loud * waves, axis=1)
    sound += instrument.breath * generator.normal(size=count)
    return sound * swell(time[:, 0], instrument.attack)


def swell(time: np.ndarray, attack: float, *, release: float = 0.04) -> np.ndarray:
    """How loud a note is over time: it begins and ends at 0, so that nothing clicks."""
    left = time[-1] - time
    return np.minimum(1 - np.exp(-3 * time / attack), 1.0) * np.minimum(left / release, 1.0)
