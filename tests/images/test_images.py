"""Images in, images out, and everything that can be wrong with them."""

import io
import logging
import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from PIL import Image, ImageCms, ImageFile, ImageOps, features

from course_lib import images
from course_lib.errors import FileError, ImageError
from course_lib.images import profiles
from tests.helpers import broken_images, image_files

READS_AVIF = "AVIF" in images.readable_formats()
LOSSLESS = ["png", "tiff", "bmp"]
NOISE = broken_images.noise()


def noise_image(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(NOISE).convert(mode)


def as_unit(pixels) -> np.ndarray:
    """uint8 pixels of any kind -> (height, width, 3) float in [0, 1]."""
    pixels = np.asarray(pixels, dtype=np.float64) / 255
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=-1)


def assert_same(image: np.ndarray, expected: np.ndarray, tolerance: float = 1e-6) -> None:
    """Same as `expected`, and an image by the rules of the course."""
    assert image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1
    assert image.flags.writeable
    np.testing.assert_allclose(image, expected, atol=tolerance, rtol=0)


def small_images(most: int = 12) -> st.SearchStrategy[np.ndarray]:
    sides = st.integers(1, most)
    return st_numpy.arrays(np.uint8, st.tuples(sides, sides, st.just(3)))


# ---- formats and modes ------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_a_lossless_file_gives_its_pixels(suffix):
    assert_same(images.load_image(broken_images.whole_files()[suffix]), NOISE / 255)


@pytest.mark.parametrize("suffix", ["jpg", "webp", "gif"])
def test_a_lossy_file_gives_nearly_its_pixels(suffix):
    smooth = np.linspace(0, 255, 32 * 40 * 3).reshape(32, 40, 3).astype(np.uint8)
    format, options = broken_images.FORMATS[suffix]
    data = image_files.encoded(Image.fromarray(smooth), format, **options)
    assert_same(images.load_image(data), smooth / 255, tolerance=0.03)


@pytest.mark.skipif(not READS_AVIF, reason="this Pillow has no decoder for AVIF")
def test_avif_is_read_where_pillow_can():
    smooth = np.linspace(0, 255, 32 * 40 * 3).reshape(32, 40, 3).astype(np.uint8)
    data = image_files.encoded(Image.fromarray(smooth), "AVIF", quality=95)
    assert_same(images.load_image(data), smooth / 255, tolerance=0.03)


def test_without_a_decoder_avif_is_refused_with_the_formats_there_are(monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: False)
    data = broken_images.broken_files()["head-only.avif"][0]
    with pytest.raises(ImageError, match=r"not .* a format that we read \(PNG, .*BMP.*\), or"):
        images.load_image(data)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_bits_gray_and_palette(mode, format):
    image = noise_image(mode)
    data = image_files.encoded(image, format)
    assert_same(images.load_image(data), as_unit(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA", "La", "RGBa"])
def test_transparency_is_laid_on_white(mode):
    alpha = np.arange(NOISE.shape[0] * NOISE.shape[1], dtype=np.uint8).reshape(NOISE.shape[:2])
    image = noise_image("L" if mode in ("LA", "La") else "RGB")
    image.putalpha(Image.fromarray(alpha))
    expected = as_unit(image.convert("RGBA"))
    expected = expected[..., :3] * expected[..., 3:] + 1 - expected[..., 3:]
    if mode in ("La", "RGBa"):
        # Colors multiplied by a small alpha keep few of their levels.
        assert_same(images.load_image(image.convert(mode)), expected, tolerance=2.5 / 255)
    elif mode == "PA":
        image = image.convert("RGB").quantize(256)
        color = as_unit(image.convert("RGB"))
        image = image.convert("PA")
        image.putalpha(Image.fromarray(alpha))
        weight = alpha[..., np.newaxis] / 255
        assert_same(images.load_image(image), color * weight + 1 - weight)
    else:
        for format in ("PNG", "TIFF"):
            assert_same(images.load_image(image_files.encoded(image, format)), expected)


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_palette_color_becomes_white(format):
    pixels = np.tile(np.array([0, 1, 2], np.uint8), (6, 5))
    pil_image = Image.fromarray(pixels)
    pil_image = pil_image.convert("P")
    pil_image.putpalette([200, 0, 0, 0, 200, 0, 0, 0, 200])
    pil_image.putdata(pixels.ravel().tolist())
    image = images.load_image(image_files.encoded(pil_image, format, transparency=1))
    assert_same(image[0, :3], np.array([[200, 0, 0], [255, 255, 255], [0, 0, 200]]) / 255)


def test_a_palette_with_graded_transparency():
    pil_image = Image.new("P", (2, 1), 1)
    pil_image.putpalette([0, 0, 0, 255, 0, 0])
    image = images.load_image(image_files.encoded(pil_image, "PNG", transparency=bytes([255, 51])))
    assert_same(image[0, 0], np.array([1, 0.8, 0.8]))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_transparent_gray_or_color(mode):
    pil_image = noise_image(mode)
    color = pil_image.getpixel((4, 3))
    image = images.load_image(image_files.encoded(pil_image, "PNG", transparency=color))
    expected = as_unit(pil_image)
    expected[(expected == expected[3, 4]).all(axis=-1)] = 1
    assert image[3, 4].tolist() == [1, 1, 1]
    assert_same(image, expected)


def deep_noise(channels: int) -> np.ndarray:
    generator = np.random.default_rng(1)
    return generator.integers(0, 65536, (9, 7, channels), dtype=np.uint16)


def test_16_bit_gray_keeps_all_its_levels():
    values = deep_noise(1)
    expected = np.repeat(values / 65535, 3, axis=-1)
    assert_same(images.load_image(image_files.deep_png(values)), expected, tolerance=1e-7)
    for byte_order in "<>":
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, values[..., 0], byteorder=byte_order)
        assert_same(images.load_image(buffer), expected, tolerance=1e-7)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values[..., 0], photometric="miniswhite")
    assert_same(images.load_image(buffer), 1 - expected, tolerance=1e-6)


