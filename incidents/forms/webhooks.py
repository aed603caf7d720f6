"""What an admin says of a webhook."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incidents.models import Webhook
from incidents.services.webhook_targets import TargetRefused, target_of

OFFERED = [(event.value, event.label) for event in Webhook.Event if event != Webhook.Event.PING]


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    url = forms.URLField(
        label=_("Address"),
        help_text=_("Begins with https://. Its host must be on the list of allowed hosts."),
        max_length=500,
        assume_scheme="https",
    )
    events = forms.MultipleChoiceField(
        label=_("It is told when"),
        choices=OFFERED,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Choose at least one.")},
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "events", "active"]
        labels = {"name": _("Name"), "active": _("Switched on")}
        error_messages = {"name": {"unique": _("There is a webhook of that name already.")}}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            target_of(url)
        except TargetRefused as error:
            raise ValidationError(str(error)) from error
        return url
