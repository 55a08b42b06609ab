# %% [markdown]
# # Lesson 0: Start here
# What you will build, what your machine can do, which pictures there are, and how the lessons and
# their exercises work.
#
# **You will be able to**
# - say what style transfer takes and gives, and what an autoencoder has to do with it
# - check that every lesson will run on your machine
# - get any picture of the course by its name, and load your own
# - answer an exercise, get a hint, and read what the check says
#
# **You need:** a little Python: functions, loops, dictionaries.
#
# **Time:** 35 minutes, 45 with the optional sections; the code runs in about 15 s on a CPU and as
# long on a GPU.
#
# **Optional:** *The pictures*.

# %% tags=["setup"]

# %% [markdown]
# The cell above is in every lesson. It finds the course's library, `course_lib`, and starts
# Keras. Run it first, then run the others one by one with Shift + Enter. The menu entry "Run All"
# runs the whole lesson.

# %%
from course_lib import backend, collection, doctor, images
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.plots import show_image, show_images

# %% [markdown]
# ## What you will build
# Style transfer takes two pictures. The **content image** says *what* is to be seen; the
# **style image** says *in which manner*. The result, the **stylized image**, shows what is on
# the first as if it had been made like the second.
#
# **Before you run the next cell:** imagine the cat made in the manner of the picture beside it.
# Which things should come from the left, which from the right? Outlines, colors, strokes, light?

# %%
# alt: A photograph of a cat, and beside it a bunch of flowers as a stained-glass window: pieces of
#      glowing red, yellow, green and blue between black lines.
content = collection.photograph("chelsea", size=320)
style = collection.style_image("stained_glass", size=320)
show_images({"content image": content, "style image": images.resize(style, 213)}, width=660)

# %% [markdown]
# Here is one answer, from the system that this course builds. Compare it with yours.

# %%
# alt: The cat again, every outline in its place, in the glowing colors of the window and with dark
#      contours.
from course_lib.transfer import FeatureTransfer

stylized = FeatureTransfer()(content, style, strength=1.0)
show_image(stylized, title="stylized image")

# %% [markdown]
# The question "what from which picture?" has more than one answer. This course makes it precise
# enough for a machine to compute one, and for you to choose.
#
# The machine is an **autoencoder**: a pair of networks. The **encoder** turns a picture into a
# small table of numbers, the **code**. The **decoder** turns the code back into a picture. To do
# so, the code has to hold what matters about the picture, and so it is the right place to
# exchange one picture's manner for another's. You will build the autoencoder, train it, look into
# its code, and change the style there.
#
# ## Your machine
# The next cell asks the course's doctor. Lines that are not "ok" say what is wrong. In a
# terminal, `course doctor` tells more, with a remedy for each problem.

# %% tags=["nbval-ignore-output"]
report = doctor.doctor_report()
for check in report.checks:
    print(f"{check.name:18} {check.problem or 'ok'}")
print(backend.describe())

# %%
print("every lesson can run here:", report.ok)

# %% [markdown]
# No lesson needs a graphics card. To keep the waiting short, the code asks the machine for a
# **budget**: how many training steps, how large the pictures. A CPU gets the quick budget, and
# every lesson's code is through in under a minute. A GPU gets the full one: the same code with
# larger numbers, and better pictures. Here are both, and then yours.

# %%
print(choose_budget("quick"))
print(choose_budget("full"))

# %% tags=["nbval-ignore-output"]
print("here:", choose_budget())

# %% [markdown]
# You can choose for yourself: set the environment variable `COURSE_BUDGET` to `quick` or `full`
# before you start JupyterLab.
#
# ## The pictures
# All pictures come with the course, so it works without internet. The photographs are those of
# the package scikit-image. The style images were made for this course, by programs that paint.

# %%
names = collection.names()
print("photographs:", ", ".join(names["photographs"]))
print("style images:", ", ".join(names["styles"]))

# %%
# alt: The photographs: people, a cat, a cup of coffee, a rocket, and pictures from science and of
#      surfaces.
show_images(
    {name: collection.thumbnail(name, size=180) for name in names["photographs"]}, columns=4
)

# %%
# alt: The style images, each in another manner: strokes, dots, hatching, washes, tiles and
#      others.
show_images({name: collection.thumbnail(name, size=112) for name in names["styles"]}, columns=6)

# %% [markdown]
# Every picture has a maker and a license, which the course keeps with it.

# %%
about = collection.info("chelsea")
for entry in ("title", "author", "license"):
    print(f"{entry}: {about[entry]}")

# %% [markdown]
# Two functions give you a picture by its name, `collection.photograph` and
# `collection.style_image`. A third, `images.load_image`, reads a file of your own:
#
# ```python
# mine = images.load_image("holiday.jpg", size=512)
# ```
#
# In every lesson you can put your own picture in the place of ours. The original file is never
# changed.
#
# If a picture cannot be used, the message says what is wrong and what to do. For instance:

# %%
try:
    images.load_image(b"Dear Anna, here are the pictures of our holiday.")
except images.ImageError as error:
    print(error)

