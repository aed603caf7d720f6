"""The demo's accounts: one for each role, with random passwords that stand in one file."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from incidents.models import User
from incidents.roles import ADMIN, ROLES
from incidents.services import audit

HEADING = "# The demo's accounts, by role. Change the passwords before anybody else can reach this site."


@dataclass(frozen=True)
class DemoAccount:
    """The name is also the role."""

    username: str
    password: str


def create_demo_accounts(file: Path) -> list[DemoAccount]:
    """Make the accounts that are missing and keep their passwords in `file` (0600); gives what the file says.

    An account that is there keeps its password. The file comes first, so that a start that was interrupted
    between the two goes on with the same passwords.
    """
    known = _read(file)
    present = set(User.objects.filter(username__in=ROLES).values_list("username", flat=True))
    missing = [role for role in ROLES if role not in present]
    new = [DemoAccount(role, secrets.token_urlsafe(12)) for role in missing if role not in known]
    accounts = [*known.values(), *new]
    if new:
        _write(file, accounts)
    passwords = {account.username: account.password for account in accounts}
    for role in missing:
        _create(role, passwords[role])
    return accounts


@transaction.atomic
def _create(role: str, password: str) -> None:
    user = User.objects.create_user(role, password=password, is_staff=role == ADMIN)
    user.groups.add(Group.objects.get(name=role))
    audit.record("account.created", subject=audit.about(user), role=role, demo=True)


def _read(file: Path) -> dict[str, DemoAccount]:
    if not file.exists():
        return {}
    lines = (line.split() for line in file.read_text().splitlines() if not line.startswith("#"))
    return {parts[0]: DemoAccount(*parts) for parts in lines if len(parts) == 2}


def _write(file: Path, accounts: list[DemoAccount]) -> None:
    aside = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write("\n".join([HEADING, *(f"{a.username:<10}{a.password}" for a in accounts), ""]))
    aside.replace(file)
