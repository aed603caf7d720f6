"""Bodies that are none, or far too much of one: each operation answers as its schema says, in a sentence."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from incidents.roles import ADMIN
from tests.builders import make_api_client
from tests.e2e.site_world import make_people, make_world
from tests.security.api_calls import NUMBERED

pytestmark = pytest.mark.django_db
JSON = "application/json"
DEEP = 200_000
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a text": b'"text"',
    "no UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "a BOM": b'\xef\xbb\xbf{"text": "a"}',
    "NUL": b'{"text": "a\\u0000b", "title": "\\u0000", "reason": "\\u0000", "category": "\\u0000", "kind": "\\u0000"}',
    "half a surrogate": b'{"text": "\\ud800", "reason": "\\udfff", "title": "\\ud800", "label": "\\ud800"}',
    "not a number": b'{"money_lost": NaN, "error": NaN, "undoes": Infinity, "text": "a", "reason": "b"}',
    "a huge number": b'{"money_lost": 1e999999999, "error": 1e999, "undoes": 1e400, "text": "a", "reason": "b"}',
    "many digits": b'{"undoes": ' + b"9" * 5000 + b', "money_lost": ' + b"9" * 5000 + b', "text": "a"}',
    "keys said twice": b'{"text": "a", "text": {"b": [1]}, "reason": "c", "reason": []}',
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep and whole": b'{"paths":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "too large": b'{"text": "' + b"a" * 2_600_000 + b'"}',
}
TYPES = (JSON, "application/json; charset=utf-7", "text/plain", "multipart/form-data", "application/xml", "a/b/c", "")


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations() -> Iterator[tuple[str, str, set[str]]]:
    """Method, address with the number of a row that is there, documented statuses."""
    for path, methods in schema()["paths"].items():
        number = next((kind._default_manager.first().pk for part, kind in NUMBERED.items() if f"/v1{part}" in path), 1)
        for method, told in methods.items():
            yield method.upper(), path.replace("{id}", str(number)), set(map(str, told["responses"]))


@pytest.fixture
def admin(caseloop_home):
    people = make_people()
    make_world(people)
    client = make_api_client(people[ADMIN])
    client.raise_request_exception = False
    return client


def complaints(client, **call) -> list[str]:
    """Where the answer to a call of that body and those headers is none that the schema lists."""
    wrong = []
    for method, address, documented in operations():
        with transaction.atomic():
            answer = client.generic(method, address, **call)
            transaction.set_rollback(True)
        if str(answer.status_code) not in documented or answer["Content-Type"] != JSON:
            wrong.append(f"{method} {address}: {answer.status_code} {answer['Content-Type']} {answer.content[:200]!r}")
    return wrong


@pytest.mark.parametrize("body", BODIES)
def test_a_strange_body_gets_an_answer_that_is_documented(admin, body):
    assert complaints(admin, data=BODIES[body], content_type=JSON) == []


@pytest.mark.parametrize("content_type", TYPES)
def test_a_body_of_another_kind_gets_an_answer_that_is_documented(admin, content_type):
    assert complaints(admin, data=b'{"text": "a"}', content_type=content_type) == []


@pytest.mark.parametrize("accept", ["text/html", "image/png;q=0.1", "\xff", "*/*;q=x", "application/xml"])
def test_what_cannot_be_answered_in_is_refused_as_documented(admin, accept):
    assert complaints(admin, data=b"{}", content_type=JSON, HTTP_ACCEPT=accept) == []
