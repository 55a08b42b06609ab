# %% [markdown]
# # Lesson 3: The reconstruction objective
# "Give back what went in" becomes a formula. You find out where the formula comes from, why it
# blurs, and what a code keeps and forgets.
#
# **You will be able to**
# - derive the squared error from maximum likelihood, and check its gradient numerically
# - predict which answer squared and absolute error prefer, and explain why squared error blurs
# - compute the best linear autoencoder without any training, and use it as a yardstick for others
# - remove noise with a bottleneck, and measure what a code has forgotten
#
# **You need:** lesson 2, what a derivative is.
#
# **Time:** 65 minutes, 90 with the optional sections; the code runs in about 30 s on a CPU, and a
# little faster on a GPU.
#
# **Optional:** *A bottleneck, wider and wider*, *Removing noise*.

# %% tags=["setup"]

# %%
import keras
import numpy as np
from keras import layers, ops

from course_lib import collection, images
from course_lib.autoencoder import TAPS, Autoencoder, ReflectConv2D
from course_lib.exercises import exercise
from course_lib.linear import from_patches, principal_components, to_patches
from course_lib.losses import reconstruction_loss
from course_lib.metrics import psnr, ssim
from course_lib.plots import plot_lines, show_difference, show_images, show_matrix
from course_lib.widgets import bottleneck_lab

# %% [markdown]
# ## From a belief to a formula
# Let $x$ be an image and $\hat x$ its reconstruction. Suppose that the reconstruction is right up
# to small errors, that the errors of different values are independent, and that each follows a
# bell curve (a Gaussian) with mean 0 and standard deviation $\sigma$. Then the image $x$ has the
# probability density
#
# $$ p(x \mid \hat x) = \prod_i \frac{1}{\sqrt{2 \pi}\, \sigma}
# \exp\left( -\frac{(x_i - \hat x_i)^2}{2 \sigma^2} \right), $$
#
# where $i$ runs over all pixels and channels. A good autoencoder makes the images that we have as
# probable as possible. This principle is called **maximum likelihood**. Products of many small
# numbers are hard to work with, so take the logarithm. Then change the sign, to get something to
# minimize:
#
# $$ -\log p(x \mid \hat x) = \frac{1}{2 \sigma^2} \sum_i (x_i - \hat x_i)^2 + \text{a constant}. $$
#
# The constant does not depend on $\hat x$, and $\sigma$ only scales the sum; set it to 1. The mean
# over the $N$ images of a batch is the **reconstruction loss**:
#
# $$ L = \frac{1}{2N} \sum_{n=1}^{N} \lVert x_n - \hat x_n \rVert^2, $$
#
# where $x_n$ is image number $n$, and $\lVert \cdot \rVert^2$ adds up the squares of all values.
# So Gaussian errors lead to the square. Errors with a sharper peak and longer tails (Laplace's
# law) would lead, in the same way, to the absolute value.
#
# ### Exercise: the reconstruction loss
# Both arguments have the shape (batch, height, width, 3), with values from 0 to 1. Sum over
# everything, divide by 2N, and return one number. `exercise("reconstruction-loss").hint()` helps.


# %%
def my_reconstruction_loss(images, reconstruction):
    """1/(2N) times the sum of squared differences; N images in the batch."""
    ...


my_reconstruction_loss = exercise("reconstruction-loss").check(my_reconstruction_loss)

# %% [markdown]
# ### Its gradient
# What does training feel? Differentiate $L$ with respect to the values of one reconstruction. The 2
# from the square cancels the 2 in the denominator, which is why it is there:
#
# $$ \frac{\partial L}{\partial \hat x_n} = \frac{1}{N} (\hat x_n - x_n). $$
#
# The gradient is the error itself, divided by $N$. We check that without any calculus: move one
# value up a little, then down a little, and see how much the loss changes.

# %%
generator = np.random.default_rng(3)
x, x_hat = generator.uniform(size=(2, 4, 6, 5, 3)).astype("float32")
formula = (x_hat - x) / len(x)


def gradient(place, reach=0.1):
    """How fast the loss rises with one value of the reconstruction."""
    up, down = x_hat.copy(), x_hat.copy()
    up[place] += reach
    down[place] -= reach
    rise = my_reconstruction_loss(x, up) - my_reconstruction_loss(x, down)
    return float(rise) / (2 * reach)


