"""A step of an optimized image in plain ONNX operations: the library's losses, gradient, Adam."""

import numpy as np
import pytest

from course_lib import collection
from course_lib.export.stepping import KINDS, SIDE, STATE, describe_part, step_part
from course_lib.losses import CONTENT_WEIGHT, STYLE_WEIGHT, VARIATION_WEIGHT

pytest.importorskip("tf2onnx", reason="tf2onnx is not installed: course_lib[export]")
onnxruntime = pytest.importorskip("onnxruntime")

# What every runtime has; what only TensorFlow has begins otherwise or ends in Grad.
STANDARD = {"Conv", "AveragePool", "Pad", "Slice", "Relu", "MatMul", "ReduceSum", "Sqrt"}


@pytest.fixture(scope="module")
def encoder():
    from course_lib.autoencoder import Autoencoder

    return Autoencoder.from_course().encoder


@pytest.fixture(scope="module")
def programs(encoder):
    from course_lib.export.formats import check_backend, to_onnx

    check_backend()
    return {"describe": to_onnx(describe_part(encoder)), "step": to_onnx(step_part(encoder))}


def run(program: bytes, **inputs) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(program, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    given = {name: np.asarray(value, "float32") for name, value in inputs.items()}
    return dict(zip(names, session.run(names, given), strict=True))


def weights(taps: int, *, kind: str | None = None) -> dict:
    styles = np.full((taps, len(KINDS)), STYLE_WEIGHT / (taps * len(KINDS)))
    if kind:
        styles[:] = 0
        styles[:2, KINDS.index(kind)] = STYLE_WEIGHT / 2
    return {"content": CONTENT_WEIGHT, "variation": VARIATION_WEIGHT, "styles": styles}


def first_inputs(programs) -> dict:
    """A photograph that shall take on a style, before anything has been looked at."""
    content = collection.photograph("chelsea", size=(SIDE, SIDE))
    style = collection.style_image("stained_glass", size=SIDE)
    wanted, asked = (run(programs["describe"], image=one[None]) for one in (content, style))
    zeros = np.zeros((1, SIDE, SIDE, 3))
    state = dict.fromkeys(STATE, zeros) | {"pixels": content[None], "count": 0.0, "rate": 0.0}
    return state | wanted | {"style": asked["style"]}


def test_a_step_is_the_library_s(programs):
    from course_lib.transfer import ImageOptimizer

    inputs = first_inputs(programs) | weights(4)
    content = inputs["pixels"][0]
    style = collection.style_image("stained_glass", size=SIDE)
    optimizer = ImageOptimizer(content, style, steps=10, every=1, scales=1, start="content")
    optimizer.advance()
    seen = run(programs["step"], **inputs)
    np.testing.assert_array_equal(seen["next_pixels"], inputs["pixels"])
    gradient = np.asarray(optimizer.state["gradient"])
    np.testing.assert_allclose(seen["next_gradient"], gradient, atol=1e-5 * np.abs(gradient).max())
    inputs |= {"gradient": seen["next_gradient"], "rate": optimizer.learning_rate}
    moved, losses = run(programs["step"], **inputs), optimizer.advance()
    assert np.abs(moved["next_pixels"][0] - optimizer.image).max() < 1e-4
    np.testing.assert_allclose(moved["total"], losses["total"], rtol=1e-4)
    np.testing.assert_allclose(moved["content_loss"], losses["content"], rtol=1e-4)
    assert moved["total"] < seen["total"]


def test_a_texture_asks_for_the_gram_matrices_of_some_taps(programs):
    from course_lib.transfer import ImageOptimizer

    inputs = first_inputs(programs) | weights(4, kind="gram") | {"content": 0.0}
    content = inputs["pixels"][0]
    style = collection.style_image("stained_glass", size=SIDE)
    optimizer = ImageOptimizer(
        *(content, style),
        **{"steps": 5, "every": 1, "scales": 1, "start": "content", "content_layers": ()},
        **{"content_weight": 0.0, "style_layers": ("relu1_1", "relu2_1"), "style_kinds": "gram"},
    )
    losses = optimizer.advance()
    seen = run(programs["step"], **inputs)
    np.testing.assert_allclose(seen["total"], losses["total"], rtol=1e-4)
    gradient = np.asarray(optimizer.state["gradient"])
    np.testing.assert_allclose(seen["next_gradient"], gradient, atol=1e-5 * np.abs(gradient).max())


def test_the_program_is_small_and_of_plain_operations(programs):
    import onnx

    kinds = {node.op_type for node in onnx.load_from_string(programs["step"]).graph.node}
    assert kinds >= STANDARD
    assert not {kind for kind in kinds if kind.endswith("Grad") or kind in ("If", "Loop")}
    assert len(programs["step"]) < 1_300_000


def test_a_convolution_that_has_no_plain_gradient_is_refused():
    import tensorflow as tf

    from course_lib.export.backward import plain_gradient, plain_gradients

    @tf.function
    def gradient(images):
        with plain_gradients():
            total = tf.reduce_sum(tf.nn.conv2d(images, tf.ones((3, 3, 1, 1)), 2, "VALID"))
            return plain_gradient(total, images)

    with pytest.raises(Exception, match="without padding and stride"):
        gradient(tf.ones((1, 9, 9, 1)))
