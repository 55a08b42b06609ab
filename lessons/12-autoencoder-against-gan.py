# %% [markdown]
# # Lesson 12: Autoencoder against GAN
# You train the same small decoder by reconstruction, by an adversary, and by both, and see what
# each one is good for: copying, inventing, and painting.
#
# **You will be able to**
# - state what an autoencoder, a GAN, and a variational autoencoder optimize, and what follows from
#   it
# - write a discriminator's loss, and read the two losses of a contest
# - draw textures from random codes, and explain why good codes need a plan
# - recognize mode collapse, say what causes it, and apply a remedy
# - put an adversarial term into a style transfer, and tell pixel-based from feature-based transfer
# - put style transfer to use, as in two worked examples
#
# **You need:** lesson 3, lessons 7 and 8 for its last part.
#
# **Time:** 80 minutes, 110 with the optional sections; the code runs in about 40 s on a CPU. On a
# GPU it trains for longer and takes about as long.
#
# **Optional:** *Mode collapse*, *Style transfer with an adversary*, *Pixel-based or
# feature-based?*.

# %% tags=["setup"]

# %%
import keras
import numpy as np
from keras import layers, ops

from course_lib import backend, collection, metrics
from course_lib.budget import choose_budget
from course_lib.byhand import receptive_field
from course_lib.exercises import exercise
from course_lib.plots import plot_bars, plot_lines, show_images, show_matrix
from course_lib.training.adversarial import (
    AdversarialStage,
    PatchDiscriminator,
    TextureAutoencoder,
    fit_stage,
)
from course_lib.transfer import FeatureTransfer, PixelTransfer