def test_16_bit_color_is_read_to_8_bits():
    values = deep_noise(4)
    color, alpha = values[..., :3] / 65535, values[..., 3:] / 65535
    on_white = color * alpha + 1 - alpha
    # The low byte is dropped from a color, and from its transparency.
    one, two = 1.01 / 255, 2.02 / 255
    assert_same(images.load_image(image_files.deep_png(values[..., :3])), color, one)
    assert_same(images.load_image(image_files.deep_png(values)), on_white, two)
    gray_on_white = images.load_image(image_files.deep_png(values[..., 2:]))
    assert_same(gray_on_white, np.repeat(on_white[..., 2:], 3, axis=-1), two)
    for array, kind, expected in [
        (values[..., :3], {}, color),
        (values, {"extrasamples": ["unassalpha"]}, on_white),
    ]:
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, array, photometric="rgb", **kind)
        assert_same(images.load_image(buffer), expected, two)


def test_a_transparent_color_of_16_bits_becomes_white():
    gray, color = deep_noise(1), deep_noise(3)
    for values in (gray, color):
        key = tuple(values[3, 4].tolist())
        image = images.load_image(image_files.deep_png(values, transparent=key))
        assert image[3, 4].tolist() == [1, 1, 1]
        np.testing.assert_allclose(image[0, 0], np.broadcast_to(values[0, 0] / 65535, 3), atol=0.01)


def test_32_bit_gray_of_old_pillow_is_16_bit_gray_of_png():
    image = Image.fromarray(np.array([[0, 65535, 32768]], np.int32))
    image.format = "PNG"
    assert_same(images.load_image(image)[0, :, 0], np.array([0, 1, 32768 / 65535]))


def test_float_tiff_in_unit_range():
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    data = image_files.encoded(Image.fromarray(values), "TIFF")
    assert_same(images.load_image(data), np.repeat(values[..., np.newaxis], 3, axis=-1))


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "RGBX"])
def test_other_color_modes(mode):
    assert_same(images.load_image(noise_image(mode)), NOISE / 255, tolerance=0.03)


def test_lab_tiff():
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (4, 4), (180, 90, 40)),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    image = images.load_image(image_files.encoded(lab, "TIFF"))
    assert_same(image[0, 0], np.array([180, 90, 40]) / 255, tolerance=0.02)


# ---- color profiles ---------------------------------------------------------------------------

INKS = Image.frombytes(
    "CMYK",
    (5, 1),
    bytes([255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0]),
)
CYAN, MAGENTA, YELLOW = [0, 1, 1], [1, 0, 1], [1, 1, 0]
BLACK, WHITE = [0, 0, 0], [1, 1, 1]


@pytest.mark.parametrize("format", ["TIFF", "JPEG"])
@pytest.mark.parametrize(
    ("profile", "colors"),
    [
        (None, [CYAN, MAGENTA, YELLOW]),
        (image_files.cmyk_profile((0, 1, 2)), [CYAN, MAGENTA, YELLOW]),
        # A press in which the first ink is the yellow one.
        (image_files.cmyk_profile((2, 1, 0)), [YELLOW, MAGENTA, CYAN]),
        (image_files.rgb_profile("red", "green", "blue"), [CYAN, MAGENTA, YELLOW]),
    ],
    ids=["no profile", "usual inks", "exchanged inks", "a profile that does not fit"],
)
def test_cmyk(format, profile, colors):
    options = {"quality": 100} if format == "JPEG" else {}
    if profile:
        options["icc_profile"] = profile
    image = images.load_image(image_files.encoded(INKS, format, **options))
    assert_same(image[0], np.array([*colors, BLACK, WHITE]), tolerance=0.03)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_color_profile_that_is_not_srgb_is_converted(format):
    options = {"lossless": True} if format == "WEBP" else {}
    image = Image.new("RGB", (16, 16), (255, 0, 0))
    exchanged = image_files.rgb_profile("blue", "green", "red")
    data = image_files.encoded(image, format, icc_profile=exchanged, **options)
    assert_same(images.load_image(data)[8, 8], np.array([0, 0, 1]), tolerance=0.03)


