# %% [markdown]
# # Lesson 1: Pictures as tensors
# What a convolutional network does to a picture, first by hand on arrays small enough to read,
# then as layers on a photograph.
#
# **You will be able to**
# - read a picture's array: its axes, its range of values, its color channels, and the usual
#   mistakes with each
# - tell brightness from color, in RGB and in Lab
# - work out convolution, pooling, un-pooling and transposed convolution by hand, with the size of
#   each result
# - say where dark frames and checkerboards come from, and avoid both
# - compute how much of a picture one number of a network sees, and measure it
#
# **You need:** lesson 0, arrays in NumPy: indexing and shapes.
#
# **Time:** 100 minutes, 115 with the optional sections; the code runs in about 15 s on a CPU and as
# long on a GPU, because most of it is NumPy.
#
# **Optional:** *The receptive field*.

# %% tags=["setup"]

# %%
import keras
import numpy as np

from course_lib import byhand, collection, images
from course_lib.exercises import exercise
from course_lib.plots import (
    plot_histogram,
    plot_lines,
    show_image,
    show_images,
    show_matrix,
)
from course_lib.widgets import convolution_bench

# %% [markdown]
# ## A picture is an array
# A photograph in this course is an array of numbers with three axes. Here is one, 240 pixels
# wide.

# %%
# alt: A ginger cat's face, turned a little to the right.
photo = collection.photograph("chelsea", size=240)
show_image(photo, width=360)

# %%
print("shape:", photo.shape)
print("type:", photo.dtype)
print("all values between 0 and 1:", bool(photo.min() >= 0 and photo.max() <= 1))

# %% [markdown]
# The axes are height, width, channels. The first index counts rows from the top, the second
# counts columns from the left, the third chooses red, green or blue.
#
# **Before you run the next cell:** where on the cat is `photo[40:84, 64:124]`? Write down a
# guess: which of the two ranges runs along the height?

# %%
# alt: The cat's left eye as we see it, cut out of the photograph.
eye = photo[40:84, 64:124]
print("44 rows and 60 columns:", eye.shape)
show_image(eye, width=300)

# %% [markdown]
# Rows come first: `photo[y, x]`, not `photo[x, y]`. Let us go closer, until single pixels show,
# and look at the numbers of one channel.

# %%
# alt: Six by six pixels of the eye, each a square of one color.
# alt: A table of the 36 red values of these pixels, each between 0 and 1.
corner = eye[26:32, 36:42]
show_image(corner, width=240)
show_matrix(corner[..., 0].round(2), title="the red channel", width=380)

# %% [markdown]
# All that a network ever gets is such tables, one for each channel. There is no cat in there;
# whatever it knows of cats it has to make out of these numbers.
#
# Indexing can turn a picture around, because the axes are all there is.
#
# **Before you run the next cell:** one of these three mirrors the cat, one stands it on its head,
# one changes its color. Which is which?

# %%
# alt: The cat three times: upside down, mirrored left to right, and with blue fur, because red and
#      blue are exchanged.
show_images(
    {
        "photo[::-1]": photo[::-1],
        "photo[:, ::-1]": photo[:, ::-1],
        "photo[..., ::-1]": photo[..., ::-1],
    }
)

# %% [markdown]
# A network takes several pictures at once, a batch. So there is one more axis in front, and a
# single picture becomes a batch of one. In this course a variable called `image` has three
# axes, and `images` has four.

# %%
print("one picture:", photo.shape)
print("a batch of one:", photo[None].shape)
print("a batch of two:", np.stack([photo, photo[:, ::-1]]).shape)

# %% [markdown]
# An array with any number of axes is called a **tensor** in deep learning. That is all the word
# means here.
#
# ## The range of values
# In a file, each value is one byte: a whole number from 0 to 255, called `uint8`. For computing
# we use floats from 0 to 1. Most faults that beginners meet are a mix-up of the two, so it is
# worth making each of them once on purpose.
#
# **Before you run the next cell:** we brighten the cat by adding 80 to every byte. What becomes
# of a pixel that had 200 already?

# %%
# alt: The cat, and beside it a try at a brighter one: the lightest patches of fur and background
#      have turned cyan.
as_bytes = images.to_uint8(photo)
brighter = as_bytes + 80
show_images({"bytes": as_bytes, "bytes + 80": brighter}, width=500)

# %%
print("100, 175 and 200, plus 80:", np.array([100, 175, 200], dtype="uint8") + 80)

