# %% [markdown]
# # Lesson 2: Building the autoencoder
# You build an encoder and a decoder layer by layer, learn to tell from a bad result what is wrong,
# and train your own autoencoder until it gives a photograph back that it has never seen.
#
# **You will be able to**
# - build an encoder and a decoder from convolution, pooling and upsampling, and say the shape after
#   every layer, for odd sizes too
# - count parameters, and say how much smaller the code is than the picture
# - find the usual faults of an autoencoder by their symptoms
# - train one on crops of photographs, watch it learn, and say in decibels how good it is
#
# **You need:** lesson 1.
#
# **Time:** 90 minutes, 100 with the optional sections; the code runs in about 25 s on a CPU, and in
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
# An autoencoder has two halves. The **encoder** turns a picture into a **code**, a smaller array.
# The **decoder** turns the code into a picture again. Both are trained together for one purpose:
# what comes out shall be what went in.
#
# That sounds pointless, since we have the picture already. The point is the code in the middle. It
# has to hold everything that matters, and later lessons will change it: give it another picture's
# texture, say, and then decode. So we want a decoder that turns codes into good pictures, for any
# picture, not only for those of its training.
#
# Therefore one photograph is kept back. The network never sees it in training, and only on this one
# shall we say how good it is.

# %%
# alt: Five photographs to train on: an astronaut, stained tissue under a microscope, galaxies on
#      black, a cup of coffee, a rocket at dusk. The sixth, a ginger cat, is kept back.
names = ["astronaut", "immunohistochemistry", "hubble_deep_field", "coffee", "rocket"]
training = {name: collection.photograph(name, size=384) for name in names}
held_out = collection.photograph("chelsea", size=384)
show_images(training | {"kept back": held_out}, columns=3)

# %% [markdown]
# ## One layer
# Lesson 1 showed what a convolution does and why we mirror the picture at its border. Here is such
# a layer written out: make the border, convolve, add the bias, and set negative values to zero
# (ReLU). The course's layer `ReflectConv2D` does these four things. We take its numbers and
# compare.

# %%
image = held_out[:240]
batch = images.to_batch(image)

layer = ReflectConv2D(filters=16)
layer.build((None, None, None, 3))
kernel, bias = layer.get_weights()
print("kernel (height, width, channels in, channels out):", kernel.shape)
print("bias:", bias.shape)

