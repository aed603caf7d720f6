"""Who wants to hear of what, and what they were told: people by notices, programs by webhooks."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Watch(models.Model):
    """A person who hears of what happens to a report."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="one_watch_per_incident_and_user")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.incident}"


class Notice(models.Model):
    """One thing that one person is told. Never holds a report's text."""

    class Kind(models.TextChoices):
        MENTION = "mention", _("I am mentioned")
        ASSIGNED = "assigned", _("A report is assigned to me")
        COMMENT = "comment", _("A comment on a report that I watch")
        DECIDED = "decided", _("A decision on a report that I watch or filed")
        REPLY = "reply", _("A reply to a report that I filed")
        REPORTER = "reporter", _("A reporter answers on a report of mine")
        RETURNED = "returned", _("A report that I snoozed is back")
        TRAINED = "trained", _("A training has ended")
        DOUBTS = "doubts", _("Labels are in doubt")
        DRIFT = "drift", _("Reports have changed")
        PROMISE = "promise", _("A promise of the model no longer holds")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, where that is no report.")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "read_at", "-id"], name="notice_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"

    @property
    def sentence(self) -> str:
        """What happened, in the language that is active."""
        names = {"by": self.by or gettext("Somebody"), "number": self.incident_id, "subject": self.subject}
        return str(SENTENCES[Notice.Kind(self.kind)]) % names


SENTENCES = {
    Notice.Kind.MENTION: _("%(by)s mentions you on report #%(number)s."),
    Notice.Kind.ASSIGNED: _("%(by)s assigns report #%(number)s to you."),
    Notice.Kind.COMMENT: _("%(by)s comments on report #%(number)s."),
    Notice.Kind.DECIDED: _("Report #%(number)s is decided."),
    Notice.Kind.REPLY: _("There is a reply on your report #%(number)s."),
    Notice.Kind.REPORTER: _("The reporter of #%(number)s answers."),
    Notice.Kind.RETURNED: _("Report #%(number)s is back in the queue."),
    Notice.Kind.TRAINED: _("A training has ended: %(subject)s."),
    Notice.Kind.DOUBTS: _("Labels are in doubt: %(subject)s."),
    Notice.Kind.DRIFT: _("Reports are no longer what the model learned from: %(subject)s."),
    Notice.Kind.PROMISE: _("Blind reports show that the model does not keep a promise: %(subject)s."),
}


class Webhook(models.Model):
    """An address that is told of events, each call signed with the secret (HMAC-SHA256)."""

    class Event(models.TextChoices):
        FILED = "filed", _("A report was filed")
        PREDICTED = "predicted", _("A report was classified")
        DECIDED = "decided", _("A report was decided")
        TRAINED = "trained", _("A training has ended")
        PROMOTED = "promoted", _("A model was put in charge")
        PING = "ping", _("A test")

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        permissions = [("manage_webhooks", "Can manage webhooks")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one webhook, and how each try to deliver it ended.

    waiting -> delivered | waiting (tried again later) | failed (given up)
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=10, choices=Webhook.Event)
    object_id = models.BigIntegerField(help_text="Number of the report, training or promotion.")
    payload = models.JSONField(help_text="What is sent: numbers and names, never a report's text.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True, help_text="Status of the last answer, or what went wrong.")
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["webhook", "-id"], name="delivery_of_webhook")]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
