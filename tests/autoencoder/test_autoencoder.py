import itertools
import json
import pickle

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from course_lib import byhand
from course_lib.autoencoder import (
    TAPS,
    Autoencoder,
    Decoder,
    Encoder,
    PaintingDecoder,
    double,
    half,
    load_model,
    make_even,
    max_pool_with_switches,
    save_model,
    tap_names,
    unpool,
)
from course_lib.autoencoder.storage import FORMAT
from course_lib.errors import ModelError
from course_lib.losses import reconstruction_loss
from course_lib.statistics import channel_statistics

COMBINATIONS = [
    (pooling, upsampling)
    for pooling, upsampling in itertools.product(
        ("average", "max"), ("nearest", "bilinear", "transposed", "unpool")
    )
    if pooling == "max" or upsampling != "unpool"
]


def random_images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype="float32")


def array(tensor):
    return ops.convert_to_numpy(tensor)


def randomized(model, seed=0):
    """The model with biases and zero-initialized kernels random too, so that all weights matter."""
    generator = np.random.default_rng(seed)
    model.set_weights(
        [generator.normal(0, 0.2, weight.shape).astype("float32") for weight in model.weights]
    )
    return model


@pytest.fixture(scope="module")
def small():
    return randomized(Autoencoder((4, 6, 8, 10)))


@pytest.fixture(scope="module")
def painter():
    decoder = PaintingDecoder((4, 6, 8, 10), blocks=2, embedding=5)
    decoder.build()
    return randomized(decoder)


# --- every option ----------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 4, 5])
@pytest.mark.parametrize(("pooling", "upsampling"), COMBINATIONS)
def test_every_combination_of_options_gives_an_image_of_the_same_size(pooling, upsampling, depth):
    model = Autoencoder((4, 5, 6, 7, 8)[:depth], pooling=pooling, upsampling=upsampling)
    images = random_images(2, 23, 30, 3)

    for tap in model.taps:
        reconstruction = array(model.reconstruct(images, tap))
        assert reconstruction.shape == images.shape
        assert reconstruction.min() >= 0 and reconstruction.max() <= 1
    assert array(model(images)).shape == images.shape


@pytest.mark.parametrize(("pooling", "upsampling"), COMBINATIONS)
def test_every_combination_learns_more_than_the_mean_color(pooling, upsampling):
    keras.utils.set_random_seed(0)
    model = Autoencoder((6, 8), pooling=pooling, upsampling=upsampling)
    model.compile(keras.optimizers.Adam(0.01), loss=reconstruction_loss, jit_compile=False)
    images = random_images(2, 3, 4, 3).repeat(6, axis=1).repeat(5, axis=2)
    mean_color = images.mean((1, 2), keepdims=True) + np.zeros_like(images)
    for _ in range(60):
        model.train_on_batch(images, images)
    left = float(reconstruction_loss(images, model(images)))
    assert left < 0.5 * float(reconstruction_loss(images, mean_color))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="how TensorFlow traces")
def test_a_training_step_is_traced_once():
    traced = []

    def loss(images, reconstruction):
        traced.append(images.shape)
        return reconstruction_loss(images, reconstruction)

    model = Autoencoder((4, 5))
    model.compile(keras.optimizers.Nadam(), loss=loss, jit_compile=False)
    images = random_images(4, 16, 16, 3)
    model.fit(images, images, batch_size=2, epochs=2, verbose=0)
    assert len(traced) == 1


def test_a_training_before_compile_is_refused_as_keras_does():
    images = random_images(2, 16, 16, 3)
    with pytest.raises(ValueError, match="compile"):
        Autoencoder((4, 5)).fit(images, images)


def test_the_two_poolings_differ():
    images = random_images(1, 16, 16, 3)
    average, largest = Encoder((4, 6), pooling="average"), Encoder((4, 6), pooling="max")
    average.build(), largest.build()
    largest.set_weights(average.get_weights())
    a, b = average(images), largest(images)
    np.testing.assert_array_equal(array(a["relu1_1"]), array(b["relu1_1"]))
    assert np.abs(array(a["relu2_1"]) - array(b["relu2_1"])).max() > 0.01


