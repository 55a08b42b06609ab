# %% [markdown]
# # Lesson 10: Teaching the decoder to paint
# You rebuild the painting decoder level by level, paint from coarse to fine, and take its training
# apart to see what each part of the loss is for.
#
# **You will be able to**
# - write one level of a painting decoder, and say where its nine targets come from
# - paint from coarse to fine, and measure why statistics at one scale cannot see strokes
# - name the nine parts of the loss, and write the most important one
# - set up a comparison with a control, and say what a short training can and cannot show
# - explain what the identity loss and a little grain are good for
#
# **You need:** lesson 8.
#
# **Time:** 70 minutes, 90 with the optional sections; the code runs in about 40 s on a CPU, and in
# a few minutes on a GPU, where it trains for longer.
#
# **Optional:** *Switch the levels off*, *What to paint in a clear sky*.

# %% tags=["setup"]

# %%
import keras
import numpy as np
from keras import ops

from course_lib import backend, collection, images
from course_lib.autoencoder import Autoencoder, PaintingDecoder, double, uncenter
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.metrics import content_kept, psnr, style_moved, style_moved_by_tap
from course_lib.plots import show_images, show_matrix
from course_lib.statistics import adain, channel_statistics
from course_lib.training import Batches, CropSource, PaintStage, teacher_scales
from course_lib.transfer import FeatureTransfer
from course_lib.transfer.feature import with_grain
from course_lib.transfer.strokes import HANDED_ON, enlarged, pass_sizes

# %% [markdown]
# ## A decoder that has never seen a style
# Lesson 8 gave a photograph's features the statistics of a style image and decoded them. The
# decoder had been trained to reconstruct photographs. What it drew no longer had the statistics we
# had asked for, and the result was a tinted photograph.
#
# So we train one for the job: a **painting decoder**. It draws the content's features in the manner
# of any style image, in one pass, including styles it has never met. The encoder stays as it is.

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
# level 1, image. And it applies AdaIN nine times, not once. Whatever AdaIN sets at the entry, the
# next convolution changes again; so the statistics are set anew after every convolution.
#
# Which statistics? The style's own, from the tap of the same level. They come from
# `painter.targets`: a mean and a standard deviation for each of the nine places. (On the way, a
# small layer looks at the statistics of all taps and adjusts each target a little. That is how
# level 1 hears about `relu4_1`, which no content passes through.)

# %%
targets = painter.targets(style)
for level, (mean, std) in zip(painter.sites, targets, strict=True):
    print(f"level {level}: mean {tuple(mean.shape)}, standard deviation {tuple(std.shape)}")

entered = adain(content["relu3_1"], *targets[0])
mean, _ = channel_statistics(entered)
print("AdaIN sets the first target's means:", np.allclose(mean, targets[0][0], atol=1e-3))

# %% [markdown]
# ### Exercise: one level
# Write one level of the decoder. `targets` has one (mean, std) pair more than there are
# convolutions: the first is for the entry, before any convolution. Each convolution gets the
# features after a ReLU, and its output is *added* to the features; then comes AdaIN to the next
# target. `adain(features, mean, std)` is the one from lesson 8. Stuck?
# `exercise("paint-level").hint()`.


# %%
def paint_level(features, convolutions, targets):
    """AdaIN at the entry, then convolution after convolution, with AdaIN after each."""
    ...


paint_level = exercise("paint-level").check(paint_level)

# %% [markdown]
# That is nearly all of it. Between two levels a convolution reduces the number of channels, and the
# map is enlarged.


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
print("the library's decoder gives the same image:", bool(same))

# %% [markdown]
# ## Switch the levels off
# The targets are just a list, so we can put anything into it. Four experiments with the same
# weights: the photograph's own statistics everywhere; the woodcut's at the entry only, and the
# photograph's own after that; the woodcut's at level 1 only; the woodcut's everywhere.
#
# **Before you run the next cell:** what will the second one look like? The entry has the woodcut's
# statistics, after all. (The number above each image will be its style moved.)

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
drawn, moved = {}, {}
for name, chosen in choices.items():
    painted = painter(content["relu3_1"], chosen)
    drawn[name] = np.clip(ops.convert_to_numpy(painted)[0], 0, 1)
    moved[name] = style_moved(drawn[name], cat, woodcut)
show_images(
    {f"{name}: {moved[name]:.2f}": image for name, image in drawn.items()},
    columns=2,
    width=400,
)

