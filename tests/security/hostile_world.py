"""The site's world with markup in every text that a person, a file, a stream or a program can bring in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from classifier.ml.gate import Check, ClassLoss, Verdict
from classifier.models import ComparisonRun, Explanation, ModelVersion, Prediction, Replay
from events.models import (
    DeadLetter,
    EventSource,
    FirstSeen,
    InboxBatch,
    SourceFile,
    ThreatAnswer,
    TrainingExample,
    ValueCount,
)
from incidents import audit_guard
from incidents.models import (
    ApiToken,
    Attachment,
    AuditEvent,
    Category,
    Incident,
    Merge,
    PassingReason,
    Path,
    SearchDocument,
    SubCategory,
    User,
    Webhook,
    WebhookDelivery,
)
from tests.e2e.site_world import Numbers, make_world
from workers.models import Job, WorkerHeartbeat

OURS = ("incidents", "classifier", "events", "workers")
ELEMENT = "x-hit"  # what a page would hold if it took a text for markup
EVALUATED = "49hit"  # what it would show if it took one for a template
TEXTS = (models.CharField, models.TextField, models.JSONField)

# Columns that only code writes, and never from a text that came in.
CODE: Mapping[str, tuple[str, ...]] = {
    "a hash, a key or a secret": (
        "User.password", "ApiToken.digest", "ApiToken.token_key", "TaxonomyVersion.content_hash",
        "Incident.receipt_token", "Incident.filed_fingerprint", "Incident.twins", "Incident.split_group",
        "TextRevision.text_hash", "Attachment.sha256", "Webhook.secret", "DatasetSnapshot.content_hash",
        "ModelVersion.encoder_hash", "Embedding.encoder_hash", "AnomalySet.encoder_hash", "SourceFile.head",
        "LookupTable.sha256", "TrainingExample.digest", "TrainingExample.group", "FeatureSet.digest",
        "InboxBatch.digest", "Job.token", "Job.idempotency_key",
    ),
    "the name of a file or folder that code chose": (
        "ModelVersion.folder", "AnomalySet.folder", "LookupTable.file",
    ),
    "a word of a list that stands in the code": (
        "User.shortcuts", "User.mail_notices", "User.language", "User.time_zone", "ApiToken.scopes",
        "Incident.claimed_from", "Merge.status_before", "AuditEvent.kind", "Attachment.content_type", "Webhook.events",
        "Setting.key", "Setting.value", "ModelVersion.line", "TrainingRun.line", "TrainingRun.options",
        "EventSource.format", "InboxBatch.format", "DeadLetter.format", "Job.kind", "Job.queue", "Entity.kind",
        "WorkerHeartbeat.queue",
    ),
    "sentences of our own": ("AuditCheck.findings", "AuditCheck.trouble"),
    "numbers": (
        "Label.suggested", "ProfileRun.figures", "DatasetSnapshot.path_ids", "DatasetSnapshot.counts",
        "DatasetRow.paths", "ModelVersion.int8", "Prediction.path_ids", "Prediction.candidate_ids",
        "Prediction.candidate_categories", "ImpactPreview.figures", "PromiseWatch.stakes", "Doubt.suggested",
        "DriftReference.path_ids", "DriftReference.confidences", "DriftLook.tests", "DriftLook.unlike",
        "Explanation.words", "Replay.figures", "ShadowPrediction.path_ids", "TrainingRun.selection",
        "TrainingRun.history", "TrainingRun.contents", "TrainingRun.measured", "EventSource.drift",
        "Filter.dry_run", "Job.progress", "ActingPolicy.figures", "Erasure.figures",
    ),
}  # fmt: skip
_LOSS = {"level": "category", "label": "", "support": 12, "before": 0.9, "after": 0.1}
FAILED_GATE = Verdict((Check("classes", "failed", 0.1, 0.9, 0.1, (ClassLoss(**_LOSS),), 1, 0),)).to_json()
# What JSON columns hold of texts, where the rows of the world hold none.
LISTS: Mapping[str, Any] = {
    "Category.examples": [""],
    "SubCategory.examples": [""],
    "AuditEvent.detail": {"name": ""},
    "WebhookDelivery.payload": {"event": "filed", "report": {"labels": [""]}},
    "ImportBatch.options": {"create_labels": False, "group_column": "", "label_names": [""]},
    "EventSource.numbers": [""],
    "EventSource.categories": [""],
    "FeatureSet.names": [""],
    "Detection.explanation": [""],
    "Event.enrichment": {"source.ip": {"country": ""}},
    "Event.fields": {"message": "", "user.name": ""},
    "DriftLook.words": [{"word": "", "share": 0.2, "before": 0.01}],
    "Promotion.gate": FAILED_GATE,
    "Refusal.gate": FAILED_GATE,
}


def columns() -> Iterator[tuple[type[models.Model], Any, str]]:
    """Every column of text that is no choice: model, field, its name."""
    for kind in apps.get_models():
        for one in kind._meta.local_fields if kind._meta.app_label in OURS else ():
            if isinstance(one, TEXTS) and not one.choices:
                yield kind, one, f"{kind.__name__}.{one.name}"


def written_by_code() -> set[str]:
    return {name for names in CODE.values() for name in names}


def payload(number: int, room: int) -> str:
    """As hostile as the room allows; the number tells which column it came from."""
    for one in (
        f"'\"--></textarea></title></script><script>window.hit={number}</script><x-hit f={number} onfocus=hit() "
        "style=color:red>{{7|add:42}}hit\u202e",
        f"'\"><x-hit f={number} onclick=x>",
        "'\"><x-hit>",
    ):
        if len(one) <= room:
            return one
    raise ValueError(f"no room in column {number}: name it in CODE, with a reason")


def make_hostile_world(people: Mapping[str, User]) -> Numbers:
    """The world of every page, with rows of the rest, and a payload in each text."""
    numbers = make_world(people)
    _rows_of_the_rest(people)
    names = _names()
    audit_guard.lift()  # these rows stand for what earlier releases and other programs wrote
    for number, (kind, one, name) in enumerate(columns()):
        if name not in written_by_code():
            rows = kind._base_manager.exclude(**{one.name: None}) if one.unique else kind._base_manager.all()
            for row in rows:
                value = _spoilt(getattr(row, one.name), number, one, name, names)
                kind._base_manager.filter(pk=row.pk).update(**{one.name: value})
    audit_guard.arm()
    Webhook.objects.update(url="javascript:window.hit=1//'\"><x-hit>")
    return numbers


def without_payload() -> list[str]:
    """The columns in which no row of the world is hostile."""
    empty = []
    for kind, one, name in columns():
        values = kind._base_manager.values_list(one.name, flat=True)
        if name not in written_by_code() and not any(ELEMENT in json.dumps(value) for value in values):
            empty.append(name)
    return empty


def _names() -> dict[str, str]:
    """Names of labels, which stand in other columns as well: all of them change alike."""
    numbers = {name: number for number, (_kind, _one, name) in enumerate(columns())}
    return {
        name: name + payload(numbers[f"{kind.__name__}.name"], 150)
        for kind in (Category, SubCategory)
        for name in kind._default_manager.values_list("name", flat=True)
    }


def _spoilt(value: Any, number: int, one: Any, name: str, names: Mapping[str, str]) -> Any:
    if isinstance(one, models.JSONField):
        return _spoilt_json(LISTS.get(name, value), payload(number, 400), names)
    renamed = _renamed(value or "", names)
    if renamed != value and value:
        return renamed
    room = one.max_length or 20_000
    added = payload(number, room)
    kept = value or ""
    if one.unique:  # short enough to leave room for what tells rows apart
        added = payload(number, room - len(kept))
    return kept[: room - len(added)] + added


def _spoilt_json(value: Any, added: str, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {_renamed(key, names): _spoilt_json(inner, added, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spoilt_json(inner, added, names) for inner in value]
    if not isinstance(value, str):
        return value
    renamed = _renamed(value, names)
    is_code = renamed == value and value and " " not in value
    return value if is_code else renamed if renamed != value else value + added


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """A label's name, or several joined as they are in columns, as they are called now."""
    for joint in (" / ", " or "):
        if joint in text:
            return joint.join(_renamed(part, names) for part in text.split(joint))
    return names.get(text, text)


