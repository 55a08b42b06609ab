"""Exercises of lesson 01, images as tensors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib import byhand
from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(1)

# --- luminance ------------------------------------------------------------------------------

_red_green_blue = np.eye(3, dtype="float32")[None]
_colors = _random.uniform(size=(4, 5, 3)).astype("float32")
_weights = np.array(byhand.LUMINANCE_WEIGHTS)

register(
    Exercise(
        id="luminance",
        lesson=1,
        title="How bright a pixel looks",
        reference="course_lib.byhand:luminance",
        # The weights are printed with three or four digits, and both are right.
        tolerance=2e-3,
        cases=[
            Case("a red, a green and a blue pixel", _red_green_blue),
            Case("a random image of 4 x 5 pixels", _colors),
        ],
        misconceptions=[
            Misconception(
                lambda image: image.mean(axis=-1),
                "This is the plain mean: red, green and blue count alike in it. Give each its "
                "weight.",
            ),
            Misconception(
                lambda image: image @ _weights[::-1],
                "Your weights are in the order blue, green, red. Channel 0 is red.",
            ),
            Misconception(
                lambda image: image @ np.array([0.299, 0.587, 0.114]),
                "Those are the weights of BT.601, the standard of older television. The lesson "
                "uses 0.2125, 0.7154, 0.0721.",
            ),
            Misconception(
                lambda image: (image * _weights).mean(axis=-1),
                "The weights add up to 1 already. After multiplying, add the channels up; a mean "
                "divides by 3 once more.",
            ),
            Misconception(
                lambda image: image.sum(axis=-1),
                "You added the channels without their weights, so that white becomes 3.",
            ),
            Misconception(
                lambda image: image * _weights,
                "The channels have their weights now. They still have to be added up.",
            ),
            Misconception(
                lambda image: (image * _weights).sum(),
                "You added up the whole image. Add over the channels only, the last axis.",
            ),
            Misconception(
                lambda image: (image * _weights).sum(axis=-1, keepdims=True),
                "The values are right. Drop the axis of length 1: the result is "
                "(height, width), without keepdims.",
            ),
            Misconception(
                lambda image: image.max(axis=-1),
                "The largest channel says how strong a color is: pure blue then counts as bright "
                "as pure green. Use the weighted sum.",
            ),
            Misconception(
                lambda image: image[..., 1],
                "Green counts most, but it is not alone: red and blue have weights as well.",
            ),
        ],
        hints=[
            "Three numbers per pixel become one. Each is multiplied by its weight, then they are "
            "added.",
            "`image[..., 0]` is the red channel of all pixels at once; its weight is 0.2125.",
            "`image @ weights` multiplies the last axis by an array of three weights and adds.",
        ],
    )
)

# --- convolution ----------------------------------------------------------------------------

_step = np.array([[0.0, 0.0, 3.0, 3.0], [0.0, 1.0, 3.0, 5.0], [2.0, 2.0, 2.0, 2.0]])
_right_minus_left = np.array([[-1.0, 1.0]])
_noise = _random.normal(size=(5, 7))
_wide_kernel = _random.normal(size=(2, 3))
_square_noise = _random.normal(size=(5, 5))
_square_kernel = _random.normal(size=(3, 3))


def _convolve_windows(
    image: Any, kernel: Any, combine: Any, rows: int | None = None, columns: int | None = None
) -> Any:
    """A valid convolution with another way of turning a window into a number, or another size."""
    height, width = kernel.shape
    rows = image.shape[0] - height + 1 if rows is None else rows
    columns = image.shape[1] - width + 1 if columns is None else columns
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row : row + height, column : column + width]
            result[row, column] = combine(window, kernel)
    return result


def _sum_of_products(window: Any, kernel: Any) -> Any:
    return (window * kernel).sum()


def _convolve_with_transposed_kernel(image: Any, kernel: Any) -> Any:
    return byhand.convolve(image, kernel.T)


def _flat_surfaces_give_the_sum_of_the_kernel(answer: Answer, reference: Answer) -> NotYet | None:
    flat, kernel = np.full((4, 6), 2.0), np.array([[1.0, 0.0], [0.5, 0.25], [0.0, 0.5]])
    found = answer(flat, kernel)
    if np.shape(found) != (2, 5) or not np.allclose(found, 4.5):
        return NotYet(
            "on an image that is 2 everywhere, a kernel whose numbers add up to 2.25 did not give "
            "4.5 everywhere.",
            "Where the image is flat, every window gives the same: the value times the sum of "
            "the kernel. Print one window inside your function.",
        )
    return None


register(
    Exercise(
        id="convolution",
        lesson=1,
        title="Slide, multiply, add",
        reference="course_lib.byhand:convolve",
        cases=[
            Case("an image of 3 x 4 pixels and the kernel [[-1, 1]]", _step, _right_minus_left),
            Case("a random image of 5 x 7 pixels and a kernel of 2 x 3", _noise, _wide_kernel),
            Case(
                "a random image of 5 x 5 pixels and a kernel of 3 x 3",
                _square_noise,
                _square_kernel,
            ),
        ],
        checks=[_flat_surfaces_give_the_sum_of_the_kernel],
        misconceptions=[
            Misconception(
                lambda image, kernel: byhand.convolve(image, kernel[::-1, ::-1]),
                "You turned the kernel around, as mathematicians define convolution. Layers do "
                "not: the kernel's upper left number meets the window's upper left pixel.",
            ),
            Misconception(
                lambda image, kernel: byhand.convolve(image, kernel, padding="zeros"),
                "Your window leaves the image and finds zeros there. Here it stays inside, so "
                "the result is smaller than the image.",
            ),
            Misconception(
                lambda image, kernel: _convolve_windows(
                    image,
                    kernel,
                    _sum_of_products,
                    image.shape[0] - kernel.shape[0],
                    image.shape[1] - kernel.shape[1],
                ),
                "The last row and column of positions are missing. A window of 3 has 3 positions "
                "in 5 pixels: 5 - 3 + 1.",
            ),
            Misconception(
                lambda image, kernel: _convolve_windows(
                    image, kernel, lambda window, kernel: (window * kernel).mean()
                ),
                "You took the mean of the products. A convolution adds them up.",
            ),
            Misconception(
                lambda image, kernel: _convolve_windows(
                    image, kernel, lambda window, kernel: (window @ kernel).sum()
                ),
                "`@` is the matrix product. Here each pixel of the window meets the number of the "
                "kernel at the same place: that is `*`.",
            ),
            Misconception(
                lambda image, kernel: _convolve_windows(
                    image, kernel, lambda window, kernel: (window @ kernel.T).sum()
                ),
                "A matrix product with the transposed kernel mixes the rows. Multiply entry by "
                "entry, with `*`.",
            ),
            Misconception(
                _convolve_with_transposed_kernel,
                "Rows and columns of the kernel are swapped. Its shape is (height, width), like "
                "the window's.",
            ),
            Misconception(
                lambda image, kernel: byhand.convolve(image, kernel).T,
                "Rows and columns of your result are swapped: the first index is the row.",
            ),
            Misconception(
                lambda image, kernel: np.maximum(byhand.convolve(image, kernel), 0),
                "Your results are never negative. A convolution alone keeps the sign; cutting it "
                "off (ReLU) is a step of its own.",
            ),
            Misconception(
                lambda image, kernel: np.abs(byhand.convolve(image, kernel)),
                "You dropped the sign. From bright to dark is not the same as from dark to bright.",
            ),
            Misconception(
                lambda image, kernel: byhand.convolve(image, kernel).astype(int),
                "Your result is rounded to whole numbers. Collect it in an array of floats, such "
                "as np.zeros makes by default.",
            ),
            Misconception(
                lambda image, kernel: byhand.convolve(image, kernel, stride=max(kernel.shape)),
                "Your window jumps by its own size. It moves by one pixel, so windows overlap.",
            ),
        ],
        hints=[
            "Begin with the size of the result: how many places are there for a window of that "
            "height among the rows, and of that width among the columns?",
            "Two loops, over `row` and `column` of the result. The window is "
            "`image[row : row + height, column : column + width]`.",
            "`(window * kernel).sum()` is one number of the result.",
        ],
    )
)

# --- transposed convolution -----------------------------------------------------------------

_four = np.array([[1.0, 2.0], [3.0, 4.0]])
_stamp = np.array([[1.0, 2.0], [0.0, 3.0]])
_middling = _random.normal(size=(4, 5))
_tall_stamp = _random.normal(size=(4, 3))


def _stamps(image: Any, kernel: Any, stride: int, combine: Any, with_value: bool = True) -> Any:
    """Stamps put down with another rule where they overlap."""
    (rows, columns), (height, width) = image.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for row in range(rows):
        for column in range(columns):
            stamp = kernel * (image[row, column] if with_value else 1)
            place = np.s_[
                row * stride : row * stride + height, column * stride : column * stride + width
            ]
            result[place] = combine(result[place], stamp)
    return result


def _mean_where_stamps_overlap(image: Any, kernel: Any, stride: int) -> Any:
    total = byhand.transposed_convolution(image, kernel, stride=stride)
    count = byhand.transposed_convolution(np.ones_like(image), np.ones_like(kernel), stride=stride)
    return total / count


def _one_row_and_column_more(image: Any, kernel: Any, stride: int) -> Any:
    whole = byhand.transposed_convolution(image, kernel, stride=stride)
    return np.pad(
        whole,
        [(0, size * stride + side - had) for size, side, had in _sizes(image, kernel, whole)],
    )


def _sizes(image: Any, kernel: Any, whole: Any) -> Any:
    return zip(image.shape, kernel.shape, whole.shape, strict=True)


def _cut_to_size_times_stride(image: Any, kernel: Any, stride: int) -> Any:
    whole = byhand.transposed_convolution(image, kernel, stride=stride)
    return whole[: image.shape[0] * stride, : image.shape[1] * stride]


register(
    Exercise(
        id="transposed-convolution",
        lesson=1,
        title="Stamp and add",
        reference="course_lib.byhand:transposed_convolution",
        cases=[
            Case(
                "the image [[1, 2], [3, 4]], the kernel [[1, 2], [0, 3]], stride 1",
                _four,
                _stamp,
                stride=1,
            ),
            Case(
                "an image of 4 x 5 pixels, a kernel of 4 x 3, stride 3",
                _middling,
                _tall_stamp,
                stride=3,
            ),
            Case(
                "an image of 4 x 5 pixels, a kernel of 4 x 3, stride 1",
                _middling,
                _tall_stamp,
                stride=1,
            ),
        ],
        misconceptions=[
            Misconception(
                lambda image, kernel, stride: _stamps(
                    image, kernel, stride, lambda before, stamp: stamp
                ),
                "Where stamps overlap, the later one replaced the earlier. They are added: `+=`.",
            ),
            Misconception(
                lambda image, kernel, stride: _stamps(image, kernel, stride, np.maximum),
                "Where stamps overlap, you kept the larger value. They are added.",
            ),
            Misconception(
                _mean_where_stamps_overlap,
                "Where stamps overlap, you took their mean. They are added; that is exactly why "
                "overlaps can be seen in the result.",
            ),
            Misconception(
                lambda image, kernel, stride: _stamps(
                    image, kernel, stride, np.add, with_value=False
                ),
                "All your stamps are equal. Each is the kernel times one value of the image.",
            ),
            Misconception(
                lambda image, kernel, stride: byhand.transposed_convolution(
                    image, kernel, stride=1
                ),
                "The stamps lie one pixel apart whatever the stride. The stamp of row `row` begins "
                "at row `row * stride`.",
            ),
            Misconception(
                lambda image, kernel, stride: np.kron(image, kernel),
                "Your stamps lie edge to edge, a kernel's size apart. They lie `stride` pixels "
                "apart, and so they overlap.",
            ),
            Misconception(
                lambda image, kernel, stride: byhand.transposed_convolution(
                    image, kernel[::-1, ::-1], stride=stride
                ),
                "Your stamp is turned around. Put the kernel down as it is. (If you filled up with "
                "zeros and convolved: that turns it.)",
            ),
            Misconception(
                _cut_to_size_times_stride,
                "The right and lower edges are cut off. The last stamp begins at (rows - 1) * "
                "stride and needs the kernel's full size from there.",
            ),
            Misconception(
                _one_row_and_column_more,
                "There is an empty border on the right and below. Count from 0: the last stamp "
                "begins at (rows - 1) * stride, not at rows * stride.",
            ),
            Misconception(
                lambda image, kernel, stride: byhand.convolve(image, kernel, stride=stride),
                "This gathers windows into numbers, which is a convolution. Here each number is "
                "spread over a window, and the image grows.",
            ),
            Misconception(
                lambda image, kernel, stride: (
                    byhand.transposed_convolution(image, kernel, stride=stride).T
                ),
                "Rows and columns of your result are swapped: the first index is the row.",
            ),
        ],
        hints=[
            "Begin with an array of zeros. How large? The last stamp begins at (rows - 1) * stride "
            "and is as high as the kernel.",
            "For each value of the image: the stamp is `value * kernel`.",
            "`result[row * stride : row * stride + height, column * stride : column * stride + "
            "width] += image[row, column] * kernel`",
        ],
    )
)

# --- receptive field ------------------------------------------------------------------------


def _field(
    layers: Any,
    first: int = 1,
    grow: Callable = lambda kernel: kernel - 1,
    jump: Callable = lambda jump, stride: 1,
) -> Any:
    field, step = first, 1
    for kernel, stride in layers:
        field += grow(kernel) * step
        step = jump(step, stride)
    return field


def _cumulative(jump: Any, stride: int) -> Any:
    return jump * stride


def _jump_before_growing(layers: Any) -> Any:
    field = jump = 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


def _no_layers_see_one_pixel(answer: Answer, reference: Answer) -> NotYet | None:
    field = answer([])
    if field != 1:
        return NotYet(
            f"without any layer the field is {field}, not 1.",
            "A pixel sees itself: begin with 1, not with the first layer.",
        )
    return None


register(
    Exercise(
        id="receptive-field",
        lesson=1,
        title="How much of the image one number sees",
        reference="course_lib.byhand:receptive_field",
        cases=[
            Case("[(3, 1), (3, 1)], two convolutions of 3 x 3", [(3, 1), (3, 1)]),
            Case(
                "[(3, 1), (2, 2), (3, 1)], two convolutions with a pooling between",
                [(3, 1), (2, 2), (3, 1)],
            ),
            Case("[(5, 2), (3, 3), (2, 1), (4, 2)]", [(5, 2), (3, 3), (2, 1), (4, 2)]),
        ],
        checks=[_no_layers_see_one_pixel],
        misconceptions=[
            Misconception(
                lambda layers: _field(layers),
                "You left out the strides. After a pooling by 2, neighbors are two pixels apart, "
                "and each further layer grows the field twice as fast.",
            ),
            Misconception(
                lambda layers: sum(kernel for kernel, _ in layers),
                "You added the kernels. Two 3 x 3 convolutions in a row see 5 pixels, not 6: their "
                "windows overlap.",
            ),
            Misconception(
                lambda layers: int(np.prod([kernel for kernel, _ in layers])),
                "You multiplied the kernels. Two 3 x 3 convolutions see 5 pixels, not 9, because "
                "neighboring windows overlap.",
            ),
            Misconception(
                lambda layers: int(np.prod([stride for _, stride in layers])),
                "This is the product of the strides: how far apart two neighbors of the output "
                "are. The field also needs the kernels.",
            ),
            Misconception(
                lambda layers: _field(layers, first=0, jump=_cumulative),
                "You began with 0. Before the first layer, a pixel already sees itself.",
            ),
            Misconception(
                lambda layers: _field(layers, grow=lambda kernel: kernel, jump=_cumulative),
                "A kernel of 3 adds 2 neighbors, not 3: its middle was seen already.",
            ),
            Misconception(
                _jump_before_growing,
                "The stride counts for the layers after it. Grow the field first, then multiply "
                "the distance by the stride.",
            ),
            Misconception(
                lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
                "You multiplied by the layer's own stride. What counts is how far apart its inputs "
                "already are: the product of all strides before it.",
            ),
            Misconception(
                lambda layers: _field(layers, jump=lambda jump, stride: stride),
                "Only the last stride counts in your loop. Strides multiply: after two poolings by "
                "2, neighbors are 4 pixels apart.",
            ),
            Misconception(
                lambda layers: _field(layers, jump=lambda jump, stride: jump + stride),
                "You added the strides. They multiply: after two poolings by 2, neighbors are 4 "
                "pixels apart.",
            ),
            Misconception(
                lambda layers: _field(layers[::-1], jump=_cumulative),
                "You went through the layers from the last to the first. Begin at the image.",
            ),
            Misconception(
                lambda layers: byhand.receptive_field(layers) ** 2,
                "This is the number of pixels in the square. Return its side.",
            ),
        ],
        hints=[
            "Keep two numbers: `field`, which starts at 1, and `jump`, how many pixels apart two "
            "neighbors of the current layer are. It starts at 1 as well.",
            "A kernel adds `kernel - 1` neighbors to the field. Each of them is `jump` pixels "
            "further on.",
            "For each layer: `field += (kernel - 1) * jump`, then `jump *= stride`.",
        ],
    )
)
