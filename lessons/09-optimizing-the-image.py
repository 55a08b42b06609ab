# %% [markdown]
# # Lesson 9: Optimizing the image
# The network stands still and the image moves: you follow the gradient of a loss down to the
# pixels, learn what each control does, and repair somebody's first attempt at it.
#
# **You will be able to**
# - write down the total loss of style transfer, and say what each of its weights does
# - change an image with steps of Adam that you wrote
# - choose the start, the scales and the smoothing, and say what each is for
# - say when optimizing is worth its time, and when a feed-forward network is
# - test a loss with questions whose answers you know, and find the mistakes first attempts make
#
# **You need:** lesson 6, lesson 8 for its comparisons.
#
# **Time:** 90 minutes, 110 with the optional sections; the code runs in about 40 s on a CPU. On a
# GPU the pictures are larger and there are more steps, and it takes about as long.
#
# **Optional:** *Where to start*, *From coarse to fine*, *Smoothing*.

# %% tags=["setup"]

# %%
import time
from functools import partial

import numpy as np
from keras import ops

from course_lib import collection, images, losses
from course_lib.autoencoder import TAPS, Autoencoder
from course_lib.backend import value_and_gradient
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.features import FeatureExtractor
from course_lib.losses import (
    STYLE_WEIGHT,
    ContentPreservingStyleTransfer,
    StyleTransfer,
    content_loss,
    style_loss,
    total_variation_loss,
)
from course_lib.metrics import color_distance, ssim, stroke_scale
from course_lib.plots import plot_lines, show_images
from course_lib.transfer import FeatureTransfer, ImageOptimizer, optimize_image
from course_lib.transfer.descent import plan_scales
from course_lib.widgets import loss_chart, painting_live

# %% [markdown]
# ## What is unknown
# In lesson 2 the images stood still and the weights of the network moved, until the loss was small.
# Turn that around. Now the network stands still, and the pixels move.
#
# We ask three things of the image $x$. At the deep layers it should have the features of the
# content image (lesson 5). At all layers it should have the statistics of the style image
# (lesson 6). And neighboring pixels should not differ without need. The **total loss** adds them
# up:
#
# $$ L(x) = \alpha\, L_\text{content}(x) + \beta\, L_\text{style}(x)
# + \gamma\, L_\text{variation}(x). $$
#
# $\alpha$, $\beta$ and $\gamma$ are the weights. Each loss is relative, as in lessons 5 and 6: it
# is 0 where all is as it should be, and 1 or so where nothing is. So one set of weights serves all
# images. $L_\text{variation}$ is the squared **total variation**; more on that below. In
# $L_\text{style}$ the library gives half to Gram matrices and half to means and standard
# deviations. Neither the halves nor the weights follow from a theory: they were chosen by looking
# at results.
#
# How large the images are and how many steps are taken depends on your machine:

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
print(budget)
weights = losses.CONTENT_WEIGHT, STYLE_WEIGHT, losses.VARIATION_WEIGHT
print("alpha = {:g}, beta = {:g}, gamma = {:g}".format(*weights))

# %%
# alt: A photograph of a cup of coffee on a red saucer, and a painting of a purple and orange sunset
#      over water, laid on with broad strokes of a knife.
content = collection.photograph("coffee", size=budget.image_size)
style = collection.style_image("palette_knife")
show_images({"content image": content, "style image": style}, width=400)

# %% [markdown]
# `ImageOptimizer` holds the image and takes the steps. Its first `advance()` takes none: it looks
# at the start, which is the photograph itself here.
#
# **Before you run the next cell:** which of the three losses of the photograph is 0?

# %% tags=["nbval-ignore-output"]
optimizer = ImageOptimizer(content, style, steps=budget.optimize_steps, start="content", scales=1)
at_start = optimizer.advance()
print({name: round(value, 4) for name, value in at_start.items()})

# %%
print("content loss of the photograph is 0:", bool(at_start["content"] < 1e-4))
print("its style loss is not:", bool(at_start["style"] > 0.05))

# %% [markdown]
# ## Step by step
# `optimize_image` takes all the steps, and calls a function of yours along the way. It hands that
# function the optimizer, which knows the number of the step, the losses, and the image at that
# moment. We keep some images. (`scales=1` leaves the image at its size; other choices come further
# down.)

