"""The page of two versions side by side, and the reports behind its figures."""

import re
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from classifier.models import ComparisonRun, ModelVersion
from classifier.services.training import request_training
from classifier.services.versus import versus
from classifier.wording import decimal, points, share
from incidents.models import User
from tests.builders import make_evaluation, make_user, make_version
from tests.classifier.lines import make_detector
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db
Pair = tuple[ModelVersion, ModelVersion]


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


@pytest.fixture
def pair(admin: User) -> Pair:
    """A challenger of a later dataset, and the champion, both measured on the challenger's test reports."""
    decide_reports()
    champion = run_to_end(request_training(base_model="none")).version
    decide_reports(60, start=90)
    return run_to_end(request_training(base_model="none")).version, champion


@pytest.fixture
def fallible(pair: Pair) -> Pair:
    """The same, with mistakes: the trained ones are right everywhere, and all figures would be alike."""
    random = np.random.default_rng(5)
    for version in pair:
        for row in version.evaluations.filter(snapshot=pair[0].snapshot):
            kept = row.outcomes
            n = len(kept["truth"])
            wrong = random.random(n) < 0.3
            kept["decided"] = np.where(wrong, random.integers(0, len(kept["sets"]), n), kept["truth"]).tolist()
            kept["confidence"] = random.random(n).round(5).tolist()
            row.outcomes = kept
            row.save(update_fields=["outcomes"])
    return pair


def page_of(client: Client, pair: Pair, name: str = "model-compare-with") -> str:
    return client.get(reverse(name, args=[one.pk for one in pair])).content.decode()


def test_every_figure_of_the_page_is_that_of_the_json(client: Client, fallible: Pair) -> None:
    page, told = page_of(client, fallible), versus(*fallible).to_json()
    shown = re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", page))
    assert (
        len({view["one"]["value"] for view in told["views"]} | {view["other"]["value"] for view in told["views"]}) > 1
    )
    for view in told["views"]:
        assert f"p = {decimal(view['p'])}" in shown
        assert f"{share(view['macro_f1']['one'])} – {share(view['macro_f1']['other'])}" in shown
        assert f"{points(view['macro_f1']['low'])} … {points(view['macro_f1']['high'])}" in shown
        for figure in (view["one"], view["other"]):
            assert f"{share(figure['value'])} {share(figure['low'])} – {share(figure['high'])}" in shown
        for row in view["classes"]:
            sides = [row[side][kind] for kind in ("f1", "precision", "recall") for side in ("one", "other")]
            cells = " ".join(f"{share(one['value'])} {share(one['low'])} – {share(one['high'])}" for one in sides)
            assert f"{row['support']} {cells}" in shown
            assert points(row["difference"]) in shown
    for side in (told["one"], told["other"]):
        assert f"Calibration error {decimal(side['calibration']['error'])}" in shown
        assert f"{side['bytes']:,} bytes" in page
        for row in side["calibration"]["bins"]:
            assert f"{share(row['confidence'])} {share(row['right'])} {share(row['low'])}" in shown
    for point in told["trend"]:
        assert f"{share(point['accuracy']['value'])} {share(point['accuracy']['low'])}" in shown


def test_the_first_sentence_says_whether_the_difference_is_real(client: Client, pair: Pair) -> None:
    page = page_of(client, pair)
    assert "Is the difference real?" in page
    assert any(words in page for words in ("cannot be told apart", "really better", "really worse", "the same reports"))


def test_without_another_one_named_it_is_compared_with_the_champion(client: Client, pair: Pair) -> None:
    challenger, champion = pair
    expected = reverse("model-compare-with", args=[challenger.pk, champion.pk])
    assert client.get(reverse("model-compare", args=[challenger.pk])).url == expected
    third = make_version()
    answer = client.get(reverse("model-compare", args=[challenger.pk]), {"with": third.pk})
    assert answer.url == reverse("model-compare-with", args=[challenger.pk, third.pk])


def test_a_version_alone_says_what_to_do(client: Client, admin: User) -> None:
    version = make_version()
    assert "There is no other version yet" in client.get(reverse("model-compare", args=[version.pk])).content.decode()


def test_the_pages_of_a_version_lead_to_it(client: Client, pair: Pair) -> None:
    challenger, _ = pair
    address = reverse("model-compare", args=[challenger.pk])
    for name in ("model-version", "model-promote"):
        assert f'href="{address}"' in client.get(reverse(name, args=[challenger.pk])).content.decode()
    assert f'href="{address}"' in client.get(reverse("models")).content.decode()


