# %% [markdown]
# # Lesson 15: Many machines
# You split a collection of photographs among several processes, kill one of them without losing a
# single image, calculate what a million images cost, and train one network on two devices.
#
# **You will be able to**
# - calculate how much faster several workers can be at best, and say why they usually are not
# - split a collection so that nothing is lost and nothing is done twice, even if a worker dies
# - estimate time and price of a large collection from one measured image
# - explain why several devices can compute the gradient of one large batch, when they cannot, and
#   what their communication costs
# - start `course stylize` on a cluster, and say what `course train` does with several devices
#
# **You need:** lesson 4, lesson 8.
#
# **Time:** 65 minutes, 100 with the optional sections; the code runs in about 30 s on a CPU and on
# a GPU, since most of it is work for the CPU.
#
# **Optional:** *What a million images cost*, *One network on several devices*.

# %% tags=["setup"]

# %%
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course_lib import collection, images
from course_lib.autoencoder import Autoencoder
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.plots import plot_bars, plot_lines, show_images
from course_lib.transfer import FeatureTransfer

# %% [markdown]
# ## One image, and a million
# Everything so far was done on one machine, one image after another. That is fine for vacation
# photographs. An archive, a film, or a photo service has a million images. How long would your
# machine take? Time one image, and multiply.

# %% tags=["nbval-ignore-output"]
side = choose_budget().image_size
transfer = FeatureTransfer()
style = transfer.style_code(collection.style_image("stained_glass", size=side))
content = collection.photograph("coffee", size=side)
transfer(content, style)  # the first call compiles, which happens once

begun = time.perf_counter()
for _ in range(3):
    painted = transfer(content, style)
seconds_each = (time.perf_counter() - begun) / 3
print(f"an image of {side} pixels: {seconds_each:.3f} s")
print(f"a million of them: {seconds_each * 1e6 / 86400:.1f} days")

# %% [markdown]
# That is a lot for one machine. So get help: ten processes, ten machines, a thousand machines.
# **Before you read on:** if one machine takes ten days, how long do ten machines take?
#
# ## What cannot be split
# "One day" is the best case. Some of the work is not split: listing the files, loading the program
# and its weights, waiting for the last one to finish. Let $s$ be the fraction that this serial part
# takes when one worker does everything. The serial part takes as long as before, and the rest is
# divided among $n$ workers. Hence **Amdahl's law**: $n$ workers are faster by the factor
#
# $$ S(n) = \frac{1}{s + \frac{1 - s}{n}}. $$
#
# ### Exercise: Amdahl's law
# `serial` is the fraction $s$, from 0 to 1; return $S(n)$. Hints:
# `exercise("amdahl-speedup").hint()`.


# %%
def speedup(workers, serial):
    """How many times as fast `workers` are if a fraction `serial` of the work is not split."""
    ...


speedup = exercise("amdahl-speedup").check(speedup)

# %% [markdown]
# **Before you run the next cell:** a twentieth of the work is serial. How fast can a thousand
# workers be at best?

# %%
for serial in (0.0, 0.01, 0.05, 0.2):
    row = [f"{speedup(workers, serial):7.1f}" for workers in (2, 10, 100, 1000)]
    print(f"serial fraction {serial:4.2f}; 2, 10, 100, 1000 workers:", *row)

# %%
# alt: Four curves of the speedup against the number of workers, both axes logarithmic. With nothing
#      serial it is a straight line up to 1000; with serial fractions of 0.01, 0.05, and 0.2 the
#      curves level off near 100, 20, and 5.
counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
plot_lines(
    {
        f"serial fraction {serial}": (counts, [speedup(n, serial) for n in counts])
        for serial in (0.0, 0.01, 0.05, 0.2)
    },
    xlabel="workers",
    ylabel="times as fast",
    logx=True,
    logy=True,
)

