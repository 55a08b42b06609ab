# %% [markdown]
# # Lesson 6: What style is
# You find the numbers by which a painter's hand can be recognized, whatever is painted where, and
# grow textures from noise by these numbers alone.
#
# **You will be able to**
# - compute a Gram matrix, read its entries, and say what it forgets
# - write the style loss, and say why each division in it is there
# - grow a texture from noise, and choose the layers for it
# - say why the features must come from a trained encoder, and what goes wrong otherwise
#
# **You need:** lesson 5.
#
# **Time:** 80 minutes, 100 with the optional sections; the code runs in about 40 s on a CPU. On a
# GPU it trains and optimizes for longer, which takes a few minutes.
#
# **Optional:** *Whose features?*, *What goes wrong without the divisions*.

# %% tags=["setup"]

# %%
import keras
import numpy as np
from keras import ops

from course_lib import collection, images, losses
from course_lib.autoencoder import TAPS, Autoencoder
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.features import FeatureExtractor
from course_lib.losses import reconstruction_loss
from course_lib.plots import plot_bars, plot_lines, show_images, show_matrix
from course_lib.transfer import optimize_image
from course_lib.widgets import gram_explorer

# %% [markdown]
# ## The same hand
# The course has 18 style images. From each we cut two pieces, one from the upper left, one from
# the upper right. Here are six of the pairs, torn apart.
#
# **Before you look closer:** which pieces belong together? You will need a few seconds. How did you
# do it?


# %%
def two_pieces(name):
    """The upper left and the upper right of a style image."""
    image = collection.style_image(name, size=288)
    return image[:144, :144], image[:144, 144:]


names = collection.names()["styles"]
left, right = (np.stack(side) for side in zip(*map(two_pieces, names), strict=True))
print("pieces:", left.shape, right.shape)

# %%
# alt: Two rows of six pieces of pictures: crayon strokes, fine engraved lines, dots, ink, marbled
#      waves, broad dabs of paint. Each piece of the upper row has a partner below.
six = [names.index(name) for name in names[1:12:2]]
torn = {f"{letter}": left[k] for letter, k in zip("ABCDEF", six, strict=True)}
torn |= {f"{n + 1}": right[k] for n, k in enumerate(six[2::-1] + six[:2:-1])}
show_images(torn, columns=6, width=660)

# %% [markdown]
# (A belongs to 3, B to 2, C to 1; D to 6, E to 5, F to 4.)
#
# Now let numbers do it. For every piece on the right, which of the 18 on the left is nearest?
# Lesson 5 had a distance: features compared place by place, the content loss.
#
# **Before you run the next cells:** of 18 partners, how many will it find? Guessing finds one.


# %%
def distances(one_side, other_side):
    """Squared distances between all pieces of two sides, relative to the size of the second."""
    a, b = (ops.convert_to_numpy(x).reshape(len(x), -1) for x in (one_side, other_side))
    squares_a, squares_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    return (squares_a[:, None] + squares_b - 2 * a @ b.T) / squares_b


# %%
def partners_found(describe, extractor):
    """For how many pieces the nearest one of the other side is the partner."""
    seen = [extractor(side) for side in (left, right)]
    total = sum(distances(*(describe(one[tap]) for one in seen)) for tap in TAPS)
    return int(np.sum(total.argmin(axis=0) == np.arange(len(names))))


# %%
trained = FeatureExtractor("course")
found = {"features, place by place": partners_found(lambda maps: maps, trained)}
print("half of the partners or fewer:", found["features, place by place"] <= 9)

# %% tags=["nbval-ignore-output"]
print(f"place by place: {found['features, place by place']} of 18")

# %% [markdown]
# You did better. And surely you did not ask whether the upper left corner of one piece looks like
# the upper left corner of another. *Where* something is does not matter for style. So let us look
# for numbers that do not change when things change places.
#
# ## Shuffle the places
# To forget where things are, we exchange all places at random. One thing must stay: what the
# channels say about one place stays together.
#
# ### Exercise: shuffle the places
# `order` is an array of height * width numbers. Count the places row by row; place i of the result
# gets what stood at place `order[i]`. Stuck? `exercise("shuffle-positions").hint()`.


# %%
def shuffle_positions(features, order):
    """Feature maps (batch, height, width, channels), their places exchanged."""
    ...


