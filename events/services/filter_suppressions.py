"""Suppressions that a verdict asks for: the like of a detection is let pass until a date."""

import re
from datetime import datetime

from django.db import transaction

from events.models import EventSource, Filter
from events.services.filter_changes import disable_filter, insert_filter, restore_filter
from events.stream.sigma import compile_rule
from events.stream.sigma_writing import Selection, beginning, literal, narrowed, of_template, rule_text
from incidents.models import User
from incidents.services import audit

RULE_CAUSE = "rule: "  # what the cause of a detection begins with where a rule picked its events
NOBODY = "event.dataset"  # the kind of the entity of events that name nobody
LONGEST_TEMPLATE = 300  # a longer one is cut
CUT_NAME = re.compile(r"(.{167}):[0-9a-f]{32}\Z", re.DOTALL)  # what becomes of a name of more than 200 characters


def create_suppression(
    *,
    source: EventSource,
    entity_kind: str,
    entity: str,
    cause: str,
    until: datetime,
    owner: User | None,
    reason: str,
    label_id: int | None = None,
    template: str = "",
) -> Filter | None:
    """In force at once. Narrowed to the rule where one was the cause, to the log template where one is given.

    It stands before that rule; one that has no rule stands behind all rules, which it leaves alone. None, with a line
    in the audit log, where neither entity nor cause can be told from an event's fields: it would hide everything.
    """
    selections = _selections(entity_kind, entity, template)
    picked = _rule_of(cause)
    title = f"Expected: {entity_kind} {entity}, {cause}"[:190]
    if not selections and picked is None:
        subject = f"label {label_id}" if label_id else ""
        audit.record("filter.impossible", actor=owner, subject=subject, source=source.pk)
        return None
    if picked is not None:
        sigma = narrowed(picked.sigma, title, source.name, selections)
    else:
        sigma = rule_text(title, source.name, selections)
    compile_rule(sigma)
    row = Filter(
        name=title, kind=Filter.Kind.SUPPRESSION, origin=Filter.Origin.VERDICT, source=source, sigma=sigma,
        enabled=True, owner=owner, reason=reason, expires_at=until, label_id=label_id,
    )  # fmt: skip
    return insert_filter(row, before_rules=picked is not None, by=owner)


def lift_suppressions(label_id: int) -> None:
    """The verdict was undone: what it suppressed is seen again."""
    with transaction.atomic():
        for row in Filter.objects.filter(label_id=label_id, enabled=True).order_by("pk"):
            disable_filter(row, by=None)


def restore_suppressions(label_id: int) -> bool:
    """The verdict stands again: so does what it suppressed. False where it has suppressed nothing so far."""
    with transaction.atomic():
        rows = list(Filter.objects.filter(label_id=label_id).order_by("pk"))
        for row in rows:
            restore_filter(row)
    return bool(rows)


def _selections(entity_kind: str, entity: str, template: str) -> dict[str, Selection]:
    selections: dict[str, Selection] = {}
    if entity_kind != NOBODY:
        cut = CUT_NAME.match(entity)
        selections["entity"] = beginning(entity_kind, cut[1]) if cut else literal(entity_kind, entity)
    alike = of_template(template, whole=len(template) < LONGEST_TEMPLATE)
    return selections | ({"template": alike} if alike else {})


def _rule_of(cause: str) -> Filter | None:
    if not cause.startswith(RULE_CAUSE):
        return None
    name = cause.removeprefix(RULE_CAUSE)
    return Filter.objects.filter(kind=Filter.Kind.RULE, name=name).order_by("-enabled", "position", "pk").first()
