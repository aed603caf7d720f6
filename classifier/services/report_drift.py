"""Watching reports for drift: looks at full windows of them, alarms, and what people say to these.

An alarm proposes, it never acts: no training starts by it and no report is touched.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from classifier.ml import report_drift as ml
from classifier.ml.ngrams import NgramSpace
from classifier.models import DriftAlarm, DriftKind, DriftLook, DriftReference, ModelVersion, Prediction, Promotion
from classifier.services.analysis_runs import QUEUE
from classifier.services.asking import DESK_QUEUE
from classifier.services.drift_reference import answers, known_texts, request_reference, usual_answers
from classifier.services.reliance import reliance_in_force
from incidents import policy
from incidents.models import AuditEvent, Incident, User
from incidents.texts import training_text
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, TELL = "measure_drift", "tell_drift"
UNLIKE = 20  # reports of a window that are kept as examples; some may be erased, or be none to show
ACKNOWLEDGED = "model.drift_acknowledged"
State = DriftAlarm.State


class Settled(Exception):
    """The alarm is not open any more; the message says so."""


def in_charge() -> Promotion | None:
    """The move that put the champion in charge of the reports."""
    champion = ModelVersion.objects.champion()
    found = Promotion.objects.filter(version=champion).select_related("version__snapshot") if champion else None
    return found.first() if found is not None else None


def watch_reports() -> None:
    """Supersede alarms of earlier champions, and ask for a look where a window is full; asked every round."""
    promotion = in_charge()
    earlier = DriftAlarm.objects.filter(state=State.OPEN).exclude(look__promotion=promotion)
    earlier.update(state=State.SUPERSEDED, settled_at=timezone.now())
    if promotion is None:
        return
    if not DriftReference.objects.filter(version=promotion.version_id).exists():
        request_reference(promotion.version)
    elif is_full(promotion) and not _asked(promotion):
        jobs.enqueue(KIND, promotion.pk, queue=QUEUE, priority=Job.Priority.BACKFILL)


def window_size() -> int:
    return int(policy.value("drift_window"))


def waiting(promotion: Promotion) -> int:
    """Reports that came since the last look, at most a window of them."""
    return len(unlooked(promotion).values_list("pk")[: window_size()])


def is_full(promotion: Promotion) -> bool:
    """Cheap while few reports were filed since the promotion, when what waited before is read behind them."""
    size = window_size()
    filed = Incident.objects.filter(created_at__gte=promotion.created_at).values_list("pk")[:size]
    return len(filed) == size and waiting(promotion) == size


def first_readings(promotion: Promotion) -> "QuerySet[Prediction]":
    """What the champion said first of each report filed since it took charge, in that order.

    Not of those that waited before: reports that wait are no fair sample.
    """
    before = Prediction.objects.filter(
        incident=OuterRef("incident"), version=OuterRef("version"), pk__lt=OuterRef("pk")
    )
    filed_since = Prediction.objects.filter(
        version=promotion.version_id, incident__created_at__gte=promotion.created_at
    )
    there = filed_since.exclude(incident__status=Incident.Status.ERASED)
    return there.filter(~Exists(before)).order_by("pk")


def unlooked(promotion: Promotion) -> "QuerySet[Prediction]":
    last = DriftLook.objects.filter(promotion=promotion).order_by("-number").first()
    return first_readings(promotion).filter(pk__gt=last.last_prediction if last else 0)


def window_of(look: DriftLook) -> "QuerySet[Prediction]":
    """The readings that a look was at, without those of reports erased since."""
    return first_readings(look.promotion).filter(pk__range=(look.first_prediction, look.last_prediction))


def measure_drift(batch: Batch) -> None:
    """Look at the oldest full window that nobody has looked at. Safe to run twice: there is one look of each number."""
    promotion = in_charge()
    look = _looked(promotion) if promotion and promotion.pk == batch.object_ids[0] else None
    with transaction.atomic():
        if look is not None and not DriftLook.objects.filter(promotion=look.promotion, number=look.number).exists():
            look.save()
            _open_alarms(look)
        batch.finish()


def alarms_open() -> "QuerySet[DriftAlarm]":
    """Of the champion, the oldest first."""
    return DriftAlarm.objects.filter(state=State.OPEN, look__promotion=in_charge()).order_by("pk")


def drift_alarm_open() -> str:
    """Why a training may be wanted: which alarms are open; "" without any."""
    found = list(alarms_open().select_related("look"))
    if not found:
        return ""
    kinds = ", ".join(str(DriftKind(alarm.kind).label) for alarm in found)
    day = date_format(found[0].created_at, "j M Y")
    return _("Reports have drifted since %(day)s: %(kinds)s") % {"day": day, "kinds": kinds}


def acknowledge(alarm: DriftAlarm, *, by: User, note: str) -> None:
    """A person says that it is all right. The same change is told no second time. Raises Settled."""
    with transaction.atomic():
        opened = DriftAlarm.objects.filter(pk=alarm.pk, state=State.OPEN)
        if not opened.update(state=State.ACKNOWLEDGED, by=by, note=note, settled_at=timezone.now()):
            raise Settled(_("This alarm was settled meanwhile."))
        detail = {"alarm": alarm.pk, "kind": alarm.kind}
        AuditEvent.objects.create(kind=ACKNOWLEDGED, actor=by, subject=alarm.look.promotion.version.name, detail=detail)


def _asked(promotion: Promotion) -> bool:
    """A job that failed or was cancelled is a person's to queue again."""
    return Job.objects.filter(kind=KIND, object_id=promotion.pk).exclude(status=Job.Status.DONE).exists()


