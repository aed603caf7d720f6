"""`manage.py export_incidents FILE|- --query "status=decided" --format csv|jsonl`"""

import time
from typing import Any

from django.core.management.base import CommandParser
from django.http import QueryDict

from config.commands import EXIT_CODES, JSON, Exit, JsonCommand, stop
from config.outputs import STDOUT, results_to
from incidents.forms.queue import IncidentFilter
from incidents.models import Incident
from incidents.services.exports import CSV, JSONL, export, record_export


class Command(JsonCommand):
    help = (
        "Write reports with their labels, predictions and verdicts as CSV or JSON lines. The file appears whole or not"
        " at all. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE|-", help="- for stdout")
        parser.add_argument(
            "--query",
            default="status=all",
            help="the list's address after the question mark, for example status=decided&source=web; default: all",
        )
        parser.add_argument("--format", choices=[CSV, JSONL], default=CSV)

    def work(self, **options: Any) -> dict[str, Any]:
        if options["json"] and options["file"] == STDOUT:
            raise stop(f"{JSON} tells how it went on stdout, so the rows need a FILE.", Exit.USAGE)
        started, query = time.monotonic(), QueryDict(options["query"].lstrip("?"))
        filters = IncidentFilter(query, Incident.objects.all(), every=True)
        if unknown := sorted(set(query) - {"status", "order", "unfold", *filters.filters}):
            raise stop(f"--query: there is no filter {', '.join(unknown)}.", Exit.USAGE)
        if not filters.is_valid():
            raise stop(f"--query: {filters.form.errors.as_text()}".replace("\n", " "), Exit.USAGE)
        record_export(options["format"], {name: str(value)[:100] for name, value in query.items()}, by=None)
        made = export(filters.reports, options["format"], by=None)
        with results_to(options["file"], self.real_stdout) as out:
            for piece in made:
                out.write(piece)
        seconds = round(time.monotonic() - started, 3)
        return {"rows": made.rows, "format": options["format"], "file": options["file"], "seconds": seconds}

    def tell(self, result: dict[str, Any]) -> None:
        self.stderr.write("{rows:,} reports written in {seconds:.1f} s.".format(**result))
