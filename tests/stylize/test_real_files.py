"""What people's files do in `course stylize`: each case makes its own input."""

import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from course_lib import cli, collection, images
from course_lib.stylize import command as stylize_command
from course_lib.stylize import work
from course_lib.transfer import clips
from tests.helpers import films, image_files
from tests.helpers.checkout import ROOT

QUICK = ["--method", "mean_std"]
COLORS = ["--keep-colors", "luminance"]


def stylize(*arguments, **options):
    return CliRunner().invoke(cli.app, ["stylize", *map(str, arguments)], **options)


def said(answer):
    return " ".join(answer.output.replace("│", " ").split())


@pytest.fixture(scope="session")
def photo():
    """(32, 48, 3) uint8."""
    return images.to_uint8(collection.photograph("coffee", size=48))


@pytest.fixture
def file(photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def lasting(path):
    return [float(frame.duration) for frame in clips.open_clip(path)]


# ---- masks --------------------------------------------------------------------------------------


def mask_file(kind, path, shape):
    """A mask of the left half, in one of the ways that people make it."""
    half = np.zeros(shape[:2], np.uint8)
    half[:, : shape[1] // 2] = 255
    white, black = np.full_like(half, 255), np.zeros_like(half)
    pixels = {
        "white on black": half,
        "white on transparent": np.dstack([white, white, white, half]),
        "black on transparent": np.dstack([black, black, black, half]),
        "white and black, half of it transparent": np.dstack([white, white, white, half]),
        "16 bits": half.astype(np.uint16) * 257,
    }[kind]
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize("method", [str(one) for one in work.Method])
def test_what_is_masked_out_stays_the_photograph(method, file, photo, tmp_path):
    mask = mask_file("white on black", tmp_path / "mask.png", photo.shape)
    out, options = tmp_path / "out.png", {"optimize": ["--steps", "2"], "histogram": COLORS}
    answer = stylize(
        file, "mosaic", "-o", out, "--mask", mask, "--method", method, *options.get(method, [])
    )
    assert answer.exit_code == 0, answer.output
    moved = np.abs(images.load_image(out) * 255 - photo)
    assert moved[:, 24:].max() < 0.01
    assert moved[:, :22].mean() > 1


@pytest.mark.parametrize(
    "kind",
    [
        "white on transparent",
        "black on transparent",
        "white and black, half of it transparent",
        "16 bits",
    ],
)
def test_every_kind_of_mask_is_understood(kind, photo, tmp_path):
    path = mask_file(kind, tmp_path / "mask.png", photo.shape)
    mask = work.mask_image(path)
    assert mask.shape == photo.shape[:2]
    assert mask[:, :24].min() == 1 and mask[:, 24:].max() == 0


@pytest.mark.parametrize(
    ("values", "words"), [((0, 1), "0 to 1 of 255, which is black"), ((0, 0), "0 to 0 of 255"),
                          ((255, 255), "255 to 255 of 255. Make it white")]
)  # fmt: skip
def test_a_mask_that_is_all_one_value_is_refused(values, words, file, photo, tmp_path):
    mask = np.full(photo.shape[:2], values[0], np.uint8)
    mask[:, :24] = values[1]
    Image.fromarray(mask).save(tmp_path / "mask.png")
    answer = stylize(file, "mosaic", "-o", tmp_path / "o.png", "--mask", tmp_path / "mask.png")
    assert answer.exit_code == 2 and words in said(answer)
    assert not (tmp_path / "o.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize("moving", [False, True])
def test_a_mask_for_a_video(moving, tmp_path):
    film = films.film(tmp_path / "film.mp4", films.evenly(4), size=(48, 64))
    masks = np.zeros((4, 48, 64, 3), np.uint8)
    for number in range(4):
        masks[number, :, : 32 if not moving or number < 2 else 0] = 255
    if moving:
        mask = clips.save_clip(masks, tmp_path / "mask.mkv")
    else:
        Image.fromarray(masks[0]).save(tmp_path / "mask.png")
        mask = tmp_path / "mask.png"
    out = tmp_path / "frames.apng"
    answer = stylize(film, "mosaic", "-o", out, "--mask", mask)
    assert answer.exit_code == 0, answer.output
    for number, (own, new) in enumerate(zip(*map(clips.open_clip, (film, out)), strict=True)):
        moved = np.abs(own.image - new.image)
        assert moved[:, 34:].max() < 0.02
        assert (moved[:, :30].mean() > 0.02) == (not moving or number < 2)


# ---- color --------------------------------------------------------------------------------------


def spread(path):
    return int(np.ptp(images.to_uint8(images.load_image(path)), axis=-1).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "colors"),
    [
        ("adain", None),
        ("wct", None),
        ("patches", None),
        ("adain", "covariance"),
        ("mean_std", "covariance"),
        ("mean_std", "luminance"),
    ],
)
def test_gray_in_a_gray_style_stays_gray(colors, method, photo, tmp_path):
    Image.fromarray(photo).convert("L").save(tmp_path / "gray.png")
    collection_style = images.to_uint8(collection.style_image("engraving", size=64))
    Image.fromarray(collection_style).convert("L").save(tmp_path / "style.png")
    options = ["--keep-colors", colors] if colors else []
    out = tmp_path / "out.png"
    answer = stylize(
        tmp_path / "gray.png", tmp_path / "style.png", "-o", out, "--method", method, *options
    )
    assert answer.exit_code == 0, answer.output
    assert spread(out) <= 1
    if colors != "covariance":  # the same method is asked once
        arguments = [tmp_path / "gray.png", "mosaic", "-o", tmp_path / "c.png", "--method", method]
        assert stylize(*arguments).exit_code == 0
        assert spread(tmp_path / "c.png") > 20, "the style's colors are lost"


def test_a_gray_style_and_colors_kept_by_covariance_is_warned_of(file, photo, tmp_path):
    Image.fromarray(photo).convert("L").save(tmp_path / "style.png")
    arguments = [file, tmp_path / "style.png", "-o", tmp_path / "out.png", *QUICK]
    answer = stylize(*arguments, "--keep-colors", "covariance")
    assert answer.exit_code == 0 and "--keep-colors luminance" in answer.stderr
    for options in (["--keep-colors", "luminance"], []):
        assert "luminance" not in stylize(*arguments, "--overwrite", *options).output


def test_a_wide_profile_is_converted_or_kept(photo, tmp_path):
    profile = image_files.rgb_profile(
        "red", "green", "blue", gamma="srgb", primaries=image_files.P3_PRIMARIES
    )
    Image.fromarray(photo).save(tmp_path / "wide.png", icc_profile=profile)
    shown = {}
    for name, options in {"plain": [], "kept": ["--keep-profile"]}.items():
        out = tmp_path / f"{name}.png"
        answer = stylize(tmp_path / "wide.png", "mosaic", "-o", out, *QUICK, *options)
        assert answer.exit_code == 0, answer.output
        with Image.open(out) as result:
            assert (result.info["icc_profile"] == profile) == (name == "kept")
        shown[name] = images.load_image(out)
    assert np.abs(shown["plain"] - shown["kept"]).mean() < 0.02


@pytest.mark.parametrize("suffix", [".bmp", ".gif"])
def test_a_file_without_room_for_a_profile_is_in_srgb(suffix, photo, tmp_path):
    profile = image_files.rgb_profile(
        "red", "green", "blue", gamma="srgb", primaries=image_files.P3_PRIMARIES
    )
    red = np.full((32, 48, 3), (200, 60, 40), np.uint8)
    Image.fromarray(red).save(tmp_path / "wide.png", icc_profile=profile)
    # Nothing is painted, so that the colors can be told.
    mask = mask_file("white on black", tmp_path / "mask.png", red.shape)
    out = tmp_path / f"out{suffix}"
    options = ["--keep-profile", "--mask", mask, *QUICK]
    answer = stylize(tmp_path / "wide.png", "mosaic", "-o", out, *options)
    assert answer.exit_code == 0 and "this format has no color profiles" in said(answer)
    assert np.abs(images.load_image(out)[:, 30:] * 255 - (217, 42, 23)).max() < 3


@pytest.mark.parametrize("kind", ["16-bit gray", "inks"])
def test_only_colors_in_the_profile_are_said_to_be_in_it(kind, photo, tmp_path):
    bright = image_files.rgb_profile(
        "red", "green", "blue", gamma=1.8, primaries=image_files.P3_PRIMARIES
    )
    if kind == "inks":
        path = tmp_path / "inks.jpg"
        Image.fromarray(photo).convert("CMYK").save(path, icc_profile=bright, quality=95)
        _, notes = images.load_with_notes(path, keep_profile=True)
        assert not notes.wide
        return
    path = tmp_path / "gray.png"
    levels = np.full((32, 48), 128 * 257, np.uint16)
    Image.fromarray(levels).save(path, icc_profile=bright)
    kept, notes = images.load_with_notes(path, keep_profile=True)
    assert notes.wide and abs(kept.mean() * 255 - 128) < 0.5
    plain, _ = images.load_with_notes(path)
    assert plain.mean() * 255 > 135


# ---- what a file says besides -------------------------------------------------------------------


def test_date_and_resolution_are_carried_over_or_dropped(photo, tmp_path):
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Model 1", 6
    exif[0x8769], exif[0x8825] = {0x9003: "2026:05:01 10:00:00"}, {1: "N", 2: (48.0, 51.0, 24.0)}
    Image.fromarray(photo).save(tmp_path / "photo.jpg", exif=exif, dpi=(300, 300))
    for name, options in {"kept": [], "stripped": ["--strip"]}.items():
        out = tmp_path / f"{name}.jpg"
        answer = stylize(tmp_path / "photo.jpg", "mosaic", "-o", out, *QUICK, *options)
        assert answer.exit_code == 0, answer.output
        with Image.open(out) as result:
            found = result.getexif()
            assert result.size == (32, 48)
            assert (found.get(0x0110), result.info.get("dpi")) == (
                ("Model 1", (300, 300)) if name == "kept" else (None, None)
            )
            assert bool(found.get_ifd(0x8769)) == (name == "kept")
            assert not found.get_ifd(0x8825) and found.get(0x0112, 1) == 1


def test_transparency_stays_and_the_ground_is_not_painted(photo, tmp_path):
    alpha = np.zeros(photo.shape[:2], np.uint8)
    alpha[4:28, 8:40], alpha[10:20, 10:20] = 255, 100
    Image.fromarray(np.dstack([photo, alpha])).save(tmp_path / "logo.png")
    for suffix in ("png", "webp", "tif", "jpg"):
        out = tmp_path / f"out.{suffix}"
        answer = stylize(tmp_path / "logo.png", "mosaic", "-o", out, *QUICK)
        assert answer.exit_code == 0, answer.output
        with Image.open(out) as result:
            pixels = np.asarray(result.convert("RGBA"))
        if suffix == "jpg":
            assert pixels[:3].min() > 230
        else:
            assert np.abs(pixels[..., 3].astype(int) - alpha).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
def test_the_transparent_ground_of_an_animation_is_not_painted(suffix, photo, tmp_path):
    alphas = np.zeros((3, *photo.shape[:2]), np.uint8)
    frames = []
    for number, alpha in enumerate(alphas):
        alpha[4:28, 8 + 8 * number : 30 + 8 * number] = 255
        pixels = np.dstack([photo, alpha])
        pixels[alpha == 0, :3] = (255, 0, 255)
        frames.append(Image.fromarray(pixels))
    source = tmp_path / "a.webp"
    frames[0].save(source, save_all=True, append_images=frames[1:], lossless=True, exact=True)
    out = tmp_path / f"out{suffix}"
    answer = stylize(source, "mosaic", "-o", out)
    assert answer.exit_code == 0, answer.output
    for alpha, frame, own in zip(alphas, clips.open_clip(out), frames, strict=True):
        assert np.abs(frame.alpha * 255 - alpha).max() < 1
        inside = alpha > 0
        moved = np.abs(frame.image - np.asarray(own)[..., :3] / 255)[inside]
        assert moved.mean() > 0.05
    answer = stylize(source, "mosaic", "-o", tmp_path / "out.mp4")
    assert answer.exit_code == 0, answer.output
    for frame in clips.open_clip(tmp_path / "out.mp4"):
        assert frame.image[:2].min() > 0.9


# ---- sizes --------------------------------------------------------------------------------------


def test_a_huge_jpeg_needs_a_size_or_leave(tmp_path):
    Image.new("RGB", (12_000, 9_000), (90, 120, 60)).save(tmp_path / "huge.jpg", quality=30)
    arguments = [tmp_path / "huge.jpg", "mosaic", "-o", tmp_path / "out.jpg", *QUICK]
    answer = stylize(*arguments)
    assert answer.exit_code == 1 and "--max-pixels" in answer.output
    answer = stylize(*arguments, "--size", "60")
    assert answer.exit_code == 0, answer.output
    assert images.load_image(tmp_path / "out.jpg").shape == (45, 60, 3)


@pytest.mark.parametrize("option", [[], ["--max-pixels", "1000"]])
def test_a_limit_of_ones_own(option, file, tmp_path):
    answer = stylize(file, "mosaic", "-o", tmp_path / "out.png", *QUICK, *option)
    assert answer.exit_code == (1 if option else 0)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(5000, 75), (75, 5000), (20_000, 20)])
