"""`manage.py classify --file IN|- --output OUT|-`"""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from classifier.management.classify_csv import classify_csv
from classifier.management.classify_ndjson import classify_ndjson
from classifier.management.cli import ModelCommand, version_named
from classifier.management.sources import opened
from classifier.services.answers import Answerer
from config.commands import EXIT_CODES, Exit, stop
from config.outputs import STDOUT, results_to


class Command(ModelCommand):
    help = (
        "Classify reports. CSV with a column text (or crimeaditionalinfo) keeps its columns and gets "
        "category,sub_category,confidence,decision,model; JSON objects, one a line, are answered line by line as they "
        "arrive. A report that is not taken gets the decision or key 'error', and the exit code is 1. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--file", required=True, metavar="IN", help="CSV or NDJSON; - for stdin")
        parser.add_argument("--output", required=True, metavar="OUT", help="written whole or not at all; - for stdout")
        parser.add_argument("--model", default="", metavar="V", help="a version's name; default: the one in charge")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["json"] and options["output"] == STDOUT:
            raise stop("--json tells how it went on stdout, so the answers need --output FILE.", Exit.USAGE)
        version = version_named(options["model"])
        with opened(options["file"]) as source:
            answerer = Answerer.of(version)
            with results_to(options["output"], self.real_stdout) as out:
                if source.is_ndjson():
                    answered = classify_ndjson(source, out, answerer)
                else:
                    answered = classify_csv(source, out, answerer, self.stderr.write)
        return asdict(answered) | {"model": version.name}

    def tell(self, result: dict[str, Any]) -> None:
        self.stderr.write(f"{result['reports']:,} reports read; answers by {result['model']}.")

    def check_result(self, result: dict[str, Any]) -> None:
        if result["errors"]:
            raise stop(f"{result['errors']:,} reports could not be classified; the others were.")
