"""What a classroom does to the course: wrong arguments, little memory, odd homes, many files.

Whatever happens, a reader gets a result or words that help, and no file is lost.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import course_lib
from course_lib import cli, collection, images, linear, losses, metrics, plots, training
from course_lib.autoencoder import Autoencoder, load_model, save_model
from course_lib.budget import choose_budget
from course_lib.errors import ModelError, OutOfMemoryError, TransferError
from course_lib.exercises import exercise
from course_lib.features import FeatureExtractor
from course_lib.transfer import (
    FeatureTransfer,
    ImageOptimizer,
    PixelTransfer,
    StyleCode,
    optimize_image,
    reconstruct_tiled,
)
from course_lib.transfer.audio import load_sound
from course_lib.transfer.clips import open_clip, save_clip
from course_lib.transfer.colors import match_colors, with_colors_of
from tests.helpers.broken_images import whole_files
from tests.helpers.checkout import ROOT
from workshop.lessons import lessons

IMAGE = np.random.default_rng(0).uniform(size=(32, 32, 3)).astype("float32")
OTHER = IMAGE[::-1].copy()
BATCH = IMAGE[None]


@pytest.fixture(scope="module")
def network():
    return Autoencoder.from_course()


@pytest.fixture(scope="module")
def transfer(network):
    return FeatureTransfer("adain", autoencoder=network)


# --- wrong arguments ----------------------------------------------------------------------------

NO_TEXT = {"None": None, "a number": -1, "a list": ["a", "b"], "an array": np.ones(3)}
NO_NAME = NO_TEXT | {"an unknown name": "no such thing"}
NO_NUMBER = {"None": None, "text": "text", "a list": [1], "NaN": float("nan"), "below 0": -1}
NO_DICTIONARY = {"None": None, "text": "text", "a number": -1, "an array": np.ones((2, 2))}
NO_IMAGE = {
    "None": None,
    "text": "text",
    "a number": -1,
    "an object": object(),
    "nothing": np.zeros(0),
    "no pixels": np.zeros((0, 4, 3), "float32"),
    "a row": np.ones(5, "float32"),
    "five axes": np.ones((1, 1, 4, 4, 3), "float32"),
    "NaN": np.full((32, 32, 3), np.nan, "float32"),
    "0 to 255": 255 * IMAGE,
    "words": np.array([["a", "b"]]),
}
NO_BATCH = {name: value for name, value in NO_IMAGE.items() if name not in ("NaN", "0 to 255")} | {
    "an image": IMAGE
}
PAIR = {"one": BATCH}

# What is called, and what it is called with.
CALLS = {
    "images.load_image": (images.load_image, NO_IMAGE),
    "images.to_bytes": (images.to_bytes, NO_IMAGE),
    "images.to_batch": (images.to_batch, NO_IMAGE),
    "images.from_batch": (images.from_batch, NO_IMAGE),
    "images.resize, image": (lambda x: images.resize(x, 16), NO_IMAGE),
    "images.resize, size": (lambda x: images.resize(IMAGE, x), NO_NUMBER),
    "images.crop_to_multiple": (lambda x: images.crop_to_multiple(IMAGE, x), NO_NUMBER),
    "collection.photograph": (collection.photograph, NO_NAME),
    "collection.style_image": (collection.style_image, NO_NAME),
    "collection.info": (collection.info, NO_NAME),
    "choose_budget": (choose_budget, {key: NO_NAME[key] for key in NO_NAME if key != "None"}),
    "exercise": (exercise, NO_NAME),
    "linear.to_patches": (linear.to_patches, {"None": None, "text": "text", "a row": np.ones(5)}),
    "linear.to_patches, side": (lambda x: linear.to_patches(IMAGE, side=x), NO_NUMBER | {"0": 0}),
    "linear.principal_components": (
        lambda x: linear.principal_components(x, 2),
        {"None": None, "text": "text", "a row": np.ones(5), "NaN": np.full((5, 5), np.nan)},
    ),
    "losses.reconstruction_loss": (
        lambda x: losses.reconstruction_loss(BATCH, x),
        NO_BATCH,
    ),
    "losses.gram_matrix": (losses.gram_matrix, NO_BATCH),
    "losses.total_variation_loss": (losses.total_variation_loss, NO_BATCH),
    "losses.content_loss": (lambda x: losses.content_loss(PAIR, x), NO_DICTIONARY),
    "losses.content_loss, target": (lambda x: losses.content_loss(x, PAIR), NO_DICTIONARY),
    "losses.style_loss": (lambda x: losses.style_loss(PAIR, x), NO_DICTIONARY),
    "losses.style_loss, weights": (
        lambda x: losses.style_loss(PAIR, PAIR, weights=x),
        {key: NO_DICTIONARY[key] for key in NO_DICTIONARY if key != "None"},
    ),
    "FeatureExtractor": (FeatureExtractor, NO_NAME),
    "metrics.psnr": (lambda x: metrics.psnr(IMAGE, x), NO_IMAGE),
    "metrics.ssim": (lambda x: metrics.ssim(x, x), NO_IMAGE),
    "metrics.content_kept": (lambda x: metrics.content_kept(x, IMAGE), NO_IMAGE),
    "metrics.style_moved": (lambda x: metrics.style_moved(x, IMAGE, OTHER), NO_IMAGE),
    "metrics.edge_agreement": (lambda x: metrics.edge_agreement(x, x), NO_IMAGE),
    "metrics.color_distance": (lambda x: metrics.color_distance(IMAGE, x), NO_IMAGE),
    "metrics.color_distance, directions": (
        lambda x: metrics.color_distance(IMAGE, OTHER, projections=x),
        NO_NUMBER,
    ),
    "metrics.sliced_wasserstein": (
        lambda x: metrics.sliced_wasserstein(x, x),
        {"None": None, "text": "text", "words": [["a"]], "a row": np.ones(5)},
    ),
    "metrics.sharpness": (metrics.sharpness, NO_IMAGE),
    "metrics.checkerboard_strength": (metrics.checkerboard_strength, NO_IMAGE),
    "metrics.checkerboard_strength, period": (
        lambda x: metrics.checkerboard_strength(IMAGE, period=x),
        NO_NUMBER,
    ),
    "metrics.warping_error": (metrics.warping_error, NO_IMAGE),
    "metrics.bits_per_pixel": (
        lambda x: metrics.bits_per_pixel(x, 10),
        {"None": None, "text": "text", "words": ["a"], "an object": object()},
    ),
    "metrics.compression_ratio": (lambda x: metrics.compression_ratio(x, (1,)), NO_DICTIONARY),
    "metrics.evaluate": (lambda x: metrics.evaluate([IMAGE], [OTHER], x), NO_DICTIONARY),
    "metrics.pareto_front": (metrics.pareto_front, NO_DICTIONARY),
    "FeatureTransfer": (FeatureTransfer, NO_NAME),
    "FeatureTransfer, autoencoder": (
        lambda x: FeatureTransfer("adain", autoencoder=x),
        {"text": "text", "a number": -1, "an object": object()},
    ),
    "PixelTransfer": (PixelTransfer, NO_NAME),
    "PixelTransfer, patch": (lambda x: PixelTransfer("patches", tap=None, patch=x), NO_NUMBER),
    "optimize_image": (lambda x: optimize_image(x, OTHER, steps=1), NO_IMAGE),
    "optimize_image, style": (
        lambda x: optimize_image(IMAGE, x, steps=1),
        NO_IMAGE,
    ),
    "optimize_image, steps": (
        lambda x: optimize_image(IMAGE, OTHER, steps=x),
        NO_NUMBER | {"0": 0},
    ),
    "optimize_image, scales": (
        lambda x: optimize_image(IMAGE, OTHER, steps=1, scales=x),
        {"text": "text", "a list": [1], "0": 0},
    ),
    "optimize_image, weight": (
        lambda x: optimize_image(IMAGE, OTHER, steps=1, style_weight=x),
        NO_NUMBER,
    ),
    "match_colors": (lambda x: match_colors(x, OTHER), NO_IMAGE),
    "with_colors_of": (lambda x: with_colors_of(OTHER, x), NO_IMAGE),
    "open_clip": (open_clip, NO_IMAGE),
    "save_clip": (lambda x: save_clip(x, "clip.mp4"), NO_IMAGE),
    "load_sound": (load_sound, NO_IMAGE),
    "plots.show_images": (lambda x: plots.show_images(x, alt="a"), NO_DICTIONARY),
    "plots.show_images, alt": (
        lambda x: plots.show_images({"a": IMAGE}, alt=x),
        {key: value for key, value in NO_TEXT.items() if value is not None} | {"nothing": " "},
    ),
    "plots.plot_lines": (lambda x: plots.plot_lines({"a": x}, "x", "y", alt="a"), NO_NUMBER),
    "plots.plot_bars": (
        lambda x: plots.plot_bars({"a": x}, "y", alt="a"),
        {"None": None, "text": "text", "an array": np.ones(3)},
    ),
    "plots.show_matrix": (lambda x: plots.show_matrix(x, alt="a"), NO_IMAGE),
}
CAT = collection.photograph("chelsea", size=48)
# The same with what is made once for all tests.
METHODS = {
    "encode": (lambda one, x: one.autoencoder.encode(x), NO_BATCH),
    "reconstruct": (lambda one, x: one.autoencoder.reconstruct(x), NO_BATCH),
    "decode": (lambda one, x: one.autoencoder.decode(x), NO_BATCH),
    "reconstruct_tiled": (lambda one, x: reconstruct_tiled(one.autoencoder, x), NO_IMAGE),
    "stylize, content": (lambda one, x: one(x, OTHER), NO_IMAGE),
    "stylize, style": (lambda one, x: one(IMAGE, x), NO_IMAGE),
    "stylize, strength": (lambda one, x: one(IMAGE, OTHER, strength=x), NO_NUMBER | {"2": 2.0}),
    "stylize, tap_strength": (
        lambda one, x: one(IMAGE, OTHER, tap_strength={"relu1_1": x}),
        NO_NUMBER,
    ),
    "stylize, weights": (
        lambda one, x: one(IMAGE, [OTHER, IMAGE], weights=x),
        {"text": "text", "a number": 1.0, "below 0": [-1, 2], "NaN": [float("nan"), 1.0]},
    ),
    "stylize, masks": (
        lambda one, x: one(IMAGE, OTHER, masks=x),
        {"text": "text", "a number": 1.0, "another size": [np.ones((3, 3))], "words": ["a"]},
    ),
    "stylize, keep_colors": (
        lambda one, x: one(IMAGE, OTHER, keep_colors=x),
        {key: NO_NAME[key] for key in NO_NAME if key != "None"},
    ),
}


def is_documented(error: Exception) -> bool:
    """One of the course's own kinds, or a ValueError with its words: nothing from deep inside."""
    *_, innermost = traceback.extract_tb(error.__traceback__)
    ours = Path(innermost.filename).is_relative_to(ROOT / "course_lib")
    named = type(error).__module__.startswith("course_lib.")
    return (named or (ours and type(error) is ValueError)) and len(str(error)) > 20


