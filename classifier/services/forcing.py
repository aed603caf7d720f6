"""Passing the gate by force: one person asks and says why, a second one agrees or does not."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from classifier.models import ForceRequest, ModelVersion, Promotion
from classifier.services import gate
from classifier.services.promotion import Force, PromotionRefused, promote, record_refusal
from incidents.models import AuditEvent, User

State = ForceRequest.State


def ask_to_force(version: ModelVersion, *, by: User, reason: str) -> ForceRequest:
    """Ask for a second person. Raises PromotionRefused without a reason, where the gate does not refuse, or twice."""
    if not reason.strip():
        raise PromotionRefused(gettext("Say why this model is to be in charge although the gate refuses it."))
    verdict = gate.verdict_on(version)
    if verdict.passed:
        raise PromotionRefused(gettext("The gate lets %(name)s pass: promote it.") % {"name": version.name})
    champion = ModelVersion.objects.champion(version.line)
    try:
        with transaction.atomic():
            asked = ForceRequest.objects.create(version=version, champion=champion, asked_by=by, reason=reason.strip())
            record_refusal(verdict, version, by, asked.reason)
            _audit("model.force_asked", asked, by)
    except IntegrityError as error:
        raise PromotionRefused(gettext("That was asked for already; a lead or an admin has to agree.")) from error
    return asked


def agree(asked: ForceRequest, *, by: User, answer: str = "") -> Promotion:
    """Promote as the second person. Raises PromotionRefused; the request then stays open."""
    if asked.asked_by is None:
        raise PromotionRefused(gettext("Whoever asked for it has no account any more."))
    with transaction.atomic():
        _settle(asked, State.APPROVED, by, answer)
        promotion = promote(asked.version, by=asked.asked_by, reason=asked.reason, force=Force(by))
        _audit("model.force_agreed", asked, by)
    return promotion


def decline(asked: ForceRequest, *, by: User, answer: str = "") -> None:
    """Raises PromotionRefused when it is over already."""
    with transaction.atomic():
        _settle(asked, State.WITHDRAWN if by == asked.asked_by else State.DECLINED, by, answer)
        _audit("model.force_declined", asked, by)


def _settle(asked: ForceRequest, state: str, by: User, answer: str) -> None:
    still_open = ForceRequest.objects.open().filter(pk=asked.pk)
    if state == State.APPROVED and by == asked.asked_by:
        raise PromotionRefused(gettext("A second person has to agree: somebody else than who asks for it."))
    if not still_open.update(state=state, answered_by=by, answer=answer.strip(), answered_at=timezone.now()):
        raise PromotionRefused(gettext("This request is over already. Look at it again."))


def _audit(kind: str, asked: ForceRequest, by: User) -> None:
    detail = {"line": asked.version.line, "request": asked.pk}  # what people wrote stands in the request
    AuditEvent.objects.create(kind=kind, actor=by, subject=asked.version.name, detail=detail)
