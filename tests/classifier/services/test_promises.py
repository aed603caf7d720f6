"""Promises of the champion on blind reports, and alarms."""

import pytest

from classifier.models import Prediction, PromiseAlarm, PromiseKind, PromiseWatch
from classifier.services import blind_evidence
from classifier.services.promises import Kept, acknowledge, kept_promises, promises_made, watch_promises
from classifier.services.report_drift import Settled
from incidents.models import Label, Notice, Retraction, Setting
from incidents.services.promise_news import tell_promise
from incidents.services.taxonomy_steps import take
from incidents.taxonomy_plan import Wish
from tests.builders import (
    make_incident,
    make_label,
    make_path,
    make_policy,
    make_prediction,
    make_promotion,
    make_snapshot,
    make_user,
    make_version,
)
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
NAMES = ("Financial fraud", "Hacking", "Other")


@pytest.fixture
def paths():
    return [make_path(name) for name in NAMES]


@pytest.fixture
def promotion(paths):
    return make_promotion()


def decided_blind(promotion, truth, *, covers, confidence=0.95, number=1, **label):
    """Reports that the champion calls "Financial fraud", and that a person decides unseen."""
    fraud = make_path(NAMES[0])
    for _ in range(number):
        incident = make_incident(blind=True)
        make_prediction(
            incident,
            promotion.version,
            path_ids=[fraud.pk],
            confidence=confidence,
            candidate_ids=[fraud.pk, *([truth.pk] if covers else [])],
            coverage=0.9,
        )
        shown = {"shown_model": promotion.version.name, "verdict": "confirm" if truth == fraud else "correct"}
        make_label(incident, make_user(role="analyst"), [truth], **{"blind": True} | shown | label)


def kept(kind=PromiseKind.COVERAGE):
    return next(one for one in kept_promises() if one.kind == kind)


def test_a_promise_that_is_kept_raises_nothing(promotion, paths):
    decided_blind(promotion, paths[0], covers=True, number=18)
    decided_blind(promotion, paths[1], covers=False, number=2)
    watch_promises()
    found = kept()
    assert (found.kept, found.reports, found.promised, found.is_broken) == (18, 20, 0.9, False)
    assert "nothing speaks against" in found.words and not PromiseAlarm.objects.exists()


def test_a_broken_promise_raises_one_alarm_and_a_notice(promotion, paths):
    admin = make_user(role="admin")
    decided_blind(promotion, paths[1], covers=False, number=8)
    watch_promises()
    watch_promises()
    alarm = PromiseAlarm.objects.get()
    assert (alarm.kind, alarm.kept, alarm.reports, alarm.state) == ("coverage", 0, 8, "open")
    assert "kept 0.0\u00a0% of 8 blind reports: the promise no longer holds" in Kept.of(alarm).words
    tell_promise(jobs.claim_job(Job.objects.get(kind="tell_promise"), worker="test"))
    assert Notice.objects.get().user == admin


def test_a_coverage_that_few_reports_were_calibrated_on_takes_more_to_be_called_broken(paths):
    broken = []
    for calibrated in (30, 3000):
        promotion = make_promotion(
            make_version(stage="champion", snapshot=make_snapshot(counts={"validation": calibrated}))
        )
        for _ in range(12):
            decided_blind(promotion, paths[1], covers=False)
            decided_blind(promotion, paths[0], covers=True, number=3)
        broken.append(kept().is_broken)
        type(promotion.version).objects.update(stage="archived")
    assert broken == [False, True]


def test_each_blind_report_is_read_once_and_none_is_forgotten(promotion, paths, monkeypatch):
    monkeypatch.setattr(blind_evidence, "AT_ONCE", 10)
    decided_blind(promotion, paths[0], covers=True, number=25)
    for read in (10, 20, 25, 25):
        watch_promises()
        assert PromiseWatch.objects.get().reports == read
    read = []
    monkeypatch.setattr(Prediction, "from_db", classmethod(lambda cls, *row: read.append(row) or row))
    watch_promises()
    assert not read, "no report is read again"
    monkeypatch.undo()
    decided_blind(promotion, paths[1], covers=False, number=20)
    watch_promises()
    alarm = PromiseAlarm.objects.get()
    assert (alarm.kept, alarm.reports) == (25, 45)


def test_the_page_reads_on_and_writes_nothing(promotion, paths):
    decided_blind(promotion, paths[0], covers=True, number=3)
    assert kept().reports == 3 and not PromiseWatch.objects.exists()


def test_what_was_undone_or_erased_counts_no_more(promotion, paths):
    decided_blind(promotion, paths[1], covers=False, number=3)
    decided_blind(promotion, paths[0], covers=True, number=2)
    watch_promises()
    assert (kept().kept, kept().reports) == (2, 5)
    first, second, *_ = Label.objects.order_by("pk")
    Retraction.objects.create(label=first, by=None)
    watch_promises()
    row = PromiseWatch.objects.get()
    assert (row.kept, row.reports, row.labels) == (2, 4, 4)
    second.delete()
    decided_blind(promotion, paths[0], covers=True)
    watch_promises()
    row.refresh_from_db()
    assert (row.kept, row.reports) == (3, 4)


