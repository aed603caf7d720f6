"""Looking events up: plug-ins with a cache, a time limit and a visible failure; none of them can hold up detection."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

DONE, FAILED, NOTHING = "done", "failed", ""
TIME = 0.2  # seconds that all look-ups of an event may take together
CACHED = 20_000  # values of each plug-in
FAILURES, PAUSE = 5, 60.0  # so many failures in a row have a plug-in left alone for so many seconds


class Enricher(Protocol):
    """One plug-in. `field` is the event field whose value is looked up."""

    name: str
    field: str

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        """What is known of a value, as JSON; None when nothing is. May raise, and may be slow."""


@dataclass(frozen=True)
class Enrichment:
    """What look-ups gave: `data` by plug-in; `failures` says of a plug-in why it has nothing to say."""

    state: str
    data: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass
class Plug:
    """A plug-in with its cache and its recent failures. Safe to use from several threads."""

    enricher: Enricher
    clock: Callable[[], float] = time.monotonic
    _cache: "OrderedDict[str, Mapping[str, Any] | None]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failed: int = 0
    _until: float = 0.0

    @property
    def is_paused(self) -> bool:
        return self.clock() < self._until

    def known(self, value: str) -> tuple[bool, Mapping[str, Any] | None]:
        """Whether the answer is in the cache, and the answer."""
        with self._lock:
            if value not in self._cache:
                return False, None
            self._cache.move_to_end(value)
            return True, self._cache[value]

    def ask(self, value: str) -> Mapping[str, Any] | None:
        found = self.enricher.lookup(value)
        with self._lock:
            self._cache[value] = found
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return found

    def note(self, failed: bool) -> None:
        """Count a failure, or forget those before; too many in a row begin a pause."""
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            if self._failed >= FAILURES:
                self._until, self._failed = self.clock() + PAUSE, 0


_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="enrichment")


def enrich(fields: Mapping[str, Any], plugs: Sequence[Plug], seconds: float = TIME) -> Enrichment:
    """Look an event's fields up in all plug-ins at once. Never raises, and never takes longer than `seconds`."""
    asked: dict[Future[Mapping[str, Any] | None], Plug] = {}
    data: dict[str, Any] = {}
    failures: dict[str, str] = {}
    for plug in plugs:
        value = fields.get(plug.enricher.field)
        if value is None or isinstance(value, dict | list):
            continue
        there, found = plug.known(str(value))
        if there:
            data |= {plug.enricher.name: dict(found)} if found else {}
        elif plug.is_paused:
            failures[plug.enricher.name] = f"left alone for {PAUSE:.0f} s after {FAILURES} failures in a row"
        else:
            asked[_pool.submit(plug.ask, str(value))] = plug
    done, late = wait(asked, timeout=seconds)
    for future in done:
        plug, error = asked[future], future.exception()
        plug.note(error is not None)
        if error is not None:
            failures[plug.enricher.name] = f"{type(error).__name__}: {error}"[:200]
        elif answer := future.result():
            data[plug.enricher.name] = dict(answer)
    for future in late:
        future.cancel()
        asked[future].note(True)
        failures[asked[future].enricher.name] = f"no answer within {seconds:g} s"
    state = FAILED if failures else DONE if data else NOTHING
    return Enrichment(state, data, failures)
