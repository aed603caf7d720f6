"""Whatever is sent to the API, by whomever: an answer that its schema lists and describes, and never a server error."""

import os
import random
import sys

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from incidents.models import ApiToken
from incidents.roles import ADMIN, ROLES
from incidents.services.tokens import create_token
from tests.e2e.site_world import make_people, make_world
from tests.security.api_calls import Fuzz

pytestmark = pytest.mark.django_db
NOBODY = ""


@pytest.fixture
def _one_connection():
    """The server closes the connection around each request; here it holds the transaction that is undone."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def fuzz(caseloop_home, _one_connection) -> Fuzz:
    """A world with everybody, and an admin's token of each scope."""
    people = make_people()
    make_world(people)
    every = ApiToken.Scope.values
    tokens = {role: create_token(people[role], name="all", scopes=every)[1] for role in ROLES}
    tokens |= {scope: create_token(people[ADMIN], name=scope, scopes=[scope])[1] for scope in every}
    return Fuzz({NOBODY: ""} | {who: f"Token {secret}" for who, secret in tokens.items()})


def send(fuzz: Fuzz, cases: int, start: int) -> None:
    for operation in fuzz.operations():
        fuzz.run(operation, list(fuzz.callers), cases, start)


def test_every_operation_answers_each_caller_as_the_schema_says(fuzz):
    send(fuzz, cases=2, start=7)
    assert sorted(fuzz.complaints) == []


@pytest.mark.long
def test_every_operation_answers_thousands_of_calls_as_the_schema_says(fuzz, capsys):
    """FUZZ_CASES and FUZZ_SEED choose how many of each kind, and which."""
    start = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))
    send(fuzz, int(os.environ.get("FUZZ_CASES", "40")), start)
    with capsys.disabled():
        sys.stdout.write(f"\nseed {start}: {sum(fuzz.sent.values()):,} calls, answered {dict(fuzz.statuses)}\n")
    assert sorted(fuzz.complaints) == []
