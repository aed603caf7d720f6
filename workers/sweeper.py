"""The one that looks after the others: expired leases go back, rings that nobody heard are rung again.

Each step is an UPDATE that repeats its condition or a ring that may come twice, so any number of sweepers may run.
"""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import structlog
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Exists, OuterRef
from django.utils import timezone

from classifier.services.asking import request_int8_measurement
from classifier.services.doubts import request_due_doubts, settle_doubts
from classifier.services.learning import request_due_learning
from classifier.services.promises import watch_promises
from classifier.services.pruning import prune_artefacts
from classifier.services.report_drift import watch_reports
from classifier.services.shadow import end_old_shadow
from classifier.services.training import remove_closed_workdirs, settle_runs
from classifier.services.triggers import request_due_trainings
from events.services.detector_drift import watch_detectors
from events.services.polling import request_polls
from events.services.report_retention import request_retention
from events.services.retention import request_forgetting
from incidents.services.audit_runs import request_due_check
from incidents.services.audit_seal import seal
from incidents.services.bulk import settle_bulk_runs
from incidents.services.import_runs import settle_imports
from incidents.services.reviewing import release_expired_claims
from incidents.services.snoozing import wake_snoozed
from incidents.services.themes import request_due_themes
from workers.celery import app, ring
from workers.errors import sentence
from workers.forgetting import request_forgetting_leftovers
from workers.models import Job, WorkerHeartbeat

log = structlog.get_logger("workers.sweeper")
EVERY_SECONDS = 10.0
FORGET_WORKER = timedelta(days=1)

Step = Callable[[], object]


def sweep() -> None:
    """One round. A step that fails is logged; the others run, and the next round tries it again."""
    for step in (*STEPS, *HOOKS):
        try:
            step()
        except Exception as error:
            log.warning("sweep_step_failed", step=step.__name__, error=sentence(error))
            if isinstance(error, DatabaseError | InterfaceError):
                connections.close_all()


def run(stop: Event) -> None:
    """Sweep every 10 s until `stop` is set."""
    while not stop.is_set():
        sweep()
        stop.wait(EVERY_SECONDS)


def take_back_lost_jobs() -> None:
    """Expired leases: end what has no attempt left or was to be cancelled, queue the rest again."""
    ended = Job.objects.give_up_expired()
    requeued = Job.objects.requeue_expired()
    if ended or requeued:
        log.warning("leases_expired", requeued=requeued, ended=ended)


def ring_waiting_queues() -> None:
    """Ring each queue that has a job to claim; `ring` sends nothing where a message waits already."""
    queues = sorted(set(Job.objects.claimable().order_by().values_list("queue", flat=True).distinct()))
    if not queues:
        return
    with app.connection_for_write() as connection:
        for queue in queues:
            if ring(queue, connection):
                log.info("queue_rung_again", queue=queue)


def forget_old_workers() -> None:
    """Drop workers not seen for a day, so that passing containers do not pile up; a queue's last one stays."""
    later = WorkerHeartbeat.objects.filter(queue=OuterRef("queue"), seen_at__gt=OuterRef("seen_at"))
    old = WorkerHeartbeat.objects.filter(Exists(later), seen_at__lt=timezone.now() - FORGET_WORKER)
    old.delete()


STEPS: tuple[Step, ...] = (take_back_lost_jobs, ring_waiting_queues, forget_old_workers)

# What the packages above need done each round: audit events sealed and, once a day, their chain looked through;
# trainings marked lost, due ones asked for, int8 variants measured,
# shadows ended, artefacts pruned, expired review claims released, snoozed reports woken, bulk runs and imports brought
# to what became of their jobs, doubts settled, doubts and themes found anew, learning curves drawn anew,
# reports watched for drift, promises watched, sources fetched from, detectors watched, old events forgotten, old
# reports erased, old done jobs and ended sessions dropped.
HOOKS: tuple[Step, ...] = (
    seal,
    request_due_check,
    settle_runs,
    remove_closed_workdirs,
    request_due_trainings,
    request_int8_measurement,
    end_old_shadow,
    prune_artefacts,
    release_expired_claims,
    wake_snoozed,
    settle_bulk_runs,
    settle_imports,
    settle_doubts,
    request_due_doubts,
    request_due_learning,
    watch_reports,
    watch_promises,
    request_due_themes,
    request_polls,
    watch_detectors,
    request_forgetting,
    request_retention,
    request_forgetting_leftovers,
)
