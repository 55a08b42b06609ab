"""`course` stopped by Ctrl-C at any moment: no traceback, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from course_lib import collection, images

# A process that was started in the background may have been told to ignore Ctrl-C.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
print("begun", flush=True)
from course_lib.start import main
main()
"""
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="signals cannot be sent to one process there"
)


def stopped(arguments, after, number, **options):
    """What a command gives that is told to stop some seconds after it has begun."""
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )
    assert running.stdout.readline() == b"begun\n"
    time.sleep(after)
    os.kill(running.pid, number)
    said, wrong = running.communicate(timeout=60)
    return running.returncode, (said + wrong).decode()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.03, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, 1.5, 2.0])
def test_ctrl_c_is_heeded_from_the_beginning(after, tmp_path):
    photo, result = tmp_path / "photo.png", tmp_path / "result.png"
    images.save_image(collection.photograph("coffee", size=64), photo)
    code, said = stopped(["stylize", photo, "mosaic", "-o", result], after, signal.SIGINT)
    assert "Traceback" not in said and "Exception ignored" not in said
    # A quick machine may have finished in the last of these.
    assert code == 130 or (code == 0 and result.exists()), said
    if code == 130:
        assert "Stopped" in said
        assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize("command", [["doctor"], ["export", "paint", "--format", "onnx"]])
@pytest.mark.parametrize("after", [0.05, 1.0])
def test_other_commands_are_stopped_as_well(command, after, tmp_path):
    output = ["-o", tmp_path / "paint.onnx"] if command[0] == "export" else []
    code, said = stopped([*command, *output], after, signal.SIGTERM)
    assert code == 128 + signal.SIGTERM, said
    assert "Traceback" not in said and "Stopped" in said
    assert list(tmp_path.iterdir()) == []


def test_what_came_through_a_pipe_is_not_left_in_the_temporary_folder(tmp_path):
    # It waits for the image, which never comes.
    arguments = ["stylize", "-", "mosaic", "-o", "result.png"]
    surroundings = os.environ | {"TMPDIR": str(tmp_path)}
    code, said = stopped(arguments, 3.0, signal.SIGINT, cwd=tmp_path, env=surroundings)
    assert code == 130 and "Stopped before anything was written" in said
    assert list(tmp_path.iterdir()) == []