# %%
places = list(np.ndindex(x.shape))[::7]
gaps = [abs(gradient(place) - formula[place]) for place in places]
typical = np.abs(formula).mean()
print(f"{len(places)} places tried; the formula is right at all of them: {max(gaps) < 1e-3}")
print(f"a gradient of 0 would be off by {typical:.2f} on average")

# %% tags=["nbval-ignore-output"]
print(f"off by at most {max(gaps):.1g}")

# %% [markdown]
# An error of 0.2 pulls ten times as hard as one of 0.02. So large errors have the most say, and
# the last faint lines hardly pull at all.
#
# ## Why the mean blurs
# Now a small experiment. An image is dark on the left and bright on the right, with a sharp edge
# in between. The code does not say where the edge is. There are seven places, all equally likely,
# and the decoder has to give one single image for all seven.
#
# **Before you run the next cells:** which image costs the least squared error? And which the least
# absolute error? (The table names a third loss, 1 - SSIM. The next section explains it.)

# %%
# alt: Three pictures, black on the left and white on the right, with sharp edges at three places;
#      then their mean, a soft ramp from black to white; then their median, a sharp edge in the
#      middle.
edges = np.zeros((7, 15, 16, 1), "float32")
for number in range(7):
    edges[number, :, 5 + number :] = 1

best = {"mean": edges.mean(axis=0), "median": np.median(edges, axis=0)}
show_images({f"edge at {5 + number}": edges[number] for number in (0, 3, 6)} | best, columns=5)


# %%
# alt: A table of costs. By squared error the blurred mean is cheaper, by absolute error and by SSIM
#      the sharp median.
def costs(candidate):
    """What one image costs for all seven, by each of the three losses."""
    seven = np.repeat(candidate[None], 7, axis=0)
    kinds = ("squared", "absolute", "ssim")
    return [float(reconstruction_loss(edges, seven, kind=kind)) for kind in kinds]


table = np.array([costs(candidate) for candidate in best.values()])
show_matrix(
    table / table.max(axis=0),
    row_labels=["mean (blurred)", "median (sharp)"],
    column_labels=["squared", "absolute", "1 - SSIM"],
    title="cost (larger = 1)",
)

# %%
for kind, (mean, median) in zip(("squared", "absolute", "ssim"), table.T, strict=True):
    cheaper = "mean" if mean < median else "median"
    print(f"{kind}: mean {mean:.2f}, median {median:.2f}; the {cheaper} is cheaper")

# %% [markdown]
# Look at one pixel, which has the value $x_n$ in possibility number $n$. The answer $c$ that
# minimizes $\sum_n (x_n - c)^2$ is the mean: set the gradient to zero, $\sum_n (c - x_n) = 0$.
# That holds for any values $x_n$, whether or not they follow a bell curve. So wherever the code
# leaves something open, squared error asks for the average of all possibilities, and the average
# of sharp edges is a blur. Nothing is wrong with the network then. It does what it was asked to
# do.
#
# For $\sum_n |x_n - c|$ each gradient is $+1$ or $-1$, whatever the distance. These cancel where
# as many possibilities lie above as below: at the median. Here the median is one of the possible
# edges, and sharp.
#
# ### Three kinds of damage, one squared error
# Squared error looks at each pixel alone. **SSIM** compares windows of 7 x 7 pixels: do they have
# the same mean, the same contrast, and the same pattern? Identical images get 1.
#
# **Before you run the next cell:** a brighter cat, a noisy cat, and a blurred cat, all three with
# the same squared error. In what order would you put them, from best to worst? And SSIM?


# %%
# alt: The same cat three times: a little brighter but sharp, covered with fine noise, and blurred.
def photograph(name, size=384):
    """A photograph whose sides are multiples of 8."""
    return images.crop_to_multiple(collection.photograph(name, size=size), 8)


cat = photograph("chelsea")
blurred = images.resize(images.resize(cat, (31, 48)), cat.shape[:2])
directions = {
    "brighter": np.ones_like(cat),
    "noisy": generator.normal(size=cat.shape),
    "blurred": blurred - cat,
}
error = np.sqrt(np.mean((blurred - cat) ** 2))
damaged = {name: cat + error * way / np.sqrt(np.mean(way**2)) for name, way in directions.items()}
show_images({f"{name}: SSIM {ssim(cat, one):.2f}": one for name, one in damaged.items()})

