"""Style transfer for sound: what is played stays, what it is played on changes.

A spectrogram is a picture: time in one direction, frequency in the other. But a pattern that is
moved to another frequency is another note, so frequencies are treated as channels, and only time as
a direction to convolve along: features are (1, frames, 1, channels), and every loss of the course
works on them as it is.

Pitch and timbre are both in the frequencies. They are told apart as a source and a filter: the
fine, regular lines of the harmonics are the source, and carry the pitch; the smooth envelope over
them is the filter, and carries the timbre. Style transfer changes the envelope alone.

A sound is an array (samples,) float32 in [-1, 1] with `RATE` samples a second.
"""

import dataclasses
import io
import os
import pathlib

import keras
import numpy as np
from keras import ops

from course_lib import statistics
from course_lib.backend import compiled, value_and_gradient
from course_lib.checks import check_choice
from course_lib.errors import TransferError
from course_lib.files import write_atomically
from course_lib.losses import describe_style, style_distance
from course_lib.transfer.descent import adam_step
from course_lib.transfer.instruments import RATE

WINDOW, HOP = 1024, 256
FREQUENCIES = WINDOW // 2 + 1
# What is quieter counts as silence: 80 decibels below a full-scale sine.
SILENCE = 1e-4 * WINDOW / 4
# The envelope may bend as fast as cosines of this many half waves over all frequencies.
ENVELOPE_WAVES = 26
LOWEST_PITCH, HIGHEST_PITCH = 70.0, 1000.0
# A period is hardly ever a whole number of samples: similarity is looked at between them, too.
FINER = 4
METHODS = ("statistics", "gram", "gram on everything")
LONGEST_SECONDS = 600
FORMATS = ("wav", "flac", "ogg", "mp3")


# ---- files ------------------------------------------------------------------------------------