def answers(call, values) -> list[str]:
    """What was wrong with the answers to values that cannot be used."""
    faults = []
    for name, value in values.items():
        try:
            call(value)
        except Exception as error:
            if not is_documented(error):
                faults.append(f"{name}: {type(error).__module__}.{type(error).__name__}: {error}")
        else:
            faults.append(f"{name}: no error")
    return faults


@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_used_is_answered_by_an_error_of_ours(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert answers(*CALLS[name]) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", METHODS)
def test_what_a_network_cannot_use_is_answered_by_an_error_of_ours(name, transfer):
    call, values = METHODS[name]
    assert answers(lambda value: call(transfer, value), values) == []


def test_an_error_from_deep_inside_would_be_found():
    assert answers(lambda x: np.zeros(3)[x], {"None": None, "text": "text"})[0].startswith("None:")
    assert "IndexError" in answers(lambda x: np.zeros(3)[x], {"text": "text"})[0]


# --- memory that is not enough ------------------------------------------------------------------


class ResourceExhaustedError(Exception):
    """As TensorFlow calls it."""


class OutOfMemoryErrorOfTorch(RuntimeError):
    """As PyTorch calls it, under its own name below."""


OutOfMemoryErrorOfTorch.__name__ = "OutOfMemoryError"

SHORTAGES = {
    "Python": MemoryError(),
    "TensorFlow": ResourceExhaustedError("OOM when allocating tensor with shape[1,24,9000,9000]"),
    "JAX": RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 123456789 bytes."),
    "PyTorch": OutOfMemoryErrorOfTorch("CUDA out of memory. Tried to allocate 20.00 GiB."),
    "PyTorch on a CPU": RuntimeError("DefaultCPUAllocator: can't allocate memory"),
}


def failing(error):
    def fail(*arguments, **options):
        raise error

    return fail


@pytest.mark.parametrize("framework", SHORTAGES)
def test_a_shortage_of_memory_becomes_advice(framework, transfer, monkeypatch):
    monkeypatch.setattr(transfer, "run_draw", failing(SHORTAGES[framework]))
    with pytest.raises(OutOfMemoryError, match="not enough memory.*tiles: FeatureTransfer") as said:
        transfer(IMAGE, OTHER)
    assert str(said.value).count("not enough memory") == 1
    assert type(SHORTAGES[framework]).__name__ in str(said.value)


def test_every_transfer_gives_the_advice(transfer, monkeypatch):
    shortage = failing(SHORTAGES["TensorFlow"])
    with monkeypatch.context() as short:
        short.setattr(transfer, "run_look", shortage)
        for call in (transfer.style_code, transfer.content_code):
            with pytest.raises(OutOfMemoryError, match="smaller"):
                call(IMAGE)
    pixels = PixelTransfer("mean_std", tap=None)
    monkeypatch.setattr(pixels, "change", shortage)
    with pytest.raises(OutOfMemoryError, match="smaller"):
        pixels(IMAGE, OTHER)
    optimizer = ImageOptimizer(IMAGE, OTHER, steps=1, every=1)
    monkeypatch.setattr(optimizer, "run", shortage)
    with pytest.raises(OutOfMemoryError, match="smaller"):
        optimizer.advance()


@pytest.mark.parametrize(
    ("plan", "advice"),
    [
        ({"batch": 6, "crop": 40}, "with --batch 2 (batch=2) or --crop 16 (crop=16) or a network"),
        ({"batch": 2, "crop": 40}, "with --crop 16 (crop=16) or a network"),
        ({"batch": 4, "crop": 24}, "with --batch 2 (batch=2) or a network"),
        ({"batch": 2, "crop": 16}, "with a network of fewer channels"),
    ],
)
def test_training_names_settings_that_need_less(plan, advice, tmp_path, monkeypatch):
    monkeypatch.setattr(training.DistillStage, "fit", failing(SHORTAGES["TensorFlow"]))
    plan = training.Settings(steps=2, precision="float32", devices=1, **plan)
    stage = training.DistillStage(Autoencoder(channels=(2, 3)))
    with pytest.raises(OutOfMemoryError, match="not enough memory to train") as said:
        training.run_stage(stage, lambda step: None, tmp_path / "run", plan, report=None)
    assert advice in str(said.value) and "another folder" in str(said.value)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checkpoint-0000000.npz"]


def test_learning_against_a_judge_gives_the_advice(monkeypatch):
    stage = training.AdversarialStage(training.TextureAutoencoder((2, 3)), {"reconstruct": 1.0})
    monkeypatch.setattr(stage, "fit", failing(SHORTAGES["JAX"]))
    with pytest.raises(OutOfMemoryError, match="smaller batch, or smaller crops"):
        training.fit_stage(stage, {"images": BATCH}, batch=1)


def test_other_errors_stay_what_they_are(transfer, monkeypatch):
    monkeypatch.setattr(transfer, "run_draw", failing(RuntimeError("something else")))
    with pytest.raises(RuntimeError, match="^something else$"):
        transfer(IMAGE, OTHER)
    with pytest.raises(TransferError, match="strength"):
        transfer(IMAGE, OTHER, strength=7)


def test_the_command_passes_the_advice_on_and_makes_the_other_images(tmp_path, monkeypatch):
    images.save_image(np.ones((40, 40, 3)), tmp_path / "large.png")
    images.save_image(IMAGE, tmp_path / "small.png")
    change = PixelTransfer.change

    def short_of_memory(self, content, *rest, **options):
        if len(content) == 40:
            raise MemoryError
        return change(self, content, *rest, **options)

    monkeypatch.setattr(PixelTransfer, "change", short_of_memory)
    command = [str(tmp_path), "--style", "woodcut", "--method", "mean_std"]
    answer = CliRunner().invoke(cli.app, ["stylize", *command, "-o", str(tmp_path / "out")])
    assert answer.exit_code == 1 and "1 file written" in answer.output
    [line] = [one for one in answer.output.splitlines() if "large.png: " in one]
    assert "not enough memory" in line and "smaller" in line
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["small.png"]


# --- damaged files ------------------------------------------------------------------------------


def mended_badly(data: bytes, draw) -> bytes:
    """A file from which a piece was lost, doubled, or exchanged for bytes of chance."""
    first, last = sorted(draw(st.integers(0, len(data))) for _ in range(2))
    kind = draw(st.sampled_from(["lost", "doubled", "exchanged"]))
    piece = {"lost": b"", "doubled": 2 * data[first:last]}.get(kind)
    piece = draw(st.binary(max_size=40)) if piece is None else piece
    return data[:first] + piece + data[last:]


def test_images_put_together_of_the_pieces_of_others():
    whole = whole_files()

    @settings(max_examples=100)
    @given(st.sampled_from(sorted(whole)), st.sampled_from(sorted(whole)), st.data())
    def load(first, second, data):
        cut = data.draw(st.integers(0, len(whole[first])))
        spliced = whole[first][:cut] + whole[second][data.draw(st.integers(0, 200)) :]
        try:
            image = images.load_image(mended_badly(spliced, data.draw), max_pixels=300_000)
        except images.ImageError:
            return
        assert image.ndim == 3 and image.dtype == np.float32
        assert np.isfinite(image).all() and image.size <= 3 * 300_000

    load()


@pytest.mark.parametrize("kind", ["style", "weights", "sound"])
def test_a_damaged_file_of_ours_is_refused_or_read(kind, tmp_path):
    """Nothing in it is ever run as code, and no other error than ours comes out."""
    path = tmp_path / {"style": "a.npz", "weights": "b.npz", "sound": "c.wav"}[kind]
    if kind == "style":
        StyleCode({"relu1_1": (np.ones((1, 1, 1, 4)), np.ones((1, 1, 1, 4)))}).save(path)
        read, refusal = StyleCode.load, TransferError
    elif kind == "weights":
        small = Autoencoder(channels=(2, 3))
        save_model(small, path)
        read, refusal = lambda file: load_model(file, Autoencoder), (ModelError, ValueError)
    else:
        import soundfile

        soundfile.write(path, np.zeros(9000, "float32"), 22050)
        read, refusal = load_sound, TransferError
    read(path)
    whole = path.read_bytes()

    @settings(max_examples=15)
    @given(st.data())
    def damage(data):
        path.write_bytes(mended_badly(whole, data.draw))
        try:
            read(path)
        except refusal as error:
            assert is_documented(error) and path.name in str(error)

    damage()


def test_an_array_of_objects_is_not_unpickled(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "was run",))

    trap = tmp_path / "trap.npz"
    np.savez(trap, format=np.array([Evil()], dtype=object))
    with pytest.raises(TransferError, match="trap.npz"):
        StyleCode.load(trap)
    with pytest.raises(ModelError, match="trap.npz"):
        load_model(trap, Autoencoder)
    assert not (tmp_path / "was run").exists()


