# %% [markdown]
# # Lesson 2: Building the autoencoder
# You build an encoder and a decoder layer by layer, diagnose the usual faults, and train your own
# autoencoder until it reproduces photographs that it has never seen.
#
# **You will be able to**
# - build an encoder and a decoder from convolution, pooling, and upsampling, and give the shape
#   after every layer, for odd sizes too
# - count parameters, and compute how much smaller the code is than the image
# - diagnose the usual faults of an autoencoder from their symptoms
# - train one on crops of photographs, and tell learning from overfitting with a validation curve
#
# **You need:** lesson 1.
#
# **Time:** 90 minutes, 100 with the optional sections; the code runs in about 45 s on a CPU, and in
# a few minutes on a GPU, where it trains for longer.
#
# **Optional:** *Lab: the bottleneck*.

# %% tags=["setup"]

# %%
import time

import keras
import numpy as np
from keras import layers, ops

from course_lib import backend, collection, images
from course_lib.autoencoder import Autoencoder, ReflectConv2D, center, uncenter
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.losses import reconstruction_loss
from course_lib.plots import plot_lines, show_difference, show_feature_maps, show_images
from course_lib.widgets import bottleneck_lab

# %% [markdown]
# ## The task
# An autoencoder has two halves. The **encoder** turns an image into a **code**, a smaller array.
# The **decoder** turns the code back into an image. Both are trained together for one purpose: to
# give back what went in.
#
# That sounds pointless, since we have the image already. The point is the code in the middle. It
# has to hold everything that matters, and later lessons will change it: give it another image's
# texture, say, and then decode. So we want a decoder that turns codes into good images, for any
# image, not only for those it was trained on.
#
# That is why we keep three photographs back. The network never trains on them, and we judge it by
# them.

# %%
# alt: Five photographs to train on: an astronaut, stained tissue under a microscope, galaxies on
#      black, a cup of coffee, a rocket at dusk. Three are kept back: a ginger cat, a man with a
#      camera, and gravel.
names = ["astronaut", "immunohistochemistry", "hubble_deep_field", "coffee", "rocket"]
training = {name: collection.photograph(name, size=384) for name in names}
kept_back = {
    name: collection.photograph(name, size=384) for name in ("chelsea", "camera", "gravel")
}
cat = kept_back["chelsea"]
show_images(training | {f"kept back: {name}": one for name, one in kept_back.items()}, columns=4)

# %% [markdown]
# ## One layer
# Lesson 1 showed what a convolution does and why we mirror the image at its border. Here is such a
# layer written out: make the border, convolve, add the bias, and set negative values to zero
# (ReLU). The course's layer `ReflectConv2D` does these four things. We take its numbers and
# compare.

# %%
image = cat[:240]
batch = images.to_batch(image)

layer = ReflectConv2D(filters=16)
layer.build((None, None, None, 3))
kernel, bias = layer.get_weights()
print("kernel (height, width, channels in, channels out):", kernel.shape)
print("bias:", bias.shape)

