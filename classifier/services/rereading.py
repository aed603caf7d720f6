"""After a step of the taxonomy: what stands beside each report for the list, written anew in the words of today.

Predictions and labels are never touched: the columns and the search words are the fold, kept where an index reads it.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import F, Prefetch, Q
from django.utils import timezone

from classifier.ml.taxonomy import join_labels
from classifier.models import Prediction
from classifier.services.classify import set_current
from classifier.services.priority import Priorities
from classifier.services.reading import known_paths
from incidents.models import Incident, Label, Path, SearchDocument, TaxonomyStep
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "reread", "desk"
CHUNK = 250  # reports in one transaction
MAX_ATTEMPTS = 5
KINDS = ("category", "sub_category")
WRITTEN = [
    "current_category",
    "current_sub_category",
    "current_confidence",
    "current_unsure",
    "current_margin",
    "current_entropy",
    "standing_category",
    "review_priority",
]


def request_rereading(step: TaxonomyStep) -> None:
    """In the transaction that takes the step."""
    jobs.enqueue(KIND, step.pk, queue=QUEUE, priority=Job.Priority.WEB, max_attempts=MAX_ATTEMPTS)


def job_of(step: TaxonomyStep) -> Job | None:
    return Job.objects.filter(kind=KIND, object_id=step.pk).order_by("-pk").first()


def reread(batch: Batch) -> None:
    """Go through all reports, then once more through what was said meanwhile. Safe to run twice, and after a kill it
    goes on where it was: only rows that say something else are written.
    """
    step = TaxonomyStep.objects.get(pk=batch.object_ids[0])
    touched = _touched(step)
    while ids := _next(Q(pk__gt=step.read_to)):
        batch.beat(_progress(step))
        with transaction.atomic():
            _still_ours(batch)
            _write(ids, touched)
            step.read_to = ids[-1]
            TaxonomyStep.objects.filter(pk=step.pk).update(read_to=step.read_to)
    last = 0
    since = Q(current_label__created_at__gte=step.created_at) | Q(predictions__created_at__gte=step.created_at)
    while ids := _next(since & Q(pk__gt=last)):
        batch.beat()
        with transaction.atomic():
            _still_ours(batch)
            _write(ids, touched)
        last = ids[-1]
    with transaction.atomic():
        TaxonomyStep.objects.filter(pk=step.pk, read_at=None).update(read_at=timezone.now())
        batch.finish()


def _next(which: Q) -> list[int]:
    there = Incident.objects.not_erased().filter(which)
    return list(there.order_by("pk").values_list("pk", flat=True).distinct()[:CHUNK])


def _progress(step: TaxonomyStep) -> dict[str, int]:
    last = Incident.objects.order_by("-pk").values_list("pk", flat=True).first()
    return {"part": step.read_to, "of": last or 0}


def _still_ours(batch: Batch) -> None:
    if batch.renew() != len(batch.jobs):
        raise jobs.LeaseLost


def _write(ids: Sequence[int], touched: Collection[int]) -> None:
    """Write what these reports show, where that is not what they show already. Their rows are held meanwhile.

    `touched`: paths whose names or whose reading the step has changed.
    """
    reports = list(_reports(ids))
    said = _said(reports)
    paths, priorities = known_paths(said.values()), Priorities.in_force()
    changed, words = [], []
    for incident in reports:
        before = {name: getattr(incident, name) for name in WRITTEN}
        if prediction := said.get(incident.pk):
            set_current(incident, prediction, paths, priorities)
        if incident.current_confidence == before["current_confidence"]:
            incident.review_priority = before["review_priority"]  # a name alone moves nothing in the queue
        incident.standing_category = _standing(incident)
        if before != {name: getattr(incident, name) for name in WRITTEN}:
            changed.append(incident)
        if incident in changed[-1:] or _has_label_of(incident, touched):
            words.append(incident.pk)
    Incident.objects.bulk_update(changed, WRITTEN)
    SearchDocument.objects.write(words)


def _reports(ids: Sequence[int]) -> Sequence[Incident]:
    with_names = Prefetch("current_label__paths", Path.objects.with_names())
    rows = Incident.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    return list(rows.select_related("current_label").prefetch_related(with_names))


def _said(reports: Sequence[Incident]) -> Mapping[int, Prediction]:
    """Of each report what its columns were written by: the last that its present version said of it."""
    rows = Prediction.objects.filter(incident__in=reports, version__name=F("incident__current_model"))
    return {one.incident_id: one for one in rows.order_by("pk").prefetch_related("version__snapshot")}


def _has_label_of(incident: Incident, touched: Collection[int]) -> bool:
    return incident.current_label is not None and any(path.pk in touched for path in incident.current_label.paths.all())


def _touched(step: TaxonomyStep) -> set[int]:
    if step.undoes:
        return _touched(step.undoes)
    named = {kind: {pk for of, pk, _was, _now in step.payload["names"] if of == kind} for kind in KINDS}
    using = Path.objects.filter(Q(categories__in=named["category"]) | Q(sub_category__in=named["sub_category"]))
    return {*step.part.opens, *step.part.closes, *using.values_list("pk", flat=True)}


def _standing(incident: Incident) -> str:
    label: Label | None = incident.current_label
    names = (name for path in label.present_paths for name in path.category_names) if label else ()
    return join_labels(names) or incident.told_category
