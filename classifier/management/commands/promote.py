"""`manage.py promote V --by USER`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given, user_named, version_named
from classifier.models.version import CLASSIFY
from classifier.services.promotion import PromotionRefused, promote
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = f"Put a model version in charge. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")
        parser.add_argument("--line", default=CLASSIFY, help=f"its model line; default: {CLASSIFY}")
        parser.add_argument("--by", required=True, metavar="USER", help="who decides this")
        parser.add_argument("--reason", default="", help="kept with the promotion")

    def work(self, **options: Any) -> dict[str, Any]:
        by = user_named(options["by"])
        try:
            version = version_named(options["version"], line_given(options["line"]))
            promotion = promote(version, by=by, reason=options["reason"])
        except PromotionRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        replaced = promotion.replaced.name if promotion.replaced else None
        return {"model": promotion.version.name, "replaced": replaced, "action": str(promotion.action)}

    def tell(self, result: dict[str, Any]) -> None:
        instead = f" instead of {result['replaced']}" if result["replaced"] else ""
        self.stdout.write(f"{result['model']} is in charge now{instead}.")
