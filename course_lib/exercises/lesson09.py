"""Exercises of lesson 09, optimizing the image: a step of Adam, and the fault hunt.

Longer than other files, because the fault hunt needs every faulty piece in full.
"""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register
from course_lib.exercises.samples import gram, relative

_random = np.random.default_rng(9)


def _maps(*shape: Any, low: float = 0.0) -> Any:
    return _random.uniform(low, 1.0, shape).astype("float32")


# --- adam-step ---------------------------------------------------------------------------------


def _adam(
    gradient: Any,
    mean: Any,
    square: Any,
    count: int,
    decays: tuple = (0.9, 0.99),
    corrected: tuple = (True, True),
    root: Callable = np.sqrt,
    steepness: Callable = np.square,
) -> Any:
    """The direction of the right answer and its memory; the wrong ones differ in one option."""
    count = count + 1
    mean = decays[0] * mean + (1 - decays[0]) * gradient
    square = decays[1] * square + (1 - decays[1]) * steepness(gradient)
    of_mean, of_square = (
        1 - decay**count if wanted else 1.0 for decay, wanted in zip(decays, corrected, strict=True)
    )
    return (mean / of_mean) / (root(np.abs(square) / of_square) + 1e-12), mean, square, count


def _with_direction(**options: Any) -> Callable:
    """A step that is right but for what the options change in its direction."""

    def step(pixels: Any, gradient: Any, mean: Any, square: Any, count: int, rate: float) -> Any:
        direction, *memory = _adam(gradient, mean, square, count, **options)
        return np.clip(pixels - rate * direction, 0, 1), *memory

    return step


def _with_move(move: Any) -> Callable:
    """A step that is right but for how the pixels follow the direction."""

    def step(pixels: Any, gradient: Any, mean: Any, square: Any, count: int, rate: float) -> Any:
        direction, *memory = _adam(gradient, mean, square, count)
        return move(pixels, rate * direction), *memory

    return step


def _along_the_gradient(
    pixels: Any, gradient: Any, mean: Any, square: Any, count: int, rate: float
) -> Any:
    _, *memory = _adam(gradient, mean, square, count)
    return np.clip(pixels - rate * gradient, 0, 1), *memory


def _divided_but_not_averaged(
    pixels: Any, gradient: Any, mean: Any, square: Any, count: int, rate: float
) -> Any:
    _, mean, square, count = _adam(gradient, mean, square, count)
    size = np.sqrt(square / (1 - 0.99**count)) + 1e-12
    return np.clip(pixels - rate * gradient / size, 0, 1), mean, square, count


def _with_memory(remember: Any) -> Callable:
    """A step whose pixels are right, with another memory handed back."""

    def step(pixels: Any, gradient: Any, mean: Any, square: Any, count: int, rate: float) -> Any:
        direction, *memory = _adam(gradient, mean, square, count)
        return np.clip(pixels - rate * direction, 0, 1), *remember(memory, (mean, square, count))

    return step


_pixels, _gradient = _maps(5, 4, 3, low=0.2) * 0.9, _maps(5, 4, 3) - 0.5
_zeros = np.zeros_like(_pixels)
_remembered = 0.3 * (_maps(5, 4, 3) - 0.5), 0.2 * _maps(5, 4, 3, low=0.3)
_extremes = np.array([[0.0, 0.01, 0.99, 1.0]], "float32")


def _flat_places_stay(answer: Answer, reference: Answer) -> NotYet | None:
    pixels, *_ = answer(_pixels, _zeros, _zeros, _zeros, 0, 0.03)
    if not np.allclose(pixels, _pixels):
        return NotYet(
            "where the gradient has been 0 from the start, the pixels became "
            f"{'NaN' if np.isnan(pixels).any() else 'different ones'}.",
            "There the root of the running square is 0, too, and 0 / 0 is not a number. Add 1e-12 "
            "to the root before you divide by it.",
        )
    return None