# %%
bordered = np.pad(batch, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
by_hand = ops.relu(ops.conv(bordered, kernel) + bias)
print("image:", batch.shape)
print("with its border:", bordered.shape)
print("after the convolution:", tuple(by_hand.shape))
print("the layer gives the same:", bool(np.allclose(by_hand, layer(batch), atol=1e-5)))

# %% [markdown]
# The border adds two rows and two columns, and the convolution takes them away again. Height and
# width stay the same; only the number of channels changes.
#
# ## The encoder
# The encoder goes down in levels. At each level, a convolution looks at the image or at the level
# above. Its output is called the level's **tap**: `relu1_1` is what comes out of the first ReLU of
# level 1. Then a second convolution and pooling by 2 lead down to the next level.
#
# We use three levels, with 16, 32, and 24 channels. `Autoencoder` makes the layers; we put them
# together ourselves. One step comes before all layers: `center` moves the values from [0, 1] to
# [-2, 2]. Inputs spread around zero are the usual choice; networks tend to learn faster from them.

# %%
keras.utils.set_random_seed(2)
autoencoder = Autoencoder(channels=(16, 32, 24))
first, second = autoencoder.encoder.first, autoencoder.encoder.second
print("first convolutions: ", [layer.name for layer in first])
print("second convolutions:", [layer.name for layer in second])

# %% [markdown]
# **Before you run the next cell:** our image has 240 x 384 pixels. What is the shape of `relu3_1`?
# Does it have more numbers than the image, or fewer?


# %%
def encode(batch):
    """A batch of images becomes a dictionary of features, one entry for each tap."""
    relu1_1 = first[0](center(batch))
    down = ops.average_pool(second[0](relu1_1), 2, 2)
    relu2_1 = first[1](down)
    down = ops.average_pool(second[1](relu2_1), 2, 2)
    relu3_1 = first[2](down)
    return {"relu1_1": relu1_1, "relu2_1": relu2_1, "relu3_1": relu3_1}


features = encode(batch)
for tap, values in features.items():
    print(f"{tap}: {tuple(values.shape)} = {ops.size(values):,} numbers")
print(f"image: {batch.shape} = {batch.size:,} numbers")

# %%
theirs = autoencoder.encode(batch)
same = [bool(np.allclose(features[tap], theirs[tap], atol=1e-4)) for tap in features]
print("the library's encoder gives the same at every tap:", all(same))

# %% [markdown]
# Level 1 holds more than five times as many numbers as the image. On the way down, each level
# halves height and width, so a quarter of the positions remain. Only at the last tap are there
# fewer numbers than in the image. This tap is our code.
#
# ## The decoder
# The decoder mirrors the encoder. Where the encoder pooled, the decoder makes the map twice as
# high and wide, here by repeating every number. After each enlargement come convolutions, which
# redraw the edges that the repeating has made blocky. At the end, `uncenter` moves the values back
# to [0, 1].
#
# The very last convolution has no ReLU. **Why not?** Think before you read on: which values can
# come out of a ReLU, and which pixels would then be impossible?


# %%
def enlarge(features):
    """Every number becomes a square of 2 x 2 equal numbers."""
    return ops.repeat(ops.repeat(features, 2, axis=1), 2, axis=2)


def decode(code):
    """A code becomes images."""
    first, second = autoencoder.decoder.first, autoencoder.decoder.second
    up = enlarge(first[2](code))
    up = enlarge(first[1](second[1](up)))
    return uncenter(first[0](second[0](up)))


code = features["relu3_1"]
drawn = ops.clip(decode(code), 0, 1)
print("code:", tuple(code.shape))
print("drawn:", tuple(drawn.shape))
same = np.allclose(drawn, autoencoder.decode(code), atol=1e-4)
print("the library's decoder gives the same:", bool(same))

# %% [markdown]
# A ReLU gives nothing below zero, and before `uncenter` zero stands for medium gray: no pixel
# could be darker than that. So the last layer is linear. It may overshoot, and we clip to [0, 1]
# only to show an image.
#
# ### Odd sizes
# Our photograph really has 255 rows; above we cut it to 240.
#
# **Before you run the next cell:** you cannot halve 255. What would you do with the last row? And
# how does the decoder get back to 255?

# %%
whole = images.to_batch(cat)
for tap, values in autoencoder.encode(whole).items():
    print(f"{tap}: {tuple(values.shape)}")
print("reconstruction:", tuple(autoencoder.reconstruct(whole).shape))

# %% [markdown]
# 255 rows become 128, not 127: the last row is repeated before pooling, so that nothing is lost.
# The decoder then arrives at 256 rows and cuts off the extra one. The rule: round up on the way
# down, cut on the way up.
#
# ## Parameters
# The parameters are all the numbers that training can change. A 3 x 3 convolution from 16 to 32
# channels has a kernel of 3 x 3 x 16 x 32 numbers, and 32 biases.
#
# **Before you run the next cell:** which layers will have the most? The first ones, which work on
# the largest maps, or those in the middle?

# %%
print(autoencoder.summary_table(size=(240, 384)))

# %%
by_formula = 3 * 3 * 16 * 32 + 32
print("from 16 to 32 channels:", by_formula)
print("the table says so too:", autoencoder.encoder.first[1].count_params() == by_formula)

# %% [markdown]
# The middle has the most: the two layers from 32 to 32 channels hold 9,248 each, and the first
# layer, on the largest map, only 448. The size of the image does not appear in the formula. The
# same kernels slide over 32 x 32 pixels or 4,000 x 4,000. So we may train on small crops and then
# use the network on whole photographs.
#
# ## How small is the code?
# ### Exercise: compression ratio
# Write a function that says how many numbers the image has for each number of its code. Shapes
# come without the batch axis, and a code may also be a plain vector, such as `(18,)`. If you get
# stuck, run `exercise("compression-ratio").hint()` in a new cell.


# %%
def compression_ratio(image_shape, code_shape):
    """Numbers in the image for each number in the code."""
    ...


compression_ratio = exercise("compression-ratio").check(compression_ratio)

# %% [markdown]
# **Before you run the next cell:** at which taps could the network simply copy the image, because
# the code has room for all of it?

# %%
for tap, values in features.items():
    ratio = compression_ratio(image.shape, tuple(values.shape)[1:])
    print(f"{tap}: {ratio:.3f} numbers of the image for each of the code")

# %% [markdown]
# At `relu1_1` and `relu2_1` the ratio is below 1: there is room for a copy, and nothing forces the
# network to learn anything about images. At `relu3_1` two numbers of the image share one of the
# code. The code has become a **bottleneck**. With 48 channels instead of 24 it would not be one,
# in spite of all the pooling.
#
# ## Find the fault
# Anyone who builds autoencoders meets the same few faults. Here are five. You see the symptom
# first each time. Find the cause before you read on.
#
# ### Three faults of size
# Three builders report that the output does not have the size of the input.


# %%
def report(name, network):
    """What the loss says about the network's output."""
    try:
        reconstruction_loss(batch, network(batch))
        print(f"{name}: fits")
    except ValueError as error:
        print(f"{name}: {error}")


def convolution(filters, padding):
    return layers.Conv2D(filters, 3, padding=padding, activation="relu")


pool, double = layers.AveragePooling2D, layers.UpSampling2D

# %%
patients = {
    "A": [convolution(8, "valid"), pool(2), convolution(16, "valid"), double(2)],
    "B": [convolution(8, "same"), pool(2), convolution(16, "same"), pool(2), double(2)],
    "C": [layers.Cropping2D(((0, 1), (0, 0))), convolution(8, "same"), pool(2), double(2)],
}
for name, parts in patients.items():
    report(name, keras.Sequential([*parts, layers.Conv2D(3, 3, padding="same")]))

# %% [markdown]
# The error message already holds the diagnosis. Look at how far apart the two sizes are.
#
# - **A** lacks a few pixels: 240 has become 234. Convolutions without a border (`"valid"`) nibble
#   off two rows and two columns each, and upsampling doubles what was lost before it. *Fix:* give
#   every convolution its border. Do not resize the output until it fits: each pixel would then be
#   compared with a neighbor of the one it should match, and the network would learn to blur.
# - **B** is short by a factor of exactly 2. It pools twice and enlarges once. *Fix:* one
#   upsampling for each pooling.
# - **C** lacks a single row. It was given 239 rows (we cut one off inside, to imitate that), and
#   pooling dropped the odd one out. *Fix:* round up before pooling, cut after enlarging, as above.
#
# A few pixels: padding. A factor of two: pooling. One pixel: an odd size.
#
# ### Two faults without an error
# The next two networks train without complaint. A good habit catches them in seconds: **before you
# train on many images, train on a single one.** Learning one image by heart is the easiest task
# there is.
#
# The test needs a pass mark. The simplest answer, the image's mean color everywhere, leaves all of
# its variance unexplained: 100 %. Our mark: after 200 steps at most 10 % may be left. A network
# that fails this has a fault, or needs more steps; more data will not help.


# %%
def small_network(channels_out=3, last="linear", scale=1.0):
    """One level down and up again."""
    return keras.Sequential(
        [
            layers.Rescaling(scale),
            ReflectConv2D(16),
            pool(2),
            ReflectConv2D(24),
            double(2),
            ReflectConv2D(16),
            ReflectConv2D(channels_out, activation=last),
        ]
    )


# %%
def learn_by_heart(network, image, steps=200):
    """Train on one image; return what the network makes of it, and the share left unexplained."""
    keras.utils.set_random_seed(1)
    network.compile(keras.optimizers.Adam(5e-3), loss="mse", jit_compile=False)
    images = np.repeat(image[None], steps, axis=0)
    network.fit(images, images, batch_size=1, verbose=0)
    made = ops.convert_to_numpy(network(images[:1]))[0]
    return made, float(np.mean((made - image) ** 2) / np.mean((image - image.mean((0, 1))) ** 2))


cup = collection.photograph("coffee", size=72)

# %%
# alt: A cup of coffee, and what three networks made of it after training on it alone. The healthy
#      one gives a soft but recognizable cup in color, patient D a gray one, and patient E nothing
#      but white.
healthy, healthy_left = learn_by_heart(small_network(), cup)
patient_d, d_left = learn_by_heart(small_network(channels_out=1), cup)
patient_e, e_left = learn_by_heart(small_network(last="sigmoid", scale=1 / 255), cup * 255)
show_images(
    {"the image": cup, "healthy": healthy, "D: gray": patient_d, "E: white": patient_e},
    columns=2,
    width=600,
)

# %%
left = {"healthy": healthy_left, "D": d_left, "E": e_left}
for name, share in left.items():
    print(f"{name}: passes, with at most 10 % left: {share <= 0.1}")

# %% tags=["nbval-ignore-output"]
print({name: f"{share:.1%} left" for name, share in left.items()})

# %% [markdown]
# **Before you run the next cell:** what is wrong with D, whose cup is good but gray? And with E,
# which is all white? E was given the image with values from 0 to 255 and divides them by 255 in
# its first layer, so that can't be it. Or can it? Here is what a doctor would check.

# %%
for name, output in {"healthy": healthy, "D": patient_d, "E": patient_e}.items():
    inside = output.min() > -0.5 and output.max() < 1.5
    print(f"{name}: shape {output.shape}, all values between -0.5 and 1.5: {bool(inside)}")
print("what E was supposed to give back reaches beyond 200:", bool((cup * 255).max() > 200))

# %% tags=["nbval-ignore-output"]
for name, output in {"healthy": healthy, "D": patient_d, "E": patient_e}.items():
    print(f"{name}: values from {output.min():.2f} to {output.max():.2f}")
print(f"what E was supposed to give back: from {(cup * 255).min():.0f} to {(cup * 255).max():.0f}")

# %% [markdown]
# - **D** ends in one channel instead of three. Keras' `"mse"` subtracts (48, 72, 1) from (48, 72,
#   3) anyway: NumPy's broadcasting rules allow it. So the one channel is compared with red, green,
#   and blue at once, and the best it can do is their mean. The loss falls, and nothing seems wrong
#   until you look. *Fix:* three channels. *Prevention:* a loss that compares shapes; the course's
#   `reconstruction_loss` refuses this pair.
# - **E** ends in a sigmoid, which gives values between 0 and 1. What it is compared with still
#   runs from 0 to 255. It can never reach that, so it says "as bright as possible" everywhere.
#   *Fix:* divide the image by 255 before you hand it to `fit`, as input and as target.
#   *Prevention:* print the range of what goes in, of what comes out, and of what it is compared
#   with.
#
# Here is the prevention for D at work.

# %%
report("D", small_network(channels_out=1))

# %% [markdown]
# ## How good is a reconstruction?
# We need a number before we train. The usual one is the peak signal-to-noise ratio, PSNR, in
# decibels (dB). It comes from the mean squared error:
#
# $$ \text{MSE} = \frac{1}{n} \sum_i (a_i - b_i)^2, \qquad\qquad
# \text{PSNR} = 10 \log_{10} \frac{1}{\text{MSE}}, $$
#
# where the sum runs over all $n$ values of the two images $a$ and $b$, and the 1 is the square of
# the largest possible value. Higher is better; halving all differences adds 6 dB. As a rule of
# thumb, at 20 dB an image is plainly damaged, at 25 to 30 dB it looks soft, and above 35 dB you
# have to search for differences.
#
# ### Exercise: PSNR
# `a` and `b` are arrays of the same shape, with values from 0 to 1. Return one number, in decibels.
# `exercise("psnr").hint()` helps.


# %%
def psnr(a, b):
    """Peak signal-to-noise ratio of two images in decibels."""
    ...


psnr = exercise("psnr").check(psnr)

# %%
small_error, large_error = psnr(image, image + 0.02), psnr(image, image + 0.04)
print(f"all values off by 0.02: {small_error:.1f} dB; off by 0.04: {large_error:.1f} dB")

# %% [markdown]
# ## Training
# How much we train depends on the machine. The quick budget is for a CPU, the full one for a GPU.
# Our network is small, so it gets more steps than the budget says, on smaller crops.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(backend.describe())
print(budget)

# %% [markdown]
# Training takes small squares, cut at random places from the five photographs. Compared with whole
# photographs, they have two advantages: every batch shows many different things, and a step is
# cheap.
#
# There is one more trick. Five photographs do not show all colors: ours have hardly any green, and
# this cat has green eyes. So each crop gets its three color channels in random order. Making more
# out of few images in ways like this is called **augmentation**.


# %%
# alt: Ten small squares cut out of the photographs: cloth, tissue, stars, a saucer, sky, many of
#      them in strange colors.
def random_crops(images, count, size, seed):
    """Squares cut at random places, their channels in random order: (count, size, size, 3)."""
    generator = np.random.default_rng(seed)
    crops = np.empty((count, size, size, 3), "float32")
    for number in range(count):
        image = images[number % len(images)]
        top = generator.integers(image.shape[0] - size + 1)
        left = generator.integers(image.shape[1] - size + 1)
        crop = image[top : top + size, left : left + size]
        crops[number] = crop[..., generator.permutation(3)]
    return crops


crops = random_crops(list(training.values()), 4 * budget.train_steps, size=40, seed=0)
validation = random_crops(list(kept_back.values()), 60, size=40, seed=1)
print("side, side, channels:", crops.shape[1:])
show_images({f"crop {number}": crops[number] for number in range(10)}, columns=5, width=560)

# %% [markdown]
# The loss is `reconstruction_loss`: half the squared error, summed over all values of an image,
# averaged over the images of the batch. Lesson 3 is all about it.
#
# The **optimizer** is the rule by which a step changes the weights. It looks at the **gradient**,
# which says how fast the loss grows with each weight, and goes the other way. The **learning
# rate** says how far. Ours is Nadam, a relative of the popular Adam. Three settings keep it out of
# trouble. The learning rate rises from zero over the first tenth of the steps, a common precaution
# while a network is still untrained. Then it falls to zero along a cosine, so that the last steps
# are fine adjustments. And `clipnorm` shortens every gradient that is longer than 1, so that no
# single batch can throw the network off.
#
# The crops of the photographs that we kept back are the **validation** set. After every round,
# once through all crops (Keras calls it an epoch), we compute the loss on them, too, without
# training on them.

# %%
rounds = 8
steps = rounds * len(crops) // budget.batch
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=steps * 9 // 10, warmup_target=2e-3, warmup_steps=steps // 10
)
optimizer = keras.optimizers.Nadam(schedule, clipnorm=1.0)
autoencoder.compile(optimizer, loss=reconstruction_loss, jit_compile=False)

