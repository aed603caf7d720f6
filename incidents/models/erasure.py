"""What is erased, what may not be, and what is erased by itself once it is old."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """One request to erase reports, and perhaps the account of who filed them. It tells numbers, never a word.

    erasing -> erased. From the first moment on nobody finds the reports any more; a job takes their words out of all
    places, stage by stage, and a job that failed goes on from its stage once it is queued again.
    """

    class State(models.TextChoices):
        ERASING = "erasing", _("Erasing")
        ERASED = "erased", _("Erased")

    class Stage(models.TextChoices):
        QUOTES = "quotes", _("Where other rows quote them")
        MODELS = "models", _("Datasets and models")
        REPORTS = "reports", _("The reports and their files")
        ACCOUNT = "account", _("The account")
        DATABASE = "database", _("What the database still holds of deleted rows")
        DONE = "done", _("Nothing is left to do")

    class Cause(models.TextChoices):
        PERSON = "person", _("A person")
        RETENTION = "retention", _("Retention")

    state = models.CharField(max_length=10, choices=State, default=State.ERASING)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.QUOTES)
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.PERSON)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Of the reporter whose account goes, too.",
    )  # fmt: skip
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, help_text="Why; it stays, so it names nobody.")
    reports = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, blank=True, help_text="How much was erased, by place.")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        permissions = [("erase_reports", "Can erase reports and accounts, and set how long reports are kept")]
        constraints = [
            models.CheckConstraint(
                name="an_erasure_is_done_or_it_is_not",
                condition=Q(state="erased", stage="done", finished_at__isnull=False)
                | Q(state="erasing", finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def in_force(self) -> "LegalHoldQuerySet":
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """A report, or all reports of a person, that nothing erases while it is in force.

    in force -> lifted; a new one may be set then.
    """

    incident = models.ForeignKey(
        "incidents.Incident", null=True, blank=True, on_delete=models.CASCADE, related_name="holds"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="holds"
    )
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("hold_reports", "Can put reports under legal hold")]
        constraints = [
            models.CheckConstraint(
                name="a_hold_is_on_a_report_or_a_reporter",
                condition=Q(incident__isnull=False, reporter__isnull=True)
                | Q(incident__isnull=True, reporter__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["incident"], condition=Q(lifted_at=None), name="one_hold_in_force_per_report"
            ),
            models.UniqueConstraint(
                fields=["reporter"], condition=Q(lifted_at=None), name="one_hold_in_force_per_reporter"
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.incident or 'a reporter'}"


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    def in_force(self) -> "dict[int | None, int | None]":
        """Days by number of the category; under None those of all other categories."""
        return {row.category_id: row.days for row in self.order_by("pk")}


class RetentionRule(models.Model):
    """How long settled reports of a category are kept. Append-only: of each category the last one counts."""

    category = models.ForeignKey(
        "incidents.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="retention_rules",
        help_text="Null: all that have no rule of their own.",
    )  # fmt: skip
    days = models.PositiveIntegerField(null=True, blank=True, help_text="Null: for ever.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.category or 'other categories'}: {self.days or 'for ever'}"
