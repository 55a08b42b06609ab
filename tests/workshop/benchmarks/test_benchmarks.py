"""The command that runs the benchmarks: what it reads, what it writes, and how it fails."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.helpers.checkout import ROOT
from workshop.benchmarks import __main__ as command
from workshop.benchmarks import common

MACHINE = {"cpu": "Test CPU", "cores": 2, "load_before": None}
FLAT = {
    "machine": MACHINE,
    "images_per_second": {"ours": 30.0, "XLA": 20.0, "eager": 10.0},
    "ratio": 3.0,
    "ratio_range": [2.5, 3.25],
    "rounds": [{"ours": 30.0}],
    "crop": 112,
}
NESTED = {
    "machine": MACHINE,
    "settings": {"rounds": 5},
    "sizes": {
        "256x256": {
            "ours": {"seconds": 0.05, "mib": 100},
            "plain": {"seconds": 0.2, "mib": 300},
            "ratio": 4.0,
            "ratio_range": [3.9, 4.1],
        }
    },
    "turned": {"median_seconds": 0.0312},
}


def test_both_shapes_of_a_comparison_become_rows_of_the_table():
    table = common.markdown({"training": FLAT, "stylize": NESTED}).splitlines()
    head, line, training, stylize = table[:4]
    assert set(map(len, (row.split("|") for row in table[:4]))) == {8}
    assert head == "| what | ours | alternative | unit | ratio | range |"
    assert set(line) == set("|- ")
    assert training == (
        "| training | 30 | 20 (XLA), 10 (eager) | images per second | 3 × | 2.5 to 3.25 |"
    )
    assert stylize == (
        "| stylize, sizes, 256x256 | 0.05 | 0.2 (plain) | seconds | 4 × | 3.9 to 4.1 |"
    )


def test_other_figures_and_the_machine_stand_under_the_table():
    lines = common.markdown({"stylize": NESTED}).splitlines()
    assert "- stylize, turned, median seconds: 0.0312" in lines
    assert not any("settings" in line or "mib" in line for line in lines)
    assert lines[-1] == "stylize: cpu Test CPU; cores 2."


def test_benchmarks_on_one_machine_share_its_line():
    lines = common.markdown({"training": FLAT, "stylize": NESTED}).splitlines()
    assert lines[-1].startswith("training, stylize: cpu")


def test_the_median_and_all_ratios_of_the_rounds():
    rounds = [{"ours": 1.0, "slow": 4.0}, {"ours": 2.0, "slow": 4.0}, {"ours": 1.0, "slow": 3.0}]
    assert common.medians_of(rounds) == {"ours": 1.0, "slow": 4.0}
    assert common.faster(rounds, "slow") == {"ratio": 3.0, "ratio_range": [2.0, 4.0]}


COUNTING = """
import sys
sys.path.insert(0, {folder!r})
from workshop.benchmarks.common import serve
def add(a, b):
    print("what a library prints is no answer")
    return a + b
