"""Second opinions: a report that two people label without knowing of each other."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.models.incident import Incident
from incidents.models.label import Label


class SecondOpinion(models.Model):
    """The second slot of a decided report; the first is the report's own claim and label.

    waiting -> held (somebody else than the first person reviews it) -> agreed | disputed
    held -> waiting (let go, or the claim ran out); waiting | held -> withdrawn (the first decision was undone)
    disputed -> adjudicated (a lead sets the present)
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        HELD = "held", "Held"
        AGREED = "agreed", "Agreed"
        DISPUTED = "disputed", "Disputed"
        ADJUDICATED = "adjudicated", "Adjudicated"
        WITHDRAWN = "withdrawn", "Withdrawn"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="second_opinions")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    first = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")
    second = models.OneToOneField(Label, null=True, blank=True, on_delete=models.CASCADE, related_name="second_opinion")
    adjudication = models.OneToOneField(
        Label, null=True, blank=True, on_delete=models.SET_NULL, related_name="adjudicated_opinion"
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(state__in=["waiting", "held", "disputed"]),
                name="one_open_second_opinion_per_incident",
            )
        ]
        indexes = [models.Index(fields=["state", "id"], name="second_opinion_state")]

    def __str__(self) -> str:
        return f"second opinion on {self.incident}"