def test_a_panorama_as_a_style(size, file, tmp_path):
    Image.effect_noise(size, 80).convert("RGB").save(tmp_path / "style.png")
    answer = stylize(file, tmp_path / "style.png", "-o", tmp_path / "out.png")
    assert answer.exit_code == 0, answer.output
    shape = work.style_image(str(tmp_path / "style.png")).shape
    assert min(shape[:2]) == pytest.approx(min(64, *size), abs=4)
    assert max(shape[:2]) / min(shape[:2]) == pytest.approx(max(size) / min(size), rel=0.02)


# ---- animations and films -----------------------------------------------------------------------

PAUSES = [40, 80, 120, 160, 200, 240]


def animation(path, **options):
    frames = [Image.fromarray(films.image(number, 32, 48)) for number in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=PAUSES, **options)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "target"),
    [(".webp", ".mp4"), (".gif", ".webm"), (".png", ".gif"), (".gif", ".webp"), (".webp", ".png")],
)
def test_an_animation_stays_one(suffix, target, tmp_path):
    source = animation(tmp_path / f"a{suffix}", loop=2)
    answer = stylize(source, "mosaic", "-o", tmp_path / f"out{target}")
    assert answer.exit_code == 0, answer.output
    assert "6 frames (0.8 s)" in answer.output
    assert lasting(tmp_path / f"out{target}") == pytest.approx([one / 1000 for one in PAUSES])


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".webp", ".png"])
def test_an_animation_into_a_folder_stays_one_and_into_a_jpeg_is_said(suffix, tmp_path):
    source = animation(tmp_path / f"a{suffix}")
    answer = stylize(source, "mosaic", "-o", tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert len(lasting(tmp_path / "out" / source.name)) == 6
    answer = stylize(source, "mosaic", "-o", tmp_path / "out.jpg", *QUICK)
    assert answer.exit_code == 0 and "only its first image was used" in answer.stderr


def test_an_image_for_programs_that_know_no_animations_is_no_frame_of_it(tmp_path):
    frames = [Image.new("RGB", (48, 32), color) for color in ("red", "lime", "blue")]
    path = tmp_path / "a.png"
    frames[0].save(
        path, save_all=True, append_images=frames[1:], default_image=True, duration=[200, 300]
    )
    clip = clips.open_clip(path)
    assert clip.count == 2 and lasting(path) == [0.2, 0.3]
    assert [tuple(frame.image[0, 0]) for frame in clip] == [(0, 1, 0), (0, 0, 1)]


def test_a_video_without_a_suffix_becomes_a_video(tmp_path):
    films.film(tmp_path / "clip.mp4", films.evenly(2), size=(32, 48))
    (tmp_path / "clip.mp4").rename(tmp_path / "clip")
    answer = stylize(tmp_path / "clip", "mosaic", "-o", tmp_path / "out/")
    assert answer.exit_code == 0, answer.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["clip.mp4"]


def test_a_folder_of_frames_with_rate_and_sound(tmp_path):
    (tmp_path / "frames").mkdir()
    for number, suffix in enumerate(("png", "jpg", "gif", "png")):
        frame = Image.fromarray(films.image(number, 48, 64))
        frame.save(tmp_path / "frames" / f"frame-{number}.{suffix}")
    sound = films.film(tmp_path / "sound.m4a.mp4", films.evenly(3), sound=2.0)
    sound = sound.rename(tmp_path / "sound.m4a")
    out = tmp_path / "film.mp4"
    answer = stylize(
        tmp_path / "frames", "mosaic", "-o", out, "--rate", "8", "--sound", sound, "--quality", 60
    )
    assert answer.exit_code == 0, answer.output
    assert lasting(out) == pytest.approx([0.125] * 4, abs=0.001)
    seconds, loudest = films.loudness(out)
    assert loudest > 0.2 and seconds == pytest.approx(0.5, abs=0.06)


# ---- folders ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights there")
def test_a_link_to_a_folder_is_not_followed_and_not_said_to_be(file, tmp_path):
    (tmp_path / "in").mkdir()
    file.rename(tmp_path / "in" / file.name)
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "itself").symlink_to("itself")
    answer = stylize(tmp_path / "in", "mosaic", "-o", tmp_path / "out", "--recursive", *QUICK)
    assert answer.exit_code == 0
    assert "Links to folders are not followed" in said(answer)
    assert "Add --recursive" not in said(answer)


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights there")
def test_a_link_to_nothing_is_there_already(file, tmp_path):
    (tmp_path / "out.png").symlink_to(tmp_path / "nowhere.png")
    answer = stylize(file, "mosaic", "-o", tmp_path / "out.png", *QUICK)
    assert answer.exit_code == 2 and "exists already" in said(answer)