def test_transparency_and_palette_with_a_profile():
    exchanged = image_files.rgb_profile("blue", "green", "red")
    half = image_files.encoded(
        Image.new("RGBA", (4, 4), (255, 0, 0, 51)), "PNG", icc_profile=exchanged
    )
    assert_same(images.load_image(half)[0, 0], np.array([0.8, 0.8, 1]), tolerance=0.01)
    palette = image_files.encoded(
        Image.new("RGB", (4, 4), (255, 0, 0)).quantize(4), "PNG", icc_profile=exchanged
    )
    assert_same(images.load_image(palette)[0, 0], np.array([0, 0, 1]), tolerance=0.01)


def test_gray_with_a_profile():
    image = Image.new("L", (4, 4), 128)
    for profile in (
        image_files.gray_profile(1.0),
        image_files.rgb_profile("red", "green", "blue", gamma=1.0),
    ):
        linear = image_files.encoded(image, "PNG", icc_profile=profile)
        # Half of the light is the value 0.735 in sRGB (IEC 61966-2-1).
        assert_same(images.load_image(linear), np.full((4, 4, 3), 0.737), tolerance=0.01)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("kind", ["gray", "red, green and blue", "sRGB"])
def test_16_bit_gray_with_a_profile(kind, format):
    profile = {
        "gray": image_files.gray_profile(1.0),
        "red, green and blue": image_files.rgb_profile("red", "green", "blue", gamma=1.0),
        "sRGB": profiles.srgb_bytes(),
    }[kind]
    light = np.linspace(0, 65535, 4000).astype(np.uint16)[None]
    data = image_files.encoded(Image.fromarray(light), format, icc_profile=profile)
    shown, light = images.load_image(data)[0, :, 0], light[0] / 65535
    # IEC 61966-2-1.
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(shown - (light if kind == "sRGB" else curved)).max() < 1.5 / 255
    # The curve of 8 bits is the same one.
    few = image_files.encoded(
        Image.fromarray(np.arange(256, dtype=np.uint8)[None]), "PNG", icc_profile=profile
    )
    few = images.load_image(few)[0, :, 0]
    assert np.abs(few - np.interp(np.linspace(0, 1, 256), light, shown)).max() < 1 / 255
    # Its many levels do not fall together to the 256 of a smaller file.
    assert len(np.unique(shown)) > 10 * 256 and np.diff(shown).min() >= 0


def test_an_srgb_profile_changes_nothing_whatever_it_is_called():
    # The many profiles of sRGB differ a little; following them would only add rounding errors.
    for name in ("sRGB built-in", "c2", "Display P3"):
        srgb = image_files.rgb_profile("red", "green", "blue", gamma="srgb", name=name)
        data = image_files.encoded(noise_image(), "PNG", icc_profile=srgb)
        assert_same(images.load_image(data), NOISE / 255)
    data = image_files.encoded(noise_image(), "PNG", icc_profile=profiles.srgb_bytes())
    assert_same(images.load_image(data), NOISE / 255)


SWATCHES = [(200, 60, 40), (60, 200, 60), (128, 128, 128), (20, 20, 20)]


@pytest.mark.parametrize(
    ("gamma", "primaries", "expected"),
    [
        # Computed from the primaries and curves of Display P3, of linear light, and of a power.
        ("srgb", image_files.P3_PRIMARIES, [(217, 42, 23), (0, 203, 11), (128,) * 3, (20,) * 3]),
        (1.0, None, [(229, 133, 110), (133, 229, 133), (188,) * 3, (79,) * 3]),
        (2.2, None, [(201, 57, 35), (57, 201, 57), (129,) * 3, (12,) * 3]),
    ],
    ids=["Display P3", "linear light", "a power"],
)
@pytest.mark.parametrize("name", ["a profile with sRGB in its name", "another"])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_what_a_profile_does_counts_and_not_its_name(gamma, primaries, expected, name, format):
    profile = image_files.rgb_profile(
        "red", "green", "blue", gamma=gamma, name=name, primaries=primaries
    )
    image = Image.fromarray(np.array([SWATCHES] * 4, np.uint8))
    options = {"lossless": True} if format == "WEBP" else {}
    data = image_files.encoded(image, format, icc_profile=profile, **options)
    assert_same(images.load_image(data)[1], np.array(expected) / 255, tolerance=2.1 / 255)


# ---- turning, frames --------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation, format):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if format == "WEBP" else {}
    options |= {"compression": "tiff_lzw"} if format == "TIFF" and orientation % 2 else {}
    data = image_files.encoded(noise_image(), format, exif=exif, **options)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert_same(images.load_image(data), as_unit(expected))


