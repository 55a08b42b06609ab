# %% [markdown]
# # Lesson 5: Features and content
# You look into the trained encoder: what its channels respond to, how much of an image you can
# recover from each tap, and what it means for two images to have the same content.
#
# **You will be able to**
# - find the patches that excite a channel most, and make an image that excites it more than any
#   window of the collection
# - recover an image from its features in two ways, and explain why the results differ
# - test whether an optimization has converged before you read anything into its result
# - write the content loss, and predict which changes of an image it minds, at which tap
#
# **You need:** lesson 3.
#
# **Time:** 80 minutes, 100 with the optional sections; the code runs in about 30 s on a CPU, and in
# about 20 s on a GPU.
#
# **Optional:** *Turn a knob*, *Lab: the feature browser*, *What is left over*.

# %% tags=["setup"]

# %%
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib import collection, images
from course_lib.autoencoder import TAPS, Autoencoder
from course_lib.budget import choose_budget
from course_lib.byhand import receptive_field
from course_lib.exercises import exercise
from course_lib.features import FeatureExtractor
from course_lib.losses import total_variation_loss
from course_lib.metrics import psnr
from course_lib.plots import (
    plot_bars,
    show_difference,
    show_feature_maps,
    show_image,
    show_images,
    show_matrix,
)
from course_lib.transfer import optimize_image
from course_lib.widgets import feature_browser

# %% [markdown]
# ## The encoder as an instrument
# So far the encoder was one half of a machine that copies images. From now on it is an instrument.
# It is trained, we no longer change it, and we read off what it says about an image.
#
# The course's encoder has four taps. `FeatureExtractor` reads them; later it will read other
# networks just as well.

# %%
# alt: A portrait of an astronaut in an orange suit, with a helmet and a flag.
extractor = FeatureExtractor("course")
portrait = collection.photograph("astronaut", size=256)
features = extractor(images.to_batch(portrait))
show_image(portrait, width=190)
for tap, maps in features.items():
    print(f"{tap}: {tuple(maps.shape)}")

# %% [markdown]
# Each channel is a map: it says how strongly the channel responds at every place. Let's look at
# three channels of each tap: those that vary most from place to place. Many channels resemble each
# other, so we skip each one that correlates by 0.4 or more with one already chosen.
#
# **Before you run the next cells:** at which tap will the maps look most like the photograph? And
# what will those of the deepest tap look like?


# %%
def busiest(maps, count):
    """The channels that vary most over places and images, the most varied first."""
    std = ops.convert_to_numpy(maps).std(axis=(0, 1, 2))
    return np.argsort(-std)[:count]


def unlike(maps, channels, count, most=0.4):
    """The first of these channels, without any that correlates with one already chosen."""
    flat = ops.convert_to_numpy(maps)[..., channels].reshape(-1, len(channels))
    alike = np.abs(np.corrcoef(flat, rowvar=False))
    chosen = []
    for k in range(len(channels)):
        if all(alike[k, one] < most for one in chosen):
            chosen.append(k)
    return [int(channels[k]) for k in chosen[:count]]


shown = {tap: unlike(maps, busiest(maps, 20), 3) for tap, maps in features.items()}
print("three channels for each tap:", all(len(chosen) == 3 for chosen in shown.values()))

# %%
# alt: Three channels of relu1_1: the portrait in sharp shades of gray. In each, other colors or
#      edges are bright.
# alt: Three channels of relu2_1: the portrait in half as many pixels, still easily recognized. In
#      each, other colors or edges are bright.
# alt: Three channels of relu3_1: coarse maps in which the portrait can just be made out. Each is
#      bright in other parts of the photograph.
# alt: Three channels of relu4_1: squares of gray, so coarse that only someone who knows the
#      portrait finds it. Each is bright in other parts of the photograph.
for tap, chosen in shown.items():
    show_feature_maps(features[tap], channels=chosen, width=510, title=f"{tap}: channel")

# %% [markdown]
# At the first tap each map is the photograph through a colored glass, or with only its edges left.
# Deeper maps are coarser. They look less like an image and more like the answer to a question:
# *where is this thing?* But which thing?
#
# ## What a channel of the first tap looks for
# At `relu1_1` we can simply look it up. A channel is one kernel of 3 x 3 pixels and 3 colors,
# which is a tiny image. Brighter than gray means "the more, the better", darker than gray means
# "the less, the better", and gray means "does not matter". So red asks for a lot of red and little
# else.

# %%
# alt: Three squares of 3 x 3 colored pixels, some of them brighter than gray and some darker.
kernels, biases = extractor.network.first[0].get_weights()
tiny = {
    f"channel {c}": 0.5 + kernels[..., c] / (2 * np.abs(kernels).max()) for c in shown["relu1_1"]
}
show_images(tiny, width=400)

# %% [markdown]
# Compare them with the maps of the same channels above. To check, we compute one number by hand:
# cut 3 x 3 pixels out of the photograph, bring them to the range in which the encoder works
# (`center` in lesson 2), multiply, add the bias, and cut off what is negative.

