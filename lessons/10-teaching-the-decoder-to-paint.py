# %% [markdown]
# # Lesson 10: Teaching the decoder to paint
# You rebuild the painting decoder level by level, train it on your own machine, and find out by
# experiment what its two odd habits are good for.
#
# **You will be able to**
# - say what a decoder needs so that it paints instead of reconstructing
# - read the six parts of the loss it is trained with, and write the most important one
# - train it further, and watch style and content pull at it
# - show what injecting the style at every level brings, and what the identity loss brings
# - say why a clear sky is hard to paint, and what a little noise does about it
#
# **You need:** lesson 8.
#
# **Time:** 70 minutes, 90 with the optional sections; the code runs in about 40 s on a CPU, and in
# a few minutes on a GPU, where it trains for longer.
#
# **Optional:** *Switch the levels off*, *What to paint in a clear sky*.

# %% tags=["setup"]

# %%
import time

import keras
import numpy as np
from keras import ops

from course_lib import backend, collection, images
from course_lib.autoencoder import Autoencoder, PaintingDecoder, double, uncenter
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.metrics import (
    color_distance,
    content_kept,
    psnr,
    style_moved,
    style_moved_by_tap,
)
from course_lib.plots import show_images, show_matrix
from course_lib.statistics import adain, channel_statistics
from course_lib.training import Batches, CropSource, PaintStage, teacher_scales
from course_lib.transfer.feature import with_grain

# %% [markdown]
# ## A decoder that has never seen a style
# Lesson 8 gave a photograph's features the statistics of a style image and decoded them. The
# decoder had been trained to reconstruct photographs. What it drew no longer had the statistics
# that we had asked for, and the result was a tinted photograph.
#
# So train one for the task: a **painting decoder**. It shall draw the content's features in the
# manner of any style image, in one pass, also of a style that it has never met. The encoder
# stays as it is.

# %%
autoencoder = Autoencoder.from_course()
painter = PaintingDecoder.from_course()
cat = images.crop_to_multiple(collection.photograph("chelsea", size=256), 8)
woodcut = collection.style_image("woodcut", size=256)


def encode(image):
    """The features of one image: dictionary tap -> (1, height, width, channels)."""
    return autoencoder.encode(images.to_batch(image))


content, style = encode(cat), encode(woodcut)
print("it enters at", painter.entry, "with", content[painter.entry].shape[-1], "channels")
print("AdaIN at the levels", painter.sites)

# %% [markdown]
# It enters at `relu3_1`, where the content is still crisp, and works its way up: level 3, level 2,
# level 1, picture. And it applies AdaIN not once but nine times. What AdaIN sets at the entry, the
# next convolution changes again; so after each convolution the statistics are brought back.
#
# Which statistics? The style's own, those of the tap of the same level. They come from
# `painter.targets`: a mean and a standard deviation for each of the nine places. (On the way, a
# small layer looks at the statistics of all taps and corrects each target a little. So level 1
# hears of `relu4_1`, through which no content passes.)

# %%
targets = painter.targets(style)
for level, (mean, std) in zip(painter.sites, targets, strict=True):
    print(f"level {level}: mean {tuple(mean.shape)}, standard deviation {tuple(std.shape)}")

entered = adain(content["relu3_1"], *targets[0])
mean, _ = channel_statistics(entered)
print("AdaIN sets the first target's means:", np.allclose(mean, targets[0][0], atol=1e-3))

# %% [markdown]
# ### Exercise: one level
# Write one level of the decoder. `targets` has one pair (mean, std) more than there are
# convolutions: the first one is for the entry, before any convolution. Each convolution gets the
# features after a ReLU, and what it gives is *added* to the features; then comes AdaIN to the next
# target. `adain(features, mean, std)` is lesson 8's. Stuck? `exercise("paint-level").hint()`.