# %%
only, everywhere = moved["woodcut at the entry only"], moved["woodcut everywhere"]
print("everywhere moves the style 0.2 further than the entry only:", everywhere > only + 0.2)
likeness = psnr(cat, drawn["own statistics"])
print("own statistics give the photograph back, 20 dB or better:", likeness > 20)

# %% tags=["nbval-ignore-output"]
for name, share in moved.items():
    print(f"{name}: style moved {share:.2f}")
print(f"own statistics: {likeness:.1f} dB from the photograph")

# %% [markdown]
# What is injected at the entry is overwritten on the way. The last word counts most. That holds for
# *these* weights, which were trained with the style at every level. A decoder that only ever gets
# the style at its entry can learn to carry it along: the one of the first AdaIN paper does, with
# several times as many weights. Injected everywhere, a style need not be carried at all, and that
# costs next to nothing: a mean and a standard deviation for each channel.
#
# ## From coarse to fine
# So far the cat had 256 pixels. Here is a photograph of 512, painted in one pass.
#
# **Before you run the next cell:** the decoder's strokes are a certain number of pixels wide,
# whatever the image. How will they look on an image twice as large?

# %%
# alt: One of the cat's eyes and the fur beside it, and the same painted in one pass: still a
#      photograph, in the colors of a purple and orange sunset, under a fine, even roughness.
transfer = FeatureTransfer(autoencoder=autoencoder, painter=painter)
large_cat = collection.photograph("chelsea", size=512)
knife = collection.style_image("palette_knife", size=512)
one_pass = transfer(large_cat, knife, stroke="fine")
face = np.s_[70:210, 130:330]
show_images({"photograph": large_cat[face], "one pass": one_pass[face]}, width=412)

# %% [markdown]
# From a step back this is a photograph with a tint: the strokes are too small to be strokes. A
# painter does not begin with the smallest brush. First come the large forms, then the details. We
# can do the same with the decoder we have:
#
# 1. **Draft.** Paint a copy of half the size, with the style image at half its size too. On it a
#    stroke of the same width covers twice as much of the scene.
# 2. **Add it to the content.** What has the style changed in the draft? The draft minus the same
#    copy, drawn *with its own statistics*. (Not minus the copy itself: a decoder loses some detail
#    in any style, and what it loses is not the style's doing.) Enlarge that change, and add it to
#    the photograph, which has all the detail that the small copy could not hold.
# 3. **Revise.** Paint the whole again, at full size.
#
# ### Exercise: add the detail
# Write step 2. `painted` is the draft, `before` the same copy drawn with its own statistics, and
# `content` the photograph at full size. `enlarged(image, (height, width))` enlarges an image, or a
# difference of two. Clip the result to the range from 0 to 1. Stuck?
# `exercise("with-detail").hint()`.


# %%
def with_detail(painted, before, content):
    """What painting has changed in a copy, enlarged and added to the content."""
    ...


with_detail = exercise("with-detail").check(with_detail)

# %%
# alt: The cat's eye from the draft, blurred; what the style has changed, mostly light blue and
#      purple; the photograph with that change, sharp again; and revised, in strokes.
size = large_cat.shape[:2]
small = images.resize(large_cat, 256)
draft = transfer(small, images.resize(knife, 256), stroke="fine")
change = enlarged(draft - transfer.plain(small), size)
both = with_detail(draft, transfer.plain(small), large_cat)
revised = transfer(both, knife, stroke="fine")
show_images(
    {
        "draft, enlarged": enlarged(draft, size)[face],
        "change, on gray": 0.5 + change[face],
        "photograph + change": both[face],
        "revised": revised[face],
    },
    columns=2,
    width=412,
)

# %% [markdown]
# The library does the same with more than two sizes: `pass_sizes` says which. And a draft hands on
# only most of its change, `HANDED_ON`. Below the painting you see what that is worth.


# %%
def coarse_to_fine(image, manner, share=HANDED_ON):
    """Paint a small copy, then go from size to size."""
    before = painted = None
    for size in pass_sizes(image.shape[:2], "medium"):
        copy = images.resize(image, size)
        start = copy
        if before is not None:
            plain = transfer.plain(before)
            start = with_detail(plain + share * (painted - plain), plain, copy)
        side = min((128, 256, 512), key=lambda one: abs(np.log(one / max(size))))
        painted = transfer(start, images.resize(manner, side), stroke="fine")
        before = copy
    return painted


