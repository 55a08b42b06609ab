# %% [markdown]
# # Lesson 7: Pixel values applied
# You put the pixel values of a painting on a photograph, method by method, see what each can and
# cannot do, and send the result through the autoencoder.
#
# **You will be able to**
# - give a photograph the mean, the covariance, the histograms or the whole color distribution of a
#   painting, and check which of these a result has
# - choose a color space, and say what "decorrelated" buys
# - explain bands, grain and seams, measure them, and remove them
# - build an image from squares of a painting, and blend them
# - say what decoding repairs, and what it blurs
#
# **You need:** lesson 3, what a covariance is.
#
# **Time:** 90 minutes, 110 with the optional sections; the code runs in about 20 s on a CPU, and
# about as long on a GPU, because most of it is NumPy.
#
# **Optional:** *The whole distribution*, *What none of them can do*.

# %% tags=["setup"]

# %%
import numpy as np

from course_lib import collection, images
from course_lib.autoencoder import Autoencoder
from course_lib.exercises import exercise
from course_lib.plots import plot_bars, plot_histogram, plot_lines, show_images, show_matrix
from course_lib.transfer import PixelTransfer
from course_lib.transfer.colors import to_space
from course_lib.transfer.matching import match_covariance, match_histograms
from course_lib.transfer.patches import corners, describe, nearest, soft_window
from course_lib.widgets import pixel_lab

# %% [markdown]
# ## The plan
# There are two families of style transfer in this course. The **feature-based** one changes the
# code; that is the next lesson. The **pixel-based** one works on the image itself: it puts pixel
# values of the style image on the content image, and then the autoencoder encodes and decodes the
# result. Today we do the first step in five ways, each knowing more about the style than the one
# before, and then look at what the second step makes of it.

# %%
# alt: Two photographs, a white cup on a red saucer and a rocket before a dusky sky, and two style
#      images, a woodcut of sailing boats in ocher and blue-gray, and a starry night in strokes of
#      blue and yellow.
cup = collection.photograph("coffee", size=(192, 256))
rocket = collection.photograph("rocket", size=(192, 256))
woodcut = collection.style_image("woodcut", size=240)
night = collection.style_image("impressionist", size=240)
show_images(
    {
        "content: cup": cup,
        "content: rocket": rocket,
        "style: woodcut": woodcut,
        "style: night": night,
    },
    columns=4,
    width=580,
)

# %% [markdown]
# For most of this lesson an image is only a heap of colors: an array (number of pixels, 3) that no
# longer knows which pixel was next to which.


# %%
def colors_of(image):
    """The pixels of an image, one a row."""
    return image.reshape(-1, 3)


print("cup:", cup.shape, "->", colors_of(cup).shape)
print("woodcut:", woodcut.shape, "->", colors_of(woodcut).shape)

# %% [markdown]
# The two heaps have different sizes. That is no problem: whatever we take from the style will be a
# statistic, and statistics do not care how many pixels they come from.
#
# ## Mean and standard deviation
# The smallest description of a heap of colors is its mean and its standard deviation, for each
# channel. Six numbers. Reinhard and colleagues showed in 2001 how far they get you.
#
# ### Exercise: match mean and standard deviation
# Bring every channel of `colors` to mean 0 and standard deviation 1, then to the mean and standard
# deviation of `wanted`. Both are heaps of shape (number of pixels, 3), of different sizes; the
# result is as large as `colors`. Stuck? `exercise("match-mean-std").hint()`.


# %%
def match_mean_std(colors, wanted):
    """The colors, with every channel's mean and standard deviation as in `wanted`."""
    ...


match_mean_std = exercise("match-mean-std").check(match_mean_std)

# %% [markdown]
# **Before you run the next cell:** the saucer is the reddest thing in the photograph. The woodcut
# has no red at all. What will the saucer look like?

# %%
# alt: The cup in its own colors, and the same cup paler, with a greenish table and a saucer of a
#      duller red.
moved = match_mean_std(colors_of(cup), colors_of(woodcut)).reshape(cup.shape)
show_images({"content": cup, "mean and std of the woodcut": moved}, width=620)

