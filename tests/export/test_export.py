"""What is exported gives what the library gives, in the programs that it is exported for."""

import hashlib
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib.backend import quiet_framework_import
from tests.helpers.checkout import ROOT

keras = quiet_framework_import()

from course_lib import cli, collection, export  # noqa: E402
from course_lib.errors import BuildError, FileError  # noqa: E402
from course_lib.export import formats, parts  # noqa: E402
from course_lib.transfer import FeatureTransfer  # noqa: E402

NAMES = ("encoder", "decoder", "stylize")
# The second has odd sides, at which every level rounds.
SIZES = ((64, 96), (53, 75))
STRENGTH = 0.8
TOLERANCE = 1e-3
CONVERTERS = {"savedmodel": (), "onnx": ("onnx", "tf2onnx"), "litert": ()}
RUNTIMES = {"savedmodel": "tensorflow", "onnx": "onnxruntime", "litert": "ai_edge_litert"}

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="exports are made with TensorFlow"
)


@pytest.fixture(scope="module")
def transfer():
    return FeatureTransfer()


@pytest.fixture(scope="module")
def exported(tmp_path_factory, transfer):
    """A function (part, format) -> file; each is made once."""
    folder, made = tmp_path_factory.mktemp("exports"), {}

    def get(name, format):
        for package in CONVERTERS[format]:
            pytest.importorskip(package, reason=f"{package} is not installed: course_lib[export]")
        if (name, format) not in made:
            path = folder / f"{name}{export.FORMATS[format]}"
            made[name, format] = export.export(name, format, path, transfer=transfer)
        return made[name, format]

    return get


def run(format, path, inputs):
    """What the format's own program makes of the inputs."""
    pytest.importorskip(RUNTIMES[format], reason=f"{RUNTIMES[format]} is not installed")
    return {"savedmodel": run_savedmodel, "onnx": run_onnx, "litert": run_litert}[format](
        path, inputs
    )


def run_savedmodel(path, inputs):
    import tensorflow as tf

    call = tf.saved_model.load(str(path)).signatures["serving_default"]
    found = call(**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in found.items()}


def run_onnx(path, inputs):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def run_litert(path, inputs):
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(path)).get_signature_runner()(**inputs)


def content_and_style(size):
    return collection.photograph("chelsea", size=size), collection.style_image("woodcut", size=128)


def questions(name, transfer, size):
    """What to put in, and what the library makes of it."""
    content, style = content_and_style(size)
    features = {
        tap: keras.ops.convert_to_numpy(values)
        for tap, values in transfer.autoencoder.encode(content[None]).items()
    }
    if name == "encoder":
        return {"images": content[None]}, features
    if name == "decoder":
        code = features["relu4_1"]
        image = keras.ops.convert_to_numpy(transfer.autoencoder.decode(code))
        return {"features": code}, {"images": image}
    inputs = {"content": content[None], "style": style[None]}
    inputs["strength"] = np.array(STRENGTH, "float32")
    return inputs, {"image": transfer(content, style, strength=STRENGTH)[None]}


