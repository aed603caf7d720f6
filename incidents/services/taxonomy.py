"""The taxonomy as rows: its present version, and how labels are added."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext

from classifier.ml.taxonomy import LabelPath
from incidents.labels import LabelProblem, check_name
from incidents.models import Category, Path, SubCategory, TaxonomyStep, TaxonomyVersion, User
from incidents.paths import defined_paths
from incidents.services import audit
from incidents.taxonomy_plan import CATEGORY, SUB_CATEGORY, Name

MODELS: dict[str, type[Category] | type[SubCategory]] = {CATEGORY: Category, SUB_CATEGORY: SubCategory}
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
    """The present version: the newest. One query, but for the first time of all."""
    return TaxonomyVersion.objects.order_by("-pk").first() or new_version()


def new_version(step: TaxonomyStep | None = None) -> TaxonomyVersion:
    """Write down the paths that can be chosen now, as whatever changed them has to."""
    keys = sorted(Path.objects.live().values_list("key", flat=True))
    content_hash = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    return TaxonomyVersion.objects.create(content_hash=content_hash, path_keys=keys, step=step)


def stored_paths() -> dict[LabelPath, int]:
    """Every path with its id, also those that nobody chooses any more."""
    return {LabelPath.of(path.category_names, path.sub_category_name): path.pk for path in Path.objects.with_names()}


def former_names() -> dict[Name, int]:
    """Whose name each name was before some step renamed it, by kind and name."""
    found: dict[Name, int] = {}
    for step in TaxonomyStep.objects.filter(kind=TaxonomyStep.Kind.RENAME).order_by("pk"):
        for kind, pk, was, now in step.payload["names"]:
            found[kind, was] = found[kind, now] = pk
    return found


def names_of_today() -> dict[Name, str]:
    """What each former name, by kind, is today."""
    today = {(kind, pk): name for kind, model in MODELS.items() for pk, name in model.objects.values_list("pk", "name")}
    names = {(kind, name) for (kind, _pk), name in today.items()}
    found = former_names()
    return {(kind, was): today[kind, pk] for (kind, was), pk in found.items() if (kind, was) not in names}


def refuse_closed(path_ids: Collection[int]) -> None:
    """Raises ValidationError, which says what became of it, where a label cannot be chosen any more."""
    closed = Path.objects.exclude(state=Path.State.LIVE).filter(pk__in=path_ids).select_related("replaced_by")
    if sentences := [what_became_of(path) for path in closed]:
        raise ValidationError(sentences)


def what_became_of(path: Path) -> str:
    """A sentence on a label that cannot be chosen any more."""
    names = {"label": path.key, "into": path.replaced_by.key if path.replaced_by else ""}
    if path.replaced_by:
        return gettext("“%(label)s” was merged or moved meanwhile: choose “%(into)s”.") % names
    if path.is_divided:
        return gettext("“%(label)s” was split meanwhile: choose one of its parts.") % names
    return gettext("“%(label)s” was retired meanwhile: choose another label.") % names


def label_names() -> tuple[set[str], set[str]]:
    """The names of all categories and of all sub-categories, with paths or without."""
    return (
        set(Category.objects.values_list("name", flat=True)),
        set(SubCategory.objects.values_list("name", flat=True)),
    )


@transaction.atomic
def create_paths(paths: Iterable[LabelPath], *, by: User | None = None) -> Created:
    """Add the paths that are not there yet, with their labels. Audited, and a new version, when there was something.

    Raises LabelProblem, and adds nothing, for a name that cannot be stored or that makes two paths read alike.
    """
    have = stored_paths()
    wanted = sorted({path for path in paths if path not in have})
    check_storable(wanted, {path.key: path for path in have})
    _rows, new_categories, new_sub_categories = insert_paths(wanted)
    created = Created(new_categories, new_sub_categories, len(wanted))
    if wanted:
        new_version()
        audit.record(
            "taxonomy.extended",
            actor=by,
            paths=created.paths,
            categories=created.categories,
            sub_categories=created.sub_categories,
        )
    return created


def insert_paths(wanted: Iterable[LabelPath]) -> tuple[dict[LabelPath, Path], int, int]:
    """The rows of new, checked paths, and how many categories and sub-categories were new with them."""
    wanted = list(wanted)
    categories, new_categories = _named(Category, {name for path in wanted for name in path.categories})
    sub_categories, new_sub_categories = _named(SubCategory, {path.sub_category for path in wanted} - {""})
    rows = {}
    for path in wanted:
        row = Path.objects.create(key=path.key, sub_category=sub_categories.get(path.sub_category))
        row.categories.set(categories[name] for name in path.categories)
        rows[path] = row
    return rows, new_categories, new_sub_categories


def check_storable(wanted: Iterable[LabelPath], by_key: dict[str, LabelPath]) -> None:
    """Raises LabelProblem for a name that cannot be stored, or that makes two paths read alike."""
    for path in wanted:
        for name in (*path.categories, path.sub_category):
            check_name(name)
        if len(path.key) > MAX_KEY:
            raise LabelProblem(
                gettext("a path's name has %(length)s characters; at most %(most)s are taken")
                % {"length": f"{len(path.key):,}", "most": f"{MAX_KEY:,}"}
            )
        if path.key in by_key:
            raise LabelProblem(
                gettext("two paths would both read “%(key)s”: rename one of their labels") % {"key": path.key}
            )
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
