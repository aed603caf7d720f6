"""What was changed, with before and after."""

import pytest

from incidents.models import Incident, Retraction
from incidents.services import merging, snoozing
from incidents.services.assignment import assign, set_severity
from incidents.services.changes import changes
from incidents.services.history import events_of, labels_of
from incidents.services.reporter_messages import add_facts
from tests.builders import make_decided, make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


def told(incident):
    return [(one.what, one.before, one.after) for one in changes(incident, labels_of(incident), events_of(incident))]


def test_decisions_are_told_with_what_stood_before():
    asha, incident = make_user(role="analyst"), make_incident()
    make_label(incident, asha, [make_path("Hacking")])
    second = make_label(incident, asha, [make_path("Fraud")], verdict="correct")
    Retraction.objects.create(label=second, by=asha)
    assert told(incident) == [
        ("Decision", "Corrected: Fraud", "Confirmed: Hacking"),
        ("Decision", "Confirmed: Hacking", "Corrected: Fraud"),
        ("Decision", "", "Confirmed: Hacking"),
    ]


def test_severity_assignee_status_and_text_are_told():
    asha, incident = make_user("asha", role="analyst"), make_decided(make_path("Hacking"), text="12345")
    set_severity(incident, 4, by=asha)
    assign(incident, asha, by=asha)
    add_facts(incident, facts="more", by=None)
    assert set(told(incident)) == {
        ("Decision", "", "Confirmed: Hacking"),
        ("Severity", "Not set", "Critical"),
        ("Assignee", "", "asha"),
        ("Status", "Decided", "Second look"),
        ("Text", "5 characters", "Added later: more"),
    }


def test_setting_aside_and_coming_back_are_told():
    incident = make_incident(status="classified", current_model="m")
    snoozing.snooze(incident, by=make_user(role="analyst"), until=None, for_answer=True)
    snoozing.wake(incident)
    assert told(incident) == [("Status", "Waiting", "Classified"), ("Status", "Classified", "Waiting")]


def test_joining_and_taking_apart_are_told_with_what_it_was():
    asha, incident, head = make_user(role="analyst"), make_incident(status="second_look"), make_incident()
    merging.merge(incident, head, by=asha)
    merging.unmerge(incident, by=asha)
    assert told(incident) == [("Status", "Merged", "Second look"), ("Status", "Second look", "Merged")]
    assert told(head) == []


def test_what_was_read_while_it_was_joined_is_classified_then():
    asha, incident, head = make_user(role="analyst"), make_incident(), make_incident()
    merging.merge(incident, head, by=asha)
    make_path("Hacking")
    make_prediction(Incident.objects.get(pk=incident.pk), make_version())
    merging.unmerge(incident, by=asha)
    assert told(incident)[0] == ("Status", "Merged", "Classified")


def test_a_second_opinion_changes_nothing_that_stands():
    incident = make_incident()
    make_label(incident, make_user(role="analyst"), [make_path("Hacking")], slot=2)
    assert told(incident) == []
