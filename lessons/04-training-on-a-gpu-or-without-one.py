# %% [markdown]
# # Lesson 4: Training on a GPU, or without one
# You find out where the time of a training step goes on your own machine, measure what each remedy
# costs and gains, and make a training survive being switched off.
#
# **You will be able to**
# - compute how much arithmetic a training step is, and measure the utilization of your device
# - measure what compiling, larger batches, batches in the background, and mixed precision gain on
#   your machine
# - write a learning-rate schedule and compare it with constant rates, and write batches that
#   depend only on a seed and a step
# - stop a training at any moment and resume it as if nothing had happened
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
from course_lib.losses import reconstruction_loss
from course_lib.plots import plot_bars, plot_lines, show_images
from course_lib.training import (
    Batches,
    DistillStage,
    Settings,
    computing,
    fast_precision,
    run_stage,
)

# %% [markdown]
# ## What are you working on?
# The same code runs on a classroom laptop and on a large GPU. What differs is how much of it you
# can afford. That is what the two **budgets** of lesson 0 are for. A lesson asks for the budget
# and takes its numbers from there; it never has one branch for you and another one for somebody
# else.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(backend.describe())
print(budget)

# %% [markdown]
# ## How much work is a step?
# Before you measure time, count. A convolution computes each output number from 3 x 3 positions
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
network = Autoencoder(channels=(16, 32))
side, batch = 64, 8
forward = multiplications(network, side)
print(f"parameters: {network.count_params():,}")
print(f"multiplications for one crop of {side} x {side}: {forward:,}")

# %% [markdown]
# That is more than a thousand times as many multiplications as there are parameters: each number
# of a kernel is used at every position.
#
# Training needs more than the way forward, the **forward pass**. Back-propagation computes the
# gradient with respect to the incoming features and the gradient with respect to the kernel, and
# each of the two is as much work as the way forward. Hence the rule of thumb: **a training step
# costs three times the forward pass**.
#
# **Before you run the next cell:** suppose a CPU core does 30 billion multiplications a second,
# and a GPU 30 trillion. How many steps a second could each of them do?

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
# - **Graph:** the first call records which operations there are; from then on they run without
#   Python in between.
# - **Compiled:** XLA, a compiler, fuses the graph's operations into a few large ones, so that
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


def fresh_stage():
    """The network with its first weights, ready to learn to reconstruct from every tap."""
    copy = Autoencoder(**network.get_config())
    copy.set_weights(first_weights)
    return DistillStage(copy)


# %% [markdown]
# **Before you run the next cell:** which way is the fastest, and by how much? And which one takes
# the longest for its very *first* step?


# %% tags=["nbval-ignore-output"]
def train(stage, make_batch, steps):
    """Train this many steps; return the seconds they took and the mean loss."""
    begun = time.perf_counter()
    history = stage.fit(Batches(make_batch, 0, steps), shuffle=False, verbose=0).history
    return time.perf_counter() - begun, history["loss"][0]


stages, first_step, first_loss, speed = {}, {}, {}, {}
for way, options in WAYS.items():
    stages[way] = fresh_stage()
    stages[way].compile(keras.optimizers.Adam(1e-3), **options)
    first_step[way], first_loss[way] = train(stages[way], lambda step: crops, steps=1)
    steps = 3 if way == "eager" else 16
    speed[way] = steps * batch / train(stages[way], lambda step: crops, steps)[0]
    print(f"{way}: first step {first_step[way]:.2f} s, then {speed[way]:.0f} crops a second")

# %%
# alt: Bar chart of crops a second for the three ways eager, graph and compiled.
plot_bars(speed, ylabel="crops a second", title="The same training step, taken in three ways")

# %% [markdown]
# Read your own numbers. Is eager far behind? The usual suspect is Python: while it calls one
# operation after the other, the device waits. Here is a test of that. We give the eager step almost
# nothing to compute: one crop of 16 pixels instead of the whole batch. What time is left, then, is
# the price of the calls.
#
# **Before you run the next cell:** what share of an eager step do you expect that to be?

