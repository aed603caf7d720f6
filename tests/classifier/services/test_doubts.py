"""Looking for labels to doubt: asked for by people or by rounds, done by a job of the desk."""

import pytest

from classifier.models import Doubt, DoubtRun
from classifier.services import doubts
from classifier.services.analysis_runs import state_of
from incidents.models import Incident, Setting
from incidents.services import reviewing, undoing
from tests.builders import make_label, make_path, make_user
from tests.classifier.services.conftest import decide_reports
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst():
    return make_user(role="analyst")


@pytest.fixture
def reports():
    """Ninety decided reports, of which three carry the label of another kind."""
    found = decide_reports()
    for place in (10, 40, 71):
        relabel(found[place], found[(place + 1)].current_label.paths.get())
    return found


def relabel(incident, path):
    incident.current_label = make_label(incident, paths=[path], source="import")
    incident.save()


def carry_out(run):
    job = Job.objects.get(kind=doubts.KIND, object_id=run.pk)
    doubts.find_doubts(jobs.claim_job(job, worker="test"))
    run.refresh_from_db()
    return run


def test_wrong_labels_are_found_with_what_speaks_against_them(reports, analyst):
    run = carry_out(doubts.request_doubts(analyst))
    assert (run.status, run.labels, run.by, run.trouble) == ("done", 90, analyst, "")
    found = list(run.doubts.order_by("quality")[:3])
    assert {one.incident for one in found} == {reports[10], reports[40], reports[71]}
    assert all(one.label == one.incident.current_label for one in found)
    right = reports[12].current_label.paths.get()  # 12 and 10 are of different kinds: 10 % 3 is 1
    assert right.pk not in found[0].suggested or found[0].incident != reports[10]
    assert all(one.probability > 0.5 and one.agreeing > 5 and one.neighbours == 10 for one in found)


def test_a_job_that_runs_twice_changes_nothing(reports):
    run = carry_out(doubts.request_doubts())
    before = list(run.doubts.values_list("pk", flat=True))
    Job.objects.filter(object_id=run.pk, kind=doubts.KIND).update(status="queued", attempts=0)
    carry_out(run)
    assert list(run.doubts.values_list("pk", flat=True)) == before


def test_only_one_search_runs_at_a_time(reports):
    run = doubts.request_doubts()
    assert doubts.request_doubts() is None
    carry_out(run)
    assert doubts.request_doubts() is not None


def test_too_few_labels_are_said_and_no_failure_of_the_job(analyst):
    decide_reports(12)
    run = carry_out(doubts.request_doubts(analyst))
    assert run.status == "failed" and "50 are needed" in run.trouble
    assert Job.objects.get().status == "done"


def test_one_label_for_all_is_said():
    path = make_path("Fraud")
    for incident in decide_reports(60):
        incident.current_label.paths.set([path])
    assert "two different labels" in carry_out(doubts.request_doubts()).trouble


def test_a_job_that_failed_or_was_called_off_shows_on_the_run():
    run = doubts.request_doubts()
    assert state_of(doubts.KIND, run).status == "queued"
    Job.objects.update(status="failed", error="The disk is full.")
    assert state_of(doubts.KIND, run).trouble == "The disk is full."
    assert doubts.request_doubts() is not None
    Job.objects.filter(status="queued").update(status="cancelled")
    latest = DoubtRun.objects.latest("pk")
    assert state_of(doubts.KIND, latest).status == "failed" and "called off" in state_of(doubts.KIND, latest).trouble


def test_a_kept_label_is_not_doubted_again_and_open_doubts_are_replaced(reports, analyst):
    first = carry_out(doubts.request_doubts())
    kept = first.doubts.get(incident=reports[10])
    Doubt.objects.filter(pk=kept.pk).update(state="kept", by=analyst)
    second = carry_out(doubts.request_doubts())
    assert not second.doubts.filter(incident=reports[10]).exists()
    assert second.doubts.filter(incident=reports[40]).exists()
    assert list(first.doubts.all()) == [kept]


def test_another_label_settles_a_doubt_and_its_undo_opens_it_again(reports, analyst):
    carry_out(doubts.request_doubts())
    doubt = Doubt.objects.get(incident=reports[10])
    reviewing.reopen(doubt.incident, analyst)
    reviewing.decide(doubt.incident, reviewer=analyst, verdict="correct", paths=[make_path("New")])
    doubts.settle_doubts()
    doubt.refresh_from_db()
    assert doubt.state == "changed" and doubt.settled_at
    undoing.undo(analyst)
    doubts.settle_doubts()
    doubt.refresh_from_db()
    assert (doubt.state, doubt.settled_at) == ("open", None)


def test_rounds_ask_once_enough_was_decided_since_the_last_run():
    Setting.objects.create(key="doubts_after", value=20)
    decide_reports(19)
    assert doubts.request_due_doubts() is None
    decide_reports(2, start=19)
    run = doubts.request_due_doubts()
    assert run.by is None and Job.objects.get().priority == Job.Priority.BACKFILL
    carry_out(run)
    assert doubts.request_due_doubts() is None
    decide_reports(20, start=30)
    assert doubts.request_due_doubts() is not None


def test_reports_that_wait_or_are_rejected_are_not_looked_at(reports):
    Incident.objects.filter(pk=reports[0].pk).update(current_label=None, status="classified")
    make_label(reports[0], verdict="reject")
    assert carry_out(doubts.request_doubts()).labels == 89
