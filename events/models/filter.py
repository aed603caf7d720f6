"""Filters, suppressions and rules: what is left out of scoring, and what is picked whatever its score."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.source import EventSource


class FilterQuerySet(models.QuerySet["Filter"]):
    def in_force(self) -> "FilterQuerySet":
        """Enabled and not expired, in the order in which they are asked."""
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), enabled=True).order_by("position", "pk")


class Filter(models.Model):
    """A condition on fields with what follows from it. The first one that matches decides.

    filter: known to be harmless, not scored. suppression: known for now, until it expires. rule: picked whatever the
    score. All three leave the event stored and counted. off -> on (after a dry run of the present condition) -> off.
    """

    class Kind(models.TextChoices):
        FILTER = "filter", _("Filter")
        SUPPRESSION = "suppression", _("Suppression")
        RULE = "rule", _("Detection rule")

    class Origin(models.TextChoices):
        DEFAULT = "default", _("Default set")
        PERSON = "person", _("Written here")
        SIGMA = "sigma", _("Sigma")
        VERDICT = "verdict", _("A verdict")

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FILTER)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    source = models.ForeignKey(
        EventSource, null=True, blank=True, on_delete=models.CASCADE, related_name="filters",
        help_text="Empty: events of every source.",
    )  # fmt: skip
    position = models.PositiveIntegerField(default=100, help_text="Smaller ones are asked first.")
    sigma = models.TextField(help_text="The condition, as a Sigma rule in YAML: logsource, detection, condition.")
    enabled = models.BooleanField(default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField(null=True, blank=True)
    hits = models.BigIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True, blank=True)
    dry_run = models.JSONField(null=True, blank=True, help_text="What the last dry run of this condition found.")
    label_id = models.BigIntegerField(null=True, blank=True, db_index=True, help_text="The verdict that asked for it.")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = FilterQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
