"""The review page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, Label, Path, User
from tests.builders import make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def paths() -> list[Path]:
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet"), make_path("Hacking")]


@pytest.fixture
def incident(paths: list[Path]) -> Incident:
    """A report for which the model suggests the second path."""
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.2, 0.7, 0.1])
    return report


def url(incident: Incident, name: str = "review-report") -> str:
    return reverse(name, args=[incident.pk])


def sent(incident: Incident, *paths: Path, verdict: str = "confirm", **more: object) -> dict[str, object]:
    chosen = [path.pk for path in paths]
    return {"verdict": verdict, "paths": chosen, "revision": incident.current_text_id} | more


def test_only_analysts_review(client: Client, incident: Incident) -> None:
    assert client.get(reverse("review")).status_code == 302
    client.force_login(make_user())
    assert client.get(reverse("review")).status_code == 403
    assert client.post(url(incident), sent(incident)).status_code == 403
    assert not Label.objects.exists()


def test_a_session_that_ended_sends_the_whole_page_to_the_sign_in(client: Client, incident: Incident) -> None:
    response = client.post(url(incident), sent(incident), headers={"hx-request": "true"})
    assert response.headers["HX-Redirect"].startswith(reverse("account_login"))


def test_next_claims_the_first_report_and_opens_it(client: Client, analyst: User, incident: Incident) -> None:
    assert client.get(reverse("review")).url == url(incident)
    incident.refresh_from_db()
    assert incident.claimed_by == analyst


def test_an_empty_queue_is_no_error(client: Client, analyst: User) -> None:
    make_incident(status=Incident.Status.SECOND_LOOK)
    response = client.get(reverse("review"))
    assert response.status_code == 200
    assert "1 waits for a second look" in response.content.decode()


def test_labels_come_most_probable_first_with_the_suggestion_chosen(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    choices = client.get(url(incident)).context["page"].choices
    assert [choice.path for choice in choices] == [paths[1], paths[0], paths[2]]
    assert [(choice.chosen, choice.suggested, choice.key) for choice in choices] == [
        (True, True, "1"),
        (False, False, "2"),
        (False, False, "3"),
    ]


def test_a_label_that_the_model_does_not_know_can_still_be_chosen(
    client: Client, analyst: User, incident: Incident
) -> None:
    newcomer = make_path("Ransomware")
    last = client.get(url(incident)).context["page"].choices[-1]
    assert (last.path, last.probability) == (newcomer, None)


def test_the_page_names_the_model_its_confidence_and_threshold(
    client: Client, analyst: User, incident: Incident
) -> None:
    body = client.get(url(incident)).content.decode()
    assert incident.current_model in body or "classify-" in body
    assert "70 %" in body and "50 %" in body and "suggested" in body


def test_the_suggestion_as_it_is_confirms_and_goes_on(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    following = make_incident(status=Incident.Status.CLASSIFIED)
    client.get(url(incident))
    response = client.post(url(incident), sent(incident, paths[1]), follow=True)
    assert Label.objects.get().verdict == Label.Verdict.CONFIRM
    assert response.redirect_chain[-1][0] == url(following)


def test_other_labels_correct(client: Client, analyst: User, incident: Incident, paths: list[Path]) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[0], paths[2]))
    label = Label.objects.get()
    assert (label.verdict, set(label.paths.all())) == (Label.Verdict.CORRECT, {paths[0], paths[2]})


def test_a_rejection_carries_no_labels(client: Client, analyst: User, incident: Incident, paths: list[Path]) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[1], verdict="reject"))
    incident.refresh_from_db()
    assert incident.status == Incident.Status.REJECTED
    assert not Label.objects.get().paths.exists()


def test_unsure_needs_a_reason(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    refused = client.post(url(incident), sent(incident, verdict="unsure", reason="  "))
    assert "Say what makes you unsure" in refused.content.decode()
    client.post(url(incident), sent(incident, verdict="unsure", reason="two crimes"))
    assert Label.objects.get().reason == "two crimes"


def test_a_refused_decision_shows_again_what_was_chosen(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    response = client.post(url(incident), sent(incident, paths[0], revision=incident.current_text_id + 1))
    assert "The text has changed since you opened it" in response.content.decode()
    assert [choice.chosen for choice in response.context["page"].choices] == [False, True, False]
    assert not Label.objects.exists()


def test_no_label_at_all_is_refused(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    response = client.post(url(incident), sent(incident))
    assert "Choose at least one label" in response.content.decode()


def test_a_claim_that_somebody_else_took_loses_nothing(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    later = timezone.now() + timedelta(minutes=5)
    Incident.objects.update(claimed_by=make_user(role="analyst"), claim_expires_at=later)
    response = client.post(url(incident), sent(incident, paths[0]))
    assert "Somebody else has taken or decided this report" in response.content.decode()
    assert [choice.path for choice in response.context["page"].choices if choice.chosen] == [paths[0]]
    assert not Label.objects.exists()


def test_the_same_decision_twice_decides_once(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    following = make_incident(status=Incident.Status.CLASSIFIED)
    client.get(url(incident))
    for _ in range(2):
        response = client.post(url(incident), sent(incident, paths[1]))
        assert response.url == url(following)
    assert Label.objects.get().incident == incident
    following.refresh_from_db()
    assert following.current_label is None


def test_a_report_that_somebody_holds_names_them(client: Client, analyst: User, incident: Incident) -> None:
    later = timezone.now() + timedelta(minutes=5)
    Incident.objects.update(
        status=Incident.Status.IN_REVIEW, claimed_by=make_user("bela", "analyst"), claim_expires_at=later
    )
    assert "bela is deciding report" in client.get(url(incident)).content.decode()


def test_a_decided_report_opens_only_on_purpose(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[0]))
    assert "Open it again" in client.get(url(incident)).content.decode()
    incident.refresh_from_db()
    assert incident.status == Incident.Status.DECIDED
    opened = client.post(url(incident, "review-claim"), follow=True)
    chosen = [choice.path for choice in opened.context["page"].choices if choice.chosen]
    assert chosen == [paths[0]]


def test_a_skip_needs_a_reason_and_asks_for_a_second_look(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    refused = client.post(url(incident, "review-skip"), {"reason": ""})
    assert "Say why" in refused.content.decode()
    client.post(url(incident, "review-skip"), {"reason": "not enough"})
    incident.refresh_from_db()
    assert incident.status == Incident.Status.SECOND_LOOK


def test_a_skip_of_a_report_that_somebody_else_took_says_so(client: Client, analyst: User, incident: Incident) -> None:
    response = client.post(url(incident, "review-skip"), {"reason": "not enough"})
    assert "Somebody else has taken this report" in response.content.decode()


def test_undo_opens_the_last_decision_again_as_it_was(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[2]))
    response = client.post(reverse("review-undo"), follow=True)
    assert response.redirect_chain[-1][0] == url(incident)
    assert [choice.path for choice in response.context["page"].choices if choice.chosen] == [paths[2]]
    assert not Label.objects.standing().exists()


def test_undo_without_a_decision_says_so(client: Client, analyst: User) -> None:
    response = client.post(reverse("review-undo"), follow=True)
    assert "no decision of yours" in response.content.decode()


def test_a_released_report_is_free_again(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    client.post(url(incident, "review-release"))
    incident.refresh_from_db()
    assert (incident.status, incident.claimed_by) == (Incident.Status.CLASSIFIED, None)


def test_only_my_decisions_of_today_are_counted(client: Client, analyst: User, incident: Incident) -> None:
    make_label(make_incident(), analyst)
    make_label(make_incident(), analyst, created_at=timezone.now() - timedelta(days=2))
    make_label(make_incident(), make_user(role="analyst"))
    assert client.get(url(incident)).context["page"].decided_today == 1


def test_a_report_without_prediction_can_be_decided(client: Client, analyst: User, paths: list[Path]) -> None:
    report = make_incident(status=Incident.Status.CLASSIFIED)
    assert "no prediction yet" in client.get(url(report)).content.decode()
    client.post(url(report), sent(report, paths[0]))
    assert Label.objects.get().verdict == Label.Verdict.CORRECT


def test_getting_a_step_that_changes_something_is_refused(client: Client, analyst: User, incident: Incident) -> None:
    for name in ("review-skip", "review-claim", "review-release"):
        assert client.get(url(incident, name)).status_code == 405
    assert client.get(reverse("review-undo")).status_code == 405


@pytest.mark.parametrize("value", ["9" * 5000, "9" * 30, "-1", "x", "१"])
def test_labels_that_do_not_exist_are_refused(client: Client, analyst: User, incident: Incident, value: str) -> None:
    client.get(url(incident))
    response = client.post(url(incident), sent(incident) | {"paths": [value]})
    assert response.status_code == 200 and "Nothing was recorded" in response.content.decode()
    assert not Label.objects.exists()
    assert client.get(f"/review/{'9' * 30}/").status_code == 404


@pytest.mark.parametrize(("base", "said"), [("none", True), ("small-scratch", False)])
def test_a_suggestion_of_the_linear_expert_alone_says_so(
    client: Client, analyst: User, paths: list[Path], base: str, said: bool
) -> None:
    report = make_incident()
    make_prediction(report, make_version(base_model=base, stage="champion"))
    for address in (url(report), reverse("incident", args=[report.pk]), reverse("models")):
        assert ("linear expert alone" in client.get(address).content.decode().partition("<main")[2]) == said


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_a_browser_that_fetches_pages_in_advance_claims_nothing(
    client: Client, analyst: User, incident: Incident, header: dict[str, str]
) -> None:
    for address in (reverse("review"), url(incident)):
        assert client.get(address, headers=header).status_code == 204
    incident.refresh_from_db()
    assert incident.claimed_by is None
