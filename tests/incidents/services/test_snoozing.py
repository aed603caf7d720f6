"""Reports that are set aside and come back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import AuditEvent, Incident, Notice, User
from incidents.services import reviewing
from incidents.services.snoozing import SNOOZED, WOKEN, snooze, wake, wake_snoozed
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version
from workers.sweeper import HOOKS

pytestmark = pytest.mark.django_db
Status = Incident.Status


@pytest.fixture
def analyst() -> User:
    return make_user("asha", role="analyst")


def make_waiting(**overrides: object) -> Incident:
    return make_incident(**{"status": Status.CLASSIFIED, "current_model": "m"} | overrides)


def test_a_report_comes_back_on_its_day_and_its_analyst_hears_of_it(analyst: User) -> None:
    report = make_waiting()
    snooze(report, by=analyst, until=timezone.now() + timedelta(days=1), for_answer=False)
    assert (report.status, wake_snoozed()) == (Status.WAITING_REPORTER, 0)
    Incident.objects.update(wakes_at=timezone.now())
    assert wake_snoozed() == 1
    report.refresh_from_db()
    assert (report.status, report.wakes_at, report.awaits_answer) == (Status.CLASSIFIED, None, False)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.incident) == (analyst, Notice.Kind.RETURNED, report)
    assert [event.kind for event in AuditEvent.objects.filter(incident=report)] == [WOKEN, SNOOZED]


def test_the_sweeper_wakes_reports() -> None:
    assert wake_snoozed in HOOKS


def test_one_that_waits_for_an_answer_comes_back_with_it_and_not_by_itself(analyst: User) -> None:
    report = make_waiting()
    snooze(report, by=analyst, until=None, for_answer=True)
    assert wake_snoozed() == 0
    assert wake(report, reason="The reporter has answered")
    assert report.status == Status.CLASSIFIED
    assert not wake(report)


@pytest.mark.parametrize("status", [Status.CLASSIFIED, Status.SECOND_LOOK, Status.NEW])
def test_it_comes_back_to_where_it_was(analyst: User, status: str) -> None:
    report = make_waiting(status=status, current_model="" if status == Status.NEW else "m")
    snooze(report, by=analyst, until=None, for_answer=True)
    wake(report)
    assert report.status == status


def test_one_that_a_model_has_read_meanwhile_comes_back_classified(analyst: User) -> None:
    report = make_waiting(status=Status.NEW, current_model="")
    snooze(report, by=analyst, until=None, for_answer=True)
    make_path()
    make_prediction(report, make_version())
    assert report.status == Status.WAITING_REPORTER
    wake(report)
    assert report.status == Status.CLASSIFIED


def test_the_own_claim_ends_and_the_place_before_it_counts(analyst: User) -> None:
    report = make_waiting(status=Status.SECOND_LOOK)
    assert reviewing.claim(report, analyst)
    snooze(report, by=analyst, until=None, for_answer=True)
    assert (report.status, report.claimed_by) == (Status.WAITING_REPORTER, None)
    wake(report)
    assert report.status == Status.SECOND_LOOK


def test_what_another_holds_or_has_decided_is_not_set_aside(analyst: User) -> None:
    held, decided = make_waiting(), make_waiting(status=Status.DECIDED)
    assert reviewing.claim(held, make_user("bela", role="analyst"))
    for report in (held, decided):
        with pytest.raises(reviewing.ClaimLost):
            snooze(report, by=analyst, until=None, for_answer=True)
    held.refresh_from_db()
    assert held.status == Status.IN_REVIEW


def test_whoever_wakes_a_report_is_not_told_of_it(analyst: User) -> None:
    report = make_waiting()
    snooze(report, by=analyst, until=None, for_answer=True)
    wake(report, by=analyst)
    assert not Notice.objects.exists()


def test_next_never_serves_what_is_set_aside(analyst: User) -> None:
    report = make_waiting()
    snooze(report, by=analyst, until=None, for_answer=True)
    assert reviewing.next_report(analyst) is None
