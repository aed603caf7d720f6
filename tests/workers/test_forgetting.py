"""Which done jobs and ended sessions are dropped."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from incidents.models import User
from tests.builders import PASSWORD, make_user
from workers import jobs
from workers.drain import HANDLERS
from workers.forgetting import ROUTINE, forget_leftovers, request_forgetting_leftovers
from workers.jobs import Limit
from workers.models import Job
from workers.tasks import INFERENCE

pytestmark = pytest.mark.django_db


def job(kind: str, days: int, status: str = "done") -> Job:
    finished = timezone.now() - timedelta(days=days)
    return Job.objects.create(
        kind=kind, object_id=1, queue=INFERENCE, priority=1, max_attempts=3, status=status, finished_at=finished
    )


def test_only_old_done_jobs_of_what_happens_all_day_go() -> None:
    job("classify", 91)
    kept = [job("classify", 89), job("classify", 400, "failed"), job("train", 400), job("erase", 400)]
    do_a_round()
    assert list(Job.objects.exclude(kind="forget_leftovers").order_by("pk")) == kept
    request_forgetting_leftovers()
    assert Job.objects.filter(kind="forget_leftovers").count() == 1, "once a day"


def test_of_a_session_that_is_over_nothing_is_left_and_the_others_go_on() -> None:
    ended, open_one = signed_in(make_user("asha")), signed_in(make_user("bo"))
    assert UserSession.objects.count() == Session.objects.count() == 2
    long_ago = timezone.now() - timedelta(days=2)
    Session.objects.filter(pk=ended.session.session_key).update(expire_date=long_ago)
    UserSession.objects.update(last_seen_at=long_ago)  # nobody has looked at the other one lately, either
    begins = UserSession.objects.create(user=make_user("cy"), ip="192.0.2.1", session_key="has no row yet")
    do_a_round()
    assert {one.user.username for one in UserSession.objects.all()} == {"bo", begins.user.username}
    assert open_one.get("/mine/").status_code == 200 and ended.get("/mine/").status_code == 302


def do_a_round() -> None:
    request_forgetting_leftovers()
    batch = jobs.claim("desk", worker="test", limits={"forget_leftovers": Limit()})
    assert batch is not None
    forget_leftovers(batch)


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    return client


def test_every_kind_that_is_named_is_one_that_is_done() -> None:
    assert set(ROUTINE) <= set(HANDLERS)
