# %% [markdown]
# # Lesson 6: What style is
# You find the numbers by which a painter's hand can be recognized, no matter what is painted where,
# and grow textures from noise with nothing but these numbers.
#
# **You will be able to**
# - compute a Gram matrix, read its entries, and say what it forgets
# - write the style loss, and say why each division in it is there
# - grow a texture from noise, and choose the layers for it
# - compare a texture by Gram matrices with one by means and standard deviations
# - say what an experiment with three encoders shows, and what it leaves open
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
from course_lib.plots import plot_bars, show_images, show_matrix
from course_lib.transfer import optimize_image
from course_lib.widgets import gram_explorer

# %% [markdown]
# ## The same hand
# The course has 18 style images. From each we cut two pieces, one from the upper left, one from
# the upper right. Here are six of the pairs, torn apart.
#
# **Before you look closer:** which pieces belong together? It takes a few seconds. How do you do
# it?


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
show_images(torn, columns=6, width=800)

# %% [markdown]
# (A belongs to 3, B to 2, C to 1; D to 6, E to 5, F to 4.)
#
# Now let numbers do it. For every piece on the right, which of the 18 on the left is nearest?
# Lesson 5 had a distance: features compared place by place, the content loss.
#
# **Before you run the next cells:** how many of the 18 partners will it find? Guessing finds one.


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
# the upper left corner of another. *Where* something is does not matter for style. So we look for
# numbers that stay the same when things change places.
#
# ## Shuffle the places
# To forget where things are, we put all places in random order. One thing must stay together: what
# the channels say about one place.
#
# ### Exercise: shuffle the places
# `order` is an array of height * width numbers. Count the places row by row; place i of the result
# gets what was at place `order[i]`. Stuck? `exercise("shuffle-positions").hint()`.


# %%
def shuffle_positions(features, order):
    """Feature maps (batch, height, width, channels), their places in another order."""
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
        "an image": style,
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
# A mean does not care in which order it adds. So whatever is averaged over all places is free of
# places. The mean product is the interesting one: it is large if two channels respond strongly *at
# the same places*, wherever these are. Red and slanted, at the same place: a red stroke.
#
# ## The Gram matrix
# Take the mean products of all pairs of channels and put them into a table. This is the **Gram
# matrix**. With the features $F_{pc}$ at place $p$ in channel $c$, and $P$ = height * width places,
#
# $$ G_{cd} = \frac{1}{P} \sum_{p=1}^{P} F_{pc} F_{pd}. $$
#
# ### Exercise: the Gram matrix
# The features have the shape (batch, height, width, channels); the result is (batch, channels,
# channels), one matrix for each image. If you write an image's features as a matrix of places and
# channels, a single matrix product does it. `exercise("gram-matrix").hint()` helps.


# %%
def gram_matrix(features):
    """Mean products of all pairs of channels: (batch, channels, channels)."""
    ...


gram_matrix = exercise("gram-matrix").check(gram_matrix)

# %% [markdown]
# Here it is for our woodcut at the first tap, 24 by 24. To make it easier to read, we divide each
# entry by what it would be if the two channels always responded together. After a ReLU no feature
# is negative, so $G_{cd} / \sqrt{G_{cc} G_{dd}}$ lies between 0 and 1, and it is 1 on the diagonal.

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
    title="how much two channels of relu1_1 respond together",
    width=460,
)
print("symmetric:", bool(np.allclose(gram, gram.T, atol=1e-3)))

# %% [markdown]
# What is behind an entry? Two maps, multiplied place by place. We look up the pair that responds
# together most, and the pair that does so least.
#
# **Before you run the next cells:** imagine the product of the two maps in each case.

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
    print(f"together {name}: the mean of the product is the entry in the table: {bool(entry)}")
print("above 0.8:", bool(together[most] > 0.8), " below 0.1:", bool(together[least] < 0.1))

# %% [markdown]
# The first pair says nearly the same thing about every place; both channels may look at the same
# color. The second pair is mutually exclusive: where one responds, the other is silent, and the
# product is black. One number for each of 300 pairs: a rather complete description of what occurs
# together with what, and not a word about where.
#
# Really not a word? Shuffle, and look. And, for comparison, shuffle each channel *in its own way*,
# so that what was together no longer is.