# %%
steps = budget.optimize_steps
keep = (0, 5, 15, 5 * (steps // 10), steps)
on_the_way, history = {}, []


def watch(optimizer):
    """Remember the losses, and the image at some steps."""
    history.append((optimizer.step, optimizer.losses))
    if optimizer.step in keep:
        on_the_way[f"step {optimizer.step}"] = optimizer.image


begun = time.perf_counter()
optimized = optimize_image(content, style, steps=steps, watch=watch, scales=1, margin=0)
optimizing = time.perf_counter() - begun

# %%
print("images kept:", len(on_the_way))
print("as large as the photograph:", optimized.shape == content.shape)

# %%
# alt: The cup, recolored, at the start; then strokes appear along its edges and on the table, its
#      colors come closer to the painting's, and at the end both are settled.
show_images(on_the_way, columns=3, width=620)

# %% [markdown]
# At step 0 this is not quite the photograph: by default, `optimize_image` first gives it the colors
# of the style. You will see why below. Then the strokes grow. They begin where the photograph has
# an edge or a grain to hang them on, and spread from there.

# %%
# alt: Two lines over the steps: the weighted style loss falls steeply, then ever more slowly; the
#      content loss stays low.
at = [step for step, _ in history]
shares = {"style": STYLE_WEIGHT, "content": 1.0}
plot_lines(
    {
        f"{weight:g} x {name} loss": (at, [weight * losses[name] for _, losses in history])
        for name, weight in shares.items()
    },
    xlabel="step",
    ylabel="part of the total loss",
)

# %%
first, last = history[0][1], history[-1][1]
print("the style loss has fallen:", bool(last["style"] < 0.8 * first["style"]))
print("the total has fallen:", bool(last["total"] < 0.8 * first["total"]))
print("the content loss is no longer 0:", bool(last["content"] > 0.05))

# %% tags=["nbval-ignore-output"]
for name in ("style", "content", "total"):
    print(f"{name} loss: {first[name]:.4f} at the start, {last[name]:.4f} at the end")

# %% [markdown]
# Leaving the photograph is the price of the style. Where the lines level off, a little more style
# would cost as much content as it gains.
#
# ## One step, by hand
# What does a pixel feel? The **gradient** of the total loss at the image: for each of its numbers,
# how fast the loss would grow with it. Lesson 3 found a gradient by moving one value up and down.
# Here there are tens of thousands of values, so we let the framework do it, backward through the
# network. `value_and_gradient` is `tf.GradientTape` on TensorFlow, and its counterpart elsewhere.

# %%
small = collection.photograph("coffee", size=3 * budget.image_size // 4)
small_style = images.resize(style, max(small.shape))
extractor = FeatureExtractor("course")
of_content, of_style = (extractor(images.to_batch(one)) for one in (small, small_style))
deep = {tap: of_content[tap] for tap in ("relu3_1", "relu4_1")}


def total_loss(pixels):
    """The loss of the pixels (1, height, width, 3), and an empty dictionary of extras."""
    found = extractor(pixels)
    asked = content_loss(deep, found) + STYLE_WEIGHT * style_loss(of_style, found)
    return asked, {}


# %%
# alt: The small photograph of the cup, and a gray map of it that is brightest on the red saucer and
#      darkest on the white rim of the cup.
pixels = ops.convert_to_tensor(images.to_batch(small))
loss, _, gradient = value_and_gradient(total_loss, pixels)
steep = ops.convert_to_numpy(ops.mean(ops.abs(gradient), axis=-1))[0]
show_images({"photograph": small, "how steep": steep / np.quantile(steep, 0.99)}, width=620)

# %% tags=["nbval-ignore-output"]
low, middle, high = np.quantile(np.abs(ops.convert_to_numpy(gradient)), (0.05, 0.5, 0.95))
print(
    f"gradient of a flat place {low:.1e}, of a middle one {middle:.1e}, of a steep one {high:.1e}"
)

# %%
print("a steep place is over 5 times as steep as a flat one:", bool(high > 5 * low))

# %% [markdown]
# They differ a lot; the red saucer is steepest. Walk along the gradients with one learning rate,
# and steep places jump while flat ones hardly get anywhere. And the loss is a mean over all
# places, so a single pixel counts for less the larger the image: no learning rate fits all
# images.
#
# **Adam** mends that. For each number it remembers the running mean $m$ of its gradients $g$, and
# the running mean $s$ of their squares:
#
# $$ m \leftarrow 0.9\, m + 0.1\, g, \qquad s \leftarrow 0.99\, s + 0.01\, g^2 . $$
#
# Both start at zero, so at first they are too small. After $k$ steps $m$ is divided by $1 - 0.9^k$
# and $s$ by $1 - 0.99^k$, which makes up for that. Then the pixel moves against $m$, in units of
# its own typical gradient:
#
# $$ x \leftarrow x - \text{rate} \cdot \frac{m / (1 - 0.9^k)}{\sqrt{s / (1 - 0.99^k)}} . $$
#
# Gatys and colleagues, who found this method, used **L-BFGS** instead, which builds a picture of
# the loss's curvature from its last steps and takes larger steps for it. It needs the exact loss at
# every step, and more memory; Adam is simpler, and does not mind when the loss changes under it,
# as it will in the lab below.
#
# ### Exercise: a step of Adam
# `pixels`, `gradient`, `mean` ($m$) and `square` ($s$) are arrays of one shape; `count` is the
# number of steps taken before this one, so $k$ is one more. Pixels that leave the range from 0 to 1
# are put back to its end. Add 1e-12 to the root, so that nothing is divided by 0 where the gradient
# is 0. Stuck? `exercise("adam-step").hint()`.


# %%
def adam_step(pixels, gradient, mean, square, count, rate):
    """One step downhill; returns the new pixels, mean, square and count."""
    ...


adam_step = exercise("adam-step").check(adam_step)

# %% [markdown]
# **Before you run the next cell:** the rate is 0.03. How far does a pixel of the steep saucer move
# in the first step, and how far a pixel on the flat rim of the cup?

# %%
nothing = ops.zeros_like(pixels)
moved, *memory = adam_step(pixels, gradient, nothing, nothing, 0, rate=0.03)
distance = np.abs(ops.convert_to_numpy(moved - pixels))
print("99 of 100 pixels moved no further than 0.03:", bool(np.quantile(distance, 0.99) < 0.0301))
print("9 of 10 moved by all of 0.03:", bool(np.quantile(distance, 0.1) > 0.0299))
print("count:", int(memory[-1]))

# %% tags=["nbval-ignore-output"]
print("distance moved, quantiles 0.1, 0.5, 0.99:", np.quantile(distance, (0.1, 0.5, 0.99)).round(4))

# %% [markdown]
# Both move by the same 0.03. After one step $m$ is the gradient and $\sqrt{s}$ its size, so their
# ratio is $+1$ or $-1$. (The others were put back at 0 or 1.) From the second step on the ratio
# shrinks wherever the gradients change their sign: a pixel that is undecided moves less.
#
# `optimize_image` takes exactly these steps, as one compiled program, with a rate that falls from
# 0.03 to 0.002, so that the last steps only polish.
#
# ## The balance
# Only the proportion of the weights matters: ten times all of them changes nothing but the unit of
# the loss. So leave $\alpha = 1$ and turn $\beta$, on a smaller image, and with fewer steps.
#
# **Before you run the next cell:** with $\beta$ a hundred times smaller, what will be left of the
# style?


# %%
# alt: The cup three times. With the smallest weight it is nearly the photograph; in the middle its
#      colors have turned; with the largest there are strokes all over.
optimize = partial(optimize_image, small, style, steps=30)
balanced = {weight: optimize(style_weight=weight) for weight in (0.3, 3.0, 30.0)}
show_images({f"style weight {weight:g}": one for weight, one in balanced.items()}, width=500)


# %%
def losses_of(image):
    """Content and style loss of an image of the small size, without any weights."""
    found = extractor(images.to_batch(image))
    return float(content_loss(deep, found)), float(style_loss(of_style, found))


contents, styles = zip(*[losses_of(one) for one in balanced.values()], strict=True)
print("more weight, less style loss:", list(styles) == sorted(styles, reverse=True))
print("and more content loss:", list(contents) == sorted(contents))

# %% tags=["nbval-ignore-output"]
for weight, left, gone in zip(balanced, styles, contents, strict=True):
    print(f"style weight {weight:4g}: style loss {left:.4f}, content loss {gone:.3f}")

# %% [markdown]
# With a hundredth of the weight hardly any strokes are left, and the style loss is dozens of
# times as large. There is no right place on this scale. You look, and choose. That is the good
# side of optimizing: no weight has to be settled before hours of training.
#
# ## Where to start
# Gatys and colleagues began with noise. You can also begin with the photograph; with the photograph
# **recolored**, which keeps its forms but takes the mean and the covariance of the style's
# colors; or with the image that a **feed-forward** network makes of it, one that runs just once:
# the painting decoder of lesson 8.
#
# **Before you run the next cell:** 30 steps from each. From which start will the cup be hardest to
# recognize?

# %%
# alt: Four images of the cup: from the photograph, with its red left and specks in other colors;
#      from noise, strokes without any cup; from the feed-forward image and from
#      the recolored photograph, the cup in the colors of the painting.
painter = FeatureTransfer()
starts = {"the photograph": "content", "noise": "noise"}
starts["the feed-forward image"] = painter(small, small_style)
started = {name: optimize(start=start, seed=9) for name, start in starts.items()}
started["the photograph recolored"] = balanced[30.0]
show_images({f"from {name}": one for name, one in started.items()}, columns=2, width=600)

# %%
likeness = {name: ssim(small, one) for name, one in started.items()}
style_left = {name: losses_of(one)[1] for name, one in started.items()}
content_left = {name: losses_of(one)[0] for name, one in started.items()}
print("least like the photograph: from", min(likeness, key=likeness.get))
print(
    "less style loss from the recolored photograph than from the photograph:",
    style_left["the photograph recolored"] < style_left["the photograph"],
)

# %% tags=["nbval-ignore-output"]
for name in started:
    print(f"{name:26} style loss {style_left[name]:.4f}, ", end="")
    print(f"content loss {content_left[name]:.2f}, SSIM {likeness[name]:.2f}")

# %% [markdown]
# The loss that is minimized is the same in all four. After 30 steps they have come to different
# places, and from noise there is no cup at all: look at its content loss. That does not prove
# that noise leads somewhere else in the end. It shows that 30 steps are too few. (Gatys and
# colleagues let theirs run for hundreds of steps.)
#
# From the photograph the cup is there already. But specks of its red are left, a color that the
# style does not have. Our suspicion: in the mean over a few pixels the specks cancel out, and a
# mean over many pixels is what a deep layer sees. That can be tested. Average squares of pixels,
# and compare the palettes with the style's again. If the specks cancel out, most of the
# difference must be gone.
#
# **Before you run the next cell:** for which of the two starts will averaging change more?


# %%
def palette_off(image, times):
    """The distance of an image's palette to the style's, after averaging squares of pixels."""
    coarse = images.resize(image, max(image.shape) // times)
    return color_distance(coarse, images.resize(small_style, max(small_style.shape) // times))


both = {name: started[name] for name in ("the photograph", "the photograph recolored")}
off = {name: [palette_off(one, times) for times in (1, 4, 8)] for name, one in both.items()}
drop = {name: values[0] - values[-1] for name, values in off.items()}
print(
    "averaging brings the first nearer by more:",
    drop["the photograph"] > max(drop["the photograph recolored"], 0),
)

# %% tags=["nbval-ignore-output"]
for name, values in off.items():
    print(f"from {name:26}", ", ".join(f"{value:.3f}" for value in values), "at 1, 4 and 8 pixels")

# %% [markdown]
# The suspicion was wrong, or at least it is not the whole story: averaged over 8 x 8 pixels, the
# image that started from the photograph is as far from the palette as before. Its red is not only
# in specks that cancel out; some of it is simply still there after 30 steps. What the numbers do
# show is that the recolored photograph ends nearer to the style, by its loss and by its palette, in
# the same time. That is why `start="recolored"` is the default. A feed-forward image has some of
# the strokes already: if you can only wait for a few steps, take it.
#
# ## From coarse to fine
# A feature at relu4_1 sees a window of a few dozen pixels. What is larger than the window, no loss
# can ask for. So look at a small copy first: there a stroke of a hundred pixels fits into the
# window. Find the large forms on it, enlarge the image, and go on with the finer ones.
# `optimize_image` does that for images whose shorter side has 256 pixels or more. It takes Adam's
# memory along, and of the start it enlarges only what has changed, so that its fine detail is not
# lost on the way. It also saves time: a step on a copy of half the size costs about a fourth. So
# most steps are taken on the small copies, and the last quarter refines. The plan for 300 steps on
# a large image:

# %%
for (rows, columns), count in plan_scales((1024, 1536), 300, scales=None, smallest=16):
    print(f"{count} steps at {rows} x {columns}")

# %% [markdown]
# Here is what scales do, on a small image. No content this time, only style, from noise: a texture,
# as in lesson 6.
#
# **Before you run the next cell:** in which of the two will the forms be larger?

# %%
# alt: Marbled paper with large swirls; a texture of it made at one scale, of small pieces; another
#      made at two scales, of larger ones.
paper = collection.style_image("marbled", size=128)
texture = partial(optimize_image, paper, paper, steps=60, content_weight=0, start="noise", seed=9)
shown = {"style image": paper}
shown |= {f"scales={scales}": texture(scales=scales) for scales in (1, 2)}
show_images(
    {name: np.kron(one, np.ones((2, 2, 1))) for name, one in shown.items()},
    width=440,
)
widths = {name: stroke_scale(one) for name, one in shown.items()}
print("with two scales the forms are wider:", widths["scales=2"] > widths["scales=1"])

# %% tags=["nbval-ignore-output"]
print("width of the forms in pixels:", {name: round(value, 1) for name, value in widths.items()})

# %% [markdown]
# (`stroke_scale` measures how far one has to go from a pixel until brightness no longer agrees.) At
# one scale the optimizer finds the short pieces of the pattern, and nothing tells it how they go
# on. On the coarse copy, longer pieces fit into the window.
#
# ## Smoothing
# The third loss is the squared **total variation**: the mean squared difference between neighbors,
# down and to the right,
#
# $$ L_\text{variation}(x) = \operatorname{mean} (x_{i+1,j} - x_{i,j})^2
# + \operatorname{mean} (x_{i,j+1} - x_{i,j})^2 , $$
#
# where $x_{i,j}$ is the pixel in row $i$ and column $j$. A network can have blind spots: patterns
# of single pixels to which it hardly responds. What it does not see, the other two losses leave
# alone. The total variation sees every difference between neighbors.
#
# The square matters. A jump of 1 in a single place costs 1; the same jump spread over ten pixels
# costs ten times 0.01. So the squared form prefers soft slopes to edges. With absolute values, as
# total variation was first defined, both cost the same, and edges survive. The default weight is
# so small that it hardly shows. Take the image that started from the photograph, with its specks,
# and turn the weight up.

# %%
# alt: The middle of the cup, enlarged, three times: with hard specks of single pixels; with softer
#      ones; and smooth, the strokes blurred along with the specks.
smoothed = {losses.VARIATION_WEIGHT: started["the photograph"]}
smoothed |= {weight: optimize(start="content", variation_weight=weight) for weight in (30.0, 300.0)}
height, width, _ = small.shape
part = np.s_[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
show_images(
    {
        f"weight {weight:g}": np.kron(one[part], np.ones((2, 2, 1)))
        for weight, one in smoothed.items()
    },
    width=600,
)

# %%
variation = [float(total_variation_loss(one[None])) for one in smoothed.values()]
print("the larger the weight, the less variation:", variation == sorted(variation, reverse=True))

# %% tags=["nbval-ignore-output"]
print("squared total variation:", ", ".join(f"{value:.4f}" for value in variation))

# %% [markdown]
# Too much of it takes the strokes away with the specks: they, too, are differences between
# neighbors.
#
# ## Lab: painting live
# All of this while it happens. Choose, press Start, and turn the three weights as the image is
# being painted; pause it to look. Below the lab you see how it looked after fifteen steps of our
# cup.
#
# **Before you press Start:** after some 50 steps, turn *take style* up to 10 x. Which of the curves
# will jump, which will fall, and which will rise after a while?

# %%
# alt: The cup with its first strokes; beside it the curves of the loss and its parts up to this
#      step: the total and the style loss fall, the content loss rises.
lab = painting_live()
early = {step: losses for step, losses in history if step <= 15}
curves = {"step": list(early)}
curves |= {name: [losses[name] for losses in early.values()] for name in first}
lab.show(
    {f"step 15 of {steps}": on_the_way["step 15"], "losses": loss_chart(curves, steps)}, width=600
)

# %% [markdown]
# The total jumps at once, because the same image is now measured with different weights. Then the
# style loss falls faster, and the content loss rises: it is the same balance as above, found in
# one run.
#
# ## What it costs, and what it gives
# A feed-forward network runs once. We run ours forward and backward, once for every step. How long
# that took above was noted.
#
# **Before you run the next cells:** how many times as long was it?

# %%
begun = time.perf_counter()
fed_forward = painter(content, style)
painting = time.perf_counter() - begun

# %%
print("optimizing takes longer:", optimizing > painting)

# %% tags=["nbval-ignore-output"]
print(f"feed-forward {painting:.2f} s, {steps} steps {optimizing:.1f} s")
print(f"{optimizing / painting:.0f} times as long, in this one run")

# %%
# alt: The cup painted by the feed-forward network, in the painting's colors with even strokes, and
#      the optimized one, whose colors and strokes are closer to the painting's.
judged = ImageOptimizer(content, style, steps=steps, start=fed_forward, scales=1).advance()
show_images({"feed-forward": fed_forward, "optimized": optimized}, width=440)
print("the optimized image has less style loss:", last["style"] < judged["style"])

# %% tags=["nbval-ignore-output"]
for name, seen in {"feed-forward": judged, "optimized": last}.items():
    print(f"{name:13} style loss {seen['style']:.4f}, content loss {seen['content']:.3f}")

# %% [markdown]
# By the very loss that it minimizes, the optimized image has to be ahead; that alone says little
# about what you would hang on a wall. What do you get for the time?
#
# - **This** image in **this** style: nothing is spent on other images.
# - No training. Change the loss, the weights, the layers or the network, and start.
# - A mask for each style, two styles at once, the photograph's colors kept: all of these are only
#   other losses (see the arguments of `ImageOptimizer`).
#
# And when is it the wrong choice? For a thousand images, for a video, for a lab that answers while
# you drag. Between the two there is a middle gear: feed forward first, then a few steps. Here it is
# on an image twice as large.

# %%
# alt: The cup at twice the size, painted feed-forward and then optimized for a few steps: strokes
#      of purple, orange and gold follow the rim of the cup and the grain of the table.
large = collection.photograph("coffee", size=2 * budget.image_size)
draft = painter(large, style)
refined = optimize_image(large, style, steps=steps // 2, start=draft)
show_images({f"feed-forward, then {steps // 2} steps": refined}, width=512)

# %% [markdown]
# ## A fault hunt
# Here is a first attempt at all this. It was written in a hurry, and whenever an error message came
# up, somebody made it go away. It runs. It is wrong in seven places, and each of them is a mistake
# that people really make. Read it slowly before you go on, and write down what you find.

# %%
autoencoder = Autoencoder.from_course()


def layer_features(images, layers):
    """The features of images at some layers of the autoencoder."""
    output = autoencoder(images)
    return {layer: getattr(output, layer, output) for layer in layers}


def content_part(extract, image, content):
    """How far the features of an image are from the content image's."""
    loss = 0.0
    for maps in extract(image).values():
        gray = ops.mean(ops.image.resize(content, maps.shape[1:3]), axis=-1, keepdims=True)
        loss += ops.mean((maps - gray) ** 2)
    return loss


# %%
def style_part(extract, image, style):
    """How far the Gram matrices of an image are from the style image's."""
    loss, wanted = 0.0, extract(style)
    for layer, maps in extract(image).items():
        gram = ops.tensordot(maps, ops.transpose(maps), axes=1)
        loss += ops.mean((gram - wanted[layer] ** 2) ** 2)
    return loss


# %%
class FirstStyleTransfer:
    """Pixel-based style transfer, which works on the image."""

    def __init__(self, content_layers, style_layers):
        self.at_content = partial(layer_features, layers=content_layers)
        self.at_style = partial(layer_features, layers=style_layers)

    def __call__(self, content_image, style_image):
        content = content_part(self.at_content, content_image, content_image)
        style = style_part(self.at_style, content_image, style_image)
        return content + style


class FirstContentPreservingStyleTransfer(FirstStyleTransfer):
    """Feature-based style transfer, which works on feature vectors."""

    def __call__(self, content_image, style_image):
        content = content_part(self.at_content, content_image, content_image)
        style = style_part(self.at_style, content_image, style_image)
        return content + style


# %% [markdown]
# Does it run? It does.

# %%
square = images.to_batch(images.resize(content, (32, 32)))
square_style = images.to_batch(images.resize(style, (32, 32)))
layers = ("relu4_1",), ("relu3_1", "relu4_1")
attempt, preserving = FirstStyleTransfer(*layers), FirstContentPreservingStyleTransfer(*layers)
result = attempt(square, square_style)
print("a finite number:", bool(ops.isfinite(result)))

# %% [markdown]
# A number that comes out proves nothing. Ask questions whose answers you know beforehand.
#
# **Before you run the next cell:** write down what each line should print if all were well.

# %%
features = layer_features(square, ("relu3_1", "relu4_1"))
print("shapes at relu3_1 and relu4_1:", [tuple(maps.shape) for maps in features.values()])
same = bool(attempt(square, square) < 1e-6)
print("loss 0 where image, content and style are one:", same)
print("what comes out is an image:", len(result.shape) == 4)
gap = ops.abs(result - preserving(square, square_style))
print("the two classes differ:", bool(gap > 1e-3 * ops.abs(result)))
try:
    attempt(square, square_style[:, :24])
    print("a style image of another size: fine")
except Exception:
    print("a style image of another size: stopped with an error")

# %% [markdown]
# Five questions, five wrong answers. We mend one piece after the other. Each cell below holds a
# faulty piece and its check. Run it as it is, then mend the piece in the cell and run it again. The
# explanation follows *after* each check: try first. Each piece has its hints,
# `exercise("mend-features").hint()` and so on. As always, the lesson goes on with a right one in
# any case.
#
# ### First: what is read
# What kind of thing is `output`? And what does `getattr` with a third argument do when there is no
# such attribute?


# %%
def layer_features(images, layers):
    """The features of images at some layers of the autoencoder."""
    output = autoencoder(images)
    return {layer: getattr(output, layer, output) for layer in layers}


layer_features = exercise("mend-features").check(layer_features)

# %%
features = layer_features(square, ("relu3_1", "relu4_1"))
print("shapes at relu3_1 and relu4_1:", [tuple(maps.shape) for maps in features.values()])

# %% [markdown]
# **What was wrong.** `autoencoder(images)` is an image. Layers belong to a network, not to what
# comes out of it. The `getattr` with a third argument was put there to silence the error that said
# so: it returns the image itself, under every name.
#
# ### Second: what content is compared with
# `extract` is a function that returns the features at the layers wanted. Which two things does
# this piece subtract, and in what units are they? What were `resize` and `mean` needed for? The
# loss should be the relative one of lesson 5.


# %%
def content_part(extract, image, content):
    """How far the features of an image are from the content image's."""
    loss = 0.0
    for maps in extract(image).values():
        gray = ops.mean(ops.image.resize(content, maps.shape[1:3]), axis=-1, keepdims=True)
        loss += ops.mean((maps - gray) ** 2)
    return loss


content_part = exercise("mend-content").check(content_part)

# %%
at_content = partial(layer_features, layers=("relu3_1", "relu4_1"))
print("0 for the picture itself:", bool(content_part(at_content, square, square) < 1e-6))
print(
    "not for its mirror image:", bool(content_part(at_content, square[:, :, ::-1], square) > 0.01)
)

# %% [markdown]
# **What was wrong.** The features of the image were compared with the content image's *pixels*. The
# shapes did not fit, so the content was shrunk and made gray until they did.
#
# ### Third: what style is compared with
# `ops.transpose` is called without axes. What does it do to a batch of features? Here are two
# shapes. What is the second one, and what should the shape of a Gram matrix be?

# %%
maps = features["relu3_1"]
print("features:", tuple(maps.shape))
print("their 'Gram matrix':", tuple(ops.tensordot(maps, ops.transpose(maps), axes=1).shape))

# %% [markdown]
# And what is it compared with? Remember that the attempt stopped with an error when the two images
# differed in size. The loss should be the relative one of lesson 6.


# %%
def style_part(extract, image, style):
    """How far the Gram matrices of an image are from the style image's."""
    loss, wanted = 0.0, extract(style)
    for layer, maps in extract(image).items():
        gram = ops.tensordot(maps, ops.transpose(maps), axes=1)
        loss += ops.mean((gram - wanted[layer] ** 2) ** 2)
    return loss


style_part = exercise("mend-style").check(style_part)

# %%
at_style = partial(layer_features, layers=TAPS)
print("0 for the style itself:", bool(style_part(at_style, square_style, square_style) < 1e-6))
other_size = style_part(at_style, square, square_style[:, :24])
print("a style image of another size: fine, a finite number:", bool(ops.isfinite(other_size)))

# %% [markdown]
# **What was wrong.** Without axes, `ops.transpose` turns *all* of them around: batch, height, width
# and channels. The product then sums over the channels, and what is left are positions by
# positions. That was compared with the *squared features* of the style, which have yet another
# shape; the framework stretched both until they fit, and said nothing.
#
# A Gram matrix is channels by channels, for an image of any size. So nothing has to be *stretched*
# to fit. But mind the scale: the network knows strokes by their width in pixels. With a style image
# of 2000 pixels beside a content of 200, it looks for strokes as wide as the image. So the library
# brings the longer side of the style image to that of the content, and keeps its proportions;
# `style_scale` makes the strokes larger or smaller. For the content it is the other way around: it
# is compared position by position, so both images must have the same size.
#
# ### Fourth: what changes
# `look(image)` gives the loss and its gradient, and `rates` holds a learning rate for each step.
# You have `adam_step`. What does this piece return, and which line changes the image?


# %%
def stylize(look, image, rates):
    """The image after a step downhill for every rate."""
    for _ in rates:
        loss, _ = look(image)
    return loss


stylize = exercise("mend-loop").check(stylize)

# %% [markdown]
# **What was wrong.** It returns a loss, and never an image, because it never changes one. A loss
# tells how good an image is; somebody has to take the steps.
#
# Now the mended pieces together, beside the library. Both get the same weights, layers, start and
# learning rates; `like_ours` turns off in the library what ours does not have.


# %%
cup, strokes = (
    images.to_batch(images.resize(content, 96)),
    images.to_batch(images.resize(style, 96)),
)


def look(pixels):
    """The total loss, made of the mended pieces, and its gradient."""

    def total(pixels):
        content = content_part(at_content, pixels, cup)
        return content + STYLE_WEIGHT * style_part(at_style, pixels, strokes), {}

    loss, _, gradient = value_and_gradient(total, pixels)
    return loss, gradient


rates = 0.03 * (1 - 14 / 15 * np.arange(20) / 20)
like_ours = {"start": "content", "style_kinds": "gram", "variation_weight": 0}
mended = stylize(look, ops.convert_to_tensor(cup), rates)
of_library = optimize_image(cup[0], strokes[0], steps=20, margin=0, **like_ours)

# %%
# alt: Four small images: the cup, twice the cup with specks and strokes in other colors, looking
#      the same, and the painting.
found, expected = (float(look(one)[0]) for one in (mended, images.to_batch(of_library)))
print("smaller than at the start:", bool(found < 0.6 * float(look(cup)[0])))
print("within 5 % of the library's:", bool(abs(found - expected) < 0.05 * expected))
show_images({"start": cup, "mended": mended, "library": of_library, "style": strokes}, width=620)

# %% tags=["nbval-ignore-output"]
print(f"loss at the start {float(look(cup)[0]):.3f}, mended {found:.4f}, library {expected:.4f}")

# %% [markdown]
# ### Fifth: two names for one thing
# The last mistake is the quietest. The attempt has a pixel-based and a feature-based class, and
# both hold the same lines. What should the difference be?
#
# Both ask for content and style. They differ in the image they make, and in what has to be
# **reconstructed**. The library's classes, with $N$ images in a batch:
#
# - `StyleTransfer`, pixel-based: gives the content image's *pixels* the style's mean and
#   standard deviation, then reconstructs. The content $C$ has to come back as $\hat C$:
#   $\frac{1}{2N} \sum \lVert C - \hat C \rVert^2$.
# - `ContentPreservingStyleTransfer`, feature-based: does the same with the *code*, then decodes.
#   The style vector $S$, mean and standard deviation of each channel, has to come back as $\hat S$:
#   $\frac{1}{2N} \sum \lVert S - \hat S \rVert^2$.
#
# **Before you run the next cell:** give both the same image to judge. Which of their three parts
# will agree?

# %%
pair = [
    kind(autoencoder, content_layers=layers[0], style_layers=layers[1])
    for kind in (StyleTransfer, ContentPreservingStyleTransfer)
]
judged = [objective(cup, strokes, image=mended) for objective in pair]
for name in ("content", "style", "reconstruction"):
    one, other = (float(parts[name]) for parts in judged)
    print(f"{name}: {'the same' if abs(one - other) < 1e-4 * one else 'different'}")

# %%
# alt: The cup as both classes make it, blurred by the decoder: the pixel-based one in an even
#      purple, the feature-based one with more contrast and more of its red.
by_pixels, by_features = (objective.transfer(cup, strokes) for objective in pair)
show_images({"pixel-based": by_pixels, "feature-based": by_features}, width=480)
print("the images differ:", bool(ops.mean(ops.abs(by_pixels - by_features)) > 0.02))

# %% tags=["nbval-ignore-output"]
for name in ("content", "style", "reconstruction"):
    print(f"{name}:", ", ".join(f"{float(parts[name]):.4f}" for parts in judged))
print(f"the images differ by {float(ops.mean(ops.abs(by_pixels - by_features))):.3f}")

# %% [markdown]
# Content and style agree, because they are the same questions. Reconstruction does not: one wants
# all pixels of the content back, the other wants only a vector of the style back. That is where the
# content gets its freedom, and its name: its features are preserved, not its pixels.
#
# These were the seven: layers looked up on an image; features against pixels; all axes turned; a
# Gram matrix against squares; images that must have the same size; a loss, and no image; two names
# for one thing.
#
# The same five questions as before, to the library:

# %%
objective = pair[0]
with_itself = objective(square, square, image=square)
print("shapes:", [tuple(maps.shape) for maps in objective.extractor(square).values()])
print("loss 0 where image, content and style are one:", bool(with_itself["total"] < 1e-6))
print("optimizing gives an image:", of_library.shape == cup.shape[1:])
print("the two classes differ:", bool(judged[0]["total"] != judged[1]["total"]))
print("another size:", bool(ops.isfinite(objective(square, square_style[:, :24])["total"])))

# %% [markdown]
# ## Summary
# - Optimizing the image: the network is fixed, the pixels are the unknowns. The total loss is
#   content, style and smoothness, each with a weight.
# - The gradient of the loss at the pixels comes backward through the network. Adam makes flat
#   places move as fast as steep ones.
# - More style weight: less style loss, more content loss. The choice is yours, image by image.
# - The start decides how far a given number of steps gets you. Coarse to fine reaches forms that
#   are larger than the window of the deepest layer. The squared total variation removes specks of
#   single pixels, and softens edges.
# - It reaches a lower style loss than the feed-forward network, takes many times as long, and needs
#   no training at all. Feed forward first, then a few steps, is the middle gear.
# - Test a loss with questions whose answers you know: an image compared with itself, other sizes,
#   mirror images. A number that comes out proves nothing.
#
# ## Questions to check yourself
# 1. All three weights are multiplied by ten. What happens to the loss, and what to the image?
#
#    <details><summary>Answer</summary>
#
#    The loss is ten times as large. The image stays the same: only the proportion of the weights
#    counts, and Adam divides by the typical gradient.
#
#    </details>
#
# 2. Why does almost every pixel move by the same distance in Adam's first step?
#
#    <details><summary>Answer</summary>
#
#    After one step the running mean is the gradient and the root of the running square its size.
#    Their ratio is +1 or -1, whatever the gradient.
#
#    </details>
#
# 3. Your strokes are too fine. Name two arguments of `optimize_image` that you would try.
#
#    <details><summary>Answer</summary>
#
#    `style_scale` above 1, so that the style's strokes are wider; more scales, so that large forms
#    are found first; more weight on the deep layers.
#
#    </details>
#
# 4. An image is optimized with `style_weight=0` from noise. What comes out, and what does that say
#    about the content layers?
#
#    <details><summary>Answer</summary>
#
#    The content image, with grain in whatever the content layers leave open. It says what those
#    layers hold (lesson 5).
#
#    </details>
#
# 5. `ops.transpose` was applied to features of shape (1, 8, 6, 128). Which shape came out, and
#    which axes should be summed over in a Gram matrix?
#
#    <details><summary>Answer</summary>
#
#    (128, 6, 8, 1): all axes turned around. The two axes of positions should be summed over; what
#    is left is channels by channels.
#
#    </details>
#
# 6. You have to stylize a film. What would you do, and what would you use optimization for?
#
#    <details><summary>Answer</summary>
#
#    Stylize the film feed-forward, one pass for each frame. Optimize single images, such as the
#    poster, or to see how far the style could go.
#
#    </details>
#
# ## Reading
# - L. Gatys, A. Ecker and M. Bethge, "Image Style Transfer Using Convolutional Neural Networks",
#   CVPR 2016: the method, with L-BFGS.
# - D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015: the step.
# - L. Gatys, A. Ecker, M. Bethge, A. Hertzmann and E. Shechtman, "Controlling Perceptual Factors in
#   Neural Style Transfer", CVPR 2017: scales, colors and masks.
# - A. Mordvintsev, N. Pezzotti, L. Schubert and C. Olah, "Differentiable Image Parameterizations",
#   Distill, 2018: what else the unknowns can be, in place of pixels.
# - A. Mahendran and A. Vedaldi, "Understanding Deep Image Representations by Inverting Them",
#   CVPR 2015: total variation, with a power to choose.
# - J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
#   Super-Resolution", ECCV 2016: the same losses, to train a feed-forward network.
