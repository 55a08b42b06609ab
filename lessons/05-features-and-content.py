# %% [markdown]
# # Lesson 5: Features and content
# You look into the trained encoder: what its channels respond to, how much of a picture can be had
# back from each tap, and what it means that two pictures have the same content.
#
# **You will be able to**
# - find the patches that excite a channel, and make a picture that excites it more than any of them
# - get a picture back from its features in two ways, and say why the results differ
# - write the content loss, and say which changes of a picture it minds, at which tap
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
# So far the encoder was one half of a machine that copies pictures. From now on it is an
# instrument. It is trained, we no longer change it, and we read off what it says about a picture.
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
# Each channel is a map: it says how strongly the channel responds at every place. Let us look at
# the three channels of each tap that vary most from place to place.
#
# **Before you run the next cells:** at which tap will the maps look most like the photograph? And
# what will those of the deepest tap look like?


# %%
# alt: Three channels of relu1_1: the portrait in sharp shades of gray. In each, other colors or
#      edges are bright.
# alt: Three channels of relu2_1: the portrait in half as many pixels, still easily recognized. In
#      each, other colors or edges are bright.
def busiest(maps, count):
    """The channels that vary most over places and images, the most varied first."""
    std = ops.convert_to_numpy(maps).std(axis=(0, 1, 2))
    return [int(channel) for channel in np.argsort(-std)[:count]]


for tap in ("relu1_1", "relu2_1"):
    show_feature_maps(
        features[tap], channels=busiest(features[tap], 3), width=480, title=f"{tap}: channel"
    )

# %%
# alt: Three channels of relu3_1: coarse maps in which the portrait can just be made out. Each is
#      bright in other parts of the photograph.
# alt: Three channels of relu4_1: squares of gray, so coarse that only someone who knows the
#      portrait finds it. Each is bright in other parts of the photograph.
for tap in ("relu3_1", "relu4_1"):
    show_feature_maps(
        features[tap], channels=busiest(features[tap], 3), width=500, title=f"{tap}: channel"
    )

# %% [markdown]
# At the first tap each map is the photograph through a colored glass, or with only its edges left.
# Deeper maps are coarser. They look less like a picture and more like an answer to a question:
# *where is this thing?* But which thing?
#
# ## What a channel of the first tap looks for
# At `relu1_1` we can simply look it up. A channel is one kernel of 3 x 3 pixels and 3 colors,
# which is a tiny picture. Brighter than gray means "the more, the better", darker than gray means
# "the less, the better", and gray: "does not matter". So red asks for much red and little else.

# %%
# alt: Three squares of 3 x 3 colored pixels, some of them brighter than gray and some darker.
kernels, biases = extractor.network.first[0].get_weights()
chosen = busiest(features["relu1_1"], 3)
tiny = {f"channel {c}": 0.5 + kernels[..., c] / (2 * np.abs(kernels).max()) for c in chosen}
show_images(tiny, width=400)

# %% [markdown]
# Compare them with the maps of the same channels above. To be sure, we compute one number by hand:
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
# One level down the kernels are no pictures any more: those before `relu2_1` have 24 channels.
# So we ask the other way round. We show the encoder many pictures, and look where a channel
# responds most strongly. What is to be seen there?
#
# The pictures are the whole collection: photographs and style images, a square of each.


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
print("pictures:", all_images.shape[1:], " responses at relu4_1:", responses["relu4_1"].shape[1:])

# %% [markdown]
# ### Exercise: the strongest places
# `maps` has the shape (pictures, height, width): one channel's responses to many pictures. Return
# for each picture the place of its largest response, as an integer array of shape (pictures, 2):
# row and column. Stuck? `exercise("strongest-places").hint()`.


# %%
def strongest_places(maps):
    """Row and column of the largest value of each map."""
    ...


strongest_places = exercise("strongest-places").check(strongest_places)

