"""Promises of the champion on blind reports, and alarms."""

import pytest

from classifier.models import PromiseAlarm, PromiseKind
from classifier.services.promises import Kept, acknowledge, kept_promises, watch_promises
from classifier.services.report_drift import Settled
from incidents.models import Notice
from incidents.services.promise_news import tell_promise
from tests.builders import (
    make_incident,
    make_label,
    make_path,
    make_policy,
    make_prediction,
    make_promotion,
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
