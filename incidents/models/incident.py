"""A report: its texts, its place in the queue, its place in the data."""

import json
import random
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models
from django.db.models import Case, Prefetch, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from classifier.ml.personal import beginning, mask
from incidents.models.generated import band, seconds_until, told
from incidents.models.taxonomy import Path

MAX_TEXT = 20_000  # characters
CONFIDENCE_BANDS = (0.5, 0.7, 0.9)  # where a band ends and the next begins; 0 is the band of what no model has read
ANOMALY_BANDS = (50.0, 90.0, 99.0)  # percentiles
MOST_UNUSUAL = 4  # the band from the last of them on
HIDDEN_CONTACT = "[CONTACT]"
DISPUTED = Q(second_opinions__state="disputed")  # two people disagree on these, which a lead settles


def new_receipt_token() -> str:
    return secrets.token_urlsafe(24)


def place_by_chance() -> float:
    return random.random()  # noqa: S311 - an order, no secret


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: Any) -> "IncidentQuerySet":
        """Analysts see every report that is not erased, reporters their own; others' rows do not exist for them."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        if user.has_perm("incidents.review_incident"):
            return self.not_erased()
        return self.filter(reporter=user)

    def not_erased(self) -> "IncidentQuerySet":
        return self.exclude(status=Incident.Status.ERASED)

    def awaiting_review(self) -> "IncidentQuerySet":
        return self.filter(status=Incident.Status.CLASSIFIED).order_by("-review_priority", "pk")

    def awaiting_second_look(self) -> "IncidentQuerySet":
        return self.filter(status=Incident.Status.SECOND_LOOK)

    def undisputed(self) -> "IncidentQuerySet":
        """Those on which no two people disagree."""
        return self.exclude(DISPUTED)

    def with_words_and_people(self) -> "IncidentQuerySet":
        """Rows with everything that a page shows of each, in one query."""
        return self.select_related("current_text", "current_label", "claimed_by", "reporter")

    def with_decided_paths(self) -> "IncidentQuerySet":
        """Rows with what was decided and the names of it, in a constant number of queries."""
        named = self.select_related("current_label")
        return named.prefetch_related(Prefetch("current_label__paths", Path.objects.with_names()))

    def in_category(self, name: str) -> "IncidentQuerySet":
        """Reports of the category of that name: the decided one, else the predicted one."""
        # Several categories stand joined in one column, so the name is looked for at each place in it.
        among = Q()
        for lookup, part in (("startswith", "{} or "), ("endswith", " or {}"), ("contains", " or {} or ")):
            among |= Q(**{f"standing_category__{lookup}": part.format(name)})
        return self.filter(Q(standing_category=name) | (Q(standing_category__contains=" or ") & among))

    def numbered(self, ids: Collection[int]) -> "IncidentQuerySet":
        """Those of these numbers, however many: they go to the database as one value."""
        if connection.vendor == "postgresql":
            return self.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [list(ids)]))
        return self.filter(pk__in=RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(ids))]))

    def claimable_by(self, user: Any) -> "IncidentQuerySet":
        """Those that nobody else holds: unclaimed, mine, or with a claim that ran out."""
        return self.filter(Q(claimed_by=None) | Q(claimed_by=user) | Q(claim_expires_at__lt=timezone.now()))

    def hold(self, user: Any, minutes: int) -> int:
        """Take for review those that nobody else holds, by a conditional UPDATE; how many that were."""
        now, held = timezone.now(), Incident.Status.IN_REVIEW
        return self.claimable_by(user).update(
            claimed_from=Case(When(status=held, then="claimed_from"), default="status"),
            first_claimed_at=Coalesce("first_claimed_at", "decided_at", Value(now)),
            status=held,
            claimed_by=user,
            claimed_at=now,
            claim_expires_at=now + timedelta(minutes=minutes),
        )

    def claim(self, incident: "Incident", user: Any, minutes: int) -> bool:
        """Take a report for review; False when somebody else was first."""
        return self.filter(pk=incident.pk).hold(user, minutes) == 1

    def with_expired_claims(self) -> "IncidentQuerySet":
        return self.filter(status=Incident.Status.IN_REVIEW, claim_expires_at__lt=timezone.now())


class Incident(models.Model):
    """A filed report.

    new -> classified (a worker predicted) -> in_review (an analyst holds it) -> decided | rejected | second_look
    in_review -> what it was before (the analyst let it go, or the claim ran out)
    second_look (somebody was unsure, or skipped it) -> in_review
    decided | rejected -> in_review (reopened, or the decision was undone)
    classified -> accepted (the policy lets the champion's word stand; no person and no label) -> in_review (reopened)
    accepted -> classified (sent back to the queue; its text changed; its reporter said more)
    classified | second_look -> waiting_reporter (snoozed until a date or the reporter's answer) -> what it was before
    anything -> merged (joined to another report) -> what it was before (the merge was undone)
    anything -> erased: what is left is a row without a word, in no list, that keeps past counts right
    """

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CLASSIFIED = "classified", _("Classified")
        IN_REVIEW = "in_review", _("In review")
        SECOND_LOOK = "second_look", _("Second look")
        WAITING_REPORTER = "waiting_reporter", _("Waiting")
        ACCEPTED = "accepted", _("Accepted automatically")
        DECIDED = "decided", _("Decided")
        REJECTED = "rejected", _("Rejected")
        MERGED = "merged", _("Merged")
        ERASED = "erased", _("Erased")

    class Source(models.TextChoices):
        WEB = "web", _("Web form")
        API = "api", _("API")
        IMPORT = "import", _("Import")
        DEMO = "demo", _("Synthetic sample")
        DETECTION = "detection", _("Detection")

    class Split(models.TextChoices):
        TRAIN = "train", _("Training")
        VALIDATION = "validation", _("Validation")
        TEST = "test", _("Test")

    class Severity(models.IntegerChoices):
        UNSET = 0, _("Not set")
        LOW = 1, _("Low")
        MEDIUM = 2, _("Medium")
        HIGH = 3, _("High")
        CRITICAL = 4, _("Critical")

    class Currency(models.TextChoices):
        INR = "INR", _("INR")
        USD = "USD", _("USD")
        EUR = "EUR", _("EUR")
        GBP = "GBP", _("GBP")

    source = models.CharField(max_length=10, choices=Source)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    receipt_token = models.CharField(max_length=43, unique=True, default=new_receipt_token, editable=False)
    idempotency_key = models.CharField(max_length=200, unique=True, null=True, blank=True, editable=False)
    filed_fingerprint = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Of what came with the key."
    )
    import_batch = models.ForeignKey(
        "incidents.ImportBatch", null=True, blank=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    noticed_at = models.DateTimeField(null=True, blank=True)
    money_lost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, choices=Currency, default=Currency.INR)
    contact = models.CharField(max_length=200, blank=True)
    consent = models.BooleanField(default=False)
    document = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    current_text = models.OneToOneField(
        "TextRevision", null=True, on_delete=models.PROTECT, related_name="current_of", editable=False
    )
    current_label = models.OneToOneField(
        "Label", null=True, blank=True, on_delete=models.PROTECT, related_name="current_of", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    severity = models.SmallIntegerField(choices=Severity, default=Severity.UNSET)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_incidents"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_incidents", editable=False
    )
    wakes_at = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text="When a waiting report returns to the queue by itself."
    )
    awaits_answer = models.BooleanField(default=False, help_text="It returns when the reporter answers.")
    blind = models.BooleanField(default=False, help_text="Drawn for the audit: reviewed with the prediction hidden.")
    shuffle = models.FloatField(default=place_by_chance, editable=False, help_text="The place in a random order.")
    twins = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Shared by reports worded almost alike; empty before any."
    )

    erasure = models.ForeignKey(
        "incidents.Erasure", null=True, blank=True, on_delete=models.PROTECT, related_name="incidents", editable=False
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When its own words were gone.")

    # What the last prediction said, written with it so that the queue is one indexed query.
    current_category = models.CharField(max_length=600, blank=True)
    current_sub_category = models.CharField(max_length=600, blank=True)
    current_confidence = models.FloatField(null=True, blank=True)
    current_unsure = models.BooleanField(default=False)
    current_model = models.CharField(max_length=120, blank=True)
    current_anomaly = models.FloatField(null=True, blank=True, help_text="Percentile of earlier reports, 0 to 100.")
    current_margin = models.FloatField(null=True, blank=True, help_text="Most probable path before the second.")
    current_entropy = models.FloatField(null=True, blank=True, help_text="Of the distribution over paths, in nats.")
    review_priority = models.FloatField(default=0.0)
    standing_category = models.CharField(max_length=600, blank=True, help_text="The decided one, else the predicted.")
    confidence_band = band("current_confidence", CONFIDENCE_BANDS)
    anomaly_band = band("current_anomaly", ANOMALY_BANDS)

    # By these the list filters and sorts, never by the figures themselves: a filter would tell what a page hides.
    told_model = told("current_model", models.CharField(max_length=120), hidden="")
    told_unsure = told("current_unsure", models.BooleanField(), hidden=False)
    told_confidence = told("current_confidence", models.FloatField())
    told_anomaly = told("current_anomaly", models.FloatField())
    told_margin = told("current_margin", models.FloatField())
    told_entropy = told("current_entropy", models.FloatField())

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="claims"
    )
    claimed_from = models.CharField(max_length=20, blank=True, help_text="The status before the claim.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    # What the dashboard measures: until somebody took it up or decided it, and until it was decided.
    first_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    triaged_at = models.GeneratedField(
        expression=Coalesce("first_claimed_at", "decided_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
        null=True,
    )
    triage_seconds = seconds_until("first_claimed_at", "decided_at")
    resolve_seconds = seconds_until("decided_at")

    # Which side of every dataset split the report stands on: drawn at arrival, never moved.
    split_group = models.CharField(max_length=64, db_index=True)
    split = models.CharField(max_length=10, choices=Split)

    # Whether this instance gives its words as they were written: to its reporter, and to whom they were revealed.
    disclosed = False

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_erased_report_names_its_erasure",
                condition=Q(status="erased", erasure__isnull=False) | ~Q(status="erased") & Q(erasure__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["status", "-review_priority", "id"], name="incident_queue"),
            models.Index(fields=["reporter", "-id"], name="incident_of_reporter"),
            models.Index(fields=["status", "told_confidence", "id"], name="incident_least_confident"),
            models.Index(fields=["status", "told_margin", "id"], name="incident_by_margin"),
            models.Index(fields=["status", "-told_entropy", "id"], name="incident_by_entropy"),
            models.Index(fields=["status", "-told_anomaly", "id"], name="incident_by_anomaly"),
            models.Index(fields=["status", "-severity", "id"], name="incident_by_severity"),
            models.Index(fields=["status", "created_at", "id"], name="incident_by_age"),
            models.Index(fields=["status", "shuffle", "id"], name="incident_by_chance"),
            models.Index(fields=["twins", "status", "id"], name="incident_twins"),
            # In the order in which the list counts its filters' values: one pass over the index, no row is read.
            models.Index(
                fields=[
                    "status",
                    "standing_category",
                    "confidence_band",
                    "anomaly_band",
                    "told_model",
                    "source",
                    "assignee",
                    "told_unsure",
                    "created_at",
                ],
                name="incident_facets",
            ),
            # What the preview of a bulk run tells apart: again one pass over the index.
            models.Index(
                fields=["status", "current_category", "current_sub_category", "split", "blind", "current_model"],
                name="incident_bulk",
            ),
            # What the dashboard counts, each by a range of one index and without reading a row.
            models.Index(
                fields=["decided_at", "resolve_seconds"],
                name="incident_resolved",
                condition=Q(decided_at__isnull=False),
            ),
            models.Index(
                fields=["triaged_at", "triage_seconds"],
                name="incident_triaged",
                condition=Q(triaged_at__isnull=False),
            ),
            models.Index(fields=["standing_category", "created_at"], name="incident_label_mix"),
            models.Index(fields=["created_at"], name="incident_unusual", condition=Q(anomaly_band=MOST_UNUSUAL)),
        ]
        permissions = [
            ("review_incident", "Can review reports"),
            ("view_profile", "Can see the data profile"),
            ("export_incidents", "Can export reports"),
            ("import_incidents", "Can import files of reports"),
            ("reveal_personal_data", "Can see the personal data of a report"),
            ("export_personal_data", "Can export reports with their personal data"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def status_at_rest(self) -> "Incident.Status":
        """The status that the report has while nobody holds it."""
        if self.claimed_from == self.Status.SECOND_LOOK:  # also where a decision stands that its reporter disputes
            return self.Status.SECOND_LOOK
        if self.current_label is not None:
            return RESTING_STATUS[self.current_label.verdict]
        if self.status == self.Status.IN_REVIEW and self.claimed_from == self.Status.ACCEPTED:
            return self.Status.ACCEPTED
        return self.Status.CLASSIFIED if self.current_model else self.Status.NEW

    @property
    def waits_for_second_look(self) -> bool:
        """Passed on to somebody else, who may hold it by now."""
        held = self.status == self.Status.IN_REVIEW
        return (self.claimed_from if held else self.status) == self.Status.SECOND_LOOK

    @property
    def awaits_model(self) -> bool:
        """Nobody has decided it and no model has read it; an analyst may hold it all the same."""
        return not self.current_model and self.status in {self.Status.NEW, self.Status.IN_REVIEW}

    @property
    def hides_prediction(self) -> bool:
        """Drawn for the audit and not decided yet: nobody who may review it is told what the model says."""
        return self.blind and self.decided_at is None

    @property
    def told_category(self) -> str:
        """The predicted category, as far as it may be told."""
        return "" if self.hides_prediction else self.current_category

    @property
    def is_settled(self) -> bool:
        """Decided, accepted, rejected or merged: opening it again is a step that somebody takes on purpose."""
        return self.status in {self.Status.ACCEPTED, self.Status.DECIDED, self.Status.REJECTED, self.Status.MERGED}

    @property
    def is_synthetic(self) -> bool:
        return self.source == self.Source.DEMO

    @property
    def is_detection(self) -> bool:
        """Whether the event stream opened it, so that its verdict reaches back into the stream."""
        return self.source == self.Source.DETECTION

    @property
    def title(self) -> str:
        """Masked, unless the report is disclosed."""
        if self.current_text is None:
            return ""
        return self.current_text.title if self.disclosed else self.current_text.masked_title

    @property
    def text(self) -> str:
        """Masked, unless the report is disclosed."""
        if self.current_text is None:
            return ""
        return self.current_text.text if self.disclosed else self.current_text.masked_text

    def beginning(self, most: int) -> str:
        """The first characters of `text`, without masking all of it."""
        if self.current_text is None or self.disclosed:
            return self.text[:most]
        return beginning(self.current_text.text, most)

    @property
    def told_contact(self) -> str:
        """Hidden whole, whatever it holds: a name is no less personal than a number."""
        return self.contact if self.disclosed or not self.contact else HIDDEN_CONTACT

    def told(self, words: str) -> str:
        """What was written about the report elsewhere, masked as its text is."""
        return words if self.disclosed else mask(words)


# What a standing verdict makes of a report that nobody holds.
RESTING_STATUS = {
    "confirm": Incident.Status.DECIDED,
    "correct": Incident.Status.DECIDED,
    "reject": Incident.Status.REJECTED,
    "unsure": Incident.Status.SECOND_LOOK,
}


class TextRevision(models.Model):
    """One state of a report's words; a change appends the next."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="text_revisions")
    number = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=MAX_TEXT)
    text_hash = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    looked_through_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="For observables.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="one_text_per_revision")]

    def __str__(self) -> str:
        return f"{self.incident} revision {self.number}"

    @cached_property
    def masked_title(self) -> str:
        return mask(self.title)

    @cached_property
    def masked_text(self) -> str:
        return mask(self.text)


class TextBand(models.Model):
    """One MinHash band of a report's text: reports that share a band are candidates for near-duplicates."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="text_bands")
    key = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.incident} band {self.key}"