# %% [markdown]
# A byte ends at 255 and starts again at 0: 200 + 80 is 280, and 280 - 256 is 24. No error, no
# warning. This cat has more red than green or blue, so its red runs over first, and light fur
# without red is cyan. Differences are as treacherous: 10 - 20 is 246 in bytes. So we compute in
# floats, and cut off what leaves the range.
#
# Two more mix-ups are common.
#
# **Before you run the next cell:** what will a picture look like if it is divided by 255 twice?
# And if values from 0 to 255 are taken for values from 0 to 1?

# %%
# alt: The cat properly brightened; all black, because it was divided twice; all white, because
#      every value was far above 1.
show_images(
    {
        "right: + 80/255, clipped": np.clip(photo + 80 / 255, 0, 1),
        "divided by 255 twice": photo / 255,
        "0..255 taken for 0..1": np.clip(photo * 255, 0, 1),
    }
)

# %% [markdown]
# Nearly black and nearly white are the two symptoms to remember. A network that was trained on
# values from 0 to 1 does not complain either; it just gives nonsense. The course's own functions
# do complain, and say what they found:

# %%
try:
    images.check_image(np.full((2, 2, 3), 200.0))
except images.ImageError as error:
    print(error)

# %% [markdown]
# When a result looks odd, look at the histogram before anything else: how many pixels have which
# value.

# %%
# alt: Two histograms with a line for red, green and blue each. On the left the values spread over
#      the middle of the range; on the right most have moved up, and many of the red ones, which ran
#      over the top, are back near zero.
plot_histogram(
    {"photo": photo, "bytes + 80": brighter}, title="the overflow shows as a second hill near 0"
)

# %% [markdown]
# ## Channels and brightness
# The three channels are three gray pictures.
#
# **Before you run the next cell:** the saucer is a deep red. In which of the three channels will
# it be bright?

# %%
# alt: A cup on a red saucer, and its three channels in gray: the saucer is bright in the red
#      channel, dark in the green one and nearly black in the blue one.
coffee = collection.photograph("coffee", size=240)
show_images(
    {
        "coffee": coffee,
        "red channel": coffee[..., 0],
        "green channel": coffee[..., 1],
        "blue channel": coffee[..., 2],
    }
)

# %% [markdown]
# How bright does a color look? Not as bright as the mean of its three values. Our eyes are most
# sensitive to green, and least to blue. The usual formula weighs the channels accordingly:
#
# $$ Y = 0.2125\,R + 0.7154\,G + 0.0721\,B $$
#
# where $R$, $G$ and $B$ are a pixel's values and $Y$ is called its luminance. The three weights
# add up to 1, so white stays 1.
#
# ### Exercise: luminance
# Write the formula as a function of a whole picture. It takes an array (height, width, 3) and
# returns an array (height, width). If you get stuck, run `exercise("luminance").hint()` in a new
# cell, as often as you like; each hint goes one step further.


# %%
def luminance(image):
    """The luminance of every pixel: (height, width, 3) becomes (height, width)."""
    ...


luminance = exercise("luminance").check(luminance)

# %% [markdown]
# **Before you run the next cell:** pure red, pure green and pure blue have the same mean, one
# third. Which will come out brightest by luminance?

# %%
# alt: A red, a green and a blue square. Their means are the same gray; by luminance green is light
#      gray, red is dark, and blue is nearly black.
colors = np.eye(3, dtype="float32")[None]
show_images({"colors": colors, "mean": colors.mean(axis=-1), "luminance": luminance(colors)})

# %% [markdown]
# ### The color space Lab
# In RGB, brightness and color are mixed in all three channels. Lab sorts them: L is the
# brightness, from 0 to 100; a goes from green to red; b goes from blue to yellow. Scikit-image
# converts both ways.

# %%
from skimage.color import lab2rgb, rgb2lab

lab = rgb2lab(coffee)
print("shape:", lab.shape)
gray_in_lab = rgb2lab(np.full((1, 1, 3), 0.5))
print("gray has neither a nor b:", bool(np.allclose(gray_in_lab[..., 1:], 0, atol=0.1)))

# %% [markdown]
# Now an experiment. We blur only L and keep a and b sharp. Then we blur only a and b and keep L
# sharp.
#
# **Before you run the next cell:** the same blur is applied to one channel in one case and to two
# channels in the other. Which picture will look worse?

# %%
from skimage.filters import gaussian

