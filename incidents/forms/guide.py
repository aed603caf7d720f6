"""What people search the guide for."""

from django import forms


class GuideForm(forms.Form):
    q = forms.CharField(
        label="Search the guide",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-shortcut": "/"}),
    )
