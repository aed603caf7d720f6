"""Counts of lists for who holds second opinions, where the counts are older than what they count."""

import pytest

from incidents.models import Incident
from incidents.services.disguised_counts import cube_for, states_for
from incidents.services.facet_cube import cube_of
from tests.builders import make_incident

pytestmark = pytest.mark.django_db
SHOWN = ["decided", "in_review"]


def test_a_report_moves_to_those_in_review_and_nothing_is_said_of_it() -> None:
    make_incident(status="decided", standing_category="Fraud", current_confidence=0.4)
    other = make_incident(status="decided", standing_category="Hacking", current_confidence=0.95, current_unsure=True)
    reports = Incident.objects.all()
    held = reports.filter(pk=other.pk)
    counts = cube_for(cube_of(reports, "moves"), held, SHOWN, tells=False).count({})
    assert (counts["category"], counts[""]) == ({"Fraud": 1, "Hacking": 0, "": 1}, {"total": 2})
    assert {band: n for band, n in counts["confidence"].items() if n} == {1: 1, 0: 1}
    assert counts["unsure"].get(True, 0) == 0
    for states, tells in ((["decided"], False), (SHOWN, True)):
        assert cube_for(cube_of(reports, "moves"), held, states, tells=tells).count({})[""] == {"total": 1}
    assert states_for({"decided": 2}, held, tells=False) == {"decided": 1, "in_review": 1}
    assert states_for({"decided": 2}, held, tells=True)["decided"] == 1


def test_what_an_older_count_does_not_know_yet_is_not_taken_off() -> None:
    make_incident(status="decided", standing_category="Fraud")
    older = cube_of(Incident.objects.all(), "older")
    new = make_incident(status="decided", standing_category="Hacking")
    held = Incident.objects.filter(pk=new.pk)
    assert cube_for(older, held, SHOWN, tells=True).count({})["category"] == {"Fraud": 1}
    assert states_for({}, held, tells=True)["decided"] == 0
