"""The functions of lesson 01 do what the Keras layers of the same name do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import color

from course_lib import byhand

SIZES = [(7, 9), (8, 8), (6, 11)]


def random_array(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def run_layer(layer, features, weights=None):
    """What a Keras layer without bias makes of one array (height, width, channels)."""
    layer.build((None, *features.shape))
    if weights is not None:
        layer.set_weights([weights])
    return np.asarray(layer(features[None])[0])


# --- convolution ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("window", [(3, 3), (2, 2), (1, 4)])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("padding", "in_keras"), [("valid", "valid"), ("zeros", "same")])
def test_convolve_is_conv2d(size, window, stride, padding, in_keras):
    from keras.layers import Conv2D

    image, kernel = random_array(*size, 3), random_array(*window, 3, 5, seed=1)
    layer = Conv2D(5, window, strides=stride, padding=in_keras, use_bias=False)
    found = byhand.convolve(image, kernel, stride=stride, padding=padding)
    np.testing.assert_allclose(found, run_layer(layer, image, kernel), atol=1e-4)


def test_convolve_with_a_mirrored_border_is_the_layer_of_the_autoencoder():
    from course_lib.autoencoder import ReflectConv2D

    image, kernel = random_array(7, 9, 3), random_array(3, 3, 3, 4, seed=1)
    layer = ReflectConv2D(4, activation=None)
    layer.build((None, None, None, 3))
    layer.set_weights([kernel, np.zeros(4, "float32")])
    found = byhand.convolve(image, kernel, padding="reflect")
    np.testing.assert_allclose(found, np.asarray(layer(image[None])[0]), atol=1e-4)


def test_one_channel_is_many_channels_with_one():
    image, kernel = random_array(6, 7), random_array(3, 2, seed=1)
    found = byhand.convolve(image, kernel, stride=2, padding="zeros")
    many = byhand.convolve(image[..., None], kernel[..., None, None], stride=2, padding="zeros")
    np.testing.assert_array_equal(found, many[..., 0])


def test_the_kernel_is_not_flipped():
    image = np.array([[1.0, 5.0, 2.0]])
    np.testing.assert_array_equal(byhand.convolve(image, np.array([[-1.0, 1.0]])), [[4.0, -3.0]])


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.sampled_from(byhand.PADDINGS),
)
def test_output_size_is_what_convolve_gives(size, kernel, stride, padding):
    image, window = random_array(size, 9), np.ones((kernel, 1))
    try:
        expected = byhand.output_size(size, kernel, stride=stride, padding=padding)
        found = byhand.convolve(image, window, stride=stride, padding=padding)
    except ValueError:
        assert (padding == "valid" and kernel > size) or padding == "reflect"
        return
    assert found.shape[0] == expected


def test_pad_zeros_and_reflect():
    row = np.array([[1, 2, 3]])
    assert byhand.pad(row, (1, 3)).tolist() == [[0, 1, 2, 3, 0]]
    assert byhand.pad(row, (1, 3), padding="reflect").tolist() == [[2, 1, 2, 3, 2]]
    assert byhand.pad(row, (1, 3), padding="valid") is row


# --- transposed convolution -----------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("window", "stride"), [(3, 2), (4, 2), (2, 2), (3, 1), (3, 3), (5, 3)])
@pytest.mark.parametrize(("padding", "in_keras"), [("valid", "valid"), ("zeros", "same")])
def test_transposed_convolution_is_conv2d_transpose(size, window, stride, padding, in_keras):
    from keras.layers import Conv2DTranspose

    features, kernel = random_array(*size, 4), random_array(window, window, 2, 4, seed=1)
    layer = Conv2DTranspose(2, window, strides=stride, padding=in_keras, use_bias=False)
    found = byhand.transposed_convolution(features, kernel, stride=stride, padding=padding)
    np.testing.assert_allclose(found, run_layer(layer, features, kernel), atol=1e-4)


@given(stride=st.integers(1, 3), rows=st.integers(1, 4), columns=st.integers(1, 4))
def test_it_is_the_transpose_of_convolve(stride, rows, columns):
    # <convolve(x), y> = <x, transposed(y)> for all x and y says that the matrices are transposed.
    kernel = random_array(3, 3, 2, 5)
    y = random_array(rows, columns, 5, seed=1)
    x = random_array((rows - 1) * stride + 3, (columns - 1) * stride + 3, 2, seed=2)
    forward = np.sum(byhand.convolve(x, kernel, stride=stride) * y)
    backward = np.sum(x * byhand.transposed_convolution(y, kernel, stride=stride))
    assert forward == pytest.approx(backward, rel=1e-3, abs=1e-3)


def test_stamps_of_whole_numbers_stay_whole_numbers():
    image, kernel = np.array([[1, 2]]), np.array([[1, 1, 1]])
    # The two stamps overlap in the middle, where both count.
    found = byhand.transposed_convolution(image, kernel[:, :2], stride=1)
    assert found.tolist() == [[1, 3, 2]]
    assert found.dtype.kind == "i"


# --- pooling --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("window", [2, 3])
def test_pooling_is_that_of_keras(size, window):
    from keras.layers import AveragePooling2D, MaxPooling2D

    features = random_array(*size, 5)
    average = run_layer(AveragePooling2D(window), features)
    largest = run_layer(MaxPooling2D(window), features)
    np.testing.assert_allclose(byhand.average_pool(features, size=window), average, atol=1e-6)
    np.testing.assert_array_equal(byhand.max_pool(features, size=window)[0], largest)


def test_switches_and_unpooling_are_those_of_the_autoencoder():
    from course_lib import autoencoder

    features = random_array(6, 8, 5)
    pooled, switches = byhand.max_pool(features)
    theirs, their_switches = autoencoder.max_pool_with_switches(features[None])
    np.testing.assert_array_equal(switches, np.asarray(their_switches)[0])
    back = np.asarray(autoencoder.unpool(theirs, their_switches))[0]
    np.testing.assert_array_equal(byhand.unpool(pooled, switches), back)


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 4)])
def test_unpooling_puts_the_maxima_where_they_stood(shape):
    features = random_array(*shape)
    back = byhand.unpool(*byhand.max_pool(features, size=3), size=3)
    assert back.shape == shape
    kept = back != 0
    np.testing.assert_array_equal(back[kept], features[kept])
    assert kept.sum() == np.prod(shape) // 9


def test_where_two_are_largest_the_first_counts():
    assert byhand.max_pool(np.array([[1, 7], [7, 0]]))[1].tolist() == [[1]]


def test_repeat_pixels_is_upsampling():
    from keras.layers import UpSampling2D

    features = random_array(3, 4, 2)
    expected = run_layer(UpSampling2D(2, interpolation="nearest"), features)
    np.testing.assert_array_equal(byhand.repeat_pixels(features), expected)


# --- patches --------------------------------------------------------------------------------


@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    size=st.integers(1, 4),
    stride=st.integers(1, 4),
    channels=st.sampled_from([(), (3,)]),
)
def test_cut_and_assembled_is_the_image_again(rows, columns, size, stride, channels):
    stride = min(stride, size)
    height, width = (rows - 1) * stride + size, (columns - 1) * stride + size
    image = random_array(height, width, *channels)
    patches = byhand.extract_patches(image, size, stride=stride)
    assert patches.shape == (rows, columns, size, size, *channels)
    np.testing.assert_allclose(byhand.assemble_patches(patches, stride=stride), image, atol=1e-6)


def test_a_patch_is_a_piece_of_the_image():
    image = np.arange(24).reshape(4, 6)
    patches = byhand.extract_patches(image, 2)
    assert patches.shape == (2, 3, 2, 2)
    assert patches[1, 2].tolist() == [[16, 17], [22, 23]]
    assert byhand.extract_patches(image, (1, 3)).shape == (4, 2, 1, 3)
    # A remainder that fills no patch is left out.
    assert byhand.extract_patches(image, 4).shape == (1, 1, 4, 4)


def test_overlaps_are_averaged():
    patches = np.array([[[[0.0, 2.0]], [[4.0, 6.0]]]])
    assert byhand.assemble_patches(patches, stride=1).tolist() == [[0.0, 3.0, 6.0]]


# --- receptive field, luminance -------------------------------------------------------------


def test_receptive_field_counts_the_pixels_that_matter():
    layers = [(3, 1), (2, 2), (3, 1), (3, 2), (3, 1)]
    image = np.zeros((101, 1))
    kernels = [np.ones((kernel, 1)) for kernel, _ in layers]

    def network(column):
        for kernel, (_, stride) in zip(kernels, layers, strict=True):
            column = byhand.convolve(column, kernel, stride=stride)
        return column

    middle = len(network(image)) // 2
    matters = 0
    for pixel in range(len(image)):
        image[:] = 0
        image[pixel] = 1
        matters += network(image)[middle, 0] != 0
    assert byhand.receptive_field(layers) == matters == 20


def test_receptive_field_of_no_layers_is_one_pixel():
    assert byhand.receptive_field([]) == 1
    assert byhand.receptive_field([(5, 3)]) == 5


def test_luminance_is_that_of_scikit_image():
    image = np.random.default_rng(0).uniform(size=(4, 5, 3)).astype("float32")
    np.testing.assert_allclose(byhand.luminance(image), color.rgb2gray(image), atol=1e-6)
    assert byhand.luminance(np.ones((1, 1, 3), "float32")) == pytest.approx(1)


# --- what goes wrong ------------------------------------------------------------------------

image, features = np.ones((4, 4)), np.ones((4, 4, 3))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: byhand.convolve(image, np.ones((5, 5))), "window of 5 does not fit into 4"),
        (lambda: byhand.convolve(image, np.ones((3, 3)), stride=0), "stride=0"),
        (lambda: byhand.convolve(image, np.ones((3, 3)), padding="same"), "'reflect'"),
        (lambda: byhand.convolve(features, np.ones((3, 3))), "do not fit together"),
        (lambda: byhand.convolve(features, np.ones((3, 3, 4, 2))), "do not fit together"),
        (lambda: byhand.pad(image, 9, padding="reflect"), "too small to be mirrored"),
        (lambda: byhand.pad(image, 9, padding="mirror"), "padding='mirror'"),
        (lambda: byhand.transposed_convolution(image, np.ones((2, 2)), stride=3), "leaves gaps"),
        (lambda: byhand.transposed_convolution(image, np.ones((2, 2)), stride=0), "stride=0"),
        (
            lambda: byhand.transposed_convolution(image, np.ones((2, 2)), padding="reflect"),
            "has no transpose here",
        ),
        (lambda: byhand.transposed_convolution(features, np.ones((3, 3, 3, 2))), "do not fit"),
        (lambda: byhand.unpool(image, np.zeros((2, 2), int)), "must agree"),
        (lambda: byhand.unpool(image, np.full((4, 4), 4)), "places 0 to 3"),
        (lambda: byhand.extract_patches(image, 5), "does not fit"),
        (lambda: byhand.assemble_patches(np.ones((1, 1, 2, 2)), stride=3), "leaves gaps"),
        (lambda: byhand.assemble_patches(np.ones((1, 1, 2, 2)), stride=-1), "stride=-1"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()
