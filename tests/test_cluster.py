"""`course stylize` on several workers: nothing lost, nothing doubled, whoever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from course_lib import cli, cluster, collection, images
from course_lib.errors import DeviceError
from course_lib.transfer import PixelTransfer

COURSE = [sys.executable, "-c", "from course_lib.cli import main; main()", "stylize"]
# The method that needs no network is the quickest.
QUICK = ["--method", "mean_std"]


def stylize(*arguments):
    return CliRunner().invoke(cli.app, ["stylize", *map(str, arguments)])


def photos(folder, count, size=48):
    """So many images that differ, the last one broken."""
    folder.mkdir()
    coffee = collection.photograph("coffee", size=size)
    for number in range(count):
        shifted = np.roll(coffee, number, axis=1)
        images.save_image(shifted, folder / f"{number:03d}.png")
    path = folder / f"{count - 1:03d}.png"
    path.write_bytes(path.read_bytes()[:200])
    return folder


def holds_all_but_the_broken_one(out, folder):
    """Each image once, whole and right, and nothing else."""
    transfer, style = PixelTransfer("mean_std"), collection.style_image("woodcut", size=512)
    names = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in out.iterdir()) == names[:-1]
    for name in names[:-1]:
        expected = transfer(images.load_image(folder / name), style)
        assert np.abs(images.load_image(out / name) - expected).max() <= 0.6 / 255


# ---- without Dask -----------------------------------------------------------------------------


def test_without_dask_it_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    folder = photos(tmp_path / "photos", 2)
    answer = stylize(folder, "woodcut", "-o", tmp_path / "out", "--workers", 2)
    assert answer.exit_code == 2 and '-e ".[cluster]"' in answer.output, answer.output
    assert not list((tmp_path / "out").iterdir())


def test_options_that_do_not_go_together(tmp_path):
    folder = photos(tmp_path / "photos", 2)
    for options, message in [
        (["--workers", 2, "--scheduler", "tcp://x:1"], "give one"),
        (["--workers", 0], "--workers"),
        (["--workers", 2, "--seconds", 1], "goes with a video"),
        (["--workers", 2, "--mask", tmp_path / "no.png"], "the mask"),
    ]:
        answer = stylize(folder, "woodcut", "-o", tmp_path / "out", *options)
        assert answer.exit_code == 2 and message in answer.output, answer.output
    answer = stylize(folder, "woodcut", "-o", tmp_path / "out.png", "--workers", 2)
    assert answer.exit_code == 2 and "need a folder" in answer.output


# ---- with workers in this process -------------------------------------------------------------


@pytest.fixture(scope="module")
def local():
    """A scheduler with two workers, which are threads of this process: quick to start."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=None
    ) as running:
        yield running


def test_a_scheduler_shares_the_images_out(local, tmp_path, monkeypatch):
    folder, out = photos(tmp_path / "photos", 12), tmp_path / "out"
    (folder / "000.jpg").write_bytes(images.to_bytes(collection.photograph("coffee", size=32)))
    out.mkdir()
    (out / "000.jpg").write_bytes(b"somebody's")
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    command = ["photos", "woodcut", "-o", "out", "--scheduler", local.scheduler_address, *QUICK]
    answer = stylize(*command)
    assert answer.exit_code == 1, answer.output
    assert "2 workers, to be watched at http://" in answer.output
    assert "11 files written to out, 2 not: see above." in answer.output
    assert "photos/011.png: " in answer.output
    assert "photos/000.jpg: out/000.jpg exists already" in answer.output
    assert (out / "000.jpg").read_bytes() == b"somebody's"
    (out / "000.jpg").unlink()
    (folder / "000.jpg").unlink()
    holds_all_but_the_broken_one(out, folder)
    assert all(path.read_bytes() == before[path] for path in folder.iterdir())


def test_originals_stay_and_the_same_folder_can_be_done_again(local, tmp_path):
    folder, out = photos(tmp_path / "photos", 3), tmp_path / "out"
    options = ["--scheduler", local.scheduler_address, *QUICK]
    answer = stylize(folder, "woodcut", "-o", folder, *options)
    assert answer.exit_code == 2 and answer.output.count("is an original") == 3
    for again in ([], ["--overwrite"]):
        assert "2 files written" in stylize(folder, "woodcut", "-o", out, *options, *again).output
    holds_all_but_the_broken_one(out, folder)


def test_a_worker_looks_at_the_style_anew_for_each_command(local, tmp_path):
    folder, style = photos(tmp_path / "photos", 2), tmp_path / "style.png"
    results = []
    for name in ("coffee", "chelsea"):
        images.save_image(collection.photograph(name, size=32), style, overwrite=True)
        options = ["--scheduler", local.scheduler_address, *QUICK]
        stylize(folder, style, "-o", tmp_path / "out", "--overwrite", *options)
        results.append(images.load_image(tmp_path / "out" / "000.png"))
    assert np.abs(results[0] - results[1]).max() > 0.05


