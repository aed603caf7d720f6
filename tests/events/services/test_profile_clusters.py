"""Clusters of detections, named by the template that they share."""

import pytest

from events.models import Detection, EventSource
from events.services.profile_clusters import cluster_detections
from tests.events.builders import make_detection, make_entity, make_source

pytestmark = pytest.mark.django_db
FAILED, COPIED = "Failed password for <*> from <*>", "Copied <*> to removable media"


@pytest.fixture
def source() -> EventSource:
    return make_source()


def detect(source: EventSource, count: int, template: str, cause: str = "unusual bytes", **overrides: object) -> None:
    for number in range(count):
        values = {"explanation": [f"{cause} {number}: higher than 99.{number} % of the past."], **overrides}
        make_detection(make_entity(source), cause, template=template, count=2, **values)


def test_fewer_than_five_say_so(source: EventSource) -> None:
    detect(source, 4, FAILED)
    found = cluster_detections(source)
    assert (found.clusters, found.alone, found.problem) == ((), 4, "There are 4 detections: clusters need at least 5.")


def test_kinds_are_told_apart_and_named_by_their_template(source: EventSource) -> None:
    detect(source, 10, FAILED, "unusual failed logins")
    detect(source, 5, COPIED, "unusual bytes", status="dismissed")
    detect(source, 1, "Kernel panic at noon", "rule: Panic")
    detect(make_source(), 5, "elsewhere")
    found = cluster_detections(source)
    assert [(one.name, one.detections, one.events, one.entities, one.open) for one in found.clusters] == [
        (FAILED, 10, 20, 10, 10),
        (COPIED, 5, 10, 5, 0),
    ]
    assert (found.detections, found.alone) == (16, 1)
    assert found.clusters[0].causes == ("unusual failed logins",)
    assert Detection.objects.get(pk=found.clusters[0].newest).template == FAILED


def test_one_kind_alone_is_one_cluster(source: EventSource) -> None:
    detect(source, 8, FAILED)
    (only,) = cluster_detections(source).clusters
    assert (only.detections, only.share) == (8, 1.0)


def test_detections_without_a_template_go_by_their_cause(source: EventSource) -> None:
    detect(source, 6, "", "rule: Brute force")
    assert [one.name for one in cluster_detections(source).clusters] == ["rule: Brute force"]


def test_detections_that_are_all_different_are_alone(source: EventSource) -> None:
    for word in ("alpha", "beta", "gamma", "delta", "epsilon"):
        detect(source, 1, f"{word} {word}s", f"rule: {word}{word}", explanation=[])
    found = cluster_detections(source)
    assert (found.clusters, found.alone) == ((), 5)
    assert found.problem == "No three of the 5 detections are like each other."
