"""Whether a report looks like another one that is open: offered to whoever reviews it, hinted at to whoever files one.

Reports are compared by the vectors of the encoder that serves, unsaved texts by character n-grams. From which likeness
on one is offered is learned from what people said to earlier offers, for both alike.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from classifier.ml.cut import best_cut
from classifier.ml.personal import TOKEN
from classifier.services.similar import SimilarReport, cosine_of, similar_reports
from incidents.models import AlikeAnswer, Incident, User
from incidents.services import alike_memory, merging, second_opinions
from incidents.texts import training_text

Space = AlikeAnswer.Space
# Before anything is learned. Of synthetic reports whose nearest is as alike as this, nine of ten have the same label.
START = {Space.ENCODER: 0.95, Space.WORDS: 0.65}
ANSWERS = 2_000  # the newest that are learned from
LOOKED_AT = 12  # similar reports among which an open one is looked for
SHARED = 6  # words named as the reason
SHORTEST = 40  # characters of an unsaved text that say anything
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Offer:
    """A report that another one looks like, how much (cosine), and longer words that both have."""

    other: Incident
    similarity: float
    words: Sequence[str]


@dataclass(frozen=True)
class Known:
    """Whether something like an unsaved text is known. `report` is for whoever may see it; None for everybody else."""

    ready: bool
    alike: bool = False
    report: Incident | None = None


def offer(incident: Incident, user: User) -> Offer | None:
    """The open report that this one looks like most, if enough and nobody has said that it is another matter."""
    if incident.status == Incident.Status.MERGED or second_opinions.held_by(incident, user):
        return None
    cut, refused = threshold(Space.ENCODER), _refused(incident)
    for one in candidates(incident, user):
        if one.similarity >= cut and one.incident.status in alike_memory.OPEN and one.incident.pk not in refused:
            return Offer(one.incident, one.similarity, shared_words(incident, one.incident))
    return None


def candidates(incident: Incident, user: User) -> list[SimilarReport]:
    """The reports most like this one that it could be joined to, the most similar first."""
    found = similar_reports(incident, user, LOOKED_AT) or []
    return [one for one in found if one.incident.status != Incident.Status.MERGED]


def join(incident: Incident, into: Incident, *, by: User) -> None:
    """Join two reports because they are about one thing, and learn from that. Raises as `merging.merge`."""
    said = _likenesses(incident, into)
    with transaction.atomic():
        merging.merge(incident, into, by=by, similarity=said.get(Space.ENCODER))
        _answer(incident, into, said, alike=True, by=by)


def keep_apart(incident: Incident, other: Incident, *, by: User) -> None:
    """Say that two reports are about different things: it is not offered again."""
    _answer(incident, other, _likenesses(incident, other), alike=False, by=by)


def part(incident: Incident, *, by: User) -> None:
    """Take a joined report apart, and learn from that, too. Raises MergeRefused."""
    with transaction.atomic():
        done = merging.unmerge(incident, by=by)
        keep_apart(incident, done.into, by=by)


def threshold(space: str) -> float:
    """From which likeness on reports are offered: learned from the last answer on each pair."""
    rows = AlikeAnswer.objects.filter(space=space).order_by("-pk")
    last: dict[tuple[int, ...], tuple[float, bool]] = {}
    for incident, other, similarity, alike in rows.values_list("incident", "other", "similarity", "alike")[:ANSWERS]:
        last.setdefault(tuple(sorted((incident or 0, other))), (similarity, alike))
    return best_cut([one for one, _ in last.values()], [alike for _, alike in last.values()], START[Space(space)])


def known(title: str, text: str, user: User | None, *, besides: int | None = None) -> Known:
    """Whether a text that may not be stored yet looks like an open report; `besides` is left out.

    Who reviews gets the report itself; nobody else learns anything of it but that there is one.
    """
    if len(text) < SHORTEST:
        return Known(ready=True)
    nearest = alike_memory.nearest_open(training_text(title, text), LOOKED_AT)
    if nearest is None:
        return Known(ready=False)
    cut = threshold(Space.WORDS)
    near = [number for number, cosine in nearest if cosine >= cut and number != besides]
    still = alike_memory.open_reports().select_related("current_text").in_bulk(near)
    found = next((still[number] for number in near if number in still), None)
    if found is None:
        return Known(ready=True)
    may_see = user is not None and user.has_perm("incidents.review_incident")
    return Known(ready=True, alike=True, report=found if may_see else None)


def known_besides(incident: Incident) -> bool:
    """Whether something like a filed report is known; asks memory only where it is filled already."""
    if incident.status not in alike_memory.OPEN:
        return False
    twins = alike_memory.open_reports().filter(twins=incident.twins).exclude(pk=incident.pk)
    if incident.twins and twins.exists():
        return True
    return alike_memory.is_filled() and known(incident.title, incident.text, None, besides=incident.pk).alike


def shared_words(one: Incident, other: Incident) -> list[str]:
    """Words that stand in both, the longest first: what makes two reports look alike to a person."""
    first, second = (_words(report) for report in (one, other))
    return sorted(set(first) & set(second), key=lambda word: (-len(word), word))[:SHARED]


def _words(report: Incident) -> set[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # takes seconds to load, and few pages need it

    found = {word.lower() for word in _WORD.findall(TOKEN.sub(" ", training_text(report.title, report.text)))}
    return {word for word in found if word not in ENGLISH_STOP_WORDS}


def _refused(incident: Incident) -> set[int]:
    """The reports of which somebody has said that this one is not about the same."""
    said = AlikeAnswer.objects.filter(Q(incident=incident) | Q(other=incident), alike=False)
    pairs = said.values_list("incident", "other")
    return {number for pair in pairs for number in pair if number is not None} - {incident.pk}


def _likenesses(incident: Incident, other: Incident) -> dict[str, float]:
    """In each space that knows both."""
    texts = [training_text(one.title, one.text) for one in (incident, other)]
    found = {Space.ENCODER: cosine_of(incident, other), Space.WORDS: alike_memory.likeness(*texts)}
    return {space: value for space, value in found.items() if value is not None}


def _answer(incident: Incident, other: Incident, said: dict[str, float], *, alike: bool, by: User) -> None:
    AlikeAnswer.objects.bulk_create(
        AlikeAnswer(incident=incident, other=other, space=space, similarity=value, alike=alike, by=by)
        for space, value in said.items()
    )
