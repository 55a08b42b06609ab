"""Sound: files, spectrograms, source and filter, and the transfer of timbre."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from scipy.ndimage import maximum_filter1d

from course_lib.errors import FileError, TransferError
from course_lib.transfer import audio
from course_lib.transfer.audio import SoundTransfer
from course_lib.transfer.audio.transfer import limited
from course_lib.transfer.instruments import (
    BASS_LINE,
    INSTRUMENTS,
    MELODY,
    RATE,
    hertz_of,
    play,
)
from tests.helpers.films import evenly, film


@pytest.fixture(scope="module")
def flute():
    return play("flute", "C4 E4 G4 A4")


@pytest.fixture(scope="module")
def trumpet():
    return play("trumpet", "G3 D4 B3")


# ---- instruments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "hertz"),
    [("A4", 440.0), ("A3", 220.0), ("C4", 261.63), ("Bb4", 466.16), ("F#5", 739.99)],
)
def test_notes_have_the_pitches_of_the_scale(note, hertz):
    assert hertz_of(note) == pytest.approx(hertz, rel=1e-4)


@pytest.mark.parametrize("note", ["", "H4", "C", "4", "C##4", "Cx"])
def test_what_is_no_note_is_refused(note):
    with pytest.raises(ValueError, match="there is no note"):
        hertz_of(note)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_plays_the_pitches_asked_for(name):
    sound = play(name, MELODY)
    notes = MELODY.split()
    assert sound.dtype == np.float32 and np.abs(sound).max() <= 1
    found = np.array_split(audio.pitches(sound), len(notes))
    heard = np.array([np.nanmedian(frames[4:-4]) for frames in found])
    wanted = np.array([hertz_of(note) for note in notes])
    assert np.abs(12 * np.log2(heard / wanted)).max() < 0.2


def test_a_rest_is_silent_and_unknown_instruments_are_listed():
    sound = play("organ", "A4 - A4", seconds_each=0.2)
    assert np.abs(sound[int(0.2 * RATE) : int(0.4 * RATE)]).max() == 0
    assert np.isnan(audio.pitches(play("organ", "A4 - - A4"))[30:40]).all()
    with pytest.raises(ValueError, match=r"'harp'. There are: flute, organ"):
        play("harp")


# ---- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "error"), [("wav", 1e-4), ("WAV", 1e-4), ("flac", 1e-4), ("ogg", 0.1), ("mp3", None)]
)
def test_files_are_written_and_read(tmp_path, flute, ending, error):
    audio.save_sound(flute, tmp_path / f"flute.{ending}")
    back = audio.load_sound(tmp_path / f"flute.{ending}")
    assert back.dtype == np.float32
    if error:
        assert np.abs(back[: len(flute)] - flute).max() < error
    assert np.nanmax(audio.semitones_apart(back[: len(flute)], flute)) < 0.5


def test_other_rates_and_channels_are_brought_to_ours(tmp_path):
    import soundfile

    time = np.arange(44_100) / 44_100
    left = np.sin(2 * np.pi * 440 * time)
    soundfile.write(tmp_path / "stereo.wav", np.stack([left, 0.5 * left], axis=1), 44_100)
    sound = audio.load_sound(tmp_path / "stereo.wav")
    assert len(sound) == RATE
    assert np.nanmedian(audio.pitches(sound)) == pytest.approx(440, rel=2e-3)
    assert np.abs(sound[1000:-1000]).max() == pytest.approx(0.75, abs=0.02)


def test_what_libsndfile_does_not_read_is_read_by_ffmpeg(tmp_path):
    path = film(tmp_path / "film.mp4", evenly(3), sound=1.0).rename(tmp_path / "sound.m4a")
    sound = audio.load_sound(path)
    assert len(sound) == pytest.approx(RATE, abs=0.06 * RATE)
    # The film's tone has an amplitude of 0.3 and one period in 2 pi 17 / 48,000 seconds.
    # By its power: single peaks depend on the version of the encoder.
    assert np.sqrt(2) * sound[2000:-2000].std() == pytest.approx(0.3, abs=0.05)
    tone = np.fft.rfftfreq(len(sound), 1 / RATE)[np.abs(np.fft.rfft(sound)).argmax()]
    assert tone == pytest.approx(48_000 / (2 * np.pi * 17), abs=3)
    with pytest.raises(TransferError, match="no sound in it"):
        audio.load_sound(film(tmp_path / "silent.mp4", evenly(3)))


def test_nothing_is_overwritten_unless_asked(tmp_path, flute, trumpet):
    audio.save_sound(flute, tmp_path / "sound.wav")
    before = (tmp_path / "sound.wav").read_bytes()
    with pytest.raises(FileError, match="is there already"):
        audio.save_sound(trumpet, tmp_path / "sound.wav")
    assert (tmp_path / "sound.wav").read_bytes() == before
    audio.save_sound(trumpet, tmp_path / "sound.wav", overwrite=True)
    assert (tmp_path / "sound.wav").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["sound.wav"]


def test_bad_files_say_what_is_wrong(tmp_path, flute):
    with pytest.raises(TransferError, match=r"missing\.wav: there is no such file"):
        audio.load_sound(tmp_path / "missing.wav")
    (tmp_path / "text.wav").write_text("not a sound")
    with pytest.raises(TransferError, match=r"text\.wav: cannot be read as sound"):
        audio.load_sound(tmp_path / "text.wav")
    audio.save_sound(flute, tmp_path / "whole.flac")
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:20])
    with pytest.raises(TransferError, match=r"cut\.flac"):
        audio.load_sound(tmp_path / "cut.flac")
    with pytest.raises(TransferError, match="not as 'doc'"):
        audio.save_sound(flute, tmp_path / "sound.doc")


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (np.zeros((100, 2)), r"shape \(samples,\), not \(100, 2\)"),
        (np.zeros(100), "lasts 6 ms. At least 128 ms"),
        (np.full(RATE, np.nan), "not numbers"),
        (["a"], "array of numbers"),
    ],
)
def test_bad_sounds_say_what_is_wrong(sound, message):
    with pytest.raises(TransferError, match=message):
        audio.spectrogram(sound)


def test_a_silent_style_is_refused(flute):
    with pytest.raises(TransferError, match="silent"):
        SoundTransfer("statistics")(flute, np.zeros(RATE))


# ---- spectrograms -----------------------------------------------------------------------------


def test_a_sine_is_one_line_at_its_frequency():
    sine = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    seen = audio.spectrogram(sine)
    assert seen.shape[1] == audio.FREQUENCIES
    assert (seen[10:-10].argmax(axis=1) == round(1000 * audio.WINDOW / RATE)).all()


def test_a_spectrogram_with_its_phases_gives_the_sound_back(flute):
    back = audio.to_sound(audio.spectrogram(flute), flute, iterations=5)
    assert np.abs(back - flute).max() < 1e-3


def test_phases_are_found(flute):
    seen = audio.spectrogram(flute)
    noise = np.random.default_rng(0).normal(size=len(flute))
    errors = [
        np.abs(audio.spectrogram(audio.to_sound(seen, noise, iterations=count)) - seen).mean()
        for count in (0, 5, 60)
    ]
    assert errors[0] > 1.2 * errors[1] > 1.2 * 1.2 * errors[2]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 6))
def test_the_parts_add_up_and_the_envelope_lies_on_top(seed, frames):
    log = np.random.default_rng(seed).normal(size=(frames, audio.FREQUENCIES)).astype("float32")
    parts = audio.take_apart(log)
    np.testing.assert_allclose(audio.put_together(parts, parts.timbre), log, atol=1e-4)
    assert np.abs(parts.timbre.mean(axis=1)).max() < 1e-4
    line = parts.loudness + parts.timbre
    assert (line - audio.smooth_spectrum(log)).mean() > 0
    np.testing.assert_allclose(audio.smooth_spectrum(line), line, atol=1e-3)


def test_louder_is_another_loudness_and_the_same_timbre(trumpet):
    loud, quiet = (audio.take_apart(audio.spectrogram(factor * trumpet)) for factor in (1.0, 0.5))
    heard = loud.loudness[:, 0] > np.median(loud.loudness)
    drop = (loud.loudness - quiet.loudness)[heard]
    np.testing.assert_allclose(drop, np.log(2), atol=0.2)
    assert np.abs(loud.timbre - quiet.timbre)[heard].mean() < 0.2


# ---- transfer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["statistics", "gram"])
@pytest.mark.parametrize(("content", "style"), [("flute", "trumpet"), ("voice", "pluck")])
def test_pitch_is_kept_and_timbre_moves_to_the_style(method, content, style):
    melody, other = play(content, "C4 E4 G4 A4"), play(style, BASS_LINE)
    result = SoundTransfer(method, steps=20)(melody, other)
    assert result.shape == melody.shape and np.abs(result).max() <= 1
    assert np.mean(audio.semitones_apart(result, melody) < 1) > 0.85
    assert audio.timbre_distance(result, other) < 0.5 * audio.timbre_distance(melody, other)


SHORT = "C4 G4 E4"


def tone_and_noise():
    """A tone that fades away, the same backwards, and noise that stays as loud as it is."""
    time = np.arange(RATE) / RATE
    fading = 0.5 * np.sin(2 * np.pi * 440 * time) * (1 - time)
    noise = 0.2 * np.random.default_rng(0).normal(size=RATE)
    return {"fading": fading, "rising": fading[::-1], "noise": noise}


def decibels(sound, other):
    return 10 * np.log10(np.mean(sound**2) / np.mean(other**2))


def pieces(sound, length=RATE // 50):
    """How loud pieces of 20 ms are, one every 5 ms."""
    power = np.convolve(sound**2, np.ones(length) / length, "same")
    return np.sqrt(power[:: length // 4])


def loudest_beyond(sound, content):
    """By how many decibels a piece is louder than all of the content within 64 ms of it."""
    near = maximum_filter1d(pieces(content), 2 * int(0.064 / 0.005) + 1)
    return np.max(20 * np.log10(pieces(sound) / np.maximum(near, 0.02 * near.max())))


def is_as_loud_as_its_content(sound, content):
    assert sound.shape == content.shape and np.abs(sound).max() <= 1
    assert abs(decibels(sound, content)) < 0.5
    assert loudest_beyond(sound, content) < 2.0


@pytest.mark.parametrize(("content", "style"), list(itertools.permutations(INSTRUMENTS, 2)))
def test_every_instrument_on_every_other_is_as_loud_as_it_was(content, style):
    melody = play(content, SHORT, seconds_each=0.25)
    sound = SoundTransfer("statistics")(melody, play(style, "G3 D4 B3", seconds_each=0.25))
    is_as_loud_as_its_content(sound, melody)


@pytest.mark.parametrize(("content", "style"), list(itertools.pairwise([*INSTRUMENTS, "flute"])))
def test_by_gram_each_instrument_is_as_loud_as_it_was(content, style):
    melody = play(content, SHORT, seconds_each=0.25)
    sound = SoundTransfer("gram", steps=20)(melody, play(style, "G3 D4 B3", seconds_each=0.25))
    is_as_loud_as_its_content(sound, melody)


@pytest.mark.parametrize("method", ["statistics", "gram"])
@pytest.mark.parametrize(
    ("content", "style"),
    [("fading", "noise"), ("rising", "noise"), ("noise", "fading"), ("fading", "trumpet")],
)
def test_what_fades_or_hisses_gets_no_click(method, content, style, trumpet):
    sounds = tone_and_noise() | {"trumpet": trumpet}
    sound = SoundTransfer(method, steps=20)(sounds[content], sounds[style])
    is_as_loud_as_its_content(sound, sounds[content])


def full_scale(instrument):
    sound = play(instrument, SHORT)
    return sound / np.abs(sound).max()


def test_peaks_are_turned_down_where_the_content_is_loud():
    loud = full_scale("voice")
    sound = SoundTransfer("statistics")(loud, play("pluck"))
    is_as_loud_as_its_content(sound, loud)
    assert np.abs(sound).max() > 0.95


def test_what_cannot_be_that_loud_is_as_loud_as_it_can():
    loud = full_scale("flute")
    sound = SoundTransfer("statistics")(loud, play("trumpet"))
    assert np.abs(sound).max() == pytest.approx(1.0, abs=1e-3)
    assert -9 < decibels(sound, loud) < -3 and loudest_beyond(sound, loud) < 2.0


def test_a_limiter_touches_only_what_is_beyond():
    sound = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    np.testing.assert_array_equal(limited(sound), sound)
    sound[8000:8040] *= 3
    quiet = np.ones(RATE, bool)
    quiet[8000 - 2 * RATE // 50 : 8040 + 2 * RATE // 50] = False
    np.testing.assert_allclose(limited(sound)[quiet], sound[quiet])
    assert 0.9 < np.abs(limited(sound)).max() <= 1.0


def test_strength_goes_from_content_to_style(flute, trumpet):
    transfer = SoundTransfer("statistics")
    results = [transfer(flute, trumpet, strength=strength) for strength in (0.0, 0.5, 1.0)]
    distances = [audio.timbre_distance(result, trumpet) for result in results]
    assert distances[0] > distances[1] > distances[2]
    assert audio.timbre_distance(results[0], flute) < 1


def test_the_rhythm_stays(trumpet):
    content = play("flute", "C4 - E4 -")
    result = SoundTransfer("statistics")(content, trumpet)
    quarters = [np.sqrt(np.mean(part**2)) for part in np.array_split(result, 4)]
    assert min(quarters[0], quarters[2]) > 5 * max(quarters[1], quarters[3])


def test_more_steps_come_closer_to_the_gram_matrix(flute, trumpet):
    own = audio.take_apart(audio.spectrogram(flute))
    other = audio.take_apart(audio.spectrogram(trumpet))
    layer = audio.random_features()

    def gram(maps, mask):
        features = ops.convert_to_numpy(layer(audio.as_images(maps / other.timbre.std())))[0, :, 0]
        weights = mask.ravel() / mask.sum()
        return (features * weights[:, None]).T @ features

    aim = gram(other.timbre, other.mask)
    far = []
    for steps in (0, 10, 60):
        transfer = SoundTransfer("gram", steps=steps, content_weight=0.0)
        maps = transfer.optimized(own.timbre, other.timbre, own.mask, other.mask)
        far.append(np.square(gram(maps, own.mask) - aim).sum())
    assert far[0] > 2 * far[1] > 2 * far[2]


def test_statistics_are_reached_where_it_is_loud(flute, trumpet):
    own, other = (audio.take_apart(audio.spectrogram(sound)) for sound in (flute, trumpet))
    moved = audio.SoundParts(own.loudness, audio.matched(own, other), own.source)
    for have, want in zip(
        audio.weighted_statistics(moved.timbre, moved.mask),
        audio.weighted_statistics(other.timbre, other.mask),
        strict=True,
    ):
        np.testing.assert_allclose(have, want, atol=0.02)


def test_the_autoencoder_learns_to_reconstruct():
    import keras

    keras.utils.set_random_seed(0)
    heard = audio.spectrogram(play("organ", "C4 G4"))[None, :, None]
    heard = (heard - heard.mean()) / heard.std()
    network = audio.SoundAutoencoder(code=8, hidden=16)
    assert network.encode(heard).shape == (1, heard.shape[1], 1, 8)
    network.compile(keras.optimizers.Adam(1e-2), loss="mse")
    losses = network.fit(heard, heard, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    copy = audio.SoundAutoencoder.from_config(network.get_config())
    copy.set_weights(network.get_weights())
    np.testing.assert_allclose(copy(heard), network(heard), atol=1e-5)


def test_unknown_methods_are_refused_and_progress_is_told(flute, trumpet):
    with pytest.raises(ValueError, match=r"method='magic' is not known"):
        SoundTransfer("magic")
    proportions = []
    SoundTransfer("gram", steps=20)(flute, trumpet, progress=proportions.append)
    assert proportions == [0.5, 1.0]
