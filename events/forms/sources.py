"""What an admin sets of a source, and how far back its page looks."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import EventSource
from events.services.score_history import SPANS
from events.services.sources import ADDRESSED, SETTINGS
from events.stream.formats import FORMATS

LABELS = {
    "kind": _("How events come"),
    "address": _("Stream key or topic"),
    "format": _("Format"),
    "entity_field": _("Entity field"),
    "enabled": _("Takes events"),
    "alert_budget": _("Alert budget"),
    "k": _("Events above the threshold"),
    "n": _("Among the last events"),
    "cooldown_minutes": _("Cool-down, minutes"),
    "retention_days": _("Retention, days"),
}
HELP = {
    "address": _("Of Redis Streams or Kafka; nothing for the others."),
    "entity_field": _("Whom an event is about, for example user.name or source.ip. Empty: the format's own choice."),
    "alert_budget": _("Share of scored events that may stand above the threshold: 0.01 is one in a hundred."),
    "k": _("So many of an entity's events make a detection …"),
    "n": _("… among so many of its last ones. A detection rule needs one event alone."),
    "cooldown_minutes": _("After a detection is decided, its cause opens no new one for so long."),
    "retention_days": _("Events are kept, and a repeated one is recognised, for so long."),
}


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Settings of a source that is there; its name stays, because its detectors and addresses go by it."""

    format = forms.ChoiceField(choices=[("auto", _("Told from the first lines")), *FORMATS.items()], initial="auto")

    class Meta:
        model = EventSource
        fields: tuple[str, ...] = SETTINGS
        labels = LABELS
        help_texts = HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].label = LABELS["format"]
        for name, step in (("alert_budget", "0.0001"), ("k", "1"), ("n", "1")):
            self.fields[name].widget.attrs["step"] = step

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") in ADDRESSED and not (cleaned.get("address") or "").strip():
            self.add_error("address", gettext("Write the stream's key for Redis, or the topic for Kafka."))
        if cleaned.get("k") and cleaned.get("n") and cleaned["k"] > cleaned["n"]:
            self.add_error("k", gettext("It cannot be more than the last events that are looked at."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in self.fields}


class NewSourceForm(SourceForm):
    """A new source with a name of its own."""

    class Meta(SourceForm.Meta):
        fields: tuple[str, ...] = ("name", *SETTINGS)
        labels = {"name": _("Name"), **LABELS}
        help_texts = {
            "name": _("Small letters, digits, dots, dashes and underscores. It cannot be changed later."),
            **HELP,
        }


class SpanForm(forms.Form):
    """How many hours a chart shows."""

    hours = forms.TypedChoiceField(
        choices=[(1, _("1 hour")), (6, _("6 hours")), (24, _("1 day")), (168, _("7 days"))],
        coerce=int,
        required=False,
    )

    def clean_hours(self) -> int:
        hours = int(self.cleaned_data["hours"] or 0)
        if hours and hours not in SPANS:
            raise ValidationError(gettext("Choose one of the spans."))
        return hours
