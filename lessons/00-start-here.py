# %% [markdown]
# # Lesson 0: Start here
# See what you will build, check your machine, meet the images, and learn how lessons and exercises
# work.
#
# **You will be able to**
# - name the three images of style transfer and the two halves of an autoencoder
# - run the course's doctor and read its report
# - get any image of the course by name, and load one of your own
# - answer an exercise, ask for a hint, and read what the check tells you
#
# **You need:** a little Python: functions, loops, dictionaries.
#
# **Time:** 35 minutes, 45 with the optional sections; the code runs in about 15 s on a CPU and as
# long on a GPU.
#
# **Optional:** *The pictures*.

# %% tags=["setup"]

# %% [markdown]
# The cell above opens every lesson. It finds the course's library, `course_lib`, and starts Keras.
# Run it first. Then run the other cells one by one with Shift + Enter, or all of them with the menu
# entry "Run All".

# %%
from course_lib import backend, collection, doctor, images
from course_lib.budget import choose_budget
from course_lib.exercises import exercise
from course_lib.plots import show_images
from course_lib.transfer import FeatureTransfer

# %% [markdown]
# ## What you will build
# Here is a photograph of a cat, and what the system that you are about to build makes of it.

# %%
# alt: The cat again, every outline in its place: first the photograph, then the same cat with
#      glowing colors and black contours, in thick strokes of violet and orange, and in pale green
#      and red washes.
photograph = collection.photograph("chelsea", size=512)
transfer = FeatureTransfer()
stylized = {
    f"stylized {letter}": transfer(photograph, collection.style_image(name, size=512))
    for letter, name in zip("ABC", ("stained_glass", "palette_knife", "watercolor"), strict=True)
}
show_images({"content image": photograph} | stylized, columns=2, width=1036)

# %% [markdown]
# Style transfer takes two images. The **content image** says *what* to show. The **style image**
# says *how* to show it. The result is the **stylized image**: the subject of the first, made in the
# manner of the second.
#
# **Before you run the next cell:** it shows the three style images, in another order. What do you
# expect to see in each? Then match them with A, B, and C.

# %%
# alt: Three style images: 1, a field of flowers with cypresses, in pale washes; 2, a bunch of
#      flowers as a stained-glass window, glowing pieces between black lines; 3, a sunset in thick
#      strokes of violet and orange.
order = ("watercolor", "stained_glass", "palette_knife")
styles = {f"style {k}": collection.style_image(name, size=320) for k, name in enumerate(order, 1)}
show_images(styles, width=800)

# %% [markdown]
# Style 2 made A, style 3 made B, and style 1 made C. How could you tell? By the palette, surely,
# but also by the strokes: black lines between the pieces of glass, ridges of paint, soft edges of
# water. And how could you tell that it is the same cat? By the outlines, and by what is where.
#
# So the question is: *what comes from which image?* It has more than one good answer. This course
# makes the question precise enough for a machine to compute an answer, and for you to choose one.
#
# The machine is an **autoencoder**: a pair of networks. The **encoder** turns an image into a
# table of numbers, the **code**. The **decoder** turns the code back into an image. If the code
# holds what matters about an image, then it is a good place to swap one image's style for
# another's. You will build the autoencoder, train it, look into its code, and change the style
# there.
#
# ## Your machine
# The next cell asks the course's doctor. Any line that does not say "ok" tells you what is wrong.
# In a terminal, `course doctor` says more and suggests a fix for each problem.

# %% tags=["nbval-ignore-output"]
report = doctor.doctor_report()
for check in report.checks:
    print(f"{check.name:18} {check.problem or 'ok'}")
print(backend.describe())

# %%
print("every lesson can run here:", report.ok)

# %% [markdown]
# No lesson needs a graphics card. To keep the wait short, each lesson asks for a **budget**: how
# many training steps, how large the images. A CPU gets the quick budget, and the code of any lesson
# then finishes in about a minute or less. A GPU gets the full budget: the same code with larger
# numbers. Here are both, and then yours.

# %%
print(choose_budget("quick"))
print(choose_budget("full"))

# %% tags=["nbval-ignore-output"]
print("here:", choose_budget())

# %% [markdown]
# To choose for yourself, set the environment variable `COURSE_BUDGET` to `quick` or `full` before
# you start JupyterLab.
#
# ## The pictures
# All images come with the course, so it works without the internet. The photographs are those of
# the package scikit-image. The style images were made for this course, by programs that paint.

# %%
names = collection.names()
print("photographs:", ", ".join(names["photographs"]))
print("style images:", ", ".join(names["styles"]))

# %%
# alt: The photographs: people, a cat, a cup of coffee, a rocket, and images from science and of
#      surfaces.
show_images(
    {name: collection.thumbnail(name, size=150) for name in names["photographs"]}, columns=4
)

# %%
# alt: The style images, each in its own manner: strokes, dots, hatching, washes, tiles, and others.
show_images({name: collection.thumbnail(name, size=104) for name in names["styles"]}, columns=6)

# %% [markdown]
# Every image has an author and a license, and the course keeps track of both.

# %%
about = collection.info("chelsea")
for entry in ("title", "author", "license"):
    print(f"{entry}: {about[entry]}")

# %% [markdown]
# Two functions give you an image by name: `collection.photograph` and `collection.style_image`. A
# third, `images.load_image`, reads a file of your own:
#
# ```python
# mine = images.load_image("holiday.jpg", size=512)
# ```
#
# In every lesson you can use your own image in place of ours. Your file is never changed.
#
# If a file cannot be used, the message says what is wrong and what to do about it. For example:

