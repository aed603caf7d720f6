"""What a step of the taxonomy would do to what is there, counted before it is taken."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q

from classifier.ml.taxonomy import JOINER
from classifier.ml.taxonomy_map import DIVIDED, LIVE, MERGED, RETIRED
from classifier.models import ModelVersion
from classifier.services.reading import latest_predictions
from incidents.models import Incident, Label, Path, TaxonomyStep
from incidents.services import taxonomy_looks
from incidents.services.taxonomy import current_version
from incidents.services.taxonomy_steps import future, undoable
from incidents.taxonomy_plan import Plan, Wish

Kind, Status = TaxonomyStep.Kind, Incident.Status
AT_ONCE = 1000  # predictions in memory
WAITING = (Status.CLASSIFIED, Status.SECOND_LOOK, Status.WAITING_REPORTER, Status.IN_REVIEW)


@dataclass(frozen=True)
class Change:
    """A label, and what it would read as; empty for nothing. `state` is the one that it would get."""

    label: str
    state: str
    reads_as: str


@dataclass(frozen=True)
class Preview:
    """`version` is the taxonomy version that it was counted in.

    decided: reports whose decision it concerns. waiting: undecided reports whose suggestion it does; in_review: those
    of them that somebody has open. to_look_at: decided reports that people would have to look at.
    by_champion: the model in charge, empty without one.
    """

    version: int
    changes: Sequence[Change]
    opens: Sequence[str]
    renames: Sequence[tuple[str, str]]
    decided: int
    waiting: int
    in_review: int
    to_look_at: int
    asks_for_training: bool
    by_champion: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def preview(wish: Wish) -> Preview:
    """Writes nothing. Raises TaxonomyRefused."""
    states, plan = future(wish)
    rows = Path.objects.with_names().in_bulk()
    changed = {pk: state for pk, state in states.items() if pk in rows and _state(rows[pk]) != state}
    renamed = [path.pk for path in rows.values() if _is_renamed(path, plan)]
    decided = _decided([*changed, *renamed])
    waiting = _waiting([rows[pk] for pk in (*changed, *renamed)])
    champion = ModelVersion.objects.select_related("snapshot").champion()
    return Preview(
        version=current_version().pk,
        changes=_changes(changed, rows, plan),
        opens=[path.key for path in plan.opens],
        renames=[(was, now) for _kind, _pk, was, now in plan.names],
        decided=decided,
        waiting=waiting.total(),
        in_review=waiting[Status.IN_REVIEW],
        to_look_at=_to_look_at(wish, changed),
        asks_for_training=wish.kind in {Kind.ADD, Kind.SPLIT},
        by_champion=champion.name if champion else "",
    )


def _state(path: Path) -> tuple[str, int | None]:
    return str(path.state), path.replaced_by_id


def _is_renamed(path: Path, plan: Plan) -> bool:
    names = {(kind, was) for kind, _pk, was, _now in plan.names}
    mine = {*(("category", name) for name in path.category_names), ("sub_category", path.sub_category_name)}
    return bool(names & mine)


def _decided(path_ids: Iterable[int]) -> int:
    links = Label.paths.through.objects.filter(path__in=list(path_ids)).values("label")
    return Incident.objects.filter(current_label__in=links).count()


def _waiting(paths: Sequence[Path]) -> Counter[str]:
    """Undecided reports whose suggestion is one of these labels or names it among others, by their status."""
    rows = Incident.objects.filter(status__in=WAITING).order_by()
    alone, among = Q(pk__in=[]), Q(pk__in=[])
    for path in paths:
        among |= _may_name(path)
        if len(path.category_names) == 1 and JOINER not in path.key:
            alone |= Q(current_category=path.category_names[0], current_sub_category=path.sub_category_name)
    found = Counter[str](rows.filter(alone).values_list("status", flat=True))
    changed, joined = {path.pk for path in paths}, list(rows.filter(among).exclude(alone).values_list("pk", "status"))
    for start in range(0, len(joined), AT_ONCE):
        status_of = dict(joined[start : start + AT_ONCE])
        said = latest_predictions(list(status_of))  # joined names do not tell which labels they come from
        found.update(status_of[pk] for pk, one in said.items() if changed.intersection(one.path_ids))
    return found


def _may_name(path: Path) -> Q:
    """Reports in whose suggested names all of the path's occur."""
    found = _among("current_sub_category", path.sub_category_name) if path.sub_category else Q()
    for name in path.category_names:
        found &= _among("current_category", name)
    return found


def _among(column: str, name: str) -> Q:
    """Alone in the column, or joined to others."""
    places = (("startswith", f"{name} or "), ("endswith", f" or {name}"), ("contains", f" or {name} or "))
    among = Q(**{column: name})
    for lookup, part in places:
        among |= Q(**{f"{column}__{lookup}": part})
    return among


def _changes(changed: Mapping[int, tuple[str, int | None]], rows: Mapping[int, Path], plan: Plan) -> Sequence[Change]:
    targets = {pk: into.key for pk, (_state, into) in plan.closes.items() if into}
    found = []
    for pk, (state, into) in changed.items():
        reads = {
            LIVE: rows[pk].key,
            DIVIDED: rows[pk].key,
            MERGED: rows[into].key if into and into in rows else targets.get(pk, ""),
            RETIRED: "",
        }[state]
        found.append(Change(rows[pk].key, state, reads))
    return sorted(found, key=lambda change: change.label)


def _to_look_at(wish: Wish, changed: Mapping[int, tuple[str, int | None]]) -> int:
    if wish.kind == Kind.UNDO:
        undone = undoable(wish)
        return taxonomy_looks.left(TaxonomyStep(kind=Kind.UNDO, undoes=undone, payload={}))
    return _decided(pk for pk, (state, _into) in changed.items() if state in (DIVIDED, RETIRED))
