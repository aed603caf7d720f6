"""People and their API tokens."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from incidents.roles import ROLES


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of knox's tokens
    """An account; its role is the highest of the role groups that it is in."""

    default_view = models.ForeignKey(
        "incidents.SavedView", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="What the list of reports opens with.",
    )  # fmt: skip
    shortcuts = models.JSONField(default=dict, blank=True, help_text="Keys changed by the person: action to key.")
    mail_notices = models.JSONField(default=list, blank=True, help_text="Kinds of notices that also come by mail.")
    language = models.CharField(max_length=10, blank=True, help_text="Of the pages; empty: as the browser asks.")
    time_zone = models.CharField(max_length=60, blank=True, help_text="Of the times on pages; empty: the server's.")
    toured_at = models.DateTimeField(null=True, blank=True, help_text="When the tour was read or skipped.")

    @property
    def role(self) -> str:
        """`reporter`, `analyst`, `lead` or `admin`; the empty string for an account without a role."""
        names = {group.name for group in self.groups.all()}
        return next((role for role in reversed(ROLES) if role in names), "")


class ApiToken(AbstractAuthToken):
    """A knox token (only its hash is stored) that may do only what its scopes name."""

    class Scope(models.TextChoices):
        FILE = "incidents:file", _("file reports")
        READ = "incidents:read", _("read reports")
        REVEAL = "incidents:reveal", _("see the personal data of reports")
        LABEL = "incidents:label", _("decide reports")
        IMPORT = "incidents:import", _("import files of reports")
        ERASE = "incidents:erase", _("erase reports")
        MODELS = "models:read", _("read models")
        MANAGE = "models:manage", _("train, promote and roll back models")
        EVENTS_WRITE = "events:write", _("send events")
        EVENTS_READ = "events:read", _("read detections and events")

    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name
