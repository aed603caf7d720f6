from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import AuditEvent, BulkRun, Incident, Label, Retraction, SecondOpinion, Setting
from incidents.services import bulk, reviewing
from incidents.services.bulk import BulkRefused, Wish
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
Status = Incident.Status


@pytest.fixture
def analyst():
    return make_user(role="analyst")


@pytest.fixture
def paths():
    return [make_path("Attack", "Malware"), make_path("Fraud", "Vishing")]


@pytest.fixture
def version(paths):
    return make_version(stage="champion")


def predicted(version, **overrides):
    incident = make_incident(**overrides)
    make_prediction(incident, version)
    return incident


def everything():
    return Incident.objects.all()


def hold(incident, user):
    assert reviewing.claim(incident, user)
    return incident


def test_what_was_suggested_is_confirmed_for_all_reports_of_a_filter(analyst, version, paths):
    reports = [predicted(version) for _ in range(3)]
    run = bulk.start(everything(), Wish(), by=analyst, query="status=waiting")
    assert (run.total, run.status) == (3, "queued")
    assert work_off() == 1
    run.refresh_from_db()
    assert (run.status, run.decided, run.left_out) == ("done", 3, 0)
    for incident in reports:
        incident.refresh_from_db()
        label = incident.current_label
        assert (incident.status, incident.standing_category) == (Status.DECIDED, "Attack")
        assert (label.verdict, label.reviewer, label.bulk, label.seconds) == ("confirm", analyst, run, None)
        assert list(label.paths.all()) == paths[:1]
        assert (label.shown_model, label.suggested) == (version.name, [paths[0].pk])
        assert incident.claimed_by is None
    assert AuditEvent.objects.filter(kind="incident.labelled", actor=analyst).count() == 3


def test_given_labels_confirm_where_they_were_suggested_and_correct_elsewhere(analyst, version, paths):
    same, other = predicted(version), make_incident()
    make_prediction(other, version, [0.1, 0.9])
    unread = make_incident()
    bulk.start(everything(), Wish("correct", paths[:1]), by=analyst)
    work_off()
    verdicts = [Incident.objects.get(pk=one.pk).current_label.verdict for one in (same, other, unread)]
    assert verdicts == ["confirm", "correct", "correct"]


def test_a_rejection_carries_its_reason_and_no_labels(analyst, version):
    incident = predicted(version)
    bulk.start(everything(), Wish("reject", reason="A drill."), by=analyst)
    work_off()
    incident.refresh_from_db()
    assert (incident.status, incident.current_label.reason) == (Status.REJECTED, "A drill.")
    assert not incident.current_label.paths.exists()
    assert incident.standing_category == "Attack"  # nobody said another


def test_blind_held_decided_and_unread_reports_are_left_out(analyst, version, paths):
    fit = predicted(version)
    predicted(version, blind=True)
    hold(predicted(version), make_user(role="analyst"))
    make_decided(paths[0])
    make_incident()
    predicted(version, status=Status.WAITING_REPORTER)
    run = bulk.start(everything(), Wish(), by=analyst)
    assert [item.incident for item in run.items.all()] == [fit]


def test_what_i_hold_and_what_nobody_holds_any_more_is_decided(analyst, version):
    hold(predicted(version), analyst)
    late = hold(predicted(version), make_user(role="analyst"))
    Incident.objects.filter(pk=late.pk).update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    run = bulk.start(everything(), Wish(), by=analyst)
    work_off()
    run.refresh_from_db()
    assert run.decided == 2


def test_what_others_took_or_decided_since_is_left_out_and_counted(analyst, version, paths):
    taken, decided, _ = (predicted(version) for _ in range(3))
    run = bulk.start(everything(), Wish(), by=analyst)
    other = make_user(role="analyst")
    hold(taken, other)
    reviewing.decide(hold(decided, other), reviewer=other, verdict="correct", paths=paths[1:])
    predicted(version)  # came later: not of this run
    work_off()
    run.refresh_from_db()
    assert (run.decided, run.left_out) == (1, 2)
    decided.refresh_from_db()
    assert decided.current_label.reviewer == other


def test_no_report_to_decide_is_refused(analyst):
    with pytest.raises(BulkRefused, match="None of these reports"):
        bulk.start(everything(), Wish(), by=analyst)
    assert not BulkRun.objects.exists()
    assert not Job.objects.exists()


def test_a_run_that_was_killed_goes_on_where_it_was(analyst, version, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 2)
    for _ in range(5):
        predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    batch = jobs.claim_job(bulk.job_of(run), worker="killed")
    decide = bulk._decide_chunk
    monkeypatch.setattr(bulk, "_decide_chunk", lambda *given: (decide(*given), _die())[0])
    with pytest.raises(KeyboardInterrupt):
        bulk.carry_out(batch)
    run.refresh_from_db()
    assert (run.status, run.decided) == ("running", 2)
    batch.release()
    monkeypatch.setattr(bulk, "_decide_chunk", decide)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.decided, run.left_out) == ("done", 5, 0)
    assert Label.objects.count() == 5


def _die():
    raise KeyboardInterrupt


def test_a_worker_that_lost_its_lease_writes_nothing(analyst, version):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    batch = jobs.claim_job(bulk.job_of(run), worker="late")
    Job.objects.update(token="somebody else's")
    with pytest.raises(jobs.LeaseLost):
        bulk.carry_out(batch)
    assert not Label.objects.exists()


