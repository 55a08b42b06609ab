"""Painting from coarse to fine: sizes of the passes, detail, strokes that belong to the image."""

import numpy as np
import pytest

from course_lib import collection, images
from course_lib.errors import TransferError
from course_lib.metrics import psnr, ssim
from course_lib.transfer import FeatureTransfer, StyleCode, strokes
from course_lib.transfer.strokes import pass_sizes, with_detail


@pytest.fixture(scope="module")
def adain():
    return FeatureTransfer()


@pytest.fixture(scope="module")
def style():
    return collection.style_image("stained_glass", size=256)


def drafts(monkeypatch, side):
    """Paint drafts of so many pixels, and at once what is hardly larger."""
    monkeypatch.setattr(strokes, "DRAFT", side)
    monkeypatch.setattr(strokes, "WHOLE", 1.4 * side)


@pytest.mark.parametrize(
    ("size", "stroke", "expected"),
    [
        ((512, 512), "fine", [(512, 512)]),
        ((512, 512), "medium", [(180, 180), (304, 304), (512, 512)]),
        ((512, 512), "large", [(90, 90), (161, 161), (287, 287), (512, 512)]),
        ((512, 512), 2, [(90, 90), (161, 161), (287, 287), (512, 512)]),
        ((360, 270), "medium", [(360, 270)]),
        ((270, 361), 1.0, [(135, 180), (270, 361)]),
        ((180, 90), "large", [(180, 90)]),
        ((160, 320), "medium", [(160, 320)]),
        (
            (2048, 4096),
            "medium",
            [(90, 180), (168, 336), (314, 628), (587, 1174), (1096, 2193), (2048, 4096)],
        ),
    ],
)
def test_each_pass_is_twice_as_large_and_the_draft_is_the_same_for_all(size, stroke, expected):
    assert pass_sizes(size, stroke) == expected


@pytest.mark.parametrize("stroke", ["huge", 0, -1, float("nan"), None, "2"])
def test_a_stroke_that_cannot_be_is_refused(adain, style, stroke):
    with pytest.raises(TransferError, match="'fine', 'medium', 'large'"):
        adain(collection.photograph("coffee", size=32), style, stroke=stroke)


def test_a_copy_in_which_nothing_has_changed_is_the_content():
    content = collection.photograph("chelsea", size=96)
    before = images.resize(content, 48)
    np.testing.assert_allclose(with_detail(before, before, content), content, atol=1e-6)
    # What is painted is added, and not what lies under it once more.
    brighter = with_detail(before + 0.1, before, np.clip(content, 0, 0.8))
    np.testing.assert_allclose(brighter, np.clip(content, 0, 0.8) + 0.1, atol=1e-5)
    half = with_detail(before + 0.1, before, np.clip(content, 0, 0.8), share=0.5)
    np.testing.assert_allclose(half, np.clip(content, 0, 0.8) + 0.05, atol=1e-5)


def coarse(image, factor):
    height, width, _ = image.shape
    return image.reshape(height // factor, factor, width // factor, factor, 3).mean((1, 3))


def test_strokes_belong_to_the_image_and_not_to_its_pixels(adain, style, monkeypatch):
    """The same photograph at twice the size gives the same painting; in one pass it does not."""
    drafts(monkeypatch, 96)
    large = collection.photograph("coffee", size=384)[:256]
    small = images.resize(large, (128, 192))
    alike = {}
    for stroke in ("fine", "medium"):
        paintings = [adain(one, style, stroke=stroke) for one in (small, large)]
        alike[stroke] = ssim(*(coarse(one, len(one) // 64) for one in paintings))
    # Of what differs, half is gone: fine strokes still lie differently.
    assert 1 - alike["medium"] < 0.55 * (1 - alike["fine"])


def test_larger_strokes_change_larger_forms(adain, style, monkeypatch):
    drafts(monkeypatch, 96)
    content = collection.photograph("coffee", size=192)[:128]
    fine, large = (adain(content, style, stroke=stroke) for stroke in ("fine", "large"))
    moved = [np.abs(coarse(one, 8) - coarse(content, 8)).mean() for one in (fine, large)]
    assert moved[1] > 1.05 * moved[0]


@pytest.mark.parametrize("method", ["adain", "wct"])
def test_strength_0_keeps_the_content_in_several_passes(style, method, monkeypatch):
    drafts(monkeypatch, 48)
    transfer = FeatureTransfer(method)
    content = collection.photograph("coffee", size=96)
    kept = transfer(content, style, strength=0.0)
    painted = transfer(content, style)
    assert kept.shape == content.shape
    assert np.abs(kept - content).mean() < 0.4 * np.abs(painted - content).mean()


@pytest.mark.parametrize("method", ["adain", "wct"])
def test_where_nothing_is_changed_several_passes_lose_no_more_than_one(method, monkeypatch):
    drafts(monkeypatch, 128)
    transfer = FeatureTransfer(method, grain=0.0)
    content = collection.photograph("coffee", size=256)
    once, several = (
        transfer(content, content, strength=0.0, stroke=stroke) for stroke in ("fine", "medium")
    )
    np.testing.assert_allclose(several, once, atol=1e-4)
    once, several = (transfer(content, content, stroke=stroke) for stroke in ("fine", "medium"))
    assert psnr(content, several) > psnr(content, once) - 1.0


def test_what_is_prepared_paints_what_a_call_paints(adain, style, monkeypatch):
    drafts(monkeypatch, 48)
    content = collection.photograph("coffee", size=96)
    prepared = adain.prepare(content, style)
    for strength in (1.0, 0.5):
        again = adain.apply(prepared, strength=strength)
        np.testing.assert_allclose(again, adain(content, style, strength=strength), atol=1e-5)


@pytest.mark.parametrize("method", ["adain", "wct"])
def test_tiles_paint_the_same_in_several_passes_at_half_strength(style, method, monkeypatch):
    """What a later pass starts from has statistics of its own; strength 0 asks for others."""
    drafts(monkeypatch, 48)
    content = collection.photograph("coffee", size=96)
    whole, tiled = (
        FeatureTransfer(method, tile=tile)(content, style, strength=0.5) for tile in (None, 32)
    )
    assert np.abs(tiled - whole).max() < 1 / 255


def test_a_code_without_statistics_of_its_own_is_made_anew_where_they_count(adain, style):
    content = collection.photograph("coffee", size=64)
    bare = adain.content_code(content, measured=False)
    assert bare.own is None
    for strengths in ({}, {"tap_strength": {"relu1_1": 0.0}}):
        from_code = adain(bare, style, **strengths)
        np.testing.assert_allclose(from_code, adain(content, style, **strengths), atol=1e-5)


def test_a_saved_style_has_its_smaller_copies(adain, style, tmp_path, monkeypatch):
    drafts(monkeypatch, 128)
    content = collection.photograph("coffee", size=256)
    code = adain.style_code(style)
    assert list(code.smaller) == [128] and code.side == 256
    code.save(tmp_path / "style.npz")
    again = StyleCode.load(tmp_path / "style.npz")
    assert list(again.smaller) == [128] and again.at(100).measured.keys() == code.measured.keys()
    np.testing.assert_allclose(adain(content, again), adain(content, code), atol=1e-5)
