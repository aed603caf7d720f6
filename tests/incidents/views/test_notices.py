import pytest
from django.urls import reverse

from incidents.models import Notice
from incidents.services.notices import tell
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client):
    user = make_user(role="analyst")
    client.force_login(user)
    return user


def test_what_i_am_told_stands_on_the_page_and_in_the_top_bar(client, analyst):
    incident = make_incident()
    tell([analyst], "mention", incident=incident, by=make_user("bo"))
    tell([make_user()], "decided", incident=incident)
    page = client.get(reverse("notices")).content.decode()
    assert f"bo mentions you on report #{incident.pk}." in page
    assert "is decided" not in page
    assert "Notices, 1 unread" in page


def test_opening_a_notice_reads_it_and_goes_to_the_report(client, analyst):
    incident = make_incident()
    (notice,) = tell([analyst], "mention", incident=incident)
    response = client.get(reverse("notice", args=[notice.pk]))
    assert response["Location"] == reverse("incident", args=[incident.pk])
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "unread" not in client.get(reverse("notices")).content.decode()


def test_a_browser_that_only_prefetches_reads_nothing(client, analyst):
    (notice,) = tell([analyst], "mention", incident=make_incident())
    assert client.get(reverse("notice", args=[notice.pk]), headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert Notice.objects.get().read_at is None


def test_what_is_about_no_report_leads_to_its_page(client):
    admin = make_user(role="admin")
    client.force_login(admin)
    trained, doubts = (tell([admin], kind, subject="training 7")[0] for kind in ("trained", "doubts"))
    assert client.get(reverse("notice", args=[trained.pk]))["Location"] == reverse("models")
    assert client.get(reverse("notice", args=[doubts.pk]))["Location"] == reverse("doubts")


def test_others_notices_are_not_there(client, analyst):
    (notice,) = tell([make_user()], "decided", incident=make_incident())
    assert client.get(reverse("notice", args=[notice.pk])).status_code == 404


def test_all_are_marked_as_read(client, analyst):
    for _ in range(3):
        tell([analyst], "mention", incident=make_incident())
    client.post(reverse("notices-read"))
    assert not Notice.objects.filter(read_at=None).exists()


def test_the_kinds_that_come_by_mail_are_chosen(client, analyst):
    client.post(reverse("notices-mail"), {"kinds": ["decided", "mention"]})
    analyst.refresh_from_db()
    assert analyst.mail_notices == ["mention", "decided"]
    client.post(reverse("notices-mail"), {"kinds": ["trained"]})  # of admins
    analyst.refresh_from_db()
    assert analyst.mail_notices == ["mention", "decided"]
    client.post(reverse("notices-mail"))
    analyst.refresh_from_db()
    assert analyst.mail_notices == []


def test_a_reporter_has_notices_too(client):
    reporter = make_user()
    client.force_login(reporter)
    incident = make_incident(reporter=reporter)
    (notice,) = tell([reporter], "decided", incident=incident)
    assert client.get(reverse("notice", args=[notice.pk]), follow=True).status_code == 200
    page = client.get(reverse("notices")).content.decode()
    assert "A training has ended" not in page


def test_the_page_takes_as_many_queries_whatever_it_holds(client, analyst, django_assert_max_num_queries):
    other = make_user()
    for _ in range(40):
        tell([analyst], "mention", incident=make_incident(), by=other)
    with django_assert_max_num_queries(12):
        client.get(reverse("notices"))


def test_an_empty_page_says_when_notices_come(client, analyst):
    assert "Nothing yet" in client.get(reverse("notices")).content.decode()


@pytest.mark.parametrize("name", ["notices", "notices-read", "notices-mail"])
def test_one_has_to_sign_in(client, name):
    assert client.post(reverse(name)).status_code in {302, 405}
    assert client.get(reverse("notices"))["Location"].startswith("/accounts/login/")
