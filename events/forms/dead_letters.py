"""Which dead letters are meant: in the address of the list, and in what its buttons send."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from events.forms.live import SourceFilterForm
from events.models import DeadLetter

State = DeadLetter.State


class DeadLetterForm(SourceFilterForm):
    state = forms.ChoiceField(choices=State, required=False)
    reason = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Words of the line"), max_length=200, required=False)
    one = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    @property
    def tab(self) -> str:
        return self.cleaned_data.get("state") or State.WAITING.value

    @property
    def of_source(self) -> QuerySet[DeadLetter]:
        return DeadLetter.objects.filter(**self._where("source"))

    @property
    def in_state(self) -> QuerySet[DeadLetter]:
        return self.of_source.filter(state=self.tab)

    @property
    def meant(self) -> QuerySet[DeadLetter]:
        """The lines of the whole filter, or the one that was pressed."""
        rows = self.in_state.filter(**self._where("reason"))
        if self.cleaned_data.get("q"):
            rows = rows.filter(line__icontains=self.cleaned_data["q"])
        return rows.filter(pk=self.cleaned_data["one"]) if self.cleaned_data.get("one") else rows

    def _where(self, name: str) -> dict[str, Any]:
        value = self.cleaned_data.get(name)
        return {name: value} if value else {}
