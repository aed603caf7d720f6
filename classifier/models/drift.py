"""Whether reports still look as they did when the champion learned: looks at windows of them, and alarms."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.ml.report_drift import ABSTENTION, PREDICTION, TEXT
from classifier.models.promotion import Promotion
from classifier.models.version import ModelVersion


class DriftKind(models.TextChoices):
    TEXT = TEXT, _("Texts")
    PREDICTION = PREDICTION, _("Predicted categories")
    ABSTENTION = ABSTENTION, _("Unsure predictions")


class DriftReference(models.Model):
    """What a version says of reports that it has not learned from: with this its later answers are compared.

    One entry for each of these reports, in the same order in both columns.
    """

    version = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="drift_reference")
    path_ids = models.JSONField(help_text="The decided paths of each report.")
    confidences = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"reference of {self.version}"


class DriftLook(models.Model):
    """One full window of reports that the champion read, since its promotion, compared with those of its training.

    The window are the first predictions of reports filed since then, from one prediction to another.
    """

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="drift_looks")
    number = models.PositiveIntegerField(help_text="1 is the first since the promotion.")
    first_prediction = models.BigIntegerField()
    last_prediction = models.BigIntegerField()
    reports = models.PositiveIntegerField()
    tests = models.JSONField(help_text="By kind: statistic and p-value. A kind without enough to compare is missing.")
    unsure = models.FloatField(help_text="Share of unsure predictions, 0 to 1.")
    words = models.JSONField(default=list, help_text="Words that have become frequent.")
    unlike = models.JSONField(default=list, help_text="Numbers of the reports most unlike the known ones, and how far.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "number"], name="one_drift_look_per_promotion_and_number")
        ]

    def __str__(self) -> str:
        return f"look {self.number} of {self.promotion.version}"


class DriftAlarm(models.Model):
    """A change of one kind that lasted. It proposes; people act.

    open -> acknowledged (a person says that it is all right, and why) | superseded (another version took charge)
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        SUPERSEDED = "superseded", _("Superseded")

    kind = models.CharField(max_length=10, choices=DriftKind)
    look = models.ForeignKey(DriftLook, on_delete=models.CASCADE, related_name="alarms")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(state="open"), name="one_open_drift_alarm_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.look}"
