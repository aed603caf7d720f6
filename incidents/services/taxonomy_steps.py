"""Steps of the taxonomy: tried out, taken, undone. What was said before is never rewritten: it reads otherwise."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from classifier.ml.taxonomy import LabelPath
from classifier.ml.taxonomy_map import RETIRED, Named, Step, fold_names, fold_steps, standing
from classifier.models import ModelVersion
from classifier.services.asking import request_comparison
from classifier.services.rereading import request_rereading
from incidents.labels import LabelProblem
from incidents.models import Category, Path, SubCategory, TaxonomyStep, TaxonomyVersion, User
from incidents.services import audit
from incidents.services.taxonomy import (
    MODELS,
    check_storable,
    current_version,
    former_names,
    insert_paths,
    new_version,
    stored_paths,
)
from incidents.taxonomy_plan import CATEGORY, SUB_CATEGORY, Name, Plan, TaxonomyRefused, Terms, Wish, plan

Kind = TaxonomyStep.Kind
NO_PATHS: dict[str, list[object]] = {"opens": [], "closes": [], "names": []}


def take(wish: Wish, *, by: User | None, reason: str = "", expected: int | None = None) -> TaxonomyStep:
    """Take a step, and have what reports show written anew. Raises TaxonomyRefused.

    `expected`: the taxonomy version of the preview that it was decided on; another one since refuses it.
    """
    with transaction.atomic():
        _in_turn(expected)
        step = _undo(wish) if wish.kind == Kind.UNDO else _plain(wish)
        step.by, step.reason = by, reason.strip()
        step.save()
        _write_fold()
        version = new_version(step)
        audit.record(f"taxonomy.{step.kind}", actor=by, subject=str(step), step=step.pk, version=version.pk)
        request_rereading(step)
        _have_champion_measured(step)
    return step


def _have_champion_measured(step: TaxonomyStep) -> None:
    """Where labels have moved, the model in charge decides otherwise than it was measured."""
    champion = ModelVersion.objects.champion()
    if champion and (step.undoes or step).part.closes:
        request_comparison(champion.pk)


def terms() -> Terms:
    """The taxonomy as it stands."""
    paths = stored_paths()
    names = {(kind, name): pk for kind, model in MODELS.items() for name, pk in model.objects.values_list("name", "pk")}
    return Terms(paths, dict(Path.objects.values_list("pk", "state")), names, former_names())


def future(wish: Wish) -> tuple[dict[int, tuple[str, int | None]], Plan]:
    """The state of every path if the step were taken, and its plan; a path that it makes has no number yet, and is 0.

    Raises TaxonomyRefused.
    """
    steps, following = TaxonomyStep.objects.parts(), _next_number()
    if wish.kind == Kind.UNDO:
        undone = undoable(wish)
        return fold_steps([*steps, Step(following, undoes=undone.pk)]), Plan(what=undone.words["what"])
    found, known = _checked(wish), stored_paths()
    closes = {pk: (state, known.get(into, 0) if into else None) for pk, (state, into) in found.closes.items()}
    return fold_steps([*steps, Step(following, {}, closes)]), found


def undoable(wish: Wish) -> TaxonomyStep:
    """The step that a wish wants undone, if it stands and no later one builds on it. Raises TaxonomyRefused."""
    step = TaxonomyStep.objects.filter(pk=wish.undoes or 0).first()
    if step is None:
        raise TaxonomyRefused(_("There is no such step."))
    valid = {one.pk for one in standing(TaxonomyStep.objects.parts())}
    if step.pk not in valid:
        raise TaxonomyRefused(_("Step %(number)s is undone already.") % {"number": step.pk})
    later = TaxonomyStep.objects.filter(pk__in=valid, pk__gt=step.pk).order_by("-pk")
    for other in later.exclude(undoes__gt=step.pk):  # a later step and its undoing are as if neither had been
        if touched(step) & touched(other):
            raise TaxonomyRefused(
                _("Step %(later)s changed the same labels since: undo that one first.") % {"later": other.pk}
            )
    return step


def touched(step: TaxonomyStep) -> set[object]:
    """What a step changed, or led to: numbers of paths, and of names with their kind. Of an undoing, what it undid."""
    if step.undoes:
        return touched(step.undoes)
    part = step.part
    paths = {*part.opens, *part.opens.values(), *part.closes, *(into for _state, into in part.closes.values())}
    return (paths - {None}) | {(kind, pk) for kind, pk, _was, _now in step.payload["names"]}


def _in_turn(expected: int | None) -> None:
    """One step at a time: whoever comes second waits, and sees what the first has done."""
    TaxonomyVersion.objects.select_for_update().order_by("-pk").first()
    if expected is not None and current_version().pk != expected:
        raise TaxonomyRefused(_("Somebody changed the taxonomy since this preview. Look at it once more."))


def _next_number() -> int:
    last = TaxonomyStep.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) + 1


def _checked(wish: Wish) -> Plan:
    """The plan of a step, with names that can be stored and leave something for the model to say."""
    have = terms()
    found = plan(wish, have)
    try:
        check_storable(found.opens, {path.key: path for path in have.paths})
        _check_renamed(found, have)
    except LabelProblem as problem:
        raise TaxonomyRefused(str(problem)[:1].upper() + str(problem)[1:] + ".") from problem
    return found


def _check_renamed(found: Plan, have: Terms) -> None:
    new = {(kind, was): now for kind, _pk, was, now in found.names}
    if new:
        check_storable([_renamed(path, new) for path in have.paths], {})


def _renamed(path: LabelPath, new: dict[Name, str]) -> LabelPath:
    categories = (new.get((CATEGORY, name), name) for name in path.categories)
    return LabelPath.of(categories, new.get((SUB_CATEGORY, path.sub_category), path.sub_category))


def _plain(wish: Wish) -> TaxonomyStep:
    """The step of a plan, unsaved, with the rows of the paths that it opens."""
    found = _checked(wish)
    rows, _categories, _sub_categories = insert_paths(found.opens)
    ids = stored_paths()
    payload = {
        "opens": [[row.pk, found.opens[path]] for path, row in rows.items()],
        "closes": [[pk, state, ids[into] if into else None] for pk, (state, into) in found.closes.items()],
        "names": [list(name) for name in found.names],
        "words": {"what": list(found.what), "into": list(found.into)},
    }
    return TaxonomyStep(kind=wish.kind, payload=payload)


def _undo(wish: Wish) -> TaxonomyStep:
    step = undoable(wish)
    return TaxonomyStep(kind=Kind.UNDO, undoes=step, payload=NO_PATHS | {"words": step.words})


def _write_fold() -> None:
    """Let the rows of paths and names say what the steps that stand make of them."""
    steps = TaxonomyStep.objects.parts()
    _write_states(fold_steps(steps))
    _write_names(fold_names(steps))
    _refuse_speechless_champion()


def _write_states(states: dict[int, tuple[str, int | None]]) -> None:
    changed = []
    for path in Path.objects.filter(pk__in=states):
        if (path.state, path.replaced_by_id) != states[path.pk]:
            path.state, path.replaced_by_id = states[path.pk]
            changed.append(path)
    Path.objects.bulk_update(changed, ["state", "replaced_by"])


def _write_names(names: Mapping[Named, str]) -> None:
    moved = False
    for kind, model in MODELS.items():
        wanted = {pk: name for (of, pk), name in names.items() if of == kind}
        rows = [row for row in model.objects.filter(pk__in=wanted) if row.name != wanted[row.pk]]
        for row in rows:
            _rename_row(model, row.pk, wanted[row.pk])
        moved = moved or bool(rows)
    if moved:
        _write_keys()


def _rename_row(model: type[Category] | type[SubCategory], pk: int, name: str) -> None:
    if model.objects.filter(name=name).exclude(pk=pk).exists():
        raise TaxonomyRefused(
            _("“%(name)s” is the name of another label by now: rename that one first.") % {"name": name}
        )
    model.objects.filter(pk=pk).update(name=name)


def _write_keys() -> None:
    """Keys follow the names of today, also those of paths that nobody chooses any more."""
    changed = []
    for path in Path.objects.with_names():
        key = LabelPath.of(path.category_names, path.sub_category_name).key
        if key != path.key:
            path.key = key
            changed.append(path)
    _refuse_same(path.key for path in changed)
    Path.objects.bulk_update(changed, ["key"])


def _refuse_same(keys: Iterable[str]) -> None:
    listed = list(keys)
    if len(set(listed)) < len(listed):
        raise TaxonomyRefused(_("Two labels would read alike: choose another name."))


def _refuse_speechless_champion() -> None:
    champion = ModelVersion.objects.select_related("snapshot").champion()
    if champion is None or not champion.snapshot.path_ids:
        return
    gone = Path.objects.filter(pk__in=champion.snapshot.path_ids, state=RETIRED).count()
    if gone == len(champion.snapshot.path_ids):
        raise TaxonomyRefused(
            _("The model in charge knows no other label: train one on the labels that stay, and promote it first.")
        )