shuffle_positions = exercise("shuffle-positions").check(shuffle_positions)

# %%
# alt: A woodcut with boats; the same pixels as fine noise; a map of the encoder in which the boats
#      can be seen; the map as fine noise.
generator = np.random.default_rng(6)
style = collection.style_image("woodcut", size=128)
maps = ops.convert_to_numpy(trained(images.to_batch(style))["relu1_1"])
order = generator.permutation(128 * 128)
shuffled = ops.convert_to_numpy(shuffle_positions(maps, order))
channel = int(maps.std(axis=(0, 1, 2)).argmax())
show_images(
    {
        "a picture": style,
        "its pixels shuffled": ops.convert_to_numpy(shuffle_positions(style[None], order))[0],
        "a channel": maps[0, ..., channel] / maps[..., channel].max(),
        "channel, shuffled": shuffled[0, ..., channel] / maps[..., channel].max(),
    },
    width=600,
)

# %% [markdown]
# **Before you run the next cell:** which of these are the same before and after: the mean of a
# channel, its standard deviation, the mean product of two channels, the features place by place?

# %%
first, second = 3, 8
same = {
    "means": np.allclose(maps.mean(axis=(1, 2)), shuffled.mean(axis=(1, 2)), atol=1e-3),
    "standard deviations": np.allclose(maps.std(axis=(1, 2)), shuffled.std(axis=(1, 2)), atol=1e-3),
    "mean product of two channels": np.allclose(
        np.mean(maps[..., first] * maps[..., second]),
        np.mean(shuffled[..., first] * shuffled[..., second]),
        atol=1e-3,
    ),
    "features, place by place": np.allclose(maps, shuffled, atol=1e-3),
}
for name, unchanged in same.items():
    print(f"{name}: {'the same' if unchanged else 'changed'}")

# %% [markdown]
# A mean does not ask in which order it adds. So whatever is averaged over all places is free of
# places. The mean product is the interesting one: it is large if two channels respond strongly *at
# the same places*, wherever these are. Red and slanting, at the same place: a red stroke.
#
# ## The Gram matrix
# Take the mean products of all pairs of channels and write them into a table. This is the **Gram
# matrix**. With the features $F_{pc}$ at place $p$ in channel $c$, and $P$ = height * width places,
#
# $$ G_{cd} = \frac{1}{P} \sum_{p=1}^{P} F_{pc} F_{pd}. $$
#
# ### Exercise: the Gram matrix
# The features have the shape (batch, height, width, channels); the result is (batch, channels,
# channels), one matrix for each picture. If you write the features of a picture as a matrix of
# places and channels, one product of matrices does it. `exercise("gram-matrix").hint()` helps.


# %%
def gram_matrix(features):
    """Mean products of all pairs of channels: (batch, channels, channels)."""
    ...


gram_matrix = exercise("gram-matrix").check(gram_matrix)

# %% [markdown]
# Here it is for our woodcut at the first tap, 24 by 24. To read it more easily we divide each entry
# by what it would be if the two channels always responded together. After a ReLU no feature is
# negative, so $G_{cd} / \sqrt{G_{cc} G_{dd}}$ lies between 0 and 1, and it is 1 on the diagonal.

# %%
# alt: A square of 24 by 24 fields, mirrored along its diagonal, which is 1. Some pairs of channels
#      have large values, others small ones.
gram = ops.convert_to_numpy(gram_matrix(maps))[0]
size = np.sqrt(np.diag(gram))
together = gram / np.outer(size, size)
every_fourth = [str(c) if c % 4 == 0 else "" for c in range(24)]
show_matrix(
    together,
    row_labels=every_fourth,
    column_labels=every_fourth,
    title="how much two channels of relu1_1 answer together",
    width=460,
)
print("symmetric:", bool(np.allclose(gram, gram.T, atol=1e-3)))

# %% [markdown]
# What is behind one entry? Two maps, multiplied place by place. We look up the pair that answers
# together most, and the pair that does so least.
#
# **Before you run the next cell:** imagine the product of the two maps in each case.

# %%
pairs = [(c, d) for c in range(24) for d in range(c)]
most, least = (best(pairs, key=lambda pair: together[pair]) for best in (max, min))