# %% [markdown]
# We also want to watch. After every round the network shows what it makes of the cat's face.
#
# **Before you run the next cells:** what will be right first: the colors, the large shapes, or the
# whiskers?

# %%
face = images.to_batch(cat[20:180, 110:290])
snapshots = {"untrained": autoencoder.reconstruct(face)[0]}


def watch(round_number, logs):
    """Keep an image of what the network can do by now."""
    snapshots[f"after round {round_number + 1}"] = autoencoder.reconstruct(face)[0]


watcher = keras.callbacks.LambdaCallback(on_epoch_end=watch)
first_weights = autoencoder.get_weights()

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
history = autoencoder.fit(
    crops,
    crops,
    validation_data=(validation, validation),
    batch_size=budget.batch,
    epochs=rounds,
    verbose=0,
    callbacks=[watcher],
).history
for number, pair in enumerate(zip(history["loss"], history["val_loss"], strict=True), start=1):
    print("round {}: loss {:6.1f}, validation {:6.1f}".format(number, *pair))
print(f"{steps} steps in {time.perf_counter() - started:.0f} s")

# %%
# alt: A cat's face six times: faint outlines in wrong colors from the untrained network; a blurred
#      cat; ever clearer ones, in better colors; and the photograph itself.
shown = ["untrained", "after round 1", "after round 2", "after round 4", "after round 8"]
show_images(
    {name: snapshots[name] for name in shown} | {"the photograph": face}, columns=3, width=600
)


