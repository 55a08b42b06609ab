# %% [markdown]
# # Lesson 1: Pictures as tensors
# What a convolutional network does to an image: first by hand, on arrays small enough to read, then
# as layers on a photograph.
#
# **You will be able to**
# - index an image's array by row, column, and channel, and recognize the usual mix-ups of range and
#   channels by what they look like
# - separate brightness from color, in RGB and in Lab
# - compute convolution, pooling, un-pooling, and transposed convolution by hand, and give the size
#   of each result
# - count the parameters of a convolution and of a dense layer, and explain the difference
# - explain where dark frames and checkerboards come from, and avoid both
# - compute the receptive field of a number in a network, and measure it
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
# ## An image is an array
# In this course a photograph is an array of numbers with three axes. Here is one, 240 pixels wide.

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
# **Before you run the next cell:** where on the cat is `photo[40:84, 64:124]`? Write down your
# guess. Which of the two ranges runs along the height?

# %%
# alt: The cat's left eye as we see it, cut out of the photograph.
eye = photo[40:84, 64:124]
print("44 rows and 60 columns:", eye.shape)
show_image(eye, width=300)

# %% [markdown]
# Rows come first: `photo[y, x]`, not `photo[x, y]`. Now let's zoom in until single pixels show, and
# look at the numbers of one channel.

# %%
# alt: Six by six pixels of the eye, each a square of one color.
# alt: A table of the 36 red values of these pixels, each between 0 and 1.
corner = eye[26:32, 36:42]
show_image(corner, width=240)
show_matrix(corner[..., 0].round(2), title="the red channel", width=380)

# %% [markdown]
# Tables like this one, one for each channel, are all that a network ever gets. There is no cat in
# there. Whatever the network knows about cats, it has to work out from these numbers.
#
# Indexing alone can turn an image around.
#
# **Before you run the next cell:** one of these three mirrors the cat, one stands it on its head,
# and one changes its color. Which is which?

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
# A network takes several images at once: a batch. That adds one more axis in front, and a single
# image becomes a batch of one. In this course a variable called `image` has three axes, and
# `images` has four.

# %%
print("one image:", photo.shape)
print("a batch of one:", photo[None].shape)
print("a batch of two:", np.stack([photo, photo[:, ::-1]]).shape)

# %% [markdown]
# In deep learning an array with any number of axes is called a **tensor**. That is all the word
# means here.
#
# ## The range of values
# In a file, each value is one byte: a whole number from 0 to 255, called `uint8`. To compute, we
# use floats from 0 to 1. It is easy to mix up the two, so let's make each mistake once, on
# purpose.
#
# **Before you run the next cell:** we brighten the cat by adding 80 to every byte. What happens to
# a pixel that already has 200?

# %%
# alt: The cat, and beside it a try at a brighter one: the lightest patches of fur and background
#      have turned cyan.
as_bytes = images.to_uint8(photo)
brighter = as_bytes + 80
show_images({"bytes": as_bytes, "bytes + 80": brighter}, width=500)

# %%
print("100, 175 and 200, plus 80:", np.array([100, 175, 200], dtype="uint8") + 80)

# %% [markdown]
# A byte ends at 255 and starts over at 0: 200 + 80 is 280, and 280 - 256 is 24. No error, no
# warning. This cat has more red than green or blue, so its red overflows first, and light fur
# without red is cyan. Subtraction is just as treacherous: 10 - 20 is 246 in bytes. So we compute
# in floats and clip whatever leaves the range.
#
# Two more mix-ups are common.
#
# **Before you run the next cell:** what will an image look like if it is divided by 255 twice? And
# if values from 0 to 255 are mistaken for values from 0 to 1?

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
# Nearly black and nearly white: remember these two symptoms. A network trained on values from 0 to
# 1 does not complain either; it just returns nonsense. The course's own functions do complain, and
# say what they found:

# %%
try:
    images.check_image(np.full((2, 2, 3), 200.0))
except images.ImageError as error:
    print(error)

# %% [markdown]
# When a result looks odd, look at its histogram first. It shows how many pixels have each value.

