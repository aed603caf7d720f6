"""What the detection model learns from: verdicts on events, and imported pairs in the reference's format."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from django.utils import timezone

from events.models import Event, TrainingExample
from events.stream.prompts import entry_and_rest, prompt_of, risk_band
from events.stream.templates_mask import masked

Completion, Origin = TrainingExample.Completion, TrainingExample.Origin
EVENTS_OF_A_VERDICT = 500  # that are looked at for different prompts
EXAMPLES_OF_A_VERDICT = 50
LONGEST_PROMPT = 10_000  # characters
LINES_AT_ONCE = 500
_COMPLETIONS = {str(one).lower(): one for one in Completion}


class BadExample(ValueError):
    """A line is no example; the message says why, in a sentence for people."""


@dataclass(frozen=True)
class Refusal:
    line: int
    reason: str


@dataclass
class ImportReport:
    """What became of the lines; empty ones are not counted."""

    added: int = 0
    duplicates: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.added + self.duplicates + len(self.refused)


def import_examples(lines: Iterable[bytes]) -> ImportReport:
    """Add pairs of prompt and completion from JSON lines; a line that is none is refused, and stops nothing.

    The same pair comes once, however often it is imported.
    """
    report, numbered = ImportReport(), enumerate(lines, start=1)
    while some := list(islice(numbered, LINES_AT_ONCE)):
        _store(list(_read(some, report)), report)
    return report


def add_verdict_examples(label_id: int, events: Iterable[Event], completion: str) -> int:
    """Examples of the events that a verdict is about, one for each different prompt; how many there are.

    Called again it adds nothing, and takes a retraction back.
    """
    prompts = dict.fromkeys(prompt_of_event(event) for event in islice(events, EVENTS_OF_A_VERDICT))
    wanted = [
        _example(prompt, completion, Origin.VERDICT, label_id) for prompt in islice(prompts, EXAMPLES_OF_A_VERDICT)
    ]
    TrainingExample.objects.bulk_create(wanted, ignore_conflicts=True)
    restore_examples(label_id)
    return len(wanted)


def retract_examples(label_id: int) -> int:
    """Leave the examples of a verdict out from now on; how many that changed."""
    standing = TrainingExample.objects.filter(label_id=label_id, retracted_at=None)
    return standing.update(retracted_at=timezone.now())


def restore_examples(label_id: int) -> int:
    return TrainingExample.objects.filter(label_id=label_id, retracted_at__isnull=False).update(retracted_at=None)


def prompt_of_event(event: Event) -> str:
    """What the detection model read, or would have read, of a stored event."""
    return prompt_of(event.fields, risk_band(event.percentile))


def group_of(prompt: str) -> str:
    """The same for log entries that differ in values alone, so that none of them stands on both sides of a split."""
    look = masked(entry_and_rest(prompt)[0].casefold())
    return hashlib.sha256(" ".join(look.split()).encode()).hexdigest()


def _read(numbered: Iterable[tuple[int, bytes]], report: ImportReport) -> Iterator[TrainingExample]:
    for number, line in numbered:
        if not line.strip():
            continue
        try:
            yield _example(*_pair(line), Origin.IMPORT)
        except BadExample as error:
            report.refused.append(Refusal(number, str(error)))


def _pair(line: bytes) -> tuple[str, str]:
    try:
        pair = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise BadExample("it is no JSON: each line holds one object with prompt and completion") from error
    if not isinstance(pair, dict) or not all(isinstance(pair.get(key), str) for key in ("prompt", "completion")):
        raise BadExample('it lacks "prompt" or "completion", or one of them is no text')
    prompt = pair["prompt"].replace("\0", " ").strip().encode("utf-8", "replace").decode()
    if not prompt:
        raise BadExample("its prompt is empty")
    if len(prompt) > LONGEST_PROMPT:
        raise BadExample(f"its prompt is longer than {LONGEST_PROMPT:,} characters")
    completion = _COMPLETIONS.get(pair["completion"].strip().lower())
    if completion is None:
        raise BadExample('its completion is neither "Threat" nor "Normal"')
    return prompt, completion


def _example(prompt: str, completion: str, origin: str, label_id: int | None = None) -> TrainingExample:
    came_from = json.dumps([origin, label_id, prompt, completion])
    return TrainingExample(
        digest=hashlib.sha256(came_from.encode()).hexdigest(),
        prompt=prompt,
        completion=completion,
        origin=origin,
        group=group_of(prompt),
        label_id=label_id,
    )


@transaction.atomic
def _store(examples: list[TrainingExample], report: ImportReport) -> None:
    """Add those that are not there; told by what was there before, as databases do not tell what they ignored."""
    different = {example.digest: example for example in examples}
    there = set(TrainingExample.objects.filter(digest__in=different).values_list("digest", flat=True))
    TrainingExample.objects.bulk_create(
        (example for digest, example in different.items() if digest not in there), ignore_conflicts=True
    )
    added = len(different) - len(there)
    report.added += added
    report.duplicates += len(examples) - added
