"""Filing a report: one transaction with the work that it asks for."""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction

from classifier.services.asking import request_classification
from incidents import policy
from incidents.models import Incident, TextBand, TextRevision, User, Webhook
from incidents.services import audit, draws, webhooks
from incidents.services.observables import request_observables
from incidents.services.search import index_reports
from incidents.services.splits import Newcomer, Placement, place
from incidents.texts import clean_text, clean_title, text_hash
from workers.models import Job

PRIORITY = {
    Incident.Source.WEB: Job.Priority.WEB,
    Incident.Source.API: Job.Priority.API,
    Incident.Source.DETECTION: Job.Priority.API,
}


class IdempotencyConflict(Exception):
    """The idempotency key was used before, for another report."""


@dataclass(frozen=True)
class FiledReport:
    """What a reporter sends; texts are cleaned and checked by the service."""

    title: str
    text: str
    noticed_at: dt.datetime | None = None
    money_lost: Decimal | None = None
    currency: str = Incident.Currency.INR
    contact: str = ""
    consent: bool = False

    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Filed:
    incident: Incident
    created: bool


def file_incident(
    report: FiledReport, *, source: str, reporter: User | None = None, idempotency_key: str | None = None
) -> Filed:
    """File a report and ask for its classification; waits for no broker and no model.

    The same key with the same report gives the first incident again. Raises ValidationError for a text that is not
    taken, IdempotencyConflict when the key came with another report before.
    """
    title, text = clean_title(report.title), clean_text(report.text)
    key = _scoped_key(idempotency_key, source, reporter) if idempotency_key else None
    if key and (earlier := _earlier(key, report)):
        return Filed(earlier, created=False)
    try:
        with transaction.atomic():
            return Filed(_create(report, title, text, source, reporter, key), created=True)
    except IntegrityError:
        # Two requests with one key at the same moment: the second finds what the first has just filed.
        if key and (earlier := _earlier(key, report)):
            return Filed(earlier, created=False)
        raise


def _scoped_key(raw: str, source: str, reporter: User | None) -> str:
    """One person's key never meets another's."""
    owner = reporter.pk if reporter else "anyone"
    return f"{source}:{owner}:{hashlib.sha256(raw.encode()).hexdigest()}"


def _earlier(key: str, report: FiledReport) -> Incident | None:
    earlier = Incident.objects.select_related("current_text").filter(idempotency_key=key).first()
    if earlier and earlier.filed_fingerprint != report.fingerprint():
        raise IdempotencyConflict("This idempotency key was used for another report. Use a new key for a new report.")
    return earlier


def _create(
    report: FiledReport, title: str, text: str, source: str, reporter: User | None, key: str | None
) -> Incident:
    (placement,) = place([Newcomer.of(text)])
    incident = Incident.objects.create(
        source=source,
        reporter=reporter,
        idempotency_key=key,
        filed_fingerprint=report.fingerprint() if key else "",
        noticed_at=report.noticed_at,
        money_lost=report.money_lost,
        currency=report.currency,
        contact=report.contact.strip(),
        consent=report.consent,
        split_group=placement.group,
        split=placement.split,
        twins=placement.twins,
        blind=draws.by_chance(policy.value("blind_share")),
    )
    _attach_text(incident, title, text, placement)
    index_reports([incident.pk])
    audit.record("incident.filed", actor=reporter, incident=incident, source=source)
    request_classification(incident.pk, priority=PRIORITY[Incident.Source(source)])
    webhooks.emit(Webhook.Event.FILED, [incident.pk])
    request_observables(incident.pk, priority=PRIORITY[Incident.Source(source)])
    return incident


def _attach_text(incident: Incident, title: str, text: str, placement: Placement) -> None:
    incident.current_text = TextRevision.objects.create(
        incident=incident, title=title, text=text, text_hash=text_hash(text)
    )
    incident.save(update_fields=["current_text"])
    TextBand.objects.bulk_create(TextBand(incident=incident, key=band) for band in placement.bands)
