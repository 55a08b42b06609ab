# %% [markdown]
# # Lesson 3: The reconstruction objective
# "What comes out shall be what went in" becomes a formula; you find out where it comes from, why it
# blurs, and what a code keeps and forgets.
#
# **You will be able to**
# - derive the squared error from a belief about errors, and check its gradient numerically
# - choose between squared error, absolute error and SSIM, and say why the first one blurs
# - compute the best linear autoencoder without any training, and use it as a bar for the others
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
from course_lib.plots import plot_bars, plot_lines, show_difference, show_images, show_matrix
from course_lib.widgets import bottleneck_lab

# %% [markdown]
# ## From a belief to a formula
# Let $x$ be a picture and $\hat x$ its reconstruction. We believe that the reconstruction is right
# up to small errors, that the error of one value says nothing about that of another, and that each
# follows a bell curve of standard deviation $\sigma$. Then the picture $x$ has the probability
# density
#
# $$ p(x \mid \hat x) = \prod_i \frac{1}{\sqrt{2 \pi}\, \sigma}
# \exp\left( -\frac{(x_i - \hat x_i)^2}{2 \sigma^2} \right), $$
#
# where $i$ runs over all pixels and channels. A good autoencoder makes the pictures that we have
# as probable as possible. Products of many small numbers are unhandy, so take the logarithm, and
# change the sign to have something to make small:
#
# $$ -\log p(x \mid \hat x) = \frac{1}{2 \sigma^2} \sum_i (x_i - \hat x_i)^2 + \text{a constant}. $$
#
# The constant does not depend on $\hat x$, and $\sigma$ only scales everything; set it to 1. The
# mean over the $N$ pictures of a batch is the **reconstruction loss**:
#
# $$ L = \frac{1}{2N} \sum_{n=1}^{N} \lVert x_n - \hat x_n \rVert^2, $$
#
# where $x_n$ is picture number $n$, and $\lVert \cdot \rVert^2$ adds up the squares of all values.
# So the square is not a whim: whoever uses it says that errors follow a bell curve.
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
# What does training feel? Differentiate $L$ by the values of one reconstruction. The 2 from the
# square cancels the 2 in front, which is why it stands there:
#
# $$ \frac{\partial L}{\partial \hat x_n} = \frac{1}{N} (\hat x_n - x_n). $$
#
# The gradient is the error itself, no more. We check that without any calculus: move one value a
# little up, then a little down, and see how much the loss changes.

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
agree = [abs(gradient(place) - formula[place]) < 1e-3 for place in places]
print(f"{len(places)} places tried; the formula is right at all of them: {all(agree)}")

# %% [markdown]
# An error of 0.2 pulls ten times as hard as one of 0.02. Hence lesson 2's order of learning: large
# errors first, and the last faint lines hardly pull at all.
#
# ## Why the mean blurs
# Now a small experiment. A picture has a dark left and a bright right half, with a sharp edge
# between them. Where the edge is, the code does not tell: it may be at any of seven places, all
# equally likely. The decoder has to give one single picture for all seven.
#
# **Before you run the next cells:** which picture costs the least squared error? And which the
# least absolute error? (The table names a third loss, 1 - SSIM. The section after it says what that
# is.)

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
    print(f"{kind}: the {'mean' if mean < median else 'median'} is cheaper")

# %% [markdown]
# Look at one pixel, which has the value $x_n$ in possibility number $n$. The answer $c$ that makes
# $\sum_n (x_n - c)^2$ smallest is the mean: set the gradient to zero, $\sum_n (c - x_n) = 0$. So
# wherever the code leaves open what was there, squared error asks for the average of all
# possibilities, and the average of sharp edges is a blur. Nothing is wrong with the network then.
# It does what it was asked to do.
#
# For $\sum_n |x_n - c|$ each gradient is $+1$ or $-1$, whatever the distance. They cancel where as
# many possibilities lie above as below: at the median. It is one of the possible edges, and sharp.
# (The belief behind it is another: errors with a sharp peak and long tails.)
#
# ### Three damages of the same size
# Squared error looks at each pixel alone. **SSIM** compares windows of 7 x 7 pixels: do they have
# the same mean, the same contrast, and the same pattern? Equal pictures get 1.
#
# **Before you run the next cell:** a brighter cat, a noisy cat, a blurred cat, all three with the
# same squared error. Does SSIM put them in the order in which you would?

# %%
# alt: The same cat three times: a little brighter but sharp, covered with fine noise, and blurred.
cat = images.crop_to_multiple(collection.photograph("chelsea", size=384), 8)
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
same = [abs(psnr(cat, one) - psnr(cat, damaged["noisy"])) < 0.01 for one in damaged.values()]
print("the same squared error:", all(same))
likeness = {name: ssim(cat, one) for name, one in damaged.items()}
print("SSIM likes best:", max(likeness, key=likeness.get))
print(
    "SSIM likes the brighter one better by 0.2 or more than both others:",
    sorted(likeness.values())[1] + 0.2 < likeness["brighter"],
)

