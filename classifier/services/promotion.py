"""Which version is in charge: a pointer that moves, with its history."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from classifier.models import AnomalySet, ModelVersion, Promotion
from classifier.models.version import CLASSIFY
from classifier.services.asking import request_classifications, request_comparison, request_telling, request_vectors
from incidents.models import AuditEvent, Incident, User, Webhook
from workers.models import Job

Stage = ModelVersion.Stage
OPEN = (Incident.Status.NEW, Incident.Status.CLASSIFIED)


class PromotionRefused(Exception):
    """The champion stays; the message says why."""


def promote(version: ModelVersion, *, by: User | None, reason: str = "") -> Promotion:
    """Put a version in charge of its line. Raises PromotionRefused."""
    with _one_at_a_time():
        version.refresh_from_db()
        if version.stage == Stage.CHAMPION:
            raise PromotionRefused(gettext("%(name)s is in charge already.") % {"name": version.name})
        champion = ModelVersion.objects.champion(version.line)
        action = Promotion.Action.PROMOTE if champion else Promotion.Action.FIRST
        ModelVersion.objects.filter(line=version.line, stage=Stage.PREVIOUS).update(stage=Stage.ARCHIVED)
        return _move(version, champion, Stage.PREVIOUS, action, by, reason)


def rollback(*, by: User | None, line: str = CLASSIFY, reason: str = "") -> Promotion:
    """Put the previous champion back in charge; the one that leaves is archived. Raises PromotionRefused."""
    with _one_at_a_time():
        previous = ModelVersion.objects.previous(line)
        champion = ModelVersion.objects.champion(line)
        if previous is None or champion is None:
            raise PromotionRefused(gettext("There is no earlier version to go back to."))
        return _move(previous, champion, Stage.ARCHIVED, Promotion.Action.ROLLBACK, by, reason)


def set_shadow(version: ModelVersion, *, by: User | None) -> None:
    """Let a detector score beside the one in charge, which decides nothing. Raises PromotionRefused.

    It takes the place of the shadow before, which becomes a challenger again.
    """
    with _one_at_a_time():
        version.refresh_from_db()
        _refuse_no_shadow(version)
        ModelVersion.objects.filter(line=version.line, stage=Stage.SHADOW).update(stage=Stage.CHALLENGER)
        _put(version, Stage.SHADOW, "model.shadow", by)


def end_shadow(version: ModelVersion, *, by: User | None) -> None:
    """Make a shadow a challenger again. Raises PromotionRefused."""
    with _one_at_a_time():
        version.refresh_from_db()
        if version.stage != Stage.SHADOW:
            raise PromotionRefused(gettext("%(name)s is no shadow.") % {"name": version.name})
        _put(version, Stage.CHALLENGER, "model.shadow_ended", by)


def _refuse_no_shadow(version: ModelVersion) -> None:
    if not version.scores_events:
        raise PromotionRefused(
            gettext("%(name)s is no detector of a source: only those score in the shadow.") % {"name": version.name}
        )
    if version.stage not in {Stage.CHALLENGER, Stage.ARCHIVED}:
        raise PromotionRefused(
            gettext("%(name)s is the %(stage)s of its line already.")
            % {"name": version.name, "stage": version.get_stage_display().lower()}
        )
    if error := version.artefact_error:
        raise PromotionRefused(
            gettext("The artefact of %(name)s cannot be used: %(error)s") % {"name": version.name, "error": error}
        )


def _put(version: ModelVersion, stage: str, kind: str, by: User | None) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(stage=stage)
    version.refresh_from_db()
    AuditEvent.objects.create(kind=kind, actor=by, subject=version.name, detail={"line": version.line})


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A transaction in which the constraints of the table decide between two who move the pointer at one moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise PromotionRefused(
            gettext("Somebody else has moved the champion at this moment. Look again first.")
        ) from error


def _move(
    version: ModelVersion, champion: ModelVersion | None, then: str, action: str, by: User | None, reason: str
) -> Promotion:
    if error := version.artefact_error:
        raise PromotionRefused(
            gettext("The artefact of %(name)s cannot be used: %(error)s") % {"name": version.name, "error": error}
        )
    if champion:
        ModelVersion.objects.filter(pk=champion.pk).update(stage=then)
    ModelVersion.objects.filter(pk=version.pk).update(stage=Stage.CHAMPION)
    version.refresh_from_db()
    promotion = Promotion.objects.create(action=action, version=version, replaced=champion, by=by, reason=reason)
    AuditEvent.objects.create(
        kind=f"model.{action}",
        actor=by,
        subject=version.name,
        detail={"replaced": champion.name if champion else None, "line": version.line},
    )
    request_telling(Webhook.Event.PROMOTED, [promotion.pk])
    if version.line == CLASSIFY:
        _ask_for_vectors(version)
        _ask_for_predictions()
        request_comparison(version.pk)
    return promotion


def _ask_for_vectors(version: ModelVersion) -> None:
    """Have the earlier reports embedded by the new encoder; the serving anomaly set stays until that is done."""
    AnomalySet.objects.filter(status=AnomalySet.Status.BUILDING).update(status=AnomalySet.Status.RETIRED)
    if AnomalySet.objects.filter(status=AnomalySet.Status.SERVING, encoder_hash=version.encoder_hash).exists():
        return
    building = AnomalySet.objects.create(version=version, encoder_hash=version.encoder_hash)
    request_vectors(building.pk)


def _ask_for_predictions() -> None:
    """Have the reports that wait for review predicted by the new champion, after everything more urgent."""
    waiting = list(Incident.objects.filter(status__in=OPEN).values_list("pk", flat=True))
    request_classifications(waiting, priority=Job.Priority.BACKFILL)
