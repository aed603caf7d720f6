"""What a lead sends to settle a dispute."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.forms.review import REASON_LENGTH, PathsField
from incidents.models import Label, Path, SecondOpinion
from incidents.services.adjudication import Side, sides

LABELS, REJECT = "labels", "reject"


class SettlementForm(forms.Form):
    """`choice` is a side by its letter, labels of one's own, or a rejection; without it, ticked labels are it."""

    choice = forms.ChoiceField(
        choices=[("A", "A"), ("B", "B"), (LABELS, _("Other labels")), (REJECT, _("No incident"))],
        required=False,
    )
    paths = PathsField(Path.objects.live(), required=False)
    reason = forms.CharField(max_length=REASON_LENGTH, required=False)

    def __init__(self, *args: Any, opinion: SecondOpinion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sides = {side.letter: side for side in sides(opinion)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        choice = cleaned.get("choice") or (LABELS if cleaned.get("paths") else "")
        cleaned["choice"] = choice
        if not choice and not self.errors:
            self.add_error("choice", gettext("Choose which of them is right, or decide it yourself."))
        elif choice == LABELS and not cleaned.get("paths") and "paths" not in self.errors:
            self.add_error("paths", gettext("Choose at least one label."))
        elif choice != LABELS and cleaned.get("paths"):
            self.add_error("paths", gettext("You ticked labels, too. Take them off, or choose to let them stand."))
        if choice in self.sides and not self.sides[choice].may_stand:
            self.add_error("choice", gettext("%(side)s was unsure: choose labels.") % {"side": choice})
        return cleaned

    def settlement(self) -> dict[str, Any]:
        """The checked verdict, paths and reason."""
        choice, reason = self.cleaned_data["choice"], self.cleaned_data["reason"].strip()
        if choice in self.sides:
            return _as(self.sides[choice]) | {"reason": reason}
        paths = list(self.cleaned_data["paths"]) if choice == LABELS else []
        verdict = Label.Verdict.CORRECT if paths else Label.Verdict.REJECT
        return {"verdict": verdict, "paths": paths, "reason": reason}

    def chosen_ids(self) -> set[str]:
        """The labels that were ticked, so that a refused form shows them again."""
        return set(self.data.getlist("paths")) if self.is_bound and hasattr(self.data, "getlist") else set()


def _as(side: Side) -> dict[str, Any]:
    return {"verdict": side.label.verdict, "paths": list(side.label.paths.all())}