# %% [markdown]
# No loss is right for everything. Squared error gets brightness and color right and is easy to
# train; absolute error is kinder to edges; SSIM looks for pattern, and forgives a wrong brightness.
# Our autoencoder was trained with squared error on purpose (with its logarithm at each tap, so that
# one percent less counts the same everywhere). Its blur is honest: it shows where the code was
# silent.
#
# ## The linear autoencoder
# How good can a bottleneck be at all? For one kind of autoencoder mathematics has the answer. Cut
# the picture into squares of 8 x 8 pixels. Each is a row of 8 * 8 * 3 = 192 numbers.

# %%
patches = to_patches(cat)
print("patches:", patches.shape)
print("nothing is lost:", np.array_equal(from_patches(patches, cat.shape), cat))

# %% [markdown]
# A linear encoder multiplies a patch by a matrix and gets, say, 4 numbers; a linear decoder makes
# 192 numbers of them again. If both are trained with squared error, where do they end?
#
# At the **principal components**: the directions in which patches differ most. They come from the
# singular value decomposition (SVD) of the patches, the mean patch subtracted before; together this
# is called principal component analysis (PCA). No training is needed. Here are the first twelve, as
# pictures.

# %%
# alt: Twelve patterns of 8 x 8 pixels: a plain gray one, a plain one in color, two that grow
#      brighter from one side to the other, then stripes and checks, some of them in color.
components = principal_components(patches, 12)
tiles = 0.5 + 2 * components.reshape(12, 8, 8, 3)
show_images({f"{number + 1}": tile for number, tile in enumerate(tiles)}, columns=6, width=560)
print("length 1, at right angles:", np.allclose(components @ components.T, np.eye(12), atol=1e-4))

# %% [markdown]
# First how bright, then which color, then which side is brighter, then finer and finer waves. JPEG
# uses fixed waves of this kind.
#
# ### Exercise: reconstruct patches from their principal components
# `patches` has one patch a row, and what you return has the same shape. Subtract the mean patch.
# Compute the components, `principal_components(patches, count)`, one a row: here (count, 192). The
# code is what each patch has of each component; the decoder adds components up again. You may use
# `np.linalg.svd` instead. Stuck? `exercise("pca-reconstruct").hint()`.


# %%
def pca_reconstruct(patches, count):
    """The patches, sent through a linear bottleneck of `count` numbers each."""
    ...


pca_reconstruct = exercise("pca-reconstruct").check(pca_reconstruct)

# %% [markdown]
# Now for the claim. We train a linear autoencoder, two matrices and nothing else, on the patches.
# It knows nothing of singular values. It only follows the gradient.
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
print("no better than the closed form:", bool(trained_error > 0.999 * smallest_error))
print("at most 3 % worse:", bool(trained_error < 1.03 * smallest_error))

# %% [markdown]
# The same, up to the last steps of the training. Are its four patterns the four components? Not
# one by one: any mixture of the four does as well. So compare the **space** that they span. The
# decoder's patterns, brought to length 1 and right angles, times the components: if the spaces are
# the same, all singular values of the product are 1.

# %%
decoder = linear.layers[1].get_weights()[0]
basis, _ = np.linalg.qr(decoder.T)
alignment = np.linalg.svd(components[:4] @ basis, compute_uv=False)
print("the same space:", bool(alignment.min() > 0.98))
print("the same patterns:", np.allclose(np.abs(components[:4] @ basis), np.eye(4), atol=0.05))

# %% [markdown]
# A linear autoencoder trained with squared error is PCA. What ours gains over that, it owes to its
# ReLUs, its depth and to looking beyond the borders of a patch.
#
# ## A bottleneck, wider and wider
# **Before you run the next cell:** 192 numbers a patch. From how many of them will you recognize
# the cat: 1, 4, 16 or 48?

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
# One number is enough for the brightness of a patch, four give it a slope, sixteen some pattern.
#
# Now the course's own autoencoder, which was trained on other photographs than this. Its decoder
# can be entered at every tap. How many numbers has each tap's code for a square of 8 x 8 pixels?

# %%
autoencoder = Autoencoder.from_course()
batch = images.to_batch(cat)
codes = autoencoder.encode(batch)
for tap in TAPS:
    numbers = ops.size(codes[tap]) // len(patches)
    print(f"{tap}: {int(numbers)} numbers for the 192 of a patch")

