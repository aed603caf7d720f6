"""Language and time zone of a person."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models import User
from incidents.services.preferences import zones_by_region


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Of every time on the pages, and of where a day begins.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User) -> None:
        super().__init__(data, initial={"language": user.language, "time_zone": user.time_zone})
        server = gettext("The server's: %(zone)s") % {"zone": settings.TIME_ZONE}
        for name, choices in (
            ("language", [("", gettext("As the browser asks")), *settings.LANGUAGES]),
            ("time_zone", [("", server), *zones_by_region()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