def behind(c, d):
    """Two maps, each divided by its size, and their product."""
    one, other = maps[0, ..., c] / size[c], maps[0, ..., d] / size[d]
    return {f"channel {c}": one, f"channel {d}": other, "product": one * other}


# %%
# alt: Two maps of the woodcut that are bright in the same places, sky and water, and their product,
#      which is bright there too.
# alt: Two maps of the woodcut with bright lines in different places, and their product, which is
#      black.
for pair in (most, least):
    shown = behind(*pair)
    show_images(
        {
            f"{name}; mean {each.mean():.2f}": np.clip(each / 3, 0, 1)
            for name, each in shown.items()
        },
        width=540,
    )

# %%
for name, pair in (("most", most), ("least", least)):
    entry = np.isclose(behind(*pair)["product"].mean(), together[pair], atol=1e-4)
    print(f"together {name}: the mean of the product is the entry of the table: {bool(entry)}")
print("above 0.8:", bool(together[most] > 0.8), " below 0.1:", bool(together[least] < 0.1))

# %% [markdown]
# The first pair says nearly the same of every place; it might look at the same color. The second
# pair excludes each other: where one responds, the other is silent, and the product is black. One
# number for each of 300 pairs: a rather complete description of what occurs together with what,
# and not a word of where.
#
# Of where, nothing? Shuffle, and look. And, for comparison, shuffle each channel *in its own way*,
# so that what stood together no longer does.

# %%
apart = np.concatenate(
    [shuffle_positions(maps[..., c : c + 1], generator.permutation(128 * 128)) for c in range(24)],
    axis=-1,
)


# %%
def moved(description, other):
    """Relative squared distance of what a description says of two sets of maps."""
    a, b = (np.concatenate([np.ravel(x) for x in description(one)]) for one in (maps, other))
    return float(np.sum((a - b) ** 2) / np.sum(a**2))


descriptions = {
    "maps": lambda one: [one],
    "Gram": lambda one: [ops.convert_to_numpy(gram_matrix(one))],
    "means": lambda one: [one.mean(axis=(1, 2)), one.std(axis=(1, 2))],
}

# %%
# alt: A table. Shuffling together changes the maps, but neither the Gram matrix nor means and
#      standard deviations. Shuffling each channel on its own changes the Gram matrix too.
table = np.array([[moved(d, one) for d in descriptions.values()] for one in (shuffled, apart)])
show_matrix(
    np.round(table, 2),
    row_labels=["together", "on its own"],
    column_labels=list(descriptions),
    title="change by shuffling each channel ...",
    width=460,
)
notices = table[:, 1] > 0.01
print("the Gram matrix notices: together", bool(notices[0]), "- on its own", bool(notices[1]))

# %% [markdown]
# Means and standard deviations notice neither. In the Gram matrix they turn up as a sum: on its
# diagonal stand the mean squares, and a mean square is mean² + std². What the Gram matrix has
# beyond that is everything off the diagonal. Lesson 8 gets far with means and standard deviations
# alone.
#
# ### Back to the game
# 18 pieces, 18 partners. Four ways to compare: the mean color, the features place by place, the
# Gram matrices, and means and standard deviations.
#
# **Before you run the next cell:** which order do you expect?


# %%
def means_and_stds(maps):
    """Mean and standard deviation of every channel, as one row of numbers for each image."""
    maps = ops.convert_to_numpy(maps)
    return np.concatenate([maps.mean(axis=(1, 2)), maps.std(axis=(1, 2))], axis=1)


# %%
# alt: Four bars: features place by place and mean color find less than half of the partners, means
#      and standard deviations and Gram matrices find most of them.
colors = distances(left.mean(axis=(1, 2)), right.mean(axis=(1, 2)))
found["mean color"] = int(np.sum(colors.argmin(axis=0) == np.arange(len(names))))
found["means and standard deviations"] = partners_found(means_and_stds, trained)
found["Gram matrices"] = partners_found(gram_matrix, trained)
plot_bars(found, ylabel="partners found, of 18")

# %%
for name, count in found.items():
    print(f"{name}: 12 or more: {count >= 12}")

