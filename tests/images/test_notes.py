"""What an image file says besides its colors: transparency, camera, resolution, color profile."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import images
from course_lib.errors import ImageError
from course_lib.images import profiles
from tests.helpers import broken_images, image_files

NOISE = broken_images.noise()
CAMERA, MODEL, DATE, AUTHOR, GPS, CLOSER, TURN = (
    0x010F, 0x0110, 0x9003, 0x013B, 0x8825, 0x8769, 0x0112
)  # fmt: skip
SERIAL, MAKERS_NOTE, WIDTH = 0xA431, 0x927C, 0xA002


def photograph(format, image=NOISE, **options):
    """A file as a telephone writes it: turned, and with notes of all kinds."""
    exif = Image.Exif()
    exif[CAMERA], exif[MODEL], exif[AUTHOR], exif[TURN] = "Maker", "Model 1", "Somebody", 6
    exif[CLOSER] = {
        DATE: "2026:05:01 10:00:00", SERIAL: "12345", MAKERS_NOTE: b"secret", WIDTH: 31
    }  # fmt: skip
    exif[GPS] = {1: "N", 2: (48.0, 51.0, 24.0)}
    image = Image.fromarray(image)
    return image_files.encoded(image, format, exif=exif.tobytes(), dpi=(300, 300), **options)


def notes_in(data):
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        return image, exif, exif.get_ifd(CLOSER), exif.get_ifd(GPS)


@pytest.mark.parametrize("target", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_date_camera_and_resolution_are_carried_over_and_the_place_is_not(format, target, tmp_path):
    data = photograph(format)
    assert notes_in(data)[3], "there is no place to be dropped"
    image, notes = images.load_with_notes(data)
    assert image.shape == (NOISE.shape[1], NOISE.shape[0], 3)
    path = images.save_image(image, tmp_path / f"out.{target}", notes=notes)
    written, exif, closer, place = notes_in(path.read_bytes())
    assert (exif[CAMERA], exif[MODEL], exif[AUTHOR]) == ("Maker", "Model 1", "Somebody")
    assert closer[DATE] == "2026:05:01 10:00:00"
    assert not place and GPS not in exif and exif.get(TURN, 1) == 1
    assert not {SERIAL, MAKERS_NOTE, WIDTH} & set(closer)
    assert b"secret" not in path.read_bytes() and b"12345" not in path.read_bytes()
    assert written.size == (NOISE.shape[0], NOISE.shape[1])
    if target != "webp":
        assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("suffix", images.FORMATS_BY_SUFFIX)
def test_every_format_takes_notes_or_leaves_them_out(suffix, tmp_path):
    image, notes = images.load_with_notes(photograph("PNG", icc_profile=profiles.srgb_bytes()))
    path = images.save_image(image, tmp_path / f"out{suffix}", notes=notes)
    assert images.load_image(path).shape == image.shape
    plain = images.save_image(image, tmp_path / f"plain{suffix}")
    with Image.open(plain) as written:
        assert CAMERA not in written.getexif() and "icc_profile" not in written.info


def test_notes_that_are_too_long_or_broken_stop_nothing():
    long = Image.Exif()
    long[AUTHOR] = "x" * 70_000
    for exif in (long.tobytes(), b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"):
        data = image_files.encoded(Image.fromarray(NOISE), "PNG", exif=exif)
        image, notes = images.load_with_notes(data)
        assert images.to_bytes(image) and len(notes.exif) < 60_000


# ---- transparency -------------------------------------------------------------------------------

ALPHA = np.tile(np.linspace(0, 255, NOISE.shape[1]).round().astype("uint8"), (NOISE.shape[0], 1))


def transparent():
    return image_files.encoded(Image.fromarray(np.dstack([NOISE, ALPHA])), "PNG")


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_transparency_comes_back_where_the_format_has_it(suffix, tmp_path):
    image, notes = images.load_with_notes(transparent())
    assert np.allclose(notes.alpha * 255, ALPHA, atol=0.01)
    # Its own colors, not mixed with white; and white where nothing is seen.
    assert np.allclose(image[:, 1:] * 255, NOISE[:, 1:], atol=0.01) and image[:, 0].min() == 1
    path = images.save_image(image, tmp_path / f"out.{suffix}", notes=notes)
    with Image.open(path) as written:
        pixels = np.asarray(written.convert("RGBA"))
    assert np.abs(pixels[..., 3].astype(int) - ALPHA).max() <= 1
    if suffix != "webp":
        assert np.array_equal(pixels[:, 1:, :3], NOISE[:, 1:])


@pytest.mark.parametrize("suffix", ["jpg", "bmp"])
def test_where_the_format_has_none_it_is_laid_on_white(suffix, tmp_path):
    image, notes = images.load_with_notes(transparent())
    path = images.save_image(np.zeros_like(image), tmp_path / f"out.{suffix}", notes=notes)
    found = images.load_image(path)
    assert np.abs(found * 255 - (255 - ALPHA[..., None])).max() <= 6


def test_a_gif_is_transparent_or_not(tmp_path):
    image, notes = images.load_with_notes(transparent())
    path = images.save_image(image, tmp_path / "out.gif", notes=notes)
    with Image.open(path) as written:
        assert np.array_equal(np.asarray(written.convert("RGBA"))[..., 3] > 0, ALPHA >= 128)


def test_transparency_is_shrunk_with_the_image_and_a_wrong_one_refused(tmp_path):
    image, notes = images.load_with_notes(transparent(), at_most=16)
    assert notes.alpha.shape == image.shape[:2] and max(image.shape) == 16
    with pytest.raises(ImageError, match="does not fit an image"):
        images.save_image(np.zeros((5, 5, 3)), tmp_path / "out.png", notes=notes)
    opaque = image_files.encoded(Image.fromarray(NOISE).convert("RGBA"), "PNG")
    assert images.load_with_notes(opaque)[1].alpha is None


# ---- color profiles -----------------------------------------------------------------------------


def with_profile(**options):
    profile = image_files.rgb_profile("red", "green", "blue", **options)
    return profile, image_files.encoded(Image.fromarray(NOISE), "PNG", icc_profile=profile)


def test_a_wide_profile_is_converted_or_kept_with_its_values():
    profile, data = with_profile(gamma="srgb", primaries=image_files.P3_PRIMARIES)
    image, notes = images.load_with_notes(data)
    assert np.array_equal(image, images.load_image(data)) and np.abs(image * 255 - NOISE).max() > 9
    assert profiles.profile_from(notes.profile) is None, "that of the result is not sRGB"
    image, notes = images.load_with_notes(data, keep_profile=True)
    assert np.allclose(image * 255, NOISE, atol=1e-4) and notes.profile == profile
    # There and back again: what is shown is the same.
    again = images.load_image(images.save_image.__globals__["_encode"](image, "PNG", 95, notes))
    assert np.array_equal(again, images.load_image(data))


def test_linear_light_is_not_worked_in():
    profile, data = with_profile(gamma=1.0)
    image, notes = images.load_with_notes(data, keep_profile=True)
    assert np.array_equal(image, images.load_image(data)) and notes.profile != profile


def test_colors_brought_into_a_profile_look_the_same():
    profile, _ = with_profile(gamma="srgb", primaries=image_files.P3_PRIMARIES)
    wide = images.in_profile(np.full((4, 4, 3), (200, 60, 40), np.uint8), profile)
    data = image_files.encoded(Image.fromarray(wide), "PNG", icc_profile=profile)
    assert np.abs(images.load_image(data)[0, 0] * 255 - (200, 60, 40)).max() < 2


# ---- large images -------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [1, 6])
def test_a_huge_jpeg_is_read_small(turned):
    """Above the limit: refused, unless it is to be small anyway."""
    exif = Image.Exif()
    exif[TURN] = turned
    gradient = Image.linear_gradient("L").resize((4000, 3000)).convert("RGB")
    data = image_files.encoded(gradient, "JPEG", quality=50, exif=exif.tobytes())
    with pytest.raises(ImageError, match="--max-pixels"):
        images.load_image(data, max_pixels=10_000_000)
    image, notes = images.load_with_notes(data, at_most=400, max_pixels=10_000_000)
    assert image.shape == ((300, 400, 3) if turned == 1 else (400, 300, 3))
    assert notes.alpha is None
    expected = images.resize(images.load_image(gradient, max_pixels=None), 400)
    if turned == 6:
        expected = np.rot90(expected, k=-1)
    assert np.abs(image - expected).max() < 0.02


def test_at_most_shrinks_and_never_enlarges():
    data = image_files.encoded(Image.fromarray(NOISE), "PNG")
    assert np.array_equal(images.load_image(data, at_most=16), images.resize(NOISE, 16))
    assert images.load_image(data, at_most=4000).shape == NOISE.shape
    with pytest.raises(ImageError, match="at_most"):
        images.load_image(data, at_most=0)
    wide = image_files.encoded(Image.new("RGB", (2000, 30)), "PNG")
    with pytest.raises(ImageError, match="--size 1067"):
        images.load_image(wide, at_most=400, min_side=16)
    assert min(images.load_image(wide, at_most=1067, min_side=16).shape[:2]) == 16


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_what_becomes_too_narrow_is_named_with_its_own_size(format):
    for height, words in ((75, r"75 x 5000 .*--size 1067"), (10, r"10 x 5000 .*is too small")):
        data = image_files.encoded(Image.new("RGB", (5000, height)), format)
        with pytest.raises(ImageError, match=words):
            images.load_image(data, at_most=400, min_side=16)


# ---- telephones ---------------------------------------------------------------------------------


SMOOTH = np.linspace(0, 255, 32 * 40 * 3).reshape(32, 40, 3).astype(np.uint8)


def heic(**options):
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    return photograph("HEIF", SMOOTH, quality=95, **options)


def test_the_format_of_telephones_is_read_upright_with_notes(tmp_path):
    image, notes = images.load_with_notes(heic())
    assert "HEIC" in images.readable_formats()
    expected = np.rot90(SMOOTH, k=-1) / 255
    assert image.shape == expected.shape and np.abs(image - expected).max() < 0.04
    path = images.save_image(image, tmp_path / "out.jpg", notes=notes)
    _, exif, closer, place = notes_in(path.read_bytes())
    assert exif[MODEL] == "Model 1" and closer[DATE].startswith("2026") and not place


def test_without_pillow_heif_it_is_said_what_is_missing(monkeypatch):
    data = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert "HEIC" not in images.readable_formats()
    with pytest.raises(ImageError, match="this is HEIC.*pip install pillow-heif.*JPEG"):
        images.load_image(data)


# ---- paths that lead nowhere --------------------------------------------------------------------


def test_a_link_to_nothing_and_an_address_are_named(tmp_path):
    (tmp_path / "photo.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(ImageError, match="a link to .*gone.jpg, which is not there"):
        images.load_image(tmp_path / "photo.jpg")
    for address in ("https://example.org/a.jpg", "https:/example.org/a.jpg"):
        with pytest.raises(ImageError, match="web address"):
            images.load_image(address)