# %%
quality = {name: psnr(cat, one) for name, one in damaged.items()}
print("the same squared error:", np.ptp(list(quality.values())) < 0.01)
likeness = {name: ssim(cat, one) for name, one in damaged.items()}
ranked = sorted(likeness, key=likeness.get, reverse=True)
print("SSIM's order, best first:", ", ".join(ranked))
gap = likeness[ranked[0]] - likeness[ranked[1]]
print("the first leads by 0.2 or more:", gap > 0.2)

# %% tags=["nbval-ignore-output"]
print("PSNR in dB:", {name: round(float(found), 2) for name, found in quality.items()})
print("SSIM:", {name: round(float(found), 2) for name, found in likeness.items()})

# %% [markdown]
# SSIM likes the brighter cat best by far, and it puts noise last, behind blur. Was that your
# order? If you would rather hang up the noisy cat than the blurred one, you disagree with SSIM,
# and you would not be the only one. No loss is right for everything. Squared error counts every
# pixel alike. Absolute error preferred the sharp edge above. SSIM looks for pattern and forgives a
# wrong brightness.
#
# The course's autoencoder was trained with squared error on purpose. Its blur is honest: it shows
# where the code says nothing.
#
# ## The linear autoencoder
# How good can a bottleneck be? For one kind of autoencoder, mathematics has the answer. Cut the
# image into squares of 8 x 8 pixels. Each is a row of 8 * 8 * 3 = 192 numbers.

# %%
patches = to_patches(cat)
print("patches:", patches.shape)
lost = float(np.abs(from_patches(patches, cat.shape) - cat).max())
print("nothing is lost; largest difference:", lost)

# %% [markdown]
# A linear encoder multiplies a patch by a matrix and gets, say, 4 numbers. A linear decoder turns
# them back into 192. If both are trained with squared error, where do they end up?
#
# At the **principal components**: the directions in which patches differ most. They come from the
# singular value decomposition (SVD) of the patches, after the mean patch has been subtracted.
# Together this is called principal component analysis (PCA). It needs no training. Here are the
# first twelve components, as images.

# %%
# alt: Twelve patterns of 8 x 8 pixels: a plain gray one, a plain one in color, two that grow
#      brighter from one side to the other, then stripes and checks, some of them in color.
components = principal_components(patches, 12)
tiles = 0.5 + 2 * components.reshape(12, 8, 8, 3)
show_images({f"{number + 1}": tile for number, tile in enumerate(tiles)}, columns=6, width=560)
products = components @ components.T
print("length 1, at right angles:", np.allclose(products, np.eye(12), atol=1e-4))

# %% tags=["nbval-ignore-output"]
print(f"products with themselves: {products.diagonal().min():.4f} and above;", end=" ")
print(f"with others: at most {np.abs(products - np.diag(products.diagonal())).max():.1g}")

# %% [markdown]
# First comes how bright a patch is, then which color, then which side is brighter, then finer and
# finer waves. JPEG uses fixed waves of this kind.
#
# ### Exercise: reconstruct patches from their principal components
# `patches` has one patch per row, and what you return has the same shape. Subtract the mean patch.
# Compute the components, `principal_components(patches, count)`, one per row: here (count, 192).
# The code says how much of each component a patch has; the decoder adds the components up again.
# You may use `np.linalg.svd` instead. Stuck? `exercise("pca-reconstruct").hint()`.


# %%
def pca_reconstruct(patches, count):
    """The patches, sent through a linear bottleneck of `count` numbers each."""
    ...


pca_reconstruct = exercise("pca-reconstruct").check(pca_reconstruct)

# %% [markdown]
# Now for the claim. We train a linear autoencoder, two matrices and nothing else, on the patches.
# It knows nothing about singular values. It only follows the gradient.
#
# **Before you run the next cell:** will it do better than the closed form, worse, or the same?

# %%
keras.utils.set_random_seed(3)
centered = (patches - patches.mean(axis=0)).astype("float32")
linear = keras.Sequential(
    [layers.Dense(4, use_bias=False), layers.Dense(192, use_bias=False)], name="linear"
)
schedule = keras.optimizers.schedules.CosineDecay(1e-2, 600)
linear.compile(keras.optimizers.Adam(schedule), loss="mse", jit_compile=False)
history = linear.fit(
    np.tile(centered, (50, 1)), np.tile(centered, (50, 1)), batch_size=124, verbose=0
)

# %%
trained_error = np.mean((ops.convert_to_numpy(linear(centered)) - centered) ** 2)
smallest_error = np.mean((pca_reconstruct(patches, 4) - patches) ** 2)
ratio = trained_error / smallest_error
print("no better than the closed form:", bool(ratio > 0.999))
print("at most 3 % worse:", bool(ratio < 1.03))

