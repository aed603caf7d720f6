"""What a step of the taxonomy would do, worked out over names before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from classifier.ml.taxonomy import LabelPath, join_labels
from classifier.ml.taxonomy_map import DIVIDED, LIVE, MERGED, RETIRED

CATEGORY, SUB_CATEGORY = "category", "sub_category"
Name = tuple[str, str]  # a kind of name, and the name


class TaxonomyRefused(Exception):
    """The step is not taken, or not in this way; the message says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants. The label is named by its key; a category by its name, where the whole of it is meant."""

    kind: str
    label: str = ""
    category: str = ""
    into: str = ""  # merge: a label's key, or a category's name
    name: str = ""  # rename: the new name; add: the sub-category, "" for a category alone
    names: tuple[str, ...] = ()  # split: the sub-categories that it is cut into
    categories: tuple[str, ...] = ()  # move, add: where it is to stand
    undoes: int | None = None

    @property
    def what(self) -> str:
        return self.label or self.category


@dataclass(frozen=True)
class Terms:
    """The taxonomy as it stands: every path by its names, with its number and state, and who had which name before."""

    paths: Mapping[LabelPath, int]
    states: Mapping[int, str]
    names: Mapping[Name, int]
    former: Mapping[Name, int] = field(default_factory=dict)

    @property
    def live(self) -> list[LabelPath]:
        return [path for path, pk in self.paths.items() if self.states[pk] == LIVE]

    def label(self, key: str) -> LabelPath:
        """The live label of that key."""
        found = next((path for path in self.paths if path.key == key), None)
        if found is None:
            raise TaxonomyRefused(_("There is no label “%(label)s”.") % {"label": key})
        if self.states[self.paths[found]] != LIVE:
            raise TaxonomyRefused(_("“%(label)s” is not in use any more: look at the list of steps.") % {"label": key})
        return found

    def under(self, category: str) -> list[LabelPath]:
        """The live labels of a category."""
        found = [path for path in self.live if category in path.categories]
        if not found:
            raise TaxonomyRefused(_("There is no category “%(name)s” with labels in use.") % {"name": category})
        return found


@dataclass(frozen=True)
class Plan:
    """opens: new paths, each with the number of the one that it comes from. closes: numbers of paths, with the state
    that they get and the path that takes their place. names: kind, number, what it was, what it is to be.
    """

    opens: Mapping[LabelPath, int | None] = field(default_factory=dict)
    closes: Mapping[int, tuple[str, LabelPath | None]] = field(default_factory=dict)
    names: Sequence[tuple[str, int, str, str]] = ()
    what: Sequence[str] = ()
    into: Sequence[str] = ()


def plan(wish: Wish, terms: Terms) -> Plan:
    """Raises TaxonomyRefused. Undoing is no plan of its own: the other steps decide what is left."""
    found = PLANS[wish.kind](wish, terms)
    if not (found.opens or found.closes or found.names):
        raise TaxonomyRefused(_("This changes nothing."))
    return found


def _add(wish: Wish, terms: Terms) -> Plan:
    categories = _cleaned(wish.categories)
    if not categories:
        raise TaxonomyRefused(_("Say under which category it is to stand, or name a new one."))
    path = LabelPath.of(categories, wish.name.strip())
    _refuse_taken(path, terms)
    return Plan(opens={path: None}, what=[path.key])


def _rename(wish: Wish, terms: Terms) -> Plan:
    now, kind, was = wish.name.strip(), CATEGORY, wish.category
    if wish.label:
        path = terms.label(wish.label)
        kind, was = (SUB_CATEGORY, path.sub_category) if path.sub_category else (CATEGORY, join_labels(path.categories))
    if (kind, was) not in terms.names:
        raise TaxonomyRefused(_("There is no category “%(name)s”.") % {"name": was})
    if not now:
        raise TaxonomyRefused(_("Write the new name."))
    pk = terms.names[kind, was]
    if terms.names.get((kind, now), pk) != pk:
        raise TaxonomyRefused(
            _("“%(name)s” is the name of another label: choose another name, or merge the two.") % {"name": now}
        )
    _refuse_former((kind, now), terms, but=pk)
    return Plan(names=[(kind, pk, was, now)] if now != was else [], what=[was], into=[now])


def _merge(wish: Wish, terms: Terms) -> Plan:
    if wish.what == wish.into:
        raise TaxonomyRefused(_("A label cannot be merged into itself: choose another one."))
    if wish.category:
        terms.under(wish.into)
        return _recategorised(wish, terms, wish.into)
    path, into = terms.label(wish.label), terms.label(wish.into)
    return Plan(closes={terms.paths[path]: (MERGED, into)}, what=[path.key], into=[into.key])


def _move(wish: Wish, terms: Terms) -> Plan:
    path, categories = terms.label(wish.label), _cleaned(wish.categories)
    if not path.sub_category:
        raise TaxonomyRefused(_("Only a sub-category can be moved: a category is merged or renamed."))
    if not categories:
        raise TaxonomyRefused(_("Choose the category that it is to stand under."))
    target = LabelPath.of(categories, path.sub_category)
    if target == path:
        raise TaxonomyRefused(_("It stands there already."))
    _refuse_taken(target, terms)
    pk = terms.paths[path]
    return Plan({target: pk}, {pk: (MERGED, target)}, what=[path.key], into=[target.key])


def _split(wish: Wish, terms: Terms) -> Plan:
    path, names = terms.label(wish.label), _cleaned(wish.names)
    if len(names) < 2:
        raise TaxonomyRefused(_("Name at least two parts, one in each line."))
    parts = [LabelPath.of(path.categories, name) for name in names]
    if path in parts:
        raise TaxonomyRefused(
            _("A part cannot have the name of the whole: “%(name)s” would mean two things.")
            % {"name": path.sub_category}
        )
    live, pk = set(terms.live), terms.paths[path]
    new = [part for part in parts if part not in live]
    for part in new:
        _refuse_taken(part, terms)
    return Plan(
        opens=dict.fromkeys(new, pk),
        closes={pk: (DIVIDED, None)},
        what=[path.key],
        into=[part.key for part in parts],
    )


def _retire(wish: Wish, terms: Terms) -> Plan:
    if wish.category:
        return _recategorised(wish, terms, None)
    path = terms.label(wish.label)
    return Plan(closes={terms.paths[path]: (RETIRED, None)}, what=[path.key])


def _recategorised(wish: Wish, terms: Terms, into: str | None) -> Plan:
    """All labels of a category stand under another one instead, or without it."""
    opens: dict[LabelPath, int | None] = {}
    closes: dict[int, tuple[str, LabelPath | None]] = {}
    live = set(terms.live)
    for path in terms.under(wish.category):
        kept = {*path.categories} - {wish.category} | ({into} if into else set())
        if not kept:
            closes[terms.paths[path]] = RETIRED, None
            continue
        target = LabelPath.of(kept, path.sub_category)
        closes[terms.paths[path]] = MERGED, target
        if target not in live:
            _refuse_taken(target, terms)
            opens[target] = None if target in opens else terms.paths[path]
    return Plan(opens, closes, what=[wish.category], into=[into] if into else [])


def _refuse_taken(path: LabelPath, terms: Terms) -> None:
    """A new label may be none that there is, or was: what was said in it would come to mean something else."""
    pk = terms.paths.get(path)
    if pk is not None and terms.states[pk] == LIVE:
        raise TaxonomyRefused(_("There is a label “%(label)s” already.") % {"label": path.key})
    if pk is not None:
        raise TaxonomyRefused(
            _("“%(label)s” was merged, split or retired by an earlier step: undo that step, or choose another name.")
            % {"label": path.key}
        )
    for name in (*((CATEGORY, one) for one in path.categories), (SUB_CATEGORY, path.sub_category)):
        _refuse_former(name, terms)


def _refuse_former(name: Name, terms: Terms, but: int | None = None) -> None:
    if name not in terms.names and terms.former.get(name, but) != but:
        raise TaxonomyRefused(
            _("“%(name)s” was the name of another label, and old files still mean that one: choose another name.")
            % {"name": name[1]}
        )


def _cleaned(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


PLANS: Mapping[str, Callable[[Wish, Terms], Plan]] = {
    "add": _add,
    "rename": _rename,
    "merge": _merge,
    "move": _move,
    "split": _split,
    "retire": _retire,
}