# %%
for name, statistic in {"mean": np.mean, "standard deviation": np.std}.items():
    equal = np.allclose(statistic(moved, axis=(0, 1)), statistic(woodcut, axis=(0, 1)), atol=1e-3)
    print(f"{name} of each channel as in the woodcut:", equal)
print("values outside [0, 1]:", bool(moved.min() < 0 or moved.max() > 1))

# %% tags=["nbval-ignore-output"]
outside = np.mean((moved < 0) | (moved > 1))
print(f"from {moved.min():.2f} to {moved.max():.2f}, {outside:.1%} of the values outside")

# %% [markdown]
# The statistics are matched exactly. But some values have left the range that a screen can show;
# they are clipped when the image is drawn, and then the statistics no longer hold exactly. Every
# tolerance in this lesson has to leave room for that.
#
# ## Which red, green and blue?
# We treated the channels one by one, as if they had nothing to do with each other. Do they?
#
# **Before you run the next cell:** in a photograph, if a pixel has much red, does that tell you
# anything about its green? The table shows the size of the **correlation** of two channels: 1 if
# one follows from the other, 0 if it says nothing about it.

# %%
# alt: A table of correlations, three color spaces by three pairs of channels. In RGB all three are
#      large; in Lab and Ruderman's space only that of channels 2 and 3 is.
spaces = {name: colors_of(to_space(cup, name)) for name in ("rgb", "lab", "ruderman")}
correlation = {name: np.corrcoef(values.T) for name, values in spaces.items()}
pairs = [(0, 1), (0, 2), (1, 2)]
show_matrix(
    [[abs(matrix[pair]) for pair in pairs] for matrix in correlation.values()],
    row_labels=list(correlation),
    column_labels=["1 and 2", "1 and 3", "2 and 3"],
    numbers=True,
    title="how channels vary together",
)

# %%
mean_of = {n: np.mean([abs(m[pair]) for pair in pairs]) for n, m in correlation.items()}
print("RGB channels vary together most:", max(mean_of, key=mean_of.get) == "rgb")
print("all RGB correlations above 0.6:", bool(min(correlation["rgb"][p] for p in pairs) > 0.6))

# %% [markdown]
# Where there is light there is much of all three. So changing red alone changes the *color* of
# bright things. Two other spaces have one channel for brightness and two for color:
#
# - **Lab**: lightness, green to red, blue to yellow, in steps that look equally large to the eye.
# - **Ruderman's space**: the responses of the three kinds of cones in the eye, in logarithms,
#   rotated so that for photographs of nature the channels are **decorrelated**: they hardly vary
#   together, and one can be changed without the others.
#
# In the table, brightness (channel 1) indeed says much less about color there. The two color
# channels still vary together; this photograph is nearly all brown and orange.
#
# `PixelTransfer` is the library's. Here it leaves out the autoencoder (`tap=None`) and a smoothing
# that comes later.

# %%
# alt: The cup with the mean and standard deviation of the starry night, in three color spaces. All
#      three are blue, and each has other colors on the rim of the cup, the coffee and the table.
results = {
    space: PixelTransfer("mean_std", color_space=space, tap=None, guided_filter=False)(cup, night)
    for space in ("rgb", "lab", "ruderman")
}
show_images(results, width=620)

# %% [markdown]
# All three take on the night, and yet they differ. Each has the night's mean and standard
# deviation, but in its own space. No space is the right one; which one you like may depend on the
# pair.
#
# ## The covariance
# Instead of looking for a space in which channels do not vary together, we can include *how* they
# vary together in the statistics: the covariance matrix, 3 x 3. The recipe needs no new idea.
# Rotate and stretch the heap until its covariance is the identity (**whitening**), then stretch and
# rotate it until it has the style's (**coloring**). But whitened colors can be rotated in any way
# and are still white. So there are infinitely many results, all with exactly the right mean and
# covariance.
#
# **Before you run the next cell:** what will the other ones look like?


