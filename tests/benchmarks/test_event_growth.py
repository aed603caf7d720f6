"""The benchmark of growth: its feeding here, the whole of it where long tests run."""

import json
from pathlib import Path

import pytest

from benchmarks import event_growth
from benchmarks.event_growth import RUNS, WINDOWS, Size
from benchmarks.event_samples import STEP


class Site:
    """Keeps what it was asked to take."""

    def __init__(self):
        self.taken, self.trained = [], 0

    def ask(self, action, source, file="", origin=""):
        if action == "train":
            self.trained += 1
            return {}
        file = Path(file)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        self.taken.append((origin, lines))
        return {"stored": len(lines), "seconds": 1.0}


def test_events_are_fed_in_pieces_each_once_and_in_the_order_of_their_time(tmp_path, monkeypatch):
    monkeypatch.setattr(event_growth, "PIECE", 40)
    site = Site()
    feeder = event_growth._Feeder(site, tmp_path, Size((100,), 50, 10))
    feeder.feed_to(100)
    feeder.feed(10)
    assert [len(lines) for _, lines in site.taken] == [40, 40, 20, 10]
    assert len({origin for origin, _ in site.taken}) == 4
    assert site.trained == 3
    times = [line["timestamp"] for _, lines in site.taken for line in lines]
    assert times == pytest.approx([times[0] + STEP * place for place in range(110)])


@pytest.mark.long
def test_a_quick_run_measures_every_mark_of_every_run():
    rows = event_growth.run(quick=True)["rows"]
    measured = [row for row in rows if "events" in row]
    assert {row["of"] for row in measured} >= {who for _, who in RUNS}
    for row in measured:
        assert row["peak MB"] > 0
        assert row["us an event"] > 0
        assert row["entities"] <= row["events"] + WINDOWS * event_growth.QUICK_WINDOW
