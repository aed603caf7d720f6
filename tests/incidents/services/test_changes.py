"""What was changed, with before and after."""

import pytest

from incidents.models import Retraction
from incidents.services import snoozing
from incidents.services.assignment import assign, set_severity
from incidents.services.changes import changes
from incidents.services.history import events_of, labels_of
from incidents.services.reporter_messages import add_facts
from tests.builders import make_decided, make_incident, make_label, make_path, make_user

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
    assert told(incident) == [("Status", "Waiting", ""), ("Status", "", "Waiting")]


def test_a_second_opinion_changes_nothing_that_stands():
    incident = make_incident()
    make_label(incident, make_user(role="analyst"), [make_path("Hacking")], slot=2)
    assert told(incident) == []