register(
    Exercise(
        id="adam-step",
        lesson=9,
        title="A step of Adam",
        reference="course_lib.transfer.descent:adam_step",
        cases=[
            Case("an image before its first step", _pixels, _gradient, _zeros, _zeros, 0, 0.03),
            # Steep, so that the newest gradient is seen in what is remembered.
            Case("an image before its fourth step", _pixels, 3 * _gradient, *_remembered, 3, 0.02),
            Case(
                "pixels at 0 and 1 with gradients that lead out of that range",
                _extremes,
                np.array([[2.0, 1.0, -1.0, -3.0]], "float32"),
                np.array([[0.5, 0.5, -0.5, -0.5]], "float32"),
                np.full((1, 4), 0.3, "float32"),
                7,
                0.05,
            ),
        ],
        checks=[_flat_places_stay],
        misconceptions=[
            Misconception(
                _with_move(lambda pixels, step: np.clip(pixels + step, 0, 1)),
                "You walk uphill: the loss grows along its gradient. Subtract the step.",
            ),
            Misconception(
                _with_move(lambda pixels, step: pixels - step),
                "Some pixels left the range from 0 to 1, and no screen can show them. Clip the "
                "image after the step.",
            ),
            Misconception(
                _with_move(lambda pixels, step: np.clip(pixels - step, 0, 255)),
                "Pixels run from 0 to 1 in this course, not to 255. Clip to [0, 1].",
            ),
            Misconception(
                _with_direction(corrected=(False, False)),
                "Both memories start at zero and are too small at first. Divide the mean by "
                "1 - 0.9**count and the square by 1 - 0.99**count.",
            ),
            Misconception(
                _with_direction(corrected=(True, False)),
                "The mean is corrected for its start at zero, the square is not: divide it by "
                "1 - 0.99**count.",
            ),
            Misconception(
                _with_direction(corrected=(False, True)),
                "The square is corrected for its start at zero, the mean is not: divide it by "
                "1 - 0.9**count.",
            ),
            Misconception(
                _with_direction(root=lambda values: values),
                "You divided by the mean square itself. Take its root, so that gradient and "
                "divisor are of one kind and their ratio is about 1.",
            ),
            Misconception(
                _with_direction(decays=(0.99, 0.9)),
                "The decays are swapped: the mean remembers with 0.9, the square with 0.99.",
            ),
            Misconception(
                _with_direction(decays=(0.1, 0.01)),
                "Old and new are swapped: 0.9 of the old mean stays, and 0.1 of the new gradient "
                "is added. The same for the square, with 0.99 and 0.01.",
            ),
            Misconception(
                _with_direction(steepness=np.asarray),
                "The running square takes up the gradient as it is. Square the gradient first.",
            ),
            Misconception(
                _along_the_gradient,
                "This is plain gradient descent. Adam goes along the running mean, divided by the "
                "root of the running square.",
            ),
            Misconception(
                _divided_but_not_averaged,
                "You go along the newest gradient. Go along the running mean of the gradients; the "
                "newest one is already in it.",
            ),
            Misconception(
                _with_memory(lambda new, old: (new[0], new[1], old[2])),
                "The count stays where it was. Return count + 1, or every step is taken for the "
                "first one.",
            ),
            Misconception(
                _with_memory(
                    lambda new, old: (
                        new[0] / (1 - 0.9 ** new[2]),
                        new[1] / (1 - 0.99 ** new[2]),
                        new[2],
                    )
                ),
                "The pixels are right, but you return mean and square after the division. The next "
                "step divides again: return them as they were before it.",
            ),
            Misconception(
                _with_memory(lambda new, old: (old[0], old[1], new[2])),
                "You return the old mean and square. The next step needs the new ones.",
            ),
        ],
        hints=[
            "Begin with `count = count + 1`. The new mean is 0.9 of the old one plus 0.1 of the "
            "gradient; the new square is 0.99 of the old one plus 0.01 of the gradient squared.",
            "Divide the mean by 1 - 0.9**count and the square by 1 - 0.99**count. The step is the "
            "first, divided by the root of the second (plus 1e-12), times the rate.",
            "Subtract the step, clip to [0, 1], and return the pixels, the mean and the square as "
            "they were before they were divided, and the count.",
        ],
    )
)