# %% tags=["nbval-ignore-output"]
speck = crops[:1, :16, :16]
train(stages["eager"], lambda step: speck, steps=1)
bare = train(stages["eager"], lambda step: speck, steps=4)[0] / 4
whole = batch / speed["eager"]
print(f"work to compute: 1/{crops[..., 0].size // speck[..., 0].size} of the batch's")
print(f"an eager step on it: {bare:.3f} s, on the whole batch {whole:.3f} s")
print(f"share of an eager step that does not depend on the work: at most {bare / whole:.0%}")

# %% [markdown]
# On the two CPU cores that built this page, the calls were about half of the step, more in some
# runs and less in others: Python was not the only reason there. On a faster device expect a larger
# share: the calls cost the same there, and the computing less. Do not guess what else the graph
# saves. A profiler tells you: `tf.profiler` lists the seconds of each operation.
#
# Is the compiler faster than the graph? That depends on the machine and on the network. Ours here
# is small. With the library's own, larger network, graph and compiler were equally fast on a CPU.
#
# The price is the first step: the compiled way needs seconds before it has done anything. For ten
# steps that is a loss; for a thousand it does not matter. One more price: a compiled step is made
# for one shape. A batch of another shape is compiled anew. So all our crops have one size, and an
# incomplete last batch never occurs.
#
# Do the three really compute the same thing? All started with the same weights, so their first
# losses must agree.

# %%
difference = abs(first_loss["eager"] - first_loss["graph"])
print("the same loss, eager and as a graph:", difference < 1e-3)

# %% tags=["nbval-ignore-output"]
print({way: round(loss, 4) for way, loss in first_loss.items()})

# %% [markdown]
# Look at the compiled one, too. It should agree as well, and nearly always does. But a compiler is
# a program, and programs have faults. When this cell ran again and again on a CPU, with one more
# level in the network and with XLA as it comes with TensorFlow 2.21, the compiled loss was wrong in
# about one run in ten: -1.147 instead of -1.227, without any error. So check every fast way
# against a slow one. The library has TensorFlow train as a graph on a CPU, and compiles on a GPU
# only.
#
# ### How good is that?
# Compare with what your device can do at its best: one large matrix product. The ratio of the two
# is the **utilization**. (Our count is a little too high here: half of the crops go all the way
# through the decoder, the others enter it at higher taps, which is less work.)
#
# **Before you run the next cell:** what share of its best will the device reach in our training
# step?

# %% tags=["nbval-ignore-output"]
large = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(1024, 1024)).astype("float32"))
product = ops.matmul(large, large)
begun = time.perf_counter()
for _ in range(8):
    product = ops.matmul(large, product / 32)
_ = float(product[0, 0])  # A GPU works in the background: wait until it is done.
best = 8 * 1024**3 / (time.perf_counter() - begun)
reached = max(speed.values()) / batch * step_work
print(f"one large matrix product: {best / 1e9:.0f} billion multiplications a second")
print(
    f"our fastest way to train: {reached / 1e9:.0f} billion, a utilization of {reached / best:.0%}"
)

# %% [markdown]
# A network of 16 to 32 channels gives a device little to do at a time, and moving numbers may take
# much of a step. A larger batch gives it more to do.
#
# **Before you run the next cell:** four times as many crops in a batch: is a step four times as
# slow?

