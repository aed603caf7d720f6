"""What is refused, what a request does at once, and what stays as it was."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from events.services.erasing import ErasureRefused, request_erasure
from events.services.erasing_preview import of_reporter, preview, wanted_by
from incidents.models import AuditEvent, Erasure, Incident, LegalHold, SecondOpinion, User
from incidents.services import bulk, legal_holds, merging, passed_on, reviewing
from incidents.services.bulk import Wish, start
from incidents.services.erasing_accounts import erase_account
from incidents.services.search import ids_of, index_reports
from tests.builders import PASSWORD, make_incident, make_label, make_path, make_prediction, make_user
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def erase(admin: User, *incidents: Incident) -> Erasure:
    return request_erasure([one.pk for one in incidents], reason="Asked for", by=admin)


def test_a_report_is_in_no_list_and_no_search_at_once(admin: User) -> None:
    incident, other = make_incident(text="the garden gnome stood"), make_incident(text="another gnome")
    index_reports([incident.pk, other.pk])
    erasure = erase(admin, incident)
    incident.refresh_from_db()
    assert (incident.status, incident.text, incident.reporter) == ("erased", "", None)
    assert list(Incident.objects.visible_to(admin)) == [other]
    assert ids_of("gnome") == [other.pk]
    assert Job.objects.get(kind="erase").object_id == erasure.pk


def test_it_is_audited_without_a_word_of_it(admin: User) -> None:
    reporter = make_user("jane.doe")
    erasure = request_erasure(
        [make_incident(reporter=reporter, title="Secret").pk], reason="x", by=admin, account=reporter
    )
    event = AuditEvent.objects.get(kind="erasure.asked_for")
    assert (event.actor, event.subject) == (admin, str(erasure))
    assert event.detail == {"reports": 1, "account": reporter.pk}


def test_nothing_is_erased_without_a_reason_or_a_report(admin: User) -> None:
    with pytest.raises(ErasureRefused, match="Say why"):
        request_erasure([make_incident().pk], reason=" ", by=admin)
    with pytest.raises(ErasureRefused, match="nothing to erase"):
        request_erasure([], reason="x", by=admin)
    incident = make_incident()
    erase(admin, incident)
    with pytest.raises(ErasureRefused, match="nothing to erase"):
        erase(admin, incident)


def test_one_report_under_hold_refuses_the_whole(admin: User) -> None:
    held, free = make_incident(), make_incident()
    legal_holds.hold_report(held, reason="A court", by=admin)
    with pytest.raises(ErasureRefused, match=f"#{held.pk}"):
        erase(admin, held, free)
    assert not Incident.objects.filter(status="erased").exists()


def test_a_hold_on_a_reporter_covers_reports_that_come_later(admin: User) -> None:
    reporter = make_user()
    hold = legal_holds.hold_reporter(reporter, reason="A court", by=admin)
    later = make_incident(reporter=reporter)
    with pytest.raises(ErasureRefused):
        erase(admin, later)
    assert legal_holds.holds_on(later) == [hold]
    legal_holds.lift(hold, by=admin)
    erase(admin, later)


def test_a_hold_on_a_reporter_covers_reports_that_left_their_address_as_a_contact(admin: User) -> None:
    reporter = make_user("jane", email="Jane@example.org")
    EmailAddress.objects.create(user=reporter, email="j@example.org")
    hold = legal_holds.hold_reporter(reporter, reason="A court", by=admin)
    for contact in ("jane@example.org", "J@example.org"):
        incident = make_incident(contact=contact)
        assert legal_holds.holds_on(incident) == [hold]
        assert legal_holds.held_among([incident.pk]) == [incident.pk]
        with pytest.raises(ErasureRefused, match="legal hold"):
            erase(admin, incident)
    other = make_incident(contact="joan@example.org")
    assert legal_holds.holds_on(other) == [] == legal_holds.holds_on(make_incident())
    assert erase(admin, other).reports == 1


def test_the_account_of_whoever_decides_is_not_erased(admin: User) -> None:
    with pytest.raises(ErasureRefused, match="Only accounts of reporters"):
        request_erasure([], reason="x", by=admin, account=make_user(role="analyst"))


def test_what_was_joined_to_it_stands_for_itself_again(admin: User) -> None:
    head, joined = make_incident(), make_incident(status="classified")
    merging.merge(joined, head, by=admin)
    erase(admin, head)
    joined.refresh_from_db()
    assert (joined.status, joined.merged_into) == ("classified", None)


def test_nobody_can_decide_or_hold_it_any_more(admin: User) -> None:
    analyst, incident = make_user(role="analyst"), make_incident()
    make_path()
    make_prediction(incident)
    assert reviewing.claim(incident, analyst)
    erase(admin, incident)
    assert not reviewing.claim(incident, analyst) and not reviewing.reopen(incident, analyst)
    with pytest.raises(reviewing.ClaimLost):
        reviewing.decide(incident, reviewer=analyst, verdict="reject", paths=[])
    incident.refresh_from_db()
    assert incident.status == "erased"


def test_open_second_opinions_and_runs_leave_it_out(admin: User) -> None:
    path = make_path()
    decided, waiting = make_incident(status="decided"), make_incident()
    make_prediction(waiting)
    SecondOpinion.objects.create(incident=decided, first=make_label(decided, admin, [path]))
    run = start(Incident.objects.all(), Wish(verdict="correct", paths=[path]), by=admin)
    erase(admin, decided, waiting)
    assert not SecondOpinion.objects.exists()
    batch = jobs.claim("desk", worker="test", limits={"bulk": jobs.Limit()})
    assert batch is not None
    bulk.carry_out(batch)
    run.refresh_from_db()
    assert (run.decided, run.left_out) == (0, 1)


def test_a_reporter_is_found_by_name_by_address_and_by_what_they_left(admin: User) -> None:
    reporter = make_user("jane", email="jane@example.org")
    signed, left = make_incident(reporter=reporter), make_incident(contact="Jane@Example.org")
    make_incident(contact="somebody@example.org")
    for asked in ("jane", "JANE@example.org"):
        wanted = of_reporter(asked)
        assert (wanted.account, list(wanted.ids)) == (reporter, [signed.pk, left.pk])
    assert (wanted_by("somebody@example.org").account, len(wanted_by("somebody@example.org").ids)) == (None, 1)
    for asked in ("nobody", "", "#999999"):
        with pytest.raises(ErasureRefused):
            wanted_by(asked)


def test_the_preview_counts_and_names_what_stands_in_the_way(admin: User) -> None:
    incident = make_incident(twins="text:x")
    make_incident(twins="text:x")
    found = preview(wanted_by(str(incident.pk)))
    assert (found.reports, found.alike, found.obstacle, found.phrase) == (1, 1, "", "ERASE 1")
    LegalHold.objects.create(incident=incident, reason="A court", by=admin)
    assert "legal hold" in preview(wanted_by(f"#{incident.pk}")).obstacle


def test_a_reason_to_pass_on_stands_beside_the_audit_and_not_in_it(admin: User) -> None:
    analyst, incident = make_user(role="analyst"), make_incident()
    make_path()
    make_prediction(incident)
    reviewing.claim(incident, analyst)
    reviewing.skip(incident, reviewer=analyst, reason="Ask Jane of the bank")
    incident.refresh_from_db()
    assert [one.reason for one in passed_on.passed_on(incident)] == ["Ask Jane of the bank"]
    assert AuditEvent.objects.get(kind="incident.skipped").detail == {}


def test_an_account_is_erased_once_and_again_without_harm(admin: User) -> None:
    reporter = make_user("jane", email="jane@example.org", first_name="Jane")
    for _ in range(2):
        erase_account(reporter)
        reporter.refresh_from_db()
        assert (reporter.username, reporter.email, reporter.first_name) == (f"erased-{reporter.pk}", "", "")
        assert not reporter.is_active and not reporter.has_usable_password() and not reporter.groups.exists()


def test_erasing_an_account_empties_its_own_lines_of_the_admin_log_and_ends_its_sessions(admin: User) -> None:
    reporter, client = make_user("an", email="an@example.org"), Client()
    client.post(reverse("account_login"), {"login": "an", "password": PASSWORD})
    assert Session.objects.count() == UserSession.objects.count() == 1
    people = ContentType.objects.get_for_model(User)
    for pk, name in ((reporter.pk, "an"), (admin.pk, "Hannah, an admin")):
        LogEntry.objects.create(
            user=admin,
            content_type=people,
            object_id=str(pk),
            object_repr=name,
            change_message=name,
            action_flag=CHANGE,
        )
    erase_account(reporter)
    assert not Session.objects.exists() and not UserSession.objects.exists()
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {"", "Hannah, an admin"}
