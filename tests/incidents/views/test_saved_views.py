"""Saved views of the list of reports."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import SavedView, User
from incidents.services.saved_views import MOST
from tests.builders import make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


def save(client: Client, name: str = "Mine", query: str = "source=web&order=oldest", **more: str) -> None:
    client.post(reverse("saved-views"), {"name": name, "query": query} | more)


def act(client: Client, view: SavedView, action: str, **more: str) -> int:
    return client.post(reverse("saved-view", args=[view.pk]), {"action": action} | more).status_code


def test_only_analysts_keep_views(client: Client) -> None:
    assert client.get(reverse("saved-views")).status_code == 302
    client.force_login(make_user())
    assert client.post(reverse("saved-views"), {"name": "x"}).status_code == 403


def test_filters_and_order_are_kept_by_a_name_without_the_page(client: Client, analyst: User) -> None:
    make_path("Fraud")
    save(client, query="category=Fraud&order=oldest&after=1~2&nonsense=1&source=nowhere&status=decided")
    assert SavedView.objects.get().query == "category=Fraud&status=decided&order=oldest"
    assert "Mine" in client.get(reverse("queue") + "?status=waiting").content.decode()


def test_the_same_name_keeps_the_newer_filters(client: Client, analyst: User) -> None:
    save(client)
    save(client, query="source=api")
    assert SavedView.objects.get().query == "source=api&status=waiting"


def test_a_view_needs_a_name_and_there_are_not_too_many(client: Client, analyst: User) -> None:
    response = client.post(reverse("saved-views"), {"name": " ", "query": ""})
    assert "Give the view a name" in response.content.decode()
    SavedView.objects.bulk_create(SavedView(owner=analyst, name=f"view {number}") for number in range(MOST))
    response = client.post(reverse("saved-views"), {"name": "one more", "query": ""})
    assert "Delete one first" in response.content.decode()


def test_a_shared_view_is_seen_by_all_and_a_personal_one_by_nobody_else(client: Client, analyst: User) -> None:
    save(client, "Ours", shared="on")
    save(client, "Only mine")
    client.force_login(make_user("bela", role="analyst"))
    assert [view.name for view, *_ in client.get(reverse("saved-views")).context["views"]] == ["Ours"]
    assert [view.name for view in client.get(reverse("queue")).context["views"]] == ["Ours"]
    assert act(client, SavedView.objects.get(name="Only mine"), "delete") == 404


def test_only_the_owner_or_a_lead_changes_a_shared_view(client: Client, analyst: User) -> None:
    save(client, "Ours", shared="on")
    view = SavedView.objects.get()
    client.force_login(make_user("bela", role="analyst"))
    act(client, view, "rename", name="Hers", shared="on")
    act(client, view, "delete")
    assert SavedView.objects.get().name == "Ours"
    client.force_login(make_user("lena", role="lead"))
    act(client, view, "rename", name="Renamed", shared="on")
    assert SavedView.objects.get().name == "Renamed"
    act(client, view, "delete")
    assert not SavedView.objects.exists()


def test_two_views_of_one_person_never_share_a_name(client: Client, analyst: User) -> None:
    save(client, "One")
    save(client, "Two")
    response = client.post(
        reverse("saved-view", args=[SavedView.objects.get(name="Two").pk]),
        {"action": "rename", "name": "One"},
        follow=True,
    )
    assert "There is a view of that name already" in response.content.decode()
    assert SavedView.objects.filter(name="Two").exists()


def test_the_default_view_opens_where_the_address_asks_for_nothing(client: Client, analyst: User) -> None:
    save(client)
    view = SavedView.objects.get()
    act(client, view, "default")
    assert client.get(reverse("queue")).url == f"{reverse('queue')}?{view.query}"
    assert client.get(f"{reverse('queue')}?{view.query}").status_code == 200
    act(client, view, "no_default")
    assert client.get(reverse("queue")).status_code == 200


def test_a_default_that_is_shared_no_more_or_gone_opens_nothing(client: Client, analyst: User) -> None:
    other = make_user("bela", role="analyst")
    view = SavedView.objects.create(owner=other, name="Hers", query="source=web", shared=True)
    act(client, view, "default")
    assert client.get(reverse("queue")).status_code == 302
    SavedView.objects.update(shared=False)
    assert client.get(reverse("queue")).status_code == 200
    view.delete()
    analyst.refresh_from_db()
    assert analyst.default_view is None


def test_an_unknown_action_changes_nothing(client: Client, analyst: User) -> None:
    save(client)
    assert act(client, SavedView.objects.get(), "explode") == 302
    assert SavedView.objects.get().name == "Mine"


def test_each_view_says_in_words_what_it_shows(client: Client, analyst: User) -> None:
    make_path("Fraud")
    save(client, "A", "status=decided&category=Fraud&confidence=1&unsure=on&assignee=me&age=week&order=margin&q=call")
    save(client, "B", "unfold=on&twins=text:a")
    shown = {view.name: words for view, words, _ in client.get(reverse("saved-views")).context["views"]}
    assert (str(shown["A"].state), str(shown["A"].order), shown["A"].unfolded) == (
        "Decided", "Two labels close together", False,
    )  # fmt: skip
    assert {str(label): str(value) for label, value in shown["A"].filters} == {
        "Filed": "Last 7 days", "Assigned to": "Me", "Category": "Fraud", "Confidence": "Below 50 %",
        "Certainty": "Unsure only", "Words": "call",
    }  # fmt: skip
    assert (str(shown["B"].state), str(shown["B"].order), shown["B"].unfolded) == ("To review", "Review priority", True)
    assert [(str(label), str(value)) for label, value in shown["B"].filters] == [("Wording", "almost the same")]


def test_what_a_view_names_may_be_gone(client: Client, analyst: User) -> None:
    SavedView.objects.create(
        owner=analyst, name="Old", query="category=Gone&confidence=9&order=no&assignee=nobody+here"
    )
    body = client.get(reverse("saved-views")).content.decode()
    assert "Gone" in body and "nobody here" in body and "Review priority" in body


def test_the_number_of_queries_does_not_grow_with_the_views(client: Client, analyst: User) -> None:
    make_path("Fraud")
    counts = []
    for number in range(3):
        save(client, f"View {number}", "category=Fraud&assignee=asha")
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("saved-views"))
        counts.append(len(asked))
    assert counts[0] == counts[2]
