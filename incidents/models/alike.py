"""Reports about one thing: merged by people, offered as alike, or grouped into themes."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.analysis_run import AnalysisRun
from incidents.models.incident import Incident


class Merge(models.Model):
    """One report joined to another; undone by a further date, never by deleting the row."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="merges_into")
    status_before = models.CharField(max_length=20)
    similarity = models.FloatField(null=True, blank=True, help_text="As it was offered, 0 to 1; empty if not offered.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.incident} into {self.into}"


class AlikeAnswer(models.Model):
    """What a person said to "looks like #123": the threshold of later offers is learned from these."""

    class Space(models.TextChoices):
        ENCODER = "encoder", _("Vectors of the encoder")
        WORDS = "words", _("Hashed character n-grams")

    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    space = models.CharField(max_length=10, choices=Space)
    similarity = models.FloatField(help_text="Cosine, -1 to 1.")
    alike = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.incident} and {self.other}: {'alike' if self.alike else 'not alike'}"


class ThemeRun(AnalysisRun):
    """One clustering of the open reports; the newest finished one is shown."""

    reports = models.PositiveIntegerField(default=0)
    alone = models.PositiveIntegerField(default=0, help_text="Reports in no theme.")
    looked_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody last opened its page, to the minute: themes are for readers."
    )

    def __str__(self) -> str:
        return f"themes {self.pk}"


class Theme(models.Model):
    run = models.ForeignKey(ThemeRun, on_delete=models.CASCADE, related_name="themes")
    name = models.CharField(max_length=200, help_text="The words that set it apart.")
    incidents = models.ManyToManyField(Incident, related_name="themes")

    def __str__(self) -> str:
        return self.name