# %% [markdown]
# ## A window and its copy
# Our subject is a stained-glass window, small enough for a short training run. The networks learn
# from small crops of it. The strip at the left is held out: that is where we measure.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
steps, batch, side = min(5 * budget.train_steps // 3, 900), 8, 32
print(backend.describe())
print(f"{steps} steps on {batch} crops of {side} pixels")

# %%
window = collection.style_image("stained_glass", size=192)
kept_back, taught = window[48:144, :96], window[:, 96:]


def random_crops(image, seed):
    """Squares from random places of an image, enough for all steps."""
    generator = np.random.default_rng(seed)
    corners = np.array(image.shape[:2]) - side + 1
    corners = generator.integers(corners, size=(steps * batch, 2))
    return np.stack([image[top : top + side, left : left + side] for top, left in corners])


# %%
# alt: A strip of a stained-glass window, colored cells between dark lines of lead, and four small
#      squares from other parts of it.
crops = random_crops(taught, seed=1)
show_images(
    {"held out": kept_back} | {f"crop {k + 1}": crops[k] for k in range(4)}, columns=5, width=620
)

# %% [markdown]
# The network is a small autoencoder. Its code is narrow on purpose: three numbers for each square
# of 4 x 4 pixels, which had 48. The encoder looks at each square by itself. The decoder is that of
# lesson 2 with few channels, and it draws across the squares.

# %%
keras.utils.set_random_seed(0)
network = TextureAutoencoder()
codes, _ = network.encode(crops[:1])
print("crop:", crops[:1].shape, " code:", tuple(codes.shape))
print("times smaller:", crops[0].size // int(np.prod(codes.shape[1:])))
print("it works on any size:", tuple(network(kept_back[None]).shape))

# %% [markdown]
# `AdversarialStage` is a Keras model whose loss is a weighted sum of parts, like `PaintStage` in
# lesson 10. To begin with there is one part: the squared error.
#
# **Before you run the next cell:** which lines of the window will survive, and which will not?

# %%
stage = AdversarialStage(network, {"reconstruct": 1.0})
log = fit_stage(stage, {"images": crops}, batch, learning_rate=4e-3)


# %%
def copy(learner, image=kept_back):
    """The image through encoder and decoder, clipped."""
    return np.clip(ops.convert_to_numpy(learner(image[None])[0]), 0, 1)


# %%
# alt: The strip of the window and its reconstruction: large cells are there, and the dark lines
#      between them are soft and broken.
first = copy(network)
show_images({"held out": kept_back, "reconstructed": first}, width=440)
print("blurred:", metrics.sharpness(first) < metrics.sharpness(kept_back) - 0.03)

# %% tags=["nbval-ignore-output"]
print(f"sharpness {metrics.sharpness(first):.2f}, held out {metrics.sharpness(kept_back):.2f}")

# %% [markdown]
# Lesson 3 said why. The code leaves open exactly where a line runs. Squared error answers an open
# question with the mean of all possibilities, and the mean of many thin lines is a gray haze. The
# haze is a good bet for every pixel, but nobody who has ever seen a window would take it for glass.
#
# ## Somebody who has seen a window
# So let somebody judge who has: a second network, the **discriminator**. It is shown real pieces
# and drawn ones, and learns to tell them apart. Ours does not give one verdict for an image but one
# for each **patch**. (How large is a patch? Lesson 1 tells you how to find out: two convolutions of
# 4 x 4 with a stride of 2, then one of 3 x 3.)
#
# **Before you run the next cell:** calculate it.

# %%
keras.utils.set_random_seed(1)
judge = PatchDiscriminator()
print("a score sees", receptive_field([(4, 2), (4, 2), (3, 1)]), "pixels:", judge.patch)
print("scores for a crop:", tuple(judge(crops[:1]).shape))
print("weights: judge", judge.count_params(), " network", network.count_params())

# %% [markdown]
# A judge who sees 18 pixels can say whether a line looks like lead. Whether the whole thing makes
# an image is beyond it. For style that is an advantage: texture is what we want judged.
#
# ### Exercise: the discriminator's loss
# A score $s$ stands for the probability $\sigma(s) = 1 / (1 + e^{-s})$ of being real. The judge
# wants it high for the real patches $r$ and low for the drawn ones $d$:
#
# $$ L_D = -\operatorname{mean} \log \sigma(r) - \operatorname{mean} \log (1 - \sigma(d)) . $$
#
# There is one trap: for $s = 200$ the computer says $1 - \sigma(s) = 0$, and the logarithm of that
# is infinite. `exercise("discriminator-loss").hint()` knows a way out.


# %%
def discriminator_loss(real_scores, drawn_scores):
    """How badly a judge tells real from drawn; both arguments are scores of any shape."""
    ...


discriminator_loss = exercise("discriminator-loss").check(discriminator_loss)

# %% [markdown]
# What is the loss of a judge who cannot tell at all, with 0 for every patch? And of one who is
# right every time and fairly sure?

# %%
for name, real, drawn in (("cannot tell", 0.0, 0.0), ("right", 3.0, -3.0), ("wrong", -3.0, 3.0)):
    cost = float(discriminator_loss(np.full(4, real), np.full(4, drawn)))
    print(f"{name}: {cost:.2f}")

# %% [markdown]
# Remember the first number, $2 \log 2 = 1.39$. It is the mark of a judge who has no idea.
#
# Now the judge learns. The network does not change yet.

# %%
network.trainable = False
real = random_crops(taught, seed=2)
stage = AdversarialStage(network, {"discriminator": 1.0}, discriminator=judge)
short = {"images": crops[: 60 * batch], "real": real[: 60 * batch]}
log = fit_stage(stage, short, batch, learning_rate=2e-3)


# %%
def believed(image):
    """The probability of being real that the judge gives to each patch."""
    return ops.convert_to_numpy(ops.sigmoid(judge(image[None])))[0, ..., 0]


# %%
# alt: The strip and its reconstruction, each beside a map of gray squares. A square is brighter
#      the more the judge believes in that patch. The map of the strip is brighter.
show_images(
    {"held out": kept_back, "believed": believed(kept_back)}
    | {"reconstructed": first, "believed ": believed(first)},
    columns=4,
    width=700,
)
trust = {"original": believed(kept_back).mean(), "copy": believed(first).mean()}
print("believes more in the original:", bool(trust["original"] > trust["copy"]))

# %% tags=["nbval-ignore-output"]
print(", ".join(f"mean belief in the {name} {value:.2f}" for name, value in trust.items()))

# %% [markdown]
# ## Three decoders
# From here three decoders continue, from the same weights, for the same number of steps, with the
# same encoder, which does not change anymore.
#
# | decoder | what it wants | formula |
# |---|---|---|
# | reconstruction | every pixel as it was | $\operatorname{mean} (x - \hat x)^2$ |
# | adversary | the judge believes it | $-\operatorname{mean} \log \sigma(d)$ |
# | both | a weighted sum of the two | |
#
# The second one is a **GAN**, a generative adversarial network, in which such a decoder is called
# the **generator**. It gets codes and draws, and all it ever hears is what the judge thinks of its
# drawings. (In most GANs the codes are random numbers. Ours come from images, but nothing in the
# loss says which image a code came from.) While it learns, so does the judge. In each step both of
# them move, each taking the other as it is.
#
# Look at the generator's loss. The first idea of Goodfellow et al. (2014) was to minimize
# $\operatorname{mean} \log (1 - \sigma(d))$, the judge's own term with the sign turned around. What
# you see in the table is the **non-saturating** loss that they recommend instead. How hard does
# each of them pull at a score?

# %% tags=["nbval-check-output"]
for score in (0.0, -3.0, -8.0):
    sigma = 1 / (1 + np.exp(-score))
    print(f"score {score:4}: slope of log(1 - sigma) {sigma:.4f}, of -log sigma {1 - sigma:.4f}")

# %% [markdown]
# When the judge is sure that a drawing is fake, with a score of -8, the first loss hardly pulls at
# all: it is saturated. The second one keeps its gradient, and pulls with full force just when it is
# needed most.

# %%
codes = ops.convert_to_numpy(network.encode(taught[None])[0])
center, spread = codes.mean(axis=(0, 1, 2)), codes.std(axis=(0, 1, 2))
start, judge_start = network.get_weights(), judge.get_weights()
data = {"images": crops, "real": real}


# %%
def go_on(part_weights):
    """A decoder that goes on from the start, and the log of its training in six rounds."""
    learner, opponent = TextureAutoencoder(), PatchDiscriminator()
    learner.set_weights(start)
    opponent.set_weights(judge_start)
    learner.encoder.trainable = False
    stage = AdversarialStage(learner, part_weights, discriminator=opponent)
    return learner, opponent, fit_stage(stage, data, batch, rounds=6)


# %% [markdown]
# **Before you run the next cells:** which decoder will have the best PSNR? Which one the sharpest
# image? Can the one that was never told what is right reconstruct the strip?

# %%
learners, opponents, logs = {}, {}, {}
for name, part_weights in (
    ("reconstruction", {"reconstruct": 1.0}),
    ("adversary", {"adversarial": 1.0}),
    ("both", {"reconstruct": 20.0, "adversarial": 1.0}),
):
    learners[name], opponents[name], logs[name] = go_on(part_weights)

# %%
# alt: The strip and three copies. By reconstruction: the right colors, soft. By the adversary:
#      spots in colors that are not those of the original. By both: the right cells, with dark
#      lines between them and a fine grid.
copies = {name: copy(learner) for name, learner in learners.items()}
show_images({"held out": kept_back} | copies, columns=2, width=440)

# %% [markdown]
# Now the numbers, by metrics that have no part in the contest. "Texture" is `feature_distance`: how
# far the features at relu2_1, as a cloud of points, are from those of the taught part of the
# window. Less is nearer. The table begins with the start, from which all three went on. It ends
# with real pieces: the held-out strip, and its two halves, which show how much the number varies by
# itself.

# %% tags=["nbval-ignore-output"]
measures = {
    "PSNR": lambda one: metrics.psnr(kept_back, one),
    "sharpness": metrics.sharpness,
    "texture": lambda one: metrics.feature_distance(one, taught, tap="relu2_1"),
}
measured = {
    name: {what: measure(one) for what, measure in measures.items()}
    for name, one in ({"the start": first} | copies).items()
}
for name, found in measured.items():
    print(name.ljust(15), ", ".join(f"{what} {value:5.2f}" for what, value in found.items()))
for name, one in {"held out": kept_back, "half": kept_back[:48], "half ": kept_back[48:]}.items():
    sharp, texture = (measures[what](one) for what in ("sharpness", "texture"))
    print(name.ljust(28), f"sharpness {sharp:5.2f}, texture {texture:5.2f}")

# %%
psnr, sharp, _ = ({name: found[what] for name, found in measured.items()} for what in measures)
print("most faithful: reconstruction:", psnr["reconstruction"] == max(psnr.values()))
print("both is sharper than reconstruction:", sharp["both"] > sharp["reconstruction"])
print("the adversary alone cannot copy:", psnr["adversary"] < psnr["both"] - 1)
print("and has lost what it could at the start:", psnr["adversary"] < psnr["the start"] - 1)

# %% [markdown]
# This is the bargain of this lesson. The adversary makes up what the code has forgotten: a dark
# line somewhere where a line may well be. It looks right and is wrong at that pixel, so it costs
# PSNR. Blau and Michaeli proved that no method gets around this: beyond some point, whatever
# looks more real is, on average, farther from the original.
#
# Be careful with small differences. In sharpness, the two halves of the real strip differ as well,
# and by not much less than "both" is ahead of reconstruction. And in the column "texture", where
# the adversary by itself ends up is a matter of chance. In three of our runs that was 0.38, 0.73,
# and, with four fifths of the steps, 0.86, while plain reconstruction came out between 0.41 and
# 0.44 each time. A hard edge is not yet a texture.
#
# The adversary by itself has no idea which image was meant. The cells are still where they were,
# but nothing in its loss keeps them there: it began as a copier. Nothing in its loss minds other
# colors, either, and it has already changed them. A GAN that starts from nothing has no encoder
# at all: ask it for a copy, and it does not know what you mean.
#
# ## Two kinds of learning
# An autoencoder walks downhill. A GAN has two players and no hill. Look at what both reported.

# %%
# alt: The squared error falls and levels off. The losses of the decoder and the judge go up and
#      down; the judge's ends near a horizontal line at 1.39.
rounds = range(1, 7)
plot_lines(
    {
        "reconstruction: squared error × 50": (
            rounds,
            [50 * one["reconstruct"] for one in logs["reconstruction"]],
        ),
        "adversary: the decoder's loss": (
            rounds,
            [one["adversarial"] for one in logs["adversary"]],
        ),
        "adversary: the judge's loss": (
            rounds,
            [one["discriminator"] for one in logs["adversary"]],
        ),
        "a judge who cannot tell": (rounds, [2 * np.log(2)] * 6),
    },
    xlabel="round of training",
    ylabel="loss",
    markers=True,
)
errors = [one["reconstruct"] for one in logs["reconstruction"]]
print("the autoencoder's loss ends lower than it began:", errors[-1] < errors[0])

# %% tags=["nbval-ignore-output"]
print(f"squared error: {errors[0]:.4f} in the first round, {errors[-1]:.4f} in the last")
for name, key in (("decoder", "adversarial"), ("judge", "discriminator")):
    values = ", ".join(f"{one[key]:.2f}" for one in logs["adversary"])
    print(f"adversary, the {name}'s loss: {values}")

# %% [markdown]
# In a contest, a constant loss may mean progress: both got better. So nobody can tell from a
# GAN's losses whether its images are good. You have to look, or measure with something that has
# no part in the contest. What you can read from them is when something has gone wrong. If the
# judge's loss falls to 0, it has won, and the generator probably learns nothing more. If it stays
# near 1.39, the judge is useless, or the drawings are perfect.
#
# Our judge ends near 1.39. So let us apply the rule to our own judge: which of the two is it? How
# often is it right about a patch? A coin is right about half of them.

# %% tags=["nbval-ignore-output"]
for name in ("adversary", "both"):
    scores = [ops.convert_to_numpy(opponents[name](one[None])) for one in (kept_back, copies[name])]
    share = (np.mean(scores[0] > 0) + np.mean(scores[1] < 0)) / 2
    print(f"{name}: its judge is right about {share:.0%} of the patches; a coin, about 50%")

# %% [markdown]
# In the run printed here, both are right about two patches of three. In another run, the
# adversary's was right about 60 % of them, and in a shorter one about 94 %: this number, too,
# changes from run to run. Here, neither judge comes close to being always right. And yet the
# drawings are far from perfect, as anybody can see who compares them with the strip. So by the rule
# these judges are weak, not beaten: they are small networks after seconds of training. That is why
# we do not ask *them* how good our images are.
#
# | | autoencoder | GAN |
# |---|---|---|
# | parts | encoder and decoder, together | generator and discriminator, opposed |
# | it is shown | each image, as the right answer | the images, but never which one is meant |
# | it looks for | a minimum | a balance in which the judge cannot tell |
# | it answers an open question with | the mean of all answers: blur | one answer, made up |
# | it leaves out | detail | whole kinds of images, as we will see |
# | from image to code | yes, through its encoder | no |
# | from random code to image | only with more work | that is what it is for |
# | progress shows in | its loss | its images |
#
# ## Codes out of thin air
# Can an autoencoder invent a window, too? We need a code that belongs to no image. The natural way
# to draw one is the standard normal distribution: mean 0, standard deviation 1.
#
# **Before you run the next cell:** what will our autoencoder make of that?

# %%
chance = np.random.default_rng(5).standard_normal((1, 24, 24, 3)).astype("float32")


def drawn_from(learner, code):
    """The image that a decoder makes of a code, clipped."""
    return np.clip(ops.convert_to_numpy(learner.decode(code)[0]), 0, 1)


# %%
# alt: A wild pattern of bright spots in all colors, nothing like the window.
sizes = center**2 + spread**2
print("all three mean squares near 1:", bool(np.all(abs(sizes - 1) < 0.3)))
wild = drawn_from(learners["reconstruction"], chance)
show_images({"random codes": wild}, width=240)

# %% tags=["nbval-ignore-output"]
print("mean squares of the three code numbers:", ", ".join(f"{size:.2f}" for size in sizes))

# %% [markdown]
# Nobody asked the codes to be normal, so they are not. They lie somewhere else, and we have asked
# the decoder about places where it has never been. A **variational autoencoder** (VAE) demands two
# more things.
#
# 1. The encoder does not give a code but a *distribution* of codes: a mean and a variance for each
#    number. What is decoded is a random draw from it. So neighboring codes must mean similar
#    images, and few places are left where the decoder has never been.
# 2. Each of these distributions should be close to the standard normal one. The Kullback-Leibler
#    **divergence** says how far it is from that, and is added to the loss.
#
# ### Exercise: a random code that can learn
# How can anything be learned through a random draw? By drawing somewhere else: take `noise` from
# the standard normal distribution, and give it the mean and the standard deviation that the encoder
# wants. The result then depends smoothly on both. The encoder gives the *logarithm* of the
# variance, which may be negative. `exercise("sample-code").hint()` helps.


# %%
def sample_code(mean, log_variance, noise):
    """A draw from normal distributions, made from standard normal noise; all have one shape."""
    ...


sample_code = exercise("sample-code").check(sample_code)

# %% [markdown]
# ### Exercise: the divergence
# For a code of numbers $k$ with means $\mu_k$ and variances $\sigma_k^2$ it is
#
# $$ \frac12 \sum_k \left( \mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2 \right) , $$
#
# and for a batch, the mean over its images, the first axis. `exercise("divergence").hint()` helps.


# %%
def divergence(mean, log_variance):
    """How far the codes' distributions are from the standard normal one, as one number."""
    ...


divergence = exercise("divergence").check(divergence)

# %%
for name, mean, variance in (("standard", 0.0, 1.0), ("off", 1.0, 1.0), ("sure", 0.0, 0.01)):
    cost = float(divergence(np.full((1, 1), mean), np.full((1, 1), np.log(variance))))
    print(f"{name}: mean {mean:.0f}, variance {variance:.2f}, divergence {cost:.2f}")

# %% [markdown]
# Being sure costs something. So the encoder must decide which numbers are worth it. (In bits: the
# divergence divided by log 2 is the most that a code can tell about its image, on average.)
#
# Our autoencoder now becomes variational: it continues with both parts in its loss. The squared
# error gets a weight of 150. That follows from assuming that values are off by about 0.1: lesson
# 3's $1 / (2 \sigma^2)$ is then 50, for each of a pixel's three values. (The divergence is counted
# per pixel, too.)

# %%
variational = TextureAutoencoder()
variational.set_weights(start)
normal = (
    np.random.default_rng(4)
    .standard_normal((steps * batch, side // 4, side // 4, 3))
    .astype("float32")
)
stage = AdversarialStage(variational, {"reconstruct": 150.0, "divergence": 1.0})
log = fit_stage(stage, {"images": crops, "noise": normal}, batch, learning_rate=2e-3)

# %%
mean, log_variance = map(ops.convert_to_numpy, variational.encode(taught[None]))
sizes_now = (mean**2 + np.exp(log_variance)).mean(axis=(0, 1, 2))
print("nearer to 1:", bool(abs(np.log(sizes_now)).mean() < abs(np.log(sizes)).mean() / 2))

# %% tags=["nbval-ignore-output"]
print("mean squares with the variances:", ", ".join(f"{size:.2f}" for size in sizes_now))

# %%
# alt: A part of the window; its reconstruction from the means, which is soft; and one from a random
#      draw, which is similar and a little rougher.
one = sample_code(mean[:, :24, :24], log_variance[:, :24, :24], chance)
show_images(
    {
        "taught": taught[:96, :96],
        "its mean code": drawn_from(variational, mean[:, :24, :24]),
        "a draw of its code": drawn_from(variational, one),
    },
    columns=3,
    width=400,
)

# %% [markdown]
# Now everyone can draw from chance: the VAE from standard normal codes, the others from random
# codes with the mean and the standard deviation of the codes they know.
#
# **Before you run the next cell:** who will be the best glazier?

# %%
# alt: Four textures made from random codes, all spots of color without a single cell of glass: soft
#      ones by reconstruction and by the variational autoencoder, harder ones by the adversary and
#      by both.
familiar = chance * spread + center
inventions = {name: drawn_from(learner, familiar) for name, learner in learners.items()}
inventions["variational"] = drawn_from(variational, chance)
texture = {name: measures["texture"](one) for name, one in inventions.items()}
show_images(
    {f"{name}: {texture[name]:.2f} off": one for name, one in inventions.items()},
    columns=4,
    width=560,
)

# %%
real_piece, wild_one = measures["texture"](kept_back), measures["texture"](wild)
print("any of them as near as a real piece:", min(texture.values()) < real_piece)

# %% tags=["nbval-ignore-output"]
print(f"a real piece {real_piece:.2f}, the plain autoencoder from normal codes {wild_one:.2f}")

# %% [markdown]
# The numbers say how far off the texture is. A real piece of the window is nearer than any of them,
# so none of the four is a glazier.
#
# What has the VAE gained? Not a better texture. Fed with standard normal codes, it was nearer than
# the plain autoencoder in one of our three runs and farther off in the two others. And fed with
# codes of its own mean and spread, the plain one did better than the VAE each time. So a VAE does
# not draw better. It lets you know *from where* to draw.
#
# What is wrong with random codes? Two things could be. Three normal numbers may not be what a code
# looks like, or they are drawn in the wrong places: each knows nothing of its neighbors. We can
# tell which. Take real codes of the window, and shuffle their places. Every single code is right
# then.
#
# **Before you run the next cell:** will that make a window?

# %%
# alt: A piece of the window, soft but with its cells; and the same codes with their places
#      shuffled, a jumble of spots without a single cell.
real_codes = codes[:, :24, :24]
shuffled = np.random.default_rng(6).permutation(real_codes.reshape(-1, 3))
pieces = {"in place": real_codes, "shuffled": shuffled.reshape(real_codes.shape)}
pieces = {name: drawn_from(learners["reconstruction"], code) for name, code in pieces.items()}
off = {name: measures["texture"](one) for name, one in pieces.items()}
show_images({f"{name}: {off[name]:.2f} off": one for name, one in pieces.items()}, width=440)


# %%
def unlike(image):
    """How much places 8 pixels apart differ, in standard deviations of the image."""
    return np.abs(image[8:] - image[:-8]).mean() / image.std()


differ = {name: unlike(one) for name, one in ({"window": taught[:96, :96]} | pieces).items()}
print("shuffled, places 8 pixels apart differ more:", differ["shuffled"] > differ["in place"] + 0.1)

# %% tags=["nbval-ignore-output"]
print(", ".join(f"{name} {value:.2f}" for name, value in differ.items()))

# %% [markdown]
# No, you get spots again: right codes in the wrong places. Each stands for a square of 4 x 4
# pixels, and a cell of glass is wider than that. (Our number for texture does not notice. It
# compares features without asking where they are: look at the two numbers above the images. So we
# needed another one: how much places 8 pixels apart differ. Every measure is blind to something.)
#
# What is missing is a plan. Large systems train a second network that draws the plan, the code, and
# leave the glazing to a decoder like ours. Today's latent diffusion models work this way, and their
# autoencoders are trained with all the parts of this lesson: reconstruction, a little divergence,
# and a patch discriminator.
#
# ## Mode collapse
# An autoencoder must give back *every* image it is shown. A GAN need not: it only has to draw what
# the judge believes. If it draws one thing well, why should it draw another?
#
# To see this, take the smallest world there is. An "image" is a point, and real points lie in eight
# heaps on a circle. The generator gets noise and should make points in all eight heaps.
#
# Let us be thorough, and train the judge first: it learns to tell real points from points just
# anywhere.

# %%
angles = np.arange(8) * np.pi / 4
heaps = 2 * np.stack([np.sin(angles), np.cos(angles)], axis=-1)
generator = np.random.default_rng(7)
rows = 1200 * 256
points = heaps[generator.integers(8, size=rows)] + generator.normal(0, 0.05, (rows, 2))
world = {"real": points, "noise": generator.standard_normal((rows, 2))}
world = {name: values.astype("float32") for name, values in world.items()}
anywhere = generator.uniform(-3, 3, (rows // 2, 2)).astype("float32")


# %%
def dense(activation, last):
    """A network of two wide layers for points, and a layer of `last` numbers."""
    wide = [layers.Dense(64, activation=activation) for _ in range(2)]
    return keras.Sequential([keras.Input((2,)), *wide, layers.Dense(last)])


keras.utils.set_random_seed(0)
expert, maker = dense("leaky_relu", 1), dense("tanh", 2)
as_it_is = keras.Sequential([keras.Input((2,)), layers.Identity()])
stage = AdversarialStage(as_it_is, {"discriminator": 1.0}, discriminator=expert, judged="samples")
known_points = {"real": world["real"][: rows // 2], "noise": anywhere}
log = fit_stage(stage, known_points, batch=256, learning_rate=4e-3)
expert_start, maker_start = expert.get_weights(), maker.get_weights()
print("the judge does better than one who cannot tell:", log[0]["discriminator"] < 1.0)

# %% [markdown]
# Now a generator learns from this expert, twice, from the same weights. The first time the expert
# stays as it is. (It knows real points when it sees them, so why should it learn any more?) The
# second time it goes on learning, as the judge of a GAN does.
#
# **Before you run the next cell:** where will the two generators put their points?


# %%
def contest(learning):
    """Points by a generator after its training against the expert, who learns or does not."""
    expert.set_weights(expert_start)
    maker.set_weights(maker_start)
    expert.trainable = learning
    stage = AdversarialStage(maker, {"adversarial": 1.0}, discriminator=expert, judged="samples")
    fit_stage(stage, world, batch=256, learning_rate=4e-3)
    return ops.convert_to_numpy(maker(world["noise"][:2000]))


def density(cloud):
    """How many points lie in each of 60 x 60 fields, as an image: the more, the darker."""
    counts, _, _ = np.histogram2d(*cloud.T, bins=60, range=[[-3, 3]] * 2)
    return 1 - np.sqrt(np.clip(counts / 12, 0, 1))


# %%
# alt: Four clouds of points. Real: eight small heaps on a circle. The judge fixed: the points are
#      on a few of the heaps, with a thin trail between them. The judge learning: on all eight, with
#      thin trails. Anywhere: a disc in an even gray.
made = {
    "real": points[:2000],
    "judge fixed": contest(learning=False),
    "judge learning": contest(learning=True),
    "anywhere": anywhere[np.linalg.norm(anywhere, axis=-1) < 2.3][:2000],
}
show_images({name: density(cloud) for name, cloud in made.items()}, columns=4, width=760)

# %% [markdown]
# Two numbers say what you see: how many heaps have got a hundredth of the points or more (an eighth
# would be fair), and what share of all points lies on a heap. It takes both. Points thrown just
# anywhere on a disc hit every heap, too; but most of them lie on none.


# %%
def on_heaps(cloud):
    """The number of heaps with a hundredth of the points, and the share of points on any heap."""
    distance = np.linalg.norm(cloud[:, None] - heaps, axis=-1)
    nearest = distance.argmin(axis=1)[distance.min(axis=1) < 0.3]
    counts = np.bincount(nearest, minlength=8)
    return int(np.sum(counts > len(cloud) / 100)), len(nearest) / len(cloud)


found = {name: on_heaps(cloud) for name, cloud in made.items()}


def passes(name, fewest, most):
    """Whether a cloud has so many heaps, and seven tenths of its points on one."""
    number, share = found[name]
    return fewest <= number <= most and share > 0.7


print("judge fixed: on heaps, but on half of them or fewer:", passes("judge fixed", 1, 4))
print("judge learning: on heaps, and on all eight:", passes("judge learning", 8, 8))
print("anywhere: on all eight:", found["anywhere"][0] == 8, "- passes:", passes("anywhere", 1, 8))

# %% tags=["nbval-ignore-output"]
for name, (number, share) in found.items():
    print(f"{name}: {number} heaps, {share:.0%} of the points on a heap")
print(f"the expert's loss before the contests: {log[0]['discriminator']:.2f}")

# %% [markdown]
# Both generators draw good points. The first one has put nearly all of them into a few baskets.
# Nothing in its loss speaks against it: the judge likes those places, and goes on liking them,
# however crowded they get. This is **mode collapse**.
#
# The second generator began from the same weights, with the same judge. The one difference is that
# its judge learned. Where drawn points crowd together, they outnumber the real ones, and the judge
# takes such a place for drawn. So crowds do not pay.
#
# In a real GAN the judge always learns. But it may learn too slowly, or the generator may find it
# easier to move a crowd than to split it. With another generator (ReLU instead of tanh, four
# noise numbers instead of two), the one run that we made ended on two heaps with 97% of its
# points, although the judge was learning. One run shows that this happens, not how often. There
# are more remedies: show the judge several drawings at once, since monotony then gives itself
# away (this is called packing); compare the drawings within a batch; make the judge's gradient
# gentle. An autoencoder needs none of them: leaving out a heap would cost it immediately.
#
# ## Style transfer with an adversary
# Lesson 6 described a style by statistics that somebody chose: Gram matrices. A discriminator is a
# description of style that nobody chose. Give it pieces of a painting as the real ones, and it
# finds out by itself what makes them look that way.
#
# We take the cat. Lesson 7's covariance brings its colors to the window's, and then our decoder
# "both" continues in front of its own judge. The part `coarse` asks for the content: the squared
# error after *both images have been shrunk to a quarter*. Anything finer than that is up to the
# judge alone.
#
# **Before you run the next cell:** what would happen to the cat without the coarse part?

# %%
cat = collection.photograph("chelsea", size=256)
cat = cat[: cat.shape[0] // 4 * 4]
recolored = PixelTransfer("covariance", tap=None)(cat, window)
cat_crops = {"images": random_crops(recolored, seed=8)[: steps * batch * 2 // 3], "real": real}


def glaze(part_weights):
    """The decoder "both" after more training on the recolored cat."""
    glazier, opponent = TextureAutoencoder(), PatchDiscriminator()
    glazier.set_weights(learners["both"].get_weights())
    opponent.set_weights(opponents["both"].get_weights())
    glazier.encoder.trainable = False
    stage = AdversarialStage(glazier, part_weights, discriminator=opponent)
    fit_stage(stage, cat_crops, batch)
    return copy(glazier, recolored)


# %%
# alt: A cat in the window's colors; the same with thick dark lines along its stripes and a fine
#      grid all over; and without the coarse part, a dull cat whose lines have softened.
glazed, unbound = glaze({"coarse": 100.0, "adversarial": 1.0}), glaze({"adversarial": 1.0})
show_images(
    {"recolored": recolored, "glazed": glazed, "without the coarse part": unbound},
    columns=2,
    width=640,
)

# %%
moved = {
    name: metrics.style_moved_by_tap(one, cat, window)
    for name, one in {"recolored": recolored, "glazed": glazed}.items()
}
farther = moved["glazed"]["relu3_1"] - moved["recolored"]["relu3_1"]
print("at relu3_1, glazing goes farther than the colors alone:", farther > 0.05)
held, lost = (metrics.content_kept(one, cat) for one in (glazed, unbound))
print("the cat is still there:", held > 0.3, "- and less so without the coarse part:", lost < held)

# %% tags=["nbval-ignore-output"]
for name, row in moved.items():
    print(f"{name}: style moved {row['relu3_1']:.2f} at relu3_1")
print(f"content kept: glazed {held:.2f}, without the coarse part {lost:.2f}", end=", ")
another = collection.photograph("coffee", size=256)[: cat.shape[0]]
print(f"by an image of something else {metrics.content_kept(another, cat):.2f}")

# %% [markdown]
# Without the coarse part nobody speaks up for the cat: any image with the right texture would
# pass. Even after this short training, less of the cat's content is kept. How far the glazing
# goes depends on the training, too: when we trained everything for four fifths of the steps, its
# lead over the plain colors at relu3_1 was half as large. And it is rough, with a fine grid, after
# seconds of training with a judge who sees 18 pixels. Li and Wand did this in 2016 with a larger
# network. A year later, CycleGAN replaced the coarse part with a second network that must be able
# to turn the painting back into the photograph.
#
# ## Pixel-based or feature-based?
# Now we can compare the two families of this course on one pair of images, and the adversary with
# both. **Pixel-based** transfer (lesson 7) looks at the *pixel values* of the style image and
# brings those of the content to them; an autoencoder may then redraw the result. **Feature-based**
# transfer (lesson 8) looks at *features*, what the encoder's channels say, and brings these to the
# style's.
#
# **Before you run the next cell:** at which tap will they differ most?

# %%
# alt: A table of the share of the way to the style at four taps. Pixel-based transfer has gone part
#      of the way at every tap, the adversary a little farther from relu2_1 on, feature-based
#      transfer farthest at all four.
painted = FeatureTransfer("adain")(cat, window)
results = {"pixel-based": recolored, "feature-based": painted, "adversary": glazed}
rows = {name: metrics.style_moved_by_tap(one, cat, window) for name, one in results.items()}
show_matrix(
    [list(row.values()) for row in rows.values()],
    row_labels=list(rows),
    column_labels=list(rows["pixel-based"]),
    title="style moved",
    width=600,
)

# %%
# alt: The cat in the colors of the window, every hair in place; and the cat drawn with dark lines
#      and cells of color.
show_images({"pixel-based": recolored, "feature-based": painted}, columns=2, width=540)

# %%
drawing = {name: metrics.structure_kept(one, cat) for name, one in results.items()}
kept = drawing["pixel-based"] > drawing["feature-based"] + 0.1
print("pixel-based keeps more of the drawing:", bool(kept))
further = rows["feature-based"]["relu3_1"] > rows["pixel-based"]["relu3_1"] + 0.1
print("feature-based goes farther at relu3_1:", bool(further))
print("numbers that describe the style:", 3 + 6, "or", 2 * (24 + 48 + 96 + 128))

# %% tags=["nbval-ignore-output"]
print("structure kept:", ", ".join(f"{name} {value:.2f}" for name, value in drawing.items()))

# %% [markdown]
# At which tap do they differ most? Go down the columns of the table. They differ least at relu1_1,
# where a feature sees 3 x 3 pixels and colors count most. A stroke does not fit into that window.
#
# | | pixel-based | feature-based |
# |---|---|---|
# | it compares | colors, or squares of pixels | what an encoder says, at several scales |
# | the style is | 9 numbers: mean and covariance | 592 numbers: means and standard deviations |
# | it can transfer | palette, contrast; with patches, pieces | palette, strokes, texture |
# | it cannot | draw a stroke that is not there | keep every hair |
# | it needs | nothing | a trained encoder and decoder |
#
# ## Where is it used?
# - **Art:** as a tool and as a subject; paintings "by" painters who never saw the scene.
# - **Design:** one motif in many palettes and styles; patterns for fabric and wallpaper.
# - **Advertising:** one look for a whole campaign, whoever took the photographs; filters in apps.
# - **Film and video:** a look for a scene, animation from live footage (lesson 13), games.
# - **Data augmentation:** more, and more varied, images for training other networks.
#
# Two of them, as worked examples.
#
# ### Design: one motif, three palettes
# We want one motif in the palettes of three other images. The drawing must not change.
#
# **Before you run the next cell:** which family do you take?

# %%
motif = collection.style_image("batik", size=160)
palettes = {
    name: collection.style_image(name, size=192)
    for name in ("palette_knife", "watercolor", "marbled")
}

# %%
# alt: A printed bunch of flowers in dark blue, brown and cream, and the same bunch in violet and
#      orange, in pale green and white, and in dark teal and red.
dye = PixelTransfer("distribution", tap=None)
fabrics = {name: dye(motif, palette) for name, palette in palettes.items()}
show_images({"motif": motif} | fabrics, columns=2, width=380)

# %%
for name, fabric in fabrics.items():
    before, after = (metrics.color_distance(one, palettes[name]) for one in (motif, fabric))
    drawing = metrics.edge_agreement(fabric, motif) > 0.6
    print(f"{name}: half of the way or more: {bool(after < before / 2)}; same drawing: {drawing}")
flipped = metrics.edge_agreement(motif[::-1], motif)
print("the motif upside down would not pass as the same drawing:", flipped < 0.4)

# %% tags=["nbval-ignore-output"]
for name, fabric in fabrics.items():
    before, after = (metrics.color_distance(one, palettes[name]) for one in (motif, fabric))
    print(f"{name}: color distance from {before:.3f} to {after:.3f}", end=", ")
    print(f"edges agree {metrics.edge_agreement(fabric, motif):.2f}")
print(f"upside down: edges agree {flipped:.2f}")

# %% [markdown]
# ### Data augmentation: what is a triangle?
# A small classifier should tell discs, squares, and triangles apart. But its training images were
# collected carelessly: all discs are cut from one painting, which is orange, all squares from a
# blue one, all triangles from a pale one. (In real collections, cows stand on grass.) What will the
# classifier learn, shape or color?

# %%
names = ("palette_knife", "impressionist", "watercolor")
materials = [collection.style_image(name, size=256) for name in names]


# %%
def figure(kind, generator):
    """A disc, a square or a triangle, somewhere in the middle, as a mask of 32 x 32."""
    down, right = np.indices((32, 32)) - 15.5 - generator.uniform(-3, 3, (2, 1, 1))
    size = generator.uniform(9, 12)
    if kind == 0:
        return np.hypot(down, right) < size
    if kind == 1:
        return np.maximum(abs(down), abs(right)) < 0.85 * size
    return (abs(down) < 0.8 * size) & (abs(right) < 0.6 * (down + size))


# %%
def figures(count, seed, swapped=False):
    """Images of figures, their kinds, and whose material each is of: its own, or another one's."""
    generator = np.random.default_rng(seed)
    kinds = np.arange(count) % 3
    owners = (kinds + swapped * generator.integers(1, 3, count)) % 3
    images = []
    for kind, owner in zip(kinds, owners, strict=True):
        material = materials[owner]
        top, left = generator.integers(np.array(material.shape[:2]) - 31)
        piece = material[top : top + 32, left : left + 32]
        ground = generator.choice([0.05, 0.95])
        images.append(np.where(figure(kind, generator)[..., None], piece, ground))
    return np.stack(images).astype("float32"), kinds, owners


# %%
# alt: An orange disc, a blue square and a pale triangle on black or white; then the three shapes in
#      each other's colors.
known, kinds, _ = figures(192, seed=0)
fresh, fresh_kinds, _ = figures(300, seed=2)
swapped, swapped_kinds, owners = figures(300, seed=1, swapped=True)
shown = {f"training {k + 1}": known[k] for k in range(3)}
show_images(shown | {f"swapped {k + 1}": swapped[k] for k in range(3)}, columns=6, width=560)

# %% [markdown]
# Style transfer can separate what the collection has glued together: it keeps the shape and changes
# the rest. Here the rest is color, so pixel-based transfer will do. Every training image gets the
# colors of random pieces of six other paintings, twice.

# %%
others = ("marbled", "crayon", "mosaic", "halftone", "stained_glass", "pointillist")
sources = [collection.style_image(name, size=256) for name in others]
generator = np.random.default_rng(5)


def piece_of_a_painting():
    """A square of 64 x 64 from a random place of one of the six."""
    source = sources[generator.integers(len(sources))]
    top, left = generator.integers(np.array(source.shape[:2]) - 63)
    return source[top : top + 64, left : left + 64]


# %%
# alt: Disc, square, and triangle in two rounds, each time in other colors than before.
dye = PixelTransfer("covariance", tap=None)
stylized = np.stack([dye(one, piece_of_a_painting()) for _ in range(2) for one in known])
show_images(
    {f"training {k % 192 + 1}{'ab'[k // 192]}": stylized[k] for k in (0, 1, 2, 192, 193, 194)},
    columns=6,
    width=560,
)


# %%
def classifier(images, kinds, steps=200, size=16):
    """A small network after a training on these images, in a random order."""
    keras.utils.set_random_seed(1)
    order = np.random.default_rng(0).integers(len(images), size=steps * size)
    looks = [layers.Conv2D(width, 3, activation="relu", padding="same") for width in (12, 24, 24)]
    pools = [layers.MaxPooling2D(), layers.MaxPooling2D(), layers.GlobalMaxPooling2D()]
    pairs = [layer for pair in zip(looks, pools, strict=True) for layer in pair]
    entry = [keras.Input((32, 32, 3)), layers.Rescaling(4.0, offset=-2.0)]
    network = keras.Sequential([*entry, *pairs, layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = keras.optimizers.schedules.CosineDecay(8e-3, steps)
    network.compile(keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
    network.fit(images[order], kinds[order], batch_size=size, shuffle=False, verbose=0)
    return network


# %%
def right(network, images, kinds):
    """The share of the images whose shape was named correctly."""
    return float(np.mean(ops.convert_to_numpy(network(images)).argmax(axis=1) == kinds))


# %% [markdown]
# **Before you run the next cell:** both networks take the same number of steps. How many of 100
# swapped images will each one get right? Guessing gets 33.

# %%
plain = classifier(known, kinds)
augmented = classifier(np.concatenate([known, stylized]), np.tile(kinds, 3))
shares = {}
for name, one in (("plain", plain), ("augmented", augmented)):
    shares[f"{name}: as in training"] = right(one, fresh, fresh_kinds)
    shares[f"{name}: swapped"] = right(one, swapped, swapped_kinds)
by_color = right(plain, swapped, owners)

# %%
# alt: Four bars. Both classifiers are nearly always right when the colors are those of the
#      training. With swapped colors the plain one is mostly wrong, and the augmented one is right
#      in most cases.
plot_bars(shares, ylabel="share classified correctly")

# %%
print("plain is right as long as nothing changes:", shares["plain: as in training"] > 0.8)
print("swapped, it is wrong in most cases:", shares["plain: swapped"] < 0.5)
gain = shares["augmented: swapped"] - shares["plain: swapped"]
print("stylized images help:", gain > 0.2)
print("swapped, the plain one mostly names the shape that had this color:", by_color > 0.5)

# %% tags=["nbval-ignore-output"]
for name, share in (shares | {"plain: swapped, named by color": by_color}).items():
    print(f"{name}: {share:.0%}")
print("guessing: 33%")

# %% [markdown]
# With the colors swapped, the plain classifier is wrong in most cases: to it, blue means square.
# A network takes the easiest way its training images leave open, and here color is easier than
# shape. Geirhos et al. found that the large networks trained on ImageNet go by texture, and
# mended it the same way, but with feature-based transfer, because texture is what had to change.
# (No such test replaces images of what really happens. It shows what to look for.)
#
# ## Summary
# - An autoencoder looks for a minimum: every image back as it was. It answers open questions with
#   the mean, so it blurs. A GAN looks for a balance between two players: it answers with something
#   that could be true, so it is sharp and not faithful.
# - Both terms together trade a little fidelity for looks. No method gets both in full.
# - A patch discriminator judges texture. A judge who cannot tell has a loss of 2 log 2. The losses
#   of a contest do not say how good the images are, and neither does the judge.
# - The non-saturating loss keeps its gradient, and pulls hardest when the judge is surest that a
#   drawing is fake.
# - A variational autoencoder says where its codes lie, so that you know from where to draw. It does
#   not draw better: random codes without a plan are not yet images.
# - Against a judge who does not change, a generator draws what the judge likes, and leaves out
#   whole kinds of images: mode collapse. A judge who keeps learning makes crowds costly.
# - Pixel-based transfer changes colors and keeps the drawing; feature-based transfer draws anew.
#   With an adversary, nobody needs to define what style is.
#
# ## Questions to check yourself
# 1. The judge's loss has been 0.01 for an hour. What do the generator's gradients look like with
#    each of the two losses, and do they help?
#
#    <details><summary>Answer</summary>
#
#    With the original loss they are next to nothing: its slope at every score is near 0, so the
#    generator stands still. The non-saturating loss keeps its gradient: the pull at every score is
#    nearly full. Whether it helps depends on where it points, and that is up to the judge: to a
#    judge who is sure everywhere, no small change makes a drawing look real.
#
#    </details>
#
# 2. Why is the encoder no longer of use to the decoder "adversary"?
#
#    <details><summary>Answer</summary>
#
#    The codes came from images, but nothing in the loss compared a drawing with its image. The
#    decoder has drifted: what it draws from a code no longer resembles what the encoder saw.
#
#    </details>
#
# 3. The divergence gets a weight a thousand times larger. What do the codes tell, and what do the
#    reconstructions look like?
#
#    <details><summary>Answer</summary>
#
#    Next to nothing: the codes of all images become the same standard noise. The reconstructions
#    all look alike, the mean of everything.
#
#    </details>
#
# 4. A patch discriminator has patches of 3 pixels. Which faults will it see, and which not?
#
#    <details><summary>Answer</summary>
#
#    Wrong colors, noise, and fine grids. Whether a line continues, or a cell of glass has a shape,
#    does not fit into 3 pixels.
#
#    </details>
#
# 5. The coarse part compares images shrunk to a quarter. What if they were shrunk to a sixteenth?
#
#    <details><summary>Answer</summary>
#
#    Only blocks of 16 pixels have to agree. Eyes and whiskers are then up to the judge: more of a
#    window, less of a cat.
#
#    </details>
#
# 6. The three materials differ in texture but not in color. Which family do you take to augment?
#
#    <details><summary>Answer</summary>
#
#    The feature-based one. Texture is the easy way that has to be closed, and new colors leave it
#    as it is.
#
#    </details>
#
# ## Reading
# - I. Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014.
# - D. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR 2014.
# - P. Isola, J.-Y. Zhu, T. Zhou and A. Efros, "Image-to-Image Translation with Conditional
#   Adversarial Networks", CVPR 2017: reconstruction and a patch discriminator together.
# - C. Li and M. Wand, "Precomputed Real-Time Texture Synthesis with Markovian Generative
#   Adversarial Networks", ECCV 2016: style transfer with an adversary.
# - J.-Y. Zhu, T. Park, P. Isola and A. Efros, "Unpaired Image-to-Image Translation using
#   Cycle-Consistent Adversarial Networks", ICCV 2017.
# - Y. Blau and T. Michaeli, "The Perception-Distortion Tradeoff", CVPR 2018.
# - Z. Lin, A. Khetan, G. Fanti and S. Oh, "PacGAN: The Power of Two Samples in Generative
#   Adversarial Networks", NeurIPS 2018: packing.
# - L. Metz, B. Poole, D. Pfau and J. Sohl-Dickstein, "Unrolled Generative Adversarial Networks",
#   ICLR 2017: eight heaps on a circle, and a judge who thinks ahead.
# - R. Geirhos et al., "ImageNet-trained CNNs Are Biased towards Texture", ICLR 2019: stylized
#   images as training data.
