"""Lesson 09: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
import pytest
from keras import ops

from course_lib.autoencoder import Autoencoder
from course_lib.exercises import exercise
from course_lib.losses import content_loss, gram_matrix, style_loss
from course_lib.transfer.descent import adam_step
from tests.exercises.helpers import Wrong, accepts, refuses

AUTOENCODER = Autoencoder.from_course()


# --- a step of Adam, line by line, with one line exchanged ---------------------------------------

LINES = {
    "count": "count = count + 1",
    "mean": "mean = 0.9 * mean + 0.1 * gradient",
    "square": "square = 0.99 * square + 0.01 * gradient**2",
    "way": "way = mean / (1 - 0.9**count)",
    "size": "size = np.sqrt(square / (1 - 0.99**count)) + 1e-12",
    "pixels": "pixels = np.clip(pixels - rate * way / size, 0, 1)",
    "end": "return pixels, mean, square, count",
}


def adam(**exchanged):
    lines = "\n    ".join((LINES | exchanged).values())
    scope = {"np": np}
    exec(f"def step(pixels, gradient, mean, square, count, rate):\n    {lines}", scope)
    return scope["step"]


ADAM_STEP = [
    Wrong(
        "uphill", adam(pixels="pixels = np.clip(pixels + rate * way / size, 0, 1)"), "walk uphill"
    ),
    Wrong("not clipped", adam(pixels="pixels = pixels - rate * way / size"), "no screen"),
    Wrong(
        "clipped to bytes",
        adam(pixels="pixels = np.clip(pixels - rate * way / size, 0, 255)"),
        "not to 255",
    ),
    Wrong(
        "nothing corrected",
        adam(way="way = mean", size="size = np.sqrt(square) + 1e-12"),
        "Both memories start at zero",
    ),
    Wrong(
        "square not corrected", adam(size="size = np.sqrt(square) + 1e-12"), "the square is not:"
    ),
    Wrong("mean not corrected", adam(way="way = mean"), "the mean is not:"),
    Wrong("no root", adam(size="size = square / (1 - 0.99**count) + 1e-12"), "Take its root"),
    Wrong(
        "decays swapped",
        adam(
            mean="mean = 0.99 * mean + 0.01 * gradient",
            square="square = 0.9 * square + 0.1 * gradient**2",
            way="way = mean / (1 - 0.99**count)",
            size="size = np.sqrt(square / (1 - 0.9**count)) + 1e-12",
        ),
        "decays are swapped",
    ),
    Wrong(
        "old and new swapped",
        adam(
            mean="mean = 0.1 * mean + 0.9 * gradient",
            square="square = 0.01 * square + 0.99 * gradient**2",
            way="way = mean / (1 - 0.1**count)",
            size="size = np.sqrt(square / (1 - 0.01**count)) + 1e-12",
        ),
        "Old and new are swapped",
    ),
    Wrong(
        "gradient not squared",
        adam(
            square="square = 0.99 * square + 0.01 * gradient",
            size="size = np.sqrt(np.abs(square) / (1 - 0.99**count)) + 1e-12",
        ),
        "Square the gradient first",
    ),
    Wrong(
        "plain gradient descent",
        adam(pixels="pixels = np.clip(pixels - rate * gradient, 0, 1)"),
        "plain gradient descent",
    ),
    Wrong("along the newest gradient", adam(way="way = gradient"), "along the newest gradient"),
    Wrong("old count", adam(end="return pixels, mean, square, count - 1"), "count stays"),
    Wrong(
        "old memory",
        adam(count="count, *old = count + 1, mean, square", end="return pixels, *old, count"),
        "old mean and square",
    ),
    Wrong(
        "memory returned as it was divided",
        adam(end="return pixels, mean / (1 - 0.9**count), square / (1 - 0.99**count), count"),
        "after the division",
    ),
    Wrong(
        "count not raised before it is used",
        adam(count="", end="return pixels, mean, square, count + 1"),
        "division by zero",
    ),
    Wrong(
        "nothing added to the root",
        adam(size="size = np.sqrt(square / (1 - 0.99**count))"),
        "0 / 0 is not a number. Add 1e-12",
    ),
    Wrong("pixels alone", adam(end="return pixels"), "Return 4 values"),
]


def test_a_step_divided_by_the_old_square_is_refused():
    late = adam(
        count="count, old = count + 1, square if count else 0.01 * gradient**2",
        size="size = np.sqrt(old / (1 - 0.99**count)) + 1e-12",
    )
    refuses("adam-step", Wrong("old square", late, "The new mean is 0.9 of the old one"))


def test_an_adam_step_in_other_words_is_accepted():
    accepts("adam-step", adam(), adam(mean="mean += 0.1 * (gradient - mean)"))


# --- what is read --------------------------------------------------------------------------------

FEATURES = [
    Wrong(
        "looked up on the output",
        lambda images, layers: {
            layer: getattr(AUTOENCODER(images), layer, AUTOENCODER(images)) for layer in layers
        },
        "when `output` has no such attribute",
    ),
    Wrong(
        "of the reconstruction",
        lambda images, layers: {
            layer: AUTOENCODER.encode(AUTOENCODER(images))[layer] for layer in layers
        },
        "features of the reconstruction",
    ),
    Wrong(
        "all layers", lambda images, layers: AUTOENCODER.encode(images), "Return those that were"
    ),
    Wrong(
        "the deepest for all",
        lambda images, layers: {layer: AUTOENCODER.encode(images)["relu4_1"] for layer in layers},
        "the deepest features",
    ),
    Wrong(
        "one image only",
        lambda images, layers: {layer: AUTOENCODER.encode(images)[layer][:1] for layer in layers},
        "first image of the batch",
    ),
    Wrong(
        "a list",
        lambda images, layers: [AUTOENCODER.encode(images)[layer] for layer in layers],
        "whose are they",
    ),
]


# --- what is compared ----------------------------------------------------------------------------


def part(compare, total=lambda losses: sum(losses) / len(losses)):
    """A loss that makes a number of the two feature maps of each layer."""

    def judged(extract, image, wanted):
        of_image, of_wanted = extract(image), extract(wanted)
        return total([compare(of_image[name], of_wanted[name]) for name in of_image])

    return judged


def relative(found, wanted):
    return ((found - wanted) ** 2).sum() / (wanted**2).sum()


def against_gray(extract, image, content):
    loss = 0.0
    for maps in extract(image).values():
        gray = ops.mean(ops.image.resize(content, maps.shape[1:3]), axis=-1, keepdims=True)
        loss += ops.mean((maps - gray) ** 2)
    return loss


CONTENT = [
    Wrong("features against pixels", against_gray, "Which two things are subtracted"),
    Wrong(
        "pixels against pixels",
        lambda extract, image, content: ((image - content) ** 2).mean(),
        "the network is never asked",
    ),
    Wrong("not relative", part(lambda a, b: ((a - b) ** 2).mean()), "drowns the others"),
    Wrong(
        "not relative, and layers added up as in the first attempt",
        part(lambda a, b: ((a - b) ** 2).mean(), sum),
        "Features meet features now",
    ),
    Wrong("layers added up", part(relative, sum), "more layers mean more loss"),
    Wrong(
        "relative to what was found",
        part(lambda a, b: relative(b, a)),
        "changes while you optimize",
    ),
    Wrong("root", part(lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(b)), "no root"),
    Wrong(
        "absolute", part(lambda a, b: np.abs(a - b).sum() / np.abs(b).sum()), "not made positive"
    ),
    Wrong(
        "means of the maps",
        part(lambda a, b: relative(a.mean((1, 2)), b.mean((1, 2)))),
        "averaged over the positions",
    ),
    Wrong(
        "of the image alone",
        part(lambda a, b: (a**2).sum() / (b**2).sum()),
        "Call `extract` on both",
    ),
]


def gram(maps):
    return np.einsum("bhwc,bhwd->cd", maps, maps) / (maps.shape[1] * maps.shape[2])


def all_axes_turned(extract, image, style):
    found, wanted = extract(image), extract(style)
    loss = 0.0
    for layer in found:
        turned = ops.tensordot(found[layer], ops.transpose(found[layer]), axes=1)
        loss += ops.mean((turned - wanted[layer] ** 2) ** 2)
    return loss


def resized_first(extract, image, style):
    style = ops.image.resize(style, image.shape[1:3], antialias=True)
    return style_loss(extract(np.array(style)), extract(image))


def statistics_of(maps):
    flat = maps.reshape(-1, maps.shape[-1])
    return np.concatenate([flat.mean(0), flat.std(0)])


STYLE = [
    Wrong("transposed over all axes", all_axes_turned, "Print the shape of `gram`"),
    Wrong(
        "Gram against squared features",
        part(lambda a, b: ((gram(a) - (b**2).mean((0, 1, 2))) ** 2).mean()),
        "only the diagonal",
    ),
    Wrong(
        "positions by positions",
        part(
            lambda a, b: relative(
                *(x.reshape(-1, x.shape[-1]) @ x.reshape(-1, x.shape[-1]).T / 4 for x in (a, b))
            )
        ),
        "a row for each position",
    ),
    Wrong(
        "summed over positions",
        part(lambda a, b: relative(*(np.einsum("bijc,bijd->cd", x, x) for x in (a, b)))),
        "Divide by the number of positions",
    ),
    Wrong("not relative", part(lambda a, b: ((gram(a) - gram(b)) ** 2).mean()), "one layer drowns"),
    Wrong(
        "not relative, and layers added up as in the first attempt",
        part(lambda a, b: ((gram(a) - gram(b)) ** 2).mean(), sum),
        "Gram matrix meets Gram matrix now",
    ),
    Wrong(
        "layers added up",
        part(lambda a, b: relative(gram(a), gram(b)), sum),
        "more layers mean more loss",
    ),
    Wrong("style resized", resized_first, "not needed for a Gram matrix"),
    Wrong(
        "mean and standard deviation",
        part(lambda a, b: relative(statistics_of(a), statistics_of(b))),
        "which channels respond together",
    ),
    Wrong("a content loss", part(relative), "position by position: a content loss"),
]


def style_with_gram_matrix(extract, image, style):
    found, wanted = extract(image), extract(style)
    parts = []
    for layer in wanted:
        a, b = gram_matrix(found[layer]), gram_matrix(wanted[layer])
        parts.append(ops.sum((a - b) ** 2) / ops.sum(b**2))
    return sum(parts) / len(parts)


# --- what is changed -----------------------------------------------------------------------------


def walk(look_at="here", set_out="here", forget=lambda mean, square, count: (mean, square, count)):
    """A loop that may look at the start or set out from it, or lose some of Adam's memory."""

    def answer(look, image, rates):
        start, memory = image, (0 * image, 0 * image, 0)
        for rate in rates:
            _, gradient = look(start if look_at == "start" else image)
            here = start if set_out == "start" else image
            image, *memory = adam_step(here, gradient, *forget(*memory), rate)
        return image

    return answer


