"""Filters in the addresses of the live list, of entities and of detections; what cannot be read is left out."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import EventSource
from events.services.live_page import LiveFilter


class SourceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def __init__(self, **kwargs: Any) -> None:
        sources = EventSource.objects.all()
        super().__init__(sources, to_field_name="name", required=False, empty_label=_("Any source"), **kwargs)


class SourceFilterForm(forms.Form):
    source = SourceChoice()

    @property
    def source_id(self) -> int | None:
        source = self.cleaned_data.get("source")
        return source.pk if source else None


class EntitySearchForm(SourceFilterForm):
    q = forms.CharField(label=_("Name, or a part of it"), max_length=200, required=False)


class LiveForm(SourceFilterForm):
    """`after` and `since` are where the last look ended."""

    decision = forms.ChoiceField(
        choices=[
            ("", _("Any decision")),
            ("flagged", _("Above the threshold or picked by a rule")),
            ("ordinary", _("Ordinary or not scored")),
            ("dropped", _("Filtered or suppressed")),
        ],
        required=False,
    )
    q = forms.CharField(label=_("Words in the event"), max_length=200, required=False)
    after = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    since = forms.FloatField(min_value=0, max_value=4e9, required=False)

    @property
    def wanted(self) -> LiveFilter:
        clean = self.cleaned_data
        return LiveFilter(clean.get("source"), clean.get("decision", ""), clean.get("q", ""))

    @property
    def began(self) -> dt.datetime | None:
        since = self.cleaned_data.get("since")
        return None if since is None else min(timezone.now(), dt.datetime.fromtimestamp(since, dt.UTC))
