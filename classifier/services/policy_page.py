"""What the page of the policy shows: workload and errors in words, a curve, categories, promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.ml import acting as ml
from classifier.ml.acceptance import CERTAINTY
from classifier.ml.promise import LEVEL
from classifier.models import PromiseAlarm
from classifier.services.policy_figures import PolicyView
from classifier.services.promises import Kept
from classifier.wording import share

WHY_NOT: Mapping[str, str | Promise] = {
    ml.FEW: gettext_lazy("too few held-out reports"),
    ml.UNPROVEN: gettext_lazy("no threshold keeps the promise"),
    ml.NOT_WANTED: gettext_lazy("always looked at, as you chose"),
    ml.OUTDATED: gettext_lazy("its labels have changed since it was measured"),
    "": gettext_lazy("not accepted"),
}
WIDE, HIGH = 400, 160  # units of the curve
LARGEST = 0.2  # accepted error at the right end


@dataclass(frozen=True)
class Line:
    """A share of the reports under this policy and under the one in force; `change` in points, "" without."""

    name: str | Promise
    meaning: str | Promise
    now: str
    then: str
    change: str


@dataclass(frozen=True)
class CategoryRow:
    """`high`: from which confidence on, or why none is accepted. `wrong`: "" where none is; `promised`: "" of those
    that share the promise of all.
    """

    name: str
    reports: int
    low: str
    high: str | Promise
    accepted: str
    wrong: str
    promised: str
    suggested: str
    abstained: str


@dataclass(frozen=True)
class Point:
    x: int
    y: int
    label: str


@dataclass(frozen=True)
class Curve:
    """Accepted error to the right, share of reports that nobody has to look at upwards; `here`: the one asked for."""

    points: Sequence[Point]
    here: Point

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class PolicyPage:
    view: PolicyView
    lines: Sequence[Line]
    error: str
    categories: Sequence[CategoryRow]
    curve: Curve | None
    promised: str
    certainty: str
    false_alarms: str
    alarms: Sequence["OpenAlarm"]


@dataclass(frozen=True)
class OpenAlarm:
    row: PromiseAlarm
    words: str


def policy_page(view: PolicyView) -> PolicyPage:
    plan = view.plan
    return PolicyPage(
        view=view,
        lines=_lines(plan, view.before) if plan and view.before else (),
        error=_error(plan) if plan else "",
        categories=[_row(one) for one in plan.categories] if plan else (),
        curve=_curve(view, plan) if plan else None,
        promised=_promised(view),
        certainty=f"{100 * CERTAINTY:g} %",
        false_alarms=f"{100 * LEVEL:g} %",
        alarms=[OpenAlarm(row, Kept.of(row).words) for row in view.alarms if row.state == PromiseAlarm.State.OPEN],
    )


def _promised(view: PolicyView) -> str:
    error = share(view.asked.error)
    if not any(view.asked.errors.values()):
        return _("at most %(error)s of them are wrong") % {"error": error}
    return _("at most %(error)s of them are wrong, and of a category with a share of its own, that") % {"error": error}


def _lines(plan: ml.Plan, before: ml.Plan) -> list[Line]:
    told = (
        (_("Nobody looks at"), _("accepted automatically"), plan.accepted, before.accepted),
        (_("Suggested"), _("a person confirms or corrects"), plan.suggested, before.suggested),
        (_("Unsure"), _("only the category, or nothing, is shown as decided"), plan.abstained, before.abstained),
    )
    n = max(plan.reports, 1)
    return [
        Line(name, meaning, share(old / n), share(new / n), _points((new - old) / n))
        for name, meaning, new, old in told
    ]


def _points(change: float) -> str:
    return _("%(points)s points") % {"points": f"{100 * change:+.1f}"} if change else ""


def _error(plan: ml.Plan) -> str:
    if not plan.accepted:
        return _("Nothing would be accepted.")
    told = _(
        "%(wrong)s of the %(accepted)s accepted held-out reports are wrong: %(share)s."
        " If nobody looked at anything, %(all)s would be."
    )
    return told % {
        "wrong": plan.accepted_wrong,
        "accepted": plan.accepted,
        "share": share(plan.accepted_wrong / plan.accepted),
        "all": share(plan.wrong / plan.reports),
    }


def _row(one: ml.CategoryPlan) -> CategoryRow:
    wrong = _("%(wrong)s of %(accepted)s") % {"wrong": one.accepted_wrong, "accepted": one.accepted}
    return CategoryRow(
        name=one.category or _("no category"),
        reports=one.reports,
        low=share(one.low),
        high=WHY_NOT[one.why] if one.high is None else share(one.high),
        accepted=share(one.accepted / one.reports),
        wrong=wrong if one.accepted else "",
        promised=share(one.promised) if one.promised is not None else "",
        suggested=share(one.suggested / one.reports),
        abstained=share(one.abstained / one.reports),
    )


def _curve(view: PolicyView, plan: ml.Plan) -> Curve:
    points = [_point(error, part) for error, part in view.curve]
    return Curve(points, _point(view.asked.error, plan.accepted / max(plan.reports, 1)))


def _point(error: float, part: float) -> Point:
    told = _("%(error)s wrong accepted: nobody looks at %(part)s")
    label = told % {"error": share(error), "part": share(part)}
    return Point(round(WIDE * min(error / LARGEST, 1)), round(HIGH * (1 - part)), label)
