# %% [markdown]
# # Lesson 15: Many machines
# You share a collection of pictures among several processes, kill one of them without losing a
# picture, calculate what a million pictures cost, and train one network on two devices.
#
# **You will be able to**
# - say how much faster several workers can be at best, and why they usually are not
# - share a collection out so that nothing is lost and nothing done twice, even if a worker dies
# - calculate time and price of a large collection from one measured picture
# - say why several devices compute the gradient of one large batch, and what their talking costs
# - start `course stylize` on a cluster, and know what `course train` does with several devices
#
# **You need:** lesson 4, lesson 8.
#
# **Time:** 65 minutes, 100 with the optional sections; the code runs in about 30 s on a CPU and on
# a GPU, since most of it is work for the CPU.
#
# **Optional:** *What a million pictures cost*, *One network on several devices*.

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
from keras import ops

from course_lib import collection, images
from course_lib.autoencoder import Autoencoder
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.plots import plot_bars, plot_lines, show_images
from course_lib.transfer import FeatureTransfer

# %% [markdown]
# ## One picture, and a million
# Everything so far was done on one machine, one picture after the other. That is fine for a
# holiday. An archive, a film or a photo service has a million pictures. How long would your
# machine take? Measure one picture, and multiply.

# %% tags=["nbval-ignore-output"]
side = choose_budget().image_size
transfer = FeatureTransfer()
style = transfer.style_code(collection.style_image("stained_glass", size=side))
content = collection.photograph("coffee", size=side)
transfer(content, style)  # the first call compiles, which is done once

begun = time.perf_counter()
for _ in range(3):
    painted = transfer(content, style)
seconds_each = (time.perf_counter() - begun) / 3
print(f"a picture of {side} pixels: {seconds_each:.3f} s")
print(f"a million of them: {seconds_each * 1e6 / 86400:.1f} days")

# %% [markdown]
# A million of anything is a lot. So let others help: ten processes, ten machines, a thousand
# machines. **Before you read on:** if one machine takes ten days, how long do ten machines take?
#
# ## What cannot be shared
# "One day" is the best case. Some part of the work is not shared out: listing the files, loading
# the program and its weights, waiting for the last one to finish. Let $s$ be the share of that
# serial part when one worker does everything. The serial part takes as long as before, and the rest
# is divided among $n$ workers. Hence **Amdahl's law**: $n$ workers are faster by the factor
#
# $$ S(n) = \frac{1}{s + \frac{1 - s}{n}}. $$
#
# ### Exercise: Amdahl's law
# `serial` is the share $s$, from 0 to 1; return $S(n)$. Hints:
# `exercise("amdahl-speedup").hint()`.


# %%
def speedup(workers, serial):
    """How many times as fast `workers` are, if a share `serial` of the work is not divided."""
    ...


speedup = exercise("amdahl-speedup").check(speedup)

# %% [markdown]
# **Before you run the next cell:** a twentieth of the work is serial. How fast can a thousand
# workers be at best?

# %%
for serial in (0.0, 0.01, 0.05, 0.2):
    row = [f"{speedup(workers, serial):7.1f}" for workers in (2, 10, 100, 1000)]
    print(f"serial share {serial:4.2f}; 2, 10, 100, 1000 workers:", *row)

# %%
# alt: Four curves of the speed-up against the number of workers, both axes logarithmic. With
#      nothing serial it is a straight line up to 1000; with a serial share of 0.01, 0.05 and 0.2
#      the curves level off at 100, 20 and 5.
counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
plot_lines(
    {
        f"serial share {serial}": (counts, [speedup(n, serial) for n in counts])
        for serial in (0.0, 0.01, 0.05, 0.2)
    },
    xlabel="workers",
    ylabel="times as fast",
    logx=True,
    logy=True,
)

