# %% [markdown]
# # Lesson 8: Color and texture apart
# You give a photograph the statistics of a style image in feature space, and take hold of the
# reins: color or texture alone, how much, at which scale, of which style, and where.
#
# **You will be able to**
# - write AdaIN and the whitening and coloring transform (WCT), and say what each makes equal
# - look at a photograph whose style has been taken away
# - carry over a style's colors without its texture, or its texture without its colors
# - set strength and scale, mix styles, and give each its place with a soft mask
# - judge a transfer by two numbers that pull in opposite directions
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
# came only with whole squares cut out of the style image, and the photograph had to bend to the
# squares that there were. A single pixel cannot carry a stroke: its color says nothing of what lies
# beside it.
#
# A feature does. At `relu3_1` each position looks at a square of 24 pixels a side and says how much
# of each of 96 patterns there is. So the plan of this lesson is to do to features what lesson 7 did
# to pixels.

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
    width=560,
)

# %%
autoencoder = Autoencoder.from_course()


def encode(image):
    """The features of one image: dictionary tap -> (1, height, width, channels)."""
    return autoencoder.encode(images.to_batch(image))


def decode(features, tap, like):
    """What the reconstructing decoder draws from features, as large as the image `like`."""
    drawn = autoencoder.decode(ops.relu(features), tap=tap, size=like.shape[:2])
    return ops.convert_to_numpy(drawn)[0]


# %% [markdown]
# The `ops.relu` is there because features that we change can become negative. The decoder was
# trained on what comes out of a ReLU, and has never met a number below zero.
#
# What shall be carried over? For pixels we began with the mean and the standard deviation of each
# channel. Here there are more channels. How many numbers is a style, then?

# %%
codes, style_codes = encode(coffee), encode(glass)
for tap, features in style_codes.items():
    print(f"{tap}: {2 * features.shape[-1]} numbers")
print("a style:", sum(2 * features.shape[-1] for features in style_codes.values()), "numbers")
print(f"its picture: {glass.size:,} numbers")

# %% [markdown]
# ## AdaIN
# **Adaptive instance normalization** gives every channel of the content's features $F_c$ the mean
# $\mu$ and the standard deviation $\sigma$ of the style's. The index $c$ means content here and $s$
# style:
#
# $$ \text{AdaIN}(F_c) = \sigma_s \, \frac{F_c - \mu_c}{\sigma_c} + \mu_s. $$
#
# The fraction takes the content's own statistics away. What is left in each channel has mean 0 and
# standard deviation 1: it says *where* the pattern is stronger than elsewhere, and no longer how
# strong it is in this picture. Then the style says how strong it shall be.
#
# ### Exercise: AdaIN
# `features` has the shape (batch, height, width, channels); `mean` and `std`, the style's,
# have the shape (batch, 1, 1, channels). Take the statistics of each picture and channel alone. A
# channel that is the same everywhere shall come out as the style's mean. Stuck?
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
# standard deviation: where nothing varies, there is nothing to scale.) We decode.
#
# **Before you run the next cell:** will the cup look like stained glass? And will it make a
# difference at which tap the statistics were changed?


# %%
# alt: The cup of coffee four times. With the window's statistics at relu1_1 it is sharp and
#      somewhat darker and bluer; deeper taps change contrast and edges more; at relu4_1 the picture
#      is soft. None of them looks like stained glass.
def adain_at(tap, content, style):
    """One image takes on another's statistics at one tap."""
    statistics = channel_statistics(encode(style)[tap])
    return decode(adain(encode(content)[tap], *statistics), tap, like=content)


at_tap = {tap: adain_at(tap, coffee, glass) for tap in TAPS}
show_images({f"AdaIN at {tap}": image for tap, image in at_tap.items()}, columns=2, width=380)

