"""`manage.py gate V`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given, version_named
from classifier.models.version import CLASSIFY
from classifier.services.gate import to_json, verdict_on
from config.commands import EXIT_CODES


class Command(ModelCommand):
    help = f"Say whether the gate would let a model version take over, and why. Changes nothing. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")
        parser.add_argument("--line", default=CLASSIFY, help=f"its model line; default: {CLASSIFY}")

    def work(self, **options: Any) -> dict[str, Any]:
        version = version_named(options["version"], line_given(options["line"]))
        verdict = verdict_on(version)
        return {"model": version.name, "passed": verdict.passed, "checks": to_json(verdict)}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            f"{result['model']}: {'the gate lets it pass' if result['passed'] else 'the gate refuses it'}"
        )
        for check in result["checks"]:
            self.stdout.write(f"{check['state']:>8}  {check['title']}: {check['finding']}")
