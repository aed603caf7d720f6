"""The page of drift: charts, alarms with what to do, examples, and what the alarms are worth."""

import re

import pytest
from django.urls import reverse

from classifier.models import DriftAlarm, DriftReference
from classifier.services.drift_figures import drift_figures, measured
from classifier.services.report_drift import drift_alarm_open
from tests.builders import (
    make_drift_look,
    make_incident,
    make_label,
    make_path,
    make_prediction,
    make_promotion,
    make_user,
)
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
URL = "/models/drift/"
FIRED = {"text": {"statistic": 0.021, "p": 0.002}, "prediction": {"statistic": 8.0, "p": 0.4}}


@pytest.fixture
def promotion():
    make_path("Financial fraud")
    return make_promotion()


@pytest.fixture
def look(promotion):
    """A look at two reports, at which the texts fired."""
    readings = [make_prediction(make_incident(title=title), promotion.version) for title in ("A parcel", "A call")]
    numbers = [reading.incident_id for reading in readings]
    unlike = [[numbers[0], 0.81], [numbers[1], 0.52]]
    words = [{"word": "parcel", "share": 0.4, "before": 0.0123}]
    return make_drift_look(promotion, readings, tests=FIRED, unlike=unlike, words=words)


@pytest.fixture
def alarm(look):
    return DriftAlarm.objects.create(kind="text", look=look)


@pytest.fixture
def admin(client):
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


@pytest.fixture
def analyst(client):
    user = make_user(role="analyst")
    client.force_login(user)
    return user


def body(client, url=URL):
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", response.content.decode())


@pytest.mark.parametrize(("role", "status"), [("reporter", 403), ("analyst", 200), ("lead", 200), ("admin", 200)])
def test_analysts_may_look_and_reporters_not(client, look, role, status):
    client.force_login(make_user(role=role))
    assert client.get(URL).status_code == status
    assert client.get(f"{URL}looks/{look.pk}/").status_code == status


def test_without_a_champion_the_page_says_what_to_do(client, analyst):
    page = body(client)
    assert "No model serves yet" in page and f'href="{reverse("models")}"' in page
    assert "How far these alarms can be trusted" in page


def test_a_new_champion_has_to_read_its_test_reports_first(client, analyst, promotion):
    page = body(client)
    assert f"{promotion.version} first reads the test reports" in page


def test_before_the_first_look_the_page_says_how_many_reports_are_there(client, analyst, promotion):
    DriftReference.objects.create(version=promotion.version, path_ids=[], confidences=[])
    make_prediction(make_incident(), promotion.version)
    page = body(client)
    assert "1 of 100 reports for the next look" in page and "No alarm is open" not in page


def test_a_look_without_anything_to_compare_with_says_what_to_do(client, analyst, promotion):
    make_drift_look(promotion, tests={})
    page = body(client)
    assert "Decide more reports, then train anew" in page and "No alarm is open" not in page


@pytest.mark.parametrize(("kind", "of"), [("measure_drift", "pk"), ("read_drift_reference", "version_id")])
def test_a_job_that_failed_is_told_with_what_to_do(client, analyst, promotion, kind, of):
    job = jobs.enqueue(kind, getattr(promotion, of), queue="desk", priority=1)
    assert "No look comes" not in body(client)
    Job.objects.filter(pk=job.pk).update(status="failed", error="The disk is full.")
    page = body(client)
    assert "No look comes until somebody queues its job again: The disk is full." in page
    assert f'<a href="{reverse("status")}">To the jobs</a>' in page
    assert drift_figures()["trouble"] == "The disk is full."


def test_the_page_shows_what_the_figures_hold(client, analyst, look):
    page, (shown,) = body(client), drift_figures()["looks"]
    assert f"{shown['tests']['text']['statistic']:.4f}" in page and "p = 0.002" in page
    assert shown["fired"] == ["text"] and page.count(">fired<") == 1
    assert "parcel" in page and "40.0\u00a0%" in page and "1.2\u00a0%" in page
    assert "2 of the last 2 looks with p at most 5 %" in page