# %%
# alt: Two histograms with a line for red, green and blue each. On the left the values spread over
#      the middle of the range; on the right most have moved up, and many of the red ones, which ran
#      over the top, are back near zero.
plot_histogram(
    {"photo": photo, "bytes + 80": brighter}, title="the overflow shows as a second hill near 0"
)

# %% [markdown]
# ## Channels and brightness
# The three channels are three gray images.
#
# **Before you run the next cell:** the saucer is a deep red. In which of the three channels will it
# be bright?

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
# sensitive to green and least sensitive to blue. The usual formula weights the channels
# accordingly:
#
# $$ Y = 0.2125\,R + 0.7154\,G + 0.0721\,B $$
#
# where $R$, $G$, and $B$ are a pixel's values and $Y$ is its brightness. The weights add up to 1,
# so white stays 1.
#
# A word about names. The values in a file are not proportional to light; they are stored along a
# curve (gamma). This sum of stored values is properly called **luma**. **Luminance** is the same
# sum taken over the light itself. Image libraries often say luminance for both, and so does our
# function. For finding edges and drawing in gray, luma is all we need.
#
# ### Exercise: luminance
# Write the formula as a function of a whole image. It takes an array (height, width, 3) and returns
# an array (height, width). If you get stuck, run `exercise("luminance").hint()` in a new cell. You
# may do that as often as you like; each hint goes one step further.


# %%
def luminance(image):
    """The luminance of every pixel: (height, width, 3) becomes (height, width)."""
    ...


luminance = exercise("luminance").check(luminance)

# %% [markdown]
# **Before you run the next cell:** pure red, pure green, and pure blue have the same mean, one
# third. Which will come out brightest by this formula?

# %%
# alt: A red, a green and a blue square. Their means are the same gray; by luminance green is light
#      gray, red is dark, and blue is nearly black.
colors = np.eye(3, dtype="float32")[None]
show_images({"colors": colors, "mean": colors.mean(axis=-1), "luminance": luminance(colors)})

# %% [markdown]
# ### The color space Lab
# In RGB, brightness and color are mixed in all three channels. Lab separates them: L is the
# brightness, from 0 to 100; a runs from green to red; b runs from blue to yellow. Scikit-image
# converts both ways.

# %%
from skimage.color import lab2rgb, rgb2lab

lab = rgb2lab(coffee)
print("shape:", lab.shape)
gray_in_lab = rgb2lab(np.full((1, 1, 3), 0.5))
print("gray has neither a nor b:", bool(np.allclose(gray_in_lab[..., 1:], 0, atol=0.1)))

# %% [markdown]
# Now an experiment. First we blur only L and keep a and b sharp. Then we blur only a and b and keep
# L sharp.
#
# **Before you run the next cell:** the blur is the same, but it hits one channel in the first case
# and two channels in the second. Which image will look worse?

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
# The drawing is in the brightness. You can smear color a good deal before anyone notices, and JPEG
# takes advantage of that: it usually stores color at half the resolution. Style transfer uses it
# too, by taking the colors of one image and the brightness of another.
#
# ## Patches
# A patch is a small piece of an image. We cut the cat into patches of 20 by 20 pixels.

# %%
patches = byhand.extract_patches(photo, 20)
print("rows and columns of patches, then height, width, channels of each:", patches.shape)
whole_again = byhand.assemble_patches(patches)
print("assembled again, it is the photograph:", bool(np.allclose(whole_again, photo)))

# %% [markdown]
# **Before you run the next cell:** we shuffle the 96 patches like a deck of cards. What will
# survive: the cat, its colors, the texture of its fur, the histogram?

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
# Colors, texture, and histogram survive; the cat does not. Keep this image in mind. What is left
# when places are forgotten is close to what this course will call style. What was lost is close to
# what it will call content.
#
# One trap before we go on: `reshape` alone also gives an array of that shape.
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
# image, and breaks them into new rows. The shape is right and the content is nonsense. **A correct
# shape proves little. Look at the image.**
#
# ## Convolution by hand
# A convolution slides a small window over the image. At each position it multiplies the pixels in
# the window by the numbers of a kernel, entry by entry, and adds up the products. That sum is one
# number of the result.
#
# Here is an image with a step from dark to bright, and a kernel.

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
show_matrix(tiny, title="image", width=340)
show_matrix(kernel, title="kernel", width=260)