# %% [markdown]
# Lesson 1 computed how many pixels a number at each tap sees. From the place in the map we get to
# the pixels: neighbors in the map are `jump` pixels apart, and what a number sees reaches as far
# to one side of its place as to the other.

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
# Such index arithmetic is easily off by one, so we test it. Take a place, keep only the pixels that
# it is said to see, and make all others gray.
#
# **Before you run the next cell:** by how much will the response at this place change?

# %%
place = (9, 12)
for tap in TAPS:
    where = seen_by(3, place, tap)
    only_that = np.full_like(all_images, 0.5)
    only_that[where] = all_images[where]
    response = ops.convert_to_numpy(extractor(only_that[3:4])[tap])[0, *place]
    same = np.allclose(response, responses[tap][3, *place], atol=1e-3)
    print(f"{tap}: {field[tap]} x {field[tap]} pixels, the answer is the same: {bool(same)}")

# %% [markdown]
# Not at all: a number knows its patch and nothing else. So whatever makes it large must be in the
# patch. Which channels shall we look at? Some respond to light or dark nearly everywhere. Others
# are choosy: mostly silent, and now and then very loud. These are the interesting ones.


# %%
def selective(maps, count):
    """Of the third of the channels that vary most: those with the smallest mean for it."""
    std, mean = maps.std(axis=(0, 1, 2)), maps.mean(axis=(0, 1, 2))
    varied = np.argsort(-std)[: len(std) // 3]
    choosy = np.argsort(-std[varied] / (mean[varied] + 1e-6))
    return [int(channel) for channel in varied[choosy[:count]]]


studied = {tap: selective(responses[tap], 3) for tap in TAPS}

# %% [markdown]
# For three such channels of each tap we collect the six patches with the strongest responses, no
# two of them from the same picture. (We leave out the rim, where patches reach beyond the picture.)


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
#      pixels from six pictures, and all six have the same edge or color.
# alt: Three mosaics for relu2_1, of patches of 10 x 10 pixels. The six of a mosaic come from six
#      pictures and share the direction of an edge, or a color.
# alt: Three mosaics for relu3_1, of patches of 24 x 24 pixels. The six of a mosaic come from six
#      pictures and resemble each other, in stripes or in light areas with little in them.
# alt: Three mosaics for relu4_1, of patches of 52 x 52 pixels, in which parts of things can be
#      seen. The six of a mosaic come from six pictures and resemble each other less than before.
for tap in TAPS:
    show_images(
        {f"{tap}, channel {c}": mosaic(strongest_patches(tap, c)) for c in studied[tap]},
        width=540,
    )

# %% [markdown]
# Six patches from six pictures, and within a mosaic they have something in common. Find it for
# each: a color, the direction of an edge, a thin line, stripes, dots, a light shape on dark ground.
# The deeper the tap, the less easily it is put into words, and the less it depends on the exact
# pixels.
#
# ## Which picture excites it most?
# The strongest patch of 29 pictures is what the collection happens to hold. Is there a picture,
# any picture, that excites the channel still more? We need not search. The network can be
# differentiated, by its *input* too: the gradient says of each pixel whether the channel would
# like it brighter or darker. So start from noise and go uphill. The weights stay as they are; it
# is the picture that learns.
#
# One thing we add: a penalty for differences between neighboring pixels, `total_variation_loss`.
# Without it the picture fills with fine noise. Deeper channels reach larger values, so for them the
# penalty must be larger too.
#
# In TensorFlow, a `tf.GradientTape` writes down what is computed under it, and can then say how the
# result depends on what it was told to watch. `tf.function` makes a graph of the whole (lesson 4).


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


# %%
def exciting_images(tap, channels, steps=50, side=48):
    """One image for each channel, made to excite it."""
    noise = np.random.default_rng(5).uniform(size=(len(channels), side, side, 3))
    made = ops.convert_to_tensor(noise.astype("float32"))
    for _ in range(steps):
        made = ops.clip(made + 0.02 * uphill(made, tap, tuple(channels)), 0, 1)
    return ops.convert_to_numpy(made)


# %% [markdown]
# Dividing the gradient by its size makes all steps alike, as different as the channels are. Here
# are the pictures for the same channels as above.
#
# **Before you run the next cell:** a patch of `relu4_1` is large enough to hold a whole eye. Will
# the pictures made for those channels show things like eyes?

# %%
# alt: Three pictures made for three channels of relu1_1: fine waves that fill the square, all in
#      one direction.
# alt: Three pictures made for three channels of relu2_1: waves, or one color that fills the square.
# alt: Three pictures made for three channels of relu3_1: soft spots, light areas or colored
#      stripes.
# alt: Three pictures made for three channels of relu4_1: bold stripes and spots in all colors, and
#      nothing that looks like a thing.
made = {tap: exciting_images(tap, studied[tap]) for tap in TAPS}
for tap in TAPS:
    show_images(
        {f"{tap}, channel {c}": one for c, one in zip(studied[tap], made[tap], strict=True)},
        width=450,
    )

# %%
wins = 0
for tap in TAPS:
    excited = ops.convert_to_numpy(extractor(made[tap])[tap])
    for k, channel in enumerate(studied[tap]):
        wins += int(excited[k, ..., channel].mean() > responses[tap][..., channel].mean())
print("excited more than by the collection, at least 10 of 12:", wins >= 10)

# %% [markdown]
# No eyes, but plain colors, stripes and waves. The channels of this small encoder do not stand
# for things. They stand for colors, strokes and patterns, of which things are made. For naming
# what is in a picture that would be poor; for painting it is just right.
#
# (Is one of the pictures still gray, or noise? Then its channel was silent everywhere in the noise
# at the start. A ReLU that gives zero has a gradient of zero: nobody tells the picture which way
# to go.)
#
# ## Turn a knob
# A channel that responds to red need not be what makes the decoder paint red. To see what a channel
# is *for*, switch it off: set its map in the code to zero, decode, and look at what is missing.
#
# **Before you run the next cell:** the code at `relu3_1` has 96 channels. What will the picture be
# like without a single one of them?

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
# alt: A white cup on a red saucer, decoded with all channels; then without one of three channels,
#      which makes the picture paler or changes its colors.
# alt: The maps of the three channels that were switched off, as gray pictures of the cup.
decoded = ops.convert_to_numpy(autoencoder.decode(code, tap="relu3_1"))[0]
candidates = {channel: without(channel) for channel in busiest(code, 16)}
change = {channel: float(np.abs(one - decoded).mean()) for channel, one in candidates.items()}
strongest = sorted(change, key=change.get, reverse=True)[:3]
show_images(
    {"all channels": decoded}
    | {f"without {channel}": candidates[channel] for channel in strongest},
    width=600,
)
show_feature_maps(code, channels=strongest, width=570)

# %%
least = min(change.values())
print("one channel of 96 moves the picture by more than 0.02:", change[strongest[0]] > 0.02)
print("another of the 16 busiest by less than a fifth of that:", least < change[strongest[0]] / 5)

# %% [markdown]
# One number a place, and the whole cup changes its color; another, and hardly anybody would notice.
# Lesson 8 turns all knobs of a code at once.
#
# ## The content loss
# Now for the question that this lesson is about. Two pictures: do they show the same thing?
# Comparing pixels is a poor answer, as lesson 3 saw: noise, blur and a little more light can have
# the same squared error. We have something better now. *Two pictures have the same content if
# they have the same features at the same places.*
#
# With the features $F$ of one picture at a tap and the features $T$ of the other (the target),
#
# $$ L_{\text{content}} = \frac{\sum (F - T)^2}{\sum T^2}, $$
#
# where the sums run over all places and channels of the tap. If several taps are asked for, take
# the mean of their losses. Why divide? Features of one tap may be ten times as large as those of
# another, and a picture of four times the size has four times as many of them. Divided, a loss of
# 0 means "the same", and 1 means "as far away as nothing at all".
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
def distance(image, other, tap):
    """How far two images are apart at one tap."""
    found, wanted = (extractor(images.to_batch(one))[tap] for one in (image, other))
    return float(content_loss({tap: wanted}, {tap: found}))


# %%
nothing = {"relu4_1": 0 * features["relu4_1"]}
print("a picture to itself is 0:", distance(portrait, portrait, "relu4_1") == 0)
from_nothing = float(content_loss({"relu4_1": features["relu4_1"]}, nothing))
print("features of zero are 1 away:", abs(from_nothing - 1) < 1e-4)

# %% [markdown]
# ## Back from the features: two ways
# How much of a picture is in the features of a tap? The best test is to get the picture back.
#
# The first way you know: the **decoder** was trained for it. The second needs no decoder at all.
# Start from noise, and change its pixels by the gradient until its features are those of the
# photograph, as measured by the content loss. This is **optimization**; `optimize_image` does it
# (with a better rule for the steps than ours above), and lesson 9 takes it apart.
#
# **Before you run the next cells:** which way will come closer to the photograph? Which will come
# closer to its *features*?

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(budget)


# %%
def optimized(image, tap, seed=0):
    """An image made from noise until it has the same features as another at one tap."""
    return optimize_image(
        image,
        None,
        steps=max(80, budget.optimize_steps),
        content_layers=(tap,),
        style_weight=0,
        variation_weight=0,
        start="noise",
        scales=1,
        seed=seed,
    )


face = collection.photograph("astronaut", size=512)[20:148, 140:268]
by_decoder = {
    tap: ops.convert_to_numpy(autoencoder.reconstruct(images.to_batch(face), tap=tap))[0]
    for tap in TAPS
}
by_optimizing = {tap: optimized(face, tap) for tap in TAPS}

# %%
# alt: Two rows of four faces. Above, what the decoder makes of the features of each tap: ever
#      softer, the last one blurred. Below, what optimizing makes of them: sharp lines at every tap,
#      but more and more grain, colored in the last one.
results = {"decoder": by_decoder, "optimized": by_optimizing}
show_images(
    {
        f"{way}\n{tap}\n{psnr(face, drawn[tap]):.1f} dB": drawn[tap]
        for way, drawn in results.items()
        for tap in TAPS
    },
    columns=4,
    width=480,
)

# %%
for tap in ("relu2_1", "relu3_1", "relu4_1"):
    pair = by_decoder[tap], by_optimizing[tap]
    closer = psnr(face, pair[0]) > psnr(face, pair[1])
    near, nearer = (distance(one, face, tap) for one in pair)
    print(f"{tap}: the decoder's pixels are closer: {closer}; the other's features are:", end=" ")
    print(nearer < near)

# %% [markdown]
# Look at the last column. The optimized face is full of grain, its lines are too hard, and yet its
# features are closer to the photograph's than those of the decoder's face. Does that not contradict
# itself? It does not. Each way answers another question:
#
# - Optimizing asks for **any** picture with these features. It keeps whatever grain has come into
#   it, wherever the features do not object.
# - The decoder was trained on photographs with squared error. Of all pictures that fit, it draws
#   the **mean** (lesson 3). It knows that faces have no grain. And what fits in many ways, such as
#   single hairs, becomes a blur.
#
# ### What a tap does not hold
# This gives us a way to see what a tap has forgotten. Start from other noise. Whatever comes out
# different, the features have left open.
#
# **Before you run the next cells:** at which tap will the two results differ most? And what kind of
# difference will it be: of large shapes and colors, or of fine detail?

# %%
# alt: An eye of two faces optimized from relu4_1, both covered with colored grain, and their
#      difference: grain all over and lines along brow and eye, but no large light or dark area.
again = {tap: optimized(face, tap, seed=1) for tap in TAPS}
part = np.s_[64:104, 44:92]
show_difference(
    by_optimizing["relu4_1"][part],
    again["relu4_1"][part],
    factor=1,
    width=460,
    titles=("from one noise", "from another"),
)


# %%
# alt: Four bars, one for each tap, that grow with depth; the first is nearly zero.
def apart(one, other):
    """Root of the mean squared difference of two images."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


pairs = {tap: (by_optimizing[tap], again[tap]) for tap in TAPS}
left_open = {tap: apart(*pair) for tap, pair in pairs.items()}
plot_bars(left_open, ylabel="difference of the two results (root of the mean square)")
print("the deeper, the more is left open:", list(left_open.values()) == sorted(left_open.values()))

# %%
coarse = {tap: apart(*(images.resize(one, 16) for one in pair)) for tap, pair in pairs.items()}
small = [coarse[tap] < left_open[tap] / 3 for tap in ("relu2_1", "relu3_1", "relu4_1")]
print("averaged over 8 x 8 pixels, less than a third of it is left:", all(small))

# %% [markdown]
# `relu1_1` determines every pixel. `relu4_1` leaves open the grain, and where exactly a line runs:
# one pixel further left would do as well. Averaged over squares of 8 x 8 pixels, which is one step
# of its map, the two results agree again. What the tap does hold is what one would draw: there is
# an eye, here, this large, this dark.
#
# ## The same content?
# Now we measure the content loss on changes that we understand. Three of them have almost the same
# squared error, as in lesson 3. For comparison there is another photograph, stretched to the same
# size.

# %%
# alt: The astronaut; brighter; with noise; blurred; moved by 2 pixels, which one hardly sees;
#      mirrored; and a rocket at night.
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
show_images({"original": original} | changes, columns=4, width=440)

# %% [markdown]
# **Before you run the next cell:** one number for each change and tap, measured by that of the
# other photograph. Which of these is nearly 0 at `relu4_1`? And the mirrored picture, which shows
# exactly the same things: is it near, or as far away as a rocket?

# %%
# alt: A table of distances. Brighter, noisy and blurred are equal in pixels, but blurred is dearer
#      in features. The moved picture gets cheaper with depth. The mirrored one is about as far away
#      as the other photograph at every tap.
table = [
    [np.mean((one - original) ** 2), *(distance(one, original, tap) for tap in TAPS)]
    for one in changes.values()
]
share = np.array(table) / table[-1]
show_matrix(
    share.round(2),
    row_labels=list(changes),
    column_labels=["pixels", *TAPS],
    title="distance (another photograph = 1)",
    width=500,
)

# %%
brighter, noisy, blurry, moved, mirrored, _ = share
print("relu2_1 and relu3_1 mind blur more than noise:", bool(np.all(blurry[2:4] > noisy[2:4])))
print("from relu2_1 on, moving costs less and less:", bool(moved[2] > moved[3] > moved[4]))
print("at relu4_1 it costs less than a tenth of another picture:", bool(moved[4] < 0.1))
print("the mirrored picture costs 0.7 or more at every tap:", bool(mirrored.min() > 0.7))

# %% [markdown]
# - **Blur** takes edges away, and edges are what the taps respond to. Noise adds little that they
#   have a channel for.
# - **Moved** by 2 pixels, everything stands next to where it stood. At `relu4_1` two pixels are a
#   quarter of a step of the map. Deep features know where things are, roughly.
# - **Mirrored**, the same things are all there. But the loss compares place by place, and finds the
#   helmet where the flag was. Content is *what is where*.
#
# ### More light is not another content
# `brighter` was only a little more light, and cheap. Style transfer will change brightness and
# contrast far more than that, and the content loss should not fight it. A remedy: bring each
# channel to mean 0 and standard deviation 1 over its places before comparing. What is left is where
# a channel responds more than elsewhere. The library has it as `kind="normalized"`.
#
# **Before you run the next cells:** how far away is a faded photograph, in parts of the way to
# another photograph? And how far when normalized?

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
show_images({"original": original, "faded": faded}, width=330)

# %%
# alt: A table with two rows: the distances of the faded picture are much smaller in the row where
#      features were normalized, at every tap.
show_matrix(
    np.round([list(plain.values()), list(normalized.values())], 3),
    row_labels=["as it is", "normalized"],
    column_labels=list(TAPS),
    title="faded picture (another photograph = 1)",
    width=500,
)
print("normalized, at most half:", all(normalized[tap] < plain[tap] / 2 for tap in TAPS))

# %% [markdown]
# As it is, fading costs a good part of the way to another photograph. Normalized, little is left of
# that: a faded photograph still has the same content, and now the loss agrees.
#
# ## Lab: the feature browser
# Choose a tap and a channel, and see its map over the picture, with the patches that excite it
# most. **Before you look:** can you guess from the patches what the channel responds to?

# %%
lab = feature_browser()
lab.show()

# %% [markdown]
# ## What is left over
# Content is what is where. So style must be the rest. But what is it? Take the mirrored astronaut:
# its content is another, yet it is painted, so to speak, by the same hand. Lesson 6 looks for the
# numbers that do not change when things change places.
#
# ## Summary
# - A channel is a map of responses to one question. At the first tap the kernel shows the question;
#   deeper, the patches with the strongest responses do.
# - A number in a map sees its patch and nothing else.
# - The gradient by the input makes pictures that excite a channel. Ours ask for colors, strokes and
#   patterns, not for things.
# - Features can be turned back into a picture by a decoder, which draws the mean of what fits, or
#   by optimization, which finds something that fits. Where two runs differ, the tap is silent.
# - The content loss compares features place by place, relative to the target. Deep taps forgive
#   small moves; a mirrored picture has another content.
#
# ## Questions to check yourself
# 1. A channel's six strongest patches all show bright stripes on dark ground, slanting to the
#    right. How would you test whether it is the slant that matters?
#
#    <details><summary>Answer</summary>
#
#    Make the stripes yourself, turn them step by step, and plot the channel's response by the
#    angle. Then change only the color, or only the width.
#
#    </details>
#
# 2. Why can the patch of `relu1_1` be read off the kernel, and that of `relu2_1` not?
#
#    <details><summary>Answer</summary>
#
#    At relu1_1 the kernel weighs pixels and colors: it is a tiny picture. At relu2_1 it weighs
#    channels, which are themselves responses to pixels.
#
#    </details>
#
# 3. Somebody optimizes from noise at `relu4_1`, gets grain, and concludes that the encoder
#    is bad. What do you answer?
#
#    <details><summary>Answer</summary>
#
#    That grain is what the features leave open. The encoder does not object to it; the question
#    was only for features. The decoder, which knows photographs, gives none.
#
#    </details>
#
# 4. The decoder's face has a content loss above 0 at `relu4_1`, although it was made from those
#    very features. How is that possible?
#
#    <details><summary>Answer</summary>
#
#    The decoder draws the mean of all that fits. The mean of several pictures with these features
#    need not have them itself.
#
#    </details>
#
# 5. You want to turn a photograph by 5 degrees and keep its content loss small. Which tap do you
#    compare at, and why does it stop working at 90 degrees?
#
#    <details><summary>Answer</summary>
#
#    A deep tap: at relu4_1 a few pixels are less than one step of its map. At 90 degrees things
#    stand at other places altogether, and vertical edges have become horizontal ones.
#
#    </details>
#
# ## Reading
# - A. Mahendran and A. Vedaldi, "Understanding Deep Image Representations by Inverting Them", CVPR
#   2015: pictures back from features, by optimization.
# - A. Dosovitskiy and T. Brox, "Inverting Visual Representations with Convolutional Networks", CVPR
#   2016: the same by a decoder.
# - M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014: the
#   patches that excite a channel.
# - C. Olah, A. Mordvintsev and L. Schubert, "Feature Visualization", Distill, 2017: pictures made
#   to excite a channel, and all that can go wrong.
