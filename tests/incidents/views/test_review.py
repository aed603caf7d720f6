"""The review page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from classifier.services.asking import request_classification
from incidents.models import BulkRun, Incident, Label, Path, User
from tests.builders import make_incident, make_label, make_path, make_prediction, make_user, make_version
from workers import jobs
from workers.models import Job

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
        (False, False, "1"),
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
    assert "has taken this report meanwhile" in response.content.decode()
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
    assert "nothing of yours to undo" in response.content.decode()


def test_a_released_report_is_free_again(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    client.post(url(incident, "review-release"))
    incident.refresh_from_db()
    assert (incident.status, incident.claimed_by) == (Incident.Status.CLASSIFIED, None)


def test_only_my_decisions_of_today_are_counted(client: Client, analyst: User, incident: Incident) -> None:
    make_label(make_incident(), analyst)
    make_label(make_incident(), analyst, created_at=timezone.now() - timedelta(days=2))
    make_label(make_incident(), make_user(role="analyst"))
    assert client.get(url(incident)).context["standing"].progress.mine == 1


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
    for address in (url(report), reverse("models")):
        assert ("linear expert alone" in client.get(address).content.decode().partition("<main")[2]) == said


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_a_browser_that_fetches_pages_in_advance_claims_nothing(
    client: Client, analyst: User, incident: Incident, header: dict[str, str]
) -> None:
    for address in (reverse("review"), url(incident)):
        assert client.get(address, headers=header).status_code == 204
    incident.refresh_from_db()
    assert incident.claimed_by is None


def test_categories_come_first_with_the_sum_of_their_labels(client: Client, analyst: User, incident: Incident) -> None:
    tree = client.get(url(incident)).context["page"].tree
    assert [(group.category.name, round(group.probability, 1), group.open) for group in tree] == [
        ("Fraud", 0.9, True),
        ("Hacking", 0.1, False),
    ]
    assert tree[1].alone is not None


def test_a_label_of_two_categories_stands_once_and_is_named_in_the_other(client: Client, analyst: User) -> None:
    both = make_path(["Fraud", "Hacking"], "Takeover")
    make_path("Hacking", "Malware")
    make_path("Fraud", "Card")
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.1, 0.5, 0.4])
    tree = client.get(url(report)).context["page"].tree
    places = [[choice.path for choice in group.choices].count(both) for group in tree]
    assert sorted(places) == [0, 1]
    assert [both in [path for path, _ in group.elsewhere] for group in tree] == [count == 0 for count in places]


def test_a_sure_category_is_chosen_and_only_its_label_is_asked(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    incident.predictions.update(only_category=True)
    page = client.get(url(incident)).context["page"]
    assert page.outcome == "ask" and not any(choice.chosen for choice in page.choices)
    fraud = page.backed_off
    refused = client.post(url(incident), sent(incident, category=fraud.pk))
    assert "Which kind of “Fraud” is it?" in refused.content.decode()
    assert not Label.objects.exists()
    client.post(url(incident), sent(incident, paths[1], category=fraud.pk))
    assert Label.objects.get().verdict == Label.Verdict.CONFIRM


def test_a_category_that_is_a_label_itself_is_recorded_without_a_sub_category(
    client: Client, analyst: User, incident: Incident
) -> None:
    alone = make_path("Fraud")
    client.get(url(incident))
    client.post(url(incident), sent(incident, category=alone.categories.get().pk))
    assert list(Label.objects.get().paths.all()) == [alone]


def test_only_decided_reports_are_shown_as_alike(
    client: Client, analyst: User, incident: Incident, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        "incidents.views.review_parts.similar_reports", lambda *_args, **wanted: asked.append(wanted) or []
    )
    assert "Most similar decided reports" in client.get(url(incident, "review-alike")).content.decode()
    assert asked == [{"decided": True}]


def test_a_blind_report_says_nothing_of_the_model(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    Incident.objects.update(blind=True)
    response = client.get(url(incident))
    page, body = response.context["page"], response.content.decode()
    assert [choice.path for choice in page.choices] == paths  # by name
    assert not any(choice.chosen or choice.suggested for choice in page.choices)
    for told in ("classify-", "70 %", "suggested", 'name="shown"', "Why this label", "/why/", "/alike/"):
        assert told not in body.partition('<div id="review"')[2].partition("<footer")[0]
    assert "alike" not in client.get(url(incident, "review-alike")).content.decode()
    said = client.post(url(incident), sent(incident, paths[1]), follow=True).content.decode()
    label = Label.objects.get()
    assert label.blind and label.verdict == Label.Verdict.CONFIRM
    assert f"Report {incident}: decided." in said


def test_suggestions_can_be_hidden_and_shown_again(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    client.post(url(incident, "review-suggestions"))
    page = client.get(url(incident)).context["page"]
    assert page.hidden and page.prediction is None and not any(choice.chosen for choice in page.choices)
    client.post(url(incident, "review-suggestions"))
    assert client.get(url(incident)).context["page"].prediction is not None


def test_next_follows_the_filter_of_the_list_and_stopping_returns_to_it(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    other = make_incident(status=Incident.Status.CLASSIFIED, source=Incident.Source.API)
    last = make_incident(status=Incident.Status.CLASSIFIED, source=Incident.Source.API)
    opened = client.get(reverse("review") + "?source=api")
    assert opened.url == url(other) + "?source=api"
    gone_on = client.post(opened.url, sent(other, paths[0]))
    assert gone_on.url == url(last) + "?source=api"
    stopped = client.post(url(last, "review-release") + "?source=api")
    assert stopped.url == reverse("queue") + "?source=api"


def test_a_list_that_is_done_says_so(client: Client, analyst: User, incident: Incident) -> None:
    assert "Nothing in this list waits for review" in client.get("/review/?source=api").content.decode()


def test_what_is_skipped_among_second_looks_is_not_served_again_at_once(client: Client, analyst: User) -> None:
    first, second = (make_incident(status="second_look", review_priority=1 - n / 10) for n in range(2))
    assert client.get("/review/?status=second_look").url.startswith(url(first))
    skipped = client.post(url(first, "review-skip") + "?status=second_look", {"reason": "not enough"})
    assert skipped.url.startswith(url(second))


def test_the_next_report_is_prepared_without_being_held(client: Client, analyst: User, incident: Incident) -> None:
    following = make_incident(title="The one after", status=Incident.Status.CLASSIFIED)
    client.get(url(incident))
    body = client.get(reverse("review-ahead"), {"after": incident.pk}).content.decode()
    assert "The one after" in body and "<html" not in body
    following.refresh_from_db()
    assert (following.status, following.claimed_by) == (Incident.Status.CLASSIFIED, None)


def test_nothing_is_prepared_where_nothing_comes(client: Client, analyst: User, incident: Incident) -> None:
    client.get(url(incident))
    for after in (str(incident.pk), "x", "9" * 30):
        response = client.get(reverse("review-ahead"), {"after": after})
        assert response.status_code in {200, 204}
    assert client.get(reverse("review-ahead"), {"after": incident.pk}).status_code == 204


def test_a_prepared_report_is_held_once_the_one_before_is_decided(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    following = make_incident(status=Incident.Status.CLASSIFIED)
    client.get(url(incident))
    shown = {"ahead": following.pk, "ahead_revision": following.current_text_id}
    body = client.post(url(incident), sent(incident, paths[1], **shown)).content.decode()
    assert f'data-confirmed="{following.pk}"' in body
    following.refresh_from_db()
    assert following.claimed_by == analyst


def test_a_prepared_report_that_somebody_took_gives_way_to_another(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    taken, free = (make_incident(status=Incident.Status.CLASSIFIED, review_priority=n) for n in (0.2, 0.1))
    client.get(url(incident))
    later = timezone.now() + timedelta(minutes=5)
    Incident.objects.filter(pk=taken.pk).update(
        status="in_review", claimed_by=make_user(role="analyst"), claim_expires_at=later
    )
    shown = {"ahead": taken.pk, "ahead_revision": taken.current_text_id}
    response = client.post(url(incident), sent(incident, paths[1], **shown), follow=True)
    assert response.redirect_chain[-1][0] == url(free)
    assert f"Report #{taken.pk} was taken or changed meanwhile" in response.content.decode()


def test_people_who_review_at_once_prepare_different_reports(client: Client, incident: Incident) -> None:
    waiting = [make_incident(title=f"W{n}", status="classified", review_priority=0.2 - n / 100) for n in range(3)]
    prepared = []
    for name, held in (("asha", incident), ("bela", waiting[0])):
        client.force_login(make_user(name, role="analyst"))
        client.get(url(held))
        prepared.append(client.get(reverse("review-ahead"), {"after": held.pk}).context["page"].incident)
    assert len(set(prepared)) == 2


def test_my_last_decisions_are_opened_again_in_one_step(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[0]))
    make_incident(status=Incident.Status.CLASSIFIED)
    page = client.get(reverse("review"), follow=True)
    assert [label.incident for label in page.context["standing"].recent] == [incident]
    assert url(incident, "review-claim") in page.content.decode()


def test_undo_after_a_bulk_run_offers_to_take_that_back(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    client.post(url(incident), sent(incident, paths[0]))
    run = BulkRun.objects.create(by=analyst, status=BulkRun.Status.DONE)
    assert client.post(reverse("review-undo")).url == reverse("bulk-run", args=[run.pk])
    incident.refresh_from_db()
    assert incident.status == Incident.Status.DECIDED


@pytest.mark.parametrize(
    ("status", "said"), [(Job.Status.QUEUED, "waits for the model"), (Job.Status.RUNNING, "being classified")]
)
def test_a_report_that_no_worker_has_read_can_be_decided_and_says_how_far_it_is(
    client: Client, analyst: User, paths: list[Path], status: str, said: str
) -> None:
    report = make_incident(status=Incident.Status.NEW)
    request_classification(report.pk, priority=Job.Priority.WEB)
    if status == Job.Status.RUNNING:
        jobs.claim_job(Job.objects.get(), worker="test")
    assert said in client.get(url(report)).content.decode()
    assert client.get(url(report, "review-state")).status_code == 204
    make_prediction(report, make_version(stage="champion"))
    arrived = client.get(url(report, "review-state"))
    assert arrived.status_code == 286 and "the model has read it now" in arrived.content.decode()
    client.post(url(report), sent(report, paths[0]))
    assert Label.objects.get().incident == report


def test_a_prediction_that_failed_or_is_old_is_asked_for_again_on_the_page(
    client: Client, analyst: User, incident: Incident
) -> None:
    old = make_incident()
    make_prediction(old, make_version())
    assert "from an older model" in client.get(url(old)).content.decode()
    failed = make_incident()
    request_classification(failed.pk, priority=Job.Priority.WEB)
    Job.objects.update(status=Job.Status.FAILED)
    assert "classification failed" in client.get(url(failed)).content.decode()
    response = client.post(url(old, "review-classify"))
    assert response.url == url(old)
    assert Job.objects.filter(kind="classify", object_id=old.pk, status=Job.Status.QUEUED).exists()


def test_a_label_that_was_retired_is_refused_in_a_sentence(
    client: Client, analyst: User, incident: Incident, paths: list[Path]
) -> None:
    client.get(url(incident))
    retired = paths[0].pk
    paths[0].delete()
    response = client.post(url(incident), sent(incident) | {"paths": [retired]})
    assert "was retired while the page was open" in response.content.decode()


def test_the_guide_panel_has_two_examples_of_each_label(client: Client, analyst: User, paths: list[Path]) -> None:
    paths[0].sub_category.examples = ["one", "two", "three"]
    paths[0].sub_category.save()
    body = client.get(reverse("review-guide")).content.decode()
    assert "one" in body and "two" in body and "three" not in body


def test_the_page_takes_as_many_queries_for_many_reports_as_for_few(
    client: Client, analyst: User, incident: Incident
) -> None:
    make_label(make_incident(), analyst, [make_path("Fraud", "Card")])
    client.get(url(incident))
    with CaptureQueriesContext(connection) as few:
        client.get(url(incident))
    for number in range(12):
        make_label(make_incident(status="classified"), analyst, [make_path("Fraud", f"Kind {number}")])
    with CaptureQueriesContext(connection) as many:
        client.get(url(incident))
    assert len(many) <= len(few) + 1  # whether workers run is asked anew now and then
