"""What is kept of each test report when a version is measured."""

import shutil
from collections import Counter

import pytest

from classifier.ml.metrics import VIEWS
from classifier.models import Evaluation, ModelVersion
from classifier.registry import load
from classifier.services.evaluation import compare_challengers, measure_on_test, measure_once, record
from classifier.services.outcomes import figures_today, outcomes_of, served_outcomes
from classifier.services.snapshot import numbered_examples
from classifier.services.taxonomy_since import newest_version
from incidents.models import Incident
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import make_evaluation, make_version
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db


def test_a_training_keeps_an_outcome_of_every_test_report_that_gives_its_figures(champion):
    for row in champion.evaluations.all():
        kept = outcomes_of(row)
        test = numbered_examples(champion.snapshot, Incident.Split.TEST)
        assert kept.incident_ids.tolist() == [number for number, _ in test]
        assert kept.right().mean() == pytest.approx(row.figures["exact_set"])
        for view in VIEWS:
            assert kept.right(view).mean() == pytest.approx(row.figures[view]["accuracy"])
    assert set(champion.evaluations.values_list("part", flat=True)) == {"served", "linear"}


def test_outcomes_are_not_read_with_lists_of_evaluations(champion, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = list(champion.evaluations.all())
    assert "outcomes" in rows[0].get_deferred_fields()


def test_a_row_of_an_earlier_release_has_none():
    version = make_version()
    assert outcomes_of(make_evaluation(version)) is None
    assert served_outcomes(version, version.snapshot) is None
    assert served_outcomes(make_version(), version.snapshot) is None


def test_measuring_once_more_adds_outcomes_and_leaves_the_figures(champion):
    champion.evaluations.update(outcomes=None)
    before = {row.pk: row.figures for row in champion.evaluations.all()}

    def measured(model):
        return measure_on_test(model, champion.snapshot)

    measure_once(champion, champion.snapshot, measured)
    assert served_outcomes(champion, champion.snapshot) is None
    measure_once(champion, champion.snapshot, measured, traced=True)
    assert len(served_outcomes(champion, champion.snapshot)) == champion.snapshot.counts["test"]
    assert {row.pk: row.figures for row in Evaluation.objects.all()} == before


def step(kind, label="", **more):
    return take(Wish(kind, label, **more), by=None)


def test_outcomes_and_figures_are_told_by_the_labels_of_today(champion):
    row = champion.evaluations.get(part="served")
    kept, before = outcomes_of(row), row.figures
    step("rename", category="Fraud", name="Swindle")
    step("merge", "Attack / Malware", into="Abuse")
    read, figures = outcomes_of(row), figures_today(row)
    assert set(read.truths("category")) == {"Abuse", "Swindle"} and len(read) == len(kept)
    assert {one["label"]: one["support"] for one in figures["category"]["classes"]} == {"Abuse": 6, "Swindle": 3}
    assert figures["confusion"]["labels"] == ["Abuse", "Swindle"] and figures["n"] == before["n"]
    assert (figures["ece"], figures["nll"]) == (before["ece"], before["nll"]), "they follow from no label"
    row.refresh_from_db()
    assert row.figures == before


def test_reports_of_a_retired_label_are_left_out_and_those_of_a_split_one_stay(champion):
    row = champion.evaluations.get(part="served")
    step("retire", "Abuse")
    step("split", "Fraud / Vishing", names=("Bank calls", "Police calls"))
    assert Counter(outcomes_of(row).truths("both")) == {
        "category: Attack subcategory: Malware": 3,
        "category: Fraud subcategory: Vishing": 3,
    }
    assert figures_today(row)["n"] == 6


def test_figures_without_outcomes_stay_as_they_were_measured(champion):
    champion.evaluations.update(outcomes=None)
    row = champion.evaluations.get(part="served")
    step("rename", category="Fraud", name="Swindle")
    assert figures_today(row) == row.figures


def test_what_was_measured_before_labels_moved_is_measured_anew_by_a_worker(champion):
    before = champion.evaluations.get(part="served")
    asked = Job.objects.filter(kind="compare")
    asked.delete()
    step("rename", category="Fraud", name="Swindle")
    assert not asked.exists(), "a name changes nothing"
    step("merge", "Attack / Malware", into="Abuse")
    compare_challengers(jobs.claim("inference", worker="test", limits={"compare": Limit()}))
    row = champion.evaluations.get(part="served")
    assert row.pk == before.pk and row.taxonomy_version_id == newest_version()
    assert set(outcomes_of(row).truths("category")) == {"Abuse", "Swindle"}
    assert {one["label"] for one in row.figures["category"]["classes"]} == {"Abuse", "Swindle"}
    again = champion.evaluations.get(part="served").created_at
    measure_once(champion, champion.snapshot, pytest.fail)
    assert champion.evaluations.get(part="served").created_at == again


def test_a_version_that_cannot_be_read_any_more_stays_as_it_was_measured(champion):
    shutil.rmtree(champion.artefact)
    step("merge", "Attack / Malware", into="Abuse")
    ModelVersion.objects.update(stage="archived")
    compare_challengers(jobs.claim("inference", worker="test", limits={"compare": Limit()}))
    assert champion.evaluations.get(part="served").taxonomy_version_id != newest_version()


def test_outcomes_that_are_there_stay(champion):
    kept = Evaluation.objects.get(version=champion, part="served").outcomes
    model = load(champion)
    changed = measure_on_test(model, champion.snapshot)
    changed.outcomes["served"].confidence[:] = 0.5
    record(champion, champion.snapshot, changed)
    assert Evaluation.objects.get(version=champion, part="served").outcomes == kept
