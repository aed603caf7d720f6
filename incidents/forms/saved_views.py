"""What is asked for of saved views of the list."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incidents.forms.queue import IncidentFilter
from incidents.models import Incident


class ViewForm(forms.Form):
    """The name of a view, and who sees it."""

    name = forms.CharField(label=_("Name"), max_length=80, error_messages={"required": _("Give the view a name.")})
    shared = forms.BooleanField(label=_("All analysts see it"), required=False)


class SaveViewForm(ViewForm):
    """With the list's address, of which only what the list understands is kept."""

    query = forms.CharField(required=False, max_length=2000)

    def clean_query(self) -> str:
        return IncidentFilter(QueryDict(self.cleaned_data["query"]), Incident.objects.none()).query


class ViewActionForm(forms.Form):
    """What becomes of a view."""

    action = forms.ChoiceField(choices=[(one, one) for one in ("rename", "delete", "default", "no_default")])

    @classmethod
    def asked(cls, data: Any) -> str:
        """The action; the empty string for one that there is not."""
        form = cls(data)
        return str(form.cleaned_data["action"]) if form.is_valid() else ""
