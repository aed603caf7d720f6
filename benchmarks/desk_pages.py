"""What the server takes for every page and for a decision, with 100,000 reports and half a million predictions.

Times are of a process without HTTP, every turn another report, in use: a page may believe what another has counted in
the last minute. Lists are measured as the first in a minute, too: "nothing counted before". A browser's way to the
list and the review, and decisions through the API, are measured over HTTP too, on web processes as a local start runs
them. "load" is what else ran: on two cores, above 2 all times are longer than alone.
"""

import os
from typing import Any

import numpy as np

from benchmarks.desk_http import decisions_a_second, page_times
from benchmarks.event_http import broker_of, web_of
from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun

NAME = "desk_pages"
ABOUT = "server time and queries of every page, and decisions a second, of 100,000 reports and 500,000 predictions"
ACTIONS = "benchmarks.desk_child.actions"
REPORTS, TURNS, DECISIONS = 100_000, 20, 200
QUICK = (2_000, 2, 8)
CLIENTS = (1, 4)
HTTP_PAGES = {"list of 30 by margin": "/queue/?status=waiting&order=margin", "first page": "/"}


def run(quick: bool) -> dict[str, Any]:
    sizes = QUICK if quick else (REPORTS, TURNS, DECISIONS)
    rows: list[dict[str, Any]] = []
    built, load = {}, {"before": os.getloadavg()}
    for database, site_of in SITES.items():
        try:
            with site_of(ACTIONS) as site, broker_of(site) as broker:
                site.ask("use_broker", url=broker)
                built[database] = site.ask("filled", reports=sizes[0])
                rows += [{"database": database, **row} for row in _measured(site, *sizes[1:])]
        except NotRun as reason:
            rows.append({"database": database, "what": f"not run: {reason}"})
    return {"rows": rows, "built": built, "turns": sizes[1], "load": load | {"after": os.getloadavg()}}


def _measured(site: Site, turns: int, decisions: int) -> list[dict[str, Any]]:
    rows = [
        {**_times(page["page"], page["by"], page["ms"]), "queries": page["queries"]}
        for page in site.ask("measured", turns=turns)["pages"]
    ]
    rows += [
        _times(f"{page['page']}, nothing counted before", page["by"], page["ms"])
        for page in site.ask("measured", turns=turns, only="list", anew=True)["pages"]
    ]
    decided = site.ask("decisions", turns=turns)
    rows += [
        {**_times(name, "analyst", times), "queries": decided["queries"][name]} for name, times in decided["ms"].items()
    ]
    with web_of(site) as port:
        try:
            return rows + _over_http(site, port, turns, decisions)
        except RuntimeError as error:
            raise RuntimeError(f"{error}; the end of the log:\n{site.told()}") from error


def _over_http(site: Site, port: int, turns: int, decisions: int) -> list[dict[str, Any]]:
    known, last = site.ask("token"), 0
    rows = [
        _times(f"{name}, over HTTP", "analyst", page_times(port, known["session"], [address] * turns))
        for name, address in HTTP_PAGES.items()
    ]
    for clients in CLIENTS:
        reports = site.ask("to_decide", count=decisions + clients, after=last)["reports"]
        last = reports[-1][0]
        rate = decisions_a_second(port, known["token"], reports, clients)
        rows.append({"what": f"decisions by API, {clients} at once", "by": "analyst", "a second": round(rate, 1)})
    return rows


def _times(what: str, by: str, milliseconds: list[float]) -> dict[str, Any]:
    middle, high = np.percentile(milliseconds, [50, 95])
    return {"what": what, "by": by, "p50 ms": round(float(middle), 1), "p95 ms": round(float(high), 1)}