# %% [markdown]
# Each time something of the window's darkness and color comes in, and each time it is still a
# photograph. Why? Let us measure. `style_moved_by_tap` encodes the *decoded* picture again and
# says, for every tap, how far its statistics have come: 0 is as far from the style as the
# photograph was, 1 is there.

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
# Two things are lost. The decoder was never asked to draw such features, so what it draws does not
# have them. And a change at one tap is not a change at the others: the strokes of a window are
# several scales at once. So we shall have to work at every level. But first: is the mean and
# standard deviation of each channel all there is?
#
# ## What AdaIN does not see
# Channels do not respond independently. In the window, the channel for "dark line" responds beside
# the channel for "strong color", since the lead lies between the panes. This is what the
# **covariance** knows. Here is the correlation of each channel at `relu1_1` with each other one:
# white for channels that always respond together, black for channels that exclude each other.
# Channels that hardly respond in one of the two pictures are left out.


# %%
first, style_first = codes["relu1_1"], style_codes["relu1_1"]
spread = [ops.convert_to_numpy(channel_statistics(one)[1]).ravel() for one in (first, style_first)]
lively = np.flatnonzero(np.minimum(*spread) > 0.05)


def correlations(features):
    """How the lively channels go together: from 0 (never) to 1 (always)."""
    matrix = ops.convert_to_numpy(covariance(normalize(features)))[0]
    return 0.5 + 0.5 * matrix[np.ix_(lively, lively)]


# %%
# alt: Three square patterns of gray fields with a white diagonal. The first, of the cup, and the
#      second, of the window, differ; the third, of the cup after AdaIN, is the same as the first.
after_adain = adain(first, *channel_statistics(style_first))
show_images(
    {
        "coffee": correlations(first),
        "stained_glass": correlations(style_first),
        "coffee after AdaIN": correlations(after_adain),
    },
    width=620,
)

# %%
unchanged = np.allclose(correlations(after_adain), correlations(first), atol=0.01)
print("AdaIN leaves the correlations as they were:", bool(unchanged))

# %% [markdown]
# ## Whitening and coloring
# To move the covariance as well we need matrices instead of single numbers. Write the features as
# rows, one for each position, with the mean subtracted; call their covariance $\Sigma_c$ and the
# style's $\Sigma_s$. Then
#
# $$ \text{WCT}(F_c) = (F_c - \mu_c)\, \Sigma_c^{-1/2}\, \Sigma_s^{1/2} + \mu_s. $$
#
# The first matrix **whitens**: afterwards every channel has standard deviation 1 and no two of them
# go together; the covariance is the identity matrix. The second one **colors** with the style's
# covariance. For single numbers this is AdaIN: divide by one standard deviation, multiply by the
# other.
#
# Powers of such a matrix are taken of its eigenvalues, `matrix_power(matrix, exponent)`. Where an
# eigenvalue is zero, the power $-1/2$ would be infinite; `matrix_power` first adds a hundred
# thousandth of the mean eigenvalue to all of them.

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
# ## A photograph without a style
# What is left of a photograph after whitening, before any style comes in? We ask for the mean 0 and
# the identity matrix, and decode.
#
# **Before you run the next cell:** will you recognize the cup? What will its colors be?


# %%
# alt: The cup and the cat, each decoded from whitened features of four taps. Outlines are all
#      there. From relu1_1 and relu2_1 some colors are left, glaring in places; from relu3_1 and
#      relu4_1 both pictures are pale gray drawings.
def whitened(image, tap):
    """An image whose features have lost their statistics."""
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
show_images(without_style, columns=4, width=540)

# %%
print("how different the two are in color, as photographs and from whitened relu4_1:")
before = color_distance(coffee, cat)
after = color_distance(without_style["coffee, relu4_1"], without_style["chelsea, relu4_1"])
print("less than half of it is left:", bool(after < before / 2))

