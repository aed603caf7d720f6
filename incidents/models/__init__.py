"""Rows of the human side. Nothing is overwritten: the present is a pointer or a `current_*` column."""

from incidents.models.account import ApiToken, User
from incidents.models.alike import AlikeAnswer, Merge, Theme, ThemeRun
from incidents.models.audit import AuditCheck, AuditEvent, AuditHead
from incidents.models.bulk import BulkItem, BulkRun
from incidents.models.conversation import Attachment, Comment, Observable, ReporterMessage
from incidents.models.erasure import Erasure, LegalHold, RetentionRule
from incidents.models.imports import ImportBatch
from incidents.models.incident import Incident, TextBand, TextRevision
from incidents.models.label import Label, Retraction
from incidents.models.notice import Notice, Watch, Webhook, WebhookDelivery
from incidents.models.opinion import SecondOpinion
from incidents.models.passing import PassingReason
from incidents.models.profile import ProfileRun
from incidents.models.search import SearchDocument
from incidents.models.setting import Setting
from incidents.models.taxonomy import Category, Path, SubCategory, TaxonomyStep, TaxonomyVersion
from incidents.models.view import SavedView

__all__ = [
    "AlikeAnswer",
    "ApiToken",
    "Attachment",
    "AuditCheck",
    "AuditEvent",
    "AuditHead",
    "BulkItem",
    "BulkRun",
    "Category",
    "Comment",
    "Erasure",
    "ImportBatch",
    "Incident",
    "Label",
    "LegalHold",
    "Merge",
    "Notice",
    "Observable",
    "PassingReason",
    "Path",
    "ProfileRun",
    "ReporterMessage",
    "RetentionRule",
    "Retraction",
    "SavedView",
    "SearchDocument",
    "SecondOpinion",
    "Setting",
    "SubCategory",
    "TaxonomyStep",
    "TaxonomyVersion",
    "TextBand",
    "TextRevision",
    "Theme",
    "ThemeRun",
    "User",
    "Watch",
    "Webhook",
    "WebhookDelivery",
]
