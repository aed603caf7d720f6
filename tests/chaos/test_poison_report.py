"""A report kills whoever scores it: it fails alone, is shown with a button, and goes through once that is put right."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from classifier.models import Prediction
from classifier.services.training import request_training
from incidents.models import Incident
from incidents.services.filing import FiledReport, file_incident
from tests.builders import make_user
from tests.chaos.conftest import Plant
from tests.classifier.services.conftest import decide_reports, run_to_end
from tests.workers.conftest import wait_for
from workers.models import LOST_TOO_OFTEN, Job

pytestmark = [pytest.mark.chaos, pytest.mark.long]

Status = Job.Status
SILENT = timedelta(seconds=12)  # a worker that lives is heard of every 5


def file(text: str) -> Incident:
    return file_incident(FiledReport(title="", text=text), source="web").incident


def all_over() -> bool:
    """Lets the leases of the dead end now, not after their 30 s."""
    running = Job.objects.filter(kind="classify", status=Status.RUNNING)
    running.filter(heartbeat_at__lt=timezone.now() - SILENT).update(lease_until=timezone.now() - SILENT)
    return not Job.objects.filter(kind="classify", status__in=[Status.QUEUED, Status.RUNNING]).exists()


def test_a_report_that_kills_its_worker_fails_alone_and_is_classified_once_the_cause_is_gone(
    plant: Plant, client: Client
) -> None:
    decide_reports()
    run_to_end(request_training(base_model="none"))
    cause = plant.home / "poison"
    cause.write_text("strychnine")
    others = [file(f"A caller asked for the otp code, number {number}.") for number in range(4)]
    poison = file("Somebody put strychnine into the file that was infected.")
    others += [file(f"A virus has infected the laptop, number {number}.") for number in range(4)]
    plant.app = "tests.chaos.poisoned"
    worker = plant.worker()
    wait_for(all_over, 300, sweeping=True)
    job = Job.objects.get(kind="classify", object_id=poison.pk)
    assert (job.status, job.attempts, job.error) == (Status.FAILED, 3, LOST_TOO_OFTEN)
    assert set(Prediction.objects.values_list("incident", flat=True)) == {one.pk for one in others}
    assert worker.process.poll() is None

    assert "could not read it, so a person will" in client.get(f"/r/{poison.receipt_token}/").content.decode()
    client.force_login(make_user(role="admin"))
    page = client.get(f"/incidents/{poison.pk}/").content.decode()
    assert "No model could read this report" in page and "classification failed" in page and "Try again" in page
    assert LOST_TOO_OFTEN in (page := client.get("/status/").content.decode()) and "Run again" in page

    cause.unlink()
    client.post(f"/incidents/{poison.pk}/classify/")
    wait_for(lambda: Prediction.objects.filter(incident=poison).exists(), 120, sweeping=True)