# %%
def paint_level(features, convolutions, targets):
    """AdaIN at the entry, then convolution after convolution, with AdaIN after each."""
    ...


paint_level = exercise("paint-level").check(paint_level)

# %% [markdown]
# That is nearly all. Between two levels a convolution narrows the channels and the map is enlarged.


# %%
def paint(features, targets):
    """The whole painting decoder."""
    x, left = features, list(targets)
    for level in (3, 2, 1):
        convolutions = painter.residual[level]
        count = len(convolutions) + 1
        x, left = paint_level(x, convolutions, left[:count]), left[count:]
        if level > 1:
            x = double(painter.narrow[level](ops.relu(x)))
    return uncenter(painter.to_image(ops.relu(x)))


by_hand = paint(content["relu3_1"], targets)
same = np.allclose(by_hand, painter(content["relu3_1"], targets), atol=1e-3)
print("the library's decoder gives the same:", bool(same))

# %% [markdown]
# ## Switch the levels off
# The targets are just a list, so we may put in it what we like. Four experiments with the same
# weights: the photograph's own statistics everywhere; the woodcut's at the entry only, and the
# photograph's own after that; the woodcut's at level 1 only; the woodcut's everywhere.
#
# **Before you run the next cell:** what will the second one look like? The entry has the woodcut's
# statistics, after all.

# %%
# alt: The cat four times: with its own statistics, a plain photograph; with the woodcut's at the
#      entry only, nearly the same; with the woodcut's at level 1 only, in its colors; with the
#      woodcut's everywhere, in its colors and with its strokes.
own = painter.targets(content)
choices = {
    "own statistics": own,
    "woodcut at the entry only": [targets[0], *own[1:]],
    "woodcut at level 1 only": [*own[:-2], *targets[-2:]],
    "woodcut everywhere": targets,
}
drawn = {}
for name, chosen in choices.items():
    painted = painter(content["relu3_1"], chosen)
    drawn[name] = np.clip(ops.convert_to_numpy(painted)[0], 0, 1)
show_images(drawn, columns=2, width=620)

# %%
reached = {name: style_moved(image, cat, woodcut) for name, image in drawn.items()}
only, everywhere = reached["woodcut at the entry only"], reached["woodcut everywhere"]
print("everywhere moves the style 0.2 further than the entry only:", everywhere > only + 0.2)
print(
    "own statistics give the photograph back, 20 dB or better:",
    psnr(cat, drawn["own statistics"]) > 20,
)

# %% [markdown]
# What is injected at the entry is overwritten on the way. The last word counts most. But this test
# is not fair: these weights have been trained with the style at every level. Perhaps a decoder that
# only ever gets it at the entry would learn to make do? We shall train one.
#
# ## What it is trained for
# Two pictures go in, a photograph and a style, and a painting comes out. There is no right painting
# to compare it with. So the encoder judges: it looks at all three pictures.
#
# | part | what is compared |
# |---|---|
# | style | means and standard deviations of the painting's features with the style's, at all taps |
# | gram | which features occur together, likewise |
# | content | normalized features of the painting with the photograph's, position by position |
# | structure | 1 - SSIM of the brightness of painting and photograph |
# | identity | painting and photograph, pixel by pixel, where the photograph is the style |
# | grid | the mean of all blocks of 8 x 8 pixels with a plain gray block |
#
# The first two pull towards the style, the next two towards the photograph. The last two we come to
# below.
#
# ### Exercise: how far from the style
# A plain sum of differences would make hard styles count more than easy ones. So the distance that
# is left is divided by the distance that there was: that of the photograph. For each picture of the
# batch, add up $|\mu_{painted} - \mu_{style}|$ and $|\sigma_{painted} - \sigma_{style}|$ over all
# channels ($\mu$ and $\sigma$: mean and standard deviation of a channel); divide by the same sum
# for the photograph; take the mean over the batch. One minus this is lesson 8's "style moved".
# `painted`, `style` and `content` are features of one tap, (batch, height, width, channels),
# `style` perhaps of another height and width; the result is one number.
# `exercise("style-distance").hint()` helps.


