"""What an admin says of a step of the taxonomy, and of a label's guide."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incidents.labels import MAX_NAME
from incidents.models import Category, Path, SubCategory, TaxonomyStep
from incidents.taxonomy_plan import Wish

Kind = TaxonomyStep.Kind
LINES = forms.Textarea(attrs={"rows": 4})
TICKED = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})


@dataclass(frozen=True)
class Subject:
    """What a step is about: one label, a whole category, or an earlier step; nothing for a new label."""

    label: Path | None = None
    category: Category | None = None
    step: TaxonomyStep | None = None

    @property
    def name(self) -> str:
        return str(self.label or self.category or "")


class StepForm(forms.Form):
    """Which taxonomy version the preview was of, and why the step is taken; what more it takes, its kind says."""

    kind: Kind
    asks = True  # for something, before there is anything to preview
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, help_text=_("Kept with the step, for whoever asks later.")
    )
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, about: Subject) -> None:
        super().__init__(data)
        self.about, self.sent = about, data
        self.prepare()

    def prepare(self) -> None:
        """Fit the choices to what it is about."""

    def wish(self) -> Wish:
        label, category = self.about.label, self.about.category
        return Wish(
            self.kind,
            label=label.key if label else "",
            category=category.name if category else "",
            **self.more(),
        )

    def more(self) -> dict[str, Any]:
        return {}

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields of the question itself."""
        return [self[name] for name in self.fields if name not in {"reason", "expected"}]

    def pairs(self) -> list[tuple[str, str]]:
        """What was asked, to be sent again by the button that takes the step."""
        names = [field.name for field in self.asked]
        return [(name, value) for name in names for value in self.sent.getlist(name)] if self.sent else []


class AddForm(StepForm):
    kind = Kind.ADD
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(), label=_("Under these categories"), required=False, widget=TICKED
    )
    new_category = forms.CharField(label=_("Or under a new category"), max_length=MAX_NAME, required=False)
    name = forms.CharField(
        label=_("Sub-category"),
        max_length=MAX_NAME,
        required=False,
        help_text=_("Leave it empty for a category that is a label by itself."),
    )

    def prepare(self) -> None:
        _choices(self, "categories").queryset = Category.objects.in_use()

    def more(self) -> dict[str, Any]:
        chosen = [category.name for category in self.cleaned_data["categories"]]
        return {"categories": (*chosen, self.cleaned_data["new_category"]), "name": self.cleaned_data["name"]}


class RenameForm(StepForm):
    kind = Kind.RENAME
    name = forms.CharField(label=_("New name"), max_length=MAX_NAME)

    def more(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"]}


class MergeForm(StepForm):
    kind = Kind.MERGE
    into = forms.ModelChoiceField(Path.objects.none(), label=_("Into"), empty_label=_("Choose one"))

    def prepare(self) -> None:
        others: QuerySet[Any] = Path.objects.live().order_by("key")
        if self.about.label:
            others = others.exclude(pk=self.about.label.pk)
        if self.about.category:
            others = Category.objects.in_use().exclude(pk=self.about.category.pk)
        _choices(self, "into").queryset = others

    def more(self) -> dict[str, Any]:
        return {"into": str(self.cleaned_data["into"])}


class SplitForm(StepForm):
    kind = Kind.SPLIT
    names = forms.CharField(
        label=_("Its parts"),
        widget=LINES,
        max_length=5 * MAX_NAME,
        help_text=_("One name in each line, at least two. A part may be a label that is there already."),
    )

    def more(self) -> dict[str, Any]:
        return {"names": tuple(self.cleaned_data["names"].splitlines())}


class MoveForm(StepForm):
    kind = Kind.MOVE
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(), label=_("Under these categories"), widget=TICKED
    )

    def prepare(self) -> None:
        _choices(self, "categories").queryset = Category.objects.in_use()

    def more(self) -> dict[str, Any]:
        return {"categories": tuple(category.name for category in self.cleaned_data["categories"])}


class RetireForm(StepForm):
    kind, asks = Kind.RETIRE, False


class UndoForm(StepForm):
    kind, asks = Kind.UNDO, False

    def more(self) -> dict[str, Any]:
        assert self.about.step is not None, "the address names it"
        return {"undoes": self.about.step.pk}


class GuideTextForm(forms.Form):
    """What belongs to a label, in words, and short examples."""

    guide = forms.CharField(
        label=_("What belongs here, and what does not"), widget=LINES, max_length=4000, required=False
    )
    examples = forms.CharField(
        label=_("Examples"), widget=LINES, max_length=4000, required=False, help_text=_("One in each line.")
    )

    @classmethod
    def of(cls, entry: Category | SubCategory, data: Any = None) -> "GuideTextForm":
        return cls(data, initial={"guide": entry.guide, "examples": "\n".join(entry.examples)})

    def clean_examples(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["examples"].splitlines() if line.strip()]


def _choices(form: StepForm, name: str) -> Any:
    return form.fields[name]


LABEL_FORMS: dict[str, type[StepForm]] = {
    one.kind.value: one for one in (RenameForm, MergeForm, SplitForm, MoveForm, RetireForm)
}
CATEGORY_FORMS: dict[str, type[StepForm]] = {one.kind.value: one for one in (RenameForm, MergeForm, RetireForm)}
