"""Pages show texts in the order in which they are stored."""

import pytest

from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db
TURNED = "I paid \u202etfel ot thgir\u202c and \u2067this\u2069 \u202bthat\u202c."
PLAIN = "I paid tfel ot thgir and this that."


@pytest.fixture
def analyst(client):
    person = make_user(role="analyst")
    client.force_login(person)
    return person


def test_no_page_is_put_into_another_order_by_a_text(client, analyst):
    incident = make_incident(title="Title \u202eelttil", text=TURNED, status="classified")
    for address in ("/queue/", f"/incidents/{incident.pk}/", f"/review/{incident.pk}/"):
        page = client.get(address).content.decode()
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069").intersection(page), address
        assert "Title elttil" in page, address
    incident.refresh_from_db()
    assert incident.text == TURNED, "what was filed stays as it was filed"


def test_who_decides_is_told_what_a_text_hides(client, analyst):
    hiding = make_incident(title="B\u0430nk", text="p\u200ba\u200by \u202eyap\u202c")
    for address in (f"/incidents/{hiding.pk}/", f"/review/{hiding.pk}/"):
        page = client.get(address).content.decode()
        assert "Hidden characters" in page
        assert "2 unseen inside words, 1 that has words shown backwards, 1 letter of another script" in page


def test_an_ordinary_text_carries_no_such_note(client, analyst):
    plain = make_incident(text="Мне позвонили из банка. 👩\u200d💻 ❤\ufe0f")
    assert "Hidden characters" not in client.get(f"/incidents/{plain.pk}/").content.decode()
