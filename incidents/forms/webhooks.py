"""What an admin says of a webhook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incidents.models import Webhook
from incidents.services.webhook_targets import TargetRefused, target_of

OFFERED = [(event.value, event.label) for event in Webhook.Event if event != Webhook.Event.PING]


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    events = forms.MultipleChoiceField(
        label=_("It is told when"),
        choices=OFFERED,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Choose at least one.")},
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "events", "active"]
        labels = {"name": _("Name"), "url": _("Address"), "active": _("Switched on")}
        help_texts = {"url": _("Begins with https://. Its host must be on the list of allowed hosts.")}
        error_messages = {"name": {"unique": _("There is a webhook of that name already.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"] = forms.URLField(
            label=self.fields["url"].label,
            help_text=self.fields["url"].help_text,
            max_length=500,
            assume_scheme="https",
        )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            target_of(url)
        except TargetRefused as error:
            raise ValidationError(str(error)) from error
        return url
