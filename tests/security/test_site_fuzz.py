"""Any text in any field of any form, and after the question mark of any page: a message or an answer, never a crash."""

import os
from copy import copy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.site_pages import PAGES
from tests.e2e.site_world import make_people, make_world
from tests.security.markup import injected
from tests.security.site_forms import ShownForm, forms_of, parameters_of
from tests.security.test_markup import address_of, client_of

pytestmark = pytest.mark.django_db
SHORT, LONG = 1000, int(os.environ.get("FUZZ_CASES", "3000"))
TOLD = ("invalid-feedback", 'role="alert"', "errorlist", "alert-")
HOSTILE = (
    "", " ", "\0", "a\0b", "'\"--></textarea><x-hit f=1 onclick=hit()>{{7|add:42}}hit", "\u202etxt.exe", "\ud800",
    "\ufeff", "٣", "²", "-1", "0", "9" * 30, "1e999", "nan", "inf", "1_0", "9223372036854775808", "2999-13-45",
    "0000-00-00", "9999-12-31T23:59:59", "javascript:hit()", "//evil.example", "../../etc/passwd", "%00", "a" * 30_000,
    "{", "[" * 2000, '"', "' OR 1=1 --", "\\", "\r\nX: y", "a\nb", "=1+1", "None", "true", "*", "(", "category=a&b",
    "İ", "ß" * 200, "\U0001f600" * 100, "\u0301" * 300,
)  # fmt: skip
words = st.sampled_from(HOSTILE) | st.text(max_size=60) | st.integers().map(str) | st.floats().map(str)


class Site:
    """What its pages offer, and how to use it; each use is undone."""

    def __init__(self) -> None:
        self.people = make_people()
        numbers = make_world(self.people)
        self.clients = {role: client_of(self.people, role) for roles in PAGES.values() for role in roles}
        self.addresses = [(role, address_of(name, numbers)) for name, roles in PAGES.items() for role in roles]
        forms: dict[Any, ShownForm] = {}
        names = {"page", "back", "q", "tab"}
        for role, address in self.addresses:
            html = self.clients[role].get(address).content.decode()
            names |= set(parameters_of(html))
            for form in forms_of(role, address, html):
                forms.setdefault(form.key, form)
                names |= set(form.kinds) if form.method == "GET" else set()
        self.forms, self.names = list(forms.values()), sorted(names)

    def ask(self, role: str, method: str, address: str, sent: Any) -> Any:
        client = self.clients[role]
        cookies = copy(client.cookies)
        with transaction.atomic():
            answer = client.get(address, sent) if method == "GET" else client.post(address, sent)
            transaction.set_rollback(True)
        client.cookies = cookies
        return answer


@pytest.fixture
def site(caseloop_home) -> Site:
    return Site()


def fuzz(test: Any, examples: int) -> None:
    """Run a test that was given its strategies: a short run is always the same, a long one goes elsewhere each time."""
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    options = {"deadline": None, "database": None, "suppress_health_check": health}
    settings(max_examples=examples, derandomize=examples < SHORT, **options)(test)()


def fill(form: ShownForm, draw: Any) -> dict[str, Any]:
    """Mostly as the page offers it, with something else in one field or several."""
    sent: dict[str, Any] = {name: list(values) for name, values in form.values.items() if values}
    for name in draw(st.lists(st.sampled_from(sorted(form.kinds)), min_size=1, max_size=3, unique=True)):
        if form.kinds[name] == "file":
            sent[name] = SimpleUploadedFile("a", draw(st.binary(max_size=300)), "text/plain")
            sent[name]._name = draw(words.filter(bool))[:255]  # what a disk can call a file, cleaned by no client
        else:
            sent[name] = draw(st.lists(words, min_size=1, max_size=2))
    return {name: _sendable(value) for name, value in sent.items()}


def _sendable(value: Any) -> Any:
    """Half a surrogate has no form in UTF-8: it arrives as what is read of its bytes."""
    if not isinstance(value, list):
        return value
    return [one.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for one in value]


def check(answer: Any, what: Any) -> None:
    assert answer.status_code < 500, (answer.status_code, what)
    if answer["Content-Type"].startswith("text/html") and not answer.streaming:
        assert injected(answer.content.decode()) == [], what


def run_forms(site: Site, examples: int) -> None:
    forms = [form for form in site.forms if form.kinds]
    assert len(forms) > 60

    @given(st.data())
    def test(data: Any) -> None:
        form = data.draw(st.sampled_from(forms))
        sent = fill(form, data.draw)
        answer = site.ask(form.role, form.method, form.sends_to, sent)
        check(answer, (form.method, form.sends_to, sent))
        if form.method == "POST" and answer.status_code in {200, 400, 422} and answer.content:
            assert any(told in answer.content.decode() for told in TOLD), ("no message", form.sends_to, sent)

    fuzz(test, examples)


def run_addresses(site: Site, examples: int) -> None:
    parameters = st.lists(st.tuples(st.sampled_from(site.names), words), max_size=4)

    @given(st.sampled_from(site.addresses), parameters)
    def test(where: tuple[str, str], parameters: Any) -> None:
        role, address = where
        asked = QueryDict(mutable=True)
        for name, value in parameters:
            asked.appendlist(name, _sendable([value])[0])
        check(site.ask(role, "GET", address, dict(asked.lists())), (address, parameters))

    fuzz(test, examples)


def test_any_text_in_any_form_and_after_any_question_mark_gets_an_answer(site):
    run_forms(site, 250)
    run_addresses(site, 200)


@pytest.mark.long
def test_any_text_in_any_field_of_any_form_gets_an_answer_for_long(site):
    run_forms(site, LONG)


@pytest.mark.long
def test_anything_after_the_question_mark_of_any_page_gets_an_answer_for_long(site):
    run_addresses(site, LONG)
