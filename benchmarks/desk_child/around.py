"""Rows of what is said and done around reports: comments, observables, messages, watches, notices, jobs, views."""

import datetime as dt

import numpy as np

from benchmarks.desk_child.people import Desk
from benchmarks.desk_child.plan import Plan
from benchmarks.desk_child.reports import Ids
from classifier.models import Doubt, DoubtRun
from config.store import insert_alike
from incidents.models import (
    AuditEvent,
    BulkRun,
    Comment,
    Incident,
    Label,
    Merge,
    Notice,
    Observable,
    ProfileRun,
    ReporterMessage,
    SavedView,
    Theme,
    ThemeRun,
    Watch,
    Webhook,
    WebhookDelivery,
)
from incidents.services.profile import profile_database
from workers.models import Job

REMARKS = (
    "Called the bank: the account is frozen since this morning, **reference 4711**.",
    "Same pattern as last week.\n\n- domain registered three days ago\n- same phone number\n\nThe registrar is asked.",
    "Asked the reporter for the transaction number and a screenshot of the message.",
)
KINDS = (("domain", "login-verify{}.example"), ("ip", "198.51.100.{}"), ("email", "desk{}@example.com"))
THEMES, IN_A_THEME, DOUBTS, DELIVERIES = 30, 60, 2_000, 5_000


def write_around(plan: Plan, desk: Desk, ids: Ids, rng: np.random.Generator) -> None:
    count, people = len(ids.incidents), [person.pk for person in desk.reviewers]
    at = dict(zip(ids.incidents, plan.created, strict=True))

    def some(share: float) -> list[int]:
        """So many reports by chance, some of them several times."""
        return rng.choice(ids.incidents, round(share * count)).tolist()

    def whoever(rows: list[int]) -> list[int]:
        return rng.choice(people, len(rows)).tolist()

    said = some(0.3)
    columns = {"incident_id": said, "author_id": whoever(said), "text": [REMARKS[pk % 3] for pk in said]}
    insert_alike(Comment, columns | {"created_at": [at[pk] for pk in said]})
    found = sorted({(pk, *_observable(pk, number)) for number, pk in enumerate(some(0.8))})
    own, kinds, values = (list(column) for column in zip(*found, strict=True))
    insert_alike(Observable, {"incident_id": own, "kind": kinds, "value": values})
    watched = sorted(set(zip(some(0.1), whoever(some(0.1)), strict=True)))
    insert_alike(Watch, {"incident_id": [pk for pk, _ in watched], "user_id": [user for _, user in watched]})
    told = some(0.2)
    columns = {"incident_id": told, "user_id": whoever(told), "created_at": [at[pk] for pk in told]}
    insert_alike(Notice, columns | {"read_at": [None if pk % 3 else at[pk] for pk in told]}, kind="comment")
    asked = some(0.01)
    columns = {"incident_id": asked, "created_at": [at[pk] for pk in asked]}
    insert_alike(ReporterMessage, columns, kind="facts", text="The sender's number was +91 00000 12345.")
    insert_alike(AuditEvent, {"incident_id": ids.incidents, "created_at": plan.created}, kind="incident.filed")
    columns = {"object_id": ids.incidents, "created_at": plan.created, "finished_at": plan.created}
    insert_alike(Job, columns, kind="classify", queue="inference", priority=2, status="done", max_attempts=3)


def _observable(pk: int, number: int) -> tuple[str, str]:
    kind, form = KINDS[number % 3]
    return kind, form.format(pk % 250)


def write_finds(desk: Desk, now: dt.datetime) -> None:
    """What jobs found and people keep of all reports: doubts, themes, a profile, merges, views, runs, deliveries."""
    by = desk.people["lead"][0]
    labelled = list(Label.objects.filter(current_of__status="decided").order_by("-pk")[:DOUBTS])
    doubts = DoubtRun.objects.create(status="done", labels=len(labelled), by=by, finished_at=now)
    columns = {
        "incident_id": [label.incident_id for label in labelled],
        "label_id": [label.pk for label in labelled],
        "quality": [place / DOUBTS for place in range(len(labelled))],
        "suggested": [[desk.paths[place % len(desk.paths)].pk] for place in range(len(labelled))],
        "state": ["kept" if place % 4 == 0 else "open" for place in range(len(labelled))],
    }
    insert_alike(Doubt, columns, run_id=doubts.pk)
    waiting = list(Incident.objects.filter(status="classified").order_by("-pk")[: THEMES * IN_A_THEME])
    themes = ThemeRun.objects.create(status="done", reports=len(waiting), alone=7, by=by, finished_at=now)
    for number in range(THEMES):
        theme = Theme.objects.create(run=themes, name=f"parcel, customs, fee {number}")
        theme.incidents.set(waiting[number::THEMES])
    ProfileRun.objects.create(status="done", figures=profile_database().to_json(), by=by, finished_at=now)
    merged = list(Incident.objects.filter(status="merged").values_list("pk", flat=True))
    into = waiting[0].pk
    insert_alike(Merge, {"incident_id": merged}, into_id=into, status_before="classified", by_id=by.pk)
    Incident.objects.filter(pk__in=merged).update(merged_into=into)
    for person in desk.reviewers:
        SavedView.objects.create(owner=person, name="Phishing, unsure", query="order=margin&unsure=on", shared=True)
        BulkRun.objects.create(by=person, verdict="confirm", status="done", total=40, decided=38, left_out=2)
    hook = Webhook.objects.create(name="SIEM", url="https://siem.example/hook", events=["decided"])
    columns = {"object_id": list(range(DELIVERIES))}
    insert_alike(WebhookDelivery, columns, webhook_id=hook.pk, event="decided", payload={}, state="delivered")