# %% tags=["nbval-ignore-output"]
print(f"error of the trained one / of the closed form: {ratio:.3f}")

# %% [markdown]
# The same, except for what a few more steps would still gain. Are its four patterns the four
# components? Not one by one: any mixture of the four does just as well. So compare the **space**
# that they span. Make the decoder's patterns length 1 and perpendicular, and multiply them by the
# components. If the spaces are the same, all singular values of the product are 1. (For two random
# spaces of this size, the largest is about 0.2.)

# %%
decoder = linear.layers[1].get_weights()[0]
basis, _ = np.linalg.qr(decoder.T)
alignment = np.linalg.svd(components[:4] @ basis, compute_uv=False)
random_space, _ = np.linalg.qr(generator.normal(size=(192, 4)))
by_chance = np.linalg.svd(components[:4] @ random_space, compute_uv=False)
print("the same space:", bool(alignment.min() > 0.98))
print("a random one is the same space:", bool(by_chance.max() > 0.98))
print("the same patterns:", np.allclose(np.abs(components[:4] @ basis), np.eye(4), atol=0.05))

# %% tags=["nbval-ignore-output"]
print(f"singular values: at least {alignment.min():.4f}; random, at most {by_chance.max():.2f}")

# %% [markdown]
# A linear autoencoder trained with squared error finds the same space as PCA. Whatever ours does
# beyond that, it owes to its ReLUs, its depth, and its view beyond the borders of a patch.
#
# ## A bottleneck, wider and wider
# **Before you run the next cell:** 192 numbers per patch. How many of them do you need to recognize
# the cat: 1, 4, 16, or 48?

# %%
# alt: A cat's face five times: the photograph, 48 numbers a patch, which looks the same, 16,
#      slightly rough, 4, coarse with visible squares, and 1, a mosaic of plain squares.
swept = {"all 192": cat}
for count in (48, 16, 4, 1):
    drawn = from_patches(pca_reconstruct(patches, count), cat.shape)
    swept[f"{count} of 192: {psnr(cat, drawn):.1f} dB"] = drawn
part = np.s_[20:168, 90:306]
show_images({title: image[part] for title, image in swept.items()}, columns=3)

# %% [markdown]
# One number is enough for the brightness of a patch. Four give it a slope, sixteen some pattern.
#
# Now the course's own autoencoder. It was trained on other photographs, none of them in this
# lesson. Its decoder can be entered at every tap. How many numbers does each tap's code have for a
# square of 8 x 8 pixels?

# %%
autoencoder = Autoencoder.from_course()
codes = autoencoder.encode(images.to_batch(cat))
for tap in TAPS:
    numbers = ops.size(codes[tap]) // len(patches)
    print(f"{tap}: {int(numbers)} numbers for the 192 of a patch")


# %%
# alt: The cat's face, and four reconstructions. From relu1_1 and relu2_1 it looks the same, from
#      relu3_1 slightly soft; from relu4_1 the fur and the whiskers are smoothed.
def from_every_tap(image):
    """What the decoder makes of an image's code, for each tap."""
    batch = images.to_batch(image)
    return {tap: ops.convert_to_numpy(autoencoder.reconstruct(batch, tap=tap))[0] for tap in TAPS}


decoded = from_every_tap(cat)
show_images(
    {"photograph": cat[part]}
    | {f"{tap}: {psnr(cat, one):.1f} dB": one[part] for tap, one in decoded.items()},
    columns=3,
)

# %% [markdown]
# The deepest code has 128 numbers per patch. Is it better than PCA with 16, or with 4? One cat
# proves little, so we ask four photographs. And there is a catch to rule out: above, PCA took its
# components from the very cat that it drew. Here they come from three other photographs.
#
# **Before you run the next cells:** how much does PCA lose when it has never seen the photograph?


# %%
def learn(images):
    """The mean patch of some images, and all of their principal components."""
    patches = np.concatenate([to_patches(image) for image in images])
    return patches.mean(axis=0), principal_components(patches, 192)


from_others = learn([photograph(name) for name in ("astronaut", "coffee", "rocket")])


def by_pca(image, count, learned=from_others):
    """An image through a linear bottleneck of the first components that were learned."""
    mean, basis = learned[0], learned[1][:count]
    return from_patches((to_patches(image) - mean) @ basis.T @ basis + mean, image.shape)