print("painted at the sizes", pass_sizes(size, "medium"))

# %%
# alt: The cat as a painting: broad dabs of purple, orange and gold build up the face, and the eyes
#      are clear.
by_hand, by_library = coarse_to_fine(large_cat, knife), transfer(large_cat, knife)
apart = np.abs(by_hand - by_library).mean()
print("the library, by default, does the same, up to rounding:", bool(apart < 0.005))
show_images({"from coarse to fine, 512 pixels": by_library}, width=512)

# %% tags=["nbval-ignore-output"]
handed_on = {"most of it": by_hand, "all of it": coarse_to_fine(large_cat, knife, share=1.0)}
for name, image in handed_on.items():
    print(f"a draft hands on {name:10} content kept {content_kept(image, large_cat):.2f}, ", end="")
    print(f"style moved {style_moved(image, large_cat, knife):.2f}")

# %% [markdown]
# The same weights, no further training, and the strokes belong to the image now, not to its
# pixels. A photograph of 4,096 pixels gets six passes, so its strokes are as wide on the same
# screen. `stroke="fine"` asks for one pass, `"large"` for drafts half as large, and a number for
# anything in between.
#
# ### What one scale cannot see
# Is that a matter of taste, or can it be measured? Style moved compares means and standard
# deviations of features. A feature of `relu4_1` looks at a window of 52 pixels. Let us first see
# what such a measure notices at all. We cut the style image into squares of 64 pixels and shuffle
# them. Every stroke longer than that is torn.
#
# **Before you run the next cell:** how far from the style image does the measure say that the
# shuffled one is, at full size? And when both are made smaller first?

# %%
# alt: A sunset in broad dabs of a palette knife, purple and orange; and the same cut into squares
#      and shuffled, a patchwork.
# alt: A table of one row. The shuffled image is farther from the style image at a quarter of the
#      size than at full size.
squares = knife.reshape(8, 64, 8, 64, 3).swapaxes(1, 2).reshape(64, 64, 64, 3)
order = np.random.default_rng(10).permutation(64)
shuffled = squares[order].reshape(8, 8, 64, 64, 3).swapaxes(1, 2).reshape(512, 512, 3)
show_images({"style image": knife, "shuffled": shuffled}, width=280)
sizes = {"full size": 1, "quarter size": 4}


def moved_at(image):
    """Style moved from the cat to the knife painting, measured at each size."""
    return [style_moved(image, large_cat, knife, scales=(factor,)) for factor in sizes.values()]


off = [1 - moved for moved in moved_at(shuffled)]
show_matrix(
    np.round([off], 3), row_labels=["shuffled"], column_labels=list(sizes), numbers=True,
    title="how far from the style, where the photograph is 1", width=460,
)  # fmt: skip
print("the smaller copy notices more:", off[1] > 1.3 * off[0])

# %% [markdown]
# About a tenth at full size: the squares are all there, and the small windows of the first taps
# seldom meet a tear. On the copy of a quarter of the size a square is 16 pixels wide, a window
# spans several of them, and the distance is nearly half: the tears count. So a single scale is
# blind to whatever does not fit into its window, and broad strokes do not.
#
# Now judge the paintings at both sizes. Perhaps it is enough to paint twice? For a control we
# paint the one-pass result once more, at full size, without any draft.

# %%
# alt: A table of three rows. Painting from coarse to fine has moved the style furthest at a quarter
#      of the size, further than one pass and than painting twice at full size.
twice = transfer(one_pass, knife, stroke="fine")
rows = {"one pass": one_pass, "twice at full size": twice, "coarse to fine": by_library}
table = np.array([moved_at(image) for image in rows.values()])
show_matrix(
    table.round(2),
    row_labels=list(rows),
    column_labels=list(sizes),
    numbers=True,
    title="style moved",
    width=380,
)
ahead = table[2] - table[1]
print("at a quarter of the size, coarse to fine is ahead of painting twice:", bool(ahead[1] > 0))
print("further ahead than at full size:", bool(ahead[1] > ahead[0]))

# %% tags=["nbval-ignore-output"]
for name, image in rows.items():
    print(f"{name:20} content kept {content_kept(image, large_cat):.2f}")

