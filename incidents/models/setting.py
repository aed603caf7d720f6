"""What an admin sets: append-only rows over defaults that stand in code (`incidents.policy`)."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Setting(models.Model):
    key = models.CharField(max_length=60, db_index=True)
    value = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
