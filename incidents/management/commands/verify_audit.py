"""Whether the audit events are as they were written."""

import argparse
import re
from typing import Any

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from incidents.models import AuditHead
from incidents.services import audit_seal
from incidents.services.audit_check import verify


def anchor(text: str) -> tuple[int, bytes]:
    """A type of argument: SEQUENCE:HASH, as `--head` prints it."""
    if not re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"{text[:90]} is not SEQUENCE:HASH, as --head prints it")
    sequence, _, digest = text.partition(":")
    return int(sequence), bytes.fromhex(digest)


class Command(JsonCommand):
    help = (
        "Looks through the chain of audit events, from the first to the last: finds rows that were changed, are "
        f"missing, were put in or exchanged, and tells their numbers. {EXIT_CODES}"
    )
    errors_for_people = (audit_seal.ForeignHead,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--head", action="store_true", help="seal what waits and print the chain's end, to be kept elsewhere"
        )
        what.add_argument(
            "--expect", type=anchor, metavar="SEQUENCE:HASH", help="an end that was kept: finds a chain that was cut"
        )
        what.add_argument(
            "--adopt", action="store_true", help="after a new SECRET_KEY: seal the end of a whole chain anew"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        if options["head"]:
            return _head()
        if options["adopt"]:
            return self._adopted()
        found = verify(options["expect"])
        return {
            "whole": found.is_whole,
            "rows": found.rows,
            "sequence": found.sequence,
            "hash": found.end.hex(),
            "findings": found.findings,
            "waiting": found.waiting,
            "oldest_waiting_seconds": round(found.waiting_seconds, 1),
        }

    def tell(self, result: dict[str, Any]) -> None:
        if "head" in result:
            self.stdout.write(result["head"])
            return
        for finding in result["findings"]:
            self.stdout.write(finding)
        verdict = "The chain is whole" if result["whole"] else "The chain is broken"
        self.stdout.write(f"{verdict}: {result['rows']:,} rows, the last is {result['sequence']}:{result['hash']}")
        if result["waiting"]:
            since = result["oldest_waiting_seconds"]
            self.stdout.write(f"{result['waiting']:,} rows wait to be sealed, the oldest for {since:,.0f} s.")

    def check_result(self, result: dict[str, Any]) -> None:
        if not result.get("whole", True):
            raise stop("audit events were tampered with, or the guard is gone: see above.")

    def _adopted(self) -> dict[str, Any]:
        """Only the seal may be wrong."""
        broken = verify()
        if broken.spans:
            raise stop(f"the chain itself is broken, so its end is not sealed anew. {broken.spans[0]}", Exit.REFUSED)
        audit_seal.adopt()
        return _head()


def _head() -> dict[str, Any]:
    audit_seal.seal()
    head = AuditHead.objects.first()
    if head is None:
        raise stop("there are no audit events yet.")
    return {"head": str(head)}
