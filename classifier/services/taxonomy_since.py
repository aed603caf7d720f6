"""What words of an earlier taxonomy version say today.

Rows that keep words (outcomes of test reports, policies) keep those of their moment, and the number of their taxonomy
version. Here is the one place that reads them: renamed labels by their new names, merged ones as what they became,
retired ones as nothing; a split one stays whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from classifier.ml.taxonomy import LabelPath, join_labels
from classifier.ml.taxonomy_map import Named, Reading, fold_names, reading_of
from incidents.labels import split_cell
from incidents.models import Category, Path, TaxonomyStep, TaxonomyVersion

CATEGORY = "category"  # the kind of a category's name in steps


@dataclass(frozen=True)
class Moved:
    """A label that reads otherwise than then, in words of today; None: as nothing. `divided`: it was split since."""

    label: LabelPath
    before: LabelPath | None
    now: LabelPath | None
    divided: bool


@dataclass(frozen=True)
class Since:
    """From one taxonomy version to that of today; empty where nothing has changed.

    `paths` and `categories` hold those words alone that are others today: of a path that says nothing any more None, of
    a category the names that took its place, if any did. `moved`, by number, holds the paths that read otherwise than
    then, whatever they are called.
    """

    paths: Mapping[LabelPath, LabelPath | None] = field(default_factory=dict)
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    then: frozenset[str] = frozenset()  # the names of all categories then
    now: frozenset[str] = frozenset()
    moved: Mapping[int, Moved] = field(default_factory=dict)

    def category_text(self, text: str) -> str | None:
        """Joined categories, in the words of today; None where nothing is left of them."""
        if not self.categories:
            return text
        then = split_cell(text, self.then)
        return join_labels(name for one in then for name in self.categories.get(one, (one,))) or None

    def names_in(self, text: str) -> tuple[str, ...]:
        """The names in joined categories of today."""
        return split_cell(text, self.now)

    def moved_of(self, path_ids: Iterable[int]) -> list[Moved]:
        """What has moved of these paths."""
        return [self.moved[pk] for pk in path_ids if pk in self.moved]


def since(taxonomy_version: int | None) -> Since:
    """One query while no step was taken since. None stands for a row that keeps no words of the taxonomy."""
    if taxonomy_version is None or not TaxonomyStep.objects.filter(version__pk__gt=taxonomy_version).exists():
        return Since()
    steps, last = TaxonomyStep.objects.parts(), _last_step(taxonomy_version)
    then, now = reading_of([step for step in steps if step.pk <= last]), reading_of(steps)
    rows = Path.objects.with_names().in_bulk()
    today = {pk: LabelPath(row.category_names, row.sub_category_name) for pk, row in rows.items()}
    names = _Names(fold_names(steps, until=last))
    paths = {names.of(row): today.get(into) if (into := now.of(pk)) is not None else None for pk, row in rows.items()}
    return Since(
        paths={path: into for path, into in paths.items() if path != into},
        categories=_categories(rows, names, then, now),
        then=frozenset(name for row in rows.values() for name in names.categories(row)),
        now=frozenset(name for path in today.values() for name in path.categories),
        moved={pk: _moved(pk, today, then, now) for pk in rows if _is_moved(pk, then, now)},
    )


def paths_then(path_ids: Sequence[int], taxonomy_version: int) -> tuple[LabelPath, ...]:
    """These paths as they were called in that version, in the given order."""
    names = _Names(fold_names(TaxonomyStep.objects.parts(), until=_last_step(taxonomy_version)))
    rows = Path.objects.with_names().in_bulk(path_ids)
    return tuple(names.of(rows[pk]) for pk in path_ids)


def newest_version() -> int | None:
    """The number of the taxonomy version of today; None before the first label."""
    return TaxonomyVersion.objects.order_by("-pk").values_list("pk", flat=True).first()


def _last_step(taxonomy_version: int) -> int:
    earlier = TaxonomyStep.objects.filter(version__pk__lte=taxonomy_version)
    return max(earlier.values_list("pk", flat=True), default=0)


@dataclass(frozen=True)
class _Names:
    """What rows were called then; `renamed` holds what was ever called otherwise."""

    renamed: Mapping[Named, str]

    def category(self, row: Category) -> str:
        return self.renamed.get((CATEGORY, row.pk), row.name)

    def categories(self, row: Path) -> list[str]:
        return [self.category(one) for one in row.categories.all()]

    def of(self, row: Path) -> LabelPath:
        sub = row.sub_category
        named = self.renamed.get(("sub_category", sub.pk), sub.name) if sub else ""
        return LabelPath.of(self.categories(row), named)


def _categories(rows: Mapping[int, Path], names: _Names, then: Reading, now: Reading) -> dict[str, tuple[str, ...]]:
    below: dict[Category, list[Path]] = defaultdict(list)
    for row in rows.values():
        for category in row.categories.all():
            below[category].append(row)
    found = {}
    for category, paths in below.items():
        was = names.category(category)
        told = [(path, rows[into]) for path in paths if then.of(path.pk) == path.pk and (into := now.of(path.pk))]
        in_use = any(then.of(path.pk) == path.pk for path in paths)
        today = _in_its_place(category, told) if in_use else (category.name,)
        if today != (was,):
            found[was] = today
    return found


def _in_its_place(category: Category, told: Sequence[tuple[Path, Path]]) -> tuple[str, ...]:
    """What a category is today, of whose labels each is told with what it became: itself while it holds one of them,
    else what all of them stand under instead; nothing where that is not one and the same.
    """
    after = {frozenset({*now.categories.all()} - ({*was.categories.all()} - {category})) for was, now in told}
    if any(category in categories for categories in after):
        return (category.name,)
    return tuple(sorted(one.name for one in after.pop())) if len(after) == 1 else ()


def _is_moved(pk: int, then: Reading, now: Reading) -> bool:
    return then.of(pk) != now.of(pk) or (pk in now.divided) != (pk in then.divided)


def _moved(pk: int, today: Mapping[int, LabelPath], then: Reading, now: Reading) -> Moved:
    before, after = then.of(pk), now.of(pk)
    return Moved(
        today[pk],
        today.get(before) if before is not None else None,
        today.get(after) if after is not None else None,
        pk in now.divided,
    )
