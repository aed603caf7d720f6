import pytest
from django.core.exceptions import ValidationError

from incidents.models import AuditEvent, Incident
from incidents.services.filing import FiledReport, IdempotencyConflict, file_incident
from tests.builders import make_user
from workers.models import Job

pytestmark = pytest.mark.django_db
REPORT = FiledReport(title="Call from a bank", text="Somebody called and asked for the code.")


def test_a_report_is_filed_with_its_job_and_its_place_in_the_splits():
    incident = file_incident(REPORT, source="web").incident
    job = Job.objects.get(kind="classify", object_id=incident.pk)
    assert (job.queue, job.priority, job.status) == ("inference", Job.Priority.WEB, Job.Status.QUEUED)
    assert incident.text == REPORT.text
    assert incident.split in Incident.Split.values
    assert incident.text_bands.count() == 8


def test_a_report_by_the_api_waits_behind_those_of_people():
    incident = file_incident(REPORT, source="api", reporter=make_user()).incident
    assert Job.objects.get(kind="classify", object_id=incident.pk).priority == Job.Priority.API


def test_the_same_key_files_once():
    first = file_incident(REPORT, source="api", idempotency_key="k1")
    again = file_incident(REPORT, source="api", idempotency_key="k1")
    assert (first.created, again.created) == (True, False)
    assert first.incident == again.incident
    assert Job.objects.filter(kind="classify").count() == 1


def test_the_same_key_for_another_report_is_a_conflict():
    file_incident(REPORT, source="api", idempotency_key="k1")
    with pytest.raises(IdempotencyConflict, match="new key"):
        file_incident(FiledReport(title="", text="Something else."), source="api", idempotency_key="k1")


def test_two_people_may_use_the_same_key():
    one = file_incident(REPORT, source="api", idempotency_key="k1", reporter=make_user())
    other = file_incident(REPORT, source="api", idempotency_key="k1", reporter=make_user())
    assert one.incident != other.incident


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001, "PK\x03\x04\x00", "wrong \ufffd bytes"])
def test_a_text_that_is_none_files_nothing(text):
    with pytest.raises(ValidationError):
        file_incident(FiledReport(title="t", text=text), source="web")
    assert not Incident.objects.exists()
    assert not Job.objects.exists()


def test_the_audit_event_holds_no_text():
    incident = file_incident(REPORT, source="web").incident
    event = AuditEvent.objects.get(kind="incident.filed", incident=incident)
    assert "code" not in str(event.detail) + event.subject
