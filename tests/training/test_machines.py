"""Training on several machines: what one device computes, and on after one of them is gone."""

import json
import os
import signal
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest

from course_lib.training import Batches, TrainingError, compile_stage, machines, sharing
from course_lib.training.progress import Progress
from tests.helpers.checkout import ROOT
from tests.training.small_training import TwoWeights, points

SCRIPT = "tests.training.machines_run"


def config(number, ports, **task):
    addresses = [f"127.0.0.1:{port}" for port in ports]
    task = {"type": "worker", "index": number} | task
    return json.dumps({"cluster": {"worker": addresses}, "task": task})


# ---- who is who -------------------------------------------------------------------------------


def test_without_a_configuration_there_is_one_machine(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert machines() == sharing.Machines(1, 0) and machines().writes


def test_the_first_machine_writes(monkeypatch):
    for number in (0, 1):
        monkeypatch.setenv("TF_CONFIG", config(number, (1, 2)))
        assert machines() == sharing.Machines(2, number)
        assert machines().writes == (number == 0)


def test_a_chief_is_the_first_machine(monkeypatch):
    cluster = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    for task, number in ((("chief", 0), 0), (("worker", 0), 1), (("worker", 1), 2)):
        told = {"cluster": cluster, "task": dict(zip(("type", "index"), task, strict=True))}
        monkeypatch.setenv("TF_CONFIG", json.dumps(told))
        assert machines() == sharing.Machines(3, number)


@pytest.mark.parametrize(
    "text",
    ["no JSON", "[]", "{}", config(2, (1, 2)), config(0, (1, 2), type="chief")],
)
def test_a_configuration_that_cannot_be_used_is_answered_with_an_example(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(TrainingError, match="It should be like .*worker"):
        machines()


def test_machines_must_be_connected_before_the_first_operation(monkeypatch):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("for TensorFlow")
    keras.ops.ones(1)
    monkeypatch.setenv("TF_CONFIG", config(0, free_ports(2)))
    sharing.join_machines.cache_clear()
    try:
        with pytest.raises(TrainingError, match="right after the imports"):
            sharing.join_machines()
    finally:
        sharing.join_machines.cache_clear()


# ---- batches ----------------------------------------------------------------------------------


def test_the_shares_of_a_batch_are_the_batch():
    batch = np.arange(24).reshape(12, 2)
    shares = [sharing.share(batch, number, 3) for number in range(3)]
    assert [len(one) for one in shares] == [4, 4, 4]
    np.testing.assert_array_equal(np.concatenate(shares), batch)


@pytest.mark.parametrize("count", [0, 1, 8, 9, 30])
def test_batches_made_in_the_background_come_in_their_order(count):
    assert list(sharing.in_background(str, 5, count)) == [str(5 + k) for k in range(count)]


def test_what_goes_wrong_in_the_background_is_told():
    def make(step):
        if step == 3:
            raise OSError("no picture")
        return step

    made = sharing.in_background(make, 0, 10)
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="no picture"):
        next(made)


# ---- the loop of our own ----------------------------------------------------------------------


def compiled_stage():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("for TensorFlow")
    keras.utils.set_random_seed(1)
    stage = TwoWeights()
    compile_stage(stage, 0.1, 8)
    return stage


def test_our_loop_trains_and_tells_what_fit_does():
    ours, fitted = compiled_stage(), compiled_stage()
    values = sharing.SharedSteps(ours).train(points, 2, 4, Progress(8, report=None))
    history = fitted.fit(Batches(points, 2, 4), shuffle=False, verbose=0).history
    for one, two in zip(ours.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)
        assert np.abs(one).max() > 0.01
    assert values == pytest.approx({name: series[-1] for name, series in history.items()})


def test_a_lost_machine_is_told_with_the_remedy(monkeypatch):
    import tensorflow as tf

    def lost(shares):
        raise tf.errors.UnavailableError(None, None, "Collective ops is aborted")

    steps = sharing.SharedSteps(compiled_stage())
    monkeypatch.setattr(steps, "step", lost)
    with pytest.raises(TrainingError, match="lost after step 6.*--resume"):
        steps.train(points, 6, 3, Progress(9, report=None))


# ---- two processes that stand for two machines ------------------------------------------------


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start(out, *resume, die_at=-1):
    """Both machines; the second one dies at that step."""
    ports = free_ports(2)
    return [
        subprocess.Popen(
            [sys.executable, "-m", SCRIPT, str(out), *resume],
            cwd=ROOT,
            env=os.environ
            | {"TF_CONFIG": config(number, ports), "DIE_AT": str(die_at if number else -1)}
            | {"KERAS_BACKEND": "tensorflow"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in (0, 1)
    ]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_two_machines_compute_what_one_does_though_one_is_killed_in_between(tmp_path):
    from tests.training.machines_run import train

    first, second = start(tmp_path / "two", die_at=7)
    assert second.wait(timeout=400) == -signal.SIGKILL, second.stdout.read()
    # It would find out by itself, after half a minute without a sign of life.
    first.kill()
    assert "step 6/12" in first.communicate()[0]

    told = []
    for process in start(tmp_path / "two", "resume"):
        told.append(process.communicate(timeout=400)[0])
        assert process.returncode == 0, told[-1]
    assert "Resumed at step 6." in told[0] and "step 12/12" in told[0]
    assert "step" not in told[1]

    weights, losses, count = train(tmp_path / "one", say=None)
    with np.load(tmp_path / "two" / "trained.npz") as trained:
        assert count == 1 and trained["count"] == 2
        for number, weight in enumerate(weights):
            np.testing.assert_allclose(trained[f"arr_{number}"], weight, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(trained["losses"], losses, rtol=1e-4)
    assert sorted(path.name for path in (tmp_path / "two").iterdir() if "check" in path.name) == [
        "checkpoint-0000009.npz",
        "checkpoint-0000012.npz",
    ]