# %% [markdown]
# From the deep taps a drawing remains. Where things are has survived; which palette, which
# contrast, which grain has gone. The two photographs now look as if one hand had made them. That is
# as near as we get to "content without style", and it is what the style is put on.
#
# ## From coarse to fine
# One tap is not enough, as the table above has shown. So take all of them, one after the other.
# Start with the deepest: encode, transform, decode. Encode the *result* up to the next tap,
# transform, decode. The deepest decides on large shapes, the finest has the last word on color.


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
same = np.allclose(steps["after relu1_1"], wct_transfer(coffee, glass), atol=0.02)
print("the library's WCT gives the same:", bool(same))

# %% [markdown]
# This decoder has learned to reconstruct pictures, and nothing else. It has never been trained to
# take on a style. Therefore this form of the transfer is called universal: it treats all styles
# alike.
#
# ### A decoder that paints
# The other way is to train a decoder for the task. The course's **painting decoder** enters at
# `relu3_1` and applies AdaIN again and again on the way to the picture, with the style's statistics
# of each level (lesson 10 trains it). Covariances are not needed: its convolutions have learned to
# make up for what AdaIN does not see.

# %%
# alt: The cat as a woodcut by AdaIN with the painting decoder and by WCT. AdaIN keeps the face
#      clear. WCT goes further from the photograph: edges are broken up, colors jump, fine hairs are
#      lost.
adain_transfer = FeatureTransfer("adain", autoencoder=autoencoder)
by_both = {"AdaIN": adain_transfer(cat, woodcut), "WCT": wct_transfer(cat, woodcut)}
show_images(by_both, width=440)

# %% [markdown]
# Compare the eyes and the whiskers. WCT asks for more and knows less: it forces the
# covariance of every tap upon the picture, whether the decoder can draw it or not. AdaIN asks for
# less, and its decoder has been trained on what it gets. At the end of the lesson we shall have
# numbers for that.
#
# ## Color and texture apart
# A style is color *and* texture, the palette and the stroke. Can we take one without the other? The
# trick is to change the style image before its statistics are taken.
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
# **Before you run the next cell:** which of the two will make a picture with dark outlines on a
# brown table, and which a smooth blue one? (`reconstructed`, the cup in its own style, is what the
# numbers below start from.)

# %%
# alt: The cup three times: with the window's colors, smooth; with the window's texture in the
#      colors of the photograph; and with both.
apart = {"reconstructed": wct_transfer(coffee, coffee)} | {
    parts: wct_transfer(coffee, glass, parts=parts) for parts in ("colors", "texture", "both")
}
show_images({parts: apart[parts] for parts in ("colors", "texture", "both")}, width=560)

# %%
colors = {name: color_distance(image, glass) for name, image in apart.items()}
texture = {name: feature_distance(image, as_texture) for name, image in apart.items()}
print("nearer to the window in color:")
for name in ("colors", "texture", "both"):
    print(f"  {name}: {colors[name] < 0.6 * colors['reconstructed']}")
print("nearer to it in texture, when it is in the same colors:")
for name in ("colors", "texture"):
    print(f"  {name}: {texture[name] < 0.8 * texture['reconstructed']}")

# %% [markdown]
# Is the texture of `"texture"` quite without color of its own? Look at the wood of the table. The
# window's panes differ in color, and so they do here, if only in colors of the photograph's
# palette. There is a stricter way. Make the picture in full style, then keep its lightness and put
# the photograph's own colors back, in the Lab space of lesson 1: `keep_colors="luminance"`.

# %%
# alt: The cup with the window's texture, twice: once in strokes of brown, orange and white, and
#      once with exactly the photograph's colors under darker and lighter strokes.
kept = {
    "covariance": wct_transfer(coffee, glass, keep_colors="covariance"),
    "luminance": wct_transfer(coffee, glass, keep_colors="luminance"),
}
show_images({f'keep_colors="{name}"': image for name, image in kept.items()}, width=440)
print("the same as parts='texture':", np.array_equal(kept["covariance"], apart["texture"]))