blurred = gaussian(lab, sigma=4, channel_axis=-1)
blurred_brightness = np.concatenate([blurred[..., :1], lab[..., 1:]], axis=-1)
blurred_color = np.concatenate([lab[..., :1], blurred[..., 1:]], axis=-1)

# %%
# alt: The coffee cup three times: as it was; with blurred brightness, which looks out of focus;
#      with blurred color, which looks almost as sharp as the original.
show_images(
    {
        "original": coffee,
        "L blurred": lab2rgb(blurred_brightness),
        "a and b blurred": lab2rgb(blurred_color),
    }
)

# %% [markdown]
# The drawing is in the brightness. Color may be smeared a good deal before we notice, and JPEG
# files are small partly because of that. It matters for style transfer as well: one can take the
# colors of one picture and the brightness of another.
#
# ## Patches
# A patch is a small piece of a picture. We cut the cat into patches of 20 by 20 pixels.

# %%
patches = byhand.extract_patches(photo, 20)
print("rows and columns of patches, then height, width, channels of each:", patches.shape)
whole_again = byhand.assemble_patches(patches)
print("assembled again, it is the photograph:", bool(np.allclose(whole_again, photo)))

# %% [markdown]
# **Before you run the next cell:** we deal the 96 patches out in random order. Which of these
# will survive: the cat, its colors, the texture of its fur, the histogram?

# %%
# alt: The cat, and a patchwork of its pieces in random order: fur, eyes and background are still
#      there to see, the cat is gone.
order = np.random.default_rng(0).permutation(8 * 12)
dealt = patches.reshape(96, 20, 20, 3)[order].reshape(patches.shape)
shuffled = byhand.assemble_patches(dealt)
show_images({"photograph": photo, "its patches, dealt anew": shuffled}, width=500)

# %%
same_values = np.allclose(np.sort(shuffled, axis=None), np.sort(photo, axis=None))
print("every value is still there:", bool(same_values))

# %% [markdown]
# Colors, texture and histogram survive; the cat does not. Keep this picture in mind. What is left
# when places are forgotten is close to what this course will call style, and what was lost is
# close to what it will call content.
#
# One trap before we go on. `reshape` alone also gives an array of that shape.
#
# **Before you run the next cell:** will `photo.reshape(8, 12, 20, 20, 3)[3, 4]` be the same patch
# as `patches[3, 4]`?

# %%
# alt: Two squares of 20 by 20 pixels: a piece of the cat's eye, and thin stripes that show nothing.
reshaped = photo.reshape(8, 12, 20, 20, 3)
print("the same shape:", reshaped.shape == patches.shape)
show_images({"patches[3, 4]": patches[3, 4], "reshaped[3, 4]": reshaped[3, 4]}, width=380)

# %% [markdown]
# `reshape` reads the numbers in the order in which they are stored, row after row of the whole
# picture, and breaks them into new rows. The shape is right and the content is nonsense. **A
# right shape proves little; look at the picture.**
#
# ## Convolution by hand
# A convolution slides a small window over the picture. At each position it multiplies the pixels
# in the window by the numbers of a kernel, entry by entry, and adds up the products. That sum is
# one number of the result.
#
# Here is a picture with a step from dark to bright, and a kernel.

# %%
tiny = np.array(
    [
        [0, 0, 0, 5, 5, 5],
        [0, 0, 0, 5, 5, 5],
        [0, 0, 1, 5, 5, 5],
        [0, 0, 1, 5, 5, 5],
        [0, 1, 1, 5, 5, 5],
    ]
)
kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])

# %%
# alt: A table of 5 rows and 6 columns: 0 and 1 in the left half, 5 in the right half.
# alt: A table of 3 rows and 3 columns: minus 1 in the left column, 0 in the middle, 1 on the right.
show_matrix(tiny, title="picture", width=340)
show_matrix(kernel, title="kernel", width=260)

# %% [markdown]
# **Before you run the next cell:** the window at the upper left covers rows 0 to 2 and columns 0
# to 2. Work out its number. Then the one for the window one step to the right.

# %%
for column in (0, 1):
    window = tiny[0:3, column : column + 3]
    print(f"window at row 0, column {column}:")
    print(window * kernel)
    print("sum:", (window * kernel).sum())

