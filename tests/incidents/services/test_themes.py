"""Themes of the open reports: asked for, found by a job, kept while somebody reads them."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from incidents.models import Incident, Theme, ThemeRun
from incidents.services import themes
from tests.builders import make_incident, make_user, make_version
from tests.classifier.services.test_similar import ENCODER, embed
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports():
    """Twelve open reports about invoices, eight about ransom, five about nothing that others are about."""
    make_version(stage="champion", encoder_hash=ENCODER)
    rng, found = np.random.default_rng(0), []
    for kind, (count, text) in enumerate([(12, "a false invoice came"), (8, "ransom note on the laptop")]):
        for number in range(count):
            direction = rng.normal(size=16) * 0.03
            direction[kind] += 1
            found.append(embed(make_incident(title="", text=f"{text} {number}", status="classified"), *direction))
    found += [embed(make_incident(text=f"else {n}"), *np.eye(16)[5 + n]) for n in range(5)]
    return found


def carry_out(run):
    job = Job.objects.get(kind=themes.KIND, object_id=run.pk)
    themes.find_themes(jobs.claim_job(job, worker="test"))
    run.refresh_from_db()
    return run


def test_themes_are_found_named_and_ordered_by_size(reports):
    run = carry_out(themes.request_themes(make_user(role="analyst")))
    assert (run.status, run.reports, run.alone) == ("done", 25, 5)
    page = themes.themes_page()
    assert [row.reports for row in page.themes] == [12, 8]
    assert "invoice" in page.themes[0].theme.name and "ransom" in page.themes[1].theme.name
    assert page.themes[0].newest == reports[11].pk and page.state.status == "done"
    shown = themes.with_examples(page.themes)
    assert all(len(row.examples) == 3 for row in shown)
    assert set(shown[1].examples) <= set(reports[12:20])


def test_closed_reports_are_in_no_theme(reports):
    Incident.objects.filter(pk__in=[one.pk for one in reports[:12]]).update(status="decided")
    assert carry_out(themes.request_themes()).reports == 13


def test_new_themes_take_the_place_of_the_old(reports):
    carry_out(themes.request_themes())
    second = carry_out(themes.request_themes())
    assert list(ThemeRun.objects.all()) == [second] and Theme.objects.count() == 2


def test_too_few_read_reports_are_said():
    make_incident()
    run = carry_out(themes.request_themes())
    assert run.status == "failed" and "themes need at least 10" in run.trouble
    page = themes.themes_page()
    assert page.shown is None and page.state.trouble == run.trouble


def test_earlier_themes_are_shown_while_new_ones_are_found_or_failed(reports):
    first = carry_out(themes.request_themes())
    themes.request_themes()
    assert themes.request_themes() is None
    page = themes.themes_page()
    assert page.shown == first and page.state.status == "queued" and len(page.themes) == 2


def test_rounds_find_them_anew_only_for_readers_and_once_an_hour(reports):
    assert themes.request_due_themes() is None
    run = carry_out(themes.request_themes())
    hour = timezone.now() - timedelta(minutes=61)
    ThemeRun.objects.filter(pk=run.pk).update(created_at=hour)
    Incident.objects.update(created_at=hour - timedelta(minutes=1))
    assert themes.request_due_themes() is None  # nobody looked
    themes.themes_page()
    assert themes.request_due_themes() is None  # nothing came
    make_incident()
    again = themes.request_due_themes()
    assert again.by is None and again.looked_at
    carry_out(again)
    make_incident()
    assert themes.request_due_themes() is None  # not an hour ago


def test_erased_reports_are_left_out_when_the_job_ends(reports, monkeypatch):
    before = themes.find_groups

    def erase_meanwhile(*args):
        reports[0].embeddings.all().delete()
        Incident.objects.filter(pk=reports[0].pk).update(current_text=None)
        reports[0].delete()
        return before(*args)

    monkeypatch.setattr(themes, "find_groups", erase_meanwhile)
    carry_out(themes.request_themes())
    assert [row.reports for row in themes.themes_page().themes] == [11, 8]


def test_a_page_of_themes_takes_the_same_number_of_queries_however_many(reports, django_assert_max_num_queries):
    carry_out(themes.request_themes())
    with django_assert_max_num_queries(7):
        themes.with_examples(themes.themes_page().themes)