# %%
def style_distance(painted, style, content):
    """What is left of the way to the style at one tap: 1 for the photograph, 0 at the style."""
    ...


style_distance = exercise("style-distance").check(style_distance)

# %%
after = encode(drawn["woodcut everywhere"])
moved = style_moved_by_tap(drawn["woodcut everywhere"], cat, woodcut)
for tap in moved:
    left = float(style_distance(after[tap], style[tap], content[tap]))
    print(f"{tap}: distance and style moved sum to 1: {abs(left + moved[tap] - 1) < 0.01}")

# %% [markdown]
# ## Training
# We go on from the course's weights. Their own training took hours, and its judge was a larger
# network than ours; here the course's encoder judges, which needs no download. `teacher_scales`
# measures how strongly each channel of the judge responds, so that no channel rules the comparison.
# Photographs and styles are a handful each, and the cat is kept back.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
steps, batch = budget.train_steps // 4, budget.batch // 2
print(backend.describe())
print(f"{steps} steps on {batch} crops of {budget.crop} pixels")

# %%
# alt: Four small crops of photographs, and four of style images, paired at random.
photographs = ["astronaut", "coffee", "rocket", "immunohistochemistry"]
manners = ["woodcut", "stained_glass", "impressionist", "watercolor", "crayon", "ink_wash"]
contents = CropSource(
    [collection.photograph(name, size=384) for name in photographs], crop=budget.crop
)
styles = CropSource([collection.style_image(name) for name in manners], crop=budget.crop, seed=1)
scales = teacher_scales(autoencoder.encode, contents, batches=4)


def make_batch(step):
    """Batch number `step`: photographs and the styles that they shall be painted in."""
    return {"content": contents.batch(step, batch), "style": styles.batch(step, batch)}


shown = make_batch(0)
show_images(
    {f"content {k + 1}": shown["content"][k] for k in range(4)}
    | {f"style {k + 1}": shown["style"][k] for k in range(4)},
    columns=4,
    width=560,
)

# %% [markdown]
# `PaintStage` is a Keras model whose loss is the weighted sum of the six parts. Half of each batch
# is painted a second time, in its own style, for the identity loss. The optimizer is Adam, whose
# learning rate falls to zero along a cosine. These are the weights:

# %%
for part, weight in PaintStage.PART_WEIGHTS.items():
    print(f"{part:9} counts {weight:g} times")

# %% [markdown]
# We train three learners, from the same weights and on the same crops. What differs between them is
# written beside each.


# %%
def train(learner, part_weights=PaintStage.PART_WEIGHTS, rounds=5):
    """Train in some rounds; the parts of the loss after each, as means over its steps."""
    options = {"part_weights": part_weights, "coarse_to_fine": False}
    stage = PaintStage(autoencoder.encoder, learner, autoencoder.encode, scales, **options)
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    optimizer = keras.optimizers.Adam(schedule, global_clipnorm=1.0)
    stage.compile(optimizer, jit_compile=False)
    log, each = [], steps // rounds
    for number in range(rounds):
        batches = Batches(make_batch, number * each, each)
        history = stage.fit(batches, shuffle=False, verbose=0).history
        log.append({name: values[-1] for name, values in history.items()})
    return log


def with_our_weights(learner):
    """A decoder of the same size takes over the course's weights."""
    learner.build()
    learner.set_weights(painter.get_weights())
    return learner


# %% [markdown]
# - **Entry only** gets the style at the entry. Further up, AdaIN goes on, but asks for the same
#   statistics whatever the style: those of an average picture. Its convolutions have every chance
#   to learn to carry the style upwards.
# - **Bold** is the decoder as it was, at all levels. But nobody speaks for the photograph: the
#   content and the structure part are left out.
# - **Reckless** is bold, and does without the identity part as well.

