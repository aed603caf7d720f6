"""One enriched record with everything that is known of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Event, SourceMinute, ThreatAnswer, ValueCount
from incidents.models import User
from tests.builders import make_version
from tests.events.builders import make_detection, make_entity, make_events, make_source
from tests.events.filter_rows import make_filter

pytestmark = pytest.mark.django_db
NAMES = ["bytes", "bytes:z", "entity:rate", "template:rarity", "country:new_for_entity", "country:rarity"]


def make_record(**overrides: Any) -> Event:
    row = np.array([[900.0, -3.2, 12.0, 9.0, 0.0, np.nan]])
    source = overrides.pop("source", None) or make_source()
    return make_events(source, row, NAMES, **overrides)[0]


def page_of(client: Client, event: Event) -> str:
    response = client.get(reverse("record", args=[event.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_every_field_is_shown_as_it_was_received(client: Client, analyst: User) -> None:
    fields = {"message": "A <b>bold</b> line", "tags": ["a", "b"], "nested": {"x": 1}, "port": 443}
    page = page_of(client, make_record(fields=fields, given_id="e-17", problem="its clock cannot be right"))
    assert "A &lt;b&gt;bold&lt;/b&gt; line" in page
    assert "[&quot;a&quot;,&quot;b&quot;]" in page
    assert all(words in page for words in ("443", "e-17", "Its clock cannot be right."))


def test_every_feature_is_shown_with_its_meaning(client: Client, analyst: User) -> None:
    page = page_of(client, make_record())
    assert all(name in page for name in NAMES)
    assert "bytes 3.2 standard deviations below its past" in page
    assert "log template seen in one of 512 events" in page
    assert "this event has none" in page


def test_score_threshold_and_version_say_why_it_stands_above(client: Client, analyst: User) -> None:
    source = make_source()
    event = make_record(
        source=source, decision="above", score=0.771, percentile=99.95, detector=make_version(name="web-3"),
        shadow_score=0.512,
    )  # fmt: skip
    SourceMinute.objects.update(threshold=0.655)
    page = page_of(client, event)
    assert all(words in page for words in ("0.771", "0.655", "99.95 %", "web-3", "0.512, decides nothing"))


def test_a_score_without_a_version_is_the_cold_start_s(client: Client, analyst: User) -> None:
    assert "provisional one of the cold start" in page_of(client, make_record(decision="ordinary", score=0.4))


def test_a_filter_that_decided_is_named_and_linked(client: Client, analyst: User) -> None:
    row = make_filter(name="Heartbeats")
    page = page_of(client, make_record(decision="filtered", filter=row))
    assert "Heartbeats" in page
    assert reverse("filter", args=[row.pk]) in page
    assert "stored and counted, and was not scored" in page


def test_a_detection_is_linked(client: Client, analyst: User) -> None:
    source = make_source()
    detection = make_detection(make_entity(source), "unusual bytes")
    assert reverse("detection", args=[detection.pk]) in page_of(client, make_record(source=source, detection=detection))


def test_a_skipped_detection_model_is_visible(client: Client, analyst: User) -> None:
    assert "Skipped No detection model is trained" in _plain(page_of(client, make_record(threat="no_model")))
    assert "Not asked" in page_of(client, make_record())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"probability": 0.93}, "probability of a threat 93.0"),
        ({"problem": "The artefact cannot be read."}, "Failed The artefact cannot be read."),
        ({}, "A worker of the queue “inference” will answer"),
    ],
)
def test_the_answer_of_the_detection_model_is_shown_in_each_state(
    client: Client, analyst: User, answer: dict[str, Any], words: str
) -> None:
    row = ThreatAnswer.objects.create(version=make_version(), template_id=1, band=2, prompt="p", **answer)
    assert words in _plain(page_of(client, make_record(threat="asked", answer=row)))


def test_look_ups_are_shown_done_failed_and_empty(client: Client, analyst: User) -> None:
    found = {"geo": {"country": "Nigeria", "asn": 7}}
    assert "asn 7, country Nigeria" in page_of(client, make_record(enriched="done", enrichment=found))
    broken = found | {"failed": {"intel": "It took longer than 0.2 s."}}
    page = _plain(page_of(client, make_record(enriched="failed", enrichment=broken)))
    assert "country Nigeria" in page
    assert "intel Failed It took longer than 0.2 s." in page
    assert "nothing was looked up" in page_of(client, make_record())


def test_the_log_template_is_shown(client: Client, analyst: User) -> None:
    source, now = make_source(), timezone.now()
    ValueCount.objects.create(
        id=5, source=source, field="template", value="User <*> signed in", n=3, first_seen=now, last_seen=now
    )
    assert "User &lt;*&gt; signed in" in page_of(client, make_record(source=source, template_id=5))


def test_a_record_is_a_handful_of_queries(client: Client, analyst: User, queries_of: Callable[[str], int]) -> None:
    event = make_record(decision="above", score=0.7, detector=make_version(), template_id=1)
    assert queries_of(reverse("record", args=[event.pk])) <= 10


def _plain(page: str) -> str:
    """The words of a page."""
    out, inside = [], False
    for sign in page:
        inside = sign == "<" or (inside and sign != ">")
        if not inside and sign != ">":
            out.append(sign)
    return " ".join("".join(out).split())
