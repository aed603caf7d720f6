"""The benchmark of the event stream: its parts here, every way of it where long tests run."""

import pytest

from benchmarks import event_pipeline
from benchmarks.event_child import actions
from benchmarks.event_child.stages import STAGES
from benchmarks.event_pipeline import PLAIN, REFERENCE, Shape
from benchmarks.event_samples import STEP, events, json_lines, write


def test_every_round_brings_other_events_to_all_sides_and_time_goes_on(tmp_path):
    past, first, second, last = Shape(events=20, users=5, history=50, rounds=1, began=1e9).folders(tmp_path)
    assert [len((past / form).read_bytes().splitlines()) for form in (PLAIN, "csv", "json")] == [51, 51, 50]
    assert first.joinpath(PLAIN).read_text() != second.joinpath(PLAIN).read_text()
    columns = zip(first.joinpath(PLAIN).open(), first.joinpath("csv").open(), strict=True)
    assert all(with_time.startswith(plain.rstrip()) for plain, with_time in columns)
    assert last.joinpath("csv").read_text().splitlines()[1].endswith(str(1e9 + STEP * 90))


@pytest.mark.django_db(transaction=True)
def test_every_stage_of_the_product_is_found_and_has_its_own_time(tmp_path):
    write(tmp_path / "events", json_lines(events(600, users=20, attack=0.05), 1e9))
    found = actions.stages(file=str(tmp_path / "events"), origin="test", source="stages")
    assert found["stored"] == 600
    assert set(STAGES) - {"detections"} <= set(found["stages"]) <= set(STAGES)
    assert sum(found["stages"].values()) < found["seconds"]
    assert actions.counts()["counted"] == 600


def test_ratios_are_taken_against_the_reference_and_against_sqlite():
    taken = {
        (REFERENCE, "none: CSV", PLAIN): [2.0, 2.0],
        ("in process", "SQLite", "json"): [1.0, 1.0],
        ("in process", "PostgreSQL", "json"): [4.0, 2.0],
    }
    row = event_pipeline._row(("in process", "PostgreSQL", "json"), [4.0, 2.0], taken, count=100)
    assert (row["times the reference"], row["of SQLite"]) == (0.75, 0.375)


@pytest.mark.long
def test_a_quick_run_goes_every_way():
    rows = event_pipeline.run(quick=True)["rows"]
    sides = {(row["side"], row["database"]) for row in rows}
    assert {(REFERENCE, "none: CSV"), ("in process", "SQLite"), ("HTTP, inbox, job", "SQLite")} <= sides