# %%
# alt: The cat's face, and four reconstructions. From relu1_1 and relu2_1 it looks the same, from
#      relu3_1 slightly soft, from relu4_1 the fur and the whiskers are smoothed.
decoded = {tap: ops.convert_to_numpy(autoencoder.reconstruct(batch, tap=tap))[0] for tap in TAPS}
show_images(
    {"photograph": cat[part]}
    | {f"{tap}: {psnr(cat, one):.1f} dB": one[part] for tap, one in decoded.items()},
    columns=3,
)

# %%
falling = [psnr(cat, decoded[tap]) for tap in TAPS]
print("each deeper tap is worse:", falling == sorted(falling, reverse=True))

# %% [markdown]
# The deepest code has 128 numbers a patch, and PCA comes close to it with 4. Is the network
# worse than two matrices? For copying this one cat, yes: PCA made its components from this very
# cat. But look again: PCA's picture falls into squares, and the network's does not. And the
# network's code had a second duty. It was trained to see, to hold features from which style can be
# told, and it must serve every photograph. Squared error measures copying, and copying was never
# what we wanted in the end.
#
# ## Removing noise
# Blur has a bright side. Put noise on the picture. The noise is different in every pixel; it has no
# pattern that a component could name. So a narrow bottleneck cannot pass it on.
#
# **Before you run the next cell:** a narrow code loses detail, a wide code keeps noise. Where is
# the best width: at 2, 16 or 192?

# %%
# alt: A curve that rises to a peak at a code of few numbers, then falls steadily to the noisy
#      picture's own quality at 192.
noisy = (cat + generator.normal(0, 0.1, cat.shape)).astype("float32")
counts = [1, 2, 4, 8, 16, 32, 64, 128, 192]
cleaned = [from_patches(pca_reconstruct(to_patches(noisy), n), cat.shape) for n in counts]
quality = [psnr(cat, one) for one in cleaned]
plot_lines(
    {"noisy cat through the bottleneck": (counts, quality)},
    xlabel="numbers for each patch",
    ylabel="PSNR against the clean cat (dB)",
    logx=True,
    markers=True,
)

# %%
width = counts[int(np.argmax(quality))]
print("best neither at 1 nor at 192:", 1 < width < 192)
print("3 dB or more better than the noisy cat:", max(quality) > psnr(cat, noisy) + 3)

# %% [markdown]
# A **denoising autoencoder** learns the same on purpose: noisy crops go in, and the loss compares
# what comes out with the *clean* crops. We use photographs without the cat, and train briefly.


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
shown = {"noisy": noisy, "PCA": cleaned[int(np.argmax(quality))], "denoiser": learned}
show_images(
    {f"{name}: {psnr(cat, one):.1f} dB": np.clip(one[part], 0, 1) for name, one in shown.items()}
)

# %%
print("denoiser 3 dB or more better than the noisy cat:", psnr(cat, learned) > psnr(cat, noisy) + 3)

# %% [markdown]
# PCA may well be ahead in decibels: its components come from this very cat, and the denoiser has
# only seen three other photographs, for seconds. But it leaves no squares.
#
# Why does it work? For one noisy crop many clean ones are possible. Squared error makes the
# network answer with their mean, and in the mean the noise is gone. It is the very same averaging
# that blurs an edge whose place is unknown.
#
# ## What the code has forgotten
# Back to the deepest code, relu4_1: where does its reconstruction differ from the photograph?

# %%
# alt: The cat's face, its reconstruction, and the difference: fine light and dark lines all over
#      the fur, wrong colors in the eyes, and gray only where the photograph is smooth.
deepest = decoded["relu4_1"]
show_difference(cat[part], deepest[part], factor=4, titles=("photograph", "from relu4_1"))

# %% [markdown]
# Every hair leaves a line, and so does every outline. The errors seem to sit at edges. Looking is
# not measuring. Call the tenth of all pixels with the strongest change of brightness *edge*, the
# half with the weakest *flat*, and compare the errors.

# %%
down_change, right_change = np.gradient(cat.mean(axis=-1))
change = np.hypot(down_change, right_change)
edge, flat = change > np.quantile(change, 0.9), change < np.median(change)

# %%
# alt: Four bars, one for each tap: the squared error at edges is several times that of flat pixels,
#      at every tap.
ratio = {}
for tap in TAPS:
    squared = np.mean((decoded[tap] - cat) ** 2, axis=-1)
    ratio[tap] = squared[edge].mean() / squared[flat].mean()
plot_bars(ratio, ylabel="squared error of edge pixels / of flat pixels")
print("relu4_1: edges at least 2.5 times as wrong as flat pixels:", bool(ratio["relu4_1"] > 2.5))

# %% [markdown]
# And which details are gone: coarse ones or fine ones? Split the picture into layers. The finest is
# what is lost by shrinking the picture to one half; the next, what is lost from there to a quarter;
# and so on. For each layer: how much of it is wrong?


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
wrong = {}
for tap in ("relu3_1", "relu4_1"):
    pairs = zip(detail_layers(cat), detail_layers(decoded[tap]), strict=True)
    wrong[tap] = [float(np.sum((a - b) ** 2) / np.sum(a**2)) for a, b in pairs]
