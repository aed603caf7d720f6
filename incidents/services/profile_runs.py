"""The profile of all reports: measured by a job, since it reads every text, and kept until the next measuring."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from classifier.services.analysis_runs import QUEUE, RunState, state_of
from incidents.models import Incident, ProfileRun, User
from incidents.services.profile import Profile, profile_database
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "measure_profile"
EVERY = dt.timedelta(hours=1)
Status = ProfileRun.Status


@dataclass(frozen=True)
class ProfilePage:
    """`shown` is the newest measuring that ended well, `profile` what it found, `state` how far the newest of all is;
    None before any. `reports` tells whether there is a report at all."""

    reports: bool
    shown: ProfileRun | None = None
    profile: Profile | None = None
    state: RunState | None = None


def profile_page() -> ProfilePage:
    """The figures for somebody who opens the page. Asks for them where there are none, and anew where they are due."""
    if not Incident.objects.exists():
        return ProfilePage(reports=False)
    if _is_due(_latest()):
        request_profile()
    shown = _shown()
    return ProfilePage(True, shown, Profile.from_json(shown.figures) if shown else None, profile_state())


def profile_state() -> RunState | None:
    latest = _latest()
    return state_of(KIND, latest) if latest else None


def request_profile(by: User | None = None) -> ProfileRun | None:
    """Have all reports measured; None while that is being done. Two at one moment do no harm."""
    state = profile_state()
    if state and state.at_work:
        return None
    with transaction.atomic():
        run = ProfileRun.objects.create(by=by)
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.WEB)
        ProfileRun.objects.filter(pk__lt=run.pk).exclude(status=Status.DONE).delete()
    return run


def measure_profile(batch: Batch) -> None:
    """Measure all reports. Safe to run twice: what is over stays so."""
    waiting = ProfileRun.objects.filter(pk__in=batch.object_ids, status__in=[Status.QUEUED, Status.RUNNING])
    figures = profile_database().to_json() if waiting.update(status=Status.RUNNING) else {}
    with transaction.atomic():
        if waiting.update(status=Status.DONE, figures=figures, finished_at=timezone.now()):
            ProfileRun.objects.filter(pk__lt=max(batch.object_ids)).delete()
        batch.finish()


def _is_due(latest: ProfileRun | None) -> bool:
    """Before any, and once an hour if reports came since."""
    if latest is None:
        return True
    if latest.created_at > timezone.now() - EVERY:
        return False
    return Incident.objects.filter(created_at__gt=latest.created_at).exists()


def _latest() -> ProfileRun | None:
    return ProfileRun.objects.order_by("-pk").first()


def _shown() -> ProfileRun | None:
    return ProfileRun.objects.filter(status=Status.DONE).order_by("-pk").first()
