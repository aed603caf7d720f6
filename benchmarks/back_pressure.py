"""Ten times what the machine can score, for ten minutes: what waits, what it costs the pages, and when it is caught up.

First it is measured how much the workers score a second. Then others stand in for those of reports and events, which
work a share of the time, as on a machine so much smaller, and both kinds come in over HTTP at ten times that share.
Afterwards the usual workers run again, and the whole is over when every row is done.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np

from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun
from benchmarks.overload import LINES, Onlooker, Sender, in_thread, memory, stopped
from benchmarks.whole_site import ACTIONS, WholeSite, whole_site

NAME = "back_pressure"
ABOUT = "ten times more reports and events than can be scored, for ten minutes"
TIMES, SHARE = 10, 0.05
SECONDS, REPORTS, EVENTS = 600, 1_000, 50_000  # of the overload; to measure the workers with
QUICK = (10, 60, 5_000)
CATCH_UP = 3_600.0
LOOK = 5.0
HELD, SOURCE = ("inference", "events"), "flood"


def run(quick: bool) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for database, site_of in SITES.items():
        try:
            with site_of(ACTIONS) as site, whole_site(site) as whole:
                rows.append(
                    {"database": database, **_overloaded(whole, *(QUICK if quick else (SECONDS, REPORTS, EVENTS)))}
                )
        except NotRun as reason:
            rows.append({"database": database, "not run": str(reason)})
    return {"rows": rows, "share of the time": SHARE, "load": os.getloadavg()}


def _overloaded(whole: WholeSite, seconds: int, reports: int, events: int) -> dict[str, Any]:
    site = whole.site
    admin = site.ask("person", name="admin")
    site.ask("source", name=SOURCE)
    able = _able(whole, admin["token"], reports, events)
    before, counted = site.ask("last")["number"], site.ask("events", source=SOURCE)["stored"]
    sender = Sender(whole.port, admin["token"], f"{time.time_ns():x}")
    person = Onlooker(whole.port, admin["session"], _pages(site))
    watched = Watched(whole)
    with ExitStack() as stack:
        stack.enter_context(in_thread(watched.watch))
        stack.enter_context(in_thread(person.look))
        with ExitStack() as hard:
            hard.enter_context(whole.slowed(HELD, SHARE))
            pace = {name: TIMES * SHARE * rate for name, rate in able.items()}
            hard.enter_context(in_thread(lambda done: sender.send_reports(pace["reports"], done)))
            hard.enter_context(in_thread(lambda done: sender.send_events(SOURCE, pace["events"], done)))
            time.sleep(seconds)
        waited = {
            "reports": site.ask("filed", after=before)["open"],
            "events": sender.events - site.ask("events", source=SOURCE)["stored"] + counted,
        }
        caught_up = {
            "reports": _seconds_until(lambda: not site.ask("filed", after=before)["open"]),
            "events": _seconds_until(lambda: not site.ask("events", source=SOURCE)["waiting"]),
        }
    found, stored = site.ask("filed", after=before), site.ask("events", source=SOURCE)["stored"] - counted
    return {
        "scored a second": {name: round(rate, 1) for name, rate in able.items()},
        "sent a second": {"reports": round(sender.reports / seconds, 1), "events": round(sender.events / seconds)},
        "sent": {"reports": sender.reports, "events": sender.events},
        "sent for one scored": {
            "reports": round(sender.reports / max(sender.reports - waited["reports"], 1), 1),
            "events": round(sender.events / max(sender.events - waited["events"], 1), 1),
        },
        "waiting at the end": waited,
        "lost": {"reports": sender.reports - found["reports"], "events": sender.events - stored},
        "unclassified": found["reports"] - found["classified"],
        "twice": found["twice"],
        "oldest s": {name: round(age) for name, age in watched.oldest.items()},
        "pages p50 ms": round(float(np.percentile(person.milliseconds, 50)), 1),
        "pages p95 ms": round(float(np.percentile(person.milliseconds, 95)), 1),
        "most MB": {name: round(most) for name, most in watched.most_mb.items()},
        "caught up after s": {"reports": round(caught_up["reports"]), "events": round(sum(caught_up.values()))},
    }


class Watched:
    """Looks at the site every few seconds and keeps the worst of it."""

    def __init__(self, whole: WholeSite) -> None:
        self.whole = whole
        self.oldest: dict[str, float] = {}
        self.most_mb: dict[str, float] = {}

    def watch(self, done: threading.Event) -> None:
        while not done.wait(LOOK):
            _raise(self.most_mb, memory(self.whole.states()))
            _raise(self.oldest, self.whole.queue_ages())


def _raise(most: dict[str, float], now: dict[str, float]) -> None:
    for name, value in now.items():
        most[name] = max(value, most.get(name, 0.0))


def _able(whole: WholeSite, token: str, reports: int, events: int) -> dict[str, float]:
    """Reports and events that the workers score a second, one kind after the other, with nothing else to do."""
    site = whole.site
    with stopped(_groups(whole)):
        before = site.ask("file", count=reports)["after"]
    rate = reports / _seconds_until(lambda: not site.ask("filed", after=before)["open"])
    sender, counted = Sender(whole.port, token, f"able-{time.time_ns():x}"), site.ask("events", source=SOURCE)["stored"]
    with stopped(_groups(whole)):
        for number in range(-(-events // LINES)):
            sender.send_batch(SOURCE, number)
    took = _seconds_until(lambda: site.ask("events", source=SOURCE)["stored"] - counted >= sender.events)
    return {"reports": rate, "events": sender.events / took}


def _groups(whole: WholeSite) -> list[int]:
    return [state.pid for state in whole.states() if state.name in HELD]


def _pages(site: Site) -> list[str]:
    numbers = site.ask("to_read", count=40)["numbers"]
    several = [f"/{what}/{number}/" for number in numbers for what in ("review", "incidents")]
    return [*several, "/queue/?status=waiting", "/", "/status/", "/events/"]


def _seconds_until(condition: Callable[[], bool], patience: float = CATCH_UP) -> float:
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience:
            raise RuntimeError(f"it did not happen within {patience:.0f} s")
        time.sleep(0.2)
    return time.monotonic() - began