# %% [markdown]
# The kernel takes what is on the right and subtracts what is on the left. Where both are equal,
# nothing is left. At a step from dark to bright the result is large. This kernel finds vertical
# edges.
#
# (A mathematician would call this a cross-correlation: a convolution turns the kernel around
# first. Deep learning says convolution and does not turn it. As the kernels are learned, it makes
# no difference.)
#
# ### Exercise: convolution
# Write it for one channel: `image` is (height, width), `kernel` is (height, width) too and need
# not be square. The window stays inside the picture. Two loops are fine;
# `exercise("convolution").hint()` helps.
#
# Think about the size of the result first. In how many places can a window of 3 stand along 6
# pixels?


# %%
def convolve(image, kernel):
    """Slide the kernel over the image, multiply entry by entry, add up."""
    ...


convolve = exercise("convolution").check(convolve)

# %%
# alt: A table of 3 rows and 4 columns. The two middle columns, around the step, hold the large
#      numbers; the outer columns hold small ones or 0.
edges = convolve(tiny, kernel)
print("5 x 6 pixels become", edges.shape)
show_matrix(edges, title="result", width=300)

# %% [markdown]
# The step has become a ridge, two columns wide. Left and right of it there is little or nothing.
#
# ### How large is the result?
# Two things change it. The **stride** is how far the window moves in one step. The **padding** is
# what it finds beyond the border: with `"valid"` it may not leave the picture at all, with
# `"zeros"` or `"reflect"` a border is added so that it can.
#
# With $n$ pixels, a kernel of $k$ and a stride of $s$, where $\lfloor\ \rfloor$ rounds down and
# $\lceil\ \rceil$ rounds up:
#
# $$ \text{valid:}\quad \left\lfloor \frac{n - k}{s} \right\rfloor + 1
# \qquad\qquad \text{with a border:}\quad \left\lceil \frac{n}{s} \right\rceil $$
#
# **Before you run the next cell:** work out both sizes for 160 pixels, a kernel of 3, and strides
# 1, 2 and 4.

# %%
for stride in (1, 2, 4):
    inside = byhand.output_size(160, kernel=3, stride=stride, padding="valid")
    padded = byhand.output_size(160, kernel=3, stride=stride, padding="zeros")
    print(f"stride {stride}: {inside} without a border, {padded} with one")

# %% [markdown]
# With a border and stride 1 the size stays. This is what networks mostly use, because sizes are
# then easy to keep track of, and in an autoencoder the output must have the size of the input.
#
# ### Many channels
# A photograph has three channels, so the kernel has three as well, and its sum runs over all of
# them. That still gives one number per position. To get several channels out, take several
# kernels. All of them together form one array: (height, width, channels in, channels out).

# %%
eight_kernels = np.random.default_rng(0).normal(size=(3, 3, 3, 8))
features = byhand.convolve(photo, eight_kernels, padding="zeros")
print("photograph:", photo.shape)
print("kernels:", eight_kernels.shape, "that is", eight_kernels.size, "numbers")
print("result:", features.shape)

# %% [markdown]
# ### Four kernels on a photograph
# **Before you run the next cell:** one of these kernels blurs and one sharpens. Which, and what
# do you see that by? (Look at the sum of each kernel's numbers.)

# %%
kernels = {
    "A": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]) / 3,
    "B": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]) / 3,
    "C": np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]]) / 9,
    "D": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
}
for name, kernel in kernels.items():
    print(f"the numbers of {name} add up to {abs(kernel.sum()):.0f}")

# %%
# alt: Four gray results. A: gray, with the cat's vertical edges as light and dark lines. B: the
#      same for horizontal edges. C: the cat, slightly blurred. D: the cat, sharpened, with whiskers
#      standing out.
gray = byhand.luminance(photo)
by_hand = {name: convolve(gray, kernel) for name, kernel in kernels.items()}
show_images(
    {
        "A + 0.5": by_hand["A"] + 0.5,
        "B + 0.5": by_hand["B"] + 0.5,
        "C": by_hand["C"],
        "D": by_hand["D"],
    },
    columns=2,
    width=500,
)

# %% [markdown]
# A and B add up to 0: a flat surface gives 0, and only change is left. (We added 0.5 so that
# negative values show as dark.) C and D add up to 1, so flat surfaces keep their brightness. C
# takes the mean of its neighborhood and blurs. D exaggerates how a pixel differs from its
# neighbors and sharpens.
#
# ### The same as a layer
# In a network, the kernels are not chosen but learned, and the sliding is done by a layer. We put
# our four kernels into Keras' `Conv2D` and compare.

