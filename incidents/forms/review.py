"""What an analyst sends from the review page."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.models import Prediction
from incidents.forms.queue import IncidentFilter
from incidents.models import Category, Incident, Label, Path
from incidents.models.label import LONGEST_EXPECTED

REASON_LENGTH = 500
LONGEST_NUMBER = 18  # digits


def _is_number(value: object) -> bool:
    """Whether a row could have this number; SQLite and int() choke on longer ones."""
    return len(str(value)) <= LONGEST_NUMBER and str(value).isascii() and str(value).isdigit()


@dataclass(frozen=True)
class ReviewedList:
    """The list of reports that a review goes through, as it stands in the address of every page of the review."""

    query: str  # of the address; empty for the queue
    rows: QuerySet[Incident] | None
    mixed: bool  # second opinions come in between: it is all that waits, in whatever order
    again: bool = False  # of decided reports, which are decided anew

    @classmethod
    def of(cls, asked: QueryDict) -> "ReviewedList":
        kept = asked.copy()
        for name in ("page", "after"):
            kept.pop(name, None)
        query = kept.urlencode()
        if not query:
            return cls("", None, mixed=True)
        listed = IncidentFilter(kept, Incident.objects.all())
        return cls(query, listed.in_tab, mixed=listed.is_all_that_waits, again=listed.looks_again)

    @property
    def suffix(self) -> str:
        """What an address of the review ends with."""
        return f"?{self.query}" if self.query else ""


class AheadForm(forms.Form):
    """Which report is on the page, not yet held: its number, and the state of its text."""

    ahead = forms.IntegerField(min_value=1, max_value=10**LONGEST_NUMBER)
    ahead_revision = forms.IntegerField(min_value=1, max_value=10**LONGEST_NUMBER)


class AfterForm(forms.Form):
    """Which report is being decided while the next one is prepared."""

    after = forms.IntegerField(min_value=1, max_value=10**LONGEST_NUMBER)


class PathsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Labels by number; one that no row can have is refused before it reaches the database."""

    default_error_messages = {
        "invalid_choice": gettext_lazy(
            "A label that you chose is there no more: it was retired while the page was open. Choose another."
        )
    }

    def clean(self, value: Any) -> Any:
        if not all(_is_number(one) for one in value or ()):
            raise forms.ValidationError(_("There is no such label."))
        return super().clean(value)


class ReasonForm(forms.Form):
    """Why a report is passed on."""

    reason = forms.CharField(
        max_length=REASON_LENGTH,
        error_messages={"required": gettext_lazy("Say why, so that the next person knows.")},
    )


class DecisionForm(forms.Form):
    """A verdict with its labels, and the state of the report that the person saw when giving it.

    `category` is the one that was open: without a label it stands for itself where it may stand alone.
    """

    verdict = forms.ChoiceField(choices=Label.Verdict, initial=Label.Verdict.CONFIRM)
    paths = PathsField(Path.objects.live(), required=False)
    reason = forms.CharField(max_length=REASON_LENGTH, required=False)
    expected_until = forms.DateField(
        required=False, error_messages={"invalid": gettext_lazy("Write the date as 2026-12-31.")}
    )
    shown = forms.ModelChoiceField(Prediction.objects.none(), required=False)
    revision = forms.IntegerField(error_messages={"required": gettext_lazy("The form is incomplete. Reload the page.")})
    stood = forms.IntegerField(required=False, min_value=1, max_value=10**LONGEST_NUMBER)
    category = forms.ModelChoiceField(Category.objects.all(), required=False)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident = incident
        shown = self.fields["shown"]
        assert isinstance(shown, forms.ModelChoiceField)
        shown.queryset = Prediction.objects.filter(incident=incident).select_related("version__snapshot")

    def clean_revision(self) -> int:
        revision: int = self.cleaned_data["revision"]
        if revision != self.incident.current_text_id:
            raise forms.ValidationError(_("The text has changed since you opened it. Read it again, then decide."))
        return revision

    def clean_expected_until(self) -> dt.datetime | None:
        """The end of that day; only what a detection shows can be expected to come again."""
        day = self.cleaned_data["expected_until"]
        if day is None or not self.incident.is_detection:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Choose today or a later day."))
        if day > timezone.localdate() + LONGEST_EXPECTED:
            raise forms.ValidationError(_("Choose a day within a year, so that somebody looks at it again."))
        return timezone.make_aware(dt.datetime.combine(day, dt.time.max))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        verdict = cleaned.get("verdict")
        if verdict in {Label.Verdict.REJECT, Label.Verdict.UNSURE}:
            cleaned["paths"] = Path.objects.none()
        elif not cleaned.get("paths") and "paths" not in self.errors:
            cleaned["paths"] = self._of_category(cleaned.get("category"))
        if verdict == Label.Verdict.UNSURE and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say what makes you unsure, so that the next person knows."))
        return cleaned

    def _of_category(self, category: Category | None) -> QuerySet[Path]:
        """The label that a category alone is; an error that asks for a label where there is none."""
        alone = Path.objects.live().annotate(width=Count("categories")).filter(sub_category=None, width=1)
        chosen = alone.filter(categories=category) if category else alone.none()
        if category and not chosen:
            ask = _("Which kind of “%(category)s” is it? Choose one of its sub-categories.")
            self.add_error("paths", ask % {"category": category})
        elif not category:
            self.add_error("paths", _("Choose at least one label, or reject the report, or say that you are unsure."))
        return chosen

    @property
    def concealed(self) -> bool:
        """Whether the page hid what the model said; else it sends which prediction it showed, or that there is none."""
        return "shown" not in self.data

    def decision(self) -> dict[str, Any]:
        """The checked verdict, paths, reason, until when it is expected, and the prediction and label that stood."""
        names = ("verdict", "paths", "reason", "shown", "expected_until", "stood")
        nothing_shown = not self.concealed and self.cleaned_data["shown"] is None
        return {name: self.cleaned_data[name] for name in names} | {"nothing_shown": nothing_shown}

    def chosen_ids(self) -> set[int]:
        """The labels that were ticked, valid or not, so that a refused form shows them again."""
        values = self.data.getlist("paths") if isinstance(self.data, QueryDict) else []
        return {int(value) for value in values if _is_number(value)}
