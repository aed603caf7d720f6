"""What an admin sends with a look-up table."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import LookupTable
from events.services.enrichment import FAILURES

FIELD = re.compile(r"[A-Za-z@_][\w@.-]*\Z")


class LookupForm(forms.Form):
    """A table to add. The file may be CSV (a header; the value or network first) or MMDB; which one it is, it tells."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What events will say that they were found in."))
    kind = forms.ChoiceField(label=_("What it tells"), choices=LookupTable.Kind)
    field = forms.CharField(
        label=_("Event field"),
        max_length=80,
        initial="source.ip",
        help_text=_("Whose value is looked up, for example source.ip."),
    )
    file = forms.FileField(
        label=_("File"), help_text=_("CSV with a header, the value or network in its first column; or MMDB.")
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name == FAILURES:
            raise ValidationError(gettext("Records tell under this name what failed. Choose another one."))
        if LookupTable.objects.filter(name=name).exists():
            raise ValidationError(gettext("There is a table of this name. Choose another, or remove that one first."))
        return name

    def clean_field(self) -> str:
        field: str = self.cleaned_data["field"]
        if not FIELD.match(field):
            raise ValidationError(
                gettext("Write the field as events have it, for example source.ip or file.hash.sha256.")
            )
        return field


class SwitchForm(forms.Form):
    """Whether a table is to be used."""

    enabled = forms.BooleanField(required=False)
