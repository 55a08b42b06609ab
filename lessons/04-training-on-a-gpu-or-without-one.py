# %% [markdown]
# # Lesson 4: Training on a GPU, or without one
# You find out where the time of a training step goes on your own machine, what each remedy costs
# and brings, and how a training survives being switched off.
#
# **You will be able to**
# - say how much arithmetic a training step is, and how much of it your device gets done in a
#   second
# - say what compiling, preparing batches in the background and mixed precision do, and measure
#   each
# - write a learning-rate schedule, and batches that depend on a seed and a step alone
# - stop a training at any moment and go on with it as if nothing had happened
#
# **You need:** lesson 2.
#
# **Time:** 75 minutes, 90 with the optional sections; the code runs in about 35 s on a CPU and in
# about 25 s on a GPU.
#
# **Optional:** *The learning rate*, *Half the digits*.

# %% tags=["setup"]

# %%
import math
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from keras import ops

from course_lib import backend, collection, images
from course_lib.autoencoder import Autoencoder
from course_lib.budget import choose_budget
from course_lib.errors import TrainingError
from course_lib.exercises import exercise
from course_lib.plots import plot_bars, plot_lines, show_images
from course_lib.training import Batches, DistillStage, Settings, computing, run_stage

# %% [markdown]
# ## What are you working on?
# The same code runs on a classroom laptop and on a large GPU. What differs is how much of it one
# can afford. That is what the two **budgets** of lesson 0 are for. A lesson asks for the budget and
# takes its numbers from there; it never has one branch for you and another one for somebody else.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(backend.describe())
print(budget)

# %% [markdown]
# ## How much work is a step?
# Before measuring time, count. A convolution computes each output number from 3 x 3 positions
# times all incoming channels, one multiplication each. So a kernel of 3 x 3 x 16 x 32 numbers
# costs that many multiplications *at every position* of its map.