# %%
apart = np.concatenate(
    [shuffle_positions(maps[..., c : c + 1], generator.permutation(128 * 128)) for c in range(24)],
    axis=-1,
)


# %%
def moved(description, other):
    """Relative squared distance between what a description says of two sets of maps."""
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
# Means and standard deviations notice neither. In the Gram matrix they turn up as a sum: its
# diagonal holds the mean squares, and a mean square is mean² + std². What the Gram matrix has
# beyond that is everything off the diagonal.
#
# ### Back to the game
# 18 pieces, 18 partners. Four ways to compare: the mean color, the features place by place, the
# Gram matrices, and means and standard deviations.
#
# **Before you run the next cells:** what order do you expect?


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
    print(f"{name}: 12 or more of 18 (chance finds 1): {count >= 12}")

# %% [markdown]
# So this is style, as far as numbers can know it: **which features occur, how strongly, and which
# of them together.** It is not all that an art historian means by the word. But it recognizes the
# hand. (To tell 18 images apart, means and standard deviations are as good as the whole matrix.
# Whether they suffice to *make* an image, you will see below.)
#
# ## The style loss
# From the matrix to a loss is a small step. At each tap, take the squared difference of the two
# Gram matrices, relative to the square of the style image's; then the mean over the taps:
#
# $$ L_{\text{style}} = \frac{1}{T} \sum_{\text{taps}}
# \frac{\sum_{cd} (G_{cd} - S_{cd})^2}{\sum_{cd} S_{cd}^2}. $$
#
# $G$ belongs to the image being judged, $S$ to the style image, and $T$ is the number of taps. The
# two images may differ in size, because their matrices do not.
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
# Back to a mirrored photograph, from lesson 5. Compared place by place, a mirrored astronaut is
# far from the astronaut. And by style?
#
# **Before you run the next cells:** will the style loss of the mirrored astronaut be exactly zero?

# %%
astronaut = collection.photograph("astronaut", size=192)
rocket = images.resize(collection.photograph("rocket"), astronaut.shape[:2])
wanted, mirrored, other = (
    trained(images.to_batch(one)) for one in (astronaut, astronaut[:, ::-1], rocket)
)
by_content = [float(losses.content_loss(wanted, one)) for one in (mirrored, other)]
by_style = [float(style_loss(wanted, one)) for one in (mirrored, other)]
print(
    "content: mirrored, at least 0.7 of the way to a rocket:", by_content[0] > 0.7 * by_content[1]
)
print("style: mirrored, at most 0.1 of the way:", by_style[0] < 0.1 * by_style[1])
print("style: exactly zero:", by_style[0] < 1e-6)

# %% tags=["nbval-ignore-output"]
print(f"content loss: mirrored {by_content[0]:.3f}, a rocket {by_content[1]:.3f}")
print(f"style loss:   mirrored {by_style[0]:.4f}, a rocket {by_style[1]:.4f}")

# %% [markdown]
# Small, but not zero. Shuffled *features* leave the Gram matrix as it is. A mirrored *image* has
# other features: what slanted to the right now slants to the left, and other channels respond.
#
# ## A texture from noise
# Now for the proof. If the Gram matrices hold the style, they must be enough to make an image in
# that style. Start from faint noise around its mean color. No content, no photograph, only the
# style loss, minimized by changing the pixels. `optimize_image` from lesson 5 does it; lesson 9
# explains its options.
#
# **Before you run the next cells:** the style image shows boats on the water. What will there be
# of the colors, the strokes, the boats?

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
steps = max(80, budget.optimize_steps)
print(budget)


# %%
def texture(style_layers=TAPS, extractor="course", kind="gram", watch=None, rounds=1):
    """An image grown from noise until it has the style image's statistics."""
    return optimize_image(
        style,
        style,
        steps=rounds * steps,
        watch=watch,
        extractor=extractor,
        style_layers=style_layers,
        style_kinds=kind,
        content_weight=0,
        start="noise",
        scales=2,
    )


# %%
snapshots = {}


def watch(optimizer):
    """Keep what the image looks like on the way."""
    snapshots[optimizer.step] = optimizer.image


