"""Telling those who manage models that an alarm of drift has opened."""

from django.db import transaction

from classifier.models import DriftAlarm, DriftKind
from incidents.models import Notice, User
from incidents.services import notices
from workers.jobs import Batch


def tell_drift(batch: Batch) -> None:
    """Tell of the alarms of each look in one notice."""
    managers = User.objects.with_perm("classifier.manage_models", backend=notices.BACKEND, include_superusers=False)
    with transaction.atomic():
        batch.finish()
        for look in batch.object_ids:
            kinds = DriftAlarm.objects.filter(look=look).order_by("pk").values_list("kind", flat=True)
            what = ", ".join(str(DriftKind(kind).label) for kind in kinds)
            if what:
                notices.tell(managers, Notice.Kind.DRIFT, subject=what)
