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
    Place("texts", _("Texts, with earlier ones"),
          _of("incidents.TextRevision", "title", "text", "text_hash"), erasing.erase_texts),
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

# Of an account that is erased; `incidents.services.erasing_accounts` empties these, or deletes the rows.
ACCOUNT = (
    *_of("incidents.User", "password", "username", "first_name", "last_name", "email", "shortcuts", "mail_notices",
         "language", "time_zone"),
    *_of("incidents.ApiToken", "digest", "token_key", "scopes"), *_of("account.EmailAddress", "email"),
    *_of("account.EmailConfirmation", "key"), *_of("sessions.Session", "session_key", "session_data"),
    *_of("admin.LogEntry", "object_id", "object_repr", "change_message"), *_of("mfa.Authenticator", "data"),
    *_of("socialaccount.SocialAccount", "provider", "uid", "extra_data"),
    *_of("socialaccount.SocialToken", "token", "token_secret"),
    *_of("usersessions.UserSession", "data", "ip", "session_key", "user_agent"),
)  # fmt: skip

# Fields that hold no word of a report and of nobody who files one, and why; "app.Model" is all fields of a table.
FREE: dict[str, str] = {
    "auth.Permission": "names of what roles may do",
    "auth.Group": "names of roles",
    "contenttypes.ContentType": "names of tables",
    "incidents.Category.name": "the taxonomy's own words",
    "incidents.SubCategory.name": "the taxonomy's own words",
    "incidents.Path": "the taxonomy's own words",
    "incidents.TaxonomyStep.payload": "labels and the numbers of their paths",
    "incidents.TaxonomyVersion": "labels and a hash of these",
    "incidents.Incident.current_category": "names of labels, which a tombstone keeps",
    "incidents.Incident.current_sub_category": "names of labels, which a tombstone keeps",
    "incidents.Incident.standing_category": "names of labels, which a tombstone keeps",
    "incidents.Incident.current_model": "the name of a version",
    "incidents.Incident.claimed_from": "a state",
    "incidents.Merge": "states and numbers of reports",
    "incidents.AlikeAnswer": "a number, and what was answered; deleted with the report",
    "incidents.ThemeRun.trouble": "a sentence of our own",
    "incidents.AuditEvent": "kinds, numbers and names of our own things; reporters by number alone",
    "socialaccount.SocialApp": "what the environment says of a provider",
    "incidents.AuditHead": "hashes",
    "incidents.AuditCheck": "numbers of rows, and kinds of breaks",
    "incidents.Label.shown_model": "the name of a version",
    "incidents.Label.suggested": "numbers of paths",
    "incidents.BulkRun.verdict": "a verdict",
    "incidents.ImportBatch.options": "how a file is read",
    "incidents.ImportBatch.file": "the upload, deleted once its import is over",
    "incidents.ImportBatch.figures": "counts, line numbers and reasons without texts",
    "incidents.ImportBatch.refused_file": "line numbers and reasons without texts",
    "incidents.ImportBatch.trouble": "a sentence of our own, or of the reader of the file, on its shape",
    "incidents.Notice.subject": "names of versions and counts",
    "incidents.Webhook": "what an admin set",
    "incidents.WebhookDelivery": "numbers and states; answers by their status",
    "incidents.ProfileRun": "counts, and names of labels",
    "incidents.Setting": "numbers that an admin set",
    "incidents.Erasure": "a reason that its page asks to name nobody, and counts",
    "classifier.DatasetSnapshot": "a hash over hashes, numbers of paths, counts",
    "classifier.DatasetRow.paths": "places of paths; the rows are deleted",
    "classifier.ModelVersion": "names, hashes, figures",
    "classifier.Prediction": "probabilities and numbers of paths",
    "classifier.ImpactPreview": "labels, counts, numbers of reports",
    "classifier.Promotion.gate": "figures",
    "classifier.Promotion.action": "a kind",
    "classifier.Refusal.gate": "figures",
    "classifier.ForceRequest.state": "a state",
    "classifier.ActingPolicy.errors": "figures by label",
    "classifier.ActingPolicy.costs": "figures by label",
    "classifier.ActingPolicy.highs": "figures by label",
    "classifier.ActingPolicy.figures": "figures by label",
    "classifier.PromiseWatch": "figures",
    "classifier.PromiseAlarm.kind": "a kind",
    "classifier.AnomalySet": "hashes and a folder, whose forest holds thresholds of vectors and no word",
    "classifier.ComparisonRun": "a sentence of our own",
    "classifier.DoubtRun": "a sentence of our own",
    "classifier.Doubt": "numbers of paths",
    "classifier.DriftReference": "numbers of paths, probabilities",
    "classifier.DriftLook.tests": "figures",
    "classifier.DriftLook.unlike": "numbers of reports, distances",
    "classifier.Evaluation": "figures, and numbers of reports with what was decided of each",
    "classifier.ErasedLearning": "counts and a folder",
    "classifier.LearningRun": "figures by label",
    "classifier.Replay": "figures",
    "classifier.ShadowPrediction": "numbers of paths",
    "classifier.TrainingRun": "options, figures, sentences of our own; its checkpoints are removed",
    "events.EventSource": "what an admin set",
    "events.SourceFile": "files of events, no reports",
    "events.Entity": "the stream's own; kept as long as its source keeps them",
    "events.FirstSeen": "the stream's own; kept as long as its source keeps them",
    "events.ValueCount": "the stream's own; kept as long as its source keeps them",
    "events.FieldState": "the stream's own figures",
    "events.EntityPane": "the stream's own figures",
    "events.Detection.cause": "the name of a rule or a feature",
    "events.LookupTable": "what an admin loaded",
    "events.Filter.sigma": "a rule; suppressions name an entity of the stream, and run out",
    "events.Filter.dry_run": "counts",
    "events.ThreatAnswer.problem": "a sentence of our own",
    "events.TrainingExample": "rows of verdicts on erased reports are deleted",
    "events.FeatureSet": "names of features",
    "events.Event.key": "a digest of what was received",
    "events.Event.features": "figures",
    "events.InboxBatch": "lines that wait; emptied once they are processed",
    "events.DeadLetter": "lines of events that became none, and so no report",
    "workers.Job": "kinds, numbers, sentences of our own",
    "workers.WorkerHeartbeat": "names of machines",
}