def test_default_architecture_keeps_the_promised_size():
    model = Autoencoder()
    assert model.taps == TAPS == ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
    painter = PaintingDecoder()
    painter.build()
    assert model.encoder.count_params() + model.decoder.count_params() == model.count_params()
    assert model.count_params() + painter.count_params() <= 1_200_000


def test_dense_bottleneck_makes_a_vector():
    model = Autoencoder((4, 6), encoding_dim=5, image_size=(17, 20))
    images = random_images(3, 17, 20, 3)
    features = model.encode(images)
    assert model.taps == ("relu1_1", "relu2_1", "code")
    assert tuple(features) == model.taps
    assert array(features["code"]).shape == (3, 5)
    for tap in model.taps:
        assert array(model.reconstruct(images, tap)).shape == images.shape
    from_code = model.decode(features["code"])
    np.testing.assert_array_equal(array(from_code), array(model.reconstruct(images)))


def test_nothing_but_the_code_passes_a_dense_bottleneck():
    model = randomized(Autoencoder((4, 6), encoding_dim=2, image_size=(16, 16)))
    a, b = random_images(2, 1, 16, 16, 3)
    code_a, code_b = model.encode(a)["code"], model.encode(b)["code"]
    assert np.abs(array(code_a) - array(code_b)).max() > 1e-4
    np.testing.assert_array_equal(array(model.decode(code_a)), array(model.reconstruct(a)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pooling": "median"}, "pooling='median'.*'average', 'max'"),
        ({"upsampling": "cubic"}, "upsampling='cubic'.*'nearest'"),
        ({"upsampling": "unpool"}, "needs pooling='max'"),
        ({"encoding_dim": 8}, "image_size="),
        ({"channels": ()}, "one number of 1 or more per level"),
        ({"channels": (8, 0)}, "one number of 1 or more per level"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Autoencoder(**options)


# --- sizes -----------------------------------------------------------------------------------


@settings(max_examples=25)
@given(height=st.integers(16, 70), width=st.integers(16, 70), tap=st.sampled_from(TAPS))
def test_output_has_the_size_of_the_input(small, height, width, tap):
    images = random_images(1, height, width, 3)
    features = small.encode(images)
    for number, (name, width_of_tap) in enumerate(zip(TAPS, (4, 6, 8, 10), strict=True)):
        rounded_up = (-(-height // 2**number), -(-width // 2**number))
        assert array(features[name]).shape == (1, *rounded_up, width_of_tap)
    assert array(small.reconstruct(images, tap)).shape == images.shape


@settings(max_examples=12)
@given(height=st.integers(16, 70), width=st.integers(16, 70))
def test_unpooling_and_painting_keep_every_size_too(unpooling, painter, small, height, width):
    images = random_images(1, height, width, 3)
    assert array(unpooling.reconstruct(images)).shape == images.shape
    features = small.encode(images)
    painted = painter(features["relu3_1"], painter.targets(features), size=(height, width))
    assert array(painted).shape == images.shape


@pytest.fixture(scope="module")
def unpooling():
    return Autoencoder((4, 6, 8, 10), pooling="max", upsampling="unpool")


@settings(max_examples=10)
@given(height=st.integers(16, 40), width=st.integers(16, 40), tap=st.sampled_from(TAPS))
def test_decoding_the_code_is_reconstructing(small, height, width, tap):
    images = random_images(2, height, width, 3)
    features = small.encode(images)[tap]
    decoded = small.decode(features, tap, size=(height, width))
    np.testing.assert_array_equal(array(decoded), array(small.reconstruct(images, tap)))


def test_decoding_without_a_size_doubles_at_each_level(small):
    features = random_images(1, 3, 5, 10)
    assert array(small.decode(features)).shape == (1, 24, 40, 3)


def test_images_of_a_batch_do_not_see_each_other(small):
    images = random_images(2, 20, 20, 3)
    together = array(small.reconstruct(images))
    alone = array(small.reconstruct(images[:1]))
    np.testing.assert_allclose(together[:1], alone, atol=1e-5)


def test_reconstruct_is_clipped_and_call_is_not():
    model = Autoencoder((4,))
    model.decoder.set_weights([10 * weight for weight in model.decoder.get_weights()])
    images = random_images(1, 16, 16, 3)
    raw, shown = array(model(images)), array(model.reconstruct(images))
    assert raw.max() > 1 and raw.min() < 0
    np.testing.assert_array_equal(shown, raw.clip(0, 1))


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((32, 32, 3)), r"\(32, 32, 3\).*to_batch"),
        (np.zeros((1, 32, 32, 1)), r"\(1, 32, 32, 1\)"),
        (np.zeros((1, 15, 64, 3)), "15 x 64 pixels are too small.*at least 16"),
    ],
)
def test_batches_that_are_none_are_refused(small, images, words):
    with pytest.raises(ValueError, match=words):
        small.encode(images)
    with pytest.raises(ValueError, match=words):
        small.reconstruct(images)


def test_a_deep_encoder_asks_for_a_larger_image():
    model = Autoencoder((4, 4, 4, 4, 4, 4))
    with pytest.raises(ValueError, match="at least 33"):
        model.encode(random_images(1, 32, 64, 3))
    assert array(model.reconstruct(random_images(1, 33, 64, 3))).shape == (1, 33, 64, 3)


def test_dense_bottleneck_refuses_another_size():
    model = Autoencoder((4, 6), encoding_dim=5, image_size=(16, 20))
    with pytest.raises(ValueError, match=r"images of \(16, 20\), not \(20, 16\)"):
        model.encode(random_images(1, 20, 16, 3))


@pytest.mark.parametrize(
    ("shape", "tap", "size", "words"),
    [
        ((1, 4, 4, 8), "relu4_1", None, r"\(1, 4, 4, 8\) cannot be those of relu4_1.*any, any, 10"),
        ((4, 4, 10), "relu4_1", None, r"\(4, 4, 10\)"),
        ((1, 4, 4, 10), "relu4_1", (33, 32), "image of 33 x 32.*5, 4, 10"),
        ((1, 4, 4, 10), "relu9_1", None, "relu9_1.*'relu1_1', 'relu2_1'"),
    ],
)
def test_features_that_do_not_fit_are_refused(small, shape, tap, size, words):
    with pytest.raises(ValueError, match=words):
        small.decode(np.zeros(shape, "float32"), tap, size=size)


def test_unpooling_from_a_code_alone_is_refused(unpooling):
    code = unpooling.encode(random_images(1, 16, 16, 3))["relu4_1"]
    with pytest.raises(ValueError, match="where the maxima stood"):
        unpooling.decode(code)


# --- pooling, un-pooling, upsampling ----------------------------------------------------------


def test_unpooling_puts_known_values_back():
    image = np.array(
        [[1, 2, 5, 5], [3, 0, 5, 1], [0, 0, -4, -2], [0, 7, -3, -9]], "float32"
    ).reshape(1, 4, 4, 1)
    pooled, switches = max_pool_with_switches(image)
    np.testing.assert_array_equal(array(pooled)[0, ..., 0], [[3, 5], [7, -2]])
    np.testing.assert_array_equal(array(switches)[0, ..., 0], [[2, 0], [3, 1]])
    np.testing.assert_array_equal(
        array(unpool(pooled, switches))[0, ..., 0],
        [[0, 0, 5, 0], [3, 0, 0, 0], [0, 0, 0, -2], [0, 7, 0, 0]],
    )


@settings(max_examples=20)
@given(rows=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 99))
def test_pooling_and_unpooling_agree_with_those_by_hand(rows, columns, seed):
    features = np.random.default_rng(seed).normal(size=(2, 2 * rows, 2 * columns, 3))
    features = features.astype("float32")
    pooled, switches = max_pool_with_switches(features)
    restored = unpool(pooled, switches)
    for number, one in enumerate(features):
        expected, places = byhand.max_pool(one)
        np.testing.assert_array_equal(array(pooled)[number], expected)
        np.testing.assert_array_equal(array(switches)[number], places)
        np.testing.assert_array_equal(array(restored)[number], byhand.unpool(expected, places))


@settings(max_examples=20)
@given(height=st.integers(1, 9), width=st.integers(1, 9))
def test_odd_maps_are_made_even_by_repeating_their_last_line(height, width):
    features = random_images(1, height, width, 2)
    even = array(make_even(features))
    assert even.shape == (1, 2 * half(height), 2 * half(width), 2)
    np.testing.assert_array_equal(
        even, np.pad(features, [(0, 0), (0, height % 2), (0, width % 2), (0, 0)], mode="edge")
    )


@settings(max_examples=20)
@given(height=st.integers(1, 12), width=st.integers(1, 12), channels=st.integers(1, 3))
def test_double_is_bilinear_upsampling(height, width, channels):
    features = random_images(2, height, width, channels)
    expected = keras.layers.UpSampling2D(2, interpolation="bilinear")(features)
    np.testing.assert_allclose(array(double(features)), array(expected), atol=1e-6)


def test_borders_are_mirrored_not_black():
    """An image of one color stays one color: zero padding would darken its frame."""
    model = randomized(Autoencoder((4, 6), upsampling="nearest"))
    reconstruction = array(model(np.full((1, 16, 16, 3), 0.7, "float32")))
    assert np.ptp(reconstruction, axis=(1, 2)).max() < 1e-5


# --- painting --------------------------------------------------------------------------------


def test_the_targets_decide_what_is_painted(small, painter):
    content = small.encode(random_images(1, 24, 24, 3, seed=1))
    style = small.encode(0.2 * random_images(1, 40, 32, 3, seed=2))
    own = array(painter(content["relu3_1"], painter.targets(content)))
    other = array(painter(content["relu3_1"], painter.targets(style)))
    assert own.shape == other.shape == (1, 24, 24, 3)
    assert np.abs(own - other).max() > 0.01


def test_a_site_asks_for_its_level_s_statistics_when_nothing_is_corrected(small):
    decoder = PaintingDecoder((4, 6, 8, 10), blocks=2, embedding=5)
    decoder.build()
    features = small.encode(random_images(2, 24, 24, 3))
    targets = decoder.targets(features)
    taps = ["relu3_1"] * 3 + ["relu2_1"] * 2 + ["relu1_1"] * 2
    for target, tap in zip(targets, taps, strict=True):
        for asked, measured in zip(target, channel_statistics(features[tap]), strict=True):
            np.testing.assert_array_equal(array(asked), array(measured))


def test_corrections_see_the_statistics_of_all_taps(small, painter):
    features = small.encode(random_images(1, 24, 24, 3))
    before = painter.targets(features)
    after = painter.targets(features | {"relu4_1": features["relu4_1"] + 1.0})
    for one, two in zip(before, after, strict=True):
        assert np.abs(array(one[0]) - array(two[0])).max() > 0


def test_injection_at_the_entry_only_ignores_the_finer_targets(small):
    decoder = PaintingDecoder((4, 6, 8, 10), blocks=1, embedding=5, all_levels=False)
    decoder.build()
    features = small.encode(random_images(1, 24, 24, 3))
    targets = decoder.targets(features)
    changed = targets[:1] + [(mean + 1.0, 2.0 * std) for mean, std in targets[1:]]
    entry = features["relu3_1"]
    np.testing.assert_array_equal(array(decoder(entry, targets)), array(decoder(entry, changed)))
    elsewhere = [(targets[0][0] + 1.0, targets[0][1]), *targets[1:]]
    assert np.abs(array(decoder(entry, targets)) - array(decoder(entry, elsewhere))).max() > 1e-4


def test_painting_needs_two_levels():
    with pytest.raises(ValueError, match="2 levels or more"):
        PaintingDecoder((8,))


# --- files -----------------------------------------------------------------------------------

SAVED = [
    {"channels": (4, 6)},
    {"channels": (4, 6), "pooling": "max", "upsampling": "unpool"},
    {"channels": (4, 6, 8), "upsampling": "transposed"},
    {"channels": (4, 6), "encoding_dim": 3, "image_size": (16, 18)},
]


@pytest.mark.parametrize("options", SAVED, ids=str)
def test_what_was_saved_comes_back(tmp_path, options):
    model = randomized(Autoencoder(**options))
    model.save(tmp_path / "weights.npz")
    again = Autoencoder.load(tmp_path / "weights.npz")

    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    for before, after in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before.astype("float16").astype("float32"), after)
    images = random_images(1, 16, 18, 3)
    difference = array(model.reconstruct(images)) - array(again.reconstruct(images))
    assert np.abs(difference).max() < 1 / 255
    assert [path.name for path in tmp_path.iterdir()] == ["weights.npz"]


