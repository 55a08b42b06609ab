"""Style transfer for sound: what is played stays, what it is played on changes.

A spectrogram is an image: time in one direction, frequency in the other. But a pattern that is
moved to another frequency is another note, so frequencies are treated as channels, and only time as
a direction to convolve along: features are (1, frames, 1, channels), and every loss of the course
works on them as it is.

Pitch and timbre are both in the frequencies. They are told apart as a source and a filter: the
fine, regular lines of the harmonics are the source, and carry the pitch; the smooth envelope over
them is the filter, and carries the timbre. Style transfer changes the envelope alone.

A sound is an array (samples,) float32 in [-1, 1] with `RATE` samples a second.
"""

from course_lib.transfer.audio.measures import pitches, semitones_apart, timbre_distance
from course_lib.transfer.audio.networks import SoundAutoencoder, as_images, random_features
from course_lib.transfer.audio.sounds import (
    WINDOW,
    check_sound,
    load_sound,
    save_sound,
    to_bytes,
)
from course_lib.transfer.audio.spectrograms import (
    ENVELOPE_WAVES,
    FREQUENCIES,
    HOP,
    SoundParts,
    envelope,
    put_together,
    smooth_spectrum,
    spectrogram,
    take_apart,
    to_sound,
    weighted_statistics,
)
from course_lib.transfer.audio.transfer import METHODS, SoundTransfer, matched
from course_lib.transfer.instruments import RATE

__all__ = [
    "ENVELOPE_WAVES",
    "FREQUENCIES",
    "HOP",
    "METHODS",
    "RATE",
    "WINDOW",
    "SoundAutoencoder",
    "SoundParts",
    "SoundTransfer",
    "as_images",
    "check_sound",
    "envelope",
    "load_sound",
    "matched",
    "pitches",
    "put_together",
    "random_features",
    "save_sound",
    "semitones_apart",
    "smooth_spectrum",
    "spectrogram",
    "take_apart",
    "timbre_distance",
    "to_bytes",
    "to_sound",
    "weighted_statistics",
]  # fmt: skip
