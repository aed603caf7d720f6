"""Whom events are about, and the running aggregates of each: raw units, merged inside the upsert.

All parts are commutative monoids (Chan, Golub and LeVeque 1979 for the moments; Cormode et al. 2009 for forward
decay), so partial sums of any workers merge in any order to the same state.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q

from events.models.packed_key import PackedKey
from events.models.source import MOST_NUMBERS, EventSource

BLOCK = 64  # minutes whose panes lie together, by entity
BLOCK_BITS, MINUTE_BITS = 43, 6  # of the packed key of a pane: room for 2^37 entities and the years to 2097
SIGHTINGS = 2**26  # of the packed key of a first sighting: among an entity's hundreds, one in 15,000 is taken for known
WINDOWED = 8  # numeric fields of a source, the first ones, whose sums each minute pane holds


class Entity(models.Model):
    """A user, address, host ... of one source. `events` counts every event, filtered ones too."""

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="entities", db_index=False)
    kind = models.CharField(max_length=40, help_text="The field that names it: user.name, source.ip, ...")
    name = models.CharField(max_length=200)
    events = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    weight = models.FloatField(default=0.0, help_text="Decayed number of events, as of `decayed_at`.")
    decayed_at = models.FloatField(default=0.0, help_text="Seconds since 1970 to which `weight` refers.")

    class Meta:
        verbose_name_plural = "entities"
        constraints = [models.UniqueConstraint(fields=["source", "kind", "name"], name="one_row_per_entity")]

    def __str__(self) -> str:
        return self.name


class FieldState(models.Model):
    """Moments of one numeric field of one entity, plain and decayed. Key: entity * 64 + slot."""

    id = PackedKey(primary_key=True)
    n = models.BigIntegerField()
    mean = models.FloatField()
    m2 = models.FloatField(help_text="Sum of squared deviations; the variance is m2 / (n - 1).")
    low = models.FloatField()
    high = models.FloatField()
    weight = models.FloatField(help_text="Decayed count, as of `decayed_at`.")
    decayed_sum = models.FloatField(help_text="The decayed mean is decayed_sum / weight.")
    decayed_at = models.FloatField(help_text="Seconds since 1970.")

    def __str__(self) -> str:
        return f"slot {self.id % MOST_NUMBERS} of entity {self.id // MOST_NUMBERS}"


class EntityPane(models.Model):
    """One minute (of event time) of one entity. A window is a sum over panes.

    Key: block of 64 minutes since 1970, entity, minute in the block. What is written at one time lies together, what
    is old too, and an entity's last hour is two ranges.
    """

    id = PackedKey(primary_key=True)
    events = models.BigIntegerField()
    sum_0 = models.FloatField(default=0.0)
    sum_1 = models.FloatField(default=0.0)
    sum_2 = models.FloatField(default=0.0)
    sum_3 = models.FloatField(default=0.0)
    sum_4 = models.FloatField(default=0.0)
    sum_5 = models.FloatField(default=0.0)
    sum_6 = models.FloatField(default=0.0)
    sum_7 = models.FloatField(default=0.0)

    def __str__(self) -> str:
        entity, minute = pane_of(self.id)
        return f"minute {minute} of entity {entity}"


def pane_key(entity: Any, minute: Any) -> Any:
    """The key of a pane, for numbers and arrays; `minute` counts from 1970."""
    return (minute // BLOCK << BLOCK_BITS) + (entity << MINUTE_BITS) + minute % BLOCK


def pane_of(key: int) -> tuple[int, int]:
    """Entity and minute."""
    block, rest = divmod(key, 1 << BLOCK_BITS)
    return rest >> MINUTE_BITS, block * BLOCK + rest % BLOCK


class FirstSeenQuerySet(models.QuerySet["FirstSeen"]):
    def of_entities(self, ids: Iterable[int]) -> "FirstSeenQuerySet":
        """Those of some entities, by the ranges of their keys."""
        ranges = [Q(pk__range=(pk * SIGHTINGS, (pk + 1) * SIGHTINGS - 1)) for pk in ids]
        return self.filter(reduce(or_, ranges)) if ranges else self.none()


class FirstSeen(models.Model):
    """That an entity had a value of a field, and when first.

    Key: entity * 2^26 + 26 bits of a digest of field and value, so that what is known of an entity lies together.
    """

    id = PackedKey(primary_key=True)
    entity_id = models.BigIntegerField()
    field = models.CharField(max_length=80)
    value = models.CharField(max_length=300)
    at = models.DateTimeField()

    objects = FirstSeenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.field} {self.value}"


class ValueCount(models.Model):
    """How often a value of a field (a log template too) was seen in a source. Key: 63 bits of a digest."""

    id = PackedKey(primary_key=True)
    source = models.ForeignKey(
        EventSource, on_delete=models.CASCADE, related_name="values", db_constraint=False, db_index=False
    )
    field = models.CharField(max_length=80)
    value = models.CharField(max_length=300)
    n = models.BigIntegerField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["source", "field"], name="value_of_field")]

    def __str__(self) -> str:
        return f"{self.field} {self.value}"