# --- the fault hunt: an image is optimized with the answers -------------------------------------


def _without_gradient(loss: Callable[[Any], Any], images: Any) -> NotYet | None:
    """What to say if no gradient can be taken through an answer, on tensors as the lesson has them.

    Args:
        loss: function images -> scalar tensor, which calls the answer.
        images: array (batch, height, width, 3).
    """
    from course_lib.backend import value_and_gradient

    problem = "there is no gradient: how the loss changes with the pixels is not known"
    try:
        _, _, gradient = value_and_gradient(lambda pixels: (loss(pixels), {}), images)
    except Exception as error:
        gradient, words = None, str(error).strip().splitlines() or [""]
        problem = f"it stopped with {type(error).__name__}: {textwrap.shorten(words[0], 120)}"
    if gradient is not None:
        return None
    return NotYet(
        f"given tensors of an image that is being optimized, {problem}.",
        "NumPy gives numbers and forgets where they came from. Compute with tensors throughout: "
        "`ops.mean`, `ops.square` and so on.",
    )


# --- the fault hunt: what is read ----------------------------------------------------------------


@cache
def _course() -> Any:
    from course_lib.autoencoder import Autoencoder

    return Autoencoder.from_course()


def layer_features(images: Any, layers: Sequence[str]) -> dict[str, Any]:
    """The features of images at some layers of the course's encoder.

    Args:
        images: batch (batch, height, width, 3) in [0, 1].
        layers: names of layers, such as ("relu3_1", "relu4_1").

    Returns:
        Dictionary layer -> features (batch, height', width', channels).
    """
    from course_lib.features import FeatureExtractor

    return FeatureExtractor(_course(), taps=layers)(images)


def _features_have_a_gradient(answer: Answer, reference: Answer) -> NotYet | None:
    from keras import ops

    layers = ("relu1_1", "relu2_1")
    return _without_gradient(
        lambda images: sum(ops.mean(maps) for maps in answer.function(images, layers).values()),
        _maps(1, 16, 16, 3),
    )


def _output_for_every_layer(images: Any, layers: Any) -> Any:
    output = _course()(images)
    return {layer: getattr(output, layer, output) for layer in layers}


register(
    Exercise(
        id="mend-features",
        lesson=9,
        title="The fault hunt: features are read from the encoder",
        reference="course_lib.exercises.lesson09:layer_features",
        cases=[
            Case("an image of 32 x 24 and the layer relu4_1", _maps(1, 32, 24, 3), ("relu4_1",)),
            Case(
                "two images of 16 x 16 and the layers relu3_1 and relu1_1",
                _maps(2, 16, 16, 3),
                ("relu3_1", "relu1_1"),
            ),
        ],
        checks=[_features_have_a_gradient],
        as_given=True,
        misconceptions=[
            Misconception(
                _output_for_every_layer,
                "What does `autoencoder(images)` return, and what does `getattr(output, layer, "
                "output)` return when `output` has no such attribute? Print the shape.",
            ),
            Misconception(
                lambda images, layers: layer_features(_course()(images), layers),
                "These are features of the reconstruction, blurred once already. Read those of "
                "the images themselves.",
            ),
            Misconception(
                lambda images, layers: dict(_course().encode(images)),
                "You return all layers. Return those that were asked for.",
            ),
            Misconception(
                lambda images, layers: dict.fromkeys(layers, _course().encode(images)["relu4_1"]),
                "Every name has the deepest features. Each layer has maps of its own.",
            ),
            Misconception(
                lambda images, layers: layer_features(images[:1], layers),
                "Only the first image of the batch was read.",
            ),
            Misconception(
                lambda images, layers: list(layer_features(images, layers).values()),
                "The features are right, but whose are they? Return a dictionary with the layers' "
                "names as keys.",
            ),
        ],
        hints=[
            "`autoencoder(images)` encodes and decodes: an image comes out. Which method stops "
            "after encoding?",
            "`autoencoder.encode(images)` gives a dictionary of the features at every tap. Take "
            "from it what `layers` names.",
        ],
    )
)


