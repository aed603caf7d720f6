"""Every place where a report's words or its reporter may stand: what erases it, or why nothing has to.

A test walks all fields of all tables and fails for one that stands in no row here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.services.erasing_detections import erase_evidence
from incidents.services import erasing

Ids = Sequence[int]


@dataclass(frozen=True)
class Place:
    """`fields` as "app.Model.field"; `erase` takes numbers of reports, says how much it erased, and may run twice."""

    name: str
    label: str | Promise
    fields: tuple[str, ...]
    erase: Callable[[Ids], int]


def _of(model: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{model}.{name}" for name in names)


PLACES = (
    Place("texts", _("Texts, with earlier ones"), _of("incidents.TextRevision", "title", "text", "text_hash"),
          erasing.erase_texts),
    Place("search", _("Words of the search"), _of("incidents.SearchDocument", "words"), erasing.erase_search_words),
    Place("sketches", _("Sketches for near-duplicates"), _of("incidents.TextBand", "key"), erasing.erase_sketches),
    Place("vectors", _("Vectors"), _of("classifier.Embedding", "vector", "encoder_hash"), erasing.erase_vectors),
    Place("explanations", _("Explanations"), _of("classifier.Explanation", "words", "problem"),
          erasing.erase_explanations),
    Place("comments", _("Comments and replies"), _of("incidents.Comment", "text"), erasing.erase_comments),
    Place("messages", _("What the reporter added"), _of("incidents.ReporterMessage", "text"), erasing.erase_messages),
    Place("files", _("Attached files"), _of("incidents.Attachment", "file", "name", "content_type", "sha256"),
          erasing.erase_attachments),
    Place("observables", _("Observables"), _of("incidents.Observable", "value"), erasing.erase_observables),
    Place("reasons", _("Notes beside decisions"),
          (*_of("incidents.Label", "reason"), *_of("incidents.PassingReason", "text")), erasing.erase_reasons),
    Place("evidence", _("Evidence of detections"),
          (*_of("events.Detection", "explanation", "template"), *_of("events.ThreatAnswer", "prompt"),
           *_of("events.Event", "fields", "enrichment", "given_id", "problem")), erase_evidence),
    Place("pointers", _("Notices, watches, themes and doubts"), (), erasing.erase_pointers),
    Place("reports", _("Columns of the reports"),
          _of("incidents.Incident", "receipt_token", "idempotency_key", "filed_fingerprint", "contact", "document",
              "twins", "split_group"), erasing.erase_fields),
)  # fmt: skip