@dataclass(frozen=True)
class _Window:
    """Readings in their order, with the texts that were read."""

    rows: Sequence[Prediction]
    texts: Sequence[str]


def _looked(promotion: Promotion) -> DriftLook | None:
    size = window_size()
    rows = list(unlooked(promotion).select_related("text_revision")[:size])
    reference = DriftReference.objects.filter(version=promotion.version_id).first()
    if reference is None or len(rows) < size:
        return None
    window = _Window(rows, [training_text(row.text_revision.title, row.text_revision.text) for row in rows])
    number = DriftLook.objects.filter(promotion=promotion).count() + 1
    return _measured(promotion, number, window, reference)


def _measured(promotion: Promotion, number: int, window: _Window, reference: DriftReference) -> DriftLook:
    threshold, known = reliance_in_force().threshold, known_texts(promotion.version.snapshot)
    said = answers([row.path_ids for row in window.rows], [row.confidence for row in window.rows], threshold)
    usual, unlike, tests = usual_answers(reference, threshold), [], dict[str, ml.Measured]()
    if len(known) >= ml.LEAST_REFERENCE:
        space = NgramSpace.fit(known)
        theirs, ours = space.vectors(known), space.vectors(window.texts)
        tests[ml.TEXT] = ml.text_test(ours, theirs, number)
        unlike = _most_unlike(window, ml.unlikeness(ours, theirs))
    if usual is not None:
        tests |= ml.compare_answers(said, usual, number)
    return DriftLook(
        promotion=promotion,
        number=number,
        first_prediction=window.rows[0].pk,
        last_prediction=window.rows[-1].pk,
        reports=len(window.rows),
        tests={kind: asdict(test) for kind, test in tests.items()},
        unsure=float(said.unsure.mean()),
        words=[asdict(word) for word in ml.frequent_words(window.texts, known)] if known else [],
        unlike=unlike,
    )


def _most_unlike(window: _Window, distances: ml.Floats) -> list[list[float]]:
    places = np.argsort(-distances, kind="stable")[:UNLIKE].tolist()
    return [[window.rows[place].incident_id, round(float(distances[place]), 4)] for place in places]


def _open_alarms(look: DriftLook) -> None:
    """One for each kind whose change begins to last, unless the last one is still open."""
    series = list(DriftLook.objects.filter(promotion=look.promotion).order_by("number").values_list("tests", flat=True))
    opened = set(DriftAlarm.objects.filter(state=State.OPEN).values_list("kind", flat=True))
    begun = [
        kind
        for kind in ml.KINDS
        if kind not in opened and ml.RULE.begins([tests[kind]["p"] for tests in series if kind in tests])
    ]
    DriftAlarm.objects.bulk_create(DriftAlarm(kind=kind, look=look) for kind in begun)
    if begun:
        jobs.enqueue(TELL, look.pk, queue=DESK_QUEUE, priority=Job.Priority.IMPORT)