# %%
def still_wrong(image, drawn):
    """The share that is wrong of an image's large shapes, of its color, and of its fine lines."""
    pairs = []
    for one in (image, drawn):
        blurred = images.resize(images.resize(one, (20, 22)), one.shape[:2])
        gray, large = (part.mean(axis=-1, keepdims=True) for part in (one, blurred))
        pairs.append((large - large.mean(), one - gray, gray - large))
    return [float(np.sum((a - b) ** 2) / np.sum(a**2)) for a, b in zip(*pairs, strict=True)]


learned = {name: still_wrong(face[0], ops.convert_to_numpy(snapshots[name])) for name in shown}
shapes_first = [np.argmin(wrong) == 0 and np.argmax(wrong) == 2 for wrong in learned.values()]
print(
    "large shapes are the least wrong, fine lines the most, from round 1 on:", all(shapes_first[1:])
)

# %% tags=["nbval-ignore-output"]
print("wrong:          large shapes   color   fine lines")
for name, wrong in learned.items():
    print(f"{name:15}" + "".join(f"{share:10.0%}" for share in wrong))

# %% [markdown]
# Large shapes come first, then color; the fine lines come last. (Color's place is the least
# certain. In another run, with a quarter fewer crops, it was behind the fine lines until round 2,
# and ahead of them from round 4 on.) One likely reason is the loss: it sums squared errors over
# pixels, so whatever is large and wrong weighs the most. A whisker is only a few pixels.
#
# ### Learned, or learned by heart?
# A network can also do well by memorizing its training images. Then the loss on them goes on
# falling while the loss on other images stops falling, or rises. This is **overfitting**, and the
# two curves together reveal it. To see what it looks like, we also force it: the same network,
# from the same first weights, with five crops instead of hundreds. (Five crops make one batch, so
# 200 rounds are 200 steps. To get there in so few, the learning rate is twice as high.)
#
# **Before you run the next cells:** how will the pair of curves look in each case?

