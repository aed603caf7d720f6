"""Giving back the disk space of artefacts that nobody needs any more. Rows and figures stay."""

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier import store
from classifier.models import AnomalySet, ForceRequest, ModelVersion, Promotion, TrainingRun
from classifier.models.version import DETECTOR_PREFIX
from classifier.store import ArtifactUnreachable
from incidents import policy
from incidents.models import AuditEvent

log = structlog.get_logger("classifier.pruning")
AT_WORK = (ModelVersion.Stage.CHAMPION, ModelVersion.Stage.PREVIOUS, ModelVersion.Stage.SHADOW)


def prune_artefacts() -> int:
    """Remove what lies beyond `kept_artefacts` of each line and what retired anomaly sets left; asked every round.

    Never of a version of texts that is or was in charge: who asks what it said then must be able to ask it again.
    Detectors of sources are fitted many times a day, and what they said of events is not asked again.
    """
    pruned = 0
    for version in prunable():
        ModelVersion.objects.filter(pk=version.pk).update(pruned_at=timezone.now(), stage=ModelVersion.Stage.ARCHIVED)
        try:
            store.remove(version.folder)
        except ArtifactUnreachable:  # another round removes them
            ModelVersion.objects.filter(pk=version.pk).update(pruned_at=None, stage=version.stage)
            raise
        AuditEvent.objects.create(kind="model.pruned", subject=version.name, detail={"line": version.line})
        log.info("artefact_pruned", version=version.name)
        pruned += 1
    for retired in AnomalySet.objects.filter(status=AnomalySet.Status.RETIRED).exclude(folder=""):
        store.remove(retired.folder)
        AnomalySet.objects.filter(pk=retired.pk).update(folder="")
        pruned += 1
    return pruned


def prunable() -> list[ModelVersion]:
    """The versions whose artefacts the policy gives up now, the oldest last."""
    kept, found = policy.value("kept_artefacts"), []
    for line in ModelVersion.objects.order_by().values_list("line", flat=True).distinct():
        found += list(_not_needed(line)[kept:])
    return found


def _not_needed(line: str) -> "QuerySet[ModelVersion]":
    """Of a line, the newest first: in no place, never in charge, and in nobody's work."""
    moves = Promotion.objects.filter(version__line=line).exclude(version__line__startswith=DETECTOR_PREFIX)
    open_runs = TrainingRun.objects.open().filter(rebuild_of__isnull=False)
    sets = AnomalySet.objects.exclude(status=AnomalySet.Status.RETIRED)
    asked = ForceRequest.objects.open()
    needed = (
        Q(stage__in=AT_WORK)
        | Q(pk__in=moves.values("version"))
        | Q(pk__in=moves.exclude(replaced=None).values("replaced"))
        | Q(pk__in=open_runs.values("rebuild_of"))
        | Q(pk__in=sets.exclude(version=None).values("version"))
        | Q(pk__in=asked.values("version"))
    )
    return ModelVersion.objects.filter(line=line, pruned_at=None).exclude(needed).order_by("-pk")
