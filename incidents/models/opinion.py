"""Second opinions: a report that two people label without knowing of each other."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.audit import AuditEvent
from incidents.models.incident import Incident
from incidents.models.label import Label
from incidents.models.notice import Notice, Watch

# Audit events: somebody leaves one to others, takes that back, or believes to snooze the report.
PASSED_ON, TAKEN_UP, SET_ASIDE = "second_opinion.skipped", "second_opinion.skip_undone", "second_opinion.snoozed"
LEFT = (PASSED_ON, SET_ASIDE)


class SecondOpinionQuerySet(models.QuerySet["SecondOpinion"]):
    def open_to(self, user: Any) -> "SecondOpinionQuerySet":
        """Those that wait for somebody who has neither labelled the report nor left it to others, and does not hear
        what becomes of it: who looks after it or watches it, or was told that it is decided.
        """
        report = {"incident": OuterRef("incident")}
        knows = [
            Label.objects.filter(**report, reviewer=user),
            AuditEvent.objects.filter(**report, actor=user, kind__in=LEFT),
            Watch.objects.filter(**report, user=user),
            Notice.objects.filter(**report, user=user, kind=Notice.Kind.DECIDED),
            Incident.objects.filter(pk=OuterRef("incident"), assignee=user),
        ]
        waiting = self.filter(*(~Exists(rows) for rows in knows), state=SecondOpinion.State.WAITING)
        return waiting.on_what_stands()

    def on_what_stands(self) -> "SecondOpinionQuerySet":
        """Those whose first decision still is the report's present one, on its present text, and nobody is at it."""
        settled = [Incident.Status.DECIDED, Incident.Status.REJECTED]
        same_text = Q(first__text_revision=F("incident__current_text"))
        return self.filter(same_text, incident__status__in=settled, incident__current_label=F("first"))

    def with_reports(self) -> "SecondOpinionQuerySet":
        return self.select_related("incident__current_text", "first", "claimed_by").order_by("pk")

    def held_by(self, user: Any) -> "SecondOpinionQuerySet":
        """What the person holds, or held until the claim ran out if nobody has come since."""
        return self.filter(state__in=[SecondOpinion.State.WAITING, SecondOpinion.State.HELD], claimed_by=user)

    def reports_held_by(self, user: Any) -> "models.QuerySet[SecondOpinion, Any]":
        """The numbers of the reports that look undecided to this person, for a condition or a list."""
        return self.held_by(user).on_what_stands().values_list("incident", flat=True)

    def disguise(self, incidents: Iterable[Incident], user: Any) -> list[Incident]:
        """Rows as this person may see them: undecided while they hold a second opinion on one. At most two queries."""
        rows = list(incidents)
        decided = [one.pk for one in rows if one.current_label_id is not None]  # there are opinions on nothing else
        held = self.held_by(user).filter(incident__in=decided)
        # Nearly always there is none, and to ask one table for that takes a fraction of reading what belongs to it.
        if not decided or not held.exists():
            return rows
        opinions = {opinion.incident_id: opinion for opinion in held.on_what_stands().select_related("claimed_by")}
        return [opinions[one.pk].disguise(one) if one.pk in opinions else one for one in rows]

    def claim(self, opinion: "SecondOpinion", user: Any, minutes: int) -> bool:
        """Take one, or keep it for longer, by a conditional UPDATE; False when somebody else was first."""
        now, state = timezone.now(), SecondOpinion.State
        mine = Q(claimed_by=user, state__in=[state.WAITING, state.HELD])
        free = Q(state=state.WAITING) | Q(state=state.HELD, claim_expires_at__lt=now)
        until = now + timedelta(minutes=minutes)
        held = {"state": state.HELD, "claimed_by": user, "claimed_at": now, "claim_expires_at": until}
        return self.filter(mine | free, pk=opinion.pk).update(**held) == 1

    def expire(self) -> int:
        """Let others come to what is held for too long. Who held it may still give it, until somebody does come."""
        late = self.filter(state=SecondOpinion.State.HELD, claim_expires_at__lt=timezone.now())
        return late.update(state=SecondOpinion.State.WAITING)

    def withdraw(self, incidents: Iterable[Incident]) -> int:
        """End those on reports whose present decision is another now, and those whose first decision was undone."""
        state = SecondOpinion.State
        moot = Q(state__in=[state.WAITING, state.HELD, state.DISPUTED]) & ~Q(incident__current_label=F("first"))
        undone = Q(state=state.AGREED, first__retraction__isnull=False)
        over = list(self.filter(moot | undone, incident__in=incidents).values_list("pk", flat=True))
        return self.filter(pk__in=over).update(state=state.WITHDRAWN) if over else 0

    def bring_back(self, incidents: Iterable[Incident]) -> int:
        """Let those wait again that another decision ended, where the first one stands again by now."""
        stands = Q(incident__in=incidents, incident__current_label=F("first"))
        return self.filter(stands, state=SecondOpinion.State.WITHDRAWN, second=None).update(
            state=SecondOpinion.State.WAITING
        )


class SecondOpinion(models.Model):
    """The second slot of a decided report; the first is the report's own claim and label.

    waiting -> held (somebody else than the first person reviews it) -> agreed | disputed
    held -> waiting (let go, left to others, or the claim ran out)
    agreed | disputed -> held (whoever gave it takes it back)
    waiting | held | agreed | disputed -> withdrawn (the first decision was undone)
    waiting | held | disputed -> withdrawn (another decision took its place) -> waiting (and was undone)
    disputed -> adjudicated (a lead sets the present) -> disputed (and takes that back)
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        HELD = "held", _("Held")
        AGREED = "agreed", _("Agreed")
        DISPUTED = "disputed", _("Disputed")
        ADJUDICATED = "adjudicated", _("Adjudicated")
        WITHDRAWN = "withdrawn", _("Withdrawn")

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

    objects = SecondOpinionQuerySet.as_manager()

    class Meta:
        permissions = [("adjudicate", "Can settle disputed reports")]
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

    def disguise(self, incident: Incident) -> Incident:
        """Let a report look, in memory, as any undecided one that the person holds. Never save it."""
        incident.status, incident.claimed_by = Incident.Status.IN_REVIEW, self.claimed_by
        incident.claimed_at, incident.claim_expires_at = self.claimed_at, self.claim_expires_at
        incident.current_label = incident.decided_at = None
        incident.claimed_from = Incident.Status.CLASSIFIED if incident.current_model else Incident.Status.NEW
        incident.standing_category = incident.told_category
        return incident