# --- odd places ---------------------------------------------------------------------------------

AT_HOME = """
import os
from pathlib import Path

import course_lib
from course_lib import collection, images, plots
from course_lib.transfer import FeatureTransfer, StyleCode

assert "ä b" in course_lib.__file__, course_lib.__file__
folder = Path("ein Ordner mit Ümläuten")
folder.mkdir()
content = collection.photograph("coffee", size=32)
images.save_image(content, folder / "süß & schön.png")
content = images.load_image(str(folder / "süß & schön.png"))
transfer = FeatureTransfer()
code = transfer.style_code(collection.style_image("woodcut", size=32))
code.save(folder / "Stil ß.npz")
painted = transfer(content, StyleCode.load(folder / "Stil ß.npz"))
images.save_image(painted, os.fsencode(folder / "gemalt.jpg"))
transfer.autoencoder.encoder.summary(print_fn=lambda words: None)
plots.plot_lines({"ä": ([0, 1], [0, 1])}, "x", "y", alt="a line")
plots.show_image(painted, alt="an image")
print(sorted(os.listdir(folder)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("home", ["unset", "not writable"])
def test_the_course_lives_in_a_folder_with_umlauts_and_without_a_home(home, tmp_path):
    place = tmp_path / "ä b" / "ü"
    shutil.copytree(ROOT / "data", place / "data")
    shutil.copytree(
        Path(course_lib.__file__).parent,
        place / "course_lib",
        ignore=shutil.ignore_patterns("__pycache__", "lessons"),
    )
    (place / "Skript ä.py").write_text(AT_HOME, encoding="utf-8")
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"PYTHONPATH": str(place), "PYTHONIOENCODING": "utf-8"}
    if home == "not writable":
        # Nobody can write there, not even the user root, for whom folders are never read-only.
        environment["HOME"] = "/dev/null/home"
    answer = subprocess.run(
        [sys.executable, "Skript ä.py"],
        cwd=place,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert "['Stil ß.npz', 'gemalt.jpg', 'süß & schön.png']" in answer.stdout
    assert "Warning" not in answer.stderr and "Traceback" not in answer.stderr, answer.stderr


SAVE_OFTEN = """
import sys
import numpy as np
from course_lib import images
for turn in range(40):
    images.save_image(np.full((64, 64, 3), float(sys.argv[1])), "shared.png", overwrite=True)