# %%
layer = keras.layers.Conv2D(filters=4, kernel_size=3, use_bias=False)
layer.build((None, None, None, 1))
layer.set_weights([np.stack(list(kernels.values()), axis=-1)[:, :, None, :]])
by_layer = np.asarray(layer(gray[None, ..., None]))[0]
print("result of the layer:", by_layer.shape)

# %%
for channel, name in enumerate(kernels):
    same = np.allclose(by_layer[..., channel], by_hand[name], atol=1e-4)
    print(f"{name}: the layer gives what we computed by hand:", bool(same))

# %% [markdown]
# A `Conv2D` layer is nothing else. It usually adds a number to each channel, the bias, and passes
# the result through an activation such as ReLU, which replaces negative values by 0.
#
# ## What lies beyond the border?
# With a border of zeros, the world beyond the picture is black. With `"reflect"`, it is the
# picture mirrored.

# %%
row = np.array([[1, 2, 3, 4]])
print("zeros:  ", byhand.pad(row, kernel=(1, 5), padding="zeros"))
print("reflect:", byhand.pad(row, kernel=(1, 5), padding="reflect"))

# %% [markdown]
# **Before you run the next cell:** we blur the cat 15 times in a row, once with each kind of
# border. What will the edges of the two pictures look like?

# %%
with_zeros = with_mirror = gray
for _ in range(15):
    with_zeros = byhand.convolve(with_zeros, kernels["C"], padding="zeros")
    with_mirror = byhand.convolve(with_mirror, kernels["C"], padding="reflect")

# %%
# alt: Two blurred cats. The one with zeros has a dark frame that grows darker towards the edge; the
#      mirrored one keeps its brightness up to the edge.
show_images({"zeros": with_zeros, "reflect": with_mirror}, width=500)
darker = with_zeros[0].mean() < 0.6 * with_mirror[0].mean()
print("with zeros the top row is much darker:", bool(darker))

# %% [markdown]
# Black creeps in from outside, by one pixel with every layer. A deep network with zero padding
# knows where the border is, and draws a frame there. This course's autoencoder mirrors instead.
# Keras' layers know only `"valid"` and `"same"` (zeros), so lesson 2 makes the border before it
# convolves.
#
# ## Pooling
# An encoder makes the picture smaller, step by step. Pooling replaces each square of 2 by 2
# numbers by one: by their mean, or by the largest.
#
# **Before you run the next cell:** work out both for this array.

# %%
# alt: A table of 4 rows: 1 3 0 0; 5 7 0 8; 2 2 9 1; 2 2 1 1.
numbers = np.array([[1, 3, 0, 0], [5, 7, 0, 8], [2, 2, 9, 1], [2, 2, 1, 1]])
show_matrix(numbers, title="before", width=300)

# %%
# alt: A table of 2 rows: 4 2; 2 3.
# alt: A table of 2 rows: 7 8; 2 9.
mean = byhand.average_pool(numbers)
largest, switches = byhand.max_pool(numbers)
show_matrix(mean, title="average pooling", width=230)
show_matrix(largest, title="max pooling", width=230)

# %% [markdown]
# `max_pool` also returns the **switches**: in which of the four places the largest number stood,
# numbered 0 and 1 in the upper row, 2 and 3 in the lower. They are what un-pooling needs: it puts
# every maximum back into its place, and zeros everywhere else.
#
# **Before you run the next cell:** what does un-pooling make of the array above? How many of the
# 16 numbers come back?

# %%
# alt: A table of 4 rows: 0 0 0 0; 0 7 0 8; 2 0 9 0; 0 0 0 0.
print("switches:")
print(switches)
back = byhand.unpool(largest, switches)
show_matrix(back, title="un-pooled", width=300)

# %% [markdown]
# A quarter of the numbers come back, exactly where they were. The rest is lost: pooling kept one
# number out of four, and nothing that comes after it can know the others.
#
# Keras' layers do the same. They do not give the switches, so the course's autoencoder brings its
# own max pooling for un-pooling.

# %%
batch = features[None].astype("float32")
layer_mean = np.asarray(keras.layers.AveragePooling2D(2)(batch))[0]
layer_largest = np.asarray(keras.layers.MaxPooling2D(2)(batch))[0]
mean, (largest, _) = byhand.average_pool(features), byhand.max_pool(features)
print("average pooling, the same:", bool(np.allclose(layer_mean, mean, atol=1e-4)))
print("max pooling, the same:", bool(np.allclose(layer_largest, largest, atol=1e-4)))

