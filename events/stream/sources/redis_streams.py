"""A Redis Streams consumer group: entries are acknowledged after the commit, those of dead consumers taken over."""

from typing import Any

import orjson
import redis
from redis.exceptions import RedisError, ResponseError

from events.stream.event import Line
from events.stream.sources.source import Poll, SourceUnavailable

GROUP = "caseloop"
FIELD = b"event"  # of an entry: the line; an entry with other fields is one JSON object of them
TAKE_OVER_AFTER = 60_000  # ms that an entry may be pending with somebody else
BLOCK = 200  # ms that a poll waits for entries


class RedisStream:
    """One consumer of a stream."""

    def __init__(self, url: str, stream: str, consumer: str) -> None:
        """Raises SourceUnavailable."""
        self._client: Any = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._stream, self._consumer = stream, consumer
        try:
            self._client.xgroup_create(stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise SourceUnavailable(f"Redis refuses the consumer group of {stream!r}: {error}") from error
        except RedisError as error:
            raise _unavailable(error) from error

    def poll(self, most: int) -> Poll | None:
        """Entries that somebody else, or this consumer before a crash, left pending come first."""
        try:
            left = self._client.xautoclaim(
                self._stream, GROUP, self._consumer, min_idle_time=TAKE_OVER_AFTER, count=most
            )[1]
            entries = left or self._mine(most) or self._new(most)
        except RedisError as error:
            raise _unavailable(error) from error
        if not entries:
            return None
        return Poll(
            [_line(self._stream, key, fields) for key, fields in entries if fields], [key for key, _ in entries]
        )

    def ack(self, poll: Poll) -> None:
        try:
            self._client.xack(self._stream, GROUP, *poll.offsets)
        except RedisError as error:
            raise _unavailable(error) from error

    def close(self) -> None:
        self._client.close()

    def _mine(self, most: int) -> list[Any]:
        return _entries(self._client.xreadgroup(GROUP, self._consumer, {self._stream: "0"}, count=most))

    def _new(self, most: int) -> list[Any]:
        return _entries(self._client.xreadgroup(GROUP, self._consumer, {self._stream: ">"}, count=most, block=BLOCK))


def _entries(answer: Any) -> list[Any]:
    if isinstance(answer, dict):
        answer = list(answer.items())
    return list(answer[0][1]) if answer else []


def _line(stream: str, key: bytes, fields: dict[bytes, bytes]) -> Line:
    """The entry's id is its place: it never changes, so a redelivery is known."""
    raw = fields.get(FIELD)
    if raw is None:
        text = {name.decode(errors="replace"): value.decode(errors="replace") for name, value in fields.items()}
        raw = orjson.dumps(text)
    milliseconds, _, number = key.decode().partition("-")
    return Line(raw, f"redis {stream} {milliseconds}", int(number or 0))


def _unavailable(error: RedisError) -> SourceUnavailable:
    return SourceUnavailable(
        f"Redis does not answer as it should ({type(error).__name__}). Is it running and reachable?"
    )
