"""A report that the stream opened: its evidence goes, and so do the examples that its verdicts became."""

import numpy as np
import pytest

from classifier.models import ErasedLearning
from classifier.services.forgetting import clean
from events.models import ThreatDatasetRow, TrainingExample
from events.services.erasing import request_erasure
from events.services.erasing_detections import erase_evidence, take_out_examples
from tests.builders import make_incident, make_label, make_snapshot, make_version
from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db


def test_events_and_detection_stay_as_figures() -> None:
    source = make_source()
    incident = make_incident(source="detection")
    detection = make_detection(make_entity(source), incident=incident, template="login of *", explanation=["asha 9"])
    told = {"fields": {"user.name": "asha"}, "enrichment": {"country": "IN"}, "given_id": "asha-1"}
    (event,) = make_events(source, np.ones((1, 1)), ["n"], detection=detection, **told)
    (other,) = make_events(source, np.ones((1, 1)), ["n"], fields={"user.name": "asha"})
    assert erase_evidence([incident.pk]) == 2
    for row in (event, other, detection):
        row.refresh_from_db()
    assert (event.fields, event.enrichment, event.given_id, event.score) == ({}, None, "", None)
    assert (detection.explanation, detection.template, detection.count) == ([], "", 1)
    assert other.fields == {"user.name": "asha"}


def test_examples_go_and_the_detection_model_that_learned_from_them_is_marked(caseloop_home: object) -> None:
    incident = make_incident(source="detection", status="rejected")
    label = make_label(incident, verdict="reject")
    values = {"completion": "Normal", "origin": "verdict", "group": "g"}
    mine = TrainingExample.objects.create(prompt="asha logs in", digest="a", label_id=label.pk, **values)
    other = TrainingExample.objects.create(prompt="else", digest="b", label_id=label.pk + 1, **values)
    snapshot = make_snapshot(path_ids=[], counts={"train": 2})
    version = make_version(snapshot=snapshot, line="detect")
    for example in (mine, other):
        ThreatDatasetRow.objects.create(snapshot=snapshot, example=example, split="train")
    erasure = request_erasure([incident.pk], reason="x", by=None)
    assert take_out_examples(erasure) == 1
    assert list(TrainingExample.objects.all()) == [other]
    learning = ErasedLearning.objects.get()
    assert (learning.version, learning.learned, learning.tested) == (version, 1, 0)
    clean(learning, lambda snapshot: ["else"])
    version.refresh_from_db()
    assert (learning.state, version.files_gone) == ("deleted", True)  # it has no artefact that could be read
