"""Freezing what people decided into a dataset, and reading it back for training."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from classifier.ml.config import TrainingData
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath
from classifier.ml.taxonomy_map import Reading
from classifier.models import DatasetRow, DatasetSnapshot
from classifier.services.dataset_hash import HashedRow, dataset_hash, title_hash
from classifier.services.selection import ALL, FACTS, LABELLED, Facts, Judge, Selection, decided_reports
from classifier.services.taxonomy_since import paths_then
from incidents.models import Incident, Label, Path, TaxonomyVersion
from incidents.texts import training_text


class NothingDecided(Exception):
    """There is nothing to learn from."""


@dataclass(frozen=True)
class _Decided:
    """One decided report as the snapshot sees it. Sorted by words, so that row numbers of a database play no part."""

    split: str
    text_hash: str
    title: str
    incident_id: int
    text_revision_id: int
    label_id: int
    path_ids: tuple[int, ...]
    weight: float

    @property
    def fingerprint(self) -> str:
        return f"{self.text_hash} {self.title}"

    def hashed(self, keys: dict[int, str]) -> HashedRow:
        return HashedRow(self.split, self.text_hash, title_hash(self.title), self.keys(keys), self.weight)

    def keys(self, keys: dict[int, str]) -> tuple[str, ...]:
        return tuple(sorted(keys[path_id] for path_id in self.path_ids))


@transaction.atomic
def freeze(selection: Selection = ALL) -> DatasetSnapshot:
    """The snapshot of the reports decided now that the selection takes; an unchanged one gives that of before.

    A decision that its reporter calls wrong counts `disputed_weight` until somebody decides anew; at 0 it is left out.
    Labels are read in the taxonomy of today; a report whose label was retired, or split and not told apart yet, is
    left out.

    Raises NothingDecided.
    """
    decided = _decided_reports(Judge(selection))
    if not decided:
        raise NothingDecided(_nothing(selection))
    paths = _paths_in_order({path_id for row in decided for path_id in row.path_ids})
    keys = {path.pk: path.key for path in paths}
    content_hash = dataset_hash(row.hashed(keys) for row in decided)
    same = Q(content_hash=content_hash) | Q(content_hash=_hash_of_earlier_releases(decided, keys), checkable=False)
    if existing := DatasetSnapshot.objects.filter(same).order_by("-pk").first():
        return existing
    snapshot = DatasetSnapshot.objects.create(
        content_hash=content_hash,
        checkable=True,
        taxonomy_version=TaxonomyVersion.objects.latest("pk"),
        path_ids=[path.pk for path in paths],
        counts=dict(Counter(row.split for row in decided)),
    )
    position = {path.pk: index for index, path in enumerate(paths)}
    DatasetRow.objects.bulk_create(
        (
            DatasetRow(
                snapshot=snapshot,
                incident_id=row.incident_id,
                text_revision_id=row.text_revision_id,
                label_id=row.label_id,
                paths=sorted(position[path_id] for path_id in row.path_ids),
                split=row.split,
                weight=row.weight,
            )
            for row in decided
        ),
        batch_size=1000,
    )
    return snapshot


def label_paths(path_ids: list[int]) -> tuple[LabelPath, ...]:
    """The model core's paths for path rows, in the given order."""
    by_id = Path.objects.with_names().in_bulk(path_ids)
    return tuple(LabelPath(by_id[pk].category_names, by_id[pk].sub_category_name) for pk in path_ids)


def examples(snapshot: DatasetSnapshot, split: str) -> tuple[Example, ...]:
    """One split's reports, in the snapshot's order."""
    return tuple(example for _, example in numbered_examples(snapshot, split))


def numbered_examples(snapshot: DatasetSnapshot, split: str) -> tuple[tuple[int, Example], ...]:
    """As `examples`, each with the number of its report."""
    rows = (
        snapshot.rows.filter(split=split)
        .order_by("pk")
        .values_list(
            "incident_id", "text_revision__title", "text_revision__text", "paths", "incident__split_group", "weight"
        )
    )
    return tuple(
        (number, Example(training_text(title, text), tuple(paths), group, weight))
        for number, title, text, paths, group, weight in rows.iterator()
    )


def examples_today(snapshot: DatasetSnapshot, split: str) -> tuple[list[tuple[int, Example]], tuple[LabelPath, ...]]:
    """One split's reports in the taxonomy of today, each with its number, and the paths that they point into.

    Those whose label was retired since, or split and not told apart, are left out.
    """
    reading, own = Path.objects.reading(), snapshot.path_ids
    order = reading.ids(own)
    position = {path_id: place for place, path_id in enumerate(order)}
    rows = []
    for number, row in numbered_examples(snapshot, split):
        if today := _told_apart([own[place] for place in row.paths], reading):
            rows.append((number, replace(row, paths=tuple(position[path_id] for path_id in today))))
    return rows, label_paths(order)


def training_data(snapshot: DatasetSnapshot) -> TrainingData:
    """By the names of the moment when it was frozen, which a T5 reads too: so a later training repeats the first."""
    return TrainingData(
        paths=paths_then(snapshot.path_ids, snapshot.taxonomy_version_id),
        train=examples(snapshot, Incident.Split.TRAIN),
        validation=examples(snapshot, Incident.Split.VALIDATION),
    )


def _nothing(selection: Selection) -> str:
    if selection != ALL and decided_reports().exists():
        return gettext("All decided reports are left out. Leave out less.")
    return gettext("No report is decided yet. Review some reports, or import labelled ones, first.")


def _decided_reports(judge: Judge) -> list[_Decided]:
    through = Label.paths.through.objects.filter(
        label__current_of__isnull=False, label__verdict__in=LABELLED
    ).values_list("label_id", "path_id")
    paths_of: dict[int, list[int]] = {}
    for label_id, path_id in through.iterator():
        paths_of.setdefault(label_id, []).append(path_id)
    reading = Path.objects.reading()
    rows = decided_reports().values_list(
        "split", "current_label__text_revision__title", "current_label__text_revision__text_hash",
        "pk", "current_label__text_revision_id", "current_label_id", *FACTS,
    )  # fmt: skip
    return sorted(
        (
            _Decided(
                split,
                text_hash,
                title,
                pk,
                revision,
                label_id,
                tuple(reading.ids(paths_of[label_id])),
                weight,
            )
            for split, title, text_hash, pk, revision, label_id, *facts in rows.iterator()
            if (weight := judge.verdict(split, Facts(*facts)).weight)
        ),
        key=lambda row: (row.split, row.fingerprint, row.incident_id),
    )


def _told_apart(path_ids: list[int], reading: Reading) -> list[int]:
    """What they read as today; none where one of them was split since and nobody has said into which part."""
    today = reading.ids(path_ids)
    return [] if reading.divided.intersection(today) else today


def _paths_in_order(path_ids: set[int]) -> list[Path]:
    # Sorted here, because databases disagree on the order of letters.
    return sorted(Path.objects.filter(pk__in=path_ids), key=lambda path: path.key)


def _hash_of_earlier_releases(decided: list[_Decided], keys: dict[int, str]) -> str:
    """Which covered titles in clear, so that no listing could tell it: what was frozen then is not frozen anew."""
    digest = hashlib.sha256()
    for row in decided:
        content: list[object] = [row.split, row.fingerprint, row.keys(keys)]
        content += [row.weight] * (row.weight != 1)  # the hashes of datasets without a dispute stay what they were
        digest.update(json.dumps(content).encode())
    return digest.hexdigest()
