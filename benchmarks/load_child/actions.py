"""What a process of the product can be asked while the site is under load."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.test import Client

from classifier.models import Prediction, TrainingRun
from events.models import Event, InboxBatch
from events.services.registration import source_named
from incidents.models import ApiToken, Incident, Setting, User
from incidents.services.filing import FiledReport, file_incident
from incidents.services.notices import BACKEND
from incidents.services.tokens import create_token
from workers.models import Job
from workers.status import queues

TEXT = "A caller who said he was from my bank asked for a code; transfer {n} of {m} was made."
OPEN = (Job.Status.QUEUED, Job.Status.RUNNING)


def person(name: str) -> dict[str, Any]:
    """A token that may do all that the person may, and a session."""
    user, client = User.objects.get(username=name), Client(headers={"host": "localhost"})
    client.force_login(user, BACKEND)
    secret = create_token(user, name="benchmark", scopes=ApiToken.Scope.values)[1]
    return {"token": secret, "session": client.cookies["sessionid"].value}


def lift_limits() -> dict[str, Any]:
    """What comes in is no attack: nothing of it is refused."""
    for limit in ("anonymous_reports_an_hour", "reports_an_hour", "api_calls_a_minute", "filing_seconds"):
        Setting.objects.create(key=limit, value=0)
    return {}


def source(name: str) -> dict[str, Any]:
    """Events of a source are taken from now on."""
    source_named(name)
    return {}


def trains() -> dict[str, Any]:
    """Whether a training waits or runs."""
    return {"trains": TrainingRun.objects.filter(status__in=["queued", "running"]).exists()}


def to_read(count: int) -> dict[str, Any]:
    """Reports that wait for a person."""
    rows = Incident.objects.filter(status=Incident.Status.CLASSIFIED).order_by("-review_priority", "pk")
    return {"numbers": list(rows.values_list("pk", flat=True)[:count])}


def last() -> dict[str, Any]:
    return {"number": Incident.objects.order_by("pk").values_list("pk", flat=True).last() or 0}


def file(count: int) -> dict[str, Any]:
    """File so many reports in one go; the number of the last one before them."""
    before = last()["number"]
    reports = [FiledReport(title=f"Transfer {n}", text=TEXT.format(n=n, m=n * 7)) for n in range(count)]
    with transaction.atomic():
        for report in reports:
            file_incident(report, source=Incident.Source.API)
    return {"after": before}


def events(source: str) -> dict[str, Any]:
    """Events of a source that are stored, and batches that wait."""
    return {
        "stored": Event.objects.filter(source__name=source).count(),
        "waiting": InboxBatch.objects.filter(processed_at=None).count(),
    }


def filed(after: int) -> dict[str, Any]:
    """What became of the reports after a number, but for those that detections opened meanwhile."""
    rows, asked = (
        Incident.objects.filter(pk__gt=after).exclude(source="detection"),
        Job.objects.filter(kind="classify", object_id__gt=after),
    )
    twice = (
        Prediction.objects.filter(incident__in=rows)
        .values("text_revision", "version")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    waiting = [queue for queue in queues() if queue.name == "inference"]
    return {
        "reports": rows.count(),
        "classified": rows.exclude(status=Incident.Status.NEW).count(),
        "twice": twice.count(),
        "failed": asked.filter(status=Job.Status.FAILED).count(),
        "open": asked.filter(status__in=OPEN).count(),
        "oldest s": max((queue.oldest_seconds or 0 for queue in waiting), default=0),
    }


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    one.__name__: one for one in (person, lift_limits, source, trains, to_read, last, file, events, filed)
}
