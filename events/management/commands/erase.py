"""`manage.py erase --report N | --reporter NAME [--yes]`"""

from typing import Any

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from events.services.erasing import ErasureRefused, request_erasure
from events.services.erasing_preview import Wanted, of_report, of_reporter, preview
from incidents.models import User


class Command(JsonCommand):
    help = (
        "Erase a report, or a reporter's account with all that it filed: texts, files, vectors, dataset rows, and their"
        " words in models. Without --yes it only tells what it would touch. A worker of the queue desk does it, and"
        f" goes on after a kill. {EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--report", type=int, metavar="N", help="the report's number")
        what.add_argument("--reporter", metavar="NAME", help="name or e-mail of an account, or the contact of reports")
        parser.add_argument("--reason", default="Asked for on the command line", help="why; it stays, so no names")
        parser.add_argument("--by", metavar="NAME", help="the account that answers for it in the audit")
        parser.add_argument("--yes", action="store_true", help="do it; without this nothing is changed")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            wanted = (
                of_reporter(options["reporter"]) if options["reporter"] is not None else of_report(options["report"])
            )
            if options["yes"]:
                return self._erased(wanted, options)
            found = preview(wanted)
            return found.told | {"models": len(found.versions)}
        except ErasureRefused as error:
            raise stop(str(error), Exit.REFUSED) from error

    def tell(self, result: dict[str, Any]) -> None:
        if "erasure" in result:
            self.stdout.write("Erasure {erasure}: {reports} reports are gone from all lists.".format(**result))
            self.stdout.write(
                "A worker takes their words out of all places; /erasures/{erasure}/ shows how far it is.".format(
                    **result
                )
            )
            return
        self.stdout.write(
            "It would erase {reports} reports, {files} files and {dataset_rows} dataset rows; {models} models learned"
            " from them; {alike} reports of others are worded alike and stay.".format(**result)
        )
        self.stdout.write(result["obstacle"] or "Nothing was changed. Add --yes to erase them.")

    def _erased(self, wanted: Wanted, options: dict[str, Any]) -> dict[str, Any]:
        by = User.objects.filter(username=options["by"]).first() if options["by"] else None
        if options["by"] and by is None:
            raise stop(f"There is no account {options['by']}.", Exit.USAGE)
        erasure = request_erasure(wanted.ids, reason=options["reason"], by=by, account=wanted.account)
        return {"erasure": erasure.pk, "reports": erasure.reports, "account": wanted.account is not None}
