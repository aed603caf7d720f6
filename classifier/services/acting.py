"""The policy of acting: what people accept, what follows from it on held-out reports, and what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classifier.ml import acting as ml
from classifier.ml.acceptance import CERTAINTY, fewest
from classifier.ml.outcomes import Outcomes
from classifier.ml.reliance import threshold_at
from classifier.models import ActingPolicy, ModelVersion
from classifier.services.outcomes import outcomes_of, served_row
from classifier.services.policy_today import policy_today, touched
from classifier.services.taxonomy_since import newest_version, since
from incidents import policy
from incidents.models import AuditEvent, User

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
        """By the categories of today."""
        if row is None:
            return cls()
        today = policy_today(row)
        return cls(row.error, row.auto_accept, today.errors, today.costs)

    @property
    def wish(self) -> ml.Wish:
        least = threshold_at(policy.value("error_cost"))
        return ml.Wish(self.error, self.errors, least, {name: threshold_at(cost) for name, cost in self.costs.items()})


@dataclass(frozen=True)
class HeldOut:
    """The champion, and what it decided of the test reports of its dataset as far as that was kept, by the labels of
    today. `outdated`: categories whose labels have moved since, so that it decides them with another confidence.
    """

    champion: ModelVersion | None = None
    outcomes: Outcomes | None = None
    outdated: Sequence[str] = ()

    def plan(self, wish: ml.Wish) -> ml.Plan | None:
        return ml.plan(self.outcomes, wish, outdated=self.outdated) if self.outcomes else None


def in_force() -> ActingPolicy | None:
    """The newest; None before any: then nothing is accepted automatically."""
    return ActingPolicy.objects.select_related("version__snapshot", "by").order_by("-pk").first()


def held_out() -> HeldOut:
    champion = ModelVersion.objects.select_related("snapshot").champion()
    row = served_row(champion, champion.snapshot) if champion else None
    outcomes = outcomes_of(row) if row else None
    if champion is None or row is None or outcomes is None:
        return HeldOut(champion)
    words = since(row.taxonomy_version_id)
    moved = words.moved_of(champion.snapshot.path_ids)
    return HeldOut(champion, outcomes, touched(set(outcomes.labels("category")), moved, words))


def categories_known() -> list[str]:
    """By which a wish may tell reports apart: those that the champion decides of held-out reports, and those that the
    policy in force names.
    """
    asked, outcomes = Asked.of(in_force()), held_out().outcomes
    decided = set(outcomes.labels("category")) if outcomes else set()
    return sorted(decided.union(asked.errors, asked.costs) - {""})


def acts_with(champion: ModelVersion) -> ActingPolicy | None:
    """The policy by which the champion's word is accepted now; of which categories, `policy_today` says. None without
    one, for another version's thresholds, and while no report is drawn for the audit: nobody would notice when the
    promise no longer holds.
    """
    row = in_force()
    acts = row is not None and row.auto_accept and row.version_id == champion.pk
    return row if acts and policy.value("blind_share") > 0 else None


def why_it_rests() -> str:
    """Why nothing, or nothing of some categories, is accepted although the policy has it so; "" where all of it is, or
    was never wanted.
    """
    row, champion = in_force(), ModelVersion.objects.champion()
    if row is None or not row.auto_accept:
        return ""
    if champion is None or row.version_id != champion.pk:
        return _(
            "Another model is in charge than the one whose thresholds these are. Save the policy anew for this one."
        )
    return policy_today(row).why if acts_with(champion) else _no_audit()


def save(asked: Asked, *, by: User, reason: str) -> ActingPolicy:
    """Append the policy, with the thresholds that follow from the champion's held-out reports. Raises PolicyRefused."""
    if not reason.strip():
        raise PolicyRefused(_("Say why: whoever comes later wants to know."))
    held = held_out()
    champion, plan = held.champion, held.plan(asked.wish)
    if asked.auto_accept:
        _check_may_accept(plan, asked, held)
    with transaction.atomic():
        row = ActingPolicy.objects.create(
            version=champion,
            taxonomy_version_id=newest_version(),
            auto_accept=asked.auto_accept,
            error=asked.error,
            errors=dict(asked.errors),
            costs=dict(asked.costs),
            highs=plan.highs if plan else {},
            figures=plan_figures(plan) if plan else {},
            reason=reason.strip()[:500],
            by=by,
        )
        detail = {"policy": row.pk, "auto_accept": row.auto_accept, "error": row.error}
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


def _check_may_accept(plan: ml.Plan | None, asked: Asked, held: HeldOut) -> None:
    if plan is None:
        raise PolicyRefused(_("There is no model in charge whose held-out reports were kept: nothing can be promised."))
    if not policy.value("blind_share") > 0:
        raise PolicyRefused(_no_audit())
    if not plan.highs and held.outdated:
        raise PolicyRefused(
            _(
                "Labels were merged, split or retired since the model in charge was measured. Wait until a worker has"
                " measured it anew, or train anew."
            )
        )
    if not plan.highs:
        told = _(
            "No threshold keeps this promise on %(reports)s held-out reports. It takes at least %(fewest)s that are"
            " all right. Accept a larger error, or label more reports and train anew."
        )
        raise PolicyRefused(told % {"reports": plan.reports, "fewest": fewest(asked.error, CERTAINTY)})


def _no_audit() -> str:
    return _("No report is reviewed blind (Settings), so that nobody would notice when the promise no longer holds.")
