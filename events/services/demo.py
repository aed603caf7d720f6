"""The synthetic stream of a demonstration: a history to learn from, then events by the second with planted attacks."""

import datetime as dt
import time
from threading import Event as Signal

from django.utils import timezone

from events.demo.sessions import ATTACKS, USERS, Attack, Company, as_line, history
from events.models import Event, EventSource
from events.services.inbox import accept
from events.services.ingest import BATCH, Intake
from events.stream.event import Line

NAME = "synthetic-sessions"
HISTORY, HOURS = 6_000, 20.0
BEFORE = dt.timedelta(minutes=10)  # the stream, so that what is fed at once does not look like a lag of now
PER_SECOND = 3
ALERT_BUDGET = 0.002  # a demonstration shows its planted attacks, not one event in a hundred
FIRST_ATTACK, BETWEEN = 10, 150  # seconds into the stream, and from one attack to the next


def seed_stream() -> int:
    """The source and its history, as if it had come as it happened. Returns how many events were added."""
    settings = {"format": "json", "entity_field": "user.name", "alert_budget": ALERT_BUDGET}
    source, _ = EventSource.objects.get_or_create(name=NAME, defaults=settings)
    if Event.objects.filter(source=source).exists():
        return 0
    now = timezone.now() - BEFORE
    events = list(history(now, HOURS, HISTORY))
    intake = Intake(source)
    for start in range(0, HISTORY, BATCH):
        part = events[start : start + BATCH]
        last = now - dt.timedelta(hours=HOURS) * (1 - (start + len(part)) / HISTORY)
        intake.clock = last.timestamp
        intake.take([Line(raw, "history", start + place) for place, raw in enumerate(part)])
    return intake.total.stored


def stream(stop: Signal) -> None:
    """Send a second's events every second until told to stop: the inbox takes them, as it would over HTTP."""
    source = EventSource.objects.get(name=NAME)
    began = int(time.time())
    company = Company(began)
    second = 0
    while not stop.wait(1.0):
        second += 1
        now = timezone.now()
        lines = [as_line(company.ordinary(now)) for _ in range(PER_SECOND)]
        if (under_way := _under_way(second, company)) is not None:
            lines.append(as_line(company.attack(*under_way, now)))
        accept(source, lines, key=f"stream {began} {second}")


def _under_way(second: int, company: Company) -> tuple[Attack, int] | None:
    """The attack of this second and whom it hits: each one lasts as many seconds as it has events."""
    number, into = divmod(second - FIRST_ATTACK, BETWEEN)
    attack = ATTACKS[number % len(ATTACKS)]
    if number < 0 or into >= attack.events:
        return None
    return attack, (company.seed + 17 * number) % USERS
