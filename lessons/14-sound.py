# %% [markdown]
# # Lesson 14: Sound
# You turn a sound into an image, find out where the comparison breaks down, and play a melody in
# the timbre of another instrument.
#
# **You will be able to**
# - compute a spectrogram and invert it, and name the half of the sound that it leaves out
# - explain why frequencies become channels, and why only time is a direction to convolve along
# - separate pitch from timbre, and change one without the other
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
from course_lib.losses import describe_style, style_distance
from course_lib.plots import plot_lines, show_sounds, show_spectrograms
from course_lib.transfer import audio
from course_lib.transfer.instruments import BASS_LINE, MELODY, hertz_of, play

# %% [markdown]
# ## A sound is a row of numbers
# A microphone samples the pressure of the air, in our case 16,000 times a second. That is all a
# sound is: an array of shape (samples,) with values between -1 and 1.
#
# Our instruments are programs. A note is a sum of sines whose frequencies are multiples of the
# pitch: its **harmonics**. How loud each harmonic is, and how that changes while the note lasts, is
# the instrument's **timbre**. It is what makes a flute a flute. And because we wrote the programs,
# we know pitch and timbre exactly.

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
# hear the flute's melody on the trumpet without telling the program what a note is.
#
# ## A sound as an image
# Cut the sound into short, overlapping pieces, and ask of each piece how loud every frequency is in
# it. A **Fourier transform** answers that for one piece. Doing it piece by piece is the
# **short-time Fourier transform** (STFT). The magnitudes, side by side, form an image: the
# **spectrogram**. Ears judge loudness by ratios, so we take logarithms.
#
# A piece, or **frame**, has 1,024 samples (`audio.WINDOW`), enough to tell 513 frequencies apart.
# The next frame starts 256 samples later (`audio.HOP`).