def test_a_bar_reaches_above_the_line_where_the_test_has_fired(client, analyst, look):
    page = body(client)
    line = int(re.search(r'class="threshold" x="0" y="(\d+)"', page)[1])
    tops = [int(top) for top in re.findall(r'<rect x="0" y="(\d+)" width="8"', page)]
    assert tops[0] < line < tops[1]  # texts fired, the predicted categories did not


def test_an_alarm_proposes_three_things_to_those_who_manage_models(client, admin, alarm):
    page = body(client)
    assert "Alarm: Texts" in page and "Train anew" in page and "It is all right" in page
    assert f'href="{URL}looks/{alarm.look_id}/"' in page


def test_analysts_see_an_alarm_and_its_reports_but_settle_nothing(client, analyst, alarm):
    page = body(client)
    assert "Alarm: Texts" in page and "Look at these reports" in page
    assert "Train anew" not in page and "It is all right" not in page
    assert client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "Fine."}).status_code == 403


def test_an_acknowledged_alarm_stands_with_its_note_among_earlier_ones(client, admin, alarm):
    response = client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "A campaign."}, follow=True)
    page = response.content.decode()
    assert "The alarm is acknowledged." in page and "Earlier alarms" in page and "A campaign." in page
    assert "No alarm is open." in page
    again = client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "Me too."}, follow=True)
    assert "settled meanwhile" in again.content.decode()
    assert DriftAlarm.objects.get().note == "A campaign."


def test_an_alarm_is_not_settled_without_a_reason(client, admin, alarm):
    page = client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": " "}, follow=True).content.decode()
    assert "Write why it is all right" in page
    assert DriftAlarm.objects.get().state == "open"


def test_the_most_unlike_reports_come_first(client, analyst, look):
    page = body(client)
    assert page.index("A parcel") < page.index("A call") and "0.810" in page


def test_nothing_is_told_of_a_single_report_that_is_reviewed_blind(client, analyst, promotion):
    blind = make_prediction(make_incident(title="Seen by nobody", blind=True), promotion.version)
    look = make_drift_look(promotion, [blind], unlike=[[blind.incident_id, 0.9]])
    assert "Seen by nobody" not in body(client) and "0.900" not in body(client)
    listed = body(client, f"{URL}looks/{look.pk}/")
    assert "Seen by nobody" in listed and "Financial fraud" not in listed


def test_a_look_lists_its_reports_in_the_order_of_their_numbers(client, analyst, look):
    page = body(client, f"{URL}looks/{look.pk}/")
    assert page.index("A parcel") < page.index("A call")
    assert client.get(f"{URL}looks/999/").status_code == 404


def test_the_models_page_and_the_dashboard_lead_here(client, analyst, alarm):
    models = body(client, reverse("models"))
    assert f'href="{URL}"' in models and drift_alarm_open() in models
    make_label(
        make_incident(blind=True), analyst, blind=True, suggested=[], suggested_confidence=0.8, shown_model="classify-9"
    )
    assert f'href="{URL}"' in body(client, reverse("dashboard-picture", args=["model"]))


def test_what_the_alarms_are_worth_is_what_was_measured(client, analyst):
    page, found = body(client), measured()
    ours = found["rows"][0]
    assert found["date"][:10] in page and f"{ours['false']:g}" in page
    found_share = f"{100 * ours['shifts']['another source, 15 %']['found']:.1f}\u00a0%"
    assert f"{ours['shifts']['another source, 15 %']['delay']} reports, {found_share}" in page


def test_the_page_takes_a_fixed_number_of_queries(client, analyst, promotion, look, django_assert_max_num_queries):
    for number in range(2, 12):
        made = make_drift_look(promotion, number=number)
        DriftAlarm.objects.create(kind="text", look=made, state="superseded")
    with django_assert_max_num_queries(25):
        body(client)