def test_a_telephone_held_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = image_files.encoded(noise_image(), "PNG", exif=exif)
    assert_same(images.load_image(data), np.rot90(NOISE, k=-1) / 255)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF", "PNG"])
def test_the_first_of_several_frames(format):
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "lime", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = image_files.encoded(
        frames[0], format, save_all=True, append_images=frames[1:], **options
    )
    assert_same(images.load_image(data), np.broadcast_to([1.0, 0, 0], (6, 8, 3)))


def test_a_jpeg_with_several_images():
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    data = image_files.encoded(first, "MPO", save_all=True, append_images=[second])
    assert_same(images.load_image(data)[8, 8], np.array([1.0, 0, 0]), tolerance=0.02)


# ---- sources ----------------------------------------------------------------------------------


def test_every_source_gives_the_same_image(tmp_path, monkeypatch):
    data = broken_images.whole_files()["png"]
    path = tmp_path / "pîcture 1.png"
    path.write_bytes(data)
    opened_at_its_end = io.BytesIO()
    opened_at_its_end.write(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with open(path, "rb") as file:
        sources = [
            path,
            str(path),
            path.name,
            f"~/{path.name}",
            data,
            bytearray(data),
            memoryview(data),
            file,
            opened_at_its_end,
            Image.open(path),
            NOISE,
            NOISE / 255,
            (NOISE / 255).astype(np.float16),
        ]
        for source in sources[:-1]:
            assert_same(images.load_image(source), NOISE / 255)
    assert_same(images.load_image(sources[-1]), NOISE / 255, tolerance=0.001)


def test_a_stream_that_cannot_go_back():
    class Pipe(io.RawIOBase):
        def read(self, count=-1):
            return broken_images.whole_files()["png"]

        def seekable(self):
            return False

    assert_same(images.load_image(Pipe()), NOISE / 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, bool])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_arrays_of_every_kind(channels, dtype):
    generator = np.random.default_rng(0)
    shape = (5, 7) if channels is None else (5, 7, channels)
    if dtype is bool:
        array = generator.random(shape) > 0.5
        unit = array.astype(float)
    elif np.issubdtype(dtype, np.integer):
        array = generator.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
        unit = array / np.iinfo(dtype).max
    else:
        array = unit = generator.random(shape).astype(dtype)
    if channels is None:
        unit = unit[..., np.newaxis]
    color = unit[..., :3] if unit.shape[-1] > 2 else np.repeat(unit[..., :1], 3, axis=-1)
    if channels in (2, 4):
        color = color * unit[..., -1:] + 1 - unit[..., -1:]
    before = array.copy()
    image = images.load_image(array)
    assert_same(image, color)
    image[:] = 0
    np.testing.assert_array_equal(array, before)


def test_a_tensor_with_gradients_or_short_floats():
    class Tensor:
        """What a PyTorch tensor does."""

        def detach(self):
            return self

        def cpu(self):
            return NOISE / 255

        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("call detach first")

    assert_same(images.check_image(Tensor()), NOISE / 255)
    ml_dtypes = pytest.importorskip("ml_dtypes")
    short = (NOISE / 255).astype(ml_dtypes.bfloat16)
    assert_same(images.check_image(short), NOISE / 255, tolerance=0.005)


def test_size_and_smallest_side(tmp_path):
    image = images.load_image(NOISE, size=16)
    assert image.shape == (round(24 * 16 / 31), 16, 3)
    np.testing.assert_array_equal(image, images.resize(NOISE, 16))
    assert images.load_image(NOISE, min_side=24).shape == NOISE.shape
    with pytest.raises(ImageError, match=r"array: 24 x 31 .* too small, .* at least 25 pixels"):
        images.load_image(NOISE, min_side=25)
    with pytest.raises(ImageError, match="at least 13"):
        images.load_image(NOISE, size=16, min_side=13)


# ---- what cannot be read ----------------------------------------------------------------------

