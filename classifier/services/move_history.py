"""Every move on a model line, and what was refused: who, when, why, and what the gate said."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.ml.gate import Verdict
from classifier.models import ModelVersion, Promotion, Refusal
from classifier.services import gate
from classifier.services.gate import ToldCheck
from incidents.models import AuditEvent, User

MOST = 500  # of each kind
_TOLD: dict[str, tuple[str, str | Promise]] = {
    "model.shadow": ("eye", gettext_lazy("Began to score in the shadow")),
    "model.shadow_ended": ("eye-off", gettext_lazy("Ended its time in the shadow")),
    "model.force_asked": ("user-question", gettext_lazy("A second person was asked for")),
    "model.force_declined": ("x", gettext_lazy("Force was declined")),
}
ICONS = {"first": "trophy", "promote": "trophy", "rollback": "arrow-back-up"}


@dataclass(frozen=True)
class Move:
    """One entry. `second`: the person who agreed to a forced promotion. `replaced`: who was in charge before."""

    kind: str
    icon: str
    title: str
    name: str
    number: int | None  # of the version
    by: User | None
    created_at: dt.datetime
    reason: str = ""
    replaced: str = ""
    second: User | None = None
    checks: Sequence[ToldCheck] = ()


def moves(line: str) -> list[Move]:
    """The newest first, in three queries and one for the numbers of versions."""
    found = [*_promotions(line), *_refusals(line), *_others(line)]
    return sorted(found, key=lambda move: move.created_at, reverse=True)


def _promotions(line: str) -> list[Move]:
    rows = Promotion.objects.filter(version__line=line).select_related("version", "replaced", "by", "approved_by")
    return [
        Move(
            kind="forced" if row.forced else row.action,
            icon=ICONS[row.action],
            title=_("Promoted by force") if row.forced else row.get_action_display(),
            name=row.version.name,
            number=row.version_id,
            by=row.by,
            created_at=row.created_at,
            reason=row.reason,
            replaced=row.replaced.name if row.replaced else "",
            second=row.approved_by,
            checks=_checks(row.verdict),
        )
        for row in rows[:MOST]
    ]


def _refusals(line: str) -> list[Move]:
    rows = Refusal.objects.filter(version__line=line).select_related("version", "champion", "by")
    return [
        Move(
            kind="refused",
            icon="ban",
            title=_("Refused by the gate"),
            name=row.version.name,
            number=row.version_id,
            by=row.by,
            created_at=row.created_at,
            reason=row.reason,
            replaced=row.champion.name,
            checks=_checks(row.verdict),
        )
        for row in rows[:MOST]
    ]


def _others(line: str) -> list[Move]:
    rows = AuditEvent.objects.filter(kind__in=_TOLD, detail__line=line).select_related("actor").order_by("-pk")[:MOST]
    events = list(rows)
    names = {event.subject for event in events}
    numbers = dict(ModelVersion.objects.filter(name__in=names).values_list("name", "pk")) if names else {}
    return [
        Move(
            kind=event.kind.removeprefix("model."),
            icon=_TOLD[event.kind][0],
            title=str(_TOLD[event.kind][1]),
            name=event.subject,
            number=numbers.get(event.subject),
            by=event.actor,
            created_at=event.created_at,
            reason=event.detail.get("reason", ""),
        )
        for event in events
    ]


def _checks(verdict: Verdict | None) -> list[ToldCheck]:
    return gate.told(verdict) if verdict else []
