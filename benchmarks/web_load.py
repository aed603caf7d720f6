"""How much a whole site takes in and shows, and what a rolling restart of all of its processes costs the people on it.

wrk sends as fast as it is answered, on the same cores as the site's web and workers, while the workers classify what
comes in. "refused" are answers of 400 and above, "broken" connections that were refused or cut.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from typing import Any

from benchmarks import wrk
from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun
from benchmarks.whole_site import ACTIONS, WholeSite, whole_site

NAME = "web_load"
ABOUT = "reports taken in and pages shown a second, and a restart of every process under that load"
CONNECTIONS, SECONDS = 8, 30
QUICK = (2, 3)
CATCH_UP = 1800.0  # seconds that the workers get for what came in
RESTART = 900  # seconds within which every process has to be there again
runs = count(time.time_ns() // 1_000_000_000)


def run(quick: bool) -> dict[str, Any]:
    connections, seconds = QUICK if quick else (CONNECTIONS, SECONDS)
    rows: list[dict[str, Any]] = []
    restarted = {}
    for database, site_of in SITES.items():
        try:
            with site_of(ACTIONS) as site, whole_site(site) as whole:
                rows += [{"database": database, **row} for row in _loads(whole, connections, seconds)]
                row, restarted[database] = _restart(whole, connections)
                rows.append({"database": database, **row})
        except NotRun as reason:
            rows.append({"database": database, "what": f"not run: {reason}"})
    return {"rows": rows, "connections": connections, "restarted, seconds": restarted}


def _loads(whole: WholeSite, connections: int, seconds: int) -> Iterator[dict[str, Any]]:
    site = whole.site
    reporter, analyst = site.ask("person", name="reporter"), site.ask("person", name="analyst")
    numbers = site.ask("to_read", count=200)["numbers"]
    reading = {
        "review pages": [f"/review/{number}/" for number in numbers],
        "reports' pages": [f"/incidents/{number}/" for number in numbers],
        "list of reports": ["/queue/?status=waiting"],
    }
    how = {"connections": connections, "seconds": seconds}
    for what, addresses in reading.items():
        yield _row(what, wrk.send("read.lua", whole.port, analyst["session"], *addresses, **how))
    for what, sender, secret in (("form", "form", reporter["session"]), ("API", "api", reporter["token"])):
        before = site.ask("last")["number"]
        sent = wrk.send("file.lua", whole.port, f"{next(runs):x}", sender, secret, **how)
        yield {**_row(f"reports by the {what}", sent), **_kept(site, before, sent)}


def _restart(whole: WholeSite, connections: int) -> tuple[dict[str, Any], dict[str, float]]:
    """Every process is started again while reports come in."""
    site, before = whole.site, whole.site.ask("last")["number"]
    secret = site.ask("person", name="reporter")["token"]
    sending = wrk.start(
        "file.lua", whole.port, f"{next(runs):x}", "api", secret, connections=connections, seconds=RESTART
    )
    time.sleep(3)
    said = whole.restart()
    sent = wrk.stopped(sending)
    steps = [line.strip().removesuffix(" s").split(": ") for line in said.splitlines() if line.endswith(" s")]
    return (
        {**_row("reports by the API, every process restarted", sent), **_kept(site, before, sent)},
        {name: float(took) for name, took in steps},
    )


def _kept(site: Site, before: int, sent: wrk.Told) -> dict[str, Any]:
    """What is in the database once the workers have caught up. wrk does not count answers after its time is over."""
    began = time.monotonic()
    while (found := site.ask("filed", after=before))["open"]:
        if time.monotonic() - began > CATCH_UP:
            break
        time.sleep(1)
    accepted = sent.requests - sent.refused
    return {
        "lost": max(0, accepted - found["reports"]),
        "classified": found["classified"],
        "twice": found["twice"],
        "caught up s": round(time.monotonic() - began),
    }


def _row(what: str, sent: wrk.Told) -> dict[str, Any]:
    figures = {name: value for name, value in asdict(sent).items() if name not in {"requests", "seconds"}}
    return {"what": what, "a second": round(sent.a_second, 1), **figures}