held_out = {"cat": cat} | {
    name: photograph(name, size=256) for name in ("camera", "retina", "gravel")
}
reconstructed = {name: from_every_tap(image) for name, image in held_out.items()}

# %% tags=["nbval-ignore-output"]
rows = {}
for name, image in held_out.items():
    ways = [by_pca(image, 4), reconstructed[name]["relu4_1"], by_pca(image, 16)]
    ways.append(by_pca(image, 16, learned=learn([image])))
    rows[name] = [psnr(image, one) for one in ways]
print("dB         PCA, 4   relu4_1   PCA, 16   PCA, 16 of its own")
for name, found in rows.items():
    print(f"{name:9}" + "".join(f"{one:9.1f}" for one in found))

# %%
found = np.array(list(rows.values()))
print(
    "relu4_1 lies between PCA with 4 and with 16, each time:",
    bool(np.all(np.diff(found[:, :3]) > 0)),
)
print("its own components are better each time:", bool(np.all(found[:, 3] > found[:, 2])))
falling = [
    np.mean([psnr(held_out[name], reconstructed[name][tap]) for name in held_out]) for tap in TAPS
]
print("each deeper tap is worse:", falling == sorted(falling, reverse=True))

# %% tags=["nbval-ignore-output"]
print("dB of each tap, on average:", *(f"{one:.1f}" for one in falling))

# %% [markdown]
# Components from the photograph itself do help PCA, by 0.4 to 2.6 dB here. But even with
# components from three other photographs, its 16 numbers copy better than the network's 128, every
# time. So that is not why PCA is ahead. What is different? PCA was made for copying and for
# nothing else. The network's code had a second duty: it was trained to see, to hold features from
# which style can be read (lesson 6). That is the likely reason, not a proven one: to be certain,
# you would train the same network without its second duty, for hours, and compare.
#
# In any case, look at the pictures again. PCA's fall into squares, and the network's do not.
# Squared error measures copying, and copying was never what we wanted in the end.
#
# ## Removing noise
# Blur has a bright side. Put noise on the image. Noise differs from pixel to pixel; it has no
# direction that it prefers. So of 192 directions, a bottleneck with $n$ should let $n/192$ of the
# noise pass. The photograph is not like that: most of it lies in the first few directions. We
# measure both.
#
# **Before you run the next cells:** a narrow code loses detail, a wide code keeps noise. Where is
# the best width: at 2, 16, or 192?

# %%
noise = generator.normal(0, 0.1, cat.shape).astype("float32")
noisy = cat + noise
noise_rows, cat_rows = to_patches(noise), to_patches(cat) - to_patches(cat).mean(axis=0)
passed = {}
for count in (4, 16, 64):
    basis = from_others[1][:count]
    pair = [np.sum((rows @ basis.T) ** 2) / np.sum(rows**2) for rows in (noise_rows, cat_rows)]
    passed[count] = pair
    expected = bool(abs(pair[0] - count / 192) < 0.01)
    print(f"{count} of 192: noise passes as expected, {count / 192:.0%}: {expected};", end=" ")
    print("of the cat passes more than 90 %:", bool(pair[1] > 0.9))

# %% tags=["nbval-ignore-output"]
for count, (of_noise, of_cat) in passed.items():
    print(f"{count} of 192: {of_noise:.1%} of the noise passes, {of_cat:.1%} of the cat")

# %%
# alt: A curve for each of four photographs. Each rises to a peak at a code of some ten to sixty
#      numbers, then falls to the noisy image's own quality at 192.
counts = [1, 2, 4, 8, 16, 32, 64, 128, 192]
quality = {
    name: [psnr(image, by_pca(image + noise[: len(image), : image.shape[1]], n)) for n in counts]
    for name, image in ((name, image[:248, :256]) for name, image in held_out.items())
}
plot_lines(
    {name: (counts, found) for name, found in quality.items()},
    xlabel="numbers for each patch",
    ylabel="PSNR against the clean image (dB)",
    logx=True,
    markers=True,
)

# %%
widths = {name: counts[int(np.argmax(found))] for name, found in quality.items()}
print("best neither at 1 nor at 192:", all(1 < width < 192 for width in widths.values()))
print(
    "better than the noisy image by 3 dB or more:",
    all(max(q) > q[-1] + 3 for q in quality.values()),
)

# %% tags=["nbval-ignore-output"]
print("best widths:", widths)
gains = {name: round(max(found) - found[-1], 1) for name, found in quality.items()}
print("better than the noisy image, in dB:", gains)