# %%
def multiplications(network, side):
    """Multiplications to encode and to decode one image of side x side pixels."""
    total = 0
    for half in (network.encoder, network.decoder):
        for layer in (*half.first, *half.second):
            level = int(layer.name.removeprefix("conv")[0]) - 1
            positions = (side // 2**level) ** 2
            total += positions * math.prod(layer.convolution.kernel.shape)
    return total


keras.utils.set_random_seed(4)
network = Autoencoder(channels=(16, 32, 24))
side, batch = 64, 8
forward = multiplications(network, side)
print(f"parameters: {network.count_params():,}")
print(f"multiplications for one crop of {side} x {side}: {forward:,}")

# %% [markdown]
# That is more than a thousand times as many multiplications as there are parameters: each number
# of a kernel is used at every position.
#
# Training needs more than the way forward, the **forward pass**. Back-propagation computes the
# gradient by the incoming features and the gradient by the kernel, and each of the two is as much
# work as the way forward.
# The rule of thumb is therefore: **a training step costs three times the forward pass**.
#
# **Before you run the next cell:** a good CPU core manages some tens of billions of
# multiplications a second, a large GPU some tens of trillions. How many steps a second would each
# of them do?

# %%
step_work = 3 * batch * forward
print(f"one step on {batch} crops: {step_work / 1e9:.2f} billion multiplications")
for name, speed in {"a core, 30 billion a second": 3e10, "a GPU, 30 trillion": 3e13}.items():
    print(f"{name}: {speed / step_work:,.0f} steps a second at best")

# %% [markdown]
# ## Three ways to take the same step
# Keras can take a step in three ways.
#
# - **Eager:** Python calls one operation after the other. Easy to debug: you can print anything.
# - **Graph:** the first call writes down which operations there are; from then on they run without
#   Python in between.
# - **Compiled:** XLA, a compiler, fuses the graph's operations into few large ones, so that
#   intermediate results need not be written to memory and read back.
#
# We train the same network from the same first weights on the same crops, in each of the three
# ways. From here on, the size and the number of the crops are those of your budget.

# %%
photographs = [collection.photograph(name, size=384) for name in ("coffee", "astronaut", "rocket")]
side, batch = budget.crop, budget.batch
step_work = 3 * batch * multiplications(network, side)
corner = [40 + 2 * number for number in range(batch)]
crops = np.stack(
    [photographs[k % 3][at : at + side, at : at + side] for k, at in enumerate(corner)]
)
first_weights = network.get_weights()
WAYS = {
    "eager": {"run_eagerly": True},
    "graph": {"jit_compile": False},
    "compiled": {"jit_compile": keras.backend.backend() != "torch"},
}


def fresh_stage(precision="float32"):
    """The network with its first weights, ready to learn to reconstruct from every tap."""
    with computing(precision, devices=1):
        copy = Autoencoder(**network.get_config())
    copy.set_weights(first_weights)
    return DistillStage(copy)


# %% [markdown]
# **Before you run the next cell:** which way is the fastest, and by how much? And which one takes
# longest for its very *first* step?


# %% tags=["nbval-ignore-output"]
def train(stage, make_batch, steps):
    """Train so many steps; return the seconds they took and the mean loss."""
    begun = time.perf_counter()
    history = stage.fit(Batches(make_batch, 0, steps), shuffle=False, verbose=0).history
    return time.perf_counter() - begun, history["loss"][0]


stages, first_step, first_loss, speed = {}, {}, {}, {}
for way, options in WAYS.items():
    stages[way] = fresh_stage()
    stages[way].compile(keras.optimizers.Adam(1e-3), **options)
    first_step[way], first_loss[way] = train(stages[way], lambda step: crops, steps=1)
    steps = 4 if way == "eager" else 16
    speed[way] = steps * batch / train(stages[way], lambda step: crops, steps)[0]
    print(f"{way}: first step {first_step[way]:.2f} s, then {speed[way]:.0f} crops a second")

# %%
# alt: Bar chart of crops a second for the three ways eager, graph and compiled.
plot_bars(speed, ylabel="crops a second", title="The same training step, taken in three ways")

# %% [markdown]
# Read your own numbers. Eager is usually far behind: on a network as small as ours, a large part
# of an eager step is Python's own work, during which the device waits. The faster the device, the
# larger that part. Whether the compiler gains anything beyond the graph depends on the machine. On
# a GPU it usually does. On a CPU it may go either way, since the ready-made convolutions are good.
#
# The price is the first step: the compiled way needs seconds before it has done anything. For ten
# steps that is a loss, for a thousand it does not matter. One more price: a compiled step is made
# for one shape. A batch of another shape is compiled anew. So all our crops have one size, and an
# incomplete last batch never occurs.
#
# Do the three really compute the same? All began with the same weights, so their first losses must
# agree.

# %%
losses = list(first_loss.values())
print("the same loss in all three ways:", bool(np.ptp(losses) < 1e-3))

# %% [markdown]
# ### How good is that?
# Now compare with the count from above. (It is a little too high here: half of the crops take the
# whole way through the decoder, the others enter it at higher taps, which is less work.)

# %% tags=["nbval-ignore-output"]
reached = speed["compiled"] / batch * step_work
print(f"your device: {reached / 1e9:.1f} billion multiplications a second")

# %% [markdown]
# That is below what a device's maker promises, usually by far. The promise holds for one huge
# matrix product. A network of 16 to 32 channels gives a GPU little to do at a time, and much of a
# step goes into moving numbers. A larger batch or more channels bring you closer to it.
#
# ## Is the device waiting for its food?
# So far the batch lay ready in memory. In real training it has to be made: open files, decode,
# crop, mirror. If that happens between two steps, the device waits meanwhile.
#
# First, *which* crops? A good answer makes them depend on nothing but a seed and the number of the
# step. Then batch 700 is the same whether you trained from 0 to 699 before, or came back from a
# power cut at step 690, or want to know which crops made the loss jump.
#
# ### Exercise: a batch from a seed and a step
# Return an integer array of shape `(count, 2)` with the upper and left edge of each crop. The
# crops are squares of `crop` x `crop` pixels at random places in a picture of `height` x `width`,
# and every place where one fits can occur. If you get stuck, run
# `exercise("crop-corners").hint()` in a new cell.


# %%
def crop_corners(seed, step, count, height, width, crop):
    """Where to cut the crops of a step: a function of the seed and the step alone."""
    ...


crop_corners = exercise("crop-corners").check(crop_corners)

# %% [markdown]
# We keep the photographs as JPEG files do, compressed, and decode them for every batch. That is
# what a training on thousands of pictures has to do, because they do not fit into memory decoded.

# %%
# alt: The crops of batch 0: small squares cut from three photographs.
files = [images.to_bytes(image, format="jpeg") for image in photographs]


def make_batch(step, size=batch):
    """Batch number ``step``: decode a photograph for every crop, and cut."""
    cut = []
    for number in range(size):
        image = images.load_image(files[(step * size + number) % len(files)])
        corners = crop_corners(0, step * size + number, 1, *image.shape[:2], side)
        top, left = corners[0]
        cut.append(image[top : top + side, left : left + side])
    return np.stack(cut)


show_images({f"crop {number}": crop for number, crop in enumerate(make_batch(0))}, columns=8)

# %% [markdown]
# `Batches` of the library makes such batches in the background: while the device computes step 7,
# two threads are busy with the batches 8, 9 and so on, and a queue keeps them in order.
#
# **Before you run the next cell:** when is this no use at all?

# %%
background = Batches(make_batch, start=10, count=4)
same = [np.array_equal(background[k][0], make_batch(10 + k)) for k in range(len(background))]
print("batches:", len(background), " the right ones in the right order:", all(same))

# %% tags=["nbval-ignore-output"]
stage, count = stages["compiled"], 16
begun = time.perf_counter()
made = [make_batch(step) for step in range(count)]
making = time.perf_counter() - begun
training, _ = train(stage, lambda step: made[step], count)
print(f"making a batch: {making / count * 1000:.0f} ms")
print(f"a step on it:   {training / count * 1000:.0f} ms")

both, _ = train(stage, make_batch, count)
foreground_speed, background_speed = count * batch / (making + training), count * batch / both
print(f"one after the other: {foreground_speed:.0f} crops a second")
print(f"in the background:   {background_speed:.0f} crops a second")

# %% [markdown]
# One after the other, a step takes as long as both together; in the background, as long as the
# longer of the two. With a GPU the gain can be large, because the CPU would otherwise have nothing
# to do. On a CPU with two cores it is small, or even a loss: both jobs want the same cores. And
# where making a batch takes longer than a step, background or not, the device starves. Then make
# the batch cheaper: for that reason the library keeps pictures decoded as far as the memory
# allows.
#
# ## The learning rate
# A large learning rate gets down quickly and then jumps around the goal; a small one takes forever
# to get there. So start large and end small. The course takes half a wave of a cosine:
#
# $$ \eta(t) = \eta_0 \cdot \tfrac12 \left(1 + \cos\left(\pi \, \tfrac{t}{T}\right)\right), $$
#
# where $\eta(t)$ is the learning rate after $t$ steps, $T$ is their number in all, and $\eta_0$ the
# rate at the start.
#
# ### Exercise: the cosine schedule
# Return one number: `step` is $t$, `steps` is $T$, and `start` is $\eta_0$. From step `steps` on
# the rate stays 0. Hints: `exercise("cosine-schedule").hint()`.


# %%
def cosine_schedule(step, steps, start):
    """Learning rate at a step: from `start` down to 0 along half a wave of a cosine."""
    ...


cosine_schedule = exercise("cosine-schedule").check(cosine_schedule)

# %%
# alt: Two learning rates falling from 0.002 to 0 over 1000 steps: a straight line, and a curve that
#      stays high at first, falls fastest in the middle and lands flat.
steps = list(range(0, 1001, 10))
plot_lines(
    {
        "half a cosine": (steps, [cosine_schedule(step, 1000, 2e-3) for step in steps]),
        "straight line": (steps, [2e-3 * (1 - step / 1000) for step in steps]),
    },
    xlabel="step",
    ylabel="learning rate",
)

# %% [markdown]
# Keras has the same schedule ready, which is what the library trains with. Note what it depends
# on: the number of the step and the number of steps *in all*. A training that is resumed with
# another number of steps is another training.

# %%
theirs = keras.optimizers.schedules.CosineDecay(2e-3, 1000)
ours = [cosine_schedule(step, 1000, 2e-3) for step in (0, 1, 500, 999, 1000, 1200)]
keras_says = [float(theirs(step)) for step in (0, 1, 500, 999, 1000, 1200)]
print("Keras' CosineDecay is the same:", bool(np.allclose(ours, keras_says, atol=1e-8)))

# %% [markdown]
# ## Half the digits
# GPUs, and Google's TPUs, multiply numbers of 16 bits several times as fast as those of 32, and
# move them in half the time. There are two kinds of 16 bits: float16 spends them on digits,
# bfloat16 on range.
#
# **Before you run the next cell:** a weight is 1, and the optimizer wants to add 0.001. What will
# the weight be in each of the three types? And a gradient of 0.00000001?

# %%
for kind in ("float32", "bfloat16", "float16"):
    weight = ops.cast(1.0, kind) + ops.cast(0.001, kind)
    gradient, large = ops.cast(1e-8, kind), ops.cast(100_000.0, kind)
    print(
        f"{kind:9} 1 + 0.001 = {float(weight):.5f}"
        f"   gradient lost: {float(gradient) == 0.0!s:5}"
        f"   100,000 becomes {float(large):.0f}"
    )

# %% [markdown]
# In bfloat16 the weight does not move at all: the next number after 1 is 1.0078. In float16 it
# does move, but the small gradient is lost, and large values become infinite. So nobody trains in
# 16 bits alone. **Mixed precision** means:
#
# - weights and optimizer stay in float32; a copy of them in 16 bits is used for the convolutions;
# - losses are computed in float32, since they are sums of many small numbers;
# - with float16 the loss is multiplied by a large factor before the gradients are computed, and
#   the gradients are divided by it afterwards, so that small ones survive. bfloat16 needs no such
#   trick.

# %%
half = fresh_stage("mixed_bfloat16")
features = half.autoencoder.encoder(crops)
print("weights: ", half.autoencoder.weights[0].dtype)
print("features:", keras.backend.standardize_dtype(features["relu1_1"].dtype))
print("losses:  ", keras.backend.standardize_dtype(half(crops)["reconstruct"].dtype))
exact = float(fresh_stage()(crops)["reconstruct"])
close = abs(float(half(crops)["reconstruct"]) - exact) < 0.02 * abs(exact)
print("loss within 2 % of the one in single precision:", bool(close))

# %% tags=["nbval-ignore-output"]
with computing() as devices:
    chosen = keras.config.dtype_policy().name
print(f"for your machine the library chooses {chosen}, on {devices} device(s)")

# %% [markdown]
# The library chooses mixed precision where the device has circuits for it, and single precision
# elsewhere. A CPU without such circuits has to imitate the short numbers by long ones, and is
# *slower* in mixed precision. If your machine has a GPU: set `precision="float32"` in a training
# of your own, and compare.
#
# ## Switched off in the middle
# A training of two hours will be interrupted one day: by an update, a closed laptop lid, Colab's
# time limit. What has to be stored, so that one can go on *as if nothing had happened*? The
# weights, of course. **What else?** Think before you read on.
#
# - The state of the optimizer. Adam keeps two averages for every weight; without them the first
#   steps after the stop are too wild.
# - The number of the step: the learning rate and the choice of crops depend on it.
# - No generator of random numbers, because our batches are a function of seed and step.
#
# `run_stage` of the library stores all this in a checkpoint every few steps. We train twice: once
# without interruption, and once with a power cut.


# %%
class PowerCut(Exception):
    """The lights go out."""


def tiny_training(out, cut_at=None, resume=False, report=None):
    """Six steps of a tiny autoencoder, a checkpoint after every second one."""

    def batch_of(step):
        if step == cut_at:
            raise PowerCut
        return make_batch(step, size=4)[:, :32, :32]

    keras.utils.set_random_seed(0)
    stage = DistillStage(Autoencoder(channels=(8,)))
    settings = Settings(steps=6, crop=32, batch=4, every=2)
    run_stage(stage, batch_of, out, settings, resume=resume, report=report, bar=False)
    return stage.get_weights()


folder = Path(tempfile.mkdtemp())
undisturbed = tiny_training(folder / "undisturbed")

# %%
try:
    tiny_training(folder / "stopped", cut_at=5)
except PowerCut:
    print("power cut while step 5 was prepared")
print("left behind:", sorted(path.name for path in (folder / "stopped").iterdir()))

# %% [markdown]
# There are two checkpoints, from step 2 and from step 4. What was done after step 4 is lost, and
# will be done again.
#
# ### And if the power goes while a checkpoint is being written?
# Then the file would be damaged, and the training lost. So it is written under another name first,
# and renamed when it is whole: the renaming happens entirely or not at all. The checkpoint before
# is kept as well. To see what that is good for, we cut the newest file off in the middle.
#
# **Before you run the next cell:** will the resumed training arrive at exactly the same weights as
# the undisturbed one, or only at similar ones?

# %%
newest = max((folder / "stopped").glob("checkpoint-*.npz"))
newest.write_bytes(newest.read_bytes()[:1000])
lines = []
resumed = tiny_training(folder / "stopped", resume=True, report=lines.append)
print(lines[0].split(" (")[0])
print(lines[1])
largest = max(np.abs(a - b).max() for a, b in zip(undisturbed, resumed, strict=True))
print("the same weights as without the power cut:", bool(largest < 1e-5))

# %% tags=["nbval-ignore-output"]
print(f"largest difference of any weight: {largest}")

# %% [markdown]
# On a CPU the difference is exactly 0. A GPU may add up numbers in another order each time, and
# rounding depends on the order; there it can be some millionths.
#
# ### When the numbers go wrong
# There is another way to lose a training: the loss becomes NaN, "not a number", usually because
# the learning rate is too high. Every weight is NaN after that, and a checkpoint of them would be
# worthless. The library looks at the loss and at the weights before it stores anything.

# %%
keras.utils.set_random_seed(0)
stage = DistillStage(Autoencoder(channels=(8,)))
wild = Settings(steps=4, crop=32, batch=4, every=2, learning_rate=1e30)
try:
    run_stage(
        stage,
        lambda step: make_batch(step, size=4)[:, :32, :32],
        folder / "wild",
        wild,
        report=None,
    )
except TrainingError as error:
    print("stopped with advice:", "smaller learning rate" in str(error))
print("stored:", sorted(path.name for path in (folder / "wild").glob("checkpoint*")))

# %% [markdown]
# ## What each one costs and brings
# Here are your own numbers once more.

# %% tags=["nbval-ignore-output"]
rows = {
    "compiled instead of eager": speed["compiled"] / speed["eager"],
    "compiled instead of graph": speed["compiled"] / speed["graph"],
    "batches in the background": background_speed / foreground_speed,
}
for name, factor in rows.items():
    print(f"{name:28} {factor:5.2f} times as fast")
repaid = first_step["compiled"] / max(1e-9, batch / speed["eager"] - batch / speed["compiled"])
print(f"compiling is repaid after about {max(0, repaid):.0f} steps")

# %% [markdown]
# - **Compiling** brings steps without Python and fewer trips to memory. It costs seconds at the
#   start, and again for every new shape.
# - **Batches in the background** bring a device that need not wait. They cost memory for the
#   queue, and bring nothing where the cores are busy anyway.
# - **Mixed precision** brings faster steps and half the memory on a GPU or TPU. It costs digits,
#   which is why losses and weights stay in 32 bits.
# - **Several GPUs** bring each a share of every batch. They cost a larger batch, and the time to
#   exchange the gradients. The library uses all that it sees.
# - **Checkpoints** bring peace of mind: at most a few minutes are ever lost. They cost a second
#   and some megabytes now and then.
#
# ## The real training
# The network that comes with the course was trained by the same functions, over thousands of steps
# and on folders of pictures. With pictures of your own, this is the command, typed in a terminal:
#
#     course train distill --photographs PHOTOS --paintings PAINTINGS --out RUN --teacher vgg19
#     course train distill --photographs PHOTOS --paintings PAINTINGS --out RUN --teacher vgg19
#     --resume
#
# It shows a bar with the time left, and writes a log, its plot and a sheet of reconstructions into
# `RUN` as it goes. `see` is a training to reconstruct in which the encoder also learns to answer
# like a large network, its **teacher**. Lesson 6 shows what that is good for.
#
# ## Summary
# - Count before you measure: a step costs three times the forward pass, and a convolution its
#   kernel at every position.
# - Compile what runs a thousand times; stay eager while you look for a fault.
# - Prepare batches in the background, and make them a function of a seed and a step.
# - Mixed precision keeps weights and losses in 32 bits, and pays off only where the device has
#   circuits for it.
# - A checkpoint is more than weights. Written atomically, with the one before it kept, it makes a
#   stopped training arrive where an uninterrupted one does.
#
# ## Questions to check yourself
# 1. The crops are made twice as large, 128 instead of 64 pixels. How much longer does a step take?
#
#    <details><summary>Answer</summary>
#
#    About four times as long: the multiplications grow with the number of positions. On a GPU it
#    may be less, if the small crops left it idle.
#
#    </details>
#
# 2. Your GPU is busy for 30 % of the time. Which of the remedies is worth trying first?
#
#    <details><summary>Answer</summary>
#
#    The batches: prepare them in the background, or make them cheaper. A device that waits is not
#    helped by faster arithmetic.
#
#    </details>
#
# 3. You resume a training with `steps=2000` where it was `steps=1000` before. Why does the library
#    refuse?
#
#    <details><summary>Answer</summary>
#
#    The learning rate depends on the number of steps in all. Resumed with another number, the
#    first thousand steps would have had another rate: it would be a training that nobody can
#    repeat.
#
#    </details>
#
# 4. Why is `default_rng(seed + step)` not as good as `default_rng([seed, step])`?
#
#    <details><summary>Answer</summary>
#
#    Seed 0 at step 1 and seed 1 at step 0 would give the same crops: two runs that should be
#    independent share most of their batches.
#
#    </details>
#
# ## Reading
# - Micikevicius and others, "Mixed Precision Training", ICLR 2018.
# - Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, where
#   the cosine comes from.
# - Kalamkar and others, "A Study of BFLOAT16 for Deep Learning Training", 2019.
