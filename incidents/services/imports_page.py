"""What the pages and the API tell of imports."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from classifier.wording import in_words
from incidents.models import ImportBatch, Incident
from incidents.services.import_runs import job_of
from workers.models import Job

COUNTS = ("rows", "taken", "merged", "refused", "unchanged", "conflicts", "decided", "undecided")


@dataclass(frozen=True)
class ImportState:
    """An import and how far it is. `reports` are those that name it now."""

    run: ImportBatch
    job: Job | None
    reports: int

    @property
    def figures(self) -> Mapping[str, Any]:
        """What came of the rows; {} until it is done, and for imports of before figures were kept."""
        return self.run.figures if "rows" in self.run.figures else {}

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(name, self.figures[name]) for name in COUNTS] if self.figures else []

    @property
    def is_at_work(self) -> bool:
        """Open, with a job: one of the command line asks nobody, and may have been killed."""
        return self.run.is_open and self.job is not None

    @property
    def progress(self) -> Mapping[str, Any]:
        """`stage`, how much is `done`, and `of` how much; {} before it began and once it is over."""
        return self.job.progress if self.job and self.run.is_open else {}

    @property
    def trouble(self) -> str:
        """Why it failed, or why its last attempt did."""
        return in_words(self.run.trouble or (self.job.error if self.job and self.run.is_open else ""))

    @property
    def nothing_was_taken(self) -> bool:
        return bool(self.figures) and self.figures["rows"] == self.figures["refused"]

    @property
    def reasons(self) -> list[tuple[str, list[int]]]:
        """Of the first refused lines, each with its lines, the most frequent first."""
        lines: dict[str, list[int]] = defaultdict(list)
        for one in self.figures.get("refusals", ()):
            lines[one["reason"]].append(one["line"])
        return sorted(lines.items(), key=lambda item: -len(item[1]))

    @property
    def not_shown(self) -> int:
        """Refused lines beyond those that are listed."""
        return self.figures["refused"] - len(self.figures["refusals"]) if self.figures else 0

    def to_json(self) -> dict[str, Any]:
        run = self.run
        return {
            "id": run.pk,
            "name": run.name,
            "origin": run.origin,
            "by": run.by.get_username() if run.by else None,
            "status": run.status,
            "created_at": run.created_at,
            "finished_at": run.finished_at,
            "trouble": self.trouble,
            "reports": self.reports,
            "progress": self.progress or None,
            "figures": self.figures or None,
        }


def imports() -> "QuerySet[ImportBatch]":
    """The newest first."""
    return ImportBatch.objects.select_related("by").order_by("-pk")


def states_of(runs: Iterable[ImportBatch]) -> list[ImportState]:
    return [state_of(run) for run in runs]


def state_of(run: ImportBatch) -> ImportState:
    return ImportState(run, job_of(run) if run.is_open else None, _reports(run))


def _reports(run: ImportBatch) -> int:
    """Counted where the figures do not tell."""
    taken = run.figures.get("taken")
    return taken if taken is not None else Incident.objects.filter(import_batch=run).count()
