"""Who looks after a report, and how grave it is."""

import pytest
from django.core.exceptions import ValidationError

from incidents.models import AuditEvent, Notice
from incidents.services.assignment import assign, assignable, set_severity
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


def test_somebody_is_told_and_watches_and_it_is_recorded_with_before_and_after() -> None:
    by, ben = make_user("asha", role="analyst"), make_user("ben", role="analyst")
    incident = make_incident()
    assign(incident, by, by=by)
    assign(incident, ben, by=by)
    assign(incident, ben, by=by)
    assign(incident, None, by=by)
    assert [(one.user, one.kind) for one in Notice.objects.all()] == [(ben, "assigned")]
    details = AuditEvent.objects.filter(kind="incident.assigned").order_by("pk").values_list("detail", flat=True)
    assert [(one["before"], one["after"]) for one in details] == [(None, by.pk), (by.pk, ben.pk), (ben.pk, None)]
    assert incident.watches.filter(user=ben).exists()


def test_only_people_who_review_are_assigned() -> None:
    rita, gone = make_user("rita"), make_user("gone", role="analyst", is_active=False)
    asha = make_user("asha", role="analyst")
    assert list(assignable()) == [asha]
    for user in (rita, gone):
        with pytest.raises(ValidationError, match="may not review"):
            assign(make_incident(), user, by=asha)


def test_a_severity_is_recorded_once() -> None:
    incident, asha = make_incident(), make_user(role="analyst")
    for _ in range(2):
        set_severity(incident, 3, by=asha)
    assert AuditEvent.objects.get(kind="incident.severity_set").detail == {"before": 0, "after": 3}