# %% [markdown]
# Noise passes in proportion to the width, and the photograph does not. That is why a bottleneck
# helps. How wide it should be depends on the photograph: for two of ours 16 numbers were best, for
# the other two 32.
#
# A **denoising autoencoder** learns the same thing on purpose: noisy crops go in, and the loss
# compares the output with the *clean* crops. We train one briefly, on the same three photographs
# that PCA had.


# %%
def noisy_pairs(names, count, size=40, noise=0.1):
    """Crops cut at random places, with noise and without."""
    clean = np.empty((count, size, size, 3), "float32")
    images = [collection.photograph(name, size=384) for name in names]
    for number in range(count):
        image = images[number % len(images)]
        top, left = generator.integers(np.array(image.shape[:2]) - size + 1)
        clean[number] = image[top : top + size, left : left + size]
    return (clean + generator.normal(0, noise, clean.shape)).astype("float32"), clean


# %%
noisy_crops, clean_crops = noisy_pairs(["astronaut", "coffee", "rocket"], count=1600)
print("pairs:", noisy_crops.shape, clean_crops.shape)

# %%
keras.utils.set_random_seed(3)
convolutions = [ReflectConv2D(24), ReflectConv2D(32), ReflectConv2D(24)]
first, middle, last = convolutions
down, up = layers.AveragePooling2D(2), layers.UpSampling2D(2)
denoiser = keras.Sequential([first, down, middle, up, last, ReflectConv2D(3, activation=None)])
schedule = keras.optimizers.schedules.CosineDecay(4e-3, decay_steps=200)
denoiser.compile(keras.optimizers.Adam(schedule), loss=reconstruction_loss, jit_compile=False)
denoiser.fit(noisy_crops, clean_crops, batch_size=8, verbose=0)
learned = ops.convert_to_numpy(denoiser(noisy[None]))[0]

# %%
# alt: The cat's face with colored noise; after PCA, cleaner but with visible squares; after the
#      denoising autoencoder, smooth and without squares.
shown = {"noisy": noisy, "PCA": by_pca(noisy, widths["cat"]), "denoiser": learned}
show_images(
    {f"{name}: {psnr(cat, one):.1f} dB": np.clip(one[part], 0, 1) for name, one in shown.items()}
)

# %% tags=["nbval-ignore-output"]
denoised = {}
for name, image in held_out.items():
    with_noise = image + generator.normal(0, 0.1, image.shape).astype("float32")
    pairs = by_pca(with_noise, 16), ops.convert_to_numpy(denoiser(with_noise[None]))[0]
    denoised[name] = [psnr(image, one) for one in (with_noise, *pairs)]
    print(f"{name:9} noisy, PCA, denoiser:", *(f"{one:5.1f}" for one in denoised[name]), "dB")

# %%
found = np.array(list(denoised.values()))
print("denoiser better than the noisy image, each time:", bool(np.all(found[:, 2] > found[:, 0])))
print("PCA better than the denoiser, each time:", bool(np.all(found[:, 1] > found[:, 2])))

# %% [markdown]
# The network helps on photographs that it has never seen. So does PCA, and it is ahead in decibels
# each time, though both learned from the same three photographs. A network that trains for seconds
# is no match for a closed form, even if it leaves no squares. (Give it time: with
# 4,000 crops instead of 1,600 it caught up in our own run.)
#
# What does the network do? For one noisy crop many clean ones are possible. Squared error makes
# the network answer with their mean, and in the mean the noise is gone. It is the same averaging
# that blurs an edge whose place is unknown.
#
# ## What the code has forgotten
# Back to the deepest code, relu4_1. Where does its reconstruction differ from the photograph?

# %%
# alt: The cat's face, its reconstruction, and the difference: fine light and dark lines all over
#      the fur, wrong colors in the eyes, and gray only where the photograph is smooth.
deepest = decoded["relu4_1"]
show_difference(cat[part], deepest[part], factor=4, titles=("photograph", "from relu4_1"))

# %% [markdown]
# Every hair leaves a line, and so does every outline. The errors seem to sit at edges. But looking
# is not measuring. Call the tenth of all pixels with the strongest change of brightness *edge*,
# the half with the weakest *flat*, and compare their errors, on all four photographs.
#
# **Before you run the next cell:** will the edges get worse, compared with the rest, as you go
# deeper?


