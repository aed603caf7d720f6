"""The row of an import while it is at work."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from classifier.ml.taxonomy import LabelPath
from incidents.models import ImportBatch
from incidents.services.taxonomy import Created, create_paths

CREATED = "labels_created"  # the figure that is kept from the beginning on: a kill must not lose it


class OpenBatch:
    """The row that the reports of an import name. One of the command line is written with the first of them: an import
    that takes none leaves no trace."""

    def __init__(self, name: str, row: ImportBatch | None = None) -> None:
        self._name = name[:200]
        self._row = row

    @property
    def pk(self) -> int | None:
        return self._row.pk if self._row else None

    def row(self) -> ImportBatch:
        if self._row is None:
            self._row = ImportBatch.objects.create(name=self._name, status=ImportBatch.Status.RUNNING)
        return self._row

    @transaction.atomic
    def create_labels(self, paths: Iterable[LabelPath]) -> Created:
        """Add paths to the taxonomy. Returns all that this import has added, also before it was killed."""
        if self._row is None:
            return create_paths(paths)
        before = self._row.figures.get(CREATED, {})
        now = asdict(create_paths(paths, by=self._row.by))
        total = {name: number + before.get(name, 0) for name, number in now.items()}
        ImportBatch.objects.filter(pk=self._row.pk).update(figures={CREATED: total})
        return Created(**total)

    def end(self, status: ImportBatch.Status, figures: Mapping[str, Any] | None = None) -> None:
        """Write down how an import of the command line ended, where there is a row of it."""
        if self._row is not None:
            self._row.status, self._row.figures, self._row.finished_at = status, dict(figures or {}), timezone.now()
            self._row.save(update_fields=["status", "figures", "finished_at"])
