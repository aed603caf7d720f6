"""The page of one training."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import TrainingRun
from classifier.services.training import request_training
from incidents.models import User
from tests.builders import make_run, make_user
from tests.classifier.services.conftest import decide_reports

pytestmark = pytest.mark.django_db
Status = TrainingRun.Status


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def test_progress_is_shown_and_asked_for_again(client: Client, admin: User) -> None:
    run = make_run(
        status="running", step=30, total_steps=120, epoch=2, epochs=8, loss=0.5, eta_seconds=75, log_tail="epoch 1"
    )
    page = client.get(reverse("training-run", args=[run.pk])).content.decode()
    for words in ("step 30 of 120", "2 of 8", "0.500", "about 1 min 15 s left", "epoch 1", "Cancel", "every 2s"):
        assert words in page


def test_polling_ends_with_the_run(client: Client, admin: User) -> None:
    run = make_run(status="running")
    address = reverse("training-progress", args=[run.pk])
    assert client.get(address).status_code == 200
    TrainingRun.objects.update(status=Status.SUCCEEDED)
    response = client.get(address)
    assert response.status_code == 286 and response.headers["HX-Refresh"] == "true"
    assert "every 2s" not in client.get(reverse("training-run", args=[run.pk])).content.decode()


def test_a_queued_run_is_cancelled_at_once(client: Client, admin: User) -> None:
    decide_reports()
    run = request_training(base_model="none")
    client.post(reverse("training-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == Status.CANCELLED


def test_a_failure_is_told_and_can_be_tried_again(client: Client, admin: User) -> None:
    decide_reports()
    old = make_run(status="failed", error="The disk is full.", base_model="none")
    page = client.get(reverse("training-run", args=[old.pk])).content.decode()
    assert "The disk is full." in page and "Start again" in page
    response = client.post(reverse("training-again", args=[old.pk]))
    new = TrainingRun.objects.exclude(pk=old.pk).get()
    assert response.url == reverse("training-run", args=[new.pk])
    assert (new.base_model, new.requested_by) == ("none", admin)


def test_another_try_that_is_refused_says_why(client: Client, admin: User) -> None:
    old = make_run(status="failed", base_model="none")
    response = client.post(reverse("training-again", args=[old.pk]), follow=True)
    assert "alert-danger" in response.content.decode()


def test_analysts_watch_but_do_not_cancel(client: Client) -> None:
    run = make_run(status="running")
    client.force_login(make_user(role="analyst"))
    assert "Cancel" not in client.get(reverse("training-run", args=[run.pk])).content.decode()
    assert client.post(reverse("training-cancel", args=[run.pk])).status_code == 403
    assert client.post(reverse("training-again", args=[run.pk])).status_code == 403


def test_a_log_is_text_and_not_markup(client: Client, admin: User) -> None:
    run = make_run(status="failed", log_tail="<img src=x>", error="<b>no</b>")
    page = client.get(reverse("training-run", args=[run.pk])).content.decode()
    assert "<img" not in page.split('id="run"')[1] and "<b>no" not in page
