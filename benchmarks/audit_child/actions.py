"""What a process of the product can be asked by the benchmark of the audit chain and of backups."""

import threading
import time
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from config.store import insert_alike
from incidents.models import AuditEvent, AuditHead
from incidents.services import audit
from incidents.services.audit_check import verify
from incidents.services.audit_seal import seal
from workers.backup.making import make_backup
from workers.backup.restoring import restore

AT_ONCE = 10_000


def fill(rows: int) -> dict[str, Any]:
    """Events as they stand after their commit: none is sealed."""
    started = time.perf_counter()
    for first in range(0, rows, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, rows))
        details = [{"label": number, "verdict": "confirm"} for number in numbers]
        insert_alike(AuditEvent, {"detail": details}, kind="incident.labelled", created_at=timezone.now())
    return {"seconds": time.perf_counter() - started}


def sealed() -> dict[str, Any]:
    started = time.perf_counter()
    return {"rows": seal(), "seconds": time.perf_counter() - started}


def verified() -> dict[str, Any]:
    started = time.perf_counter()
    found = verify()
    return {"rows": found.rows, "whole": found.is_whole, "seconds": time.perf_counter() - started}


def written(writers: int, each: int, work: float, held: bool) -> dict[str, Any]:
    """Transactions that record an event and go on for `work` seconds; `held`: the chain's end is theirs meanwhile."""
    audit.record("bench.first")
    seal()
    threads = [threading.Thread(target=_write, args=(each, work, held)) for _ in range(writers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return {"transactions": writers * each, "seconds": seconds, "sealing": sealed()["seconds"]}


def _write(each: int, work: float, held: bool) -> None:
    for _ in range(each):
        with transaction.atomic():
            if held:
                AuditHead.objects.select_for_update().get()
            audit.record("bench.done")
            time.sleep(work)
    connection.close()


def backed_up(file: str) -> dict[str, Any]:
    started = time.perf_counter()
    made = make_backup(Path(file), with_key=True)
    return {
        "rows": sum(made.manifest.tables.values()),
        "files": len(made.manifest.files),
        "bytes": made.size,
        "seconds": time.perf_counter() - started,
    }


def restored(file: str) -> dict[str, Any]:
    started = time.perf_counter()
    restore(Path(file), replace=True)
    return {"seconds": time.perf_counter() - started}


ACTIONS = {
    "fill": fill,
    "seal": sealed,
    "verify": verified,
    "write": written,
    "back_up": backed_up,
    "restore": restored,
}
