"""What people say about a report, attach to it, and find in it."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.ml.personal import Kind as PersonalKind
from classifier.ml.personal import mask
from incidents.models.incident import MAX_TEXT, Incident

if TYPE_CHECKING:
    from incidents.models.label import Label


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """A name that tells nothing and cannot be guessed; what the sender called the file stands in the row alone."""
    return f"attachments/{uuid.uuid4().hex}"


class Comment(models.Model):
    """Markdown by an analyst; one that the reporter may read is a reply."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments")
    text = models.TextField(max_length=MAX_TEXT)
    to_reporter = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"comment on {self.incident}"


class ReporterMessageQuerySet(models.QuerySet["ReporterMessage"]):
    def waiting(self) -> "ReporterMessageQuerySet":
        """Those that nobody has decided the report after."""
        return self.filter(handled_at=None)

    def of_disputed_decisions(self) -> "ReporterMessageQuerySet":
        """Those that call the decision wrong that stands now."""
        return self.filter(kind=ReporterMessage.Kind.WRONG, disputed__current_of__isnull=False)

    def handle(self, labels: "Sequence[Label]") -> None:
        """Decisions of one moment answer everything that the reporters of their reports have said so far."""
        self.waiting().filter(incident__current_label__in=labels).update(handled_at=labels[0].created_at)

    def open_again(self, labels: "Sequence[Label]") -> None:
        """What decisions answered is open again: they were undone."""
        moments = {label.created_at for label in labels}
        self.filter(incident__labels__in=labels, handled_at__in=moments).update(handled_at=None)


class ReporterMessage(models.Model):
    """What a reporter adds to a report after filing: facts, or that the category is wrong. A task until handled."""

    class Kind(models.TextChoices):
        FACTS = "facts", _("More facts")
        WRONG = "wrong", _("This is wrong")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="reporter_messages")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(max_length=MAX_TEXT, blank=True)
    disputed = models.ForeignKey(
        "incidents.Label", null=True, blank=True, on_delete=models.SET_NULL, related_name="disputes",
        help_text="The decision that stood when the reporter called it wrong; it weighs less until decided anew.",
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    objects = ReporterMessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["incident", "handled_at"], name="reporter_message_open")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.incident}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def shown_to(self, user: Any) -> "AttachmentQuerySet":
        """Analysts see every file, reporters what they sent themselves."""
        return self if user.has_perm("incidents.review_incident") else self.filter(from_reporter=True)


class Attachment(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to=attachment_path, max_length=200)
    name = models.CharField(max_length=200, help_text="What the sender called it.")
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Empty: the reporter, without an account.",
    )  # fmt: skip
    from_reporter = models.BooleanField(default=False, help_text="Shown to the reporter, as what they sent.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Observable(models.Model):
    """An address, hash, domain or wallet that stands in a report's text."""

    class Kind(models.TextChoices):
        IP = "ip", _("IP address")
        DOMAIN = "domain", _("Domain")
        URL = "url", _("URL")
        EMAIL = "email", _("E-mail")
        HASH = "hash", _("Hash")
        WALLET = "wallet", _("Wallet")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="observables")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind", "value"], name="one_observable_per_incident_and_value")
        ]
        indexes = [models.Index(fields=["kind", "value"], name="observable_value")]

    def __str__(self) -> str:
        return self.value

    @property
    def told(self) -> str:
        """Masked, unless its report is disclosed. A domain, a hash or a wallet is evidence, and stays."""
        if self.incident.disclosed:
            return self.value
        if self.kind in {self.Kind.IP, self.Kind.EMAIL}:
            return PersonalKind(self.kind).token
        return mask(self.value)