# %% [markdown]
# Now the cat's eye, made smaller by half and large again: once by repeating each number over its
# square, and once by un-pooling.
#
# **Before you run the next cell:** which of the two will look blocky, and which dark?

# %%
# alt: The cat's eye in gray; the same in coarse squares; and the same with three of four pixels
#      black, so that the eye is dark and only to be guessed.
gray_eye = byhand.luminance(eye)
small, places = byhand.max_pool(gray_eye)
show_images(
    {
        "before": gray_eye,
        "pooled, then repeated": byhand.repeat_pixels(small),
        "pooled, then un-pooled": byhand.unpool(small, places),
    }
)

# %% [markdown]
# Repeating keeps brightness and loses places. Un-pooling keeps places and leaves holes, which the
# convolutions after it have to fill.
#
# ## Transposed convolution
# There is a third way to make a picture larger, with numbers that can be learned. A convolution
# gathers a window into one number. A transposed convolution goes backward: it spreads each number
# over a window. The kernel is a stamp. For each number of the picture, put the stamp down,
# multiplied by that number; move on by the stride; where stamps overlap, add.

# %%
# alt: A table of 2 rows: 1 2; 3 4.
four = np.array([[1, 2], [3, 4]])
stamp = np.ones((3, 3), dtype=int)
show_matrix(four, title="picture", width=230)

# %% [markdown]
# **Before you run the next cell:** the stamp is 3 by 3, all ones, and the stride is 2. How large
# is the result? What is in its middle, where all four stamps overlap? Sketch it before you look.

# %%
# alt: A table of 5 rows: 1 1 3 2 2; 1 1 3 2 2; 4 4 10 6 6; 3 3 7 4 4; 3 3 7 4 4. The middle row and
#      column, where stamps overlap, stand out.
enlarged = byhand.transposed_convolution(four, stamp, stride=2)
print("2 x 2 becomes", enlarged.shape)
show_matrix(enlarged, title="transposed convolution", width=340)

# %% [markdown]
# ### Exercise: transposed convolution
# Write it for one channel: `image` and `kernel` are (height, width), and neither need be square.
# Keep all of every stamp; so the last stamp decides how large the result is.
# `exercise("transposed-convolution").hint()` helps.


# %%
def transposed_convolution(image, kernel, stride=2):
    """Stamp the kernel, times each number of the image, onto a larger image; add up."""
    ...


transposed_convolution = exercise("transposed-convolution").check(transposed_convolution)

# %%
layer = keras.layers.Conv2DTranspose(filters=1, kernel_size=3, strides=2, use_bias=False)
layer.build((None, None, None, 1))
layer.set_weights([stamp[:, :, None, None]])
by_layer = np.asarray(layer(four[None, ..., None].astype("float32")))[0, ..., 0]
same = np.allclose(by_layer, transposed_convolution(four, stamp, stride=2))
print("Conv2DTranspose gives the same:", bool(same))

# %% [markdown]
# ### Why "transposed"?
# A convolution is linear, so it is a matrix: it takes the pixels as one long column and gives the
# results as another. We find that matrix by sending in pictures that are 1 at one pixel and 0
# elsewhere.


# %%
def matrix_of(function, shape):
    """The matrix of a linear function of images of this shape."""
    single_pixels = np.eye(np.prod(shape)).reshape(-1, *shape)
    return np.stack([function(image).ravel() for image in single_pixels], axis=1)


numbered = np.arange(1, 10).reshape(3, 3)
gathering = matrix_of(lambda image: convolve(image, numbered), (4, 4))
spreading = matrix_of(lambda image: transposed_convolution(image, numbered, stride=1), (2, 2))

# %%
# alt: A table of 4 rows and 16 columns. Each row holds the kernel's numbers 1 to 9 at the pixels of
#      one window, and 0 elsewhere; each further row is shifted.
show_matrix(
    gathering,
    numbers=True,
    width=720,
    title="convolution of 4 × 4 pixels with the kernel 1, 2, ..., 9: every row is one window",
)
print("one matrix is the other, transposed:", bool(np.array_equal(spreading, gathering.T)))

