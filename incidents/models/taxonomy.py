"""Categories, sub-categories, the paths that join them, and the steps that change them."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.ml.taxonomy_map import Reading, Step, reading_of


class _Named(models.Model):
    name = models.CharField(max_length=200, unique=True)
    guide = models.TextField(blank=True, help_text="What belongs here, and what does not.")
    examples = models.JSONField(default=list, blank=True, help_text="A list of short example reports.")

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CategoryQuerySet(models.QuerySet["Category"]):
    def in_use(self) -> "CategoryQuerySet":
        """Those that a label in use stands under, or that no label ever did."""
        return self.filter(models.Q(paths__state=Path.State.LIVE) | models.Q(paths=None)).distinct()


class Category(_Named):
    objects = CategoryQuerySet.as_manager()

    class Meta(_Named.Meta):
        verbose_name_plural = "categories"


class SubCategoryQuerySet(models.QuerySet["SubCategory"]):
    def in_use(self) -> "SubCategoryQuerySet":
        """Those of labels in use, or of none ever."""
        return self.filter(models.Q(paths__state=Path.State.LIVE) | models.Q(paths=None)).distinct()


class SubCategory(_Named):
    objects = SubCategoryQuerySet.as_manager()

    class Meta(_Named.Meta):
        verbose_name = "sub-category"
        verbose_name_plural = "sub-categories"


class PathQuerySet(models.QuerySet["Path"]):
    def with_names(self) -> "PathQuerySet":
        """Paths with everything that their names need, and those they read as, in a constant number of queries."""
        named = self.select_related("sub_category", "replaced_by__sub_category")
        return named.prefetch_related("categories", "replaced_by__categories")

    def live(self) -> "PathQuerySet":
        """Those that a report can be labelled with today."""
        return self.filter(state=Path.State.LIVE)

    def reading(self) -> Reading:
        """How paths read today; one query, of those alone that do not simply read as themselves."""
        rows = list(self.exclude(state=Path.State.LIVE).order_by().values_list("pk", "state", "replaced_by"))
        return Reading(
            {pk: into for pk, state, into in rows if state != Path.State.DIVIDED},
            frozenset(pk for pk, state, _into in rows if state == Path.State.DIVIDED),
        )


class Path(models.Model):
    """What a report can be labelled with: a sub-category together with the categories that it implies.

    A sub-category that always comes with the same several categories is one path; one that comes now with this
    category and now with that is one path for each. A category without sub-category is a path without one.

    A path is never removed, so that what was said in it stays readable. Steps of the taxonomy move it:

    live -> merged (reads as `replaced_by`, which is live or divided) | retired (reads as nothing)
    live -> divided (reads as itself, not told apart yet; nobody chooses it any more)
    merged | retired | divided -> live (the step was undone)

    `state` and `replaced_by` are the fold of all steps that stand (`classifier.ml.taxonomy_map.fold_steps`).
    """

    class State(models.TextChoices):
        LIVE = "live", _("In use")
        MERGED = "merged", _("Merged")
        DIVIDED = "divided", _("Split, not told apart yet")
        RETIRED = "retired", _("Retired")

    sub_category = models.ForeignKey(SubCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="paths")
    categories = models.ManyToManyField(Category, related_name="paths")
    key = models.CharField(max_length=1000, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.LIVE, editable=False)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces", editable=False
    )

    objects = PathQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="only_merged_paths_are_replaced",
                condition=models.Q(state="merged", replaced_by__isnull=False)
                | (~models.Q(state="merged") & models.Q(replaced_by=None)),
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def category_names(self) -> tuple[str, ...]:
        return tuple(sorted(category.name for category in self.categories.all()))

    @property
    def sub_category_name(self) -> str:
        return self.sub_category.name if self.sub_category else ""

    @property
    def is_divided(self) -> bool:
        """Split into others, which nobody has told apart yet where it still stands."""
        return self.state == self.State.DIVIDED

    @property
    def present(self) -> "Path | None":
        """What it reads as today; None for a retired one."""
        return None if self.state == self.State.RETIRED else self.replaced_by or self


def present_paths(paths: Iterable[Path]) -> list[Path]:
    """What these paths read as today, each once, by name. Give them with their names (`with_names`)."""
    found = {present.pk: present for path in paths if (present := path.present)}
    return sorted(found.values(), key=lambda path: path.key)


class TaxonomyStepQuerySet(models.QuerySet["TaxonomyStep"]):
    def parts(self) -> list[Step]:
        """What each did to paths and names, in their order."""
        return [step.part for step in self.order_by("pk")]

    def reading(self) -> Reading:
        """How paths read after these steps and no others."""
        return reading_of(self.parts())


class TaxonomyStep(models.Model):
    """One change of the taxonomy, append-only. To undo one is a further step.

    `payload` says what it did, by numbers and by the names of that time: `opens` paths ([number, origin or null]),
    `closes` paths ([number, state, number of the replacing path or null]), `names` that changed
    ([kind, number, was, now]), and `words`, which people read.
    """

    class Kind(models.TextChoices):
        ADD = "add", _("Add")
        RENAME = "rename", _("Rename")
        MERGE = "merge", _("Merge")
        SPLIT = "split", _("Split")
        MOVE = "move", _("Move")
        RETIRE = "retire", _("Retire")
        UNDO = "undo", _("Undo")

    kind = models.CharField(max_length=10, choices=Kind)
    payload = models.JSONField()
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_to = models.BigIntegerField(default=0, help_text="The last report that was read anew after it.")
    read_at = models.DateTimeField(null=True, help_text="When all reports had been read anew.")

    objects = TaxonomyStepQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"taxonomy step {self.pk}"

    @property
    def part(self) -> Step:
        opens = {int(path): origin for path, origin in self.payload["opens"]}
        closes = {int(path): (str(state), into) for path, state, into in self.payload["closes"]}
        names = {(str(kind), int(pk)): (str(was), str(now)) for kind, pk, was, now in self.payload["names"]}
        return Step(self.pk, opens, closes, self.undoes_id, names)

    @property
    def words(self) -> dict[str, list[str]]:
        """Names of that time: `what` it was about, and `into` what."""
        words: dict[str, list[str]] = self.payload["words"]
        return words

    @property
    def asks_for_training(self) -> bool:
        """Whether it made labels that no model knows yet."""
        return self.kind in {self.Kind.ADD, self.Kind.SPLIT}


class TaxonomyVersion(models.Model):
    """One state of the set of live paths; predictions and labels name the one they were made under.

    The newest is the present one. An undone step may bring an earlier set back: then two versions share their hash.
    """

    content_hash = models.CharField(max_length=64, db_index=True)
    path_keys = models.JSONField()
    step = models.OneToOneField(TaxonomyStep, null=True, on_delete=models.PROTECT, related_name="version")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"taxonomy {self.pk}"
