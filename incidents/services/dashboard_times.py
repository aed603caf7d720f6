"""How long reports wait until somebody takes them up, and until they are decided."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _

from classifier.wording import duration
from incidents.models import User
from incidents.services.dashboard_picture import Chart, Column, Picture, Series, Tile, Words, count
from incidents.services.dashboard_span import Span
from incidents.services.dashboard_sql import Seconds, listed, numbers, per_slot, quantile

INCIDENTS = "incidents_incident"


@dataclass(frozen=True)
class Measured:
    """Of the reports of a slot: how many, the median, and what nine of ten did not exceed; in seconds."""

    number: int
    median: int | None
    p90: int | None

    @classmethod
    def of(cls, ordered: Seconds) -> "Measured":
        return cls(int(ordered.size), quantile(ordered, 0.5), quantile(ordered, 0.9))

    @property
    def cells(self) -> tuple[int, int | None, int | None]:
        return self.number, self.median, self.p90


def times(span: Span, user: User) -> Picture:
    """One query. What came decided already, as imports do, took no time and is not counted."""
    triage = listed(INCIDENTS, "triaged_at", "triage_seconds")
    resolve = listed(INCIDENTS, "decided_at", "resolve_seconds")
    rows = [[numbers(part) for part in row] for row in per_slot(span.slots, triage, resolve)]
    took, ended = ([row[place] for row in rows] for place in (0, 1))
    triaged, resolved = ([Measured.of(one) for one in slots] for slots in (took, ended))
    return Picture(
        columns=(
            Column(_("From"), "day"),
            *_columns(_("Taken up"), _("Time to triage: median"), _("Time to triage: 90 %")),
            *_columns(_("Decided"), _("Time to resolve: median"), _("Time to resolve: 90 %")),
        ),
        rows=[
            (slot.first, *first.cells, *last.cells)
            for slot, first, last in zip(span.slots, triaged, resolved, strict=True)
            if first.number or last.number
        ],
        empty=_("Nobody took up a report in this time. Choose a longer one, or review the next report."),
        tiles=(_tile(_("median time to triage"), took), _tile(_("median time to resolve"), ended)),
        charts=(_chart(_("Time to triage"), span, triaged), _chart(_("Time to resolve"), span, resolved)),
    )


def _columns(number: Words, median: Words, p90: Words) -> tuple[Column, Column, Column]:
    return Column(number), Column(median, "seconds"), Column(p90, "seconds")


def _tile(name: Words, slots: Sequence[Seconds]) -> Tile:
    whole = Measured.of(np.sort(np.concatenate(slots)))
    note = _("of %(count)s; 90 %% within %(p90)s") % {"count": count(whole.number), "p90": duration(whole.p90)}
    return Tile(name, duration(whole.median), note if whole.number else "")


def _chart(title: Words, span: Span, slots: Sequence[Measured]) -> Chart:
    median = Series(_("Median"), [one.median for one in slots])
    p90 = Series(_("90 % within (dashed)"), [one.p90 for one in slots], "dashed")
    return Chart(title, span.names, (median, p90), "seconds")