# %% [markdown]
# By covariance, strokes may be of any color from the photograph's palette. By luminance, each place
# keeps its hue, and strokes are only lighter or darker; the picture is as dark as the window.
# Portraits usually want the second.
#
# ## How much
# Between the content's statistics and the style's there is a straight way. **Strength** says how
# far we go: 0 keeps the content, 1 is full style.

# %%
# alt: The cup of coffee at three strengths: a plain reconstruction, half of the style, and full
#      style in ocher and dark blue.
levels = (0.0, 0.25, 0.5, 0.75, 1.0)
by_strength = {level: adain_transfer(coffee, woodcut, strength=level) for level in levels}
show_images({f"strength {level:g}": by_strength[level] for level in (0.0, 0.5, 1.0)}, width=480)

# %%
distances = [color_distance(image, woodcut) for image in by_strength.values()]
print("each step is nearer to the style's colors:", distances == sorted(distances, reverse=True))

# %% [markdown]
# ## At which scale
# The taps are scales. Here is WCT at a single tap.
#
# **Before you run the next cell:** at `relu1_1` a feature sees 3 x 3 pixels, at `relu4_1` 52 x 52.
# Which of the four pictures will still show the cat's whiskers?


# %%
# alt: The cat with WCT at a single tap. At relu1_1 a sharp photograph in the colors of the woodcut;
#      the deeper the tap, the coarser the patches and streaks.
def wct_at(tap, content, style):
    """One image takes on another's mean and covariance at one tap."""
    wanted = encode(style)[tap]
    changed = wct(encode(content)[tap], channel_statistics(wanted)[0], covariance(wanted))
    return decode(changed, tap, like=content)


scales = {tap: wct_at(tap, cat, woodcut) for tap in TAPS}
show_images({f"{tap} alone": image for tap, image in scales.items()}, columns=2, width=380)

# %%
in_place = {tap: edge_agreement(scales[tap], cat) for tap in TAPS}
print("edges stay better at relu1_1 than at relu4_1:", in_place["relu1_1"] > in_place["relu4_1"])
nearer = [
    color_distance(scales[tap], woodcut) < 0.75 * color_distance(cat, woodcut) for tap in TAPS
]
print("colors come nearer to the woodcut's at every tap:", all(nearer))

# %% [markdown]
# Color is at every tap, because every feature is made of colors in the end. What differs is the
# size of what is redrawn: single pixels at `relu1_1`, whole patches at `relu4_1`.
# `FeatureTransfer("wct", taps=...)` chooses among the taps, and both methods take `tap_strength`, a
# dictionary with a strength for each.

# %% [markdown]
# ## Several styles
# Since a style is a list of numbers, two styles can be averaged.
#
# ### Exercise: mix styles
# `own` holds the content's means and standard deviations, of shape (2, channels); `styles` those of
# several styles, of shape (count, 2, channels); `weights` has `count` numbers of 0 or more, and
# only their proportions matter. Mix the styles, then go from `own` towards the mixture by
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
show_images(mixtures, width=480)

# %% [markdown]
# ## Each style in its place
# The statistics asked for need not be the same everywhere. A **mask** is an array of the picture's
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
# for the rest. The mean and standard deviation that are taken away stay those of the whole picture.
# Stuck? `exercise("masked-adain").hint()`.


# %%
def masked_adain(features, styles, masks):
    """AdaIN that asks for other statistics at every position."""
    ...


masked_adain = exercise("masked-adain").check(masked_adain)

# %%
everywhere = np.ones((1, *codes["relu3_1"].shape[1:3]), "float32")
result = masked_adain(codes["relu3_1"], three[:1], everywhere)
print("a mask of ones is plain AdaIN:", np.allclose(result, changed, atol=1e-3))

# %% [markdown]
# The masks of the library have the picture's size; for the deeper taps they are shrunk by
# averaging, so a soft edge stays soft. WCT mixes the features that each style makes, which for
# AdaIN would come to the same. The painting decoder normalizes over the whole picture again and
# again; so with masks the library paints once in each style, and fades the paintings into each
# other.