# %% [markdown]
# So this is style, as a number can know it: **which features occur, how strongly, and which of them
# together.** It is not all that an art historian means by the word. But it recognizes the hand.
# (To tell 18 pictures apart, means and standard deviations are as good as the whole matrix. Whether
# that suffices to make a picture, lesson 8 will ask.)
#
# ## The style loss
# From the matrix to a loss it is one step. At each tap, the squared difference of the two Gram
# matrices, relative to the square of the style image's; then the mean over the taps:
#
# $$ L_{\text{style}} = \frac{1}{T} \sum_{\text{taps}}
# \frac{\sum_{cd} (G_{cd} - S_{cd})^2}{\sum_{cd} S_{cd}^2}. $$
#
# $G$ belongs to the picture judged, $S$ to the style image, $T$ is the number of taps. The two
# pictures may have different sizes, because their matrices have not.
#
# ### Exercise: the style loss
# Both arguments are dictionaries from taps to features (1, height, width, channels); the result is
# one number. Use your `gram_matrix`. Hints: `exercise("style-loss").hint()`.


# %%
def style_loss(target, features):
    """Squared differences of the Gram matrices, relative to the target's; the mean over taps."""
    ...


style_loss = exercise("style-loss").check(style_loss)

# %% [markdown]
# Lesson 5 left a question open: the astronaut in a mirror. Its content loss was as large as that of
# another photograph. And its style loss?

# %%
astronaut = collection.photograph("astronaut", size=192)
rocket = images.resize(collection.photograph("rocket"), astronaut.shape[:2])
wanted, mirrored, other = (
    trained(images.to_batch(one)) for one in (astronaut, astronaut[:, ::-1], rocket)
)
content = float(losses.content_loss(wanted, mirrored) / losses.content_loss(wanted, other))
manner = float(style_loss(wanted, mirrored)) / float(style_loss(wanted, other))
print("content: mirrored, at least 0.7 of the way to a rocket:", content >= 0.7)
print("style: mirrored, at most 0.1 of the way:", manner <= 0.1)

# %% [markdown]
# Small, but not zero. Why? Shuffled *features* leave the Gram matrix as it is. A mirrored *picture*
# has other features: what slanted to the right now slants to the left, and other channels respond.
#
# ## A texture from noise
# Now the proof. If the Gram matrices hold the style, they must suffice to make a picture in it.
# Start from noise. No content, no photograph, only the style loss, made small by changing the
# pixels. `optimize_image` of lesson 5 does it; its many options below switch off all but that loss,
# and lesson 9 explains them.
#
# **Before you run the next cells:** the style image shows boats on the water. What will there be
# of the colors, the strokes, the boats?

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
steps = max(80, budget.optimize_steps)
print(budget)


# %%
def texture(style_layers=TAPS, extractor="course", watch=None):
    """An image grown from noise until its Gram matrices are those of the style image."""
    return optimize_image(
        np.zeros((128, 128, 3), "float32"),
        style,
        steps=steps,
        watch=watch,
        extractor=extractor,
        content_layers=(),
        style_layers=style_layers,
        style_kinds="gram",
        content_weight=0,
        variation_weight=0,
        start="noise",
        scales=1,
    )


# %%
snapshots = {}


def watch(optimizer):
    """Keep what the image looks like on the way."""
    snapshots[optimizer.step] = optimizer.image


grown = {"relu4_1": texture(watch=watch)}

# %%
# alt: Gray noise; patches of color; strokes in ocher, black and blue-gray; clear cut marks in these
#      colors all over the picture. Beside it the woodcut with boats.
shown = [0, 10, 30, steps]
show_images(
    {f"step {step}": snapshots[step] for step in shown} | {"style image": style},
    columns=5,
    width=700,
)

# %%
target = trained(images.to_batch(style))
losses_on_the_way = [
    float(style_loss(target, trained(images.to_batch(snapshots[step])))) for step in shown
]
print("falls from picture to picture:", losses_on_the_way == sorted(losses_on_the_way)[::-1])
print("at the end less than a tenth:", losses_on_the_way[-1] < losses_on_the_way[0] / 10)

# %% [markdown]
# Colors and strokes, light against dark: all there. The boats are gone. A boat is strokes at
# certain places, and places are what the Gram matrix does not know. (If you look closely you find
# fine grain. Lesson 5 met it too: it is what the features do not object to. Lesson 9 removes it.)
#
# ## Which layers matter?
# We asked at all four taps. What does each contribute? Ask at the first tap alone, at the first
# two, at the first three.
#
# **Before you run the next cells:** a number at `relu1_1` sees 3 pixels. What can a texture be like
# that is right in nothing else?

