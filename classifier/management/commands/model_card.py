"""`manage.py model_card V`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.services.model_card import card_of
from classifier.services.model_card_text import markdown
from config.commands import EXIT_CODES


class Command(ModelCommand):
    help = f"Print the card of a model version, as Markdown or with --json. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", nargs="?", default="", help="its name; default: the one in charge")

    def work(self, **options: Any) -> dict[str, Any]:
        card = card_of(version_named(options["version"]))
        return card.to_json() | {"markdown": markdown(card)}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(result["markdown"], ending="")