"""


def test_two_notebooks_at_once_leave_one_whole_file(tmp_path):
    """Both write the same image all the time; who reads meanwhile sees the one or the other."""
    target = tmp_path / "shared.png"
    images.save_image(np.zeros((64, 64, 3)), target)
    command = [sys.executable, "-c", SAVE_OFTEN]
    writers = [subprocess.Popen([*command, value], cwd=tmp_path) for value in ("0.2", "0.8")]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        image = images.load_image(target)
        assert np.ptp(image) == 0
        seen.add(round(float(image[0, 0, 0]), 1))
    assert [writer.wait() for writer in writers] == [0, 0]
    assert {0.2, 0.8} <= seen <= {0.0, 0.2, 0.8}
    assert [path.name for path in tmp_path.iterdir()] == ["shared.png"]


# --- a kernel that is restarted -----------------------------------------------------------------

# Calls by which a lesson could leave a file behind.
WRITES = {"save", "savez", "write_bytes", "write_text", "mkdir", "open", "save_clip", "save_sound"}
WRITES |= {"save_image", "save_model", "stylize_video", "Checkpoints", "writing", "touch"}


def writes_outside_of_temporary_folders(source: str) -> list[str]:
    """Calls that write somewhere else than below a folder that `tempfile` has just made."""
    tree, temporary = ast.parse(source), {"tempfile"}

    def is_temporary(node: ast.AST) -> bool:
        return any(isinstance(x, ast.Name) and x.id in temporary for x in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_temporary(node.value):
            temporary |= {x.id for x in ast.walk(node) if isinstance(x, ast.Name)} - {"str"}
        if isinstance(node, ast.withitem) and is_temporary(node.context_expr):
            temporary |= {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in WRITES
        and not is_temporary(node)
    ]


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.source.stem)
def test_a_lesson_leaves_nothing_behind_that_a_second_run_could_stumble_over(lesson):
    source = lesson.source.read_text(encoding="utf-8")
    assert writes_outside_of_temporary_folders(source) == []


def test_a_file_in_the_current_folder_would_be_found():
    inside = "import tempfile\nfolder = Path(tempfile.mkdtemp())\nclip = folder / 'a'\n"
    assert writes_outside_of_temporary_folders(inside + "save_clip(frames, clip)") == []
    assert writes_outside_of_temporary_folders(inside + "images.save_image(x, 'a.png')")


@pytest.mark.slow
def test_a_lesson_runs_whole_after_its_kernel_died_in_the_middle(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(lessons()[0].notebook, as_version=4)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def start():
        place = {"metadata": {"path": str(tmp_path)}}
        return NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place)

    half = len(notebook.cells) // 2
    died = start()
    with died.setup_kernel(env=environment):
        for index, cell in enumerate(notebook.cells[:half]):
            died.execute_cell(cell, index)
        died.km.provisioner.process.kill()
    start().execute(env=environment)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == sorted(counts) and None not in counts
    assert list(tmp_path.iterdir()) == []


# --- many images ------------------------------------------------------------------------------

DRIVER = """
import json
from workshop.benchmarks.common import memory
from course_lib import cli, images

