"""Jobs in the Django admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from incidents.models import AuditEvent
from tests.builders import make_user
from tests.workers.rows import claimed, make_job
from workers.models import Job

pytestmark = pytest.mark.django_db
LIST = "admin:workers_job_changelist"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("root", role="", is_staff=True, is_superuser=True))
    return client


def act(client: Client, action: str, *jobs: Job) -> None:
    answer = client.post(reverse(LIST), {"action": action, "_selected_action": [job.pk for job in jobs]})
    assert answer.status_code == 302


def test_failed_jobs_are_retried_and_done_ones_are_not(admin: Client) -> None:
    failed, done = make_job(1, status=Job.Status.FAILED), make_job(2, status=Job.Status.DONE)
    act(admin, "retry", failed, done)
    assert dict(Job.objects.values_list("object_id", "status")) == {1: Job.Status.QUEUED, 2: Job.Status.DONE}
    event = AuditEvent.objects.get()
    assert (event.kind, event.subject, str(event.actor)) == ("job.retried", f"job {failed.pk}", "root")


def test_running_jobs_are_asked_to_stop(admin: Client) -> None:
    act(admin, "cancel", *claimed(1).jobs)
    assert Job.objects.get().cancel_requested
    assert [event.kind for event in AuditEvent.objects.all()] == ["job.cancelled"]


def test_whoever_may_only_look_gets_no_actions(client: Client) -> None:
    looker = make_user("lena", role="", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(looker)
    job = make_job(1, status=Job.Status.FAILED)
    assert b'value="retry"' not in client.get(reverse(LIST)).content
    client.post(reverse(LIST), {"action": "retry", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED


def test_an_admin_of_ours_may_retry(client: Client) -> None:
    client.force_login(make_user("ada", role="admin", is_staff=True))
    job = make_job(1, status=Job.Status.FAILED)
    act(client, "retry", job)
    job.refresh_from_db()
    assert job.status == Job.Status.QUEUED


def test_a_job_can_be_looked_at_but_not_edited_made_or_deleted(admin: Client) -> None:
    job = make_job(1)
    page = admin.get(reverse("admin:workers_job_change", args=[job.pk]))
    assert page.status_code == 200
    assert b'<input type="text"' not in page.content
    assert admin.get(reverse("admin:workers_job_add")).status_code == 403
    assert admin.post(reverse("admin:workers_job_delete", args=[job.pk])).status_code == 403