serve({{"add": add, "fail": lambda: 1 / 0}})
"""


def test_a_contender_elsewhere_takes_its_turns_and_its_end_is_seen(tmp_path, capfd):
    program = tmp_path / "contender.py"
    program.write_text(COUNTING.format(folder=str(ROOT)))
    way = common.Elsewhere(program, backend="jax")
    assert way("add", 2, 3) == 5 and way("add", 0.5, 1) == 1.5
    with pytest.raises(RuntimeError, match="contender.py ended with 1"):
        way("fail")
    way.close()
    assert "ZeroDivisionError" in capfd.readouterr().err


CURVE = common.curve("pixels", "seconds", [4, 16], [{"ours": 1, "usual": 2}, {"ours": 3}])


def test_a_curve_has_a_line_for_each_way_where_it_was_measured():
    assert CURVE["lines"] == {"ours": [[4, 16], [1, 3]], "usual": [[4], [2]]}


def test_curves_are_drawn_beside_the_result_and_shown_by_the_table(tmp_path):
    result = NESTED | {"curves": {"time & memory": CURVE}}
    drawn = common.draw_curves("training", result, tmp_path / "new")
    assert list(drawn) == ["training-time-memory.png"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == list(drawn)
    with Image.open(tmp_path / "new" / "training-time-memory.png") as image:
        assert image.format == "PNG" and image.width > 600
        assert len(image.convert("RGB").getcolors(100_000)) > 50
    table = common.markdown({"training": result}, images=drawn)
    assert "![time & memory: seconds against pixels, a line each for ours, usual.](" in table
    assert "(training-time-memory.png)" in table and "- training, turned, median" in table
    short = common.markdown({"training": result}, images=drawn, short=True)
    assert "turned" not in short and "![" not in short and short.splitlines()[0] in table


def test_a_page_shows_the_table_between_its_marks():
    first, last = common.MARKS
    page = f"before\n{first}\nold\n{last}\nafter\n"
    once = common.into_page(page, "| new |\n")
    assert once == f"before\n{first}\n| new |\n\n{last}\nafter\n"
    assert common.into_page(once, "| new |\n") == once
    with pytest.raises(ValueError, match="no lines <!-- benchmarks"):
        common.into_page("nothing here", "| new |")


def test_every_benchmark_file_is_found_under_its_short_name():
    found = common.benchmarks()
    assert {"training", "optimize", "networks"} <= set(found)
    assert set(command.QUICK) <= set(found)
    assert all(importlib.util.find_spec(module) for module in found.values())


def test_a_result_is_replaced_in_one_step(tmp_path):
    target = tmp_path / "deeper" / "table.md"
    common.write(target, "old")
    common.write(target, "new ×")
    assert target.read_text(encoding="utf-8") == "new ×"
    assert [path.name for path in target.parent.iterdir()] == ["table.md"]


@pytest.fixture
def two_benchmarks(tmp_path, monkeypatch):
    """One that writes a result, with what it was called with, and one that fails."""
    good = tmp_path / "good_speed.py"
    good.write_text(
        "import json, sys\n"
        f"result = {FLAT!r} | {{'called with': sys.argv[3:]}}\n"
        "open(sys.argv[2], 'w').write(json.dumps(result))\n"
    )
    bad = tmp_path / "bad_speed.py"
    bad.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(command, "benchmarks", lambda: {"bad": "bad_speed", "good": "good_speed"})
    path = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    out = tmp_path / "results"
    out.mkdir()
    return out


def test_one_that_fails_is_reported_and_the_others_run(two_benchmarks, capfd):
    assert command.main(["--out", str(two_benchmarks)]) == 1
    said = capfd.readouterr()
    assert "bad: failed with exit code 3" in said.out
    assert "failed: bad" in said.err
    assert "| good | 30 |" in (two_benchmarks / "table.md").read_text(encoding="utf-8")


def test_quick_settings_are_handed_on_and_names_choose(two_benchmarks, monkeypatch):
    monkeypatch.setitem(command.QUICK, "good", ["--rounds", "1"])
    assert command.main(["good", "--quick", "--out", str(two_benchmarks)]) == 0
    result = json.loads((two_benchmarks / "good_speed.json").read_text())
    assert result["called with"] == ["--rounds", "1"]


def test_the_table_alone_runs_nothing(two_benchmarks):
    (two_benchmarks / "good_speed.json").write_text(json.dumps(FLAT))
    assert command.main(["--table", "--out", str(two_benchmarks)]) == 0
    assert "| good |" in (two_benchmarks / "table.md").read_text(encoding="utf-8")


def test_curves_and_a_page_are_written_by_the_one_command(two_benchmarks, tmp_path):
    result = FLAT | {"curves": {"time": CURVE}}
    (two_benchmarks / "good_speed.json").write_text(json.dumps(result))
    page = tmp_path / "page.md"
    page.write_text("\n".join(common.MARKS), encoding="utf-8")
    assert command.main(["--table", "--out", str(two_benchmarks), "--page", str(page)]) == 0
    assert (two_benchmarks / "good-time.png").is_file()
    assert "(good-time.png)" in (two_benchmarks / "table.md").read_text(encoding="utf-8")
    assert "| good |" in page.read_text(encoding="utf-8")


def test_an_unknown_name_is_answered_with_those_there_are(two_benchmarks, capsys):
    with pytest.raises(SystemExit):
        command.main(["swim"])
    assert "no benchmark 'swim'; there are: bad, good" in capsys.readouterr().err


def test_it_can_be_started_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "workshop.benchmarks", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0
    assert "--quick" in run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its maximum")
def test_the_most_memory_is_counted_anew():
    held = np.ones(2**25)
    most = common.memory()
    del held
    common.forget_most_memory()
    assert common.memory() < most - 200
