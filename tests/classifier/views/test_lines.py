"""The pages of the model lines of the event stream."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import DETECT
from events.models import EventSource
from incidents.models import User
from tests.builders import make_run, make_user, make_version
from tests.classifier.lines import SSHD, make_detector, make_threat_version
from tests.events.services.threats import add_examples

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def line_url(line: str) -> str:
    return reverse("model-line", args=[line])


def test_the_page_of_models_lists_the_other_lines_and_no_version_of_theirs(client: Client, admin: User) -> None:
    make_detector("sshd-v1", stage=Stage.CHAMPION)
    make_detector("sshd-v2")
    page = client.get(reverse("models"))
    assert [one.line.name for one in page.context["lines"]] == [DETECT, SSHD]
    assert page.context["page"].others == [] and page.context["page"].champion is None
    assert line_url(SSHD) in page.content.decode() and "Detectors of sshd" in page.content.decode()


def test_a_line_of_detectors_shows_what_was_measured_of_each(client: Client, admin: User) -> None:
    make_detector("sshd-v1", stage=Stage.CHAMPION)
    make_detector("sshd-v2", stage=Stage.PREVIOUS)
    make_detector("sshd-v3", figures=None)
    make_run(line=SSHD, base_model="isolation-forest", status="failed", error="The disk is full.")
    page = body(client, line_url(SSHD))
    for told in ("Alert rate", "1.01%", "0.612", "5,000", "Not measured yet", "The disk is full.", "Roll back"):
        assert told in page, told
    assert "Macro-F1" not in page and "Set up a training" not in page


def test_an_unknown_line_is_404_and_that_of_the_reports_has_its_own_page(client: Client, admin: User) -> None:
    assert client.get(line_url("anomaly:nope")).status_code == 404
    assert client.get(line_url("classify")).url == reverse("models")


def test_the_line_of_threats_says_what_to_do_before_there_is_a_model(client: Client, admin: User) -> None:
    page = body(client, line_url(DETECT))
    assert "records say that no detection model was there" in page and "Train the next detection model" in page


@pytest.mark.parametrize("make", [make_detector, make_threat_version])
def test_a_version_of_another_line_has_its_page_beside_the_champion(client: Client, admin: User, make) -> None:
    champion, version = make(name="x-v1", stage=Stage.CHAMPION), make(name="x-v2")
    response = client.get(reverse("model-version", args=[version.pk]))
    page = response.content.decode()
    assert response.status_code == 200 and line_url(version.line) in page
    titles = [column.title for column in response.context["page"].columns]
    assert titles[0] == "x-v2" and ("x-v1 (champion)" in titles) == version.scores_events
    assert client.get(reverse("model-version", args=[champion.pk])).status_code == 200
    assert "Training reports" not in page and "Served on CPUs as" not in page


def test_the_classes_of_threats_are_told_once(client: Client, admin: User) -> None:
    page = client.get(reverse("model-version", args=[make_threat_version().pk])).context["page"]
    assert [name for name, _ in page.class_tables] == ["Category"]


def test_a_detector_is_promoted_and_rolled_back_on_its_own_line(client: Client, admin: User) -> None:
    for name in ("sshd-v1", "sshd-v2"):
        url = reverse("model-promote", args=[make_detector(name).pk])
        assert "score every event of sshd" in body(client, url)
        assert client.post(url, {"reason": "newer"}).url == line_url(SSHD)
    back = reverse("model-roll-back") + f"?line={SSHD}"
    assert "sshd-v1" in body(client, back)
    client.post(back, {"reason": "too many alerts"})
    assert ModelVersion.objects.champion(SSHD).name == "sshd-v1"


def test_rolling_back_an_unknown_line_is_404_and_one_without_a_previous_says_so(client: Client, admin: User) -> None:
    assert client.get(reverse("model-roll-back") + "?line=nope").status_code == 404
    assert client.get(reverse("model-roll-back") + f"?line={DETECT}").url == line_url(DETECT)


def test_an_admin_lets_a_detector_score_in_the_shadow_and_ends_it(client: Client, admin: User) -> None:
    version = make_detector("sshd-v2")
    assert "Shadow" in body(client, line_url(SSHD))
    assert client.post(reverse("model-shadow", args=[version.pk])).url == line_url(SSHD)
    version.refresh_from_db()
    assert version.stage == Stage.SHADOW and "End shadow" in body(client, reverse("model-version", args=[version.pk]))
    client.post(reverse("model-shadow-end", args=[version.pk]))
    version.refresh_from_db()
    assert version.stage == Stage.CHALLENGER


def test_a_refused_shadow_says_why(client: Client, admin: User) -> None:
    version = make_version(line=DETECT)
    page = client.post(reverse("model-shadow", args=[version.pk]), follow=True).content.decode()
    assert "there is no shadow on its line" in page


def test_analysts_look_and_change_nothing(client: Client, caseloop_home: Path) -> None:
    version = make_detector("sshd-v2")
    client.force_login(make_user(role="analyst"))
    page = body(client, line_url(SSHD)) + body(client, line_url(DETECT))
    assert "Promote" not in page and "Shadow</button>" not in page and "Set up a training" not in page
    for name in ("model-shadow", "model-shadow-end"):
        assert client.post(reverse(name, args=[version.pk])).status_code == 403
    assert client.post(reverse("train-detection"), {"base": "none"}).status_code == 403


def test_a_training_of_the_detection_model_is_queued_or_refused_with_its_reason(client: Client, admin: User) -> None:
    refused = client.post(reverse("train-detection"), {"base": "none"}).content.decode()
    assert "There are 0 examples; at least 20 are needed" in refused
    add_examples()
    response = client.post(reverse("train-detection"), {"base": "none", "promote_if_better": "on"})
    run = TrainingRun.objects.get()
    assert response.url == reverse("training-run", args=[run.pk])
    assert (run.line, run.base_model, run.promote_if_better, run.requested_by) == (DETECT, "none", True, admin)
    assert "Training examples" in body(client, response.url)


def test_the_same_training_is_started_again_on_its_line(client: Client, admin: User) -> None:
    add_examples()
    old = make_run(line=DETECT, base_model="none", status="failed")
    client.post(reverse("training-again", args=[old.pk]))
    assert TrainingRun.objects.exclude(pk=old.pk).get().line == DETECT
    fit = make_run(line=SSHD, base_model="isolation-forest", status="failed")
    page = client.post(reverse("training-again", args=[fit.pk]), follow=True).content.decode()
    assert "There is no source any more" in page
    EventSource.objects.create(name="sshd")
    page = client.post(reverse("training-again", args=[fit.pk]), follow=True).content.decode()
    assert "sshd has 0 events that a detector can learn from" in page


def test_the_page_of_a_fit_names_its_line(client: Client, admin: User) -> None:
    run = make_run(line=SSHD, base_model="isolation-forest", status="running")
    page = body(client, reverse("training-run", args=[run.pk]))
    assert "Detectors of sshd" in page and "Training events" in page


def test_the_admin_site_lists_figures_of_every_line(client: Client, admin: User) -> None:
    make_detector(), make_threat_version()
    admin.is_staff = admin.is_superuser = True
    admin.save()
    assert client.get(reverse("admin:classifier_evaluation_changelist")).status_code == 200
