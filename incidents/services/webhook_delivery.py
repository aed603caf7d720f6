"""Calls webhooks: signed, to an address that was checked, within 5 s; no redirect is followed, no answer is kept."""

import hashlib
import hmac
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import orjson
import urllib3
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config import __version__
from incidents.models import Webhook, WebhookDelivery
from incidents.services.webhook_targets import Target, TargetRefused, address_of, target_of
from incidents.services.webhooks import DELIVER, DESK_QUEUE
from workers import jobs
from workers.models import Job

TIMEOUT_SECONDS = 5.0
GAPS = tuple(timedelta(minutes=minutes) for minutes in (0.2, 1, 5, 30, 120, 360, 720))  # after each try that failed
MOST_TRIES = len(GAPS) + 1
KEPT = 10_000  # deliveries in the log of one webhook
State = WebhookDelivery.State


@dataclass(frozen=True)
class Answer:
    """How a call ended. `reached`: the receiver answered, whatever it said."""

    delivered: bool
    text: str
    reached: bool = True


def deliver(batch: jobs.Batch) -> None:
    """Call the webhooks of the batch's deliveries; one that fails is tried again later, up to eight times.

    A webhook that cannot be reached is not called again in this batch: the rest of its deliveries wait as if they had
    not been tried. Killed before it ends, it calls again: receivers know a delivery by its number.
    """
    waiting = WebhookDelivery.objects.filter(pk__in=batch.object_ids, state=State.WAITING).select_related("webhook")
    silent: set[int] = set()
    answers: list[tuple[WebhookDelivery, Answer | None]] = []
    for delivery in waiting.order_by("pk"):
        batch.beat()
        answer = None if delivery.webhook_id in silent else call(delivery)
        answers.append((delivery, answer))
        if answer and not answer.reached:
            silent.add(delivery.webhook_id)
    with transaction.atomic():
        batch.finish()
        for delivery, answer in answers:
            _note(delivery, answer)
        _forget({delivery.webhook_id for delivery, _answer in answers})


def call(delivery: WebhookDelivery) -> Answer:
    """Send one delivery now."""
    hook = delivery.webhook
    if not hook.active and delivery.event != Webhook.Event.PING:
        return Answer(False, _("The webhook is switched off."))
    body = orjson.dumps({"delivery": delivery.pk, "at": delivery.created_at.isoformat()} | delivery.payload)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Caseloop/{__version__}",
        "X-Caseloop-Event": delivery.event,
        "X-Caseloop-Delivery": str(delivery.pk),
        "X-Caseloop-Signature": signature(hook.secret, int(time.time()), body),
    }
    try:
        target = target_of(hook.url)
        status = _post(target, address_of(target), headers, body)
    except TargetRefused as error:
        return Answer(False, str(error), reached=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return Answer(False, _("No answer: %(error)s.") % {"error": type(error).__name__}, reached=False)
    return Answer(200 <= status < 300, _said(status))


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 of "t.body", so that an old call cannot be sent again as new."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def _post(target: Target, address: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer; nothing else of it is read. The call goes to the address that was checked."""
    timeout = urllib3.Timeout(total=TIMEOUT_SECONDS)
    pool: urllib3.HTTPConnectionPool
    if target.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address,
            target.port,
            timeout=timeout,
            ssl_context=ssl.create_default_context(),
            server_hostname=target.host,
            assert_hostname=target.host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, target.port, timeout=timeout)
    with pool:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers=headers | {"Host": target.authority},
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
        return answer.status


def _said(status: int) -> str:
    if 300 <= status < 400:
        return _("Answered %(status)s: redirects are not followed.") % {"status": status}
    return _("Answered %(status)s.") % {"status": status}


def _note(delivery: WebhookDelivery, answer: Answer | None) -> None:
    """Write how a delivery went, and when it is tried again. None: it was not tried, because the host is silent."""
    if answer is not None:
        delivery.tries += 1
        delivery.answer = answer.text[:300]
    if answer is not None and answer.delivered:
        delivery.state, delivery.delivered_at = State.DELIVERED, timezone.now()
    elif delivery.tries >= MOST_TRIES or (answer is not None and not delivery.webhook.active):
        delivery.state = State.FAILED
    else:
        gap = GAPS[max(delivery.tries, 1) - 1]
        later = timezone.now() + gap
        jobs.enqueue(DELIVER, delivery.pk, queue=DESK_QUEUE, priority=Job.Priority.IMPORT, run_after=later)
    delivery.save(update_fields=["tries", "answer", "state", "delivered_at"])


def _forget(webhook_ids: Iterable[int]) -> None:
    """Keep the log of a webhook from growing for ever."""
    for pk in webhook_ids:
        log = WebhookDelivery.objects.filter(webhook=pk).order_by("-pk")
        oldest = log.values_list("pk", flat=True)[KEPT : KEPT + 1].first()
        if oldest is not None:
            log.filter(pk__lte=oldest).exclude(state=State.WAITING).delete()
