"""What people do with filters: write, change, enable, move, delete. Everything is audited.

A condition is tried on the last hour before it decides anything: a changed one is off until its dry run.
"""

import hashlib
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext

from events.models import Filter
from events.models.filter import FilterQuerySet
from events.services.filter_drafts import Draft, FilterRefused
from events.services.filter_rules import look_again
from events.stream.sigma import compile_rule
from incidents.models import AuditEvent, User
from incidents.services import audit

Kind, Origin = Filter.Kind, Filter.Origin


def condition_digest(row: Filter) -> str:
    """Of all that decides which events it meets, and what follows."""
    return hashlib.sha256(f"{row.kind}\0{row.source_id}\0{row.sigma}".encode()).hexdigest()


def has_fresh_dry_run(row: Filter) -> bool:
    return (row.dry_run or {}).get("digest") == condition_digest(row)


def create_filter(draft: Draft, *, by: User) -> Filter:
    """Written, and off. Raises FilterRefused."""
    draft = draft.checked()
    origin = Origin.PERSON if compile_rule(draft.sigma).is_ours else Origin.SIGMA
    row = Filter(**_columns(draft), origin=origin, owner=by)
    return insert_filter(row, before_rules=row.kind == Kind.SUPPRESSION, by=by)


@transaction.atomic
def insert_filter(row: Filter, *, before_rules: bool, by: User | None) -> Filter:
    """A new row in its place: before everything, or else rules and suppressions before filters, and filters last."""
    if before_rules:
        row.position = _make_room(Filter.objects.all())
    elif row.kind == Kind.FILTER:
        row.position = _make_room(Filter.objects.none())
    else:
        row.position = _make_room(Filter.objects.filter(kind=Kind.FILTER))
    row.changed_at = _now()
    row.save()
    _record("created", row, by, what=row.kind, source=row.source_id)
    return row


def change_filter(row: Filter, draft: Draft, *, by: User) -> Filter:
    """A changed condition is off until its next dry run. Raises FilterRefused."""
    draft = draft.checked(row.pk)
    with transaction.atomic():
        row = _locked(row)
        before, columns = condition_digest(row), _columns(draft)
        changed = [name for name, value in columns.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, columns[name])
        if condition_digest(row) != before:
            row.enabled, row.dry_run = False, None
            row.origin = Origin.PERSON if row.origin == Origin.DEFAULT else row.origin
        if changed:
            _save(row)
            _record("changed", row, by, changed=changed, enabled=row.enabled)
    return row


def enable_filter(row: Filter, *, by: User) -> Filter:
    """From the next second on it decides. Raises FilterRefused."""
    with transaction.atomic():
        row = _locked(row)
        if row.is_expired:
            raise FilterRefused(gettext("It has expired. Give it a later end first."))
        Draft(row.name, row.kind, row.source, row.sigma, row.reason, row.expires_at).checked(row.pk)
        if row.origin != Origin.DEFAULT and not has_fresh_dry_run(row):
            raise FilterRefused(
                gettext("Nobody has tried this condition yet. Make a dry run first, and look at what it meets.")
            )
        if not row.enabled:
            row.enabled = True
            _save(row)
            _record("enabled", row, by, matched=(row.dry_run or {}).get("matched"))
    return row


def disable_filter(row: Filter, *, by: User | None) -> Filter:
    with transaction.atomic():
        row = _locked(row)
        if row.enabled:
            row.enabled = False
            _save(row)
            _record("disabled", row, by)
    return row


def restore_filter(row: Filter) -> None:
    """Enable again what was disabled for nobody, since the verdict behind it stands again; a person's choice holds."""
    with transaction.atomic():
        row = _locked(row)
        last = AuditEvent.objects.filter(kind="filter.disabled", detail__filter=row.pk).first()
        if not row.enabled and last is not None and last.actor_id is None:
            row.enabled = True
            _save(row)
            _record("enabled", row, None)


def move_filter(row: Filter, step: int, *, by: User) -> None:
    """Ask it earlier (step -1) or later (1) than the next one that has not expired; at the ends nothing changes."""
    with transaction.atomic():
        rows = list(Filter.objects.select_for_update().order_by("position", "pk"))
        place = [one.pk for one in rows].index(row.pk)
        other = place + step
        while 0 <= other < len(rows) and rows[other].is_expired:
            other += step
        if not 0 <= other < len(rows):
            return
        rows.insert(other, rows.pop(place))
        now, moved = _now(), [one for position, one in enumerate(rows, start=1) if one.position != position]
        for position, one in enumerate(rows, start=1):
            one.position, one.changed_at = position, now
        Filter.objects.bulk_update(moved, ["position", "changed_at"], batch_size=500)
        _record("moved", row, by, place=other + 1, of=len(rows))


def delete_filter(row: Filter, *, by: User) -> None:
    """Events that it met keep its number. Asking the ORM to clear it would read every event that is stored."""
    with transaction.atomic():
        _record("deleted", row, by, what=row.kind, condition=condition_digest(row), hits=row.hits)
        Filter.objects.filter(pk=row.pk)._raw_delete("default")


def _make_room(following: FilterQuerySet) -> int:
    """The position of a new row before those; behind all if there are none."""
    first = following.order_by("position", "pk").values_list("position", flat=True).first()
    if first is None:
        return (Filter.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    Filter.objects.filter(position__gte=first).update(position=F("position") + 1)
    return first


def _locked(row: Filter) -> Filter:
    return Filter.objects.select_for_update(of=("self",)).select_related("source").get(pk=row.pk)


def _save(row: Filter) -> None:
    row.changed_at = _now()
    row.save()


def _now() -> datetime:
    """Later than every change so far, whatever the clocks of others say: processes look for the newest."""
    newest = Filter.objects.aggregate(newest=Max("changed_at"))["newest"]
    now = timezone.now()
    return max(now, newest + timedelta(microseconds=1)) if newest else now


def _columns(draft: Draft) -> dict[str, Any]:
    return {one.name: getattr(draft, one.name) for one in fields(draft)}


def _record(verb: str, row: Filter, by: User | None, **detail: Any) -> None:
    """By number: names, reasons and conditions of filters name people."""
    audit.record(f"filter.{verb}", actor=by, subject=f"filter {row.pk}", filter=row.pk, **detail)
    look_again()