# %%
all_images = np.concatenate([shown["content"], shown["style"]])
average = [
    [ops.mean(part, axis=0, keepdims=True) for part in target]
    for target in painter.targets(autoencoder.encode(all_images))
]


class EntryOnly(PaintingDecoder):
    """The style at the entry; further up the same statistics for every style."""

    def targets(self, features):
        """The style's target for the entry, then the average, once for each image."""
        entry = super().targets(features)[0]
        for_each = 0 * entry[0][..., :1]
        return [entry, *((for_each + mean, for_each + spread) for mean, spread in average[1:])]


# %%
entry_only = with_our_weights(EntryOnly())
for unused in entry_only.corrections[1:]:
    unused.trainable = False
bold, reckless = (with_our_weights(PaintingDecoder()) for _ in range(2))
bold_parts = PaintStage.PART_WEIGHTS | {"content": 0.0, "structure": 0.0}
runs = {
    "entry only": (entry_only, PaintStage.PART_WEIGHTS),
    "bold": (bold, bold_parts),
    "reckless": (reckless, bold_parts | {"identity": 0.0}),
}
pairs = zip(bold.get_weights(), entry_only.get_weights(), strict=True)
print("they start from the same weights:", all(np.array_equal(a, b) for a, b in pairs))

# %% tags=["nbval-ignore-output"]
for name, (learner, part_weights) in runs.items():
    started = time.perf_counter()
    log = train(learner, part_weights)
    print(f"{name}: {steps} steps in {time.perf_counter() - started:.0f} s; first and last round:")
    for part in PaintStage.PART_WEIGHTS:
        print(f"    {part:9} {log[0][part]:7.3f} {log[-1][part]:7.3f}")

# %% [markdown]
# Read the columns before you go on. In each run, which parts got better, and which got worse? (The
# crops of two rounds differ, so small changes mean nothing. A part that is left out of the loss is
# still reported. The identity part is a logarithm, hence negative; smaller is better there, too.)
#
# ## At one level or at all
# First the learner that gets the style at the entry only, beside the course's decoder, from whose
# weights it started. The cat was in no crop, and the mosaic is not among the six styles.
#
# **Before you run the next cell:** two styles, woodcut and mosaic. How different will the two cats
# of the entry-only learner be?


# %%
# alt: The cat as a woodcut and as a mosaic by two decoders. With AdaIN at all levels there are an
#      ocher cat and a blue one; with AdaIN at the entry only the two cats look nearly alike.
def painted(learner, image, manner):
    """An image, painted by a learner in the manner of another one."""
    drawn = learner(encode(image)[learner.entry], learner.targets(encode(manner)))
    return np.clip(ops.convert_to_numpy(drawn)[0], 0, 1)


mosaic = collection.style_image("mosaic", size=256)
learners = {"all levels": painter, "entry only": entry_only}
results = {
    f"{manner}, {name}": painted(learner, cat, one)
    for manner, one in {"woodcut": woodcut, "mosaic": mosaic}.items()
    for name, learner in learners.items()
}
show_images(results, columns=2, width=480)

# %%
apart = {
    name: color_distance(results[f"woodcut, {name}"], results[f"mosaic, {name}"])
    for name in learners
}
print("entry only: less far apart in color:", apart["entry only"] < apart["all levels"])

# %%
# alt: A table of two rows. With AdaIN at all levels the style has moved far at every tap, with
#      AdaIN at the entry only much less.
moved = {name: style_moved_by_tap(results[f"woodcut, {name}"], cat, woodcut) for name in learners}
show_matrix(
    np.round([list(one.values()) for one in moved.values()], 2),
    row_labels=list(moved),
    column_labels=list(painter.taps),
    title="style moved, measured at each tap",
    width=560,
)
reach = {name: np.mean(list(one.values())) for name, one in moved.items()}
print("all levels move the style further:", bool(reach["all levels"] > reach["entry only"] + 0.1))