def test_pages_are_no_animation(photo, tmp_path):
    pages = [Image.fromarray(photo), Image.fromarray(255 - photo)]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    answer = stylize(tmp_path / "scan.tif", "mosaic", "-o", tmp_path / "out.mp4", *QUICK)
    assert answer.exit_code == 2 and "an image is not written as .mp4" in said(answer)


def test_a_name_that_no_file_can_have(file, tmp_path):
    answer = stylize(file, "mosaic", "-o", tmp_path / f"{'x' * 300}.png", *QUICK)
    assert answer.exit_code == 2 and "too long" in said(answer)


@pytest.mark.slow
def test_all_that_lies_in_a_folder_is_made_or_named(photo, tmp_path):
    folder = tmp_path / "in"
    (folder / "below" / "deep").mkdir(parents=True)
    for place in ("a.jpg", "below/b.PNG", "below/deep/a.jpg"):
        Image.fromarray(photo).save(folder / place)
    films.film(folder / "c.mov", films.evenly(2), size=(32, 48))
    (folder / "d.cr3").write_bytes(b"raw")
    (folder / "e.jxl").write_bytes(b"unknown")
    answer = stylize(folder, "mosaic", "-o", tmp_path / "out")
    assert answer.exit_code == 1
    for words in (f"Passed over: {folder}/below/, {folder}/d.cr3.", "--recursive", "e.jxl: this"):
        assert words in answer.output
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"a.jpg", "c.mov"}
    answer = stylize(folder, "mosaic", "-o", folder / "out", "--recursive", "--skip-existing")
    assert answer.exit_code == 1, answer.output
    made = {str(one.relative_to(folder / "out")) for one in (folder / "out").rglob("*.*")}
    assert made == {"a.jpg", "c.mov", "below/b.PNG", "below/deep/a.jpg"}
    (folder / "e.jxl").unlink()
    answer = stylize(folder, "mosaic", "-o", folder / "out", "--recursive", "--skip-existing")
    assert answer.exit_code == 0 and "4 there already" in answer.output