# --- the fault hunt: what is compared ------------------------------------------------------------

_mixing = _random.uniform(-1, 1, (2, 3, 4)).astype("float32")


def _toy_features(images: Any) -> Any:
    """Features that can be checked by hand: mixtures of the colors, fine and half as fine."""
    fine = np.asarray(images, "float32")
    _, height, width, _ = fine.shape
    coarse = fine.reshape(-1, height // 2, 2, width // 2, 2, 3).mean(axis=(2, 4))
    levels = zip(("fine", "coarse"), (fine, coarse), _mixing, strict=True)
    return {name: np.maximum(maps @ mixing, 0) for name, maps, mixing in levels}


def _toy_tensors(images: Any) -> dict[str, Any]:
    """The same features, as tensors."""
    from keras import ops

    fine = ops.convert_to_tensor(images)
    levels = zip(("fine", "coarse"), (fine, ops.average_pool(fine, 2)), _mixing, strict=True)
    return {name: ops.relu(ops.matmul(maps, mixing)) for name, maps, mixing in levels}


def _part_has_a_gradient(answer: Answer, reference: Answer) -> NotYet | None:
    image, wanted = _maps(2, 1, 8, 6, 3)
    return _without_gradient(lambda pixels: answer.function(_toy_tensors, pixels, wanted), image)


def content_part(extract: Callable, image: Any, content: Any) -> Any:
    """How far the features of an image are from those of the content image.

    Args:
        extract: function images -> {layer: features}.
        image: the image judged, (1, height, width, 3).
        content: the content image, of the same shape.

    Returns:
        A scalar tensor, as `losses.content_loss` gives it.
    """
    from course_lib.losses import content_loss

    return content_loss(extract(content), extract(image))


def _against_gray(extract: Any, image: Any, content: Any) -> Any:
    from keras import ops

    loss = 0.0
    for maps in extract(image).values():
        gray = ops.mean(ops.image.resize(content, maps.shape[1:3]), axis=-1, keepdims=True)
        loss += ops.mean((maps - gray) ** 2)
    return loss


def _layer_by_layer(compare: Any, over_layers: Callable = np.mean) -> Callable:
    """A content or style part that compares the layers' features in some wrong way."""

    def part(extract: Any, image: Any, wanted: Any) -> Any:
        found, asked = extract(image), extract(wanted)
        return over_layers([compare(found[layer], asked[layer]) for layer in asked])

    return part


def _an_image_has_its_own_content(answer: Answer, reference: Answer) -> NotYet | None:
    image = _maps(1, 6, 4, 3)
    loss = float(answer(_toy_features, image, image))
    if abs(loss) > 1e-5:
        return NotYet(
            f"an image compared with itself has the content loss {loss:.4g}, not 0.",
            "Compare what is of one kind: the features of one with the features of the other.",
        )
    return None


register(
    Exercise(
        id="mend-content",
        lesson=9,
        title="The fault hunt: features are compared with features",
        reference="course_lib.exercises.lesson09:content_part",
        cases=[
            Case("two random images of 4 x 6", _toy_features, *_maps(2, 1, 4, 6, 3)),
            Case("two random images of 8 x 4", _toy_features, *_maps(2, 1, 8, 4, 3)),
        ],
        checks=[_an_image_has_its_own_content, _part_has_a_gradient],
        as_given=True,
        misconceptions=[
            Misconception(
                _against_gray,
                "Which two things are subtracted here? Print what each of them is, and its shape, "
                "before it was resized.",
            ),
            Misconception(
                lambda extract, image, content: np.mean(np.square(image - content)),
                "This compares pixels, and the network is never asked. Then the colors may not "
                "change. Compare the features of the two images.",
            ),
            Misconception(
                _layer_by_layer(lambda found, asked: np.mean(np.square(found - asked))),
                "Right images, right features. But a layer with large values drowns the others: "
                "divide the sum of squares at each layer by that of the content's features.",
            ),
            Misconception(
                _layer_by_layer(lambda found, asked: np.mean(np.square(found - asked)), sum),
                "Features meet features now. What is left: divide the sum of squares at each layer "
                "by that of the content's features, and take the mean over the layers, not their "
                "sum.",
            ),
            Misconception(
                _layer_by_layer(relative, over_layers=sum),
                "The layers are added up, so more layers mean more loss. Take their mean.",
            ),
            Misconception(
                _layer_by_layer(lambda found, asked: relative(asked, found)),
                "Divide by the squares of what is wanted, the content's features. You divide by "
                "those of the image judged, and that changes while you optimize.",
            ),
            Misconception(
                _layer_by_layer(lambda found, asked: np.sqrt(relative(found, asked))),
                "There is no root in the content loss.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: np.abs(found - asked).sum() / np.abs(asked).sum()
                ),
                "The differences are squared, not made positive.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: relative(found.mean((1, 2)), asked.mean((1, 2)))
                ),
                "You averaged over the positions before comparing. Then it no longer matters where "
                "things are, and that is what content is.",
            ),
        ],
        hints=[
            "Call `extract` on both images. Lesson 5 compares what comes out, position by "
            "position.",
            "`content_loss(target, features)` does it for two dictionaries of features: those of "
            "the content image first, then those of the image judged.",
        ],
    )
)


