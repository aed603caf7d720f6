"""The pages of filters."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Event, Filter
from events.services.filter_dry_run import dry_run
from incidents.models import AuditEvent, User
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from tests.builders import make_user
from tests.events.filter_rows import SIGMA, make_event, make_filter, make_source

pytestmark = pytest.mark.django_db
ACTIONS = ["change", "dry-run", "enable", "disable", "move", "delete"]


@pytest.fixture
def lead(client: Client) -> User:
    user = make_user(role=LEAD)
    client.force_login(user)
    return user


def sent(**overrides: Any) -> dict[str, Any]:
    return {"kind": "filter", "sigma": SIGMA, "name": "", "source": "", "reason": "Noise", "expires_at": ""} | overrides


def test_it_needs_an_account(client: Client) -> None:
    assert client.get("/events/filters/").headers["Location"] == "/accounts/login/?next=/events/filters/"


def test_a_reporter_sees_nothing(client: Client) -> None:
    client.force_login(make_user(role=REPORTER))
    for address in ("/events/filters/", "/events/filters/new/", f"/events/filters/{make_filter().pk}/"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("role", [REPORTER, ANALYST])
def test_who_may_not_manage_filters_changes_none(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    row = make_filter(enabled=False)
    before = Filter.objects.count()
    assert client.post("/events/filters/new/", sent()).status_code == 403
    for action in ACTIONS:
        assert client.post(f"/events/filters/{row.pk}/{action}/", sent(step=1)).status_code == 403
    row.refresh_from_db()
    assert (row.enabled, row.dry_run, Filter.objects.count()) == (False, None, before)


def test_an_analyst_reads_the_condition_and_finds_no_button(client: Client) -> None:
    client.force_login(make_user(role=ANALYST))
    row = make_filter(name="Quiet bob")
    page = client.get(f"/events/filters/{row.pk}/").content.decode()
    assert "user.name: bob" in page
    assert "/enable/" not in page and "/dry-run/" not in page and "<textarea" not in page
    assert "/move/" not in client.get("/events/filters/").content.decode()


@pytest.mark.parametrize("role", [LEAD, ADMIN])
def test_a_lead_and_an_admin_may(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    assert client.post("/events/filters/new/", sent()).status_code == 302


@pytest.mark.parametrize("action", ACTIONS)
def test_changes_come_by_post_alone(client: Client, lead: User, action: str) -> None:
    assert client.get(f"/events/filters/{make_filter().pk}/{action}/").status_code == 405


@pytest.mark.parametrize("action", ["", *(f"{one}/" for one in ACTIONS)])
def test_what_is_not_there_is_404(client: Client, lead: User, action: str) -> None:
    method = client.post if action else client.get
    assert method(f"/events/filters/999999/{action}", sent(step=1)).status_code == 404


def test_the_list_shows_the_default_set_in_its_order_with_all_that_matters(client: Client, lead: User) -> None:
    make_filter(name="Quiet bob", source=make_source("web"), owner=lead, reason="Bob is a robot", hits=1234, position=0)
    page = client.get("/events/filters/").content.decode()
    assert page.index("Quiet bob") < page.index("Not a threat: login successful") < page.index("configuration updated")
    for words in ("web", lead.get_username(), "Bob is a robot", "1,234", "In force", "Default set"):
        assert words in page


def test_tabs_show_one_kind_and_expired_ones_stand_by_themselves(client: Client, lead: User) -> None:
    make_filter(name="the rule", kind="rule")
    make_filter(name="the old one", kind="suppression", expires_at=timezone.now() - timedelta(days=1))
    shown = {
        tab: client.get(f"/events/filters/?show={tab}").content.decode() for tab in ("rules", "expired", "nonsense")
    }
    assert "the rule" in shown["rules"] and "Not a threat" not in shown["rules"]
    assert "the old one" in shown["expired"] and "the rule" not in shown["expired"]
    assert "the rule" in shown["nonsense"] and "the old one" not in shown["nonsense"]
    assert "None here" in client.get("/events/filters/?show=suppressions").content.decode()


def test_a_pasted_rule_becomes_a_filter_with_its_title(client: Client, lead: User) -> None:
    response = client.post("/events/filters/new/", sent(sigma=SIGMA.replace("\n", "\r\n")))
    row = Filter.objects.exclude(origin="default").get()
    assert response.headers["Location"] == f"/events/filters/{row.pk}/"
    assert (row.name, row.enabled, row.owner, row.sigma, row.origin) == ("Quiet bob", False, lead, SIGMA, "person")


def test_a_rule_of_a_public_collection_says_where_it_comes_from(client: Client, lead: User) -> None:
    client.post("/events/filters/new/", sent(kind="rule", sigma=SIGMA.replace("caseloop", "windows")))
    assert Filter.objects.get(name="Quiet bob").origin == "sigma"


@pytest.mark.parametrize(
    ("overrides", "field", "words"),
    [
        ({"sigma": "nonsense"}, "sigma", "YAML mapping"),
        ({"sigma": SIGMA + "  timeframe: 5m\n"}, "sigma", "not supported"),
        ({"sigma": ""}, "sigma", "required"),
        ({"reason": ""}, "reason", "required"),
        ({"kind": "suppression"}, "expires_at", "ends at some time"),
        ({"expires_at": "2001-01-01T10:00"}, "expires_at", "expired already"),
        ({"sigma": SIGMA.replace("caseloop", "windows")}, "source", "Choose the source"),
        ({"source": "77"}, "source", "not one of the available"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Client, lead: User, overrides: dict[str, Any], field: str, words: str
) -> None:
    response = client.post("/events/filters/new/", sent(**overrides))
    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors[field])
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not Filter.objects.exclude(origin="default").exists()


def test_two_rules_do_not_share_a_name(client: Client, lead: User) -> None:
    make_filter(name="Quiet bob", kind="rule")
    response = client.post("/events/filters/new/", sent(kind="rule"))
    assert "Another rule has this name" in response.content.decode()


def test_the_whole_way_from_paste_to_force_and_back(client: Client, lead: User) -> None:
    source = make_source("web")
    make_event(source, {"user.name": "bob", "message": "Bob was here <script>"}, decision=Event.Decision.ABOVE)
    make_event(source, {"user.name": "eve"})
    client.post("/events/filters/new/", sent())
    row = Filter.objects.get(name="Quiet bob")
    at = f"/events/filters/{row.pk}/"
    assert "Nobody has tried this condition" in client.get(at).content.decode()
    assert "dry run first" in client.post(f"{at}enable/", follow=True).content.decode()
    page = client.post(f"{at}dry-run/", follow=True).content.decode()
    assert "It would hide" in page and "50.00 %" in page and "Bob was here &lt;script&gt;" in page
    assert "In force" in client.post(f"{at}enable/", follow=True).content.decode()
    page = client.post(f"{at}change/", sent(sigma=SIGMA.replace("bob", "eve")), follow=True).content.decode()
    assert "it is off until you have tried it" in page and "Not tried as it stands" in page
    client.post(f"{at}dry-run/")
    client.post(f"{at}enable/")
    assert Filter.objects.get(pk=row.pk).enabled
    client.post(f"{at}disable/")
    assert not Filter.objects.get(pk=row.pk).enabled
    assert client.post(f"{at}delete/").headers["Location"] == "/events/filters/"
    verbs = list(AuditEvent.objects.filter(detail__filter=row.pk).order_by("pk").values_list("kind", flat=True))
    assert verbs == [f"filter.{verb}" for verb in ("created", "enabled", "changed", "enabled", "disabled", "deleted")]


def test_a_change_that_is_refused_keeps_what_was_written(client: Client, lead: User) -> None:
    row = make_filter()
    response = client.post(f"/events/filters/{row.pk}/change/", sent(sigma="title: [broken"))
    assert "title: [broken" in response.content.decode()
    row.refresh_from_db()
    assert (row.sigma, row.enabled) == (SIGMA, True)


def test_saving_without_a_change_keeps_it_in_force(client: Client, lead: User) -> None:
    row = make_filter(name="Quiet bob", expires_at=timezone.now() + timedelta(days=3))
    shown = client.get(f"/events/filters/{row.pk}/").context["form"]
    values = {name: shown[name].value() or "" for name in shown.fields}
    values["expires_at"] = shown["expires_at"].value().strftime("%Y-%m-%dT%H:%M")
    client.post(f"/events/filters/{row.pk}/change/", values)
    row.refresh_from_db()
    assert (row.enabled, row.sigma) == (True, SIGMA)


def test_moving_from_the_list_leads_back_to_it(client: Client, lead: User) -> None:
    row = make_filter(name="last one")
    response = client.post(f"/events/filters/{row.pk}/move/", {"step": -1, "back": "filters"})
    assert response.headers["Location"] == "/events/filters/"
    names = list(Filter.objects.values_list("name", flat=True))
    assert names.index("last one") == len(names) - 2
    assert (
        client.post(f"/events/filters/{row.pk}/move/", {"step": 5}).headers["Location"] == f"/events/filters/{row.pk}/"
    )
    assert list(Filter.objects.values_list("name", flat=True)) == names


def test_a_condition_that_cannot_be_read_is_shown_with_the_reason(client: Client, lead: User) -> None:
    row = make_filter(sigma="nonsense")
    page = client.get(f"/events/filters/{row.pk}/").content.decode()
    assert "Cannot be read" in page and "YAML mapping" in page
    assert "YAML mapping" in client.post(f"/events/filters/{row.pk}/dry-run/", follow=True).content.decode()


def test_a_dry_run_says_when_it_looked_at_a_part_alone(
    client: Client, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.services.filter_dry_run.MOST_EVENTS", 1)
    source, row = make_source(), make_filter(enabled=False, kind="rule")
    for _ in range(2):
        make_event(source, {"user.name": "bob"})
    dry_run(row)
    page = client.get(f"/events/filters/{row.pk}/").content.decode()
    assert "there were more" in page and "It would pick them all" in page
