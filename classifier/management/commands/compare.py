"""`manage.py compare V [--with W] [--measure] [--json]`"""

from typing import Any

from django.core.management.base import CommandParser

from classifier.management.cli import ModelCommand, version_named
from classifier.services import versus_words
from classifier.services.pair_runs import measure_both, wanted_snapshot
from classifier.services.versus import rival, versus
from classifier.services.versus_page import told_of
from classifier.wording import class_verdict, share
from config.commands import EXIT_CODES, Exit, stop


class Command(ModelCommand):
    help = (
        "Say whether a version really is better than another one on the same test reports. With --json: all that the "
        "page of the comparison shows. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", metavar="V", help="the version's name")
        parser.add_argument("--with", default="", metavar="W", help="the other's name; default: the one in charge")
        parser.add_argument("--measure", action="store_true", help="measure here what is lacking; this loads both")

    def work(self, **options: Any) -> dict[str, Any]:
        one = version_named(options["version"])
        other = version_named(options["with"]) if options["with"] else rival(one)
        if other is None or other == one:
            raise stop(f"there is no other version to compare {one} with.", Exit.REFUSED)
        if options["measure"]:
            measure_both(one, other, wanted_snapshot(one, other))
        self.found = versus(one, other)
        if not self.found.views and self.found.lack:
            advice = "Run it with --measure, or ask for it on the page."
            raise stop(f"{versus_words.lacking(self.found.lack)} {advice}", Exit.REFUSED)
        return self.found.to_json()

    def tell(self, result: dict[str, Any]) -> None:
        lead = told_of(self.found.views)[-1]
        self.stdout.write(versus_words.judged(self.found, lead))
        self.stdout.write(versus_words.counted(self.found, lead))
        self.stdout.write(versus_words.macro_judged(self.found, lead.macro_f1))
        for view in told_of(self.found.views):
            self.stdout.write(
                f"{view.name:>12}: {share(view.one.value)} beside {share(view.other.value)}, "
                f"{view.gained} gained, {view.lost} lost, p = {view.p:.3f}"
            )
            for row in view.classes:
                if row.verdict in {"gain", "loss"}:
                    self.stdout.write(f"{'':>12}  {class_verdict(row.verdict)}: {row.label or '(none)'}")
        if self.found.lack:
            self.stderr.write(versus_words.lacking(self.found.lack))
