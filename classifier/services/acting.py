"""The policy of acting: what people accept, what follows from it on held-out reports, and what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classifier.ml import acting as ml
from classifier.ml.acceptance import CERTAINTY, fewest
from classifier.ml.outcomes import Outcomes
from classifier.ml.reliance import threshold_at
from classifier.models import ActingPolicy, ModelVersion
from classifier.services.outcomes import served_outcomes
from incidents import policy
from incidents.models import AuditEvent, Path, User

SAVED = "model.policy_saved"
USUAL_ERROR = 0.02  # that is accepted where nobody has said anything else


class PolicyRefused(Exception):
    """The policy was not saved; the message says why."""


@dataclass(frozen=True)
class Asked:
    """What people accept: shares of wrong reports, 0 to 1, and costs of a wrong label in looks."""

    error: float = USUAL_ERROR
    auto_accept: bool = False
    errors: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, row: ActingPolicy | None) -> "Asked":
        return cls(row.error, row.auto_accept, row.errors, row.costs) if row else cls()

    @property
    def wish(self) -> ml.Wish:
        least = threshold_at(policy.value("error_cost"))
        return ml.Wish(self.error, self.errors, least, {name: threshold_at(cost) for name, cost in self.costs.items()})


def in_force() -> ActingPolicy | None:
    """The newest; None before any: then nothing is accepted automatically."""
    return ActingPolicy.objects.select_related("version", "by").order_by("-pk").first()


def held_out() -> tuple[ModelVersion | None, Outcomes | None]:
    """The champion, and what it decided of the test reports of its dataset as far as that was kept."""
    champion = ModelVersion.objects.select_related("snapshot").champion()
    return champion, served_outcomes(champion, champion.snapshot) if champion else None


def categories_known() -> list[str]:
    """By which a wish may tell reports apart: those that the champion decides of held-out reports, and those that the
    policy in force names.
    """
    row, (_champion, outcomes) = in_force(), held_out()
    decided = set(outcomes.labels("category")) if outcomes else set()
    return sorted(decided.union(row.errors if row else (), row.costs if row else ()) - {""})


def acts_with(champion: ModelVersion) -> ActingPolicy | None:
    """The policy by which the champion's word is accepted now. None without one, for another version's thresholds,
    once labels that it knows were merged, split or retired, and while no report is drawn for the audit: nobody would
    notice when the promise no longer holds.
    """
    row = in_force()
    acts = row is not None and row.auto_accept and row.version_id == champion.pk
    return row if acts and policy.value("blind_share") > 0 and not _labels_moved(champion) else None


def why_it_rests() -> str:
    """Why nothing is accepted although the policy has it so; "" where it is, or was never wanted."""
    row, champion = in_force(), ModelVersion.objects.select_related("snapshot").champion()
    if row is None or not row.auto_accept or (champion and acts_with(champion)):
        return ""
    if champion is None or row.version_id != champion.pk:
        return _(
            "Another model is in charge than the one whose thresholds these are. Save the policy anew for this one."
        )
    return _labels_have_moved() if _labels_moved(champion) else _no_audit()


def save(asked: Asked, *, by: User, reason: str) -> ActingPolicy:
    """Append the policy, with the thresholds that follow from the champion's held-out reports. Raises PolicyRefused."""
    if not reason.strip():
        raise PolicyRefused(_("Say why: whoever comes later wants to know."))
    champion, outcomes = held_out()
    plan = ml.plan(outcomes, asked.wish) if outcomes else None
    if asked.auto_accept:
        _check_may_accept(plan, asked)
    with transaction.atomic():
        row = ActingPolicy.objects.create(
            version=champion,
            auto_accept=asked.auto_accept,
            error=asked.error,
            errors=dict(asked.errors),
            costs=dict(asked.costs),
            highs=plan.highs if plan else {},
            figures=plan_figures(plan) if plan else {},
            reason=reason.strip()[:500],
            by=by,
        )
        detail = {"policy": row.pk, "auto_accept": row.auto_accept, "error": row.error, "reason": row.reason}
        AuditEvent.objects.create(kind=SAVED, actor=by, subject=champion.name if champion else "", detail=detail)
    return row


def plan_figures(plan: ml.Plan) -> dict[str, Any]:
    """What JSON can hold."""
    return {
        "certainty": plan.certainty,
        "reports": plan.reports,
        "wrong": plan.wrong,
        "accepted": plan.accepted,
        "accepted_wrong": plan.accepted_wrong,
        "suggested": plan.suggested,
        "abstained": plan.abstained,
        "promised_error": plan.promised,
        "categories": [
            {
                "category": one.category,
                "unsure_below": one.low,
                "accepted_from": one.high,
                "why_not": one.why,
                "reports": one.reports,
                "wrong": one.wrong,
                "accepted": one.accepted,
                "accepted_wrong": one.accepted_wrong,
                "suggested": one.suggested,
                "abstained": one.abstained,
                "promised_error": one.promised,
            }
            for one in plan.categories
        ],
    }


def _check_may_accept(plan: ml.Plan | None, asked: Asked) -> None:
    if plan is None:
        raise PolicyRefused(_("There is no model in charge whose held-out reports were kept: nothing can be promised."))
    if not policy.value("blind_share") > 0:
        raise PolicyRefused(_no_audit())
    champion = ModelVersion.objects.select_related("snapshot").champion()
    if champion and _labels_moved(champion):
        raise PolicyRefused(_labels_have_moved())
    if not plan.highs:
        told = _(
            "No threshold keeps this promise on %(reports)s held-out reports. It takes at least %(fewest)s that are"
            " all right. Accept a larger error, or label more reports and train anew."
        )
        raise PolicyRefused(told % {"reports": plan.reports, "fewest": fewest(asked.error, CERTAINTY)})


def _labels_moved(champion: ModelVersion) -> bool:
    known = Path.objects.filter(pk__in=champion.snapshot.path_ids)
    return known.exclude(state=Path.State.LIVE).exists()


def _labels_have_moved() -> str:
    return _(
        "Labels that the model in charge knows were merged, split or retired since it learned, so that its confidence"
        " is not the one that was measured. Train anew."
    )


def _no_audit() -> str:
    return _("No report is reviewed blind (Settings), so that nobody would notice when the promise no longer holds.")
