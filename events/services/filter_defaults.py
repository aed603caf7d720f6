"""Puts the filters that ship into the table."""

from typing import Any

from events.filters import REASON, default_filters


def ensure_default_filters(model: Any) -> None:
    """Create them, in force and behind all others, unless some are there.

    `model` is Filter, or a migration's view of it.
    """
    if model.objects.filter(origin="default").exists():
        return
    last = max(model.objects.values_list("position", flat=True), default=0)
    model.objects.bulk_create(
        model(
            name=one.name, kind="filter", origin="default", position=last + place,
            sigma=one.sigma, enabled=True, reason=REASON,
        )
        for place, one in enumerate(default_filters(), start=1)
    )  # fmt: skip
