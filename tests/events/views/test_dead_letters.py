"""Dead letters: shown with their reasons, replayed once, discarded, and never markup."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import DeadLetter, Event, EventSource
from events.services import dead_letters
from events.services.ingest import Intake
from events.stream.event import Line
from incidents.models import AuditEvent, User
from tests.events.builders import make_dead_letter, make_source

pytestmark = pytest.mark.django_db
GOOD = '{"user.name": "asha", "message": "Signed in"}'
State = DeadLetter.State


def listed(client: Client, **query: Any) -> list[int]:
    response = client.get(reverse("dead-letters"), query)
    assert response.status_code == 200
    return [letter.pk for letter in response.context["page"]]


def states() -> list[str]:
    return list(DeadLetter.objects.order_by("pk").values_list("state", flat=True))


def test_waiting_lines_are_shown_by_source_state_reason_and_words(client: Client, analyst: User) -> None:
    web, mail = make_source("web"), make_source("mail")
    first = make_dead_letter(web, "kettle one", reason="It has 6 cells; 7 are named.")
    second = make_dead_letter(web, "kettle two")
    third = make_dead_letter(mail, "kettle three")
    make_dead_letter(web, state="discarded")
    assert listed(client) == [third.pk, second.pk, first.pk]
    assert listed(client, source="web") == [second.pk, first.pk]
    assert listed(client, reason="It has 6 cells; 7 are named.") == [first.pk]
    assert listed(client, q="TWO") == [second.pk]
    assert len(listed(client, state="discarded")) == 1


def test_reasons_are_grouped_with_their_counts(client: Client, analyst: User) -> None:
    source = make_source()
    for number in range(3):
        make_dead_letter(source, reason="often" if number else "once")
    assert client.get(reverse("dead-letters")).context["reasons"] == [("often", 2), ("once", 1)]


def test_a_line_is_shown_cut_and_never_as_markup(client: Client, analyst: User) -> None:
    make_dead_letter(make_source(), "<script>alert(1)</script>" + "x" * 5000)
    page = client.get(reverse("dead-letters")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "x" * 600 not in page


def test_one_line_is_replayed_into_an_event_and_marked(client: Client, lead: User) -> None:
    letter, other = make_dead_letter(make_source(format="json"), GOOD), make_dead_letter(make_source(), GOOD)
    response = client.post(reverse("dead-letters-replay"), {"one": letter.pk}, follow=True)
    assert "Replayed: 1 became events." in response.content.decode()
    assert Event.objects.get().fields["message"] == "Signed in"
    assert states() == [State.REPLAYED, State.WAITING]
    event = AuditEvent.objects.get(kind="dead_letters.replayed")
    assert (event.actor, event.detail["events"]) == (lead, 1)
    assert other.state == State.WAITING


def test_a_line_is_replayed_once_however_often_it_is_pressed(client: Client, lead: User) -> None:
    letter = make_dead_letter(make_source(format="json"), GOOD)
    for _ in range(2):
        client.post(reverse("dead-letters-replay"), {"one": letter.pk})
    assert Event.objects.count() == 1


def test_all_lines_of_a_filter_are_replayed_and_no_others(client: Client, lead: User) -> None:
    web, mail = make_source("web", format="json"), make_source("mail", format="json")
    for source in (web, web, mail):
        make_dead_letter(source, GOOD)
    response = client.post(reverse("dead-letters-replay"), {"source": "web"})
    assert response.headers["Location"] == reverse("dead-letters") + "?source=web"
    assert states() == [State.REPLAYED, State.REPLAYED, State.WAITING]
    assert Event.objects.filter(source=web).count() == 2


def test_what_is_broken_still_becomes_a_new_dead_letter(client: Client, lead: User) -> None:
    make_dead_letter(make_source(format="json"))
    response = client.post(reverse("dead-letters-replay"), follow=True)
    assert "1 are broken still" in response.content.decode()
    assert states() == [State.REPLAYED, State.WAITING]
    assert not Event.objects.exists()


def test_a_csv_line_is_read_with_the_header_that_stood_above_it(client: Client, lead: User) -> None:
    make_dead_letter(make_source(format="csv"), "asha,17", header="user.name,bytes", format="csv")
    client.post(reverse("dead-letters-replay"))
    assert Event.objects.get().fields["bytes"] == 17


def test_a_line_that_was_not_kept_whole_is_left_alone(client: Client, lead: User) -> None:
    make_dead_letter(make_source(), "beginning", size=2_000_000)
    response = client.post(reverse("dead-letters-replay"), follow=True)
    assert "1 were not kept whole" in response.content.decode()
    assert states() == [State.WAITING]


def test_a_format_that_cannot_be_told_is_said_and_nothing_is_lost(client: Client, lead: User) -> None:
    make_dead_letter(make_source("web"), "???", format="auto")
    response = client.post(reverse("dead-letters-replay"), follow=True)
    assert "Set the format of the source, then replay again." in response.content.decode()
    assert states() == [State.WAITING]


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_took_meanwhile_becomes_no_event(
    client: Client, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = make_dead_letter(make_source(format="json"), GOOD)
    reading = dead_letters._reading

    def late(*args: Any) -> Any:
        DeadLetter.objects.filter(pk=letter.pk).update(state=State.DISCARDED)
        return reading(*args)

    monkeypatch.setattr(dead_letters, "_reading", late)
    response = client.post(reverse("dead-letters-replay"), follow=True)
    assert "Somebody else replayed or discarded" in response.content.decode()
    assert not Event.objects.exists()


def test_no_more_than_a_page_can_wait_for_is_replayed_at_once(
    client: Client, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_REPLAYED", 2)
    source = make_source(format="json")
    for _ in range(3):
        make_dead_letter(source, GOOD)
    response = client.post(reverse("dead-letters-replay"), follow=True)
    assert "1 wait for another press." in response.content.decode()
    assert states().count(State.REPLAYED) == 2


def test_discarding_sets_the_lines_of_the_filter_aside(client: Client, lead: User) -> None:
    source = make_source()
    make_dead_letter(source, reason="a")
    make_dead_letter(source, reason="b")
    client.post(reverse("dead-letters-discard"), {"reason": "a"})
    assert states() == [State.DISCARDED, State.WAITING]
    assert AuditEvent.objects.get(kind="dead_letters.discarded").detail["lines"] == 1


@pytest.mark.parametrize("query", [{"source": "none"}, {"state": "x"}, {"one": "x"}, {"reason": "x" * 400}])
def test_a_filter_that_cannot_be_read_changes_nothing(client: Client, lead: User, query: dict[str, str]) -> None:
    make_dead_letter(make_source(format="json"), GOOD)
    for name in ("dead-letters-replay", "dead-letters-discard"):
        client.post(reverse(name), query)
    assert states() == [State.WAITING]
    assert listed(client, **query)


def test_the_number_of_queries_does_not_grow(client: Client, lead: User, queries_of: Callable[[str], int]) -> None:
    counts = []
    for _ in range(3):
        make_dead_letter(make_source())
        counts.append(queries_of(reverse("dead-letters")))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 12


def test_a_line_that_was_replayed_is_known_when_it_is_delivered_again(client: Client, lead: User) -> None:
    source = make_source("auth", format="csv")
    line = Line(GOOD.encode(), "batch 7", 3)
    Intake(source, format="csv", header="a,b,c,d").take([line])
    EventSource.objects.filter(pk=source.pk).update(format="json")
    client.post(reverse("dead-letters-replay"))
    assert states() == [State.REPLAYED]
    assert Intake(EventSource.objects.get()).take([line]).duplicates == 1
    assert Event.objects.count() == 1
