"""Dead letters: what waits, why, and its way back into the stream or out of sight."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, QuerySet

from events.models import DeadLetter, EventSource
from events.services.ingest import AUTO, BATCH, Intake
from events.services.records import Raced
from events.stream.event import BrokenLine, Line
from events.stream.formats import UnknownFormat
from incidents.models import User
from incidents.services import audit

State = DeadLetter.State
MOST_REPLAYED = 2_000  # lines that one press replays, so that the page answers in seconds
SHOWN_REASONS = 12

Reading = tuple[EventSource, str, str]  # source, format, header: what lines are read with


@dataclass
class Replayed:
    """`events` are new, `duplicates` were stored before, `refused` are broken still and wait as new dead letters.

    `cut` were not kept whole and cannot be replayed; `left` wait for another press. `problems` are sentences.
    """

    events: int = 0
    duplicates: int = 0
    refused: int = 0
    cut: int = 0
    left: int = 0
    problems: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What came of it, for people."""
        said = [f"Replayed: {self.events:,} became events."]
        said += [f"{self.duplicates:,} were stored before."] if self.duplicates else []
        said += [f"{self.refused:,} are broken still, and wait as new dead letters."] if self.refused else []
        said += [f"{self.cut:,} were not kept whole and cannot be replayed."] if self.cut else []
        said += [f"{self.left:,} wait for another press."] if self.left else []
        return " ".join([*said, *self.problems])


class _Taken(Exception):
    """Somebody else has replayed or discarded one of these lines at this moment."""


def reason_groups(letters: QuerySet[DeadLetter]) -> list[tuple[str, int]]:
    """The most frequent reasons with their counts."""
    grouped = letters.order_by().values_list("reason").annotate(n=Count("pk"))
    return list(grouped.order_by("-n", "reason")[:SHOWN_REASONS])


def count_by_state(letters: QuerySet[DeadLetter]) -> list[tuple[str, str, int]]:
    """(state, label, number)."""
    counts = dict(letters.order_by().values_list("state").annotate(Count("pk")))
    return [(state.value, str(state.label), counts.get(state, 0)) for state in State]


def replay(letters: QuerySet[DeadLetter], *, by: User) -> Replayed:
    """Read waiting lines again, as their sources are set now; each is marked with its event, or not at all."""
    result = Replayed()
    waiting = letters.filter(state=State.WAITING).select_related("source").order_by("pk")
    taken = list(waiting[:MOST_REPLAYED])
    result.left = waiting.count() - len(taken)
    groups: dict[Reading, list[DeadLetter]] = defaultdict(list)
    for letter in taken:
        if letter.is_whole:
            groups[_reading(letter)].append(letter)
        else:
            result.cut += 1
    for reading, held in groups.items():
        for start in range(0, len(held), BATCH):
            _replay(reading, held[start : start + BATCH], result)
    audit.record(
        "dead_letters.replayed",
        actor=by,
        subject=_subject(taken),
        lines=len(taken),
        events=result.events,
        duplicates=result.duplicates,
        refused=result.refused,
    )
    return result


def discard(letters: QuerySet[DeadLetter], *, by: User) -> int:
    """Set waiting lines aside; they stay readable. Returns how many."""
    with transaction.atomic():
        waiting = letters.filter(state=State.WAITING)
        subject = _subject(list(waiting.select_related("source")[:BATCH]))
        discarded = DeadLetter.objects.filter(pk__in=waiting.order_by().values("pk")).update(state=State.DISCARDED)
        audit.record("dead_letters.discarded", actor=by, subject=subject, lines=discarded)
    return discarded


def _reading(letter: DeadLetter) -> Reading:
    """The source's present format, which may have been put right since the line came."""
    named = letter.source.format if letter.source.format != AUTO else letter.format
    return letter.source, named, letter.header


def _replay(reading: Reading, letters: Sequence[DeadLetter], result: Replayed) -> None:
    """In one transaction: who is refused again waits again, and a later redelivery of the line is known."""
    source, named, header = reading
    waiting = DeadLetter.objects.filter(pk__in=[letter.pk for letter in letters], state=State.WAITING)
    try:
        with transaction.atomic():
            if waiting.update(state=State.REPLAYED) < len(letters):
                raise _Taken
            outcome = Intake(source, format=named, header=header).take([_line(letter) for letter in letters])
    except (UnknownFormat, BrokenLine) as error:
        _note(result, f"{source.name}: {error} Set the format of the source, then replay again.")
        return
    except (_Taken, Raced):
        _note(result, "Somebody else replayed or discarded some of these lines at this moment. Look again.")
        return
    result.events += outcome.stored
    result.duplicates += outcome.duplicates
    result.refused += outcome.refused


def _line(letter: DeadLetter) -> Line:
    """The line at the place that it came from."""
    origin, _, offset = letter.place.rpartition(", ")
    return Line(letter.line.encode(), origin, int(offset) if offset.isdigit() else 0)


def _note(result: Replayed, problem: str) -> None:
    if problem not in result.problems:
        result.problems = (*result.problems, problem)


def _subject(letters: Sequence[DeadLetter]) -> str:
    return ", ".join(sorted({letter.source.name for letter in letters}))[:200]
