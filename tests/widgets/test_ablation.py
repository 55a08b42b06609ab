"""The ablation lab: each control leaves out what it says, and the numbers tell."""

import numpy as np
import pytest
from keras import ops

from course_lib import collection, metrics, statistics, widgets
from course_lib.features import FeatureExtractor
from course_lib.widgets.ablation import ALL, WHOLE, narrowed
from tests.widgets.samples import is_clean, opened, values_of

SETTINGS = WHOLE | {"style": "impressionist"}


@pytest.fixture(scope="module")
def lab():
    return widgets.ablation_lab(size=64)


@pytest.mark.slow
def test_every_control_over_its_range(lab):
    first, shown_first = lab.settings, lab.image.value
    assert list(first) == ["style", "normalize", "tap", "numbers", "untrained"]
    for name, control in lab.controls.items():
        shown = set()
        for value in list(values_of(control))[:6]:
            control.value = value
            assert is_clean(lab), f"{name} = {value}: {lab.line.value}"
            shown.add(lab.image.value)
        assert len(shown) > 1, f"{name} changes nothing"
        lab.change(**first)
    assert lab.image.value == shown_first
    assert opened(lab).size > 0


def test_it_has_labels_words_and_stills(lab):
    assert all(control.description for control in lab.controls.values())
    text = repr(lab)
    assert 20 < len(text) <= 110 and not any(letter.isdigit() for letter in text)
    stills = lab.stills()
    assert len(stills) == 3 and len(lab.still_words) > 60
    assert all("style" in title and "content" in title for title in stills)


def test_the_whole_method_is_adain_at_one_tap(lab):
    style = collection.style_image("impressionist", size=64)
    content, wanted = (lab.autoencoder.encode(one[None])["relu3_1"] for one in (lab.content, style))
    code = ops.relu(statistics.adain(content, *statistics.channel_statistics(wanted)))
    drawn = lab.autoencoder.decode(code, tap="relu3_1", size=lab.content.shape[:2])
    np.testing.assert_allclose(lab.transferred(SETTINGS), ops.convert_to_numpy(drawn)[0], atol=1e-4)


def test_without_normalization_the_content_s_statistics_stay(lab):
    style = collection.style_image("impressionist", size=64)
    content, wanted = (lab.autoencoder.encode(one[None])["relu3_1"] for one in (lab.content, style))
    mean, std = statistics.channel_statistics(wanted)
    code = ops.relu(content * std + mean)
    drawn = lab.autoencoder.decode(code, tap="relu3_1", size=lab.content.shape[:2])
    image = lab.transferred(SETTINGS | {"normalize": False})
    np.testing.assert_allclose(image, ops.convert_to_numpy(drawn)[0], atol=1e-4)


def test_so_many_numbers_are_left_at_each_position():
    code = np.random.default_rng(0).normal(size=(1, 9, 8, 7)).astype("float32")
    for count in (1, 3):
        left = narrowed(code, count).reshape(72, 7)
        assert np.linalg.matrix_rank(left - left.mean(axis=0), tol=1e-4) == count
    np.testing.assert_allclose(narrowed(code, 7), code, atol=1e-5)


def test_untrained_goes_from_the_course_s_encoder_to_a_random_one(lab):
    for share, name in ((0.0, "course"), (1.0, "random")):
        found = lab.codes("impressionist", share)[0]["relu2_1"]
        wanted = FeatureExtractor(name)(lab.content[None])["relu2_1"]
        np.testing.assert_allclose(
            ops.convert_to_numpy(found), ops.convert_to_numpy(wanted), atol=1e-4
        )


def test_the_numbers_are_those_of_the_metrics_and_fall(lab):
    style = collection.style_image("impressionist", size=64)
    whole = lab.judged(lab.transferred(SETTINGS), "impressionist")
    image = lab.transferred(SETTINGS)
    assert whole[0] == pytest.approx(metrics.style_moved(image, lab.content, style))
    assert whole[1] == pytest.approx(metrics.content_kept(image, lab.content))
    for change in ({"normalize": False}, {"numbers": 1}, {"untrained": 1.0}):
        found = lab.judged(lab.transferred(SETTINGS | change), "impressionist")
        assert found[0] < whole[0] - 0.1, change
    lab.change(numbers=1)
    assert f"whole method {whole[0]:.2f}" in lab.line.value
    lab.change(numbers=ALL)