# %%
overfitted = Autoencoder(channels=(16, 32, 24))
overfitted.set_weights(first_weights)
repeats, every = 200, 20
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=repeats * 9 // 10, warmup_target=4e-3, warmup_steps=repeats // 10
)
optimizer = keras.optimizers.Nadam(schedule, clipnorm=1.0)
overfitted.compile(optimizer, loss=reconstruction_loss, jit_compile=False)
few = np.concatenate([crops[:5]] * every)
by_heart = overfitted.fit(
    few,
    few,
    validation_data=(validation, validation),
    batch_size=5,
    epochs=repeats // every,
    shuffle=False,
    verbose=0,
).history

# %%
# alt: Two curves that fall together and flatten: the loss on the training crops and on crops of
#      photographs that were kept back.
# alt: Two curves that part: trained on five crops, the loss on them keeps falling, while the loss
#      on kept-back crops stops falling far above it.
turns = range(1, rounds + 1)
plot_lines(
    {"training": (turns, history["loss"]), "validation": (turns, history["val_loss"])},
    xlabel="rounds through hundreds of crops",
    ylabel="loss",
    logy=True,
    markers=True,
)
turns = range(every, repeats + 1, every)
plot_lines(
    {
        "training": (turns, by_heart["loss"]),
        "validation": (turns, by_heart["val_loss"]),
    },
    xlabel="rounds through five crops",
    ylabel="loss",
    logy=True,
    markers=True,
)

