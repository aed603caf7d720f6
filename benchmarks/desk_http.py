"""A desk over real HTTP: pages that a browser asks for, and programs that decide reports through the API."""

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

PATIENCE = 60.0  # seconds for an answer
Report = tuple[int, str]  # its number, and the key of the path to decide for


class Caller:
    """One connection that is kept open."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = headers

    def close(self) -> None:
        """The next question opens it again: a server hangs up on who is silent for two seconds."""
        self._connection.close()

    def ask(self, method: str, address: str, body: dict[str, Any] | None = None) -> float:
        """The milliseconds until the whole answer is there. Raises RuntimeError for an error."""
        started = time.perf_counter()
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        self._connection.request(method, address, json.dumps(body) if body else None, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {address}: {answer.status} {told[:300]!r}")
        return 1000 * (time.perf_counter() - started)


def page_times(port: int, session: str, addresses: Sequence[str]) -> list[float]:
    caller = Caller(port, {"Cookie": f"sessionid={session}"})
    caller.ask("GET", addresses[0])
    return [caller.ask("GET", address) for address in addresses]


def decisions_a_second(port: int, token: str, reports: Sequence[Report], clients: int) -> float:
    """Decisions a second of so many programs at once, each with a share of the reports."""
    callers = [Caller(port, {"Authorization": f"Token {token}"}) for _ in range(clients)]
    for caller, report in zip(callers, reports, strict=False):
        _decide(caller, report)  # every process has loaded what it needs
        caller.close()
    rest = reports[clients:]
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(_decide_all, one, rest[place::clients]) for place, one in enumerate(callers)]:
            done.result()
    return len(rest) / (time.perf_counter() - started)


def _decide_all(caller: Caller, reports: Sequence[Report]) -> None:
    for report in reports:
        _decide(caller, report)


def _decide(caller: Caller, report: Report) -> None:
    caller.ask("POST", f"/api/v1/incidents/{report[0]}/labels/", {"verdict": "confirm", "paths": [report[1]]})