@pytest.mark.newest
@pytest.mark.slow
def test_videos_are_shared_out_whole(local, tmp_path):
    from course_lib.transfer.clips import open_clip, save_clip

    folder, out = tmp_path / "clips", tmp_path / "out"
    folder.mkdir()
    for number, count in enumerate((2, 3)):
        frames = np.stack([collection.photograph("coffee", size=(32, 48))] * count)
        save_clip(frames, folder / f"{number}.mkv")
    images.save_image(frames[0], folder / "photo.png")
    out.mkdir()
    (out / "1.mkv").write_bytes(b"somebody's")
    options = ["--scheduler", local.scheduler_address]
    answer = stylize(folder, "woodcut", "-o", out, *options, "--method", "histogram")
    assert answer.exit_code == 2 and "does not go with a video" in answer.output
    answer = stylize(folder, "woodcut", "-o", out, *options)
    assert answer.exit_code == 1, answer.output
    assert "2 files written" in answer.output
    assert "1.mkv exists already" in answer.output
    assert (out / "1.mkv").read_bytes() == b"somebody's"
    (out / "1.mkv").unlink()
    answer = stylize(folder, "woodcut", "-o", out, *options, "--skip-existing")
    assert "1 file written" in answer.output and "2 there already" in answer.output
    assert sorted(path.name for path in out.iterdir()) == ["0.mkv", "1.mkv", "photo.png"]
    assert [len(list(open_clip(out / f"{number}.mkv"))) for number in (0, 1)] == [2, 3]


class Flaky:
    """A job that goes wrong so many times before it is done."""

    tries: dict = {}  # noqa: RUF012
    lock = threading.Lock()

    @classmethod
    def make(cls, content, target, times):
        with cls.lock:
            cls.tries[content.name] = cls.tries.get(content.name, 0) + 1
        target.write_text("half")
        if cls.tries[content.name] <= times.get(content.name, 0):
            raise OSError(f"{content.name} stumbled")
        target.write_text(f"made of {content.name}")


def test_what_goes_wrong_is_tried_again_and_then_told(local, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "AHEAD", 3)
    targets = {Path(f"{number}"): tmp_path / f"{number}.txt" for number in range(20)}
    with cluster.connected(local.scheduler_address) as client:
        answers = dict(cluster.each_made(client, Flaky.make, targets, {"4": 2, "7": 99}))
    assert answers.keys() == targets.keys()
    [(content, error)] = [item for item in answers.items() if item[1] is not None]
    assert content.name == "7" and "7 stumbled" in str(error)
    assert Flaky.tries == {path.name: {"4": 3, "7": 3}.get(path.name, 1) for path in targets}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        target.name: f"made of {content}"
        for content, target in targets.items()
        if str(content) != "7"
    }


def test_whoever_stops_listening_leaves_whole_files_and_nothing_else(local, tmp_path):
    targets = {Path(f"{number}"): tmp_path / f"{number}.txt" for number in range(50)}
    with cluster.connected(local.scheduler_address) as client:
        answers = cluster.each_made(client, Flaky.make, targets, {})
        next(answers)
        answers.close()
    for path in tmp_path.glob("*.txt"):
        assert path.read_text() == f"made of {path.stem}"


def test_a_worker_with_another_course_is_named(local, tmp_path, monkeypatch):
    class Client:
        answer = ("0.0.1", True)

        def run(self, *arguments, **options):
            return {"tcp://there": self.answer}

    for Client.answer in (("0.0.1", True), ImportError("no module course_lib")):
        with pytest.raises(
            cluster.DeviceError, match=r"tcp://there has another course \((0.0.1|Imp)"
        ):
            cluster.check_workers(Client(), tmp_path)


def test_a_worker_that_does_not_see_the_folder_is_named(local, tmp_path, monkeypatch):
    with cluster.connected(local.scheduler_address) as client:
        cluster.check_workers(client, tmp_path)
        with pytest.raises(DeviceError, match="does not see the folder"):
            cluster.check_workers(client, tmp_path / "elsewhere" / "bench")


def test_a_scheduler_that_is_not_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with (
        pytest.raises(DeviceError, match="dask scheduler"),
        cluster.connected("tcp://127.0.0.1:9"),
    ):
        pass


# ---- one of two is killed ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_one_of_two_workers_is_killed_in_the_middle(tmp_path):
    pytest.importorskip("distributed")
    psutil = pytest.importorskip("psutil")
    folder, out = photos(tmp_path / "photos", 40, size=128), tmp_path / "out"
    command = [*COURSE, folder, "woodcut", "-o", out, "--workers", "2", *QUICK]
    with open(tmp_path / "said", "w") as said:
        running = subprocess.Popen(list(map(str, command)), stdout=said, stderr=said)
    until = time.monotonic() + 400
    while len(list(out.glob("*.png")) if out.is_dir() else []) < 5:
        assert running.poll() is None and time.monotonic() < until, Path(said.name).read_text()
        time.sleep(0.01)
    workers = [
        process.pid
        for process in psutil.Process(running.pid).children(recursive=True)
        if "spawn_main" in " ".join(process.cmdline())
    ]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    assert len(list(out.glob("*.png"))) < 30, "killed too late to prove anything"
    assert running.wait(timeout=400) == 1
    told = Path(said.name).read_text()
    assert "2 workers, to be watched at http://" in told
    assert "39 files written" in told and "1 not: see above." in told
    holds_all_but_the_broken_one(out, folder)
