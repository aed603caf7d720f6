"""The words by which reports are found: of the text, the comments and the labels."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Prefetch

from incidents.models.conversation import Comment
from incidents.models.incident import Incident
from incidents.models.taxonomy import Path
from incidents.words import indexed


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def write(self, incident_ids: Iterable[int]) -> None:
        """Write the words of these reports, or write them anew, in a constant number of queries."""
        comments = Prefetch("comments", Comment.objects.order_by("-pk"), to_attr="newest_comments")
        reports = Incident.objects.filter(pk__in=list(incident_ids)).exclude(current_text=None)
        reports = reports.select_related("current_text", "current_label")
        self.bulk_create(
            (
                SearchDocument(incident=report, words=indexed(*_labels(report), *_written(report), *_said(report)))
                for report in reports.prefetch_related(
                    Prefetch("current_label__paths", Path.objects.with_names()), comments
                )
            ),
            update_conflicts=True,
            unique_fields=["incident"],
            update_fields=["words"],
        )


def _labels(report: Incident) -> list[str]:
    """The names that the list shows: the decided ones, else the predicted ones as far as they may be told."""
    decided = report.current_label.present_paths if report.current_label else ()
    if decided:
        return [report.standing_category, *(path.sub_category_name for path in decided)]
    return [] if report.hides_prediction else [report.current_category, report.current_sub_category]


def _written(report: Incident) -> list[str]:
    """As it was written: a report is found by an address that is shown masked, too."""
    return [report.current_text.title, report.current_text.text] if report.current_text else []


def _said(report: Incident) -> list[str]:
    return [comment.text for comment in report.newest_comments]  # type: ignore[attr-defined]  # prefetched above


class SearchDocument(models.Model):
    """All words of one report in one place. Each database indexes them in its own way, from this table, by itself:
    PostgreSQL by a generated tsvector with a GIN index, SQLite by an FTS5 table that triggers keep in step.
    """

    incident = models.OneToOneField(
        Incident, primary_key=True, on_delete=models.CASCADE, related_name="search_document"
    )
    words = models.TextField()

    objects = SearchDocumentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"words of {self.incident_id}"