# %%
# alt: A white ellipse with a sharp edge, and the cup as stained glass on a table as a woodcut; an
#      ellipse with a soft edge, and the cup as stained glass on a table that stayed as it was.
in_places = {
    "hard mask": hard,
    "hard, woodcut outside": wct_transfer(coffee, [glass, woodcut], masks=[hard, 1 - hard]),
    "soft mask": soft,
    "soft, photograph outside": wct_transfer(coffee, glass, masks=[soft]),
}
show_images(in_places, columns=2, width=440)

# %%
outside = np.abs(in_places["soft, photograph outside"] - coffee)[radius > 1.5]
print("far outside the soft mask the photograph is kept:", bool(outside.mean() < 0.06))

# %% [markdown]
# ## Side by side
# Here are lesson 7's pixel-based transfer and this lesson's on the same pairs. "distribution" gives
# the photograph the style's exact distribution of colors; "patches" builds it from squares cut out
# of the style image. Both end with the autoencoder.

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
    width=680,
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
# The table below has all methods of lesson 7 and of this one, the plot the four from above.
#
# **Before you run the next cells:** who will be first in style moved, and who in content kept?

# %%
strengths = (0.25, 0.5, 0.75, 1.0)
colors_alone = ("mean_std", "covariance", "histogram")
judged = {
    f"pixels: {name}": PixelTransfer(name, autoencoder=autoencoder) for name in colors_alone
} | methods


def at_strength(transfer, strength):
    """A transfer as a function of content and style alone."""
    return lambda content, style: transfer(content, style, strength=strength)


found = evaluate(
    {"chelsea": images.resize(cat, 160)},
    {"stained_glass": glass, "woodcut": woodcut},
    {
        f"{name}, {strength:g}": at_strength(transfer, strength)
        for name, transfer in judged.items()
        for strength in strengths
    },
)
points = found.points()

# %% tags=["nbval-ignore-output"]
print("style moved / content kept, at strength")
print(" " * 22 + "".join(f"{strength:>13g}" for strength in strengths))
for name in judged:
    cells = [points[f"{name}, {strength:g}"] for strength in strengths]
    print(f"{name:22}" + "".join(f"  {moved:5.2f} /{kept:5.2f}" for moved, kept in cells))

# %%
# alt: Four falling curves, one for each method, with a dot for each strength: as style moved grows,
#      content kept falls. The two in feature space reach further to the right than the two of
#      pixels; the one of WCT begins lower than all others.
curves = {
    name: tuple(zip(*(points[f"{name}, {strength:g}"] for strength in strengths), strict=True))
    for name in methods
}
plot_lines(curves, xlabel="style moved", ylabel="content kept", markers=True)

# %%
for name, (moved, kept) in curves.items():
    more = all(np.diff(moved) > 0)
    print(f"{name}: more strength, more style {more}, less content {kept[-1] < kept[0]}")
reach = {name: moved[-1] for name, (moved, _) in curves.items()}
nearest_pixels = max(reach["pixels: distribution"], reach["pixels: patches"])
for name in ("features: AdaIN", "features: WCT"):
    print(f"{name} goes further than both of pixels: {reach[name] > nearest_pixels + 0.05}")
first_price = {name: kept[0] for name, (_, kept) in curves.items()}
print("dearest at strength 0.25:", min(first_price, key=first_price.get))