# %% [markdown]
# A style is several scales at once. What is injected at the entry has to survive every convolution
# on the way up, and each of them would have to be right for every style there is. Injected at every
# level, a style need not be carried anywhere. And it costs hardly anything: a mean and a standard
# deviation for each channel.
#
# (Could the entry-only decoder catch up with more steps? In part. Published decoders with one
# injection are several times larger and were trained for far longer.)
#
# ## Who speaks for the photograph
# The bold learner was not asked to keep the content. Compare it with the course's decoder.

# %%
# alt: The cat as a woodcut, by the course's decoder and by the bold one, whose strokes are stronger
#      and whose face is less clear.
learners = {"all parts": painter, "bold": bold}
bolder = {name: painted(learner, cat, woodcut) for name, learner in learners.items()}
show_images(bolder, width=480)

# %% tags=["nbval-ignore-output"]
for name, image in bolder.items():
    share, kept = style_moved(image, cat, woodcut), content_kept(image, cat)
    print(f"{name:15} style moved {share:.2f}, content kept {kept:.2f}")

# %%
kept = {name: content_kept(image, cat) for name, image in bolder.items()}
print("bold keeps less of the content:", kept["bold"] < kept["all parts"])

# %% [markdown]
# Without the two parts nothing holds the face together. (In style little is gained by so short a
# training on small crops; style moved may even fall.)
#
# ## What the identity loss is good for
# Ask the decoder for the photograph's *own* style. The painting should be the photograph. The first
# four parts do not ask for this: they compare features and structure, and features forgive. So
# there is a part of its own for that case, the logarithm of the squared error.
#
# **Before you run the next cell:** bold and reckless both paid no heed to content. Only bold had
# the identity part. What have they made of the cat in its own style?

# %%
# alt: The cat painted in its own style by two decoders, and the photograph. The painting of the
#      bold one, which had the identity loss, is closer to the photograph than the reckless one's.
itself = {
    name: painted(learner, cat, cat)
    for name, learner in {"bold": bold, "reckless": reckless}.items()
}
show_images(
    {f"{name}: {psnr(cat, image):.1f} dB": image for name, image in itself.items()}
    | {"photograph": cat},
    width=640,
)
gain = psnr(cat, itself["bold"]) - psnr(cat, itself["reckless"])
print("the identity loss brings 1 dB or more:", bool(gain > 1))

# %% [markdown]
# Why should anybody want a painting in the photograph's own style? Because of strength. Strength
# goes in a straight line from the content's own statistics to the style's. Only if its beginning is
# the photograph does the slider start there.
#
# ## What to paint in a clear sky
# A style asks for strokes everywhere. In a clear sky the photograph gives no hint where one should
# begin: every place looks like its neighbor. So does what the decoder draws there. The only texture
# that it can make out of nothing repeats with its own upsampling, every 4 pixels from the entry to
# the picture: a fine weave instead of strokes.
#
# Two things are done against it. The **grid** part of the loss takes the mean of all blocks of
# 8 x 8 pixels. Strokes at changing places cancel there, a weave of 4 pixels remains. And the
# photograph gets a hint: **grain**, a noise that is as strong in coarse detail as in fine, of a
# standard deviation that you will hardly see.
#
# **Before you run the next cell:** AdaIN brings every channel of the sky to the style's standard
# deviation. What will it do to a faint noise?

# %%
# alt: A plain sky above the lights of a launch pad, without grain and with a grain that can hardly
#      be seen. Below them the two as woodcuts: without grain the sky is nearly plain, with grain it
#      is full of strokes that run in all directions.
sky = np.full((128, 192, 3), (0.45, 0.55, 0.7), "float32")
sky[88:] = collection.photograph("rocket", size=256)[-40:, 32:224]
grain = {"no grain": sky, "grain": with_grain(sky, 0.015)}
skies = {f"painted, {name}": painted(painter, one, woodcut) for name, one in grain.items()}
show_images(grain | skies, columns=2, width=560)

