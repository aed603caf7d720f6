"""What analysts send from a report's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, User
from incidents.models.incident import MAX_TEXT
from incidents.services.assignment import assignable

MARKDOWN = _("Markdown: **bold**, `code`, - lists, > quotes, [links](https://…). @name tells somebody.")


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"), help_text=MARKDOWN, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("The comment is empty. Write something.")},
    )  # fmt: skip
    to_reporter = forms.BooleanField(label=_("Reply to the reporter, who reads this on their page"), required=False)


class AskForm(forms.Form):
    text = forms.CharField(
        label=_("What do you need to know?"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what you need to know.")},
    )


class AssignForm(forms.Form):
    """`user` by number; empty for nobody."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Assignee"), required=False, empty_label=_("Nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = assignable()


class SeverityForm(forms.Form):
    severity = forms.TypedChoiceField(label=_("Severity"), choices=Incident.Severity, coerce=int)


class RejectForm(forms.Form):
    reason = forms.CharField(label=_("Why"), required=False, max_length=500)


class ObservableForm(forms.Form):
    """An observable by its number, so that no address of a page holds what is masked, or by its kind and value."""

    number = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    kind = forms.CharField(required=False, max_length=10)
    value = forms.CharField(required=False, max_length=500)