def style_part(extract: Callable, image: Any, style: Any) -> Any:
    """How far the Gram matrices of an image are from those of the style image.

    Args:
        extract: function images -> {layer: features}.
        image: the image judged, (1, height, width, 3).
        style: the style image, of any size.

    Returns:
        A scalar tensor, as `losses.style_loss` gives it.
    """
    from course_lib.losses import style_loss

    return style_loss(extract(style), extract(image))


def _all_axes_turned(extract: Any, image: Any, style: Any) -> Any:
    from keras import ops

    loss, wanted = 0.0, extract(style)
    for layer, maps in extract(image).items():
        gram = ops.tensordot(maps, ops.transpose(maps), axes=1)
        loss += ops.mean((gram - wanted[layer] ** 2) ** 2)
    return loss


def _positions(maps: Any) -> Any:
    rows = maps.reshape(-1, maps.shape[-1])
    return rows @ rows.T / rows.shape[-1]


def _mean_and_std(maps: Any) -> Any:
    return np.stack([maps.mean((0, 1, 2)), maps.std((0, 1, 2))])


def _style_resized_first(extract: Any, image: Any, style: Any) -> Any:
    from keras import ops

    fitted = ops.convert_to_numpy(ops.image.resize(style, image.shape[1:3], antialias=True))
    return style_part(extract, image, fitted)


