"""Unusual reports, and detections of the event stream."""

from django.utils.translation import gettext_lazy as _

from incidents.models import User
from incidents.models.incident import MOST_UNUSUAL
from incidents.services.dashboard_picture import Chart, Column, Picture, Series, Tile, count
from incidents.services.dashboard_span import Span
from incidents.services.dashboard_sql import counted, per_slot


def anomalies(span: Span, user: User) -> Picture:
    """One query."""
    unusual = counted("incidents_incident", "created_at", f"anomaly_band = {MOST_UNUSUAL}")
    detections = counted("events_detection", "created_at")
    rows = per_slot(span.slots, unusual, detections)
    reports, found = (list(column) for column in zip(*rows, strict=True))
    return Picture(
        columns=(Column(_("From"), "day"), Column(_("Unusual reports")), Column(_("Detections"))),
        rows=[(slot.first, *row) for slot, row in zip(span.slots, rows, strict=True)] if any(reports + found) else [],
        empty=_("No unusual report and no detection in this time. Choose a longer one, or connect a source of events."),
        tiles=(
            Tile(_("unusual reports"), count(sum(reports))),
            Tile(_("detections"), count(sum(found))),
        ),
        charts=(
            Chart(
                _("Unusual reports and detections"),
                span.names,
                (Series(_("Unusual reports"), reports), Series(_("Detections (dashed)"), found, "dashed")),
            ),
        ),
    )