def _rows_of_the_rest(people: Mapping[str, User]) -> None:
    """Tables that no page's state needed."""
    now = timezone.now()
    first, second = Incident.objects.order_by("pk")[:2]
    Incident.objects.filter(pk=first.pk).update(idempotency_key="key")
    version, source = ModelVersion.objects.filter(stage="champion").get(), EventSource.objects.get()
    prediction = Prediction.objects.filter(incident=first).get()
    about = {"sha256": "0" * 64, "content_type": "text/plain", "size": 1, "file": "attachments/none"}
    Attachment.objects.create(incident=first, name="a.txt", from_reporter=True, **about)
    ApiToken.objects.create(people["admin"], name="Script", scopes=["incidents:read"])
    AuditEvent.objects.create(kind="incidents.exported", subject="report 1", actor=people["admin"])
    passed_on = AuditEvent.objects.create(kind="incident.skipped", incident=first, actor=people["analyst"])
    PassingReason.objects.create(incident=first, event=passed_on, text="I know them.")
    Merge.objects.create(incident=second, into=first, by=people["lead"], status_before="classified")
    SearchDocument.objects.get_or_create(incident=first, defaults={"words": "call"})
    delivery = {"event": "filed", "object_id": first.pk, "payload": {}, "answer": "Answered 500."}
    WebhookDelivery.objects.create(webhook=Webhook.objects.get(), **delivery)
    first_path = Path.objects.first()
    Explanation.objects.create(prediction=prediction, path=first_path, words=[[0, 4, 0.5, 0.2]])
    done = {"status": "failed", "trouble": "It failed.", "finished_at": now}
    Replay.objects.create(prediction=prediction, **done)
    other = ModelVersion.objects.exclude(pk=version.pk).first()
    ComparisonRun.objects.create(version=version, other=other, snapshot=version.snapshot, **done)
    ThreatAnswer.objects.create(version=version, template_id=1, band=1, prompt="Signed in", problem="It failed.")
    TrainingExample.objects.create(digest="1", prompt="Signed in", completion="Threat", origin="import", group="1")
    entity = source.entities.first()
    value = {"field": "source.ip", "value": "192.0.2.7"}
    FirstSeen.objects.create(pk=1, entity_id=entity.pk, at=now, **value)
    ValueCount.objects.create(pk=1, source=source, n=3, first_seen=now, last_seen=now, **value)
    SourceFile.objects.create(source=source, name="a.log", head="", header="a,b")
    InboxBatch.objects.create(source=source, key="a", digest="", format="json", lines=1, processed_at=now)
    DeadLetter.objects.update(header="a,b")
    job = {"kind": "classify", "object_id": first.pk, "queue": "inference", "priority": 0, "max_attempts": 1}
    Job.objects.create(status="failed", error="It failed.", finished_at=now, **job)
    WorkerHeartbeat.objects.create(name="inference@host", queue="inference", device="cpu", model="classify-served")
