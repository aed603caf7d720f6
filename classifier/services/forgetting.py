"""Taking erased reports out of datasets and models: which versions learned from them, and their words out of artefacts.

A clean artefact is a new folder that the version points to from then on, so that workers never read half of one; the
old folder goes after that. Killed at any point, the next call goes on.
"""

import shutil
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from classifier import store
from classifier.ml.artifact import ArtifactUnusable
from classifier.ml.forgetting import Forgotten, NothingLeft, forget_words
from classifier.models import DatasetRow, DatasetSnapshot, ErasedLearning, ModelVersion, TrainingRun
from classifier.services.snapshot import examples
from classifier.services.training import cancel_training, workdir_of
from incidents.models import Erasure, Incident

State, Split = ErasedLearning.State, Incident.Split
Texts = Callable[[DatasetSnapshot], Sequence[str]]
LEARNED = (Split.TRAIN, Split.VALIDATION)  # the linear expert reads both in the end


class StillLearning(Exception):
    """A training that holds reports to be erased has not ended yet; it was told to, and is asked again."""


def stop_trainings(snapshots: QuerySet[DatasetSnapshot]) -> None:
    """End the open trainings on these datasets and remove the checkpoints of all. Raises StillLearning."""
    runs = TrainingRun.objects.filter(snapshot__in=snapshots)
    for run in runs.open():
        cancel_training(run)
    if reading := runs.open().first():
        raise StillLearning(
            gettext("Training %(number)d was reading what is to be erased, and is told to stop first.")
            % {"number": reading.pk}
        )
    for run in runs:
        shutil.rmtree(workdir_of(run), ignore_errors=True)


def snapshots_with(erasure: Erasure) -> QuerySet[DatasetSnapshot]:
    """The datasets that still hold reports of it."""
    held = DatasetRow.objects.filter(incident__erasure=erasure)
    return DatasetSnapshot.objects.filter(pk__in=held.values("snapshot"))


def take_out_rows(erasure: Erasure) -> int:
    """Note which versions learned from its reports, then delete these from all datasets; how many rows that were."""
    held = DatasetRow.objects.filter(incident__erasure=erasure)
    with transaction.atomic():
        note_learned(erasure, held)
        return held.delete()[0]


def note_learned(erasure: Erasure, held: "QuerySet[Any]") -> None:
    """Mark the versions whose datasets hold these rows, with how many of them each learned from and was tested on."""
    learned = Count("pk", filter=Q(split__in=LEARNED))
    counted = held.order_by().values("snapshot").annotate(learned=learned, tested=Count("pk") - learned)
    of_snapshot = {row["snapshot"]: row for row in counted}
    marks = (
        ErasedLearning(erasure=erasure, version=version, learned=row["learned"], tested=row["tested"])
        for version in ModelVersion.objects.filter(snapshot__in=of_snapshot)
        for row in [of_snapshot[version.snapshot_id]]
    )
    ErasedLearning.objects.bulk_create(marks, ignore_conflicts=True)


def texts_left(snapshot: DatasetSnapshot) -> list[str]:
    """Of a dataset of reports: what a version of it learned from that is not erased."""
    return [example.text for split in LEARNED for example in examples(snapshot, split)]


def clean(learning: ErasedLearning, texts: Texts) -> None:
    """Take the words that none of the texts holds out of a version's artefact, or remove it where that is impossible.

    Raises ArtifactUnreachable while the storage that machines share does not answer.
    """
    version = learning.version
    if learning.superseded:  # it was swapped, and its job killed before the old one was gone
        return _remove_superseded(learning)
    if version.pruned_at:
        return _give_up(learning, State.GONE)
    folder = store.succeeding(version.folder)
    store.remove(folder)  # of an attempt that was killed before the swap
    try:
        forgotten = forget_words(version.artefact, store.here(folder), texts(version.snapshot))
    except (ArtifactUnusable, NothingLeft):
        return _give_up(learning, State.DELETED)
    if not forgotten:
        return _settle(learning, State.CLEAN)
    store.publish(folder)
    _swap(learning, folder, forgotten)
    _remove_superseded(learning)


@transaction.atomic
def _swap(learning: ErasedLearning, folder: str, forgotten: Forgotten) -> None:
    version = learning.version
    learning.superseded, learning.ngrams, learning.pieces = version.folder, forgotten.ngrams, forgotten.pieces
    learning.save(update_fields=["superseded", "ngrams", "pieces"])
    version.folder = folder
    version.save(update_fields=["folder"])


def _remove_superseded(learning: ErasedLearning) -> None:
    store.remove(learning.superseded)
    learning.superseded = ""
    _settle(learning, State.CLEANED)


def _give_up(learning: ErasedLearning, state: str) -> None:
    """The version stays with its figures, as one that was pruned does."""
    version = learning.version
    ModelVersion.objects.filter(pk=version.pk, pruned_at=None).update(pruned_at=timezone.now())
    store.remove(version.folder)
    ModelVersion.objects.filter(pk=version.pk).update(files_gone=True)
    _settle(learning, state)


def _settle(learning: ErasedLearning, state: str) -> None:
    learning.state = state
    learning.save(update_fields=["state", "superseded"])


def rows_gone(snapshot: DatasetSnapshot) -> int:
    """How many of the rows that a dataset of reports was frozen with are erased by now."""
    return int(sum(snapshot.counts.values())) - snapshot.rows.count()


def erased_of(version: ModelVersion) -> int:
    """From how many reports a version learned that are erased by now."""
    marks = ErasedLearning.objects.filter(version=version).values_list("learned", flat=True)
    return sum(marks)