def test_a_step_of_the_taxonomy_has_all_read_again(promotion, paths):
    decided_blind(promotion, paths[1], covers=False, number=3)
    watch_promises()
    assert kept().kept == 0
    take(Wish("merge", label=NAMES[1], into=NAMES[0]), by=None)
    watch_promises()
    assert PromiseWatch.objects.get().kept == 3


def test_another_coverage_is_another_promise(promotion, paths):
    decided_blind(promotion, paths[1], covers=False, number=8)
    watch_promises()
    assert PromiseAlarm.objects.get().state == "open"
    Setting.objects.create(key="coverage", value=0.8)
    watch_promises()
    assert PromiseAlarm.objects.get().state == "superseded"
    assert (kept().promised, kept().reports) == (0.8, 0)


def test_only_one_of_two_sweepers_keeps_what_it_read(promotion, paths):
    decided_blind(promotion, paths[0], covers=True, number=2)
    (made,) = promises_made()
    one, other = blind_evidence.watched(made), blind_evidence.watched(made)
    assert one.keep() and not other.keep()
    decided_blind(promotion, paths[0], covers=True)
    one, other = blind_evidence.watched(made), blind_evidence.watched(made)
    assert one.keep() and not other.keep()
    assert PromiseWatch.objects.get().reports == 3


def test_only_the_audit_counts(promotion, paths):
    decided_blind(promotion, paths[1], covers=False, blind=False)
    decided_blind(promotion, paths[1], covers=False, shown_model="classify-before")
    decided_blind(promotion, paths[1], covers=False, bulk=None, source="import")
    assert kept().reports == 0
    assert "no report decided unseen" in kept().words


def test_the_error_of_acceptance_is_watched_among_those_it_would_have_accepted(promotion, paths):
    make_policy(promotion.version)
    decided_blind(promotion, paths[0], covers=True, number=5)
    decided_blind(promotion, paths[1], covers=True, confidence=0.8, number=5)
    found = kept(PromiseKind.ERROR)
    assert (found.kept, found.reports, found.promised) == (5, 5, 0.98)
    decided_blind(promotion, paths[1], covers=True, number=3)
    watch_promises()
    alarm = PromiseAlarm.objects.get()
    assert (alarm.kind, alarm.kept, alarm.reports) == ("error", 5, 8)


def test_the_error_is_watched_under_a_new_name_as_under_the_old_one(promotion, paths):
    make_policy(promotion.version, errors={NAMES[0]: 0.2})
    decided_blind(promotion, paths[0], covers=True, number=5)
    before = kept(PromiseKind.ERROR)
    take(Wish("rename", category=NAMES[0], name="Swindle"), by=None)
    assert kept(PromiseKind.ERROR) == before and before.reports == 5


def test_a_category_that_rests_is_promised_nothing(promotion, paths):
    make_policy(promotion.version, highs={NAMES[0]: 0.9, NAMES[1]: 0.9})
    decided_blind(promotion, paths[0], covers=True, number=5)
    take(Wish("merge", NAMES[2], into=NAMES[0]), by=None)
    assert kept(PromiseKind.ERROR).reports == 0


def test_a_policy_that_accepts_nothing_has_promised_nothing(promotion):
    make_policy(promotion.version, auto_accept=False)
    assert [one.kind for one in kept_promises()] == [PromiseKind.COVERAGE]


def test_what_was_acknowledged_is_told_no_second_time(promotion, paths):
    decided_blind(promotion, paths[1], covers=False, number=8)
    watch_promises()
    alarm = PromiseAlarm.objects.get()
    acknowledge(alarm, by=make_user(role="admin"), note="A campaign.")
    with pytest.raises(Settled):
        acknowledge(alarm, by=make_user(role="admin"), note="Again.")
    watch_promises()
    assert PromiseAlarm.objects.get().state == "acknowledged"


def test_alarms_of_earlier_champions_and_policies_are_superseded(promotion):
    policy = make_policy(promotion.version)
    common = {"promotion": promotion, "promised": 0.9, "kept": 1, "reports": 9, "evidence": 30.0}
    coverage = PromiseAlarm.objects.create(kind="coverage", **common)
    error = PromiseAlarm.objects.create(kind="error", policy=policy, **common)
    make_policy(promotion.version)
    watch_promises()
    error.refresh_from_db()
    coverage.refresh_from_db()
    assert (coverage.state, error.state) == ("open", "superseded")
    type(promotion.version).objects.update(stage="previous")
    make_promotion(make_version(stage="champion"))
    watch_promises()
    coverage.refresh_from_db()
    assert coverage.state == "superseded"


def test_without_a_champion_nothing_was_promised(db):
    assert kept_promises() == []
    watch_promises()