grown = {"relu4_1": texture(watch=watch)}

# %%
# alt: Faint patches of color; strokes in ocher, black and blue-gray; clear cut marks in these
#      colors all over the image. Beside it the woodcut with boats.
shown = [5, 20, 60, steps]
show_images(
    {f"step {step}": images.resize(snapshots[step], 128) for step in shown}
    | {"style image": style},
    columns=5,
    width=700,
)

# %%
target = trained(images.to_batch(style))
losses_on_the_way = [
    float(style_loss(target, trained(images.to_batch(snapshots[step])))) for step in shown
]
print("at the end less than a third of step 5:", losses_on_the_way[-1] < losses_on_the_way[0] / 3)


# %% tags=["nbval-ignore-output"]
def alike(image, apart):
    """Correlation between the colors of pixels at a distance, brightness taken away."""
    color = image - image.mean(axis=-1, keepdims=True)
    color = color - color.mean(axis=(0, 1))
    across, down = color[:, :-apart] * color[:, apart:], color[:-apart] * color[apart:]
    return float((across.mean() + down.mean()) / 2 / np.mean(color**2))


print("style loss:", ", ".join(f"{value:.3f}" for value in losses_on_the_way))
print("how alike the colors of two neighbors are, from 0 (chance) to 1:")
for name, image in {"style image": style, "texture": grown["relu4_1"]}.items():
    print(f"  {name} {alike(image, 1):.2f}")

# %% [markdown]
# Palette and strokes, light against dark: there they are. The boats are gone. A boat is strokes at
# certain places, and places are what the Gram matrix does not know.
#
# Is *everything* else there? Look closely: there is a fine grain of colors, and the last two
# numbers measure it. In the style image, a pixel and its neighbor nearly always agree in color; in
# the texture they agree a little less. Lesson 5 met such a grain, too: it is something that
# features leave open. Lesson 9 does something about it.
#
# ### Gram matrices or means and standard deviations?
# In the game, means and standard deviations were as good as the whole matrix. Can they make a
# texture, too? Here is one that was asked for these alone.

# %%
# alt: The woodcut with boats, and two textures enlarged: one by Gram matrices and one by means and
#      standard deviations, both of strokes in ocher, black and blue-gray.
pair = {"style image": style, "Gram": grown["relu4_1"]}
pair["means and std"] = texture(kind="statistics")
show_images({name: np.kron(one, np.ones((2, 2, 1))) for name, one in pair.items()}, width=792)

# %% tags=["nbval-ignore-output"]
for name, image in pair.items():
    loss = float(style_loss(target, trained(images.to_batch(image))))
    print(f"{name:14} style loss {loss:.4f}, neighbors alike {alike(image, 1):.2f}")

# %% [markdown]
# It has never been asked for what goes together with what, and yet that has come along: after these
# few steps its loss by Gram matrices is about as small as that of the texture which was asked for
# nothing else. So means and standard deviations carry a good part of a style by themselves. Lesson
# 8 gets far with them.
#
# ## Which layers matter?
# We asked at all four taps. What does each contribute? Ask at the first tap alone, at the first
# two, at the first three.
#
# **Before you run the next cells:** a feature at `relu1_1` sees 3 pixels. What will a texture look
# like if it is right about nothing else?

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
# alt: A table. On and below the diagonal stand the taps that were asked for, with small losses; to
#      the right of the diagonal those that were not, with larger ones.
off = np.array([off_at_each_tap(grown[tap]) for tap in TAPS])
show_matrix(
    off.round(3),
    row_labels=[f"up to {tap}" for tap in TAPS],
    column_labels=list(TAPS),
    title="style loss at each tap",
    width=500,
)

# %%
worse = [off[row, column] / off[3, column] for column in (2, 3) for row in range(column)]
print("relu3_1 and relu4_1, not asked for, are more than twice as far off:", min(worse) > 2)
print("relu2_1, not asked for, is less than twice as far off:", off[0, 1] < 2 * off[3, 1])
print("relu4_1, once three taps are right, is twice as near:", off[2, 3] < off[0, 3] / 2)

