"""What the detection model says of flagged events: one answer for all of a log template and risk band."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from classifier import registry
from classifier.ml.artifact import ArtifactIncompatible, ArtifactUnusable
from classifier.ml.hybrid import HybridModel
from classifier.ml.personal import mask
from classifier.ml.taxonomy import LabelPath
from classifier.models import ModelVersion
from events.models import ThreatAnswer
from events.stream.keys import number_of
from events.stream.prompts import THREAT
from workers import jobs
from workers.batch import Batch
from workers.models import Job

KIND, QUEUE = "judge_threat", "inference"
ASK_AGAIN_AFTER = timedelta(minutes=10)  # of an answer that failed: its version may have been restored
LONGEST_PROBLEM = 300  # characters, as the column holds


def ask(version: ModelVersion, template_id: int, band: int, prompt: str) -> ThreatAnswer:
    """The version's answer for a template and band: the one that is there, or one that a worker will give.

    Events without a template (0) share an answer where their prompts are the same. In the caller's transaction.
    """
    answer, created = ThreatAnswer.objects.get_or_create(
        version=version, template_id=template_id or number_of(prompt), band=band, defaults={"prompt": prompt}
    )
    if created or _is_due_again(answer):
        jobs.enqueue(KIND, answer.pk, queue=QUEUE, priority=Job.Priority.API)
    return answer


def judge_threats(batch: Batch) -> None:
    """Answer what was asked. Safe to run twice: what is answered stays."""
    asked = ThreatAnswer.objects.filter(pk__in=batch.object_ids, probability=None, problem="")
    rows = list(asked.select_related("version").order_by("version_id", "pk"))
    for version, group in groupby(rows, key=lambda answer: answer.version):
        batch.beat()
        _answer(version, list(group))
    with transaction.atomic():
        ThreatAnswer.objects.bulk_update(rows, ["probability", "problem"])
        batch.finish()


def _answer(version: ModelVersion, answers: Sequence[ThreatAnswer]) -> None:
    """Put the version's words into the answers; a version that cannot be used puts its reason there."""
    try:
        model, place = _model(version)
    except ArtifactUnusable as error:
        for answer in answers:
            answer.problem = str(error)[:LONGEST_PROBLEM]
        return
    for answer, result in zip(answers, model.classify_batch([mask(one.prompt) for one in answers]), strict=True):
        answer.probability = float(result.probabilities[place])


def _model(version: ModelVersion) -> tuple[HybridModel, int]:
    """The version's model, and where it holds the probability of a threat. Raises ArtifactError."""
    model, threat = registry.load(version), LabelPath.of([THREAT])
    if threat not in model.taxonomy.paths:
        raise ArtifactIncompatible(f"{version.name} does not tell threats from normal events: train a detection model.")
    return model, model.taxonomy.paths.index(threat)


def _is_due_again(answer: ThreatAnswer) -> bool:
    """Whether a failed answer is to be tried again; True for one of those who ask at the same moment."""
    before = timezone.now() - ASK_AGAIN_AFTER
    failed = ThreatAnswer.objects.filter(pk=answer.pk, created_at__lt=before).exclude(problem="")
    return bool(answer.problem) and failed.update(problem="", created_at=timezone.now()) == 1
