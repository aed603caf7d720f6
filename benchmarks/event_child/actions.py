"""What a process of the product can be asked by the benchmarks of the event stream."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from benchmarks.event_child.stages import measured
from benchmarks.processes import peak_mb
from classifier.models import ModelVersion, TrainingRun
from classifier.services.promotion import promote
from classifier.services.training import job_of
from events.models import DeadLetter, Detection, Entity, Event, InboxBatch
from events.services.detector_training import request_detector
from events.services.ingest import Intake, forget
from events.services.registration import source_named
from events.services.training import run_training
from events.stream.lines import lines_of
from incidents.models import ApiToken, User
from incidents.services.tokens import create_token
from workers import jobs
from workers.models import Job, WorkerHeartbeat


def take(file: str, origin: str, source: str, format: str = "json") -> dict[str, Any]:
    """Read a file into a source, as `manage.py ingest_events` does."""
    intake = Intake(source_named(source), format=format)
    started = time.perf_counter()
    with Path(file).open("rb") as stream:
        total = intake.take_all(line for line, _ in lines_of(stream, origin))
    return {"seconds": time.perf_counter() - started, **asdict(total)}


def stages(**asked: Any) -> dict[str, Any]:
    """As `take`, with the seconds that each stage took of its own."""
    with measured() as spent:
        taken = take(**asked)
    return {**taken, "stages": spent}


def train(source: str) -> dict[str, Any]:
    """Fit a source's detector on what came so far, by the job that a worker would run; it takes charge at once."""
    known = source_named(source)
    run = request_detector(known, force=True)
    batch = jobs.claim_job(job_of(run), worker="benchmark")
    assert batch is not None
    run_training(batch)
    run.refresh_from_db()
    assert run.status == TrainingRun.Status.SUCCEEDED, run.error
    assert run.version is not None
    if not ModelVersion.objects.get(pk=run.version.pk).is_champion:
        promote(run.version, by=None, reason="trained on newer events")
    forget()
    return {"version": run.version.name}


def token() -> dict[str, Any]:
    """The secret of a token that may send events."""
    user, _ = User.objects.get_or_create(username="benchmark", defaults={"is_superuser": True})
    return {"token": create_token(user, name="benchmark", scopes=[ApiToken.Scope.EVENTS_WRITE])[1]}


def ready(queue: str) -> dict[str, Any]:
    """Whether a worker of the queue waits for work."""
    return {"ready": WorkerHeartbeat.objects.filter(queue=queue, state=WorkerHeartbeat.State.READY).exists()}


def wait(seconds: float) -> dict[str, Any]:
    """Until everything accepted is processed."""
    deadline = time.monotonic() + seconds
    while InboxBatch.objects.filter(processed_at=None).exists():
        assert time.monotonic() < deadline, f"not processed within {seconds} s"
        assert not Job.objects.filter(queue="events", status=Job.Status.FAILED).exists(), "a job failed"
        time.sleep(0.01)
    return {}


def counts() -> dict[str, Any]:
    """What stands in the tables."""
    rows = Event.objects.values_list("decision").annotate(n=Count("pk")).order_by()
    return {
        "events": Event.objects.count(),
        "entities": Entity.objects.count(),
        "bytes": _size(),
        "counted": Entity.objects.aggregate(n=Sum("events"))["n"] or 0,
        "decisions": dict(rows),
        "detections": Detection.objects.count(),
        "dead letters": DeadLetter.objects.count(),
    }


def analyze() -> dict[str, Any]:
    """What PostgreSQL's autovacuum does by itself after so many changes, now and not in the middle of a round."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {}


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchall()[0][0])


def memory() -> dict[str, Any]:
    return {"peak_mb": peak_mb()}


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    one.__name__: one for one in (take, stages, train, token, ready, wait, analyze, counts, memory)
}