# %% [markdown]
# That has its price: less of the content is kept. Judge both numbers together, and then look at
# the images again.
#
# ## What the decoder is trained for
# Two images go in, a photograph and a style, and a painting comes out. There is no right painting
# to compare it with. So an encoder judges: it looks at all three.
#
# | part | what is compared |
# |---|---|
# | style | means and standard deviations of the painting's features with the style's, at all taps |
# | gram | which features occur together, likewise |
# | values | how often each strength of a feature occurs, and each color, with the style's |
# | content | normalized features of the painting with the photograph's, position by position |
# | structure | 1 - SSIM of the brightness of painting and photograph |
# | identity | painting and photograph, pixel by pixel, where the photograph is the style |
# | grid | the mean of all blocks of 8 x 8 pixels with a plain gray block |
# | weave | changes of color from pixel to pixel: what the painting has beyond the style |
# | alignment | how many lines follow rows and columns, with the style's |
#
# The first three pull toward the style, the next two toward the photograph. Identity and grid have
# sections of their own below. *Weave* punishes a fine pattern of green and magenta that leaves the
# brightness alone, and that the other parts hardly see. *Alignment* punishes a fine maze of level
# and upright lines: a decoder enlarges along rows and columns, and weaves along them too.
#
# Why *values*, when there is *style* already? A mean and a standard deviation can be reached by a
# faint roughness everywhere, where the style has a few strong strokes. So this part also compares
# how far values exceed several thresholds. And as you have just measured, one size is blind to
# large strokes; so the course's own training compares style at full, half and quarter size, and
# half of what it paints are drafts with detail added, the inputs of a second pass.
#
# ### Exercise: how far from the style
# A plain sum of differences would make hard styles count more than easy ones. So the distance that
# is left is divided by the distance at the start, the photograph's. For each image of the batch,
# add up $|\mu_{painted} - \mu_{style}|$ and $|\sigma_{painted} - \sigma_{style}|$ over all channels
# ($\mu$ and $\sigma$: mean and standard deviation of a channel); divide by the same sum for the
# photograph; take the mean over the batch. One minus this is lesson 8's "style moved". `painted`,
# `style` and `content` are features of one tap, (batch, height, width, channels), and `style` may
# have another height and width; the result is one number. `exercise("style-distance").hint()`
# helps.


# %%
def style_distance(painted, style, content):
    """What is left of the way to the style at one tap: 1 for the photograph, 0 at the style."""
    ...


style_distance = exercise("style-distance").check(style_distance)

# %%
after = encode(drawn["woodcut everywhere"])
moved = style_moved_by_tap(drawn["woodcut everywhere"], cat, woodcut)
left = {tap: float(style_distance(after[tap], style[tap], content[tap])) for tap in moved}
for tap in moved:
    print(f"{tap}: distance and style moved sum to 1: {abs(left[tap] + moved[tap] - 1) < 0.01}")

# %% tags=["nbval-ignore-output"]
for tap in moved:
    print(f"{tap}: distance {left[tap]:.3f} + style moved {moved[tap]:.3f}")

# %% [markdown]
# ## Training
# We continue from the course's weights. They were trained for hours, judged by a larger network
# than ours; here the course's encoder judges, which needs no download. `teacher_scales` measures
# how strongly each of the judge's channels responds, so that no channel dominates the comparison.
# We use a handful of photographs and styles, and keep the cat for testing.

# %% tags=["nbval-ignore-output"]
budget = choose_budget()
steps, batch, crop = budget.train_steps // 10, budget.batch // 2, 3 * budget.crop // 4
print(backend.describe())
print(f"{steps} steps on {batch} crops of {crop} pixels")

# %%
# alt: Four crops of photographs, and four of style images, paired at random.
photographs = ["astronaut", "coffee", "rocket", "immunohistochemistry"]
manners = ["woodcut", "stained_glass", "impressionist", "watercolor", "crayon", "ink_wash"]
contents = CropSource([collection.photograph(name, size=256) for name in photographs], crop=crop)
styles = CropSource([collection.style_image(name) for name in manners], crop=crop, seed=1)
scales = teacher_scales(autoencoder.encode, contents, batches=4)


def make_batch(step):
    """Batch number `step`: photographs and the styles to paint them in."""
    return {"content": contents.batch(step, batch), "style": styles.batch(step, batch)}


shown = make_batch(0)
show_images(
    {f"content {k + 1}": shown["content"][k] for k in range(4)}
    | {f"style {k + 1}": shown["style"][k] for k in range(4)},
    columns=4,
    width=400,
)

