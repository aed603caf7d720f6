"""What the page of drift tells of the benchmark is what the benchmark found, with the rule that is in force."""

import json

from benchmarks.__main__ import RESULTS
from benchmarks.report_drift import brief
from classifier.ml.report_drift import RULE
from classifier.services.drift_figures import measured

WRITTEN = json.loads((RESULTS / "report_drift.json").read_text("utf-8"))


def test_the_page_holds_the_figures_of_the_last_run():
    assert measured() == brief(WRITTEN)


def test_the_last_run_was_of_the_rule_that_is_in_force():
    assert WRITTEN["rule"] == {"level": RULE.level, "needed": RULE.needed, "of": RULE.of}


def test_these_tests_beat_both_who_always_and_who_never_fires():
    ours, _thumb, always, never = measured()["rows"]
    assert ours["false"] < 3 and always["false"] == 100 and never["false"] == 0
    found = [shift["found"] for shift in ours["shifts"].values()]
    assert sum(found) / len(found) > 0.5 and not any(shift["found"] for shift in never["shifts"].values())
