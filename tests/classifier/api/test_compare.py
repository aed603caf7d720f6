"""/api/v1/models/<id>/compare/"""

import pytest

from classifier.models import ComparisonRun
from classifier.services.versus import versus
from tests.builders import make_api_client, make_evaluation, make_incident, make_outcomes, make_path, make_user
from tests.builders import make_version as version_of
from tests.classifier.lines import make_detector

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    path, other = make_path("Fraud"), make_path("Attack")
    reports = [make_incident(text=f"Report {n}") for n in range(9)]
    champion = version_of(stage="champion")
    challenger = version_of(snapshot=champion.snapshot)
    for version, said in ((challenger, [path] * 9), (champion, [path] * 4 + [other] * 5)):
        make_evaluation(version, outcomes=make_outcomes(reports, [path] * 9, said))
    return challenger, champion


def url(version):
    return f"/api/v1/models/{version.pk}/compare/"


def test_an_analyst_reads_what_the_page_shows(pair):
    told = make_api_client(make_user(role="analyst")).get(url(pair[0])).json()
    assert told == versus(*pair).to_json()
    assert (told["views"][2]["gained"], told["views"][2]["lost"], told["reports"]) == (5, 0, 9)


def test_the_other_version_is_named_or_the_champion(pair):
    client = make_api_client(make_user(role="analyst"))
    third = version_of()
    assert client.get(url(pair[0]), {"with": third.pk}).json()["other"]["id"] == third.pk
    assert client.get(url(third)).json()["other"]["id"] == pair[1].pk
    assert client.get(url(third)).json()["lack"]["reason"] == "not_measured"


def test_nobody_to_compare_with_is_not_found(caseloop_home):
    client = make_api_client(make_user(role="analyst"))
    version = version_of()
    assert client.get(url(version)).status_code == 404
    assert client.get(url(version), {"with": version.pk}).status_code == 404
    assert client.get(url(version), {"with": 999}).status_code == 404
    assert client.get(url(make_detector())).status_code == 404


def test_reporters_and_tokens_without_the_scope_read_nothing(pair):
    assert make_api_client(make_user()).get(url(pair[0])).status_code == 403
    assert make_api_client(make_user(role="admin"), "incidents:read").get(url(pair[0])).status_code == 403


def test_an_admin_has_both_measured_once_at_a_time(pair):
    client = make_api_client(make_user(role="admin"))
    answer = client.post(url(pair[0]))
    assert (answer.status_code, answer.json()) == (202, {"state": "queued"})
    assert client.post(url(pair[0])).status_code == 409
    assert ComparisonRun.objects.count() == 1


def test_only_admins_ask_for_it(pair):
    assert make_api_client(make_user(role="lead")).post(url(pair[0])).status_code == 403