def test_detectors_have_no_such_page(client: Client, admin: User) -> None:
    detector = make_detector()
    assert client.get(reverse("model-compare", args=[detector.pk])).status_code == 404
    assert (
        reverse("model-compare", args=[detector.pk])
        not in client.get(reverse("model-version", args=[detector.pk])).content.decode()
    )


def test_what_lacks_is_measured_at_the_push_of_a_button(client: Client, pair: Pair) -> None:
    challenger, champion = pair
    champion.evaluations.filter(snapshot=challenger.snapshot).delete()
    assert "Measure both on the same test reports" in page_of(client, pair)
    answer = client.post(reverse("model-compare-measure", args=[challenger.pk, champion.pk]), follow=True)
    page = answer.content.decode()
    assert "Waiting for a worker to measure them" in page
    assert "Measure both" not in page
    assert ComparisonRun.objects.get().by.username == "ada"
    client.post(reverse("model-compare-measure", args=[champion.pk, challenger.pk]))
    assert ComparisonRun.objects.count() == 1


def test_the_page_comes_anew_when_they_are_measured(client: Client, pair: Pair) -> None:
    address = reverse("model-compare-state", args=[one.pk for one in pair])
    client.post(reverse("model-compare-measure", args=[one.pk for one in pair]))
    assert client.get(address).status_code == 200
    ComparisonRun.objects.update(status="done")
    answer = client.get(address)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (286, "true")


def test_analysts_look_and_ask_for_nothing(client: Client, pair: Pair) -> None:
    client.force_login(make_user(role="analyst"))
    assert "Is the difference real?" in page_of(client, pair)
    pair[1].evaluations.all().delete()
    assert "An admin can have them measured here." in page_of(client, pair)
    assert client.post(reverse("model-compare-measure", args=[one.pk for one in pair])).status_code == 403


def test_reporters_see_neither_page(client: Client, pair: Pair) -> None:
    client.force_login(make_user(role="reporter"))
    assert client.get(reverse("model-compare-with", args=[one.pk for one in pair])).status_code == 403
    assert client.get(reverse("model-reports", args=[pair[0].pk])).status_code == 403


def test_a_version_beside_itself_or_nobody_is_not_found(client: Client, pair: Pair) -> None:
    assert client.get(reverse("model-compare-with", args=[pair[0].pk, pair[0].pk])).status_code == 404
    assert client.get(reverse("model-compare-with", args=[pair[0].pk, 999])).status_code == 404
    assert client.get(reverse("model-compare", args=[pair[0].pk]), {"with": "nonsense"}).status_code == 404


def test_each_cell_of_the_matrix_opens_as_many_reports_as_it_counts(client: Client, fallible: Pair) -> None:
    page = page_of(client, fallible)
    links = re.findall(r'<a href="(/models/\d+/reports/\?with=[^"]+true=[^"]+)"[^>]*>(\d+)</a>', page)
    assert len(links) >= 6
    for address, count in links:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.context["page"].paginator.count == int(count)


def test_the_counts_of_gains_and_losses_open_their_reports(client: Client, fallible: Pair) -> None:
    pair, told = fallible, versus(*fallible).to_json()
    assert sum(view["gained"] + view["lost"] for view in told["views"])
    for view in told["views"]:
        for which in ("gained", "lost", "both_wrong", "both_right"):
            query = {"with": pair[1].pk, "view": view["name"], "which": which}
            answer = client.get(reverse("model-reports", args=[pair[0].pk]), query)
            assert answer.context["page"].paginator.count == view[which]


def test_the_reports_of_one_version_open_from_its_own_page(client: Client, pair: Pair) -> None:
    page = client.get(reverse("model-version", args=[pair[0].pk])).content.decode()
    address, count = re.findall(r'<a href="(/models/\d+/reports/\?true=[^"]+)"[^>]*>(\d+)</a>', page)[0]
    answer = client.get(address.replace("&amp;", "&"))
    assert answer.context["page"].paginator.count == int(count)
    assert "True label" in answer.content.decode()


def test_reports_that_were_not_kept_say_so(client: Client, admin: User) -> None:
    version = make_version()
    make_evaluation(version)
    page = client.get(reverse("model-reports", args=[version.pk])).content.decode()
    assert "It was not kept what was decided of each report" in page


def test_an_unknown_choice_of_reports_is_not_found(client: Client, pair: Pair) -> None:
    assert client.get(reverse("model-reports", args=[pair[0].pk]), {"which": "nonsense"}).status_code == 404
    assert client.get(reverse("model-reports", args=[pair[0].pk]), {"view": "nonsense"}).status_code == 404
