# %% [markdown]
# # Lesson 14: Sound
# You treat a sound as a picture, find out in which way it is none, and give a melody the timbre of
# another instrument.
#
# **You will be able to**
# - turn a sound into a picture and back, and say which half of it the picture leaves out
# - say why frequency becomes the channels, and only time a direction to convolve along
# - take pitch and timbre apart, and change one of them
# - measure both, so that you need not trust your ears alone
#
# **You need:** lesson 8, lesson 9.
#
# **Time:** 75 minutes, 90 with the optional sections; the code runs in about 30 s on a CPU and on a
# GPU.
#
# **Optional:** *The Gram matrix of a sound*.

# %% tags=["setup"]

# %%
import shutil
import subprocess
import tempfile
from pathlib import Path

import keras
import numpy as np

from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.plots import plot_lines, show_sounds, show_spectrograms
from course_lib.transfer import audio
from course_lib.transfer.instruments import BASS_LINE, MELODY, hertz_of, play

# %% [markdown]
# ## A sound is a row of numbers
# A microphone notes the pressure of the air, 16,000 times a second. That is all a sound is: an
# array of shape (samples,), with values between -1 and 1.
#
# Our instruments are programs. A note is a row of sines, whose frequencies are multiples of the
# pitch: the **harmonics**. How loud each of them is, and how that changes while the note lasts,
# makes a flute a flute: its **timbre**. So pitch and timbre of our sounds are known exactly.

# %%
flute, trumpet = play("flute", MELODY), play("trumpet", BASS_LINE)
print("flute:", flute.shape, flute.dtype, " trumpet:", trumpet.shape)
print("the melody:", MELODY, " the other tune:", BASS_LINE)
print(f"A4 has {hertz_of('A4'):.0f} Hz, A5 has {hertz_of('A5'):.0f} Hz")

# %% tags=["nbval-ignore-output"]
show_sounds(
    {
        "a flute plays the melody": audio.to_bytes(flute),
        "a trumpet plays another tune": audio.to_bytes(trumpet),
    }
)

# %% [markdown]
# The flute is our content: *what* is played. The trumpet is our style: *how* it sounds. We want to
# hear the flute's melody on the trumpet, without telling the program what a note is.
#
# ## A sound as a picture
# Cut the sound into short, overlapping pieces, and ask for each piece how loud each frequency is in
# it. The pieces in a row make a picture, the **spectrogram**. Ears judge loudness by ratios, and
# so do we: the values are logarithms. A piece, or **frame**, has 1,024 samples (`audio.WINDOW`),
# which are enough to tell 513 frequencies apart, and the next one begins 256 samples later
# (`audio.HOP`).