# %%
gaps = [found["val_loss"][-1] / found["loss"][-1] for found in (history, by_heart)]
print("many crops: validation loss within a factor of 2 of training:", gaps[0] < 2)
print("five crops: more than 3 times the training loss:", gaps[1] > 3)
print("and worse than with many crops:", by_heart["val_loss"][-1] > history["val_loss"][-1])

# %% tags=["nbval-ignore-output"]
print("validation / training: many crops {:.2f}, five crops {:.2f}".format(*gaps))
ends = [found["val_loss"][-1] for found in (history, by_heart)]
print("validation at the end: many crops {:.1f}, five crops {:.1f}".format(*ends))

# %% [markdown]
# With hundreds of crops the two curves fall together: what the network learns helps on photographs
# it has never seen. With five crops the curves part. The network has room enough to learn five
# small squares, so the size of the network alone does not protect you. What protects you is the
# number and the variety of the crops.
#
# ## The result
# Now the whole photograph, all 255 x 384 pixels of it, although the network has only ever seen
# squares of 40.

# %%
# alt: The cat, and its reconstruction: the same cat, but softer, without the finest hairs, and with
#      eyes of a duller green.
reconstruction = ops.convert_to_numpy(autoencoder.reconstruct(whole))[0]
show_images({"photograph": cat, "reconstruction": reconstruction})


