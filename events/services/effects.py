"""What a verdict on a detection's incident does to the stream: three effects, all taken back when it is undone.

A rejection (a false positive, or expected until a date) dismisses the incident's detections, suppresses their like
until that date, and makes labelled examples of them; a confirmation closes them as confirmed, with examples of a
threat.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from events.models import Detection, Event, TrainingExample
from events.services.examples import add_verdict_examples, retract_examples
from events.services.filters import create_suppression, lift_suppressions, restore_suppressions
from incidents.models import Incident, Label
from workers.jobs import Batch

SUPPRESSED_FOR = timedelta(days=30)  # where the verdict names no date
Status, Verdict, Completion = Detection.Status, Label.Verdict, TrainingExample.Completion
CLOSED_AS = {
    Verdict.CONFIRM: Status.CONFIRMED,
    Verdict.CORRECT: Status.CONFIRMED,
    Verdict.REJECT: Status.DISMISSED,
}


def apply_verdicts(batch: Batch) -> None:
    """Bring detections, suppressions and examples to what stands on their incidents: the job of verdicts.

    It looks at the present verdict alone, so that it may run late, twice, or once for several verdicts.
    """
    with transaction.atomic():
        # Locked, so that of two jobs the later one sees what stands later, and no undo comes between.
        for incident in Incident.objects.select_for_update().filter(pk__in=batch.object_ids).order_by("pk"):
            _settle(incident)
        batch.finish()


def _settle(incident: Incident) -> None:
    label = incident.current_label
    for other in incident.labels.exclude(pk=label.pk) if label else incident.labels.all():
        lift_suppressions(other.pk)
        retract_examples(other.pk)
    status = CLOSED_AS.get(Verdict(label.verdict)) if label else None
    detections = list(Detection.objects.with_parts().filter(incident=incident))
    for detection in detections:
        if status is None:
            _reopen(detection)
        else:
            _close(detection, status)
    if label is None or status is None:
        return
    if status == Status.DISMISSED:
        _suppress(label, detections)
    completion = Completion.NORMAL if status == Status.DISMISSED else Completion.THREAT
    for detection in detections:
        add_verdict_examples(label.pk, detection.events.order_by("pk"), completion)


def _close(detection: Detection, status: str) -> None:
    if detection.status != status:
        detection.status, detection.closed_at = status, timezone.now()
        detection.save(update_fields=["status", "closed_at"])


def _reopen(detection: Detection) -> None:
    """Open it again, unless its cause has an open detection by now: then its events join that one."""
    if detection.status == Status.OPEN:
        return
    successor = Detection.objects.open().filter(entity=detection.entity, cause=detection.cause).first()
    if successor is None:
        detection.status, detection.closed_at = Status.OPEN, None
        detection.save(update_fields=["status", "closed_at"])
        return
    given = Event.objects.filter(detection=detection).update(detection=successor)
    # In the database: micro-batches raise the count meanwhile.
    Detection.objects.filter(pk=successor.pk).update(
        count=F("count") + given, first_seen=Least("first_seen", detection.first_seen)
    )
    Detection.objects.filter(pk=detection.pk).update(count=0)


def _suppress(label: Label, detections: list[Detection]) -> None:
    if restore_suppressions(label.pk):
        return
    until: datetime = label.expected_until or label.created_at + SUPPRESSED_FOR
    said = label.reason or ("Expected" if label.expected_until else "A false positive")
    for detection in detections:
        create_suppression(
            source=detection.source,
            entity_kind=detection.entity.kind,
            entity=detection.entity.name,
            cause=detection.cause,
            template=detection.template,
            until=until,
            owner=label.reviewer,
            reason=f"{said} (incident {label.incident_id})"[:500],
            label_id=label.pk,
        )