register(
    Exercise(
        id="mend-style",
        lesson=9,
        title="The fault hunt: Gram matrices are compared with Gram matrices",
        reference="course_lib.exercises.lesson09:style_part",
        cases=[
            Case("two random images of 8 x 8", _toy_features, *_maps(2, 1, 8, 8, 3)),
            Case(
                "an image of 8 x 6 and a style image of 10 x 12",
                _toy_features,
                _maps(1, 8, 6, 3),
                _maps(1, 10, 12, 3) ** 2,
            ),
        ],
        checks=[_part_has_a_gradient],
        as_given=True,
        misconceptions=[
            Misconception(
                _all_axes_turned,
                "Print the shape of `gram`, and of what it is compared with. How many rows should "
                "a Gram matrix of 4 channels have, and which of the two images has one here?",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: np.mean(
                        np.square(gram(found) - np.square(asked).mean((0, 1, 2)))
                    )
                ),
                "The Gram matrix of the image is right, but it is compared with squared "
                "features of the style. Those are only the diagonal of the style's Gram matrix.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: relative(_positions(found), _positions(asked))
                ),
                "Your matrix has a row for each position. A Gram matrix has one for each channel: "
                "add up over the positions.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: relative(
                        gram(found) * found[..., 0].size, gram(asked) * asked[..., 0].size
                    )
                ),
                "The products are added up over the positions, so a large style image has large "
                "Gram matrices. Divide by the number of positions.",
            ),
            Misconception(
                _layer_by_layer(lambda found, asked: np.mean(np.square(gram(found) - gram(asked)))),
                "The right matrices are compared, but one layer drowns the others: divide the sum "
                "of squares at each layer by that of the style's Gram matrix.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: np.mean(np.square(gram(found) - gram(asked))), sum
                ),
                "Gram matrix meets Gram matrix now. What is left: divide the sum of squares at "
                "each layer by that of the style's matrix, and take the mean over the layers, not "
                "their sum.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: relative(gram(found), gram(asked)), over_layers=sum
                ),
                "The layers are added up, so more layers mean more loss. Take their mean.",
            ),
            Misconception(
                _style_resized_first,
                "The style image was brought to the size of the other one first. That is not "
                "needed for a Gram matrix, and stretching changes the strokes.",
            ),
            Misconception(
                _layer_by_layer(
                    lambda found, asked: relative(_mean_and_std(found), _mean_and_std(asked))
                ),
                "Means and standard deviations are a description of style too, but a Gram matrix "
                "also knows which channels respond together.",
            ),
            Misconception(
                _layer_by_layer(relative),
                "This compares position by position: a content loss. Make a Gram matrix of the "
                "features first, from which the positions are gone.",
            ),
        ],
        hints=[
            "Both images go through `extract`, and both need their Gram matrices.",
            "You wrote `gram_matrix(features)` in lesson 6. Only the axes of positions are summed "
            "over.",
            "`style_loss(target, features)` makes and compares the Gram matrices of two "
            "dictionaries of features, whatever the sizes of the images.",
        ],
    )
)


# --- the fault hunt: what is changed -------------------------------------------------------------


def stylize(look: Callable, image: Any, rates: Iterable[float]) -> Any:
    """Optimize an image: look, and step downhill, once for every rate.

    Args:
        look: function image -> (loss, gradient).
        image: array or tensor to start from.
        rates: a learning rate for each step.

    Returns:
        The image after the last step.
    """
    from keras import ops

    from course_lib.transfer.descent import adam_step

    mean, square, count = ops.zeros_like(image), ops.zeros_like(image), 0
    for rate in rates:
        _, gradient = look(image)
        image, mean, square, count = adam_step(image, gradient, mean, square, count, rate)
    return image


def _toy_look(image: Any) -> Any:
    """A bowl that is steeper in some directions; its bottom is at 0.3."""
    image = np.asarray(image, "float32")
    steepness = np.linspace(1, 3, image.shape[1], dtype="float32")[:, None]
    away = steepness * (image - 0.3)
    return np.sum(away * (image - 0.3)) / 2, away


def _runs_on_tensors(answer: Answer, reference: Answer) -> NotYet | None:
    from keras import ops

    def look(image: Any) -> tuple[Any, Any]:
        return tuple(map(ops.convert_to_tensor, _toy_look(ops.convert_to_numpy(image))))

    start, rates = _maps(3, 4, 3), np.array([0.05, 0.03, 0.02])
    found = Answer(lambda *given: answer.function(look, ops.convert_to_tensor(start), *given))
    if not np.allclose(found(rates), reference(_toy_look, start, rates), atol=1e-4):
        return NotYet(
            "given a tensor to start from, it ended at a different image than from an array.",
            "Every step starts from the image that the last one has returned.",
        )
    return None