# %%
def edge_to_flat(image, drawn):
    """How many times as large the squared error is at edges as on flat pixels."""
    change = np.hypot(*np.gradient(image.mean(axis=-1)))
    squared = np.mean((drawn - image) ** 2, axis=-1)
    edge, flat = change > np.quantile(change, 0.9), change < np.median(change)
    return float(squared[edge].mean() / squared[flat].mean())


# %%
# alt: A table of four photographs and four taps. Every entry is above 1, some above 30. Along the
#      rows some grow and some fall.
edges_worse = {
    name: [edge_to_flat(image, reconstructed[name][tap]) for tap in TAPS]
    for name, image in held_out.items()
}
show_matrix(
    np.round(list(edges_worse.values()), 1),
    row_labels=list(edges_worse),
    column_labels=list(TAPS),
    title="squared error of edges / of flat pixels",
)
least = min(min(found) for found in edges_worse.values())
growing = sum(found == sorted(found) for found in edges_worse.values())
print("edges are worse than flat pixels at every tap of every photograph:", least > 1)
print("they grow worse with every tap in all four:", growing == 4)

# %% [markdown]
# Edges are worse everywhere, by a factor that depends on the photograph. But it does not grow
# steadily with depth. Being at an edge is not what the deep code minds most.
#
# What about the size of details? Split the image into layers. The finest is what you lose when you
# shrink the image to one half. The next is what you lose from there to a quarter, and so on. How
# much of each layer is wrong?


# %%
def halved(image):
    """Every square of 2 x 2 pixels becomes their mean."""
    height, width, channels = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, channels).mean(axis=(1, 3))


def detail_layers(image):
    """What each of three halvings takes away, finest first."""
    found = []
    for _ in range(3):
        small = halved(image)
        found.append(image - small.repeat(2, axis=0).repeat(2, axis=1))
        image = small
    return found


# %%
# alt: A table: the finer the detail, the larger the share that is wrong, and relu4_1 has more wrong
#      than relu3_1 at every size.
sizes = ["1-2 pixels", "2-4 pixels", "4-8 pixels"]


def wrong(image, drawn):
    """The share of each layer of detail that is wrong, finest first."""
    pairs = zip(detail_layers(image), detail_layers(drawn), strict=True)
    return [float(np.sum((a - b) ** 2) / np.sum(a**2)) for a, b in pairs]


shares = {
    tap: np.array([wrong(image, reconstructed[name][tap]) for name, image in held_out.items()])
    for tap in ("relu3_1", "relu4_1")
}
show_matrix(
    [found.mean(axis=0).round(2) for found in shares.values()],
    row_labels=list(shares),
    column_labels=sizes,
    title="share that is wrong, mean of four",
)

# %%
ordered = all(np.all(np.diff(found, axis=1) < 0) for found in shares.values())
print("the finer, the more is wrong, in each photograph and at both taps:", bool(ordered))
print("relu4_1 is worse at every size:", bool(np.all(shares["relu4_1"] > shares["relu3_1"])))

# %% tags=["nbval-ignore-output"]
for tap, found in shares.items():
    print(f"{tap}: from the finest, {found.min(axis=0).round(2)} to {found.max(axis=0).round(2)}")

# %% [markdown]
# That is the pattern: fine detail goes first, and the deeper the tap, the more of it. The deep
# code knows that there is fur, its color, and which way it lies, but not where every single hair
# is. For style transfer that is good news. A painter leaves out the exact hairs, too, and what is
# forgotten does not get in the way of the new strokes.
#
# ## Lab: the bottleneck, and what the objective says about it
# Three ways to narrow the autoencoder's code. *Depth* chooses the tap. *Numbers kept* sends the
# numbers of each place through a linear autoencoder: only their first principal components stay.
# *Rounding* stores what is left more coarsely. The line below the images gives the bits that the
# code takes, and the PSNR, which is our objective on another scale: 10 dB more means a tenth of
# the squared error.
#
# **Before you move a slider:** lower the cat's PSNR by 2 dB in two ways, once with fewer numbers,
# once with coarser rounding. The objective will call both images equally good. Will you?
#
# Then set *blend* to 0.5. The objective looked at one image at a time. It never asked for anything
# between two codes. What do you expect there, an animal that is half a cup?

