"""`manage.py promote V --by USER`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given, person_named, user_named, version_named
from classifier.models.version import CLASSIFY
from classifier.services.promotion import Force, PromotionRefused, promote
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = f"Put a model version in charge. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")
        parser.add_argument("--line", default=CLASSIFY, help=f"its model line; default: {CLASSIFY}")
        parser.add_argument("--by", required=True, metavar="USER", help="who decides this")
        parser.add_argument("--reason", default="", help="kept with the promotion")
        parser.add_argument("--force", action="store_true", help="although the gate refuses it; takes --reason and")
        parser.add_argument("--approved-by", default="", metavar="USER", help="a second person, a lead or an admin")

    def work(self, **options: Any) -> dict[str, Any]:
        by, force = user_named(options["by"]), _force(options["force"], options["approved_by"])
        try:
            version = version_named(options["version"], line_given(options["line"]))
            promotion = promote(version, by=by, reason=options["reason"], force=force)
        except PromotionRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        replaced = promotion.replaced.name if promotion.replaced else None
        return {
            "model": promotion.version.name,
            "replaced": replaced,
            "action": str(promotion.action),
            "forced": promotion.forced,
        }

    def tell(self, result: dict[str, Any]) -> None:
        instead = f" instead of {result['replaced']}" if result["replaced"] else ""
        forced = ", by force" if result["forced"] else ""
        self.stdout.write(f"{result['model']} is in charge now{instead}{forced}.")


def _force(wanted: bool, approved_by: str) -> Force | None:
    if wanted and not approved_by:
        raise stop("--force takes --approved-by: a second person has to agree, a lead or an admin.", Exit.USAGE)
    if approved_by and not wanted:
        raise stop("--approved-by is of --force: without that the gate decides.", Exit.USAGE)
    return Force(person_named(approved_by)) if wanted else None