# %%
melody, tune = audio.spectrogram(flute), audio.spectrogram(trumpet)
print("frames x frequencies:", melody.shape)
print("frames a second:", audio.RATE / audio.HOP, " highest frequency:", audio.RATE // 2, "Hz")
looks = {"frames_per_second": audio.RATE / audio.HOP, "highest": audio.RATE / 2}

# %%
# alt: Two spectrograms. The flute has one strong line for each note and a few weak ones above it.
#      The trumpet has many evenly spaced lines, the strongest of them between 1 and 3 kHz.
show_spectrograms({"flute": melody, "trumpet": tune}, **looks)

# %% [markdown]
# Each horizontal line is a harmonic. Within a note the lines are evenly spaced, and the spacing is
# the pitch. Which of the lines are bright is the timbre.
#
# ## Where the comparison breaks down
# A cat in the upper half of a photograph is the same cat in the lower half. That is why a kernel
# slides over an image in both directions. May we do the same here?
#
# **Before you run the next cell:** we shift a whole spectrogram up by a fixed number of rows (one
# row is 16,000 / 1,024 Hz). A note that is a fifth higher has all its frequencies multiplied by
# 1.5. Are those two the same thing?

# %%
# alt: Three spectrograms of one organ note each: C4, C4 shifted up as a whole, and G4. The lowest
#      lines of the last two agree. The higher ones do not: those of G4 are farther apart.
note, fifth = play("organ", "C4"), play("organ", "G4")
low, high = audio.spectrogram(note), audio.spectrogram(fifth)
rows = round((hertz_of("G4") - hertz_of("C4")) * audio.WINDOW / audio.RATE)
shifted = np.roll(low, rows, axis=1)
show_spectrograms({"C4": low, f"C4 shifted up {rows} rows": shifted, "G4": high}, **looks)

# %%
for name, values in {"C4": low, "shifted": shifted, "G4": high}.items():
    middle = values[len(values) // 2]
    peaks = [k for k in range(1, 110) if middle[k] > max(middle[k - 1], middle[k + 1], 0.0)]
    ratios = np.round(np.array(peaks[:4]) / peaks[0], 1)
    print(f"{name:8} lines at rows {peaks[:4]}, as multiples of the first: {ratios.tolist()}")

# %% [markdown]
# The lines of a note are whole multiples of the lowest one, up to the rounding to rows. Shifted up,
# they keep their spacing instead, so they are the harmonics of no note at all. On *our* frequency
# axis, which is linear, there is no "same thing, somewhere else". (On a logarithmic axis, such as a
# piano's keyboard, a fifth *is* a shift, and networks that convolve over pitch use such an axis.)
# Along time there is: a note is the same note a second later.
#
# So we turn the image by 90 degrees in our minds. Time is the only direction to convolve along, and
# the 513 frequencies are **channels**, like red, green, and blue. A feature map then has the shape
# (1, frames, 1, channels), and everything this course computes from feature maps works unchanged.
# Here is a layer of random kernels, which we will need below.

# %%
maps = audio.as_images(melody)
features = audio.random_features()(maps)
print("as a batch:", tuple(maps.shape), " features:", tuple(features.shape))

# %% [markdown]
# ## The way back, and what is missing
# A spectrogram says how loud each frequency is, but not where in its swing each wave is: the
# **phase**. Without phases there is no way back to the sound.
#
# **Before you run the next cell:** what will it sound like if we make the phases up?
#
# Griffin and Lim found a way. Make a sound with made-up phases. Its frames overlap, so the made-up
# phases contradict each other. Look at the phases that the sound *really* has, and continue with
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
errors = [miss(sound, melody) for sound in tried.values()]
plot_lines(
    {"from made-up phases": (list(tried), errors)},
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
print("each time better:", errors == sorted(errors, reverse=True))

# %% tags=["nbval-ignore-output"]
print("errors in dB:", [round(error, 1) for error in errors])

# %% [markdown]
# With the phases of noise the notes are there, but they are rough: what one frame says, the next
# one contradicts. A transfer has something better than noise to start from: the phases of the
# content. We only change its timbre, so most of its phases remain right.
#
# ## Source and filter
# A voice has two parts. The vocal cords make a buzz with many harmonics. Mouth and throat let some
# frequencies pass better than others. The cords make the pitch; the mouth makes the vowel. Many
# instruments can be described the same way: a **source** and a **filter**.
#
# In a frame of the spectrogram, the source is the fine, regular comb of lines, and the filter is
# the smooth curve over their tops. A filter multiplies what the source gives it. We work with
# logarithms, so here the two simply add. And a smooth curve is one that is made of slow waves only.
#
# ### Exercise: the slow waves
# The argument is an array (frames, frequencies). Write each frame as a sum of cosines
# (`scipy.fft.dct` with `norm="ortho"`). Their weights are the **cepstrum**, the spectrum of a
# logarithmic spectrum. Keep the first `waves` of them, and go back (`scipy.fft.idct`) to an array
# of the same shape. Hints: `exercise("slow-waves").hint()`.


# %%
def smooth_spectrum(log_magnitudes, waves):
    """Keep only the slow changes over frequency in each frame."""
    ...


smooth_spectrum = exercise("slow-waves").check(smooth_spectrum)

# %% [markdown]
# The curve should lie on the tops of the harmonics. But smoothing runs halfway between the tops and
# the gaps. The remedy: fill the gaps with the last curve, and smooth again.
# (`audio.ENVELOPE_WAVES` is 26, out of 513.)

# %%
# alt: One frame of the trumpet's spectrogram, a comb of narrow peaks. The curve that was smoothed
#      once runs through the middle of the comb; the one with the gaps filled lies on the peaks.
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
# `take_apart` does that with every frame and separates one more thing: the mean of each frame's
# curve. It says how loud the frame is, so it carries the rhythm.

# %%
parts = audio.take_apart(melody)
total = parts.loudness + parts.timbre + parts.source
print("loudness", parts.loudness.shape, " timbre", parts.timbre.shape, " source", end=" ")
print(parts.source.shape, " their sum is the spectrogram:", np.allclose(total, melody, atol=1e-3))

# %%
# alt: Three spectrograms of the flute: whole; its source, where all harmonics, and the faint noise,
#      are equally bright; and its timbre, a soft gradient without lines.
show_spectrograms(
    {"flute": melody, "its source": parts.source, "its timbre": parts.timbre}, **looks
)

# %% [markdown]
# ## The statistics of a timbre
# What is the style of a timbre? You know the answer from images: the mean and the standard
# deviation of every channel over all positions. Here the channels are frequencies, and the
# positions are frames. One thing is new. A pause has no timbre, only the noise of silence. So let
# each frame count in proportion to its loudness.
#
# ### Exercise: statistics in which the loud counts more
# `maps` is an array (frames, frequencies). `mask` has one number per frame, 0 or more, that says
# how much the frame counts; it may have extra axes of length 1, as in (1, frames, 1, 1). Return
# mean and standard deviation, each of shape (frequencies,). As in AdaIN, add 1e-5 under the root of
# the standard deviation. Hints: `exercise("loud-statistics").hint()`.


# %%
def weighted_statistics(maps, mask):
    """Mean and standard deviation over time, each frame weighted by its loudness."""
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

# %% [markdown]
# One question is left: how loud is the result? Adding the three parts again does not settle it.
# Where the flute is loud, the trumpet's filter may be low, and the frame gets softer. Where the
# flute is almost silent, its timbre is far from its own mean. There AdaIN goes far beyond anything
# the trumpet ever does, and a silent frame can become a bang. So `put_together` gives every frame
# back the power that it had.
#
# **Before you run the next cell:** by how many decibels will the plain sum miss the flute's
# loudness? (3 dB is half the power, 10 dB a tenth.)


# %%
def louder(sound, other):
    """By how many decibels a sound is louder than another one."""
    return 10 * np.log10(np.mean(sound**2) / np.mean(other**2))


plain_sum = audio.to_sound(parts.loudness + timbre + parts.source, flute)
given_back = audio.to_sound(audio.put_together(parts, timbre), flute)
print("the plain sum misses by more than 3 dB:", bool(abs(louder(plain_sum, flute)) > 3))
print("with its power given back, by less than 0.5 dB:", bool(abs(louder(given_back, flute)) < 0.5))

# %% tags=["nbval-ignore-output"]
print(f"plain sum: {louder(plain_sum, flute):+.1f} dB; ", end="")
print(f"power given back: {louder(given_back, flute):+.1f} dB")
on_trumpet = audio.SoundTransfer("statistics")(flute, trumpet)
show_sounds(
    {
        "the flute": audio.to_bytes(flute),
        "the same melody, with the trumpet's timbre": audio.to_bytes(on_trumpet),
    }
)

# %% [markdown]
# ## Do not trust your ears alone
# We know what was played, so we can check. Is the pitch still right? How far is the timbre from the
# trumpet's? To measure the pitch, slide a piece of the sound along itself until it fits again. To
# measure the timbre, compare the mean curves, in decibels.


# %%
def judged(sound, content, style):
    """Share of frames whose pitch is kept within a semitone, and distance to the style's timbre."""
    kept = float(np.mean(audio.semitones_apart(sound, content) < 1))
    return kept, audio.timbre_distance(sound, style)


kept, distance = judged(on_trumpet, flute, trumpet)
before = audio.timbre_distance(flute, trumpet)
wrong_tune, _ = judged(play("trumpet", "E4 C4 A4 G4 E4 G4 C4 D4"), flute, trumpet)
print("pitch kept in at least 9 of 10 frames:", kept >= 0.9)
print("a trumpet that plays other notes is told apart:", wrong_tune < 0.2)
print("timbre at least twice as close:", distance < before / 2)

# %% tags=["nbval-ignore-output"]
print(f"pitch kept in {kept:.0%} of the frames; by a trumpet with other notes: {wrong_tune:.0%}")
print(f"timbre: {before:.1f} dB apart before, {distance:.1f} dB after")

# %% [markdown]
# ## The Gram matrix of a sound
# Means and standard deviations say nothing about what happens *together*: that the high harmonics
# of a plucked string die away before the low ones, for instance. For images, the Gram matrix knew.
# For sounds, a Gram matrix of features does. Here the features come from a single layer of random
# kernels, each of which sees eleven frames.
#
# `SoundTransfer("gram")` looks for a timbre with the style's Gram matrix, using Adam, as in lesson
# 9. `"gram on everything"` is the form in which the method was first published: it asks the same of
# the whole spectrogram, source and filter alike.
#
# How do we judge? Our distance in decibels compares means, which is exactly what `"statistics"`
# sets, and no method should be its own judge. So we add the distance between the Gram matrices of
# the timbres, seen through *fresh* random kernels that no method has optimized.


# %%
def gram_distance(own, theirs, kernels, masks=(None, None)):
    """How far apart the Gram matrices of two maps (frames, frequencies) are."""
    center, scale = theirs.mean(), theirs.std()
    found, wanted = (
        describe_style(kernels(audio.as_images((maps - center) / scale)), kind="gram", mask=mask)
        for maps, mask in zip((own, theirs), masks, strict=True)
    )
    return float(style_distance(wanted, found, kind="gram"))


fresh_kernels = audio.random_features(seed=7)


# %%
def judged_by_both(sound, style):
    """Share of the flute's pitch that is kept, and two distances to the style's timbre."""
    pair = [audio.take_apart(audio.spectrogram(one)) for one in (sound, style)]
    timbres, masks = [one.timbre for one in pair], [one.mask for one in pair]
    return *judged(sound, flute, style), gram_distance(*timbres, fresh_kernels, masks)


# %% [markdown]
# **Before you run the next cell:** the style plays other notes than the content. What will the last
# method do: change the pitch, or fail to change the timbre? And might it only need more freedom? To
# find out, we also run it with five times the steps and no content loss at all.

# %% tags=["nbval-ignore-output"]
pluck = play("pluck", BASS_LINE)
plucked = audio.spectrogram(pluck)
steps = 60 if choose_budget().name == "quick" else 300
results = {name: audio.SoundTransfer(name, steps=steps)(flute, pluck) for name in audio.METHODS}
free = audio.SoundTransfer("gram on everything", steps=5 * steps, content_weight=0.0)
freed = free.transferred(melody, plucked)
results["the same, set free"] = audio.to_sound(freed, flute)
rows = {
    name: judged_by_both(one, pluck) for name, one in ({"not changed": flute} | results).items()
}
for name, (kept, decibels, gram) in rows.items():
    print(f"{name:20} pitch kept {kept:4.0%}, timbre {decibels:4.1f} dB off, Gram {gram:.2f} off")

# %% tags=["nbval-ignore-output"]
show_sounds(
    {"the style, a plucked string": audio.to_bytes(pluck)}
    | {
        f"the flute's melody by {name!r}": audio.to_bytes(results[name])
        for name in audio.METHODS[:2]
    }
)

# %%
for name in ("statistics", "gram"):
    closer = bool(np.all(np.array(rows[name][1:]) < 0.4 * np.array(rows["not changed"][1:])))
    print(f"{name}: pitch kept: {rows[name][0] >= 0.85}, much closer by both measures: {closer}")
for name in ("gram on everything", "the same, set free"):
    left = rows[name][1] / rows["not changed"][1]
    print(f"{name}: more than half of the distance in dB is left: {left > 0.5}")
methods = {name: abs(louder(results[name], flute)) for name in audio.METHODS}
print("each as loud as the flute, within 0.5 dB:", max(methods.values()) < 0.5)

# %% tags=["nbval-ignore-output"]
print(", ".join(f"{name}: {louder(results[name], flute):+.2f} dB" for name in methods))

# %% [markdown]
# Separated, both methods come close to the timbre, and by the second measure the Gram matrix
# comes out a little ahead. On everything, the notes hold and the timbre hardly moves, however
# free the method is.
#
# Did the optimization get stuck? Ask its own loss, through its own kernels. Then ask the fresh
# ones. And ask what the *right* answer would cost: a plucked string that plays our melody.

# %% tags=["nbval-ignore-output"]
own_kernels, right = audio.random_features(seed=0), audio.spectrogram(play("pluck", MELODY))
asked = {"not changed": melody, "set free": freed, "the right answer": right}
costs = {
    name: [gram_distance(maps, plucked, kernels) for kernels in (own_kernels, fresh_kernels)]
    for name, maps in asked.items()
}
for name, (own, fresh) in costs.items():
    print(f"{name:17} own kernels {own:.3f}, fresh kernels {fresh:.3f}")

# %%
begun, reached, perfect = costs.values()
print("its own loss fell below a tenth:", reached[0] < 0.1 * begun[0])
print("through fresh kernels more than half is left:", reached[1] > 0.5 * begun[1])
print("the right answer would cost more:", perfect[0] > 2 * reached[0])

# %% [markdown]
# It did not get stuck. Seen through its own 256 kernels it arrived; seen through others it did
# not. Each kernel adds up 11 x 513 numbers, and 256 such sums can be satisfied in many ways that
# do not sound like the style. Worse, the right answer is not even what it asks for: a plucked
# string that plays other notes keeps more than half of the distance. In a whole spectrogram, much
# of the Gram matrix is about *where the lines are*. Separated from the source, a timbre has no
# lines, and the question becomes one that has an answer.

# %% [markdown]
# ## An autoencoder for sounds
# Features of random kernels describe a sound, but nothing leads back from them. A trained code has
# a decoder. So here is this course's autoencoder once more, in one direction instead of two:
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
# The notes of the melody were part of the training; the melody was not. Is it reconstructed? And
# what does AdaIN do in this code?


# %%
# alt: Three spectrograms: the flute's melody; its reconstruction, with the same notes and slightly
#      blurred lines; and the result of AdaIN in the code, with blurred lines and some new ones.
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

# %%
plain, coded = (judged(audio.to_sound(one, flute), flute, trumpet) for one in (back, swapped))
separated = judged(on_trumpet, flute, trumpet)
print("AdaIN in the code comes nearer to the trumpet:", coded[1] < 0.8 * plain[1])
print("source and filter come nearer still:", separated[1] < 0.5 * coded[1])

# %% tags=["nbval-ignore-output"]
show_sounds({"AdaIN in the code": audio.to_bytes(audio.to_sound(swapped, flute))})
print(f"variance left unexplained: {left:.0%}")
rows = {"only reconstructed": plain, "AdaIN in the code": coded, "source and filter": separated}
for name, (kept, decibels) in rows.items():
    print(f"{name}: pitch kept in {kept:.0%}, {decibels:.1f} dB from the trumpet")

# %% [markdown]
# The network has learned which lines occur together, and it learned that from eleven notes on six
# instruments. Nothing asked its code to keep pitch and timbre apart. In pitch the two methods are
# close: do not read much into a few frames out of a hundred. In timbre they are far apart.
# Separating source and filter, an old idea with hardly any parameters, gets much closer to the
# trumpet than this network: it knows something about sound that six scales did not teach.
#
# ## A voice, and files
# If your system has the speech synthesizer `espeak-ng`, the next cell lets it speak, and gives the
# voice the trumpet's timbre. If not, our own instrument "voice" steps in.

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
# Have a recording of your own? `audio.load_sound("my-recording.wav")` reads it, whatever its sample
# rate and number of channels.
#
# ## Summary
# - A spectrogram is an image with two different directions. On a linear frequency axis only time is
#   a direction to convolve along; frequencies are channels.
# - It leaves out the phases. Griffin and Lim's method finds phases that fit.
# - Pitch is in the fine lines, timbre in the smooth curve over them. In logarithms the two add.
# - What you know from images works on the timbre: channel statistics, AdaIN, Gram matrices.
# - A new filter changes how loud each frame is. Give it its power back, or the rhythm is lost.
# - Without separating source and filter, Gram matrices of the whole spectrogram did not move the
#   timbre, however free they were.
#
# ### Questions to check yourself
# 1. Why do the logarithms matter for separating source and filter?
#
#    <details><summary>Answer</summary>
#
#    A filter multiplies what the source gives it. In logarithms a product becomes a sum, and a sum
#    can be split into slow and fast waves.
#
#    </details>
#
# 2. A spectrogram has 62.5 frames a second. What happens to a note that is shorter than a frame?
#
#    <details><summary>Answer</summary>
#
#    It is smeared over the whole frame, so it comes out longer and softer. Shorter frames would
#    resolve time better and pitch worse.
#
#    </details>
#
# 3. You double the number of slow waves. What slips from the source into the timbre?
#
#    <details><summary>Answer</summary>
#
#    The harmonics. The curve starts to follow single lines, so the pitch slips into the timbre.
#
#    </details>
#
# 4. The flute has hardly any harmonics above 3 kHz. Why can no filter make it a bright trumpet?
#
#    <details><summary>Answer</summary>
#
#    A filter amplifies what is there. Where the flute has nothing but noise, it amplifies noise.
#
#    </details>
#
# ### Reading
# - Ulyanov and Lebedev, "Audio Texture Synthesis and Style Transfer", 2016.
# - Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984.
# - Grinstein, Duong, Ozerov and Pérez, "Audio Style Transfer", ICASSP 2018.
# - Röbel and Rodet, "Efficient Spectral Envelope Estimation", DAFx 2005.
