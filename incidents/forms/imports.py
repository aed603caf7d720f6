"""A file of reports, and how it is to be read."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import policy
from incidents.labels import MAX_NAME
from incidents.services.import_runs import ImportWish

MOST_NAMES = 200


class LinesField(forms.CharField):
    """A list, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_NAMES or any(len(line) > MAX_NAME for line in lines):
            told = {"most": MOST_NAMES, "length": MAX_NAME}
            raise ValidationError(gettext("At most %(most)s names of at most %(length)s characters are taken.") % told)
        return lines


class ImportForm(forms.Form):
    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    create_labels = forms.BooleanField(
        label=_("Add labels that the taxonomy lacks"),
        required=False,
        help_text=_("Without it, a row with a label that the taxonomy does not know is refused, and you see which."),
    )
    group_column = forms.CharField(
        label=_("Column that keeps reports together"),
        max_length=200,
        required=False,
        help_text=_(
            "For example the document that they come from: reports with the same value there are never in training and"
            " test at once, so that figures are not too good."
        ),
    )
    label_names = LinesField(
        label=_("Labels with “ or ” in their names"),
        required=False,
        help_text=_(
            "One a line. Several labels in a cell are joined by “ or ”; a new label whose own name has it, such as Card"
            " Fraud or SIM Swap Fraud, has to be told. Those of the taxonomy are known."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = _("CSV in UTF-8, of at most %(largest)s MB.") % {"largest": policy.value("largest_import_mb")}
        self.fields["file"].help_text = limit

    @property
    def wish(self) -> ImportWish:
        said = self.cleaned_data
        return ImportWish(said["create_labels"], said["group_column"], said["label_names"])
