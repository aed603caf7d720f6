"""A worker goes on to hear after an acknowledgement that its broker never got."""

import pytest
from kombu import Connection, Consumer

from tests.conftest import RedisServer
from workers import celery, tasks  # noqa: F401 - registers the tasks
from workers.acknowledging import Request
from workers.celery import app, ring


def test_the_next_ring_is_taken_though_the_last_could_not_be_acknowledged(redis_server: RedisServer) -> None:
    with Connection(redis_server.url) as connection:
        assert ring("inference", connection)
        heard = []
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        queue = app.amqp.queues["inference"]
        with Consumer(channel, [queue], callbacks=[lambda body, message: heard.append(message)], accept=["json"]):
            connection.drain_events(timeout=5)
            (message,) = heard
            assert not channel.qos.can_consume(), "it takes one at a time"
            request = Request(
                message, app=app, task=app.tasks[celery.WORK], on_ack=message.ack_log_error,
                connection_errors=connection.connection_errors,
            )  # fmt: skip
            redis_server.kill()
            request.acknowledge()
            assert not message.acknowledged
            assert channel.qos.can_consume()


@pytest.mark.parametrize("name", [celery.WORK, celery.LONG_WORK])
def test_every_task_is_acknowledged_that_way(name: str) -> None:
    assert app.tasks[name].Request == "workers.acknowledging:Request"
