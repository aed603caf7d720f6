"""What people do to jobs: each act is audited."""

from django.db import transaction

from incidents.models import User
from incidents.services import audit
from workers import jobs
from workers.models import Job


@transaction.atomic
def retry(job: Job, *, by: User) -> bool:
    """Queue a failed or cancelled job again; False when it is neither, and nothing is changed."""
    return jobs.retry(job) and _told("job.retried", job, by)


@transaction.atomic
def cancel(job: Job, *, by: User) -> bool:
    """Cancel a queued job, ask a running one to stop; False when it is over already, and nothing is changed."""
    return jobs.cancel(job) and _told("job.cancelled", job, by)


def _told(kind: str, job: Job, by: User) -> bool:
    audit.record(kind, actor=by, subject=f"job {job.pk}", work=job.kind, object_id=job.object_id)
    return True
