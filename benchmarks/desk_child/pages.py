"""Every page of the desk and key calls of its API, by who opens them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from classifier.models import ModelVersion, Prediction
from incidents.models import BulkRun, Incident, SecondOpinion, Theme, Webhook
from incidents.services.dashboard import PICTURES
from incidents.services.queue_order import ORDERS

REPORTER, ANALYST, LEAD, ADMIN = "reporter", "analyst", "lead", "admin"


@dataclass(frozen=True)
class Page:
    """`address(turn)` is another object's page each turn where there are several."""

    name: str
    role: str
    address: Callable[[int], str]
    api: bool = False


def pages() -> list[Page]:
    return [*_lists(), *_reports(), *_analysts(), *_leads(), *_admins(), *_reporters(), *_api()]


def _at(name: str, **query: Any) -> Callable[[int], str]:
    address = reverse(name)
    return lambda turn: f"{address}?{urlencode(query)}" if query else address


def _each(name: str, values: Sequence[Any]) -> Callable[[int], str]:
    assert values, f"there is nothing to show on {name}: fill in more reports"
    return lambda turn: reverse(name, args=[values[turn % len(values)]])


def _some(**filters: Any) -> list[int]:
    """Reports from all over the table."""
    numbers = Incident.objects.filter(**filters).order_by("pk").values_list("pk", flat=True)
    listed = list(numbers)
    return listed[:: max(1, len(listed) // 40)]


def _lists() -> Iterator[Page]:
    for order in ORDERS:
        yield Page(f"list of 30 by {order}", ANALYST, _at("queue", status="waiting", order=order))
    category = Incident.objects.filter(status="classified").values_list("current_category", flat=True)[0]
    filters = {"category": category.split(" or ")[0], "confidence": 1, "source": "web", "age": "month"}
    yield Page("list, four filters", ANALYST, _at("queue", order="margin", **filters))
    yield Page("list, unsure and mine", ANALYST, _at("queue", unsure="on", assignee="me"))
    yield Page("list, all states", ANALYST, _at("queue", status="all"))
    yield Page("list, decided", ANALYST, _at("queue", status="decided"))
    yield Page("list, second look", ANALYST, _at("queue", status="second_look"))
    place = Incident.objects.filter(status="classified").order_by("told_confidence", "pk")[10_000:10_001].first()
    if place:
        after = f"{place.current_confidence}~{place.pk}"
        yield Page("list, page 300", ANALYST, _at("queue", order="confidence", after=after))
    words = {"a rare word": "registrar's 4711", "a common word": "bank", "two words": "phone number", "a number": "#70"}
    for what, asked in words.items():
        yield Page(f"search, {what}", ANALYST, _at("queue", status="all", q=asked))


def _reports() -> Iterator[Page]:
    yield Page("report, waiting", ANALYST, _each("incident", _some(status="classified")))
    yield Page("report, decided", LEAD, _each("incident", _some(status="decided")))
    for tab in ("comments", "similar", "predictions", "history"):
        address = _each("incident", _some(status="decided"))
        yield Page(f"report, {tab}", LEAD, lambda turn, address=address, tab=tab: f"{address(turn)}?tab={tab}")
    yield Page("review", ANALYST, _each("review-report", _some(status="classified")))
    yield Page("review, alike", ANALYST, _each("review-alike", _some(status="classified")))
    waiting = _some(status="classified")
    yield Page("review, ahead", ANALYST, lambda turn: f"{reverse('review-ahead')}?after={waiting[turn % len(waiting)]}")
    yield Page("review, guide", ANALYST, _at("review-guide"))
    yield Page("alike offer", ANALYST, _each("alike-offer", _some(status="classified")))


def _analysts() -> Iterator[Page]:
    for name in ("home", "guide", "mine", "saved-views", "bulk-runs", "notices", "shortcuts", "preferences", "tokens"):
        yield Page(name, ANALYST, _at(name))
    yield Page("tour", ANALYST, _at("tour"))
    for status in ("waiting", "all"):
        yield Page(f"bulk, preview of {status}", ANALYST, _at("bulk-new", scope="filter", query=f"status={status}"))
    yield Page("bulk run", ANALYST, _each("bulk-run", list(BulkRun.objects.values_list("pk", flat=True)[:20])))
    yield Page("observable", ANALYST, _at("observables", kind="ip", value="198.51.100.7"))
    yield Page("themes", ANALYST, _at("themes"))
    yield Page("theme", ANALYST, _each("theme", list(Theme.objects.values_list("pk", flat=True)[:20])))
    yield Page("models", ANALYST, _at("models"))
    yield Page("model", ANALYST, _each("model-version", list(ModelVersion.objects.values_list("pk", flat=True))))
    yield Page("status", ANALYST, _at("status"))


def _leads() -> Iterator[Page]:
    for name in ("dashboard", "doubts", "agreement", "disputes", "profile"):
        yield Page(name, LEAD, _at(name))
    yield Page("dashboard, a year", LEAD, _at("dashboard", days=365))
    for name in PICTURES:
        for days in (30, 365):
            address = f"{reverse('dashboard-picture', args=[name])}?days={days}"
            yield Page(f"dashboard, {name} of {days} days", LEAD, lambda turn, address=address: address)
    disputed = SecondOpinion.objects.filter(state="disputed").values_list("pk", flat=True)
    yield Page("dispute", LEAD, _each("dispute", list(disputed[:20])))


def _admins() -> Iterator[Page]:
    for name in ("home", "settings", "webhooks"):
        yield Page(name, ADMIN, _at(name))
    yield Page("webhook", ADMIN, _each("webhook", list(Webhook.objects.values_list("pk", flat=True))))


def _reporters() -> Iterator[Page]:
    for name in ("home", "file", "mine"):
        yield Page(name, REPORTER, _at(name))
    tokens = Incident.objects.filter(reporter__username="reporter1").values_list("receipt_token", flat=True)
    yield Page("receipt", REPORTER, _each("receipt", list(tokens[:40])))


def _api() -> Iterator[Page]:
    yield Page("API: 50 reports", ANALYST, _at("api-incidents"), api=True)
    yield Page(
        "API: 50 decided of a category",
        ANALYST,
        _at("api-incidents", status="decided", category="Ransomware"),
        api=True,
    )
    yield Page("API: report", ANALYST, _each("api-incident", _some(status="decided")), api=True)
    yield Page("API: similar", ANALYST, _each("api-similar", _some(status="classified")), api=True)
    yield Page("API: taxonomy", ANALYST, _at("api-taxonomy"), api=True)
    yield Page("API: models", ANALYST, _at("api-models"), api=True)


def suggested(incident: int) -> Prediction:
    """What the review page of a report shows."""
    return Prediction.objects.filter(incident=incident).order_by("-pk")[0]