# %%
# alt: A cat's face from three codes. With few numbers at each place it is blurred and blocky.
#      Coarsely rounded it has edges, but crumbles into wrong ones. Blended with a cup of coffee,
#      it shows mostly the cup, with the cat as a faint trace over it.
lab = bottleneck_lab()
cat_face = lab.first("chelsea")
narrowed = {"1 number in 16": lab.rebuilt(divisor=16), "rounded to 4": lab.rebuilt(rounding=4)}
lab.show(
    {f"{way}: {psnr(cat_face, one):.1f} dB": one for way, one in narrowed.items()}
    | {"blended with a cup": lab.rebuilt(blend=0.5)},
    width=800,
)

# %%
cup = photograph("coffee")
strengths = {}
for name, image in {"cat": cat, "cup": cup}.items():
    code = ops.convert_to_numpy(autoencoder.encode(images.to_batch(image))["relu4_1"])
    strengths[name] = float(np.sqrt(np.mean(code**2)))
print("the cup's code is larger than the cat's:", strengths["cup"] > strengths["cat"])

# %% tags=["nbval-ignore-output"]
print({name: round(one, 2) for name, one in strengths.items()}, "(root of the mean square)")

# %% [markdown]
# With fewer numbers the fine patterns go: a blur. Rounding keeps them, in the wrong places: they
# crumble. Squared error adds both up into one number and cannot tell which is which.
#
# Halfway between two codes there is no half-cat. Two scenes lie on top of each other, place by
# place, and they do not even get equal shares: the cup wins, and its code has the larger numbers.
# To get anything better there, you would have to ask for it. Lesson 10 does: it trains a decoder
# on codes that no photograph has.
#
# ## Summary
# - Squared error is maximum likelihood for Gaussian errors. With 1/(2N) in front, its gradient is
#   the error divided by N.
# - Where the code leaves something open, squared error asks for the mean of all possibilities,
#   whatever their distribution, and the mean of sharp images is a blur. Absolute error asks for
#   the median.
# - SSIM compares patterns in windows; it forgives brightness and punishes noise and blur.
# - A linear autoencoder with squared error ends up at the principal components: the yardstick for
#   copying.
# - A bottleneck lets noise pass in proportion to its width, and a photograph nearly whole. Too
#   narrow, it removes detail as well.
# - Codes forget fine detail first, and the deeper the tap, the more of it.
#
# ## Questions to check yourself
# 1. Your batches grow from 8 to 16 images. What happens to the loss, and to its gradient with
#    respect to one reconstruction?
#
#    <details><summary>Answer</summary>
#
#    The loss stays the same on average: it is a mean over the images. The gradient for one
#    reconstruction is divided by N, so it is half of what it was.
#
#    </details>
#
# 2. Of ten edges, from dark to bright, three are at column 4 and seven at column 9. Which image is
#    best by squared error, which by absolute error?
#
#    <details><summary>Answer</summary>
#
#    By squared error the mean: columns 4 to 8 at a brightness of 0.3, bright from 9 on. By absolute
#    error the median, the sharp edge at column 9.
#
#    </details>
#
# 3. A linear autoencoder has 192 numbers in its code for patches of 192. What is its error? And for
#    the noisy cat: what does it remove?
#
#    <details><summary>Answer</summary>
#
#    Zero: with 192 directions every patch can be written exactly. So it removes nothing from the
#    noisy cat; the noise passes along with everything else.
#
#    </details>
#
# 4. Why can you mix the components of the linear autoencoder with each other without changing its
#    error?
#
#    <details><summary>Answer</summary>
#
#    The decoder can undo any mixture that the encoder makes, as long as the mixture is invertible.
#    What counts is the space that the components span, not the single directions.
#
#    </details>
#
# 5. The denoiser was trained on noise of standard deviation 0.1. What will it do to a clean
#    photograph?
#
#    <details><summary>Answer</summary>
#
#    It removes what looks like that noise: fine texture such as hair and the weave of cloth. The
#    clean photograph comes out smoother than it went in.
#
#    </details>
#
# ## Reading
# - P. Baldi and K. Hornik, "Neural Networks and Principal Component Analysis: Learning from
#   Examples without Local Minima", Neural Networks, 1989: the linear autoencoder, solved.
# - P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol, "Extracting and Composing Robust
#   Features with Denoising Autoencoders", ICML 2008.
# - Z. Wang, A. Bovik, H. Sheikh and E. Simoncelli, "Image Quality Assessment: From Error
#   Visibility to Structural Similarity", IEEE Transactions on Image Processing, 2004.
# - H. Zhao, O. Gallo, I. Frosio and J. Kautz, "Loss Functions for Image Restoration with Neural
#   Networks", IEEE Transactions on Computational Imaging, 2017: the three losses, compared.