# %% [markdown]
# However many workers there are, the speedup stays below $1 / s$. With a serial twentieth that is
# 20, and beyond the first hundred, additional workers mostly wait. So the first question is never
# "How many machines can I get?" but "What is serial, and can I make it smaller?"
#
# ## What a million images cost
# Machines are rented by the hour. The price below is an **example**, not a quote: look up what your
# machine costs and put that in, along with the seconds you measured.
#
# **Before you run the next cell:** with a hundred machines instead of one, will the bill be
# smaller, the same, or larger?

# %%
PRICE_PER_HOUR = 1.00  # an example: put in the price of your machine
SECONDS_EACH = 0.50  # an example: put in seconds_each from above


def bill(images, workers, serial):
    """Hours until everything is done, and the price of all machines for so long."""
    hours = images * SECONDS_EACH / 3600 / speedup(workers, serial)
    return hours, hours * workers * PRICE_PER_HOUR


# %% tags=["nbval-check-output"]
print("a million images         nothing serial          a thousandth serial")
for workers in (1, 10, 100, 1000):
    ideal, real = bill(1_000_000, workers, 0.0), bill(1_000_000, workers, 0.001)
    print(
        f"{workers:5} machines     {ideal[0]:7.2f} h  costs {ideal[1]:6.0f}"
        f"     {real[0]:7.2f} h  costs {real[1]:6.0f}"
    )

# %% [markdown]
# If everything can be split, the bill stays the same: ten machines for an hour cost as much as
# one machine for ten. You just get the images sooner. With a serial part the bill *grows*: every
# machine is paid while it waits. With a thousandth serial, a thousand machines cost twice as
# much. The table leaves out storage, moving the images, and the first attempt that failed.
#
# ## Splitting a collection
# The simplest way needs no cluster software at all. Every worker runs the same program. It is told
# its number and how many workers there are, and picks its own images. Which ones?
#
# ### Exercise: who takes what?
# Worker number $k$ of $n$ takes every $n$-th item, starting with item $k$; both count from 0.
# `items` is an array; return the worker's part of it. Over all workers, each item must occur
# exactly once. Hints: `exercise("split-collection").hint()`.


# %%
def split_collection(items, number, count):
    """The items of worker `number`, which counts from 0, of `count` workers."""
    ...


split_collection = exercise("split-collection").check(split_collection)

# %% [markdown]
# Now for real. We make a small collection: 24 crops of the course's photographs.

# %%
folder = Path(tempfile.mkdtemp())
(folder / "photos").mkdir()
sources = [collection.photograph(name) for name in ("coffee", "astronaut", "chelsea", "rocket")]
random = np.random.default_rng(15)
for number in range(24):
    crop = images.random_crop(sources[number % 4], 288, random)
    images.save_image(crop, folder / "photos" / f"{number:02d}.jpg")
names = np.array(sorted(path.name for path in (folder / "photos").iterdir()))
for number in range(3):
    print(f"worker {number} of 3:", *[name[:2] for name in split_collection(names, number, 3)])
shares = [split_collection(names, number, 3) for number in range(3)]
print("each image once:", sorted(np.concatenate(shares)) == sorted(names))

# %% [markdown]
# ### The worker
# A worker is another process. It shares no variable with this notebook, so its program is a file of
# its own. This one gives photographs the colors of a style image by sorting: the darkest value of a
# channel becomes the darkest value of the style's, and so on. That takes no network, so the program
# starts quickly. It prints the name of each image that it has made.
#
# Two of its lines deserve a second look. **Which one decides who makes what? And which one makes it
# harmless to start a worker twice?**

# %%
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from course_lib import collection, images

folder, number, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
style = np.sort(collection.style_image("impressionist", size=288).reshape(-1, 3), axis=0)

for path in sorted((folder / "photos").iterdir())[number::count]:
    target = folder / "out" / path.name
    if target.exists():
        continue
    photo = images.load_image(path)
    order = np.argsort(photo.reshape(-1, 3), axis=0, kind="stable")
    colored = np.empty_like(photo).reshape(-1, 3)
    places = np.linspace(0, len(style) - 1, len(order)).astype(int)
    np.put_along_axis(colored, order, style[places], axis=0)
    images.save_image(colored.reshape(photo.shape), target)
    print(path.name, flush=True)
