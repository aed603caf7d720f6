"""One version beside another: figures, calibration, size, and why there is no comparison."""

import json

import pytest

from classifier.models import Evaluation
from classifier.services.pair_runs import measure_both
from classifier.services.training import request_training
from classifier.services.versus import rival, versus
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_evaluation, make_incident, make_outcomes, make_path, make_snapshot, make_version
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db


@pytest.fixture
def trained(champion):
    decide_reports(60, start=90)
    return run_to_end(request_training(base_model="none")).version, champion


def test_two_trained_versions_stand_on_the_same_test_reports(trained):
    later, champion = trained
    found = versus(later, champion)
    assert found.lack is None
    assert (found.dataset, found.reports) == (later.snapshot.content_hash, later.snapshot.counts["test"])
    for side, version in ((found.one, later), (found.other, champion)):
        row = version.evaluations.get(snapshot=later.snapshot, part="served")
        accuracies = {view.name: getattr(view, "one" if side is found.one else "other").value for view in found.views}
        assert accuracies == {name: pytest.approx(row.figures[name]["accuracy"]) for name in accuracies}
        assert side.calibration.error == pytest.approx(row.figures["ece"], abs=1e-4)
        assert side.calibration.brier == pytest.approx(row.figures["brier"], abs=1e-4)
        assert side.confusion.labels == row.figures["confusion"]["labels"]
        assert side.confusion.counts == row.figures["confusion"]["counts"]
        assert side.reports_per_second == row.figures["reports_per_second"]
        assert side.bytes == sum(file.stat().st_size for file in version.artefact.rglob("*") if file.is_file())
        assert sum(one.n for one in side.calibration.bins) == found.reports


def test_the_other_way_round_gains_are_losses(trained):
    one, other = versus(*trained), versus(*reversed(trained))
    assert one.reports == other.reports
    for mine, theirs in zip(one.views, other.views, strict=True):
        assert (mine.gained, mine.lost) == (theirs.lost, theirs.gained)
        assert mine.difference == pytest.approx(-theirs.difference)


def test_it_is_plain_json_with_all_figures(trained):
    told = versus(*trained).to_json()
    assert json.loads(json.dumps(told)) == told
    assert {view["name"] for view in told["views"]} == {"category", "sub_category", "both"}
    assert told["one"]["made"] == trained[0].created_at.isoformat()
    assert set(told["views"][0]["classes"][0]) >= {"label", "support", "one", "other", "difference", "p", "verdict"}


def test_a_label_that_was_renamed_between_two_measurements_is_no_other_label(trained):
    later, champion = trained
    before = versus(later, champion)
    champion.evaluations.filter(snapshot=later.snapshot).delete()
    take(Wish("rename", category="Fraud", name="Swindle"), by=None)
    measure_both(later, champion, later.snapshot)
    found = versus(later, champion)
    assert [(view.gained, view.lost) for view in found.views] == [(view.gained, view.lost) for view in before.views]
    assert {one.label for one in found.views[0].classes} == {"Abuse", "Attack", "Swindle"}
    assert found.one.confusion.labels == found.other.confusion.labels


def test_no_model_is_loaded(trained, monkeypatch):
    monkeypatch.setattr("classifier.registry.load", lambda version: pytest.fail("a page loads no model"))
    assert versus(*trained).views


def test_what_was_not_measured_is_named(db):
    older, newer = make_version(name="old"), make_version(name="new")
    make_evaluation(newer)
    lack = versus(newer, older).lack
    assert (lack.reason, lack.of, lack.reports) == ("not_measured", ["old"], 200)
    make_evaluation(older, snapshot=newer.snapshot)
    lack = versus(newer, older).lack
    assert (lack.reason, lack.of) == ("not_kept", ["new", "old"])


def test_a_dataset_without_test_reports_asks_for_more_decisions(db):
    newer = make_version(snapshot=make_snapshot(counts={"train": 30}))
    assert versus(newer, make_version(snapshot=newer.snapshot)).lack.reason == "no_reports"


def test_an_older_comparison_is_shown_and_the_lack_of_the_newer_told(db):
    path, report = make_path("Fraud"), make_incident()
    older, newer = make_version(), make_version()
    for version in (older, newer):
        make_evaluation(version, snapshot=older.snapshot, outcomes=make_outcomes([report], [path], [path]))
    found = versus(newer, older)
    assert (found.reports, found.lack.reason) == (1, "not_measured")
    assert found.dataset == older.snapshot.content_hash


def test_an_artefact_that_is_gone_has_no_size(db, caseloop_home):
    version = make_version()
    assert versus(version, make_version(snapshot=version.snapshot)).one.bytes is None


def test_the_rival_is_the_champion_else_who_was_in_charge_else_the_newest(db):
    version = make_version()
    assert rival(version) is None
    newest = make_version()
    make_version(line="detect", stage="champion")
    assert rival(version) == newest
    previous = make_version(stage="previous")
    assert rival(version) == previous
    champion = make_version(stage="champion")
    assert rival(version) == champion
    assert rival(champion) == previous


def test_the_outcomes_of_reports_are_read_in_few_queries(trained, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        versus(*trained)
    assert Evaluation.objects.count() >= 4