# %% tags=["nbval-ignore-output"]
def quality_of(photo):
    """How well the network reproduces a photograph, in decibels."""
    return psnr(photo, ops.convert_to_numpy(autoencoder.reconstruct(images.to_batch(photo)))[0])


trained_on = {name: quality_of(photo) for name, photo in training.items()}
never_seen = {name: quality_of(photo) for name, photo in kept_back.items()}
print("trained on:", {name: round(found, 1) for name, found in trained_on.items()})
print("kept back: ", {name: round(found, 1) for name, found in never_seen.items()})
by_chance = psnr(cat, np.broadcast_to(cat.mean(axis=(0, 1)), cat.shape))
print(f"the cat's mean color everywhere: {by_chance:.1f}")

# %%
print("the cat, never trained on, has at least 24 dB:", never_seen["chelsea"] >= 24)
print("its mean color everywhere would have less than 18 dB:", by_chance < 18)

# %% [markdown]
# Keep in mind that decibels of different photographs cannot be compared: the gravel is fine detail
# all over, and half of the cat's photograph is out of focus. That is why we looked at curves, and
# not at one photograph against another.
#
# **Before you run the next cell:** where in the image will the errors be?

# %%
# alt: One eye of the cat, its reconstruction, and the difference, which is strongest along the lid,
#      in the eye and in the single hairs of the fur, and weak where the fur is smooth.
part = np.s_[70:170, 100:220]
show_difference(cat[part], reconstruction[part], factor=4, titles=("photograph", "reconstruction"))

# %% [markdown]
# Smooth surfaces come back; fine lines and edges do not come back fully. Lesson 3 asks why.
#
# ### A look into the code
# What does the code look like? It is a map of 24 channels, a quarter as high and wide as the
# image. Here are the six that vary most.

# %%
# alt: Six channels of the code as small gray pictures. The cat can be recognized in each: some are
#      bright where the picture is bright, some where it is dark, some along edges.
code = ops.convert_to_numpy(autoencoder.encode(whole)["relu3_1"])
print("code:", code.shape)
busiest = np.argsort(-code.std(axis=(0, 1, 2)))[:6]
show_feature_maps(code, channels=[int(channel) for channel in busiest], columns=3)


# %% tags=["nbval-ignore-output"]
def dead_channels(network):
    """How many channels of the code are zero at every place of every photograph."""
    largest = [
        ops.convert_to_numpy(network.encode(images.to_batch(photo))["relu3_1"]).max(axis=(0, 1, 2))
        for photo in [*training.values(), *kept_back.values()]
    ]
    return int(np.sum(np.max(largest, axis=0) == 0))


untrained = Autoencoder(channels=(16, 32, 24))
untrained.set_weights(first_weights)
print("zero everywhere, of 24, before training:", dead_channels(untrained))
print("zero everywhere, of 24, after training: ", dead_channels(autoencoder))

# %% [markdown]
# A channel that is zero on one cat may well respond to something else, so we asked all eight
# photographs. A ReLU that gives zero for every image passes on a gradient of zero, so the
# channel's own weights stop learning: a **dead** channel. Only a change in the layers before it
# could wake it up. It costs time and carries nothing. Some channels may be dead from the start,
# and training may kill more.
#
# ### Is this a good way to compress photographs?
# The code has half as many numbers as the image. Is the autoencoder a rival to JPEG, then? To be
# fair we must count bits, not numbers. So we round the code to steps of 0.1, count how many bits
# the rounded numbers take when stored efficiently, and compare with a JPEG file of the same
# photograph.
#
# **Before you run the next cell:** which one will be smaller?

# %%
from course_lib.metrics import bits_per_pixel

pixels = cat.shape[0] * cat.shape[1]
symbols = np.round(code / 0.1)
rounded = ops.convert_to_numpy(autoencoder.decode(symbols * 0.1, size=cat.shape[:2]))[0]
jpeg = images.to_bytes(cat, format="jpeg", quality=25)

