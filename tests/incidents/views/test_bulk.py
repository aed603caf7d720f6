import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import BulkRun, Incident, Setting
from incidents.services import bulk, reviewing
from incidents.services.bulk import Wish
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client):
    user = make_user(role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def version():
    make_path("Attack", "Malware")
    make_path("Fraud", "Vishing")
    return make_version(stage="champion")


def predicted(version, **overrides):
    incident = make_incident(**overrides)
    make_prediction(incident, version)
    return incident


def page_of(client, **asked):
    return client.get(reverse("bulk-new"), asked)


def start(client, **asked):
    return client.post(reverse("bulk-start"), asked)


def test_the_preview_says_how_many_why_not_the_others_and_what_the_training_gains(client, analyst, version):
    predicted(version, split="train")
    predicted(version, split="test")
    predicted(version, blind=True)
    make_decided(make_path("Fraud", "Vishing"))
    response = page_of(client, scope="filter", query="status=all")
    preview = response.context["preview"]
    assert (preview.decided, preview.changed) == (2, 0)
    assert {str(reason): count for reason, count in preview.left_out} == {
        "blind": 1,
        "decided, rejected or merged already": 1,
    }
    (one,) = preview.classes
    assert (one.name, one.by_split, preview.splits) == ("Attack › Malware", [1, 0, 1], [1, 0, 1])
    assert len(preview.examples) == 2
    assert "2 reports would be decided" in response.content.decode()
    assert not BulkRun.objects.exists()


def test_given_labels_say_how_many_they_change(client, analyst, version):
    predicted(version)
    other = make_path("Fraud", "Vishing")
    preview = page_of(client, scope="filter", query="", verdict="labels", paths=other.pk).context["preview"]
    assert (preview.changed, [one.name for one in preview.classes]) == (1, ["Fraud / Vishing"])
    same = make_path("Attack", "Malware")
    assert page_of(client, scope="filter", verdict="labels", paths=same.pk).context["preview"].changed == 0


def test_rejected_reports_teach_nothing(client, analyst, version):
    predicted(version)
    response = page_of(client, scope="filter", verdict="reject")
    assert "Nothing: rejected reports are not learned from." in response.content.decode()


def test_the_ticked_reports_are_decided(client, analyst, version):
    ticked, other = predicted(version), predicted(version)
    response = start(client, scope="selected", incident=[ticked.pk], verdict="suggested", expected=1)
    run = BulkRun.objects.get()
    assert response["Location"] == reverse("bulk-run", args=[run.pk])
    work_off()
    other.refresh_from_db()
    assert Incident.objects.get(current_label__isnull=False) == ticked
    assert other.status == "classified"


def test_the_twins_of_a_report_are_decided(client, analyst, version):
    for _ in range(2):
        predicted(version, twins="same")
    predicted(version, twins="other")
    start(client, scope="twins", twins="same", verdict="suggested")
    assert BulkRun.objects.get().total == 2


def test_all_reports_of_a_filter_are_decided(client, analyst, version):
    predicted(version, source="api")
    predicted(version)
    start(client, scope="filter", query="source=api&status=waiting", verdict="reject", reason="A drill.")
    run = BulkRun.objects.get()
    assert (run.total, run.query, run.reason) == (1, "source=api&status=waiting", "A drill.")


def test_more_reports_than_previewed_are_shown_again_first(client, analyst, version):
    for _ in range(2):
        predicted(version)
    response = start(client, scope="filter", verdict="suggested", expected=1)
    assert "More reports have come since the preview" in response.content.decode()
    assert response.context["preview"].decided == 2
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"scope": "selected"},
        {"scope": "selected", "incident": "1; DROP TABLE"},
        {"scope": "selected", "incident": "9" * 40},
        {"scope": "twins"},
        {"scope": "everything"},
        {},
    ],
)
def test_what_does_not_say_which_reports_goes_back_to_the_list(client, analyst, asked):
    assert page_of(client, **asked)["Location"] == reverse("queue")
    assert start(client, **asked)["Location"] == reverse("queue")