# %%
melody, tune = audio.spectrogram(flute), audio.spectrogram(trumpet)
print("frames x frequencies:", melody.shape)
print("frames a second:", audio.RATE / audio.HOP, " highest frequency:", audio.RATE // 2, "Hz")
looks = {"frames_per_second": audio.RATE / audio.HOP, "highest": audio.RATE / 2}

# %%
# alt: Two spectrograms. The flute has one strong line for each note and a few weak ones above. The
#      trumpet has many evenly spaced lines, the strongest of them between 1 and 3 kHz.
show_spectrograms({"flute": melody, "trumpet": tune}, **looks)

# %% [markdown]
# Each horizontal line is a harmonic. The lines of a note are equally far apart, and that distance
# is its pitch. Which of the lines are bright is the timbre.
#
# ## In which way it is no picture
# A cat in the upper half of a photograph is the same cat as in the lower half. That is why a kernel
# slides over a picture in both directions. May we do the same here?
#
# **Before you run the next cell:** we move a whole spectrogram upwards by a fixed number of rows
# (one row is 16,000 / 1,024 Hz). A note that is a fifth higher has all its frequencies multiplied
# by 1.5. Is that the same?

# %%
# alt: Three spectrograms of one organ note each: C4, C4 moved up as a whole, and G4. The lowest
#      lines of the last two agree, the higher ones do not: those of G4 lie further apart.
note, fifth = play("organ", "C4"), play("organ", "G4")
low, high = audio.spectrogram(note), audio.spectrogram(fifth)
rows = round((hertz_of("G4") - hertz_of("C4")) * audio.WINDOW / audio.RATE)
moved = np.roll(low, rows, axis=1)
show_spectrograms({"C4": low, f"C4 moved up {rows} rows": moved, "G4": high}, **looks)

# %%
tops = {"moved": moved, "G4": high}
for name, values in tops.items():
    middle = values[len(values) // 2]
    peaks = [k for k in range(1, 110) if middle[k] > max(middle[k - 1], middle[k + 1], 0.0)]
    print(f"{name:6} lines at rows", peaks[:4], " apart:", np.diff(peaks[:4]).tolist())

# %% [markdown]
# Moved upwards, the lines keep their distance, and so they are the harmonics of no note at all.
# Along frequency there is no "same thing elsewhere". Along time there is: a note is the same note a
# second later.
#
# So we turn the picture by 90 degrees in our minds. Time is the only direction to convolve along,
# and the 513 frequencies are **channels**, like red, green and blue. A feature map then has the
# shape (1, frames, 1, channels), and everything that this course computes from feature maps can be
# used unchanged. Here is a layer of random kernels, which we shall need below.

# %%
maps = audio.as_images(melody)
features = audio.random_features()(maps)
print("as a picture:", tuple(maps.shape), " features:", tuple(features.shape))

# %% [markdown]
# ## The way back, and what is missing
# A spectrogram says how loud each frequency is, but not where in its swing each wave stands: the
# **phase**. Without it there is no way back to the sound.
#
# **Before you run the next cell:** what will it sound like if we invent the phases?
#
# Griffin and Lim found a way. Make a sound with invented phases. Its pieces overlap, and so the
# inventions contradict each other; look at the phases that the sound *really* has, and go on with
# those. Repeat.


# %% tags=["nbval-ignore-output"]
# alt: The error of the spectrogram falls with the number of times that Griffin and Lim's method
#      goes back and forth, fast at first and then slowly.
def miss(sound, wanted):
    """How far a sound's spectrogram is from the wanted one, in decibels."""
    difference = audio.spectrogram(sound) - wanted
    return float(np.sqrt(np.mean(difference**2)) * 20 / np.log(10))


noise = np.random.default_rng(0).normal(size=len(flute)).astype("float32")
tried = {count: audio.to_sound(melody, noise, iterations=count) for count in (0, 1, 4, 16, 64)}
plot_lines(
    {"from invented phases": (list(tried), [miss(sound, melody) for sound in tried.values()])},
    xlabel="times back and forth",
    ylabel="error in dB",
    markers=True,
)
show_sounds(
    {
        "phases of noise": audio.to_bytes(tried[0]),
        "after going back and forth 64 times": audio.to_bytes(tried[64]),
    }
)

# %%
errors = [miss(tried[count], melody) for count in (0, 4, 64)]
print("each time better:", errors[0] > errors[1] > errors[2])

# %% [markdown]
# With phases of noise the tones are there, but they are rough: what one piece says is contradicted
# by the next. In a transfer we have something better than noise to begin with: the phases of the
# content. We only change its timbre, and so most of its phases remain right.
#
# ## Source and filter
# A voice has two parts. The vocal cords give a buzz with many harmonics; mouth and throat let some
# frequencies pass better than others. The cords make the pitch, the mouth makes the vowel. Many
# instruments can be described in the same way: a **source** and a **filter**.
#
# In a frame of the spectrogram, the source is the fine, regular row of lines, and the filter is
# the smooth line over their tops. Since we work with logarithms, the two are simply added. A
# smooth line is one that is made of slow waves only.
#
# ### Exercise: the slow waves
# The argument is an array (frames, frequencies). Write every frame as a sum of cosines
# (`scipy.fft.dct` with `norm="ortho"`), keep the first `waves` of them, and go back
# (`scipy.fft.idct`) to an array of the same shape. Hints: `exercise("slow-waves").hint()`.


# %%
def smooth_spectrum(log_magnitudes, waves):
    """Leave of every frame only slow changes over frequency."""
    ...


smooth_spectrum = exercise("slow-waves").check(smooth_spectrum)

# %% [markdown]
# The line should lie on the tops of the harmonics. But smoothing runs half way between the tops
# and the gaps. The remedy: fill the gaps with the line found last, and smooth again.
# (`audio.ENVELOPE_WAVES` is 26, of 513.)

# %%
# alt: A frame of the trumpet's spectrogram, a comb of narrow peaks. The curve smoothed once runs
#      through their middle, the one whose gaps were filled lies on the peaks.
frame = tune[len(tune) // 10][None]
once = smooth_spectrum(frame, waves=audio.ENVELOPE_WAVES)
line = once
for _ in range(20):
    line = smooth_spectrum(np.maximum(frame, line), waves=audio.ENVELOPE_WAVES)
hertz = np.linspace(0, audio.RATE / 2, audio.FREQUENCIES)
plot_lines(
    {
        "a frame of the trumpet": (hertz, frame[0]),
        "smoothed once": (hertz, once[0]),
        "gaps filled, smoothed again": (hertz, line[0]),
    },
    xlabel="frequency in Hz",
    ylabel="log magnitude",
)
print("the library's envelope is the same:", np.allclose(audio.envelope(frame), line, atol=1e-3))

# %% [markdown]
# `take_apart` does that with all frames, and separates one thing more: the mean of each frame's
# line. It says how loud the frame is, and so carries the rhythm.

# %%
parts = audio.take_apart(melody)
again = audio.put_together(parts, parts.timbre)
print("loudness", parts.loudness.shape, " timbre", parts.timbre.shape, " source", end=" ")
print(parts.source.shape, " their sum is the spectrogram:", np.allclose(again, melody, atol=1e-3))

# %%
# alt: Three spectrograms of the flute: whole; its source, where all harmonics, and the faint noise,
#      are equally bright; and its timbre, a soft gradient without lines.
show_spectrograms(
    {"flute": melody, "its source": parts.source, "its timbre": parts.timbre}, **looks
)

# %% [markdown]
# ## The statistics of a timbre
# Which style does a timbre have? What you know from pictures: the mean and the standard deviation
# of every channel over all positions. Here the channels are frequencies, the positions are frames.
# One thing is new. In a pause there is no timbre, only the noise of the silence. So every frame
# counts as much as it is loud.
#
# ### Exercise: statistics in which the loud counts more
# `maps` is an array (frames, frequencies), and `mask` has one number for each frame, 0 or more,
# which says how much it counts; it may have further axes of length 1, as in (1, frames, 1, 1).
# Return mean and standard deviation, each of the shape (frequencies,); under the root of the
# standard deviation goes 1e-5, as in AdaIN. Hints: `exercise("loud-statistics").hint()`.


# %%
def weighted_statistics(maps, mask):
    """Mean and standard deviation over time, each frame as loud as it is."""
    ...


weighted_statistics = exercise("loud-statistics").check(weighted_statistics)

# %% [markdown]
# Now AdaIN, on a sound: take the flute's timbre, and give every frequency the trumpet's mean and
# standard deviation. The source stays as it is.

# %%
other = audio.take_apart(tune)
have = weighted_statistics(parts.timbre, parts.mask)
want = weighted_statistics(other.timbre, other.mask)
timbre = (parts.timbre - have[0]) / have[1] * want[1] + want[0]
print("it is the library's:", np.allclose(timbre, audio.matched(parts, other), atol=1e-3))
reached = weighted_statistics(timbre, parts.mask)
print("the trumpet's mean is reached:", np.allclose(reached[0], want[0], atol=1e-3))

# %% tags=["nbval-ignore-output"]
on_trumpet = audio.SoundTransfer("statistics")(flute, trumpet)
show_sounds(
    {
        "the flute": audio.to_bytes(flute),
        "the same melody, with the trumpet's timbre": audio.to_bytes(on_trumpet),
    }
)

# %% [markdown]
# ## Do not trust your ears alone
# We know what was played. So we can ask: is the pitch still right? And how far is the timbre from
# the trumpet's? The pitch is measured by moving a piece of the sound against itself until it fits
# again; the timbre by the difference of the mean lines, in decibels.


# %%
def judged(sound, content, style):
    """Share of frames whose pitch is kept within a semitone, and distance to the style's timbre."""
    kept = float(np.mean(audio.semitones_apart(sound, content) < 1))
    return kept, audio.timbre_distance(sound, style)


kept, distance = judged(on_trumpet, flute, trumpet)
before = audio.timbre_distance(flute, trumpet)
print("pitch kept in at least 9 of 10 frames:", kept >= 0.9)
print("timbre at least twice as close:", distance < before / 2)

# %% [markdown]
# ## The Gram matrix of a sound
# Means and standard deviations say nothing about what happens *together*: that the high harmonics
# of a plucked string die away before the low ones, for instance. For pictures, the Gram matrix
# knew. For sounds, the same matrix of features does. Lesson 6 needed a trained encoder; here a
# single layer of random kernels will do, if each of them sees eleven frames.
#
# `SoundTransfer("gram")` looks for a timbre with the style's Gram matrix, by Adam, as in lesson 9.
# `"gram on everything"` is the form in which it was first published: it does so with the whole
# spectrogram, source and filter alike.
#
# **Before you run the next cell:** the style plays other notes than the content. What will the last
# method do, which does not take source and filter apart: change the pitch, or fail to change the
# timbre?

# %% tags=["nbval-ignore-output"]
pluck = play("pluck", BASS_LINE)
steps = 60 if choose_budget().name == "quick" else 300
results = {
    method: audio.SoundTransfer(method, steps=steps)(flute, pluck) for method in audio.METHODS
}
for method, sound in results.items():
    kept, distance = judged(sound, flute, pluck)
    print(f"{method:20} pitch kept in {kept:4.0%} of the frames, {distance:4.1f} dB from the style")
print(f"{'not changed':20} {'':31}{audio.timbre_distance(flute, pluck):4.1f} dB from the style")
show_sounds(
    {"the style, a plucked string": audio.to_bytes(pluck)}
    | {f"the flute's melody by {name!r}": audio.to_bytes(sound) for name, sound in results.items()}
)

# %%
measured = {method: judged(sound, flute, pluck) for method, sound in results.items()}
for method in ("statistics", "gram"):
    kept, distance = measured[method]
    closer = distance < 0.6 * audio.timbre_distance(flute, pluck)
    print(f"{method}: pitch kept: {kept >= 0.85}, timbre much closer: {closer}")

# %% [markdown]
# Read the numbers of the last method. The content's notes hold on, and the timbre hardly moves. In
# a whole spectrogram, what varies most is where the lines are, and so that is what its Gram matrix
# is about: it asks for the style's notes. Between two tunes there is no small change that brings
# the one closer to the other, and the optimization stays where it began. Taken apart, the question
# becomes one that has an answer.
#
# ## An autoencoder for sounds
# Features of random kernels describe a sound, but nothing leads back from them. A trained code has
# a decoder. So here is the autoencoder of this course once more, with one direction instead of two:
# convolutions along time, frequencies as channels, no pooling. Six instruments play a scale.

# %%
keras.utils.set_random_seed(0)
network = audio.SoundAutoencoder()
instruments = ("flute", "trumpet", "clarinet", "pluck", "voice", "organ")
scale_notes = "G3 A3 B3 C4 D4 E4 F4 G4 A4 B4 C5"
heard = np.stack([audio.spectrogram(play(name, scale_notes)) for name in instruments])[:, :, None]
center, scale = heard.mean(), heard.std()
network.compile(keras.optimizers.Adam(2e-3), loss="mse")
epochs = 120 if choose_budget().name == "quick" else 600
network.fit((heard - center) / scale, (heard - center) / scale, 1, epochs, verbose=0)
print("parameters:", f"{network.count_params():,}", " code:", network.options["code"], "channels")

# %% [markdown]
# The melody's notes were heard in training, the melody was not. Is it reconstructed? And what does
# AdaIN do in this code?


# %%
# alt: Three spectrograms: the flute's melody; its reconstruction, with the same notes and somewhat
#      blurred lines; and after AdaIN in the code, where the lines are blurred and new ones appear.
def through_code(content, style=None):
    """Encode, move the code's statistics to the style's, and decode."""
    code = keras.ops.convert_to_numpy(network.encode(audio.as_images((content - center) / scale)))
    if style is not None:
        aim = keras.ops.convert_to_numpy(network.encode(audio.as_images((style - center) / scale)))
        code = (code - code.mean(1)) / (code.std(1) + 1e-5) * aim.std(1) + aim.mean(1)
    return keras.ops.convert_to_numpy(network.decode(code))[0, :, 0] * scale + center


back = through_code(melody)
left = np.mean((back - melody) ** 2) / np.var(melody)
print("more than half of the melody's variance is explained:", bool(left < 0.5))
swapped = through_code(melody, tune)
show_spectrograms({"flute": melody, "reconstructed": back, "AdaIN in the code": swapped}, **looks)

# %% tags=["nbval-ignore-output"]
show_sounds({"AdaIN in the code": audio.to_bytes(audio.to_sound(swapped, flute))})
print(f"variance left unexplained: {left:.0%}")

# %% [markdown]
# The network has learned which lines occur together, and it has learned it from eleven notes of six
# instruments. Its code mixes pitch and timbre, and AdaIN in it changes both. Taking source and
# filter apart, an old idea with hardly any parameters, beats the network here: it knows something
# about sounds that six scales cannot teach.
#
# ## A voice, and files
# If your system has the speech synthesizer `espeak-ng`, the next cell lets it speak, and gives the
# voice the timbre of the trumpet. Without it, our own instrument "voice" steps in.

# %% tags=["nbval-ignore-output"]
folder = Path(tempfile.mkdtemp())
speaker = shutil.which("espeak-ng")
if speaker:
    words = "Which of us is the trumpet, and which of us is speaking?"
    subprocess.run([speaker, "-w", str(folder / "voice.wav"), words], check=True)
else:
    audio.save_sound(play("voice", BASS_LINE), folder / "voice.wav")
voice = audio.load_sound(folder / "voice.wav")
speaking = audio.SoundTransfer("statistics")(voice, trumpet)
audio.save_sound(speaking, folder / "speaking.flac")
show_sounds(
    {
        "the voice": audio.to_bytes(voice),
        "the voice with the trumpet's timbre": audio.to_bytes(speaking),
    }
)

# %% [markdown]
# With a recording of your own, `audio.load_sound("my-recording.wav")` reads it, whatever its rate
# and number of channels.
#
# ## Summary
# - A spectrogram is a picture with two different directions. Only time is one to convolve along;
#   frequencies are channels.
# - It leaves out the phases. Griffin and Lim's method finds some that fit.
# - Pitch lies in the fine lines, timbre in the smooth line over them. As logarithms, they add up.
# - What you know from pictures works on the timbre: channel statistics, AdaIN, Gram matrices.
# - Without taking source and filter apart, a style is mostly its notes.
#
# ### Questions to check yourself
# 1. Why are the logarithms important for taking source and filter apart?
#
#    <details><summary>Answer</summary>
#
#    The filter multiplies what the source gives. In logarithms a product is a sum, and sums can be
#    taken apart by slow and fast waves.
#
#    </details>
#
# 2. A spectrogram has 62.5 frames a second. What happens to a note that is shorter than a frame?
#
#    <details><summary>Answer</summary>
#
#    It is smeared over the frame, and the sound is longer and softer than it was. Shorter frames
#    would tell time better and pitch worse.
#
#    </details>
#
# 3. You double the number of slow waves. What slips from the source into the timbre?
#
#    <details><summary>Answer</summary>
#
#    The regular row of harmonics: the line begins to follow single lines, so the pitch slips into
#    the timbre.
#
#    </details>
#
# 4. The flute has hardly any harmonics above 3 kHz. Why can no filter make it a bright trumpet?
#
#    <details><summary>Answer</summary>
#
#    A filter makes louder what is there. Where the flute has only noise, it makes noise louder.
#
#    </details>
#
# ### Reading
# - Ulyanov and Lebedev, "Audio Texture Synthesis and Style Transfer", 2016.
# - Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984.
# - Grinstein, Duong, Ozerov and Pérez, "Audio Style Transfer", ICASSP 2018.
# - Röbel and Rodet, "Efficient Spectral Envelope Estimation", DAFx 2005.