# %% [markdown]
# "Deconvolution" is another name you will meet. It is a misleading one: the transposed matrix is
# not the inverse. It gives back the size, not the picture.
#
# ### The checkerboard
# Look at the 5 by 5 result once more: the middle row and column stood out although the stamp was
# all ones. How many stamps reach a pixel depends on where the pixel is. We count them, away from
# the border.
#
# **Before you run the next cell:** with a stride of 2, for which of the kernel sizes 2, 3, 4, 5
# will every pixel be reached by equally many stamps?

# %%
for size in (2, 3, 4, 5):
    reached = byhand.transposed_convolution(
        np.ones((8, 8), int), np.ones((size, size), int), stride=2
    )
    inside = reached[size:-size, size:-size]
    print(f"kernel {size}: a pixel is reached by {np.unique(inside).tolist()} stamps")

# %% [markdown]
# Equally many only where the stride divides the kernel size. A kernel of 3 with a stride of 2, a
# very common choice, reaches some pixels four times as often as others. Here is what that does to
# a picture. We make the cat half as large, and enlarge it in three ways. One pixel becomes four,
# so the numbers of a stamp add up to 4, which keeps the mean brightness.

# %%
half = byhand.average_pool(gray)
blur = np.ones((3, 3)) / 9
three_ways = {
    "transposed, kernel 3": byhand.transposed_convolution(half, 4 * blur, stride=2),
    "transposed, kernel 4": byhand.transposed_convolution(half, np.ones((4, 4)) / 4, stride=2),
    "repeated, then convolved": byhand.convolve(byhand.repeat_pixels(half), blur),
}

# %%
# alt: The cat's eye enlarged in three ways. With a kernel of 3 a strong grid of light and dark
#      lines covers it; with a kernel of 4, and when repeated and then convolved, there is no grid.
show_images({title: image[40:84, 64:124] for title, image in three_ways.items()})

# %% [markdown]
# Training can weaken the grid: for some kernels the overlaps add up evenly.

# %%
even = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
reached = byhand.transposed_convolution(np.ones((8, 8)), even, stride=2)[3:-3, 3:-3]
print("with this kernel a flat surface stays flat:", bool(np.allclose(reached, 1)))

# %% [markdown]
# But nothing forces a network to find such a kernel, and its traces are what many generated
# pictures are known for. There are two remedies: a kernel size that the stride divides, or
# enlarging first and convolving after. The course's decoder enlarges first. It can be built with
# a transposed convolution as well, to compare.
#
# ## The receptive field
# How much of the picture does one number deep in a network see? After one convolution of 3 by 3:
# three pixels along each side. A second one adds a neighbor on either side: five. After a pooling
# by 2, neighbors are two pixels apart, so from then on each convolution adds twice as much.
#
# To compute it, walk through the layers and keep two numbers: the `field`, and the `jump`, how
# many pixels apart two neighbors of the current layer are. Both start at 1, at the picture
# itself.
#
# ### Exercise: the receptive field
# A layer is given as (kernel, stride): a convolution of 3 by 3 is `(3, 1)`, a pooling by 2 is
# `(2, 2)`. `layers` is a list of these, beginning at the picture. Return the side of the square
# that one number of the last layer sees, in pixels. `exercise("receptive-field").hint()` helps.


# %%
def receptive_field(layers):
    """How many pixels along one side one number of the output depends on."""
    ...


receptive_field = exercise("receptive-field").check(receptive_field)

# %% [markdown]
# The encoder of this course has four levels. On each level there is a convolution whose output
# has a name, `relu1_1` to `relu4_1`, and is called a **tap**, because features are read off there.
# Between levels there are a second convolution and a pooling.
#
# **Before you run the next cell:** guess how many pixels a number at `relu4_1` sees along one
# side.

# %%
convolution, pooling = (3, 1), (2, 2)
to_next_level = [convolution, pooling, convolution]
computed = {
    f"relu{level}_1": receptive_field([convolution, *to_next_level * (level - 1)])
    for level in (1, 2, 3, 4)
}
print(computed)

# %% [markdown]
# ### Measured
# A computed number deserves a measurement. We take an encoder with random weights, send in a
# picture of noise, and look at the numbers in the middle of each map. Then we brighten one column
# of pixels, and look whether they move. We do so for each of the 96 columns in turn, all in one
# batch.

# %%
from course_lib.autoencoder import Encoder

keras.utils.set_random_seed(0)
encoder = Encoder()
noise = np.random.default_rng(0).uniform(0, 0.5, size=(96, 96, 3)).astype("float32")
brightened = np.repeat(noise[None], 96, axis=0)
for column in range(96):
    brightened[column, :, column] += 0.5
