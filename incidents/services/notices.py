"""Tells people of what concerns them, and who that is."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from incidents.models import Incident, Notice, User, Watch
from workers import jobs
from workers.models import Job

MAIL_NOTICE, DESK_QUEUE = "mail_notice", "desk"
BACKEND = "incidents.sign_in.RoleBackend"  # the one of the two that knows of roles
MOST_COUNTED = 99  # unread notices; a page says "99" of more
DECIDED = (Incident.Status.DECIDED, Incident.Status.REJECTED)


def tell(
    users: Iterable[User],
    kind: Notice.Kind | str,
    *,
    incident: Incident | None = None,
    by: User | None = None,
    subject: str = "",
) -> list[Notice]:
    """Leave each active person a notice, once, and have it mailed to those who want this kind by mail.

    Never tells `by` of what they did. `subject` names what it is about where that is no report; it never holds a
    report's text. Call it in the transaction of what it tells of.
    """
    told = {user.pk: user for user in users if user.is_active and (by is None or user.pk != by.pk)}
    fields = {"kind": Notice.Kind(kind), "incident": incident, "by": by, "subject": subject[:200]}
    return _leave([Notice(user=user, **fields) for user in told.values()])


def tell_decided(incidents: Sequence[Incident], *, by: User) -> None:
    """Tell those who watch the reports, and those who filed them, that they are decided: in two queries for all."""
    decided = {one.pk: one for one in incidents if one.status in DECIDED}
    pairs = set(_watching(decided).values_list("incident_id", "user_id"))
    pairs |= {(one.pk, one.reporter_id) for one in decided.values() if one.reporter_id}
    people = User.objects.filter(is_active=True).in_bulk({user for _, user in pairs if user != by.pk})
    kind = Notice.Kind.DECIDED
    _leave([Notice(user=people[who], kind=kind, incident=decided[pk], by=by) for pk, who in pairs if who in people])


def watchers(incident: Incident) -> list[User]:
    """The people who watch a report and still may see it."""
    watching = _watching([incident.pk]).values("user")
    return list(User.objects.filter(pk__in=watching, is_active=True).order_by("pk"))


def unread(user: User) -> "QuerySet[Notice]":
    """What a person has not marked as read, newest first."""
    return Notice.objects.filter(user=user, read_at=None).order_by("-pk")


def count_unread(user: User) -> int:
    return unread(user)[:MOST_COUNTED].count()


def mark_read(user: User, *, notice: int | None = None) -> int:
    """Mark one notice, or all, as read; how many that were."""
    chosen = Q() if notice is None else Q(pk=notice)
    return unread(user).filter(chosen).update(read_at=timezone.now())


def choose_mail(user: User, kinds: Sequence[str]) -> None:
    """Have these kinds, and no others, come by mail from now on."""
    user.mail_notices = [str(kind) for kind in Notice.Kind.values if kind in kinds]
    user.save(update_fields=["mail_notices"])


def _watching(incidents: Iterable[int]) -> "QuerySet[Watch]":
    analysts = User.objects.with_perm("incidents.review_incident", backend=BACKEND).values("pk")
    sees = Q(user__in=analysts) | Q(user=F("incident__reporter"))
    return Watch.objects.filter(sees, incident__in=list(incidents))


def _leave(notices: list[Notice]) -> list[Notice]:
    notices = Notice.objects.bulk_create(notices, batch_size=1000)
    if settings.SENDS_MAIL:
        mailed = [one.pk for one in notices if one.kind in one.user.mail_notices and one.user.email]
        if mailed:
            jobs.enqueue_many(MAIL_NOTICE, mailed, queue=DESK_QUEUE, priority=Job.Priority.API, key=MAIL_NOTICE)
    return notices
