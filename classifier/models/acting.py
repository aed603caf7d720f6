"""What people let the champion do by itself, which reports it accepted, and whether its promises are kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.ml.promise import Evidence
from classifier.models.prediction import Prediction
from classifier.models.promotion import Promotion
from classifier.models.version import ModelVersion
from incidents.models import Incident, TaxonomyVersion


class ActingPolicy(models.Model):
    """A wish, and the thresholds that followed from it on the held-out reports of one version. Append-only: the newest
    is in force. Its thresholds hold for the confidence of `version` alone. Categories are named in the words of
    `taxonomy_version`; `classifier.services.policy_today` reads them in those of today.
    """

    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="policies", help_text="The champion then."
    )
    taxonomy_version = models.ForeignKey(
        TaxonomyVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="In whose words it names categories; null before there was any label.",
    )
    auto_accept = models.BooleanField(default=False)
    error = models.FloatField(help_text="Share of automatically accepted reports that may be wrong, 0 to 1.")
    errors = models.JSONField(default=dict, help_text="The same of single categories; 0: never accepted.")
    costs = models.JSONField(default=dict, help_text="Cost of a wrong label of single categories, in looks.")
    highs = models.JSONField(default=dict, help_text="Category: the confidence from which on a report is accepted.")
    figures = models.JSONField(default=dict, help_text="What was expected of it when it was saved.")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "acting policies"

    def __str__(self) -> str:
        return f"policy {self.pk}"

    @property
    def percent(self) -> str:
        """The error accepted over all."""
        return f"{100 * self.error:g}\u00a0%"


class Acceptance(models.Model):
    """A report was accepted automatically: by what prediction, under which policy.

    It is no label and nothing learns from it. Ended, the report went back to the queue and is never accepted
    automatically again; a decision of a person ends it, too, without a mark here.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="acceptances")
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="acceptances")
    policy = models.ForeignKey(ActingPolicy, on_delete=models.PROTECT, related_name="acceptances")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(ended_at=None), name="one_acceptance_per_report")
        ]

    def __str__(self) -> str:
        return f"{self.incident} accepted under {self.policy}"


class PromiseKind(models.TextChoices):
    COVERAGE = "coverage", _("Possible labels")
    ERROR = "error", _("Automatic acceptance")


class PromiseWatch(models.Model):
    """What blind reports have said of a promise of the champion so far: each is read once.

    A row of what can be worked out again: where something that was read has changed since, it starts over.
    """

    kind = models.CharField(max_length=10, choices=PromiseKind)
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="promise_watches")
    policy = models.ForeignKey(
        ActingPolicy, null=True, on_delete=models.CASCADE, related_name="+", help_text="Of automatic acceptance."
    )
    promised = models.FloatField(help_text="Share of reports, 0 to 1.")
    taxonomy_step = models.BigIntegerField(default=0, help_text="The last step of the taxonomy that was read by.")
    read_to = models.BigIntegerField(default=0, help_text="The last label that was read.")
    labels = models.PositiveIntegerField(default=0, help_text="How many were read, whether they say something or not.")
    kept = models.PositiveIntegerField(default=0, help_text="Blind reports of which it was kept.")
    reports = models.PositiveIntegerField(default=0, help_text="Blind reports in all.")
    stakes = models.JSONField(default=list, help_text="Of each bet (classifier.ml.promise).")
    evidence = models.FloatField(default=1.0, help_text="Against the promise, at its most.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "promotion"], name="one_promise_watch_per_reign")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.promotion.version}"

    @property
    def missed(self) -> int:
        return self.reports - self.kept

    def add(self, missed: bool, promised: float, possible: float) -> None:
        """Count one report more, unsaved; see `Evidence.after`."""
        before = Evidence(self.stakes, self.evidence) if self.stakes else Evidence()
        now = before.after(missed, promised, possible)
        self.stakes, self.evidence = list(now.stakes), now.most
        self.reports, self.kept = self.reports + 1, self.kept + (not missed)


class PromiseAlarm(models.Model):
    """A promise of the champion that blind reports show to be kept no longer. It proposes; people act.

    open -> acknowledged (a person says that it is all right, and why) | superseded (another version took charge, or
    another policy holds)
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SUPERSEDED = "superseded", _("Superseded")

    kind = models.CharField(max_length=10, choices=PromiseKind)
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="promise_alarms")
    policy = models.ForeignKey(
        ActingPolicy, null=True, on_delete=models.CASCADE, related_name="alarms", help_text="Of automatic acceptance."
    )
    promised = models.FloatField(help_text="Share of reports, 0 to 1.")
    kept = models.PositiveIntegerField(help_text="Blind reports of which it was kept.")
    reports = models.PositiveIntegerField(help_text="Blind reports in all.")
    evidence = models.FloatField(help_text="Against the promise (classifier.ml.promise).")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(state="open"), name="one_open_promise_alarm_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.promotion.version}"
