"""Categories, sub-categories and the paths that join them."""

from django.db import models


class _Named(models.Model):
    name = models.CharField(max_length=200, unique=True)
    guide = models.TextField(blank=True, help_text="What belongs here, and what does not.")
    examples = models.JSONField(default=list, blank=True, help_text="A list of short example reports.")

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Category(_Named):
    class Meta(_Named.Meta):
        verbose_name_plural = "categories"


class SubCategory(_Named):
    class Meta(_Named.Meta):
        verbose_name = "sub-category"
        verbose_name_plural = "sub-categories"


class PathQuerySet(models.QuerySet["Path"]):
    def with_names(self) -> "PathQuerySet":
        """Paths with everything that their names need, in a constant number of queries."""
        return self.select_related("sub_category").prefetch_related("categories")


class Path(models.Model):
    """What a report can be labelled with: a sub-category together with the categories that it implies.

    A sub-category that always comes with the same several categories is one path; one that comes now with this
    category and now with that is one path for each. A category without sub-category is a path without one.
    """

    sub_category = models.ForeignKey(SubCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="paths")
    categories = models.ManyToManyField(Category, related_name="paths")
    key = models.CharField(max_length=1000, unique=True, editable=False)

    objects = PathQuerySet.as_manager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

    @property
    def category_names(self) -> tuple[str, ...]:
        return tuple(sorted(category.name for category in self.categories.all()))

    @property
    def sub_category_name(self) -> str:
        return self.sub_category.name if self.sub_category else ""


class TaxonomyVersion(models.Model):
    """One state of the set of paths; predictions and labels name the one they were made under."""

    content_hash = models.CharField(max_length=64, unique=True)
    path_keys = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"taxonomy {self.pk}"
