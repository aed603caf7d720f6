"""Having two versions measured on the same test reports."""

import pytest

from classifier.models import ComparisonRun, Evaluation
from classifier.services.outcomes import served_outcomes
from classifier.services.pair_runs import (
    latest_pair_run,
    measure_pair,
    request_pair,
    shared_snapshot,
    wanted_snapshot,
)
from classifier.services.training import request_training
from tests.builders import make_evaluation, make_incident, make_outcomes, make_path, make_user, make_version
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs
from workers.models import Job
from workers.tasks import HANDLERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(champion):
    """The champion, and a version of a later dataset on which the champion's measurement is lost."""
    decide_reports(30, start=90)
    later = run_to_end(request_training(base_model="none")).version
    champion.evaluations.filter(snapshot=later.snapshot).delete()
    return later, champion


def work():
    batch = jobs.claim_job(Job.objects.filter(kind="measure_pair").latest("pk"), worker="test")
    measure_pair(batch)
    return batch


def test_both_are_measured_on_the_newer_ones_test_reports(pair):
    later, champion = pair
    assert shared_snapshot(later, champion) is None
    assert wanted_snapshot(champion, later) == later.snapshot
    run = request_pair(later, champion, make_user(role="admin"))
    assert latest_pair_run(champion, later).state.status == "queued"
    work()
    run.refresh_from_db()
    assert (run.status, run.trouble) == ("done", "")
    assert shared_snapshot(later, champion) == shared_snapshot(champion, later) == later.snapshot
    ids = [served_outcomes(one, later.snapshot).incident_ids.tolist() for one in pair]
    assert ids[0] == ids[1]
    assert Job.objects.get(kind="measure_pair").status == "done"


def test_reports_go_first_and_a_worker_of_inference_knows_the_kind(pair):
    request_pair(*pair)
    job = Job.objects.get(kind="measure_pair")
    assert job.priority > Job.Priority.WEB
    assert HANDLERS["measure_pair"].queue == job.queue == "inference"


def test_it_is_not_asked_for_twice_in_either_order(pair):
    later, champion = pair
    assert request_pair(later, champion) is not None
    assert request_pair(champion, later) is None
    assert ComparisonRun.objects.count() == 1


def test_a_second_run_of_the_job_changes_nothing(pair):
    request_pair(*pair)
    work()
    before = list(Evaluation.objects.order_by("pk").values_list("pk", "created_at"))
    request_pair(*pair)
    work()
    assert list(Evaluation.objects.order_by("pk").values_list("pk", "created_at")) == before


def test_outcomes_that_an_earlier_release_did_not_keep_are_added(pair):
    later, champion = pair
    Evaluation.objects.filter(version=later).update(outcomes=None)
    request_pair(later, champion)
    work()
    assert shared_snapshot(later, champion) == later.snapshot


def test_an_artefact_that_is_gone_ends_it_with_the_reason(pair):
    later, champion = pair
    Evaluation.objects.filter(version=later).delete()
    (later.artefact / "manifest.json").unlink()
    request_pair(later, champion)
    work()
    state = latest_pair_run(later, champion).state
    assert state.status == "failed"
    assert str(later.artefact.name) in state.trouble
    assert request_pair(later, champion) is not None


def test_a_job_that_was_called_off_can_be_asked_for_again(pair):
    request_pair(*pair)
    jobs.cancel(Job.objects.get(kind="measure_pair"))
    assert latest_pair_run(*pair).state.status == "failed"
    assert request_pair(*pair) is not None


def test_the_newest_dataset_that_both_know_is_shared(db):
    path, report = make_path("Fraud"), make_incident()
    older, newer = make_version(), make_version()
    kept = make_outcomes([report], [path], [path])
    for version in (older, newer):
        for snapshot in (older.snapshot, newer.snapshot):
            make_evaluation(version, snapshot=snapshot, outcomes=kept)
    assert shared_snapshot(older, newer) == newer.snapshot
    Evaluation.objects.filter(version=older, snapshot=newer.snapshot).update(outcomes=None)
    assert shared_snapshot(older, newer) == older.snapshot
