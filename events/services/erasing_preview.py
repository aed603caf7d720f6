"""What an erasure would touch, before anybody asks for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from classifier.models import DatasetRow, ModelVersion
from events.services.erasing import ErasureRefused
from incidents.models import Attachment, Incident, User
from incidents.services.erasing_accounts import may_be_erased, reports_by_contact, reports_of
from incidents.services.legal_holds import held_among, hold_on_account

_NUMBER = re.compile(r"#?([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What somebody asked to erase: `ids` of reports, and perhaps the account of who filed them."""

    asked: str
    ids: Sequence[int]
    account: User | None = None


@dataclass(frozen=True)
class Preview:
    """`alike`: reports of others that are worded almost the same, and stay. `obstacle`: why it is refused, or ""."""

    wanted: Wanted
    files: int
    dataset_rows: int
    versions: Sequence[ModelVersion]
    alike: int
    held: Sequence[int]
    obstacle: str

    @property
    def reports(self) -> int:
        return len(self.wanted.ids)

    @property
    def told(self) -> dict[str, Any]:
        """As programs are told it."""
        return {
            "reports": self.reports,
            "files": self.files,
            "dataset_rows": self.dataset_rows,
            "models": [version.name for version in self.versions],
            "account": self.wanted.account is not None,
            "alike": self.alike,
            "obstacle": self.obstacle,
        }

    @property
    def phrase(self) -> str:
        """What a person types to show that they have read the numbers."""
        return f"ERASE {self.reports}"


def wanted_by(asked: str) -> Wanted:
    """A report by its number; else a reporter by name or address. Raises ErasureRefused where there is none."""
    asked = asked.strip()
    if number := _NUMBER.fullmatch(asked):
        return of_report(int(number[1]))
    return of_reporter(asked)


def of_report(number: int) -> Wanted:
    """Raises ErasureRefused for one that is not there, or erased already."""
    incident = Incident.objects.filter(pk=number).first()
    if incident is None:
        raise ErasureRefused(_("There is no report #%(number)d.") % {"number": number})
    if incident.status == Incident.Status.ERASED:
        raise ErasureRefused(_("Report #%(number)d is erased already.") % {"number": number})
    return Wanted(f"#{number}", [number])


def of_reporter(asked: str) -> Wanted:
    """An account by its name or address, with all that it filed; else what was filed with this contact."""
    named = User.objects.filter(username=asked).first() or User.objects.filter(email__iexact=asked or None).first()
    if named:
        return Wanted(asked, reports_of(named), named)
    if ids := reports_by_contact(asked):
        return Wanted(asked, ids)
    raise ErasureRefused(
        _("Nobody of this name or address has an account here, and no report was filed with it as its contact.")
    )


def preview(wanted: Wanted) -> Preview:
    rows = DatasetRow.objects.filter(incident__in=wanted.ids)
    versions = ModelVersion.objects.filter(snapshot__in=rows.values("snapshot"))
    held = held_among(wanted.ids)
    return Preview(
        wanted=wanted,
        files=Attachment.objects.filter(incident__in=wanted.ids).count(),
        dataset_rows=rows.count(),
        versions=list(versions.order_by("-pk")),
        alike=_alike(wanted.ids),
        held=held,
        obstacle=_obstacle(wanted, held),
    )


def _alike(ids: Sequence[int]) -> int:
    going = Incident.objects.numbered(ids).exclude(twins="")
    others = Incident.objects.not_erased().filter(~Q(pk__in=going.values("pk")), twins__in=going.values("twins"))
    return others.count()


def _obstacle(wanted: Wanted, held: Sequence[int]) -> str:
    account = wanted.account
    if account and not may_be_erased(account):
        return _("This is no reporter's account. Only these are erased: take its role away first.")
    if held or (account and hold_on_account(account)):
        return _("It is under legal hold. Nothing is erased until a lead lifts the hold.")
    return ""
