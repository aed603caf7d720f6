"""What follows from a decision and may come a moment later: words to search by, webhooks, notices."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction

from incidents.models import Incident, Label, User, Webhook
from incidents.services import notices, webhooks
from incidents.services.search import index_reports
from workers import jobs
from workers.models import Job

KIND, DESK_QUEUE = "tell_decided", "desk"


def request_news(labels: Iterable[Label]) -> None:
    """Have a worker of the desk spread these decisions: who decided waits for none of it."""
    ids = [label.pk for label in labels]
    jobs.enqueue_many(KIND, ids, queue=DESK_QUEUE, priority=Job.Priority.WEB)


def tell_decided(batch: jobs.Batch) -> None:
    """Spread the batch's decisions."""
    with transaction.atomic():
        batch.finish()
        labels = Label.objects.filter(pk__in=batch.object_ids).select_related("incident", "reviewer")
        spread(list(labels.order_by("pk")))


def spread(labels: Collection[Label]) -> None:
    """Index the reports, tell the webhooks, and whoever watches or filed a report that is still decided."""
    index_reports(label.incident_id for label in labels)
    webhooks.emit(Webhook.Event.DECIDED, [label.pk for label in labels])
    by_person: dict[User, list[Incident]] = defaultdict(list)
    for label in labels:
        if label.reviewer:
            by_person[label.reviewer].append(label.incident)
    for person, incidents in by_person.items():
        notices.tell_decided(incidents, by=person)
