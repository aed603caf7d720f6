"""Rows of the human side. Nothing is overwritten: the present is a pointer or a `current_*` column."""

from incidents.models.account import ApiToken, User
from incidents.models.audit import AuditEvent
from incidents.models.incident import Incident, TextBand, TextRevision
from incidents.models.label import Label, Retraction
from incidents.models.setting import Setting
from incidents.models.taxonomy import Category, Path, SubCategory, TaxonomyVersion

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Category",
    "Incident",
    "Label",
    "Path",
    "Retraction",
    "Setting",
    "SubCategory",
    "TaxonomyVersion",
    "TextBand",
    "TextRevision",
    "User",
]
