"""Alarms of drift are told to those who manage models."""

import pytest
from django.urls import reverse

from classifier.models import DriftAlarm
from incidents.models import Notice
from incidents.services.drift_news import tell_drift
from tests.builders import make_drift_look, make_promotion, make_user
from workers import jobs

pytestmark = pytest.mark.django_db


def tell(look):
    job = jobs.enqueue("tell_drift", look.pk, queue="desk", priority=1)
    tell_drift(jobs.claim_job(job, worker="test"))


def test_admins_get_one_notice_of_all_alarms_of_a_look(client):
    admin, _analyst, look = make_user(role="admin"), make_user(role="analyst"), make_drift_look(make_promotion())
    for kind in ("text", "abstention"):
        DriftAlarm.objects.create(kind=kind, look=look)
    tell(look)
    notice = Notice.objects.get()
    assert notice.user == admin and "Texts, Unsure predictions" in notice.sentence
    client.force_login(admin)
    assert client.get(reverse("notice", args=[notice.pk]))["Location"] == reverse("model-drift")


def test_a_look_without_an_alarm_is_no_news():
    make_user(role="admin")
    tell(make_drift_look(make_promotion()))
    assert not Notice.objects.exists()