"""
(folder / "worker.py").write_text(PROGRAM)
(folder / "out").mkdir()


# %%
def start_workers(count):
    """Start the program `count` times; each process gets its number and a file for its output."""
    # The workers find course_lib where this notebook has found it.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = [sys.executable, str(folder / "worker.py"), str(folder)]
    return [
        subprocess.Popen(
            [*program, str(number), str(count)],
            env=environment,
            stdout=(folder / f"made-{number}.txt").open("w"),
        )
        for number in range(count)
    ]


# %%
def made(count):
    """The names that workers printed when they were last started, `count` of them."""
    printed = (folder / f"made-{number}.txt" for number in range(count))
    return sorted(name for file in printed for name in file.read_text().split())


# %%
def done():
    """The names of the finished images."""
    return sorted(path.name for path in (folder / "out").glob("[0-9]*.jpg"))


def start_over():
    """Delete all results."""
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()


# %%
# alt: A painting, and four crops of photographs, a cup, an astronaut, a cat, and a rocket, all in
#      the colors of the painting.
exits = [worker.wait() for worker in start_workers(2)]
print("both ended well:", exits == [0, 0], " images:", len(done()))
given = {"the style": collection.style_image("impressionist", size=288)}
show_images(
    given | {name: images.load_image(folder / "out" / name) for name in done()[:4]}, columns=5
)

# %% [markdown]
# The slice `[number::count]` decides who makes what. And `if target.exists()` makes it harmless to
# start a worker twice: whatever is there already is skipped.
#
# ### Is it faster?
# **Before you run the next cell:** your machine has several cores. Are two workers twice as fast as
# one?

# %% tags=["nbval-ignore-output"]
took = {}
for count in (1, 2):
    start_over()
    begun = time.perf_counter()
    for worker in start_workers(count):
        worker.wait()
    took[count] = time.perf_counter() - begun
begun = time.perf_counter()
start_workers(1)[0].wait()  # everything is done already, so it only starts and looks
starting = time.perf_counter() - begun
measured = took[1] / took[2]
serial = min(1, max(0, (1 / measured - 1 / 2) / (1 - 1 / 2)))
print(f"cores here: {os.cpu_count()}; one worker {took[1]:.2f} s, two workers {took[2]:.2f} s")
print(f"a worker with nothing left to do: {starting:.2f} s")
print(f"{measured:.2f} times as fast; by Amdahl's law a serial fraction of {serial:.2f}")
for count in (4, 16):
    print(f"{count} workers on as many cores could be {speedup(count, serial):.1f} times as fast")

# %%
# alt: Two bars: images per second by one worker and by two, program start included.
plot_bars(
    {"one worker": len(names) / took[1], "two workers": len(names) / took[2]},
    ylabel="images per second",
)

# %% [markdown]
# Read your own numbers. Usually two are faster, but not twice as fast. Each worker first has to
# start Python and load the library. The worker with nothing left to do shows how long that takes:
# for 24 small images, a large part of the whole. For a million it is nothing: **the serial
# fraction depends on the size of the collection**. On a machine with one core, or whose cores are
# busy, nothing is gained at all, since two workers share what one had.
#
# ## A worker dies
# With a thousand machines running for a day, one of them *will* fail: a full disk, a pulled plug,
# a rented machine taken back. We do not wait for that to happen: we kill one of two workers in
# the middle of its work.
#
# **Before you run the next cell:** what will the folder of results contain?

# %%
start_over()
first, second = start_workers(2)
while second.poll() is None and not any(int(name[:2]) % 2 for name in done()):
    time.sleep(0.01)
second.kill()
second.wait()
first.wait()
finished = done()
sides = {images.load_image(folder / "out" / name).shape for name in finished}
print("the surviving worker has done all of its own:", set(finished) >= set(names[0::2]))
print("every image that is there is whole:", sides == {(288, 288, 3)})

# %% tags=["nbval-ignore-output"]
print(f"images missing: {len(names) - len(finished)} of {len(names)}")
leftover = [path.name for path in (folder / "out").iterdir() if path.name not in finished]
print(f"started and not finished: {len(leftover)}")

# %% [markdown]
# The dead worker's images are missing, but no image is half written. `images.save_image` writes
# under another name first, and renames the file when it is whole. So the folder itself says what is
# done, and the remedy is simple: start the same program again. What is there is skipped; what is
# missing is made.
#
# **Before you run the next cell:** this time we start three workers instead of two. Does that do
# any harm?

# %%
missing = sorted(set(names) - set(finished))
for worker in start_workers(3):
    worker.wait()
print("nothing lost:        ", set(done()) == set(names))
print("nothing made twice:  ", made(3) == missing)

# %% [markdown]
# It does none: what the three workers made is exactly what was missing, each image once. A job
# that can be done twice and leaves the same result is called **idempotent**. To plan for failure,
# make your jobs idempotent. Then the answer to every problem is "again".
#
# ### What a scheduler adds
# Two problems remain. Somebody has to notice that a worker died. And shares that are dealt out in
# advance are unfair: whoever got the large images, or the slow machine, finishes last, and everyone
# waits. The remedy is one queue for all: whoever is free takes the next image. Let us compare the
# two by calculation, with 40 jobs and one worker that is four times slower than the others.

# %% tags=["nbval-check-output"]
speeds = [1.0, 1.0, 1.0, 0.25]  # jobs per second
dealt = [len(split_collection(np.arange(40), number, 4)) for number in range(4)]
dealt_out = max(jobs / speed for jobs, speed in zip(dealt, speeds, strict=True))

free_at = np.zeros(4)
for _ in range(40):
    # Whoever is free first takes the next job.
    worker = int(np.argmin(free_at))
    free_at[worker] += 1 / speeds[worker]
print(f"dealt out in advance: finished after {dealt_out:.0f} s")
print(f"one queue for all:    finished after {free_at.max():.0f} s")

# %% [markdown]
# Dask is such a scheduler. It has a queue, notices when a worker is gone, and gives its jobs to
# others. The course's command uses it if it is installed. On your own machine, in the course's
# folder, with four workers:
#
#     python -m pip install -e ".[cluster]"
#     course stylize PHOTOS stained_glass -o OUT --workers 4
#
# On many machines, run one command on the first, one on each of the others, and then the course's
# own:
#
#     dask scheduler
#     dask worker tcp://FIRST:8786
#     course stylize PHOTOS stained_glass -o OUT --scheduler tcp://FIRST:8786
#
# It prints the address of a page where you can watch the workers. An image that fails is tried two
# more times, and named at the end if that did not help. What the library relies on is what you have
# just seen: files are written whole, and the same job done twice leaves the same file.
#
# Three things to know. All machines must see the folders under the same path, since only file names
# are sent. A *video* stays with one worker, because each of its frames builds on the one before:
# ten videos can be split among ten workers, one video cannot. And anyone who can reach the
# scheduler can make its workers run any program, so it belongs on a network of people you trust.
#
# ## One network on several devices
# Stylizing is easy to split, since the images do not depend on each other. Training is not: step 8
# needs the weights of step 7. What can be split is a single step. Each device has a copy of the
# network and takes a part of the batch. Each one computes a gradient, and from these the devices
# have to find the gradient of the whole batch. How?
#
# Take a loss that is a mean over crops. Then the loss of the whole batch is a mean of the parts'
# losses, and the same is true of the gradients. But it is a mean in which each part counts **by its
# size**.
#
# ### Exercise: the gradient of a split batch
# `sizes` says how many crops each device had. Return the gradient of the whole batch, an array
# (parameters,). Hints: `exercise("average-gradients").hint()`.


# %%
def average_gradients(gradients, sizes):
    """From gradients (devices, parameters) of the parts of a batch to that of the whole batch."""
    ...


average_gradients = exercise("average-gradients").check(average_gradients)

# %% [markdown]
# We check it on a small autoencoder and 8 crops. One "device" gets 6 of them, the other gets 2.

# %%
keras.utils.set_random_seed(15)
network = Autoencoder(channels=(8, 12))
crops = np.stack([images.random_crop(sources[k % 4], 32, random) for k in range(8)])
network(crops)
print("crops:", crops.shape, " parameters:", network.count_params())


# %%
def gradient(batch, model=network):
    """The gradient of the mean squared error of a batch, as one long array."""
    with tf.GradientTape() as tape:
        error = ops.mean(ops.square(model(batch, training=True) - batch))
    parts = tape.gradient(error, model.trainable_variables)
    return np.concatenate([ops.convert_to_numpy(part).ravel() for part in parts])


# %%
def apart(model):
    """How far the gradient of two devices is from that of one, relative to its largest number."""
    whole = gradient(crops, model)
    halves = np.stack([gradient(crops[:6], model), gradient(crops[6:], model)])
    return float(
        np.abs(average_gradients(halves, np.array([6, 2])) - whole).max() / abs(whole).max()
    )


print("numbers in the gradient:", gradient(crops).size)
print("the same gradient:", apart(network) < 1e-4)

# %% [markdown]
# The same gradient means the same step. So training on several devices gives the same network as
# one device with the whole batch, up to rounding. That rests on two things: the loss is a *mean
# over crops*, and each crop passes through the network *by itself*. Batch normalization breaks the
# second one: it normalizes each crop by the mean and standard deviation of its batch, and a part
# has other statistics than the whole.
#
# **Before you run the next cell:** with batch normalization, will the two gradients still agree?

# %%
normalizing = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Conv2D(8, 3, padding="same"),
        layers.BatchNormalization(),
        layers.Conv2D(3, 3, padding="same"),
    ]
)
print("the same gradient with batch normalization:", apart(normalizing) < 1e-4)

# %% tags=["nbval-ignore-output"]
print(
    f"relative difference: {apart(network):.1e}, with batch normalization {apart(normalizing):.1e}"
)

# %% [markdown]
# They do not. (Frameworks offer a synchronized version, in which the devices exchange these
# statistics, too. The course's networks have no batch normalization.)
#
# **Before you run the next cells:** a careless program uses the plain mean of the two gradients.
# After ten steps, will its weights be those of the undivided training?

# %%
start = network.get_weights()


def ten_steps(gradient_of):
    """Ten steps downhill from the same start; the weights as one long array."""
    network.set_weights(start)
    for _ in range(10):
        step = -0.5 * gradient_of(crops)
        for variable in network.trainable_variables:
            size = int(np.prod(variable.shape))
            variable.assign_add(step[:size].reshape(variable.shape))
            step = step[size:]
    return np.concatenate([ops.convert_to_numpy(v).ravel() for v in network.trainable_variables])


# %%
def by_two_devices(sizes):
    """A gradient function for two devices with 6 and 2 crops, which count as `sizes` say."""
    return lambda batch: average_gradients(
        np.stack([gradient(batch[:6]), gradient(batch[6:])]), np.array(sizes)
    )


# %%
alone = ten_steps(gradient)
together = ten_steps(by_two_devices([6, 2]))
careless = ten_steps(by_two_devices([1, 1]))
way = np.abs(alone - np.concatenate([np.ravel(w) for w in start])).max()
print("two devices, same weights:", bool(np.abs(together - alone).max() < 1e-3 * way))
print("plain mean, same weights: ", bool(np.abs(careless - alone).max() < 1e-3 * way))

# %% tags=["nbval-ignore-output"]
for name, one in (("two devices", together), ("plain mean", careless)):
    print(f"{name}: off by {np.abs(one - alone).max() / way:.1e} of the way that the weights moved")

# %% [markdown]
# You can count on the plain mean only when all parts are the same size. So the library refuses a
# batch that cannot be divided evenly among the devices.
#
# ### What communication costs
# After each step, every device must know all gradients: as many numbers as there are parameters. In
# the usual scheme, a ring, each of $n$ devices sends $2 \frac{n-1}{n}$ times as many, so never more
# than twice. In the simplest program nobody computes during that time. Real systems overlap the
# two: the backward pass finishes the last layers first, and their gradients are already on the way
# while it works on the earlier ones. So the table below is the worst case. Put in the numbers of
# your own network and cable:

# %% tags=["nbval-check-output"]
STEP = 0.10  # an example: seconds that a device computes in a step
CABLES = {"1 gigabit a second": 1e9, "25 gigabit a second": 25e9, "400 gigabit a second": 400e9}


def efficiency(parameters, bits_a_second, devices=8):
    """Fraction of the time in which the devices compute, if they do not overlap the two."""
    bits = 32 * parameters * 2 * (devices - 1) / devices
    return STEP / (STEP + bits / bits_a_second)


for what, parameters in {"500 thousand": 5e5, "140 million": 1.4e8}.items():
    for cable, bits in CABLES.items():
        fraction = efficiency(parameters, bits)
        print(f"{what:12} parameters, {cable:20}: computing {fraction:6.1%} of the time")

# %% [markdown]
# A small network such as the course's can be trained over an ordinary cable. A network as large as
# VGG-19 on the same cable would do little but communicate. What helps: overlap, a faster cable,
# larger batches, so that there is more to compute between two exchanges, and gradients of 16 bits.
#
# ### On real devices
# Several graphics cards in one machine need no preparation: `course train` uses all it can see,
# unless `--devices` says how many. The framework does the averaging, in TensorFlow by
# `MirroredStrategy`: what is made inside its `scope` has a copy on each device, `fit` splits each
# batch, and the copies take the same step.
#
# You need no card to try it. TensorFlow can treat one processor as two devices if it is told so
# before it starts, so the next program runs in a process of its own. It trains the same network
# twice for ten steps, on one device and on two.

# %%
TWO_DEVICES = """
import sys
import numpy as np
import tensorflow as tf
processor = tf.config.list_physical_devices("CPU")[0]
halves = [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
tf.config.set_logical_device_configuration(processor, halves)

import keras
from course_lib.autoencoder import Autoencoder

crops, weights = np.load(sys.argv[1]), []
for devices in (["CPU:0"], ["CPU:0", "CPU:1"]):
    with tf.distribute.MirroredStrategy(devices).scope():
        keras.utils.set_random_seed(15)
        network = Autoencoder(channels=(8, 12))
        network(crops)
        network.compile(keras.optimizers.SGD(0.5), loss="mse", jit_compile=False)
    network.fit(crops, crops, batch_size=8, epochs=10, verbose=0)
    weights.append(np.concatenate([np.ravel(w) for w in network.get_weights()]))
np.save(sys.argv[2], weights)
"""
(folder / "two_devices.py").write_text(TWO_DEVICES)
np.save(folder / "crops.npy", crops)

# %% [markdown]
# **Before you run the next cell:** each device gets four of the eight crops and never sees the
# others. Will the two networks end up with the same weights?

# %%
subprocess.run(
    [sys.executable, *(str(folder / name) for name in ("two_devices.py", "crops.npy", "w.npy"))],
    env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    stderr=subprocess.DEVNULL,
    check=True,
)
one_device, two_devices = np.load(folder / "w.npy")
way = np.abs(one_device - np.concatenate([np.ravel(w) for w in start])).max()
print("the weights have moved:", bool(way > 0.01))
difference = np.abs(one_device - two_devices).max()
print("one device and two, same weights:", bool(difference < 1e-3 * way))

# %% tags=["nbval-ignore-output"]
print(f"the weights moved by {way:.3f}; one device and two differ by {difference:.1e}")

# %% [markdown]
# Do not expect any speed from this: two halves of one processor are still one processor. Two
# graphics cards are two, and can be faster by as much as the calculation above allows.
#
# **And several machines?** The frameworks can do that too: TensorFlow with
# `MultiWorkerMirroredStrategy`, JAX with `jax.distributed`, PyTorch with `torchrun`; each machine
# is told the addresses of all. The arithmetic is what you have just seen; only the cable is longer.
# The course does not do it: its networks were trained on one machine, in hours, and nothing in this
# lesson has shown you several machines training.
#
# **What happens if one of the devices dies?** Here training differs from stylizing. A step needs
# the gradients of all devices, so the others cannot go on, and training stops. Start it again with
# `--resume`: it continues from its newest checkpoint and arrives where it would have arrived
# anyway, as you saw in lesson 4. Jobs that do not depend on each other are repeated one by one.
# Jobs that do are repeated from a common point.
#
# ## Summary
# - Amdahl's law: with a serial fraction $s$, no number of workers is more than $1/s$ times as
#   fast as one.
# - Splitting the work does not make a million images cheaper, only sooner. The serial part makes
#   them more expensive.
# - Split a collection by number and count. Write files whole, and skip what is there: then the
#   answer to a dead worker is "again".
# - A scheduler notices the dead, and its queue is fair to the slow.
# - Several devices average their gradients, weighted by their crops, and take the step of the whole
#   batch. That needs a loss that is a mean, and crops that do not see each other: no batch
#   normalization. Communication costs time: parameters against cable.
# - A training run that loses a device goes back to its newest checkpoint.
#
# ### Questions to check yourself
# 1. Eight workers were measured to be four times as fast as one. How large is the serial fraction,
#    and what can a hundred workers reach?
#
#    <details><summary>Answer</summary>
#
#    1/4 = s + (1 - s)/8 gives s = 1/7. A hundred workers then reach 1/(1/7 + 6/700), about 6.6
#    times the speed of one.
#
#    </details>
#
# 2. A worker appends each image's mean color to one shared text file. Why is that job not
#    idempotent, and what would you do instead?
#
#    <details><summary>Answer</summary>
#
#    Run twice, it leaves the line twice; killed in the middle, it leaves half a line. Write one
#    small file per image, whole, and read them all together at the end.
#
#    </details>
#
# 3. Why does `split_collection` need the same order of items in every worker? What could make the
#    order differ?
#
#    <details><summary>Answer</summary>
#
#    Otherwise two workers count differently, and an image is made twice or not at all. Folders list
#    their files in no fixed order, and somebody may add one. So sort, and list only once.
#
#    </details>
#
# 4. You have four devices instead of one, and give each of them as many crops as the one had. Is it
#    still the same training? What would you do about the learning rate and the number of steps?
#
#    <details><summary>Answer</summary>
#
#    No: the batch is four times as large, and each step's gradient is less noisy. With the same
#    number of steps it sees four times as many crops. Usually you take fewer steps and a larger
#    learning rate, warmed up gradually.
#
#    </details>
#
# 5. A checkpoint takes 2 s to write, and a machine dies about once a day. How many minutes would
#    you leave between checkpoints?
#
#    <details><summary>Answer</summary>
#
#    About ten. With a checkpoint every t seconds you lose a fraction 2/t of the time to writing,
#    and t/2 seconds a day to the failure. Their sum is smallest at the square root of 2 * 2 *
#    86,400, which is 588 s.
#
#    </details>
#
# ### Reading
# - G. Amdahl, "Validity of the Single Processor Approach to Achieving Large Scale Computing
#   Capabilities", AFIPS 1967; and its counterpart: J. Gustafson, "Reevaluating Amdahl's Law",
#   Communications of the ACM 31, 1988.
# - J. Dean and S. Ghemawat, "MapReduce: Simplified Data Processing on Large Clusters", OSDI 2004:
#   where doing it again became a principle.
# - M. Rocklin, "Dask: Parallel Computation with Blocked Algorithms and Task Scheduling", SciPy
#   2015.
# - P. Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017: how to
#   choose the learning rate when the batch grows.