def plain(look, image, rates):
    for rate in rates:
        image = (image - rate * look(image)[1]).clip(0, 1)
    return image


LOOP = [
    Wrong(
        "returns the loss",
        lambda look, image, rates: look(image)[0],
        "which line of it changes the image",
    ),
    Wrong("changes nothing", lambda look, image, rates: image, "came back as it was"),
    Wrong("looks at the start", walk(look_at="start"), "walked on blindly"),
    Wrong(
        "returns inside of the loop",
        lambda look, image, rates: walk()(look, image, rates[:1]),
        "Return after the loop",
    ),
    Wrong(
        "forgets", walk(forget=lambda mean, square, count: (0 * mean, 0 * mean, 0)), "forgets every"
    ),
    Wrong(
        "forgets to count", walk(forget=lambda mean, square, count: (mean, square, 0)), "count is 0"
    ),
    Wrong("always from the start", walk(set_out="start"), "sets out from the first image"),
    Wrong("plain gradient descent", plain, "plain gradient descent"),
]

HUNT = {"mend-features": FEATURES, "mend-content": CONTENT, "mend-style": STYLE, "mend-loop": LOOP}


@pytest.mark.parametrize(
    ("id", "answers"),
    {
        "mend-features": [
            lambda images, layers: {
                layer: maps for layer, maps in AUTOENCODER.encode(images).items() if layer in layers
            },
            lambda images, layers: {layer: AUTOENCODER.encoder(images)[layer] for layer in layers},
        ],
        "mend-content": [
            lambda extract, image, content: content_loss(extract(content), extract(image)),
            part(lambda a, b: ops.sum((a - b) ** 2) / ops.sum(b**2)),
        ],
        "mend-style": [style_with_gram_matrix],
        "mend-loop": [walk()],
    }.items(),
    ids=list(HUNT),
)
def test_mended_in_other_words_is_accepted(id, answers):
    accepts(id, *answers)


@pytest.mark.parametrize(
    ("id", "answer"),
    {
        "mend-features": lambda images, layers: {
            layer: ops.convert_to_numpy(AUTOENCODER.encode(images)[layer]) for layer in layers
        },
        "mend-content": part(relative),
        "mend-style": part(lambda a, b: relative(gram(a), gram(b))),
    }.items(),
)
def test_an_answer_without_a_gradient_is_refused(id, answer):
    """The lesson optimizes an image with it."""
    refuses(id, Wrong("in NumPy", answer, "NumPy gives numbers and forgets"))


def test_the_faulty_pieces_of_the_lesson_are_told_what_is_wrong(capsys):
    """What Run All prints under the hunt's first cells holds on every machine."""
    for id, mistakes in HUNT.items():
        assert exercise(id).check(mistakes[0].function) is exercise(id).solved
        said = capsys.readouterr().out
        assert "not yet" in said and "stopped with" not in said


MISTAKES = {
    "adam-step": ADAM_STEP,
    **HUNT,
}
