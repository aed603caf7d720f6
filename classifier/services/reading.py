"""What pages and the API show of predictions. Reads rows only: no model is loaded here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Case, F, When

from classifier.models import ModelVersion, Prediction
from classifier.services import asking
from classifier.services.present import say_today
from incidents.models import Incident, Path
from workers import jobs
from workers.models import Job

TOLD = {Job.Status.QUEUED, Job.Status.RUNNING, Job.Status.FAILED}  # what a page says of a job without its result


@dataclass(frozen=True)
class RankedPath:
    path: Path
    probability: float
    decided: bool


def latest_prediction(incident: Incident) -> Prediction | None:
    """What the champion says of the report's current text; until it has, the newest that another version said.

    In the taxonomy of today.
    """
    predictions = Prediction.objects.filter(incident=incident, text_revision=incident.current_text_id)
    champion_first = Case(When(version__stage=ModelVersion.Stage.CHAMPION, then=0), default=1)
    found = predictions.select_related("version__snapshot").order_by(champion_first, "-pk").first()
    say_today([found] if found else [])
    return found


def latest_predictions(incident_ids: Sequence[int]) -> dict[int, Prediction]:
    """`latest_prediction` of many reports by their numbers, with the versions, in a constant number of queries."""
    present = Prediction.objects.filter(incident__in=incident_ids, text_revision=F("incident__current_text"))
    champion_last = Case(When(version__stage=ModelVersion.Stage.CHAMPION, then=1), default=0)
    rows = present.order_by(champion_last, "pk").prefetch_related("version__snapshot")
    found = {one.incident_id: one for one in rows}
    say_today(found.values())
    return found


def known_paths(predictions: Iterable[Prediction]) -> dict[int, Path]:
    """All paths that the versions of these predictions decide among today, by number, with their names."""
    rows = list(predictions)
    say_today(rows)
    return Path.objects.with_names().in_bulk({pk for one in rows if one.today for pk in one.today.order})


def ranked_paths(prediction: Prediction, paths: Mapping[int, Path]) -> list[RankedPath]:
    """All paths that the version decides among today, most probable first; the decided ones are marked.

    `paths`: `known_paths`, or all there are.
    """
    say_today([prediction])
    assert prediction.today is not None, "it was just read"
    path_ids, probabilities = prediction.today.order, prediction.today.chances
    decided = set(prediction.path_ids)
    order = np.argsort(-probabilities, kind="stable")
    return [
        RankedPath(paths[path_ids[i]], float(probabilities[i]), path_ids[i] in decided)
        for i in order
        if path_ids[i] in paths
    ]


@dataclass(frozen=True)
class RankedCategory:
    name: str
    probability: float


def ranked_categories(ranked: Iterable[RankedPath]) -> list[RankedCategory]:
    """p(category) is the sum of the paths that imply it, so several may be near 1; most probable first."""
    sums: dict[str, float] = {}
    for one in ranked:
        for name in one.path.category_names:
            sums[name] = sums.get(name, 0.0) + one.probability
    return [RankedCategory(name, min(p, 1.0)) for name, p in sorted(sums.items(), key=lambda pair: -pair[1])]


def prediction_state(incident: Incident, latest: Prediction | None) -> str:
    """`ready`, `older_model`, `queued`, `running`, `failed` or `none` (nobody asked, or no model is there yet).

    `latest` is the report's `latest_prediction`.
    """
    if latest is not None:
        return "ready" if latest.version.is_champion else "older_model"
    job = _latest_job(incident)
    return str(job.status) if job and job.status in TOLD else "none"


def prediction_states(incidents: Sequence[Incident]) -> dict[int, str]:
    """`prediction_state` of many reports, in two queries; read from what stands on the reports themselves."""
    champion = ModelVersion.objects.champion()
    in_charge = champion.name if champion else ""
    waiting = [incident.pk for incident in incidents if not incident.current_model]
    jobs_in_order = Job.objects.filter(kind=asking.CLASSIFY, object_id__in=waiting).order_by("pk")
    latest = dict(jobs_in_order.values_list("object_id", "status"))
    return {
        incident.pk: ("ready" if incident.current_model == in_charge else "older_model")
        if incident.current_model
        else (str(latest[incident.pk]) if latest.get(incident.pk) in TOLD else "none")
        for incident in incidents
    }


def retry_classification(incident: Incident) -> Job:
    """Ask again for a prediction of a report; the job that failed is taken up again where there is one."""
    job = _latest_job(incident)
    if job and (job.is_open or jobs.retry(job)):
        return job
    return asking.request_classification(incident.pk, priority=Job.Priority.WEB)


def _latest_job(incident: Incident) -> Job | None:
    return Job.objects.filter(kind=asking.CLASSIFY, object_id=incident.pk).order_by("-pk").first()