# %%
strokes = {name: one[16:72].std(axis=(0, 1)).mean() for name, one in skies.items()}
bare, grained = strokes.values()
print("the sky with grain has three times the contrast:", bool(grained > 3 * bare))

# %% [markdown]
# A plain area has no standard deviation of its own. What little there is, AdaIN enlarges until it
# has the style's. Without grain there is nothing to enlarge; with it, the decoder hangs its strokes
# on what the noise suggests. `FeatureTransfer` adds this grain on its own; `grain=0` leaves it out.
#
# ## The long way
# A short training on a handful of pictures shows what each part does. For weights of your own, give
# the command a folder of photographs and one of paintings, and a night:
#
#     course train paint --photographs PHOTOS --paintings PAINTINGS --out RUN
#
# It writes checkpoints, a log and sample sheets, and goes on with `--resume` after a stop
# (lesson 4). Its judge is VGG-19, which is downloaded once; `--teacher encoder` does without.
# `FeatureTransfer(painter=...)` then paints with your decoder.
#
# ## Summary
# - A painting decoder is a decoder with AdaIN after every convolution. Its targets are the style's
#   statistics at the level it works on; they are a list that one may mix and change.
# - There is no right painting to compare with. An encoder judges: statistics against the style's,
#   normalized features against the photograph's.
# - Injected at the entry only, a style is forgotten on the way up. At every level it need not be
#   carried.
# - The identity loss asks for the photograph where the style is the photograph itself. Without it
#   strength would not begin at the photograph.
# - Where a photograph is plain, strokes need a hint where to begin. A little noise gives it.
#
# ## Questions to check yourself
# 1. You leave the content and the structure part away. What will the decoder learn to draw?
#
#    <details><summary>Answer</summary>
#
#    The style image's statistics and nothing of the photograph: an even texture in its palette, as
#    lesson 6 grew from noise.
#
#    </details>
#
# 2. And without the style and the gram part, but with the identity part: what does the painting in
#    another style look like?
#
#    <details><summary>Answer</summary>
#
#    The photograph. Nothing asks for a style, and giving the photograph back is best for all parts
#    that are left.
#
#    </details>
#
# 3. The encoder is frozen. What could it learn to do if it were not?
#
#    <details><summary>Answer</summary>
#
#    To make its own features blind: features that are the same for all pictures make every loss
#    small. The judge must not be bribed.
#
#    </details>
#
# 4. Why is the style distance divided by that of the photograph, and what would happen to a batch
#    in which one style is nearly the photograph's own?
#
#    <details><summary>Answer</summary>
#
#    Without it hard styles would count more than easy ones. A style that is nearly the
#    photograph's own divides by nearly nothing, so that one pair decides about the whole batch.
#
#    </details>
#
# 5. Strength 0.5 mixes the targets, half the content's and half the style's. Why is that not the
#    same as the mean of two pictures?
#
#    <details><summary>Answer</summary>
#
#    The decoder draws one picture with mixed statistics, with strokes of half the contrast. The
#    mean of two pictures lays full strokes half transparent over a photograph.
#
#    </details>
#
# ## Reading
# - X. Huang and S. Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
#   Normalization", ICCV 2017: a decoder trained to paint, with one injection.
# - G. Ghiasi, H. Lee, M. Kudlur, V. Dumoulin and J. Shlens, "Exploring the Structure of a
#   Real-time, Arbitrary Neural Artistic Stylization Network", BMVC 2017: a style for every layer.
# - D. Y. Park and K. H. Lee, "Arbitrary Style Transfer with Style-Attentional Networks", CVPR 2019:
#   the identity loss.
# - J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
#   Super-Resolution", ECCV 2016: an encoder as the judge.
