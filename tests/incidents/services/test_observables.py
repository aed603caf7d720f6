"""Observables in the database: found by jobs, brought along with the text."""

import pytest

from incidents.models import Incident, Observable
from incidents.services import observables
from incidents.services.filing import FiledReport, file_incident
from incidents.services.filing_many import KnownReport, file_many
from incidents.services.reporter_messages import add_facts
from tests.builders import make_incident, make_user
from workers import jobs, runner
from workers.models import Job

pytestmark = pytest.mark.django_db


def work() -> None:
    services = {
        observables.FIND: observables.find_in_reports,
        observables.FIND_IN_CHUNK: observables.find_in_chunk,
    }
    for kind, service in services.items():
        while batch := jobs.claim("desk", worker="test", limits={kind: jobs.Limit(batch=8)}):
            runner.run(batch, service)
    assert not Job.objects.filter(kind__in=services).exclude(status=Job.Status.DONE).exists()


def values(incident: Incident) -> list[str]:
    return [one.value for group in observables.observables_of(incident) for one in group.observables]


def test_a_filed_report_is_looked_through_by_a_job() -> None:
    incident = file_incident(FiledReport("A call", "from 203.0.113.7, evil.com"), source=Incident.Source.WEB).incident
    assert observables.search_state(incident) == "waiting"
    work()
    assert values(incident) == ["203.0.113.7", "evil.com"]
    incident.refresh_from_db()
    assert observables.search_state(incident) == "done"


def test_an_import_is_looked_through_by_the_hundred() -> None:
    file_many([KnownReport(f"k{n}", f"it came from 203.0.113.{n}") for n in range(20)], source=Incident.Source.IMPORT)
    assert Job.objects.filter(kind=observables.FIND_IN_CHUNK).count() <= 2
    last = Incident.objects.latest("pk")
    assert observables.search_state(last) == "waiting"
    work()
    assert Observable.objects.count() == 20 and values(last) == ["203.0.113.19"]


def test_looking_twice_changes_nothing_and_a_new_text_brings_its_own() -> None:
    incident = make_incident(text="it came from 203.0.113.7 and evil.com")
    observables.request_observables(incident.pk, priority=0)
    work()
    kept = list(incident.observables.order_by("pk"))
    incident.text_revisions.update(text="it came from evil.com and 203.0.113.8")
    for _ in range(2):
        observables.request_observables(incident.pk, priority=0)
    work()
    assert values(incident) == ["203.0.113.8", "evil.com"]
    assert set(kept) & set(incident.observables.all()) == {one for one in kept if one.value == "evil.com"}


def test_other_reports_with_it_are_those_that_the_person_may_see() -> None:
    reporter, analyst = make_user(), make_user(role="analyst")
    for owner in (reporter, None):
        Observable.objects.create(incident=make_incident(reporter=owner), kind="domain", value="evil.com")
    assert observables.reports_with("domain", "evil.com", analyst).count() == 2
    assert [one.reporter for one in observables.reports_with("domain", "evil.com", reporter)] == [reporter]
    assert not observables.reports_with("ip", "evil.com", analyst).exists()


def test_a_text_that_nobody_looked_through_is_not_said_to_hold_nothing() -> None:
    incident = make_incident(text="nothing of the kind")
    assert observables.search_state(incident) == ""
    observables.request_observables(incident.pk, priority=0)
    work()
    assert observables.search_state(Incident.objects.get()) == "done"
    add_facts(incident, facts="and more", by=None)
    Job.objects.filter(kind=observables.FIND).update(status=Job.Status.FAILED)
    assert observables.search_state(Incident.objects.get()) == "", "nothing is known of the new text"
