"""Which source is profiled."""

from django import forms

from events.forms.live import SourceChoice
from events.models import EventSource


class ProfileForm(forms.Form):
    source = SourceChoice()

    @property
    def chosen(self) -> EventSource | None:
        """The source that is asked for, else the first one; None where it cannot be read, or none is there."""
        if not self.is_valid():
            return None
        return self.cleaned_data["source"] or EventSource.objects.first()
