"""The audit chain: sealing, looking through it, what writers would wait if they sealed themselves; and its backup."""

from typing import Any

from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun

NAME = "audit"
ABOUT = "audit events sealed and verified a second; writers with and without the chain's end in hand; backups"
ROWS, QUICK_ROWS = 200_000, 2_000
WRITERS, EACH, WORK = 4, 50, 0.02  # threads, transactions of each, seconds that each goes on after its event
ACTIONS = "benchmarks.audit_child.actions"


def run(quick: bool) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for database, site in SITES.items():
        try:
            with site(ACTIONS) as here:
                rows += _measured(database, here, QUICK_ROWS if quick else ROWS, 3 if quick else EACH)
        except NotRun as error:
            rows.append({"database": database, "what": f"not run: {error}"})
    return {"rows": rows}


def _measured(database: str, site: Site, count: int, each: int) -> list[dict[str, Any]]:
    found = []
    for held in (True, False):
        told = site.ask("write", writers=WRITERS, each=each, work=WORK, held=held)
        what = "transactions that hold the chain's end" if held else "transactions that leave it to the sweeper"
        found.append(_row(database, what, told["transactions"], told["seconds"]))
    site.ask("fill", rows=count)
    for action, what in (("seal", "events sealed"), ("verify", "events verified")):
        told = site.ask(action)
        found.append(_row(database, what, told["rows"], told["seconds"]))
    file = str(site.home / "backup.zip")
    made = site.ask("back_up", file=file)
    found.append(_row(database, f"rows backed up, {made['bytes'] / 1e6:.0f} MB", made["rows"], made["seconds"]))
    found.append(_row(database, "rows restored", made["rows"], site.ask("restore", file=file)["seconds"]))
    return found


def _row(database: str, what: str, count: int, seconds: float) -> dict[str, Any]:
    return {"database": database, "what": what, "count": count, "seconds": round(seconds, 2),
            "a second": round(count / seconds)}  # fmt: skip
