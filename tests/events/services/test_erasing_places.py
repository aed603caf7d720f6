"""No field is forgotten: whatever a table can hold is erased by somebody, or known to hold no word of a report."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from events.services.erasing_places import ACCOUNT, FREE, PLACES
from events.services.erasing_quotes import FIELDS

TELLING = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
)


def telling_fields() -> Iterator[str]:
    """Every stored field that can hold words; one with fixed choices holds a code, a generated one follows others."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, TELLING) and not field.choices and not field.generated:
                yield f"{model._meta.label}.{field.name}"


def covered() -> Counter[str]:
    """How often each field or table is in the registry."""
    return Counter([*(name for place in PLACES for name in place.fields), *FIELDS, *ACCOUNT, *FREE])


def rows_of(name: str, known: Counter[str]) -> int:
    return known[name] + known[name.rpartition(".")[0]]


@pytest.mark.parametrize("name", sorted(telling_fields()))
def test_a_field_that_can_hold_words_is_in_the_registry(name: str) -> None:
    assert rows_of(name, covered()), f"{name}: say in events/services/erasing_places.py what erases it, or why nothing"


def test_the_registry_names_what_there_is() -> None:
    tables = {model._meta.label: model for model in apps.get_models()}
    for name in covered():
        label = name if name in tables else name.rpartition(".")[0]
        assert label in tables, name
        assert name in tables or tables[label]._meta.get_field(name.rpartition(".")[2])


def test_a_new_field_would_be_missed() -> None:
    assert not rows_of("incidents.Incident.diary", covered())
