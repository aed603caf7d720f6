"""Legal hold: a report, or all of a reporter's, that nobody and nothing erases until the hold is lifted."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.models import Incident, LegalHold, User
from incidents.models.incident import IncidentQuerySet
from incidents.services import audit
from incidents.services.erasing_accounts import filed_by

HELD, LIFTED = "hold.set", "hold.lifted"


class HoldRefused(Exception):
    """No hold was set or lifted; the message says why."""


def hold_report(incident: Incident, *, reason: str, by: User) -> LegalHold:
    """Raises HoldRefused without a reason, for what is held already, and for what is erased."""
    if incident.status == Incident.Status.ERASED:
        raise HoldRefused(_("Report %(report)s is erased: there is nothing to hold.") % {"report": incident})
    return _set(LegalHold(incident=incident, reason=reason.strip(), by=by))


def hold_reporter(reporter: User, *, reason: str, by: User) -> LegalHold:
    """All reports of an account or with its address as their contact, also later ones, and the account.

    Raises HoldRefused.
    """
    return _set(LegalHold(reporter=reporter, reason=reason.strip(), by=by))


@transaction.atomic
def lift(hold: LegalHold, *, by: User) -> None:
    """Raises HoldRefused when somebody else has lifted it."""
    in_force = LegalHold.objects.in_force().filter(pk=hold.pk)
    if not in_force.update(lifted_at=timezone.now(), lifted_by=by):
        raise HoldRefused(_("This hold was lifted already."))
    audit.record(LIFTED, actor=by, incident=hold.incident, subject=_subject(hold), hold=hold.pk)


def holds_on(incident: Incident) -> list[LegalHold]:
    """Those in force on a report: its own, and its reporter's."""
    mine = Q(incident=incident)
    if incident.reporter_id:
        mine |= Q(reporter=incident.reporter_id)
    if incident.contact:
        others = EmailAddress.objects.filter(email__iexact=incident.contact).values("user")
        mine |= Q(reporter__email__iexact=incident.contact) | Q(reporter__in=others)
    return list(LegalHold.objects.in_force().filter(mine).select_related("by", "reporter"))


def holds_newest_first() -> list[LegalHold]:
    """Those in force."""
    found = LegalHold.objects.in_force().select_related("incident__current_text", "reporter", "by")
    return list(found.order_by("-pk"))


def hold_on_account(user: User) -> LegalHold | None:
    return LegalHold.objects.in_force().filter(reporter=user).select_related("by").first()


def held(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """Those of the reports that a hold in force covers."""
    return incidents.filter(_covered())


def free(incidents: IncidentQuerySet) -> IncidentQuerySet:
    return incidents.exclude(_covered())


def held_among(ids: Collection[int]) -> list[int]:
    return list(held(Incident.objects.numbered(ids)).order_by("pk").values_list("pk", flat=True))


def _covered() -> Q:
    in_force = LegalHold.objects.in_force()
    reports = in_force.filter(incident__isnull=False).values("incident")
    people = User.objects.filter(pk__in=in_force.filter(reporter__isnull=False).values("reporter"))
    return Q(pk__in=reports) | filed_by(list(people))


def _set(hold: LegalHold) -> LegalHold:
    if not hold.reason:
        raise HoldRefused(_("Say why it is held, so that whoever lifts it knows."))
    try:
        with transaction.atomic():
            hold.save()
            audit.record(HELD, actor=hold.by, incident=hold.incident, subject=_subject(hold), hold=hold.pk)
    except IntegrityError:
        raise HoldRefused(_("It is held already.")) from None
    return hold


def _subject(hold: LegalHold) -> str:
    return audit.about(hold.reporter_id) if hold.reporter_id else str(hold.incident)