@pytest.mark.parametrize("format", export.FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_the_format_s_own_program_gives_what_the_library_gives(name, format, exported, transfer):
    path = exported(name, format)
    for size in SIZES:
        inputs, wanted = questions(name, transfer, size)
        found = run(format, path, inputs)
        assert set(found) == set(wanted)
        for key, values in wanted.items():
            assert found[key].shape == values.shape
            assert np.abs(found[key] - values).max() < TOLERANCE, (size, key)


@pytest.mark.parametrize("format", export.FORMATS)
def test_the_encoder_takes_several_images_at_once(format, exported, transfer):
    images = np.stack(
        [collection.photograph(name, size=(32, 48)) for name in ("chelsea", "coffee")]
    )
    found = run(format, exported("encoder", format), {"images": images})
    wanted = transfer.autoencoder.encode(images)
    assert np.abs(found["relu4_1"] - wanted["relu4_1"]).max() < TOLERANCE


def test_measuring_and_painting_are_the_two_halves_of_stylizing(transfer):
    inputs, wanted = questions("stylize", transfer, SIZES[0])
    style = inputs.pop("style")
    measured = export.part("measure", transfer=transfer).function(style)
    painted = export.part("paint", transfer=transfer).function(**inputs, **measured)
    assert np.abs(painted["image"] - wanted["image"]).max() < TOLERANCE


def test_strength_0_leaves_the_style_out(transfer):
    content, _ = content_and_style(SIZES[0])
    paint = export.part("paint", transfer=transfer).function
    one, other = (
        paint(content[None], np.full((1, 592), value, "float32"), np.float32(0.0))["image"]
        for value in (0.1, 3.0)
    )
    assert np.abs(one - other).max() < TOLERANCE


def test_a_file_made_for_one_size_says_so(tmp_path, transfer):
    path = tmp_path / "encoder.tflite"
    export.export("encoder", "litert", path, size=(32, 48), transfer=transfer)
    litert = pytest.importorskip("ai_edge_litert.interpreter", reason="course_lib[export]")
    [details] = litert.Interpreter(model_path=str(path)).get_input_details()
    assert list(details["shape_signature"][1:]) == [32, 48, 3]
    image = collection.photograph("chelsea", size=(32, 48))[None]
    found = run_litert(path, {"images": image})["relu2_1"]
    wanted = transfer.autoencoder.encode(image)["relu2_1"]
    assert np.abs(found - wanted).max() < TOLERANCE


def test_the_upsampling_for_export_is_keras_own():
    features = np.random.default_rng(0).random((2, 3, 5, 4), "float32")
    wanted = keras.layers.UpSampling2D(2)(features)
    np.testing.assert_array_equal(parts.each_twice(features), wanted)


# ---- what is in the files ----------------------------------------------------------------------


def test_weights_are_halved_where_nothing_is_lost_and_only_there(exported, transfer):
    fits = np.linspace(-1, 1, 65, dtype="float32")
    np.testing.assert_array_equal(formats.halved_where_exact(fits).astype("float32"), fits)
    assert formats.halved_where_exact(fits / 3) is None
    assert formats.halved_where_exact(fits * 1e9) is None
    assert formats.halved_where_exact(fits[:10]) is None
    weights = 2 * transfer.autoencoder.encoder.count_params()
    assert weights < exported("encoder", "onnx").stat().st_size < 1.1 * weights


EXPORT_ALL = """
import sys
from pathlib import Path
from course_lib.backend import quiet_framework_import
quiet_framework_import()
from course_lib import export
for format in sys.argv[2:]:
    export.export("decoder", format, Path(sys.argv[1]) / f"decoder{export.FORMATS[format]}")
"""


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(tmp_path):
    for package in CONVERTERS["onnx"]:
        pytest.importorskip(package, reason=f"{package} is not installed: course_lib[export]")
    # Not in the same order, because the converters number what they have made before.
    orders = (("savedmodel", "onnx", "litert"), ("savedmodel", "litert", "onnx"))
    running = []
    for seed, order in enumerate(orders):
        folder = tmp_path / str(seed)
        folder.mkdir()
        environment = dict(os.environ, PYTHONHASHSEED=str(seed))
        command = [sys.executable, "-c", EXPORT_ALL, str(folder), *order]
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
    assert [process.wait(300) for process in running] == [0, 0]
    one, other = (fingerprints(tmp_path / str(seed)) for seed in (0, 1))
    assert len(one) == 5
    assert one == other


def fingerprints(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# ---- where it is written -----------------------------------------------------------------------


def test_nothing_is_overwritten_unless_asked_for(tmp_path, monkeypatch):
    path = tmp_path / "encoder.onnx"
    path.write_text("mine")
    with pytest.raises(FileError, match="is there already.*--overwrite"):
        export.export("encoder", "onnx", path)
    assert path.read_text() == "mine"
    monkeypatch.setattr(formats, "to_onnx", lambda exported: b"new")
    export.export("encoder", "onnx", path, overwrite=True)
    assert path.read_bytes() == b"new"


def test_a_folder_that_is_no_export_is_never_replaced(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("mine")
    with pytest.raises(FileError, match="holds other files"):
        export.export("encoder", "savedmodel", tmp_path / "letters", overwrite=True)
    with pytest.raises(FileError, match="holds other files"):
        export.build_web_page(tmp_path / "letters", overwrite=True)
    assert (tmp_path / "letters" / "letter.txt").read_text() == "mine"


def test_what_fails_in_the_middle_leaves_the_old_export(tmp_path, monkeypatch):
    def fail(exported, folder):
        (folder / "half").write_text("half")
        raise MemoryError

    old = tmp_path / "encoder"
    old.mkdir()
    (old / "saved_model.pb").write_text("old")
    monkeypatch.setattr(formats, "write_savedmodel", fail)
    with pytest.raises(MemoryError):
        export.export("encoder", "savedmodel", old, overwrite=True)
    assert [file.name for file in tmp_path.rglob("*")] == ["encoder", "saved_model.pb"]


@pytest.mark.parametrize(
    ("arguments", "size", "words"),
    [
        (("encoder", "caffe", "a.onnx"), None, "choose one of: savedmodel, onnx, litert"),
        (("eyes", "onnx", "a.onnx"), None, "Choose one of: encoder, decoder, stylize"),
        (("encoder", "onnx", "a.tflite"), None, "ends in .onnx"),
        (("encoder", "savedmodel", "a.onnx"), None, "is a folder"),
        (("encoder", "onnx", "missing/a.onnx"), None, "there is no folder"),
        (("encoder", "onnx", "a.onnx"), (8, 64), "each 16 or more"),
        (("decoder", "onnx", "a.onnx"), (20, 64), "multiples of 8"),
    ],
)
def test_what_cannot_be_is_said(arguments, size, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((BuildError, FileError), match=re.escape(words)):
        export.export(*arguments, size=size)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_converter_and_another_backend_are_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(BuildError, match=re.escape('pip install "course_lib[export]"')):
        export.export("encoder", "onnx", tmp_path / "a.onnx")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(BuildError, match="this is jax.*KERAS_BACKEND=tensorflow"):
        export.export("encoder", "onnx", tmp_path / "a.onnx")


# ---- the command -------------------------------------------------------------------------------


def course(*arguments):
    return CliRunner().invoke(cli.app, ["export", *map(str, arguments)])


def test_the_command_writes_a_file_and_says_what_it_is(tmp_path):
    out = tmp_path / "encoder.tflite"
    answer = course("encoder", "--format", "litert", "-o", out, "--size", "32x48")
    assert answer.exit_code == 0, answer.output
    assert "for images of 32x48 pixels only" in answer.output
    assert out.stat().st_size > 100_000


@pytest.mark.slow
def test_networks_of_ones_own_are_exported(tmp_path):
    from course_lib.autoencoder import Autoencoder, PaintingDecoder

    folder = tmp_path / "run"
    folder.mkdir()
    for kind, name in ((Autoencoder, "autoencoder"), (PaintingDecoder, "painter")):
        model = kind(channels=(4, 6, 8, 10))
        if not model.built:
            model.build()
        model.save(folder / f"{name}.npz")
        out = tmp_path / f"{name}.tflite"
        what = "encoder" if name == "autoencoder" else "stylize"
        refused = course("stylize", "--format", "litert", "-o", out, "--networks", tmp_path)
        assert refused.exit_code == 1 and "neither autoencoder.npz" in str(refused.exception)
        answer = course(what, "--format", "litert", "-o", out, "--networks", folder)
        assert answer.exit_code == 0, answer.output
    content, style = (collection.photograph(one, size=64) for one in ("coffee", "chelsea"))
    inputs = {"content": content[None], "style": style[None], "strength": np.float32(1)}
    found = run("litert", tmp_path / "painter.tflite", inputs)["image"][0]
    expected = FeatureTransfer.from_networks(folder)(content, style, stroke="fine")
    assert np.abs(found - expected).max() < 0.01


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["encoder", "-o", "a"], "say the format"),
        (["web", "-o", "a", "--format", "onnx"], "leave these options out"),
        (["encoder", "--format", "onnx", "-o", "a.onnx", "--size", "big"], "such as 256x384"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = course(*arguments)
    assert answer.exit_code == 2
    assert words in " ".join(answer.output.replace("│", " ").split())


# ---- the page's sources ------------------------------------------------------------------------


def test_the_page_names_no_other_host():
    folders = [export.WEB_SOURCES, export.WEB_SOURCES / "labs"]
    sources = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    assert {path.name for path in sources} >= {"index.html", "page.css", "base.js", "worker.js"}
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources}
    assert [name for name, text in texts.items() if re.search(r"\w:?//\w", text)] == []


@pytest.mark.parametrize(("sources", "package"), [("web", "onnxruntime-web"), ("site", "MathJax")])
def test_without_npm_it_says_what_npm_is_for(sources, package, tmp_path, monkeypatch):
    shutil.copy(ROOT / "docs" / sources / "package.json", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=f"npm is not installed.*{package}.*apt-get"):
        export.node_packages(tmp_path)


def test_npm_is_asked_only_where_a_package_or_its_version_is_missing(tmp_path, monkeypatch):
    (tmp_path / "package.json").write_text(
        '{"description": "For tests.", "dependencies": {"a": "1.0.0"}, '
        '"devDependencies": {"b": "2.0.0"}}'
    )
    for name, version in {"a": "1.0.0", "b": "2.0.0"}.items():
        there = tmp_path / "node_modules" / name / "package.json"
        there.parent.mkdir(parents=True)
        there.write_text(f'{{"version": "{version}"}}')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert export.node_packages(tmp_path) == tmp_path / "node_modules"
    there.write_text('{"version": "1.9.0"}')
    with pytest.raises(BuildError, match="npm is not installed"):
        export.node_packages(tmp_path)
