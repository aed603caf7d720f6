"""Which paths rows of labels define, and which paths a row means. Plain Python over names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from classifier.ml.taxonomy import LabelPath
from incidents.labels import LabelProblem, Names, Pairing, quoted


def defined_paths(rows: Iterable[Pairing], known: Iterable[LabelPath] = ()) -> list[LabelPath]:
    """The paths that rows define beside the `known` ones, sorted.

    A row with one sub-category says which categories it sits under; a row without one says that its categories
    stand alone; a row with several defines nothing. Of the category sets of a sub-category those become paths
    that are not made up of smaller ones: {a} and {b} make {a, b} two labels, not a third path; so do {a} and a
    `b` that stands alone.
    """
    kept = _families(known)
    seen: dict[str, set[frozenset[str]]] = defaultdict(set)
    for categories, sub_categories in rows:
        if not sub_categories:
            seen[""] |= {frozenset({name}) for name in categories}
        elif categories and len(sub_categories) == 1:
            seen[sub_categories[0]].add(frozenset(categories))
    new = []
    for sub_category in sorted(seen):  # "" comes first: the others may lean on it
        family = kept[sub_category]
        for one in sorted(seen[sub_category] - family, key=lambda one: (len(one), sorted(one))):
            if not _made_up(one, family, kept[""]):
                family.add(one)
                new.append(LabelPath.of(one, sub_category))
    return sorted(new)


def _families(paths: Iterable[LabelPath]) -> dict[str, set[frozenset[str]]]:
    families: dict[str, set[frozenset[str]]] = defaultdict(set)
    for path in paths:
        families[path.sub_category].add(frozenset(path.categories))
    return families


def _made_up(categories: frozenset[str], family: set[frozenset[str]], alone: set[frozenset[str]]) -> bool:
    smaller = frozenset[str]().union(*(one for one in family if one < categories))
    return bool(smaller) and smaller.union(*(one for one in alone if one < categories)) == categories


@dataclass(frozen=True)
class PathBook:
    """The paths that there are, and the reading of a row's labels by them."""

    families: Mapping[str, Collection[frozenset[str]]]

    @classmethod
    def of(cls, paths: Iterable[LabelPath]) -> "PathBook":
        return cls(dict(_families(paths)))

    def resolve(self, categories: Names, sub_categories: Names) -> tuple[LabelPath, ...]:
        """The paths that a row means: its categories and sub-categories are exactly those of the paths.

        Each sub-category takes the listed categories that it sits under; a category that none of them takes must
        be able to stand alone. Raises LabelProblem for anything else. No labels at all give no paths.
        """
        self._check_known(categories, sub_categories)
        listed = frozenset(categories)
        paths = [path for name in sub_categories for path in self._taken(name, listed)]
        left = listed.difference(*(path.categories for path in paths))
        alone = self._fitting("", left)
        if unclear := sorted(left.difference(*(path.categories for path in alone))):
            raise LabelProblem(_nobody_takes(unclear, sub_categories))
        return tuple(sorted({*paths, *alone}))

    def _check_known(self, categories: Names, sub_categories: Names) -> None:
        if sub_categories and not categories:
            raise LabelProblem(
                gettext("the sub-category %(name)s stands without a category: write it beside it")
                % {"name": quoted(*sub_categories)}
            )
        known = {name for family in self.families.values() for one in family for name in one}
        for lacks, names, taxonomy in (
            (gettext("the taxonomy has no category %(names)s: "), categories, known),
            (gettext("the taxonomy has no sub-category %(names)s: "), sub_categories, self.families),
        ):
            if lacking := [name for name in names if name not in taxonomy]:
                raise LabelProblem(lacks % {"names": quoted(*lacking)} + _how_to_add(single=len(names) == 1))

    def _taken(self, sub_category: str, listed: frozenset[str]) -> list[LabelPath]:
        if fitting := self._fitting(sub_category, listed):
            return fitting
        both, either = gettext(" and "), gettext("; or ")
        places = either.join(sorted(both.join(map(quoted, sorted(one))) for one in self.families[sub_category]))
        raise LabelProblem(
            gettext(
                "the sub-category %(name)s does not sit under %(listed)s but under %(places)s: correct the row, or "
                "let the import add labels (--create-labels), which takes the pair from a row with this label only"
            )
            % {"name": quoted(sub_category), "listed": quoted(*sorted(listed)), "places": places}
        )

    def _fitting(self, sub_category: str, listed: frozenset[str]) -> list[LabelPath]:
        """The largest paths of a sub-category whose categories are all listed."""
        inside = [one for one in self.families.get(sub_category, ()) if one <= listed]
        largest = [one for one in inside if not any(one < other for other in inside)]
        return [LabelPath.of(one, sub_category) for one in largest]


def _how_to_add(*, single: bool) -> str:
    if single:
        return gettext("add it, or let the import add labels (--create-labels)")
    return gettext(
        "add it, or let the import add labels (--create-labels); new ones come from rows with one sub-category, and "
        "one that holds “ or ” has to be named (--label-name)"
    )


def _nobody_takes(categories: list[str], sub_categories: Names) -> str:
    if not sub_categories:
        return gettext(
            "the category %(names)s needs a sub-category: write it, or let the import add labels (--create-labels)"
        ) % {"names": quoted(*categories)}
    return gettext(
        "ambiguous: none of the listed sub-categories sits under %(names)s, which does not stand alone either: give "
        "each of the report's labels a row of its own"
    ) % {"names": quoted(*categories)}
