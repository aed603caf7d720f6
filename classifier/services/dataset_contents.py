"""What a training would learn from now, and what is left out or counts less, by cause."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from classifier.services.selection import FACTS, LABELLED, Cause, Facts, Judge, Selection, decided_reports
from incidents.models import ImportBatch, Incident, User

Split = Incident.Split


@dataclass(frozen=True)
class Part:
    """Reports that are left out (factor 0) or count less for one cause, by side of the split."""

    cause: Cause
    key: str
    factor: float
    train: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        return self.train + self.validation + self.test

    def to_json(self) -> dict[str, Any]:
        sides = {"train": self.train, "validation": self.validation, "test": self.test}
        return {"cause": self.cause.value, "key": self.key, "factor": self.factor, **sides}


@dataclass(frozen=True)
class Contents:
    """`counts` are the reports in the dataset, by side. `parts` are of decided reports: each stands in at most one.

    Those that are undecided, rejected or passed on carry no label that could be learned.
    """

    counts: Mapping[str, int]
    parts: Sequence[Part]
    undecided: int
    rejected: int
    unsure: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def to_json(self) -> dict[str, Any]:
        rest = {"undecided": self.undecided, "rejected": self.rejected, "unsure": self.unsure}
        return {"counts": dict(self.counts), "parts": [part.to_json() for part in self.parts], **rest}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Contents":
        """As stored by `to_json`; {} is that of a run from before this was kept."""
        parts = [Part(**part | {"cause": Cause(part["cause"])}) for part in told.get("parts", [])]
        rest = [int(told.get(name, 0)) for name in ("undecided", "rejected", "unsure")]
        return cls(told.get("counts", {}), parts, *rest)


@dataclass(frozen=True)
class Choice:
    """Something that can be left out: an account, an import or a day, with the decided reports that it stands for."""

    key: str
    name: str
    reports: int


@dataclass(frozen=True)
class Choices:
    labellers: Sequence[Choice]
    imports: Sequence[Choice]
    days: Sequence[Choice]
    doubted: int
    synthetic: int


class DecidedReports:
    """The decided reports as they are now, counted by what selections ask of them: one query for any number."""

    def __init__(self) -> None:
        rows = decided_reports().values_list("split", *FACTS).annotate(n=Count("pk")).order_by()
        self._groups = [(split, Facts(*facts), n) for split, *facts, n in rows]

    def contents(self, selection: Selection) -> Contents:
        """What a training with this selection would be given."""
        judge, counts = Judge(selection), Counter[str]()
        parts: dict[tuple[Cause, str, float], Counter[str]] = defaultdict(Counter)
        for split, facts, n in self._groups:
            verdict = judge.verdict(split, facts)
            counts[split] += n if verdict.weight else 0
            if verdict.told:
                parts[verdict.told.cause, verdict.told.key, verdict.told.factor][split] += n
        told = [
            Part(cause, key, factor, sides[Split.TRAIN], sides[Split.VALIDATION], sides[Split.TEST])
            for (cause, key, factor), sides in parts.items()
        ]
        in_order = sorted(told, key=lambda part: (part.factor != 0, Cause.values.index(part.cause), -part.total))
        return Contents({split: counts[split] for split in Split.values if counts[split]}, in_order, **_without_label())

    def choices(self) -> Choices:
        """What there is to leave out: accounts and imports by size, days from the newest on."""
        labellers, imports, days = Counter[int](), Counter[int](), Counter[dt.date]()
        doubted = synthetic = 0
        for _, facts, n in self._groups:
            labellers[facts.labeller or 0] += n
            imports[facts.import_batch or 0] += n
            days[facts.day] += n
            doubted += n * facts.doubted
            synthetic += n * facts.synthetic
        people, files = _people(labellers), _files(imports)
        return Choices(
            [Choice(str(pk), people[pk], n) for pk, n in labellers.most_common() if pk in people],
            [Choice(str(pk), files[pk], n) for pk, n in imports.most_common() if pk in files],
            [Choice(day.isoformat(), date_format(day), n) for day, n in sorted(days.items(), reverse=True)],
            doubted,
            synthetic,
        )


def in_words(parts: Iterable[Part]) -> list[str]:
    """A sentence for each part: `120 reports decided by ann are left out`."""
    told = list(parts)
    people = _people(int(part.key) for part in told if part.cause == Cause.LABELLER)
    files = _files(int(part.key) for part in told if part.cause == Cause.IMPORT)
    return [_sentence(part, people, files) for part in told]


def _sentence(part: Part, people: Mapping[int, str], files: Mapping[int, str]) -> str:
    reports = ngettext("%(n)s report", "%(n)s reports", part.total) % {"n": f"{part.total:,}"}
    which = {
        Cause.LABELLER: lambda: (
            gettext("%(reports)s decided by %(name)s")
            % {"reports": reports, "name": people.get(int(part.key), gettext("a former account"))}
        ),
        Cause.IMPORT: lambda: (
            gettext("%(reports)s of the import %(name)s")
            % {"reports": reports, "name": files.get(int(part.key), part.key)}
        ),
        Cause.DAY: lambda: (
            gettext("%(reports)s decided on %(day)s")
            % {"reports": reports, "day": date_format(dt.date.fromisoformat(part.key))}
        ),
        Cause.DOUBTED: lambda: gettext("%(reports)s whose label is doubted") % {"reports": reports},
        Cause.SYNTHETIC: lambda: gettext("%(reports)s of the synthetic samples") % {"reports": reports},
        Cause.DISPUTED: lambda: gettext("%(reports)s whose reporter calls the decision wrong") % {"reports": reports},
        Cause.TAXONOMY: lambda: (
            gettext("%(reports)s whose label was retired, or split and not told apart yet") % {"reports": reports}
        ),
    }[part.cause]()
    if part.factor:
        return gettext("%(which)s: count %(factor)s") % {"which": which, "factor": f"{part.factor:g}"}
    return gettext("%(which)s: left out") % {"which": which}


def _without_label() -> dict[str, int]:
    """How many reports carry no label to learn from, by why."""
    apart = (Incident.Status.MERGED, Incident.Status.ERASED)
    verdicts = Incident.objects.exclude(status__in=apart).exclude(current_label__verdict__in=LABELLED)
    counted: dict[str | None, int] = dict(
        verdicts.order_by().values_list("current_label__verdict").annotate(n=Count("pk"))
    )
    return {
        "undecided": counted.get(None, 0),
        "rejected": counted.get("reject", 0),
        "unsure": counted.get("unsure", 0),
    }


def _people(ids: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=list(ids)).values_list("pk", "username"))


def _files(ids: Iterable[int]) -> dict[int, str]:
    batches = ImportBatch.objects.in_bulk(list(ids)).values()
    return {batch.pk: f"{batch.name}, {date_format(batch.created_at)}" for batch in batches}