# %% tags=["nbval-ignore-output"]
print("image in memory: 24.0 bits per pixel")
print(f"rounded code: {bits_per_pixel(symbols, pixels):.1f} bits", end=", ")
print(f"{psnr(cat, rounded):.1f} dB")
print(f"JPEG: {8 * len(jpeg) / pixels:.1f} bits, {psnr(cat, images.load_image(jpeg)):.1f} dB")

# %%
smaller = 8 * len(jpeg) / pixels < bits_per_pixel(symbols, pixels)
better = psnr(cat, images.load_image(jpeg)) > psnr(cat, rounded)
print("JPEG is smaller:", bool(smaller))
print("JPEG is closer to the photograph:", bool(better))

# %% [markdown]
# JPEG wins on both counts, and by far. Our network trained only briefly, for another purpose, and
# nobody asked it to save bits. We want something else from the code. You cannot put the texture of
# a painting into a JPEG file and decode it. With a code of features you can, and that is where
# this course is going.
#
# ## Lab: the bottleneck
# Here the course's trained autoencoder stands in for yours. Choose how deep it encodes and how
# much of the code is kept, and mix the codes of two images. **Before you move a slider:** which
# part of the image will go first? Below the lab are a few settings as images.

# %%
lab = bottleneck_lab()
lab.show(width=720)

# %% [markdown]
# ## Summary
# - An encoder is convolutions with pooling in between; a decoder is convolutions with upsampling in
#   between. The layers that matter fit into ten lines.
# - Convolutions with a border keep the size. Round sizes up on the way down, and cut on the way up.
# - Parameters depend on channels, not on the size of the image. So you can train on crops.
# - A code is a bottleneck only if it has fewer numbers than the image. Count channels, too.
# - Sizes that differ by a few pixels point to padding, by a factor of 2 to pooling, by one pixel
#   to an odd size. A gray or white result without an error points to shapes that broadcast, or to
#   a wrong range.
# - Train on one image first, with a pass mark. Keep photographs back. Training and validation loss
#   that part mean overfitting.
#
# ## Questions to check yourself
# 1. An image has 301 x 451 pixels. What are the shapes of `relu2_1` and `relu3_1` of our network?
#
#    <details><summary>Answer</summary>
#
#    301 x 451 becomes 151 x 226 at relu2_1, with 32 channels, and 76 x 113 at relu3_1, with 24:
#    sizes are rounded up.
#
#    </details>
#
# 2. You want a code with a quarter as many numbers as the image. What can you change? Name two
#    ways.
#
#    <details><summary>Answer</summary>
#
#    Use fewer channels at the last tap, 12 instead of 24, or one more level, with at most 48
#    channels.
#
#    </details>
#
# 3. A friend's reconstructions are 8 pixels smaller than the photographs. She resizes them. What
#    will her network learn?
#
#    <details><summary>Answer</summary>
#
#    Each output pixel is compared with a neighbor of the pixel that it shows. The network learns to
#    be right on average over neighbors: it blurs.
#
#    </details>
#
# 4. Your network has only 47 thousand parameters. Is that enough to rule out overfitting? Which
#    curves would you look at?
#
#    <details><summary>Answer</summary>
#
#    No: with five crops this very network overfits. Compare the training loss with the loss on
#    validation crops, from photographs that it never trains on. If they part, it overfits.
#
#    </details>
#
# 5. How many decibels does an image gain if all its errors shrink to a tenth?
#
#    <details><summary>Answer</summary>
#
#    20 dB: a tenth of the error is a hundredth of the squared error, and ten times the logarithm
#    (base 10) of 100 is 20.
#
#    </details>
#
# 6. You train on black-and-white photographs only. What will happen to the cat?
#
#    <details><summary>Answer</summary>
#
#    It comes back without most of its color: nothing ever rewarded the network for giving any.
#    Shuffling the channels does not help, since all three are equal.
#
#    </details>
#
# ## Reading
# - G. Hinton and R. Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
#   Science 313, 2006: autoencoders as we know them.
# - K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
#   Recognition", ICLR 2015: small kernels, levels, and the names of our taps.
# - V. Dumoulin and F. Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016: every
#   size and padding, drawn.
