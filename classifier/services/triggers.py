"""Trainings that are asked for by themselves: after new decisions, every so many days, and on an alarm of drift."""

import datetime as dt
from collections.abc import Callable, Mapping

import structlog
from django.core.cache import cache
from django.utils import timezone

from classifier.ml.config import SMALL_SCRATCH
from classifier.models import TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.report_drift import alarms_open, drift_alarm_open
from classifier.services.selection import LABELLED, Selection
from classifier.services.training import TrainingRefused, request_training
from classifier.wording import AFTER_LABELS, BY_SCHEDULE, FIRST
from incidents import policy
from incidents.models import Label, Retraction

Trigger = TrainingRun.Trigger
Due = Callable[[TrainingRun | None], str]  # of the latest run of reports: why one is due now, or ""
REFUSED, AGAIN_SECONDS = "training-trigger-refused", 3600  # until then nothing is frozen in vain

logger = structlog.get_logger(__name__)


def after_labels(latest: TrainingRun | None) -> str:
    """Due once as many decisions as the setting says were made since the latest run was asked for."""
    wanted = int(policy.value("train_after_labels"))
    decided = Label.objects.filter(verdict__in=LABELLED)
    if latest:
        decided = decided.filter(created_at__gt=latest.created_at)
    due = wanted and len(decided.values_list("pk")[:wanted]) == wanted
    return AFTER_LABELS.format(wanted) if due else ""


def by_schedule(latest: TrainingRun | None) -> str:
    """Due at the hour that is set, so many days after the latest run, in the time zone of the site."""
    days = int(policy.value("train_every_days"))
    if not days:
        return ""
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    hour = dt.time(int(policy.value("train_at_hour")))
    if latest is None:
        return FIRST if now.time() >= hour else ""
    day = timezone.localtime(latest.created_at, now.tzinfo).date() + dt.timedelta(days=days)
    return BY_SCHEDULE.format(days) if now >= dt.datetime.combine(day, hour, now.tzinfo) else ""


def on_drift(latest: TrainingRun | None) -> str:
    """Due once an alarm was opened since the latest run was asked for, where an admin wants that."""
    if not policy.value("train_on_drift"):
        return ""
    alarms = alarms_open().filter(created_at__gt=latest.created_at) if latest else alarms_open()
    return drift_alarm_open() if alarms.exists() else ""


TRIGGERS: dict[str, Due] = {  # asked in this order
    Trigger.LABELS: after_labels,
    Trigger.DRIFT: on_drift,
    Trigger.SCHEDULE: by_schedule,
}


def request_due_trainings(triggers: Mapping[str, Due] = TRIGGERS) -> TrainingRun | None:
    """Ask for one training of reports where one is due, as the latest one was set up; asked every round.

    None is asked for while another one is open, where nothing was decided or undone since the latest, or, for an
    hour, after one was refused.
    """
    runs = TrainingRun.objects.filter(line=CLASSIFY).order_by("-pk")
    latest = runs.filter(rebuild_of=None).first()  # a rebuild repeats an old one, and learns nothing new
    if runs.open().exists() or not _changed_since(latest) or cache.get(REFUSED):
        return None
    for name, due in triggers.items():
        if why := due(latest):
            return _requested(latest, name, why)
    return None


def _changed_since(latest: TrainingRun | None) -> bool:
    if latest is None:
        return Label.objects.filter(verdict__in=LABELLED).exists()
    since = {"created_at__gt": latest.created_at}
    return Label.objects.filter(**since).exists() or Retraction.objects.filter(**since).exists()


def _requested(latest: TrainingRun | None, trigger: str, why: str) -> TrainingRun | None:
    try:
        return request_training(
            base_model=latest.base_model if latest else SMALL_SCRATCH,
            options=latest.options if latest else {},
            selection=Selection.from_json(latest.selection if latest else {}),
            promote_if_better=bool(policy.value("promote_triggered")),
            trigger=trigger,
            why=why,
        )
    except TrainingRefused as error:
        cache.set(REFUSED, True, AGAIN_SECONDS)
        logger.info("training_not_due", trigger=trigger, reason=str(error))
        return None