# %%
for level, tap in enumerate(TAPS[:3], start=1):
    grown[tap] = texture(style_layers=TAPS[:level])

# %%
# alt: Four textures in the colors of the woodcut. By relu1_1 alone there are small blotches; with
#      each further tap they get longer and lie flatter, until they look like its cut marks.
show_images(
    {f"up to {tap}": grown[tap] for tap in TAPS} | {"style image": style}, columns=5, width=700
)


# %%
def off_at_each_tap(image):
    """The style loss at every tap by itself."""
    features = trained(images.to_batch(image))
    return [float(style_loss({tap: target[tap]}, {tap: features[tap]})) for tap in TAPS]


# %%
# alt: A table: what was asked for is small, on and below the diagonal; what was not asked for,
#      right of the diagonal, is larger.
off = np.array([off_at_each_tap(grown[tap]) for tap in TAPS])
show_matrix(
    off.round(3),
    row_labels=[f"up to {tap}" for tap in TAPS],
    column_labels=list(TAPS),
    title="style loss at each tap",
    width=500,
)

# %%
asked = max(off[row, : row + 1].max() for row in range(4))
next_one = [off[row, row + 1] / off[row, : row + 1].mean() for row in range(3)]
print("what was asked for is within a tenth:", bool(asked < 0.1))
print("the next tap is more than twice as far off:", min(next_one) > 2)

# %% [markdown]
# What one does not ask for, one does not get. `relu1_1` sets the colors and which color borders on
# which; it cannot know of a stroke, for a stroke does not fit into 3 pixels. Every further tap adds
# larger shapes. If the strokes of a transfer are too fine, a deep tap is missing; if its colors are
# wrong, a shallow one.
#
# ## Whose features?
# Is this the encoder's merit at all? Perhaps any convolutions would do. Three encoders of the same
# shape compete:
#
# - **random**: never trained,
# - **reconstruct**: trained as half of an autoencoder, for copying only (lesson 3's objective). We
#   train it now, on crops of the whole collection;
# - **trained**: the course's. It learned to copy, and at the same time to respond like VGG-19, a
#   large network that can name what is in a photograph.


# %%
def random_crops(count, size=48):
    """Squares cut at random places of all images, their channels in random order."""
    everything = [
        collection.photograph(name, size=256) for name in collection.names()["photographs"]
    ]
    everything += [collection.style_image(name, size=256) for name in names]
    crops = np.empty((count, size, size, 3), "float32")
    for number in range(count):
        image = everything[number % len(everything)]
        top, left = generator.integers(np.array(image.shape[:2]) - size + 1)
        crop = image[top : top + size, left : left + size]
        crops[number] = crop[..., generator.permutation(3)]
    return crops


# %%
keras.utils.set_random_seed(6)
crops = random_crops(8 * budget.train_steps)
copier = Autoencoder()
before = reconstruction_loss(crops[:32], copier(crops[:32]))

# %% tags=["nbval-ignore-output"]
schedule = keras.optimizers.schedules.CosineDecay(
    0.0,
    decay_steps=budget.train_steps * 9 // 10,
    warmup_target=2e-3,
    warmup_steps=budget.train_steps // 10,
)
optimizer = keras.optimizers.Nadam(schedule, clipnorm=1.0)
copier.compile(optimizer, loss=reconstruction_loss, jit_compile=False)
copier.fit(crops, crops, batch_size=8, verbose=0)
after = reconstruction_loss(crops[:32], copier(crops[:32]))
print(f"reconstruction loss: {float(before):.0f} before, {float(after):.0f} after")

# %% [markdown]
# First the game: how many partners do the Gram matrices find, by each encoder's features?
#
# **Before you run the next cells:** remember that the mean color alone finds nearly half.

# %%
# alt: Three bars: the random and the reconstructing encoder find about half of the partners or
#      fewer, the trained one finds clearly more.
encoders = {"random": "random", "reconstruct": copier, "trained": "course"}
hits = {
    name: partners_found(gram_matrix, FeatureExtractor(source)) for name, source in encoders.items()
}
plot_bars(hits, ylabel="partners found by Gram matrices, of 18")
print("the trained one finds most:", hits["trained"] > max(hits["random"], hits["reconstruct"]))

