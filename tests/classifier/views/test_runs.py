"""The page of one training."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import TrainingRun
from classifier.services.training import cancel_training, request_training, workdir_of
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


HISTORY = [[5, 1.5, None], [10, 1.2, 0.4], [15, 1.1, None], [20, 0.9, 0.5]]


def test_the_curve_is_drawn_and_its_numbers_stand_in_a_table(client: Client, admin: User) -> None:
    run = make_run(status="running", history=HISTORY, device="CPU, 1 thread", memory_mb=1234.0, total_steps=40)
    page = client.get(reverse("training-run", args=[run.pk]))
    numbers = json.loads(page.context["page"].curve.numbers)
    assert numbers["steps"] == [5, 10, 15, 20] and numbers["scores"] == [None, 0.4, None, 0.5]
    body = page.content.decode()
    for words in ("Computed on", "CPU, 1 thread", "1.2\u00a0GB", "every 5s", 'class="figure">2</th>'):
        assert words in body
    assert client.get(reverse("training-curve", args=[run.pk])).status_code == 200
    TrainingRun.objects.update(status=Status.SUCCEEDED)
    assert client.get(reverse("training-curve", args=[run.pk])).status_code == 286


def test_all_points_are_had_as_csv(client: Client, admin: User) -> None:
    run = make_run(status="succeeded", history=HISTORY)
    response = client.get(reverse("training-curve-csv", args=[run.pk]))
    assert response["Content-Type"].startswith("text/csv")
    assert response.content.decode().splitlines()[:3] == ["step,loss,validation_score", "5,1.5,", "10,1.2,0.4"]


def test_without_points_it_says_why(client: Client, admin: User) -> None:
    run = make_run(status="queued")
    assert "The first point comes with" in client.get(reverse("training-run", args=[run.pk])).content.decode()
    TrainingRun.objects.update(status=Status.SUCCEEDED)
    assert "It trained no T5" in client.get(reverse("training-run", args=[run.pk])).content.decode()


def test_a_run_that_left_a_checkpoint_can_be_resumed(client: Client, admin: User, caseloop_home: Path) -> None:
    decide_reports()
    run = request_training(base_model="none")
    page = reverse("training-run", args=[run.pk])
    cancel_training(run)
    assert "Resume" not in client.get(page).content.decode()
    checkpoint = workdir_of(run) / "epoch-1"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state.json").write_text("{}")
    assert "Resume from its last checkpoint" in client.get(page).content.decode()
    client.post(reverse("training-resume", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert "alert-danger" in client.post(reverse("training-resume", args=[run.pk]), follow=True).content.decode()


def test_what_asked_and_what_was_set_is_told_and_leads_to_the_form(client: Client, admin: User) -> None:
    run = make_run(
        status="succeeded", trigger="labels", why="200 new decisions since the last training", options={"epochs": 7}
    )
    page = client.get(reverse("training-run", args=[run.pk])).content.decode()
    assert "It was asked for by itself: 200 new decisions since the last training." in page
    assert "Passes over the reports" in page and f"/models/train/?like={run.pk}" in page


def test_analysts_see_the_curve_but_resume_nothing(client: Client, caseloop_home: Path) -> None:
    run = make_run(status="failed", history=HISTORY)
    client.force_login(make_user(role="analyst"))
    page = client.get(reverse("training-run", args=[run.pk])).content.decode()
    assert "data-curve" in page and "changed settings" not in page
    assert client.post(reverse("training-resume", args=[run.pk])).status_code == 403