def _step(image: Any, gradient: Any, memory: Any, rate: float) -> Any:
    direction, *memory = _adam(gradient, *memory)
    return np.clip(image - rate * direction, 0, 1), memory


def _loss_only(look: Any, image: Any, rates: Any) -> Any:
    for _ in rates:
        loss, _ = look(image)
    return loss


def _untouched(look: Any, image: Any, rates: Any) -> Any:
    for _ in rates:
        look(image)
    return image


def _looked_once(look: Any, image: Any, rates: Any) -> Any:
    _, gradient = look(image)
    memory = (0.0, 0.0, 0)
    for rate in rates:
        image, memory = _step(image, gradient, memory, rate)
    return image


def _walk(look: Any, image: Any, rates: Any, forget: Callable = lambda memory: memory) -> Any:
    memory = (0.0, 0.0, 0)
    for rate in rates:
        image, memory = _step(image, look(image)[1], forget(memory), rate)
    return image


def _always_from_the_start(look: Any, image: Any, rates: Any) -> Any:
    start, memory = image, (0.0, 0.0, 0)
    for rate in rates:
        image, memory = _step(start, look(image)[1], memory, rate)
    return image


def _plain(look: Any, image: Any, rates: Any) -> Any:
    for rate in rates:
        image = np.clip(image - rate * look(image)[1], 0, 1)
    return image


register(
    Exercise(
        id="mend-loop",
        lesson=9,
        title="The fault hunt: the image changes",
        reference="course_lib.exercises.lesson09:stylize",
        cases=[
            Case(
                "an image of 4 x 5 and four steps",
                _toy_look,
                _maps(4, 5, 3),
                np.array([0.05, 0.04, 0.03, 0.02], "float32"),
            ),
            Case(
                "an image of 2 x 3 and one step",
                _toy_look,
                _maps(2, 3, 3),
                np.array([0.03], "float32"),
            ),
        ],
        checks=[_runs_on_tensors],
        as_given=True,
        misconceptions=[
            Misconception(
                _loss_only,
                "What does your function return, and which line of it changes the image?",
            ),
            Misconception(
                _untouched,
                "The image came back as it was. Keep what `adam_step` returns.",
            ),
            Misconception(
                _looked_once,
                "You looked once and then walked on blindly. The gradient is different at every "
                "place: call `look` inside the loop.",
            ),
            Misconception(
                lambda look, image, rates: _walk(look, image, rates[:1]),
                "Only one step was taken. Return after the loop, not inside it.",
            ),
            Misconception(
                lambda look, image, rates: _walk(
                    look, image, rates, forget=lambda memory: (0.0, 0.0, 0)
                ),
                "Adam forgets everything between two steps: mean, square and count go back to zero "
                "inside the loop. Set them to zero once, before it.",
            ),
            Misconception(
                lambda look, image, rates: _walk(
                    look, image, rates, forget=lambda memory: (*memory[:2], 0)
                ),
                "The count is 0 at every step. Keep the one that `adam_step` returns.",
            ),
            Misconception(
                _always_from_the_start,
                "Every step sets out from the first image. Go on from where the last one ended.",
            ),
            Misconception(
                _plain,
                "This is plain gradient descent. Use `adam_step`, which you wrote above.",
            ),
        ],
        hints=[
            "Before the loop: `mean` and `square` are zeros like the image, `count` is 0.",
            "In the loop: `_, gradient = look(image)`, then `image, mean, square, count = "
            "adam_step(image, gradient, mean, square, count, rate)`.",
            "After the loop: return the image, not the loss.",
        ],
    )
)