# %% [markdown]
# Now the textures: the same loss, the same steps, the same noise to start from.

# %%
# alt: Three textures: blotches covered with colored noise by the random and the reconstructing
#      encoder, and cut marks in ocher, black and blue-gray by the trained one, beside the woodcut.
textures = {name: texture(extractor=encoders[name]) for name in ("random", "reconstruct")} | {
    "trained": grown["relu4_1"]
}
show_images(textures | {"style image": style}, width=700)

# %% [markdown]
# All three have done what they were asked. But what has the same Gram matrix for a random encoder
# may be noise to us.
#
# Can that be measured without asking one of the three? Noise of color means: pixels have nothing to
# do with their neighbors. So take away the brightness, and ask how alike the colors of two pixels
# are that lie 1, 2, 3, ... pixels apart: 1 if they agree, 0 if only by chance.


# %%
def alike(image, apart):
    """Correlation between the colors of pixels at a distance, brightness taken away."""
    color = image - image.mean(axis=-1, keepdims=True)
    color = color - color.mean(axis=(0, 1))
    across, down = color[:, :-apart] * color[:, apart:], color[:-apart] * color[apart:]
    return float((across.mean() + down.mean()) / 2 / np.mean(color**2))


# %%
# alt: Four falling curves. That of the style image is highest, that of the trained encoder comes
#      next, those of the random and the reconstructing encoder are near zero after 4 pixels.
reach = list(range(1, 11))
curves = {name: [alike(one, d) for d in reach] for name, one in textures.items()}
plot_lines(
    {"style image": (reach, [alike(style, d) for d in reach])}
    | {name: (reach, curve) for name, curve in curves.items()},
    xlabel="distance of two pixels",
    ylabel="how alike their colors are",
    markers=True,
)

# %%
at_four = {name: curve[3] for name, curve in curves.items()}
others = max(at_four["random"], at_four["reconstruct"])
print(
    "trained, at 4 pixels, at least twice as alike as both others:", at_four["trained"] > 2 * others
)

# %% [markdown]
# Copying does not teach an encoder to see. To copy it may encode a stroke in any way that the
# decoder can undo, and nothing makes it keep one color together. An encoder that has learned to
# tell things apart has channels for strokes, edges and patterns, and those are what style is made
# of. (To be fair: ours had only seconds to learn copying. With the full budget it trains longer.
# Try it on a GPU, and see how far it comes.)
#
# ## What goes wrong without the divisions
# The style loss divides twice: by the number of places, in the Gram matrix, and by the target's
# square, at each tap. Both look like trifles.
#
# **First**, without dividing by the places. Gatys and others wrote it so, as a sum. Take the same
# maps twice, side by side: twice the picture, the same style.

# %%
twice = np.concatenate([maps, maps], axis=2)
places = maps.shape[1] * maps.shape[2]
mean_once, mean_twice = (ops.convert_to_numpy(gram_matrix(one)) for one in (maps, twice))
sum_once, sum_twice = mean_once * places, mean_twice * 2 * places


# %%
def relative(found, wanted):
    """Squared difference relative to what is wanted."""
    return float(np.sum((found - wanted) ** 2) / np.sum(wanted**2))


print(f"means: the style loss is {relative(mean_twice, mean_once):.3f}")
print(f"sums:  the style loss is {relative(sum_twice, sum_once):.3f}")

# %% [markdown]
# By sums the double picture is as far from its own style as a picture without any features at all.
# The style image would have to have exactly the content's size.
#
# **Second**, without dividing by the target's square. How much would each tap contribute?

# %%
# alt: Four bars of very different length: one tap has nearly all of the loss, relu1_1 has next to
#      nothing.
raw = {tap: float(np.sum(ops.convert_to_numpy(gram_matrix(target[tap])) ** 2)) for tap in TAPS}
share = {tap: raw[tap] / sum(raw.values()) for tap in TAPS}
plot_bars(share, ylabel="share in a style loss that is not divided")
print("one tap has more than three quarters:", max(share.values()) > 0.75)
print("relu1_1 has less than a hundredth:", share["relu1_1"] < 0.01)

