"""`manage.py shadow V`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.services.shadow import NeverInShadow, shadow_figures
from classifier.wording import share
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = f"Tell what a version that scores in the shadow has decided beside the champion. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            return shadow_figures(version_named(options["version"]))
        except NeverInShadow as error:
            raise stop(str(error), Exit.REFUSED) from error

    def tell(self, result: dict[str, Any]) -> None:
        said = {name: share(result[name]["share"]) for name in result if isinstance(result[name], dict)}
        self.stdout.write(
            f"{result['model']}, on {result['texts']:,} texts: {said['alike']} as the champion;"
            f" unsure {said['unsure']}, the champion {said['champion_unsure']}"
        )
        self.stdout.write(
            f"As people decided: {said['right']} of {result['right']['n']:,}, the champion {said['champion_right']};"
            f" decided blind: {said['blind_right']} of {result['blind_right']['n']:,}, the champion"
            f" {said['blind_champion_right']}. {result['note']}"
        )
