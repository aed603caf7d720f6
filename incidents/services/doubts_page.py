"""The queue of doubted labels: what people see of it, and what they do about one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.models import Doubt, DoubtRun
from classifier.services.analysis_runs import RunState, state_of
from classifier.services.doubts import KIND
from incidents.models import Incident, Label, Path, User
from incidents.models.taxonomy import present_paths
from incidents.services import audit, reviewing, second_opinions

State = Doubt.State
KEPT, ASKED_AGAIN = "incident.label_kept", "incident.label_doubted_again"
SUGGESTION_TAKEN = "Doubted label"  # the reason on a label that was changed to the suggestion
_STANDS = Q(label__current_of__isnull=False)
_IN = {str(State.OPEN): ~Q(state=State.KEPT) & _STANDS, str(State.KEPT): Q(state=State.KEPT)}
_IN[str(State.CHANGED)] = ~Q(state=State.KEPT) & ~_STANDS
AT_ONCE = 500  # rows of a download read at once

Cell = str | float


class Settled(Exception):
    """Somebody has settled the doubt, or decided the report anew; the message says so."""


@dataclass(frozen=True)
class DoubtRow:
    """A doubt with the labels side by side, and why."""

    doubt: Doubt
    given: Sequence[Path]
    suggested: Sequence[Path]
    reason: str


@dataclass(frozen=True)
class LatestRun:
    run: DoubtRun
    state: RunState


def latest_run() -> LatestRun | None:
    """The newest run, however far it is."""
    run = DoubtRun.objects.select_related("by").order_by("-pk").first()
    return LatestRun(run, state_of(KIND, run)) if run else None


def doubts(state: str, user: User | None = None) -> QuerySet[Doubt]:
    """Doubts in one state, the worst label first, settled ones the latest first.

    None of a report on which this person holds a second opinion: it would tell the first one. Whether a label was
    changed is read from the reports: the rows follow within seconds.
    """
    rows = Doubt.objects.select_related("incident__current_text", "label__reviewer", "by")
    rows = rows.prefetch_related(Prefetch("label__paths", Path.objects.with_names()))
    order = ["quality", "pk"] if state == State.OPEN else ["-settled_at", "-pk"]
    return rows.filter(_IN[state]).exclude(incident__in=second_opinions.reports_held_by(user)).order_by(*order)


def counts() -> dict[str, int]:
    """How many doubts there are of each state."""
    counted: dict[str, int] = Doubt.objects.aggregate(**{state: Count("pk", filter=of) for state, of in _IN.items()})
    return counted


def rows_of(page: Iterable[Doubt]) -> list[DoubtRow]:
    """In a constant number of queries."""
    shown = list(page)
    paths = Path.objects.with_names().in_bulk({path for doubt in shown for path in doubt.suggested})
    return [_row(doubt, paths) for doubt in shown]


def doubt_of(incident: Incident) -> DoubtRow | None:
    """The open doubt of the label that stands on a report, if there is one."""
    found = rows_of(doubts(State.OPEN).filter(incident=incident)[:1])
    return found[0] if found else None


def keep(doubt: Doubt, *, by: User) -> None:
    """The label stays, and is not doubted again. Raises Settled."""
    with transaction.atomic():
        _settle(doubt, State.KEPT, by)
        audit.record(KEPT, actor=by, incident=doubt.incident, label=doubt.label_id)


def ask_again(doubt: Doubt, *, by: User) -> None:
    """Undo `keep`. Raises Settled."""
    with transaction.atomic():
        _settle(doubt, State.OPEN, None)
        audit.record(ASKED_AGAIN, actor=by, incident=doubt.incident, label=doubt.label_id)


def take_suggestion(doubt: Doubt, *, by: User) -> Label:
    """Decide the report anew, as suggested. Raises Settled, ClaimLost while somebody else holds it."""
    paths = present_paths(Path.objects.with_names().filter(pk__in=doubt.suggested))
    with transaction.atomic():
        open_for_review(doubt, by=by)
        verdict, reason = Label.Verdict.CORRECT, SUGGESTION_TAKEN
        label = reviewing.decide(doubt.incident, reviewer=by, verdict=verdict, paths=paths, reason=reason)
        Doubt.objects.filter(pk=doubt.pk).update(state=State.CHANGED, by=by, settled_at=timezone.now())
    return label


def open_for_review(doubt: Doubt, *, by: User) -> None:
    """Hold the report; another label settles the doubt by itself. Raises Settled, ClaimLost."""
    if not doubts(State.OPEN).filter(pk=doubt.pk).exists():
        raise Settled(_("This label was settled meanwhile."))
    if not reviewing.reopen(doubt.incident, by):
        raise reviewing.ClaimLost(_("Somebody else holds this report at the moment."))


def table(state: str, user: User) -> Iterator[list[Cell]]:
    """The doubts as lines of a table, its header first."""
    yield ["report", "label", "suggested", "quality", "probability", "agreeing", "neighbours", "state", "settled_by"]
    rows = doubts(state, user)
    numbers = list(rows.values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        for row in rows_of(rows.filter(pk__in=numbers[start : start + AT_ONCE])):
            yield _line(row, state)


def _settle(doubt: Doubt, after: str, by: User | None) -> None:
    """Keep an open one, or open a kept one."""
    before = Doubt.objects.filter(_IN[State.OPEN] if after == State.KEPT else _IN[State.KEPT], pk=doubt.pk)
    settled_at = timezone.now() if after == State.KEPT else None
    if not before.update(state=after, by=by, settled_at=settled_at):
        raise Settled(_("This label was settled meanwhile."))


def _row(doubt: Doubt, paths: Mapping[int, Path]) -> DoubtRow:
    suggested = present_paths(paths[path] for path in doubt.suggested if path in paths)
    return DoubtRow(doubt, doubt.label.present_paths, suggested, _reason(doubt, suggested))


def _reason(doubt: Doubt, suggested: Sequence[Path]) -> str:
    name = suggested[0].sub_category_name or suggested[0].key if suggested else "?"
    said = {
        "agreeing": doubt.agreeing,
        "all": doubt.neighbours,
        "name": name,
        "chance": _chance(doubt.probability),
    }
    model = _("a model that has not seen this label says %(name)s with %(chance)s") % said
    if not doubt.agreeing:
        return model[:1].upper() + model[1:] + "."
    near = _("%(agreeing)s of the %(all)s reports worded most like it are %(name)s") % said
    return f"{near}; {model}."


def _chance(probability: float) -> str:
    if probability > 0.99:
        return "> 99 %"
    return f"{max(round(probability * 100), 1)} %"


def _line(row: DoubtRow, state: str) -> list[Cell]:
    doubt = row.doubt
    given, suggested = ("; ".join(path.key for path in paths) for paths in (row.given, row.suggested))
    figures = [round(doubt.quality, 4), round(doubt.probability, 4), doubt.agreeing, doubt.neighbours]
    return [doubt.incident_id, given, suggested, *figures, state, str(doubt.by or "")]