# %%
row, column = 60, 100
patch = 4 * (portrait[row - 1 : row + 2, column - 1 : column + 2] - 0.5)
by_hand = np.maximum(np.einsum("hwc,hwcd->d", patch, kernels) + biases, 0)
in_the_map = ops.convert_to_numpy(features["relu1_1"])[0, row, column]
print("numbers at this place:", len(by_hand))
print("by hand and in the map the same:", bool(np.allclose(by_hand, in_the_map, atol=1e-4)))

# %% [markdown]
# ## Which patch excites a channel?
# One level down the kernels are no longer images: those before `relu2_1` have 24 channels. So we
# turn the question around. We show the encoder many images and see where a channel responds most
# strongly. What is there?
#
# The images are the whole collection: a square of each photograph and each style image.


# %%
def square(image, side=160):
    """The middle of an image."""
    top, left = (np.array(image.shape[:2]) - side) // 2
    return image[top : top + side, left : left + side]


names = collection.names()
all_images = [square(collection.photograph(name, size=256)) for name in names["photographs"]]
all_images += [square(collection.style_image(name, size=256)) for name in names["styles"]]
all_images = np.stack(all_images)
responses = {tap: ops.convert_to_numpy(maps) for tap, maps in extractor(all_images).items()}
print("images:", all_images.shape[1:], " responses at relu4_1:", responses["relu4_1"].shape[1:])

# %% [markdown]
# ### Exercise: the strongest places
# `maps` has the shape (images, height, width): one channel's responses to many images. For each
# image, return the place of its largest response, as an integer array of shape (images, 2): row
# and column. Stuck? `exercise("strongest-places").hint()`.


# %%
def strongest_places(maps):
    """Row and column of the largest value of each map."""
    ...


strongest_places = exercise("strongest-places").check(strongest_places)

# %% [markdown]
# Lesson 1 computed how many pixels a number at each tap sees. That takes us from a place in the
# map to the pixels: neighbors in the map are `jump` pixels apart, and what a number sees reaches
# as far to one side of its place as to the other.

# %%
convolution, pooling = (3, 1), (2, 2)
to_next_level = [convolution, pooling, convolution]
field = {
    tap: receptive_field([convolution, *to_next_level * level]) for level, tap in enumerate(TAPS)
}
print("pixels along one side:", field)


