"""Where somebody comes back to who signs in after the session ended."""

import pytest
from django.test import Client

from tests.builders import make_incident

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/?next="


def test_a_page_comes_back_to_itself(client: Client) -> None:
    assert client.get("/queue/?status=all").headers["Location"] == SIGN_IN + "/queue/%3Fstatus%3Dall"


def test_a_part_of_a_page_comes_back_to_the_whole_page(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/models/runs/3/"}
    answer = client.get("/models/runs/3/progress/", headers=headers)
    assert answer.headers["HX-Redirect"] == SIGN_IN + "/models/runs/3/"


@pytest.mark.parametrize(
    ("referer", "page"),
    [("http://testserver/review/5/", "/review/5/"), ("http://elsewhere.example.org/review/5/", "/"), ("", "/")],
)
def test_a_sent_form_comes_back_to_the_page_that_it_stood_on(client: Client, referer: str, page: str) -> None:
    answer = client.post(f"/review/{make_incident().pk}/skip/", {"reason": "x"}, headers={"referer": referer})
    assert answer.headers["Location"] == SIGN_IN + page
    answer = client.post("/tokens/revoke/", headers={"referer": referer})
    assert answer.headers["Location"] == SIGN_IN + page
