"""What analysts say about a report, to each other or to its reporter. Append-only: nothing is edited or removed."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from incidents.markdown import named_people
from incidents.models import Comment, Incident, Notice, User, Watch
from incidents.services import audit, notices, snoozing
from incidents.services.search import index_reports
from incidents.texts import clean_text

COMMENTED = "incident.commented"


@transaction.atomic
def add_comment(incident: Incident, *, author: User, text: str, to_reporter: bool = False) -> Comment:
    """Append a comment in Markdown and tell everybody whom it concerns.

    People that it mentions watch the report from then on, as its author does. Raises ValidationError for a text that
    is not taken.
    """
    if not text.strip():
        raise ValidationError(_("The comment is empty. Write something."))
    comment = Comment.objects.create(incident=incident, author=author, text=clean_text(text), to_reporter=to_reporter)
    mentioned = _people(named_people(comment.text))
    watch(incident, author, *mentioned)
    index_reports([incident.pk])
    _tell(incident, author, mentioned, to_reporter)
    audit.record(COMMENTED, actor=author, incident=incident, comment=comment.pk, to_reporter=to_reporter)
    return comment


@transaction.atomic
def ask_reporter(incident: Incident, *, author: User, text: str) -> Comment:
    """Ask the reporter something, and set the report aside until the answer comes.

    Raises ValidationError as `add_comment` does, and ClaimLost when the report cannot be set aside.
    """
    comment = add_comment(incident, author=author, text=text, to_reporter=True)
    snoozing.snooze(incident, by=author, until=None, for_answer=True)
    return comment


def watch(incident: Incident, *users: User) -> None:
    """Have people hear of what happens to a report from now on."""
    Watch.objects.bulk_create((Watch(incident=incident, user=user) for user in users), ignore_conflicts=True)


def _people(names: set[str]) -> list[User]:
    """Those of them who may see every report; a mention makes nobody see more than before."""
    if not names:
        return []
    analysts = User.objects.with_perm("incidents.review_incident", backend=notices.BACKEND)
    return list(analysts.filter(username__in=names, is_active=True))


def _tell(incident: Incident, author: User, mentioned: list[User], to_reporter: bool) -> None:
    """Each person once, by what concerns them most. A reporter hears of replies alone, and not from whom."""
    notices.tell(mentioned, Notice.Kind.MENTION, incident=incident, by=author)
    told = {user.pk for user in mentioned} | {incident.reporter_id}
    others = [user for user in notices.watchers(incident) if user.pk not in told]
    notices.tell(others, Notice.Kind.COMMENT, incident=incident, by=author)
    if to_reporter and incident.reporter and incident.reporter != author:
        notices.tell([incident.reporter], Notice.Kind.REPLY, incident=incident)
