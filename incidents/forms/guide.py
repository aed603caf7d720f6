"""What people search the guide for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class GuideForm(forms.Form):
    q = forms.CharField(
        label=_("Search the guide"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-shortcut": "/"}),
    )
