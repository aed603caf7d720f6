"""`manage.py model_history [--line L]`"""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, line_given
from classifier.models.version import CLASSIFY
from classifier.services.move_history import Moves
from classifier.wording import by_whom
from config.commands import EXIT_CODES


class Command(ModelCommand):
    help = f"List every move on a model line and what was refused, the newest first. {EXIT_CODES}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--line", default=CLASSIFY, help=f"the model line; default: {CLASSIFY}")

    def work(self, **options: Any) -> dict[str, Any]:
        line = line_given(options["line"])
        return {"line": line, "moves": [move.to_json(with_impact=True) for move in Moves(line)]}

    def tell(self, result: dict[str, Any]) -> None:
        for move in result["moves"]:
            self.stdout.write("\n".join(_lines(move)))
        if not result["moves"]:
            self.stdout.write("Nothing was promoted yet.")


def _lines(move: dict[str, Any]) -> Iterator[str]:
    relation = "against" if move["kind"] == "refused" else "in place of"
    replaced = f" {relation} {move['replaced']}" if move["replaced"] else ""
    second = f", with {move['second']}" if move["second"] else ""
    reason = f": {move['reason']}" if move["reason"] else ""
    whom = by_whom(move["by"], move["by_itself"])
    yield f"{move['at']}  {move['title']}: {move['model']}{replaced}, {whom}{second}{reason}"
    for check in move["checks"]:
        yield f"{check['state']:>10}  {check['title']}: {check['finding']}"
    if figures := move["impact"]:
        yield f"{'effect':>10}  {figures['changed']:,} of {figures['reports']:,} reports got another label"
