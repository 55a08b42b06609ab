import keras
import numpy as np
import pytest
from keras import ops

from course_lib import features
from course_lib.autoencoder import TAPS, Autoencoder, Encoder
from course_lib.errors import ModelError
from course_lib.features import FeatureExtractor, random_encoder


def random_images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype="float32")


def array(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture(scope="module")
def network():
    """A functional model with two convolutions, one of them linear, and other layers."""
    images = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", name="first")(images)
    x = keras.layers.ReLU(name="rectify")(x)
    x = keras.layers.MaxPooling2D(4, name="shrink")(x)
    x = keras.layers.Conv2D(5, 1, name="second")(x)
    x = keras.layers.GlobalAveragePooling2D(name="everywhere")(x)
    return keras.Model(images, keras.layers.Dense(2, name="classes")(x), name="classifier")


def test_the_default_is_the_encoder_that_comes_with_the_course():
    images = random_images(1, 32, 40, 3)
    seen = FeatureExtractor()(images)
    expected = Autoencoder.from_course().encode(images)
    assert tuple(seen) == TAPS
    for tap in TAPS:
        np.testing.assert_array_equal(array(seen[tap]), array(expected[tap]))


def test_only_the_taps_asked_for_are_read_in_their_order():
    seen = FeatureExtractor("random", taps=["relu3_1", "relu1_1"])(random_images(2, 16, 21, 3))
    assert [(tap, maps.shape) for tap, maps in seen.items()] == [
        ("relu3_1", (2, 4, 6, 96)),
        ("relu1_1", (2, 16, 21, 24)),
    ]


def test_levels_below_the_deepest_tap_are_not_computed():
    encoder = random_encoder(channels=(4, 5))
    encoder.first[1].call = None
    FeatureExtractor(encoder, taps="relu1_1")(random_images(1, 8, 8, 3))
    with pytest.raises(TypeError):
        FeatureExtractor(encoder)(random_images(1, 8, 8, 3))


def test_a_seed_decides_the_random_weights():
    images = random_images(1, 16, 16, 3)
    one, again, other = (
        array(FeatureExtractor("random", taps="relu2_1", seed=seed)(images)["relu2_1"])
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


def test_the_random_network_has_the_shape_of_the_course_s():
    course = Autoencoder.from_course().encoder
    assert [w.shape for w in random_encoder().weights] == [w.shape for w in course.weights]


def test_random_features_neither_vanish_nor_explode():
    seen = FeatureExtractor("random")(random_images(1, 64, 64, 3))
    sizes = [float(np.sqrt(np.mean(array(maps) ** 2))) for maps in seen.values()]
    assert max(sizes) / min(sizes) < 10


@pytest.mark.parametrize("kind", [Autoencoder, Encoder])
def test_an_autoencoder_of_one_s_own(kind):
    model = kind(channels=(3, 4, 5))
    images = random_images(1, 12, 12, 3)
    encoder = getattr(model, "encoder", model)
    seen = FeatureExtractor(model)(images)
    assert tuple(seen) == ("relu1_1", "relu2_1", "relu3_1")
    np.testing.assert_array_equal(array(seen["relu3_1"]), array(encoder(images)["relu3_1"]))


def test_it_follows_a_network_that_is_trained_on():
    model = Autoencoder(channels=(3, 4))
    extractor, images = FeatureExtractor(model), random_images(1, 8, 8, 3)
    before = array(extractor(images)["relu1_1"])
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_allclose(array(extractor(images)["relu1_1"]), 2 * before, rtol=1e-5)


def test_a_keras_model_is_read_at_its_layers_by_name(network):
    images = random_images(1, 16, 12, 3)
    extractor = FeatureExtractor(network)
    assert extractor.available == ("first", "rectify", "shrink", "second")
    seen = extractor(images)
    assert [(tap, maps.shape) for tap, maps in seen.items()] == [
        ("first", (1, 16, 12, 4)),
        ("second", (1, 4, 3, 5)),
    ]
    rectified = FeatureExtractor(network, taps="rectify")(images)["rectify"]
    np.testing.assert_allclose(
        array(rectified), np.maximum(array(seen["first"]), 0), rtol=1e-5, atol=1e-6
    )


def test_a_keras_model_gets_its_own_preprocessing(network):
    images = random_images(1, 8, 8, 3)
    plain = FeatureExtractor(network, taps="first")(1.0 - images)
    prepared = FeatureExtractor(network, taps="first", preprocess=lambda x: 1.0 - x)(images)
    np.testing.assert_allclose(array(plain["first"]), array(prepared["first"]), atol=1e-6)


def test_a_function_that_lists_its_taps():
    class Gray:
        taps = ("gray", "inverse")

        def __call__(self, images):
            gray = ops.mean(images, axis=-1, keepdims=True)
            return {"gray": gray, "inverse": 1.0 - gray, "unlisted": gray}

    images = random_images(1, 5, 6, 3)
    seen = FeatureExtractor(Gray())(images)
    assert tuple(seen) == ("gray", "inverse")
    np.testing.assert_allclose(array(seen["gray"])[..., 0], images.mean(-1), rtol=1e-5)


def test_an_unknown_tap_is_answered_with_those_there_are(network):
    with pytest.raises(ModelError, match=r"'relu9_1' is not known.*relu1_1.*relu4_1"):
        FeatureExtractor("random", taps=("relu1_1", "relu9_1"))
    with pytest.raises(ModelError, match=r"'everywhere' is not known.*first, rectify"):
        FeatureExtractor(network, taps="everywhere")
    with pytest.raises(ModelError, match=r"taps is empty.*relu1_1"):
        FeatureExtractor("random", taps=())


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(ModelError, match=r"'vgg16' is not known.*course, random, vgg19"):
        FeatureExtractor("vgg16")


@pytest.mark.parametrize("source", [None, 3, len])
def test_what_is_no_source_of_features(source):
    with pytest.raises(ModelError, match="features are read from"):
        FeatureExtractor(source)


def test_a_model_without_feature_maps():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ModelError, match="no layers with feature maps"):
        FeatureExtractor(model)


@pytest.mark.parametrize(
    ("tap", "smallest"), [("relu1_1", 2), ("relu2_1", 4), ("relu3_1", 8), ("relu4_1", 16)]
)
def test_an_image_must_be_large_enough_for_the_deepest_tap(tap, smallest):
    extractor = FeatureExtractor("random", taps=("relu1_1", tap))
    assert extractor.smallest == smallest
    assert extractor(random_images(1, smallest, 20, 3))[tap].shape[1] == 2
    with pytest.raises(ModelError, match=rf"{smallest - 1} x 20 .* at least {smallest}"):
        extractor(random_images(1, smallest - 1, 20, 3))


def test_the_smallest_image_of_a_keras_model_is_found_out(network):
    assert FeatureExtractor(network, taps="first").smallest == 2
    deep = FeatureExtractor(network)
    assert deep.smallest == 8
    with pytest.raises(ModelError, match="at least 8"):
        deep(random_images(1, 7, 30, 3))


@pytest.mark.parametrize("shape", [(16, 16, 3), (1, 16, 16, 1), (1, 16, 16)])
def test_what_is_no_batch_of_images(shape):
    with pytest.raises(ModelError, match=r"a batch \(batch, height, width, 3\)"):
        FeatureExtractor("random")(random_images(*shape))


def test_vgg19_without_a_connection_says_what_else_there_is(monkeypatch):
    def refuse(**options):
        raise OSError("no route to host")

    monkeypatch.setattr("keras.applications.VGG19", refuse)
    with pytest.raises(ModelError, match=r"no route to host.*'course'"):
        FeatureExtractor("vgg19")


@pytest.mark.slow
def test_vgg19_has_the_field_s_names_for_all_its_layers(monkeypatch):
    untrained = features.load_vgg19(weights=None)
    monkeypatch.setattr(features, "load_vgg19", lambda: untrained)
    extractor = FeatureExtractor("vgg19", taps=("relu4_2", "relu1_2"))
    assert len(extractor.available) == 16
    assert {"relu3_4", "relu5_1", "relu5_4"} < set(extractor.available)
    images = random_images(1, 32, 32, 3)
    seen = extractor(images)
    assert [maps.shape for maps in seen.values()] == [(1, 4, 4, 512), (1, 32, 32, 64)]
    assert extractor.smallest == 16
    # keras.applications expects 0 to 255 in the order blue, green, red, less the mean color.
    prepared = 255 * images[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32")
    by_hand = keras.Model(untrained.input, untrained.get_layer("block1_conv2").output)(prepared)
    np.testing.assert_allclose(array(seen["relu1_2"]), array(by_hand), rtol=1e-3, atol=1e-2)
