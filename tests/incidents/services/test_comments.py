"""What analysts say, and who hears of it."""

import pytest
from django.core.exceptions import ValidationError

from incidents.models import AuditEvent, Incident, Notice, SearchDocument
from incidents.services.comments import add_comment, ask_reporter, watch
from incidents.services.reviewing import ClaimLost
from tests.builders import make_decided, make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


def told() -> set[tuple[str, str]]:
    return {(notice.user.username, str(notice.kind)) for notice in Notice.objects.select_related("user")}


def test_whoever_is_mentioned_or_watches_is_told_once_and_the_author_is_not() -> None:
    author, ben, cleo = (make_user(name, role="analyst") for name in ("asha", "ben", "cleo"))
    incident = make_incident()
    watch(incident, ben, cleo)
    add_comment(incident, author=author, text="@ben and @asha, look at this")
    assert told() == {("ben", "mention"), ("cleo", "comment")}
    assert {one.user.username for one in incident.watches.all()} == {"asha", "ben", "cleo"}


def test_a_mention_shows_a_report_to_nobody_who_may_not_see_it() -> None:
    author, rita = make_user("asha", role="analyst"), make_user("rita")
    gone = make_user("gone", role="analyst", is_active=False)
    incident = make_incident()
    add_comment(incident, author=author, text="@rita @gone @nobody-of-that-name")
    assert not told() and not incident.watches.filter(user__in=[rita, gone]).exists()


def test_the_reporter_hears_of_replies_alone_and_not_from_whom() -> None:
    author, rita = make_user(role="analyst"), make_user("rita")
    incident = make_incident(reporter=rita)
    watch(incident, rita)
    add_comment(incident, author=author, text="between us")
    assert not told()
    add_comment(incident, author=author, text="Thank you", to_reporter=True)
    assert told() == {("rita", "reply")} and Notice.objects.get().by is None


def test_a_comment_is_found_by_its_words_and_audited_without_them() -> None:
    incident = make_incident()
    add_comment(incident, author=make_user(role="analyst"), text="the zanzibar gang")
    assert "zanzibar" in SearchDocument.objects.get(incident=incident).words
    assert "zanzibar" not in str(AuditEvent.objects.get(kind="incident.commented").detail)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001, "bin\x00ary"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        add_comment(make_incident(), author=make_user(role="analyst"), text=text)


def test_a_question_sets_the_report_aside_until_the_answer() -> None:
    incident = make_incident(status=Incident.Status.CLASSIFIED, current_model="m")
    ask_reporter(incident, author=make_user(role="analyst"), text="Which bank?")
    incident.refresh_from_db()
    assert incident.status == Incident.Status.WAITING_REPORTER and incident.awaits_answer
    assert incident.comments.get().to_reporter


def test_a_question_about_a_decided_report_is_not_sent() -> None:
    incident = make_decided(make_path())
    with pytest.raises(ClaimLost):
        ask_reporter(incident, author=make_user(role="analyst"), text="Which bank?")
    assert not incident.comments.exists()