# %% [markdown]
# **Before you run the next cell:** the window at the upper left covers rows 0 to 2 and columns 0 to
# 2. Work out its number. Then do the window one step to the right.

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
# (A mathematician would call this a cross-correlation: a convolution flips the kernel first. Deep
# learning says convolution and does not flip it. Since the kernels are learned, it makes no
# difference.)
#
# ### Exercise: convolution
# Write it for one channel: `image` is (height, width), and so is `kernel`, which need not be
# square. The window stays inside the image. Two loops are fine; `exercise("convolution").hint()`
# helps.
#
# Think about the size of the result first. How many positions does a window of 3 have along 6
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
# The step has become a ridge, two columns wide. To its left and right there is little or nothing.
#
# ### How large is the result?
# Two things decide. The **stride** is how far the window moves in one step. The **padding** is what
# the window finds beyond the border: with `"valid"` it may not leave the image at all; with
# `"zeros"` or `"reflect"` a border is added so that it may.
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
# With a border and stride 1 the size stays the same. Most networks do this: sizes are easy to keep
# track of, and in an autoencoder the output must have the size of the input.
#
# ### Many channels
# A photograph has three channels, so the kernel has three as well, and the sum runs over all of
# them. That still gives one number per position. To get several channels out, use several kernels.
# Together they form one array: (height, width, channels in, channels out).

# %%
eight_kernels = np.random.default_rng(0).normal(size=(3, 3, 3, 8))
features = byhand.convolve(photo, eight_kernels, padding="zeros")
print("photograph:", photo.shape)
print("kernels:", eight_kernels.shape, "that is", eight_kernels.size, "numbers")
print("result:", features.shape)

# %% [markdown]
# ### Why convolution at all?
# A **dense** layer would connect every number of the image with every number of the result, each
# connection with a weight of its own. A convolution connects only neighbors, and it shares its
# weights: the same kernel works at every position.
#
# **Before you run the next cell:** from this photograph to 8 channels of the same size, how many
# weights would the dense layer have? Guess the power of ten.

# %%
print(f"dense layer: {photo.size * features.size:,} weights")
print(f"convolution: {eight_kernels.size:,} weights")

# %% [markdown]
# Shared weights buy more than memory. Move the cat, and what the convolution finds moves with it.
# It has to learn a whisker only once, not once for every place where a whisker might be.

# %%
moved = np.roll(photo, (5, 12), axis=(0, 1))
there = byhand.convolve(moved, eight_kernels, padding="zeros")
inside = np.s_[20:-20, 20:-20]
same = np.allclose(there[inside], np.roll(features, (5, 12), axis=(0, 1))[inside])
print("convolve the moved image, or move the convolved one: the same inside:", bool(same))
print("the image itself is not the same:", not np.allclose(moved[inside], photo[inside]))

# %% [markdown]
# The smallest kernel is 1 by 1. It sees one pixel and no neighbors, so it cannot find an edge.
# What is left is a sum over the channels, with the same weights at every pixel. You have written
# one already.

# %%
one_by_one = np.array([0.2125, 0.7154, 0.0721]).reshape(1, 1, 3, 1)
mixed = byhand.convolve(photo, one_by_one)[..., 0]
print("luma is a 1 x 1 convolution:", bool(np.allclose(mixed, luminance(photo), atol=1e-5)))

