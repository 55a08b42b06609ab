# %% [markdown]
# # Lesson 8: Color and texture apart
# You give a photograph the statistics of a style image in feature space, and then take control:
# color or texture alone, how much, at which scale, of which style, and where.
#
# **You will be able to**
# - write AdaIN and the whitening and coloring transform (WCT), and say what each makes equal
# - show a photograph whose style has been taken away
# - transfer a style's colors without its texture, or its texture without its colors
# - set strength and scale, mix styles, and give each its place with a soft mask
# - judge a transfer by two numbers that pull in opposite directions, and compare curves
#
# **You need:** lesson 6, lesson 7.
#
# **Time:** 90 minutes, 120 with the optional sections; the code runs in about 35 s on a CPU and in
# 20 s on a GPU.
#
# **Optional:** *Several styles*, *Each style in its place*, *Side by side*, *Lab: the style*.

# %% tags=["setup"]

# %%
import numpy as np
from keras import ops

from course_lib import collection, images
from course_lib.autoencoder import TAPS, Autoencoder
from course_lib.exercises import exercise
from course_lib.metrics import (
    color_distance,
    edge_agreement,
    evaluate,
    feature_distance,
    style_moved_by_tap,
)
from course_lib.plots import plot_lines, show_images, show_matrix
from course_lib.statistics import channel_statistics, covariance, matrix_power, normalize
from course_lib.transfer import FeatureTransfer, PixelTransfer
from course_lib.transfer.colors import match_colors
from course_lib.widgets import style_lab

# %% [markdown]
# ## From pixels to features
# Lesson 7 gave a photograph the pixel values of a style image. The colors arrived. Brush strokes
# came only with whole squares cut from the style image, and the photograph had to bend to the
# squares available. A single pixel cannot carry a stroke: its color says nothing about what is
# beside it.
#
# A feature can. At `relu3_1` each position looks at a square of 24 pixels a side and says how much
# of each of 96 patterns it finds. So the plan for this lesson is to do to features what lesson 7
# did to pixels.

# %%
# alt: Two photographs, a cup of coffee on a wooden table and the face of a ginger cat, and two
#      style images: a stained-glass window of flowers in strong blue, red and green between black
#      lines, and a woodcut of sailing boats in ocher, dark blue and white.
coffee = collection.photograph("coffee", size=256)
cat = collection.photograph("chelsea", size=256)
glass = collection.style_image("stained_glass", size=256)
woodcut = collection.style_image("woodcut", size=256)
show_images(
    {"coffee": coffee, "chelsea": cat, "stained_glass": glass, "woodcut": woodcut},
    columns=4,
    width=480,
)

# %%
autoencoder = Autoencoder.from_course()


def encode(image):
    """The features of one image: dictionary tap -> (1, height, width, channels)."""
    return autoencoder.encode(images.to_batch(image))


def decode(features, tap, like):
    """The image that the reconstructing decoder draws from features, as large as `like`."""
    drawn = autoencoder.decode(ops.relu(features), tap=tap, size=like.shape[:2])
    return ops.convert_to_numpy(drawn)[0]


# %% [markdown]
# The `ops.relu` is there because features that we change can become negative. The decoder was
# trained on the output of a ReLU, and has never seen a number below zero.
#
# What should be transferred? For pixels we began with the mean and the standard deviation of each
# channel. Here there are more channels. How many numbers is a style, then?

# %%
codes, style_codes = encode(coffee), encode(glass)
for tap, features in style_codes.items():
    print(f"{tap}: {2 * features.shape[-1]} numbers")
print("a style:", sum(2 * features.shape[-1] for features in style_codes.values()), "numbers")
print(f"its image: {glass.size:,} numbers")

# %% [markdown]
# ## AdaIN
# **Adaptive instance normalization** gives every channel of the content's features $F_c$ the mean
# $\mu$ and the standard deviation $\sigma$ of the style's. The index $c$ stands for content and $s$
# for style:
#
# $$ \text{AdaIN}(F_c) = \sigma_s \, \frac{F_c - \mu_c}{\sigma_c} + \mu_s. $$
#
# The fraction removes the content's own statistics. What is left in each channel has mean 0 and
# standard deviation 1: it says *where* the pattern is stronger than elsewhere, and no longer how
# strong it is in this image. Then the style says how strong it should be.
#
# ### Exercise: AdaIN
# `features` has the shape (batch, height, width, channels); `mean` and `std`, the style's, have
# the shape (batch, 1, 1, channels). Take the statistics of each image and each channel separately.
# A channel that is the same everywhere should come out as the style's mean. Stuck?
# `exercise("adain").hint()`.


# %%
def adain(features, mean, std):
    """The features, with the mean and the standard deviation asked for in every channel."""
    ...


adain = exercise("adain").check(adain)

# %%
own_std = channel_statistics(codes["relu3_1"])[1]
wanted_mean, wanted_std = channel_statistics(style_codes["relu3_1"])
changed = adain(codes["relu3_1"], wanted_mean, wanted_std)
mean, std = channel_statistics(changed)
responses = ops.convert_to_numpy(own_std) > 0.05
close = np.isclose(std, wanted_std, rtol=0.01)
print("the style's means:", bool(np.allclose(mean, wanted_mean, atol=1e-3)))
print("the style's standard deviations, in channels that respond:", bool(np.all(close[responses])))