# %% [markdown]
# `PaintStage` is a Keras model whose loss is the weighted sum of the nine parts. A quarter of each
# batch is painted a second time, in its own style, for the identity loss. To save time we leave out
# drafts and smaller sizes (`coarse_to_fine=False`). The weights are variables, so one compiled
# program serves every experiment.

# %%
weights = {
    name: keras.Variable(value, trainable=False) for name, value in PaintStage.PART_WEIGHTS.items()
}
learner = PaintingDecoder()
learner.build()
stage = PaintStage(
    autoencoder.encoder,
    learner,
    autoencoder.encode,
    scales,
    part_weights=weights,
    coarse_to_fine=False,
)
stage.compile(keras.optimizers.Adam(1e-3, global_clipnorm=1.0), jit_compile=False)
stage.optimizer.build(stage.trainable_variables)
memory = [ops.convert_to_numpy(variable) for variable in stage.optimizer.variables]
for part, weight in PaintStage.PART_WEIGHTS.items():
    print(f"{part:9} counts {weight:g} times")

# %% [markdown]
# Three learners start from the same weights and see the same crops, for the same number of steps.
#
# - **All parts** is the **control**. It is trained with the whole loss.
# - **Bold** has no one to speak for the photograph: content and structure are left out.
# - **Reckless** is bold, and does without the identity part as well.
#
# Why a control, when there are the course's weights to compare with? Because a learner differs from
# those in two things: in its loss, and in having been trained on a handful of crops. Only the
# control shows what the second does by itself.


