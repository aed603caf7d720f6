"""Training the detection model: the reference's prompts and completions, as a second task of the same T5 code."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from classifier.ml.config import SMALL_SCRATCH, TrainingConfig, TrainingData
from classifier.ml.hybrid import HybridModel
from classifier.ml.personal import mask
from classifier.ml.results import Example
from classifier.models import DatasetSnapshot, ModelVersion, TrainingRun
from classifier.models.version import DETECT
from classifier.services.evaluation import Measured, measure
from classifier.services.run_log import RunLog
from classifier.services.trainer import train_texts
from classifier.services.training import (
    TrainingRefused,
    check_options,
    queue_run,
    refuse_unchanged,
    refuse_without_room_here,
)
from events.models import ThreatDatasetRow, TrainingExample
from events.stream.augment import variations
from events.stream.prompts import NORMAL, PATHS, THREAT
from incidents.models import Incident, User
from incidents.services.taxonomy import current_version
from workers.jobs import Batch

Completion, Split = TrainingExample.Completion, Incident.Split
INDEX = {THREAT: 0, NORMAL: 1}  # places in PATHS
MINIMUM = 20  # examples; below that a test split says nothing
COPIES = 3  # variations of a training example
MOST_ROWS = 20_000  # training examples with their variations; more are trained on as they are
UNCHANGED = "the same examples, the same base model. Decide more detections, import more examples, or force it."


def request_threat_training(
    *,
    base_model: str = SMALL_SCRATCH,
    requested_by: User | None = None,
    force: bool = False,
    options: dict[str, Any] | None = None,
    promote_if_better: bool = False,
) -> TrainingRun:
    """Freeze the examples and queue a run of the line `detect` with its job. Raises TrainingRefused.

    `options` are fields of `TrainingConfig`; `force` trains again on examples that did not change.
    """
    options = dict(options or {})
    check_options(base_model, options)
    refuse_without_room_here(DETECT, base_model, options)
    with transaction.atomic():
        snapshot = _freeze()
        if not force:
            refuse_unchanged(snapshot, base_model, options, UNCHANGED)
        return queue_run(
            TrainingRun(
                line=DETECT,
                snapshot=snapshot,
                base_model=base_model,
                options=options,
                requested_by=requested_by,
                promote_if_better=promote_if_better,
            )
        )


def train_detection(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    """Fit, measure on the test split beside the champion, and keep the version."""
    test = _rows(run.snapshot, Split.TEST)

    def measured(model: HybridModel) -> Measured:
        return measure(model, test, PATHS, batch.beat)

    train = _rows(run.snapshot, Split.TRAIN)
    varied = with_variations(train, TrainingConfig(base_model=run.base_model, **run.options).seed)
    log.add(f"examples {run.snapshot.counts}; {len(varied) - len(train)} variations of the training ones")
    data = TrainingData(PATHS, tuple(varied), tuple(_rows(run.snapshot, Split.VALIDATION)))
    return train_texts(run, batch, log, data, measured)


def with_variations(train: Sequence[Example], seed: int) -> list[Example]:
    """Training examples, each followed by its variations. These exist here only, and are stored nowhere."""
    copies = min(COPIES, MOST_ROWS // len(train) - 1) if train else 0
    varied = variations([example.text for example in train], copies, seed)
    return [
        Example(text, example.paths, example.group)
        for example, texts in zip(train, varied, strict=True)
        for text in (example.text, *texts)
    ]


def texts_learned(snapshot: DatasetSnapshot) -> list[str]:
    """What a detection model of this dataset read while it was trained, with variations made from it anew."""
    varied = with_variations(_rows(snapshot, Split.TRAIN), TrainingConfig(base_model=SMALL_SCRATCH).seed)
    return [example.text for example in (*varied, *_rows(snapshot, Split.VALIDATION))]


def split_of(group: str) -> str:
    """Which side a group of examples is on, for ever: 80 % train, 10 % validation, 10 % test."""
    tenth = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 10
    return {8: Split.VALIDATION, 9: Split.TEST}.get(tenth, Split.TRAIN)


def _freeze() -> DatasetSnapshot:
    """The snapshot of all examples that stand now; unchanged ones give the one that is there already."""
    standing = _standing()
    counts = Counter(split_of(example.group) for example in standing)
    _refuse_too_little(standing, counts)
    content_hash = _content_hash(standing)
    if existing := DatasetSnapshot.objects.filter(content_hash=content_hash).first():
        return existing
    snapshot = DatasetSnapshot.objects.create(
        content_hash=content_hash, taxonomy_version=current_version(), path_ids=[], counts=dict(counts)
    )
    rows = (ThreatDatasetRow(snapshot=snapshot, example=one, split=split_of(one.group)) for one in standing)
    ThreatDatasetRow.objects.bulk_create(rows, batch_size=1000)
    return snapshot


def _standing() -> list[TrainingExample]:
    """Per prompt what was said of it last, since two answers to one question teach nothing."""
    latest = {example.prompt: example for example in TrainingExample.objects.filter(retracted_at=None).order_by("pk")}
    return sorted(latest.values(), key=lambda example: (example.prompt, example.completion))


def _refuse_too_little(standing: Sequence[TrainingExample], counts: dict[str, int]) -> None:
    if len(standing) < MINIMUM:
        raise TrainingRefused(
            f"There are {len(standing)} examples; at least {MINIMUM} are needed. Decide the incidents of more "
            "detections, or import examples."
        )
    for completion in Completion:
        if not any(one.completion == completion and split_of(one.group) == Split.TRAIN for one in standing):
            raise TrainingRefused(
                f"No training example says “{completion}”: there is nothing to tell apart. Decide or import some."
            )
    if not counts.get(Split.TEST):
        raise TrainingRefused(
            "No example fell on the test side yet: their log entries are too few or too much alike. Add other ones."
        )


def _content_hash(standing: Sequence[TrainingExample]) -> str:
    digest = hashlib.sha256(DETECT.encode())
    for one in standing:
        digest.update(json.dumps([split_of(one.group), one.prompt, one.completion]).encode())
    return digest.hexdigest()


def _rows(snapshot: DatasetSnapshot, split: str) -> list[Example]:
    rows = ThreatDatasetRow.objects.filter(snapshot=snapshot, split=split).order_by("pk")
    found = rows.values_list("example__prompt", "example__completion", "example__group")
    return [Example(mask(prompt), (INDEX[completion],), group) for prompt, completion, group in found.iterator()]
