"""Giving back the disk space of artefacts that nobody needs any more. Rows and figures stay."""

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier import store
from classifier.models import AnomalySet, ForceRequest, ModelVersion, Promotion, TrainingRun
from classifier.models.version import DETECTOR_PREFIX
from classifier.store import ArtifactUnreachable
from incidents import policy
from incidents.models import AuditEvent
from workers.errors import sentence

log = structlog.get_logger("classifier.pruning")
AT_WORK = (ModelVersion.Stage.CHAMPION, ModelVersion.Stage.PREVIOUS, ModelVersion.Stage.SHADOW)


def prune_artefacts() -> int:
    """Remove what lies beyond `kept_artefacts` of each line, and what retired anomaly sets and kills left.

    Asked every round.

    Never of a version of texts that is or was in charge: who asks what it said then must be able to ask it again.
    Detectors of sources are fitted many times a day, and what they said of events is not asked again. What cannot be
    removed now is tried again in the next round, and holds up nothing else.
    """
    for version in prunable():
        _give_up(version)
    return _remove_files_given_up() + _remove_retired_sets() + store.remove_torn()


def prunable() -> list[ModelVersion]:
    """The versions whose artefacts the policy gives up now, the oldest last."""
    kept, found = policy.value("kept_artefacts"), []
    for line in ModelVersion.objects.order_by().values_list("line", flat=True).distinct():
        found += list(_not_needed(line)[kept:])
    return found


def _give_up(version: ModelVersion) -> None:
    """Mark a version as pruned unless it came to be needed meanwhile. Nobody can put it in charge from then on."""
    with transaction.atomic():
        # Who promotes it holds this lock, and who refers to it anew waits for it: what they did is seen below.
        ModelVersion.objects.select_for_update().get(pk=version.pk)
        still_not_needed = _not_needed(version.line).filter(pk=version.pk)
        if still_not_needed.update(pruned_at=timezone.now(), stage=ModelVersion.Stage.ARCHIVED):
            AuditEvent.objects.create(kind="model.pruned", subject=version.name, detail={"line": version.line})


def _remove_files_given_up() -> int:
    removed = 0
    for version in ModelVersion.objects.filter(pruned_at__isnull=False, files_gone=False):
        if _removed(version.folder):
            ModelVersion.objects.filter(pk=version.pk).update(files_gone=True)
            log.info("artefact_pruned", version=version.name)
            removed += 1
    return removed


def _remove_retired_sets() -> int:
    removed = 0
    for retired in AnomalySet.objects.filter(status=AnomalySet.Status.RETIRED).exclude(folder=""):
        if _removed(retired.folder):
            AnomalySet.objects.filter(pk=retired.pk).update(folder="")
            removed += 1
    return removed


def _removed(folder: str) -> bool:
    try:
        store.remove(folder)
    except (ArtifactUnreachable, OSError) as error:
        log.warning("artefact_not_removed", folder=folder, error=sentence(error))
        return False
    return True


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
