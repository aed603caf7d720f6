"""What the benchmark of the policy's promises found, as docs/evaluation.md tells it."""

import json

import pytest

from benchmarks.__main__ import RESULTS
from benchmarks.coverage_alarms import CALIBRATED, REPORTS, WAYS
from classifier.ml.acceptance import CERTAINTY
from classifier.ml.promise import LEVEL

WRITTEN = json.loads((RESULTS / "coverage.json").read_text("utf-8"))


def test_the_last_run_was_of_the_certainty_that_is_promised():
    assert WRITTEN["certainty"] == CERTAINTY


def test_our_promises_were_kept_also_by_document():
    ours = [row for row in WRITTEN["rows"] + WRITTEN["by_size"] if row.get("way", "ours") == "ours"]
    assert len(ours) > 15 and all(row["broken"] <= 100 * (1 - CERTAINTY) for row in ours)
    assert all(row["real error"] is None or row["real error"] <= float(row["accepted error"]) for row in ours)


def test_thresholds_found_by_eye_break_them():
    assert all(row["broken"] > 10 for row in WRITTEN["rows"] if row["way"] == "by eye")


def test_a_kept_coverage_raises_no_more_false_alarms_than_are_told_however_few_reports_it_was_calibrated_on():
    rates = {way: [] for way in WAYS}
    for row in WRITTEN["alarms"]:
        rates[row["way"]].append(row[f"false within {REPORTS[-1]}"])
    assert len(rates["ours"]) == len(CALIBRATED) and max(rates["ours"]) <= 100 * LEVEL
    assert min(rates["promise of each set"]) > 100 * LEVEL


def test_a_coverage_that_drops_is_found():
    found = [row for row in WRITTEN["alarms"] if row["way"] == "ours" and row["calibration reports"] >= 300]
    assert all(row["70%: found"] > 98 and row["70%: after"] < 150 for row in found)


@pytest.mark.parametrize("row", WRITTEN["coverage"], ids=lambda row: f"{row['promised']:g} %")
def test_label_sets_keep_their_coverage_with_fewer_labels_than_the_rival(row):
    kept, spread = map(float, row["ours: kept"].split(" ± "))
    assert kept + spread >= row["promised"]
    assert float(row["ours: labels"]) < float(row["sum of probabilities: labels"])