# %%
def seen_by(number, place, tap):
    """Where in image `number` the pixels lie that one place of a map sees: an index."""
    jump = 2 ** TAPS.index(tap)
    top, left = (jump * np.array(place) - (field[tap] - jump) // 2).tolist()
    return np.s_[number, top : top + field[tap], left : left + field[tap]]


# %% [markdown]
# Index arithmetic like this is easily off by one, so we test it. Take a place, keep only the
# pixels that it is supposed to see, and make all others gray. Then do the same with one pixel less
# on each side of the patch.
#
# **Before you run the next cell:** in which of the two will the responses at this place change?


# %%
def change_of_response(where, place, tap):
    """Largest change at one place when all pixels outside `where` of its image are gray."""
    only_that = np.full_like(all_images[3:4], 0.5)
    only_that[0][where] = all_images[3][where]
    response = ops.convert_to_numpy(extractor(only_that)[tap])[0, *place]
    return float(np.abs(response - responses[tap][3, *place]).max())


place, changed = (9, 12), {}
for tap in TAPS:
    _, rows, columns = seen_by(3, place, tap)
    smaller = np.s_[rows.start + 1 : rows.stop - 1, columns.start + 1 : columns.stop - 1]
    changed[tap] = [change_of_response(one, place, tap) for one in ((rows, columns), smaller)]
    same, same_in_smaller = (one < 1e-3 for one in changed[tap])
    print(f"{tap}: {field[tap]} x {field[tap]} pixels, the same responses: {same};", end=" ")
    print(f"with one pixel less on each side: {same_in_smaller}")

# %% tags=["nbval-ignore-output"]
for tap, (patch_alone, smaller_patch) in changed.items():
    print(f"{tap}: largest change {patch_alone:.6f}, with the smaller patch {smaller_patch:.3f}")

# %% [markdown]
# A number knows its patch, all of it and nothing else. So whatever makes it large must be in the
# patch.
#
# Which channels shall we look at? Some respond to light or dark nearly everywhere. Others are
# choosy: mostly silent, and now and then very loud. These are the interesting ones, with one
# exception: a channel may be choosy about a plain color, and then there is nothing to see in its
# patches. So we show every channel 64 plain colors, and leave it out if one of them excites it
# half as much as its strongest patch does.


# %%
levels = np.linspace(0, 1, 4)
colors = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(64, 1, 1, 3)
plain_colors = colors.repeat(16, axis=1).repeat(16, axis=2).astype("float32")
by_color, by_patch = (
    {tap: ops.convert_to_numpy(maps).max(axis=(0, 1, 2)) for tap, maps in found.items()}
    for found in (extractor(plain_colors), responses)
)


def selective(tap, count):
    """Choosy channels, among those that vary most, that want more than a plain color."""
    flat = responses[tap].reshape(-1, responses[tap].shape[-1])
    varied = busiest(responses[tap], flat.shape[-1] // 2)
    choosy = varied[np.argsort(-flat.std(axis=0)[varied] / flat.mean(axis=0)[varied])]
    patterned = [c for c in choosy if by_color[tap][c] < by_patch[tap][c] / 2]
    return unlike(responses[tap], patterned, count)


studied = {tap: selective(tap, 3) for tap in TAPS}
print("three for each tap:", all(len(chosen) == 3 for chosen in studied.values()))

# %% tags=["nbval-ignore-output"]
for tap in TAPS:
    count = np.sum(by_color[tap] > by_patch[tap] / 2)
    print(f"{tap}: a plain color is enough for {count} of {len(by_color[tap])} channels")

# %% [markdown]
# For three such channels of each tap we collect the six patches with the strongest responses, no
# two of them from the same image. (We leave out the rim, where patches reach beyond the image.)


# %%
def strongest_patches(tap, channel, count=6, rim=3):
    """The patches, from different images, to which a channel responds most strongly."""
    maps = responses[tap][:, rim:-rim, rim:-rim, channel]
    places = strongest_places(maps) + rim
    best = np.argsort(-maps.max(axis=(1, 2)))[:count]
    return [all_images[seen_by(number, places[number], tap)] for number in best]


# %%
def mosaic(patches):
    """Six patches as one image, with gray lines between them."""
    framed = [np.pad(patch, [(0, 1), (0, 1), (0, 0)], constant_values=0.6) for patch in patches]
    rows = [np.concatenate(framed[k : k + 3], axis=1) for k in (0, 3)]
    return np.concatenate(rows)[:-1, :-1]


# %%
# alt: Three mosaics, one for each of three channels of relu1_1. Each holds six patches of 3 x 3
#      pixels from six images, and all six have the same edge or color.
# alt: Three mosaics for relu2_1, of patches of 10 x 10 pixels. The six of a mosaic come from six
#      images and share the direction of an edge, or a color.
# alt: Three mosaics for relu3_1, of patches of 24 x 24 pixels. The six of a mosaic come from six
#      images and resemble each other, in stripes or in curved bands.
# alt: Three mosaics for relu4_1, of patches of 52 x 52 pixels, in which parts of things can be
#      seen. The six of a mosaic come from six pictures and resemble each other less than before.
for tap in TAPS:
    show_images(
        {f"{tap}, channel {c}": mosaic(strongest_patches(tap, c)) for c in studied[tap]},
        width=600,
    )

# %% [markdown]
# Six patches from six images, and within a mosaic they have something in common. Find it for each:
# a color, the direction of an edge, a thin line, stripes, dots, a light shape on dark ground. The
# deeper the tap, the harder it is to put into words, and the less it depends on the exact pixels.
#
# ## Which image excites it most?
# The strongest patch is what the collection happens to contain. Is there an image, any image, that
# excites the channel still more? We need not search. The network can be differentiated with
# respect to its *input* too: the gradient says for each pixel whether the channel would like it
# brighter or darker. So start anywhere and go uphill. The weights stay as they are; it is the
# image that learns.
#
# We add one thing: a penalty for differences between neighboring pixels, `total_variation_loss`,
# so that the image does not fill with fine noise. Deeper channels reach larger values, so their
# penalty must be larger, too.
#
# In TensorFlow, a `tf.GradientTape` records what is computed under it. Then it can say how the
# result depends on whatever it was told to watch. `tf.function` makes a graph of the whole (lesson
# 4).


# %%
@tf.function
def uphill(all_images, tap, channels):
    """Which way to change each image so that its channel responds more strongly."""
    with tf.GradientTape() as tape:
        tape.watch(all_images)
        maps = FeatureExtractor(extractor.network, taps=tap)(all_images)[tap]
        own = [ops.mean(maps[k, ..., channel]) for k, channel in enumerate(channels)]
        penalty = 15 * 2 ** TAPS.index(tap) * len(channels)
        goal = sum(own) - penalty * total_variation_loss(all_images)
    gradient = tape.gradient(goal, all_images)
    return gradient / (ops.std(gradient, axis=(1, 2, 3), keepdims=True) + 1e-12)


# %% [markdown]
# Where to start? A ReLU that gives zero everywhere has a gradient of zero: then nobody tells the
# image which way to go. So we take several kinds of noise, fine and coarse, and start each channel
# from the one to which it responds most.


# %%
def kinds_of_noise(side=48, each=8):
    """Noise in squares of 1, 4, 12, and 24 pixels: (32, side, side, 3)."""
    generator = np.random.default_rng(5)
    found = []
    for size in (1, 4, 12, 24):
        few = generator.uniform(size=(each, side // size, side // size, 3)).astype("float32")
        found.append(few.repeat(size, axis=1).repeat(size, axis=2))
    return np.concatenate(found)


starts = kinds_of_noise()


def exciting_images(tap, channels, steps=50):
    """One image for each channel, made to excite it."""
    first = ops.convert_to_numpy(extractor(starts)[tap]).mean(axis=(1, 2))
    made = ops.convert_to_tensor(starts[np.argmax(first[:, channels], axis=0)])
    for _ in range(steps):
        made = ops.clip(made + 0.02 * uphill(made, tap, tuple(channels)), 0, 1)
    return ops.convert_to_numpy(made)


# %% [markdown]
# Dividing the gradient by its size makes all steps alike, however different the channels are. Here
# are the images for the same channels as above.
#
# **Before you run the next cell:** a patch of `relu4_1` is large enough to hold a whole eye. Will
# the images made for those channels show things like eyes?

# %%
# alt: Three images made for three channels of relu1_1: fine waves that fill the square, all in
#      one direction.
# alt: Three images made for three channels of relu2_1: waves, or colored spots between them.
# alt: Three images made for three channels of relu3_1: bands and stripes in bright colors.
# alt: Three images made for three channels of relu4_1: rows of stripes and spots in all colors, and
#      nothing that looks like a thing.
made = {tap: exciting_images(tap, studied[tap]) for tap in TAPS}
for tap in TAPS:
    show_images(
        {
            f"{tap}, channel {c}": images.resize(one, 144)
            for c, one in zip(studied[tap], made[tap], strict=True)
        },
        width=456,
    )

# %% [markdown]
# Do they excite the channel more than anything in the collection? To compare like with like, take
# the mean response over the made image, and the highest mean response over any window of the same
# size, 48 x 48 pixels, anywhere in the collection. And as a control, the noise that the ascent
# began with: does it win already?


# %%
def best_window(maps, size):
    """The highest mean over any size x size window of any of the maps."""
    sums = np.pad(maps, [(0, 0), (1, 0), (1, 0)]).cumsum(axis=1, dtype="float64").cumsum(axis=2)
    window = sums[:, size:, size:] - sums[:, :-size, size:] - sums[:, size:, :-size]
    return float((window + sums[:, :-size, :-size]).max() / size**2)


excited = {}
for tap in TAPS:
    maps, size = ops.convert_to_numpy(extractor(made[tap])[tap]), 48 // 2 ** TAPS.index(tap)
    noise = ops.convert_to_numpy(extractor(starts)[tap]).mean(axis=(1, 2)).max(axis=0)
    for k, channel in enumerate(studied[tap]):
        rival = best_window(responses[tap][..., channel], size)
        excited[tap, channel] = float(maps[k, ..., channel].mean()), rival, float(noise[channel])
wins = sum(own > rival for own, rival, _ in excited.values())
noise_wins = sum(noise > rival for _, rival, noise in excited.values())
print("excited more than by any window, at least 10 of 12:", wins >= 10)
print("the noise wins at most 3:", noise_wins <= 3)

# %% tags=["nbval-ignore-output"]
print("wins:", wins, "of", len(excited), "and by the noise alone:", noise_wins)
for (tap, channel), (own, rival, noise) in excited.items():
    print(f"{tap}, channel {channel:3}: made {own:6.2f}, window {rival:6.2f}, noise {noise:6.2f}")

# %% [markdown]
# No eyes, but stripes, waves, and rows of spots. As far as these twelve can tell, and the ones for
# which a plain color is enough, the channels of this small encoder do not stand for things. They
# stand for colors, strokes, and patterns, of which things are made. That would be poor for naming
# what is in an image. For painting it will do: lesson 6 grows a style from these very channels.
#
# ## Turn a knob
# A channel that responds to red need not be what makes the decoder paint red. To see what a
# channel is *for*, switch it off: set its map in the code to zero, decode, and see what is
# missing.
#
# **Before you run the next cell:** the code at `relu3_1` has 96 channels. How will the image
# change when you take out a single one of them?

# %%
autoencoder = Autoencoder.from_course()
coffee = images.crop_to_multiple(collection.photograph("coffee", size=256), 8)
code = ops.convert_to_numpy(autoencoder.encode(images.to_batch(coffee))["relu3_1"])


def without(channel):
    """The cup of coffee, decoded without one channel."""
    changed = code.copy()
    changed[..., channel] = 0
    return ops.convert_to_numpy(autoencoder.decode(changed, tap="relu3_1"))[0]


# %%
# alt: A white cup on a red saucer, decoded with all channels; then without one of two channels,
#      each of which changes the colors of the whole picture.
# alt: The maps of the two channels that were switched off, as gray pictures of the cup.
decoded = ops.convert_to_numpy(autoencoder.decode(code, tap="relu3_1"))[0]
candidates = {int(channel): without(channel) for channel in busiest(code, 16)}
change = {channel: float(np.abs(one - decoded).mean()) for channel, one in candidates.items()}
strongest = sorted(change, key=change.get, reverse=True)[:2]
show_images(
    {"all channels": decoded}
    | {f"without {channel}": candidates[channel] for channel in strongest},
    width=600,
)
show_feature_maps(code, channels=strongest, width=396)

# %%
most, least = max(change.values()), min(change.values())
print("one channel of 96 moves the image by more than 0.02:", most > 0.02)
print("another of the 16 busiest by less than a fifth of that:", least < most / 5)

# %% tags=["nbval-ignore-output"]
print(f"mean change of a pixel value: {most:.3f} and {least:.3f}")

# %% [markdown]
# Take away one number per place, and the whole cup changes its color. Take away another, and
# hardly anyone would notice. Lesson 8 turns all knobs of a code at once.
#
# ## The content loss
# Now for the question of this lesson. Two images: do they show the same thing? Comparing pixels is
# a poor answer, as lesson 3 saw: noise, blur, and a little more light can have the same squared
# error. We have something better now. *Two images have the same content if they have the same
# features at the same places.* The idea is from Gatys, Ecker, and Bethge (2016), who used it to
# keep the content of an image while its style changes.
#
# With the features $F$ of one image at a tap and the features $T$ of the other (the target), our
# loss is
#
# $$ L_{\text{content}} = \frac{\sum (F - T)^2}{\sum T^2}, $$
#
# where the sums run over all places and channels of the tap. For several taps, take the mean of
# their losses. Why divide? Features of one tap may be ten times as large as those of another, and
# an image of four times the size has four times as many of them. After the division, 0 means "the
# same", and 1 means "as far away as an image without any features".
#
# ### Exercise: the content loss
# Both arguments are dictionaries from taps to arrays (1, height, width, channels). Return one
# number. `exercise("content-loss").hint()` helps.


# %%
def content_loss(target, features):
    """Squared differences relative to the target's squares; the mean over the target's taps."""
    ...


content_loss = exercise("content-loss").check(content_loss)


# %%
def distances(image, other):
    """How far one image is from another at each tap."""
    found, wanted = (extractor(images.to_batch(one)) for one in (image, other))
    return {tap: float(content_loss({tap: wanted[tap]}, {tap: found[tap]})) for tap in TAPS}


# %%
nothing = {"relu4_1": 0 * features["relu4_1"]}
print("an image to itself is 0:", set(distances(portrait, portrait).values()) == {0.0})
from_nothing = float(content_loss({"relu4_1": features["relu4_1"]}, nothing))
print("features of zero are 1 away:", abs(from_nothing - 1) < 1e-4)

# %% [markdown]
# ## Back from the features: two ways
# How much of an image is in the features of a tap? The best test is to recover the image.
#
# You know the first way: the **decoder** was trained for it. The second needs no decoder at all.
# Start from noise, and change its pixels along the gradient until its features are those of the
# photograph, as measured by the content loss. This is **optimization** (Mahendran and Vedaldi,
# 2015). `optimize_image` does it, with a better rule for the steps than ours above, and lesson 9
# takes it apart.
#
# Where two results differ, we want to blame the features, not our impatience. So we let the
# optimization run until almost nothing is left of its loss. To keep that quick, the face is only
# 64 pixels wide.
#
# **Before you run the next cells:** which way will come closer to the photograph? Which will come
# closer to its *features*?

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(budget)


# %%
ENOUGH = max(300, budget.optimize_steps)


def optimized(image, tap, seed=0, steps=ENOUGH):
    """An image made from noise until it has the same features as another at one tap."""
    return optimize_image(
        image,
        None,
        steps=steps,
        content_layers=(tap,),
        style_weight=0,
        variation_weight=0,
        start="noise",
        scales=1,
        margin=0,
        seed=seed,
    )


# %%
face = images.resize(collection.photograph("astronaut", size=512)[20:148, 140:268], (64, 64))
by_decoder = {
    tap: ops.convert_to_numpy(autoencoder.reconstruct(images.to_batch(face), tap=tap))[0]
    for tap in TAPS
}
by_optimizing = {tap: optimized(face, tap) for tap in TAPS}
loss_left = {tap: distances(one, face)[tap] for tap, one in by_optimizing.items()}
print("less than 0.002 is left of each loss:", max(loss_left.values()) < 0.002)

# %% tags=["nbval-ignore-output"]
print("left of the loss:", {tap: f"{one:.5f}" for tap, one in loss_left.items()})

# %%
# alt: Two rows of four faces. Above, what the decoder makes of the features of each tap: ever
#      softer, the last one blurred. Below, what optimizing makes of them: sharp lines at every tap,
#      but more and more grain, colored in the last one.
results = {"decoder": by_decoder, "optimized": by_optimizing}
show_images(
    {
        f"{way}\n{tap}\n{psnr(face, drawn[tap]):.1f} dB": images.resize(drawn[tap], 128)
        for way, drawn in results.items()
        for tap in TAPS
    },
    columns=4,
    width=548,
)

# %%
decoder_left = {tap: distances(one, face)[tap] for tap, one in by_decoder.items()}
for tap in TAPS[1:]:
    closer = psnr(face, by_decoder[tap]) > psnr(face, by_optimizing[tap])
    print(f"{tap}: the decoder's pixels are closer: {closer};", end=" ")
    print("the other's features are:", loss_left[tap] < decoder_left[tap])

# %% tags=["nbval-ignore-output"]
for tap in TAPS:
    print(f"{tap}: content loss of the decoder's face {decoder_left[tap]:.4f}", end=", ")
    print(f"of the optimized {loss_left[tap]:.5f}")

# %% [markdown]
# Look at the last column. The optimized face is full of grain, its lines are too hard, and yet its
# features are closer to the photograph's than those of the decoder's face. Is that a
# contradiction? No. Each way answers a different question:
#
# - Optimizing asks for **any** image with these features. It keeps whatever grain it started with,
#   wherever the features do not object.
# - The decoder was trained on photographs with squared error. Of all images that fit, it draws the
#   **mean** (lesson 3). Its photographs had no such grain. And what can fit in many ways, such as
#   single hairs, becomes a blur.
#
# ### What a tap does not hold
# This gives us a way to see what a tap has forgotten. Start from different noise. The loss is as
# good as gone both times, so whatever comes out different, the features have left open.
#
# **Before you run the next cells:** at which tap will the two results differ most? And what kind
# of difference will it be: of large shapes and colors, or of fine detail?

# %%
# alt: An eye of two faces optimized from relu4_1, both covered with colored grain, and their
#      difference: grain all over and lines along brow and eye, but no large light or dark area.
again = {tap: optimized(face, tap, seed=1) for tap in TAPS}
part = np.s_[28:56, 18:50]
again_left = {tap: distances(one, face)[tap] for tap, one in again.items()}
print("again less than 0.002 left:", max(again_left.values()) < 0.002)
show_difference(
    by_optimizing["relu4_1"][part],
    again["relu4_1"][part],
    factor=1,
    width=600,
    titles=("from one noise", "from another"),
)


# %%
# alt: Four bars, one for each tap, that grow with depth; the first is nearly zero.
def apart(one, other):
    """Root of the mean squared difference of two images."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


left_open = {tap: apart(by_optimizing[tap], again[tap]) for tap in TAPS}
plot_bars(left_open, ylabel="difference of the two results (root of the mean square)")
print("the deeper, the more is left open:", list(left_open.values()) == sorted(left_open.values()))

# %% [markdown]
# Is that only grain, or do the large shapes differ, too? Average both results over squares of 8 x
# 8 pixels, one step of the map at `relu4_1`. What would be left by chance? If the two differed
# only by grain, independent from pixel to pixel, averaging 64 pixels would leave an eighth of the
# difference.


# %%
def averaged(image):
    """Mean colors of squares of 8 x 8 pixels."""
    return image.reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))


coarse = {tap: apart(averaged(by_optimizing[tap]), averaged(again[tap])) for tap in TAPS}
small = [coarse[tap] < left_open[tap] / 8 for tap in TAPS[1:]]
print("averaged over squares, less than an eighth of it is left:", all(small))

# %% tags=["nbval-ignore-output"]
for tap in TAPS:
    print(f"{tap}: apart {left_open[tap]:.3f}; averaged over squares {coarse[tap]:.3f}")

# %% [markdown]
# `relu1_1` determines every pixel. Deeper taps leave more and more open: the grain, and where
# exactly a line runs. Averaged over squares, the two results agree, and better than they would by
# chance. What the tap does hold is what you would draw: there is an eye, here, this large, this
# dark.
#
# Two claims from above can be tested now. We said that the decoder draws a mean, and that this is
# why its features are off. So take the mean of our two results. And we said that an unfinished
# optimization would mislead us. So stop two others after 80 steps.
#
# **Before you run the next cells:** will the mean of two grainy faces be closer to the photograph
# than each of them, in pixels? And in features?

# %%
pair = by_optimizing["relu4_1"], again["relu4_1"]
middle = sum(pair) / 2
decibels = [psnr(face, one) for one in (*pair, middle)]
middle_left = distances(middle, face)["relu4_1"]
most_left = max(loss_left["relu4_1"], again_left["relu4_1"])
print("the mean's pixels are closer than those of either:", decibels[2] > max(decibels[:2]))
print("more than five times as much of the loss is left:", middle_left > 5 * most_left)

# %%
early = [optimized(face, "relu4_1", seed=seed, steps=80) for seed in (0, 1)]
early_left = min(distances(one, face)["relu4_1"] for one in early)
print("after 80 steps, more than ten times as much is left:", early_left > 10 * most_left)
print("and the two results are farther apart:", apart(*early) > left_open["relu4_1"])

# %% tags=["nbval-ignore-output"]
print("two results and their mean:", [f"{one:.1f} dB" for one in decibels])
print(f"left of the loss: {most_left:.5f}, of their mean's {middle_left:.5f}")
print(f"after 80 steps: left of the loss {early_left:.4f}, apart {apart(*early):.3f}")

# %% [markdown]
# The mean gains in pixels and loses in features: just what the decoder does. And stopped early,
# the two runs differ more. Unfinished work looks like freedom.
#
# ## The same content?
# Now we measure the content loss on changes that we understand. Three of them have almost the same
# squared error, as in lesson 3. For comparison there is a different photograph, stretched to the
# same size.

# %%
# alt: The astronaut's face; brighter; with noise; blurred; moved by 2 pixels, which one hardly
#      sees. Then the whole photograph mirrored, and a rocket at night.
large = collection.photograph("astronaut", size=300)
middle = np.s_[10:290, 10:290]
original = large[middle]
blurred = images.resize(images.resize(original, (70, 70)), (280, 280))
error = np.sqrt(np.mean((blurred - original) ** 2))
noise = np.random.default_rng(5).normal(0, error, original.shape)
changes = {
    "brighter": original + error,
    "noisy": original + noise,
    "blurred": blurred,
    "moved 2 px": large[10:290, 8:288],
    "mirrored": original[:, ::-1],
    "another": images.resize(collection.photograph("rocket"), (280, 280)),
}
changes = {name: np.clip(one, 0, 1).astype("float32") for name, one in changes.items()}
whole = ("mirrored", "another")
face_only = np.s_[30:170, 40:180]
show_images(
    {
        name: images.resize(one, 140) if name in whole else one[face_only]
        for name, one in ({"original": original} | changes).items()
    },
    columns=4,
    width=596,
)

# %% [markdown]
# The distances are those of the whole photographs, divided by the distance of the rocket.
#
# **Before you run the next cell:** which change is nearly 0 at `relu4_1`? And the mirrored image,
# which shows exactly the same things: is it near, as far away as a rocket, or farther?

# %%
# alt: A table of distances. Brighter, noisy, and blurred are equal in pixels, but blurred costs
#      more in features. The moved image costs less the deeper the tap. The mirrored one is farther
#      away than the other photograph at every tap.
table = [
    [np.mean((one - original) ** 2), *distances(one, original).values()] for one in changes.values()
]
share = np.array(table) / table[-1]
show_matrix(
    share.round(2),
    row_labels=list(changes),
    column_labels=["pixels", *TAPS],
    title="distance (another photograph = 1)",
    width=440,
)

# %%
brighter, noisy, blurry, moved, mirrored, _ = share
print("every tap minds blur more than noise:", bool(np.all(blurry[1:] > noisy[1:])))
print("from relu2_1 on, moving costs less and less:", bool(moved[2] > moved[3] > moved[4]))
print("at relu4_1 it costs less than a tenth of another photograph:", bool(moved[4] < 0.1))
print("the mirrored image is farther away than the rocket:", bool(mirrored[1:].min() > 1))

# %% [markdown]
# The mirrored astronaut is farther from the astronaut than a rocket at night is, at relu4_1 by a
# hair. Why? One suspicion: the rocket's photograph is dark, its features are weak, and weak
# features in the wrong place cost less than strong ones. If so, the order must reverse once the
# rocket's features are made as strong as the astronaut's.

# %%
here, mirror, rocket = (
    extractor(images.to_batch(one))["relu4_1"]
    for one in (original, changes["mirrored"], changes["another"])
)
stronger = float(ops.sqrt(ops.mean(here**2) / ops.mean(rocket**2)))
costs = {
    name: float(content_loss({"relu4_1": here}, {"relu4_1": one}))
    for name, one in {
        "mirrored": mirror,
        "rocket": rocket,
        "rocket, as strong": stronger * rocket,
    }.items()
}
print("the rocket's features at relu4_1 are weaker:", stronger > 1)
print("as strong, it is farther away:", costs["rocket, as strong"] > 1.1 * costs["mirrored"])

# %% tags=["nbval-ignore-output"]
print({name: round(one, 2) for name, one in costs.items()}, f"(multiplied by {stronger:.2f})")

# %% [markdown]
# - **Blur** takes edges away. Every tap minds that more than noise of the same squared error.
# - **Moved** by 2 pixels, everything stands next to where it stood. At `relu4_1` two pixels are a
#   quarter of a step of the map. Deep features know only roughly where things are.
# - **Mirrored**, the same things are all there. But the loss compares place by place, and finds
#   the shuttle where the flag was. It is no nearer than a photograph of something else, and looks
#   even farther away if that has weaker features. Content is *what is where*.
#
# ### More light is not different content
# `brighter` was only a little more light, and cost little. Style transfer will change brightness
# and contrast far more than that, and the content loss should not fight it. A remedy: bring each
# channel to mean 0 and standard deviation 1 over its places before comparing. What is left is
# where a channel responds more than elsewhere. The library has it as `kind="normalized"`.
#
# **Before you run the next cells:** how far away is a faded photograph, as a share of the way to
# the other photograph? And how far when normalized?

# %%
# alt: The astronaut, and the same photograph faded: brighter and with less contrast.
from course_lib import losses

faded = 0.6 * original + 0.3
plain, normalized = {}, {}
wanted, found, other = (
    extractor(images.to_batch(one)) for one in (original, faded, changes["another"])
)
for tap in TAPS:
    for kind, result in (("squared", plain), ("normalized", normalized)):
        cost, most = (
            losses.content_loss({tap: wanted[tap]}, one, kind=kind) for one in (found, other)
        )
        result[tap] = float(cost / most)
show_images({"original": original, "faded": faded}, width=332)

# %%
# alt: A table with two rows: the distances of the faded image are much smaller in the row where
#      features were normalized, at every tap.
show_matrix(
    np.round([list(plain.values()), list(normalized.values())], 3),
    row_labels=["as it is", "normalized"],
    column_labels=list(TAPS),
    title="faded image (another photograph = 1)",
    width=440,
)
print("normalized, at most half:", all(normalized[tap] < plain[tap] / 2 for tap in TAPS))

# %% [markdown]
# As it is, fading costs about a quarter of the way to another photograph. Normalized, it costs
# less than a tenth: a faded photograph still has the same content, and now the loss agrees.
#
# ## Lab: the feature browser
# Choose a tap and a channel, and see its map over the image, with the patches that excite it most.
# **Before you look:** can you guess from the patches what the channel responds to?

# %%
lab = feature_browser()
lab.show(width=760)

# %% [markdown]
# ## What is left over
# Content is what is where. So style must be the rest. But what is it? Take the mirrored astronaut:
# by our loss its content is different, yet it looks as if it had been painted by the same hand.
# Lesson 6 looks for numbers that do not change when things change places.
#
# ## Summary
# - A channel is a map of responses to one question. At the first tap the kernel shows the
#   question; deeper, the patches with the strongest responses do.
# - A number in a map sees its patch and nothing else.
# - The gradient with respect to the input makes images that excite a channel. Ours ask for colors,
#   strokes, and patterns, not for things.
# - Features can be turned back into an image by a decoder, which draws the mean of what fits, or
#   by optimization, which finds something that fits. Where two converged runs differ, the tap is
#   silent.
# - The content loss compares features place by place, relative to the target. Deep taps forgive
#   small moves; a mirrored image counts as different content.
#
# ## Questions to check yourself
# 1. A channel's six strongest patches all show bright stripes on dark ground, slanting to the
#    right. How would you test whether it is the slant that matters?
#
#    <details><summary>Answer</summary>
#
#    Make the stripes yourself, turn them step by step, and plot the channel's response against the
#    angle. Then change only the color, or only the width.
#
#    </details>
#
# 2. Why can you read off from the kernel what `relu1_1` looks for, but not what `relu2_1` looks
#    for?
#
#    <details><summary>Answer</summary>
#
#    At relu1_1 the kernel weights pixels and colors: it is a tiny image. At relu2_1 it weights
#    channels, which are themselves responses to pixels.
#
#    </details>
#
# 3. Somebody optimizes from noise at `relu4_1`, gets grain, and concludes that the encoder is bad.
#    What do you ask first, and what do you answer?
#
#    <details><summary>Answer</summary>
#
#    Ask what is left of the loss. If it has not converged, nothing follows. If it has, the grain is
#    what the features leave open: the encoder does not object to it.
#
#    </details>
#
# 4. The decoder's face has a content loss above 0 at `relu4_1`, although it was made from those
#    very features. How is that possible?
#
#    <details><summary>Answer</summary>
#
#    The decoder draws the mean of all that fits. The mean of several images with these features
#    need not have them itself.
#
#    </details>
#
# 5. You want to turn a photograph by 5 degrees and keep its content loss small. At which tap do you
#    compare, and why does it stop working at 90 degrees?
#
#    <details><summary>Answer</summary>
#
#    At a deep tap: at relu4_1 a few pixels are less than one step of its map. At 90 degrees things
#    are somewhere else altogether, and vertical edges have become horizontal ones.
#
#    </details>
#
# ## Reading
# - L. Gatys, A. Ecker and M. Bethge, "Image Style Transfer Using Convolutional Neural Networks",
#   CVPR 2016: the content loss.
# - J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
#   Super-Resolution", ECCV 2016: the same loss trains a feed-forward network.
# - A. Mahendran and A. Vedaldi, "Understanding Deep Image Representations by Inverting Them", CVPR
#   2015: images recovered from features, by optimization.
# - A. Dosovitskiy and T. Brox, "Inverting Visual Representations with Convolutional Networks", CVPR
#   2016: the same by a decoder.
# - M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014: the
#   patches that excite a channel.
# - C. Olah, A. Mordvintsev and L. Schubert, "Feature Visualization", Distill, 2017: images made to
#   excite a channel, and all that can go wrong.
