"""Which decided reports a training learns from, and how much each counts: by who decided, how it came, and when.

A label that is left out is not trusted, so that it judges no model either: such a report is left out of the test side
as well, where the new version and the champion are measured on what remains, which is the same for both. Doubted
labels alone stay on the test side: a model found them doubtful, and leaving them out would make its own test easier.
Reports that count less still judge in full.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.models import Doubt
from incidents import policy
from incidents.models import Incident, Label, Path, ReporterMessage

LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)


class Cause(models.TextChoices):
    """What a report is left out for, or counts less for. Where several hold, the strongest is told, then the first."""

    LABELLER = "labeller", _("Decided by")
    IMPORT = "import", _("Import")
    DAY = "day", _("Day of the decision")
    DOUBTED = "doubted", _("Doubted labels")
    SYNTHETIC = "synthetic", _("Synthetic samples")
    DISPUTED = "disputed", _("Disputed by their reporters")
    TAXONOMY = "taxonomy", _("Label split or retired")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a selection asks of a decided report."""

    labeller: int | None
    import_batch: int | None
    day: dt.date
    doubted: bool
    synthetic: bool
    disputed: bool
    untold: bool  # its label reads as nothing today, or was split and nobody has told it apart


_LINKS = Label.paths.through.objects.filter(label=OuterRef("current_label"))
_DIVIDED = Q(path__state=Path.State.DIVIDED) | Q(path__replaced_by__state=Path.State.DIVIDED)

FACTS = {
    "labeller": F("current_label__reviewer"),
    "from_import": F("import_batch"),
    "day": TruncDate("current_label__created_at", tzinfo=timezone.get_default_timezone()),
    "doubted": Exists(Doubt.objects.filter(label=OuterRef("current_label"), state=Doubt.State.OPEN)),
    "synthetic": models.ExpressionWrapper(Q(source=Incident.Source.DEMO), output_field=models.BooleanField()),
    "disputed": Exists(ReporterMessage.objects.of_disputed_decisions().filter(disputed=OuterRef("current_label"))),
    "untold": models.ExpressionWrapper(
        Exists(_LINKS.filter(_DIVIDED)) | ~Exists(_LINKS.exclude(path__state=Path.State.RETIRED)),
        output_field=models.BooleanField(),
    ),
}


@dataclass(frozen=True)
class Reason:
    """One cause that holds for a report; `key` is the account, import or day."""

    cause: Cause
    factor: float
    key: str = ""


@dataclass(frozen=True)
class Selection:
    """How much reports count, 0 (left out) to 1, by account, import and day (ISO); all others count in full."""

    labellers: Mapping[int, float] = field(default_factory=dict)
    imports: Mapping[int, float] = field(default_factory=dict)
    days: Mapping[str, float] = field(default_factory=dict)
    doubted: float = 1.0
    synthetic: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Only what does not count in full; {} for everything."""
        told: dict[str, Any] = {
            name: {str(key): factor for key, factor in sorted(factors.items()) if factor != 1}
            for name, factors in (("labellers", self.labellers), ("imports", self.imports), ("days", self.days))
        }
        told |= {name: factor for name, factor in self.kinds.items() if factor != 1}
        return {name: value for name, value in told.items() if value != {}}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Selection":
        """As stored by `to_json`."""
        return cls(
            labellers={int(key): float(factor) for key, factor in told.get("labellers", {}).items()},
            imports={int(key): float(factor) for key, factor in told.get("imports", {}).items()},
            days={key: float(factor) for key, factor in told.get("days", {}).items()},
            doubted=float(told.get("doubted", 1)),
            synthetic=float(told.get("synthetic", 1)),
        )

    def reasons(self, facts: Facts, disputed_weight: float) -> list[Reason]:
        """All causes for which the report does not count in full, in the order of `Cause`."""
        day = facts.day.isoformat()
        holding = [
            Reason(Cause.LABELLER, self.labellers.get(facts.labeller or 0, 1.0), str(facts.labeller)),
            Reason(Cause.IMPORT, self.imports.get(facts.import_batch or 0, 1.0), str(facts.import_batch)),
            Reason(Cause.DAY, self.days.get(day, 1.0), day),
            Reason(Cause.DOUBTED, self.doubted if facts.doubted else 1.0),
            Reason(Cause.SYNTHETIC, self.synthetic if facts.synthetic else 1.0),
            Reason(Cause.DISPUTED, disputed_weight if facts.disputed else 1.0),
            Reason(Cause.TAXONOMY, 0.0 if facts.untold else 1.0),
        ]
        return [reason for reason in holding if reason.factor != 1]

    @property
    def kinds(self) -> dict[str, float]:
        return {"doubted": self.doubted, "synthetic": self.synthetic}


ALL = Selection()


@dataclass(frozen=True)
class Verdict:
    """How much a report counts, 0: not at all; and the cause to tell, None where it counts in full."""

    weight: float
    told: Reason | None


class Judge:
    """Weighs reports by a selection and the policy that stands now."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._disputed_weight = float(policy.value("disputed_weight"))
        self._known: dict[tuple[bool, Facts], Verdict] = {}  # few facts, many reports

    def verdict(self, split: str, facts: Facts) -> Verdict:
        of_test = split == Incident.Split.TEST
        if (of_test, facts) not in self._known:
            self._known[of_test, facts] = self._weigh(of_test, facts)
        return self._known[of_test, facts]

    def _weigh(self, of_test: bool, facts: Facts) -> Verdict:
        reasons = self._selection.reasons(facts, self._disputed_weight)
        if of_test:
            reasons = [one for one in reasons if one.cause == Cause.DISPUTED or _bars_from_test(one)]
        weight = 1.0
        for reason in reasons:
            weight *= reason.factor
        return Verdict(round(weight, 6), min(reasons, key=lambda one: one.factor, default=None))


def decided_reports() -> QuerySet[Incident]:
    """Reports on which labels with paths stand, with the columns of `FACTS`."""
    with_path = Label.paths.through.objects.filter(label=OuterRef("current_label"))
    decided = Incident.objects.filter(Exists(with_path), current_label__verdict__in=LABELLED)
    return decided.annotate(**FACTS)


def _bars_from_test(reason: Reason) -> bool:
    return reason.factor == 0 and reason.cause != Cause.DOUBTED