show_matrix(
    [wrong[tap] for tap in wrong],
    row_labels=list(wrong),
    column_labels=sizes,
    title="share that is wrong",
)

# %%
fine_to_coarse = wrong["relu4_1"]
print("the finer, the more is wrong:", fine_to_coarse == sorted(fine_to_coarse, reverse=True))

# %% [markdown]
# The deep code knows that there is fur, which color it has and how it lies, but not where every
# single hair is. For style transfer that is good news. The exact hairs are what a painter leaves
# out, and what is forgotten does not get in the way of the new strokes.
#
# ## Lab: the bottleneck, and what the objective says of it
# Three ways to narrow the autoencoder's code. *Depth* chooses the tap. *Numbers kept* sends the
# numbers of each place through a linear autoencoder: only their first principal components stay.
# *Rounding* stores what is left more coarsely. The line below the pictures gives the bits that the
# code takes, and the PSNR, which is our objective in other clothes: 10 dB more are a tenth of the
# squared error.
#
# **Before you move a slider:** bring the cat down by 2 dB twice, once with fewer numbers, once with
# coarser rounding. The objective will call both pictures equally good. Will you?
#
# Then set *blend* to 0.5. The objective looked at one picture at a time; it never asked for
# anything between two codes. What do you expect there, an animal that is half a cup?

# %%
# alt: A cat's face from three codes. With few numbers at each place it is blurred and blocky.
#      Coarsely rounded it has edges, but crumbles into wrong ones. Blended with a cup of coffee,
#      cat and cup lie over each other as if the film had been exposed twice.
lab = bottleneck_lab()
cat_face = lab.first("chelsea")
narrowed = {"1 number in 16": lab.rebuilt(divisor=16), "rounded to 4": lab.rebuilt(rounding=4)}
lab.show(
    {f"{way}: {psnr(cat_face, one):.1f} dB": one for way, one in narrowed.items()}
    | {"blended with a cup": lab.rebuilt(blend=0.5)},
    width=560,
)

# %% [markdown]
# Fewer numbers take the fine patterns away: a blur. Rounding keeps them and puts them wrongly: a
# crumbling. Squared error adds up both to a number and cannot tell which is which.
#
# Between two codes lies a double exposure. The code tells what is at each place, and half of each
# at each place is just what you see. To get anything better there, one would have to ask for it.
# Lesson 10 does, and trains a decoder on codes that no photograph has.
#
# ## Summary
# - Squared error follows from the belief that errors are bell curves. With 1/(2N) in front, its
#   gradient is the error divided by N.
# - Where the code leaves something open, squared error asks for the mean of all possibilities, and
#   the mean of sharp pictures is a blur. Absolute error asks for the median.
# - SSIM compares patterns in windows; it forgives brightness and punishes noise and blur.
# - A linear autoencoder with squared error ends at the principal components. They are the bar.
# - A bottleneck removes noise because noise has no pattern; too narrow, it removes detail as well.
# - Deep codes forget edges' exact places and fine texture first.
#
# ## Questions to check yourself
# 1. Your batches grow from 8 to 16 pictures. What happens to the loss, and to its gradient for one
#    picture?
#
#    <details><summary>Answer</summary>
#
#    The loss stays as it is, on average: it is a mean over the pictures. The gradient for one
#    picture is divided by N, so it is half of what it was.
#
#    </details>
#
# 2. Of ten edges three are at column 4 and seven at column 9. Which picture is best by squared,
#    which by absolute error?
#
#    <details><summary>Answer</summary>
#
#    By squared error the mean: columns 4 to 8 at a brightness of 0.3, bright from 9 on (with edges
#    that go from dark to bright). By absolute error the median, the sharp edge at column 9.
#
#    </details>
#
# 3. A linear autoencoder has 192 numbers in its code for patches of 192. What is its error? And for
#    the noisy cat: what does it remove?
#
#    <details><summary>Answer</summary>
#
#    Zero: with 192 directions every patch can be written exactly. Therefore it removes nothing
#    from the noisy cat; noise passes with everything else.
#
#    </details>
#
# 4. Why may the components of the linear autoencoder be mixed with each other, without any change
#    of its error?
#
#    <details><summary>Answer</summary>
#
#    The decoder can undo any mixture that the encoder makes, as long as the mixture can be
#    inverted. What counts is the space that the components span, not the single directions.
#
#    </details>
#
# 5. The denoiser was trained on noise of standard deviation 0.1. What will it do to a clean
#    photograph?
#
#    <details><summary>Answer</summary>
#
#    It removes what looks like that noise: fine texture such as hair and the grain of cloth. The
#    clean photograph comes out smoother than it was.
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