# %% [markdown]
# The numbers are the window's. (Only a channel that is silent in the photograph cannot be given a
# standard deviation: where nothing varies, there is nothing to scale.) Now we decode.
#
# **Before you run the next cell:** will the cup look like stained glass? And will it make a
# difference at which tap the statistics were changed?


# %%
# alt: The cup of coffee twice. With the window's statistics at relu1_1 it is sharp and somewhat
#      darker and bluer; at relu4_1 contrast and edges change more. Neither looks like stained
#      glass.
def adain_at(tap, content, style):
    """One image takes on another's statistics at one tap."""
    statistics = channel_statistics(encode(style)[tap])
    return decode(adain(encode(content)[tap], *statistics), tap, like=content)


at_tap = {tap: adain_at(tap, coffee, glass) for tap in TAPS}
show_images({f"AdaIN at {tap}": at_tap[tap] for tap in ("relu1_1", "relu4_1")}, width=440)

# %% [markdown]
# Each time some of the window's darkness and color comes in, and each time it is still a
# photograph. Why? Let us measure. `style_moved_by_tap` encodes the *decoded* image again and says,
# for every tap, how far its statistics have come: 0 is as far from the style as the photograph was,
# 1 has arrived.

# %% tags=["nbval-ignore-output"]
# alt: A table of four rows and four columns. A change at one tap moves the other taps only in part,
#      and not even its own tap arrives.
table = [list(style_moved_by_tap(at_tap[tap], coffee, glass).values()) for tap in TAPS]
show_matrix(
    np.round(table, 2),
    row_labels=[f"changed at {tap}" for tap in TAPS],
    column_labels=list(TAPS),
    title="style moved, measured at each tap",
    width=460,
)

# %%
print("one change brings all four taps half of the way:", any(min(row) > 0.5 for row in table))

# %% [markdown]
# Two things get lost. The decoder was never asked to draw such features, so what it draws does not
# have them: not even the diagonal of the table is near 1. And a change at one tap is not a change
# at the others: the strokes of a window live at several scales at once. So we will have to work at
# every level. But first: are the mean and standard deviation of each channel all there is?
#
# ## What AdaIN does not see
# Channels do not respond independently. A feature at `relu1_1` looks at 3 x 3 pixels. Where a pane
# meets the lead, the channel for "dark on the left" and the one for "strong blue" respond *at the
# same place*. That is what the **covariance** knows: which channels vary together, place by place.
# Here is the correlation of each channel at `relu1_1` with every other channel: orange for two
# channels that respond at the same places, violet where one responds and the other does not.
# Channels that hardly respond in one of the two images are left out.


# %%
first, style_first = codes["relu1_1"], style_codes["relu1_1"]
spread = [ops.convert_to_numpy(channel_statistics(one)[1]).ravel() for one in (first, style_first)]
lively = np.flatnonzero(np.minimum(*spread) > 0.05)


def correlations(features):
    """Correlations of the lively channels, from -1 to 1."""
    matrix = ops.convert_to_numpy(covariance(normalize(features)))[0]
    return matrix[np.ix_(lively, lively)]


