"""The figures of the policy: one and the same for the page, the API and the command line. Reads rows only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from classifier.ml import acting as ml
from classifier.ml.acceptance import CERTAINTY
from classifier.ml.promise import LEVEL
from classifier.models import ActingPolicy, ModelVersion, PromiseAlarm
from classifier.services import acting
from classifier.services.acting import Asked, HeldOut, plan_figures
from classifier.services.policy_today import policy_today
from classifier.services.promises import Kept, kept_promises

CURVE = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2)  # accepted errors
SHOWN = 30  # policies and alarms, the newest


@dataclass(frozen=True)
class PolicyView:
    """A wish, what it comes to on the champion's held-out reports, and what is in force beside it.

    `plan` and `before` are None without such reports; `curve`: accepted error and the share of reports accepted.
    """

    asked: Asked
    champion: ModelVersion | None
    plan: ml.Plan | None
    before: ml.Plan | None
    curve: Sequence[tuple[float, float]]
    in_force: ActingPolicy | None
    rests: str
    kept: Sequence[Kept]
    alarms: Sequence[PromiseAlarm]
    history: Sequence[ActingPolicy]


def view_of(asked: Asked | None = None) -> PolicyView:
    """Of a wish; of the policy in force where there is none."""
    held, row = acting.held_out(), acting.in_force()
    asked = asked or Asked.of(row)
    wish = asked.wish
    history = ActingPolicy.objects.select_related("by", "version").order_by("-pk")[:SHOWN]
    alarms = PromiseAlarm.objects.select_related("promotion__version", "by").order_by("-pk")[:SHOWN]
    return PolicyView(
        asked=asked,
        champion=held.champion,
        plan=held.plan(wish),
        before=_in_force_on(held, row),
        curve=_curve(held, wish),
        in_force=row,
        rests=acting.why_it_rests(),
        kept=kept_promises(),
        alarms=list(alarms),
        history=list(history),
    )


def policy_figures(asked: Asked | None = None) -> dict[str, Any]:
    """What JSON can hold."""
    view = view_of(asked)
    return {
        "model": view.champion.name if view.champion else None,
        "certainty": CERTAINTY,
        "wish": _asked(view.asked),
        "plan": plan_figures(view.plan) if view.plan else None,
        "before": plan_figures(view.before) if view.before else None,
        "expected_error": _error(view.plan) if view.plan else None,
        "curve": [{"error": error, "accepted": share} for error, share in view.curve],
        "in_force": _in_words_of_today(view.in_force) if view.in_force else None,
        "rests": view.rests,
        "false_alarms": LEVEL,
        "promises": [_kept(one) for one in view.kept],
        "alarms": [_alarm(one) for one in view.alarms],
        "history": [_row(one, Asked(one.error, one.auto_accept, one.errors, one.costs)) for one in view.history],
    }


def _curve(held: HeldOut, wish: ml.Wish) -> list[tuple[float, float]]:
    plans = ((error, held.plan(replace(wish, error=error))) for error in CURVE)
    return [(error, plan.accepted / max(plan.reports, 1)) for error, plan in plans if plan]


def _in_force_on(held: HeldOut, row: ActingPolicy | None) -> ml.Plan | None:
    """What is done now: what rests is not accepted."""
    if not held.outcomes:
        return None
    acts = acting.acts_with(held.champion) if held.champion else None
    highs: Mapping[str, float] = policy_today(acts).highs if acts else {}
    return ml.applied(held.outcomes, Asked.of(row).wish, highs)


def _error(plan: ml.Plan) -> dict[str, Any]:
    """What was found, and what is promised: between 0 and that it lies, with the certainty of the policy."""
    found = plan.accepted_wrong / plan.accepted if plan.accepted else None
    return {"found": found, "promised": plan.promised}


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "error": asked.error,
        "auto_accept": asked.auto_accept,
        "category_errors": dict(asked.errors),
        "category_costs": dict(asked.costs),
    }


def _in_words_of_today(row: ActingPolicy) -> dict[str, Any]:
    return _row(row, Asked.of(row)) | {"accepted_from": policy_today(row).highs}


def _row(row: ActingPolicy, asked: Asked) -> dict[str, Any]:
    """Categories in the words of the moment when it was saved, unless others are given."""
    return {
        "id": row.pk,
        "at": row.created_at.isoformat(),
        "by": row.by.username if row.by else None,
        "reason": row.reason,
        "model": row.version.name if row.version else None,
        **_asked(asked),
        "accepted_from": row.highs,
    }


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "promised": one.promised,
        "kept": one.kept,
        "reports": one.reports,
        "evidence": one.evidence,
        "broken": one.is_broken,
    }


def _alarm(alarm: PromiseAlarm) -> dict[str, Any]:
    return {
        "id": alarm.pk,
        "kind": alarm.kind,
        "state": alarm.state,
        "model": alarm.promotion.version.name,
        "promised": alarm.promised,
        "kept": alarm.kept,
        "reports": alarm.reports,
        "at": alarm.created_at.isoformat(),
        "note": alarm.note,
        "by": alarm.by.username if alarm.by else None,
        "settled_at": alarm.settled_at.isoformat() if alarm.settled_at else None,
    }
