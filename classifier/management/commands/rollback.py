"""`manage.py rollback --by USER`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given, user_named
from classifier.models.version import CLASSIFY
from classifier.services.promotion import PromotionRefused, rollback
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = f"Put the previous model version back in charge. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--line", default=CLASSIFY, help=f"the model line; default: {CLASSIFY}")
        parser.add_argument("--by", required=True, metavar="USER", help="who decides this")
        parser.add_argument("--reason", default="", help="kept with the rollback")

    def work(self, **options: Any) -> dict[str, Any]:
        by = user_named(options["by"])
        try:
            promotion = rollback(by=by, line=line_given(options["line"]), reason=options["reason"])
        except PromotionRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        return {"model": promotion.version.name, "replaced": promotion.replaced and promotion.replaced.name}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['model']} is in charge again instead of {result['replaced']}.")