# %%
bordered = np.pad(batch, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
by_hand = ops.relu(ops.conv(bordered, kernel) + bias)
print("picture:", batch.shape)
print("with its border:", bordered.shape)
print("after the convolution:", tuple(by_hand.shape))
print("the layer gives the same:", bool(np.allclose(by_hand, layer(batch), atol=1e-5)))

# %% [markdown]
# The border adds two rows and two columns, and the convolution takes them away again. Height and
# width stay as they are; only the number of channels changes.
#
# ## The encoder
# The encoder goes down in levels. At each level, a convolution looks at the picture or at the level
# above. Its output is called the level's **tap**: `relu1_1` is what comes out of the first ReLU of
# level 1. Then a second convolution and pooling by 2 lead down to the next level.
#
# We use three levels, with 16, 32 and 24 channels. `Autoencoder` makes the layers; how they are put
# together we write ourselves. One step comes before all layers: `center` moves the values from
# [0, 1] to [-2, 2], since networks learn faster from numbers that are spread around zero.

# %%
keras.utils.set_random_seed(2)
autoencoder = Autoencoder(channels=(16, 32, 24))
first, second = autoencoder.encoder.first, autoencoder.encoder.second
print("first convolutions: ", [layer.name for layer in first])
print("second convolutions:", [layer.name for layer in second])

# %% [markdown]
# **Before you run the next cell:** our picture has 240 x 384 pixels. Which shape has `relu3_1`? Is
# that more numbers than the picture, or fewer?


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
print(f"picture: {batch.shape} = {batch.size:,} numbers")

# %%
theirs = autoencoder.encode(batch)
same = [bool(np.allclose(features[tap], theirs[tap], atol=1e-4)) for tap in features]
print("the library's encoder gives the same at every tap:", all(same))

# %% [markdown]
# Level 1 holds more than five times as many numbers as the picture. Height and width are halved on
# the way down, which leaves a quarter of the positions at each level; that is where the numbers go.
# Only at the last tap are there fewer than in the picture. This one is our code.
#
# ## The decoder
# The decoder is the encoder's mirror image: where the encoder pooled, it makes the map twice as
# high and wide, here by repeating every number. Each enlargement is followed by convolutions, which
# draw the edges that the repeating leaves blocky. At the end, `uncenter` moves the values back to
# [0, 1].
#
# The very last convolution has no ReLU. **Why not?** Think about it before you read on: which
# values can come out of a ReLU, and which pixels would then be impossible?


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
# could be darker than that. So the last layer is linear. It may overshoot, and only when a picture
# is shown do we clip it to [0, 1].
#
# ### Odd sizes
# Our photograph really has 255 rows; above we cut it to 240.
#
# **Before you run the next cell:** 255 cannot be halved. What would you do with the last row? And
# how does the decoder get back to 255?

# %%
whole = images.to_batch(held_out)
for tap, values in autoencoder.encode(whole).items():
    print(f"{tap}: {tuple(values.shape)}")
print("reconstruction:", tuple(autoencoder.reconstruct(whole).shape))

# %% [markdown]
# 255 rows become 128, not 127: the last row is repeated before pooling, so that nothing is lost.
# The decoder then arrives at 256 rows, and the surplus row is cut off. The rule is to round up on
# the way down and to cut on the way up.
#
# ## Parameters
# The parameters are all numbers that training can change. A 3 x 3 convolution from 16 to 32
# channels has a kernel of 3 x 3 x 16 x 32 numbers, and 32 biases.
#
# **Before you run the next cell:** which layer will have the most? The first ones, which work on
# the largest maps, or those in the middle?

# %%
print(autoencoder.summary_table(size=(240, 384)))

# %%
by_formula = 3 * 3 * 16 * 32 + 32
print("from 16 to 32 channels:", by_formula)
print("the table says so too:", autoencoder.encoder.first[1].count_params() == by_formula)

# %% [markdown]
# The size of the picture does not occur in the formula. The same kernels slide over 32 x 32 pixels
# or 4,000 x 4,000. That is why we may train on small crops and then use the network on whole
# photographs.
#
# ## How small is the code?
# ### Exercise: compression ratio
# Write a function that says how many numbers the picture has for each number of its code. The
# shapes come without the batch axis, and a code may also be a plain vector, such as `(18,)`. If you
# get stuck, run `exercise("compression-ratio").hint()` in a new cell.


# %%
def compression_ratio(image_shape, code_shape):
    """Numbers in the image for each number in the code."""
    ...


compression_ratio = exercise("compression-ratio").check(compression_ratio)

# %% [markdown]
# **Before you run the next cell:** at which taps could the network simply copy the picture, because
# the code has room for all of it?

# %%
for tap, values in features.items():
    ratio = compression_ratio(image.shape, tuple(values.shape)[1:])
    print(f"{tap}: {ratio:.3f} numbers of the picture for each of the code")

# %% [markdown]
# At `relu1_1` and `relu2_1` the ratio is below 1: there is room for a copy, and nothing forces the
# network to learn anything about pictures. At `relu3_1` two numbers of the picture share one of the
# code. It has become a **bottleneck**. With 48 instead of 24 channels it would be none, in spite of
# all the pooling.
#
# ## Find the fault
# Anybody who builds an autoencoder meets the same few faults. Here are five. Each time you see the
# symptom first; find the cause before you read on.
#
# ### Three that concern the size
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
# The error already holds the diagnosis. Look at how far the two sizes are apart.
#
# - **A** lacks a few pixels: 240 has become 234. Convolutions without a border (`"valid"`) nibble
#   two rows and two columns each, and upsampling doubles what was lost before it. *Repair:* give
#   every convolution its border. Do not resize the output until it fits: each pixel would then be
#   compared with a neighbor of the one it should be, and the network would learn to blur.
# - **B** is short by a factor of exactly 2. It pools twice and enlarges once. *Repair:* one
#   upsampling for each pooling.
# - **C** lacks a single row. It was given 239 rows (we cut one off inside, to imitate that);
#   pooling left the odd one out. *Repair:* round up before pooling, cut after enlarging, as above.
#
# A few pixels: padding. A factor of two: pooling. One pixel: an odd size.
#
# ### Two that give no error
# The next two networks train without complaint. A good habit finds them in seconds: **before you
# train on many pictures, train on a single one.** A network that cannot learn one picture by heart
# has a fault, and no amount of data will mend it.


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


def learn_by_heart(network, image, steps=150):
    """Train on one image; return what the network makes of it, and the losses."""
    keras.utils.set_random_seed(1)
    network.compile(keras.optimizers.Adam(5e-3), loss="mse", jit_compile=False)
    images = np.repeat(image[None], steps, axis=0)
    network.fit(images, images, batch_size=1, verbose=0)
    return ops.convert_to_numpy(network(images[:1]))[0]


cup = collection.photograph("coffee", size=96)

# %%
# alt: A cup of coffee, and what three networks made of it after training on it alone. The healthy
#      one gives a soft but recognizable cup in color, patient D a gray one, and patient E nothing
#      but white.
healthy = learn_by_heart(small_network(), cup)
patient_d = learn_by_heart(small_network(channels_out=1), cup)
patient_e = learn_by_heart(small_network(last="sigmoid", scale=1 / 255), cup * 255)
show_images(
    {"the picture": cup, "healthy": healthy, "D: gray": patient_d, "E: white": patient_e},
    columns=2,
    width=600,
)

# %% [markdown]
# **Before you run the next cell:** what is wrong with D, whose cup is good but gray? And with E,
# which is all white? E was given the picture with values from 0 to 255 and divides them by 255 in
# its first layer, so that cannot be it. Or can it? Here is what a doctor would ask for.

# %%
for name, output in {"healthy": healthy, "D": patient_d, "E": patient_e}.items():
    inside = output.min() > -0.5 and output.max() < 1.5
    print(f"{name}: shape {output.shape}, all values between -0.5 and 1.5: {bool(inside)}")
print("what E was to give back reaches up to 255:", bool((cup * 255).max() > 200))

# %% [markdown]
# - **D** ends in one channel instead of three. Keras' `"mse"` subtracts (64, 96, 1) from (64, 96,
#   3) all the same: NumPy's rules of broadcasting allow it. So the one channel is compared with
#   red, green and blue at once, and the best it can do is their mean. The loss falls, and nothing
#   seems wrong until one looks. *Repair:* three channels. *Prevention:* a loss that compares
#   shapes; the course's `reconstruction_loss` refuses this pair.
# - **E** ends in a sigmoid, which gives values between 0 and 1. What it is compared with still goes
#   from 0 to 255. It can never reach that, so it says "as bright as possible" everywhere. *Repair:*
#   divide the picture by 255 before it is handed to `fit`, as input and as target. *Prevention:*
#   print the range of what goes in, of what comes out, and of what it is compared with.
#
# Here is the prevention for D at work.

# %%
report("D", small_network(channels_out=1))

# %% [markdown]
# ## How good is a reconstruction?
# We need a number before we train. The usual one is the peak signal-to-noise ratio, PSNR, in
# decibels (dB). With the mean squared error
#
# $$ \text{MSE} = \frac{1}{n} \sum_i (a_i - b_i)^2 \qquad\text{it is}\qquad
# \text{PSNR} = 10 \log_{10} \frac{1}{\text{MSE}}, $$
#
# where the sum runs over all $n$ values of the two pictures $a$ and $b$, and the 1 is the square of
# the largest possible value. Higher is better; where all differences are half as large, it is 6 dB
# more. At 20 dB a picture is plainly damaged, at 25 to 30 dB it looks soft, and above 35 dB one has
# to search for differences.
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
# Our network is small, so it gets more steps than the budget names, on smaller crops.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(backend.describe())
print(budget)

# %% [markdown]
# Training takes small squares, cut at random from the five photographs. Random places and small
# squares have two advantages over whole photographs: every batch shows many different things, and
# a step is cheap.
#
# And there is a trick in it. Five photographs do not show all colors: there is hardly any green in
# ours. A network that has never seen green cannot give it back, and this cat has green eyes. So
# each crop gets its three color channels in random order. Making more of few pictures in such ways
# is called **augmentation**.


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
print("side, side, channels:", crops.shape[1:])
show_images({f"crop {number}": crops[number] for number in range(10)}, columns=5, width=560)

# %% [markdown]
# The loss is `reconstruction_loss`: half the squared error, summed over all values of a picture,
# averaged over the pictures of the batch. Lesson 3 is all about it.
#
# The **optimizer** is the rule by which a step changes the weights. It looks at the **gradient**,
# which says how fast the loss grows with each weight, and goes the other way; the **learning
# rate** says how far. Ours is Nadam, a relative of the usual Adam that gets a little further in few
# steps. Three settings keep it from harm. The learning rate rises from zero over the first tenth of
# the steps, because the first gradients of an untrained network are wild. Then it falls to zero
# along a cosine, so that the last steps are fine adjustments. And `clipnorm` shortens every
# gradient that is longer than 1, so that no single batch can throw the network off.

# %%
rounds = 8
steps = rounds * len(crops) // budget.batch
schedule = keras.optimizers.schedules.CosineDecay(
    0.0, decay_steps=steps * 9 // 10, warmup_target=2e-3, warmup_steps=steps // 10
)
optimizer = keras.optimizers.Nadam(schedule, clipnorm=1.0)
autoencoder.compile(optimizer, loss=reconstruction_loss, jit_compile=False)

# %% [markdown]
# We want to watch. So after every round, which is once through all crops (Keras says epoch), the
# network shows what it makes of the cat's face, which it never trains on.
#
# **Before you run the next cells:** what will be right first: the colors, the large shapes, or the
# whiskers?

# %%
face = images.to_batch(held_out[20:180, 110:290])
snapshots = {"untrained": autoencoder.reconstruct(face)[0]}


def watch(round_number, logs):
    """Keep an image of what the network can do by now."""
    snapshots[f"after round {round_number + 1}"] = autoencoder.reconstruct(face)[0]


watcher = keras.callbacks.LambdaCallback(on_epoch_end=watch)

# %% tags=["nbval-ignore-output"]
started = time.perf_counter()
history = autoencoder.fit(
    crops, crops, batch_size=budget.batch, epochs=rounds, verbose=0, callbacks=[watcher]
)
for number, loss in enumerate(history.history["loss"], start=1):
    print(f"round {number}: loss {loss:6.1f}")
print(f"{steps} steps in {time.perf_counter() - started:.0f} s")

# %%
# alt: A cat's face six times: faint outlines in wrong colors from the untrained network; a blurred
#      cat; ever clearer ones, in better colors; and the photograph itself.
shown = ["untrained", "after round 1", "after round 2", "after round 4", "after round 8"]
show_images(
    {name: snapshots[name] for name in shown} | {"the photograph": face}, columns=3, width=600
)

# %%
# alt: A curve that rises steeply in the first rounds and flattens towards the end.
quality = [psnr(face[0], ops.convert_to_numpy(one)) for one in snapshots.values()]
plot_lines(
    {"cat's face": (range(len(quality)), quality)},
    xlabel="rounds of training",
    ylabel="PSNR (dB)",
    markers=True,
)
print("better after 2 rounds than untrained:", quality[0] + 2 < quality[2])
print("better still after 8:", quality[2] < quality[8])

# %% [markdown]
# Brightness and large shapes come first, then color, then edges; the finest lines come last. That
# is no accident. The loss sums squared errors over pixels, so whatever is large and wrong costs the
# most and is mended first. A whisker is a few pixels.
#
# ## The result
# Now the whole photograph, all 255 x 384 pixels of it, although the network has only ever seen
# squares of 40.

# %%
# alt: The cat, and its reconstruction: the same cat in the same colors, but softer, and without the
#      finest hairs.
reconstruction = ops.convert_to_numpy(autoencoder.reconstruct(whole))[0]
show_images({"photograph": held_out, "reconstruction": reconstruction})
print("at least 24 dB:", psnr(held_out, reconstruction) >= 24)

# %% tags=["nbval-ignore-output"]
cat_quality = psnr(held_out, reconstruction)
print(f"the cat, never trained on: {cat_quality:.1f} dB")
trained_quality = []
for name, photo in training.items():
    drawn = ops.convert_to_numpy(autoencoder.reconstruct(images.to_batch(photo)))[0]
    trained_quality.append(psnr(photo, drawn))
    print(f"{name}, trained on: {trained_quality[-1]:.1f} dB")

# %%
print("the cat is no worse than the others' mean:", cat_quality >= np.mean(trained_quality))

# %% [markdown]
# A network that had learned its photographs by heart would do well on those and badly on the cat.
# This one does not. It has learned how small pieces of photographs look, and those are much the
# same everywhere. (That the cat does even better has another reason: its background is out of focus
# and easy, while the tissue and the galaxies are fine detail all over.)
#
# **Before you run the next cell:** where in the picture will the errors be?

# %%
# alt: One eye of the cat, its reconstruction, and the difference, which is strongest along the lid,
#      in the eye and in the single hairs of the fur, and weak where the fur is smooth.
part = np.s_[70:170, 100:220]
show_difference(
    held_out[part], reconstruction[part], factor=4, titles=("photograph", "reconstruction")
)

# %% [markdown]
# Smooth surfaces come back; fine lines and edges do not come back fully. Lesson 3 asks why.
#
# ### A look into the code
# What does the code look like? It is a map of 24 channels, a quarter as high and wide as the
# picture. Here are the six that vary most.

# %%
# alt: Six channels of the code as small gray pictures. The cat can be recognized in each: some are
#      bright where the picture is bright, some where it is dark, some along edges.
code = ops.convert_to_numpy(autoencoder.encode(whole)["relu3_1"])
print("code:", code.shape)
busiest = np.argsort(-code.std(axis=(0, 1, 2)))[:6]
show_feature_maps(code, channels=[int(channel) for channel in busiest], columns=3)

# %% tags=["nbval-ignore-output"]
silent = int(np.sum(code.max(axis=(0, 1, 2)) == 0))
print(f"channels that are zero everywhere: {silent} of 24")

# %% [markdown]
# Some channels may be zero everywhere. A ReLU that gives zero for every picture has a gradient of
# zero, so it never wakes up again: a **dead** channel. It costs time and carries nothing. Large
# steps in the first rounds kill channels, and that is one more reason for the gentle start.

# %% [markdown]
# ### Is it a good way to make pictures small?
# The code has half as many numbers as the picture. Is the autoencoder a rival to JPEG, then? To be
# fair we must count bits, not numbers. So we round the code to steps of 0.1, count how many bits
# the rounded numbers take when stored well, and compare with a JPEG file of the same photograph.
#
# **Before you run the next cell:** which one will be smaller?

# %%
from course_lib.metrics import bits_per_pixel

pixels = held_out.shape[0] * held_out.shape[1]
symbols = np.round(code / 0.1)
rounded = ops.convert_to_numpy(autoencoder.decode(symbols * 0.1, size=held_out.shape[:2]))[0]
jpeg = images.to_bytes(held_out, format="jpeg", quality=25)

# %% tags=["nbval-ignore-output"]
print("picture in memory: 24.0 bits per pixel")
print(f"rounded code: {bits_per_pixel(symbols, pixels):.1f} bits", end=", ")
print(f"{psnr(held_out, rounded):.1f} dB")
print(f"JPEG: {8 * len(jpeg) / pixels:.1f} bits, {psnr(held_out, images.load_image(jpeg)):.1f} dB")

# %%
smaller = 8 * len(jpeg) / pixels < bits_per_pixel(symbols, pixels)
better = psnr(held_out, images.load_image(jpeg)) > psnr(held_out, rounded)
print("JPEG is smaller:", bool(smaller))
print("JPEG is closer to the photograph:", bool(better))

# %% [markdown]
# JPEG wins on both counts, and by far. Our network trained for seconds, for one purpose, without
# being asked to save bits. That is no defeat, for we want something else from the code. Nobody can
# put the texture of a painting into a JPEG file and decode it. With a code of features one can, and
# that is where this course is going.
#
# ## Lab: the bottleneck
# Here the trained autoencoder of the course stands in for yours. Choose how deep it encodes and
# how much of the code is kept, and mix two pictures' codes. **Before you move a slider:** which
# part of the picture goes first? Below the lab are a few settings as pictures.

# %%
lab = bottleneck_lab()
lab.show()

# %% [markdown]
# ## Summary
# - An encoder is convolutions with pooling in between, a decoder is convolutions with upsampling in
#   between. The layers that matter fit on ten lines.
# - Convolutions with a border keep the size. Sizes are rounded up on the way down, and the surplus
#   is cut off on the way up.
# - Parameters depend on channels, not on the size of the picture. So one trains on crops.
# - A code is a bottleneck only if it has fewer numbers than the picture. Count channels too.
# - Sizes that differ by a few pixels mean padding, by a factor of 2 pooling, by one pixel an odd
#   size. A gray or white result without an error means shapes that broadcast, or a wrong range.
# - Train on one picture first, keep one picture back, and look at pictures while training.
#
# ## Questions to check yourself
# 1. A picture has 301 x 451 pixels. Which shapes have `relu2_1` and `relu3_1` of our network?
#
#    <details><summary>Answer</summary>
#
#    301 x 451 becomes 151 x 226 at relu2_1, with 32 channels, and 76 x 113 at relu3_1, with 24:
#    sizes are rounded up.
#
#    </details>
#
# 2. You want a code with four times fewer numbers than the picture. What can you change? Name two
#    ways.
#
#    <details><summary>Answer</summary>
#
#    Fewer channels at the last tap, 12 in place of 24, or one level more, with at most 48
#    channels.
#
#    </details>
#
# 3. A friend's reconstructions are 8 pixels smaller than the photographs. She resizes them. What
#    will her network learn?
#
#    <details><summary>Answer</summary>
#
#    Each output pixel is compared with a neighbor of the one that it shows. The network learns to
#    be right on average over neighbors: it blurs.
#
#    </details>
#
# 4. Why must the photograph that we judge by not be among the training crops, when the network has
#    only 47 thousand parameters and cannot learn photographs by heart?
#
#    <details><summary>Answer</summary>
#
#    Because the question is how it treats pictures that it has not seen. It need not know a
#    photograph by heart to be better on its colors and patterns.
#
#    </details>
#
# 5. How many decibels does a picture gain if all its errors shrink to a tenth?
#
#    <details><summary>Answer</summary>
#
#    20 dB: a tenth of the error is a hundredth of the squared error, and ten times the logarithm
#    of 100 is 20.
#
#    </details>
#
# 6. You train on black-and-white photographs only. What will happen to the cat?
#
#    <details><summary>Answer</summary>
#
#    It comes back without most of its color: the network has never been paid for giving any. With
#    exchanged channels nothing changes, since all three are equal.
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
