# %% [markdown]
# # Lesson 11: How good is it, honestly
# You put numbers on your own results, learn what each number sees and what it is blind to, repair
# three faults by measuring them, and compare the methods of the course in one plot.
#
# **You will be able to**
# - measure how much content a stylized image kept and how much style it took on, and say why one
#   number without the other says nothing
# - measure blur, grids, and specks, reduce them, and say what that costs
# - find out which part of a method matters by leaving it out
# - compare methods by quality and time without declaring a winner that depends on taste
# - construct a case in which a metric is wrong and your eyes are right
#
# **You need:** lesson 8, lesson 9.
#
# **Time:** 85 minutes, 125 with the optional sections; the code runs in about 40 s on a CPU. On a
# GPU the pictures are larger, and it takes about as long.
#
# **Optional:** *Which part of the method matters?*, *All methods, by quality and time*.

# %% tags=["setup"]

# %%
from functools import partial

import keras
import numpy as np
from keras import layers, ops
from scipy.ndimage import gaussian_filter
from skimage.restoration import denoise_tv_chambolle

from course_lib import collection, images, metrics, statistics
from course_lib.autoencoder import TAPS, ReflectConv2D, Upsample
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.features import FeatureExtractor
from course_lib.linear import principal_components
from course_lib.losses import reconstruction_loss
from course_lib.plots import plot_lines, plot_scatter, show_images, show_matrix
from course_lib.transfer import FeatureTransfer, PixelTransfer, optimize_image
from course_lib.widgets import ablation_lab, compare_lab

# %% [markdown]
# ## Two results, and which is better?
# Here is a photograph, a style, and what two methods of this course make of them. The size of the
# images depends on your machine. To judge a photograph of your own, load it with
# `images.load_image` and put it in the cat's place.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(budget)

# %%
# alt: A photograph of a cat, an impressionist painting of short strokes, mostly blue, and the cat
#      in its manner twice: with AdaIN the cat is crisp and covered with short strokes, with WCT it
#      is coarser and its outlines are loose.
cat = collection.photograph("chelsea", size=budget.image_size)
style = collection.style_image("impressionist", size=budget.image_size)
adain = FeatureTransfer("adain")
wct = FeatureTransfer("wct", autoencoder=adain.autoencoder)
painted, universal = adain(cat, style), wct(cat, style)
show_images(
    {"content": cat, "style": style, "AdaIN": painted, "WCT": universal}, columns=2, width=400
)

# %% [markdown]
# Decide before you read on: which one is better? Then ask somebody else. You may well disagree,
# because "better" asks two things at once. Is the cat still there? Is it painted like the painting?
# So we need at least two numbers.
#
# ## How close is it to the style?
# Lesson 8 measured that as *style moved*. Now we look inside it. A style is described by the mean
# and the standard deviation of every channel at the taps. Three images have such statistics: the
# content $c$, the style $s$, and the result $x$. The transfer started at $c$ and wanted to reach
# $s$. So let us ask for the **share of the way**:
#
# $$ \text{style moved} = 1 - \frac{D(x, s)}{D(c, s)}, \qquad
# D(a, b) = \sum_k \lvert a_k - b_k \rvert , $$
#
# where $k$ runs over all numbers of the two descriptions $a$ and $b$.
#
# ### Exercise: the share of the way
# The three arguments are vectors of statistics of the same length: `found` is $x$, `own` is $c$,
# and `wanted` is $s$. The result is one number. If you get stuck, run
# `exercise("share-of-the-way").hint()` in a new cell.


# %%
def share_of_the_way(found, own, wanted):
    """How much of the way from `own` to `wanted` lies behind `found`."""
    ...


share_of_the_way = exercise("share-of-the-way").check(share_of_the_way)

# %% [markdown]
# Now the statistics. `FeatureExtractor` reads the taps, `statistics.measure` their means and
# standard deviations. Reading takes longer than anything we do with the numbers afterward, so we
# describe the content and the style once and keep both.

# %%
look = FeatureExtractor("course")


def described(features):
    """Dictionary tap -> the means and standard deviations of all channels, as one vector."""
    pairs = statistics.measure(features).items()
    return {
        tap: np.concatenate([ops.convert_to_numpy(part).ravel() for part in pair])
        for tap, pair in pairs
    }


cat_features = look(images.to_batch(cat))
own, wanted = described(cat_features), described(look(images.to_batch(style)))
for tap in TAPS:
    print(f"{tap}: a style in {wanted[tap].size} numbers")

# %% [markdown]
# **Before you run the next cell:** at which tap will the results have come closest to the style?
# And what would the content image itself get, and the style image?

# %%
# alt: A table of the share of the way at four taps: 0 for the content image, 1 for the style image,
#      and values between for AdaIN and WCT.
features = {"content": cat_features}
features |= {
    name: look(images.to_batch(one))
    for name, one in {"style": style, "AdaIN": painted, "WCT": universal}.items()
}
shares = {}
for name, maps in features.items():
    found = described(maps)
    shares[name] = [share_of_the_way(found[tap], own[tap], wanted[tap]) for tap in TAPS]
show_matrix(
    list(shares.values()), row_labels=list(shares), column_labels=list(TAPS), title="style moved"
)

# %%
print("the content gets 0 everywhere:", np.allclose(shares["content"], 0, atol=1e-4))
print("the style gets 1 everywhere:", np.allclose(shares["style"], 1, atol=1e-4))
library = metrics.style_moved(painted, cat, style, extractor=look)
print("the library's mean is ours:", np.isclose(np.mean(shares["AdaIN"]), library, atol=1e-3))

# %% tags=["nbval-ignore-output"]
print(f"AdaIN, mean over the taps: ours {np.mean(shares['AdaIN']):.3f}, library {library:.3f}")