save, peaks = images.save_image, []

def watched(*arguments, **options):
    peaks.append(memory())
    return save(*arguments, **options)

images.save_image = watched
try:
    cli.app(["stylize", "photos", "--style", "woodcut", "--method", "mean_std", "-o", "out"])
except SystemExit as end:
    code = end.code
print(json.dumps({"code": code, "at 50": peaks[49], "at the end": peaks[-1]}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak of memory")
def test_two_hundred_and_fifty_images_some_of_them_broken(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    generator = np.random.default_rng(0)
    whole = [images.to_bytes(generator.random((64, 64, 3)), format="png") for _ in range(10)]
    broken = {f"{number:04d}.png" for number in range(0, 250, 20)}
    names = [f"{number:04d}.png" for number in range(250)]
    for number, name in enumerate(names):
        data = whole[number % 10]
        (folder / name).write_bytes(data[: number // 2] if name in broken else data)
    images.save_image(np.zeros((8, 64, 3)), folder / max(broken), overwrite=True)
    answer = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    assert "237 files written" in answer.stdout and "13 not: see above" in answer.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(names) - broken
    reported = [line for line in answer.stderr.splitlines() if line.startswith("photos")]
    reasons = {Path(name).name: reason for name, _, reason in (x.partition(": ") for x in reported)}
    assert set(reasons) == broken and len(reported) == 13
    assert all(len(reason) > 10 and "photos" not in reason for reason in reasons.values())
    assert "8 x 64" in reasons[max(broken)], reasons[max(broken)]
    memory = json.loads(answer.stdout.splitlines()[-1])
    assert memory["code"] == 1
    # Each image that were kept in memory would add 48 KiB, its code more.
    assert memory["at the end"] - memory["at 50"] < 8, memory