# %% tags=["nbval-ignore-output"]
# alt: Bar chart of crops a second for three sizes of the batch.
by_size = {}
for size in (batch // 4, batch, 2 * batch):
    some = np.resize(crops, (size, *crops.shape[1:]))
    train(stages["graph"], lambda step, some=some: some, steps=1)
    seconds, _ = train(stages["graph"], lambda step, some=some: some, steps=32 // size + 2)
    by_size[f"batch of {size}"] = (32 // size + 2) * size / seconds
plot_bars(by_size, ylabel="crops a second", title="The same network, in batches of three sizes")

# %% [markdown]
# If the bars get longer, the small batch left the device idle. If all are equally long, it was busy
# already.
# Either way a larger batch has a price: for the same number of crops you take fewer steps.
#
# ## Is the device waiting for data?
# So far the batch was ready in memory. In real training it has to be made: open files, decode,
# crop, mirror. If that happens between two steps, the device waits.
#
# First, *which* crops? A good answer makes them depend on nothing but a seed and the number of the
# step. Then batch 700 is the same whether you trained from 0 to 699 before, or came back from a
# power cut at step 690, or want to know which crops made the loss jump.
#
# ### Exercise: a batch from a seed and a step
# Return an integer array of shape `(count, 2)` with the upper and left edge of each crop. The
# crops are squares of `crop` x `crop` pixels at random places in an image of `height` x `width`,
# and every place where one fits must be possible. If you get stuck, run
# `exercise("crop-corners").hint()` in a new cell.


# %%
def crop_corners(seed, step, count, height, width, crop):
    """Where to cut the crops of a step: a function of the seed and the step alone."""
    ...


crop_corners = exercise("crop-corners").check(crop_corners)

# %% [markdown]
# We keep the photographs compressed, as JPEG files do, and decode them for every batch. Training
# on thousands of photographs has to do that: decoded, they would not fit into memory.

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


show_images({f"crop {number}": crop for number, crop in enumerate(make_batch(0))}, columns=4)

# %% [markdown]
# The library's `Batches` makes such batches in the background: while the device computes step 7,
# two threads work on batches 8, 9, and so on, and a queue keeps them in order. (TensorFlow's own
# tool for this is `tf.data`, with `map` and `prefetch`; ours works with every backend.)
#
# **Before you run the next cells:** when will this gain nothing at all?

# %%
background = Batches(make_batch, start=10, count=4)
same = [np.array_equal(background[k][0], make_batch(10 + k)) for k in range(len(background))]
print("batches:", len(background), " the right ones in the right order:", all(same))

# %% tags=["nbval-ignore-output"]
stage, count = stages["graph"], 10
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
# One after the other, making a batch and training on it add up. In the background, a step takes
# only as long as the longer of the two, if there are cores to spare. On a CPU with two cores the
# gain is small, or even a loss: both jobs want the same cores. And where making a batch takes
# longer than a step, background or not, the device starves. Then make the batch cheaper. For that
# reason the library keeps images decoded as far as memory allows.
#
# ## The learning rate
# A small learning rate takes forever to get anywhere. A larger one goes down quickly, but in the
# end it may jump around the goal, and one that is too large never gets near it. So the usual advice
# is: start large and end small. The course uses half a wave of a cosine:
#
# $$ \eta(t) = \eta_0 \cdot \tfrac12 \left(1 + \cos\left(\pi \, \tfrac{t}{T}\right)\right), $$
#
# where $\eta(t)$ is the learning rate after $t$ steps, $T$ is their number in all, and $\eta_0$
# the rate at the start.
#
# ### Exercise: the cosine schedule
# Return one number: `step` is $t$, `steps` is $T$, and `start` is $\eta_0$. From step `steps` on
# the rate stays 0. For hints: `exercise("cosine-schedule").hint()`.


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
# Keras has the same schedule ready, and the library trains with that. Note what it depends on: the
# number of the step and the number of steps *in all*. A training resumed with a different number
# of steps is a different training.

# %%
theirs = keras.optimizers.schedules.CosineDecay(2e-3, 1000)
ours = [cosine_schedule(step, 1000, 2e-3) for step in (0, 1, 500, 999, 1000, 1200)]
keras_says = [float(theirs(step)) for step in (0, 1, 500, 999, 1000, 1200)]
apart = np.abs(np.subtract(ours, keras_says)).max()
print("Keras' CosineDecay is the same:", bool(apart < 1e-8))

# %% tags=["nbval-ignore-output"]
print(f"largest difference: {apart:.1g}")

# %% [markdown]
# Does it keep its promise? Let four trainings compete: the same tiny network, the same first
# weights, the same crops in the same order. Three keep their learning rate, each ten times as large
# as the one before. The fourth follows your cosine.


# %%
def cut(photo, number, count=48, size=24):
    """Crops of one photograph."""
    corners = crop_corners(0, number, count, *photo.shape[:2], size)
    return [photo[top : top + size, left : left + size] for top, left in corners]


small_crops = np.stack([cut(photo, k) for k, photo in enumerate(photographs)], axis=1)
small_crops = small_crops.reshape(-1, 24, 24, 3)
keras.utils.set_random_seed(1)
tiny = Autoencoder(channels=(8, 12))
tiny.compile(keras.optimizers.Adam(), loss=reconstruction_loss, jit_compile=False)
tiny.optimizer.build(tiny.trainable_variables)
tiny_start = tiny.get_weights()


# %%
def restart(weights, memory=None):
    """Give the tiny network these weights, and its Adam this memory, or none."""
    tiny.set_weights(weights)
    for number, variable in enumerate(tiny.optimizer.variables):
        variable.assign(memory[number] if memory else ops.zeros_like(variable))


def take_step(step, rate):
    """Train on eight crops; return the loss before the step."""
    first = 8 * step % len(small_crops)
    some = small_crops[first : first + 8]
    tiny.optimizer.learning_rate = rate
    return float(tiny.train_on_batch(some, some))


# %% [markdown]
# **Before you run the next cell:** one of the three constant rates is too small, one is good, and
# one is too large. How will you tell from the curves? And does the cosine ever lead?

# %%
# alt: Four loss curves on a logarithmic axis. The smallest rate, 0.0003, falls slowly and is still
#      falling at the end. The largest, 0.03, starts far above all others, drops, and then stays
#      flat and high. The middle one, 0.003, and the cosine fall fast and nearly together to the
#      lowest losses, until the cosine levels off and ends above.
in_a_round = len(small_crops) // 8
steps_in_all = 8 * in_a_round
rates = {
    "0.0003": lambda step: 3e-4,
    "0.003": lambda step: 3e-3,
    "0.03": lambda step: 3e-2,
    "cosine from 0.003": lambda step: cosine_schedule(step, steps_in_all, 3e-3),
}
curves = {}
for name, rate in rates.items():
    restart(tiny_start)
    losses = [take_step(step, rate(step)) for step in range(steps_in_all)]
    curves[name] = (range(1, 9), np.reshape(losses, (8, in_a_round)).mean(axis=1))
plot_lines(curves, xlabel="rounds through the crops", ylabel="loss", logy=True, markers=True)

# %%
ends = {name: losses[-1] for name, (_, losses) in curves.items()}
for name in ("0.0003", "0.03"):
    twice = bool(ends[name] > 2 * ends["0.003"])
    print(f"{name} ends at more than twice the loss of 0.003:", twice)
won = bool(ends["cosine from 0.003"] < ends["0.003"])
print("the cosine ends below the constant rate that it starts from:", won)

# %% tags=["nbval-ignore-output"]
print({name: round(float(loss), 1) for name, loss in ends.items()})
one_color = np.broadcast_to(small_crops.mean(axis=(0, 1, 2)), small_crops.shape)
print(f"the same color everywhere: {float(reconstruction_loss(small_crops, one_color)):.1f}")
leads = zip(*curves["0.003"], curves["cosine from 0.003"][1], strict=True)
led = [str(number) for number, constant, falling in leads if falling < constant]
print("rounds in which the cosine led:", ", ".join(led) or "none")

# %% [markdown]
# So this is how to tell. **Too small:** the curve falls steadily, and is far from done at the end.
# **Good:** it falls fast, then ever more slowly. **Too large:** the loss jumps at the start, and
# then stays high. In the run printed here, it ends where a network would that gives the same color
# everywhere, without looking at the crops.
#
# And the schedule? Here it loses. Look at the ends of the two lowest curves: the constant rate is
# still falling, while the cosine, in the second half of its steps, went slower than it could have
# gone. The hope behind a schedule is that, at the end of a *long* training, shorter steps mend what
# long ones step over. Our run is too short to show that, so take it as a hope here. The library's
# own trainings take thousands of steps.
#
# ## Half the digits
# GPUs, and Google's TPUs, multiply 16-bit numbers several times as fast as 32-bit ones, and move
# them in half the time. There are two kinds of 16 bits: float16 spends them on digits, bfloat16 on
# range.
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
# does move, but the small gradient is lost, and large values become infinite. So 16 bits alone are
# rarely enough for training. **Mixed precision** means:
#
# - weights and optimizer stay in float32; the convolutions use a 16-bit copy of the weights;
# - losses are computed in float32, since they are sums of many small numbers;
# - with float16 the loss is multiplied by a large factor before the gradients are computed, and
#   the gradients are divided by it afterward, so that small ones survive. bfloat16 needs no such
#   trick.

# %%
with computing("mixed_bfloat16", devices=1):
    half = fresh_stage()
    rounded = half(crops)["reconstruct"]
exact = fresh_stage()(crops)["reconstruct"]
off = abs(float(rounded) / float(exact) - 1)
print("weights:", half.autoencoder.weights[0].dtype)
print("losses: ", keras.backend.standardize_dtype(rounded.dtype))
print("loss within 2 % of the one in single precision, and not the same:", 0 < off < 0.02)

# %% tags=["nbval-ignore-output"]
print(f"off by {off:.2%}")

# %% [markdown]
# **Before you run the next cell:** will your device be faster in 16 bits, or slower?

# %% tags=["nbval-ignore-output"]
with computing("mixed_bfloat16", devices=1):
    half.compile(keras.optimizers.Adam(1e-3), jit_compile=False)
    train(half, lambda step: crops, steps=1)
    speed["graph, mixed precision"] = 4 * batch / train(half, lambda step: crops, steps=4)[0]
print(f"graph, float32:        {speed['graph']:6.1f} crops a second")
print(f"graph, mixed bfloat16: {speed['graph, mixed precision']:6.1f} crops a second")
with computing() as devices:
    print(f"for your machine the library chooses {fast_precision()}, on {devices} device(s)")

# %% [markdown]
# Many CPUs lose here: without circuits for 16 bits they have to imitate short numbers with long
# ones. Newer ones have such circuits for convolutions and matrix products (AMX, AVX-512 BF16). So
# on a CPU the library computes only its convolutions in 16 bits, and only where a short measurement
# says that they are faster. On GPUs and TPUs with the circuits, whole networks take 16 bits.
#
# ## Switched off in the middle
# A training of two hours will be interrupted one day: by an update, a closed laptop lid, Colab's
# time limit. What do you have to store, so that you can go on *as if nothing had happened*? The
# weights, of course. **What else?** Think before you read on.
#
# - The state of the optimizer. Adam keeps two running averages for every weight.
# - The number of the step: the learning rate and the choice of crops depend on it.
# - No random number generator, because our batches are a function of seed and step.
#
# Does Adam's state really matter? Train for a while, and then take one more step twice: with
# Adam's averages, and with a new Adam that has forgotten them.
#
# **Before you run the next cell:** which of the two steps will be longer?


# %%
restart(tiny_start)
steps_before = 3 * in_a_round
for step in range(steps_before):
    take_step(step, 1e-3)
weights = tiny.get_weights()
averages = [ops.convert_to_numpy(one).copy() for one in tiny.optimizer.variables]


def loss_now():
    """The loss on all the small crops."""
    return float(reconstruction_loss(small_crops, tiny(small_crops)))


def one_more_step(memory):
    """How far the next step moves the weights (root of the mean square), and the loss after it."""
    restart(weights, memory)
    take_step(steps_before, 1e-3)
    pairs = zip(tiny.get_weights(), weights, strict=True)
    moved = np.concatenate([(new - old).ravel() for new, old in pairs])
    return float(np.sqrt(np.mean(moved**2))), loss_now()


# %%
before = loss_now()
(kept, loss_kept), (lost, loss_lost) = one_more_step(averages), one_more_step(None)
print("without its averages Adam's step is more than twice as long:", lost > 2 * kept)
print("and the loss is higher after it:", loss_lost > loss_kept)

# %% tags=["nbval-ignore-output"]
print(f"step: {kept:.5f} with the averages, {lost:.5f} without")
print(f"loss: {before:.1f} before, {loss_kept:.1f} after a step with them, {loss_lost:.1f} without")

# %% [markdown]
# A new Adam moves every weight by nearly the full learning rate, whatever the size of its
# gradient. So the state goes into the checkpoint. The library's `run_stage` stores all this every
# few steps. We train twice: once without interruption, and once with a power cut.


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
# ### And if the power goes out while a checkpoint is being written?
# Then the file would be damaged, and the training lost. So the checkpoint is written under another
# name first, and renamed when it is complete: renaming happens entirely or not at all. The
# checkpoint before it is kept as well. To see why, we cut off the newest file in the middle.
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
# On a CPU the difference is usually exactly 0. A GPU may add up numbers in a different order each
# time, and rounding depends on the order; there it can be some millionths.
#
# ### When the numbers go wrong
# There is another way to lose a training: the loss becomes NaN, "not a number", most often from a
# learning rate that is too high. From then on every weight is NaN, and a checkpoint of them would
# be worthless. The library looks at the loss and at the weights before it stores anything.

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
# ## What each one costs and gains
# Here are your own numbers once more.

# %% tags=["nbval-ignore-output"]
rows = {
    "compiled instead of eager": speed["compiled"] / speed["eager"],
    "compiled instead of graph": speed["compiled"] / speed["graph"],
    "batches in the background": background_speed / foreground_speed,
    "mixed precision": speed["graph, mixed precision"] / speed["graph"],
    "batches of eight times the size": by_size[f"batch of {2 * batch}"]
    / by_size[f"batch of {batch // 4}"],
}
for name, factor in rows.items():
    print(f"{name:31} {factor:5.2f} times as fast")
repaid = first_step["compiled"] / max(1e-9, batch / speed["eager"] - batch / speed["compiled"])
print(f"compiling pays off after about {max(0, repaid):.0f} steps")

# %% [markdown]
# - **Compiling** gives steps without Python and fewer trips to memory. It costs seconds at the
#   start, and again for every new shape.
# - **Larger batches** keep the device busy. They cost steps: fewer of them for the same crops.
# - **Batches in the background** spare the device the wait. They cost memory for the queue, and
#   gain nothing where the cores are busy anyway.
# - **Mixed precision** gives faster steps and half the memory on devices that have circuits for
#   it. It costs digits, which is why losses and weights stay in 32 bits.
# - **Several GPUs** each take a share of every batch. They cost a larger batch, and time to
#   exchange the gradients (lesson 15).
# - **Checkpoints** give peace of mind: you never lose more than a few minutes. They cost a second
#   and some megabytes now and then.
#
# ## The real training
# The network that comes with the course was trained by the same functions, over thousands of steps
# and on folders of images. To train with images of your own, type this in a terminal:
#
#     course train distill --photographs PHOTOS --paintings PAINTINGS --out RUN --teacher vgg19
#     course train distill --photographs PHOTOS --paintings PAINTINGS --out RUN --teacher vgg19 \
#         --resume
#
# It shows a bar with the time left, and writes a log, its plot, and a sheet of reconstructions
# into `RUN` as it goes. In this training the encoder learns to reconstruct, and also to answer
# like a large network, its **teacher**. Lesson 6 shows what that is good for.
#
# ## Summary
# - Count before you measure: a step costs three times the forward pass, and a convolution its
#   kernel at every position. Utilization is what you reach, divided by what the device can do.
# - Compile what runs a thousand times; stay eager while you look for a fault.
# - Prepare batches in the background, and make them a function of a seed and a step.
# - A learning rate that is too small is slow; one that is too large can ruin the network in its
#   first steps. A rate that falls costs progress in a short training: it is meant for long ones,
#   where a constant rate no longer improves.
# - Mixed precision keeps weights and losses in 32 bits, and pays off only where the device has
#   circuits for it.
# - A checkpoint is more than weights: without Adam's averages the next step is far too long.
#   Written atomically, with the one before it kept, it makes a stopped training arrive where an
#   uninterrupted one does.
#
# ## Questions to check yourself
# 1. You make the crops twice as large, 128 instead of 64 pixels. How much longer does a step take?
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
#    The batches: prepare them in the background, or make them cheaper. Faster arithmetic does not
#    help a device that waits.
#
#    </details>
#
# 3. You resume a training with `steps=2000` where it was `steps=1000` before. Why does the library
#    refuse?
#
#    <details><summary>Answer</summary>
#
#    The learning rate depends on the number of steps in all. With another number, the first
#    thousand steps would have had a different rate: the result would be a training that nobody can
#    repeat.
#
#    </details>
#
# 4. Why is `default_rng(seed + step)` not as good as `default_rng([seed, step])`?
#
#    <details><summary>Answer</summary>
#
#    Seed 0 at step 1 and seed 1 at step 0 would give the same crops: two runs that should be
#    independent would share most of their batches.
#
#    </details>
#
# ## Reading
# - Micikevicius and others, "Mixed Precision Training", ICLR 2018.
# - Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, where
#   the cosine comes from.
# - Kalamkar and others, "A Study of BFLOAT16 for Deep Learning Training", 2019.
