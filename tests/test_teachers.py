import functools

import numpy as np
import pytest
from keras import ops

from course_lib import byhand, features
from course_lib.errors import ModelError
from course_lib.teachers import DistilledTeacher, load_teacher
from tests.training.small_training import smooth_image, write_teacher

TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")


def array(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def path(tmp_path):
    return write_teacher(tmp_path / "teacher.npz")


@pytest.fixture
def batch():
    return smooth_image(32, 40, seed=0)[None]


def by_hand(path, image):
    """The documented forward pass in plain NumPy, up to the tap relu2_1."""
    stored = np.load(path)

    def convolve(x, name):
        kernel = stored[f"{name}.weight"].transpose(2, 3, 1, 0)
        if kernel.shape[0] == 3:
            x = np.pad(x, [(1, 1), (1, 1), (0, 0)], mode="reflect")
        rows, columns = (x.shape[k] - kernel.shape[k] + 1 for k in (0, 1))
        total = sum(
            x[i : i + rows, j : j + columns] @ kernel[i, j] for i, j in np.ndindex(kernel.shape[:2])
        )
        return total + stored[f"{name}.bias"]

    first = np.maximum(convolve(convolve(image, "conv0"), "conv11"), 0)
    pooled, _ = byhand.max_pool(np.maximum(convolve(first, "conv12"), 0))
    return first, np.maximum(convolve(pooled, "conv21"), 0)


def test_a_distilled_teacher_computes_what_its_format_says(path, batch):
    seen = DistilledTeacher(path)(batch)
    assert tuple(seen) == TAPS
    assert [array(maps).shape for maps in seen.values()] == [
        (1, 32, 40, 3),
        (1, 16, 20, 4),
        (1, 8, 10, 5),
        (1, 4, 5, 6),
    ]
    first, second = by_hand(path, batch[0])
    np.testing.assert_allclose(array(seen["relu1_1"])[0], first, atol=1e-5)
    np.testing.assert_allclose(array(seen["relu2_1"])[0], second, atol=1e-5)
    assert all(array(maps).min() >= 0 and array(maps).max() > 0 for maps in seen.values())


def test_a_teacher_can_be_read_by_the_feature_extractor(path, batch):
    extractor = features.FeatureExtractor(DistilledTeacher(path), taps="relu3_1")
    assert tuple(extractor(batch)) == ("relu3_1",)


def test_the_name_of_a_missing_file_is_said(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere\.npz: there is no such file.*vgg19"):
        load_teacher(tmp_path / "nowhere.npz")


def changed(path, **arrays):
    with np.load(path) as stored:
        kept = dict(stored) | arrays
    np.savez(path, **{name: value for name, value in kept.items() if value is not None})
    return path


def test_missing_layers_are_named(path):
    changed(path, **{"conv21.weight": None, "conv32.bias": None})
    with pytest.raises(ModelError, match="the layers conv21, conv32 are missing"):
        load_teacher(path)


@pytest.mark.parametrize(
    ("name", "shape"), [("conv12.weight", (3, 4, 3, 3)), ("conv41.bias", (7,))]
)
def test_arrays_that_do_not_fit_are_named(path, name, shape):
    with pytest.raises(ModelError, match=name.partition(".")[0]):
        load_teacher(changed(path, **{name: np.zeros(shape, "float32")}))


@pytest.mark.parametrize("damage", [b"", b"a teacher", None])
def test_a_damaged_file_is_refused(path, damage):
    path.write_bytes(path.read_bytes()[:500] if damage is None else damage)
    with pytest.raises(ModelError, match="cannot be read"):
        load_teacher(path)


def test_pickled_arrays_are_refused(path):
    with pytest.raises(ModelError, match="cannot be read"):
        load_teacher(changed(path, **{"conv11.bias": np.array([print] * 3, dtype=object)}))


@pytest.mark.slow
def test_vgg19_is_read_at_the_same_taps_with_its_own_preprocessing(monkeypatch, batch):
    without_download = functools.partial(features.load_vgg19, weights=None)
    monkeypatch.setattr(features, "load_vgg19", without_download)
    seen = load_teacher("vgg19")(batch)
    assert tuple(seen) == TAPS
    assert [array(maps).shape[1:] for maps in seen.values()] == [
        (32, 40, 64),
        (16, 20, 128),
        (8, 10, 256),
        (4, 5, 512),
    ]
    mean_bgr = [103.939, 116.779, 123.68]
    expected = 255 * batch[..., ::-1] - np.array(mean_bgr, "float32")
    np.testing.assert_allclose(array(features.vgg19_preprocess(batch)), expected, atol=1e-3)


def test_vgg19_that_cannot_be_downloaded_says_what_else_there_is(monkeypatch):
    def refuse(**options):
        raise OSError("no route to host")

    monkeypatch.setattr("keras.applications.VGG19", refuse)
    with pytest.raises(ModelError, match=r"no route to host.*path of a distilled teacher"):
        load_teacher("vgg19")
