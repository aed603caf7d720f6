"""Every move on a model line, and what was refused: who, when, why, and what was known of it then."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

from django.db.models import IntegerField, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.ml.gate import Verdict
from classifier.models import ForceRequest, ImpactPreview, ModelVersion, Promotion, Refusal
from classifier.services import gate
from classifier.services.gate import ToldCheck
from incidents.models import AuditEvent, User

_TOLD: dict[str, tuple[str, str | Promise]] = {
    "model.shadow": ("eye", gettext_lazy("Began to score in the shadow")),
    "model.shadow_ended": ("eye-off", gettext_lazy("Ended its time in the shadow")),
    "model.force_asked": ("user-question", gettext_lazy("A second person was asked for")),
    "model.force_declined": ("x", gettext_lazy("Force was declined")),
}
ICONS = {"first": "trophy", "promote": "trophy", "rollback": "arrow-back-up"}
PROMOTIONS, REFUSALS, OTHERS = range(3)  # the tables; moves of one moment are told in this order


@dataclass(frozen=True)
class Move:
    """One entry. `second`: the person who agreed to a forced promotion. `replaced`: who was in charge before.

    `by` is None where a rule made it (`by_itself`), and where the account of who made it is gone.
    """

    kind: str
    icon: str
    title: str
    name: str
    number: int | None  # of the version
    by: User | None
    by_itself: bool
    created_at: dt.datetime
    reason: str = ""
    replaced: str = ""
    second: User | None = None
    verdict: Verdict | None = None
    impact: ImpactPreview | None = None

    @property
    def checks(self) -> list[ToldCheck]:
        return gate.told(self.verdict) if self.verdict else []

    def to_json(self, *, with_impact: bool) -> dict[str, Any]:
        """`with_impact`: for whoever may see what models say of reports."""
        return {
            "kind": self.kind,
            "title": self.title,
            "at": self.created_at.isoformat(),
            "model": self.name,
            "model_id": self.number,
            "replaced": self.replaced or None,
            "by": str(self.by) if self.by else None,
            "by_itself": self.by_itself,
            "second": str(self.second) if self.second else None,
            "reason": self.reason,
            "checks": gate.to_json(self.verdict) if self.verdict else [],
            "impact": self.impact.figures if self.impact and with_impact else None,
        }


class _Key(NamedTuple):
    """Where a move stands."""

    created_at: dt.datetime
    table: int
    pk: int


class Moves(Sequence[Move]):
    """All moves on a line, the newest first, for a paginator: any part of them takes a constant number of queries."""

    def __init__(self, line: str) -> None:
        self._line = line

    def __len__(self) -> int:
        return self._keys().count()

    def __iter__(self) -> Iterator[Move]:
        return iter(self[:])

    @overload
    def __getitem__(self, part: int) -> Move: ...

    @overload
    def __getitem__(self, part: slice) -> list[Move]: ...

    def __getitem__(self, part: int | slice) -> Move | list[Move]:
        return self._read(part) if isinstance(part, slice) else self._read(slice(part, part + 1))[0]

    def _read(self, part: slice) -> list[Move]:
        keys = [_Key(*row) for row in self._keys()[part]]
        found = dict[tuple[int, int], Move]()
        for table, of_table in ((PROMOTIONS, _promotions), (REFUSALS, _refusals), (OTHERS, _others)):
            numbers = [key.pk for key in keys if key.table == table]
            found |= {(table, pk): move for pk, move in of_table(numbers)}
        return [found[key.table, key.pk] for key in keys]

    def _keys(self) -> QuerySet[Any, tuple[Any, ...]]:
        keys: QuerySet[Any, tuple[Any, ...]] = (
            _keys(Promotion.objects.filter(version__line=self._line), PROMOTIONS)
            .union(
                _keys(Refusal.objects.filter(version__line=self._line), REFUSALS),
                _keys(AuditEvent.objects.filter(kind__in=_TOLD, detail__line=self._line), OTHERS),
                all=True,
            )
            .order_by("-created_at", "table", "-pk")
        )
        return keys


def _keys(rows: QuerySet[Any], table: int) -> QuerySet[Any, tuple[Any, ...]]:
    named: QuerySet[Any, tuple[Any, ...]] = rows.order_by().annotate(table=Value(table, IntegerField()))
    return named.values_list("created_at", "table", "pk")


def _promotions(numbers: Sequence[int]) -> Iterable[tuple[int, Move]]:
    rows = Promotion.objects.select_related("version", "replaced", "by", "approved_by", "impact")
    for row in rows.filter(pk__in=numbers):
        yield (
            row.pk,
            Move(
                kind="forced" if row.forced else row.action,
                icon=ICONS[row.action],
                title=_("Promoted by force") if row.forced else row.get_action_display(),
                name=row.version.name,
                number=row.version_id,
                by=row.by,
                by_itself=row.by_itself,
                created_at=row.created_at,
                reason=row.reason,
                replaced=row.replaced.name if row.replaced else "",
                second=row.approved_by,
                verdict=row.verdict,
                impact=row.impact,
            ),
        )


def _refusals(numbers: Sequence[int]) -> Iterable[tuple[int, Move]]:
    for row in Refusal.objects.select_related("version", "champion", "by").filter(pk__in=numbers):
        yield (
            row.pk,
            Move(
                kind="refused",
                icon="ban",
                title=_("Refused by the gate"),
                name=row.version.name,
                number=row.version_id,
                by=row.by,
                by_itself=row.by_itself,
                created_at=row.created_at,
                reason=row.reason,
                replaced=row.champion.name,
                verdict=row.verdict,
            ),
        )


def _others(numbers: Sequence[int]) -> Iterable[tuple[int, Move]]:
    events = list(AuditEvent.objects.select_related("actor").filter(pk__in=numbers))
    versions = ModelVersion.objects.filter(name__in={event.subject for event in events})
    known = dict(versions.values_list("name", "pk")) if events else {}
    asked = ForceRequest.objects.in_bulk({event.detail["request"] for event in events if "request" in event.detail})
    for event in events:
        yield (
            event.pk,
            Move(
                kind=event.kind.removeprefix("model."),
                icon=_TOLD[event.kind][0],
                title=str(_TOLD[event.kind][1]),
                name=event.subject,
                number=known.get(event.subject),
                by=event.actor,
                by_itself=_was_by_itself(event),
                created_at=event.created_at,
                reason=_reason_of(event, asked),
            ),
        )


def _reason_of(event: AuditEvent, asked: Mapping[int, ForceRequest]) -> str:
    """What a person wrote stands in their request, what a rule says in the event."""
    request = asked.get(event.detail.get("request", 0))
    return request.reason if request else str(event.detail.get("reason", ""))


def _was_by_itself(event: AuditEvent) -> bool:
    """Force is of people alone; of the shadow, rows of before this was kept do not tell."""
    unknown = event.actor_id is None and event.kind in {"model.shadow", "model.shadow_ended"}
    return bool(event.detail.get("by_itself", unknown))