@pytest.mark.parametrize("name", ["mosaic", "results/", "my.results/"])
def test_a_folder_is_asked_for_by_a_name_without_suffix_or_a_slash(
    name, file, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for again in ([], ["--overwrite"]):
        # The style is not taken for the folder of that name.
        answer = stylize(file, "mosaic", "-o", name, *QUICK, *again)
        assert answer.exit_code == 0, answer.output
    assert [one.name for one in (tmp_path / name).iterdir()] == ["photo.png"]


@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.jgp", "no/such/out.svg"])
def test_a_photograph_is_no_video_and_no_folder(name, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = stylize(file, "mosaic", "-o", name, *QUICK)
    assert answer.exit_code == 2 and ".jpeg .jpg .png" in said(answer)
    assert [one.name for one in tmp_path.iterdir()] == ["photo.png"]


# ---- pipes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_from_standard_input_to_standard_output(format, photo, tmp_path):
    data = image_files.encoded(Image.fromarray(photo), format)
    answer = stylize("-", "mosaic", "-o", "-", *QUICK, input=data)
    assert answer.exit_code == 0, answer.stderr
    with Image.open(io.BytesIO(answer.stdout_bytes)) as result:
        assert (result.format, result.size) == (format, (48, 32))
    assert "1 file written to standard output" in answer.stderr
    answer = stylize("-", "mosaic", "-o", tmp_path / "out.webp", *QUICK, input=data)
    assert answer.exit_code == 0 and images.load_image(tmp_path / "out.webp").shape == (32, 48, 3)


def test_what_a_pipe_cannot_carry(file, tmp_path):
    for arguments in ([file, file, "--style", "mosaic"], [tmp_path, "mosaic"]):
        answer = stylize(*arguments, "-o", "-")
        assert answer.exit_code == 2 and "a single image" in said(answer)
    for data in (b"no image", b"\x89PNG\r\n\x1a\n cut short"):
        answer = stylize("-", "mosaic", "-o", "-", *QUICK, input=data)
        assert answer.exit_code == 1 and not answer.stdout_bytes
        assert "standard input: " in answer.stderr and tempfile.gettempdir() not in answer.stderr
    film = films.film(tmp_path / "film.mp4", films.evenly(2)).read_bytes()
    answer = stylize("-", "mosaic", "-o", "-", input=film)
    assert answer.exit_code == 2 and "standard output: a video is not written as .png" in said(
        answer
    )


def test_a_panorama_that_becomes_too_narrow_says_which_size_works(tmp_path):
    Image.effect_noise((5000, 75), 80).convert("RGB").save(tmp_path / "wide.jpg")
    arguments = [tmp_path / "wide.jpg", "mosaic", "-o", tmp_path / "out.png", *QUICK, "--size"]
    answer = stylize(*arguments, 400)
    assert answer.exit_code == 1 and "75 x 5000" in answer.stderr
    answer = stylize(*arguments, re.search(r"--size (\d+)", answer.stderr)[1])
    assert answer.exit_code == 0, answer.output
    assert images.load_image(tmp_path / "out.png").shape == (16, 1067, 3)


# ---- networks of one's own ----------------------------------------------------------------------


@pytest.mark.slow
def test_networks_that_a_training_wrote(file, photo, tmp_path):
    from course_lib.autoencoder import Autoencoder, PaintingDecoder
    from course_lib.transfer import FeatureTransfer

    folder, out = tmp_path / "run", tmp_path / "own.png"
    folder.mkdir()
    autoencoder = Autoencoder(channels=(4, 6, 8, 10))
    autoencoder.save(folder / "autoencoder.npz")
    arguments = [file, "mosaic", "-o", out, "--networks", folder]
    answer = stylize(*arguments)
    assert answer.exit_code == 2 and "no painter.npz" in said(answer)
    painter = PaintingDecoder(channels=(4, 6, 8, 10))
    painter.build()
    painter.save(folder / "painter.npz")
    for method in ("adain", "wct", "mean_std", "optimize"):
        steps = ["--steps", "1"] if method == "optimize" else []
        answer = stylize(*arguments, "--method", method, "--overwrite", *steps)
        assert answer.exit_code == 0, answer.output
    own = FeatureTransfer.from_networks(folder)
    assert own.painter.channels == own.autoencoder.encoder.channels == (4, 6, 8, 10)
    answer = stylize(*arguments, "--overwrite")
    expected = own(photo / np.float32(255), work.style_image("mosaic"))
    assert np.abs(images.load_image(out) - expected).max() <= 0.6 / 255


# ---- what help and README show ------------------------------------------------------------------


def examples():
    """Every command that help and README show, without what starts it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [*(stylize_command.stylize.__doc__ or "").splitlines(), *readme.splitlines()]
    found = [line.split("course stylize ")[1] for line in lines if " course stylize " in line]
    return list(dict.fromkeys(one for one in found if " -o " in one))


@pytest.mark.slow
@pytest.mark.parametrize("example", examples())
def test_what_is_shown_as_an_example_runs(example, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "holiday.jpg"):
        Image.fromarray(photo).save(name)
    for name in ("painting.png", "my-painting.png"):
        Image.fromarray(255 - photo[::-1]).save(name)
    for folder in ("photos/below", "frames"):
        Path(folder).mkdir(parents=True)
        for number in range(2):
            Image.fromarray(photo).save(f"{folder}/{number}.png")
    films.film(Path("clip.mp4"), films.evenly(2), size=(32, 48))
    films.film(Path("music.mp4"), films.evenly(2), size=(32, 48), sound=1.0)
    Path("music.mp4").rename("music.m4a")
    arguments = shlex.split(example)
    answer = stylize(*arguments)
    assert answer.exit_code == 0, answer.output
    out = Path(arguments[arguments.index("-o") + 1])
    made = list(out.rglob("*.png")) if out.is_dir() else [out]
    assert len(made) == (2 if out.is_dir() else 1)
    if out.suffix in (".mp4", ".mov"):
        assert len(lasting(out)) == 2
    else:
        for path in made:
            assert np.abs(images.load_image(path) * 255 - photo).mean() > 5
    if "--skip-existing" in arguments:
        answer = stylize(*arguments)
        assert answer.exit_code == 0 and "No file was written: 2 there already." in answer.output


# ---- words and signals --------------------------------------------------------------------------


def test_without_arguments_the_shortest_example_is_shown_and_it_runs(file, tmp_path, monkeypatch):
    answer = stylize()
    assert answer.exit_code == 2
    example = answer.output.splitlines()[0]
    assert example == "course stylize photo.jpg mosaic -o painted.jpg"
    monkeypatch.chdir(tmp_path)
    Image.open(file).save("photo.jpg")
    assert stylize(*example.split()[2:]).exit_code == 0
    assert images.load_image("painted.jpg").shape == (32, 48, 3)
    answer = stylize("photo.jpg", "mosaic")
    assert answer.exit_code == 2 and "-o painted.jpg" in said(answer)


@pytest.mark.parametrize(
    "arguments", [["photo.jpg", "mosaic", "-o", "-x.png"], ["-x.png", "mosaic", "-o", "out.png"],
                  ["--x.png", "mosaic", "-o", "out.png"]]
)  # fmt: skip
def test_a_name_that_begins_with_a_dash_is_told_what_to_do(arguments, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = next(one for one in arguments if one.endswith("x.png"))
    Image.open(file).save(Path("photo.jpg"))
    Image.open(file).save(Path(tmp_path / name))
    answer = stylize(*arguments, *QUICK)
    assert answer.exit_code == 2 and f"write ./{name}" in said(answer)
    arguments = [f"./{name}" if one == name else one for one in arguments]
    answer = stylize(*arguments, *QUICK, "--overwrite")
    assert answer.exit_code == 0, answer.output
    answer = stylize("--nothing", "mosaic", "-o", "out.png")
    assert answer.exit_code == 2 and "./--nothing" not in said(answer)


def test_in_chinese_all_that_is_told_is_chinese(file, photo, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    out, folder = tmp_path / "out", tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b", "c"):
        Image.fromarray(photo).save(folder / f"{name}.png")
    (folder / "d.png").write_bytes(b"no image")
    (folder / "notes.txt").touch()
    answer = stylize(file, "mosaic", "-o", out, *QUICK)
    assert f"已把 1 个文件写到 {out}。" in answer.stdout
    answer = stylize(folder, "mosaic", "-o", out, *QUICK)
    assert f"已把 3 个文件写到 {out}，1 个没有写出（原因见上文）。" in answer.stdout
    assert answer.stderr.count("d.png") == 1 and "这是文本" in answer.stderr
    assert f"略过：{folder / 'notes.txt'}。" in answer.stderr
    answer = stylize(folder, "mosaic", "-o", out, *QUICK)
    assert "a.png 已经存在。" in answer.stderr and "原因见上文" in answer.stdout
    answer = stylize(folder / "a.png", "mosaic", "-o", out, *QUICK, "--skip-existing")
    assert "没有写出任何文件：1 个早已写出。" in answer.stdout
    answer = stylize(folder / "a.png", folder / "no.png", "--style", "mosaic", "-o", out)
    assert answer.stderr.count("no.png") == 1 and "没有这个文件" in answer.stderr
    answer = stylize()
    assert "本课程的其他风格" in answer.output and "mosaic" in answer.output


def test_the_version():
    answer = CliRunner().invoke(cli.app, ["--version"])
    assert answer.exit_code == 0 and answer.output == f"course {cli.course_lib.__version__}\n"


PROGRAM = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from course_lib import backend, cli
from course_lib.stylize import command, work
def importing():
    # As a library does that swallows what it does not know.
    print("importing", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for _ in range(200):
        try:
            time.sleep(0.05)
        except BaseException:
            pass
phase = sys.argv.pop(1)
if phase == "plan":
    def planning(*arguments, **options):
        print("planning", flush=True)
        time.sleep(20)
    command.make_plan = planning
elif phase == "import":
    backend.quiet_framework_import = importing
else:
    class Slow(work.Stylizer):
        def __init__(self, settings): self.settings, self.advice = settings, []
        def styles(self): pass
        def make(self, job, progress=None, overwrite=False):
            from course_lib.files import replacing
            with replacing(job.target) as part:
                part.write_bytes(b"half")
                print("writing", flush=True)
                time.sleep(20)
    command.Stylizer = Slow
cli.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent to one process there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", ["plan", "import", "write"])
def test_told_to_stop_it_stops_at_once_and_leaves_nothing(phase, number, file, tmp_path):
    command = [sys.executable, "-c", PROGRAM, phase, "stylize", str(file), "mosaic"]
    running = subprocess.Popen(
        [*command, "-o", str(tmp_path / "out.png")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    line = running.stdout.readline()
    assert line in (b"planning\n", b"importing\n", b"writing\n")
    os.kill(running.pid, number)
    output, errors = running.communicate(timeout=8)
    assert running.returncode == 128 + number, errors
    assert b"Traceback" not in errors
    assert phase == "plan" or b"Stopped" in output + errors
    assert [one.name for one in tmp_path.iterdir()] == ["photo.png"]
