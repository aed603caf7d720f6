"""Which reports get which verdict, all at once. Everything stands in the address of the preview."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.forms.queue import IncidentFilter
from incidents.forms.review import PathsField
from incidents.models import Incident, Label, Path, User
from incidents.models.incident import IncidentQuerySet
from incidents.services.bulk import Wish
from incidents.services.second_opinions import disguise_all, reports_held_by

SELECTED, FILTER, TWINS = "selected", "filter", "twins"
SUGGESTED, LABELS, REJECT = "suggested", "labels", "reject"
MOST_SELECTED = 500
LONGEST_NUMBER = 18  # digits
LONGEST_TWINS = 64  # characters


class NumbersField(forms.Field):
    """Numbers of reports, any number of times in the address."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        texts = list(value or ())
        if len(texts) > MOST_SELECTED or not all(
            one.isascii() and one.isdigit() and len(one) <= LONGEST_NUMBER for one in texts
        ):
            raise ValidationError(_("These are no numbers of reports, or too many."))
        return sorted({int(one) for one in texts})


class TwinsField(forms.Field):
    """What reports worded alike share, any number of times in the address."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        texts = [str(one) for one in value or () if one]
        if len(texts) > MOST_SELECTED or any(len(one) > LONGEST_TWINS for one in texts):
            raise ValidationError(_("It is not said which reports are meant."))
        return sorted(set(texts))


class BulkForm(forms.Form):
    scope = forms.ChoiceField(choices=[(SELECTED, ""), (FILTER, ""), (TWINS, "")], widget=forms.HiddenInput)
    incident = NumbersField(required=False)
    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    twins = TwinsField(required=False)
    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        choices=[
            (SUGGESTED, gettext_lazy("As suggested: each report gets the labels that the model suggests")),
            (LABELS, gettext_lazy("These labels, for all of them")),
            (REJECT, gettext_lazy("Rejected: none of them is an incident")),
        ],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    paths = PathsField(
        Path.objects.live().with_names(),
        label=gettext_lazy("Labels"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)

    def __init__(self, asked: QueryDict) -> None:
        data = asked.copy()
        data.setdefault("verdict", SUGGESTED)
        super().__init__(data)
        self.asked = data

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("scope") == SELECTED and not data.get("incident") and "incident" not in self.errors:
            raise ValidationError(_("No report is selected. Tick some in the list first."))
        if data.get("scope") == TWINS and not data.get("twins"):
            raise ValidationError(_("It is not said which reports are meant."))
        if data.get("verdict") == LABELS and not data.get("paths") and "paths" not in self.errors:
            self.add_error("paths", _("Choose at least one label."))
        return data

    @property
    def knows_reports(self) -> bool:
        """Whether it is clear which reports are meant, so that only the verdict is missing."""
        return not ({"scope", "incident", "query", "twins", "__all__"} & set(self.errors))

    def rows(self, user: User) -> IncidentQuerySet:
        """The reports that are meant, but for those that this person reviews on their own as second opinions."""
        return self._meant(user, Incident.objects.exclude(pk__in=reports_held_by(user)))

    def disguised(self, user: User) -> list[Incident]:
        """Those, as far as they are meant: undecided to this person, so that a preview counts them."""
        held = reports_held_by(user)
        if not held:
            return []
        meant = self._meant(user, Incident.objects.filter(pk__in=held)).select_related("current_text")
        return disguise_all(meant, user)

    def _meant(self, user: User, everything: IncidentQuerySet) -> IncidentQuerySet:
        chosen = self.cleaned_data
        if chosen["scope"] == SELECTED:
            return everything.filter(pk__in=chosen["incident"])
        if chosen["scope"] == TWINS:
            return everything.filter(Q(twins__in=chosen["twins"]) | Q(pk__in=chosen["incident"]))
        return IncidentFilter(QueryDict(chosen["query"]), everything, user=user, every=True).reports

    def wish(self) -> Wish:
        verdict, reason = self.cleaned_data["verdict"], self.cleaned_data["reason"]
        if verdict == LABELS:
            return Wish(Label.Verdict.CORRECT, list(self.cleaned_data["paths"]), reason)
        return Wish(Label.Verdict.REJECT if verdict == REJECT else "", (), reason)

    @property
    def ticked(self) -> list[int]:
        """The reports that were ticked one by one; none where a list or twins are meant."""
        return self.cleaned_data["incident"] if self.cleaned_data["scope"] == SELECTED else []

    def pairs_with(self, twins: Sequence[str]) -> list[tuple[str, str]]:
        """As `pairs`, to ask for the reports worded alike too."""
        kept = [(name, value) for name, value in self.pairs() if name not in {"scope", "twins"}]
        return [*kept, ("scope", TWINS), *(("twins", one) for one in twins)]

    def pairs(self) -> list[tuple[str, str]]:
        """All that was asked, to be sent again by the button that starts the run."""
        names = ["scope", "incident", "query", "twins", "verdict", "paths", "reason"]
        return [(name, value) for name in names for value in self.asked.getlist(name)]


class ExpectedForm(forms.Form):
    """How many reports the preview said would be decided."""

    expected = forms.IntegerField(min_value=0, required=False)
