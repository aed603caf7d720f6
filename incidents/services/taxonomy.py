"""The taxonomy as rows: its present version, and how labels are added."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import models, transaction

from classifier.ml.taxonomy import LabelPath
from incidents.labels import LabelProblem, check_name
from incidents.models import Category, Path, SubCategory, TaxonomyVersion, User
from incidents.paths import defined_paths
from incidents.services import audit

MAX_KEY = 1000  # characters; the column's width
Row = TypeVar("Row", Category, SubCategory)


class Guided(Protocol):
    """A label with its guide text."""

    @property
    def name(self) -> str: ...
    @property
    def guide(self) -> str: ...
    @property
    def examples(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Created:
    """How many rows were new."""

    categories: int = 0
    sub_categories: int = 0
    paths: int = 0


def current_version() -> TaxonomyVersion:
    """The version that stands for the paths that there are now; made when they are new."""
    keys = sorted(Path.objects.values_list("key", flat=True))
    content_hash = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    return TaxonomyVersion.objects.get_or_create(content_hash=content_hash, defaults={"path_keys": keys})[0]


def stored_paths() -> dict[LabelPath, int]:
    """Every path with its id."""
    return {LabelPath.of(path.category_names, path.sub_category_name): path.pk for path in Path.objects.with_names()}


def label_names() -> tuple[set[str], set[str]]:
    """The names of all categories and of all sub-categories, with paths or without."""
    return (
        set(Category.objects.values_list("name", flat=True)),
        set(SubCategory.objects.values_list("name", flat=True)),
    )


@transaction.atomic
def create_paths(paths: Iterable[LabelPath], *, by: User | None = None) -> Created:
    """Add the paths that are not there yet, with their labels. Audited when there was something to add.

    Raises LabelProblem, and adds nothing, for a name that cannot be stored or that makes two paths read alike.
    """
    have = stored_paths()
    wanted = sorted({path for path in paths if path not in have})
    _check_storable(wanted, {path.key: path for path in have})
    categories, new_categories = _named(Category, {name for path in wanted for name in path.categories})
    sub_categories, new_sub_categories = _named(SubCategory, {path.sub_category for path in wanted} - {""})
    for path in wanted:
        row = Path.objects.create(key=path.key, sub_category=sub_categories.get(path.sub_category))
        row.categories.set(categories[name] for name in path.categories)
    created = Created(new_categories, new_sub_categories, len(wanted))
    if wanted:
        audit.record(
            "taxonomy.extended",
            actor=by,
            paths=created.paths,
            categories=created.categories,
            sub_categories=created.sub_categories,
        )
    return created


def _check_storable(wanted: Iterable[LabelPath], by_key: dict[str, LabelPath]) -> None:
    for path in wanted:
        for name in (*path.categories, path.sub_category):
            check_name(name)
        if len(path.key) > MAX_KEY:
            raise LabelProblem(f"a path's name has {len(path.key):,} characters; at most {MAX_KEY:,} are taken")
        if path.key in by_key:
            raise LabelProblem(f"two paths would both read “{path.key}”: rename one of their labels")
        by_key[path.key] = path


def _named(model: type[Row], names: set[str]) -> tuple[dict[str, Row], int]:
    """The rows of these names, made where they lack, and how many were made."""
    have = set(model.objects.filter(name__in=names).values_list("name", flat=True))
    model.objects.bulk_create((model(name=name) for name in sorted(names - have)), ignore_conflicts=True)
    return {row.name: row for row in model.objects.filter(name__in=names)}, len(names - have)


def load_taxonomy(
    rows: Iterable[tuple[str, str]], categories: Iterable[Guided] = (), sub_categories: Iterable[Guided] = ()
) -> Created:
    """Add (category, sub-category) rows as paths, and guide texts where a label has none yet."""
    pairings = [((category,), (sub_category,) if sub_category else ()) for category, sub_category in rows]
    with transaction.atomic():
        created = create_paths(defined_paths(pairings, stored_paths()))
        _add_guides(Category, categories)
        _add_guides(SubCategory, sub_categories)
    return created


def _add_guides(model: type[models.Model], labels: Iterable[Guided]) -> None:
    for label in labels:
        model._default_manager.filter(name=label.name, guide="").update(
            guide=label.guide, examples=list(label.examples)
        )
