"""The reference's loop and the synthetic events, as the benchmarks of the event stream use them."""

import csv
import json

import pandas as pd
import pytest

from benchmarks.event_samples import COLUMNS, NUMBERS, PHRASES, STEP, csv_lines, events, json_lines, write
from benchmarks.reference_loop import Reference, without_harmless


@pytest.fixture
def files(tmp_path):
    fit, stream = tmp_path / "fit.csv", tmp_path / "stream.csv"
    write(fit, csv_lines(events(500, users=20, seed=3)))
    write(stream, csv_lines(events(2500, users=20)))
    return fit, stream


def test_the_same_seed_gives_the_same_events_in_both_forms():
    assert list(events(50, users=5)) == list(events(50, users=5)) != list(events(50, users=5, seed=2))
    rows = list(csv.reader(line.decode() for line in csv_lines(events(50, users=5))))
    assert rows[0] == list(COLUMNS)
    objects = [json.loads(line) for line in json_lines(events(50, users=5), start=1e9)]
    assert [[str(one[name]) for name in COLUMNS] for one in objects] == rows[1:]
    assert objects[1]["timestamp"] - objects[0]["timestamp"] == STEP


def test_about_half_of_the_messages_are_a_known_phrase_and_no_other_contains_one():
    messages = pd.DataFrame(events(5000, users=50), columns=list(COLUMNS))
    kept = without_harmless(messages)
    assert 0.45 < len(kept) / len(messages) < 0.55
    assert not set(kept["log_text"]) & set(PHRASES)
    assert set(messages["log_text"]) - set(kept["log_text"]) == set(PHRASES)


def test_attacks_are_planted_at_their_rate_and_stand_out():
    rows = pd.DataFrame(events(20_000, users=50, attack=0.01), columns=list(COLUMNS))
    hostile = rows[rows["failed_login_attempts"] >= 19]
    assert 0.005 < len(hostile) / len(rows) < 0.015
    assert hostile["data_transferred"].median() > 20 * rows["data_transferred"].median()


def test_the_loop_writes_every_kept_row_with_score_label_and_means(files, tmp_path):
    fit, stream = files
    reference, output = Reference.fit(fit), tmp_path / "enriched.csv"
    known = pd.read_csv(fit)
    written = reference.run(stream, output)
    rows, kept = pd.read_csv(output), without_harmless(pd.read_csv(stream))
    assert written == len(rows) == len(kept)
    assert list(rows.columns) == [
        *COLUMNS, "anomaly", "anomaly_score", "anomaly_label", *(f"{name}_agg" for name in NUMBERS), "count",
    ]  # fmt: skip
    last = rows.groupby("user_id").last().iloc[0]
    user = rows.groupby("user_id").last().index[0]
    both = pd.concat([known[known["user_id"] == user], kept[kept["user_id"] == user]])
    assert last["count"] == len(both)
    assert last["data_transferred_agg"] == pytest.approx(both["data_transferred"].mean())


def test_its_score_never_reaches_its_threshold(files, tmp_path):
    fit, stream = files
    Reference.fit(fit).run(stream, tmp_path / "enriched.csv")
    assert pd.read_csv(tmp_path / "enriched.csv")["anomaly_score"].max() < 0.5
