"""The words by which reports are found: of the text, the comments and the labels."""

from django.db import models

from incidents.models.incident import Incident


class SearchDocument(models.Model):
    """All words of one report in one place. Each database indexes them in its own way, from this table, by itself:
    PostgreSQL by a generated tsvector with a GIN index, SQLite by an FTS5 table that triggers keep in step.
    """

    incident = models.OneToOneField(
        Incident, primary_key=True, on_delete=models.CASCADE, related_name="search_document"
    )
    words = models.TextField()

    def __str__(self) -> str:
        return f"words of {self.incident_id}"