@pytest.mark.parametrize("kind", [Encoder, Decoder, PaintingDecoder])
def test_each_part_can_be_stored_alone_and_exactly(tmp_path, kind):
    model = kind((4, 6))
    model.build()
    randomized(model)
    save_model(model, tmp_path / "part.npz", dtype="float32")
    again = load_model(tmp_path / "part.npz", kind)
    for before, after in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_saving_again_replaces_the_file(tmp_path):
    path = tmp_path / "weights.npz"
    Autoencoder((4,)).save(path)
    changed = randomized(Autoencoder((5,)), seed=1)
    changed.save(path)
    assert Autoencoder.load(path).encoder.channels == (5,)


def test_a_save_that_fails_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    path = tmp_path / "weights.npz"
    model = Autoencoder((4,))
    model.save(path)
    before = path.read_bytes()

    def disk_is_full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        model.save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.npz"]


@pytest.mark.parametrize("options", SAVED, ids=str)
def test_keras_format_is_read_back_in_safe_mode(tmp_path, options):
    model = randomized(Autoencoder(**options))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert isinstance(again, Autoencoder)
    images = random_images(1, 16, 18, 3)
    np.testing.assert_array_equal(
        array(model.reconstruct(images)), array(again.reconstruct(images))
    )


def test_painting_decoder_too_goes_through_the_keras_format(tmp_path, painter):
    painter.save(tmp_path / "painter.keras")
    again = keras.saving.load_model(tmp_path / "painter.keras", safe_mode=True)
    for before, after in zip(painter.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Autoencoder.load(tmp_path / "nowhere.npz")


@pytest.fixture
def stored(tmp_path):
    """A good file, and a function that writes its content back with changes."""
    good = tmp_path / "good.npz"
    randomized(Autoencoder((4, 6))).save(good)
    with np.load(good) as content:
        arrays = {name: content[name] for name in content.files}

    def write(changes):
        np.savez(tmp_path / "changed.npz", **(arrays | changes))
        return tmp_path / "changed.npz"

    write.good = good
    return write


def described(**changes):
    config = {"channels": [4, 6], "pooling": "average", "upsampling": "nearest"}
    head = {"format": FORMAT, "class": "Autoencoder", "config": config} | changes
    return {"config": np.array(json.dumps(head))}


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the file's pickle was run",))


FAULTS = {
    "another class": described(**{"class": "Decoder"}),
    "another format": described(format="course autoencoder 0"),
    "no format": {"config": np.array("{}")},
    "no description": {"config": np.array("not JSON")},
    "a list for a description": {"config": np.array("[1, 2]")},
    "a number for a configuration": described(config=3),
    "an option that is none": described(config={"depth": 3}),
    "a value that is none": described(config={"channels": [4, 6], "pooling": "median"}),
    "no levels": described(config={"channels": []}),
    "other channels": described(config={"channels": [4, 7]}),
    "more levels": described(config={"channels": [4, 6, 8]}),
    "fewer levels": described(config={"channels": [4]}),
    "one array more": {"999": np.zeros(3, "float16")},
    "another shape": {"000": np.zeros((3, 3, 3, 5), "float16")},
    "a weight that is no number": {"001": np.full(4, np.nan, "float16")},
    "an infinite weight": {"001": np.full(4, np.inf, "float16")},
    "text for weights": {"001": np.array(list("abcd"))},
    "a pickled weight": {"001": np.array([Bomb()] * 4, dtype=object)},
    "a pickled description": {"config": np.array([Bomb()], dtype=object)},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_with_wrong_content_is_refused(stored, fault):
    path = stored(FAULTS[fault])
    with pytest.raises(ModelError, match=r"changed\.npz"):
        Autoencoder.load(path)


def test_the_unchanged_content_is_accepted(stored):
    assert Autoencoder.load(stored({})).encoder.channels == (4, 6)
    assert Autoencoder.load(stored(described())).encoder.channels == (4, 6)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"weights, honestly",
        b"PK\x03\x04 and then nothing",
        pickle.dumps(Bomb()),
        pickle.dumps({"config": 1}),
    ],
    ids=["empty", "text", "half a zip", "pickle that acts", "pickle"],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "weights.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a file of weights"):
        Autoencoder.load(path)


