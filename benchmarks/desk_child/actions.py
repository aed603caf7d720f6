"""What a process of the product can be asked about a desk."""

import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.desk_child.filling import fill
from benchmarks.desk_child.pages import Page, pages, suggested
from config.static import collect
from incidents.demo.taxonomy import load_taxonomy as demo_taxonomy
from incidents.models import ApiToken, Incident, Path, User
from incidents.services import kept_counts
from incidents.services.notices import BACKEND
from incidents.services.taxonomy import load_taxonomy
from incidents.services.tokens import create_token
from workers.celery import app


def filled(reports: int) -> dict[str, Any]:
    collect()
    return fill(reports)


def use_broker(url: str) -> dict[str, Any]:
    app.conf.broker_url = url
    return {}


def measured(turns: int, only: str = "", anew: bool = False) -> dict[str, Any]:
    """Milliseconds of each page, every turn another object, and the queries of one, which counts everything.

    `anew`: nothing that was counted for an earlier turn is believed, as if each were the first in a minute.
    """
    return {"pages": [_measure(page, turns, anew) for page in pages() if only in page.name]}


def _measure(page: Page, turns: int, anew: bool) -> dict[str, Any]:
    client = _client(page)
    answers = [client.get(page.address(0)).status_code]  # templates and routes are loaded
    times = []
    for turn in range(turns):
        if anew:
            kept_counts.forget()
        address = page.address(turn)
        started = time.perf_counter()
        answers.append(client.get(address).status_code)
        times.append(1000 * (time.perf_counter() - started))
    kept_counts.forget()
    with CaptureQueriesContext(connection) as queries:
        client.get(page.address(1))
    statuses = sorted({status for status in answers if status >= 400})
    assert not statuses, f"{page.name}: {page.address(1)} answered {statuses}"
    slowest = max(queries.captured_queries, key=lambda one: float(one["time"]), default={"sql": ""})
    return {"page": page.name, "by": page.role, "ms": times, "queries": len(queries), "slowest": slowest["sql"][:300]}


def _client(page: Page) -> Client:
    person = User.objects.get(username=f"{page.role}1")
    if not page.api:
        return _session(person)
    return Client(headers={"host": "localhost", "authorization": f"Token {_secret(person)}"})


def _session(person: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(person, BACKEND)
    return client


def _secret(person: User) -> str:
    return create_token(person, name="benchmark", scopes=ApiToken.Scope.values)[1]


def decisions(turns: int) -> dict[str, Any]:
    """Milliseconds of deciding on the review page, the next report with the answer or there already; and of the API."""
    client, times = _session(User.objects.get(username="analyst2")), {"decision": [], "decision, next is there": []}
    queries = {}
    for name, ahead in (("decision", False), ("decision, next is there", True)):
        pk = int(client.get("/review/").url.split("/")[2])
        for turn in range(turns):
            client.get(f"/review/{pk}/")
            found = client.get("/review/ahead/", {"after": pk}).content
            following, revision = map(int, re.findall(rb'data-(?:report|revision)="(\d+)"', found)[:2])
            seen = suggested(pk)
            sent = {"verdict": "confirm", "paths": seen.path_ids, "revision": seen.text_revision_id, "shown": seen.pk}
            sent |= {"ahead": following, "ahead_revision": revision} if ahead else {}
            started = time.perf_counter()
            with CaptureQueriesContext(connection) if turn == turns - 1 else nullcontext([]) as captured:
                answer = client.post(f"/review/{pk}/", sent, headers={"HX-Request": "true"})
            if turn < turns - 1:
                times[name].append(1000 * (time.perf_counter() - started))
            else:
                queries[name] = len(captured)
            assert answer.status_code < 400, answer.content[:500]
            pk = following
    return {"ms": times, "queries": queries}


def token() -> dict[str, Any]:
    """A token that may decide, and the session of an analyst."""
    person = User.objects.get(username="analyst3")
    return {"token": _secret(person), "session": _session(person).cookies["sessionid"].value}


def to_decide(count: int, after: int = 0) -> dict[str, Any]:
    """Reports that wait, with the key of the path that is suggested."""
    rows = Incident.objects.filter(status="classified", pk__gt=after).order_by("pk")
    known = {path.pk: path.key for path in Path.objects.all()}
    return {"reports": [(row.pk, known[suggested(row.pk).path_ids[0]]) for row in rows[:count]]}


def taxonomy() -> dict[str, Any]:
    shipped = demo_taxonomy()
    load_taxonomy(shipped.rows, shipped.categories, shipped.sub_categories)
    return {}


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    one.__name__: one for one in (filled, use_broker, measured, decisions, token, to_decide, taxonomy)
}
