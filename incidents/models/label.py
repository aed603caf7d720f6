"""What people (and imported files) said a report is. Append-only."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident, TextRevision
from incidents.models.taxonomy import Path, TaxonomyVersion, present_paths

LONGEST_EXPECTED = dt.timedelta(days=365)  # that a verdict may suppress the like of a detection


class LabelQuerySet(models.QuerySet["Label"]):
    def standing(self) -> "LabelQuerySet":
        """Labels that nobody has undone."""
        # Asked this way, PostgreSQL knows that nearly all are, and reads the newest few in their order.
        return self.filter(~models.Exists(Retraction.objects.filter(label=models.OuterRef("pk"))))

    def reviewed_by(self, user: Any) -> "LabelQuerySet":
        """What this person decided here; imported labels are nobody's review."""
        return self.filter(reviewer=user, source=Label.Source.REVIEW)

    def of_the_audit(self) -> "LabelQuerySet":
        """First decisions on reports that chance drew for the audit, given unseen beside what a model had read.

        Whoever hides suggestions by wish decides unseen, too, but not what chance chose.
        """
        first = self.standing().filter(source=Label.Source.REVIEW, slot=Label.Slot.FIRST, blind=True)
        return first.filter(incident__blind=True).exclude(shown_model="")

    def of_today(self) -> "LabelQuerySet":
        return self.filter(created_at__gte=timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0))


class Label(models.Model):
    """A verdict on one text revision of a report.

    confirm: the suggested paths hold. correct: other paths hold. reject: this is no incident. unsure: somebody else
    must look. Confirm and correct carry paths; reject and unsure carry none. `paths` are those of its taxonomy version,
    and never change: a step of the taxonomy changes how they read (`present_paths`).
    """

    class Verdict(models.TextChoices):
        CONFIRM = "confirm", _("Confirmed")
        CORRECT = "correct", _("Corrected")
        REJECT = "reject", _("Rejected")
        UNSURE = "unsure", _("Unsure")

    class Slot(models.IntegerChoices):
        FIRST = 1, _("First")
        SECOND = 2, _("Second opinion")
        ADJUDICATION = 3, _("Adjudication")

    class Source(models.TextChoices):
        REVIEW = "review", _("Review")
        IMPORT = "import", _("Import")
        DEMO = "demo", _("Synthetic sample")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="labels")
    text_revision = models.ForeignKey(TextRevision, on_delete=models.CASCADE, related_name="labels")
    taxonomy_version = models.ForeignKey(TaxonomyVersion, on_delete=models.PROTECT, related_name="labels")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="labels"
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.REVIEW)
    verdict = models.CharField(max_length=10, choices=Verdict)
    paths = models.ManyToManyField(Path, related_name="labels")
    reason = models.CharField(max_length=500, blank=True)
    shown_model = models.CharField(
        max_length=120, blank=True, help_text="The version whose suggestion stood then, shown or hidden."
    )
    suggested = models.JSONField(
        null=True, blank=True, help_text="Numbers of the paths that the model suggested then, shown or hidden."
    )
    suggested_confidence = models.FloatField(null=True, blank=True, help_text="How sure the model was of them, 0 to 1.")
    blind = models.BooleanField(default=False, help_text="Given with the prediction hidden.")
    slot = models.PositiveSmallIntegerField(choices=Slot, default=Slot.FIRST)
    bulk = models.ForeignKey(
        "incidents.BulkRun", null=True, blank=True, on_delete=models.PROTECT, related_name="labels", editable=False
    )
    seconds = models.FloatField(null=True, blank=True, help_text="From claim to decision.")
    expected_until = models.DateTimeField(
        null=True, blank=True, help_text="Of a rejected detection: the same is expected, and suppressed, until then."
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = LabelQuerySet.as_manager()

    class Meta:
        # What the dashboard counts by person, without reading a row.
        indexes = [
            models.Index(
                fields=["source", "reviewer", "created_at", "bulk", "verdict", "seconds"], name="label_of_person"
            ),
            # Who has a say on a report, and the second opinions of a person.
            models.Index(fields=["incident", "reviewer"], name="label_of_report_and_person"),
            models.Index(fields=["reviewer", "slot"], name="label_of_person_and_slot"),
            # What the audit counts: labels given with the prediction hidden, and without reading a row those beside it.
            models.Index(fields=["source", "slot", "created_at"], condition=models.Q(blind=True), name="label_blind"),
            models.Index(
                fields=["source", "slot", "created_at", "blind", "bulk", "verdict", "suggested_confidence"],
                condition=models.Q(suggested_confidence__isnull=False),
                name="label_beside_suggestion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} of {self.incident}"

    @property
    def present_paths(self) -> list[Path]:
        """Its labels as they read in the taxonomy of today; `paths` are what was said."""
        return present_paths(self.paths.all())

    @property
    def said_otherwise(self) -> list[Path]:
        """Those of its labels that have been merged, moved or retired since."""
        return [path for path in self.paths.all() if path.present != path]


class Retraction(models.Model):
    """An undone label; the label itself stays."""

    label = models.OneToOneField(Label, on_delete=models.CASCADE, related_name="retraction")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"retraction of {self.label}"