# %% [markdown]
# ## How a lesson goes
# A lesson claims something, computes it, and reads the result. It works best if you stop where it
# asks:
#
# **Before you run the next cell:** this is how a question begins. Say your answer, or better,
# write it down, and then run the cell. A wrong guess is the moment at which one learns something,
# so do not skip it. Here is the first: how many numbers does a color picture of 320 by 213 pixels
# consist of?

# %%
print("pixels:", content.shape[0] * content.shape[1])
print("numbers:", content.size)

# %% [markdown]
# Three for each pixel: red, green and blue. Change the numbers in the cells, run them again,
# break things. If nothing works any more, choose "Restart Kernel and Run All" and you are where
# you began.
#
# Some numbers are the same everywhere, like those above. Others are measured, such as times and
# losses, and yours will differ a little from those stored in the notebook.
#
# ## How an exercise answers
# An exercise is a function with its body left out. You write the body where the `...` is. The
# last line hands your function to the check.
#
# The exercise here is a practice run: turn a picture into its negative. Black becomes white,
# white becomes black. Values go from 0 (black) to 1 (white). Leave the cell as it is for now and
# run it.


# %%
def negative(image):
    """The negative of an image with values from 0 to 1."""
    ...


negative = exercise("negative").check(negative)

# %% [markdown]
# That was the first of three outcomes: **not attempted yet**. The check has handed back the
# library's own function, so the lesson goes on even if you skip an exercise.
#
# The second outcome is **not yet**. Somebody remembered that white is 255:


# %%
def first_try(image):
    return 255 - image


_ = exercise("negative").check(first_try)

# %% [markdown]
# The check says what it observed, on which input, and gives a hint for this very mistake. Not
# every mistake is known to it. So you can also ask for a hint, and each further call goes one
# step further:

# %%
exercise("negative").hint()

# %% [markdown]
# The third outcome is **right**. Your function is then used in the rest of the lesson. How you
# wrote it does not matter, only what it does.


# %%
def second_try(image):
    return 1 - image


negative = exercise("negative").check(second_try)

# %% [markdown]
# **Before you run the next cell:** the cat's eyes are yellow-green. What color will they have in
# the negative?

# %%
# alt: The cat, and its negative: dark blue fur, violet eyes, white pupils.
show_images({"picture": content, "negative": negative(content)}, width=660)

# %% [markdown]
# If you are stuck for good, `exercise("negative").solution()` shows the library's own source. In
# this course the solutions are the library: what you build in a lesson is what `course_lib` does.

# %%
exercise("negative").solution()

# %% [markdown]
# ## The road map
# | | Lesson | Its question |
# |---|---|---|
# | 1 | Pictures as tensors | What does a network do to a picture? |
# | 2 | Building the autoencoder | How does a picture go in and come out again? |
# | 3 | The reconstruction objective | What is learned, and what is forgotten? |
# | 4 | Training on a GPU, or without one | How is training made fast, and safe? |
# | 5 | Features and content | How does a code know what is to be seen? |
# | 6 | What style is | How does a code know in which manner? |
# | 7 | Pixel values applied | How far does one get with pixel values? |
# | 8 | Color and texture apart | What more can be done in the code? |
# | 9 | Optimizing the image | What if each picture may take its time? |
# | 10 | Teaching the decoder to paint | What if it may not? |
# | 11 | How good is it, honestly | Can one measure what one sees? |
# | 12 | Autoencoder against GAN | What does the other family of networks do? |
# | 13 | Video | What if the pictures move? |
# | 14 | Sound | What if they are not pictures at all? |
# | 15 | Many machines | What if there are a million of them? |
#
# Lessons 1 to 3 build on one another. After lesson 3 you can go straight to 5, and from 8 on
# choose by interest.

# %% [markdown]
# ## Summary
# - Style transfer takes a content image and a style image and gives a stylized image. We do
#   it in the code of an autoencoder.
# - Everything runs on a CPU, without internet. A GPU gets larger numbers in the same code.
# - Pictures come by name from `collection`; your own through `images.load_image`.
# - An exercise has three outcomes: not attempted yet, not yet, right. The lesson always goes on.
#
# ## Questions to check yourself
# 1. What do encoder, code and decoder stand for?
#
#    <details><summary>Answer</summary>
#
#    The encoder turns a picture into a small table of numbers, the code; the decoder turns a code
#    into a picture.
#
#    </details>
#
# 2. What is the difference between the quick and the full budget, and what is the same?
#
#    <details><summary>Answer</summary>
#
#    The numbers differ: training steps, size of crops and pictures, steps of optimization. The
#    code is the same, and so are the claims that the cells check.
#
#    </details>
#
# 3. Your function for an exercise returns `None`. What will the check suspect? Try it.
#
#    <details><summary>Answer</summary>
#
#    It suspects that the `return` is missing. Deleting the word `return` from an answer shows it.
#
#    </details>
#
# ## Reading
# - Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR
#   2016: the paper with which the field began. The first two pages are enough for now.
#
# **Next:** lesson 1 looks at what a picture is to a network.