def test_run_twice_it_decides_once(analyst, version):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    work_off()
    Job.objects.update(status="queued", attempts=0)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.decided, run.left_out) == ("done", 1, 0)
    assert Label.objects.count() == 1


def test_what_is_decided_stands_when_a_run_is_cancelled(analyst, version, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 2)
    monkeypatch.setattr("workers.batch.BEAT_SECONDS", 0)
    for _ in range(5):
        predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    decide = bulk._decide_chunk

    def decide_and_cancel(*given):
        decide(*given)
        run.refresh_from_db()
        assert bulk.cancel(run, by=analyst)

    monkeypatch.setattr(bulk, "_decide_chunk", decide_and_cancel)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.decided) == ("cancelled", 2)
    assert Incident.objects.filter(status=Status.DECIDED).count() == 2
    assert not bulk.cancel(run, by=analyst)


def test_a_run_that_waits_is_cancelled_at_once(analyst, version):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    assert bulk.cancel(run, by=analyst)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert work_off() == 0


def test_a_run_whose_job_failed_for_good_says_so(analyst, version, monkeypatch):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    Job.objects.update(status="failed")
    bulk.settle_bulk_runs()
    run.refresh_from_db()
    assert run.status == "failed"


def test_a_person_who_may_not_review_any_more_decides_nothing(analyst, version):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    analyst.groups.clear()
    work_off()
    run.refresh_from_db()
    assert (run.decided, run.left_out) == (0, 1)


def test_a_run_draws_no_second_opinions(analyst, version):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    predicted(version)
    bulk.start(everything(), Wish(), by=analyst)
    work_off()
    assert Label.objects.get().bulk and not SecondOpinion.objects.exists()
    reviewed = hold(predicted(version), analyst)
    reviewing.decide(reviewed, reviewer=analyst, verdict="reject", paths=[])
    assert SecondOpinion.objects.get().incident == reviewed, "as it does for decisions taken one by one"


def test_a_run_of_somebody_who_is_gone_is_for_leads(analyst, version):
    predicted(version)
    run = bulk.start(everything(), Wish(), by=analyst)
    BulkRun.objects.update(by=None)
    run.refresh_from_db()
    with pytest.raises(BulkRefused, match="somebody who is gone"):
        bulk.cancel(run, by=analyst)
    assert bulk.cancel(run, by=make_user(role="lead"))


def test_a_run_is_taken_back_as_a_whole(analyst, version):
    waiting, looked = predicted(version), predicted(version, status=Status.SECOND_LOOK)
    run = bulk.start(everything(), Wish("reject"), by=analyst)
    work_off()
    run.refresh_from_db()
    lead = make_user(role="lead")
    bulk.revert(run, by=lead)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.decided, run.reverted, run.reverted_by) == ("reverted", 2, 2, lead)
    waiting.refresh_from_db()
    looked.refresh_from_db()
    assert (waiting.status, looked.status) == (Status.CLASSIFIED, Status.SECOND_LOOK)
    assert (waiting.current_label, waiting.decided_at, waiting.claimed_by) == (None, None, None)
    assert set(Retraction.objects.values_list("by", flat=True)) == {lead.pk}
    with pytest.raises(BulkRefused):
        bulk.revert(run, by=lead)


def test_what_was_decided_anew_or_is_held_stays_when_a_run_is_taken_back(analyst, version, paths):
    anew, held, plain = (predicted(version) for _ in range(3))
    run = bulk.start(everything(), Wish(), by=analyst)
    work_off()
    other = make_user(role="analyst")
    assert reviewing.reopen(anew, other)
    reviewing.decide(anew, reviewer=other, verdict="correct", paths=paths[1:])
    assert reviewing.reopen(held, other)
    run.refresh_from_db()
    bulk.revert(run, by=analyst)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.reverted) == ("reverted", 1)
    for one in (anew, held, plain):
        one.refresh_from_db()
    assert anew.current_label.reviewer == other
    assert (held.status, held.current_label.bulk) == (Status.IN_REVIEW, run)
    assert plain.current_label is None


def test_what_stood_before_stands_again_after_a_run_is_taken_back(analyst, version, paths):
    incident = predicted(version)
    reviewing.decide(hold(incident, analyst), reviewer=analyst, verdict="unsure", paths=[])
    run = bulk.start(everything(), Wish("correct", paths[1:]), by=analyst)
    work_off()
    run.refresh_from_db()
    bulk.revert(run, by=analyst)
    work_off()
    incident.refresh_from_db()
    assert (incident.status, incident.current_label.verdict) == (Status.SECOND_LOOK, "unsure")


def test_a_detection_s_stream_follows_a_run_and_its_taking_back(analyst, version):
    predicted(version, source=Incident.Source.DETECTION)
    run = bulk.start(everything(), Wish("reject"), by=analyst)
    work_off()
    run.refresh_from_db()
    bulk.revert(run, by=analyst)
    work_off()
    assert Job.objects.filter(kind="verdict_effects").count() == 2


def test_a_chunk_takes_as_many_queries_whatever_it_holds(analyst, version, django_assert_max_num_queries):
    for _ in range(40):
        predicted(version)
    bulk.start(everything(), Wish(), by=analyst)
    with django_assert_max_num_queries(60):
        work_off()
