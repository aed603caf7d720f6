"""Personal data of a report: what of it is masked, and showing it to a person for a while.

Each showing leaves a row in the audit log: who, of which report, which kinds; never a value.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.ml.personal import Kind, find
from incidents.models import Attachment, Comment, Incident, Label, PassingReason, ReporterMessage, User
from incidents.services import audit

REVEALED = "personal_data.revealed"
PERMISSION = "incidents.reveal_personal_data"
FOR = timedelta(minutes=15)
CONTACT = "contact"
_IN_SESSION = "revealed"  # number of a report -> until when, as ISO 8601
_NAMES: dict[str, str | Promise] = {
    Kind.EMAIL: _("e-mail address"),
    Kind.UPI: _("UPI id"),
    Kind.IP: _("IP address"),
    Kind.IBAN: _("IBAN"),
    Kind.CARD: _("card number"),
    Kind.NATIONAL_ID: _("national id"),
    Kind.ACCOUNT: _("account number"),
    Kind.PHONE: _("telephone number"),
    CONTACT: _("contact of the reporter"),
}

# What stands beside a report's own words, and is masked as they are.
_BESIDE: tuple[tuple[type[Model], str], ...] = (
    (Comment, "text"),
    (ReporterMessage, "text"),
    (Label, "reason"),
    (PassingReason, "text"),
    (Attachment, "name"),
)
Session = MutableMapping[str, Any]


@dataclass(frozen=True)
class Masking:
    """What a page says of a report's personal data. `names`: the kinds in words, none of a person's own report;
    `until`: to when they are shown.
    """

    names: list[str | Promise]
    until: datetime | None
    may_reveal: bool


def reveal(incident: Incident, *, by: User) -> list[str]:
    """Note in the audit log that somebody is shown a report's personal data, before they are. The kinds of it."""
    kinds = kinds_in(incident)
    audit.record(REVEALED, actor=by, incident=incident, kinds=kinds)
    return kinds


def reveal_for_a_while(incident: Incident, session: Session, *, by: User) -> None:
    """As `reveal`, and have the pages of this report show it to this session until the time is over."""
    reveal(incident, by=by)
    session[_IN_SESSION] = _running(session) | {str(incident.pk): (timezone.now() + FOR).isoformat()}


def conceal(incident: Incident, session: Session) -> None:
    """End it earlier."""
    session[_IN_SESSION] = {pk: until for pk, until in _running(session).items() if pk != str(incident.pk)}


def disclose(incident: Incident, session: Session, user: User) -> Masking:
    """Let a report's own instance give its words as this person may read them, and say what is masked."""
    may, (incident,) = user.has_perm(PERMISSION), own_disclosed([incident], user)
    if incident.disclosed:
        return Masking([], None, may)
    until = _running(session).get(str(incident.pk)) if may else None
    incident.disclosed = until is not None
    names = [_NAMES[kind] for kind in kinds_in(incident)]
    return Masking(names, datetime.fromisoformat(until) if until else None, may)


def own_disclosed(reports: Iterable[Incident], user: User) -> list[Incident]:
    """With the reports that this person filed as they wrote them."""
    found = list(reports)
    for report in found:
        report.disclosed = report.reporter_id == user.pk
    return found


def kinds_in(incident: Incident) -> list[str]:
    """Of its text, contact, document and files' names, and of what was said about it; each once."""
    found = {found.kind for words in _words_of(incident) for found in find(words)}
    return [kind for kind in _NAMES if kind in found or (kind == CONTACT and incident.contact)]


def _words_of(incident: Incident) -> Iterator[str]:
    if incident.current_text:
        yield from (incident.current_text.title, incident.current_text.text)
    yield incident.document
    for model, column in _BESIDE:
        yield from model._default_manager.filter(incident=incident).values_list(column, flat=True)


def _running(session: Session) -> dict[str, str]:
    now = timezone.now()
    return {pk: until for pk, until in session.get(_IN_SESSION, {}).items() if datetime.fromisoformat(until) > now}
