"""A claim that ran out while somebody was thinking: nothing is lost unless somebody else came."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, Label, Path, User
from incidents.services import merging, reviewing, snoozing
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
Status = Incident.Status
FIELD = re.compile(r'<input type="hidden" name="(revision|stood|shown)" value="(\d*)">')


@pytest.fixture
def other() -> User:
    return make_user("other", role="analyst")


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def paths() -> list[Path]:
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet")]


@pytest.fixture
def incident(paths: list[Path]) -> Incident:
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    return report


def shown(client: Client, incident: Incident) -> dict[str, object]:
    """The page of a report that one takes up; what its form would send, after the claim has run out."""
    page = client.post(reverse("review-claim", args=[incident.pk]), follow=True)
    Incident.objects.update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    reviewing.release_expired_claims()
    return dict(FIELD.findall(page.content.decode()))


def send(client: Client, incident: Incident, seen: dict[str, object], path: Path) -> str:
    form = {"verdict": "confirm", "paths": [path.pk]} | seen
    return client.post(reverse("review-report", args=[incident.pk]), form).content.decode()


def decided(incident: Incident, user: User, *paths: Path, verdict: str = "confirm") -> Label:
    reviewing.reopen(incident, user)
    return reviewing.decide(incident, reviewer=user, verdict=verdict, paths=paths, reason="so it is")


def skipped(incident: Incident, user: User) -> None:
    reviewing.claim(incident, user)
    reviewing.skip(incident, reviewer=user, reason="unclear")


@pytest.mark.parametrize("before", ["unsure", "skipped", "confirmed"])
def test_it_is_decided_all_the_same(
    client: Client, analyst: User, other: User, incident: Incident, paths: list[Path], before: str
) -> None:
    if before == "skipped":
        skipped(incident, other)
    elif before == "unsure":
        decided(incident, other, verdict="unsure")
    else:
        decided(incident, other, paths[0])
    seen = shown(client, incident)
    incident.refresh_from_db()
    assert incident.status == (Status.DECIDED if before == "confirmed" else Status.SECOND_LOOK)
    send(client, incident, seen, paths[1])
    incident.refresh_from_db()
    assert incident.current_label and incident.current_label.reviewer == analyst
    assert (incident.status, list(incident.current_label.paths.all())) == (Status.DECIDED, [paths[1]])


def test_what_somebody_decided_meanwhile_stands_also_when_it_is_sent_again(
    client: Client, analyst: User, other: User, incident: Incident, paths: list[Path]
) -> None:
    decided(incident, other, paths[0])
    seen = shown(client, incident)
    label = decided(incident, other, paths[1])
    refused = send(client, incident, seen, paths[0])
    assert "other has decided this report meanwhile" in refused
    again = dict(FIELD.findall(refused))
    assert "other has decided this report meanwhile" in send(client, incident, again, paths[0])
    incident.refresh_from_db()
    assert incident.current_label == label


def test_what_was_put_elsewhere_is_said_to_be(
    client: Client, analyst: User, other: User, incident: Incident, paths: list[Path]
) -> None:
    seen = shown(client, incident)
    merging.merge(incident, make_incident(), by=other)
    assert "joined this report to another one" in send(client, incident, seen, paths[0])
    merging.unmerge(incident, by=other)
    snoozing.snooze(incident, by=other, until=None, for_answer=True)
    assert "set it aside" in send(client, incident, seen, paths[0])
    assert not Label.objects.exists()


def test_an_older_page_decides_nothing_anew(
    client: Client, analyst: User, other: User, incident: Incident, paths: list[Path]
) -> None:
    seen = shown(client, incident)
    decided(incident, other, paths[0])
    assert "other has decided this report meanwhile" in send(client, incident, seen, paths[1])