# %% [markdown]
# The style image gets a perfect score for style. It is also a very bad image of a cat.
#
# ## How much content is left?
# The second number, lesson 8's *content kept*, compares *places*. Take the features at relu4_1,
# bring every channel to mean 0 and standard deviation 1, so that a different palette costs
# nothing, and correlate them with the content's. The result is 1 for the content itself and near
# 0 for an image of something else.


# %%
def normalized(maps):
    """All values at relu4_1, each channel with mean 0 and standard deviation 1."""
    return ops.convert_to_numpy(statistics.normalize(maps["relu4_1"])).ravel()


def judged(image):
    """Style moved and content kept of a result made from the cat and the painting."""
    maps = look(images.to_batch(image))
    found = described(maps)
    moved = np.mean([share_of_the_way(found[tap], own[tap], wanted[tap]) for tap in TAPS])
    return moved, np.corrcoef(normalized(maps), normalized(cat_features))[0, 1]


poster = style[: cat.shape[0], : cat.shape[1]]
ends = {"the content image": judged(cat), "a piece of the style": judged(poster)}
print("the content image as a result:", np.allclose(ends["the content image"], (0, 1), atol=1e-4))
moved, kept = ends["a piece of the style"]
print("the style as a result, most of the style:", bool(moved > 0.7))
print("the style as a result, less than half of the content:", bool(kept < 0.4))
library = metrics.content_kept(painted, cat, extractor=look)
print("the library's content kept is ours:", np.isclose(judged(painted)[1], library, atol=1e-3))

# %% tags=["nbval-ignore-output"]
for name, (moved, kept) in ends.items():
    print(f"{name} as a result: style moved {moved:.2f}, content kept {kept:.2f}")

# %% [markdown]
# Everything lies between these two ends. With AdaIN's strength we can walk from one to the other.
#
# **Before you run the next cell:** sketch the line you expect. Style moved to the right, content
# kept upward, strength from 0 to 1.

# %%
# alt: Points between two ends: the content image at the upper left, a piece of the style image
#      at the lower right. The strengths of AdaIN form a line that falls to the right.
strengths = (0.25, 0.5, 0.75, 1.0)
dial = {f"strength {strength}": adain(cat, style, strength=strength) for strength in strengths}
points = ends | {name: judged(one) for name, one in dial.items()} | {"WCT": judged(universal)}
plot_scatter(
    points,
    xlabel="style moved (more to the right)",
    ylabel="content kept (more upward)",
    front=["the content image", *dial],
)

# %%
moves, keeps = zip(*(points[name] for name in dial), strict=True)
print("the more strength, the more style:", list(moves) == sorted(moves))
print("and the less content:", list(keeps) == sorted(keeps, reverse=True))

# %% tags=["nbval-ignore-output"]
for name in dial:
    print(f"{name}: style moved {points[name][0]:.2f}, content kept {points[name][1]:.2f}")

# %% [markdown]
# On this line you cannot have both: the more style, the less content. Its slope says how much
# content each step of style costs, and it need not be the same everywhere. A single number, "our
# method reaches 0.8", hides where on this line somebody stopped. **Always report both.**
#
# ## Who is the judge?
# Something is unfair here. The judge looks through the course's encoder and asks for the very
# statistics that the painting decoder was *given* as its target. A student who has seen the
# questions does well, too. So ask judges who had no part in it: an encoder that was never trained,
# and two that need no network: the distance between the palettes, and the agreement of the edges (1
# if all are where they were).

# %%
# alt: Four lines over the strength: both judges of style rise from low to high, both judges of
#      content fall slowly.
palette = {name: metrics.color_distance(one, style) for name, one in dial.items()}
edges = {name: metrics.edge_agreement(one, cat) for name, one in dial.items()}
plot_lines(
    {
        "style moved, the course's encoder": (strengths, moves),
        "style moved, untrained encoder": (
            strengths,
            [metrics.style_moved(one, cat, style, extractor="random") for one in dial.values()],
        ),
        "content kept, the course's encoder": (strengths, keeps),
        "edge agreement, no network": (strengths, list(edges.values())),
    },
    xlabel="strength",
    ylabel="what the judge says",
    markers=True,
)

# %%
print("palette closer with each step:", list(palette.values()) == sorted(palette.values())[::-1])
print("fewer edges in place at full strength:", edges["strength 1.0"] < edges["strength 0.25"])

# %% tags=["nbval-ignore-output"]
for name in dial:
    print(f"{name}: palette distance {palette[name]:.3f}, edge agreement {edges[name]:.2f}")

# %% [markdown]
# All of them agree on the direction. That is worth something: the progress is not an illusion of
# one network. They do not agree on the size, so do not compare a 0.8 from one judge with a 0.7
# from another. If you are online, `metrics.style_moved(..., extractor="vgg19")` asks one more.
#
# ## Blur
# The two numbers say nothing about faults. The first fault of every autoencoder is **blur**. Lesson
# 3 showed where it comes from: squared error answers with the mean of all possibilities.
#
# How do we measure blur without the sharp original? A neat idea: blur the image *once more*. A
# sharp one loses a lot; a blurred one has little left to lose.

# %%
blurred = {width: gaussian_filter(cat, (width, width, 0)) for width in (0, 1, 2, 4)}
sharp = [metrics.sharpness(one) for one in blurred.values()]
print("more blur, less sharpness:", sharp == sorted(sharp, reverse=True))

# %% tags=["nbval-ignore-output"]
for width, value in zip(blurred, sharp, strict=True):
    print(f"blurred by {width} pixels: sharpness {value:.2f}")

# %% [markdown]
# Now reconstructions. **Before you run the next cell:** from which tap on will the number fall?