# %% [markdown]
# Networks use 1 x 1 convolutions to mix channels, and to change how many there are, at little cost.
#
# ### Four kernels on a photograph
# **Before you run the next cell:** one of these kernels blurs and one sharpens. Which ones, and how
# can you tell? (Look at the sum of each kernel's numbers.)

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
# takes the mean of its neighborhood: it blurs. D exaggerates how a pixel differs from its
# neighbors: it sharpens.
#
# ### The same as a layer
# In a network the kernels are learned, not chosen, and a layer does the sliding. We put our four
# kernels into Keras' `Conv2D` and compare.

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
# That is all a `Conv2D` layer does. It usually also adds a number to each channel, the bias, and
# passes the result through an activation such as ReLU, which replaces negative values with 0.
#
# ## What lies beyond the border?
# With a border of zeros, the world beyond the image is black. With `"reflect"`, it is the image
# mirrored.

# %%
row = np.array([[1, 2, 3, 4]])
print("zeros:  ", byhand.pad(row, kernel=(1, 5), padding="zeros"))
print("reflect:", byhand.pad(row, kernel=(1, 5), padding="reflect"))

# %% [markdown]
# **Before you run the next cell:** we blur the cat 15 times in a row, with each kind of border.
# What will the edges of the two results look like?

# %%
with_zeros = with_mirror = gray
for _ in range(15):
    with_zeros = byhand.convolve(with_zeros, kernels["C"], padding="zeros")
    with_mirror = byhand.convolve(with_mirror, kernels["C"], padding="reflect")

# %%
# alt: Two blurred cats. The one with zeros has a dark frame that grows darker towards the edge; the
#      mirrored one keeps its brightness up to the edge.
show_images({"zeros": with_zeros, "reflect": with_mirror}, width=500)
ratio = with_zeros[0].mean() / with_mirror[0].mean()
print(f"brightness of the top row, zeros to mirrored: {ratio:.2f}, less than 0.6: {ratio < 0.6}")

# %% [markdown]
# Black creeps in from outside, one pixel further with every layer. This course's autoencoder
# mirrors instead. Keras' layers offer only `"valid"` and `"same"` (zeros), so lesson 2 makes the
# border before it convolves.
#
# ## Pooling
# An encoder makes the image smaller, step by step. Pooling replaces each square of 2 by 2 numbers
# with one number: their mean, or the largest.
#
# **Before you run the next cell:** work out both for this array.

# %%
# alt: A table of 4 rows: 1 3 0 0; 5 7 0 8; 2 2 9 1; 2 2 1 1.
numbers = np.array([[1, 3, 0, 0], [5, 7, 0, 8], [2, 2, 9, 1], [2, 2, 1, 1]])
show_matrix(numbers, title="before", limits=(0, 9), width=300)

# %%
# alt: A table of 2 rows: 4 2; 2 3.
# alt: A table of 2 rows: 7 8; 2 9.
mean = byhand.average_pool(numbers)
largest, switches = byhand.max_pool(numbers)
show_matrix(mean, title="average pooling", limits=(0, 9), width=230)
show_matrix(largest, title="max pooling", limits=(0, 9), width=230)

# %% [markdown]
# `max_pool` also returns the **switches**: which of the four places held the largest number, with 0
# and 1 in the upper row, 2 and 3 in the lower. Un-pooling needs them. It puts every maximum back in
# its place, and zeros everywhere else.
#
# **Before you run the next cell:** what does un-pooling make of the array above? How many of the 16
# numbers come back?

# %%
# alt: A table of 4 rows: 0 0 0 0; 0 7 0 8; 2 0 9 0; 0 0 0 0.
print("switches:")
print(switches)
back = byhand.unpool(largest, switches)
show_matrix(back, title="un-pooled", limits=(0, 9), width=300)

# %% [markdown]
# A quarter of the numbers come back, exactly where they were. The rest is lost: pooling kept one
# number out of four, and nothing that follows can know the others.
#
# Keras' layers do the same. They do not return the switches, so the course's autoencoder brings its
# own max pooling for un-pooling.

# %%
batch = features[None].astype("float32")
layer_mean = np.asarray(keras.layers.AveragePooling2D(2)(batch))[0]
layer_largest = np.asarray(keras.layers.MaxPooling2D(2)(batch))[0]
mean, (largest, _) = byhand.average_pool(features), byhand.max_pool(features)
print("average pooling, the same:", bool(np.allclose(layer_mean, mean, atol=1e-4)))
print("max pooling, the same:", bool(np.allclose(layer_largest, largest, atol=1e-4)))