# %%
try:
    images.load_image(b"Dear Anna, here are the pictures of our holiday.")
except images.ImageError as error:
    print(error)

# %% [markdown]
# ## How a lesson goes
# A lesson makes a claim, computes it, and reads the result. You will learn most if you stop where
# it asks you to:
#
# **Before you run the next cell:** a question always starts like this. Say your answer aloud, or
# better, write it down. Then run the cell. A wrong guess is where the learning happens, so don't
# skip it. Here is one: the photograph at the top is 512 pixels wide and 341 high. How many numbers
# is that?

# %%
print("pixels:", photograph.shape[0] * photograph.shape[1])
print("numbers:", photograph.size)

# %% [markdown]
# Three for each pixel: red, green, and blue. Change the numbers in the cells, run them again, break
# things. If nothing works anymore, choose "Restart Kernel and Run All", and you are back where you
# started.
#
# Some numbers are the same everywhere, like those above. Others are measured, such as times and
# losses. Yours will differ a little from the ones stored in the notebook.
#
# ## How an exercise answers
# An exercise is a function without a body. You write the body in place of the `...`. The last line
# hands your function to the check.
#
# This one is for practice: turn an image into its negative. Black becomes white, and white becomes
# black. Values run from 0 (black) to 1 (white). For now, leave the cell as it is and run it.


# %%
def negative(image):
    """The negative of an image with values from 0 to 1."""
    ...


negative = exercise("negative").check(negative)

# %% [markdown]
# That was the first of three outcomes: **not attempted yet**. The check gave back the library's own
# function, so the lesson goes on even if you skip an exercise.
#
# The second outcome is **not yet**. Here somebody remembered that white is 255:


# %%
def first_try(image):
    return 255 - image


_ = exercise("negative").check(first_try)

# %% [markdown]
# The check says what it observed and on which input, and it gives a hint for this very mistake. It
# does not know every mistake. So you can also ask for a hint, and each further call goes one step
# further:

# %%
exercise("negative").hint()

# %% [markdown]
# The third outcome is **right**. The rest of the lesson then uses your function. What matters is
# what it does, not how you wrote it.


# %%
def second_try(image):
    return 1 - image


negative = exercise("negative").check(second_try)

# %% [markdown]
# **Before you run the next cell:** the cat's eyes are yellow-green. What color will they be in the
# negative?

# %%
# alt: The cat, and its negative: blue fur, violet eyes, white pupils.
show_images({"image": photograph, "negative": negative(photograph)}, width=660)

# %% [markdown]
# If you are really stuck, `exercise("negative").solution()` shows the library's own source. In this
# course the solutions *are* the library: what you build in a lesson is what `course_lib` does.

# %%
exercise("negative").solution()

# %% [markdown]
# ## The road map
# | | Lesson | Its question |
# |---|---|---|
# | 1 | Pictures as tensors | What does a network do to an image? |
# | 2 | Building the autoencoder | How does an image go in and come out again? |
# | 3 | The reconstruction objective | What is learned, and what is forgotten? |
# | 4 | Training on a GPU, or without one | What makes training fast, and what makes it safe? |
# | 5 | Features and content | How does a code know what is in an image? |
# | 6 | What style is | How does a code know how it was made? |
# | 7 | Pixel values applied | How far can you get with pixel values alone? |
# | 8 | Color and texture apart | What more can you do in the code? |
# | 9 | Optimizing the image | What if each image may take its time? |
# | 10 | Teaching the decoder to paint | What if it may not? |
# | 11 | How good is it, honestly | Can you measure what you see? |
# | 12 | Autoencoder against GAN | What does the other family of networks do? |
# | 13 | Video | What if the images move? |
# | 14 | Sound | What if they are not images at all? |
# | 15 | Many machines | What if there are a million of them? |
#
# Lessons 1 to 3 build on one another. After lesson 3 you can go straight to 5, and from 8 on you
# can choose by interest.

# %% [markdown]
# ## Summary
# - Style transfer takes a content image and a style image and gives a stylized image. We do it in
#   the code of an autoencoder.
# - Everything runs on a CPU, without the internet. A GPU gets larger numbers in the same code.
# - Images come by name from `collection`; your own come through `images.load_image`.
# - An exercise has three outcomes: not attempted yet, not yet, right. The lesson always goes on.
#
# ## Questions to check yourself
# 1. What do encoder, code, and decoder stand for?
#
#    <details><summary>Answer</summary>
#
#    The encoder turns an image into a table of numbers, the code. The decoder turns a code into an
#    image.
#
#    </details>
#
# 2. What differs between the quick and the full budget, and what is the same?
#
#    <details><summary>Answer</summary>
#
#    The numbers differ: training steps, the size of crops and images, steps of optimization. The
#    code is the same, and so are the claims that the cells check.
#
#    </details>
#
# 3. Your function for an exercise returns `None`. What will the check suspect? Try it.
#
#    <details><summary>Answer</summary>
#
#    It suspects a missing `return`. Delete the word `return` from an answer and see.
#
#    </details>
#
# ## Reading
# - Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR
#   2016: style transfer with a neural network starts here. The first two pages are enough for now.
#
# **Next:** lesson 1 looks at what an image is to a network.
