"""Which events or detections an export holds, in its address."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from events.forms.live import SourceChoice
from events.models import Detection, Event
from events.services.exports import DetectionChoice, EventChoice


class EventExportForm(forms.Form):
    """`from` and `to` are ISO 8601; without a zone they are UTC. An event at `to` itself is left out."""

    source = SourceChoice()
    decision = forms.ChoiceField(choices=[("", "Any decision"), *Event.Decision.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from", "to"):  # words of Python's own, which no attribute can be called
            self.fields[name] = forms.DateTimeField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("from"), cleaned.get("to")
        if since and until and since >= until:
            raise ValidationError(gettext("from has to be earlier than to."))
        return cleaned

    @property
    def choice(self) -> EventChoice:
        clean = self.cleaned_data
        return EventChoice(clean["source"], clean["from"], clean["to"], clean["decision"])


class DetectionExportForm(forms.Form):
    source = SourceChoice()
    status = forms.ChoiceField(choices=[("", "Any state"), *Detection.Status.choices], required=False)

    @property
    def choice(self) -> DetectionChoice:
        return DetectionChoice(self.cleaned_data["source"], self.cleaned_data["status"])
