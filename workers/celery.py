"""The Celery app. A message is a doorbell: it names a queue, the rows say what there is to do."""

import os

from celery import Celery
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("caseloop")
app.config_from_object("django.conf:settings", namespace="CELERY")

WORK = "workers.work"
LONG_WORK = "workers.long_work"
LONG_QUEUES = frozenset({"training"})


def ring(queue: str, connection: Connection) -> bool:
    """Publish "there is work" for a queue, unless such a message waits there already.

    A waiting message is taken later than now, so whoever takes it sees all that is committed now.
    Returns whether one was sent. Raises kombu's or the transport's errors when the broker is away.
    """
    channel = connection.channel()  # one try; `default_channel` would try for ever
    waiting: int = app.amqp.queues[queue](channel).queue_declare().message_count
    if waiting:
        return False
    name = LONG_WORK if queue in LONG_QUEUES else WORK
    app.send_task(name, args=[queue], queue=queue, connection=connection, ignore_result=True)
    return True
