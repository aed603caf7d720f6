"""What a reporter says after filing comes back as a task of review."""

import pytest
from django.core.exceptions import ValidationError

from incidents.models import AuditEvent, Incident, Label, Notice, ReporterMessage, User
from incidents.services import reviewing, snoozing, undoing
from incidents.services.comments import add_comment, watch
from incidents.services.reporter_messages import MOST, add_facts, conversation, say_wrong
from tests.builders import make_decided, make_incident, make_path, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db

Status = Incident.Status


@pytest.fixture
def asha() -> User:
    return make_user("asha", role="analyst")


@pytest.fixture
def decided(asha: User) -> Incident:
    incident = make_decided(make_path("Hacking"), reporter=make_user("rita"))
    watch(incident, asha)
    return incident


def again(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_a_disputed_decision_comes_back_for_a_second_look_and_still_stands(decided: Incident) -> None:
    message = say_wrong(decided, reason="It was no hacking", by=decided.reporter)
    after = again(decided)
    assert after.status == Status.SECOND_LOOK and after.current_label == message.disputed == decided.current_label
    assert [(one.user.username, one.kind) for one in Notice.objects.all()] == [("asha", "reporter")]
    assert "hacking" not in str(list(AuditEvent.objects.values_list("detail")))


def test_letting_go_of_a_disputed_report_leaves_it_to_the_next_person(decided: Incident, asha: User) -> None:
    say_wrong(decided, reason="No", by=None)
    assert reviewing.claim(decided, asha) and reviewing.release(again(decided), asha)
    assert again(decided).status == Status.SECOND_LOOK


def test_a_report_that_was_open_again_when_it_was_disputed_does_not_rest_before_a_decision(
    decided: Incident, asha: User
) -> None:
    reviewing.reopen(decided, asha)
    say_wrong(decided, reason="No", by=None)
    assert again(decided).status == Status.IN_REVIEW
    reviewing.release(again(decided), asha)
    assert again(decided).status == Status.SECOND_LOOK


def test_a_new_decision_handles_the_messages_and_its_undoing_opens_them(decided: Incident, asha: User) -> None:
    say_wrong(decided, reason="No", by=None)
    reviewing.claim(decided, asha)
    reviewing.decide(decided, reviewer=asha, verdict=Label.Verdict.CORRECT, paths=[make_path("Fraud")])
    assert not ReporterMessage.objects.waiting().exists()
    undoing.undo(asha)
    assert ReporterMessage.objects.waiting().exists()


def test_facts_are_appended_as_a_revision_that_is_read_again() -> None:
    incident = make_incident(text="The first words", status=Status.CLASSIFIED, current_model="m")
    add_facts(incident, facts="He phoned again", by=None)
    after = again(incident)
    assert after.text == "The first words\n\nAdded later: He phoned again" and after.current_text.number == 2
    assert after.status == Status.CLASSIFIED
    kinds = set(Job.objects.filter(object_id=incident.pk, priority=Job.Priority.WEB).values_list("kind", flat=True))
    assert kinds == {"classify", "find_observables"}
    assert "phoned" in after.search_document.words


def test_an_answer_wakes_a_report_that_waits_for_it(asha: User) -> None:
    incident = make_incident(status=Status.CLASSIFIED, current_model="m", reporter=make_user())
    snoozing.snooze(incident, by=asha, until=None, for_answer=True)
    add_facts(incident, facts="My bank is the third one", by=incident.reporter)
    assert again(incident).status == Status.CLASSIFIED
    assert Notice.objects.filter(user=asha).exists()


def test_a_text_that_would_get_too_long_is_refused_with_the_room_that_is_left() -> None:
    incident = make_incident(text="x" * 19_900)
    with pytest.raises(ValidationError, match="room for 85 more characters"):
        add_facts(incident, facts="y" * 100, by=None)
    assert again(incident).current_text.number == 1 and not ReporterMessage.objects.exists()


def test_there_is_an_end_to_messages() -> None:
    incident = make_incident()
    for _ in range(MOST):
        say_wrong(incident, reason="No", by=None)
    with pytest.raises(ValidationError, match="no more are taken"):
        say_wrong(incident, reason="No", by=None)


@pytest.mark.parametrize("text", ["", "  ", "bin\x00ary"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        say_wrong(make_incident(), reason=text, by=None)
    with pytest.raises(ValidationError):
        add_facts(make_incident(), facts=text, by=None)


def test_the_conversation_has_replies_and_messages_and_no_comments_between_analysts(asha: User) -> None:
    incident = make_incident()
    add_comment(incident, author=asha, text="between us")
    add_comment(incident, author=asha, text="Thank you", to_reporter=True)
    say_wrong(incident, reason="No", by=None)
    assert [(line.text, line.by_reporter) for line in conversation(incident)] == [("Thank you", False), ("No", True)]