# %% [markdown]
# Now we halve the size of the cat's eye and enlarge it again: once by repeating each number over
# its square, and once by un-pooling.
#
# **Before you run the next cell:** which of the two will look blocky, and which will look dark?

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
# Repeating keeps brightness and loses places. Un-pooling keeps places and leaves holes, which later
# convolutions have to fill.
#
# ## Transposed convolution
# There is a third way to enlarge an image, with numbers that can be learned. A convolution gathers
# a window into one number. A transposed convolution goes the other way: it spreads each number
# over a window. Think of the kernel as a stamp. For each number of the image, put the stamp down,
# multiplied by that number. Move on by the stride. Where stamps overlap, add.

# %%
# alt: A table of 2 rows: 1 2; 3 4.
four = np.array([[1, 2], [3, 4]])
stamp = np.ones((3, 3), dtype=int)
show_matrix(four, title="image", limits=(0, 10), width=230)

# %% [markdown]
# **Before you run the next cell:** the stamp is 3 by 3, all ones, and the stride is 2. How large is
# the result? What is in the middle, where all four stamps overlap? Sketch it before you look.

# %%
# alt: A table of 5 rows: 1 1 3 2 2; 1 1 3 2 2; 4 4 10 6 6; 3 3 7 4 4; 3 3 7 4 4. The middle row and
#      column, where stamps overlap, stand out.
enlarged = byhand.transposed_convolution(four, stamp, stride=2)
print("2 x 2 becomes", enlarged.shape)
show_matrix(enlarged, title="transposed convolution", limits=(0, 10), width=340)

# %% [markdown]
# ### Exercise: transposed convolution
# Write it for one channel: `image` and `kernel` are (height, width), and neither needs to be
# square. Keep every stamp whole, so the last stamp decides how large the result is.
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
# A convolution is linear, so it is a matrix: it takes the pixels as one long column and returns
# the results as another. To find that matrix, we send in images that are 1 at one pixel and 0
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
# You will also meet the name "deconvolution". It is misleading: the transposed matrix is not the
# inverse. It restores the size, not the image.
#
# ### The checkerboard
# Look at the 5 by 5 result once more. The middle row and column stood out although the stamp was
# all ones. How many stamps reach a pixel depends on where the pixel is. We count them, away from
# the border.
#
# **Before you run the next cell:** with a stride of 2, for which of the kernel sizes 2, 3, 4, and 5
# is every pixel reached by equally many stamps?

# %%
for size in (2, 3, 4, 5):
    reached = byhand.transposed_convolution(
        np.ones((8, 8), int), np.ones((size, size), int), stride=2
    )
    inside = reached[size:-size, size:-size]
    print(f"kernel {size}: a pixel is reached by {np.unique(inside).tolist()} stamps")

# %% [markdown]
# Only where the stride divides the kernel size. A kernel of 3 with a stride of 2, a very common
# choice, reaches some pixels four times as often as others. Here is what that does to a
# photograph. We make the cat half as large and enlarge it in three ways. One pixel becomes four,
# so the numbers of a stamp add up to 4; that keeps the mean brightness.

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
# Training may weaken the grid. There are kernels whose overlaps add up evenly:

# %%
even = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
reached = byhand.transposed_convolution(np.ones((8, 8)), even, stride=2)[3:-3, 3:-3]
print("with this kernel a flat surface stays flat:", bool(np.allclose(reached, 1)))

