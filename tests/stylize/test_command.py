"""`course stylize` as a user runs it: what it writes, what it says, and what it leaves alone."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from course_lib import cli, collection, images
from course_lib.autoencoder import SMALLEST_IMAGE
from course_lib.images.profiles import profile_from
from course_lib.stylize import plan, work
from course_lib.transfer import PixelTransfer, clips, feature, pixel
from course_lib.transfer.colors import to_space
from course_lib.transfer.video import SteadyTransfer
from tests.helpers import films, image_files

# A process that was started in the background may have been told to ignore Ctrl-C.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from course_lib.cli import main
main()
"""
COURSE = [sys.executable, "-c", PROGRAM, "stylize"]
# The method that needs no network is the quickest.
QUICK = ["--method", "mean_std"]


def stylize(*arguments):
    return CliRunner().invoke(cli.app, ["stylize", *map(str, arguments)])


def everything(answer):
    """All that was said, without the frame that usage errors are drawn in."""
    return " ".join(answer.output.replace("│", " ").split())


@pytest.fixture
def photos(tmp_path):
    """A folder with two images, a text and a hidden file."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, suffix in (("coffee", "jpg"), ("chelsea", "png")):
        Image.fromarray(images.to_uint8(collection.photograph(name, size=48))).save(
            folder / f"{name}.{suffix}"
        )
    (folder / "notes.txt").write_text("not an image, and not meant as one")
    (folder / "._coffee.jpg").write_bytes(b"left by another system")
    return folder


def bytes_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("method", ["adain", "wct", "patches", "optimize"])
def test_one_image_by_each_kind_of_method(photos, tmp_path, method):
    out = tmp_path / "out.png"
    steps = ["--steps", "2"] if method == "optimize" else []
    answer = stylize(photos / "coffee.jpg", "mosaic", "-o", out, "--method", method, *steps)
    assert answer.exit_code == 0, answer.output
    assert "1 file written" in answer.output
    content, result = images.load_image(photos / "coffee.jpg"), images.load_image(out)
    assert result.shape == content.shape
    assert np.abs(result - content).max() > 0.03


def test_the_command_does_what_the_library_does(photos, tmp_path):
    from course_lib.transfer import FeatureTransfer

    style = photos / "chelsea.png"
    options = ["--strength", "0.5", "--keep-colors", "luminance", "--size", "32"]
    answer = stylize(photos / "coffee.jpg", style, "-o", tmp_path / "out.png", *options)
    assert answer.exit_code == 0, answer.output
    content = images.load_image(photos / "coffee.jpg", size=32)
    expected = FeatureTransfer()(
        content, images.load_image(style), strength=0.5, keep_colors="luminance"
    )
    assert np.abs(images.load_image(tmp_path / "out.png") - expected).max() <= 0.6 / 255


def test_a_folder_keeps_names_and_leaves_originals_alone(photos, tmp_path):
    before = bytes_below(photos)
    answer = stylize(photos, "--style", "woodcut", "-o", tmp_path / "new" / "out", *QUICK)
    assert answer.exit_code == 0, answer.output
    assert "2 files written" in answer.output
    names = sorted(path.name for path in (tmp_path / "new" / "out").iterdir())
    assert names == ["chelsea.png", "coffee.jpg"]
    assert bytes_below(photos) == before


def test_files_and_a_style_file_into_a_folder_and_once_more(photos, tmp_path):
    arguments = [photos / "coffee.jpg", photos / "chelsea.png", photos / "coffee.jpg"]
    for again in ([], ["--overwrite"]):
        answer = stylize(*arguments, "-o", tmp_path / "out", *QUICK, *again)
        assert answer.exit_code == 0, answer.output
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_originals_are_never_overwritten(photos, tmp_path):
    # What is there is replaced when that is asked for: not when it is the content.
    images.save_image(collection.photograph("coffee", size=48), photos / "ours.png")
    before = bytes_below(photos)
    answer = stylize(photos, "--style", "woodcut", "-o", photos, "--overwrite", *QUICK)
    assert answer.exit_code == 2
    assert answer.output.count("is an original") == 3
    for path in (photos / "coffee.jpg", photos / "ours.png"):
        assert answer.output.count(str(path)) == 1, "the path is said once"
    assert "No file was written: see above." in answer.output
    answer = stylize(photos / "coffee.jpg", photos / "ours.png", "-o", photos / "ours.png", *QUICK)
    assert answer.exit_code == 2
    link = tmp_path / "link.jpg"
    link.symlink_to(photos / "coffee.jpg")
    answer = stylize(photos / "coffee.jpg", "woodcut", "-o", link, *QUICK)
    assert answer.exit_code == 2
    assert bytes_below(photos) == before


def test_what_is_there_is_not_replaced_unless_asked_for(photos, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "coffee.jpg").write_bytes(b"somebody's")
    answer = stylize(photos, "--style", "woodcut", "-o", tmp_path / "out", *QUICK)
    assert answer.exit_code == 1
    assert "1 file written" in answer.output and "exists already" in answer.output
    assert (tmp_path / "out" / "coffee.jpg").read_bytes() == b"somebody's"
    before = bytes_below(tmp_path / "out")
    answer = stylize(photos, "--style", "woodcut", "-o", tmp_path / "out", "--skip-existing")
    assert answer.exit_code == 0, answer.output
    assert "No file was written: 2 there already." in answer.output
    assert bytes_below(tmp_path / "out") == before
    answer = stylize(photos, "--style", "woodcut", "-o", tmp_path / "out", "--overwrite", *QUICK)
    assert answer.exit_code == 0, answer.output
    assert images.load_image(tmp_path / "out" / "coffee.jpg").shape == (32, 48, 3)


def test_two_images_of_one_name_are_not_written_to_one_file(photos, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "coffee.jpg").write_bytes((photos / "coffee.jpg").read_bytes())
    answer = stylize(photos, other, "--style", "woodcut", "-o", tmp_path / "out", *QUICK)
    assert answer.exit_code == 1
    assert "2 files written" in answer.output
    assert f"{other / 'coffee.jpg'}: {tmp_path / 'out' / 'coffee.jpg'} is made" in answer.output


def test_the_command_knows_what_the_library_knows():
    """Its own lists, which it needs before anything is imported, are those of the rooms."""
    assert list(work.Method) == [*feature.METHODS, *pixel.METHODS, "optimize"]
    assert set(clips.MOVIES) == plan.MOVIES and set(clips.ANIMATIONS) == plan.ANIMATIONS
    assert set(images.FORMATS_BY_SUFFIX) == plan.WRITTEN
    assert work.SMALLEST == clips.SMALLEST == SMALLEST_IMAGE


def test_a_mask_says_where(photos, tmp_path):
    content = images.load_image(photos / "chelsea.png")
    height, width = content.shape[:2]
    left = np.zeros((2 * height, 2 * width, 3), "float32")
    left[:, :width] = 1
    images.save_image(left, tmp_path / "mask.png")
    options = ["-o", tmp_path / "out.png", "--mask", tmp_path / "mask.png", *QUICK]
    answer = stylize(photos / "chelsea.png", "woodcut", *options)
    assert answer.exit_code == 0, answer.output
    moved = np.abs(images.load_image(tmp_path / "out.png") - content).mean(axis=(0, 2))
    assert moved[: width // 2 - 4].mean() > 2 * moved[width // 2 + 4 :].mean()
    images.save_image(left[:, : 3 * width // 2], tmp_path / "wrong.png")
    options = ["-o", tmp_path / "other.png", "--mask", tmp_path / "wrong.png", *QUICK]
    answer = stylize(photos / "chelsea.png", "woodcut", *options)
    assert answer.exit_code == 2 and "proportions" in everything(answer)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["adain", "mean_std"])
def test_keep_colors_by_covariance(photos, tmp_path, method):
    for name, options in (("with", []), ("without", ["--keep-colors", "covariance"])):
        out = tmp_path / f"{name}.png"
        options = [*options, "--method", method]
        answer = stylize(photos / "coffee.jpg", "turing", "-o", out, *options)
        assert answer.exit_code == 0, answer.output
    content = images.load_image(photos / "coffee.jpg").mean(axis=(0, 1))
    far, near = (
        np.abs(images.load_image(tmp_path / f"{name}.png").mean(axis=(0, 1)) - content).sum()
        for name in ("with", "without")
    )
    assert near < far


@pytest.mark.parametrize("method", ["adain", "mean_std", "patches"])
def test_every_kind_of_method_moves_the_bar_and_can_keep_colors(method):
    content, style = (
        collection.photograph("coffee", size=48),
        collection.style_image("turing", size=48),
    )
    shares = []
    transfer = work.transfer_for(work.Settings(("turing",), method=method))
    code = transfer.style_code(style)
    result = transfer(content, code, keep_colors="luminance", progress=shares.append)
    assert len(shares) >= 2 and shares == sorted(shares) and shares[-1] == pytest.approx(1.0)
    own, kept = (to_space(one, "lab")[..., 1:] for one in (content, result))
    assert np.median(np.abs(own - kept)) < 1.0


def test_rotation_and_color_profile_are_applied(photos, tmp_path):
    upright = Image.open(photos / "coffee.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    swapped = Image.fromarray(np.asarray(upright)[..., ::-1])
    swapped.rotate(90, expand=True).save(
        tmp_path / "turned.png",
        exif=exif,
        icc_profile=image_files.rgb_profile("blue", "green", "red"),
    )
    expected = images.load_image(tmp_path / "turned.png")
    # The profile's curve is a plain power, which sRGB's is not quite.
    assert np.abs(expected - images.load_image(photos / "coffee.jpg")).max() <= 12 / 255
    images.save_image(expected, tmp_path / "plain.png")
    for name in ("turned", "plain"):
        answer = stylize(
            tmp_path / f"{name}.png", "woodcut", "-o", tmp_path / f"{name}-out.png", *QUICK
        )
        assert answer.exit_code == 0, answer.output
    turned, plain = (
        images.load_image(tmp_path / f"{name}-out.png") for name in ("turned", "plain")
    )
    assert np.abs(turned - plain).max() <= 3 / 255
    with Image.open(tmp_path / "turned-out.png") as result:
        assert result.getexif().get(0x0112) is None
        assert profile_from(result.info["icc_profile"]) is None, "the result is not called sRGB"
    with Image.open(tmp_path / "plain-out.png") as result:
        assert "icc_profile" not in result.info


# ---- what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{photos}/coffee.jpg"], "last the style"),
        (["{photos}/coffee.jpg", "mosaik"], "course's style images"),
        (["{photos}/coffee.jpg", "{photos}/notes.txt"], "this is text"),
        (["{photos}", "woodcut", "--method", "magic"], "adain"),
        (["{photos}", "woodcut", "--keep-colors", "all"], "luminance"),
        (["{photos}", "woodcut", "--steps", "5"], "--method optimize"),
        (["{photos}", "woodcut", "--strength", "2"], "--strength"),
        (["{photos}", "woodcut", "--size", "4"], "--size"),
        (["{photos}", "woodcut", "--mask", "{photos}/notes.txt"], "the mask"),
        (["{empty}", "woodcut"], "no images in this folder"),
        (["{photos}/a.WAV", "woodcut"], "this is a sound"),
        (["{photos}/coffee.jpg", "{photos}/a.WAV"], "this is a sound"),
        (["{photos}", "woodcut", "--strength", "nan"], "--strength"),
        (["{photos}", "woodcut", "--rate", "10"], "--rate goes with a folder"),
        (["{photos}", "woodcut", "--rate", "0"], "--rate 0: give a number above 0"),
        (["{photos}", "woodcut", "--seconds", "-1"], "--seconds -1: give a number above 0"),
        (["{photos}", "woodcut", "--seconds", "nan"], "--seconds nan: give a number above 0"),
        (["{photos}", "woodcut", "--seconds", "inf"], "--seconds inf: give a number above 0"),
        (["{photos}", "woodcut", "--overwrite", "--skip-existing"], "exclude each other"),
        (["https://example.org/a.jpg", "woodcut"], "https://example.org/a.jpg: this is a web"),
        (["{photos}", "ftp://example.org/a.jpg"], "ftp://example.org/a.jpg: this is a web"),
        (["{photos}", "woodcut", "-o", ""], "say where to write"),
        (["{photos}", "woodcut", "--weights", "1,2"], "for each --style"),
        (["{photos}", "--style", "woodcut", "--style", "mosaic", "--weights", "1"], "for each"),
        (["{photos}", "--style", "woodcut", "--style", "mosaic", "--weights", "3,-1"], "0 or more"),
        (["{photos}", "--style", "woodcut", "--style", "mosaic", "--weights", "0,0"], "above 0"),
        (["{photos}", "woodcut", "--seconds", "1"], "--seconds goes with a video"),
        (["{photos}", "woodcut", "--sound", "{photos}/coffee.jpg"], "--sound goes with a video"),
        (["{photos}/film.mp4", "woodcut", "--sound", "{photos}/coffee.jpg"], "no sound in it"),
        (["{photos}", "woodcut", "--mask", "{tmp}/tall.png"], "proportions"),
        (["{photos}", "woodcut", "--mask", "{tmp}/tall.png", "--workers", "2"], "proportions"),
        (["{photos}/film.mp4", "woodcut", "--mask", "{tmp}/tall.png"], "proportions"),
        (["{photos}/coffee.jpg", "woodcut", "--mask", "{photos}/film.mp4"], "with videos only"),
        (["{photos}/chelsea.png", "woodcut", "--quality", "90"], "--quality goes with JPEG"),
        (["{photos}/chelsea.png", "woodcut", "--networks", "{photos}"], "neither autoencoder.npz"),
    ],
)
def test_what_cannot_start_says_why_and_writes_nothing(photos, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    (photos / "a.WAV").write_bytes(b"RIFF")
    if "film.mp4" in str(arguments):
        films.film(photos / "film.mp4", films.evenly(2), size=(48, 64))
    if "tall.png" in str(arguments):
        half = np.zeros((64, 16), np.uint8)
        half[:32] = 255
        Image.fromarray(half).save(tmp_path / "tall.png")
    places = {"photos": photos, "tmp": tmp_path, "empty": tmp_path / "empty"}
    arguments = [one.format(**places) for one in arguments]
    answer = stylize("-o", tmp_path / "out", *arguments)
    assert answer.exit_code == 2
    assert message in everything(answer)
    assert not list(tmp_path.glob("out/*"))


def test_a_mask_that_fits_some_of_the_contents_is_used_for_these(photos, tmp_path):
    Image.new("RGB", (20, 60), "gray").save(photos / "tall.png")
    mask = np.zeros(images.load_image(photos / "coffee.jpg").shape[:2], np.uint8)
    mask[:16] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    contents = [photos / "tall.png", photos / "coffee.jpg"]
    options = ["--style", "woodcut", "-o", tmp_path / "out", "--mask", tmp_path / "mask.png"]
    answer = stylize(*contents, *options, *QUICK)
    assert answer.exit_code == 1 and "tall.png: the mask of" in everything(answer)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["coffee.jpg"]


@pytest.mark.parametrize(
    ("out", "message"), [("out.jpg", "need a folder"), ("photos/coffee.jpg", "this is a file")]
)
def test_several_images_need_a_folder(photos, tmp_path, out, message):
    answer = stylize(photos, "woodcut", "-o", tmp_path / out)
    assert answer.exit_code == 2
    assert message in everything(answer)


@pytest.mark.parametrize("name", ["out.heic", "out.tga", "out.jgp", "out.svg", "out.webm"])
def test_a_suffix_that_is_not_written(photos, tmp_path, name):
    answer = stylize(photos / "coffee.jpg", "woodcut", "-o", tmp_path / name)
    assert answer.exit_code == 2
    assert "is not written as" in everything(answer) and ".jpg" in everything(answer)
    assert not (tmp_path / name).exists()


def test_the_folder_of_a_single_result_is_made(photos, tmp_path):
    out = tmp_path / "new" / "folder" / "out.png"
    answer = stylize(photos / "coffee.jpg", "woodcut", "-o", out, *QUICK)
    assert answer.exit_code == 0, answer.output
    assert images.load_image(out).shape == images.load_image(photos / "coffee.jpg").shape
    answer = stylize(photos / "coffee.jpg", "woodcut", "-o", out / "below.png", *QUICK)
    assert answer.exit_code == 2
    assert "folder cannot be made" in everything(answer)


def test_an_image_that_is_not_there_is_named(photos, tmp_path):
    answer = stylize(photos / "tea.jpg", "woodcut", "-o", tmp_path / "out.jpg", *QUICK)
    assert answer.exit_code == 2
    assert f"{photos / 'tea.jpg'}: there is no such file" in answer.output
    answer = stylize(photos / "tea.jpg", photos / "coffee.jpg", "woodcut", "-o", tmp_path, *QUICK)
    assert answer.exit_code == 1 and "1 file written" in answer.output
    assert not (tmp_path / "out.jpg").exists()


# ---- stopping ---------------------------------------------------------------------------------


def test_stopping_between_two_images(photos, tmp_path, monkeypatch):
    """The keyboard interrupts the second image: the first stays, and is counted."""
    finished = work.Stylizer.make

    def interrupted(self, job, **options):
        if job.content.name == "coffee.jpg":
            raise KeyboardInterrupt
        return finished(self, job, **options)

    monkeypatch.setattr(work.Stylizer, "make", interrupted)
    answer = stylize(photos, "--style", "woodcut", "-o", tmp_path / "out", *QUICK)
    assert answer.exit_code == 130
    assert "1 file written" in answer.output and "Stopped before the end" in answer.output
    [whole] = (tmp_path / "out").iterdir()
    assert images.load_image(whole).shape == images.load_image(photos / whole.name).shape


def test_stopping_within_an_image_leaves_nothing_of_it(photos, tmp_path, monkeypatch):
    def interrupted(self, content, style, progress):
        progress(0.5)
        raise KeyboardInterrupt

    monkeypatch.setattr(PixelTransfer, "change", interrupted)
    answer = stylize(photos / "coffee.jpg", "woodcut", "-o", tmp_path / "out.png", *QUICK)
    assert answer.exit_code == 130
    assert "No file was written" in answer.output and "Traceback" not in answer.output
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.slow
def test_a_batch_goes_on_with_the_video_in_which_it_was_stopped(photos, tmp_path, monkeypatch):
    films.film(photos / "film.mp4", films.evenly(20), size=(48, 64))
    whole, out = SteadyTransfer.__call__, tmp_path / "out"
    seen = []

    def interrupted(self, frames):
        seen.append(len(frames))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return whole(self, frames)

    monkeypatch.setattr(SteadyTransfer, "__call__", interrupted)
    answer = stylize(photos, "--style", "woodcut", "-o", out)
    assert answer.exit_code == 130
    assert "film-unfinished.mp4: holds the part that was finished." in answer.output
    assert sorted(one.name for one in out.iterdir()) == [
        "chelsea.png", "coffee.jpg", "film-unfinished.mp4"
    ]  # fmt: skip
    assert sum(1 for _ in clips.open_clip(out / "film-unfinished.mp4")) == seen[0]
    before = bytes_below(out)
    answer = stylize(photos, "--style", "woodcut", "-o", out, "--skip-existing")
    assert answer.exit_code == 0 and "2 there already" in answer.output
    assert sum(1 for _ in clips.open_clip(out / "film.mp4")) == 20
    assert before.items() <= bytes_below(out).items()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_leaves_whole_files(tmp_path):
    folder, out = tmp_path / "photos", tmp_path / "out"
    folder.mkdir()
    for number in range(400):
        images.save_image(collection.photograph("coffee", size=64), folder / f"{number:03d}.png")
    command = [*COURSE, str(folder), "--style", "woodcut", "-o", str(out)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 200
    while time.monotonic() < until and not (out.is_dir() and len(list(out.glob("*.png"))) > 3):
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGINT)
    said, wrong = running.communicate(timeout=100)
    assert running.returncode == 130, wrong
    assert "Stopped before the end" in said and "Traceback" not in wrong
    written = list(out.iterdir())
    assert 3 < len(written) < 400 and all(path.suffix == ".png" for path in written)
    assert all(images.load_image(path).shape == (43, 64, 3) for path in written)
