"""Somebody who looks at the pages all the time, and takes down what each answered."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.browser import NO_ANSWER, Browser

EVERY = 0.1


@dataclass(frozen=True)
class Look:
    """`status` is 0 where no answer came. Times by the monotonic clock."""

    path: str
    began: float
    ended: float
    status: int
    why: str = ""

    @property
    def is_bad(self) -> bool:
        return self.status == 0 or self.status >= 500


class Watcher:
    """`receipt` tells the address of the newest report, or nothing; `session` is an analyst's."""

    def __init__(self, port: int, session: str, receipt: Callable[[], str]) -> None:
        self.browser = Browser(port, {"sessionid": session})
        self.receipt = receipt
        self.looks: list[Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            for path in ("/healthz", "/queue/", "/status/", self.receipt()):
                if path and not self._over.is_set():
                    self.looks.append(self._look(path))
                    time.sleep(EVERY)

    def _look(self, path: str) -> Look:
        began = time.monotonic()
        try:
            status, why = self.browser.get(path).status, ""
        except NO_ANSWER as error:
            status, why = 0, type(error).__name__
        return Look("/r/…/" if path.startswith("/r/") else path, began, time.monotonic(), status, why)
