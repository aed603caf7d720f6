"""Which model was in charge on a date, and what it said about a report: also by having it say so again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from classifier import registry
from classifier.ml.artifact import ArtifactUnusable
from classifier.models import ModelVersion, Prediction, Promotion, Replay
from classifier.models.version import CLASSIFY
from classifier.services.asking import request_replay
from classifier.services.present import reading_at
from incidents.models import Incident, Label, Path, TextRevision, User
from incidents.texts import training_text
from workers.errors import sentence
from workers.jobs import Batch

# Batches of another company, another number of threads or another processor move the last digits of a T5.
SAME_TO = 0.003


@dataclass(frozen=True)
class Moment:
    """Who was in charge at a moment, and every move of that day."""

    moment: dt.datetime
    promotion: Promotion | None
    moves: Sequence[Promotion]

    @property
    def version(self) -> ModelVersion | None:
        return self.promotion.version if self.promotion else None


@dataclass(frozen=True)
class Said:
    """What stood on a report at a moment: its text, the word of the version in charge then or, before that had spoken,
    of another one, and the label that people had given.
    """

    incident: Incident
    text: TextRevision | None  # None: it was not filed yet
    prediction: Prediction | None
    by_champion: bool
    label: Label | None


@dataclass(frozen=True)
class Replayed:
    """A prediction beside the same version's word of today."""

    same: bool  # the same labels
    largest_change: float  # of any probability
    path_ids: Sequence[int]
    confidence: float

    @property
    def close(self) -> bool:
        """The probabilities are the same but for what storing and batching move."""
        return self.largest_change <= SAME_TO

    def to_json(self) -> dict[str, object]:
        return {
            "same": self.same,
            "largest_change": self.largest_change,
            "path_ids": list(self.path_ids),
            "confidence": self.confidence,
        }


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a day in the time zone in force."""
    start = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    return start - dt.timedelta(microseconds=1)


def at(moment: dt.datetime, line: str = CLASSIFY) -> Moment:
    local = timezone.localtime(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    moves = Promotion.objects.filter(version__line=line, created_at__gte=midnight, created_at__lte=moment)
    return Moment(
        moment,
        Promotion.objects.select_related("version__snapshot", "replaced", "by").in_force_at(moment, line),
        list(moves.select_related("version", "replaced", "by").order_by("created_at", "pk")),
    )


def said_of(incident: Incident, then: Moment) -> Said:
    texts = incident.text_revisions.filter(created_at__lte=then.moment)
    text = texts.order_by("-number").first()
    if text is None:
        return Said(incident, None, None, False, None)
    spoken = Prediction.objects.filter(text_revision=text, created_at__lte=then.moment)
    spoken = spoken.select_related("version__snapshot").order_by("-created_at", "-pk")
    own = spoken.filter(version=then.version).first() if then.version else None
    return Said(incident, text, own or spoken.first(), own is not None, _label_at(incident, then.moment))


def _label_at(incident: Incident, moment: dt.datetime) -> Label | None:
    """The label that stood then: second opinions stand on nothing, and what was undone by then neither."""
    undone = Q(retraction__created_at__lte=moment)
    given = incident.labels.filter(created_at__lte=moment).exclude(slot=Label.Slot.SECOND).exclude(undone)
    return given.select_related("reviewer").prefetch_related("paths").order_by("-created_at", "-pk").first()


def replay(prediction: Prediction) -> Replayed:
    """Have the version that made a prediction make it anew, from its artefact, in the taxonomy of that time.

    Raises ArtifactError.
    """
    text, version = prediction.text_revision, prediction.version
    then = reading_at(prediction.taxonomy_version_id)
    model = registry.translated(registry.load_own(version), version.snapshot.path_ids, reading=then)
    result = model.model.classify_batch([training_text(text.title, text.text)])[0]
    own = result.probabilities if result.own is None else result.own
    stored = np.frombuffer(prediction.distribution, dtype=np.float16).astype(float)
    path_ids = [model.path_ids[index] for index in result.decided]
    return Replayed(
        same=set(path_ids) == set(prediction.path_ids),
        largest_change=float(np.abs(own.astype(np.float16).astype(float) - stored).max()),
        path_ids=path_ids,
        confidence=result.confidence,
    )


def paths_said(prediction: Prediction, replayed: Replayed | None = None) -> dict[int, Path]:
    """The labels of a prediction and its replay by number: those of its time, not what they read as today."""
    return Path.objects.with_names().in_bulk({*prediction.path_ids, *(replayed.path_ids if replayed else ())})


def ask_for_replay(prediction: Prediction, *, by: User | None) -> Replay:
    with transaction.atomic():
        asked = Replay.objects.create(prediction=prediction, by=by)
        request_replay(asked.pk)
    return asked


def make_replay(batch: Batch) -> None:
    """Replay what was asked for. Safe to run twice: what is over stays so."""
    over = (Replay.Status.DONE, Replay.Status.FAILED)
    asked = Replay.objects.filter(pk__in=batch.object_ids).exclude(status__in=over)
    for one in asked.select_related("prediction__version__snapshot", "prediction__text_revision"):
        try:
            one.figures, one.status = replay(one.prediction).to_json(), Replay.Status.DONE
        except ArtifactUnusable as error:
            one.trouble, one.status = sentence(error)[:300], Replay.Status.FAILED
        one.finished_at = timezone.now()
        one.save(update_fields=["figures", "status", "trouble", "finished_at"])
    with transaction.atomic():
        batch.finish()


class NoSuchMoment(ValueError):
    """What was typed is no date; the message says how to write one."""


def moment_of(typed: str) -> dt.datetime:
    """`2026-11-27` or `2026-11-27 14:30` (the end of that day or minute), or ISO 8601, in the time zone in force.

    Raises NoSuchMoment.
    """
    written = typed.strip()
    try:
        if len(written) == len("2026-11-27"):
            return end_of(dt.date.fromisoformat(written))
        moment = dt.datetime.fromisoformat(written)
        if len(written) == len("2026-11-27 14:30"):
            moment = moment.replace(second=59, microsecond=999_999)
    except (ValueError, OverflowError) as error:
        raise NoSuchMoment(
            gettext("“%(typed)s” is no date. Write it as 2026-11-27, or 2026-11-27 14:30.") % {"typed": typed}
        ) from error
    return moment if moment.tzinfo else timezone.make_aware(moment)
