"""Whole trainings: by function, by command, killed and resumed, on several devices."""

import csv
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from typer.testing import CliRunner

from course_lib import images, train_command
from course_lib.autoencoder import (
    Autoencoder,
    PaintingDecoder,
    load_model,
    save_model,
)
from course_lib.errors import TrainingError
from course_lib.training import Settings, train_paint, train_reconstruct
from course_lib.training.recipes import copied
from course_lib.transfer import FeatureTransfer
from tests.helpers.checkout import ROOT
from tests.training.small_training import smooth_image, write_images, write_teacher

SCRIPT = "tests.training.training_run"
SMALL = Settings(steps=4, crop=16, batch=4, every=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photographs, paintings and a teacher, all made here."""
    folder = tmp_path_factory.mktemp("material")
    write_images(folder / "photographs")
    write_images(folder / "paintings", count=2, side=48)
    write_teacher(folder / "teacher.npz")
    return folder


def small_autoencoder():
    keras.utils.set_random_seed(1)
    return Autoencoder((4, 5))


def files(out):
    return sorted(path.name for path in Path(out).iterdir())


def log_of(out):
    """The log as dictionaries, without its times."""
    with open(Path(out) / "log.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


# --- by function ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reconstructed(folder, tmp_path_factory):
    """A finished run: its folder, the network that came back, and the lines it reported."""
    out = tmp_path_factory.mktemp("runs") / "run"
    tiny = folder / "photographs" / "tiny.png"
    images.save_image(smooth_image(10, 10, 0), tiny)
    lines = []
    trained = train_reconstruct(
        folder / "photographs", out, start=small_autoencoder(), settings=SMALL, report=lines.append
    )
    tiny.unlink()
    return out, trained, lines


@pytest.mark.slow
def test_reconstruct_returns_what_it_has_written(reconstructed):
    out, trained, lines = reconstructed
    assert files(out) == [
        "autoencoder.npz",
        "checkpoint-0000002.npz",
        "checkpoint-0000004.npz",
        "left-out.txt",
        "log.csv",
        "log.png",
        "sheet-0000002.jpg",
        "sheet-0000004.jpg",
    ]
    assert "tiny.png: 10 x 10 pixels, where 16 are needed" in (out / "left-out.txt").read_text()
    assert "1 file(s) cannot be used and are left out:" in lines
    assert any(line.startswith("step 4/4  loss ") for line in lines)
    stored = Autoencoder.load(out / "autoencoder.npz")
    for one, two in zip(trained.get_weights(), stored.get_weights(), strict=True):
        np.testing.assert_array_equal(one.astype("float16"), two.astype("float16"))
        assert one.dtype == np.float32
    changed = zip(small_autoencoder().get_weights(), trained.get_weights(), strict=True)
    assert all(np.abs(one - two).max() > 0 for one, two in changed)
    names = {"loss", "reconstruct", *(f"held_out_{tap}" for tap in trained.taps)}
    assert names <= log_of(out)[0].keys()


@pytest.mark.slow
def test_a_finished_run_is_not_written_over(folder, reconstructed):
    out = reconstructed[0]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(TrainingError, match="holds a run already"):
        train_reconstruct(folder / "nowhere", out, settings=SMALL)
    options = {"start": small_autoencoder(), "settings": SMALL, "report": None}
    with pytest.raises(TrainingError, match="images was '4 files"):
        train_reconstruct(folder / "photographs", out, leave_out=["0.png"], resume=True, **options)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.newest
@pytest.mark.slow
def test_paint_trains_the_painter_and_leaves_the_encoder_alone(folder, tmp_path):
    encoder = small_autoencoder()
    before = encoder.get_weights()
    painter = train_paint(
        folder / "photographs",
        tmp_path / "run",
        paintings=folder / "paintings",
        teacher=None,
        start=encoder,
        settings=SMALL,
        report=None,
    )
    assert isinstance(painter, PaintingDecoder) and painter.channels == (4, 5)
    for one, two in zip(before, encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert {"painter.npz", "sheet-0000004.jpg"} <= set(files(tmp_path / "run"))
    assert {"content", "structure", "style", "identity"} <= log_of(tmp_path / "run")[0].keys()
    load_model(tmp_path / "run" / "painter.npz", PaintingDecoder)
    # Beside it lies the encoder whose features it understands: the folder is all one needs.
    used = FeatureTransfer.from_networks(tmp_path / "run")
    assert used.painter.channels == (4, 5)
    for one, two in zip(before, used.autoencoder.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-3)


def test_a_painter_of_another_encoder_is_refused(folder, tmp_path):
    painter = PaintingDecoder((4, 7))
    painter.build()
    save_model(painter, tmp_path / "painter.npz")
    with pytest.raises(TrainingError, match=r"made for \(4, 7\) channels"):
        train_paint(
            folder / "photographs",
            tmp_path / "run",
            teacher=None,
            start=small_autoencoder(),
            painter=tmp_path / "painter.npz",
            settings=SMALL,
            report=None,
        )


# --- by command -------------------------------------------------------------------------------


def course_train(*arguments):
    return CliRunner().invoke(train_command.app, [str(argument) for argument in arguments])


OPTIONS = ("photographs", "paintings", "out", "steps", "crop", "batch", "start", "resume")


@pytest.mark.parametrize("command", ["reconstruct", "distill", "paint"])
def test_help_names_every_option_of_the_course(command):
    text = course_train(command, "--help").output
    for option in (*OPTIONS, "leave-out"):
        assert f"--{option}" in text
    assert ("--teacher" in text) == (command != "reconstruct")


def test_help_starts_no_framework():
    code = (
        "import sys; from course_lib import train_command; "
        "print([m for m in ('keras', 'tensorflow', 'jax', 'torch', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.newest
@pytest.mark.slow
def test_the_command_trains_and_resumes(folder, tmp_path):
    names = tmp_path / "held-out.txt"
    names.write_text("3.png\n\n  2.png \n")
    out = tmp_path / "run"
    arguments = ("distill", "--photographs", folder / "photographs", "--out", out)
    arguments += ("--paintings", folder / "paintings", "--teacher", folder / "teacher.npz")
    arguments += ("--leave-out", names, "--channels", "4,5", "--upsampling", "bilinear")
    arguments += ("--steps", 2, "--crop", 16, "--batch", 2, "--every", 1)
    arguments += ("--precision", "mixed_bfloat16")
    done = course_train(*arguments)
    assert done.exit_code == 0, done.output
    assert "step 2/2  loss " in done.output
    row = log_of(out)[0]
    assert np.isfinite(float(row["distill"])) and "explained_relu2_1" in row
    trained = Autoencoder.load(out / "autoencoder.npz")
    assert trained.encoder.channels == (4, 5) and trained.decoder.upsampling == "bilinear"
    again = course_train(*arguments)
    assert isinstance(again.exception, TrainingError)
    done = course_train(*arguments, "--resume")
    assert done.exit_code == 0 and "Resumed at step 2." in done.output


def test_command_errors_say_what_to_do(folder, tmp_path):
    start = tmp_path / "start.npz"
    small_autoencoder().save(start)
    base = ("reconstruct", "--photographs", folder / "photographs", "--out", tmp_path / "run")
    done = course_train(*base, "--start", start, "--channels", "4,5")
    assert done.exit_code == 2 and "--start says the architecture" in done.output
    done = course_train(*base, "--upsampling", "cubic")
    assert done.exit_code == 2 and "--upsampling" in done.output and "cubic" in done.output
    done = course_train(*base, "--crop", "30")
    assert isinstance(done.exception, TrainingError) and "multiple of 8" in str(done.exception)
    assert not (tmp_path / "run").exists()


# --- killed, and on several devices -----------------------------------------------------------


def training_process(kind, folder, out, *resume, **environment):
    command = [sys.executable, "-m", SCRIPT, kind, str(folder), str(out), *resume]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    try:
        _, errors = process.communicate(timeout=400)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, errors[-3000:]


def kill_when(process, out, name):
    """kill -9 as soon as a file is there."""
    deadline = time.monotonic() + 900
    while not (out / name).exists():
        assert process.poll() is None, process.stderr.read()[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_a_run_killed_twice_gives_the_same_weights_bit_for_bit(folder, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    finish(training_process("distill", folder, whole))
    kill_when(training_process("distill", folder, killed), killed, "checkpoint-0000004.npz")
    kill_when(
        training_process("distill", folder, killed, "resume"), killed, "checkpoint-0000016.npz"
    )
    assert not (killed / "trained.npz").exists()
    finish(training_process("distill", folder, killed, "resume"))

    with np.load(whole / "trained.npz") as one, np.load(killed / "trained.npz") as two:
        assert one.files == two.files and len(one.files) > 8
        for name in one.files:
            np.testing.assert_array_equal(one[name], two[name])
    assert log_of(whole) == log_of(killed)
    assert [int(row["step"]) for row in log_of(killed)] == list(range(4, 25, 4))
    assert files(whole) == files(killed)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_share_every_batch_and_compute_what_one_does(folder, tmp_path, backend):
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    process = training_process(
        "shared", folder, tmp_path, KERAS_BACKEND=backend, DEVICES="2", STEPS="20", EVERY="10"
    )
    finish(process)
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "two.npz") as two:
        for name in one.files:
            np.testing.assert_allclose(one[name], two[name], rtol=1e-5, atol=1e-6)
    first, last = (float(row["loss"]) for row in log_of(tmp_path / "distill"))
    assert last < first
    Autoencoder.load(tmp_path / "distill" / "autoencoder.npz")


@pytest.mark.slow
def test_training_runs_on_pytorch(folder, tmp_path):
    if not importlib.util.find_spec("torch"):
        pytest.skip("torch is not installed")
    out = tmp_path / "run"
    finish(training_process("distill", folder, out, KERAS_BACKEND="torch", STEPS="20", EVERY="10"))
    first, last = (float(row["loss"]) for row in log_of(out))
    assert last < first


def test_a_copy_is_independent_of_what_it_was_copied_from():
    original = small_autoencoder()
    copy = copied(original, Autoencoder)
    crops = smooth_image(16, 16, 0)[None]
    np.testing.assert_array_equal(
        ops.convert_to_numpy(copy(crops)), ops.convert_to_numpy(original(crops))
    )
    copy.encoder.first[0].convolution.bias.assign(np.ones(4, "float32"))
    assert np.abs(original.get_weights()[1]).max() == 0
