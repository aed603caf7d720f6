"""What a person asks of API tokens."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models import ApiToken, User
from incidents.services.tokens import LONGEST

Scope = ApiToken.Scope
# A token never allows what its owner may not do; a scope that would allow nothing is not offered.
NEEDED = {
    Scope.FILE: "incidents.add_incident",
    Scope.LABEL: "incidents.review_incident",
    Scope.REVEAL: "incidents.reveal_personal_data",
    Scope.IMPORT: "incidents.import_incidents",
    Scope.ERASE: "incidents.erase_reports",
    Scope.MODELS: "classifier.view_modelversion",
    Scope.MANAGE: "classifier.manage_models",
    Scope.EVENTS_WRITE: "events.ingest_events",
    Scope.EVENTS_READ: "events.view_events",
}


class EndForm(forms.Form):
    """Which token ends; it need not be there."""

    token = forms.CharField(max_length=128)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use the token, for example: mail gateway.")
    )
    days = forms.IntegerField(label=_("Ends after (days)"), min_value=1, max_value=LONGEST, initial=90)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User) -> None:
        super().__init__(data)
        offered = [(scope.value, scope.label) for scope in Scope if scope not in NEEDED or user.has_perm(NEEDED[scope])]
        self.fields["scopes"] = forms.MultipleChoiceField(
            label=gettext("It may"),
            choices=offered,
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            error_messages={"required": gettext("Choose at least one.")},
        )
        self.order_fields(["name", "scopes", "days"])
