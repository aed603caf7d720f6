"""The history of which version was in charge, and of those that were refused."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.ml.gate import Verdict
from classifier.models.impact import ImpactPreview
from classifier.models.version import CLASSIFY, ModelVersion


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def in_force_at(self, moment: object, line: str = CLASSIFY) -> "Promotion | None":
        """The move after which a version was in charge at that moment; None before the first."""
        return self.filter(version__line=line, created_at__lte=moment).order_by("-created_at", "-pk").first()


class Promotion(models.Model):
    """One move of the champion pointer, kept for ever, with what the gate and the impact preview said then."""

    class Action(models.TextChoices):
        FIRST = "first", _("First model")
        PROMOTE = "promote", _("Promoted")
        ROLLBACK = "rollback", _("Rolled back")

    action = models.CharField(max_length=10, choices=Action)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="promotions")
    replaced = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="replacements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_itself = models.BooleanField(
        default=False, help_text="A rule made it; else a person, whose account may be gone."
    )
    reason = models.CharField(max_length=500, blank=True)
    gate = models.JSONField(null=True, help_text="What the gate said; null for moves that pass no gate.")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The second person, where the gate was passed by force.",
    )
    forced = models.BooleanField(default=False, help_text="The gate had refused it.")
    impact = models.ForeignKey(
        ImpactPreview,
        null=True,
        on_delete=models.SET_NULL,
        related_name="promotions",
        help_text="What was known of its effect on reports.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        permissions = [("approve_promotion", "Can be the second person of a forced promotion")]
        constraints = [
            models.CheckConstraint(  # of accounts that are gone nothing can be said any more
                condition=Q(forced=False) | Q(by__isnull=True) | Q(approved_by__isnull=True) | ~Q(approved_by=F("by")),
                name="forced_by_two_people",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.version}"

    @property
    def verdict(self) -> Verdict | None:
        return Verdict.from_json(self.gate) if self.gate else None


class Refusal(models.Model):
    """A promotion that the gate refused, with the figures of that moment."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="refusals")
    champion = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_itself = models.BooleanField(default=False, help_text="A rule asked; else a person, whose account may be gone.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was asked for.")
    gate = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"refused {self.version}"

    @property
    def verdict(self) -> Verdict:
        return Verdict.from_json(self.gate)


class ForceRequestQuerySet(models.QuerySet["ForceRequest"]):
    def open(self) -> "ForceRequestQuerySet":
        return self.filter(state=ForceRequest.State.OPEN)

    def overtake(self, line: str) -> int:
        """Withdraw what was asked for on this line while another version was in charge."""
        return (
            self.open()
            .filter(version__line=line)
            .update(state=ForceRequest.State.WITHDRAWN, answered_at=timezone.now())
        )


class ForceRequest(models.Model):
    """Somebody wants a version in charge although the gate refuses it, and a second person has to agree.

    open -> approved (the version is promoted) | declined | withdrawn (by who asked, or by what happened meanwhile)
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="force_requests")
    champion = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ForceRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(state="open"), name="one_open_force_request_per_version"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")),
                name="approved_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} request to force {self.version}"