# %%
# alt: The cat's eye, and reconstructions from relu2_1, relu3_1, and relu4_1. The deeper the code,
#      the softer the fur.
batch = images.to_batch(cat)
drawn = {tap: images.from_batch(adain.autoencoder.reconstruct(batch, tap=tap)) for tap in TAPS}
height, width, _ = cat.shape
part = np.s_[height // 8 : height // 2, width // 4 : width * 5 // 8]
show_images(
    {f"photograph: {metrics.sharpness(cat):.2f}": cat[part]}
    | {f"from {tap}: {metrics.sharpness(drawn[tap]):.2f}": drawn[tap][part] for tap in TAPS[1:]},
    columns=2,
    width=420,
)
print("relu4_1 is softer:", metrics.sharpness(drawn["relu4_1"]) < metrics.sharpness(cat) - 0.03)

# %% [markdown]
# From relu3_1 on: the deeper the code, the softer the fur.
#
# ### Less blur by another loss
# To see what the loss does, we train a small network to answer a question with many right answers:
# here is an image shrunk to a quarter; what did it look like? It is half an autoencoder, with the
# shrinking as its encoder. The cat is not among the images it learns from.


# %%
def quartered(images):
    """Every square of 4 x 4 pixels becomes its mean."""
    count, height, width, _ = images.shape
    return images.reshape(count, height // 4, 4, width // 4, 4, 3).mean(axis=(2, 4))


def random_crops(count, size=24):
    """Crops of four photographs, at random places."""
    generator = np.random.default_rng(0)
    names = ["astronaut", "coffee", "rocket", "immunohistochemistry"]
    images = [collection.photograph(name, size=256) for name in names]
    crops = np.empty((count, size, size, 3), "float32")
    for number in range(count):
        image = images[number % len(images)]
        top, left = generator.integers(np.array(image.shape[:2]) - size + 1)
        crops[number] = image[top : top + size, left : left + size]
    return crops


first = min(budget.train_steps, 600)
crops = random_crops(8 * (first + 3 * first // 4))
print("from", quartered(crops).shape[1:], "to", crops.shape[1:])

# %% [markdown]
# Two losses: squared error, and SSIM for the pattern with the absolute error for the colors. A
# switch, 0 or 1, chooses between them, so that one compiled network can learn with either.

# %%
by_ssim = keras.Variable(1.0, trainable=False)


def switched_loss(images, reconstruction):
    """The squared error, or 1 - SSIM plus the mean absolute error."""
    squares = reconstruction_loss(images, reconstruction)
    pattern = reconstruction_loss(images, reconstruction, kind="ssim")
    pattern += ops.mean(ops.abs(images - reconstruction))
    return by_ssim * pattern + (1 - by_ssim) * squares


# %%
def enlarger(upsampling):
    """A network that draws what enlarging four times leaves out."""
    keras.utils.set_random_seed(4)
    detail = [
        layers.Rescaling(4, offset=-2),
        *(ReflectConv2D(24), Upsample(upsampling, 24)),
        *(ReflectConv2D(16), Upsample(upsampling, 16), ReflectConv2D(16)),
        *(ReflectConv2D(3, activation=None), layers.Rescaling(0.1)),
    ]
    small = keras.Input((None, None, 3))
    enlarged = layers.UpSampling2D(4, interpolation="bilinear")(small)
    network = keras.Model(small, enlarged + keras.Sequential(detail)(small))
    network.compile(keras.optimizers.Adam(), loss=switched_loss, jit_compile=False)
    return network


# %%
def learn(network, crops, rate, ssim):
    """One pass over the crops, with a fresh memory of the optimizer."""
    network.optimizer.build(network.trainable_variables)
    for variable in network.optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    network.optimizer.learning_rate = rate
    by_ssim.assign(float(ssim))
    network.fit(quartered(crops), crops, batch_size=8, shuffle=False, verbose=0)


# %% [markdown]
# How do we compare two losses fairly? In a short training from scratch, the loss that starts
# faster may win, whatever is measured. So we train *one* network first, with SSIM. Then two
# copies go on from there: the same weights, the same new crops, the same number of steps. One
# goes on with SSIM, the other changes to squared error. Whatever differs now is due to the loss.

# %%
whole = cat[: cat.shape[0] // 8 * 8, : cat.shape[1] // 8 * 8]
question = quartered(whole[None])


def answer(network):
    """What the network makes of the shrunk cat."""
    return images.from_batch(network(question), clip=True)


network = enlarger("bilinear")
learn(network, crops[: 8 * first], rate=4e-3, ssim=True)
start = network.get_weights()
answers = {"the start": answer(network)}
for name in ("squared error", "SSIM"):
    network.set_weights(start)
    learn(network, crops[8 * first :], rate=2e-3, ssim=name == "SSIM")
    answers[name] = answer(network)

# %% [markdown]
# **Before you run the next cell:** which of the two will be better in PSNR? Which one in SSIM?
# Which one will be sharper? And will you see it?

# %%
# alt: The cat's eye, shrunk to a quarter, in visible squares; enlarged by the network that went on
#      with squared error, and by the one that went on with SSIM. Both are much clearer, softer than
#      a photograph, and hard to tell apart.
show_images(
    {"shrunk": question[0].repeat(4, axis=0).repeat(4, axis=1)[part]}
    | {name: answers[name][part] for name in ("squared error", "SSIM")},
    columns=3,
    width=620,
)

# %%
by_squares, by_pattern = answers["squared error"], answers["SSIM"]
scores = {
    name: (metrics.psnr(whole, one), metrics.ssim(whole, one), metrics.sharpness(one))
    for name, one in answers.items()
}
squares, pattern = scores["squared error"], scores["SSIM"]
print("squared error is better in PSNR:", squares[0] > pattern[0])
print("SSIM is better in SSIM:", pattern[1] > squares[1])
print("and sharper:", pattern[2] > squares[2])

# %% tags=["nbval-ignore-output"]
for name, (decibels, similarity, sharp) in scores.items():
    print(f"{name:14} PSNR {decibels:.2f} dB, SSIM {similarity:.4f}, sharpness {sharp:.3f}")

# %% [markdown]
# PSNR *is* squared error, so each network wins in what it was trained for. That proves little:
# **when a measure becomes a target, it ceases to be a good measure** (Goodhart's law). For the
# comparison, take one that neither of them saw in training, such as the sharpness, and your eyes.
# Look at the sizes, too: a fraction of a decibel, and a few thousandths of SSIM. You need good eyes
# to see them.
#
# A warning. When we trained two such networks from scratch instead, 120 steps each, the one with
# SSIM was ahead in PSNR *as well*, with 28.3 against 27.8 dB. So is SSIM the better way to a high
# PSNR? The control says no: from one and the same start, squared error gets further in PSNR. SSIM
# had only been the faster starter. H. Zhao and colleagues (see *Reading*) report the same for
# absolute error: it beat squared error in PSNR, until squared error started where it had ended.
#
# ### Less blur by bringing detail back
# A transfer through a deep code loses the content's fine detail: WCT decodes from relu4_1. But the
# content image is still at hand. Take what a blur would remove from it, its **detail**, and add it
# to the result. (When a network does that between its own layers, it is called a skip connection.)


# %%
def with_detail(image, content, amount, width=2):
    """The image, with the content's detail laid over it."""
    detail = content - gaussian_filter(content, (width, width, 0))
    return np.clip(image + amount * detail, 0, 1)


# %% [markdown]
# **Before you run the next cell:** which of these three will rise with the amount, and which will
# fall? Sharpness, edge agreement, style moved.

# %%
# alt: Three lines over the amount of detail: sharpness and edge agreement rise, style moved falls.
# alt: The cat's eye painted by WCT, once with loose outlines, once with whiskers and fur drawn over
#      the strokes.
amounts = (0.0, 0.5, 1.0, 1.5)
repaired = [with_detail(universal, cat, amount) for amount in amounts]
plot_lines(
    {
        "sharpness": (amounts, [metrics.sharpness(one) for one in repaired]),
        "edge agreement": (amounts, [metrics.edge_agreement(one, cat) for one in repaired]),
        "style moved": (amounts, [metrics.style_moved(one, cat, style) for one in repaired]),
    },
    xlabel="amount of detail",
    ylabel="what is measured",
    markers=True,
)
show_images({"WCT": universal[part], "WCT with detail": repaired[2][part]}, width=500)

# %%
print(
    "edges back in place:",
    metrics.edge_agreement(repaired[2], cat) > metrics.edge_agreement(universal, cat),
)
print("sharper:", metrics.sharpness(repaired[2]) > metrics.sharpness(universal))
most = metrics.style_moved(repaired[-1], cat, style)
print("and less style:", most < metrics.style_moved(universal, cat, style))

# %% tags=["nbval-ignore-output"]
for amount, one in zip(amounts, repaired, strict=True):
    print(f"amount {amount}: sharpness {metrics.sharpness(one):.2f}", end=", ")
    print(f"edges agree {metrics.edge_agreement(one, cat):.2f}", end=", ")
    print(f"style moved {metrics.style_moved(one, cat, style):.2f}")

# %% [markdown]
# Style moved pays for it: fine fur is not what this painting is made of. Whether a whisker on top
# of an impressionist stroke is an improvement is up to you.
#
# ## Grids
# The second fault comes from upsampling. Lesson 1 counted how often the stamps of a **transposed
# convolution** reach a pixel. Here is the layer, with a kernel of 3 and a stride of 2.
#
# **Before you run the next cell:** the map is 1 everywhere, and so is the kernel. Do you remember
# how often each pixel is written?

# %%
spread = layers.Conv2DTranspose(
    1, 3, strides=2, padding="same", use_bias=False, kernel_initializer="ones"
)
written = ops.convert_to_numpy(spread(np.ones((1, 5, 5, 1), "float32")))[0, :, :, 0]
print(written[1:7, 1:7].astype(int))

# %% [markdown]
# Some pixels once, some twice, some four times: a **checkerboard**, before anything has been
# learned, from a map without any pattern. Training can learn to cancel it, but only roughly.
#
# To measure a grid, look at the image's **spectrum**, which says how strong the waves of each
# frequency are in it. A pattern that repeats every 2 pixels is a peak at the frequency 1/2; one
# that repeats every 4 pixels, at 1/4. `checkerboard_strength` compares the peak with what is next
# to it. The answer is in units of brightness: 0.05 for a board whose fields are 0.05 above and
# below their mean.

# %%
rows, columns = np.indices(cat.shape[:2])
board = np.where((rows + columns) % 2, 1.0, -1.0)[..., None]
for amplitude in (0.0, 0.05, 0.1):
    found = metrics.checkerboard_strength(cat + amplitude * board, period=2)
    print(f"a checkerboard of {amplitude} is found:", np.isclose(found, amplitude, atol=0.01))

# %%
transposed = enlarger("transposed")
learn(transposed, crops[: 8 * first], rate=4e-3, ssim=True)
steps = min(budget.optimize_steps, 20)
optimized = partial(optimize_image, scales=1, every=2)
by = {"course": optimized(cat, style, steps=steps)}
grids = {
    "photograph": cat,
    "bilinear": answers["the start"],
    "transposed": answer(transposed),
    "AdaIN": painted,
    "optimized": by["course"],
}

# %%
# alt: A table of the strength of grids that repeat every 2, 4, and 8 pixels, for five images. All
#      are small fractions of the range of brightness.
strength = {
    name: [
        round(1000 * metrics.checkerboard_strength(one, period=period), 1) for period in (2, 4, 8)
    ]
    for name, one in grids.items()
}
show_matrix(
    list(strength.values()),
    row_labels=list(grids),
    column_labels=["2 px", "4 px", "8 px"],
    title="grid, in thousandths",
    width=340,
)

# %% [markdown]
# Compare the transposed convolution with the bilinear upsampling, which never had a reason to
# draw a grid: same loss, same crops, same steps. In the run printed here, the transposed one
# draws a faint grid of 4 pixels, and the bilinear one none. Then look at the row of the
# photograph: what you see there is no fault, since fur repeats itself, too. So a number counts as
# a grid only where it is larger than the photograph's.
#
# ### What the grid metric does not see
# The last row is the cat as lesson 9 makes it, optimized toward the painting, with no upsampling at
# all. At 2 and at 4 pixels its grid is 0. (At 8 pixels it has more than the photograph; the
# painting has still more.)
#
# **Before you run the next cell:** we enlarge a small piece of it, so that you see single pixels.
# What do you expect between neighbors, after that table?

# %%
# alt: A piece of the cat's eye and cheek three times, enlarged until single pixels show. The
#      photograph is smooth; painted with AdaIN it has strokes of several pixels; optimized, its
#      pixels alternate between green and magenta all over.
close = np.s_[height * 6 // 17 : height * 6 // 17 + 36, width // 4 : width // 4 + 36]
show_images(
    {
        name: grids[name][close].repeat(5, axis=0).repeat(5, axis=1)
        for name in ("photograph", "AdaIN", "optimized")
    },
    columns=3,
    width=566,
)

# %% [markdown]
# Green pixels beside magenta ones, all over the fur: a **weave**. `speckle`, which you meet in the
# next section, does not complain either: the style has as many specks. `metrics.color_weave` does.
# It looks at *green against magenta* and compares each pixel with its neighbors.
#
# Why does the grid metric miss it? Two suspicions: it looks at brightness alone, and it looks for
# what repeats at a fixed period. Each can be tested by itself. First we draw a weave on the
# photograph that repeats perfectly, in color alone. Then we show the grid metric the optimized
# image's *green against magenta*, as if that were its brightness.

# %%
weave = np.where((rows + columns) % 2, 1.0, -1.0)[..., None] * np.array([-0.01, 0.02, -0.01])
woven = np.clip(cat + weave, 0, 1)
red, green, blue = np.moveaxis(by["course"], -1, 0)
opponent = 0.5 + (green - (red + blue) / 2) / 2
grid = {
    "a drawn weave": metrics.checkerboard_strength(woven),
    "green against magenta": metrics.checkerboard_strength(np.stack([opponent] * 3, axis=-1)),
}
for name, value in grid.items():
    print(f"{name}: the grid metric says {value:.3f}")
weaves = {name: metrics.color_weave(one) for name, one in grids.items()}
weaves |= {"a drawn weave": metrics.color_weave(woven), "style": metrics.color_weave(style)}
print("color_weave sees the drawn one:", weaves["a drawn weave"] > 5 * weaves["photograph"])
print("and the optimized one, beyond the style's:", weaves["optimized"] > 2 * weaves["style"])

# %% tags=["nbval-ignore-output"]
for name, value in weaves.items():
    print(f"color_weave {value:.3f}: {name}")
print(f"specks: optimized {metrics.speckle(by['course']):.4f}, style {metrics.speckle(style):.4f}")
print(f"grid of 8 pixels in the style: {1000 * metrics.checkerboard_strength(style, period=8):.1f}")

# %% [markdown]
# Both suspicions are right, and either alone is enough to make the metric blind. A 0 in its table
# meant "no regular pattern of brightness" and never "no pattern". So do not go by what a metric is
# called. Test it on a fault that you have drawn yourself.
#
# With AdaIN the color changes from pixel to pixel, too, but no more than in the style image.
# Strokes of different colors lie side by side in a painting: that much is style.

# %% [markdown]
# ## Specks, and what smoothing costs
# The third fault: pixels that differ from everything around them. `speckle` is the mean difference
# from the median of the neighbors. The classic remedy is the **total variation** of lesson 9: let a
# pixel differ from its neighbors only where it pays. Here we apply it afterward, to the painted
# image, and by the size of the differences rather than their squares, which lets single edges
# stand. For comparison, we simply blur.
#
# To be fair, both remedies must remove the same amount: of many widths of the blur we take the one
# that leaves just as many specks.
#
# **Before you run the next cell:** total variation is said to keep edges. At equal specks, in which
# of these will it be ahead of the blur? Sharpness, agreement of the edges with those of the painted
# image, style moved.

# %%
smoothed = {"as painted": painted}
smoothed["total variation"] = denoise_tv_chambolle(painted, weight=0.03, channel_axis=-1)
blurs = [gaussian_filter(painted, (width, width, 0)) for width in np.arange(0.5, 1.0, 0.01)]
specks = metrics.speckle(smoothed["total variation"])
smoothed["blur"] = min(blurs, key=lambda one: abs(metrics.speckle(one) - specks))
measures = {
    "specks": lambda one: 10 * metrics.speckle(one),
    "sharp": metrics.sharpness,
    "edges": lambda one: metrics.edge_agreement(one, painted),
    "style": lambda one: judged(one)[0],
}
table = {name: [measure(one) for measure in measures.values()] for name, one in smoothed.items()}
before, varied, soft = np.array(list(table.values()))
print("total variation removes half of the specks:", bool(varied[0] < before[0] / 2))
equal = np.isclose(varied[:3], soft[:3], rtol=0.02)
print("specks, sharpness, edges: equal for both within 2 %:", bool(equal.all()))
print("style: total variation keeps more, by 0.01 or more:", bool(varied[3] > soft[3] + 0.01))

# %%
# alt: A table of specks, sharpness, edges, and style moved, for the painted image, after total
#      variation, and after a blur. Both remedies lower all four; their rows are equal except for
#      style moved, where total variation is slightly ahead.
# alt: The painted cat's eye three times: as it came, smoothed by total variation, which leaves flat
#      areas with clear borders, and blurred.
show_matrix(
    list(table.values()),
    row_labels=list(table),
    column_labels=list(measures),
    title="specks: times 10",
)
show_images({name: one[part] for name, one in smoothed.items()}, width=620)

# %% [markdown]
# Smoothing costs style: the finest strokes are specks, too. And between the two remedies there is
# next to nothing. With equal specks, sharpness and edges are equal as well, and only in style is
# total variation a little ahead. If it kept edges better at this mild dose, the column *edges*
# would have to show it, and it does not. No number here says which row you should hang on the wall.
#
# ## Which part of the method matters?
# A method has many parts. Which of them does the work? Leave out one at a time, change nothing
# else, and measure: an **ablation**. Our subject is the plainest feature-based transfer: encode
# both images, give the content's code the style's statistics at one tap, decode.


# %%
def transferred(change, tap="relu3_1"):
    """Encode, change the content's code at one tap, decode."""
    network = adain.autoencoder
    code, wanted = (network.encode(images.to_batch(one))[tap] for one in (cat, style))
    code = change(code, *statistics.channel_statistics(wanted))
    return images.from_batch(network.decode(ops.relu(code), tap=tap, size=cat.shape[:2]), clip=True)


def without_normalization(code, mean, std):
    """The style's standard deviation and mean are laid on, the content's were never taken off."""
    return code * std + mean


def through_a_bottleneck(code, mean, std, numbers=2):
    """Each position keeps two numbers only, its first two principal components."""
    positions = ops.convert_to_numpy(code).reshape(-1, code.shape[-1])
    center = positions.mean(axis=0)
    components = principal_components(positions, numbers)
    kept = (positions - center) @ components.T @ components + center
    return statistics.adain(kept.reshape(code.shape).astype("float32"), mean, std)


# %% [markdown]
# **Before you run the next cell:** rank these by quality: the full method; no normalization; two
# numbers at each position instead of all the channels; the transfer at relu1_1 instead of relu3_1.

# %%
# alt: Four cats. With AdaIN at relu3_1, blue and softly textured; without normalization, dark and
#      nearly unchanged; with two numbers at each position, coarse, blocky, and green; at relu1_1,
#      crisp, in blue and gray, without any stroke.
ablations = {
    "AdaIN at relu3_1": transferred(statistics.adain),
    "no normalization": transferred(without_normalization),
    "two numbers a position": transferred(through_a_bottleneck),
    "AdaIN at relu1_1": transferred(statistics.adain, tap="relu1_1"),
}
found = {name: judged(one) for name, one in ablations.items()}
show_images(
    {
        f"{name}\nstyle {found[name][0]:.2f}, content {found[name][1]:.2f}": one
        for name, one in ablations.items()
    },
    columns=2,
    width=360,
)

# %%
full = found["AdaIN at relu3_1"][0]
for name in ("no normalization", "two numbers a position"):
    print(f"{name}: less than two thirds of the style: {bool(found[name][0] < full * 2 / 3)}")
print("the painting decoder, at all levels, goes farther:", bool(judged(painted)[0] > full + 0.1))

# %% [markdown]
# Without normalization, the content keeps its own statistics underneath the style's. Two numbers
# at each position are too few for the texture. Both faults show in the image and in the number.
#
# The last one is different. At relu1_1 the number for style is *higher* than that of the whole
# method, and what we see is the photograph in other colors. Keep this in mind; we will come back
# to it.
#
# ### An encoder that has learned nothing
# One more part can be left out: training. Optimize the image (lesson 9) once with the features of
# the trained encoder, and once with those of an encoder of the same shape with random weights. And
# let *both* judge both results.

# %%
# alt: The cat optimized toward the impressionist painting, with the trained encoder and with a
#      random one. Both have its colors; the marks that cover the cat differ.
# alt: A table of two images by two judges. Each judge prefers the image that was optimized with
#      its own encoder.
by["random"] = optimized(cat, style, steps=steps, extractor="random")
verdicts = [
    [metrics.style_moved(one, cat, style, extractor=judge) for judge in by] for one in by.values()
]
show_images(dict(zip(("trained encoder", "random encoder"), by.values(), strict=True)), width=400)
show_matrix(
    verdicts,
    row_labels=["trained", "random"],
    column_labels=["judge: trained", "judge: random"],
    title="style moved",
)

# %%
print("the trained judge prefers its own student:", bool(verdicts[0][0] > verdicts[1][0]))
print("the random judge prefers its own student:", bool(verdicts[1][1] > verdicts[0][1]))

# %% [markdown]
# Each judge prefers its own student. From these numbers nobody can say which encoder is better.
# That is all a biased judge's verdict is worth. So look at the images. In which of the two do the
# strokes follow the fur?
#
# ### Lab: leave it out
# The plainest transfer once more, with a control for everything that can be left out, and the
# numbers beside the image. The slider *untrained* replaces the encoder's weights with random ones,
# little by little; the decoder stays.
#
# **Before you run the next cell:** at what share of random weights will the cat be gone? And which
# control will make the number for style *better* than that of the whole method?

# %%
bench = ablation_lab()
bench.show()

# %% [markdown]
# The cat fades early: a third of random weights already spoils it. (A style moved below 0 means:
# farther from the style than the photograph was.) This ablation is harsher than the one before:
# the decoder was trained to read the code of the trained encoder, so every replaced weight spoils
# the reading, too. Optimizing needed no decoder, and the random encoder did much better there. So
# always say what else an ablation has changed.
#
# Then look for a setting in which the number for style is at least that of the whole method, with
# an image that you like less. One control is enough.
#
# ## All methods, by quality and time
# Which method should you take? You have seen that no number decides it. But some methods can be
# ruled out: those that another one beats in *everything*. What is left is the **Pareto front**.
#
# ### Exercise: the front
# Each row of `points` is a method, each column something of which more is better. A point is beaten
# by another point that is at least as good in every column and better in one. Return an array with
# one bool for each row: is it beaten by none? Stuck? `exercise("not-beaten").hint()`.


# %%
def not_beaten(points):
    """Which points no other point beats."""
    ...


not_beaten = exercise("not-beaten").check(not_beaten)

# %% [markdown]
# Now methods of lessons 7, 8, and 9, on the cat and a mosaic, with the same judge, timed on your
# machine. `metrics.evaluate` makes a row for each method, content, and style. *Structure kept* is
# the SSIM of the brightness, which punishes strokes as much as lost content.
#
# **Before you run the next cell:** which method will be the fastest? Which one will get closest to
# the style?

# %%
methods = {
    "pixels, colors": PixelTransfer("covariance", tap=None),
    "AdaIN": adain,
    "AdaIN, half": partial(adain, strength=0.5),
    "WCT": wct,
    "optimize, 10 steps": partial(optimized, steps=10),
    "optimize": partial(optimized, steps=steps),
}

# %%
mosaic = collection.style_image("mosaic", size=budget.image_size)
evaluation = metrics.evaluate({"cat": cat}, {"mosaic": mosaic}, methods, extractor=look)
print(len(evaluation.rows), "images made and judged")

# %% tags=["nbval-ignore-output"]
print(evaluation)

# %%
# alt: The cat by four methods in the style of a mosaic. Pixel colors only tint it; AdaIN, WCT, and
#      optimizing lay small stones over it.
chosen = ("pixels, colors", "AdaIN", "WCT", "optimize")
show_images(
    {name: evaluation.images[name, "cat", "mosaic"] for name in chosen}, columns=2, width=360
)

# %%
# alt: Each method as a point, time on a logarithmic axis. Recoloring pixels is far to the left and
#      low, optimizing far to the right and high, and a line connects those that none beats.
means = evaluation.means()
fast = {name: (means[name]["seconds"], means[name]["style_moved"]) for name in means}
front = metrics.pareto_front(fast, better=("lower", "higher"))
plot_scatter(
    fast,
    xlabel="seconds per image (less to the left)",
    ylabel="style moved (more upward)",
    front=front,
    logx=True,
)

# %%
# alt: Each method as a point, style to the right, content upward, and a line through those that
#      none beats.
quality = evaluation.points()
plot_scatter(
    quality,
    xlabel="style moved (more to the right)",
    ylabel="content kept (more upward)",
    front=evaluation.front(),
)
mine = not_beaten(np.array(list(quality.values())))
staying = {name for name, stays in zip(quality, mine, strict=True) if stays}
print("your function finds the same front:", staying == set(evaluation.front()))

# %%
seconds = {name: row["seconds"] for name, row in means.items()}
print("recoloring is faster than optimizing:", seconds["pixels, colors"] < seconds["optimize"])
moves = {name: row["style_moved"] for name, row in means.items()}
print("AdaIN goes farther than colors alone:", moves["AdaIN"] > moves["pixels, colors"] + 0.1)
print("more steps go farther:", moves["optimize"] > moves["optimize, 10 steps"])

# %% [markdown]
# A method inside the front can go: another one is at least as good in both numbers, and better in
# one. Between the methods on the front the choice is yours, and it depends on what you need: in
# the first plot, a video wants the left end, and a single image for the wall the right one.
#
# Two more points of honesty. One content and one style are an illustration, not a study: with
# other images the points move. And the judge is still the course's encoder, which AdaIN, WCT, and
# the optimizer all work with.
#
# ## Where numbers and eyes disagree
# Every metric is blind to something. You have seen the grid metric miss a weave. Here are four more
# cases. Each time, look first and decide; then read the number.

# %%
# alt: The cat six times. A looks like the photograph, B is blurred. C is the photograph, D is
#      covered with noise. E is the photograph in the painting's colors, F is its negative.
shifted = np.roll(cat, 3, axis=1)
soft = gaussian_filter(cat, (2, 2, 0))
noisy = np.clip(cat + np.random.default_rng(0).normal(0, 0.08, cat.shape), 0, 1)
recolored = methods["pixels, colors"](cat, style)
show_images(
    {
        f"A: PSNR {metrics.psnr(cat, shifted):.0f} dB": shifted,
        f"B: PSNR {metrics.psnr(cat, soft):.0f} dB": soft,
        f"C: sharpness {metrics.sharpness(cat):.2f}": cat,
        f"D: sharpness {metrics.sharpness(noisy):.2f}": noisy,
        f"E: style moved {judged(recolored)[0]:.2f}": recolored,
        f"F: edges agree {metrics.edge_agreement(1 - cat, cat):.2f}": 1 - cat,
    },
    columns=2,
    width=360,
)

# %%
print(
    "blurred beats shifted in PSNR, by 2 dB or more:",
    metrics.psnr(cat, soft) > metrics.psnr(cat, shifted) + 2,
)
print("noisy beats clean in sharpness:", metrics.sharpness(noisy) > metrics.sharpness(cat))
print("a quarter of the way or more without a stroke:", bool(judged(recolored)[0] > 0.25))
print("a negative agrees perfectly:", np.isclose(metrics.edge_agreement(1 - cat, cat), 1))

# %% [markdown]
# - **PSNR** compares pixel with pixel. **A** is the photograph, moved by three pixels. Nobody would
#   notice, and it loses to the blurred **B**.
# - **Sharpness** asks what another blur would destroy. It destroys the noise of **D** as well.
# - **Style moved** is a mean over taps and channels, and many channels know about color. You can go
#   a good part of the way to a painting without a single stroke, as **E** shows, and as relu1_1 did
#   in the ablations.
# - **Edge agreement** does not know which side of an edge is the bright one.
#
# What would have caught **E**? Metrics that look for strokes. `stroke_scale` says how many pixels
# wide the marks are, `pattern_repeatability` how much one pattern covers the whole image,
# `channel_wasserstein` compares whole distributions instead of means and deviations (0 is equal),
# and `style_moved` at three scales also looks from farther away. On the content's side, `cfsd` asks
# whether what was alike is still alike (0 for the content).
#
# **Before you run the next cell:** E has the painting's colors and none of its strokes. Which of
# these will put it behind AdaIN and the optimized image?

# %%
rivals = {"E: recolored": recolored, "AdaIN": painted, "optimized": by["course"]}
looks = {
    "distributions": lambda one: metrics.channel_wasserstein(one, style),
    "stroke scale": metrics.stroke_scale,
    "repeats": metrics.pattern_repeatability,
}
everything = rivals | {"the photograph": cat, "the style": style[:height, :width]}
seen = {what: {name: see(one) for name, one in everything.items()} for what, see in looks.items()}
for what in ("distributions", "stroke scale"):
    gaps = {name: abs(seen[what][name] - seen[what]["the style"]) for name in rivals}
    print(f"{what}: E is the farthest from the style: {max(gaps, key=gaps.get) == 'E: recolored'}")

# %% tags=["nbval-ignore-output"]
print(" " * 14, *(what.rjust(13) for what in seen))
for name in everything:
    print(name.ljust(14), *(f"{row[name]:13.3f}" for row in seen.values()))

# %% [markdown]
# Read the table by columns, and compare each number with the last two rows. (The style's own
# distributions are not at 0, because the last row is a piece of it.) Whole distributions put E far
# behind, and so does the stroke scale: E has the photograph's. How much one pattern repeats
# differs little among them, so here it tells us little. Try `cfsd` and the three scales yourself.
#
# A blind spot is not a reason to stop measuring. It is a reason to use several metrics with
# *different* blind spots, and to look. If they contradict each other, you have found something.
#
# **Try it yourself.** Make an image that gets a style moved of more than 0.8 and that nobody would
# call a good painting of this cat. One way is already in this lesson.
#
# ## Lab: compare
# Two versions of an image, with a divider between them, their difference, a magnifying glass, and
# the numbers of this lesson. **Before you read the numbers:** which of the two do you like better?

# %%
lab = compare_lab()
lab.show()

# %% [markdown]
# ## How to report
# When you show your own method to others, give:
#
# 1. both numbers, content and style, and the strength at which they were taken
# 2. the judge: which features, which taps; and at least one judge that had no part in training
# 3. images that were chosen before you saw the results, not the best ones of many
# 4. time, together with the machine, the size, and whether compiling is included
# 5. one failure. There always is one
#
# `course bench`, run in the course's folder, does this for the speed claims of this course: ours
# and the usual alternative in turn, the median of several rounds, with machine and versions.
#
# ## Summary
# - Style moved is the share of the way from the content's statistics to the style's; content kept
#   is the correlation of normalized deep features. One can be traded for the other, so report both.
# - A judge favors its own students. Ask one that had no part.
# - Blur comes from the loss and from narrow codes, grids from upsampling; a weave appears without
#   any upsampling. Specks are pixels that differ from everything around them. Each fault can be
#   measured and reduced, and each remedy costs something else.
# - An ablation leaves out one part at a time.
# - The Pareto front rules methods out; it does not choose among the rest.
# - Every metric has a blind spot: one of brightness does not see a weave of color. Eyes have blind
#   spots, too. That is why there are metrics.
#
# ## Questions to check yourself
# 1. A method returns the style image, resized. What are its two numbers? And those of one that
#    returns the content image?
#
#    <details><summary>Answer</summary>
#
#    Style moved is 1 and content kept near 0. For the content image it is the other way around: 0
#    and 1.
#
#    </details>
#
# 2. Why is the content's feature map normalized before it is compared?
#
#    <details><summary>Answer</summary>
#
#    So that another palette or contrast does not count as lost content. What counts is where a
#    channel responds more than elsewhere.
#
#    </details>
#
# 3. You train with SSIM and report SSIM. What is wrong with that?
#
#    <details><summary>Answer</summary>
#
#    When a measure becomes a target, it ceases to be a good measure. The number says that training
#    worked, not that the image is better.
#
#    </details>
#
# 4. A transposed convolution has a kernel of 4 and a stride of 2. How often is each pixel written?
#
#    <details><summary>Answer</summary>
#
#    Four times, away from the border: the stride divides the kernel, so all pixels are reached
#    equally often.
#
#    </details>
#
# 5. Method A is better in style, B in content, C is second in both. Can C be on the front?
#
#    <details><summary>Answer</summary>
#
#    Yes. It is beaten only by a method that is at least as good in both, and A and B are each worse
#    in one.
#
#    </details>
#
# 6. Name an image with high sharpness that nobody would call sharp.
#
#    <details><summary>Answer</summary>
#
#    A noisy one, or a checkerboard: another blur destroys much of either.
#
#    </details>
#
# ## Reading
# - Z. Wang, E. Simoncelli and A. Bovik, "Multiscale Structural Similarity for Image Quality
#   Assessment", Asilomar, 2003.
# - A. Odena, V. Dumoulin and C. Olah, "Deconvolution and Checkerboard Artifacts", Distill, 2016.
# - F. Crété, T. Dolmiere, P. Ladret and M. Nicolas, "The Blur Effect: Perception and Estimation
#   with a New No-Reference Perceptual Blur Metric", SPIE, 2007.
# - Y. Blau and T. Michaeli, "The Perception-Distortion Tradeoff", CVPR, 2018: why a reconstruction
#   cannot be both closest and most natural.
# - H. Zhao, O. Gallo, I. Frosio and J. Kautz, "Loss Functions for Image Restoration with Neural
#   Networks", IEEE Transactions on Computational Imaging, 2017.
# - R. Zhang, P. Isola, A. Efros, E. Shechtman and O. Wang, "The Unreasonable Effectiveness of Deep
#   Features as a Perceptual Metric", CVPR, 2018.
# - J. Chung, S. Hyun and J.-P. Heo, "Style Injection in Diffusion", CVPR, 2024: the distance behind
#   `cfsd`.