# %% [markdown]
# Read the table by columns. A deep tap that you do not ask for, you do not get in full. Some of it
# comes along, since a tap is computed from the ones before it; `relu2_1` comes along almost for
# free. `relu1_1` sets the colors and which color borders on which; it cannot know about a stroke:
# it sees 3 pixels, and a stroke does not fit into them. Every further tap adds larger shapes. The
# first column shows the price: the more taps are asked for in the same number of steps, the
# farther off `relu1_1` ends up.
#
# ## Whose features?
# Does it matter which network the features come from? Three encoders of the same shape compete:
#
# - **random**: never trained,
# - **reconstruct**: trained as half of an autoencoder, for copying only (lesson 3's objective). We
#   train it now, on crops of the whole collection;
# - **trained**: the course's. It learned to copy, and at the same time to respond like VGG-19, a
#   large network that can name what is in a photograph.


# %%
def random_crops(count, size=48):
    """Squares cut at random places from all images, their channels in random order."""
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
# Now the textures: the same loss, the same noise to start from, and for the two new encoders twice
# as many steps.

# %%
# alt: Three textures: blotches covered with colored noise by the random and the reconstructing
#      encoder, and strokes in ocher, black and blue-gray by the trained one, beside the woodcut.
seen = {}


def note(name):
    """A watcher that keeps the style loss of every look in `seen`."""
    return lambda optimizer: seen.setdefault(name, []).append(optimizer.losses["style"])


textures = {
    name: texture(extractor=encoders[name], watch=note(name), rounds=2)
    for name in ("random", "reconstruct")
} | {"trained": grown["relu4_1"]}
show_images(textures | {"style image": style}, columns=4, width=700)

# %% tags=["nbval-ignore-output"]
for name, values in seen.items():
    print(f"{name}: its own style loss {values[0]:.3f} at the start, {values[-1]:.4f} at the end")

# %%
print("both have less than a tenth left:", all(v[-1] < v[0] / 10 for v in seen.values()))

# %% [markdown]
# All three have done what they were asked to: by their own measure, they are close to the style
# image. But what has nearly the right Gram matrices for one encoder may still be noise to us.
#
# Can that be measured without asking one of the three? The woodcut's strokes lie flat: brightness
# changes more from row to row than from column to column. Noise has no direction, and for it the
# two changes are equal.


# %%
def flatness(image):
    """Change of brightness from row to row, divided by that from column to column."""
    brightness = image.mean(axis=-1)
    down, across = (np.abs(np.diff(brightness, axis=axis)).mean() for axis in (0, 1))
    return float(down / across)


# %%
# alt: Four bars. The style image's is longest, that of the trained encoder nearly as long; those of
#      the random and the reconstructing encoder are little longer than 1.
flat = {name: flatness(one) for name, one in (textures | {"style image": style}).items()}
plot_bars(flat, ylabel="how flat the strokes lie, 1 by chance")

# %%
way = {name: (flat[name] - 1) / (flat["style image"] - 1) for name in textures}
print("trained: more than half of the way from chance to the woodcut:", way["trained"] > 0.5)
print("the others: less than half:", max(way["random"], way["reconstruct"]) < 0.5)

# %% [markdown]
# What does that show, and what does it not? *These* random features, 24 to 128 channels of 3 x 3
# pixels, do not hold the style, and neither do those of a network that has practiced copying for a
# short while. It does not show that random features cannot. Ustyuzhaninov and colleagues grew fine
# textures from hundreds of random filters of several sizes in a single layer; He, Wang and Hopcroft
# from a wide, deep random network. Nor does it show *why* ours is better: it was trained for hours,
# and it learned to respond like VGG-19. To tell which of the two matters, you would have to train a
# copier for just as long. With the full budget the copier trains longer: try it on a GPU, and see
# how far it comes.
#
# ## What goes wrong without the divisions
# The style loss divides twice: by the number of places, in the Gram matrix, and by the target's
# square, at each tap. Both look like details.
#
# **First**, without dividing by the places. Take the same maps twice, side by side: an image twice
# as large, the same style.

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
# With sums, the double image is as far from its own style as an image without any features at all.
# (Gatys and colleagues do write the matrix as a sum. Their loss divides by $4 N^2 M^2$ instead,
# with $N$ channels and $M$ places. That is the same thing as long as both images have equally many
# places, and they do: the style image is brought to the content's size.)
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
print("relu1_1 is at least twice as far off:", worse > 2)

