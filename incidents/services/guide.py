"""The taxonomy as people read it: each category with the sub-categories that sit under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from incidents.models import Category, Path, SubCategory, User
from incidents.services import audit


@dataclass(frozen=True)
class Chapter:
    category: Category
    sub_categories: tuple[SubCategory, ...]


def read_guide(words: str = "") -> list[Chapter]:
    """The chapters in which every one of `words` occurs; three queries for any size of taxonomy.

    A category that fits is shown whole; of another only the sub-categories that fit are shown.
    """
    needles = words.casefold().split()
    below: dict[int, list[SubCategory]] = {}
    for path in Path.objects.live().exclude(sub_category=None).with_names().order_by("sub_category__name"):
        assert path.sub_category
        for category in path.categories.all():
            below.setdefault(category.pk, []).append(path.sub_category)
    chapters = (_chapter(category, below.get(category.pk, []), needles) for category in Category.objects.in_use())
    return [chapter for chapter in chapters if chapter]


@transaction.atomic
def write_guide(entry: Category | SubCategory, *, guide: str, examples: Sequence[str], by: User) -> None:
    """Say anew what belongs to a label. It is no step of the taxonomy: what was said with it stays as it is."""
    entry.guide, entry.examples = guide.strip(), list(examples)
    entry.save(update_fields=["guide", "examples"])
    audit.record("taxonomy.guide_written", actor=by, subject=entry.name)


def _chapter(category: Category, below: list[SubCategory], needles: list[str]) -> Chapter | None:
    distinct = tuple(dict.fromkeys(below))
    if _fits(category, needles):
        return Chapter(category, distinct)
    fitting = tuple(one for one in distinct if _fits(one, needles))
    return Chapter(category, fitting) if fitting else None


def _fits(entry: Category | SubCategory, needles: list[str]) -> bool:
    text = " ".join([entry.name, entry.guide, *entry.examples]).casefold()
    return all(needle in text for needle in needles)
