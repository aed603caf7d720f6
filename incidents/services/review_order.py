"""Which report comes next: the filter and the order of the list that the review was started from."""

from collections.abc import Iterator
from itertools import chain, islice

from django.db.models import QuerySet

from incidents.models import Incident, User
from incidents.models.incident import DISPUTED
from incidents.services import second_opinions

Status = Incident.Status
OPEN = (Status.NEW, Status.CLASSIFIED, Status.SECOND_LOOK)
LOOKED_AT = 20  # reports that others may take while we look, before we give up
FAR = 5_000  # places into a list in which a report that was passed on is looked for


def upcoming(
    user: User, rows: QuerySet[Incident] | None = None, passed: int | None = None, *, again: bool = False
) -> list[Incident]:
    """The next undecided reports of `rows`, else of the queue; what this person already holds comes first.

    What is disputed is left to the leads. `again`: decided ones, too.

    `passed` is the report just dealt with. Where it stays in the list (a skipped one among those that wait for a
    second look), what stands behind it comes first, so that nobody gets the same report for ever.
    """
    mine = Incident.objects.undisputed().filter(status=Status.IN_REVIEW, claimed_by=user)
    held = mine.exclude(pk=passed or 0).order_by("claimed_at")
    states = (*OPEN, Status.DECIDED) if again else OPEN
    listed = Incident.objects.awaiting_review() if rows is None else rows.filter(status__in=states).exclude(DISPUTED)
    return [*held[:1], *_in_turn(listed, passed)]


def ahead(user: User, rows: QuerySet[Incident] | None, after: int, *, mixed: bool = False) -> Incident | None:
    """The report that comes once `after` is dealt with; nobody holds it yet.

    People who review at the same time look at different places of the list, so that they seldom prepare the same one.
    Now and then it is one for a second opinion, as in `reviewing.next_report`.
    """
    waiting = [one for one in upcoming(user, rows, after) if one.pk != after]
    if waiting and waiting[0].claimed_by_id == user.pk:
        return waiting[0]
    again = second_opinions.glance(user, passed=after, others_wait=bool(waiting)) if mixed or rows is None else None
    if again or not waiting:
        return again
    return waiting[min(_place_among_reviewers(user), len(waiting) - 1)]


def _in_turn(listed: QuerySet[Incident], passed: int | None) -> list[Incident]:
    if passed is None or not listed.filter(pk=passed).exists():
        return list(listed[:LOOKED_AT])
    ids = list(listed.values_list("pk", flat=True)[:FAR])
    place = ids.index(passed) + 1 if passed in ids else 0
    turn: Iterator[int] = chain(ids[place:], ids[:place])
    chosen = list(islice(turn, LOOKED_AT))
    found = Incident.objects.in_bulk(chosen)
    return [found[pk] for pk in chosen if pk in found]


def _place_among_reviewers(user: User) -> int:
    held = Incident.objects.filter(status=Status.IN_REVIEW, claimed_by__isnull=False).order_by()
    reviewers = sorted(set(held.values_list("claimed_by", flat=True)))
    return reviewers.index(user.pk) if user.pk in reviewers else 0
