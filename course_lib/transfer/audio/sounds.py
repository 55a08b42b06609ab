"""Sounds: what one is, and as files."""

import io
import itertools
import os
import pathlib
from typing import Any

import numpy as np

from course_lib.errors import TransferError
from course_lib.files import check_target, write_file
from course_lib.transfer.clips.movies import open_container
from course_lib.transfer.instruments import RATE

# Samples of the pieces that a sound is looked at in; a sound has at least two of them.
WINDOW = 1024
LONGEST_SECONDS = 600
FORMATS = ("wav", "flac", "ogg", "mp3")


def load_sound(source: str | os.PathLike) -> np.ndarray:
    """Read a sound file.

    Args:
        source: path of a WAV, FLAC, OGG or MP3 file, or of any other sound or video that FFmpeg
            knows, such as M4A.

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
        return check_sound(_by_ffmpeg(path, error.error_string), name=path)
    sound = samples.mean(axis=1)
    if rate != RATE and len(sound):
        step = np.gcd(rate, RATE)
        sound = resample_poly(sound, RATE // step, rate // step)
    return check_sound(sound, name=path)


def _by_ffmpeg(path: pathlib.Path, reason: str) -> np.ndarray:
    """What FFmpeg reads of a sound file that libsndfile does not."""
    import av

    try:
        with open_container(path) as container:
            if not container.streams.audio:
                raise TransferError(f"{path}: there is no sound in it.")
            resampler, parts, count = av.AudioResampler("flt", "mono", RATE), [], 0
            for frame in itertools.chain(container.decode(audio=0), [None]):
                for part in resampler.resample(frame):
                    parts.append(part.to_ndarray()[0])
                    count += len(parts[-1])
                if count > LONGEST_SECONDS * RATE:
                    raise TransferError(
                        f"{path}: lasts more than {LONGEST_SECONDS // 60} minutes. Cut it."
                    )
    except (av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, TransferError):
            raise
        raise TransferError(f"{path}: cannot be read as sound ({reason})") from error
    return np.concatenate(parts) if parts else np.zeros(0, "float32")


def save_sound(sound: Any, path: str | os.PathLike, *, overwrite: bool = False) -> None:
    """Write a sound to a file, whole or not at all.

    Args:
        sound: sound (samples,); what is beyond [-1, 1] is clipped.
        path: its ending says what it becomes: .wav, .flac, .ogg or .mp3.
        overwrite: replace a file that is there.

    Raises:
        TransferError: an ending that is not known, or no sound.
        FileError: a file that is there already, or the file system refused.
    """
    target = check_target(path, overwrite=overwrite)
    data = to_bytes(check_sound(sound), format=target.suffix.removeprefix("."))
    write_file(target, data, overwrite=overwrite)


def to_bytes(sound: Any, *, format: str = "mp3") -> bytes:
    """A sound as the bytes of a file.

    Args:
        sound: array (samples,) in [-1, 1], `RATE` samples a second; what goes beyond is clipped.
        format: "wav", "flac", "ogg" or "mp3".

    Raises:
        TransferError: another format.
    """
    import soundfile

    format = format.lower()
    if format not in FORMATS:
        raise TransferError(f"sounds are written as {', '.join(FORMATS)}, not as {format!r}.")
    data = io.BytesIO()
    soundfile.write(data, np.clip(sound, -1.0, 1.0), RATE, format=format)
    return data.getvalue()


def check_sound(sound: Any, *, name: Any = "the sound") -> np.ndarray:
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