before, after = encoder(noise[None]), encoder(brightened)


# %%
def response(tap):
    """How much the numbers in the middle of a map move, for each brightened column."""
    middle = before[tap].shape[1] // 2
    was = np.asarray(before[tap])[:, middle, middle]
    moved = np.abs(np.asarray(after[tap])[:, middle, middle] - was).sum(axis=-1)
    return moved / moved.max()


measured = {tap: int(np.sum(response(tap) > 1e-6)) for tap in computed}
print(measured)
print("measured as computed:", measured == computed)

# %%
# alt: Four curves around the middle. That of relu1_1 is a narrow spike, each deeper tap's is wider;
#      that of relu4_1 is a broad hill that slopes down to zero at its ends.
plot_lines(
    {tap: (np.arange(96) - 48, response(tap)) for tap in computed},
    xlabel="brightened column, counted from the middle",
    ylabel="how much the numbers move (largest: 1)",
)

# %% [markdown]
# The width is as computed. The curve says more: a number sees the middle of its field much better
# than the rim, because many more paths lead through the network from the middle than from the
# rim. (The hills lean to the right because a map with an even number of columns has none exactly
# in the middle, and we took the one right of it.)
#
# This is why the taps of an encoder describe different things. A number at `relu1_1` sees 3
# pixels: a color or an edge. A number at `relu4_1` sees 52, as much as a whole eye of our cat.
# Lessons 5 and 6 read content and style off these taps.

# %% [markdown]
# ## Lab: the convolution bench
# All of it on one bench: choose a kernel or type in your own, and change stride, padding and
# pooling. **Before you move a control:** what will the shape be? Below the lab are a few settings
# as pictures, for readers who only look.

# %%
lab = convolution_bench()
lab.show()

# %% [markdown]
# ## Summary
# - A picture is (height, width, 3), floats from 0 to 1; a batch has one axis more, in front.
#   Black, white or oddly colored results usually come from a mix-up of ranges or channels.
# - Brightness carries the drawing; color may be coarse.
# - A convolution multiplies windows by a kernel and adds up. With a border its size is the
#   input's divided by the stride. A border of zeros darkens the edge; a mirrored one does not.
# - Pooling keeps one number of several. Un-pooling puts maxima back where they were; a transposed
#   convolution stamps and adds, and leaves a checkerboard where the stride does not divide the
#   kernel size.
# - The receptive field grows with each kernel, and faster after each stride.
#
# ## Questions to check yourself
# 1. `photo[100, 50]` and `photo[50, 100]`: which is nearer to the top?
#
#    <details><summary>Answer</summary>
#
#    `photo[50, 100]`: the first index counts rows from the top.
#
#    </details>
#
# 2. A picture comes out of your network entirely white. What do you look at first?
#
#    <details><summary>Answer</summary>
#
#    The range of values: what goes in and what comes out, its smallest and its largest number.
#    White means that 0 to 255 was taken for 0 to 1.
#
#    </details>
#
# 3. Which size has the result of a 5 by 5 kernel with stride 2 on 64 pixels, valid and with a
#    border?
#
#    <details><summary>Answer</summary>
#
#    Valid: floor((64 - 5) / 2) + 1 = 30. With a border: 64 / 2 = 32.
#
#    </details>
#
# 4. How many numbers does a `Conv2D` layer learn that turns 24 channels into 48 with 3 by 3
#    kernels and a bias?
#
#    <details><summary>Answer</summary>
#
#    3 * 3 * 24 * 48 + 48 = 10,416.
#
#    </details>
#
# 5. Why does max pooling followed by un-pooling not give the picture back?
#
#    <details><summary>Answer</summary>
#
#    Pooling keeps one number of four, un-pooling puts it back and zeros beside it. The other three
#    are lost.
#
#    </details>
#
# 6. You replace the pooling by a stride of 2 in the convolution before it. Does the receptive
#    field grow or shrink?
#
#    <details><summary>Answer</summary>
#
#    It shrinks a little. Pooling by 2 looks at one more pixel before it steps; the step remains,
#    so what comes after sees as far as before.
#
#    </details>
#
# ## Reading
# - Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016: all the
#   sizes, with drawings.
# - Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
# - Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
#   2019.
# - Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014:
#   un-pooling with switches.
#
# **Next:** lesson 2 puts these pieces together into an encoder and a decoder.