# %% [markdown]
# Read the plot from left to right. Strength moves a method along its curve: every gain in style is
# paid for in content. So to compare two methods at full strength is unfair. Look for the curve that
# lies further up and to the right.
#
# - **The distribution of colors** is soon at its end, for a window is more than its palette; the
#   simpler statistics of colors end sooner still (see the table). No edge has moved, and still
#   content kept falls: to the encoder, a cat in blue and orange is less of a cat.
# - **Patches** are true pieces of the style image, and the photograph bends to what pieces there
#   are.
# - **AdaIN with the painting decoder** takes the statistics further while objects stay readable.
#   Its decoder was trained to do both at once.
# - **WCT** pays for its style at small strengths already: each tap costs a passage through the
#   code, even where little is changed. In return it has never been trained on any style, and its
#   strokes are bold.
#
# One caution. Style moved counts means and standard deviations, which is just what AdaIN sets, and
# a judge that asks for what a method sets is kind to it. WCT sets the covariances as well, and this
# number cannot see them. Trust your eyes too. Eight photographs in twelve styles by each method,
# with what is weak in them and why, stand in
# [Where each method is weak](../docs/weak-and-strong.md).
#
# ## Lab: the style
# Choose photograph and style or hand in your own, and move strength, taps, a second style, a soft
# mask and the colors. **Before you move a slider:** will the picture get closer to the style, and
# where?

# %%
lab = style_lab()
lab.show()

# %% [markdown]
# ## Summary
# - A feature knows its neighborhood. So statistics of features carry texture, where statistics of
#   pixels carry color only.
# - AdaIN sets the mean and the standard deviation of every channel and leaves alone which channels
#   go together. WCT sets the whole covariance: whitening, then coloring.
# - Decoded from whitened deep features, photographs become pale drawings that look alike.
# - One tap is one scale. A whole style needs all of them: one after the other (WCT), or inside a
#   decoder that was trained for it (AdaIN).
# - Color and texture come apart when the style image's colors are exchanged first.
# - Strength, mixtures and masks are weighted means, everywhere the same or not.
# - Style moved and content kept pull in opposite directions. Compare curves, not points.
#
# ## Questions to check yourself
# 1. You give AdaIN the style image turned upside down. What changes in the result?
#
#    <details><summary>Answer</summary>
#
#    Little: means and standard deviations ask nothing of places. But channels that respond to
#    directions see other strokes, so a little does change.
#
#    </details>
#
# 2. A style image is a single color. What do its standard deviations say, and what will come out?
#    What would plain division do?
#
#    <details><summary>Answer</summary>
#
#    They are nearly 0, so every channel becomes flat: a picture of about one color. Plain division
#    by a standard deviation of 0 would give infinity or NaN, hence the epsilon.
#
#    </details>
#
# 3. For pictures with one channel only, what is the difference between AdaIN and WCT?
#
#    <details><summary>Answer</summary>
#
#    None, up to the epsilon: a covariance of one channel is its variance, and the root of that is
#    the standard deviation.
#
#    </details>
#
# 4. Features of 8 positions and 128 channels: which rank has their covariance at most, and what
#    does that mean for whitening?
#
#    <details><summary>Answer</summary>
#
#    At most 7, since the mean is subtracted from 8 positions. 121 eigenvalues are 0, and to the
#    power of -1/2 they would be infinite; they have to be regularized.
#
#    </details>
#
# 5. Two styles with the weights 1 and 1 at strength 1: is it the mean of the two stylized
#    pictures? Where is the difference made?
#
#    <details><summary>Answer</summary>
#
#    No. The statistics are averaged, not the pictures, and then one picture is drawn with the
#    mixture. The mean of two pictures would show both kinds of strokes half transparent.
#
#    </details>
#
# ## Reading
# - X. Huang and S. Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
#   Normalization", ICCV 2017.
# - Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu and M.-H. Yang, "Universal Style Transfer via Feature
#   Transforms", NIPS 2017: whitening and coloring, from coarse to fine.
# - L. Gatys, A. Ecker, M. Bethge, A. Hertzmann and E. Shechtman, "Controlling Perceptual Factors in
#   Neural Style Transfer", CVPR 2017: color, scale and place.
# - V. Dumoulin, J. Shlens and M. Kudlur, "A Learned Representation for Artistic Style", ICLR 2017:
#   styles as a few numbers, and their mixtures.