# %% [markdown]
# However many workers there are, the speed-up stays below $1 / s$. With a serial twentieth that is
# 20, and the workers from the hundredth on mostly wait. So the first question is never "how many
# machines can I get?" but "what is serial, and can I make it less?"
#
# ## What a million pictures cost
# Machines are rented by the hour. The price below is an **example**, no offer of anybody: look up
# what your machine costs, put it in, and put in the seconds that you measured.
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
print("a million pictures       nothing serial          a thousandth serial")
for workers in (1, 10, 100, 1000):
    ideal, real = bill(1_000_000, workers, 0.0), bill(1_000_000, workers, 0.001)
    print(
        f"{workers:5} machines     {ideal[0]:7.2f} h  costs {ideal[1]:6.0f}"
        f"     {real[0]:7.2f} h  costs {real[1]:6.0f}"
    )

# %% [markdown]
# If everything can be shared, the bill stays the same: ten machines for an hour cost as much as one
# machine for ten. You only get the pictures sooner. With a serial part the bill *grows*, since
# everybody is paid for waiting: with a thousandth serial, a thousand machines cost twice as much.
# Not in the table are storage, the transport of the pictures, and the failed first attempt.
#
# ## Sharing a collection out
# The simplest way needs no cluster software at all. Every worker is the same program. It is told
# its number and how many workers there are, and picks its own pictures. Which ones?
#
# ### Exercise: who takes what?
# Worker number $k$ of $n$ takes every $n$-th item, beginning with item $k$; both count from 0.
# `items` is an array: return the worker's part of it. Over all workers each item must occur
# exactly once. Hints: `exercise("split-collection").hint()`.


# %%
def split_collection(items, number, count):
    """The items of worker `number`, which counts from 0, of `count` workers."""
    ...


split_collection = exercise("split-collection").check(split_collection)

# %% [markdown]
# Now for real. We make a small collection: 24 cut-outs of the course's photographs.

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
print("each picture once:", sorted(np.concatenate(shares)) == sorted(names))

# %% [markdown]
# ### The worker
# A worker is another process: it shares no variable with this notebook, so its program is a file of
# its own. This one gives pictures the colors of a style image, by sorting: the darkest value of a
# channel becomes the darkest value of the style's, and so on. That takes no network, so the program
# starts quickly.
#
# Two of its lines are worth a second look. **Which one decides who makes what? And which one makes
# it harmless to start a worker twice?**

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
    picture = images.load_image(path)
    order = np.argsort(picture.reshape(-1, 3), axis=0, kind="stable")
    colored = np.empty_like(picture).reshape(-1, 3)
    places = np.linspace(0, len(style) - 1, len(order)).astype(int)
    np.put_along_axis(colored, order, style[places], axis=0)
    images.save_image(colored.reshape(picture.shape), target)
