"""The admin pages: who reaches them, and what they leave as it is."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from incidents.models import ApiToken, AuditEvent, User
from incidents.services import audit
from incidents.services.tokens import create_token
from tests.builders import (
    make_evaluation,
    make_incident,
    make_label,
    make_path,
    make_prediction,
    make_run,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db
OURS = {"incidents", "classifier", "workers"}
EDITABLE = {"user", "category", "subcategory"}


@pytest.fixture
def an_admin() -> User:
    return make_user("chief", role="admin", is_staff=True)


@pytest.fixture
def client(an_admin: User) -> Client:
    client = Client()
    client.force_login(an_admin)
    return client


def names() -> list[str]:
    return sorted(model._meta.label_lower for model in admin.site._registry if model._meta.app_label in OURS)


def address(label: str, page: str, *args: object) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


@pytest.fixture
def rows(an_admin: User) -> None:
    """One row of nearly everything."""
    path, incident, version = make_path("Fraud", "UPI"), make_incident(), make_version()
    make_prediction(incident, version=version)
    make_label(incident, an_admin, [path])
    make_evaluation(version)
    make_run()
    create_token(an_admin, name="script", scopes=["incidents:read"])
    audit.record("test", actor=an_admin, incident=incident)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("label", names())
def test_an_admin_sees_each_list_and_each_row(client, label):
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    assert client.get(address(label, "changelist")).status_code == 200
    assert client.get(address(label, "changelist"), {"q": "1"}).status_code == 200
    for row in model._default_manager.all()[:1]:
        assert client.get(address(label, "change", row.pk)).status_code == 200


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("label", [label for label in names() if label.split(".")[1] not in EDITABLE])
def test_what_is_appended_is_never_added_or_changed_by_hand(client, label):
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    assert client.get(address(label, "add")).status_code == 403
    for row in model._default_manager.all()[:1]:
        before = model._default_manager.filter(pk=row.pk).values().get()
        client.post(address(label, "change", row.pk), {"kind": "forged", "status": "done", "name": "forged"})
        assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.usefixtures("rows")
def test_audit_events_are_not_deleted(client):
    event = AuditEvent.objects.first()
    assert client.post(address("incidents.auditevent", "delete", event.pk), {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize("role", ["reporter", "analyst", "lead"])
def test_other_roles_do_not_reach_the_admin(role):
    client = Client()
    client.force_login(make_user(role=role))
    answer = client.get("/admin/", follow=True)
    assert answer.request["PATH_INFO"] != "/admin/"
    assert "incidents_auditevent" not in answer.content.decode()


def test_the_admin_signs_in_on_the_sites_own_page():
    assert Client().get("/admin/login/", {"next": "/admin/"})["Location"].startswith(reverse("account_login"))


def post_account(client: Client, user: User, role: str) -> None:
    form = {"username": user.username, "email": "", "groups": [Group.objects.get(name=role).pk], "is_active": "on"}
    form |= {"is_superuser": "on", "is_staff": "on"}
    answer = client.post(address("incidents.user", "change", user.pk), form)
    assert answer.status_code in {302, 403}
    user.refresh_from_db()


def test_giving_the_role_admin_opens_the_admin_pages_and_taking_it_closes_them(client, an_admin):
    user = make_user(role="analyst")
    post_account(client, user, "admin")
    assert (user.role, user.is_staff, user.is_superuser) == ("admin", True, False)
    event = AuditEvent.objects.get(kind="account.role")
    assert (event.actor, event.subject, event.detail) == (
        an_admin,
        f"account {user.pk}",
        {"before": "analyst", "after": "admin"},
    )
    post_account(client, user, "lead")
    assert (user.role, user.is_staff) == ("lead", False)


def test_an_admin_does_not_touch_superusers(client):
    root = User.objects.create_superuser("root", password="x")
    post_account(client, root, "reporter")
    assert (root.role, root.is_superuser, root.is_staff) == ("", True, True)
    assert client.get(f"/admin/incidents/user/{root.pk}/password/").status_code == 403


def test_guides_are_edited_but_names_stay(client):
    category = make_path("Fraud").categories.get()
    form = {"name": "Renamed", "guide": "Money was taken.", "examples": "[]"}
    client.post(address("incidents.category", "change", category.pk), form)
    category.refresh_from_db()
    assert (category.name, category.guide) == ("Fraud", "Money was taken.")


@pytest.mark.usefixtures("rows")
def test_an_admin_revokes_a_token_and_that_is_audited(client):
    token = ApiToken.objects.get()
    client.post(address("incidents.apitoken", "delete", token.pk), {"post": "yes"})
    assert not ApiToken.objects.exists()
    assert AuditEvent.objects.get(kind="token.revoked").subject == f"account {token.user_id}"


@pytest.mark.usefixtures("rows")
def test_a_tokens_page_shows_no_hash(client):
    token = ApiToken.objects.get()
    page = client.get(address("incidents.apitoken", "changelist")).content.decode()
    assert f">{token.digest}" not in page
