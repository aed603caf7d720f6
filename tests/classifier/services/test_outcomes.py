"""What is kept of each test report when a version is measured."""

import pytest

from classifier.ml.metrics import VIEWS
from classifier.models import Evaluation
from classifier.registry import load
from classifier.services.evaluation import measure_on_test, measure_once, record
from classifier.services.outcomes import outcomes_of, served_outcomes
from classifier.services.snapshot import numbered_examples
from incidents.models import Incident
from tests.builders import make_evaluation, make_version

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


def test_outcomes_that_are_there_stay(champion):
    kept = Evaluation.objects.get(version=champion, part="served").outcomes
    model = load(champion)
    changed = measure_on_test(model, champion.snapshot)
    changed.outcomes["served"].confidence[:] = 0.5
    record(champion, champion.snapshot, changed)
    assert Evaluation.objects.get(version=champion, part="served").outcomes == kept
