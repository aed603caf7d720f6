"""Webhooks: set up by admins, told of events in the transaction of what they are about, called by a job."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from classifier.models import TrainingRun
from incidents.models import Notice, User, Webhook, WebhookDelivery
from incidents.models.notice import new_secret
from incidents.services import audit, notices
from incidents.services.webhook_payloads import payloads
from workers import jobs
from workers.models import Job

DELIVER, DESK_QUEUE = "deliver_webhook", "desk"
Event, State = Webhook.Event, WebhookDelivery.State


def emit(event: str, ids: Sequence[int]) -> None:
    """Have every webhook that asked for this event told of these objects; see `payloads` for what they are.

    Without such a webhook, this is one query on a table of a few rows.
    """
    hooks = [hook for hook in Webhook.objects.filter(active=True) if event in hook.events]
    if hooks and ids:
        _deliver(hooks, event, ids)


def ping(hook: Webhook, *, by: User) -> WebhookDelivery:
    """Send a test to a webhook, also to one that is switched off."""
    with transaction.atomic():
        audit.record("webhook.tested", actor=by, subject=hook.name)
        (delivery,) = _deliver([hook], Event.PING, [hook.pk])
    return delivery


def retry(delivery: WebhookDelivery, *, by: User) -> bool:
    """Try a delivery that was given up again, with all its tries. False when it was not given up."""
    with transaction.atomic():
        given_up = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.FAILED)
        if not given_up.update(state=State.WAITING, tries=0):
            return False
        audit.record("webhook.retried", actor=by, subject=delivery.webhook.name, delivery=delivery.pk)
        _enqueue([delivery.pk])
    return True


def save(hook: Webhook, *, by: User) -> None:
    """Keep a new webhook, or what was changed of one."""
    kind = "webhook.changed" if hook.pk else "webhook.made"
    hook.created_by = hook.created_by or by
    with transaction.atomic():
        hook.save()
        audit.record(kind, actor=by, subject=hook.name, url=hook.url, events=hook.events, active=hook.active)


def renew_secret(hook: Webhook, *, by: User) -> None:
    """From the next call on, the signatures are made with another secret."""
    with transaction.atomic():
        Webhook.objects.filter(pk=hook.pk).update(secret=new_secret())
        audit.record("webhook.secret_renewed", actor=by, subject=hook.name)


def tell_predicted(batch: jobs.Batch) -> None:
    """Tell webhooks of the batch's predictions."""
    with transaction.atomic():
        batch.finish()
        emit(Event.PREDICTED, batch.object_ids)


def tell_promoted(batch: jobs.Batch) -> None:
    """Tell webhooks of the batch's promotions."""
    with transaction.atomic():
        batch.finish()
        emit(Event.PROMOTED, batch.object_ids)


def tell_trained(batch: jobs.Batch) -> None:
    """Tell webhooks and those who manage models that trainings have ended."""
    managers = User.objects.with_perm("classifier.manage_models", backend=notices.BACKEND, include_superusers=False)
    with transaction.atomic():
        batch.finish()
        emit(Event.TRAINED, batch.object_ids)
        for run in TrainingRun.objects.filter(pk__in=batch.object_ids).select_related("version"):
            what = f"{run}: {run.version.name if run.version else run.get_status_display()}"
            notices.tell(managers, Notice.Kind.TRAINED, subject=what)


def _deliver(hooks: Iterable[Webhook], event: str, ids: Sequence[int]) -> list[WebhookDelivery]:
    told: dict[int, dict[str, Any]] = payloads(event, ids)
    deliveries = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=hook, event=event, object_id=pk, payload=payload)
        for hook in hooks
        for pk, payload in told.items()
    )
    _enqueue([one.pk for one in deliveries])
    return deliveries


def _enqueue(delivery_ids: Sequence[int]) -> None:
    jobs.enqueue_many(DELIVER, delivery_ids, queue=DESK_QUEUE, priority=Job.Priority.IMPORT)
