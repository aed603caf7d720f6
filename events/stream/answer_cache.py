"""The answers of one plug-in that are remembered, bounded in number and in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = Mapping[str, Any] | None

CACHED = 20_000  # values
MOST_HELD = 8_000_000  # bytes of their answers as JSON; as objects they take some ten times that


@dataclass(frozen=True, slots=True)
class Cached:
    """`size` is that of the answer as JSON, in bytes. That nothing is known of a value is an answer too."""

    answer: Answer
    size: int


@dataclass(eq=False)
class AnswerCache:
    """By value, for several threads. The least lately used answers leave it first."""

    held: int = 0
    _answers: "OrderedDict[str, Cached]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, value: str) -> Cached | None:
        with self._lock:
            found = self._answers.get(value)
            if found is not None:
                self._answers.move_to_end(value)
            return found

    def put(self, value: str, cached: Cached) -> None:
        with self._lock:
            earlier = self._answers.pop(value, None)
            self._answers[value] = cached
            self.held += cached.size - (earlier.size if earlier else 0)
            while len(self._answers) > CACHED or self.held > MOST_HELD:
                self.held -= self._answers.popitem(last=False)[1].size
