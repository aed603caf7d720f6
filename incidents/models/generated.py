"""Columns that the database generates from other columns of a report."""

from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from incidents.models.elapsed import SecondsBetween


def _hidden() -> Q:
    """As `Incident.hides_prediction`, for the columns that the database generates."""
    return Q(blind=True, decided_at__isnull=True)


def told(column: str, kind: "models.Field[Any, Any]", hidden: Any = None) -> models.GeneratedField:
    """What the last prediction said, as far as it may be told: `hidden` while the report hides its prediction."""
    return models.GeneratedField(
        expression=Case(When(_hidden(), then=Value(hidden)), default=F(column)),
        output_field=kind,
        db_persist=True,
        null=hidden is None,
    )


def band(column: str, ends: tuple[float, ...]) -> models.GeneratedField:
    """The number of the band that a column's value falls in: 1 below the first end, 0 without one that may be told."""
    bands = [When(**{f"{column}__lt": end}, then=Value(place)) for place, end in enumerate(ends, start=1)]
    nothing = Q(**{f"{column}__isnull": True}) | _hidden()
    return models.GeneratedField(
        expression=Case(When(nothing, then=Value(0)), *bands, default=Value(len(ends) + 1)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )


def seconds_until(*columns: str) -> models.GeneratedField:
    """Whole seconds from filing to the first of the columns that is set; null for what came decided, as imports do."""
    end = Coalesce(*columns) if len(columns) > 1 else F(columns[0])
    return models.GeneratedField(
        expression=Case(When(Q(created_at__lt=end), then=SecondsBetween("created_at", end)), default=None),
        output_field=models.BigIntegerField(),
        db_persist=True,
        null=True,
    )
