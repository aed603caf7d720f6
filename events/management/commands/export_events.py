"""`manage.py export_events --source NAME --format csv|ocsf --output FILE|-`"""

import time
from typing import Any

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, JSON, Exit, JsonCommand, stop
from config.outputs import STDOUT, results_to
from events.forms.exports import DetectionExportForm, EventExportForm
from events.models import Detection, Event, EventSource
from events.services.exports import Export, detections_as_ocsf, events_as_csv, record_export

CSV, OCSF = "csv", "ocsf"


class Command(JsonCommand):
    help = (
        "Write events as CSV, with the columns of the reference and every feature, or detections as OCSF Detection"
        " Findings, one JSON object a line. The file appears whole or not at all. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", default="", metavar="NAME", help="default: every source")
        parser.add_argument("--format", choices=[CSV, OCSF], default=CSV)
        parser.add_argument("--output", required=True, metavar="FILE|-", help="- for stdout")
        parser.add_argument("--from", default="", metavar="TIME", help="of events: ISO 8601, UTC without a zone")
        parser.add_argument("--to", default="", metavar="TIME", help="of events: what happened earlier than this")
        parser.add_argument("--decision", choices=Event.Decision.values, default="", help="of events")
        parser.add_argument("--status", choices=Detection.Status.values, default="", help="of detections")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["json"] and options["output"] == STDOUT:
            raise stop(f"{JSON} tells how it went on stdout, so the rows need --output FILE.", Exit.USAGE)
        started, export = time.monotonic(), _export(options)
        with results_to(options["output"], self.real_stdout) as out:
            for piece in export:
                out.write(piece)
        return {
            "rows": export.rows,
            "format": options["format"],
            "source": options["source"],
            "output": options["output"],
            "seconds": round(time.monotonic() - started, 3),
        }

    def tell(self, result: dict[str, Any]) -> None:
        what = "events" if result["format"] == CSV else "detections"
        self.stderr.write("{rows:,} {what} written in {seconds:.1f} s.".format(what=what, **result))


def _export(options: dict[str, Any]) -> Export:
    if options["source"] and not EventSource.objects.filter(name=options["source"]).exists():
        raise stop(f"--source {options['source'][:80]}: there is no such source.", Exit.USAGE)
    form = (EventExportForm if options["format"] == CSV else DetectionExportForm)(options)
    if not form.is_valid():
        raise stop(form.errors.as_text().replace("\n", " "), Exit.USAGE)
    if isinstance(form, EventExportForm):
        record_export("events", form.choice, by=None)
        return events_as_csv(form.choice)
    record_export("detections", form.choice, by=None)
    return detections_as_ocsf(form.choice)
