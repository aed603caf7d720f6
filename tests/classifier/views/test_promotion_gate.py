"""The pages around a promotion: the gate, force by two people, what would change, every move, who was in charge."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.models import ForceRequest, ImpactPreview, ModelVersion, Replay
from classifier.services.classify import classify_batch
from classifier.services.impact import preview_impact
from classifier.services.promotion import promote
from classifier.services.training import request_training
from incidents.models import AuditEvent, Incident, Setting, User
from tests.builders import make_incident, make_user, make_version
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(caseloop_home: Path) -> tuple[ModelVersion, ModelVersion]:
    """The champion and a challenger that the gate refuses: of too few test reports."""
    decide_reports()
    champion = run_to_end(request_training(base_model="none")).version
    return champion, run_to_end(request_training(base_model="none", force=True)).version


@pytest.fixture
def admin(client: Client) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def as_lead() -> Client:
    client = Client()
    client.force_login(make_user("lea", role="lead"))
    return client


def body(client: Client, name: str, *numbers: int, query: str = "") -> str:
    answer = client.get(reverse(name, args=numbers) + query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_refused_version_shows_what_failed_and_how_to_go_on(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    page = body(client, "model-promote", pair[1].pk)
    assert "refuses it" in page and "at least 20 are asked for" in page
    assert "Ask a second person" in page


def test_two_people_in_two_browsers_pass_the_gate(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    champion, challenger = pair
    client.post(reverse("model-force", args=[challenger.pk]), {"reason": "a court order"})
    asked = ForceRequest.objects.get()
    assert "your own agreement does not count" in body(client, "models")
    client.post(reverse("force-agree", args=[asked.pk]))
    assert ModelVersion.objects.champion() == champion
    lead = as_lead()
    assert "a court order" in body(lead, "models")
    lead.post(reverse("force-agree", args=[asked.pk]), {"answer": "seen"})
    assert ModelVersion.objects.champion() == challenger
    history = body(client, "model-history")
    assert "Promoted by force" in history and "with lea" in history and "Refused by the gate" in history


def test_a_lead_declines(client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]) -> None:
    client.post(reverse("model-force", args=[pair[1].pk]), {"reason": "please"})
    as_lead().post(reverse("force-decline", args=[ForceRequest.objects.get().pk]), {"answer": "no"})
    assert ForceRequest.objects.get().state == "declined"
    assert ModelVersion.objects.champion() == pair[0]


def test_force_without_a_reason_is_refused_in_a_sentence(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    page = client.post(reverse("model-force", args=[pair[1].pk]), {"reason": ""}, follow=True).content.decode()
    assert "Say why" in page and not ForceRequest.objects.exists()


@pytest.mark.parametrize("role", ["reporter", "analyst"])
def test_others_neither_ask_nor_agree(client: Client, pair: tuple[ModelVersion, ModelVersion], role: str) -> None:
    asked = ForceRequest.objects.create(version=pair[1], champion=pair[0], asked_by=make_user(role="admin"), reason="x")
    client.force_login(make_user(role=role))
    for name, number in (("model-force", pair[1].pk), ("force-agree", asked.pk), ("force-decline", asked.pk)):
        assert client.post(reverse(name, args=[number])).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "open"


def test_what_would_change_is_asked_for_watched_and_read(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    challenger = pair[1]
    make_incident(title="", text="caller bank code otp")
    assert "Not looked at yet" in body(client, "model-impact", challenger.pk)
    client.post(reverse("model-impact-ask", args=[challenger.pk]))
    assert "waits for an inference worker" in body(client, "model-impact", challenger.pk)
    assert 'hx-trigger="every 2s"' in body(client, "model-impact-state", challenger.pk)
    preview_impact(jobs.claim("inference", worker="test", limits={"impact": Limit()}))
    assert client.get(reverse("model-impact-state", args=[challenger.pk])).status_code == 286
    assert "No label would change" in body(client, "model-impact", challenger.pk)
    assert "it is kept with the promotion" in body(client, "model-promote", challenger.pk)


def test_of_what_reads_no_reports_the_page_says_so(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    make_version(line="detect", stage="champion")
    version = make_version(line="detect")
    asked = client.post(reverse("model-impact-ask", args=[version.pk]), follow=True).content.decode()
    assert asked.count("reads no reports") == 2, "as the answer to the button, and in place of the figures"
    assert reverse("model-impact-ask", args=[version.pk]) not in asked
    assert not ImpactPreview.objects.exists()


def test_what_people_decided_who_saw_the_suggestion_is_told_apart(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    champion, challenger = pair
    figures = {"reports": 9, "judged": 7, "right_before": 6, "right_after": 5}
    preview = ImpactPreview.objects.create(
        version=challenger, champion=champion, status="done", finished_at=timezone.now(), figures=figures
    )
    assert "people decided" not in body(client, "model-impact", challenger.pk), "an old one favours the champion"
    preview.figures |= {"blind_judged": 4, "blind_right_before": 1, "blind_right_after": 3}
    preview.save()
    page = " ".join(body(client, "model-impact", challenger.pk).split())
    assert (
        "Of 7 that people decided lately and that neither of the two learned from: 6 as decided before, 5 now" in page
    )
    assert "Of 4 of these, decided with the prediction hidden: 1 before, 3 now" in page
    assert "only those decided blind compare the two fairly" in page


def test_the_history_shows_what_was_known_of_an_effect_and_who_is_gone(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    champion, challenger = pair
    ImpactPreview.objects.create(
        version=challenger, champion=champion, status="done", figures={"reports": 1234, "changed": 2}
    )
    Setting.objects.create(key="gate_min_reports", value=0)
    promote(challenger, by=make_user("bob", role="admin"))
    page = body(client, "model-history")
    assert "What was known of its effect on reports" in page and "1,234" in page and "by bob" in page
    User.objects.filter(username="bob").delete()
    for name in ("model-history", "model-at", "models"):
        assert "by somebody whose account is gone" in body(client, name)


def test_the_history_is_paged_to_its_first_move(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    detail = {"line": "classify"}
    AuditEvent.objects.bulk_create(AuditEvent(kind="model.shadow", detail=detail) for _ in range(540))
    assert "Page 1 of 19" in body(client, "model-history")
    assert "First model" in body(client, "model-history", query="?page=19")


def test_reporters_see_none_of_it(client: Client, pair: tuple[ModelVersion, ModelVersion]) -> None:
    client.force_login(make_user(role="reporter"))
    addresses = [reverse("model-impact", args=[pair[1].pk]), reverse("model-at"), reverse("model-history")]
    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]


def test_who_was_in_charge_and_what_it_said_stands_on_a_page(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    incident = make_incident(title="", text="caller bank code otp")
    jobs.enqueue("classify", incident.pk, queue="inference", priority=0)
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}))
    assert pair[0].name in body(client, "model-at")
    page = body(client, "model-at", query=f"?moment=2999-01-01&incident={incident.pk}")
    assert "Fraud / Vishing" in page and "Ask it again" in page
    assert "No model was in charge yet" in body(client, "model-at", query="?moment=1999-01-01")
    client.post(reverse("replay-ask", args=[incident.predictions.get().pk]))
    assert Replay.objects.get().by == admin and Job.objects.filter(kind="replay").exists()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?moment=yesterday", "is no date"),
        ("?moment=2026-11-27&incident=999999", "no report of that number"),
        ("?moment=2026-11-27&incident=x", "whole number"),
    ],
)
def test_nonsense_is_told_in_a_sentence(client: Client, admin: User, query: str, told: str) -> None:
    assert told in body(client, "model-at", query=query)


def test_a_hidden_prediction_stays_hidden_whatever_the_date(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    incident = make_incident(title="", text="caller bank code otp", blind=True)
    page = body(client, "model-at", query=f"?moment=2999-01-01&incident={incident.pk}")
    assert "hidden until it is decided" in page
    assert Incident.objects.get(pk=incident.pk).hides_prediction


def test_a_shadow_on_the_line_of_the_reports_has_its_place_on_the_page(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    client.post(reverse("model-shadow", args=[pair[1].pk]))
    assert "nobody is shown what it says" in body(client, "model-version", pair[1].pk)
    assert "Began to score in the shadow" in body(client, "model-history")


def test_without_any_model_the_pages_say_what_to_do(client: Client, admin: User, caseloop_home: Path) -> None:
    assert "Nothing was promoted yet" in body(client, "model-history")
    assert "No model was in charge yet" in body(client, "model-at")
    assert client.get(reverse("model-history") + "?line=nonsense").status_code == 404


def test_the_gate_lets_pass_what_is_no_worse(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    Setting.objects.create(key="gate_min_reports", value=0)
    assert "lets it pass" in body(client, "model-promote", pair[1].pk)
