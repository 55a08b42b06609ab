"""Lesson 01: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np
from scipy import ndimage, signal

from tests.exercises.helpers import Wrong, accepts, refuses

WEIGHTS = np.array([0.2125, 0.7154, 0.0721])


def luminance_in_three_lines(image):
    red, green, blue = np.moveaxis(image, -1, 0)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def luminance_in_loops(image):
    result = np.zeros(image.shape[:2])
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            result[row, column] = np.dot(image[row, column], WEIGHTS)
    return result


LUMINANCE = [
    Wrong("plain mean", lambda image: image.sum(2) / 3, "count alike"),
    Wrong(
        "blue first",
        lambda image: image[..., ::-1] @ WEIGHTS,
        "in the order blue, green, red",
    ),
    Wrong(
        "weights of old television",
        lambda image: np.einsum("hwc,c->hw", image, [0.299, 0.587, 0.114]),
        "BT.601",
    ),
    Wrong(
        "mean of the weighted channels",
        lambda image: np.mean(image * WEIGHTS, axis=2),
        "divides by 3 once more",
    ),
    Wrong("no weights", lambda image: image.sum(2), "white becomes 3"),
    Wrong("not added", lambda image: image * WEIGHTS, "still have to be added"),
    Wrong("added everything", lambda image: np.sum(image * WEIGHTS), "added up the whole image"),
    Wrong(
        "kept the axis",
        lambda image: (image @ WEIGHTS)[..., None],
        "without keepdims",
    ),
    Wrong("largest channel", lambda image: np.max(image, -1), "largest channel"),
    Wrong("green alone", lambda image: image[:, :, 1], "not alone"),
    Wrong("wrong axis", lambda image: image.mean(axis=0), "Three numbers per pixel"),
]


def convolve_in_loops(image, kernel):
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = np.sum(image[row:, column:][:height, :width] * kernel)
    return result


def convolve_by_shifting(image, kernel):
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    return sum(
        kernel[y, x] * image[y : y + rows, x : x + columns]
        for y in range(height)
        for x in range(width)
    )


def one_position_too_few(image, kernel):
    return convolve_in_loops(image, kernel)[:-1, :-1]


def mean_of_products(image, kernel):
    return convolve_in_loops(image, kernel) / kernel.size


def matrix_product(image, kernel):
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row, column in np.ndindex(result.shape):
        result[row, column] = (image[row:, column:][:height, :width] @ kernel).sum()
    return result


def matrix_product_with_transpose(image, kernel):
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row, column in np.ndindex(result.shape):
        result[row, column] = (image[row:, column:][:height, :width] @ kernel.T).sum()
    return result


def rounded(image, kernel):
    return np.array(convolve_in_loops(image, kernel), dtype="int64")


def windows_edge_to_edge(image, kernel):
    step = max(kernel.shape)
    return convolve_in_loops(image, kernel)[::step, ::step]


CONVOLUTION = [
    Wrong(
        "turned the kernel",
        lambda image, kernel: signal.convolve2d(image, kernel, mode="valid"),
        "turned the kernel around",
    ),
    Wrong(
        "left the image",
        lambda image, kernel: convolve_in_loops(
            np.pad(
                image,
                [((side - 1) // 2, side - 1 - (side - 1) // 2) for side in kernel.shape],
            ),
            kernel,
        ),
        "Your window leaves the image",
    ),
    Wrong("one position too few", one_position_too_few, "5 - 3 + 1"),
    Wrong("mean of the products", mean_of_products, "mean of the products"),
    Wrong("matrix product", matrix_product, "`@` is the matrix product"),
    Wrong(
        "matrix product with the transpose",
        matrix_product_with_transpose,
        "with the transposed kernel",
    ),
    Wrong(
        "transposed the kernel",
        lambda image, kernel: convolve_in_loops(image, kernel.transpose()),
        "of the kernel are swapped",
    ),
    Wrong(
        "transposed the result",
        lambda image, kernel: convolve_in_loops(image, kernel).transpose(),
        "of your result are swapped",
    ),
    Wrong(
        "with ReLU",
        lambda image, kernel: convolve_in_loops(image, kernel).clip(0),
        "never negative",
    ),
    Wrong(
        "without sign",
        lambda image, kernel: abs(convolve_in_loops(image, kernel)),
        "dropped the sign",
    ),
    Wrong("rounded", rounded, "rounded to whole numbers"),
    Wrong("windows edge to edge", windows_edge_to_edge, "jumps by its own size"),
    Wrong(
        "one number",
        lambda image, kernel: np.sum(image) * np.sum(kernel),
        "An array is asked for",
    ),
    Wrong(
        "sum of the window alone",
        lambda image, kernel: convolve_in_loops(image, np.ones_like(kernel)),
        "Begin with the size of the result",
    ),
    Wrong(
        "named a missing variable",
        lambda image, kernel: np.zeros((height, width)),  # noqa: F821
        "A name is used that nothing has defined",
    ),
]


def transposed_in_loops(image, kernel, stride=2):
    (rows, columns), (height, width) = image.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for row, column in np.ndindex(image.shape):
        for y, x in np.ndindex(kernel.shape):
            result[row * stride + y, column * stride + x] += image[row, column] * kernel[y, x]
    return result


def transposed_by_spreading(image, kernel, stride=2):
    """Zeros between the pixels, then a full convolution with the turned kernel."""
    rows, columns = image.shape
    spread = np.zeros(((rows - 1) * stride + 1, (columns - 1) * stride + 1))
    spread[::stride, ::stride] = image
    return signal.convolve2d(spread, kernel, mode="full")


def spread_and_correlate(image, kernel, stride=2):
    rows, columns = image.shape
    spread = np.zeros(((rows - 1) * stride + 1, (columns - 1) * stride + 1))
    spread[::stride, ::stride] = image
    return signal.correlate2d(spread, kernel, mode="full")


def replaced(image, kernel, stride=2):
    (rows, columns), (height, width) = image.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for row, column in np.ndindex(image.shape):
        top, left = row * stride, column * stride
        result[top : top + height, left : left + width] = image[row, column] * kernel
    return result


def kept_the_larger(image, kernel, stride=2):
    (rows, columns), (height, width) = image.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for row, column in np.ndindex(image.shape):
        here = result[row * stride :, column * stride :][:height, :width]
        here[:] = np.where(here > image[row, column] * kernel, here, image[row, column] * kernel)
    return result


def averaged(image, kernel, stride=2):
    return transposed_in_loops(image, kernel, stride) / transposed_in_loops(
        np.ones(image.shape), np.ones(kernel.shape), stride
    )


def room_for_one_more(image, kernel, stride=2):
    (rows, columns), (height, width) = image.shape, kernel.shape
    result = np.zeros((rows * stride + height, columns * stride + width))
    for row, column in np.ndindex(image.shape):
        result[row * stride :, column * stride :][:height, :width] += image[row, column] * kernel
    return result


TRANSPOSED = [
    Wrong("replaced where stamps overlap", replaced, "the later one replaced"),
    Wrong("kept the larger", kept_the_larger, "kept the larger value"),
    Wrong("averaged overlaps", averaged, "took their mean"),
    Wrong(
        "stamp not multiplied",
        lambda image, kernel, stride=2: transposed_in_loops(np.ones(image.shape), kernel, stride),
        "All your stamps are equal",
    ),
    Wrong(
        "no stride",
        lambda image, kernel, stride=2: transposed_in_loops(image, kernel, 1),
        "one pixel apart whatever the stride",
    ),
    Wrong(
        "edge to edge",
        lambda image, kernel, stride=2: np.block(
            [[value * kernel for value in row] for row in image]
        ),
        "edge to edge",
    ),
    Wrong("turned the stamp", spread_and_correlate, "Your stamp is turned around"),
    Wrong(
        "cut to size times stride",
        lambda image, kernel, stride=2: transposed_in_loops(image, kernel, stride)[
            : len(image) * stride, : len(image[0]) * stride
        ],
        "right and lower edges are cut off",
    ),
    Wrong("room for one stamp more", room_for_one_more, "an empty border"),
    Wrong(
        "an ordinary convolution",
        lambda image, kernel, stride=2: convolve_in_loops(image, kernel)[::stride, ::stride],
        "the image grows",
    ),
    Wrong(
        "transposed the result",
        lambda image, kernel, stride=2: transposed_in_loops(image, kernel, stride).T,
        "of your result are swapped",
    ),
    Wrong(
        "forgot the argument",
        lambda image, kernel: transposed_in_loops(image, kernel),
        "Keep the names and the number of the arguments",
    ),
]


def field_from_the_output(layers):
    field = 1
    for kernel, stride in reversed(layers):
        field = stride * (field - 1) + kernel
    return field


def field_measured(layers):
    column = np.zeros((101, 1))
    reached = 0
    for pixel in range(101):
        column[:] = 0
        column[pixel] = 1
        found = column
        for kernel, stride in layers:
            found = convolve_in_loops(found, np.ones((kernel, 1)))[::stride]
        reached += found[len(found) // 2, 0] != 0
    return reached


def jump_first(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        jump = jump * stride
        field = field + (kernel - 1) * jump
    return field


def last_stride_only(layers):
    field, before = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * before
        before = stride
    return field


def strides_added(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride
    return field


def whole_kernels(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field


FIELD = [
    Wrong(
        "no strides",
        lambda layers: 1 + sum(kernel - 1 for kernel, stride in layers),
        "You left out the strides",
    ),
    Wrong(
        "kernels added",
        lambda layers: sum(layer[0] for layer in layers),
        "You added the kernels",
    ),
    Wrong(
        "kernels multiplied",
        lambda layers: np.prod([layer[0] for layer in layers]),
        "You multiplied the kernels",
    ),
    Wrong(
        "strides alone",
        lambda layers: np.prod([layer[1] for layer in layers]),
        "product of the strides",
    ),
    Wrong("began with 0", lambda layers: field_from_the_output(layers) - 1, "began with 0"),
    Wrong("whole kernels", whole_kernels, "adds 2 neighbors, not 3"),
    Wrong("stride before field", jump_first, "stride counts for the layers after it"),
    Wrong(
        "its own stride",
        lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
        "the layer's own stride",
    ),
    Wrong("last stride only", last_stride_only, "Only the last stride"),
    Wrong("strides added", strides_added, "You added the strides"),
    Wrong(
        "from the wrong end",
        lambda layers: field_from_the_output(list(reversed(layers))),
        "from the last to the first",
    ),
    Wrong("area", lambda layers: field_from_the_output(layers) ** 2, "Return its side"),
    Wrong(
        "right but for no layers",
        lambda layers: field_from_the_output(layers) if layers else 0,
        "A pixel sees itself",
    ),
    Wrong(
        "a pair",
        lambda layers: (field_from_the_output(layers), 1),
        "Return one number",
    ),
]


MISTAKES = {
    "luminance": LUMINANCE,
    "convolution": CONVOLUTION,
    "transposed-convolution": TRANSPOSED,
    "receptive-field": FIELD,
}


def test_right_answers_in_other_words_are_accepted():
    accepts("luminance", luminance_in_three_lines, luminance_in_loops)
    accepts(
        "convolution",
        convolve_in_loops,
        convolve_by_shifting,
        lambda image, kernel: signal.correlate2d(image, kernel, mode="valid"),
        lambda image, kernel: np.einsum(
            "rcij,ij->rc",
            np.lib.stride_tricks.sliding_window_view(image, kernel.shape),
            kernel,
        ),
    )
    accepts("transposed-convolution", transposed_in_loops, transposed_by_spreading)
    accepts("receptive-field", field_from_the_output, field_measured)


def test_convolution_of_scipy_with_its_border_is_refused():
    def with_border(image, kernel):
        return ndimage.correlate(image, kernel, mode="constant", origin=-1)

    refuses("convolution", Wrong("with a border", with_border, ""))
