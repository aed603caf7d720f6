import pytest
from django.urls import reverse

from config.env import WebhookHost
from incidents.models import AuditEvent, Webhook, WebhookDelivery
from tests.builders import make_user
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hosts(settings):
    settings.WEBHOOK_HOSTS = (WebhookHost("https", "hooks.example.org", 443),)


@pytest.fixture
def admin(client):
    user = make_user(role="admin")
    client.force_login(user)
    return user


@pytest.fixture
def hook():
    return Webhook.objects.create(name="SIEM", url="https://hooks.example.org/in", events=["filed"])


def fields(**overrides):
    return {"name": "SIEM", "url": "https://hooks.example.org/in", "events": ["filed"], "active": "on"} | overrides


def test_an_admin_adds_a_webhook(client, admin):
    response = client.post(reverse("webhooks"), fields(events=["filed", "decided"]))
    hook = Webhook.objects.get()
    assert response["Location"] == reverse("webhook", args=[hook.pk])
    assert (hook.events, hook.active, hook.created_by) == (["filed", "decided"], True, admin)
    assert len(hook.secret) > 30
    event = AuditEvent.objects.get(kind="webhook.made")
    assert hook.secret not in str(event.detail)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "https://other.example.org/"}, "not on the list of allowed hosts"),
        ({"url": "http://hooks.example.org/"}, "Only https:// is allowed"),
        ({"events": []}, "Choose at least one."),
        ({"events": ["ping"]}, "ping is not one of the available choices"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(client, admin, changed, said):
    response = client.post(reverse("webhooks"), fields(**changed))
    assert said in response.content.decode()
    assert not Webhook.objects.exists()


def test_a_name_is_given_once(client, admin, hook):
    response = client.post(reverse("webhooks"), fields())
    assert "There is a webhook of that name already." in response.content.decode()


def test_without_allowed_hosts_the_page_says_what_to_set(client, admin, settings):
    settings.WEBHOOK_HOSTS = ()
    page = client.get(reverse("webhooks")).content.decode()
    assert "WEBHOOK_HOSTS=" in page
    assert "New webhook" not in page
    client.post(reverse("webhooks"), fields())
    assert not Webhook.objects.exists()


def test_a_webhook_is_changed_and_switched_off(client, admin, hook):
    client.post(reverse("webhook", args=[hook.pk]), {"name": "SIEM", "url": hook.url, "events": ["decided"]})
    hook.refresh_from_db()
    assert (hook.events, hook.active) == (["decided"], False)
    assert AuditEvent.objects.filter(kind="webhook.changed").exists()
    assert "switched off" in client.get(reverse("webhooks")).content.decode()


def test_a_test_is_sent(client, admin, hook):
    response = client.post(reverse("webhook-test", args=[hook.pk]), follow=True)
    assert WebhookDelivery.objects.get().event == "ping"
    assert Job.objects.get().kind == "deliver_webhook"
    assert "Waiting" in response.content.decode()


def test_the_secret_is_replaced(client, admin, hook):
    client.post(reverse("webhook-secret", args=[hook.pk]))
    before = hook.secret
    hook.refresh_from_db()
    assert hook.secret != before
    assert hook.secret in client.get(reverse("webhook", args=[hook.pk])).content.decode()


def test_what_was_given_up_is_tried_again(client, admin, hook):
    failed = WebhookDelivery.objects.create(webhook=hook, event="filed", object_id=1, payload={}, state="failed")
    page = client.get(reverse("webhook", args=[hook.pk])).content.decode()
    assert reverse("webhook-retry", args=[failed.pk]) in page
    client.post(reverse("webhook-retry", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.state, Job.objects.count()) == ("waiting", 1)


def test_the_log_takes_as_many_queries_whatever_it_holds(client, admin, hook, django_assert_max_num_queries):
    for number in range(40):
        WebhookDelivery.objects.create(webhook=hook, event="filed", object_id=number, payload={})
    with django_assert_max_num_queries(14):
        client.get(reverse("webhook", args=[hook.pk]))


@pytest.mark.parametrize("role", ["reporter", "analyst", "lead"])
def test_only_admins_manage_webhooks(client, hook, role):
    client.force_login(make_user(role=role))
    assert client.get(reverse("webhooks")).status_code == 403
    assert client.get(reverse("webhook", args=[hook.pk])).status_code == 403
    for name in ("webhook-test", "webhook-secret"):
        assert client.post(reverse(name, args=[hook.pk])).status_code == 403
    assert client.post(reverse("webhook-retry", args=[1])).status_code == 403
