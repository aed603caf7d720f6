"""People and programs that file reports over HTTP, and send again with the same key what got no good answer."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos.browser import NO_ANSWER, Answer, Browser
from tests.classifier.services.conftest import WORDS

PAUSE = 1.0  # seconds before a client sends again
PATIENCE = 600.0  # seconds that it goes on trying


@dataclass
class Accepted:
    """What the site has promised to keep: of each key where the report is, by the site's own answer."""

    places: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # why something was sent again
    lock: threading.Lock = field(default_factory=threading.Lock)


# Files a text as what is kept of earlier tries tells: the idempotency key, and the answer.
Filing = Callable[[Browser, str, dict[str, str]], tuple[str, Answer]]


class Clients:
    """Half of the reports come through the form, half through the API."""

    def __init__(self, port: int, token: str, *, seed: int) -> None:
        self.port, self.token = port, token
        self.accepted = Accepted()
        self.given_up: list[str] = []
        self._dice = random.Random(seed)
        self._threads: list[threading.Thread] = []

    def file(self, numbers: Sequence[int], seconds: float) -> None:
        """File reports of these numbers, evenly over so many seconds; does not wait for their answers.

        Each report has a thread of its own, as it would have a person: who waits holds nobody up.
        """
        for number in numbers:
            text = _words(self._dice, number)
            file = self._by_form if number % 2 else self._by_api
            later = seconds * (number - numbers[0]) / len(numbers)
            thread = threading.Thread(target=self._insist, args=(file, text, later), daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()

    def _insist(self, file: Filing, text: str, later: float) -> None:
        time.sleep(later)
        browser, state, end = Browser(self.port), dict[str, str](), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with self.accepted.lock:
                self.accepted.tries += 1
            try:
                key, answer = file(browser, text, state)
            except NO_ANSWER as error:
                self._note(type(error).__name__)
            else:
                if answer.status in {200, 201, 302} and "Location" in answer.headers:
                    return self._take(key, answer.headers["Location"])
                self._note(str(answer.status))
            time.sleep(PAUSE)
        self.given_up.append(text)

    def _by_form(self, browser: Browser, text: str, state: dict[str, str]) -> tuple[str, Answer]:
        state.update(state or browser.filing_form())
        return state["key"], browser.send("/file/", state | {"title": "Filed by form", "text": text})

    def _by_api(self, browser: Browser, text: str, state: dict[str, str]) -> tuple[str, Answer]:
        key = state.setdefault("key", str(uuid.uuid4()))
        return key, browser.call("/api/v1/incidents/", {"title": "Filed by API", "text": text}, self.token, key)

    def _take(self, key: str, place: str) -> None:
        with self.accepted.lock:
            self.accepted.places[key] = place

    def _note(self, why: str) -> None:
        with self.accepted.lock:
            self.accepted.refused[why] += 1


def _words(dice: random.Random, number: int) -> str:
    words = [word for some in WORDS.values() for word in some.split()]
    return " ".join([f"case{number}", *dice.choices(words, k=60)])
