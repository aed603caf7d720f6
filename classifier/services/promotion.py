"""Which version is in charge: a pointer that moves, with its history."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from classifier.ml.gate import Verdict
from classifier.models import AnomalySet, ForceRequest, ImpactPreview, ModelVersion, Promotion, Refusal
from classifier.models.version import CLASSIFY
from classifier.services import gate
from classifier.services.asking import request_classifications, request_comparison, request_telling, request_vectors
from incidents.models import AuditEvent, Incident, User, Webhook
from workers.models import Job

Stage = ModelVersion.Stage
OPEN = (Incident.Status.NEW, Incident.Status.CLASSIFIED)


class PromotionRefused(Exception):
    """The champion stays; the message says why."""


class GateRefused(PromotionRefused):
    """The gate says no; `verdict` holds the figures. Only by force, and by two people, is it passed."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(gettext("The gate refuses it. %(why)s") % {"why": gate.objections(verdict)})
        self.verdict = verdict


@dataclass(frozen=True)
class Force:
    """Passing the gate although it says no; why stands in the promotion's reason. `approved_by`: the second person."""

    approved_by: User


def promote(version: ModelVersion, *, by: User | None, reason: str = "", force: Force | None = None) -> Promotion:
    """Put a version in charge of its line.

    Raises PromotionRefused; what the gate refuses (GateRefused) is recorded with its figures.
    """
    try:
        with one_at_a_time():
            return _promote(version, by, reason, force)
    except GateRefused as refused:
        record_refusal(refused.verdict, version, by, reason)
        raise


def _promote(version: ModelVersion, by: User | None, reason: str, force: Force | None) -> Promotion:
    lock_version(version)
    if version.stage == Stage.CHAMPION:
        raise PromotionRefused(gettext("%(name)s is in charge already.") % {"name": version.name})
    refuse_unusable(version)
    verdict = gate.verdict_on(version)
    if force:
        _check_force(force, by, reason)
    elif not verdict.passed:
        raise GateRefused(verdict)
    champion = ModelVersion.objects.champion(version.line)
    move = Promotion(
        action=Promotion.Action.PROMOTE if champion else Promotion.Action.FIRST,
        version=version,
        replaced=champion,
        by=by,
        by_itself=by is None,
        reason=reason,
        gate=verdict.to_json() if verdict.checks else None,
        forced=not verdict.passed,
        approved_by=force.approved_by if force else None,
        impact=ImpactPreview.objects.latest_of(version, champion) if champion else None,
    )
    ModelVersion.objects.filter(line=version.line, stage=Stage.PREVIOUS).update(stage=Stage.ARCHIVED)
    return _move(move, Stage.PREVIOUS)


def _check_force(force: Force, by: User | None, reason: str) -> None:
    """Two people, who both may, and a reason."""
    if not reason.strip():
        raise PromotionRefused(gettext("Say why this model is to be in charge although the gate refuses it."))
    if by is None or force.approved_by == by:
        raise PromotionRefused(gettext("A second person has to agree: somebody else than who asks for it."))
    if not by.is_active or not by.has_perm("classifier.manage_models"):
        raise PromotionRefused(
            gettext("%(person)s may not put a model in charge any more: an admin has to ask for it.") % {"person": by}
        )
    if not force.approved_by.is_active or not force.approved_by.has_perm("classifier.approve_promotion"):
        raise PromotionRefused(
            gettext("%(person)s cannot be the second person: a lead or an admin can.") % {"person": force.approved_by}
        )


def record_refusal(verdict: Verdict, version: ModelVersion, by: User | None, reason: str) -> None:
    """Keep what the gate said."""
    champion = ModelVersion.objects.champion(version.line)
    if champion is None:
        return
    with transaction.atomic():
        Refusal.objects.create(
            version=version, champion=champion, by=by, by_itself=by is None, reason=reason, gate=verdict.to_json()
        )
        AuditEvent.objects.create(
            kind="model.refused",
            actor=by,
            subject=version.name,
            detail={"champion": champion.name, "line": version.line, "failed": [one.name for one in verdict.failed]},
        )


def rollback(*, by: User | None, line: str = CLASSIFY, reason: str = "") -> Promotion:
    """Put the previous champion back in charge; the one that leaves is archived. Raises PromotionRefused."""
    with one_at_a_time():
        previous = ModelVersion.objects.previous(line)
        champion = ModelVersion.objects.champion(line)
        if previous is None or champion is None:
            raise PromotionRefused(gettext("There is no earlier version to go back to."))
        refuse_unusable(previous)
        move = Promotion(
            action=Promotion.Action.ROLLBACK,
            version=previous,
            replaced=champion,
            by=by,
            by_itself=by is None,
            reason=reason,
        )
        return _move(move, Stage.ARCHIVED)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A transaction in which the constraints of the table decide between two who move the pointer at one moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise PromotionRefused(
            gettext("Somebody else has moved the champion at this moment. Look again first.")
        ) from error


def lock_version(version: ModelVersion) -> None:
    """Read a version anew, and hold it until the end of the transaction: nobody prunes its files meanwhile."""
    version.refresh_from_db(from_queryset=ModelVersion.objects.select_for_update())


def refuse_unusable(version: ModelVersion) -> None:
    version.look_again()
    if error := version.artefact_error:
        raise PromotionRefused(
            gettext("The artefact of %(name)s cannot be used: %(error)s") % {"name": version.name, "error": error}
        )


def _move(promotion: Promotion, then: str) -> Promotion:
    """Carry a move out; `then` is the stage of the champion that leaves."""
    version, champion = promotion.version, promotion.replaced
    if champion:
        ModelVersion.objects.filter(pk=champion.pk).update(stage=then)
    ModelVersion.objects.filter(pk=version.pk).update(stage=Stage.CHAMPION, shadow_since=None)
    version.refresh_from_db()
    promotion.save()
    ForceRequest.objects.overtake(version.line)
    AuditEvent.objects.create(
        kind=f"model.{promotion.action}",
        actor=promotion.by,
        subject=version.name,
        detail={
            "replaced": champion.name if champion else None,
            "line": version.line,
            **({"forced": True, "approved_by": promotion.approved_by_id} if promotion.forced else {}),
        },
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