# %%
# alt: Three square patterns of orange and violet fields with one color scale from -1 to 1, each
#      with an orange diagonal. The first, of the cup, and the second, of the window, differ; the
#      third, of the cup after AdaIN, is the same as the first.
after_adain = adain(first, *channel_statistics(style_first))
gap = np.zeros((len(lively), 2))
three = [correlations(one) for one in (first, style_first, after_adain)]
labels = [""] * (3 * len(lively) + 4)
for number, name in enumerate(("coffee", "stained glass", "coffee after AdaIN")):
    labels[number * (len(lively) + 2) + len(lively) // 2] = name
show_matrix(
    np.hstack([three[0], gap, three[1], gap, three[2]]),
    row_labels=[str(channel) for channel in lively],
    column_labels=labels,
    title="correlations of the channels of relu1_1",
    width=860,
)

# %%
unchanged = np.allclose(three[2], three[0], atol=0.01)
print("AdaIN leaves the correlations as they were:", bool(unchanged))
print("the window's are others:", bool(np.abs(three[1] - three[0]).mean() > 0.1))

# %% tags=["nbval-ignore-output"]
for name, one in (("coffee after AdaIN", three[2]), ("the window", three[1])):
    print(f"{name}: correlations differ from coffee's by {np.abs(one - three[0]).mean():.3f}")

# %% [markdown]
# ## Whitening and coloring
# To move the covariance as well we need matrices in place of single numbers. Write the features as
# rows, one for each position, with the mean subtracted; call their covariance $\Sigma_c$ and the
# style's $\Sigma_s$. Then
#
# $$ \text{WCT}(F_c) = (F_c - \mu_c)\, \Sigma_c^{-1/2}\, \Sigma_s^{1/2} + \mu_s. $$
#
# The first matrix **whitens**: afterwards every channel has standard deviation 1 and no two of them
# vary together; the covariance is the identity matrix. The second one **colors** with the style's
# covariance. For single numbers this is AdaIN: divide by one standard deviation, multiply by the
# other.
#
# To raise such a matrix to a power, raise its eigenvalues: `matrix_power(matrix, exponent)`.
# Where an eigenvalue is zero, the power $-1/2$ would be infinite; `matrix_power` first adds one
# hundred thousandth of the mean eigenvalue to all of them.

# %%
sigma = covariance(style_first)
root, inverse_root = matrix_power(sigma, 0.5), matrix_power(sigma, -0.5)
close = np.allclose(ops.matmul(root, root), sigma, atol=1e-3)
print("root times root is the covariance:", bool(close))
identity = np.eye(sigma.shape[-1])[None]
close = np.allclose(ops.matmul(root, inverse_root), identity, atol=0.02)
print("root times inverse root is the identity:", bool(close))

# %% [markdown]
# ### Exercise: whitening and coloring
# Lesson 7 has shown it: many maps reach the same covariance, because white features may be turned
# in any way and are still white. So we have to say *which* map is asked for. Here it is the one in
# the formula, without any turn in between: whiten with $\Sigma_c^{-1/2}$, the symmetric root, then
# color with $\Sigma_s^{1/2}$, the symmetric root. (Lesson 7's map $T$ is another one.)
#
# `mean` is the style's, of shape (batch, 1, 1, channels), and `wanted` its covariance, of shape
# (batch, channels, channels); `covariance(features)` gives the content's.
# `np.einsum("bhwc,bcd->bhwd", features, matrix)` multiplies all positions. Stuck?
# `exercise("whitening-coloring").hint()`.


# %%
def wct(features, mean, wanted):
    """The features, with the mean and the covariance asked for."""
    ...


wct = exercise("whitening-coloring").check(wct)

# %%
after_wct = wct(first, channel_statistics(style_first)[0], covariance(style_first))
reached = np.allclose(correlations(after_wct), correlations(style_first), atol=0.05)
print("WCT gives the style's correlations:", bool(reached))

# %% [markdown]
# Does the turn matter, as long as the covariance is right? Here are three maps with the same mean
# and covariance at `relu2_1`, decoded: yours, lesson 7's $T$, which moves features least, and
# yours with a random turn between whitening and coloring.
#
# **Before you run the next cell:** which of them will you not recognize?


# %%
# alt: The cat's face three times. By symmetric roots and by the map that moves features least it
#      looks nearly the same, in the woodcut's colors; with a random turn in between it is a pale
#      ghost in wrong colors.
def moved_least(features, mean, wanted):
    """Lesson 7's map between two distributions, for features."""
    own = covariance(features)
    root, inverse = matrix_power(own, 0.5), matrix_power(own, -0.5)
    middle = matrix_power(ops.matmul(root, ops.matmul(wanted, root)), 0.5)
    change = ops.matmul(inverse, ops.matmul(middle, inverse))
    centered = features - channel_statistics(features)[0]
    return ops.einsum("bhwc,bcd->bhwd", centered, change) + mean


second, wanted = encode(cat)["relu2_1"], encode(woodcut)["relu2_1"]
asked = channel_statistics(wanted)[0], covariance(wanted)
channels = second.shape[-1]
turn = np.linalg.qr(np.random.default_rng(8).normal(size=(channels, channels)))[0]
color = ops.convert_to_numpy(matrix_power(asked[1], 0.5))[0].astype("float32")
white = wct(second, 0 * asked[0], np.eye(channels, dtype="float32")[None])
maps = {
    "symmetric roots": wct(second, *asked),
    "moves least": moved_least(second, *asked),
    "a random turn": ops.matmul(white, turn.astype("float32") @ color) + asked[0],
}
show_images({name: decode(one, "relu2_1", like=cat) for name, one in maps.items()}, width=500)


# %%
def off(features):
    """How far a covariance is from the one asked for, relative to that one's size."""
    gap = ops.convert_to_numpy(covariance(features)) - ops.convert_to_numpy(asked[1])
    return float(np.linalg.norm(gap) / np.linalg.norm(asked[1]))


cost = {name: float(ops.mean(ops.square(one - second))) for name, one in maps.items()}
for name, one in maps.items():
    print(f"{name}: four fifths of the way to the covariance: {off(one) < 0.2 * off(second)}")
print("least moved first:", sorted(cost, key=cost.get))

# %% tags=["nbval-ignore-output"]
print(f"the photograph's covariance is off by {off(second):.2f}")
for name, one in maps.items():
    print(f"{name:16} off by {off(one):.3f}, features moved by {cost[name]:.4f} (mean square)")

# %% [markdown]
# All three have nearly the same statistics (what is missing are channels that are silent in the
# photograph), and in the third the photograph is a ghost in wrong colors. A turn mixes every
# channel with every other: what was an edge becomes a bit of everything. By the mean square, the
# symmetric roots move the features half as much as the turn does, and $T$ a little less still.
# The paper on WCT uses the symmetric roots, and so do we.

# %% [markdown]
# ## A photograph without a style
# What is left of a photograph after whitening, before any style comes in? We ask for the mean 0 and
# the identity matrix, and decode.
#
# **Before you run the next cells:** will you recognize the cup? What will its colors be?


# %%
# alt: The cup and the cat, each decoded from whitened features of two taps. Outlines are all there.
#      From relu1_1 some colors are left, glaring in places; from relu4_1 both are pale gray
#      drawings.
def whitened(image, tap):
    """An image decoded from features that have lost their statistics."""
    features = encode(image)[tap]
    channels = features.shape[-1]
    white = wct(
        features, np.zeros((1, 1, 1, channels), "float32"), np.eye(channels, dtype="float32")[None]
    )
    return decode(white, tap, like=image)


without_style = {
    f"{name}, {tap}": whitened(image, tap)
    for name, image in {"coffee": coffee, "chelsea": cat}.items()
    for tap in TAPS
}
ends = [f"{name}, {tap}" for name in ("coffee", "chelsea") for tap in ("relu1_1", "relu4_1")]
show_images({name: without_style[name] for name in ends}, columns=4, width=560)

# %%
before = color_distance(coffee, cat)
after = color_distance(without_style["coffee, relu4_1"], without_style["chelsea, relu4_1"])
print("how different cup and cat are in color: less than half is left:", after < before / 2)

# %% tags=["nbval-ignore-output"]
print(f"color distance of cup and cat: {before:.3f}, from whitened relu4_1 {after:.3f}")

# %% [markdown]
# From the deep taps a drawing remains. Where things are has survived; palette and contrast have
# gone. The two photographs now look as if one hand had made them. That is as near as we get to
# "content without style", and it is what the style is put on.
#
# ## From coarse to fine
# One tap is not enough, as the table above has shown. So take all of them, one after the other.
# Start with the deepest: encode, transform, decode. Encode the *result* up to the next tap,
# transform, decode. The deepest tap decides on large shapes, the shallowest has the last word on
# color.


# %%
# alt: The cup of coffee after the first and after the last of four transforms: soft and in the
#      window's colors; then in glowing colors with dark outlines, its wooden table broken up into
#      panes.
def multi_level(content, style):
    """WCT at all taps, from the deepest; the image after each of them."""
    image, steps = content, {}
    wanted = encode(style)
    for tap in reversed(TAPS):
        mean, _ = channel_statistics(wanted[tap])
        features = wct(encode(image)[tap], mean, covariance(wanted[tap]))
        image = steps[f"after {tap}"] = decode(features, tap, like=content)
    return steps


steps = multi_level(coffee, glass)
show_images({name: steps[name] for name in ("after relu4_1", "after relu1_1")}, width=440)

# %%
wct_transfer = FeatureTransfer("wct", autoencoder=autoencoder)
apart = np.abs(steps["after relu1_1"] - wct_transfer(coffee, glass, stroke="fine")).mean()
print("the library's WCT gives the same image, up to rounding:", bool(apart < 0.005))

# %% [markdown]
# This decoder has learned to reconstruct images, and nothing else. It was never trained to take on
# a style. That is why this form of the transfer is called universal: it treats all styles alike.
#
# ### A decoder that paints
# The other way is to train a decoder for the job. The course's **painting decoder** enters at
# `relu3_1` and applies AdaIN again and again on the way to the image, with the style's statistics
# of each level (lesson 10 takes it apart). Larger images are painted from coarse to fine.

# %%
# alt: The cat's face as a woodcut, large: black and blue-gray cut marks on ocher follow the fur,
#      and both eyes are clear.
adain_transfer = FeatureTransfer("adain", autoencoder=autoencoder)
large = collection.photograph("chelsea", size=512), collection.style_image("woodcut", size=512)
show_images({"AdaIN, painted from coarse to fine": adain_transfer(*large)}, width=512)

# %%
# alt: The cat as a woodcut by AdaIN with the painting decoder and by WCT. AdaIN keeps the face
#      clear. WCT goes further from the photograph: edges are broken up, colors jump, fine hairs are
#      lost.
by_both = {"AdaIN": adain_transfer(cat, woodcut), "WCT": wct_transfer(cat, woodcut)}
show_images(by_both, width=480)

# %% [markdown]
# Compare the eyes and the whiskers. WCT asks for more and knows less: it forces the covariance of
# every tap on the image, whether the decoder can draw it or not. AdaIN asks for less, and its
# decoder was trained on the features it gets. At the end of the lesson we will have numbers for
# that.
#
# AdaIN does not ask for correlations. Has the painting decoder learned to change them anyway? We
# encode the results again and ask how far the correlations of `relu1_1` and `relu3_1` have come
# from the photograph's to the style's: 0 is where they were, 1 has arrived. For comparison we ask
# the same about AdaIN at a single tap with the reconstructing decoder.
#
# **Before you run the next cell:** put the three in order.


# %%
def all_correlations(image, tap):
    """The correlation of every channel with every other one."""
    return ops.convert_to_numpy(covariance(normalize(encode(image)[tap])))[0]


def correlations_moved(image, tap):
    """How far an image's correlations have come from the cat's to the woodcut's."""
    have, own, want = (all_correlations(one, tap) for one in (image, cat, woodcut))
    return 1 - np.abs(have - want).sum() / np.abs(own - want).sum()


# %%
# alt: A table of three rows and two columns: how far the correlations have come by AdaIN at one
#      tap, by the painting decoder and by WCT.
candidates = {"AdaIN at relu3_1, reconstructed": adain_at("relu3_1", cat, woodcut)} | {
    "AdaIN, painted": by_both["AdaIN"],
    "WCT": by_both["WCT"],
}
come = np.array(
    [
        [correlations_moved(one, tap) for tap in ("relu1_1", "relu3_1")]
        for one in candidates.values()
    ]
)
show_matrix(
    come.round(2),
    row_labels=list(candidates),
    column_labels=["relu1_1", "relu3_1"],
    numbers=True,
    title="correlations moved",
    width=420,
)
print("the painting decoder moves them further than the other one:", bool(come[1, 1] > come[0, 1]))

# %% [markdown]
# So the painting decoder moves some of the correlations along, although its input does not ask
# for them. (Its training did: one part of its loss compares Gram matrices, as lesson 10 shows.)
# WCT, which asks for all of them, is the yardstick.
#
# ## Color and texture apart
# A style is color *and* texture, the palette and the stroke. Can we take one without the other? The
# trick is to change the style image before its statistics are measured.
#
# - **Texture alone:** first give the style image the photograph's colors. `match_colors` does it
#   as in lesson 7, by the mean and the covariance of the colors. Its strokes stay.
# - **Colors alone:** give the *photograph* the style's colors, and use that as the style image.
#   Its texture is the photograph's own.

# %%
# alt: The stained-glass window in browns and orange, its panes and lines as before; and the cup of
#      coffee, a smooth photograph, in blue and red.
as_texture, as_colors = match_colors(glass, coffee), match_colors(coffee, glass)
show_images(
    {"window in coffee's colors": as_texture, "coffee in the window's colors": as_colors}, width=420
)

# %% [markdown]
# **Before you run the next cell:** which of the two will make an image with dark outlines on a
# brown table, and which a smooth blue one? (`reconstructed`, the cup in its own style, is what the
# numbers below start from.)

# %%
# alt: The cup three times: with the window's colors, smooth; with the window's texture in the
#      colors of the photograph; and with both.
apart = {"reconstructed": wct_transfer(coffee, coffee)} | {
    parts: wct_transfer(coffee, glass, parts=parts) for parts in ("colors", "texture", "both")
}
show_images({parts: apart[parts] for parts in ("colors", "texture", "both")}, width=620)

# %%
colors = {name: color_distance(image, glass) for name, image in apart.items()}
texture = {name: feature_distance(image, as_texture) for name, image in apart.items()}
print("nearer to the window in color:")
for name in ("colors", "texture", "both"):
    print(f"  {name}: {colors[name] < 0.6 * colors['reconstructed']}")
print("nearer to it in texture, when it is in the same colors:")
for name in ("colors", "texture"):
    print(f"  {name}: {texture[name] < 0.8 * texture['reconstructed']}")

# %% tags=["nbval-ignore-output"]
for name in apart:
    print(f"{name:14} color distance {colors[name]:.3f}, texture distance {texture[name]:.2f}")

# %% [markdown]
# Does `"texture"` have no color of its own at all? Look at the wood of the table. The window's
# panes differ in color, and so they do here, if only in colors of the photograph's palette. There
# is a stricter way. Make the image in full style, then keep its lightness and put the photograph's
# own colors back, in the Lab space of lesson 1: `keep_colors="luminance"`.

# %%
# alt: The cup with the window's texture, twice: once in strokes of brown, orange and white, and
#      once with exactly the photograph's colors under darker and lighter strokes.
kept = {
    "covariance": wct_transfer(coffee, glass, keep_colors="covariance"),
    "luminance": wct_transfer(coffee, glass, keep_colors="luminance"),
}
show_images({f'keep_colors="{name}"': image for name, image in kept.items()}, width=480)
print("the same as parts='texture':", np.array_equal(kept["covariance"], apart["texture"]))

# %% [markdown]
# With covariance, strokes may have any color from the photograph's palette. With luminance, each
# place keeps its hue, and strokes are only lighter or darker; the image is as dark as the window.
# For portraits you usually want the second.
#
# ## How much
# Between the content's statistics and the style's there is a straight line. **Strength** says how
# far we go along it: 0 only reconstructs the content, 1 is full style.

# %%
# alt: The cup of coffee at three strengths: a plain reconstruction, half of the style, and full
#      style in ocher and dark blue.
levels = (0.0, 0.25, 0.5, 0.75, 1.0)
by_strength = {level: adain_transfer(coffee, woodcut, strength=level) for level in levels}
show_images({f"strength {level:g}": by_strength[level] for level in (0.0, 0.5, 1.0)}, width=560)

# %%
distances = [color_distance(image, woodcut) for image in by_strength.values()]
print("each step is nearer to the style's colors:", distances == sorted(distances, reverse=True))

# %% tags=["nbval-ignore-output"]
print("color distance:", {level: round(d, 3) for level, d in zip(levels, distances, strict=True)})

# %% [markdown]
# ## At which scale
# The taps are scales. Here is WCT at a single tap.
#
# **Before you run the next cell:** at `relu1_1` a feature sees 3 x 3 pixels, at `relu4_1` 52 x 52.
# At which of the four taps will the cat's edges be best preserved?


# %%
# alt: The cat with WCT at a single tap. At relu1_1 a sharp photograph in the colors of the woodcut;
#      at relu4_1 softer, redrawn in patches and streaks.
def wct_at(tap, content, style):
    """One image takes on another's mean and covariance at one tap."""
    wanted = encode(style)[tap]
    changed = wct(encode(content)[tap], channel_statistics(wanted)[0], covariance(wanted))
    return decode(changed, tap, like=content)


scales = {tap: wct_at(tap, cat, woodcut) for tap in TAPS}
show_images({f"{tap} alone": scales[tap] for tap in ("relu1_1", "relu4_1")}, width=440)

# %%
in_place = {tap: edge_agreement(scales[tap], cat) for tap in TAPS}
left = {tap: color_distance(scales[tap], woodcut) / color_distance(cat, woodcut) for tap in TAPS}
print("edges stay better at relu1_1 than at relu4_1:", in_place["relu1_1"] > in_place["relu4_1"])
print("colors come nearer to the woodcut's at every tap:", max(left.values()) < 0.75)

# %% tags=["nbval-ignore-output"]
for tap in TAPS:
    print(f"{tap}: edge agreement {in_place[tap]:.2f}, color distance left {left[tap]:.2f}")

# %% [markdown]
# The edges are best preserved at `relu1_1`, and worst at `relu4_1`. But color is at every tap:
# the numbers in the last column are below 1 for all of them. What differs is the size of what is
# redrawn: single pixels at `relu1_1`, whole patches at `relu4_1`.
# `FeatureTransfer("wct", taps=...)` chooses among the taps, and both methods take `tap_strength`,
# a dictionary with a strength for each.
#
# ## Several styles
# Since a style is a list of numbers, two styles can be averaged.
#
# ### Exercise: mix styles
# `own` holds the content's means and standard deviations, of shape (2, channels); `styles` those of
# several styles, of shape (count, 2, channels); `weights` has `count` numbers of 0 or more, and
# only their proportions matter. Mix the styles, then go from `own` toward the mixture by
# `strength`. Stuck? `exercise("mix-styles").hint()`.


# %%
def mix_styles(own, styles, weights, strength):
    """Means and standard deviations between the content's and a mix of styles: (2, channels)."""
    ...


mix_styles = exercise("mix-styles").check(mix_styles)


# %%
def statistics_at(tap, image):
    """Means and standard deviations at one tap as one array (2, channels)."""
    pair = channel_statistics(encode(image)[tap])
    return np.stack([ops.convert_to_numpy(part).ravel() for part in pair])


three = np.stack([statistics_at("relu3_1", one) for one in (glass, woodcut, cat)])
own = statistics_at("relu3_1", coffee)
second = mix_styles(own, three, np.array([0, 5, 0]), 1.0)
print("weights 0, 5, 0 are the second style:", np.allclose(second, three[1], atol=1e-4))
half = mix_styles(own, three[:1], np.array([1.0]), 0.5)
print("strength 0.5 lies in the middle:", np.allclose(half, (own + three[0]) / 2, atol=1e-4))

# %%
# alt: The cup as a woodcut, as stained glass, and in between as a mixture of both.
mixtures = {
    f"{share} % woodcut": wct_transfer(coffee, [glass, woodcut], weights=[100 - share, share])
    for share in (100, 50, 0)
}
show_images(mixtures, width=560)

# %% [markdown]
# ## Each style in its place
# The statistics asked for need not be the same everywhere. A **mask** is an array of the image's
# height and width with values from 0 to 1: how much of a style there is at each place. Then the
# means and standard deviations asked for become maps.

# %%
rows, columns = np.mgrid[: coffee.shape[0], : coffee.shape[1]]
height, width = coffee.shape[:2]
radius = np.hypot((columns / width - 0.47) / 0.34, (rows / height - 0.52) / 0.47)
hard = (radius < 1).astype("float32")
soft = np.clip((1.15 - radius) / 0.3, 0, 1).astype("float32")

# %% [markdown]
# ### Exercise: AdaIN with masks
# `features` has the shape (1, height, width, channels), `styles` (count, 2, channels), and `masks`
# (count, height, width). Where the masks sum to less than 1, the content keeps its own statistics
# for the rest. The mean and standard deviation that are removed are still those of the whole image.
# Stuck? `exercise("masked-adain").hint()`.


# %%
def masked_adain(features, styles, masks):
    """AdaIN that asks for other statistics at every position."""
    ...


masked_adain = exercise("masked-adain").check(masked_adain)

# %%
everywhere = np.ones((1, *codes["relu3_1"].shape[1:3]), "float32")
result = masked_adain(codes["relu3_1"], three[:1], everywhere)
differences = np.abs(ops.convert_to_numpy(result) - ops.convert_to_numpy(changed))
apart = float(differences[..., responses.ravel()].max())
print("a mask of ones is plain AdaIN, in channels that respond:", apart < 0.01)

# %% tags=["nbval-ignore-output"]
print(f"off by at most {apart:.1g}; features go up to {ops.convert_to_numpy(changed).max():.0f}")

# %% [markdown]
# The masks of the library have the image's size; for the deeper taps they are shrunk by averaging,
# so a soft edge stays soft. WCT mixes the features that each style makes, which for AdaIN would
# come to the same thing. The painting decoder normalizes over the whole image again and again; so
# with masks the library paints once in each style, and fades the paintings into each other.

# %%
# alt: The cup as stained glass on a table as a woodcut, and the cup as stained glass that passes
#      softly into a table that stayed as it was.
in_places = {
    "hard mask": hard,
    "hard, woodcut outside": wct_transfer(coffee, [glass, woodcut], masks=[hard, 1 - hard]),
    "soft mask": soft,
    "soft, photograph outside": wct_transfer(coffee, glass, masks=[soft]),
}
show_images({name: one for name, one in in_places.items() if one.ndim == 3}, width=420)

# %%
outside = np.abs(in_places["soft, photograph outside"] - coffee)[radius > 1.5]
print("far outside the soft mask the photograph is kept:", bool(outside.mean() < 0.06))

# %% tags=["nbval-ignore-output"]
print(f"mean difference there: {outside.mean():.3f}")

# %% [markdown]
# ## Side by side
# Here are lesson 7's pixel-based transfer and this lesson's on the same pairs. "distribution" gives
# the photograph the style's exact distribution of colors; "patches" builds it from squares cut from
# the style image. Both end with the autoencoder.

# %%
# alt: The cat as stained glass and the cup as a woodcut, four times: smooth in the style's colors;
#      built from pieces of the style image; painted by AdaIN; painted by WCT.
methods = {
    "pixels: distribution": PixelTransfer("distribution", autoencoder=autoencoder),
    "pixels: patches": PixelTransfer("patches", autoencoder=autoencoder),
    "features: AdaIN": adain_transfer,
    "features: WCT": wct_transfer,
}
pairs = {"chelsea": (cat, glass), "coffee": (coffee, woodcut)}
show_images(
    {
        f"{pair}, {name.split()[-1]}": transfer(*images)
        for pair, images in pairs.items()
        for name, transfer in methods.items()
    },
    columns=4,
    width=500,
)

# %% [markdown]
# ## Two numbers
# Which one is best? A transfer has two duties, and they pull in opposite directions.
#
# - **Style moved**: how far the statistics at all taps have come from the photograph's to the
#   style's. The style image itself would have 1.
# - **Content kept**: how well the normalized features at `relu4_1` agree with the photograph's,
#   position by position. The photograph itself has 1.
#
# We measure each method at three strengths, 0 included, on two photographs in two styles, at 160
# pixels. That is a small sample: read differences of a few hundredths as nothing. The slow part
# of a method does not depend on the strength. So we `prepare` each pair once, and `apply` it
# three times, once for each strength.
#
# **Before you run the next cells:** who will be first in style moved, and who in content kept? And
# where on the plot does strength 0 lie?

# %%
strengths = (0.0, 0.5, 1.0)
prepared = {}


def at_strength(name, strength):
    """A method as a function of content and style alone."""

    def stylize(content, style):
        pair = name, id(content), id(style)
        if pair not in prepared:
            prepared[pair] = methods[name].prepare(content, style)
        return methods[name].apply(prepared[pair], strength=strength)

    return stylize


# %%
found = evaluate(
    {"chelsea": images.resize(cat, 160), "coffee": images.resize(coffee, 160)},
    {"stained_glass": glass, "woodcut": woodcut},
    {
        f"{name}, {strength:g}": at_strength(name, strength)
        for name in methods
        for strength in strengths
    },
)
points = found.points()

# %%
# alt: Four falling curves, one for each method, with a dot for each strength, all beginning near
#      the left edge: as style moved grows, content kept falls. The two in feature space reach
#      further to the right than the two of pixels; the one of WCT begins lower than all others.
curves = {
    name: tuple(zip(*(points[f"{name}, {strength:g}"] for strength in strengths), strict=True))
    for name in methods
}
plot_lines(curves, xlabel="style moved", ylabel="content kept", markers=True)

# %% tags=["nbval-ignore-output"]
print("style moved / content kept, at strength")
print(" " * 22 + "".join(f"{strength:>13g}" for strength in strengths))
for name, (moved, kept) in curves.items():
    cells = [f"  {m:5.2f} /{k:5.2f}" for m, k in zip(moved, kept, strict=True)]
    print(f"{name:22}" + "".join(cells))

# %%
for name, (moved, kept) in curves.items():
    more = all(np.diff(moved) > 0)
    print(f"{name}: more strength, more style {more}, less content {kept[-1] < kept[0]}")
reach = {name: moved[-1] for name, (moved, _) in curves.items()}
nearest_pixels = max(reach["pixels: distribution"], reach["pixels: patches"])
for name in ("features: AdaIN", "features: WCT"):
    print(f"{name} goes further than both of pixels: {reach[name] > nearest_pixels + 0.03}")
at_zero = {name: kept[0] for name, (_, kept) in curves.items()}
print("lowest at strength 0:", min(at_zero, key=at_zero.get))

# %% [markdown]
# Read the plot from left to right. Strength moves a method along its curve: each gain in style
# costs content. So it is unfair to compare two methods at full strength alone. Look for the curve
# that lies further up and to the right.
#
# - **The distribution of colors** soon reaches its end: a style is more than its palette. No edge
#   has moved, and still content kept falls: to the encoder, a cat in blue and orange is less of a
#   cat.
# - **Patches** are true pieces of the style image, and the photograph has to bend to the pieces
#   there are.
# - **AdaIN with the painting decoder** takes the statistics further while objects stay readable.
#   Its decoder was trained to do both at once.
# - **WCT** pays before any style comes in: at strength 0 each of its four taps still costs a
#   passage through the code. In return it has never been trained on any style, and its strokes are
#   bold.
#
# One caution. Style moved counts means and standard deviations, which is just what AdaIN sets. A
# judge that asks for exactly what a method sets is kind to that method. WCT sets the covariances
# as well, and this number cannot see them. So trust your eyes, too. Eight photographs in twelve
# styles by each method, with what is weak in them and why, are in [Where each method is
# weak](../docs/weak-and-strong.md).
#
# ## Lab: the style
# Choose a photograph and a style, or upload your own, and move strength, taps, a second style, a
# soft mask and the colors. **Before you move a slider:** will the image get closer to the style,
# and where?

# %%
lab = style_lab()
lab.show(columns=3, width=720)

# %% [markdown]
# ## Summary
# - A feature knows its neighborhood. So statistics of features carry texture, where statistics of
#   pixels carry color only.
# - AdaIN sets the mean and the standard deviation of every channel and leaves the correlations of
#   the features as they are. WCT sets the whole covariance: whitening, then coloring. Many maps
#   reach a covariance; a turn in between loses the photograph.
# - Decoded from whitened deep features, photographs become pale drawings that look alike.
# - One tap is one scale. A whole style needs all of them: one after the other (WCT), or inside a
#   decoder that was trained for it (AdaIN).
# - Color and texture come apart when the style image's colors are exchanged first.
# - Strength, mixtures and masks are weighted means, the same everywhere or not.
# - Style moved and content kept pull in opposite directions. Compare curves, not points.
#
# ## Questions to check yourself
# 1. You give AdaIN the style image turned upside down. What changes in the result?
#
#    <details><summary>Answer</summary>
#
#    Little: means and standard deviations know nothing about places. But channels that respond to
#    directions see other strokes, so a little does change.
#
#    </details>
#
# 2. A style image is a single color. What do its standard deviations say, and what will come out?
#    What would plain division do?
#
#    <details><summary>Answer</summary>
#
#    They are nearly 0, so every channel becomes flat: an image of roughly one color. Plain division
#    by a standard deviation of 0 would give infinity or NaN, hence the epsilon.
#
#    </details>
#
# 3. For images with one channel only, what is the difference between AdaIN and WCT?
#
#    <details><summary>Answer</summary>
#
#    None, up to the epsilon: a covariance of one channel is its variance, and the root of that is
#    the standard deviation.
#
#    </details>
#
# 4. Features have 8 positions and 128 channels: what is the highest rank their covariance can have,
#    and what does that mean for whitening?
#
#    <details><summary>Answer</summary>
#
#    At most 7, since the mean is subtracted from 8 positions. 121 eigenvalues are 0, and to the
#    power of -1/2 they would be infinite; they have to be regularized.
#
#    </details>
#
# 5. Two styles with the weights 1 and 1 at strength 1: is it the mean of the two stylized images?
#    Where is the difference made?
#
#    <details><summary>Answer</summary>
#
#    No. The statistics are averaged, not the images, and then one image is drawn with the mixture.
#    The mean of two images would show both kinds of strokes, half transparent.
#
#    </details>
#
# ## Reading
# - X. Huang and S. Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
#   Normalization", ICCV 2017.
# - Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu and M.-H. Yang, "Universal Style Transfer via Feature
#   Transforms", NIPS 2017: whitening and coloring, tap by tap.
# - L. Gatys, A. Ecker, M. Bethge, A. Hertzmann and E. Shechtman, "Controlling Perceptual Factors in
#   Neural Style Transfer", CVPR 2017: color, scale and place.
# - V. Dumoulin, J. Shlens and M. Kudlur, "A Learned Representation for Artistic Style", ICLR 2017:
#   styles as a few numbers, and their mixtures.
