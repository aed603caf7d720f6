"""Which notices a person gets by mail as well."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Notice, User

Kind = Notice.Kind
# Kinds that only those get who hold a permission; all others may concern everybody.
NEEDED = {
    Kind.MENTION: "incidents.review_incident",
    Kind.ASSIGNED: "incidents.review_incident",
    Kind.COMMENT: "incidents.review_incident",
    Kind.REPORTER: "incidents.review_incident",
    Kind.RETURNED: "incidents.review_incident",
    Kind.TRAINED: "classifier.manage_models",
    Kind.DOUBTS: "incidents.view_profile",
    Kind.DRIFT: "classifier.manage_models",
    Kind.PROMISE: "classifier.manage_models",
}


class MailForm(forms.Form):
    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User) -> None:
        super().__init__(data)
        offered = [(one.value, one.label) for one in Kind if one not in NEEDED or user.has_perm(NEEDED[one])]
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("Also by mail"),
            choices=offered,
            required=False,
            initial=user.mail_notices,
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        )
