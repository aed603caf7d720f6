"""Look-up tables that an admin supplies: geolocation, threat intelligence, malware signatures."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LookupTable(models.Model):
    """A CSV or MMDB file below CASELOOP_HOME/lookups, and the field whose values are looked up in it."""

    class Kind(models.TextChoices):
        GEO = "geo", _("Geolocation")
        THREAT_INTEL = "threat_intel", _("Threat intelligence")
        MALWARE = "malware", _("Malware signatures")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        MMDB = "mmdb", _("MMDB")

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=14, choices=Kind)
    format = models.CharField(max_length=6, choices=Format)
    field = models.CharField(max_length=80, help_text="The event field that is looked up, for example source.ip.")
    file = models.CharField(max_length=200, help_text="Stored under a name of our own.")
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(null=True, blank=True, help_text="Of a CSV file.")
    enabled = models.BooleanField(default=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why the last look-up failed.")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name
