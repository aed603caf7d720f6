"""A Kafka topic, where the extra is installed (`pip install -r requirements/kafka.txt`)."""

import time
from typing import Any

from events.stream.event import Line
from events.stream.sources.source import Poll, SourceUnavailable

GROUP = "caseloop"
WAIT = 0.5  # seconds that a poll waits for messages
JOIN = 10.0  # seconds that a consumer gets to be given partitions


class KafkaTopic:
    """One consumer of a topic; offsets are committed by hand, after the database has committed."""

    def __init__(self, servers: str, topic: str) -> None:
        """Raises SourceUnavailable where the package or the servers are not there."""
        try:
            import confluent_kafka
        except ImportError as error:
            raise SourceUnavailable(
                "Kafka needs a package that is not installed: pip install -r requirements/kafka.txt"
            ) from error
        if not servers:
            raise SourceUnavailable("No Kafka server is named: set KAFKA_SERVERS=host:9092[,host:9092] and restart.")
        self._error: type[Exception] = confluent_kafka.KafkaException
        self._topic = topic
        self._consumer: Any = confluent_kafka.Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        self._consumer.subscribe([topic])

    def poll(self, most: int) -> Poll | None:
        """Joining the group takes seconds: nothing waits only once this consumer has partitions and gets nothing."""
        try:
            messages = self._consumer.consume(most, timeout=WAIT)
            until = time.monotonic() + JOIN
            while not messages and not self._consumer.assignment() and time.monotonic() < until:
                messages = self._consumer.consume(most, timeout=WAIT)
        except self._error as error:
            raise self._unavailable(error) from error
        for message in messages:
            if message.error() is not None:
                raise self._unavailable(message.error())
        if not messages:
            return None
        lines = [
            Line(message.value(), f"kafka {self._topic} {message.partition()}", message.offset())
            for message in messages
            if message.value() is not None
        ]
        return Poll(lines, messages)

    def ack(self, poll: Poll) -> None:
        """Commits the position behind the last message of each partition."""
        last = {message.partition(): message for message in poll.offsets}
        try:
            for message in last.values():
                self._consumer.commit(message=message, asynchronous=False)
        except self._error as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        self._consumer.close()

    def _unavailable(self, error: Any) -> SourceUnavailable:
        return SourceUnavailable(f"Kafka does not answer as it should ({error}). Is it running and reachable?")
