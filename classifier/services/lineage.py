"""What each version learned from, label by label, and which versions learned from a report."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from classifier.models import DatasetRow, ModelVersion
from classifier.services.dataset_hash import title_hash
from classifier.services.taxonomy_since import paths_then
from incidents.models import Incident, Path


@dataclass(frozen=True)
class Learned:
    """A version and what it was told of a report; on the test side it only was measured by it."""

    version: ModelVersion
    split: str
    weight: float
    paths: Sequence[str]

    @property
    def only_tested(self) -> bool:
        return self.split == Incident.Split.TEST


def rows_of(version: ModelVersion) -> QuerySet[DatasetRow]:
    """The rows of the version's snapshot in its order, with what a listing shows of each."""
    rows = version.snapshot.rows.select_related("incident", "text_revision", "label")
    return rows.order_by("pk")


def keys_of(version: ModelVersion) -> list[str]:
    """The names of the snapshot's paths, in its order."""
    names = dict(Path.objects.filter(pk__in=version.snapshot.path_ids).values_list("pk", "key"))
    return [names.get(pk, f"#{pk}") for pk in version.snapshot.path_ids]


def listing(version: ModelVersion, hidden: Collection[int] = ()) -> Iterator[dict[str, Any]]:
    """Every label as a flat record, without texts: what title and text were, their hashes say. `paths` are the names of
    today, `paths_then` those that the dataset was frozen by, which its hash covers.

    `hidden`: numbers of reports whose labels are not told.
    """
    keys = keys_of(version)
    then = [path.key for path in paths_then(version.snapshot.path_ids, version.snapshot.taxonomy_version_id)]
    for row in rows_of(version).iterator(chunk_size=1000):
        yield {
            "report": row.incident_id,
            "text_sha256": row.text_revision.text_hash,
            "title_sha256": title_hash(row.text_revision.title),
            "split": row.split,
            "weight": row.weight,
            "paths": None if row.incident_id in hidden else [keys[place] for place in row.paths],
            "paths_then": None if row.incident_id in hidden else sorted(then[place] for place in row.paths),
            "label": row.label_id,
            "decided_at": row.label.created_at.isoformat() if row.label else None,
        }


def json_lines(version: ModelVersion, hidden: Collection[int] = ()) -> Iterator[str]:
    """The listing as JSONL; the first line names the version and the hash, which follows from the rest where it is
    `checkable` and nothing is hidden or erased (`dataset_hash.check_listing`, `manage.py check_labels`).
    """
    snapshot = version.snapshot
    head = {"model": version.name, "dataset": snapshot.content_hash, "reports": sum(snapshot.counts.values())}
    yield json.dumps(head | {"checkable": snapshot.checkable}) + "\n"
    for record in listing(version, hidden):
        yield json.dumps(record, ensure_ascii=False) + "\n"


def learned_from(incident: Incident) -> list[Learned]:
    """The versions whose snapshot holds the report, the newest first; three queries."""
    rows = {row.snapshot_id: row for row in DatasetRow.objects.filter(incident=incident)}
    versions = ModelVersion.objects.filter(snapshot__in=rows).select_related("snapshot").order_by("-pk")
    found = list(versions)
    wanted = {version.snapshot.path_ids[place] for version in found for place in rows[version.snapshot_id].paths}
    names = dict(Path.objects.filter(pk__in=wanted).values_list("pk", "key")) if wanted else {}
    return [
        Learned(
            version,
            row.split,
            row.weight,
            [names.get(version.snapshot.path_ids[place], "") for place in row.paths],
        )
        for version in found
        for row in [rows[version.snapshot_id]]
    ]
