"""What a verdict writes, and what taking it back writes: of one report or of hundreds, in as many queries.

Who may decide what is the callers' affair: they hold the reports, and call from the transaction that holds them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.utils import timezone

from classifier.ml.taxonomy import join_labels
from classifier.models import Prediction
from incidents.models import (
    AuditEvent,
    BulkRun,
    Incident,
    Label,
    Path,
    ReporterMessage,
    Retraction,
    SecondOpinion,
    User,
)
from incidents.models.incident import RESTING_STATUS
from incidents.services import decision_news
from incidents.services.search import index_reports
from incidents.services.taxonomy import current_version, refuse_closed
from workers import jobs
from workers.models import Job

Status, Verdict = Incident.Status, Label.Verdict
VERDICT_EFFECTS, EVENTS_QUEUE = "verdict_effects", "events"
UNHELD = {"claimed_by": None, "claimed_at": None, "claim_expires_at": None}


@dataclass(frozen=True)
class Decision:
    """One person's verdict on a held report. `prediction` is what the model had said of it then."""

    incident: Incident
    verdict: str
    paths: Sequence[Path] = ()
    prediction: Prediction | None = None
    reason: str = ""
    seconds: float | None = None
    expected_until: dt.datetime | None = None
    blind: bool = False  # the prediction was hidden
    slot: Label.Slot = Label.Slot.FIRST

    @property
    def suggested(self) -> list[int] | None:
        return list(self.prediction.path_ids) if self.prediction else None

    @property
    def settled(self) -> str:
        """Whether paths confirm or correct is settled by what the model suggested, not by the button."""
        if not self.paths:
            return self.verdict
        return Verdict.CONFIRM if set(self.suggested or ()) == {path.pk for path in self.paths} else Verdict.CORRECT


def record(decisions: Sequence[Decision], *, reviewer: User, bulk: BulkRun | None = None) -> list[Label]:
    """Append the labels, let them stand, let the reports go, and have everybody told whom it concerns.

    Of a bulk run at once: it is a worker that carries it out.
    """
    labels = append(decisions, reviewer=reviewer, bulk=bulk)
    incidents = [one.incident for one in decisions]
    again = [one for one in incidents if one.current_label_id is not None]  # only on these may there be opinions
    _stand(decisions, labels)
    if again:
        SecondOpinion.objects.withdraw(again)
    ReporterMessage.objects.handle(labels)
    _ask_for_effects(incidents)
    _note("incident.labelled", reviewer, labels)
    (decision_news.spread if bulk else decision_news.request_news)(labels)
    return labels


def take_back(labels: Sequence[Label], *, by: User | None) -> None:
    """Undo labels that stand on their reports: what stood before stands again. The reports' status is left alone.

    The labels come with their incidents.
    """
    Retraction.objects.bulk_create(Retraction(label=label, by=by) for label in labels)
    incidents = [label.incident for label in labels]
    standing = _last_standing(incidents)
    names = _category_names(label for label in standing.values())
    for incident in incidents:
        incident.current_label = label = standing.get(incident.pk)
        incident.decided_at = label.created_at if label else None
        incident.standing_category = (names[label.pk] if label else "") or incident.told_category
    _write(incidents, "standing_category", "decided_at")
    SecondOpinion.objects.withdraw(incidents)
    SecondOpinion.objects.bring_back(incidents)
    ReporterMessage.objects.open_again(labels)
    _ask_for_effects(incidents)
    index_reports(one.pk for one in incidents)
    _note("incident.label_undone", by, labels)