"""
(folder / "worker.py").write_text(PROGRAM)
(folder / "out").mkdir()


# %%
def start_workers(count):
    """Start the program so many times; each process gets its number."""
    # The workers find course_lib where this notebook has found it.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = [sys.executable, str(folder / "worker.py"), str(folder)]
    return [
        subprocess.Popen([*program, str(number), str(count)], env=environment)
        for number in range(count)
    ]


# %%
def done():
    """The names of the finished images."""
    return sorted(path.name for path in (folder / "out").glob("[0-9]*.jpg"))


def start_over():
    """Forget all results."""
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()


# %%
# alt: A painting, and four cut-outs of photographs, a cup, an astronaut, a cat and a rocket, all in
#      the colors of the painting.
exits = [worker.wait() for worker in start_workers(2)]
print("both ended well:", exits == [0, 0], " pictures:", len(done()))
given = {"the style": collection.style_image("impressionist", size=288)}
show_images(
    given | {name: images.load_image(folder / "out" / name) for name in done()[:4]}, columns=5
)

# %% [markdown]
# The slice `[number::count]` decides who makes what. And `if target.exists()` makes it harmless to
# start a worker twice: what is there already is passed over.
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
measured = took[1] / took[2]
serial = min(1, max(0, (1 / measured - 1 / 2) / (1 - 1 / 2)))
print(f"cores here: {os.cpu_count()}; one worker {took[1]:.2f} s, two workers {took[2]:.2f} s")
print(f"{measured:.2f} times as fast; by Amdahl's law a serial share of {serial:.2f}")
for count in (4, 16):
    print(f"{count} workers on as many cores could be {speedup(count, serial):.1f} times as fast")

# %%
# alt: Two bars: pictures a second by one worker and by two, start of the program included.
plot_bars(
    {"one worker": len(names) / took[1], "two workers": len(names) / took[2]},
    ylabel="pictures a second",
)

# %% [markdown]
# Read your own numbers. Usually it is faster, and not twice. Each worker first has to start Python
# and load the library, and for 24 small pictures that is much of the whole. For a million it is
# nothing: **the serial share depends on the size of the collection**. On a machine with one core,
# or whose cores are busy, nothing is gained at all, since two workers share what one had.
#
# ## A worker dies
# With a thousand machines for a day, one of them *will* fail: a full disk, a pulled plug, a rented
# machine taken back. We do not wait for it, and kill one of two workers in the middle of its work.
#
# **Before you run the next cell:** what will lie in the folder of results?

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
print("every picture that is there is whole:", sides == {(288, 288, 3)})

# %% tags=["nbval-ignore-output"]
print(f"pictures missing: {len(names) - len(finished)} of {len(names)}")
leftover = [path.name for path in (folder / "out").iterdir() if path.name not in finished]
print(f"begun and not finished: {len(leftover)}")

# %% [markdown]
# The pictures of the dead worker are missing, but no picture is half written. `images.save_image`
# writes under another name first, and renames when the file is whole. So the folder itself says
# what is done, and the remedy is simple: start the same program again. What is there is passed
# over, what is missing is made.
#
# **Before you run the next cell:** this time we start three workers instead of two. Does that do
# any harm?

# %%
for worker in start_workers(3):
    worker.wait()
print("nothing lost:   ", set(done()) == set(names))
print("nothing doubled:", len(done()) == len(names))

# %% [markdown]
# It does none. A job that may be done twice and leaves the same behind is called **idempotent**.
# Whoever plans for failure makes jobs idempotent; then the answer to all troubles is "again".
#
# ### What a scheduler adds
# Two things are still bad. Somebody has to notice that a worker died. And shares that are dealt out
# beforehand are unfair: who got the large pictures, or the slow machine, finishes last, and all
# wait. The remedy is one queue for all: whoever is free takes the next picture. Let us
# compare the two by calculation, with 40 jobs and a worker that is four times slower than the
# others.

# %% tags=["nbval-check-output"]
speeds = [1.0, 1.0, 1.0, 0.25]  # jobs a second
dealt = [len(split_collection(np.arange(40), number, 4)) for number in range(4)]
dealt_out = max(jobs / speed for jobs, speed in zip(dealt, speeds, strict=True))

free_at = np.zeros(4)
for _ in range(40):
    # Whoever is free first takes the next job.
    worker = int(np.argmin(free_at))
    free_at[worker] += 1 / speeds[worker]
print(f"dealt out beforehand: finished after {dealt_out:.0f} s")
print(f"one queue for all:    finished after {free_at.max():.0f} s")

# %% [markdown]
# Dask is such a scheduler. It has a queue, notices when a worker is gone, and gives its jobs to
# others. The course's command uses it if it is installed. On your own machine, in the course's
# folder, with four workers:
#
#     python -m pip install -e ".[cluster]"
#     course stylize PHOTOS stained_glass -o OUT --workers 4
#
# On many machines, one command on the first, one on each of the others, and the course's own:
#
#     dask scheduler
#     dask worker tcp://FIRST:8786
#     course stylize PHOTOS stained_glass -o OUT --scheduler tcp://FIRST:8786
#
# It prints the address of a page on which you can watch the workers. A picture that fails is tried
# twice again, and named at the end if that did not help. What the library relies on is what you
# have just seen: files are written whole, and the same job done twice leaves the same file.
#
# Three things to know. All machines must see the folders under the same path, since only names of
# files are sent. A *video* stays with one worker, because each of its frames leans on the one
# before: ten videos can be shared among ten workers, one video cannot. And whoever reaches the
# scheduler can have its workers run any program, so it belongs in a network of people you trust.
#
# ## One network on several devices
# Stylizing shares easily, since pictures do not depend on each other. Training does not: step 8
# needs the weights of step 7. What can be shared is a single step. Each device has a copy of
# the network and takes a part of the batch. Each computes a gradient, and from these the devices
# have to find the gradient of the whole batch. How?
#
# Take a loss that is a mean over crops. Then the whole batch's loss is a mean of the parts' losses,
# and the same is true of the gradients. But a mean in which each part counts **by its size**.
#
# ### Exercise: the gradient of a shared batch
# `sizes` says how many crops each device had. Return the gradient of the whole batch, an array
# (parameters,). Hints: `exercise("average-gradients").hint()`.


# %%
def average_gradients(gradients, sizes):
    """From gradients (devices, parameters) of parts of a batch: that of the whole batch."""
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
def gradient(batch):
    """The gradient of the mean squared error of a batch, as one long array."""
    with tf.GradientTape() as tape:
        error = ops.mean(ops.square(network(batch) - batch))
    parts = tape.gradient(error, network.trainable_variables)
    return np.concatenate([ops.convert_to_numpy(part).ravel() for part in parts])


# %%
whole = gradient(crops)
shared = average_gradients(np.stack([gradient(crops[:6]), gradient(crops[6:])]), np.array([6, 2]))
print("numbers in the gradient:", whole.size)
print("the same gradient:", bool(np.abs(whole - shared).max() < 1e-4 * np.abs(whole).max()))

# %% [markdown]
# The same gradient means the same step. So a training on several devices gives the same network as
# one device with the whole batch, up to rounding.
#
# **Before you run the next cell:** a careless program uses the plain mean of the two gradients.
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

# %% [markdown]
# The plain mean is right only when all parts are equally large. The library therefore refuses a
# batch that does not divide evenly among the devices.
#
# ### What the talking costs
# After each step every device must know all gradients: as many numbers as there are parameters. In
# the usual scheme, a ring, each of $n$ devices sends $2 \frac{n-1}{n}$ times as many, so never more
# than twice. During that time nobody computes. Put in the numbers of your own network and cable:

# %% tags=["nbval-check-output"]
STEP = 0.10  # an example: seconds that a device computes in a step
CABLES = {"1 gigabit a second": 1e9, "25 gigabit a second": 25e9, "400 gigabit a second": 400e9}


def efficiency(parameters, bits_a_second, devices=8):
    """Share of the time in which the devices compute."""
    bits = 32 * parameters * 2 * (devices - 1) / devices
    return STEP / (STEP + bits / bits_a_second)


for what, parameters in {"500 thousand": 5e5, "140 million": 1.4e8}.items():
    for cable, bits in CABLES.items():
        share = efficiency(parameters, bits)
        print(f"{what:12} parameters, {cable:20}: computing {share:6.1%} of the time")

# %% [markdown]
# A small network such as the course's can be trained over an ordinary cable. A network as large as
# VGG-19 on the same cable would do little but talk. What helps: a faster cable, larger batches, so
# that there is more to compute between two talks, and gradients of 16 bits.
#
# ### On real devices
# Several graphics cards of one machine need no preparation: `course train` uses all that it sees,
# and `--devices` says how many otherwise. The averaging is done by the framework, in TensorFlow by
# `MirroredStrategy`: what is made inside its `scope` has a copy on each device, `fit` deals each
# batch out, and the copies take the same step.
#
# You need no card to try it. TensorFlow can treat one processor as two devices, if it is told so
# before it starts; hence the next program runs in a process of its own. It trains the same network
# twice for ten steps, with one device and with two.

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
# others. Will the two networks end at the same weights?

# %%
subprocess.run(
    [sys.executable, *(str(folder / name) for name in ("two_devices.py", "crops.npy", "w.npy"))],
    env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    stderr=subprocess.DEVNULL,
    check=True,
)
one_device, two_devices = np.load(folder / "w.npy")
way = np.abs(one_device - np.concatenate([np.ravel(w) for w in start])).max()
print("way gone from the start:", bool(way > 0.01))
apart = np.abs(one_device - two_devices).max()
print("one device and two, same weights:", bool(apart < 1e-3 * way))

# %% [markdown]
# Two halves of one processor are not faster than the whole. Two graphics cards are, by as much as
# the calculation above leaves over.
#
# **And several machines?** The frameworks can do that too: TensorFlow with
# `MultiWorkerMirroredStrategy`, JAX with `jax.distributed`, PyTorch with `torchrun`; each machine
# is told the addresses of all. The arithmetic is what you have just seen, only the cable is longer.
# The course does not do it: its networks were trained on one machine, in hours, and nothing
# in this lesson has shown you several machines training.
#
# **What happens if one of the devices dies?** Here is the difference from stylizing. A step needs
# the gradients of all, so the others cannot go on, and the training stops. It is started again with
# `--resume`, goes on from its newest checkpoint, and arrives where it would have arrived anyway, as
# you have seen in lesson 4. Jobs that do not depend on each other are repeated one by one; jobs
# that do are repeated from a common point.
#
# ## Summary
# - Amdahl's law: with a serial share $s$, no number of workers is faster than $1/s$.
# - Sharing does not make a million pictures cheaper, only sooner; what is serial makes them dearer.
# - Share a collection out by number and count. Write files whole, pass over what is there: then
#   "again" is the answer when a worker dies.
# - A scheduler notices the dead, and its queue is fair to the slow.
# - Several devices average their gradients, each counted by its crops, and take the step of the
#   whole batch. The talking costs time: parameters against cable.
# - A training that loses a device goes back to its newest checkpoint.
#
# ### Questions to check yourself
# 1. Eight workers were measured to be four times as fast as one. How large is the serial share, and
#    what can a hundred workers reach?
#
#    <details><summary>Answer</summary>
#
#    1/4 = s + (1 - s)/8 gives s = 1/7. A hundred workers are then 1/(1/7 + 6/700), about 6.6 times
#    as fast.
#
#    </details>
#
# 2. A worker appends each picture's mean color to one common text file. Why is that job not
#    idempotent, and what would you do instead?
#
#    <details><summary>Answer</summary>
#
#    Done twice, the line stands there twice; killed in the middle, half a line. One small file for
#    each picture, written whole, and all of them read together at the end.
#
#    </details>
#
# 3. Why does `split_collection` need the same order of the items in every worker? What could make
#    the order differ?
#
#    <details><summary>Answer</summary>
#
#    Otherwise two workers count differently, and a picture is made twice or not at all. Folders
#    list their files in no fixed order, and somebody may add one; so sort, and list only once.
#
#    </details>
#
# 4. You have four devices instead of one, and give each as many crops as the one had. Is it still
#    the same training? What would you do about the learning rate and the number of steps?
#
#    <details><summary>Answer</summary>
#
#    No: the batch is four times as large, and each step's gradient is less noisy. With as many
#    steps it sees four times as many crops; usually one takes fewer steps and a larger learning
#    rate, begun gently.
#
#    </details>
#
# 5. A checkpoint takes 2 s to write, and a machine dies about once a day. How many minutes would
#    you put between two checkpoints?
#
#    <details><summary>Answer</summary>
#
#    About ten: with checkpoints every t seconds one loses 2/t of the time to writing and t/2
#    seconds a day to the accident. Their sum is smallest at the root of 2 * 2 * 86,400, which is
#    588 s.
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
# - P. Goyal and others, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017: how to
#   choose the learning rate when the batch grows.
