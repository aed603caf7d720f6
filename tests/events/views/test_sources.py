"""One source: its settings, its scores, its detector."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.models import TrainingRun
from events.models import EventSource, SourceMinute
from events.services.sources import SETTINGS
from incidents.models import AuditEvent, User
from tests.builders import make_version
from tests.events.builders import make_detection, make_entity, make_source

pytestmark = pytest.mark.django_db


def as_sent(**overrides: Any) -> dict[str, Any]:
    """The form as it stands for a new source, with unticked boxes left out as browsers do."""
    values = {key: getattr(EventSource(), key) for key in SETTINGS} | overrides
    return {key: value for key, value in values.items() if value is not False}


def test_a_new_source_is_made_with_its_author_in_the_audit(client: Client, admin: User) -> None:
    response = client.post(reverse("source-new"), as_sent(name="web-logs", kind="redis", address=" logs ", k=3, n=5))
    source = EventSource.objects.get(name="web-logs")
    assert response.headers["Location"] == reverse("source", args=[source.pk])
    assert (source.kind, source.address, source.k, source.n) == ("redis", "logs", 3, 5)
    event = AuditEvent.objects.get(kind="source.created")
    assert (event.actor, event.subject, event.detail["settings"]["address"]) == (admin, "web-logs", "logs")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "Web Logs"}),
        ("name", {"name": "taken"}),
        ("address", {"name": "a", "kind": "kafka"}),
        ("format", {"name": "a", "format": "xml"}),
        ("k", {"name": "a", "k": 11, "n": 10}),
        ("alert_budget", {"name": "a", "alert_budget": 0.5}),
        ("alert_budget", {"name": "a", "alert_budget": "nan"}),
        ("retention_days", {"name": "a", "retention_days": 1}),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    client: Client, admin: User, field: str, values: dict[str, Any]
) -> None:
    make_source("taken")
    response = client.post(reverse("source-new"), as_sent(**values))
    assert list(response.context["form"].errors) == [field]
    assert EventSource.objects.count() == 1


def test_only_what_changed_is_written_and_audited(client: Client, admin: User) -> None:
    source = make_source("web", numbers=["bytes"])
    client.post(reverse("source-settings", args=[source.pk]), as_sent(alert_budget=0.05, enabled=False, format="cef"))
    source.refresh_from_db()
    assert (source.alert_budget, source.enabled, source.format, source.numbers) == (0.05, False, "cef", ["bytes"])
    event = AuditEvent.objects.get(kind="source.changed")
    assert event.detail["changes"] == {
        "alert_budget": {"before": 0.01, "after": 0.05},
        "enabled": {"before": True, "after": False},
        "format": {"before": "auto", "after": "cef"},
    }


def test_saving_without_a_change_writes_nothing(client: Client, admin: User) -> None:
    source = make_source("web")
    response = client.post(reverse("source-settings", args=[source.pk]), as_sent(), follow=True)
    assert "Settings changed: 0" in response.content.decode()
    assert not AuditEvent.objects.filter(kind="source.changed").exists()


def test_the_name_cannot_be_changed(client: Client, admin: User) -> None:
    source = make_source("web")
    client.post(reverse("source-settings", args=[source.pk]), as_sent(name="other"))
    source.refresh_from_db()
    assert source.name == "web"


def test_an_address_is_dropped_where_it_means_nothing(client: Client, admin: User) -> None:
    source = make_source("web", kind="redis", address="logs")
    client.post(reverse("source-settings", args=[source.pk]), as_sent(kind="folder", address="logs"))
    source.refresh_from_db()
    assert (source.kind, source.address) == ("folder", "")


def test_the_page_says_how_to_send_to_it(client: Client, analyst: User) -> None:
    of = {
        "push": make_source("pushed"),
        "folder": make_source("watched", kind="folder"),
        "redis": make_source("streamed", kind="redis", address="logs:web"),
    }
    pages = {kind: client.get(reverse("source", args=[one.pk])).content.decode() for kind, one in of.items()}
    assert 'curl "http://testserver/api/v1/events/?source=pushed"' in pages["push"].replace("&quot;", '"')
    assert "ingest_events events.log --source pushed" in pages["push"]
    assert f"{settings.CASELOOP_HOME}/watch/watched" in pages["folder"]
    assert "logs:web" in pages["redis"]


def history(source: EventSource) -> None:
    """Two minutes with scores, one without, and a detection."""
    now = timezone.now().replace(second=0, microsecond=0)
    for ago, counts in {
        3: {"received": 60, "scored": 40, "score_sum": 16.0, "score_max": 0.7, "threshold": 0.65, "above": 1},
        2: {"received": 30, "refused": 6, "dropped": 30},
        1: {"received": 60, "scored": 60, "score_sum": 30.0, "score_max": 0.6, "threshold": 0.66},
    }.items():
        SourceMinute.objects.create(source=source, minute=now - timedelta(minutes=ago), **counts)
    make_detection(make_entity(source, "asha"), "unusual bytes", created_at=now - timedelta(minutes=2))


def test_the_chart_gets_scores_threshold_rates_and_detections_by_the_minute(client: Client, analyst: User) -> None:
    source = make_source()
    history(source)
    data = client.get(reverse("source-scores", args=[source.pk]) + "?hours=1").json()
    assert data["seconds"] == 60
    assert len(data["at"]) == 61
    assert data["highest"][-4:-1] == [0.7, None, 0.6]
    assert data["mean"][-4:-1] == [0.4, None, 0.5]
    assert data["threshold"][-4:-1] == [0.65, None, 0.66]
    assert (data["received"][-4:-1], data["refused"][-3], data["dropped"][-3]) == ([1.0, 0.5, 1.0], 0.1, 0.5)
    assert data["detections"] == [{"at": data["at"][-3], "score": 0.8, "label": "unusual bytes: asha"}]


def test_long_spans_are_drawn_from_fewer_points(client: Client, analyst: User) -> None:
    source = make_source()
    history(source)
    data = client.get(reverse("source-scores", args=[source.pk]) + "?hours=168").json()
    assert (data["seconds"], len(data["at"])) == (1800, 337)
    assert max(value or 0 for value in data["highest"]) == 0.7


def test_the_same_numbers_stand_in_a_table_for_those_without_a_script(client: Client, analyst: User) -> None:
    source = make_source()
    history(source)
    response = client.get(reverse("source", args=[source.pk]) + "?hours=1")
    rows = response.context["page"].scores.rows
    assert [(row.received, row.highest, row.threshold) for row in rows] == [
        (60, 0.6, 0.66),
        (30, None, None),
        (60, 0.7, 0.65),
    ]
    assert "The same as a table" in response.content.decode()


@pytest.mark.parametrize("hours", ["2", "soon", "99999999999999999999", "-1"])
def test_a_span_that_is_not_offered_is_not_there(client: Client, analyst: User, hours: str) -> None:
    source = make_source()
    assert client.get(reverse("source", args=[source.pk]) + f"?hours={hours}").status_code == 404
    assert client.get(reverse("source-scores", args=[source.pk]) + f"?hours={hours}").status_code == 404


def test_too_few_events_to_train_on_is_said(client: Client, admin: User) -> None:
    source = make_source("web")
    response = client.post(reverse("source-train", args=[source.pk]), follow=True)
    assert "web has 0 events that a detector can learn from" in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_the_detector_can_be_rolled_back_by_those_who_manage_models(client: Client, admin: User) -> None:
    source = make_source("web")
    make_version(line=source.line, stage="champion", name="web-2")
    make_version(line=source.line, stage="previous", name="web-1")
    page = client.get(reverse("source", args=[source.pk])).content.decode()
    assert "Roll back to web-1" in page
    assert f"{reverse('model-roll-back')}?line=anomaly%3Aweb" in page


def test_what_events_hold_is_never_markup(client: Client, analyst: User) -> None:
    source = make_source()
    make_detection(make_entity(source, "<script>alert(1)</script>"), "<script>alert(2)</script>")
    assert "<script>alert" not in client.get(reverse("source", args=[source.pk])).content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, analyst: User, queries_of: Callable[[str], int]) -> None:
    source = make_source()
    counts = []
    for _ in range(3):
        make_detection(make_entity(source))
        counts.append(queries_of(reverse("source", args=[source.pk])))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 26