def load_sound(source):
    """Read a sound file.

    Args:
        source: path of a WAV, FLAC, OGG or MP3 file.

    Returns:
        Sound (samples,): one channel, `RATE` samples a second, whatever the file has.

    Raises:
        TransferError: there is no such file, it is none of sound, is empty, or too long.
    """
    import soundfile
    from scipy.signal import resample_poly

    if not isinstance(source, (str, os.PathLike)):
        raise TransferError(f"{type(source).__name__} is no path. Give that of a sound file.")
    path = pathlib.Path(source)
    if not path.is_file():
        raise TransferError(f"{path}: there is no such file.")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > LONGEST_SECONDS * file.samplerate:
                raise TransferError(
                    f"{path}: lasts {file.frames / file.samplerate / 60:.0f} minutes. Cut it to at "
                    f"most {LONGEST_SECONDS // 60}."
                )
            samples, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except soundfile.LibsndfileError as error:
        raise TransferError(f"{path}: cannot be read as sound ({error.error_string})") from error
    sound = samples.mean(axis=1)
    if rate != RATE and len(sound):
        step = np.gcd(rate, RATE)
        sound = resample_poly(sound, RATE // step, rate // step)
    return check_sound(sound, path)


def save_sound(sound, path, overwrite=False):
    """Write a sound to a file, whole or not at all.

    Args:
        sound: sound (samples,); what is beyond [-1, 1] is clipped.
        path: its ending says what it becomes: .wav, .flac, .ogg or .mp3.
        overwrite: replace a file that is there.

    Raises:
        TransferError: an ending that is not known, or a file that is there already.
    """
    path = pathlib.Path(path)
    data = to_bytes(check_sound(sound), path.suffix.removeprefix("."))
    if path.exists() and not overwrite:
        raise TransferError(f"{path}: is there already. Choose another name, or overwrite=True.")
    write_atomically(path, data)


def to_bytes(sound, format="mp3"):
    """A sound as the bytes of a file.

    Args:
        sound: array (samples,) in [-1, 1], `RATE` samples a second; what goes beyond is clipped.
        format: "wav", "flac", "ogg" or "mp3".

    Raises:
        TransferError: another format.
    """
    import soundfile

    if format not in FORMATS:
        raise TransferError(f"sounds are written as {', '.join(FORMATS)}, not as {format!r}.")
    data = io.BytesIO()
    soundfile.write(data, np.clip(sound, -1.0, 1.0), RATE, format=format)
    return data.getvalue()


def check_sound(sound, name="the sound"):
    """A sound as float32, or a TransferError that says what is wrong with it."""
    try:
        sound = np.asarray(sound, "float32")
    except (TypeError, ValueError) as error:
        raise TransferError(
            f"{name}: a sound is an array of numbers, not {type(sound)}."
        ) from error
    if sound.ndim != 1:
        raise TransferError(f"{name}: a sound has the shape (samples,), not {sound.shape}.")
    if len(sound) < 2 * WINDOW:
        raise TransferError(
            f"{name}: lasts {1000 * len(sound) / RATE:.0f} ms. At least "
            f"{2000 * WINDOW / RATE:.0f} ms are needed."
        )
    if not np.isfinite(sound).all():
        raise TransferError(f"{name}: holds values that are not numbers.")
    return sound


# ---- sound and spectrogram --------------------------------------------------------------------


def transform():
    """The short-time Fourier transform that all spectrograms here are made by."""
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    return ShortTimeFFT(hann(WINDOW, sym=False), HOP, RATE)


def spectrogram(sound):
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


def logarithm(waves):
    """Logarithms of magnitudes, in which silence is a number as well."""
    return np.log(np.abs(waves) + SILENCE).astype("float32")


def to_sound(log_magnitudes, like, iterations=60):
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
    magnitudes = np.maximum(np.exp(log_magnitudes.T) - SILENCE, 0.0)
    waves = magnitudes * np.exp(1j * np.angle(fourier.stft(like)))
    before = waves
    for _ in range(iterations):
        now = fourier.stft(fourier.istft(waves, k1=len(like)))
        pushed = now + 0.99 * (now - before)
        before = now
        waves = magnitudes * np.exp(1j * np.angle(pushed))
    sound = fourier.istft(waves, k1=len(like)).astype("float32")
    return sound / max(1.0, np.abs(sound).max())


# ---- source and filter ------------------------------------------------------------------------


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
    def mask(self):
        """How much each frame counts, (1, frames, 1, 1): silence has no timbre."""
        power = np.exp(self.loudness - self.loudness.max())
        return power[None, :, None].astype("float32")


def smooth(log_magnitudes, waves=ENVELOPE_WAVES):
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


def envelope(log_magnitudes, waves=ENVELOPE_WAVES, iterations=20):
    """A smooth line over the tops of the harmonics.

    Smoothing alone runs half way between tops and gaps. So the gaps are filled with the line found
    last, and it is smoothed again.

    Args:
        log_magnitudes: array (frames, frequencies).
        waves: as for `smooth`.
        iterations: how often to fill and smooth.

    Returns:
        Array of the same shape.

    Source: Röbel and Rodet, "Efficient Spectral Envelope Estimation", 2005, after Imai and Abe.
    """
    line = smooth(log_magnitudes, waves)
    for _ in range(iterations):
        line = smooth(np.maximum(log_magnitudes, line), waves)
    return line


def take_apart(log_magnitudes):
    """Loudness, timbre and source of a spectrogram (frames, frequencies)."""
    line = envelope(log_magnitudes)
    loudness = line.mean(axis=1, keepdims=True)
    return SoundParts(loudness, line - loudness, log_magnitudes - line)


def put_together(parts, timbre):
    """A spectrogram of a source with a timbre (frames, frequencies), as loud as it was."""
    return parts.loudness + timbre + parts.source


# ---- networks ---------------------------------------------------------------------------------


def as_images(maps):
    """Maps (frames, frequencies) as a batch (1, frames, 1, frequencies)."""
    return ops.convert_to_tensor(np.asarray(maps, "float32")[None, :, None])


def along_time(filters, width, name=None, **options):
    """A convolution along time over all frequencies at once."""
    return keras.layers.Conv2D(filters, (width, 1), padding="same", name=name, **options)


@keras.saving.register_keras_serializable("course_lib")
class SoundAutoencoder(keras.Model):
    """A convolutional autoencoder for spectrograms, with frequencies as channels.

    Args:
        code: number of channels of the code.
        hidden: number of channels between.
        width: frames that a convolution sees.
        frequencies: number of channels of the input.
    """

    def __init__(self, code=32, hidden=128, width=5, frequencies=FREQUENCIES, **kwargs):
        super().__init__(**kwargs)
        self.options = {
            "code": code, "hidden": hidden, "width": width, "frequencies": frequencies
        }  # fmt: skip
        self.encoder_layers = [along_time(hidden, width, activation="relu"), along_time(code, 1)]
        self.decoder_layers = [
            along_time(hidden, 1, activation="relu"), along_time(frequencies, width)
        ]  # fmt: skip
        sizes = [frequencies, hidden, code, hidden]
        for layer, channels in zip(self.encoder_layers + self.decoder_layers, sizes, strict=True):
            layer.build((None, None, 1, channels))
        self.built = True

    def encode(self, maps):
        """Code (batch, frames, 1, code) of maps (batch, frames, 1, frequencies)."""
        for layer in self.encoder_layers:
            maps = layer(maps)
        return maps

    def decode(self, code):
        """The way back."""
        for layer in self.decoder_layers:
            code = layer(code)
        return code

    def call(self, maps):
        """Encode and decode."""
        return self.decode(self.encode(maps))

    def get_config(self):
        """What it takes to build another one like it."""
        return super().get_config() | self.options


def random_features(filters=256, width=11, frequencies=FREQUENCIES, seed=0):
    """One convolution along time with random kernels: enough to describe a sound's texture.

    Args:
        filters: number of kernels.
        width: frames that each of them sees.
        frequencies: number of channels of the input.
        seed: of the kernels.

    Returns:
        A layer (batch, frames, 1, frequencies) -> (batch, frames, 1, filters).

    Source: Ulyanov and Lebedev, "Audio Texture Synthesis and Style Transfer", 2016, who take 4,096
    kernels.
    """
    deviation = np.sqrt(2.0 / (width * frequencies))
    kernels = keras.initializers.RandomNormal(stddev=deviation, seed=seed)
    layer = along_time(filters, width, activation="relu", kernel_initializer=kernels)
    layer.build((None, None, 1, frequencies))
    layer.trainable = False
    return layer


# ---- transfer ---------------------------------------------------------------------------------


class SoundTransfer:
    """Give a sound the timbre of another one.

    Args:
        method: "statistics" gives every frequency of the timbre the style's mean and deviation over
            time, which is AdaIN without a network; "gram" looks for a timbre with the style's Gram
            matrix of random features; "gram on everything" does that to the whole spectrogram, as
            it was first published, where the style's pitches come through.
        steps: how many steps "gram" takes.
        content_weight: how much "gram" holds on to the content's timbre.
        seed: of the random features.
    """

    def __init__(self, method="gram", steps=150, content_weight=0.02, seed=0):
        check_choice("method", method, METHODS)
        self.method, self.steps = method, steps
        self.content_weight, self.seed = content_weight, seed

    def __call__(self, content, style, strength=1.0, progress=None):
        """Transfer the timbre.

        Args:
            content: sound (samples,), whose pitch and rhythm stay.
            style: sound (samples,), of any length, whose timbre is wanted.
            strength: 0 keeps the content, 1 is full style.
            progress: function (share from 0 to 1) called between steps, or None.

        Returns:
            Sound (samples,) as long and as loud as the content.

        Raises:
            TransferError: see `check_sound`, or a style of silence.
        """
        content, style = check_sound(content, "content"), check_sound(style, "style")
        if not np.abs(style).max() > 1e-3:
            raise TransferError("style: is silent, so it has no timbre.")
        seen = spectrogram(content)
        wanted = self.transferred(seen, spectrogram(style), progress)
        sound = to_sound(seen + strength * (wanted - seen), content)
        return as_loud_as(content, sound)

    def transferred(self, content, style, progress=None):
        """The wanted spectrogram, from two spectrograms."""
        if self.method == "gram on everything":
            plain = np.ones((1, len(content), 1, 1), "float32")
            wanted = np.ones((1, len(style), 1, 1), "float32")
            return self.optimized(content, style, plain, wanted, progress)
        own, other = take_apart(content), take_apart(style)
        timbre = matched(own, other)
        if self.method == "gram":
            timbre = self.optimized(timbre, other.timbre, own.mask, other.mask, progress)
        return put_together(own, timbre)

    def optimized(self, start, style, mask, style_mask, progress=None):
        """Maps near ``start`` with the style's Gram matrix of random features.

        Args:
            start: array (frames, frequencies).
            style: array (other frames, frequencies).
            mask: how much each frame of the content counts, (1, frames, 1, 1).
            style_mask: the same for the style.
            progress: as above.

        Returns:
            Array (frames, frequencies).
        """
        layer = random_features(seed=self.seed)
        center, scale = style.mean(), style.std() + 1e-6
        wanted = describe_style(layer(as_images((style - center) / scale)), "gram", style_mask)
        first = as_images((start - center) / scale)
        features = layer(first)
        power = ops.mean(ops.square(features))

        def loss(maps):
            found = layer(maps)
            content = ops.mean(ops.square(found - features)) / power
            texture = style_distance(describe_style(found, "gram", mask), wanted, "gram")
            return texture + self.content_weight * content, {}

        maps = descend(loss, first, self.steps, progress)
        return ops.convert_to_numpy(maps)[0, :, 0] * scale + center


def matched(own, other):
    """The timbre moved so that every frequency has the other's mean and deviation over time.

    Args:
        own: `SoundParts` whose timbre is moved.
        other: `SoundParts` whose timbre is wanted.

    Returns:
        Array (frames, frequencies).
    """
    have, want = (weighted_statistics(parts.timbre, parts.mask) for parts in (own, other))
    # Time plays the part of the positions of a picture: this is `statistics.adain`, weighted.
    return (own.timbre - have[0]) / have[1] * want[1] + want[0]


def weighted_statistics(maps, mask):
    """Mean and deviation over time of maps (frames, frequencies), each frame as loud as it is."""
    weights = mask.reshape(-1)
    mean = np.average(maps, axis=0, weights=weights)
    variance = np.average((maps - mean) ** 2, axis=0, weights=weights)
    return mean, np.sqrt(variance + statistics.EPSILON)


def descend(loss, maps, steps, progress=None, rate=0.05, block=10):
    """Adam on maps, whose values may be any.

    Args:
        loss: function maps -> (scalar, dictionary).
        maps: tensor to begin with.
        steps: how many steps to take.
        progress: function (share) called after each block of steps.
        rate: size of a step.
        block: steps that are compiled together.

    Returns:
        The maps found.
    """

    def several(state):
        maps, mean, square, count = state
        for _ in range(block):
            _, _, slope = value_and_gradient(loss, maps)
            state = adam_step(maps, slope, mean, square, count, rate, -np.inf, np.inf)
            maps, mean, square, count = state
        return state

    run = compiled(several)
    state = (maps, ops.zeros_like(maps), ops.zeros_like(maps), ops.zeros(()))
    for done in range(0, steps, block):
        state = run(state)
        if progress is not None:
            progress(min(1.0, (done + block) / steps))
    return state[0]


def as_loud_as(content, sound):
    """The sound with the content's mean power, never beyond [-1, 1]."""
    power, wanted = np.mean(sound**2), np.mean(content**2)
    sound = sound * np.sqrt(wanted / max(power, 1e-12))
    return (sound / max(1.0, np.abs(sound).max())).astype("float32")


# ---- measuring --------------------------------------------------------------------------------


def pitches(sound):
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


def autocorrelation(frames):
    """How similar each row is to itself, moved by 0, 1, 2, ... quarters of a sample; 1 for 0."""
    length = frames.shape[1]
    power = np.abs(np.fft.rfft(frames, 2 * length, axis=1)) ** 2
    similar = np.fft.irfft(power, 2 * length * FINER, axis=1)[:, : length * FINER // 2]
    return similar / np.maximum(similar[:, :1], 1e-9)


def refined(similar, place):
    """The top of the parabola through a peak and its two neighbors, in quarters of a sample."""
    rows = np.arange(len(similar))
    left, middle, right = (similar[rows, place + step] for step in (-1, 0, 1))
    curve = np.minimum(left - 2 * middle + right, -1e-9)
    return place + np.clip(0.5 * (left - right) / curve, -0.5, 0.5)


def semitones_apart(sound, other):
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


def timbre_distance(sound, other):
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
