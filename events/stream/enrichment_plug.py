"""One plug-in of enrichment at work: asked in a thread of its own, so that whatever it does stays its own matter."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Protocol

import orjson

from events.stream.answer_cache import Answer, AnswerCache, Cached
from events.stream.json_values import storable

LARGEST = 20_000  # bytes of an answer as JSON: it is stored with every event
FAILURES, PAUSE = 5, 60.0  # so many failures in a row have a plug-in left alone for so many seconds
LONGEST_REASON = 200


class LookupFailed(Exception):
    """A plug-in has no answer; the message says why, in a sentence for people."""


class StillBusy(LookupFailed):
    """It was not even asked. That costs nobody time, so that it is no reason to leave a plug-in alone."""


class Remembered(Future[Answer]):
    """An answer from the cache, which does not tell that its plug-in still works."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.set_result(answer)


class Enricher(Protocol):
    """One plug-in. `field` is the event field whose value is looked up; `name` is what answers are stored under."""

    @property
    def name(self) -> str: ...

    @property
    def field(self) -> str: ...

    def lookup(self, value: str) -> Answer:
        """What is known of a value, as JSON; None when nothing is. May raise, and may be slow."""


@dataclass(eq=False)
class Plug:
    """A plug-in with its cache and its recent failures, for one caller at a time.

    `reason` says why it failed last; "" once it has answered. `asked` is whether it was ever asked.
    """

    enricher: Enricher
    clock: Callable[[], float] = time.monotonic
    reason: str = ""
    asked: bool = False
    _cache: AnswerCache = field(default_factory=AnswerCache)
    _waiting: "SimpleQueue[tuple[Future[Answer], str] | None]" = field(default_factory=SimpleQueue)
    _thread: threading.Thread | None = None
    _late: "Future[Answer] | None" = None
    _failed: int = 0
    _until: float = 0.0

    def ask(self, value: str) -> "Future[Answer]":
        """The answer to come; it is there at once for a value in the cache, and for a plug-in that is left alone."""
        self._settle()
        if (cached := self._cache.get(value)) is not None:
            return Remembered(cached.answer)
        future: Future[Answer] = Future()
        self.asked = True
        if self.clock() < self._until:
            left_alone = f"{self.reason} It is left alone for {PAUSE:.0f} s after {FAILURES} failures in a row."
            future.set_exception(LookupFailed(left_alone))
        elif self._late is not None:
            future.set_exception(StillBusy("It is still busy with an earlier value."))
        else:
            self._begin()
            self._waiting.put((future, value))
        return future

    def result(self, future: "Future[Answer]") -> Answer:
        """The answer as it is now. Raises LookupFailed; one that is not there yet has failed."""
        if not future.done():
            if not future.cancel():
                self._late = future
            raise self._failure("It gave no answer in time.")
        error = future.exception()
        if isinstance(error, StillBusy) or (isinstance(error, LookupFailed) and self.clock() < self._until):
            raise error
        if error is not None:
            words = str(error) if isinstance(error, LookupFailed) else f"{type(error).__name__}: {error}"
            raise self._failure(words[:LONGEST_REASON])
        if not isinstance(future, Remembered):
            self.reason, self._failed = "", 0
        return future.result()

    def close(self) -> None:
        """Let its thread end once it has nothing to do."""
        self._waiting.put(None)

    def _settle(self) -> None:
        """An answer that came late is one; that it was late still counts, else a slow plug-in would never be left."""
        if self._late is not None and self._late.done():
            if self._late.exception() is None and self.clock() >= self._until:
                self.reason = ""
            self._late = None

    def _failure(self, reason: str) -> LookupFailed:
        """Count a failure; too many in a row begin a pause."""
        self.reason, self._failed = reason, self._failed + 1
        if self._failed >= FAILURES:
            self._until, self._failed = self.clock() + PAUSE, 0
        return LookupFailed(reason)

    def _begin(self) -> None:
        """A thread of its own, which no end of the process waits for; a fork has none of its parent's."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._serve, name=f"look-up {self.enricher.name}", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while (asked := self._waiting.get()) is not None:
            future, value = asked
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._looked_up(value))
                except Exception as error:  # whatever a plug-in raises is told to whoever asked
                    future.set_exception(error)

    def _looked_up(self, value: str) -> Answer:
        found = self.enricher.lookup(value)
        answer = None if found is None else storable(dict(found))
        size = len(orjson.dumps(answer))
        if size > LARGEST:
            raise LookupFailed(f"Its answer has more than {LARGEST:,} bytes.")
        self._cache.put(value, Cached(answer, size))
        return answer
