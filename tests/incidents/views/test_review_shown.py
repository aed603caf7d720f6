"""What a label keeps of the suggestion: the one on the page, hidden or not, and none where there was none."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Label, Path, User
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
FORM = re.compile(r'<form[^>]*method="post"[^>]*data-send="onwards".*?</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture(autouse=True)
def _analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def paths() -> list[Path]:
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet")]


def address(incident: Incident) -> str:
    return reverse("review-report", args=[incident.pk])


def seen(client: Client, incident: Incident, verdict: str = "") -> dict[str, str]:
    """What the form of that verdict on the page says of what was to be seen."""
    forms = [dict(FIELD.findall(one)) for one in FORM.findall(client.get(address(incident)).content.decode())]
    return next(one for one in forms if one.get("verdict", "") == verdict)


def send(client: Client, incident: Incident, fields: dict[str, str], *paths: Path) -> Label:
    client.post(
        address(incident), {"verdict": "confirm", "reason": "so"} | fields | {"paths": [one.pk for one in paths]}
    )
    return Label.objects.get()


@pytest.mark.parametrize("verdict", ["", "unsure"])
def test_a_prediction_that_came_after_the_page_was_not_shown(client: Client, paths: list[Path], verdict: str) -> None:
    incident = make_incident()
    fields = seen(client, incident, verdict)
    make_prediction(incident, make_version(stage="champion"), [0.7, 0.3])
    label = send(client, incident, fields, *(() if verdict else paths[:1]))
    assert label.verdict == (verdict or "correct")
    assert (label.shown_model, label.suggested, label.suggested_confidence, label.blind) == ("", None, None, False)


@pytest.mark.parametrize("verdict", ["", "unsure"])
def test_a_newer_prediction_does_not_take_the_place_of_the_shown_one(
    client: Client, paths: list[Path], verdict: str
) -> None:
    incident, version = make_incident(), make_version(stage="champion")
    make_prediction(incident, version, [0.7, 0.3])
    fields = seen(client, incident, verdict)
    make_prediction(incident, make_version(), [0.2, 0.8])
    label = send(client, incident, fields, *(() if verdict else paths[:1]))
    assert (label.verdict, label.shown_model) == (verdict or "confirm", version.name)


@pytest.mark.parametrize("by", ["the audit", "wish"])
def test_what_was_hidden_is_kept_as_hidden(client: Client, paths: list[Path], by: str) -> None:
    incident, version = make_incident(blind=by == "the audit"), make_version(stage="champion")
    make_prediction(incident, version, [0.7, 0.3])
    if by == "wish":
        client.post(reverse("review-suggestions", args=[incident.pk]))
    fields = seen(client, incident)
    assert "shown" not in fields
    label = send(client, incident, fields, paths[0])
    assert (label.verdict, label.shown_model, label.blind) == ("confirm", version.name, True)


def test_hiding_suggestions_in_another_tab_hides_nothing_that_was_seen(client: Client, paths: list[Path]) -> None:
    incident = make_incident()
    make_prediction(incident, make_version(stage="champion"), [0.7, 0.3])
    fields = seen(client, incident)
    client.post(reverse("review-suggestions", args=[incident.pk]))
    assert not send(client, incident, fields, paths[0]).blind
