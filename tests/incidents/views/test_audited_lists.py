"""The list places no report of the audit by what the model says of it, before the report is decided."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.forms.queue import IncidentFilter
from incidents.models import Incident, User
from tests.builders import make_incident, make_path, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def analyst(client: Client) -> User:
    user = make_user(role="analyst")
    client.force_login(user)
    return user


def make_read(**overrides: object) -> Incident:
    """A report of the category Fraud that a model has read, as the only one of its wording."""
    values = {
        "status": "classified", "current_category": "Fraud", "current_model": make_version().name,
        "current_confidence": 0.4, "current_unsure": True, "current_anomaly": 99.5, "current_margin": 0.1,
        "current_entropy": 3.0, "twins": f"one:{Incident.objects.count()}",
    }  # fmt: skip
    return make_incident(**values | overrides)


@pytest.fixture
def audited() -> Incident:
    make_path("Fraud")
    return make_read(blind=True, standing_category="")


def listed(client: Client, query: str) -> list[int]:
    return [row.incident.pk for row in client.get(reverse("queue") + query).context["page"].rows]


def counts(client: Client, query: str = "") -> dict[str, dict[str, int]]:
    found = client.get(reverse("queue") + query).context["facets"].each
    return {one.name: {str(value.label): value.number for value in (*one.values, *one.rest)} for one in found}


@pytest.mark.parametrize(
    "query", ["confidence=1", "anomaly=4", "unsure=on", "category=Fraud", "model={}", "confidence=1&status=all"]
)
def test_no_filter_by_what_a_model_says_finds_it(client: Client, audited: Incident, query: str) -> None:
    query = query.format(audited.current_model)
    assert listed(client, f"?{query}") == []
    read = make_read(current_model=audited.current_model)
    assert listed(client, f"?{query}") == [read.pk], "while others are found"


def test_it_counts_as_not_classified_and_not_measured(client: Client, audited: Incident) -> None:
    assert listed(client, "?confidence=0") == listed(client, "?anomaly=0") == [audited.pk]
    told = counts(client)
    assert (told["confidence"], told["anomaly"]) == ({"Not classified": 1}, {"Not measured": 1})
    assert not {"category", "model", "unsure"} & told.keys()


@pytest.mark.parametrize("order", ["confidence", "margin", "entropy", "anomaly"])
@pytest.mark.parametrize("figure", [0.0, 1e6])
def test_it_comes_last_in_the_orders_of_a_models_figures(
    client: Client, audited: Incident, order: str, figure: float
) -> None:
    Incident.objects.update(**{f"current_{order}": figure})
    read = make_read()
    assert listed(client, f"?order={order}") == [read.pk, audited.pk]
    assert list(IncidentFilter({"order": order}, Incident.objects.all()).in_tab) == [read, audited]
    shown = client.get(reverse("queue"), {"order": order, "after": f"{read.told_confidence}~{read.pk}"})
    assert str(figure) not in str(shown.context["page"].after)


def test_its_figures_are_on_no_page_of_it(client: Client, audited: Incident) -> None:
    for name in ("incident", "review-report"):
        assert "99.5" not in (body := client.get(reverse(name, args=[audited.pk])).content.decode())
        assert "Unusual" not in body


@pytest.mark.parametrize("status", ["decided", "rejected"])
def test_once_it_is_decided_its_figures_count(client: Client, audited: Incident, status: str) -> None:
    Incident.objects.update(status=status, decided_at=timezone.now(), standing_category="Fraud")
    for query in ("confidence=1", "anomaly=4", "unsure=on", "category=Fraud", f"model={audited.current_model}"):
        assert listed(client, f"?status={status}&{query}") == [audited.pk]
    assert counts(client, f"?status={status}")["confidence"] == {"Below 50 %": 1}


def test_what_may_be_told_follows_the_figures(audited: Incident) -> None:
    told = ("told_model", "told_unsure", "told_confidence", "told_anomaly", "told_margin", "told_entropy")
    rows = Incident.objects.values_list(*told)
    assert rows.get() == ("", False, None, None, None, None)
    Incident.objects.update(decided_at=timezone.now())
    assert rows.get() == (audited.current_model, True, 0.4, 99.5, 0.1, 3.0)
    Incident.objects.update(decided_at=None, blind=False)
    assert rows.get() == (audited.current_model, True, 0.4, 99.5, 0.1, 3.0)