def test_a_lone_array_and_a_folder_are_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    for path in (tmp_path / "array.npy", tmp_path):
        with pytest.raises(ModelError, match="not a file of weights"):
            Autoencoder.load(path)


@settings(max_examples=40)
@given(data=st.data())
def test_a_truncated_or_flipped_file_is_refused_or_harmless(tmp_path_factory, data):
    """A flipped bit may hit a byte that nobody reads; it must never give other weights."""
    folder = tmp_path_factory.mktemp("damaged")
    model = randomized(Autoencoder((4,)))
    model.save(folder / "good.npz")
    content = bytearray((folder / "good.npz").read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    (folder / "bad.npz").write_bytes(content)
    try:
        damaged = Autoencoder.load(folder / "bad.npz")
    except ModelError:
        return
    for before, after in zip(model.get_weights(), damaged.get_weights(), strict=True):
        np.testing.assert_array_equal(before.astype("float16").astype("float32"), after)


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packing unknown"])
def test_a_flipped_bit_that_misleads_zipfile_is_damage(tmp_path, at, value):
    """In the directory at the end of the archive: 8 bytes from a mark are flags, 10 the method."""
    path = tmp_path / "model.npz"
    randomized(Autoencoder((4,))).save(path)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + at] = value
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a file of weights"):
        Autoencoder.load(path)


# --- the table of shapes ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [*SAVED, {}], ids=str)
def test_summary_table_adds_up(options):
    model = Autoencoder(**options)
    lines = model.summary_table(size=model.image_size or (96, 64)).splitlines()
    counts = [int(line.split()[-1].replace(",", "")) for line in lines[1:]]
    assert sum(counts[:-1]) == counts[-1] == model.count_params()
    assert all(len(line) == len(lines[0]) for line in lines)


def test_summary_table_says_the_shapes():
    table = Autoencoder((4, 6)).summary_table(size=(33, 20))
    rows = [line.split() for line in table.splitlines()]
    assert rows[1] == ["encoder", "conv1_1", "33", "x", "20", "x", "4", "112"]
    assert rows[3] == ["encoder", "conv2_1", "17", "x", "10", "x", "6", "222"]
    assert rows[-2] == ["decoder", "conv1_1", "33", "x", "20", "x", "3", "111"]


def test_tap_names():
    assert tap_names(2) == ("relu1_1", "relu2_1")
