"""Files of reports that were taken in."""

from django.db import models
from django.utils import timezone


class ImportBatch(models.Model):
    """One import of one file; its reports name it, so that a training can leave them out together."""

    name = models.CharField(max_length=200, help_text="Of the file.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"