def test_labels_must_be_chosen_and_be_there(client, analyst, version):
    predicted(version)
    response = page_of(client, scope="filter", verdict="labels")
    assert "Choose at least one label." in response.content.decode()
    assert page_of(client, scope="filter", verdict="labels", paths=99999).context["preview"] is None


def test_nothing_to_decide_is_said(client, analyst):
    assert "Nothing to decide here" in page_of(client, scope="filter").content.decode()
    response = start(client, scope="filter", verdict="suggested")
    assert "None of these reports can be decided now." in response.content.decode()


def test_the_run_s_page_polls_until_it_is_over(client, analyst, version):
    predicted(version)
    run = bulk.start(Incident.objects.all(), Wish(), by=analyst)
    progress = reverse("bulk-progress", args=[run.pk])
    assert progress in client.get(reverse("bulk-run", args=[run.pk])).content.decode()
    assert client.get(progress).status_code == 200
    work_off()
    response = client.get(progress)
    assert (response.status_code, response["HX-Refresh"]) == (286, "true")
    page = client.get(reverse("bulk-run", args=[run.pk])).content.decode()
    assert progress not in page
    assert "Take the whole run back" in page


def test_a_run_is_stopped_and_taken_back_from_its_page(client, analyst, version):
    predicted(version)
    run = bulk.start(Incident.objects.all(), Wish(), by=analyst)
    client.post(reverse("bulk-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == "cancelled"
    run = bulk.start(Incident.objects.all(), Wish(), by=analyst)
    work_off()
    response = client.post(reverse("bulk-revert", args=[run.pk]), follow=True)
    assert "1 decision is being undone." in response.content.decode()
    work_off()
    assert "All of its decisions are undone." in client.get(reverse("bulk-run", args=[run.pk])).content.decode()
    response = client.post(reverse("bulk-revert", args=[run.pk]), follow=True)
    assert "cannot be taken back now" in response.content.decode()


def test_the_list_shows_everybody_s_runs_in_a_constant_number_of_queries(
    client, analyst, version, django_assert_max_num_queries
):
    assert "No run yet" in client.get(reverse("bulk-runs")).content.decode()
    for _ in range(10):
        predicted(version)
        bulk.start(Incident.objects.all(), Wish("correct", [make_path("Fraud", "Vishing")]), by=analyst)
    with django_assert_max_num_queries(16):
        page = client.get(reverse("bulk-runs")).content.decode()
    assert page.count("badge bg-azure-lt") >= 10


def test_the_preview_takes_as_many_queries_whatever_it_counts(client, analyst, version, django_assert_max_num_queries):
    for _ in range(30):
        predicted(version)
    with django_assert_max_num_queries(20):
        page_of(client, scope="filter", query="status=all")


@pytest.mark.parametrize("name", ["bulk-runs", "bulk-new"])
def test_only_analysts_see_runs(client, name):
    client.force_login(make_user())
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["bulk-cancel", "bulk-revert"])
def test_only_analysts_change_runs(client, version, name):
    analyst = make_user(role="analyst")
    predicted(version)
    run = bulk.start(Incident.objects.all(), Wish(), by=analyst)
    client.force_login(make_user())
    assert client.post(reverse(name, args=[run.pk])).status_code == 403
    assert start(client, scope="filter").status_code == 403
    client.force_login(analyst)
    assert client.get(reverse(name, args=[run.pk])).status_code == 405
    assert client.post(reverse(name, args=[999])).status_code == 404


@pytest.mark.parametrize("name", ["bulk-cancel", "bulk-revert"])
def test_another_analyst_neither_stops_a_run_nor_takes_it_back(client, analyst, version, name):
    predicted(version)
    run = bulk.start(Incident.objects.all(), Wish(), by=make_user("ines", role="analyst"))
    if name == "bulk-revert":
        work_off()
    page = client.get(reverse("bulk-run", args=[run.pk])).content.decode()
    assert "ines started it: only they, leads and admins stop it or take it back." in page
    assert reverse(name, args=[run.pk]) not in page
    before = BulkRun.objects.get().status
    response = client.post(reverse(name, args=[run.pk]), follow=True)
    assert "ines started this run: only they, leads and admins" in response.content.decode()
    assert BulkRun.objects.get().status == before


@pytest.mark.parametrize("role", ["lead", "admin"])
def test_leads_and_admins_stop_runs_of_others_and_take_them_back(client, version, role):
    client.force_login(make_user(role=role))
    predicted(version)
    for name, status in (("bulk-cancel", "cancelled"), ("bulk-revert", "reverting")):
        run = bulk.start(Incident.objects.all(), Wish(), by=make_user(role="analyst"))
        if name == "bulk-revert":
            work_off()
        assert reverse(name, args=[run.pk]) in client.get(reverse("bulk-run", args=[run.pk])).content.decode()
        client.post(reverse(name, args=[run.pk]))
        run.refresh_from_db()
        assert run.status == status


def test_the_preview_says_that_no_second_opinion_is_drawn(client, analyst, version):
    predicted(version)
    assert "No second opinion is drawn" in page_of(client, scope="filter", query="status=all").content.decode()


def test_a_second_opinion_that_one_holds_counts_as_any_report_that_one_holds(client, analyst, version):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    first, held, asked = make_user(role="analyst"), predicted(version), predicted(version)
    reviewing.claim(asked, first)
    reviewing.decide(asked, reviewer=first, verdict="confirm", paths=[make_path("Attack", "Malware")])
    assert reviewing.claim_prepared(analyst, asked.pk, asked.current_text_id)
    reviewing.claim(held, analyst)
    seen = [
        page_of(client, scope="selected", incident=[one.pk], query="status=in_review").context["preview"]
        for one in (held, asked)
    ]
    assert [(one.decided, one.left_out, len(one.examples)) for one in seen] == [(1, [], 1)] * 2
    assert [str(one.get_status_display()) for shown in seen for one in shown.examples] == ["In review"] * 2
    listed = page_of(client, scope="filter", query="status=in_review").context["preview"]
    assert (listed.decided, len(listed.examples)) == (2, 2)
    start(client, scope="filter", query="status=in_review", verdict="reject", expected=2)
    assert list(BulkRun.objects.get().items.values_list("incident", flat=True)) == [held.pk], "it is not decided"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a plan of SQLite")
def test_the_preview_counts_by_an_index_and_reads_no_row(client, analyst, version):
    predicted(version)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(client, scope="filter", query="status=all")
    (counting,) = [
        one["sql"]
        for one in queries
        if "GROUP BY" in one["sql"] and "json_each" not in one["sql"] and "split" in one["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
        assert "COVERING INDEX incident_bulk" in str(cursor.fetchall())


def test_a_ticked_row_offers_the_reports_folded_into_it(client, analyst, version):
    ticked, *_others = [predicted(version, twins="same") for _ in range(3)]
    predicted(version, twins="same", blind=True)
    predicted(version, twins="other")
    response = page_of(client, scope="selected", incident=[ticked.pk], verdict="reject", reason="A drill.")
    assert (response.context["preview"].decided, response.context["alike"].reports) == (1, 2)
    assert "Apply to the 2 like it too" in response.content.decode()
    asked = dict(response.context["with_alike"])
    assert (asked["scope"], asked["verdict"], asked["reason"]) == ("twins", "reject", "A drill.")
    both = client.get(reverse("bulk-new"), asked)
    assert both.context["preview"].decided == 3 and "like it too" not in both.content.decode()


def test_a_report_under_review_offers_the_reports_worded_alike(client, analyst, version):
    mine, *_others = [predicted(version, twins="text:same") for _ in range(3)]
    reviewing.claim(mine, analyst)
    body = client.get(reverse("review-alike", args=[mine.pk])).content.decode()
    assert "Decide the 2 like it too" in body
    address = html.unescape(body.partition(f'href="{reverse("bulk-new")}')[2].partition('"')[0])
    assert client.get(f"{reverse('bulk-new')}{address}").context["preview"].decided == 3
    alone = predicted(version, twins="text:alone")
    assert "like it too" not in client.get(reverse("review-alike", args=[alone.pk])).content.decode()