# %% [markdown]
# **Before you run the next cell:** we grow the texture with these shares as weights, which is the
# same as not dividing. Now `relu1_1` counts next to nothing. What was it in charge of, and what
# will be wrong with the texture?

# %%
# alt: Two textures and the woodcut. The one made without dividing has short strokes in wrong,
#      grayish colors full of noise.
unbalanced = texture(style_layers=share)
show_images(
    {"divided": grown["relu4_1"], "not divided": unbalanced, "style image": style}, width=480
)
worse = off_at_each_tap(unbalanced)[0] / off_at_each_tap(grown["relu4_1"])[0]
print("relu1_1 is at least 5 times as far off:", worse > 5)

# %% [markdown]
# The deepest tap is served, colors and fine strokes are not. No error, no warning, and each new
# encoder would need weights of its own, found by trial. With the division, equal weights mean equal
# weights.
#
# ## Lab: the Gram explorer
# Choose an entry of the matrix, and see the two maps behind it and their product. The button makes
# a texture that has the whole matrix. **Before you choose:** can an entry be negative?

# %%
lab = gram_explorer()
lab.show()

# %% [markdown]
# ## Summary
# - Content is what is where; style is what occurs, how strongly, and what together. Averages over
#   places know no places.
# - The Gram matrix holds the mean products of all pairs of channels. Shuffling places leaves it as
#   it is; on its diagonal stands mean² + std².
# - The style loss compares Gram matrices, relative to the target's, at several taps. Shallow taps
#   set colors, deep ones larger strokes.
# - From the Gram matrices alone a texture grows out of noise: palette and strokes, no boats.
# - It takes a trained encoder. By random features, and by those learned from copying, noise has the
#   right Gram matrix too.
# - Divide by places and by the target, or sizes and taps get weights that nobody chose.
#
# ## Questions to check yourself
# 1. A feature map has 96 channels and 64 x 64 places. How many different numbers has its Gram
#    matrix, and how many has the map?
#
#    <details><summary>Answer</summary>
#
#    96 * 97 / 2 = 4,656 different numbers in the matrix, because it is symmetric; 96 * 64 * 64 =
#    393,216 in the map.
#
#    </details>
#
# 2. You turn a style image by 90 degrees. Which taps' Gram matrices change much, which little?
#
#    <details><summary>Answer</summary>
#
#    Those of the shallow taps change little, as far as they are about color; those of taps that
#    respond to directions of strokes change much.
#
#    </details>
#
# 3. Two pictures have the same means and standard deviations at every channel and different Gram
#    matrices. Describe such a pair.
#
#    <details><summary>Answer</summary>
#
#    Black dots and red dots on white, once always as pairs at the same place, once apart, with the
#    same number and size of dots.
#
#    </details>
#
# 4. Why does a texture by Gram matrices cover the whole picture evenly, although the style image
#    has a calm sky and a wild sea?
#
#    <details><summary>Answer</summary>
#
#    The matrix holds means over all places. It does not know where the sky ended, so calm and wild
#    are mixed everywhere.
#
#    </details>
#
# 5. You want larger strokes without changing the network. What can you do to the style image?
#
#    <details><summary>Answer</summary>
#
#    Enlarge it before its features are taken. Then its strokes are wider, measured in pixels.
#
#    </details>
#
# 6. An encoder that learned to copy finds few partners. What would you train it for instead, to
#    make its features useful?
#
#    <details><summary>Answer</summary>
#
#    For telling things apart: to respond like a network that can name what is in a picture.
#
#    </details>
#
# ## Reading
# - L. Gatys, A. Ecker and M. Bethge, "Texture Synthesis Using Convolutional Neural Networks", NIPS
#   2015: Gram matrices for textures, layer by layer.
# - L. Gatys, A. Ecker and M. Bethge, "Image Style Transfer Using Convolutional Neural Networks",
#   CVPR 2016: content and style together. Lesson 9 does that.
# - Y. Li, N. Wang, J. Liu and X. Hou, "Demystifying Neural Style Transfer", IJCAI 2017: why
#   products without places compare distributions of features.
# - P. Wang, Y. Li and N. Vasconcelos, "Rethinking and Improving the Robustness of Image Style
#   Transfer", CVPR 2021: which networks have features that are good for this, and why.
