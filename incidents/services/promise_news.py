"""Telling those who manage models that a promise of the model in charge is kept no longer."""

from django.db import transaction

from classifier.models import PromiseAlarm
from incidents.models import Notice, User
from incidents.services import notices
from workers.jobs import Batch


def tell_promise(batch: Batch) -> None:
    managers = User.objects.with_perm("classifier.manage_models", backend=notices.BACKEND, include_superusers=False)
    with transaction.atomic():
        batch.finish()
        for alarm in PromiseAlarm.objects.filter(pk__in=batch.object_ids):
            notices.tell(managers, Notice.Kind.PROMISE, subject=str(alarm.get_kind_display()))
