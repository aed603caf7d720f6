"""`manage.py seed_demo`: the demo's accounts, the default taxonomy and synthetic sample reports."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from incidents.services import demo
from incidents.services.accounts import create_demo_accounts


class Command(BaseCommand):
    help = "Add what is missing of the demo: accounts, the default taxonomy, synthetic sample reports."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=int, default=2400, help="how many sample reports (default: 2400)")

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.CASELOOP_HOME / "demo-accounts.txt"
        accounts = create_demo_accounts(file)
        seeded = demo.seed(reports=options["reports"])
        self.stdout.write(
            f"{len(accounts)} accounts ({file}); added {seeded.paths} labels and {seeded.reports} synthetic reports"
        )