# %%
# alt: Three cups with the same mean and covariance of colors. Two have strange colors and the
#      brightness of a negative in places; the third looks natural, in ocher and blue-gray.
def root(matrix, exponent=0.5):
    """A power of a symmetric matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * values**exponent @ vectors.T


def turned_covariance(colors, wanted, turn):
    """Whiten, turn, color."""
    white = (colors - colors.mean(axis=0)) @ root(np.cov(colors.T), -0.5)
    return white @ turn @ root(np.cov(wanted.T)) + wanted.mean(axis=0)


generator = np.random.default_rng(7)
turns = [np.linalg.qr(generator.normal(size=(3, 3)))[0] for _ in range(2)]
given = colors_of(cup), colors_of(woodcut)
candidates = {
    f"turned at random, {n}": turned_covariance(*given, turn) for n, turn in enumerate(turns, 1)
}
candidates["moves colors least"] = match_covariance(*given)
show_images({name: colors.reshape(cup.shape) for name, colors in candidates.items()}, width=620)

# %%
wanted_covariance = np.cov(given[1].T)
for name, colors in candidates.items():
    same = np.allclose(np.cov(colors.T), wanted_covariance, atol=1e-3)
    print(f"{name}: covariance of the woodcut: {same}")
distance = {name: np.mean((colors - given[0]) ** 2) for name, colors in candidates.items()}
print("moved least:", min(distance, key=distance.get))

# %% tags=["nbval-ignore-output"]
print("mean squared distance moved:", {name: round(float(d), 3) for name, d in distance.items()})

# %% [markdown]
# A statistic says what a result must have, not how to get there. Among all the ways there is one
# that moves the colors least on average, and it is known in closed form: with the covariances $A$
# of the content and $B$ of the style, subtract the mean, multiply by
#
# $$ T = A^{-1/2} \left( A^{1/2} B A^{1/2} \right)^{1/2} A^{-1/2}, $$
#
# and add the style's mean. (The powers are those of `root` above.) Work out $T A T$: it is $B$.
# Moving things at the least cost is the subject of **optimal transport**; we will need it again.
#
# ## The histogram of each channel
# Mean and standard deviation are all there is to know about a bell curve. Is the woodcut's red
# one?

# %%
# alt: Two histograms. The cup's red is a broad hill, its green and blue crowd near 0 and run out
#      slowly; the woodcut's channels have a few sharp peaks each.
plot_histogram({"cup": cup, "woodcut": woodcut})

# %% [markdown]
# It has a peak for each ink. To match the whole histogram, go by **ranks**: the darkest value of
# the content becomes the darkest of the style, the median the median, and so on.
#
# ### Exercise: match by ranks
# One channel at a time: `values` and `wanted` are one-dimensional, of any two lengths. The rank of
# a value says how many are smaller; as a share it runs from 0 for the smallest to 1 for the
# largest. Look that share up among the wanted values with `np.quantile`. In this exercise no two
# values are equal. Stuck? `exercise("match-ranks").hint()`.


# %%
def match_ranks(values, wanted):
    """The values, in their own order, with the distribution of `wanted`."""
    ...


match_ranks = exercise("match-ranks").check(match_ranks)

# %%
# alt: The cup with the woodcut's covariance, in brown and blue-gray, and the cup with its three
#      histograms: the table is green and pink, which the woodcut is not.
by_channel = np.stack(
    [match_ranks(cup[..., k].ravel(), woodcut[..., k].ravel()) for k in range(3)], axis=1
).reshape(cup.shape)
show_images(
    {
        "covariance": candidates["moves colors least"].reshape(cup.shape),
        "three histograms": by_channel,
    },
    width=620,
)

# %%
shares = np.linspace(0.02, 0.98, 49)
quantiles = [np.quantile(colors_of(one), shares, axis=0) for one in (by_channel, woodcut)]
apart = np.abs(quantiles[0] - quantiles[1]).mean()
before = np.abs(np.quantile(colors_of(cup), shares, axis=0) - quantiles[1]).mean()
print("same histograms, up to 0.02:", bool(apart < 0.02), "- and before:", bool(before < 0.02))

# %% tags=["nbval-ignore-output"]
print(f"mean difference of quantiles: {before:.3f} before, {apart:.4f} after")

# %% [markdown]
# The histograms agree, all three of them. Still there are colors that the woodcut does not have.
# **Where do they come from?** Look at a toy example before you answer: a style that consists of
# pure red and pure blue.

# %%
toy_style = np.array([[1.0, 0, 0]] * 50 + [[0, 0, 1.0]] * 50)
toy_content = np.random.default_rng(0).uniform(0.3, 0.7, size=(100, 3))
toy = match_histograms(toy_content, toy_style)
print("red values:  ", np.unique(toy[:, 0].round(2)))
print("blue values: ", np.unique(toy[:, 2].round(2)))
print("colors:", np.unique(toy.round(2), axis=0).tolist())

# %% [markdown]
# Each channel has the right values, 0 and 1, in the right numbers. But red and blue decided
# independently, so there is magenta, where both said 1, and black, where both said 0. The style has
# neither. Three histograms do not know which red comes with which blue.
#
# ## The whole distribution
# How do you match a heap of colors in three dimensions, where there are no ranks? With a trick:
# look at the heap from one direction. Along an axis it is one-dimensional, and there we know what
# to do. Match the histograms along three axes, turn the axes, match again, and so on. Once the
# heaps look the same from every direction, they are the same. This is **sliced optimal transport**.
#
# ### Exercise: histograms along turned axes
# `axes` is a matrix (3, 3) with columns of length 1 at right angles. `colors @ axes` are the
# coordinates along them. Use `match_histograms(colors, wanted)`, which does every channel. Stuck?
# `exercise("match-turned").hint()`.


# %%
def match_turned(colors, wanted, axes):
    """Turn both, match the histograms, turn back."""
    ...


match_turned = exercise("match-turned").check(match_turned)


# %% [markdown]
# We start from the covariance's result and turn 15 times. As a measure of distance we take the same
# idea: project both heaps onto some fixed directions, and compare the quantiles.


# %%
def sliced_distance(colors, wanted):
    """Mean difference of quantiles, seen from 20 directions."""
    ways = np.random.default_rng(1).normal(size=(3, 20))
    ways /= np.linalg.norm(ways, axis=0)
    pair = [np.quantile(one @ ways, shares, axis=0) for one in (colors, wanted)]
    return float(np.abs(pair[0] - pair[1]).mean())


colors, wanted = given
colors = match_covariance(colors, wanted)
distances = [sliced_distance(colors, wanted)]
for _ in range(15):
    axes, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    colors = match_turned(colors, wanted, axes)
    distances.append(sliced_distance(colors, wanted))
whole = colors.reshape(cup.shape)

# %%
# alt: A curve that starts at the covariance's distance and falls steeply in the first turns, then
#      slowly towards zero.
plot_lines(
    {"cup to woodcut": (range(len(distances)), distances)},
    xlabel="turns",
    ylabel="distance of the two heaps",
    markers=True,
)
print("at most a fifth of what it was:", distances[-1] < distances[0] / 5)
closer = distances[-1] < sliced_distance(colors_of(by_channel), wanted) / 2
print("at most half of what three histograms reach:", closer)

# %% tags=["nbval-ignore-output"]
three = sliced_distance(colors_of(by_channel), wanted)
print(f"{distances[0]:.4f} by covariance, {three:.4f} by three histograms, ", end="")
print(f"{distances[-1]:.4f} after 15 turns; unchanged {sliced_distance(given[0], wanted):.3f}")

# %%
# alt: The cup, and the cup after matching the whole distribution, in the woodcut's inks only, like
#      a print.
show_images({"content": cup, "whole distribution": whole}, width=460)

# %% [markdown]
# Now the cup is printed in the woodcut's inks. The green and pink of the table are gone.
#
# ### Bands and grain
# On the cup, with its many colors, that looks intended. On a photograph with a smooth sky it does
# not.
#
# **Before you run the next cell:** the rocket's sky is nearly of one color, from one side to the
# other. The night has many colors. What happens to the sky if all colors of the night must occur?

# %%
# alt: The rocket; the rocket in the night's colors, its sky broken into bands and grain; and the
#      same with a smooth sky and a sharp rocket.
rough = PixelTransfer("distribution", tap=None, guided_filter=False)(rocket, night)
smooth = PixelTransfer("distribution", tap=None)(rocket, night)
rows = {"content": rocket, "whole distribution": rough, "change smoothed": smooth}
show_images(rows, width=620)

# %% [markdown]
# The sky has to supply all the blues of the night, so differences of one step in 255 are pulled
# apart until they show: **bands** where the photograph was rounded, **grain** where it was noisy.
# The colors are right, and the image is not. Here is a piece of the sky, enlarged.

# %%
# alt: A piece of the sky above a lattice tower, enlarged: smooth; broken into blotches of blue and
#      green; and smooth again, in the night's colors.
show_images(
    {name: np.kron(one[20:84, 150:214], np.ones((3, 3, 1))) for name, one in rows.items()},
    width=620,
)

# %% [markdown]
# The remedy looks at the *change*, result minus content. In every small window it is replaced by
# the straight line (of the content's colors) that fits it best. Where the content is flat there is
# nothing to depend on, so the change becomes a constant; at an edge of the content it may jump.
# This is a **guided filter**. How much of the sky's roughness is left?


# %%
# alt: Three bars: the content's sky is smooth, the whole distribution makes it many times as rough,
#      and smoothing the change brings it back near the content's.
def roughness(image):
    """Mean difference of neighboring pixels in a part of the sky."""
    sky = image[20:90, 150:220]
    return float(np.abs(np.diff(sky, axis=0)).mean() + np.abs(np.diff(sky, axis=1)).mean())


plot_bars(
    {name: 255 * roughness(image) for name, image in rows.items()},
    ylabel="difference of neighbors (of 255)",
)
print("less than half as rough:", roughness(smooth) < roughness(rough) / 2)
print(
    "the price, farther from the night's colors:",
    sliced_distance(colors_of(smooth), colors_of(night))
    > sliced_distance(colors_of(rough), colors_of(night)),
)

# %% tags=["nbval-ignore-output"]
for name, image in rows.items():
    print(f"{name:20} {sliced_distance(colors_of(image), colors_of(night)):.4f} from the night")

# %% [markdown]
# You cannot have both: exactly the style's colors, and only the content's edges. `PixelTransfer`
# smooths unless told not to.
#
# ## What none of them can do
# **Before you run the next cell:** we shuffle the pixels of the woodcut, so that it becomes noise
# in its colors. Which of the four methods will give a different result?

# %%
# alt: A part of the woodcut with its pixels shuffled: noise in ocher, gray-blue and black.
noise = np.random.default_rng(2).permutation(colors_of(woodcut)).reshape(woodcut.shape)
gap = {}
for method in ("mean_std", "covariance", "histogram", "distribution"):
    transfer = PixelTransfer(method, tap=None)
    shuffled, plain, other = (transfer(cup, style) for style in (noise, woodcut, night))
    gap[method] = float(np.abs(shuffled - plain).max()), float(np.abs(other - plain).max())
    same, control = (one < 0.01 for one in gap[method])
    print(f"{method}: the same result: {same}, with another painting: {control}")
show_images({"a piece of the woodcut, shuffled": noise[:100, :240]}, width=300)

# %% tags=["nbval-ignore-output"]
for method, (shuffled, other) in gap.items():
    print(f"{method}: largest difference {shuffled:.5f}, with another painting {other:.2f}")

# %% [markdown]
# None of them. For all four the style is a heap of colors. Strokes, lines and the grain of the
# paper are a matter of what is next to what, and a heap does not know that. To get them we have to
# take more than one pixel at a time.
#
# ## Patches
# Cut squares out of the style and build the content from them. Which square goes where? Let the
# brightness decide: describe every square by 4 x 4 means of its luminance, and take the nearest.
# The content's luminance is first given the style's histogram, so that its brightest place can get
# the style's brightest square. In the code `corners` lists where squares may lie, `describe` gives
# each its row of 16 means, and `nearest` finds the most similar row on offer.

# %%
side, size = 16, cup.shape[:2]
luminance = [to_space(one, "lab")[..., :1] / 100 for one in (cup, woodcut)]
luminance[0] = match_histograms(luminance[0].reshape(-1, 1), luminance[1].reshape(-1, 1))
luminance[0] = luminance[0].reshape(*size, 1)

offered = corners(woodcut.shape[:2], side, step=4)
offered_rows = describe(luminance[1], offered, side, 4, woodcut.shape[:2])


def choose(places):
    """For every place on the cup a square of the woodcut."""
    rows = describe(luminance[0], places, side, 4, size)
    found = offered[nearest(rows, offered_rows)]
    return np.stack([woodcut[top : top + side, left : left + side] for top, left in found])


tiles = corners(size, side, step=side)
print("squares on offer:", offered_rows.shape)
print("squares wanted:", choose(tiles).shape)

# %% [markdown]
# First we lay them edge to edge.

# %%
# alt: A cup of squares cut from the woodcut, with its hatching and with visible seams.
mosaic = np.zeros_like(cup)
for (top, left), square in zip(tiles, choose(tiles), strict=True):
    mosaic[top : top + side, left : left + side] = square
show_images({"squares side by side": np.kron(mosaic[:128], np.ones((2, 2, 1)))}, width=400)

# %% [markdown]
# There is hatching, for the first time. There are also seams: neighbors know nothing of each other.
#
# ### Exercise: blend overlapping patches
# Lay the squares so close that they overlap, and take a weighted mean where they do. The weights
# of a square's pixels, `window`, fall toward its border. So each pixel is
#
# $$ \frac{\sum_k w_k \, p_k}{\sum_k w_k}, $$
#
# where $k$ runs over the patches that cover it, $p_k$ is what patch $k$ has there, and $w_k$ its
# weight. `patches` has the shape (number, side, side, channels), `places` holds (top, left) of
# each, `size` is (height, width) of the image, and `window` has the shape (side, side). Stuck?
# `exercise("blend-patches").hint()`.


# %%
def blend_patches(patches, places, size, window):
    """An image (height, width, channels) from overlapping patches."""
    ...


blend_patches = exercise("blend-patches").check(blend_patches)

# %%
# alt: The cup of blended squares: no seams, but its hatching is washed out where squares do not
#      agree.
dense = corners(size, side, step=side // 2)
blended = blend_patches(choose(dense), dense, size, soft_window(side, 1))
show_images({"blended": np.kron(blended[:128], np.ones((2, 2, 1)))}, width=400)


# %%
def jump(image):
    """How much larger the steps across the seams are than those elsewhere."""
    steps = np.abs(np.diff(image, axis=1)).mean(axis=(0, 2))
    seams = np.arange(side - 1, image.shape[1] - 1, side)
    return steps[seams].mean() / np.delete(steps, seams).mean()


print("side by side, steps at seams larger than elsewhere:", bool(jump(mosaic) > 1.3))
print("blended, steps at these places as elsewhere:", bool(0.7 < jump(blended) < 1.3))

# %% tags=["nbval-ignore-output"]
print(f"steps at seams, those elsewhere being 1: {jump(mosaic):.2f}, blended {jump(blended):.2f}")

# %% [markdown]
# The seams are gone, and so is part of the hatching: the mean of two squares that do not fit is
# a blur. (Lesson 3 said it: averaging what cannot be known blurs.) So let neighbors agree. The
# library goes over the image several times, from large squares to small ones. From the second time
# on it looks for a square that has the right brightness *and* resembles what is there already, so
# that overlapping squares come to show the same thing.
#
# And brightness is not the only guide. Squares can also be compared by what the encoder sees in
# them, by their **code**.

# %%
# alt: Four cups. Built from the woodcut they have ocher and gray-blue areas with hatching; built
#      from stained glass, glowing areas with dark lead lines. By luminance light and dark are kept;
#      by the code, outlines and areas with texture.
autoencoder = Autoencoder.from_course()
glass = collection.style_image("stained_glass", size=240)
built = {}
for name, style in {"woodcut": woodcut, "glass": glass}.items():
    for guide in ("luminance", "code"):
        transfer = PixelTransfer("patches", tap=None, guide=guide, autoencoder=autoencoder)
        built[f"{name}, by {guide}"] = transfer(cup, style)
show_images(built, columns=2, width=480)

# %% [markdown]
# By luminance, what is bright stays bright. By the code, an outline is laid with squares that hold
# an outline, whatever their brightness: the lead of the glass runs around the saucer. But where
# the code finds nothing similar, it takes anything. At a larger size there is more room for panes:

# %%
# alt: The cat's face laid from pieces of stained glass: glowing panes between dark lead lines;
#      light and dark are the photograph's.
transfer = PixelTransfer("patches", tap=None, guide="luminance", autoencoder=autoencoder)
window = transfer(
    collection.photograph("chelsea", size=512), collection.style_image("stained_glass", size=384)
)
show_images({"the cat, built from pieces of stained glass": window}, width=512)

# %% [markdown]
# ## Through the autoencoder
# Now the second step. The decoder has learned what photographs look like, and photographs have no
# seams.
#
# **Before you run the next cell:** from which tap on will the seams between the squares be weaker?
# And what else will be?

# %%
# alt: A part of the cup of squares, and the same decoded from four taps. From relu1_1 and relu2_1
#      seams and hatching are as before, from relu3_1 both are softer, from relu4_1 both are
#      blurred.
batch = images.to_batch(mosaic)
taps = autoencoder.taps
decoded = {tap: images.from_batch(autoencoder.reconstruct(batch, tap=tap)) for tap in taps}
part = np.s_[40:168, 60:230]
show_images(
    {"squares side by side": mosaic[part]} | {tap: decoded[tap][part] for tap in decoded},
    columns=3,
    width=540,
)


# %%
def details(image):
    """Mean difference of neighboring pixels."""
    return float(np.abs(np.diff(image, axis=0)).mean() + np.abs(np.diff(image, axis=1)).mean())


shallow, deep = decoded[taps[0]], decoded[taps[-1]]
print("detail kept from the first tap:", details(shallow) > 0.9 * details(mosaic))
print("detail lost from the deepest:", details(deep) < 0.9 * details(mosaic))

# %% tags=["nbval-ignore-output"]
print("tap: detail kept, and steps at seams")
for tap, image in decoded.items():
    print(f"{tap}: {details(image) / details(mosaic):.2f}, {jump(image):.2f}")

# %% [markdown]
# From the first tap the seams come back almost as they were. From a deep one they come back
# weaker, and so does whatever else is finer than the code can say. For the network, seams and
# hatching are the same kind of thing: fine detail. The deeper the tap, the more of both is lost.
# Grain is where this helps most. It is noise, and lesson 3 sent noise through a bottleneck.

# %%
# alt: The rocket with its grainy sky, and decoded from two taps: the deeper the tap, the smoother
#      the sky and the softer the lattice towers.
grainy = images.to_batch(rough)
cleaned = {tap: images.from_batch(autoencoder.reconstruct(grainy, tap=tap)) for tap in taps[2:]}
show_images({"whole distribution": rough} | cleaned, width=620)

# %%
print("sky smoother from the deepest tap:", roughness(cleaned[taps[-1]]) < 0.8 * roughness(rough))
print("and smoother than by the guided filter:", roughness(cleaned[taps[-1]]) < roughness(smooth))

# %% tags=["nbval-ignore-output"]
for name, image in ({"whole distribution": rough, "guided filter": smooth} | cleaned).items():
    print(f"{name:20} differs by {255 * roughness(image):.1f} of 255 from pixel to pixel")

# %% [markdown]
# The decoder smooths the sky even more than the guided filter did, and the lattice towers with it.
# The guided filter was given the photograph, which knows where the edges are. The decoder has only
# the code. `PixelTransfer(tap=...)` chooses how deep to go, and `tap=None`
# leaves the autoencoder out, as we have done so far.
#
# ## Strength, several styles, masks
# Everything so far ran at full strength. You can stop anywhere between content and result, and mix
# the results of several styles by weight or by place.
#
# **Before you run the next cells:** what is the result at strength 0, when the autoencoder takes
# part?

# %%
# alt: The cup at strength 0, in its own colors; at one half; at full strength in the blue of the
#      night; and, on the left the night's colors, on the right those of the stained glass, one
#      passing softly into the other.
transfer = PixelTransfer("distribution", autoencoder=autoencoder)
steps = {f"strength {s}": transfer(cup, night, strength=s) for s in (0.0, 0.5, 1.0)}
left = np.clip(np.linspace(2, -1, 256), 0, 1) * np.ones((192, 1))
steps["two styles, soft mask"] = transfer(cup, [night, glass], masks=[left, 1 - left])
show_images(steps, columns=4, width=640)

# %%
same = images.from_batch(autoencoder.reconstruct(images.to_batch(cup), tap=transfer.tap))
print("strength 0 is the reconstruction:", np.allclose(steps["strength 0.0"], same, atol=1e-4))

# %% [markdown]
# It is the content, encoded and decoded, nothing more.
#
# ## Lab: the pixels
# All methods of this lesson, with the color space, the strength and the histograms beside the
# image. **Before you choose a method:** which of the histograms will agree with the style's?

# %%
lab = pixel_lab()
lab.show(width=800)

# %% [markdown]
# ## Summary
# - Pixel-based transfer puts the style's pixel values on the content; the autoencoder then encodes
#   and decodes the result.
# - Mean and standard deviation are six numbers. They depend on the color space; in RGB the channels
#   vary together.
# - Many maps reach a covariance. The one that moves the colors least looks natural.
# - Three histograms can agree, and the colors can still be foreign. Matching along many directions
#   gets the whole distribution.
# - What is exact in color is rough in the image: bands and grain. A guided filter on the change
#   removes them, and gives up some exactness.
# - A heap of colors holds no strokes. Patches do; they must overlap, be blended, and agree.
# - Decoding from a deep tap smooths seams and grain, and with them whatever is finer than the code
#   can say.
#
# ## Questions to check yourself
# 1. A style image of one color: what does each method make of the content?
#
#    <details><summary>Answer</summary>
#
#    Its standard deviation is 0, its histogram one value: the four color methods give an image of
#    that one color, up to rounding. Patches give it as well, since every square is of that color.
#
#    </details>
#
# 2. A gray photograph has only one direction in which its colors vary. What can "covariance" give
#    it, and what can "distribution"?
#
#    <details><summary>Answer</summary>
#
#    Covariance can only stretch the one direction and turn it into another: all colors stay on a
#    line. Distribution can bend the line into a curve, as each gray value gets one color; it cannot
#    fill three dimensions.
#
#    </details>
#
# 3. You turn the style image upside down. For which methods does the result stay the same?
#
#    <details><summary>Answer</summary>
#
#    For all those that treat it as a heap of colors: mean and standard deviation, covariance,
#    histogram, distribution. Patches, though, are cut upside down.
#
#    </details>
#
# 4. Why does the guided filter not blur the rocket?
#
#    <details><summary>Answer</summary>
#
#    It smooths the change, not the image. At the rocket's edges the change may jump, because the
#    content does.
#
#    </details>
#
# 5. The patches of the cup come out in the wrong colors in one place. Which option of
#    `PixelTransfer` would you change, and what would you lose?
#
#    <details><summary>Answer</summary>
#
#    Smaller squares, or more weight on the guide. With small squares the strokes of the style are
#    cut to pieces.
#
#    </details>
#
# ## Reading
# - E. Reinhard, M. Ashikhmin, B. Gooch and P. Shirley, "Color Transfer between Images", IEEE
#   Computer Graphics and Applications, 2001.
# - F. Pitié, A. Kokaram and R. Dahyot, "Automated Colour Grading using Colour Distribution
#   Transfer", Computer Vision and Image Understanding, 2007.
# - J. Rabin, J. Delon and Y. Gousseau, "Removing Artefacts from Color and Contrast Modifications",
#   IEEE Transactions on Image Processing, 2011.
# - K. He, J. Sun and X. Tang, "Guided Image Filtering", ECCV 2010.
# - A. Efros and W. Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001.
# - V. Kwatra, I. Essa, A. Bobick and N. Kwatra, "Texture Optimization for Example-based Synthesis",
#   SIGGRAPH 2005.
