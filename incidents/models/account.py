"""People and their API tokens."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

from incidents.roles import ROLES


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of knox's tokens
    """An account; its role is the highest of the role groups that it is in."""

    @property
    def role(self) -> str:
        """`reporter`, `analyst`, `lead` or `admin`; the empty string for an account without a role."""
        names = {group.name for group in self.groups.all()}
        return next((role for role in reversed(ROLES) if role in names), "")


class ApiToken(AbstractAuthToken):
    """A knox token (only its hash is stored) that may do only what its scopes name."""

    class Scope(models.TextChoices):
        FILE = "incidents:file", "file reports"
        READ = "incidents:read", "read reports"
        LABEL = "incidents:label", "decide reports"
        MODELS = "models:read", "read models"
        MANAGE = "models:manage", "train, promote and roll back models"
        EVENTS_WRITE = "events:write", "send events"
        EVENTS_READ = "events:read", "read detections and events"

    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name
