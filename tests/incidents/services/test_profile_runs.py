"""The profile of all reports: asked for by whoever looks, measured by a job, kept until the next one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, ProfileRun
from incidents.services import profile_runs
from incidents.services.profile import profile_database
from tests.builders import make_incident, make_user
from workers import jobs
from workers.jobs import LeaseLost
from workers.models import Job

pytestmark = pytest.mark.django_db


def claim(run):
    return jobs.claim_job(Job.objects.get(kind=profile_runs.KIND, object_id=run.pk), worker="test")


def carry_out(run):
    profile_runs.measure_profile(claim(run))
    run.refresh_from_db()
    return run


def measured(ago=timedelta()):
    """A measuring of that long ago, of reports that were there before it."""
    run, at = carry_out(profile_runs.request_profile()), timezone.now() - ago
    ProfileRun.objects.filter(pk=run.pk).update(created_at=at, finished_at=at)
    Incident.objects.update(created_at=at - timedelta(minutes=1))
    return run


def test_without_reports_nothing_is_asked_for():
    page = profile_runs.profile_page()
    assert not page.reports and page.state is None
    assert not ProfileRun.objects.exists()


def test_the_first_look_asks_for_figures_once():
    make_incident()
    page = profile_runs.profile_page()
    assert page.reports and page.profile is None and page.state.at_work
    profile_runs.profile_page()
    assert ProfileRun.objects.get().by is None
    job = Job.objects.get(kind=profile_runs.KIND)
    assert (job.queue, job.priority) == ("analysis", Job.Priority.WEB)


def test_the_figures_are_those_of_the_moment_in_which_the_job_ran():
    make_incident(text="my money is gone")
    asha = make_user("asha", role="lead")
    run = carry_out(profile_runs.request_profile(asha))
    then = profile_database()
    make_incident(text="my money is gone")
    page = profile_runs.profile_page()
    assert (run.status, run.by) == ("done", asha) and run.finished_at
    assert page.shown == run and page.profile == then and page.state.status == "done"


def test_quantiles_keep_their_order_whatever_the_database_does_with_keys():
    make_incident()
    measured()
    for lengths in profile_runs.profile_page().profile.lengths:
        assert list(lengths.quantiles) == ["min", "5 %", "25 %", "median", "75 %", "95 %", "99 %", "max"]


def test_nobody_asks_while_the_reports_are_being_measured():
    make_incident()
    assert profile_runs.request_profile() and profile_runs.request_profile() is None


def test_figures_of_an_hour_ago_are_shown_while_new_ones_are_measured():
    make_incident()
    earlier = measured(ago=timedelta(minutes=61))
    assert not profile_runs.profile_page().state.at_work  # nothing came
    make_incident()
    page = profile_runs.profile_page()
    assert page.shown == earlier and page.profile.rows == 1 and page.state.status == "queued"
    carry_out(ProfileRun.objects.latest("pk"))
    assert profile_runs.profile_page().profile.rows == 2


def test_figures_of_less_than_an_hour_ago_are_good_enough():
    make_incident()
    measured(ago=timedelta(minutes=59))
    make_incident()
    assert not profile_runs.profile_page().state.at_work


def test_the_last_good_measuring_and_the_newest_are_kept():
    make_incident()
    good = measured()
    profile_runs.request_profile()
    for _ in range(2):
        Job.objects.filter(status="queued").update(status="failed", error="The disk is full.")
        newest = profile_runs.request_profile()
    assert set(ProfileRun.objects.all()) == {good, newest}
    Job.objects.filter(status="queued").update(status="failed", error="The disk is full.")
    page = profile_runs.profile_page()
    assert page.shown == good and (page.state.status, page.state.trouble) == ("failed", "The disk is full.")
    last = carry_out(profile_runs.request_profile())
    assert list(ProfileRun.objects.all()) == [last]


def test_the_job_is_safe_to_run_twice():
    make_incident()
    run = profile_runs.request_profile()
    batch = claim(run)
    profile_runs.measure_profile(batch)
    make_incident()
    with pytest.raises(LeaseLost):
        profile_runs.measure_profile(batch)
    run.refresh_from_db()
    assert run.figures["rows"] == 1 and Job.objects.get(kind=profile_runs.KIND).status == "done"


def test_a_job_whose_run_is_gone_ends():
    make_incident()
    batch = claim(profile_runs.request_profile())
    ProfileRun.objects.all().delete()
    profile_runs.measure_profile(batch)
    assert Job.objects.get(kind=profile_runs.KIND).status == "done" and not ProfileRun.objects.exists()


def test_a_page_reads_no_text(django_assert_max_num_queries, monkeypatch):
    make_incident()
    measured()
    monkeypatch.setattr(profile_runs, "profile_database", None)
    with django_assert_max_num_queries(4):
        profile_runs.profile_page()
