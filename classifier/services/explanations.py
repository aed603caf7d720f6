"""Asking for the words that carried a label, and how far that is. Reads and writes rows only: no model is loaded."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from classifier.models import Explanation, ModelVersion, Prediction
from classifier.services import asking
from classifier.services.analysis_runs import CALLED_OFF
from classifier.services.present import say_today
from incidents.texts import text_start
from workers import jobs
from workers.models import Job

TROUBLES = {"impossible", "failed"}  # states in which nothing comes unless somebody asks once more
OVER = {Job.Status.FAILED, Job.Status.CANCELLED}


class UnknownLabel(Exception):
    """The version that made the prediction does not know the label; the message says so."""


@dataclass(frozen=True)
class CarriedWord:
    """A word of the title or the text, and the nats that it adds to the label's log-odds, by expert."""

    part: str  # "title" or "text"
    start: int
    end: int
    linear: float
    t5: float

    @property
    def total(self) -> float:
        return self.linear + self.t5


def words_of(explanation: Explanation) -> list[CarriedWord]:
    """The strongest first; none while it is not computed."""
    revision = explanation.prediction.text_revision
    text = text_start(revision.title, revision.text)
    return [
        CarriedWord("text", start - text, end - text, linear, t5)
        if start >= text
        else CarriedWord("title", start, end, linear, t5)
        for start, end, linear, t5 in explanation.words or ()
    ]


def find(prediction: Prediction, path_id: int | None = None) -> Explanation | None:
    """What has been asked about a path, of the most probable one that was decided if none is named."""
    rows = Explanation.objects.select_related("prediction__text_revision", "prediction__version")
    return rows.filter(prediction=prediction, path=path_id or prediction.path_ids[0]).first()


def ask(prediction: Prediction, path_id: int | None = None, *, priority: int) -> Explanation:
    """Have a path explained (see `find`), once: asked again it is the same row, and work that failed is taken up again.

    Raises UnknownLabel.
    """
    wanted: Any = path_id or prediction.path_ids[0]
    if known(prediction, wanted) is None:
        raise UnknownLabel(
            gettext("%(version)s does not know this label, so no words speak for it.") % {"version": prediction.version}
        )
    with transaction.atomic():
        explanation, created = Explanation.objects.get_or_create(prediction=prediction, path_id=wanted)
        if created or explanation.problem:
            Explanation.objects.filter(pk=explanation.pk).update(problem="")
            explanation.problem = ""
            asking.request_explanation(explanation.pk, priority=priority)
        elif not explanation.is_computed:
            _take_up(explanation, priority)
    return explanation


def known(prediction: Prediction, path_id: int | None) -> int | None:
    """The path if the version that made the prediction knows it, else None: another version may have come in charge."""
    say_today([prediction])
    assert prediction.today is not None, "it was just read"
    return path_id if path_id in prediction.today.order else None


def find_or_ask(prediction: Prediction, path_id: int | None = None, *, priority: int) -> Explanation:
    """As `find`, asking where nobody has or the work failed; what is impossible stays so. Raises UnknownLabel."""
    found = find(prediction, path_id)
    return ask(prediction, path_id, priority=priority) if found is None or state(found) == "failed" else found


def state(explanation: Explanation) -> str:
    """`computed`, `impossible`, `failed` or `waiting`."""
    if explanation.is_computed:
        return "computed"
    if explanation.problem:
        return "impossible"
    job = _latest_job(explanation)
    return "failed" if job is None or job.status in OVER else "waiting"


def trouble(explanation: Explanation) -> str:
    """Why there are no words, where it is impossible (and what can be done) or failed."""
    return " ".join(troubles(explanation))


def troubles(explanation: Explanation) -> list[str]:
    """As `trouble`, sentence by sentence."""
    if explanation.problem:
        return [explanation.problem, _remedy(explanation.prediction.version)]
    job = _latest_job(explanation)
    return [(job.error if job else "") or CALLED_OFF]


def _remedy(version: ModelVersion) -> str:
    if version.is_champion:
        return "An admin must train a new model, or restore the files of this version."
    return "Have the report classified again by the model in charge."


def _take_up(explanation: Explanation, priority: int) -> None:
    job = _latest_job(explanation)
    if job is None or job.status == Job.Status.DONE:
        asking.request_explanation(explanation.pk, priority=priority)
    elif job.status in OVER:
        jobs.retry(job)


def _latest_job(explanation: Explanation) -> Job | None:
    return Job.objects.filter(kind=asking.EXPLAIN, object_id=explanation.pk).order_by("-pk").first()