# %% tags=["nbval-ignore-output"]
print(f"relu1_1 is {worse:.1f} times as far off")

# %% [markdown]
# The deepest tap has nearly all the say, and the colors go wrong. No error, no warning, and each
# new encoder would need weights of its own, found by trial. With the division, equal weights mean
# what they say.
#
# ## Lab: the Gram explorer
# Choose an entry of the matrix, and see the two maps behind it and their product. The button makes
# a texture that has the whole matrix. **Before you choose:** can an entry be negative?

# %%
lab = gram_explorer()
lab.show(columns=3, width=660)

# %% [markdown]
# ## Summary
# - Content is what is where; style is what occurs, how strongly, and what together. Averages over
#   places know nothing of places.
# - The Gram matrix holds the mean products of all pairs of channels. Shuffling places leaves it as
#   it is; its diagonal is mean² + std².
# - The style loss compares Gram matrices, relative to the target's, at several taps. Shallow taps
#   set colors, deep ones larger strokes.
# - From the Gram matrices alone a texture grows out of noise: palette and strokes, no boats. Means
#   and standard deviations alone come surprisingly close.
# - It matters whose features are compared. With a narrow random encoder, and with one that had
#   practiced copying for a short while, colored noise has nearly the right Gram matrices.
# - Divide by places and by the target, or sizes and taps get weights that nobody chose.
#
# ## Questions to check yourself
# 1. A feature map has 96 channels and 64 x 64 places. How many different numbers does its Gram
#    matrix have, and how many does the map have?
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
#    Wherever channels respond to color alone, little changes; wherever they respond to the
#    direction of strokes, much does. Lesson 5 found channels for direction at the first tap
#    already.
#
#    </details>
#
# 3. Two images have the same means and standard deviations in every channel, and different Gram
#    matrices. Describe such a pair.
#
#    <details><summary>Answer</summary>
#
#    Horizontal and vertical lines, equally many and equally bright: in one image they cross, in the
#    other they never meet. A channel for each direction has the same mean and spread in both; only
#    their product differs.
#
#    </details>
#
# 4. Why does a texture by Gram matrices cover the whole image evenly, although the style image has
#    a calm sky and a wild sea?
#
#    <details><summary>Answer</summary>
#
#    The matrix holds means over all places. It does not know where the sky ends, so calm and wild
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
# 6. Somebody says: "Only a trained network's features can carry style." Which experiment of this
#    lesson would they point to, and what would you answer?
#
#    <details><summary>Answer</summary>
#
#    To the three textures. They show that one narrow random network, 24 to 128 channels of 3 x 3
#    pixels, does not carry this style in the steps that we gave it. That no random network can,
#    they do not show: with hundreds of filters of several sizes it has been done (see the
#    reading).
#
#    </details>
#
# ## Reading
# - L. Gatys, A. Ecker and M. Bethge, "Texture Synthesis Using Convolutional Neural Networks", NIPS
#   2015: Gram matrices for textures, layer by layer.
# - L. Gatys, A. Ecker and M. Bethge, "Image Style Transfer Using Convolutional Neural Networks",
#   CVPR 2016: content and style together. Lesson 9 does that.
# - I. Ustyuzhaninov, W. Brendel, L. Gatys and M. Bethge, "Texture Synthesis Using Shallow
#   Convolutional Networks with Random Filters", arXiv 1606.00021, 2016; K. He, Y. Wang and
#   J. Hopcroft, "A Powerful Generative Model Using Random Weights for the Deep Image
#   Representation", NIPS 2016: how far random features go.
# - Y. Li, N. Wang, J. Liu and X. Hou, "Demystifying Neural Style Transfer", IJCAI 2017: why
#   products without places compare distributions of features.
# - P. Wang, Y. Li and N. Vasconcelos, "Rethinking and Improving the Robustness of Image Style
#   Transfer", CVPR 2021: which networks have features that are good for this, and why.