# %% [markdown]
# But nothing forces a network to find such a kernel, and many generated images show the traces.
# There are two remedies: choose a kernel size that the stride divides, or enlarge first and
# convolve afterward. The course's decoder enlarges first. You can also build it with a transposed
# convolution, to compare.
#
# ## The receptive field
# How much of the image does one number deep in a network see? After one 3 by 3 convolution: three
# pixels along each side. A second one adds a neighbor on either side: five. After pooling by 2,
# neighbors are two pixels apart, so from then on each convolution adds twice as much.
#
# To compute it, walk through the layers and keep track of two numbers: the `field`, and the `jump`,
# which says how many pixels apart two neighbors of the current layer are. Both start at 1, at the
# image itself.
#
# ### Exercise: the receptive field
# A layer is given as (kernel, stride): a 3 by 3 convolution is `(3, 1)`, pooling by 2 is `(2, 2)`.
# `layers` is a list of these, starting at the image. Return the side of the square that one number
# of the last layer sees, in pixels. `exercise("receptive-field").hint()` helps.


# %%
def receptive_field(layers):
    """How many pixels along one side one number of the output depends on."""
    ...


receptive_field = exercise("receptive-field").check(receptive_field)

# %% [markdown]
# The encoder of this course has four levels. Each level has a convolution whose output has a name,
# `relu1_1` to `relu4_1`, and is called a **tap**, because features are read there. Between levels
# come a second convolution and a pooling.
#
# **Before you run the next cell:** guess how many pixels a number at `relu4_1` sees along one side.

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
# A computed number deserves a measurement. We take an encoder with random weights, send in an
# image of noise, and look at the numbers in the middle of each map. Then we brighten one column of
# pixels and see whether those numbers move. We do this for each of the 96 columns in turn, all in
# one batch.

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
# than the rim. You could count why: from a pixel in the middle, many more paths lead through the
# kernels to that number than from a pixel at the rim. (The hills lean to the right. A map with an
# even number of columns has none exactly in the middle, and we took the one to the right of it.)
#
# So the taps of an encoder can describe different things. A number at `relu1_1` sees 3 pixels:
# enough for a color or an edge. A number at `relu4_1` sees 52, as much as a whole eye of our cat.
# Lessons 5 and 6 read content and style from these taps.

# %% [markdown]
# ## Lab: the convolution bench
# All of this, on one bench: choose a kernel or type in your own, and change stride, padding, and
# pooling. **Before you move a control:** what will the shape be? Below the lab are a few settings
# as images, for readers who only look.

# %%
lab = convolution_bench()
lab.show(width=720)

# %% [markdown]
# ## Summary
# - An image is (height, width, 3), floats from 0 to 1; a batch has one more axis, in front. Results
#   that are black, white, or oddly colored usually come from a mix-up of ranges or channels.
# - Brightness carries the drawing; color may be coarse.
# - A convolution multiplies windows by a kernel and adds up. Its weights are shared by all
#   positions, so it has few of them, and what it finds moves along with the image. A 1 x 1 kernel
#   mixes channels.
# - With a border, the result's size is the input's size divided by the stride. A border of zeros
#   darkens the edge; a mirrored one does not.
# - Pooling keeps one number out of several. Un-pooling puts maxima back where they were. A
#   transposed convolution stamps and adds, and it leaves a checkerboard where the stride does not
#   divide the kernel size.
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
# 2. An image comes out of your network entirely white. What do you look at first?
#
#    <details><summary>Answer</summary>
#
#    The range of values: the smallest and the largest number of what goes in and what comes out.
#    White usually means that 0 to 255 was mistaken for 0 to 1.
#
#    </details>
#
# 3. A 5 by 5 kernel moves with stride 2 over 64 pixels. How large is the result without a border,
#    and with one?
#
#    <details><summary>Answer</summary>
#
#    Without: floor((64 - 5) / 2) + 1 = 30. With a border: 64 / 2 = 32.
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
# 5. Why does max pooling followed by un-pooling not restore the image?
#
#    <details><summary>Answer</summary>
#
#    Pooling keeps one number out of four. Un-pooling puts it back, with zeros beside it. The other
#    three are lost.
#
#    </details>
#
# 6. You replace pooling with a stride of 2 in the convolution before it. Does the receptive field
#    grow or shrink?
#
#    <details><summary>Answer</summary>
#
#    It shrinks a little. The jump is the same, so later layers add as much as before. But the
#    pooling window itself had added one position.
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
# **Next:** lesson 2 assembles these pieces into an encoder and a decoder.
