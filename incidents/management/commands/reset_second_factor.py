"""`manage.py reset_second_factor USER`: for whoever lost device and recovery codes, where no other admin can do it."""

from typing import Any

from django.core.management.base import CommandParser

from config.commands import Exit, JsonCommand, stop
from incidents.models import User
from incidents.services import second_factor


class Command(JsonCommand):
    help = "Take away an account's second factor and recovery codes, and end its sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="the account's name")

    def work(self, **options: Any) -> dict[str, Any]:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise stop(f"There is no account {options['user']!r}.", Exit.USAGE)
        had = second_factor.has_one(user)
        second_factor.reset(user, by=None)
        return {"user": user.get_username(), "had_one": had}

    def tell(self, result: dict[str, Any]) -> None:
        words = "has no second factor now" if result["had_one"] else "had no second factor"
        self.stdout.write(f"{result['user']} {words}; the password alone signs in, until the account sets one up.")
