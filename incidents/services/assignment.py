"""Who looks after a report, who hears of it, and how grave it is."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents.models import Incident, Notice, User
from incidents.services import audit, notices
from incidents.services.comments import watch

ASSIGNED, SEVERITY_SET = "incident.assigned", "incident.severity_set"


def assignable() -> QuerySet[User]:
    """Everybody who may review, by name."""
    analysts = User.objects.with_perm("incidents.review_incident", backend=notices.BACKEND)
    return analysts.filter(is_active=True).order_by("username")


@transaction.atomic
def assign(incident: Incident, assignee: User | None, *, by: User) -> None:
    """Give a report to somebody who may review it, or to nobody. Raises ValidationError for anybody else."""
    if assignee and not (assignee.is_active and assignee.has_perm("incidents.review_incident")):
        raise ValidationError(_("%(user)s may not review reports. Choose somebody else.") % {"user": assignee})
    before = incident.assignee
    if before == assignee:
        return
    incident.assignee = assignee
    incident.save(update_fields=["assignee"])
    if assignee:
        watch(incident, assignee)
        notices.tell([assignee], Notice.Kind.ASSIGNED, incident=incident, by=by)
    audit.record(ASSIGNED, actor=by, incident=incident, before=_number(before), after=_number(assignee))


@transaction.atomic
def set_severity(incident: Incident, severity: int, *, by: User) -> None:
    before = incident.severity
    if before == severity:
        return
    incident.severity = severity
    incident.save(update_fields=["severity"])
    audit.record(SEVERITY_SET, actor=by, incident=incident, before=before, after=severity)


def unwatch(incident: Incident, user: User) -> None:
    incident.watches.filter(user=user).delete()


def _number(user: User | None) -> int | None:
    return user.pk if user else None