# %%
def train(without=()):
    """Train from the course's weights, some parts left out; the weights learned, and the log."""
    learner.set_weights(painter.get_weights())
    for variable, value in zip(stage.optimizer.variables, memory, strict=True):
        variable.assign(value)
    for name, weight in weights.items():
        weight.assign(0.0 if name in without else PaintStage.PART_WEIGHTS[name])
    log = []
    for number in range(3):
        batches = Batches(make_batch, number * (steps // 3), steps // 3)
        history = stage.fit(batches, shuffle=False, verbose=0).history
        log.append({name: values[-1] for name, values in history.items()})
    return learner.get_weights(), log


# %%
left_out = {
    "all parts": (),
    "bold": ("content", "structure"),
    "reckless": ("content", "structure", "identity"),
}
learned, logs = {}, {}
for name, without in left_out.items():
    learned[name], logs[name] = train(without)
print("trained:", ", ".join(learned))

# %% tags=["nbval-ignore-output"]
print("part, in the first and in the last third of the steps")
for part in PaintStage.PART_WEIGHTS:
    cells = [f"{log[0][part]:7.3f} {log[-1][part]:7.3f}" for log in logs.values()]
    print(f"{part:9}" + "    ".join(cells))

# %% [markdown]
# The columns belong to all parts, bold and reckless. Read *across*: the last numbers of the three
# learners were measured on the same crops. The crops of the first and the last third differ, so
# from left to right within a learner a small change means nothing. (A part that is left out of the
# loss is still reported. The identity part is a logarithm, hence negative; less is better there
# too.)
#
# ## Who speaks for the photograph
# **Before you run the next cell:** compared with the control, what will bold have gained, and what
# will it have lost?

# %%
# alt: One eye of the cat and the edge of the other as a woodcut, by the control and by the bold
#      learner, enlarged. The two are hard to tell apart.


def painted_by(weights, image, manner):
    """An image, painted in one pass with some weights in the manner of another image."""
    learner.set_weights(weights)
    drawn = learner(encode(image)["relu3_1"], learner.targets(encode(manner)))
    return np.clip(ops.convert_to_numpy(drawn)[0], 0, 1)


near = np.s_[50:110, 80:180]
everyone = {"the start": painter.get_weights()} | learned
woodcuts = {name: painted_by(one, cat, woodcut) for name, one in everyone.items()}
selves = {name: painted_by(one, cat, cat) for name, one in everyone.items()}
show_images(
    {name: np.kron(woodcuts[name][near], np.ones((2, 2, 1))) for name in ("all parts", "bold")},
    width=420,
)

# %% tags=["nbval-ignore-output"]
scores = {
    name: (style_moved(woodcuts[name], cat, woodcut), content_kept(woodcuts[name], cat))
    for name in everyone
}
for name, (share, kept) in scores.items():
    print(f"{name:10} style moved {share:.3f}, content kept {kept:.3f}", end="")
    print(f", in its own style {psnr(cat, selves[name]):.1f} dB")

# %%
print(
    "bold keeps less of the content than the control:", scores["bold"][1] < scores["all parts"][1]
)

# %% [markdown]
# With nobody to speak for it, the content begins to go, by far less than the eye can see. And did
# bold gain any style? Compare its line with the control's, and mind how small the difference is.
# Now compare the control with the start. A few steps on a handful of crops are no improvement to
# a decoder that was trained for hours. This run is a probe, not a training: it shows in which
# direction each part pulls, and cannot show where a long training would end.
#
# ## What the identity loss is good for
# Ask the decoder for the photograph's *own* style. The painting should be the photograph. The other
# parts do not ask for that: they compare features and structure, and features forgive a lot. So
# that case has a part of its own, the logarithm of the squared error.
#
# **Before you run the next cell:** bold and reckless both ignore the content. Only bold has the
# identity part. What have they made of the cat in its own style?

# %%
# alt: One eye of the cat and the edge of the other, painted in the cat's own style by three
#      learners: the control, the bold one and the reckless one. The three are hard to tell apart.
shown = {f"{name}: {psnr(cat, selves[name]):.1f} dB": selves[name][near] for name in learned}
show_images({name: np.kron(one, np.ones((2, 2, 1))) for name, one in shown.items()}, width=624)
gain = psnr(cat, selves["bold"]) - psnr(cat, selves["reckless"])
print("with the identity loss it is closer, by 0.2 dB or more:", bool(gain > 0.2))

# %% [markdown]
# Why would anybody want a painting in the photograph's own style? Because of strength. Strength
# goes in a straight line from the content's own statistics to the style's. Only if that line
# begins at the photograph does the slider begin there, too.
#
# ## What to paint in a clear sky
# A style asks for strokes everywhere. In a clear sky the photograph gives no hint where one should
# begin: every place looks like its neighbor. So does what the decoder draws there. The only texture
# it could make out of nothing is one that repeats with its own upsampling: a fine weave.
#
# Two things are done about it. The *grid* part of the loss takes the mean of all blocks of 8 x 8
# pixels. Strokes at changing places cancel out there; a pattern that repeats with the blocks
# remains. And the photograph gets a hint: **grain**, a noise as strong in coarse detail as in fine
# detail, so faint that you will hardly see it.
#
# AdaIN divides by the standard deviation of the *whole* map. So it should matter what else is in
# the picture. We paint two: a sky above the lights of a launch pad, and nothing but sky.
#
# **Before you run the next cell:** which of the two skies will get more of the style's contrast
# from the same grain? (The numbers say how
# much.)

# %%
# alt: Four skies as woodcuts. Above a launch pad, without grain a plain area and with grain some
#      strokes; nothing but sky, without grain one flat color and with grain covered in strokes.
alone = np.full((128, 192, 3), (0.45, 0.55, 0.7), "float32")
above = alone.copy()
above[88:] = collection.photograph("rocket", size=256)[-40:, 32:224]
skies = {"sky above a pad": above, "sky alone": alone}
skies = {
    f"{name}, {'grain' if std else 'no grain'}": painted_by(
        painter.get_weights(), with_grain(one, std), woodcut
    )
    for name, one in skies.items()
    for std in (0.0, 0.015)
}
contrast = {name: float(one[16:72].std(axis=(0, 1)).mean()) for name, one in skies.items()}
share = {name: value / woodcut.std(axis=(0, 1)).mean() for name, value in contrast.items()}
shown = {f"{name}: {share[name]:.0%}": one for name, one in skies.items()}
show_images(shown, columns=4, width=600)

# %%
bare, grained, bare_alone, grained_alone = share.values()
print("above the pad, grain triples the sky's contrast:", bare * 3 < grained)
print("without the pad, the same grain brings more:", grained_alone > 1.5 * grained)

# %% [markdown]
# A plain area has hardly any deviation of its own. What little there is, AdaIN enlarges, but only
# as far as the rest of the picture lets it: the lights of the launch pad take up most of the map's
# standard deviation. Without them the grain is all there is, and it is brought up to the style's.
# Without grain there is nothing to enlarge. `FeatureTransfer` adds this grain on its own; `grain=0`
# leaves it out.
#
# ## The long way
# For weights of your own, give the command a folder of photographs and one of paintings, and a
# night:
#
#     course train paint --photographs PHOTOS --paintings PAINTINGS --out RUN
#
# It trains from coarse to fine, writes checkpoints, a log and sample sheets, and after a stop goes
# on with `--resume` (lesson 4). Its judge is VGG-19, which is downloaded once; `--teacher encoder`
# does without. `FeatureTransfer(painter=...)` then paints with your decoder.
#
# ## Summary
# - A painting decoder is a decoder with AdaIN after every convolution. Its targets are the style's
#   statistics at the level it works on; they are a list that you can mix and change.
# - In this decoder, a style injected only at the entry is overwritten on the way.
# - Draft, add the change to the content, revise: painted from coarse to fine, strokes belong to the
#   image and not to its pixels. Statistics at a single scale do not notice what is larger than
#   their window.
# - There is no right painting to compare with. An encoder judges: statistics against the style's,
#   normalized features against the photograph's.
# - Compare learners with a control that differs in one thing. Without content and structure, less
#   of the content is kept; without the identity loss, a cat in its own style is farther from the
#   photograph, and strength 0 begins there.
# - Where a photograph is plain, strokes need a hint where to begin. A little grain gives it.
#
# ## Questions to check yourself
# 1. You leave out the content and the structure part and train for a week. What will the decoder
#    learn to draw?
#
#    <details><summary>Answer</summary>
#
#    Probably the style image's statistics and little of the photograph: an even texture in its
#    palette, like those grown from noise in lesson 6. The identity part still asks for the
#    photograph, but only where the photograph is the style.
#
#    </details>
#
# 2. And without style, gram and values, but with the identity part: what does the painting in
#    another style look like?
#
#    <details><summary>Answer</summary>
#
#    The photograph's forms, light and dark as they were. Nothing asks for a style anymore. But
#    its colors may be off: AdaIN still sets the style's statistics, and only the identity part
#    looks at colors, where the photograph is the style.
#
#    </details>
#
# 3. The encoder is frozen. What could it learn to do if it were not?
#
#    <details><summary>Answer</summary>
#
#    To make its own features say nothing: features that are the same for every image make every
#    loss that compares features small. A judge must not be open to bribes.
#
#    </details>
#
# 4. Why is the style distance divided by that of the photograph, and what would happen to a batch
#    in which one style is nearly the photograph's own?
#
#    <details><summary>Answer</summary>
#
#    Without it, hard styles would count more than easy ones. But a style that is nearly the
#    photograph's own divides by nearly nothing, so that one pair decides about the whole batch.
#
#    </details>
#
# 5. Strength 0.5 mixes the targets, half the content's and half the style's. Why is that not the
#    same as the mean of two images?
#
#    <details><summary>Answer</summary>
#
#    The decoder draws one image with mixed statistics, in strokes of half the contrast. The mean of
#    two images lays full strokes, half transparent, over a photograph.
#
#    </details>
#
# 6. A poster of 8,192 pixels is painted in a single pass, and then from coarse to fine. How do the
#    two differ from three yards away?
#
#    <details><summary>Answer</summary>
#
#    In a single pass its strokes are a few pixels wide, far too fine to be seen: a tinted
#    photograph. From coarse to fine it shows the same strokes as a small print, only sharper.
#
#    </details>
#
# ## Reading
# - X. Huang and S. Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
#   Normalization", ICCV 2017: a decoder trained to paint, with one injection.
# - T. Lin, Z. Ma, F. Li, D. He, X. Li, E. Ding, N. Wang, J. Li and X. Gao, "Drafting and Revision:
#   Laplacian Pyramid Network for Fast High-Quality Artistic Style Transfer", CVPR 2021: from coarse
#   to fine, with a second network for the revision.
# - G. Ghiasi, H. Lee, M. Kudlur, V. Dumoulin and J. Shlens, "Exploring the Structure of a
#   Real-time, Arbitrary Neural Artistic Stylization Network", BMVC 2017: a style for every layer.
# - D. Y. Park and K. H. Lee, "Arbitrary Style Transfer with Style-Attentional Networks", CVPR 2019:
#   the identity loss.
# - Y. Zhang, M. Li, R. Li, K. Jia and L. Zhang, "Exact Feature Distribution Matching for Arbitrary
#   Style Transfer and Domain Generalization", CVPR 2022: more of a distribution than two numbers.
