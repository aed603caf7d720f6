"""Tells people of what concerns them, and who that is."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from incidents.models import Incident, Notice, User
from workers import jobs
from workers.models import Job

MAIL_NOTICE, DESK_QUEUE = "mail_notice", "desk"
BACKEND = "django.contrib.auth.backends.ModelBackend"  # the one of the two that knows of roles


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
    kind = Notice.Kind(kind)
    notices = Notice.objects.bulk_create(
        Notice(user=user, kind=kind, incident=incident, by=by, subject=subject[:200]) for user in told.values()
    )
    if settings.SENDS_MAIL:
        mailed = [one.pk for one in notices if kind in one.user.mail_notices and one.user.email]
        if mailed:
            jobs.enqueue_many(MAIL_NOTICE, mailed, queue=DESK_QUEUE, priority=Job.Priority.API, key=MAIL_NOTICE)
    return notices


def watchers(incident: Incident) -> list[User]:
    """The people who watch a report and still may see it."""
    analysts = User.objects.with_perm("incidents.review_incident", backend=BACKEND).values("pk")
    sees = Q(pk=incident.reporter_id) | Q(pk__in=analysts)
    return list(User.objects.filter(sees, watches__incident=incident, is_active=True).order_by("pk"))


def unread(user: User) -> "QuerySet[Notice]":
    """What a person has not marked as read, newest first."""
    return Notice.objects.filter(user=user, read_at=None).order_by("-pk")


def mark_read(user: User, *, notice: int | None = None, incident: int | None = None) -> int:
    """Mark one notice, those about one report, or all as read; how many that were."""
    chosen = Q(pk=notice) if notice is not None else Q(incident=incident) if incident is not None else Q()
    return unread(user).filter(chosen).update(read_at=timezone.now())
