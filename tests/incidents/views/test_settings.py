"""The admin's settings page."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from incidents import policy
from incidents.models import AuditEvent, Setting
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from incidents.services.settings import set_policies
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def as_sent(**overrides: Any) -> dict[str, Any]:
    """The form as it stands, with unticked boxes left out as browsers do."""
    values = {key: policy.value(key) for key in policy.POLICIES} | overrides
    return {key: value for key, value in values.items() if value is not False}


@pytest.mark.parametrize("role", [REPORTER, ANALYST, LEAD])
def test_only_admins_may_open_or_change_it(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    assert client.get("/settings/").status_code == 403
    assert client.post("/settings/", as_sent(error_cost=10)).status_code == 403
    assert not Setting.objects.exists()


def test_it_needs_an_account(client: Client) -> None:
    assert client.get("/settings/").headers["Location"] == "/accounts/login/?next=/settings/"


def test_only_what_was_changed_is_written_and_audited(client: Client) -> None:
    admin = make_user(role=ADMIN)
    client.force_login(admin)
    client.post("/settings/", as_sent(error_cost=10, anonymous_filing=False))
    assert {row.key: row.value for row in Setting.objects.all()} == {"error_cost": 10.0, "anonymous_filing": False}
    assert (policy.value("error_cost"), policy.value("anonymous_filing")) == (10, False)
    assert AuditEvent.objects.filter(kind="setting.changed", actor=admin).count() == 2


def test_saving_without_a_change_writes_nothing(client: Client) -> None:
    client.force_login(make_user(role=ADMIN))
    response = client.post("/settings/", as_sent(), follow=True)
    assert "Settings changed: 0" in response.content.decode()
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    ("key", "value"), [("error_cost", 0.5), ("coverage", 1), ("claim_minutes", 0), ("claim_minutes", "soon")]
)
def test_a_value_out_of_range_is_refused_and_nothing_is_written(client: Client, key: str, value: object) -> None:
    client.force_login(make_user(role=ADMIN))
    response = client.post("/settings/", as_sent(**{key: value, "random_review_share": 0.3}))
    assert key in response.context["form"].errors
    assert not Setting.objects.exists()


def test_every_setting_stands_on_the_page_with_its_default_and_author(client: Client) -> None:
    admin = make_user("augusta", role=ADMIN)
    Setting.objects.create(key="claim_minutes", value=30, set_by=admin)
    client.force_login(admin)
    response = client.get("/settings/")
    page = response.content.decode()
    assert all(one.label in page for one in policy.POLICIES.values())
    assert "Set by augusta" in page
    assert response.context["form"]["claim_minutes"].value() == 30
    assert 'value="30"' in page


def test_several_settings_change_together_or_not_at_all() -> None:
    with pytest.raises(ValidationError, match="Minutes to decide"):
        set_policies({"error_cost": 10, "claim_minutes": 0}, by=make_user(role=ADMIN))
    assert not Setting.objects.exists()
    assert not AuditEvent.objects.exists()
