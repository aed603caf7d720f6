import json
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as frame
from benchmarks.needs import NotRun
from benchmarks.table import table
from benchmarks.timing import in_turn, times_faster


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(frame, "RESULTS", tmp_path)
    return tmp_path


def benchmark(run):
    return SimpleNamespace(NAME="made-up", ABOUT="nothing", run=run)


def test_a_result_is_written_with_where_and_when_it_was_measured(results, capsys):
    assert frame.measure(benchmark(lambda quick: {"rows": [{"side": "ours", "ratio": 12.5}]}), quick=False) == 0
    written = json.loads((results / "made-up.json").read_text())
    assert written["rows"] == [{"side": "ours", "ratio": 12.5}]
    assert {"date", "commit", "threads", "machine", "versions"} <= set(written)
    assert "12.5" in capsys.readouterr().out


def test_a_quick_run_writes_nothing(results):
    frame.measure(benchmark(lambda quick: {"rows": [{"quick": quick}]}), quick=True)
    assert list(results.iterdir()) == []


def test_what_is_missing_is_said_and_leaves_the_last_result_alone(results, capsys):
    def run(quick):
        raise NotRun("no CUDA")

    assert frame.measure(benchmark(run), quick=False) == 0
    assert "not run: no CUDA" in capsys.readouterr().out
    assert list(results.iterdir()) == []


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        frame.main(["no-such-benchmark"])
    assert "no benchmark no-such-benchmark" in capsys.readouterr().err


def test_every_benchmark_is_named_as_its_module_and_told_in_one_line():
    for name, module in frame.found().items():
        assert module.__name__ == f"benchmarks.{name}"
        assert module.ABOUT and "\n" not in module.ABOUT
        assert callable(module.run)


def test_columns_are_aligned_and_numbers_stand_to_the_right():
    lines = table([{"side": "a", "rate": 1.0}, {"side": "longer", "rate": 12_345.0, "note": "x"}]).splitlines()
    assert lines == ["side      rate  note", "------  ------  ----", "a            1", "longer  12,345  x"]


def test_ratios_are_taken_within_a_round_and_per_report():
    assert times_faster([1.0, 2.0, 1.0], [4.0, 8.0, 40.0], side_reports=6, than_reports=2) == 12
    counted = []
    taken = in_turn({"a": lambda: counted.append("a"), "b": lambda: counted.append("b")}, rounds=2)
    assert counted == ["a", "b"] * 3
    assert [len(rounds) for rounds in taken.values()] == [2, 2]