def append(decisions: Sequence[Decision], *, reviewer: User, bulk: BulkRun | None = None) -> list[Label]:
    """Only the labels: what stands on the reports stays.

    Raises ValidationError where a label has been merged, split or retired since somebody chose it.
    """
    refuse_closed({path.pk for one in decisions for path in one.paths})
    version, now = current_version(), timezone.now()
    labels = Label.objects.bulk_create(
        Label(
            incident=one.incident,
            text_revision_id=_read_text(one.incident),
            taxonomy_version=version,
            reviewer=reviewer,
            verdict=one.settled,
            reason=one.reason,
            shown_model=one.prediction.version.name if one.prediction else "",
            suggested=one.suggested,
            suggested_confidence=one.prediction.confidence if one.prediction else None,
            blind=one.blind,
            slot=one.slot,
            bulk=bulk,
            seconds=one.seconds,
            expected_until=one.expected_until if one.verdict == Verdict.REJECT and one.incident.is_detection else None,
            created_at=now,
        )
        for one in decisions
    )
    link = Label.paths.through
    link.objects.bulk_create(
        link(label_id=label.pk, path_id=path.pk)
        for label, one in zip(labels, decisions, strict=True)
        for path in one.paths
    )
    return labels


def _read_text(incident: Incident) -> int:
    assert incident.current_text_id is not None, "every filed report has a text"
    return incident.current_text_id


def _stand(decisions: Sequence[Decision], labels: Sequence[Label]) -> None:
    """Let each label be its report's present verdict."""
    prefetch_related_objects([path for one in decisions for path in one.paths], "categories")
    for one, label in zip(decisions, labels, strict=True):
        incident, names = one.incident, [name for path in one.paths for name in path.category_names]
        incident.current_label = label
        incident.status = RESTING_STATUS[label.verdict]
        incident.decided_at = label.created_at if incident.status != Status.SECOND_LOOK else None
        incident.standing_category = join_labels(names) or incident.told_category
        incident.claimed_by = incident.claimed_at = incident.claim_expires_at = None
    _write([one.incident for one in decisions], "status", "standing_category", "decided_at", *UNHELD)


def _write(incidents: Iterable[Incident], *fields: str) -> None:
    """Save these columns and which label stands: one UPDATE for all reports that get the same.

    Django's bulk_update, one CASE for each report and column, takes ten times as long.
    """
    groups: dict[tuple[Any, ...], list[Incident]] = defaultdict(list)
    for one in incidents:
        groups[(one.current_label is None, *(getattr(one, name) for name in fields))].append(one)
    for (none, *values), alike in groups.items():
        mine = Label.objects.filter(incident=OuterRef("pk"), pk__in=[one.current_label_id for one in alike])
        stands = None if none else Subquery(mine.values("pk")[:1])
        rows = Incident.objects.filter(pk__in=[one.pk for one in alike])
        rows.update(current_label=stands, **dict(zip(fields, values, strict=True)))


def _category_names(labels: Iterable[Label]) -> dict[int, str]:
    """What each label says of the category, by the label's number; several categories are joined."""
    ids = [label.pk for label in labels]
    links = list(Label.paths.through.objects.filter(label__in=ids).values_list("label_id", "path_id"))
    paths = Path.objects.with_names().in_bulk({path for _, path in links})
    names: Mapping[int, list[str]] = defaultdict(list)
    for label, path in links:
        today = paths[path].present
        names[label].extend(today.category_names if today else ())
    return {pk: join_labels(names[pk]) if pk in names else "" for pk in ids}


def _last_standing(incidents: Sequence[Incident]) -> dict[int, Label]:
    """The newest label of each report that nobody has undone; a second opinion never stands by itself."""
    held = Label.objects.standing().filter(incident__in=incidents).exclude(slot=Label.Slot.SECOND)
    return {label.incident_id: label for label in held.order_by("pk")}


def _ask_for_effects(incidents: Iterable[Incident]) -> None:
    """Have the streams that detections came from follow the verdicts that stand now, or that none does."""
    detections = [one.pk for one in incidents if one.is_detection]
    if detections:
        jobs.enqueue_many(VERDICT_EFFECTS, detections, queue=EVENTS_QUEUE, priority=Job.Priority.WEB)


def _note(kind: str, actor: User | None, labels: Sequence[Label]) -> None:
    more = {"incident.labelled": lambda label: {"verdict": str(label.verdict)}}.get(kind, lambda label: {})
    AuditEvent.objects.bulk_create(
        AuditEvent(kind=kind, actor=actor, incident=label.incident, detail={"label": label.pk} | more(label))
        for label in labels
    )
