"""The form of a training: which base model, from which reports, with which hyper-parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import NoneType
from typing import Any, get_args

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classifier.ml.config import BOUNDS, NO_T5, SMALL_SCRATCH, TrainingConfig
from classifier.ml.presets import PRESETS
from classifier.models import TrainingRun
from classifier.services.dataset_contents import Choice, Choices
from classifier.services.hyper_parameters import HYPER_PARAMETERS, OF_NO_T5, HyperParameter
from classifier.services.selection import Selection
from classifier.services.training_page import Plan

OTHER = "other"
MOST_DAYS = 60  # that the page lists; older ones are left out by `manage.py train`
KINDS = {field.name: next(kind for kind in (get_args(field.type) or (field.type,)) if kind is not NoneType)
         for field in fields(TrainingConfig)}  # fmt: skip
BASES: Sequence[tuple[str, str | Promise]] = (
    (SMALL_SCRATCH, _("Small, offline: a T5 that learns from your reports alone, in minutes on a CPU")),
    *(
        (one.name, format_lazy(_("{name}, from the Hugging Face hub: {cost}"), name=one.short_name, cost=one.cost))
        for one in PRESETS
        if one.name != SMALL_SCRATCH
    ),
    (OTHER, _("A local folder, or another name on the hub")),
    (NO_T5, _("Linear alone: no T5, in seconds")),
)


class TrainingForm(forms.Form):
    """`wanted` is what a training service is asked for. Fields that are left empty mean the default."""

    base = forms.ChoiceField(
        label=_("Base model"),
        choices=BASES,
        initial=SMALL_SCRATCH,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    other = forms.CharField(
        label=_("Folder or hub name"),
        max_length=300,
        required=False,
        help_text=_("A local folder in Hugging Face format, or a name such as google-t5/t5-small."),
    )
    promote_if_better = forms.BooleanField(label=_("Promote it when it is no worse than the champion"), required=False)
    force = forms.BooleanField(label=_("Train even if nothing has changed since the last training"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, like: TrainingRun | None = None) -> None:
        super().__init__(data, initial=_initial(like) if like else {})
        self._like = like
        self.fields |= {one.name: _field(one) for one in HYPER_PARAMETERS}

    @property
    def basics(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in ("base", "other", "promote_if_better", "force"))

    @property
    def advanced(self) -> list[forms.BoundField]:
        return [self[one.name] for one in HYPER_PARAMETERS]

    @property
    def advanced_open(self) -> bool:
        """Whether something of it is filled in or wrong, so that it should be seen."""
        return any(field.errors or field.value() not in (None, "") for field in self.advanced)

    @property
    def plan(self) -> Plan:
        """What it would ask for as it stands; the default where it is not filled in rightly."""
        if not self.is_bound:
            return Plan(self._like.base_model, self._like.options) if self._like else Plan(SMALL_SCRATCH, {})
        if not self.is_valid():
            return Plan(SMALL_SCRATCH, {})
        return Plan(self.cleaned_data["base_model"], self.cleaned_data["options"])

    @property
    def wanted(self) -> dict[str, Any]:
        """Of a valid form."""
        return {name: self.cleaned_data[name] for name in ("base_model", "force", "promote_if_better", "options")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        other = cleaned.get("other", "").strip()
        if cleaned.get("base") == OTHER and not other:
            self.add_error("other", gettext("Write a folder or a hub name, or choose another base model."))
        cleaned["base_model"] = other if cleaned.get("base") == OTHER else cleaned.get("base")
        given = {one.name: cleaned.get(one.name) for one in HYPER_PARAMETERS}
        cleaned["options"] = {name: value for name, value in given.items() if value not in (None, "")}
        if cleaned["base_model"] and not self.errors:
            self._check(cleaned["base_model"], cleaned["options"])
        return cleaned

    def _check(self, base_model: str, options: dict[str, Any]) -> None:
        for name in sorted(options.keys() - set(OF_NO_T5)) if base_model == NO_T5 else ():
            self.add_error(name, gettext("The linear expert alone has no such setting: leave it empty."))
        if base_model == SMALL_SCRATCH and options.get("lora_rank"):
            self.add_error("lora_rank", gettext("A model from scratch has nothing to adapt: leave it empty."))


@dataclass(frozen=True)
class Group:
    """Things of one kind that can be left out; `chosen` says whether some are."""

    title: str | Promise
    what: str | Promise
    rows: Sequence[tuple[Choice, forms.BoundField]]

    @property
    def chosen(self) -> bool:
        return any(field.errors or field.value() not in (None, "") for _, field in self.rows)


class ReportTrainingForm(TrainingForm):
    """As `TrainingForm`, with how much the reports of each person, import and day count."""

    doubted = forms.FloatField(
        label=_("Doubted labels"),
        required=False,
        min_value=0,
        max_value=1,
        help_text=_("They stay on the test side, which would be easier without what models find doubtful."),
    )
    synthetic = forms.FloatField(label=_("Synthetic samples"), required=False, min_value=0, max_value=1)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, choices: Choices, like: TrainingRun | None = None
    ) -> None:
        super().__init__(data, like=like)
        self._chosen = (
            ("labeller", _("By who decided"), _("Who"), choices.labellers),
            ("import", _("By import"), _("Import"), choices.imports),
            ("day", _("By the day of the decision"), _("Day"), choices.days[:MOST_DAYS]),
        )
        self.fields |= {
            f"{kind}-{one.key}": _factor(one) for kind, *_words, found in self._chosen for one in found
        }  # fmt: skip
        if like:
            self.initial = {**self.initial, **_initial_factors(Selection.from_json(like.selection))}
        self.counted = choices

    @property
    def groups(self) -> list[Group]:
        return [
            Group(title, what, [(one, self[f"{kind}-{one.key}"]) for one in found])
            for kind, title, what, found in self._chosen
        ]

    @property
    def wanted(self) -> dict[str, Any]:
        return super().wanted | {"selection": self.selection}

    @property
    def selection(self) -> Selection:
        """Of a valid form."""
        factors: dict[str, dict[str, float]] = {
            kind: {
                one.key: factor
                for one in found
                if (factor := self.cleaned_data[f"{kind}-{one.key}"]) is not None and factor != 1
            }
            for kind, *_words, found in self._chosen
        }
        kinds = {name: self.cleaned_data[name] for name in ("doubted", "synthetic")}
        return Selection(
            {int(key): factor for key, factor in factors["labeller"].items()},
            {int(key): factor for key, factor in factors["import"].items()},
            factors["day"],
            **{name: 1.0 if factor is None else factor for name, factor in kinds.items()},
        )


def _factor(choice: Choice) -> forms.FloatField:
    label = gettext("How much %(name)s counts") % {"name": choice.name}
    return forms.FloatField(label=label, required=False, min_value=0, max_value=1)


def _field(one: HyperParameter) -> forms.Field:
    about: dict[str, Any] = {
        "label": one.label,
        "help_text": format_lazy(_("Default: {default}. {reason}"), default=one.default, reason=one.reason),
        "required": False,
    }
    if one.name == "device":
        return forms.ChoiceField(choices=[("", _("As found")), ("cpu", _("CPU")), ("cuda", _("GPU"))], **about)
    if KINDS[one.name] is bool:
        return _yes_or_no(about)
    least, most = BOUNDS[one.name]
    if KINDS[one.name] is int:
        return forms.IntegerField(min_value=int(least), max_value=int(most), **about)
    return forms.FloatField(min_value=least, max_value=most, **about)


def _yes_or_no(about: dict[str, Any]) -> forms.Field:
    choices = [("", _("As suits the base")), ("yes", _("Yes")), ("no", _("No"))]
    return forms.TypedChoiceField(choices=choices, coerce=lambda answer: answer == "yes", empty_value=None, **about)


def _initial(run: TrainingRun) -> dict[str, Any]:
    known = {value for value, _label in BASES}
    base = run.base_model if run.base_model in known else OTHER
    told: dict[str, Any] = {"base": base, "promote_if_better": run.promote_if_better}
    if base == OTHER:
        told["other"] = run.base_model
    return told | {name: _as_typed(value) for name, value in run.options.items()}


def _as_typed(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _initial_factors(selection: Selection) -> dict[str, Any]:
    told: dict[str, Any] = {f"labeller-{key}": factor for key, factor in selection.labellers.items()}
    told |= {f"import-{key}": factor for key, factor in selection.imports.items()}
    told |= {f"day-{key}": factor for key, factor in selection.days.items()}
    return told | {name: factor for name, factor in selection.kinds.items() if factor != 1}