BROKEN = broken_images.broken_files()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_name_and_a_reason(name, tmp_path):
    content, words = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError) as caught:
        images.load_image(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert " at 0x" not in message
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_the_maker_of_broken_files_writes_them_all(tmp_path):
    paths = broken_images.write_broken_files(tmp_path / "broken")
    assert len(paths) == len(BROKEN) >= 30
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("name", broken_images.unusual_but_whole_files())
def test_damage_beside_the_pixels_is_no_obstacle(name):
    image = images.load_image(broken_images.unusual_but_whole_files()[name])
    if name.endswith(".png"):
        assert_same(image, NOISE / 255)
    assert image.shape == NOISE.shape


def test_paths_that_lead_to_no_image(tmp_path):
    (tmp_path / "holiday.png").write_bytes(broken_images.whole_files()["png"])
    for path, words in [
        (tmp_path / "absent.png", "there is no such file"),
        (tmp_path / "holyday.png", "Did you mean holiday.png"),
        (tmp_path / "nowhere" / "absent.png", "nor a folder"),
        (tmp_path, "is a folder"),
        ("", "is empty"),
        ("https://example.org/cat.png", "web address"),
        ("nul\0byte.png", "nul"),
        ("~nobody-has-this-name/cat.png", "cannot be opened"),
        ("x" * 5000, "x"),
    ]:
        with pytest.raises(ImageError, match=words):
            images.load_image(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="a device or a pipe"):
        images.load_image(tmp_path / "pipe.png")


def test_streams_that_give_no_bytes():
    closed = io.BytesIO(b"x")
    closed.close()
    for stream, words in [
        (io.StringIO("text"), "gives str, not bytes"),
        (closed, "cannot be read"),
        (io.BytesIO(), "empty"),
    ]:
        with pytest.raises(ImageError, match=words):
            images.load_image(stream)


@pytest.mark.parametrize(
    "source", [None, 5, 1.5, object(), {"a": 1}, [["a"]], np.array("x"), [[1], [1, 2]]]
)
def test_things_that_are_no_image(source):
    with pytest.raises(ImageError, match="Give a path, bytes"):
        images.load_image(source)


def test_a_damaged_pillow_image():
    image = Image.open(io.BytesIO(BROKEN["cut.png"][0]))
    with pytest.raises(ImageError, match="Pillow cannot decode it"):
        images.load_image(image)


def test_the_limit_of_pixels_can_be_set():
    data = broken_images.whole_files()["png"]
    assert images.load_image(data, max_pixels=24 * 31).shape == NOISE.shape
    with pytest.raises(ImageError, match=r"31 x 24 is 744 pixels, .* limit of 743.*max_pixels="):
        images.load_image(data, max_pixels=24 * 31 - 1)
    with pytest.raises(ImageError, match="limit of 100"):
        images.resize(NOISE, 20, max_pixels=100)
    with pytest.raises(ImageError, match="limit of 100,000,000"):
        images.resize(NOISE, 10**9)


def test_our_limit_rules_and_not_that_of_pillow(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = broken_images.whole_files()["png"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert images.load_image(data, max_pixels=None).shape == NOISE.shape
    assert Image.MAX_IMAGE_PIXELS == 10


def test_global_settings_of_pillow_neither_matter_nor_change(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    level = logging.getLogger("PIL").level
    for suffix in ("png", "jpg", "bmp"):
        with pytest.raises(ImageError, match="damaged"):
            images.load_image(BROKEN[f"cut.{suffix}"][0])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
    assert logging.getLogger("PIL").level == level


def test_loading_in_several_threads():
    data = broken_images.whole_files()["png"]
    limit, wrong = Image.MAX_IMAGE_PIXELS, []

    def load_often():
        for _ in range(20):
            try:
                assert_same(images.load_image(data), NOISE / 255)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=load_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert limit == Image.MAX_IMAGE_PIXELS


def image_or_error(data: bytes) -> None:
    """Anything else than these two outcomes, a warning included, fails the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            image = images.load_image(data, max_pixels=300_000)
        except ImageError:
            return
    assert_same(image, image)
    assert image.ndim == 3 and image.shape[2] == 3


def test_any_bytes_give_an_image_or_an_image_error(capfd, caplog):
    @given(st.binary(max_size=200))
    def any_bytes(data):
        image_or_error(data)

    @given(st.sampled_from(["png", "jpg", "webp", "gif", "tif", "bmp"]), st.data())
    def damaged_files(suffix, data):
        content = bytearray(broken_images.whole_files()[suffix])
        places = st.integers(0, len(content) - 1)
        for place in data.draw(st.lists(places, min_size=1, max_size=8)):
            content[place] = data.draw(st.integers(0, 255))
        image_or_error(bytes(content))

    any_bytes()
    damaged_files()
    assert capfd.readouterr().err == ""
    assert not caplog.records


def test_pillow_neither_warns_nor_logs(capfd, caplog):
    odd_tag, ten_channels = io.BytesIO(), io.BytesIO()
    tifffile.imwrite(odd_tag, NOISE, photometric="rgb", extratags=[(274, "H", 3, (1, 1, 1), True)])
    tifffile.imwrite(ten_channels, np.zeros((8, 8, 10), np.uint8), planarconfig="contig")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        images.load_image(odd_tag)
        with pytest.raises(ImageError, match="a format that we read"):
            images.load_image(ten_channels)
    assert [str(warning.message) for warning in seen] == []
    assert not caplog.records
    assert capfd.readouterr().err == ""


def test_libtiff_says_nothing_by_itself(capfd):
    content = bytearray(broken_images.whole_files()["tif"])
    content[10:14] = b"\xff" * 4
    open_files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(3):
        with pytest.raises(ImageError, match="damaged"):
            images.load_image(bytes(content))
    os.write(2, b"still open")
    assert capfd.readouterr().err == "still open"
    if open_files:
        assert len(os.listdir("/proc/self/fd")) == open_files


@pytest.mark.parametrize("suffix", broken_images.FORMATS)
def test_a_file_cut_anywhere_is_refused_unless_no_pixel_is_missing(suffix):
    content = broken_images.whole_files()[suffix]
    whole = images.load_image(content)

    @given(st.integers(0, len(content)))
    def cut(length):
        try:
            image = images.load_image(content[:length])
        except ImageError:
            assert length < len(content)
        else:
            np.testing.assert_array_equal(image, whole)

    cut()


# ---- arrays that are no images --------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 4)), "Gray and transparent"),
        (np.zeros((4, 4, 1)), "Gray and transparent"),
        (np.zeros((4, 4, 4)), "Gray and transparent"),
        (np.zeros((3, 40, 40)), "channels first"),
        (np.zeros((1, 4, 4, 3)), "batch"),
        (np.zeros((8, 4, 4, 3)), "batch"),
        (np.zeros(12), "height, width and 3 channels"),
        (np.zeros((5, 4, 7)), "height, width and 3 channels"),
        (np.zeros((0, 4, 3)), "has no pixels"),
        (np.zeros((4, 0, 3)), "has no pixels"),
        (np.full((4, 4, 3), np.nan), "48 of 48 values are NaN"),
        (np.full((4, 4, 3), np.inf), "NaN or infinite"),
        (np.full((4, 4, 3), 200.0), "divide by 255"),
        (np.linspace(-1, 1, 48).reshape(4, 4, 3), r"\(array \+ 1\) / 2"),
        (np.full((4, 4, 3), 1.2), "from 1.2 to 1.2, outside"),
        (np.full((4, 4, 3), -3.0), "Clip them"),
        (np.zeros((4, 4, 3), np.int64), "type int64 leaves open"),
        (np.zeros((4, 4, 3), complex), "ndarray is not an image"),
        ("image.png", "str is not an image"),
    ],
)
def test_an_array_that_is_no_image_is_refused_with_the_remedy(array, words):
    with pytest.raises(ImageError, match=words):
        images.check_image(array)


def test_rounding_errors_are_clipped_and_mistakes_are_not():
    ends = np.array([[[-images.ROUNDING / 2, 0.5, 1 + images.ROUNDING / 2]]])
    assert_same(images.check_image(ends), np.array([[[0, 0.5, 1]]]))
    with pytest.raises(ImageError):
        images.check_image(ends * (1 + 3 * images.ROUNDING))


def test_check_image_names_what_it_checks_and_its_smallest_side():
    with pytest.raises(ImageError, match=r"^content: 24 x 31"):
        images.check_image(NOISE, min_side=32, name="content")
    good = np.zeros((3, 5, 3), np.float32)
    assert images.check_image(good) is good


@given(
    st_numpy.arrays(
        dtype=st.one_of(
            st_numpy.floating_dtypes(), st_numpy.integer_dtypes(), st_numpy.boolean_dtypes()
        ),
        shape=st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_any_array_gives_an_image_or_an_image_error(array):
    for read in (images.load_image, images.check_image, images.to_batch, images.from_batch):
        try:
            result = read(array)
        except ImageError:
            continue
        assert result.dtype == np.float32
        assert result.size and result.min() >= 0 and result.max() <= 1


def test_batches():
    batch = images.to_batch(NOISE)
    assert batch.shape == (1, *NOISE.shape)
    assert_same(images.from_batch(batch), NOISE / 255)
    with pytest.raises(ImageError, match=r"images\[i\]"):
        images.from_batch(np.concatenate([batch, batch]))
    with pytest.raises(ImageError, match="needs no from_batch"):
        images.from_batch(NOISE)
    outside = batch * 2 - 0.5
    with pytest.raises(ImageError, match="outside"):
        images.from_batch(outside)
    assert_same(images.from_batch(outside, clip=True), np.clip(NOISE / 255 * 2 - 0.5, 0, 1), 1e-5)
    with pytest.raises(ImageError, match="NaN"):
        images.from_batch(outside * np.nan, clip=True)


# ---- size -------------------------------------------------------------------------------------


@given(small_images(), st.integers(1, 40))
def test_resize_by_the_longer_side_keeps_the_proportions(pixels, size):
    image = images.resize(pixels, size)
    height, width = pixels.shape[:2]
    assert max(image.shape[:2]) == size
    scale = size / max(height, width)
    assert abs(image.shape[0] - height * scale) <= 0.5 or image.shape[0] == 1
    assert abs(image.shape[1] - width * scale) <= 0.5 or image.shape[1] == 1
    assert_same(image, image)


@given(small_images(), st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_resize_to_height_and_width(pixels, size):
    image = images.resize(pixels, size)
    assert image.shape == (*size, 3)
    assert_same(image, image)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 50), st.integers(1, 50))
def test_resizing_one_color_keeps_it(color, height, width):
    pixels = np.broadcast_to(np.array(color, np.uint8), (13, 9, 3))
    expected = np.broadcast_to(np.array(color) / 255, (height, width, 3))
    assert_same(images.resize(pixels, (height, width)), expected)


def test_making_smaller_smooths():
    checkers = (np.indices((128, 128)).sum(axis=0) % 2).astype(np.float32)
    image = images.resize(np.repeat(checkers[..., np.newaxis], 3, axis=-1), 37)
    # Without smoothing, a pattern of single pixels would leave stripes from 0 to 1.
    assert abs(image[2:-2, 2:-2] - 0.5).max() < 0.05


def test_making_smaller_and_larger_keeps_the_image():
    rows, columns = np.mgrid[0:60, 0:90] / 90
    wave = 0.5 + 0.4 * np.sin(6 * columns + 4 * rows)
    smooth = np.stack([wave, 1 - wave, rows], axis=-1).astype(np.float32)
    again = images.resize(images.resize(smooth, 45), (60, 90))
    assert abs(again - smooth)[3:-3, 3:-3].max() < 0.01


def test_resize_never_returns_the_callers_memory():
    image = NOISE.astype(np.float32) / 255
    same_size = images.resize(image, 31)
    same_size[:] = 0
    np.testing.assert_array_equal(image, NOISE.astype(np.float32) / 255)


@pytest.mark.parametrize("size", [0, -3, 2.5, True, "8", (3,), (3, 0), (3, 4, 5), (2.0, 2), None])
def test_sizes_that_are_none(size):
    with pytest.raises(ImageError, match="is not a size"):
        images.resize(NOISE, size)


@given(small_images(30), st.integers(1, 10))
def test_center_crop(pixels, multiple):
    if min(pixels.shape[:2]) < multiple:
        with pytest.raises(ImageError, match="too small"):
            images.crop_to_multiple(pixels, multiple)
        return
    image = images.crop_to_multiple(pixels, multiple)
    for axis in (0, 1):
        lost = pixels.shape[axis] - image.shape[axis]
        assert image.shape[axis] % multiple == 0
        assert 0 <= lost < multiple
    top, left = (
        (whole - part) // 2 for whole, part in zip(pixels.shape[:2], image.shape[:2], strict=True)
    )
    part = pixels[top : top + image.shape[0], left : left + image.shape[1]]
    assert_same(image, part / 255)


def test_center_crop_refuses_a_multiple_that_is_none():
    with pytest.raises(ImageError, match="not a positive integer"):
        images.crop_to_multiple(NOISE, 0)


@given(st.integers(1, 24), st.integers(1, 31), st.integers(0, 1000))
def test_random_crop(height, width, seed):
    # Every pixel says where it is.
    rows, columns = np.mgrid[0:24, 0:31].astype(np.uint8)
    places = np.stack([rows, columns, rows * 0], axis=-1)
    crop = images.random_crop(places, (height, width), np.random.default_rng(seed))
    assert crop.shape == (height, width, 3)
    top, left = np.rint(crop[0, 0, :2] * 255).astype(int)
    assert_same(crop, places[top : top + height, left : left + width] / 255)
    again = images.random_crop(places, (height, width), np.random.default_rng(seed))
    np.testing.assert_array_equal(crop, again)


def test_random_crop_reaches_every_place_and_copies():
    image = np.zeros((5, 6, 3), np.float32)
    image[..., 0] = np.arange(30).reshape(5, 6) / 30
    generator = np.random.default_rng(0)
    crops = [images.random_crop(image, 4, generator) for _ in range(200)]
    assert len({round(float(crop[0, 0, 0]) * 30) for crop in crops}) == 2 * 3
    crops[0][:] = 1
    assert image.max() < 1


def test_random_crop_refuses():
    generator = np.random.default_rng(0)
    for size, words in [(25, "smaller than the crop, 25 x 25"), ((24, 32), "24 x 32"), (0, "size")]:
        with pytest.raises(ImageError, match=words):
            images.random_crop(NOISE, size, generator)
    for generator in (None, 7, np.random):
        with pytest.raises(ImageError, match="default_rng"):
            images.random_crop(NOISE, 4, generator)


# ---- bytes and files --------------------------------------------------------------------------


@given(small_images(), st.sampled_from(LOSSLESS))
def test_bytes_there_and_back_again(pixels, format):
    image = images.load_image(images.to_bytes(pixels, format=format))
    np.testing.assert_array_equal(images.to_uint8(image), pixels)


@given(small_images(), st.sampled_from(["jpeg", "jpg", "JPEG", ".webp", "gif"]))
def test_lossy_bytes_keep_the_size(pixels, format):
    assert images.load_image(images.to_bytes(pixels, format=format)).shape == pixels.shape


@given(st_numpy.arrays(np.float32, (3, 4, 3), elements=st.floats(0, 1, width=32)))
def test_floats_come_back_as_the_nearest_of_256_levels(image):
    back = images.load_image(images.to_bytes(image, format="png"))
    assert abs(back - image).max() <= 0.5 / 255 + 1e-6


def test_display_bytes_are_of_the_format_that_they_claim():
    for format, beginning in [
        ("jpeg", b"\xff\xd8\xff"),
        ("png", b"\x89PNG"),
        ("webp", b"RIFF"),
        ("gif", b"GIF8"),
        ("tif", b"II*\x00"),
        ("bmp", b"BM"),
    ]:
        assert images.to_bytes(NOISE, format=format).startswith(beginning)


def test_quality_matters_and_is_checked():
    assert len(images.to_bytes(NOISE, quality=95)) > len(images.to_bytes(NOISE, quality=30))
    for quality in (0, 101, 0.9, "high", None):
        with pytest.raises(ImageError, match="from 1 to 100"):
            images.to_bytes(NOISE, quality=quality)
    with pytest.raises(ImageError, match="'svg' is not one that we write"):
        images.to_bytes(NOISE, format="svg")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".bmp", ".PNG"])
def test_save_and_load_without_loss(suffix, tmp_path):
    path = images.save_image(NOISE, tmp_path / f"image{suffix}")
    assert_same(images.load_image(path), NOISE / 255)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp", ".gif"])
def test_save_and_load_nearly(suffix, tmp_path):
    smooth = np.linspace(0, 1, 40 * 50 * 3).reshape(40, 50, 3)
    path = images.save_image(smooth, str(tmp_path / f"image{suffix}"))
    assert_same(images.load_image(path), smooth, tolerance=0.03)


def test_saving_colors_at_full_resolution(tmp_path):
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 255
    path = images.save_image(stripes, tmp_path / "stripes.jpg")
    assert_same(images.load_image(path), stripes / 255, tolerance=0.1)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".tif"])
def test_nothing_that_exists_is_overwritten_unless_asked_not_even_what_we_wrote(suffix, tmp_path):
    path = images.save_image(np.zeros((8, 8, 3)), tmp_path / f"image{suffix}")
    content = path.read_bytes()
    with pytest.raises(FileError, match="overwrite=True"):
        images.save_image(np.ones((8, 8, 3)), path)
    assert path.read_bytes() == content
    images.save_image(np.ones((8, 8, 3)), path, overwrite=True)
    assert_same(images.load_image(path), np.ones((8, 8, 3)))


def test_saving_refuses_with_a_reason(tmp_path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    for path, words in [
        (tmp_path / "absent" / "image.png", "there is no folder"),
        (tmp_path / "file" / "image.png", "there is no folder"),
        (tmp_path / "folder.png", "is a folder"),
        (tmp_path / ("x" * 400 + ".png"), "cannot be written"),
        (tmp_path / "nul\0.png", "cannot be written"),
        (None, "not a path"),
        (5, "not a path"),
    ]:
        with pytest.raises(FileError, match=words):
            images.save_image(NOISE, path)
    for name, words in [("image.svg", r"'.svg' is not one that we write"), ("image", "'' is")]:
        with pytest.raises(ImageError, match=words):
            images.save_image(NOISE, tmp_path / name)
    for image in (np.full((4, 4, 3), np.nan), np.zeros((4, 4)), "image"):
        with pytest.raises(ImageError):
            images.save_image(image, tmp_path / "image.png")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.png"]


def test_an_image_too_large_for_its_format_leaves_the_old_file(tmp_path):
    path = images.save_image(NOISE, tmp_path / "wide.webp")
    before = path.read_bytes()
    with pytest.raises(ImageError, match=r"WEBP: an image of 1 x 16384 .* cannot be written"):
        images.save_image(np.zeros((1, 16384, 3)), path, overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupted_save_leaves_the_old_file_and_no_other(step, tmp_path, monkeypatch):
    path = images.save_image(NOISE, tmp_path / "image.png")

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(FileError, match="No space left"):
        images.save_image(np.zeros((5, 5, 3)), path, overwrite=True)
    monkeypatch.undo()
    assert_same(images.load_image(path), NOISE / 255)
    assert os.listdir(tmp_path) == ["image.png"]


def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    path = images.save_image(NOISE, tmp_path / "image.png")
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_saving_does_not_touch_the_image(tmp_path):
    image = NOISE.astype(np.float32) / 255
    before = image.copy()
    for suffix in images.FORMATS_BY_SUFFIX:
        images.save_image(image, Path(tmp_path) / f"image{suffix}")
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(("height", "width"), [(20, 30), (21, 30), (9, 8), (64, 30), (20, 50)])
def test_center_crop_cuts_as_keras_does(height, width):
    import keras

    image = np.random.default_rng(0).random((40, 50, 3), dtype="float32")
    expected = keras.layers.CenterCrop(height, width)(image[None])[0]
    found = images.center_crop(image, (height, width))
    assert found.shape == tuple(expected.shape)
    if height <= 40:
        np.testing.assert_allclose(found, expected, atol=1e-6)
    square = images.center_crop(image, 40)
    assert square.shape == (40, 40, 3)
    np.testing.assert_array_equal(square, image[:, 5:45])
